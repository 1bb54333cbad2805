//! The sections of a VCT file: codes, tables, points, lines, polygons, rows.
//!
//! Versions 1 and 2 have no sign after a feature: counts say where it ends. Version 3 ends each with a line `0`, has the
//! style as a line more, and lets a feature have its own coordinates (type 1) or be made of lines (type 100). A feature
//! that does not fit is told with its line, and reading goes on where the next begins.

use rustc_hash::FxHashMap;

use super::head::Head;
use super::lines::Lines;
use crate::io::ReadError;
use crate::io::filegdb::Curve;
use crate::io::findings::Findings;
use crate::model::{Coord, GeometryKind, Issue, Severity};
use crate::text::Message;

/// Tables, fields of a table, and codes of features that a file may have.
const MOST_NAMES: usize = 10_000;

/// A code of features.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) code: String,
    pub(super) name: String,
    /// The table of its attributes.
    pub(super) table: String,
}

/// What a field of a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Int,
    Float,
}

/// A table: its fields and the text of its rows.
#[derive(Debug, Default)]
pub(super) struct VctTable {
    pub(super) name: String,
    pub(super) fields: Vec<(String, Holds)>,
    pub(super) text: String,
    /// Id, first byte in the text, and line of each row.
    pub(super) rows: Vec<(i64, usize, u64)>,
}

/// What a feature consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Paths: points of a point, paths of a line, rings or pieces of rings of a polygon.
    Own(std::ops::Range<usize>),
    /// Lines, by their place among the ids of all features.
    Of(std::ops::Range<usize>),
}

/// A feature.
#[derive(Clone, Debug)]
pub(super) struct Feature {
    pub(super) id: i64,
    /// The place of its code.
    pub(super) code: u32,
    pub(super) kind: GeometryKind,
    pub(super) line: u64,
    pub(super) shape: Shape,
}

/// Everything that a file holds.
#[derive(Default)]
pub(super) struct Sections {
    pub(super) head: Head,
    pub(super) codes: Vec<Code>,
    places: FxHashMap<String, u32>,
    pub(super) tables: Vec<VctTable>,
    pub(super) features: Vec<Feature>,
    pub(super) coords: Vec<Coord>,
    /// As long as the coordinates, or empty.
    pub(super) heights: Vec<f64>,
    /// First coordinate of each path, and their number at the end.
    pub(super) paths: Vec<usize>,
    /// Ids of lines that features consist of.
    pub(super) ids: Vec<i64>,
    /// Lines by their id: the paths of each.
    pub(super) lines: FxHashMap<i64, std::ops::Range<usize>>,
    pub(super) issues: Vec<Issue>,
    pub(super) findings: Findings,
}

/// What a feature that does not fit breaks with.
enum Stop {
    /// The key of what is wrong.
    Fault(&'static str),
    Read(ReadError),
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

fn integer(text: &str) -> Option<i64> {
    text.parse().ok() // what is none is told by whoever asks
}

/// Whether a line is two numbers or more.
fn is_coordinate(text: &str) -> bool {
    let mut parts = text.split(SIGNS).filter(|part| !part.is_empty());
    let is_number = |part: Option<&str>| part.is_some_and(|part| part.trim().parse::<f64>().is_ok());
    is_number(parts.next()) && is_number(parts.next())
}

/// The type of a piece that is an arc through three points.
const THREE_POINTS: i64 = 12;

/// What parts numbers.
const SIGNS: [char; 4] = [',', '，', ' ', '\t'];

impl Sections {
    /// Reads all sections.
    ///
    /// # Errors
    /// When the text cannot be read further. What stands before that is kept.
    pub(super) fn read(&mut self, lines: &mut Lines) -> Result<(), ReadError> {
        self.paths.push(0);
        let mut is_begun = false;
        while let Some((text, _)) = lines.next()? {
            let section = text.to_ascii_lowercase();
            let Some(name) = section.strip_suffix("begin") else { continue };
            let end = format!("{name}end");
            is_begun |= name == "head";
            match name {
                "head" => self.head(lines, &end)?,
                "featurecode" => self.codes(lines, &end)?,
                "tablestructure" => self.structure(lines, &end)?,
                "point" | "line" | "polygon" => {
                    let kind = match name {
                        "point" => GeometryKind::Point,
                        "line" => GeometryKind::Line,
                        _ => GeometryKind::Polygon,
                    };
                    self.features(lines, &end, kind)?;
                }
                "attribute" => self.attributes(lines, &end)?,
                _ => {
                    let is_text = name == "annotation";
                    if skip(lines, &end)? && is_text {
                        self.issues.push(Issue::new(Severity::Note, Message::new("io.vct-annotations")));
                    }
                }
            }
        }
        if !is_begun {
            return Err(ReadError::Format(Message::new("io.vct-no-head")));
        }
        Ok(())
    }

    fn head(&mut self, lines: &mut Lines, end: &str) -> Result<(), ReadError> {
        while let Some((text, line)) = lines.next()? {
            if text.eq_ignore_ascii_case(end) {
                break;
            }
            self.head.add(text, line);
        }
        Ok(())
    }

    /// `2001010100,地类图斑,Polygon,0,0,0,DLTB`: code, name, kind, in older versions colours, table.
    fn codes(&mut self, lines: &mut Lines, end: &str) -> Result<(), ReadError> {
        while let Some((text, _)) = lines.next()? {
            if text.eq_ignore_ascii_case(end) {
                break;
            }
            let parts: Vec<&str> = text.split([',', '，']).map(str::trim).collect();
            if let [code, name, rest @ ..] = parts.as_slice()
                && self.codes.len() < MOST_NAMES
            {
                let table = rest.last().copied().filter(|table| !table.is_empty()).unwrap_or(name);
                self.code(code, name, table);
            }
        }
        Ok(())
    }

    fn code(&mut self, code: &str, name: &str, table: &str) -> u32 {
        let place = self.codes.len() as u32;
        self.codes.push(Code { code: code.to_owned(), name: name.to_owned(), table: table.to_owned() });
        *self.places.entry(code.to_owned()).or_insert(place)
    }

    /// `DLTB,6` and six lines `BSM,Char,18`.
    fn structure(&mut self, lines: &mut Lines, end: &str) -> Result<(), ReadError> {
        let mut left = 0usize;
        while let Some((text, _)) = lines.next()? {
            if text.eq_ignore_ascii_case(end) {
                break;
            }
            let parts: Vec<&str> = text.split([',', '，']).map(str::trim).collect();
            match parts.as_slice() {
                [name, kind, ..] if left > 0 => {
                    left -= 1;
                    let kind = kind.to_ascii_lowercase();
                    let holds = match kind.as_str() {
                        "int" | "integer" | "int1" | "int2" | "int4" | "int8" | "smallint" | "bigint" => Holds::Int,
                        "float" | "double" | "numeric" | "decimal" | "real" => Holds::Float,
                        _ => Holds::Text,
                    };
                    if let Some(table) = self.tables.last_mut() {
                        table.fields.push((told_apart(name, &table.fields), holds));
                    }
                }
                [name, count, ..] if self.tables.len() < MOST_NAMES => {
                    left = count.parse().unwrap_or(0).min(MOST_NAMES);
                    self.tables.push(VctTable { name: (*name).to_owned(), ..VctTable::default() });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn features(&mut self, lines: &mut Lines, end: &str, kind: GeometryKind) -> Result<(), ReadError> {
        let is_new = self.head.version() >= 3;
        loop {
            let line = lines.peek(0)?.map(str::to_owned);
            let number = lines.number();
            match line {
                None => return Err(ReadError::Format(Message::new("io.vct-cut").with("line", number))),
                Some(text) if text.eq_ignore_ascii_case(end) => {
                    lines.next()?;
                    return Ok(());
                }
                // The end of the feature before.
                Some(text) if text == "0" => {
                    lines.next()?;
                    continue;
                }
                Some(_) => {}
            }
            let reached = (self.coords.len(), self.heights.len(), self.paths.len(), self.ids.len());
            match self.feature(lines, kind, is_new, number) {
                Ok(()) => {}
                Err(Stop::Read(error)) => return Err(error),
                Err(Stop::Fault(key)) => {
                    self.coords.truncate(reached.0);
                    self.heights.truncate(reached.1);
                    self.paths.truncate(reached.2);
                    self.ids.truncate(reached.3);
                    self.say(key, number);
                    self.find_next(lines, end)?;
                }
            }
        }
    }

    fn say(&mut self, key: &'static str, line: u64) {
        if self.findings.has_room(key) {
            let issue = Issue::new(Severity::Error, Message::new(key));
            self.findings.add(Issue { line: Some(line), ..issue }, None);
        } else {
            self.findings.count_only(key);
        }
    }

    /// Goes to where the next feature seems to begin: an id over a known code.
    fn find_next(&mut self, lines: &mut Lines, end: &str) -> Result<(), ReadError> {
        loop {
            let Some(text) = lines.peek(0)? else { return Ok(()) };
            if text.eq_ignore_ascii_case(end) {
                return Ok(());
            }
            let is_id = integer(text).is_some_and(|id| id != 0);
            let is_code = lines.peek(1)?.is_some_and(|code| self.places.contains_key(code));
            if is_id && is_code {
                return Ok(());
            }
            lines.next()?;
        }
    }

    fn feature(&mut self, lines: &mut Lines, kind: GeometryKind, is_new: bool, line: u64) -> Result<(), Stop> {
        let id = lines.next()?.and_then(|(text, _)| integer(text)).ok_or(Stop::Fault("io.vct-no-id"))?;
        let code = match lines.next()? {
            Some((code, _)) if code.to_ascii_lowercase().ends_with("end") => {
                return Err(Stop::Fault("io.vct-cut-feature"));
            }
            Some((code, _)) => code.to_owned(),
            None => return Err(Stop::Fault("io.vct-cut-feature")),
        };
        let code = match self.places.get(&code) {
            Some(place) => *place,
            // A code that no line lists is taken for one in letters or digits, and for rubbish otherwise.
            None if self.codes.len() < MOST_NAMES && code.chars().all(|c| c.is_ascii_alphanumeric()) => {
                let message = Message::new("io.vct-unknown-code").with("code", &code);
                self.issues.push(Issue { line: Some(line), ..Issue::new(Severity::Warning, message) });
                self.code(&code, &code, &code)
            }
            None => return Err(Stop::Fault("io.vct-no-code")),
        };
        // The style, or the name of the layer.
        lines.next()?;
        let shape = match (is_new, kind) {
            (true, _) => self.new_shape(lines, kind)?,
            (false, GeometryKind::Polygon) => self.old_polygon(lines)?,
            (false, _) => self.run_shape(lines, kind)?,
        };
        if kind == GeometryKind::Line
            && let Shape::Own(paths) = &shape
        {
            self.lines.entry(id).or_insert_with(|| paths.clone());
        }
        self.features.push(Feature { id, code, kind, line, shape });
        Ok(())
    }

    /// A point or a line of versions 1 and 2: numbers, the last of which counts the coordinates after them.
    fn run_shape(&mut self, lines: &mut Lines, kind: GeometryKind) -> Result<Shape, Stop> {
        let first = self.paths.len() - 1;
        let (type_of, _) = self.run(lines, kind)?;
        if kind == GeometryKind::Point {
            self.keep_place(first, type_of);
        }
        Ok(Shape::Own(first..self.paths.len() - 1))
    }

    /// The second coordinate of a point with a direction is none of its own.
    fn keep_place(&mut self, path: usize, type_of: Option<i64>) {
        if type_of == Some(3) {
            let end = (self.paths[path] + 1).min(self.coords.len());
            self.coords.truncate(end);
            self.heights.truncate(end);
            if let Some(last) = self.paths.last_mut() {
                *last = end;
            }
        }
    }

    /// Numbers, then coordinates; gives the first and the one before the last of the numbers. The last counts the
    /// coordinates, unless it is the type of a point.
    fn run(&mut self, lines: &mut Lines, kind: GeometryKind) -> Result<(Option<i64>, Option<i64>), Stop> {
        let mut numbers: Vec<i64> = Vec::new();
        while let Some(text) = lines.peek(0)? {
            let Some(number) = integer(text).filter(|_| numbers.len() < 8) else { break };
            numbers.push(number);
            lines.next()?;
        }
        let mut count = 0i64;
        while let Some(text) = lines.peek(0)? {
            if !is_coordinate(text) {
                break;
            }
            let Some((x, y, z)) = coordinate(text) else { return Err(Stop::Fault("io.vct-no-number")) };
            self.push(Coord { x, y }, z);
            count += 1;
            lines.next()?;
        }
        let stated = match (kind, numbers.as_slice()) {
            (GeometryKind::Point, [] | [_]) => count.min(2),
            (_, numbers) => numbers.last().copied().unwrap_or(0),
        };
        if count == 0 || count != stated {
            return Err(Stop::Fault("io.vct-count"));
        }
        self.paths.push(self.coords.len());
        let before_last = numbers.len().checked_sub(2).map(|at| numbers[at]);
        Ok((numbers.first().copied(), before_last))
    }

    fn push(&mut self, c: Coord, z: Option<f64>) {
        if let Some(z) = z {
            self.heights.resize(self.coords.len(), f64::NAN);
            self.heights.push(z);
        } else if !self.heights.is_empty() {
            self.heights.push(f64::NAN);
        }
        self.coords.push(c);
    }

    /// A polygon of versions 1 and 2: the place of its label, how many lines, their ids.
    fn old_polygon(&mut self, lines: &mut Lines) -> Result<Shape, Stop> {
        // A type may stand before the place; before ids stands their count.
        if lines.peek(0)?.is_some_and(|text| integer(text).is_some())
            && lines.peek(1)?.is_some_and(|text| is_coordinate(text) && text.contains('.'))
        {
            lines.next()?;
        }
        if lines.peek(0)?.is_some_and(is_coordinate) {
            lines.next()?;
        }
        let count = lines.next()?.and_then(|(text, _)| integer(text)).ok_or(Stop::Fault("io.vct-count"))?;
        self.list(lines, count)
    }

    /// Ids of `count` lines, which may stand in any number of lines of text. Whether the zeros between rings count among
    /// them is told by what comes after.
    fn list(&mut self, lines: &mut Lines, count: i64) -> Result<Shape, Stop> {
        let first = self.ids.len();
        let (mut all, mut lines_of) = (0i64, 0i64);
        while lines_of < count {
            if all >= count && self.is_end(lines)? {
                break;
            }
            let Some((text, _)) = lines.next()? else { return Err(Stop::Fault("io.vct-cut-feature")) };
            for part in text.split(SIGNS).filter(|part| !part.is_empty()) {
                let id = integer(part).ok_or(Stop::Fault("io.vct-count"))?;
                all += 1;
                lines_of += i64::from(id != 0);
                self.ids.push(id);
            }
        }
        if count <= 0 || lines_of > count || all != count && lines_of != count {
            return Err(Stop::Fault("io.vct-count"));
        }
        Ok(Shape::Of(first..self.ids.len()))
    }

    /// Whether what comes next is no list of ids: the end of a feature or of the section, or the next feature.
    fn is_end(&self, lines: &mut Lines) -> Result<bool, ReadError> {
        let Some(text) = lines.peek(0)? else { return Ok(true) };
        if text == "0" || integer(text).is_none() && !text.contains(SIGNS) {
            return Ok(true);
        }
        Ok(lines.peek(1)?.is_some_and(|code| self.places.contains_key(code)))
    }

    /// A feature of version 3, with its type before it.
    fn new_shape(&mut self, lines: &mut Lines, kind: GeometryKind) -> Result<Shape, Stop> {
        if kind == GeometryKind::Point {
            return self.run_shape(lines, kind);
        }
        let type_of = lines.next()?.and_then(|(text, _)| integer(text)).ok_or(Stop::Fault("io.vct-no-type"))?;
        // The place of the label.
        if kind == GeometryKind::Polygon && lines.peek(0)?.is_some_and(is_coordinate) {
            lines.next()?;
        }
        if type_of >= 100 {
            // How it is made of others: of lines (21).
            let made_of = lines.next()?.and_then(|(text, _)| integer(text)).ok_or(Stop::Fault("io.vct-no-type"))?;
            if made_of != 21 && made_of != 11 {
                return Err(Stop::Fault("io.vct-made-of"));
            }
            let count = lines.next()?.and_then(|(text, _)| integer(text)).ok_or(Stop::Fault("io.vct-count"))?;
            return self.list(lines, count);
        }
        let first = self.paths.len() - 1;
        let count = lines.next()?.and_then(|(text, _)| integer(text)).ok_or(Stop::Fault("io.vct-count"))?;
        let (mut is_curved, mut is_bent) = (false, false);
        for _ in 0..count {
            if lines.peek(0)?.is_none_or(|text| text == "0") {
                break;
            }
            let line = lines.number();
            let (_, type_of) = self.run(lines, kind)?;
            if type_of == Some(THREE_POINTS) && self.bend() {
                if !is_bent {
                    is_bent = true;
                    let note = Issue::new(Severity::Note, Message::new("io.arcs"));
                    self.findings.add(Issue { line: Some(line), ..note }, None);
                }
                continue;
            }
            if type_of.is_some_and(|type_of| (12..=20).contains(&type_of)) && !is_curved {
                is_curved = true;
                self.findings.add(
                    Issue { line: Some(line), ..Issue::new(Severity::Warning, Message::new("io.vct-curve")) },
                    None,
                );
            }
        }
        if self.paths.len() - 1 == first {
            return Err(Stop::Fault("io.vct-count"));
        }
        Ok(Shape::Own(first..self.paths.len() - 1))
    }

    /// Makes chords of the path that was read last, where it is an arc through three points.
    fn bend(&mut self) -> bool {
        let count = self.paths.len();
        let range = self.paths[count - 2]..self.paths[count - 1];
        let &[from, through, to] = &self.coords[range.clone()] else { return false };
        if !self.heights.is_empty() {
            return false;
        }
        let is_degrees = from.x.abs() <= 360.0 && from.y.abs() <= 90.0;
        self.coords.truncate(range.start + 1);
        Curve::Through(through).points(from, to, if is_degrees { 1e-8 } else { 1e-3 }, |c| self.coords.push(c));
        self.coords.push(to);
        self.paths[count - 1] = self.coords.len();
        true
    }

    /// Tables, each with its name before its rows and `TableEnd` after them.
    fn attributes(&mut self, lines: &mut Lines, end: &str) -> Result<(), ReadError> {
        let mut open: Option<usize> = None;
        loop {
            let number = lines.number();
            let Some((text, line)) = lines.next()? else {
                return Err(ReadError::Format(Message::new("io.vct-cut").with("line", number)));
            };
            if text.eq_ignore_ascii_case(end) {
                return Ok(());
            }
            if text.eq_ignore_ascii_case("TableEnd") {
                open = None;
                continue;
            }
            let Some(at) = open else {
                let known = self.tables.iter().position(|table| table.name == text);
                open = Some(known.unwrap_or(self.tables.len()));
                if known.is_none() {
                    self.tables.push(VctTable { name: text.to_owned(), ..VctTable::default() });
                    let message = Message::new("io.vct-unknown-table").with("name", text);
                    self.issues.push(Issue { line: Some(line), ..Issue::new(Severity::Warning, message) });
                    if self.tables.len() > MOST_NAMES {
                        return Err(ReadError::Format(Message::new("io.vct-cut").with("line", line)));
                    }
                }
                continue;
            };
            let separator = self.head.separator();
            let (id, values) = text.split_once(separator).unwrap_or((text, ""));
            let Some(id) = integer(id.trim()) else {
                self.say("io.vct-row-without-id", line);
                continue;
            };
            let table = &mut self.tables[at];
            table.rows.push((id, table.text.len(), line));
            table.text.push_str(values);
        }
    }
}

/// Skips a section; says whether it holds anything.
fn skip(lines: &mut Lines, end: &str) -> Result<bool, ReadError> {
    let mut is_any = false;
    while let Some((text, _)) = lines.next()? {
        if text.eq_ignore_ascii_case(end) {
            break;
        }
        is_any = true;
    }
    Ok(is_any)
}

/// A name that none of `fields` has.
fn told_apart(name: &str, fields: &[(String, Holds)]) -> String {
    let mut told = name.to_owned();
    let mut number = 1;
    while fields.iter().any(|(known, _)| *known == told) {
        number += 1;
        told = format!("{name}_{number}");
    }
    told
}

/// Two numbers and, where there is one, a height.
fn coordinate(text: &str) -> Option<(f64, f64, Option<f64>)> {
    let mut parts = text.split(SIGNS).filter(|part| !part.is_empty());
    let number = |part: &str| fast_float2::parse::<f64, _>(part.trim()).ok().filter(|v| v.is_finite());
    let (x, y) = (number(parts.next()?)?, number(parts.next()?)?);
    let z = match parts.next() {
        Some(part) => Some(number(part)?),
        None => None,
    };
    Some((x, y, z))
}
