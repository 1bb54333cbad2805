//! Typed attribute columns in blocks, text interned per block.
//!
//! Leading zeros of codes survive: what the source wrote as text stays text. A field that most features lack costs
//! only the rows that have it, so thousands of distinct columns do not explode memory. Nested values are kept as JSON
//! text. A value is always seen through the type of its field for the whole layer, see [`AttributeBlock::value`].

use std::fmt;
use std::sync::Arc;

mod build;
mod kept;
pub mod numbers;
mod patch;
mod stored;

use patch::Patched;

pub use build::{AttributeBuilder, ColumnBuilder, unify};
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

#[cfg(test)]
mod tests;
