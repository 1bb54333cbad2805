//! MBTiles: tiles in a database of SQLite, opened as any database of a stranger.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::cache::Key;
use super::tile::{self, Pyramid, Scheme};
use super::{Block, broken};
use crate::io::geopackage::database::{address, bound};
use crate::text::Message;

/// Bytes of one value.
const MOST_VALUE_BYTES: u64 = 16 << 20;

/// A database of tiles.
pub(super) struct MbTiles {
    connection: Mutex<Connection>,
    query: &'static str,
    name: String,
    pub(super) pyramid: Pyramid,
    /// West, south, east, north in degrees.
    pub(super) bounds: Option<[f64; 4]>,
    pub(super) attribution: String,
}

/// Rows are counted from the south.
const PLAIN: &str = "SELECT tile_data FROM tiles WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3";
/// Most programs keep equal tiles once; views of strangers are off, so theirs is written out.
const SHARED: &str = "SELECT images.tile_data FROM map JOIN images ON images.tile_id = map.tile_id \
                      WHERE map.zoom_level = ?1 AND map.tile_column = ?2 AND map.tile_row = ?3";

impl MbTiles {
    pub(super) fn open(path: &Path) -> Result<Self, Message> {
        let failed = |error: rusqlite::Error| broken(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(address(path), flags).map_err(failed)?;
        bound(&connection, MOST_VALUE_BYTES).map_err(failed)?;
        let is_table = |name: &str| -> Result<bool, Message> {
            let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1";
            connection.query_row(sql, [name], |_| Ok(())).optional().map(|found| found.is_some()).map_err(failed)
        };
        let (query, zooms) = if is_table("tiles")? {
            (PLAIN, "SELECT min(zoom_level), max(zoom_level) FROM tiles")
        } else if is_table("map")? && is_table("images")? {
            (SHARED, "SELECT min(zoom_level), max(zoom_level) FROM map")
        } else {
            return Err(Message::new("underlay.no-tiles").with("path", crate::io::shown_path(path)));
        };
        let said = |name: &str| -> Option<String> {
            // What the table does not say is found out, or is not known.
            connection.query_row("SELECT value FROM metadata WHERE name = ?1", [name], |row| row.get(0)).ok()
        };
        if said("format").is_some_and(|format| format == "pbf") {
            return Err(Message::new("underlay.vector-tiles").with("path", crate::io::shown_path(path)));
        }
        let number = |name: &str| said(name).and_then(|text| text.trim().parse::<u8>().ok());
        let zooms = match (number("minzoom"), number("maxzoom")) {
            (Some(from), Some(to)) if from <= to => [from, to],
            _ => {
                let found: (Option<i64>, Option<i64>) =
                    connection.query_row(zooms, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed)?;
                let zoom = |found: Option<i64>| found.and_then(|zoom| u8::try_from(zoom).ok()).unwrap_or(0);
                [zoom(found.0), zoom(found.1)]
            }
        };
        let bounds = said("bounds").and_then(|text| {
            let numbers: Option<Vec<f64>> = text.split(',').map(|word| word.trim().parse().ok()).collect();
            <[f64; 4]>::try_from(numbers?).ok()
        });
        let attribution = said("attribution").unwrap_or_default();
        let pyramid = Pyramid::new(Scheme::Mercator, zooms);
        let name = crate::io::shown_path(path);
        Ok(Self { connection: Mutex::new(connection), query, name, pyramid, bounds, attribution })
    }

    /// A tile; `None` where there is none.
    pub(super) fn block(&self, [level, column, row]: Key) -> Result<Option<Block>, Message> {
        let zoom = self.pyramid.zoom(level);
        let from_south = (1i64 << zoom) - 1 - i64::from(row);
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let found: Result<Option<Vec<u8>>, rusqlite::Error> = connection
            .prepare_cached(self.query)
            .and_then(|mut query| query.query_row((zoom, column, from_south), |row| row.get(0)).optional());
        drop(connection);
        let broken = |what: String| Message::new("underlay.broken").with("path", &self.name).with("error", what);
        let Some(bytes) = found.map_err(|error| broken(error.to_string()))? else { return Ok(None) };
        tile::block_of(&bytes).map(Some).map_err(|error| broken(format!("{zoom}/{column}/{row}: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::underlay::tests::png_of;

    #[test]
    fn tiles_are_found_in_tables_and_behind_views_and_nothing_is_made_of_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        for (file, tables, put) in [
            (
                "plain.mbtiles",
                "CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB);",
                "INSERT INTO tiles VALUES (1, 1, 1, ?1)",
            ),
            (
                "shared.mbtiles",
                "CREATE TABLE map (zoom_level INT, tile_column INT, tile_row INT, tile_id TEXT);
                 CREATE TABLE images (tile_id TEXT, tile_data BLOB);
                 CREATE VIEW tiles AS SELECT * FROM map JOIN images USING (tile_id);
                 INSERT INTO map VALUES (1, 1, 1, 'a');",
                "INSERT INTO images VALUES ('a', ?1)",
            ),
        ] {
            let path = folder.path().join(file);
            let writer = Connection::open(&path).expect("made");
            writer.execute_batch("CREATE TABLE metadata (name TEXT, value TEXT);").expect("made");
            writer.execute("INSERT INTO metadata VALUES ('bounds', '0,0,90,45')", []).expect("written");
            writer.execute_batch(tables).expect("made");
            writer.execute(put, [png_of([256, 256], [1, 2, 3, 255])]).expect("written");
            drop(writer);
            let tiles = MbTiles::open(&path).expect("opens");
            assert_eq!((tiles.pyramid.zooms, tiles.bounds), ([1, 1], Some([0.0, 0.0, 90.0, 45.0])));
            // The upper right tile: rows of the file go up.
            let block = tiles.block([0, 1, 0]).expect("read").expect("there");
            assert_eq!(block.rgba[..4], [1, 2, 3, 255]);
            assert!(tiles.block([0, 0, 0]).expect("read").is_none());
        }
        let other = folder.path().join("other.mbtiles");
        Connection::open(&other).expect("made").execute_batch("CREATE TABLE a (b INT);").expect("made");
        assert!(MbTiles::open(&other).is_err());
        std::fs::write(&other, b"SQLite format 3\0 and then nothing").expect("written");
        assert!(MbTiles::open(&other).is_err());
    }
}
