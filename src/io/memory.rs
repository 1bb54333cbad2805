//! A ceiling on memory: what a file will take is estimated before it is read, and held against what may be taken.
//!
//! The ceiling is that of the work ([`Progress::memory_bound`]), so that a window and a run each have their own. What is
//! estimated is rough: the size of the file times what its format takes, measured with 60,000 parcels of 25 vertices and
//! ten fields and rounded up. Files that are being read at the same time are counted with it.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{OpenOptions, ReadError};
use crate::demo;
use crate::task::Progress;

/// What takes less than this is read whatever the ceiling.
const LEAST_BYTES: u64 = if cfg!(test) { 1 << 16 } else { 32 << 20 };

/// Files in a folder that are looked at.
const MOST_FILES: usize = 10_000;
/// Folders within folders.
const MOST_DEPTH: usize = 12;

/// Times its size that a file takes while it is read, by its ending; [`OTHERS`] for all others.
const FACTORS: [(&str, f64); 28] = [
    ("geojson", 1.2),
    ("json", 1.2),
    ("geojsonl", 1.2),
    ("geojsons", 1.2),
    ("ndjson", 1.2),
    ("jsonl", 1.2),
    ("gz", 6.0),
    ("zip", 6.0),
    ("kmz", 20.0),
    ("kml", 3.0),
    ("gpx", 3.0),
    ("csv", 4.0),
    ("tsv", 4.0),
    ("wkt", 4.0),
    ("ewkt", 4.0),
    ("txt", 4.0),
    ("dxf", 5.0),
    ("dwg", 10.0),
    ("shp", 3.0),
    ("dbf", 3.0),
    ("gdbtable", 3.5),
    ("gpkg", 1.5),
    ("fgb", 2.0),
    ("parquet", 6.0),
    ("xlsx", 10.0),
    ("xlsm", 10.0),
    ("ods", 10.0),
    ("xls", 5.0),
];

/// The factor of all other endings.
const OTHERS: f64 = 3.0;

/// Bytes that files take which are being read.
static BEING_READ: AtomicU64 = AtomicU64::new(0);

/// Memory that was asked for a file, until this is dropped.
#[derive(Debug)]
pub(super) struct Asked(u64);

impl Drop for Asked {
    fn drop(&mut self) {
        BEING_READ.fetch_sub(self.0, Ordering::Relaxed);
    }
}

/// Asks for the memory that the file or folder at `path` will take.
///
/// # Errors
/// [`ReadError::OverMemory`], where it would go beyond the ceiling of `progress`.
pub(super) fn ask(path: &Path, options: &OpenOptions, progress: &Progress) -> Result<Asked, ReadError> {
    let Some(bound) = progress.memory_bound().filter(|_| !options.beyond_memory) else { return Ok(Asked(0)) };
    let needed = needed_bytes(path);
    if needed < LEAST_BYTES {
        return Ok(Asked(0));
    }
    let asked = Asked(needed);
    let others = BEING_READ.fetch_add(needed, Ordering::Relaxed);
    let used = used_bytes().saturating_add(others);
    if used.saturating_add(needed) > bound {
        return Err(ReadError::OverMemory { needed, used, bound });
    }
    Ok(asked)
}

/// Bytes that the file or folder at `path` will take while it is read, roughly; 0 where nobody knows.
pub fn needed_bytes(path: &Path) -> u64 {
    if demo::is_path(path) {
        return 0;
    }
    needed(path, MOST_DEPTH)
}

fn needed(path: &Path, depth: usize) -> u64 {
    let Ok(known) = fs::metadata(path) else { return 0 };
    if known.is_file() {
        return (known.len() as f64 * factor(path)) as u64;
    }
    let Some(depth) = depth.checked_sub(1).filter(|_| known.is_dir()) else { return 0 };
    let entries = fs::read_dir(path).into_iter().flatten().flatten().take(MOST_FILES);
    entries.map(|entry| needed(&entry.path(), depth)).sum()
}

fn factor(path: &Path) -> f64 {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    FACTORS.iter().find(|(known, _)| *known == ending).map_or(OTHERS, |(_, factor)| *factor)
}

/// Bytes of memory that this process holds; 0 where the system does not tell.
pub fn used_bytes() -> u64 {
    memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64)
}

/// Bytes of memory that this process may hold before the machine, or the container that it runs in, has no more for it;
/// `None` where that is not known.
pub fn machine_bytes() -> Option<u64> {
    static BYTES: OnceLock<Option<u64>> = OnceLock::new();
    *BYTES.get_or_init(|| {
        // Linux tells it in files; other systems are asked for nothing.
        let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total_of(&text));
        let container = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
        let container = container.and_then(|text| text.trim().parse::<u64>().ok()); // `max` is no bound
        [machine, container].into_iter().flatten().min()
    })
}

/// The line `MemTotal:  16318480 kB` of the list that Linux gives.
fn total_of(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kb: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?; // of another form: not known
    kb.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::open;

    #[test]
    fn the_machine_says_how_much_it_has() {
        assert_eq!(total_of("MemFree: 1 kB\nMemTotal:       16318480 kB\n"), Some(16_318_480 * 1024));
        assert_eq!(total_of("MemTotal: much\n"), None);
        assert!(machine_bytes().is_none_or(|bytes| bytes > 64 << 20));
    }

    #[test]
    fn what_is_too_large_for_the_ceiling_is_not_begun() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("大.geojson");
        let feature = r#"{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[117,36]}}"#;
        // Much air around one feature.
        let mut text = format!(r#"{{"type":"FeatureCollection","features":[{feature}]"#).into_bytes();
        text.resize(LEAST_BYTES as usize, b' ');
        text.push(b'}');
        fs::write(&path, &text).expect("written");
        let needed = needed_bytes(&path);
        assert_eq!(needed, (text.len() as f64 * 1.2) as u64);
        let progress = Progress::new();
        progress.bound_memory(Some(LEAST_BYTES));
        let refused = open(&path, &OpenOptions::default(), &progress).expect_err("is too large");
        assert!(matches!(refused, ReadError::OverMemory { needed: n, bound: LEAST_BYTES, .. } if n == needed));
        // Whoever wants it all the same gets it, and so does whoever has room.
        let anyway = OpenOptions { beyond_memory: true, ..OpenOptions::default() };
        assert_eq!(open(&path, &anyway, &progress).expect("opens").row_count, 1);
        progress.bound_memory(Some(1 << 50));
        assert_eq!(open(&path, &OpenOptions::default(), &progress).expect("opens").row_count, 1);
        // What is small is read whatever the ceiling.
        let small = folder.path().join("小.geojson");
        fs::write(&small, feature).expect("written");
        progress.bound_memory(Some(1));
        assert_eq!(open(&small, &OpenOptions::default(), &progress).expect("opens").row_count, 1);
    }

    #[test]
    fn folders_and_databases_are_estimated_by_what_lies_in_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("a.gdb")).expect("made");
        for name in ["a.gdb/1.gdbtable", "a.gdb/2.gdbtable", "b.shp"] {
            fs::write(at(name), [0; 1000]).expect("written");
        }
        assert_eq!(needed_bytes(&at("a.gdb")), 7000);
        assert_eq!(needed_bytes(folder.path()), 10_000);
        assert_eq!((needed_bytes(&at("b.shp")), needed_bytes(&at("no such file"))), (3000, 0));
        assert_eq!(needed_bytes(Path::new("demo:dltb_2025.geojson.gz")), 0);
    }
}
