//! The top bar: menus, the tabs of the states, the search box, undo and redo, language and theme.

use eframe::egui::{self, Align, Layout, Ui, vec2};

use super::command::{Command, LayerCommand};
use super::compare::CompareCommand;
use super::edit;
use super::rules_editor;
use super::scenarios::{ScenarioCommand, history_texts};
use super::search;
use super::settings::ThemeChoice;
use super::shortcuts::menu_item;
use super::state::{Panel, Session, Tab, Tool};
use super::theme::{font, size, tokens};
use super::widgets;
use super::{icons, scenario_tabs, two_states};
use crate::model::AreaMethod;
use crate::text::Language;
use crate::units::AreaUnit;

/// What the top bar remembers between frames.
#[derive(Debug, Default)]
pub struct State {
    tabs: scenario_tabs::State,
}

/// Draws the top bar.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, search: &mut search::State, commands: &mut Vec<Command>) {
    let bar = ui.max_rect();
    let narrow = bar.width() < size::NARROW;
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.add_space(size::MARGIN);
        widgets::logo(ui);
        let small = bar.width() < size::SMALL;
        if !small {
            let name = session.tr("ui.name");
            ui.add(egui::Label::new(egui::RichText::new(name).font(font::heading())).extend());
            ui.add_space(4.0);
        }
        menus(ui, session, commands);
        ui.add_space(12.0);
        // What the search box and the buttons do not take.
        let width = match (narrow, small) {
            (false, _) => size::SEARCH,
            (true, false) => size::SEARCH_NARROW,
            (true, true) => size::SEARCH_SMALL,
        };
        let room = (ui.available_width() - width - 4.0 * 30.0 - 28.0).max(60.0);
        scenario_tabs::ui(ui, session, &mut state.tabs, room, commands);

        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.add_space(size::MARGIN - 4.0);
            let dark = ui.visuals().dark_mode;
            let icon = if dark { icons::SUN } else { icons::MOON };
            if widgets::icon_button(ui, icon, session.tr("ui.switch-theme")).clicked() {
                commands.push(Command::SwitchTheme);
            }
            if widgets::icon_button(ui, icons::LANGUAGES, session.tr("ui.switch-language")).clicked() {
                commands.push(Command::SwitchLanguage);
            }
            let texts = history_texts(session);
            let history =
                [(icons::REDO_2, &texts[1], ScenarioCommand::Redo), (icons::UNDO_2, &texts[0], ScenarioCommand::Undo)];
            for (icon, text, command) in history {
                ui.add_enabled_ui(command.enabled(session), |ui| {
                    if widgets::icon_button(ui, icon, text).clicked() {
                        commands.push(Command::Scenario(command));
                    }
                });
            }
            ui.add_space(4.0);
            let width = width.min(ui.available_width() - 4.0);
            if width > 120.0 {
                search::ui(ui, session, search, width, commands);
            }
        });
    });
}

fn menus(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let titles = ["ui.menu-file", "ui.menu-edit", "ui.menu-view", "ui.menu-layer", "ui.menu-compare", "ui.menu-help"];
    // A menu bar takes all the room that it is given.
    let text_width =
        |key: &str| ui.painter().layout_no_wrap(session.tr(key).to_owned(), font::body(), tokens(ui).text).size().x;
    let width = titles.iter().map(|key| text_width(key).ceil() + 2.0 * MENU_PADDING).sum();
    let height = size::CONTROL;
    ui.allocate_ui_with_layout(vec2(width, height), Layout::left_to_right(Align::Center), |ui| {
        egui::MenuBar::new().style(bar_style).ui(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.menu_button(session.tr(titles[0]), |ui| file_menu(ui, session, commands));
            ui.menu_button(session.tr(titles[1]), |ui| edit_menu(ui, session, commands));
            ui.menu_button(session.tr(titles[2]), |ui| view_menu(ui, session, commands));
            ui.menu_button(session.tr(titles[3]), |ui| layer_menu(ui, session, commands));
            ui.menu_button(session.tr(titles[4]), |ui| compare_menu(ui, session, commands));
            ui.menu_button(session.tr(titles[5]), |ui| help_menu(ui, session, commands));
        });
    });
}

/// Room on each side of a menu's title.
const MENU_PADDING: f32 = 9.0;

fn bar_style(style: &mut egui::Style) {
    style.spacing.button_padding = vec2(MENU_PADDING, 0.0);
    let widgets = &mut style.visuals.widgets;
    for state in [&mut widgets.active, &mut widgets.open, &mut widgets.hovered, &mut widgets.inactive] {
        state.bg_stroke = egui::Stroke::NONE;
    }
    widgets.inactive.weak_bg_fill = egui::Color32::TRANSPARENT;
}

fn items(ui: &mut Ui, session: &Session, list: impl IntoIterator<Item = Command>, commands: &mut Vec<Command>) {
    for command in list {
        menu_item(ui, session, command, commands);
    }
}

fn file_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    items(ui, session, [Command::Open, Command::OpenDemo], commands);
    if !session.settings.recent.is_empty() {
        widgets::submenu(ui, session.tr("ui.recent"), |ui| {
            for path in &session.settings.recent {
                let name = super::run::file_title(path);
                let row = widgets::menu_row(ui, None, &name, "", None).on_hover_text(crate::io::shown_path(path));
                if row.clicked() {
                    commands.push(Command::OpenPaths(vec![path.clone()]));
                    ui.close();
                }
            }
            ui.separator();
            menu_item(ui, session, Command::ClearRecent, commands);
        });
    }
    ui.separator();
    items(ui, session, [Command::SaveProject, Command::SaveProjectAs], commands);
    ui.separator();
    items(ui, session, [Command::CopyMap, Command::SaveMap], commands);
    ui.separator();
    items(ui, session, [Command::ClearCaches, Command::Quit], commands);
}

fn edit_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    items(ui, session, [ScenarioCommand::Undo, ScenarioCommand::Redo].map(Command::Scenario), commands);
    ui.separator();
    items(ui, session, edit::Page::ALL.map(|page| Command::Edit(Some(page))), commands);
    ui.separator();
    let select = [Command::SelectAll, Command::InvertSelection, Command::ClearSelection, Command::Locate(true)];
    items(ui, session, select, commands);
    ui.separator();
    items(ui, session, [Command::CopyRows, Command::SaveRows, Command::Search], commands);
    ui.separator();
    items(ui, session, Tool::ALL.map(Command::UseTool), commands);
}

fn view_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    items(ui, session, [Command::FullExtent, Command::ZoomToSelection], commands);
    items(ui, session, [Command::ZoomIn, Command::ZoomOut, Command::ViewBack, Command::ViewForward], commands);
    ui.separator();
    items(ui, session, [Command::ToggleSwipe, Command::ToggleSwipeLevel, Command::ToggleLinked], commands);
    let states = 1 + session.workspace.scenarios.list().len();
    if states > 2 {
        widgets::submenu(ui, session.tr("edit.linked-count"), |ui| {
            for count in 2..=states.min(two_states::MOST_LINKED) {
                let see = Command::See(two_states::Seeing::Linked { count });
                let on = see.checked(session);
                if widgets::menu_row(ui, None, &count.to_string(), "", on).clicked() {
                    commands.push(see);
                    ui.close();
                }
            }
        });
    }
    ui.separator();
    items(ui, session, [Command::ToggleGrid, Command::ToggleGraticule], commands);
    items(ui, session, Panel::ALL.map(Command::TogglePanel), commands);
    widgets::submenu(ui, session.tr("ui.bottom-shows"), |ui| {
        items(ui, session, Tab::ALL.map(Command::ShowTab), commands);
    });
    ui.separator();
    interface_menu(ui, session, commands);
    widgets::submenu(ui, session.tr("ui.area-unit"), |ui| {
        for unit in AreaUnit::ALL {
            let on = session.settings.area_unit == unit;
            if widgets::menu_row(ui, None, session.tr(unit.key()), "", Some(on)).clicked() {
                commands.push(Command::SetAreaUnit(unit));
                ui.close();
            }
        }
    });
    widgets::submenu(ui, session.tr("ui.language"), |ui| {
        for (language, name) in [(Language::Chinese, "中文"), (Language::English, "English")] {
            if widgets::menu_row(ui, None, name, "", Some(session.language() == language)).clicked() {
                commands.push(Command::SetLanguage(language));
                ui.close();
            }
        }
    });
    widgets::submenu(ui, session.tr("ui.theme"), |ui| {
        let themes = [
            (ThemeChoice::System, "ui.theme-system"),
            (ThemeChoice::Light, "ui.theme-light"),
            (ThemeChoice::Dark, "ui.theme-dark"),
        ];
        for (theme, key) in themes {
            if widgets::menu_row(ui, None, session.tr(key), "", Some(session.settings.theme == theme)).clicked() {
                commands.push(Command::SetTheme(theme));
                ui.close();
            }
        }
    });
}

fn interface_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    widgets::submenu(ui, session.tr("ui.interface-size"), |ui| {
        let now = format!("{:.0} %", session.settings.interface * 100.0);
        widgets::menu_heading(ui, &now);
        items(ui, session, [Command::LargerInterface, Command::SmallerInterface, Command::ResetInterface], commands);
    });
}

fn layer_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let name = session.current().map(|entry| entry.title.clone());
    widgets::menu_heading(ui, name.as_deref().unwrap_or_else(|| session.tr("ui.no-current-layer")));
    layer_items(ui, session, Command::Current, commands);
    ui.separator();
    menu_item(ui, session, Command::ChooseProjectCrs, commands);
}

/// What can be done with a layer, for the menu and the context menu of the tree.
pub fn layer_items(ui: &mut Ui, session: &Session, of: impl Fn(LayerCommand) -> Command, commands: &mut Vec<Command>) {
    items(
        ui,
        session,
        [LayerCommand::ZoomTo, LayerCommand::OpenTable, LayerCommand::Style, LayerCommand::Crs, LayerCommand::Doctor]
            .map(&of),
        commands,
    );
    widgets::submenu(ui, session.tr("ui.method"), |ui| {
        let methods = [AreaMethod::Survey, AreaMethod::Geodesic, AreaMethod::Planar];
        items(ui, session, methods.map(|method| of(LayerCommand::Method(method))), commands);
    });
    menu_item(ui, session, of(LayerCommand::Coverage), commands);
    ui.separator();
    items(ui, session, [LayerCommand::Reload, LayerCommand::Export, LayerCommand::Remove].map(&of), commands);
}

fn compare_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let of = Command::Compare;
    menu_item(ui, session, of(CompareCommand::Open), commands);
    items(ui, session, [Tab::Transitions, Tab::Balance].map(Command::ShowTab), commands);
    ui.separator();
    let rules = [rules_editor::Page::Text(None), rules_editor::Page::States];
    items(ui, session, rules.map(|page| Command::Rules(Some(page))), commands);
    ui.separator();
    items(ui, session, [CompareCommand::ToggleChangeMap, CompareCommand::Export].map(of), commands);
    ui.separator();
    menu_item(ui, session, of(CompareCommand::Close), commands);
}

fn help_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    items(ui, session, [Command::Shortcuts, Command::OpenDemo, Command::About], commands);
}
