use super::*;
use crate::model::classes::Class;
use crate::scenario::plan::conflicts::{self, Kept};
use crate::scenario::plan_state::StateLayer;
use crate::scenario::transition::Tolerance;
use crate::scenario::{LedgerNote, LedgerStatus};
use crate::testing::{grid, grid_at};

/// A toy map: each letter is a feature with the properties given for it.
fn layer(map: &str, features: &[(char, &str)]) -> Layer {
    grid(map, features, |said| (*said).to_owned())
}

fn layer_at(corner: (f64, f64), side: f64, map: &str, features: &[(char, &str)]) -> Layer {
    grid_at(corner, side, map, features, |said| (*said).to_owned())
}

fn line(kind: LineKind, layers: &[&Layer]) -> ControlLine {
    let titles = (1..=layers.len()).map(|number| format!("{number}")).collect();
    ControlLine { kind, layers: layers.iter().map(|layer| Arc::new((*layer).clone())).collect(), titles }
}

fn overlaps(layer: &Layer, lines: &[ControlLine]) -> LineOverlaps {
    LineOverlaps::new(layer, lines, AreaMethod::Planar, &Progress::new()).expect("overlaid")
}

/// Values rounded to a millionth of a square metre.
fn rounded(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| (value * 1e6).round() / 1e6 + 0.0).collect()
}

/// Conflicts as feature, m², width in mm.
fn conflicts(line: &LineOverlap) -> Vec<(u32, f64, Option<i64>)> {
    let width = |piece: &Piece| piece.width_m.map(|width| (width * 1e3).round() as i64);
    line.conflicts.iter().map(|piece| (piece.feature, (piece.m2 * 1e6).round() / 1e6, width(piece))).collect()
}

#[test]
fn both_sides_of_each_line_are_measured() {
    let parcels = layer("AABB/AABB", &[('A', ""), ('B', "")]);
    let boundary = layer("xxx./xxx.", &[('x', "")]);
    let red_line = layer("..../.y..", &[('y', "")]);
    let found = overlaps(&parcels, &[line(LineKind::Boundary, &[&boundary]), line(LineKind::RedLine, &[&red_line])]);
    let [boundary, red_line] = &found.lines[..] else { panic!("two lines") };
    assert_eq!((rounded(&boundary.own), rounded(&boundary.inside)), (vec![4.0, 4.0], vec![4.0, 2.0]));
    // Outside of the boundary lies a strip of 1 m by 2 m: 2 · 2 m² over 6 m.
    assert_eq!(conflicts(boundary), [(1, 2.0, Some(667))]);
    assert_eq!(rounded(&red_line.inside), [1.0, 0.0]);
    assert_eq!(conflicts(red_line), [(0, 1.0, Some(500))]);
    assert!((red_line.outside_m2(0) - 3.0).abs() < 1e-9);
}

#[test]
fn what_two_polygons_of_a_line_cover_is_inside_once() {
    let parcels = layer("AB", &[('A', ""), ('B', "")]);
    let boundary = [layer("A.", &[('A', "")]), layer("AB", &[('A', ""), ('B', "")])];
    let found = overlaps(&parcels, &[line(LineKind::Boundary, &[&boundary[0], &boundary[1]])]);
    assert_eq!(rounded(&found.lines[0].inside), [1.0, 1.0]);
    assert_eq!(conflicts(&found.lines[0]), []);
    // One polygon on another.
    let found = overlaps(&parcels, &[line(LineKind::Boundary, &[&boundary[0], &boundary[0]])]);
    assert_eq!(conflicts(&found.lines[0]), [(1, 1.0, Some(500))]);
    let red_line = line(LineKind::RedLine, &[&boundary[0], &boundary[1]]);
    let found = overlaps(&parcels, &[red_line]);
    let m2: Vec<f64> = found.lines[0].conflicts.iter().map(|piece| piece.m2).collect();
    assert_eq!(rounded(&m2), [1.0, 1.0]);
}

#[test]
fn land_that_several_features_cover_counts_once() {
    // Two equal parcels of one class, one of another class beside.
    let parcels = region::united(
        &[&layer("A.", &[('A', "")]), &layer("A.", &[('A', "")]), &layer(".B", &[('B', "")])],
        &layer("A.", &[('A', "")]).crs,
    );
    let (parcels, _) = parcels.expect("one CRS");
    let lines = [layer("x.", &[('x', "")]), layer("xx", &[('x', "")])];
    let found = overlaps(&parcels, &[line(LineKind::RedLine, &[&lines[0], &lines[1]])]);
    assert_eq!(rounded(&found.lines[0].inside), [1.0, 1.0, 1.0]);
    let figures = LineFigures::new(&found, &[0, 0, 1], 2);
    assert_eq!(rounded(&figures.own_m2), [1.0, 1.0]);
    assert_eq!(rounded(&[figures.total[0].inside_m2, figures.total[0].conflict_m2, figures.total_m2]), [2.0, 2.0, 2.0]);
    // Which layers of the line each lies on.
    let on: Vec<Vec<&str>> =
        found.lines[0].lain_on.values().map(|titles| titles.iter().map(String::as_str).collect()).collect();
    assert_eq!(on, [vec!["1", "2"], vec!["1", "2"], vec!["2"]]);
}

#[test]
fn a_border_within_a_line_of_two_layers_is_no_border_of_the_conflict() {
    // Two columns of land by two rows; one line ends where the land ends, the other covers it and more.
    let parcels = layer(".AA./.AA.", &[('A', "")]);
    let narrow = layer("xxx./xxx.", &[('x', "")]);
    let wide = layer("yyyy/yyyy", &[('y', "")]);
    for layers in [vec![&narrow], vec![&wide], vec![&narrow, &wide], vec![&wide, &narrow]] {
        let found = overlaps(&parcels, &[line(LineKind::RedLine, &layers)]);
        // 2 · 4 m² over 8 m.
        assert_eq!(conflicts(&found.lines[0]), [(0, 4.0, Some(1000))]);
    }
}

#[test]
fn farmland_counts_gross_and_net() {
    let parcels = layer("AAB", &[('A', ""), ('B', "")]);
    let farmland = layer("xyy", &[('x', r#""KCXS":0.1"#), ('y', r#""KCXS":0.25"#)]);
    let found = overlaps(&parcels, &[line(LineKind::Farmland, &[&farmland])]);
    assert_eq!(rounded(&found.lines[0].inside), [2.0, 1.0]);
    assert_eq!(found.lines[0].net_inside.as_deref().map(rounded), Some(vec![1.65, 0.75]));
    // Farmland on farmland: once, by the mean of the shares.
    let twice = line(LineKind::Farmland, &[&farmland, &layer("x..", &[('x', r#""KCXS":0.3"#)])]);
    let found = overlaps(&parcels, &[twice]);
    assert_eq!(rounded(&found.lines[0].inside), [2.0, 1.0]);
    // A: 0.9 + 0.75 + 0.7 of 3 m² covered, 2 of them there.
    assert_eq!(found.lines[0].net_inside.as_deref().map(rounded), Some(vec![1.566667, 0.75]));
    let plain = overlaps(&parcels, &[line(LineKind::Farmland, &[&layer("xyy", &[('x', ""), ('y', "")])])]);
    assert_eq!(plain.lines[0].net_inside, None);
}

#[test]
fn figures_are_sums_by_class() {
    let parcels = layer("AABC/AABC", &[('A', ""), ('B', ""), ('C', "")]);
    let boundary = layer("xxx./xxx.", &[('x', "")]);
    let farmland = layer("...z/...z", &[('z', r#""KCXS":0.5"#)]);
    let found = overlaps(&parcels, &[line(LineKind::Boundary, &[&boundary]), line(LineKind::Farmland, &[&farmland])]);
    let figures = LineFigures::new(&found, &[0, 1, 0], 2);
    assert_eq!((rounded(&figures.own_m2), figures.total_m2.round()), (vec![6.0, 2.0], 8.0));
    let sums = |class: usize, line: usize| {
        let sum = &figures.classes[class][line];
        (sum.inside_m2.round(), sum.outside_m2.round(), sum.net_inside_m2.map(f64::round), sum.conflict_count)
    };
    assert_eq!((sums(0, 0), sums(1, 0)), ((4.0, 2.0, None, 1), (2.0, 0.0, None, 0)));
    assert_eq!((sums(0, 1), sums(1, 1)), ((2.0, 4.0, Some(1.0), 1), (0.0, 2.0, Some(0.0), 0)));
    assert_eq!(figures.total[1].conflict_count, 1);
    // After a recode only the classes change.
    assert_eq!(rounded(&LineFigures::new(&found, &[1, 1, 0], 2).own_m2), [2.0, 6.0]);
}

#[test]
fn another_crs_of_a_line_changes_nothing() {
    let parcels = layer_at((500_000.0, 4_070_000.0), 100.0, "AABB/AABB", &[('A', ""), ('B', "")]);
    let boundary = layer_at((500_000.0, 4_070_000.0), 100.0, "xxx./xxx.", &[('x', "")]);
    let (in_degrees, issues) = region::united(&[&boundary], &crate::crs::Crs::cgcs2000()).expect("converted");
    assert_eq!((issues.len(), in_degrees.crs.is_geographic()), (0, true));
    for method in [AreaMethod::Planar, AreaMethod::Survey] {
        let of = |boundary: &Layer| {
            let lines = [line(LineKind::Boundary, &[boundary])];
            LineOverlaps::new(&parcels, &lines, method, &Progress::new()).expect("overlaid")
        };
        let (a, b) = (of(&boundary), of(&in_degrees));
        assert_eq!(a.frame, b.frame);
        for (a, b) in a.lines[0].inside.iter().zip(&b.lines[0].inside) {
            assert!((a - b).abs() < 1e-3, "{a} {b}");
        }
    }
}

#[test]
fn a_cancelled_overlay_says_so() {
    let parcels = layer("AB", &[('A', ""), ('B', "")]);
    let progress = Progress::new();
    progress.cancel();
    let found = LineOverlaps::new(&parcels, &[line(LineKind::RedLine, &[&parcels])], AreaMethod::Planar, &progress);
    assert!(found.is_err());
}

/// A state of land use with classes, a boundary and a red line.
fn state(parcels: &Layer) -> PlanState {
    let of = |title: &str, role: Role, layer: &Layer| StateLayer {
        title: title.to_owned(),
        role,
        layer: Arc::new(layer.clone()),
        areas: None,
        class_field: layer.field("DLBM"),
        scheme: Some(crate::model::classes::Scheme::Ydyh2023),
    };
    let boundary = layer("xx../xx..", &[('x', "")]);
    let red_line = layer("..../..y.", &[('y', "")]);
    let layers = vec![
        of("边界", Role::DevelopmentBoundary, &boundary),
        of("红线", Role::RedLine, &red_line),
        of("用地", Role::LandUse, parcels),
        of("安置区", Role::Resettlement, &layer("...z/....", &[('z', "")])),
    ];
    PlanState { name: "方案".to_owned(), layers }
}

#[test]
fn the_ledger_lists_construction_land_in_conflict() {
    let parcels = layer(
        "AABC/AABD",
        &[
            ('A', r#""DLBM":"0701","BSM":"1""#),
            ('B', r#""DLBM":"1001","BSM":"2""#),
            ('C', r#""DLBM":"0101","BSM":"3""#),
            ('D', r#""DLBM":"0901""#),
        ],
    );
    let before = layer("AABB/AACC", &[('A', r#""DLBM":"0101""#), ('B', r#""DLBM":"0701""#), ('C', r#""DLBM":"0101""#)]);
    let (base, state) = (state(&before), state(&parcels));
    let ledger = |notes: &LedgerNotes| {
        let (method, tolerance, of) = (AreaMethod::Planar, Tolerance::default(), (None, notes));
        let kept = Kept::default();
        let found = conflicts::conflicts(&state, Some(&base), method, &tolerance, of, &kept, &Progress::new());
        found.expect("overlaid").ledger
    };
    let first = ledger(&LedgerNotes::new());
    let rows = |ledger: &Ledger| -> Vec<String> {
        let row = |row: &LedgerRow| {
            let code = row.class.map_or("", Class::code);
            let share = (row.share * 100.0).round();
            format!("{:?} {} {} {code} {} {share}", row.line, row.title, row.id, (row.m2 * 1e6).round() / 1e6)
        };
        ledger.rows.iter().map(row).collect()
    };
    let expected = [
        "Boundary 用地 2 1001 2 100",
        "Boundary 安置区 1  1 100",
        "Boundary 用地 4 0901 1 100",
        "RedLine 用地 2 1001 1 50",
    ];
    let mut found = rows(&first);
    found.sort();
    let mut expected = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(first.rows[0].m2.round(), 2.0, "the largest first");
    // Half of what is 1001 now was built on before; sites are no parcels.
    let built = |title: &str, id: &str| {
        let row = first.rows.iter().find(|row| row.title == title && row.id == id).expect("a row");
        row.built_before.map(|share| (share * 1e6).round() / 1e6)
    };
    assert_eq!((built("用地", "2"), built("用地", "4"), built("安置区", "1")), (Some(0.5), Some(0.0), None));
    let again = built_before(&state.layers[2], &state.layers[2], AreaMethod::Planar, &Progress::new());
    assert_eq!(again, Ok(vec![1.0, 1.0, 0.0, 1.0]));
    assert!(first.rows.iter().all(|row| !row.is_sliver && row.status == LedgerStatus::Open));
    // What was decided stays, for features with an id and for those without.
    let decided = LedgerNote { status: LedgerStatus::Settled, note: "已批".to_owned() };
    let notes: LedgerNotes = first.rows.iter().map(|row| (row.key.clone(), decided.clone())).collect();
    assert_eq!(notes.len(), 4);
    let again = ledger(&notes);
    assert_eq!(again.sum(LedgerStatus::Settled).0, 4);
    assert!(again.rows.iter().all(|row| row.note == "已批"));
    let key = &first.rows[0].key;
    assert_eq!((key.ledger.as_str(), key.line.as_str()), ("development-boundary", "用地 2"));
}

#[test]
fn slivers_and_equal_ids_are_told() {
    let parcels = layer("AB/AB", &[('A', r#""DLBM":"0701","BSM":"7""#), ('B', r#""DLBM":"0701","BSM":"7""#)]);
    // The boundary leaves a strip of 5 cm of A.
    let boundary = layer_at((500_000.05, 4_070_000.0), 1.0, "x/x", &[('x', "")]);
    let found = overlaps(&parcels, &[line(LineKind::Boundary, &[&boundary])]);
    let state = state(&parcels);
    let land_use = state.land_use().expect("one");
    let source = LedgerSource { layer: land_use, overlaps: &found, built_before: None };
    let ledger = Ledger::of_overlaps(&[source], &Tolerance::default(), (None, &LedgerNotes::new()));
    let slivers: Vec<(u32, bool)> = ledger.rows.iter().map(|row| (row.feature, row.is_sliver)).collect();
    assert_eq!(slivers, [(1, false), (0, true)]);
    assert_ne!(ledger.rows[0].key, ledger.rows[1].key);
    assert!(ledger.rows[0].key.line.starts_with("用地 #2 "), "{}", ledger.rows[0].key.line);
}

#[test]
fn what_each_line_takes_of_a_parcel_and_of_several() {
    let entry = |title: &str, role: Role, layer: Layer| {
        let mut entry = crate::scenario::Entry::recognised(Arc::new(layer), 0);
        title.clone_into(&mut entry.title);
        entry.role = role;
        entry
    };
    let entries = [
        entry("边界", Role::DevelopmentBoundary, layer("xxx./xxx.", &[('x', "")])),
        entry("农田", Role::BasicFarmland, layer("...z/...z", &[('z', r#""KCXS":0.5"#)])),
        entry("农田二", Role::BasicFarmland, layer("..zz/....", &[('z', r#""KCXS":0.5"#)])),
        entry("图斑", Role::LandUse, layer("AABC/AABC", &[('A', ""), ('B', ""), ('C', "")])),
    ];
    let state = PlanState::of_entries("", &entries);
    let check = |of: usize, rows: &[u32], m2: f64, expected: &[(LineKind, f64, Option<f64>)]| {
        let shares = shares(&state, &entries[of].layer, rows, AreaMethod::Planar, &Progress::new()).expect("overlaid");
        let Some((figures, _)) = shares else { return assert!(expected.is_empty(), "{rows:?}") };
        let round = |m2: f64| (m2 * 1e6).round() / 1e6;
        let found: Vec<_> = figures.lines.iter().zip(&figures.total).collect();
        let found: Vec<_> =
            found.iter().map(|(kind, sum)| (**kind, round(sum.inside_m2), sum.net_inside_m2.map(round))).collect();
        assert_eq!((round(figures.total_m2), &found[..]), (m2, expected), "{rows:?}");
    };
    use LineKind::{Boundary, Farmland};
    check(3, &[0], 4.0, &[(Boundary, 4.0, None), (Farmland, 0.0, Some(0.0))]);
    // What two layers of a line cover is taken once.
    check(3, &[2], 2.0, &[(Boundary, 0.0, None), (Farmland, 2.0, Some(1.0))]);
    check(3, &[0, 1, 2], 8.0, &[(Boundary, 6.0, None), (Farmland, 3.0, Some(1.5))]);
    // A line is not held against itself, but against the others.
    check(0, &[0], 6.0, &[(Farmland, 1.0, Some(0.5))]);
    check(2, &[0], 2.0, &[(Boundary, 1.0, None), (Farmland, 1.0, Some(0.5))]);
}
