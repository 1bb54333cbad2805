//! The members of an archive as sources, and those of archives in it.

use std::path::Path;
use std::sync::Arc;

use super::super::archive::Archive;
use super::super::format::{self, Format, GEOJSON, Reads};
use super::super::source::Source;
use super::super::start::ending_of;
use super::super::{OpenOptions, ReadError, layers};
use super::{Found, is_part, no_such_layer, note, of_source};
use crate::task::Progress;

/// Archives within archives that are opened.
const MOST_DEPTH: usize = 2;
/// Archives in an archive that are opened: each is held as a whole.
const MOST_ARCHIVES: usize = 100;

/// Where a source lies in an archive.
enum Lies {
    /// The member of that number.
    At(usize),
    /// The folder of that name, which is one source; empty for the archive itself.
    In(String),
}

/// A source in an archive.
struct Member {
    archive: Arc<Archive>,
    lies: Lies,
    /// Its name, with those of the archives that it lies in before it.
    name: String,
    format: &'static Format,
}

impl Member {
    /// What its layers are called by.
    fn place(&self) -> String {
        layers::without_ending(&self.name)
    }

    fn source(&self) -> Source {
        match &self.lies {
            Lies::At(member) => Source::member(&self.archive, *member),
            Lies::In(folder) => Source::folder_of(&self.archive, folder),
        }
    }
}

/// What an archive holds.
#[derive(Default)]
struct Gathered {
    sources: Vec<Member>,
    /// What cannot be read, and what it is.
    others: Vec<(String, &'static Format)>,
    /// Names that lead out of their archive.
    left_out: Vec<String>,
    /// The first error of a member that could not be looked at.
    damaged: Option<ReadError>,
    archive_count: usize,
}

impl Gathered {
    /// Adds what `archive` holds; `within` is the place of the archive, with a slash at its end, empty for the outermost.
    fn add(
        &mut self,
        archive: &Arc<Archive>,
        within: &str,
        depth: usize,
        progress: &Progress,
    ) -> Result<(), ReadError> {
        let databases = databases(archive);
        for folder in &databases {
            let (archive, name) = (archive.clone(), format!("{within}{folder}"));
            self.sources.push(Member { archive, lies: Lies::In(folder.clone()), name, format: &format::FILE_GDB });
        }
        self.left_out.extend(archive.left_out.iter().map(|name| format!("{within}{name}")));
        for member in 0..archive.member_count() {
            let path = Path::new(archive.name(member));
            // Most members are known by their endings as parts of others, or as nothing.
            let in_database = databases.iter().any(|folder| path.parent() == Some(Path::new(folder)));
            if in_database || is_part(path, |ending| archive.beside(member, ending).is_some()) {
                continue;
            }
            let name = format!("{within}{}", archive.name(member));
            // A thousand pictures need not be looked at to know that they are none of ours.
            if let Some(format) = format::format_of_ending(path).filter(|format| !format.is_read()) {
                self.others.push((name, format));
                continue;
            }
            match Source::member(archive, member).look(format::of_start) {
                Ok(Some(format)) if matches!(format.reads, Reads::Layers(_)) && is_meant(path, format) => {
                    self.sources.push(Member { archive: archive.clone(), lies: Lies::At(member), name, format });
                }
                Ok(Some(format)) if format.is_archive() && depth < MOST_DEPTH && self.archive_count < MOST_ARCHIVES => {
                    self.archive_count += 1;
                    match archive.bytes(member, progress).and_then(Archive::of_bytes) {
                        Ok(inner) => {
                            let place = format!("{}/", path.with_extension("").to_string_lossy());
                            self.add(&Arc::new(inner), &format!("{within}{place}"), depth + 1, progress)?;
                        }
                        Err(ReadError::Cancelled) => return Err(ReadError::Cancelled),
                        Err(error) => {
                            self.others.push((name, format));
                            self.damaged.get_or_insert(error);
                        }
                    }
                }
                Ok(Some(format)) if *format != GEOJSON => self.others.push((name, format)),
                Ok(_) => {}
                Err(error) => {
                    self.damaged.get_or_insert(error);
                }
            }
        }
        Ok(())
    }
}

/// Reads the members of an archive.
///
/// # Errors
/// [`ReadError::NothingReadable`] where no member can be read, or why the first that should be cannot; those of
/// [`OpenOptions::layer`]; [`ReadError::Cancelled`].
pub(super) fn read(
    path: &Path,
    archive: Archive,
    options: &OpenOptions,
    progress: &Progress,
) -> Result<Vec<Found>, ReadError> {
    let archive = Arc::new(archive);
    let mut gathered = Gathered::default();
    gathered.add(&archive, "", 0, progress)?;
    let Gathered { mut sources, others, left_out, damaged, .. } = gathered;
    if sources.is_empty() {
        return Err(damaged.unwrap_or(ReadError::NothingReadable { found: others }));
    }
    let seen = archive.seen();
    // A geodatabase that is all there is in an archive is opened as the folder would be.
    if let [only @ Member { lies: Lies::In(_), .. }] = sources.as_slice() {
        let mut found = of_source(only.format, only.source(), path, Some((None, seen)), options, progress)?;
        say(&mut found, &left_out, &others);
        return Ok(found);
    }
    if let Some(wanted) = options.layer.as_deref() {
        let known: Vec<String> = sources.iter().map(Member::place).collect();
        let is_wanted = |place: &String| {
            wanted == place || wanted.strip_prefix(place.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        // The name alone is enough where it stands once.
        let ends = |place: &String| place.rsplit('/').next() == Some(wanted);
        match (known.iter().any(is_wanted), known.iter().filter(|place| ends(place)).count()) {
            (true, _) => sources.retain(|member| is_wanted(&member.place())),
            (false, 1) => sources.retain(|member| ends(&member.place())),
            _ => return Err(no_such_layer(wanted, known)),
        }
    }
    let mut found = Vec::new();
    for member in sources {
        let known = Some((Some(member.name.as_str()), seen.clone()));
        match of_source(member.format, member.source(), path, known, options, progress) {
            Ok(layers) => found.extend(layers),
            Err(ReadError::Cancelled) => return Err(ReadError::Cancelled),
            Err(error) => {
                found.push(Found { path: path.to_owned(), layer: Some(member.place()), result: Err(error) });
            }
        }
    }
    if let Some(wanted) = options.layer.as_deref()
        && found.iter().any(|found| found.layer.as_deref() == Some(wanted))
    {
        found.retain(|found| found.layer.as_deref() == Some(wanted));
    }
    say(&mut found, &left_out, &others);
    Ok(found)
}

/// Says what of the archive was not read.
fn say(found: &mut [Found], left_out: &[String], others: &[(String, &'static Format)]) {
    note(found, "io.archive-escapes", left_out.iter().map(String::as_str));
    note(found, "io.archive-others", others.iter().map(|(name, _)| name.as_str()));
}

/// The folders of an archive that are geodatabases: those in which the first table of one lies.
fn databases(archive: &Archive) -> Vec<String> {
    let names = (0..archive.member_count()).map(|member| archive.name(member));
    let first = "a00000001.gdbtable";
    let folder = |name: &str| {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        file.eq_ignore_ascii_case(first).then(|| folder.to_owned())
    };
    names.filter_map(folder).collect()
}

/// Whether a file that reads as `format` is meant to be data: texts of any kind begin like GeoJSON at times.
fn is_meant(name: &Path, format: &Format) -> bool {
    let is_named = format.endings.contains(&ending_of(name).as_str());
    is_named || *format != GEOJSON && format.name != "io.format-csv"
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::super::open_bytes;
    use super::*;

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, bytes) in files {
            archive.start_file(*name, options).expect("begins");
            archive.write_all(bytes).expect("writes");
        }
        archive.finish().expect("ends").into_inner()
    }

    const POINT: &[u8] = br#"{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[117,36.8]}}"#;

    fn layers(bytes: Vec<u8>, layer: Option<&str>) -> Result<Vec<String>, ReadError> {
        let options = OpenOptions { layer: layer.map(str::to_owned), ..OpenOptions::default() };
        let opened = open_bytes("a.zip", bytes, &options, &Progress::new())?;
        Ok(opened.layers.iter().map(|layer| layer.provenance.layer.clone().unwrap_or_default()).collect())
    }

    #[test]
    fn archives_in_archives_are_opened() {
        let inner = zipped(&[("现状.geojson", POINT), ("规划.geojson", POINT)]);
        let outer = zipped(&[
            ("甲县/成果.zip", inner.as_slice()),
            ("乙县/成果.zip", inner.as_slice()),
            ("说明.txt", &b"x"[..]),
        ]);
        let all = ["甲县/成果/现状", "甲县/成果/规划", "乙县/成果/现状", "乙县/成果/规划"];
        assert_eq!(layers(outer.clone(), None).expect("opens"), all);
        // The layer of a project is found again.
        assert_eq!(layers(outer, Some(all[2])).expect("opens"), [all[2]]);
        // Not without end: the innermost is said to be an archive.
        let mut deep = zipped(&[("a.geojson", POINT)]);
        for _ in 0..MOST_DEPTH {
            deep = zipped(&[("a.zip", deep.as_slice())]);
        }
        assert_eq!(layers(deep.clone(), None).expect("opens"), ["a/a/a"]);
        let deeper = zipped(&[("a.zip", deep.as_slice())]);
        assert!(matches!(layers(deeper, None), Err(ReadError::NothingReadable { found }) if found.len() == 1));
        // One that is damaged is not passed over in silence.
        let whole = zipped(&[("a.geojson", POINT)]);
        let cut = zipped(&[("a.zip", &whole[..whole.len() / 2])]);
        assert!(matches!(layers(cut, None), Err(ReadError::BrokenArchive)));
    }
}
