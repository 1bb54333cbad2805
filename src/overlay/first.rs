//! Land of a layer shared out to the first feature that covers it, so that sums over features count it once.

use rayon::prelude::*;

use super::coverage::{extents, scale_for};
use super::crossings::{self, Crossings};
use super::flat::{Numbers, flatten, longest_edge_m};
use super::rings::Rings;
use super::sum::Scale;
use super::walk::{self, Scratch};
use crate::measure::{Frame, MeasureError};
use crate::model::{AreaMethod, Extent, Layer};
use crate::task::{Cancelled, Progress};

/// Rings that one thread walks at a time.
const RINGS_A_CHUNK: usize = 1024;

/// What no feature before it covers, m² of each feature of a layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FirstCover {
    /// All of it.
    pub own: Vec<f64>,
    /// What lies in the region.
    pub inside: Vec<f64>,
}

/// Shares the land of `layer`, and what of it lies in the polygons of `region`, out to the first feature that covers it.
/// `None` where the arithmetic is defeated.
///
/// # Errors
/// As [`super::measured`].
pub fn first_cover(
    layer: &Layer,
    region: &Layer,
    method: AreaMethod,
    progress: &Progress,
) -> Result<Option<FirstCover>, MeasureError> {
    let layers = [region, layer];
    let count = layer.feature_count() as u32;
    let mut frame = Frame::for_layers(&layers, method)?;
    let mut laid = flattened(layer, region, &frame, progress)?;
    if laid.1 {
        frame = Frame::for_layers(&layers, AreaMethod::Geodesic)?;
        laid = flattened(layer, region, &frame, progress)?;
    }
    let rings = laid.0.finish();
    let Ok(crossings) = crossings::find(&rings, progress)? else { return Ok(None) };
    let walker = Walker {
        rings: &rings,
        frame: &frame,
        scale: scale_for(&rings, &frame),
        extents: extents(&rings, count as usize + 1),
        region: count,
    };
    Ok(walker.walk(&crossings, progress)?)
}

/// The rings of both, the region as one feature behind the others, and whether they lie beyond the zone.
fn flattened(layer: &Layer, region: &Layer, frame: &Frame, progress: &Progress) -> Result<(Rings, bool), MeasureError> {
    let longest_m = longest_edge_m(&[layer, region], frame);
    let of_layer = flatten(layer, None, frame, longest_m, Numbers::From(0), progress)?;
    let of_region = flatten(region, None, frame, longest_m, Numbers::One(layer.feature_count() as u32), progress)?;
    let mut rings = of_layer.rings;
    rings.append(&of_region.rings);
    Ok((rings, of_layer.beyond_reach || of_region.beyond_reach))
}

struct Walker<'a> {
    rings: &'a Rings,
    frame: &'a Frame,
    scale: Scale,
    extents: Vec<Extent>,
    /// Number of the region, larger than those of the features.
    region: u32,
}

/// What a ring adds to a feature: to all that it is the first to cover, and to what of that lies in the region.
type Added = (u32, [i128; 2]);

impl Walker<'_> {
    fn walk(&self, crossings: &Crossings, progress: &Progress) -> Result<Option<FirstCover>, Cancelled> {
        let ring_count = self.rings.ring_count();
        let starts: Vec<usize> = (0..ring_count).step_by(RINGS_A_CHUNK).collect();
        let chunks: Vec<Option<Vec<Added>>> = starts
            .into_par_iter()
            .map(|start| {
                let mut scratch = Scratch::default();
                let mut added = Some(Vec::new());
                for ring in start..(start + RINGS_A_CHUNK).min(ring_count) {
                    if let Some(list) = &mut added
                        && !self.ring(crossings, ring as u32, &mut scratch, list)
                    {
                        added = None;
                    }
                }
                progress.tick(0)?;
                Ok(added)
            })
            .collect::<Result<_, Cancelled>>()?;
        let mut sums = vec![[0i128; 2]; self.region as usize];
        for chunk in chunks {
            let Some(chunk) = chunk else { return Ok(None) };
            for (feature, [own, inside]) in chunk {
                let sum = &mut sums[feature as usize];
                *sum = [sum[0] + own, sum[1] + inside];
            }
        }
        let m2 = |of: usize| sums.iter().map(|sum| self.scale.m2(sum[of]).max(0.0)).collect();
        Ok(Some(FirstCover { own: m2(0), inside: m2(1) }))
    }

    /// Whether the ring could be walked and measured.
    fn ring(&self, crossings: &Crossings, ring: u32, scratch: &mut Scratch, added: &mut Vec<Added>) -> bool {
        let feature = self.rings.feature_of_ring(ring);
        let mut is_sound = true;
        let walk = walk::along(self.rings, crossings, ring, scratch, |stretch| {
            let weight = stretch.weight(self.rings, ring);
            if weight == 0 {
                return;
            }
            // The first feature around, and whether the region is.
            let (mut first, mut in_region) = (None, false);
            for other in stretch.features(self.rings, feature) {
                if other == self.region {
                    in_region = true;
                } else if first.is_none() {
                    first = Some(other);
                }
            }
            let mut add = |to: u32, sign: i128, sums: [bool; 2]| {
                let origin = self.frame.origin(self.extents[to as usize].min);
                match stretch.area(self.frame, &origin, &self.scale) {
                    Some(area) => {
                        let of = |counts: bool| if counts { sign * weight * area } else { 0 };
                        added.push((to, sums.map(of)));
                    }
                    None => is_sound = false,
                }
            };
            if feature == self.region {
                if let Some(first) = first {
                    add(first, 1, [false, true]);
                }
            } else if first.is_none_or(|first| first > feature) {
                add(feature, 1, [true, in_region]);
                // The next one is not the first where this one lies.
                if let Some(first) = first {
                    add(first, -1, [true, in_region]);
                }
            }
        });
        walk.is_ok() && is_sound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{OpenOptions, open_bytes};

    /// Squares in metres around a corner of EPSG:4548.
    fn layer(squares: &[(f64, f64, f64)]) -> Layer {
        let features: Vec<String> = squares
            .iter()
            .map(|(x, y, side)| {
                let (x, y) = (500_000.0 + x, 4_070_000.0 + y);
                let (r, t) = (x + side, y + side);
                format!(
                    r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":[[[{x},{y}],[{r},{y}],[{r},{t}],[{x},{t}],[{x},{y}]]]}}}}"#
                )
            })
            .collect();
        let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
        let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(","));
        let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        opened.expect("opens").layers.remove(0)
    }

    #[test]
    fn land_goes_to_the_first_that_covers_it() {
        let land = layer(&[(0., 0., 10.), (5., 0., 10.), (0., 0., 10.), (2., 2., 4.), (30., 0., 10.)]);
        let region = layer(&[(0., 0., 8.), (4., 0., 8.)]);
        let found = first_cover(&land, &region, AreaMethod::Planar, &Progress::new()).expect("measured");
        let found = found.expect("walked");
        let rounded = |values: &[f64]| values.iter().map(|m2| (m2 * 1e6).round() / 1e6).collect::<Vec<_>>();
        assert_eq!(rounded(&found.own), [100., 50., 0., 0., 100.]);
        // The region reaches 12 m to the east and 8 to the north.
        assert_eq!(rounded(&found.inside), [80., 16., 0., 0., 0.]);
    }
}
