//! Asking for a path in the window, where the system has no program for file dialogs: no desktop portal and no zenity.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::ui::session::Session;
use crate::ui::session::opening::Asked;
use crate::ui::session::parts::Card;

/// A dialog that ends sooner than this was never seen.
pub const NO_ANSWER: std::time::Duration = std::time::Duration::from_millis(150);

/// Asks for a path in the window.
pub fn ask(
    session: &mut Session,
    title: &'static str,
    saves: bool,
    proposed: &Path,
    then: impl FnOnce(&mut Session, PathBuf) + 'static,
) {
    let proposed = proposed.to_string_lossy().into_owned();
    session.asked_path = Some(Asked { title, saves, secret: false, proposed, then: Box::new(then) });
    session.card = Some(Card::Path);
}

/// Asks for a password in the window.
pub fn ask_secret(session: &mut Session, title: &'static str, then: impl FnOnce(&mut Session, String) + 'static) {
    let then = move |session: &mut Session, typed: PathBuf| then(session, typed.to_string_lossy().into_owned());
    let (saves, secret, proposed) = (false, true, String::new());
    session.asked_path = Some(Asked { title, saves, secret, proposed, then: Box::new(then) });
    session.card = Some(Card::Path);
}

/// Takes the answer.
pub fn answer(session: &mut Session, path: PathBuf) {
    session.card = None;
    if let Some(asked) = session.asked_path.take() {
        (asked.then)(session, path);
    }
}

/// Whether the system can show a dialog for files. Looked up once: programs are not installed while one works.
pub fn system_has_dialogs() -> bool {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    *KNOWN.get_or_init(|| {
        cfg!(any(windows, target_os = "macos"))
            || has_dialogs(&|name| std::env::var_os(name).map(PathBuf::from), &|path| path.exists())
    })
}

/// Whether zenity is there, or a portal that the session's bus can start.
pub(in crate::ui) fn has_dialogs(variable: &dyn Fn(&str) -> Option<PathBuf>, exists: &dyn Fn(&Path) -> bool) -> bool {
    let listed = |name: &str, default: &str| {
        let value = variable(name).filter(|value| !value.as_os_str().is_empty()).unwrap_or_else(|| default.into());
        std::env::split_paths(value.as_os_str()).collect::<Vec<PathBuf>>()
    };
    if listed("PATH", "").iter().any(|folder| exists(&folder.join("zenity"))) {
        return true;
    }
    let has_bus = variable("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.as_os_str().is_empty())
        || variable("XDG_RUNTIME_DIR").is_some_and(|folder| exists(&folder.join("bus")));
    let home = variable("XDG_DATA_HOME").or_else(|| Some(variable("HOME")?.join(".local/share")));
    let folders = listed("XDG_DATA_DIRS", "/usr/local/share:/usr/share").into_iter().chain(home);
    let service = "dbus-1/services/org.freedesktop.portal.Desktop.service";
    has_bus && (exists(Path::new("/.flatpak-info")) || folders.into_iter().any(|folder| exists(&folder.join(service))))
}
