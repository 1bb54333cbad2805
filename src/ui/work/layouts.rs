//! Layouts of sheets: what their previews are made of, their changes, what leaves the window of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::crs::Crs;
use crate::io;
use crate::model::layout::{Layout, Shows};
use crate::model::style::LayerStyle;
use crate::model::{GeometryKind, LayerId, Revision};
use crate::render::drawing::output::{self, PX_PER_INCH, PX_PER_MM, PictureFormat};
use crate::render::drawing::pdf::About;
use crate::render::layout::{Body, draw};
use crate::report::sheets::{Asked, content, layer_of_plots};
use crate::scenario::{Entry, LedgerKey, LedgerNote, Property, ScenarioId, Underlay};
use crate::task::Progress;
use crate::text::{Language, Message};
use crate::ui::look::fonts;
use crate::ui::session::Session;
use crate::ui::session::opening::file_title;
use crate::ui::session::parts::Card;
use crate::ui::session::survey::TEMPLATE;
use crate::ui::work::{asking, clock, save, scenarios};

pub mod series;

/// Pixels a logical pixel of sheets in pixels: 300 an inch.
const SCALE: f32 = 300.0 / PX_PER_INCH;

/// Files of a folder of layouts that are looked at.
const MOST_TEMPLATES: usize = 500;

/// What sheets are made of beside their layout: where it differs, they look otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Sources {
    crs: Option<Crs>,
    name: String,
    language: Language,
    shown: Option<ScenarioId>,
    soft: bool,
    layers: Vec<(Revision, bool, bool, String, LayerStyle)>,
    plans: Vec<(ScenarioId, String, Vec<Revision>)>,
    underlays: Arc<Vec<Underlay>>,
    rules: Option<Arc<str>>,
    ledger: BTreeMap<LedgerKey, LedgerNote>,
    survey: Option<String>,
}

/// What sheets are made of now.
pub fn sources(session: &Session) -> Sources {
    let workspace = &session.workspace;
    let layers = workspace.entries.iter().map(|entry| {
        let measured = entry.areas.is_some();
        (entry.layer.revision, workspace.is_drawn(entry), measured, entry.title.clone(), entry.style.clone())
    });
    let plans = workspace.scenarios.list().iter().map(|scenario| {
        let of = |entry: &crate::scenario::Entry| workspace.layer_in(Some(scenario.id), entry.id());
        let revisions = workspace.entries.iter().filter_map(|entry| Some(of(entry)?.0.revision));
        (scenario.id, scenario.name.clone(), revisions.collect())
    });
    Sources {
        crs: workspace.crs.clone(),
        name: workspace.name.clone(),
        language: session.language(),
        shown: workspace.scenarios.shown(),
        soft: session.settings.soft_colors,
        layers: layers.collect(),
        plans: plans.collect(),
        underlays: workspace.underlays.clone(),
        rules: session.judging.text.clone(),
        ledger: workspace.scenarios.ledger.clone(),
        survey: workspace.scenarios.settings.get(TEMPLATE).cloned(),
    }
}

/// The plot that a sheet is about where it is about one: the first that is selected of the layer of its plots, or of the
/// current layer where the layout names none.
pub fn plot_of(session: &Session, layout: &Layout) -> Option<(LayerId, usize)> {
    if !layout.shows_plots() {
        return None;
    }
    let selected = |entry: &Entry| Some((entry.id(), session.project.selection.rows(entry.id())?.iter().next()?));
    let is_meant = |entry: &&Entry| layout.plots.layer.is_empty() && entry.layer.kind == GeometryKind::Polygon;
    let usual = layer_of_plots(&session.workspace, layout).and_then(selected);
    usual.or_else(|| session.current().filter(is_meant).and_then(selected))
}

/// What a sheet of the window asks beside its layout: it is of today.
pub fn asked(session: &Session, layout: &Layout) -> Asked {
    let folder = project_folder(session);
    let date = scenarios::by(session.language()).when.and_then(clock::day);
    let asking = session.project.underlays.asking(&session.settings);
    let soft = session.settings.soft_colors;
    let (plot, rules) = (plot_of(session, layout), Some(session.judging.rules.clone()));
    Asked { language: session.language(), folder, date, plot, rules, asking, soft, ..Asked::default() }
}

/// The layouts of the project are these.
pub fn change(session: &mut Session, layouts: Arc<Vec<Layout>>) {
    match layouts.iter().find_map(Layout::fault) {
        Some(fault) => session.notify_error(fault),
        None => {
            session.workspace.change(Property::Layouts(layouts), scenarios::by(session.language()));
        }
    }
}

/// Writes the sheet of a layout to a file to be chosen.
pub fn export(session: &mut Session, layout: Layout) {
    let name = format!("{} {}", session.workspace.name, layout.name);
    let name = format!("{}.pdf", name.trim().replace(['/', '\\', ':'], "-"));
    let filters = save::sheet_filters(session, PictureFormat::Pdf);
    save::ask_target_of(session, name, filters, move |session, path| export_to(session, &layout, path));
}

/// Writes the sheet of a layout to `path`, in the format of its ending; as PDF where it has none of them.
pub fn export_to(session: &mut Session, layout: &Layout, path: PathBuf) {
    let format = PictureFormat::of_path(&path).unwrap_or(PictureFormat::Pdf);
    let guard = save::guard(session);
    if let Err(error) = guard.check(&path) {
        return session.notify_error(error.message());
    }
    let asked = asked(session, layout);
    let about = About { title: session.workspace.name.clone(), language: session.language(), date: asked.date };
    let (workspace, layout, file) = (Arc::new(session.workspace.clone()), layout.clone(), file_title(&path));
    session.jobs.spawn(
        Message::new("ui.job-sheet"),
        move |progress| {
            let made = bytes(workspace, &layout, &asked, &about, format, progress);
            if progress.is_cancelled() {
                return None; // nothing is written
            }
            Some(made.and_then(|(bytes, remarks)| {
                let saved = io::save_atomically(&path, &guard, |out| out.write_all(&bytes));
                saved.map(|()| remarks).map_err(|error| error.message())
            }))
        },
        move |session, result| match result {
            Some(Ok(remarks)) => {
                session.notify(Message::new("ui.saved").with("file", file));
                remarks.into_iter().for_each(|remark| session.warn(remark));
            }
            Some(Err(reason)) => {
                let reason = reason.text(session.settings.language);
                session.notify_error(Message::new("ui.not-saved").with("file", file).with("reason", reason));
            }
            None => {}
        },
    );
}

/// The bytes of a sheet, and what must be said of it.
fn bytes(
    workspace: Arc<crate::scenario::Workspace>,
    layout: &Layout,
    asked: &Asked,
    about: &About,
    format: PictureFormat,
    progress: &Progress,
) -> Result<(Vec<u8>, Vec<Message>), Message> {
    let stopped = |_: crate::task::Cancelled| Message::new("ui.work-stopped");
    let body = if format.keeps_outlines() { Body::Outlines } else { Body::Pixels(SCALE) };
    if let Body::Pixels(scale) = body {
        let size = [layout.page.width_mm, layout.page.height_mm].map(|side| side as f32 * PX_PER_MM);
        output::held(size, scale).map_err(|error| error.message())?;
    }
    let typeface = fonts::typeface();
    let (content, mut remarks) = content(workspace, layout, asked, progress).map_err(stopped)?;
    let drawn = draw(layout, &content, body, typeface, progress).map_err(stopped)?;
    remarks.extend(drawn.remarks);
    let bytes = output::bytes(&drawn.sheet, format, SCALE, about, typeface).map_err(|error| error.message())?;
    Ok((bytes, remarks))
}

/// Writes a layout to a template file to be chosen.
pub fn save_template(session: &mut Session, layout: &Layout) {
    let name = format!("{}.toml", layout.name.replace(['/', '\\', ':'], "-"));
    let text = layout.to_toml();
    let filters = vec![(session.tr("layout.filter-template").to_owned(), "toml")];
    let recent = || session.settings.recent.first().and_then(|path| path.parent()).map(Path::to_owned);
    let folder = session.settings.layout_folder.clone().or_else(recent);
    save::ask_target_in(session, folder, name, filters, move |session, path| {
        save::write_to(session, &path, text.as_bytes());
    });
}

/// Asks for the folder whose layouts are offered for new sheets.
pub fn choose_templates(session: &mut Session) {
    save::ask_folder(session, "layout.templates-folder", |session, path| {
        session.settings.layout_folder = Some(path);
        session.card = Some(Card::Layouts);
    });
}

/// The layouts that the files of a folder hold, by name, each with its file; what is no layout is passed over.
///
/// # Errors
/// Where the folder cannot be read, or the work was stopped.
pub fn templates_in(folder: &Path, progress: &Progress) -> Result<Vec<(String, PathBuf)>, Message> {
    let files = std::fs::read_dir(folder).map_err(|error| crate::text::system_reason(&error))?;
    let mut found = Vec::new();
    for path in files.filter_map(Result::ok).map(|file| file.path()).take(MOST_TEMPLATES) {
        progress.tick(0).map_err(|_| Message::new("ui.work-stopped"))?;
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml")) {
            let read = io::read_text(&path).ok();
            let layout = read.and_then(|text| Layout::from_toml(&text).ok());
            found.extend(layout.map(|layout| (layout.name, path)));
        }
    }
    found.sort();
    Ok(found)
}

/// Makes a file to be chosen the picture of an item.
pub fn choose_picture(session: &mut Session, layout: String, item: String) {
    let folder = project_folder(session);
    let then = move |session: &mut Session, path: PathBuf| {
        session.card = Some(Card::Layouts);
        set_picture(session, &layout, &item, &path);
    };
    if !asking::system_has_dialogs() {
        return asking::ask(session, "ui.open", false, &folder.join(""), then);
    }
    let filter = session.tr("layout.filter-picture").to_owned();
    let dialog = move || {
        let dialog = rfd::FileDialog::new().add_filter(filter, &["png", "jpg", "jpeg"]);
        if folder.as_os_str().is_empty() { dialog.pick_file() } else { dialog.set_directory(folder).pick_file() }
    };
    save::ask(session, dialog, move |session, path: Option<PathBuf>| {
        if let Some(path) = path {
            then(session, path);
        }
    });
}

/// Makes the file at `path` the picture of an item: named from the folder of the project where it lies in it, so that both
/// can move together.
pub fn set_picture(session: &mut Session, layout: &str, item: &str, path: &Path) {
    let folder = project_folder(session);
    let inside = path.strip_prefix(&folder).ok().filter(|_| !folder.as_os_str().is_empty());
    let named = match inside {
        Some(inside) => {
            let parts = inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
            parts.collect::<Vec<String>>().join("/")
        }
        None => path.to_string_lossy().into_owned(),
    };
    let mut layouts = session.workspace.layouts.to_vec();
    let of = layouts.iter_mut().filter(|of| of.name == layout).flat_map(|of| &mut of.items);
    for of in of.filter(|of| of.name == item) {
        if let Shows::Picture(picture) = &mut of.shows {
            picture.path.clone_from(&named);
        }
    }
    if layouts != *session.workspace.layouts {
        change(session, Arc::new(layouts));
    }
}

/// The folder of the project; empty while it has none.
fn project_folder(session: &Session) -> PathBuf {
    session.project.path.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).to_owned()
}

/// Adds the layout of a template file to be chosen.
pub fn load_template(session: &mut Session) {
    let folder = session.settings.recent.first().and_then(|path| path.parent()).map(Path::to_owned);
    if !asking::system_has_dialogs() {
        return asking::ask(session, "ui.open", false, &folder.unwrap_or_default().join(""), |session, path| {
            load_template_of(session, &path);
            session.card = Some(Card::Layouts);
        });
    }
    let filter = session.tr("layout.filter-template").to_owned();
    let dialog = move || {
        let dialog = rfd::FileDialog::new().add_filter(filter, &["toml"]);
        match folder {
            Some(folder) => dialog.set_directory(folder).pick_file(),
            None => dialog.pick_file(),
        }
    };
    save::ask(session, dialog, |session, path| {
        if let Some(path) = path {
            load_template_of(session, &path);
        }
    });
}

/// Adds the layout of a template file.
pub fn load_template_of(session: &mut Session, path: &Path) {
    let read = io::read_text(path).map_err(|error| crate::text::system_reason(&error));
    match read.and_then(|text| Layout::from_toml(&text).map_err(|error| error.message())) {
        Ok(layout) => {
            let mut layouts = session.workspace.layouts.to_vec();
            let name = free_name(&layouts, &layout.name);
            layouts.push(Layout { name, ..layout });
            change(session, Arc::new(layouts));
        }
        Err(reason) => {
            let reason = reason.text(session.language());
            let message = Message::new("layout.not-read").with("file", file_title(path)).with("reason", reason);
            session.notify_error(message);
        }
    }
}

/// A name that none of `layouts` has, made of `wanted`.
pub fn free_name(layouts: &[Layout], wanted: &str) -> String {
    let is_free = |name: &String| layouts.iter().all(|layout| layout.name != *name);
    let numbered = |nth: usize| if nth < 2 { wanted.to_owned() } else { format!("{wanted} {nth}") };
    (1..).map(numbered).find(is_free).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::layout::templates;

    #[test]
    fn a_folder_gives_its_layouts_by_name_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let layout = templates::all(Language::Chinese).remove(0);
        let named = |name: &str| Layout { name: name.to_owned(), ..layout.clone() };
        for (file, text) in [
            ("b.toml", named("甲").to_toml()),
            ("a.TOML", named("乙").to_toml()),
            ("rules.toml", "a = 1".to_owned()),
            ("c.txt", named("丙").to_toml()),
        ] {
            std::fs::write(folder.path().join(file), text).expect("written");
        }
        let found = templates_in(folder.path(), &Progress::new()).expect("read");
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["乙", "甲"]);
        assert!(templates_in(&folder.path().join("none"), &Progress::new()).is_err());
    }
}
