//! A package worked out again and compared with what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use zip::ZipArchive;

use super::{
    FORMAT, FileRecord, MANIFEST, Manifest, PROJECT, PackageError, RESULTS, RULES, SEAL, SourceRecord, located, results,
};
use crate::io::{hash_hex, path_of_text, read_whole};
use crate::task::Progress;
use crate::text::Message;

/// Bytes that a part may unpack to.
const MOST_BYTES: u64 = 4 << 30;
/// Parts that a package may have.
const MOST_PARTS: usize = 200_000;
/// Places of the results that are named.
const MOST_NAMED: usize = 20;
/// By how much of itself a number may differ: the last bits of sums on other processors.
const SAME: f64 = 1e-9;

/// Something that is not as the package says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A part was changed, or cannot be read.
    Part(String),
    /// A part is missing.
    Missing(String),
    /// A part that the package does not speak of.
    Unknown(String),
    /// A source is not what it was.
    Source(String),
    /// A figure or a sentence comes out otherwise: where it stands in the results, what is there, what comes out.
    Result {
        /// Where, as a JSON pointer.
        place: String,
        /// In the package.
        there: String,
        /// Worked out again.
        now: String,
    },
    /// So many more of the latter.
    More(usize),
}

impl Difference {
    /// The difference in words.
    pub fn message(&self) -> Message {
        match self {
            Self::Part(name) => Message::new("report.differs-part").with("name", name),
            Self::Missing(name) => Message::new("report.differs-missing").with("name", name),
            Self::Unknown(name) => Message::new("report.differs-unknown").with("name", name),
            Self::Source(name) => Message::new("report.differs-source").with("name", name),
            Self::Result { place, there, now } => {
                Message::new("report.differs-result").with("place", place).with("there", there).with("now", now)
            }
            Self::More(count) => Message::new("report.differs-more").with("count", count),
        }
    }
}

/// What came of verifying a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// What is not as the package says; empty where all of it is.
    pub differences: Vec<Difference>,
    /// Parts and source files whose bytes were compared.
    pub file_count: usize,
    /// Figures and sentences that were worked out again.
    pub value_count: usize,
    /// The program that made the package.
    pub program: String,
    /// The day that it is dated.
    pub date: String,
}

/// Works a package out again. Sources that are not in it are looked for in `sources`.
///
/// # Errors
/// [`PackageError`] where the file is no package, sources are missing, or nothing can be worked out.
pub fn verify(package: &Path, sources: Option<&Path>, progress: &Progress) -> Result<Verified, PackageError> {
    let unreadable = |source| PackageError::Read { path: package.to_owned(), source };
    let file = File::open(package).map_err(unreadable)?;
    let broken = |error: &dyn std::fmt::Display| PackageError::NotAPackage(error.to_string());
    let mut archive = ZipArchive::new(file).map_err(|error| broken(&error))?;
    if archive.len() > MOST_PARTS {
        return Err(PackageError::NotAPackage(format!("{} > {MOST_PARTS}", archive.len())));
    }
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for index in 0..archive.len() {
        let name = archive.by_index_data(index).map_err(|error| broken(&error))?.name_raw().to_vec();
        names.insert(String::from_utf8_lossy(&name).into_owned(), index);
    }
    let mut verified = Verified::default();
    let Some(manifest) = part(&mut archive, &names, MANIFEST) else {
        // One that cannot be unpacked is there and changed.
        return match names.contains_key(MANIFEST) {
            true => Ok(Verified { differences: vec![Difference::Part(MANIFEST.to_owned())], ..verified }),
            false => Err(PackageError::NotAPackage(MANIFEST.to_owned())),
        };
    };
    let seal = part(&mut archive, &names, SEAL).unwrap_or_default();
    if seal != format!("{}\n", hash_hex(&manifest)).into_bytes() {
        let of = if names.contains_key(SEAL) { format!("{MANIFEST}, {SEAL}") } else { SEAL.to_owned() };
        return Ok(Verified { differences: vec![Difference::Part(of)], ..verified });
    }
    let manifest: Manifest = match serde_json::from_slice::<Json>(&manifest) {
        Ok(json) => match json.get("format").and_then(Json::as_u64) {
            Some(found) if found > u64::from(FORMAT) => {
                return Err(PackageError::Newer(u32::try_from(found).unwrap_or(u32::MAX)));
            }
            _ => serde_json::from_value(json).map_err(|error| broken(&error))?,
        },
        Err(error) => return Err(broken(&error)),
    };
    (verified.program, verified.date) = (manifest.program.clone(), manifest.date.clone());
    let mut parts: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    let mut known: BTreeSet<String> = [MANIFEST, SEAL].map(str::to_owned).into();
    for record in &manifest.parts {
        progress.tick(0).map_err(crate::report::planning::GatherError::from)?;
        known.insert(record.name.clone());
        match compared(&mut archive, &names, &record.name, record) {
            Ok(bytes) => {
                parts.insert(&record.name, bytes);
            }
            Err(difference) => verified.differences.push(difference),
        }
        verified.file_count += 1;
    }
    let folder = tempfile::tempdir().map_err(unreadable)?;
    let (mut places, mut missing) = (BTreeMap::new(), Vec::new());
    for (number, source) in manifest.sources.iter().enumerate() {
        progress.tick(0).map_err(crate::report::planning::GatherError::from)?;
        let place = if source.folder.is_empty() {
            beside(source, sources, &mut verified, &mut missing)
        } else {
            known.extend(source.files.iter().map(|file| format!("{}{}", source.folder, file.name)));
            unpacked(&mut archive, &names, source, &folder.path().join(number.to_string()), &mut verified)
                .map_err(unreadable)?
        };
        places.extend(place.map(|place| (located(&source.path), place)));
    }
    let strangers = names.keys().filter(|name| !known.contains(*name) && !name.ends_with('/'));
    verified.differences.extend(strangers.map(|name| Difference::Unknown(name.clone())));
    if !missing.is_empty() {
        return Err(PackageError::SourcesMissing(missing));
    }
    let (Some(project), Some(there)) = (parts.get(PROJECT), parts.get(RESULTS)) else {
        return Ok(verified);
    };
    // Of other bytes other figures come: nothing more is learned from them.
    if !verified.differences.is_empty() {
        return Ok(verified);
    }
    let rules = parts.get(RULES).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let now = results(project, rules.as_deref(), &manifest, &places, progress)?;
    let there: Json = serde_json::from_slice(there).map_err(|error| broken(&error))?;
    let mut found = Vec::new();
    let said = if manifest.format < FORMAT { Said::Printed } else { Said::All };
    differences(&there, &now, said, &mut String::new(), &mut verified.value_count, &mut found);
    let more = found.len().saturating_sub(MOST_NAMED);
    found.truncate(MOST_NAMED);
    verified.differences.append(&mut found);
    if more > 0 {
        verified.differences.push(Difference::More(more));
    }
    Ok(verified)
}

/// A part, unpacked; `None` where it is not there or damaged.
fn part(archive: &mut ZipArchive<File>, names: &BTreeMap<String, usize>, name: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let entry = archive.by_index(*names.get(name)?).ok()?; // damaged: said by the caller
    entry.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MOST_BYTES).then_some(bytes)
}

/// A part whose bytes are what the record says.
fn compared(
    archive: &mut ZipArchive<File>,
    names: &BTreeMap<String, usize>,
    name: &str,
    record: &FileRecord,
) -> Result<Vec<u8>, Difference> {
    if !names.contains_key(name) {
        return Err(Difference::Missing(name.to_owned()));
    }
    let bytes = part(archive, names, name).filter(|bytes| is_same(bytes, record));
    bytes.ok_or_else(|| Difference::Part(name.to_owned()))
}

fn is_same(bytes: &[u8], record: &FileRecord) -> bool {
    bytes.len() as u64 == record.bytes && hash_hex(bytes) == record.hash
}

/// Unpacks a source into a folder of its own, and says what of it was changed. Names that lead out are passed over.
fn unpacked(
    archive: &mut ZipArchive<File>,
    names: &BTreeMap<String, usize>,
    source: &SourceRecord,
    folder: &Path,
    verified: &mut Verified,
) -> std::io::Result<Option<PathBuf>> {
    let is_plain =
        |name: &str| !name.split(['/', '\\']).any(|step| matches!(step, "" | "." | "..")) && !name.contains(':');
    fs::create_dir_all(folder)?;
    // A folder is known by its name: `a.gdb`.
    let own = Path::new(&path_of_text(&source.path)).file_name().map_or_else(|| PathBuf::from("source"), PathBuf::from);
    let base = if source.is_folder { folder.join(&own) } else { folder.to_owned() };
    let mut whole = true;
    for record in &source.files {
        verified.file_count += 1;
        let name = format!("{}{}", source.folder, record.name);
        let bytes = match compared(archive, names, &name, record) {
            Ok(bytes) if is_plain(&record.name) => bytes,
            Ok(_) => continue,
            Err(difference) => {
                verified.differences.push(difference);
                whole = false;
                continue;
            }
        };
        let place = base.join(&record.name);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(place, bytes)?;
    }
    let first = source.files.first().map(|record| record.name.as_str()).filter(|name| is_plain(name));
    Ok(match (whole, source.is_folder, first) {
        (true, true, _) => Some(base),
        (true, false, Some(first)) => Some(folder.join(first)),
        _ => None,
    })
}

/// A source that is not in the package: where the project has it from there, or by its name.
fn beside(
    source: &SourceRecord,
    sources: Option<&Path>,
    verified: &mut Verified,
    missing: &mut Vec<String>,
) -> Option<PathBuf> {
    let path = path_of_text(&source.path);
    let by_name = path.file_name().map(PathBuf::from);
    let found = sources.and_then(|folder| {
        [Some(path.clone()), by_name].into_iter().flatten().map(|path| folder.join(path)).find(|path| path.exists())
    });
    let Some(found) = found else {
        missing.push(source.path.clone());
        return None;
    };
    let folder = if source.is_folder { found.clone() } else { found.parent().map(Path::to_owned).unwrap_or_default() };
    let mut whole = true;
    for (nth, record) in source.files.iter().enumerate() {
        verified.file_count += 1;
        let file = if nth == 0 && !source.is_folder { found.clone() } else { folder.join(&record.name) };
        match read_whole(&file) {
            Ok(bytes) if is_same(&bytes, record) => {}
            Ok(_) => {
                verified.differences.push(Difference::Source(crate::io::shown_path(&file)));
                whole = false;
            }
            Err(_) => {
                missing.push(crate::io::shown_path(&file));
                whole = false;
            }
        }
    }
    // What is known to be another file would only give other figures once more.
    whole.then_some(found)
}

/// Which of its results a package is held to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// Everything, and nothing else may come out.
    All,
    /// What is printed: packages of the first format say less than what comes out now, and held cells that were rounded
    /// already as `rows`.
    Printed,
}

/// Where two results differ, counting their values.
fn differences(
    there: &Json,
    now: &Json,
    said: Said,
    place: &mut String,
    count: &mut usize,
    found: &mut Vec<Difference>,
) {
    let mut inside = |name: &str, there: Option<&Json>, now: Option<&Json>| {
        let length = place.len();
        place.push('/');
        place.push_str(name);
        match (there, now) {
            (Some(there), Some(now)) => differences(there, now, said, place, count, found),
            (there, now) => {
                let shown = |value: Option<&Json>| value.map_or_else(|| "–".to_owned(), short);
                found.push(Difference::Result { place: place.clone(), there: shown(there), now: shown(now) });
            }
        }
        place.truncate(length);
    };
    match (there, now) {
        (Json::Object(there), Json::Object(now)) => {
            let names: BTreeSet<&String> = match said {
                Said::All => there.keys().chain(now.keys()).collect(),
                Said::Printed => there.keys().filter(|name| *name != "rows").collect(),
            };
            names.into_iter().for_each(|name| inside(name, there.get(name), now.get(name)));
        }
        (Json::Array(there), Json::Array(now)) => {
            for at in 0..there.len().max(now.len()) {
                inside(&at.to_string(), there.get(at), now.get(at));
            }
        }
        _ => {
            *count += 1;
            let same = match (there.as_f64(), now.as_f64()) {
                (Some(a), Some(b)) => (a - b).abs() <= SAME * a.abs().max(b.abs()).max(1e-3),
                _ => there == now,
            };
            if !same {
                let (there, now) = (short(there), short(now));
                found.push(Difference::Result { place: place.clone(), there, now });
            }
        }
    }
}

/// As much of a value as a line holds.
fn short(value: &Json) -> String {
    let text = match value {
        Json::String(text) => text.clone(),
        value => value.to_string(),
    };
    if text.chars().count() <= 60 { text } else { text.chars().take(59).chain(['…']).collect() }
}
