//! Which sources are compared with which: a table of pairs, or two folders whose sources go by their names.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::{CliError, source};
use crate::io;
use crate::report::shown;
use crate::task::Progress;
use crate::text::Message;

/// A pair of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What it is called.
    pub name: String,
    /// Base and scenario, each with its layer where one is named; empty for what is missing.
    pub paths: [PathBuf; 2],
    /// Why it cannot be compared, where that is known already.
    pub wrong: Option<CliError>,
}

/// Headings of a list: what a column is, and the words for it.
const HEADINGS: [(&str, &[&str]); 6] = [
    ("before", &["before", "base", "前", "基期", "现状", "变更前"]),
    ("after", &["after", "scenario", "后", "方案", "规划", "变更后"]),
    ("name", &["name", "名称", "县", "区县", "行政区", "行政区名称"]),
    ("layer", &["layer", "图层"]),
    ("layer_before", &["layer_before", "前图层", "基期图层"]),
    ("layer_after", &["layer_after", "后图层", "方案图层"]),
];

/// The pairs of a table with the columns before and after, and if need be name, layer, layer_before and layer_after. Paths
/// are as seen from the folder of the table.
///
/// # Errors
/// A table that cannot be read or lacks a column, or has no rows.
pub fn of_file(path: &Path) -> Result<Vec<Listed>, CliError> {
    let text = io::read_text(path).map_err(|error| source::unreadable("cli.pairs-bad-list", &error).at(path))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let listed = of_text(&text, folder).map_err(|error| error.at(path))?;
    // Who gives a list names what stands in it.
    #[cfg(feature = "postgis")]
    for path in listed.iter().flat_map(|listed| &listed.paths).filter(|path| io::is_address(path)) {
        io::name_server(&path.to_string_lossy());
    }
    Ok(listed)
}

fn of_text(text: &str, folder: &Path) -> Result<Vec<Listed>, CliError> {
    let broken =
        |error: &dyn std::fmt::Display| CliError::new(&Message::new("cli.pairs-bad-list").with("error", error));
    let (text, sign) = io::table_of(text);
    let mut reader = csv::ReaderBuilder::new().delimiter(sign).flexible(true).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| broken(&error))?.clone();
    let column = |what: &str| {
        let (_, words) = HEADINGS.iter().find(|(known, _)| *known == what)?;
        headers.iter().position(|header| words.iter().any(|word| header.trim().eq_ignore_ascii_case(word)))
    };
    let (Some(before), Some(after)) = (column("before"), column("after")) else {
        return Err(CliError::new(&Message::new("cli.pairs-headings")));
    };
    let [name, layer] = [column("name"), column("layer")];
    let layers = [column("layer_before").or(layer), column("layer_after").or(layer)];
    let mut listed = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error))?;
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).map_or("", str::trim);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let place = |at: usize, layer: Option<usize>| {
            let text = cell(Some(at));
            // Addresses of databases are no paths.
            let is_plain = text.is_empty() || io::is_address(Path::new(text));
            let path = if is_plain { PathBuf::from(text) } else { folder.join(text) };
            match cell(layer) {
                "" => path,
                layer => io::address(&path, Some(layer)),
            }
        };
        let paths = [place(before, layers[0]), place(after, layers[1])];
        let lacks = cell(Some(before)).is_empty() || cell(Some(after)).is_empty();
        let wrong = lacks.then(|| CliError::new(&Message::new("cli.pairs-one-side")));
        let name = match cell(name) {
            "" => name_of(&paths),
            name => name.to_owned(),
        };
        listed.push(Listed { name, paths, wrong });
    }
    if listed.is_empty() {
        return Err(CliError::new(&Message::new("cli.pairs-empty")));
    }
    once_each(&mut listed);
    Ok(listed)
}

/// What a pair without a name is called: the name of the one source that it has, or of both.
fn name_of(paths: &[PathBuf; 2]) -> String {
    let stem = |path: &PathBuf| match io::database_name(path) {
        Some(name) => name,
        None => path.file_stem().map(shown_os).unwrap_or_default(),
    };
    match paths.each_ref().map(stem) {
        [base, scenario] if scenario.is_empty() || base == scenario => base,
        [base, scenario] if base.is_empty() => scenario,
        [base, scenario] => format!("{base} → {scenario}"),
    }
}

fn shown_os(name: &std::ffi::OsStr) -> String {
    shown(Path::new(name))
}

/// A pair that stands twice would be counted twice.
fn once_each(listed: &mut [Listed]) {
    let mut seen: FxHashSet<[PathBuf; 2]> = FxHashSet::default();
    for one in listed {
        if one.wrong.is_none() && !seen.insert(one.paths.clone()) {
            one.wrong = Some(CliError::new(&Message::new("cli.pairs-twice")));
        }
    }
}

/// Two sources as a list of their own.
pub(super) fn of_two(paths: [&PathBuf; 2]) -> Vec<Listed> {
    let paths = paths.map(PathBuf::clone);
    vec![Listed { name: name_of(&paths), paths, wrong: None }]
}

/// The sources of two folders: those of one name and, of the others, those with one code of an administrative division.
/// What has no partner is listed as such.
///
/// # Errors
/// A folder that is none, cannot be listed or holds nothing that is read; cancelling.
pub fn of_folders(folders: [&PathBuf; 2], progress: &Progress) -> Result<Vec<Listed>, CliError> {
    let sources = |folder: &PathBuf| -> Result<Vec<(String, PathBuf)>, CliError> {
        if !folder.is_dir() {
            return Err(CliError::new(&Message::new("cli.pairs-no-folder")).at(folder));
        }
        let found = io::sources_of(folder, progress).map_err(|error| CliError::new(&error.message()).at(folder))?;
        let key = |path: PathBuf| {
            let within = path.strip_prefix(folder).unwrap_or(&path);
            (shown(&within.with_extension("")).to_lowercase(), path)
        };
        Ok(found.0.into_iter().map(key).collect())
    };
    let [base, scenario] = [sources(folders[0])?, sources(folders[1])?];
    let listed = matched(base, scenario);
    if listed.is_empty() {
        return Err(CliError::new(&Message::new("cli.pairs-empty")).at(folders[0]));
    }
    Ok(listed)
}

/// Pairs what two folders hold, each source by its place without its ending.
fn matched(base: Vec<(String, PathBuf)>, scenario: Vec<(String, PathBuf)>) -> Vec<Listed> {
    let mut partner: Vec<Option<usize>> = vec![None; base.len()];
    let mut is_taken = vec![false; scenario.len()];
    let code = |key: &String| code_of(key).map(str::to_owned);
    let by: [&dyn Fn(&String) -> Option<String>; 2] = [&|key: &String| Some(key.clone()), &code];
    for key_of in by {
        // What two sources of a folder are called names neither.
        let mut places: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (at, (key, _)) in scenario.iter().enumerate().filter(|(at, _)| !is_taken[*at]) {
            if let Some(key) = key_of(key) {
                places.entry(key).or_default().push(at);
            }
        }
        let mut counts: FxHashMap<String, usize> = FxHashMap::default();
        let open: Vec<usize> = (0..base.len()).filter(|at| partner[*at].is_none()).collect();
        open.iter().filter_map(|at| key_of(&base[*at].0)).for_each(|key| *counts.entry(key).or_default() += 1);
        for at in open {
            let Some(key) = key_of(&base[at].0) else { continue };
            if let (Some([other]), Some(1)) = (places.get(&key).map(Vec::as_slice), counts.get(&key)) {
                partner[at] = Some(*other);
                is_taken[*other] = true;
            }
        }
    }
    let alone = || Some(CliError::new(&Message::new("cli.pairs-alone")));
    let mut listed = Vec::new();
    for ((_, path), partner) in base.into_iter().zip(&partner) {
        let (other, wrong) = match partner {
            Some(at) => (scenario[*at].1.clone(), None),
            None => (PathBuf::new(), alone()),
        };
        let paths = [path, other];
        listed.push(Listed { name: name_of(&paths), paths, wrong });
    }
    for ((_, path), _) in scenario.into_iter().zip(&is_taken).filter(|(_, taken)| !**taken) {
        let paths = [PathBuf::new(), path];
        listed.push(Listed { name: name_of(&paths), paths, wrong: alone() });
    }
    listed
}

/// The code of an administrative division in a name: its first run of six digits or more.
fn code_of(name: &str) -> Option<&str> {
    let name = name.rsplit('/').next()?;
    name.split(|sign: char| !sign.is_ascii_digit()).find(|run| run.len() >= 6).map(|run| &run[..6])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_names_pairs_layers_and_counties() {
        let text = "前;后;县;图层\n前/a.gdb;/后/a.gdb;历城区;DLTB\nb.shp;c.shp;;\n;;;\nb.shp;c.shp;;\nd.shp;;;\n";
        let listed = of_text(text, Path::new("省")).expect("reads");
        let shape: Vec<(&str, String, String, bool)> = listed
            .iter()
            .map(|one| (one.name.as_str(), shown(&one.paths[0]), shown(&one.paths[1]), one.wrong.is_some()))
            .collect();
        let row = |name, base: &str, scenario: &str, wrong| (name, base.to_owned(), scenario.to_owned(), wrong);
        assert_eq!(
            shape,
            [
                row("历城区", "省/前/a.gdb#DLTB", "/后/a.gdb#DLTB", false),
                row("b → c", "省/b.shp", "省/c.shp", false),
                // It would count twice.
                row("b → c", "省/b.shp", "省/c.shp", true),
                row("d", "省/d.shp", "", true),
            ]
        );
    }

    #[test]
    fn a_table_without_its_columns_says_so() {
        assert!(of_text("a,b\n1,2\n", Path::new("")).is_err());
        assert!(of_text("before,after\n", Path::new("")).is_err());
    }

    #[test]
    fn folders_are_paired_by_name_then_by_code() {
        let side = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), PathBuf::from(name))).collect();
        let listed = matched(
            side(&["历城", "370112_2020", "370113_a", "370113_b", "x"]),
            side(&["370112规划", "历城", "370113", "y"]),
        );
        let shape: Vec<(String, bool)> = listed.iter().map(|one| (one.name.clone(), one.wrong.is_some())).collect();
        let expected = [
            ("历城", false),
            ("370112_2020 → 370112规划", false),
            ("370113_a", true),
            ("370113_b", true),
            ("x", true),
            ("370113", true),
            ("y", true),
        ];
        assert_eq!(shape, expected.map(|(name, wrong)| (name.to_owned(), wrong)));
    }
}
