//! The polygons of a layer as rings in the plane of a frame.

use rayon::prelude::*;

use super::parts::{differ_in_winding, join, lost_holes};
use super::rings::Rings;
use crate::measure::{Frame, MeasureError, Projector};
use crate::model::{Coord, GeometryBlock, GeometryKind, Layer};
use crate::task::{Cancelled, Progress};

/// Features that one thread converts at a time.
const FEATURES_A_PIECE: usize = 4096;

/// The polygons of a layer in the plane of a frame.
#[derive(Default)]
pub(super) struct Flat {
    /// Their rings, not yet finished.
    pub rings: Rings,
    /// Features that have no image there.
    pub left_out: Vec<usize>,
    /// Whether a feature lies too far from the meridian of the zone.
    pub beyond_reach: bool,
}

/// The numbers that features get.
#[derive(Clone, Copy)]
pub(super) enum Numbers {
    /// Their number in the layer and this.
    From(u32),
    /// All the same one: together they are one feature.
    One(u32),
}

impl Numbers {
    fn of(self, feature: usize) -> u32 {
        match self {
            Self::From(first) => first + feature as u32,
            Self::One(number) => number,
        }
    }
}

/// The polygons of `layer` that `chosen` marks (`None`: all) in the plane of `frame`; none for layers of another kind.
///
/// # Errors
/// [`MeasureError::Crs`] where PROJ refuses, and [`MeasureError::Cancelled`].
pub(super) fn flatten(
    layer: &Layer,
    chosen: Option<&[bool]>,
    frame: &Frame,
    numbers: Numbers,
    progress: &Progress,
) -> Result<Flat, MeasureError> {
    if layer.kind != GeometryKind::Polygon {
        return Ok(Flat::default());
    }
    // Fails here where the way into the plane does not exist.
    frame.projector(&layer.crs)?;
    let mut pieces = Vec::new();
    for (block, first) in layer.blocks.iter().zip(&layer.starts) {
        let count = block.geometry.feature_count();
        for start in (0..count).step_by(FEATURES_A_PIECE) {
            pieces.push((&*block.geometry, *first, start..(start + FEATURES_A_PIECE).min(count)));
        }
    }
    let pieces: Vec<Flat> = pieces
        .into_par_iter()
        .map_init(
            || (frame.projector(&layer.crs), Vec::new()),
            |(projector, coords), (geometry, first, rows)| {
                let projector = projector.as_ref().map_err(Clone::clone)?;
                let mut flat = Flat::default();
                let is_chosen = |row: &usize| chosen.is_none_or(|marks| marks.get(first + row) == Some(&true));
                for row in rows.filter(is_chosen) {
                    let names = (first + row, numbers.of(first + row));
                    flat.add(geometry, row, names, frame, projector, coords, progress)?;
                }
                progress.tick(0)?;
                Ok(flat)
            },
        )
        .collect::<Result<_, MeasureError>>()?;
    let mut all = Flat::default();
    all.rings.reserve(pieces.iter().map(|piece| &piece.rings));
    for piece in pieces {
        all.rings.append(&piece.rings);
        all.left_out.extend(piece.left_out);
        all.beyond_reach |= piece.beyond_reach;
    }
    Ok(all)
}

impl Flat {
    fn add(
        &mut self,
        geometry: &GeometryBlock,
        row: usize,
        (feature, number): (usize, u32),
        frame: &Frame,
        projector: &Projector<'_>,
        coords: &mut Vec<Coord>,
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let polygon = geometry.polygon(row);
        let (first_ring, first_part) = (self.rings.ring_count() as u32, self.rings.part_count() as u32);
        for part in polygon.parts() {
            self.rings.part(number);
            for ring in part.rings() {
                if ring.iter().any(|c| !(c.x.is_finite() && c.y.is_finite())) {
                    // Listed with the areas.
                    continue;
                }
                coords.clear();
                coords.extend_from_slice(ring);
                match into_plane(coords, frame, projector) {
                    Some(reached) => self.beyond_reach |= !reached,
                    None => {
                        if self.left_out.last() != Some(&feature) {
                            self.left_out.push(feature);
                        }
                        continue;
                    }
                }
                // Rings that enclose nothing are listed with the areas.
                let _ = self.rings.ring(coords);
            }
        }
        if polygon.part_count() > 1 && differ_in_winding(&self.rings, first_ring) {
            let holes = lost_holes(&self.rings.tail(first_ring, first_part), progress)?;
            join(&mut self.rings, &holes, first_ring, first_part);
        }
        Ok(())
    }
}

/// Converts a ring; whether it lies within reach of the zone. `None` where a coordinate has no image.
fn into_plane(coords: &mut [Coord], frame: &Frame, projector: &Projector<'_>) -> Option<bool> {
    // A coordinate without an image: the caller lists the feature.
    projector.convert(coords).ok()?;
    let reached = match frame.as_zone() {
        Some(zone) if projector.passes_degrees() => coords.iter().all(|c| zone.reaches(*c)),
        Some(zone) => coords.iter().all(|c| zone.reaches_plane(*c)),
        None => true,
    };
    projector.place(coords);
    coords.iter().all(|c| c.x.is_finite() && c.y.is_finite()).then_some(reached)
}
