//! Why a figure is what it is: how it comes about, by which method and in which zone, from which files, what it is exactly
//! and how it was rounded.
//!
//! The functions that make tables say it with the column ([`Column::why`](super::Column::why)) and keep the exact value in
//! the cell ([`super::Cell::Rounded`]); the window asks the same functions. What is told of a figure is read
//! off these, so it cannot say otherwise than the table.

use super::table::{ColumnKind, Figure as Printed, Figures};
use super::{Cell, Column, Table};
use crate::model::Layer;
use crate::text::{Language, Message, tr};
use crate::units::{format_number, last_digits, of_last_digits, round_half_up};

/// Decimals of an exact value beyond those that are printed.
const MORE_DECIMALS: usize = 4;

/// A figure with all that it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it is of.
    pub name: Message,
    /// As it is printed, without its unit.
    pub printed: String,
    /// What it is, with its unit.
    pub kind: ColumnKind,
    /// Key of its unit, where that is not the unit of its kind; empty else.
    pub unit: &'static str,
    /// What it is in that unit before any rounding; `None` for what is no number.
    pub exact: Option<f64>,
    /// Decimals that are printed.
    pub decimals: usize,
    /// How it comes about.
    pub formula: Message,
    /// Method, zone, study area and whatever else it depends on, a sentence each.
    pub basis: Vec<Message>,
    /// The files that it comes from, a sentence each.
    pub inputs: Vec<Message>,
}

impl Figure {
    /// The figure with its unit.
    pub fn shown(&self, language: Language) -> String {
        match self.unit(language) {
            "" => self.printed.clone(),
            unit => format!("{} {unit}", self.printed),
        }
    }

    /// The exact value with its unit, to more digits than are printed.
    pub fn exact_shown(&self, language: Language) -> Option<String> {
        let exact = self.exact.filter(|exact| exact.is_finite())?;
        if self.kind == ColumnKind::Count {
            return None;
        }
        let figure = format_number(exact, self.decimals + MORE_DECIMALS);
        Some(match self.unit(language) {
            "" => figure,
            unit => format!("{figure} {unit}"),
        })
    }

    fn unit(&self, language: Language) -> &'static str {
        if self.unit.is_empty() { unit(self.kind, language) } else { tr(language, self.unit) }
    }

    /// How it was rounded: to the nearest, or so that what stands beside it adds up.
    pub fn rounding(&self) -> Message {
        rounding(self.exact, &self.printed, self.kind, self.decimals)
    }

    /// All that is said of it: keys of headings, each with its sentences.
    pub fn said(&self, language: Language) -> Vec<(&'static str, Vec<String>)> {
        let texts = |messages: &[Message]| messages.iter().map(|message| message.text(language)).collect::<Vec<_>>();
        let mut said = vec![("why.formula", vec![self.formula.text(language)])];
        said.extend(self.exact_shown(language).map(|exact| ("why.exact", vec![exact])));
        said.push(("why.rounding", vec![self.rounding().text(language)]));
        said.push(("why.basis", texts(&self.basis)));
        said.push(("why.inputs", texts(&self.inputs)));
        said.retain(|(_, lines)| !lines.is_empty());
        said
    }

    /// The same as text, for the clipboard. `pieces` are what it is made of, a line each.
    pub fn text(&self, pieces: &[String], language: Language) -> String {
        let mut out = format!("{}\n{}\n", self.name.text(language), self.shown(language));
        let mut said = self.said(language);
        if !pieces.is_empty() {
            said.push(("why.pieces", pieces.to_vec()));
        }
        for (heading, lines) in said {
            out.push_str(tr(language, heading));
            out.push('\n');
            lines.iter().for_each(|line| out.push_str(&format!("  {line}\n")));
        }
        out
    }
}

/// The layer as an input: its file, CRS, and hash.
pub fn input(title: &str, layer: &Layer) -> Message {
    let hash = &layer.provenance.hash;
    let key = if hash.is_empty() { "why.input" } else { "why.input-hash" };
    Message::new(key)
        .with("title", title)
        .with("path", crate::io::shown_path(&layer.provenance.path))
        .with_said("crs", |language| layer.crs.label_in(language))
        .with("hash", hash)
}

/// By which method areas are measured, and in which plane.
pub fn method(key: &'static str, frame: &str) -> Message {
    // Geodesics need no plane.
    let words = if frame.is_empty() { "why.method-only" } else { "why.method" };
    let message = Message::new(words).with_said("method", |language| tr(language, key).to_owned());
    message.with_said("zone", |language| crate::crs::name_said(frame, language))
}

/// How a printed figure came from its exact value.
fn rounding(exact: Option<f64>, printed: &str, kind: ColumnKind, decimals: usize) -> Message {
    let value = printed.replace([',', '+'], "").replace('−', "-").parse::<f64>();
    let (Some(exact), Ok(value)) = (exact.filter(|exact| exact.is_finite()), value) else {
        return Message::new("why.as-it-is");
    };
    if kind == ColumnKind::Count {
        return Message::new("why.counted");
    }
    let nearest = round_half_up(exact, decimals);
    match last_digits(value, decimals) - last_digits(nearest, decimals) {
        0 => Message::new("why.nearest").with("decimals", decimals),
        moved => {
            let by = of_last_digits(moved, decimals);
            let by = if by > 0.0 { format!("+{}", format_number(by, decimals)) } else { format_number(by, decimals) };
            Message::new("why.moved")
                .with("decimals", decimals)
                .with("nearest", format_number(nearest, decimals))
                .with("by", by)
        }
    }
}

fn unit(kind: ColumnKind, language: Language) -> &'static str {
    Column::new("", "", kind).unit(language)
}

/// Whether a figure of a table is not rounded to the nearest; `false` in columns that do not say how they come about.
pub(super) fn is_moved(table: &Table, figures: &Figures, row: usize, column: usize) -> bool {
    let says = |of: &&Column| of.formula.is_some() && of.kind != ColumnKind::Count;
    let Some(of) = table.columns.get(column).filter(says) else { return false };
    let cells = table.rows.get(row).or(table.total.as_ref().filter(|_| row == table.rows.len()));
    let exact = cells.and_then(|cells| cells.get(column)).and_then(|cell| cell.exact(of.kind));
    let printed = figures.rows.get(row).and_then(|figures| figures.get(column));
    match (exact, printed) {
        (Some(exact), Some(Printed::Number(printed))) if exact.is_finite() && printed.is_finite() => {
            let decimals = figures.decimals[column];
            let digits = |value: f64| last_digits(round_half_up(value, decimals), decimals);
            digits(*printed) != digits(exact)
        }
        _ => false,
    }
}

impl Table {
    /// What there is to say of the figure in that row, the total behind the rows; `None` for texts, empty cells and
    /// columns that do not say how they come about. Method and inputs are said beside the table.
    pub(super) fn figure(&self, figures: &Figures, row: usize, column: usize) -> Option<Figure> {
        let of = self.columns.get(column)?;
        let formula = of.formula.clone()?;
        let cells = self.rows.get(row).or(self.total.as_ref().filter(|_| row == self.rows.len()))?;
        let exact = cells.get(column).unwrap_or(&Cell::Empty).exact(of.kind)?;
        let name = Message::new("why.of-cell")
            .with("row", figures.shown(row, 0))
            .with_said("column", |language| of.heading(language));
        Some(Figure {
            name,
            printed: figures.shown(row, column),
            kind: of.kind,
            unit: "",
            exact: Some(exact),
            decimals: figures.decimals[column],
            formula,
            basis: Vec::new(),
            inputs: Vec::new(),
        })
    }
}

/// The figure of a table in that row, the total behind the rows, and column; `None` for texts and empty cells.
pub fn of_table(table: &Table, row: usize, column: usize) -> Option<Figure> {
    table.figure(&table.figures(), row, column)
}

/// What there is to say of a table as a whole: its first sum, or its first figure where it has none, with how the other
/// columns come about among what it rests on; `None` for tables of texts.
pub fn of_whole(table: &Table) -> Option<Figure> {
    let figures = table.figures();
    let of_row = |row: usize| (0..table.columns.len()).find_map(|at| Some((at, table.figure(&figures, row, at)?)));
    let (column, mut figure) = [table.rows.len(), 0].into_iter().find_map(of_row)?;
    figure.name = Message::new("why.of-cell").with("row", &table.title).with_message("column", &figure.name);
    let mut last = &figure.formula;
    let mut others = Vec::new();
    for (_, of) in table.columns.iter().enumerate().filter(|(at, _)| *at != column) {
        // Columns beside each other that come about alike are said once.
        let Some(formula) = of.formula.as_ref().filter(|formula| *formula != last) else { continue };
        let said = Message::new("why.column-formula").with_said("column", |language| of.heading(language));
        others.push(said.with_message("formula", formula));
        last = formula;
    }
    figure.basis.extend(others);
    Some(figure)
}

/// Every row of a table as it is read, the total last.
pub fn printed(table: &Table) -> Vec<Vec<String>> {
    let figures = table.figures();
    let row = |row: usize| (0..table.columns.len()).map(|column| figures.shown(row, column)).collect();
    (0..figures.rows.len()).map(row).collect()
}

/// What is said of one figure of a table in a line: its exact value, and how it was rounded.
pub(super) fn in_short(figure: &Figure, language: Language) -> String {
    let rounding = figure.rounding().text(language);
    match figure.exact_shown(language) {
        Some(exact) => {
            let message = Message::new("why.in-short").with("exact", exact).with("rounding", rounding);
            message.text(language)
        }
        None => rounding,
    }
}

/// 数的来历: a row for each kind of figure in `tables`: where it stands, how it comes about, its unit, its decimals, how
/// many there are and how many were moved so that others add up.
pub fn kinds_table(tables: &[&Table], language: Language) -> Table {
    let column = |key: &str, title: &str, kind| Column::new(key, tr(language, title), kind);
    let mut kinds = Table {
        title: tr(language, "why.kinds").to_owned(),
        columns: vec![
            column("table", "why.table", ColumnKind::Text),
            column("column", "why.column", ColumnKind::Text),
            column("formula", "why.formula", ColumnKind::Text),
            column("unit", "report.unit", ColumnKind::Text),
            column("decimals", "why.decimals", ColumnKind::Count).why("why.f-decimals"),
            column("figures", "why.figures", ColumnKind::Count).why("why.f-figures"),
            column("moved", "why.moved-count", ColumnKind::Count).why("why.f-moved"),
        ],
        notes: vec![tr(language, "why.rule").to_owned()],
        ..Table::default()
    };
    for table in tables {
        let figures = table.figures();
        let count = table.columns.len();
        let mut at = 0;
        while at < count {
            let first = &table.columns[at];
            // Columns beside each other that come about alike (the classes of a matrix) are one kind.
            let is_alike = |other: &Column| {
                other.formula == first.formula && other.kind == first.kind && other.decimals == first.decimals
            };
            let end = (at..count).find(|other| !is_alike(&table.columns[*other])).unwrap_or(count);
            if let Some(formula) = first.formula.as_ref().filter(|_| first.kind != ColumnKind::Text) {
                let (mut all, mut moved) = (0, 0);
                for row in 0..figures.rows.len() {
                    for column in at..end {
                        all += usize::from(matches!(figures.rows[row].get(column), Some(Printed::Number(_))));
                        moved += usize::from(is_moved(table, &figures, row, column));
                    }
                }
                let heading = match end - at {
                    1 => first.heading(language),
                    n => Message::new("why.columns")
                        .with("first", &first.title)
                        .with("last", &table.columns[end - 1].title)
                        .with("n", n)
                        .text(language),
                };
                kinds.rows.push(vec![
                    Cell::from(table.title.as_str()),
                    Cell::from(heading),
                    Cell::from(formula.text(language)),
                    Cell::from(first.unit(language)),
                    Cell::from(figures.decimals[at]),
                    Cell::from(all),
                    Cell::from(moved),
                ]);
            }
            at = end.max(at + 1);
        }
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Area, AreaUnit};

    fn thirds() -> Table {
        let third = Area::from_m2(10_000.0 / 3.0);
        let mut table = Table {
            title: "表".to_owned(),
            columns: vec![
                Column::new("class", "地类", ColumnKind::Text),
                Column::new("mu", "面积", ColumnKind::Area(AreaUnit::Mu)).why("why.f-class-base"),
            ],
            rows: ["甲", "乙", "丙"].map(|name| vec![Cell::from(name), Cell::from(third)]).to_vec(),
            ..Table::default()
        };
        table.add_total("合计");
        table
    }

    #[test]
    fn a_figure_says_what_it_is_exactly_and_that_it_was_moved() {
        let table = thirds();
        let figures = table.figures();
        // 5.00 three times are 15.00: no move is needed.
        let first = table.figure(&figures, 0, 1).expect("a figure");
        assert_eq!((first.printed.as_str(), first.rounding().key), ("5.00", "why.nearest"));
        assert_eq!(first.exact_shown(Language::Chinese).as_deref(), Some("5.000000 亩"));
        assert!(table.figure(&figures, 0, 0).is_none(), "a text is no figure");
        let total = table.figure(&figures, 3, 1).expect("the total");
        assert_eq!(total.printed, "15.00");
        let text = first.text(&["甲 5.00 亩".to_owned()], Language::Chinese);
        for wanted in ["5.00 亩", "5.000000 亩", "甲 5.00 亩", tr(Language::Chinese, "why.formula")] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
    }

    #[test]
    fn a_whole_table_says_its_sum_and_how_its_columns_come_about() {
        let mut table = thirds();
        table.columns.push(Column::new("n", "个数", ColumnKind::Count).why("why.f-figures"));
        let figure = of_whole(&table).expect("has figures");
        assert_eq!((figure.printed.as_str(), figure.formula.key), ("15.00", "why.f-class-base"));
        let name = figure.name.text(Language::Chinese);
        assert!(name.contains("表 · 合计 · 面积"), "{name}");
        assert_eq!(figure.basis.len(), 1, "{:?}", figure.basis);
        assert!(figure.basis[0].text(Language::Chinese).starts_with("个数："));
        table.columns.truncate(1);
        assert!(of_whole(&table).is_none(), "texts alone");
    }

    #[test]
    fn moved_figures_are_counted_by_kind() {
        let mut table = thirds();
        table.columns[1].kind = ColumnKind::Area(AreaUnit::Hectare);
        // A third of a hectare is 0.3333 three times: one of them becomes 0.3334.
        let figures = table.figures();
        let moved: Vec<Figure> = (0..3)
            .filter_map(|row| table.figure(&figures, row, 1))
            .filter(|figure| figure.rounding().key == "why.moved")
            .collect();
        assert_eq!(moved.len(), 1);
        assert!(moved[0].rounding().text(Language::Chinese).contains("+0.0001"), "{:?}", moved[0].rounding());
        let kinds = kinds_table(&[&table], Language::Chinese);
        assert_eq!(kinds.rows.len(), 1);
        assert_eq!((&kinds.rows[0][5], &kinds.rows[0][6]), (&Cell::Count(4), &Cell::Count(1)));
    }

    #[test]
    fn a_rounded_cell_keeps_what_it_is() {
        let cell = Cell::Rounded { shown: 666.67, exact: 666.666_666_7 };
        let kind = ColumnKind::Area(AreaUnit::SquareMetre);
        assert_eq!((cell.value(kind), cell.exact(kind)), (Some(666.67), Some(666.666_666_7)));
        let moved = rounding(Some(0.994), "1.00", kind, 2);
        assert_eq!(moved.key, "why.moved");
        assert_eq!(rounding(Some(3.0), "3", ColumnKind::Count, 0).key, "why.counted");
        assert_eq!(rounding(None, "–", kind, 2).key, "why.as-it-is");
        assert_eq!(rounding(Some(-0.5), "−0.50", kind, 2).key, "why.nearest");
    }
}
