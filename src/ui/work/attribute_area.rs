//! Areas that attributes state (`TBMJ` and its kind), beside those of the shapes.

use crate::measure::attribute_areas::{AttributeUnit, RELATIVE_TOLERANCE, unit_by_name};
use crate::model::roles::{self, fields};
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

impl AttributeArea {
    /// The attribute of a layer that states the area of each feature: that which its user named, or one of a known name.
    pub fn of_entry(entry: &Entry) -> Option<Self> {
        let layer = &entry.layer;
        let named = entry.recognition.area_field.as_deref().and_then(|name| layer.field(name));
        // A field without a single value states nothing.
        let named = named.filter(|field| layer.fields[*field].kind != FieldType::Null);
        named.map(|field| Self::of_field(layer, field)).or_else(|| Self::of(layer))
    }

    /// The attribute of `layer` that is called as such attributes are.
    pub fn of(layer: &Layer) -> Option<Self> {
        roles::names_area(layer).map(|field| Self::of_field(layer, field))
    }

    /// That field, whatever it is called. Its name, or what its source calls it, tells the unit; m² where neither does.
    pub fn of_field(layer: &Layer, field: usize) -> Self {
        let name = layer.fields.get(field).map_or("", |field| field.name.as_str());
        let by_alias = || layer.words.alias_of(name).and_then(unit_by_name);
        let m2_per_unit = match fields::find(name).map_or("", |title| title.unit) {
            "km2" => 1e6,
            "hm2" => 1e4,
            "m2" => 1.0,
            _ => unit_by_name(name).or_else(by_alias).map_or(1.0, AttributeUnit::m2),
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
    use std::sync::Arc;

    use super::*;
    use crate::crs::Crs;
    use crate::model::{Field, FieldWords, GeometryKind};

    #[test]
    fn names_tell_the_unit() {
        let names = ["面积_亩", "QYMJ", "X1", "TBMJ"];
        let field = |name: &str| Field { name: name.to_owned(), kind: FieldType::Float };
        let fields = names.iter().map(|name| field(name)).collect();
        let mut layer = Layer::new("x".to_owned(), GeometryKind::Polygon, Crs::wgs84(), fields, Vec::new());
        let words = FieldWords { alias: "面积（公顷）".to_owned(), ..FieldWords::default() };
        Arc::make_mut(&mut layer.words).fields.insert("X1".to_owned(), words);
        let units = [0, 1, 2, 3].map(|field| AttributeArea::of_field(&layer, field).m2_per_unit);
        assert_eq!(units, [M2_PER_MU, 1e6, 1e4, 1.0]);
        assert_eq!(AttributeArea::of(&layer).map(|area| area.field), Some(3));
    }

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
