//! From rows to features.

use super::super::ReadError;
use super::super::columns::{Place, RawLayer, Sinks};
use super::super::findings::Findings;
use super::super::wkb::Notes;
use super::super::wkt;
use super::coordinates::coordinate;
use super::corners;
use super::heading::{self, Heading};
use super::profile::{self, Geometry, Kind, Profile};
use super::rows::{Grid, Rows};
use crate::crs::{Crs, Declared};
use crate::model::attributes::AttributeBuilder;
use crate::model::{Coord, GeometryKind, Issue, Severity, Value};
use crate::task::Progress;
use crate::text::Message;

/// Names that are listed in one message.
const LISTED: usize = 20;

/// Reads a table as a layer.
///
/// # Errors
/// [`ReadError::Empty`] where it holds nothing, [`ReadError::Cancelled`].
pub(super) fn layer(grid: Grid, rows: &Rows<'_>, progress: &Progress) -> Result<RawLayer, ReadError> {
    let heading = heading::find(rows, progress)?;
    let profile = profile::profile(rows, &heading, progress)?;
    if profile.columns.is_empty() {
        return Err(ReadError::Empty);
    }
    let mut issues = grid.issues;
    issues.extend(about(&heading, &profile));
    let mut table = Table {
        profile: &profile,
        heading: &heading,
        sinks: Sinks::new(None),
        findings: Findings::default(),
        row: 0,
        srid: None,
    };
    match profile.geometry {
        Geometry::Corners { plot, point, ring, east, north } => {
            let columns = corners::Columns { plot, point, ring, east, north };
            corners::read(&mut table, rows, columns, progress)?;
        }
        _ => rows.each(progress, |number, cells| {
            table.row(number, cells);
            true
        })?,
    }
    let declared = table.srid.and_then(|code| Crs::from_epsg(code).ok().map(|crs| (code, crs))).map(|(code, crs)| {
        // Other codes than those of the first row would be another CRS in one column.
        Declared { text: format!("SRID={code}"), crs: Some(crs), offered: None }
    });
    let has_geometry = !matches!(profile.geometry, Geometry::None);
    if !has_geometry && profile.row_count > 0 {
        issues.push(Issue::new(Severity::Note, Message::new("io.table-no-geometry")));
    }
    Ok(RawLayer {
        name: grid.name,
        format: grid.format.to_owned(),
        encoding: grid.encoding,
        order: table.sinks.order.clone(),
        blocks: table.sinks.finish(),
        declared,
        issues,
        findings: table.findings,
        row_count: table.row,
        skipped_count: 0,
        error: None,
    })
}

/// What there is to say of a table as a whole.
fn about(heading: &Heading, profile: &Profile) -> Vec<Issue> {
    let mut issues = Vec::new();
    let mut add = |severity, message: Message| issues.push(Issue::new(severity, message));
    if !heading.titles.is_empty() {
        let text: String = heading.titles.join("；").chars().take(200).collect();
        add(Severity::Note, Message::new("io.table-title").with("text", text));
    }
    if heading.is_double {
        add(Severity::Note, Message::new("io.table-two-headings").with("row", heading.last_row));
    }
    if heading.last_row == 0 {
        add(Severity::Warning, Message::new("io.table-no-heading"));
    }
    let list = |names: &[String]| names.iter().take(LISTED).cloned().collect::<Vec<_>>().join("、");
    if !profile.unnamed.is_empty() {
        add(Severity::Note, Message::new("io.table-unnamed").with("names", list(&profile.unnamed)));
    }
    if !profile.repeated.is_empty() {
        add(Severity::Warning, Message::new("io.table-repeated").with("names", list(&profile.repeated)));
    }
    for column in &profile.columns {
        let name = &column.name;
        if column.numeric_text_count > 0 && !profile::is_code(name) && 2 * column.numeric_text_count > column.count {
            let message =
                Message::new("io.table-number-text").with("name", name).with("count", column.numeric_text_count);
            add(Severity::Note, message);
        }
        // 701 among 1207: the codes of the schemes of land use have two, four or six digits.
        let is_class =
            ["地类编码", "地类代码", "DLBM", "用地代码", "现状地类"].contains(&name.to_ascii_uppercase().as_str());
        if is_class && column.three_digit_count > 0 {
            let message = Message::new("io.table-lost-zero").with("name", name).with("count", column.three_digit_count);
            add(Severity::Warning, message);
        }
    }
    let long = profile.columns.iter().filter(|column| column.long_count > 0);
    for column in long.filter(|column| profile::is_code(&column.name) || column.long_count == column.count) {
        let message = Message::new("io.table-long-number").with("name", &column.name).with("count", column.long_count);
        add(Severity::Warning, message);
    }
    if matches!(profile.geometry, Geometry::Corners { plot: None, .. }) {
        add(Severity::Note, Message::new("io.table-one-plot"));
    }
    if profile.is_north_first {
        add(Severity::Note, Message::new("io.table-x-is-north"));
    }
    issues
}

/// A table whose rows become features.
pub(super) struct Table<'p> {
    pub(super) profile: &'p Profile,
    pub(super) heading: &'p Heading,
    pub(super) sinks: Sinks,
    pub(super) findings: Findings,
    /// Features so far.
    pub(super) row: u64,
    /// The code of the CRS that the first WKT names.
    srid: Option<u32>,
}

impl Table<'_> {
    /// Whether a row is one of the headings.
    pub(super) fn is_heading(&self, number: u64) -> bool {
        number <= self.heading.last_row
    }

    /// The cell of a column of the profile.
    pub(super) fn cell<'v, 't>(&self, cells: &'v [(usize, Value<'t>)], column: usize) -> Option<&'v Value<'t>> {
        cells.iter().find(|(source, _)| self.profile.of_source(*source) == Some(column)).map(|(_, value)| value)
    }

    /// Adds an issue about the feature that is being read.
    pub(super) fn issue(&mut self, severity: Severity, message: Message, line: u64) {
        let issue = Issue { feature: Some(self.row), line: Some(line), ..Issue::new(severity, message) };
        self.findings.add(issue, None);
    }

    /// Whether a row is one of totals, which no feature is: it is kept, and said.
    pub(super) fn note_total(&mut self, number: u64, cells: &[(usize, Value<'_>)]) {
        let is_total = |text: &str| {
            let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '：').collect();
            ["合计", "总计", "小计", "共计", "总和"].contains(&text.as_str())
        };
        if cells.iter().take(3).any(|(_, value)| matches!(value, Value::Text(text) if is_total(text))) {
            self.issue(Severity::Warning, Message::new("io.table-total"), number);
        }
    }

    fn row(&mut self, number: u64, cells: &[(usize, Value<'_>)]) {
        if self.is_heading(number) {
            return;
        }
        self.note_total(number, cells);
        // Rows are no bytes; how large a block grows is counted by the cells that were read.
        let offset = (self.row as usize).saturating_mul(64);
        let place = Place { row: self.row, line: number, offset };
        match self.profile.geometry {
            Geometry::Points { east, north } => self.point(place, cells, east, north),
            Geometry::Wkt(column) => self.wkt(place, cells, column),
            Geometry::None | Geometry::Corners { .. } => {
                self.end_feature(GeometryKind::None, true, place, cells);
            }
        }
        self.row += 1;
    }

    fn point(&mut self, place: Place, cells: &[(usize, Value<'_>)], east: usize, north: usize) {
        let (x, y) = (self.cell(cells, east), self.cell(cells, north));
        let at = match (x.and_then(coordinate), y.and_then(coordinate)) {
            (Some(x), Some(y)) => Some(Coord { x, y }),
            _ => None,
        };
        match at {
            Some(at) => {
                self.sinks.note(GeometryKind::Point);
                self.sinks.of(GeometryKind::Point, place.offset).geometry.coord(at);
            }
            None => {
                let shown = |value: Option<&Value<'_>>| value.map_or_else(String::new, ToString::to_string);
                let found: String = format!("{}, {}", shown(x), shown(y)).chars().take(60).collect();
                let message = Message::new("io.table-no-coordinate").with("found", found);
                self.issue(Severity::Warning, message, place.line);
            }
        }
        self.end_feature(GeometryKind::Point, at.is_none(), place, cells);
    }

    fn wkt(&mut self, place: Place, cells: &[(usize, Value<'_>)], column: usize) {
        let text = match self.cell(cells, column) {
            Some(Value::Text(text)) => text,
            _ => "",
        };
        if self.row == 0 {
            self.srid = wkt::without_srid(text).0;
        }
        let mut notes = Notes::default();
        let pushed = match text {
            "" => Ok(super::super::columns::Kinds::default()),
            text => wkt::push(text, &mut self.sinks, place.offset, &mut notes),
        };
        for key in notes.keys() {
            self.issue(Severity::Note, Message::new(key), place.line);
        }
        match pushed {
            Ok(kinds) if !kinds.is_empty() => {
                for kind in kinds.iter() {
                    self.sinks.note(kind);
                    self.end_feature(kind, false, place, cells);
                }
            }
            other => {
                self.sinks.rollback();
                if let Err(message) = other {
                    self.issue(Severity::Error, message, place.line);
                }
                let home = self.sinks.home();
                self.end_feature(home, true, place, cells);
            }
        }
    }

    /// Ends a feature with the attributes of its row.
    pub(super) fn end_feature(&mut self, kind: GeometryKind, null: bool, place: Place, cells: &[(usize, Value<'_>)]) {
        let profile = self.profile;
        self.sinks.end_feature(kind, null, place, |attributes, _| {
            name_columns(attributes, profile, |_| true);
            for (source, value) in cells {
                let Some(at) = profile.of_source(*source) else { continue };
                let column = attributes.column(&profile.columns[at].name, at);
                attributes.set(column, stored(*value, profile.columns[at].kind));
            }
            attributes.end_row();
            false
        });
    }
}

/// Makes the columns of a new block in the order of the table: rows may leave cells empty.
pub(super) fn name_columns(attributes: &mut AttributeBuilder, profile: &Profile, is_kept: impl Fn(usize) -> bool) {
    if attributes.row_count() == 0 {
        for (at, column) in profile.columns.iter().enumerate().filter(|(at, _)| is_kept(*at)) {
            attributes.column(&column.name, at);
        }
    }
}

/// A cell as it is stored: text that is numbers throughout its column as those.
pub(super) fn stored(value: Value<'_>, kind: Kind) -> Value<'_> {
    match (value, kind) {
        (Value::Text(text), Kind::Int) => text.trim().parse().map_or(value, Value::Int),
        (Value::Text(text), Kind::Float) => text.trim().parse().map_or(value, Value::Float),
        _ => value,
    }
}
