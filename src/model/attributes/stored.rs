//! A column as plain lists and back: what a cache writes, and what it reads once more. Whatever reading a value relies on
//! is checked, so that lists from anywhere either make a sound column or none.

use std::borrow::Cow;
use std::sync::Arc;

use super::{AttributeBlock, Column, Data, Rows, TextData};

/// The values of a column, one a row that has one.
#[derive(Clone, Debug, PartialEq)]
pub enum StoredValues<'a> {
    /// None at all.
    Null,
    /// true and false.
    Bool(Cow<'a, [bool]>),
    /// Whole numbers.
    Int(Cow<'a, [i64]>),
    /// Numbers.
    Float(Cow<'a, [f64]>),
    /// Texts.
    Text(StoredTexts<'a>),
    /// Objects and arrays, as JSON text.
    Json(StoredTexts<'a>),
}

/// Texts, each distinct one once.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTexts<'a> {
    /// The distinct texts one after the other.
    pub joined: Cow<'a, str>,
    /// Where each begins; one more at the end.
    pub offsets: Cow<'a, [u32]>,
    /// Which of them each row has.
    pub codes: Cow<'a, [u32]>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredColumn<'a> {
    /// The rows that have a value, ascending; all without it.
    pub rows: Option<Cow<'a, [u32]>>,
    /// Their values.
    pub values: StoredValues<'a>,
    /// Rows of the block.
    pub row_count: usize,
}

impl Column {
    /// Rows of the block that the column belongs to.
    pub fn row_count(&self) -> usize {
        self.row_count
    }

    /// The column as plain lists; `None` for one that an edit has changed.
    pub fn stored(&self) -> Option<StoredColumn<'_>> {
        let values = match &self.data {
            Data::Null => StoredValues::Null,
            Data::Bool(v) => StoredValues::Bool(Cow::Borrowed(v)),
            Data::Int(v) => StoredValues::Int(Cow::Borrowed(v)),
            Data::Float(v) => StoredValues::Float(Cow::Borrowed(v)),
            Data::Text(text) => StoredValues::Text(stored_texts(text)),
            Data::Json(text) => StoredValues::Json(stored_texts(text)),
            Data::Patched(_) => return None,
        };
        let rows = match &self.rows {
            Rows::All => None,
            Rows::Some(rows) => Some(Cow::Borrowed(&rows[..])),
        };
        Some(StoredColumn { rows, values, row_count: self.row_count })
    }

    /// The column of these lists; `None` where they do not go together.
    pub fn of_stored(stored: StoredColumn<'_>) -> Option<Self> {
        let StoredColumn { rows, values, row_count } = stored;
        let value_count = match &values {
            StoredValues::Null => None,
            StoredValues::Bool(v) => Some(v.len()),
            StoredValues::Int(v) => Some(v.len()),
            StoredValues::Float(v) => Some(v.len()),
            StoredValues::Text(texts) | StoredValues::Json(texts) => Some(texts.codes.len()),
        };
        let listed = match &rows {
            None => row_count,
            Some(rows) => {
                let fit =
                    rows.is_sorted_by(|a, b| a < b) && rows.last().is_none_or(|last| (*last as usize) < row_count);
                fit.then_some(rows.len())?
            }
        };
        if value_count.is_some_and(|count| count != listed) {
            return None;
        }
        let data = match values {
            StoredValues::Null => Data::Null,
            StoredValues::Bool(v) => Data::Bool(v.into_owned()),
            StoredValues::Int(v) => Data::Int(v.into_owned()),
            StoredValues::Float(v) => Data::Float(v.into_owned()),
            StoredValues::Text(texts) => Data::Text(of_texts(texts)?),
            StoredValues::Json(texts) => Data::Json(of_texts(texts)?),
        };
        let rows = rows.map_or(Rows::All, |rows| Rows::Some(rows.into_owned()));
        Some(Self { rows, data, row_count })
    }
}

fn stored_texts(text: &TextData) -> StoredTexts<'_> {
    StoredTexts {
        joined: Cow::Borrowed(&text.bytes),
        offsets: Cow::Borrowed(&text.offsets),
        codes: Cow::Borrowed(&text.codes),
    }
}

fn of_texts(texts: StoredTexts<'_>) -> Option<TextData> {
    let StoredTexts { joined, offsets, codes } = texts;
    let text_count = u32::try_from(offsets.len().checked_sub(1)?).ok()?; // more than a block can have
    let ends = offsets.first() == Some(&0) && offsets.last().map(|end| *end as usize) == Some(joined.len());
    let is_sound = ends
        && offsets.is_sorted()
        && offsets.iter().all(|at| joined.is_char_boundary(*at as usize))
        && codes.iter().all(|code| *code < text_count);
    is_sound.then(|| TextData { bytes: joined.into_owned(), offsets: offsets.into_owned(), codes: codes.into_owned() })
}

impl AttributeBlock {
    /// How many columns the block has, those that it lacks between others among them.
    pub fn column_count(&self) -> usize {
        self.columns.len()
    }

    /// A block of these columns, some of which may be lacking; `None` where one has another number of rows.
    pub fn of_shared(columns: Vec<Option<Arc<Column>>>, row_count: usize) -> Option<Self> {
        let fit = columns.iter().flatten().all(|column| column.row_count == row_count);
        fit.then_some(Self { columns, row_count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;
    use crate::model::attributes::ColumnBuilder;

    fn column(values: &[Value<'_>]) -> Column {
        let mut builder = ColumnBuilder::default();
        for (row, value) in values.iter().enumerate() {
            builder.set(row as u32, *value);
        }
        builder.finish(values.len())
    }

    #[test]
    fn lists_make_the_column_that_they_came_from() {
        let check = |values: &[Value<'_>]| {
            let whole = column(values);
            let again = Column::of_stored(whole.stored().expect("as it was read")).expect("goes together");
            assert_eq!(format!("{again:?}"), format!("{whole:?}"));
        };
        check(&[Value::Bool(true), Value::Bool(false)]);
        check(&[Value::Null, Value::Int(i64::MIN), Value::Int(7)]);
        check(&[Value::Float(-0.0), Value::Null, Value::Float(f64::NAN)]);
        check(&[Value::Text("水田"), Value::Text(""), Value::Text("水田")]);
        check(&[Value::Json("{}"), Value::Null]);
        check(&[Value::Null, Value::Null]);
        check(&[]);
    }

    #[test]
    fn lists_that_do_not_go_together_make_no_column() {
        let texts = |joined: &'static str, offsets: &'static [u32], codes: &'static [u32]| StoredTexts {
            joined: joined.into(),
            offsets: offsets.into(),
            codes: codes.into(),
        };
        let of = |rows: Option<&'static [u32]>, values: StoredValues<'static>, row_count: usize| {
            Column::of_stored(StoredColumn { rows: rows.map(Cow::Borrowed), values, row_count })
        };
        let text = |joined, offsets, codes| of(None, StoredValues::Text(texts(joined, offsets, codes)), 1);
        assert!(text("ab", &[0, 1, 2], &[1]).is_some());
        assert!(text("ab", &[0, 1, 2], &[2]).is_none());
        assert!(text("ab", &[0, 2, 1], &[0]).is_none());
        assert!(text("ab", &[0, 1], &[0]).is_none());
        assert!(text("ab", &[1, 2], &[0]).is_none());
        assert!(text("田", &[0, 1, 3], &[0]).is_none());
        assert!(text("", &[], &[0]).is_none());
        let ints = |count: usize| StoredValues::Int(vec![1; count].into());
        assert!(of(None, ints(2), 3).is_none());
        assert!(of(Some(&[0, 2]), ints(2), 3).is_some());
        assert!(of(Some(&[0, 3]), ints(2), 3).is_none());
        assert!(of(Some(&[2, 0]), ints(2), 3).is_none());
        assert!(of(Some(&[0]), ints(2), 3).is_none());
        let two = Column::of_stored(StoredColumn { rows: None, values: ints(2), row_count: 2 }).expect("sound");
        assert!(AttributeBlock::of_shared(vec![Some(Arc::new(two))], 3).is_none());
    }
}
