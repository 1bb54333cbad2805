//! The top bar: menus, the tabs of the states, the search box, undo and redo, language and theme.

use eframe::egui::{self, Align, Layout, Ui, vec2};

use crate::model::AreaMethod;
use crate::scenario::Seeing;
use crate::text::Language;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::panels::settings_card::memory_rows;
use crate::ui::panels::{scenario_tabs, search};
use crate::ui::session::command::Command;
use crate::ui::session::command::compare::CompareCommand;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::layout::LayoutCommand;
use crate::ui::session::command::rules::RulesCommand;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::command::tool::ToolCommand;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::{EditPage, Panel, RulesPage, Tab, Tool};
use crate::ui::session::settings::ThemeChoice;
use crate::ui::session::{Session, opening};
use crate::ui::work::offer::menu_item;
use crate::ui::work::scenarios::history_texts;
use crate::ui::work::two_states::MOST_LINKED;
use crate::units::AreaUnit;

/// What the top bar remembers between frames.
#[derive(Debug, Default)]
pub struct State {
    tabs: scenario_tabs::State,
    search: search::State,
}

/// Draws the top bar.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
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
                commands.push(Command::Window(WindowCommand::SwitchTheme));
            }
            if widgets::icon_button(ui, icons::LANGUAGES, session.tr("ui.switch-language")).clicked() {
                commands.push(Command::Window(WindowCommand::SwitchLanguage));
            }
            let texts = history_texts(session);
            let history =
                [(icons::REDO_2, &texts[1], ScenarioCommand::Redo), (icons::UNDO_2, &texts[0], ScenarioCommand::Undo)];
            for (icon, text, command) in history {
                let command = Command::Scenario(command);
                ui.add_enabled_ui(command.enabled(session), |ui| {
                    if widgets::icon_button(ui, icon, text).clicked() {
                        commands.push(command);
                    }
                });
            }
            ui.add_space(4.0);
            let width = width.min(ui.available_width() - 4.0);
            if width > 120.0 {
                search::ui(ui, session, &mut state.search, width, commands);
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
    items(ui, session, [FileCommand::New, FileCommand::Open, FileCommand::Recent].map(Command::File), commands);
    items(ui, session, [FileCommand::OpenDatabase, FileCommand::OpenDatabaseView].map(Command::File), commands);
    items(ui, session, [Command::File(FileCommand::OpenDemo)], commands);
    if !session.settings.recent.is_empty() {
        widgets::submenu(ui, session.tr("ui.recent"), |ui| {
            for path in &session.settings.recent {
                let name = opening::file_title(path);
                let row = widgets::menu_row(ui, None, &name, "", None).on_hover_text(crate::io::shown_path(path));
                if row.clicked() {
                    commands.push(Command::File(FileCommand::OpenPaths(vec![path.clone()])));
                    ui.close();
                }
            }
            ui.separator();
            menu_item(ui, session, Command::File(FileCommand::ClearRecent), commands);
        });
    }
    ui.separator();
    items(ui, session, [Command::File(FileCommand::SaveProject), Command::File(FileCommand::SaveProjectAs)], commands);
    ui.separator();
    items(ui, session, [FileCommand::CopyMap, FileCommand::SaveMap, FileCommand::Report].map(Command::File), commands);
    items(ui, session, [Command::Layout(LayoutCommand::Open)], commands);
    ui.separator();
    items(ui, session, [FileCommand::ToggleCache, FileCommand::ClearProjectCache].map(Command::File), commands);
    ui.separator();
    items(ui, session, [Command::Window(WindowCommand::Settings)], commands);
    items(ui, session, [Command::File(FileCommand::ClearCaches), Command::File(FileCommand::Quit)], commands);
}

fn edit_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    items(ui, session, [ScenarioCommand::Undo, ScenarioCommand::Redo].map(Command::Scenario), commands);
    ui.separator();
    items(ui, session, EditPage::ALL.map(|page| Command::Window(WindowCommand::Edit(Some(page)))), commands);
    ui.separator();
    let select = [
        Command::Select(SelectCommand::SelectAll),
        Command::Select(SelectCommand::InvertSelection),
        Command::Select(SelectCommand::ClearSelection),
        Command::Select(SelectCommand::Locate(true)),
    ];
    items(ui, session, select, commands);
    ui.separator();
    items(
        ui,
        session,
        [
            Command::Table(TableCommand::CopyRows),
            Command::Table(TableCommand::SaveRows),
            Command::Table(TableCommand::NewFormula),
            Command::Select(SelectCommand::Search),
        ],
        commands,
    );
    ui.separator();
    items(ui, session, Tool::ALL.map(|of| Command::Tool(ToolCommand::UseTool(of))), commands);
}

fn view_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    items(ui, session, [Command::View(ViewCommand::FullExtent), Command::View(ViewCommand::ZoomToSelection)], commands);
    items(
        ui,
        session,
        [
            Command::View(ViewCommand::ZoomIn),
            Command::View(ViewCommand::ZoomOut),
            Command::View(ViewCommand::ViewBack),
            Command::View(ViewCommand::ViewForward),
        ],
        commands,
    );
    bookmarks_menu(ui, session, commands);
    ui.separator();
    items(
        ui,
        session,
        [
            Command::View(ViewCommand::ToggleSwipe),
            Command::View(ViewCommand::ToggleSwipeLevel),
            Command::View(ViewCommand::ToggleLinked),
        ],
        commands,
    );
    let states = 1 + session.workspace.scenarios.list().len();
    if states > 2 {
        widgets::submenu(ui, session.tr("edit.linked-count"), |ui| {
            for count in 2..=states.min(MOST_LINKED) {
                let see = Command::View(ViewCommand::See(Seeing::Linked { count }));
                let on = see.checked(session);
                if widgets::menu_row(ui, None, &count.to_string(), "", on).clicked() {
                    commands.push(see);
                    ui.close();
                }
            }
        });
    }
    ui.separator();
    items(ui, session, [Command::View(ViewCommand::ToggleGrid), Command::View(ViewCommand::ToggleGraticule)], commands);
    let looks = [ViewCommand::ToggleLegend, ViewCommand::ToggleSoftColors, ViewCommand::ToggleTransitions];
    items(ui, session, looks.map(Command::View), commands);
    ui.separator();
    items(ui, session, Panel::ALL.map(|of| Command::Window(WindowCommand::TogglePanel(of))), commands);
    widgets::submenu(ui, session.tr("habits.floating"), |ui| {
        items(ui, session, Panel::ALL.map(|of| Command::Window(WindowCommand::ToggleFloating(of))), commands);
        if !ui.ctx().embed_viewports() {
            ui.separator();
            items(ui, session, Panel::ALL.map(|of| Command::Window(WindowCommand::ToggleOwnWindow(of))), commands);
        }
        ui.separator();
        menu_item(ui, session, Command::Window(WindowCommand::PanelsBack), commands);
    });
    widgets::submenu(ui, session.tr("ui.bottom-shows"), |ui| {
        items(ui, session, Tab::ALL.map(|of| Command::Window(WindowCommand::ShowTab(of))), commands);
    });
    ui.separator();
    interface_menu(ui, session, commands);
    widgets::submenu(ui, session.tr("ui.area-unit"), |ui| {
        for unit in AreaUnit::ALL {
            let on = session.settings.area_unit == unit;
            if widgets::menu_row(ui, None, session.tr(unit.key()), "", Some(on)).clicked() {
                commands.push(Command::Window(WindowCommand::SetAreaUnit(unit)));
                ui.close();
            }
        }
    });
    memory_menu(ui, session, commands);
    widgets::submenu(ui, session.tr("ui.language"), |ui| {
        for (language, name) in [(Language::Chinese, "中文"), (Language::English, "English")] {
            if widgets::menu_row(ui, None, name, "", Some(session.language() == language)).clicked() {
                commands.push(Command::Window(WindowCommand::SetLanguage(language)));
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
                commands.push(Command::Window(WindowCommand::SetTheme(theme)));
                ui.close();
            }
        }
    });
}

/// The bookmarks of views, and the window that lists them with the notes.
fn bookmarks_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    widgets::submenu(ui, session.tr("habits.bookmarks"), |ui| {
        for (at, bookmark) in session.workspace.bookmarks.iter().enumerate() {
            if widgets::menu_row(ui, None, &bookmark.name, "", None).clicked() {
                commands.push(Command::View(ViewCommand::GoToBookmark(at)));
                ui.close();
            }
        }
        items(
            ui,
            session,
            [Command::View(ViewCommand::AddBookmark), Command::View(ViewCommand::ShowMarks(true))],
            commands,
        );
    });
}

fn memory_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    widgets::submenu(ui, session.tr("ui.memory-limit"), |ui| {
        if let Some(limit) = memory_rows(ui, session.language(), session.settings.memory_limit_mb) {
            commands.push(Command::Window(WindowCommand::SetMemoryLimit(limit)));
        }
    });
}

fn interface_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    widgets::submenu(ui, session.tr("ui.interface-size"), |ui| {
        let now = format!("{:.0} %", session.settings.interface * 100.0);
        widgets::menu_heading(ui, &now);
        items(
            ui,
            session,
            [
                Command::Window(WindowCommand::LargerInterface),
                Command::Window(WindowCommand::SmallerInterface),
                Command::Window(WindowCommand::ResetInterface),
            ],
            commands,
        );
    });
}

fn layer_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let name = session.current().map(|entry| entry.title.clone());
    widgets::menu_heading(ui, name.as_deref().unwrap_or_else(|| session.tr("ui.no-current-layer")));
    layer_items(ui, session, Command::Current, commands);
    ui.separator();
    menu_item(ui, session, Command::View(ViewCommand::ChooseProjectCrs), commands);
}

/// What can be done with a layer, for the menu and the context menu of the tree.
pub fn layer_items(ui: &mut Ui, session: &Session, of: impl Fn(LayerCommand) -> Command, commands: &mut Vec<Command>) {
    items(
        ui,
        session,
        [
            LayerCommand::ZoomTo,
            LayerCommand::OpenTable,
            LayerCommand::Style,
            LayerCommand::LoadStyle,
            LayerCommand::SaveStyle,
            LayerCommand::CopyStyle,
            LayerCommand::PasteStyle,
            LayerCommand::Crs,
            LayerCommand::Doctor,
        ]
        .map(&of),
        commands,
    );
    widgets::submenu(ui, session.tr("ui.method"), |ui| {
        let methods = [AreaMethod::Survey, AreaMethod::Geodesic, AreaMethod::Planar];
        items(ui, session, methods.map(|method| of(LayerCommand::Method(method))), commands);
    });
    items(
        ui,
        session,
        [LayerCommand::Coverage, LayerCommand::Map, LayerCommand::Convert, LayerCommand::Join].map(&of),
        commands,
    );
    ui.separator();
    let rest = [LayerCommand::Reload, LayerCommand::Export, LayerCommand::Survey, LayerCommand::Remove];
    items(ui, session, rest.map(&of), commands);
}

fn compare_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    let of = Command::Compare;
    items(ui, session, [CompareCommand::Open, CompareCommand::Folders].map(of), commands);
    items(
        ui,
        session,
        [Tab::Transitions, Tab::Balance].map(|of| Command::Window(WindowCommand::ShowTab(of))),
        commands,
    );
    ui.separator();
    let rules = [RulesPage::Text(None), RulesPage::States];
    items(ui, session, rules.map(|page| Command::Rules(RulesCommand::Open(Some(page)))), commands);
    menu_item(ui, session, Command::Rules(RulesCommand::CheckHandIn(None)), commands);
    ui.separator();
    items(ui, session, [CompareCommand::ToggleChangeMap, CompareCommand::Export].map(of), commands);
    ui.separator();
    menu_item(ui, session, of(CompareCommand::Close), commands);
}

fn help_menu(ui: &mut Ui, session: &Session, commands: &mut Vec<Command>) {
    items(
        ui,
        session,
        [
            Command::Window(WindowCommand::Tour),
            Command::Window(WindowCommand::Shortcuts),
            Command::File(FileCommand::OpenDemo),
            Command::Window(WindowCommand::About),
        ],
        commands,
    );
}
