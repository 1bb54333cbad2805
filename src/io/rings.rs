//! Rings as files have them to polygons: closed, nested by what they enclose, each once.

use crate::model::{Coord, GeometryBuilder};
use crate::overlay::polygons_of_rings;
use crate::task::{Cancelled, Progress};

/// What is to be said of the rings of a polygon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RingNotes {
    /// One was not closed and was closed with its first point.
    pub(super) has_open: bool,
    /// One has fewer than three corners and was left out.
    pub(super) has_short: bool,
    /// One is there twice and counts once.
    pub(super) has_repeated: bool,
}

/// Coordinates with what stands beside them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vertices<'a> {
    pub(super) coords: &'a [Coord],
    /// As many as coordinates, or none.
    pub(super) heights: &'a [f64],
    /// As many as coordinates, or none; NaN where one has none.
    pub(super) measures: &'a [f64],
}

impl Vertices<'_> {
    /// Adds the coordinate at `at`, with its height and measure where it has them.
    #[inline]
    pub(super) fn push(&self, builder: &mut GeometryBuilder, at: usize) {
        push(builder, self.coords[at], self.heights.get(at).copied());
        if let Some(m) = self.measures.get(at).filter(|m| !m.is_nan()) {
            builder.measure(*m);
        }
    }
}

/// Adds the rings of a polygon to the open feature of `builder`, whatever their order and winding; `false` where none is
/// left. `starts` has the first coordinate of each ring and their number at the end.
///
/// # Errors
/// [`Cancelled`].
pub(super) fn polygon(
    builder: &mut GeometryBuilder,
    vertices: &Vertices<'_>,
    starts: &[usize],
    notes: &mut RingNotes,
    progress: &Progress,
) -> Result<bool, Cancelled> {
    let coords = vertices.coords;
    let is_closed = |from: usize, to: usize| coords[from] == coords[to - 1];
    // A ring of three corners has four points, the last of which is the first.
    let mut rings: Vec<(usize, usize)> = Vec::with_capacity(starts.len());
    for pair in starts.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let corners = (to - from).saturating_sub(usize::from(to > from + 1 && is_closed(from, to)));
        if corners < 3 {
            notes.has_short |= to > from;
            continue;
        }
        rings.push((from, to));
    }
    let mut ring = |builder: &mut GeometryBuilder, (from, to): (usize, usize)| {
        if vertices.heights.is_empty() && vertices.measures.is_empty() {
            builder.coords(coords[from..to].iter().copied());
        } else {
            (from..to).for_each(|at| vertices.push(builder, at));
        }
        if !is_closed(from, to) {
            notes.has_open = true;
            vertices.push(builder, from);
        }
        builder.end_ring();
    };
    match rings.as_slice() {
        [] => return Ok(false),
        [only] => {
            ring(builder, *only);
            builder.end_part();
        }
        several => {
            let lists: Vec<&[Coord]> = several.iter().map(|(from, to)| &coords[*from..*to]).collect();
            let found = polygons_of_rings(&lists, progress)?;
            for polygon in &found.polygons {
                polygon.iter().for_each(|at| ring(builder, several[*at]));
                builder.end_part();
            }
            notes.has_repeated = !found.repeated.is_empty();
        }
    }
    Ok(true)
}

/// Adds a coordinate, with its height where it has one.
#[inline]
fn push(builder: &mut GeometryBuilder, c: Coord, z: Option<f64>) {
    match z {
        Some(z) => builder.coord_z(c, z),
        None => builder.coord(c),
    }
}
