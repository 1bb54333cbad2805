//! Positions scrambled by a web map (GCJ-02, BD-09): found by what matches once the scrambling is undone, or by the
//! marks of a source that is known for it. The finding is told; it is undone only where the user says so.
//!
//! Two layers of one boundary seldom have the same vertices. So besides vertices that meet exactly, edges count: the median
//! distance of vertices to the nearest edge must fall by half and more once the scrambling is undone, and must not fall for
//! moves of the same length in other directions. Dense layers, in which everything is near something, fail the second.

use std::sync::Arc;

use geo_types::Coord;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

pub use crate::crs::gcj02::WebMap;
use crate::crs::{Crs, Reprojector, places};
use crate::model::{Extent, Issue, Layer, Severity};
use crate::task::{Cancelled, Progress};
use crate::text::Message;

use super::near::{Lines, Nearness, REACH_M, SAME_M, of_distances};

/// Vertices of the doubtful layer that are looked for.
const PROBES: usize = 2000;

/// Vertices whose distance to edges is measured.
const MEASURED: usize = 600;

/// Share of the vertices that must match after the scrambling is undone, and not before.
const CONVINCING_SHARE: f64 = 0.2;

/// Places as they are, and with each scrambling undone.
const SETS: usize = 1 + WebMap::ALL.len();

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
    /// Median distance to the nearest edge of the open layer in metres, as it is and undone, where that gave it away.
    pub median_m: Option<[f64; 2]>,
}

impl WebMapFinding {
    /// The finding as an issue of the layer.
    pub fn message(&self) -> Message {
        let map = self.map.name();
        match (&self.reference, self.median_m) {
            (Some(layer), Some([before, after])) => Message::new("doctor.web-map-shape")
                .with("map", map)
                .with("layer", layer)
                .with("before", format!("{before:.0}"))
                .with("after", format!("{after:.0}"))
                .with("probed", self.probed_count)
                .with("metres", format!("{:.0}", self.offset_m)),
            (Some(layer), None) => Message::new("doctor.web-map")
                .with("map", map)
                .with("layer", layer)
                .with("matched", self.matched_count)
                .with("probed", self.probed_count)
                .with("metres", format!("{:.0}", self.offset_m)),
            (None, _) => Message::new("doctor.web-map-fields").with("map", map),
        }
    }
}

/// Suspects a layer by its marks: names that say so themselves, the fields of boundary files and places of web maps.
pub fn suspect_by_fields(layer: &Layer) -> Option<WebMapFinding> {
    if is_undone(layer) {
        return None;
    }
    let names: Vec<String> = layer.fields.iter().map(|field| field.name.to_lowercase()).collect();
    let has = |name: &str| names.iter().any(|field| field == name);
    let stem = layer.provenance.path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let said = |words: &[&str]| {
        let texts = names.iter().chain([&stem]).cloned().chain([layer.name.to_lowercase()]);
        texts.into_iter().any(|text| words.iter().any(|word| text.contains(word)))
    };
    let untyped = || layer.issues.iter().any(|issue| issue.kind() == "untyped-geometry");
    // DataV and AMap's districts; the districts as bare objects; places of AMap's search.
    let of_gcj02 = (has("adcode") && (has("childrennum") || has("subfeatureindex") || has("acroutes")))
        || (has("center") && has("name") && (has("code") || has("adcode")) && untyped())
        || (has("typecode") && (has("adcode") || has("adname") || has("pcode")));
    let map = if let Some(map) = stated(layer) {
        map
    } else if said(&["bd09", "bd-09", "bd_lng", "bd_lon", "百度坐标"]) {
        WebMap::Bd09
    } else if of_gcj02 || said(&["gcj02", "gcj-02", "gcj_", "火星坐标", "高德坐标"]) {
        WebMap::Gcj02
    } else {
        return None;
    };
    let at = super::degrees(&layer.crs, &layer.extent())?.center();
    (layer.crs.is_geographic() && places::is_in_china(at)).then(|| WebMapFinding {
        map,
        reference: None,
        probed_count: 0,
        matched_count: 0,
        offset_m: offset_m(at, map),
        median_m: None,
    })
}

/// Whether the scrambling was undone already.
fn is_undone(layer: &Layer) -> bool {
    layer.provenance.correction.as_ref().is_some_and(|correction| correction.undoes_web_map())
}

/// Flags the layers whose positions look scrambled, by their marks or beside each other; each is said once. Layers that
/// are flagged already stay as they are.
///
/// # Errors
/// [`Cancelled`] when `progress` is.
pub fn flag(layers: &mut [&mut Layer], progress: &Progress) -> Result<(), Cancelled> {
    let shown: Vec<&Layer> = layers.iter().map(|layer| &**layer).collect();
    let suspected = |layer: &&Layer| match is_flagged(layer) {
        true => Ok(None),
        false => match suspect_by_fields(layer) {
            Some(found) => Ok(Some(found)),
            None => suspect_by_vertices(layer, &shown, progress),
        },
    };
    let found: Vec<Option<WebMapFinding>> = shown.par_iter().map(suspected).collect::<Result<_, Cancelled>>()?;
    for (layer, found) in layers.iter_mut().zip(found) {
        if let Some(found) = found {
            Arc::make_mut(&mut layer.issues).push(Issue::new(Severity::Warning, found.message()));
        }
    }
    Ok(())
}

/// Whether a layer is said to be scrambled.
pub fn is_flagged(layer: &Layer) -> bool {
    // A file of 奥维 may say so itself.
    let says = |key: &str| key.starts_with("doctor.web-map") || matches!(key, "io.kml-gcj02" | "io.kml-bd09");
    layer.issues.iter().any(|issue| says(issue.message.key))
}

/// The web map that the file states for all of a layer.
fn stated(layer: &Layer) -> Option<WebMap> {
    let of = |key: &str| {
        layer.issues.iter().any(|issue| {
            let said = |name: &str| issue.message.args.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
            issue.message.key == key && said("count").is_some() && said("count") == said("total")
        })
    };
    let keys = [("io.kml-gcj02", WebMap::Gcj02), ("io.kml-bd09", WebMap::Bd09)];
    keys.into_iter().find(|(key, _)| of(key)).map(|(_, map)| map)
}

/// Suspects a layer by its vertices: many of them fall on vertices of an open layer once a scrambling is undone, and do
/// not as they are; or they come much nearer to its edges.
///
/// # Errors
/// [`Cancelled`] when `progress` is.
pub fn suspect_by_vertices(
    layer: &Layer,
    open: &[&Layer],
    progress: &Progress,
) -> Result<Option<WebMapFinding>, Cancelled> {
    let Some(to_degrees) = converter(&layer.crs).filter(|_| !is_undone(layer)) else { return Ok(None) };
    // Points, lines and polygons of one file are scrambled together or not at all.
    let is_of_one = |other: &Layer| {
        let (own, other) = (&layer.provenance, &other.provenance);
        !own.path.as_os_str().is_empty() && own.path == other.path && own.layer == other.layer
    };
    let beside = |other: &&&Layer| other.id != layer.id && !is_of_one(other) && lie_together(layer, other);
    let open: Vec<&Layer> = open.iter().filter(beside).copied().collect();
    if open.is_empty() {
        return Ok(None);
    }
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
    let undone = WebMap::ALL.map(|map| probes.iter().map(|coord| map.unscrambled(*coord)).collect::<Vec<Coord>>());
    let sets: [&[Coord]; SETS] =
        std::array::from_fn(|set| if set == 0 { probes.as_slice() } else { undone[set - 1].as_slice() });
    // Layers of one CRS are searched by one grid.
    let mut grids: Vec<(Crs, Option<Grid<'_>>)> = Vec::new();
    let mut matched_as_they_are = Vec::new();
    for reference in &open {
        let known = grids.iter().position(|(crs, _)| *crs == reference.crs);
        let at = known.unwrap_or_else(|| {
            grids.push((reference.crs.clone(), Grid::of(sets, &reference.crs)));
            grids.len() - 1
        });
        let [matched_plain, counts @ ..] = match &grids[at].1 {
            Some(grid) => grid.matched_counts(reference, progress)?,
            None => [0; SETS],
        };
        matched_as_they_are.push(matched_plain);
        for (map, matched_count) in WebMap::ALL.into_iter().zip(counts) {
            let enough = matched_count >= 8 && matched_count as f64 >= CONVINCING_SHARE * probes.len() as f64;
            if enough && matched_count > 3 * matched_plain {
                return Ok(Some(WebMapFinding {
                    map,
                    reference: Some(reference.name.clone()),
                    probed_count: probes.len(),
                    matched_count,
                    offset_m: offset_m(*first, map),
                    median_m: None,
                }));
            }
        }
    }
    for (reference, matched) in open.iter().zip(matched_as_they_are) {
        // One that stands on the other's vertices as it is needs no move.
        if matched >= 8 && 2 * matched >= probes.len() {
            continue;
        }
        let Some(lines) = Lines::of(reference, &Extent::of(&probes), progress)? else { continue };
        let Some((map, evidence)) = best_evidence(&lines, &probes) else { continue };
        return Ok(Some(WebMapFinding {
            map,
            reference: Some(reference.name.clone()),
            probed_count: evidence.after.probed_count,
            matched_count: evidence.after.same_count,
            offset_m: offset_m(*first, map),
            median_m: Some([evidence.before.median_m, evidence.after.median_m]),
        }));
    }
    Ok(None)
}

/// How places lie beside a layer as they are, and with a scrambling undone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// As they are.
    pub before: Nearness,
    /// Undone.
    pub after: Nearness,
    /// The least median in metres for moves of the same length in three other directions.
    pub elsewhere_m: f64,
}

impl Evidence {
    /// Whether it convinces: undone they lie far nearer than as they are, and nearer than moved anywhere else. Few places
    /// must meet.
    pub fn is_convincing(&self) -> bool {
        let other = self.before.median_m.min(self.elsewhere_m);
        let (most_m, share) = match self.after.probed_count {
            0..8 => return false,
            8..30 => (15.0, 0.1),
            _ => (100.0, 0.5),
        };
        self.after.median_m <= most_m && self.after.median_m <= share * other
    }
}

/// The scrambling whose undoing convinces most, with its evidence. `places` in degrees on WGS 84.
pub fn best_evidence(lines: &Lines, places: &[Coord]) -> Option<(WebMap, Evidence)> {
    let inside: Vec<Coord> = places.iter().filter(|place| lines.holds(**place)).copied().collect();
    let step = inside.len().div_ceil(MEASURED).max(1);
    let measured: Vec<Coord> = inside.into_iter().step_by(step).collect();
    let as_they_are: Vec<Option<f64>> = measured.iter().map(|place| lines.distance_m(*place)).collect();
    let of = |map: WebMap| Some((map, evidence(lines, &measured, &as_they_are, map)?));
    let found = WebMap::ALL.into_iter().filter_map(of).filter(|(_, evidence)| evidence.is_convincing());
    found.min_by(|a, b| a.1.after.median_m.total_cmp(&b.1.after.median_m))
}

/// What undoing one scrambling does to places that have anything within reach; `None` where that alone refutes it.
/// `as_they_are` has the distance of each place.
fn evidence(lines: &Lines, places: &[Coord], as_they_are: &[Option<f64>], map: WebMap) -> Option<Evidence> {
    let (mut before, mut after, mut moves) = (Vec::new(), Vec::new(), Vec::new());
    for (place, as_it_is) in places.iter().zip(as_they_are) {
        let undone = map.unscrambled(*place);
        let distance = lines.distance_m(undone);
        if as_it_is.is_none() && distance.is_none() {
            continue;
        }
        before.push(as_it_is.unwrap_or(REACH_M));
        after.push(distance.unwrap_or(REACH_M));
        moves.push((*place, lines.metres(Coord { x: undone.x - place.x, y: undone.y - place.y })));
    }
    let (before, after) = (of_distances(&mut before)?, of_distances(&mut after)?);
    let found = Evidence { before, after, elsewhere_m: f64::INFINITY };
    // Other moves can but refute it.
    if !found.is_convincing() {
        return None;
    }
    // Turned by a right angle three times.
    let mut distances: [Vec<f64>; 3] = Default::default();
    for (place, way) in moves {
        let turned = [Coord { x: -way.y, y: way.x }, Coord { x: -way.x, y: -way.y }, Coord { x: way.y, y: -way.x }];
        for (list, way) in distances.iter_mut().zip(turned) {
            let offset = lines.offset_deg(way);
            let distance = lines.distance_m(Coord { x: place.x + offset.x, y: place.y + offset.y });
            list.push(distance.unwrap_or(REACH_M));
        }
    }
    let medians = distances.iter_mut().filter_map(|list| of_distances(list)).map(|found| found.median_m);
    Some(Evidence { elsewhere_m: medians.fold(f64::INFINITY, f64::min), ..found })
}

/// Whether the extents of two layers meet, a shift of either aside.
fn lie_together(a: &Layer, b: &Layer) -> bool {
    const SHIFT_DEG: f64 = 0.02;
    let extents = [a, b].map(|layer| super::degrees(&layer.crs, &layer.extent()));
    let [Some(a), Some(b)] = extents else { return false };
    let grown = Extent {
        min: Coord { x: a.min.x - SHIFT_DEG, y: a.min.y - SHIFT_DEG },
        max: Coord { x: a.max.x + SHIFT_DEG, y: a.max.y + SHIFT_DEG },
    };
    grown.intersects(&b)
}

fn offset_m(at: Coord, map: WebMap) -> f64 {
    places::distance_m(at, map.unscrambled(at))
}

/// To longitude and latitude on CGCS2000 or WGS 84; `None` for datums that cannot be laid over them.
fn converter(crs: &Crs) -> Option<Reprojector> {
    // A layer of a datum that needs parameters cannot be compared.
    Reprojector::new(crs, &Crs::wgs84()).ok()
}

/// Places in the CRS of other layers, each in the cells about it: as they are, and with each scrambling undone.
struct Grid<'a> {
    /// In degrees.
    sets: [&'a [Coord]; SETS],
    /// Set and number of the places that a vertex in a cell may match.
    cells: FxHashMap<(i64, i64), Vec<(u8, u32)>>,
    /// Beyond this nothing matches.
    extent: Extent,
    /// Units of the CRS in one cell.
    cell: Coord,
}

impl<'a> Grid<'a> {
    /// `None` where no way leads to the CRS.
    fn of(sets: [&'a [Coord]; SETS], crs: &Crs) -> Option<Self> {
        /// Planes of web maps stretch by 1.7 at the northern end of China, and degrees of longitude shrink by as much.
        const STRETCH: f64 = 2.0;
        let from_degrees = Reprojector::new(&Crs::wgs84(), crs).ok()?; // no way, no match
        let unit_m = if crs.is_geographic() { 111_320.0 } else { crs.metres_per_unit() };
        let side = STRETCH * SAME_M / unit_m;
        let cell = Coord { x: side, y: side };
        let mut cells: FxHashMap<(i64, i64), Vec<(u8, u32)>> = FxHashMap::default();
        let mut extent = Extent::EMPTY;
        for (set, places) in sets.iter().enumerate() {
            for (at, place) in places.iter().enumerate() {
                let Some(image) = from_degrees.convert_one(*place) else { continue };
                extent.add(image);
                let (column, row) = key(image, cell);
                for around in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (column + dx, row + dy))) {
                    cells.entry(around).or_default().push((set as u8, at as u32));
                }
            }
        }
        let min = Coord { x: extent.min.x - side, y: extent.min.y - side };
        let max = Coord { x: extent.max.x + side, y: extent.max.y + side };
        (!cells.is_empty()).then_some(Self { sets, cells, extent: Extent { min, max }, cell })
    }

    /// How many places of each set have a vertex of `layer`, which is in the CRS of the grid, within the matching distance.
    fn matched_counts(&self, layer: &Layer, progress: &Progress) -> Result<[usize; SETS], Cancelled> {
        let Some(to_degrees) = converter(&layer.crs) else { return Ok([0; SETS]) };
        let mut matched: [Vec<bool>; SETS] = self.sets.map(|places| vec![false; places.len()]);
        for block in layer.blocks.iter().filter(|block| block.geometry.extent().intersects(&self.extent)) {
            for coords in block.geometry.coords().chunks(4096) {
                progress.tick(0)?;
                for coord in coords.iter().filter(|coord| self.extent.contains(**coord)) {
                    let Some(near) = self.cells.get(&key(*coord, self.cell)) else { continue };
                    let is_open = |(set, at): &(u8, u32)| !matched[usize::from(*set)][*at as usize];
                    if !near.iter().any(is_open) {
                        continue;
                    }
                    // What lies elsewhere need not be converted.
                    let Some(vertex) = to_degrees.convert_one(*coord) else { continue };
                    for (set, at) in near {
                        let (set, at) = (usize::from(*set), *at as usize);
                        matched[set][at] |= places::distance_m(vertex, self.sets[set][at]) <= SAME_M;
                    }
                }
            }
        }
        Ok(matched.map(|found| found.into_iter().filter(|found| *found).count()))
    }
}

fn key(coord: Coord, cell: Coord) -> (i64, i64) {
    ((coord.x / cell.x).floor() as i64, (coord.y / cell.y).floor() as i64)
}
