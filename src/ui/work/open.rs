//! Opening files: reading in the background, what needs an answer, reading again.
//!
//! A file whose CRS is beyond doubt and that was read to its end becomes a layer at once. Any other waits in the
//! [`opening::OpenReport`], beside the files of the same call that wait too. A file is never read
//! in the window's thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::crs::{Correction, Crs, CrsSource};
use crate::doctor::{self, Patient};
use crate::io::style::StyleFormat;
use crate::io::underlay::{is_beside, is_underlay};
use crate::io::{Encoding, FORMATS, Found, OpenOptions, Opened, ReadError};
use crate::model::roles::Role;
use crate::model::{AreaMethod, GeometryKind, Layer, LayerId, Revision};
use crate::report::arrivals::Arrival;
use crate::scenario::{Property, WantedLayer, Workspace};
use crate::text::{Language, Message, tr};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::examining::Asked;
use crate::ui::session::leaving::Next;
use crate::ui::session::opening::{self, ArrivedFile, Batch, Expected, OpenChoice};
use crate::ui::session::parts::Card;
use crate::ui::session::project::Project;
use crate::ui::work::asking::{self, NO_ANSWER};
#[cfg(feature = "postgis")]
use crate::ui::work::passwords;
use crate::ui::work::{
    arriving, joining, leaving, office, project, save, scenarios, shifts, stopping, styling, underlays,
};

/// Endings of all files that can be opened, projects among them, and those of each format by its name.
fn filters(language: Language) -> Vec<(String, Vec<&'static str>)> {
    let read = || FORMATS.iter().filter(|format| format.is_read() && !format.endings.is_empty());
    let packed = ["gz", crate::scenario::project::EXTENSION];
    let all = read().flat_map(|format| format.endings.iter().copied()).chain(packed).collect();
    let each = read().map(|format| (tr(language, format.name).to_owned(), format.endings.to_vec()));
    std::iter::once((tr(language, "ui.filter-data").to_owned(), all)).chain(each).collect()
}

/// Asks for files and opens them.
pub fn choose(session: &mut Session) {
    let title = session.tr("ui.open").to_owned();
    let filters = filters(session.language());
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
    let absolute = |path: PathBuf| match crate::io::is_address(&path) {
        true => path,
        false => std::path::absolute(&path).unwrap_or(path),
    };
    #[cfg(feature = "postgis")]
    for address in paths.iter().filter(|path| crate::io::is_address(path)) {
        crate::io::name_server(&address.to_string_lossy());
    }
    let paths = paths.into_iter().map(absolute);
    let (mut styles, paths): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.partition(|path| StyleFormat::of_path(path).is_some());
    // One that comes along with its layer is found beside it.
    styles.retain(|style| !paths.iter().any(|path| path.with_extension("") == style.with_extension("")));
    styling::take_dropped(session, &styles);
    let (projects, files): (Vec<PathBuf>, Vec<PathBuf>) = paths
        .into_iter()
        .partition(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")));
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
        read_all(session, files);
    } else {
        // The project that is being opened would take their place.
        session.after_project.extend(files);
    }
}

/// Reads files that are not open yet; images are put beneath the layers, since they are none.
fn read_all(session: &mut Session, paths: Vec<PathBuf>) {
    let (beneath, files): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(|path| is_underlay(path));
    let files = files.into_iter().filter(|path| !is_beside(path, &beneath));
    files.for_each(|path| read_new(session, path));
    underlays::add(session, beneath);
}

/// Opens a file even where that may take more memory than is allowed.
pub fn open_anyway(session: &mut Session, path: PathBuf) {
    read_as_new(session, path, OpenOptions { beyond_memory: true, ..OpenOptions::default() });
}

/// Reads a file that is not open yet, under the spelling of its path that it is known by if it is.
fn read_new(session: &mut Session, path: PathBuf) {
    read_as_new(session, path, OpenOptions::default());
}

fn read_as_new(session: &mut Session, path: PathBuf, options: OpenOptions) {
    // Files whose reading was cancelled do not come.
    if session.batch.read >= session.batch.expected || session.arriving.is_empty() {
        let mut report = std::mem::take(&mut session.batch.report);
        // What was put aside while it waited for an answer waits on.
        report.files.retain(ArrivedFile::waits);
        session.batch = Batch { report, ..Batch::default() };
    }
    session.batch.expected += 1;
    let known = session.workspace.entries.iter().map(|entry| &entry.layer.provenance.path);
    let known = known.filter(|known| **known != path).find(|known| crate::io::is_same_file(known, &path)).cloned();
    read(session, known.unwrap_or(path), options, Purpose::New);
}

/// What happens each frame: files that waited for a project are opened, layers are read again that shall come back or
/// whose coordinates are to be read in another CRS.
pub fn refresh(session: &mut Session) {
    let jobs = &session.jobs;
    session.opening.retain(|job| jobs.is_running(*job));
    if session.opening.is_empty() && !matches!(session.card, Some(Card::Leave(_))) {
        let waiting = std::mem::take(&mut session.after_project);
        read_all(session, waiting);
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

/// Why a file is read.
#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    /// The user opened it: it gets a row among those of the same call.
    New,
    /// The user answered what was asked about it.
    Answer,
}

/// The layers that are open, for whoever asks in another thread where a file lies beside them. The demo says nothing
/// about where the user's data lie.
fn open_layers(workspace: &Workspace, project: &Project) -> Vec<Arc<Layer>> {
    let entries = if project.demo { &[][..] } else { &workspace.entries };
    entries.iter().map(|entry| entry.layer.clone()).collect()
}

/// Reads a file in the background.
fn read(session: &mut Session, path: PathBuf, options: OpenOptions, purpose: Purpose) {
    let name = Message::new("ui.job-open").with("file", opening::file_title(&path));
    let (source, reading) = (path.clone(), path.clone());
    let asked = options.clone();
    let open = open_layers(&session.workspace, &session.project);
    let files = Expected::default();
    let (next, came) = (files.clone(), files.clone());
    let job = session.jobs.spawn(
        name,
        move |progress| {
            let found = crate::io::open_each(&source, &next.next_file(options), progress)?;
            let open: Vec<&Layer> = open.iter().map(|layer| &**layer).collect();
            let rows: Vec<Arrival> = found.iter().map(|found| Arrival::of(found, &open)).collect();
            Ok::<_, ReadError>(found.into_iter().zip(rows).collect::<Vec<_>>())
        },
        move |session, result: Result<Vec<(Found, Arrival)>, ReadError>| {
            match result {
                Ok(found) => {
                    let opened = found.iter().filter_map(|(found, _)| found.result.as_ref().ok());
                    arriving::came(session, &came, opened.flat_map(|opened| &opened.layers));
                    took_each(session, &path, &asked, found, purpose, &came);
                }
                Err(error) => {
                    let row = Arrival::of_error(&path, &error);
                    took(session, path, &asked, Err(error), row, purpose);
                }
            }
            if purpose == Purpose::New {
                session.batch.read += 1;
                came_all(session);
            }
        },
    );
    arriving::expect(session, job, reading, files);
}

/// Takes what came of a source of several layers: what is beyond doubt in one step, the others each by itself.
fn took_each(
    session: &mut Session,
    path: &Path,
    asked: &OpenOptions,
    found: Vec<(Found, Arrival)>,
    purpose: Purpose,
    files: &Expected,
) {
    let is_sure = |(found, _): &(Found, Arrival)| {
        found.result.as_ref().is_ok_and(|opened| opened.decision.certain || asked.crs.is_some())
    };
    let (sure, rest): (Vec<_>, Vec<_>) = found.into_iter().partition(is_sure);
    if !sure.is_empty() {
        session.settings.remember(path);
        let opened = sure.into_iter().filter_map(|(found, row)| Some((found.result.ok()?, row)));
        let opened: Vec<(Opened, Arrival)> = opened.collect();
        let counts: Vec<usize> = opened.iter().map(|(opened, _)| opened.layers.len()).collect();
        let partial = opened.iter().filter_map(|(opened, _)| opened.partial.as_ref());
        let stopped = partial.filter(|error| error.is_stopped()).map(ReadError::message).next();
        let (rows, layers): (Vec<_>, Vec<_>) =
            opened.into_iter().map(|(opened, row)| ((row, opened.issues), opened.layers)).unzip();
        let ids = install(session, layers.into_iter().flatten().collect());
        corrected(session, &ids, asked);
        if let Some(reason) = stopped {
            stopping::tell(session, path, &ids, &reason, files);
        }
        if purpose == Purpose::New {
            offer_union(session, path, &ids);
        }
        let mut ids = ids.into_iter();
        for ((row, issues), count) in rows.into_iter().zip(counts) {
            let own: Vec<LayerId> = ids.by_ref().take(count).collect();
            add(session, ArrivedFile::open(row, issues, own), purpose);
        }
    }
    for (found, row) in rest {
        let address = found.address();
        took(session, address, asked, found.result, row, purpose);
    }
}

/// Takes what came of a file that is in doubt, broken or not read.
fn took(
    session: &mut Session,
    path: PathBuf,
    options: &OpenOptions,
    result: Result<Opened, ReadError>,
    row: Arrival,
    purpose: Purpose,
) {
    match result {
        Ok(opened) => {
            session.settings.remember(&path);
            if opened.decision.certain || options.crs.is_some() {
                let issues = opened.issues.clone();
                let layers = install(session, opened.layers);
                corrected(session, &layers, options);
                add(session, ArrivedFile::open(row, issues, layers), purpose);
            } else {
                let open = open_layers(&session.workspace, &session.project);
                let ranked = {
                    let open: Vec<&Layer> = open.iter().map(|layer| &**layer).collect();
                    doctor::rank(&opened.decision, &opened.sample, &open)
                };
                examine(session, row.path.clone(), &opened, open);
                add(session, ArrivedFile::undecided(row, opened, ranked), Purpose::New);
            }
        }
        Err(ReadError::Cancelled) => {}
        #[cfg(feature = "postgis")]
        Err(error) if crate::io::needs_password(&error) => {
            let options = options.clone();
            passwords::ask(session, path, move |session, path| match purpose {
                Purpose::New => read_as_new(session, path, options),
                Purpose::Answer => read(session, path, options, purpose),
            });
        }
        Err(error @ ReadError::OverMemory { .. }) => {
            let file = opening::file_title(&path);
            let message = Message::new("ui.not-opened").with("file", file).with_message("reason", &error.message());
            session.offer(message, "ui.open-anyway", Command::File(FileCommand::OpenAnyway(path)));
            add(session, ArrivedFile::unread(row), purpose);
        }
        Err(error) => {
            let kept = match &error {
                ReadError::Syntax { feature_count, .. } | ReadError::TooLong { feature_count, .. } => *feature_count,
                _ => 0,
            };
            if kept > 0 {
                session.settings.remember(&path);
                add(session, ArrivedFile::broken(row, error, kept), Purpose::New);
                return;
            }
            // A file that came alone is told about over the map.
            if purpose == Purpose::Answer || session.batch.expected < 2 {
                let reason = error.message();
                let file = opening::file_title(&path);
                let message = Message::new("ui.not-opened").with("file", file).with_message("reason", &reason);
                if crate::io::is_address(&path) {
                    // A server may answer the next time.
                    session.offer(message, "ui.try-again", Command::File(FileCommand::OpenPaths(vec![path])));
                } else {
                    session.notify_error(message);
                }
            }
            add(session, ArrivedFile::unread(row), purpose);
        }
    }
}

/// Offers to make one layer of those of one kind that came of a folder.
fn offer_union(session: &mut Session, folder: &Path, layers: &[LayerId]) {
    let opened = layers.iter().filter_map(|layer| session.layer(*layer));
    let lies_in = |layer: &&Arc<Layer>| {
        let path = &layer.provenance.path;
        path != folder && path.starts_with(folder)
    };
    let kinds: Vec<GeometryKind> = opened.filter(lies_in).map(|layer| layer.kind).collect();
    let count = kinds.iter().map(|kind| kinds.iter().filter(|other| *other == kind).count()).max().unwrap_or(0);
    if count > 1 {
        let message = Message::new("ui.several-alike").with("file", opening::file_title(folder)).with("n", count);
        session.offer(message, "ui.unite", Command::File(FileCommand::Unite(folder.to_owned())));
    }
}

/// Opens all files of a folder as one layer a kind, in the place of the layers of each, which undo brings back.
pub fn unite(session: &mut Session, folder: &Path) {
    let entries = session.workspace.entries.iter();
    let of_folder = entries.filter(|entry| {
        let path = &entry.layer.provenance.path;
        path != folder && path.starts_with(folder)
    });
    let layers: Vec<LayerId> = of_folder.map(crate::scenario::Entry::id).collect();
    for layer in layers {
        session.workspace.close(layer, scenarios::by(session.language()));
    }
    open(session, vec![crate::io::address(folder, Some(crate::io::UNITED))]);
}

/// Looks for every reading of a file that waits, those among them that need a correction: the card offers the quick ones
/// meanwhile.
fn examine(session: &mut Session, path: PathBuf, opened: &Opened, open: Vec<Arc<Layer>>) {
    let name = Message::new("ui.job-doctor").with("layer", opening::file_title(&path));
    let (decision, sample, layers) = (opened.decision.clone(), opened.sample.clone(), opened.layers.clone());
    session.jobs.spawn_hidden(
        name,
        move |progress| {
            let open: Vec<&Layer> = open.iter().map(|layer| &**layer).collect();
            doctor::diagnose(&Patient { decision: &decision, sample: &sample, layers: &layers }, &open, progress)
        },
        move |session, diagnosis| {
            let file = opening::file_mut(session, &path).filter(|file| file.opened.is_some());
            // Cancelled: what is offered already stays.
            if let (Some(file), Ok(diagnosis)) = (file, diagnosis)
                && !diagnosis.readings.is_empty()
            {
                file.offer(diagnosis.readings);
            }
        },
    );
}

/// Makes what was undone of the coordinates of layers that were just opened a step of its own, which undo takes back.
fn corrected(session: &mut Session, layers: &[LayerId], options: &OpenOptions) {
    let Some(correction) = &options.correction else { return };
    for layer in layers {
        if let Some(entry) = session.workspace.entry_mut(*layer) {
            entry.correction = None;
        }
        session
            .workspace
            .change(Property::Correction(*layer, Some(correction.clone())), scenarios::by(session.language()));
    }
}

/// Gives a file its row: in the card where that is shown. The card comes as soon as one needs it.
fn add(session: &mut Session, file: ArrivedFile, purpose: Purpose) {
    if purpose == Purpose::Answer {
        return;
    }
    match &mut session.opened {
        Some(report) => report.files.push(file),
        None => session.batch.report.files.push(file),
    }
    let several = session.batch.expected > 1;
    let due = |file: &ArrivedFile| file.waits() || several && file.is_unread();
    if session.opened.is_none() && session.batch.report.files.iter().any(due) {
        show_arrived(session);
    }
}

/// Says that several files were opened, once all of them were.
fn came_all(session: &mut Session) {
    let count = session.batch.report.files.len();
    if session.batch.read == session.batch.expected
        && session.batch.expected > 1
        && session.opened.is_none()
        && count > 1
    {
        let message = Message::new("ui.opened-files").with("n", count);
        session.suggest(message, "ui.show-list", Command::File(FileCommand::ShowArrived));
    }
}

/// Shows the card of the files that were opened last, the first that waits before all.
pub fn show_arrived(session: &mut Session) {
    if session.opened.is_some() || session.batch.report.files.is_empty() {
        return;
    }
    let mut report = std::mem::take(&mut session.batch.report);
    report.shown = report.files.iter().position(ArrivedFile::waits).unwrap_or(0);
    session.opened = Some(report);
}

/// Adds the layers of a file to the workspace, as one step.
///
/// Gives their identities. The demo project makes way for the user's own data, unless the user has worked on it.
pub fn install(session: &mut Session, layers: Vec<Layer>) -> Vec<LayerId> {
    if session.project.demo {
        if session.workspace.scenarios.history.unsaved_count() == 0 {
            project::close(session);
        }
        session.project.demo = false;
    }
    let first = session.workspace.is_empty();
    let notes: Vec<(String, usize)> = layers.iter().map(|layer| (layer.name.clone(), layer.feature_count())).collect();
    let layers = layers.into_iter().map(Arc::new).collect();
    let ids = session.workspace.open_layers(layers, scenarios::by(session.language()));
    let method = session.settings.method;
    for id in &ids {
        // In a plane only what lies in one can be measured.
        if let Some(entry) = session.workspace.entry_mut(*id)
            && !(method == AreaMethod::Planar && entry.layer.crs.is_geographic())
        {
            entry.method = method;
        }
    }
    office::apply(session, &ids);
    ids.iter().for_each(|id| took_up(session, *id));
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
    ids
}

/// Makes a layer that was opened the current one, unless that is land use, which most work is about.
fn took_up(session: &mut Session, id: LayerId) {
    let land_use = |entry: &crate::scenario::Entry| entry.role == Role::LandUse;
    if session.workspace.entry(id).is_some_and(land_use) || !session.current().is_some_and(land_use) {
        session.project.current = Some(id);
    }
    if let Some(entry) = session.workspace.entry_mut(id)
        && entry.style.has_classes()
    {
        entry.open = true;
    }
}

/// Carries out an answer to the report.
pub fn answer(session: &mut Session, choice: OpenChoice) {
    let Some(mut report) = session.opened.take() else { return };
    let mut stays = true;
    match choice {
        OpenChoice::Cancel => stays = false,
        OpenChoice::Aside => {
            let message = Message::new("ui.report-aside").with("n", report.files.len());
            session.batch.report = report;
            session.suggest(message, "ui.show-list", Command::File(FileCommand::ShowArrived));
            return;
        }
        OpenChoice::Show(file) => report.shown = file,
        OpenChoice::Read { file, crs } => {
            if let Some(file) = report.files.get_mut(file) {
                (file.chosen, file.correction) = (Some(crs), None);
            }
        }
        OpenChoice::Correct { file, correction } => {
            if let Some(file) = report.files.get_mut(file) {
                (file.chosen, file.correction) = (Some(correction.to.clone()), Some(correction));
            }
        }
        OpenChoice::Encode { file, encoding } => {
            if let Some(file) = report.files.get_mut(file) {
                let before = file.encoding.replace(encoding);
                file.rereading = true;
                read_as(session, file, before);
            }
        }
        OpenChoice::Join(file) => {
            if let Some(file) = report.files.get_mut(file) {
                file.joined = join_arrived(session, file);
            }
        }
        OpenChoice::Leave(file) => {
            if file < report.files.len() {
                report.files.remove(file);
            }
            stays = report.waiting_count() > 0;
        }
        OpenChoice::Open(file) => {
            if file < report.files.len() {
                let file = report.files.remove(file);
                open_waiting(session, file);
            }
            stays = report.waiting_count() > 0;
        }
        OpenChoice::OpenAll => {
            for file in std::mem::take(&mut report.files) {
                open_waiting(session, file);
            }
            stays = false;
        }
    }
    report.shown = report.shown.min(report.files.len().saturating_sub(1));
    if stays && !report.files.is_empty() {
        session.opened = Some(report);
    }
}

/// Opens a file that waits, in the CRS that was chosen, or as far as it could be read.
fn open_waiting(session: &mut Session, file: ArrivedFile) {
    let path = file.arrival.path;
    // It was read once: there was room for it, or the user wanted it all the same.
    let options = OpenOptions { encoding: file.encoding, beyond_memory: true, ..OpenOptions::default() };
    if let Some(correction) = file.correction {
        let options = OpenOptions { correction: Some(correction), ..options };
        return read(session, path, options, Purpose::Answer);
    }
    match (file.opened, file.error, file.chosen) {
        (Some(opened), _, None) => drop(install(session, opened.layers)),
        // The first reading as it stands needs no second one.
        (Some(mut opened), _, Some(crs)) if opened.decision.crs == crs => {
            for layer in &mut opened.layers {
                layer.crs_source = CrsSource::User;
            }
            install(session, opened.layers);
        }
        (Some(_), _, Some(crs)) => read(session, path, OpenOptions { crs: Some(crs), ..options }, Purpose::Answer),
        (None, Some(_), crs) => {
            read(session, path, OpenOptions { crs, keep_partial: true, ..options }, Purpose::Answer);
        }
        (None, None, _) => {}
    }
}

/// Reads a file of the card once more, in the encoding that was chosen. `before` is the one that was chosen before.
fn read_as(session: &mut Session, file: &ArrivedFile, before: Option<Encoding>) {
    let (path, layers) = (file.arrival.path.clone(), file.layers.clone());
    let entry = layers.first().and_then(|layer| session.workspace.entry(*layer));
    let (crs, correction) = entry.map_or((None, None), |entry| (entry.crs_override.clone(), entry.correction.clone()));
    let options =
        OpenOptions { encoding: file.encoding, crs, correction, beyond_memory: true, ..OpenOptions::default() };
    let name = Message::new("ui.job-open").with("file", opening::file_title(&path));
    // Itself is no measure of where it lies.
    let own = |layer: &Arc<Layer>| layers.contains(&layer.id);
    let open: Vec<Arc<Layer>> =
        open_layers(&session.workspace, &session.project).into_iter().filter(|layer| !own(layer)).collect();
    let source = path.clone();
    session.jobs.spawn(
        name,
        move |progress| {
            let opened = crate::io::open(&source, &options, progress)?;
            let open: Vec<&Layer> = open.iter().map(|layer| &**layer).collect();
            let row = Arrival::of_opened(&source, &opened, &open);
            let patient = Patient { decision: &opened.decision, sample: &opened.sample, layers: &opened.layers };
            let ranked = doctor::diagnose(&patient, &open, progress).map_err(|_| ReadError::Cancelled)?.readings;
            Ok::<_, ReadError>((opened, row, ranked))
        },
        move |session, result: Result<(Opened, Arrival, Vec<doctor::Ranked>), ReadError>| {
            let (opened, row, ranked) = match result {
                Ok(read) => read,
                Err(error) => {
                    if let Some(file) = opening::file_mut(session, &path) {
                        (file.encoding, file.rereading) = (before, false);
                    }
                    not_reread(session, &path, &error);
                    return;
                }
            };
            for id in &layers {
                let own =
                    session.workspace.entry(*id).map(|entry| (entry.layer.kind, entry.layer.provenance.layer.clone()));
                let same = |layer: &&Layer| own.as_ref() == Some(&(layer.kind, layer.provenance.layer.clone()));
                if let Some(layer) = opened.layers.iter().find(same) {
                    replace(session, *id, layer.clone());
                }
            }
            let Some(file) = opening::file_mut(session, &path) else { return };
            (file.arrival, file.rereading) = (row, false);
            file.issues.clone_from(&opened.issues);
            if file.opened.is_some() {
                file.offer(ranked);
                file.opened = Some(Box::new(opened));
            }
        },
    );
}

/// Joins a table that was opened to the layer that it goes with. Returns whether it was.
fn join_arrived(session: &mut Session, file: &ArrivedFile) -> bool {
    let (Some(fitting), Some(table)) = (&file.arrival.fitting, file.layers.first()) else { return false };
    let others = session.workspace.entries.iter().filter(|entry| entry.layer.kind != GeometryKind::None);
    let layer = others.filter(|entry| entry.layer.name == fitting.layer).map(crate::scenario::Entry::id).next();
    let Some(layer) = layer else { return false };
    joining::join(session, layer, *table, &fitting.key, &fitting.table_key);
    true
}

/// Reads the coordinates of a layer in another CRS: a step that undo takes back.
pub fn set_layer_crs(session: &mut Session, layer: LayerId, crs: Crs) {
    session.project.rereading.remove(&layer);
    let by = scenarios::by(session.language());
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
    session.workspace.change(Property::Correction(layer, correction), scenarios::by(session.language()));
}

/// Takes the coordinates of a layer without a file for those of another CRS.
fn reinterpret(session: &mut Session, layer: LayerId, crs: Option<Crs>) {
    let (Some(base), Some(crs)) = (session.workspace.as_read(layer), crs) else { return };
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
    joining::reread(session, layer);
    let Some(entry) = session.workspace.entry(layer) else { return };
    let path = entry.layer.provenance.path.clone();
    if path.as_os_str().is_empty() {
        return;
    }
    let provenance = &entry.layer.provenance;
    let (kind, own) = (entry.layer.kind, provenance.layer.clone().unwrap_or_else(|| entry.layer.name.clone()));
    let layer_in_file = provenance.layer.clone();
    let encoding = provenance.encoding.as_deref().and_then(Encoding::of_label);
    let options = OpenOptions {
        crs: entry.crs_override.clone(),
        encoding,
        correction: entry.correction.clone(),
        layer: layer_in_file,
        beyond_memory: true,
        ..OpenOptions::default()
    };
    let name = Message::new("ui.job-open").with("file", opening::file_title(&path));
    let files = Expected::default();
    let options = stopping::going_on(session, &path, options, &files);
    let (source, reading, came, goes_on) = (path.clone(), path.clone(), files.clone(), options.arrivals.is_some());
    let job = session.jobs.spawn(
        name,
        move |progress| crate::io::open(&source, &options, progress),
        move |session, result| match result {
            Ok(opened) => {
                let stopped = opened.partial.as_ref().filter(|error| error.is_stopped()).map(ReadError::message);
                // A file with several kinds of geometry is several layers: this one is that of its kind.
                let source = path.clone();
                let wanted =
                    WantedLayer { id: layer, path, crs: None, encoding: None, correction: None, kind, name: Some(own) };
                match wanted.choose(opened.layers) {
                    Some(fresh) => {
                        arriving::came(session, &came, std::iter::once(&fresh));
                        replace(session, layer, fresh);
                    }
                    None => session.notify_error(Message::new("ui.reload-no-such-kind")),
                }
                if let Some(reason) = stopped {
                    stopping::tell(session, &source, &[layer], &reason, &came);
                }
            }
            Err(error) => not_reread(session, &path, &error),
        },
    );
    if goes_on {
        arriving::expect(session, job, reading, files);
    }
}

/// Says that a file was not read again, and that what was read of it before stands.
fn not_reread(session: &mut Session, path: &Path, error: &ReadError) {
    let file = opening::file_title(path);
    match error {
        ReadError::Cancelled => session.notify(Message::new("ui.reread-cancelled").with("file", file)),
        error => {
            let message = Message::new("ui.reread-failed").with("file", file);
            session.notify_error(message.with_message("reason", &error.message()));
        }
    }
}

/// Puts a newly read state of a layer in the place of the old one. What could not be told for certain stays on screen.
fn replace(session: &mut Session, id: LayerId, layer: Layer) {
    let name = layer.name.clone();
    session.forget_features(id);
    let Some(found) = session.workspace.replace_layer(id, layer) else { return };
    session.notify(Message::new("ui.reloaded").with("layer", name));
    session.tell_reread(&[id], found);
}
