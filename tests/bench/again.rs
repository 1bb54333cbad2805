//! Opening a saved project again: from its cache, with areas, beside reading its source and beside another program's reading.
//!
//! Whole processes in turn. What is aimed at is a quarter of the time of the floor, another program that does nothing but
//! read the same file (`--peer 'COMMAND {}'`), what starting an empty process takes left out of both.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tuban::io::cache::{Cache, Trust};
use tuban::io::{self, OpenOptions};
use tuban::overlay::audited;
use tuban::scenario::{Workspace, project};
use tuban::task::Progress;

use crate::layers::Size;
use crate::runs::{in_turn, of_peer, ours, shown, this};

/// Opens a project as the window does, and takes the areas of its layers: what the table runs.
pub(crate) fn reopen(path: &str) -> ExitCode {
    let (path, progress) = (Path::new(path), Progress::new());
    let cache = Cache::beside(path);
    let loaded =
        project::load_with(path, &mut |source, options| cache.open(source, options, Trust::Sampled, &progress));
    let workspace = loaded.expect("the project opens").workspace;
    for entry in &workspace.entries {
        let areas = cache.areas(&entry.layer, entry.method, &progress).expect("the cache has the areas");
        println!("{} features, {:.2} m²", entry.layer.feature_count(), areas.printed_total().m2());
    }
    assert!(!cache.is_checked(), "it came from the cache");
    ExitCode::SUCCESS
}

/// Fills the cache of a project. A cache is of one program: that of `tuban` would be none for this one.
fn fill(path: &Path) {
    let (cache, progress) = (Cache::beside(path), Progress::new());
    for (source, options) in project::sources(path).expect("the project can be read") {
        cache.fill(&source, &options, &[], &progress);
    }
    let loaded = project::load_by(path, &cache, &progress).expect("the project opens");
    for entry in &loaded.workspace.entries {
        let areas = audited(&entry.layer, entry.method, &progress).expect("can be measured");
        cache.keep_areas(&entry.layer, &areas.into());
    }
}

/// A project of that layer alone, its cache filled.
fn project_of(file: &Path) -> PathBuf {
    let path = file.with_extension("toml");
    let opened = io::open(file, &OpenOptions::default(), &Progress::new()).expect("opens");
    let mut workspace = Workspace::new();
    for layer in opened.layers {
        workspace.add(layer.into());
    }
    project::save(&workspace, &path).expect("the project is saved");
    fill(&path);
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the target folder has a name in Unicode")
}

/// Prints the table for the sizes named, or for L: `[S] [M] [L] [--peer COMMAND]`.
pub(crate) fn run(words: &[&str]) -> ExitCode {
    let (mut sizes, mut peer) = (Vec::new(), None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match (*word, Size::find(word)) {
            (_, Some(size)) => sizes.push(size),
            ("--peer", _) => peer = words.next().copied(),
            _ => {
                eprintln!("{word:?}: expected S, M, L or --peer COMMAND");
                return ExitCode::from(2);
            }
        }
    }
    if sizes.is_empty() {
        sizes.extend(Size::find("L"));
    }
    let empty = in_turn(&[ours(&["--version"])]).remove(0);
    println!("\nan empty process: {}", shown(&empty));
    for size in sizes {
        let file = size.file();
        let project = project_of(&file);
        println!("\n{}: {} parcels in a saved project", size.letter, size.count);
        let mut commands = vec![
            this(&["reopen", text(&project)]),
            ours(&["areas", text(&project), "--by", "DLBM"]),
            ours(&["areas", text(&file), "--by", "DLBM"]),
        ];
        let mut names = vec!["opened again, areas", "tuban areas PROJECT", "tuban areas FILE"];
        if let Some(peer) = peer {
            commands.push(of_peer(peer, &[&file]));
            names.push(peer);
        }
        let figures = in_turn(&commands);
        let net = |seconds: f64| (seconds - empty.seconds).max(1e-4);
        let floor = peer.and(figures.last()).map(|figure| figure.seconds);
        for (name, figure) in names.iter().zip(&figures) {
            let ratio =
                floor.map_or(String::new(), |floor| format!("  {:.2} of the floor", net(figure.seconds) / floor));
            println!("  {name:<28} {}{ratio}", shown(figure));
        }
        println!("  {:<28} goal 0.25 of the floor", "");
        // The project of a benchmark is nobody's.
        io::cache::clear(&project).expect("the cache is removed");
    }
    ExitCode::SUCCESS
}
