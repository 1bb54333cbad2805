//! Filling columns row by row: types widen as values demand, texts are interned, blocks come to one list of fields.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{AttributeBlock, Column, Data, Field, FieldType, Rows, TextData, Value};

/// Fills one [`Column`] row by row, widening its type as values demand.
#[derive(Clone, Debug, Default)]
pub struct ColumnBuilder {
    rows: Vec<u32>,
    dense: bool,
    started: bool,
    data: Data,
    interned: Interned,
}

/// Finds the code of a text among the distinct texts of a column. While texts come in ascending order, as identifiers
/// do, a larger one is new and nothing is looked up. After that, a hash table of codes: open addressing, at most half
/// full. The texts themselves lie in the column only.
#[derive(Clone, Debug, Default)]
struct Interned {
    /// Upper half: hash of the text, lower half: code + 1; 0 where nothing is. Empty while texts ascend.
    slots: Vec<u64>,
}

impl Interned {
    fn hash(text: &str) -> u64 {
        let mut hasher = FxBuildHasher.build_hasher();
        hasher.write(text.as_bytes());
        // The lower bits are those that the hasher finished last.
        hasher.finish() << 32
    }

    /// The first slot from that of `hash` on for which `ends` holds. There is always an empty one.
    #[inline]
    fn probe(slots: &[u64], hash: u64, ends: impl Fn(u64) -> bool) -> usize {
        let mask = slots.len() - 1;
        let mut at = (hash >> 32) as usize & mask;
        while !ends(slots[at]) {
            at = (at + 1) & mask;
        }
        at
    }

    /// Makes the table `slot_count` long, a power of two.
    fn grow(&mut self, slot_count: usize, data: &TextData) {
        let mut slots = vec![0; slot_count];
        let mut put = |slot: u64| {
            let at = Self::probe(&slots, slot, |there| there == 0);
            slots[at] = slot;
        };
        if self.slots.is_empty() {
            (0..data.text_count() as u32).for_each(|code| put(Self::hash(data.get(code)) | u64::from(code + 1)));
        } else {
            self.slots.iter().filter(|slot| **slot != 0).for_each(|slot| put(*slot));
        }
        self.slots = slots;
    }

    /// Code of `text`, which is added to `data` where it is new.
    fn code(&mut self, text: &str, data: &mut TextData) -> u32 {
        let code = data.text_count() as u32;
        if self.slots.is_empty() && code.checked_sub(1).is_none_or(|last| data.get(last) < text) {
            data.add(text);
            return code;
        }
        if 2 * data.text_count() >= self.slots.len() {
            self.grow((4 * data.text_count()).next_power_of_two().max(16), data);
        }
        let hash = Self::hash(text);
        let is_text = |slot: u64| slot == 0 || (slot ^ hash) >> 32 == 0 && data.get(slot as u32 - 1) == text;
        let at = Self::probe(&self.slots, hash, is_text);
        if self.slots[at] == 0 {
            self.slots[at] = hash | u64::from(code + 1);
            data.add(text);
            return code;
        }
        self.slots[at] as u32 - 1
    }
}

impl ColumnBuilder {
    /// Sets the value of `row`. Rows come in ascending order; a second value for the same row is refused with `false`.
    pub fn set(&mut self, row: u32, value: Value<'_>) -> bool {
        if value.is_null() {
            return true;
        }
        let count = self.value_count();
        if !self.started {
            self.started = true;
            self.dense = row == 0;
        }
        if self.dense {
            if (row as usize) < count {
                return false;
            }
            if row as usize > count {
                self.dense = false;
                self.rows = (0..count as u32).collect();
            }
        } else if self.rows.last().is_some_and(|last| *last >= row) {
            return false;
        }
        if !self.dense {
            self.rows.push(row);
        }
        self.push(value);
        true
    }

    pub(super) fn value_count(&self) -> usize {
        match &self.data {
            Data::Null => 0,
            Data::Bool(v) => v.len(),
            Data::Int(v) => v.len(),
            Data::Float(v) => v.len(),
            Data::Text(v) | Data::Json(v) => v.codes.len(),
            // A builder never holds one.
            Data::Patched(_) => 0,
        }
    }

    fn push(&mut self, value: Value<'_>) {
        match (&mut self.data, value) {
            (Data::Bool(v), Value::Bool(x)) => v.push(x),
            (Data::Int(v), Value::Int(x)) => v.push(x),
            (Data::Float(v), Value::Float(x)) => v.push(x),
            (Data::Float(v), Value::Int(x)) if x.unsigned_abs() <= 1 << 53 => v.push(x as f64),
            (Data::Text(_), Value::Text(x)) | (Data::Json(_), Value::Json(x)) => self.intern(x),
            (Data::Text(_), other) => self.intern(&other.to_string()),
            (Data::Null, value) => {
                self.data = match value {
                    Value::Bool(_) => Data::Bool(Vec::new()),
                    Value::Int(_) => Data::Int(Vec::new()),
                    Value::Float(_) => Data::Float(Vec::new()),
                    Value::Json(_) => Data::Json(TextData { offsets: vec![0], ..TextData::default() }),
                    _ => Data::Text(TextData { offsets: vec![0], ..TextData::default() }),
                };
                self.push(value);
            }
            (Data::Int(v), Value::Float(x)) if v.iter().all(|i| i.unsigned_abs() <= 1 << 53) => {
                let mut floats: Vec<f64> = v.iter().map(|i| *i as f64).collect();
                floats.push(x);
                self.data = Data::Float(floats);
            }
            (_, value) => {
                self.widen_to_text();
                self.push(value);
            }
        }
    }

    /// Turns what is stored into text: a column of mixed kinds loses nothing that way.
    fn widen_to_text(&mut self) {
        let old = std::mem::replace(&mut self.data, Data::Text(TextData { offsets: vec![0], ..TextData::default() }));
        match old {
            Data::Json(text) => self.data = Data::Text(text),
            Data::Bool(v) => v.iter().for_each(|x| self.intern(&x.to_string())),
            Data::Int(v) => v.iter().for_each(|x| self.intern(&x.to_string())),
            Data::Float(v) => v.iter().for_each(|x| self.intern(&x.to_string())),
            Data::Null | Data::Text(_) | Data::Patched(_) => {}
        }
    }

    fn intern(&mut self, text: &str) {
        let (Data::Text(data) | Data::Json(data)) = &mut self.data else { return };
        // Neighbours often have the same value.
        let code = match data.codes.last() {
            Some(last) if data.get(*last) == text => *last,
            _ => self.interned.code(text, data),
        };
        data.codes.push(code);
    }

    /// The finished column of a block of `row_count` rows.
    pub fn finish(self, row_count: usize) -> Column {
        let full = self.dense && self.value_count() == row_count;
        let rows = match (full, self.dense) {
            (true, _) => Rows::All,
            (false, true) => Rows::Some((0..self.value_count() as u32).collect()),
            (false, false) => Rows::Some(self.rows),
        };
        Column { rows, data: self.data, row_count }
    }
}

/// Fills an [`AttributeBlock`]: fields appear in the order in which they are first seen.
#[derive(Clone, Debug, Default)]
pub struct AttributeBuilder {
    names: Vec<String>,
    by_name: FxHashMap<String, usize>,
    columns: Vec<ColumnBuilder>,
    row: u32,
}

impl AttributeBuilder {
    /// An empty builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Column of that name, made where it is new. `expected` is tried first: features list fields in the same order.
    pub fn column(&mut self, name: &str, expected: usize) -> usize {
        if self.names.get(expected).is_some_and(|n| n == name) {
            return expected;
        }
        if let Some(column) = self.by_name.get(name) {
            return *column;
        }
        let column = self.names.len();
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), column);
        self.columns.push(ColumnBuilder::default());
        column
    }

    /// Sets the value of `column` in the open row; `false` when the row has one already (a repeated member).
    pub fn set(&mut self, column: usize, value: Value<'_>) -> bool {
        self.columns[column].set(self.row, value)
    }

    /// Ends the open row.
    pub fn end_row(&mut self) {
        self.row += 1;
    }

    /// Rows ended so far.
    pub fn row_count(&self) -> usize {
        self.row as usize
    }

    /// The finished block with the names of its columns.
    pub fn finish(self) -> (Vec<String>, AttributeBlock) {
        let row_count = self.row as usize;
        let columns = self.columns.into_iter().map(|column| Some(Arc::new(column.finish(row_count)))).collect();
        (self.names, AttributeBlock { columns, row_count })
    }
}

/// Brings blocks to one list of fields, in the order of first appearance, types widened over all blocks.
pub fn unify(blocks: Vec<(Vec<String>, AttributeBlock)>) -> (Vec<Field>, Vec<AttributeBlock>) {
    let mut fields: Vec<Field> = Vec::new();
    let mut by_name: FxHashMap<String, usize> = FxHashMap::default();
    for (names, block) in &blocks {
        for (name, column) in names.iter().zip(&block.columns) {
            let kind = column.as_ref().map_or(FieldType::Null, |column| column.kind());
            let at = *by_name.entry(name.clone()).or_insert_with(|| {
                fields.push(Field { name: name.clone(), kind: FieldType::Null });
                fields.len() - 1
            });
            fields[at].kind = fields[at].kind.widened(kind);
        }
    }
    let unified = blocks.into_iter().map(|(names, block)| {
        let mut order = vec![None; fields.len()];
        for (from, name) in names.iter().enumerate() {
            order[by_name[name]] = Some(from);
        }
        while order.last() == Some(&None) {
            order.pop();
        }
        block.reordered(&order)
    });
    let unified = unified.collect();
    (fields, unified)
}
