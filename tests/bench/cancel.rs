//! How long work goes on after it was cancelled.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tuban::io::{self, OpenOptions};
use tuban::measure::Frame;
use tuban::model::index::SpatialIndex;
use tuban::model::{AreaMethod, Layer};
use tuban::overlay;
use tuban::render::MapView;
use tuban::render::chunks::chunks;
use tuban::render::projected::{Projected, project};
use tuban::render::pyramid::Pyramid;
use tuban::render::raster::{PaintColors, paint};
use tuban::render::scene::SceneLayer;
use tuban::scenario::Workspace;
use tuban::synth::parcels::State;
use tuban::task::{Progress, leave_a_core};

use crate::layers::Size;

/// Shares of the work's time after which it is cancelled.
const SHARES: [f64; 6] = [0.02, 0.2, 0.4, 0.6, 0.8, 0.95];

/// Cancels everything that the window does in the background with a layer, at several points.
pub(crate) fn run(letter: &str) -> ExitCode {
    let size = match Size::asked(letter) {
        Ok(size) => size,
        Err(code) => return code,
    };
    leave_a_core();
    let open = |path: &Path, progress: &Progress| io::open(path, &OpenOptions::default(), progress);
    let (file, other) = (size.file(), size.file_of(State::Scenario));
    println!("time from cancelling to the end of the work, longest of {}; goal: 200 ms", SHARES.len());
    measure("open", |progress| drop(open(&file, progress)));
    let layer_of = |path: &Path| open(path, &Progress::new()).expect("opens").layers.remove(0);
    let layer = Arc::new(layer_of(&file));
    let mut workspace = Workspace::new();
    workspace.add(layer.clone());
    let crs = workspace.crs.clone().expect("a layer chooses it");
    measure("areas", |progress| drop(overlay::measured(&layer, AreaMethod::Survey, progress)));
    measure("unions and overlaps", |progress| drop(overlay::coverage(&layer, AreaMethod::Survey, progress)));
    measure("project", |progress| drop(project(&layer, &crs, progress)));
    let (scene, _) = SceneLayer::prepare(&layer, &workspace.entries[0].style, &crs, &Progress::new()).expect("drawn");
    let Projected { blocks, .. } = project(&layer, &crs, &Progress::new()).expect("can be projected");
    measure("index", |progress| drop(SpatialIndex::build(&blocks, progress)));
    measure("first look", |progress| drop(Pyramid::preview(&blocks, &layer.starts, progress)));
    measure("pyramid", |progress| drop(Pyramid::build(&blocks, &layer.starts, &scene.prepared.index, progress)));
    measure("chunks for the GPU", |progress| drop(chunks(&blocks, &layer.starts, progress)));
    let view = MapView::fit(&scene.prepared.index.extent(), [1600.0, 1000.0], 10.0);
    measure("picture", |progress| {
        drop(paint(&view, 1.0, &[scene.to_paint()], &PaintColors::LIGHT, None, progress));
    });
    let other: Layer = layer_of(&other);
    let frame = Frame::for_layer(&layer, AreaMethod::Survey).expect("has a zone");
    measure("overlay", |progress| drop(overlay::laid(&layer, &other, None, &frame, progress)));
    ExitCode::SUCCESS
}

/// Runs the work once to its end, then cancels it at several points.
fn measure(what: &str, work: impl Fn(&Progress) + Sync) {
    let started = Instant::now();
    work(&Progress::new());
    let whole = started.elapsed();
    let mut longest = Duration::ZERO;
    for share in SHARES {
        let progress = Progress::new();
        let late = std::thread::scope(|scope| {
            let worker = scope.spawn(|| {
                work(&progress);
                Instant::now()
            });
            std::thread::sleep(whole.mul_f64(share));
            let cancelled = Instant::now();
            progress.cancel();
            let ended = worker.join().expect("does not panic");
            ended.saturating_duration_since(cancelled)
        });
        longest = longest.max(late);
    }
    println!("{what:<22} {:>8.1} ms, of {:>8.0} ms", longest.as_secs_f64() * 1e3, whole.as_secs_f64() * 1e3);
}
