//! Words, shortcuts, enabling and doing of what can be done with one layer.

use eframe::egui::Key;

use crate::model::{AreaMethod, GeometryKind, LayerId};
use crate::scenario::{Property, Workspace};
use crate::text::Message;
use crate::ui::look::icons;
use crate::ui::session::command::Command;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::command::spec::{Spec, ctrl, plain, spec};
use crate::ui::session::parts::{Card, Page, Panel, Tab};
use crate::ui::session::{Session, forget_gone};
use crate::ui::work::scenarios::{self, change};
use crate::ui::work::view::zoom_to;
use crate::ui::work::{examining, measuring, office, open, save, styles};

impl LayerCommand {
    /// Those that have words, in the order of menus: all.
    pub(super) fn listed() -> [Self; 20] {
        [
            Self::ZoomTo,
            Self::OpenTable,
            Self::Style,
            Self::LoadStyle,
            Self::SaveStyle,
            Self::CopyStyle,
            Self::PasteStyle,
            Self::Crs,
            Self::Doctor,
            Self::Method(AreaMethod::Survey),
            Self::Method(AreaMethod::Geodesic),
            Self::Method(AreaMethod::Planar),
            Self::Coverage,
            Self::Join,
            Self::Map,
            Self::Convert,
            Self::Survey,
            Self::Reload,
            Self::Export,
            Self::Remove,
        ]
    }

    /// Words, icon and shortcuts.
    pub(super) fn spec(self) -> Option<Spec> {
        match self {
            Self::ZoomTo => spec("ui.layer-zoom", Some(icons::MAXIMIZE), &[]),
            Self::OpenTable => spec("ui.layer-table", Some(icons::TABLE), &[]),
            Self::Style => spec("ui.layer-style", Some(icons::PALETTE), &[]),
            Self::LoadStyle => spec("ui.style-load", Some(icons::FOLDER_OPEN), &[]),
            Self::SaveStyle => spec("ui.style-save", Some(icons::FILE_DOWN), &[]),
            Self::CopyStyle => spec("panels.style-copy", Some(icons::COPY), &[]),
            Self::PasteStyle => spec("panels.style-paste", Some(icons::CLIPBOARD_COPY), &[]),
            Self::Crs => spec("ui.layer-crs", Some(icons::GLOBE), &[]),
            Self::Doctor => spec("ui.layer-doctor", Some(icons::COMPASS), &[]),
            Self::Method(AreaMethod::Survey) => spec("ui.method-survey", None, &[]),
            Self::Method(AreaMethod::Geodesic) => spec("ui.method-geodesic", None, &[]),
            Self::Method(AreaMethod::Planar) => spec("ui.method-planar", None, &[]),
            Self::Coverage => spec("ui.layer-coverage", Some(icons::SHAPES), &[]),
            Self::Join => spec("ui.layer-join", Some(icons::TABLE), &[]),
            Self::Map => spec("ui.layer-map", Some(icons::LIST_TREE), &[]),
            Self::Convert => spec("ui.layer-convert", Some(icons::SWATCH_BOOK), &[]),
            Self::Survey => spec("ui.layer-survey", Some(icons::WAYPOINTS), &[]),
            Self::Reload => spec("ui.layer-reload", Some(icons::REFRESH_CW), const { &[plain(Key::F5)] }),
            Self::Export => spec("ui.layer-export", Some(icons::FILE_DOWN), const { &[ctrl(Key::E)] }),
            Self::Remove => spec("ui.layer-remove", Some(icons::TRASH_2), &[]),
        }
    }

    /// Whether the command can be given now.
    pub(super) fn enabled(self, workspace: &Workspace, layer: LayerId) -> bool {
        let Some(entry) = workspace.entry(layer) else { return false };
        match self {
            Self::Method(AreaMethod::Planar) => {
                entry.layer.kind == GeometryKind::Polygon && !entry.layer.crs.is_geographic()
            }
            Self::Method(_) | Self::Coverage | Self::Survey => entry.layer.kind == GeometryKind::Polygon,
            Self::Convert => entry.scheme().is_some() || entry.conversion.is_some(),
            Self::Reload | Self::Doctor => !entry.layer.provenance.path.as_os_str().is_empty(),
            _ => true,
        }
    }

    /// Whether what the command switches is on, for those that switch something.
    pub(super) fn checked(self, workspace: &Workspace, layer: LayerId) -> Option<bool> {
        match self {
            Self::Method(method) => workspace.entry(layer).map(|entry| entry.method == method),
            _ => None,
        }
    }
}

/// Carries out `command` on `layer`.
pub(super) fn run(session: &mut Session, layer: LayerId, command: LayerCommand) {
    match command {
        LayerCommand::ZoomTo => {
            let crs = session.workspace.crs.clone();
            let shown = session.prepared(layer).zip(crs).map(|(prepared, crs)| prepared.shown_extent(&crs));
            if let Some(extent) = shown {
                zoom_to(session, extent);
            }
        }
        LayerCommand::OpenTable => {
            session.project.current = Some(layer);
            session.settings.tab = Tab::Table;
            session.settings.bottom_open = true;
        }
        LayerCommand::Style => {
            session.project.current = Some(layer);
            session.project.page = Page::Style(layer);
            *session.settings.open_mut(Panel::Inspector) = true;
        }
        LayerCommand::LoadStyle => styles::read(session, layer),
        LayerCommand::SaveStyle => styles::write(session, layer),
        LayerCommand::CopyStyle => styles::copy(session, layer),
        LayerCommand::PasteStyle => styles::paste(session, layer),
        LayerCommand::Crs => session.card = Some(Card::LayerCrs(layer)),
        LayerCommand::Doctor => examining::examine(session, layer),
        LayerCommand::Method(method) => change(session, Property::Method(layer, method)),
        LayerCommand::Coverage => measuring::coverage(session, layer),
        LayerCommand::Join => session.card = Some(Card::Join(layer)),
        LayerCommand::Map | LayerCommand::Convert => {
            office::load(session);
            let is_mapping = command == LayerCommand::Map;
            session.card = Some(if is_mapping { Card::Mapping(layer) } else { Card::Conversion(layer) });
        }
        LayerCommand::Survey => session.card = Some(Card::Survey(layer)),
        LayerCommand::Reload => open::reload(session, layer),
        LayerCommand::Export => save::export(session, layer),
        LayerCommand::Remove => remove_layer(session, layer),
    }
}

fn remove_layer(session: &mut Session, layer: LayerId) {
    let below = session.workspace.index_of(layer);
    let Some(title) = session.workspace.entry(layer).map(|entry| entry.title.clone()) else { return };
    let hanging = session.workspace.hanging_on(layer).join(", ");
    if !session.workspace.close(layer, scenarios::by(session.language())) {
        return;
    }
    if session.project.current == Some(layer) {
        let next = below.map(|at| at.min(session.workspace.entries.len().saturating_sub(1)));
        session.project.current = next.and_then(|at| session.workspace.entries.get(at)).map(crate::scenario::Entry::id);
    }
    forget_gone(session);
    let undo = Command::Scenario(ScenarioCommand::Undo);
    if hanging.is_empty() {
        session.suggest(Message::new("ui.layer-removed").with("layer", title), "edit.undo", undo);
    } else {
        let message = Message::new("ui.layer-removed-edited").with("layer", title).with("names", hanging);
        session.offer(message, "edit.undo", undo);
    }
}
