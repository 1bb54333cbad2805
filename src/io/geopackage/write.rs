//! Layers to a GeoPackage: a new one, or more layers in one that is there.
//!
//! The file that is written is nobody's yet: it takes its name when it is whole, so there is no log and no waiting for
//! the disk at each step. Geometry is encoded beside the rows being inserted. Each layer gets its extent, its count, its
//! spatial index with the triggers that keep it, and the names that planners know its fields by.

mod encode;
mod fields;
mod index;
mod schema;

use std::collections::HashSet;
use std::path::Path;
use std::sync::mpsc::sync_channel;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::super::options::{Chosen, Existing, WriteOptions};
use super::super::wkb;
use super::database::{bound, quoted};
use crate::crs::Crs;
use crate::model::roles::fields::title;
use crate::model::{Extent, FieldType, GeometryKind, Layer, Value};
use crate::text::{Language, Message};
use encode::Shape;
use fields::{MOST_FIELDS, Plan, own_name, plans};
use index::Entry;

/// Features that are encoded at once, and batches that wait to be inserted.
const BATCH: usize = 2048;
const BATCHES_AHEAD: usize = 4;
/// Rows that one statement inserts: with each statement SQLite looks up and notes the last number of the table, which takes
/// as long as inserting a row.
const ROWS_AT_ONCE: usize = 8;
/// Bytes of the largest value.
const MOST_BYTES: u64 = 1 << 30;
/// Names that a message lists.
const LISTED: usize = 8;
/// Numbers from here on are those of systems without a code.
const FIRST_OWN_SRS: i64 = 100_000;

/// Writes layers into the empty file at `path`, or adds them to the GeoPackage that lies there.
///
/// # Errors
/// What keeps a layer from being written.
pub(in crate::io) fn write(
    path: &Path,
    layers: &[Chosen<'_>],
    existing: Existing,
    _: WriteOptions,
) -> Result<(), Message> {
    let failed = |error: rusqlite::Error| Message::new("io.gpkg-unwritten").with("reason", error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    prepare(&connection).map_err(failed)?;
    if existing == Existing::Replaced {
        schema::create(&connection).map_err(failed)?;
    } else {
        check(&connection)?;
        schema::further(&connection).map_err(failed)?;
    }
    let mut taken = names(&connection).map_err(failed)?;
    for chosen in layers {
        let wanted = table_name(&chosen.layer.name);
        let is_there = taken.contains(&wanted.to_lowercase());
        let name = match existing {
            Existing::LayersReplaced if is_there => {
                remove(&connection, &wanted).map_err(failed)?;
                wanted
            }
            Existing::Kept if is_there => return Err(Message::new("io.gpkg-layer-exists").with("name", wanted)),
            // Layers of one file that are called alike, as those of several kinds of geometry are.
            _ => told_apart(&wanted, |name| taken.contains(&name.to_lowercase())),
        };
        taken.insert(name.to_lowercase());
        add(&connection, &name, chosen).map_err(failed)?;
    }
    connection.execute_batch("COMMIT").map_err(failed)?;
    connection.close().map_err(|(_, error)| failed(error))
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    bound(connection, MOST_BYTES)?;
    // The nodes of the index are written as they are.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
    // What was kept in a log by others is in the file before anything else is.
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    connection.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(()))?;
    connection.query_row("PRAGMA journal_mode = OFF", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.execute_batch("BEGIN IMMEDIATE")
}

/// Whether layers can be added to a database.
fn check(connection: &Connection) -> Result<(), Message> {
    let sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name IN
        ('gpkg_contents', 'gpkg_geometry_columns', 'gpkg_spatial_ref_sys')";
    let others = "SELECT count(*) FROM sqlite_master WHERE rootpage = 0 AND type IN ('table', 'view') AND name LIKE 'gpkg~_%' ESCAPE '~'";
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    match (count(sql), count(others)) {
        (Ok(3), Ok(0)) => Ok(()),
        (Err(error), _) | (_, Err(error)) => Err(Message::new("io.gpkg-broken").with("reason", error)),
        _ => Err(Message::new("io.gpkg-none")),
    }
}

/// Everything that has a name in a database, in small letters.
fn names(connection: &Connection) -> rusqlite::Result<HashSet<String>> {
    let mut statement = connection.prepare("SELECT lower(name) FROM sqlite_master")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    // `lower` knows Latin letters only.
    names.map(|name| name.map(|name| name.to_lowercase())).collect()
}

/// The name of a layer as that of a table.
fn table_name(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let plain = plain.trim();
    let reserved = ["gpkg_", "sqlite_", "rtree_", "trigger_", "idx_"];
    let small = plain.to_lowercase();
    match plain {
        "" => "layer".to_owned(),
        _ if reserved.iter().any(|start| small.starts_with(start)) => format!("_{plain}"),
        _ => plain.to_owned(),
    }
}

fn told_apart(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut name = wanted.to_owned();
    let mut number = 1;
    while is_taken(&name) {
        number += 1;
        name = format!("{wanted}_{number}");
    }
    name
}

/// Takes a layer out of a GeoPackage.
fn remove(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    let sql = "SELECT column_name FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?1)";
    let mut columns = connection.prepare(sql)?;
    let columns: Vec<String> = columns.query_map([name], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for column in columns {
        let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage = 0 AND lower(name) = lower(?1)";
        let index = format!("rtree_{name}_{column}");
        let index = connection.query_row(sql, [index], |row| row.get::<_, String>(0)).optional()?;
        if let Some(index) = index {
            connection.execute_batch(&format!("DROP TABLE {}", quoted(&index)))?;
        }
    }
    for table in [
        "gpkg_data_columns",
        "gpkg_extensions",
        "gpkg_ogr_contents",
        "gpkg_metadata_reference",
        "gpkg_geometry_columns",
        "gpkg_contents",
    ] {
        let is_there = connection
            .query_row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1", [table], |_| Ok(()))
            .optional()?
            .is_some();
        if is_there {
            connection.execute(&format!("DELETE FROM {table} WHERE lower(table_name) = lower(?1)"), [name])?;
        }
    }
    connection.execute_batch(&format!("DROP TABLE {}", quoted(name)))
}

/// What a GeoPackage cannot hold of a layer.
pub(in crate::io) fn losses(layer: &Layer, rows: Option<&[usize]>, _: WriteOptions) -> Vec<Message> {
    let mut messages = Vec::new();
    let plans = plans(layer);
    let changed: Vec<String> = layer
        .fields
        .iter()
        .zip(&plans)
        .filter(|(field, plan)| field.name != plan.name)
        .map(|(field, plan)| format!("{} → {}", field.name, plan.name))
        .collect();
    if !changed.is_empty() {
        let names = changed.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
        messages.push(Message::new("io.loses-names").with("count", changed.len()).with("names", names));
    }
    if layer.fields.len() > plans.len() {
        let count = layer.fields.len() - plans.len();
        messages.push(Message::new("io.loses-fields").with("most", MOST_FIELDS).with("count", count));
    }
    let has_ids = layer.blocks.iter().any(|block| block.ids.is_some());
    if has_ids && ids(&Chosen { layer, rows }).is_none() {
        messages.push(Message::new("io.loses-ids"));
    }
    if layer.crs.ogc_wkt().is_none() && layer.kind != GeometryKind::None {
        let crs = layer.crs.clone();
        messages.push(Message::new("io.loses-crs").with_said("crs", move |language| crs.reference_in(language)));
    }
    messages
}

/// The ids of the features as numbers, where all have one and no two the same.
fn ids(chosen: &Chosen<'_>) -> Option<Vec<i64>> {
    let mut numbers = Vec::with_capacity(chosen.count());
    for feature in chosen.features() {
        let (block, row) = chosen.layer.locate(feature);
        match block.ids.as_ref()?.value(row) {
            Value::Int(number) => numbers.push(number),
            _ => return None,
        }
    }
    let ascends = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    let mut seen = HashSet::new();
    (ascends || numbers.iter().all(|number| seen.insert(*number))).then_some(numbers)
}

/// The number of a reference system in a file, where it is listed if it was not.
fn system(connection: &Connection, crs: &Crs) -> rusqlite::Result<i64> {
    let (organization, code) = match crs.code().split_once(':') {
        Some(("EPSG", code)) => ("EPSG", code.parse().ok()), // not a number: no code
        Some(("ESRI", code)) => ("ESRI", code.parse().ok()),
        // Longitude before latitude is the order of the format.
        Some(("OGC", "CRS84")) => ("EPSG", Some(4326)),
        _ => ("NONE", None),
    };
    let definition = crs.ogc_wkt().unwrap_or_else(|| "undefined".to_owned());
    let listed = match code {
        Some(code) => connection.query_row(
            "SELECT srs_id FROM gpkg_spatial_ref_sys
             WHERE lower(organization) = lower(?1) AND organization_coordsys_id = ?2",
            (organization, code),
            |row| row.get::<_, i64>(0),
        ),
        None => connection.query_row(
            "SELECT srs_id FROM gpkg_spatial_ref_sys WHERE definition = ?1 AND srs_id > 0",
            [&definition],
            |row| row.get::<_, i64>(0),
        ),
    };
    if let Some(id) = listed.optional()? {
        return Ok(id);
    }
    let is_taken = |id: i64| {
        let sql = "SELECT 1 FROM gpkg_spatial_ref_sys WHERE srs_id = ?1";
        connection.query_row(sql, [id], |_| Ok(())).optional().map(|found| found.is_some())
    };
    let mut id = code.unwrap_or(FIRST_OWN_SRS);
    while is_taken(id)? {
        id = id.max(FIRST_OWN_SRS) + 1;
    }
    let columns = "(srs_name, srs_id, organization, organization_coordsys_id, definition)";
    connection.execute(
        &format!("INSERT INTO gpkg_spatial_ref_sys {columns} VALUES (?1, ?2, ?3, ?4, ?5)"),
        (crs.name(), id, organization, code.unwrap_or(id), &definition),
    )?;
    Ok(id)
}

/// Adds a layer as the table `name`.
fn add(connection: &Connection, name: &str, chosen: &Chosen<'_>) -> rusqlite::Result<()> {
    let layer = chosen.layer;
    let plans = plans(layer);
    let id = own_name(&plans, &["fid", "ogc_fid", "gid"]);
    let geometry = own_name(&plans, &["geom", "geometry", "the_geom", "shape"]);
    let is_spatial = layer.kind != GeometryKind::None;
    let srs_id = if is_spatial { system(connection, &layer.crs)? } else { 0 };
    let is_multi = chosen.features().any(|feature| {
        let (block, row) = layer.locate(feature);
        wkb::part_count(&block.geometry, row) > 1
    });
    // Numbers of systems are those of EPSG, or small.
    let body = wkb::Shape { kind: layer.kind, is_multi };
    let shape = Shape { body, srs_id: i32::try_from(srs_id).unwrap_or(0) };
    let mut columns = vec![format!("{} INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", quoted(&id))];
    if is_spatial {
        columns.push(format!("{} {}", quoted(&geometry), body.name()));
    }
    columns.extend(plans.iter().map(|plan| format!("{} {}", quoted(&plan.name), plan.declared)));
    connection.execute_batch(&format!("CREATE TABLE {} ({})", quoted(name), columns.join(", ")))?;
    let written = insert(connection, name, chosen, &plans, shape)?;
    let extent = written.extent;
    let bound = |value: f64| (!extent.is_empty()).then_some(value);
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, min_x, min_y, max_x, max_y, srs_id)
         VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6, ?7)",
        (
            name,
            if is_spatial { "features" } else { "attributes" },
            bound(extent.min.x),
            bound(extent.min.y),
            bound(extent.max.x),
            bound(extent.max.y),
            is_spatial.then_some(srs_id),
        ),
    )?;
    let counted = "INSERT OR REPLACE INTO gpkg_ogr_contents (table_name, feature_count) VALUES (?1, ?2)";
    connection.execute(counted, (name, chosen.count() as i64))?;
    connection.execute_batch(&schema::count_triggers(name))?;
    if is_spatial {
        // Heights and measures that some features lack are optional.
        let [z, m] = [written.with_heights, written.with_measures].map(|count| match count {
            0 => 0,
            count if count == written.with_shape => 1,
            _ => 2,
        });
        connection.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (name, &geometry, body.name(), srs_id, z, m),
        )?;
        index::create(connection, &format!("rtree_{name}_{geometry}"), written.entries)?;
        connection.execute_batch(&schema::index_triggers(name, &geometry, &id))?;
        connection.execute(
            "INSERT INTO gpkg_extensions VALUES (?1, ?2, 'gpkg_rtree_index',
             'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
            (name, &geometry),
        )?;
    }
    aliases(connection, name, &plans)
}

/// Writes the names that planners know fields by.
fn aliases(connection: &Connection, table: &str, plans: &[Plan]) -> rusqlite::Result<()> {
    let known: Vec<(&str, &str)> = plans
        .iter()
        .filter_map(|plan| Some((plan.name.as_str(), title(&plan.name, Language::Chinese)?)))
        .filter(|(name, title)| name != title)
        .collect();
    if known.is_empty() {
        return Ok(());
    }
    schema::data_columns(connection)?;
    // A name stands once in a table: that of a second field of the same meaning is left out.
    let sql = "INSERT OR IGNORE INTO gpkg_data_columns (table_name, column_name, name) VALUES (?1, ?2, ?3)";
    known.iter().try_for_each(|(column, title)| connection.execute(sql, (table, column, title)).map(drop))
}

/// What the rows of a layer came to.
struct Inserted {
    extent: Extent,
    entries: Vec<Entry>,
    /// Features that have a place, and those of them that have heights and measures.
    with_shape: usize,
    with_heights: usize,
    with_measures: usize,
}

/// Features encoded: the geometry of each, and where it ends.
struct Batch {
    features: Vec<usize>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    extents: Vec<Extent>,
    with_heights: usize,
    with_measures: usize,
}

fn encoded(layer: &Layer, features: Vec<usize>, shape: Shape) -> Batch {
    let (bytes, ends, extents) = (Vec::new(), Vec::new(), Vec::new());
    let mut batch = Batch { bytes, ends, extents, with_heights: 0, with_measures: 0, features };
    for feature in &batch.features {
        let (block, row) = layer.locate(*feature);
        let geometry = &block.geometry;
        let extent = match geometry.is_null(row) {
            true => Extent::EMPTY,
            false => encode::blob(&mut batch.bytes, geometry, row, shape),
        };
        batch.with_heights += usize::from(wkb::has_heights(geometry, row));
        batch.with_measures += usize::from(wkb::has_measures(geometry, row));
        batch.ends.push(batch.bytes.len());
        batch.extents.push(extent);
    }
    batch
}

/// Inserts the rows of a layer, while those that follow are encoded on another thread.
fn insert(
    connection: &Connection,
    name: &str,
    chosen: &Chosen<'_>,
    plans: &[Plan],
    shape: Shape,
) -> rusqlite::Result<Inserted> {
    let layer = chosen.layer;
    let ids = ids(chosen);
    let is_spatial = shape.body.kind != GeometryKind::None;
    let before = 1 + usize::from(is_spatial);
    let width = before + plans.len();
    let row = format!("({})", vec!["?"; width].join(", "));
    let inserting = |row_count: usize| {
        let rows = vec![row.as_str(); row_count].join(", ");
        connection.prepare(&format!("INSERT INTO {} VALUES {rows}", quoted(name)))
    };
    let (mut of_several, mut of_one) = (inserting(ROWS_AT_ONCE)?, inserting(1)?);
    let (extent, entries) = (Extent::EMPTY, Vec::new());
    let mut written = Inserted { extent, entries, with_shape: 0, with_heights: 0, with_measures: 0 };
    let mut number = 0;
    let mut put = |batch: &Batch| -> rusqlite::Result<()> {
        written.with_heights += batch.with_heights;
        written.with_measures += batch.with_measures;
        let mut start = 0;
        // Those that are left at the end of a batch are inserted one by one.
        let in_several = batch.features.len() - batch.features.len() % ROWS_AT_ONCE;
        for (at, feature) in batch.features.iter().enumerate() {
            let (statement, slot, slot_count) =
                if at < in_several { (&mut of_several, at % ROWS_AT_ONCE, ROWS_AT_ONCE) } else { (&mut of_one, 0, 1) };
            let first = width * slot;
            let id = ids.as_ref().map_or(number as i64 + 1, |ids| ids[number]);
            number += 1;
            statement.raw_bind_parameter(first + 1, id)?;
            let blob = &batch.bytes[start..batch.ends[at]];
            start = batch.ends[at];
            if is_spatial {
                statement.raw_bind_parameter(first + 2, (!blob.is_empty()).then_some(blob))?;
            }
            if let Some(entry) = Entry::new(id, &batch.extents[at]) {
                written.extent.union(&batch.extents[at]);
                written.entries.push(entry);
                written.with_shape += 1;
            }
            let (block, row) = layer.locate(*feature);
            for (field, plan) in plans.iter().enumerate() {
                let value = block.attributes.value(row, field);
                bind(statement, first + before + field + 1, value, plan.kind)?;
            }
            if slot + 1 == slot_count {
                statement.raw_execute()?;
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(BATCHES_AHEAD);
        scope.spawn(move || {
            let mut features = chosen.features();
            loop {
                let next: Vec<usize> = features.by_ref().take(BATCH).collect();
                // Nobody takes it any more where a row could not be inserted.
                if next.is_empty() || sender.send(encoded(layer, next, shape)).is_err() {
                    break;
                }
            }
        });
        receiver.iter().try_for_each(|batch| put(&batch))
    })?;
    Ok(written)
}

/// Binds a value as its field is stored.
fn bind(statement: &mut rusqlite::Statement<'_>, at: usize, value: Value<'_>, kind: FieldType) -> rusqlite::Result<()> {
    let text;
    let stored = match (value, kind) {
        (Value::Null, _) => ValueRef::Null,
        (Value::Text(text) | Value::Json(text), _) => ValueRef::Text(text.as_bytes()),
        (Value::Bool(is_so), FieldType::Bool) => ValueRef::Integer(i64::from(is_so)),
        (Value::Int(number), FieldType::Int) => ValueRef::Integer(number),
        (Value::Int(number), FieldType::Float) => ValueRef::Real(number as f64),
        (Value::Float(number), FieldType::Float) => ValueRef::Real(number),
        // A field of mixed kinds is one of text.
        (other, _) => {
            text = other.to_string();
            ValueRef::Text(text.as_bytes())
        }
    };
    statement.raw_bind_parameter(at, ToSqlOutput::Borrowed(stored))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_names_that_they_may_have() {
        let check = |name: &str, expected: &str| assert_eq!(table_name(name), expected);
        check("地类图斑", "地类图斑");
        check("gpkg_contents", "_gpkg_contents");
        check(" a\nb ", "a b");
        check("", "layer");
    }
}
