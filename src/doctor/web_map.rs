//! Positions scrambled by a web map (GCJ-02, BD-09): found by what matches once the scrambling is undone, or by the
//! marks of a source that is known for it. The finding is told; it is undone only where the user says so.
//!
//! Two layers of one boundary seldom have the same vertices. So besides vertices that meet exactly, edges count: the median
//! distance of vertices to the nearest edge must fall by half and more once the scrambling is undone, and must not fall for
//! moves of the same length in other directions. Dense layers, in which everything is near something, fail the second.

use std::sync::Arc;

use geo_types::Coord;
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
    let map = if said(&["bd09", "bd-09", "bd_lng", "bd_lon", "百度坐标"]) {
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
    for at in 0..layers.len() {
        let shown: Vec<&Layer> = layers.iter().map(|layer| &**layer).collect();
        if is_flagged(shown[at]) {
            continue;
        }
        let found = match suspect_by_fields(shown[at]) {
            Some(found) => Some(found),
            None => suspect_by_vertices(shown[at], &shown, progress)?,
        };
        if let Some(found) = found {
            Arc::make_mut(&mut layers[at].issues).push(Issue::new(Severity::Warning, found.message()));
        }
    }
    Ok(())
}

/// Whether a layer is said to be scrambled.
pub fn is_flagged(layer: &Layer) -> bool {
    // A file of 奥维 may say so itself.
    let says = |key: &str| key.starts_with("doctor.web-map") || key == "io.kml-gcj02";
    layer.issues.iter().any(|issue| says(issue.message.key))
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
    let as_they_are = Grid::of(&probes);
    let undone = WebMap::ALL.map(|map| {
        let original: Vec<Coord> = probes.iter().map(|coord| map.unscrambled(*coord)).collect();
        (map, Grid::of(&original))
    });
    for reference in &open {
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
                    median_m: None,
                }));
            }
        }
    }
    for reference in &open {
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
    let of = |map: WebMap| Some((map, evidence(lines, &measured, map)?));
    let found = WebMap::ALL.into_iter().filter_map(of).filter(|(_, evidence)| evidence.is_convincing());
    found.min_by(|a, b| a.1.after.median_m.total_cmp(&b.1.after.median_m))
}

/// What undoing one scrambling does to places that have anything within reach.
fn evidence(lines: &Lines, places: &[Coord], map: WebMap) -> Option<Evidence> {
    // As it is, undone, and turned by a right angle three times.
    let mut distances: [Vec<f64>; 5] = Default::default();
    for place in places {
        let undone = map.unscrambled(*place);
        let way = lines.metres(Coord { x: undone.x - place.x, y: undone.y - place.y });
        let turned = [Coord { x: -way.y, y: way.x }, Coord { x: -way.x, y: -way.y }, Coord { x: way.y, y: -way.x }];
        let moved = turned.map(|way| {
            let offset = lines.offset_deg(way);
            Coord { x: place.x + offset.x, y: place.y + offset.y }
        });
        let [as_it_is, after] = [*place, undone].map(|at| lines.distance_m(at));
        if as_it_is.is_none() && after.is_none() {
            continue;
        }
        let all = [as_it_is, after].into_iter().chain(moved.map(|at| lines.distance_m(at)));
        distances.iter_mut().zip(all).for_each(|(list, distance)| list.push(distance.unwrap_or(REACH_M)));
    }
    let [before, after, others @ ..] = &mut distances;
    let medians = others.iter_mut().filter_map(|list| of_distances(list)).map(|found| found.median_m);
    let elsewhere_m = medians.fold(f64::INFINITY, f64::min);
    Some(Evidence { before: of_distances(before)?, after: of_distances(after)?, elsewhere_m })
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

    /// The extent of the probes in another CRS, somewhat grown: sides are curved there.
    fn extent_in(&self, crs: &Crs) -> Option<Extent> {
        let from_degrees = Reprojector::new(&Crs::wgs84(), crs).ok()?; // no way, no match
        let mut image = Extent::EMPTY;
        for i in 0..=8 {
            for j in 0..=8 {
                let share = |at: i32, from: f64, size: f64| from + size * f64::from(at) / 8.0;
                let x = share(i, self.extent.min.x, self.extent.width());
                let y = share(j, self.extent.min.y, self.extent.height());
                image.add(from_degrees.convert_one(Coord { x, y })?);
            }
        }
        let (dx, dy) =
            (0.02 * image.width() + 10.0 * self.cell_in(crs), 0.02 * image.height() + 10.0 * self.cell_in(crs));
        Some(Extent {
            min: Coord { x: image.min.x - dx, y: image.min.y - dy },
            max: Coord { x: image.max.x + dx, y: image.max.y + dy },
        })
    }

    /// The matching distance in units of a CRS.
    fn cell_in(&self, crs: &Crs) -> f64 {
        if crs.is_geographic() { self.cell.x.max(self.cell.y) } else { SAME_M / crs.metres_per_unit() }
    }

    /// How many probes have a vertex of `layer` within the matching distance.
    fn matched_count(&self, layer: &Layer, progress: &Progress) -> Result<usize, Cancelled> {
        let Some(to_degrees) = converter(&layer.crs) else { return Ok(0) };
        let Some(here) = self.extent_in(&layer.crs) else { return Ok(0) };
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
                // What lies elsewhere need not be converted.
                slice.extend(coords.iter().filter(|coord| here.contains(**coord)));
                if slice.is_empty() {
                    continue;
                }
                let coords = slice.clone();
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
