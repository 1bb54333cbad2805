//! PostGIS: tables, views and queries of a database, read and written.
//!
//! | address | what it names |
//! |---|---|
//! | `postgres://user@host:5432/database#schema.table` | a table or a view |
//! | `postgres://…#schema.table.column` | by that column of geometry |
//! | `postgres://…#schema.table in x,y,x,y` | what of it meets a rectangle, in its own coordinates, found by its index |
//! | `postgres://…#select … from …` | a query, which begins with `select` or `with` |
//! | `pg:database#table`, `pg:#table` | what is left out comes from `PGHOST`, `PGPORT`, `PGUSER`, `PGDATABASE` |
//!
//! A password stands in no address: it would be shown and kept. It comes from `PGPASSWORD`, from the file of passwords
//! (`PGPASSFILE`, else `~/.pgpass`), or is asked for by the window and kept in memory alone. That of the environment goes to
//! servers of this machine, of `PGHOST`, and to those that the user named, not to one that only a project names. The connection is not
//! encrypted: `sslmode` may be `disable` or `prefer`; what asks for more is refused, and a server beyond this machine is
//! named in a note. Everything is read in one transaction that cannot write and sees the table as it was at one moment; a
//! statement ends after half an hour; cancelling ends it on the server too.
//!
//! | what | module |
//! |---|---|
//! | where a table is, and the password | `address`, `connect` |
//! | rows to columns | `rows`, `value` |
//! | a table piece by piece | `tiles` |
//! | layers to a table | `write` |

// Most of it is for those who connect.
#[cfg_attr(not(feature = "postgis"), allow(dead_code))]
mod address;
#[cfg(feature = "postgis")]
mod connect;
#[cfg(feature = "postgis")]
mod rows;
#[cfg(feature = "postgis")]
mod tiles;
#[cfg(feature = "postgis")]
mod value;
#[cfg(feature = "postgis")]
mod write;

use std::path::Path;

#[cfg(not(feature = "postgis"))]
use super::ReadError;
#[cfg(not(feature = "postgis"))]
use super::read::Found;
#[cfg(not(feature = "postgis"))]
use crate::text::Message;
pub use address::{is_address, table_within, without_password};
#[cfg(feature = "postgis")]
pub use connect::{name_server, needs_password, remember_password};
#[cfg(feature = "postgis")]
pub(super) use rows::open_each;
#[cfg(feature = "postgis")]
pub use rows::{look_at, state_of};
#[cfg(feature = "postgis")]
pub use tiles::{Piece as TablePiece, Tables, Tile};
#[cfg(feature = "postgis")]
pub use write::write_table;

/// Says that this program was built without databases.
///
/// # Errors
/// Always.
#[cfg(not(feature = "postgis"))]
pub(super) fn open_each(_: &Path, _: &super::OpenOptions, _: &crate::task::Progress) -> Result<Vec<Found>, ReadError> {
    Err(ReadError::Format(Message::new("io.pg-without")))
}

/// What a table is called: the last part of its address; `None` for what is none.
pub fn database_name(path: &Path) -> Option<String> {
    let text = path.to_str().filter(|_| is_address(path))?;
    address::Address::parse(text).ok().map(|address| address.name()) // one that is none has no name
}
