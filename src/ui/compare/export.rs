//! What leaves a comparison: tables for the clipboard and for spreadsheets, as the command line writes them.

use super::choosers::by_name;
use super::{Shown, wider};
use crate::report::{self, Table, summary, transition as tables};
use crate::text::{Message, tr};
use crate::ui::save::{ask_target, write_to};
use crate::ui::state::Session;
use crate::units::{Area, AreaUnit, format_number};

/// The matrix with tabs between cells.
pub fn matrix_text(session: &Session) -> Option<String> {
    text(session, |shown, session| {
        tables::matrix_table(&shown.matrix, &shown.classes, session.settings.area_unit, session.language())
    })
}

/// The balance with tabs between cells.
pub fn balance_text(session: &Session) -> Option<String> {
    text(session, |shown, session| {
        tables::balance_table(&shown.matrix, &shown.classes, session.settings.area_unit, session.language())
    })
}

/// The transitions with tabs between cells, the largest first.
pub fn changes_text(session: &Session) -> Option<String> {
    text(session, |shown, session| {
        let unit = session.settings.area_unit;
        tables::change_table(&shown.matrix, &shown.classes, unit, usize::MAX, session.language())
    })
}

/// The balance of every region with tabs between cells.
pub fn regions_text(session: &Session) -> Option<String> {
    wider::regions_as_table(session).map(|table| report::to_tsv(&table, session.language()))
}

/// All states side by side with tabs between cells.
pub fn states_text(session: &Session) -> Option<String> {
    wider::states_as_table(session).map(|table| report::to_tsv(&table, session.language()))
}

fn text(session: &Session, table: impl FnOnce(&Shown, &Session) -> Table) -> Option<String> {
    let shown = session.compare.shown()?;
    Some(report::to_tsv(&table(shown, session), session.language()))
}

/// Matrix, balance and transitions in one CSV file, with what they are of.
pub fn csv(session: &Session) -> Option<Vec<u8>> {
    let shown = session.compare.shown()?;
    let (unit, language) = (session.settings.area_unit, session.language());
    let mut matrix = tables::matrix_table(&shown.matrix, &shown.classes, unit, language);
    matrix.notes = notes(session, shown);
    let balance = tables::balance_table(&shown.matrix, &shown.classes, unit, language);
    let changes = tables::change_table(&shown.matrix, &shown.classes, unit, usize::MAX, language);
    let mut bytes = Vec::new();
    for table in [matrix, balance, changes] {
        report::append_csv(&mut bytes, &table, language);
    }
    Some(bytes)
}

/// What the figures are of, one sentence each.
fn notes(session: &Session, shown: &Shown) -> Vec<String> {
    let language = session.language();
    let matrix = &shown.matrix;
    let mu = |m2: f64| Area::from_m2(m2).display(AreaUnit::Mu);
    let title = Message::new("cli.compare-title")
        .with("base", &shown.sides[0].title)
        .with("scenario", &shown.sides[1].title)
        .with("method", tr(language, summary::method_key(shown.comparison.table.method)))
        .with("zone", &shown.comparison.table.frame)
        .with("level", by_name(session, &session.compare.by));
    let figures = Message::new("cli.compare-figures")
        .with("unchanged", mu(matrix.total.unchanged_m2))
        .with("changed", mu(matrix.changed_m2))
        .with("only_base", mu(matrix.total.base.only_m2))
        .with("only_scenario", mu(matrix.total.scenario.only_m2));
    let tolerance = session.compare.tolerance;
    let slivers = Message::new("cli.compare-slivers")
        .with("n", format_number(matrix.slivers.count as f64, 0))
        .with("mu", mu(matrix.slivers.m2))
        .with("area", tolerance.area.display(AreaUnit::SquareMetre))
        .with("width", tolerance.width.m());
    let residual = Message::new("cli.compare-residual").with("m2", format!("{:.3e}", matrix.residual_m2));
    let within = shown.within.as_ref().map(|area| Message::new("compare.within").with("area", area));
    [title, figures, slivers, residual].into_iter().chain(within).map(|message| message.text(language)).collect()
}

/// Asks where to, and writes the CSV file.
pub fn export(session: &mut Session) {
    let Some(shown) = session.compare.shown() else { return };
    let name = Message::new("compare.file")
        .with("base", &shown.sides[0].title)
        .with("scenario", &shown.sides[1].title)
        .text(session.language());
    let name = format!("{}.csv", name.replace(['/', '\\', ':'], "-"));
    ask_target(session, name, ("compare.filter-csv", "csv"), export_to);
}

/// Writes the CSV file.
pub fn export_to(session: &mut Session, path: std::path::PathBuf) {
    let Some(bytes) = csv(session) else { return };
    write_to(session, &path, &bytes);
}
