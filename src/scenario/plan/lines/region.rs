//! Several layers as one region in one CRS, what lies outside of it, and parts of layers.

use std::sync::Arc;

use super::ControlLine;
use crate::crs::{Crs, Reprojector};
use crate::measure::MeasureError;
use crate::model::{
    AreaMethod, Coord, Extent, FeatureBlock, GeometryBlock, GeometryBuilder, GeometryKind, Issue, Layer, PartView,
    Severity,
};
use crate::overlay;
use crate::scenario::compare::transition::CompareError;
use crate::task::Progress;
use crate::text::Message;

/// By how much of its size the frame around everything is wider than what it holds.
const MARGIN: f64 = 0.01;

/// The features of all `layers` as one layer in `crs`, and what could not be converted. Vertices are converted, edges
/// are straight between them.
pub(in crate::scenario) fn united(layers: &[&Layer], crs: &Crs) -> Result<(Layer, Vec<Issue>), CompareError> {
    if let Some(layer) = layers.iter().find(|layer| layer.kind != GeometryKind::Polygon) {
        return Err(CompareError::NotPolygons(layer.name.clone()));
    }
    let mut blocks = Vec::new();
    let mut issues = Vec::new();
    for layer in layers {
        let reprojector = Reprojector::new(&layer.crs, crs).map_err(MeasureError::from)?;
        for (block, start) in layer.blocks.iter().zip(&layer.starts) {
            if reprojector.is_identity() {
                blocks.push(block.clone());
                continue;
            }
            let mut coords = block.geometry.coords().to_vec();
            if reprojector.convert(&mut coords).is_err() {
                coords.copy_from_slice(block.geometry.coords());
                // Rings with such a coordinate take no part.
                let lost = Coord { x: f64::NAN, y: f64::NAN };
                coords.iter_mut().for_each(|c| *c = reprojector.convert_one(*c).unwrap_or(lost));
                let is_lost = |row: &usize| coords[block.geometry.coord_range(*row)].iter().any(|c| c.x.is_nan());
                let rows = (0..block.geometry.feature_count()).filter(is_lost);
                let issue = |row| {
                    let message = Message::new("overlay.not-converted");
                    layer.issue_at(start + row, Issue::new(Severity::Error, message))
                };
                issues.extend(rows.map(issue));
            }
            blocks.push(FeatureBlock { geometry: Arc::new(block.geometry.with_coords(coords)), ..block.clone() });
        }
    }
    let name = layers.first().map_or_else(String::new, |layer| layer.name.clone());
    Ok((Layer::new(name, GeometryKind::Polygon, crs.clone(), Vec::new(), blocks), issues))
}

/// All that lies outside of `region`, as far as `layer` reaches: a frame around both with the outer rings of the region
/// as its holes, and the holes of the region less the outer rings within them. `None` where rings are so tangled that
/// this is not what lies outside.
pub(super) fn outside(
    region: &Layer,
    layer: &Layer,
    method: AreaMethod,
    progress: &Progress,
) -> Result<Option<Layer>, CompareError> {
    let mut extent = region.extent();
    extent.union(&layer.extent());
    if extent.is_empty() {
        return Ok(None);
    }
    let margin = MARGIN * extent.width().max(extent.height()).max(f64::MIN_POSITIVE);
    let (low, high) = (extent.min, extent.max);
    let corner = |x: f64, y: f64| Coord { x, y };
    let (left, bottom, right, top) = (low.x - margin, low.y - margin, high.x + margin, high.y + margin);
    let frame =
        [corner(left, bottom), corner(right, bottom), corner(right, top), corner(left, top), corner(left, bottom)];
    let single = |holes: &Layer| {
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        let mut ring = |coords: &[Coord]| {
            coords.iter().for_each(|c| builder.coord(*c));
            builder.end_ring();
        };
        ring(&frame);
        let parts = || holes.blocks.iter().flat_map(|block| parts_of(&block.geometry));
        let shells: Vec<(&[Coord], Extent)> =
            parts().filter_map(|part| part.rings().next()).map(|shell| (shell, Extent::of(shell))).collect();
        shells.iter().for_each(|(shell, _)| ring(shell));
        builder.end_part();
        let parts = parts().filter(|part| part.ring_count() > 0);
        for (number, part) in parts.enumerate().filter(|(_, part)| part.ring_count() > 1) {
            for hole in part.rings().skip(1) {
                let extent = Extent::of(hole);
                let mut ring = |coords: &[Coord]| {
                    coords.iter().for_each(|c| builder.coord(*c));
                    builder.end_ring();
                };
                ring(hole);
                let others = shells.iter().enumerate().filter(|(other, _)| *other != number);
                others.filter(|(_, (_, of))| of.intersects(&extent)).for_each(|(_, (shell, _))| ring(shell));
                builder.end_part();
            }
        }
        builder.end_feature();
        of_geometry(region, builder)
    };
    let everything = single(&Layer::new(String::new(), GeometryKind::Polygon, region.crs.clone(), Vec::new(), vec![]));
    let rest = single(region);
    let m2 =
        |layer: &Layer| -> Result<f64, CompareError> { Ok(overlay::coverage(layer, method, progress)?.union.m2()) };
    let (all, inside, outside) = (m2(&everything)?, m2(region)?, m2(&rest)?);
    // The two add up to the frame where rings tell the truth; a hundredth of a square metre is no overlap.
    Ok(((all - inside - outside).abs() <= 0.01 + 1e-11 * all).then_some(rest))
}

/// The parts of all polygons of a block.
fn parts_of(geometry: &GeometryBlock) -> impl Iterator<Item = PartView<'_>> {
    (0..geometry.feature_count()).flat_map(|row| geometry.polygon(row).parts())
}

/// The features `chosen`, ascending, of a layer with all that they have.
pub(in crate::scenario) fn features(layer: &Layer, chosen: &[u32]) -> Layer {
    let mut blocks = Vec::new();
    for (block, bounds) in layer.blocks.iter().zip(layer.starts.windows(2)) {
        let of_block = |bound: usize| chosen.partition_point(|feature| (*feature as usize) < bound);
        let rows: Vec<u32> =
            chosen[of_block(bounds[0])..of_block(bounds[1])].iter().map(|feature| feature - bounds[0] as u32).collect();
        if !rows.is_empty() {
            blocks.push(block.kept(&rows, bounds[0]));
        }
    }
    layer.with_blocks(layer.fields.clone(), blocks)
}

/// The features of a line that come near those of `layer`.
pub(super) fn near(line: &ControlLine, layer: &Layer) -> Result<ControlLine, CompareError> {
    let layers = line.layers.iter().map(|of_line| Ok(Arc::new(features_near(of_line, layer)?)));
    let layers = layers.collect::<Result<_, CompareError>>()?;
    Ok(ControlLine { kind: line.kind, layers, titles: line.titles.clone() })
}

/// The features of `layer` that come near those of `other`, with all that they have.
pub(in crate::scenario) fn features_near(layer: &Layer, other: &Layer) -> Result<Layer, CompareError> {
    let (in_its_crs, _) = united(&[other], &layer.crs)?;
    let extents: Vec<Extent> = in_its_crs
        .blocks
        .iter()
        .flat_map(|block| (0..block.geometry.feature_count()).map(|row| grown(block.geometry.feature_extent(row))))
        .collect();
    let mut chosen = Vec::new();
    for (block, start) in layer.blocks.iter().zip(&layer.starts) {
        for row in 0..block.geometry.feature_count() {
            let extent = block.geometry.feature_extent(row);
            if extents.iter().any(|other| other.intersects(&extent)) {
                chosen.push((start + row) as u32);
            }
        }
    }
    Ok(features(layer, &chosen))
}

/// An extent with a margin: edges that are straight in one CRS are not in another.
fn grown(extent: Extent) -> Extent {
    if extent.is_empty() {
        return extent;
    }
    let margin = 0.1 * extent.width().max(extent.height());
    Extent {
        min: Coord { x: extent.min.x - margin, y: extent.min.y - margin },
        max: Coord { x: extent.max.x + margin, y: extent.max.y + margin },
    }
}

/// A layer of one block in the CRS and by the name of another.
fn of_geometry(like: &Layer, builder: GeometryBuilder) -> Layer {
    let block = FeatureBlock::of_geometry(builder.finish());
    Layer::new(like.name.clone(), GeometryKind::Polygon, like.crs.clone(), Vec::new(), vec![block])
}
