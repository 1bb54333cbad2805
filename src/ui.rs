//! The window: egui, eframe, wgpu and rfd are named here and nowhere else.
//!
//! [`App`] draws the frame: top bar, layer tree, map, inspector, bottom panel, status bar. Panels get `&Session` and
//! push [`Command`]s; [`commands`] carries them out, and [`jobs`] brings the results of what runs in the background.
//! Nothing here computes an area or converts a coordinate by itself: what the window shows, the command line prints,
//! from the same functions.
//!
//! The wings stand in order: each imports only from those above it in this list, which a test checks.
//!
//! | wing | holds |
//! |---|---|
//! | [`look`] | colours, fonts, icons, widgets, grids: what knows no session |
//! | [`session`] | everything that the window shows and knows, as data; commands as data |
//! | [`work`] | what commands do, and what goes on in the background |
//! | [`map`] | canvas, tools, what lies over the map |
//! | [`panels`] | panels, tabs, cards and windows |
//! | [`frames`] | pictures of the window without a screen, for benchmarks |
//! | [`start`] | opening the window, by the renderer that the machine has |

use std::path::PathBuf;

use eframe::egui;

pub use self::start::{Renderer, RunError, run};
use crate::ui::look::fonts;
use crate::ui::look::memory::Memory;
use crate::ui::look::theme::{self, size};
use crate::ui::map::{canvas, decor, legend_card, navigate, note_pins, tools, two_states};
use crate::ui::panels::compare::{balance, card};
use crate::ui::panels::edit::{self, menus};
use crate::ui::panels::inspector::{self, red_line};
use crate::ui::panels::{
    about_card, conversion_card, crs_picker, doctor_card, floating, formula_card, join_card, layout_card, leaving,
    left, locate, mapping_card, marks_window, open_report, own_window, path_card, recent_card, report_card, rules_bar,
    rules_editor, settings_card, shortcuts, statusbar, style_editor, survey_card, table, tiles_card, topbar, tour,
    underlay_card, why_card,
};
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::early::Early;
use crate::ui::session::leaving::Next;
use crate::ui::session::parts::{Card, Page, Panel};
use crate::ui::session::settings::{self, Settings, ThemeChoice};
use crate::ui::session::unsaved::Unsaved;
use crate::ui::session::{Session, jobs, office};
use crate::ui::work::two_states::MOST_LINKED;
use crate::ui::work::{commands, refresh, saving, standing, unsaved};

pub mod look;

pub mod session;

pub mod work;

pub mod map;

pub mod panels;

pub mod frames;

pub mod start;

/// How the window starts.
#[derive(Clone, Debug)]
pub struct Start {
    /// Files or a project to open; with none, the demo project.
    pub files: Vec<PathBuf>,
    /// What was remembered.
    pub settings: Settings,
    /// Whether settings are written when they change: not in tests.
    pub remember: bool,
    /// Which fonts to use.
    pub fonts: fonts::Source,
    /// Whether the demo project is opened when there are no files.
    pub demo: bool,
    /// The folder for journals of projects without a file; `None` where unsaved work is not kept.
    pub journals: Option<PathBuf>,
    /// The file of what the office knows; `None` where nothing of it is kept.
    pub office: Option<PathBuf>,
    /// Who makes the pictures of the map.
    pub map_maker: canvas::Maker,
    /// What is to be said at the start: what was wrong with the settings.
    pub said: Vec<crate::text::Message>,
    /// The project among the files, where it is being read already.
    pub early: Early,
}

impl Start {
    /// As the program starts for a user: their settings, the system's fonts, `files` or the demo project.
    pub fn for_user(files: Vec<PathBuf>) -> Self {
        let (settings, said) = Settings::load();
        Self {
            files,
            settings,
            said: said.into_iter().collect(),
            remember: true,
            fonts: fonts::Source::System,
            demo: true,
            journals: settings::folder(),
            office: settings::folder().map(|folder| folder.join(office::FILE)),
            map_maker: canvas::Maker::Best,
            early: Early::default(),
        }
    }

    /// As tests start it: default settings in Chinese, bundled fonts, nothing open, nothing written.
    pub fn for_test() -> Self {
        let settings =
            // No tip gets in the way of what tests ask for by name, and nothing is written that a test has not asked for.
            Settings {
                language: crate::text::Language::Chinese,
                theme: ThemeChoice::Light,
                hover_tip: false,
                cache: false,
                // Many tests share the memory of one process.
                memory_limit_mb: Some(0),
                ..Settings::default()
            };
        Self {
            files: Vec::new(),
            settings,
            remember: false,
            fonts: fonts::Source::Bundled,
            demo: false,
            journals: None,
            office: None,
            map_maker: canvas::Maker::Cpu,
            said: Vec::new(),
            early: Early::default(),
        }
    }
}

/// The window.
pub struct App {
    session: Session,
    canvas: canvas::Canvas,
    memory: Memory,
    commands: Vec<Command>,
    saved: Settings,
    remember: bool,
    applied: Option<(ThemeChoice, crate::text::Language)>,
    card_was_open: bool,
}

impl App {
    /// The window, in the context that eframe (or a test) made.
    pub fn new(cc: &eframe::CreationContext<'_>, start: Start) -> Self {
        cc.egui_ctx.set_fonts(fonts::definitions(start.fonts));
        theme::apply(&cc.egui_ctx);
        // The size of everything is a command with bounds, and is remembered.
        cc.egui_ctx.options_mut(|options| options.zoom_with_keyboard = false);
        let saved = start.settings.clone();
        let mut commands = Vec::new();
        let mut session = Session::new(start.settings, cc.egui_ctx.clone());
        session.jobs.memory_bytes = session.settings.memory_bytes();
        start.early.wake(&cc.egui_ctx);
        session.early = start.early;
        session.knowing = office::Knowing::in_file(start.office);
        if let Some(folder) = &start.journals {
            session.unsaved = Unsaved::in_folder(folder, cc.egui_ctx.clone());
            unsaved::offer_all(&mut session, &start.files);
        }
        if !start.files.is_empty() {
            commands.push(Command::File(FileCommand::OpenPaths(start.files)));
        } else if start.demo {
            commands.push(Command::File(FileCommand::OpenDemo));
            // Once, and only where it can be remembered that it was.
            if start.remember && !session.settings.toured {
                commands.push(Command::Window(WindowCommand::Tour));
            }
        }
        start.said.into_iter().for_each(|message| session.warn(message));
        Self {
            session,
            canvas: canvas::Canvas::new(cc, start.map_maker),
            memory: Memory::default(),
            commands,
            saved,
            remember: start.remember,
            applied: None,
            card_was_open: false,
        }
    }

    /// What the window shows.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Gives a command, as if a widget had.
    pub fn push(&mut self, command: Command) {
        self.commands.push(command);
    }

    fn apply_settings(&mut self, ctx: &egui::Context) {
        let settings = &self.session.settings;
        if ctx.zoom_factor() != settings.interface {
            ctx.set_zoom_factor(settings.interface);
        }
        let wanted = (settings.theme, settings.language);
        if self.applied != Some(wanted) {
            ctx.set_theme(match settings.theme {
                ThemeChoice::System => egui::ThemePreference::System,
                ThemeChoice::Light => egui::ThemePreference::Light,
                ThemeChoice::Dark => egui::ThemePreference::Dark,
            });
            let title = self.session.tr("ui.title").to_owned();
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title));
            self.applied = Some(wanted);
        }
    }

    fn run_commands(&mut self, ctx: &egui::Context) {
        for command in std::mem::take(&mut self.commands) {
            commands::run(&mut self.session, command, ctx);
            ctx.request_repaint();
        }
    }

    /// Closes the window when that was asked for, after a question where work would be lost.
    fn close(&mut self, ctx: &egui::Context) {
        let asked = ctx.input(|input| input.viewport().close_requested());
        if asked && !self.session.quitting && saving::leave_after(&mut self.session, &Next::Quit) {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
        } else if asked && !self.session.quitting && standing::must_ask(&self.session.workspace, &self.session.project)
        {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.session.card = Some(Card::Leave(Next::Quit));
        } else if self.session.quitting && !asked {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    fn frame_ui(&mut self, ui: &mut egui::Ui) {
        let Self { session, memory, commands, .. } = self;
        let t = theme::tokens(ui);
        let window = ui.max_rect();
        let narrow = window.width() < size::NARROW;

        egui::Panel::top("top").exact_size(size::TOP_BAR).frame(theme::panel_frame(t)).show(ui, |ui| {
            topbar::ui(ui, session, memory.of(), commands);
        });
        if session.workspace.scenarios.shown().is_some() {
            egui::Panel::top("rules").exact_size(size::TOP_BAR).frame(theme::panel_frame(t)).show(ui, |ui| {
                rules_bar::ui(ui, session, memory.of(), commands);
            });
        }
        egui::Panel::bottom("status").exact_size(size::STATUS_BAR).frame(theme::panel_frame(t).fill(t.window)).show(
            ui,
            |ui| {
                statusbar::ui(ui, session, memory.of(), commands);
            },
        );

        if session.settings.is_docked(Panel::Layers) {
            let mut open = session.settings.layers_open;
            // In a narrow window the panel is a narrow one of its own, so that it has its width again in a wide one.
            let most = size::LEFT_RANGE.1.min(window.width() * 0.3);
            let squeezed = session.settings.layers_width > most;
            let shown = egui::Panel::left(if squeezed { "layers-squeezed" } else { "layers" })
                .frame(theme::panel_frame(t))
                .default_size(session.settings.layers_width)
                .size_range(size::LEFT_RANGE.0.min(most)..=most)
                .show_collapsible(ui, &mut open, |ui| {
                    ui.take_available_space();
                    left::ui(ui, session, memory.of(), commands);
                });
            if let Some(shown) = shown
                && open
                && session.settings.layers_open
                && !squeezed
            {
                session.settings.layers_width = shown.response.rect.width();
            }
            session.settings.layers_open = open;
        }

        let floats = !session.settings.is_docked(Panel::Inspector);
        if !narrow && !floats {
            let mut open = session.settings.inspector_open;
            let most = size::RIGHT_RANGE.1.min(window.width() * 0.35);
            let squeezed = session.settings.inspector_width > most;
            let shown = egui::Panel::right(if squeezed { "inspector-squeezed" } else { "inspector" })
                .frame(theme::panel_frame(t))
                .default_size(session.settings.inspector_width)
                .size_range(size::RIGHT_RANGE.0.min(most)..=most)
                .show_collapsible(ui, &mut open, |ui| {
                    ui.take_available_space();
                    right_ui(ui, session, memory, commands);
                });
            if let Some(shown) = shown
                && open
                && session.settings.inspector_open
                && !squeezed
            {
                session.settings.inspector_width = shown.response.rect.width();
            }
            session.settings.inspector_open = open;
        }

        let low = window.height() < size::LOW;
        let matrix = session.settings.tab.compares();
        if !session.settings.is_docked(Panel::Bottom) {
            // It is drawn over the rest or in a window of its own, below.
        } else if session.settings.bottom_open {
            // A matrix wants more rows than a table: each has a height of its own.
            let most = size::BOTTOM_RANGE.1.min(ui.available_height() * 0.7);
            let squeezed = session.settings.bottom_height > most;
            let (id, usual) = match (low || squeezed, matrix) {
                (true, _) => ("bottom-low", size::BOTTOM_LOW),
                (false, true) => ("bottom-matrix", size::BOTTOM_MATRIX),
                (false, false) => ("bottom", session.settings.bottom_height),
            };
            let shown = egui::Panel::bottom(id)
                .frame(theme::panel_frame(t))
                .resizable(true)
                .default_size(usual)
                .size_range(size::BOTTOM_RANGE.0.min(most)..=most)
                .show(ui, |ui| {
                    ui.take_available_space();
                    table::ui(ui, session, memory.of(), commands);
                });
            if !low && !matrix && !squeezed {
                session.settings.bottom_height = shown.response.rect.height();
            }
        } else {
            egui::Panel::bottom("bottom-tabs").exact_size(size::TABS).frame(theme::panel_frame(t)).show(ui, |ui| {
                table::ui(ui, session, memory.of(), commands);
            });
        }

        egui::CentralPanel::no_frame().show(ui, |ui| {
            let map = ui.max_rect();
            let maps = self.canvas.ui(ui, session, commands);
            let response = maps.main;
            let map = if maps.linked.is_empty() { map } else { response.rect };
            navigate::ui(ui, &response, session, memory.of(), commands);
            for (nth, linked) in maps.linked.iter().enumerate() {
                let states: &mut [navigate::State; MOST_LINKED] = memory.of();
                let state = &mut states[nth.min(MOST_LINKED - 1)];
                navigate::ui(ui, linked, session, state, commands);
            }
            menus::map_menu(&response, session, memory.of(), commands);
            two_states::handle(ui, response.rect, session, commands);
            let over_map = narrow && !floats && session.settings.inspector_open && has_page(session);
            let free = if over_map { map.with_max_x(overlay_rect(map).left()) } else { map };
            tools::ui(ui, &response, free, session, memory.of(), commands);
            note_pins::ui(ui, response.rect, session, memory.of(), commands);
            decor::ui(ui, free, session, commands);
            legend_card::ui(ui, free, session, commands);
            card::ui(ui, free, &session.compare, &session.settings, commands);
            if over_map {
                overlay_ui(ui, map, |ui| {
                    right_ui(ui, session, memory, commands);
                });
            }
        });

        let card_is_open = session.card.is_some();
        let came = card_is_open && !self.card_was_open;
        self.card_was_open = card_is_open;
        // A card stands in this window, also where it was asked for in another one of ours.
        if came && is_in_other_window(ui.ctx()) {
            ui.ctx().send_viewport_cmd(egui::ViewportCommand::Focus);
        }
        let mut windows: own_window::State = std::mem::take(memory.of());
        for panel in Panel::ALL {
            let place = floating::ui(ui, &session.settings, panel, commands, |ui, commands| {
                panel_ui(ui, session, panel, memory, commands);
            });
            if place.is_some() {
                session.settings.set_floating(panel, place);
            }
            let place = own_window::ui(ui.ctx(), &session.settings, panel, &mut windows, commands, |ui, commands| {
                take_dropped_files(ui.ctx(), commands);
                shortcuts::input(ui.ctx(), session, commands);
                let focused = focused(ui.ctx());
                panel_ui(ui, session, panel, memory, commands);
                focus_again(ui, focused);
            });
            if place.is_some() {
                session.settings.set_own_window(panel, place);
            }
        }
        *memory.of::<own_window::State>() = windows;

        edit::ui(ui, session, memory.of(), commands);
        rules_editor::ui(ui, session, memory.of(), commands);
        locate::ui(ui, session, memory.of(), commands);
        open_report::ui(ui, session, memory.of(), commands);
        shortcuts::ui(ui, session, commands);
        settings_card::ui(ui, session, memory.of(), commands);
        tour::ui(ui, session, commands);
        recent_card::ui(ui, session, memory.of(), commands);
        marks_window::ui(ui, session, memory.of(), commands);
        about_card::ui(ui, session, memory.of(), commands);
        leaving::ui(ui, session, commands);
        crs_picker::ui(ui, session, memory.of(), commands);
        mapping_card::ui(ui, session, memory.of(), commands);
        conversion_card::ui(ui, session, memory.of(), commands);
        doctor_card::ui(ui, session, memory.of(), commands);
        join_card::ui(ui, session, memory.of(), commands);
        formula_card::ui(ui, session, memory.of(), commands);
        survey_card::ui(ui, session, memory.of(), commands);
        layout_card::ui(ui, session, memory.of(), commands);
        report_card::ui(ui, session, memory.of(), commands);
        path_card::ui(ui, session, memory.of(), commands);
        why_card::ui(ui, session, memory.of(), commands);
        underlay_card::ui(ui, session, memory.of(), commands);
        tiles_card::ui(ui, session, memory.of(), commands);
    }
}

/// Opens the files that were dropped on a window.
fn take_dropped_files(ctx: &egui::Context, commands: &mut Vec<Command>) {
    let dropped: Vec<PathBuf> =
        ctx.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect());
    if !dropped.is_empty() {
        commands.push(Command::File(FileCommand::OpenPaths(dropped)));
    }
}

/// Whether somebody works in a window of the program that is not this one.
fn is_in_other_window(ctx: &egui::Context) -> bool {
    ctx.input(|input| {
        input.viewport().focused == Some(false) && input.raw.viewports.values().any(|of| of.focused == Some(true))
    })
}

/// What has the keyboard and is no text field.
fn focused(ctx: &egui::Context) -> Option<egui::Response> {
    if ctx.text_edit_focused() {
        return None;
    }
    let focused = ctx.memory(|memory| memory.focused()).and_then(|id| ctx.read_response(id))?;
    (focused.rect.is_positive() && focused.interact_rect.is_positive()).then_some(focused)
}

/// Outlines what had the keyboard before the frame and still has it.
fn focus_again(ui: &egui::Ui, focused: Option<egui::Response>) {
    if let Some(focused) = focused.filter(|focused| ui.memory(|memory| memory.has_focus(focused.id))) {
        focus_ui(ui, &focused);
    }
}

/// Outlines what has the keyboard, whatever it is: only then can one go on from there. Text fields have a cursor and an
/// outline of their own.
fn focus_ui(ui: &egui::Ui, focused: &egui::Response) {
    let ctx = ui.ctx();
    let t = theme::tokens(ui);
    let rect = focused.interact_rect.expand(1.0);
    let painter = ctx.layer_painter(focused.layer_id).with_clip_rect(rect.expand(2.0));
    painter.rect_stroke(rect, theme::radius(), egui::Stroke::new(2.0, t.accent), egui::StrokeKind::Inside);
}

/// Whether the right panel has something to show; over the map it opens only then.
fn has_page(session: &Session) -> bool {
    match session.project.page {
        Page::Identify => session.project.identified.current().is_some() || red_line::is_page(session),
        Page::Style(layer) => session.workspace.entry(layer).is_some(),
    }
}

/// What stands in a panel, wherever it is.
fn panel_ui(ui: &mut egui::Ui, session: &Session, panel: Panel, memory: &mut Memory, commands: &mut Vec<Command>) {
    match panel {
        Panel::Layers => left::ui(ui, session, memory.of(), commands),
        Panel::Inspector => right_ui(ui, session, memory, commands),
        Panel::Bottom => table::ui(ui, session, memory.of(), commands),
    }
}

fn right_ui(ui: &mut egui::Ui, session: &Session, memory: &mut Memory, commands: &mut Vec<Command>) {
    match session.project.page {
        Page::Style(layer) if session.workspace.entry(layer).is_some() => {
            style_editor::ui(ui, session, layer, memory.of(), commands);
        }
        Page::Identify if balance::is_shown(session) => balance::ui(ui, &session.compare, &session.settings, commands),
        _ => inspector::ui(ui, session, memory.of(), commands),
    }
}

/// Where the right panel lies over the map, in narrow windows.
fn overlay_rect(map: egui::Rect) -> egui::Rect {
    let card = map.shrink(size::CARD_GAP);
    card.with_min_x(card.right() - size::RIGHT.min(map.width() * 0.6))
}

/// The right panel as a card over the map, in narrow windows.
fn overlay_ui(ui: &mut egui::Ui, map: egui::Rect, content: impl FnOnce(&mut egui::Ui)) {
    let rect = overlay_rect(map);
    let t = theme::tokens(ui);
    // The card takes the pointer, so that nothing beneath it is hovered or dragged.
    let card = ui.interact(rect, ui.scope_id().with("inspector-card"), egui::Sense::click_and_drag());
    card.widget_info(|| egui::WidgetInfo::new(egui::Role::Group));
    ui.painter().add(theme::card_shadow(t).as_shape(rect, theme::card_radius()));
    ui.painter().rect(rect, theme::card_radius(), t.panel, theme::line(t), egui::StrokeKind::Inside);
    let mut child = ui.new_child(egui::UiBuilder::new().id_salt("inspector-card").max_rect(rect.shrink(1.0)));
    child.shrink_clip_rect(rect);
    content(&mut child);
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        jobs::install_finished(&mut self.session);
        self.commands.append(&mut self.session.pending);
        take_dropped_files(ctx, &mut self.commands);
        self.run_commands(ctx);
        self.apply_settings(ctx);
        let holds = ctx.input(|input| input.key_down(egui::Key::Backtick)) && !ctx.text_edit_focused();
        self.session.peeking = holds;
        refresh::refresh(&mut self.session, ctx);
        self.close(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        shortcuts::input(ui.ctx(), &self.session, &mut self.commands);
        // Asked before the frame: a response that is read after it was pressed elsewhere gives the keyboard away.
        let focused = focused(ui.ctx());
        self.frame_ui(ui);
        focus_again(ui, focused);
        let ctx = ui.ctx().clone();
        self.run_commands(&ctx);
        if self.remember && self.saved != self.session.settings && !ctx.input(|input| input.pointer.any_down()) {
            self.saved = self.session.settings.clone();
            if let Err(error) = self.saved.save() {
                self.session.notify_error(
                    crate::text::Message::new("ui.settings-not-saved")
                        .with_message("reason", &crate::text::system_reason(&error)),
                );
            }
        }
    }

    /// What lies beneath all panels, for nothing.
    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        theme::tokens_of(visuals.dark_mode).window.to_normalized_gamma_f32()
    }
}
