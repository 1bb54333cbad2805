//! The values of an expression for all features of a block, as a column.
//!
//! A value that depends on one text column is worked out once for each distinct text of the block, not for each row: a
//! million parcels have some fifty codes.

use super::eval::{Datum, Figures, Plan, Row};
use crate::model::attributes::ColumnBuilder;
use crate::model::{Column, FieldType, Layer, Value};
use crate::task::{Cancelled, Progress};

/// Rows between two looks at whether the work was cancelled.
const PART: usize = 4096;

/// What `plan` gives for the rows of a block.
pub(super) fn column(
    layer: &Layer,
    figures: Figures<'_>,
    plan: &Plan,
    block: usize,
    progress: &Progress,
) -> Result<Column, Cancelled> {
    let of = &layer.blocks[block];
    let count = of.geometry.feature_count();
    let start = layer.starts[block];
    let row = |row: usize, instead| Row { layer, figures, block: of, row, feature: start + row, instead, forced: None };
    let mut builder = ColumnBuilder::default();
    let mut fields = Vec::new();
    let pure = plan.columns(&mut fields);
    let by_text = match fields[..] {
        [field] if pure && matches!(layer.fields[field].kind, FieldType::Text | FieldType::Json) => {
            let column = of.attributes.column(field);
            let texts = column.map_or(0, |column| column.distinct_texts().len());
            column.filter(|_| texts > 0 && texts * 2 <= count).map(|column| (field, column))
        }
        _ => None,
    };
    if let Some((field, column)) = by_text {
        let given: Vec<Datum<'_>> =
            column.distinct_texts().map(|text| plan.eval(&row(0, Some((field, text))))).collect();
        let null_row = (0..count).find(|row| column.text_code(*row).is_none());
        let null = null_row.map_or(Datum::Null, |at| plan.eval(&row(at, None)));
        for at in 0..count {
            if at % PART == 0 {
                progress.tick(0)?;
            }
            let given = column.text_code(at).map_or(&null, |code| &given[code as usize]);
            builder.set(at as u32, value(given));
        }
        return Ok(builder.finish(count));
    }
    for at in 0..count {
        if at % PART == 0 {
            progress.tick(0)?;
        }
        builder.set(at as u32, value(&plan.eval(&row(at, None))));
    }
    Ok(builder.finish(count))
}

fn value<'d>(datum: &'d Datum<'_>) -> Value<'d> {
    match datum {
        Datum::Null => Value::Null,
        Datum::Bool(value) => Value::Bool(*value),
        Datum::Int(value) => Value::Int(*value),
        Datum::Float(value) => Value::Float(*value),
        Datum::Text(text) => Value::Text(text),
    }
}
