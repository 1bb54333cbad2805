//! The project file: which sources are open, in which order and style, what the map shows.
//!
//! A text that people and version control can read: TOML with a version, paths relative to the file, size and hash of
//! each source, and styles only where they differ from the first ones. It never holds coordinates, and sources are
//! never written. What in-memory types look like is no matter of this file: [`record`] has its own.
//!
//! A source that is missing or unreadable does not keep the others from opening; its layers are remembered and written
//! back. Saving replaces the file at once or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::workspace::{AbsentLayer, Entry, LayerGroup, SavedView, Workspace};
use crate::crs::Crs;
use crate::io::{OpenOptions, Opened, ReadError, SaveError, save_atomically};
use crate::model::style::defaults;
use crate::model::{Coord, Issue, Layer, LayerId, Severity};
use crate::task::Progress;
use crate::text::Message;

mod identity;
pub(super) mod lines;
pub mod plan;
pub(super) mod plans;
pub mod record;
pub mod seeing;

use plans::Plans;
use record::{FORMAT, GroupRecord, LayerRecord, ProjectRecord, StyleRecord, ViewRecord};
use seeing::SeeingRecord;

/// Extension of project files.
pub const EXTENSION: &str = "toml";

/// Why a project could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The file cannot be read.
    #[error("cannot read the project: {source}: {}", path.display())]
    Read {
        /// The project file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The file is no valid project.
    #[error("line {line}, column {column}: {reason}: {}", path.display())]
    Syntax {
        /// The project file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Character in the line, from 1.
        column: usize,
        /// What is wrong there, in English as the TOML reader says it.
        reason: String,
    },
    /// The file was written by a later release.
    #[error("the project has format {found}, this program knows up to {FORMAT}: {}", path.display())]
    Newer {
        /// The project file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The file has no `format`: some other TOML file.
    #[error("no `format`, so this is not a project: {}", path.display())]
    NotAProject {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] crate::task::Cancelled),
}

impl ProjectError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Read { path, source } => {
                let key = match source.kind() {
                    io::ErrorKind::NotFound => "scenario.project-missing",
                    _ => "scenario.project-unreadable",
                };
                Message::new(key).with("path", path.display()).with("reason", source)
            }
            Self::Syntax { path, line, column, reason } => Message::new("scenario.project-syntax")
                .with("path", path.display())
                .with("line", line)
                .with("column", column)
                .with("reason", reason),
            Self::Newer { path, found } => Message::new("scenario.project-newer")
                .with("path", path.display())
                .with("found", found)
                .with("known", FORMAT),
            Self::NotAProject { path } => Message::new("scenario.not-a-project").with("path", path.display()),
            Self::Save(error) => error.message(),
            Self::Cancelled(_) => Message::new("scenario.cancelled"),
        }
    }
}

/// A project as opened.
#[derive(Debug)]
pub struct Loaded {
    /// Its layers, as far as their sources could be read.
    pub workspace: Workspace,
    /// Sources that are missing, unreadable or not what they were.
    pub issues: Vec<Issue>,
}

/// Opens a project and its sources.
///
/// # Errors
/// When the project file itself cannot be read; sources that cannot are issues.
pub fn load(path: &Path, progress: &Progress) -> Result<Loaded, ProjectError> {
    load_with(path, &mut |source, options| crate::io::open(source, options, progress))
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
    let text = fs::read_to_string(path).map_err(|source| ProjectError::Read { path: path.to_owned(), source })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    load_text(&text, path, folder, open)
}

/// [`load_with`] from the text of a project file whose paths start at `folder`; `path` is what errors name.
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
    let plans =
        Plans { shown: record.shown, scenarios: record.scenarios, ledger: record.ledger, settings: record.settings };
    let words = plans::layer_words(&record.layers);
    let mut ids: BTreeMap<String, LayerId> = BTreeMap::new();
    let mut issues = Vec::new();
    let mut sources: BTreeMap<(String, Option<String>), Option<Vec<Option<Layer>>>> = BTreeMap::new();
    for (place, layer_record) in record.layers.into_iter().enumerate() {
        let key = (layer_record.path.clone(), layer_record.crs.as_ref().map(|crs| crs.0.code().to_owned()));
        let layers = sources.entry(key).or_insert_with(|| read_source(&layer_record, folder, open, &mut issues));
        let found = layers.as_mut().and_then(|layers| take_layer(layers, &layer_record));
        match found {
            Some(layer) => {
                ids.insert(words[place].clone(), layer.id);
                workspace.push_entry(entry_of_record(layer, layer_record));
            }
            None => {
                if layers.is_some() {
                    let message = Message::new("scenario.source-lacks-layer")
                        .with("path", &layer_record.path)
                        .with("kind", layer_record.kind.0.name());
                    issues.push(Issue::new(Severity::Error, message));
                }
                workspace.absent.push(AbsentLayer { place, record: layer_record });
            }
        }
    }
    plans::install(&mut workspace, plans, &|word| ids.get(word).copied(), &mut issues);
    Ok(Loaded { workspace, issues })
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
    // Version 1 is version 2 without scenarios, version 2 is version 3 without how several states are seen: what they
    // lack is empty. Later versions get their step here.
    let mut record: ProjectRecord = toml::from_str(text).map_err(syntax)?;
    record.format = FORMAT;
    Ok(record)
}

/// Writes a project.
///
/// # Errors
/// When it cannot be written; what was there before is untouched then.
pub fn save(workspace: &Workspace, path: &Path) -> Result<(), ProjectError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let text = to_text(workspace, folder);
    Ok(save_atomically(path, |out| out.write_all(text.as_bytes()))?)
}

/// The text of a project whose file lies in `folder`.
pub fn to_text(workspace: &Workspace, folder: &Path) -> String {
    let (layers, words) = layer_records(workspace, folder);
    let plans = plans::records(workspace, &|id| words.iter().find(|(of, _)| *of == id).map(|(_, word)| word.clone()));
    let record = ProjectRecord {
        format: FORMAT,
        name: workspace.name.clone(),
        note: workspace.note.clone(),
        crs: workspace.crs.clone().map(record::CrsCode),
        rules: workspace.rules.as_deref().map(|path| relative(folder, path)),
        view: workspace
            .view
            .map(|view| ViewRecord { center: [view.center.x, view.center.y], units_per_px: view.units_per_px }),
        seeing: SeeingRecord::of_seeing(&workspace.seeing),
        groups: workspace.groups.iter().map(record_of_group).collect(),
        layers,
        shown: plans.shown,
        scenarios: plans.scenarios,
        ledger: plans.ledger,
        settings: plans.settings,
    };
    let body = toml::to_string_pretty(&record).expect("records hold text, numbers, lists and tables only");
    format!("# 图斑工程文件 / Tuban project\n{body}")
}

/// The records of all layers as the base has them, absent ones in their places, and the words of those that are open.
pub(super) fn layer_records(workspace: &Workspace, folder: &Path) -> (Vec<LayerRecord>, Vec<(LayerId, String)>) {
    let mut layers: Vec<(Option<LayerId>, LayerRecord)> = Vec::new();
    for entry in &workspace.entries {
        // What a scenario shows of the layer is no matter of its record.
        let base = workspace.base_entry(entry.id());
        layers.push((Some(entry.id()), record_of_entry(base.as_ref().unwrap_or(entry), folder)));
    }
    for absent in &workspace.absent {
        layers.insert(absent.place.min(layers.len()), (None, absent.record.clone()));
    }
    let (ids, layers): (Vec<Option<LayerId>>, Vec<LayerRecord>) = layers.into_iter().unzip();
    let words = plans::layer_words(&layers);
    let words = ids.into_iter().zip(words).filter_map(|(id, word)| Some((id?, word))).collect();
    (layers, words)
}

fn group_of_record(record: GroupRecord) -> LayerGroup {
    LayerGroup { id: record.id, title: record.title, open: record.open, visible: record.visible }
}

fn record_of_group(group: &LayerGroup) -> GroupRecord {
    GroupRecord { id: group.id.clone(), title: group.title.clone(), open: group.open, visible: group.visible }
}

/// Opens the source of a layer; `None` when that failed, which is an issue.
fn read_source(
    record: &LayerRecord,
    folder: &Path,
    open: &mut dyn FnMut(&Path, &OpenOptions) -> Result<Opened, ReadError>,
    issues: &mut Vec<Issue>,
) -> Option<Vec<Option<Layer>>> {
    let path = joined(folder, &record.path);
    let options = OpenOptions { crs: record.crs.as_ref().map(|crs| crs.0.clone()), ..OpenOptions::default() };
    match open(&path, &options) {
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
            let message = Message::new(key).with("path", &record.path).with("reason", error);
            issues.push(Issue::new(Severity::Error, message));
            None
        }
    }
}

/// The layer of the record's kind, which can be taken once.
fn take_layer(layers: &mut [Option<Layer>], record: &LayerRecord) -> Option<Layer> {
    let fits = |layer: &Option<Layer>| layer.as_ref().is_some_and(|layer| layer.kind == record.kind.0);
    layers.iter_mut().find(|layer| fits(layer))?.take()
}

fn entry_of_record(layer: Layer, record: LayerRecord) -> Entry {
    let mut entry = Entry::recognised(Arc::new(layer), 0);
    if let Some(title) = record.title {
        entry.title = title;
    }
    if entry.role != record.role.0 {
        entry.set_role(record.role.0, 0);
    }
    if let Some(style) = record.style {
        entry.style = style.into_style(&entry.style);
    }
    entry.visible = record.visible;
    entry.open = record.open;
    entry.group = record.group;
    entry.crs_override = record.crs.map(|crs| crs.0);
    entry
}

fn record_of_entry(entry: &Entry, folder: &Path) -> LayerRecord {
    let provenance = &entry.layer.provenance;
    let first = defaults::for_layer(&entry.layer, &entry.recognition, 0);
    LayerRecord {
        path: relative(folder, &provenance.path),
        kind: record::KindWord(entry.layer.kind),
        title: (entry.title != entry.layer.name).then(|| entry.title.clone()),
        role: record::RoleWord(entry.role),
        group: entry.group.clone(),
        visible: entry.visible,
        open: entry.open,
        crs: entry.crs_override.clone().map(record::CrsCode),
        bytes: provenance.byte_count,
        hash: provenance.hash.clone(),
        style: (entry.style != first).then(|| StyleRecord::of_style(&entry.style)),
    }
}

/// A path of the file as seen from where the program runs.
fn joined(folder: &Path, path: &str) -> PathBuf {
    if has_scheme(path) { PathBuf::from(path) } else { folder.join(path) }
}

/// Whether a path names something else than a file: `demo:…`. A single letter is a drive of Windows.
fn has_scheme(path: &str) -> bool {
    path.split_once(':')
        .is_some_and(|(scheme, _)| scheme.len() > 1 && scheme.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// `path` as seen from `folder`, with forward slashes; as it stands where there is no way between the two.
pub fn relative(folder: &Path, path: &Path) -> String {
    let text = |path: &Path| path.to_string_lossy().replace('\\', "/");
    if has_scheme(&path.to_string_lossy()) {
        return path.to_string_lossy().into_owned();
    }
    let (Ok(from), Ok(to)) = (std::path::absolute(folder), std::path::absolute(path)) else { return text(path) };
    let from: Vec<Component<'_>> = from.components().filter(|c| *c != Component::CurDir).collect();
    let to: Vec<Component<'_>> = to.components().filter(|c| *c != Component::CurDir).collect();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return text(path);
    }
    let mut steps = vec!["..".to_owned(); from.len() - common];
    steps.extend(to[common..].iter().map(|step| step.as_os_str().to_string_lossy().into_owned()));
    steps.join("/")
}

/// A record of a CRS that is not asked of PROJ twice.
impl From<Crs> for record::CrsCode {
    fn from(crs: Crs) -> Self {
        Self(crs)
    }
}

#[cfg(test)]
mod tests;
