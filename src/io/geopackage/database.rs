//! Databases of strangers, opened so that nothing in them does anything.
//!
//! A file is opened as one that nobody changes: no lock, no log, no file beside it. Where a log lies beside it, the
//! newest rows stand there, and the log is worked in on a private copy. Views, triggers and functions of the schema are
//! off, nothing can be attached, sizes are bounded, and whoever waits can cancel between any few instructions.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row};

use super::super::ReadError;
use super::super::source::{Source, filled_logs};
use crate::task::Progress;
use crate::text::Message;

/// Instructions of SQLite between two looks at whether the user cancelled.
const STEPS_PER_LOOK: i32 = 20_000;
/// Bounds of one value, whatever the size of the file.
const SMALLEST_LENGTH: u64 = 1 << 20;
const LARGEST_LENGTH: u64 = 1 << 30;

/// A database that is read.
pub(super) struct Database {
    path: PathBuf,
    /// Its folder, where it is a private copy, which goes with it.
    copy: Option<tempfile::TempDir>,
    pub(super) byte_count: u64,
}

impl Database {
    /// The database that `source` is.
    ///
    /// # Errors
    /// When it cannot be read or copied, or the user cancelled.
    pub(super) fn of(source: &mut Source, progress: &Progress) -> Result<Self, ReadError> {
        let (path, copy) = source.database(progress)?;
        let byte_count = std::fs::metadata(&path)?.len();
        let database = Self { path, copy, byte_count };
        if database.copy.is_some() && !filled_logs(&database.path).is_empty() {
            // Rows that stand in the log alone are worked in; from then on it lies still like any other.
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(&database.path, flags).map_err(failed)?;
            database.bound(&connection, progress).map_err(failed)?;
            let settled = connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                .and_then(|()| connection.query_row("PRAGMA journal_mode=DELETE", [], |_| Ok(())));
            settled.map_err(failed)?;
        }
        Ok(database)
    }

    /// A connection to it, of which there may be several.
    ///
    /// # Errors
    /// When it is none, or too damaged to be opened.
    pub(super) fn connect(&self, progress: &Progress) -> Result<Connection, ReadError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(address(&self.path), flags).map_err(failed)?;
        self.bound(&connection, progress).map_err(failed)?;
        Ok(connection)
    }

    fn bound(&self, connection: &Connection, progress: &Progress) -> rusqlite::Result<()> {
        bound(connection, self.byte_count.clamp(SMALLEST_LENGTH, LARGEST_LENGTH))?;
        let watched = progress.clone();
        connection.progress_handler(STEPS_PER_LOOK, Some(move || watched.is_cancelled()));
        Ok(())
    }
}

/// Takes from a connection whatever the text of a schema could do.
pub(in crate::io) fn bound(connection: &Connection, length: u64) -> rusqlite::Result<()> {
    for (what, is_on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
    ] {
        connection.set_db_config(what, is_on)?;
    }
    let length = i32::try_from(length).unwrap_or(i32::MAX);
    for (what, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, length),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
        (Limit::SQLITE_LIMIT_COLUMN, 2000),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 400),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 20),
        (Limit::SQLITE_LIMIT_VDBE_OP, 250_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 100),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(what, most)?;
    }
    connection.pragma_update(None, "cell_size_check", true)
}

/// The address of a file that nobody changes.
pub(in crate::io) fn address(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut bytes = path.as_os_str().as_encoded_bytes().to_vec();
    if cfg!(windows) {
        bytes.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
    }
    let mut text = if bytes.starts_with(b"/") { "file://".to_owned() } else { "file:///".to_owned() };
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => text.push(char::from(byte)),
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text.push_str("?mode=ro&immutable=1");
    text
}

/// What SQLite said, as an error of reading.
pub(super) fn failed(error: rusqlite::Error) -> ReadError {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => ReadError::Cancelled,
        Some(ErrorCode::NotADatabase) => ReadError::Format(Message::new("io.gpkg-no-database")),
        Some(ErrorCode::OutOfMemory) => ReadError::NoMemory { line: 1, feature_count: 0 },
        _ => ReadError::Format(Message::new("io.gpkg-broken").with("reason", error)),
    }
}

/// A name as it stands in a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The text in a column; `None` where there is something else.
pub(super) fn text_at(row: &Row<'_>, at: usize) -> Option<String> {
    match row.get_ref(at) {
        Ok(ValueRef::Text(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    }
}

/// The whole number in a column; `None` where there is something else.
pub(super) fn int_at(row: &Row<'_>, at: usize) -> Option<i64> {
    match row.get_ref(at) {
        Ok(ValueRef::Integer(number)) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_any_path() {
        assert_eq!(address(Path::new("/a b/规.gpkg")), "file:///a%20b/%E8%A7%84.gpkg?mode=ro&immutable=1");
        assert_eq!(address(Path::new("/a?b#%.gpkg")), "file:///a%3Fb%23%25.gpkg?mode=ro&immutable=1");
    }
}
