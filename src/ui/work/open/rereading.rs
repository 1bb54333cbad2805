//! Reading again: layers that shall come back, whose coordinates are to be read otherwise, or whose file changed.

use std::path::Path;
use std::sync::Arc;

use crate::crs::{Correction, Crs, CrsSource};
use crate::io::{Encoding, OpenOptions, ReadError};
use crate::model::{Layer, LayerId, Revision};
use crate::scenario::{Property, WantedLayer};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::examining::Asked;
use crate::ui::session::opening::{self, Expected};
use crate::ui::work::{arriving, joining, scenarios, stopping};

/// What happens each frame: layers are read again that shall come back or whose coordinates are to be read in another CRS.
pub(super) fn refresh(session: &mut Session) {
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
pub(super) fn not_reread(session: &mut Session, path: &Path, error: &ReadError) {
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
pub(super) fn replace(session: &mut Session, id: LayerId, layer: Layer) {
    let name = layer.name.clone();
    session.forget_features(id);
    let Some(found) = session.workspace.replace_layer(id, layer) else { return };
    session.notify(Message::new("ui.reloaded").with("layer", name));
    session.tell_reread(&[id], found);
}
