//! What an office knows about its layers: a mapping by the name of a layer, and classes that were decided.
//!
//! A TOML file that offices can hand around. A layer is known by its name, whatever year or number stands in it, and by
//! the fields that its mapping names: one that lacks any of them is another layer.

use serde::{Deserialize, Serialize};

use super::{Mapping, Role};
use crate::model::Layer;
use crate::model::classes::{Class, Scheme};
use crate::text::Message;

/// The version of the file.
const FORMAT: u32 = 1;

/// What an office knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Office {
    /// Its layers, the latest last.
    pub layers: Vec<Known>,
    /// What classes became that may be several, each with its scheme.
    pub decided: Vec<(Class, Class)>,
}

/// A layer that an office knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Its name when it was first said.
    pub name: String,
    /// What was said of it.
    pub mapping: Mapping,
}

impl Office {
    /// What is known of a layer; the latest where several entries fit.
    pub fn of(&self, layer: &Layer) -> Option<&Known> {
        let key = key_of(&layer.name);
        let fits = |known: &&Known| !key.is_empty() && key_of(&known.name) == key && known.mapping.fits(layer);
        self.layers.iter().rev().find(fits)
    }

    /// Remembers what was said of a layer, in the place of what was known of its like.
    pub fn remember(&mut self, layer: &Layer, mapping: &Mapping) {
        let key = key_of(&layer.name);
        if key.is_empty() || mapping.is_empty() {
            return;
        }
        self.layers.retain(|known| key_of(&known.name) != key || !known.mapping.fits(layer));
        self.layers.push(Known { name: layer.name.clone(), mapping: mapping.clone() });
    }

    /// Forgets what is known of a layer. Returns whether anything was.
    pub fn forget(&mut self, layer: &Layer) -> bool {
        let Some(known) = self.of(layer).cloned() else { return false };
        self.layers.retain(|other| *other != known);
        true
    }

    /// What a class of several became the last time.
    pub fn decision(&self, class: Class, to: Scheme) -> Option<Class> {
        let found = self.decided.iter().rev().find(|(from, into)| *from == class && into.scheme() == to);
        found.map(|(_, into)| *into)
    }

    /// Remembers what a class became.
    pub fn decide(&mut self, class: Class, into: Class) {
        self.decided.retain(|(from, old)| *from != class || old.scheme() != into.scheme());
        self.decided.push((class, into));
    }

    /// Takes over what another office knows; where both know a layer or class, the other's counts. Returns how many
    /// entries came.
    pub fn take_over(&mut self, other: Self) -> usize {
        let count = other.layers.len() + other.decided.len();
        for known in other.layers {
            let is_same = |old: &Known| {
                key_of(&old.name) == key_of(&known.name) && old.mapping.fields().eq(known.mapping.fields())
            };
            self.layers.retain(|old| !is_same(old));
            self.layers.push(known);
        }
        other.decided.into_iter().for_each(|(from, into)| self.decide(from, into));
        count
    }

    /// Reads the file.
    ///
    /// # Errors
    /// What is wrong with it, for users.
    pub fn from_toml(text: &str) -> Result<Self, Message> {
        let broken = |error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            Message::new("model.office-broken").with("line", line).with("reason", error.message().trim())
        };
        let file: File = toml::from_str(text).map_err(broken)?;
        if file.format > FORMAT {
            return Err(Message::new("model.office-newer").with("found", file.format));
        }
        let unknown = |word: &str| Message::new("model.office-unknown").with("word", word);
        let mut office = Self::default();
        for record in file.layers {
            let role = record.role.as_deref().map(|word| Role::from_name(word).ok_or_else(|| unknown(word)));
            let scheme = record.scheme.as_deref().map(|word| Scheme::from_name(word).ok_or_else(|| unknown(word)));
            let mapping = Mapping {
                role: role.transpose()?,
                class_field: record.class,
                class_name_field: record.class_name,
                label_field: record.label,
                area_field: record.area,
                scheme: scheme.transpose()?,
            };
            office.layers.push(Known { name: record.name, mapping });
        }
        for Decided { from, to } in file.decided {
            let class = |word: &str| class_of(word).ok_or_else(|| unknown(word));
            office.decided.push((class(&from)?, class(&to)?));
        }
        Ok(office)
    }

    /// The text of the file.
    pub fn to_toml(&self) -> String {
        let record = |known: &Known| {
            let Mapping { role, class_field, class_name_field, label_field, area_field, scheme } =
                known.mapping.clone();
            Record {
                name: known.name.clone(),
                role: role.map(|role| role.name().to_owned()),
                class: class_field,
                class_name: class_name_field,
                label: label_field,
                area: area_field,
                scheme: scheme.map(|scheme| scheme.name().to_owned()),
            }
        };
        let decided = |(from, to): &(Class, Class)| Decided { from: format!("{from:?}"), to: format!("{to:?}") };
        let file = File {
            format: FORMAT,
            layers: self.layers.iter().map(record).collect(),
            decided: self.decided.iter().map(decided).collect(),
        };
        toml::to_string_pretty(&file).expect("plain tables of texts")
    }
}

/// What layers of one kind have in common in their names: letters, without figures, signs and what stands in brackets.
fn key_of(name: &str) -> String {
    let mut depth = 0_usize;
    let mut key = String::new();
    for c in name.chars() {
        match c {
            '(' | '（' => depth += 1,
            ')' | '）' => depth = depth.saturating_sub(1),
            c if depth == 0 && c.is_alphabetic() => key.extend(c.to_lowercase()),
            _ => {}
        }
    }
    key
}

/// The class of `SD2019:0103`.
fn class_of(word: &str) -> Option<Class> {
    let (scheme, code) = word.split_once(':')?;
    Class::find(Scheme::from_name(scheme)?, code)
}

#[derive(Debug, Serialize, Deserialize)]
struct File {
    format: u32,
    #[serde(default, rename = "layer", skip_serializing_if = "Vec::is_empty")]
    layers: Vec<Record>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    decided: Vec<Decided>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Record {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    area: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scheme: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    from: String,
    to: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::model::{Field, FieldType, GeometryKind};

    fn layer(name: &str, fields: &[&str]) -> Layer {
        let field = |name: &&str| Field { name: (*name).to_owned(), kind: FieldType::Text };
        let fields = fields.iter().map(field).collect();
        Layer::new(name.to_owned(), GeometryKind::Polygon, Crs::wgs84(), fields, Vec::new())
    }

    fn said(class: &str) -> Mapping {
        Mapping { role: Some(Role::LandUse), class_field: Some(class.to_owned()), ..Mapping::default() }
    }

    #[test]
    fn layers_are_known_by_name_and_fields() {
        let mut office = Office::default();
        office.remember(&layer("现状_2023", &["CODE"]), &said("CODE"));
        let knows = |office: &Office, name: &str, fields: &[&str]| office.of(&layer(name, fields)).is_some();
        assert!(knows(&office, "现状_2024", &["ID", "CODE"]));
        assert!(knows(&office, "现状（上报）2025", &["code"]));
        assert!(!knows(&office, "现状_2024", &["ID"]));
        assert!(!knows(&office, "规划_2024", &["CODE"]));
        assert!(!knows(&office, "2024", &["CODE"]));
        // The latest counts, and there is one a kind.
        office.remember(&layer("现状_2024", &["CODE", "DM"]), &said("DM"));
        assert_eq!(office.layers.len(), 1);
        assert!(!knows(&office, "现状", &["CODE"]));
        assert!(office.forget(&layer("现状", &["DM"])) && office.layers.is_empty());
    }

    #[test]
    fn the_file_is_read_as_it_was_written() {
        let mut office = Office::default();
        let mapping = Mapping { scheme: Some(Scheme::Gb2017), area_field: Some("面积".to_owned()), ..said("CODE") };
        office.remember(&layer("现状", &["CODE", "面积"]), &mapping);
        let class = |scheme, code| Class::find(scheme, code).expect("a class");
        let (from, into) = (class(Scheme::Sd2019, "0204"), class(Scheme::Ydyh2023, "0205"));
        office.decide(from, into);
        let text = office.to_toml();
        assert_eq!(Office::from_toml(&text).as_ref(), Ok(&office), "{text}");
        assert_eq!(office.decision(from, Scheme::Ydyh2023), Some(into));
        assert_eq!(office.decision(into, Scheme::Ydyh2023), None);
        let key = |text: &str| Office::from_toml(text).map_err(|message| message.key);
        assert_eq!(key("format = 9"), Err("model.office-newer"));
        assert_eq!(key("format = 1\n[[layer]]\nname = \"a\"\nrole = \"x\""), Err("model.office-unknown"));
        assert_eq!(key("format = 1\n[[layer]]\nnam = 1"), Err("model.office-broken"));
        assert_eq!(key("format = 1"), Ok(Office::default()));
    }

    #[test]
    fn offices_take_over_what_others_know() {
        let mut office = Office::default();
        office.remember(&layer("现状", &["CODE"]), &said("CODE"));
        let mut other = Office::default();
        other.remember(&layer("现状", &["CODE"]), &Mapping { role: Some(Role::Other), ..said("CODE") });
        other.remember(&layer("规划", &["CODE"]), &said("CODE"));
        assert_eq!(office.take_over(other), 2);
        assert_eq!(office.layers.len(), 2);
        assert_eq!(office.of(&layer("现状", &["CODE"])).and_then(|known| known.mapping.role), Some(Role::Other));
    }
}
