//! Which labels and markers a map shows, and where: the same for the window, map sheets and the command line.
//!
//! Labels are chosen layer by layer ([`Annotated::labels`]): what a feature says, where it may stand and how much room
//! it has; the larger a polygon the earlier. Then they are placed over all layers ([`place`]): a lower rank first, then the
//! topmost layer, none over another, over a marker or over the bold lines of another layer, and none is cut by the edge of
//! the map.
//!
//! Nothing of that depends on where the map's frame is. Choice and placing are of squares that stand still in the world
//! ([`Range`]) and reach over the frame on all sides, so that labels keep their places while the map is moved; and they are
//! of steps of scale, two for each doubling, so that within a step zooming takes nothing away.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::MapView;
use super::label::{Spot, spot};
use super::lettering::{Typeface, Widths};
use crate::model::index::SpatialIndex;
use crate::model::style::labels::{LabelLook, Placing};
use crate::model::style::{LayerStyle, Stroke};
use crate::model::{Areas, Coord, Extent, GeometryBlock, GeometryKind, Layer};
use crate::text::Language;
use crate::units::AreaUnit;

mod along;
mod place;
mod words;

pub use place::{Decided, LayerLabels, Piece, Written, decide, place, write};
pub use words::{Words, check, uses_area};

use words::Writer;

/// Share of its text that a polygon must be as wide as.
const FITS: f64 = 0.8;
/// Share of the height of its text that must be free around its place.
const FITS_HEIGHT: f64 = 0.35;
/// Texts of a layer that are tried in a square of the world that is so many pixels wide: most find no room at that.
const TRIED: u32 = 256;
/// Side of the squares that the world is cut into, in pixels.
const SQUARE_PX: i64 = 256;
/// Pixels around the frame in which labels are placed, too: what decides over those within lies there.
const AROUND_PX: f64 = 384.0;
/// Pixels from a name along a line to the next one along the same line.
const REPEAT_PX: f64 = 640.0;
/// Names along one line at most.
const MOST_ALONG: f64 = 2_000.0;
/// Height of a line of text, where the size of the text is 1.
const LINE: f32 = 1.2;

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

/// What labels are made of beside attributes.
#[derive(Clone, Debug)]
pub struct LabelFigures {
    /// Measured areas of the features, for `$area`.
    pub areas: Option<Arc<Areas>>,
    /// The unit that areas are written in.
    pub unit: AreaUnit,
    /// The language of that unit.
    pub language: Language,
    /// Metres that a unit of the map is.
    pub metres_per_unit: f64,
}

impl Default for LabelFigures {
    fn default() -> Self {
        Self { areas: None, unit: AreaUnit::default(), language: Language::default(), metres_per_unit: 1.0 }
    }
}

/// What may be written on a feature, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Its place in the world.
    pub at: Coord,
    /// How far it is from there to the nearest border of a polygon, in world units; 0 for others.
    pub clear: f64,
    /// What it says.
    pub words: Words,
    /// How it looks.
    pub look: LabelLook,
    /// How it lies there.
    pub lies: Lies,
    /// Who comes first: rank, then size of the feature, then chance, which spreads labels of equals evenly.
    pub order: Order,
}

/// Which labels come first: the smaller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// Rank of its layer's labels.
    pub rank: u8,
    /// Doublings that its feature's area is smaller than the largest.
    pub smallness: u8,
    /// A number that is as good as any, the same in every picture.
    pub chance: u32,
}

/// How a label lies on its feature.
#[derive(Clone, Debug, PartialEq)]
pub enum Lies {
    /// With its middle on its place.
    On,
    /// On its place, but beside the marker that stands there.
    Beside,
    /// Along a path in the world.
    Along {
        /// The path, no longer than it needs.
        path: Vec<Coord>,
        /// The way along it to the middle of the text, in world units.
        middle: f64,
        /// Whether its letters stand apart.
        spaced: bool,
    },
}

/// Places inside features that were asked for: labels stand in them, and finding one in a large polygon takes a while.
#[derive(Debug, Default)]
pub struct Places(Mutex<FxHashMap<usize, Spot>>);

impl Places {
    /// More than any map shows.
    const MOST: usize = 200_000;

    fn of(&self, feature: usize, block: &GeometryBlock, row: usize) -> Spot {
        // What is kept is whole at any time.
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = known().get(&feature) {
            return *place;
        }
        let place = spot(block, row);
        let mut known = known();
        if known.len() >= Self::MOST {
            known.clear();
        }
        known.insert(feature, place);
        place
    }
}

/// The part of the world that labels are placed in for a view, at the step of scale that the view belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// World units a pixel: not less than in the view.
    pub units_per_px: f64,
    /// Left, top, right and bottom in squares of 256 pixels from the origin of the world, y down.
    pub squares: [i64; 4],
}

impl Range {
    /// That of a view.
    pub fn around(view: &MapView) -> Self {
        // A view that is at a step but for rounding is at that step.
        let step = (view.units_per_px.log2() * 2.0 - 1e-6).ceil();
        let units_per_px = (step / 2.0).exp2();
        let extent = view.extent();
        let side = SQUARE_PX as f64 * units_per_px;
        let around = AROUND_PX * units_per_px;
        let low = |v: f64| ((v - around) / side).floor() as i64;
        let high = |v: f64| ((v + around) / side).ceil() as i64;
        let squares = [low(extent.min.x), low(-extent.max.y), high(extent.max.x), high(-extent.min.y)];
        Self { units_per_px, squares }
    }

    /// What of the world it is.
    pub fn extent(&self) -> Extent {
        let side = SQUARE_PX as f64 * self.units_per_px;
        let [left, top, right, bottom] = self.squares.map(|v| v as f64 * side);
        Extent { min: Coord { x: left, y: -bottom }, max: Coord { x: right, y: -top } }
    }

    /// Its width and height in pixels.
    pub fn size_px(&self) -> [f32; 2] {
        let [left, top, right, bottom] = self.squares;
        [right - left, bottom - top].map(|count| (count * SQUARE_PX) as f32)
    }

    /// The number of the square that a place lies in, where it lies in the range.
    fn square(&self, at: Coord) -> Option<usize> {
        let side = SQUARE_PX as f64 * self.units_per_px;
        let [left, top, right, bottom] = self.squares;
        let (column, row) = ((at.x / side).floor() as i64, (-at.y / side).floor() as i64);
        let is_in = (left..right).contains(&column) && (top..bottom).contains(&row);
        is_in.then(|| ((row - top) * (right - left) + column - left) as usize)
    }

    fn square_count(&self) -> usize {
        let [left, top, right, bottom] = self.squares;
        ((right - left).max(0) * (bottom - top).max(0)) as usize
    }
}

impl<'a> Annotated<'a> {
    fn locate(&self, feature: usize) -> Option<(&'a GeometryBlock, usize)> {
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
                GeometryKind::Polygon => vec![self.places.of(*feature, block, row).at],
                GeometryKind::Line | GeometryKind::None => Vec::new(),
            });
            let seen = points.unwrap_or_default().into_iter().filter(|point| extent.contains(*point));
            seen.map(move |point| (point, number.unwrap_or_default()))
        };
        self.index.query(extent).par_iter().flat_map_iter(of_feature).collect()
    }

    /// The outline of polygons of symbol number `number` where it is bold: one that labels of other layers keep clear of.
    fn bold_outline(&self, number: u16) -> Option<Stroke> {
        let number = usize::from(number);
        let symbol = self.style.symbol(number).filter(|_| self.style.is_visible(number))?;
        symbol.stroke.filter(|stroke| stroke.width_px >= super::colors::BOLD_OUTLINE_PX && stroke.color.a > 0)
    }

    /// What may be written on features in and around `view`, the most important first.
    pub fn labels(&self, layer: &Layer, view: &MapView, typeface: &Typeface, figures: &LabelFigures) -> Vec<Label> {
        let Some(labels) = &self.style.labels else { return Vec::new() };
        let denominator = view.scale_denominator(figures.metres_per_unit);
        if !(labels.scales.contains(denominator) && self.style.scales.contains(denominator)) {
            return Vec::new();
        }
        let LabelFigures { areas, unit, language, .. } = figures;
        let Some(writer) = Writer::new(&labels.text, layer, areas.as_deref(), *unit, *language) else {
            return Vec::new();
        };
        let range = Range::around(view);
        let extent = range.extent();
        let looks: Vec<LabelLook> =
            (0..self.style.symbol_count()).map(|number| self.style.label_look(number)).collect();
        let choice = Choice { annotated: self, writer: &writer, range, extent, looks: &looks, placing: labels.placing };
        let found = self.index.query(&extent);
        let mut candidates: Vec<Candidate> =
            found.par_iter().filter_map(|feature| choice.candidate(*feature, labels.rank)).collect();
        candidates.par_sort_unstable_by_key(|candidate| (candidate.order, candidate.feature));
        let mut tried = vec![0; range.square_count()];
        candidates.retain(|candidate| {
            // A feature whose middle is far away is large: there are few of those.
            let Some(count) = range.square(candidate.middle).and_then(|square| tried.get_mut(square)) else {
                return true;
            };
            *count += 1;
            *count <= TRIED
        });
        let widths = || Widths::new(typeface);
        candidates.par_iter().map_init(widths, |widths, of| choice.labels(of, widths)).flatten_iter().collect()
    }
}

/// A feature that may be written on.
struct Candidate {
    order: Order,
    feature: usize,
    number: u16,
    /// Middle of its extent.
    middle: Coord,
    /// Width of its extent in pixels, where a text must fit into it.
    room_px: f64,
}

/// What decides over the labels of a layer.
struct Choice<'a> {
    annotated: &'a Annotated<'a>,
    writer: &'a Writer<'a>,
    range: Range,
    extent: Extent,
    looks: &'a [LabelLook],
    placing: Placing,
}

impl Choice<'_> {
    fn look(&self, number: u16) -> LabelLook {
        self.looks.get(usize::from(number)).copied().unwrap_or_default()
    }

    fn is_marked(&self, number: u16) -> bool {
        self.annotated.style.symbol(usize::from(number)).is_some_and(|symbol| symbol.marker.is_some())
    }

    fn candidate(&self, feature: usize, rank: u8) -> Option<Candidate> {
        let number = self.annotated.symbol(feature)?;
        let (block, row) = self.annotated.locate(feature)?;
        let of = block.feature_extent(row);
        let [width, height] = [of.width(), of.height()].map(|side| side / self.range.units_per_px);
        let is_polygon = block.kind() == GeometryKind::Polygon;
        let room_px = if !is_polygon || self.is_marked(number) { f64::INFINITY } else { width.max(1e-9) };
        // No text is narrower than half its size.
        let least = f64::from(self.look(number).size_px) * 0.5 * FITS;
        let along = matches!(self.placing, Placing::Along { .. }) || block.kind() == GeometryKind::Line;
        let long_enough = if along { width.max(height) >= least } else { room_px >= least };
        if !long_enough {
            return None;
        }
        let doublings = match block.kind() {
            GeometryKind::Polygon => (width * height).max(1.0).log2().floor(),
            GeometryKind::Line => width.max(height).max(1.0).log2().floor() * 2.0,
            GeometryKind::Point | GeometryKind::None => 0.0,
        };
        // The bits of a product with an odd number of no pattern are as good as chance.
        let chance = ((feature as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32;
        let smallness = (120.0 - doublings).clamp(0.0, 255.0) as u8;
        Some(Candidate { order: Order { rank, smallness, chance }, feature, number, middle: of.center(), room_px })
    }

    fn labels(&self, of: &Candidate, widths: &mut Widths<'_>) -> Vec<Label> {
        let Some((block, row)) = self.annotated.locate(of.feature) else { return Vec::new() };
        let Some(words) = self.writer.words(of.feature) else { return Vec::new() };
        let look = self.look(of.number);
        if let Words::Line(text) = &words {
            match (self.placing, block.kind()) {
                (Placing::Along { spaced }, GeometryKind::Line) => {
                    let paths: Vec<&[Coord]> = block.paths(row).collect();
                    return self.along(of, text, look, spaced, &paths, widths);
                }
                (Placing::Auto, GeometryKind::Line) => {
                    let paths: Vec<&[Coord]> = block.paths(row).collect();
                    return self.along(of, text, look, false, &paths, widths);
                }
                (Placing::Along { spaced }, GeometryKind::Polygon) => {
                    let spines: Vec<Vec<Coord>> = block
                        .polygon(row)
                        .parts()
                        .map(|part| along::spine(&part.rings().collect::<Vec<_>>()))
                        .collect();
                    let paths: Vec<&[Coord]> = spines.iter().map(Vec::as_slice).collect();
                    let labels = self.along(of, text, look, spaced, &paths, widths);
                    if !labels.is_empty() {
                        return labels;
                    }
                }
                _ => {}
            }
        }
        let [width, height] = place::size_of(&words, &look, widths).map(f64::from);
        if of.room_px < width * FITS {
            return Vec::new();
        }
        let Spot { at, clear } = self.annotated.places.of(of.feature, block, row);
        let is_marked = self.is_marked(of.number);
        let tight = block.kind() == GeometryKind::Polygon && !is_marked;
        if !self.extent.contains(at) || (tight && clear < height * FITS_HEIGHT * self.range.units_per_px) {
            return Vec::new();
        }
        let lies = if is_marked && self.placing != Placing::Over { Lies::Beside } else { Lies::On };
        vec![Label { at, clear, words, look, lies, order: of.order }]
    }

    /// The labels along paths: one on each that is long enough, and again after a while on very long ones.
    fn along(
        &self,
        of: &Candidate,
        text: &str,
        look: LabelLook,
        spaced: bool,
        paths: &[&[Coord]],
        widths: &mut Widths<'_>,
    ) -> Vec<Label> {
        let units = self.range.units_per_px;
        let mut advances = FxHashMap::default();
        for letter in text.chars() {
            advances.entry(letter).or_insert_with(|| widths.letter(letter, look.bold) * look.size_px);
        }
        let advance = |letter: char| advances.get(&letter).copied().unwrap_or_default();
        let taken = f64::from(along::way(text, look.size_px, spaced, &advance)) * units;
        let mut labels = Vec::new();
        for walk in paths.iter().filter_map(|path| along::Walk::new(path)) {
            let whole = walk.length();
            if whole < taken || taken <= 0.0 {
                continue;
            }
            let count = (whole / (REPEAT_PX * units)).floor().clamp(1.0, MOST_ALONG);
            for nth in 0..count as usize {
                let middle = (nth as f64 + 0.5) * whole / count;
                let at = walk.at(middle);
                if self.extent.contains(at) {
                    let chance = of.order.chance.wrapping_add((nth as u32).wrapping_mul(0x9E37_79B9));
                    let begin = (middle - taken * 0.75).max(0.0);
                    let path = walk.part(begin, (middle + taken * 0.75).min(whole));
                    let middle = middle - begin;
                    labels.push(Label {
                        at,
                        clear: 0.0,
                        words: Words::Line(text.to_owned()),
                        look,
                        lies: Lies::Along { path, middle, spaced },
                        order: Order { chance, ..of.order },
                    });
                }
            }
        }
        labels
    }
}
