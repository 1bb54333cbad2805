//! Edits of a large layer: what one costs, what ten thousand do, and how soon the figures are right.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tuban::io::{self, OpenOptions};
use tuban::model::classes::{Class, Scheme};
use tuban::model::{AreaMethod, LayerId};
use tuban::overlay;
use tuban::scenario::plan::against_base::live;
use tuban::scenario::transition::Level;
use tuban::scenario::{By, Entry, ScenarioId, Workspace, draft};
use tuban::synth::parcels::State;
use tuban::task::Progress;
use tuban::text::Language;

use crate::layers;

/// Edits that are undone and redone.
const STEPS: usize = 10_000;
/// Parcels of one of the larger recodes.
const PARCELS: usize = 100;

/// Numbers that look random, the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % count as u64) as u32
    }
}

/// Times the edits of a layer of `count` parcels (a million unless told otherwise).
pub(crate) fn run(count: Option<&str>) -> ExitCode {
    let Ok(count) = count.unwrap_or("1000000").parse::<usize>() else {
        eprintln!("expected a number of parcels");
        return ExitCode::from(2);
    };
    let progress = Progress::new();
    let mut workspace = Workspace::new();
    let id = add(&mut workspace, count, State::Base, &progress);
    let classes = classes(&workspace, id);
    let plan = workspace.fork(None, None, By::default()).expect("forked");
    singles(&mut workspace, id, count, &classes);
    println!("-- a scenario of edits; goal: both within 16 ms");
    hundreds(&mut workspace, id, plan, count, &classes);
    println!("-- a scenario that came from a file of its own; goal: both within 50 ms");
    let other = add(&mut workspace, count, State::Scenario, &progress);
    let made = workspace.scenario_of_layers(&[(id, other)], None, By::default()).expect("made");
    hundreds(&mut workspace, id, made, count, &classes);
    ExitCode::SUCCESS
}

/// Adds a layer of `count` parcels, measured.
fn add(workspace: &mut Workspace, count: usize, state: State, progress: &Progress) -> LayerId {
    let started = Instant::now();
    let text = layers::text_of(count, 12.0, state);
    let opened = io::open_bytes("L.geojson", text.into_bytes(), &OpenOptions::default(), progress).expect("opens");
    let layer = opened.layers.into_iter().next().expect("a layer");
    let areas = overlay::measured(&layer, AreaMethod::Survey, progress).expect("measured");
    let revision = layer.revision;
    let id = workspace.add(Arc::new(layer));
    workspace.set_areas(id, revision, Arc::new(areas));
    println!("{count} parcels made and measured in {:.1} s", started.elapsed().as_secs_f64());
    id
}

/// Some classes of the layer's scheme.
fn classes(workspace: &Workspace, id: LayerId) -> Vec<Class> {
    let scheme: Scheme = workspace.entry(id).and_then(Entry::scheme).expect("recognised");
    scheme.classes().filter(|class| class.level() == 2).collect()
}

fn recode(workspace: &mut Workspace, id: LayerId, rows: &[u32], class: Class) -> bool {
    let Ok(draft) = draft::recode(workspace, id, rows, class, Language::Chinese) else { return false };
    workspace.apply(draft, By::default()).expect("applies");
    true
}

fn singles(workspace: &mut Workspace, id: LayerId, count: usize, classes: &[Class]) {
    let mut dice = Dice(1);
    let before = workspace.scenarios.history.byte_count();
    let mut times = Vec::with_capacity(STEPS);
    while times.len() < STEPS {
        let (row, class) = (dice.below(count), classes[dice.below(classes.len()) as usize]);
        let started = Instant::now();
        if recode(workspace, id, &[row], class) {
            times.push(started.elapsed());
        }
    }
    let bytes = (workspace.scenarios.history.byte_count() - before) as f64 / STEPS as f64;
    report("recode one parcel (goal: 1 ms)", &mut times);
    println!("  {bytes:.0} bytes of history an edit (goal: 65536)");
    let position = workspace.scenarios.history.position();
    let (undone, redone) = (timed(|| workspace.travel_to(position - STEPS)), timed(|| workspace.travel_to(position)));
    let each = |time: Duration| time.as_secs_f64() / STEPS as f64 * 1e6;
    println!("{STEPS} edits undone {:.2} s ({:.0} µs each)", undone.as_secs_f64(), each(undone));
    println!("{STEPS} edits redone {:.2} s ({:.0} µs each)", redone.as_secs_f64(), each(redone));
    let shown = workspace.scenarios.shown();
    println!("base shown {:?}, scenario shown {:?}", timed(|| workspace.show(None)), timed(|| workspace.show(shown)));
}

fn hundreds(workspace: &mut Workspace, id: LayerId, plan: ScenarioId, count: usize, classes: &[Class]) {
    let started = Instant::now();
    let mut figures = live(workspace, plan, id, Level::AsGiven, &Progress::new()).expect("summed");
    println!("live figures summed in {:.2} s", started.elapsed().as_secs_f64());
    let mut dice = Dice(2);
    let (mut edits, mut sums, mut both) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..200 {
        let rows: Vec<u32> = (0..PARCELS).map(|_| dice.below(count)).collect();
        let class = classes[dice.below(classes.len()) as usize];
        let started = Instant::now();
        recode(workspace, id, &rows, class);
        let edited = started.elapsed();
        let layer = workspace.entry(id).expect("open").layer.clone();
        assert_eq!(figures.sync(&layer), Ok(true));
        let (_, matrix) = figures.matrix();
        let flow = figures.flow(|key| key.value.starts_with("01"));
        assert!(matrix.changed_m2 > 0.0 && flow.out_m2 > 0.0);
        let all = started.elapsed();
        edits.push(edited);
        sums.push(all - edited);
        both.push(all);
    }
    report("recode 100 parcels", &mut edits);
    report("matrix, balance and bar after it", &mut sums);
    report("both", &mut both);
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let started = Instant::now();
    std::hint::black_box(work());
    started.elapsed()
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{what}: median {:.3} ms, 99 of 100 below {:.3} ms, longest {:.3} ms", at(0.5), at(0.99), at(1.0));
}
