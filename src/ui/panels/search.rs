//! The search box: commands, features by number or name in every layer, coordinates, bookmarks and notes, in one list.

use eframe::egui::{self, Align, Key, Layout, Modifiers, Ui, UiBuilder, vec2};

use crate::scenario::Workspace;
use crate::text::{Language, Message, tr};
use crate::ui::look::keyboard::{self, search_box};
use crate::ui::look::theme::{self, font, size, tokens};
use crate::ui::look::walk::Walk;
use crate::ui::look::{icons, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::found::{Hit, Hits};
use crate::ui::session::keys::shortcuts_of;
use crate::ui::session::rows::FeatureRef;
use crate::ui::session::settings::Settings;
use crate::ui::work::coordinates::{self, Typed};
use crate::ui::work::offer::keys_text;
use crate::ui::work::places::in_project;
use crate::ui::work::search::MOST;

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {
    text: String,
    asked: String,
    walk: Walk,
}

/// Height of the list before it scrolls.
const LIST_HEIGHT: f32 = 420.0;

/// Most commands that are listed.
const MOST_COMMANDS: usize = 8;

/// Most bookmarks that are listed, and most notes.
const MOST_MARKS: usize = 5;

enum Row {
    Command(Command),
    Place(crate::model::Coord, String),
    Feature(Hit),
    /// A bookmark or a note: where it leads, what it is called, what it is.
    Mark(ViewCommand, String, String),
}

/// Draws the search box, `width` wide, and the list beneath it.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, width: f32, commands: &mut Vec<Command>) {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(width, size::CONTROL), egui::Sense::hover());
    ui.painter().rect(rect, theme::radius(), t.window, theme::line(t), egui::StrokeKind::Inside);
    let mark = egui::Rect::from_center_size(egui::pos2(rect.left() + 15.0, rect.center().y), egui::Vec2::splat(16.0));
    widgets::paint_icon(ui, mark, icons::SEARCH, size::ICON_SMALL, t.muted);
    let keys = ui.ctx().format_shortcut(&egui::KeyboardShortcut::new(Modifiers::COMMAND, Key::K));
    let keys = ui.painter().layout_no_wrap(keys, font::note(), t.muted);
    let focused = ui.memory(|memory| memory.has_focus(search_box()));
    let reserve = if focused { 8.0 } else { keys.size().x + 20.0 };
    if !focused {
        let plate = egui::Rect::from_center_size(
            egui::pos2(rect.right() - 6.0 - keys.size().x / 2.0 - 5.0, rect.center().y),
            keys.size() + vec2(10.0, 0.0),
        );
        ui.painter().rect(plate, 4.0, t.panel, theme::line(t), egui::StrokeKind::Inside);
        ui.painter().galley(plate.center() - keys.size() / 2.0, keys, t.muted);
    }
    let inner = egui::Rect::from_min_max(rect.min + vec2(28.0, 1.0), rect.max - vec2(reserve, 1.0));

    let rows_before = rows(session, state.text.trim());
    let entered = state.walk.read(ui, rows_before.len());
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    child.shrink_clip_rect(inner);
    let edit = egui::TextEdit::singleline(&mut state.text)
        .id(search_box())
        .frame(egui::Frame::NONE)
        .margin(egui::Margin::ZERO)
        .align(egui::Align2::LEFT_CENTER)
        .hint_text(egui::RichText::new(session.tr("ui.search-hint")).color(t.muted));
    let field = child.add_sized(inner.size(), edit).accessible_name(session.tr("ui.search"));
    // The response's own word also asks for the focus of the window, which a list of results need not wait for.
    let focused = ui.memory(|memory| memory.has_focus(search_box()));
    if focused {
        let stroke = egui::Stroke::new(size::LINE, t.accent);
        ui.painter().rect_stroke(rect, theme::radius(), stroke, egui::StrokeKind::Inside);
    }
    if focused {
        keyboard::keep_escape(ui.ctx());
    }
    // Esc has taken the keyboard from the field before it is read here.
    if field.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape)) {
        state.text.clear();
    }
    state.walk.follow(&field);
    let query = state.text.trim();
    if query != state.asked {
        query.clone_into(&mut state.asked);
        commands.push(Command::Select(SelectCommand::FindFeatures(query.to_owned())));
    }
    let rows = rows(session, query);
    let mut done = entered.and_then(|row| rows_before.get(row)).map(row_command);
    let open = !query.is_empty() && (focused || list_hovered(ui));
    if open {
        let pressed = list(ui, session, rect, &rows, &mut state.walk, query);
        done = done.or_else(|| pressed.and_then(|i| rows.get(i)).map(row_command));
    }
    if let Some(command) = done {
        commands.push(command);
        state.text.clear();
        field.surrender_focus();
    }
}

fn list_id() -> egui::Id {
    egui::Id::unique("search-list")
}

fn list_hovered(ui: &Ui) -> bool {
    let pointer = ui.input(|i| i.pointer.latest_pos());
    let layer = pointer.and_then(|p| ui.ctx().layer_id_at(p));
    layer.is_some_and(|layer| layer.id == list_id())
}

fn rows(session: &Session, query: &str) -> Vec<Row> {
    if query.is_empty() {
        return Vec::new();
    }
    let mut rows = Vec::new();
    if let Some(typed) = coordinates::parse(query)
        && let Some(place) = in_project(session, typed)
    {
        let text = match typed {
            Typed::Geographic(place) => coordinates::degrees_text(place),
            Typed::Projected(_) | Typed::Unordered(_) => format!("E {:.2}  N {:.2}", place.x, place.y),
        };
        rows.push(Row::Place(place, text));
    }
    rows.extend(hits(session, query).into_iter().flat_map(|hits| &hits.list).cloned().map(Row::Feature));
    let wanted = query.to_lowercase();
    rows.extend(marks(session, &wanted));
    let matches = |command: &Command| {
        command.spec().is_some_and(|spec| {
            [Language::Chinese, Language::English].iter().any(|l| tr(*l, spec.key).to_lowercase().contains(&wanted))
        })
    };
    let found = Command::listed().into_iter().filter(|command| matches(command) && command.enabled(session));
    rows.extend(found.take(MOST_COMMANDS).map(Row::Command));
    rows
}

/// The bookmarks and notes that say the words that are `wanted`, in small letters.
fn marks<'a>(session: &'a Session, wanted: &'a str) -> impl Iterator<Item = Row> + 'a {
    let says = move |text: &str| text.to_lowercase().contains(wanted);
    let bookmarks = session.workspace.bookmarks.iter().enumerate().filter(move |(_, of)| says(&of.name));
    let bookmarks = bookmarks.map(move |(at, of)| {
        Row::Mark(ViewCommand::GoToBookmark(at), of.name.clone(), session.tr("habits.bookmarks").to_owned())
    });
    let notes = session.workspace.notes.iter().enumerate().filter(move |(_, of)| says(&of.text));
    let notes = notes.map(move |(at, of)| {
        let line = of.text.lines().next().unwrap_or_default().to_owned();
        let about = Message::new("habits.map-note-go").with("n", at + 1).text(session.language());
        Row::Mark(ViewCommand::GoToNote(at), line, about)
    });
    bookmarks.take(MOST_MARKS).chain(notes.take(MOST_MARKS))
}

fn row_command(row: &Row) -> Command {
    match row {
        Row::Mark(command, ..) => Command::View(command.clone()),
        Row::Command(command) => command.clone(),
        Row::Place(place, _) => Command::View(ViewCommand::GoTo(*place)),
        Row::Feature(hit) => match hit.features.as_slice() {
            [feature] => {
                Command::Select(SelectCommand::ShowFeature(FeatureRef { layer: hit.layer, feature: *feature }))
            }
            features => Command::Select(SelectCommand::ShowFeatures {
                layer: hit.layer,
                rows: features.iter().copied().collect(),
            }),
        },
    }
}

/// Draws the list and gives the row that was pressed.
fn list(ui: &Ui, session: &Session, field: egui::Rect, rows: &[Row], walk: &mut Walk, query: &str) -> Option<usize> {
    let width = size::SEARCH_LIST;
    let mut pressed = None;
    egui::Area::new(list_id())
        .order(egui::Order::Foreground)
        .fixed_pos(egui::pos2(field.right() - width, field.bottom() + 4.0))
        .show(ui.ctx(), |ui| {
            egui::Frame::popup(ui.style()).show(ui, |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 0.0;
                if rows.is_empty() {
                    let text = match (session.found.problem(), hits(session, query)) {
                        (Some(problem), _) => problem.message().text(session.language()),
                        (None, Some(_)) => session.tr("ui.nothing-found").to_owned(),
                        (None, None) => session.tr("ui.searching").to_owned(),
                    };
                    widgets::menu_heading(ui, &text);
                }
                let area = egui::ScrollArea::vertical().max_height(LIST_HEIGHT).min_scrolled_height(LIST_HEIGHT);
                area.show(ui, |ui| {
                    ui.with_layout(Layout::top_down_justified(Align::Min), |ui| {
                        for (i, row) in rows.iter().enumerate() {
                            if row_ui(ui, &session.workspace, &session.settings, row, i, walk) {
                                pressed = Some(i);
                            }
                        }
                    });
                    if hits(session, query).is_some_and(|hits| hits.more) {
                        let more = Message::new("ui.search-more").with("n", MOST).text(session.language());
                        widgets::menu_heading(ui, &more);
                    }
                });
            });
        });
    pressed
}

fn row_ui(ui: &mut Ui, workspace: &Workspace, settings: &Settings, row: &Row, at: usize, walk: &mut Walk) -> bool {
    let language = settings.language;
    let (icon, text, behind) = match row {
        Row::Command(command) => {
            let Some(spec) = command.spec() else { return false };
            let shortcuts = shortcuts_of(&spec, &settings.shortcuts);
            let keys = shortcuts.first().map_or_else(String::new, |keys| keys_text(ui.ctx(), keys));
            (spec.icon, tr(language, spec.key).to_owned(), keys)
        }
        Row::Mark(_, text, about) => (Some(icons::PIN), text.clone(), about.clone()),
        Row::Place(_, text) => (Some(icons::MAP_PIN), text.clone(), tr(language, "ui.go-to").to_owned()),
        Row::Feature(hit) => {
            let title = workspace.entry(hit.layer).map_or("", |entry| entry.title.as_str());
            let count = match hit.features.len() {
                1 => String::new(),
                n => {
                    let n = crate::units::format_number(n as f64, 0);
                    format!(" · {}", Message::new("ui.search-features").with("n", n).text(language))
                }
            };
            let field = if hit.field.is_empty() { String::new() } else { format!(" · {}", hit.field) };
            (Some(icons::VECTOR_SQUARE), hit.text.clone(), format!("{title}{field}{count}"))
        }
    };
    walk.row_ui(ui, at, icon, &text, &behind).clicked()
}

/// What was found for `query`, once that is there.
fn hits<'s>(session: &'s Session, query: &str) -> Option<&'s Hits> {
    session.found.current().filter(|_| session.found.key().is_some_and(|asked| asked == query))
}
