//! Examines the file of a layer in the background. It is read again as it is, against the base of every other open layer:
//! what a correction or a scenario made of them is no evidence.

use std::path::Path;

use crate::doctor::{self, Patient};
use crate::io::{self, Encoding, OpenOptions};
use crate::model::{Layer, LayerId};
use crate::task::Progress;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::examining::{Examination, Outcome};
use crate::ui::session::parts::Card;

/// Opens the card and starts to examine the file of a layer.
pub fn examine(session: &mut Session, layer: LayerId) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let provenance = &entry.layer.provenance;
    let path = provenance.path.clone();
    if path.as_os_str().is_empty() {
        return;
    }
    let options = OpenOptions {
        layer: provenance.layer.clone(),
        encoding: provenance.encoding.as_deref().and_then(Encoding::of_label),
        keep_partial: true,
        ..OpenOptions::default()
    };
    let name = Message::new("ui.job-doctor").with("layer", &entry.title);
    let others = session.workspace.entries.iter().filter(|other| other.id() != layer);
    let others: Vec<Layer> = others
        .filter_map(|other| {
            let (base, _) = session.workspace.base_of(other.id())?;
            Some(Layer { name: other.title.clone(), ..Layer::clone(base) })
        })
        .collect();
    if let Some(before) = session.project.examination.take() {
        session.jobs.cancel(before.job);
    }
    let job = session.jobs.spawn(
        name,
        move |progress| look(&path, &options, &others, progress),
        move |session, outcome| {
            let examination = session.project.examination.as_mut();
            if let Some(examination) = examination.filter(|examination| examination.layer == layer) {
                examination.outcome = Some(outcome);
            }
        },
    );
    session.project.examination = Some(Examination { layer, job, outcome: None });
    session.card = Some(Card::Doctor(layer));
}

fn look(path: &Path, options: &OpenOptions, others: &[Layer], progress: &Progress) -> Result<Outcome, Message> {
    let opened = io::open(path, options, progress).map_err(|error| error.message())?;
    let patient = Patient { decision: &opened.decision, sample: &opened.sample, layers: &opened.layers };
    let open: Vec<&Layer> = others.iter().collect();
    let diagnosis = doctor::diagnose(&patient, &open, progress).map_err(|_| Message::new("io.cancelled"))?;
    Ok(Outcome { extent: patient.extent(), diagnosis })
}
