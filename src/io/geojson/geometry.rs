//! Geometry objects, straight into the columns.
//!
//! Coordinates are pushed as they are scanned. Where the type comes after them, their place is kept and they are
//! scanned again once it is known. Collections are walked with a stack of their own; their members become parts of one
//! feature in the columns of each kind. What cannot be used is forgotten from the columns and reported.

pub(super) mod coordinates;

use super::super::columns::Kinds;
use super::super::scan::{Kind, RawText, Scanned};
use super::members::is_bbox;
use super::reader::Reader;
use crate::model::{GeometryKind, Severity};
use crate::text::Message;

/// A geometry type of GeoJSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GeometryType {
    Point,
    MultiPoint,
    LineString,
    MultiLineString,
    Polygon,
    MultiPolygon,
    Collection,
}

impl GeometryType {
    const ALL: [Self; 7] = [
        Self::Point,
        Self::MultiPoint,
        Self::LineString,
        Self::MultiLineString,
        Self::Polygon,
        Self::MultiPolygon,
        Self::Collection,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Point => "Point",
            Self::MultiPoint => "MultiPoint",
            Self::LineString => "LineString",
            Self::MultiLineString => "MultiLineString",
            Self::Polygon => "Polygon",
            Self::MultiPolygon => "MultiPolygon",
            Self::Collection => "GeometryCollection",
        }
    }

    /// The type of that name, and whether the name is written as it should be.
    pub(super) fn from_name(name: &str) -> Option<(Self, bool)> {
        let exact = Self::ALL.into_iter().find(|t| t.name() == name).map(|t| (t, true));
        exact.or_else(|| Self::ALL.into_iter().find(|t| t.name().eq_ignore_ascii_case(name)).map(|t| (t, false)))
    }

    fn kind(self) -> GeometryKind {
        match self {
            Self::Point | Self::MultiPoint => GeometryKind::Point,
            Self::LineString | Self::MultiLineString => GeometryKind::Line,
            Self::Polygon | Self::MultiPolygon => GeometryKind::Polygon,
            Self::Collection => GeometryKind::None,
        }
    }
}

/// What a geometry came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome {
    /// Kinds whose columns the open feature has a geometry in, perhaps an empty one.
    pub(super) kinds: Kinds,
    /// Whether something of it could not be used, and which kind it would have been.
    pub(super) bad: Option<Option<GeometryKind>>,
    /// Whether it is null.
    pub(super) null: bool,
}

/// A geometry object being read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frame {
    pub(super) start: usize,
    pub(super) kind: Option<GeometryType>,
    /// Whether a `type` stands there that is no type.
    pub(super) odd_type: bool,
    pub(super) type_at: usize,
    pub(super) coordinates: Option<usize>,
    /// Whether the coordinates were read already.
    pub(super) read: bool,
    pub(super) geometries: bool,
    /// Members of the collection seen so far.
    pub(super) member_count: u32,
}

impl<'a> Reader<'a> {
    /// Reads the geometry under the cursor into the columns.
    pub(super) fn geometry(&mut self) -> Scanned<Outcome> {
        let mut outcome = Outcome::default();
        match self.scanner.kind()? {
            Kind::Null => {
                self.scanner.literal()?;
                outcome.null = true;
                return Ok(outcome);
            }
            Kind::Object => {}
            _ => {
                self.not_a_geometry(&mut outcome)?;
                return Ok(outcome);
            }
        }
        self.frames.clear();
        let mut frame = Frame { start: self.scanner.pos(), ..Frame::default() };
        let mut name = self.scanner.first_name()?;
        loop {
            let Some(key) = name else {
                // The object is complete: on in the collection around it, if there is one.
                self.end_geometry(&frame, &mut outcome)?;
                let Some(parent) = self.frames.pop() else { return Ok(outcome) };
                frame = parent;
                name = if self.scanner.next_element()? {
                    self.enter_member(&mut frame, &mut outcome)?
                } else {
                    self.scanner.next_name()?
                };
                continue;
            };
            if key.is("type") {
                self.type_member(&mut frame)?;
            } else if key.is("coordinates") {
                self.coordinates_member(&mut frame, &mut outcome)?;
            } else if key.is("geometries") && self.scanner.peek() == Some(b'[') {
                frame.geometries = true;
                if self.scanner.first_element()? {
                    name = self.enter_member(&mut frame, &mut outcome)?;
                    continue;
                }
            } else if key.is("bbox") {
                self.bbox()?;
            } else if key.is("crs") {
                self.inner_crs()?;
            } else {
                if !(self.again && self.frames.is_empty()) {
                    self.foreign.push((key, self.scanner.pos()));
                }
                self.scanner.skip_value()?;
            }
            name = self.scanner.next_name()?;
        }
    }

    /// With the cursor on a member of a collection: steps into the next object among them, with `frame` on the stack
    /// and a new one in its place, or past the end of the collection's array. Gives the next member name of whatever
    /// `frame` is then.
    pub(super) fn enter_member(&mut self, frame: &mut Frame, outcome: &mut Outcome) -> Scanned<Option<RawText<'a>>> {
        frame.member_count += 1;
        while self.scanner.kind()? != Kind::Object {
            frame.member_count += 1;
            self.not_a_geometry(outcome)?;
            if !self.scanner.next_element()? {
                return self.scanner.next_name();
            }
        }
        self.frames.push(*frame);
        *frame = Frame { start: self.scanner.pos(), ..Frame::default() };
        self.scanner.first_name()
    }

    /// Moves over something that stands in the place of a geometry.
    fn not_a_geometry(&mut self, outcome: &mut Outcome) -> Scanned<()> {
        let start = self.scanner.pos();
        self.scanner.skip_value()?;
        outcome.bad = Some(None);
        let message = Message::new("io.not-a-geometry").with("found", self.snippet(start));
        self.pend(Severity::Error, message, start);
        Ok(())
    }

    fn type_member(&mut self, frame: &mut Frame) -> Scanned<()> {
        let start = self.scanner.pos();
        if self.scanner.peek() != Some(b'"') {
            self.scanner.skip_value()?;
            (frame.odd_type, frame.type_at) = (true, start);
            return Ok(());
        }
        let name = self.scanner.string()?;
        if frame.kind.is_some() {
            self.tally(Severity::Warning, "io.repeated-member", "type");
            return Ok(());
        }
        let found =
            if name.escaped { GeometryType::from_name(&name.decoded()) } else { GeometryType::from_name(name.raw) };
        match found {
            Some((kind, exact)) => {
                frame.kind = Some(kind);
                if !exact {
                    self.tally(Severity::Warning, "io.type-case", name.raw);
                }
            }
            None => {
                (frame.odd_type, frame.type_at) = (true, start);
            }
        }
        Ok(())
    }

    fn coordinates_member(&mut self, frame: &mut Frame, outcome: &mut Outcome) -> Scanned<()> {
        if frame.coordinates.is_some() {
            self.tally(Severity::Warning, "io.repeated-member", "coordinates");
            return self.scanner.skip_value();
        }
        frame.coordinates = Some(self.scanner.pos());
        match frame.kind {
            Some(kind) if kind != GeometryType::Collection => {
                frame.read = true;
                self.read_coordinates(kind, outcome)
            }
            _ => self.scanner.skip_value(),
        }
    }

    /// Takes stock of a geometry whose members were all seen.
    pub(super) fn end_geometry(&mut self, frame: &Frame, outcome: &mut Outcome) -> Scanned<()> {
        let fault = match (frame.kind, frame.coordinates) {
            (Some(GeometryType::Collection), _) if frame.geometries => {
                if !self.frames.is_empty() {
                    self.tally(Severity::Warning, "io.nested-collection", "");
                } else if outcome.kinds.is_empty() && outcome.bad.is_none() {
                    self.tally(Severity::Note, "io.empty-geometry", GeometryType::Collection.name());
                } else if outcome.kinds.iter().count() > 1 {
                    let n = outcome.kinds.iter().count();
                    let message = Message::new("io.collection-split").with("count", n);
                    // That is what GeoJSON asks for: nothing is wrong.
                    self.pend(Severity::Note, message, frame.start);
                }
                if frame.member_count == 1 {
                    self.tally(Severity::Note, "io.single-member-collection", "");
                }
                return Ok(());
            }
            (Some(_), Some(_)) if frame.read => return Ok(()),
            (Some(kind), Some(at)) if kind != GeometryType::Collection => {
                return self.read_again(at, kind, outcome);
            }
            (Some(kind), _) => Message::new("io.missing-member")
                .with("type", kind.name())
                .with("name", if kind == GeometryType::Collection { "geometries" } else { "coordinates" }),
            (None, _) if frame.odd_type => {
                Message::new("io.unknown-geometry-type").with("found", self.snippet(frame.type_at))
            }
            (None, Some(at)) => match coordinates::type_by_depth(self.scanner.text(), at) {
                Some(kind) => {
                    self.tally(Severity::Warning, "io.untyped-geometry", kind.name());
                    return self.read_again(at, kind, outcome);
                }
                None => Message::new("io.missing-geometry-type"),
            },
            // A collection that forgot its type: its members were read.
            (None, None) if frame.geometries => {
                self.tally(Severity::Warning, "io.untyped-geometry", GeometryType::Collection.name());
                return Ok(());
            }
            (None, None) => Message::new("io.missing-geometry-type"),
        };
        outcome.bad = Some(frame.kind.map(GeometryType::kind).filter(|kind| *kind != GeometryKind::None));
        self.pend(Severity::Error, fault, frame.start);
        Ok(())
    }

    /// Reads coordinates that were passed over before their type was known.
    fn read_again(&mut self, at: usize, kind: GeometryType, outcome: &mut Outcome) -> Scanned<()> {
        let end = self.scanner.pos();
        self.scanner.rewind(at);
        self.read_coordinates(kind, outcome)?;
        self.scanner.rewind(end);
        Ok(())
    }

    fn read_coordinates(&mut self, geometry_type: GeometryType, outcome: &mut Outcome) -> Scanned<()> {
        let kind = geometry_type.kind();
        let start = self.scanner.pos();
        let flaws_before = self.flaws.list.len();
        let builder = &mut self.sinks.of(kind, self.start).geometry;
        let mark = builder.mark();
        let result = coordinates::read(&mut self.scanner, builder, geometry_type, &mut self.flaws);
        match result {
            Ok(()) if mark != builder.mark() => outcome.kinds.add(kind),
            Ok(()) if self.flaws.list.len() == flaws_before => {
                outcome.kinds.add(kind);
                self.tally(Severity::Note, "io.empty-geometry", geometry_type.name());
            }
            // All of its rings were unusable, which the flaws say.
            Ok(()) => outcome.bad = Some(Some(kind)),
            Err(fault) => {
                builder.rollback_to(mark);
                self.flaws.list.truncate(flaws_before);
                self.scanner.rewind(start);
                self.scanner.skip_value()?;
                outcome.bad = Some(Some(kind));
                let message = fault.message(geometry_type.name(), |at| self.snippet(at));
                self.pend(Severity::Error, message, fault.offset);
            }
        }
        for flaw in std::mem::take(&mut self.flaws.list) {
            self.pend(flaw.severity, Message::new(flaw.key).with("count", flaw.count), flaw.offset);
        }
        Ok(())
    }

    /// Moves over a `bbox`, which is derived anew and therefore not kept.
    pub(super) fn bbox(&mut self) -> Scanned<()> {
        let start = self.scanner.pos();
        self.scanner.skip_value()?;
        if !is_bbox(&self.scanner.text()[start..self.scanner.pos()]) {
            let message = Message::new("io.bad-bbox").with("found", self.snippet(start));
            // Null says that there is none; anything else says something wrong.
            let is_null = self.scanner.text()[start..].starts_with("null");
            self.pend(if is_null { Severity::Note } else { Severity::Warning }, message, start);
        }
        Ok(())
    }

    /// Takes the `crs` that a feature or a geometry states for itself.
    pub(super) fn inner_crs(&mut self) -> Scanned<()> {
        let start = self.scanner.pos();
        self.scanner.skip_value()?;
        self.members.set_inner_crs(&self.scanner.text()[start..self.scanner.pos()]);
        Ok(())
    }
}
