//! What a source is known again by: its files, their sizes, times and numbers in the file system, a hash of samples of
//! their bytes; and behind these, once somebody has read them all, a hash of every byte.
//!
//! The first are compared before a cache is used and cost a fraction of a millisecond. What they cannot tell apart, other
//! bytes in a file that was given back its size and time, where no sample fell, the hash of all bytes does.

use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::frame::FORMAT;
use crate::io::OpenOptions;
use crate::io::format;
use crate::io::hash::FileHash;
use crate::io::place::fill;
use crate::io::source::filled_logs;
use crate::task::Progress;

/// Endings of files that a reader looks into beside the one that it is given: those of a shapefile, the memos of its
/// table, the rows of a MIF.
const BESIDE: [&str; 9] = ["shp", "shx", "dbf", "prj", "cpg", "dbt", "fpt", "mif", "mid"];

/// Samples of a file, spread over it, and the bytes of each.
const SAMPLES: u64 = 16;
const SAMPLE_BYTES: u64 = 4096;
/// Bytes of a file that are hashed by themselves, on any core.
const PIECE_BYTES: u64 = 1 << 22;
/// Files of a source; a geodatabase has a few hundred.
const MOST_FILES: usize = 20_000;

/// What one file is known again by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    name: String,
    byte_count: u64,
    /// Seconds and nanoseconds of the last change of its bytes, and of anything about it.
    modified: [i64; 2],
    changed: [i64; 2],
    /// Its number in the file system.
    number: u64,
    /// Hash of samples of its bytes.
    sample: u64,
}

/// What a reading of a source is known again by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    /// The program that read it: another one may read it otherwise.
    program: String,
    /// The source, as the project sees it.
    source: String,
    /// How it was to be read.
    asked: String,
    files: Vec<Mark>,
}

impl Key {
    /// The key of the source at `path` as it is now; `None` where it is nothing that can be known again.
    pub(super) fn of(path: &Path, source: &str, options: &OpenOptions) -> Option<Self> {
        let files = files_of(path)?;
        let files = files.iter().map(|file| Mark::of(file)).collect::<Option<Vec<_>>>()?;
        Some(Self { program: program().to_owned(), source: source.to_owned(), asked: asked(options), files })
    }

    /// The name of its cache, the same for every state of the source.
    pub(super) fn name(&self) -> String {
        name(&self.source, &self.asked)
    }

    /// What tells this content from any other, however old it is and wherever it lies.
    pub(super) fn stamp(&self, whole: &[u64]) -> u64 {
        let mut hash = FileHash::new();
        for text in [&self.program, &self.asked].into_iter().chain(self.files.iter().map(|file| &file.name)) {
            hash.add(&(text.len() as u64).to_le_bytes());
            hash.add(text.as_bytes());
        }
        whole.iter().for_each(|of_file| hash.add(&of_file.to_le_bytes()));
        hash.value()
    }
}

/// The name of the cache of the source that the project sees there, read by `options`.
pub(super) fn name_of(source: &str, options: &OpenOptions) -> String {
    name(source, &asked(options))
}

fn name(source: &str, asked: &str) -> String {
    let mut hash = FileHash::new();
    hash.add(source.as_bytes());
    hash.add(&[0]);
    hash.add(asked.as_bytes());
    hash.hex()
}

/// How a source is to be read, in words that differ where that does.
fn asked(options: &OpenOptions) -> String {
    let crs = options.crs.as_ref().map(|crs| crs.code().to_owned());
    let encoding = options.encoding.map(|encoding| encoding.to_string());
    format!("{crs:?} {encoding:?} {:?} {:?}", options.layer, options.correction)
}

/// This program: builds between releases have one version, but hardly one length.
fn program() -> &'static str {
    static PROGRAM: OnceLock<String> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let length = std::env::current_exe().and_then(fs::metadata).map_or(0, |known| known.len());
        format!("{FORMAT} {} {length}", env!("CARGO_PKG_VERSION"))
    })
}

/// The files that a source consists of; `None` where they cannot be listed, or are too many.
pub(super) fn files_of(path: &Path) -> Option<Vec<PathBuf>> {
    let mut files = vec![path.to_owned()];
    // A folder that cannot be listed has no key.
    if path.is_dir() && format::of_folder(path).is_none() {
        let (sources, _) = crate::io::sources_of(path, &Progress::new()).ok()?;
        files = sources.iter().map(|source| files_of(source)).collect::<Option<Vec<_>>>()?.concat();
    } else if path.is_dir() {
        let entries = fs::read_dir(path).ok()?.take(MOST_FILES + 1).collect::<Result<Vec<_>, _>>().ok()?;
        let is_lock = |file: &PathBuf| file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("lock"));
        files = entries.into_iter().map(|entry| entry.path()).filter(|file| file.is_file() && !is_lock(file)).collect();
    } else if is_one_of(path, &BESIDE) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let stem = path.file_stem()?.to_string_lossy().to_lowercase();
        for entry in fs::read_dir(folder).ok()?.flatten() {
            let file = entry.path();
            let is_alike = file.file_stem().is_some_and(|other| other.to_string_lossy().to_lowercase() == stem);
            if is_alike && is_one_of(&file, &BESIDE) && file.file_name() != path.file_name() && file.is_file() {
                files.push(file);
            }
        }
    }
    files.extend(filled_logs(path));
    files.sort();
    (!files.is_empty() && files.len() <= MOST_FILES).then_some(files)
}

fn is_one_of(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|own| endings.iter().any(|ending| own.eq_ignore_ascii_case(ending)))
}

impl Mark {
    fn of(path: &Path) -> Option<Self> {
        // What cannot be read cannot be known again.
        let file = File::open(path).ok()?;
        let known = file.metadata().ok().filter(Metadata::is_file)?;
        let byte_count = known.len();
        let mut hash = FileHash::new();
        let mut piece = vec![0; usize::try_from(byte_count.min(SAMPLES * SAMPLE_BYTES)).ok()?];
        if byte_count <= SAMPLES * SAMPLE_BYTES {
            fill(&file, 0, &mut piece)?;
        } else {
            let last = byte_count - SAMPLE_BYTES;
            for (nth, sample) in piece.chunks_mut(SAMPLE_BYTES as usize).enumerate() {
                // The first bytes, the last ones, and others between.
                fill(&file, (last / (SAMPLES - 1)).saturating_mul(nth as u64).min(last), sample)?;
            }
            fill(&file, last, &mut piece[((SAMPLES - 1) * SAMPLE_BYTES) as usize..])?;
        }
        hash.add(&piece);
        let (modified, changed, number) = times(&known);
        let name = path.file_name().map(crate::io::shown_path).unwrap_or_default();
        Some(Self { name, byte_count, modified, changed, number, sample: hash.value() })
    }
}

#[cfg(unix)]
fn times(known: &Metadata) -> ([i64; 2], [i64; 2], u64) {
    use std::os::unix::fs::MetadataExt;
    ([known.mtime(), known.mtime_nsec()], [known.ctime(), known.ctime_nsec()], known.ino())
}

#[cfg(not(unix))]
fn times(known: &Metadata) -> ([i64; 2], [i64; 2], u64) {
    let since = |time: std::io::Result<std::time::SystemTime>| {
        // A time before 1970, or none at all, is told from others by nothing.
        let since = time.ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
        [since.as_secs() as i64, i64::from(since.subsec_nanos())]
    };
    (since(known.modified()), since(known.created()), 0)
}

/// Hashes of all bytes of the files of the source at `path`, each file by itself; `None` where one cannot be read or the
/// user cancelled.
pub(super) fn whole(path: &Path, progress: &Progress) -> Option<Vec<u64>> {
    let files = files_of(path)?;
    let open: Vec<(File, u64)> = files
        .iter()
        .map(|path| {
            // What cannot be read has no hash.
            let file = File::open(path).ok()?;
            let length = file.metadata().ok()?.len();
            Some((file, length))
        })
        .collect::<Option<_>>()?;
    let pieces: Vec<(usize, u64)> = open
        .iter()
        .enumerate()
        .flat_map(|(nth, (_, length))| (0..length.div_ceil(PIECE_BYTES)).map(move |piece| (nth, piece * PIECE_BYTES)))
        .collect();
    let hashes: Vec<(usize, u64)> = pieces
        .par_iter()
        .map_init(Vec::new, |bytes: &mut Vec<u8>, (nth, at)| {
            let (file, length) = &open[*nth];
            bytes.resize((length - at).min(PIECE_BYTES) as usize, 0);
            fill(file, *at, bytes)?;
            progress.tick(0).ok()?; // cancelled: nobody waits for it
            let mut hash = FileHash::new();
            hash.add(bytes);
            Some((*nth, hash.value()))
        })
        .collect::<Option<_>>()?;
    let mut of_files = vec![FileHash::new(); open.len()];
    for (nth, hash) in hashes {
        of_files[nth].add(&hash.to_le_bytes());
    }
    Some(of_files.iter().map(FileHash::value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &Path) -> Option<Key> {
        Key::of(path, "a", &OpenOptions::default())
    }

    #[test]
    fn another_size_time_or_sample_is_another_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.geojson");
        let bytes: Vec<u8> = (0..200_000_u32).map(|i| (i * 7 % 251) as u8).collect();
        fs::write(&path, &bytes).expect("written");
        let first = key(&path).expect("a file");
        assert_eq!(key(&path), Some(first.clone()));
        let time = fs::metadata(&path).expect("there").modified().expect("known");
        let put = |bytes: &[u8], time: std::time::SystemTime| {
            fs::write(&path, bytes).expect("written");
            File::options().write(true).open(&path).expect("opens").set_modified(time).expect("set");
        };
        put(&bytes[..199_999], time);
        assert_ne!(key(&path), Some(first.clone()));
        put(&bytes, time + std::time::Duration::from_secs(1));
        assert_ne!(key(&path).map(|key| key.files[0].modified), Some(first.files[0].modified));
        let mut other = bytes.clone();
        *other.last_mut().expect("some") ^= 1;
        put(&other, time);
        assert_ne!(key(&path).map(|key| key.files[0].sample), Some(first.files[0].sample));
        // Between the samples only the hash of all bytes tells.
        let mut other = bytes.clone();
        other[5000] ^= 1;
        put(&bytes, time);
        let (sample, whole_before) = (key(&path).map(|key| key.files[0].sample), whole(&path, &Progress::new()));
        put(&other, time);
        assert_eq!(key(&path).map(|key| key.files[0].sample), sample);
        assert_ne!(whole(&path, &Progress::new()), whole_before);
    }

    #[test]
    fn the_files_beside_count_and_others_do_not() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["a.shp", "a.DBF", "a.prj", "a.toml", "b.dbf", "a.sbn"] {
            fs::write(folder.path().join(name), name).expect("written");
        }
        let names = |path: &str| {
            let files = files_of(&folder.path().join(path)).expect("listed");
            files.iter().map(|file| crate::io::shown_path(file.file_name().expect("a name"))).collect::<Vec<_>>()
        };
        assert_eq!(names("a.shp"), ["a.DBF", "a.prj", "a.shp"]);
        assert_eq!(names("a.toml"), ["a.toml"]);
        assert_eq!(key(&folder.path().join("none.shp")), None);
    }

    #[test]
    fn a_reading_that_was_asked_otherwise_has_another_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.geojson");
        fs::write(&path, "x").expect("written");
        let named = |options: &OpenOptions| Key::of(&path, "a", options).expect("a file").name();
        let plain = named(&OpenOptions::default());
        let as_cgcs = OpenOptions { crs: Some(crate::crs::Crs::cgcs2000()), ..OpenOptions::default() };
        let one_layer = OpenOptions { layer: Some("DLTB".to_owned()), ..OpenOptions::default() };
        assert!(plain != named(&as_cgcs) && plain != named(&one_layer));
    }
}
