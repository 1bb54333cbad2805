//! The project file: which sources are open, in which order and style, what the map shows.
//!
//! A text that people and version control can read: TOML with a version, paths relative to the file, size and hash of
//! each source, and styles only where they differ from the first ones. It never holds coordinates of sources, and sources
//! are never written. What in-memory types look like is no matter of this file: [`record`] has its own.
//!
//! The steps that led there, done and undone, lie in a file beside it ([`history_file`]), which may be missing.
//!
//! A source that is missing or unreadable does not keep the others from opening; its layers are remembered and written
//! back. Saving replaces the file at once or not at all.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::demo;
use crate::io::cache::{Cache, Trust};
use crate::io::{
    Encoding, Guard, OpenOptions, Opened, ReadError, files_of_layer, hash_hex, is_united, read_text, save_atomically,
};
use crate::model::layout::Layout;
use crate::model::{Coord, GeometryKind, Issue, Layer, LayerId, Severity};
use crate::scenario::document::closed::{AbsentLayer, ClosedLayer};
use crate::scenario::document::entry::{Entry, LayerGroup, SavedView};
use crate::scenario::document::joins;
use crate::scenario::document::record::marks::{BookmarkRecord, MapNoteRecord};
use crate::scenario::document::record::paths::joined;
use crate::scenario::document::record::underlay::UnderlayRecord;
use crate::scenario::document::record::words::CrsCode;
use crate::scenario::document::record::{
    LayerRecord, entry_of_record, is_called, record_of_entry, seen_from, seen_from_anywhere,
};
use crate::scenario::document::underlay::UnderlaySource;
use crate::scenario::document::workspace::Workspace;
use crate::task::Progress;
use crate::text::{Language, Message, tr};

pub mod ahead;
mod error;
pub mod history_file;
pub mod journal;
mod plans;
pub mod record;
pub mod seeing;
mod steps;

pub use self::error::ProjectError;
pub use crate::scenario::document::record::paths::relative;
use ahead::Ahead;
use plans::Plans;
use record::{FORMAT, GroupRecord, MeasurementRecord, ProjectRecord, ViewRecord};
use seeing::SeeingRecord;

/// What tells readings of sources apart: path, CRS, encoding and correction.
type SourceKey = (String, Option<String>, Option<String>, String);

/// Extension of project files.
pub const EXTENSION: &str = "toml";

/// A project as opened.
#[derive(Debug)]
pub struct Loaded {
    /// Its layers, as far as their sources could be read.
    pub workspace: Workspace,
    /// Sources that are missing, unreadable or not what they were.
    pub issues: Vec<Issue>,
    /// Hash of the text that it was read from.
    pub stamp: String,
    /// Layers whose sources are not what they were: rows of then are not rows of now.
    pub(super) changed: Vec<LayerId>,
}

/// Hash of the project's file as it is now, to tell whether somebody else wrote it; `None` where it cannot be read.
pub fn stamp(path: &Path) -> Option<String> {
    Some(hash_hex(&std::fs::read(path).ok()?)) // a file that is gone has none
}

/// Opens a project and its sources, those that are in its cache from there after all their bytes were compared.
///
/// # Errors
/// When the project file itself cannot be read; sources that cannot are issues.
pub fn load(path: &Path, progress: &Progress) -> Result<Loaded, ProjectError> {
    load_by(path, &Cache::beside(path), progress)
}

/// [`load`] by a cache of the caller's: what is made of its layers has its place there.
///
/// # Errors
/// As [`load`].
pub fn load_by(path: &Path, cache: &Cache, progress: &Progress) -> Result<Loaded, ProjectError> {
    let open = |source: &Path, options: &OpenOptions| cache.open(source, options, Trust::Whole, progress);
    let mut ahead = Ahead::of(path, &open);
    load_with(path, &mut |source, options| match ahead.take(source, options) {
        Some(opened) => Ok(opened),
        None => open(source, options),
    })
}

/// [`load`] with another way to open sources: `open` gets each path joined to the project's folder, or as it stands when
/// it begins with a scheme of two letters or more (`demo:dltb.geojson.gz`).
///
/// # Errors
/// As [`load`].
pub fn load_with(
    path: &Path,
    open: &mut dyn FnMut(&Path, &OpenOptions) -> Result<Opened, ReadError>,
) -> Result<Loaded, ProjectError> {
    let text = crate::io::read_text(path).map_err(|source| ProjectError::Read { path: path.to_owned(), source })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut loaded = load_text(&text, path, folder, open)?;
    history_file::read(path, &mut loaded);
    Ok(loaded)
}

/// Opens the demo project, untitled: its sources are called `demo:…` and lie in the program.
///
/// # Errors
/// [`ProjectError::Cancelled`] only.
pub fn load_demo(progress: &Progress) -> Result<Loaded, ProjectError> {
    let text = demo::file(demo::PROJECT).map(String::from_utf8_lossy).unwrap_or_default();
    let inside = |path: &Path| PathBuf::from(format!("{}{}", demo::SCHEME, path.display()));
    let mut loaded = load_text(&text, Path::new(demo::PROJECT), Path::new(""), &mut |source, options| {
        crate::io::open(&inside(source), options, progress)
    })?;
    loaded.workspace.rules = loaded.workspace.rules.as_deref().map(inside);
    progress.tick(0)?;
    Ok(loaded)
}

/// [`load_with`], without the history, from the text of a project file whose paths start at `folder`; `path` is what errors name.
///
/// # Errors
/// As [`load`].
pub fn load_text(
    text: &str,
    path: &Path,
    folder: &Path,
    open: &mut dyn FnMut(&Path, &OpenOptions) -> Result<Opened, ReadError>,
) -> Result<Loaded, ProjectError> {
    let record = parse(text, path)?;
    let mut workspace = Workspace { name: record.name, note: record.note, ..Workspace::default() };
    workspace.groups = record.groups.into_iter().map(group_of_record).collect();
    workspace.crs = record.crs.map(|crs| crs.0);
    workspace.rules = record.rules.map(|path| joined(folder, &path));
    workspace.view = record.view.map(|view| SavedView {
        center: Coord { x: view.center[0], y: view.center[1] },
        units_per_px: view.units_per_px,
    });
    workspace.seeing = record.seeing.map(SeeingRecord::into_seeing).unwrap_or_default();
    workspace.measurements = record.measurements.into_iter().map(MeasurementRecord::into_measurement).collect();
    workspace.bookmarks = Arc::new(record.bookmarks.iter().filter_map(BookmarkRecord::bookmark).collect());
    workspace.notes = Arc::new(record.notes.iter().filter_map(MapNoteRecord::note).collect());
    let mut issues = Vec::new();
    let (layouts, bad): (Vec<Layout>, Vec<Layout>) =
        record.layouts.into_iter().partition(|layout| layout.fault().is_none());
    issues.extend(bad.iter().filter_map(Layout::fault).map(|fault| Issue::new(Severity::Warning, fault)));
    workspace.layouts = Arc::new(layouts);
    let underlays = record.underlays.into_iter().map(|record| record.into_underlay(folder));
    workspace.underlays = Arc::new(underlays.collect());
    let plans =
        Plans { shown: record.shown, scenarios: record.scenarios, ledger: record.ledger, settings: record.settings };
    let words = plans::layer_words(&record.layers);
    let mut ids: BTreeMap<String, LayerId> = BTreeMap::new();
    let mut changed = Vec::new();
    let mut sources: BTreeMap<SourceKey, Option<Vec<Option<Layer>>>> = BTreeMap::new();
    for (place, layer_record) in record.layers.into_iter().enumerate() {
        let word = &words[place];
        // Scenarios that are made of a layer need it, also where it was taken out of the tree.
        let is_made_of = plans.scenarios.iter().flat_map(|of| of.stand_ins.iter().flatten()).any(|of| of == word);
        if layer_record.removed && !is_made_of {
            let id = LayerId::next();
            ids.insert(word.clone(), id);
            let record = seen_from_anywhere(folder, &layer_record);
            workspace.closed.push(ClosedLayer { id, record, entry: None, wanted: None });
            continue;
        }
        let crs = layer_record.crs.as_ref().map(|crs| crs.0.code().to_owned());
        let correction = format!("{:?}", layer_record.correction);
        let source = match options_of(&layer_record).layer {
            Some(layer) => format!("{}#{layer}", layer_record.path),
            None => layer_record.path.clone(),
        };
        let key = (source, crs, layer_record.encoding.clone(), correction);
        let layers = sources.entry(key).or_insert_with(|| read_source(&layer_record, folder, open, &mut issues));
        let found = layers.as_mut().and_then(|layers| take_layer(layers, &layer_record));
        match found {
            Some(layer) => {
                ids.insert(word.clone(), layer.id);
                let hash = &layer.provenance.hash;
                if *hash != layer_record.hash && !hash.is_empty() && !layer_record.hash.is_empty() {
                    changed.push(layer.id);
                }
                let record = seen_from_anywhere(folder, &layer_record);
                let mut entry = entry_of_record(layer, record.clone());
                let mut read = |path: &Path, layer: Option<&str>| {
                    let options = OpenOptions { layer: layer.map(str::to_owned), ..OpenOptions::default() };
                    open(path, &options).map(|opened| opened.layers).map_err(|error| error.message())
                };
                joins::read_tables(&mut entry, &mut read, &mut issues);
                if record.removed {
                    let entry = Some(Box::new(entry));
                    let id = entry.as_ref().map_or(LayerId(0), |entry| entry.id());
                    let record = LayerRecord { removed: false, ..record };
                    workspace.closed.push(ClosedLayer { id, record, entry, wanted: None });
                } else {
                    workspace.push_entry(entry);
                }
            }
            None => {
                if layers.is_some() {
                    let message = Message::new("scenario.source-lacks-layer")
                        .with("path", &layer_record.path)
                        .with_said("kind", |l| kind_word(layer_record.kind.0, l).to_owned());
                    issues.push(Issue::new(Severity::Error, message));
                }
                let id = LayerId::next();
                ids.insert(word.clone(), id);
                let record = seen_from_anywhere(folder, &layer_record);
                if record.removed {
                    workspace.closed.push(ClosedLayer { id, record, entry: None, wanted: None });
                } else {
                    workspace.absent.push(AbsentLayer { id, place, record });
                }
            }
        }
    }
    plans::install(&mut workspace, plans, &|word| ids.get(word).copied(), &mut issues);
    let open: Vec<LayerId> = workspace.entries.iter().map(Entry::id).collect();
    open.into_iter().for_each(|id| workspace.list_lost_edits(id));
    Ok(Loaded { workspace, issues, stamp: hash_hex(text.as_bytes()), changed })
}

/// Reads the text of a project file without opening anything.
///
/// # Errors
/// [`ProjectError::Syntax`], [`ProjectError::Newer`], [`ProjectError::NotAProject`].
pub fn parse(text: &str, path: &Path) -> Result<ProjectRecord, ProjectError> {
    let syntax = |error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        ProjectError::Syntax { path: path.to_owned(), line, column, reason: error.message().trim().to_owned() }
    };
    // The version first: a later format may have anything else in it.
    let table: toml::Table = toml::from_str(text).map_err(syntax)?;
    match table.get("format").and_then(toml::Value::as_integer) {
        Some(found) if found > i64::from(FORMAT) => {
            return Err(ProjectError::Newer { path: path.to_owned(), found: u32::try_from(found).unwrap_or(u32::MAX) });
        }
        Some(_) => {}
        None => return Err(ProjectError::NotAProject { path: path.to_owned() }),
    }
    // Version 1 is version 2 without scenarios, version 2 is version 3 without how several states are seen, version 3 is
    // version 4 without methods, measurements and layers taken out, version 4 is version 5 without joins, encodings
    // and corrections, version 5 is version 6 without mappings, conversions and layouts, version 6 is version 7
    // without ranges, rules and patterns of styles, bookmarks, notes, formulas and layouts of tables: what they lack is empty,
    // or the usual one. Later versions get their step here.
    let mut record: ProjectRecord = toml::from_str(text).map_err(syntax)?;
    record.format = FORMAT;
    Ok(record)
}

/// Writes a project, and the steps that led there beside it; never over one of its own sources or its rules. Returns the
/// hash of what was written.
///
/// # Errors
/// When it cannot be written; what was there before is untouched then. A history that cannot be written is no error: the
/// project is whole without it.
pub fn save(workspace: &Workspace, path: &Path) -> Result<String, ProjectError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let text = to_text(workspace, folder);
    let guard = Guard::of(files_of(workspace, folder));
    guard.check(path)?;
    let stamp = hash_hex(text.as_bytes());
    history_file::prepare(workspace, path, &stamp);
    save_atomically(path, &guard, |out| out.write_all(text.as_bytes()))?;
    history_file::settle(workspace, path);
    Ok(stamp)
}

/// The files that a workspace is made of: the sources of its layers, those that are missing in the project's `folder`
/// among them, what lies beneath, and its rules.
pub fn files_of(workspace: &Workspace, folder: &Path) -> Vec<PathBuf> {
    let open = workspace.entries.iter().flat_map(|entry| {
        let provenance = &entry.layer.provenance;
        files_of_layer(&provenance.path, provenance.layer.as_deref())
    });
    let absent = workspace.absent.iter().map(|absent| joined(folder, &absent.record.path));
    // Layers that were removed can come back.
    let closed = workspace.closed.iter().map(|closed| joined(Path::new(""), &closed.record.path));
    let tables = workspace.entries.iter().flat_map(|entry| &entry.joins).map(|join| join.path.clone());
    let beneath = workspace.underlays.iter().filter_map(|underlay| match &underlay.source {
        UnderlaySource::File(path) => Some(path.clone()),
        UnderlaySource::Tiles(_) => None,
    });
    open.chain(absent).chain(closed).chain(tables).chain(beneath).chain(workspace.rules.clone()).collect()
}

/// The files that the project file at `path` names, its journal and its history, without opening any; none where it is no project.
pub fn files_named_in(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut files = vec![journal::path_beside(path), history_file::path_beside(path), history_file::path_of_next(path)];
    // Whatever else it holds, and whichever release wrote it; what is wrong with it is told by whoever opens it.
    let Ok(Ok(table)) = read_text(path).map(|text| toml::from_str::<toml::Table>(&text)) else { return files };
    let text = |value: &toml::Value| value.as_str().map(|path| joined(folder, path));
    let layers = table.get("layer").and_then(toml::Value::as_array);
    for layer in layers.into_iter().flatten() {
        let own = layer.get("path").and_then(text);
        files.extend(own.into_iter().flat_map(|path| {
            let name = layer.get("layer").and_then(toml::Value::as_str);
            files_of_layer(&path, name).into_iter().filter(move |file| *file != path)
        }));
        let tables = layer.get("join").and_then(toml::Value::as_array).into_iter().flatten();
        let paths = std::iter::once(layer).chain(tables).filter_map(|of| of.get("path"));
        files.extend(paths.filter_map(text));
    }
    let beneath = table.get("underlay").and_then(toml::Value::as_array);
    files.extend(beneath.into_iter().flatten().filter_map(|of| of.get("path")).filter_map(text));
    files.extend(table.get("rules").and_then(text));
    files
}

/// The text of a project whose file lies in `folder`.
pub fn to_text(workspace: &Workspace, folder: &Path) -> String {
    let (layers, words) = layer_records(workspace, folder);
    let plans = plans::records(workspace, &|id| words.iter().find(|(of, _)| *of == id).map(|(_, word)| word.clone()));
    let record = ProjectRecord {
        format: FORMAT,
        name: workspace.name.clone(),
        note: workspace.note.clone(),
        crs: workspace.crs.clone().map(CrsCode),
        rules: workspace.rules.as_deref().map(|path| relative(folder, path)),
        view: workspace
            .view
            .map(|view| ViewRecord { center: [view.center.x, view.center.y], units_per_px: view.units_per_px }),
        seeing: SeeingRecord::of_seeing(&workspace.seeing),
        groups: workspace.groups.iter().map(record_of_group).collect(),
        measurements: workspace.measurements.iter().map(MeasurementRecord::of_measurement).collect(),
        bookmarks: workspace.bookmarks.iter().map(BookmarkRecord::of_bookmark).collect(),
        notes: workspace.notes.iter().map(MapNoteRecord::of_note).collect(),
        layouts: workspace.layouts.to_vec(),
        underlays: workspace.underlays.iter().map(|of| UnderlayRecord::of_underlay(of, folder)).collect(),
        layers,
        shown: plans.shown,
        scenarios: plans.scenarios,
        ledger: plans.ledger,
        settings: plans.settings,
    };
    let body = toml::to_string_pretty(&record).expect("records hold text, numbers, lists and tables only");
    format!("# 图斑工程文件 / Tuban project\n{body}")
}

/// The records of all layers as the base has them, absent ones in their places, those taken out at the end as far as
/// something still speaks of them; and the words of all.
pub(super) fn layer_records(workspace: &Workspace, folder: &Path) -> (Vec<LayerRecord>, Vec<(LayerId, String)>) {
    let mut layers: Vec<(LayerId, LayerRecord)> = Vec::new();
    for entry in &workspace.entries {
        // What a scenario shows of the layer is no matter of its record.
        let base = workspace.base_entry(entry.id());
        layers.push((entry.id(), record_of_entry(base.as_ref().unwrap_or(entry), folder)));
    }
    let mut away: Vec<(usize, LayerId, LayerRecord)> = Vec::new();
    for absent in &workspace.absent {
        away.push((absent.place, absent.id, seen_from(folder, &absent.record)));
    }
    let wanted = workspace.closed.iter().filter_map(|closed| Some((closed, closed.wanted?)));
    away.extend(wanted.map(|(closed, place)| (place, closed.id, seen_from(folder, &closed.record))));
    for (place, id, record) in away {
        layers.insert(place.min(layers.len()), (id, record));
    }
    for closed in workspace.closed.iter().filter(|closed| closed.wanted.is_none()) {
        if workspace.is_spoken_of(closed.id) {
            layers.push((closed.id, LayerRecord { removed: true, ..seen_from(folder, &closed.record) }));
        }
    }
    let (ids, layers): (Vec<LayerId>, Vec<LayerRecord>) = layers.into_iter().unzip();
    let words = plans::layer_words(&layers);
    let words = ids.into_iter().zip(words).collect();
    (layers, words)
}

/// The record of a layer, wherever it is now, its path as seen from `folder`.
fn record_of_layer(workspace: &Workspace, id: LayerId, folder: &Path) -> Option<LayerRecord> {
    if let Some(entry) = workspace.entry(id) {
        return Some(record_of_entry(workspace.base_entry(id).as_ref().unwrap_or(entry), folder));
    }
    let closed = workspace.closed.iter().find(|closed| closed.id == id).map(|closed| &closed.record);
    let absent = || workspace.absent.iter().find(|absent| absent.id == id).map(|absent| &absent.record);
    closed.or_else(absent).map(|record| seen_from(folder, record))
}

fn group_of_record(record: GroupRecord) -> LayerGroup {
    LayerGroup { id: record.id, title: record.title, open: record.open, visible: record.visible }
}

fn record_of_group(group: &LayerGroup) -> GroupRecord {
    GroupRecord { id: group.id.clone(), title: group.title.clone(), open: group.open, visible: group.visible }
}

/// How the source of a layer is read.
fn options_of(record: &LayerRecord) -> OpenOptions {
    OpenOptions {
        crs: record.crs.as_ref().map(|crs| crs.0.clone()),
        encoding: record.encoding.as_deref().and_then(Encoding::of_label),
        correction: record.correction.as_ref().map(|correction| correction.0.clone()),
        // All files of a folder as one are another reading of it than each by itself.
        layer: record.layer.clone().filter(|layer| is_united(Some(layer.as_str()))),
        ..OpenOptions::default()
    }
}

/// What a project at `path` is made of, and how it is read: the sources of its layers and the tables joined to them, each
/// once.
///
/// # Errors
/// When the project file cannot be read.
pub fn sources(path: &Path) -> Result<Vec<(PathBuf, OpenOptions)>, ProjectError> {
    sources_of(path, |_| true)
}

/// The same without the layers that were taken out of the tree.
fn sources_shown(path: &Path) -> Result<Vec<(PathBuf, OpenOptions)>, ProjectError> {
    sources_of(path, |record| !record.removed)
}

fn sources_of(
    path: &Path,
    is_wanted: impl Fn(&LayerRecord) -> bool,
) -> Result<Vec<(PathBuf, OpenOptions)>, ProjectError> {
    let text = read_text(path).map_err(|source| ProjectError::Read { path: path.to_owned(), source })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut known = std::collections::BTreeSet::new();
    let mut sources = Vec::new();
    for record in parse(&text, path)?.layers.into_iter().filter(is_wanted) {
        let tables = record.joins.iter().map(|join| {
            let options = OpenOptions { layer: join.layer.clone(), ..OpenOptions::default() };
            (joined(folder, &join.path), options)
        });
        for (path, options) in std::iter::once((joined(folder, &record.path), options_of(&record))).chain(tables) {
            if known.insert((path.clone(), format!("{options:?}"))) {
                sources.push((path, options));
            }
        }
    }
    Ok(sources)
}

/// Opens the source of a layer; `None` when that failed, which is an issue.
fn read_source(
    record: &LayerRecord,
    folder: &Path,
    open: &mut dyn FnMut(&Path, &OpenOptions) -> Result<Opened, ReadError>,
    issues: &mut Vec<Issue>,
) -> Option<Vec<Option<Layer>>> {
    match open(&joined(folder, &record.path), &options_of(record)) {
        Ok(opened) => {
            let changed = opened.layers.first().is_some_and(|layer| {
                let now = &layer.provenance;
                !record.hash.is_empty() && !now.hash.is_empty() && now.hash != record.hash
            });
            if changed {
                let message = Message::new("scenario.source-changed").with("path", &record.path);
                issues.push(Issue::new(Severity::Warning, message));
            }
            Some(opened.layers.into_iter().map(Some).collect())
        }
        Err(error) => {
            let missing = matches!(&error, ReadError::Io(error) if error.kind() == io::ErrorKind::NotFound);
            let key = if missing { "scenario.source-missing" } else { "scenario.source-unreadable" };
            let message = Message::new(key).with("path", &record.path).with_message("reason", &error.message());
            issues.push(Issue::new(Severity::Error, message));
            None
        }
    }
}

/// The layer of the record's kind and name, which can be taken once; one of its kind where none has the name: a file
/// that was renamed names its layer anew.
fn take_layer(layers: &mut [Option<Layer>], record: &LayerRecord) -> Option<Layer> {
    let of_kind = |layer: &Option<Layer>| layer.as_ref().is_some_and(|layer| layer.kind == record.kind.0);
    let named = |layer: &Option<Layer>| layer.as_ref().is_some_and(|layer| is_called(layer, record.layer.as_deref()));
    let at = layers.iter().position(|layer| of_kind(layer) && named(layer));
    let at = at.or_else(|| layers.iter().position(of_kind))?;
    layers[at].take()
}

/// The word for a kind of geometry.
fn kind_word(kind: GeometryKind, language: Language) -> &'static str {
    tr(
        language,
        match kind {
            GeometryKind::Point => "scenario.kind-point",
            GeometryKind::Line => "scenario.kind-line",
            GeometryKind::Polygon => "scenario.kind-polygon",
            GeometryKind::None => "scenario.kind-none",
        },
    )
}

#[cfg(test)]
mod tests;
