//! Files of other formats: how long reading and writing them takes, beside GDAL through pyogrio.
//!
//! Both run as whole processes, in turn. What starting Python and loading pyogrio takes is measured beside them and left
//! out of the ratio, as our own start is. Both read every column and every coordinate into memory. pyogrio has two ways:
//! its usual one, a feature at a time, and Arrow's columns, which few programs ask for. It writes by Arrow here, the
//! quicker way. What is aimed at, as so many times the peer's usual way, stands beside what was done.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use tuban::io::{self, OpenOptions};
use tuban::task::Progress;

use crate::layers::Size;
use crate::runs::{in_turn, ours, shown, this};

const LOADED: &str = "import pyogrio.raw, pyarrow";
const READ: &str = "import sys, pyogrio.raw; pyogrio.raw.read(sys.argv[1])";
const READ_ARROW: &str = "import sys, pyogrio.raw; pyogrio.raw.read_arrow(sys.argv[1])";
const WRITE: &str = "\
import sys, os, pyogrio, pyogrio.raw
source, target = sys.argv[1:3]
if os.path.exists(target): os.remove(target)
meta, table = pyogrio.raw.read_arrow(source)
pyogrio.raw.write_arrow(table, target, crs=meta['crs'], geometry_type=meta['geometry_type'] or 'Unknown',
    geometry_name=meta['geometry_name'] or 'wkb_geometry')";

/// Reads a file and nothing else: what the table runs beside the peer.
pub(crate) fn read(path: &str) -> ExitCode {
    let opened = io::open(path.as_ref(), &OpenOptions::default(), &Progress::new()).expect("opens");
    println!("{} features", opened.row_count);
    ExitCode::SUCCESS
}

/// The layer in another format, written where it is not there yet.
fn file(size: Size, ending: &str) -> PathBuf {
    let source = size.file();
    let target = source.with_extension(ending);
    if !target.exists() {
        eprintln!("writing {}", target.display());
        let words = ours(&["convert", text(&source), text(&target), "--overwrite"]);
        let status = Command::new(&words[0]).args(&words[1..]).status().expect("the program starts");
        assert!(status.success(), "{} is written", target.display());
    }
    target
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the target folder has a name in Unicode")
}

/// Prints the table for the sizes named, or for L: `[S] [M] [L] [--python PROGRAM]`.
pub(crate) fn run(words: &[&str]) -> ExitCode {
    let (mut sizes, mut python) = (Vec::new(), None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match (*word, Size::find(word)) {
            (_, Some(size)) => sizes.push(size),
            ("--python", _) => python = words.next().copied(),
            _ => {
                eprintln!("{word:?}: expected S, M, L or --python PROGRAM");
                return ExitCode::from(2);
            }
        }
    }
    if sizes.is_empty() {
        sizes.extend(Size::find("L"));
    }
    let peer = |script: &str, arguments: &[&str]| -> Option<Vec<String>> {
        let words = [python?, "-c", script].into_iter().chain(arguments.iter().copied());
        Some(words.map(str::to_owned).collect())
    };
    let mut starts = vec![ours(&["--version"])];
    starts.extend(peer(LOADED, &[]));
    let starts = in_turn(&starts);
    println!("start alone: tuban {}", shown(&starts[0]));
    if let Some(start) = starts.get(1) {
        println!("start alone: pyogrio {}", shown(start));
    }
    for size in sizes {
        let source = size.file();
        println!("\n{}: {} parcels, GeoJSON and formats that others read too", size.letter, size.count);
        // What is done, what is aimed at, and the commands for it: ours, then the peer's.
        let mut rows: Vec<(String, f64, Vec<Vec<String>>)> = Vec::new();
        for (ending, goal) in [("shp", 8.0), ("gpkg", 5.0), ("gdb", 5.0), ("fgb", 5.0)] {
            let path = file(size, ending);
            let mut commands = vec![this(&["read", text(&path)])];
            commands.extend(peer(READ, &[text(&path)]));
            commands.extend(peer(READ_ARROW, &[text(&path)]));
            rows.push((format!("read .{ending}"), goal, commands));
        }
        for ending in ["gpkg", "shp", "fgb"] {
            let [target, other] = ["out", "peer"].map(|name| {
                let folder = source.with_file_name(name);
                std::fs::create_dir_all(&folder).expect("the target folder can be written to");
                folder.join(format!("{}.{ending}", size.letter))
            });
            let mut commands = vec![ours(&["convert", text(&source), text(&target), "--overwrite"])];
            commands.extend(peer(WRITE, &[text(&source), text(&other)]));
            rows.push((format!("GeoJSON to .{ending}"), 5.0, commands));
        }
        for (name, goal, commands) in rows {
            let figures = in_turn(&commands);
            println!("  {name:<20} tuban          {}  goal {goal:.0} times", shown(&figures[0]));
            let (own, blank) = ((figures[0].seconds - starts[0].seconds).max(1e-4), "");
            for (figure, way) in figures[1..].iter().zip(["pyogrio", "pyogrio, Arrow"]) {
                let times = (figure.seconds - starts[1].seconds).max(1e-4) / own;
                println!("  {blank:<20} {way:<14} {}  {times:.1} times", shown(figure));
            }
        }
    }
    ExitCode::SUCCESS
}
