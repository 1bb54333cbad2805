//! CIM symbols: layers of solid, hatched and pictured fills, strokes with effects, markers of several kinds.

use serde_json::Value;

use super::super::stack::{Lost, Stack, dash};
use super::super::units::{self, POINT};
use super::items;
use crate::model::style::{Casing, Color, Fill, Hatch, Icon, Marker, Motif, Pattern, Shape, Stroke, Symbol};
use crate::text::Message;

/// Symbols within symbols that are gone into.
const MOST_STEPS: usize = 6;

/// The symbol of a reference; nothing where it names none.
pub(super) fn referenced(reference: &Value, lost: &mut Lost) -> Symbol {
    read(&reference["symbol"], lost)
}

/// Reads a symbol.
pub(super) fn read(symbol: &Value, lost: &mut Lost) -> Symbol {
    read_within(symbol, 0, lost)
}

fn read_within(symbol: &Value, depth: usize, lost: &mut Lost) -> Symbol {
    let mut stack = Stack::default();
    let layers = items(&symbol["symbolLayers"]);
    // The first one lies on top.
    for layer in layers.iter().rev().filter(|layer| layer["enable"].as_bool() != Some(false)) {
        add(layer, depth, &mut stack, lost);
    }
    stack.finish()
}

fn points(value: &Value) -> Option<f64> {
    Some(value.as_f64()? * POINT)
}

fn add(layer: &Value, depth: usize, stack: &mut Stack, lost: &mut Lost) {
    let kind = layer["type"].as_str().unwrap_or_default();
    match kind {
        "CIMSolidFill" => {
            let fill = color(&layer["color"], lost);
            stack.solid(fill, lost);
        }
        "CIMHatchFill" if depth < MOST_STEPS => {
            let line = read_within(&layer["lineSymbol"], depth + 1, lost).stroke;
            let Some(line) = line else { return };
            if line.dash.is_some() || line.casing.is_some() {
                lost.add(Message::new("style.lost-hatch-dash"));
            }
            let hatch = Hatch {
                color: line.color,
                angle_deg: units::line_angle(layer["rotation"].as_f64().unwrap_or(0.0)),
                spacing_px: units::spacing(points(&layer["separation"]).unwrap_or(4.0 * POINT)),
                width_px: line.width_px,
                back: None,
                crossed: false,
            };
            stack.hatch(hatch, lost);
        }
        "CIMPictureFill" | "CIMGradientFill" | "CIMProceduralSymbolLayer" => {
            lost.named("style.near-fill", kind);
            let ramp = &layer["colorRamp"];
            let tint = ["tintColor", "color"].iter().map(|name| &layer[*name]).chain([&ramp["fromColor"]]);
            if let Some(found) = tint.into_iter().find(|value| value.is_object()) {
                let fill = color(found, lost);
                stack.solid(fill, lost);
            }
        }
        "CIMSolidStroke" => {
            let line = stroke(layer, lost);
            stack.line(line, lost);
        }
        "CIMGradientStroke" => {
            lost.named("style.near-line", kind);
            let mut line = stroke(layer, lost);
            line.color = color(&layer["colorRamp"]["fromColor"], lost);
            stack.line(line, lost);
        }
        "CIMVectorMarker" | "CIMCharacterMarker" | "CIMPictureMarker" if depth < MOST_STEPS => {
            marker(layer, kind, depth, stack, lost);
        }
        _ => lost.named("style.lost-layer", kind),
    }
}

fn stroke(layer: &Value, lost: &mut Lost) -> Stroke {
    let mut rhythm = None;
    for effect in items(&layer["effects"]) {
        match effect["type"].as_str().unwrap_or_default() {
            "CIMGeometricEffectDashes" => {
                let template = items(&effect["dashTemplate"]);
                let lengths: Vec<f64> = template.iter().filter_map(points).collect();
                rhythm = dash(&lengths, lost);
            }
            "CIMGeometricEffectOffset" => lost.add(Message::new("style.lost-offset")),
            other => lost.named("style.lost-layer", other),
        }
    }
    Stroke {
        color: color(&layer["color"], lost),
        width_px: units::width(points(&layer["width"]).unwrap_or(POINT)),
        dash: rhythm,
        casing: None,
    }
}

/// A sign on a point, in the middle of a polygon, or all over it.
fn marker(layer: &Value, kind: &str, depth: usize, stack: &mut Stack, lost: &mut Lost) {
    let size_px = units::size(points(&layer["size"]).unwrap_or(10.0 * POINT));
    let graphic = &layer["markerGraphics"][0];
    let symbol = match kind {
        "CIMVectorMarker" => read_within(&graphic["symbol"], depth + 1, lost),
        "CIMCharacterMarker" => read_within(&layer["symbol"], depth + 1, lost),
        _ => Symbol::default(),
    };
    let found = shape(&graphic["geometry"]);
    let name = layer["fontFamilyName"].as_str().unwrap_or(kind);
    let color = match symbol.color() {
        Color { a: 0, .. } => Color::rgb(100, 100, 100),
        color => color,
    };
    let placement = &layer["markerPlacement"];
    match placement["type"].as_str() {
        Some("CIMMarkerPlacementInsidePolygon") => {
            if placement["gridType"].as_str() == Some("Random") {
                lost.named("style.near-fill", "Random");
            }
            let step = |name: &str| points(&placement[name]);
            let across = step("stepX").unwrap_or(16.0 * POINT);
            let motif = match found {
                Some(Figure::Shape(Shape::Circle)) if symbol.fill == Fill::None => Motif::Ring,
                Some(Figure::Shape(Shape::Circle)) => Motif::Dot,
                Some(Figure::Shape(Shape::Square)) => Motif::Building,
                Some(Figure::Cross) => Motif::Cross,
                _ => {
                    lost.named("style.near-motif", name);
                    Motif::Dot
                }
            };
            let pattern = Pattern {
                motif,
                color,
                size_px,
                spacing_px: units::spacing((across + step("stepY").unwrap_or(across)) / 2.0),
                staggered: placement["shiftOddRows"].as_bool() == Some(true),
                back: None,
            };
            stack.pattern(pattern, lost);
        }
        None | Some("CIMMarkerPlacementPolygonCenter") => {
            let (shape, icon) = match found {
                Some(Figure::Shape(shape)) => (shape, Icon::None),
                Some(Figure::Cross) => (Shape::Bare, Icon::Figure(Motif::Cross)),
                None => {
                    lost.named("style.near-marker", name);
                    (Shape::Circle, Icon::None)
                }
            };
            let line = symbol.stroke.filter(|_| symbol.fill != Fill::None);
            let sign = Marker {
                shape,
                size_px,
                color,
                icon,
                icon_color: color.readable_ink(),
                casing: line.map(|line| Casing { color: line.color, width_px: line.width_px }),
            };
            stack.marker(sign, lost);
        }
        Some(other) => lost.named("style.lost-layer", other),
    }
}

/// What the outline of a marker is.
enum Figure {
    Shape(Shape),
    Cross,
}

/// The figure that a geometry draws, where it is one of ours.
fn shape(geometry: &Value) -> Option<Figure> {
    // Rings of curves are circles in every set of symbols that Esri ships.
    if geometry["curveRings"].is_array() {
        return Some(Figure::Shape(Shape::Circle));
    }
    if geometry["paths"].as_array().is_some_and(|paths| paths.len() == 2) {
        return Some(Figure::Cross);
    }
    let ring = geometry["rings"][0].as_array()?;
    let corner = |at: usize| Some((ring.get(at)?[0].as_f64()?, ring.get(at)?[1].as_f64()?));
    let is_level = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() < 1e-6 || (a.1 - b.1).abs() < 1e-6;
    match ring.len() {
        4 => Some(Figure::Shape(Shape::Triangle)),
        5 if is_level(corner(0)?, corner(1)?) => Some(Figure::Shape(Shape::Square)),
        5 => Some(Figure::Shape(Shape::Diamond)),
        // A ring of many corners is a circle.
        count if count > 16 => Some(Figure::Shape(Shape::Circle)),
        _ => None,
    }
}

/// A colour in one of the models of CIM; the opacity stands last, from 0 to 100.
fn color(value: &Value, lost: &mut Lost) -> Color {
    let list = items(&value["values"]);
    let at = |i: usize| list.get(i).and_then(Value::as_f64).unwrap_or(0.0);
    let opacity = |i: usize| units::share(list.get(i).and_then(Value::as_f64).unwrap_or(100.0) / 100.0);
    let byte = |share: f64| (share.clamp(0.0, 1.0) * 255.0).round() as u8;
    let (color, alpha) = match value["type"].as_str() {
        Some("CIMRGBColor") => (Color::rgb(byte(at(0) / 255.0), byte(at(1) / 255.0), byte(at(2) / 255.0)), opacity(3)),
        Some("CIMCMYKColor") => {
            let of = |i: usize| byte((1.0 - at(i) / 100.0) * (1.0 - at(3) / 100.0));
            (Color::rgb(of(0), of(1), of(2)), opacity(4))
        }
        Some("CIMGrayColor") => {
            let level = byte(at(0) / 255.0);
            (Color::rgb(level, level, level), opacity(1))
        }
        Some("CIMHSVColor") => {
            let (hue, saturation, value) = (at(0), at(1) / 100.0, at(2) / 100.0);
            // The channel of each of red, green, blue (Smith 1978, in the form that needs no cases).
            let of = |n: f64| {
                let k = (n + hue / 60.0).rem_euclid(6.0);
                byte(value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0))
            };
            (Color::rgb(of(5.0), of(3.0), of(1.0)), opacity(3))
        }
        Some("CIMHSLColor") => {
            let (hue, saturation, level) = (at(0), at(1) / 100.0, at(2) / 100.0);
            let reach = saturation * level.min(1.0 - level);
            let of = |n: f64| {
                let k = (n + hue / 30.0).rem_euclid(12.0);
                byte(level - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0))
            };
            (Color::rgb(of(0.0), of(8.0), of(4.0)), opacity(3))
        }
        None | Some("CIMNoColor") => return Color::TRANSPARENT,
        Some(other) => {
            lost.named("style.lost-color", other);
            (Color::rgb(128, 128, 128), 1.0)
        }
    };
    units::faded(color, alpha)
}
