//! The polygons of a layer as rings in the plane of a frame.

use rayon::prelude::*;

use super::parts::{differ_in_winding, nesting, take_out};
use super::rings::Rings;
use crate::measure::{
    Frame, LONGEST_EDGE_M, MeasureError, Place, Projector, has_straight_edges, off_any_map, off_its_map, off_the_globe,
    place_of,
};
use crate::model::{AreaMethod, Coord, GeometryBlock, GeometryKind, Layer};
use crate::task::Progress;

/// Features that one thread converts at a time.
const FEATURES_A_PIECE: usize = 4096;

/// The polygons of a layer in the plane of a frame.
#[derive(Default)]
pub(super) struct Flat {
    /// Their rings, not yet finished.
    pub rings: Rings,
    /// Features that have no image there, or lie off the globe.
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

/// Most vertices that the edges of layers are split with. Beyond, pieces are longer.
const MOST_SPLITS: f64 = 4_000_000.0;

/// At which length edges of `layers` are split in `frame`: the same for all of them, so that edges which coincide do so
/// piece by piece.
pub(super) fn longest_edge_m(layers: &[&Layer], frame: &Frame) -> f64 {
    let mut count = 0.0;
    // Those that come from projections have no edges around the globe.
    for layer in layers.iter().filter(|layer| layer.kind == GeometryKind::Polygon && layer.crs.is_geographic()) {
        for block in &layer.blocks {
            let rows = (0..block.geometry.feature_count()).into_par_iter();
            let of_row = |row: usize| -> f64 {
                let rings = block.geometry.polygon(row).rings();
                rings.map(|(_, ring)| frame.added_count(ring, LONGEST_EDGE_M)).sum()
            };
            // Whole numbers add up the same in any order.
            count += rows.map(of_row).sum::<f64>();
        }
    }
    LONGEST_EDGE_M * (count / MOST_SPLITS).max(1.0)
}

/// The polygons of `layer` that `chosen` marks (`None`: all) in the plane of `frame`, by the geodesic method with edges
/// split at `longest_m`; none for layers of another kind.
///
/// # Errors
/// [`MeasureError::Crs`] where PROJ refuses, and [`MeasureError::Cancelled`].
pub(super) fn flatten(
    layer: &Layer,
    chosen: Option<&[bool]>,
    frame: &Frame,
    longest_m: f64,
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
                let way = Way { layer, frame, projector, longest_m };
                let mut flat = Flat::default();
                let is_chosen = |row: &usize| chosen.is_none_or(|marks| marks.get(first + row) == Some(&true));
                for row in rows.filter(is_chosen) {
                    let names = (first + row, numbers.of(first + row));
                    flat.add(geometry, row, names, &way, coords, progress)?;
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

/// The way from a layer into the plane.
struct Way<'a> {
    layer: &'a Layer,
    frame: &'a Frame,
    projector: &'a Projector<'a>,
    longest_m: f64,
}

impl Flat {
    fn add(
        &mut self,
        geometry: &GeometryBlock,
        row: usize,
        (feature, number): (usize, u32),
        way: &Way<'_>,
        coords: &mut Vec<Coord>,
        progress: &Progress,
    ) -> Result<(), MeasureError> {
        let polygon = geometry.polygon(row);
        let is_finite = |ring: &[Coord]| ring.iter().all(|c| c.x.is_finite() && c.y.is_finite());
        let (first_ring, first_part) = (self.rings.ring_count() as u32, self.rings.part_count() as u32);
        let mark = self.rings.mark();
        let mut is_reached = true;
        for part in polygon.parts() {
            self.rings.part(number);
            for ring in part.rings() {
                if !is_finite(ring) {
                    // Listed with the areas.
                    self.rings.without_ring();
                    continue;
                }
                coords.clear();
                coords.extend_from_slice(ring);
                match way.put_into_plane(coords) {
                    Some(reached) => is_reached &= reached,
                    None => {
                        // What is measured nowhere takes no part, as a whole.
                        self.rings.truncate(mark);
                        self.left_out.push(feature);
                        return Ok(());
                    }
                }
                // Rings that enclose nothing are listed with the areas.
                let _ = self.rings.ring(&way.frame.laid_out(coords, way.longest_m));
            }
        }
        if !is_reached {
            // A stray coordinate does not make the layer a wide one.
            if let Place::Nowhere = place_of(way.layer, way.frame, feature)? {
                self.rings.truncate(mark);
                self.left_out.push(feature);
                return Ok(());
            }
            self.beyond_reach = true;
        }
        if polygon.part_count() > 1 && differ_in_winding(&self.rings, first_ring) {
            let nesting = nesting(&self.rings.tail(first_ring, first_part), progress)?;
            take_out(&mut self.rings, &nesting.holes, first_ring, first_part);
        }
        Ok(())
    }
}

impl Way<'_> {
    /// Converts a ring; whether it lies within reach of the zone. `None` where a coordinate has no image, or lies off the
    /// globe.
    fn put_into_plane(&self, coords: &mut [Coord]) -> Option<bool> {
        let Self { frame, projector, .. } = self;
        if frame.method() == AreaMethod::Geodesic && coords.iter().any(|c| off_its_map(&self.layer.crs, *c)) {
            return None;
        }
        // A coordinate without an image: the caller lists the feature.
        projector.convert(coords).ok()?;
        let on_globe = |coords: &[Coord]| coords.iter().all(|c| !off_the_globe(*c));
        let reached = match frame.as_zone() {
            Some(zone) if projector.passes_degrees() => {
                if !on_globe(coords) {
                    return None;
                }
                coords.iter().all(|c| zone.reaches(*c)) && !has_straight_edges(coords)
            }
            Some(zone) => coords.iter().all(|c| zone.reaches_plane(*c)),
            None => true,
        };
        projector.place(coords);
        let is_off = match frame.method() {
            AreaMethod::Geodesic => !on_globe(coords),
            AreaMethod::Planar => coords.iter().any(|c| off_any_map(*c)),
            AreaMethod::Survey => false,
        };
        (!is_off && coords.iter().all(|c| c.x.is_finite() && c.y.is_finite())).then_some(reached)
    }
}
