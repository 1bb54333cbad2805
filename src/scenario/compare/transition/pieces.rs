//! Pieces of a comparison as polygons, made on demand: for files, and for what the map shows.
//!
//! Their areas are those of the comparison; corners are those of the clipping engine, see `overlay::pieces`.

use geo_types::{LineString, MultiPolygon, Polygon};
use rustc_hash::FxHashMap;

use super::Comparison;
use crate::crs::Reprojector;
use crate::measure::MeasureError;
use crate::model::{
    AttributeBuilder, BLOCK_FEATURES, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind, Layer, Value,
};
use crate::overlay::{self, Pair};
use crate::task::Progress;
use crate::units::Area;

/// Names and kinds of the fields of [`as_layer`].
const FIELDS: [(&str, FieldType); 8] = [
    ("from", FieldType::Text),
    ("to", FieldType::Text),
    ("m2", FieldType::Float),
    ("mu", FieldType::Float),
    ("width_m", FieldType::Float),
    ("sliver", FieldType::Bool),
    ("base_row", FieldType::Int),
    ("scenario_row", FieldType::Int),
];
/// Pairs that are clipped before their pieces are written down.
const PAIRS_AT_A_TIME: usize = BLOCK_FEATURES;

/// Which pieces are made.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Those of these pairs.
    pub pairs: Vec<Pair>,
    /// What only one state covers of these features of the base and of the scenario.
    pub rest: [Vec<u32>; 2],
}

impl Wanted {
    /// All of them.
    pub fn all(comparison: &Comparison) -> Self {
        let rest = comparison.table.sides.each_ref().map(|side| {
            let left = side.only.iter().enumerate().filter(|(_, m2)| **m2 != 0.0);
            left.map(|(feature, _)| feature as u32).collect()
        });
        Self { pairs: comparison.table.pairs.clone(), rest }
    }
}

/// Pieces as a layer in the CRS of the base (`layers[0]`), with the keys of their classes (`class` of a side and one of
/// its features), m², mu, mean width in metres, whether they are slivers, and the rows of their features in the files.
///
/// Within a study area the figures are cut at its edge and the polygons are not; what only one state covers is left
/// out, because only its figures are known.
///
/// # Errors
/// [`MeasureError::Crs`] where no way leads between the two CRSs, and [`MeasureError::Cancelled`].
pub fn as_layer(
    layers: [&Layer; 2],
    comparison: &Comparison,
    wanted: &Wanted,
    class: &dyn Fn(usize, u32) -> String,
    progress: &Progress,
) -> Result<Layer, MeasureError> {
    let mut sheet = Sheet::default();
    let row = |side: usize, feature: u32| layers[side].source_row(feature as usize) as i64;
    for pairs in wanted.pairs.chunks(PAIRS_AT_A_TIME) {
        for (pair, polygons) in pairs.iter().zip(overlay::pieces(layers[0], layers[1], pairs, progress)?) {
            let (from, to) = (class(0, pair.a), class(1, pair.b));
            let m2 = comparison.pair_m2(pair);
            sheet.add(
                &polygons,
                [
                    Value::Text(&from),
                    Value::Text(&to),
                    Value::Float(m2),
                    Value::Float(Area::from_m2(m2).mu()),
                    Value::Float(pair.width_m()),
                    Value::Bool(comparison.tolerance.is_sliver(pair)),
                    Value::Int(row(0, pair.a)),
                    Value::Int(row(1, pair.b)),
                ],
            );
        }
    }
    for (side, features) in wanted.rest.iter().enumerate().filter(|_| !comparison.is_cut) {
        for (feature, polygons) in left_over(layers, side, features, &comparison.table.pairs, progress)? {
            let of = class(side, feature);
            let m2 = comparison.table.sides[side].only[feature as usize] * comparison.factor(side, feature as usize);
            let place = |at: usize, value| if at == side { value } else { Value::Null };
            sheet.add(
                &polygons,
                [
                    place(0, Value::Text(&of)),
                    place(1, Value::Text(&of)),
                    Value::Float(m2),
                    Value::Float(Area::from_m2(m2).mu()),
                    Value::Null,
                    Value::Null,
                    place(0, Value::Int(row(side, feature))),
                    place(1, Value::Int(row(side, feature))),
                ],
            );
        }
    }
    Ok(sheet.finish(layers[0]))
}

/// What of `features` of one side no feature of the other covers, in the CRS of the base; those of which nothing can be
/// seen are left out. `pairs` are all pairs of the comparison.
///
/// # Errors
/// As [`as_layer`].
pub fn left_over(
    layers: [&Layer; 2],
    side: usize,
    features: &[u32],
    pairs: &[Pair],
    progress: &Progress,
) -> Result<Vec<(u32, MultiPolygon)>, MeasureError> {
    if features.is_empty() {
        return Ok(Vec::new());
    }
    let cuts = cuts(features, side, pairs);
    let left = overlay::remainders(layers[side], layers[1 - side], &cuts, progress)?;
    let to_base = Reprojector::new(&layers[side].crs, &layers[0].crs)?;
    let seen = |((feature, _), left): (&(u32, Vec<u32>), Option<MultiPolygon>)| {
        let left = left.filter(|left| !left.0.is_empty())?;
        Some((*feature, converted(left, &to_base)?))
    };
    Ok(cuts.iter().zip(left).filter_map(seen).collect())
}

/// Features of one side, each with those of the other that lie on it.
fn cuts(features: &[u32], side: usize, pairs: &[Pair]) -> Vec<(u32, Vec<u32>)> {
    let mut on: FxHashMap<u32, Vec<u32>> = features.iter().map(|feature| (*feature, Vec::new())).collect();
    for pair in pairs {
        let (own, other) = if side == 0 { (pair.a, pair.b) } else { (pair.b, pair.a) };
        if let Some(others) = on.get_mut(&own) {
            others.push(other);
        }
    }
    features.iter().map(|feature| (*feature, on.remove(feature).unwrap_or_default())).collect()
}

/// Polygons in another CRS; `None` where a corner has no image there.
fn converted(polygons: MultiPolygon, to: &Reprojector) -> Option<MultiPolygon> {
    if to.is_identity() {
        return Some(polygons);
    }
    let ring = |ring: &LineString| -> Option<LineString> {
        let mut coords = ring.0.clone();
        to.convert(&mut coords).ok().map(|()| LineString(coords))
    };
    let polygon = |polygon: &Polygon| -> Option<Polygon> {
        let holes = polygon.interiors().iter().map(ring).collect::<Option<Vec<_>>>()?;
        Some(Polygon::new(ring(polygon.exterior())?, holes))
    };
    Some(MultiPolygon(polygons.0.iter().map(polygon).collect::<Option<Vec<_>>>()?))
}

/// Polygons and their attributes, block by block.
struct Sheet {
    geometry: GeometryBuilder,
    attributes: AttributeBuilder,
    blocks: Vec<FeatureBlock>,
}

impl Default for Sheet {
    fn default() -> Self {
        let geometry = GeometryBuilder::new(GeometryKind::Polygon);
        Self { geometry, attributes: AttributeBuilder::default(), blocks: Vec::new() }
    }
}

impl Sheet {
    fn add(&mut self, polygons: &MultiPolygon, values: [Value<'_>; FIELDS.len()]) {
        for polygon in polygons {
            for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                ring.0.iter().for_each(|c| self.geometry.coord(*c));
                self.geometry.end_ring();
            }
            self.geometry.end_part();
        }
        self.geometry.end_feature();
        for (field, ((name, _), value)) in FIELDS.iter().zip(values).enumerate() {
            let column = self.attributes.column(name, field);
            self.attributes.set(column, value);
        }
        self.attributes.end_row();
        if self.attributes.row_count() == BLOCK_FEATURES {
            self.end_block();
        }
    }

    fn end_block(&mut self) {
        let geometry = std::mem::replace(&mut self.geometry, GeometryBuilder::new(GeometryKind::Polygon));
        self.blocks.push(FeatureBlock::of_parts(geometry.finish(), std::mem::take(&mut self.attributes).finish().1));
    }

    fn finish(mut self, base: &Layer) -> Layer {
        if self.attributes.row_count() > 0 || self.blocks.is_empty() {
            self.end_block();
        }
        let fields = FIELDS.iter().map(|(name, kind)| Field { name: (*name).to_owned(), kind: *kind }).collect();
        Layer::new("pieces".to_owned(), GeometryKind::Polygon, base.crs.clone(), fields, self.blocks)
    }
}
