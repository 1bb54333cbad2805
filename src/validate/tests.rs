use super::*;
use crate::testing::grid_at;

/// A schema of parcels `DK` in villages `CUN` with these rules.
fn schema(rules: &str) -> Arc<Schema> {
    let text = format!(
        r#"
format = 1
name = "test"

[[layer]]
code = "DK"
name = "地块"
geometry = "polygon"
required = "M"
source = "test"
confidence = "H"
fields = [
    {{ code = "BSM", alias = "标识码", type = "char", length = 4, required = "M", digits = [4], unique = true }},
    {{ code = "CUN", alias = "村", type = "char", length = 2, required = "M", codes = "CUN" }},
    {{ code = "MJ", alias = "面积", type = "float", length = 10, decimals = 2, range = ">0" }},
]

[[layer]]
code = "CUN"
name = "村"
geometry = "polygon"
required = "O"
source = "test"

[[layer]]
code = "JX"
name = "界线"
geometry = "line"
required = "O"
source = "test"

[[codes]]
name = "CUN"
values = [["A", "甲"], ["B", "乙"]]
source = "test"
{rules}"#
    );
    Arc::new(Schema::parse(&text).unwrap_or_else(|error| panic!("{error}")))
}

fn rule(id: &str, test: &str, more: &str) -> String {
    format!(
        "\n[[rule]]\nid = \"{id}\"\ntest = \"{test}\"\nlayers = [\"DK\"]\nsays = \"{id}\"\nseverity = 1\nsource = \"test\"\nconfidence = \"H\"\n{more}\n"
    )
}

/// Parcels of 10 m squares: each letter of the map a feature with its members.
fn parcels(map: &str, features: &[(char, &str)]) -> Layer {
    let mut layer = grid_at((500_000.0, 4_070_000.0), 10.0, map, features, |members| (*members).to_owned());
    "DK".clone_into(&mut layer.name);
    layer
}

fn villages(map: &str, features: &[(char, &str)]) -> Layer {
    Layer { name: "CUN".to_owned(), ..parcels(map, features) }
}

fn answer(schema: &Arc<Schema>, layers: &[Layer], most: usize) -> Answer {
    let progress = Progress::new();
    let mut validation = Validation::new(schema.clone(), most);
    for layer in layers {
        validation.layer(Path::new("a.geojson"), layer, &progress).expect("not cancelled");
    }
    let mut load = |part: &Part, _: &Progress| {
        let found = layers.iter().find(|layer| layer.id == part.layer).cloned();
        found.map(Arc::new).ok_or_else(|| Message::new("validate.because-unsound"))
    };
    validation.across(&mut load, &progress).expect("not cancelled");
    validation.finish()
}

/// Kind, field or rule, and the features of each group.
fn found(answer: &Answer) -> Vec<(Kind, String, Vec<usize>)> {
    let of = |group: &Group| {
        let rule = group.key.rule.map(|rule| answer.schema.rules[rule].id.clone());
        let what = rule.or(group.key.field.clone()).unwrap_or_default();
        (group.key.kind, what, group.listed.iter().filter_map(|fault| fault.feature).collect())
    };
    answer.groups.iter().map(of).collect()
}

#[test]
fn values_are_told_by_kind_and_feature() {
    let layer = parcels(
        "ABCDEF",
        &[
            ('A', r#""BSM":"0001","CUN":"A","MJ":100.0"#),
            ('B', r#""BSM":"0001","CUN":"B","MJ":100.5"#),
            ('C', r#""BSM":"001","CUN":"C","MJ":-1.0"#),
            ('D', r#""BSM":"0004","CUN":" ","MJ":100.123"#),
            ('E', r#""BSM":"0005","CUN":"A ","MJ":null"#),
            ('F', r#""BSM":"00006","CUN":null,"MJ":100000000.5"#),
        ],
    );
    let answer = answer(&schema(""), &[layer], 10);
    let mut seen = found(&answer);
    seen.sort();
    let row = |kind, field: &str, features: &[usize]| (kind, field.to_owned(), features.to_vec());
    let mut expected = vec![
        row(Kind::Twice, "BSM", &[1]),
        row(Kind::Digits, "BSM", &[2, 5]),
        row(Kind::Length, "BSM", &[5]),
        row(Kind::Code, "CUN", &[2]),
        row(Kind::Mandatory, "CUN", &[3, 5]),
        row(Kind::Blanks, "CUN", &[4]),
        row(Kind::Range, "MJ", &[2]),
        row(Kind::Decimals, "MJ", &[3]),
        row(Kind::Length, "MJ", &[5]),
    ];
    expected.sort();
    assert_eq!(seen, expected);
    assert!(answer.has_faults());
}

#[test]
fn a_layer_that_comes_twice_or_in_another_zone_is_told() {
    let first = parcels("A", &[('A', r#""BSM":"0001","CUN":"A","MJ":100.0"#)]);
    let again = parcels("A", &[('A', r#""BSM":"0002","CUN":"A","MJ":100.0"#)]);
    let again = Layer { name: "DK_2".to_owned(), ..again };
    let later =
        Layer { name: "地块 2035".to_owned(), ..parcels("A", &[('A', r#""BSM":"0003","CUN":"A","MJ":100.0"#)]) };
    let other = crate::crs::Crs::from_epsg(4527).expect("a zone");
    let elsewhere = Layer { crs: other, ..villages("A", &[('A', r#""DM":"A""#)]) };
    let answer = answer(&schema(""), &[first, again, later, elsewhere], 10);
    let of = |kind: Kind| -> Vec<(Severity, Option<usize>)> {
        let groups = answer.groups.iter().filter(|group| group.key.kind == kind);
        groups.map(|group| (group.severity, group.key.part)).collect()
    };
    // States of several years have names of their own.
    assert_eq!(of(Kind::LayerTwice), [(Severity::Warning, Some(1)), (Severity::Note, Some(2))]);
    assert_eq!(of(Kind::Crs), [(Severity::Warning, Some(3))]);
}

#[test]
fn fields_that_go_by_what_people_call_them_are_looked_into() {
    let layer = parcels("A", &[('A', r#""标识码":"01","CUN":"A","MJ":100.0"#)]);
    let seen = found(&answer(&schema(""), &[layer], 10));
    let of = |kind: Kind| -> Vec<&str> {
        seen.iter().filter(|(found, ..)| *found == kind).map(|(_, what, _)| what.as_str()).collect()
    };
    assert_eq!((of(Kind::FieldName), of(Kind::Digits)), (vec!["BSM"], vec!["BSM"]));
    assert!(of(Kind::FieldMissing).is_empty());
}

#[test]
fn counts_are_of_all_however_few_are_listed() {
    let features: Vec<(char, &str)> = ('A'..='Z').map(|letter| (letter, r#""BSM":"1","CUN":"A","MJ":1.0"#)).collect();
    let layer = parcels("ABCDEFGHIJKLMNOPQRSTUVWXYZ", &features);
    let answer = answer(&schema(""), &[layer], 3);
    let digits = answer.groups.iter().find(|group| group.key.kind == Kind::Digits).expect("is there");
    assert_eq!((digits.count, digits.listed.len()), (26, 3));
    let twice = answer.groups.iter().find(|group| group.key.kind == Kind::Twice).expect("is there");
    assert_eq!((twice.count, twice.listed.len()), (25, 3));
}

#[test]
fn rules_over_one_layer_name_their_features() {
    let rules = [
        rule("H", "holds", "field = \"MJ\"\nwhere = \"CUN = 'A'\"\nholds = \"MJ > 50\""),
        rule("M", "area", "field = \"MJ\"\ntolerance = 0.1"),
        rule("O", "no-overlap", ""),
        rule("P", "single-part", ""),
        rule("S", "min-area", "limit = 150.0\nwhere = \"CUN = 'B'\""),
        rule("N", "not-checked", ""),
        rule("X", "holds", "holds = \"NONE > 1\""),
    ];
    let layer = parcels(
        "ABB/A.C",
        &[
            ('A', r#""BSM":"0001","CUN":"A","MJ":200.0"#),
            ('B', r#""BSM":"0002","CUN":"B","MJ":200.0"#),
            ('C', r#""BSM":"0003","CUN":"A","MJ":10.0"#),
            ('B', r#""BSM":"0004","CUN":"B","MJ":200.0"#),
        ],
    );
    let answer = answer(&schema(&rules.concat()), &[layer], 10);
    let of = |id: &str| found(&answer).into_iter().find(|(_, what, _)| what == id).map(|(kind, _, at)| (kind, at));
    assert_eq!(of("H"), Some((Kind::Attributes, vec![2])));
    assert_eq!(of("M"), Some((Kind::Area, vec![2])));
    assert_eq!(of("O"), Some((Kind::Overlap, vec![3])));
    // Squares of a letter are parts of their feature.
    assert_eq!(of("P"), Some((Kind::Multipart, vec![0, 1, 3])));
    assert_eq!(of("S"), None);
    let unchecked: Vec<Option<usize>> = answer.unchecked.iter().map(|unchecked| unchecked.rule).collect();
    assert_eq!(unchecked, [Some(6), Some(5)]);
}

#[test]
fn a_sum_that_is_given_is_held_against_it() {
    let layer = || {
        let features = [('A', r#""BSM":"0001","CUN":"A","MJ":100.0"#), ('B', r#""BSM":"0002","CUN":"B","MJ":200.0"#)];
        parcels("AB", &features)
    };
    let check = |more: &str, faults: usize, unchecked: usize| {
        let rules = rule("T", "total", &format!("value = \"MJ\"\ntolerance = 0.01\n{more}"));
        let answer = answer(&schema(&rules), &[layer()], 10);
        let sums = answer.groups.iter().filter(|group| group.key.kind == Kind::Sum).count();
        let of_rule = answer.unchecked.iter().filter(|unchecked| unchecked.rule == Some(0)).count();
        assert_eq!((sums, of_rule), (faults, unchecked), "{more}");
    };
    check("expected = 300.0", 0, 0);
    check("expected = 300.02", 1, 0);
    check("expected = 100.0\nwhere = \"CUN = 'A'\"", 0, 0);
    // Nobody has said it yet.
    check("", 0, 1);
}

#[test]
fn layers_are_held_against_each_other() {
    let rules = [
        rule("I", "inside", "of = \"CUN\""),
        rule("C", "covers", "of = \"CUN\""),
        rule("1", "inside-one", "of = \"CUN\""),
        rule("A", "apart", "of = \"CUN\"\nof_where = \"DM = 'B'\"\nwhere = \"CUN = 'A'\""),
        rule("K", "code-of-place", "field = \"CUN\"\nof = \"CUN\"\nof_field = \"DM\"\ncharacters = 1"),
        rule(
            "S",
            "sum",
            "value = \"MJ\"\nby = \"CUN\"\nof = \"CUN\"\nof_value = \"MJ\"\nof_by = \"DM\"\ntolerance = 0.1",
        ),
        rule("L", "inside", "of = \"NONE\""),
    ];
    let land = parcels(
        "abbbc",
        &[
            ('a', r#""BSM":"0001","CUN":"A","MJ":100.0"#),
            ('b', r#""BSM":"0002","CUN":"A","MJ":300.0"#),
            ('c', r#""BSM":"0003","CUN":"B","MJ":100.0"#),
        ],
    );
    // The second parcel lies in both, most of it in A, the third outside; the last square of B has no parcel.
    let cun = villages("AAAB..B", &[('A', r#""DM":"A","MJ":400.0"#), ('B', r#""DM":"B","MJ":150.0"#)]);
    let answer = answer(&schema(&rules.concat()), &[land, cun], 10);
    let one = |id: &str| {
        let of_rule = found(&answer).into_iter().find(|(_, what, _)| what == id);
        of_rule.map(|(kind, _, at)| (kind, at))
    };
    assert_eq!(one("I"), Some((Kind::Outside, vec![2])));
    assert_eq!(one("C"), Some((Kind::Gap, vec![1])));
    assert_eq!(one("1"), Some((Kind::Several, vec![1])));
    assert_eq!(one("A"), Some((Kind::Conflict, vec![1])));
    assert_eq!(one("K"), None);
    // 400 is 400; 100 is not 150.
    let sums = answer.groups.iter().find(|group| group.key.kind == Kind::Sum).expect("is there");
    assert_eq!((sums.count, sums.listed[0].id.as_deref()), (1, Some("B")));
    assert_eq!(answer.unchecked.len(), 1, "{:?}", answer.unchecked);
}

/// Lines of the layer `JX`, in metres from the corner of the parcels.
fn lines(list: &[&[(f64, f64)]]) -> Layer {
    let feature = |points: &&[(f64, f64)]| {
        let points: Vec<String> =
            points.iter().map(|(x, y)| format!("[{},{}]", 500_000.0 + x, 4_070_000.0 + y)).collect();
        let geometry = format!(r#"{{"type":"LineString","coordinates":[{}]}}"#, points.join(","));
        format!(r#"{{"type":"Feature","properties":{{}},"geometry":{geometry}}}"#)
    };
    let features: Vec<String> = list.iter().map(feature).collect();
    let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
    let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(","));
    let opened =
        crate::io::open_bytes("JX.geojson", text.into_bytes(), &crate::io::OpenOptions::default(), &Progress::new());
    let mut layer = opened.expect("opens").layers.remove(0);
    "JX".clone_into(&mut layer.name);
    layer
}

/// A rule over another layer than the parcels.
fn rule_of(layer: &str, id: &str, test: &str, more: &str) -> String {
    rule(id, test, more).replace("[\"DK\"]", &format!("[\"{layer}\"]"))
}

/// Kind and features of what a rule found.
fn of_rule(answer: &Answer, id: &str) -> Option<(Kind, Vec<usize>)> {
    found(answer).into_iter().find(|(_, what, _)| what == id).map(|(kind, _, at)| (kind, at))
}

#[test]
fn lines_are_long_enough_apart_and_joined() {
    let rules = [
        rule_of("JX", "S", "min-length", "limit = 2.0"),
        rule_of("JX", "O", "no-self-overlap", ""),
        rule_of("JX", "D", "no-dangles", ""),
        rule("K", "no-dangles", ""),
    ];
    let layer = lines(&[
        &[(0.0, 0.0), (100.0, 0.0)],
        &[(100.0, 0.0), (100.0, 100.0)],
        &[(100.0, 100.0), (0.0, 100.0)],
        &[(0.0, 100.0), (0.0, 0.0)],
        // From the middle of the first into nowhere.
        &[(50.0, 0.0), (50.0, 60.0)],
        // On the first, a millimetre aside at most.
        &[(20.0, 0.0), (40.0, 0.0005)],
        &[(100.0, 50.0), (101.0, 50.0)],
        // Across two of them, from one side to the other.
        &[(0.0, 50.0), (100.0, 50.0)],
    ]);
    let land = parcels("A", &[('A', r#""BSM":"0001","CUN":"A","MJ":100.0"#)]);
    let answer = answer(&schema(&rules.concat()), &[layer, land], 10);
    assert_eq!(of_rule(&answer, "S"), Some((Kind::Short, vec![6])));
    assert_eq!(of_rule(&answer, "O"), Some((Kind::Overlap, vec![5])));
    assert_eq!(of_rule(&answer, "D"), Some((Kind::Dangle, vec![4, 6])));
    // Polygons have no ends.
    assert_eq!(answer.unchecked.iter().map(|unchecked| unchecked.rule).collect::<Vec<_>>(), [Some(3)]);
}

#[test]
fn lines_and_borders_follow_those_of_another_layer() {
    let rules = [
        rule_of("JX", "B", "on-border", "of = \"CUN\""),
        rule_of("JX", "I", "line-inside", "of = \"CUN\""),
        rule("P", "on-border", "of = \"CUN\""),
    ];
    let layer = lines(&[
        &[(0.0, 0.0), (10.0, 0.0), (20.0, 0.0)],
        &[(10.0, 0.0), (10.0, 10.0)],
        // Through the first village.
        &[(0.0, 0.0), (10.0, 10.0)],
        &[(20.0, 0.0), (30.0, 0.0)],
        // From the second one out.
        &[(15.0, 5.0), (25.0, 5.0)],
    ]);
    let land = parcels(
        "abc",
        &[
            ('a', r#""BSM":"0001","CUN":"A","MJ":100.0"#),
            ('b', r#""BSM":"0002","CUN":"B","MJ":100.0"#),
            ('c', r#""BSM":"0003","CUN":"B","MJ":100.0"#),
        ],
    );
    let cun = villages("AB", &[('A', r#""DM":"A""#), ('B', r#""DM":"B""#)]);
    let answer = answer(&schema(&rules.concat()), &[layer, land, cun], 10);
    assert_eq!(of_rule(&answer, "B"), Some((Kind::Off, vec![2, 3, 4])));
    assert_eq!(of_rule(&answer, "I"), Some((Kind::Outside, vec![3, 4])));
    let said: Vec<&str> = answer
        .groups
        .iter()
        .filter(|group| group.key.kind == Kind::Outside)
        .flat_map(|group| group.listed.iter().map(|fault| fault.value.as_str()))
        .collect();
    assert_eq!(said, ["10.00", "5.00"], "what lies outside, not the whole line");
    assert_eq!(of_rule(&answer, "P"), Some((Kind::Off, vec![2])));
    assert!(answer.unchecked.is_empty(), "{:?}", answer.unchecked);
}

#[test]
fn neighbours_sums_and_names_are_held_to_what_is_there() {
    let rules = [
        rule("N", "not-alike", "fields = [\"CUN\"]\nwhere = \"BSM != '0004'\""),
        rule("Y", "same", "field = \"MJ\"\nfields = [\"CUN\"]"),
        rule("I", "inside", "of = \"CUN\"\nof_where = \"DM = 'A'\""),
        rule("C", "covers", "of = \"CUN\"\nwhere = \"CUN = 'A'\""),
        rule_of("CUN", "S", "sum-inside", "field = \"MJ\"\nof = \"DK\"\nof_field = \"MJ\"\ntolerance = 0.01"),
        rule_of("CUN", "R", "refers", "field = \"ZK\"\nof = \"DK\"\nof_field = \"BSM\""),
    ];
    let land = parcels(
        "abcde",
        &[
            ('a', r#""BSM":"0001","CUN":"A","MJ":50.0"#),
            ('b', r#""BSM":"0002","CUN":"A","MJ":50.0"#),
            ('c', r#""BSM":"0003","CUN":"B","MJ":100.0"#),
            ('d', r#""BSM":"0004","CUN":"B","MJ":100.0"#),
            ('e', r#""BSM":"0005","CUN":"B","MJ":90.0"#),
        ],
    );
    let villages = villages(
        "AABBB",
        &[
            ('A', r#""DM":"A","MJ":100.0,"ZK":"0001,0002""#),
            // One that is not there, one that lies elsewhere.
            ('B', r#""DM":"B","MJ":300.0,"ZK":"0003、0009、0001""#),
        ],
    );
    let answer = answer(&schema(&rules.concat()), &[land, villages], 10);
    assert_eq!(of_rule(&answer, "N"), Some((Kind::Alike, vec![1])));
    assert_eq!(of_rule(&answer, "Y"), Some((Kind::Attributes, vec![4])));
    // Only what the rule means counts, on either side.
    assert_eq!(of_rule(&answer, "I"), Some((Kind::Outside, vec![2, 3, 4])));
    assert_eq!(of_rule(&answer, "C"), Some((Kind::Gap, vec![1])));
    assert_eq!(of_rule(&answer, "S"), Some((Kind::Sum, vec![1])));
    assert_eq!(of_rule(&answer, "R"), Some((Kind::Reference, vec![1, 1])));
    let keys: Vec<&str> = answer
        .groups
        .iter()
        .filter(|group| group.key.kind == Kind::Reference)
        .flat_map(|group| group.listed.iter().map(|fault| fault.message.key))
        .collect();
    assert_eq!(keys, ["validate.says-no-such", "validate.says-elsewhere"]);
}

#[test]
fn layers_are_known_by_code_name_and_what_stands_around_them() {
    let schema = built_in("survey").expect("is there");
    let check = |name: &str, file: &str, expected: Option<&str>| {
        let mut layer = parcels("A", &[('A', "")]);
        name.clone_into(&mut layer.name);
        layer.provenance.path = file.into();
        let found = names::spec_of(&schema, &layer).map(|(at, _)| schema.layers[at].code.as_str());
        assert_eq!(found, expected, "{name} {file}");
    };
    check("DLTB", "", Some("DLTB"));
    check("dltb", "", Some("DLTB"));
    check("地类图斑2025", "", Some("DLTB"));
    check("(370112)2023DLTB", "", Some("DLTB"));
    check("parcels", "x/XZQ.shp", Some("XZQ"));
    check("成果/XZQJX", "", Some("XZQJX"));
    check("永久基本农田图斑", "", Some("YJJBNTTB"));
    check("parcels", "x/parcels.geojson", None);
}

#[test]
fn what_was_cancelled_ends() {
    let progress = Progress::new();
    progress.cancel();
    let layer = parcels("A", &[('A', r#""BSM":"0001","CUN":"A","MJ":100.0"#)]);
    let mut validation = Validation::new(schema(""), 10);
    assert!(validation.layer(Path::new("a.geojson"), &layer, &progress).is_err());
}
