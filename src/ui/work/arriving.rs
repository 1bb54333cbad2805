//! Files on their way: noted when they begin to be read, forgotten when their layers can be drawn.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::{Layer, Revision};
use crate::ui::session::Session;
use crate::ui::session::opening::{Arriving, Expected};
use crate::ui::session::prepare::Preparation;

/// Shows what comes of the files that `job` reads: `path`, or the sources of that project.
pub fn expect(session: &mut Session, job: u64, path: PathBuf, files: Expected) {
    session.arriving.push(Arriving { path, files, job, shapes: Vec::new() });
}

/// Notes what layers came of them: the sketch stays until they are ready.
pub fn came<'l>(session: &mut Session, files: &Expected, layers: impl Iterator<Item = &'l Layer>) {
    if let Some(arriving) = session.arriving.iter_mut().find(|arriving| Arc::ptr_eq(&arriving.files.0, &files.0)) {
        arriving.shapes = layers.map(|layer| layer.shape).collect();
    }
}

/// Forgets what was read or given up, and whose layers can be drawn.
pub fn refresh(session: &mut Session) {
    let mut arriving = std::mem::take(&mut session.arriving);
    arriving.retain(|arriving| {
        let running = |shape: &Revision| session.prepared.get(shape).is_some_and(Preparation::is_running);
        session.jobs.is_running(arriving.job) || arriving.shapes.iter().any(running)
    });
    session.arriving = arriving;
}

/// Whether the map is free for what arrives: nothing else can be drawn, or the demo, which makes way for it.
pub fn is_alone(session: &Session) -> bool {
    !session.arriving.is_empty() && (session.project.demo || session.full_extent().is_empty())
}
