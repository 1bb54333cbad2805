//! Work that would be put away: what is asked before another project takes its place, or the window closes.
//!
//! A project with a file is left at once: what is not saved stays in its journal, and is offered when it is opened
//! again. Work without a file has no such place of its own: leaving it asks whether to save, discard or stay. Where
//! work was begun while the next project was still being read, it is asked again; two works are never merged or
//! dropped.

use crate::ui::session::Session;
use crate::ui::session::leaving::Next;
use crate::ui::session::parts::Card;
use crate::ui::work::standing::{must_ask, standing};
use crate::ui::work::{project, recovering, saving, unsaved};

/// Goes on to `next`, after a question where one is needed.
pub fn go(session: &mut Session, next: Next) {
    // What is being saved is not known to be in its file yet.
    if saving::leave_after(session, &next) {
        return;
    }
    if must_ask(&session.workspace, &session.project) {
        session.card = Some(Card::Leave(next));
    } else {
        proceed(session, next);
    }
}

/// Saves the work under a name to be chosen, then goes on.
pub fn save_first(session: &mut Session, next: Next) {
    session.card = None;
    saving::save_then(session, Some(next));
}

/// Discards the work, and goes on.
pub fn discard(session: &mut Session, next: Next) {
    session.card = None;
    session.project.discarded = Some(standing(&session.workspace));
    proceed(session, next);
}

/// Goes on without a question.
pub fn proceed(session: &mut Session, next: Next) {
    match next {
        Next::Quit => {
            if session.project.discarded == Some(standing(&session.workspace)) {
                unsaved::discard(session);
            }
            session.quitting = true;
        }
        Next::New => project::begin(session),
        Next::Demo => project::open_demo(session),
        Next::Open(path) => project::open(session, path),
        Next::Recover(path) => recovering::recover(session, path),
    }
}
