//! GeoPackages written and read again, hostile ones, damaged ones, and one beside whose file a log lies.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::tests::damaged;
use super::super::write::{Chosen, Existing, write_layers};
use super::super::{
    Guard, OpenOptions, Opened, ReadError, WriteError, WriteOptions, open, open_bytes, open_each, write,
};
use crate::model::{FieldType, GeometryKind, Layer, Value};
use crate::task::Progress;

const PARCELS: &str = r#"{"type":"FeatureCollection","name":"地类图斑","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":[
{"type":"Feature","id":7,"properties":{"BSM":"0370199","权属单位":"国有（桑梓店街道）","TBMJ":61623.25,"SJNF":2025,"SFYX":true,"RQ":"2025-01-15","BH":9007199254740993},
 "geometry":{"type":"Polygon","coordinates":[[[39500000,4070000],[39500100,4070000],[39500100,4070100],[39500000,4070100],[39500000,4070000]],[[39500010,4070010],[39500010,4070020],[39500020,4070020],[39500020,4070010],[39500010,4070010]]]}},
{"type":"Feature","id":9,"properties":{"BSM":"1","权属单位":"","TBMJ":0.1,"SJNF":-7,"SFYX":false,"RQ":null,"BH":1},
 "geometry":{"type":"MultiPolygon","coordinates":[[[[39500200,4070000,5],[39500210,4070000,6],[39500210,4070010,7],[39500200,4070000,5]]],[[[39500300,4070000,1],[39500310,4070000,2],[39500310,4070010.5,3],[39500300,4070000,1]]]]}},
{"type":"Feature","id":8,"properties":{"BSM":"2","权属单位":"㙟","TBMJ":null,"SJNF":null,"SFYX":null,"RQ":"2024-12-31","BH":null},"geometry":null}]}"#;

fn parcels() -> Layer {
    let opened = open_bytes("a.geojson", PARCELS.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
    opened.expect("opens").layers.remove(0)
}

fn opened(path: &Path) -> Result<Opened, ReadError> {
    open(path, &OpenOptions { keep_partial: true, ..OpenOptions::default() }, &Progress::new())
}

fn keys(opened: &Opened) -> Vec<&'static str> {
    opened.issues.iter().map(|issue| issue.message.key).collect()
}

/// Everything of a layer as text, its features in the order of their first field.
fn shown(layer: &Layer) -> Vec<String> {
    let mut lines: Vec<String> = (0..layer.feature_count())
        .map(|feature| {
            let (block, row) = layer.locate(feature);
            let values: Vec<String> =
                (0..layer.fields.len()).map(|field| format!("{:?}", layer.value(feature, field))).collect();
            let range = block.geometry.coord_range(row);
            let z: Vec<f64> =
                block.geometry.z().get(range).unwrap_or(&[]).iter().filter(|z| !z.is_nan()).copied().collect();
            let rings: Vec<_> = block.geometry.polygon(row).rings().collect();
            format!("{values:?} {:?} {} {rings:?} {z:?}", layer.feature_id(feature), block.geometry.is_null(row))
        })
        .collect();
    lines.sort();
    lines
}

/// A database that `sql` makes of a GeoPackage with the parcels.
fn database(folder: &Path, name: &str, sql: &str) -> PathBuf {
    let path = folder.join(name);
    write(&path, &parcels(), None, WriteOptions::default(), &Guard::none()).expect("writes");
    let connection = Connection::open(&path).expect("opens");
    connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    path
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("规划 #1.gpkg");
    let layer = parcels();
    write(&path, &layer, None, WriteOptions::default(), &Guard::none()).expect("writes");
    let again = opened(&path).expect("opens");
    assert_eq!((again.layers.len(), again.row_count, again.format.as_str()), (1, 3, "GeoPackage"));
    let read = &again.layers[0];
    assert_eq!((read.name.as_str(), read.crs.code(), read.kind), ("地类图斑", "EPSG:4527", GeometryKind::Polygon));
    assert_eq!(read.fields, layer.fields);
    assert_eq!(read.fields[6].kind, FieldType::Int);
    assert_eq!(read.value(0, 6), Value::Int(9_007_199_254_740_993));
    assert_eq!(shown(read), shown(&layer));
    // Planners know the fields by other names.
    assert_eq!(keys(&again), ["io.field-aliases", "io.null-geometry"]);
    // The hash is that of the file.
    let bytes = std::fs::read(&path).expect("read");
    assert_eq!(read.provenance.hash, super::super::hash_hex(&bytes));
    let connection = Connection::open(&path).expect("opens");
    let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).expect("a value");
    assert_eq!(one("SELECT rtreecheck('rtree_地类图斑_geom')"), "ok");
    assert_eq!(one("PRAGMA integrity_check"), "ok");
    assert_eq!(one("SELECT geometry_type_name || z FROM gpkg_geometry_columns"), "MULTIPOLYGON2");
    assert_eq!(one("SELECT min_x || ' ' || max_x FROM gpkg_contents"), "39500000.0 39500310.0");
    assert_eq!(one("SELECT name FROM gpkg_data_columns WHERE column_name = 'BSM'"), "标识码");
    assert_eq!(one("SELECT type FROM pragma_table_info('地类图斑') WHERE name = 'RQ'"), "DATE");
    assert!(one("SELECT definition FROM gpkg_spatial_ref_sys WHERE srs_id = 4527").starts_with("PROJCS["));
    assert_eq!(one("SELECT feature_count || '' FROM gpkg_ogr_contents"), "3");
    // Rows can be chosen, in any order.
    write(&path, &layer, Some(&[2, 0]), WriteOptions::default(), &Guard::none()).expect("writes");
    assert_eq!(opened(&path).expect("opens").row_count, 2);
    let names = std::fs::read_dir(folder.path()).expect("lists").count();
    assert_eq!(names, 1, "nothing stays beside the file");
}

#[test]
fn layers_are_added_beside_others_and_nothing_is_lost_when_that_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.gpkg");
    let (layer, mut other) = (parcels(), parcels());
    other.name = "界线".to_owned();
    let add = |layer: &Layer, existing: Existing| {
        write_layers(&path, &[Chosen { layer, rows: None }], existing, WriteOptions::default(), &Guard::none())
    };
    let two = [Chosen { layer: &layer, rows: None }, Chosen { layer: &layer, rows: Some(&[0]) }];
    write_layers(&path, &two, Existing::Kept, WriteOptions::default(), &Guard::none()).expect("writes");
    add(&other, Existing::Kept).expect("adds");
    let names = || -> Vec<(String, usize)> {
        let opened = opened(&path).expect("opens");
        opened.layers.iter().map(|layer| (layer.name.clone(), layer.feature_count())).collect()
    };
    let expected = [("地类图斑", 3), ("地类图斑_2", 1), ("界线", 3)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(names(), expected);
    let before = std::fs::read(&path).expect("read");
    let refused = add(&other, Existing::Kept).expect_err("is there");
    assert!(matches!(&refused, WriteError::Unfit(message) if message.key == "io.gpkg-layer-exists"), "{refused}");
    assert_eq!(std::fs::read(&path).expect("read"), before);
    other = Layer { name: other.name.clone(), ..parcels() };
    let rows = [Chosen { layer: &other, rows: Some(&[1]) }];
    write_layers(&path, &rows, Existing::LayersReplaced, WriteOptions::default(), &Guard::none()).expect("replaces");
    let expected = [("地类图斑", 3), ("地类图斑_2", 1), ("界线", 1)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(names(), expected);
    // The index of a layer whose name begins alike is its own.
    let again = [Chosen { layer: &layer, rows: None }];
    write_layers(&path, &again, Existing::LayersReplaced, WriteOptions::default(), &Guard::none()).expect("replaces");
    let connection = Connection::open(&path).expect("opens");
    let sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND rootpage = 0 AND name LIKE 'rtree%'";
    assert_eq!(connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("counted"), 3);
    drop(connection);
    // One layer is named behind the file.
    let address = super::super::address(&path, Some("界线"));
    let found = open_each(&address, &OpenOptions::default(), &Progress::new()).expect("opens");
    assert_eq!((found.len(), found[0].layer.as_deref()), (1, Some("界线")));
    // What another program has in its log would come over the new file.
    std::fs::write(folder.path().join("a.gpkg-wal"), b"rows").expect("written");
    let refused = add(&other, Existing::Replaced).expect_err("in use");
    assert!(matches!(&refused, WriteError::Unfit(message) if message.key == "io.gpkg-in-use"), "{refused}");
    assert!(add(&other, Existing::Replaced).is_err());
    // No GeoPackage, nothing to add to.
    let plain = folder.path().join("b.gpkg");
    Connection::open(&plain).expect("opens").execute_batch("CREATE TABLE a (b)").expect("made");
    let one = [Chosen { layer: &other, rows: None }];
    let refused = write_layers(&plain, &one, Existing::Kept, WriteOptions::default(), &Guard::none());
    assert!(matches!(&refused, Err(WriteError::Unfit(message)) if message.key == "io.gpkg-none"), "{refused:?}");
}

#[test]
fn every_type_and_what_is_not_read_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let sql = "
        ALTER TABLE 地类图斑 ADD COLUMN photo BLOB;
        ALTER TABLE 地类图斑 ADD COLUMN other POINT;
        ALTER TABLE 地类图斑 ADD COLUMN twice INTEGER AS (SJNF * 2);
        ALTER TABLE 地类图斑 ADD COLUMN mixed;
        INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('tiles_2025', 'tiles', 0), ('gone', 'features', 0), ('seen', 'features', 0), ('台账', 'attributes', NULL);
        CREATE TABLE tiles_2025 (id INTEGER PRIMARY KEY, tile_data BLOB);
        CREATE VIEW seen AS SELECT * FROM 地类图斑;
        CREATE TABLE 草稿 (a TEXT);
        CREATE TABLE 台账 (id INTEGER PRIMARY KEY, 名称 TEXT, 数量 DOUBLE);
        INSERT INTO 台账 VALUES (5, '001', 9e999), (1099511627776, CAST(x'C9BDB6AB' AS TEXT), 2.5);
        UPDATE 地类图斑 SET mixed = x'00', photo = x'00' WHERE BSM = '1';
        UPDATE 地类图斑 SET geom = x'4750000100000000' || x'0108000000' WHERE BSM = '2';
    ";
    // The index is of no interest here, and its triggers need functions that only other programs have.
    let triggers = ["insert", "update6", "update7", "update2", "update5", "update4", "delete"]
        .map(|name| format!("DROP TRIGGER \"rtree_地类图斑_geom_{name}\";"))
        .join("");
    let path = database(folder.path(), "a.gpkg", &(triggers + sql));
    let opened = opened(&path).expect("opens");
    let names: Vec<&str> = opened.layers.iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names, ["地类图斑", "台账"]);
    let fields: Vec<&str> = opened.layers[0].fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(fields, ["BSM", "权属单位", "TBMJ", "SJNF", "SFYX", "RQ", "BH", "other", "mixed"]);
    let table = &opened.layers[1];
    assert_eq!((table.kind, table.feature_id(1).as_deref()), (GeometryKind::None, Some("1099511627776")));
    assert_eq!((table.value(0, 0), table.value(0, 1)), (Value::Text("001"), Value::Null));
    assert_eq!(table.value(1, 0), Value::Text("山东"));
    let found = keys(&opened);
    for key in [
        "io.gpkg-tiles",
        "io.gpkg-absent",
        "io.gpkg-unlisted",
        "io.gpkg-not-plain",
        "io.gpkg-binary",
        "io.gpkg-computed",
        "io.gpkg-binary-value",
        "io.gpkg-bad-geometry",
        "io.gpkg-not-finite",
        "io.gpkg-not-utf8",
    ] {
        assert!(found.contains(&key), "{key} is not among {found:?}");
    }
    for message in opened.issues.iter().map(|issue| &issue.message) {
        for language in [crate::text::Language::Chinese, crate::text::Language::English] {
            let text = message.text(language);
            assert!(!text.contains('{') && !text.contains("io."), "{text}");
        }
    }
}

#[test]
fn what_a_hostile_file_would_run_does_not_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT";
    // A list of layers that is a program.
    let sql = format!(
        "ALTER TABLE gpkg_contents RENAME TO kept;
         CREATE VIEW gpkg_contents AS {endless} 'a' || i AS table_name, 'features' AS data_type, 0 AS srs_id FROM n;"
    );
    let path = database(folder.path(), "list.gpkg", &sql);
    let error = opened(&path).expect_err("is refused");
    assert!(matches!(&error, ReadError::Format(message) if message.key == "io.gpkg-none"), "{error}");
    // A layer that is one.
    let sql = format!(
        "ALTER TABLE 地类图斑 RENAME TO kept;
         CREATE VIEW 地类图斑 AS {endless} i AS fid, NULL AS geom, randomblob(1000000000) AS BSM FROM n;"
    );
    let drop = "DROP TRIGGER \"rtree_地类图斑_geom_insert\";";
    let path = database(folder.path(), "layer.gpkg", &sql);
    let error = opened(&path).expect_err("is refused");
    assert!(matches!(&error, ReadError::Format(message) if message.key == "io.gpkg-not-plain"), "{error}");
    // A program that runs when a column is computed, and one that no database knows.
    let sql = format!(
        "{drop} ALTER TABLE 地类图斑 ADD COLUMN evil TEXT AS (hex(zeroblob(400000000)));
         PRAGMA writable_schema = ON;
         INSERT INTO sqlite_master VALUES ('table', 'other', 'other', 0, 'CREATE VIRTUAL TABLE other USING no_such_module(x)');
         INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('other', 'features', 0);
         CREATE TRIGGER evil AFTER INSERT ON gpkg_contents BEGIN DELETE FROM gpkg_geometry_columns; END;"
    );
    let path = folder.path().join("column.gpkg");
    write(&path, &parcels(), None, WriteOptions::default(), &Guard::none()).expect("writes");
    let connection = Connection::open(&path).expect("opens");
    let made = connection.execute_batch(&sql);
    drop_connection(connection);
    made.expect("made");
    let found = opened(&path).expect("opens");
    assert_eq!(found.row_count, 3);
    // What stands in the list of layers does not run when one is added either.
    let mut other = parcels();
    other.name = "新".to_owned();
    let chosen = [Chosen { layer: &other, rows: None }];
    let added = write_layers(&path, &chosen, Existing::Kept, WriteOptions::default(), &Guard::none());
    assert!(added.is_ok(), "{added:?}");
    assert_eq!(opened(&path).expect("opens").layers.len(), 2);
}

fn drop_connection(connection: Connection) {
    connection.close().map_err(|(_, error)| error).expect("closes");
}

#[test]
fn rows_in_a_log_are_read_from_a_private_copy() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = database(folder.path(), "a.gpkg", "");
    let connection = Connection::open(&path).expect("opens");
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).expect("a log");
    connection
        .execute_batch(
            "CREATE TABLE late (id INTEGER PRIMARY KEY, a TEXT);
        INSERT INTO late VALUES (1, 'x'), (2, 'y');
        INSERT INTO gpkg_contents (table_name, data_type) VALUES ('late', 'attributes');",
        )
        .expect("rows");
    let listed = || {
        let mut names: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder.path())
            .expect("lists")
            .map(|entry| entry.expect("an entry").path())
            .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap_or_default()))
            .collect();
        names.sort();
        names
    };
    let before = listed();
    assert!(before.iter().any(|(name, bytes)| name.ends_with("-wal") && !bytes.is_empty()));
    let found = opened(&path).expect("opens");
    let counts: Vec<usize> = found.layers.iter().map(Layer::feature_count).collect();
    assert_eq!(counts, [3, 2]);
    assert!(before == listed(), "the folder of the source is as it was");
    drop_connection(connection);
    // The same packed.
    let bytes = std::fs::read(&path).expect("read");
    for (name, bytes) in [("a.gpkg", bytes.clone()), ("a.gpkg.gz", super::super::gzip(&bytes))] {
        let found = open_bytes(name, bytes, &OpenOptions::default(), &Progress::new()).expect("opens");
        assert_eq!(found.layers.len(), 2, "{name}");
    }
}

#[test]
fn a_layer_without_rows_keeps_its_fields() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.gpkg");
    write(&path, &parcels(), Some(&[]), WriteOptions::default(), &Guard::none()).expect("writes");
    let found = opened(&path).expect("opens");
    let layer = &found.layers[0];
    let names: Vec<&str> = layer.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["BSM", "权属单位", "TBMJ", "SJNF", "SFYX", "RQ", "BH"]);
    assert_eq!((layer.kind, layer.feature_count(), layer.crs.code()), (GeometryKind::Polygon, 0, "EPSG:4527"));
}

#[test]
fn reading_can_be_cancelled() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = database(folder.path(), "a.gpkg", "");
    let progress = Progress::new();
    progress.cancel();
    let found = open(&path, &OpenOptions::default(), &progress);
    assert!(matches!(found, Err(ReadError::Cancelled)), "{found:?}");
}

#[test]
fn databases_of_others_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |name: &str, sql: &str, expected: &str| {
        let path = folder.path().join(name);
        drop_connection({
            let connection = Connection::open(&path).expect("opens");
            connection.execute_batch(sql).expect("made");
            connection
        });
        match opened(&path) {
            Err(ReadError::OtherFormat { format }) => assert_eq!(format.name, expected, "{name}"),
            Err(ReadError::Format(message)) => assert_eq!(message.key, expected, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    };
    let spatial = "CREATE TABLE spatial_ref_sys (srid); CREATE TABLE geometry_columns (f_table_name);";
    check("a.sqlite", spatial, "io.format-spatialite");
    check("b.gpkg", spatial, "io.format-spatialite");
    check("c.gpkg", "CREATE TABLE tiles (a); CREATE TABLE metadata (b);", "io.format-mbtiles");
    check("d.db", "CREATE TABLE tiles (a); CREATE TABLE metadata (b);", "io.format-mbtiles");
    check("e.gpkg", "CREATE TABLE a (b);", "io.gpkg-none");
    check("f.db", "CREATE TABLE a (b);", "io.format-sqlite");
    let text = folder.path().join("g.gpkg");
    std::fs::write(&text, b"SQLite format 3\0 and then nothing").expect("written");
    let found = opened(&text);
    assert!(matches!(&found, Err(ReadError::Format(message)) if message.key == "io.gpkg-no-database"), "{found:?}");
}

#[test]
fn damaged_files_are_read_as_far_as_they_go() {
    let folder = tempfile::tempdir().expect("a folder");
    // Small pages: more of the file is structure.
    let path = database(folder.path(), "a.gpkg", "PRAGMA page_size = 512; VACUUM;");
    let seeds = [std::fs::read(&path).expect("read")];
    let mut read_count = 0;
    damaged(&seeds, |bytes| {
        let options = OpenOptions { keep_partial: true, ..OpenOptions::default() };
        let found = open_bytes("a.gpkg", bytes.to_vec(), &options, &Progress::new());
        read_count += usize::from(found.is_ok_and(|found| found.row_count > 0));
    });
    assert!(read_count > 0, "some damage leaves something");
}
