//! Files to layers and back.
//!
//! [`open`] reads a file into layers: one for each kind of geometry, in columns, with everything that was odd about the
//! file as issues. Reading streams: the file is never held as a whole, text of features goes straight into columns.
//! What can be read is read; what cannot is counted and said. Source files are never modified: a [`Guard`] keeps every
//! writer off them, and whatever is written replaces its target at once or not at all ([`save_atomically`]).
//!
//! Formats: GeoJSON (RFC 7946, its predecessor of 2008, sequences of RFC 8142 and one object a line), each also
//! compressed with gzip. This is the only module that names file-format crates.
//!
//! How numbers are kept: coordinates as the nearest double. Attributes: whole numbers of 64 bits exactly; larger ones as
//! text, digit by digit, with a note; decimals as the nearest double; numbers that no double holds (`1e400`) as text,
//! with a warning; `NaN`, which is no JSON, as null, with a warning.

mod arrivals;
mod columns;
mod encoding;
mod error;
mod findings;
mod foreign;
mod geojson;
mod guard;
mod gzip;
mod hash;
mod input;
mod layers;
mod lock;
mod path_text;
mod save;
mod scan;
mod source;
#[cfg(test)]
mod tests;
mod write;

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::crs::{Crs, Decision, Sample};
use crate::model::{Issue, Layer};
use crate::task::Progress;
pub use arrivals::{Arrivals, Look};
pub use encoding::{Encoding, read_text, table_of, text_of};
pub use error::ReadError;
pub use findings::KEPT_PER_KIND;
pub use foreign::Foreign;
pub use guard::{Guard, is_same_file};
pub use gzip::gzip;
pub use hash::hash_hex;
pub use input::read_whole;
pub use lock::{FileLock, Locking, lock};
pub use path_text::{MARK, path_of_text, path_to_text, shown_path};
pub use save::{SaveError, save_atomically, sweep, sync_folder};
pub use scan::Expected;
use source::Source;
pub use write::{write_geojson, write_together};

/// How a file is to be opened.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// The CRS that the user says the file has.
    pub crs: Option<Crs>,
    /// Whether the features before a place where a file is broken are kept. Otherwise that is an error.
    pub keep_partial: bool,
    /// Where to tell what has come while the rest is still being read.
    pub arrivals: Option<Arc<Arrivals>>,
}

/// What a file came to.
#[derive(Debug)]
pub struct Opened {
    /// One layer for each kind of geometry, in the order in which the kinds appear, all of one name. At least one: a
    /// file without features is an empty layer.
    pub layers: Vec<Layer>,
    /// Everything found, first about the file, then by feature. Each also stands in [`Layer::issues`] of one layer: what
    /// is about a feature in that feature's layer, the rest in the first.
    pub issues: Vec<Issue>,
    /// How the CRS was decided, with the alternatives.
    pub decision: Decision,
    /// What the decision was based on.
    pub sample: Sample,
    /// The format as shown: `GeoJSON`, `GeoJSON sequence`, `GeoJSON, gzip`.
    pub format: String,
    /// The encoding of its text.
    pub encoding: Encoding,
    /// Features in the file, those skipped included; a feature with several kinds of geometry counts once.
    pub row_count: u64,
    /// Features that could not be used; each has an issue of severity error.
    pub skipped_count: u64,
    /// Why the rest of the file is missing, with [`OpenOptions::keep_partial`].
    pub partial: Option<ReadError>,
}

/// Opens a file.
///
/// # Errors
/// When it cannot be read, or not to its end and [`OpenOptions::keep_partial`] is not set.
pub fn open(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<Opened, ReadError> {
    if path.is_dir() {
        let folder = foreign::of_folder(path);
        return Err(folder.map_or(ReadError::Folder, |format| ReadError::OtherFormat { format }));
    }
    let read = || {
        let file = input::open(path, progress)?;
        // A pipe gives its start only once: what it holds is told by its reader.
        if path.is_file()
            && let (Some(format), _) = foreign::look(path, &mut std::fs::File::open(path)?)?
        {
            return Err(ReadError::OtherFormat { format });
        }
        read(file, path.to_owned(), options, geojson::Tuning::default(), progress)
    };
    // A pipe that the user no longer waits for breaks off like any other.
    read().map_err(|error| if progress.is_cancelled() { ReadError::Cancelled } else { error })
}

/// Opens a file whose bytes are at hand; `name` stands for its path.
///
/// # Errors
/// As [`open`].
pub fn open_bytes(name: &str, bytes: Vec<u8>, options: &OpenOptions, progress: &Progress) -> Result<Opened, ReadError> {
    progress.add_total(bytes.len() as u64);
    if let (Some(format), _) = foreign::look(Path::new(name), &mut Cursor::new(&bytes))? {
        return Err(ReadError::OtherFormat { format });
    }
    read(Box::new(Cursor::new(bytes)), PathBuf::from(name), options, geojson::Tuning::default(), progress)
}

/// Whether `text` is one JSON value by RFC 8259 and nothing else.
pub fn is_json(text: &str) -> bool {
    scan::check(text).is_ok()
}

fn read(
    input: Box<dyn Read + Send>,
    path: PathBuf,
    options: &OpenOptions,
    tuning: geojson::Tuning,
    progress: &Progress,
) -> Result<Opened, ReadError> {
    let mut source = Source::new(input, progress)?;
    let raw = geojson::read(&mut source, tuning, options.arrivals.as_deref(), progress)?;
    progress.tick(0).map_err(|_| ReadError::Cancelled)?;
    if !options.keep_partial
        && let Some(error) = raw.error
    {
        return Err(error);
    }
    let seen = source.finish();
    layers::assemble(path, raw, &seen, options)
}
