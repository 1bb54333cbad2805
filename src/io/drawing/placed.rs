//! Where texts stand: the point they are placed by, and about the middle of what they cover.

use acadrust::entities::{AttributeEntity, MText, Text};
use acadrust::types::Vector3;

use super::curves::{Frame, Point};
use super::records::Item;
use super::text::{plain, plain_of_lines, width};

/// The height of a line of several, in heights of its letters.
const LINE: f64 = 1.6;

fn vector(v: Vector3) -> Point {
    [v.x, v.y, v.z]
}

/// What a text takes beside its item.
struct Placing {
    text: String,
    at: Point,
    height: f64,
    width_factor: f64,
    rotation: f64,
    /// Where `at` is within the text: 0 left or below, 1 right or above.
    across: f64,
    up: f64,
    line_count: f64,
}

fn placed(item: Item, placing: Placing, frame: &Frame) -> Item {
    let Placing { text, at, height, width_factor, rotation, across, up, line_count } = placing;
    let height = if height.is_finite() { height } else { 0.0 };
    let factor = if width_factor.is_finite() && width_factor > 0.0 { width_factor } else { 1.0 };
    let (dx, dy) = ((0.5 - across) * width(&text) * height * factor, (0.5 - up) * height * line_count);
    let (sin, cos) = rotation.sin_cos();
    let middle = frame.point([at[0] + dx * cos - dy * sin, at[1] + dx * sin + dy * cos, at[2]]);
    let is_finite = middle[0].is_finite() && middle[1].is_finite();
    Item { text, middle: is_finite.then_some([middle[0], middle[1]]), paths: vec![vec![frame.point(at)]], ..item }
}

/// Where a text of one line is placed by these numbers of the format.
fn single(
    item: Item,
    text: String,
    (insertion, alignment): (Point, Option<Point>),
    (horizontal, vertical): (i32, i32),
    (height, width_factor, rotation): (f64, f64, f64),
    frame: &Frame,
) -> Item {
    let is_between = horizontal == 3 || horizontal == 5;
    let is_left = horizontal == 0 && vertical == 0;
    let at = match alignment.filter(|_| !is_left) {
        // Between two points.
        Some(end) if is_between => [0, 1, 2].map(|i| (insertion[i] + end[i]) / 2.0),
        Some(point) => point,
        None => insertion,
    };
    let across = match horizontal {
        1 | 3 | 4 | 5 => 0.5,
        2 => 1.0,
        _ => 0.0,
    };
    let up = if horizontal == 4 { 0.5 } else { [0.0, 0.0, 0.5, 1.0].get(vertical as usize).copied().unwrap_or(0.0) };
    let placing = Placing { text, at, height, width_factor, rotation, across, up, line_count: 1.0 };
    placed(item, placing, frame)
}

/// A text of one line.
pub(super) fn placed_text(item: Item, text: &Text, frame: &Frame) -> Item {
    let plane = frame.after(&Frame::of_plane(vector(text.normal)));
    let points = (vector(text.insertion_point), text.alignment_point.map(vector));
    let aligned = (text.horizontal_alignment as i32, text.vertical_alignment as i32);
    single(item, plain(&text.value), points, aligned, (text.height, text.width_factor, text.rotation), &plane)
}

/// A value that a block has where it is inserted.
pub(super) fn placed_attribute(item: Item, text: &AttributeEntity, frame: &Frame) -> Item {
    if let Some(lines) = &text.embedded_mtext {
        return placed_lines(item, lines, frame);
    }
    let plane = frame.after(&Frame::of_plane(vector(text.normal)));
    let points = (vector(text.insertion_point), Some(vector(text.alignment_point)));
    let aligned = (text.horizontal_alignment as i32, text.vertical_alignment as i32);
    single(item, plain(&text.value), points, aligned, (text.height, text.width_factor, text.rotation), &plane)
}

/// A text of several lines.
pub(super) fn placed_lines(item: Item, text: &MText, frame: &Frame) -> Item {
    let value = plain_of_lines(&text.value);
    let line_count = 1.0 + (value.lines().count().max(1) - 1) as f64 * LINE;
    let place = text.attachment_point as usize - 1;
    let placing = Placing {
        at: vector(text.insertion_point),
        height: text.height,
        width_factor: 1.0,
        rotation: text.rotation,
        across: (place % 3) as f64 / 2.0,
        up: 1.0 - (place / 3) as f64 / 2.0,
        line_count,
        text: value,
    };
    placed(item, placing, frame)
}
