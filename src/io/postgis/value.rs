//! Values as the server sends them, to values of columns.

use std::error::Error;

use postgres::types::{FromSql, Kind as TypeKind, Type};

use crate::model::Value;

/// How the values of a column come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    /// A whole number of so many bytes.
    Int(u8),
    /// A number of so many bytes.
    Float(u8),
    Text,
    /// Decimal digits as text: numbers as the server keeps them.
    Numeric,
}

/// What a column of a type becomes: how its values come and whether they are asked for as text; `None` for bytes and
/// rasters, which are no values of a table.
pub(super) fn kind_of(kind: &Type) -> Option<(Kind, bool)> {
    if let TypeKind::Domain(inner) = kind.kind() {
        return kind_of(inner);
    }
    Some(match *kind {
        Type::BOOL => (Kind::Bool, false),
        Type::INT2 => (Kind::Int(2), false),
        Type::INT4 => (Kind::Int(4), false),
        Type::INT8 => (Kind::Int(8), false),
        Type::FLOAT4 => (Kind::Float(4), false),
        Type::FLOAT8 => (Kind::Float(8), false),
        Type::NUMERIC => (Kind::Numeric, true),
        Type::TEXT | Type::VARCHAR | Type::NAME => (Kind::Text, false),
        Type::BYTEA => return None,
        _ if kind.name() == "raster" => return None,
        // Dates as ISO writes them, padded texts without their blanks, whatever else as the server writes it.
        _ => (Kind::Text, true),
    })
}

/// Whether a type is one of PostGIS; and whether it is of positions on the globe.
pub(super) fn geometry(kind: &Type) -> Option<bool> {
    match (kind.kind(), kind.name()) {
        (TypeKind::Domain(inner), _) => geometry(inner),
        (_, "geometry") => Some(false),
        (_, "geography") => Some(true),
        _ => None,
    }
}

/// The bytes of a value; `None` for null.
pub(super) struct Raw<'a>(pub(super) Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// What bytes of a column came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Come<'a> {
    Value(Value<'a>),
    /// A number that is none.
    NotFinite,
    /// A whole number that no column of numbers holds, digit by digit.
    Large(&'a str),
    /// Not what the server said that it is.
    Broken,
}

/// The value of bytes that are not null.
pub(super) fn value(kind: Kind, bytes: &[u8]) -> Come<'_> {
    let float = |number: f64| if number.is_finite() { Come::Value(Value::Float(number)) } else { Come::NotFinite };
    match (kind, bytes) {
        (Kind::Bool, [byte]) => Come::Value(Value::Bool(*byte != 0)),
        (Kind::Int(2), [a, b]) => Come::Value(Value::Int(i64::from(i16::from_be_bytes([*a, *b])))),
        (Kind::Int(4), [a, b, c, d]) => Come::Value(Value::Int(i64::from(i32::from_be_bytes([*a, *b, *c, *d])))),
        (Kind::Float(4), [a, b, c, d]) => {
            // As it is printed: 0.1 of four bytes is 0.1, not 0.10000000149.
            let number = f32::from_be_bytes([*a, *b, *c, *d]);
            float(number.to_string().parse().unwrap_or(f64::from(number)))
        }
        (Kind::Int(8), _) => bytes
            .first_chunk()
            .filter(|_| bytes.len() == 8)
            .map_or(Come::Broken, |bytes| Come::Value(Value::Int(i64::from_be_bytes(*bytes)))),
        (Kind::Float(8), _) => bytes
            .first_chunk()
            .filter(|_| bytes.len() == 8)
            .map_or(Come::Broken, |bytes| float(f64::from_be_bytes(*bytes))),
        (Kind::Text, _) => std::str::from_utf8(bytes).map_or(Come::Broken, |text| Come::Value(Value::Text(text))),
        (Kind::Numeric, _) => match std::str::from_utf8(bytes) {
            Ok(text) => numeric(text),
            Err(_) => Come::Broken,
        },
        _ => Come::Broken,
    }
}

fn numeric(text: &str) -> Come<'_> {
    if let Ok(whole) = text.parse() {
        return Come::Value(Value::Int(whole));
    }
    let is_whole = text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<f64>() {
        Ok(_) if is_whole => Come::Large(text),
        Ok(number) if number.is_finite() => Come::Value(Value::Float(number)),
        Ok(_) => Come::NotFinite,
        Err(_) => Come::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_the_server_keeps() {
        let check = |kind: Kind, bytes: &[u8], expected: Come<'_>| assert_eq!(value(kind, bytes), expected);
        check(Kind::Bool, &[1], Come::Value(Value::Bool(true)));
        check(Kind::Int(2), &(-2i16).to_be_bytes(), Come::Value(Value::Int(-2)));
        check(Kind::Int(8), &i64::MIN.to_be_bytes(), Come::Value(Value::Int(i64::MIN)));
        check(Kind::Float(4), &0.1f32.to_be_bytes(), Come::Value(Value::Float(0.1)));
        check(Kind::Float(8), &f64::NAN.to_be_bytes(), Come::NotFinite);
        check(Kind::Text, "0101".as_bytes(), Come::Value(Value::Text("0101")));
        check(Kind::Numeric, b"1234.50", Come::Value(Value::Float(1234.5)));
        check(Kind::Numeric, b"7", Come::Value(Value::Int(7)));
        check(Kind::Numeric, b"123456789012345678901", Come::Large("123456789012345678901"));
        check(Kind::Numeric, b"NaN", Come::NotFinite);
        check(Kind::Int(4), &[1, 2], Come::Broken);
    }
}
