//! From the points of a plot to rings, paths or points, and what is wrong with them.
//!
//! A new ring begins where the number of the ring changes, or where points go on after the ring came back to its first
//! point. Rings are closed where the file left that out. Which is a hole of which is decided by what encloses it.

use super::line::PointLine;
use crate::model::{Coord, GeometryBuilder, Severity};
use crate::overlay::polygons_of_rings;
use crate::task::{Cancelled, Progress};
use crate::text::Message;

/// Sides of a ring that are held against each other.
const MOST_SIDES: usize = 400;

/// What is wrong with a plot, and where.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::io) struct Fault {
    pub(in crate::io) severity: Severity,
    pub(in crate::io) message: Message,
    pub(in crate::io) line: u64,
    /// The point, where it is about one.
    pub(in crate::io) place: Option<Coord>,
}

/// What was measured of a plot, to be held against what it states.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::io) struct Measured {
    /// Area in square units of the coordinates.
    pub(super) area: f64,
    /// Point lines of the file.
    pub(super) point_count: u64,
    /// Points without those that close a ring, and with one for each ring.
    pub(super) bare_count: u64,
    pub(super) closed_count: u64,
    /// Whether there are rings and none of them was left out: the area is that of the plot.
    pub(super) is_sound: bool,
}

/// What became of a plot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::io) struct Shape {
    /// Whether there is a geometry.
    pub(in crate::io) is_usable: bool,
    pub(in crate::io) faults: Vec<Fault>,
    /// Keys of what is usual in many plots, with the line of the first.
    pub(in crate::io) notes: Vec<(&'static str, u64)>,
    pub(in crate::io) measured: Measured,
}

/// A ring as it stands in the file.
#[derive(Clone, Debug, Default)]
struct Ring {
    coords: Vec<Coord>,
    /// Line of its first point.
    line: u64,
    /// Whether its last point is its first.
    is_closed: bool,
}

/// The points of a plot, as they come.
#[derive(Clone, Debug, Default)]
pub(in crate::io) struct Run {
    rings: Vec<Ring>,
    /// The number of the open ring as written.
    token: String,
    numbering: Numbering,
    point_count: u64,
    faults: Vec<Fault>,
    notes: Vec<(&'static str, u64)>,
}

impl Run {
    pub(in crate::io) fn new() -> Self {
        Self::default()
    }

    pub(in crate::io) fn point_count(&self) -> u64 {
        self.point_count
    }

    /// Whether the last ring came back to its first point.
    pub(in crate::io) fn is_closed(&self) -> bool {
        self.rings.last().is_some_and(|ring| ring.is_closed)
    }

    /// Adds a point.
    pub(in crate::io) fn add(&mut self, point: &PointLine<'_>, at: Coord, line: u64) {
        self.point_count += 1;
        let changes = self.rings.is_empty() || self.token != point.ring;
        let closed = self.rings.last().filter(|ring| ring.is_closed).map(|ring| ring.coords.first() == Some(&at));
        if !changes && closed == Some(true) {
            // Closed twice.
            self.notes.push(("io.txt-closed-twice", line));
            return;
        }
        if changes || closed == Some(false) {
            // Without numbers, coming back to the first point is what ends a ring.
            if !changes && !point.ring.is_empty() {
                let message = Message::new("io.txt-joined-rings").with("ring", point.ring);
                self.faults.push(Fault { severity: Severity::Warning, message, line, place: Some(at) });
            }
            self.token.clear();
            self.token.push_str(point.ring);
            self.rings.push(Ring { coords: Vec::new(), line, is_closed: false });
            self.numbering.begin(point, (at, line), self.rings.len() == 1, &mut self.faults);
        }
        let Some(ring) = self.rings.last_mut() else { return };
        if ring.coords.last() == Some(&at) {
            self.notes.push(("io.txt-repeated-point", line));
        }
        ring.is_closed = ring.coords.len() >= 3 && ring.coords.first() == Some(&at);
        ring.coords.push(at);
        self.numbering.next(point, ring.is_closed, (at, line));
    }

    /// Ends the points: what is left to say about their numbers.
    fn end(&mut self) {
        self.numbering.end(&mut self.faults);
    }

    /// Puts the polygon into the open feature of `builder`.
    pub(in crate::io) fn polygon(
        mut self,
        builder: &mut GeometryBuilder,
        progress: &Progress,
    ) -> Result<Shape, Cancelled> {
        self.end();
        let (bare_count, closed_count) = self.counts();
        let mut measured = Measured {
            point_count: self.point_count,
            bare_count,
            closed_count,
            is_sound: !self.rings.is_empty(),
            area: 0.0,
        };
        for ring in &mut self.rings {
            // Fewer than three corners are no ring, closed or not.
            if !ring.is_closed
                && ring.coords.len() >= 3
                && let Some(first) = ring.coords.first().copied()
            {
                ring.coords.push(first);
                self.notes.push(("io.txt-open-ring", ring.line));
            }
        }
        let short = |ring: &Ring| ring.coords.len() < 4;
        for ring in self.rings.iter().filter(|ring| short(ring)) {
            let message = Message::new("io.short-ring").with("count", ring.coords.len());
            let place = ring.coords.first().copied();
            self.faults.push(Fault { severity: Severity::Error, message, line: ring.line, place });
            measured.is_sound = false;
        }
        self.rings.retain(|ring| !short(ring));
        for ring in &self.rings {
            if let Some(place) = crossing(&ring.coords) {
                let message = Message::new("io.txt-crossing");
                let place = Some(place);
                self.faults.push(Fault { severity: Severity::Error, message, line: ring.line, place });
                // What it encloses is no longer what its corners sum up to.
                measured.is_sound = false;
            }
        }
        let lists: Vec<&[Coord]> = self.rings.iter().map(|ring| &ring.coords[..]).collect();
        let found = polygons_of_rings(&lists, progress)?;
        for repeated in &found.repeated {
            let message = Message::new("io.txt-repeated-ring");
            let ring = &self.rings[*repeated];
            let place = ring.coords.first().copied();
            self.faults.push(Fault { severity: Severity::Warning, message, line: ring.line, place });
        }
        if let [_, second, ..] = &found.polygons[..] {
            self.notes.push(("io.txt-parts", self.rings[second[0]].line));
        }
        for polygon in &found.polygons {
            for (at, ring) in polygon.iter().enumerate() {
                let area = area(lists[*ring]);
                measured.area += if at == 0 { area } else { -area };
                lists[*ring].iter().for_each(|c| builder.coord(*c));
                builder.end_ring();
            }
            builder.end_part();
        }
        let is_usable = !found.polygons.is_empty();
        Ok(Shape { is_usable, faults: self.faults, notes: self.notes, measured })
    }

    /// Puts the paths of a line into the open feature of `builder`.
    pub(in crate::io) fn paths(mut self, builder: &mut GeometryBuilder) -> Shape {
        self.end();
        let (bare_count, closed_count) = self.counts();
        let mut is_usable = false;
        for ring in &self.rings {
            if ring.coords.len() < 2 {
                let message = Message::new("io.short-line").with("count", ring.coords.len());
                let place = ring.coords.first().copied();
                self.faults.push(Fault { severity: Severity::Error, message, line: ring.line, place });
                continue;
            }
            ring.coords.iter().for_each(|c| builder.coord(*c));
            builder.end_ring();
            is_usable = true;
        }
        let measured = Measured { point_count: self.point_count, bare_count, closed_count, ..Measured::default() };
        Shape { is_usable, faults: self.faults, notes: self.notes, measured }
    }

    /// Puts points into the open feature of `builder`.
    pub(in crate::io) fn points(self, builder: &mut GeometryBuilder) -> Shape {
        let (bare_count, closed_count) = self.counts();
        self.rings.iter().flat_map(|ring| &ring.coords).for_each(|c| builder.coord(*c));
        let measured = Measured { point_count: self.point_count, bare_count, closed_count, ..Measured::default() };
        Shape { is_usable: self.point_count > 0, measured, ..Shape::default() }
    }

    /// Points without the closing ones, and with one for each ring.
    fn counts(&self) -> (u64, u64) {
        let bare: usize = self.rings.iter().map(|ring| ring.coords.len() - usize::from(ring.is_closed)).sum();
        (bare as u64, (bare + self.rings.len()) as u64)
    }
}

/// Where a closed ring crosses itself first. Rings of many corners are left to the measuring of areas, which repairs them.
fn crossing(ring: &[Coord]) -> Option<Coord> {
    let sides: Vec<[Coord; 2]> = ring.windows(2).map(|side| [side[0], side[1]]).collect();
    if sides.len() > MOST_SIDES {
        return None;
    }
    let mut pairs = (0..sides.len()).flat_map(|a| (a + 2..sides.len()).map(move |b| (a, b)));
    pairs.find_map(|(a, b)| meeting(sides[a], sides[b]))
}

/// Where two sides cross, not where one only touches the other.
fn meeting([a, b]: [Coord; 2], [c, d]: [Coord; 2]) -> Option<Coord> {
    if a.x.max(b.x) < c.x.min(d.x) || c.x.max(d.x) < a.x.min(b.x) {
        return None;
    }
    let side =
        |from: Coord, to: Coord, at: Coord| (to.x - from.x) * (at.y - from.y) - (to.y - from.y) * (at.x - from.x);
    let (of_c, of_d) = (side(a, b, c), side(a, b, d));
    let (of_a, of_b) = (side(c, d, a), side(c, d, b));
    if of_c * of_d >= 0.0 || of_a * of_b >= 0.0 {
        return None;
    }
    let share = of_a / (of_a - of_b);
    Some(Coord { x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) })
}

/// Area that a closed ring encloses, whichever way it is wound, relative to its first point.
fn area(ring: &[Coord]) -> f64 {
    let Some(origin) = ring.first() else { return 0.0 };
    let sides = ring.windows(2).map(|side| {
        let ((ax, ay), (bx, by)) =
            ((side[0].x - origin.x, side[0].y - origin.y), (side[1].x - origin.x, side[1].y - origin.y));
        ax * by - ay * bx
    });
    (0.5 * sides.sum::<f64>()).abs()
}

/// Whether the numbers of points run on: `J1, J2, J3 …`, over the rings of a plot or from 1 in each.
#[derive(Clone, Debug, Default)]
struct Numbering {
    prefix: String,
    first: Option<u32>,
    last: Option<u32>,
    /// Largest number of the rings before.
    most: u32,
    /// The first break of the open ring, its point and line, and how many there are.
    broken: Option<(String, String, (Coord, u64), u64)>,
}

impl Numbering {
    /// A ring begins with `point`.
    fn begin(&mut self, point: &PointLine<'_>, (at, line): (Coord, u64), is_first: bool, faults: &mut Vec<Fault>) {
        self.end(faults);
        (self.first, self.last) = (None, None);
        let Some((prefix, number)) = point.numbered() else { return };
        if !is_first && prefix == self.prefix && number > 1 && number != self.most + 1 {
            let message = Message::new("io.txt-ring-numbering").with("id", point.id).with("expected", self.most + 1);
            faults.push(Fault { severity: Severity::Warning, message, line, place: Some(at) });
        }
        prefix.clone_into(&mut self.prefix);
        self.first = Some(number);
    }

    fn next(&mut self, point: &PointLine<'_>, closes: bool, at: (Coord, u64)) {
        let Some((prefix, number)) = point.numbered() else { return };
        if let Some(last) = self.last
            && prefix == self.prefix
            && number != last.saturating_add(1)
            && !(closes && Some(number) == self.first)
        {
            let broken = self.broken.get_or_insert_with(|| (format!("{prefix}{last}"), point.id.to_owned(), at, 0));
            broken.3 += 1;
        }
        if !(closes && Some(number) == self.first) {
            self.most = self.most.max(number);
        }
        prefix.clone_into(&mut self.prefix);
        self.last = Some(number);
    }

    fn end(&mut self, faults: &mut Vec<Fault>) {
        if let Some((before, after, (at, line), count)) = self.broken.take() {
            let message =
                Message::new("io.txt-numbering").with("before", before).with("after", after).with("count", count);
            faults.push(Fault { severity: Severity::Warning, message, line, place: Some(at) });
        }
    }
}
