//! Joining tables to layers: as a step, and reading the tables that a step or a project names.

use crate::io::OpenOptions;
use crate::model::LayerId;
use crate::scenario::{Join, WantedTable};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::opening::file_title;
use crate::ui::work::scenarios;

/// Joins the table of an open layer to another.
pub fn join(session: &mut Session, layer: LayerId, table: LayerId, key: &str, table_key: &str) {
    let title = session.workspace.entry(table).map(|entry| entry.title.clone());
    let (Some(title), Some(table)) = (title, session.workspace.as_read(table)) else { return };
    let join = Join::of(table.clone(), &title, key, table_key);
    if session.workspace.join(layer, join, scenarios::by(session.language())) {
        tell(session, layer);
    }
}

/// Takes a joined table off a layer.
pub fn unjoin(session: &mut Session, layer: LayerId, at: usize) {
    session.workspace.unjoin(layer, at, scenarios::by(session.language()));
}

/// Says what came of the last join of a layer.
fn tell(session: &mut Session, layer: LayerId) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let summary = |key: &str| matches!(key, "join.all" | "join.some" | "join.none");
    let said = entry.layer.issues.iter().rev().find(|issue| summary(issue.message.key)).cloned();
    if let Some(said) = said {
        session.tell(said);
    }
}

/// Reads tables of joins that a step or a project names and that were not read yet.
pub fn refresh(session: &mut Session) {
    for wanted in session.workspace.wanted_tables() {
        if !session.project.unread_tables.contains(&wanted) {
            session.project.unread_tables.push(wanted.clone());
            read(session, wanted);
        }
    }
}

/// Reads the tables of a layer again.
pub fn reread(session: &mut Session, layer: LayerId) {
    let joins = session.workspace.entry(layer).map(|entry| entry.joins.clone()).unwrap_or_default();
    joins.into_iter().for_each(|join| read(session, WantedTable { layer, join }));
}

fn read(session: &mut Session, wanted: WantedTable) {
    let file = file_title(&wanted.join.path);
    let name = Message::new("ui.job-open").with("file", file);
    let (path, layer) = (wanted.join.path.clone(), wanted.join.layer.clone());
    session.jobs.spawn(
        name,
        move |progress| crate::io::open(&path, &OpenOptions { layer, ..OpenOptions::default() }, progress),
        move |session, result| {
            let table = match result {
                Ok(opened) => wanted.join.choose(opened.layers),
                Err(error) => {
                    let message = Message::new("join.table-unread")
                        .with("table", &wanted.join.title)
                        .with("path", crate::io::shown_path(&wanted.join.path))
                        .with_message("reason", &error.message());
                    session.notify_error(message);
                    return;
                }
            };
            if let Some(table) = table {
                session.workspace.table_came(&wanted, table);
            }
        },
    );
}
