//! A plot on a map (宗地图, 勘测定界图): its boundary with numbered points, the lengths of its sides, its number over its class,
//! and what lies to the four sides.
//!
//! Numbers stand outside, lengths inside along their sides. What finds no room is left out and counted: the table of
//! points has all of them.

use super::{Page, letters_px};
use crate::model::Coord;
use crate::model::layout::Item;
use crate::model::style::{Blend, Color};
use crate::render::MapView;
use crate::render::drawing::output::PX_PER_MM;
use crate::render::drawing::{Letters, Line, Lines, Shape, Text};
use crate::render::lettering::{Anchor, Turned, Typeface};
use crate::text::Message;

/// Ink of boundaries.
const BOUNDARY: Color = Color::rgb(0xD0, 0x21, 0x2E);
/// Widths of the boundary and of the rings of its points, and their radius, in millimetres.
const LINE_MM: f32 = 0.3;
const RING_MM: f32 = 0.15;
const RADIUS_MM: f32 = 0.5;
/// Corners of the ring of a point.
const RING_CORNERS: usize = 16;
/// Characters of a neighbour in one line, about.
const NEIGHBOUR_EM: f32 = 8.0;

/// A plot in the CRS of the map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plot {
    /// Its rings, without the point that closes each: outer ones clockwise, holes counter-clockwise.
    pub rings: Vec<Vec<BoundaryPoint>>,
    /// Where its number stands.
    pub middle: Coord,
    /// Its number, and its class below it.
    pub fraction: [String; 2],
    /// What lies to the east, south, west and north; empty where nobody asked.
    pub sides: [String; 4],
}

/// A boundary point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoundaryPoint {
    /// Its number.
    pub id: String,
    /// Where it is.
    pub at: Coord,
    /// The length of the side to the next one, as it is written.
    pub side: String,
}

/// What is on a map already: left, top, right, bottom of each.
struct Taken {
    within: [f32; 4],
    boxes: Vec<[f32; 4]>,
}

impl Taken {
    /// Takes a box where it is free and on the map.
    fn take(&mut self, of: [f32; 4]) -> bool {
        let [left, top, right, bottom] = of;
        let inside =
            left >= self.within[0] && top >= self.within[1] && right <= self.within[2] && bottom <= self.within[3];
        let meets = |[l, t, r, b]: &[f32; 4]| left < *r && right > *l && top < *b && bottom > *t;
        let free = inside && !self.boxes.iter().any(meets);
        if free {
            self.boxes.push(of);
        }
        free
    }
}

impl Page<'_> {
    /// Draws the plot over its map in `rect`.
    pub(super) fn plot(&mut self, item: &Item, rect: [f32; 4], view: &MapView) {
        let content = self.content;
        let Some(plot) = &content.plot else { return };
        let [x, y, width, height] = rect;
        let on_page = |at: Coord| {
            let [px, py] = view.screen_from_world(at);
            [px as f32 + x, py as f32 + y]
        };
        let rings: Vec<Vec<[f32; 2]>> =
            plot.rings.iter().map(|ring| ring.iter().map(|point| on_page(point.at)).collect()).collect();
        let size = letters_px(&item.style);
        let mut shapes = vec![Shape::Lines(Lines {
            paths: rings.clone(),
            closed: true,
            fill: None,
            line: Some(Line { round: true, ..Line::solid(BOUNDARY, LINE_MM * PX_PER_MM) }),
        })];
        shapes.push(Shape::Lines(Lines {
            paths: rings.iter().flatten().map(|at| circle(*at, RADIUS_MM * PX_PER_MM)).collect(),
            closed: true,
            fill: Some(Color::WHITE),
            line: Some(Line::solid(BOUNDARY, RING_MM * PX_PER_MM)),
        }));
        let mut taken = Taken { within: [x, y, x + width, y + height], boxes: Vec::new() };
        shapes.extend(fraction(plot, on_page(plot.middle), size, item.style.color, self.typeface, &mut taken));
        let mut left_out = 0;
        for (ring, at) in plot.rings.iter().zip(&rings) {
            for (nth, point) in ring.iter().enumerate() {
                match number(&point.id, at, nth, size, self.typeface, &mut taken) {
                    Some(shape) => shapes.push(shape),
                    None => left_out += 1,
                }
            }
        }
        shapes.extend(neighbours(plot, &rings, size, item.style.color, self.typeface, &mut taken));
        for (ring, at) in plot.rings.iter().zip(&rings) {
            for (nth, point) in ring.iter().enumerate() {
                let ends = [at[nth], at[(nth + 1) % at.len()]];
                match length(&point.side, ends, size * 0.85, item.style.color, self.typeface, &mut taken) {
                    Some(shape) => shapes.push(shape),
                    None => left_out += 1,
                }
            }
        }
        if left_out > 0 {
            self.remarks.push(Message::new("layout.plot-crowded").with("name", &item.name).with("count", left_out));
        }
        self.sheet.drawing.shapes.push(Shape::Group { clip: Some(rect), opacity: 1.0, blend: Blend::Normal, shapes });
    }
}

/// A circle as a ring of straight pieces.
fn circle([x, y]: [f32; 2], radius: f32) -> Vec<[f32; 2]> {
    let at = |nth: usize| {
        let (sin, cos) = (nth as f32 / RING_CORNERS as f32 * std::f32::consts::TAU).sin_cos();
        [x + radius * cos, y + radius * sin]
    };
    (0..RING_CORNERS).map(at).collect()
}

fn text(text: &str, at: [f32; 2], anchor: Anchor, size_px: f32, color: Color) -> Shape {
    let casing = Some((Color::WHITE.with_alpha(230), size_px * 0.25));
    Shape::Text(Text { at, text: text.to_owned(), size_px, bold: false, anchor, color, casing })
}

/// The number of the plot over its class, with a line between them.
fn fraction(
    plot: &Plot,
    [x, y]: [f32; 2],
    size: f32,
    ink: Color,
    typeface: &Typeface,
    taken: &mut Taken,
) -> Vec<Shape> {
    let size = size * 1.2;
    let parts: Vec<&String> = plot.fraction.iter().filter(|part| !part.is_empty()).collect();
    let widest = parts.iter().map(|part| typeface.width(part, size, false)).fold(0.0, f32::max);
    let half = [widest / 2.0 + size * 0.2, size * 0.75 * parts.len() as f32];
    if parts.is_empty() || !taken.take([x - half[0], y - half[1], x + half[0], y + half[1]]) {
        return Vec::new();
    }
    let is_two = parts.len() == 2;
    let lines = if is_two { [y - size * 0.7, y + size * 0.7] } else { [y, y] };
    let mut shapes: Vec<Shape> =
        parts.iter().zip(lines).map(|(part, y)| text(part, [x, y], Anchor::Middle, size, ink)).collect();
    if is_two {
        let line = Some(Line::solid(ink, 0.15 * PX_PER_MM));
        let paths = vec![vec![[x - half[0], y], [x + half[0], y]]];
        shapes.push(Shape::Lines(Lines { paths, closed: false, fill: None, line }));
    }
    shapes
}

/// Length and direction from one place to another; none where they are the same.
fn direction(from: [f32; 2], to: [f32; 2]) -> Option<[f32; 2]> {
    let by = [to[0] - from[0], to[1] - from[1]];
    let length = by[0].hypot(by[1]);
    (length > 1e-3).then(|| by.map(|v| v / length))
}

/// The number of a point, outside where the sides meet.
fn number(id: &str, ring: &[[f32; 2]], nth: usize, size: f32, typeface: &Typeface, taken: &mut Taken) -> Option<Shape> {
    let count = ring.len();
    let [before, at, after] = [ring[(nth + count - 1) % count], ring[nth], ring[(nth + 1) % count]];
    // The land lies to the right of the way around it, on the page as in the world; outside is to the left.
    let outward = |from, to| direction(from, to).map(|[x, y]: [f32; 2]| [y, -x]);
    let sides = [outward(before, at), outward(at, after)];
    let sum = sides.iter().flatten().fold([0.0, 0.0], |sum, side| [sum[0] + side[0], sum[1] + side[1]]);
    let out = direction([0.0, 0.0], sum).or(sides[1]).or(sides[0]).unwrap_or([0.0, -1.0]);
    let half = [typeface.width(id, size, false) / 2.0, size * 0.5];
    let gap = RADIUS_MM * PX_PER_MM + size * 0.25;
    let place = [0, 1].map(|axis| at[axis] + out[axis] * (gap + half[axis]));
    let free = taken.take([place[0] - half[0], place[1] - half[1], place[0] + half[0], place[1] + half[1]]);
    free.then(|| text(id, place, Anchor::Middle, size, BOUNDARY))
}

/// The length of a side along it: inside in its middle, else nearer to an end of a long one, else outside.
fn length(
    said: &str,
    [from, to]: [[f32; 2]; 2],
    size: f32,
    ink: Color,
    typeface: &Typeface,
    taken: &mut Taken,
) -> Option<Shape> {
    let [dx, dy] = direction(from, to)?;
    let width = typeface.width(said, size, false);
    let whole = (to[0] - from[0]).hypot(to[1] - from[1]);
    let half = [(dx.abs() * width + dy.abs() * size) / 2.0, (dy.abs() * width + dx.abs() * size) / 2.0];
    let mut free = |inside: f32, share: f32| {
        let middle = [
            from[0] + (to[0] - from[0]) * share - dy * inside * size * 0.8,
            from[1] + (to[1] - from[1]) * share + dx * inside * size * 0.8,
        ];
        let of = [middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1]];
        taken.take(of).then_some(middle)
    };
    // Outside a text may be a little longer than its side.
    let ways: [(f32, f32); 2] = [(1.0, width + size), (-1.0, width * 0.8)];
    let ways = ways.into_iter().filter(|(_, least)| whole >= *least);
    let all: [f32; 3] = [0.5, 0.3, 0.7];
    let shares = &all[..if whole > 2.5 * (width + size) { all.len() } else { 1 }];
    let mut places = ways.flat_map(|(inside, _)| shares.iter().map(move |share| (inside, *share)));
    let middle = places.find_map(|(inside, share)| free(inside, share))?;
    // Nobody reads upside down.
    let along = if dx < -1e-3 || dx.abs() <= 1e-3 && dy > 0.0 { [-dx, -dy] } else { [dx, dy] };
    let letters = turned(said, middle, along, size, typeface);
    let casing = Some((Color::WHITE.with_alpha(230), size * 0.25));
    Some(Shape::Letters(Letters { letters, size_px: size, bold: false, color: ink, casing }))
}

/// Text in a straight line along a direction, its middle at a place.
fn turned(said: &str, middle: [f32; 2], along: [f32; 2], size: f32, typeface: &Typeface) -> Vec<Turned> {
    let angle = along[1].atan2(along[0]);
    let mut at = -typeface.width(said, size, false) / 2.0;
    said.chars()
        .map(|letter| {
            let advance = typeface.width(letter.encode_utf8(&mut [0; 4]), size, false);
            let place = at + advance / 2.0;
            at += advance;
            Turned { letter, at: [0, 1].map(|axis| middle[axis] + along[axis] * place), angle, advance }
        })
        .collect()
}

/// What lies to the east, south, west and north, beyond the points and their numbers.
fn neighbours(
    plot: &Plot,
    rings: &[Vec<[f32; 2]>],
    size: f32,
    ink: Color,
    typeface: &Typeface,
    taken: &mut Taken,
) -> Vec<Shape> {
    let places = || rings.iter().flatten();
    let [left, right] =
        [places().map(|at| at[0]).fold(f32::MAX, f32::min), places().map(|at| at[0]).fold(f32::MIN, f32::max)];
    let [top, bottom] =
        [places().map(|at| at[1]).fold(f32::MAX, f32::min), places().map(|at| at[1]).fold(f32::MIN, f32::max)];
    if left > right {
        return Vec::new();
    }
    let middle = [(left + right) / 2.0, (top + bottom) / 2.0];
    let gap = size * 2.2;
    let within = taken.within;
    let mut shapes = Vec::new();
    for (nth, said) in plot.sides.iter().enumerate().filter(|(_, said)| !said.is_empty()) {
        let lines = typeface.wrapped(said, size, size * NEIGHBOUR_EM);
        let width = lines.iter().map(|line| typeface.width(line, size, false)).fold(0.0, f32::max);
        let half = [width / 2.0, lines.len() as f32 * size * 0.65];
        let wanted = match nth {
            0 => [right + gap + half[0], middle[1]],
            1 => [middle[0], bottom + gap + half[1]],
            2 => [left - gap - half[0], middle[1]],
            _ => [middle[0], top - gap - half[1]],
        };
        // On the map in any case: what it covers is drawn beneath its casing.
        let kept = |axis: usize| {
            let (from, to) = (within[axis] + half[axis] + size * 0.3, within[axis + 2] - half[axis] - size * 0.3);
            wanted[axis].min(to).max(from)
        };
        let at = [kept(0), kept(1)];
        taken.boxes.push([at[0] - half[0], at[1] - half[1], at[0] + half[0], at[1] + half[1]]);
        let first = at[1] - (lines.len() as f32 - 1.0) * size * 0.65;
        for (row, line) in lines.iter().enumerate() {
            shapes.push(text(line, [at[0], first + row as f32 * size * 1.3], Anchor::Middle, size, ink));
        }
    }
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square of 100 pixels, clockwise from its upper left corner on the page.
    const SQUARE: [[f32; 2]; 4] = [[100.0, 100.0], [200.0, 100.0], [200.0, 200.0], [100.0, 200.0]];

    fn taken() -> Taken {
        Taken { within: [0.0, 0.0, 300.0, 300.0], boxes: Vec::new() }
    }

    #[test]
    fn numbers_stand_outside_and_lengths_inside() {
        let (typeface, mut taken) = (Typeface::bundled(), taken());
        for (nth, outside) in [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]].into_iter().enumerate() {
            let Some(Shape::Text(text)) = number("J1", &SQUARE, nth, 9.0, &typeface, &mut taken) else {
                panic!("a number")
            };
            for axis in [0, 1] {
                assert!((text.at[axis] - SQUARE[nth][axis]) * outside[axis] > 0.0, "{nth}: {:?}", text.at);
            }
        }
        for nth in 0..4 {
            let ends = [SQUARE[nth], SQUARE[(nth + 1) % 4]];
            let Some(Shape::Letters(letters)) = length("100.00", ends, 9.0, Color::BLACK, &typeface, &mut taken) else {
                panic!("a length")
            };
            let inside = |v: f32| (100.0..=200.0).contains(&v);
            assert!(letters.letters.iter().all(|letter| inside(letter.at[0]) && inside(letter.at[1])), "{nth}");
            // Read from below or from the right.
            let angle = letters.letters[0].angle;
            assert!(angle > -1.6 && angle < 1.56, "{nth}: {angle}");
        }
    }

    #[test]
    fn a_length_steps_aside_and_then_outside() {
        let (typeface, mut taken) = (Typeface::bundled(), taken());
        let mut middles = Vec::new();
        for _ in 0..2 {
            let ends = [SQUARE[0], SQUARE[1]];
            let shape = length("9.00", ends, 9.0, Color::BLACK, &typeface, &mut taken);
            let Some(Shape::Letters(letters)) = shape else { panic!("has room") };
            middles.push(letters.letters[1].at);
        }
        assert!(middles[0][1] > 100.0, "inside");
        assert!(middles[1][1] < 100.0 || (middles[1][0] - middles[0][0]).abs() > 10.0, "elsewhere: {middles:?}");
    }

    #[test]
    fn what_finds_no_room_is_left_out() {
        let (typeface, mut taken) = (Typeface::bundled(), taken());
        assert!(number("J1", &SQUARE, 0, 9.0, &typeface, &mut taken).is_some());
        assert!(number("J2", &SQUARE, 0, 9.0, &typeface, &mut taken).is_none(), "the place is taken");
        let short = [[0.0, 0.0], [10.0, 0.0]];
        assert!(length("100.00", short, 9.0, Color::BLACK, &typeface, &mut taken).is_none());
        assert!(length("100.00", [[5.0, 5.0]; 2], 9.0, Color::BLACK, &typeface, &mut taken).is_none());
    }

    #[test]
    fn neighbours_stand_on_their_sides_and_on_the_map() {
        let sides = ["东村", "南村", "西村", "北村"].map(str::to_owned);
        let plot = Plot { sides, ..Plot::default() };
        let shapes = neighbours(&plot, &[SQUARE.to_vec()], 9.0, Color::BLACK, &Typeface::bundled(), &mut taken());
        let at = |said: &str| {
            let found = shapes.iter().find_map(|shape| match shape {
                Shape::Text(text) if text.text == said => Some(text.at),
                _ => None,
            });
            found.expect("is there")
        };
        assert!(at("东村")[0] > 200.0 && at("西村")[0] < 100.0 && at("南村")[1] > 200.0 && at("北村")[1] < 100.0);
        assert!(shapes.len() == 4);
    }
}
