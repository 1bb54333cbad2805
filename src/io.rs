//! Files to layers and back.
//!
//! [`open`] reads what a path names into layers: a file, an archive or a folder; one layer for each layer there and each
//! kind of geometry, in columns, with everything that was odd about the file as issues.
//! What can be read is read; what cannot is counted and said. Source files are never modified: a [`Guard`] keeps every
//! writer off them, and whatever is written replaces its target at once or not at all ([`save_atomically`]).
//!
//! The way of a file: [`FORMATS`] tells what it is, its reader gets a source and fills columns, layers are made of them.
//!
//! | file | module |
//! |---|---|
//! | from a path to what lies there | `read`, `archive`, `united` |
//! | how text reads in each encoding | `previews` |
//! | the table of formats, and the first bytes that it looks at | `format`, `start` |
//! | what a reader gets | `source`, `reading`, `text_stream` |
//! | the formats | `geojson`, `shapefile`, `dbase`, `geopackage`, `filegdb`, `txt` (lists of boundary points), `table`
//! (workbooks, CSV), `kml`, `drawing` (DXF, DWG), `mdb` (Access), `vct`, `flatgeobuf`, `geoparquet`, `topojson`, `wkt`, `gpx`,
//! `mapinfo` (MIF) |
//! | tables of a database | `postgis` |
//! | what several of them need | `rings`, `wkb`, `xml`, `zipped`, `place` |
//! | a process of its own for what may break | `process` |
//! | what a reader fills, and the layers made of it | `columns`, `gathered`, `pieces`, `findings`, `layers`, `corrected` |
//! | what lies beneath a plan and is no layer | `underlay` |
//! | styles of other programs, in and out | `style` |
//! | out | `write`, `save`, `guard` |
//! | opening the sources of a project again | [`cache`] |
//!
//! How numbers are kept: coordinates as the nearest double. Attributes: whole numbers of 64 bits exactly; larger ones as
//! text, digit by digit, with a note; decimals as the nearest double; numbers that no double holds (`1e400`) as text,
//! with a warning; `NaN`, which is no JSON, as null, with a warning.

mod archive;
mod arrivals;
pub mod cache;
mod columns;
mod corrected;
mod dbase;
#[cfg(test)]
pub(crate) mod disk;
mod drawing;
mod encoding;
mod error;
mod filegdb;
mod findings;
mod flatgeobuf;
mod format;
mod gathered;
mod geojson;
mod geopackage;
mod geoparquet;
mod gpx;
mod guard;
mod gzip;
mod hash;
mod input;
mod kml;
mod layers;
mod lock;
mod mapinfo;
#[cfg(feature = "mdb")]
mod mdb;
mod memory;
mod options;
mod path_text;
mod picture;
mod pieces;
mod place;
mod postgis;
mod previews;
mod process;
mod read;
mod reading;
mod rings;
mod save;
mod scan;
mod shapefile;
mod source;
mod start;
pub mod style;
mod table;
#[cfg(test)]
mod tests;
mod text_stream;
mod topojson;
mod txt;
pub mod underlay;
mod united;
mod vct;
mod wkb;
mod wkt;
mod write;
mod xml;
mod zipped;

use std::sync::Arc;

use crate::crs::{Correction, Crs, Decision, Sample};
use crate::model::{Issue, Layer, Severity};
use crate::text::Message;
pub use arrivals::{Arrivals, Look};
pub use drawing::{DRAWING_VERB, read_drawing_here};
pub use encoding::{Encoding, plain_cell, read_text, table_of, text_of};
pub use error::ReadError;
pub use findings::KEPT_PER_KIND;
pub use format::{FORMATS, Format, format_of_ending};
pub use geojson::{write_geojson, write_together};
pub use guard::{Guard, is_same_file};
pub use gzip::gzip;
pub use hash::hash_hex;
pub use input::read_whole;
pub use kml::{KmlError, write_kml};
pub use lock::{FileLock, Locking, lock};
pub use memory::{machine_bytes, needed_bytes, used_bytes};
pub use path_text::{MARK, path_of_text, path_to_text, shown_path};
pub use picture::{Picture, read_picture};
#[cfg(feature = "postgis")]
pub use postgis::{
    TablePiece, Tables, Tile, look_at, name_server, needs_password, remember_password, state_of, write_table,
};
pub use postgis::{database_name, is_address, table_within, without_password};
pub use previews::{TextPreview, text_previews};
pub use process::answers_for_files;
pub use read::{Found, address, file_and_layer, open, open_bytes, open_each, sources_of, without_parts};
pub use save::{SaveError, save_atomically, sweep, sync_folder};
pub use scan::Expected;
pub use table::{TableError, write_csv, write_xlsx, xlsx_losses};
pub use txt::{
    Corner, Numbering, PLACES, Parts, TEMPLATE_SETTING, TxtEncoding, TxtError, TxtOptions, Written, oriented,
    template_lacks, template_words, txt_fields, write_txt,
};
pub use united::{UNITED, files_of_layer, is_united};
pub use write::{Chosen, Existing, WriteError, WriteOptions, has_measures, holds_layers, losses, write, write_layers};
pub(crate) use xml::escaped as xml_escaped;

/// How a file is to be opened.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// The CRS that the user says the file has.
    pub crs: Option<Crs>,
    /// What is to be undone of its coordinates; it says itself which CRS they are in.
    pub correction: Option<Arc<Correction>>,
    /// The one layer of the file that is wanted; all of them without it.
    pub layer: Option<String>,
    /// The encoding that the user says the text is in, where the format does not prescribe one.
    pub encoding: Option<Encoding>,
    /// Whether the features before a place where a file is broken are kept. Otherwise that is an error.
    pub keep_partial: bool,
    /// Where to tell what has come while the rest is still being read.
    pub arrivals: Option<Arc<Arrivals>>,
    /// Whether it is read even where that may take more memory than is allowed.
    pub beyond_memory: bool,
    /// Whether it is one of many pieces of a source: what else its coordinates could mean is not looked into.
    pub is_piece: bool,
}

/// What a file came to.
#[derive(Debug)]
pub struct Opened {
    /// One layer for each layer of the file and each kind of geometry in it, in the order in which the kinds appear, those
    /// of one layer under one name. At least one: a file without features is an empty layer.
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

impl Opened {
    /// Several layers of one source as one. Its CRS is that of the layer that is most in doubt.
    ///
    /// # Errors
    /// The first of several, where none could be read.
    fn together(found: Vec<Found>) -> Result<Self, ReadError> {
        let mut whole: Option<Self> = None;
        let mut failed: Vec<(Option<String>, ReadError)> = Vec::new();
        for Found { path, layer, result } in found {
            match result {
                Err(error) => failed.push((layer.or_else(|| path.file_name().map(shown_path)), error)),
                Ok(opened) => match &mut whole {
                    None => whole = Some(opened),
                    Some(whole) => whole.add(opened),
                },
            }
        }
        let Some(mut whole) = whole else {
            return Err(failed.into_iter().next().map_or(ReadError::Empty, |(_, error)| error));
        };
        for (name, error) in failed {
            let message = Message::new("io.layer-unread")
                .with("name", name.unwrap_or_default())
                .with_message("reason", &error.message());
            whole.say(Issue::new(Severity::Error, message));
        }
        Ok(whole)
    }

    fn add(&mut self, other: Self) {
        self.layers.extend(other.layers);
        self.issues.extend(other.issues);
        if self.decision.certain && !other.decision.certain {
            (self.decision, self.sample) = (other.decision, other.sample);
        }
        self.row_count += other.row_count;
        self.skipped_count += other.skipped_count;
        self.partial = self.partial.take().or(other.partial);
    }

    /// Adds what is about the source as a whole.
    fn say(&mut self, issue: Issue) {
        if let Some(first) = self.layers.first_mut() {
            Arc::make_mut(&mut first.issues).push(issue.clone());
        }
        self.issues.push(issue);
    }
}

/// Whether `text` is one JSON value by RFC 8259 and nothing else.
pub fn is_json(text: &str) -> bool {
    scan::check(text).is_ok()
}
