//! OGC's Styled Layer Descriptor, 1.0 and 1.1 (Symbology Encoding), as GeoServer, QGIS and others write it.
//!
//! A style there is a list of rules, all of which are painted that hold. What only says "this field has this value" comes
//! to classes here, what only says "this figure lies between these" to ranges; all else stays rules, of which
//! the first one that holds decides. Rules of the same condition are laid over each other: that is how lines get
//! casings. Elements are taken by their names without prefix, so that both versions read alike.

use super::stack::{Lost, Stack};
use super::tree::Element;
use super::units::{self, number};
use super::{MOST_CLASSES, StyleError};
use crate::model::style::labels::{LabelLook, Labels};
use crate::model::style::{
    Blend, Breaks, Categories, ClassSymbol, Graduated, LayerStyle, RangeSymbol, RuleSymbol, Ruled, ScaleRange, Styling,
    Symbol,
};
use crate::text::Message;

mod filter;
mod symbols;
mod text;
mod write;

pub(super) use write::write;

use filter::{Condition, Shape};

/// A rule as read.
struct Rule {
    condition: Condition,
    label: String,
    scales: ScaleRange,
    /// What it paints, where it paints anything but text.
    stack: Option<Stack>,
    labels: Option<Labels>,
}

/// Reads a document.
///
/// # Errors
/// [`StyleError::Said`] where it is no style of features.
pub(super) fn read(root: &Element, lost: &mut Lost) -> Result<LayerStyle, StyleError> {
    let is_layer = |element: &&Element| matches!(element.name.as_str(), "NamedLayer" | "UserLayer");
    let layers: Vec<&Element> = root.elements().filter(is_layer).collect();
    if layers.len() > 1 {
        lost.add(Message::new("style.first-layer").with("count", layers.len()));
    }
    let layer = layers.first().copied().unwrap_or(root);
    let mut of_layer = layer.all("UserStyle");
    let style = of_layer.next().unwrap_or(layer);
    if of_layer.next().is_some() {
        lost.add(Message::new("style.first-style"));
    }
    let types: Vec<&Element> = match style.name.as_str() {
        "FeatureTypeStyle" => vec![style],
        _ => style.all("FeatureTypeStyle").collect(),
    };
    let mut rules: Vec<Rule> = Vec::new();
    let mut blend = Blend::Normal;
    'lists: for (order, features) in types.iter().enumerate() {
        match vendor_option(features, "composite").as_deref() {
            None => {}
            Some(text) if text.starts_with("multiply") => blend = Blend::Multiply,
            Some(_) => lost.add(Message::new("style.lost-blend")),
        }
        for element in features.all("Rule") {
            add(element, order, &mut rules, lost);
            if rules.len() > MOST_CLASSES {
                rules.truncate(MOST_CLASSES);
                lost.once(Message::new("style.classes-cut").with("most", MOST_CLASSES));
                break 'lists;
            }
        }
    }
    if rules.is_empty() {
        let key = if style.find("RasterSymbolizer").is_some() { "style.raster" } else { "style.none" };
        return Err(StyleError::Said(Message::new(key)));
    }
    let mut labels = labels(&rules, lost);
    let mut style = styling(rules, lost);
    style.blend = blend;
    // What holds for the layer holds for its labels.
    if let Some(labels) = labels.as_mut().filter(|labels| labels.scales == style.scales) {
        labels.scales = ScaleRange::default();
    }
    style.labels = labels;
    Ok(style)
}

/// The text of a vendor's option of an element.
fn vendor_option(element: &Element, name: &str) -> Option<String> {
    element.all("VendorOption").find(|option| option.attribute("name") == Some(name)).map(Element::text)
}

/// Adds a rule, or lays it over one of the same condition of an earlier list.
fn add(element: &Element, order: usize, rules: &mut Vec<Rule>, lost: &mut Lost) {
    let condition = match (element.child("ElseFilter"), element.child("Filter")) {
        (Some(_), _) => Condition { shape: Shape::Else, expression: String::new() },
        (None, None) => Condition { shape: Shape::All, expression: String::new() },
        (None, Some(filter)) => match filter::read(filter) {
            Some(condition) => condition,
            None => {
                let name = element.child("Name").map(Element::text).unwrap_or_default();
                let title = element.at(&["Description", "Title"]).or_else(|| element.child("Title"));
                return lost.named("style.lost-filter", &title.map_or(name, Element::text));
            }
        },
    };
    let scale = |name: &str| units::denominator(element.child(name).map(Element::text).as_deref());
    let scales = ScaleRange { from: scale("MinScaleDenominator"), to: scale("MaxScaleDenominator") };
    let title = element.at(&["Description", "Title"]).or_else(|| element.child("Title"));
    let label = title.or_else(|| element.child("Name")).map(Element::text).unwrap_or_default();
    let is_same = |rule: &Rule| order > 0 && rule.condition == condition && rule.scales == scales;
    let same = rules.iter().position(is_same);
    let beneath = same.and_then(|at| rules[at].stack.clone());
    let is_beneath = beneath.is_some();
    let mut stack = beneath.unwrap_or_default();
    let (mut painted, mut labels) = (false, None);
    for symbolizer in element.elements() {
        match symbolizer.name.as_str() {
            "PolygonSymbolizer" => symbols::polygon(symbolizer, &mut stack, lost),
            "LineSymbolizer" => symbols::line(symbolizer, &mut stack, lost),
            "PointSymbolizer" => symbols::point(symbolizer, &mut stack, lost),
            "TextSymbolizer" => {
                if labels.is_some() {
                    lost.once(Message::new("style.lost-label-rules"));
                } else {
                    labels = text::read(symbolizer, lost);
                }
                continue;
            }
            "RasterSymbolizer" => {
                lost.named("style.lost-layer", "RasterSymbolizer");
                continue;
            }
            _ => continue,
        }
        painted = true;
    }
    let stack = (painted || is_beneath).then_some(stack);
    match same {
        Some(at) => {
            rules[at].stack = stack;
            rules[at].labels = rules[at].labels.take().or(labels);
        }
        None => rules.push(Rule { condition, label, scales, stack, labels }),
    }
}

/// The labels of the first rule that has any; others differ from it in their look by class.
fn labels(rules: &[Rule], lost: &mut Lost) -> Option<Labels> {
    let with_labels: Vec<(&Rule, &Labels)> =
        rules.iter().filter_map(|rule| Some((rule, rule.labels.as_ref()?))).collect();
    let (first_rule, first) = with_labels.first()?;
    let mut labels = (*first).clone();
    labels.scales = first_rule.scales;
    for (rule, other) in &with_labels[1..] {
        if other.text != labels.text || other.placing != labels.placing || rule.scales != labels.scales {
            lost.once(Message::new("style.lost-label-rules"));
        } else if other.look != labels.look {
            labels.of_class.extend(keys(rule).into_iter().map(|key| (key, other.look)));
        }
    }
    let is_for_all = with_labels.iter().any(|(rule, _)| matches!(rule.condition.shape, Shape::All));
    if !is_for_all && rules.iter().any(|rule| rule.stack.is_some() && rule.labels.is_none()) {
        lost.add(Message::new("style.labels-for-all"));
    }
    Some(labels)
}

/// What tells a rule's features in looks of labels.
fn keys(rule: &Rule) -> Vec<String> {
    match &rule.condition.shape {
        Shape::Values { values, .. } => values.clone(),
        _ => vec![rule.label.clone()],
    }
}

/// The rules that paint as the simplest style that says the same.
fn styling(rules: Vec<Rule>, lost: &mut Lost) -> LayerStyle {
    // A rule that paints nothing at all hides its features.
    let mut painting: Vec<(Rule, Option<Symbol>)> = Vec::new();
    for mut rule in rules {
        match rule.stack.take() {
            Some(stack) => painting.push((rule, Some(stack.finish()))),
            None if rule.labels.is_none() => painting.push((rule, None)),
            None => {}
        }
    }
    let scales = painting.first().map(|(rule, _)| rule.scales).unwrap_or_default();
    let is_uniform = painting.iter().all(|(rule, _)| rule.scales == scales);
    let mut style = LayerStyle::of(Styling::Single(Symbol::default()));
    if is_uniform {
        style.scales = scales;
        painting.iter_mut().for_each(|(rule, _)| rule.scales = ScaleRange::default());
        match painting.as_slice() {
            [] => return style,
            [(rule, symbol)] if matches!(rule.condition.shape, Shape::All | Shape::Else) => {
                style.styling = Styling::Single(symbol.unwrap_or_default());
                return style;
            }
            _ => {}
        }
        if let Some(found) = categorised(&painting).or_else(|| graduated(&painting, lost)) {
            style.styling = found;
            return style;
        }
    }
    // What holds for all features is painted first there; here it comes to those that no other rule takes.
    painting.sort_by_key(|(rule, _)| matches!(rule.condition.shape, Shape::All));
    if painting.iter().filter(|(rule, _)| !matches!(rule.condition.shape, Shape::Else)).count() > 1 {
        lost.add(Message::new("style.first-rule"));
    }
    let mut ruled = Ruled { rules: Vec::new(), other: Symbol::default(), other_visible: false };
    for (rule, symbol) in painting {
        if matches!(rule.condition.shape, Shape::Else) && rule.scales.is_open() && !ruled.other_visible {
            (ruled.other, ruled.other_visible) = (symbol.unwrap_or_default(), symbol.is_some());
            continue;
        }
        let (filter, label, scales) = (rule.condition.expression, rule.label, rule.scales);
        let (symbol, visible) = (symbol.unwrap_or_default(), symbol.is_some());
        ruled.rules.push(RuleSymbol { filter, label, scales, symbol, visible });
    }
    // A rule for all others at some scales only comes last as well.
    ruled.rules.sort_by_key(|rule| rule.filter.is_empty());
    style.styling = Styling::Ruled(ruled);
    style
}

/// Classes, where every rule asks the same field for values, or is for all others.
fn categorised(painting: &[(Rule, Option<Symbol>)]) -> Option<Styling> {
    let mut found = Categories {
        field: String::new(),
        scheme: None,
        classes: Vec::new(),
        other: Symbol::default(),
        other_visible: false,
    };
    for (rule, symbol) in painting {
        match &rule.condition.shape {
            Shape::Values { field, values } if found.field.is_empty() || found.field == *field => {
                found.field.clone_from(field);
                for key in values.iter().take(MOST_CLASSES.saturating_sub(found.classes.len())) {
                    let label = if rule.label == *key { String::new() } else { rule.label.clone() };
                    let (key, symbol, visible) = (key.clone(), symbol.unwrap_or_default(), symbol.is_some());
                    found.classes.push(ClassSymbol { key, class: None, label, symbol, visible });
                }
            }
            Shape::Else => (found.other, found.other_visible) = (symbol.unwrap_or_default(), symbol.is_some()),
            _ => return None,
        }
    }
    (!found.classes.is_empty()).then_some(Styling::Categorised(found))
}

/// Ranges, where every rule asks the same figure for its bounds, or is for all others.
fn graduated(painting: &[(Rule, Option<Symbol>)], lost: &mut Lost) -> Option<Styling> {
    let mut held = 0;
    let mut found = Graduated {
        expression: String::new(),
        breaks: Breaks::Given,
        ranges: Vec::new(),
        other: Symbol::default(),
        other_visible: false,
    };
    for (rule, symbol) in painting {
        match &rule.condition.shape {
            Shape::Range { of, lower, upper, holds_upper }
                if found.expression.is_empty() || found.expression == *of =>
            {
                found.expression.clone_from(of);
                held += usize::from(*holds_upper);
                let (symbol, visible) = (symbol.unwrap_or_default(), symbol.is_some());
                let (lower, upper) = (lower.min(*upper), lower.max(*upper));
                let mut range = RangeSymbol { lower, upper, label: String::new(), symbol, visible };
                // What only repeats the bounds says nothing.
                if rule.label != range.name() {
                    range.label.clone_from(&rule.label);
                }
                found.ranges.push(range);
            }
            Shape::Else => (found.other, found.other_visible) = (symbol.unwrap_or_default(), symbol.is_some()),
            _ => return None,
        }
    }
    // Here the last range alone holds its upper bound.
    if held > 1 {
        lost.once(Message::new("style.range-bounds"));
    }
    (!found.ranges.is_empty()).then_some(Styling::Graduated(found))
}

/// The look of letters: size, weight and colours of a symbolizer of text.
fn look(size_px: f64, bold: bool) -> LabelLook {
    LabelLook { size_px: units::size(size_px), bold, color: None, halo: None }
}

/// A number in an element: its text where it holds no more than that.
fn figure(element: Option<&Element>, lost: &mut Lost) -> Option<f64> {
    let element = element?;
    if element.find("PropertyName").is_some() || element.find("Function").is_some() {
        lost.named("style.lost-data-defined", &element.name);
        return None;
    }
    number(&element.text())
}
