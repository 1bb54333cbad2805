//! The card that joins a table to a layer: which table, by which fields, and how many rows find their features before
//! anything is joined.

use std::sync::Arc;

use eframe::egui::{self, Align, Key, Layout, ScrollArea, Ui, vec2};

use crate::model::roles::fields;
use crate::model::{GeometryKind, Layer, LayerId, Revision, join};
use crate::scenario::{Entry, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::look::choice::choice;
use crate::ui::look::form;
use crate::ui::look::icons;
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::shortcuts::work_card;
use crate::ui::session::Session;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::tree::TreeCommand;
use crate::ui::session::parts::Card;
use crate::units::format_number;

/// Rows without a partner that are shown of each side.
const SHOWN: usize = 5;

/// Width of the words before the choices, in points.
const WORDS: f32 = 96.0;

/// Highest list of fields, in points.
const LIST: f32 = 320.0;

/// What a join would come to.
struct Outlook {
    /// The fields that were found, where none were asked for.
    fields: Option<(usize, usize)>,
    matched: usize,
    lonely_features: Vec<String>,
    lonely_rows: Vec<String>,
    lonely: [usize; 2],
    repeated_rows: usize,
    repeated_features: usize,
    read_as: usize,
}

/// What an outlook is of: both layers and the fields.
type Asked = (Revision, Revision, Option<(usize, usize)>);

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    layer: Option<LayerId>,
    table: Option<LayerId>,
    fields: Option<(usize, usize)>,
    outlook: Awaited<Asked, Outlook>,
}

/// Draws the card, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(Card::Join(layer)) = session.card else {
        *state = State::default();
        return;
    };
    let Some(entry) = session.workspace.entry(layer) else { return };
    if state.layer != Some(layer) {
        *state = State { layer: Some(layer), table: usual_table(&session.workspace, layer), ..State::default() };
    }
    // Enter closes cards; here it joins.
    let enter = ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Enter));
    let mut done = None;
    work_card(ui, session, "join.card", commands, |ui, session| {
        widgets::note(ui, session.tr("join.card-note"));
        ui.add_space(size::STEP);
        joins_ui(ui, session.language(), entry, &mut done);
        row(ui, session.tr("join.layer"), |ui| {
            widgets::label(ui, &entry.title, font::heading(), tokens(ui).text);
        });
        row(ui, session.tr("join.table"), |ui| table_ui(ui, &session.workspace, session.language(), layer, state));
        let table = state.table.and_then(|table| Some((table, session.workspace.as_read(table)?)));
        let (Some((table, other)), Some(own)) = (table, session.workspace.as_read(layer)) else {
            widgets::callout(ui, Tone::Quiet, session.tr("join.no-table"));
            ui.add_space(size::STEP);
            if widgets::button(ui, Some(icons::FOLDER_OPEN), session.tr("join.open-table")).clicked() {
                done = Some(Command::File(FileCommand::Open));
                ui.close();
            }
            return;
        };
        ask(ui, session.language(), state, own, other);
        let found = state.outlook.current().and_then(|outlook| outlook.fields);
        let fields = state.fields.or(found);
        row(ui, session.tr("join.key"), |ui| {
            let now = |layer: &Layer, at: Option<usize>| {
                at.and_then(|at| layer.fields.get(at)).map_or(String::new(), |field| field.name.clone())
            };
            let mut picked = None;
            let own_now = now(own, fields.map(|(own, _)| own));
            let language = session.language();
            fields_ui(ui, language, session.tr("join.key-layer"), &own_now, own, |at| picked = Some((Some(at), None)));
            widgets::muted(ui, "=");
            let other_now = now(other, fields.map(|(_, other)| other));
            fields_ui(ui, language, session.tr("join.key-table"), &other_now, other, |at| {
                picked = Some((None, Some(at)));
            });
            if let Some((left, right)) = picked {
                let (a, b) = fields.unwrap_or((0, 0));
                state.fields = Some((left.unwrap_or(a), right.unwrap_or(b)));
            }
        });
        ui.add_space(size::STEP);
        if let Some(problem) = state.outlook.problem() {
            widgets::callout(ui, Tone::Warn, &problem.message().text(session.language()));
            if widgets::button(ui, Some(icons::REFRESH_CW), session.tr("ui.try-again")).clicked() {
                state.outlook.retry();
            }
        } else {
            outlook_ui(ui, session.language(), state, own, other, fields.is_some());
        }
        ui.add_space(8.0);
        ui.allocate_ui_with_layout(
            vec2(ui.available_width(), size::CONTROL),
            Layout::right_to_left(Align::Center),
            |ui| {
                let ready = fields.filter(|_| state.outlook.current().is_some_and(|outlook| outlook.matched > 0));
                let pressed = ui
                    .add_enabled_ui(ready.is_some(), |ui| {
                        let button = widgets::primary_button(ui, None, session.tr("join.do"));
                        button.on_disabled_hover_text(session.tr("join.not-ready")).clicked()
                    })
                    .inner;
                if widgets::button(ui, None, session.tr("ui.cancel")).clicked() {
                    ui.close();
                }
                if let Some((a, b)) = ready.filter(|_| pressed || enter) {
                    let (key, table_key) = (own.fields[a].name.clone(), other.fields[b].name.clone());
                    done = Some(Command::Tree(TreeCommand::Join { layer, table, key, table_key }));
                    ui.close();
                }
            },
        );
    });
    commands.extend(done);
}

/// The table that is offered first: the one opened last of those without geometry.
fn usual_table(workspace: &Workspace, layer: LayerId) -> Option<LayerId> {
    let tables = workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::None);
    tables.map(Entry::id).filter(|id| *id != layer).max()
}

/// The tables that are joined already, each with a button that takes it off.
fn joins_ui(ui: &mut Ui, language: Language, entry: &Entry, done: &mut Option<Command>) {
    for (at, join) in entry.joins.iter().enumerate() {
        ui.horizontal(|ui| {
            let said = Message::new("join.joined")
                .with("table", &join.title)
                .with("key", &join.key)
                .with("other", &join.table_key)
                .text(language);
            widgets::icon(ui, icons::TABLE, tokens(ui).muted);
            widgets::label(ui, &said, font::body(), tokens(ui).text);
            let name = Message::new("join.remove").with("table", &join.title).text(language);
            if widgets::icon_button_small(ui, icons::TRASH_2, &name).clicked() {
                *done = Some(Command::Tree(TreeCommand::Unjoin { layer: entry.id(), at }));
            }
        });
    }
    if !entry.joins.is_empty() {
        widgets::hairline(ui);
        ui.add_space(size::STEP);
    }
}

fn row(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui)) {
    form::row(ui, WORDS, name, content);
}

fn table_ui(ui: &mut Ui, workspace: &Workspace, language: Language, layer: LayerId, state: &mut State) {
    let now = state.table.and_then(|table| workspace.entry(table)).map_or("–", |entry| &entry.title);
    choice(ui, tr(language, "join.table"), now, |ui| {
        ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
            // Tables first: they are what is joined.
            for tables in [true, false] {
                let of = |entry: &&Entry| (entry.layer.kind == GeometryKind::None) == tables && entry.id() != layer;
                for entry in workspace.entries.iter().filter(of) {
                    let icon = if tables { icons::TABLE } else { icons::LAYERS };
                    if widgets::menu_row(ui, Some(icon), &entry.title, "", None).clicked() {
                        (state.table, state.fields) = (Some(entry.id()), None);
                        ui.close();
                    }
                }
            }
        });
    });
}

fn fields_ui(ui: &mut Ui, language: Language, name: &str, now: &str, layer: &Layer, mut pick: impl FnMut(usize)) {
    choice(ui, name, if now.is_empty() { "–" } else { now }, |ui| {
        ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
            for (at, field) in layer.fields.iter().enumerate() {
                // Pinyin initials say little by themselves.
                let title = fields::title(&field.name, language).or_else(|| layer.words.alias_of(&field.name));
                if widgets::menu_row(ui, None, &field.name, title.unwrap_or(""), Some(field.name == now)).clicked() {
                    pick(at);
                    ui.close();
                }
            }
        });
    });
}

/// Has the outlook worked out that is shown.
fn ask(ui: &Ui, language: Language, state: &mut State, own: &Arc<Layer>, other: &Arc<Layer>) {
    state.outlook.poll();
    let key: Asked = (own.revision, other.revision, state.fields);
    if state.outlook.is_asked(&key) {
        return;
    }
    let (own, other, fields) = (own.clone(), other.clone(), state.fields);
    let name = tr(language, "join.card").to_owned();
    state.outlook.start_task(ui.ctx(), key, &name, move |_| Ok(outlook(&own, &other, fields)));
}

fn outlook(own: &Layer, other: &Layer, fields: Option<(usize, usize)>) -> Outlook {
    let suggested = || join::suggest(own, other).map(|(a, b, _)| (a, b));
    let fields = fields.or_else(suggested);
    let found = fields.map(|(a, b)| join::matching(own, a, other, b)).unwrap_or_default();
    let key_of =
        |layer: &Layer, row: usize, at: Option<usize>| at.map_or(String::new(), |at| layer.value(row, at).to_string());
    let features = found.lonely_features.iter().take(SHOWN);
    let rows = found.lonely_rows.iter().take(SHOWN);
    Outlook {
        fields,
        matched: found.matched_count(),
        lonely_features: features.map(|row| key_of(own, *row, fields.map(|(a, _)| a))).collect(),
        lonely_rows: rows.map(|row| key_of(other, *row, fields.map(|(_, b)| b))).collect(),
        lonely: [found.lonely_features.len(), found.lonely_rows.len()],
        repeated_rows: found.repeated_rows.len(),
        repeated_features: found.repeated_features.len(),
        read_as: found.read_as.len(),
    }
}

fn outlook_ui(ui: &mut Ui, language: Language, state: &State, own: &Layer, other: &Layer, has_fields: bool) {
    let count = |n: usize| format_number(n as f64, 0);
    let Some(outlook) = state.outlook.current() else {
        ui.horizontal(|ui| {
            ui.add(egui::Spinner::new().size(size::ICON_SMALL));
            widgets::muted(ui, tr(language, "join.matching"));
        });
        return;
    };
    let say = |ui: &mut Ui, tone: Tone, message: Message| {
        widgets::callout(ui, tone, &message.text(language));
        ui.add_space(size::STEP);
    };
    if !has_fields {
        say(ui, Tone::Warn, Message::new("join.no-suggestion"));
        return;
    }
    let tone = match (outlook.matched, outlook.lonely) {
        (0, _) => Tone::Bad,
        (_, [0, 0]) => Tone::Good,
        _ => Tone::Warn,
    };
    let summary = Message::new("join.outlook")
        .with("matched", count(outlook.matched))
        .with("features", count(own.feature_count()))
        .with("rows", count(other.feature_count()));
    say(ui, tone, summary);
    if outlook.matched == 0 {
        say(ui, Tone::Quiet, Message::new("join.outlook-none"));
    }
    if other.fields.len() < 2 {
        say(ui, Tone::Warn, Message::new("join.nothing-to-add").with("table", &other.name));
    }
    let sides = [
        ("join.outlook-features", &outlook.lonely_features, outlook.lonely[0]),
        ("join.outlook-rows", &outlook.lonely_rows, outlook.lonely[1]),
    ];
    for (key, names, n) in sides.into_iter().filter(|(.., n)| *n > 0) {
        let more = if n > SHOWN { " …" } else { "" };
        let keys = names.iter().map(|name| name.trim()).collect::<Vec<_>>().join(", ") + more;
        say(ui, Tone::Quiet, Message::new(key).with("n", count(n)).with("keys", keys));
    }
    if outlook.repeated_rows > 0 {
        say(ui, Tone::Warn, Message::new("join.outlook-repeated").with("n", count(outlook.repeated_rows)));
    }
    if outlook.repeated_features > 0 {
        say(ui, Tone::Quiet, Message::new("join.outlook-shared").with("n", count(outlook.repeated_features)));
    }
    if outlook.read_as > 0 {
        say(ui, Tone::Warn, Message::new("join.outlook-read-as").with("n", count(outlook.read_as)));
    }
}
