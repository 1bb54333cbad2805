//! A series of sheets written from the window: into one PDF, or a file each into a folder. Status bar and card show how far
//! it is, and stop it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{SCALE, asked};
use crate::crs::Crs;
use crate::io::{self, Guard};
use crate::render::drawing::output::{self, PX_PER_MM, PictureFormat, Sheet};
use crate::render::drawing::pdf::About;
use crate::render::layout::{Body, draw};
use crate::report::series;
use crate::report::sheets::{Asked, Filler};
use crate::scenario::Workspace;
use crate::task::{Cancelled, Progress};
use crate::text::Message;
use crate::ui::look::fonts;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::command::layout::{SeriesInto, SeriesOrder};
use crate::ui::session::opening::file_title;
use crate::ui::session::parts::Card;
use crate::ui::work::save;

/// Remarks that are told; pages of a series say the same again and again.
const TOLD: usize = 4;

/// What was written.
struct Written {
    pages: usize,
    remarks: Vec<Message>,
}

/// Asks where to, and writes the series.
pub fn ask(session: &mut Session, order: SeriesOrder) {
    match order.into {
        SeriesInto::Bound => {
            let name = format!("{} {}", session.workspace.name, order.layout.name);
            let name = format!("{}.pdf", name.trim().replace(['/', '\\', ':', '*', '?', '"', '<', '>', '|'], "-"));
            save::ask_target(session, name, ("render.filter-pdf", "pdf"), move |session, path| {
                write_to(session, order, path);
            });
        }
        SeriesInto::Files(_) => save::ask_folder(session, "layout.series-folder", move |session, path| {
            write_to(session, order, path);
        }),
    }
}

/// Asks where to, and writes the layer that shows where the pages lie.
pub fn ask_index(session: &mut Session, order: SeriesOrder) {
    let name = format!("{} {}", session.workspace.name, session.tr("layout.series-index-name"));
    let name = format!("{}.geojson", name.trim().replace(['/', '\\', ':', '*', '?', '"', '<', '>', '|'], "-"));
    save::ask_target(session, name, ("compare.filter-geojson", "geojson"), move |session, path| {
        write_index(session, order, path);
    });
}

/// Writes the layer that shows where the pages lie to `path`, in the CRS of the map, and opens it.
pub fn write_index(session: &mut Session, order: SeriesOrder, path: PathBuf) {
    let path = if path.extension().is_none() { path.with_extension("geojson") } else { path };
    let (protected, file) = (save::protected(session), file_title(&path));
    let (workspace, language) = (session.workspace.clone(), session.language());
    let to = path.clone();
    let work = move |progress: &Progress| -> Result<usize, Message> {
        let of = order.of.clone().of_layout(&order.layout);
        let pages = series::pages(&workspace, &of, order.rows.as_deref(), language, progress)
            .map_err(|error| error.message())?;
        let crs = workspace.crs.clone().unwrap_or_else(Crs::cgcs2000);
        let layer = series::index_layer(&pages, &crs);
        let written = io::write(&to, &layer, None, io::WriteOptions::default(), &protected.guard());
        written.map(|()| layer.feature_count()).map_err(|error| error.message())
    };
    let name = Message::new("ui.job-export").with("file", &file);
    session.jobs.spawn(name, work, move |session, result| match result {
        Ok(count) => {
            session.notify(Message::new("layout.series-written").with("count", count).with("file", file));
            session.pending.push(Command::File(FileCommand::OpenPaths(vec![path])));
        }
        Err(reason) => {
            let reason = reason.text(session.language());
            session.notify_error(Message::new("ui.not-saved").with("file", file).with("reason", reason));
        }
    });
}

/// Writes the series to `path`: the file that it is bound in, or the folder of its files.
pub fn write_to(session: &mut Session, order: SeriesOrder, path: PathBuf) {
    // Asking for a path in the window has put the card away.
    session.card = Some(Card::Layouts);
    let is_bare = order.into == SeriesInto::Bound && path.extension().is_none();
    let path = if is_bare { path.with_extension("pdf") } else { path };
    let protected = save::protected(session);
    let (asked, workspace) = (asked(session, &order.layout), Arc::new(session.workspace.clone()));
    let file = file_title(&path);
    session.jobs.spawn(
        Message::new("layout.job-series"),
        move |progress| write(workspace, &order, &asked, &protected.guard(), &path, progress),
        move |session, result| match result {
            Ok(written) => {
                let message = Message::new("layout.series-written").with("count", written.pages).with("file", file);
                session.notify(message);
                written.remarks.into_iter().take(TOLD).for_each(|remark| session.warn(remark));
            }
            Err(reason) => {
                let reason = reason.text(session.language());
                session.notify_error(Message::new("ui.not-saved").with("file", file).with("reason", reason));
            }
        },
    );
}

fn write(
    workspace: Arc<Workspace>,
    order: &SeriesOrder,
    asked: &Asked,
    guard: &Guard,
    path: &Path,
    progress: &Progress,
) -> Result<Written, Message> {
    let stopped = |_: Cancelled| Message::new("ui.work-stopped");
    let typeface = fonts::typeface();
    let of = order.of.clone().of_layout(&order.layout);
    let pages = series::pages(&workspace, &of, order.rows.as_deref(), asked.language, progress)
        .map_err(|error| error.message())?;
    let count = pages.len();
    progress.add_total(count as u64);
    let body = match order.into {
        SeriesInto::Files(format) if !format.keeps_outlines() => Body::Pixels(SCALE),
        _ => Body::Outlines,
    };
    if let Body::Pixels(scale) = body {
        let size = [order.layout.page.width_mm, order.layout.page.height_mm].map(|side| side as f32 * PX_PER_MM);
        output::held(size, scale).map_err(|error| error.message())?;
    }
    if let SeriesInto::Files(_) = order.into {
        std::fs::create_dir_all(path).map_err(|error| crate::text::system_reason(&error))?;
    }
    let about = |title: String| About { title, language: asked.language, date: asked.date };
    let title = workspace.name.clone();
    let mut filler = Filler::new(workspace);
    let mut bound: Vec<Sheet> = Vec::new();
    let mut written = Written { pages: count, remarks: Vec::new() };
    for (nth, page) in pages.iter().enumerate() {
        let asked = series::asked_of(page, nth, count, asked);
        let (content, remarks) = filler.content(&order.layout, &asked, progress).map_err(stopped)?;
        let drawn = draw(&order.layout, &content, body, typeface, progress).map_err(stopped)?;
        for remark in remarks.into_iter().chain(drawn.remarks) {
            if written.remarks.len() < TOLD && !written.remarks.contains(&remark) {
                written.remarks.push(remark);
            }
        }
        match order.into {
            SeriesInto::Bound => bound.push(drawn.sheet),
            SeriesInto::Files(format) => {
                let about = about(page.name.clone());
                let bytes = output::bytes(&drawn.sheet, format, SCALE, &about, typeface);
                let bytes = bytes.map_err(|error| error.message())?;
                let name = format!("{}.{}", series::file_name(page, nth, count), ending(format));
                let saved = io::save_atomically(&path.join(name), guard, |out| out.write_all(&bytes));
                saved.map_err(|error| error.message())?;
            }
        }
        progress.tick(1).map_err(stopped)?;
    }
    if order.into == SeriesInto::Bound {
        let bytes = output::pdf_of(&bound, &about(title), typeface).map_err(|error| error.message())?;
        // What was stopped meanwhile is not written.
        progress.tick(0).map_err(stopped)?;
        io::save_atomically(path, guard, |out| out.write_all(&bytes)).map_err(|error| error.message())?;
    }
    Ok(written)
}

fn ending(format: PictureFormat) -> &'static str {
    PictureFormat::ALL.iter().find(|(of, ..)| *of == format).map_or("pdf", |(_, ending, _)| *ending)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::layout::templates;
    use crate::report::series::SeriesOf;
    use crate::scenario::project;
    use crate::text::Language;
    use crate::ui::session::jobs;
    use crate::ui::{App, Start};

    #[test]
    fn plots_are_written_a_file_each_or_bound_and_stopping_writes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let ctx = eframe::egui::Context::default();
        let mut app = App::new(&eframe::CreationContext::_new_kittest(ctx), Start::for_test());
        let session = &mut app.session;
        session.workspace = project::load_demo(&Progress::new()).expect("the demo opens").workspace;
        let layouts = templates::all(Language::Chinese);
        let layout = layouts.into_iter().find(|layout| layout.shows_plots()).expect("a layout of plots");
        let of = SeriesOf::Plots(String::new());
        let order = |into| SeriesOrder { layout: layout.clone(), of: of.clone(), rows: Some(vec![4, 2]), into };
        let wait = |session: &mut Session| {
            while !session.jobs.is_empty() {
                jobs::install_finished(session);
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        };
        let pages = folder.path().join("pages");
        write_to(session, order(SeriesInto::Files(PictureFormat::Svg)), pages.clone());
        wait(session);
        let mut names: Vec<String> = std::fs::read_dir(&pages)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        assert!(names.len() == 2 && names[0].starts_with("01 ") && names[1].ends_with(".svg"), "{names:?}");
        let text = std::fs::read_to_string(pages.join(&names[0])).expect("written");
        assert!(text.contains("J1") && text.contains("宗地图"));
        let bound = folder.path().join("all.pdf");
        write_to(session, order(SeriesInto::Bound), bound.clone());
        wait(session);
        assert!(std::fs::read(&bound).expect("written").starts_with(b"%PDF"));
        let index = folder.path().join("index.geojson");
        write_index(session, order(SeriesInto::Bound), index.clone());
        wait(session);
        let text = std::fs::read_to_string(&index).expect("written");
        assert_eq!(text.matches("\"Feature\"").count(), 2, "{text}");
        let opens =
            |command: &Command| matches!(command, Command::File(FileCommand::OpenPaths(paths)) if paths[0] == index);
        assert!(session.pending.iter().any(opens));
        session.pending.clear();
        let stopped = folder.path().join("stopped.pdf");
        write_to(session, order(SeriesInto::Bound), stopped.clone());
        let job = session.jobs.shown().next().expect("it runs").id;
        session.jobs.cancel(job);
        wait(session);
        assert!(!stopped.exists());
    }
}
