//! The demo project inside the program, so that a copy run from an empty folder has it.

use std::path::{Path, PathBuf};

use super::files::PROJECT;
use crate::io::{OpenOptions, Opened, ReadError, open, open_bytes};
use crate::scenario::project::{self, Loaded, ProjectError};
use crate::task::Progress;

/// What paths of sources in the program begin with, also in project files.
pub const SCHEME: &str = "demo:";

macro_rules! embed {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../data/", $name)))),*]
    };
}

const FILES: &[(&str, &[u8])] = embed![
    "azq.geojson.gz",
    "cm.geojson.gz",
    "czkfbj.geojson.gz",
    "demo.rules.toml",
    "demo.toml",
    "dltb_2025.geojson.gz",
    "dltb_2035.geojson.gz",
    "fw.geojson.gz",
    "jsyd_2025.geojson.gz",
    "qltd.geojson.gz",
    "stbhhx.geojson.gz",
    "sx.geojson.gz",
    "xzq.geojson.gz",
    "yjjbnt_2025.geojson.gz",
    "yjjbnt_2035.geojson.gz",
    "zdxm.geojson.gz",
];

/// The bytes of a file of the demo.
pub fn file(name: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}

/// Opens the demo project, untitled: its sources are called `demo:…` and lie in the program.
///
/// # Errors
/// [`ProjectError::Cancelled`] only.
pub fn open_demo(progress: &Progress) -> Result<Loaded, ProjectError> {
    let text = file(PROJECT).map(String::from_utf8_lossy).unwrap_or_default();
    let inside = |path: &Path| PathBuf::from(format!("{SCHEME}{}", path.display()));
    let mut loaded = project::load_text(&text, Path::new(PROJECT), Path::new(""), &mut |source, options| {
        open_source(&inside(source), options, progress)
    })?;
    loaded.workspace.rules = loaded.workspace.rules.as_deref().map(inside);
    progress.tick(0)?;
    Ok(loaded)
}

/// The text of a file on the disk, or in the program where its path begins with [`SCHEME`]: rules.
///
/// # Errors
/// When it cannot be read; a name that the program does not have is a missing file.
pub fn read_text(path: &Path) -> std::io::Result<String> {
    let text = path.to_string_lossy();
    let Some(name) = text.strip_prefix(SCHEME) else { return crate::io::read_text(path) };
    Ok(crate::io::text_of(file(name).ok_or(std::io::ErrorKind::NotFound)?))
}

/// Opens a project whose sources may lie in the program as well as on the disk.
///
/// # Errors
/// As [`project::load`].
pub fn open_project(path: &Path, progress: &Progress) -> Result<Loaded, ProjectError> {
    project::load_with(path, &mut |source, options| open_source(source, options, progress))
}

/// Opens a source on the disk, or in the program where its path begins with [`SCHEME`].
///
/// # Errors
/// As [`open`]; a name that the program does not have is a missing file.
pub fn open_source(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<Opened, ReadError> {
    let text = path.to_string_lossy();
    let Some(name) = text.strip_prefix(SCHEME) else { return open(path, options, progress) };
    match file(name) {
        Some(bytes) => open_bytes(&text, bytes.to_vec(), options, progress),
        None => Err(ReadError::Io(std::io::ErrorKind::NotFound.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_opens_without_a_file() {
        let loaded = open_demo(&Progress::new()).expect("opens");
        assert_eq!(loaded.issues, []);
        // All files but the project and its rules.
        assert_eq!(loaded.workspace.entries.len(), FILES.len() - 2);
        let rules = loaded.workspace.rules.expect("the demo has rules");
        assert!(read_text(&rules).expect("is there").contains("[[rule]]"));
        let path = &loaded.workspace.entries[0].layer.provenance.path;
        assert!(path.to_string_lossy().starts_with(SCHEME), "{}", path.display());
    }

    #[test]
    fn a_project_saved_from_the_demo_opens_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("own.toml");
        let demo = open_demo(&Progress::new()).expect("opens").workspace;
        project::save(&demo, &path).expect("saves");
        let again = open_project(&path, &Progress::new()).expect("opens");
        assert_eq!((again.issues, again.workspace.entries.len()), (vec![], demo.entries.len()));
        assert_eq!(again.workspace.rules, demo.rules);
        let cancelled = Progress::new();
        cancelled.cancel();
        assert!(open_demo(&cancelled).is_err());
    }
}
