//! Blocks with some rows taken out, and blocks of a few rows: what is left where an edit takes features away or adds
//! some.

use std::sync::Arc;

use super::{AttributeBlock, Column, ColumnBuilder, Data, Rows, TextData, Value};

impl Column {
    /// The rows `kept`, ascending, alone. Texts that no row has any more may stay listed.
    pub fn kept(&self, kept: &[u32]) -> Self {
        fn gather<T: Copy>(from: &[T], places: &[usize]) -> Vec<T> {
            places.iter().map(|at| from[*at]).collect()
        }
        if let Data::Patched(patched) = &self.data {
            let mut builder = ColumnBuilder::default();
            for (to, row) in kept.iter().enumerate() {
                builder.set(to as u32, patched.value(*row as usize));
            }
            return builder.finish(kept.len());
        }
        // Where each kept row that has a value stands in the data.
        let mut places = Vec::with_capacity(kept.len());
        let rows = match &self.rows {
            Rows::All => {
                places.extend(kept.iter().map(|row| *row as usize));
                Rows::All
            }
            Rows::Some(rows) => {
                let mut found = Vec::new();
                for (to, row) in kept.iter().enumerate() {
                    if let Ok(at) = rows.binary_search(row) {
                        places.push(at);
                        found.push(to as u32);
                    }
                }
                Rows::Some(found)
            }
        };
        let texts = |text: &TextData| TextData { codes: gather(&text.codes, &places), ..text.clone() };
        let data = match &self.data {
            Data::Null | Data::Patched(_) => Data::Null,
            Data::Bool(v) => Data::Bool(gather(v, &places)),
            Data::Int(v) => Data::Int(gather(v, &places)),
            Data::Float(v) => Data::Float(gather(v, &places)),
            Data::Text(text) => Data::Text(texts(text)),
            Data::Json(text) => Data::Json(texts(text)),
        };
        Self { rows, data, row_count: kept.len() }
    }
}

impl AttributeBlock {
    /// The rows `kept`, ascending, alone.
    #[must_use]
    pub fn kept(&self, kept: &[u32]) -> Self {
        let columns = self.columns.iter().map(|column| Some(Arc::new(column.as_ref()?.kept(kept)))).collect();
        Self { columns, row_count: kept.len() }
    }

    /// A block of `row_count` rows with a value for each row and field, by `value(row, field)`.
    pub fn of_values<'v>(row_count: usize, field_count: usize, value: impl Fn(usize, usize) -> Value<'v>) -> Self {
        let column = |field: usize| {
            let mut builder = ColumnBuilder::default();
            for row in 0..row_count {
                builder.set(row as u32, value(row, field));
            }
            (builder.value_count() > 0).then(|| Arc::new(builder.finish(row_count)))
        };
        Self { columns: (0..field_count).map(column).collect(), row_count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_rows_keep_their_values() {
        let check = |values: &[Value<'_>], kept: &[u32]| {
            let whole = of_values(values);
            let part = whole.kept(kept);
            for (to, row) in kept.iter().enumerate() {
                assert_eq!(part.value(to), whole.value(*row as usize));
            }
            assert_eq!(part.kind(), whole.kind());
        };
        check(&[Value::Text("a"), Value::Text("b"), Value::Text("a")], &[1, 2]);
        check(&[Value::Text("a"), Value::Null, Value::Text("b"), Value::Null], &[1, 2, 3]);
        check(&[Value::Int(1), Value::Int(2)], &[]);
        check(&[Value::Null, Value::Float(0.5)], &[0, 1]);
    }

    fn of_values(values: &[Value<'_>]) -> Column {
        let mut builder = ColumnBuilder::default();
        for (row, value) in values.iter().enumerate() {
            builder.set(row as u32, *value);
        }
        builder.finish(values.len())
    }
}
