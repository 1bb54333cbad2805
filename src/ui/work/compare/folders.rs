//! A folder against a folder: the sources of two folders compared pair by pair in the background, as `tuban compare
//! --folders` does it, into a workbook with a row a county. What is finished lies beside the workbook: asked for again
//! after it was stopped, the work goes on where it stood.

use std::path::{Path, PathBuf};

use crate::cli::args::CompareArgs;
use crate::cli::{CliError, pairs};
use crate::io::{self, Guard};
use crate::report::output::{self, Format};
use crate::report::pairs::Summed;
use crate::task::Progress;
use crate::text::{Language, Message};
use crate::ui::session::Session;
use crate::ui::session::opening::file_title;
use crate::ui::work::save::{ask_folder, ask_target_of, protected, table_filters};

/// Asks for both folders and for a file, and compares them.
pub fn choose(session: &mut Session) {
    ask_folder(session, "compare.folder-before", |session, before| {
        ask_folder(session, "compare.folder-after", move |session, after| {
            let name = format!("{}.xlsx", session.tr("compare.folders-file"));
            let filters = table_filters(session);
            ask_target_of(session, name, filters, move |session, path| start(session, [before, after], path));
        });
    });
}

/// Compares the sources of two folders and writes the report to `path`.
pub fn start(session: &mut Session, folders: [PathBuf; 2], path: PathBuf) {
    let protected = protected(session);
    let language = session.language();
    let file = file_title(&path);
    session.jobs.spawn(
        Message::new("compare.job-folders"),
        move |progress| run(&folders, &path, protected.guard(), language, progress),
        move |session, done| match done {
            // What is missing of a province is not only said in passing.
            Ok(summed) if summed.failed().next().is_some() => session.warn(said(&summed, &file)),
            Ok(summed) => session.notify(said(&summed, &file)),
            Err(error) => {
                let reason = error.text(session.language());
                session.notify_error(Message::new("ui.not-saved").with("file", &file).with("reason", reason));
            }
        },
    );
}

/// What has come of it.
fn said(summed: &Summed, file: &str) -> Message {
    let (done, failed) = (summed.done().count(), summed.failed().count());
    let key = if failed == 0 { "compare.folders-done" } else { "compare.folders-failed" };
    Message::new(key).with("n", done).with("count", failed).with("file", file)
}

fn run(
    folders: &[PathBuf; 2],
    path: &Path,
    guard: Guard,
    language: Language,
    progress: &Progress,
) -> Result<Summed, CliError> {
    let listed = pairs::list::of_folders(folders.each_ref(), progress)?;
    let format = Format::of_path(path).unwrap_or(Format::Xlsx);
    let mut state = path.as_os_str().to_owned();
    state.push(".state");
    // What is compared is written neither as the report nor as what is kept beside it.
    let sources: Vec<PathBuf> = listed.iter().flat_map(|pair| pair.paths.iter().cloned()).collect();
    let own = Guard::of(sources.into_iter().filter(|path| !path.as_os_str().is_empty()));
    let state = Path::new(&state);
    for (guard, target) in [(&guard, path), (&guard, state), (&own, path), (&own, state)] {
        guard.check(target).map_err(|error| CliError::new(&error.message()))?;
    }
    let mut state = pairs::State::open(state, &guard)?;
    let args = CompareArgs {
        method: "survey".to_owned(),
        min_area: "1m2".to_owned(),
        min_width: "0.1m".to_owned(),
        ..CompareArgs::default()
    };
    let summed = pairs::work(&args, &listed, Some(&mut state), progress, &mut |_, _, _| {})?;
    let report = summed.report(false, format.form(), language);
    let bytes = output::bytes(&report, format, language).map_err(|error| CliError::new(&error.message()))?;
    io::save_atomically(path, &guard, |out| out.write_all(&bytes)).map_err(|error| CliError::new(&error.message()))?;
    Ok(summed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(path: &Path, code: &str) {
        let ring = "[[500000,4070000],[500010,4070000],[500010,4070010],[500000,4070010],[500000,4070000]]";
        let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
        let feature = format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
        );
        let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{feature}]}}"#);
        std::fs::write(path, text).expect("written");
    }

    #[test]
    fn two_folders_come_to_a_workbook_and_go_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let sides = ["before", "after"].map(|side| folder.path().join(side));
        for (side, code) in sides.iter().zip(["0101", "0701"]) {
            std::fs::create_dir(side).expect("a folder");
            ["a", "b"].iter().for_each(|name| square(&side.join(format!("{name}.geojson")), code));
        }
        let out = folder.path().join("sum.xlsx");
        let run = || run(&sides, &out, Guard::none(), Language::English, &Progress::new()).expect("compares");
        let kept = |summed: &Summed| summed.done().map(|(_, figures)| figures.is_kept).collect::<Vec<_>>();
        let first = run();
        assert_eq!((kept(&first), first.failed().count()), (vec![false, false], 0));
        assert!(out.is_file());
        let again = run();
        assert_eq!(kept(&again), [true, true]);
        assert_eq!(again.levels[0].sums.total(), first.levels[0].sums.total());
        assert_eq!(said(&again, "f").key, "compare.folders-done");
    }
}
