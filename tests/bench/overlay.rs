//! Two states of the same land compared, from files to the matrix: whole runs, and where their time goes.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use tuban::io::{self, OpenOptions};
use tuban::measure::Frame;
use tuban::model::{AreaMethod, Layer, keys};
use tuban::overlay;
use tuban::scenario::transition::{Classes, CompareOptions, Comparison, Grouping, Level, Matrix};
use tuban::synth::parcels::State;
use tuban::task::Progress;

use crate::layers::{SIZES, Size};
use crate::runs::{growth, in_turn, of_peer, ours, shown};

/// Prints the figures of the sizes named, or of S, T and M.
pub(crate) fn run(words: &[&str]) -> ExitCode {
    let mut sizes = Vec::new();
    let (mut peer, mut by_phase, mut state) = (None, false, State::Scenario);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match (*word, Size::find(word)) {
            (_, Some(size)) => sizes.push(size),
            ("--phases", _) => by_phase = true,
            ("--touched", _) => state = State::Touched,
            ("--peer", _) => peer = words.next().copied(),
            _ => {
                eprintln!("{word:?}: expected S, T, M, L, --touched, --phases or --peer COMMAND");
                return ExitCode::from(2);
            }
        }
    }
    if sizes.is_empty() {
        sizes.extend(SIZES.into_iter().filter(|size| size.letter != "L"));
    }
    let empty = in_turn(&[ours(&["--version"])]).remove(0);
    println!("an empty process: {}", shown(&empty));
    let mut grown = Vec::new();
    for size in sizes {
        let files = [size.file(), size.file_of(state)];
        let [base, scenario] = [0, 1].map(|i| files[i].to_str().expect("the target folder has a name in Unicode"));
        println!("\n{}: {} parcels against another state of them", size.letter, size.count);
        let mut commands =
            vec![ours(&["compare", base, scenario, "--by", "DLBM", "--json"]), ours(&["info", base, scenario])];
        let mut names = vec!["tuban compare", "tuban info of both"];
        if let Some(peer) = peer {
            commands.push(of_peer(peer, &[&files[0], &files[1]]));
            names.push(peer);
        }
        let figures = in_turn(&commands);
        for (name, f) in names.iter().zip(&figures) {
            println!("  {name:<28} {}", shown(f));
        }
        println!("  compare is {:.2} of info of both", figures[0].seconds / figures[1].seconds);
        if let (Some(_), Some(other)) = (peer, figures.last()) {
            println!("  the peer takes {:.1} times as long", other.seconds / figures[0].seconds);
        }
        if by_phase {
            phases(&files[0], &files[1]);
        }
        grown.push((size.count as f64 * size.vertices, figures[0].seconds));
    }
    growth("compare", empty.seconds, &grown);
    ExitCode::SUCCESS
}

/// Times the parts of one comparison, one after the other on all cores.
fn phases(base: &Path, scenario: &Path) {
    let progress = Progress::new();
    let open = |path: &Path| io::open(path, &OpenOptions::default(), &progress).expect("opens").layers.remove(0);
    let layers: [Layer; 2] = timed("read one after the other", || [open(base), open(scenario)]);
    let [a, b] = &layers;
    let frame = Frame::for_layers(&[a, b], AreaMethod::Survey).expect("one zone");
    timed("areas, printed and exact, repair", || {
        [a, b].map(|layer| overlay::measured_in(layer, &frame, &progress).expect("measured"))
    });
    let laid = timed("overlay alone", || overlay::pairs(a, b, None, AreaMethod::Survey, &progress)).expect("laid");
    println!("  {} pairs", laid.pairs.len());
    drop(laid);
    let options = CompareOptions::default();
    let compared = timed("areas and overlay", || Comparison::new(a, b, &options, &progress)).expect("compared");
    let keys = [a, b].map(|layer| keys::parse_keys(layer, "DLBM").expect("a field"));
    let grouping = |side: usize| Grouping { layer: &layers[side], keys: &keys[side] };
    let classes =
        timed("classes", || Classes::new(grouping(0), grouping(1), Level::AsGiven, None)).expect("one scheme");
    timed("matrix", || Matrix::new(&compared, &classes));
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let value = work();
    println!("  {what:<34} {:>8.3} s", started.elapsed().as_secs_f64());
    value
}
