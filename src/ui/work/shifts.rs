//! Layers whose positions a web map has scrambled, by their marks and beside each other, or whose degrees are packed into
//! digits: looked for in the background whenever layers come. What is found is an issue of the layer and a lasting warning; nothing is ever moved.

use std::sync::Arc;

use crate::doctor::{packed, web_map};
use crate::model::{Issue, Layer, LayerId, Severity};
use crate::task::{Cancelled, Progress};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::layer::LayerCommand;

/// Looks at all layers, as some of them have just come.
pub fn look(session: &mut Session) {
    let layers: Vec<Arc<Layer>> = session.workspace.entries.iter().map(|entry| entry.layer.clone()).collect();
    // The demo's own layers are in order.
    if layers.is_empty() || session.project.demo {
        return;
    }
    let name = Message::new("ui.job-look-shifts");
    session.jobs.spawn_hidden(
        name,
        move |progress| suspects(&layers, progress),
        |session, found| {
            // Cancelled: it is looked for again when the next layer comes.
            for (layer, message) in found.unwrap_or_default() {
                flag(session, layer, message);
            }
        },
    );
}

fn suspects(layers: &[Arc<Layer>], progress: &Progress) -> Result<Vec<(LayerId, Message)>, Cancelled> {
    let all: Vec<&Layer> = layers.iter().map(|layer| &**layer).collect();
    let mut found = Vec::new();
    for layer in &all {
        found.extend(packed::suspect(layer).map(|message| (layer.id, message)));
        if web_map::is_flagged(layer) {
            continue;
        }
        let finding = match web_map::suspect_by_fields(layer) {
            Some(finding) => Some(finding),
            None => web_map::suspect_by_vertices(layer, &all, progress)?,
        };
        found.extend(finding.map(|finding| (layer.id, finding.message())));
    }
    Ok(found)
}

fn flag(session: &mut Session, layer: LayerId, message: Message) {
    let Some(entry) = session.workspace.entry_mut(layer) else { return };
    if entry.layer.issues.iter().any(|issue| issue.message.key == message.key) {
        return;
    }
    let title = entry.title.clone();
    let mut changed = Layer::clone(&entry.layer);
    Arc::make_mut(&mut changed.issues).push(Issue::new(Severity::Warning, message.clone()));
    entry.layer = Arc::new(changed);
    let said = Message::new("ui.layer-warning").with("layer", title).with_message("warning", &message);
    session.offer(said, "ui.layer-doctor", Command::Layer(layer, LayerCommand::Doctor));
}
