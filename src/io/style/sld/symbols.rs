//! Symbolizers that paint: fills, lines, markers.

use super::super::stack::{Lost, Stack, dash};
use super::super::tree::Element;
use super::super::units::{self, GROUND_METRE, number};
use super::{figure, vendor_option};
use crate::model::style::{Casing, Color, Hatch, Icon, Marker, Motif, Pattern, Shape, Stroke};
use crate::text::Message;

/// Size of a graphic that says none: the standard leaves it to the program, GeoServer takes this.
const GRAPHIC_PX: f64 = 6.0;
/// Size of a tile of a hatch that says none.
const TILE_PX: f64 = 8.0;
/// Metres of a foot.
const FOOT: f64 = 0.3048;

/// Pixels of the unit that a symbolizer counts in.
pub(super) fn pixels(symbolizer: &Element, lost: &mut Lost) -> f64 {
    let uom = symbolizer.attribute("uom").unwrap_or_default();
    let metres = match uom.rsplit(['/', ':']).next() {
        Some("metre" | "meter" | "m") => 1.0,
        Some("foot" | "ft") => FOOT,
        _ => return 1.0,
    };
    lost.once(Message::new("style.map-units"));
    metres * GROUND_METRE
}

/// A parameter by its name, whichever version wrote it.
fn parameter<'a>(element: &'a Element, name: &str) -> Option<&'a Element> {
    let is_parameter = |child: &&Element| matches!(child.name.as_str(), "SvgParameter" | "CssParameter");
    element.elements().filter(is_parameter).find(|child| child.attribute("name") == Some(name))
}

pub(super) fn size_of(element: &Element, name: &str, lost: &mut Lost) -> Option<f64> {
    figure(parameter(element, name), lost)
}

pub(super) fn text_of(element: &Element, name: &str) -> Option<String> {
    parameter(element, name).map(Element::text)
}

/// A colour of an element; `usual` where it says none.
pub(super) fn color_of(element: &Element, name: &str, opacity: &str, usual: Color, lost: &mut Lost) -> Color {
    let color = match parameter(element, name) {
        Some(said) => match Color::from_hex(&said.text()) {
            Some(color) => color,
            None => {
                lost.named("style.lost-data-defined", name);
                usual
            }
        },
        None => usual,
    };
    units::faded(color, size_of(element, opacity, lost).map_or(1.0, units::share))
}

fn tell_geometry(symbolizer: &Element, lost: &mut Lost) {
    if symbolizer.at(&["Geometry", "Function"]).is_some() {
        lost.add(Message::new("style.lost-geometry"));
    }
    let moved = ["PerpendicularOffset", "Displacement"].iter().filter_map(|name| symbolizer.child(name));
    let is_moved = |element: &Element| {
        let text = element.text();
        text.split_whitespace().filter_map(number).any(|number| number != 0.0)
    };
    if moved.into_iter().any(is_moved) {
        lost.add(Message::new("style.lost-offset"));
    }
}

pub(super) fn polygon(symbolizer: &Element, stack: &mut Stack, lost: &mut Lost) {
    tell_geometry(symbolizer, lost);
    let scale = pixels(symbolizer, lost);
    if let Some(fill) = symbolizer.child("Fill") {
        match fill.at(&["GraphicFill", "Graphic"]) {
            Some(graphic) => self::fill(graphic, symbolizer, scale, stack, lost),
            None => {
                let grey = Color::rgb(128, 128, 128);
                stack.solid(color_of(fill, "fill", "fill-opacity", grey, lost), lost);
            }
        }
    }
    if let Some(line) = symbolizer.child("Stroke").map(|stroke| self::stroke(stroke, scale, lost)) {
        stack.line(line, lost);
    }
}

pub(super) fn line(symbolizer: &Element, stack: &mut Stack, lost: &mut Lost) {
    tell_geometry(symbolizer, lost);
    let scale = pixels(symbolizer, lost);
    if let Some(line) = symbolizer.child("Stroke").map(|element| stroke(element, scale, lost)) {
        stack.line(line, lost);
    }
}

pub(super) fn point(symbolizer: &Element, stack: &mut Stack, lost: &mut Lost) {
    tell_geometry(symbolizer, lost);
    let scale = pixels(symbolizer, lost);
    let Some(graphic) = symbolizer.child("Graphic") else { return };
    let sign = marker(graphic, scale, lost);
    stack.marker(sign, lost);
}

fn stroke(element: &Element, scale: f64, lost: &mut Lost) -> Stroke {
    if element.child("GraphicStroke").is_some() || element.child("GraphicFill").is_some() {
        lost.named("style.lost-layer", "GraphicStroke");
    }
    let width = size_of(element, "stroke-width", lost).unwrap_or(1.0) * scale;
    let rhythm = text_of(element, "stroke-dasharray").unwrap_or_default();
    let lengths = rhythm.split(|c: char| c.is_whitespace() || c == ',').filter_map(number);
    let lengths: Vec<f64> = lengths.map(|length| length * scale).collect();
    Stroke {
        color: color_of(element, "stroke", "stroke-opacity", Color::BLACK, lost),
        width_px: units::width(width),
        dash: dash(&lengths, lost),
        casing: None,
    }
}

/// The graphic's mark, and what it is called.
fn mark(graphic: &Element) -> Option<(&Element, String)> {
    let mark = graphic.child("Mark")?;
    Some((mark, mark.child("WellKnownName").map_or_else(|| "square".to_owned(), Element::text)))
}

/// A fill by a graphic that is repeated: lines, or marks.
fn fill(graphic: &Element, symbolizer: &Element, scale: f64, stack: &mut Stack, lost: &mut Lost) {
    let Some((mark, name)) = mark(graphic) else {
        return lost.named("style.near-fill", "ExternalGraphic");
    };
    let size = figure(graphic.child("Size"), lost).map(|size| size * scale);
    let turned = figure(graphic.child("Rotation"), lost).unwrap_or(0.0);
    let opacity = figure(graphic.child("Opacity"), lost).map_or(1.0, units::share);
    let tile = size.unwrap_or(TILE_PX);
    let diagonal = std::f64::consts::FRAC_1_SQRT_2;
    // Direction, distance between lines, and whether a second set crosses.
    let lines = match name.trim_start_matches("shape://") {
        "horline" | "line" => Some((0.0, tile, false)),
        "vertline" => Some((90.0, tile, false)),
        "slash" => Some((45.0, tile * diagonal, false)),
        "backslash" => Some((135.0, tile * diagonal, false)),
        "plus" => Some((0.0, tile, true)),
        "times" => Some((45.0, tile * diagonal, true)),
        _ => None,
    };
    if let Some((angle, spacing, crossed)) = lines {
        let (color, width) = match mark.child("Stroke") {
            Some(element) => {
                let line = stroke(element, scale, lost);
                (line.color, line.width_px)
            }
            None => (Color::BLACK, 1.0),
        };
        let hatch = Hatch {
            color: units::faded(color, opacity),
            // Rotations go clockwise there.
            angle_deg: units::line_angle(angle - turned),
            spacing_px: units::spacing(spacing),
            width_px: width,
            back: None,
            crossed,
        };
        return stack.hatch(hatch, lost);
    }
    let sign = marker(graphic, scale, lost);
    let margin = vendor_option(symbolizer, "graphic-margin");
    let margins: Vec<f64> =
        margin.iter().flat_map(|text| text.split_whitespace()).filter_map(number).map(|m| m * scale).collect();
    let around = match margins.as_slice() {
        [] => 0.0,
        [all] => 2.0 * all,
        [vertical, horizontal] => vertical + horizontal,
        [top, right, bottom, left @ ..] => (top + right + bottom + left.first().unwrap_or(right)) / 2.0,
    };
    // Ours name their figure in an option that others pass over.
    let named = vendor_option(symbolizer, "motif").and_then(|name| Motif::from_name(&name));
    let motif = named.unwrap_or_else(|| match name.trim_start_matches("shape://") {
        "circle" | "dot" => Motif::Dot,
        "cross" | "x" => Motif::Cross,
        "square" => Motif::Building,
        other => {
            lost.named("style.near-motif", other);
            Motif::Dot
        }
    });
    let color = match sign.casing {
        Some(casing) if sign.color.a == 0 || motif == Motif::Cross => casing.color,
        _ => sign.color,
    };
    let pattern = Pattern {
        motif,
        color,
        size_px: sign.size_px,
        spacing_px: units::spacing(f64::from(sign.size_px) + around),
        staggered: vendor_option(symbolizer, "staggered").as_deref() == Some("true"),
        back: None,
    };
    stack.pattern(pattern, lost);
}

fn marker(graphic: &Element, scale: f64, lost: &mut Lost) -> Marker {
    let opacity = figure(graphic.child("Opacity"), lost).map_or(1.0, units::share);
    let size = figure(graphic.child("Size"), lost).unwrap_or(GRAPHIC_PX) * scale;
    let Some((mark, name)) = mark(graphic) else {
        lost.named("style.near-marker", "ExternalGraphic");
        return plain(size, units::faded(Color::rgb(128, 128, 128), opacity));
    };
    let (shape, icon) = match name.as_str() {
        "circle" | "shape://dot" => (Shape::Circle, Icon::None),
        "square" => (Shape::Square, Icon::None),
        "rounded_square" => (Shape::RoundedSquare, Icon::None),
        "diamond" => (Shape::Diamond, Icon::None),
        "triangle" => (Shape::Triangle, Icon::None),
        "star" => (Shape::Bare, Icon::Star),
        "cross" | "x" => (Shape::Bare, Icon::Figure(Motif::Cross)),
        other => {
            lost.named("style.near-marker", other);
            (Shape::Circle, Icon::None)
        }
    };
    let mut color = match mark.child("Fill") {
        Some(fill) => color_of(fill, "fill", "fill-opacity", Color::rgb(128, 128, 128), lost),
        None => Color::TRANSPARENT,
    };
    let line = mark.child("Stroke").map(|element| stroke(element, scale, lost));
    let mut line = line.filter(|line| line.color.a > 0 && line.width_px > 0.0);
    if icon == Icon::Figure(Motif::Cross) {
        // A cross is drawn by its outline.
        color = line.take().map_or(color, |line| line.color);
    }
    let casing = line.map(|line| Casing { color: units::faded(line.color, opacity), width_px: line.width_px });
    Marker { shape, icon, casing, ..plain(size, units::faded(color, opacity)) }
}

fn plain(size_px: f64, color: Color) -> Marker {
    Marker {
        shape: Shape::Circle,
        size_px: units::size(size_px),
        color,
        icon: Icon::None,
        icon_color: color.readable_ink(),
        casing: None,
    }
}
