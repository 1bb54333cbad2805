//! Editing what is selected: classes, fields, land out of a control layer and into it, back to the base.
//!
//! A small window beside the map. Whatever is asked is drafted in the background and shown before it is applied: how
//! many features change, the first of them with the value before and after, or the area that goes or comes.
//!
//! | file | holds |
//! |---|---|
//! | `preview` | what is asked, drafted |
//! | `field` | the page that sets fields |
//! | `control` | the page for land out and in |
//! | `menus` | where the window is opened from |

use eframe::egui::{self, Align, Layout, Role, Ui, WidgetInfo, vec2};

use crate::model::GeometryKind;
use crate::model::classes::Class;
use crate::scenario::{Entry, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::look::icons;
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::widgets::{self, Tone};
use crate::ui::panels::class_picker;
use crate::ui::panels::edit::preview::{Ask, Place, Preview, Scope};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::EditPage;
use crate::ui::session::project::Project;
use crate::units::format_number;

mod control;
mod field;
pub mod menus;
mod preview;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    scope: Scope,
    condition: String,
    picker: class_picker::State,
    class: Option<Class>,
    field: field::State,
    control: control::State,
    preview: Preview,
}

/// Width of the window.
pub(in crate::ui) const WIDTH: f32 = 388.0;

/// Draws the window, when it is open.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let Some(page) = session.project.editing else {
        state.preview.forget();
        return;
    };
    let Some(entry) = session.current() else { return };
    let t = tokens(ui);
    let room = ui.max_rect();
    let place = room.min + vec2(64.0, size::TOP_BAR * 2.0 + size::CARD_GAP);
    let left = if session.settings.layers_open { session.settings.layers_width } else { 0.0 };
    egui::Window::new(session.tr("edit.window"))
        .id(egui::Id::unique("edit-window"))
        .title_bar(false)
        .resizable(false)
        .constrain_to(room)
        .default_pos(place + vec2(left, 0.0))
        .frame(theme::card(t))
        .show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().item_spacing.y = 6.0;
            heading(ui, session.language(), entry, commands);
            pages(ui, session.language(), page, commands);
            widgets::hairline(ui);
            scope_ui(ui, &session.project, session.language(), entry, state);
            let ask = match page {
                EditPage::Class => class_ui(ui, session, entry, state),
                EditPage::Field => state.field.ui(ui, session, entry, state.preview.wrong(Place::Value)),
                EditPage::TakeOut | EditPage::PutIn => state.control.ui(ui, session, entry, page),
                EditPage::Revert => {
                    widgets::note(ui, session.tr("edit.revert-note"));
                    Some(Ask::Revert)
                }
            };
            widgets::hairline(ui);
            foot(ui, session, entry, state, ask, commands);
        });
}

fn heading(ui: &mut Ui, language: Language, entry: &Entry, commands: &mut Vec<Command>) {
    ui.allocate_ui_with_layout(vec2(WIDTH, size::CONTROL), Layout::right_to_left(Align::Center), |ui| {
        if widgets::icon_button_small(ui, icons::X, tr(language, "edit.close")).clicked() {
            commands.push(Command::Window(WindowCommand::Edit(None)));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let title = Message::new("edit.window-of").with("layer", &entry.title).text(language);
            widgets::section(ui, &title);
        });
    });
}

fn pages(ui: &mut Ui, language: Language, shown: EditPage, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for page in EditPage::ALL {
            let name = tr(language, page.key());
            if widgets::segment_named(ui, tr(language, page.short_key()), name, page == shown).clicked() {
                commands.push(Command::Window(WindowCommand::Edit(Some(page))));
            }
        }
    });
}

/// Which features: those selected, all, or those for which a condition holds.
fn scope_ui(ui: &mut Ui, project: &Project, language: Language, entry: &Entry, state: &mut State) {
    let selected = project.selection.rows(entry.id()).map_or(0, |rows| rows.len());
    let count = |n: usize| format_number(n as f64, 0);
    let texts = [
        (Scope::Selected, Message::new("edit.scope-selected").with("n", count(selected))),
        (Scope::All, Message::new("edit.scope-all").with("n", count(entry.layer.feature_count()))),
        (Scope::Condition, Message::new("edit.scope-condition")),
    ];
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        widgets::muted(ui, tr(language, "edit.scope"));
        ui.add_space(6.0);
        for (scope, text) in texts {
            if widgets::segment(ui, &text.text(language), state.scope == scope).clicked() {
                state.scope = scope;
            }
        }
    });
    if state.scope == Scope::Condition {
        let hint = tr(language, "edit.condition-hint");
        let name = tr(language, "edit.condition");
        widgets::field(ui, &mut state.condition, Some(icons::FUNNEL), hint, name, WIDTH);
        if let Some(wrong) = state.preview.wrong(Place::Condition) {
            wrong_ui(ui, &wrong.text(language));
        }
    }
}

/// A mistake, under the field that it is in.
pub(in crate::ui) fn wrong_ui(ui: &mut Ui, text: &str) {
    let (ink, _) = Tone::Bad.colors(ui);
    let label = egui::Label::new(egui::RichText::new(text).font(font::note()).color(ink)).wrap();
    let response = ui.add(label);
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, text));
}

fn class_ui(ui: &mut Ui, session: &Session, entry: &Entry, state: &mut State) -> Option<Ask> {
    let wanted: Option<bool> = ui.data_mut(|data| data.remove_temp(egui::Id::unique("class-search-wanted")));
    state.picker.wants_keyboard |= wanted.unwrap_or_default();
    let Some(scheme) = entry.scheme().filter(|_| entry.class_field().is_some()) else {
        let text = Message::new("scenario.no-class-field").with("layer", &entry.title).text(session.language());
        widgets::callout(ui, Tone::Warn, &text);
        return None;
    };
    let height = (ui.ctx().content_rect().height() * 0.34).clamp(160.0, 340.0);
    ui.allocate_ui_with_layout(vec2(WIDTH, height), Layout::top_down(Align::Min), |ui| {
        ui.set_min_size(vec2(WIDTH, height));
        let picked = class_picker::list_ui(ui, session, &mut state.picker, (entry, scheme), state.class, true);
        state.class = picked.or(state.class).filter(|class| class.scheme() == scheme);
    });
    state.class.map(Ask::Class)
}

/// What would change, and the buttons.
fn foot(
    ui: &mut Ui,
    session: &Session,
    entry: &Entry,
    state: &mut State,
    ask: Option<Ask>,
    commands: &mut Vec<Command>,
) {
    let language = session.language();
    let none_selected = session.project.selection.rows(entry.id()).is_none_or(|rows| rows.is_empty());
    let blocked = match (&ask, state.scope) {
        (_, Scope::Selected) if none_selected => Some(session.tr("edit.select-first-anywhere")),
        (_, Scope::Condition) if state.condition.trim().is_empty() => Some(session.tr("edit.condition-first")),
        (None, _) => Some(""),
        _ => None,
    };
    let mut ready = None;
    match (ask, blocked) {
        (Some(ask), None) => {
            state.preview.ask(ui.ctx(), session, entry, state.scope, &state.condition, ask);
            ready = preview_ui(ui, session.language(), &state.preview);
        }
        (_, blocked) => {
            state.preview.forget();
            if let Some(text) = blocked.filter(|text| !text.is_empty()) {
                widgets::note(ui, text);
            }
        }
    }
    ui.horizontal(|ui| {
        ui.add_enabled_ui(ready.is_some(), |ui| {
            if widgets::primary_button(ui, Some(icons::CHECK), session.tr("edit.apply")).clicked()
                && let Some((draft, of)) = ready
            {
                commands.push(Command::Scenario(ScenarioCommand::Apply { draft, of }));
                let class = state.class.filter(|_| session.project.editing == Some(EditPage::Class));
                commands.extend(class.map(|of| Command::Window(WindowCommand::UsedClass(of))));
            }
        });
        if session.workspace.scenarios.shown().is_none() {
            let name = session.workspace.next_scenario_name(language);
            widgets::note(ui, &Message::new("edit.will-fork").with("name", name).text(language));
        }
    });
}

/// The draft in words, with the first values; the draft itself where it can be applied.
fn preview_ui(ui: &mut Ui, language: Language, preview: &Preview) -> Option<preview::Ready> {
    let t = tokens(ui);
    if let Some(wrong) = preview.wrong(Place::Elsewhere) {
        widgets::callout(ui, Tone::Warn, &wrong.text(language));
        return None;
    }
    let Some(drafted) = preview.drafted() else {
        if !preview.has_failed() {
            ui.horizontal(|ui| {
                ui.add(egui::Spinner::new().size(size::ICON_SMALL));
                widgets::muted(ui, tr(language, "edit.drafting"));
            });
        }
        return None;
    };
    let sentence = drafted.draft.sentence.text(language);
    let label = egui::Label::new(egui::RichText::new(&sentence).font(font::heading()).color(t.text)).wrap();
    ui.add(label);
    for line in &drafted.lines {
        widgets::label(ui, line, font::table(), t.muted);
    }
    if drafted.more > 0 {
        let n = format_number(drafted.more as f64, 0);
        widgets::note(ui, &Message::new("edit.and-more").with("n", n).text(language));
    }
    if let Some(note) = &drafted.note {
        widgets::callout(ui, Tone::Warn, &note.text(language));
    }
    Some((drafted.draft.clone(), drafted.of.clone()))
}

/// Polygon layers, which land can go out of and come into.
pub(in crate::ui) fn polygon_layers(workspace: &Workspace) -> impl Iterator<Item = &Entry> {
    workspace.entries.iter().filter(|entry| entry.layer.kind == GeometryKind::Polygon)
}
