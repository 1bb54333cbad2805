use super::*;
use crate::io::{OpenOptions, open_bytes};
use crate::model::classes::OtherGrassland;
use crate::model::keys;
use crate::testing::grid;

/// A toy map: each letter is a parcel, `codes` its class.
fn layer(map: &str, codes: &[(char, &str)]) -> Layer {
    grid(map, codes, |code| format!(r#""DLBM":"{code}""#))
}

fn classes(base: &Layer, scenario: &Layer, level: Level) -> Classes {
    let keys = [base, scenario].map(|layer| keys::parse_keys(layer, "DLBM").expect("a field"));
    let grouping = |layer, keys| Grouping { layer, keys };
    Classes::new(grouping(base, &keys[0]), grouping(scenario, &keys[1]), level, None).expect("one scheme")
}

fn compared(base: &Layer, scenario: &Layer) -> Comparison {
    let options = CompareOptions { basis: Basis::Geometry(AreaMethod::Planar), ..CompareOptions::default() };
    Comparison::new(base, scenario, &options, &Progress::new()).expect("compared")
}

/// Cells as `from to m2 pieces`, `-` for none.
fn cells(matrix: &Matrix, classes: &Classes) -> Vec<String> {
    let key = |class: Option<u32>| class.map_or("-", |class| classes.list[class as usize].key.as_str()).to_owned();
    matrix.cells.iter().map(|c| format!("{} {} {} {}", key(c.from), key(c.to), c.m2, c.pieces)).collect()
}

#[test]
fn every_line_closes_on_its_table() {
    let base = layer("AAB/ACB/CC.", &[('A', "0101"), ('B', "0301"), ('C', "0102")]);
    let plan = layer("AAA/.DD/DD.", &[('A', "0101"), ('D', "0701")]);
    let classes = classes(&base, &plan, Level::AsGiven);
    let matrix = Matrix::new(&compared(&base, &plan), &classes);
    let expected = ["0101 0101 2 1", "0101 - 1 1", "0102 0701 3 1", "0301 0101 1 1", "0301 0701 1 1"];
    assert_eq!(cells(&matrix, &classes), expected);
    assert_eq!(matrix.residual_m2, 0.0);
    let line = matrix.lines[0];
    assert_eq!((line.base.m2, line.scenario.m2, line.unchanged_m2), (3.0, 3.0, 2.0));
    assert_eq!((line.decrease_m2(), line.increase_m2(), line.change_m2()), (1.0, 1.0, 0.0));
    let total = &matrix.total;
    assert_eq!((total.base.m2, total.scenario.m2, total.unchanged_m2, matrix.changed_m2), (8.0, 7.0, 2.0, 5.0));
    assert_eq!((total.base.only_m2, total.scenario.only_m2), (1.0, 0.0));
    assert_eq!(matrix.cell(Some(0), None).m2, 1.0);
    assert_eq!(matrix.cell(Some(0), Some(1)).pieces, 0);
}

#[test]
fn a_recode_needs_no_overlay() {
    let base = layer("AAB/ACB", &[('A', "0101"), ('B', "0301"), ('C', "0102")]);
    let areas = overlay::measured(&base, AreaMethod::Planar, &Progress::new()).expect("measured");
    let same = Comparison::same_geometry(&areas, Tolerance::default());
    let mut classes = classes(&base, &base, Level::AsGiven);
    let before = Matrix::new(&same, &classes);
    assert_eq!(cells(&before, &classes), ["0101 0101 3 1", "0102 0102 1 1", "0301 0301 2 1"]);
    assert_eq!((before.changed_m2, before.residual_m2, before.slivers), (0.0, 0.0, Slivers::default()));
    // The second parcel becomes the class of the first.
    classes.of[1][1] = classes.of[0][0];
    let after = Matrix::new(&same, &classes);
    assert_eq!(cells(&after, &classes), ["0101 0101 3 1", "0102 0102 1 1", "0301 0101 2 1"]);
    // The same by an overlay.
    let recoded = layer("AAB/ACB", &[('A', "0101"), ('B', "0101"), ('C', "0102")]);
    assert_eq!(Matrix::new(&compared(&base, &recoded), &classes).cells, after.cells);
}

#[test]
fn classes_fold_by_level_and_forms_of_a_code_are_one() {
    let base = layer("ABC", &[('A', "0101"), ('B', "07010000"), ('C', "0303")]);
    let plan = layer("ABC", &[('A', "0102"), ('B', "0701"), ('C', "0303")]);
    let keys =
        |level| -> Vec<String> { classes(&base, &plan, level).list.into_iter().map(|class| class.key).collect() };
    assert_eq!(keys(Level::AsGiven), ["0303", "0101", "0102", "0701"]);
    // 0303 is a wetland, whatever its digits say.
    assert_eq!(keys(Level::Of(1)), ["00", "01", "07"]);
    assert_eq!(keys(Level::Big(OtherGrassland::Unused)), ["agricultural", "construction"]);
    let zones = layer("ABC", &[('A', "1"), ('B', "2"), ('C', "12")]);
    let plain: Vec<String> = classes(&zones, &zones, Level::AsGiven).list.into_iter().map(|c| c.key).collect();
    assert_eq!(plain, ["1", "2", "12"]);
}

#[test]
fn what_was_read_as_what_is_told() {
    let read = |rows: &[&str]| {
        let feature = |p: &&str| format!("{{\"type\":\"Feature\",\"properties\":{{{p}}},\"geometry\":null}}");
        let features: Vec<String> = rows.iter().map(feature).collect();
        let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(","));
        let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
        opened.expect("opens").layers.remove(0)
    };
    let base = read(&[r#""DLBM":"0101","Q":"0370105001""#, r#""DLBM":"1001","Q":"0370105002""#]);
    let plan = read(&[r#""DLBM":101,"Q":370105001"#, r#""DLBM":1001,"Q":370105009"#]);
    let found = |by: &str| {
        let keys = [&base, &plan].map(|layer| keys::parse_keys(layer, by).expect("a field"));
        let grouping = |layer, keys| Grouping { layer, keys };
        Classes::new(grouping(&base, &keys[0]), grouping(&plan, &keys[1]), Level::AsGiven, None).expect("one scheme")
    };
    let keys = |classes: &Classes| classes.list.iter().map(|class| class.key.clone()).collect::<Vec<_>>();
    let kinds = |classes: &Classes| classes.remarks.iter().map(|remark| remark.key).collect::<Vec<_>>();
    let classes = found("DLBM");
    assert_eq!((keys(&classes), kinds(&classes)), (vec!["0101".into(), "1001".into()], vec!["model.read-as-guessed"]));
    // Texts with leading zeros and the numbers that a spreadsheet made of them.
    let units = found("Q");
    assert_eq!(keys(&units), ["0370105001", "0370105002", "370105009"]);
    assert_eq!(kinds(&units), ["model.respelt"]);
}

#[test]
fn what_is_true_of_the_zone_is_said_once_a_layer() {
    let text = r#"{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[117,36.8],[117.01,36.8],[117,36.81],[117,36.8]]]}}"#;
    let opened = open_bytes("a.geojson", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
    let layer = opened.expect("opens").layers.remove(0);
    let found = Comparison::new(&layer, &layer, &CompareOptions::default(), &Progress::new()).expect("compared");
    let kinds = |issues: &[Issue]| issues.iter().map(Issue::kind).collect::<Vec<_>>();
    assert_eq!(kinds(&found.states[0].issues), ["wgs84-as-cgcs2000"]);
    assert_eq!(kinds(&found.table.issues), [] as [&str; 0]);
    assert_eq!(found.table.pairs.len(), 1);
}

#[test]
fn regions_add_up_to_the_lines_of_the_matrix() {
    // Parcels A and B lie in village 1, C in village 2; in the plan B has gone to village 2.
    let base = layer("AAB/ACB/CC.", &[('A', "0101"), ('B', "0301"), ('C', "0102")]);
    let plan = layer("AAB/.CB/DD.", &[('A', "0101"), ('B', "0301"), ('C', "0701"), ('D', "0102")]);
    let classes = classes(&base, &plan, Level::AsGiven);
    let found = compared(&base, &plan);
    let matrix = Matrix::new(&found, &classes);
    let village = |name: &str| ClassKey {
        key: name.to_owned(),
        value: name.to_owned(),
        groups: Vec::new(),
        class: None,
        big: None,
    };
    let regions =
        Classes { list: ["1", "2"].map(village).to_vec(), of: [vec![0, 0, 1], vec![0, 1, 1, 1]], ..Classes::default() };
    let sums = Regions::new(&found, &regions, &classes.of, classes.list.len());
    assert!(sums.residual_m2(&matrix) < 1e-9);
    let class = |key: &str| classes.list.iter().position(|class| class.key == key).expect("a class");
    let of = |region: usize, key: &str| {
        let line = sums.lines[region][class(key)];
        [line.base_m2, line.scenario_m2, line.decrease_m2(), line.increase_m2()]
    };
    assert_eq!(of(0, "0301"), [2.0, 0.0, 2.0, 0.0]);
    assert_eq!(of(1, "0301"), [0.0, 2.0, 0.0, 2.0]);
    assert_eq!(of(1, "0102"), [3.0, 2.0, 1.0, 0.0]);
    assert_eq!(of(0, "0101"), [3.0, 2.0, 1.0, 0.0]);
    let total = sums.totals[1];
    assert_eq!((total.base_m2, total.scenario_m2, total.unchanged_m2), (3.0, 5.0, 2.0));
}

#[test]
fn states_stand_side_by_side() {
    let states = [
        layer("AAB", &[('A', "0101"), ('B', "0301")]),
        layer("ABB", &[('A', "0101"), ('B', "0701")]),
        layer("ABC", &[('A', "0201"), ('B', "0301"), ('C', "0101")]),
    ];
    let areas: Vec<Areas> = states
        .iter()
        .map(|layer| overlay::measured(layer, AreaMethod::Planar, &Progress::new()).expect("measured"))
        .collect();
    let keys: Vec<_> = states.iter().map(|layer| keys::parse_keys(layer, "DLBM").expect("a field")).collect();
    let measured: Vec<_> = (0..3).map(|at| (&states[at], &areas[at], &keys[at][..])).collect();
    let sums = StateSums::new(&measured, Level::AsGiven).expect("one scheme");
    let rows: Vec<(&str, &[f64])> =
        sums.classes.iter().zip(&sums.m2).map(|(class, m2)| (class.key.as_str(), &m2[..])).collect();
    let expected: [(&str, &[f64]); 4] = [
        ("0101", &[2.0, 1.0, 1.0]),
        ("0201", &[0.0, 0.0, 1.0]),
        ("0301", &[1.0, 0.0, 1.0]),
        ("0701", &[0.0, 2.0, 0.0]),
    ];
    assert_eq!(rows, expected);
    assert_eq!(sums.totals, [3.0; 3]);
}

#[test]
fn pieces_that_own_their_features_add_up_to_the_whole() {
    let base = layer("AAB/ACB/CC.", &[('A', "0101"), ('B', "0301"), ('C', "0102")]);
    let plan = layer("AAA/.DD/DD.", &[('A', "0101"), ('D', "0701")]);
    let compared = compared(&base, &plan);
    let classes = classes(&base, &plan, Level::AsGiven);
    let whole = Matrix::new(&compared, &classes);
    let keys = [&base, &plan].map(|layer| keys::parse_keys(layer, "DLBM").expect("a field"));
    let groupings = [Grouping { layer: &base, keys: &keys[0] }, Grouping { layer: &plan, keys: &keys[1] }];
    let of_pieces = PieceClasses::new(groupings[0], groupings[1], Level::AsGiven, None).expect("one scheme");
    // Any way of sharing out three features and two.
    for shares in 0..1u32 << 5 {
        let mut sums = MatrixSums::default();
        for piece in [0, 1] {
            let owns = |feature: u32| (shares >> feature) & 1 == piece;
            let owned = [[0, 1, 2].map(owns).to_vec(), [3, 4].map(owns).to_vec()];
            let classes = of_pieces.of(groupings[0], groupings[1]).expect("one scheme");
            sums.add(&classes.list, &Matrix::of_owned(&compared, &classes, Some([&owned[0][..], &owned[1][..]])));
        }
        let (list, matrix) = sums.whole();
        assert_eq!(list, classes.list, "{shares:b}");
        assert_eq!((&matrix.cells, &matrix.lines), (&whole.cells, &whole.lines), "{shares:b}");
        assert_eq!((matrix.residual_m2, matrix.slivers), (0.0, whole.slivers), "{shares:b}");
    }
}
