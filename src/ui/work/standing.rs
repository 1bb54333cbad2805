//! What the work that is open has come to, and whether it may be put away.

use crate::scenario::Workspace;
use crate::ui::session::Session;
use crate::ui::session::leaving::{Next, Standing};
use crate::ui::session::parts::Card;
use crate::ui::session::project::Project;

/// What the work is now.
pub fn standing(workspace: &Workspace) -> Standing {
    let history = &workspace.scenarios.history;
    let newest = history.kept().next_back().map_or(0, |kept| kept.serial);
    Standing { newest, done: history.position(), layers: workspace.entries.len() }
}

/// Whether the work has no file that it could be found again by, and holds changes.
pub fn must_ask(workspace: &Workspace, project: &Project) -> bool {
    let has_file = project.path.is_some() && !project.read_only;
    !has_file && workspace.scenarios.history.unsaved_count() > 0 && project.discarded != Some(standing(workspace))
}

/// Whether a project that was read may take the place of the present work: not where that changed meanwhile and has no
/// file. Then it is asked again.
pub fn may_install(session: &mut Session, next: Next) -> bool {
    let ask = must_ask(&session.workspace, &session.project);
    if ask {
        session.card = Some(Card::Leave(next));
    }
    !ask
}
