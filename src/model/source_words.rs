//! What a source itself says that its names and codes mean: aliases of a class and of its fields, names of coded values.
//!
//! The values of a layer stay the codes; these words are only for showing them.

use std::sync::Arc;

use rustc_hash::FxHashMap;

/// What a source says of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldWords {
    /// What people call it; empty where the source does not say.
    pub alias: String,
    /// Codes and their names, in the order of the source.
    pub codes: Arc<Vec<(String, String)>>,
}

/// What a source says of a layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceWords {
    /// What people call the layer; empty where the source does not say.
    pub alias: String,
    /// By the name of the field.
    pub fields: FxHashMap<String, FieldWords>,
}

impl SourceWords {
    /// What people call `field`, where the source says something else than its name.
    pub fn alias_of(&self, field: &str) -> Option<&str> {
        let alias = self.fields.get(field)?.alias.as_str();
        (!alias.is_empty() && alias != field).then_some(alias)
    }

    /// The name of a code of `field`, where the source has another than the code itself. Numbers are the same however
    /// they are written.
    pub fn meaning_of(&self, field: &str, code: &str) -> Option<&str> {
        let codes = &self.fields.get(field)?.codes;
        let is_same = |known: &str| match (known == code, known.parse::<f64>(), code.parse::<f64>()) {
            (true, ..) => true,
            // What begins with a zero is no number.
            (_, Ok(known_number), Ok(number)) => {
                known_number == number && !known.starts_with('0') && !code.starts_with('0')
            }
            _ => false,
        };
        let (_, name) = codes.iter().find(|(known, _)| is_same(known))?;
        (!name.is_empty() && name != code).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_names_of_their_source() {
        let codes = Arc::new(vec![("0101".to_owned(), "水田".to_owned()), ("2.0".to_owned(), "乙".to_owned())]);
        let mut words = SourceWords::default();
        words.fields.insert("DLBM".to_owned(), FieldWords { alias: "地类编码".to_owned(), codes });
        assert_eq!(words.alias_of("DLBM"), Some("地类编码"));
        assert_eq!(words.meaning_of("DLBM", "0101"), Some("水田"));
        assert_eq!(words.meaning_of("DLBM", "101"), None);
        assert_eq!(words.meaning_of("DLBM", "2"), Some("乙"));
        assert_eq!((words.alias_of("TBMJ"), words.meaning_of("TBMJ", "2")), (None, None));
    }
}
