//! What a table is, and its rows to columns.

use std::path::Path;

use postgres::fallible_iterator::FallibleIterator;
use postgres::{Client, IsolationLevel, Row, Transaction};

use super::super::columns::{Place, RawLayer, Sinks};
use super::super::findings::{Findings, NO_LINE, listed};
use super::super::pieces::{self, Piece};
use super::super::read::Found;
use super::super::wkb::{self, Come as Came, Notes};
use super::super::{Encoding, OpenOptions, ReadError, hash_hex, layers};
use super::address::{Address, What, quoted};
use super::connect::{self, Watch, failed};
use super::value::{Come, Kind, Raw, geometry, kind_of, value};
use crate::crs::{Crs, Declared};
use crate::model::{AttributeBuilder, GeometryKind, Issue, Provenance, Severity, Value};
use crate::task::Progress;
use crate::text::Message;

/// Rows between two looks at whether the user cancelled.
const ROWS_PER_TICK: u64 = 1024;
/// Tables that a message lists.
const LISTED: i64 = 50;

/// A column that becomes a field.
#[derive(Clone, Debug)]
struct Column {
    name: String,
    kind: Kind,
    as_text: bool,
}

/// What is read of a database: a table, a view or a query.
#[derive(Clone, Debug)]
pub(super) struct Table {
    name: String,
    /// What stands behind FROM.
    pub(super) source: String,
    /// Its column of geometry, and whether that is of positions on the globe.
    geometry: Option<(String, bool)>,
    columns: Vec<Column>,
    kind: Option<GeometryKind>,
    pub(super) srid: i32,
    declared: Option<Declared>,
    issues: Vec<Issue>,
}

/// Opens what an address names.
///
/// # Errors
/// When there is no connection or no such table, or the user cancelled.
pub(in crate::io) fn open_each(
    path: &Path,
    options: &OpenOptions,
    progress: &Progress,
) -> Result<Vec<Found>, ReadError> {
    let address = parsed(path)?;
    let mut client = connect::for_reading(&address)?;
    let watch = Watch::of(client.cancel_token(), progress);
    let read = whole(&mut client, &address, progress);
    drop(watch);
    let (mut raw, state) = match read {
        Err(_) if progress.is_cancelled() => return Err(ReadError::Cancelled),
        read => read?,
    };
    if progress.is_cancelled() {
        return Err(ReadError::Cancelled);
    }
    if connect::is_far(&address) {
        raw.issues.push(Issue::new(Severity::Note, Message::new("io.pg-in-the-open")));
    }
    let result = match raw.error.take() {
        Some(error) if !options.keep_partial => Err(error),
        error => {
            raw.error = error;
            assembled(raw, path, state, options)
        }
    };
    Ok(vec![Found { path: path.to_owned(), layer: None, result }])
}

/// All rows of what an address names, and what it is like now.
fn whole(client: &mut Client, address: &Address, progress: &Progress) -> Result<(RawLayer, String), ReadError> {
    let mut transaction = snapshot(client)?;
    let table = Table::of(&mut transaction, address, None)?;
    let state = state(&mut transaction, address)?;
    Ok((table.read(&mut transaction, &[("true", "")], progress).0, state))
}

/// The address of a path.
pub(super) fn parsed(path: &Path) -> Result<Address, ReadError> {
    let text =
        path.to_str().ok_or_else(|| ReadError::Format(Message::new("io.pg-bad-name").with("name", path.display())))?;
    Address::parse(text).map_err(ReadError::Format)
}

/// A transaction that sees everything as it is now, and writes nothing.
pub(super) fn snapshot(client: &mut Client) -> Result<Transaction<'_>, ReadError> {
    let builder = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    builder.start().map_err(|error| failed(&error))
}

/// Makes layers of what was read.
pub(super) fn assembled(
    raw: RawLayer,
    path: &Path,
    state: String,
    options: &OpenOptions,
) -> Result<super::super::Opened, ReadError> {
    let provenance =
        Provenance { path: path.to_owned(), format: raw.format.clone(), hash: state, ..Provenance::default() };
    layers::assemble(raw, provenance, None, options)
}

/// Looks whether an address can be read, without reading it; the CRS that it says, where it is known.
///
/// # Errors
/// When there is no connection or no such table, or the address names none.
pub fn look_at(path: &Path) -> Result<Option<Crs>, ReadError> {
    let address = parsed(path)?;
    let mut client = connect::for_reading(&address)?;
    let mut transaction = snapshot(&mut client)?;
    let table = Table::of(&mut transaction, &address, None)?;
    Ok(table.declared.and_then(|declared| declared.crs))
}

/// What a table is like now, as a hash that changes with every row that is written, for a table; of a view or a query with
/// every value that it gives.
///
/// # Errors
/// When there is no connection or no such table.
pub fn state_of(path: &Path) -> Result<String, ReadError> {
    let address = parsed(path)?;
    let mut client = connect::for_reading(&address)?;
    let mut transaction = snapshot(&mut client)?;
    state(&mut transaction, &address)
}

/// Rows of a table are told by where they lie and by who wrote them, which is looked up without reading them: every
/// insert, update and delete changes it. What rewrites a table without changing it (VACUUM FULL, CLUSTER) does too.
pub(super) fn state(transaction: &mut Transaction<'_>, address: &Address) -> Result<String, ReadError> {
    let relation = relation_of(transaction, address)?;
    let row = if ["r", "p", "m"].contains(&relation.as_str()) {
        "q.tableoid::text || ':' || q.ctid::text || ':' || q.xmin::text"
    } else {
        "q::text"
    };
    let source = address.source();
    let sql = format!("SELECT count(*), coalesce(sum(hashtextextended({row}, 0)), 0)::text FROM {source} AS q");
    let found = transaction.query_one(sql.as_str(), &[]).map_err(|error| failed(&error))?;
    let (count, sum): (i64, String) = (found.get(0), found.get(1));
    Ok(hash_hex(format!("{count} {sum}").as_bytes()))
}

/// What kind of a relation an address names, by the letter of the catalogue; empty for a query.
pub(super) fn relation_of(transaction: &mut Transaction<'_>, address: &Address) -> Result<String, ReadError> {
    if !matches!(address.what, What::Table { .. }) {
        return Ok(String::new());
    }
    let sql = "SELECT relkind::text FROM pg_catalog.pg_class WHERE oid = to_regclass($1)";
    let found = transaction.query_opt(sql, &[&address.source()]).map_err(|error| failed(&error))?;
    Ok(found.map(|row| row.get::<_, String>(0)).unwrap_or_default())
}

impl Table {
    /// Looks up what an address names; only the columns of these names, where they are given.
    ///
    /// # Errors
    /// When there is no such table, or the address names none: the tables are said.
    pub(super) fn of(
        transaction: &mut Transaction<'_>,
        address: &Address,
        wanted: Option<&[String]>,
    ) -> Result<Self, ReadError> {
        if address.what == What::Nothing {
            return Err(tables(transaction)?);
        }
        let source = address.source();
        let sql = format!("SELECT * FROM {source} AS q LIMIT 0");
        let statement = transaction.prepare(&sql).map_err(|error| failed(&error))?;
        let column = match &address.what {
            What::Table { column, .. } => column.as_deref(),
            _ => None,
        };
        let mut found = None;
        let (mut columns, mut further, mut binary) = (Vec::new(), Vec::new(), Vec::new());
        for of in statement.columns() {
            match (geometry(of.type_()), kind_of(of.type_())) {
                (Some(on_globe), _) => {
                    if found.is_none() && column.is_none_or(|column| column == of.name()) {
                        found = Some((of.name().to_owned(), on_globe));
                    } else {
                        further.push(of.name().to_owned());
                    }
                }
                (None, Some((kind, as_text))) => {
                    if wanted.is_none_or(|wanted| wanted.iter().any(|name| name == of.name())) {
                        columns.push(Column { name: of.name().to_owned(), kind, as_text });
                    }
                }
                (None, None) => binary.push(of.name().to_owned()),
            }
        }
        if let (Some(column), None) = (column, &found) {
            return Err(ReadError::Format(Message::new("io.pg-no-geometry").with("name", column)));
        }
        let mut issues = Vec::new();
        for (key, names) in [("io.gpkg-binary", binary), ("io.gpkg-further-geometry", further)] {
            if !names.is_empty() {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let message = Message::new(key).with("count", names.len()).with("names", listed(&names));
                issues.push(Issue::new(Severity::Warning, message));
            }
        }
        let name = address.name();
        let mut table = Self { name, source, geometry: found, columns, kind: None, srid: 0, declared: None, issues };
        table.look(transaction)?;
        if let (Some(corners), Some(geometry)) = (address.within, table.geometry_of("w")) {
            let [left, bottom, right, top] = corners.map(|number| format!("'{number:?}'::float8"));
            let (source, srid) = (&table.source, table.srid);
            let rectangle = format!("ST_MakeEnvelope({left}, {bottom}, {right}, {top}, {srid})");
            table.source = format!("(SELECT * FROM {source} AS w WHERE {geometry} && {rectangle})");
        }
        Ok(table)
    }

    /// Looks at the first geometry: its kind and its reference system.
    fn look(&mut self, transaction: &mut Transaction<'_>) -> Result<(), ReadError> {
        let Some(geometry) = self.geometry_of("q") else { return Ok(()) };
        let source = &self.source;
        let first = format!("SELECT {geometry} AS g FROM {source} AS q WHERE {geometry} IS NOT NULL LIMIT 1");
        let sql = format!("SELECT GeometryType(g), ST_SRID(g) FROM ({first}) AS one");
        let Some(row) = transaction.query_opt(sql.as_str(), &[]).map_err(|error| failed(&error))? else {
            return Ok(());
        };
        let (kind, srid): (Option<String>, i32) = (row.get(0), row.get(1));
        self.srid = srid;
        self.kind = kind.and_then(|kind| kind_named(&kind));
        if srid == 0 {
            self.issues.push(Issue::new(Severity::Note, Message::new("io.pg-no-srid")));
            return Ok(());
        }
        let sql = "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = $1";
        let known = transaction.query_opt(sql, &[&srid]).map_err(|error| failed(&error))?;
        let by_code = known.as_ref().and_then(|row| {
            let (authority, code): (Option<String>, Option<i32>) = (row.get(0), row.get(1));
            let authority =
                authority.filter(|name| ["EPSG", "ESRI"].iter().any(|known| known.eq_ignore_ascii_case(name)))?;
            Some(Declared::new(format!("{}:{}", authority.to_ascii_uppercase(), code?)))
        });
        let by_text = || Some(Declared::new(known.as_ref()?.get::<_, Option<String>>(2)?));
        self.declared = by_code.filter(|declared| declared.crs.is_some()).or_else(by_text);
        if self.declared.is_none() {
            let message = Message::new("io.gpkg-srs-unlisted").with("id", srid);
            self.issues.push(Issue::new(Severity::Warning, message));
            self.declared = Some(Declared::new(srid.to_string()));
        }
        Ok(())
    }

    /// What gives the geometry of a row of the table under the name `alias`.
    pub(super) fn geometry_of(&self, alias: &str) -> Option<String> {
        let (name, on_globe) = self.geometry.as_ref()?;
        Some(format!("{alias}.{}{}", quoted(name), if *on_globe { "::geometry" } else { "" }))
    }

    /// Whether its coordinates are degrees.
    pub(super) fn is_in_degrees(&self) -> bool {
        self.declared.as_ref().and_then(|declared| declared.crs.as_ref()).is_some_and(Crs::is_geographic)
    }

    /// The values of its columns, each combination once, without geometry.
    pub(super) fn distinct(&self, transaction: &mut Transaction<'_>, progress: &Progress) -> RawLayer {
        let names: Vec<String> = self.columns.iter().map(|column| quoted(&column.name)).collect();
        let all = if names.is_empty() { "NULL".to_owned() } else { names.join(", ") };
        let source = format!("(SELECT DISTINCT {all} FROM {} AS q)", self.source);
        let issues = Vec::new();
        Self { source, geometry: None, issues, ..self.clone() }.read(transaction, &[("true", "")], progress).0
    }

    /// Reads the rows of several questions, one after another: each says by which condition they are marked, and what
    /// stands behind FROM, where the table is called q. Whatever keeps the rest from being read stands in the layer. Gives
    /// the layer and the mark of each row.
    pub(super) fn read(
        &self,
        transaction: &mut Transaction<'_>,
        questions: &[(&str, &str)],
        progress: &Progress,
    ) -> (RawLayer, Vec<bool>) {
        let mut piece = Piece::new();
        let mut sinks = Sinks::new(self.kind);
        let mut marks = Vec::new();
        for (mark, rest) in questions {
            let filled = self.fill(transaction, mark, rest, progress, &mut piece, &mut sinks, &mut marks);
            if let Err(error) = filled {
                piece.error = Some(error);
                break;
            }
        }
        piece.close(sinks);
        let names: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        let mut layer = RawLayer {
            name: Some(self.name.clone()),
            format: "PostGIS".to_owned(),
            encoding: Encoding::Utf8,
            blocks: Vec::new(),
            order: Vec::new(),
            declared: self.declared.clone(),
            issues: self.issues.clone(),
            findings: Findings::default(),
            row_count: 0,
            skipped_count: 0,
            error: None,
        };
        pieces::join(&mut layer, vec![piece]);
        pieces::complete(&mut layer, names, self.kind.filter(|_| self.geometry.is_some()));
        (layer, marks)
    }

    fn fill(
        &self,
        transaction: &mut Transaction<'_>,
        mark: &str,
        rest: &str,
        progress: &Progress,
        piece: &mut Piece,
        sinks: &mut Sinks,
        marks: &mut Vec<bool>,
    ) -> Result<(), ReadError> {
        let geometry = self.geometry_of("q").map_or("NULL::bytea".to_owned(), |name| format!("ST_AsEWKB({name})"));
        let mut sql = format!("SELECT ({mark}), {geometry}");
        for column in &self.columns {
            sql.push_str(", ");
            sql.push_str("q.");
            sql.push_str(&quoted(&column.name));
            sql.push_str(if column.as_text { "::text" } else { "" });
        }
        sql.push_str(&format!(" FROM {} AS q {rest}", self.source));
        let mut rows = transaction.query_raw(sql.as_str(), Vec::<i32>::new()).map_err(|error| failed(&error))?;
        let mut byte_count = 0;
        let mut told = 0;
        while let Some(row) = rows.next().map_err(|error| failed(&error))? {
            if piece.row_count.is_multiple_of(ROWS_PER_TICK) {
                progress.tick((byte_count - told) as u64).map_err(|_| ReadError::Cancelled)?;
                told = byte_count;
            }
            marks.push(matches!(bytes(&row, 0)?, Some([1])));
            let come = match bytes(&row, 1)? {
                None => None,
                Some(bytes) => {
                    byte_count += bytes.len();
                    let mut notes = Notes::default();
                    let pushed = match self.is_foreign(bytes) {
                        true => {
                            piece.say(Severity::Error, Message::new("io.pg-other-srid").with("srid", self.srid));
                            None
                        }
                        false => Some(wkb::push(bytes, sinks, byte_count, &mut notes)),
                    };
                    pushed.and_then(|pushed| piece.came(pushed, notes, sinks))
                }
            };
            let place = Place { row: piece.row_count, line: 0, offset: byte_count };
            let mut store = Store { row: &row, table: self, findings: &mut piece.findings, place, byte_count: 0 };
            match come {
                Some(Came { kinds, .. }) if !kinds.is_empty() => {
                    for kind in kinds.iter() {
                        sinks.note(kind);
                        sinks.end_feature(kind, false, place, |attributes, _| store.values(attributes));
                    }
                }
                Some(Came { empty, .. }) => {
                    let kind = empty.unwrap_or_else(|| sinks.home());
                    sinks.end_feature(kind, false, place, |attributes, _| store.values(attributes));
                }
                None => {
                    let kind = if self.geometry.is_some() { sinks.home() } else { GeometryKind::None };
                    sinks.end_feature(kind, true, place, |attributes, _| store.values(attributes));
                }
            }
            byte_count += store.byte_count;
            piece.row_count += 1;
        }
        progress.tick((byte_count - told) as u64).map_err(|_| ReadError::Cancelled)
    }

    /// Whether a geometry says that it is of another reference system than the first one.
    fn is_foreign(&self, bytes: &[u8]) -> bool {
        let word = |at: usize| bytes.get(at..at + 4).and_then(|bytes| bytes.first_chunk::<4>()).copied();
        let is_little = bytes.first() == Some(&1);
        let read = |bytes: [u8; 4]| if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) };
        let has_srid = word(1).is_some_and(|code| read(code) & 0x2000_0000 != 0);
        let srid = if has_srid { word(5).map_or(0, read) } else { 0 };
        srid != self.srid as u32
    }
}

/// The bytes of a column of a row.
fn bytes<'r>(row: &'r Row, at: usize) -> Result<Option<&'r [u8]>, ReadError> {
    row.try_get::<_, Raw<'r>>(at).map(|raw| raw.0).map_err(|error| failed(&error))
}

/// The kind of geometry by its name.
fn kind_named(name: &str) -> Option<GeometryKind> {
    let name = name.trim_end_matches(['Z', 'M', ' ']);
    match name.strip_prefix("MULTI").unwrap_or(name) {
        "POINT" => Some(GeometryKind::Point),
        "LINESTRING" | "CURVE" | "COMPOUNDCURVE" | "CIRCULARSTRING" => Some(GeometryKind::Line),
        "POLYGON" | "SURFACE" | "CURVEPOLYGON" => Some(GeometryKind::Polygon),
        _ => None,
    }
}

/// Says which tables there are, where an address names none.
fn tables(transaction: &mut Transaction<'_>) -> Result<ReadError, ReadError> {
    let sql = "SELECT DISTINCT f_table_schema || '.' || f_table_name FROM geometry_columns ORDER BY 1 LIMIT $1";
    let rows = transaction.query(sql, &[&LISTED]).map_err(|error| failed(&error))?;
    let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    Ok(ReadError::Format(Message::new("io.pg-name-a-table").with("names", names.join(", "))))
}

/// The values of a row on their way into columns.
struct Store<'a> {
    row: &'a Row,
    table: &'a Table,
    findings: &'a mut Findings,
    place: Place,
    byte_count: usize,
}

impl Store<'_> {
    /// Puts the values into the open row, which it ends; features have no ids beside their fields.
    fn values(&mut self, attributes: &mut AttributeBuilder) -> bool {
        for (at, column) in self.table.columns.iter().enumerate() {
            // The first row makes the columns, in the order of the statement.
            let target = if attributes.row_count() == 0 { attributes.column(&column.name, at) } else { at };
            let Ok(Some(bytes)) = bytes(self.row, at + 2) else { continue };
            self.byte_count += bytes.len();
            let key = match value(column.kind, bytes) {
                Come::Value(value) => {
                    attributes.set(target, value);
                    continue;
                }
                Come::Large(text) => {
                    attributes.set(target, Value::Text(text));
                    "io.pg-large-number"
                }
                Come::NotFinite => "io.gpkg-not-finite",
                Come::Broken => "io.pg-broken-value",
            };
            self.findings.tally(Severity::Warning, key, &column.name, 1, self.place.row, NO_LINE);
        }
        attributes.end_row();
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_names() {
        let check = |name: &str, expected: Option<GeometryKind>| assert_eq!(kind_named(name), expected, "{name}");
        check("MULTIPOLYGON", Some(GeometryKind::Polygon));
        check("POLYGONZ", Some(GeometryKind::Polygon));
        check("POINTM", Some(GeometryKind::Point));
        check("GEOMETRYCOLLECTION", None);
    }
}
