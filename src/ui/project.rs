//! Projects: opening and saving the workspace with its layers, styles and view.

use std::path::PathBuf;

use super::state::Session;

/// Opens a project file.
pub fn open(session: &mut Session, path: PathBuf) {
    let _ = (session, path);
}

/// Opens the demo project.
pub fn open_demo(session: &mut Session) {
    let _ = session;
}

/// Saves the project, asking for a file where it has none or `ask` is set.
pub fn save(session: &mut Session, ask: bool) {
    let _ = (session, ask);
}
