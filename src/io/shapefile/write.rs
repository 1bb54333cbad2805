//! A layer as a shapefile: shapes, index, table, CRS and encoding.
//!
//! Shells are wound clockwise and holes the other way, as the format wants them. Coordinates are the same doubles. Records
//! are made on all cores, some thousands at a time, and put one behind the other.

use rayon::prelude::*;

use super::super::dbase::{table_of_layer, values_lost};
use super::super::options::WriteOptions;
use crate::model::{Coord, Extent, GeometryBlock, GeometryKind, Layer};
use crate::text::Message;

/// Bytes of a file of shapes: its lengths are counted in words of two bytes, in 31 bits.
const MOST_BYTES: usize = 2 * (i32::MAX as usize);

/// Features whose records are made together, and how many times as many before they are put into the file.
const FEATURES_AT_ONCE: usize = 4096;
const STRETCHES_AT_ONCE: usize = 64;

/// The files of a layer, or of its `rows`, that with the shapes last.
///
/// # Errors
/// When the layer has no geometry, or more than such a file can hold.
pub(in crate::io) fn write(
    layer: &Layer,
    rows: Option<&[usize]>,
    options: WriteOptions,
) -> Result<Vec<(&'static str, Vec<u8>)>, Message> {
    if layer.kind == GeometryKind::None {
        return Err(Message::new("io.shp-needs-geometry"));
    }
    let (shapes, table) = rayon::join(|| shapes(layer, rows), || table_of_layer(layer, rows, options));
    let (shp, shx) = shapes?;
    let cpg = if options.gbk { "GBK" } else { "UTF-8" };
    let mut files = vec![("dbf", table), ("shx", shx), ("cpg", cpg.as_bytes().to_vec())];
    if let Some(wkt) = layer.crs.esri_wkt() {
        files.push(("prj", wkt.into_bytes()));
    }
    files.push(("shp", shp));
    Ok(files)
}

/// What a shapefile cannot hold of a layer.
pub(in crate::io) fn losses(layer: &Layer, rows: Option<&[usize]>, options: WriteOptions) -> Vec<Message> {
    let mut messages = values_lost(layer, rows, options);
    if layer.crs.esri_wkt().is_none() {
        let crs = layer.crs.clone();
        messages.push(Message::new("io.loses-prj").with_said("crs", move |language| crs.reference_in(language)));
    }
    messages
}

/// The type of shapes that holds a layer.
fn code(layer: &Layer, has_z: bool, has_m: bool) -> i32 {
    let is_multi = layer.kind == GeometryKind::Point
        && layer.blocks.iter().any(|block| {
            let geometry = &block.geometry;
            (0..geometry.feature_count()).any(|row| geometry.points(row).len() > 1)
        });
    let flat = match layer.kind {
        GeometryKind::Point if is_multi => 8,
        GeometryKind::Point => 1,
        GeometryKind::Line => 3,
        GeometryKind::Polygon => 5,
        GeometryKind::None => 0,
    };
    // Shapes with heights have room for measures.
    match (has_z, has_m) {
        (true, _) => flat + 10,
        (false, true) => flat + 20,
        (false, false) => flat,
    }
}

fn shapes(layer: &Layer, rows: Option<&[usize]>) -> Result<(Vec<u8>, Vec<u8>), Message> {
    let has_z = layer.blocks.iter().any(|block| !block.geometry.z().is_empty());
    let has_m = layer.blocks.iter().any(|block| !block.geometry.m().is_empty());
    let code = code(layer, has_z, has_m);
    let count = rows.map_or(layer.feature_count(), <[usize]>::len);
    let (mut shp, mut shx) = (vec![0; 100], vec![0; 100]);
    shx.reserve(8 * count);
    let mut extent = Extent::EMPTY;
    let none = Ranges { has_z, has_m, heights: Range::default(), measures: Range::default() };
    let mut ranges = none;
    let starts: Vec<usize> = (0..count).step_by(FEATURES_AT_ONCE).collect();
    for starts in starts.chunks(STRETCHES_AT_ONCE) {
        let stretches: Vec<Stretch> = starts
            .par_iter()
            .map(|start| stretch(layer, rows, *start..count.min(start + FEATURES_AT_ONCE), code, none))
            .collect();
        for stretch in stretches {
            let mut at = shp.len();
            for words in &stretch.words {
                shx.extend_from_slice(&((at / 2) as u32).to_be_bytes());
                shx.extend_from_slice(&words.to_be_bytes());
                at += 8 + 2 * *words as usize;
            }
            shp.extend_from_slice(&stretch.records);
            if shp.len() > MOST_BYTES {
                return Err(Message::new("io.shp-too-large"));
            }
            extent.union(&stretch.extent);
            ranges.heights.union(stretch.ranges.heights);
            ranges.measures.union(stretch.ranges.measures);
        }
    }
    for file in [&mut shp, &mut shx] {
        let words = (file.len() / 2) as u32;
        file[..4].copy_from_slice(&9994u32.to_be_bytes());
        file[24..28].copy_from_slice(&words.to_be_bytes());
        file[28..32].copy_from_slice(&1000u32.to_le_bytes());
        file[32..36].copy_from_slice(&code.to_le_bytes());
        let extent = if extent.is_empty() { Extent { min: ZERO, max: ZERO } } else { extent };
        let flat = [extent.min.x, extent.min.y, extent.max.x, extent.max.y];
        let (z, m) = (ranges.heights, ranges.measures);
        let numbers = flat.into_iter().chain([z.least(), z.most(), m.least(), m.most()]);
        for (at, number) in numbers.enumerate() {
            file[36 + 8 * at..44 + 8 * at].copy_from_slice(&number.to_le_bytes());
        }
    }
    Ok((shp, shx))
}

/// Records of features that follow each other.
struct Stretch {
    /// Each with its number and its length before it.
    records: Vec<u8>,
    /// Words of the content of each.
    words: Vec<u32>,
    extent: Extent,
    ranges: Ranges,
}

/// The records of the features at the places `range` of those that are written.
fn stretch(
    layer: &Layer,
    rows: Option<&[usize]>,
    range: std::ops::Range<usize>,
    code: i32,
    mut ranges: Ranges,
) -> Stretch {
    let (mut records, mut words) = (Vec::new(), Vec::with_capacity(range.len()));
    let mut extent = Extent::EMPTY;
    for number in range {
        let (block, row) = layer.locate(rows.map_or(number, |rows| rows[number]));
        records.extend_from_slice(&(number as u32 + 1).to_be_bytes());
        records.extend_from_slice(&[0; 4]);
        let start = records.len();
        shape(&block.geometry, row, code, &mut records, &mut extent, &mut ranges);
        let length = ((records.len() - start) / 2) as u32;
        records[start - 4..start].copy_from_slice(&length.to_be_bytes());
        words.push(length);
    }
    Stretch { records, words, extent, ranges }
}

/// What stands where there is no measure.
const NO_MEASURE: f64 = -1e39;

const ZERO: Coord = Coord { x: 0.0, y: 0.0 };

/// The range of heights or measures.
#[derive(Clone, Copy, Default)]
struct Range(Option<(f64, f64)>);

/// The heights and measures of what was written.
#[derive(Clone, Copy)]
struct Ranges {
    has_z: bool,
    has_m: bool,
    heights: Range,
    measures: Range,
}

impl Range {
    fn add(&mut self, z: f64) {
        let (least, most) = self.0.unwrap_or((z, z));
        self.0 = Some((least.min(z), most.max(z)));
    }

    fn union(&mut self, other: Self) {
        if let Some((least, most)) = other.0 {
            self.add(least);
            self.add(most);
        }
    }

    fn least(self) -> f64 {
        self.0.map_or(0.0, |(least, _)| least)
    }

    fn most(self) -> f64 {
        self.0.map_or(0.0, |(_, most)| most)
    }
}

fn put(out: &mut Vec<u8>, numbers: &[f64]) {
    numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
}

fn count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&(count as i32).to_le_bytes());
}

/// Twice the area of a closed ring, positive when counter-clockwise, relative to its first point.
fn doubled_area(ring: &[Coord]) -> f64 {
    let Some(first) = ring.first() else { return 0.0 };
    ring.windows(2)
        .map(|pair| {
            let [a, b] = [pair[0], pair[1]].map(|c| Coord { x: c.x - first.x, y: c.y - first.y });
            a.x * b.y - b.x * a.y
        })
        .sum()
}

/// Writes the content of the record of a feature.
fn shape(geometry: &GeometryBlock, row: usize, code: i32, out: &mut Vec<u8>, extent: &mut Extent, ranges: &mut Ranges) {
    let coords = geometry.feature_coords(row);
    if geometry.is_null(row) || coords.is_empty() {
        return out.extend_from_slice(&0i32.to_le_bytes());
    }
    let start = geometry.coord_range(row).start;
    let z = |at: usize| geometry.z().get(start + at).copied().filter(|z| z.is_finite()).unwrap_or(0.0);
    let m = |at: usize| geometry.m().get(start + at).copied().filter(|m| *m > NO_MEASURE);
    let own = Extent::of(coords);
    extent.union(&own);
    out.extend_from_slice(&code.to_le_bytes());
    let mut order: Vec<usize> = (0..coords.len()).collect();
    match geometry.kind() {
        GeometryKind::Point if code % 10 == 1 => {
            put(out, &[coords[0].x, coords[0].y]);
            if ranges.has_z {
                ranges.heights.add(z(0));
                put(out, &[z(0)]);
            }
            if ranges.has_z || ranges.has_m {
                m(0).into_iter().for_each(|m| ranges.measures.add(m));
                put(out, &[m(0).unwrap_or(NO_MEASURE)]);
            }
            return;
        }
        GeometryKind::Point | GeometryKind::None => {
            put(out, &[own.min.x, own.min.y, own.max.x, own.max.y]);
            count(out, coords.len());
        }
        GeometryKind::Line | GeometryKind::Polygon => {
            let mut starts = Vec::new();
            let mut at = 0;
            let mut wind = |ring: &[Coord], clockwise: Option<bool>| {
                starts.push(at);
                if clockwise.is_some_and(|clockwise| (doubled_area(ring) > 0.0) == clockwise) {
                    order[at..at + ring.len()].reverse();
                }
                at += ring.len();
            };
            if geometry.kind() == GeometryKind::Line {
                geometry.paths(row).for_each(|path| wind(path, None));
            } else {
                for part in geometry.polygon(row).parts() {
                    part.rings().enumerate().for_each(|(ring, coords)| wind(coords, Some(ring == 0)));
                }
            }
            put(out, &[own.min.x, own.min.y, own.max.x, own.max.y]);
            count(out, starts.len());
            count(out, coords.len());
            starts.iter().for_each(|start| count(out, *start));
        }
    }
    order.iter().for_each(|at| put(out, &[coords[*at].x, coords[*at].y]));
    if ranges.has_z {
        let mut range = Range::default();
        order.iter().for_each(|at| range.add(z(*at)));
        ranges.heights.union(range);
        put(out, &[range.least(), range.most()]);
        order.iter().for_each(|at| put(out, &[z(*at)]));
    }
    if ranges.has_m {
        let mut range = Range::default();
        order.iter().filter_map(|at| m(*at)).for_each(|m| range.add(m));
        ranges.measures.union(range);
        let (least, most) = range.0.unwrap_or((NO_MEASURE, NO_MEASURE));
        put(out, &[least, most]);
        order.iter().for_each(|at| put(out, &[m(*at).unwrap_or(NO_MEASURE)]));
    }
}
