//! What undo and redo say, and how what the user changes enters the history.

use crate::scenario::{By, Property};
use crate::text::{Language, Message};
use crate::ui::session::Session;

/// What undo and redo would do, as sentences.
pub fn history_texts(session: &Session) -> [String; 2] {
    let workspace = &session.workspace;
    let language = session.language();
    let text = |key, plain: &'static str, kept: Option<&crate::scenario::history::Kept>| match kept {
        Some(kept) => Message::new(key).with("what", kept.step.sentence.text(language)).text(language),
        None => session.tr(plain).to_owned(),
    };
    let (undo, redo) = (workspace.undoable(), workspace.redoable());
    [text("edit.undo-what", "edit.undo", undo), text("edit.redo-what", "edit.redo", redo)]
}

/// Who does it: the language of names, and the time.
pub fn by(language: Language) -> By {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    // A clock before 1970 tells no time.
    By { language, when: now.ok().and_then(|now| i64::try_from(now.as_secs()).ok()) }
}

/// Says something about the document, as a step that undo takes back.
pub(in crate::ui) fn change(session: &mut Session, property: Property) {
    session.workspace.change(property, by(session.language()));
}
