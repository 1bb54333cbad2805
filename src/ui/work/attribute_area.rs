//! Areas that attributes state (`TBMJ` and its kind), beside those of the shapes.

use crate::measure::attribute_areas::RELATIVE_TOLERANCE;
use crate::model::roles::fields;
use crate::model::{FieldType, Layer};
use crate::scenario::Entry;
use crate::text::Message;
use crate::units::{Area, M2_PER_MU, format_number};

/// The attribute of a layer that states the area of each feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttributeArea {
    /// Its column.
    pub field: usize,
    /// Square metres in its unit.
    m2_per_unit: f64,
}

/// Columns that state the whole area of a feature, the most specific first. Net areas, from which strips and slopes are
/// deducted, are none of them.
const WHOLE_AREA: [&str; 12] =
    ["TBMJ", "YJJBNTTBMJ", "JBNTTBMJ", "CZKFMJ", "GZQMJ", "TDYTQMJ", "KZMJ", "JSMJ", "QYMJ", "ZMJ", "MJ", "AREA"];

impl AttributeArea {
    /// The attribute of a layer that states the area of each feature: that which its user named, or one of a known name.
    pub fn of_entry(entry: &Entry) -> Option<Self> {
        let said = entry.recognition.area_field.as_deref().and_then(|name| entry.layer.field(name));
        said.map(|field| Self::of_field(&entry.layer, field)).or_else(|| Self::of(&entry.layer))
    }

    /// The attribute of `layer` that is called as such attributes are.
    pub fn of(layer: &Layer) -> Option<Self> {
        WHOLE_AREA.iter().find_map(|name| {
            let field = layer.field(name)?;
            let is_number = matches!(layer.fields[field].kind, FieldType::Int | FieldType::Float | FieldType::Text);
            is_number.then(|| Self::of_field(layer, field))
        })
    }

    /// That field, whatever it is called. Its name tells the unit; m² where it does not.
    pub fn of_field(layer: &Layer, field: usize) -> Self {
        let unit = layer.fields.get(field).and_then(|field| fields::find(&field.name)).map_or("", |title| title.unit);
        let m2_per_unit = match unit {
            "km2" => 1e6,
            "hm2" => 1e4,
            _ => 1.0,
        };
        Self { field, m2_per_unit }
    }

    /// The area that it states for `feature`.
    pub fn area(&self, layer: &Layer, feature: usize) -> Option<Area> {
        let value = layer.value(feature, self.field).as_f64()?;
        Some(Area::from_m2(value * self.m2_per_unit))
    }

    /// Whether a stated area differs from the measured one by more than rounding: by the ledger's share of the area,
    /// and 0.1 m² at least.
    pub fn is_off(stated: Area, measured: Area) -> bool {
        let difference = (stated.m2() - measured.m2()).abs();
        difference > 0.1 && difference > RELATIVE_TOLERANCE * measured.m2()
    }
}

/// What the difference of a stated area looks like, in a sentence.
pub fn explain(field: &str, stated: Area, measured: Area, planar: Option<Area>) -> Message {
    let ratio = stated.m2() / measured.m2();
    let near = |value: f64, target: f64, tolerance: f64| (value / target - 1.0).abs() < tolerance;
    let larger = ratio > 1.0;
    let key = if near(ratio, 1.0 / M2_PER_MU, 0.01) {
        "panels.stated-in-mu"
    } else if near(ratio, 1e-4, 0.01) {
        "panels.stated-in-ha"
    } else if near(ratio, 1e-6, 0.01) {
        "panels.stated-in-km2"
    } else if planar.is_some_and(|planar| near(stated.m2(), planar.m2(), 1e-6)) {
        if larger { "panels.stated-larger-planar" } else { "panels.stated-smaller-planar" }
    } else if near(ratio, 667.0 / M2_PER_MU, 2e-5) {
        "panels.stated-larger-667"
    } else if larger {
        "panels.stated-larger"
    } else {
        "panels.stated-smaller"
    };
    let percent = ((ratio - 1.0) * 100.0).abs();
    let decimals = if percent < 0.1 { 3 } else { 2 };
    Message::new(key).with("field", field).with("percent", format_number(percent, decimals))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likely_cause_of_a_difference_is_named() {
        let measured = Area::from_m2(290_505.24);
        let check = |stated: f64, planar: Option<f64>, key: &str| {
            let message = explain("TBMJ", Area::from_m2(stated), measured, planar.map(Area::from_m2));
            assert_eq!(message.key, key, "{stated}");
        };
        check(290_505.24 * 667.0 / M2_PER_MU, None, "panels.stated-larger-667");
        check(435.76, None, "panels.stated-in-mu");
        check(29.05, None, "panels.stated-in-ha");
        check(290_700.0, Some(290_700.01), "panels.stated-larger-planar");
        check(280_000.0, None, "panels.stated-smaller");
        assert!(!AttributeArea::is_off(Area::from_m2(290_505.3), measured));
    }
}
