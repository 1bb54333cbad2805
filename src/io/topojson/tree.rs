//! The text as values: objects as a tree, lines as bare numbers.
//!
//! The grammar is that of JSON but for a comma behind the last element, which some programs write.

use super::super::gathered::Cell;
use super::super::scan::{Expected, Kind, Scanned, Scanner, SyntaxError};
use crate::task::Progress;

/// Values within values.
const MOST_DEPTH: usize = 64;
/// Lines between two looks at whether the user cancelled.
const ARCS_PER_TICK: usize = 4096;

/// A value, and for lists and objects where it begins and ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Json>, (usize, usize)),
    Object(Vec<(String, Json)>, (usize, usize)),
}

/// Why the text was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stopped {
    At(SyntaxError),
    Deep,
    Cancelled,
}

impl From<SyntaxError> for Stopped {
    fn from(error: SyntaxError) -> Self {
        Self::At(error)
    }
}

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Topology {
    pub(super) is_topology: bool,
    /// Names and values; no names where they stand in a list.
    pub(super) objects: Vec<(String, Json)>,
    /// Numbers of all lines, three a point, the third `NaN` where there is none.
    pub(super) numbers: Vec<[f64; 3]>,
    /// Where each line begins among the points, and where the last ends.
    pub(super) starts: Vec<usize>,
    pub(super) scale: Option<[f64; 2]>,
    pub(super) translate: [f64; 2],
    pub(super) crs: Option<Json>,
}

impl Topology {
    /// Reads the text, which is not blank.
    pub(super) fn read(text: &str, progress: &Progress) -> Result<Self, Stopped> {
        let mut scanner = Scanner::lenient(text, 0);
        scanner.skip_space();
        let mut topology = Self { starts: vec![0], ..Self::default() };
        if scanner.kind()? != Kind::Object {
            return Ok(topology);
        }
        members(&mut scanner, |scanner, name| match name.as_str() {
            "type" => {
                topology.is_topology |= value(scanner, 1)? == Json::Text("Topology".to_owned());
                Ok(())
            }
            "objects" => match value(scanner, 1)? {
                Json::Object(objects, _) => {
                    topology.objects.extend(objects);
                    Ok(())
                }
                // Not by the rules, but a name can be made of what there is.
                Json::List(objects, _) => {
                    let named = |object: Json| {
                        let is_layer = object.text_of("type") == Some("GeometryCollection");
                        let name = object.text_of("id").filter(|_| is_layer).unwrap_or_default().to_owned();
                        (name, object)
                    };
                    topology.objects.extend(objects.into_iter().map(named));
                    Ok(())
                }
                _ => Ok(()),
            },
            "arcs" if scanner.kind()? == Kind::Array => topology.arcs(scanner, progress),
            "transform" => {
                let transform = value(scanner, 1)?;
                let pair = |name: &str| match transform.member(name) {
                    Some(Json::List(numbers, _)) => Some([numbers.first()?.number()?, numbers.get(1)?.number()?]),
                    _ => None,
                };
                topology.scale = pair("scale");
                topology.translate = pair("translate").unwrap_or_default();
                Ok(())
            }
            "crs" => {
                topology.crs = Some(value(scanner, 1)?);
                Ok(())
            }
            _ => value(scanner, 1).map(drop),
        })?;
        scanner.skip_space();
        if scanner.pos() < text.len() { Ok(scanner.fail(Expected::End)?) } else { Ok(topology) }
    }

    /// Reads the list of lines under the cursor.
    fn arcs(&mut self, scanner: &mut Scanner<'_>, progress: &Progress) -> Result<(), Stopped> {
        elements(scanner, |scanner| {
            if self.starts.len().is_multiple_of(ARCS_PER_TICK) {
                progress.tick(0).map_err(|_| Stopped::Cancelled)?;
            }
            if scanner.kind()? == Kind::Array {
                elements(scanner, |scanner| self.point(scanner))?;
            } else {
                value(scanner, 2)?;
            }
            self.starts.push(self.numbers.len());
            Ok(())
        })
    }

    fn point(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Stopped> {
        if scanner.kind()? != Kind::Array {
            value(scanner, 3)?;
            self.numbers.push([f64::NAN; 3]);
            return Ok(());
        }
        let mut point = [f64::NAN; 3];
        let mut at = 0;
        elements(scanner, |scanner| {
            let number = if scanner.kind()? == Kind::Number {
                scanner.double()?
            } else {
                value(scanner, 4)?.number().unwrap_or(f64::NAN)
            };
            if let Some(place) = point.get_mut(at) {
                *place = number;
            }
            at += 1;
            Ok(())
        })?;
        self.numbers.push(point);
        Ok(())
    }
}

impl Json {
    /// Member `name` of an object.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members, _) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text that member `name` is.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        match self.member(name) {
            Some(Self::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// Where an object or a list begins.
    pub(super) fn start(&self) -> Option<usize> {
        match self {
            Self::List(_, (start, _)) | Self::Object(_, (start, _)) => Some(*start),
            _ => None,
        }
    }

    /// The name that a member `crs` gives.
    pub(super) fn crs_name(&self) -> Option<&str> {
        self.member("properties")?.text_of("name")
    }

    /// The value as an attribute; `text` is what it was read of.
    pub(super) fn cell(&self, text: &str) -> Cell {
        match self {
            Self::Null => Cell::Null,
            Self::Bool(value) => Cell::Bool(*value),
            Self::Int(value) => Cell::Int(*value),
            Self::Float(value) if value.is_finite() => Cell::Float(*value),
            Self::Float(value) => Cell::Text(value.to_string()),
            Self::Text(value) => Cell::Text(value.clone()),
            Self::List(_, (start, end)) | Self::Object(_, (start, end)) => {
                Cell::Json(text.get(*start..*end).unwrap_or_default().to_owned())
            }
        }
    }
}

/// Goes through the members of the object under the cursor, which each time stands on a value and must move over it.
fn members<'t>(
    scanner: &mut Scanner<'t>,
    mut each: impl FnMut(&mut Scanner<'t>, String) -> Result<(), Stopped>,
) -> Result<(), Stopped> {
    scanner.bump();
    loop {
        scanner.skip_space();
        if scanner.eat(b'}') {
            return Ok(());
        }
        if scanner.peek() != Some(b'"') {
            return Ok(scanner.fail(Expected::NameOrBrace)?);
        }
        let name = scanner.string()?.decoded();
        scanner.skip_space();
        if !scanner.eat(b':') {
            return Ok(scanner.fail(Expected::Colon)?);
        }
        scanner.skip_space();
        each(scanner, name)?;
        scanner.skip_space();
        if !scanner.eat(b',') && scanner.peek() != Some(b'}') {
            return Ok(scanner.fail(Expected::CommaOrBrace)?);
        }
    }
}

/// Goes through the elements of the array under the cursor.
fn elements<'t>(
    scanner: &mut Scanner<'t>,
    mut each: impl FnMut(&mut Scanner<'t>) -> Result<(), Stopped>,
) -> Result<(), Stopped> {
    scanner.bump();
    loop {
        scanner.skip_space();
        if scanner.eat(b']') {
            return Ok(());
        }
        each(scanner)?;
        scanner.skip_space();
        if !scanner.eat(b',') && scanner.peek() != Some(b']') {
            return Ok(scanner.fail(Expected::CommaOrBracket)?);
        }
    }
}

/// The value under the cursor.
fn value(scanner: &mut Scanner<'_>, depth: usize) -> Result<Json, Stopped> {
    if depth > MOST_DEPTH {
        return Err(Stopped::Deep);
    }
    let start = scanner.pos();
    Ok(match scanner.kind()? {
        Kind::Object => {
            let mut found = Vec::new();
            members(scanner, |scanner, name| {
                found.push((name, value(scanner, depth + 1)?));
                Ok(())
            })?;
            Json::Object(found, (start, scanner.pos()))
        }
        Kind::Array => {
            let mut found = Vec::new();
            elements(scanner, |scanner| {
                found.push(value(scanner, depth + 1)?);
                Ok(())
            })?;
            Json::List(found, (start, scanner.pos()))
        }
        Kind::Text => Json::Text(scanner.string()?.decoded()),
        Kind::Number => number(scanner)?,
        Kind::Bool | Kind::Null => scanner.literal()?.map_or(Json::Null, Json::Bool),
    })
}

/// A number; as text where it is whole and has more digits than one can hold.
fn number(scanner: &mut Scanner<'_>) -> Scanned<Json> {
    let number = scanner.number()?;
    if number.integer {
        return Ok(number.text.parse().map_or_else(|_| Json::Text(number.text.to_owned()), Json::Int));
    }
    Ok(Json::Float(number.value()))
}
