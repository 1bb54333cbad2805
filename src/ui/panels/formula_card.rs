//! The card of a field that is worked out by an expression: its name, the expression, and what that gives for the first
//! features before anything is changed.

use eframe::egui::{self, Align, Key, Layout, Ui, vec2};

use crate::expr::{Type, function_usages};
use crate::model::{Formula, LayerId};
use crate::scenario::Entry;
use crate::text::{Language, Message, tr};
use crate::ui::look::form;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::shortcuts::work_card;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::parts::Card;
use crate::ui::work::formulas::{self, Outlook};

/// Features whose values are shown before.
const SHOWN: usize = 5;

/// Width of the words before the fields, in points.
const WORDS: f32 = 84.0;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    /// What the card is about, while it is open.
    of: Option<(LayerId, Option<String>)>,
    name: String,
    expression: String,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(Card::Formula(layer, field)) = &session.card else {
        *state = State::default();
        return;
    };
    let Some(entry) = session.workspace.entry(*layer) else { return };
    let of = Some((*layer, field.clone()));
    let is_new = state.of != of;
    if is_new {
        let known = entry.formulas.iter().find(|known| Some(&known.field) == field.as_ref());
        let (name, expression) =
            known.map_or_else(Default::default, |known| (known.field.clone(), known.expression.clone()));
        *state = State { of, name, expression };
    }
    // Enter closes cards; here it makes the field.
    let enter = ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Enter));
    let mut done = None;
    work_card(ui, session, "habits.formula", commands, |ui, session| {
        let language = session.language();
        widgets::note(ui, session.tr("habits.formula-note"));
        ui.add_space(size::STEP);
        let width = ui.available_width() - WORDS - 16.0;
        row(ui, session.tr("habits.formula-name"), |ui| {
            let name = widgets::field(ui, &mut state.name, None, "", session.tr("habits.formula-name"), width);
            if is_new {
                name.request_focus();
            }
        });
        row(ui, session.tr("habits.formula-expression"), |ui| {
            let hint = session.tr("habits.formula-hint");
            widgets::field(ui, &mut state.expression, None, hint, session.tr("habits.formula-expression"), width);
        });
        fields_ui(ui, language, entry, &mut state.expression);
        ui.add_space(size::STEP);
        let outlook = formulas::outlook(entry, state.expression.trim(), field.as_deref(), SHOWN);
        let problem = formulas::name_problem(entry, &state.name, field.as_deref());
        let written = !state.expression.trim().is_empty();
        match (&outlook, &problem) {
            (Err(error), _) if written => {
                widgets::callout(ui, Tone::Bad, &error.text(language));
            }
            (Ok(outlook), _) => outlook_ui(ui, language, outlook),
            _ => {}
        }
        if let Some(problem) = problem.as_ref().filter(|_| written && outlook.is_ok()) {
            widgets::callout(ui, Tone::Warn, &problem.text(language));
        }
        ui.add_space(8.0);
        let room = vec2(ui.available_width(), size::CONTROL);
        ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
            let ready = outlook.is_ok() && problem.is_none();
            let key = if field.is_some() { "habits.formula-change" } else { "habits.formula-add" };
            let pressed =
                ui.add_enabled_ui(ready, |ui| widgets::primary_button(ui, None, session.tr(key)).clicked()).inner;
            if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
                ui.close();
            }
            if ready && (pressed || enter) {
                let formula =
                    Formula { field: state.name.trim().to_owned(), expression: state.expression.trim().to_owned() };
                let formulas = formulas::with(&entry.formulas, formula, field.as_deref());
                done = Some(Command::Table(TableCommand::SetFormulas(*layer, formulas)));
                ui.close();
            }
        });
    });
    commands.extend(done);
}

fn row(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    form::row(ui, WORDS, name, content);
}

/// Fields and functions that a press puts behind the expression.
fn fields_ui(ui: &mut Ui, language: Language, entry: &Entry, expression: &mut String) {
    let mut put = None;
    ui.horizontal(|ui| {
        ui.add_space(WORDS + 8.0);
        let names = || entry.layer.fields.iter().map(|field| field.name.as_str());
        let menu = |ui: &mut Ui, key: &'static str, rows: Vec<&str>, put: &mut Option<String>| {
            let response = widgets::button(ui, None, tr(language, key));
            egui::Popup::menu(&response).show(|ui| {
                egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                    for row in rows {
                        if widgets::menu_row(ui, None, row, "", None).clicked() {
                            *put = Some(row.to_owned());
                            ui.close();
                        }
                    }
                });
            });
        };
        let variables = ["$area", "$row", "$id"].into_iter();
        menu(ui, "habits.formula-fields", names().chain(variables).collect(), &mut put);
        menu(ui, "habits.formula-functions", function_usages().collect(), &mut put);
    });
    if let Some(word) = put {
        if !expression.is_empty() && !expression.ends_with([' ', '(']) {
            expression.push(' ');
        }
        let is_field = entry.layer.field(&word).is_some();
        let plain =
            word.chars().all(|c| c.is_alphanumeric() || c == '_') && !word.starts_with(|c: char| c.is_numeric());
        match is_field && !plain {
            true => expression.push_str(&format!("[{word}]")),
            false => expression.push_str(&word),
        }
    }
}

fn outlook_ui(ui: &mut Ui, language: Language, outlook: &Outlook) {
    let t = tokens(ui);
    let kind = match outlook.kind {
        Type::Any => "habits.formula-any",
        Type::Bool => "panels.type-bool",
        Type::Number => "habits.formula-number",
        Type::Text => "panels.type-text",
    };
    let said = Message::new("habits.formula-gives").with("type", tr(language, kind)).text(language);
    widgets::label(ui, &said, font::table_strong(), t.text);
    for hint in &outlook.hints {
        widgets::callout(ui, Tone::Warn, &hint.text(language));
    }
    for (at, value) in outlook.first.iter().enumerate() {
        let value = value.as_deref().unwrap_or_else(|| tr(language, "panels.no-value"));
        widgets::label(ui, &format!("#{}  {value}", at + 1), font::table(), t.muted);
    }
}
