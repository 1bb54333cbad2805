//! Opening files: reading in the background, what needs an answer, reading again.
//!
//! A file whose CRS is beyond doubt and that was read to its end becomes a layer at once. Any other waits in the
//! [`opening::OpenReport`], beside the files of the same call that wait too. A file is never read
//! in the window's thread.

mod answers;
mod arrived;
mod choosing;
mod rereading;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::answers::answer;
pub use self::arrived::show_arrived;
pub use self::choosing::choose;
pub use self::rereading::{reload, set_correction, set_layer_crs};
use crate::io::style::StyleFormat;
use crate::io::underlay::{is_beside, is_underlay};
use crate::io::{Found, OpenOptions, ReadError};
use crate::model::{Layer, LayerId};
use crate::report::arrivals::Arrival;
use crate::scenario::Workspace;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::file::FileCommand;
use crate::ui::session::leaving::Next;
use crate::ui::session::opening::{self, ArrivedFile, Batch, Expected};
use crate::ui::session::parts::Card;
use crate::ui::session::project::Project;
use crate::ui::work::{arriving, leaving, scenarios, styling, underlays};

/// Opens files and a project: the project first, the files with it. A second project is not opened, which is said.
pub fn open(session: &mut Session, paths: Vec<PathBuf>) {
    // A path that cannot be made absolute is told as it was given.
    let absolute = |path: PathBuf| match crate::io::is_address(&path) {
        true => path,
        false => std::path::absolute(&path).unwrap_or(path),
    };
    #[cfg(feature = "postgis")]
    for address in paths.iter().filter(|path| crate::io::is_address(path)) {
        crate::io::name_server(&address.to_string_lossy());
    }
    let paths = paths.into_iter().map(absolute);
    let (mut styles, paths): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.partition(|path| StyleFormat::of_path(path).is_some());
    // One that comes along with its layer is found beside it.
    styles.retain(|style| !paths.iter().any(|path| path.with_extension("") == style.with_extension("")));
    styling::take_dropped(session, &styles);
    let (projects, files): (Vec<PathBuf>, Vec<PathBuf>) = paths
        .into_iter()
        .partition(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")));
    let files = crate::io::without_parts(files);
    let mut projects = projects.into_iter();
    if let Some(project) = projects.next() {
        for other in projects.filter(|other| *other != project) {
            let message = Message::new("ui.one-project")
                .with("other", opening::file_title(&other))
                .with("file", opening::file_title(&project));
            session.offer(message, "ui.open-instead", Command::File(FileCommand::OpenPaths(vec![other])));
        }
        session.after_project.extend(files);
        leaving::go(session, Next::Open(project));
    } else if session.opening.is_empty() {
        read_all(session, files);
    } else {
        // The project that is being opened would take their place.
        session.after_project.extend(files);
    }
}

/// Reads files that are not open yet; images are put beneath the layers, since they are none.
fn read_all(session: &mut Session, paths: Vec<PathBuf>) {
    let (beneath, files): (Vec<PathBuf>, Vec<PathBuf>) = paths.into_iter().partition(|path| is_underlay(path));
    let files = files.into_iter().filter(|path| !is_beside(path, &beneath));
    files.for_each(|path| read_new(session, path));
    underlays::add(session, beneath);
}

/// Opens a file even where that may take more memory than is allowed.
pub fn open_anyway(session: &mut Session, path: PathBuf) {
    read_as_new(session, path, OpenOptions { beyond_memory: true, ..OpenOptions::default() });
}

/// Reads a file that is not open yet, under the spelling of its path that it is known by if it is.
fn read_new(session: &mut Session, path: PathBuf) {
    read_as_new(session, path, OpenOptions::default());
}

fn read_as_new(session: &mut Session, path: PathBuf, options: OpenOptions) {
    // Files whose reading was cancelled do not come.
    if session.batch.read >= session.batch.expected || session.arriving.is_empty() {
        let mut report = std::mem::take(&mut session.batch.report);
        // What was put aside while it waited for an answer waits on.
        report.files.retain(ArrivedFile::waits);
        session.batch = Batch { report, ..Batch::default() };
    }
    session.batch.expected += 1;
    let known = session.workspace.entries.iter().map(|entry| &entry.layer.provenance.path);
    let known = known.filter(|known| **known != path).find(|known| crate::io::is_same_file(known, &path)).cloned();
    read(session, known.unwrap_or(path), options, Purpose::New);
}

/// What happens each frame: files that waited for a project are opened, layers are read again that shall come back or
/// whose coordinates are to be read in another CRS.
pub fn refresh(session: &mut Session) {
    let jobs = &session.jobs;
    session.opening.retain(|job| jobs.is_running(*job));
    if session.opening.is_empty() && !matches!(session.card, Some(Card::Leave(_))) {
        let waiting = std::mem::take(&mut session.after_project);
        read_all(session, waiting);
    }
    rereading::refresh(session);
}

/// Why a file is read.
#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    /// The user opened it: it gets a row among those of the same call.
    New,
    /// The user answered what was asked about it.
    Answer,
}

/// The layers that are open, for whoever asks in another thread where a file lies beside them. The demo says nothing
/// about where the user's data lie.
fn open_layers(workspace: &Workspace, project: &Project) -> Vec<Arc<Layer>> {
    let entries = if project.demo { &[][..] } else { &workspace.entries };
    entries.iter().map(|entry| entry.layer.clone()).collect()
}

/// Reads a file in the background.
fn read(session: &mut Session, path: PathBuf, options: OpenOptions, purpose: Purpose) {
    let name = Message::new("ui.job-open").with("file", opening::file_title(&path));
    let (source, reading) = (path.clone(), path.clone());
    let asked = options.clone();
    let open = open_layers(&session.workspace, &session.project);
    let files = Expected::default();
    let (next, came) = (files.clone(), files.clone());
    let job = session.jobs.spawn(
        name,
        move |progress| {
            let found = crate::io::open_each(&source, &next.next_file(options), progress)?;
            let open: Vec<&Layer> = open.iter().map(|layer| &**layer).collect();
            let rows: Vec<Arrival> = found.iter().map(|found| Arrival::of(found, &open)).collect();
            Ok::<_, ReadError>(found.into_iter().zip(rows).collect::<Vec<_>>())
        },
        move |session, result: Result<Vec<(Found, Arrival)>, ReadError>| {
            match result {
                Ok(found) => {
                    let opened = found.iter().filter_map(|(found, _)| found.result.as_ref().ok());
                    arriving::came(session, &came, opened.flat_map(|opened| &opened.layers));
                    arrived::took_each(session, &path, &asked, found, purpose, &came);
                }
                Err(error) => {
                    let row = Arrival::of_error(&path, &error);
                    arrived::took(session, path, &asked, Err(error), row, purpose);
                }
            }
            if purpose == Purpose::New {
                session.batch.read += 1;
                arrived::came_all(session);
            }
        },
    );
    arriving::expect(session, job, reading, files);
}

/// Opens all files of a folder as one layer a kind, in the place of the layers of each, which undo brings back.
pub fn unite(session: &mut Session, folder: &Path) {
    let entries = session.workspace.entries.iter();
    let of_folder = entries.filter(|entry| {
        let path = &entry.layer.provenance.path;
        path != folder && path.starts_with(folder)
    });
    let layers: Vec<LayerId> = of_folder.map(crate::scenario::Entry::id).collect();
    for layer in layers {
        session.workspace.close(layer, scenarios::by(session.language()));
    }
    open(session, vec![crate::io::address(folder, Some(crate::io::UNITED))]);
}
