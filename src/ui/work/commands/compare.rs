//! Two states of land use held against each other: the commands.

use std::sync::Arc;

use eframe::egui;

use crate::scenario::MeasurementKind;
use crate::text::Message;
use crate::ui::look::icons;
use crate::ui::session::Session;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::spec::Spec;
use crate::ui::session::compare::Within;
use crate::ui::session::parts::Tab;
use crate::ui::work::compare::{
    close, export, folders, open, open_crosswalk, picture, read_crosswalk, set_pick, set_sources, sides,
};
use crate::ui::work::{measurements, red_line};

impl CompareCommand {
    /// Those that have words, in the order of menus.
    pub(super) fn listed() -> [Self; 6] {
        [Self::Open, Self::Folders, Self::ToggleChangeMap, Self::ToggleUnchanged, Self::Export, Self::Close]
    }

    /// Words and icon, for those that have them.
    pub(super) fn spec(&self) -> Option<Spec> {
        let (key, icon) = match self {
            Self::Open => ("compare.open", Some(icons::GRID_3X3)),
            Self::Folders => ("compare.folders", Some(icons::FOLDER_OPEN)),
            Self::ToggleChangeMap => ("compare.change-map", Some(icons::SWATCH_BOOK)),
            Self::ToggleUnchanged => ("compare.only-changed", Some(icons::EYE_OFF)),
            Self::Export => ("compare.export", Some(icons::DOWNLOAD)),
            Self::Close => ("compare.close", None),
            _ => return None,
        };
        Some(Spec { key, icon, shortcuts: &[] })
    }

    /// Whether it can be given now.
    pub(super) fn enabled(&self, session: &Session) -> bool {
        match self {
            Self::Open => sides::comparable_count(&session.workspace, session.language()) > 1,
            Self::ToggleChangeMap | Self::ToggleUnchanged | Self::Close => session.compare.is_open(),
            Self::Export => session.compare.shown().is_some(),
            _ => true,
        }
    }

    /// Whether what the command switches is on, for those that switch something.
    pub(super) fn checked(&self, session: &Session) -> Option<bool> {
        match self {
            Self::ToggleChangeMap => Some(session.compare.change_map),
            Self::ToggleUnchanged => Some(session.compare.only_changed),
            _ => None,
        }
    }
}

/// Carries out `command`.
pub(super) fn run(session: &mut Session, command: CompareCommand, ctx: &egui::Context) {
    match command {
        CompareCommand::Open => {
            open(session);
            session.settings.tab = Tab::Transitions;
            session.settings.bottom_open = true;
        }
        CompareCommand::Folders => folders::choose(session),
        CompareCommand::FoldersTo(sides, path) => folders::start(session, sides, path),
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
                let layer = Arc::new(red_line::drawn(&kept.points, &kept.crs));
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
        CompareCommand::SetRegionField(name) => session.compare.beside_matrix.region_field = Some(name),
        CompareCommand::CopyRegions => copy(session, ctx, export::regions_text),
        CompareCommand::SavePicture { picture, svg } => export::save_picture(session, picture, svg),
        CompareCommand::CopyStates => copy(session, ctx, export::states_text),
    }
}

fn copy(session: &mut Session, ctx: &egui::Context, text: fn(&Session) -> Option<String>) {
    if let Some(text) = text(session) {
        ctx.copy_text(text);
        session.notify(Message::new("ui.copied"));
    }
}
