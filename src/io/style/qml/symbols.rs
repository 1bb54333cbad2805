//! QGIS's symbols: layers of fills, lines and markers, and symbols within them.

use rustc_hash::FxHashMap;

use super::super::stack::{Lost, Stack, dash};
use super::super::tree::Element;
use super::super::units::{self, GROUND_METRE, INCH, MILLIMETRE, POINT, number};
use crate::model::style::{Casing, Color, Hatch, Icon, Marker, Motif, Pattern, Shape, Stroke, Symbol};
use crate::text::Message;

/// Symbols within symbols that are gone into.
const MOST_STEPS: usize = 6;
/// The distance between lines of Qt's brushes.
const BRUSH_PX: f32 = 8.0;

/// The symbols of a renderer by their names, each read once, however many classes have it.
pub(super) struct Symbols<'a> {
    first: Symbol,
    by_name: FxHashMap<&'a str, Symbol>,
}

impl<'a> Symbols<'a> {
    pub(super) fn of(renderer: &'a Element, lost: &mut Lost) -> Self {
        let mut symbols = Self { first: Symbol::default(), by_name: FxHashMap::default() };
        let listed = renderer.child("symbols").into_iter().flat_map(|list| list.all("symbol"));
        for (at, element) in listed.enumerate() {
            let symbol = read(element, lost);
            symbols.by_name.entry(element.attribute("name").unwrap_or_default()).or_insert(symbol);
            if at == 0 {
                symbols.first = symbol;
            }
        }
        symbols
    }

    /// The first one, or none at all.
    pub(super) fn first(&self) -> Symbol {
        self.first
    }

    /// The one of that name, or none at all.
    pub(super) fn named(&self, name: &str) -> Symbol {
        self.by_name.get(name).copied().unwrap_or_default()
    }
}

/// Reads a symbol.
pub(super) fn read(symbol: &Element, lost: &mut Lost) -> Symbol {
    let mut stack = Stack::default();
    add(symbol, 1.0, 0, &mut stack, lost);
    stack.finish()
}

fn add(symbol: &Element, strength: f32, depth: usize, stack: &mut Stack, lost: &mut Lost) {
    let strength = strength * symbol.attribute("alpha").and_then(number).map_or(1.0, units::share);
    tell_data_defined(symbol, lost);
    for layer in symbol.all("layer").filter(|layer| layer.attribute("enabled") != Some("0")) {
        tell_data_defined(layer, lost);
        let values = Values { layer, strength };
        let class = layer.attribute("class").unwrap_or_default();
        let within = layer.child("symbol").filter(|_| depth < MOST_STEPS);
        match class {
            "SimpleFill" => values.simple_fill(stack, lost),
            "LinePatternFill" => values.line_pattern(within, stack, lost),
            "PointPatternFill" => values.point_pattern(within, stack, lost),
            "SimpleLine" | "InterpolatedLine" => {
                if class != "SimpleLine" {
                    lost.named("style.near-line", class);
                }
                let line = values.line(lost);
                stack.line(line, lost);
            }
            "SimpleMarker" | "EllipseMarker" | "SvgMarker" | "FontMarker" | "FilledMarker" => {
                let mut marker = values.marker(class, lost);
                if let Some(within) = within.filter(|_| class == "FilledMarker") {
                    marker.color = read(within, lost).color();
                }
                stack.marker(marker, lost);
            }
            // A symbol of another kind within: a marker at the middle, an outline of lines.
            "CentroidFill" | "ArrowLine" | "GeometryGenerator" if within.is_some() => {
                if class != "CentroidFill" {
                    lost.named("style.lost-layer", class);
                    continue;
                }
                if let Some(within) = within {
                    add(within, strength, depth + 1, stack, lost);
                }
            }
            "GradientFill" | "ShapeburstFill" | "SVGFill" | "RasterFill" | "RandomMarkerFill" => {
                lost.named("style.near-fill", class);
                match values.color(&["color", "gradient_color1", "svgFillColor"]) {
                    Some(color) => stack.solid(color, lost),
                    None => {
                        if let Some(within) = within {
                            stack.solid(read(within, lost).color(), lost);
                        }
                    }
                }
            }
            _ => lost.named("style.lost-layer", class),
        }
    }
}

/// Says which values of a symbol layer come from data: those of the file stand instead.
fn tell_data_defined(element: &Element, lost: &mut Lost) {
    let named = |map: &Element, name: &str| map.attribute("name") == Some(name);
    let Some(map) = element.child("data_defined_properties").or_else(|| element.child("dd_properties")) else {
        return;
    };
    let Some(all) = map.child("Option") else { return };
    for properties in all.all("Option").filter(|option| named(option, "properties")) {
        for property in properties.all("Option") {
            if property.all("Option").any(|o| named(o, "active") && o.attribute("value") == Some("true")) {
                lost.named("style.lost-data-defined", property.attribute("name").unwrap_or_default());
            }
        }
    }
}

/// What a symbol layer says.
pub(super) struct Values<'a> {
    pub(super) layer: &'a Element,
    /// Opacity of all of it.
    pub(super) strength: f32,
}

impl<'a> Values<'a> {
    /// A value: an `Option` of the map, or a `prop` of older versions.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        let maps = self.layer.all("Option").flat_map(Element::elements);
        let mut options = maps.filter(|option| option.attribute("name") == Some(name));
        let props = || self.layer.all("prop").find(|prop| prop.attribute("k") == Some(name));
        options.find_map(|option| option.attribute("value")).or_else(|| props().and_then(|prop| prop.attribute("v")))
    }

    fn number(&self, name: &str) -> Option<f64> {
        number(self.text(name)?)
    }

    /// The first colour that is there.
    fn color(&self, names: &[&str]) -> Option<Color> {
        let color = names.iter().find_map(|name| color(self.text(name)?))?;
        Some(units::faded(color, self.strength))
    }

    /// A length in pixels; its unit stands under another name.
    fn length(&self, name: &str, unit: &str, lost: &mut Lost) -> Option<f64> {
        Some(self.number(name)? * pixels(self.text(unit).unwrap_or("MM"), lost))
    }

    fn tell_offset(&self, name: &str, lost: &mut Lost) {
        let is_moved = |text: &str| text.split(',').filter_map(number).any(|number| number != 0.0);
        if self.text(name).is_some_and(is_moved) {
            lost.add(Message::new("style.lost-offset"));
        }
    }

    fn simple_fill(&self, stack: &mut Stack, lost: &mut Lost) {
        self.tell_offset("offset", lost);
        let color = self.color(&["color"]).unwrap_or(Color::BLACK);
        let brush = self.text("style").unwrap_or("solid");
        let lines = |angle_deg: f32, crossed: bool| {
            let (spacing_px, width_px) = (BRUSH_PX, 1.0);
            Hatch { color, angle_deg, spacing_px, width_px, back: None, crossed }
        };
        match brush {
            "no" => {}
            "solid" => stack.solid(color, lost),
            "horizontal" => stack.hatch(lines(0.0, false), lost),
            "vertical" => stack.hatch(lines(90.0, false), lost),
            "cross" => stack.hatch(lines(0.0, true), lost),
            "b_diagonal" => stack.hatch(lines(45.0, false), lost),
            "f_diagonal" => stack.hatch(lines(135.0, false), lost),
            "diagonal_x" => stack.hatch(lines(45.0, true), lost),
            dense => {
                // Qt's dotted brushes let so much of the colour be seen.
                let share = match dense {
                    "dense1" => 0.94,
                    "dense2" => 0.88,
                    "dense3" => 0.63,
                    "dense4" => 0.5,
                    "dense5" => 0.37,
                    "dense6" => 0.12,
                    "dense7" => 0.06,
                    _ => 1.0,
                };
                lost.named("style.near-fill", dense);
                stack.solid(units::faded(color, share), lost);
            }
        }
        let color = self.color(&["outline_color", "color_border", "border_color"]).unwrap_or(Color::BLACK);
        let style = self.text("outline_style").or_else(|| self.text("style_border")).unwrap_or("solid");
        let width = ["outline_width", "width_border", "border_width"].into_iter().find_map(|name| self.number(name));
        let unit = ["outline_width_unit", "border_width_unit"].into_iter().find_map(|name| self.text(name));
        let width = width.unwrap_or(0.26) * pixels(unit.unwrap_or("MM"), lost);
        if let Some(line) = pen(color, width, style, lost) {
            stack.line(line, lost);
        }
    }

    /// A line; one of no width that is to be seen is as thin as can be.
    fn line(&self, lost: &mut Lost) -> Stroke {
        self.tell_offset("offset", lost);
        let color = self.color(&["line_color", "color"]).unwrap_or(Color::BLACK);
        let width = self.number("line_width").or_else(|| self.number("width")).unwrap_or(0.26);
        let unit = self.text("line_width_unit").or_else(|| self.text("width_unit")).unwrap_or("MM");
        let width = width * pixels(unit, lost);
        let style = self.text("line_style").or_else(|| self.text("penstyle")).unwrap_or("solid");
        let mut line = pen(color, width, style, lost).unwrap_or(Stroke {
            color: Color::TRANSPARENT,
            width_px: 0.0,
            dash: None,
            casing: None,
        });
        if self.text("use_customdash") == Some("1")
            && let Some(rhythm) = self.text("customdash")
        {
            let scale = pixels(self.text("customdash_unit").unwrap_or("MM"), lost);
            let lengths: Vec<f64> = rhythm.split(';').filter_map(number).map(|length| length * scale).collect();
            line.dash = dash(&lengths, lost);
        }
        line
    }

    fn line_pattern(&self, within: Option<&Element>, stack: &mut Stack, lost: &mut Lost) {
        let stroke = within.and_then(|symbol| {
            let mut inner = Stack::default();
            add(symbol, self.strength, MOST_STEPS, &mut inner, lost);
            inner.finish().stroke
        });
        let color = match stroke {
            Some(stroke) => stroke.color,
            None => self.color(&["color"]).unwrap_or(Color::BLACK),
        };
        let own = || self.number("line_width").map(|width| width * MILLIMETRE);
        let width = stroke.map(|stroke| f64::from(stroke.width_px)).or_else(own).unwrap_or(0.26 * MILLIMETRE);
        if stroke.is_some_and(|stroke| stroke.dash.is_some() || stroke.casing.is_some()) {
            lost.add(Message::new("style.lost-hatch-dash"));
        }
        let spacing = self.length("distance", "distance_unit", lost).unwrap_or(5.0 * MILLIMETRE);
        let hatch = Hatch {
            color,
            angle_deg: units::line_angle(self.number("angle").or_else(|| self.number("lineangle")).unwrap_or(45.0)),
            spacing_px: units::spacing(spacing),
            width_px: units::width(width),
            back: None,
            crossed: false,
        };
        stack.hatch(hatch, lost);
    }

    fn point_pattern(&self, within: Option<&Element>, stack: &mut Stack, lost: &mut Lost) {
        let marker = within.and_then(|symbol| {
            let mut inner = Stack::default();
            add(symbol, self.strength, MOST_STEPS, &mut inner, lost);
            inner.finish().marker
        });
        let Some(marker) = marker else { return lost.named("style.lost-layer", "PointPatternFill") };
        let across = self.length("distance_x", "distance_x_unit", lost).unwrap_or(3.0 * MILLIMETRE);
        let down = self.length("distance_y", "distance_y_unit", lost).unwrap_or(across);
        let moved = self.number("displacement_x").unwrap_or(0.0);
        // Ours say in a value of their own which figure it was; QGIS passes over values that it does not know.
        let motif = self.text("motif").and_then(Motif::from_name).unwrap_or_else(|| {
            let sign = within.and_then(|symbol| symbol.find("layer")).map(|layer| Values { layer, strength: 1.0 });
            match sign.as_ref().and_then(|sign| sign.text("name")) {
                Some("cross" | "cross2" | "cross_fill") => Motif::Cross,
                Some("square") => Motif::Building,
                Some("circle") if marker.color.a == 0 => Motif::Ring,
                Some("circle") => Motif::Dot,
                name => {
                    lost.named("style.near-motif", name.unwrap_or("?"));
                    Motif::Dot
                }
            }
        });
        let color = match marker.casing {
            Some(casing) if marker.color.a == 0 || motif == Motif::Cross => casing.color,
            _ => marker.color,
        };
        let pattern = Pattern {
            motif,
            color,
            size_px: marker.size_px,
            spacing_px: units::spacing((across + down) / 2.0),
            staggered: moved != 0.0,
            back: None,
        };
        stack.pattern(pattern, lost);
    }

    fn marker(&self, class: &str, lost: &mut Lost) -> Marker {
        self.tell_offset("offset", lost);
        let (mut shape, mut icon) = match self.text("name").filter(|_| matches!(class, "SimpleMarker" | "FilledMarker"))
        {
            Some("circle") => (Shape::Circle, Icon::None),
            Some("square") => (Shape::Square, Icon::None),
            Some("square_with_corners" | "rounded_square") => (Shape::RoundedSquare, Icon::None),
            Some("diamond") => (Shape::Diamond, Icon::None),
            Some("triangle" | "equilateral_triangle") => (Shape::Triangle, Icon::None),
            Some("star") => (Shape::Bare, Icon::Star),
            Some("cross" | "cross2" | "cross_fill") => (Shape::Bare, Icon::Figure(Motif::Cross)),
            other => {
                lost.named("style.near-marker", other.or_else(|| self.text("chr")).unwrap_or(class));
                (Shape::Circle, Icon::None)
            }
        };
        // Ours name their pictogram in values of their own, which QGIS passes over.
        if let Some(own) = self.text("icon").and_then(icon_of) {
            icon = own;
            shape = if self.text("bare") == Some("1") { Shape::Bare } else { shape };
        }
        let size = match class {
            "EllipseMarker" => self.length("symbol_width", "symbol_width_unit", lost),
            _ => self.length("size", "size_unit", lost),
        };
        let mut color = self.color(&["color"]).unwrap_or(Color::BLACK);
        let style = self.text("outline_style").unwrap_or("solid");
        let width = self.length("outline_width", "outline_width_unit", lost).unwrap_or(0.0);
        let mut line = self.color(&["outline_color", "color_border"]).and_then(|color| pen(color, width, style, lost));
        if (shape, icon) == (Shape::Bare, Icon::Figure(Motif::Cross)) {
            // A cross is drawn by its outline.
            color = line.take().map_or(color, |line| line.color);
        }
        let casing =
            line.filter(|line| line.color.a > 0).map(|line| Casing { color: line.color, width_px: line.width_px });
        Marker {
            shape,
            size_px: units::size(size.unwrap_or(2.0 * MILLIMETRE)),
            color,
            icon,
            icon_color: self.color(&["icon_color"]).unwrap_or(color.readable_ink()),
            casing,
        }
    }
}

/// The pictogram of a word of ours.
fn icon_of(name: &str) -> Option<Icon> {
    match name {
        "house" => Some(Icon::House),
        "star" => Some(Icon::Star),
        "flag" => Some(Icon::Flag),
        figure => Motif::from_name(figure).map(Icon::Figure),
    }
}

/// A line by the style of its pen; nothing where there is none.
fn pen(color: Color, width_px: f64, style: &str, lost: &mut Lost) -> Option<Stroke> {
    // A pen of no width is drawn one pixel wide.
    let width = if width_px > 0.0 { width_px } else { 1.0 };
    // Qt's rhythms, in widths of the line.
    let rhythm: &[f64] = match style {
        "no" => return None,
        "dash" => &[4.0, 2.0],
        "dot" => &[1.0, 2.0],
        "dash dot" => &[4.0, 2.0, 1.0, 2.0],
        "dash dot dot" => &[4.0, 2.0, 1.0, 2.0, 1.0, 2.0],
        _ => &[],
    };
    let lengths: Vec<f64> = rhythm.iter().map(|length| length * width.max(1.0)).collect();
    Some(Stroke { color, width_px: units::width(width), dash: dash(&lengths, lost), casing: None })
}

/// Pixels of a unit of QGIS.
pub(super) fn pixels(unit: &str, lost: &mut Lost) -> f64 {
    match unit {
        "Pixel" | "Pixels" => 1.0,
        "Point" | "Points" => POINT,
        "Inch" | "Inches" => INCH,
        "MapUnit" | "RenderMetersInMapUnits" => {
            lost.once(Message::new("style.map-units"));
            GROUND_METRE
        }
        // Percentages are of other sizes, which are millimetres as a rule.
        _ => MILLIMETRE,
    }
}

/// A colour as QGIS writes it: `r,g,b,a` with more behind it since 3.40, or hexadecimal.
pub(super) fn color(text: &str) -> Option<Color> {
    if text.contains('#') || !text.contains(',') {
        return Color::from_hex(text);
    }
    let mut channels = text.split(',').map(|part| number(part).map(|value| value.clamp(0.0, 255.0).round() as u8));
    let mut next = || channels.next().flatten();
    let (r, g, b) = (next()?, next()?, next()?);
    Some(Color { r, g, b, a: next().unwrap_or(255) })
}
