//! A symbol as legends show it, as shapes: where a drawing is not painted, swatches are drawn as the map is.

use super::{Line, Lines, Shape, figures, hatch};
use crate::model::GeometryKind;
use crate::model::style::{Fill, Marker, Symbol};
use crate::render::colors::{BOLD_OUTLINE_PX, PALE_BEHIND, is_pale_on_paper};

/// The shapes of `symbol` in a rectangle (left, top, width, height).
pub(super) fn shapes([x, y, width, height]: [f32; 4], symbol: &Symbol, kind: GeometryKind) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let middle = [x + width / 2.0, y + height / 2.0];
    match kind {
        GeometryKind::Polygon => {
            let ring = |inset: f32| {
                let [left, top, right, bottom] = [x + inset, y + inset, x + width - inset, y + height - inset];
                vec![[left, top], [right, top], [right, bottom], [left, bottom]]
            };
            let back = match symbol.fill {
                Fill::None => None,
                Fill::Solid(color) => Some(color),
                Fill::Hatch(of) => of.back,
                Fill::Pattern(of) => of.back,
            };
            shapes.extend(back.map(|color| Shape::Rect { at: [x, y], size: [width, height], color }));
            match symbol.fill {
                Fill::Hatch(of) => {
                    let paths = hatch::of(&[ring(0.0)], &of);
                    let line = Some(Line::solid(of.color, of.width_px));
                    shapes.push(Shape::Lines(Lines { paths, closed: false, fill: None, line }));
                }
                Fill::Pattern(of) => shapes.extend(figures::one(middle, &of.in_swatch(width, height))),
                Fill::None | Fill::Solid(_) => {}
            }
            if let Some(stroke) = symbol.stroke {
                if stroke.width_px >= BOLD_OUTLINE_PX && matches!(symbol.fill, Fill::None) {
                    // A bold line around nothing is a line to its reader.
                    shapes.extend(level_line([x, x + width], middle[1], symbol));
                } else {
                    let line_width = stroke.width_px.clamp(0.7, (height / 4.0).max(0.7));
                    let dash = stroke.dash.map(|dash| [dash.on_px * 0.7, dash.off_px * 0.7]);
                    let line = Some(Line { color: stroke.color, width: line_width, dash, round: false });
                    let paths = vec![ring(line_width / 2.0)];
                    shapes.push(Shape::Lines(Lines { paths, closed: true, fill: None, line }));
                }
            }
        }
        GeometryKind::Line => shapes.extend(level_line([x, x + width], middle[1], symbol)),
        GeometryKind::Point | GeometryKind::None => {}
    }
    if let Some(marker) = &symbol.marker {
        let fitted = Marker { size_px: marker.size_px.min(height), ..*marker };
        shapes.push(Shape::Marker { at: middle, marker: Box::new(fitted) });
    }
    shapes
}

/// A level line above its casing.
fn level_line([left, right]: [f32; 2], y: f32, symbol: &Symbol) -> Vec<Shape> {
    let Some(stroke) = symbol.stroke else { return Vec::new() };
    let dash = stroke.dash.map(|dash| [dash.on_px, dash.off_px]);
    let line = Line { color: stroke.color, width: stroke.width_px.max(0.7), dash, round: false };
    let casing = stroke.casing.map(|casing| Line::solid(casing.color, casing.width_px));
    let behind = is_pale_on_paper(&stroke).then(|| Line::solid(PALE_BEHIND, line.width + 2.0));
    let shape = |line: Line| {
        let paths = vec![vec![[left, y], [right, y]]];
        Shape::Lines(Lines { paths, closed: false, fill: None, line: Some(line) })
    };
    casing.or(behind).into_iter().chain([line]).map(shape).collect()
}
