//! Positions scrambled by a web map (GCJ-02, BD-09): found by what matches once the scrambling is undone, or by the
//! marks of a source that is known for it. The finding is told; nothing is ever converted.

use geo_types::Coord;
use rustc_hash::FxHashMap;

use crate::crs::gcj02::{wgs84_from_bd09, wgs84_from_gcj02};
use crate::crs::{Crs, Reprojector, places};
use crate::model::{Extent, Layer};
use crate::task::{Cancelled, Progress};
use crate::text::Message;

/// Vertices of the doubtful layer that are looked for.
const PROBES: usize = 2000;

/// Two vertices are the same within this distance: the formulae agree with the maps to metres.
const SAME_M: f64 = 3.0;

/// Share of the vertices that must match after the scrambling is undone, and not before.
const CONVINCING_SHARE: f64 = 0.2;

/// Which web maps scramble so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebMap {
    /// GCJ-02: Amap, Tencent, Google in China.
    Gcj02,
    /// BD-09: Baidu.
    Bd09,
}

impl WebMap {
    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gcj02 => "GCJ-02",
            Self::Bd09 => "BD-09",
        }
    }
}

/// A suspicion that a layer's positions are scrambled.
#[derive(Clone, Debug, PartialEq)]
pub struct WebMapFinding {
    /// The scrambling.
    pub map: WebMap,
    /// Name of the open layer whose vertices match; `None` where the fields gave it away.
    pub reference: Option<String>,
    /// Vertices looked for, and found once the scrambling was undone.
    pub probed_count: usize,
    /// Of these, vertices that match.
    pub matched_count: usize,
    /// How far the layer lies off, in metres.
    pub offset_m: f64,
}

impl WebMapFinding {
    /// The finding as an issue of the layer.
    pub fn message(&self) -> Message {
        let map = self.map.name();
        match &self.reference {
            Some(layer) => Message::new("doctor.web-map")
                .with("map", map)
                .with("layer", layer)
                .with("matched", self.matched_count)
                .with("probed", self.probed_count)
                .with("metres", format!("{:.0}", self.offset_m)),
            None => Message::new("doctor.web-map-fields").with("map", map),
        }
    }
}

/// Suspects a layer by its fields: boundary files of a public web service carry these, and are in GCJ-02.
pub fn suspect_by_fields(layer: &Layer) -> Option<WebMapFinding> {
    let has = |name: &str| layer.fields.iter().any(|field| field.name == name);
    let marked = has("adcode") && (has("childrenNum") || has("subFeatureIndex") || has("acroutes"));
    let at = super::degrees(&layer.crs, &layer.extent())?.center();
    (marked && layer.crs.is_geographic() && places::is_in_china(at)).then(|| WebMapFinding {
        map: WebMap::Gcj02,
        reference: None,
        probed_count: 0,
        matched_count: 0,
        offset_m: offset_m(at, WebMap::Gcj02),
    })
}

/// Suspects a layer by its vertices: many of them fall on vertices of an open layer once a scrambling is undone, and do
/// not as they are.
///
/// # Errors
/// [`Cancelled`] when `progress` is.
pub fn suspect_by_vertices(
    layer: &Layer,
    open: &[&Layer],
    progress: &Progress,
) -> Result<Option<WebMapFinding>, Cancelled> {
    let Some(to_degrees) = converter(&layer.crs) else { return Ok(None) };
    let total: usize = layer.blocks.iter().map(|block| block.geometry.coords().len()).sum();
    let step = total.div_ceil(PROBES).max(1);
    let probes: Vec<Coord> = layer
        .blocks
        .iter()
        .flat_map(|block| block.geometry.coords())
        .step_by(step)
        .filter_map(|coord| to_degrees.convert_one(*coord))
        .filter(|coord| places::is_in_china(*coord))
        .collect();
    let Some(first) = probes.first() else { return Ok(None) };
    let as_they_are = Grid::of(&probes);
    let undone = [WebMap::Gcj02, WebMap::Bd09].map(|map| {
        let original: Vec<Coord> = probes.iter().map(|coord| unscrambled(*coord, map)).collect();
        (map, Grid::of(&original))
    });
    for reference in open {
        if reference.id == layer.id {
            continue;
        }
        let matched_plain = as_they_are.matched_count(reference, progress)?;
        for (map, grid) in &undone {
            let matched_count = grid.matched_count(reference, progress)?;
            let enough = matched_count >= 8 && matched_count as f64 >= CONVINCING_SHARE * probes.len() as f64;
            if enough && matched_count > 3 * matched_plain {
                return Ok(Some(WebMapFinding {
                    map: *map,
                    reference: Some(reference.name.clone()),
                    probed_count: probes.len(),
                    matched_count,
                    offset_m: offset_m(*first, *map),
                }));
            }
        }
    }
    Ok(None)
}

fn unscrambled(coord: Coord, map: WebMap) -> Coord {
    match map {
        WebMap::Gcj02 => wgs84_from_gcj02(coord),
        WebMap::Bd09 => wgs84_from_bd09(coord),
    }
}

fn offset_m(at: Coord, map: WebMap) -> f64 {
    places::distance_m(at, unscrambled(at, map))
}

/// To longitude and latitude on CGCS2000 or WGS 84; `None` for datums that cannot be laid over them.
fn converter(crs: &Crs) -> Option<Reprojector> {
    // A layer of a datum that needs parameters cannot be compared.
    Reprojector::new(crs, &Crs::wgs84()).ok()
}

/// Probes in cells of the matching distance.
struct Grid {
    cells: FxHashMap<(i64, i64), Vec<u32>>,
    probes: Vec<Coord>,
    extent: Extent,
    /// Degrees of longitude and latitude in one cell.
    cell: Coord,
}

impl Grid {
    fn of(probes: &[Coord]) -> Self {
        let extent = Extent::of(probes);
        let latitude = SAME_M / 111_320.0;
        let cell = Coord { x: latitude / extent.center().y.to_radians().cos().max(0.1), y: latitude };
        let mut cells: FxHashMap<_, Vec<u32>> = FxHashMap::default();
        for (i, probe) in probes.iter().enumerate() {
            cells.entry(key(*probe, cell)).or_default().push(i as u32);
        }
        Self { cells, probes: probes.to_vec(), extent, cell }
    }

    /// How many probes have a vertex of `layer` within the matching distance.
    fn matched_count(&self, layer: &Layer, progress: &Progress) -> Result<usize, Cancelled> {
        let Some(to_degrees) = converter(&layer.crs) else { return Ok(0) };
        let mut matched = vec![false; self.probes.len()];
        let mut slice = Vec::new();
        for block in &layer.blocks {
            let reach = super::degrees(&layer.crs, &block.geometry.extent());
            if reach.is_none_or(|reach| !reach.intersects(&self.extent)) {
                continue;
            }
            for coords in block.geometry.coords().chunks(4096) {
                progress.tick(0)?;
                slice.clear();
                slice.extend_from_slice(coords);
                if to_degrees.convert(&mut slice).is_err() {
                    // One vertex without an image does not hide the others of its slice.
                    slice = coords.iter().filter_map(|coord| to_degrees.convert_one(*coord)).collect();
                }
                slice.iter().filter(|coord| self.extent.contains(**coord)).for_each(|c| self.mark(*c, &mut matched));
            }
        }
        Ok(matched.iter().filter(|found| **found).count())
    }

    fn mark(&self, vertex: Coord, matched: &mut [bool]) {
        let (column, row) = key(vertex, self.cell);
        for cell in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (column + dx, row + dy))) {
            for probe in self.cells.get(&cell).into_iter().flatten() {
                if places::distance_m(vertex, self.probes[*probe as usize]) <= SAME_M {
                    matched[*probe as usize] = true;
                }
            }
        }
    }
}

fn key(coord: Coord, cell: Coord) -> (i64, i64) {
    ((coord.x / cell.x).floor() as i64, (coord.y / cell.y).floor() as i64)
}
