//! Assigning a class: the land-use scheme as a list that is searched by code, name or pinyin.
//!
//! What fits a query best comes first: the class of exactly that code or name, then those that begin with it, then
//! those that hold it. Of those that fit alike the lately used come first, then those with most land in the layer, then
//! by code. Enter takes the first.

use eframe::egui::{self, Key, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};
use rustc_hash::FxHashMap;

use crate::model::classes::{Class, Scheme};
use crate::model::style::Color;
use crate::scenario::Entry;
use crate::text::{Language, Message};
use crate::ui::look::theme::{font, size, tokens};
use crate::ui::look::{icons, swatch, widgets};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::derived::Derived;
use crate::ui::session::settings::Settings;
use crate::ui::work::spelling::Spelling;
use crate::units::format_number;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    query: String,
    /// Whether the search field shall have the keyboard.
    pub wants_keyboard: bool,
    /// How the classes of a scheme are spelt; made when a query first needs it.
    spelt: FxHashMap<Class, Spelling>,
}

/// How well a class fits a query, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// Its code or name is the query.
    Whole,
    /// Its code, name or pinyin begins with it.
    Begins,
    /// Its name or pinyin holds it.
    Holds,
}

/// Draws the heading, the search field and the list; a click gives the selected parcels that class.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let language = session.language();
    let Some((entry, scheme)) = target(session) else {
        return;
    };
    let selected = session.project.selection.rows(entry.id()).filter(|rows| !rows.is_empty());
    let count = selected.map_or(0, |rows| rows.iter().count());
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), size::PANEL_HEADING),
        egui::Layout::left_to_right(egui::Align::Center),
        |ui| {
            ui.add_space(size::MARGIN);
            widgets::section(ui, session.tr("edit.assign"));
            let n = format_number(count as f64, 0);
            widgets::muted(ui, &Message::new("edit.n-selected").with("n", n).text(language));
        },
    );
    let picked = list_ui(ui, session, state, (entry, scheme), None, count > 0);
    if let Some((class, rows)) = picked.zip(selected) {
        let (layer, rows) = (entry.id(), (**rows).clone());
        commands.push(Command::Scenario(ScenarioCommand::Recode { layer, rows, class }));
        commands.push(Command::Window(WindowCommand::UsedClass(class)));
    }
}

/// Draws the search field and the list of classes of a layer; the one that was pressed, or the first where Enter was.
/// `on` is marked.
pub fn list_ui(
    ui: &mut Ui,
    session: &Session,
    state: &mut State,
    (entry, scheme): (&Entry, Scheme),
    on: Option<Class>,
    enabled: bool,
) -> Option<Class> {
    let language = session.language();
    let field = ui.horizontal(|ui| {
        ui.add_space(size::MARGIN);
        let width = ui.available_width() - size::MARGIN;
        let hint = session.tr("edit.assign-hint");
        let name = session.tr("edit.assign-search");
        let field = widgets::field(ui, &mut state.query, Some(icons::SEARCH), hint, name, width);
        if state.wants_keyboard {
            field.request_focus();
            // A window is measured before anything in it can have the keyboard.
            state.wants_keyboard = !ui.memory(|memory| memory.has_focus(field.id)) || ui.is_sizing_pass();
        }
        field
    });
    let field = field.inner;
    let searching = !state.query.trim().is_empty();
    let entered = searching && field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    ui.add_space(4.0);
    let list = state.list(session, entry, scheme);
    if list.is_empty() {
        let text = Message::new("edit.no-class").with("query", &state.query).text(language);
        ui.horizontal(|ui| {
            ui.add_space(size::MARGIN);
            widgets::note(ui, &text);
        });
        return None;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut picked = list.first().copied().filter(|_| entered && enabled);
    if entered {
        // The next class can be typed at once.
        field.request_focus();
    }
    let first = list.first().copied().filter(|_| searching && field.has_focus());
    egui::ScrollArea::vertical().id_salt("classes").auto_shrink(false).show_rows(
        ui,
        size::TREE_ROW,
        list.len(),
        |ui, range| {
            for class in &list[range] {
                let response = row(
                    ui,
                    *class,
                    session.class_color(*class),
                    language,
                    enabled,
                    (on == Some(*class), first == Some(*class)),
                );
                if response.on_hover_text(if enabled { "" } else { session.tr("edit.select-first") }).clicked() {
                    picked = Some(*class);
                }
            }
        },
    );
    picked
}

/// The layer whose parcels are given classes, and the scheme of its codes.
pub fn target(session: &Session) -> Option<(&Entry, Scheme)> {
    let current = session.current().into_iter();
    let others = session.workspace.entries.iter();
    current.chain(others).find_map(|entry| {
        entry.class_field()?;
        Some((entry, entry.scheme()?))
    })
}

/// A class of the list; `on` says whether it is chosen, and whether Enter would take it.
fn row(ui: &mut Ui, class: Class, color: Color, language: Language, enabled: bool, on: (bool, bool)) -> egui::Response {
    let t = tokens(ui);
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, enabled, class.label(language)));
    if on.0 {
        ui.painter().rect_filled(rect, 0.0, t.accent_tint);
    } else if enabled && (response.hovered() || on.1) {
        ui.painter().rect_filled(rect, 0.0, t.hover);
    }
    let ink = if enabled { t.text } else { t.faint };
    let mark = Rect::from_center_size(pos2(rect.left() + 19.0, rect.center().y), Vec2::splat(size::SWATCH));
    let fill = swatch::color32(color).gamma_multiply(if enabled { 1.0 } else { 0.35 });
    let border = egui::Stroke::new(size::LINE, t.faint);
    ui.painter().rect(mark, f32::from(size::RADIUS_SWATCH), fill, border, egui::StrokeKind::Inside);
    let code = ui.painter().layout_no_wrap(class.code().to_owned(), font::table(), t.muted);
    let indent = 34.0 + 10.0 * f32::from(class.level().saturating_sub(1));
    ui.painter().galley(pos2(rect.left() + indent, rect.center().y - code.size().y / 2.0), code.clone(), t.muted);
    let left = rect.left() + indent + code.size().x + 8.0;
    let room = rect.right() - 8.0 - left;
    let name = egui::WidgetText::from(egui::RichText::new(class.name(language)).color(ink)).into_galley(
        ui,
        Some(egui::TextWrapMode::Truncate),
        room,
        font::body(),
    );
    ui.painter().galley(pos2(left, rect.center().y - name.size().y / 2.0), name, ink);
    widgets::focus_ring(ui, &response);
    response
}

impl State {
    /// The classes that match the query, the best first; without a query those lately used and those that the layer
    /// uses most, then all by code.
    fn list(&mut self, session: &Session, entry: &Entry, scheme: Scheme) -> Vec<Class> {
        let query = self.query.trim().to_lowercase();
        let (recent, land) = (recent(&session.settings, scheme), used(&session.derived, entry, scheme));
        if query.is_empty() {
            let mut list = recent;
            list.truncate(MOST_RECENT);
            list.extend(land.iter().map(|(_, class)| *class).filter(|class| !list.contains(class)).collect::<Vec<_>>());
            list.truncate(MOST_USED);
            list.extend(scheme.classes());
            return list;
        }
        self.ranked(scheme, &query, &recent, &land)
    }

    /// The classes of `scheme` that fit `query`: the best fit first, then the lately used, then those with most land.
    fn ranked(&mut self, scheme: Scheme, query: &str, recent: &[Class], land: &[(f64, Class)]) -> Vec<Class> {
        let place = |class: Class| recent.iter().position(|known| *known == class).unwrap_or(usize::MAX);
        let rank = |class: Class| land.iter().position(|(_, known)| *known == class).unwrap_or(usize::MAX);
        let found = scheme.classes().filter_map(|class| Some((self.fit(class, query)?, class)));
        let mut found: Vec<(Fit, Class)> = found.collect();
        found.sort_by_key(|(fit, class)| (*fit, place(*class), rank(*class), class.order()));
        found.into_iter().map(|(_, class)| class).collect()
    }

    fn fit(&mut self, class: Class, query: &str) -> Option<Fit> {
        let code = class.code().to_lowercase();
        let names = [class.name(Language::Chinese).to_owned(), class.name(Language::English).to_lowercase()];
        if code == query || names.iter().any(|name| name == query) {
            return Some(Fit::Whole);
        }
        if code.starts_with(query) || names.iter().any(|name| name.starts_with(query)) {
            return Some(Fit::Begins);
        }
        let held = names.iter().any(|name| name.contains(query)).then_some(Fit::Holds);
        if !query.is_ascii() {
            return held;
        }
        let spelt = self.spelt.entry(class).or_insert_with(|| Spelling::of(class.name(Language::Chinese)));
        let spelt = spelt.find(query).map(|first| if first == 0 { Fit::Begins } else { Fit::Holds });
        spelt.min(held).or(spelt).or(held)
    }
}

/// Classes used lately that stand before the others.
const MOST_RECENT: usize = 4;

/// Classes in use that stand before the scheme.
const MOST_USED: usize = 8;

/// The classes of a scheme that were assigned lately, the latest first.
fn recent(settings: &Settings, scheme: Scheme) -> Vec<Class> {
    settings.recent_classes.iter().copied().filter(|class| class.scheme() == scheme).collect()
}

/// The classes that a layer uses and how much land they have there, the largest first.
fn used(derived: &Derived, entry: &Entry, scheme: Scheme) -> Vec<(f64, Class)> {
    let (Some(legend), Some(categories)) = (derived.legend(entry.id()), entry.style.categories()) else {
        return Vec::new();
    };
    let mut rows: Vec<(f64, Class)> = legend
        .rows
        .iter()
        .filter_map(|row| {
            let key = &categories.classes.get(usize::from(row.symbol))?.key;
            Some((row.area.map_or(row.count as f64, |area| area.m2()), Class::find(scheme, key)?))
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str, recent: &[&str], land: &[(f64, &str)]) -> Vec<&'static str> {
        let scheme = Scheme::Ydyh2023;
        let class = |code: &str| Class::find(scheme, code).expect("a class");
        let recent: Vec<Class> = recent.iter().map(|code| class(code)).collect();
        let land: Vec<(f64, Class)> = land.iter().map(|(m2, code)| (*m2, class(code))).collect();
        State::default().ranked(scheme, query, &recent, &land).into_iter().map(Class::code).collect()
    }

    #[test]
    fn classes_are_found_by_code_name_and_pinyin() {
        let first = |query: &str| found(query, &[], &[]).first().copied();
        for query in ["0102", "水浇", "sjd", "shuijiao", "shuijiaodi", "shuijd"] {
            assert_eq!(first(query), Some("0102"), "{query}");
        }
        assert!(found("irrigated", &[], &[]).contains(&"0102"));
        assert_eq!(found("zzzz", &[], &[]), [] as [&str; 0]);
        assert_eq!(first("gyyd"), Some("1001"));
        assert_eq!(first("工业"), Some("1001"));
        assert!(found("industr", &[], &[]).contains(&"1001"));
    }

    #[test]
    fn of_those_that_fit_alike_the_lately_used_come_first_then_most_land_then_codes() {
        let gy = |recent: &[&str], land: &[(f64, &str)]| -> Vec<&'static str> {
            found("gy", recent, land)
                .into_iter()
                .filter(|code| ["0201", "1001", "1002"].contains(code))
                .take(2)
                .collect()
        };
        assert_eq!(gy(&[], &[]), ["0201", "1001"], "by code");
        assert_eq!(gy(&[], &[(9e4, "1001"), (1e4, "0201")]), ["1001", "0201"], "by land");
        assert_eq!(gy(&["0201"], &[(9e4, "1001"), (1e4, "0201")]), ["0201", "1001"], "by use");
        assert_eq!(gy(&["0101", "1001"], &[(9e4, "0201")]), ["1001", "0201"]);
        // A code that is meant as it stands is not pushed aside by its parts.
        assert_eq!(found("07", &["0701"], &[(9e4, "0701")])[..2], ["07", "0701"]);
        // What begins with the query goes before what only holds it, whatever was used.
        assert_eq!(found("gyyd", &["100101"], &[]).first(), Some(&"1001"));
    }
}
