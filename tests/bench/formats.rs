//! Files of other formats: how long reading and writing them takes, beside GDAL through pyogrio.
//!
//! Both run as whole processes, in turn. What starting Python and loading pyogrio takes is measured beside them and left
//! out of the ratio, as our own start is. Both read every column and every coordinate into memory; GDAL's columns are
//! Arrow's, which is the fastest way that pyogrio has.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use tuban::io::{self, OpenOptions};
use tuban::task::Progress;

use crate::layers::Size;
use crate::runs::{in_turn, ours, shown, this};

const LOADED: &str = "import pyogrio.raw, pyarrow";
const READ: &str = "import sys, pyogrio.raw; pyogrio.raw.read_arrow(sys.argv[1])";
const WRITE: &str = "\
import sys, os, pyogrio, pyogrio.raw
source, target = sys.argv[1:3]
if os.path.exists(target): os.remove(target)
meta, table = pyogrio.raw.read_arrow(source)
pyogrio.raw.write_arrow(table, target, crs=meta['crs'], geometry_type=meta['geometry_type'] or 'Unknown',
    geometry_name=meta['geometry_name'] or 'wkb_geometry', promote_to_multi=True)";

/// Reads a file and nothing else: what the table runs beside the peer.
pub fn read(path: &str) -> ExitCode {
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
pub fn run(words: &[&str]) -> ExitCode {
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
        println!("\n{}: {} parcels, GeoJSON, shapefile and GeoPackage", size.letter, size.count);
        let mut rows: Vec<(String, Vec<String>, Option<Vec<String>>)> = Vec::new();
        for ending in ["shp", "gpkg"] {
            let path = file(size, ending);
            rows.push((format!("read .{ending}"), this(&["read", text(&path)]), peer(READ, &[text(&path)])));
        }
        for ending in ["gpkg", "shp"] {
            let [target, other] = ["out", "peer"].map(|name| {
                let folder = source.with_file_name(name);
                std::fs::create_dir_all(&folder).expect("the target folder can be written to");
                folder.join(format!("{}.{ending}", size.letter))
            });
            let command = ours(&["convert", text(&source), text(&target), "--overwrite"]);
            rows.push((format!("GeoJSON → .{ending}"), command, peer(WRITE, &[text(&source), text(&other)])));
        }
        for (name, command, peer) in rows {
            let commands: Vec<Vec<String>> = std::iter::once(command).chain(peer).collect();
            let figures = in_turn(&commands);
            let net = |at: usize| Some((figures.get(at)?.seconds - starts.get(at)?.seconds).max(1e-4));
            let ratio = net(0).zip(net(1)).map_or(String::new(), |(own, peer)| format!("  {:.1} times", peer / own));
            let peer = figures.get(1).map_or(String::new(), |peer| format!("  pyogrio {}", shown(peer)));
            println!("  {name:<20} tuban {}{peer}{ratio}", shown(&figures[0]));
        }
    }
    ExitCode::SUCCESS
}
