//! Symbolizers of text.

use super::super::expression::{field, text};
use super::super::stack::{Lost, short};
use super::super::tree::Element;
use super::super::units;
use super::filter::name_of;
use super::symbols::{color_of, pixels, size_of, text_of};
use super::{figure, look, vendor_option};
use crate::model::style::Color;
use crate::model::style::labels::{Halo, LabelLook, LabelText, Labels, Placing};
use crate::text::Message;

/// Size of letters that say none.
const LETTERS_PX: f64 = 10.0;

pub(super) fn read(symbolizer: &Element, lost: &mut Lost) -> Option<Labels> {
    let scale = pixels(symbolizer, lost);
    let Some(said) = symbolizer.child("Label").and_then(label) else {
        let said = symbolizer.child("Label").map(Element::text).unwrap_or_default();
        lost.add(Message::new("style.lost-label-text").with("text", short(&said)));
        return None;
    };
    let mut labels = Labels::of_text(said);
    let font = symbolizer.child("Font");
    let size = font.and_then(|font| size_of(font, "font-size", lost)).unwrap_or(LETTERS_PX) * scale;
    let weight = font.and_then(|font| text_of(font, "font-weight")).unwrap_or_default();
    let is_bold = weight.eq_ignore_ascii_case("bold") || units::number(&weight).is_some_and(|weight| weight >= 600.0);
    if let Some(family) = font.and_then(|font| text_of(font, "font-family")) {
        lost.named("style.lost-font", &family);
    }
    let color = symbolizer.child("Fill").map(|fill| color_of(fill, "fill", "fill-opacity", Color::BLACK, lost));
    let halo = symbolizer.child("Halo").map(|halo| {
        let radius = figure(halo.child("Radius"), lost).unwrap_or(1.0) * scale;
        let color = halo.child("Fill").map(|fill| color_of(fill, "fill", "fill-opacity", Color::WHITE, lost));
        Halo { color: color.map(|color| color.with_alpha(255)), width_px: units::width(2.0 * radius) }
    });
    labels.look = LabelLook { color: color.map(|color| color.with_alpha(255)), halo, ..look(size, is_bold) };
    let placement = symbolizer.child("LabelPlacement");
    labels.placing = if placement.is_some_and(|placement| placement.child("LinePlacement").is_some()) {
        Placing::Along { spaced: vendor_option(symbolizer, "spaced").as_deref() == Some("true") }
    } else if placement.is_some_and(is_in_the_middle) {
        Placing::Over
    } else {
        Placing::Auto
    };
    if let Some(priority) = symbolizer.child("Priority").and_then(|priority| units::number(&priority.text())) {
        // The larger the earlier, in any numbers: ours are written as 1000 less 100 a rank.
        labels.rank = ((1000.0 - priority) / 100.0).round().clamp(0.0, 5.0) as u8;
    }
    Some(labels)
}

/// Whether a text is to stand on its point: anchored by its own middle, and not moved.
fn is_in_the_middle(placement: &Element) -> bool {
    let is_half = |name: &str| {
        let anchor = placement.at(&["PointPlacement", "AnchorPoint", name]);
        anchor.and_then(|anchor| units::number(&anchor.text())).is_some_and(|share| share == 0.5)
    };
    is_half("AnchorPointX") && is_half("AnchorPointY")
}

/// What a label says: a field, or fields and texts one after the other.
fn label(element: &Element) -> Option<LabelText> {
    let mut parts = Vec::new();
    for child in &element.children {
        match child.name.as_str() {
            "PropertyName" | "ValueReference" => parts.push((true, name_of(child))),
            "Literal" => parts.push((false, child.whole_text())),
            // Text between elements; line breaks and what stands around them are layout of the file.
            "" => {
                let said = child.text();
                if !said.is_empty() {
                    parts.push((false, said));
                }
            }
            _ => return None,
        }
    }
    match parts.as_slice() {
        [] => None,
        [(true, name)] => Some(LabelText::Field(name.clone())),
        _ => {
            let part = |(is_field, said): &(bool, String)| if *is_field { field(said) } else { text(said) };
            let parts: Vec<String> = parts.iter().map(part).collect();
            Some(LabelText::Expression(format!("concat({})", parts.join(", "))))
        }
    }
}
