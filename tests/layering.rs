//! The floors of the house: a module imports only from modules declared above it in `src/lib.rs`, and some names are
//! allowed in one place only.

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

#[test]
fn modules_import_only_from_floors_below() {
    let floors = floors();
    let mut offences = Vec::new();
    for (name, floor, code) in files() {
        let Some(own) = floors.iter().position(|f| *f == floor) else { continue };
        for (i, line) in code.lines().enumerate() {
            for (at, _) in line.match_indices("crate::") {
                let target: String =
                    line[at + 7..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if floors.iter().position(|f| *f == target).is_some_and(|used| used > own) {
                    offences.push(format!("{name}: {floor} reaches up to {target} (code line {})", i + 1));
                }
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
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

#[test]
fn every_key_in_the_code_stands_in_the_catalogue() {
    let known: std::collections::HashSet<&str> = tuban::text::rows().into_iter().map(|(key, _, _)| key).collect();
    let floors = floors();
    let mut missing = Vec::new();
    for (name, _, code) in files() {
        for call in ["Message::new(\"", "tr(lang, \"", "tr(language, \"", ".tr(\""] {
            for (at, _) in code.match_indices(call) {
                let key: String = code[at + call.len()..].chars().take_while(|c| *c != '"').collect();
                let of_floor = key
                    .split('.')
                    .next()
                    .is_some_and(|f| floors.iter().any(|x| x == f) || f == "canvas" || f == "panels");
                if of_floor && !known.contains(key.as_str()) {
                    missing.push(format!("{name}: {key}"));
                }
            }
        }
    }
    missing.sort();
    missing.dedup();
    assert!(missing.is_empty(), "keys without a row in assets/text:\n{}", missing.join("\n"));
}
