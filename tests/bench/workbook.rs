//! A workbook of 100,000 rows and 20 columns: how long writing it takes, beside openpyxl in its quickest way (rows as a
//! stream) and beside the library that ours is written with, fed with ready numbers and texts.
//!
//! Whole processes in turn; ours and openpyxl's read the same CSV first. What starting an empty process takes is left out.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rust_xlsxwriter::Workbook;

use crate::runs::{in_turn, ours, shown, this};

const ROWS: u32 = 100_000;
/// Columns of each kind: codes with leading zeros and names, then figures.
const TEXTS: u16 = 8;
const FIGURES: u16 = 12;

const LOADED: &str = "import csv, openpyxl";
const WRITE: &str = "\
import csv, sys, openpyxl
book = openpyxl.Workbook(write_only=True)
sheet = book.create_sheet('Sheet')
with open(sys.argv[1], encoding='utf-8', newline='') as source:
    rows = csv.reader(source)
    sheet.append(next(rows))
    for row in rows: sheet.append(row[:8] + [float(cell) for cell in row[8:]])
book.save(sys.argv[2])";

fn text(row: u32, column: u16) -> String {
    match column {
        0 => format!("37019921100{row:08}"),
        1 => format!("0{}", 101 + row % 9),
        _ => format!("水浇地{}", (row + u32::from(column)) % 997),
    }
}

fn figure(row: u32, column: u16) -> f64 {
    f64::from((row * 7919 + u32::from(column) * 104_729) % 1_000_003) / 100.0
}

/// The table as CSV, written where it is not there yet.
fn source() -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("workbook.csv");
    if !path.exists() {
        let mut out = String::new();
        let headings: Vec<String> = (0..TEXTS + FIGURES).map(|column| format!("F{column}")).collect();
        writeln!(out, "{}", headings.join(",")).expect("a text grows");
        for row in 0..ROWS {
            let texts = (0..TEXTS).map(|column| text(row, column));
            let cells: Vec<String> = texts.chain((0..FIGURES).map(|column| figure(row, column).to_string())).collect();
            writeln!(out, "{}", cells.join(",")).expect("a text grows");
        }
        std::fs::write(&path, out).expect("the target folder can be written to");
    }
    path
}

/// Writes the table by the library alone: what the table runs beside the whole program.
pub(crate) fn by_the_library(path: &str) -> ExitCode {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().expect("the system gives a file");
    for row in 0..ROWS {
        for column in 0..TEXTS {
            sheet.write_string(row + 1, column, text(row, column)).expect("a cell is written");
        }
        for column in 0..FIGURES {
            sheet.write_number(row + 1, TEXTS + column, figure(row, column)).expect("a cell is written");
        }
    }
    book.save(path).expect("the target folder can be written to");
    ExitCode::SUCCESS
}

/// Prints the table: `[--python PROGRAM]`.
pub(crate) fn run(words: &[&str]) -> ExitCode {
    let python = match words {
        [] => None,
        ["--python", program] => Some(*program),
        _ => {
            eprintln!("expected --python PROGRAM");
            return ExitCode::from(2);
        }
    };
    let source = source();
    let [target, alone, other] = ["workbook.xlsx", "workbook-library.xlsx", "workbook-peer.xlsx"]
        .map(|name| source.with_file_name(name).display().to_string());
    let source = source.display().to_string();
    let script = |script: &str, arguments: &[&str]| -> Option<Vec<String>> {
        let words = [python?, "-c", script].into_iter().chain(arguments.iter().copied());
        Some(words.map(str::to_owned).collect())
    };
    let mut commands = vec![
        ours(&["--version"]),
        ours(&["convert", &source, &target, "--overwrite"]),
        this(&["workbook-library", &alone]),
    ];
    commands.extend(script(LOADED, &[]));
    commands.extend(script(WRITE, &[&source, &other]));
    let figures = in_turn(&commands);
    println!("{ROWS} rows of {} columns, CSV to XLSX", TEXTS + FIGURES);
    let own = (figures[1].seconds - figures[0].seconds).max(1e-4);
    println!("  tuban          {}", shown(&figures[1]));
    let times = own / (figures[2].seconds - figures[0].seconds).max(1e-4);
    println!("  library alone  {}  ours takes {times:.2} of it, goal 2", shown(&figures[2]));
    if let [_, _, _, loaded, peer] = &figures[..] {
        let times = (peer.seconds - loaded.seconds).max(1e-4) / own;
        println!("  openpyxl       {}  {times:.1} times, goal 5", shown(peer));
    }
    ExitCode::SUCCESS
}
