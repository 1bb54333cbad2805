//! The top bar: menus, the tab of the baseline, the search box, language and theme.

use eframe::egui::{self, Align, Layout, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::command::{Command, LayerCommand};
use super::icons;
use super::search;
use super::settings::ThemeChoice;
use super::shortcuts::menu_item;
use super::state::{Panel, Session, Tab, Tool};
use super::theme::{font, size, tokens};
use super::widgets;
use crate::model::AreaMethod;
use crate::text::Language;
use crate::units::AreaUnit;

/// What the top bar remembers between frames.
#[derive(Debug, Default)]
pub struct State {}

/// Draws the top bar.
pub fn ui(ui: &mut Ui, session: &Session, _state: &mut State, search: &mut search::State, commands: &mut Vec<Command>) {
    let bar = ui.max_rect();
    let narrow = bar.width() < size::NARROW;
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.add_space(size::MARGIN);
        widgets::logo(ui);
        let name = session.tr("ui.name");
        ui.add(egui::Label::new(egui::RichText::new(name).font(font::heading())).extend());
        ui.add_space(4.0);
        menus(ui, session, commands);
        ui.add_space(12.0);
        baseline_tab(ui, session);

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
            ui.add_space(4.0);
            let width = if narrow { size::SEARCH_NARROW } else { size::SEARCH };
            let width = width.min(ui.available_width() - 4.0);
            if width > 120.0 {
                search::ui(ui, session, search, width, commands);
            }
        });
    });
}

/// The tab of the baseline. Scenarios will stand beside it.
fn baseline_tab(ui: &mut Ui, session: &Session) {
    let t = tokens(ui);
    let baseline = session.tr("ui.baseline");
    let project = session.workspace.name.as_str();
    let name = if project.is_empty() { baseline.to_owned() } else { format!("{baseline} · {project}") };
    let room = ui.available_width() * 0.45;
    let galley = egui::WidgetText::from(egui::RichText::new(&name).font(font::heading()).color(t.text)).into_galley(
        ui,
        Some(egui::TextWrapMode::Truncate),
        room,
        font::heading(),
    );
    let wanted = vec2(galley.size().x + 14.0 + 24.0, ui.max_rect().height());
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, true, &name));
    let mark = Rect::from_center_size(pos2(rect.left() + 16.0, rect.center().y), Vec2::splat(8.0));
    ui.painter().rect_filled(mark, 2.0, t.muted);
    ui.painter().galley(pos2(rect.left() + 26.0, rect.center().y - galley.size().y / 2.0), galley, t.text);
    let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 2.0), rect.max);
    ui.painter().rect_filled(line, 0.0, t.accent);
    response.on_hover_text(session.tr("ui.baseline-tip"));
}

fn menus(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let titles = ["ui.menu-file", "ui.menu-edit", "ui.menu-view", "ui.menu-layer", "ui.menu-help"];
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
            ui.menu_button(session.tr(titles[4]), |ui| help_menu(ui, session, commands));
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
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                let row = widgets::menu_row(ui, None, &name, "", None).on_hover_text(path.to_string_lossy());
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
    items(ui, session, [Command::SelectAll, Command::InvertSelection, Command::ClearSelection], commands);
    ui.separator();
    items(ui, session, [Command::CopyRows, Command::Search], commands);
    ui.separator();
    items(ui, session, Tool::ALL.map(Command::UseTool), commands);
}

fn view_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    items(ui, session, [Command::FullExtent, Command::ZoomToSelection], commands);
    items(ui, session, [Command::ZoomIn, Command::ZoomOut, Command::ViewBack, Command::ViewForward], commands);
    ui.separator();
    items(ui, session, [Command::ToggleGrid, Command::ToggleGraticule], commands);
    items(ui, session, Panel::ALL.map(Command::TogglePanel), commands);
    widgets::submenu(ui, session.tr("ui.bottom-shows"), |ui| {
        items(ui, session, Tab::ALL.map(Command::ShowTab), commands);
    });
    ui.separator();
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
        [LayerCommand::ZoomTo, LayerCommand::OpenTable, LayerCommand::Style, LayerCommand::Crs].map(&of),
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

fn help_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    items(ui, session, [Command::Shortcuts, Command::OpenDemo, Command::About], commands);
}
