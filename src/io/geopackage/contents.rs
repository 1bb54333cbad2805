//! What a GeoPackage says that it holds: layers, tables, their columns and reference systems.
//!
//! Nothing is read but plain tables. Whatever else stands under the name of one (a view, a virtual table) is named and
//! left alone: it would be a program of whoever wrote the file.

use rusqlite::Connection;
use rustc_hash::FxHashMap;

use super::super::ReadError;
use super::super::findings::listed;
use super::super::format::{Format, MBTILES, SPATIALITE};
use super::database::{failed, int_at, quoted, text_at};
use crate::crs::{Crs, Declared};
use crate::model::{GeometryKind, Issue, Severity};
use crate::text::Message;

/// Names of a schema, and layers, that are looked at.
const MOST_NAMES: usize = 20_000;
/// Aliases that a message lists.
const LISTED_ALIASES: usize = 20;

/// How the values of a column are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stored {
    /// 0 and 1 for false and true.
    Bool,
    /// As they come.
    Plain,
}

/// A column that becomes a field.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) stored: Stored,
}

/// A table that is read as a layer.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// The column of its geometry, where it has one.
    pub(super) geometry: Option<String>,
    /// What the file says that the geometry is.
    pub(super) kind: Option<GeometryKind>,
    /// By which name its rows are numbered.
    pub(super) row_id: &'static str,
    /// Whether those numbers are kept in a column, as the ids of features.
    pub(super) has_ids: bool,
    pub(super) columns: Vec<Column>,
    pub(super) declared: Option<Declared>,
    pub(super) issues: Vec<Issue>,
    /// What may stand behind these.
    pub(super) doubt: Option<Doubt>,
}

/// A code that is taken, and the definitions beside it, which may be those of another system. PROJ takes its time for them,
/// and nothing but an issue comes of it.
#[derive(Debug)]
pub(super) struct Doubt {
    code: Crs,
    definitions: Vec<String>,
}

impl Doubt {
    /// That they are of another system.
    pub(super) fn issue(self) -> Option<Issue> {
        let code = self.code;
        let text = self.definitions.iter().map(Declared::new).find_map(|other| other.crs)?;
        is_other(&code, &text).then(|| {
            let message = Message::new("io.gpkg-srs-differs")
                .with_said("code", |language| code.reference_in(language))
                .with_said("definition", |language| text.reference_in(language));
            Issue::new(Severity::Warning, message)
        })
    }
}

/// The layers of a file, and what is to be said about it as a whole.
pub(super) struct Contents {
    pub(super) tables: Vec<Table>,
    pub(super) issues: Vec<Issue>,
}

/// A column as the schema has it.
struct Info {
    name: String,
    kind: String,
    is_key: bool,
    is_hidden: bool,
}

/// A row of the list of reference systems.
struct System {
    organization: String,
    code: i64,
    definitions: [Option<String>; 2],
}

/// The column of geometry of a table.
struct Geometry {
    column: String,
    kind: String,
    srs: Option<i64>,
}

impl Contents {
    /// Reads what the file says that it holds.
    ///
    /// # Errors
    /// When it is no GeoPackage, or nothing in it can be read.
    pub(super) fn read(connection: &Connection) -> Result<Self, ReadError> {
        let schema = Schema::read(connection)?;
        if !schema.is_table("gpkg_contents") {
            return Err(schema.otherwise());
        }
        let geometries = geometries(connection, &schema)?;
        let systems = systems(connection, &schema)?;
        let aliases = aliases(connection, &schema)?;
        let mut contents = Self { tables: Vec::new(), issues: Vec::new() };
        let (mut raster, mut absent, mut barred) = (Vec::new(), Vec::new(), Vec::new());
        let mut unlisted = schema.own_tables();
        let sql = "SELECT table_name, data_type, srs_id FROM gpkg_contents ORDER BY rowid";
        for (name, data_type, srs) in
            rows(connection, sql, |row| Some((text_at(row, 0)?, text_at(row, 1).unwrap_or_default(), int_at(row, 2))))?
        {
            let data_type = data_type.to_ascii_lowercase();
            unlisted.retain(|other| *other != name.to_lowercase());
            if !schema.has(&name) {
                absent.push(name);
            } else if !schema.is_table(&name) {
                barred.push(name);
            } else if data_type == "tiles" || data_type.contains("coverage") {
                raster.push(name);
            } else {
                let geometry = geometries.get(&name.to_lowercase()).map_or(&[][..], Vec::as_slice);
                let named = aliases.get(&name.to_lowercase()).map_or(&[][..], Vec::as_slice);
                contents.tables.push(table(connection, name, geometry, srs, &systems, named)?);
            }
        }
        for (key, names) in [("io.gpkg-tiles", raster), ("io.gpkg-absent", absent), ("io.gpkg-not-plain", barred)] {
            if !names.is_empty() {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let message = Message::new(key).with("count", names.len()).with("names", listed(&names));
                contents.issues.push(Issue::new(Severity::Warning, message));
            }
        }
        if !unlisted.is_empty() && !contents.tables.is_empty() {
            let names: Vec<&str> = unlisted.iter().map(String::as_str).collect();
            let message = Message::new("io.gpkg-unlisted").with("count", names.len()).with("names", listed(&names));
            contents.issues.push(Issue::new(Severity::Note, message));
        }
        if contents.tables.is_empty() {
            let said = contents.issues.into_iter().next().map(|issue| issue.message);
            return Err(ReadError::Format(said.unwrap_or_else(|| Message::new("io.gpkg-empty"))));
        }
        Ok(contents)
    }
}

/// Names of a schema, in small letters, and whether each is a plain table.
struct Schema(FxHashMap<String, bool>);

impl Schema {
    fn read(connection: &Connection) -> Result<Self, ReadError> {
        let sql = "SELECT name, type, rootpage FROM sqlite_master WHERE type IN ('table', 'view')";
        let names = rows(connection, sql, |row| {
            // What is computed has no page of its own.
            let is_plain = text_at(row, 1).as_deref() == Some("table") && int_at(row, 2).is_some_and(|page| page > 0);
            Some((text_at(row, 0)?.to_lowercase(), is_plain))
        })?;
        Ok(Self(names.into_iter().collect()))
    }

    /// Tables that are none of the format's, of an index or of a program, in the order of their names.
    fn own_tables(&self) -> Vec<String> {
        const OTHERS: [&str; 6] = ["gpkg_", "rtree_", "sqlite_", "ogr_", "layer_styles", "qgis_"];
        let is_own = |name: &&String| !OTHERS.iter().any(|start| name.starts_with(start));
        let plain = self.0.iter().filter(|(_, is_plain)| **is_plain).map(|(name, _)| name);
        let mut names: Vec<String> = plain.filter(is_own).cloned().collect();
        names.sort_unstable();
        names
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(&name.to_lowercase())
    }

    fn is_table(&self, name: &str) -> bool {
        self.0.get(&name.to_lowercase()) == Some(&true)
    }

    /// What a database is that is no GeoPackage.
    fn otherwise(&self) -> ReadError {
        let other = |format: &'static Format| ReadError::OtherFormat { format };
        if self.has("tiles") && self.has("metadata") {
            other(&MBTILES)
        } else if self.has("spatial_ref_sys") && self.has("geometry_columns") {
            other(&SPATIALITE)
        } else {
            ReadError::Format(Message::new("io.gpkg-none"))
        }
    }
}

/// The rows that a statement gives, as `of` takes them; those of which it makes nothing are passed over.
fn rows<T>(
    connection: &Connection,
    sql: &str,
    mut of: impl FnMut(&rusqlite::Row<'_>) -> Option<T>,
) -> Result<Vec<T>, ReadError> {
    let mut statement = connection.prepare(sql).map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.extend(of(row));
        if found.len() > MOST_NAMES {
            return Err(ReadError::Format(Message::new("io.gpkg-too-many").with("most", MOST_NAMES)));
        }
    }
    Ok(found)
}

/// The columns of a table as its schema has them.
fn infos(connection: &Connection, table: &str) -> Result<Vec<Info>, ReadError> {
    rows(connection, &format!("PRAGMA main.table_xinfo({})", quoted(table)), |row| {
        Some(Info {
            name: text_at(row, 1)?,
            kind: text_at(row, 2).unwrap_or_default().to_ascii_uppercase(),
            is_key: int_at(row, 5).is_some_and(|place| place > 0),
            is_hidden: int_at(row, 6).is_some_and(|hidden| hidden != 0),
        })
    })
}

type ByTable<T> = FxHashMap<String, Vec<T>>;

fn geometries(connection: &Connection, schema: &Schema) -> Result<ByTable<Geometry>, ReadError> {
    let mut found = ByTable::default();
    if schema.is_table("gpkg_geometry_columns") {
        let sql = "SELECT table_name, column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns";
        for (table, geometry) in rows(connection, sql, |row| {
            let kind = text_at(row, 2).unwrap_or_default().to_ascii_uppercase();
            Some((text_at(row, 0)?, Geometry { column: text_at(row, 1)?, kind, srs: int_at(row, 3) }))
        })? {
            found.entry(table.to_lowercase()).or_insert_with(Vec::new).push(geometry);
        }
    }
    Ok(found)
}

/// Names of columns for people, by table: the column and its alias.
fn aliases(connection: &Connection, schema: &Schema) -> Result<ByTable<(String, String)>, ReadError> {
    let mut found = ByTable::default();
    if schema.is_table("gpkg_data_columns") {
        let sql = "SELECT table_name, column_name, name, title FROM gpkg_data_columns";
        for (table, column, alias) in rows(connection, sql, |row| {
            let (table, column) = (text_at(row, 0)?, text_at(row, 1)?);
            let mut given = [text_at(row, 2), text_at(row, 3)].into_iter().flatten();
            let alias = given.find(|name| !name.trim().is_empty() && *name != column)?;
            Some((table, column, alias))
        })? {
            found.entry(table.to_lowercase()).or_insert_with(Vec::new).push((column, alias));
        }
    }
    Ok(found)
}

fn systems(connection: &Connection, schema: &Schema) -> Result<FxHashMap<i64, System>, ReadError> {
    if !schema.is_table("gpkg_spatial_ref_sys") {
        return Ok(FxHashMap::default());
    }
    let newer = infos(connection, "gpkg_spatial_ref_sys")?;
    let newer = newer.iter().any(|info| info.name.eq_ignore_ascii_case("definition_12_063"));
    let newer = if newer { "definition_12_063" } else { "NULL" };
    let sql =
        format!("SELECT srs_id, organization, organization_coordsys_id, definition, {newer} FROM gpkg_spatial_ref_sys");
    let found = rows(connection, &sql, |row| {
        let definition = |at| text_at(row, at).filter(|text| !text.trim().is_empty() && text != "undefined");
        let organization = text_at(row, 1).unwrap_or_default();
        let code = int_at(row, 2).unwrap_or(0);
        Some((int_at(row, 0)?, System { organization, code, definitions: [definition(3), definition(4)] }))
    })?;
    Ok(found.into_iter().collect())
}

/// What the file says about the reference system of a layer, what there is to say about that, and what may be.
fn declared(srs: Option<i64>, systems: &FxHashMap<i64, System>) -> (Option<Declared>, Option<Issue>, Option<Doubt>) {
    let issue = |severity, message| Some(Issue::new(severity, message));
    match srs {
        None | Some(-1) => (None, issue(Severity::Note, Message::new("io.gpkg-srs-plane")), None),
        Some(0) => (None, issue(Severity::Note, Message::new("io.gpkg-srs-degrees")), None),
        Some(id) => {
            let Some(system) = systems.get(&id) else {
                // The number is that of EPSG in nearly all files.
                let offered = u32::try_from(id).ok().and_then(|code| Crs::from_epsg(code).ok());
                let declared = Declared { text: id.to_string(), crs: None, offered };
                let message = Message::new("io.gpkg-srs-unlisted").with("id", id);
                return (Some(declared), issue(Severity::Warning, message), None);
            };
            // Codes of other authorities are known to their programs only.
            let authority =
                ["EPSG", "ESRI"].into_iter().find(|known| system.organization.trim().eq_ignore_ascii_case(known));
            let by_code = authority.map(|authority| Declared::new(format!("{authority}:{}", system.code)));
            let by_text = || system.definitions.iter().flatten().map(Declared::new);
            match by_code.filter(|declared| declared.crs.is_some()) {
                Some(declared) => {
                    let definitions = system.definitions.iter().flatten().cloned().collect();
                    let doubt = declared.crs.clone().map(|code| Doubt { code, definitions });
                    (Some(declared), None, doubt)
                }
                None => {
                    let named = by_text().find(|declared| declared.crs.is_some());
                    (named.or_else(|| by_text().next()), None, None)
                }
            }
        }
    }
}

/// Whether the code and the definition of a system are of different planes, beyond how they are written.
fn is_other(code: &Crs, text: &Crs) -> bool {
    code.is_geographic() != text.is_geographic()
        || code.gauss_kruger().zip(text.gauss_kruger()).is_some_and(|(a, b)| a != b)
}

/// The kind of geometry that a name of the standard stands for; `None` for any.
fn kind_of(name: &str) -> Option<GeometryKind> {
    match name {
        "POINT" | "MULTIPOINT" => Some(GeometryKind::Point),
        "LINESTRING" | "MULTILINESTRING" | "CURVE" | "MULTICURVE" | "COMPOUNDCURVE" | "CIRCULARSTRING" => {
            Some(GeometryKind::Line)
        }
        "POLYGON" | "MULTIPOLYGON" | "CURVEPOLYGON" | "MULTISURFACE" | "SURFACE" => Some(GeometryKind::Polygon),
        _ => None,
    }
}

/// What is to be known to read a table.
fn table(
    connection: &Connection,
    name: String,
    geometries: &[Geometry],
    srs: Option<i64>,
    systems: &FxHashMap<i64, System>,
    aliases: &[(String, String)],
) -> Result<Table, ReadError> {
    let infos = infos(connection, &name)?;
    let is = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    let geometry = geometries.iter().find(|geometry| infos.iter().any(|info| is(&info.name, &geometry.column)));
    let row_id = ["_rowid_", "oid", "rowid"]
        .into_iter()
        .find(|id| infos.iter().all(|info| !info.name.eq_ignore_ascii_case(id)))
        .unwrap_or("rowid");
    let key_count = infos.iter().filter(|info| info.is_key).count();
    let is_id = |info: &Info| info.is_key && key_count == 1 && info.kind == "INTEGER";
    let mut issues = Vec::new();
    let (mut binary, mut further, mut computed) = (Vec::new(), Vec::new(), Vec::new());
    let mut columns = Vec::new();
    for info in &infos {
        let is_geometry = geometry.is_some_and(|geometry| is(&geometry.column, &info.name));
        if is_id(info) || is_geometry {
            continue;
        }
        if info.is_hidden {
            computed.push(info.name.as_str());
        } else if info.kind.starts_with("BLOB") {
            binary.push(info.name.as_str());
        } else if geometries.iter().any(|geometry| is(&geometry.column, &info.name)) {
            further.push(info.name.as_str());
        } else {
            let stored = if info.kind.starts_with("BOOL") { Stored::Bool } else { Stored::Plain };
            columns.push(Column { name: info.name.clone(), stored });
        }
    }
    for (key, names) in
        [("io.gpkg-binary", binary), ("io.gpkg-further-geometry", further), ("io.gpkg-computed", computed)]
    {
        if !names.is_empty() {
            let message = Message::new(key).with("count", names.len()).with("names", listed(&names));
            issues.push(Issue::new(Severity::Warning, message));
        }
    }
    let said: Vec<String> = aliases
        .iter()
        .filter(|(column, _)| columns.iter().any(|known| is(&known.name, column)))
        .map(|(column, alias)| format!("{column} = {alias}"))
        .collect();
    if !said.is_empty() {
        let names = said.iter().take(LISTED_ALIASES).cloned().collect::<Vec<_>>().join(", ");
        let names = if said.len() > LISTED_ALIASES { names + " …" } else { names };
        let message = Message::new("io.field-aliases").with("count", said.len()).with("names", names);
        issues.push(Issue::new(Severity::Note, message));
    }
    let (declared, about_srs, doubt) = match geometry {
        Some(geometry) => declared(geometry.srs.or(srs), systems),
        None => (None, None, None),
    };
    issues.extend(about_srs);
    Ok(Table {
        has_ids: infos.iter().any(is_id),
        geometry: geometry.map(|geometry| geometry.column.clone()),
        kind: geometry.and_then(|geometry| kind_of(&geometry.kind)),
        name,
        row_id,
        columns,
        declared,
        issues,
        doubt,
    })
}
