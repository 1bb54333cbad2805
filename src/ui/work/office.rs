//! What is said about layers: as a step of the document, and kept by the office for the next time.

use std::path::Path;

use crate::io::{self, Guard};
use crate::model::LayerId;
use crate::model::conversion::Conversion;
use crate::model::roles::Mapping;
use crate::model::roles::office::Office;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::scenario::ScenarioCommand;
use crate::ui::session::office::FILE;
use crate::ui::session::opening::file_title;
use crate::ui::work::{asking, save, scenarios};

/// Says what a layer is, and has the office remember it where that is asked for.
pub fn map(session: &mut Session, layer: LayerId, mapping: Mapping, for_office: bool) {
    let by = scenarios::by(session.language());
    if for_office && let Some(read) = session.workspace.as_read(layer).cloned() {
        load(session);
        if mapping.is_empty() {
            session.knowing.office.forget(&read);
        } else {
            session.knowing.office.remember(&read, &mapping);
        }
        keep(session);
    }
    if session.workspace.map_layer(layer, mapping, by) {
        let title = session.workspace.entry(layer).map(|entry| entry.title.clone()).unwrap_or_default();
        let key = if for_office { "mapping.kept" } else { "mapping.done" };
        session.suggest(Message::new(key).with("layer", title), "edit.undo", undo());
    }
}

/// Carries the classes of a layer over to another scheme, and has the office remember what was decided where that is
/// asked for.
pub fn convert(session: &mut Session, layer: LayerId, conversion: Conversion, for_office: bool) {
    let by = scenarios::by(session.language());
    let decided = conversion.decided.clone();
    let to = conversion.to;
    match session.workspace.convert_classes(layer, conversion, by) {
        Ok(true) => {
            if for_office {
                load(session);
                for (class, target) in decided {
                    if let Some(target) = target {
                        session.knowing.office.decide(class, target);
                    }
                }
                keep(session);
            }
            let title = session.workspace.entry(layer).map(|entry| entry.title.clone()).unwrap_or_default();
            let message = Message::new("mapping.converted")
                .with("layer", title)
                .with_said("to", |language| to.title(language).to_owned());
            session.suggest(message, "edit.undo", undo());
        }
        Ok(false) => {}
        Err(error) => session.notify_error(error.message()),
    }
}

/// Takes the fields of a conversion off a layer.
pub fn drop_conversion(session: &mut Session, layer: LayerId) {
    session.workspace.drop_conversion(layer, scenarios::by(session.language()));
}

fn undo() -> Command {
    Command::Scenario(ScenarioCommand::Undo)
}

/// Puts what the office knows over layers that were opened, and says so; says which of the others had better be looked at.
pub fn apply(session: &mut Session, layers: &[LayerId]) {
    if layers.is_empty() {
        return;
    }
    load(session);
    let by = scenarios::by(session.language());
    let mut known: Vec<String> = Vec::new();
    let mut doubtful: Option<LayerId> = None;
    for id in layers {
        let Some(layer) = session.workspace.as_read(*id).cloned() else { continue };
        let said = session.knowing.office.of(&layer).map(|known| known.mapping.clone());
        match said {
            Some(mapping) => {
                if session.workspace.map_layer(*id, mapping, by) {
                    known.push(layer.name.clone());
                }
            }
            None => {
                let is_doubtful = session.workspace.entry(*id).is_some_and(|entry| entry.recognition.is_doubtful());
                doubtful = doubtful.or(is_doubtful.then_some(*id));
            }
        }
    }
    if !known.is_empty() {
        let message = Message::new("mapping.by-office").with("n", known.len()).with("layers", known.join(", "));
        session.suggest(message, "edit.undo", undo());
    }
    if let Some(layer) = doubtful
        && let Some(entry) = session.workspace.entry(layer)
    {
        let message = Message::new("mapping.doubtful")
            .with("layer", &entry.title)
            .with_said("role", |language| entry.role.title(language).to_owned())
            .with_message("reason", &entry.recognition.reason);
        session.suggest(message, "ui.layer-map", Command::Layer(layer, LayerCommand::Map));
    }
}

/// Reads what the office knows, once.
pub fn load(session: &mut Session) {
    if std::mem::replace(&mut session.knowing.is_read, true) {
        return;
    }
    let Some(file) = session.knowing.file.clone().filter(|file| file.exists()) else { return };
    match read(&file) {
        Ok(office) => session.knowing.office = office,
        Err(reason) => {
            session.knowing.is_broken = true;
            let message = Message::new("mapping.office-unread").with("path", io::shown_path(&file));
            session.warn(message.with_message("reason", &reason));
        }
    }
}

fn read(path: &Path) -> Result<Office, Message> {
    let text = io::read_text(path).map_err(|error| Message::new("mapping.unreadable").with("error", error))?;
    Office::from_toml(&text)
}

/// Writes what the office knows. A file that could not be understood is not written over.
fn keep(session: &mut Session) {
    let Some(file) = session.knowing.file.clone() else { return };
    if session.knowing.is_broken {
        return;
    }
    let text = session.knowing.office.to_toml();
    let made = file.parent().map_or(Ok(()), std::fs::create_dir_all);
    let failed = match made {
        Err(error) => Some(Message::new("mapping.unreadable").with("error", error)),
        Ok(()) => io::save_atomically(&file, &Guard::none(), |out| out.write_all(text.as_bytes()))
            .err()
            .map(|error| error.message()),
    };
    if let Some(reason) = failed {
        let reason = reason.text(session.language());
        session.notify_error(Message::new("ui.not-saved").with("file", file_title(&file)).with("reason", reason));
    }
}

/// Asks for the file of another office, and takes over what it knows.
pub fn import(session: &mut Session) {
    let folder = session.settings.recent.first().and_then(|path| path.parent()).map(Path::to_owned);
    if !asking::system_has_dialogs() {
        let proposed = folder.unwrap_or_default().join(FILE);
        return asking::ask(session, "mapping.import", false, &proposed, |session, path| take_over(session, &path));
    }
    let title = session.tr("mapping.import").to_owned();
    let name = session.tr("mapping.office-file").to_owned();
    let dialog = move || {
        let mut dialog = rfd::FileDialog::new().set_title(title).add_filter(name, &["toml"]);
        if let Some(folder) = folder {
            dialog = dialog.set_directory(folder);
        }
        dialog.pick_file()
    };
    save::ask(session, dialog, |session, path| {
        if let Some(path) = path {
            take_over(session, &path);
        }
    });
}

/// Takes over what a file knows.
pub fn take_over(session: &mut Session, path: &Path) {
    load(session);
    match read(path) {
        Ok(other) => {
            let count = session.knowing.office.take_over(other);
            keep(session);
            session.notify(Message::new("mapping.imported").with("n", count).with("file", file_title(path)));
        }
        Err(reason) => {
            let message = Message::new("mapping.office-unread").with("path", io::shown_path(path));
            session.notify_error(message.with_message("reason", &reason));
        }
    }
}

/// Writes what the office knows to a file to be chosen.
pub fn export(session: &mut Session) {
    load(session);
    let text = session.knowing.office.to_toml();
    save::ask_target(session, FILE.to_owned(), ("mapping.office-file", "toml"), move |session, path| {
        save::write_to(session, &path, text.as_bytes());
    });
}
