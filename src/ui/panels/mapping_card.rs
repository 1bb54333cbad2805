//! The card that says what a layer is: its role, the field of its classes and their scheme, the fields of names and areas.
//! What was recognised stands first, with its reason and how sure it is.

use std::sync::Arc;

use eframe::egui::{self, Align, Key, Layout, ScrollArea, Ui, vec2};

use crate::model::classes::{Detection, Scheme};
use crate::model::roles::{Candidate, Clues, Mapping, Role, class_candidates};
use crate::model::{FieldType, Layer, LayerId, Revision};
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
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::parts::Card;
use crate::ui::work::columns::field_title;

/// Width of the words before the choices, in points.
const WORDS: f32 = 96.0;

/// Highest list of fields, in points.
const LIST: f32 = 320.0;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    layer: Option<LayerId>,
    mapping: Mapping,
    for_office: bool,
    classes: Awaited<Revision, Vec<(String, Detection)>>,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(Card::Mapping(layer)) = session.card else {
        *state = State::default();
        return;
    };
    let Some(entry) = session.workspace.entry(layer) else { return };
    if state.layer != Some(layer) {
        let mapping = entry.mapping.as_deref().cloned().unwrap_or_default();
        *state = State { layer: Some(layer), mapping, ..State::default() };
    }
    ask(ui, session, state, &entry.layer);
    // Enter closes cards; here it takes over what is chosen.
    let enter = ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Enter));
    let mut done = Vec::new();
    work_card(ui, session, "mapping.card", commands, |ui, session| {
        widgets::note(ui, session.tr("mapping.card-note"));
        ui.add_space(size::STEP);
        heading(ui, session, entry);
        role_row(ui, session, entry, state);
        ui.add_space(size::STEP);
        class_rows(ui, session, entry, state);
        ui.add_space(size::STEP);
        let (mapping, found) = (&mut state.mapping, &entry.recognition);
        field_row(
            ui,
            session,
            entry,
            "mapping.label-field",
            found.label_field.as_deref(),
            &mut mapping.label_field,
            any,
        );
        let is_number = |kind: FieldType| matches!(kind, FieldType::Int | FieldType::Float | FieldType::Text);
        let area = found.area_field.as_deref();
        field_row(ui, session, entry, "mapping.area-field", area, &mut mapping.area_field, is_number);
        ui.add_space(size::STEP);
        office_row(ui, session, state, &mut done);
        ui.add_space(8.0);
        buttons(ui, session, layer, state, enter, &mut done);
    });
    commands.append(&mut done);
}

fn any(_: FieldType) -> bool {
    true
}

/// The layer, and the table of the databases that it is.
fn heading(ui: &mut Ui, session: &Session, entry: &Entry) {
    let t = tokens(ui);
    let language = session.language();
    widgets::label(ui, &entry.title, font::heading(), t.text);
    let Some(table) = entry.recognition.table else { return };
    let names: Vec<&str> = entry.layer.fields.iter().map(|field| field.name.as_str()).collect();
    let (matched, all) = table.fit(&names);
    let line = Message::new("mapping.table")
        .with("table", table.label(language))
        .with("schema", table.schema)
        .with("n", matched)
        .with("all", all)
        .with("sure", session.tr(table.confidence.title_key()))
        .with("source", table.source());
    widgets::note(ui, &line.text(language));
}

fn row(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    form::row(ui, WORDS, name, content);
}

/// What the layer is: what was recognised with its reasons, and everything else that it could be.
fn role_row(ui: &mut Ui, session: &Session, entry: &Entry, state: &mut State) {
    let language = session.language();
    let found = &entry.recognition;
    let now = state.mapping.role.unwrap_or(entry.role);
    row(ui, session.tr("mapping.role"), |ui| {
        choice(ui, session.tr("mapping.role"), now.title(language), |ui| {
            ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
                let mut listed: Vec<Role> = Vec::new();
                let candidates = found.candidates.iter().map(|candidate| candidate.role);
                for role in candidates.chain(Role::ALL) {
                    if listed.contains(&role) {
                        continue;
                    }
                    listed.push(role);
                    if widgets::menu_row(ui, None, role.title(language), "", Some(role == now)).clicked() {
                        state.mapping.role = Some(role);
                        ui.close();
                    }
                }
            });
        });
    });
    for candidate in found.candidates.iter().take(MOST_REASONS) {
        widgets::note(ui, &reason(session, candidate));
    }
    if found.candidates.is_empty() {
        widgets::note(ui, &found.reason.text(language));
    }
}

/// Reasons that are listed.
const MOST_REASONS: usize = 4;

fn reason(session: &Session, candidate: &Candidate) -> String {
    Message::new("mapping.reason")
        .with("role", candidate.role.title(session.language()))
        .with_message("reason", &candidate.reason)
        .with("sure", session.tr(candidate.confidence.title_key()))
        .text(session.language())
}

/// The field of classes, that of their names, and the scheme.
fn class_rows(ui: &mut Ui, session: &Session, entry: &Entry, state: &mut State) {
    let language = session.language();
    let found = &entry.recognition;
    let now = state.mapping.class_field.clone().or_else(|| found.class_field.clone());
    let shown = now.clone().unwrap_or_else(|| session.tr("mapping.none").to_owned());
    row(ui, session.tr("mapping.class-field"), |ui| {
        let mut picked = None;
        choice(ui, session.tr("mapping.class-field"), &shown, |ui| {
            ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
                // Fields whose values are codes stand first.
                let likely = state.classes.current().map_or(&[][..], Vec::as_slice);
                let is_likely = |name: &str| likely.iter().any(|(known, _)| known == name);
                let names = entry.layer.fields.iter().map(|field| field.name.as_str());
                let order = likely.iter().map(|(name, _)| name.as_str()).chain(names.filter(|name| !is_likely(name)));
                for name in order {
                    if field_item(ui, session, entry, name, now.as_deref() == Some(name)) {
                        picked = Some(name.to_owned());
                    }
                }
            });
        });
        if let Some(name) = picked {
            // What was chosen with another field does not go with this one.
            (state.mapping.class_name_field, state.mapping.scheme) = (None, None);
            state.mapping.class_field = Some(name);
        }
    });
    let detection = match (&state.mapping.class_field, state.classes.current()) {
        (Some(name), Some(likely)) => likely.iter().find(|(known, _)| known == name).map(|(_, detection)| detection),
        (None, _) => found.detection.as_ref(),
        _ => None,
    };
    let scheme = state.mapping.scheme.or_else(|| detection?.scheme);
    row(ui, session.tr("mapping.scheme"), |ui| {
        let shown = scheme.map_or_else(|| session.tr("mapping.none"), |scheme| scheme.title(language));
        choice(ui, session.tr("mapping.scheme"), shown, |ui| {
            for known in Scheme::ALL {
                if widgets::menu_row(ui, None, known.title(language), "", Some(scheme == Some(known))).clicked() {
                    state.mapping.scheme = Some(known);
                    ui.close();
                }
            }
        });
    });
    if let Some(detection) = detection.filter(|_| state.mapping.scheme.is_none()) {
        let tone = if detection.certain { Tone::Quiet } else { Tone::Warn };
        widgets::callout(ui, tone, &detection.reason.text(language));
        ui.add_space(size::STEP);
    }
    let known = found.class_name_field.as_deref().filter(|_| state.mapping.class_field.is_none());
    field_row(ui, session, entry, "mapping.class-name-field", known, &mut state.mapping.class_name_field, any);
}

/// A choice of a field: what was said, or what was found.
fn field_row(
    ui: &mut Ui,
    session: &Session,
    entry: &Entry,
    key: &'static str,
    found: Option<&str>,
    said: &mut Option<String>,
    fits: impl Fn(FieldType) -> bool,
) {
    let now = said.as_deref().or(found).map(str::to_owned);
    let shown = now.clone().unwrap_or_else(|| session.tr("mapping.none").to_owned());
    row(ui, session.tr(key), |ui| {
        choice(ui, session.tr(key), &shown, |ui| {
            ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
                if widgets::menu_row(ui, None, session.tr("mapping.as-found"), "", Some(said.is_none())).clicked() {
                    *said = None;
                    ui.close();
                }
                for field in entry.layer.fields.iter().filter(|field| fits(field.kind)) {
                    if field_item(ui, session, entry, &field.name, now.as_deref() == Some(&*field.name)) {
                        *said = Some(field.name.clone());
                    }
                }
            });
        });
        if said.is_none() && found.is_some() {
            widgets::muted(ui, session.tr("mapping.found"));
        }
    });
}

/// A field of a list, with what it holds. Whether it was chosen.
fn field_item(ui: &mut Ui, session: &Session, entry: &Entry, name: &str, now: bool) -> bool {
    let title = entry.layer.field(name).and_then(|at| field_title(entry, at, session.language()));
    let clicked = widgets::menu_row(ui, None, name, title.unwrap_or(""), Some(now)).clicked();
    if clicked {
        ui.close();
    }
    clicked
}

/// Whether the office remembers it, and its file.
fn office_row(ui: &mut Ui, session: &Session, state: &mut State, done: &mut Vec<Command>) {
    row(ui, session.tr("mapping.keep"), |ui| {
        for (for_office, key) in [(false, "mapping.keep-project"), (true, "mapping.keep-office")] {
            if widgets::segment(ui, session.tr(key), state.for_office == for_office).clicked() {
                state.for_office = for_office;
            }
        }
        for (command, key) in
            [(FileCommand::ImportOffice, "mapping.import"), (FileCommand::ExportOffice, "mapping.export")]
        {
            if widgets::button(ui, None, session.tr(key)).clicked() {
                done.push(Command::File(command));
            }
        }
    });
    if state.for_office {
        widgets::note(ui, session.tr("mapping.keep-note"));
    }
}

fn buttons(ui: &mut Ui, session: &Session, layer: LayerId, state: &State, enter: bool, done: &mut Vec<Command>) {
    let room = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
        let pressed = widgets::primary_button(ui, None, session.tr("mapping.do")).clicked();
        if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
            ui.close();
        }
        let reset = widgets::button(ui, None, session.tr("mapping.reset")).clicked();
        if pressed || enter || reset {
            let mapping = if reset { Mapping::default() } else { state.mapping.clone() };
            let (mapping, for_office) = (Box::new(mapping), state.for_office);
            done.push(Command::Tree(TreeCommand::Map { layer, mapping, for_office }));
            ui.close();
        }
    });
}

/// Has the fields looked through that may hold classes.
fn ask(ui: &Ui, session: &Session, state: &mut State, layer: &Arc<Layer>) {
    state.classes.poll();
    if state.classes.is_asked(&layer.revision) {
        return;
    }
    let name = session.tr("mapping.card").to_owned();
    let of = layer.clone();
    state.classes.start_task(ui.ctx(), layer.revision, &name, move |_| Ok(class_candidates(&Clues::of_layer(&of))));
}
