//! Files that are never written: sources, and whatever else is being read.
//!
//! Every writer is handed a [`Guard`] and passes its target by it before the first byte. Files are told apart by what
//! they are and not by how they are spelt: a link, a hard link or another way to a source is that source. (Hard links
//! are known on Unix only.)

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use super::SaveError;

/// Endings of the files that one shapefile consists of.
const SHAPEFILE: [&str; 9] = ["shp", "shx", "dbf", "prj", "cpg", "sbn", "sbx", "qix", "xml"];

/// Files that no output may take the place of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    files: Vec<PathBuf>,
}

impl Guard {
    /// Nothing to protect: the target is this program's own, and nothing that it reads can lie there.
    pub fn none() -> Self {
        Self::default()
    }

    /// Protects `files`, and what belongs to them.
    pub fn of(files: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { files: files.into_iter().collect() }
    }

    /// The same without `file`, which its own writer may replace.
    #[must_use]
    pub fn but(mut self, file: Option<&Path>) -> Self {
        self.files.retain(|known| file.is_none_or(|file| !(known == file || is_same_file(known, file))));
        self
    }

    /// Whether `target` may be written.
    ///
    /// # Errors
    /// [`SaveError::OverInput`], which names both, where `target` is a protected file or belongs to one.
    pub fn check(&self, target: &Path) -> Result<(), SaveError> {
        // A terminal or a pipe may well be both.
        let is_it =
            |input: &Path| is_same_file(target, input) && fs::metadata(input).is_ok_and(|known| known.is_file());
        match self.files.iter().find(|input| is_it(input) || belongs(target, input) || lies_in(target, input)) {
            Some(input) => Err(SaveError::OverInput { path: target.to_owned(), input: input.clone() }),
            None => Ok(()),
        }
    }
}

/// Whether two paths lead to one file. A file that does not exist is nobody's.
pub fn is_same_file(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(of_a), Ok(of_b)) => {
            is_same(&of_a, &of_b) || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
        }
        _ => false,
    }
}

#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    // No stable way to ask for the identity of a file: paths have to do.
    false
}

/// Whether `target` lies in the geodatabase `input`, or is it.
fn lies_in(target: &Path, input: &Path) -> bool {
    let is_database = input.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gdb")) && input.is_dir();
    is_database && target.ancestors().any(|above| is_same_file(above, input))
}

/// Whether `target` is one of the files that a shapefile consists of which `input` belongs to as well.
fn belongs(target: &Path, input: &Path) -> bool {
    let ending = |path: &Path| path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let is_part = |path: &Path| ending(path).is_some_and(|ending| SHAPEFILE.contains(&ending.as_str()));
    if !is_part(target) || !is_part(input) {
        return false;
    }
    let stem = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        stem.strip_suffix(".shp").map_or(stem.clone(), str::to_owned)
    };
    let folder = |path: &Path| match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    stem(target) == stem(input) && is_same_file(&folder(target), &folder(input))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_known_by_any_of_its_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for name in ["a.geojson", "b.geojson", "c.shp", "c.dbf"] {
            fs::write(at(name), name).expect("written");
        }
        fs::create_dir(at("sub")).expect("made");
        let guard = Guard::of([at("a.geojson"), at("c.shp")]);
        let check = |target: &Path, is_free: bool| {
            assert_eq!(guard.check(target).is_ok(), is_free, "{}", target.display());
        };
        check(&at("a.geojson"), false);
        check(&at("sub/../a.geojson"), false);
        check(&at("b.geojson"), true);
        check(&at("new.geojson"), true);
        check(&at("c.dbf"), false);
        check(&at("C.prj"), false);
        check(&at("c.shp.xml"), false);
        check(&at("c.csv"), true);
        check(&at("sub/c.dbf"), true);
        fs::create_dir(at("d.gdb")).expect("made");
        let database = Guard::of([at("d.gdb")]);
        assert!(database.check(&at("d.gdb/e.geojson")).is_err() && database.check(&at("sub/../d.gdb")).is_err());
        assert!(database.check(&at("e.geojson")).is_ok() && database.check(&at("e.gdb")).is_ok());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("a.geojson"), at("link")).expect("linked");
            std::os::unix::fs::symlink(at("link"), at("link-to-link")).expect("linked");
            fs::hard_link(at("a.geojson"), at("hard")).expect("linked");
            check(&at("link"), false);
            check(&at("link-to-link"), false);
            check(&at("hard"), false);
            // The source is named by its link, the output by its own name.
            assert!(Guard::of([at("link")]).check(&at("a.geojson")).is_err());
        }
        assert!(guard.clone().but(Some(&at("a.geojson"))).check(&at("a.geojson")).is_ok());
        assert!(guard.clone().but(None).check(&at("a.geojson")).is_err());
        let error = guard.check(&at("sub/../a.geojson")).expect_err("refused").to_string();
        assert!(error.contains("sub/../a.geojson") && error.matches("a.geojson").count() == 2, "{error}");
    }
}
