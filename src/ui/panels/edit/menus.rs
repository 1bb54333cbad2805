//! Where editing begins: a button beside what is selected, and the menus of map and table.

use eframe::egui::{self, Response, Ui};

use crate::model::Coord;
use crate::text::{Language, Message, tr};
use crate::ui::look::{icons, widgets};
use crate::ui::map::tools;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::command::underlay::UnderlayCommand;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::EditPage;
use crate::ui::session::project::Project;
use crate::ui::session::rows::{FeatureRef, Rows, SelectMode};

/// What the menu of the map remembers: the feature that was pressed, and where.
#[derive(Debug, Default)]
pub struct MapMenu {
    hit: Option<FeatureRef>,
    /// Where it was pressed, in the project CRS.
    place: Option<Coord>,
}

/// A button whose menu lists what can be done. `feature` is selected first, where it is not selected yet.
pub fn button(
    ui: &mut Ui,
    project: &Project,
    language: Language,
    feature: Option<FeatureRef>,
    commands: &mut Vec<Command>,
) {
    let response = widgets::button(ui, Some(icons::PENCIL), tr(language, "edit.edit"));
    egui::Popup::menu(&response).show(|ui| rows(ui, project, language, feature, commands));
}

/// Rows of a menu: what can be done to the selection, or to `feature` where that is not selected.
pub fn rows(
    ui: &mut Ui,
    project: &Project,
    language: Language,
    feature: Option<FeatureRef>,
    commands: &mut Vec<Command>,
) {
    for page in EditPage::ALL {
        if widgets::menu_row(ui, Some(page.icon()), tr(language, page.key()), "", None).clicked() {
            if let Some(FeatureRef { layer, feature }) = feature {
                if !project.selection.contains(layer, feature) {
                    let rows = Rows::from_iter([feature]);
                    commands.push(Command::Select(SelectCommand::Select { layer, rows, mode: SelectMode::Replace }));
                }
                commands.push(Command::Tree(TreeCommand::SetCurrent(Some(layer))));
            }
            commands.push(Command::Window(WindowCommand::Edit(Some(page))));
            ui.close();
        }
    }
}

/// A row that takes the place that was pressed as a control point of the uppermost scan there is.
fn scan_row(ui: &mut Ui, session: &Session, place: Option<Coord>, commands: &mut Vec<Command>) {
    let scan = session.workspace.underlays.iter().position(|of| of.visible && !of.points.is_empty());
    let (Some(at), Some(place)) = (scan, place) else { return };
    let title = &session.workspace.underlays[at].title;
    let text = Message::new("underlay.point-here").with("name", title).text(session.language());
    if widgets::menu_row(ui, Some(icons::CROSSHAIR), &text, "", None).clicked() {
        commands.push(Command::Underlay(UnderlayCommand::Point(at, place)));
        ui.close();
    }
    ui.separator();
}

/// The menu of the map.
pub fn map_menu(map: &Response, session: &Session, state: &mut MapMenu, commands: &mut Vec<Command>) {
    if session.workspace.is_bare() {
        return;
    }
    if map.secondary_clicked()
        && let Some(p) = map.interact_pointer_pos()
    {
        let place = tools::world(map.rect, &session.view, p);
        let hits = tools::hits(session, place);
        state.place = Some(place);
        state.hit = tools::meant(session, &hits, place).map(|at| hits[at]);
        state.place = Some(place);
    }
    map.context_menu(|ui| {
        if let Some(place) = state.place
            && widgets::menu_row(ui, Some(icons::PIN), session.tr("habits.map-note-here"), "", None).clicked()
        {
            commands.push(Command::View(ViewCommand::PinNote(place)));
            ui.close();
        }
        ui.separator();
        scan_row(ui, session, state.place, commands);
        let Some(hit) = state.hit else {
            widgets::menu_heading(ui, session.tr("edit.nothing-here"));
            return;
        };
        if let Some(entry) = session.workspace.entry(hit.layer) {
            let number = entry.layer.source_row(hit.feature) + 1;
            widgets::menu_heading(ui, &format!("{} · #{number}", entry.title));
        }
        if widgets::menu_row(ui, Some(icons::MAXIMIZE), session.tr("panels.zoom-to"), "", None).clicked() {
            commands.push(Command::Select(SelectCommand::ShowFeature(hit)));
            ui.close();
        }
        if widgets::menu_row(ui, Some(icons::INFO), session.tr("ui.identify"), "", None).clicked() {
            commands.push(Command::Select(SelectCommand::Identify(vec![hit])));
            ui.close();
        }
        ui.separator();
        rows(ui, &session.project, session.language(), Some(hit), commands);
    });
}
