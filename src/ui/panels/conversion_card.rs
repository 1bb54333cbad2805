//! The card that carries the classes of a layer over to another scheme: what is beyond doubt in a line, what may be several
//! classes one by one, with area, to be decided before anything happens.

use std::sync::Arc;

use eframe::egui::{self, Align, Key, Layout, ScrollArea, Ui, vec2};
use rustc_hash::FxHashMap;

use crate::model::classes::{Class, Scheme, crosswalk};
use crate::model::conversion::{self, Conversion, InUse};
use crate::model::{Areas, Layer, LayerId, Revision};
use crate::scenario::Entry;
use crate::text::Message;
use crate::ui::look::choice::choice;
use crate::ui::look::form;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::shortcuts::work_card;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::parts::Card;
use crate::units::{Area, AreaUnit, format_number};

/// Highest list of classes, in points.
const LIST: f32 = 320.0;

/// Width of the words before the choices, in points.
const WORDS: f32 = 96.0;

/// What classes are looked for in: the layer, whether it is measured, the schemes.
type Asked = (Revision, bool, Scheme, Scheme);

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    layer: Option<LayerId>,
    to: Option<Scheme>,
    decided: FxHashMap<Class, Option<Class>>,
    for_office: bool,
    used: Awaited<Asked, Vec<InUse>>,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(Card::Conversion(layer)) = session.card else {
        *state = State::default();
        return;
    };
    let Some(entry) = session.workspace.entry(layer) else { return };
    if state.layer != Some(layer) {
        *state = State { layer: Some(layer), ..State::default() };
        // What was decided before is what one starts from.
        if let Some(before) = &entry.conversion {
            state.to = Some(before.to);
            state.decided = before.decided.iter().copied().collect();
        }
    }
    // Enter closes cards; here it does what the card is for.
    let enter = ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Enter));
    let mut done = Vec::new();
    work_card(ui, session, "mapping.conversion", commands, |ui, session| {
        widgets::note(ui, session.tr("mapping.conversion-note"));
        ui.add_space(size::STEP);
        widgets::label(ui, &entry.title, font::heading(), tokens(ui).text);
        let Some((field, from)) = source(entry) else {
            widgets::callout(ui, Tone::Quiet, session.tr("mapping.no-classes"));
            return;
        };
        let ways = crosswalk::reached_from(from);
        let Some(to) = state.to.filter(|to| ways.contains(to)).or_else(|| usual(&ways)) else {
            widgets::callout(ui, Tone::Quiet, session.tr("mapping.no-way"));
            return;
        };
        schemes_ui(ui, session, state, from, to, &ways);
        let conversion = Conversion { decided: decisions(state), ..Conversion::new(&field, from, to) };
        ask(ui, session, state, entry, &conversion);
        ui.add_space(size::STEP);
        let Some(used) = state.used.current() else {
            match state.used.problem() {
                Some(problem) => widgets::callout(ui, Tone::Bad, &problem.message().text(session.language())),
                None => ui.add(egui::Spinner::new().size(size::ICON_SMALL)),
            };
            return;
        };
        let used = used.clone();
        classes_ui(ui, session, state, to, &used);
        ui.add_space(8.0);
        let left = used.iter().filter(|used| used.is_open() && !state.decided.contains_key(&used.class)).count();
        let conversion = Conversion { decided: decisions(state), ..conversion };
        buttons(ui, session, entry, state, conversion, left, enter, &mut done);
    });
    commands.append(&mut done);
}

/// The class field that is carried over, and its scheme: that of before where it was carried over already.
fn source(entry: &Entry) -> Option<(String, Scheme)> {
    match &entry.conversion {
        Some(before) => Some((before.field.clone(), before.from)),
        None => Some((entry.recognition.class_field.clone()?, entry.scheme()?)),
    }
}

/// The scheme that is wanted mostly: that of plans.
fn usual(ways: &[Scheme]) -> Option<Scheme> {
    ways.iter().copied().find(|scheme| scheme.is_plan()).or_else(|| ways.first().copied())
}

fn decisions(state: &State) -> Vec<(Class, Option<Class>)> {
    let mut decided: Vec<(Class, Option<Class>)> =
        state.decided.iter().map(|(class, target)| (*class, *target)).collect();
    decided.sort_unstable();
    decided
}

fn row(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    form::row(ui, WORDS, name, content);
}

fn schemes_ui(ui: &mut Ui, session: &Session, state: &mut State, from: Scheme, to: Scheme, ways: &[Scheme]) {
    let language = session.language();
    row(ui, session.tr("mapping.from"), |ui| {
        widgets::label(ui, from.title(language), font::body(), tokens(ui).text);
    });
    row(ui, session.tr("mapping.to"), |ui| {
        choice(ui, session.tr("mapping.to"), to.title(language), |ui| {
            for way in ways {
                if widgets::menu_row(ui, None, way.title(language), "", Some(*way == to)).clicked() {
                    (state.to, state.decided) = (Some(*way), FxHashMap::default());
                    ui.close();
                }
            }
        });
    });
}

/// What is beyond doubt, in a line; what is to be decided, class by class.
fn classes_ui(ui: &mut Ui, session: &Session, state: &mut State, to: Scheme, used: &[InUse]) {
    let language = session.language();
    let sure: Vec<&InUse> = used.iter().filter(|used| !used.is_open()).collect();
    let features: u64 = sure.iter().map(|used| used.feature_count).sum();
    let line = Message::new("mapping.sure")
        .with("n", sure.len())
        .with("features", format_number(features as f64, 0))
        .with("area", area_text(session, sure.iter().map(|used| used.area_m2).sum()));
    widgets::callout(ui, Tone::Good, &line.text(language));
    ui.add_space(size::STEP);
    let open: Vec<&InUse> = used.iter().filter(|used| used.is_open()).collect();
    if open.is_empty() {
        return;
    }
    widgets::section(ui, session.tr("mapping.to-decide"));
    ScrollArea::vertical().id_salt("open-classes").max_height(LIST).auto_shrink([false, true]).show(ui, |ui| {
        for used in open {
            open_ui(ui, session, state, to, used);
        }
    });
}

/// A class that may be several: how much of it there is, and what it becomes.
fn open_ui(ui: &mut Ui, session: &Session, state: &mut State, to: Scheme, used: &InUse) {
    let language = session.language();
    let label = used.class.label(language);
    let remembered = session.knowing.office.decision(used.class, to);
    let now = state.decided.get(&used.class).copied();
    let shown = match now {
        Some(Some(target)) => target.label(language),
        Some(None) => session.tr("mapping.leave-empty").to_owned(),
        None => session.tr("mapping.choose").to_owned(),
    };
    ui.horizontal(|ui| {
        ui.set_min_height(size::CONTROL + 4.0);
        widgets::label(ui, &label, font::body(), tokens(ui).text);
        let much = Message::new("mapping.much")
            .with("features", format_number(used.feature_count as f64, 0))
            .with("area", area_text(session, used.area_m2));
        widgets::muted(ui, &much.text(language));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            choice(ui, &label, &shown, |ui| {
                ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
                    // Where nothing is known anything may be meant.
                    let all: Vec<Class> =
                        if used.targets.is_empty() { to.classes().collect() } else { used.targets.clone() };
                    for target in all {
                        let note = if remembered == Some(target) { session.tr("mapping.last-time") } else { "" };
                        if widgets::menu_row(ui, None, &target.label(language), note, Some(now == Some(Some(target))))
                            .clicked()
                        {
                            state.decided.insert(used.class, Some(target));
                            ui.close();
                        }
                    }
                    if widgets::menu_row(ui, None, session.tr("mapping.leave-empty"), "", Some(now == Some(None)))
                        .clicked()
                    {
                        state.decided.insert(used.class, None);
                        ui.close();
                    }
                });
            });
        });
    });
    widgets::hairline(ui);
}

fn area_text(session: &Session, m2: Option<f64>) -> String {
    match m2 {
        Some(m2) => format!("{} {}", Area::from_m2(m2).display(AreaUnit::Hectare), session.tr("units.ha")),
        None => "–".to_owned(),
    }
}

#[allow(clippy::too_many_arguments, reason = "what the buttons do is made of all of it")]
fn buttons(
    ui: &mut Ui,
    session: &Session,
    entry: &Entry,
    state: &mut State,
    conversion: Conversion,
    left: usize,
    enter: bool,
    done: &mut Vec<Command>,
) {
    row(ui, session.tr("mapping.keep"), |ui| {
        for (for_office, key) in [(false, "mapping.keep-project"), (true, "mapping.keep-office")] {
            if widgets::segment(ui, session.tr(key), state.for_office == for_office).clicked() {
                state.for_office = for_office;
            }
        }
    });
    if left > 0 {
        let line = Message::new("mapping.left").with("n", left).text(session.language());
        widgets::callout(ui, Tone::Warn, &line);
        ui.add_space(size::STEP);
    }
    let layer = entry.id();
    let room = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
        let pressed = ui
            .add_enabled_ui(left == 0, |ui| widgets::primary_button(ui, None, session.tr("mapping.convert")).clicked())
            .inner;
        if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
            ui.close();
        }
        let drop = entry.conversion.is_some() && widgets::button(ui, None, session.tr("mapping.drop")).clicked();
        if drop {
            done.push(Command::Tree(TreeCommand::DropConversion(layer)));
            ui.close();
        } else if left == 0 && (pressed || enter) {
            let (conversion, for_office) = (Box::new(conversion), state.for_office);
            done.push(Command::Tree(TreeCommand::Convert { layer, conversion, for_office }));
            ui.close();
        }
    });
}

/// Has the classes counted that the field has.
fn ask(ui: &Ui, session: &Session, state: &mut State, entry: &Entry, conversion: &Conversion) {
    if state.used.poll().is_some() {
        // What the office decided before is chosen already; it stays to be looked at.
        let found = state.used.current().map_or(&[][..], Vec::as_slice);
        for used in found.iter().filter(|used| used.is_open()) {
            if let Some(target) = session.knowing.office.decision(used.class, conversion.to) {
                state.decided.entry(used.class).or_insert(Some(target));
            }
        }
    }
    let (layer, areas): (Arc<Layer>, Option<Arc<Areas>>) = (entry.layer.clone(), entry.areas.clone());
    let key: Asked = (layer.revision, areas.is_some(), conversion.from, conversion.to);
    if state.used.is_asked(&key) {
        return;
    }
    let name = session.tr("mapping.conversion").to_owned();
    let conversion = conversion.clone();
    state.used.start_task(ui.ctx(), key, &name, move |_| {
        conversion::in_use(&layer, &conversion, areas.as_deref()).map_err(|error| error.message())
    });
}
