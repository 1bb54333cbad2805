//! GeoPackage: layers and tables in a database of SQLite.
//!
//! Every table of features or attributes that the file lists is a layer, under the name of the table. Values keep the
//! type that they are stored in; dates are text as they are written there. What is not read is named: tiles, views,
//! binary columns, arcs, geometries in a form of their own.
//!
//! | what | module |
//! |---|---|
//! | opening a database of a stranger | `database` |
//! | what it says that it holds | `contents` |
//! | rows to columns, on all cores | `rows` |
//! | one geometry | `blob` |
//! | layers to a file | `write` |

mod blob;
mod contents;
pub(super) mod database;
mod rows;
mod write;

use super::ReadError;
use super::columns::RawLayer;
use super::reading::Reading;
use super::source::Source;
use contents::{Contents, Doubt};
use database::Database;
pub(super) use write::{losses, write};

/// Reads the layers of a GeoPackage.
///
/// # Errors
/// When it is none, or nothing in it can be read, or the user cancelled.
pub(super) fn layers(source: &mut Source, reading: &Reading<'_>) -> Result<Vec<RawLayer>, ReadError> {
    let progress = reading.progress;
    let database = Database::of(source, progress)?;
    progress.add_total(database.byte_count);
    // The file is hashed beside being read: neither needs the other. On one core the rows come first, for who watches.
    let (layers, hashed) = rayon::join(
        || {
            let connection = database.connect(progress)?;
            let contents = Contents::read(&connection)?;
            drop(connection);
            let mut about = contents.issues;
            let mut layers = Vec::with_capacity(contents.tables.len());
            for mut table in contents.tables {
                if reading.layer.is_some_and(|wanted| wanted != table.name) {
                    layers.push(rows::unread(table));
                    continue;
                }
                let (doubt, known) = (table.doubt.take(), table.issues.len());
                let (layer, said) =
                    rayon::join(|| rows::layer(&database, table, reading), || doubt.and_then(Doubt::issue));
                let mut layer = layer?;
                said.into_iter().for_each(|said| layer.issues.insert(known, said));
                // What is about the file stands at the first layer that is asked for.
                layer.issues.splice(0..0, about.drain(..));
                layers.push(layer);
            }
            Ok(layers)
        },
        || source.hash_database(progress),
    );
    hashed?;
    layers
}

#[cfg(test)]
mod tests;
