//! Lists of coordinates without plot lines, as survey programs export them.
//!
//! | lines | read as |
//! |---|---|
//! | `name,code,easting,northing,height` (CASS DAT) | points |
//! | `name,northing,easting` | points |
//! | a name, then lines `easting,northing`, then an empty line | polygons |

use super::super::columns::{Place, RawLayer, Sinks};
use super::super::findings::Findings;
use super::super::{Encoding, ReadError};
use super::line::{self, PointLine, lines};
use super::reference::{Order, Reference};
use super::rings::Run;
use super::{FORMAT, header::Header, offset_in, tick};
use crate::crs::Sample;
use crate::model::{Coord, GeometryKind, Issue, Severity, Value};
use crate::task::Progress;
use crate::text::Message;

/// A line of numbers.
#[derive(Clone, Debug, PartialEq)]
enum Row<'a> {
    /// A name alone.
    Name(&'a str),
    Blank,
    /// Two coordinates.
    Pair(f64, f64),
    /// A named point, its code and height.
    Point {
        name: &'a str,
        code: &'a str,
        first: f64,
        second: f64,
        height: Option<f64>,
    },
    Other,
}

impl Row<'_> {
    fn coord(&self) -> Option<(f64, f64)> {
        match self {
            Self::Pair(first, second) | Self::Point { first, second, .. } => Some((*first, *second)),
            _ => None,
        }
    }
}

fn row(line: &str) -> Row<'_> {
    let line = line.trim();
    if line.is_empty() {
        return Row::Blank;
    }
    let parts: Vec<&str> = line.split(',').take(6).map(str::trim).collect();
    let number = |text: &str| fast_float2::parse::<f64, _>(text).ok().filter(|value| value.is_finite());
    let wide = |value: &f64| value.abs() >= 1.0;
    match parts[..] {
        [name] => Row::Name(name),
        [first, second] => match (number(first), number(second)) {
            (Some(first), Some(second)) => Row::Pair(first, second),
            _ => Row::Other,
        },
        [name, first, second] => match (number(first).filter(wide), number(second).filter(wide)) {
            (Some(first), Some(second)) => Row::Point { name, code: "", first, second, height: None },
            _ => Row::Other,
        },
        [name, code, first, second, height] => {
            match (number(first).filter(wide), number(second).filter(wide), number(height)) {
                (Some(first), Some(second), height) if height.is_some() || parts[4].is_empty() => {
                    Row::Point { name, code, first, second, height }
                }
                _ => Row::Other,
            }
        }
        _ => Row::Other,
    }
}

/// Reads a list.
///
/// # Errors
/// [`ReadError::Format`] where no line is one of a list.
pub(super) fn read(text: &str, progress: &Progress) -> Result<RawLayer, ReadError> {
    let mut sample = Sample::new();
    let (mut pairs, mut points) = (0u64, 0u64);
    for raw in lines(text) {
        let narrowed = line::narrowed(raw);
        let said = row(&narrowed);
        match said {
            Row::Pair(..) => pairs += 1,
            Row::Point { .. } => points += 1,
            _ => continue,
        }
        if let Some((first, second)) = said.coord() {
            sample.add(Coord { x: first, y: second });
        }
    }
    if pairs == 0 && points == 0 {
        return Err(ReadError::Format(Message::new("io.txt-nothing")));
    }
    let mut reference = Reference::of(&Header::default(), &sample);
    // Lists have no order that is the rule: which one it is needs no warning where the numbers tell.
    reference.issues.retain(|issue| issue.message.key != "io.txt-east-first");
    let mut list = List {
        order: reference.order,
        sinks: Sinks::new(None),
        findings: Findings::default(),
        count: 0,
        open: None,
        progress,
    };
    let mut number = 0;
    for raw in lines(text) {
        number += 1;
        tick(number, progress)?;
        let narrowed = line::narrowed(raw);
        let offset = offset_in(text, raw);
        match row(&narrowed) {
            Row::Blank => list.end_polygon(offset)?,
            Row::Name(name) if pairs > points && !name.starts_with('[') => {
                list.end_polygon(offset)?;
                list.open = Some((name.to_owned(), number, Run::new()));
            }
            Row::Pair(first, second) if pairs > points => list.corner(first, second, number),
            said @ Row::Point { .. } if points >= pairs => list.point(&said, number, offset),
            _ => list.findings.tally(Severity::Warning, "io.txt-other-line", "", 1, list.count, number - 1),
        }
    }
    list.end_polygon(text.len())?;
    let mut issues = reference.issues;
    let (polygons, lone_points) = (pairs > points, points >= pairs);
    let key = if polygons { "io.txt-list-polygons" } else { "io.txt-list-points" };
    if polygons || lone_points {
        issues.push(Issue::new(Severity::Note, Message::new(key).with("count", list.count)));
    }
    Ok(RawLayer {
        name: None,
        format: FORMAT.to_owned(),
        encoding: Encoding::Utf8,
        order: list.sinks.order.clone(),
        blocks: list.sinks.finish(),
        declared: reference.declared,
        issues,
        findings: list.findings,
        row_count: list.count,
        skipped_count: 0,
        error: None,
    })
}

struct List<'p> {
    order: Order,
    sinks: Sinks,
    findings: Findings,
    count: u64,
    /// Name, line and corners of the polygon being read.
    open: Option<(String, u64, Run)>,
    progress: &'p Progress,
}

impl List<'_> {
    fn corner(&mut self, first: f64, second: f64, line: u64) {
        let Some(at) = self.order.placed(Some(first), Some(second)) else { return };
        let (.., run) = self.open.get_or_insert_with(|| (String::new(), line, Run::new()));
        // The points of a list have no numbers, and all of a block are one ring.
        run.add(&PointLine::named("", "1"), at, line);
    }

    fn point(&mut self, said: &Row<'_>, line: u64, offset: usize) {
        let Row::Point { name, code, first, second, height } = said else { return };
        let Some(at) = self.order.placed(Some(*first), Some(*second)) else { return };
        let builder = &mut self.sinks.of(GeometryKind::Point, offset).geometry;
        match height {
            Some(height) => builder.coord_z(at, *height),
            None => builder.coord(at),
        }
        self.sinks.note(GeometryKind::Point);
        let place = Place { row: self.count, line, offset };
        self.sinks.end_feature(GeometryKind::Point, false, place, |attributes, _| {
            let values = [("点名", *name), ("编码", *code)];
            for (at, (field, value)) in values.into_iter().enumerate().filter(|(_, (_, value))| !value.is_empty()) {
                let column = attributes.column(field, at);
                attributes.set(column, Value::Text(value));
            }
            if let Some(height) = height {
                let column = attributes.column("高程", 2);
                attributes.set(column, Value::Float(*height));
            }
            attributes.end_row();
            false
        });
        self.count += 1;
    }

    fn end_polygon(&mut self, offset: usize) -> Result<(), ReadError> {
        let Some((name, line, run)) = self.open.take() else { return Ok(()) };
        if run.point_count() == 0 {
            // A heading, or a remark.
            self.findings.tally(Severity::Warning, "io.txt-other-line", "", 1, self.count, line - 1);
            return Ok(());
        }
        let kind = GeometryKind::Polygon;
        let builder = &mut self.sinks.of(kind, offset).geometry;
        let shape = run.polygon(builder, self.progress).map_err(|_| ReadError::Cancelled)?;
        for fault in shape.faults {
            let issue = Issue {
                feature: Some(self.count),
                line: Some(fault.line),
                ..Issue::new(fault.severity, fault.message)
            };
            self.findings.add(issue, Some(kind));
        }
        for (key, line) in shape.notes {
            self.findings.tally(Severity::Note, key, "", 1, self.count, line - 1);
        }
        self.sinks.note(kind);
        let place = Place { row: self.count, line, offset };
        self.sinks.end_feature(kind, !shape.is_usable, place, |attributes, _| {
            if !name.is_empty() {
                let column = attributes.column(super::plot::NAME, 0);
                attributes.set(column, Value::Text(&name));
            }
            attributes.end_row();
            false
        });
        self.count += 1;
        Ok(())
    }
}
