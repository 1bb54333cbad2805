//! What can be done with the columns of a table: sorted by, hidden, kept in sight, worked out. The menu of a heading, and
//! the list of all columns beside the filter.

use eframe::egui::{self, Ui};

use crate::model::Formula;
use crate::scenario::{Entry, TableLayout};
use crate::ui::look::icons;
use crate::ui::look::widgets;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::command::window::WindowCommand;
use crate::ui::session::parts::Card;
use crate::ui::work::columns::{Columns, Content, field_title};

/// Lays the table of an entry out otherwise.
pub(super) fn lay(entry: &Entry, layout: TableLayout, commands: &mut Vec<Command>) {
    commands.push(Command::Table(TableCommand::Lay(entry.id(), Box::new(layout))));
}

/// What the rows are sorted by after a heading was pressed: ascending, descending, as the file has it. With `more` the
/// column joins those that they are sorted by already, behind them.
pub(super) fn next_sort(sort: &[(String, bool)], key: &str, more: bool) -> Vec<(String, bool)> {
    let at = sort.iter().position(|(known, _)| known == key);
    let alone = more || sort.len() == 1;
    let mut next = sort.to_vec();
    match at.filter(|_| alone) {
        Some(at) if next[at].1 => drop(next.remove(at)),
        Some(at) => next[at].1 = true,
        None if more => next.push((key.to_owned(), false)),
        None => next = vec![(key.to_owned(), false)],
    }
    next
}

/// The menu of the heading of column `at` of those shown. Returns the column whose statistics are asked for.
pub(super) fn heading_menu(
    ui: &mut Ui,
    session: &Session,
    entry: &Entry,
    shown: &Columns,
    at: usize,
    commands: &mut Vec<Command>,
) -> Option<Content> {
    let (heading, content) = (shown.headings.get(at)?, *shown.contents.get(at)?);
    let table = &entry.table;
    widgets::menu_heading(ui, &heading.title);
    let row = |ui: &mut Ui, icon, key: &'static str| widgets::menu_row(ui, icon, session.tr(key), "", None).clicked();
    let mut next = None;
    let sorted = |descending| vec![(heading.key.clone(), descending)];
    if row(ui, Some(icons::ARROW_UP), "habits.sort-up") {
        next = Some(TableLayout { sort: sorted(false), ..table.clone() });
    }
    if row(ui, Some(icons::ARROW_DOWN), "habits.sort-down") {
        next = Some(TableLayout { sort: sorted(true), ..table.clone() });
    }
    if !table.sort.is_empty() {
        let is_in = table.sort.iter().any(|(key, _)| *key == heading.key);
        if !is_in && row(ui, Some(icons::PLUS), "habits.sort-too") {
            next = Some(TableLayout { sort: next_sort(&table.sort, &heading.key, true), ..table.clone() });
        }
        if row(ui, Some(icons::X), "habits.sort-none") {
            next = Some(TableLayout { sort: Vec::new(), ..table.clone() });
        }
    }
    ui.separator();
    let mut asked = None;
    if row(ui, Some(icons::CHART_PIE), "habits.statistics") {
        asked = Some(content);
        ui.close();
    }
    if table.frozen == at + 1 {
        if row(ui, Some(icons::PIN), "habits.unfreeze") {
            next = Some(TableLayout { frozen: 0, ..table.clone() });
        }
    } else if row(ui, Some(icons::PIN), "habits.freeze") {
        next = Some(TableLayout { frozen: at + 1, ..table.clone() });
    }
    if shown.contents.len() > 1 && row(ui, Some(icons::EYE_OFF), "habits.hide") {
        next = Some(hidden(table, &heading.key, Some(at)));
    }
    ui.separator();
    formula_rows(ui, session, entry, Some(content), commands);
    if let Some(next) = next {
        lay(entry, next, commands);
        ui.close();
    }
    asked
}

/// The layout without a column; `at` is its place among those shown.
fn hidden(table: &TableLayout, key: &str, at: Option<usize>) -> TableLayout {
    let mut table = table.clone();
    table.hidden.push(key.to_owned());
    if at.is_some_and(|at| at < table.frozen) {
        table.frozen -= 1;
    }
    table
}

/// The rows of a menu that make, change and remove fields by expressions; of the column `content` where one is meant.
fn formula_rows(ui: &mut Ui, session: &Session, entry: &Entry, content: Option<Content>, commands: &mut Vec<Command>) {
    let formula = match content {
        Some(Content::Field(field)) => entry.layer.formula(field),
        _ => None,
    };
    if let Some(formula) = formula {
        if widgets::menu_row(ui, Some(icons::PENCIL), session.tr("habits.formula-edit"), "", None).clicked() {
            let card = Card::Formula(entry.id(), Some(formula.field.clone()));
            commands.push(Command::Window(WindowCommand::ShowCard(card)));
            ui.close();
        }
        if widgets::menu_row(ui, Some(icons::TRASH_2), session.tr("habits.formula-remove"), "", None).clicked() {
            let rest: Vec<Formula> = entry.formulas.iter().filter(|known| *known != formula).cloned().collect();
            commands.push(Command::Table(TableCommand::SetFormulas(entry.id(), rest)));
            ui.close();
        }
    }
    if widgets::menu_row(ui, Some(icons::SIGMA), session.tr("habits.formula-new"), "", None).clicked() {
        commands.push(Command::Window(WindowCommand::ShowCard(Card::Formula(entry.id(), None))));
        ui.close();
    }
}

/// The button that lists all columns.
pub(super) fn button(ui: &mut Ui, session: &Session, entry: &Entry, commands: &mut Vec<Command>) {
    let response = widgets::icon_button(ui, icons::SLIDERS_HORIZONTAL, session.tr("habits.columns"));
    egui::Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        let table = &entry.table;
        formula_rows(ui, session, entry, None, commands);
        if widgets::menu_row(ui, Some(icons::ROTATE_CCW), session.tr("habits.columns-usual"), "", None).clicked() {
            lay(entry, TableLayout { sort: table.sort.clone(), ..TableLayout::default() }, commands);
            ui.close();
        }
        ui.separator();
        let all = Columns::of(entry, session.language());
        let places = TableLayout { hidden: Vec::new(), ..table.clone() }.arranged(&all.keys());
        let shown = table.arranged(&all.keys());
        egui::ScrollArea::vertical().max_height(LIST).show(ui, |ui| {
            for at in places {
                let heading = &all.headings[at];
                let place = shown.iter().position(|shown| *shown == at);
                // A code of eight letters says little: what it stands for is beside it.
                let title = match all.contents[at] {
                    Content::Field(field) => field_title(entry, field, session.language()),
                    _ => None,
                };
                let title = title.filter(|title| *title != heading.title).unwrap_or_default();
                if !widgets::menu_row(ui, None, &heading.title, title, Some(place.is_some())).clicked() {
                    continue;
                }
                let next = match place {
                    Some(_) if shown.len() == 1 => continue,
                    Some(place) => hidden(table, &heading.key, Some(place)),
                    None => {
                        let mut next = table.clone();
                        next.hidden.retain(|key| *key != heading.key);
                        next
                    }
                };
                lay(entry, next, commands);
            }
        });
    });
}

/// Highest list of columns, in points.
const LIST: f32 = 360.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_sorts_up_then_down_then_not() {
        let check = |sort: &[(&str, bool)], key: &str, more: bool, expected: &[(&str, bool)]| {
            let owned = |sort: &[(&str, bool)]| -> Vec<(String, bool)> {
                sort.iter().map(|(key, descending)| ((*key).to_owned(), *descending)).collect()
            };
            assert_eq!(next_sort(&owned(sort), key, more), owned(expected), "{sort:?} {key} {more}");
        };
        check(&[], "a", false, &[("a", false)]);
        check(&[("a", false)], "a", false, &[("a", true)]);
        check(&[("a", true)], "a", false, &[]);
        check(&[("a", true)], "b", false, &[("b", false)]);
        // With Shift the others stay.
        check(&[("a", true)], "b", true, &[("a", true), ("b", false)]);
        check(&[("a", true), ("b", false)], "b", true, &[("a", true), ("b", true)]);
        check(&[("a", true), ("b", true)], "a", true, &[("b", true)]);
        check(&[("a", true), ("b", true)], "b", false, &[("b", false)]);
    }
}
