//! Which labels and markers a map shows, and where: the same for the window, map sheets and the command line.
//!
//! Labels are chosen layer by layer ([`Annotated::labels`]): the larger a polygon the earlier, and only on those that are
//! about as wide as their text. Then they are placed over all layers ([`place`]): the topmost layer first, none over
//! another, over a marker or over the edge of the map.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::MapView;
use super::label::inside_point;
use super::lettering::Typeface;
use super::placement::{Placement, Rect};
use crate::model::index::SpatialIndex;
use crate::model::style::LayerStyle;
use crate::model::{Coord, Extent, GeometryBlock, GeometryKind, Layer};

/// Size of labels in logical pixels.
pub const LABEL_PX: f32 = 12.5;
/// Share of its text that a polygon must be as wide as.
const FITS: f64 = 0.8;
/// Square pixels of a map for each label that is chosen: with more of them no place would be free.
const ROOM_PX2: f64 = 2_500.0;
/// Texts that are looked at for each that is chosen.
const TRIED: f64 = 10.0;

/// What the labels and markers of a layer are chosen from.
#[derive(Clone, Copy)]
pub struct Annotated<'a> {
    /// Blocks in the project CRS.
    pub blocks: &'a [Arc<GeometryBlock>],
    /// First feature of each block, and the count at the end.
    pub starts: &'a [usize],
    /// Index over the features.
    pub index: &'a SpatialIndex,
    /// How it is drawn.
    pub style: &'a LayerStyle,
    /// Number of the symbol of each feature.
    pub symbols: &'a [u16],
    /// Where places that were found are kept.
    pub places: &'a Places,
}

/// Places inside features that were asked for: labels stand in them, and finding one in a large polygon takes a while.
#[derive(Debug, Default)]
pub struct Places(Mutex<FxHashMap<usize, Coord>>);

impl Places {
    /// More than any map shows.
    const MOST: usize = 200_000;

    fn of(&self, feature: usize, block: &GeometryBlock, row: usize) -> Coord {
        // What is kept is whole at any time.
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = known().get(&feature) {
            return *place;
        }
        let place = inside_point(block, row);
        let mut known = known();
        if known.len() >= Self::MOST {
            known.clear();
        }
        known.insert(feature, place);
        place
    }
}

impl Annotated<'_> {
    fn locate(&self, feature: usize) -> Option<(&GeometryBlock, usize)> {
        let block = self.starts.partition_point(|start| *start <= feature).checked_sub(1)?;
        let (geometry, row) = (self.blocks.get(block)?, feature - self.starts[block]);
        (row < geometry.feature_count()).then_some((&**geometry, row))
    }

    /// Number of the symbol of a feature, where it is drawn.
    fn symbol(&self, feature: usize) -> Option<u16> {
        let number = self.symbols.get(feature).copied().unwrap_or(0);
        self.style.is_visible(usize::from(number)).then_some(number)
    }

    /// Where markers stand in `extent`, with the number of the symbol of each, in the order of the features.
    pub fn markers(&self, extent: &Extent) -> Vec<(Coord, u16)> {
        let marked: Vec<bool> = (0..self.style.symbol_count())
            .map(|number| self.style.symbol(number).is_some_and(|symbol| symbol.marker.is_some()))
            .collect();
        if !marked.contains(&true) {
            return Vec::new();
        }
        let of_feature = |feature: &usize| {
            let number = self.symbol(*feature).filter(|number| marked.get(usize::from(*number)) == Some(&true));
            let points = number.and_then(|_| self.locate(*feature)).map(|(block, row)| match block.kind() {
                GeometryKind::Point => block.points(row).to_vec(),
                GeometryKind::Polygon => vec![self.places.of(*feature, block, row)],
                GeometryKind::Line | GeometryKind::None => Vec::new(),
            });
            let seen = points.unwrap_or_default().into_iter().filter(|point| extent.contains(*point));
            seen.map(move |point| (point, number.unwrap_or_default()))
        };
        self.index.query(extent).par_iter().flat_map_iter(of_feature).collect()
    }

    /// Places and texts of the style's label field for what is in `view`, the most important first.
    pub fn labels(&self, layer: &Layer, view: &MapView, typeface: &Typeface) -> Vec<(Coord, String)> {
        let field = self.style.label_field().and_then(|name| layer.field(name));
        let Some(field) = field else { return Vec::new() };
        let width = typeface.ruler(LABEL_PX, false);
        let extent = view.extent();
        // No text is narrower.
        let least = f64::from(width("1")) * FITS * view.units_per_px;
        let candidate = |feature: &usize| {
            let number = self.symbol(*feature)?;
            let (block, row) = self.locate(*feature)?;
            if block.kind() != GeometryKind::Polygon {
                return Some((0.0, *feature, f64::INFINITY));
            }
            let of = block.feature_extent(row);
            let marked = self.style.symbol(usize::from(number)).is_some_and(|symbol| symbol.marker.is_some());
            let room = if marked { f64::INFINITY } else { of.width() };
            (room >= least).then_some((of.width() * of.height(), *feature, room / view.units_per_px))
        };
        let mut candidates: Vec<(f64, usize, f64)> =
            self.index.query(&extent).par_iter().filter_map(candidate).collect();
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let most = (view.size_px[0] * view.size_px[1] / ROOM_PX2).max(50.0);
        let mut chosen = Vec::new();
        for (_, feature, room_px) in candidates.into_iter().take((most * TRIED) as usize) {
            let text = layer.value(feature, field).to_string();
            if text.trim().is_empty() || room_px < f64::from(width(&text)) * FITS {
                continue;
            }
            let Some((block, row)) = self.locate(feature) else { continue };
            let place = self.places.of(feature, block, row);
            if extent.contains(place) {
                chosen.push((place, text));
                if chosen.len() as f64 >= most {
                    break;
                }
            }
        }
        chosen
    }
}

/// What a layer wants written, and what it keeps free.
pub struct LayerLabels<'a> {
    /// Places in the world and texts, the most important first.
    pub labels: &'a [(Coord, String)],
    /// Middles of its markers in the picture.
    pub markers: Vec<[f32; 2]>,
    /// How far a marker reaches to each side; its labels stand beside it. `None` where there are none.
    pub reach: Option<f32>,
}

/// Where labels go in a picture of `map` (left, top, right, bottom), `scale` pixels a logical pixel; `at` is the place of
/// a coordinate in it. `layers` stand bottom to top. Each answer is the middle of the left end of a text.
pub fn place<'a>(
    map: [f32; 4],
    scale: f32,
    at: &dyn Fn(Coord) -> [f32; 2],
    layers: &[LayerLabels<'a>],
    typeface: &Typeface,
) -> Vec<([f32; 2], &'a str)> {
    let mut placement = Placement::new(map);
    for layer in layers {
        let reach = layer.reach.unwrap_or(0.0);
        layer.markers.iter().for_each(|at| placement.take(Rect::around(*at, reach)));
    }
    let size = LABEL_PX * scale;
    let width = typeface.ruler(size, false);
    let mut placed = Vec::new();
    for layer in layers.iter().rev() {
        for (place, text) in layer.labels {
            let room = [width(text), size * 1.2];
            let beside = layer.reach.map(|reach| reach + 2.0 * scale);
            if let Some(area) = placement.place(at(*place), room, beside) {
                placed.push(([area.left, (area.top + area.bottom) / 2.0], &**text));
            }
        }
    }
    placed
}
