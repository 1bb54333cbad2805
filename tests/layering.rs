//! The floors of the house: a module imports only from modules declared above it in `src/lib.rs`, and some names are
//! allowed in one place only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("readable folder") {
        let path = entry.expect("readable entry").path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// Every file of `src` but those of tests, with the floor it stands on and its text without comments and tests.
fn files() -> Vec<(String, String, String)> {
    let mut paths = Vec::new();
    rust_files(&source(), &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(source()).expect("under src").to_string_lossy().replace('\\', "/");
            let floor = name.split(['/', '.']).next().unwrap_or_default().to_owned();
            let text = fs::read_to_string(&path).expect("UTF-8");
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let code: Vec<&str> = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
            (name, floor, code.join("\n"))
        })
        .filter(|(name, _, _)| !name.ends_with("tests.rs") && !name.contains("tests/"))
        .collect()
}

fn floors() -> Vec<String> {
    let lib = fs::read_to_string(source().join("lib.rs")).expect("lib.rs");
    let names: Vec<String> = lib
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned))
        .collect();
    assert!(names.len() > 10, "lib.rs declares the floors one a line: {names:?}");
    names
}

/// The modules of the crate that code names, alone (`crate::model`) or in braces (`crate::{model, units::Area}`).
fn modules_named(code: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    let mut modules = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let Some(list) = rest.strip_prefix('{') else {
            modules.push(word(rest));
            continue;
        };
        let mut depth = 1;
        let mut begins = true;
        for (i, c) in list.char_indices() {
            if depth == 1 && begins && !c.is_whitespace() && c != '}' {
                modules.push(word(&list[i..]));
                begins = false;
            }
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => begins = true,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    modules
}

#[test]
fn modules_in_braces_are_seen() {
    let code = "use crate::{\n    model::{Coord, Layer},\n    units,\n};\nlet a = crate::io::open;";
    assert_eq!(modules_named(code), ["model", "units", "io"]);
}

#[test]
fn modules_import_only_from_floors_below() {
    let floors = floors();
    let mut offences = Vec::new();
    for (name, floor, code) in files() {
        let Some(own) = floors.iter().position(|f| *f == floor) else { continue };
        for target in modules_named(&code) {
            if floors.iter().position(|f| *f == target).is_some_and(|used| used > own) {
                offences.push(format!("{name}: {floor} reaches up to {target}"));
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

/// The wings of the window, bottom to top, as `ui.rs` declares them.
fn wings() -> Vec<String> {
    let ui = fs::read_to_string(source().join("ui.rs")).expect("ui.rs");
    let names = ui.lines().filter_map(|line| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned()));
    let names: Vec<String> = names.collect();
    assert!(names.len() > 4, "ui.rs declares the wings one a line: {names:?}");
    names
}

/// What the body of a `use` names, path by path: braces are taken apart, other names left out.
fn taken_apart(prefix: &str, body: &str, into: &mut Vec<String>) {
    let mut depth = 0;
    let mut begin = 0;
    for (at, c) in body.char_indices().chain([(body.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = body[begin..at].trim();
                begin = at + 1;
                match part.split_once('{') {
                    Some((head, rest)) => {
                        let inner = rest.trim_end().strip_suffix('}').unwrap_or(rest);
                        taken_apart(&format!("{prefix}{}", head.trim()), inner, into);
                    }
                    None if part.is_empty() => {}
                    None => into.push(format!("{prefix}{}", part.split(" as ").next().unwrap_or(part))),
                }
            }
            _ => {}
        }
    }
}

/// Every path that code imports or spells out from the crate or from a module above.
fn paths_in(code: &str) -> Vec<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("use ") {
        if code[..at].ends_with([' ', '\n']) || at == 0 {
            let body = code[at + 4..].split(';').next().unwrap_or_default();
            taken_apart("", body, &mut paths);
        }
    }
    for head in ["crate::", "super::"] {
        for (at, _) in code.match_indices(head) {
            if !code[..at].ends_with(is_word) {
                paths.push(code[at..].chars().take_while(|c| is_word(*c)).collect());
            }
        }
    }
    paths
}

/// Which file of `src` imports which, by their modules. A file and the folder of its name are one room.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let files: BTreeMap<String, String> =
        files().into_iter().map(|(name, _, code)| (name.trim_end_matches(".rs").replace('/', "::"), code)).collect();
    let file_of = |segments: &[&str]| {
        (1..=segments.len()).rev().map(|n| segments[..n].join("::")).find(|path| files.contains_key(path))
    };
    let mut imports = BTreeMap::new();
    for (own, code) in &files {
        let mut used = BTreeSet::new();
        for path in paths_in(code) {
            let segments: Vec<&str> = path.split("::").filter(|segment| !segment.is_empty()).collect();
            let ups = segments.iter().take_while(|segment| matches!(**segment, "super" | "self")).count();
            let above = segments[..ups].iter().filter(|segment| **segment == "super").count();
            let base: Vec<&str> = own.split("::").collect();
            let absolute = match segments.first() {
                Some(&"crate") => segments[1..].to_vec(),
                // What is in a function or a module of the file goes up from there: as far as is known.
                Some(&("super" | "self")) => {
                    base[..base.len().saturating_sub(above)].iter().chain(&segments[ups..]).copied().collect()
                }
                _ => base.iter().chain(&segments).copied().collect(),
            };
            let room = |a: &str, b: &str| a == b || a.starts_with(&format!("{b}::"));
            used.extend(file_of(&absolute).filter(|file| !room(file, own) && !room(own, file)));
        }
        imports.insert(own.clone(), used);
    }
    imports
}

#[test]
fn the_wings_of_the_window_import_only_from_those_below() {
    let wings = wings();
    let wing = |module: &str| wings.iter().position(|wing| Some(wing.as_str()) == module.split("::").nth(1));
    let mut offences = Vec::new();
    for (own, used) in imports().iter().filter(|(own, _)| own.starts_with("ui::")) {
        for file in used.iter().filter(|file| file.starts_with("ui::") && wing(file) > wing(own)) {
            offences.push(format!("{own} reaches up to {file}"));
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

/// Floors in which more than three files still import each other.
const HALLS: [&str; 1] = ["scenario"];

#[test]
fn no_more_than_three_files_import_each_other() {
    let imports = imports();
    let reached = |from: &str| {
        let mut found = BTreeSet::new();
        let mut ahead = vec![from.to_owned()];
        while let Some(file) = ahead.pop() {
            for next in &imports[&file] {
                if found.insert(next.clone()) {
                    ahead.push(next.clone());
                }
            }
        }
        found
    };
    let reach: BTreeMap<&str, BTreeSet<String>> = imports.keys().map(|file| (file.as_str(), reached(file))).collect();
    let circles: BTreeSet<Vec<&str>> = reach
        .iter()
        .map(|(file, found)| {
            let back = found.iter().filter(|other| reach[other.as_str()].contains(*file));
            back.map(String::as_str).collect::<Vec<&str>>()
        })
        .filter(|circle| circle.len() > 3)
        .collect();
    let known =
        |circle: &&Vec<&str>| HALLS.iter().any(|hall| circle.iter().all(|file| file.split("::").next() == Some(*hall)));
    let offences: Vec<&Vec<&str>> = circles.iter().filter(|circle| !known(circle)).collect();
    assert!(offences.is_empty(), "files that import each other: {offences:#?}");
}

#[test]
fn imports_are_seen_in_braces_and_spelled_out() {
    let code =
        "use crate::{model::{Coord, Layer as L}, units};\nuse super::a::B;\nlet x = crate::io::open(super::c());";
    let mut paths = paths_in(code);
    paths.sort();
    let wanted = [
        "crate::",
        "crate::io::open",
        "crate::model::Coord",
        "crate::model::Layer",
        "crate::units",
        "super::a::B",
        "super::a::B",
        "super::c",
    ];
    assert_eq!(paths, wanted);
}

#[test]
fn what_one_module_owns_no_other_names() {
    let only = |words: &[&str], allowed: &dyn Fn(&str) -> bool| -> Vec<String> {
        let mut offences = Vec::new();
        for (name, _, code) in files() {
            if allowed(&name) {
                continue;
            }
            for (i, line) in code.lines().enumerate() {
                for word in words {
                    if line.contains(word) {
                        offences.push(format!("{name} (code line {}): {word}", i + 1));
                    }
                }
            }
        }
        offences
    };
    let mut offences =
        only(&["egui::", "eframe::", "wgpu::", "rfd::"], &|name| name == "ui.rs" || name.starts_with("ui/"));
    offences.extend(only(&["proj::Proj", "proj_sys::"], &|name| name == "crs.rs" || name.starts_with("crs/")));
    offences.extend(only(&["2000.0 / 3.0", "666.66"], &|name| name == "units.rs"));
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn below_io_nothing_opens_files_or_reads_clocks() {
    let floors = floors();
    let io = floors.iter().position(|f| f == "io").expect("io is a floor");
    let mut offences = Vec::new();
    for (name, floor, code) in files() {
        let below = floors.iter().position(|f| *f == floor).is_some_and(|own| own < io);
        // `crs` hands PROJ its database, which is the one file that it cannot take as a value.
        if !below || floor == "crs" {
            continue;
        }
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for word in ["std::fs", "File::open", "Instant::now", "SystemTime", "std::env", "env::var"] {
            if code.contains(word) {
                offences.push(format!("{name}: {word}"));
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

/// The texts in double quotes of a line of code that are written as keys of the catalogue are: `floor.some-words`.
fn keys_in(line: &str) -> impl Iterator<Item = &str> {
    let is_key = |text: &&str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
        let (floor, rest) = text.split_once('.').unwrap_or_default();
        let begins = rest.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        // What ends in a hyphen is the beginning of several.
        begins && !floor.contains('-') && text.chars().all(plain) && !text.ends_with('-')
    };
    line.split('"').skip(1).step_by(2).filter(is_key)
}

#[test]
fn keys_in_the_code_stand_in_the_catalogue_and_each_of_its_rows_is_named() {
    let known: std::collections::BTreeSet<&str> = tuban::text::rows().into_iter().map(|(key, _, _)| key).collect();
    let families: std::collections::BTreeSet<&str> = known.iter().filter_map(|key| key.split('.').next()).collect();
    let files = files();
    let mut named = std::collections::BTreeSet::new();
    let mut missing = Vec::new();
    for (name, _, code) in &files {
        for key in code.lines().flat_map(keys_in) {
            let family = key.split('.').next().unwrap_or_default();
            if known.contains(key) {
                named.insert(key);
            } else if families.contains(family) {
                missing.push(format!("{name}: {key}"));
            }
        }
    }
    assert!(missing.is_empty(), "keys without a row in assets/text:\n{}", missing.join("\n"));
    // Help is found by the names of verbs and arguments.
    let dead: Vec<&&str> = known.difference(&named).filter(|key| !key.starts_with("cli.help.")).collect();
    assert!(dead.is_empty(), "rows of assets/text that no code names: {dead:?}");
}

#[test]
fn the_map_of_the_house_names_what_is_there() {
    let map = fs::read_to_string(source().join("ARCHITECTURE.md")).expect("the map lies among the sources");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let quoted: Vec<&str> = map.split('`').skip(1).step_by(2).collect();
    let is_path = |text: &&&str| text.contains('/') || [".rs", ".csv"].iter().any(|ending| text.ends_with(ending));
    let gone: Vec<&&str> = quoted
        .iter()
        .filter(is_path)
        .filter(|path| !path.contains(' ') && !source().join(path).exists() && !root.join(path).exists())
        .collect();
    assert!(gone.is_empty(), "the map names files that are not there: {gone:?}");
    let mut floors = floors();
    floors.push("ui".to_owned());
    let unnamed: Vec<&String> = floors.iter().filter(|floor| !quoted.contains(&floor.as_str())).collect();
    assert!(unnamed.is_empty(), "the map leaves out floors: {unnamed:?}");
}
