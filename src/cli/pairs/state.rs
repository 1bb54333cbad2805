//! What is finished of a list of pairs, in a file of lines: a line a pair, each with its hash before it, put on the disk
//! before the next pair begins. A line that was cut off counts as not there. Figures stand as text, so that they come back
//! to the last bit.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::super::CliError;
use super::super::compare;
use crate::cli::args::LevelName;
use crate::io::{self, Guard, hash_hex, path_of_text, path_to_text};
use crate::model::classes::{BigClass, Class, Scheme};
use crate::report::pairs::PairFigures;
use crate::scenario::project;
use crate::scenario::transition::{ClassKey, ClassLine, ClassSide, Level, Matrix, MatrixCell, Slivers};
use crate::text::Message;

/// The first line of such a file.
const HEAD: &str = "tuban pairs 1";

/// A finished pair with everything that sums are made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kept {
    /// Hash of how it was compared.
    pub(super) way: String,
    pub(super) paths: [PathBuf; 2],
    pub(super) stamps: [Stamp; 2],
    pub(super) figures: PairFigures,
    pub(super) levels: Vec<(Level, Vec<ClassKey>, Matrix)>,
}

impl Kept {
    /// The same, said to be of an earlier run.
    pub(super) fn of_an_earlier_run(mut self) -> Self {
        self.figures.is_kept = true;
        self
    }
}

/// What a source looks like from outside: whoever writes to it changes one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// Bytes of all its files.
    size: u64,
    /// How many files it consists of.
    files: u64,
    /// When the newest of them was written, in nanoseconds since 1970.
    newest_ns: u64,
}

impl Stamp {
    /// Of the source that a path names; of what is no file nothing is known.
    pub(super) fn of(path: &Path) -> Self {
        let mut stamp = Self::default();
        for file in files_of(path) {
            let Ok(known) = fs::metadata(&file) else { continue }; // gone since it was listed: others count one less
            stamp.size += known.len();
            stamp.files += 1;
            let written = known.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            let ns = written.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX));
            stamp.newest_ns = stamp.newest_ns.max(ns);
        }
        stamp
    }

    /// Whether there is a file by which a change would be noticed.
    pub(super) fn is_known(&self) -> bool {
        self.files > 0
    }
}

/// The files that a source consists of: the parts of a shapefile, the files of a geodatabase, what a project names.
fn files_of(path: &Path) -> Vec<PathBuf> {
    let text = path.to_string_lossy();
    if let Some((file, _)) = text.rsplit_once('#').filter(|(file, _)| !path.exists() && is_project(Path::new(file))) {
        let mut files = project::files_named_in(Path::new(file));
        files.push(PathBuf::from(file));
        return files;
    }
    let (file, _) = io::file_and_layer(path);
    let of_folder = |folder: &Path| -> Vec<PathBuf> {
        // A folder that cannot be listed has no files that could be looked at.
        fs::read_dir(folder).map_or(Vec::new(), |entries| entries.flatten().map(|entry| entry.path()).collect())
    };
    if file.is_dir() {
        return of_folder(&file);
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let stem = file.file_stem();
    let mut files = of_folder(folder);
    files.retain(|other| other.is_file() && other.file_stem() == stem);
    files
}

fn is_project(path: &Path) -> bool {
    super::super::output::is_project(path)
}

/// The finished pairs of a file, to which more are added.
#[derive(Debug)]
pub struct State {
    path: PathBuf,
    kept: Vec<Kept>,
}

impl State {
    /// Reads what is finished; a file that is not there yet is made. What was cut off is taken out of it.
    ///
    /// # Errors
    /// A file that is something else, that `guard` protects, or that cannot be written.
    pub fn open(path: &Path, guard: &Guard) -> Result<Self, CliError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(CliError::new(&Message::new("cli.cannot-write").with("error", error)).at(path)),
        };
        let mut lines = bytes.split(|byte| *byte == b'\n');
        if lines.next() != Some(HEAD.as_bytes()) && !bytes.is_empty() {
            return Err(CliError::new(&Message::new("cli.pairs-no-state")).at(path));
        }
        // What does not read is compared again. A line may end within a character.
        let kept: Vec<Kept> = lines.filter_map(|line| of_line(std::str::from_utf8(line).ok()?)).collect();
        let lines = std::iter::once(HEAD.to_owned()).chain(kept.iter().map(to_line));
        let whole: String = lines.map(|line| line + "\n").collect();
        if whole.as_bytes() != bytes {
            let saved = io::save_atomically(path, guard, |out| out.write_all(whole.as_bytes()));
            saved.map_err(|error| CliError::new(&error.message()))?;
        }
        Ok(Self { path: path.to_owned(), kept })
    }

    /// What is finished of a pair that was compared in this way; the newest.
    pub(super) fn find(&self, way: &str, paths: &[PathBuf; 2]) -> Option<&Kept> {
        self.kept.iter().rev().find(|kept| kept.way == way && kept.paths == *paths)
    }

    /// Adds a finished pair and puts it on the disk.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn keep(&mut self, kept: &Kept) -> Result<(), CliError> {
        let write = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().append(true).open(&self.path)?;
            file.write_all(format!("{}\n", to_line(kept)).as_bytes())?;
            file.sync_data()
        };
        write().map_err(|error| CliError::new(&Message::new("cli.cannot-write").with("error", error)).at(&self.path))
    }
}

/// A number that is written so that it is read back to the last bit.
#[derive(Clone, Copy)]
struct Exact(f64);

impl Serialize for Exact {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:e}", self.0))
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

#[derive(Serialize, Deserialize)]
struct Record {
    way: String,
    paths: [String; 2],
    stamps: [Stamp; 2],
    hashes: [String; 2],
    frame: String,
    issue_count: u64,
    is_unsound: bool,
    levels: Vec<LevelRecord>,
}

#[derive(Serialize, Deserialize)]
struct LevelRecord {
    level: String,
    classes: Vec<ClassRecord>,
    lines: Vec<[SideRecord; 2]>,
    /// Places of both classes, the figure and the pieces.
    cells: Vec<(Option<u32>, Option<u32>, Exact, u64)>,
    slivers: (u64, Exact),
    residual: Exact,
}

#[derive(Serialize, Deserialize)]
struct ClassRecord {
    key: String,
    groups: Vec<String>,
    value: String,
    /// Scheme and code.
    class: Option<(String, String)>,
    big: Option<String>,
}

/// Features, m², printed m², only, twice.
type SideRecord = (u64, Exact, Option<Exact>, Exact, Exact);

const BIG: [(BigClass, &str); 4] = [
    (BigClass::Agricultural, "agricultural"),
    (BigClass::Construction, "construction"),
    (BigClass::Unused, "unused"),
    (BigClass::Mixed, "mixed"),
];

fn to_line(kept: &Kept) -> String {
    let figures = &kept.figures;
    let side = |side: &ClassSide| {
        let printed = side.printed_m2.map(Exact);
        (side.feature_count, Exact(side.m2), printed, Exact(side.only_m2), Exact(side.twice_m2))
    };
    let class = |class: &ClassKey| ClassRecord {
        key: class.key.clone(),
        groups: class.groups.clone(),
        value: class.value.clone(),
        class: class.class.map(|class| (class.scheme().name().to_owned(), class.code().to_owned())),
        big: class.big.and_then(|big| BIG.iter().find(|(known, _)| *known == big)).map(|(_, word)| (*word).to_owned()),
    };
    let level = |(level, classes, matrix): &(Level, Vec<ClassKey>, Matrix)| LevelRecord {
        level: level.name(),
        classes: classes.iter().map(class).collect(),
        lines: matrix.lines.iter().map(|line| [side(&line.base), side(&line.scenario)]).collect(),
        cells: matrix.cells.iter().map(|cell| (cell.from, cell.to, Exact(cell.m2), cell.pieces)).collect(),
        slivers: (matrix.slivers.count, Exact(matrix.slivers.m2)),
        residual: Exact(matrix.residual_m2),
    };
    let record = Record {
        way: kept.way.clone(),
        paths: kept.paths.each_ref().map(|path| path_to_text(path)),
        stamps: kept.stamps,
        hashes: figures.hashes.clone(),
        frame: figures.frame.clone(),
        issue_count: figures.issue_count,
        is_unsound: figures.is_unsound,
        levels: kept.levels.iter().map(level).collect(),
    };
    let json = serde_json::to_string(&record).expect("numbers and texts only");
    format!("{} {json}", hash_hex(json.as_bytes()))
}

/// The pair of a line; `None` where it is not whole, or of classes that this release does not know.
fn of_line(line: &str) -> Option<Kept> {
    let (hash, json) = line.trim_end().split_once(' ')?;
    if hash_hex(json.as_bytes()) != hash {
        return None;
    }
    let record: Record = serde_json::from_str(json).ok()?; // of another release
    let levels: Option<Vec<_>> = record.levels.into_iter().map(of_level).collect();
    let levels = levels?;
    let (_, _, first) = levels.first()?;
    let figures = PairFigures {
        frame: record.frame,
        total: first.total,
        changed_m2: first.changed_m2,
        slivers: first.slivers,
        residual_m2: first.residual_m2,
        hashes: record.hashes,
        issue_count: record.issue_count,
        is_unsound: record.is_unsound,
        is_kept: false,
    };
    let paths = record.paths.each_ref().map(|text| path_of_text(text));
    Some(Kept { way: record.way, paths, stamps: record.stamps, figures, levels })
}

fn of_level(record: LevelRecord) -> Option<(Level, Vec<ClassKey>, Matrix)> {
    let mut known = compare::levels(None);
    known.extend(compare::levels(Some(LevelName::All)));
    let level = known.into_iter().find(|level| level.name() == record.level)?;
    let class = |class: ClassRecord| {
        let of_scheme = match class.class {
            Some((scheme, code)) => Some(Class::find(Scheme::from_name(&scheme)?, &code)?),
            None => None,
        };
        let big = match class.big {
            Some(word) => Some(BIG.iter().find(|(_, known)| *known == word)?.0),
            None => None,
        };
        Some(ClassKey { key: class.key, groups: class.groups, value: class.value, class: of_scheme, big })
    };
    let classes: Vec<ClassKey> = record.classes.into_iter().map(class).collect::<Option<_>>()?;
    let count = classes.len();
    let is_place = |place: Option<u32>| place.is_none_or(|place| (place as usize) < count);
    if record.lines.len() != count || !record.cells.iter().all(|(from, to, ..)| is_place(*from) && is_place(*to)) {
        return None;
    }
    let side = |(feature_count, m2, printed, only, twice): SideRecord| ClassSide {
        feature_count,
        m2: m2.0,
        printed_m2: printed.map(|printed| printed.0),
        only_m2: only.0,
        twice_m2: twice.0,
        paired_m2: 0.0,
    };
    let line =
        |[base, scenario]: [SideRecord; 2]| ClassLine { base: side(base), scenario: side(scenario), unchanged_m2: 0.0 };
    let mut matrix = Matrix { lines: record.lines.into_iter().map(line).collect(), ..Matrix::default() };
    let cell =
        |(from, to, m2, pieces): (Option<u32>, Option<u32>, Exact, u64)| MatrixCell { from, to, m2: m2.0, pieces };
    // What attribute areas scale was scaled when it was compared.
    matrix.close(record.cells.into_iter().map(cell).collect(), false);
    matrix.slivers = Slivers { count: record.slivers.0, m2: record.slivers.1.0 };
    matrix.residual_m2 = record.residual.0;
    Some((level, classes, matrix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Kept {
        let class = Class::find(Scheme::Sd2019, "0101").expect("a class");
        let classes = vec![
            ClassKey {
                key: "a/0101".to_owned(),
                groups: vec!["a".to_owned()],
                value: "0101".to_owned(),
                class: Some(class),
                big: None,
            },
            ClassKey {
                key: "unused".to_owned(),
                groups: Vec::new(),
                value: "unused".to_owned(),
                class: None,
                big: Some(BigClass::Unused),
            },
        ];
        let side = |m2| ClassSide { feature_count: 3, m2, printed_m2: Some(m2 + 0.01), ..ClassSide::default() };
        let line = |m2| ClassLine { base: side(m2), scenario: side(m2 / 3.0), unchanged_m2: 0.0 };
        let mut matrix = Matrix { lines: vec![line(0.1 + 0.2), line(1e-7 / 3.0)], ..Matrix::default() };
        let cell = |from, to, m2| MatrixCell { from, to, m2, pieces: 2 };
        matrix.close(vec![cell(Some(0), Some(1), 1.0 / 3.0), cell(Some(1), None, 2.0 / 7.0)], false);
        let figures = PairFigures {
            frame: "CGCS2000 / 117".to_owned(),
            total: matrix.total,
            changed_m2: matrix.changed_m2,
            residual_m2: matrix.residual_m2,
            hashes: ["1".to_owned(), "2".to_owned()],
            ..PairFigures::default()
        };
        let paths = [PathBuf::from("前/历城.shp"), PathBuf::from("后/历城.gdb#DLTB")];
        let stamps = [Stamp { size: 1, files: 2, newest_ns: u64::MAX }, Stamp::default()];
        Kept { way: "w".to_owned(), paths, stamps, figures, levels: vec![(Level::AsGiven, classes, matrix)] }
    }

    #[test]
    fn a_pair_comes_back_to_the_last_bit() {
        assert_eq!(of_line(&to_line(&kept())), Some(kept()));
    }

    #[test]
    fn a_line_that_was_cut_off_or_changed_is_not_there() {
        let line = to_line(&kept());
        let ends = (0..line.len()).filter(|end| line.is_char_boundary(*end));
        assert!(ends.step_by(7).all(|end| of_line(&line[..end]).is_none()));
        assert_eq!(of_line(&line.replace("0101", "0102")), None);
    }

    #[test]
    fn a_state_goes_on_where_it_was_torn() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.state");
        let open = || State::open(&path, &Guard::none());
        let mut state = open().expect("is made");
        state.keep(&kept()).expect("kept");
        let mut text = fs::read(&path).expect("there");
        text.extend_from_slice(&text.clone()[HEAD.len() + 1..HEAD.len() + 40]);
        fs::write(&path, &text).expect("written");
        let state = open().expect("opens");
        assert_eq!(state.find("w", &kept().paths), Some(&kept()));
        assert_eq!(state.kept.len(), 1);
        assert!(fs::read_to_string(&path).expect("there").ends_with("}\n"));
        fs::write(&path, "something else").expect("written");
        assert!(open().is_err());
    }
}
