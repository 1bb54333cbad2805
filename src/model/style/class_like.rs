//! Which field of a foreign layer tells its features apart: found by its values, since its name may be in any language.

use std::collections::BTreeMap;

use crate::model::{FieldType, Layer};

/// Most distinct values of a field of classes: as many as have colours of their own.
pub(super) const MOST_CLASSES: usize = super::defaults::PALETTE_LENGTH;

/// Words in the names of fields that hold classes, in small letters.
const NAMED: [&str; 24] = [
    "class", "type", "kind", "category", "zone", "zoning", "landuse", "land_use", "use", "cover", "status", "dlmc",
    "dlbm", "lx", "类", "种", "用途", "用地", "分区", "性质", "等级", "级别", "状态", "lb",
];

/// The text field of `layer` whose values are like classes: few, repeated, and present in at least half of its features.
/// A name that says so goes first, then the field that tells features apart most evenly, then the one that stands first.
pub fn class_like_field(layer: &Layer) -> Option<usize> {
    let mut best: Option<((bool, f64), usize)> = None;
    for (at, field) in layer.fields.iter().enumerate().filter(|(_, field)| field.kind == FieldType::Text) {
        let Some(evenness) = evenness(layer, at) else { continue };
        let name = field.name.to_lowercase();
        let rank = (NAMED.iter().any(|word| name.contains(word)), evenness);
        let better = |known: (bool, f64)| match (rank.0, known.0) {
            (true, false) => true,
            (false, true) => false,
            _ => rank.1 > known.1 + 1e-9,
        };
        if best.is_none_or(|(known, _)| better(known)) {
            best = Some((rank, at));
        }
    }
    best.map(|(_, at)| at)
}

/// How evenly the values of a field part the features, in bits; `None` where they are not like classes.
fn evenness(layer: &Layer, field: usize) -> Option<f64> {
    let columns = || {
        let blocks = layer.blocks.iter();
        blocks.filter_map(move |block| Some((block.attributes.column(field)?, block.attributes.row_count())))
    };
    if columns().any(|(column, _)| column.distinct_texts().len() > MOST_CLASSES) {
        return None;
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (column, row_count) in columns() {
        let texts: Vec<&str> = column.distinct_texts().collect();
        let mut of_text = vec![0; texts.len()];
        for row in 0..row_count {
            if let Some(code) = column.text_code(row) {
                of_text[code as usize] += 1;
            }
        }
        for (text, count) in
            texts.into_iter().zip(of_text).filter(|(text, count)| *count > 0 && !text.trim().is_empty())
        {
            *counts.entry(text).or_default() += count;
        }
        if counts.len() > MOST_CLASSES {
            return None;
        }
    }
    let total: usize = counts.values().sum();
    let repeated = total >= 2 * counts.len();
    // Classes are named in a few words; sentences that come twice are none.
    let short = counts.keys().all(|text| text.chars().count() <= 80);
    if counts.len() < 2 || !repeated || !short || 2 * total < layer.feature_count() {
        return None;
    }
    let share = |count: &usize| *count as f64 / total as f64;
    Some(counts.values().map(|count| -share(count) * share(count).log2()).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{OpenOptions, open_bytes};
    use crate::task::Progress;

    /// A layer of points with the fields of `columns`, one text a feature.
    fn layer(columns: &[(&str, &[&str])]) -> Layer {
        let feature = |at: usize| {
            let value = |text: &str| if text.is_empty() { "null".to_owned() } else { format!("\"{text}\"") };
            let fields: Vec<String> =
                columns.iter().map(|(name, texts)| format!("\"{name}\":{}", value(texts[at]))).collect();
            let geometry = r#"{"type":"Point","coordinates":[117.0,36.8]}"#;
            format!(r#"{{"type":"Feature","properties":{{{}}},"geometry":{geometry}}}"#, fields.join(","))
        };
        let features: Vec<String> = (0..columns[0].1.len()).map(feature).collect();
        let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
        let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        opened.expect("opens").layers.remove(0)
    }

    #[test]
    fn the_field_of_classes_is_found_by_its_values() {
        let names: &[&str] = &["a", "b", "c", "d", "e", "f"];
        let check = |columns: &[(&str, &[&str])], expected: Option<&str>| {
            let layer = layer(columns);
            let found = class_like_field(&layer).map(|at| layer.fields[at].name.clone());
            assert_eq!(found.as_deref(), expected, "{columns:?}");
        };
        let landcover: &[&str] = &["bos", "bos", "akker", "akker", "water", "water"];
        check(&[("naam", names), ("soort", landcover)], Some("soort"));
        // Every value once: names, not classes. One value only: says nothing.
        check(&[("naam", names)], None);
        check(&[("land", &["NL"; 6])], None);
        // Evenly parted before nearly all alike; a telling name before both.
        let nearly: &[&str] = &["x", "x", "x", "x", "y", "y"];
        check(&[("a", nearly), ("b", landcover)], Some("b"));
        check(&[("a", landcover), ("ZoneType", nearly)], Some("ZoneType"));
        check(&[("用途", nearly), ("b", landcover)], Some("用途"));
        // Mostly empty.
        check(&[("a", &["x", "x", "", "", "", ""])], None);
        check(&[("a", &["x", "x", "y", "y", "", ""])], Some("a"));
    }
}
