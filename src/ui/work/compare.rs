//! Two states of land use held against each other in the window: what is compared, how, and what came of it.
//!
//! [`Compare`] is part of the session. Panels read it and push
//! [`CompareCommand`]s; [`run`] carries them out, and
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

use crate::scenario::MeasurementKind;
use crate::scenario::transition::Crosswalk;
use crate::text::Message;
use crate::ui::look::icons;
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::spec::Spec;
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::sides::{Side, Source};
use crate::ui::session::compare::{Compare, Within};
use crate::ui::session::parts::Tab;
use crate::ui::session::rows::SelectMode;
use crate::ui::session::{Session, opening};
use crate::ui::work::{asking, measurements, save, taking, view};

pub mod export;
pub mod names;
pub mod pick;
pub mod picture;
pub mod sides;
pub mod wider;
pub mod work;

impl Compare {
    /// What is compared by itself where a comparison is to be seen: a scenario that is shown, with its base.
    pub fn by_itself(session: &Session) -> Option<[Source; 2]> {
        if session.compare.is_open() || session.compare.ended { None } else { sides::pair_of_shown(session) }
    }
}

impl CompareCommand {
    /// Those that have words, in the order of the menu.
    pub fn listed() -> [Self; 5] {
        [Self::Open, Self::ToggleChangeMap, Self::ToggleUnchanged, Self::Export, Self::Close]
    }

    /// Words and icon, for those that have them.
    pub fn spec(&self) -> Option<Spec> {
        let (key, icon) = match self {
            Self::Open => ("compare.open", Some(icons::GRID_3X3)),
            Self::ToggleChangeMap => ("compare.change-map", Some(icons::SWATCH_BOOK)),
            Self::ToggleUnchanged => ("compare.only-changed", Some(icons::EYE_OFF)),
            Self::Export => ("compare.export", Some(icons::DOWNLOAD)),
            Self::Close => ("compare.close", None),
            _ => return None,
        };
        Some(Spec { key, icon, shortcuts: &[] })
    }

    /// Whether it can be given now.
    pub fn enabled(&self, session: &Session) -> bool {
        match self {
            Self::Open => sides::comparable_count(&session.workspace, session.language()) > 1,
            Self::ToggleChangeMap | Self::ToggleUnchanged | Self::Close => session.compare.is_open(),
            Self::Export => session.compare.shown().is_some(),
            _ => true,
        }
    }

    /// Whether what the command switches is on, for those that switch something.
    pub fn checked(&self, session: &Session) -> Option<bool> {
        match self {
            Self::ToggleChangeMap => Some(session.compare.change_map),
            Self::ToggleUnchanged => Some(session.compare.only_changed),
            _ => None,
        }
    }
}

/// Carries out `command`.
pub fn run(session: &mut Session, command: CompareCommand, ctx: &eframe::egui::Context) {
    match command {
        CompareCommand::Open => {
            open(session);
            session.settings.tab = Tab::Transitions;
            session.settings.bottom_open = true;
        }
        CompareCommand::Close => close(session),
        CompareCommand::SetSources(sources) => {
            set_sources(session, sources);
            session.compare.chosen = true;
        }
        CompareCommand::Swap => {
            if let Some([base, scenario]) = session.compare.sources {
                set_sources(session, [scenario, base]);
                session.compare.chosen = true;
            }
        }
        CompareCommand::SetBy(by) => session.compare.by = by,
        CompareCommand::SetShare(share) => session.compare.share = share,
        CompareCommand::SetBasis(basis) => session.compare.basis = basis,
        CompareCommand::SetTolerance(tolerance) => session.compare.tolerance = tolerance,
        CompareCommand::SetWithin(layer) => {
            let entry = layer.and_then(|layer| session.workspace.entry(layer));
            session.compare.within =
                entry.map(|entry| Within { layer: entry.layer.clone(), title: entry.title.clone(), selected: false });
        }
        CompareCommand::SetWithinSelected(layer) => {
            let rows = session.project.selection.rows(layer).cloned();
            if let (Some(rows), Some(entry)) = (rows, session.workspace.entry(layer)) {
                let within = Arc::new(picture::subset(&entry.layer, &rows));
                session.compare.within = Some(Within { layer: within, title: entry.title.clone(), selected: true });
            }
        }
        CompareCommand::SetWithinMeasured(at) => {
            if let Some(kept) = session.workspace.measurements.get(at).filter(|kept| kept.kind == MeasurementKind::Area)
            {
                let layer = Arc::new(taking::drawn(&kept.points, &kept.crs));
                let title = measurements::name(session.language(), at, kept);
                session.compare.within = Some(Within { layer, title, selected: true });
            }
        }
        CompareCommand::Pick(pick) => set_pick(session, pick),
        CompareCommand::ToggleChangeMap => session.compare.change_map = !session.compare.change_map,
        CompareCommand::ToggleUnchanged => session.compare.only_changed = !session.compare.only_changed,
        CompareCommand::OpenCrosswalk => open_crosswalk(session),
        CompareCommand::ReadCrosswalk(path) => read_crosswalk(session, &path),
        CompareCommand::DropCrosswalk => {
            session.compare.crosswalk = None;
            session.compare.crosswalk_path = None;
        }
        CompareCommand::Export => export::export(session),
        CompareCommand::SavePieces => export::save_pieces(session),
        CompareCommand::SavePiecesTo(path) => export::save_pieces_to(session, path),
        CompareCommand::CopyMatrix => copy(session, ctx, export::matrix_text),
        CompareCommand::CopyBalance => copy(session, ctx, export::balance_text),
        CompareCommand::CopyChanges => copy(session, ctx, export::changes_text),
        CompareCommand::SetRegionField(name) => session.compare.wider.region_field = Some(name),
        CompareCommand::CopyRegions => copy(session, ctx, export::regions_text),
        CompareCommand::SavePicture { picture, svg } => export::save_picture(session, picture, svg),
        CompareCommand::CopyStates => copy(session, ctx, export::states_text),
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

fn set_sources(session: &mut Session, sources: [Source; 2]) {
    let sides = sources.map(|source| Side::of(session, source));
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
fn open_crosswalk(session: &mut Session) {
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
fn read_crosswalk(session: &mut Session, path: &std::path::Path) {
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
fn set_pick(session: &mut Session, pick: Option<Pick>) {
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

fn copy(session: &mut Session, ctx: &eframe::egui::Context, text: fn(&Session) -> Option<String>) {
    if let Some(text) = text(session) {
        ctx.copy_text(text);
        session.notify(Message::new("ui.copied"));
    }
}
