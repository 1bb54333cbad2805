//! Whole runs: from start to answer, with peak memory, for layers of three sizes.

use std::process::ExitCode;

use rayon::prelude::*;
use tuban::io::{self, OpenOptions};
use tuban::measure::Frame;
use tuban::model::AreaMethod;
use tuban::task::Progress;

use crate::layers::{SIZES, Size};
use crate::runs::{growth, in_turn, of_peer, ours, shown, this};

/// Reads a file and sums the exact areas of its rings, without what the survey prints and without a search for invalid
/// polygons: what the table runs beside the whole program.
pub(crate) fn exact_areas(path: &str) -> ExitCode {
    let opened = io::open(path.as_ref(), &OpenOptions::default(), &Progress::new()).expect("opens");
    let layer = &opened.layers[0];
    let frame = Frame::for_layer(layer, AreaMethod::Survey).expect("has a zone");
    let sum = |block: &tuban::model::FeatureBlock| {
        let projector = frame.projector(&layer.crs).expect("the way is known");
        let mut coords = Vec::new();
        let mut sum = 0.0;
        for row in 0..block.geometry.feature_count() {
            for (_, ring) in block.geometry.polygon(row).rings() {
                coords.clear();
                coords.extend_from_slice(ring);
                projector.project(&mut coords).expect("lies in the zone");
                sum += frame.ring_area(&coords);
            }
        }
        sum
    };
    let sums: Vec<f64> = layer.blocks.par_iter().map(sum).collect();
    println!("{:.2} m²", sums.iter().sum::<f64>());
    ExitCode::SUCCESS
}

/// Prints the table for the sizes named, or for all of them.
pub(crate) fn run(words: &[&str]) -> ExitCode {
    let mut sizes = Vec::new();
    let (mut peer, mut gz) = (None, false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match (*word, Size::find(word)) {
            (_, Some(size)) => sizes.push(size),
            ("--gz", _) => gz = true,
            ("--peer", _) => peer = words.next().copied(),
            _ => {
                eprintln!("{word:?}: expected S, M, L, --gz or --peer COMMAND");
                return ExitCode::from(2);
            }
        }
    }
    if sizes.is_empty() {
        sizes.extend(SIZES.into_iter().filter(|size| size.letter != "T"));
    }
    let empty = in_turn(&[ours(&["--version"])]).remove(0);
    println!("\nan empty process: {}", shown(&empty));
    let mut grown: Vec<(f64, f64)> = Vec::new();
    for size in sizes {
        let file = size.file();
        let path = file.to_str().expect("the target folder has a name in Unicode");
        let bytes = std::fs::metadata(&file).map(|m| m.len() as f64).expect("the file is there");
        println!("\n{}: {} parcels, {:.1} MB", size.letter, size.count, bytes / 1e6);
        let mut commands =
            vec![ours(&["info", path]), ours(&["areas", path, "--by", "DLBM"]), this(&["exact-areas", path])];
        let mut names: Vec<String> =
            ["tuban info", "tuban areas --by DLBM", "read, exact areas alone"].map(str::to_owned).to_vec();
        if gz {
            let packed = size.gzip_file();
            commands.push(ours(&["info", packed.to_str().expect("the target folder has a name in Unicode")]));
            names.push("tuban info, gzip".to_owned());
        }
        if let Some(peer) = peer {
            commands.push(of_peer(peer, &[&file]));
            names.push(peer.to_owned());
        }
        let figures = in_turn(&commands);
        let reference = peer.and(figures.last()).map(|f| f.seconds);
        for (name, f) in names.iter().zip(&figures) {
            let ratio = reference.map_or(String::new(), |other| format!("  {:.2} of the peer", f.seconds / other));
            println!("  {name:<28} {}  {:>7.0} MB/s{ratio}", shown(f), bytes / 1e6 / f.seconds);
        }
        grown.push((bytes, figures[1].seconds));
    }
    growth("areas", empty.seconds, &grown);
    ExitCode::SUCCESS
}
