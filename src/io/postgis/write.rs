//! A layer to a new table: in one transaction, so that the table is there whole or not at all.

use std::io::Write as _;
use std::path::Path;

use postgres::Transaction;

use super::super::wkb::{self, Shape};
use super::super::write::WriteError;
use super::super::{Chosen, ReadError};
use super::address::{What, quoted};
use super::connect::{self, Watch, failed};
use super::rows::parsed;
use crate::model::{FieldType, Layer, Value};
use crate::task::Progress;
use crate::text::Message;

/// Bytes of a name that the server keeps.
const MOST_NAME: usize = 63;
/// Rows between two looks at whether the user cancelled.
const ROWS_PER_TICK: usize = 1024;
/// What stands before and behind the rows of a binary copy.
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const END: [u8; 2] = (-1i16).to_be_bytes();

/// Writes a layer, or the `rows` of it in the order given, to the table that an address names, with an index of its
/// geometry. A table that is there is only replaced where that is said. Gives how many rows were written and what the
/// table cannot hold.
///
/// # Errors
/// When there is no connection, the table is there, the server refuses, or the user cancelled: then nothing was changed.
pub fn write_table(
    path: &Path,
    layer: &Layer,
    rows: Option<&[usize]>,
    replaces: bool,
    progress: &Progress,
) -> Result<(u64, Vec<Message>), WriteError> {
    let written = written(path, Chosen { layer, rows }, replaces, progress);
    written.map_err(|error| match error {
        _ if progress.is_cancelled() => WriteError::Unfit(Message::new("io.cancelled")),
        error => WriteError::Unfit(error.message()),
    })
}

fn written(
    path: &Path,
    chosen: Chosen<'_>,
    replaces: bool,
    progress: &Progress,
) -> Result<(u64, Vec<Message>), ReadError> {
    let address = parsed(path)?;
    if !matches!(&address.what, What::Table { column: None, .. }) {
        return Err(ReadError::Format(Message::new("io.pg-name-the-table")));
    }
    let mut client = connect::connect(&address)?;
    let _watch = Watch::of(client.cancel_token(), progress);
    let mut transaction = client.transaction().map_err(|error| failed(&error))?;
    let table = address.source();
    let is_there = "SELECT to_regclass($1) IS NOT NULL";
    let is_there: bool = transaction.query_one(is_there, &[&table]).map_err(|error| failed(&error))?.get(0);
    match (is_there, replaces) {
        (true, false) => return Err(ReadError::Format(Message::new("io.pg-exists").with("name", &table))),
        (true, true) => run(&mut transaction, &format!("DROP TABLE {table}"))?,
        (false, _) => {}
    }
    let mut notes = Vec::new();
    let srid = srid(&mut transaction, chosen.layer)?;
    if srid == 0 {
        notes.push(Message::new("io.pg-loses-crs").with("crs", chosen.layer.crs.code()));
    }
    let plan = Plan::of(chosen, srid);
    run(&mut transaction, &format!("CREATE TABLE {table} ({})", plan.columns()))?;
    let (count, dropped) = copy(&mut transaction, &table, chosen, &plan, progress)?;
    if dropped > 0 {
        notes.push(Message::new("io.pg-loses-nul").with("count", dropped));
    }
    if let Some(shape) = &plan.shape {
        run(&mut transaction, &format!("CREATE INDEX ON {table} USING gist ({})", quoted(&shape.1)))?;
    }
    run(&mut transaction, &format!("ANALYZE {table}"))?;
    transaction.commit().map_err(|error| failed(&error))?;
    Ok((count, notes))
}

fn run(transaction: &mut Transaction<'_>, sql: &str) -> Result<(), ReadError> {
    transaction.batch_execute(sql).map_err(|error| failed(&error))
}

/// The number by which the server knows the reference system of a layer; 0 where it knows none.
fn srid(transaction: &mut Transaction<'_>, layer: &Layer) -> Result<i32, ReadError> {
    let Some(code) = layer.crs.epsg().and_then(|code| i32::try_from(code).ok()) else { return Ok(0) };
    let sql = "SELECT srid FROM spatial_ref_sys WHERE auth_name = 'EPSG' AND auth_srid = $1 LIMIT 1";
    let found = transaction.query_opt(sql, &[&code]).map_err(|error| failed(&error))?;
    Ok(found.map_or(0, |row| row.get(0)))
}

/// How a layer is written.
struct Plan {
    fields: Vec<(String, FieldType)>,
    /// Shape and name of the geometry.
    shape: Option<(Shape, String)>,
    /// The key of the table, where no field is called so.
    key: Option<&'static str>,
    srid: i32,
    is_flat: bool,
}

impl Plan {
    fn of(chosen: Chosen<'_>, srid: i32) -> Self {
        let layer = chosen.layer;
        let mut fields: Vec<(String, FieldType)> = Vec::new();
        for field in layer.fields.iter() {
            let name = told_apart(&field.name, |name| fields.iter().any(|(known, _)| known == name));
            fields.push((name, field.kind));
        }
        let is_free = |name: &str| fields.iter().all(|(known, _)| !known.eq_ignore_ascii_case(name));
        let mut is_multi = false;
        let mut is_flat = true;
        for feature in chosen.features() {
            let (block, row) = layer.locate(feature);
            is_multi |= wkb::part_count(&block.geometry, row) > 1;
            is_flat &= !wkb::has_heights(&block.geometry, row) && !wkb::has_measures(&block.geometry, row);
        }
        let name = ["geom", "geometry", "shape"].into_iter().find(|name| is_free(name)).unwrap_or("tuban_geom");
        let shape = (layer.kind != crate::model::GeometryKind::None)
            .then(|| (Shape { kind: layer.kind, is_multi }, name.to_owned()));
        let key = ["gid", "fid"].into_iter().find(|name| is_free(name));
        Self { shape, key, srid, is_flat, fields }
    }

    /// The columns as CREATE TABLE names them.
    fn columns(&self) -> String {
        let mut columns: Vec<String> = Vec::new();
        columns.extend(self.key.map(|key| format!("{} bigint PRIMARY KEY", quoted(key))));
        for (name, kind) in &self.fields {
            let kind = match kind {
                FieldType::Bool => "boolean",
                FieldType::Int => "bigint",
                FieldType::Float => "double precision",
                FieldType::Text | FieldType::Json | FieldType::Null => "text",
            };
            columns.push(format!("{} {kind}", quoted(name)));
        }
        if let Some((shape, name)) = &self.shape {
            // Heights of some features and none of others fit no declared kind.
            let kind = match self.is_flat {
                true => format!("geometry({}, {})", shape.name(), self.srid),
                false => "geometry".to_owned(),
            };
            columns.push(format!("{} {kind}", quoted(name)));
        }
        columns.join(", ")
    }

    fn names(&self) -> String {
        let fields = self.fields.iter().map(|(name, _)| quoted(name));
        let names = self.key.map(quoted).into_iter().chain(fields);
        names.chain(self.shape.iter().map(|(_, name)| quoted(name))).collect::<Vec<_>>().join(", ")
    }

    fn count(&self) -> usize {
        usize::from(self.key.is_some()) + self.fields.len() + usize::from(self.shape.is_some())
    }
}

/// A name that the server keeps whole and that no other column has.
fn told_apart(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let cut = |name: &str, most: usize| {
        let mut end = name.len().min(most);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        name[..end].to_owned()
    };
    let plain: String = name.chars().filter(|sign| *sign != '\0').collect();
    let plain = if plain.trim().is_empty() { "field" } else { plain.as_str() };
    let first = cut(plain, MOST_NAME);
    if !is_taken(&first) {
        return first;
    }
    let numbered = |number: usize| format!("{}_{number}", cut(plain, MOST_NAME - 8));
    (2..).map(numbered).find(|name| !is_taken(name)).unwrap_or(first)
}

/// Sends the rows; how many there were, and how many texts lost signs that no text of the server has.
fn copy(
    transaction: &mut Transaction<'_>,
    table: &str,
    chosen: Chosen<'_>,
    plan: &Plan,
    progress: &Progress,
) -> Result<(u64, u64), ReadError> {
    let sql = format!("COPY {table} ({}) FROM STDIN (FORMAT binary)", plan.names());
    let mut out = transaction.copy_in(sql.as_str()).map_err(|error| failed(&error))?;
    let sent = |error: std::io::Error| {
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<postgres::Error>());
        cause.map_or_else(|| ReadError::Format(Message::new("io.pg-lost").with("reason", &error)), failed)
    };
    out.write_all(HEAD).map_err(sent)?;
    let mut dropped = 0;
    let mut row = Vec::new();
    progress.add_total(chosen.count() as u64);
    for (number, feature) in chosen.features().enumerate() {
        if number.is_multiple_of(ROWS_PER_TICK) {
            progress.tick(ROWS_PER_TICK.min(chosen.count() - number) as u64).map_err(|_| ReadError::Cancelled)?;
        }
        row.clear();
        row.extend_from_slice(&(plan.count() as i16).to_be_bytes());
        if plan.key.is_some() {
            put(&mut row, &(number as i64 + 1).to_be_bytes());
        }
        for (at, (_, kind)) in plan.fields.iter().enumerate() {
            dropped += u64::from(put_value(&mut row, *kind, chosen.layer.value(feature, at)));
        }
        if let Some((shape, _)) = &plan.shape {
            let (block, at) = chosen.layer.locate(feature);
            if block.geometry.is_null(at) {
                row.extend_from_slice(&(-1i32).to_be_bytes());
            } else {
                let mut body = Vec::new();
                wkb::append(&mut body, &block.geometry, at, *shape);
                put(&mut row, &with_srid(body, plan.srid));
            }
        }
        out.write_all(&row).map_err(sent)?;
    }
    out.write_all(&END).map_err(sent)?;
    let count = out.finish().map_err(|error| failed(&error))?;
    Ok((count, dropped))
}

fn put(row: &mut Vec<u8>, bytes: &[u8]) {
    row.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
    row.extend_from_slice(bytes);
}

/// Appends a value as the type of its column; whether it lost something.
fn put_value(row: &mut Vec<u8>, kind: FieldType, value: Value<'_>) -> bool {
    match (kind, value) {
        (FieldType::Bool, Value::Bool(value)) => put(row, &[u8::from(value)]),
        (FieldType::Int, Value::Int(value)) => put(row, &value.to_be_bytes()),
        (FieldType::Float, value) if value.as_f64().is_some() => {
            put(row, &value.as_f64().unwrap_or_default().to_be_bytes());
        }
        (FieldType::Text | FieldType::Json | FieldType::Null, value) if !value.is_null() => {
            let text = value.to_string();
            let has_nul = text.contains('\0');
            let text = if has_nul { text.replace('\0', "") } else { text };
            put(row, text.as_bytes());
            return has_nul;
        }
        _ => row.extend_from_slice(&(-1i32).to_be_bytes()),
    }
    false
}

/// Well-known binary with the number of its reference system, as PostGIS takes it.
fn with_srid(mut body: Vec<u8>, srid: i32) -> Vec<u8> {
    if srid != 0 && body.len() >= 5 {
        // The type stands behind the byte order, its highest byte last.
        body[4] |= 0x20;
        drop(body.splice(5..5, srid.to_le_bytes()));
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_whole_and_apart() {
        let taken = |name: &str| ["a", "地类"].contains(&name);
        assert_eq!(told_apart("b", taken), "b");
        assert_eq!(told_apart("a", taken), "a_2");
        assert_eq!(told_apart(" ", taken), "field");
        let long = "图".repeat(30);
        assert_eq!(told_apart(&long, taken), "图".repeat(21));
    }

    #[test]
    fn geometries_say_their_reference_system() {
        let point = [1, 1, 0, 0, 0, 9, 9];
        assert_eq!(with_srid(point.to_vec(), 4548), [1, 1, 0, 0, 0x20, 0xC4, 0x11, 0, 0, 9, 9]);
        assert_eq!(with_srid(point.to_vec(), 0), point);
    }

    #[test]
    fn values_are_sent_as_the_type_of_their_column() {
        let check = |kind, value: Value<'_>, expected: &[u8]| {
            let mut row = Vec::new();
            put_value(&mut row, kind, value);
            assert_eq!(row, expected, "{value:?}");
        };
        check(FieldType::Int, Value::Int(258), &[0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 1, 2]);
        check(FieldType::Text, Value::Text("01"), &[0, 0, 0, 2, b'0', b'1']);
        check(FieldType::Text, Value::Int(1), &[0, 0, 0, 1, b'1']);
        check(FieldType::Float, Value::Null, &[255, 255, 255, 255]);
        check(FieldType::Bool, Value::Bool(true), &[0, 0, 0, 1, 1]);
    }
}
