//! The tables that every GeoPackage has, and those that a layer adds, by OGC 12-128r19 (GeoPackage 1.4).

use rusqlite::Connection;

use super::super::database::quoted;

/// `GPKG`, and version 1.4 of the standard.
const APPLICATION_ID: i32 = 0x4750_4B47;
const USER_VERSION: i32 = 10_400;

/// WGS 84 as the standard wants it in every file.
const WGS84: &str = "GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563,AUTHORITY[\"EPSG\",\"7030\"]],\
    AUTHORITY[\"EPSG\",\"6326\"]],PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],UNIT[\"degree\",0.0174532925199433,\
    AUTHORITY[\"EPSG\",\"9122\"]],AXIS[\"Latitude\",NORTH],AXIS[\"Longitude\",EAST],AUTHORITY[\"EPSG\",\"4326\"]]";

/// Makes an empty database a GeoPackage without layers.
pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", USER_VERSION)?;
    connection.execute_batch(
        "CREATE TABLE gpkg_spatial_ref_sys (
            srs_name TEXT NOT NULL,
            srs_id INTEGER NOT NULL PRIMARY KEY,
            organization TEXT NOT NULL,
            organization_coordsys_id INTEGER NOT NULL,
            definition TEXT NOT NULL,
            description TEXT
        );
        CREATE TABLE gpkg_contents (
            table_name TEXT NOT NULL PRIMARY KEY,
            data_type TEXT NOT NULL,
            identifier TEXT UNIQUE,
            description TEXT DEFAULT '',
            last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
            min_x DOUBLE,
            min_y DOUBLE,
            max_x DOUBLE,
            max_y DOUBLE,
            srs_id INTEGER,
            CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
        );
        CREATE TABLE gpkg_geometry_columns (
            table_name TEXT NOT NULL,
            column_name TEXT NOT NULL,
            geometry_type_name TEXT NOT NULL,
            srs_id INTEGER NOT NULL,
            z TINYINT NOT NULL,
            m TINYINT NOT NULL,
            CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
            CONSTRAINT uk_gc_table_name UNIQUE (table_name),
            CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
            CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
        );",
    )?;
    let sql = "INSERT INTO gpkg_spatial_ref_sys VALUES (?1, ?2, ?3, ?2, ?4, ?5)";
    connection.execute(sql, ("Undefined Cartesian SRS", -1, "NONE", "undefined", "undefined plane coordinates"))?;
    connection
        .execute(sql, ("Undefined geographic SRS", 0, "NONE", "undefined", "undefined geographic coordinates"))?;
    connection.execute(sql, ("WGS 84 geodetic", 4326, "EPSG", WGS84, "longitude and latitude on WGS 84"))?;
    further(connection)
}

/// Tables that not every file of others has.
pub(super) fn further(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (
            table_name TEXT,
            column_name TEXT,
            extension_name TEXT NOT NULL,
            definition TEXT NOT NULL,
            scope TEXT NOT NULL,
            CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
        );
        CREATE TABLE IF NOT EXISTS gpkg_ogr_contents (
            table_name TEXT NOT NULL PRIMARY KEY,
            feature_count INTEGER DEFAULT NULL
        );",
    )
}

/// Tables of the names of columns for people.
pub(super) fn data_columns(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS gpkg_data_columns (
            table_name TEXT NOT NULL,
            column_name TEXT NOT NULL,
            name TEXT,
            title TEXT,
            description TEXT,
            mime_type TEXT,
            constraint_name TEXT,
            CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
            CONSTRAINT gdc_tn UNIQUE (table_name, name)
        );
        CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (
            constraint_name TEXT NOT NULL,
            constraint_type TEXT NOT NULL,
            value TEXT,
            min NUMERIC,
            min_is_inclusive BOOLEAN,
            max NUMERIC,
            max_is_inclusive BOOLEAN,
            description TEXT,
            CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
        );",
    )?;
    let sql = "INSERT OR IGNORE INTO gpkg_extensions
        SELECT ?1, NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write'
        WHERE NOT EXISTS (SELECT 1 FROM gpkg_extensions WHERE table_name = ?1 AND extension_name = 'gpkg_schema')";
    for table in ["gpkg_data_columns", "gpkg_data_column_constraints"] {
        connection.execute(sql, [table])?;
    }
    Ok(())
}

/// A name within a text of SQL.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The statements that keep the count of features right when other programs edit the layer.
pub(super) fn count_triggers(table: &str) -> String {
    let (name, text) = (quoted(table), literal(table));
    let trigger = |event: &str, sign: char| {
        let trigger = quoted(&format!("trigger_{}_feature_count_{table}", event.to_lowercase()));
        format!(
            "CREATE TRIGGER {trigger} AFTER {event} ON {name} BEGIN \
             UPDATE gpkg_ogr_contents SET feature_count = feature_count {sign} 1 \
             WHERE lower(table_name) = lower({text}); END;"
        )
    };
    trigger("INSERT", '+') + &trigger("DELETE", '-')
}

/// The statements that keep the spatial index right when other programs edit the layer.
pub(super) fn index_triggers(table: &str, geometry: &str, id: &str) -> String {
    let index = format!("rtree_{table}_{geometry}");
    let (t, c, i, tree) = (quoted(table), quoted(geometry), quoted(id), quoted(&index));
    let bounds = format!("ST_MinX(NEW.{c}), ST_MaxX(NEW.{c}), ST_MinY(NEW.{c}), ST_MaxY(NEW.{c})");
    let put = format!("INSERT OR REPLACE INTO {tree} VALUES (NEW.{i}, {bounds});");
    let there = format!("(NEW.{c} NOTNULL AND NOT ST_IsEmpty(NEW.{c}))");
    let gone = format!("(NEW.{c} ISNULL OR ST_IsEmpty(NEW.{c}))");
    let was = format!("(OLD.{c} NOTNULL AND NOT ST_IsEmpty(OLD.{c}))");
    let was_none = format!("(OLD.{c} ISNULL OR ST_IsEmpty(OLD.{c}))");
    let of_geometry = format!("UPDATE OF {c}");
    let moved = format!(
        "UPDATE {tree} SET minx = ST_MinX(NEW.{c}), maxx = ST_MaxX(NEW.{c}), miny = ST_MinY(NEW.{c}), \
         maxy = ST_MaxY(NEW.{c}) WHERE id = NEW.{i};"
    );
    let drop = |which: &str| format!("DELETE FROM {tree} WHERE id = {which}.{i};");
    let drop_both = format!("DELETE FROM {tree} WHERE id IN (OLD.{i}, NEW.{i});");
    let same = format!("OLD.{i} = NEW.{i}");
    let other = format!("OLD.{i} != NEW.{i}");
    let rows: [(&str, &str, String, String); 7] = [
        ("insert", "INSERT", there.clone(), put.clone()),
        ("update6", &of_geometry, format!("{same} AND {there} AND {was}"), moved),
        ("update7", &of_geometry, format!("{same} AND {there} AND {was_none}"), put.clone()),
        ("update2", &of_geometry, format!("{same} AND {gone}"), drop("OLD")),
        ("update5", "UPDATE", format!("{other} AND {there}"), drop("OLD") + &put),
        ("update4", "UPDATE", format!("{other} AND {gone}"), drop_both),
        ("delete", "DELETE", format!("OLD.{c} NOTNULL"), drop("OLD")),
    ];
    let mut sql = String::new();
    for (name, event, when, then) in rows {
        let trigger = quoted(&format!("{index}_{name}"));
        sql.push_str(&format!("CREATE TRIGGER {trigger} AFTER {event} ON {t} WHEN {when} BEGIN {then} END;"));
    }
    sql
}
