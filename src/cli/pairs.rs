//! `tuban compare --pairs`: a province, county by county. Each pair of sources is opened, compared in a zone of its own and
//! let go of, so that memory is that of the largest pair; the figures are added up without rounding. What is finished is
//! kept beside the output, so that a run that was broken off goes on where it stood.

pub mod list;
mod state;

use std::collections::BTreeSet;
use std::path::PathBuf;

use self::list::Listed;
pub use self::state::State;
use self::state::{Kept, Stamp};
use super::args::{CompareArgs, LevelName};
use super::compare::{self, Asked, Compared};
use super::output::{Outputs, say};
use super::{CliError, Outcome, tables};
use crate::io::hash_hex;
use crate::report::output::Format;
use crate::report::pairs::{Failure, LevelSums, PairFigures, PairRow, Summed};
use crate::report::shown;
use crate::scenario::transition::{ClassKey, Level, Matrix, MatrixSums};
use crate::task::Progress;
use crate::text::{Language, Message};

/// What is called with each pair that is finished: its place in the list, how many there are, and the pair.
pub type Told<'a> = &'a mut dyn FnMut(usize, usize, &PairRow);

/// Runs the verb over a list of pairs, or over the sources of two folders.
///
/// # Errors
/// A list or a folder that cannot be read, arguments that are wrong for all pairs, output or state that cannot be written,
/// cancelling. What keeps one pair from being compared is a row of the report.
pub fn run(args: &CompareArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let listed = match (&args.pairs, &args.base, &args.scenario) {
        (Some(file), ..) => list::of_file(file)?,
        (None, Some(base), Some(scenario)) if args.folders => list::of_folders([base, scenario], progress)?,
        (None, Some(base), Some(scenario)) => list::of_two([base, scenario]),
        _ => return Err(CliError::new(&Message::new("cli.pairs-nothing"))),
    };
    let of_pairs = listed.iter().flat_map(|listed| &listed.paths).filter(|path| !path.as_os_str().is_empty());
    let inputs = of_pairs.chain(&args.pairs).chain(&args.within).chain(&args.crosswalk);
    let state_path = state_path(args);
    let outputs = Outputs::new(inputs, [args.output.file(), state_path.as_ref()])?;
    let format = args.output.format()?;
    let mut state = state_path.as_deref().map(|path| State::open(path, outputs.guard())).transpose()?;
    let mut told = |at: usize, count: usize, row: &PairRow| say(&line(at, count, row, language));
    let summed = work(args, &listed, state.as_mut(), progress, &mut told)?;
    let all = args.level == Some(LevelName::All);
    outputs.report(&args.output, &summed.report(all, format.form(), language), language)?;
    if format != Format::Text {
        // Whoever reads a table or an object by a program is told what to look at.
        for (row, failure) in summed.failed() {
            say(&format!("{}: {}", row.name, failure.text(language)));
        }
    }
    let is_wrong = |figures: &PairFigures| figures.is_unsound || (args.strict && figures.issue_count > 0);
    let found_wrong = summed.failed().next().is_some() || summed.done().any(|(_, figures)| is_wrong(figures));
    Ok(if found_wrong { Outcome::FoundWrong } else { Outcome::Done })
}

/// Where finished pairs are kept: where the arguments say, else beside the output; nowhere without one that is a file.
fn state_path(args: &CompareArgs) -> Option<PathBuf> {
    let beside = |output: &PathBuf| {
        let mut name = output.as_os_str().to_owned();
        name.push(".state");
        PathBuf::from(name)
    };
    let is_file = |output: &&PathBuf| std::fs::metadata(output).map_or(true, |known| known.is_file());
    args.state.clone().or_else(|| args.output.file().filter(is_file).map(beside))
}

/// What is said of a pair once it is finished.
fn line(at: usize, count: usize, row: &PairRow, language: Language) -> String {
    let said = match &row.outcome {
        Ok(figures) if figures.is_kept => Message::new("cli.pairs-kept"),
        Ok(_) => Message::new("cli.pairs-done"),
        Err(failure) => Message::new("cli.pairs-failed").with("reason", failure.text(language)),
    };
    format!("[{}/{count}] {} {}", at + 1, row.name, said.text(language))
}

/// Compares the pairs one after another and adds them up. What `state` holds of the same sources, compared in the same
/// way, is not compared again; what is finished goes there.
///
/// # Errors
/// Arguments that are wrong for all pairs, a state that cannot be written, cancelling.
pub fn work(
    args: &CompareArgs,
    listed: &[Listed],
    mut state: Option<&mut State>,
    progress: &Progress,
    told: Told<'_>,
) -> Result<Summed, CliError> {
    let asked = compare::asked(args)?;
    let way = way(args);
    let level = |level| LevelSums { level, sums: MatrixSums::default(), pair_count: 0 };
    let mut levels: Vec<LevelSums> = compare::levels(args.level).into_iter().map(level).collect();
    let mut rows = Vec::with_capacity(listed.len());
    // One pair counts what it reads, a list its pairs.
    let is_list = listed.len() > 1;
    progress.add_total(if is_list { listed.len() as u64 } else { 0 });
    for (at, one) in listed.iter().enumerate() {
        progress.tick(u64::from(at > 0))?;
        let part = if is_list { progress.part() } else { progress.clone() };
        let found = match &one.wrong {
            Some(wrong) => Err(wrong.clone()),
            None => pair(args, &asked, &way, one, state.as_deref(), &part),
        };
        let outcome = match found {
            Ok((kept, is_new)) => {
                if let (Some(state), true) = (state.as_deref_mut(), is_new) {
                    state.keep(&kept)?;
                }
                for (level, classes, matrix) in &kept.levels {
                    if let Some(sums) = levels.iter_mut().find(|sums| sums.level == *level) {
                        sums.sums.add(classes, matrix);
                        sums.pair_count += 1;
                    }
                }
                Ok(kept.figures)
            }
            // Whatever it broke off with, it is no fault of the pair.
            Err(_) if progress.is_cancelled() => return Err(CliError::new(&Message::new("cli.cancelled"))),
            Err(error) => Err(Failure {
                chinese: error.text(Language::Chinese),
                english: error.text(Language::English),
                exit_code: 2,
            }),
        };
        let row = PairRow { name: one.name.clone(), paths: one.paths.clone(), outcome };
        told(at, listed.len(), &row);
        rows.push(row);
    }
    let remarks = mixed_schemes(&levels).into_iter().collect();
    Ok(Summed { basis: asked.basis_name(), rows, levels, remarks })
}

/// That pairs are of several classifications, so that one use of land stands in several rows of the sums.
fn mixed_schemes(levels: &[LevelSums]) -> Option<Message> {
    let (classes, _) = levels.first()?.sums.whole();
    let schemes: BTreeSet<&str> = classes.iter().filter_map(|class| Some(class.class?.scheme().name())).collect();
    let names: Vec<&str> = schemes.into_iter().collect();
    (names.len() > 1).then(|| Message::new("cli.pairs-schemes").with("names", names.join(", ")))
}

/// One pair, from `state` where its sources are what they were; whether it is to be kept there anew.
fn pair(
    args: &CompareArgs,
    asked: &Asked,
    way: &str,
    listed: &Listed,
    state: Option<&State>,
    progress: &Progress,
) -> Result<(Kept, bool), CliError> {
    // Before anything is read: what changes while it is read is noticed the next time.
    let stamps = listed.paths.each_ref().map(|path| Stamp::of(path));
    let known = state.and_then(|state| state.find(way, &listed.paths));
    if let Some(known) = known
        && known.stamps == stamps
        && stamps.iter().all(Stamp::is_known)
    {
        return Ok((known.clone().of_an_earlier_run(), false));
    }
    if let Some(most) = args.tiles {
        let paths = listed.paths.each_ref().map(PathBuf::as_path);
        let (figures, levels) = tables::compared(args, asked, paths, most, progress)?;
        return Ok((Kept { way: way.to_owned(), paths: listed.paths.clone(), stamps, figures, levels }, true));
    }
    let two = compare::open_two(args, listed.paths.each_ref().map(PathBuf::as_path), progress)?;
    let hashes = two.opened.each_ref().map(|opened| opened.layer.provenance.hash.clone());
    if let Some(known) = known
        && known.figures.hashes == hashes
        && hashes.iter().all(|hash| !hash.is_empty())
    {
        // Copied or touched: the same bytes under another time.
        return Ok((Kept { stamps, ..known.clone().of_an_earlier_run() }, true));
    }
    let Compared { comparison, levels } = compare::compared(args, asked, &two, progress)?;
    let first = levels.first().map(|level| &level.matrix);
    let figures = PairFigures {
        frame: comparison.table.frame.clone(),
        total: first.map(|matrix| matrix.total).unwrap_or_default(),
        changed_m2: first.map_or(0.0, |matrix| matrix.changed_m2),
        slivers: first.map(|matrix| matrix.slivers).unwrap_or_default(),
        residual_m2: first.map_or(0.0, |matrix| matrix.residual_m2),
        hashes,
        issue_count: two.issue_count(&comparison) as u64,
        is_unsound: comparison.table.is_unsound(),
        is_kept: false,
    };
    let levels: Vec<(Level, Vec<ClassKey>, Matrix)> =
        levels.into_iter().map(|level| (level.level, level.classes.list, level.matrix)).collect();
    Ok((Kept { way: way.to_owned(), paths: listed.paths.clone(), stamps, figures, levels }, true))
}

/// All that decides figures beside the sources, as a hash: what was compared in another way is compared again.
fn way(args: &CompareArgs) -> String {
    let mut text = format!(
        "{} {:?} {:?} {:?} {} {:?} {} {} {}",
        env!("CARGO_PKG_VERSION"),
        args.by,
        args.by_scenario,
        args.level,
        args.method,
        args.crs,
        args.min_area,
        args.min_width,
        args.keep_partial,
    );
    for file in args.within.iter().chain(&args.crosswalk) {
        text.push_str(&format!(" {} {:?}", shown(file), Stamp::of(file)));
    }
    hash_hex(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_way_is_another_hash() {
        let one = CompareArgs { method: "survey".to_owned(), ..CompareArgs::default() };
        assert_eq!(way(&one), way(&one.clone()));
        assert_ne!(way(&one), way(&CompareArgs { by: Some("DLBM".to_owned()), ..one.clone() }));
        assert_ne!(way(&one), way(&CompareArgs { method: "planar".to_owned(), ..one }));
    }

    #[test]
    fn the_state_lies_beside_the_output() {
        let mut args = CompareArgs::default();
        assert_eq!(state_path(&args), None);
        args.output.output = Some(PathBuf::from("省.xlsx"));
        assert_eq!(state_path(&args), Some(PathBuf::from("省.xlsx.state")));
        args.state = Some(PathBuf::from("s"));
        assert_eq!(state_path(&args), Some(PathBuf::from("s")));
    }
}
