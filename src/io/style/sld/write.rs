//! Our styles as SLD 1.1 with Symbology Encoding 1.1. Sizes are pixels. What GeoServer alone understands (margins of
//! patterns, blending) stands in its vendor options, which others pass over.

use super::super::stack::{Lost, known_mark, short};
use super::super::units::{faded, written};
use super::super::{Values, xml_escaped};
use super::filter::{written_filter, written_range, written_value, written_values};
use crate::expr::{Expr, NodeKind};
use crate::model::GeometryKind;
use crate::model::style::labels::{LabelText, Labels, Placing, rank};
use crate::model::style::{
    Blend, Color, Fill, Hatch, Icon, LayerStyle, Marker, Motif, Pattern, ScaleRange, Shape, Stroke, Styling, Symbol,
};
use crate::text::{Language, Message};

/// What a document begins with.
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <StyledLayerDescriptor version=\"1.1.0\" xmlns=\"http://www.opengis.net/sld\" \
    xmlns:se=\"http://www.opengis.net/se\" xmlns:ogc=\"http://www.opengis.net/ogc\" \
    xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
    xsi:schemaLocation=\"http://www.opengis.net/sld http://schemas.opengis.net/sld/1.1.0/StyledLayerDescriptor.xsd\">\n";

/// A document of `style` for features of `kind` in a layer called `name`. `values` are the values of each class of a
/// categorised style.
pub(in super::super) fn write(
    style: &LayerStyle,
    kind: GeometryKind,
    name: &str,
    values: &Values,
    language: Language,
    lost: &mut Lost,
) -> String {
    let mut out = Out { text: HEAD.to_owned(), kind, opacity: style.opacity, scales: style.scales };
    let name = xml_escaped(name);
    out.text.push_str(&format!(
        "<NamedLayer>\n<se:Name>{name}</se:Name>\n<UserStyle>\n<se:Name>{name}</se:Name>\n<se:FeatureTypeStyle>\n"
    ));
    match &style.styling {
        Styling::Single(symbol) => out.rule("", "", ScaleRange::default(), Some(symbol), lost),
        Styling::Categorised(categories) => {
            for (at, class) in categories.classes.iter().enumerate() {
                let keys: Vec<&str> = match values.of(at) {
                    [] => vec![class.key.as_str()],
                    several => several.iter().map(String::as_str).collect(),
                };
                let filter = written_values(&categories.field, &keys);
                let symbol = Some(&class.symbol).filter(|_| class.visible);
                out.rule(class.name(language), &within(&filter), ScaleRange::default(), symbol, lost);
            }
            let other = Some(&categories.other).filter(|_| categories.other_visible);
            out.rule("", ELSE, ScaleRange::default(), other, lost);
        }
        Styling::Graduated(graduated) => {
            let last = graduated.ranges.len().saturating_sub(1);
            for (at, range) in graduated.ranges.iter().enumerate() {
                let filter = written_range(&graduated.expression, range.lower, range.upper, at == last);
                let Some(filter) = filter else {
                    lost.add(Message::new("style.write-expression").with("text", short(&graduated.expression)));
                    break;
                };
                let symbol = Some(&range.symbol).filter(|_| range.visible);
                out.rule(&range.name(), &within(&filter), ScaleRange::default(), symbol, lost);
            }
            let other = Some(&graduated.other).filter(|_| graduated.other_visible);
            out.rule("", ELSE, ScaleRange::default(), other, lost);
        }
        Styling::Ruled(ruled) => {
            if ruled.rules.len() > 1 {
                lost.add(Message::new("style.write-all-rules"));
            }
            for rule in &ruled.rules {
                let is_for_all = rule.filter.trim().is_empty();
                let filter = if is_for_all { Some(String::new()) } else { written_filter(&rule.filter) };
                let Some(filter) = filter else {
                    lost.add(Message::new("style.write-expression").with("text", short(&rule.filter)));
                    continue;
                };
                let filter = if is_for_all { filter } else { within(&filter) };
                out.rule(&rule.label, &filter, rule.scales, Some(&rule.symbol).filter(|_| rule.visible), lost);
            }
            let other = Some(&ruled.other).filter(|_| ruled.other_visible);
            out.rule("", ELSE, ScaleRange::default(), other, lost);
        }
    }
    if style.blend == Blend::Multiply {
        out.option("composite", "multiply");
    }
    out.text.push_str("</se:FeatureTypeStyle>\n");
    if let Some(labels) = &style.labels {
        out.labels(labels, lost);
    }
    out.text.push_str("</UserStyle>\n</NamedLayer>\n</StyledLayerDescriptor>\n");
    out.text
}

/// What a rule has in place of a condition where it is for all others.
const ELSE: &str = "<se:ElseFilter/>\n";

fn within(filter: &str) -> String {
    format!("<ogc:Filter>{filter}</ogc:Filter>\n")
}

/// A document being written.
struct Out {
    text: String,
    kind: GeometryKind,
    /// Strength of the layer: the standard knows only that of each colour.
    opacity: f32,
    scales: ScaleRange,
}

impl Out {
    fn option(&mut self, name: &str, value: &str) {
        self.text.push_str(&format!("<se:VendorOption name=\"{name}\">{}</se:VendorOption>\n", xml_escaped(value)));
    }

    fn scales(&mut self, scales: ScaleRange) {
        let tighter = |a: Option<f64>, b: Option<f64>, of: fn(f64, f64) -> f64| match (a, b) {
            (Some(a), Some(b)) => Some(of(a, b)),
            (a, b) => a.or(b),
        };
        let from = tighter(self.scales.from, scales.from, f64::max);
        let to = tighter(self.scales.to, scales.to, f64::min);
        for (name, end) in [("MinScaleDenominator", from), ("MaxScaleDenominator", to)] {
            if let Some(end) = end {
                self.text.push_str(&format!("<se:{name}>{}</se:{name}>\n", written(end)));
            }
        }
    }

    /// A rule; one without a symbol paints nothing, and keeps its features from the rule for all others.
    fn rule(&mut self, label: &str, filter: &str, scales: ScaleRange, symbol: Option<&Symbol>, lost: &mut Lost) {
        // Nothing for all others is what they get without a rule.
        if symbol.is_none() && filter == ELSE {
            return;
        }
        self.text.push_str("<se:Rule>\n");
        if !label.is_empty() {
            let label = xml_escaped(label);
            self.text.push_str(&format!(
                "<se:Name>{label}</se:Name>\n<se:Description><se:Title>{label}</se:Title></se:Description>\n"
            ));
        }
        self.text.push_str(filter);
        self.scales(scales);
        if let Some(symbol) = symbol {
            self.symbol(symbol, lost);
        }
        self.text.push_str("</se:Rule>\n");
    }

    fn symbol(&mut self, symbol: &Symbol, lost: &mut Lost) {
        match self.kind {
            GeometryKind::Polygon | GeometryKind::None => {
                self.fill(&symbol.fill, lost);
                for line in lines(symbol.stroke.as_ref()) {
                    let stroke = self.stroke(&line);
                    self.symbolizer("Polygon", &stroke);
                }
                if let Some(marker) = &symbol.marker {
                    // A point sign stands at a point within the polygon.
                    let graphic = self.graphic(marker, lost);
                    self.symbolizer("Point", &graphic);
                }
            }
            GeometryKind::Line => {
                for line in lines(symbol.stroke.as_ref()) {
                    let stroke = self.stroke(&line);
                    self.symbolizer("Line", &stroke);
                }
            }
            GeometryKind::Point => {
                if let Some(marker) = &symbol.marker {
                    let graphic = self.graphic(marker, lost);
                    self.symbolizer("Point", &graphic);
                }
            }
        }
    }

    fn symbolizer(&mut self, kind: &str, inside: &str) {
        self.text.push_str(&format!("<se:{kind}Symbolizer>\n{inside}</se:{kind}Symbolizer>\n"));
    }

    fn paint(&self, what: &str, color: Color) -> String {
        let color = faded(color, self.opacity);
        let (ink, opacity) = (color.with_alpha(255), written(f64::from(color.a) / 255.0));
        let parameter =
            |name: &str, value: &str| format!("<se:SvgParameter name=\"{name}\">{value}</se:SvgParameter>\n");
        let mut text = parameter(what, &ink.to_string());
        if color.a < 255 {
            text.push_str(&parameter(&format!("{what}-opacity"), &opacity));
        }
        text
    }

    fn stroke(&self, line: &Stroke) -> String {
        let mut text = format!("<se:Stroke>\n{}", self.paint("stroke", line.color));
        text.push_str(&format!(
            "<se:SvgParameter name=\"stroke-width\">{}</se:SvgParameter>\n",
            written(f64::from(line.width_px))
        ));
        if let Some(dash) = line.dash {
            let (on, off) = (written(f64::from(dash.on_px)), written(f64::from(dash.off_px)));
            text.push_str(&format!("<se:SvgParameter name=\"stroke-dasharray\">{on} {off}</se:SvgParameter>\n"));
        }
        text.push_str("</se:Stroke>\n");
        text
    }

    fn fill(&mut self, fill: &Fill, lost: &mut Lost) {
        let back = match fill {
            Fill::None => return,
            Fill::Solid(color) => Some(*color),
            Fill::Hatch(Hatch { back, .. }) | Fill::Pattern(Pattern { back, .. }) => *back,
        };
        if let Some(back) = back {
            let inside = format!("<se:Fill>\n{}</se:Fill>\n", self.paint("fill", back));
            self.symbolizer("Polygon", &inside);
        }
        match fill {
            Fill::None | Fill::Solid(_) => {}
            Fill::Hatch(hatch) => {
                self.hatch(hatch, hatch.angle_deg);
                if hatch.crossed {
                    self.hatch(hatch, hatch.angle_deg + 90.0);
                }
            }
            Fill::Pattern(pattern) => self.pattern(pattern, lost),
        }
    }

    fn hatch(&mut self, hatch: &Hatch, angle_deg: f32) {
        let line = Stroke { color: hatch.color, width_px: hatch.width_px, dash: None, casing: None };
        let (stroke, size) = (self.stroke(&line), written(f64::from(hatch.spacing_px)));
        // Rotations go clockwise there.
        let turned = written(f64::from((-angle_deg).rem_euclid(180.0)));
        let inside = format!(
            "<se:Fill>\n<se:GraphicFill>\n<se:Graphic>\n<se:Mark>\n<se:WellKnownName>horline</se:WellKnownName>\n\
             {stroke}</se:Mark>\n<se:Size>{size}</se:Size>\n\
             <se:Rotation><ogc:Literal>{turned}</ogc:Literal></se:Rotation>\n\
             </se:Graphic>\n</se:GraphicFill>\n</se:Fill>\n"
        );
        self.symbolizer("Polygon", &inside);
    }

    fn pattern(&mut self, pattern: &Pattern, lost: &mut Lost) {
        let motif = pattern.motif.name();
        let name = known_mark(pattern.motif, lost);
        let line = Stroke { color: pattern.color, width_px: pattern.line_width_px(), dash: None, casing: None };
        let paint = match motif {
            "ring" | "cross" => self.stroke(&line),
            _ => format!("<se:Fill>\n{}</se:Fill>\n", self.paint("fill", pattern.color)),
        };
        let size = written(f64::from(pattern.size_px));
        let margin = written(f64::from((pattern.spacing_px - pattern.size_px).max(0.0)) / 2.0);
        let mut inside = format!(
            "<se:Fill>\n<se:GraphicFill>\n<se:Graphic>\n<se:Mark>\n<se:WellKnownName>{name}</se:WellKnownName>\n\
             {paint}</se:Mark>\n<se:Size>{size}</se:Size>\n</se:Graphic>\n</se:GraphicFill>\n</se:Fill>\n"
        );
        let staggered = if pattern.staggered { "true" } else { "false" };
        for (name, value) in [("graphic-margin", margin.as_str()), ("motif", motif), ("staggered", staggered)] {
            inside.push_str(&format!("<se:VendorOption name=\"{name}\">{value}</se:VendorOption>\n"));
        }
        self.symbolizer("Polygon", &inside);
    }

    fn graphic(&self, marker: &Marker, lost: &mut Lost) -> String {
        let (name, icon) = match (marker.shape, marker.icon) {
            (Shape::Circle, icon) => ("circle", icon),
            (Shape::Square | Shape::RoundedSquare, icon) => ("square", icon),
            (Shape::Diamond, icon) => ("diamond", icon),
            (Shape::Triangle, icon) => ("triangle", icon),
            (Shape::Bare, Icon::Star) => ("star", Icon::None),
            (Shape::Bare, Icon::Figure(Motif::Cross)) => ("cross", Icon::None),
            (Shape::Bare, icon) => ("circle", icon),
        };
        if icon != Icon::None {
            lost.add(Message::new("style.write-icon"));
        }
        let mut paint = format!("<se:Fill>\n{}</se:Fill>\n", self.paint("fill", marker.color));
        if name == "cross" {
            // A cross is drawn by its outline.
            let line = Stroke { color: marker.color, width_px: 1.0, dash: None, casing: None };
            paint = self.stroke(&line);
        } else if let Some(casing) = marker.casing {
            let line = Stroke { color: casing.color, width_px: casing.width_px, dash: None, casing: None };
            paint.push_str(&self.stroke(&line));
        }
        let size = written(f64::from(marker.size_px));
        format!(
            "<se:Graphic>\n<se:Mark>\n<se:WellKnownName>{name}</se:WellKnownName>\n{paint}</se:Mark>\n\
             <se:Size>{size}</se:Size>\n</se:Graphic>\n"
        )
    }

    /// Labels in a list of rules of their own, painted over all symbols.
    fn labels(&mut self, labels: &Labels, lost: &mut Lost) {
        let said = match &labels.text {
            LabelText::Field(field) => Some(property(field)),
            LabelText::Expression(source) => label(source),
            LabelText::Fraction { over, under } => {
                lost.add(Message::new("style.write-fraction"));
                label(over).zip(label(under)).map(|(over, under)| format!("{over}<![CDATA[\n]]>{under}"))
            }
        };
        let Some(said) = said else {
            return lost.add(Message::new("style.write-label"));
        };
        if !labels.of_class.is_empty() {
            lost.add(Message::new("style.write-class-looks"));
        }
        if labels.rank != rank::PARCEL {
            lost.add(Message::new("style.write-rank"));
        }
        let look = &labels.look;
        let weight = if look.bold { "bold" } else { "normal" };
        let size = written(f64::from(look.size_px));
        let mut inside = format!(
            "<se:Label>{said}</se:Label>\n<se:Font>\n<se:SvgParameter name=\"font-size\">{size}</se:SvgParameter>\n\
             <se:SvgParameter name=\"font-weight\">{weight}</se:SvgParameter>\n</se:Font>\n"
        );
        match (labels.placing, self.kind) {
            (Placing::Along { .. }, GeometryKind::Line | GeometryKind::Polygon)
            | (Placing::Auto, GeometryKind::Line) => {
                inside.push_str("<se:LabelPlacement><se:LinePlacement/></se:LabelPlacement>\n");
            }
            (Placing::Over, _) => inside.push_str(
                "<se:LabelPlacement><se:PointPlacement><se:AnchorPoint><se:AnchorPointX>0.5</se:AnchorPointX>\
                 <se:AnchorPointY>0.5</se:AnchorPointY></se:AnchorPoint></se:PointPlacement></se:LabelPlacement>\n",
            ),
            _ => {}
        }
        if let Some(halo) = look.halo {
            let (radius, ground) = (written(f64::from(halo.width_px) / 2.0), halo.color.unwrap_or(Color::WHITE));
            inside.push_str(&format!(
                "<se:Halo>\n<se:Radius>{radius}</se:Radius>\n<se:Fill>\n{}</se:Fill>\n</se:Halo>\n",
                self.paint("fill", ground)
            ));
        }
        let ink = look.color.unwrap_or(Color::rgb(40, 40, 40));
        inside.push_str(&format!("<se:Fill>\n{}</se:Fill>\n", self.paint("fill", ink)));
        if matches!(labels.placing, Placing::Along { spaced: true }) {
            inside.push_str("<se:VendorOption name=\"spaced\">true</se:VendorOption>\n");
        }
        self.text.push_str("<se:FeatureTypeStyle>\n<se:Rule>\n");
        self.scales(labels.scales);
        self.symbolizer("Text", &inside);
        self.text.push_str("</se:Rule>\n</se:FeatureTypeStyle>\n");
    }
}

/// A line and what is beneath it, bottom first.
fn lines(stroke: Option<&Stroke>) -> Vec<Stroke> {
    let Some(stroke) = stroke.filter(|stroke| stroke.width_px > 0.0) else { return Vec::new() };
    let plain = Stroke { casing: None, ..*stroke };
    match stroke.casing {
        Some(casing) => {
            vec![Stroke { color: casing.color, width_px: casing.width_px, dash: None, casing: None }, plain]
        }
        None => vec![plain],
    }
}

fn property(name: &str) -> String {
    format!("<ogc:PropertyName>{}</ogc:PropertyName>", xml_escaped(name))
}

/// An expression as the inside of a label: its parts one after the other, where it joins texts.
fn label(source: &str) -> Option<String> {
    let expression = Expr::parse(source).ok()?; // what is no expression says nothing
    let part = |kind: &NodeKind| match kind {
        NodeKind::Field { name, .. } | NodeKind::Curly(name) => Some(property(name)),
        NodeKind::Text(said) => Some(format!("<ogc:Literal>{}</ogc:Literal>", xml_escaped(said))),
        _ => None,
    };
    match &expression.root().kind {
        NodeKind::Call(function, parts) if function.name() == "concat" => {
            parts.iter().map(|node| part(&node.kind)).collect()
        }
        kind => part(kind).or_else(|| written_value(source)),
    }
}
