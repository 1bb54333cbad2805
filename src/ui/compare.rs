//! Two states of land use held against each other in the window: what is compared, how, and what came of it.
//!
//! [`Compare`] is part of the session. Panels read it and push [`CompareCommand`]s; [`run`] carries them out, and
//! [`work::refresh`] brings the rest up to date once a frame: the overlay in the background when a shape changed, classes
//! and matrix when attributes did. All figures come from `scenario::transition` and `report::transition`.
//!
//! | file | holds |
//! |---|---|
//! | [`sides`] | which layers can be compared, and which are likely meant |
//! | [`work`] | the overlay, classes, matrix and figures, each kept until what it came from changes |
//! | [`pick`] | what a cell, a row or a column is made of |
//! | [`picture`] | the pieces on the map, hatched from colour to colour |
//! | [`choosers`] | pair, level, unit and settings |
//! | [`card`] | what stands over the map while pieces are shown |
//! | [`balance`] | the page of the right panel |

use std::path::PathBuf;
use std::sync::Arc;

use super::command::Spec;
use super::icons;
use super::sketch::MeasurementKind;
use super::state::{SelectMode, Session, Tab};
use crate::model::{Layer, LayerId, Revision};
use crate::report::transition::Measure;
use crate::scenario::transition::{Basis, Crosswalk, Tolerance};
use crate::text::Message;

pub mod balance;
pub mod card;
pub mod choosers;
pub mod export;
pub mod pick;
pub mod picture;
pub mod sides;
pub mod wider;
pub mod work;

pub use pick::Pick;
pub use sides::{Side, Source};
pub use work::Shown;

/// What the classes of a comparison are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// Land-use classes at that level, of the class field.
    Level(u8),
    /// The three big classes, of the class field.
    Big,
    /// The class field as it is.
    #[default]
    Class,
    /// The values of a field that both layers have.
    Field(String),
}

/// What the figures are restricted to.
#[derive(Clone, Debug)]
pub struct Within {
    /// Its polygons.
    pub layer: Arc<Layer>,
    /// What it is called.
    pub title: String,
    /// Whether it is what was selected of its layer when it was chosen, and not the whole.
    pub selected: bool,
}

/// Two states held against each other.
#[derive(Default)]
pub struct Compare {
    /// Base and scenario; `None` while nothing is compared.
    pub sources: Option<[Source; 2]>,
    /// Whether the user said which states are compared: else they follow the tab.
    pub chosen: bool,
    /// Whether the user ended the last comparison: none begins by itself then.
    pub ended: bool,
    /// What the classes are.
    pub by: By,
    /// The share that figures are; `None` for areas in the unit of the window.
    pub share: Option<Measure>,
    /// What areas are by; `None` for the method of the base's layer.
    pub basis: Option<Basis>,
    /// Which pieces are slivers.
    pub tolerance: Tolerance,
    /// The study area.
    pub within: Option<Within>,
    /// What is shown on the map.
    pub pick: Option<Pick>,
    /// Whether the map shows all that changed, and the rest pale.
    pub change_map: bool,
    /// Whether tables leave out the classes that did not change.
    pub only_changed: bool,
    /// The selection as the pick made it: the map shows its pieces in place of its outlines.
    pub selected: Option<Revision>,
    /// Whether the map goes to the pieces once they are made.
    pub goes_there: bool,
    /// What came of it.
    pub work: work::Work,
    /// Which class of the scenario's scheme each of the base's becomes, where a file says so.
    pub crosswalk: Option<Arc<Crosswalk>>,
    /// The file that it was read from.
    pub crosswalk_path: Option<std::path::PathBuf>,
    /// Figures beside the matrix.
    pub wider: wider::Wider,
    /// The pieces on the map.
    pub pieces: picture::Pieces,
}

impl Compare {
    /// Matrix and classes, once they are there.
    pub fn shown(&self) -> Option<&Arc<Shown>> {
        self.work.shown()
    }

    /// The part of the matrix that the map shows.
    pub fn shown_pick(&self) -> Option<Pick> {
        self.pick.or(self.change_map.then_some(Pick::Changes))
    }

    /// What is compared by itself where a comparison is to be seen: a scenario that is shown, with its base.
    pub fn by_itself(session: &Session) -> Option<[Source; 2]> {
        if session.compare.is_open() || session.compare.ended { None } else { sides::pair_of_shown(session) }
    }

    /// Whether two states are compared.
    pub fn is_open(&self) -> bool {
        self.sources.is_some()
    }
}

/// Something to be done with the comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum CompareCommand {
    /// Compare two layers: those that are likely meant, until the user chooses others.
    Open,
    /// Compare nothing.
    Close,
    /// Compare these.
    SetSources([Source; 2]),
    /// Let base and scenario change places.
    Swap,
    /// Tell classes apart so.
    SetBy(By),
    /// Show shares; areas, with `None`.
    SetShare(Option<Measure>),
    /// Count areas by this; by the method of the base's layer, with `None`.
    SetBasis(Option<Basis>),
    /// Count smaller and narrower pieces as slivers.
    SetTolerance(Tolerance),
    /// Count only what lies in the polygons of a layer.
    SetWithin(Option<LayerId>),
    /// Count only what lies in the selected polygons of a layer.
    SetWithinSelected(LayerId),
    /// Count only what lies in an area that was drawn and kept, by its place in the list.
    SetWithinMeasured(usize),
    /// Show what a part of the matrix is made of, on the map; the whole map again, with `None`.
    Pick(Option<Pick>),
    /// Show all that changed, or everything again.
    ToggleChangeMap,
    /// Leave the classes that did not change out of tables, or list them again.
    ToggleUnchanged,
    /// Read a crosswalk between two classifications from a file to be chosen.
    OpenCrosswalk,
    /// Read this crosswalk.
    ReadCrosswalk(std::path::PathBuf),
    /// Compare without the crosswalk that was read.
    DropCrosswalk,
    /// Write matrix, balance and transitions to a CSV file to be chosen.
    Export,
    /// Put the matrix on the clipboard.
    CopyMatrix,
    /// Put the balance on the clipboard.
    CopyBalance,
    /// Put the list of transitions on the clipboard.
    CopyChanges,
    /// Tell regions apart by this field.
    SetRegionField(String),
    /// Put the balance of every region on the clipboard.
    CopyRegions,
    /// Put all states side by side on the clipboard.
    CopyStates,
    /// Write the pieces that are shown to a file to be chosen.
    SavePieces,
    /// Write the pieces that are shown to this file.
    SavePiecesTo(PathBuf),
    /// Write a picture of the matrix to a file to be chosen.
    SavePicture {
        /// Which.
        picture: export::Picture,
        /// As SVG; as PNG else.
        svg: bool,
    },
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
            Self::Open => sides::comparable_count(session) > 1,
            Self::ToggleChangeMap | Self::ToggleUnchanged | Self::Close => session.compare.is_open(),
            Self::Export => session.compare.shown().is_some(),
            _ => true,
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
            let rows = session.selection.rows(layer).cloned();
            if let (Some(rows), Some(entry)) = (rows, session.workspace.entry(layer)) {
                let within = Arc::new(picture::subset(&entry.layer, &rows));
                session.compare.within = Some(Within { layer: within, title: entry.title.clone(), selected: true });
            }
        }
        CompareCommand::SetWithinMeasured(at) => {
            if let Some(kept) = session.workspace.measurements.get(at).filter(|kept| kept.kind == MeasurementKind::Area)
            {
                let layer = Arc::new(super::taking::drawn(&kept.points, &kept.crs));
                let title = super::table::measurements_tab::name(session, at, kept);
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
    if !super::path_card::system_has_dialogs() {
        let folder = session.settings.recent.first().and_then(|path| path.parent()).unwrap_or(std::path::Path::new(""));
        let folder = folder.join("");
        return super::path_card::ask(session, "compare.crosswalk", false, &folder, |session, path| {
            read_crosswalk(session, &path);
        });
    }
    let dialog = move || rfd::FileDialog::new().add_filter(filter, &["csv", "txt", "tsv"]).pick_file();
    super::save::ask(session, dialog, |session, path| {
        session.pending.extend(path.map(|path| super::command::Command::Compare(CompareCommand::ReadCrosswalk(path))));
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
            let file = super::run::file_title(path);
            session.notify_error(Message::new("compare.bad-crosswalk").with("file", file).with("error", error));
        }
    }
}

fn close(session: &mut Session) {
    // What is at work on it is cancelled with it.
    session.compare = Compare { tolerance: session.compare.tolerance, ended: true, ..Compare::default() };
}

/// Shows what a part of the matrix is made of: selects the features of both layers and zooms to the pieces.
fn set_pick(session: &mut Session, pick: Option<Pick>) {
    session.compare.pick = pick;
    let Some(pick) = pick else { return };
    let Some(made) = pick::made_of(session, pick) else { return };
    let extent = pick::extent(session, &made);
    let mut mode = SelectMode::Replace;
    for ((layer, rows), (_, shape)) in made.rows.iter().zip(&made.shapes) {
        // Rows of another geometry than the one that is shown are other features.
        if session.layer(*layer).is_some_and(|shown| shown.shape == *shape) {
            session.selection.apply(*layer, rows, mode);
            mode = SelectMode::Add;
        }
    }
    session.compare.selected = Some(session.selection.revision);
    // Pieces are smaller than the features that they are of. Few are made at once, and the map goes there then.
    let pieces = made.pairs.len() + made.rest.iter().map(Vec::len).sum::<usize>();
    session.compare.goes_there = pieces <= SOON && pieces > 0;
    if !session.compare.goes_there && !extent.is_empty() {
        super::run::zoom_to(session, extent);
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
