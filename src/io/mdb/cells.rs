//! Cells of Access as values of a column.

use jetdb::data::Value as Cell;
use jetdb::timestamp::timestamp_to_parts;

use crate::model::{AttributeBuilder, Value};

/// Digits up to which a decimal number is the nearest double and comes back the same.
const MOST_DIGITS: usize = 15;

/// Sets the value of `column` in the open row.
pub(super) fn set(builder: &mut AttributeBuilder, column: usize, cell: &Cell) {
    let mut put = |value: Value<'_>| {
        // A row has one cell a column.
        let _ = builder.set(column, value);
    };
    match cell {
        Cell::Null | Cell::Binary(_) => {}
        Cell::Bool(value) => put(Value::Bool(*value)),
        Cell::Byte(value) => put(Value::Int(i64::from(*value))),
        Cell::Int(value) => put(Value::Int(i64::from(*value))),
        Cell::Long(value) => put(Value::Int(i64::from(*value))),
        Cell::BigInt(value) => put(Value::Int(*value)),
        // What a single means is its shortest decimal.
        Cell::Float(value) => {
            let value = value.to_string().parse().unwrap_or(f64::from(*value));
            number(value, &mut put);
        }
        Cell::Double(value) => number(*value, &mut put),
        Cell::Text(text) => put(Value::Text(text.trim_end_matches('\0'))),
        Cell::Money(text) | Cell::Numeric(text) => decimal(text, &mut put),
        Cell::Timestamp(days) => put(Value::Text(&date(*days))),
        Cell::Guid(text) | Cell::DateTimeExtended(text) => put(Value::Text(text)),
        // Types that a later release of the library may know.
        _ => {}
    }
}

fn number(value: f64, put: &mut dyn FnMut(Value<'_>)) {
    if value.is_finite() {
        put(Value::Float(value));
    }
}

/// A decimal number: as a number where that is exact, else digit by digit.
fn decimal(text: &str, put: &mut dyn FnMut(Value<'_>)) {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let leading = text.bytes().filter(|b| *b != b'-' && *b != b'.').take_while(|b| *b == b'0').count();
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && digits - leading.min(digits) <= MOST_DIGITS => {
            if text.contains('.') {
                put(Value::Float(value));
            } else {
                whole(text, value, put);
            }
        }
        _ => put(Value::Text(text)),
    }
}

fn whole(text: &str, value: f64, put: &mut dyn FnMut(Value<'_>)) {
    put(text.parse().map_or(Value::Float(value), Value::Int));
}

/// `2024-11-30`, with the time where there is one.
fn date(days: f64) -> String {
    if !days.is_finite() || days.abs() > 3_000_000.0 {
        return days.to_string();
    }
    let (year, month, day, hour, minute, second) = timestamp_to_parts(days);
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_what_they_mean() {
        let check = |cell: Cell, expected: Value<'_>| {
            let mut builder = AttributeBuilder::new();
            let column = builder.column("a", 0);
            set(&mut builder, column, &cell);
            builder.end_row();
            let (_, block) = builder.finish();
            let found = block.value(0, 0);
            assert_eq!(found, expected, "{cell:?}");
        };
        check(Cell::Null, Value::Null);
        check(Cell::Text("0101".to_owned()), Value::Text("0101"));
        check(Cell::Text(String::new()), Value::Text(""));
        check(Cell::Float(0.1), Value::Float(0.1));
        check(Cell::Double(f64::NAN), Value::Null);
        check(Cell::Money("3.5000".to_owned()), Value::Float(3.5));
        check(Cell::Numeric("-12".to_owned()), Value::Int(-12));
        check(Cell::Numeric("12345678901234567890".to_owned()), Value::Text("12345678901234567890"));
        check(Cell::Timestamp(29932.0), Value::Text("1981-12-12"));
        check(Cell::Timestamp(29932.5), Value::Text("1981-12-12 12:00:00"));
        check(Cell::Timestamp(f64::INFINITY), Value::Text("inf"));
    }
}
