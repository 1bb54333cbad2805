//! Asking for the files to open: the system's dialog with a filter a format, or a field in the window where there is none.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::io::FORMATS;
use crate::text::{Language, tr};
use crate::ui::session::Session;
use crate::ui::work::asking::{self, NO_ANSWER};
use crate::ui::work::save;

/// Endings of all files that can be opened, projects among them, and those of each format by its name.
fn filters(language: Language) -> Vec<(String, Vec<&'static str>)> {
    let read = || FORMATS.iter().filter(|format| format.is_read() && !format.endings.is_empty());
    let packed = ["gz", crate::scenario::project::EXTENSION];
    let all = read().flat_map(|format| format.endings.iter().copied()).chain(packed).collect();
    let each = read().map(|format| (tr(language, format.name).to_owned(), format.endings.to_vec()));
    std::iter::once((tr(language, "ui.filter-data").to_owned(), all)).chain(each).collect()
}

/// Asks for files and opens them.
pub fn choose(session: &mut Session) {
    let title = session.tr("ui.open").to_owned();
    let filters = filters(session.language());
    let all = session.tr("ui.filter-all").to_owned();
    let folder = session.settings.recent.first().and_then(|path| path.parent()).map(Path::to_owned);
    if !asking::system_has_dialogs() {
        return choose_in_window(session, folder);
    }
    let beside = folder.clone();
    let dialog = move || {
        let asked = std::time::Instant::now();
        let mut dialog = rfd::FileDialog::new().set_title(title);
        for (name, endings) in filters {
            dialog = dialog.add_filter(name, &endings);
        }
        dialog = dialog.add_filter(all, &["*"]);
        if let Some(folder) = folder {
            dialog = dialog.set_directory(folder);
        }
        (dialog.pick_files(), asked.elapsed())
    };
    save::ask(session, dialog, |session, (paths, took): (Option<Vec<PathBuf>>, Duration)| match paths {
        Some(paths) => super::open(session, paths),
        // Nobody cancels so soon: the portal is there by name only.
        None if took < NO_ANSWER && cfg!(target_os = "linux") => choose_in_window(session, beside),
        None => {}
    });
}

/// Asks for a file in the window.
fn choose_in_window(session: &mut Session, folder: Option<PathBuf>) {
    let folder = folder.or_else(|| std::env::current_dir().ok()).unwrap_or_default(); // none: an empty field
    asking::ask(session, "ui.open", false, &folder.join(""), |session, path| super::open(session, vec![path]));
}
