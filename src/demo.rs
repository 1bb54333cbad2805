//! The files of the demo project inside the program, so that a copy run from an empty folder has it.
//!
//! Their paths begin with [`SCHEME`], also in project files. Bytes only: [`crate::io`] reads them as it reads any other
//! file, and a project that the user saves from the demo opens the way of every project.

use std::path::Path;

/// What paths of files in the program begin with.
pub const SCHEME: &str = "demo:";

/// Name of the project file among them.
pub const PROJECT: &str = "demo.toml";

macro_rules! embed {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../data/", $name)))),*]
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

/// Whether a path names a file in the program, there or not.
pub fn is_path(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.starts_with(SCHEME))
}

/// The bytes of the file in the program that a path names.
pub fn of_path(path: &Path) -> Option<&'static [u8]> {
    file(path.to_str()?.strip_prefix(SCHEME)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_the_program_are_told_by_their_scheme() {
        assert!(of_path(Path::new("demo:demo.toml")).is_some_and(|text| !text.is_empty()));
        assert!(is_path(Path::new("demo:none")) && of_path(Path::new("demo:none")).is_none());
        assert!(!is_path(Path::new("demo.toml")));
        // All of them are there, the project and its rules among them.
        assert!(FILES.iter().all(|(name, bytes)| file(name) == Some(*bytes)) && FILES.len() == 16);
    }
}
