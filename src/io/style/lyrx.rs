//! Layer files of ArcGIS Pro (`.lyrx`): JSON after Esri's Cartographic Information Model (CIM).
//!
//! A document holds any number of layers; the first one of features is taken: its renderer (simple, unique values, class
//! breaks) with symbols, labels, transparency, blending and scales. Lengths are points. Symbol layers stand top first.

use serde_json::Value;

use super::expression::{field, text};
use super::stack::{Lost, short};
use super::units::{self, POINT};
use super::{MOST_CLASSES, StyleError};
use crate::model::style::labels::{Halo, LabelLook, LabelText, Labels, Placing};
use crate::model::style::{
    Blend, Breaks, Categories, ClassSymbol, Graduated, LayerStyle, RangeSymbol, RuleSymbol, Ruled, ScaleRange, Styling,
    Symbol,
};
use crate::text::Message;

mod symbols;

use symbols::referenced;

/// What Esri's programs write for no value.
const NO_VALUE: &str = "<Null>";

/// Reads a document.
///
/// # Errors
/// [`StyleError::Said`] where it is no JSON, or holds no layer of features.
pub(super) fn read(source: &str, lost: &mut Lost) -> Result<LayerStyle, StyleError> {
    let document: Value = serde_json::from_str(source).map_err(|error| {
        StyleError::Said(Message::new("style.broken").with("line", error.line()).with("reason", error))
    })?;
    let layers: Vec<&Value> = match document["layerDefinitions"].as_array() {
        Some(list) => list.iter().filter(|layer| layer["renderer"].is_object()).collect(),
        None => Vec::new(),
    };
    let Some(layer) = layers.first() else { return Err(StyleError::Said(Message::new("style.none"))) };
    if layers.len() > 1 {
        lost.add(Message::new("style.first-layer").with("count", layers.len()));
    }
    let mut style = LayerStyle::of(styling(&layer["renderer"], lost)?);
    style.opacity = units::share(1.0 - layer["transparency"].as_f64().unwrap_or(0.0) / 100.0);
    match layer["blendingMode"].as_str() {
        None | Some("Alpha" | "Normal" | "") => {}
        Some("Multiply") => style.blend = Blend::Multiply,
        Some(_) => lost.add(Message::new("style.lost-blend")),
    }
    // The smallest scale is the farthest.
    style.scales = ScaleRange { from: scale(&layer["maxScale"]), to: scale(&layer["minScale"]) };
    if layer["featureTable"]["definitionExpression"].as_str().is_some_and(|condition| !condition.trim().is_empty()) {
        lost.add(Message::new("style.lost-definition"));
    }
    if layer["labelVisibility"].as_bool() == Some(true) {
        style.labels = labels(&layer["labelClasses"], lost);
    }
    Ok(style)
}

/// The items of a list; none where it is no list.
fn items(value: &Value) -> &[Value] {
    match value.as_array() {
        Some(list) => list,
        None => &[],
    }
}

fn scale(value: &Value) -> Option<f64> {
    value.as_f64().filter(|denominator| denominator.is_finite() && *denominator > 0.0)
}

fn styling(renderer: &Value, lost: &mut Lost) -> Result<Styling, StyleError> {
    let kind = renderer["type"].as_str().unwrap_or_default();
    match kind {
        "CIMSimpleRenderer" => Ok(Styling::Single(referenced(&renderer["symbol"], lost))),
        "CIMUniqueValueRenderer" => unique_values(renderer, lost),
        "CIMClassBreaksRenderer" => class_breaks(renderer, lost),
        _ => Err(StyleError::Said(Message::new("style.renderer").with("name", short(kind)))),
    }
}

/// The symbol of all others, and whether they are drawn.
fn others(renderer: &Value, lost: &mut Lost) -> (Symbol, bool) {
    let symbol = referenced(&renderer["defaultSymbol"], lost);
    (symbol, renderer["useDefaultSymbol"].as_bool().unwrap_or(false))
}

fn unique_values(renderer: &Value, lost: &mut Lost) -> Result<Styling, StyleError> {
    let names = items(&renderer["fields"]);
    let fields: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
    let expression = renderer["valueExpressionInfo"]["expression"].as_str().filter(|text| !text.trim().is_empty());
    let of_expression = expression.and_then(label_text);
    let fields: Vec<String> = match (&of_expression, fields.is_empty()) {
        (Some(LabelText::Field(name)), _) => vec![name.clone()],
        (None, false) if expression.is_none() => fields.into_iter().map(str::to_owned).collect(),
        _ => {
            let said = short(expression.unwrap_or_default());
            return Err(StyleError::Said(Message::new("style.expression").with("text", said)));
        }
    };
    let (other, other_visible) = others(renderer, lost);
    let (mut classes, mut rules) = (Vec::new(), Vec::new());
    let groups = items(&renderer["groups"]);
    let listed = groups.iter().flat_map(|group| items(&group["classes"]));
    for class in listed {
        let symbol = referenced(&class["symbol"], lost);
        let label = class["label"].as_str().unwrap_or_default();
        let visible = class["visible"].as_bool().unwrap_or(true);
        for value in items(&class["values"]) {
            if classes.len() + rules.len() == MOST_CLASSES {
                lost.once(Message::new("style.classes-cut").with("most", MOST_CLASSES));
                break;
            }
            let of_fields = items(&value["fieldValues"]);
            let said: Vec<String> = of_fields.iter().map(value_text).collect();
            if said.len() != fields.len() {
                lost.named("style.lost-filter", label);
            } else if let [key] = said.as_slice() {
                let label = if label == key { String::new() } else { label.to_owned() };
                classes.push(ClassSymbol { key: key.clone(), class: None, label, symbol, visible });
            } else {
                let one = |(name, said): (&String, &String)| match said.as_str() {
                    "" => format!("{} is null", field(name)),
                    said => format!("{} = {}", field(name), text(said)),
                };
                let filter = fields.iter().zip(&said).map(one).collect::<Vec<String>>().join(" and ");
                let scales = ScaleRange::default();
                rules.push(RuleSymbol { filter, label: label.to_owned(), scales, symbol, visible });
            }
        }
    }
    let mut fields = fields.into_iter();
    match (fields.next(), fields.next()) {
        (Some(field), None) => {
            Ok(Styling::Categorised(Categories { field, scheme: None, classes, other, other_visible }))
        }
        _ => Ok(Styling::Ruled(Ruled { rules, other, other_visible })),
    }
}

/// A value of a field as text; empty for none.
fn value_text(value: &Value) -> String {
    match value {
        Value::String(said) if said == NO_VALUE => String::new(),
        Value::String(said) => said.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn class_breaks(renderer: &Value, lost: &mut Lost) -> Result<Styling, StyleError> {
    let named = renderer["field"].as_str().filter(|name| !name.is_empty()).map(field);
    let said = renderer["valueExpressionInfo"]["expression"].as_str().unwrap_or_default();
    let of_expression = || match label_text(said)? {
        LabelText::Field(name) => Some(field(&name)),
        _ => None,
    };
    let Some(mut expression) = named.or_else(of_expression) else {
        return Err(StyleError::Said(Message::new("style.expression").with("text", short(said))));
    };
    match (renderer["normalizationType"].as_str(), renderer["normalizationField"].as_str()) {
        (Some("Field" | "NormalizeByField"), Some(by)) => expression = format!("{expression} / {}", field(by)),
        (None | Some("Nothing" | "None" | ""), _) => {}
        (Some(kind), _) => lost.named("style.lost-normalization", kind),
    }
    match renderer["classBreakType"].as_str() {
        None | Some("GraduatedColor") => {}
        Some(_) => lost.add(Message::new("style.lost-graduated-size")),
    }
    let mut ranges: Vec<RangeSymbol> = Vec::new();
    let mut lower = renderer["minimumBreak"].as_f64().unwrap_or(f64::MIN);
    for class in items(&renderer["breaks"]) {
        let Some(upper) = class["upperBound"].as_f64().filter(|upper| *upper >= lower) else {
            lost.add(Message::new("style.lost-range"));
            continue;
        };
        if ranges.len() == MOST_CLASSES {
            lost.once(Message::new("style.classes-cut").with("most", MOST_CLASSES));
            break;
        }
        ranges.push(RangeSymbol {
            lower,
            upper,
            label: class["label"].as_str().unwrap_or_default().to_owned(),
            symbol: referenced(&class["symbol"], lost),
            visible: class["visible"].as_bool().unwrap_or(true),
        });
        lower = upper;
    }
    if ranges.len() > 1 {
        lost.once(Message::new("style.range-bounds"));
    }
    let breaks = match renderer["classificationMethod"].as_str() {
        Some("NaturalBreaks") => Breaks::Jenks,
        Some("Quantile") => Breaks::Quantile,
        Some("EqualInterval") => Breaks::Equal,
        _ => Breaks::Given,
    };
    let (other, other_visible) = others(renderer, lost);
    Ok(Styling::Graduated(Graduated { expression, breaks, ranges, other, other_visible }))
}

/// The labels of the first class that is shown and has no condition; of the first that is shown else.
fn labels(classes: &Value, lost: &mut Lost) -> Option<Labels> {
    let classes = classes.as_array()?;
    let shown: Vec<&Value> = classes.iter().filter(|class| class["visibility"].as_bool() != Some(false)).collect();
    let is_for_all = |class: &&&Value| class["whereClause"].as_str().is_none_or(|clause| clause.trim().is_empty());
    let class = shown.iter().find(is_for_all).or_else(|| shown.first())?;
    if shown.len() > 1 || !is_for_all(&class) {
        lost.once(Message::new("style.lost-label-rules"));
    }
    let said = class["expression"].as_str().unwrap_or_default();
    let Some(text) = label_text(said) else {
        lost.add(Message::new("style.lost-label-text").with("text", short(said)));
        return None;
    };
    let mut labels = Labels::of_text(text);
    let symbol = &class["textSymbol"]["symbol"];
    let style = symbol["fontStyleName"].as_str().unwrap_or_default().to_lowercase();
    if let Some(family) = symbol["fontFamilyName"].as_str().filter(|family| !family.is_empty()) {
        lost.named("style.lost-font", family);
    }
    let size = symbol["height"].as_f64().unwrap_or(10.0) * POINT;
    let color = symbols::read(&symbol["symbol"], lost).color();
    let halo = symbol["haloSize"].as_f64().filter(|size| *size > 0.0).map(|size| {
        let ground = symbols::read(&symbol["haloSymbol"], lost).color();
        let color = Some(ground).filter(|color| color.a > 0).map(|color| color.with_alpha(255));
        Halo { color, width_px: units::width(2.0 * size * POINT) }
    });
    labels.look = LabelLook {
        size_px: units::size(size),
        bold: style.contains("bold") || style.contains('粗'),
        color: Some(color).filter(|color| color.a > 0).map(|color| color.with_alpha(255)),
        halo,
    };
    let standard = &class["standardLabelPlacementProperties"];
    let maplex = &class["maplexLabelPlacementProperties"];
    let is_along = ["Curved", "Parallel"].iter().any(|way| {
        let of = |value: &Value| value.as_str().is_some_and(|said| said.contains(way));
        of(&standard["lineLabelPosition"]["type"]) || of(&maplex["linePlacementMethod"])
    });
    let is_over = maplex["pointPlacementMethod"].as_str().is_some_and(|said| said.contains("CenteredOnPoint"))
        || standard["pointPlacementMethod"].as_str() == Some("OnTopPoint");
    labels.placing = if is_over {
        Placing::Over
    } else if is_along {
        Placing::Along { spaced: false }
    } else {
        Placing::Auto
    };
    labels.scales = ScaleRange { from: scale(&class["maximumScale"]), to: scale(&class["minimumScale"]) };
    Some(labels)
}

/// What an expression of Arcade, VBScript or Python says, where it is a field, or fields and texts joined.
fn label_text(source: &str) -> Option<LabelText> {
    let source = source.trim().trim_end_matches(';');
    let source = source.strip_prefix("return ").unwrap_or(source).trim();
    let sign = if source.contains('[') && !source.contains("$feature") && source.contains('&') { '&' } else { '+' };
    let mut parts: Vec<Part> = Vec::new();
    for part in split_outside_quotes(source, sign)? {
        parts.push(part_of(part.trim())?);
    }
    match parts.as_slice() {
        [] => None,
        [Part::Field(name)] => Some(LabelText::Field(name.clone())),
        _ => {
            let said = |part: &Part| match part {
                Part::Field(name) => field(name),
                Part::Text(said) => text(said),
            };
            let joined = parts.iter().map(said).collect::<Vec<String>>().join(", ");
            Some(LabelText::Expression(format!("concat({joined})")))
        }
    }
}

enum Part {
    Field(String),
    Text(String),
}

fn part_of(part: &str) -> Option<Part> {
    let quoted = |text: &str| {
        let sign = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let inside = text.strip_prefix(sign)?.strip_suffix(sign)?;
        (!inside.contains([sign, '\\'])).then(|| inside.to_owned())
    };
    if let Some(name) = part.strip_prefix("$feature.") {
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        return is_name.then(|| Part::Field(name.to_owned()));
    }
    if let Some(inside) = part.strip_prefix("$feature[").and_then(|rest| rest.strip_suffix(']')) {
        return quoted(inside.trim()).map(Part::Field);
    }
    if let Some(name) = part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return (!name.contains(['[', ']'])).then(|| Part::Field(name.to_owned()));
    }
    if ["TextFormatting.NewLine", "vbNewLine", "vbCrLf"].iter().any(|known| part.eq_ignore_ascii_case(known)) {
        return Some(Part::Text("\n".to_owned()));
    }
    quoted(part).map(Part::Text)
}

/// The parts of a text between signs that stand in no quotes; `None` where a quote stays open.
fn split_outside_quotes(source: &str, sign: char) -> Option<Vec<&str>> {
    let (mut parts, mut from, mut open) = (Vec::new(), 0, None);
    for (at, c) in source.char_indices() {
        match open {
            Some(quote) if c == quote => open = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => open = Some(c),
            None if c == sign => {
                parts.push(&source[from..at]);
                from = at + c.len_utf8();
            }
            None => {}
        }
    }
    parts.push(&source[from..]);
    open.is_none().then_some(parts)
}
