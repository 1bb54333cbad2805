use proptest::prelude::*;

use super::*;
use crate::crs::Crs;
use crate::model::{FeatureBlock, GeometryBuilder, GeometryKind, Issue};

/// Parts of rings.
type Shape = Vec<Vec<Vec<(f64, f64)>>>;

fn layer(shapes: &[Shape]) -> Layer {
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    for shape in shapes {
        let ring = |ring: &Vec<(f64, f64)>| -> Vec<Coord> {
            ring.iter().chain(ring.first()).map(|&(x, y)| Coord { x, y }).collect()
        };
        let parts: Vec<Vec<Vec<Coord>>> = shape.iter().map(|part| part.iter().map(ring).collect()).collect();
        builder.polygon(&parts);
    }
    let block = FeatureBlock::of_geometry(builder.finish());
    let crs = Crs::from_epsg(4548).expect("a code");
    Layer::new("toy".to_owned(), GeometryKind::Polygon, crs, Vec::new(), vec![block])
}

fn rectangle(x: f64, y: f64, width: f64, height: f64) -> Vec<(f64, f64)> {
    vec![(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
}

/// What stands on a cell of a lattice: mostly the cell itself, else what makes trouble.
fn on_cell(kind: u8, x: f64, y: f64) -> Vec<Shape> {
    let cell = rectangle(x, y, 1.0, 1.0);
    match kind {
        // With an island in a hole.
        0 => {
            let inner = rectangle(x + 0.25, y + 0.25, 0.5, 0.5);
            let hole = inner.iter().rev().copied().collect();
            vec![vec![vec![cell, hole]], vec![vec![inner]]]
        }
        // With a second part, wherever that lies.
        1 => vec![vec![vec![cell], vec![rectangle(y + 9.0, x, 0.5, 1.0)]]],
        // Over the next cell as well: the layer overlaps itself.
        2 => vec![vec![vec![rectangle(x, y, 2.0, 1.0)]]],
        // Twice the same.
        3 => vec![vec![vec![cell.clone()]], vec![vec![cell]]],
        // Not valid.
        4 => vec![vec![vec![vec![(x, y), (x + 1.0, y + 1.0), (x + 1.0, y), (x, y + 1.0)]]]],
        5 => vec![vec![vec![vec![(x, y), (x + 1.0, y), (x + 1.0, y), (x + 1.0, y + 1.0), (x, y + 1.0)]]]],
        // A gap.
        6 => Vec::new(),
        // Turned the other way.
        7 => vec![vec![vec![cell.into_iter().rev().collect()]]],
        _ => vec![vec![vec![cell]]],
    }
}

fn land() -> impl Strategy<Value = Vec<Shape>> {
    const SIDE: usize = 6;
    let kind = prop_oneof![9 => Just(8u8), 2 => 0..8u8];
    prop::collection::vec(kind, SIDE * SIDE).prop_map(|kinds| {
        let at = |(i, kind): (usize, u8)| on_cell(kind, (i % SIDE) as f64, (i / SIDE) as f64);
        kinds.into_iter().enumerate().flat_map(at).collect()
    })
}

/// A later state of the land.
fn changed(mut shapes: Vec<Shape>, changes: &[(usize, u8)]) -> Vec<Shape> {
    for (at, kind) in changes {
        let at = at % shapes.len();
        match kind {
            0 => drop(shapes.remove(at)),
            // Reaches into its neighbours.
            1 => shapes[at][0][0].iter_mut().for_each(|c| c.0 += 0.5),
            2 => shapes[at][0][0].truncate(3),
            3 => shapes.insert(at, vec![vec![rectangle(at as f64 % 5.0, 2.5, 2.0, 1.0)]]),
            4 => shapes.swap(at, 0),
            _ => shapes[at][0][0].rotate_left(1),
        }
    }
    shapes
}

fn check(a: &[Shape], b: &[Shape]) {
    let (a, b) = (layer(a), layer(b));
    let (frame, progress) = (Frame::for_layer(&a, AreaMethod::Planar).expect("a plane"), Progress::new());
    let twins = twins(&a, &b, &progress).expect("not cancelled").expect("most have a twin");
    let Tried::Laid(found) = with_twins(&a, &b, &twins, &frame, &progress).expect("laid") else {
        panic!("there is a quick way");
    };
    let table = pairs::pairs(&a, &b, None, AreaMethod::Planar, &progress).expect("laid");
    let numbers = |table: &PairTable| table.pairs.iter().map(|pair| (pair.a, pair.b)).collect::<Vec<_>>();
    assert_eq!(numbers(&found.table), numbers(&table));
    let close = |x: f64, y: f64, tolerance: f64| assert!((x - y).abs() <= tolerance, "{x} is not {y}");
    for (x, y) in found.table.pairs.iter().zip(&table.pairs) {
        close(x.m2, y.m2, 1e-9);
        // Lengths are summed in steps of a millionth of a metre.
        close(x.perimeter_m, y.perimeter_m, 1e-4);
    }
    let texts = |issues: &[Issue]| {
        let mut texts: Vec<String> = issues.iter().map(|issue| format!("{issue:?}")).collect();
        texts.sort();
        texts
    };
    for side in 0..2 {
        let (x, y) = (&found.table.sides[side], &table.sides[side]);
        for (x, y) in [(&x.own, &y.own), (&x.only, &y.only), (&x.twice, &y.twice)] {
            assert_eq!(x.len(), y.len());
            x.iter().zip(y).for_each(|(x, y)| close(*x, *y, 1e-9));
        }
        assert_eq!(x.left_out, y.left_out);
        assert_eq!(texts(&x.issues), texts(&y.issues));
        let areas = measured_in([&a, &b][side], &frame, &progress).expect("measured");
        assert_eq!(found.areas[side].exact, areas.exact);
        assert_eq!(found.areas[side].printed, areas.printed);
        let of_features = |areas: &Areas| {
            let issues = areas.issues.iter().filter(|issue| issue.feature.is_some());
            texts(&issues.cloned().collect::<Vec<_>>())
        };
        assert_eq!(of_features(&found.areas[side]), of_features(&areas));
    }
}

#[test]
fn a_changed_neighbour_reaches_into_what_stayed() {
    let row = |from: f64| -> Vec<Shape> {
        (0..9).map(|i| vec![vec![rectangle(f64::from(i) + if i == 4 { from } else { 0.0 }, 0.0, 1.0, 1.0)]]).collect()
    };
    check(&row(0.0), &row(0.5));
    let (a, b) = (layer(&row(0.0)), layer(&row(0.5)));
    let frame = Frame::for_layer(&a, AreaMethod::Planar).expect("a plane");
    let table = laid(&a, &b, None, &frame, &Progress::new()).expect("laid").table;
    let numbers: Vec<(u32, u32)> = table.pairs.iter().map(|pair| (pair.a, pair.b)).collect();
    assert_eq!(numbers.len(), 10);
    assert!(numbers.contains(&(5, 4)) && numbers.contains(&(5, 5)), "{numbers:?}");
    assert_eq!((table.sides[0].twice[5], table.sides[0].only[4]), (0.5, 0.5));
}

#[test]
fn what_overlaps_within_a_layer_lies_on_its_twin_alone() {
    let shapes: Vec<Shape> = (0..9).flat_map(|i| on_cell(if i == 3 { 2 } else { 8 }, f64::from(i), 0.0)).collect();
    check(&shapes, &shapes);
    // In the middle of a covering, where no edge near it lies open.
    // Few: what tests may spend on borders that coincide is little.
    let square = |i: u32| vec![vec![rectangle(f64::from(i % 5), f64::from(i / 5), 1.0, 1.0)]];
    let twice: Vec<Shape> = (0..50).map(|i| square(i % 25)).collect();
    let (a, b) = (layer(&twice), layer(&twice));
    let frame = Frame::for_layer(&a, AreaMethod::Planar).expect("a plane");
    let table = laid(&a, &b, None, &frame, &Progress::new()).expect("laid").table;
    assert!(table.pairs.iter().all(|pair| pair.a == pair.b && (pair.m2 - 1.0).abs() < 1e-12));
    assert_eq!(table.pairs.len(), 2 * 25);
    let twice: Vec<f64> =
        table.sides.iter().flat_map(|side| side.twice.iter().copied()).filter(|m2| *m2 != 0.0).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn twins_change_no_figure(land in land(), changes in prop::collection::vec((0..40usize, 0..6u8), 0..5)) {
        let plan = changed(land.clone(), &changes);
        check(&land, &plan);
        check(&plan, &land);
    }
}

/// Squares of a lattice, all of them moved by so much.
fn squares(side: u32, by: f64) -> Layer {
    let at = |i: u32| vec![vec![rectangle(f64::from(i % side) + by, f64::from(i / side), 1.0, 1.0)]];
    layer(&(0..side * side).map(at).collect::<Vec<Shape>>())
}

#[test]
fn progress_goes_on_to_its_end_and_never_back() {
    let (a, moved) = (squares(50, 0.0), squares(50, 0.25));
    for b in [&a, &moved] {
        let (frame, progress) = (Frame::for_layer(&a, AreaMethod::Planar).expect("a plane"), Progress::new());
        let mut shown = vec![0.0];
        std::thread::scope(|scope| {
            let work = scope.spawn(|| laid(&a, b, None, &frame, &progress).expect("laid"));
            while !work.is_finished() {
                shown.extend(progress.fraction());
                std::thread::yield_now();
            }
        });
        shown.extend(progress.fraction());
        assert!(shown.is_sorted(), "{shown:?}");
        assert_eq!(shown.last(), Some(&1.0));
    }
}

#[test]
fn a_cancelled_run_ends_without_a_table() {
    let (a, moved) = (squares(20, 0.0), squares(20, 0.25));
    let (frame, progress) = (Frame::for_layer(&a, AreaMethod::Planar).expect("a plane"), Progress::new());
    progress.cancel();
    for b in [&a, &moved] {
        let ended = laid(&a, b, None, &frame, &progress).expect_err("cancelled");
        assert_eq!(ended, MeasureError::Cancelled(crate::task::Cancelled));
    }
}

/// Wherever a run is when it is cancelled, it ends: with an error, or with what an undisturbed one finds.
#[test]
fn a_run_can_be_cancelled_in_its_middle() {
    let (a, b) = (squares(120, 0.0), squares(120, 0.25));
    let frame = Frame::for_layer(&a, AreaMethod::Planar).expect("a plane");
    let whole = laid(&a, &b, None, &frame, &Progress::new()).expect("laid");
    let mut stopped = Vec::new();
    for eighth in 1..8u8 {
        let (progress, ended) = (Progress::new(), std::sync::atomic::AtomicBool::new(false));
        let outcome = std::thread::scope(|scope| {
            scope.spawn(|| {
                let due = || progress.fraction().is_some_and(|share| share >= f32::from(eighth) / 8.0);
                while !due() && !ended.load(std::sync::atomic::Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
                progress.cancel();
            });
            let outcome = laid(&a, &b, None, &frame, &progress);
            ended.store(true, std::sync::atomic::Ordering::Relaxed);
            outcome
        });
        match outcome {
            Err(error) => {
                assert_eq!(error, MeasureError::Cancelled(crate::task::Cancelled));
                stopped.push(eighth);
            }
            Ok(laid) => assert_eq!(laid, whole),
        }
    }
    assert!(!stopped.is_empty(), "no run was still going on when it was cancelled");
}
