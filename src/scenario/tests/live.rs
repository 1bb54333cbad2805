//! Live figures against the same summed from scratch.

use super::random::Dice;
use super::*;
use crate::model::keys;
use crate::scenario::Target;
use crate::scenario::edit::{Drawn, Piece, Redraw};
use crate::scenario::plan::against_base::{LiveError, live};
use crate::scenario::transition::{Grouping, Level, Tolerance};

fn classes(base: &Layer, plan: &Layer, level: Level) -> Classes {
    let keys = [base, plan].map(|layer| keys::parse_keys(layer, "DLBM").expect("a field"));
    let grouping = |layer, keys| Grouping { layer, keys };
    Classes::new(grouping(base, &keys[0]), grouping(plan, &keys[1]), level, None).expect("one scheme")
}

/// The same figures, areas within `within_m2`.
fn check(live: &Live, classes: &Classes, expected: &Matrix, within_m2: f64, what: &str) {
    let (found_classes, found) = live.matrix();
    assert_eq!(found_classes.list, classes.list, "{what}");
    let near = |a: f64, b: f64| assert!((a - b).abs() <= within_m2, "{what}: {a} {b}");
    let cells = |matrix: &Matrix| -> Vec<_> { matrix.cells.iter().map(|c| (c.from, c.to, c.pieces)).collect() };
    assert_eq!(cells(&found), cells(expected), "{what}");
    found.cells.iter().zip(&expected.cells).for_each(|(a, b)| near(a.m2, b.m2));
    for (a, b) in found.lines.iter().zip(&expected.lines).chain([(&found.total, &expected.total)]) {
        near(a.unchanged_m2, b.unchanged_m2);
        for (a, b) in [(a.base, b.base), (a.scenario, b.scenario)] {
            assert_eq!(a.feature_count, b.feature_count, "{what}");
            assert_eq!(a.printed_m2.is_some(), b.printed_m2.is_some(), "{what}");
            near(a.printed_m2.unwrap_or_default(), b.printed_m2.unwrap_or_default());
            near(a.m2, b.m2);
            near(a.only_m2, b.only_m2);
            near(a.twice_m2, b.twice_m2);
            near(a.paired_m2, b.paired_m2);
        }
    }
    near(found.changed_m2, expected.changed_m2);
    assert!(found.residual_m2 < 1e-6, "{what}: {}", found.residual_m2);
    assert_eq!(found.slivers, expected.slivers, "{what}");
}

#[test]
fn random_recodes_keep_the_matrix_right() {
    for (seed, level) in [(1, Level::AsGiven), (2, Level::Of(1)), (3, Level::AsGiven)] {
        let mut dice = Dice(seed);
        let (mut workspace, id) = workspace();
        let base = layer(&workspace, id);
        let areas = workspace.entry(id).and_then(|entry| entry.areas.clone()).expect("measured");
        let plan = workspace.fork(None, None, By::default()).expect("forked");
        let mut figures = live(&workspace, plan, id, level, &Progress::new()).expect("summed");
        let start = figures.matrix();
        for step in 0..200 {
            let rows: Vec<u32> = (0..1 + dice.below(5)).map(|_| dice.below(9) as u32).collect();
            let code = ["0101", "0103", "0301", "0701", "1001", "1208", "1207", "1702"][dice.below(8)];
            let draft = match dice.below(6) {
                0 => draft::revert(&workspace, id, &rows),
                1 => draft::set_field(&workspace, id, &rows, "DLBM", OwnedValue::Null),
                2 => draft::set_field(&workspace, id, &rows, "乙", OwnedValue::Int(step)),
                _ => draft::recode(&workspace, id, &rows, class(code), Language::Chinese),
            };
            match draft {
                Ok(draft) => drop(workspace.apply(draft, By::default()).expect("applies")),
                Err(_) if dice.below(2) == 0 => drop(workspace.undo()),
                Err(_) => continue,
            }
            workspace.show(Some(plan));
            if workspace.scenarios.get(plan).is_none() {
                workspace.redo();
                workspace.show(Some(plan));
            }
            let now = layer(&workspace, id);
            assert_eq!(figures.sync(&now), Ok(true));
            let classes = classes(&base, &now, level);
            let expected = Matrix::new(&Comparison::same_geometry(&areas, Tolerance::default()), &classes);
            check(&figures, &classes, &expected, 1e-9, &format!("seed {seed}, step {step}"));
            if level == Level::AsGiven {
                let mut sums = workspace.entry(id).and_then(Entry::class_sums).expect("measured");
                sums.sort_by_key(|sum| classes.list.iter().position(|class| class.key == sum.key));
                assert_eq!(figures.class_sums(), sums);
            }
        }
        // Undone to the last digit.
        workspace.travel_to(1);
        figures.sync(&layer(&workspace, id)).expect("summed");
        assert_eq!(figures.matrix(), start);
    }
}

/// The left or right half of a square of the layer.
fn half(layer: &Layer, row: usize, left: bool, values: Vec<OwnedValue>) -> Drawn {
    let square = layer.blocks[0].geometry.feature_extent(row);
    let middle = square.center().x;
    let (from, to) = if left { (square.min.x, middle) } else { (middle, square.max.x) };
    let corner = |x: f64, y: f64| Coord { x, y };
    let (low, high) = (square.min.y, square.max.y);
    let ring = vec![corner(from, low), corner(to, low), corner(to, high), corner(from, high), corner(from, low)];
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    builder.polygon(&[vec![ring]]);
    Drawn { geometry: Arc::new(builder.finish()), values, origin: Some(row as u32) }
}

#[test]
fn redrawn_features_are_laid_over_those_that_went() {
    let (mut workspace, id) = workspace();
    let base = layer(&workspace, id);
    let text = OwnedValue::text;
    let values = |code: &str| vec![text("new"), text(code)];
    let added = [(false, "0701"), (true, "0103")].into_iter().enumerate().map(|(nth, (left, code))| Piece {
        key: 9 + nth as u32,
        drawn: Some(Arc::new(half(&base, 0, left, values(code)))),
    });
    let retired = [0, 3].map(|key| Piece { key, drawn: None });
    let change = Change::Redraw(Redraw { retired: retired.to_vec(), added: added.collect() });
    let draft = Draft { edits: vec![Edit { layer: id, change }], sentence: Message::new("scenario.nothing-changes") };
    let plan = workspace.apply(draft, By::default()).expect("applies").scenario;
    let progress = Progress::new();
    let mut figures = live(&workspace, plan, id, Level::AsGiven, &progress).expect("summed");
    let options =
        CompareOptions { basis: transition::Basis::Geometry(AreaMethod::Planar), ..CompareOptions::default() };
    for (rows, code) in [(vec![], ""), (vec![7, 8], "1207"), (vec![0], "0701")] {
        if !rows.is_empty() {
            recode(&mut workspace, id, &rows, code);
            assert_eq!(figures.sync(&layer(&workspace, id)), Ok(true));
        }
        let now = layer(&workspace, id);
        let classes = classes(&base, &now, Level::AsGiven);
        let expected = Matrix::new(&Comparison::new(&base, &now, &options, &progress).expect("compared"), &classes);
        check(&figures, &classes, &expected, 1e-6, code);
    }
    let (classes, matrix) = figures.matrix();
    let place = |code: &str| classes.list.iter().position(|class| class.key == code).map(|at| at as u32);
    assert_eq!(matrix.cell(place("0101"), None).m2, 100.0, "the whole of row 3 went");
    assert_eq!(figures.features_of(Some("0101"), Some("1207")), [7, 8]);
    assert_eq!(figures.features_of(Some("0101"), None), [3]);
    // The geometry is another one: to be summed anew.
    workspace.travel_to(1);
    workspace.show(Some(plan));
    workspace.undo();
    assert_eq!(figures.sync(&layer(&workspace, id)), Ok(false));
}

#[test]
fn what_comes_and_goes_is_held_against_a_target() {
    let (mut workspace, id) = workspace();
    // A tenth of the first two parcels of each block is ridges.
    let mut land = (*layer(&workspace, id)).clone();
    land.id = LayerId::next();
    let shares = Arc::new(
        crate::model::Overrides::default()
            .with(&(0..2).map(|row| (row, OwnedValue::Float(0.1))).collect::<Vec<_>>(), None),
    );
    for block in &mut land.blocks {
        let column = shares.over(None, block.geometry.feature_count());
        block.attributes = Arc::new(block.attributes.with_column(4, column));
    }
    let mut fields = (*land.fields).clone();
    fields.push(Field { name: "KCXS".to_owned(), kind: FieldType::Float });
    land.fields = Arc::new(fields);
    land.revision = crate::model::Revision::next();
    let farm = workspace.add(Arc::new(land));
    measure(&mut workspace, farm);
    recode(&mut workspace, farm, &[0, 1, 2], "0701");
    let plan = recode(&mut workspace, farm, &[5], "0101").scenario;
    let figures = live(&workspace, plan, farm, Level::AsGiven, &Progress::new()).expect("summed");
    let cropland = |key: &transition::ClassKey| key.value.starts_with("01");
    let flow = figures.flow(cropland);
    assert_eq!((flow.into_m2, flow.out_m2, flow.balance_m2()), (100.0, 200.0, -100.0));
    // What comes to cropland has no share of ridges until one is stated: gross, and counted as such.
    assert_eq!((flow.into_net_m2, flow.out_net_m2, flow.unstated_count), (Some(100.0), Some(180.0), 3));
    let state = flow.against(&Target { change_m2: -360.0, is_net: true });
    assert_eq!((state.change_m2, state.rest_m2, state.share, state.is_net), (-80.0, -280.0, Some(80.0 / 360.0), true));
    let state = flow.against(&Target { change_m2: -100.0, is_net: false });
    assert_eq!((state.rest_m2, state.share), (0.0, Some(1.0)));
    assert_eq!(
        figures.layer_flow(),
        live::Flow {
            into_net_m2: Some(0.0),
            out_net_m2: Some(0.0),
            restated_net_m2: Some(30.0),
            unstated_count: 3,
            ..Default::default()
        }
    );
}

#[test]
fn what_is_not_measured_has_no_figures() {
    let mut workspace = Workspace::new();
    let id = workspace.add(Arc::new(parcels("地类图斑", &[&["0101", "0103", "1208"]])));
    let plan = workspace.fork(None, None, By::default()).expect("forked");
    let error = live(&workspace, plan, id, Level::AsGiven, &Progress::new()).expect_err("not measured");
    assert_eq!(error, LiveError::NotMeasured);
    workspace.undo();
    let error = live(&workspace, plan, id, Level::AsGiven, &Progress::new()).expect_err("gone");
    assert_eq!(error, LiveError::Missing);
}
