//! Lines to rings: each is followed from where the one before it ends, and every ring has to close.

use super::sections::{Sections, Shape};
use crate::model::Coord;

/// What two ends that are meant to be one may lie apart, in units of the coordinates; in degrees it is far less.
const NEAR: f64 = 1e-3;
const NEAR_DEGREES: f64 = 1e-8;

/// Why the lines of a feature make no rings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    /// There is no line of that id.
    NoLine(i64),
    /// A line begins as far as that from where the one before it ends.
    Gap { id: i64, distance: f64 },
    /// The last line ends as far as that from where the ring begins.
    Open { id: i64, distance: f64 },
}

/// Coordinates of the paths or rings of a feature.
#[derive(Debug, Default)]
pub(super) struct Traced {
    pub(super) coords: Vec<Coord>,
    pub(super) heights: Vec<f64>,
    /// First coordinate of each, and their number at the end.
    pub(super) starts: Vec<usize>,
    /// Whether ends that were meant to be one lay apart by less than is told as a gap.
    pub(super) has_gap: bool,
    /// Whether a line had to be turned against the sign of its id.
    pub(super) is_turned: bool,
}

impl Traced {
    fn clear(&mut self) {
        self.coords.clear();
        self.heights.clear();
        self.starts.clear();
        (self.has_gap, self.is_turned) = (false, false);
    }

    /// Puts the rings of a polygon, or with `closes` off the path of a line, together.
    ///
    /// # Errors
    /// [`Fault`].
    pub(super) fn trace(&mut self, sections: &Sections, shape: &Shape, closes: bool) -> Result<(), Fault> {
        self.clear();
        let has_heights = !sections.heights.is_empty();
        match shape {
            Shape::Own(paths) => {
                let mut is_open = false;
                for path in paths.clone() {
                    let range = sections.paths[path]..sections.paths[path + 1];
                    // Pieces of a ring follow each other until it is closed.
                    let goes_on = closes && is_open && sections.coords.get(range.start) == self.coords.last();
                    if !goes_on {
                        self.starts.push(self.coords.len());
                    }
                    let from = range.start + usize::from(goes_on);
                    self.coords.extend_from_slice(&sections.coords[from..range.end]);
                    if has_heights {
                        self.heights.extend_from_slice(&sections.heights[from..range.end]);
                    }
                    let start = self.starts.last().copied().unwrap_or(0);
                    is_open = self.coords.get(start) != self.coords.last();
                }
                self.starts.push(self.coords.len());
                Ok(())
            }
            Shape::Of(ids) => self.follow(sections, &sections.ids[ids.clone()], closes, has_heights),
        }
    }

    fn follow(&mut self, sections: &Sections, ids: &[i64], closes: bool, has_heights: bool) -> Result<(), Fault> {
        let near = match sections.coords.first() {
            Some(c) if c.x.abs() <= 360.0 && c.y.abs() <= 90.0 => NEAR_DEGREES,
            _ => NEAR,
        };
        // First coordinate of the open ring, the lines in it, and the last of them.
        let mut open: Option<(usize, usize, i64)> = None;
        for id in ids {
            if *id == 0 {
                self.close(&mut open, closes, near)?;
                continue;
            }
            let paths = sections.lines.get(&id.saturating_abs()).ok_or(Fault::NoLine(id.saturating_abs()))?;
            let range = sections.paths[paths.start]..sections.paths[paths.end];
            let line = &sections.coords[range.clone()];
            let (Some(first), Some(last)) = (line.first(), line.last()) else { return Err(Fault::NoLine(*id)) };
            let mut is_back = *id < 0;
            match &mut open {
                None => {
                    self.starts.push(self.coords.len());
                    open = Some((self.coords.len(), 1, *id));
                    self.add(sections, range, is_back, 0, has_heights);
                }
                Some((start, count, latest)) => {
                    let mut end = self.coords[self.coords.len() - 1];
                    let [mut from, mut to] = if is_back { [*last, *first] } else { [*first, *last] };
                    let begin = self.coords[*start];
                    // Where signs are missing, the first line may have to be turned as well.
                    let touches = |c: Coord| distance(c, from) <= near || distance(c, to) <= near;
                    if *count == 1 && !touches(end) && touches(begin) {
                        self.coords[*start..].reverse();
                        if has_heights {
                            self.heights[*start..].reverse();
                        }
                        self.is_turned = true;
                        end = begin;
                    }
                    if distance(end, from) > near && distance(end, to) <= near {
                        is_back = !is_back;
                        std::mem::swap(&mut from, &mut to);
                        self.is_turned = true;
                    }
                    let gap = distance(end, from);
                    if gap > near {
                        return Err(Fault::Gap { id: *id, distance: gap });
                    }
                    self.has_gap |= gap > 0.0;
                    (*count, *latest) = (*count + 1, *id);
                    self.add(sections, range, is_back, usize::from(gap == 0.0), has_heights);
                }
            }
            // A ring that is closed is whole: the next line begins another.
            if let Some((start, ..)) = open
                && closes
                && self.coords.len() > start + 3
                && self.coords.get(start) == self.coords.last()
            {
                open = None;
            }
        }
        self.close(&mut open, closes, near)?;
        self.starts.push(self.coords.len());
        Ok(())
    }

    /// Ends the open ring.
    fn close(&mut self, open: &mut Option<(usize, usize, i64)>, closes: bool, near: f64) -> Result<(), Fault> {
        let Some((start, _, id)) = open.take().filter(|_| closes) else { return Ok(()) };
        let (Some(first), Some(last)) = (self.coords.get(start), self.coords.last()) else { return Ok(()) };
        let gap = distance(*first, *last);
        if gap > near {
            return Err(Fault::Open { id, distance: gap });
        }
        self.has_gap |= gap > 0.0;
        Ok(())
    }

    /// Adds the coordinates of a line but for the first `but`.
    fn add(
        &mut self,
        sections: &Sections,
        range: std::ops::Range<usize>,
        is_back: bool,
        but: usize,
        has_heights: bool,
    ) {
        let line = &sections.coords[range.clone()];
        match is_back {
            true => self.coords.extend(line.iter().rev().skip(but)),
            false => self.coords.extend(line.iter().skip(but)),
        }
        if has_heights {
            let heights = &sections.heights[range];
            match is_back {
                true => self.heights.extend(heights.iter().rev().skip(but)),
                false => self.heights.extend(heights.iter().skip(but)),
            }
        }
    }
}

fn distance(a: Coord, b: Coord) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}
