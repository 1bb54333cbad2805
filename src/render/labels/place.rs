//! Labels of all layers put in their places: first what is decided for the step of scale ([`decide`]), the same wherever the
//! map's frame is, then what of it is written in a picture ([`write`]).

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{Annotated, LINE, Label, Lies, REPEAT_PX, Range, SQUARE_PX, Words, along};
use crate::model::style::labels::{LabelLook, rank};
use crate::model::{Coord, Extent, GeometryKind};
use crate::render::MapView;
use crate::render::label::length;
use crate::render::lettering::{Turned, Typeface, Widths};
use crate::render::placement::{Owner, Placement, Rect, STEPS, steps};

/// Free pixels between a marker and its label.
const BESIDE_PX: f32 = 2.0;
/// From one place that is kept clear along a bold line to the next.
const LINE_STEP_PX: f64 = 6.0;
/// Features of a layer in and around the map from which on its lines are everywhere, and nothing can keep clear of them.
const MOST_OUTLINED: usize = 20_000;
/// Places along bold lines that are kept clear at most.
const MOST_CLEAR: usize = 60_000;
/// Sides of features that labels cannot keep clear of: smaller than they are.
const SMALL_PX: f64 = 24.0;
/// Height of a row of a fraction and the room for its bar, where the size of the text is 1.
const ROW: f32 = 1.15;
const BAR: f32 = 0.2;
/// How much longer a bar is than the longer of its texts, where the size of the text is 1.
const BAR_OVER: f32 = 0.3;
/// Half of the side of a letter's square that stands turned, where the size of the text is 1.
const LETTER: f32 = 0.6;

/// What a layer wants written, and what it keeps free.
#[derive(Clone, Copy)]
pub struct LayerLabels<'a> {
    /// What may be written, the most important first.
    pub labels: &'a [Label],
    /// Where its markers and lines are.
    pub annotated: Annotated<'a>,
    /// How far a marker reaches to each side in logical pixels; `None` where no markers are drawn.
    pub reach: Option<f32>,
}

/// A label that has a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decided {
    /// Number of its layer.
    pub layer: usize,
    /// Its number there.
    pub label: usize,
    /// From its place in the world to the middle of its text, in logical pixels.
    pub offset: [f32; 2],
}

/// A label in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Written<'a> {
    /// How it looks.
    pub look: LabelLook,
    /// Size of its text in pixels of the picture.
    pub size_px: f32,
    /// What it consists of.
    pub pieces: Vec<Piece<'a>>,
}

/// A piece of a label in a picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece<'a> {
    /// A text.
    Text {
        /// What it says.
        text: &'a str,
        /// Its left end, at the middle of its capitals.
        left: [f32; 2],
    },
    /// The bar of a fraction.
    Bar {
        /// Its left and right end.
        ends: [[f32; 2]; 2],
        /// Its width.
        width: f32,
    },
    /// Letters along a line.
    Letters(Vec<Turned>),
}

/// Where a label would stand, in steps of the range, and width and height of its text in logical pixels.
#[derive(Clone, Copy)]
struct Measured {
    at: [i32; 2],
    size: [f32; 2],
}

/// Where labels go in a picture of `view` within `map` (left, top, right, bottom), `scale` pixels a logical pixel; `at` is
/// the place of a coordinate in it. `layers` stand bottom to top.
pub fn place<'a>(
    view: &MapView,
    map: [f32; 4],
    scale: f32,
    at: &dyn Fn(Coord) -> [f32; 2],
    layers: &[LayerLabels<'a>],
    typeface: &Typeface,
) -> Vec<Written<'a>> {
    let decided = decide(view, layers, typeface);
    let labels: Vec<&'a [Label]> = layers.iter().map(|layer| layer.labels).collect();
    write(&decided, &labels, map, scale, at, typeface)
}

/// Which labels have a place at the step of scale of `view`, the most important first: those of its [`Range`]. `layers`
/// stand bottom to top.
pub fn decide(view: &MapView, layers: &[LayerLabels<'_>], typeface: &Typeface) -> Vec<Decided> {
    if layers.iter().all(|layer| layer.labels.is_empty()) {
        return Vec::new();
    }
    let range = Range::around(view);
    let mut placement = Placement::new(range.size_px());
    take_what_is_drawn(layers, &range, &mut placement);
    let mut queue: Vec<(u64, u32, u32)> = Vec::with_capacity(layers.iter().map(|layer| layer.labels.len()).sum());
    let mut sized: Vec<Vec<Measured>> = Vec::with_capacity(layers.len());
    for (nth, layer) in layers.iter().enumerate() {
        let from_top = (layers.len() - 1 - nth).min(0xFFF) as u64;
        queue.extend(layer.labels.iter().enumerate().map(|(number, label)| {
            let order = label.order;
            let (rank, smallness) = (u64::from(order.rank), u64::from(order.smallness));
            let first = (rank << 56) | (from_top << 44) | (smallness << 36) | u64::from(order.chance);
            (first, nth as u32, number as u32)
        }));
        // In the order in which they lie in memory, and on all cores: that of their importance jumps about.
        let of_label = |widths: &mut Widths<'_>, label: &Label| Measured {
            at: range.steps(label.at),
            size: size_of(&label.words, &label.look, widths),
        };
        let labels = layer.labels.par_iter().with_min_len(1024);
        sized.push(labels.map_init(|| Widths::new(typeface), of_label).collect());
    }
    queue.par_sort_unstable();
    let lines: Vec<Owner> = (0..layers.len()).map(|nth| Owner::Line(nth as u16)).collect();
    let mut widths = Widths::new(typeface);
    let mut names: FxHashMap<(u32, &Words), Vec<[i32; 2]>> = FxHashMap::default();
    let mut decided = Vec::new();
    for (_, layer, number) in queue {
        let of = &layers[layer as usize];
        let label = &of.labels[number as usize];
        let own = [Owner::Line(layer as u16), Owner::Marker(layer as u16)];
        let Measured { at, size } = sized[layer as usize][number as usize];
        let (placed, offset) = match &label.lies {
            Lies::On => {
                let clear_px = (label.clear / range.units_per_px) as f32;
                let (slots, count) = slots_within(clear_px, size);
                (first_free(&mut placement, at, size, &slots[..count], &own), None)
            }
            Lies::Beside => {
                let [width, height] = size;
                let reach = of.reach.unwrap_or(0.0) + BESIDE_PX;
                let (across, down) = (reach + width / 2.0, reach + height / 2.0);
                let slots = [[across, 0.0], [-across, 0.0], [0.0, -down], [0.0, down]];
                let mut placed = first_free(&mut placement, at, [width, height], &slots, &own[..1]);
                // A place without its name says little: it stands a little aside, and over a line before it is missed.
                if placed.is_none() && label.order.rank <= rank::VILLAGE {
                    let (up, side) = (height / 2.0, width / 4.0);
                    let aside = [[across, up], [-across, up], [side, down], [-side, down]];
                    let aside = aside.into_iter().flat_map(|[x, y]| [[x, -y], [x, y]]).collect::<Vec<_>>();
                    placed = first_free(&mut placement, at, [width, height], &aside, &own[..1]);
                    if placed.is_none() {
                        placed = first_free(&mut placement, at, [width, height], &slots, &lines);
                    }
                }
                (placed, None)
            }
            Lies::Along { .. } => {
                let near = steps((REPEAT_PX * 0.4) as f32);
                let others = names.entry((layer, &label.words)).or_default();
                if others.iter().any(|other| (0..2).all(|axis| (other[axis] - at[axis]).abs() < near)) {
                    continue;
                }
                let local = |c: Coord| {
                    [(c.x - label.at.x) / range.units_per_px, (label.at.y - c.y) / range.units_per_px].map(|v| v as f32)
                };
                let Some(letters) = letters_of(label, 1.0, &local, &mut widths) else { continue };
                let boxes = boxes_of(&letters, label.look.size_px, at);
                let is_free = boxes.iter().all(|of| placement.is_free(of, &own));
                if is_free {
                    others.push(at);
                    boxes.into_iter().for_each(|of| placement.take(of, Owner::Label));
                }
                (None, is_free.then_some([0.0; 2]))
            }
        };
        if let Some(offset) = placed.or(offset) {
            decided.push(Decided { layer: layer as usize, label: number as usize, offset });
        }
    }
    decided
}

/// What is written of what was decided, in a picture as [`place`] has it; `labels` are those of each layer. What the edge of
/// the map would cut is left out, and what would meet another label after all: within a step of scale little does.
pub fn write<'a>(
    decided: &[Decided],
    labels: &[&'a [Label]],
    [left, top, right, bottom]: [f32; 4],
    scale: f32,
    at: &dyn Fn(Coord) -> [f32; 2],
    typeface: &Typeface,
) -> Vec<Written<'a>> {
    let mut widths = Widths::new(typeface);
    let size = [right - left, bottom - top];
    let map = Rect { left: 0, top: 0, right: steps(size[0]), bottom: steps(size[1]) };
    let mut placement = Placement::new(size);
    let mut written = Vec::new();
    for Decided { layer, label, offset } in decided {
        let Some(label) = labels.get(*layer).and_then(|labels| labels.get(*label)) else { continue };
        let size_px = label.look.size_px * scale;
        let [x, y] = at(label.at);
        if !(x.is_finite() && y.is_finite()) {
            continue;
        }
        let middle = [x + offset[0] * scale, y + offset[1] * scale];
        let in_steps = |[x, y]: [f32; 2]| [steps(x - left), steps(y - top)];
        let (pieces, boxes) = if let Lies::Along { .. } = label.lies {
            let Some(letters) = letters_of(label, scale, at, &mut widths) else { continue };
            let boxes = letters.iter().map(|letter| Rect::around(in_steps(letter.at), [size_px * LETTER; 2])).collect();
            (vec![Piece::Letters(letters)], boxes)
        } else {
            let half = size_of(&label.words, &label.look, &mut widths).map(|side| side * scale / 2.0);
            (pieces_of(label, middle, scale, &mut widths), vec![Rect::around(in_steps(middle), half)])
        };
        if boxes.iter().all(|of| map.holds(of) && placement.is_free(&of.core(), &[])) {
            boxes.into_iter().for_each(|of: Rect| placement.take(of, Owner::Label));
            written.push(Written { look: label.look, size_px, pieces });
        }
    }
    written
}

impl Range {
    /// A place in steps from the range's upper left corner.
    fn steps(&self, at: Coord) -> [i32; 2] {
        let [left, top, ..] = self.squares;
        let per_unit = f64::from(STEPS) / self.units_per_px;
        let local =
            |v: f64, from: i64| ((v * per_unit).round() - from as f64 * SQUARE_PX as f64 * f64::from(STEPS)) as i32;
        [local(at.x, left), local(-at.y, top)]
    }
}

/// Width and height of a label in logical pixels.
pub(super) fn size_of(words: &Words, look: &LabelLook, widths: &mut Widths<'_>) -> [f32; 2] {
    let size = look.size_px;
    match words {
        Words::Line(text) => [widths.text(text, size, look.bold), size * LINE],
        Words::Fraction { over, under } => {
            let [over, under] = [over, under].map(|text| widths.text(text, size, look.bold));
            [over.max(under) + size * BAR_OVER, size * (2.0 * ROW + BAR)]
        }
    }
}

/// The pieces of a label that stands level, with its middle at a place of the picture.
fn pieces_of<'a>(label: &'a Label, [x, y]: [f32; 2], scale: f32, widths: &mut Widths<'_>) -> Vec<Piece<'a>> {
    let size = label.look.size_px * scale;
    let mut text = |text: &'a str, y: f32| {
        let left = [x - widths.text(text, size, label.look.bold) / 2.0, y];
        Piece::Text { text, left }
    };
    match &label.words {
        Words::Line(line) => vec![text(line, y)],
        Words::Fraction { over, under } => {
            let row = size * (ROW + BAR) / 2.0;
            let (over, under) = (text(over, y - row), text(under, y + row));
            let half = size_of(&label.words, &label.look, widths)[0] * scale / 2.0;
            let bar = Piece::Bar { ends: [[x - half, y], [x + half, y]], width: (size * 0.07).max(scale * 0.8) };
            vec![bar, over, under]
        }
    }
}

/// The letters of a label along its path, in a picture where `at` is the place of a coordinate.
fn letters_of(
    label: &Label,
    scale: f32,
    at: &dyn Fn(Coord) -> [f32; 2],
    widths: &mut Widths<'_>,
) -> Option<Vec<Turned>> {
    let (Lies::Along { path, middle, spaced }, Words::Line(text)) = (&label.lies, &label.words) else { return None };
    let track = along::Track::new(path.iter().map(|c| at(*c)))?;
    let whole = length(path);
    let middle = (middle / whole.max(f64::MIN_POSITIVE)) as f32 * track.length();
    let size = label.look.size_px * scale;
    let advances: Vec<(char, f32)> =
        text.chars().map(|letter| (letter, widths.letter(letter, label.look.bold) * size)).collect();
    let advance = |letter: char| advances.iter().find(|(of, _)| *of == letter).map_or(0.0, |(_, advance)| *advance);
    along::letters(track, middle, text, size, *spaced, &advance)
}

/// What letters take that stand at places from a place in steps.
fn boxes_of(letters: &[Turned], size: f32, [x, y]: [i32; 2]) -> Vec<Rect> {
    let of = |letter: &Turned| {
        let at = [x.saturating_add(steps(letter.at[0])), y.saturating_add(steps(letter.at[1]))];
        Rect::around(at, [size * LETTER; 2])
    };
    letters.iter().map(of).collect()
}

/// Takes the first of some places that is free: each from `at` to the middle of a text of that size.
fn first_free(
    placement: &mut Placement,
    at: [i32; 2],
    size: [f32; 2],
    slots: &[[f32; 2]],
    ignored: &[Owner],
) -> Option<[f32; 2]> {
    let half = size.map(|side| side / 2.0);
    for slot in slots {
        let rect = Rect::around([at[0].saturating_add(steps(slot[0])), at[1].saturating_add(steps(slot[1]))], half);
        if placement.is_free(&rect, ignored) {
            placement.take(rect, Owner::Label);
            return Some(*slot);
        }
    }
    None
}

/// Places of a text in a polygon, from where it is widest: there, else above, below, left and right as far as there is
/// room; and how many of them there are.
fn slots_within(clear_px: f32, [width, height]: [f32; 2]) -> ([[f32; 2]; 5], usize) {
    let mut slots = [[0.0; 2]; 5];
    let mut count = 1;
    let down = (clear_px - height / 2.0).min(height * 2.0);
    if down > height * 0.6 {
        slots[count] = [0.0, -down];
        slots[count + 1] = [0.0, down];
        count += 2;
    }
    let across = (clear_px - width / 2.0).min(width);
    if across > width * 0.4 {
        slots[count] = [-across, 0.0];
        slots[count + 1] = [across, 0.0];
        count += 2;
    }
    (slots, count)
}

/// Takes what labels keep clear of: markers, and the bold outlines of polygons, as those of control lines are.
fn take_what_is_drawn(layers: &[LayerLabels<'_>], range: &Range, placement: &mut Placement) {
    let extent = range.extent();
    let mut left = MOST_CLEAR;
    for (number, layer) in layers.iter().enumerate() {
        let number = number as u16;
        if let Some(reach) = layer.reach {
            let around = grown(&extent, f64::from(reach) * range.units_per_px);
            for (place, _) in layer.annotated.markers(&around) {
                placement.take(Rect::around(range.steps(place), [reach; 2]), Owner::Marker(number));
            }
        }
        take_outlines(&layer.annotated, number, range, &extent, placement, &mut left);
    }
}

fn grown(extent: &Extent, by: f64) -> Extent {
    let (min, max) = (extent.min, extent.max);
    Extent { min: Coord { x: min.x - by, y: min.y - by }, max: Coord { x: max.x + by, y: max.y + by } }
}

fn take_outlines(
    layer: &Annotated<'_>,
    owner: u16,
    range: &Range,
    extent: &Extent,
    placement: &mut Placement,
    left: &mut usize,
) {
    let halves: Vec<Option<f32>> = (0..layer.style.symbol_count())
        .map(|number| layer.bold_outline(number as u16).map(|stroke| stroke.width_px / 2.0))
        .collect();
    if halves.iter().all(Option::is_none) {
        return;
    }
    let features = layer.index.query(extent);
    if features.len() > MOST_OUTLINED {
        return;
    }
    let step = LINE_STEP_PX * range.units_per_px;
    for feature in features {
        let half = layer.symbol(feature).and_then(|number| halves.get(usize::from(number)).copied().flatten());
        let (Some(half), Some((block, row))) = (half, layer.locate(feature)) else { continue };
        let of = block.feature_extent(row);
        if block.kind() != GeometryKind::Polygon || of.width().max(of.height()) < SMALL_PX * range.units_per_px {
            continue;
        }
        let half = half.max(LINE_STEP_PX as f32 / 2.0);
        for (_, ring) in block.polygon(row).rings() {
            each_step(ring, step, extent, &mut |place| {
                if *left > 0 {
                    *left -= 1;
                    placement.take(Rect::around(range.steps(place), [half; 2]), Owner::Line(owner));
                }
            });
        }
    }
}

/// Places along a ring within `extent`, `step` apart, counted from where it begins: the same in every extent.
fn each_step(ring: &[Coord], step: f64, extent: &Extent, each: &mut dyn FnMut(Coord)) {
    let (mut walked, mut next) = (0.0, 0.0);
    for edge in ring.windows(2) {
        let (a, b) = (edge[0], edge[1]);
        let length = (b.x - a.x).hypot(b.y - a.y);
        if !(length.is_finite() && length > 0.0) {
            continue;
        }
        let end = walked + length;
        if let Some([from, to]) = extent.shares_of_edge(a, b) {
            let first: f64 = walked + from * length;
            let mut way: f64 = if first > next { next + ((first - next) / step).ceil() * step } else { next };
            while way < end && way <= walked + to * length {
                let share = (way - walked) / length;
                each(Coord { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share });
                way += step;
            }
        }
        if end > next {
            next += ((end - next) / step).ceil() * step;
        }
        walked = end;
    }
}

#[cfg(test)]
mod tests;
