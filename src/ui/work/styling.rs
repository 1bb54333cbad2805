//! Styles in the files of other programs: one taken for a layer as a step, with what was left out of it, and the style of a
//! layer written as one.

use std::path::{Path, PathBuf};

use crate::io::style::{self, ReadStyle, StyleError};
use crate::model::LayerId;
use crate::scenario::Property;
use crate::text::{Message, tr};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::opening::file_title;
use crate::ui::work::save;
use crate::ui::work::scenarios::change;

/// What was left out that is told in a notice; the rest is counted.
const MOST_TOLD: usize = 12;

/// Takes style files that were dropped on the window: the last one, for the current layer.
pub fn take_dropped(session: &mut Session, paths: &[PathBuf]) {
    let Some(path) = paths.last() else { return };
    match session.project.current {
        Some(layer) => take(session, layer, path.clone()),
        None => session.warn(Message::new("ui.style-no-layer").with("file", file_title(path))),
    }
}

/// Reads a style file beside the window, and draws `layer` by it.
pub fn take(session: &mut Session, layer: LayerId, path: PathBuf) {
    let job = Message::new("ui.job-style").with("file", file_title(&path));
    let from = path.clone();
    session.jobs.spawn(job, move |_| style::read(&from), move |session, read| draw_by(session, layer, &path, read));
}

/// Draws a layer by a style that was read: one step, which undo takes back.
fn draw_by(session: &mut Session, layer: LayerId, path: &Path, read: Result<ReadStyle, StyleError>) {
    let read = match read {
        Ok(read) => read,
        Err(error) => return session.notify_error(error.message(path)),
    };
    let Some(entry) = session.workspace.entry(layer) else { return };
    let (mut style, mut left_out) = (read.style, read.left_out);
    let class_field = entry.recognition.class_field.as_deref();
    let fit = style::fit(&mut style, &entry.layer, class_field, entry.recognition.scheme());
    let (title, is_same) = (entry.title.clone(), entry.style == style);
    left_out.extend(fit.missing);
    let about = |key| Message::new(key).with("file", file_title(path)).with("layer", &title);
    if !fit.draws {
        let message = with_list(about("ui.style-does-not-fit"), &left_out);
        return session.notify_error(message);
    }
    if is_same {
        // There is no step that could be taken back.
        return match left_out.is_empty() {
            true => session.notify(about("ui.style-taken")),
            false => session.warn(with_list(about("ui.style-taken-in-part"), &left_out)),
        };
    }
    change(session, Property::Style(layer, Box::new(style)));
    let undo = Command::Scenario(ScenarioCommand::Undo);
    if left_out.is_empty() {
        session.suggest(about("ui.style-taken"), "edit.undo", undo);
    } else {
        session.offer(with_list(about("ui.style-taken-in-part"), &left_out), "edit.undo", undo);
    }
}

/// A message with what was left out, item by item.
fn with_list(message: Message, left_out: &[Message]) -> Message {
    let told = &left_out[..left_out.len().min(MOST_TOLD)];
    let more = left_out.len() - told.len();
    message.with("count", left_out.len()).with_said("what", |language| {
        let mut items: Vec<String> = told.iter().map(|message| message.text(language)).collect();
        if more > 0 {
            items.push(Message::new("ui.style-more").with("count", more).text(language));
        }
        items.join(tr(language, "ui.style-between"))
    })
}

/// Writes the style of a layer, and says so with what the format cannot hold.
pub fn write(session: &mut Session, layer: LayerId, path: &Path) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let guard = save::guard(session);
    match style::write(path, &entry.style, &entry.layer, session.language(), &guard) {
        Ok(lost) if lost.is_empty() => session.notify(Message::new("ui.saved").with("file", file_title(path))),
        Ok(lost) => {
            let message = Message::new("ui.style-saved-in-part").with("file", file_title(path));
            session.warn(with_list(message, &lost));
        }
        Err(error) => session.notify_error(error.unwritten(path)),
    }
}
