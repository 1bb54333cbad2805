//! QGIS's labels: `labeling` of QGIS 3, custom properties of QGIS 2.

use super::super::expression::{field_of_qgis, of_qgis};
use super::super::stack::{Lost, short};
use super::super::tree::Element;
use super::super::units::{self, number};
use super::symbols::{color, pixels};
use crate::model::style::labels::{Halo, LabelLook, LabelText, Labels, Placing};
use crate::model::style::{Color, ScaleRange};
use crate::text::Message;

/// QGIS's weight of letters that is bold on Qt's scale of 0 to 99, and on that of CSS.
const BOLD: [f64; 2] = [63.0, 600.0];

/// The labels of a document, where they are switched on.
pub(super) fn read(root: &Element, lost: &mut Lost) -> Option<Labels> {
    let Some(labeling) = root.child("labeling") else { return of_properties(root, lost) };
    if root.attribute("labelsEnabled") == Some("0") {
        return None;
    }
    match labeling.attribute("type") {
        Some("simple") => of_settings(labeling.child("settings")?, lost),
        Some("rule-based") => {
            let mut rules = Vec::new();
            add_settings(labeling.child("rules")?, 0, &mut rules);
            if rules.len() > 1 || rules.iter().any(|(filter, _)| !filter.is_empty()) {
                lost.once(Message::new("style.lost-label-rules"));
            }
            // What is written on all features comes before what is written on some.
            let all = rules.iter().find(|(filter, _)| filter.is_empty());
            let (_, settings) = all.or_else(|| rules.first())?;
            of_settings(settings, lost)
        }
        _ => {
            lost.add(Message::new("style.lost-labels"));
            None
        }
    }
}

/// The settings of all rules that are switched on, with their filters.
fn add_settings<'a>(rules: &'a Element, depth: usize, list: &mut Vec<(&'a str, &'a Element)>) {
    for rule in rules.all("rule").filter(|rule| rule.attribute("active") != Some("0")) {
        if let Some(settings) = rule.child("settings") {
            list.push((rule.attribute("filter").unwrap_or_default(), settings));
        }
        if depth < super::MOST_STEPS {
            add_settings(rule, depth + 1, list);
        }
    }
}

fn of_settings(settings: &Element, lost: &mut Lost) -> Option<Labels> {
    let style = settings.child("text-style")?;
    let said = style.attribute("fieldName").unwrap_or_default();
    let is_expression = style.attribute("isExpression") == Some("1");
    let mut labels = Labels::of_text(text(said, is_expression, lost)?);
    let buffer = style.child("text-buffer").filter(|buffer| buffer.attribute("bufferDraw") == Some("1"));
    let halo = buffer.map(|buffer| {
        let unit = buffer.attribute("bufferSizeUnits").unwrap_or("MM");
        let size = buffer.attribute("bufferSize").and_then(number).unwrap_or(1.0) * pixels(unit, lost);
        let color = buffer.attribute("bufferColor").and_then(color);
        // Its size is that on one side.
        Halo { color: color.map(|color| color.with_alpha(255)), width_px: units::width(2.0 * size) }
    });
    let unit = style.attribute("fontSizeUnit").unwrap_or("Point");
    let size = style.attribute("fontSize").and_then(number).unwrap_or(10.0) * pixels(unit, lost);
    let weight = style.attribute("fontWeight").and_then(number).unwrap_or(0.0);
    let is_named_bold = style.attribute("namedStyle").is_some_and(|name| name.to_lowercase().contains("bold"));
    labels.look = LabelLook {
        size_px: units::size(size),
        bold: is_named_bold || weight >= BOLD[1] || (BOLD[0]..100.0).contains(&weight),
        color: style.attribute("textColor").and_then(color).map(|color| color.with_alpha(255)),
        halo,
    };
    if let Some(family) = style.attribute("fontFamily").filter(|family| !family.is_empty()) {
        lost.named("style.lost-font", family);
    }
    if style.child("background").is_some_and(|back| back.attribute("shapeDraw") == Some("1")) {
        lost.add(Message::new("style.lost-label-plate"));
    }
    let placement = settings.child("placement");
    let priority = placement.and_then(|placement| placement.attribute("priority")).and_then(number);
    if let Some(priority) = priority {
        // Theirs is 10 for the first, 0 for the last; ours counts from 0.
        labels.rank = rank_of(priority);
    }
    labels.placing = match placement.and_then(|placement| placement.attribute("placement")) {
        Some("2" | "3" | "7") => Placing::Along { spaced: false },
        Some("1") => Placing::Over,
        _ => Placing::Auto,
    };
    let rendering = settings.child("rendering");
    if let Some(rendering) = rendering.filter(|rendering| rendering.attribute("scaleVisibility") == Some("1")) {
        let bound = |name: &str| units::denominator(rendering.attribute(name));
        labels.scales = ScaleRange { from: bound("scaleMin"), to: bound("scaleMax") };
    }
    Some(labels)
}

/// Our rank of a priority of QGIS: 5, which labels have there at first, is that of parcels.
pub(super) fn rank_of(priority: f64) -> u8 {
    match priority.clamp(0.0, 10.0).round() as u8 {
        10 => 0,
        8 | 9 => 1,
        6 | 7 => 2,
        4 | 5 => 3,
        2 | 3 => 4,
        _ => 5,
    }
}

/// QGIS's priority of a rank of ours.
pub(super) fn priority_of(rank: u8) -> u8 {
    match rank {
        0 => 10,
        1 => 8,
        2 => 6,
        3 => 5,
        4 => 3,
        _ => 1,
    }
}

fn text(said: &str, is_expression: bool, lost: &mut Lost) -> Option<LabelText> {
    if said.trim().is_empty() {
        return None;
    }
    if !is_expression {
        return Some(LabelText::Field(said.to_owned()));
    }
    if let Some(field) = field_of_qgis(said) {
        return Some(LabelText::Field(field));
    }
    match of_qgis(said) {
        Some(expression) => Some(LabelText::Expression(expression)),
        None => {
            lost.add(Message::new("style.lost-label-text").with("text", short(said)));
            None
        }
    }
}

/// The labels of QGIS 2: properties `labeling/…` of the layer.
fn of_properties(root: &Element, lost: &mut Lost) -> Option<Labels> {
    let properties = root.child("customproperties")?;
    let of = |name: &str| {
        let mut all = properties.all("property");
        let found = all.find(|p| p.attribute("key").and_then(|key| key.strip_prefix("labeling/")) == Some(name))?;
        found.attribute("value")
    };
    if of("enabled") != Some("true") {
        return None;
    }
    let mut labels = Labels::of_text(text(of("fieldName")?, of("isExpression") == Some("true"), lost)?);
    let rgb = |prefix: &str| {
        let channel = |end: &str| number(of(&format!("{prefix}{end}"))?).map(|v| v.clamp(0.0, 255.0) as u8);
        Some(Color::rgb(channel("R")?, channel("G")?, channel("B")?))
    };
    let in_map_units = of("fontSizeInMapUnits") == Some("true");
    let unit = pixels(if in_map_units { "MapUnit" } else { "Point" }, lost);
    let buffered = of("bufferDraw") == Some("true");
    let buffer = of("bufferSize").and_then(number).filter(|size| buffered && *size > 0.0);
    let halo =
        buffer.map(|size| Halo { color: rgb("bufferColor"), width_px: units::width(2.0 * size * units::MILLIMETRE) });
    let weight = of("fontWeight").and_then(number).unwrap_or(0.0);
    labels.look = LabelLook {
        size_px: units::size(of("fontSize").and_then(number).unwrap_or(10.0) * unit),
        bold: weight >= BOLD[0],
        color: rgb("textColor"),
        halo,
    };
    if of("scaleVisibility") == Some("true") {
        let bound = |name: &str| units::denominator(of(name));
        labels.scales = ScaleRange { from: bound("scaleMin"), to: bound("scaleMax") };
    }
    labels.placing = match of("placement") {
        Some("2" | "3") => Placing::Along { spaced: false },
        Some("1") => Placing::Over,
        _ => Placing::Auto,
    };
    Some(labels)
}
