//! A table: values, not figures. Areas are in m², unrounded; how many digits are read is decided here, for all outputs.

use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit, balance, format_number};

/// A table of results in one language.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What it shows.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
    /// The row of totals, where there is one. Its areas are sums of unrounded rows, or what its caller measured.
    pub total: Option<Vec<Cell>>,
    /// Method, zone, source and whatever else a reader must know, one sentence each.
    pub notes: Vec<String>,
    /// Figures that were moved by one unit of their last decimal before they came here, so that they add up.
    pub adjusted_count: usize,
    /// Rows that it would have beside these; the workbook has them.
    pub left_out: usize,
}

/// A column: what its cells are and how they are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name in JSON.
    pub key: String,
    /// Heading, without the unit.
    pub title: String,
    /// What its cells are.
    pub kind: ColumnKind,
    /// Decimals of its figures, where they are rounded already; those of its kind else.
    pub decimals: Option<usize>,
    /// How its figures come about; `None` for texts.
    pub formula: Option<Message>,
    /// What it stands under, the outermost first: columns beside each other that begin alike share a heading.
    pub over: Vec<String>,
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text, left-aligned.
    Text,
    /// Whole numbers.
    Count,
    /// Numbers with that many decimals.
    Number(u8),
    /// Areas in that unit.
    Area(AreaUnit),
    /// Shares of a whole, shown in per cent with 2 decimals; 1 is the whole.
    Share,
}

/// The value of a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing to say.
    #[default]
    Empty,
    /// Text, as it is.
    Text(String),
    /// A whole number.
    Count(u64),
    /// A number or a share.
    Number(f64),
    /// An area.
    Area(Area),
    /// A number, or an area in m², that was rounded together with others before it came here.
    Rounded {
        /// As it is printed.
        shown: f64,
        /// What it is.
        exact: f64,
    },
}

impl Column {
    /// A column of that kind.
    pub fn new(key: &str, title: impl Into<String>, kind: ColumnKind) -> Self {
        Self { key: key.to_owned(), title: title.into(), kind, decimals: None, formula: None, over: Vec::new() }
    }

    /// The column with figures that are rounded to so many decimals already.
    #[must_use]
    pub fn rounded_to(self, decimals: usize) -> Self {
        Self { decimals: Some(decimals), ..self }
    }

    /// The column with how its figures come about, by the key of the sentence.
    #[must_use]
    pub fn why(self, key: &'static str) -> Self {
        Self { formula: Some(Message::new(key)), ..self }
    }

    /// The column under a heading that it shares with its neighbours.
    #[must_use]
    pub fn under(mut self, heading: impl Into<String>) -> Self {
        self.over.push(heading.into());
        self
    }

    /// Symbol of the unit, empty where there is none.
    pub fn unit(&self, language: Language) -> &'static str {
        match self.kind {
            ColumnKind::Area(unit) => tr(language, unit.key()),
            ColumnKind::Share => "%",
            _ => "",
        }
    }

    /// Heading with what it stands under before it, and the unit in parentheses.
    pub fn heading(&self, language: Language) -> String {
        let title = self.over.iter().chain([&self.title]).map(String::as_str).collect::<Vec<_>>().join(" · ");
        match self.unit(language) {
            "" => title,
            unit => Message::new("report.heading").with("title", title).with("unit", unit).text(language),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Area> for Cell {
    fn from(area: Area) -> Self {
        Self::Area(area)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl Cell {
    /// The number in the unit of a column; `None` for text and empty cells.
    pub(super) fn value(&self, kind: ColumnKind) -> Option<f64> {
        match (self, kind) {
            (Self::Empty | Self::Text(_), _) => None,
            (Self::Count(count), _) => Some(*count as f64),
            (Self::Number(value), ColumnKind::Share) => Some(value * 100.0),
            (Self::Number(value), _) => Some(*value),
            (Self::Area(area), kind) => Some(in_column(area.m2(), kind)),
            (Self::Rounded { shown, .. }, kind) => Some(in_column(*shown, kind)),
        }
    }

    /// The same before any rounding.
    pub(super) fn exact(&self, kind: ColumnKind) -> Option<f64> {
        match self {
            Self::Rounded { exact, .. } => Some(in_column(*exact, kind)),
            _ => self.value(kind),
        }
    }
}

/// A number as a column has it: m² in its unit, shares in per cent.
fn in_column(value: f64, kind: ColumnKind) -> f64 {
    match kind {
        ColumnKind::Area(unit) => Area::from_m2(value).value(unit),
        ColumnKind::Share => value * 100.0,
        _ => value,
    }
}

/// A table as it is read: every cell a figure or a text, rounded and balanced.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figures {
    /// Rows, then the total where there is one. Numbers have a plain decimal point and no separators.
    pub(super) rows: Vec<Vec<Figure>>,
    /// Decimals of each column.
    pub(super) decimals: Vec<usize>,
    /// Figures that were moved by one unit of the last decimal so that their column adds up.
    pub(super) adjusted_count: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Figure {
    Empty,
    Text(String),
    Number(f64),
}

impl Table {
    /// A total over all rows: areas and counts summed, shares summed, `label` in the first column.
    pub fn add_total(&mut self, label: &str) {
        let columns = self.columns.iter().enumerate();
        let cells = columns.map(|(at, column)| {
            let cells = || self.rows.iter().filter_map(|row| row.get(at));
            match column.kind {
                _ if at == 0 => Cell::from(label),
                ColumnKind::Text | ColumnKind::Number(_) => Cell::Empty,
                ColumnKind::Count => {
                    Cell::Count(cells().map(|cell| if let Cell::Count(count) = cell { *count } else { 0 }).sum())
                }
                ColumnKind::Area(_) => {
                    Cell::Area(cells().map(|cell| if let Cell::Area(area) = cell { *area } else { Area::ZERO }).sum())
                }
                ColumnKind::Share => {
                    Cell::Number(cells().map(|cell| if let Cell::Number(share) = cell { *share } else { 0.0 }).sum())
                }
            }
        });
        self.total = Some(cells.collect());
    }

    /// The notes, with those about rows that are left out, and about balancing where figures were moved.
    pub(super) fn all_notes(&self, figures: &Figures, language: Language) -> Vec<String> {
        self.notes_where(0, figures, language)
    }

    /// The same where so many more rows are left out.
    pub(super) fn notes_where(&self, left_out: usize, figures: &Figures, language: Language) -> Vec<String> {
        let mut notes = Vec::new();
        if self.left_out + left_out > 0 {
            let message = Message::new("report.rows-left-out").with("n", self.left_out + left_out);
            notes.push(message.text(language));
        }
        notes.extend(self.notes.iter().cloned());
        let adjusted_count = figures.adjusted_count + self.adjusted_count;
        if adjusted_count > 0 {
            let message = Message::new("report.balanced").with("count", adjusted_count);
            notes.push(message.text(language));
        }
        notes
    }

    /// The table rounded for reading. A column is balanced where it has a total that its rows add up to before rounding.
    pub(super) fn figures(&self) -> Figures {
        let mut rows: Vec<Vec<Figure>> = self.rows.iter().chain(&self.total).map(|_| Vec::new()).collect();
        let mut adjusted_count = 0;
        let mut all_decimals = Vec::with_capacity(self.columns.len());
        for (at, column) in self.columns.iter().enumerate() {
            let cells: Vec<&Cell> =
                self.rows.iter().chain(&self.total).map(|row| row.get(at).unwrap_or(&Cell::Empty)).collect();
            let values: Vec<Option<f64>> = cells.iter().map(|cell| cell.value(column.kind)).collect();
            let decimals = column.decimals.unwrap_or_else(|| decimals(column.kind, &values));
            let balanced = self.balanced(column.kind, &values, decimals);
            for (i, (row, cell)) in rows.iter_mut().zip(&cells).enumerate() {
                row.push(match (values[i], cell) {
                    (Some(value), _) => Figure::Number(balanced.as_ref().map_or(value, |(rows, _)| rows[i])),
                    (None, Cell::Text(text)) => Figure::Text(text.clone()),
                    (None, _) => Figure::Empty,
                });
            }
            adjusted_count += balanced.map_or(0, |(_, count)| count);
            all_decimals.push(decimals);
        }
        Figures { rows, decimals: all_decimals, adjusted_count }
    }

    /// Keeps figures that were moved for their total as they are printed, so that some of the rows alone print the same.
    pub(super) fn settle(&mut self) {
        let figures = self.figures();
        for (at, column) in self.columns.iter().enumerate() {
            for (row, cells) in self.rows.iter_mut().enumerate() {
                let Figure::Number(printed) = figures.rows[row][at] else { continue };
                let settled = match (cells.get(at), column.kind) {
                    (Some(Cell::Area(area)), ColumnKind::Area(unit)) => {
                        Cell::Rounded { shown: Area::of(printed, unit).m2(), exact: area.m2() }
                    }
                    (Some(Cell::Number(share)), ColumnKind::Share) => {
                        Cell::Rounded { shown: printed / 100.0, exact: *share }
                    }
                    _ => continue,
                };
                cells[at] = settled;
            }
        }
    }

    /// The rounded values of a column, total last, and how many were moved; `None` where nothing needs to add up.
    fn balanced(&self, kind: ColumnKind, values: &[Option<f64>], decimals: usize) -> Option<(Vec<f64>, usize)> {
        if !matches!(kind, ColumnKind::Area(_) | ColumnKind::Share) || self.total.is_none() {
            return None;
        }
        let total = values.last().copied().flatten()?;
        let rows: Vec<f64> = values[..values.len() - 1].iter().map(|value| value.unwrap_or(0.0)).collect();
        let sum: f64 = rows.iter().sum();
        // A total of its own (a union, a share of another whole) is not what the rows add up to.
        if (sum - total).abs() > 1e-9 * total.abs().max(1.0) {
            return None;
        }
        let balanced = balance(&rows, decimals);
        let mut rounded = balanced.rows;
        rounded.push(balanced.total);
        Some((rounded, balanced.adjusted_count))
    }
}

/// Decimals of a column: those of its kind; 6 for a column of km² in which a figure is below 0.01.
fn decimals(kind: ColumnKind, values: &[Option<f64>]) -> usize {
    match kind {
        ColumnKind::Text | ColumnKind::Count => 0,
        ColumnKind::Number(decimals) => usize::from(decimals),
        ColumnKind::Share => 2,
        ColumnKind::Area(unit) => {
            values.iter().flatten().map(|value| unit.decimals(*value)).max().unwrap_or(unit.decimals(0.0))
        }
    }
}

impl Figures {
    /// The figure as people read it: thousands separated.
    pub(super) fn shown(&self, row: usize, column: usize) -> String {
        match &self.rows[row][column] {
            Figure::Empty => String::new(),
            Figure::Text(text) => text.clone(),
            Figure::Number(value) => format_number(*value, self.decimals[column]),
        }
    }

    /// The figure as spreadsheets read it: no separators, empty where it is no number.
    pub(super) fn plain(&self, row: usize, column: usize) -> String {
        match &self.rows[row][column] {
            Figure::Number(value) if !value.is_finite() => String::new(),
            _ => match &self.rows[row][column] {
                Figure::Number(_) => self.shown(row, column).replace(',', ""),
                _ => self.shown(row, column),
            },
        }
    }
}
