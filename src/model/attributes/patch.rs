//! Columns with a few values replaced: what an edit makes of a block without copying it.
//!
//! The base column is shared; the replaced values lie beside it, sorted by row. Their cost is that of the rows that an
//! edit touched, not of the block.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Column, ColumnBuilder, FieldType, Value};

/// An attribute value that owns its text.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnedValue {
    /// No value.
    Null,
    /// true or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(Arc<str>),
    /// An object or array as JSON text.
    Json(Arc<str>),
}

impl OwnedValue {
    /// A text value.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// The value, borrowed.
    pub fn as_value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Float(value) => Value::Float(*value),
            Self::Text(text) => Value::Text(text),
            Self::Json(text) => Value::Json(text),
        }
    }

    /// The type of field that it fits into.
    pub fn kind(&self) -> FieldType {
        match self {
            Self::Null => FieldType::Null,
            Self::Bool(_) => FieldType::Bool,
            Self::Int(_) => FieldType::Int,
            Self::Float(_) => FieldType::Float,
            Self::Text(_) => FieldType::Text,
            Self::Json(_) => FieldType::Json,
        }
    }

    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Text(text) | Self::Json(text) => text.len() + 16,
                _ => 0,
            }
    }

    /// What tells two values apart: their type, and floats by their bits.
    fn key(&self) -> (FieldType, u64, &str) {
        match self {
            Self::Null => (FieldType::Null, 0, ""),
            Self::Bool(value) => (FieldType::Bool, u64::from(*value), ""),
            Self::Int(value) => (FieldType::Int, *value as u64, ""),
            Self::Float(value) => (FieldType::Float, value.to_bits(), ""),
            Self::Text(text) => (FieldType::Text, 0, text),
            Self::Json(text) => (FieldType::Json, 0, text),
        }
    }

    /// Whether both are the same value of the same type; a NaN is the same as itself.
    pub fn same(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl From<Value<'_>> for OwnedValue {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Int(value) => Self::Int(value),
            Value::Float(value) => Self::Float(value),
            Value::Text(text) => Self::Text(text.into()),
            Value::Json(text) => Self::Json(text.into()),
        }
    }
}

impl fmt::Display for OwnedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_value().fmt(f)
    }
}

/// Values in the place of others: rows of one column of one block, ascending, and what stands there.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    rows: Vec<u32>,
    /// One a row, into `values`.
    codes: Vec<u32>,
    values: Vec<OwnedValue>,
}

impl Overrides {
    /// Whether nothing is replaced.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, ascending.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The value that stands in `row`, where it is replaced.
    pub fn get(&self, row: u32) -> Option<&OwnedValue> {
        // Rows that are not listed are as in the base.
        self.rows.binary_search(&row).ok().map(|at| &self.values[self.codes[at] as usize])
    }

    /// Rows and values, ascending by row.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u32, &OwnedValue)> {
        self.rows.iter().zip(&self.codes).map(|(row, code)| (*row, &self.values[*code as usize]))
    }

    /// The distinct values.
    pub fn values(&self) -> &[OwnedValue] {
        &self.values
    }

    /// The same for a block of which only the rows `kept`, ascending, are left.
    #[must_use]
    pub fn kept(&self, kept: &[u32]) -> Self {
        let places = self.rows.iter().zip(&self.codes).filter_map(|(row, code)| {
            // Rows that are gone have no place.
            kept.binary_search(row).ok().map(|to| (to as u32, *code))
        });
        let (rows, codes) = places.unzip();
        Self { rows, codes, values: self.values.clone() }
    }

    /// The same with `changes`, ascending by row, on top. What `base` has anyway is not kept.
    #[must_use]
    pub fn with(&self, changes: &[(u32, OwnedValue)], base: Option<&Column>) -> Self {
        let mut coder = Coder::default();
        let room = self.rows.len() + changes.len();
        let (mut rows, mut codes) = (Vec::with_capacity(room), Vec::with_capacity(room));
        // Codes of `self.values` in the new list, as far as they are met.
        let mut moved: Vec<u32> = vec![u32::MAX; self.values.len()];
        let (mut at, mut next) = (0, 0);
        while at < self.rows.len() || next < changes.len() {
            let old = self.rows.get(at).copied().unwrap_or(u32::MAX);
            let new = changes.get(next).map_or(u32::MAX, |(row, _)| *row);
            if old < new {
                let code = &mut moved[self.codes[at] as usize];
                if *code == u32::MAX {
                    *code = coder.code(&self.values[self.codes[at] as usize]);
                }
                rows.push(old);
                codes.push(*code);
                at += 1;
                continue;
            }
            at += usize::from(old == new);
            let value = &changes[next].1;
            let of_base = OwnedValue::from(base.map_or(Value::Null, |column| column.value(new as usize)));
            if !of_base.same(value) {
                rows.push(new);
                codes.push(coder.code(value));
            }
            next += 1;
        }
        Self { rows, codes, values: coder.values }
    }

    /// The column that these make of `base`, which is a column of `row_count` rows or missing.
    pub fn over(self: &Arc<Self>, base: Option<&Arc<Column>>, row_count: usize) -> Option<Arc<Column>> {
        if self.is_empty() {
            return base.cloned();
        }
        let fits = |base: &Column| {
            let kind = base.kind();
            kind != FieldType::Null
                && self.values.iter().all(|value| matches!(value.kind(), FieldType::Null) || value.kind() == kind)
        };
        if let Some(base) = base.filter(|base| fits(base)) {
            return Some(Arc::new(Column {
                rows: super::Rows::All,
                data: super::Data::Patched(Patched::new(base.clone(), self.clone())),
                row_count,
            }));
        }
        // Kinds mix, or there was nothing: a column of its own.
        let mut builder = ColumnBuilder::default();
        match base.filter(|base| base.kind() != FieldType::Null) {
            None => self.rows.iter().zip(&self.codes).for_each(|(row, code)| {
                builder.set(*row, self.values[*code as usize].as_value());
            }),
            Some(base) => (0..row_count as u32).for_each(|row| {
                let value = self.get(row).map_or_else(|| base.value(row as usize), OwnedValue::as_value);
                builder.set(row, value);
            }),
        }
        Some(Arc::new(builder.finish(row_count)))
    }

    /// Bytes that they take.
    pub fn byte_count(&self) -> usize {
        8 * self.rows.len() + self.values.iter().map(OwnedValue::byte_count).sum::<usize>()
    }
}

/// Gives equal values one code.
#[derive(Default)]
struct Coder {
    values: Vec<OwnedValue>,
    /// Used once there are too many to look through.
    by_value: FxHashMap<(FieldType, u64, Arc<str>), u32>,
}

impl Coder {
    fn code(&mut self, value: &OwnedValue) -> u32 {
        const FEW: usize = 16;
        if self.values.len() <= FEW
            && let Some(at) = self.values.iter().position(|known| known.same(value))
        {
            return at as u32;
        }
        let key = |value: &OwnedValue| {
            let (kind, bits, text) = value.key();
            (kind, bits, Arc::<str>::from(text))
        };
        if self.values.len() > FEW {
            if self.by_value.is_empty() {
                self.by_value = self.values.iter().enumerate().map(|(i, value)| (key(value), i as u32)).collect();
            }
            if let Some(code) = self.by_value.get(&key(value)) {
                return *code;
            }
        }
        let code = self.values.len() as u32;
        if !self.by_value.is_empty() {
            self.by_value.insert(key(value), code);
        }
        self.values.push(value.clone());
        code
    }
}

/// A column whose values are those of `base` but for some rows. All values have the type of the base, or are null.
#[derive(Clone, Debug)]
pub(super) struct Patched {
    pub(super) base: Arc<Column>,
    overrides: Arc<Overrides>,
    /// Code of each distinct value of the overrides as a text; `u32::MAX` where it is none.
    text_codes: Vec<u32>,
    /// Texts that the base lacks, with codes after the base's.
    more_texts: Vec<Arc<str>>,
}

impl Patched {
    fn new(base: Arc<Column>, overrides: Arc<Overrides>) -> Self {
        let known_count = base.distinct_texts().len() as u32;
        // Looking each text up one by one is quick for a few, not for thousands.
        let many = overrides.values.len() > 16;
        let known: FxHashMap<&str, u32> =
            base.distinct_texts().zip(0..).take(if many { usize::MAX } else { 0 }).collect();
        let mut more_texts: Vec<Arc<str>> = Vec::new();
        let code = |value: &OwnedValue| {
            let (OwnedValue::Text(text) | OwnedValue::Json(text)) = value else { return u32::MAX };
            let found = match many {
                true => known.get(&**text).copied(),
                false => base.distinct_texts().zip(0..).find(|(known, _)| *known == &**text).map(|(_, code)| code),
            };
            found.unwrap_or_else(|| {
                more_texts.push(text.clone());
                known_count + more_texts.len() as u32 - 1
            })
        };
        let text_codes = overrides.values.iter().map(code).collect();
        Self { base, overrides, text_codes, more_texts }
    }

    fn at(&self, row: usize) -> Option<usize> {
        // Rows that are not listed are as in the base.
        self.overrides.rows.binary_search(&(row as u32)).ok().map(|at| self.overrides.codes[at] as usize)
    }

    pub(super) fn value(&self, row: usize) -> Value<'_> {
        match self.at(row) {
            Some(code) => self.overrides.values[code].as_value(),
            None => self.base.value(row),
        }
    }

    pub(super) fn text_code(&self, row: usize) -> Option<u32> {
        match self.at(row) {
            Some(code) => Some(self.text_codes[code]).filter(|code| *code != u32::MAX),
            None => self.base.text_code(row),
        }
    }

    pub(super) fn more_texts(&self) -> &[Arc<str>] {
        &self.more_texts
    }

    /// Bytes beside the base, which is shared.
    pub(super) fn byte_count(&self) -> usize {
        self.overrides.byte_count()
            + 4 * self.text_codes.len()
            + self.more_texts.iter().map(|t| t.len() + 24).sum::<usize>()
    }
}

/// Rows in which two states of a column differ; `None` where they are the same column. Quick where both came from one
/// base by edits.
pub fn changed_rows(old: Option<&Arc<Column>>, new: Option<&Arc<Column>>) -> Option<Vec<u32>> {
    let (a, b) = match (old, new) {
        (None, None) => return None,
        (Some(a), Some(b)) if Arc::ptr_eq(a, b) => return None,
        (a, b) => (a, b),
    };
    let split = |column: &Arc<Column>| match &column.data {
        super::Data::Patched(patched) => (patched.base.clone(), Some(patched.overrides.clone())),
        _ => (column.clone(), None),
    };
    let value = |column: Option<&Arc<Column>>, row: u32| -> OwnedValue {
        column.map_or(Value::Null, |column| column.value(row as usize)).into()
    };
    let differs = |row: &u32| !value(a, *row).same(&value(b, *row));
    if let (Some(a), Some(b)) = (a, b) {
        let ((base_a, over_a), (base_b, over_b)) = (split(a), split(b));
        if Arc::ptr_eq(&base_a, &base_b) {
            return Some(differing(over_a.as_deref(), over_b.as_deref()));
        }
    }
    let count = a.into_iter().chain(b).map(|column| column.row_count).max().unwrap_or(0);
    Some((0..count as u32).filter(differs).collect())
}

/// Rows in which two lists of replaced values of one column differ. A value that is replaced is never the base's.
fn differing(a: Option<&Overrides>, b: Option<&Overrides>) -> Vec<u32> {
    let empty = Overrides::default();
    let (a, b) = (a.unwrap_or(&empty), b.unwrap_or(&empty));
    // Whether a value of the one is one of the other: looked up once for each pair that is met.
    let mut same: FxHashMap<(u32, u32), bool> = FxHashMap::default();
    let mut rows = Vec::new();
    let (mut i, mut j) = (0, 0);
    loop {
        match (a.rows.get(i), b.rows.get(j)) {
            (None, None) => return rows,
            (Some(x), Some(y)) if x == y => {
                let codes = (a.codes[i], b.codes[j]);
                let is_same =
                    *same.entry(codes).or_insert_with(|| a.values[codes.0 as usize].same(&b.values[codes.1 as usize]));
                if !is_same {
                    rows.push(*x);
                }
                (i, j) = (i + 1, j + 1);
            }
            (Some(x), y) if y.is_none_or(|y| x < y) => {
                rows.push(*x);
                i += 1;
            }
            (_, Some(y)) => {
                rows.push(*y);
                j += 1;
            }
            // The third arm took what is left of the first list.
            (Some(_), None) => return rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[Value<'_>]) -> Arc<Column> {
        let mut builder = ColumnBuilder::default();
        for (row, value) in values.iter().enumerate() {
            builder.set(row as u32, *value);
        }
        Arc::new(builder.finish(values.len()))
    }

    fn shown(column: &Column, count: usize) -> Vec<String> {
        (0..count).map(|row| column.value(row).to_string()).collect()
    }

    #[test]
    fn values_stand_in_the_place_of_others() {
        let base = column(&[Value::Text("0103"), Value::Text("0701"), Value::Null, Value::Text("0103")]);
        let changes = [(0, OwnedValue::text("0701")), (2, OwnedValue::text("1001")), (3, OwnedValue::Null)];
        let overrides = Arc::new(Overrides::default().with(&changes, Some(&base)));
        let patched = overrides.over(Some(&base), 4).expect("a column");
        assert_eq!(shown(&patched, 4), ["0701", "0701", "1001", ""]);
        assert_eq!((patched.kind(), patched.null_count()), (FieldType::Text, 1));
        let codes: Vec<_> = (0..4).map(|row| patched.text_code(row)).collect();
        assert_eq!(codes, [Some(1), Some(1), Some(2), None]);
        assert_eq!(patched.distinct_texts().collect::<Vec<_>>(), ["0103", "0701", "1001"]);
        let back = [(0, OwnedValue::text("0103")), (2, OwnedValue::Null), (3, OwnedValue::text("0103"))];
        let undone = Arc::new(overrides.with(&back, Some(&base)));
        assert!(undone.is_empty());
        assert!(Arc::ptr_eq(&undone.over(Some(&base), 4).expect("a column"), &base));
    }

    #[test]
    fn another_type_and_a_missing_column_make_a_column_of_their_own() {
        let base = column(&[Value::Int(1), Value::Int(2)]);
        let mixed = Arc::new(Overrides::default().with(&[(1, OwnedValue::text("two"))], Some(&base)));
        let column = mixed.over(Some(&base), 2).expect("a column");
        assert_eq!((column.kind(), shown(&column, 2)), (FieldType::Text, vec!["1".to_owned(), "two".to_owned()]));
        let lone = Arc::new(Overrides::default().with(&[(1, OwnedValue::Float(0.5))], None));
        let column = lone.over(None, 3).expect("a column");
        assert_eq!((column.kind(), column.null_count()), (FieldType::Float, 2));
    }

    #[test]
    fn rows_that_differ_are_found_between_states_of_one_base() {
        let base = column(&[Value::Text("a"), Value::Text("b"), Value::Null, Value::Text("a"), Value::Text("c")]);
        let state = |changes: &[(u32, OwnedValue)]| {
            Arc::new(Overrides::default().with(changes, Some(&base))).over(Some(&base), 5)
        };
        let text = OwnedValue::text;
        let one = state(&[(0, text("x")), (1, text("y")), (2, text("b"))]);
        let two = state(&[(1, text("y")), (2, OwnedValue::text("x")), (4, OwnedValue::Null)]);
        assert_eq!(changed_rows(one.as_ref(), two.as_ref()), Some(vec![0, 2, 4]));
        assert_eq!(changed_rows(two.as_ref(), one.as_ref()), Some(vec![0, 2, 4]));
        assert_eq!(changed_rows(Some(&base), two.as_ref()), Some(vec![1, 2, 4]));
        assert_eq!(changed_rows(one.as_ref(), Some(&base)), Some(vec![0, 1, 2]));
        assert_eq!(changed_rows(one.as_ref(), one.as_ref()), None);
    }

    #[test]
    fn many_distinct_values_keep_their_codes() {
        let texts: Vec<String> = (0..100).map(|i| format!("v{i}")).collect();
        let values: Vec<Value<'_>> = texts.iter().map(|text| Value::Text(text)).collect();
        let base = column(&values);
        let changes: Vec<(u32, OwnedValue)> =
            (0..100).map(|i| (i, OwnedValue::text(&format!("v{}", i + 50)))).collect();
        let overrides = Arc::new(Overrides::default().with(&changes, Some(&base)));
        let patched = overrides.over(Some(&base), 100).expect("a column");
        let all: Vec<&str> = patched.distinct_texts().collect();
        for row in 0..100 {
            let code = patched.text_code(row).expect("a text") as usize;
            assert_eq!(all[code], format!("v{}", row + 50));
        }
        assert_eq!(all.len(), 150);
    }
}
