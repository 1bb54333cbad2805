//! Whole layers: areas with invalid polygons repaired, and what the layer covers.

use rayon::prelude::*;

use super::coverage::{Overlap, coverage_of};
use super::parts::{differ_in_winding, join, lost_holes};
use super::repair::repair;
use super::rings::Rings;
use crate::measure::{self, Frame, MeasureError, Projector};
use crate::model::{AreaMethod, Areas, Coord, GeometryBlock, GeometryKind, Issue, Layer, Severity};
use crate::task::{Cancelled, Progress};
use crate::text::Message;
use crate::units::Area;

/// Features that one thread converts at a time.
const FEATURES_A_PIECE: usize = 4096;

/// What a layer covers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    /// How areas were computed.
    pub method: AreaMethod,
    /// Name of the plane that edges are straight in.
    pub frame: String,
    /// Areas of all features added up; places that two features cover count twice.
    pub sum: Area,
    /// What is covered at all; places that several features cover count once.
    pub union: Area,
    /// What at least two features cover; counts once.
    pub twice: Area,
    /// Pairs of features that overlap, by number. Features that only share a border are none.
    pub pairs: Vec<Overlap>,
    /// What could not take part, or not as asked.
    pub issues: Vec<Issue>,
}

impl Coverage {
    /// What the sum counts too much: the sum less the union.
    pub fn excess(&self) -> Area {
        self.sum - self.union
    }
}

/// Areas of all features: those of `measure::raw_areas`, but polygons that are not valid are measured by what they
/// enclose (rings of one part even-odd, overlapping parts once, either winding), and listed with the area before and
/// after.
///
/// # Errors
/// [`MeasureError::Degrees`] for planar in a geographic CRS, [`MeasureError::Crs`] where PROJ refuses, and
/// [`MeasureError::Cancelled`].
pub fn measured(layer: &Layer, method: AreaMethod, progress: &Progress) -> Result<Areas, MeasureError> {
    let frame = Frame::for_layer(layer, method)?;
    let mut areas = measure::raw_areas_in(layer, &frame, progress)?;
    repair(layer, &frame, &mut areas, progress)?;
    Ok(areas)
}

/// What the features of a polygon layer cover together, invalid ones as [`measured`] reads them; layers of another kind
/// cover nothing.
///
/// Areas are `exact`, along straight edges: in the layer's zone by the survey's method, in longitude and latitude by the
/// geodesic one, also where a feature reaches beyond the zone (listed). Sum, union and pairs come from the same walk:
/// where features only share borders, the sum is the union to the last digit.
///
/// # Errors
/// As [`measured`].
pub fn coverage(layer: &Layer, method: AreaMethod, progress: &Progress) -> Result<Coverage, MeasureError> {
    coverage_among(layer, None, method, progress)
}

/// As [`coverage`], of the features that are marked in `chosen` only (a mark a feature; `None`: all).
///
/// # Errors
/// As [`measured`].
pub fn coverage_among(
    layer: &Layer,
    chosen: Option<&[bool]>,
    method: AreaMethod,
    progress: &Progress,
) -> Result<Coverage, MeasureError> {
    let mut frame = Frame::for_layer(layer, method)?;
    if layer.kind != GeometryKind::Polygon {
        return Ok(Coverage { method, frame: frame.name().to_owned(), ..Coverage::default() });
    }
    let mut issues: Vec<Issue> = frame.notes().iter().map(|n| Issue::new(Severity::Note, n.clone())).collect();
    let mut flat = flatten(layer, chosen, &frame, progress)?;
    if flat.beyond_reach {
        let wide = Message::new("overlay.wider-than-zone").with("zone", frame.name());
        issues.push(Issue::new(Severity::Note, wide));
        frame = Frame::for_layer(layer, AreaMethod::Geodesic)?;
        flat = flatten(layer, chosen, &frame, progress)?;
    }
    issues.extend(
        flat.left_out.iter().map(|feature| {
            layer.issue_at(*feature, Issue::new(Severity::Error, Message::new("overlay.not-converted")))
        }),
    );
    progress.add_total(flat.rings.ring_count() as u64);
    let sums = coverage_of(&flat.rings, layer.feature_count(), &frame, progress)?;
    issues.extend(sums.failed.iter().map(|feature| {
        layer.issue_at(*feature as usize, Issue::new(Severity::Error, Message::new("overlay.unresolved")))
    }));
    let sum = Areas { exact: sums.features, ..Areas::default() }.exact_total();
    Ok(Coverage {
        method,
        frame: frame.name().to_owned(),
        sum,
        union: sum - Area::from_m2(sums.excess),
        twice: Area::from_m2(sums.twice),
        pairs: sums.pairs,
        issues,
    })
}

/// The polygons of a layer in the plane of a frame.
#[derive(Default)]
struct Flat {
    rings: Rings,
    /// Features that have no image there.
    left_out: Vec<usize>,
    /// Whether a feature lies too far from the meridian of the zone.
    beyond_reach: bool,
}

fn flatten(layer: &Layer, chosen: Option<&[bool]>, frame: &Frame, progress: &Progress) -> Result<Flat, MeasureError> {
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
            || frame.projector(&layer.crs),
            |projector, (geometry, first, rows)| {
                let projector = projector.as_ref().map_err(Clone::clone)?;
                let mut flat = Flat::default();
                let is_chosen = |row: &usize| chosen.is_none_or(|marks| marks.get(first + row) == Some(&true));
                for row in rows.filter(is_chosen) {
                    flat.add(geometry, row, first + row, frame, projector, progress)?;
                }
                progress.tick(0)?;
                Ok(flat)
            },
        )
        .collect::<Result<_, MeasureError>>()?;
    let mut all = Flat::default();
    for piece in pieces {
        all.rings.append(&piece.rings);
        all.left_out.extend(piece.left_out);
        all.beyond_reach |= piece.beyond_reach;
    }
    all.rings = all.rings.finish();
    Ok(all)
}

impl Flat {
    fn add(
        &mut self,
        geometry: &GeometryBlock,
        row: usize,
        feature: usize,
        frame: &Frame,
        projector: &Projector<'_>,
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let polygon = geometry.polygon(row);
        let mut coords = Vec::new();
        let (first_ring, first_part) = (self.rings.ring_count() as u32, self.rings.part_count() as u32);
        for part in polygon.parts() {
            self.rings.part(feature as u32);
            for ring in part.rings() {
                if ring.iter().any(|c| !(c.x.is_finite() && c.y.is_finite())) {
                    // Listed with the areas.
                    continue;
                }
                coords.clear();
                coords.extend_from_slice(ring);
                match into_plane(&mut coords, frame, projector) {
                    Some(reached) => self.beyond_reach |= !reached,
                    None => {
                        if self.left_out.last() != Some(&feature) {
                            self.left_out.push(feature);
                        }
                        continue;
                    }
                }
                // Rings that enclose nothing are listed with the areas.
                let _ = self.rings.ring(&coords);
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

#[cfg(test)]
mod tests;
