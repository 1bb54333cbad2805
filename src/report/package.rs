//! 比选包: one ZIP with everything that a report comes from, and what came out, so that anybody can work it out again.
//!
//! | part | holds |
//! |---|---|
//! | `project.toml` | the project, with its scenarios and their edits, byte for byte |
//! | `project.toml.history` | the steps that led there, where the project has them |
//! | `project-rules.toml` | the rules, byte for byte |
//! | `sources/…` | the files of the layers, unless only their hashes were wanted |
//! | `results.json` | every figure, unrounded and as printed, and every sentence |
//! | `manifest.json` | size and hash of each part and source, and what was asked for |
//! | `seal.txt` | the hash of the manifest |
//!
//! Results are worked out the same way when a package is made and when it is verified (`verify`): from the project's text,
//! with sources by the paths that the project names them by, so that where the files lie on a machine is in no figure. The
//! hashes find changes; they do not resist forgery, which working everything out again does.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::office::accounts::Accounts;
use super::planning::{self, Asked, GatherError, gather};
use crate::demo;
use crate::io::{OpenOptions, Opened, ReadError, SaveError, hash_hex, path_of_text, read_whole};
use crate::model::AreaMethod;
use crate::rules::Rules;
use crate::scenario::project::{self, history_file};
use crate::scenario::{Loaded, ProjectError};
use crate::task::Progress;
use crate::text::{Language, Message};

mod verify;

pub use verify::{Difference, Verified, verify};

/// The version of packages that this program writes, and the highest that it reads. The first did not say why figures are
/// what they are.
const FORMAT: u32 = 2;
/// Where the project is taken to lie while figures are worked out: deep enough for the steps upwards of its paths.
const ROOT: &str = "/package/a/b/c/d/e/f/g/h/i/j/k/l";
/// Files that one source may consist of.
const MOST_FILES: usize = 10_000;
/// Endings of the files that belong to a shapefile or a table.
const BESIDE: [&str; 9] = ["shp", "shx", "dbf", "prj", "cpg", "sbn", "sbx", "qix", "qmd"];

const PROJECT: &str = "project.toml";
const HISTORY: &str = "project.toml.history";
const RULES: &str = "project-rules.toml";
const RESULTS: &str = "results.json";
const MANIFEST: &str = "manifest.json";
const SEAL: &str = "seal.txt";

/// What a package says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: u32,
    /// The program that made it.
    program: String,
    /// The file that the project was read from.
    project: String,
    /// Whether the project is the demo, whose sources lie in the program.
    demo: bool,
    date: String,
    language: String,
    method: String,
    accounts: String,
    scenarios: Vec<String>,
    parts: Vec<FileRecord>,
    sources: Vec<SourceRecord>,
}

/// A file by its size and hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRecord {
    name: String,
    bytes: u64,
    hash: String,
}

/// A source of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceRecord {
    /// As seen from the project.
    path: String,
    /// Its folder in the package; empty where only the hashes are there.
    folder: String,
    /// Its files, the first of which names it; of a folder the files in it.
    files: Vec<FileRecord>,
    /// Whether it is a folder.
    is_folder: bool,
}

/// What is wanted of a package.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Names of scenarios; all where none is given.
    pub scenarios: Vec<String>,
    /// How areas are computed.
    pub method: AreaMethod,
    /// The rule that cropland is balanced by.
    pub accounts: Accounts,
    /// Whether the sources themselves are in it, or their hashes only.
    pub with_sources: bool,
    /// The day that it is dated.
    pub date: String,
    /// The language of its sentences.
    pub language: Language,
}

/// Why a package cannot be made or verified.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The project cannot be opened.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The figures cannot be worked out.
    #[error(transparent)]
    Gather(#[from] GatherError),
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A source has more files than are packed.
    #[error("more than {MOST_FILES} files: {}", .0.display())]
    TooManyFiles(PathBuf),
    /// Sources of the project that could not be opened: a package of the rest would not say what the project says.
    #[error("sources that cannot be opened: {}", .0.join(", "))]
    SourcesUnread(Vec<String>),
    /// The file is no package.
    #[error("not a package: {0}")]
    NotAPackage(String),
    /// The package was made by a later release.
    #[error("the package has format {0}, this program knows up to {FORMAT}")]
    Newer(u32),
    /// Sources that are neither in the package nor where they were looked for.
    #[error("sources missing: {}", .0.join(", "))]
    SourcesMissing(Vec<String>),
    /// Something cannot be written.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl PackageError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Project(error) => error.message(),
            Self::Gather(error) => error.message(),
            Self::Read { path, source } => Message::new("report.package-unreadable")
                .with("path", crate::io::shown_path(path))
                .with_message("reason", &crate::text::system_reason(source)),
            Self::TooManyFiles(path) => {
                Message::new("report.package-files").with("path", crate::io::shown_path(path)).with("most", MOST_FILES)
            }
            Self::SourcesUnread(paths) => Message::new("report.package-unread").with("paths", paths.join("; ")),
            Self::NotAPackage(reason) => Message::new("report.no-package").with("reason", reason),
            Self::Newer(found) => Message::new("report.package-newer").with("found", found).with("known", FORMAT),
            Self::SourcesMissing(paths) => {
                Message::new("report.sources-missing").with("n", paths.len()).with("paths", paths.join("; "))
            }
            Self::Save(error) => error.message(),
        }
    }
}

/// A package, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The ZIP.
    pub bytes: Vec<u8>,
    /// Sources that are in it.
    pub source_count: usize,
    /// Parts beside them.
    pub part_count: usize,
}

/// Puts a project, or the demo where none is given, into a package.
///
/// # Errors
/// [`PackageError`] where the project or one of its sources cannot be read, or the figures cannot be worked out.
pub fn pack(project: Option<&Path>, wanted: &Wanted, progress: &Progress) -> Result<Package, PackageError> {
    let mut parts: BTreeMap<&'static str, Vec<u8>> = BTreeMap::new();
    let text = match project {
        Some(path) => read(path)?,
        None => demo::file(demo::PROJECT).unwrap_or_default().to_vec(),
    };
    let (workspace_rules, opened) = opened_by(project, progress)?;
    if let Some(rules) = workspace_rules {
        parts.insert(RULES, rules);
    }
    if let Some(history) = project.map(history_file::path_beside).filter(|path| path.is_file()) {
        parts.insert(HISTORY, read(&history)?);
    }
    let folder = project.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let (mut sources, mut files, mut places) = (Vec::new(), Vec::new(), BTreeMap::new());
    for path in opened.iter().filter(|path| !demo::is_path(path)) {
        let name = project::relative(folder, path);
        let number = sources.len() + 1;
        let of_source = if wanted.with_sources { format!("sources/{number}/") } else { String::new() };
        let mut records = Vec::new();
        for (name, file) in files_of(path)? {
            let bytes = read(&file)?;
            records.push(FileRecord { bytes: bytes.len() as u64, hash: hash_hex(&bytes), name: name.clone() });
            if wanted.with_sources {
                files.push((format!("{of_source}{name}"), bytes));
            }
        }
        places.insert(located(&name), path.clone());
        sources.push(SourceRecord { path: name, folder: of_source, files: records, is_folder: path.is_dir() });
    }
    let mut manifest = Manifest {
        format: FORMAT,
        program: format!("tuban {}", env!("CARGO_PKG_VERSION")),
        project: project.and_then(Path::file_name).map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        demo: project.is_none(),
        date: wanted.date.clone(),
        language: wanted.language.tag().to_owned(),
        method: wanted.method.name().to_owned(),
        accounts: wanted.accounts.name().to_owned(),
        scenarios: wanted.scenarios.clone(),
        parts: Vec::new(),
        sources,
    };
    let rules = parts.get(RULES).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let found = results(&text, rules.as_deref(), &manifest, &places, progress)?;
    let mut results = serde_json::to_vec_pretty(&found).unwrap_or_default();
    results.push(b'\n');
    parts.insert(PROJECT, text);
    parts.insert(RESULTS, results);
    manifest.parts = parts
        .iter()
        .map(|(name, bytes)| FileRecord { name: (*name).to_owned(), bytes: bytes.len() as u64, hash: hash_hex(bytes) })
        .collect();
    let mut text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    text.push(b'\n');
    let seal = format!("{}\n", hash_hex(&text));
    let (part_count, source_count) = (parts.len() + 2, if wanted.with_sources { manifest.sources.len() } else { 0 });
    let parts = parts.into_iter().map(|(name, bytes)| (name.to_owned(), bytes));
    let ends = [(MANIFEST.to_owned(), text), (SEAL.to_owned(), seal.into_bytes())];
    let all: Vec<(String, Vec<u8>)> = parts.chain(files).chain(ends).collect();
    Ok(Package { bytes: zipped(&all)?, source_count, part_count })
}

/// Files as a ZIP, without times: the same files give the same ZIP.
fn zipped(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, PackageError> {
    let failed = |error: &dyn std::fmt::Display| PackageError::NotAPackage(error.to_string());
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .large_file(bytes.len() as u64 > u64::from(u32::MAX) / 2);
        out.start_file(name.as_str(), options).map_err(|error| failed(&error))?;
        out.write_all(bytes).map_err(|error| failed(&error))?;
    }
    Ok(out.finish().map_err(|error| failed(&error))?.into_inner())
}

fn read(path: &Path) -> Result<Vec<u8>, PackageError> {
    let failed = |source| PackageError::Read { path: path.to_owned(), source };
    match demo::of_path(path) {
        Some(bytes) => Ok(bytes.to_vec()),
        None => read_whole(path).map_err(failed),
    }
}

/// The rules of a project, and the sources that it opens, each once, in order.
fn opened_by(project: Option<&Path>, progress: &Progress) -> Result<(Option<Vec<u8>>, Vec<PathBuf>), PackageError> {
    let mut opened: Vec<PathBuf> = Vec::new();
    let mut unread: Vec<String> = Vec::new();
    let loaded = match project {
        None => project::load_demo(progress)?,
        Some(path) => project::load_with(path, &mut |source, options| {
            let found = crate::io::open(source, options, progress);
            match &found {
                Ok(_) if !opened.iter().any(|known| known == source) => opened.push(source.to_owned()),
                Ok(_) => {}
                Err(_) => unread.push(crate::io::shown_path(source)),
            }
            found
        })?,
    };
    if !unread.is_empty() {
        return Err(PackageError::SourcesUnread(unread));
    }
    let rules = loaded.workspace.rules.as_deref().map(read).transpose()?;
    Ok((rules, opened))
}

/// The files of a source by their names: the file, and what belongs to it; or all that lies in a folder.
fn files_of(path: &Path) -> Result<Vec<(String, PathBuf)>, PackageError> {
    let failed = |path: &Path, source| PackageError::Read { path: path.to_owned(), source };
    if path.is_dir() {
        let mut files = Vec::new();
        let mut folders = vec![path.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|error| failed(&folder, error))? {
                let found = entry.map_err(|error| failed(&folder, error))?.path();
                if found.is_dir() {
                    folders.push(found);
                } else if found.is_file() {
                    files.push(found);
                }
                if files.len() > MOST_FILES {
                    return Err(PackageError::TooManyFiles(path.to_owned()));
                }
            }
        }
        files.sort();
        let named = |file: PathBuf| {
            let inside = file.strip_prefix(path).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            (inside, file)
        };
        return Ok(files.into_iter().map(named).collect());
    }
    let name = |file: &Path| file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut files = vec![(name(path), path.to_owned())];
    let ending = |file: &Path| file.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let own = ending(path).unwrap_or_default();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = fs::read_dir(folder) else { return Ok(files) };
    let mut beside: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path())) // one that cannot be listed cannot be opened either
        .filter(|file| file.file_stem() == path.file_stem() && *file != path && file.file_name() != path.file_name())
        .filter(|file| {
            let ending = ending(file).unwrap_or_default();
            match own.as_str() {
                "shp" => BESIDE.contains(&ending.as_str()),
                _ => ending == "prj" || ending == "cpg",
            }
        })
        .collect();
    beside.sort();
    files.extend(beside.into_iter().map(|file| (name(&file), file)));
    Ok(files)
}

/// Where a path of the project is looked for while figures are worked out.
fn located(name: &str) -> PathBuf {
    let mut place = PathBuf::new();
    for step in Path::new(ROOT).join(path_of_text(name)).components() {
        match (step, place.components().next_back()) {
            (Component::ParentDir, Some(Component::Normal(_))) => {
                place.pop();
            }
            (Component::CurDir, Some(_)) => {}
            _ => place.push(step),
        }
    }
    place
}

/// Every figure and sentence of a project, with its sources at `places` by where the project looks for them.
fn results(
    project: &[u8],
    rules: Option<&str>,
    manifest: &Manifest,
    places: &BTreeMap<PathBuf, PathBuf>,
    progress: &Progress,
) -> Result<Json, PackageError> {
    let language = Language::from_locale(&manifest.language);
    let text = String::from_utf8_lossy(project);
    let root = Path::new(ROOT);
    let mut open = |source: &Path, options: &OpenOptions| -> Result<Opened, ReadError> {
        let inside = |path: &Path| PathBuf::from(format!("{}{}", demo::SCHEME, path.display()));
        let (place, name) = match places.get(source) {
            Some(place) => (place.clone(), source.strip_prefix(root).unwrap_or(source).to_owned()),
            None if manifest.demo => {
                let name = inside(source.strip_prefix(root).unwrap_or(source));
                (name.clone(), name)
            }
            None => (source.to_owned(), source.to_owned()),
        };
        let mut opened = crate::io::open(&place, options, progress)?;
        // Where a file lies on this machine is no part of what is found.
        opened.layers.iter_mut().for_each(|layer| layer.provenance.path.clone_from(&name));
        Ok(opened)
    };
    let Loaded { workspace, .. } = project::load_text(&text, Path::new(PROJECT), root, &mut open)?;
    let asked = Asked {
        scenarios: manifest.scenarios.clone(),
        method: AreaMethod::from_name(&manifest.method).unwrap_or_default(),
        accounts: Accounts::from_name(&manifest.accounts).unwrap_or_default(),
        ..Asked::default()
    };
    let rules = rules.map(|text| Rules::parse(text, Path::new(RULES)));
    let gathered = gather(&workspace, rules, &asked, language, progress)?;
    Ok(planning::data(&gathered, language))
}

#[cfg(test)]
mod tests;
