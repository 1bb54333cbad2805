//! Unsaved work of an earlier run, done again.

use std::path::PathBuf;

use crate::io::cache::{Cache, Trust};
use crate::io::shown_path;
use crate::scenario::Loaded;
use crate::scenario::journal::{self, Recovered};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::leaving::Next;
use crate::ui::work::unsaved::{asides, offer_those, refresh, set_aside};
use crate::ui::work::{project, standing};

/// Does again what a journal says, in the place of what is open. [`crate::ui::work::leaving`] asks before.
pub fn recover(session: &mut Session, path: PathBuf) {
    let caches = session.settings.cache;
    let job = session.jobs.spawn(
        Message::new("edit.job-recover"),
        move |progress| {
            let found = journal::recover(&path).ok_or_else(|| path.clone())?;
            let cache = found.project.as_deref().filter(|_| caches).map(Cache::beside);
            let loaded = found.load(&mut |source, options| match &cache {
                Some(cache) => cache.open(source, options, Trust::Whole, progress),
                None => crate::io::open(source, options, progress),
            });
            Ok((loaded, found))
        },
        move |session, result: Result<(Result<Loaded, _>, Recovered), PathBuf>| match result {
            Ok((Ok(loaded), found)) => took_back(session, loaded, found),
            Ok((Err(error), found)) => {
                // Offered again: nothing was taken from it.
                session.notify_error(error.message());
                session.offer(
                    Message::new("edit.still-unsaved"),
                    "edit.recover",
                    Command::File(FileCommand::Recover(found.path)),
                );
            }
            Err(path) => session.notify_error(Message::new("edit.not-recovered").with("path", shown_path(&path))),
        },
    );
    session.opening.push(job);
}

fn took_back(session: &mut Session, loaded: Loaded, found: Recovered) {
    if !standing::may_install(session, Next::Recover(found.path.clone())) {
        return;
    }
    let is_whole = loaded.issues.iter().all(|issue| issue.severity < crate::model::Severity::Warning);
    let project = found.project.clone();
    let stamp = project.as_deref().and_then(crate::scenario::project::stamp);
    let mut found = found;
    project::install(session, loaded, project);
    session.project.stamp = stamp;
    if session.project.path.as_deref().is_some_and(|project| journal::path_beside(project) == found.path)
        && let Some(aside) = set_aside(&found.path)
    {
        found.path = aside;
    }
    session.unsaved.recovered = true;
    // Others that lie there are still to be taken up.
    let place = session.project.path.as_deref().map(journal::path_beside);
    let others = place.as_deref().map(asides).unwrap_or_default();
    offer_those(session, others.into_iter().filter(|place| *place != found.path).collect());
    refresh(session);
    if let Some(writer) = session.unsaved.writer.as_ref().filter(|_| is_whole) {
        // It is in the new journal as soon as that is written; until then both are there.
        writer.then_remove(found.path);
        session.notify(Message::new("edit.recovered"));
    } else {
        session.warn(Message::new("edit.recovered-in-part").with("path", shown_path(&found.path)));
    }
}
