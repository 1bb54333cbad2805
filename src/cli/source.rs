//! Opens what the command line names: data files, projects, or the demo project where nothing is named.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::ReadArgs;
use super::{CliError, output};
use crate::crs::{Crs, Decision, Sample};
use crate::demo::PROJECT;
use crate::doctor::{self, packed, web_map};
use crate::io::cache::Cache;
use crate::io::{self, OpenOptions};
use crate::model::roles::Role;
use crate::model::{CrsSource, Issue, Layer, Severity};
use crate::report::info::FileInfo;
use crate::report::issues::{group_line, grouped};
use crate::scenario::{Loaded, ProjectError, Workspace, project};
use crate::task::Progress;
use crate::text::{Language, Message};

/// One file that was opened, or one layer of a project.
pub struct SourceFile {
    /// As named, or as the project names it.
    pub path: PathBuf,
    /// Format as shown.
    pub format: String,
    /// Encoding of its text, where the file itself was opened.
    pub encoding: Option<String>,
    /// Why the rest of it is missing.
    pub partial: Option<Message>,
    /// What was read.
    pub layers: Vec<Layer>,
    /// The role that a project gives its layer.
    pub role: Option<Role>,
    /// What was found that is about no layer: sources of a project that are missing or not what they were.
    pub issues: Vec<Issue>,
    /// The cache of the project that its layer is of: what is known of it.
    pub cache: Option<Arc<Cache>>,
    /// How the CRS of a data file was decided, and from what.
    pub reading: Option<Box<(Decision, Sample)>>,
}

impl SourceFile {
    /// Everything that was found, about layers and about the file.
    pub fn issue_count(&self) -> usize {
        self.issues.len() + self.layers.iter().map(|layer| layer.issues.len()).sum::<usize>()
    }

    /// What reports say of it.
    pub fn info(&self) -> FileInfo<'_> {
        FileInfo {
            path: &self.path,
            format: &self.format,
            encoding: self.encoding.as_deref(),
            partial: self.partial.as_ref(),
            layers: &self.layers,
            issues: &self.issues,
        }
    }
}

/// Opens every file of `args`; of projects their layers, by the names that they have there.
///
/// # Errors
/// The first file that cannot be opened.
pub fn open_all(args: &ReadArgs, progress: &Progress) -> Result<Vec<SourceFile>, CliError> {
    let crs = match &args.crs {
        Some(text) => Some(Crs::parse(text).map_err(|error| CliError::new(&error.message()))?),
        None => None,
    };
    let encoding = encoding_of(args)?;
    let options = OpenOptions { crs, encoding, keep_partial: args.keep_partial, ..OpenOptions::default() };
    if args.files.is_empty() {
        let demo = Path::new(PROJECT);
        return project::load_demo(progress).map(|loaded| of_project(demo, loaded, None)).map_err(|e| failed(&e, demo));
    }
    let mut sources = Vec::new();
    for file in &args.files {
        if output::is_project(file) {
            let cache = Arc::new(Cache::beside(file));
            let loaded = project::load_by(file, &cache, progress).map_err(|error| failed(&error, file))?;
            sources.extend(of_project(file, loaded, Some(&cache)));
        } else {
            sources.extend(open_each(file, &options, progress)?);
        }
    }
    flag_web_maps(sources.iter_mut().flat_map(|source| &mut source.layers), progress)?;
    Ok(sources)
}

/// The encoding that the user says the text of tables is in.
///
/// # Errors
/// A word that names none.
pub fn encoding_of(args: &ReadArgs) -> Result<Option<io::Encoding>, CliError> {
    let Some(asked) = args.encoding.as_deref() else { return Ok(None) };
    let known = io::Encoding::of_label(asked);
    known.map(Some).ok_or_else(|| CliError::new(&Message::new("cli.unknown-encoding").with("asked", asked)))
}

/// Flags layers whose positions a web map has scrambled, or whose degrees are packed into digits.
///
/// # Errors
/// When the user cancelled.
pub fn flag_web_maps<'l>(layers: impl Iterator<Item = &'l mut Layer>, progress: &Progress) -> Result<(), CliError> {
    let mut layers: Vec<&mut Layer> = layers.collect();
    layers.iter_mut().for_each(|layer| packed::flag(layer));
    Ok(web_map::flag(&mut layers, progress)?)
}

/// The same of the layers that stand in workspaces, beside each other.
///
/// # Errors
/// When the user cancelled.
pub fn flag_entries(workspaces: &mut [&mut Workspace], progress: &Progress) -> Result<(), CliError> {
    let entries = workspaces.iter().flat_map(|workspace| &workspace.entries);
    let mut layers: Vec<Layer> = entries.map(|entry| Layer::clone(&entry.layer)).collect();
    flag_web_maps(layers.iter_mut(), progress)?;
    let mut layers = layers.into_iter();
    for workspace in workspaces {
        for (entry, layer) in workspace.entries.iter_mut().zip(layers.by_ref()) {
            if layer.issues.len() > entry.layer.issues.len() {
                entry.layer = Arc::new(layer);
            }
        }
    }
    Ok(())
}

/// Reads a file whose CRS was guessed once more, as those beside it are read, where one of its readings falls on them;
/// that is said among its issues. Otherwise it stays as it is.
///
/// # Errors
/// As [`open_all`].
pub fn settle(source: &mut SourceFile, known: &[&Layer], read: &ReadArgs, progress: &Progress) -> Result<(), CliError> {
    let known: Vec<&Layer> = known.iter().filter(|layer| layer.crs_source != CrsSource::Undecided).copied().collect();
    let Some(reading) = source.reading.as_deref() else { return Ok(()) };
    let guessed = source.layers.iter().any(|layer| layer.crs_source == CrsSource::Undecided);
    if read.crs.is_some() || !guessed || known.is_empty() {
        return Ok(());
    }
    let Some(better) = doctor::reading_beside(&reading.0, &reading.1, &known) else { return Ok(()) };
    let options = OpenOptions {
        crs: Some(better.crs.clone()),
        keep_partial: read.keep_partial,
        encoding: encoding_of(read)?,
        ..OpenOptions::default()
    };
    let reason = Message::new("cli.read-as-beside")
        .with_said("crs", |language| better.crs.label_in(language))
        .with("layer", known.first().map_or("", |layer| layer.name.as_str()));
    let Some(mut again) = open_each(&source.path, &options, progress)?.into_iter().next() else { return Ok(()) };
    for layer in &mut again.layers {
        layer.crs_source = CrsSource::Numbers;
        layer.crs_reason = reason.clone();
    }
    if let Some(first) = again.layers.first_mut() {
        Arc::make_mut(&mut first.issues).insert(0, Issue::new(Severity::Warning, reason));
    }
    again.role = source.role;
    *source = again;
    Ok(())
}

fn failed(error: &ProjectError, path: &Path) -> CliError {
    let said = CliError::new(&error.message());
    // The others name their file themselves.
    if matches!(error, ProjectError::Cancelled(_)) { said.at(path) } else { said }
}

/// Why a file beside the data cannot be read, by the message `key` unless it is no file at all.
pub fn unreadable(key: &'static str, error: &std::io::Error) -> CliError {
    CliError::new(&match error.kind() {
        std::io::ErrorKind::InvalidInput => Message::new("io.special"),
        _ => Message::new(key).with("error", error),
    })
}

/// Opens what a path names, each layer by itself. What cannot be read of several is said at the first that can.
fn open_each(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<Vec<SourceFile>, CliError> {
    let failed = |error: &io::ReadError| CliError::new(&error.message()).at(path);
    let found = io::open_each(path, options, progress).map_err(|error| failed(&error))?;
    let is_alone = found.len() == 1;
    let (mut sources, mut unread) = (Vec::new(), Vec::new());
    for found in found {
        // One file is called as it was named.
        let address = if is_alone { path.to_owned() } else { found.address() };
        match found.result {
            Ok(opened) => sources.push(source_of(address, opened)),
            Err(error) if is_alone => return Err(failed(&error)),
            Err(error) => unread.push((address, error)),
        }
    }
    let Some(first) = sources.first_mut() else {
        let error = unread.into_iter().next();
        return Err(error.map_or_else(
            || failed(&io::ReadError::Empty),
            |(address, error)| CliError::new(&error.message()).at(&address),
        ));
    };
    for (address, error) in unread {
        let message = Message::new("io.layer-unread")
            .with("name", output::shown(&address))
            .with_message("reason", &error.message());
        first.issues.push(Issue::new(Severity::Error, message));
    }
    Ok(sources)
}

fn source_of(path: PathBuf, opened: io::Opened) -> SourceFile {
    SourceFile {
        path,
        format: opened.format,
        encoding: Some(opened.encoding.to_string()),
        partial: opened.partial.map(|error| error.message()),
        // Everything that was found stands in the issues of a layer.
        layers: opened.layers,
        role: None,
        issues: Vec::new(),
        cache: None,
        reading: Some(Box::new((opened.decision, opened.sample))),
    }
}

/// One source a layer, in the order of the layer tree; what is about the project itself at the first.
fn of_project(path: &Path, loaded: Loaded, cache: Option<&Arc<Cache>>) -> Vec<SourceFile> {
    let mut sources: Vec<SourceFile> = loaded
        .workspace
        .entries
        .iter()
        .map(|entry| {
            let mut layer = Layer::clone(&entry.layer);
            layer.name.clone_from(&entry.title);
            SourceFile {
                path: layer.provenance.path.clone(),
                format: layer.provenance.format.clone(),
                encoding: None,
                partial: None,
                layers: vec![layer],
                role: Some(entry.role),
                issues: Vec::new(),
                cache: cache.cloned(),
                reading: None,
            }
        })
        .collect();
    if !loaded.issues.is_empty() {
        let about = SourceFile {
            path: path.to_owned(),
            format: "TOML".to_owned(),
            encoding: None,
            partial: None,
            layers: Vec::new(),
            role: None,
            issues: loaded.issues,
            cache: None,
            reading: None,
        };
        sources.insert(0, about);
    }
    sources
}

/// Everything of `args` as one workspace, styled as the window would, and what a project's sources lack: a project
/// keeps its order, styles and CRS; data files beside it are added to it.
///
/// # Errors
/// As [`open_all`], and an undecided CRS under `--strict`.
pub fn open_workspace(args: &ReadArgs, progress: &Progress) -> Result<(Workspace, Vec<Issue>), CliError> {
    let mut workspace = Workspace::new();
    let mut issues = Vec::new();
    let mut add_project = |loaded: Loaded| {
        issues.extend(loaded.issues);
        if workspace.is_empty() {
            workspace = loaded.workspace;
        } else {
            loaded.workspace.entries.into_iter().for_each(|entry| workspace.push_entry(entry));
        }
    };
    let is_project = |file: &&PathBuf| output::is_project(file);
    if args.files.is_empty() {
        let demo = Path::new(PROJECT);
        add_project(project::load_demo(progress).map_err(|error| failed(&error, demo))?);
    }
    for file in args.files.iter().filter(is_project) {
        add_project(project::load(file, progress).map_err(|error| failed(&error, file))?);
    }
    let data: Vec<PathBuf> = args.files.iter().filter(|file| !is_project(file)).cloned().collect();
    if !data.is_empty() {
        for source in open_all(&ReadArgs { files: data, ..args.clone() }, progress)? {
            for layer in source.layers {
                workspace.add(Arc::new(layer));
            }
        }
    }
    // The demo's own layers are in order.
    if !args.files.is_empty() {
        flag_entries(&mut [&mut workspace], progress)?;
    }
    for entry in &workspace.entries {
        if args.strict && entry.layer.crs_source == CrsSource::Undecided {
            return Err(undecided(&entry.layer.provenance.path, &entry.layer));
        }
    }
    Ok((workspace, issues))
}

/// Under `--strict` an undecided CRS is a failure.
///
/// # Errors
/// The first file whose CRS is a guess among several.
pub fn refuse_undecided(sources: &[SourceFile]) -> Result<(), CliError> {
    for source in sources {
        if let Some(layer) = source.layers.iter().find(|l| l.crs_source == CrsSource::Undecided) {
            return Err(undecided(&source.path, layer));
        }
    }
    Ok(())
}

fn undecided(path: &Path, layer: &Layer) -> CliError {
    let (code, reason) = (layer.crs.code_or_name(), &layer.crs_reason);
    let said = |language| {
        Message::new("cli.undecided-crs").with("crs", code).with("reason", reason.text(language)).text(language)
    };
    CliError::said(said).at(path)
}

/// Prints what was found on standard error: one line a kind and layer, the worst first, with its first place and how many
/// more there are.
pub fn print_issues(issues: &[(&Path, Option<&Layer>, &Issue)], language: Language) {
    for group in grouped(issues).iter().take(SHOWN_KINDS) {
        eprintln!("{}", group_line(group, language));
    }
    let more = grouped(issues).len().saturating_sub(SHOWN_KINDS);
    if more > 0 {
        eprintln!("{}", Message::new("cli.more-kinds").with("count", more).text(language));
    }
}

/// Kinds of issues that are printed; the rest is counted, and all of them are in the JSON.
const SHOWN_KINDS: usize = 40;
