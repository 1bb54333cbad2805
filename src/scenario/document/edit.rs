//! Edits: what a scenario changes of a layer, with what was there before.
//!
//! An [`Edit`] holds before and after, so that its inverse is a swap; [`LayerState::apply`](super::state::LayerState::apply)
//! is the only place that carries one out. Features are named by [`Key`]s, which stay when others come and go. Values
//! are coded: a million rows set to one class cost their row numbers and one text.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::{GeometryBlock, Layer, LayerId, OwnedValue, Value};

/// A feature of a layer in all its states: the row in the base, or a number past those for what an edit added.
pub type Key = u32;

/// Which way an edit is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Done, or done again.
    Forward,
    /// Undone.
    Back,
}

impl Way {
    /// The other way.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Forward => Self::Back,
            Self::Back => Self::Forward,
        }
    }
}

/// A change of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The layer, the same in all states.
    pub layer: LayerId,
    /// What changes.
    pub change: Change,
}

/// What an edit changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Values of a field; a recode is one.
    SetField(SetField),
    /// Features that go and features that come.
    Redraw(Redraw),
}

/// Values of one field set.
#[derive(Clone, Debug, PartialEq)]
pub struct SetField {
    /// The field.
    pub field: Arc<str>,
    /// Whether the layer did not have it before.
    pub creates: bool,
    /// The features, ascending.
    pub keys: Arc<[Key]>,
    /// Their values before.
    pub before: Coded,
    /// Their values after.
    pub after: Coded,
}

/// Features taken out and put in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Redraw {
    /// What goes.
    pub retired: Vec<Piece>,
    /// What comes.
    pub added: Vec<Piece>,
}

/// A feature that comes or goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Its key.
    pub key: Key,
    /// What it is, where it is none of the base's.
    pub drawn: Option<Arc<Drawn>>,
}

/// A feature that the base does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Its geometry: a block of one feature, in the CRS of the layer.
    pub geometry: Arc<GeometryBlock>,
    /// Its values, in the order of the layer's fields; what is missing is null.
    pub values: Vec<OwnedValue>,
    /// The feature of the base that it is a piece of.
    pub origin: Option<Key>,
}

/// Values of many rows, each distinct one kept once.
#[derive(Clone, Debug, PartialEq)]
pub struct Coded {
    values: Vec<OwnedValue>,
    codes: Codes,
}

/// Which of the values each row has.
#[derive(Clone, Debug, PartialEq)]
enum Codes {
    /// All the first.
    One,
    Small(Box<[u8]>),
    Large(Box<[u32]>),
}

impl Change {
    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::SetField(set) => 4 * set.keys.len() + set.before.byte_count() + set.after.byte_count(),
                Self::Redraw(redraw) => redraw.retired.iter().chain(&redraw.added).map(Piece::byte_count).sum(),
            }
    }
}

impl Piece {
    fn byte_count(&self) -> usize {
        size_of::<Self>() + self.drawn.as_ref().map_or(0, |drawn| drawn.byte_count())
    }
}

impl Drawn {
    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        size_of::<Self>() + self.geometry.byte_count() + self.values.iter().map(OwnedValue::byte_count).sum::<usize>()
    }
}

impl SetField {
    /// The values that carrying it out `way` sets.
    pub fn values(&self, way: Way) -> &Coded {
        match way {
            Way::Forward => &self.after,
            Way::Back => &self.before,
        }
    }
}

impl Coded {
    /// The same value for every row.
    pub fn one(value: OwnedValue) -> Self {
        Self { values: vec![value], codes: Codes::One }
    }

    /// One value a row.
    pub fn of(values: impl IntoIterator<Item = OwnedValue>) -> Self {
        let mut coder = Coder::default();
        let codes: Vec<u32> = values.into_iter().map(|value| coder.code(value)).collect();
        Self::packed(coder.values, codes)
    }

    /// The values of `field` of features of a layer; of a missing field, null. `instead` gives the value of a row of a
    /// block where it is another one.
    pub fn gathered<'v>(
        layer: &Layer,
        field: usize,
        features: &[u32],
        instead: impl Fn(usize, u32) -> Option<&'v OwnedValue>,
        more: impl Iterator<Item = OwnedValue>,
    ) -> Self {
        let mut coder = Coder::default();
        let mut codes = Vec::with_capacity(features.len());
        let mut at = 0;
        for (nth, (block, start)) in layer.blocks.iter().zip(&layer.starts).enumerate() {
            let end = start + block.geometry.feature_count();
            let column = block.attributes.column(field);
            // Interned text is looked at once for each text of the block.
            let mut of_text: FxHashMap<u32, u32> = FxHashMap::default();
            while at < features.len() && (features[at] as usize) < end {
                let row = features[at] as usize - start;
                at += 1;
                if let Some(value) = instead(nth, row as u32) {
                    codes.push(coder.code(value.clone()));
                    continue;
                }
                let text = column.and_then(|column| column.text_code(row));
                let code = text.and_then(|text| of_text.get(&text).copied()).unwrap_or_else(|| {
                    let code = coder.code(column.map_or(Value::Null, |column| column.value(row)).into());
                    if let Some(text) = text {
                        of_text.insert(text, code);
                    }
                    code
                });
                codes.push(code);
            }
        }
        codes.extend(more.map(|value| coder.code(value)));
        Self::packed(coder.values, codes)
    }

    /// The value of row `at`.
    pub fn get(&self, at: usize) -> &OwnedValue {
        &self.values[self.code(at)]
    }

    /// Place of the value of row `at` among [`Self::distinct`].
    pub fn code(&self, at: usize) -> usize {
        match &self.codes {
            Codes::One => 0,
            Codes::Small(codes) => codes[at] as usize,
            Codes::Large(codes) => codes[at] as usize,
        }
    }

    /// The distinct values.
    pub fn distinct(&self) -> &[OwnedValue] {
        &self.values
    }

    /// Bytes that they take.
    pub fn byte_count(&self) -> usize {
        let codes = match &self.codes {
            Codes::One => 0,
            Codes::Small(codes) => codes.len(),
            Codes::Large(codes) => 4 * codes.len(),
        };
        codes + self.values.iter().map(OwnedValue::byte_count).sum::<usize>()
    }

    fn packed(mut values: Vec<OwnedValue>, codes: Vec<u32>) -> Self {
        if values.is_empty() {
            values.push(OwnedValue::Null);
        }
        let codes = match values.len() {
            1 => Codes::One,
            2..=256 => Codes::Small(codes.into_iter().map(|code| code as u8).collect()),
            _ => Codes::Large(codes.into()),
        };
        Self { values, codes }
    }
}

/// Gives equal values one code.
#[derive(Default)]
struct Coder {
    values: Vec<OwnedValue>,
    by_value: FxHashMap<(u8, u64, Arc<str>), u32>,
}

impl Coder {
    fn code(&mut self, value: OwnedValue) -> u32 {
        if let Some(last) = self.values.last()
            && last.same(&value)
        {
            return self.values.len() as u32 - 1;
        }
        let empty = || Arc::from("");
        let key = match &value {
            OwnedValue::Null => (0, 0, empty()),
            OwnedValue::Bool(value) => (1, u64::from(*value), empty()),
            OwnedValue::Int(value) => (2, *value as u64, empty()),
            OwnedValue::Float(value) => (3, value.to_bits(), empty()),
            OwnedValue::Text(text) => (4, 0, text.clone()),
            OwnedValue::Json(text) => (5, 0, text.clone()),
        };
        let next = self.values.len() as u32;
        let code = *self.by_value.entry(key).or_insert(next);
        if code == next {
            self.values.push(value);
        }
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_coded_and_come_back() {
        let check = |values: Vec<OwnedValue>, distinct: usize| {
            let coded = Coded::of(values.clone());
            assert_eq!(coded.distinct().len(), distinct);
            for (at, value) in values.iter().enumerate() {
                assert!(coded.get(at).same(value), "{at}");
            }
        };
        let text = |i: usize| OwnedValue::text(&i.to_string());
        check(vec![OwnedValue::Null; 5], 1);
        check((0..100).map(|i| text(i % 3)).collect(), 3);
        check((0..1000).map(text).collect(), 1000);
        check(vec![OwnedValue::Int(1), OwnedValue::Float(1.0), OwnedValue::text("1"), OwnedValue::Float(f64::NAN)], 4);
        let million = Coded::one(text(1));
        assert!(million.byte_count() < 100 && million.get(999_999).same(&text(1)));
    }
}
