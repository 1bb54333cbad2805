//! The rules file of the project, written.

use std::path::PathBuf;

use crate::io;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::opening::file_title;
use crate::ui::work::save::{self, ask_target};
use crate::ui::work::{judging, scenarios};

/// Writes rules to their file, or to one to be chosen, and judges by them.
pub fn save(session: &mut Session, path: Option<PathBuf>, text: String) {
    let Some(path) = path else {
        let name = format!("{}.toml", session.tr("edit.rules"));
        ask_target(session, name, ("ui.filter-project", "toml"), move |session, path| {
            write(session, path, &text);
        });
        return;
    };
    // What someone else wrote meanwhile is shown first.
    let known = session.judging.text.clone();
    if let (Some(known), Ok(found)) = (known, crate::io::read_text(&path))
        && *known != *found
        && text != found
    {
        judging::read_again(session);
        session.notify_error(Message::new("edit.rules-changed-on-disk").with("file", file_title(&path)));
        return;
    }
    write(session, path, &text);
}

fn write(session: &mut Session, path: PathBuf, text: &str) {
    let file = file_title(&path);
    let guard = save::guard(session).but(session.workspace.rules.as_deref());
    match io::save_atomically(&path, &guard, |out| out.write_all(text.as_bytes())) {
        Ok(()) => {
            session.workspace.change(crate::scenario::Property::Rules(Some(path)), scenarios::by(session.language()));
            judging::read_again(session);
            session.notify(Message::new("ui.saved").with("file", file));
        }
        Err(error) => {
            let reason = error.message().text(session.language());
            session.notify_error(Message::new("ui.not-saved").with("file", file).with("reason", reason));
        }
    }
}
