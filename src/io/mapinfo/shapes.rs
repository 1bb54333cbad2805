//! Shapes of a `.mif` to columns.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::super::ReadError;
use super::super::columns::{Kinds, Sinks};
use super::super::gathered::{Gathered, Stands};
use super::super::rings::{self, RingNotes, Vertices};
use super::head::Head;
use super::words::{Word, Words};
use crate::model::{Coord, GeometryKind, Severity};
use crate::task::Progress;
use crate::text::Message;

/// How far chords may be from a curve: in metres, and in degrees.
const TOLERANCE: f64 = 0.001;
const TOLERANCE_DEG: f64 = 1e-8;
/// Chords of a whole ellipse, at the least and at the most.
const LEAST_CHORDS: f64 = 16.0;
const MOST_CHORDS: f64 = 4096.0;
/// Collections within collections.
const DEEPEST: usize = 8;

/// What comes next in the text.
pub(super) enum Object {
    /// Nothing.
    None,
    /// What is no shape, on this line.
    Broken(u64),
    /// A shape, of which the columns of `kinds` got something.
    Of {
        kinds: Kinds,
        stands: Stands,
        /// The words of a text.
        label: Option<String>,
    },
}

/// Why a shape is not read.
enum Stop {
    /// The text is broken there.
    Broken,
    Cancelled,
}

/// Goes through the shapes of a text.
pub(super) struct Shapes {
    transform: [f64; 4],
    is_degrees: bool,
    /// Whether pens, brushes, symbols or fonts were passed over.
    pub(super) has_styles: bool,
    pub(super) curve_count: u64,
}

/// A shape on its way.
struct Open<'s> {
    sinks: &'s mut Sinks,
    offset: usize,
    kinds: Kinds,
    notes: RingNotes,
    has_short_line: bool,
    label: Option<String>,
}

impl Shapes {
    pub(super) fn new(head: &Head) -> Self {
        Self { transform: head.transform, is_degrees: head.is_degrees, has_styles: false, curve_count: 0 }
    }

    /// How far chords may be from a curve, in units of the coordinates.
    pub(super) fn tolerance(&self) -> f64 {
        if self.is_degrees { TOLERANCE_DEG } else { TOLERANCE }
    }

    /// Pushes the next shape into the open feature of `layer`.
    ///
    /// # Errors
    /// [`ReadError::Cancelled`].
    pub(super) fn next(
        &mut self,
        words: &mut Words<'_>,
        layer: &mut Gathered,
        progress: &Progress,
    ) -> Result<Object, ReadError> {
        loop {
            words.skip_space();
            let stands = words.stands();
            let word = match words.next() {
                None => return Ok(Object::None),
                Some(Word::Bare(word)) => word.to_ascii_uppercase(),
                // What a clause before has in brackets.
                Some(Word::Quoted(_) | Word::List(_)) => continue,
            };
            if self.clause(&word, words, layer) {
                continue;
            }
            if word.parse::<f64>().is_ok() {
                layer.tally(Severity::Warning, "io.mif-surplus", "", stands.line);
                continue;
            }
            let mut open = Open {
                sinks: &mut layer.sinks,
                offset: stands.offset,
                kinds: Kinds::default(),
                notes: RingNotes::default(),
                has_short_line: false,
                label: None,
            };
            match self.object(&word, words, &mut open, progress, 0) {
                Ok(()) => {}
                Err(Stop::Cancelled) => return Err(ReadError::Cancelled),
                Err(Stop::Broken) => {
                    layer.sinks.rollback();
                    return Ok(Object::Broken(stands.line));
                }
            }
            let Open { kinds, notes, has_short_line, label, .. } = open;
            for (is_so, key) in [
                (notes.has_open, "io.shp-open-ring"),
                (notes.has_short || has_short_line, "io.shp-short-ring"),
                (notes.has_repeated, "io.shp-repeated-ring"),
            ] {
                if is_so {
                    layer.say(Severity::Warning, Message::new(key), stands.line);
                }
            }
            return Ok(Object::Of { kinds, stands, label });
        }
    }

    /// Moves over what is said about the shape before; whether it is that.
    fn clause(&mut self, word: &str, words: &mut Words<'_>, layer: &mut Gathered) -> bool {
        match word {
            "PEN" | "BRUSH" | "SYMBOL" | "FONT" => self.has_styles = true,
            "SMOOTH" => {
                let row = layer.row_count.saturating_sub(1);
                let line = words.line().saturating_sub(1);
                layer.findings.tally(Severity::Warning, "io.mif-smooth", "", 1, row, line);
            }
            "CENTER" => {
                let _ = (words.number(), words.number());
            }
            "SPACING" | "ANGLE" => {
                let _ = words.number();
            }
            "JUSTIFY" => {
                let _ = words.next();
            }
            "LABEL" => {
                words.eat("line");
                let _ = words.next();
                let _ = (words.number(), words.number());
            }
            _ => return false,
        }
        true
    }

    fn coord(&self, words: &mut Words<'_>) -> Result<Coord, Stop> {
        let (Some(x), Some(y)) = (words.number(), words.number()) else { return Err(Stop::Broken) };
        let [a, b, c, d] = self.transform;
        let at = Coord { x: a * x + c, y: b * y + d };
        // Boxes of what is larger than any plane would have no size.
        let is_there = |number: f64| number.abs() < f64::MAX / 4.0;
        if is_there(at.x) && is_there(at.y) { Ok(at) } else { Err(Stop::Broken) }
    }

    /// As many coordinates as the number under the cursor says.
    fn coords(&self, words: &mut Words<'_>, into: &mut Vec<Coord>) -> Result<(), Stop> {
        let count = words.whole().ok_or(Stop::Broken)?;
        // Each is there before there is room for it.
        for _ in 0..count {
            into.push(self.coord(words)?);
        }
        Ok(())
    }

    fn object(
        &mut self,
        word: &str,
        words: &mut Words<'_>,
        open: &mut Open<'_>,
        progress: &Progress,
        depth: usize,
    ) -> Result<(), Stop> {
        match word {
            "NONE" => {}
            "POINT" => open.points(&[self.coord(words)?]),
            "MULTIPOINT" => {
                let mut points = Vec::new();
                self.coords(words, &mut points)?;
                open.points(&points);
            }
            "LINE" => open.path(&[self.coord(words)?, self.coord(words)?]),
            "PLINE" => {
                let count = if words.eat("multiple") { words.whole().ok_or(Stop::Broken)? } else { 1 };
                for _ in 0..count {
                    let mut path = Vec::new();
                    self.coords(words, &mut path)?;
                    open.path(&path);
                }
            }
            "REGION" => {
                let count = words.whole().ok_or(Stop::Broken)?;
                let (mut coords, mut starts) = (Vec::new(), vec![0]);
                for _ in 0..count {
                    self.coords(words, &mut coords)?;
                    starts.push(coords.len());
                }
                open.polygon(&coords, &starts, progress)?;
            }
            "RECT" => {
                let (a, b) = (self.coord(words)?, self.coord(words)?);
                open.ring(&corners(a, b), progress)?;
            }
            "ROUNDRECT" => {
                let (a, b) = (self.coord(words)?, self.coord(words)?);
                let width = words.number().ok_or(Stop::Broken)?.abs();
                self.curve_count += 1;
                open.ring(&self.rounded(a, b, width), progress)?;
            }
            "ELLIPSE" => {
                let (a, b) = (self.coord(words)?, self.coord(words)?);
                self.curve_count += 1;
                open.ring(&self.ellipse(a, b, 0.0, TAU, true), progress)?;
            }
            "ARC" => {
                let (a, b) = (self.coord(words)?, self.coord(words)?);
                let (Some(from), Some(to)) = (words.number(), words.number()) else { return Err(Stop::Broken) };
                self.curve_count += 1;
                let sweep = (to - from).rem_euclid(360.0);
                let sweep = if sweep == 0.0 { 360.0 } else { sweep };
                let start = from.rem_euclid(360.0).to_radians();
                open.path(&self.ellipse(a, b, start, sweep.to_radians(), false));
            }
            "TEXT" => {
                let Some(Word::Quoted(text)) = words.next() else { return Err(Stop::Broken) };
                let at = self.coord(words)?;
                self.coord(words)?;
                open.points(&[at]);
                open.label = Some(text.replace("\\n", "\n"));
            }
            "COLLECTION" if depth < DEEPEST => {
                let mut left = words.whole().ok_or(Stop::Broken)?;
                while left > 0 {
                    let word = match words.next() {
                        None => return Err(Stop::Broken),
                        Some(Word::Bare(word)) => word.to_ascii_uppercase(),
                        Some(Word::Quoted(_) | Word::List(_)) => continue,
                    };
                    if matches!(word.as_str(), "PEN" | "BRUSH" | "SYMBOL" | "SMOOTH") {
                        self.has_styles = true;
                    } else if word == "CENTER" {
                        let _ = (words.number(), words.number());
                    } else {
                        self.object(&word, words, open, progress, depth + 1)?;
                        left -= 1;
                    }
                }
            }
            _ => return Err(Stop::Broken),
        }
        Ok(())
    }

    /// Points of an ellipse in the box of two corners, over an angle. They lie on it; those of one that `is_area` enclose
    /// what it encloses.
    fn ellipse(&self, a: Coord, b: Coord, start: f64, sweep: f64, is_area: bool) -> Vec<Coord> {
        let center = Coord { x: f64::midpoint(a.x, b.x), y: f64::midpoint(a.y, b.y) };
        let (rx, ry) = ((a.x - b.x).abs() / 2.0, (a.y - b.y).abs() / 2.0);
        let is_whole = sweep > TAU - 1e-9;
        let count = self.chord_count(rx.max(ry), sweep);
        let step = sweep / count as f64;
        let out = if is_area { (step / step.sin()).sqrt() } else { 1.0 };
        let point = |i: usize| {
            let (sin, cos) = (start + step * i as f64).sin_cos();
            Coord { x: center.x + out * rx * cos, y: center.y + out * ry * sin }
        };
        let mut points: Vec<Coord> = (0..count).map(point).collect();
        points.push(if is_whole { points[0] } else { point(count) });
        points
    }

    fn chord_count(&self, radius: f64, sweep: f64) -> usize {
        // The middle of a chord is `radius · (1 − cos(step / 2))` away from the arc.
        let cos = (1.0 - self.tolerance() / radius.max(self.tolerance())).max(-1.0);
        let fine = sweep / (2.0 * cos.acos()).max(1e-9);
        let (least, most) = (LEAST_CHORDS * sweep / TAU, MOST_CHORDS * sweep / TAU);
        fine.clamp(least, most).ceil().max(1.0) as usize
    }

    /// A rectangle whose corners are quarters of circles of this diameter.
    fn rounded(&self, a: Coord, b: Coord, width: f64) -> Vec<Coord> {
        let (min, max) = (Coord { x: a.x.min(b.x), y: a.y.min(b.y) }, Coord { x: a.x.max(b.x), y: a.y.max(b.y) });
        let radius = (width / 2.0).min((max.x - min.x) / 2.0).min((max.y - min.y) / 2.0);
        if radius <= 0.0 {
            return corners(a, b).to_vec();
        }
        let count = self.chord_count(radius, FRAC_PI_2);
        let centers = [
            (Coord { x: max.x - radius, y: max.y - radius }, 0.0),
            (Coord { x: min.x + radius, y: max.y - radius }, FRAC_PI_2),
            (Coord { x: min.x + radius, y: min.y + radius }, PI),
            (Coord { x: max.x - radius, y: min.y + radius }, PI + FRAC_PI_2),
        ];
        let mut points: Vec<Coord> = Vec::new();
        for (center, start) in centers {
            for i in 0..=count {
                let (sin, cos) = (start + FRAC_PI_2 * i as f64 / count as f64).sin_cos();
                points.push(Coord { x: center.x + radius * cos, y: center.y + radius * sin });
            }
        }
        points.push(points[0]);
        points
    }
}

/// The ring of a box.
fn corners(a: Coord, b: Coord) -> [Coord; 5] {
    [a, Coord { x: b.x, y: a.y }, b, Coord { x: a.x, y: b.y }, a]
}

impl Open<'_> {
    fn points(&mut self, points: &[Coord]) {
        let builder = &mut self.sinks.of(GeometryKind::Point, self.offset).geometry;
        points.iter().for_each(|c| builder.coord(*c));
        if !points.is_empty() {
            self.kinds.add(GeometryKind::Point);
        }
    }

    fn path(&mut self, path: &[Coord]) {
        if path.len() < 2 {
            self.has_short_line |= !path.is_empty();
            return;
        }
        let builder = &mut self.sinks.of(GeometryKind::Line, self.offset).geometry;
        path.iter().for_each(|c| builder.coord(*c));
        builder.end_ring();
        self.kinds.add(GeometryKind::Line);
    }

    fn ring(&mut self, ring: &[Coord], progress: &Progress) -> Result<(), Stop> {
        self.polygon(ring, &[0, ring.len()], progress)
    }

    fn polygon(&mut self, coords: &[Coord], starts: &[usize], progress: &Progress) -> Result<(), Stop> {
        let builder = &mut self.sinks.of(GeometryKind::Polygon, self.offset).geometry;
        let vertices = Vertices { coords, heights: &[], measures: &[] };
        let is_there = rings::polygon(builder, &vertices, starts, &mut self.notes, progress);
        if is_there.map_err(|_| Stop::Cancelled)? {
            self.kinds.add(GeometryKind::Polygon);
        }
        Ok(())
    }
}
