//! Answers to the card of files that wait: read otherwise, joined, left, opened.

use std::sync::Arc;

use super::arrived::install;
use super::rereading::{not_reread, replace};
use super::{Purpose, open_layers, read};
use crate::crs::CrsSource;
use crate::doctor::{self, Patient};
use crate::io::{Encoding, OpenOptions, Opened, ReadError};
use crate::model::{GeometryKind, Layer};
use crate::report::arrivals::Arrival;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::opening::{self, ArrivedFile, OpenChoice};
use crate::ui::work::joining;

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
