//! Selecting by location: features of one layer by where they lie to another layer, to the selection, or to what is
//! drawn.
//!
//! A small window beside the map. The work is [`mod@crate::scenario::locate`]'s, in the background; it changes nothing
//! but the selection, and that only where the layer is still the one that was asked about.

use eframe::egui::{self, Align, Key, Layout, Ui, vec2};

use crate::model::{GeometryKind, LayerId};
use crate::scenario::locate::Relation;
use crate::scenario::{Entry, MeasurementKind, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::look::choice::choice;
use crate::ui::look::theme::{self, size, tokens};
use crate::ui::look::{icons, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::locating::{Ask, By};
use crate::ui::session::rows::SelectMode;
use crate::ui::work::locate::sketch;
use crate::units::format_number;

/// A relation without its figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Touches,
    Within,
    Share,
    Near,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Touches, Self::Within, Self::Share, Self::Near];

    fn key(self) -> &'static str {
        match self {
            Self::Touches => "edit.locate-touches",
            Self::Within => "edit.locate-within",
            Self::Share => "edit.locate-share",
            Self::Near => "edit.locate-near",
        }
    }
}

/// What is remembered between frames.
pub struct State {
    layer: Option<LayerId>,
    by: Option<By>,
    kind: Kind,
    percent: String,
    metres: String,
    mode: SelectMode,
}

impl Default for State {
    fn default() -> Self {
        Self {
            layer: None,
            by: None,
            kind: Kind::default(),
            percent: "50".to_owned(),
            metres: "200".to_owned(),
            mode: SelectMode::Replace,
        }
    }
}

/// Width of the window.
const WIDTH: f32 = 388.0;

/// Draws the window, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    if !session.locating.open || session.workspace.is_empty() {
        return;
    }
    let t = tokens(ui);
    let room = ui.max_rect();
    let left = if session.settings.layers_open { session.settings.layers_width } else { 0.0 };
    let place = room.min + vec2(64.0 + left, size::TOP_BAR * 2.0 + size::CARD_GAP);
    egui::Window::new(session.tr("edit.locate"))
        .id(egui::Id::unique("locate-window"))
        .title_bar(false)
        .resizable(false)
        .constrain_to(room)
        .default_pos(place)
        .frame(theme::card(t))
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH.min(room.width() - 48.0));
            ui.spacing_mut().item_spacing.y = 6.0;
            heading(ui, session.language(), commands);
            widgets::hairline(ui);
            let ask = ask_ui(ui, session, state);
            widgets::hairline(ui);
            if foot(ui, session, ask, commands)
                && let Ok(ask) = ask
            {
                // What is selected now is another thing than what it was asked by.
                state.by = Some(ask.by);
            }
        });
}

fn heading(ui: &mut Ui, language: Language, commands: &mut Vec<Command>) {
    let room = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
        if widgets::icon_button_small(ui, icons::X, tr(language, "ui.close")).clicked() {
            commands.push(Command::Select(SelectCommand::Locate(false)));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            widgets::section(ui, tr(language, "edit.locate"));
        });
    });
}

/// A label at the left and what it is about at the right.
fn row(ui: &mut Ui, label: &str, content: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let (rect, _) = ui.allocate_exact_size(vec2(56.0, size::CONTROL), egui::Sense::hover());
        let mut cell = ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)));
        widgets::muted(&mut cell, label);
        ui.horizontal_wrapped(content);
    });
}

/// The question as it stands; why it cannot be asked otherwise.
fn ask_ui(ui: &mut Ui, session: &Session, state: &mut State) -> Result<Ask, &'static str> {
    let workspace = &session.workspace;
    let known = |layer: &LayerId| workspace.entry(*layer).is_some_and(|entry| entry.layer.kind != GeometryKind::None);
    let target = state.layer.filter(known).or(session.project.current.filter(known));
    let title = |layer: LayerId| workspace.entry(layer).map_or("", |entry| entry.title.as_str());
    row(ui, session.tr("edit.locate-layer"), |ui| {
        let now = target.map_or(session.tr("edit.locate-none"), title);
        choice(ui, session.tr("edit.locate-layer"), now, |ui| {
            layers_ui(ui, &session.workspace, None, target, |layer| state.layer = Some(layer));
        });
    });
    row(ui, session.tr("edit.locate-where"), |ui| {
        for kind in Kind::ALL {
            if widgets::segment(ui, session.tr(kind.key()), state.kind == kind).clicked() {
                state.kind = kind;
            }
        }
    });
    let figure = match state.kind {
        Kind::Share => Some((&mut state.percent, "edit.locate-percent")),
        Kind::Near => Some((&mut state.metres, "edit.locate-metres")),
        Kind::Touches | Kind::Within => None,
    };
    if let Some((text, key)) = figure {
        row(ui, "", |ui| {
            widgets::field(ui, text, None, "", session.tr(key), 96.0);
            ui.add_space(6.0);
            widgets::muted(ui, session.tr(key));
        });
    }
    let offered = offered(session, target);
    let by = state.by.filter(|by| offered.contains(by)).or_else(|| offered.first().copied());
    row(ui, session.tr("edit.locate-by"), |ui| {
        let now = by.map_or(session.tr("edit.locate-none").to_owned(), |by| name_of(session, by));
        choice(ui, session.tr("edit.locate-by"), &now, |ui| {
            for other in offered.iter().filter(|other| !matches!(other, By::Layer(_))) {
                if widgets::menu_row(ui, None, &name_of(session, *other), "", Some(by == Some(*other))).clicked() {
                    state.by = Some(*other);
                    ui.close();
                }
            }
            let on = by.and_then(|by| if let By::Layer(layer) = by { Some(layer) } else { None });
            layers_ui(ui, &session.workspace, target, on, |layer| state.by = Some(By::Layer(layer)));
        });
    });
    row(ui, session.tr("edit.locate-mode"), |ui| {
        let modes = [
            (SelectMode::Replace, "edit.locate-replace"),
            (SelectMode::Add, "edit.locate-add"),
            (SelectMode::Remove, "edit.locate-remove"),
        ];
        for (mode, key) in modes {
            if widgets::segment(ui, session.tr(key), state.mode == mode).clicked() {
                state.mode = mode;
            }
        }
    });
    let relation = match state.kind {
        Kind::Touches => Relation::Touches,
        Kind::Within => Relation::Within,
        Kind::Share => match number(&state.percent, &["%", "％"]) {
            Some(percent) if percent > 0.0 && percent <= 100.0 => Relation::Share(percent / 100.0),
            _ => return Err("edit.locate-bad-percent"),
        },
        Kind::Near => match metres(&state.metres) {
            Some(metres) => Relation::Near(metres),
            None => return Err("edit.locate-bad-metres"),
        },
    };
    let by = by.ok_or("edit.locate-nothing")?;
    if matches!(state.kind, Kind::Within | Kind::Share) && !has_area(session, by) {
        return Err("edit.locate-no-area");
    }
    Ok(Ask { layer: target.ok_or("edit.locate-nothing")?, relation, by, mode: state.mode })
}

fn layers_ui(
    ui: &mut Ui,
    workspace: &Workspace,
    without: Option<LayerId>,
    on: Option<LayerId>,
    mut pick: impl FnMut(LayerId),
) {
    egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
        for entry in workspace.entries.iter().filter(|entry| Some(entry.id()) != without) {
            if widgets::menu_row(ui, None, &entry.title, "", Some(on == Some(entry.id()))).clicked() {
                pick(entry.id());
                ui.close();
            }
        }
    });
}

/// What features can be located by: what is drawn, what is selected, then layers.
fn offered(session: &Session, target: Option<LayerId>) -> Vec<By> {
    let mut list = Vec::new();
    if sketch(&session.project, session.tool).is_some() {
        list.push(By::Sketch);
    }
    if !session.project.selection.is_empty() {
        list.push(By::Selection);
    }
    list.extend((0..session.workspace.measurements.len()).map(By::Measurement));
    let others = session.workspace.entries.iter().map(Entry::id).filter(|id| Some(*id) != target);
    list.extend(others.map(By::Layer));
    list
}

fn name_of(session: &Session, by: By) -> String {
    let language = session.language();
    match by {
        By::Layer(layer) => session.workspace.entry(layer).map_or_else(String::new, |entry| entry.title.clone()),
        By::Selection => {
            let n = format_number(session.project.selection.count() as f64, 0);
            Message::new("edit.locate-selection").with("n", n).text(language)
        }
        By::Sketch => session.tr("edit.locate-sketch").to_owned(),
        By::Measurement(at) => {
            let name = session.workspace.measurements.get(at).map_or("", |kept| kept.name.as_str());
            let number = Message::new("edit.locate-measurement").with("n", at + 1).text(language);
            if name.is_empty() { number } else { name.to_owned() }
        }
    }
}

fn has_area(session: &Session, by: By) -> bool {
    let polygons = |layer: LayerId| session.layer(layer).is_some_and(|layer| layer.kind == GeometryKind::Polygon);
    match by {
        By::Layer(layer) => polygons(layer),
        By::Selection => session.project.selection.iter().all(|(layer, _)| polygons(layer)),
        By::Sketch => sketch(&session.project, session.tool).is_some_and(|(_, closed)| closed),
        By::Measurement(at) => {
            session.workspace.measurements.get(at).is_some_and(|kept| kept.kind == MeasurementKind::Area)
        }
    }
}

/// A number as typed, with one of `units` behind it or none.
fn number(text: &str, units: &[&str]) -> Option<f64> {
    let text = text.trim();
    let bare = units.iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text);
    bare.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn metres(text: &str) -> Option<f64> {
    let kilometres = ["km", "公里", "千米"].into_iter().find_map(|unit| text.trim().strip_suffix(unit));
    let metres = match kilometres {
        Some(kilometres) => number(kilometres, &[]).map(|kilometres| 1000.0 * kilometres),
        None => number(text, &["m", "米"]),
    };
    metres.filter(|metres| (0.0..=1e6).contains(metres))
}

/// What came of the last question, and the button that asks; whether it was pressed.
fn foot(ui: &mut Ui, session: &Session, ask: Result<Ask, &'static str>, commands: &mut Vec<Command>) -> bool {
    let running = session.locating.job.filter(|job| session.jobs.is_running(*job));
    if let Err(key) = ask {
        widgets::note(ui, session.tr(key));
    } else if let Some((tone, said)) = session.locating.said.as_ref().filter(|_| running.is_none()) {
        widgets::callout(ui, *tone, &said.text(session.language()));
    }
    ui.horizontal(|ui| {
        let mut asked = false;
        if let Some(job) = running {
            ui.add(egui::Spinner::new().size(size::ICON_SMALL));
            widgets::muted(ui, session.tr("edit.job-locate"));
            if widgets::button(ui, Some(icons::X), session.tr("edit.locate-cancel")).clicked() {
                commands.push(Command::Window(WindowCommand::CancelTask(job)));
            }
            return asked;
        }
        let pressed = ui.add_enabled_ui(ask.is_ok(), |ui| {
            widgets::primary_button(ui, Some(icons::CHECK), session.tr("edit.locate-select"))
        });
        let entered = ui.input(|input| input.key_pressed(Key::Enter)) && ui.ctx().text_edit_focused();
        if let Ok(ask) = ask
            && (pressed.inner.clicked() || entered)
        {
            commands.push(Command::Select(SelectCommand::SelectByLocation(ask)));
            asked = true;
        }
        asked
    })
    .inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_with_their_unit_or_without() {
        let check = |text: &str, expected| assert_eq!(metres(text), expected, "{text}");
        check("200", Some(200.0));
        check(" 200 m", Some(200.0));
        check("0.2km", Some(200.0));
        check("1.5 公里", Some(1500.0));
        check("50米", Some(50.0));
        check("0", Some(0.0));
        for bad in ["", "-1", "viel", "nan", "inf", "1e9", "km"] {
            check(bad, None);
        }
        assert_eq!(number("50%", &["%"]), Some(50.0));
        assert_eq!(number("50", &["%"]), Some(50.0));
        assert_eq!(number("%", &["%"]), None);
    }
}
