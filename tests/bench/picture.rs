//! The painter alone, the layer being open: how long a picture takes at each scale, and whether classes keep their shares.

use std::process::ExitCode;
use std::time::Instant;

use tuban::model::AreaMethod;
use tuban::model::style::{Color, Fill};
use tuban::overlay;
use tuban::render::MapView;
use tuban::render::pyramid::Pyramid;
use tuban::render::raster::{Kept, PaintColors, PaintLayer, paint};
use tuban::render::scene::SceneLayer;
use tuban::scenario::Workspace;
use tuban::task::{Progress, leave_a_core};

use crate::layers::Size;
use crate::timing::repeated;

const SIZE_PX: [f64; 2] = [1600.0, 1000.0];

/// Paints a layer at six scales, with the pyramid that the window has and from its geometry alone.
pub(crate) fn run(letter: &str) -> ExitCode {
    let size = match Size::asked(letter) {
        Ok(size) => size,
        Err(code) => return code,
    };
    leave_a_core();
    let progress = Progress::new();
    let layer = size.layer();
    let mut workspace = Workspace::new();
    workspace.add(layer.clone());
    let crs = workspace.crs.clone().expect("a layer chooses it");
    let entry = &workspace.entries[0];
    let started = Instant::now();
    let (scene, issues) = SceneLayer::prepare(&layer, &entry.style, &crs, &progress).expect("can be drawn");
    assert!(issues.is_empty(), "{issues:?}");
    let pyramid = Pyramid::build(&scene.prepared.projected.blocks, &layer.starts, &scene.prepared.index, &progress)
        .expect("not cancelled");
    println!("{letter} projected, indexed, pyramid: {:.2} s", started.elapsed().as_secs_f64());

    let full = MapView::fit(&scene.prepared.index.extent(), SIZE_PX, 10.0);
    let middle = SIZE_PX.map(|side| side / 2.0);
    for factor in [1.0, 4.0, 8.0, 16.0, 64.0, 256.0] {
        let view = full.zoomed_about(middle, factor);
        let kept = Kept::default();
        let once = |pyramid: Option<&Pyramid>, kept: Option<&Kept>| {
            let layers = [PaintLayer { pyramid, kept, ..scene.to_paint() }];
            let runs = repeated(|| {
                let picture = paint(&view, 1.0, &layers, &PaintColors::LIGHT, None, &progress).expect("not cancelled");
                f64::from(picture.data()[0])
            });
            runs.median() * 1e3
        };
        let (with, without) = (once(pyramid.as_ref(), None), once(None, None));
        let again = once(None, Some(&kept));
        println!(
            "  {factor:>4}x: {with:>7.1} ms as in the window, {without:>7.1} ms from the geometry alone, {again:>5.1} ms \
             again in other colours"
        );
    }
    shares(&scene, pyramid.as_ref(), &full, &progress)
}

/// Shares of the classes by pixels of the picture at full extent against those by area.
fn shares(scene: &SceneLayer, pyramid: Option<&Pyramid>, view: &MapView, progress: &Progress) -> ExitCode {
    let mut style = scene.style.clone();
    let mut count = 0_u8;
    style.for_each_symbol(|symbol| {
        symbol.fill = Fill::Solid(Color::rgb(count, 255, 0));
        count += 1;
    });
    let areas = overlay::measured(&scene.layer, AreaMethod::Survey, progress).expect("is measured");
    let mut truth = vec![0.0; usize::from(count)];
    for (symbol, area) in scene.symbols.iter().zip(&areas.exact) {
        truth[usize::from(*symbol)] += *area;
    }
    // Fills only: outlines have a colour of their own. One feature a pixel: no colour is mixed.
    style.for_each_symbol(|symbol| symbol.stroke = None);
    let layers = [PaintLayer { pyramid, style: &style, ..scene.to_paint() }];
    let picture = paint(view, 1.0, &layers, &PaintColors::LIGHT, None, progress).expect("not cancelled");
    let mut seen = vec![0.0; usize::from(count)];
    for pixel in picture.pixels().iter().filter(|pixel| pixel.green() == 255 && pixel.blue() == 0) {
        seen[usize::from(pixel.red())] += 1.0;
    }
    let share = |of: &[f64], at: usize| of[at] / of.iter().sum::<f64>() * 100.0;
    let off = (0..truth.len()).map(|at| (share(&seen, at) - share(&truth, at)).abs()).fold(0.0, f64::max);
    println!(
        "shares of {} classes by {} pixels at full extent: off by {off:.3} % of the whole at most (goal: 0.5)",
        truth.iter().filter(|area| **area > 0.0).count(),
        seen.iter().sum::<f64>(),
    );
    ExitCode::SUCCESS
}
