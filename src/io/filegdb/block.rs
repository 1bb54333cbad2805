//! Rows of a table to a block of columns: attributes by the type of their field, geometry, ids.
//!
//! What is odd about values is counted by field, so that a table has one issue for it, however many rows and blocks.

use std::sync::atomic::AtomicUsize;

use super::calendar::{full_moment, moment, time};
use super::cursor::utf16;
use super::shapes::{Come, Fault, Notes, Shapes};
use super::table::{Cell, Holds, Place, Table};
use crate::crs::Sample;
use crate::io::ReadError;
use crate::io::columns::RawBlock;
use crate::io::findings::Findings;
use crate::model::attributes::ColumnBuilder;
use crate::model::{AttributeBlock, GeometryBuilder, GeometryKind, Issue, Severity, Value};
use crate::task::Progress;
use crate::text::Message;

/// How often something came up, and in which row first.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    count: u64,
    first: u32,
}

impl Count {
    fn add(&mut self, row: u32) {
        self.add_all(Self { count: 1, first: row });
    }

    fn add_all(&mut self, other: Self) {
        if self.count == 0 {
            self.first = other.first;
        }
        self.count += other.count;
    }
}

/// What is odd about the values of a table: for each field, those that are not shown, are none, or are no text.
#[derive(Debug)]
pub(super) struct Oddities {
    hidden: Vec<Count>,
    unread: Vec<Count>,
    damaged: Vec<Count>,
    curves: Count,
}

impl Oddities {
    pub(super) fn new(table: &Table) -> Self {
        let none = || vec![Count::default(); table.fields.len()];
        let (hidden, unread, damaged) = (none(), none(), none());
        Self { hidden, unread, damaged, curves: Count::default() }
    }

    /// Adds those of later rows.
    pub(super) fn append(&mut self, later: Self) {
        let lists =
            [(&mut self.hidden, later.hidden), (&mut self.unread, later.unread), (&mut self.damaged, later.damaged)];
        for (list, more) in lists {
            list.iter_mut().zip(more).for_each(|(count, more)| count.add_all(more));
        }
        self.curves.add_all(later.curves);
    }

    /// Says them. `tolerance` is how far chords may leave their curves, in a word with its unit.
    pub(super) fn tell(&self, table: &Table, tolerance: &str, findings: &mut Findings) {
        let mut say = |count: Count, severity, message: Message| {
            if count.count > 0 {
                let message = message.with("count", count.count);
                let issue = Issue { feature: Some(u64::from(count.first)), ..Issue::new(severity, message) };
                findings.add(issue, None);
            }
        };
        for (at, field) in table.fields.iter().enumerate() {
            let named = |key| Message::new(key).with("field", &field.name);
            let hidden = match field.holds {
                Holds::Raster { .. } => "io.gdb-raster-field",
                _ => "io.gdb-binary-field",
            };
            say(self.hidden[at], Severity::Note, named(hidden));
            say(self.unread[at], Severity::Warning, named("io.gdb-no-value"));
            say(self.damaged[at], Severity::Warning, named("io.gdb-damaged-text"));
        }
        say(self.curves, Severity::Note, Message::new("io.gdb-curves").with("tolerance", tolerance));
    }
}

/// How the geometry of a table is read.
pub(super) struct Space<'a> {
    pub(super) kind: GeometryKind,
    pub(super) tolerance: f64,
    pub(super) curve_points: &'a AtomicUsize,
}

/// The rows `places` of a table, the first of which is row `first` of it.
///
/// # Errors
/// [`ReadError::Cancelled`].
pub(super) fn block(
    table: &Table,
    space: &Space<'_>,
    places: &[Place],
    first: u32,
    progress: &Progress,
) -> Result<(RawBlock, Findings, Oddities), ReadError> {
    let cancelled = |_| ReadError::Cancelled;
    let (mut findings, mut oddities) = (Findings::default(), Oddities::new(table));
    let mut columns: Vec<ColumnBuilder> = vec![ColumnBuilder::default(); table.fields.len()];
    let mut ids = ColumnBuilder::default();
    let mut geometry = GeometryBuilder::new(space.kind);
    let grid = table.grid.as_ref();
    let mut shapes = grid.map(|grid| Shapes::new(grid, space.kind, space.tolerance, space.curve_points));
    let mut text = String::new();
    for (at, place) in places.iter().enumerate() {
        let (at, row) = (at as u32, first + at as u32);
        if at % 1024 == 0 {
            progress.tick(0).map_err(cancelled)?;
        }
        let mut shape: Option<&[u8]> = None;
        let is_whole = table.cells(table.row(place), |field, cell| match (table.fields[field].holds, cell) {
            (Holds::Geometry, Cell::Bytes(bytes)) => shape = Some(bytes),
            (Holds::Binary | Holds::Raster { .. }, _) => oddities.hidden[field].add(row),
            (holds, cell) => match value(holds, cell, table.is_utf8, &mut text) {
                Some(Given::Value(value)) => drop(columns[field].set(at, value)),
                Some(Given::Text) => {
                    if text.contains(char::REPLACEMENT_CHARACTER) {
                        oddities.damaged[field].add(row);
                    }
                    columns[field].set(at, Value::Text(&text));
                }
                None => oddities.unread[field].add(row),
            },
        });
        ids.set(at, Value::Int(place.id));
        if !is_whole {
            say(&mut findings, Severity::Error, "io.gdb-bad-row", row, place.id);
        }
        let mut notes = Notes::default();
        let come = match (shape, &mut shapes) {
            (Some(shape), Some(shapes)) => shapes.add(shape, &mut geometry, &mut notes, progress).map_err(cancelled)?,
            _ => Ok(Come::Null),
        };
        for (is_so, key) in [
            (notes.rings.has_open, "io.shp-open-ring"),
            (notes.rings.has_short, "io.shp-short-ring"),
            (notes.rings.has_repeated, "io.shp-repeated-ring"),
        ] {
            if is_so {
                say(&mut findings, Severity::Warning, key, row, place.id);
            }
        }
        match come {
            Ok(Come::Whole | Come::Empty) => {
                geometry.end_feature();
                if notes.has_curve {
                    oddities.curves.add(row);
                }
            }
            Ok(Come::Null) => geometry.null_feature(),
            Err(fault) => {
                geometry.rollback();
                let key = match fault {
                    Fault::Broken => "io.gdb-bad-shape",
                    Fault::NotFinite => "io.shp-not-finite",
                    Fault::Multipatch => "io.shp-multipatch",
                    Fault::OtherKind => "io.gdb-other-kind",
                    Fault::TooManyPoints => "io.gdb-curve-points",
                };
                say(&mut findings, Severity::Error, key, row, place.id);
                geometry.null_feature();
            }
        }
    }
    let shown = |holds: Holds| !matches!(holds, Holds::Geometry | Holds::ObjectId);
    let (mut names, mut done) = (Vec::new(), Vec::new());
    for (field, column) in table.fields.iter().zip(columns).filter(|(field, _)| shown(field.holds)) {
        names.push(field.name.clone());
        done.push(column.finish(places.len()));
    }
    let geometry = geometry.finish();
    let sample = Sample::of(geometry.coords());
    let attributes = AttributeBlock::of_columns(done, places.len());
    let ids = (!places.is_empty()).then(|| ids.finish(places.len()));
    let rows = (0..places.len() as u32).map(|at| first + at).collect();
    Ok((RawBlock { geometry, names, attributes, ids, rows, lines: Vec::new(), sample }, findings, oddities))
}

fn say(findings: &mut Findings, severity: Severity, key: &'static str, row: u32, id: i64) {
    if findings.has_room(key) {
        let issue = Issue::new(severity, Message::new(key));
        findings.add(Issue { feature: Some(u64::from(row)), id: Some(id.to_string()), ..issue }, None);
    } else {
        findings.count_only(key);
    }
}

/// What a cell gives.
enum Given<'a> {
    Value(Value<'a>),
    /// A text that was made of it.
    Text,
}

/// The value of a cell, or the text that it became in `text`; `None` where it is none.
fn value<'a>(holds: Holds, cell: Cell<'a>, is_utf8: bool, text: &mut String) -> Option<Given<'a>> {
    match (holds, cell) {
        (_, Cell::Int(v)) => return Some(Given::Value(Value::Int(v))),
        (Holds::Float32 | Holds::Float64, Cell::Float(v)) => {
            return v.is_finite().then_some(Given::Value(Value::Float(v)));
        }
        (Holds::Time, Cell::Float(v)) => *text = time(v)?,
        (_, Cell::Float(v)) => *text = moment(v)?,
        (_, Cell::Stamp(v, minutes)) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            let minutes = minutes.unsigned_abs();
            *text = format!("{}{sign}{:02}:{:02}", full_moment(v)?, minutes / 60, minutes % 60);
        }
        (Holds::Guid, Cell::Bytes(bytes)) => *text = guid(bytes),
        (Holds::Text, Cell::Bytes(bytes)) if !is_utf8 => *text = utf16(bytes),
        (_, Cell::Bytes(bytes)) => match std::str::from_utf8(bytes) {
            Ok(plain) => return Some(Given::Value(Value::Text(plain))),
            Err(_) => *text = String::from_utf8_lossy(bytes).into_owned(),
        },
    }
    Some(Given::Text)
}

/// `{12345678-9ABC-DEF0-1234-567890ABCDEF}`: its first three groups stand with the lowest byte first.
fn guid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(38);
    text.push('{');
    for (at, from) in [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{:02X}", bytes.get(from).copied().unwrap_or(0)));
    }
    text.push('}');
    text
}
