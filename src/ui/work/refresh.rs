//! What happens each frame before panels draw.

use std::path::PathBuf;

use eframe::egui;

use crate::model::{LayerId, Severity};
use crate::render::MapView;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::opening::file_title;
use crate::ui::session::watch::{self, Seen, Stamp};
use crate::ui::work::compare::{self, work};
use crate::ui::work::view::{MARGIN, follow_crs};
use crate::ui::work::{
    arriving, caching, conflicts, handin, joining, judging, line_shares, measuring, open, prepare, red_line, saving,
    stopping, two_states, underlays, unsaved,
};

/// Seconds that a note stays.
const NOTE_SECONDS: f64 = 6.0;

/// What happens each frame before panels draw: work that is due is started, derived values are brought up to date.
pub fn refresh(session: &mut Session, ctx: &egui::Context) {
    if session.current().is_none() {
        session.project.current = session.workspace.entries.last().map(crate::scenario::Entry::id);
    }
    session.jobs.memory_bytes = session.settings.memory_bytes();
    follow_crs(session);
    saving::refresh(session);
    saving::picture_once(session);
    open::refresh(session);
    joining::refresh(session);
    two_states::refresh(session);
    compare::follow(session);
    prepare::refresh(session);
    caching::refresh(session);
    underlays::refresh(session, ctx);
    arriving::refresh(session);
    stopping::refresh(session);
    measuring::refresh(session);
    measuring::refresh_coverages(session);
    watch_files(session);
    judging::refresh(session);
    unsaved::refresh(session);
    work::refresh(session);
    conflicts::refresh(session);
    handin::refresh(session);
    red_line::refresh(session);
    line_shares::refresh(session);
    session.found.poll();
    let mut derived = std::mem::take(&mut session.derived);
    derived.refresh(session, ctx);
    session.derived = derived;
    if session.project.wants_full_extent && session.view.size_px[0] > 1.0 {
        let extent = session.full_extent();
        if !extent.is_empty() {
            session.view = MapView::fit(&extent, session.view.size_px, MARGIN);
            // Layers come one by one: the view follows until all have come or the user takes it over.
            session.project.wants_full_extent = !session.jobs.is_empty();
        }
    }
    let now = ctx.input(|input| input.time);
    for notice in &mut session.notices {
        notice.since.get_or_insert(now);
    }
    session.notices.retain(|notice| {
        notice.severity > Severity::Note || notice.since.is_none_or(|since| now - since < NOTE_SECONDS)
    });
    if session.notices.iter().any(|notice| notice.severity == Severity::Note) {
        ctx.request_repaint_after(std::time::Duration::from_secs(1));
    }
}

/// Offers to read a file again that has changed on disk, and says when one is gone.
fn watch_files(session: &mut Session) {
    let mut paths: Vec<(PathBuf, Stamp)> = Vec::new();
    for entry in &session.workspace.entries {
        let provenance = &entry.layer.provenance;
        // A folder changes with every file in it, the project's own among them.
        let own = (!crate::io::is_united(provenance.layer.as_deref())).then_some(&provenance.path);
        for path in own.into_iter().chain(entry.joins.iter().map(|join| &join.path)) {
            let is_table = crate::io::is_address(path);
            if (path.is_absolute() || is_table) && paths.iter().all(|(known, _)| known != path) {
                // Of a table it is known what it was like when it was read: it may have changed since.
                let is_read = is_table && *path == provenance.path;
                paths.push((path.clone(), if is_read { watch::of_table(&provenance.hash) } else { None }));
            }
        }
    }
    session.watch.set(&paths);
    while let Some((path, seen)) = session.watch.next_changed() {
        let layers =
            session.workspace.entries.iter().filter(|entry| {
                entry.layer.provenance.path == path || entry.joins.iter().any(|join| join.path == path)
            });
        let layers: Vec<LayerId> = layers.map(crate::scenario::Entry::id).collect();
        if layers.is_empty() {
            continue;
        }
        match seen {
            Seen::Changed => {
                let message = match crate::io::database_name(&path) {
                    Some(name) => Message::new("ui.table-changed").with("table", name),
                    None => Message::new("ui.file-changed").with("file", file_title(&path)),
                };
                session.offer(message, "ui.layer-reload", Command::File(FileCommand::ReloadLayers(layers)));
            }
            Seen::Gone => session.warn(Message::new("ui.file-gone").with("path", crate::io::shown_path(&path))),
        }
    }
}
