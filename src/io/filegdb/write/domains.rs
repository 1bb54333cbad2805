//! Coded domains: lists of codes and what they mean, which fields of a geodatabase share.
//!
//! Where the source of a layer has such a list for a field, that is written; for the field of land-use classes the list of
//! their standard is, where all its values are codes of it. A domain lists what a field may have: one that is made of the
//! values at hand would forbid all others.

use std::collections::HashSet;
use std::sync::Arc;

use super::fields::Stored;
use crate::model::classes::{Class, Scheme};
use crate::model::roles::{Clues, recognise};
use crate::model::{FieldType, Layer};
use crate::text::Language;

/// Codes and their names.
pub(super) type Codes = Arc<Vec<(String, String)>>;

/// What the codes of a field mean.
#[derive(Clone, Debug)]
pub(super) struct Coded {
    /// What the list may be called.
    pub(super) name: String,
    pub(super) codes: Codes,
}

/// A domain of a geodatabase.
#[derive(Clone, Debug)]
pub(super) struct Domain {
    pub(super) name: String,
    /// The type of the fields that have it, and that of its codes, as definitions call them.
    pub(super) kind: (&'static str, &'static str),
    pub(super) codes: Codes,
}

/// The domains of a geodatabase.
#[derive(Debug, Default)]
pub(super) struct Domains {
    pub(super) list: Vec<Domain>,
}

impl Domains {
    /// The name of the domain of these codes for fields of a type; `None` where such fields have none.
    pub(super) fn named(&mut self, coded: &Coded, stored: Stored) -> Option<String> {
        let kind = kind(stored)?;
        let is_same = |domain: &&Domain| {
            domain.kind == kind && (Arc::ptr_eq(&domain.codes, &coded.codes) || domain.codes == coded.codes)
        };
        if let Some(known) = self.list.iter().find(is_same) {
            return Some(known.name.clone());
        }
        let is_taken = |name: &str| self.list.iter().any(|domain| domain.name.to_lowercase() == name.to_lowercase());
        let mut name = coded.name.clone();
        let mut number = 1;
        while is_taken(&name) {
            number += 1;
            name = format!("{}_{number}", coded.name);
        }
        self.list.push(Domain { name: name.clone(), kind, codes: coded.codes.clone() });
        Some(name)
    }
}

/// What definitions call the type of a field and that of its codes; `None` where such fields have no domains.
fn kind(stored: Stored) -> Option<(&'static str, &'static str)> {
    match stored {
        Stored::Flag => Some(("SmallInteger", "short")),
        Stored::Int32 => Some(("Integer", "int")),
        Stored::Float64 => Some(("Double", "double")),
        Stored::Text(_) => Some(("String", "string")),
        Stored::Int64 | Stored::Moment => None,
    }
}

/// Whether a field that is stored so can have these codes, each of them once.
pub(super) fn fits(stored: Stored, codes: &[(String, String)]) -> bool {
    let is_held = |code: &str| match stored {
        Stored::Flag => code.parse::<i16>().is_ok(),
        Stored::Int32 => code.parse::<i32>().is_ok(),
        Stored::Float64 => code.parse::<f64>().is_ok_and(f64::is_finite),
        Stored::Text(_) => true,
        Stored::Int64 | Stored::Moment => false,
    };
    let mut seen = HashSet::new();
    codes.iter().all(|(code, _)| is_held(code) && seen.insert(code.as_str()))
}

/// The field of land-use classes with the classes of its standard, where all its values are codes of that.
pub(super) fn classes(layer: &Layer) -> Option<(usize, Coded)> {
    let recognition = recognise(&Clues::of_layer(layer));
    let scheme = recognition.scheme()?;
    let field = layer.field(recognition.class_field.as_deref()?)?;
    let is_code = |text: &str| Class::find(scheme, text).is_some();
    let mut any = false;
    for column in layer.blocks.iter().filter_map(|block| block.attributes.column(field)) {
        let is_held = match column.kind() {
            FieldType::Null => true,
            FieldType::Text => column.distinct_texts().all(is_code),
            _ => false,
        };
        if !is_held {
            return None;
        }
        any |= column.kind() == FieldType::Text;
    }
    any.then(|| (field, of_scheme(scheme)))
}

fn of_scheme(scheme: Scheme) -> Coded {
    let codes = scheme.classes().map(|class| (class.code().to_owned(), class.name(Language::Chinese).to_owned()));
    Coded { name: scheme.title(Language::Chinese).to_owned(), codes: Arc::new(codes.collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(name: &str, codes: &[(&str, &str)]) -> Coded {
        let codes = codes.iter().map(|(code, name)| ((*code).to_owned(), (*name).to_owned())).collect();
        Coded { name: name.to_owned(), codes: Arc::new(codes) }
    }

    #[test]
    fn fields_share_what_is_the_same() {
        let mut domains = Domains::default();
        let text = Stored::Text(255);
        let (first, other) = (coded("DJ", &[("1", "甲"), ("2", "乙")]), coded("dj", &[("1", "甲")]));
        assert_eq!(domains.named(&first, text).as_deref(), Some("DJ"));
        assert_eq!(domains.named(&coded("XJ", &[("1", "甲"), ("2", "乙")]), Stored::Text(300)).as_deref(), Some("DJ"));
        assert_eq!(domains.named(&first, Stored::Int32).as_deref(), Some("DJ_2"));
        assert_eq!(domains.named(&other, text).as_deref(), Some("dj_3"));
        assert_eq!(domains.named(&first, Stored::Moment), None);
        assert_eq!(domains.list.len(), 3);
    }

    #[test]
    fn codes_are_of_the_type_of_their_field() {
        let check = |stored: Stored, codes: &[(&str, &str)], expected: bool| {
            assert_eq!(fits(stored, &coded("a", codes).codes), expected, "{stored:?} {codes:?}");
        };
        check(Stored::Text(255), &[("0101", "水田"), ("0102", "水浇地")], true);
        check(Stored::Text(255), &[("0101", "水田"), ("0101", "水浇地")], false);
        check(Stored::Int32, &[("1", "甲"), ("2147483648", "乙")], false);
        check(Stored::Int32, &[("-1", "甲")], true);
        check(Stored::Float64, &[("1.5", "甲")], true);
        check(Stored::Float64, &[("NaN", "甲")], false);
        check(Stored::Moment, &[("1", "甲")], false);
    }
}
