//! From a path to what lies there: a file, the members of an archive, the files of a folder, or a file in the program.
//!
//! | path | what is opened |
//! |---|---|
//! | a file | its layers |
//! | `FILE#LAYER` | one layer of it; a file of that name wins |
//! | an archive | every member that can be read, also those of archives in it |
//! | a folder that is one source: `.gdb` | its layers |
//! | another folder | every file in it and in its folders that can be read |
//! | `FOLDER#*` | the same as one layer a kind |
//! | `demo:…` | a file of the demo, which lies in the program |
//! | `postgres://…#TABLE`, `pg:…` | a table, a view or a query of a database |

mod members;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::archive::Archive;
use super::arrivals::Arrivals;
use super::findings::listed;
use super::format::{self, Format, GEOJSON, Reads};
use super::reading::Reading;
use super::source::Source;
use super::start::ending_of;
use super::text_stream::Seen;
use super::united::{is_united, united};
use super::{OpenOptions, Opened, ReadError, input, layers, memory, postgis, shown_path, style};
use crate::demo;
use crate::model::{Issue, Provenance, Severity};
use crate::task::Progress;
use crate::text::Message;

/// Files that are opened of one folder.
const MOST_FILES: usize = 500;
/// Files of a folder that are opened one after another: a province has 3,000 counties' databases.
const MOST_SOURCES: usize = 20_000;
/// Entries of folders that are looked at.
const MOST_ENTRIES: usize = 200_000;
/// Folders within folders.
const MOST_DEPTH: usize = 12;

/// What became of one source, or of one layer of a source that has several.
#[derive(Debug)]
pub struct Found {
    /// The file, as opened: the archive for its members.
    pub path: PathBuf,
    /// The name of the layer in the file, where the file can have several.
    pub layer: Option<String>,
    /// What was read, or why not.
    pub result: Result<Opened, ReadError>,
}

impl Found {
    /// The file and the layer as a user names them: `FILE#LAYER`.
    pub fn address(&self) -> PathBuf {
        address(&self.path, self.layer.as_deref())
    }
}

/// `FILE#LAYER`, or the file alone.
pub fn address(path: &Path, layer: Option<&str>) -> PathBuf {
    let mut text = path.as_os_str().to_owned();
    if let Some(layer) = layer {
        text.push("#");
        text.push(layer);
    }
    text.into()
}

/// The file and the layer that `path` names: `FILE#LAYER` where there is no file of that name but one before the sign.
pub fn file_and_layer(path: &Path) -> (PathBuf, Option<String>) {
    let whole = || (path.to_owned(), None);
    let Some(text) = path.to_str().filter(|text| text.contains('#')) else { return whole() };
    // What stands behind the sign in the address of a database is a matter of that.
    if postgis::is_address(path) || path.exists() {
        return whole();
    }
    let mut parts = text.match_indices('#').map(|(at, _)| (&text[..at], &text[at + 1..]));
    let there = |(file, layer): &(&str, &str)| {
        !layer.is_empty() && (Path::new(file).exists() || demo::is_path(Path::new(file)))
    };
    parts.rfind(there).map_or_else(whole, |(file, layer)| (PathBuf::from(file), Some(layer.to_owned())))
}

/// Opens what a path names as one: all layers of it, with everything that was found.
///
/// # Errors
/// When nothing of it can be read; the first of several reasons.
pub fn open(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<Opened, ReadError> {
    Opened::together(open_each(path, options, progress)?)
}

/// Opens what a path names, each layer by itself.
///
/// # Errors
/// When there is nothing to be read. What keeps one of several from being read is its own result.
pub fn open_each(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<Vec<Found>, ReadError> {
    let (path, layer) = file_and_layer(path);
    let named = OpenOptions { layer: layer.or(options.layer.clone()), ..options.clone() };
    let _asked = memory::ask(&path, &named, progress)?;
    // A pipe that the user no longer waits for breaks off like any other.
    let read = each_of(&path, &named, progress);
    read.map_err(|error| if progress.is_cancelled() { ReadError::Cancelled } else { error })
}

/// The sources that a path stands for, each to be opened by itself, so that they need not all be in memory: the files of a
/// folder, else what it names; and the files of a folder whose formats are known but not read.
///
/// # Errors
/// A folder that cannot be listed, or holds too much; [`ReadError::Cancelled`].
pub fn sources_of(path: &Path, progress: &Progress) -> Result<(Vec<PathBuf>, Vec<String>), ReadError> {
    if demo::is_path(path) || !path.is_dir() || format::of_folder(path).is_some() {
        return Ok((vec![path.to_owned()], Vec::new()));
    }
    let (files, others) = files_of_folder(path, MOST_SOURCES, progress)?;
    Ok((files, others.into_iter().map(|(name, _)| name).collect()))
}

/// Opens a file whose bytes are at hand; `name` stands for its path.
///
/// # Errors
/// As [`open`].
pub fn open_bytes(name: &str, bytes: Vec<u8>, options: &OpenOptions, progress: &Progress) -> Result<Opened, ReadError> {
    Opened::together(each_of_bytes(Path::new(name), bytes, options, progress)?)
}

fn each_of_bytes(
    name: &Path,
    bytes: Vec<u8>,
    options: &OpenOptions,
    progress: &Progress,
) -> Result<Vec<Found>, ReadError> {
    let source = Source::of_bytes(name, bytes);
    let format = source.look(format::of_start)?.unwrap_or(&GEOJSON);
    match format.reads {
        Reads::Members => {
            let mut source = source;
            let archive = Archive::of_bytes(source.bytes(progress)?)?;
            members::read(name, archive, options, progress)
        }
        _ => of_text(format, source, name, options, progress),
    }
}

fn each_of(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<Vec<Found>, ReadError> {
    if postgis::is_address(path) {
        return postgis::open_each(path, options, progress);
    }
    if demo::is_path(path) {
        let bytes = demo::of_path(path).ok_or(std::io::ErrorKind::NotFound).map_err(std::io::Error::from)?;
        return each_of_bytes(path, bytes.to_vec(), options, progress);
    }
    if path.is_dir() {
        return match format::of_folder(path) {
            Some(format) => {
                let found = of_source(format, Source::folder(path), path, None, options, progress)?;
                Ok(styled(found, path))
            }
            None => folder(path, options, progress),
        };
    }
    if let Some(pipe) = input::pipe(path, progress)? {
        // It gives its start only once: what it holds is told by its reader.
        return of_source(&GEOJSON, Source::stream(path, pipe), path, None, options, progress);
    }
    let source = Source::file(path);
    let format = source.look(format::of_start)?.unwrap_or(&GEOJSON);
    match format.reads {
        Reads::Members => members::read(path, Archive::open(path, progress)?, options, progress),
        _ => Ok(styled(of_text(format, source, path, options, progress)?, path)),
    }
}

/// As [`of_source`]; of a text that is nothing that is known it is said what texts should hold, not what JSON should.
fn of_text(
    format: &'static Format,
    source: Source,
    path: &Path,
    options: &OpenOptions,
    progress: &Progress,
) -> Result<Vec<Found>, ReadError> {
    let is_words = *format == GEOJSON
        && ending_of(path) == "txt"
        && source.look(|start| start.is_json() || start.text().is_empty())? == Some(false);
    let is_nothing = |error: &ReadError| is_words && matches!(error, ReadError::Syntax { feature_count: 0, .. });
    let nothing = || ReadError::Format(Message::new("io.txt-nothing"));
    let mut found = of_source(format, source, path, None, options, progress)
        .map_err(|error| if is_nothing(&error) { nothing() } else { error })?;
    for found in &mut found {
        if found.result.as_ref().is_err_and(is_nothing) {
            found.result = Err(nothing());
        }
    }
    Ok(found)
}

/// Reads one source. `member` is what is known of the archive that it lies in, and its name there where it has several.
fn of_source(
    format: &'static Format,
    mut source: Source,
    path: &Path,
    member: Option<(Option<&str>, Seen)>,
    options: &OpenOptions,
    progress: &Progress,
) -> Result<Vec<Found>, ReadError> {
    let Reads::Layers(read) = format.reads else { return Err(ReadError::OtherFormat { format }) };
    let arrivals = options.arrivals.as_deref();
    if arrivals.is_some_and(Arrivals::is_stopped) {
        // One of several sources, the one before which the user has stopped.
        return Err(ReadError::stopped(progress));
    }
    arrivals.inspect(|arrivals| arrivals.begin(format.default_crs.map(|crs| crs())));
    let place = member.as_ref().and_then(|(name, _)| *name);
    let wanted = options.layer.as_deref().filter(|_| place.is_none());
    let keeps_partial = options.keep_partial;
    let reading = Reading { arrivals, encoding: options.encoding, layer: wanted, keeps_partial, progress };
    let raws = read(&mut source, &reading)?;
    progress.tick(0).map_err(|_| ReadError::Cancelled)?;
    let stem = layers::stem(source.name());
    let has_several = raws.len() > 1;
    let within = place.map(layers::without_ending);
    let of_layer: Vec<Option<Seen>> = match &member {
        Some((_, seen)) => vec![Some(seen.clone()); raws.len()],
        None => raws.iter().map(|raw| source.seen_layer(raw.name.as_deref()?)).collect(),
    };
    let words: Vec<_> = raws.iter().map(|raw| source.words_of(raw.name.as_deref().unwrap_or_default())).collect();
    let drawn: Vec<_> = (0..raws.len()).map(|layer| source.drawn(layer)).collect();
    let own = source.seen();
    let mut known = Vec::new();
    let mut found = Vec::new();
    for (((mut raw, seen), words), drawn) in raws.into_iter().zip(of_layer).zip(words).zip(drawn) {
        let seen = seen.unwrap_or_else(|| own.clone());
        let said = raw.name.take().filter(|name| !name.trim().is_empty());
        // A layer is called by what the source calls it, that of an archive also by its place there.
        let name = match (&within, said) {
            (Some(place), Some(said)) if has_several => format!("{place}/{said}"),
            (Some(place), _) => place.clone(),
            (None, said) => said.unwrap_or_else(|| stem.clone()),
        };
        known.push(name.clone());
        if wanted.is_some_and(|wanted| wanted != name) {
            continue;
        }
        let layer = (has_several || within.is_some()).then(|| name.clone());
        raw.name = Some(name);
        let result = match raw.error.take() {
            Some(ReadError::Stopped { feature_count: 0, .. }) => Err(ReadError::Cancelled),
            Some(error) if !options.keep_partial && !error.is_stopped() => Err(error),
            error => {
                // What was not read to its end has no hash that would be that of the file.
                let is_part = error.as_ref().is_some_and(ReadError::is_stopped);
                let seen = if is_part {
                    let byte_count = std::fs::metadata(path).map_or(seen.byte_count, |known| known.len());
                    Seen { byte_count, hash: String::new() }
                } else {
                    seen
                };
                raw.error = error;
                let provenance = Provenance {
                    path: path.to_owned(),
                    layer: layer.clone(),
                    format: raw.format.clone(),
                    encoding: options.encoding.map(|encoding| encoding.to_string()),
                    byte_count: seen.byte_count,
                    hash: seen.hash,
                    correction: None,
                };
                layers::assemble(raw, provenance, format.default_crs, options).map(|mut opened| {
                    for layer in &mut opened.layers {
                        layer.words = words.clone();
                        let style = drawn.iter().find(|(kind, _)| *kind == layer.kind);
                        layer.drawn = style.map(|(_, style)| style.clone());
                    }
                    opened
                })
            }
        };
        found.push(Found { path: path.to_owned(), layer, result });
    }
    if let Some(wanted) = wanted.filter(|_| found.is_empty()) {
        return Err(no_such_layer(wanted, known));
    }
    Ok(found)
}

/// What was opened of a file or a folder, drawn by the style that lies beside it. Of several layers nothing says which one
/// a style is for.
fn styled(mut found: Vec<Found>, path: &Path) -> Vec<Found> {
    let of_one = found.iter_mut().filter(|found| found.layer.is_none());
    // What could not be read needs no style.
    of_one.filter_map(|found| found.result.as_mut().ok()).for_each(|opened| draw_by_beside(opened, path));
    found
}

/// Draws what was opened by the style that lies beside it, where there is one; says so, and what of it was left out.
fn draw_by_beside(opened: &mut Opened, path: &Path) {
    let Some(file) = style::beside(path) else { return };
    let name = file.file_name().map(shown_path).unwrap_or_default();
    match style::read(&file) {
        Ok(read) => {
            let mut left_out = read.left_out;
            let mut is_taken = false;
            for layer in &mut opened.layers {
                let mut style = read.style.clone();
                let fit = style::fit(&mut style, layer, None, None);
                if fit.draws {
                    (layer.drawn, layer.drawn_on_purpose) = (Some(Arc::new(style)), true);
                    is_taken = true;
                }
                left_out.extend(fit.missing);
            }
            if is_taken {
                opened.say(Issue::new(Severity::Note, Message::new("style.beside").with("file", &name)));
            }
            for left_out in left_out {
                let message = Message::new("style.beside-left-out").with("file", &name);
                opened.say(Issue::new(Severity::Note, message.with_message("what", &left_out)));
            }
        }
        Err(error) => opened.say(Issue::new(Severity::Note, error.message(&file))),
    }
}

fn no_such_layer(wanted: &str, mut known: Vec<String>) -> ReadError {
    known.truncate(50);
    ReadError::NoSuchLayer { layer: wanted.to_owned(), known }
}

/// Whether a file is a part of another one, for which `has` says whether a file of an ending is beside it.
fn is_part(name: &Path, has: impl Fn(&str) -> bool) -> bool {
    match ending_of(name).as_str() {
        "shx" | "prj" | "cpg" | "sbn" | "sbx" | "qix" | "fix" | "atx" | "dbf" | "qpj" | "qmd" => has("shp"),
        "mid" => has("mif"),
        "dat" | "map" | "id" | "ind" => has("tab"),
        // Styles belong to layers, whether theirs lie beside them or not.
        "qml" | "sld" | "lyrx" => true,
        "xml" => name.to_string_lossy().to_ascii_lowercase().ends_with(".shp.xml"),
        _ => false,
    }
}

/// Says something about the source as a whole at the first of its layers.
fn note<'n>(found: &mut [Found], key: &'static str, names: impl Iterator<Item = &'n str>) {
    let names: Vec<&str> = names.collect();
    let first = found.iter_mut().find_map(|found| found.result.as_mut().ok());
    if let (Some(first), false) = (first, names.is_empty()) {
        let message = Message::new(key).with("count", names.len()).with("names", listed(&names));
        first.say(Issue::new(Severity::Warning, message));
    }
}

/// Opens the files of a folder.
fn folder(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<Vec<Found>, ReadError> {
    let (files, mut others) = files_of_folder(path, MOST_FILES, progress)?;
    if let Some(wanted) = options.layer.as_deref().filter(|layer| is_united(Some(*layer))) {
        let options = OpenOptions { layer: None, ..options.clone() };
        let mut read = Vec::new();
        for file in files {
            let name = layers::without_ending(&shown_path(file.strip_prefix(path).unwrap_or(&file)));
            let found = match each_of(&file, &options, progress) {
                Ok(found) => found,
                Err(ReadError::Cancelled) => return Err(ReadError::Cancelled),
                Err(error) => vec![Found { path: file, layer: None, result: Err(error) }],
            };
            read.extend(found.into_iter().map(|found| {
                let name = found.layer.as_deref().map_or(name.clone(), |layer| format!("{name}/{layer}"));
                (name, found.result)
            }));
        }
        let result = Ok(united(path, wanted, read)?);
        return Ok(vec![Found { path: path.to_owned(), layer: Some(wanted.to_owned()), result }]);
    }
    let mut found: Vec<Found> = Vec::new();
    for file in files {
        let name = shown_path(file.strip_prefix(path).unwrap_or(&file));
        match each_of(&file, options, progress) {
            Ok(more) => found.extend(more),
            Err(ReadError::Cancelled) => return Err(ReadError::Cancelled),
            Err(ReadError::OtherFormat { format }) => others.push((name, format)),
            Err(ReadError::NoSuchLayer { .. }) => {}
            Err(error) => found.push(Found { path: file, layer: None, result: Err(error) }),
        }
    }
    if found.is_empty() {
        return Err(match options.layer.as_deref() {
            Some(wanted) => no_such_layer(wanted, Vec::new()),
            None => ReadError::NothingReadable { found: others },
        });
    }
    note(&mut found, "io.folder-others", others.iter().map(|(name, _)| name.as_str()));
    Ok(found)
}

type Others = Vec<(String, &'static Format)>;

/// The files of a folder whose endings can be read, in the order of their names, and those of other known formats.
fn files_of_folder(folder: &Path, most: usize, progress: &Progress) -> Result<(Vec<PathBuf>, Others), ReadError> {
    let (mut files, mut others) = (Vec::new(), Others::new());
    let mut open = vec![(folder.to_owned(), 0)];
    let mut entry_count = 0;
    while let Some((at, depth)) = open.pop() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(&at)?.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        entry_count += entries.len();
        progress.tick(0).map_err(|_| ReadError::Cancelled)?;
        for path in entries.into_iter().filter(|path| !is_hidden(path)) {
            let name = || shown_path(path.strip_prefix(folder).unwrap_or(&path));
            if path.is_dir() {
                if format::of_folder(&path).is_some() {
                    files.push(path);
                } else if depth < MOST_DEPTH && !path.is_symlink() {
                    open.push((path, depth + 1));
                }
            } else if !is_part(&path, |ending| super::source::beside(&path, ending).is_some()) {
                match format::format_of_ending(&path) {
                    Some(format) if format.is_read() => files.push(path),
                    Some(format) => others.push((name(), format)),
                    // Lists of coordinates are told by what they hold.
                    None if ending_of(&path) == "txt" => files.push(path),
                    None => {}
                }
            }
        }
        if files.len() > most || entry_count > MOST_ENTRIES {
            return Err(ReadError::FolderTooLarge { most: most as u64 });
        }
    }
    Ok((files, others))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// The paths among `paths` that are to be opened by themselves: a part of a shapefile stands for the whole, once, and so
/// does a file of a geodatabase for its folder, which dialogs for files cannot choose.
pub fn without_parts(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut wholes: Vec<PathBuf> = Vec::new();
    for path in paths {
        let ending = ending_of(&path);
        let folder = path.parent().filter(|folder| ending_of(folder) == "gdb" && path.is_file());
        let whole = match ending.as_str() {
            _ if folder.is_some() => folder.map(Path::to_owned),
            "dbf" | "shx" | "prj" | "cpg" | "sbn" | "sbx" | "qix" => super::source::beside(&path, "shp"),
            "mid" => super::source::beside(&path, "mif"),
            _ => None,
        };
        let path = whole.unwrap_or(path);
        if !wholes.contains(&path) {
            wholes.push(path);
        }
    }
    wholes
}
