//! The benchmarks: `cargo bench --features synth` times the parts and then whole runs over three sizes of layer; what
//! follows `--` picks (the feature is left out below).
//!
//! | command | what it does |
//! |---|---|
//! | `cargo bench -- parts [NAME]` | throughput of the scanner, the area functions, reprojection, index and mesh |
//! | `cargo bench -- table [S] [M] [L] [--gz] [--peer COMMAND]` | `info` and `areas` from start to answer, with peak memory |
//! | `cargo bench -- overlay [S] [T] [M] [L] [--touched] [--phases] [--peer COMMAND]` | `compare` of two states, from files to matrix |
//! | `cargo bench -- formats [S] [M] [L] [--python PROGRAM]` | shapefile, GeoPackage and FlatGeobuf read and written, geodatabase read, beside GDAL by pyogrio |
//! | `cargo bench -- again [S] [M] [L] [--peer COMMAND]` | a saved project opened from its cache, with areas, beside its source |
//! | `cargo bench -- edits [COUNT]` | edits of a layer of a million: recode, undo, live figures |
//! | `cargo bench -- rounds [S\|M\|L]` | opens and closes a layer twenty times: does memory come back? |
//! | `cargo bench -- picture [S\|M\|L]` | the painter alone at five scales, and whether classes keep their shares |
//! | `cargo bench -- rows [S\|M\|L]` | the attribute table: opening, sorting, filtering, selecting, fields by expressions |
//! | `cargo bench -- workbook [--python PROGRAM]` | 100,000 rows of 20 columns to XLSX, beside openpyxl and the library alone |
//! | `cargo bench -- labels [S\|M\|L]` | labels chosen, 100,000 candidates placed, a frame with 10,000 written |
//! | `cargo bench -- cancel [S\|M\|L]` | how long work goes on after it was cancelled |
//! | `cargo bench -- count [--update]` | instructions of the hot parts under valgrind against `instructions.txt` |
//!
//! Layers are generated (seeded, the same on every machine) and kept under the target folder. Times are medians; on a
//! busy machine only ratios within one run mean anything: `--peer 'other-program {}'` runs another command on each file
//! in turn with ours. Memory is read from Linux's /proc and left out elsewhere.

mod again;
mod cancel;
mod count;
mod edits;
mod formats;
mod labels;
mod layers;
mod overlay;
mod parts;
mod picture;
mod rounds;
#[cfg(feature = "gui")]
mod rows;
mod runs;
mod table;
mod timing;
mod workbook;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo adds `--bench` to whatever follows `--`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.split_first() {
        None => {
            parts::run(None);
            table::run(&[])
        }
        Some((&"parts", rest)) => {
            parts::run(rest.first().copied());
            ExitCode::SUCCESS
        }
        Some((&"table", rest)) => table::run(rest),
        Some((&"overlay", rest)) => overlay::run(rest),
        Some((&"exact-areas", [path])) => table::exact_areas(path),
        Some((&"formats", rest)) => formats::run(rest),
        Some((&"again", rest)) => again::run(rest),
        Some((&"reopen", [path])) => again::reopen(path),
        Some((&"read", [path])) => formats::read(path),
        Some((&"workbook", rest)) => workbook::run(rest),
        Some((&"workbook-library", [path])) => workbook::by_the_library(path),
        Some((&"labels", rest)) => labels::run(rest.first().copied().unwrap_or("M")),
        Some((&"picture", rest)) => picture::run(rest.first().copied().unwrap_or("L")),
        #[cfg(feature = "gui")]
        Some((&"rows", rest)) => rows::run(rest.first().copied().unwrap_or("L")),
        Some((&"cancel", rest)) => cancel::run(rest.first().copied().unwrap_or("L")),
        Some((&"rounds", rest)) => rounds::run(rest.first().copied().unwrap_or("M")),
        Some((&"edits", rest)) => edits::run(rest.first().copied()),
        Some((&"count", rest)) => count::run(rest.contains(&"--update")),
        Some((&"part", [name, times])) => count::repeat(name, times),
        Some((other, _)) => {
            eprintln!(
                "{other:?}: expected parts, table, overlay, formats, again, edits, rounds, picture, labels, rows, workbook, cancel or count"
            );
            ExitCode::from(2)
        }
    }
}
