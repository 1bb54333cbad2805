//! Passwords of databases that neither the environment nor the file of passwords has: asked for where a table is to be read,
//! kept in memory alone.

use std::path::PathBuf;

#[cfg(feature = "postgis")]
use crate::io;
#[cfg(feature = "postgis")]
use crate::task::Progress;
#[cfg(feature = "postgis")]
use crate::text::Message;
use crate::ui::session::Session;
#[cfg(feature = "postgis")]
use crate::ui::session::command::Command;
#[cfg(feature = "postgis")]
use crate::ui::session::command::file::FileCommand;
#[cfg(feature = "postgis")]
use crate::ui::work::asking;

/// Asks for the password of the database that an address names, then does what could not be done without it.
#[cfg(feature = "postgis")]
pub fn ask(session: &mut Session, address: PathBuf, then: impl FnOnce(&mut Session, PathBuf) + 'static) {
    asking::ask_secret(session, "ui.database-password-title", move |session, password| {
        io::remember_password(&address.to_string_lossy(), password);
        then(session, address);
    });
}

/// Asks for the password of a database whose tables the project at `path` lacks, which was just opened, and opens it once
/// more; nothing where that is not why they are lacking.
#[cfg(feature = "postgis")]
pub fn ask_for_absent(session: &mut Session, path: PathBuf) {
    let mut absent = session.workspace.absent.iter().map(|absent| PathBuf::from(&absent.record.path));
    let Some(address) = absent.find(|path| io::is_address(path)) else { return };
    let asked = address.clone();
    let look = move |_: &Progress| io::look_at(&asked).err().is_some_and(|error| io::needs_password(&error));
    session.jobs.spawn_hidden(Message::new("ui.job-database"), look, move |session, is_wanted| {
        if is_wanted && session.project.path.as_ref() == Some(&path) {
            let again = move |session: &mut Session, _| {
                session.pending.push(Command::File(FileCommand::OpenPaths(vec![path])));
            };
            ask(session, address, again);
        }
    });
}

/// Without databases there is nothing to ask for.
#[cfg(not(feature = "postgis"))]
pub fn ask_for_absent(_: &mut Session, _: PathBuf) {}
