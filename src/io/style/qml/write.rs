//! Our styles as QGIS 3 reads them. Sizes are written in millimetres, letters in points, so that they print as they show.

use super::super::expression::to_qgis;
use super::super::stack::{Lost, known_mark, short};
use super::super::units::{MILLIMETRE, POINT, written};
use super::super::{Values, xml_escaped};
use super::labels::priority_of;
use crate::model::GeometryKind;
use crate::model::style::labels::{LabelText, Labels, Placing};
use crate::model::style::{
    Blend, Breaks, Categories, Color, Fill, Graduated, Hatch, Icon, LayerStyle, Marker, Motif, Pattern, Ruled,
    ScaleRange, Shape, Stroke, Styling, Symbol,
};
use crate::text::{Language, Message};

/// A document of `style` for features of `kind`. `values` are the values of each class of a categorised style.
pub(in super::super) fn write(
    style: &LayerStyle,
    kind: GeometryKind,
    values: &Values,
    language: Language,
    lost: &mut Lost,
) -> String {
    let mut out = Out { text: String::new(), symbols: String::new(), count: 0, kind };
    let (from, to) = (style.scales.from.unwrap_or(0.0), style.scales.to.unwrap_or(1e8));
    out.text.push_str("<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n");
    out.text.push_str(&format!(
        "<qgis version=\"3.34.0\" styleCategories=\"Symbology|Labeling|Rendering\" labelsEnabled=\"{}\" \
         hasScaleBasedVisibilityFlag=\"{}\" minScale=\"{}\" maxScale=\"{}\">\n",
        u8::from(style.labels.is_some()),
        u8::from(!style.scales.is_open()),
        written(to),
        written(from),
    ));
    match &style.styling {
        Styling::Single(symbol) => {
            out.renderer("singleSymbol", "");
            out.symbol(symbol, lost);
        }
        Styling::Categorised(categories) => out.categories(categories, values, language, lost),
        Styling::Graduated(graduated) => out.ranges(graduated, lost),
        Styling::Ruled(ruled) => out.rules(ruled, lost),
    }
    let symbols = std::mem::take(&mut out.symbols);
    out.text.push_str(&format!("<symbols>\n{symbols}</symbols>\n<rotation/>\n<sizescale/>\n</renderer-v2>\n"));
    if let Some(labels) = &style.labels {
        out.labels(labels, lost);
    }
    let blend = match style.blend {
        Blend::Normal => "0",
        Blend::Multiply => super::MULTIPLY,
    };
    let geometry = match kind {
        GeometryKind::Point => 0,
        GeometryKind::Line => 1,
        GeometryKind::Polygon | GeometryKind::None => 2,
    };
    let opacity = written(f64::from(style.opacity));
    out.text.push_str(&format!(
        "<blendMode>{blend}</blendMode>\n<featureBlendMode>0</featureBlendMode>\n<layerOpacity>{opacity}</layerOpacity>\n\
         <layerGeometryType>{geometry}</layerGeometryType>\n</qgis>\n"
    ));
    out.text
}

/// A document being written: its symbols stand behind what names them.
struct Out {
    text: String,
    symbols: String,
    count: usize,
    kind: GeometryKind,
}

impl Out {
    /// Begins the renderer; `more` are its own attributes.
    fn renderer(&mut self, kind: &str, more: &str) {
        self.text.push_str(&format!(
            "<renderer-v2 type=\"{kind}\"{more} symbollevels=\"0\" forceraster=\"0\" enableorderby=\"0\" \
             referencescale=\"-1\">\n"
        ));
    }

    fn categories(&mut self, categories: &Categories, values: &Values, language: Language, lost: &mut Lost) {
        self.renderer("categorizedSymbol", &format!(" attr=\"{}\"", xml_escaped(&categories.field)));
        self.text.push_str("<categories>\n");
        for (at, class) in categories.classes.iter().enumerate() {
            let number = self.symbol(&class.symbol, lost);
            let (label, render) = (xml_escaped(class.name(language)), class.visible);
            let head = format!("<category symbol=\"{number}\" label=\"{label}\" render=\"{render}\"");
            match values.of(at) {
                [] | [_] => {
                    let value = xml_escaped(values.of(at).first().map_or(class.key.as_str(), String::as_str));
                    self.text.push_str(&format!("{head} type=\"string\" value=\"{value}\"/>\n"));
                }
                several => {
                    self.text.push_str(&format!("{head} type=\"List\">\n"));
                    for value in several {
                        self.text.push_str(&format!("<val type=\"QString\" value=\"{}\"/>\n", xml_escaped(value)));
                    }
                    self.text.push_str("</category>\n");
                }
            }
        }
        // The category of no value is for all others; where no class is for them they are not drawn.
        let has_empty = categories.classes.iter().any(|class| class.key.is_empty());
        if categories.other_visible && !has_empty {
            let number = self.symbol(&categories.other, lost);
            self.text.push_str(&format!(
                "<category symbol=\"{number}\" label=\"\" render=\"true\" type=\"string\" value=\"\"/>\n"
            ));
        }
        if has_empty {
            lost.add(Message::new("style.write-other"));
        }
        self.text.push_str("</categories>\n");
    }

    fn ranges(&mut self, graduated: &Graduated, lost: &mut Lost) {
        let Some(attribute) = to_qgis(&graduated.expression) else {
            lost.add(Message::new("style.write-expression").with("text", short(&graduated.expression)));
            self.renderer("singleSymbol", "");
            self.symbol(&graduated.other, lost);
            return;
        };
        let attributes = format!(" attr=\"{}\" graduatedMethod=\"GraduatedColor\"", xml_escaped(&attribute));
        self.renderer("graduatedSymbol", &attributes);
        self.text.push_str("<ranges>\n");
        for range in &graduated.ranges {
            let number = self.symbol(&range.symbol, lost);
            let (label, render) = (xml_escaped(&range.name()), range.visible);
            let (lower, upper) = (range.lower, range.upper);
            self.text.push_str(&format!(
                "<range symbol=\"{number}\" lower=\"{lower}\" upper=\"{upper}\" label=\"{label}\" render=\"{render}\"/>\n"
            ));
        }
        self.text.push_str("</ranges>\n");
        if graduated.other_visible {
            lost.add(Message::new("style.write-other"));
        }
        if graduated.ranges.len() > 1 {
            lost.once(Message::new("style.range-bounds"));
        }
        let method = match graduated.breaks {
            Breaks::Quantile => "Quantile",
            Breaks::Jenks => "Jenks",
            Breaks::Equal => "EqualInterval",
            Breaks::Pretty => "Pretty",
            Breaks::Given => return,
        };
        self.text.push_str(&format!("<classificationMethod id=\"{method}\"/>\n"));
    }

    fn rules(&mut self, ruled: &Ruled, lost: &mut Lost) {
        self.renderer("RuleRenderer", "");
        self.text.push_str("<rules key=\"rules\">\n");
        if ruled.rules.len() > 1 {
            lost.add(Message::new("style.write-all-rules"));
        }
        for rule in &ruled.rules {
            let filter = if rule.filter.trim().is_empty() { Some(String::new()) } else { to_qgis(&rule.filter) };
            let Some(filter) = filter else {
                lost.add(Message::new("style.write-expression").with("text", short(&rule.filter)));
                continue;
            };
            let number = self.symbol(&rule.symbol, lost);
            self.rule(number, &filter, &rule.label, rule.scales, rule.visible);
        }
        if ruled.other_visible {
            let number = self.symbol(&ruled.other, lost);
            self.rule(number, "ELSE", "", ScaleRange::default(), true);
        }
        self.text.push_str("</rules>\n");
    }

    fn rule(&mut self, number: usize, filter: &str, label: &str, scales: ScaleRange, visible: bool) {
        let mut rule = format!("<rule key=\"rule{number}\" symbol=\"{number}\" label=\"{}\"", xml_escaped(label));
        if !filter.is_empty() {
            rule.push_str(&format!(" filter=\"{}\"", xml_escaped(filter)));
        }
        if !visible {
            rule.push_str(" checkstate=\"0\"");
        }
        for (name, end) in [("scalemindenom", scales.from), ("scalemaxdenom", scales.to)] {
            if let Some(end) = end {
                rule.push_str(&format!(" {name}=\"{}\"", written(end)));
            }
        }
        self.text.push_str(&rule);
        self.text.push_str("/>\n");
    }

    /// Writes a symbol, and gives its number.
    fn symbol(&mut self, symbol: &Symbol, lost: &mut Lost) -> usize {
        let number = self.count;
        self.count += 1;
        let (kind, mut layers) = match self.kind {
            GeometryKind::Polygon | GeometryKind::None => ("fill", fill_layers(symbol, number, lost)),
            GeometryKind::Line => ("line", symbol.stroke.map(|stroke| line_layers(&stroke)).unwrap_or_default()),
            GeometryKind::Point => {
                ("marker", symbol.marker.map(|marker| marker_layer(&marker, lost)).unwrap_or_default())
            }
        };
        if layers.is_empty() {
            // A symbol has one layer at least: one that draws nothing.
            layers = match self.kind {
                GeometryKind::Polygon | GeometryKind::None => {
                    layer("SimpleFill", &[("style", "no"), ("outline_style", "no")], "")
                }
                GeometryKind::Line => layer("SimpleLine", &[("line_style", "no")], ""),
                GeometryKind::Point => {
                    layer("SimpleMarker", &[("name", "circle"), ("color", "0,0,0,0"), ("outline_style", "no")], "")
                }
            };
        }
        self.symbols.push_str(&within(kind, &number.to_string(), &layers));
        number
    }

    fn labels(&mut self, labels: &Labels, lost: &mut Lost) {
        let (said, is_expression) = match &labels.text {
            LabelText::Field(field) => (field.clone(), false),
            LabelText::Expression(source) => match to_qgis(source) {
                Some(expression) => (expression, true),
                None => return lost.add(Message::new("style.write-expression").with("text", short(source))),
            },
            LabelText::Fraction { over, under } => {
                lost.add(Message::new("style.write-fraction"));
                match (to_qgis(over), to_qgis(under)) {
                    (Some(over), Some(under)) => (format!("concat({over}, '\\n', {under})"), true),
                    _ => return lost.add(Message::new("style.write-expression").with("text", short(over))),
                }
            }
        };
        if !labels.of_class.is_empty() {
            lost.add(Message::new("style.write-class-looks"));
        }
        let look = &labels.look;
        let size = written(f64::from(look.size_px) / POINT);
        let (weight, named) = if look.bold { (75, "Bold") } else { (50, "Regular") };
        let ink = channels(look.color.unwrap_or(Color::rgb(40, 40, 40)));
        let halo = look.halo.map_or_else(
            || "<text-buffer bufferDraw=\"0\"/>".to_owned(),
            |halo| {
                let side = written(f64::from(halo.width_px) / 2.0 / MILLIMETRE);
                let color = channels(halo.color.unwrap_or(Color::WHITE));
                format!(
                    "<text-buffer bufferDraw=\"1\" bufferSize=\"{side}\" bufferSizeUnits=\"MM\" bufferColor=\"{color}\" \
                     bufferOpacity=\"1\" bufferNoFill=\"1\" bufferJoinStyle=\"128\"/>"
                )
            },
        );
        let placement = match (labels.placing, self.kind) {
            (Placing::Over, GeometryKind::Line) => 4,
            (Placing::Over, _) => 1,
            (Placing::Along { .. }, GeometryKind::Point) => 1,
            (Placing::Along { .. }, _) | (Placing::Auto, GeometryKind::Line) => 3,
            (Placing::Auto, GeometryKind::Point) => 6,
            (Placing::Auto, GeometryKind::Polygon | GeometryKind::None) => 4,
        };
        let (from, to) = (labels.scales.from.unwrap_or(0.0), labels.scales.to.unwrap_or(0.0));
        self.text.push_str(&format!(
            "<labeling type=\"simple\">\n<settings calloutType=\"simple\">\n\
             <text-style fieldName=\"{}\" isExpression=\"{}\" fontSize=\"{size}\" fontSizeUnit=\"Point\" \
             fontWeight=\"{weight}\" namedStyle=\"{named}\" textColor=\"{ink}\" textOpacity=\"1\" blendMode=\"0\">\n\
             {halo}\n</text-style>\n<text-format multilineAlign=\"1\"/>\n\
             <placement placement=\"{placement}\" priority=\"{}\" placementFlags=\"9\" maxCurvedCharAngleIn=\"25\" \
             maxCurvedCharAngleOut=\"-25\"/>\n\
             <rendering scaleVisibility=\"{}\" scaleMin=\"{}\" scaleMax=\"{}\" obstacle=\"1\" drawLabels=\"1\"/>\n\
             </settings>\n</labeling>\n",
            xml_escaped(&said),
            u8::from(is_expression),
            priority_of(labels.rank),
            u8::from(!labels.scales.is_open()),
            written(from),
            written(to),
        ));
    }
}

/// A symbol around layers.
fn within(kind: &str, name: &str, layers: &str) -> String {
    format!(
        "<symbol type=\"{kind}\" name=\"{name}\" alpha=\"1\" clip_to_extent=\"1\" force_rhr=\"0\">\n{layers}</symbol>\n"
    )
}

/// A layer of a symbol, with a symbol of its own where it has one.
fn layer(class: &str, values: &[(&str, &str)], symbol: &str) -> String {
    let option = |(name, value): &(&str, &str)| {
        format!("<Option name=\"{name}\" value=\"{}\" type=\"QString\"/>\n", xml_escaped(value))
    };
    let options: String = values.iter().map(option).collect();
    format!(
        "<layer class=\"{class}\" enabled=\"1\" locked=\"0\" pass=\"0\">\n<Option type=\"Map\">\n{options}</Option>\n\
         {symbol}</layer>\n"
    )
}

fn channels(color: Color) -> String {
    let Color { r, g, b, a } = color;
    format!("{r},{g},{b},{a}")
}

fn millimetres(px: f32) -> String {
    written(f64::from(px) / MILLIMETRE)
}

fn fill_layers(symbol: &Symbol, number: usize, lost: &mut Lost) -> String {
    let mut layers = String::new();
    // An outline that is no more than a line belongs to the fill there.
    let plain = symbol.stroke.filter(|stroke| stroke.dash.is_none() && stroke.casing.is_none());
    let mut outline = symbol.stroke;
    let solid = |color: Color, line: Option<Stroke>| {
        let width = millimetres(line.map_or(0.0, |line| line.width_px));
        let ink = channels(line.map_or(Color::BLACK, |line| line.color));
        let values = [
            ("color", channels(color)),
            ("style", "solid".to_owned()),
            ("outline_style", if line.is_some() { "solid" } else { "no" }.to_owned()),
            ("outline_color", ink),
            ("outline_width", width),
            ("outline_width_unit", "MM".to_owned()),
        ];
        layer("SimpleFill", &values.each_ref().map(|(name, value)| (*name, value.as_str())), "")
    };
    match symbol.fill {
        Fill::None => {}
        Fill::Solid(color) => {
            layers.push_str(&solid(color, plain));
            if plain.is_some() {
                outline = None;
            }
        }
        Fill::Hatch(hatch) => {
            layers.extend(hatch.back.map(|back| solid(back, None)));
            layers.push_str(&hatch_layer(&hatch, hatch.angle_deg, number));
            if hatch.crossed {
                layers.push_str(&hatch_layer(&hatch, hatch.angle_deg + 90.0, number));
            }
        }
        Fill::Pattern(pattern) => {
            layers.extend(pattern.back.map(|back| solid(back, None)));
            layers.push_str(&pattern_layer(&pattern, number, lost));
        }
    }
    layers.extend(outline.map(|stroke| line_layers(&stroke)));
    if let Some(marker) = symbol.marker {
        let sign = within("marker", &format!("@{number}@m"), &marker_layer(&marker, lost));
        layers.push_str(&layer("CentroidFill", &[("point_on_surface", "1"), ("point_on_all_parts", "0")], &sign));
    }
    layers
}

fn hatch_layer(hatch: &Hatch, angle_deg: f32, number: usize) -> String {
    let line = Stroke { color: hatch.color, width_px: hatch.width_px, dash: None, casing: None };
    let symbol = within("line", &format!("@{number}@h"), &line_layers(&line));
    let (angle, distance) = (written(f64::from(angle_deg.rem_euclid(180.0))), millimetres(hatch.spacing_px));
    let color = channels(hatch.color);
    let values = [
        ("angle", angle.as_str()),
        ("color", color.as_str()),
        ("distance", distance.as_str()),
        ("distance_unit", "MM"),
    ];
    layer("LinePatternFill", &values, &symbol)
}

fn pattern_layer(pattern: &Pattern, number: usize, lost: &mut Lost) -> String {
    let name = known_mark(pattern.motif, lost);
    let (size, color) = (millimetres(pattern.size_px), channels(pattern.color));
    // A ring and a cross are lines, the others areas.
    let inside = if pattern.motif.name() == "ring" { channels(Color::TRANSPARENT) } else { color.clone() };
    let values = [
        ("name", name),
        ("color", inside.as_str()),
        ("size", size.as_str()),
        ("size_unit", "MM"),
        ("outline_color", color.as_str()),
        ("outline_style", if matches!(name, "cross") || inside != color { "solid" } else { "no" }),
        ("outline_width", "0.2"),
        ("outline_width_unit", "MM"),
    ];
    let sign = within("marker", &format!("@{number}@p"), &layer("SimpleMarker", &values, ""));
    let spacing = millimetres(pattern.spacing_px);
    let moved = if pattern.staggered { millimetres(pattern.spacing_px / 2.0) } else { "0".to_owned() };
    let values = [
        ("distance_x", spacing.as_str()),
        ("distance_x_unit", "MM"),
        ("distance_y", spacing.as_str()),
        ("distance_y_unit", "MM"),
        ("displacement_x", moved.as_str()),
        ("displacement_x_unit", "MM"),
        ("motif", pattern.motif.name()),
    ];
    layer("PointPatternFill", &values, &sign)
}

fn line_layers(stroke: &Stroke) -> String {
    let mut layers = String::new();
    if let Some(casing) = stroke.casing {
        let beneath = Stroke { color: casing.color, width_px: casing.width_px, dash: None, casing: None };
        layers.push_str(&line_layers(&beneath));
    }
    let (color, width) = (channels(stroke.color), millimetres(stroke.width_px));
    let dash = stroke.dash.map(|dash| format!("{};{}", millimetres(dash.on_px), millimetres(dash.off_px)));
    let mut values = vec![
        ("line_color", color.as_str()),
        ("line_width", width.as_str()),
        ("line_width_unit", "MM"),
        ("line_style", if stroke.width_px > 0.0 { "solid" } else { "no" }),
        ("capstyle", "flat"),
        ("joinstyle", "round"),
    ];
    if let Some(dash) = &dash {
        values.extend([("use_customdash", "1"), ("customdash", dash.as_str()), ("customdash_unit", "MM")]);
    }
    layers.push_str(&layer("SimpleLine", &values, ""));
    layers
}

fn marker_layer(marker: &Marker, lost: &mut Lost) -> String {
    let (name, icon) = match (marker.shape, marker.icon) {
        (Shape::Circle, icon) => ("circle", icon),
        (Shape::Square, icon) => ("square", icon),
        (Shape::RoundedSquare, icon) => ("square_with_corners", icon),
        (Shape::Diamond, icon) => ("diamond", icon),
        (Shape::Triangle, icon) => ("triangle", icon),
        (Shape::Bare, Icon::Star) => ("star", Icon::None),
        (Shape::Bare, Icon::Figure(Motif::Cross)) => ("cross", Icon::None),
        (Shape::Bare, icon) => ("circle", icon),
    };
    let icon = match icon {
        Icon::None => None,
        Icon::House => Some("house"),
        Icon::Star => Some("star"),
        Icon::Flag => Some("flag"),
        Icon::Figure(motif) => Some(motif.name()),
    };
    // A cross is drawn by its outline.
    let line = match marker.casing {
        None if name == "cross" => Some((marker.color, 1.0)),
        casing => casing.map(|casing| (casing.color, casing.width_px)),
    };
    let (color, size) = (channels(marker.color), millimetres(marker.size_px));
    let ink = channels(line.map_or(Color::TRANSPARENT, |(color, _)| color));
    let width = millimetres(line.map_or(0.0, |(_, width_px)| width_px));
    let icon_color = channels(marker.icon_color);
    let mut values = vec![
        ("name", name),
        ("color", color.as_str()),
        ("size", size.as_str()),
        ("size_unit", "MM"),
        ("outline_color", ink.as_str()),
        ("outline_style", if line.is_some() { "solid" } else { "no" }),
        ("outline_width", width.as_str()),
        ("outline_width_unit", "MM"),
    ];
    if let Some(icon) = icon {
        lost.add(Message::new("style.write-icon"));
        let bare = if marker.shape == Shape::Bare { "1" } else { "0" };
        values.extend([("icon", icon), ("icon_color", icon_color.as_str()), ("bare", bare)]);
    }
    layer("SimpleMarker", &values, "")
}
