//! Two states of land use held against each other in the window: what is compared, how, and what came of it.
//!
//! [`Compare`] is part of the session. Panels read it and push
//! [`CompareCommand`]s, and
//! [`work::refresh`] brings the rest up to date once a frame: the overlay in the background
//! when a shape changed, classes and matrix when attributes did. All figures come from `scenario::transition` and
//! `report::transition`.
//!
//! | file | holds |
//! |---|---|
//! | [`sides`] | which layers can be compared, and which are likely meant |
//! | [`work`] | the overlay, classes, matrix and figures, each kept until what it came from changes |
//! | [`pick`] | what a cell, a row or a column is made of |
//! | [`picture`] | the pieces on the map, hatched from colour to colour |
//! | [`crate::ui::panels::compare::choosers`] | pair, level, unit and settings |
//! | [`crate::ui::panels::compare::card`] | what stands over the map while pieces are shown |
//! | [`crate::ui::panels::compare::balance`] | the page of the right panel |

use std::sync::Arc;

use crate::scenario::transition::Crosswalk;
use crate::text::Message;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::compare::Compare;
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::sides::{Side, Source};
use crate::ui::session::rows::SelectMode;
use crate::ui::session::{Session, opening};
use crate::ui::work::{asking, save, view};

pub mod beside_matrix;
pub mod export;
pub mod folders;
pub mod names;
pub mod pick;
pub mod picture;
pub mod sides;
pub mod work;

impl Compare {
    /// What is compared by itself where a comparison is to be seen: a scenario that is shown, with its base.
    pub fn by_itself(session: &Session) -> Option<[Source; 2]> {
        if session.compare.is_open() || session.compare.ended { None } else { sides::pair_of_shown(session) }
    }
}

/// Compares the two layers that are likely meant, unless two are compared already.
pub fn open(session: &mut Session) {
    if session.compare.sources.is_some() {
        return;
    }
    match sides::likely_pair(session) {
        Some(sources) => set_sources(session, sources),
        None => session.notify(Message::new("compare.too-few")),
    }
}

/// Holds the scenario of the tab against its base, unless the user said what is to be compared.
pub fn follow(session: &mut Session) {
    if session.compare.chosen || !session.compare.is_open() || session.workspace.scenarios.shown().is_none() {
        return;
    }
    let pair = sides::pair_of_shown(session).filter(|pair| session.compare.sources.as_ref() != Some(pair));
    if let Some(pair) = pair {
        set_sources(session, pair);
    }
}

pub(super) fn set_sources(session: &mut Session, sources: [Source; 2]) {
    let sides = sources.map(|source| Side::of(&session.workspace, session.language(), source));
    let compare = &mut session.compare;
    if compare.sources.is_none()
        && let [Some(base), Some(scenario)] = &sides
    {
        compare.by = sides::likely_by(base, scenario);
    }
    compare.sources = Some(sources);
    compare.pick = None;
}

/// Asks for a CSV file with a crosswalk, and reads it.
pub(super) fn open_crosswalk(session: &mut Session) {
    let filter = session.tr("compare.filter-csv").to_owned();
    if !asking::system_has_dialogs() {
        let folder = session.settings.recent.first().and_then(|path| path.parent()).unwrap_or(std::path::Path::new(""));
        let folder = folder.join("");
        return asking::ask(session, "compare.crosswalk", false, &folder, |session, path| {
            read_crosswalk(session, &path);
        });
    }
    let dialog = move || rfd::FileDialog::new().add_filter(filter, &["csv", "txt", "tsv"]).pick_file();
    save::ask(session, dialog, |session, path| {
        session.pending.extend(path.map(|path| Command::Compare(CompareCommand::ReadCrosswalk(path))));
    });
}

/// Reads a crosswalk. One that cannot be read leaves the one before.
pub(super) fn read_crosswalk(session: &mut Session, path: &std::path::Path) {
    let language = session.language();
    let text = crate::io::read_text(path).map_err(|error| crate::text::system_reason(&error).text(language));
    match text.and_then(|text| Crosswalk::from_csv(&text)) {
        Ok(crosswalk) => {
            session.compare.crosswalk = Some(Arc::new(crosswalk));
            session.compare.crosswalk_path = Some(path.to_owned());
        }
        Err(error) => {
            let file = opening::file_title(path);
            session.notify_error(Message::new("compare.bad-crosswalk").with("file", file).with("error", error));
        }
    }
}

pub(in crate::ui) fn close(session: &mut Session) {
    // What is at work on it is cancelled with it.
    session.compare = Compare { tolerance: session.compare.tolerance, ended: true, ..Compare::default() };
}

/// Shows what a part of the matrix is made of: selects the features of both layers and zooms to the pieces.
pub(super) fn set_pick(session: &mut Session, pick: Option<Pick>) {
    session.compare.pick = pick;
    let Some(pick) = pick else { return };
    let Some(made) = pick::made_of(&session.compare, pick) else { return };
    let extent = pick::extent(session, &made);
    let mut mode = SelectMode::Replace;
    for ((layer, rows), (_, shape)) in made.rows.iter().zip(&made.shapes) {
        // Rows of another geometry than the one that is shown are other features.
        if session.layer(*layer).is_some_and(|shown| shown.shape == *shape) {
            session.project.selection.apply(*layer, rows, mode);
            mode = SelectMode::Add;
        }
    }
    session.compare.selected = Some(session.project.selection.revision);
    // Pieces are smaller than the features that they are of. Few are made at once, and the map goes there then.
    let pieces = made.pairs.len() + made.rest.iter().map(Vec::len).sum::<usize>();
    session.compare.goes_there = pieces <= SOON && pieces > 0;
    if !session.compare.goes_there && !extent.is_empty() {
        view::zoom_to(session, extent);
    }
}

/// So many pieces are made in the time that a glance takes.
const SOON: usize = 3000;
