//! Tables that do not fit into memory, piece by piece: found by their own index, and all as they were at one moment.
//!
//! A tile owns the features whose extent begins in it, by its least x and y. Tiles divide the whole extent into rectangles
//! that are open at the top and at the right, so that each feature is owned by one tile; what has no geometry is owned by a
//! tile of its own. A piece of two tables holds what the tile owns of either, and of either whatever else meets what it
//! owns of the other: then all that is said of an owned feature is known.

use std::path::{Path, PathBuf};

use postgres::Transaction;

use super::super::columns::RawLayer;
use super::super::{OpenOptions, ReadError};
use super::connect::{self, Watch, failed};
use super::rows::{Table, assembled, parsed, relation_of, snapshot, state};
use crate::model::{Coord, Extent, GeometryKind, Layer};
use crate::task::Progress;
use crate::text::Message;

/// How often a tile is divided at most: features may all begin at one place.
const DEEPEST: usize = 40;

/// A tile of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tile {
    /// Whatever begins in a rectangle, its right and upper sides not counted.
    Within(Extent),
    /// Whatever has no geometry.
    Nowhere,
}

/// What a tile holds of a table.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The features.
    pub layer: Layer,
    /// Which of them the tile owns.
    pub owned: Vec<bool>,
}

/// Tables of one database, held as they were at one moment.
pub struct Tables<'t> {
    transaction: Transaction<'t>,
    tables: Vec<Table>,
    /// Whether rows of the table have places by which they are found again.
    have_places: Vec<bool>,
    paths: Vec<PathBuf>,
    states: Vec<String>,
    options: OpenOptions,
    progress: Progress,
}

impl Tables<'_> {
    /// Opens the tables of `paths` with the columns named in `fields` (whatever else they have is not read), and does `work`
    /// with them.
    ///
    /// # Errors
    /// When there is no connection, no such table, tables of two databases or reference systems; and those of `work`.
    pub fn with<T, E: From<ReadError>>(
        paths: &[&Path],
        fields: &[Vec<String>],
        options: &OpenOptions,
        progress: &Progress,
        work: impl FnOnce(&mut Tables<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let addresses = paths.iter().map(|path| parsed(path)).collect::<Result<Vec<_>, ReadError>>()?;
        let Some(first) = addresses.first() else { return Err(ReadError::Empty.into()) };
        if addresses.iter().any(|address| address.server != first.server) {
            return Err(ReadError::Format(Message::new("io.pg-two-databases")).into());
        }
        let mut client = connect::for_reading(first)?;
        let _watch = Watch::of(client.cancel_token(), progress);
        let mut transaction = snapshot(&mut client)?;
        let (mut tables, mut have_places, mut states) = (Vec::new(), Vec::new(), Vec::new());
        for (address, fields) in addresses.iter().zip(fields) {
            let table = Table::of(&mut transaction, address, Some(fields))?;
            if table.geometry_of("q").is_none() {
                return Err(ReadError::Format(Message::new("io.pg-no-geometry").with("name", address.name())).into());
            }
            tables.push(table);
            let relation = relation_of(&mut transaction, address)?;
            have_places.push(address.within.is_none() && ["r", "m"].contains(&relation.as_str()));
            states.push(state(&mut transaction, address)?);
        }
        // An empty table has no reference system of its own.
        let mut srids = tables.iter().map(|table| table.srid).filter(|srid| *srid != 0);
        if let Some(first) = srids.next()
            && srids.any(|srid| srid != first)
        {
            return Err(ReadError::Format(Message::new("io.pg-two-srids")).into());
        }
        // A reading of the numbers could differ from piece to piece.
        if options.crs.is_none() && tables.iter().any(|table| table.srid == 0) {
            return Err(ReadError::Format(Message::new("io.pg-crs-needed")).into());
        }
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let (options, progress) = (OpenOptions { is_piece: true, ..options.clone() }, progress.clone());
        let mut held = Tables { transaction, tables, have_places, paths, states, options, progress };
        work(&mut held)
    }

    /// What a table is like at the moment that is read, as [`super::state_of`] says it.
    pub fn state(&self, at: usize) -> &str {
        &self.states[at]
    }

    /// The values of the columns of a table, each combination once, as a layer without geometry.
    ///
    /// # Errors
    /// When the connection is lost, or the user cancelled.
    pub fn distinct(&mut self, at: usize) -> Result<Layer, ReadError> {
        let raw = self.tables[at].distinct(&mut self.transaction, &self.progress);
        self.layer(at, raw, GeometryKind::None)
    }

    /// How many rows a table has.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn count(&mut self, at: usize) -> Result<u64, ReadError> {
        self.number(&format!("SELECT count(*) FROM {} AS q", self.tables[at].source))
    }

    /// The extent of all tables together, by the coordinates themselves.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn extent(&mut self) -> Result<Extent, ReadError> {
        let mut extent = Extent::EMPTY;
        for at in 0..self.tables.len() {
            extent.union(&self.extent_of(at)?);
        }
        Ok(extent)
    }

    /// The extent of one table.
    ///
    /// # Errors
    /// When the connection is lost.
    pub fn extent_of(&mut self, at: usize) -> Result<Extent, ReadError> {
        let g = geometry(&self.tables[at], "q");
        let sql = format!(
            "SELECT min(ST_XMin({g})), min(ST_YMin({g})), max(ST_XMax({g})), max(ST_YMax({g})) FROM {} AS q",
            self.tables[at].source
        );
        let row = self.transaction.query_one(sql.as_str(), &[]).map_err(|error| failed(&error))?;
        let mut extent = Extent::EMPTY;
        let bounds: [Option<f64>; 4] = [row.get(0), row.get(1), row.get(2), row.get(3)];
        if let [Some(left), Some(bottom), Some(right), Some(top)] = bounds {
            let corners = [(left, bottom), (right, top)].map(|(x, y)| Coord { x, y });
            extent.union(&Extent::of(&corners));
        }
        Ok(extent)
    }

    /// Tiles that own at most `most` features of all tables together, unless more begin at one place.
    ///
    /// # Errors
    /// When the connection is lost, or the user cancelled.
    pub fn tiles(&mut self, most: u64) -> Result<Vec<Tile>, ReadError> {
        let mut tiles = Vec::new();
        let mut whole = self.extent()?;
        if !whole.is_empty() {
            // The sides that do not count lie beyond everything.
            let margin = 1.0 + 1e-6 * (whole.width() + whole.height());
            (whole.max.x, whole.max.y) = (whole.max.x + margin, whole.max.y + margin);
            let mut open = vec![(whole, 0)];
            while let Some((extent, depth)) = open.pop() {
                self.progress.tick(0).map_err(|_| ReadError::Cancelled)?;
                let count = self.owned_count(&Tile::Within(extent))?;
                if count > most && depth < DEEPEST {
                    let (mut first, mut second) = (extent, extent);
                    if extent.width() > extent.height() {
                        let middle = extent.center().x;
                        (first.max.x, second.min.x) = (middle, middle);
                    } else {
                        let middle = extent.center().y;
                        (first.max.y, second.min.y) = (middle, middle);
                    }
                    open.extend([(second, depth + 1), (first, depth + 1)]);
                } else if count > 0 {
                    tiles.push(Tile::Within(extent));
                }
            }
        }
        if self.owned_count(&Tile::Nowhere)? > 0 {
            tiles.push(Tile::Nowhere);
        }
        Ok(tiles)
    }

    /// What a tile owns of a table.
    ///
    /// # Errors
    /// When the connection is lost, or the user cancelled.
    pub fn owned(&mut self, at: usize, tile: &Tile) -> Result<Piece, ReadError> {
        let rest = format!("WHERE {}", owned(&self.tables[at], "q", tile));
        self.piece(at, &[("true", &rest)])
    }

    /// What a tile holds of the first two tables.
    ///
    /// # Errors
    /// When the connection is lost, or the user cancelled.
    ///
    /// # Panics
    /// When there are no two tables.
    pub fn pair(&mut self, tile: &Tile) -> Result<[Piece; 2], ReadError> {
        if *tile == Tile::Nowhere {
            return Ok([self.owned(0, tile)?, self.owned(1, tile)?]);
        }
        Ok([self.with_those_that_meet(0, 1, tile)?, self.with_those_that_meet(1, 0, tile)?])
    }

    fn with_those_that_meet(&mut self, at: usize, other: usize, tile: &Tile) -> Result<Piece, ReadError> {
        let (own, theirs) = (&self.tables[at], &self.tables[other]);
        let (a, b) = (geometry(own, "a"), geometry(theirs, "b"));
        // Wider than any rounding on the way: what does not meet after all does no harm.
        let reach = if own.is_in_degrees() { "1e-8" } else { "1e-3" };
        let meets = |a: &str| format!("ST_DWithin({a}, {b}, {reach})");
        let of_theirs = owned(theirs, "b", tile);
        let not_own = format!("NOT ({})", owned(own, "q", tile));
        let others = if self.have_places[at] {
            let found = format!(
                "SELECT DISTINCT a.ctid FROM {} AS b JOIN {} AS a ON {} WHERE {of_theirs}",
                theirs.source,
                own.source,
                meets(&a)
            );
            format!("WHERE q.ctid = ANY(ARRAY({found})) AND {not_own}")
        } else {
            let q = geometry(own, "q");
            format!(
                "WHERE {not_own} AND EXISTS (SELECT 1 FROM {} AS b WHERE {of_theirs} AND {})",
                theirs.source,
                meets(&q)
            )
        };
        let rest = format!("WHERE {}", owned(own, "q", tile));
        self.piece(at, &[("true", &rest), ("false", &others)])
    }

    fn owned_count(&mut self, tile: &Tile) -> Result<u64, ReadError> {
        let questions: Vec<String> = self
            .tables
            .iter()
            .map(|table| format!("SELECT count(*) FROM {} AS q WHERE {}", table.source, owned(table, "q", tile)))
            .collect();
        let mut sum = 0;
        for sql in &questions {
            sum += self.number(sql)?;
        }
        Ok(sum)
    }

    fn number(&mut self, sql: &str) -> Result<u64, ReadError> {
        let row = self.transaction.query_one(sql, &[]).map_err(|error| failed(&error))?;
        Ok(u64::try_from(row.get::<_, i64>(0)).unwrap_or(0))
    }

    fn piece(&mut self, at: usize, questions: &[(&str, &str)]) -> Result<Piece, ReadError> {
        let (raw, marks) = self.tables[at].read(&mut self.transaction, questions, &self.progress);
        let layer = self.layer(at, raw, GeometryKind::Polygon)?;
        let is_owned = |feature: usize| marks.get(layer.source_row(feature) as usize).copied().unwrap_or(false);
        let owned = (0..layer.feature_count()).map(is_owned).collect();
        Ok(Piece { layer, owned })
    }

    /// The layer of a kind that was read; of any, for none.
    fn layer(&self, at: usize, mut raw: RawLayer, kind: GeometryKind) -> Result<Layer, ReadError> {
        if self.progress.is_cancelled() {
            return Err(ReadError::Cancelled);
        }
        // A piece that is not whole would make a sum that is none.
        if let Some(error) = raw.error.take() {
            return Err(error);
        }
        let opened = assembled(raw, &self.paths[at], self.states[at].clone(), &self.options)?;
        let found = opened.layers.into_iter().find(|layer| layer.kind == kind || kind == GeometryKind::None);
        found.ok_or_else(|| ReadError::Format(Message::new("cli.no-polygons")))
    }
}

/// What gives the geometry; there is one, which is looked at first.
fn geometry(table: &Table, alias: &str) -> String {
    table.geometry_of(alias).unwrap_or_else(|| "NULL::geometry".to_owned())
}

/// Whether a tile owns a row, in SQL.
fn owned(table: &Table, alias: &str, tile: &Tile) -> String {
    let g = geometry(table, alias);
    match tile {
        Tile::Nowhere => format!("({g} IS NULL OR ST_IsEmpty({g}))"),
        Tile::Within(extent) => {
            let [left, bottom, right, top] =
                [extent.min.x, extent.min.y, extent.max.x, extent.max.y].map(|number| format!("'{number:?}'::float8"));
            let srid = table.srid;
            format!(
                "({g} && ST_MakeEnvelope({left}, {bottom}, {right}, {top}, {srid}) AND ST_XMin({g}) >= {left} \
                 AND ST_XMin({g}) < {right} AND ST_YMin({g}) >= {bottom} AND ST_YMin({g}) < {top})"
            )
        }
    }
}
