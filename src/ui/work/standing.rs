//! What the work that is open has come to, and whether it may be put away.

use crate::ui::session::Session;
use crate::ui::session::leaving::{Next, Standing};
use crate::ui::session::parts::Card;

/// What the work is now.
pub fn standing(session: &Session) -> Standing {
    let history = &session.workspace.scenarios.history;
    let newest = history.kept().next_back().map_or(0, |kept| kept.serial);
    Standing { newest, done: history.position(), layers: session.workspace.entries.len() }
}

/// Whether the work has no file that it could be found again by, and holds changes.
pub fn must_ask(session: &Session) -> bool {
    let has_file = session.project.path.is_some() && !session.project.read_only;
    !has_file
        && session.workspace.scenarios.history.unsaved_count() > 0
        && session.project.discarded != Some(standing(session))
}

/// Whether a project that was read may take the place of the present work: not where that changed meanwhile and has no
/// file. Then it is asked again.
pub fn may_install(session: &mut Session, next: Next) -> bool {
    let ask = must_ask(session);
    if ask {
        session.card = Some(Card::Leave(next));
    }
    !ask
}
