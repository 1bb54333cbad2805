//! Labels of a layer: how long it takes to choose, to place and to write them.

use std::process::ExitCode;
use std::time::Instant;

use tuban::model::Coord;
use tuban::model::style::labels::{LabelLook, LabelText, Labels};
use tuban::render::MapView;
use tuban::render::labels::{Label, LabelFigures, LayerLabels, Lies, Order, Words, decide, write};
use tuban::render::lettering::Typeface;
use tuban::render::prepared::Prepared;
use tuban::render::scene::SceneLayer;
use tuban::scenario::Workspace;
use tuban::task::Progress;

use crate::layers::Size;
use crate::timing::repeated;

/// A window.
const SIZE_PX: [f64; 2] = [1600.0, 1000.0];
/// Candidates that are placed at once, and in a frame.
const CANDIDATES: [usize; 2] = [100_000, 10_000];
/// Milliseconds that they may take.
const GOALS_MS: [f64; 2] = [60.0, 4.0];

/// Places 100,000 candidates; writes a frame in which 10,000 are looked at.
pub(crate) fn run(letter: &str) -> ExitCode {
    let size = match Size::asked(letter) {
        Ok(size) => size,
        Err(code) => return code,
    };
    let progress = Progress::new();
    let layer = size.layer();
    let mut workspace = Workspace::new();
    workspace.add(layer.clone());
    let crs = workspace.crs.clone().expect("a layer chooses it");
    let mut style = workspace.entries[0].style.clone();
    let number = LabelText::Expression("concat($row, ' ', DLBM)".to_owned());
    style.labels = Some(Labels::of_text(number));
    let (scene, _) = SceneLayer::prepare(&layer, &style, &crs, &progress).expect("can be drawn");
    let typeface = Typeface::bundled();
    let extent = scene.prepared.index.extent();
    let whole = MapView::fit(&extent, SIZE_PX, 0.0);

    // What the window does where it comes to another range of the world, places not yet known and known.
    let annotated = scene.prepared.annotated(&style, &scene.symbols);
    let figures = LabelFigures::default();
    for factor in [1.0, 4.0, 16.0] {
        let view = whole.zoomed_about(SIZE_PX.map(|side| side / 2.0), factor);
        let mut fresh: Vec<f64> = (0..5)
            .map(|_| {
                let prepared = Prepared::for_picture(&layer, &crs, &progress).expect("can be drawn");
                let started = Instant::now();
                let chosen = prepared.annotated(&style, &scene.symbols).labels(&layer, &view, &typeface, &figures);
                std::hint::black_box(chosen.len());
                started.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        fresh.sort_by(f64::total_cmp);
        let mut count = 0;
        let again = repeated(|| {
            count = annotated.labels(&layer, &view, &typeface, &figures).len();
            count as f64
        });
        println!(
            "  {factor:>4}x: {count:>6} labels chosen in {:>6.1} ms, the first time in {:.1} ms",
            again.median() * 1e3,
            fresh[fresh.len() / 2]
        );
    }

    let mut met = true;
    for (candidates, goal) in CANDIDATES.into_iter().zip(GOALS_MS) {
        // As many as that lie in the range of the view.
        let labels = spread(candidates, &scene, &whole);
        let of = [LayerLabels { labels: &labels, annotated, reach: None }];
        let mut decided = Vec::new();
        let placed = repeated(|| {
            decided = decide(&whole, &of, &typeface);
            decided.len() as f64
        });
        let at = |c: Coord| whole.screen_from_world(c).map(|v| v as f32);
        let map = [0.0, 0.0, SIZE_PX[0] as f32, SIZE_PX[1] as f32];
        let mut count = 0;
        let frame = repeated(|| {
            count = write(&decided, &[&labels[..]], map, 1.0, &at, &typeface).len();
            count as f64
        });
        let (placed_ms, frame_ms) = (placed.median() * 1e3, frame.median() * 1e3);
        let judged = if candidates == CANDIDATES[0] { placed_ms } else { frame_ms };
        met &= judged <= goal;
        println!(
            "{candidates:>7} candidates: {placed_ms:.1} ms to place {} of them, {frame_ms:.2} ms a frame that writes {count}; \
             goal {goal} ms: {}",
            decided.len(),
            if judged <= goal { "met" } else { "missed" }
        );
    }
    if met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Labels all over a view, the same in every run: at the features of the layer, again and again a little farther.
fn spread(count: usize, scene: &SceneLayer, view: &MapView) -> Vec<Label> {
    let feature_count = scene.layer.feature_count();
    let label = |nth: usize| {
        let middle = scene.prepared.feature_extent(nth * 7919 % feature_count).center();
        let around = (nth / feature_count) as f64 * 3.0 * view.units_per_px;
        let chance = (nth as u32).wrapping_mul(0x9E37_79B9);
        Label {
            at: Coord { x: middle.x + around, y: middle.y - around },
            clear: 0.0,
            words: Words::Line(format!("地块{nth}")),
            look: LabelLook::default(),
            lies: Lies::On,
            order: Order { rank: 3, smallness: (nth % 12) as u8, chance },
        }
    };
    (0..count).map(label).collect()
}
