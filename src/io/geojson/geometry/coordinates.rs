//! The hot part: arrays of positions, straight into the columns.
//!
//! Rings that are not closed are closed, rings that enclose nothing (fewer than four positions with the closing one) are
//! left out; either is a flaw that the caller reports. Anything that is not the shape that the type asks for is a
//! fault, and the caller forgets the geometry. Values after x, y and z are passed over and counted.

use super::super::super::scan::{Scanned, Scanner, SyntaxError};
use super::GeometryType;
use crate::model::{Coord, GeometryBuilder, Severity};
use crate::text::Message;

/// Why coordinates cannot be used at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Fault {
    pub(in super::super) offset: usize,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The grammar of JSON was left; the caller finds out where when it skips the value.
    Syntax,
    /// Arrays are nested deeper or less deep than the type asks for.
    Depth,
    /// Something that is not a number stands in a position.
    NotANumber,
    /// A number that no double holds, or NaN.
    NotFinite,
    /// A position with this many numbers.
    Short(usize),
}

impl From<SyntaxError> for Fault {
    fn from(error: SyntaxError) -> Self {
        Self { offset: error.offset, why: Why::Syntax }
    }
}

impl Fault {
    /// The fault in a geometry of the type named, as a message of the catalogue.
    pub(super) fn message(&self, type_name: &str, snippet: impl Fn(usize) -> String) -> Message {
        match self.why {
            Why::NotANumber => Message::new("io.not-a-number").with("found", snippet(self.offset)),
            Why::NotFinite => Message::new("io.not-finite").with("found", snippet(self.offset)),
            Why::Short(count) => Message::new("io.short-position").with("count", count),
            Why::Depth | Why::Syntax => Message::new("io.wrong-depth").with("type", type_name),
        }
    }
}

/// Something about a part of a geometry that was read in spite of it, or left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Flaw {
    pub(in super::super) severity: Severity,
    pub(in super::super) key: &'static str,
    pub(in super::super) count: usize,
    pub(in super::super) offset: usize,
}

/// Flaws of the open geometry, and counts over all.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Flaws {
    pub(in super::super) list: Vec<Flaw>,
    /// Positions with values after x, y and z.
    pub(in super::super) long_positions: u64,
    /// Positions whose z is null.
    pub(in super::super) null_heights: u64,
}

impl Flaws {
    #[cold]
    fn add(&mut self, severity: Severity, key: &'static str, count: usize, offset: usize) {
        self.list.push(Flaw { severity, key, count, offset });
    }
}

type Read<T> = Result<T, Fault>;

/// Reads the coordinates under the cursor into the open feature of `builder`.
pub(super) fn read(
    scanner: &mut Scanner<'_>,
    builder: &mut GeometryBuilder,
    geometry_type: GeometryType,
    flaws: &mut Flaws,
) -> Read<()> {
    match geometry_type {
        GeometryType::Point => point(scanner, builder, flaws),
        GeometryType::MultiPoint => positions(scanner, builder, flaws).map(|_| ()),
        GeometryType::LineString => path(scanner, builder, flaws),
        GeometryType::MultiLineString => list(scanner, |scanner| path(scanner, builder, flaws)),
        GeometryType::Polygon => polygon(scanner, builder, flaws),
        GeometryType::MultiPolygon => list(scanner, |scanner| polygon(scanner, builder, flaws)),
        GeometryType::Collection => Err(fault(scanner, Why::Depth)),
    }
}

/// The type that the nesting of the arrays at `at` suggests.
pub(super) fn type_by_depth(text: &str, at: usize) -> Option<GeometryType> {
    let mut scanner = Scanner::lenient(text, at);
    let mut depth = 0;
    while scanner.eat(b'[') {
        depth += 1;
    }
    [GeometryType::Point, GeometryType::LineString, GeometryType::Polygon, GeometryType::MultiPolygon]
        .get(usize::checked_sub(depth, 1)?)
        .copied()
}

#[cold]
fn fault(scanner: &Scanner<'_>, why: Why) -> Fault {
    Fault { offset: scanner.pos(), why }
}

/// Reads an array, element by element.
#[inline]
fn list<'a>(scanner: &mut Scanner<'a>, mut element: impl FnMut(&mut Scanner<'a>) -> Read<()>) -> Read<()> {
    if scanner.peek() != Some(b'[') {
        return Err(fault(scanner, Why::Depth));
    }
    let mut more = scanner.first_element()?;
    while more {
        element(scanner)?;
        more = scanner.next_element()?;
    }
    Ok(())
}

/// A point; an empty array is an empty point.
fn point(scanner: &mut Scanner<'_>, builder: &mut GeometryBuilder, flaws: &mut Flaws) -> Read<()> {
    let start = scanner.pos();
    if scanner.eat(b'[') && scanner.eat(b']') {
        return Ok(());
    }
    scanner.rewind(start);
    position(scanner, builder, flaws)
}

/// An array of positions; gives where it starts.
#[inline]
fn positions(scanner: &mut Scanner<'_>, builder: &mut GeometryBuilder, flaws: &mut Flaws) -> Read<usize> {
    let start = scanner.pos();
    list(scanner, |scanner| position(scanner, builder, flaws))?;
    Ok(start)
}

#[inline]
fn position(scanner: &mut Scanner<'_>, builder: &mut GeometryBuilder, flaws: &mut Flaws) -> Read<()> {
    if scanner.peek() != Some(b'[') {
        return Err(fault(scanner, Why::Depth));
    }
    scanner.bump();
    scanner.skip_space();
    let x = ordinate(scanner, 0)?;
    if !next_ordinate(scanner)? {
        return Err(fault(scanner, Why::Short(1)));
    }
    let y = ordinate(scanner, 1)?;
    let c = Coord { x, y };
    if next_ordinate(scanner)? {
        height(scanner, builder, c, flaws)
    } else {
        builder.coord(c);
        Ok(())
    }
}

/// The third value of a position and those after it.
fn height(scanner: &mut Scanner<'_>, builder: &mut GeometryBuilder, c: Coord, flaws: &mut Flaws) -> Read<()> {
    if scanner.peek() == Some(b'n') {
        scanner.literal()?;
        flaws.null_heights += 1;
        builder.coord(c);
    } else {
        let z = ordinate(scanner, 2)?;
        builder.coord_z(c, z);
    }
    if next_ordinate(scanner)? {
        flaws.long_positions += 1;
        loop {
            ordinate(scanner, 3)?;
            if !next_ordinate(scanner)? {
                break;
            }
        }
    }
    Ok(())
}

#[inline]
fn next_ordinate(scanner: &mut Scanner<'_>) -> Scanned<bool> {
    scanner.next_element()
}

/// A number of a position that has `before` numbers already.
#[inline]
fn ordinate(scanner: &mut Scanner<'_>, before: usize) -> Read<f64> {
    let start = scanner.pos();
    match scanner.double() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(Fault { offset: start, why: Why::NotFinite }),
        Err(error) => Err(no_number(scanner, start, before, error)),
    }
}

/// Why there is no number at `start`, where one should be.
#[cold]
fn no_number(scanner: &mut Scanner<'_>, start: usize, before: usize, error: SyntaxError) -> Fault {
    scanner.rewind(start);
    match scanner.peek() {
        Some(b'-' | b'0'..=b'9' | b'N' | b'I') => error.into(),
        Some(b']') => fault(scanner, Why::Short(before)),
        Some(b'[') => fault(scanner, Why::Depth),
        _ => fault(scanner, Why::NotANumber),
    }
}

/// One path of a line; an empty array is no path.
fn path(scanner: &mut Scanner<'_>, builder: &mut GeometryBuilder, flaws: &mut Flaws) -> Read<()> {
    let start = positions(scanner, builder, flaws)?;
    match builder.open_ring().len() {
        0 => return Ok(()),
        1 => flaws.add(Severity::Warning, "io.short-line", 1, start),
        _ => {}
    }
    builder.end_ring();
    Ok(())
}

/// One polygon. Where its outer ring is unusable its holes are as well.
fn polygon(scanner: &mut Scanner<'_>, builder: &mut GeometryBuilder, flaws: &mut Flaws) -> Read<()> {
    let mut ring_count = 0;
    let mut outer = false;
    list(scanner, |scanner| {
        let start = positions(scanner, builder, flaws)?;
        if ring_count > 0 && !outer {
            flaws.add(Severity::Error, "io.hole-without-ring", builder.open_ring().len(), start);
            builder.rollback_ring();
        } else {
            let usable = end_ring(builder, start, flaws);
            outer |= usable && ring_count == 0;
        }
        ring_count += 1;
        Ok(())
    })?;
    if outer {
        builder.end_part();
    }
    Ok(())
}

/// Ends the open ring: closes it where it is open, and leaves it out where it encloses nothing.
#[inline]
fn end_ring(builder: &mut GeometryBuilder, start: usize, flaws: &mut Flaws) -> bool {
    let ring = builder.open_ring();
    let position_count = ring.len();
    let [first, .., last] = ring else {
        flaws.add(Severity::Error, "io.short-ring", position_count, start);
        builder.rollback_ring();
        return false;
    };
    let (first, last) = (*first, *last);
    let closed = first == last;
    if position_count + usize::from(!closed) < 4 {
        flaws.add(Severity::Error, "io.short-ring", position_count, start);
        builder.rollback_ring();
        return false;
    }
    // The third distinct position is usually the third: this costs three comparisons.
    let second = ring.iter().find(|c| **c != first);
    if second.is_none_or(|second| ring.iter().all(|c| *c == first || c == second)) {
        flaws.add(Severity::Warning, "io.flat-ring", position_count, start);
    }
    if let [low, .., high] = builder.open_ring_z()
        && closed
        && low.to_bits() != high.to_bits()
    {
        flaws.add(Severity::Warning, "io.ring-heights-differ", position_count, start);
    }
    if !closed {
        match builder.open_ring_z().first() {
            Some(z) if !z.is_nan() => builder.coord_z(first, *z),
            _ => builder.coord(first),
        }
        flaws.add(Severity::Warning, "io.unclosed-ring", position_count, start);
    }
    builder.end_ring();
    true
}
