//! Opening, saving, reloading, exporting: whatever touches files or takes long.

use std::path::PathBuf;

use eframe::egui;

use super::open_report::OpenChoice;
use super::state::Session;
use crate::crs::Crs;
use crate::model::LayerId;

/// Asks for files and opens them.
pub fn choose(session: &mut Session) {
    let _ = session;
}
/// Opens files.
pub fn open(session: &mut Session, paths: Vec<PathBuf>) {
    let _ = (session, paths);
}
/// Opens the demo project.
pub fn open_demo(session: &mut Session) {
    let _ = session;
}
/// Saves the project.
pub fn save_project(session: &mut Session, ask: bool) {
    let _ = (session, ask);
}
/// Copies the map.
pub fn copy_map(session: &mut Session, ctx: &egui::Context) {
    let _ = (session, ctx);
}
/// Saves the map as PNG.
pub fn save_map(session: &mut Session) {
    let _ = session;
}
/// Removes caches.
pub fn clear_caches(session: &mut Session) {
    let _ = session;
}
/// Reads a layer in another CRS.
pub fn set_layer_crs(session: &mut Session, layer: LayerId, crs: Crs) {
    let _ = (session, layer, crs);
}
/// Answers the report.
pub fn answer(session: &mut Session, choice: OpenChoice) {
    let _ = (session, choice);
}
/// Union of a layer.
pub fn coverage(session: &mut Session, layer: LayerId) {
    let _ = (session, layer);
}
/// Reads a file again.
pub fn reload(session: &mut Session, layer: LayerId) {
    let _ = (session, layer);
}
/// Writes a layer.
pub fn export(session: &mut Session, layer: LayerId) {
    let _ = (session, layer);
}
/// Work that is due.
pub fn refresh(session: &mut Session) {
    let _ = session;
}
