//! What came of files that were read: layers at once, a row in the card of what waits, a notice of what was not read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Purpose, open_layers};
use crate::doctor::{self, Patient};
use crate::io::{Found, OpenOptions, Opened, ReadError};
use crate::model::roles::Role;
use crate::model::{AreaMethod, GeometryKind, Layer, LayerId};
use crate::report::arrivals::Arrival;
use crate::scenario::Property;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::opening::{self, ArrivedFile, Expected};
#[cfg(feature = "postgis")]
use crate::ui::work::passwords;
use crate::ui::work::{office, project, scenarios, shifts, stopping};

/// Takes what came of a source of several layers: what is beyond doubt in one step, the others each by itself.
pub(super) fn took_each(
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
pub(super) fn took(
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
                Purpose::New => super::read_as_new(session, path, options),
                Purpose::Answer => super::read(session, path, options, purpose),
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
                session.notify_error(Message::new("ui.not-opened").with("file", file).with_message("reason", &reason));
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
pub(super) fn came_all(session: &mut Session) {
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
pub(super) fn install(session: &mut Session, layers: Vec<Layer>) -> Vec<LayerId> {
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
