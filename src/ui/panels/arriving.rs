//! What a panel that has nothing yet says of files that are being read.

use eframe::egui::Ui;

use crate::ui::look::{icons, widgets};
use crate::ui::session::Session;
use crate::ui::session::jobs::Job;

/// Says in a panel that has nothing yet what is being read, if something is.
pub fn panel_ui(ui: &mut Ui, session: &Session) -> bool {
    let reads = |job: &&Job| session.arriving.iter().any(|arriving| arriving.job == job.id);
    let Some(job) = session.jobs.shown().find(reads) else { return false };
    let text = format!("{}…", job.name.text(session.language()));
    widgets::empty_state(ui, icons::LOADER_CIRCLE, &text, |_| {});
    true
}
