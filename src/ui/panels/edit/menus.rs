//! Where editing begins: a button beside what is selected, and the menus of map and table.

use eframe::egui::{self, Response, Ui};

use crate::model::Coord;
use crate::text::{Language, tr};
use crate::ui::look::{icons, widgets};
use crate::ui::map::tools;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::EditPage;
use crate::ui::session::project::Project;
use crate::ui::session::rows::{FeatureRef, Rows, SelectMode};

/// What the menu of the map remembers: the feature that was pressed.
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

/// The menu of the map.
pub fn map_menu(map: &Response, session: &Session, state: &mut MapMenu, commands: &mut Vec<Command>) {
    if session.workspace.is_empty() {
        return;
    }
    if map.secondary_clicked()
        && let Some(p) = map.interact_pointer_pos()
    {
        let place = tools::world(map.rect, &session.view, p);
        let hits = tools::hits(session, place);
        state.place = Some(place);
        state.hit = tools::meant(session, &hits, place).map(|at| hits[at]);
    }
    map.context_menu(|ui| {
        if let Some(place) = state.place
            && widgets::menu_row(ui, Some(icons::PIN), session.tr("habits.map-note-here"), "", None).clicked()
        {
            commands.push(Command::View(ViewCommand::PinNote(place)));
            ui.close();
        }
        ui.separator();
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
