//! The command line: one function a verb, over the same functions as the window.
//!
//! Tables and JSON go to standard output or to `-o`, progress and issues to standard error. Exit codes: 0 done, 1 done
//! but something was found wrong (issues under `--strict`), 2 failed. Ctrl-C and other signals to end cancel; files are
//! written under another name and moved into place, so that no half-written one stays behind, and never over an input.

pub mod areas;
mod areas_total;
pub mod args;
mod boundary;
mod brief;
mod cache;
pub mod check;
pub mod compare;
pub mod convert;
pub mod doctor;
pub mod info;
mod joined;
pub mod output;
mod package;
pub mod pairs;
mod reclass;
pub mod render;
mod report;
pub mod source;
mod style;
mod tables;
pub mod take;
pub mod validate;

use std::process::ExitCode;

use clap::Parser;

use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};
pub use args::{Arguments, BenchWhat, RendererName, Verb, WindowOptions};

/// What a verb ends with when it does not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// Done, but something was found wrong.
    FoundWrong,
}

/// Why a verb failed: a sentence for the user, with the file it is about.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.text(Language::English))]
pub struct CliError {
    chinese: String,
    english: String,
    /// The file it is about.
    path: Option<std::path::PathBuf>,
}

impl CliError {
    /// A failure without a file.
    pub fn new(message: &Message) -> Self {
        Self::said(|language| message.text(language))
    }

    /// A failure that says itself in either language.
    pub fn said(text: impl Fn(Language) -> String) -> Self {
        Self { chinese: text(Language::Chinese), english: text(Language::English), path: None }
    }

    /// The same about `path`.
    #[must_use]
    pub fn at(self, path: &std::path::Path) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    /// The sentence in `language`, the path last.
    pub fn text(&self, language: Language) -> String {
        let sentence = match language {
            Language::Chinese => &self.chinese,
            Language::English => &self.english,
        };
        match &self.path {
            Some(path) => format!("{sentence}: {}", crate::io::without_password(&path.to_string_lossy())),
            None => sentence.clone(),
        }
    }
}

impl From<Cancelled> for CliError {
    fn from(_: Cancelled) -> Self {
        Self::new(&Message::new("cli.cancelled"))
    }
}

/// The language that `--lang` or the system asks for.
pub fn system_language() -> Language {
    let locale = std::env::var("TUBAN_LANG").ok().or_else(sys_locale::get_locale);
    locale.map_or(Language::English, |locale| Language::from_locale(&locale))
}

/// Reads the process's arguments; prints help or a mistake and ends the process where there is nothing to run.
pub fn parse() -> Arguments {
    use clap::FromArgMatches;
    let command = <Arguments as clap::CommandFactory>::command;
    let given = args::globals_last(std::env::args_os());
    // Words for help and mistakes are looked up where they are to be shown.
    let matches = command().try_get_matches_from(&given).unwrap_or_else(|_| {
        let language = args::language_asked(std::env::args_os()).unwrap_or_else(system_language);
        args::localised(command(), language).get_matches_from(&given)
    });
    match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        // The command and the struct are one: this parses whatever the first did.
        Err(_) => Arguments::parse_from(given),
    }
}

/// What is wrong with the files that the window is to open, where one of them is a word that names no file: a verb that
/// was mistyped, or that does not stand first.
pub fn stray_word(files: &[std::path::PathBuf]) -> Option<CliError> {
    let is_word = |path: &&std::path::PathBuf| {
        let text = path.to_string_lossy();
        !text.is_empty() && !text.contains(['.', '/', '\\', ':']) && path.symlink_metadata().is_err()
    };
    let word = files.iter().find(is_word)?.to_string_lossy().into_owned();
    let message = match args::meant_verb(&word) {
        Some(verb) if verb == word => Message::new("cli.verb-first").with("verb", verb),
        Some(verb) => Message::new("cli.verb-meant").with("word", word).with("verb", verb),
        None => Message::new("cli.no-such-word").with("word", word),
    };
    Some(CliError::new(&message))
}

/// Lets Ctrl-C, a terminal that goes away and being asked to end cancel the work; asked twice, the process ends at once.
fn watch_signals(progress: &Progress) {
    // A run that is to outlive its terminal (nohup) ignores that it goes away: a handler would not.
    if is_hangup_ignored() {
        return;
    }
    let watched = progress.clone();
    let on_signal = move || {
        if watched.is_cancelled() {
            // Waits for something that does not hear of it. What it left half-written goes with the next save there.
            std::process::exit(130);
        }
        watched.cancel();
    };
    // Without a handler a signal ends the process at once, which is no worse.
    let _ = ctrlc::set_handler(on_signal);
}

/// Whether the process was started with hang-ups ignored; told where Linux tells it.
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default(); // another system
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 != 0)
}

/// Runs a verb to its exit code, with progress on a terminal and signals as cancel. Files that would take more than
/// `memory_mb` megabytes with what is open are not opened.
pub fn run(verb: &Verb, language: Language, memory_mb: Option<u64>) -> ExitCode {
    let progress = Progress::new();
    progress.bound_memory(memory_mb.filter(|mb| *mb > 0).map(|mb| mb.saturating_mul(1 << 20)));
    watch_signals(&progress);
    let meter = output::Meter::start(&progress);
    let result = match verb {
        Verb::Info(args) if args.brief => brief::run(args, language, &progress),
        Verb::Info(args) => info::run(args, language, &progress),
        Verb::Areas(args) if args.total => areas_total::run(args, language, &progress),
        Verb::Areas(args) => areas::run(args, language, &progress),
        Verb::Render(args) => render::run(args, language, &progress),
        Verb::Compare(args) if args.pairs.is_some() || args.folders || args.tiles.is_some() => {
            pairs::run(args, language, &progress)
        }
        Verb::Compare(args) => compare::run(args, language, &progress),
        Verb::Take(args) => take::run(args, language, &progress),
        Verb::Check(args) => check::run(args, language, &progress),
        Verb::Validate(args) => validate::run(args, language, &progress),
        Verb::Report(args) => report::run(args, language, &progress),
        Verb::Package(args) => package::pack(args, language, &progress),
        Verb::Verify(args) => package::verify(args, language, &progress),
        Verb::Convert(args) => convert::run(args, language, &progress),
        Verb::Boundary(args) => boundary::run(args, language, &progress),
        Verb::Doctor(args) => doctor::run(args, language, &progress),
        Verb::Style(args) => style::run(args, language, &progress),
        Verb::Cache(args) => cache::run(args, language, &progress),
        Verb::Formats => output::print(&convert::formats(language)),
        Verb::Bench(_) => Err(CliError::new(&Message::new("cli.no-window"))),
    };
    meter.stop();
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::FoundWrong) => ExitCode::from(1),
        Err(error) => {
            output::say(&format!("tuban: {}", error.text(language)));
            ExitCode::from(2)
        }
    }
}
