//! Typed attribute columns in blocks, text interned per block.
//!
//! Leading zeros of codes survive: what the source wrote as text stays text. A field that most features lack costs
//! only the rows that have it, so thousands of distinct columns do not explode memory. Nested values are kept as JSON
//! text. A value is always seen through the type of its field for the whole layer, see [`AttributeBlock::value`].

use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap};

mod kept;
pub mod numbers;
mod patch;
mod stored;

use patch::Patched;

pub use patch::{Overrides, OwnedValue, changed_rows};
pub use stored::{StoredColumn, StoredTexts, StoredValues};

/// Type of a field over a whole layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// No value anywhere.
    Null,
    /// true and false.
    Bool,
    /// Whole numbers that fit i64.
    Int,
    /// Numbers.
    Float,
    /// Text; also where kinds were mixed.
    Text,
    /// Objects and arrays, as JSON text.
    Json,
}

impl FieldType {
    /// The word of reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Text => "text",
            Self::Json => "json",
        }
    }

    /// The narrowest type that holds the values of both without loss.
    #[must_use]
    pub fn widened(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Null, b) => b,
            (a, Self::Null) => a,
            (Self::Int, Self::Float) | (Self::Float, Self::Int) => Self::Float,
            _ => Self::Text,
        }
    }
}

/// A column of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name as in the source.
    pub name: String,
    /// Type over the whole layer.
    pub kind: FieldType,
}

/// One attribute value, borrowed from its column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Absent or null.
    Null,
    /// true or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(&'a str),
    /// An object or array as JSON text.
    Json(&'a str),
}

impl Value<'_> {
    /// The number, where it is one or is text that reads as one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(v) => Some(*v as f64),
            Self::Float(v) => Some(*v),
            // Text that is no number has none.
            Self::Text(text) => numbers::of_text(text).map(numbers::Number::as_f64),
            _ => None,
        }
    }

    /// Whether it is absent or null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(v) => write!(f, "{v}"),
            Self::Int(v) => write!(f, "{v}"),
            // With all its zeros nobody reads such a number.
            Self::Float(v) if v.is_finite() && *v != 0.0 && !(1e-7..1e17).contains(&v.abs()) => write!(f, "{v:e}"),
            Self::Float(v) => write!(f, "{v}"),
            Self::Text(v) | Self::Json(v) => f.write_str(v),
        }
    }
}

#[derive(Clone, Debug, Default)]
enum Data {
    #[default]
    Null,
    Bool(Vec<bool>),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Text(TextData),
    Json(TextData),
    Patched(Patched),
}

/// Texts interned: each row names one of the distinct texts.
#[derive(Clone, Debug, Default)]
struct TextData {
    bytes: String,
    /// Distinct text → first byte; one more at the end.
    offsets: Vec<u32>,
    codes: Vec<u32>,
}

impl TextData {
    fn get(&self, code: u32) -> &str {
        &self.bytes[self.offsets[code as usize] as usize..self.offsets[code as usize + 1] as usize]
    }

    fn text_count(&self) -> usize {
        self.offsets.len() - 1
    }

    fn add(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.offsets.push(self.bytes.len() as u32);
    }
}

/// Which rows have a value.
#[derive(Clone, Debug)]
enum Rows {
    /// Every row; `data` has one entry a row.
    All,
    /// These rows, ascending; `data` has one entry for each.
    Some(Vec<u32>),
}

/// One column of one block.
#[derive(Clone, Debug)]
pub struct Column {
    rows: Rows,
    data: Data,
    row_count: usize,
}

impl Column {
    /// The value of `row`, in the type that the block stored it.
    pub fn value(&self, row: usize) -> Value<'_> {
        if let Data::Patched(patched) = &self.data {
            return patched.value(row);
        }
        let at = match &self.rows {
            Rows::All => row,
            Rows::Some(rows) => match rows.binary_search(&(row as u32)) {
                Ok(at) => at,
                Err(_) => return Value::Null,
            },
        };
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(v) => Value::Bool(v[at]),
            Data::Int(v) => Value::Int(v[at]),
            Data::Float(v) => Value::Float(v[at]),
            Data::Text(v) => Value::Text(v.get(v.codes[at])),
            Data::Json(v) => Value::Json(v.get(v.codes[at])),
            Data::Patched(patched) => patched.value(row),
        }
    }

    /// Calls `each` with the value of every row that has one: a column with few values costs no more than those.
    pub fn each_value<'a>(&'a self, each: impl FnMut(Value<'a>)) {
        let texts = |data: &'a TextData| data.codes.iter().map(|code| data.get(*code));
        match &self.data {
            Data::Null => {}
            Data::Bool(v) => v.iter().map(|v| Value::Bool(*v)).for_each(each),
            Data::Int(v) => v.iter().map(|v| Value::Int(*v)).for_each(each),
            Data::Float(v) => v.iter().map(|v| Value::Float(*v)).for_each(each),
            Data::Text(v) => texts(v).map(Value::Text).for_each(each),
            Data::Json(v) => texts(v).map(Value::Json).for_each(each),
            Data::Patched(v) => {
                (0..self.row_count).map(|row| v.value(row)).filter(|value| !value.is_null()).for_each(each);
            }
        }
    }

    /// Rows without a value.
    pub fn null_count(&self) -> usize {
        if let Data::Patched(patched) = &self.data {
            return (0..self.row_count).filter(|row| patched.value(*row).is_null()).count();
        }
        match &self.rows {
            Rows::All => 0,
            Rows::Some(rows) => self.row_count - rows.len(),
        }
    }

    /// Type that this block stored.
    pub fn kind(&self) -> FieldType {
        match &self.data {
            Data::Null => FieldType::Null,
            Data::Bool(_) => FieldType::Bool,
            Data::Int(_) => FieldType::Int,
            Data::Float(_) => FieldType::Float,
            Data::Text(_) => FieldType::Text,
            Data::Json(_) => FieldType::Json,
            Data::Patched(patched) => patched.base.kind(),
        }
    }

    /// For text columns: a small number for the text of `row`, the same for the same text within this block, below
    /// [`Self::distinct_texts`]. `None` for null rows and other types.
    pub fn text_code(&self, row: usize) -> Option<u32> {
        if let Data::Patched(patched) = &self.data {
            return patched.text_code(row);
        }
        let (Data::Text(text) | Data::Json(text)) = &self.data else { return None };
        match &self.rows {
            Rows::All => text.codes.get(row).copied(),
            // A row that is not listed is null.
            Rows::Some(rows) => rows.binary_search(&(row as u32)).ok().map(|at| text.codes[at]),
        }
    }

    /// For text columns: the distinct texts, in the order of [`Self::text_code`]. Empty for other types. A column that
    /// an edit changed may list texts that no row has any more.
    pub fn distinct_texts(&self) -> impl ExactSizeIterator<Item = &str> {
        let (text, more) = match &self.data {
            Data::Text(text) | Data::Json(text) => (Some(text), &[][..]),
            Data::Patched(patched) => (patched.base.texts(), patched.more_texts()),
            _ => (None, &[][..]),
        };
        let count = text.map_or(0, TextData::text_count);
        (0..count + more.len()).map(move |code| match more.get(code.wrapping_sub(count)) {
            Some(text) => &**text,
            None => text.map_or("", |t| t.get(code as u32)),
        })
    }

    /// For text columns that no edit changed: the distinct texts one after the other, and where each begins, with one
    /// more at the end.
    pub fn joined_texts(&self) -> Option<(&str, &[u32])> {
        self.texts().map(|text| (&*text.bytes, &text.offsets[..]))
    }

    fn texts(&self) -> Option<&TextData> {
        match &self.data {
            Data::Text(text) | Data::Json(text) => Some(text),
            _ => None,
        }
    }

    /// Bytes that the column takes.
    pub fn byte_count(&self) -> usize {
        let rows = match &self.rows {
            Rows::All => 0,
            Rows::Some(rows) => 4 * rows.len(),
        };
        rows + match &self.data {
            Data::Null => 0,
            Data::Bool(v) => v.len(),
            Data::Int(v) => 8 * v.len(),
            Data::Float(v) => 8 * v.len(),
            Data::Text(v) | Data::Json(v) => v.bytes.len() + 4 * (v.offsets.len() + v.codes.len()),
            Data::Patched(patched) => patched.byte_count(),
        }
    }
}

/// Attributes of the rows of one block. May have fewer columns than the layer: the rest is null.
#[derive(Clone, Debug, Default)]
pub struct AttributeBlock {
    /// A column that the block lacks costs a pointer.
    columns: Vec<Option<Arc<Column>>>,
    row_count: usize,
}

impl AttributeBlock {
    /// A block of whole columns.
    ///
    /// # Panics
    /// When a column has another number of rows.
    pub fn of_columns(columns: Vec<Column>, row_count: usize) -> Self {
        assert!(columns.iter().all(|column| column.row_count == row_count), "columns of one block have its rows");
        Self { columns: columns.into_iter().map(|column| Some(Arc::new(column))).collect(), row_count }
    }

    /// Rows of the block.
    pub fn row_count(&self) -> usize {
        self.row_count
    }

    /// Column `field`, where this block has it.
    pub fn column(&self, field: usize) -> Option<&Column> {
        self.columns.get(field)?.as_deref()
    }

    /// The value of `row` in column `field`; null where the block lacks the column.
    pub fn value(&self, row: usize, field: usize) -> Value<'_> {
        self.column(field).map_or(Value::Null, |column| column.value(row))
    }

    /// Bytes that the columns take.
    pub fn byte_count(&self) -> usize {
        self.columns.iter().map(|column| 8 + column.as_ref().map_or(0, |c| c.byte_count())).sum()
    }

    /// The same rows with `column` in the place of column `field`; the others are shared.
    #[must_use]
    pub fn with_column(&self, field: usize, column: Option<Arc<Column>>) -> Self {
        let mut columns = self.columns.clone();
        if columns.len() <= field {
            columns.resize(field + 1, None);
        }
        columns[field] = column;
        Self { columns, row_count: self.row_count }
    }

    /// Column `field` to be shared, where this block has it.
    pub fn shared_column(&self, field: usize) -> Option<&Arc<Column>> {
        self.columns.get(field)?.as_ref()
    }

    /// The same rows with columns moved: column `i` of the result is column `order[i]` of this block, or all null.
    #[must_use]
    pub fn reordered(self, order: &[Option<usize>]) -> Self {
        let mut old = self.columns;
        let row_count = self.row_count;
        let columns = order.iter().map(|from| old.get_mut((*from)?)?.take()).collect();
        Self { columns, row_count }
    }
}

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

    fn value_count(&self) -> usize {
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

#[cfg(test)]
mod tests;
