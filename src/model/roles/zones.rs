//! Names of planning layers and zones: 三区三线, 规划分区, and the keywords that files are named by.
//!
//! The table lies in `assets/zones.csv`. Layer names, field values and aliases are those of the planning databases;
//! no standard colours of control lines and zones are public, so those here are a choice, not the standard's.
//! Numeric codes of zones differ between sources: values are matched by name before code.

use std::sync::OnceLock;

use super::Role;
use crate::model::style::Color;
use crate::text::Language;

/// A planning layer, or one zone of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// What layers of that name are.
    pub role: Role,
    /// Name of the database table: `CZKFBJ`; empty where there is none.
    pub layer: &'static str,
    name_zh: &'static str,
    name_en: &'static str,
    /// Codes of the zone, `|` between those of different sources; empty for the layer itself.
    codes: &'static str,
    /// Its colour, where one was chosen.
    pub color: Option<Color>,
    /// What else files are called that hold it.
    pub(super) keywords: Vec<Keyword>,
}

/// A word that file and layer names are recognised by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keyword {
    /// The word: Chinese, the capitals of a table name, or small English words with blanks.
    pub text: &'static str,
    /// Whether it says little on its own (街道, project) and yields to any other word.
    pub weak: bool,
}

impl Zone {
    /// Its name.
    pub fn name(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.name_zh,
            Language::English => self.name_en,
        }
    }

    /// Whether it is one zone of a layer, not the layer itself.
    pub fn is_value(&self) -> bool {
        !self.codes.is_empty()
    }
}

/// All layers and zones.
pub fn all() -> &'static [Zone] {
    static ZONES: OnceLock<Vec<Zone>> = OnceLock::new();
    ZONES.get_or_init(|| {
        let source = include_str!("../../../assets/zones.csv");
        let zones = csv::Reader::from_reader(source.as_bytes()).into_records().map(|record| {
            let record = record.expect("the asset is well-formed CSV, checked by a test");
            // The table lives as long as the program.
            let text = |i: usize| -> &'static str { Box::leak(record[i].to_owned().into_boxed_str()) };
            let (layer, name_zh) = (text(1), text(2));
            let is_layer = record[4].is_empty();
            let own = [layer, name_zh].into_iter().filter(|word| is_layer && !word.is_empty());
            let keywords = own.map(|text| Keyword { text, weak: false });
            let aliases = text(6).split(';').filter(|word| !word.is_empty()).map(|word| match word.strip_prefix('~') {
                Some(text) => Keyword { text, weak: true },
                None => Keyword { text: word, weak: false },
            });
            Zone {
                role: Role::from_name(&record[0]).expect("the asset names known roles, checked by a test"),
                layer,
                name_zh,
                name_en: text(3),
                codes: text(4),
                color: Color::from_hex(&record[5]),
                keywords: keywords.chain(aliases).collect(),
            }
        });
        zones.collect()
    })
}

/// Fields that hold planning zones, with their table.
const FIELDS: &[(&str, &str)] =
    &[("GHFQMC", "GHFQ"), ("GHFQDM", "GHFQ"), ("GZQLXDM", "JSYDGZQ"), ("TDYTQLXDM", "TDYTQ")];

/// The table of planning zones that fields named `field` belong to.
pub fn table_of_field(field: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(field.trim())).map(|(_, table)| *table)
}

/// The zone that a field value names (城镇弹性发展区), or codes (420) within table `layer`.
pub fn find(layer: Option<&str>, value: &str) -> Option<&'static Zone> {
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    let of_layer = |zone: &&Zone| layer.is_none_or(|layer| zone.layer == layer);
    let by_name = all().iter().filter(of_layer).find(|zone| zone.is_value() && zone.name_zh == value);
    by_name.or_else(|| {
        layer?;
        all().iter().filter(of_layer).find(|zone| zone.codes.split('|').any(|code| code == value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_found_by_name_before_code() {
        let check = |layer, value: &str, expected: Option<&str>| {
            assert_eq!(find(layer, value).map(|zone| zone.name_zh), expected, "{layer:?} {value}");
        };
        check(None, "城镇弹性发展区", Some("城镇弹性发展区"));
        check(Some("GHFQ"), "420", Some("城镇弹性发展区"));
        check(Some("CZKFBJ"), "02", Some("城镇弹性发展区"));
        check(Some("CZKFBJ"), "410", Some("城镇集中建设区"));
        check(Some("JSYDGZQ"), "010", Some("允许建设区"));
        check(Some("TDYTQ"), "010", Some("基本农田保护区"));
        check(None, "010", None);
        check(Some("GHFQ"), "", None);
        check(Some("GHFQ"), "999", None);
    }

    #[test]
    fn every_zone_has_two_names_and_every_layer_a_word() {
        for zone in all() {
            assert!(!zone.name_zh.is_empty() && !zone.name_en.is_empty(), "{zone:?}");
            assert!(zone.is_value() || !zone.keywords.is_empty(), "{zone:?}");
        }
    }
}
