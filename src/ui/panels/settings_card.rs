//! The card of all settings: what the window remembers from one run to the next, in one place.
//!
//! It edits a copy of the settings and hands that over as a command; what has a command of its own in menus changes the
//! same values.

use eframe::egui::{self, Align, Layout, Ui, vec2};

use crate::model::AreaMethod;
use crate::text::{Language, tr};
use crate::ui::look::choice::{choice, choice_within};
use crate::ui::look::theme::size;
use crate::ui::look::widgets;
use crate::ui::panels::shortcuts::card;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::Card;
use crate::ui::session::settings::{MOST_DECIMALS, Settings, ThemeChoice, next_size};
use crate::units::AreaUnit;

mod keys;

/// Width of the names before the settings, in points.
const NAMES: f32 = 150.0;

/// Room for what is chosen, in points: long names are read whole.
const WHOLE: f32 = 340.0;

/// Gigabytes that can be chosen as the ceiling of memory.
const MEMORY_GB: [u64; 5] = [2, 4, 8, 16, 32];

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    keys: keys::State,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if session.card != Some(Card::Settings) {
        *state = State::default();
        return;
    }
    let mut settings = session.settings.clone();
    card(ui, session, "habits.settings", commands, |ui, session| {
        widgets::section(ui, session.tr("habits.settings-look"));
        look_ui(ui, session, &mut settings);
        ui.add_space(3.0 * size::STEP);
        widgets::section(ui, session.tr("habits.settings-figures"));
        figures_ui(ui, session, &mut settings);
        ui.add_space(3.0 * size::STEP);
        widgets::section(ui, session.tr("habits.settings-map"));
        switch(ui, session, "habits.setting-hover", &mut settings.hover_tip);
        switch(ui, session, "habits.setting-transitions", &mut settings.transitions);
        switch(ui, session, "habits.setting-softened", &mut settings.soft_colors);
        switch(ui, session, "habits.setting-snap", &mut settings.snap);
        ui.add_space(3.0 * size::STEP);
        widgets::section(ui, session.tr("habits.settings-files"));
        switch(ui, session, "habits.setting-cache", &mut settings.cache);
        row(ui, session.tr("ui.memory-limit"), |ui| {
            let now = memory_name(session.language(), settings.memory_limit_mb);
            choice_within(ui, session.tr("ui.memory-limit"), &now, WHOLE, |ui| {
                if let Some(limit) = memory_rows(ui, session.language(), settings.memory_limit_mb) {
                    settings.memory_limit_mb = limit;
                }
            });
        });
        if cfg!(feature = "tiles") {
            switch(ui, session, "habits.setting-servers", &mut settings.servers_allowed);
        }
        ui.add_space(3.0 * size::STEP);
        widgets::section(ui, session.tr("ui.shortcuts"));
        keys::ui(ui, session, &mut settings, &mut state.keys);
    });
    if settings != session.settings {
        commands.push(Command::Window(WindowCommand::ChangeSettings(Box::new(settings))));
    }
}

/// The rows of a menu of ceilings of memory. Returns the one that was chosen.
pub(super) fn memory_rows(ui: &mut Ui, language: Language, now: Option<u64>) -> Option<Option<u64>> {
    let usual = MEMORY_GB.map(|gb| Some(gb * 1024));
    // One that was written into the file stays among them.
    let other = Some(now).filter(|now| now.is_some_and(|mb| mb > 0) && !usual.contains(now));
    let mut chosen = None;
    for limit in [None].into_iter().chain(usual).chain(other).chain([Some(0)]) {
        if widgets::menu_row(ui, None, &memory_name(language, limit), "", Some(limit == now)).clicked() {
            chosen = Some(limit);
            ui.close();
        }
    }
    chosen
}

fn memory_name(language: Language, limit_mb: Option<u64>) -> String {
    match limit_mb {
        None => tr(language, "ui.memory-automatic").to_owned(),
        Some(0) => tr(language, "ui.memory-unbounded").to_owned(),
        Some(mb) if mb.is_multiple_of(1024) => format!("{} GB", mb / 1024),
        Some(mb) => format!("{mb} MB"),
    }
}

fn row(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.set_min_height(size::CONTROL + 4.0);
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.allocate_ui_with_layout(vec2(NAMES, size::CONTROL), Layout::left_to_right(Align::Center), |ui| {
            widgets::muted(ui, name);
            ui.take_available_width();
        });
        content(ui);
    });
}

/// A setting that is on or off.
fn switch(ui: &mut Ui, session: &Session, key: &'static str, on: &mut bool) {
    ui.horizontal(|ui| {
        ui.set_min_height(size::CONTROL);
        ui.add(egui::Checkbox::new(on, session.tr(key)));
    });
}

fn look_ui(ui: &mut Ui, session: &Session, settings: &mut Settings) {
    row(ui, session.tr("ui.language"), |ui| {
        for (language, name) in [(Language::Chinese, "中文"), (Language::English, "English")] {
            if widgets::segment(ui, name, settings.language == language).clicked() {
                settings.language = language;
            }
        }
    });
    row(ui, session.tr("ui.theme"), |ui| {
        let themes = [
            (ThemeChoice::System, "ui.theme-system"),
            (ThemeChoice::Light, "ui.theme-light"),
            (ThemeChoice::Dark, "ui.theme-dark"),
        ];
        for (theme, key) in themes {
            if widgets::segment(ui, session.tr(key), settings.theme == theme).clicked() {
                settings.theme = theme;
            }
        }
    });
    row(ui, session.tr("ui.interface-size"), |ui| {
        if widgets::button(ui, None, session.tr("ui.interface-smaller")).clicked() {
            settings.interface = next_size(settings.interface, false);
        }
        ui.add_space(6.0);
        widgets::muted(ui, &format!("{:.0} %", settings.interface * 100.0));
        ui.add_space(6.0);
        if widgets::button(ui, None, session.tr("ui.interface-larger")).clicked() {
            settings.interface = next_size(settings.interface, true);
        }
        if widgets::button(ui, None, session.tr("ui.interface-reset")).clicked() {
            settings.interface = 1.0;
        }
    });
}

fn figures_ui(ui: &mut Ui, session: &Session, settings: &mut Settings) {
    row(ui, session.tr("ui.area-unit"), |ui| {
        choice(ui, session.tr("ui.area-unit"), session.tr(settings.area_unit.key()), |ui| {
            for unit in AreaUnit::ALL {
                let on = settings.area_unit == unit;
                if widgets::menu_row(ui, None, session.tr(unit.key()), "", Some(on)).clicked() {
                    settings.area_unit = unit;
                    ui.close();
                }
            }
        });
    });
    row(ui, session.tr("habits.setting-decimals"), |ui| {
        if widgets::segment(ui, session.tr("habits.decimals-usual"), settings.decimals.is_none()).clicked() {
            settings.decimals = None;
        }
        for decimals in 0..=MOST_DECIMALS {
            let said = decimals.to_string();
            let name = format!("{} {said}", session.tr("habits.setting-decimals"));
            if widgets::segment_named(ui, &said, &name, settings.decimals == Some(decimals)).clicked() {
                settings.decimals = Some(decimals);
            }
        }
    });
    row(ui, session.tr("habits.setting-method"), |ui| {
        let methods = [AreaMethod::Survey, AreaMethod::Geodesic, AreaMethod::Planar];
        let key = |method| match method {
            AreaMethod::Survey => "ui.method-survey",
            AreaMethod::Geodesic => "ui.method-geodesic",
            AreaMethod::Planar => "ui.method-planar",
        };
        choice_within(ui, session.tr("habits.setting-method"), session.tr(key(settings.method)), WHOLE, |ui| {
            for method in methods {
                let on = settings.method == method;
                if widgets::menu_row(ui, None, session.tr(key(method)), "", Some(on)).clicked() {
                    settings.method = method;
                    ui.close();
                }
            }
        });
    });
    widgets::note(ui, session.tr("habits.decimals-note"));
}
