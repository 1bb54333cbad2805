//! The card of the CRS doctor: what the coordinates of a layer's file can mean, each reading with its reasons and its place
//! on a small map, and the forms for four and for seven parameters. One of them is taken as a step that undo takes back;
//! the file stays as it is.

use eframe::egui::{self, Align, Layout, Ui, vec2};

use crate::doctor::{Badge, Ranked};
use crate::model::LayerId;
use crate::scenario::Workspace;
use crate::text::{Language, Message, tr};
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::Card;

mod map;
mod parameters;

use parameters::About;

/// Width of the card in wide windows.
const WIDTH: f32 = 980.0;

/// A page of the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Page {
    #[default]
    Readings,
    Four,
    Seven,
}

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {
    /// The layer that it is about.
    of: Option<LayerId>,
    page: Page,
    /// The reading that is shown.
    shown: usize,
    four: parameters::Four,
    seven: parameters::Seven,
}

/// The command that reads a layer so.
fn taken(layer: LayerId, reading: &Ranked) -> Command {
    match &reading.correction {
        Some(correction) => Command::Tree(TreeCommand::SetCorrection(layer, Some(Box::new(correction.clone())))),
        None => Command::Tree(TreeCommand::SetLayerCrs(layer, reading.hypothesis.crs.clone())),
    }
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(Card::Doctor(layer)) = session.card else {
        *state = State::default();
        return;
    };
    let Some(entry) = session.workspace.entry(layer) else {
        commands.push(Command::Window(WindowCommand::CloseCard));
        return;
    };
    if state.of != Some(layer) {
        *state = State { of: Some(layer), ..State::default() };
    }
    let t = tokens(ui);
    let room = ui.ctx().content_rect().size();
    let modal = egui::Modal::new(egui::Id::unique("doctor-card"))
        .frame(theme::dialog_frame(t))
        .backdrop_color(t.backdrop)
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH.min(room.x - 80.0));
            ui.horizontal(|ui| {
                // The button first: it is the title that may be cut.
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if widgets::icon_button(ui, icons::X, session.tr("ui.close")).clicked() {
                        ui.close();
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let title = Message::new("ui.doctor-of").with("layer", &entry.title).text(session.language());
                        ui.add(egui::Label::new(egui::RichText::new(title).font(font::title())).truncate());
                    });
                });
            });
            ui.add_space(size::STEP);
            present_ui(ui, &session.workspace, session.language(), layer, commands);
            ui.add_space(size::STEP);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = size::STEP;
                let pages = [
                    (Page::Readings, "ui.doctor-readings"),
                    (Page::Four, "ui.doctor-four"),
                    (Page::Seven, "ui.doctor-seven"),
                ];
                for (page, key) in pages {
                    if widgets::segment(ui, session.tr(key), state.page == page).clicked() {
                        state.page = page;
                    }
                }
            });
            ui.add_space(2.0 * size::STEP);
            let height = (room.y - 250.0).clamp(260.0, 620.0);
            ui.allocate_ui_with_layout(vec2(ui.available_width(), height), Layout::top_down(Align::Min), |ui| {
                ui.set_min_height(height);
                body_ui(ui, session, layer, state, commands);
            });
        });
    if modal.should_close() {
        commands.push(Command::Window(WindowCommand::CloseCard));
    }
}

/// How the layer is read now, and why.
fn present_ui(ui: &mut Ui, workspace: &Workspace, language: Language, layer: LayerId, commands: &mut Vec<Command>) {
    let Some((base, _)) = workspace.base_of(layer) else { return };
    let present = Message::new("ui.doctor-present")
        .with("crs", base.crs.label_in(language))
        .with("reason", base.crs_reason.text(language));
    ui.horizontal_wrapped(|ui| {
        ui.add(egui::Label::new(egui::RichText::new(present.text(language)).font(font::table())).wrap());
        let corrected = workspace.entry(layer).is_some_and(|entry| entry.correction.is_some());
        if corrected && widgets::button(ui, Some(icons::ROTATE_CCW), tr(language, "ui.doctor-as-file")).clicked() {
            commands.push(Command::Tree(TreeCommand::SetCorrection(layer, None)));
        }
    });
}

fn body_ui(ui: &mut Ui, session: &Session, layer: LayerId, state: &mut State, commands: &mut Vec<Command>) {
    let examination = session.project.examination.as_ref().filter(|examination| examination.layer == layer);
    let outcome = match examination.and_then(|examination| examination.outcome.as_ref()) {
        None if examination.is_some_and(|examination| session.jobs.is_running(examination.job)) => {
            ui.add_space(40.0);
            widgets::empty_state(ui, icons::LOADER_CIRCLE, session.tr("ui.doctor-looking"), |_| ());
            return;
        }
        None => {
            // Stopped by the user.
            widgets::note(ui, session.tr("ui.doctor-stopped"));
            if widgets::button(ui, Some(icons::REFRESH_CW), session.tr("ui.doctor-again")).clicked() {
                commands.push(Command::Layer(layer, LayerCommand::Doctor));
            }
            return;
        }
        Some(Err(error)) => {
            widgets::callout(ui, Tone::Bad, &error.text(session.language()));
            if widgets::button(ui, Some(icons::REFRESH_CW), session.tr("ui.doctor-again")).clicked() {
                commands.push(Command::Layer(layer, LayerCommand::Doctor));
            }
            return;
        }
        Some(Ok(outcome)) => outcome,
    };
    let about = About { layer, outcome, workspace: &session.workspace, language: session.language() };
    match state.page {
        Page::Readings => readings_ui(ui, about, state, commands),
        Page::Four => state.four.ui(ui, about, commands),
        Page::Seven => state.seven.ui(ui, about, commands),
    }
}

fn readings_ui(ui: &mut Ui, about: About<'_>, state: &mut State, commands: &mut Vec<Command>) {
    let About { layer, outcome, workspace, language } = about;
    let diagnosis = &outcome.diagnosis;
    let rect = ui.available_rect_before_wrap();
    let gap = 4.0 * size::STEP;
    let right_width = (rect.width() * 0.42).min(400.0);
    let left = egui::Rect::from_min_max(rect.min, egui::pos2(rect.right() - right_width - gap, rect.bottom()));
    let right = egui::Rect::from_min_max(egui::pos2(rect.right() - right_width, rect.top()), rect.max);
    ui.scope_builder(egui::UiBuilder::new().max_rect(left), |ui| {
        ui.set_clip_rect(left.expand(2.0).intersect(ui.clip_rect()));
        widgets::note(ui, &diagnosis.observation.text(language));
        for note in &diagnosis.notes {
            widgets::callout(ui, Tone::Warn, &note.text(language));
        }
        if diagnosis.readings.is_empty() {
            widgets::callout(ui, Tone::Warn, tr(language, "ui.doctor-none"));
            return;
        }
        ui.add_space(size::STEP);
        egui::ScrollArea::vertical().auto_shrink([false, false]).id_salt("doctor-readings").show(ui, |ui| {
            let bar = ui.spacing().scroll.bar_width + ui.spacing().scroll.bar_outer_margin;
            ui.set_width(ui.available_width() - bar - 4.0);
            for (at, reading) in diagnosis.readings.iter().enumerate() {
                reading_ui(ui, language, at, reading, state);
            }
        });
    });
    ui.scope_builder(egui::UiBuilder::new().max_rect(right), |ui| {
        let Some(reading) = diagnosis.readings.get(state.shown.min(diagnosis.readings.len().saturating_sub(1))) else {
            return;
        };
        let maps = (right.height() - 120.0).clamp(120.0, 420.0);
        map::ui(ui, language, diagnosis, state.shown, maps);
        ui.add_space(2.0 * size::STEP);
        ui.add(egui::Label::new(egui::RichText::new(reading.title(language)).font(font::heading())).wrap());
        if reading.badge == Badge::NeedsParameters {
            widgets::note(ui, tr(language, "ui.doctor-needs-seven"));
            if widgets::button(ui, None, tr(language, "ui.doctor-enter-seven")).clicked() {
                state.page = Page::Seven;
                state.seven.start_from(reading);
            }
        } else if is_taken(workspace, layer, reading) {
            widgets::note(ui, tr(language, "ui.doctor-taken"));
        } else if widgets::primary_button(ui, None, tr(language, "ui.doctor-take")).clicked() {
            commands.push(taken(layer, reading));
            commands.push(Command::Window(WindowCommand::CloseCard));
        }
    });
    ui.advance_cursor_after_rect(rect);
}

/// Whether the layer is read so already.
fn is_taken(workspace: &Workspace, layer: LayerId, reading: &Ranked) -> bool {
    let Some((base, _)) = workspace.base_of(layer) else { return false };
    base.provenance.correction.as_deref() == reading.correction.as_ref()
        && base.crs == *reading.crs()
        && (reading.correction.is_some() || base.axes_swapped == reading.hypothesis.swap_axes)
}

fn reading_ui(ui: &mut Ui, language: Language, at: usize, reading: &Ranked, state: &mut State) {
    let t = tokens(ui);
    let on = state.shown == at;
    let icon = if on { icons::CIRCLE_DOT } else { icons::CIRCLE };
    let title = format!("{}  {}", at + 1, reading.title(language));
    let row = widgets::menu_row(ui, Some(icon), &title, "", Some(on));
    if row.clicked() {
        state.shown = at;
    }
    if on {
        ui.painter().rect_stroke(
            row.rect,
            theme::radius(),
            egui::Stroke::new(size::LINE, t.accent),
            egui::StrokeKind::Inside,
        );
    }
    ui.horizontal_top(|ui| {
        ui.add_space(30.0);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            let badge = reading.badge.text(language);
            if !badge.is_empty() {
                let tone = if reading.badge == Badge::Likeliest { Tone::Good } else { Tone::Quiet };
                widgets::pill(ui, badge, tone);
            }
            for line in reading.details(language) {
                let text = egui::RichText::new(line).font(font::note()).color(t.muted);
                ui.add(egui::Label::new(text).wrap());
            }
        });
    });
    ui.add_space(size::STEP);
}
