//! What the user has stopped, or what was lost, worked out after all.

use crate::ui::session::Session;
use crate::ui::session::awaited::Awaiting;
use crate::ui::work::{handin, measuring, prepare};

/// Has it worked out again.
pub fn retry(session: &mut Session, what: Awaiting) {
    match what {
        Awaiting::Preparing(layer) => prepare::retry(session, layer),
        Awaiting::Measuring(layer) => measuring::retry(session, layer),
        Awaiting::Covering(layer) => measuring::retry_coverage(session, layer),
        Awaiting::Rules => session.judging.retry_rules(),
        Awaiting::Flow => session.judging.retry_flow(),
        Awaiting::Conflicts => session.conflicts.answer.retry(),
        Awaiting::RedLine => session.red_line.answer.retry(),
        Awaiting::LineShares => session.line_shares.retry(),
        Awaiting::Comparison => session.compare.work.retry(),
        Awaiting::Pieces => session.compare.pieces.retry(),
        Awaiting::BesideMatrix => session.compare.beside_matrix.retry(),
        Awaiting::HandIn => handin::check(session, None),
    }
}
