//! Opening files: reading in the background, what needs an answer, reading again.
//!
//! A file whose CRS is beyond doubt and that was read to its end becomes a layer at once. Any other waits in the
//! [`OpenReport`], beside the files of the same call that wait too. A file is never read
//! in the window's thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::crs::{Correction, Crs, CrsSource};
use crate::doctor;
use crate::io::{FORMATS, Found, OpenOptions, Opened, ReadError};
use crate::model::roles::Role;
use crate::model::{Layer, LayerId, Revision};
use crate::scenario::{Property, WantedLayer};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::examining::Asked;
use crate::ui::session::leaving::Next;
use crate::ui::session::opening::{self, Expected, OpenChoice, OpenReport, PendingFile};
use crate::ui::session::parts::Card;
use crate::ui::work::asking::{self, NO_ANSWER};
use crate::ui::work::{arriving, leaving, project, save, scenarios, shifts};

/// Endings of all files that can be opened, projects among them, and those of each format by its name.
fn filters(session: &Session) -> Vec<(String, Vec<&'static str>)> {
    let read = || FORMATS.iter().filter(|format| format.is_read() && !format.endings.is_empty());
    let packed = ["gz", crate::scenario::project::EXTENSION];
    let all = read().flat_map(|format| format.endings.iter().copied()).chain(packed).collect();
    let each = read().map(|format| (session.tr(format.name).to_owned(), format.endings.to_vec()));
    std::iter::once((session.tr("ui.filter-data").to_owned(), all)).chain(each).collect()
}

/// Asks for files and opens them.
pub fn choose(session: &mut Session) {
    let title = session.tr("ui.open").to_owned();
    let filters = filters(session);
    let all = session.tr("ui.filter-all").to_owned();
    let folder = session.settings.recent.first().and_then(|path| path.parent()).map(Path::to_owned);
    if !asking::system_has_dialogs() {
        return choose_in_window(session, folder);
    }
    let beside = folder.clone();
    let dialog = move || {
        let asked = std::time::Instant::now();
        let mut dialog = rfd::FileDialog::new().set_title(title);
        for (name, endings) in filters {
            dialog = dialog.add_filter(name, &endings);
        }
        dialog = dialog.add_filter(all, &["*"]);
        if let Some(folder) = folder {
            dialog = dialog.set_directory(folder);
        }
        (dialog.pick_files(), asked.elapsed())
    };
    save::ask(session, dialog, |session, (paths, took): (Option<Vec<PathBuf>>, Duration)| match paths {
        Some(paths) => open(session, paths),
        // Nobody cancels so soon: the portal is there by name only.
        None if took < NO_ANSWER && cfg!(target_os = "linux") => choose_in_window(session, beside),
        None => {}
    });
}

/// Asks for a file in the window.
fn choose_in_window(session: &mut Session, folder: Option<PathBuf>) {
    let folder = folder.or_else(|| std::env::current_dir().ok()).unwrap_or_default(); // none: an empty field
    asking::ask(session, "ui.open", false, &folder.join(""), |session, path| open(session, vec![path]));
}

/// Opens files and a project: the project first, the files with it. A second project is not opened, which is said.
pub fn open(session: &mut Session, paths: Vec<PathBuf>) {
    // A path that cannot be made absolute is told as it was given.
    let paths = paths.into_iter().map(|path| std::path::absolute(&path).unwrap_or(path));
    let (projects, files): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.partition(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")));
    let files = crate::io::without_parts(files);
    let mut projects = projects.into_iter();
    if let Some(project) = projects.next() {
        for other in projects.filter(|other| *other != project) {
            let message = Message::new("ui.one-project")
                .with("other", opening::file_title(&other))
                .with("file", opening::file_title(&project));
            session.offer(message, "ui.open-instead", Command::File(FileCommand::OpenPaths(vec![other])));
        }
        session.after_project.extend(files);
        leaving::go(session, Next::Open(project));
    } else if session.opening.is_empty() {
        files.into_iter().for_each(|path| read_new(session, path));
    } else {
        // The project that is being opened would take their place.
        session.after_project.extend(files);
    }
}

/// Reads a file that is not open yet, under the spelling of its path that it is known by if it is.
fn read_new(session: &mut Session, path: PathBuf) {
    let known = session.workspace.entries.iter().map(|entry| &entry.layer.provenance.path);
    let known = known.filter(|known| **known != path).find(|known| crate::io::is_same_file(known, &path)).cloned();
    read(session, known.unwrap_or(path), OpenOptions::default());
}

/// What happens each frame: files that waited for a project are opened, layers are read again that shall come back or
/// whose coordinates are to be read in another CRS.
pub fn refresh(session: &mut Session) {
    let jobs = &session.jobs;
    session.opening.retain(|job| jobs.is_running(*job));
    if session.opening.is_empty() && !matches!(session.card, Some(Card::Leave(_))) {
        for path in std::mem::take(&mut session.after_project) {
            read_new(session, path);
        }
    }
    for wanted in session.workspace.wanted_layers() {
        if session.project.rereading.contains_key(&wanted.id) {
            continue;
        }
        session.project.rereading.insert(wanted.id, (wanted.crs.clone(), wanted.correction.clone()));
        bring_back(session, wanted);
    }
    let differs = |entry: &crate::scenario::Entry| {
        // What a scenario shows in its place was read as it was.
        let base = session.workspace.base_of(entry.id()).map(|(base, _)| base)?;
        let differs = entry.correction != base.provenance.correction
            || entry.correction.is_none()
                && match &entry.crs_override {
                    Some(crs) => base.crs != *crs,
                    None => base.crs_source == CrsSource::User,
                };
        let wanted = (entry.crs_override.clone(), entry.correction.clone());
        let known = session.project.rereading.get(&entry.id()) == Some(&wanted);
        (differs && !known).then(|| (entry.id(), wanted))
    };
    let differing: Vec<(LayerId, Asked)> = session.workspace.entries.iter().filter_map(differs).collect();
    for (layer, asked) in differing {
        let crs = asked.0.clone();
        session.project.rereading.insert(layer, asked);
        match session.layer(layer).map(|layer| layer.provenance.path.as_os_str().is_empty()) {
            Some(true) => reinterpret(session, layer, crs),
            Some(false) => reload(session, layer),
            None => {}
        }
    }
}

/// Reads the source of a layer that shall come back.
fn bring_back(session: &mut Session, wanted: WantedLayer) {
    let name = Message::new("ui.job-open").with("file", opening::file_title(&wanted.path));
    let (path, options) = (wanted.path.clone(), wanted.options());
    session.jobs.spawn(
        name,
        move |progress| crate::io::open(&path, &options, progress),
        move |session, result| {
            session.project.rereading.remove(&wanted.id);
            let file = opening::file_title(&wanted.path);
            let reason = match result {
                Ok(opened) => match wanted.choose(opened.layers) {
                    Some(layer) => {
                        let found = session.workspace.came_back(wanted.id, layer);
                        session.tell_reread(&[wanted.id], found);
                        return;
                    }
                    None => session.tr("ui.reload-no-such-kind").to_owned(),
                },
                Err(error) => error.message().text(session.settings.language),
            };
            if session.workspace.give_up(wanted.id) {
                session.notify_error(Message::new("ui.not-back").with("file", file).with("reason", reason));
            }
        },
    );
}

/// Reads a file in the background.
fn read(session: &mut Session, path: PathBuf, options: OpenOptions) {
    let name = Message::new("ui.job-open").with("file", opening::file_title(&path));
    let (source, reading) = (path.clone(), path.clone());
    let asked = options.clone();
    let files = Expected::default();
    let (next, came) = (files.clone(), files.clone());
    let job = session.jobs.spawn(
        name,
        move |progress| crate::io::open_each(&source, &next.next_file(options), progress),
        move |session, result| match result {
            Ok(found) => {
                let opened = found.iter().filter_map(|found| found.result.as_ref().ok());
                arriving::came(session, &came, opened.flat_map(|opened| &opened.layers));
                took_each(session, &path, &asked, found);
            }
            Err(error) => took(session, path, &asked, Err(error)),
        },
    );
    arriving::expect(session, job, reading, files);
}

/// Takes what came of a source of several layers: what is beyond doubt in one step, the others each by itself.
fn took_each(session: &mut Session, path: &Path, asked: &OpenOptions, found: Vec<Found>) {
    let is_sure =
        |found: &Found| found.result.as_ref().is_ok_and(|opened| opened.decision.certain || asked.crs.is_some());
    let (sure, rest): (Vec<Found>, Vec<Found>) = found.into_iter().partition(is_sure);
    if !sure.is_empty() {
        session.settings.remember(path);
        install(
            session,
            sure.into_iter().filter_map(|found| found.result.ok()).flat_map(|opened| opened.layers).collect(),
        );
    }
    for found in rest {
        let address = found.address();
        took(session, address, asked, found.result);
    }
}

/// Takes what came of a file.
pub fn took(session: &mut Session, path: PathBuf, options: &OpenOptions, result: Result<Opened, ReadError>) {
    match result {
        Ok(opened) => {
            session.settings.remember(&path);
            if opened.decision.certain || options.crs.is_some() {
                install(session, opened.layers);
            } else {
                // The demo says nothing about where the user's data lie.
                let entries = if session.project.demo { &[][..] } else { &session.workspace.entries };
                let open: Vec<&Layer> = entries.iter().map(|entry| &*entry.layer).collect();
                let ranked = doctor::rank(&opened.decision, &opened.sample, &open);
                add_pending(session, PendingFile::undecided(path, opened, ranked));
            }
        }
        Err(ReadError::Cancelled) => {}
        Err(error) => {
            let kept = match &error {
                ReadError::Syntax { feature_count, .. } | ReadError::TooLong { feature_count, .. } => *feature_count,
                _ => 0,
            };
            if kept > 0 {
                session.settings.remember(&path);
                add_pending(session, PendingFile::broken(path, error, kept));
            } else {
                let reason = error.message();
                let file = opening::file_title(&path);
                session.notify_error(Message::new("ui.not-opened").with("file", file).with_message("reason", &reason));
            }
        }
    }
}

fn add_pending(session: &mut Session, file: PendingFile) {
    session.opened.get_or_insert_with(OpenReport::default).files.push(file);
}

/// Adds the layers of a file to the workspace, as one step.
///
/// The demo project makes way for the user's own data, unless the user has worked on it.
pub fn install(session: &mut Session, layers: Vec<Layer>) {
    if session.project.demo {
        if session.workspace.scenarios.history.unsaved_count() == 0 {
            project::close(session);
        }
        session.project.demo = false;
    }
    let first = session.workspace.is_empty();
    let notes: Vec<(String, usize)> = layers.iter().map(|layer| (layer.name.clone(), layer.feature_count())).collect();
    let layers = layers.into_iter().map(Arc::new).collect();
    for id in session.workspace.open_layers(layers, scenarios::by(session)) {
        took_up(session, id);
    }
    if first {
        session.project.wants_full_extent = true;
    }
    shifts::look(session);
    if let [(name, count)] = notes.as_slice()
        && !first
    {
        let count = crate::units::format_number(*count as f64, 0);
        session.notify(Message::new("ui.opened").with("layer", name).with("n", count));
    }
}

/// Makes a layer that was opened the current one, unless that is land use, which most work is about.
fn took_up(session: &mut Session, id: LayerId) {
    let land_use = |entry: &crate::scenario::Entry| entry.role == Role::LandUse;
    if session.workspace.entry(id).is_some_and(land_use) || !session.current().is_some_and(land_use) {
        session.project.current = Some(id);
    }
    if let Some(entry) = session.workspace.entry_mut(id)
        && entry.style.categories().is_some()
    {
        entry.open = true;
    }
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
        (Some(opened), _, None) => install(session, opened.layers),
        // The first reading as it stands needs no second one.
        (Some(mut opened), _, Some(crs)) if opened.decision.crs == crs => {
            for layer in &mut opened.layers {
                layer.crs_source = CrsSource::User;
            }
            install(session, opened.layers);
        }
        (Some(_), _, Some(crs)) => read(session, path, OpenOptions { crs: Some(crs), ..OpenOptions::default() }),
        (None, Some(_), crs) => read(session, path, OpenOptions { crs, keep_partial: true, ..OpenOptions::default() }),
        (None, None, _) => {}
    }
}

/// Reads the coordinates of a layer in another CRS: a step that undo takes back.
pub fn set_layer_crs(session: &mut Session, layer: LayerId, crs: Crs) {
    session.project.rereading.remove(&layer);
    let by = scenarios::by(session);
    if session.workspace.entry(layer).is_some_and(|entry| entry.correction.is_none()) {
        session.workspace.change(Property::LayerCrs(layer, Some(crs)), by);
        return;
    }
    let title = session.workspace.entry(layer).map(|entry| entry.title.clone()).unwrap_or_default();
    let sentence = Message::new("scenario.layer-crs").with("layer", title).with("crs", crs.label_in(by.language));
    let parts = vec![Property::LayerCrs(layer, Some(crs)), Property::Correction(layer, None)];
    session.workspace.change_all(parts, sentence, by);
}

/// Reads the coordinates of a layer with something undone, or as they are: a step that undo takes back.
pub fn set_correction(session: &mut Session, layer: LayerId, correction: Option<Correction>) {
    session.project.rereading.remove(&layer);
    let correction = correction.map(Arc::new);
    session.workspace.change(Property::Correction(layer, correction), scenarios::by(session));
}

/// Takes the coordinates of a layer without a file for those of another CRS.
fn reinterpret(session: &mut Session, layer: LayerId, crs: Option<Crs>) {
    let (Some((base, _)), Some(crs)) = (session.workspace.base_of(layer), crs) else { return };
    let changed = Layer {
        crs,
        crs_source: CrsSource::User,
        crs_reason: Message::new("ui.crs-by-user"),
        revision: Revision::next(),
        shape: Revision::next(),
        ..Layer::clone(base)
    };
    replace(session, layer, changed);
}

/// Reads the file of a layer again, in the CRS that the user gave if there is one.
pub fn reload(session: &mut Session, layer: LayerId) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let path = entry.layer.provenance.path.clone();
    if path.as_os_str().is_empty() {
        return;
    }
    let provenance = &entry.layer.provenance;
    let (kind, own) = (entry.layer.kind, provenance.layer.clone().unwrap_or_else(|| entry.layer.name.clone()));
    let layer_in_file = provenance.layer.clone();
    let options = OpenOptions {
        crs: entry.crs_override.clone(),
        correction: entry.correction.clone(),
        layer: layer_in_file,
        ..OpenOptions::default()
    };
    let name = Message::new("ui.job-open").with("file", opening::file_title(&path));
    let source = path.clone();
    session.jobs.spawn(
        name,
        move |progress| crate::io::open(&source, &options, progress),
        move |session, result| match result {
            Ok(opened) => {
                // A file with several kinds of geometry is several layers: this one is that of its kind.
                let wanted = WantedLayer { id: layer, path, crs: None, correction: None, kind, name: Some(own) };
                match wanted.choose(opened.layers) {
                    Some(fresh) => replace(session, layer, fresh),
                    None => session.notify_error(Message::new("ui.reload-no-such-kind")),
                }
            }
            Err(ReadError::Cancelled) => {}
            Err(error) => {
                let reason = error.message();
                let file = opening::file_title(&path);
                session.notify_error(Message::new("ui.not-opened").with("file", file).with_message("reason", &reason));
            }
        },
    );
}

/// Puts a newly read state of a layer in the place of the old one. What could not be told for certain stays on screen.
fn replace(session: &mut Session, id: LayerId, layer: Layer) {
    let name = layer.name.clone();
    session.forget_features(id);
    let Some(found) = session.workspace.replace_layer(id, layer) else { return };
    session.notify(Message::new("ui.reloaded").with("layer", name));
    session.tell_reread(&[id], found);
}
