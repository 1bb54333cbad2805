//! Assigning a class: the land-use scheme as a list that is searched by code, name or pinyin.

use eframe::egui::{self, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};
use rustc_hash::FxHashMap;

use super::command::Command;
use super::scenarios::ScenarioCommand;
use super::state::Session;
use super::theme::{font, size, tokens};
use super::{icons, swatch, widgets};
use crate::model::classes::{Class, Scheme};
use crate::scenario::Entry;
use crate::text::{Language, Message};
use crate::units::format_number;

/// What is remembered between frames.
#[derive(Default)]
pub struct State {
    query: String,
    /// Pinyin of the classes of a scheme, whole and by initials; made when a query first needs it.
    spelt: FxHashMap<Class, [String; 2]>,
}

/// Draws the heading, the search field and the list; a click gives the selected parcels that class.
pub fn ui(ui: &mut Ui, session: &Session, state: &mut State, commands: &mut Vec<Command>) {
    let language = session.language();
    let Some((entry, scheme)) = target(session) else {
        return;
    };
    let selected = session.selection.rows(entry.id()).filter(|rows| !rows.is_empty());
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
    }
}

/// Draws the search field and the list of classes of a layer; the one that was pressed. `on` is marked.
pub fn list_ui(
    ui: &mut Ui,
    session: &Session,
    state: &mut State,
    (entry, scheme): (&Entry, Scheme),
    on: Option<Class>,
    enabled: bool,
) -> Option<Class> {
    let language = session.language();
    ui.horizontal(|ui| {
        ui.add_space(size::MARGIN);
        let width = ui.available_width() - size::MARGIN;
        let hint = session.tr("edit.assign-hint");
        let name = session.tr("edit.assign-search");
        widgets::field(ui, &mut state.query, Some(icons::SEARCH), hint, name, width);
    });
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
    let mut picked = None;
    egui::ScrollArea::vertical().id_salt("classes").auto_shrink(false).show_rows(
        ui,
        size::TREE_ROW,
        list.len(),
        |ui, range| {
            for class in &list[range] {
                let response = row(ui, *class, language, enabled, on == Some(*class));
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

fn row(ui: &mut Ui, class: Class, language: Language, enabled: bool, on: bool) -> egui::Response {
    let t = tokens(ui);
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::TREE_ROW), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, enabled, class.label(language)));
    if on {
        ui.painter().rect_filled(rect, 0.0, t.accent_tint);
    } else if enabled && response.hovered() {
        ui.painter().rect_filled(rect, 0.0, t.hover);
    }
    let ink = if enabled { t.text } else { t.faint };
    let mark = Rect::from_center_size(pos2(rect.left() + 19.0, rect.center().y), Vec2::splat(size::SWATCH));
    let fill = swatch::color32(class.color()).gamma_multiply(if enabled { 1.0 } else { 0.35 });
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
    /// The classes that match the query: those that the layer uses first, the largest first, then all by code.
    fn list(&mut self, session: &Session, entry: &Entry, scheme: Scheme) -> Vec<Class> {
        let query = self.query.trim().to_lowercase();
        if query.is_empty() {
            let mut list = used(session, entry, scheme);
            list.truncate(MOST_USED);
            list.extend(scheme.classes());
            return list;
        }
        scheme.classes().filter(|class| self.matches(*class, &query)).collect()
    }

    fn matches(&mut self, class: Class, query: &str) -> bool {
        if class.code().to_lowercase().starts_with(query)
            || class.name(Language::Chinese).contains(query)
            || class.name(Language::English).to_lowercase().contains(query)
        {
            return true;
        }
        if !query.is_ascii() {
            return false;
        }
        let spelt = self.spelt.entry(class).or_insert_with(|| spelling(class.name(Language::Chinese)));
        spelt.iter().any(|spelling| spelling.contains(query))
    }
}

/// Classes in use that stand before the scheme.
const MOST_USED: usize = 8;

/// The classes that a layer uses, the largest first.
fn used(session: &Session, entry: &Entry, scheme: Scheme) -> Vec<Class> {
    let (Some(legend), Some(categories)) = (session.derived.legend(entry.id()), entry.style.categories()) else {
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
    rows.into_iter().map(|(_, class)| class).collect()
}

/// Pinyin without tones: `shuijiaodi`, and its initials: `sjd`.
fn spelling(name: &str) -> [String; 2] {
    use pinyin::ToPinyin;
    let syllables: Vec<&str> = name.to_pinyin().flatten().map(pinyin::Pinyin::plain).collect();
    [syllables.concat(), syllables.iter().filter_map(|syllable| syllable.chars().next()).collect()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_found_by_code_name_and_pinyin() {
        let mut state = State::default();
        let mut found = |query: &str| -> Vec<&'static str> {
            let classes = Scheme::Sd2019.classes();
            classes.filter(|class| state.matches(*class, query)).map(Class::code).collect()
        };
        assert_eq!(found("0102"), ["0102"]);
        assert_eq!(found("水浇"), ["0102"]);
        assert_eq!(found("sjd"), ["0102"]);
        assert_eq!(found("shuijiao"), ["0102"]);
        assert!(found("irrigated").contains(&"0102"));
        assert_eq!(found("zzzz"), [] as [&str; 0]);
    }
}
