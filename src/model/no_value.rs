//! What says that there is no value: null and its many looks. One group wherever features are grouped, its kinds counted.

use super::{Layer, Value};
use crate::text::Message;
use crate::units::format_number;

/// How a field says that it has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoValue {
    /// Null, or not there at all.
    Null,
    /// Text of no characters.
    Empty,
    /// Blanks.
    Blank,
    /// The word that a program wrote for null: `<Null>`, `null`, `NaN`.
    Word,
}

impl NoValue {
    /// How `text` says that there is no value; `None` where it says something.
    pub fn of_text(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::Empty);
        }
        let inner = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'));
        if inner.is_empty() {
            return Some(Self::Blank);
        }
        let words = ["null", "<null>", "(null)", "[null]", "nan", "#n/a", "<空>", "空值"];
        (inner.len() <= 8 && words.iter().any(|word| inner.eq_ignore_ascii_case(word))).then_some(Self::Word)
    }
}

/// Features without a value of a field, by how it says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoValues {
    /// Null, or not there.
    pub null_count: u64,
    /// Text of no characters.
    pub empty_count: u64,
    /// Blanks.
    pub blank_count: u64,
    /// Words for null.
    pub word_count: u64,
}

impl NoValues {
    /// Those of `field`, over the features that `chosen` marks where it is given.
    pub fn of_field(layer: &Layer, field: usize, chosen: Option<&[bool]>) -> Self {
        let mut found = Self::default();
        for (block, start) in layer.blocks.iter().zip(&layer.starts) {
            let column = block.attributes.column(field);
            let of_text: Vec<Option<NoValue>> =
                column.map_or_else(Vec::new, |column| column.distinct_texts().map(NoValue::of_text).collect());
            for row in 0..block.geometry.feature_count() {
                if chosen.is_some_and(|chosen| !chosen.get(start + row).copied().unwrap_or(false)) {
                    continue;
                }
                let kind = match column.and_then(|column| column.text_code(row)) {
                    Some(code) => of_text[code as usize],
                    None => {
                        let value = column.map_or(Value::Null, |column| column.value(row));
                        if value.is_null() { Some(NoValue::Null) } else { NoValue::of_text(&value.to_string()) }
                    }
                };
                match kind {
                    None => {}
                    Some(NoValue::Null) => found.null_count += 1,
                    Some(NoValue::Empty) => found.empty_count += 1,
                    Some(NoValue::Blank) => found.blank_count += 1,
                    Some(NoValue::Word) => found.word_count += 1,
                }
            }
        }
        found
    }

    /// All of them.
    pub fn count(&self) -> u64 {
        self.null_count + self.empty_count + self.blank_count + self.word_count
    }

    /// How many of which kind, in a sentence; `None` where all are null, which needs no words, and where there are none.
    pub fn message(&self, field: &str) -> Option<Message> {
        (self.count() > self.null_count).then(|| {
            let count = |count: u64| format_number(count as f64, 0);
            Message::new("model.no-values")
                .with("field", field)
                .with("n", count(self.count()))
                .with("null", count(self.null_count))
                .with("empty", count(self.empty_count))
                .with("blank", count(self.blank_count))
                .with("word", count(self.word_count))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_many_looks() {
        let check = |text: &str, kind: Option<NoValue>| assert_eq!(NoValue::of_text(text), kind, "{text:?}");
        check("", Some(NoValue::Empty));
        check(" \t", Some(NoValue::Blank));
        check("\u{3000}", Some(NoValue::Blank));
        check("<Null>", Some(NoValue::Word));
        check(" NULL ", Some(NoValue::Word));
        check("NaN", Some(NoValue::Word));
        check("<空>", Some(NoValue::Word));
        check("0", None);
        check("-", None);
        check("无", None);
        check("nullah", None);
        check("None", None);
    }
}
