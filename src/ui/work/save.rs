//! What leaves the window: exported layers, map sheets, the clipboard. Source files are never written.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui;
use tiny_skia::Pixmap;

use crate::crs::Crs;
use crate::io::{self, FORMATS, Guard, format_of_ending};
use crate::model::{Layer, LayerId};
use crate::render::MapView;
use crate::render::drawing::Drawing;
use crate::render::drawing::geopdf::Place;
use crate::render::drawing::output::{self, PictureFormat};
use crate::render::drawing::pdf::About;
use crate::render::raster::{MapPart, PaintColors, paint_parts};
use crate::render::scene::{Scene, SceneLayer};
use crate::render::sheet::{self, Sheet};
use crate::render::vector;
use crate::report::{self, Table};
use crate::scenario::{Entry, project};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};
use crate::ui::look::fonts;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::opening::{self, file_title};
use crate::ui::session::project::Project;
use crate::ui::work::asking;
use crate::ui::work::derived::area_text;

/// Runs a dialog of the system beside the window, and `then` with its answer.
pub fn ask<T: Send + 'static>(
    session: &mut Session,
    dialog: impl FnOnce() -> T + Send + 'static,
    then: impl FnOnce(&mut Session, T) + 'static,
) {
    // macOS shows dialogs in the main thread only.
    if cfg!(target_os = "macos") {
        let answer = dialog();
        then(session, answer);
    } else {
        session.jobs.spawn_hidden(Message::new("ui.job-dialog"), move |_| dialog(), then);
    }
}

/// Asks where to write a file of that name and kind, and calls `then` with the answer.
pub fn ask_target(
    session: &mut Session,
    name: String,
    kind: (&'static str, &'static str),
    then: impl FnOnce(&mut Session, PathBuf) + 'static,
) {
    let filters = vec![(session.tr(kind.0).to_owned(), kind.1)];
    ask_target_of(session, name, filters, then);
}

/// Asks where to write a file of that name, of one of several kinds: what each is called, and its ending.
pub fn ask_target_of(
    session: &mut Session,
    name: String,
    filters: Vec<(String, &'static str)>,
    then: impl FnOnce(&mut Session, PathBuf) + 'static,
) {
    let folder = session.settings.recent.first().and_then(|path| path.parent()).map(std::path::Path::to_owned);
    ask_target_in(session, folder, name, filters, then);
}

/// The same, beginning in that folder.
pub fn ask_target_in(
    session: &mut Session,
    folder: Option<PathBuf>,
    name: String,
    filters: Vec<(String, &'static str)>,
    then: impl FnOnce(&mut Session, PathBuf) + 'static,
) {
    if !asking::system_has_dialogs() {
        let proposed = folder.unwrap_or_default().join(name);
        return asking::ask(session, "ui.path-save-title", true, &proposed, then);
    }
    let dialog = move || {
        let mut dialog = rfd::FileDialog::new().set_file_name(name);
        for (name, ending) in filters {
            dialog = dialog.add_filter(name, &[ending]);
        }
        if let Some(folder) = folder {
            dialog = dialog.set_directory(folder);
        }
        dialog.save_file()
    };
    ask(session, dialog, move |session, path| {
        if let Some(path) = path {
            then(session, path);
        }
    });
}

/// Asks for a folder, under that title, and calls `then` with the answer.
pub fn ask_folder(session: &mut Session, title: &'static str, then: impl FnOnce(&mut Session, PathBuf) + 'static) {
    let folder = session.settings.recent.first().and_then(|path| path.parent()).map(Path::to_owned);
    if !asking::system_has_dialogs() {
        return asking::ask(session, title, false, &folder.unwrap_or_default(), then);
    }
    let title = session.tr(title).to_owned();
    let dialog = move || {
        let mut dialog = rfd::FileDialog::new().set_title(title);
        if let Some(folder) = folder {
            dialog = dialog.set_directory(folder);
        }
        dialog.pick_folder()
    };
    ask(session, dialog, move |session, path: Option<PathBuf>| {
        if let Some(path) = path {
            then(session, path);
        }
    });
}

/// Writes a file and says so, or why not.
pub fn write_to(session: &mut Session, path: &Path, bytes: &[u8]) {
    let file = file_title(path);
    match io::save_atomically(path, &guard(session), |out| out.write_all(bytes)) {
        Ok(()) => session.notify(Message::new("ui.saved").with("file", file)),
        Err(error) => {
            let reason = error.message().text(session.settings.language);
            session.notify_error(Message::new("ui.not-saved").with("file", file).with("reason", reason));
        }
    }
}

/// The kinds of files that tables are written as, the usual one first.
pub fn table_filters(session: &Session) -> Vec<(String, &'static str)> {
    [("io.format-xlsx", "xlsx"), ("io.format-csv", "csv")]
        .map(|(key, ending)| (session.tr(key).to_owned(), ending))
        .into()
}

/// Whether a file is to be CSV; it is a workbook else.
pub fn is_csv(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

/// Writes tables to a workbook, a sheet each, and says so, or why not.
pub fn write_workbook(session: &mut Session, path: &Path, tables: &[&Table]) {
    match report::to_xlsx(tables, session.language()) {
        Ok(bytes) => write_to(session, path, &bytes),
        Err(error) => {
            let reason = error.message().text(session.language());
            let message = Message::new("ui.not-saved").with("file", file_title(path)).with("reason", reason);
            session.notify_error(message);
        }
    }
}

/// Writes a layer, or what is selected of it, to a file to be chosen, in the format of its ending.
pub fn export(session: &mut Session, layer: LayerId) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let name = format!("{}.geojson", entry.title);
    let written = FORMATS.iter().filter(|format| format.is_written() && !format.endings.is_empty());
    // What a layer is asked for most stands first.
    let mut filters: Vec<(String, &'static str)> =
        written.map(|format| (session.tr(format.name).to_owned(), format.endings[0])).collect();
    filters.sort_by_key(|(_, ending)| *ending != "geojson");
    ask_target_of(session, name, filters, move |session, path| export_to(session, layer, path));
}

/// The layer with the style that it has on the map, for formats that hold one.
fn as_drawn(entry: &Entry) -> Layer {
    Layer { drawn: Some(Arc::new(entry.style.clone())), ..Layer::clone(&entry.layer) }
}

/// The rows of a layer that are selected; `None` where all of it is meant.
fn rows_of(project: &Project, layer: LayerId) -> Option<Vec<usize>> {
    project.selection.rows(layer).map(|rows| rows.iter().collect())
}

/// Writes a layer, or what is selected of it, to `path`, after what its format cannot hold was listed and accepted.
pub fn export_to(session: &mut Session, layer: LayerId, path: PathBuf) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let (source, rows) = (as_drawn(entry), rows_of(&session.project, layer));
    let is_usual = format_of_ending(&path).is_none_or(|format| format.name == "io.format-geojson");
    if is_usual && !io::has_measures(&source) {
        // Nothing is lost there, so nothing is looked for.
        return export_anyway(session, layer, path);
    }
    let file = file_title(&path);
    let target = path.clone();
    session.jobs.spawn(
        Message::new("ui.job-export").with("file", &file),
        move |_| io::losses(&target, &source, rows.as_deref(), io::WriteOptions::default()),
        move |session, losses| match losses {
            Ok(losses) if losses.is_empty() => export_anyway(session, layer, path),
            Ok(losses) => {
                let language = session.language();
                let list: Vec<String> = losses.iter().map(|loss| loss.text(language)).collect();
                let message = Message::new("ui.export-loses").with("file", file).with("list", list.join("; "));
                session.offer(message, "ui.export-anyway", Command::File(FileCommand::ExportAnyway(layer, path)));
            }
            Err(error) => {
                let reason = error.message().text(session.settings.language);
                session.notify_error(Message::new("ui.not-saved").with("file", file).with("reason", reason));
            }
        },
    );
}

/// Writes a layer, or what is selected of it, to `path`.
pub fn export_anyway(session: &mut Session, layer: LayerId, path: PathBuf) {
    let Some(entry) = session.workspace.entry(layer) else { return };
    let (source, rows) = (as_drawn(entry), rows_of(&session.project, layer));
    let count = rows.as_ref().map_or(source.feature_count(), Vec::len);
    write_layer(session, path, move |path, guard, _| {
        io::write(path, &source, rows.as_deref(), io::WriteOptions::default(), guard)
            .map(|()| count)
            .map_err(|error| error.message())
    });
}

/// Has `write` write features to `path` in the background, and says how many it wrote, or why none.
pub fn write_layer(
    session: &mut Session,
    path: PathBuf,
    write: impl FnOnce(&Path, &Guard, &Progress) -> Result<usize, Message> + Send + 'static,
) {
    let file = file_title(&path);
    let guard = guard(session);
    if let Err(error) = guard.check(&path) {
        return session.notify_error(error.message());
    }
    let name = Message::new("ui.job-export").with("file", &file);
    session.jobs.spawn(
        name,
        move |progress| write(&path, &guard, progress),
        move |session, result| match result {
            Ok(count) => {
                let n = crate::units::format_number(count as f64, 0);
                session.notify(Message::new("ui.exported").with("n", n).with("file", file));
            }
            Err(reason) => {
                let reason = reason.text(session.settings.language);
                session.notify_error(Message::new("ui.not-saved").with("file", file).with("reason", reason));
            }
        },
    );
}

/// Everything that is open or being opened, and the project itself: what no export may take the place of.
pub fn guard(session: &Session) -> Guard {
    protected(session).guard()
}

/// What [`guard`] protects, before the projects among it are looked into.
#[derive(Clone, Debug)]
pub struct Protected {
    files: Vec<PathBuf>,
    projects: Vec<PathBuf>,
}

impl Protected {
    /// The guard: reads the projects, so not in the window's thread where that could take long.
    pub fn guard(self) -> Guard {
        let named = self.projects.iter().flat_map(|project| project::files_named_in(project));
        Guard::of(named.chain(self.files).chain(self.projects.clone()))
    }
}

/// What no export may take the place of.
pub fn protected(session: &Session) -> Protected {
    let project = session.project.path.clone();
    let folder = project.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let mut files = project::files_of(&session.workspace, folder);
    files.extend(session.compare.crosswalk_path.clone());
    files.extend(session.opened.iter().flat_map(|report| &report.files).map(|file| file.arrival.path.clone()));
    let is_project =
        |path: &Path| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(project::EXTENSION));
    let arriving = session.arriving.iter().map(|arriving| arriving.path.clone());
    let (mut projects, others): (Vec<_>, Vec<_>) = arriving.partition(|path| is_project(path));
    files.extend(others);
    projects.extend(project);
    Protected { files, projects }
}

/// Everything that a map sheet is painted from, owned by the thread that does it.
struct SheetJob {
    sheet: Sheet,
    view: MapView,
    scale: f32,
    scene: Scene,
    crs: Option<Crs>,
    language: Language,
}

/// Pixels a point of map sheets: sharp in print at the size of the window.
const SHEET_SCALE: f32 = 2.0;

impl SheetJob {
    fn of(session: &Session, scale: f32) -> Self {
        let workspace = &session.workspace;
        let layers = workspace.drawn().filter_map(|entry| {
            let (prepared, symbols) = (session.prepared(entry.id())?, session.derived.symbols(entry.id())?);
            let style = if session.settings.soft_colors { entry.style.softened(false) } else { entry.style.clone() };
            let style = style.at_scale(session.scale());
            let mut layer = SceneLayer::new(entry.layer.clone(), style, prepared.clone(), symbols.clone());
            layer.figures.areas.clone_from(&entry.areas);
            layer.figures.metres_per_unit = workspace.crs.as_ref().map_or(1.0, Crs::metres_per_unit_on_map);
            Some(layer)
        });
        let (underlays, asking) = (workspace.underlays.clone(), session.project.underlays.asking(&session.settings));
        let mut scene = Scene { underlays, asking, layers: layers.collect(), ..Scene::default() };
        scene.write_areas_in(session.settings.area_unit, session.language());
        let title = if workspace.name.is_empty() { session.tr("ui.sheet-title") } else { &workspace.name };
        let figure = |area| area_text(&session.settings, area);
        let sheet = scene.sheet(workspace, &session.view, title.to_owned(), &figure, session.language());
        Self { sheet, view: session.view, scale, scene, crs: workspace.crs.clone(), language: session.language() }
    }

    /// Draws what lies beneath, and names whose it is in the foot.
    fn draw_underlays(&mut self, scale: f32, progress: &Progress) -> Result<(), Cancelled> {
        if let Some(crs) = &self.crs {
            let credit = self.scene.draw_underlays(&self.view, scale, crs, progress)?;
            self.sheet.notes.extend(credit.map(|credit| credit.text(self.language)));
        }
        Ok(())
    }

    fn drawing(mut self, progress: &Progress) -> Result<Drawing, Cancelled> {
        let typeface = fonts::typeface();
        self.draw_underlays(self.scale, progress)?;
        self.scene.label(&self.view, typeface);
        sheet::drawing(&self.sheet, &self.view, self.scale, &self.parts(), typeface, progress)
    }

    /// The map alone, without labels.
    fn map(mut self, progress: &Progress) -> Result<Pixmap, Cancelled> {
        self.draw_underlays(self.scale, progress)?;
        let colors = &PaintColors::LIGHT;
        paint_parts(colors.ground, &self.view, self.scale, &self.parts(), colors, None, progress)
    }

    fn parts(&self) -> Vec<MapPart<'_>> {
        let mut layers = self.scene.to_paint();
        for (paint, layer) in layers.iter_mut().zip(&self.scene.layers) {
            // A first look at a large layer has nothing else to be drawn from.
            paint.pyramid = layer.prepared.pyramid.as_ref().filter(|pyramid| pyramid.is_preview());
        }
        self.scene.parts_with(layers)
    }

    /// The bytes of a file of that format, with the coordinates of the map where it holds them.
    fn bytes(mut self, format: PictureFormat, about: &About, progress: &Progress) -> Result<Vec<u8>, Message> {
        let typeface = fonts::typeface();
        let scale = self.scale;
        let stopped = |_: Cancelled| Message::new("ui.work-stopped");
        let page = if format.keeps_outlines() {
            self.draw_underlays(vector::IMAGE_SCALE, progress).map_err(stopped)?;
            self.scene.label(&self.view, typeface);
            let parts = self.scene.parts();
            let (drawing, at) =
                sheet::outlined(&self.sheet, &self.view, &parts, typeface, progress).map_err(stopped)?;
            let crs = self.crs.as_ref().filter(|_| format == PictureFormat::Pdf);
            let places = crs.and_then(|crs| Place::new(at, &self.view, crs)).into_iter().collect();
            output::Sheet { drawing, places }
        } else {
            output::Sheet { drawing: self.drawing(progress).map_err(stopped)?, places: Vec::new() }
        };
        output::bytes(&page, format, scale, about, typeface).map_err(|error| error.message())
    }
}

/// What paints the map of `view` at `scale`, elsewhere than in the window's thread; nothing where that is cancelled.
pub(super) fn small_map(
    session: &Session,
    view: MapView,
    scale: f32,
) -> impl FnOnce(&Progress) -> Option<Pixmap> + Send + use<> {
    let job = SheetJob { view, ..SheetJob::of(session, scale) };
    move |progress: &Progress| job.map(progress).ok()
}

/// Puts the map sheet on the clipboard.
pub fn copy_map(session: &mut Session, ctx: &egui::Context) {
    let job = SheetJob::of(session, SHEET_SCALE);
    let ctx = ctx.clone();
    session.jobs.spawn(
        Message::new("ui.job-sheet"),
        move |progress| {
            let drawing = job.drawing(progress).ok()?; // cancelled: nothing is copied
            drawing.paint(fonts::typeface(), SHEET_SCALE)
        },
        move |session, result| {
            if let Some(page) = result {
                let size = [page.width() as usize, page.height() as usize];
                ctx.copy_image(egui::ColorImage::from_rgba_premultiplied(size, page.data()));
                session.notify(Message::new("ui.map-copied"));
            }
        },
    );
}

/// Pixels a point of sheets that are handed in as JPG: 300 an inch.
const JPG_SCALE: f32 = 300.0 / output::PX_PER_INCH;

/// The formats of sheets, as dialogs list them: what each is called, and its ending.
pub fn sheet_filters(session: &Session, first: PictureFormat) -> Vec<(String, &'static str)> {
    let mut formats = PictureFormat::ALL.to_vec();
    formats.sort_by_key(|(format, ..)| *format != first);
    formats.into_iter().map(|(_, ending, key)| (session.tr(key).to_owned(), ending)).collect()
}

/// Writes the map sheet to a file to be chosen, in the format of its ending.
pub fn save_map(session: &mut Session) {
    let name = if session.workspace.name.is_empty() { session.tr("ui.sheet-title") } else { &session.workspace.name };
    let state = session.workspace.state_title(session.language());
    let name = format!("{}.png", format!("{name} {state}").trim().replace(['/', '\\', ':'], "-"));
    let filters = sheet_filters(session, PictureFormat::Png);
    ask_target_of(session, name, filters, save_map_to);
}

/// Writes the map sheet to `path`, in the format of its ending; as PNG where it has none of them.
pub fn save_map_to(session: &mut Session, path: PathBuf) {
    let format = PictureFormat::of_path(&path).unwrap_or(PictureFormat::Png);
    let job = SheetJob::of(session, if format == PictureFormat::Jpg { JPG_SCALE } else { SHEET_SCALE });
    let about = About { title: job.sheet.title.clone(), language: session.language(), date: None };
    let file = opening::file_title(&path);
    let guard = guard(session);
    if let Err(error) = guard.check(&path) {
        return session.notify_error(error.message());
    }
    session.jobs.spawn(
        Message::new("ui.job-sheet"),
        move |progress| {
            let bytes = job.bytes(format, &about, progress);
            if progress.is_cancelled() {
                return None; // nothing is written
            }
            let write = |bytes: Vec<u8>| io::save_atomically(&path, &guard, |out| out.write_all(&bytes));
            Some(bytes.and_then(|bytes| write(bytes).map_err(|error| error.message())))
        },
        move |session, result| match result {
            Some(Ok(())) => session.notify(Message::new("ui.saved").with("file", file)),
            Some(Err(reason)) => {
                let reason = reason.text(session.settings.language);
                session.notify_error(Message::new("ui.not-saved").with("file", file).with("reason", reason));
            }
            None => {}
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::OpenOptions;
    use crate::ui::session::jobs;
    use crate::ui::work::{arriving, saving};
    use crate::ui::{App, Start};
    use std::sync::Arc;

    #[test]
    fn nothing_that_is_open_is_written_over() {
        let save_to = |session: &mut Session, path: PathBuf| {
            saving::save_to(session, path);
            while session.saving.is_some() {
                jobs::install_finished(session);
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        };
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let text = r#"{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[117,36],[117.1,36],[117,36.1],[117,36]]]}}"#;
        for name in ["a.geojson", "b.geojson", "c.geojson", "codes.csv", "r.rules.toml", "p.toml", "free.csv"] {
            std::fs::write(at(name), text).expect("written");
        }
        let ctx = egui::Context::default();
        let mut app = App::new(&eframe::CreationContext::_new_kittest(ctx), Start::for_test());
        let session = &mut app.session;
        let mut layers = Vec::new();
        for name in ["a.geojson", "b.geojson"] {
            let opened = io::open(&at(name), &OpenOptions::default(), &Progress::new()).expect("opens");
            layers.extend(opened.layers.into_iter().map(|layer| session.workspace.add(Arc::new(layer))));
        }
        session.project.path = Some(at("p.toml"));
        session.workspace.rules = Some(at("r.rules.toml"));
        session.compare.crosswalk_path = Some(at("codes.csv"));
        let job = session.jobs.spawn_hidden(Message::new("ui.job-open"), |_| (), |_, ()| {});
        arriving::expect(session, job, at("c.geojson"), Default::default());
        let whole = |name: &str| std::fs::read_to_string(at(name)).expect("is there") == text;
        for name in ["a.geojson", "b.geojson", "c.geojson", "codes.csv", "r.rules.toml", "p.toml"] {
            write_to(session, &at(name), b"table");
            save_map_to(session, at(name));
            let first = session.workspace.entries[0].id();
            export_to(session, first, at(name));
            if name != "p.toml" {
                save_to(session, at(name));
            }
            assert!(whole(name), "{name}");
        }
        assert!(session.jobs.is_empty());
        assert_eq!(session.project.path, Some(at("p.toml")));
        write_to(session, &at("free.csv"), b"table");
        assert!(!whole("free.csv"));
        save_to(session, at("p.toml"));
        assert!(!whole("p.toml"));
    }
}
