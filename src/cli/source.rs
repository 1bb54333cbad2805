//! Opens what the command line names: data files, projects, or the demo project where nothing is named.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::CliError;
use super::args::ReadArgs;
use crate::crs::Crs;
use crate::io::{self, OpenOptions};
use crate::model::roles::Role;
use crate::model::{CrsSource, Issue, Layer};
use crate::scenario::{Loaded, ProjectError, Workspace};
use crate::synth::embedded;
use crate::synth::files::PROJECT;
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
}

impl SourceFile {
    /// Everything that was found, about layers and about the file.
    pub fn issue_count(&self) -> usize {
        self.issues.len() + self.layers.iter().map(|layer| layer.issues.len()).sum::<usize>()
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
    let options = OpenOptions { crs, keep_partial: args.keep_partial, ..OpenOptions::default() };
    if args.files.is_empty() {
        let demo = Path::new(PROJECT);
        return embedded::open_demo(progress).map(|loaded| of_project(demo, loaded)).map_err(|e| failed(&e, demo));
    }
    let mut sources = Vec::new();
    for file in &args.files {
        if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
            let loaded = embedded::open_project(file, progress).map_err(|error| failed(&error, file))?;
            sources.extend(of_project(file, loaded));
        } else {
            sources.push(open_one(file, &options, progress)?);
        }
    }
    Ok(sources)
}

fn failed(error: &ProjectError, path: &Path) -> CliError {
    CliError::new(&error.message()).at(path)
}

fn open_one(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<SourceFile, CliError> {
    let opened = io::open(path, options, progress).map_err(|error| CliError::new(&error.message()).at(path))?;
    Ok(SourceFile {
        path: path.to_owned(),
        format: opened.format,
        encoding: Some(opened.encoding.to_string()),
        partial: opened.partial.map(|error| error.message()),
        // Everything that was found stands in the issues of a layer.
        layers: opened.layers,
        role: None,
        issues: Vec::new(),
    })
}

/// One source a layer, in the order of the layer tree; what is about the project itself at the first.
fn of_project(path: &Path, loaded: Loaded) -> Vec<SourceFile> {
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
    let is_project = |file: &&PathBuf| file.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    if args.files.is_empty() {
        let demo = Path::new(PROJECT);
        add_project(embedded::open_demo(progress).map_err(|error| failed(&error, demo))?);
    }
    for file in args.files.iter().filter(is_project) {
        add_project(embedded::open_project(file, progress).map_err(|error| failed(&error, file))?);
    }
    let data: Vec<PathBuf> = args.files.iter().filter(|file| !is_project(file)).cloned().collect();
    if !data.is_empty() {
        for source in open_all(&ReadArgs { files: data, ..args.clone() }, progress)? {
            for layer in source.layers {
                workspace.add(Arc::new(layer));
            }
        }
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
    let (code, reason) = (layer.crs.code(), &layer.crs_reason);
    let said = |language| {
        Message::new("cli.undecided-crs").with("crs", code).with("reason", reason.text(language)).text(language)
    };
    CliError::said(said).at(path)
}

/// One line about an issue: place, sentence, file and layer.
pub fn issue_line(path: &Path, layer: Option<&Layer>, issue: &Issue, language: Language) -> String {
    let place = super::areas::issue_text(issue, language);
    match layer {
        Some(layer) => format!("{place}: {} [{}]", path.display(), layer.name),
        None => format!("{place}: {}", path.display()),
    }
}
