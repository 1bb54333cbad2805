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
