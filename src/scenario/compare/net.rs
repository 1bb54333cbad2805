//! Areas net of field ridges (田坎): what “永农面积” means when it is quoted.
//!
//! A cropland parcel states the share of its ridges, KCXS. The survey rounds the deduction first and gets the net area by
//! subtraction (KCMJ = TBMJ × KCXS to 0.01 m², TBDLMJ = TBMJ − KCMJ); exact figures are not rounded. Gross and net
//! always go together: which of the two a number is must be said. Cropland that states no share (a parcel that an edit
//! made cropland) counts gross, and is counted: a net figure of it is marked until the share is there.

use crate::model::classes;
use crate::model::keys::{self, GroupKey, KeyPart};
use crate::model::roles::{self, Clues};
use crate::model::{Areas, Layer, Value};
use crate::units::{Area, round_half_up};

/// Names of the field that holds the share.
const FIELDS: [&str; 3] = ["KCXS", "扣除系数", "田坎系数"];

/// Shares of ridges, one a feature.
#[derive(Clone, Debug, PartialEq)]
pub struct Ridges {
    /// The field that they stand in.
    pub field: String,
    /// Share of each feature, 0 where it has none.
    pub shares: Vec<f64>,
    /// Whether each feature states one.
    pub stated: Vec<bool>,
    /// Features whose value is no share: text, negative, or 1 and more. Nothing is deducted for them.
    pub unusable_count: usize,
    /// Features of cropland that state none, ascending. Nothing is deducted for them.
    pub unstated: Vec<u32>,
}

/// Gross and net area of a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GrossNet {
    /// Exact, nothing deducted.
    pub gross: Area,
    /// Exact, ridges deducted.
    pub net: Area,
    /// As the survey prints it, nothing deducted.
    pub printed_gross: Area,
    /// As the survey prints it, ridges deducted parcel by parcel.
    pub printed_net: Area,
}

impl Ridges {
    /// The shares that `layer` states; `None` where it has no such field or none of its features has a value.
    pub fn of_layer(layer: &Layer) -> Option<Self> {
        let field = FIELDS.iter().find_map(|name| layer.field(name))?;
        let mut unusable_count = 0;
        let share = |feature: usize| {
            Self::share_of(layer, feature, field).unwrap_or_else(|| {
                unusable_count += 1;
                0.0
            })
        };
        let shares = (0..layer.feature_count()).map(share).collect();
        let stated: Vec<bool> =
            (0..layer.feature_count()).map(|feature| Self::is_stated(layer, feature, field)).collect();
        let unstated = if stated.contains(&false) { cropland_without(layer, &stated) } else { Vec::new() };
        let name = layer.fields[field].name.clone();
        stated.contains(&true).then_some(Self { field: name, shares, stated, unusable_count, unstated })
    }

    /// Whether a feature states a share in `field`: blank text is none.
    pub fn is_stated(layer: &Layer, feature: usize, field: usize) -> bool {
        let value = layer.value(feature, field);
        !value.is_null() && !matches!(value, Value::Text(text) if text.trim().is_empty())
    }

    /// The share that a feature states in `field`, 0 where it has none; `None` where the value is no share.
    pub fn share_of(layer: &Layer, feature: usize, field: usize) -> Option<f64> {
        let value = layer.value(feature, field);
        if !Self::is_stated(layer, feature, field) {
            return Some(0.0);
        }
        // Codes with leading zeros stay text; a share written as text is a number all the same.
        let number = value.as_f64().or_else(|| value.to_string().trim().parse().ok()); // neither: no share
        number.filter(|share| (0.0..1.0).contains(share))
    }

    /// How many features of cropland state no share.
    pub fn unstated_count(&self) -> usize {
        self.unstated.len()
    }

    /// Whether a feature is cropland that states no share.
    pub fn is_unstated(&self, feature: usize) -> bool {
        u32::try_from(feature).is_ok_and(|feature| self.unstated.binary_search(&feature).is_ok())
    }

    /// Exact net area of a feature, m².
    pub fn net_m2(&self, areas: &Areas, feature: usize) -> f64 {
        areas.exact[feature] * (1.0 - self.shares[feature])
    }

    /// Gross and net over the features for which `member` holds.
    pub fn total(&self, areas: &Areas, member: impl Fn(usize) -> bool) -> GrossNet {
        let features = (0..self.shares.len().min(areas.exact.len())).filter(|feature| member(*feature));
        features.fold(GrossNet::default(), |sum, feature| {
            let printed = areas.printed[feature];
            let ridges = round_half_up(printed * self.shares[feature], 2);
            GrossNet {
                gross: sum.gross + Area::from_m2(areas.exact[feature]),
                net: sum.net + Area::from_m2(self.net_m2(areas, feature)),
                printed_gross: sum.printed_gross + Area::from_m2(printed),
                printed_net: sum.printed_net + Area::from_m2(printed - ridges),
            }
        })
    }
}

/// Features of cropland among those that state no share, ascending.
fn cropland_without(layer: &Layer, stated: &[bool]) -> Vec<u32> {
    let recognised = roles::recognise(&Clues::of_layer(layer));
    let field = recognised.class_field.as_ref().and_then(|name| layer.field(name));
    let (Some(field), Some(scheme)) = (field, recognised.scheme()) else { return Vec::new() };
    let key = GroupKey { field, part: KeyPart::Whole };
    let mut found = Vec::new();
    for (block, start) in layer.blocks.iter().zip(&layer.starts) {
        let (codes, texts) = keys::codes(block, block.geometry.feature_count(), &key);
        let is_cropland: Vec<bool> = texts
            .iter()
            .map(|text| text.as_deref().and_then(|text| classes::resolve(scheme, text)))
            .map(|found| found.is_some_and(|found| found.class.is_cropland()))
            .collect();
        let lacking =
            codes.iter().enumerate().filter(|(row, code)| !stated[start + row] && is_cropland[**code as usize]);
        found.extend(lacking.map(|(row, _)| (start + row) as u32));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{OpenOptions, open_bytes};
    use crate::task::Progress;

    fn layer(values: &[&str]) -> Layer {
        let feature =
            |value: &&str| format!("{{\"type\":\"Feature\",\"properties\":{{\"KCXS\":{value}}},\"geometry\":null}}");
        let features: Vec<String> = values.iter().map(feature).collect();
        let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(","));
        let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        opened.expect("opens").layers.remove(0)
    }

    #[test]
    fn ridges_are_deducted_where_they_are_stated() {
        let ridges = Ridges::of_layer(&layer(&["0.1", "null", "\"0.05\"", "3.5"])).expect("stated");
        assert_eq!((&ridges.shares[..], ridges.unusable_count), (&[0.1, 0.0, 0.05, 0.0][..], 1));
        let areas = Areas {
            exact: vec![1000.04, 10.0, 100.0, 1.0],
            printed: vec![1000.07, 10.0, 100.0, 1.0],
            ..Areas::default()
        };
        let total = ridges.total(&areas, |feature| feature < 3);
        assert!((total.gross.m2() - 1110.04).abs() < 1e-9 && (total.net.m2() - 1005.036).abs() < 1e-9);
        assert!((total.printed_net.m2() - (1000.07 - 100.01 + 10.0 + 95.0)).abs() < 1e-9, "{:?}", total.printed_net);
    }

    #[test]
    fn a_layer_without_shares_has_no_net_area() {
        assert_eq!(Ridges::of_layer(&layer(&["null", "null"])), None);
    }
}
