//! Opening files: reading in the background, what needs an answer, reading again.
//!
//! A file whose CRS is beyond doubt and that was read to its end becomes a layer at once. Any other waits in the
//! [`OpenReport`], beside the files of the same call that wait too. A file is never read in the window's thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::arriving::{self, Expected};
use super::open_report::{OpenChoice, OpenReport, PendingFile};
use super::save;
use super::state::{Page, Session};
use crate::crs::{Crs, CrsSource};
use crate::doctor;
use crate::io::{OpenOptions, Opened, ReadError};
use crate::model::roles::Role;
use crate::model::{Layer, LayerId, Revision};
use crate::synth::embedded;
use crate::text::Message;

/// Names that the system's dialog lists.
const EXTENSIONS: [&str; 8] = ["geojson", "json", "geojsonl", "geojsons", "ndjson", "jsonl", "gz", "toml"];

/// Asks for files and opens them.
pub fn choose(session: &mut Session) {
    let title = session.tr("ui.open").to_owned();
    let kinds = session.tr("ui.filter-geojson").to_owned();
    let all = session.tr("ui.filter-all").to_owned();
    let folder = session.settings.recent.first().and_then(|path| path.parent()).map(Path::to_owned);
    let dialog = move || {
        let mut dialog = rfd::FileDialog::new().set_title(title).add_filter(kinds, &EXTENSIONS).add_filter(all, &["*"]);
        if let Some(folder) = folder {
            dialog = dialog.set_directory(folder);
        }
        dialog.pick_files()
    };
    save::ask(session, dialog, |session, paths: Option<Vec<PathBuf>>| open(session, paths.unwrap_or_default()));
}

/// Opens files.
pub fn open(session: &mut Session, paths: Vec<PathBuf>) {
    for path in paths {
        // A path that cannot be made absolute is told as it was given.
        let path = std::path::absolute(&path).unwrap_or(path);
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
            super::project::open(session, path);
        } else {
            read(session, path, OpenOptions::default());
        }
    }
}

/// Reads a file in the background.
fn read(session: &mut Session, path: PathBuf, options: OpenOptions) {
    let name = Message::new("ui.job-open").with("file", super::run::file_title(&path));
    let source = path.clone();
    let asked = options.clone();
    let files = Expected::default();
    let (next, came) = (files.clone(), files.clone());
    let job = session.jobs.spawn(
        name,
        move |progress| embedded::open_source(&source, &next.next_file(options), progress),
        move |session, result| {
            if let Ok(opened) = &result {
                arriving::came(session, &came, opened.layers.iter());
            }
            took(session, path, &asked, result);
        },
    );
    arriving::expect(session, job, files);
}

/// Takes what came of a file.
pub fn took(session: &mut Session, path: PathBuf, options: &OpenOptions, result: Result<Opened, ReadError>) {
    match result {
        Ok(opened) => {
            session.settings.remember(&path);
            if opened.decision.certain || options.crs.is_some() {
                install(session, opened);
            } else {
                // The demo says nothing about where the user's data lie.
                let entries = if session.demo { &[][..] } else { &session.workspace.entries };
                let open: Vec<&Layer> = entries.iter().map(|entry| &*entry.layer).collect();
                let ranked = doctor::rank(&opened.decision, &opened.sample, &open);
                add_pending(session, PendingFile::undecided(path, opened, ranked));
            }
        }
        Err(ReadError::Cancelled) => {}
        Err(error) => {
            let kept = match &error {
                ReadError::Syntax { feature_count, .. } => *feature_count,
                _ => 0,
            };
            if kept > 0 {
                session.settings.remember(&path);
                add_pending(session, PendingFile::broken(path, error, kept));
            } else {
                let reason = error.message().text(session.settings.language);
                let file = super::run::file_title(&path);
                session.notify_error(Message::new("ui.not-opened").with("file", file).with("reason", reason));
            }
        }
    }
}

fn add_pending(session: &mut Session, file: PendingFile) {
    session.opened.get_or_insert_with(OpenReport::default).files.push(file);
}

/// Adds the layers of a file to the workspace.
///
/// The demo project makes way for the user's own data.
pub fn install(session: &mut Session, opened: Opened) {
    if session.demo {
        super::project::close(session);
    }
    let first = session.workspace.is_empty();
    let mut notes = Vec::new();
    for layer in opened.layers {
        notes.push((layer.name.clone(), layer.feature_count()));
        add_layer(session, layer);
    }
    if first {
        session.wants_full_extent = true;
    }
    if let [(name, count)] = notes.as_slice()
        && !first
    {
        let count = crate::units::format_number(*count as f64, 0);
        session.notify(Message::new("ui.opened").with("layer", name).with("n", count));
    }
}

/// Adds a layer to the workspace. It becomes the current one, unless that is land use, which most work is about.
pub fn add_layer(session: &mut Session, layer: Layer) -> LayerId {
    let id = session.workspace.add(Arc::new(layer));
    let land_use = |entry: &crate::scenario::Entry| entry.role == Role::LandUse;
    if session.workspace.entry(id).is_some_and(land_use) || !session.current().is_some_and(land_use) {
        session.current = Some(id);
    }
    if let Some(entry) = session.workspace.entry_mut(id)
        && entry.style.categories().is_some()
    {
        entry.open = true;
    }
    id
}

/// Carries out an answer to the report.
pub fn answer(session: &mut Session, choice: OpenChoice) {
    let Some(mut report) = session.opened.take() else { return };
    match choice {
        OpenChoice::Cancel => return,
        OpenChoice::Show(file) => report.shown = file.min(report.files.len().saturating_sub(1)),
        OpenChoice::Read { file, crs } => {
            if let Some(file) = report.files.get_mut(file) {
                file.chosen = Some(crs);
            }
        }
        OpenChoice::Leave(file) => {
            if file < report.files.len() {
                report.files.remove(file);
            }
        }
        OpenChoice::Open(file) => {
            if file < report.files.len() {
                let file = report.files.remove(file);
                open_pending(session, file);
            }
        }
        OpenChoice::OpenAll => {
            for file in std::mem::take(&mut report.files) {
                open_pending(session, file);
            }
        }
    }
    report.shown = report.shown.min(report.files.len().saturating_sub(1));
    if !report.files.is_empty() {
        session.opened = Some(report);
    }
}

/// Opens a file that waited, in the CRS that was chosen, or as far as it could be read.
fn open_pending(session: &mut Session, file: PendingFile) {
    let PendingFile { path, opened, error, chosen, .. } = file;
    match (opened, error, chosen) {
        (Some(opened), _, None) => install(session, *opened),
        // The first reading as it stands needs no second one.
        (Some(mut opened), _, Some(crs)) if opened.decision.crs == crs => {
            for layer in &mut opened.layers {
                layer.crs_source = CrsSource::User;
            }
            install(session, *opened);
        }
        (Some(_), _, Some(crs)) => read(session, path, OpenOptions { crs: Some(crs), ..OpenOptions::default() }),
        (None, Some(_), crs) => read(session, path, OpenOptions { crs, keep_partial: true, ..OpenOptions::default() }),
        (None, None, _) => {}
    }
}

/// Reads the coordinates of a layer in another CRS.
pub fn set_layer_crs(session: &mut Session, layer: LayerId, crs: Crs) {
    let Some(entry) = session.workspace.entry_mut(layer) else { return };
    entry.crs_override = Some(crs.clone());
    if entry.layer.provenance.path.as_os_str().is_empty() {
        let changed = Layer {
            crs,
            crs_source: CrsSource::User,
            crs_reason: Message::new("ui.crs-by-user"),
            revision: Revision::next(),
            shape: Revision::next(),
            ..Layer::clone(&entry.layer)
        };
        replace(session, layer, changed);
    } else {
        reload(session, layer);
    }
}

/// Reads the file of a layer again, in the CRS that the user gave if there is one.
pub fn reload(session: &mut Session, layer: LayerId) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let path = entry.layer.provenance.path.clone();
    if path.as_os_str().is_empty() {
        return;
    }
    let kind = entry.layer.kind;
    let options = OpenOptions { crs: entry.crs_override.clone(), ..OpenOptions::default() };
    let name = Message::new("ui.job-open").with("file", super::run::file_title(&path));
    let source = path.clone();
    session.jobs.spawn(
        name,
        move |progress| embedded::open_source(&source, &options, progress),
        move |session, result| match result {
            Ok(opened) => {
                // A file with several kinds of geometry is several layers: this one is that of its kind.
                match opened.layers.into_iter().find(|layer| layer.kind == kind) {
                    Some(fresh) => replace(session, layer, fresh),
                    None => session.notify_error(Message::new("ui.reload-no-such-kind")),
                }
            }
            Err(ReadError::Cancelled) => {}
            Err(error) => {
                let reason = error.message().text(session.settings.language);
                let file = super::run::file_title(&path);
                session.notify_error(Message::new("ui.not-opened").with("file", file).with("reason", reason));
            }
        },
    );
}

/// Puts a newly read state of a layer in the place of the old one.
fn replace(session: &mut Session, old: LayerId, layer: Layer) {
    let new = layer.id;
    let name = layer.name.clone();
    session.forget_features(old);
    let Some(found) = session.workspace.replace_layer(old, Arc::new(layer)) else { return };
    if let Some(method) = session.methods.remove(&old) {
        session.methods.insert(new, method);
    }
    if session.current == Some(old) {
        session.current = Some(new);
    }
    if session.page == Page::Style(old) {
        session.page = Page::Style(new);
    }
    session.notify(Message::new("ui.reloaded").with("layer", name));
    found.into_iter().for_each(|issue| session.notify(issue.message));
}
