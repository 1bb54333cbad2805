//! Layers to files, by the ending of the file.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::format::{FORMATS, Format, format_of_ending};
use super::guard::Guard;
pub use super::options::{Chosen, Existing, WriteOptions};
use super::save::{SaveError, is_file_or_new, save_atomically, save_by_path, save_folder, save_together};
use super::shown_path;
use super::source::{beside, filled_logs};
use super::start::ending_of;
use crate::model::{GeometryBlock, GeometryKind, Layer};
use crate::text::{Message, tr};

/// Writes a layer, or rows of it, into a stream.
pub(super) type WriteStream = fn(&Layer, Option<&[usize]>, WriteOptions, &mut dyn Write) -> io::Result<()>;

/// The files that a layer, or rows of it, comes to, each with its ending, that which the user named last.
pub(super) type WriteFiles =
    fn(&Layer, Option<&[usize]>, WriteOptions) -> Result<Vec<(&'static str, Vec<u8>)>, Message>;

/// Writes layers into the file at a path.
pub(super) type WriteDatabase = fn(&Path, &[Chosen<'_>], Existing, WriteOptions) -> Result<(), Message>;

/// The files of a folder that layers come to, each with its name.
pub(super) type WriteFolder = fn(&[Chosen<'_>], WriteOptions) -> Result<Vec<(String, Vec<u8>)>, Message>;

/// What of a layer, or of rows of it, a format cannot hold.
pub(super) type Losses = fn(&Layer, Option<&[usize]>, WriteOptions) -> Vec<Message>;

/// How a format is written.
#[derive(Clone, Copy)]
pub(super) enum Writer {
    /// As one file, also into a pipe.
    Stream(WriteStream),
    /// As several of one name, and the endings of what an older one may have left beside them.
    Files(WriteFiles, &'static [&'static str]),
    /// As one file that holds several layers, by its path: an empty one, or a copy of the one that layers are added to.
    Database(WriteDatabase),
    /// As a folder of its own that holds several layers.
    Folder(WriteFolder),
}

/// Why a layer could not be written. What was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The ending names no format that is written.
    #[error("{ending:?} is no format that is written, expected one of {}", written_endings())]
    Ending {
        /// The ending.
        ending: String,
    },
    /// The layer does not fit the format at all.
    #[error("{0}")]
    Unfit(Message),
    /// The file could not be saved.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl WriteError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Ending { ending } if ["mdb", "accdb"].contains(&ending.as_str()) => Message::new("io.no-writer-mdb"),
            Self::Ending { ending } if ending == "dwg" => Message::new("io.no-writer-dwg"),
            Self::Ending { ending } => {
                Message::new("io.no-writer").with("ending", ending).with("known", written_endings())
            }
            Self::Unfit(message) => message.clone(),
            Self::Save(error) => error.message(),
        }
    }
}

fn written_endings() -> String {
    let written = FORMATS.iter().filter(|format| format.is_written());
    written
        .filter_map(|format| format.endings.first())
        .map(|ending| format!(".{ending}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The format that a file of that name is written in; what has no ending, a pipe, is GeoJSON.
fn writer_of(path: &Path) -> Result<(&'static Format, Writer), WriteError> {
    let ending = ending_of(path);
    let format =
        if ending.is_empty() { FORMATS.iter().find(|f| f.name == "io.format-geojson") } else { format_of_ending(path) };
    format.and_then(|format| Some((format, format.writes?))).ok_or(WriteError::Ending { ending })
}

/// What of a layer, or of the `rows` of it, a file called `path` will not hold. To be shown before it is written.
///
/// # Errors
/// [`WriteError::Ending`].
pub fn losses(
    path: &Path,
    layer: &Layer,
    rows: Option<&[usize]>,
    options: WriteOptions,
) -> Result<Vec<Message>, WriteError> {
    let (format, _) = writer_of(path)?;
    let mut losses = (format.losses)(layer, rows, options);
    losses.extend(lost_beside(format.name.rsplit_once("format-").map_or(format.name, |(_, name)| name), layer));
    Ok(losses)
}

/// Formats that keep measures (M).
const WITH_MEASURES: [&str; 9] =
    ["shapefile", "geopackage", "filegdb", "wkt", "ewkt", "flatgeobuf", "parquet", "csv", "xlsx"];
/// Formats that have room for a number at each point where one has it.
const WITHOUT_GAPS: [&str; 5] = ["shapefile", "wkt", "ewkt", "csv", "xlsx"];
/// The format that keeps what a source calls its fields and codes.
const WITH_WORDS: &str = "filegdb";

/// What a format cannot hold of what stands beside coordinates and values: measures, heights that some points lack, what
/// the source calls its fields and codes.
fn lost_beside(format: &str, layer: &Layer) -> Vec<Message> {
    let mut lost = Vec::new();
    let has_shapes = layer.kind != GeometryKind::None && format != "dbf";
    if has_shapes && !WITH_MEASURES.contains(&format) && has_measures(layer) {
        lost.push(Message::new("io.loses-measures"));
    }
    if has_shapes && WITHOUT_GAPS.contains(&format) {
        // A shapefile has heights at all its points or at none; elsewhere each feature has.
        let by_layer = format == "shapefile" && layer.blocks.iter().any(|block| !block.geometry.z().is_empty());
        if has_gaps(layer, GeometryBlock::z, by_layer) {
            lost.push(Message::new("io.gdb-heights"));
        }
        // There a point without a measure has a number of its own.
        if format != "shapefile" && has_gaps(layer, GeometryBlock::m, false) {
            lost.push(Message::new("io.gdb-some-measures"));
        }
    }
    let fields = &layer.words.fields;
    let aliased = fields.keys().filter(|name| layer.words.alias_of(name).is_some()).count();
    let coded = fields.values().filter(|words| !words.codes.is_empty()).count();
    if format != WITH_WORDS && aliased + coded > 0 {
        lost.push(Message::new("io.loses-words").with("aliases", aliased).with("codes", coded));
    }
    lost
}

/// Whether points lack a number that others of their feature have, or with `all`, that points have which are there at all.
fn has_gaps(layer: &Layer, of: fn(&GeometryBlock) -> &[f64], all: bool) -> bool {
    layer.blocks.iter().any(|block| {
        let numbers = of(&block.geometry);
        if all {
            return numbers.is_empty() && block.geometry.vertex_count() > 0 || numbers.iter().any(|v| v.is_nan());
        }
        (0..block.geometry.feature_count()).any(|row| {
            let own = numbers.get(block.geometry.coord_range(row)).unwrap_or(&[]);
            own.iter().any(|v| v.is_nan()) && own.iter().any(|v| !v.is_nan())
        })
    })
}

/// Whether a layer has measures (M), which few formats hold.
pub fn has_measures(layer: &Layer) -> bool {
    layer.blocks.iter().any(|block| !block.geometry.m().is_empty())
}

/// Writes a layer, or the `rows` of it in the order given, in the format that the ending of `path` names, whole or not at
/// all, and over nothing that `guard` protects.
///
/// # Errors
/// When the ending names no format that is written, the target is protected, or saving fails.
pub fn write(
    path: &Path,
    layer: &Layer,
    rows: Option<&[usize]>,
    options: WriteOptions,
    guard: &Guard,
) -> Result<(), WriteError> {
    match writer_of(path)?.1 {
        Writer::Stream(write) => Ok(save_atomically(path, guard, |out| write(layer, rows, options, out))?),
        Writer::Files(write, left) => {
            let spelt = |ending: &str| spelt_alike(path, ending);
            guard.check(path)?;
            let parts = write(layer, rows, options).map_err(WriteError::Unfit)?;
            let named = ending_of(path);
            let files: Vec<(PathBuf, Vec<u8>)> = parts
                .into_iter()
                .map(|(ending, bytes)| (if ending == named { path.to_owned() } else { spelt(ending) }, bytes))
                .collect();
            // An index of what was there before would lead astray.
            let stale = left.iter().filter_map(|ending| beside(path, ending)).collect::<Vec<_>>();
            Ok(save_together(&files, &stale, guard)?)
        }
        Writer::Database(_) | Writer::Folder(_) => {
            write_layers(path, &[Chosen { layer, rows }], Existing::Replaced, options, guard)
        }
    }
}

/// Whether a file or folder called `path` holds several layers.
pub fn holds_layers(path: &Path) -> bool {
    writer_of(path).is_ok_and(|(_, writer)| matches!(writer, Writer::Database(_) | Writer::Folder(_)))
}

/// Writes layers into one file or folder, whole or not at all, and over nothing that `guard` protects: into a new one, or
/// beside those of the file that is there. A folder that is there stays as it is.
///
/// # Errors
/// When the ending names no format whose files hold several layers, the target is protected or held open by another
/// program, or saving fails. What was there before is untouched.
pub fn write_layers(
    path: &Path,
    layers: &[Chosen<'_>],
    existing: Existing,
    options: WriteOptions,
    guard: &Guard,
) -> Result<(), WriteError> {
    let (format, writer) = writer_of(path)?;
    let write = match writer {
        Writer::Database(write) => write,
        Writer::Folder(write) => {
            guard.check(path)?;
            // Other classes may lie in it, and nobody asked to lose them.
            if path.symlink_metadata().is_ok() {
                return Err(WriteError::Unfit(Message::new("io.folder-exists")));
            }
            let files = write(layers, options).map_err(WriteError::Unfit)?;
            return Ok(save_folder(path, &files, guard)?);
        }
        _ => return Err(WriteError::Ending { ending: ending_of(path) }),
    };
    let name = format.name;
    if !is_file_or_new(path) {
        let message = Message::new("io.needs-file").with_said("format", |language| tr(language, name).to_owned());
        return Err(WriteError::Unfit(message));
    }
    // What another program has not written into its file yet would come over the new one.
    if !filled_logs(path).is_empty() {
        return Err(WriteError::Unfit(Message::new("io.gpkg-in-use").with("path", shown_path(path))));
    }
    // Where there is nothing yet, there is nothing to keep.
    let existing = if path.exists() { existing } else { Existing::Replaced };
    let kept = (existing != Existing::Replaced).then_some(path);
    save_by_path(path, kept, guard, |file| write(file, layers, existing, options).map_err(WriteError::Unfit))
}

/// The file beside `path` with `ending`: the one that is there, else spelt as `path` is.
fn spelt_alike(path: &Path, ending: &str) -> PathBuf {
    let upper = path.extension().is_some_and(|own| own.to_string_lossy().chars().all(|c| !c.is_lowercase()));
    let usual = if upper { ending.to_uppercase() } else { ending.to_owned() };
    beside(path, ending).unwrap_or_else(|| path.with_extension(usual))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::crs::Crs;
    use crate::model::{AttributeBuilder, Coord, FeatureBlock, FieldWords, GeometryBuilder};

    #[test]
    fn what_a_format_drops_is_said() {
        let mut geometry = GeometryBuilder::new(GeometryKind::Line);
        let at = |x: f64| Coord { x, y: 36.0 };
        geometry.coord_z(at(117.0), 5.0);
        geometry.measure(1.0);
        geometry.coord(at(117.1));
        geometry.end_ring();
        geometry.end_feature();
        let mut attributes = AttributeBuilder::new();
        attributes.end_row();
        let block = FeatureBlock::of_parts(geometry.finish(), attributes.finish().1);
        let mut layer = Layer::new("a".to_owned(), GeometryKind::Line, Crs::wgs84(), Vec::new(), vec![block]);
        let words =
            FieldWords { alias: "地类编码".to_owned(), codes: Arc::new(vec![("1".to_owned(), "甲".to_owned())]) };
        Arc::make_mut(&mut layer.words).fields.insert("DLBM".to_owned(), words);
        let check = |name: &str, expected: &[&str]| {
            let lost = losses(Path::new(name), &layer, None, WriteOptions::default()).expect("a format");
            let about = ["io.loses-measures", "io.gdb-heights", "io.gdb-some-measures", "io.loses-words"];
            let keys: Vec<&str> = lost.iter().map(|message| message.key).filter(|key| about.contains(key)).collect();
            assert_eq!(keys, expected, "{name}");
        };
        check("a.geojson", &["io.loses-measures", "io.loses-words"]);
        check("a.kml", &["io.loses-measures", "io.loses-words"]);
        check("a.fgb", &["io.loses-words"]);
        check("a.parquet", &["io.loses-words"]);
        check("a.gpkg", &["io.loses-words"]);
        check("a.shp", &["io.gdb-heights", "io.loses-words"]);
        check("a.csv", &["io.gdb-heights", "io.gdb-some-measures", "io.loses-words"]);
        check("a.dbf", &["io.loses-words"]);
        check("a.gdb", &["io.gdb-heights", "io.gdb-some-measures"]);
    }

    #[test]
    fn the_ending_chooses_the_format() {
        let folder = tempfile::tempdir().expect("a folder");
        let layer = Layer::new("a".to_owned(), GeometryKind::Point, Crs::wgs84(), Vec::new(), Vec::new());
        let at = |name: &str| folder.path().join(name);
        let write = |name: &str, guard: &Guard| super::write(&at(name), &layer, None, WriteOptions::default(), guard);
        write("a.GEOJSON", &Guard::none()).expect("writes");
        write("plain", &Guard::none()).expect("writes");
        for name in ["a.dwg", "a.xyz"] {
            assert!(matches!(write(name, &Guard::none()), Err(WriteError::Ending { .. })), "{name}");
        }
        let guard = Guard::of([at("a.GEOJSON")]);
        assert!(matches!(write("a.GEOJSON", &guard), Err(WriteError::Save(SaveError::OverInput { .. }))));
    }
}
