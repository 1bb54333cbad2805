//! QGIS's styles (`.qml`), as QGIS 3 writes them and as QGIS 2 did.
//!
//! A document holds everything about a layer; taken are its renderer with its symbols (single, categorised, graduated,
//! by rules, and those that wrap one of these), simple and rule-based labels, opacity, blending and scales. Values of
//! symbols are `Option`s since QGIS 3.20 and `prop`s before; both are read alike.

use super::expression::{self, of_qgis};
use super::stack::{Lost, short};
use super::tree::Element;
use super::units::{self, number};
use super::{MOST_CLASSES, StyleError};
use crate::model::style::{
    Blend, Breaks, Categories, ClassSymbol, Graduated, LayerStyle, RangeSymbol, RuleSymbol, Ruled, ScaleRange, Styling,
    Symbol,
};
use crate::text::Message;

mod labels;
mod symbols;
mod write;

pub(super) use write::write;

use symbols::Symbols;

/// QGIS's number of the blending that multiplies.
const MULTIPLY: &str = "6";

/// Rules within rules that are gone into.
const MOST_STEPS: usize = 32;

/// Reads a document.
///
/// # Errors
/// [`StyleError::Said`] where it is no style of a vector layer.
pub(super) fn read(root: &Element, lost: &mut Lost) -> Result<LayerStyle, StyleError> {
    if root.name != "qgis" {
        return Err(StyleError::Said(Message::new("style.none")));
    }
    let Some(renderer) = root.child("renderer-v2") else {
        let key = if root.find("rasterrenderer").is_some() { "style.raster" } else { "style.no-renderer" };
        return Err(StyleError::Said(Message::new(key)));
    };
    let mut style = LayerStyle::of(styling(renderer, lost)?);
    style.scales = scales(root);
    style.opacity = opacity(root);
    match root.child("blendMode").map(Element::text).as_deref() {
        None | Some("" | "0") => {}
        Some(MULTIPLY) => style.blend = Blend::Multiply,
        Some(_) => lost.add(Message::new("style.lost-blend")),
    }
    style.labels = labels::read(root, lost);
    if root.find("DiagramCategory").is_some_and(|diagram| diagram.attribute("enabled") == Some("1")) {
        lost.add(Message::new("style.lost-diagrams"));
    }
    Ok(style)
}

/// Scales between which the layer is drawn. QGIS 2 wrote the closest one first under `minimumScale`, QGIS 3 calls the
/// closest one `maxScale`.
fn scales(root: &Element) -> ScaleRange {
    if root.attribute("hasScaleBasedVisibilityFlag") != Some("1") {
        return ScaleRange::default();
    }
    let of = |new: &str, old: &str| units::denominator(root.attribute(new).or_else(|| root.attribute(old)));
    ScaleRange { from: of("maxScale", "minimumScale"), to: of("minScale", "maximumScale") }
}

fn opacity(root: &Element) -> f32 {
    let said = |name: &str| root.child(name).and_then(|element| number(&element.text()));
    match (said("layerOpacity"), said("layerTransparency")) {
        (Some(opacity), _) => units::share(opacity),
        (None, Some(transparency)) => units::share(1.0 - transparency / 100.0),
        (None, None) => 1.0,
    }
}

fn styling(renderer: &Element, lost: &mut Lost) -> Result<Styling, StyleError> {
    let symbols = Symbols::of(renderer, lost);
    let kind = renderer.attribute("type").unwrap_or_default();
    if renderer.attribute("symbollevels") == Some("1") {
        lost.add(Message::new("style.lost-levels"));
    }
    match kind {
        "singleSymbol" => Ok(Styling::Single(symbols.first())),
        "categorizedSymbol" => Ok(categorised(renderer, &symbols, lost)),
        "graduatedSymbol" => graduated(renderer, &symbols, lost),
        "RuleRenderer" => Ok(ruled(renderer, &symbols, lost)),
        "nullSymbol" => Ok(Styling::Single(Symbol::default())),
        // Those that change how another one is drawn, which stands within.
        "invertedPolygonRenderer"
        | "mergedFeatureRenderer"
        | "pointCluster"
        | "pointDisplacement"
        | "embeddedSymbol"
            if renderer.child("renderer-v2").is_some() =>
        {
            lost.named("style.lost-renderer", kind);
            match renderer.child("renderer-v2") {
                Some(within) if within.child("renderer-v2").is_none() => styling(within, lost),
                _ => Err(StyleError::Said(Message::new("style.no-renderer"))),
            }
        }
        _ => Err(StyleError::Said(Message::new("style.renderer").with("name", short(kind)))),
    }
}

/// One class a value. The category without a value is for all others.
fn categorised(renderer: &Element, symbols: &Symbols<'_>, lost: &mut Lost) -> Styling {
    let attribute = renderer.attribute("attr").unwrap_or_default();
    let (mut classes, mut other) = (Vec::new(), None);
    let listed = renderer.child("categories").into_iter().flat_map(|list| list.all("category"));
    for category in listed {
        let symbol = symbols.named(category.attribute("symbol").unwrap_or_default());
        let visible = category.attribute("render") != Some("false");
        let label = category.attribute("label").unwrap_or_default();
        let value = category.attribute("value").unwrap_or_default();
        let mut values: Vec<&str> = category.all("val").filter_map(|value| value.attribute("value")).collect();
        if values.is_empty() {
            values.push(value);
        }
        if values == [""] {
            other = Some((symbol, visible));
            continue;
        }
        for key in values {
            if classes.len() == MOST_CLASSES {
                lost.once(Message::new("style.classes-cut").with("most", MOST_CLASSES));
                break;
            }
            classes.push(ClassSymbol {
                key: key.to_owned(),
                class: None,
                // What only repeats the value says nothing.
                label: if label == key { String::new() } else { label.to_owned() },
                symbol,
                visible,
            });
        }
    }
    // Where no category is for them, QGIS leaves other values out.
    let (other, other_visible) = other.unwrap_or_default();
    let field = match expression::field_of_qgis(attribute) {
        Some(field) => field,
        // A name that is no word stands bare in older files.
        None if of_qgis(attribute).is_none() => attribute.to_owned(),
        None => return by_value_rules(attribute, classes, other, other_visible),
    };
    Styling::Categorised(Categories { field, scheme: None, classes, other, other_visible })
}

/// Classes of an expression: a rule for each value.
fn by_value_rules(attribute: &str, classes: Vec<ClassSymbol>, other: Symbol, other_visible: bool) -> Styling {
    let source = of_qgis(attribute).unwrap_or_default();
    let rule = |class: ClassSymbol| RuleSymbol {
        filter: format!("text({source}) = {}", expression::text(&class.key)),
        label: if class.label.is_empty() { class.key } else { class.label },
        scales: ScaleRange::default(),
        symbol: class.symbol,
        visible: class.visible,
    };
    Styling::Ruled(Ruled { rules: classes.into_iter().map(rule).collect(), other, other_visible })
}

fn graduated(renderer: &Element, symbols: &Symbols<'_>, lost: &mut Lost) -> Result<Styling, StyleError> {
    let attribute = renderer.attribute("attr").unwrap_or_default();
    let field = expression::field_of_qgis(attribute).map(|name| expression::field(&name));
    let Some(expression) = field.or_else(|| of_qgis(attribute)) else {
        return Err(StyleError::Said(Message::new("style.expression").with("text", short(attribute))));
    };
    if renderer.attribute("graduatedMethod").is_some_and(|method| method != "GraduatedColor") {
        lost.add(Message::new("style.lost-graduated-size"));
    }
    let mut ranges = Vec::new();
    for range in renderer.child("ranges").into_iter().flat_map(|list| list.all("range")) {
        let bound = |name: &str| range.attribute(name).and_then(number);
        let (Some(lower), Some(upper)) = (bound("lower"), bound("upper")) else {
            lost.add(Message::new("style.lost-range"));
            continue;
        };
        if ranges.len() == MOST_CLASSES {
            lost.once(Message::new("style.classes-cut").with("most", MOST_CLASSES));
            break;
        }
        let mut found = RangeSymbol {
            lower: lower.min(upper),
            upper: lower.max(upper),
            label: String::new(),
            symbol: symbols.named(range.attribute("symbol").unwrap_or_default()),
            visible: range.attribute("render") != Some("false"),
        };
        // What only repeats the bounds says nothing.
        let label = range.attribute("label").unwrap_or_default();
        if label != found.name() {
            label.clone_into(&mut found.label);
        }
        ranges.push(found);
    }
    if ranges.len() > 1 {
        lost.once(Message::new("style.range-bounds"));
    }
    let method = renderer.child("classificationMethod").and_then(|method| method.attribute("id"));
    let breaks = match method.or_else(|| renderer.child("mode").and_then(|mode| mode.attribute("name"))) {
        Some("Quantile" | "quantile") => Breaks::Quantile,
        Some("Jenks" | "jenks") => Breaks::Jenks,
        Some("EqualInterval" | "equal") => Breaks::Equal,
        Some("Pretty" | "pretty") => Breaks::Pretty,
        _ => Breaks::Given,
    };
    Ok(Styling::Graduated(Graduated { expression, breaks, ranges, other: Symbol::default(), other_visible: false }))
}

/// A rule of QGIS with what holds for all rules that it stands in.
struct Within {
    filter: Option<String>,
    scales: ScaleRange,
    visible: bool,
}

fn ruled(renderer: &Element, symbols: &Symbols<'_>, lost: &mut Lost) -> Styling {
    let mut ruled = Ruled { rules: Vec::new(), other: Symbol::default(), other_visible: false };
    let all = Within { filter: None, scales: ScaleRange::default(), visible: true };
    if let Some(rules) = renderer.child("rules") {
        add_rules(rules, &all, 0, symbols, &mut ruled, lost);
    }
    // What holds for all features is painted first there; here it comes to those that no other rule takes.
    ruled.rules.sort_by_key(|rule| rule.filter.is_empty());
    match ruled.rules.as_slice() {
        // A rule for everything is no rule.
        [RuleSymbol { filter, scales, symbol, visible: true, .. }]
            if filter.is_empty() && *scales == ScaleRange::default() && !ruled.other_visible =>
        {
            return Styling::Single(*symbol);
        }
        [_, _, ..] => lost.add(Message::new("style.first-rule")),
        _ => {}
    }
    Styling::Ruled(ruled)
}

/// Adds the rules in `rules`. Those within a rule go before it, as they are drawn over it.
fn add_rules(
    rules: &Element,
    within: &Within,
    depth: usize,
    symbols: &Symbols<'_>,
    ruled: &mut Ruled,
    lost: &mut Lost,
) {
    for rule in rules.all("rule") {
        let filter = rule.attribute("filter").unwrap_or_default().trim();
        let label = rule.attribute("label").unwrap_or_default();
        let visible = within.visible && rule.attribute("checkstate") != Some("0");
        let symbol = rule.attribute("symbol").map(|name| symbols.named(name));
        if filter.eq_ignore_ascii_case("else") {
            match symbol {
                Some(symbol) if within.filter.is_none() => (ruled.other, ruled.other_visible) = (symbol, visible),
                _ => lost.named("style.lost-filter", "ELSE"),
            }
            continue;
        }
        let own = match filter {
            "" => None,
            filter => match of_qgis(filter) {
                Some(own) => Some(own),
                None => {
                    lost.named("style.lost-filter", filter);
                    continue;
                }
            },
        };
        let filter = match (&within.filter, own) {
            (None, own) => own,
            (Some(outer), None) => Some(outer.clone()),
            (Some(outer), Some(own)) => Some(format!("({outer}) and ({own})")),
        };
        if filter.as_ref().is_some_and(|filter| filter.len() > expression::LONGEST) {
            lost.named("style.lost-filter", label);
            continue;
        }
        let scale = |name: &str| units::denominator(rule.attribute(name));
        let scales = ScaleRange {
            from: tighter(within.scales.from, scale("scalemindenom"), f64::max),
            to: tighter(within.scales.to, scale("scalemaxdenom"), f64::min),
        };
        let this = Within { filter, scales, visible };
        if rule.child("rule").is_some() {
            if depth == MOST_STEPS {
                lost.named("style.lost-filter", label);
            } else {
                add_rules(rule, &this, depth + 1, symbols, ruled, lost);
            }
        }
        if let Some(symbol) = symbol {
            if ruled.rules.len() == MOST_CLASSES {
                lost.once(Message::new("style.classes-cut").with("most", MOST_CLASSES));
                return;
            }
            let filter = this.filter.unwrap_or_default();
            ruled.rules.push(RuleSymbol { filter, label: label.to_owned(), scales: this.scales, symbol, visible });
        }
    }
}

/// The tighter of two bounds, either of which may be open.
fn tighter(a: Option<f64>, b: Option<f64>, of: fn(f64, f64) -> f64) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(of(a, b)),
        (a, b) => a.or(b),
    }
}
