//! Opening a table of a database: the address is typed, the password asked for where the server wants one that neither the
//! environment nor the file of passwords has.

use std::path::{Path, PathBuf};

use crate::ui::session::Session;
use crate::ui::work::{asking, open};

/// Asks for the address of a table, and opens it.
pub fn choose(session: &mut Session) {
    asking::ask(session, "ui.database-title", false, Path::new("postgres://"), connect);
}

/// Opens the table that an address names, once the server lets us.
#[cfg(feature = "postgis")]
fn connect(session: &mut Session, path: PathBuf) {
    use crate::io;
    use crate::text::Message;

    let asked = path.clone();
    session.jobs.spawn(
        Message::new("ui.job-database"),
        move |_| io::look_at(&asked),
        move |session, found| match found {
            Ok(()) => open::open(session, vec![path]),
            Err(error) if io::needs_password(&error) => {
                asking::ask_secret(session, "ui.database-password-title", move |session, password| {
                    io::remember_password(&path.to_string_lossy(), password);
                    connect(session, path);
                });
            }
            Err(error) => {
                let message = Message::new("ui.database-not-opened").with_message("reason", &error.message());
                session.notify_error(message);
            }
        },
    );
}

/// Says that this program was built without databases, as opening does.
#[cfg(not(feature = "postgis"))]
fn connect(session: &mut Session, path: PathBuf) {
    open::open(session, vec![path]);
}
