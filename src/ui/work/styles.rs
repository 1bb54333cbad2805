//! Styles that go from layer to layer and from office to office.

use std::path::Path;

use crate::io;
use crate::io::style::StyleFormat;
use crate::model::style::{LayerStyle, Styling, defaults};
use crate::model::{Layer, LayerId};
use crate::scenario::{Property, style_file};
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::opening::file_title;
use crate::ui::work::scenarios::change;
use crate::ui::work::{asking, save, styling};

/// Keeps the style of a layer for another.
pub fn copy(session: &mut Session, layer: LayerId) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let (style, title) = (entry.style.clone(), entry.title.clone());
    session.copied_style = Some(Box::new(style));
    session.notify(Message::new("ui.style-copied").with("layer", title));
}

/// Draws a layer in the style that was copied.
pub fn paste(session: &mut Session, layer: LayerId) {
    match session.copied_style.clone() {
        Some(style) => put(session, layer, *style),
        None => session.warn(Message::new("ui.style-none-copied")),
    }
}

/// Draws a layer in a style that was made for another; what it lacks for that is said.
fn put(session: &mut Session, layer: LayerId, mut style: LayerStyle) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let (missing, kind) = (missing_field(&style, &entry.layer).map(str::to_owned), entry.layer.kind);
    style.for_each_symbol(|symbol| *symbol = defaults::for_kind(*symbol, kind));
    change(session, Property::Style(layer, Box::new(style)));
    if let Some(field) = missing {
        session.warn(Message::new("ui.style-lacks-field").with("field", field));
    }
}

/// The field that a style goes by and the layer has not.
fn missing_field<'a>(style: &'a LayerStyle, layer: &Layer) -> Option<&'a str> {
    match &style.styling {
        Styling::Categorised(categories) if layer.field(&categories.field).is_none() => Some(&categories.field),
        _ => None,
    }
}

/// Writes the style of a layer to a file to be chosen: our own, or one of another program.
pub fn write(session: &mut Session, layer: LayerId) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let name = format!("{}.toml", entry.title.replace(['/', '\\', ':'], "-"));
    let text = style_file::to_toml(&entry.title, &entry.style);
    let mut filters = vec![(session.tr("ui.filter-style").to_owned(), "toml")];
    let written = StyleFormat::ALL.into_iter().filter(|format| format.is_written());
    filters.extend(written.map(|format| (session.tr(format.title_key()).to_owned(), format.ending())));
    save::ask_target_of(session, name, filters, move |session, path| match StyleFormat::of_path(&path) {
        Some(_) => styling::write(session, layer, &path),
        None => save::write_to(session, &path, text.as_bytes()),
    });
}

/// Draws a layer in the style of a file to be chosen.
pub fn read(session: &mut Session, layer: LayerId) {
    let folder = session.settings.recent.first().and_then(|path| path.parent()).map(Path::to_owned);
    if !asking::system_has_dialogs() {
        let proposed = folder.unwrap_or_default().join("");
        return asking::ask(session, "ui.open", false, &proposed, move |session, path| read_of(session, layer, &path));
    }
    let filter = session.tr("ui.filter-style").to_owned();
    let dialog = move || {
        let [qml, sld, lyrx] = StyleFormat::ALL.map(StyleFormat::ending);
        let dialog = rfd::FileDialog::new().add_filter(filter, &["toml", qml, sld, lyrx]);
        match folder {
            Some(folder) => dialog.set_directory(folder).pick_file(),
            None => dialog.pick_file(),
        }
    };
    save::ask(session, dialog, move |session, path| {
        if let Some(path) = path {
            read_of(session, layer, &path);
        }
    });
}

/// Draws a layer in the style of a file.
pub fn read_of(session: &mut Session, layer: LayerId, path: &Path) {
    if StyleFormat::of_path(path).is_some() {
        return styling::take(session, layer, path.to_owned());
    }
    let read = io::read_text(path).map_err(|error| crate::text::system_reason(&error));
    match read.and_then(|text| style_file::from_toml(&text).map_err(|error| error.message())) {
        Ok(style) => put(session, layer, style),
        Err(reason) => {
            let reason = reason.text(session.language());
            session
                .notify_error(Message::new("ui.style-not-read").with("file", file_title(path)).with("reason", reason));
        }
    }
}
