//! The search box: commands, features by number or name in every layer, coordinates, in one list.

use eframe::egui::{self, Align, Key, Layout, Modifiers, Ui, UiBuilder, vec2};

use super::command::Command;
use super::coordinates::{self, Typed};
use super::shortcuts::keys_text;
use super::spelling::Spelling;
use super::state::{FeatureRef, Session};
use super::statusbar::in_project;
use super::theme::{self, font, size, tokens};
use super::walk::Walk;
use super::{icons, widgets};
use rustc_hash::FxHashMap;

use crate::expr::{ClassColumn, find_words, read_words};
use crate::model::roles::fields::Meanings;
use crate::model::{FieldType, Layer, LayerId, Value};
use crate::scenario::Entry;
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message, tr};

/// What is remembered between frames.
#[derive(Debug, Default)]
pub struct State {
    text: String,
    asked: String,
    walk: Walk,
}

/// What was found for the last question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The question.
    pub query: String,
    /// Texts that matched, and the features that carry them.
    pub hits: Vec<Hit>,
    /// Whether there are more.
    pub more: bool,
    job: Option<u64>,
}

/// Features of one layer that carry one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The layer.
    pub layer: LayerId,
    /// The features, ascending.
    pub features: Vec<usize>,
    /// Name of the field.
    pub field: String,
    /// Its value.
    pub text: String,
}

/// Most texts that are listed.
const MOST: usize = 30;

/// Most texts of a layer that are collected before sorting.
const MOST_COLLECTED: usize = 2000;

/// Height of the list before it scrolls.
const LIST_HEIGHT: f32 = 420.0;

/// Most commands that are listed.
const MOST_COMMANDS: usize = 8;

fn field_id() -> egui::Id {
    egui::Id::unique("search-box")
}

/// Puts the cursor into the search box.
pub fn focus(ctx: &egui::Context) {
    ctx.memory_mut(|memory| memory.request_focus(field_id()));
}

enum Row {
    Command(Command),
    Place(crate::model::Coord, String),
    Feature(Hit),
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
    let focused = ui.memory(|memory| memory.has_focus(field_id()));
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
    if focused && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
        state.text.clear();
        ui.memory_mut(|memory| memory.surrender_focus(field_id()));
    }
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    child.shrink_clip_rect(inner);
    let edit = egui::TextEdit::singleline(&mut state.text)
        .id(field_id())
        .frame(egui::Frame::NONE)
        .margin(egui::Margin::ZERO)
        .align(egui::Align2::LEFT_CENTER)
        .hint_text(egui::RichText::new(session.tr("ui.search-hint")).color(t.muted));
    let field = child.add_sized(inner.size(), edit).accessible_name(session.tr("ui.search"));
    // The response's own word also asks for the focus of the window, which a list of results need not wait for.
    let focused = ui.memory(|memory| memory.has_focus(field_id()));
    if focused {
        let stroke = egui::Stroke::new(size::LINE, t.accent);
        ui.painter().rect_stroke(rect, theme::radius(), stroke, egui::StrokeKind::Inside);
    }
    state.walk.follow(&field);
    let query = state.text.trim();
    if query != state.asked {
        query.clone_into(&mut state.asked);
        commands.push(Command::FindFeatures(query.to_owned()));
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
    if session.found.query == query {
        rows.extend(session.found.hits.iter().cloned().map(Row::Feature));
    }
    let wanted = query.to_lowercase();
    let matches = |command: &Command| {
        command.spec().is_some_and(|spec| {
            [Language::Chinese, Language::English].iter().any(|l| tr(*l, spec.key).to_lowercase().contains(&wanted))
        })
    };
    let found = Command::listed().into_iter().filter(|command| matches(command) && command.enabled(session));
    rows.extend(found.take(MOST_COMMANDS).map(Row::Command));
    rows
}

fn row_command(row: &Row) -> Command {
    match row {
        Row::Command(command) => command.clone(),
        Row::Place(place, _) => Command::GoTo(*place),
        Row::Feature(hit) => match hit.features.as_slice() {
            [feature] => Command::ShowFeature(FeatureRef { layer: hit.layer, feature: *feature }),
            features => Command::ShowFeatures { layer: hit.layer, rows: features.iter().copied().collect() },
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
                    let searching = session.found.query != query || session.found.job.is_some();
                    let key = if searching { "ui.searching" } else { "ui.nothing-found" };
                    widgets::menu_heading(ui, session.tr(key));
                }
                let area = egui::ScrollArea::vertical().max_height(LIST_HEIGHT).min_scrolled_height(LIST_HEIGHT);
                area.show(ui, |ui| {
                    ui.with_layout(Layout::top_down_justified(Align::Min), |ui| {
                        for (i, row) in rows.iter().enumerate() {
                            if row_ui(ui, session, row, i, walk) {
                                pressed = Some(i);
                            }
                        }
                    });
                    if session.found.query == query && session.found.more {
                        let more = Message::new("ui.search-more").with("n", MOST).text(session.language());
                        widgets::menu_heading(ui, &more);
                    }
                });
            });
        });
    pressed
}

fn row_ui(ui: &mut Ui, session: &Session, row: &Row, at: usize, walk: &mut Walk) -> bool {
    let (icon, text, behind) = match row {
        Row::Command(command) => {
            let Some(spec) = command.spec() else { return false };
            let keys = spec.shortcuts.first().map_or_else(String::new, |keys| keys_text(ui.ctx(), keys));
            (spec.icon, session.tr(spec.key).to_owned(), keys)
        }
        Row::Place(_, text) => (Some(icons::MAP_PIN), text.clone(), session.tr("ui.go-to").to_owned()),
        Row::Feature(hit) => {
            let title = session.workspace.entry(hit.layer).map_or("", |entry| entry.title.as_str());
            let count = match hit.features.len() {
                1 => String::new(),
                n => {
                    let n = crate::units::format_number(n as f64, 0);
                    format!(" · {}", Message::new("ui.search-features").with("n", n).text(session.language()))
                }
            };
            let field = if hit.field.is_empty() { String::new() } else { format!(" · {}", hit.field) };
            (Some(icons::VECTOR_SQUARE), hit.text.clone(), format!("{title}{field}{count}"))
        }
    };
    walk.row_ui(ui, at, icon, &text, &behind).clicked()
}

/// Looks for `query` in every layer, in the background; an older question is given up.
pub fn find(session: &mut Session, query: String) {
    if let Some(job) = session.found.job.take() {
        session.jobs.cancel(job);
    }
    if query.is_empty() {
        session.found = Found::default();
        return;
    }
    // Layers that are drawn come first: what one sees is what one looks for.
    let (drawn, hidden): (Vec<_>, Vec<_>) =
        session.workspace.entries.iter().partition(|entry| session.workspace.is_drawn(entry));
    let layer = |entry: &Entry| (entry.layer.clone(), entry.class_field().map(|field| (field, entry.scheme())));
    let layers: Vec<_> = drawn.into_iter().chain(hidden).map(layer).collect();
    let wanted: String = query.chars().map(coordinates::half_width).collect();
    let language = session.language();
    let work = move |progress: &Progress| {
        let mut hits = Vec::new();
        for (layer, classes) in &layers {
            let found = find_in(layer, &wanted, &mut hits, progress);
            let found = found.and_then(|()| find_all_words(layer, *classes, &wanted, language, &mut hits, progress));
            // Cancelled: a newer question is at work.
            if found.is_err() {
                break;
            }
        }
        let more = hits.len() > MOST;
        sort(&mut hits, &wanted);
        hits.truncate(MOST);
        (hits, more)
    };
    let asked = query.clone();
    let name = Message::new("ui.job-search").with("text", &query);
    let job = session.jobs.spawn_hidden(name, work, move |session, (hits, more)| {
        if session.found.query == asked {
            session.found = Found { query: asked, hits, more, job: None };
        }
    });
    session.found = Found { query, job: Some(job), ..Found::default() };
}

/// Exact matches first, then what contains the question before what is only spelt so; of these what fewer features
/// carry: a parcel's own name before that of its town.
fn sort(hits: &mut [Hit], query: &str) {
    let wanted = query.to_lowercase();
    hits.sort_by_cached_key(|hit| (hit.text != query, !hit.text.to_lowercase().contains(&wanted), hit.features.len()));
}

/// Adds the features of `layer` that have every word of a question of several: a place and a class, as the filter of the
/// table reads them.
fn find_all_words(
    layer: &Layer,
    classes: Option<ClassColumn>,
    query: &str,
    language: Language,
    hits: &mut Vec<Hit>,
    progress: &Progress,
) -> Result<(), Cancelled> {
    if query.split_whitespace().nth(1).is_none() {
        return Ok(());
    }
    let spelled_out = |field: usize| {
        let scheme = classes.filter(|(at, _)| *at == field).and_then(|(_, scheme)| scheme);
        Meanings::of_field(&layer.fields[field].name, scheme, language)
    };
    let words = read_words(layer, query, classes);
    let spells = |letters: &str, text: &str| Spelling::of(text).find(letters).is_some();
    let found = find_words(layer, &words, classes, &spelled_out, Some(&spells), progress)?.features;
    if !found.is_empty() {
        let features = found.into_iter().map(|feature| feature as usize).collect();
        hits.push(Hit { layer: layer.id, features, field: String::new(), text: query.to_owned() });
    }
    Ok(())
}

/// Adds the texts and numbers of `layer` that contain `query`, each with the features that carry it.
fn find_in(layer: &Layer, query: &str, hits: &mut Vec<Hit>, progress: &Progress) -> Result<(), Cancelled> {
    let wanted = query.to_lowercase();
    if let Some(number) = query.strip_prefix('#').and_then(|n| n.parse::<usize>().ok())
        && (1..=layer.feature_count()).contains(&number)
    {
        let features = vec![number - 1];
        hits.push(Hit { layer: layer.id, features, field: "#".to_owned(), text: format!("#{number}") });
    }
    let number: Option<i64> = query.parse().ok();
    // One letter spells half of all names.
    let spells = |text: &str| {
        wanted.len() > 1 && wanted.is_ascii() && !text.is_ascii() && Spelling::of(text).find(&wanted).is_some()
    };
    for (at, field) in layer.fields.iter().enumerate() {
        // In the order of their first appearance.
        let mut found: Vec<Hit> = Vec::new();
        let mut place: FxHashMap<String, usize> = FxHashMap::default();
        for (block, start) in layer.blocks.iter().zip(&layer.starts) {
            let Some(column) = block.attributes.column(at) else { continue };
            let row_count = block.attributes.row_count();
            progress.tick(row_count as u64)?;
            let matching: Vec<bool> =
                column.distinct_texts().map(|text| text.to_lowercase().contains(&wanted) || spells(text)).collect();
            if !matching.contains(&true) && (number.is_none() || column.kind() != FieldType::Int) {
                continue;
            }
            for row in 0..row_count {
                let text = match column.text_code(row) {
                    Some(code) => matching[code as usize].then(|| column.value(row).to_string()),
                    None => match column.value(row) {
                        Value::Int(value) if Some(value) == number => Some(value.to_string()),
                        _ => None,
                    },
                };
                let Some(text) = text else { continue };
                if let Some(known) = place.get(&text) {
                    found[*known].features.push(start + row);
                } else if found.len() < MOST_COLLECTED {
                    place.insert(text.clone(), found.len());
                    let field = field.name.clone();
                    found.push(Hit { layer: layer.id, features: vec![start + row], field, text });
                }
            }
        }
        hits.append(&mut found);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::project;

    #[test]
    fn a_name_finds_its_own_feature_before_those_that_lie_in_it() {
        let demo = project::load_demo(&Progress::new()).expect("the demo opens").workspace;
        let mut hits = Vec::new();
        for entry in &demo.entries {
            find_in(&entry.layer, "大桥", &mut hits, &Progress::new()).expect("not cancelled");
        }
        sort(&mut hits, "大桥");
        assert!(hits.iter().all(|hit| hit.text.contains("大桥")));
        assert_eq!(hits[0].features.len(), 1);
        assert!(hits.last().is_some_and(|hit| hit.text == "大桥街道" && hit.features.len() > 100));
        // By its spelling the same, and a place with a class.
        for query in ["daqiao", "dqjd"] {
            hits.clear();
            for entry in &demo.entries {
                find_in(&entry.layer, query, &mut hits, &Progress::new()).expect("not cancelled");
            }
            assert!(hits.iter().any(|hit| hit.text == "大桥街道"), "{query}");
        }
        let mut named = |query: &str| {
            hits.clear();
            for entry in &demo.entries {
                let classes = entry.class_field().map(|field| (field, entry.scheme()));
                let found =
                    find_all_words(&entry.layer, classes, query, Language::Chinese, &mut hits, &Progress::new());
                found.expect("not cancelled");
            }
            assert!(hits.iter().all(|hit| hit.text == query));
            hits.clone()
        };
        let by_name = named("大桥街道 0101");
        let most = by_name.iter().map(|hit| hit.features.len()).max().expect("parcels of that class lie there");
        assert!(most > 1);
        // The place by its spelling.
        for query in ["dqjd 0101", "0101 daqiaojiedao"] {
            let features = |hits: &[Hit]| hits.iter().map(|hit| (hit.layer, hit.features.clone())).collect::<Vec<_>>();
            assert_eq!(features(&named(query)), features(&by_name), "{query}");
        }
        assert!(named("dq 0101").iter().map(|hit| hit.features.len()).max() >= Some(most));
        assert!(!named("大桥街道 shuitian").is_empty() && named("dqx 0101").is_empty());
        let numbered = &demo.entries[0].layer;
        hits.clear();
        find_in(numbered, "#1", &mut hits, &Progress::new()).expect("not cancelled");
        assert_eq!(hits[0].features, [0]);
    }
}
