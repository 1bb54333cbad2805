use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::crs::Crs;
use crate::model::classes::Scheme;
use crate::model::roles::fields::Meanings;
use crate::model::{AttributeBuilder, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind, Value};
use crate::text::Language::{Chinese, English};

/// Seven parcels in blocks of 4 and 3; the last has nothing but a number.
fn layer() -> Layer {
    let rows: [[Value<'static>; 7]; 7] = {
        use Value::*;
        [
            [
                Text("0701"),
                Text("大桥街道"),
                Float(1000.5),
                Int(1),
                Text("12.5"),
                Bool(true),
                Int(370_105_211_000_001_204),
            ],
            [
                Text("0703"),
                Text("大桥街道"),
                Float(2000.0),
                Int(2),
                Text("9"),
                Bool(false),
                Int(370_105_211_000_001_205),
            ],
            [Text("1001"), Text("崔寨街道"), Float(500.0), Int(3), Text("100"), Bool(true), Int(3)],
            [Text("0102"), Text("孙耿街道"), Null, Int(4), Text("无"), Null, Int(4)],
            [Text("070102"), Text("100%"), Float(0.0), Int(5), Text("1,000"), Bool(false), Int(5)],
            [Text("17"), Text("a_b"), Float(-3.0), Int(6), Null, Bool(true), Int(6)],
            [Null, Null, Null, Int(7), Null, Null, Null],
        ]
    };
    let names = ["DLBM", "街道", "TBMJ", "n", "note text", "flag", "BSM"];
    let kinds = [
        FieldType::Text,
        FieldType::Text,
        FieldType::Float,
        FieldType::Int,
        FieldType::Text,
        FieldType::Bool,
        FieldType::Int,
    ];
    let fields = names.iter().zip(kinds).map(|(name, kind)| Field { name: (*name).to_owned(), kind });
    let blocks = rows.chunks(4).map(|rows| {
        let mut attributes = AttributeBuilder::new();
        let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
        for row in rows {
            for (at, value) in row.iter().enumerate() {
                let column = attributes.column(names[at], at);
                attributes.set(column, *value);
            }
            attributes.end_row();
            geometry.null_feature();
        }
        let (_, attributes) = attributes.finish();
        FeatureBlock::of_parts(geometry.finish(), attributes)
    });
    Layer::new("parcels".to_owned(), GeometryKind::Polygon, Crs::wgs84(), fields.collect(), blocks.collect())
}

const AREAS: [f64; 7] = [1000.0, 2000.0, 666.0, 667.0, 10_000.0, 0.0, 1e6];

fn selected(source: &str) -> Result<Vec<u32>, ExprError> {
    let layer = layer();
    let figures = Figures { areas: Some(&AREAS), perimeters: None };
    let bound = Expr::parse(source)?.bind_condition(&layer, figures)?;
    let found = bound.select(&Progress::new()).expect("not cancelled");
    // The fast way and the plain way agree on every expression of these tests.
    let plain: Vec<u32> = (0..7).filter(|feature| bound.holds(*feature)).map(|feature| feature as u32).collect();
    assert_eq!(found, plain, "{source}");
    Ok(found)
}

#[test]
fn conditions_select_features() {
    let check = |source: &str, expected: &[u32]| match selected(source) {
        Ok(found) => assert_eq!(found, expected, "{source}"),
        Err(error) => panic!("{source}: {error}"),
    };
    // Text and codes.
    check("DLBM = '0701'", &[0]);
    check("dlbm = '0701'", &[0]);
    check("\"DLBM\" == '0701'", &[0]);
    check("[DLBM] = '0701'", &[0]);
    check("地类编码 = '0701'", &[0]);
    check("'0701' = DLBM", &[0]);
    check("DLBM = 0701", &[0]);
    check("DLBM = 701", &[]);
    check("DLBM != '0701'", &[1, 2, 3, 4, 5]);
    check("DLBM <> '0701'", &[1, 2, 3, 4, 5]);
    check("not DLBM = '0701'", &[1, 2, 3, 4, 5, 6]);
    check("! (DLBM = '0701')", &[1, 2, 3, 4, 5, 6]);
    check("DLBM > '0702'", &[1, 2, 5]);
    check("街道 = '大桥街道'", &[0, 1]);
    check("街道 ＝ ‘大桥街道’", &[0, 1]);
    check("街道 in （“大桥街道”，“崔寨街道”）", &[0, 1, 2]);
    check("DLBM in ('0701', '17', null)", &[0, 5]);
    check("DLBM in (0701, 17)", &[0, 5]);
    check("DLBM not in ('0701', '17')", &[1, 2, 3, 4]);
    check("DLBM like '07%'", &[0, 1, 4]);
    check("DLBM like '07__'", &[0, 1]);
    check("DLBM not like '07%'", &[2, 3, 5]);
    check("街道 like '%街道'", &[0, 1, 2, 3]);
    check("街道 like '%\\%'", &[4]);
    check("街道 like 'a\\_b'", &[5]);
    check("街道 like '%'", &[0, 1, 2, 3, 4, 5]);
    check("街道 like '%大%街%'", &[0, 1]);
    check("街道 like '%街_'", &[0, 1, 2, 3]);
    check("街道 like '街%'", &[]);
    check("DLBM like concat(left(DLBM, 2), '%')", &[0, 1, 2, 3, 4, 5]);
    check("DLBM like null or null like '%'", &[]);
    check("[note text] = '12.5'", &[0]);
    check("街道 = 'it''s'", &[]);
    // Numbers.
    check("TBMJ > 500", &[0, 1]);
    check("TBMJ >= 500", &[0, 1, 2]);
    check("TBMJ < 0", &[5]);
    check("TBMJ between 0 and 1000.5", &[0, 2, 4]);
    check("TBMJ not between 0 and 1000.5", &[1, 5]);
    check("TBMJ = 2e3", &[1]);
    check("TBMJ in (2000, 500.0, 1000.5)", &[0, 1, 2]);
    check("n in (1, 3.0, 4.5)", &[0, 2]);
    check("n % 2 = 0", &[1, 3, 5]);
    check("n / 2 = 1.5", &[2]);
    check("n * 2 + 1 > 12 - 1", &[5, 6]);
    check("-n < -6", &[6]);
    check("n - -1 = 8", &[6]);
    check("(n + 1) * 2 = 4", &[0]);
    check("TBMJ / 0 > 0 or TBMJ / 0 <= 0", &[]);
    // 18-digit codes differ in the last digit, which a double loses.
    check("BSM = 370105211000001204", &[0]);
    check("BSM in (370105211000001205)", &[1]);
    // Null.
    check("TBMJ is null", &[3, 6]);
    check("TBMJ is not null and TBMJ != 0", &[0, 1, 2, 5]);
    check("TBMJ = null", &[]);
    check("TBMJ != null", &[]);
    check("coalesce(TBMJ, 0) = 0", &[3, 4, 6]);
    // Conditions.
    check("flag", &[0, 2, 5]);
    check("not flag", &[1, 3, 4, 6]);
    check("flag = false", &[1, 4]);
    check("flag and TBMJ > 600 or n = 7", &[0, 6]);
    check("flag && (TBMJ > 600 || n = 6)", &[0, 5]);
    check("true", &[0, 1, 2, 3, 4, 5, 6]);
    check("false or not true", &[]);
    check("NOT flag AND n BETWEEN 2 AND 4", &[1, 3]);
    // Text against numbers.
    check("[note text] > 10", &[0, 2, 4]);
    check("num([note text]) + 1 = 1001", &[4]);
    check("num([note text]) is null", &[3, 5, 6]);
    check("n = '3'", &[2]);
    check("n != 'x'", &[0, 1, 2, 3, 4, 5, 6]);
    // Functions.
    check("left(DLBM, 2) = '07'", &[0, 1, 4]);
    check("left(DLBM, 2) in ('07', '17')", &[0, 1, 4, 5]);
    check("right(街道, 2) = '街道'", &[0, 1, 2, 3]);
    check("substr(DLBM, 3, 2) = '01'", &[0, 2, 4]);
    check("substr(DLBM, 5) = '02'", &[4]);
    check("len(DLBM) = 2 or len(街道) = 3", &[5]);
    check("starts_with(DLBM, '10') or contains(街道, '寨')", &[2]);
    check("ends_with(街道, '道') and upper('a') = 'A'", &[0, 1, 2, 3]);
    check("concat(DLBM, '-', n) = '0701-1'", &[0]);
    check("round(TBMJ) = 1001", &[0]);
    check("abs(TBMJ) = 3 and floor(2.7) = 2 and ceil(2.1) = 3", &[5]);
    check("max(TBMJ, n) = 7 or min(n, 3) = 1", &[0, 6]);
    check("if(flag, 'x', 'y') = 'x'", &[0, 2, 5]);
    check("text(n) = '4'", &[3]);
    // Areas and variables.
    check("$area > 1mu", &[0, 1, 3, 4, 6]);
    check("$area >= 1.5亩", &[0, 1, 4, 6]);
    check("$area = 1ha", &[4]);
    check("$area = 1km2 or $area = 1 km2", &[6]);
    check("$area between 0.09 公顷 and 0.1万亩", &[0, 1, 4]);
    check("$AREA <= 666m²", &[2, 5]);
    check("$area = 1e4m2", &[4]);
    check("$area = 10_000 m2", &[4]);
    check("n ％ 2 ＝ 0", &[1, 3, 5]);
    check("n in (1、3)", &[0, 2]);
    check("n − 1 ＊ 2 ／ 2 = 2", &[2]);
    check("$row <= 2", &[0, 1]);
    check("$id is null", &[0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn errors_name_the_place_and_a_remedy() {
    let check = |source: &str, column: usize, key: &str, remedy: Option<&str>| match selected(source) {
        Ok(found) => panic!("{source} selected {found:?}"),
        Err(error) => {
            assert_eq!((error.column, error.message.key), (column, key), "{source}: {error}");
            assert_eq!(error.remedy.as_ref().map(|remedy| remedy.key), remedy, "{source}: {error}");
            for language in [Chinese, English] {
                assert!(!error.text(language).contains('{'), "{}", error.text(language));
            }
        }
    };
    check("", 1, "expr.ends-early", Some("expr.want-value"));
    check("DLBM = ", 8, "expr.ends-early", Some("expr.want-value"));
    check("DLBM '0701'", 6, "expr.unexpected", Some("expr.want-operator"));
    check("街道 = 大桥 街道", 9, "expr.unexpected", Some("expr.want-operator"));
    check("(n = 1", 1, "expr.open-parenthesis", None);
    check("n in (1, 2", 6, "expr.open-parenthesis", None);
    check("(n 1)", 4, "expr.unexpected", Some("expr.want-parenthesis"));
    check("n = 1)", 6, "expr.unexpected", Some("expr.want-operator"));
    check("n in 1", 6, "expr.unexpected", Some("expr.want-list"));
    check("n in (1; 2)", 8, "expr.bad-character", None);
    check("n in (1 2)", 9, "expr.unexpected", Some("expr.want-comma"));
    check("n is 1", 6, "expr.unexpected", Some("expr.want-null"));
    check("n between 1 or 2", 13, "expr.unexpected", Some("expr.want-and"));
    check("n not = 1", 7, "expr.unexpected", Some("expr.want-like"));
    check("1 < n < 3", 7, "expr.unexpected", Some("expr.want-one-comparison"));
    check("n = 'a", 5, "expr.open-quote", None);
    check("[n = 1", 1, "expr.open-quote", None);
    check("DLBM = 0701K", 12, "expr.unknown-unit", None);
    check("$area > 2acre", 10, "expr.unknown-unit", None);
    check("n = 1.2.3", 5, "expr.bad-number", None);
    check("$area > 1e400mu", 9, "expr.bad-number", None);
    check("n # 1", 3, "expr.bad-character", None);
    check("DLMB = '0701'", 1, "expr.unknown-field", Some("expr.did-you-mean"));
    check("街 = '大桥'", 1, "expr.unknown-field", Some("expr.did-you-mean"));
    check("用途 = '大桥'", 1, "expr.unknown-field", Some("expr.fields-are"));
    check("DLBM = \"0701\"", 8, "expr.unknown-field", Some("expr.text-in-single-quotes"));
    check("lenn(DLBM) = 4", 1, "expr.unknown-function", Some("expr.did-you-mean"));
    check("foobar(DLBM) = 4", 1, "expr.unknown-function", Some("expr.functions-are"));
    check("left(DLBM) = '07'", 1, "expr.argument-count", None);
    check("$aera > 1", 1, "expr.unknown-variable", Some("expr.variables-are"));
    check("$perimeter > 1", 1, "expr.no-figure", None);
    check("DLBM", 1, "expr.want-condition", Some("expr.condition-remedy"));
    check("n = 1 and TBMJ", 11, "expr.want-condition", Some("expr.condition-remedy"));
    check("DLBM + 1 = 2", 1, "expr.want-number-not-text", Some("expr.num-remedy"));
    check("n + (n = 1) = 2", 6, "expr.want-number-not-condition", None);
    check("flag = 1", 8, "expr.bool-beside-other", None);
    check("n = 1 and or n = 2", 11, "expr.unexpected", Some("expr.want-value"));
    check(&format!("{}n = 1", "(".repeat(500)), 65, "expr.too-deep", None);
    check(&format!("{}flag", "not ".repeat(500)), 257, "expr.too-deep", None);
    check(&format!("n{} = 1", "+1".repeat(600)), 1027, "expr.too-long", None);
}

#[test]
fn did_you_mean_names_the_nearest_field() {
    let error = selected("DLMB = '0701'").expect_err("no such field");
    assert_eq!(error.text(English), "Character 1: there is no field \"DLMB\". Did you mean DLBM?");
    assert_eq!(error.text(Chinese), "第 1 个字符：没有字段“DLMB”。是否为 DLBM？");
}

#[test]
fn hints_are_given_for_what_is_probably_not_meant() {
    let check = |source: &str, expected: &[&str]| {
        let layer = layer();
        let bound = Expr::parse(source).and_then(|e| e.bind_condition(&layer, Figures::default())).expect(source);
        let keys: Vec<_> = bound.hints().iter().map(|hint| hint.key).collect();
        assert_eq!(keys, expected, "{source}");
    };
    check("DLBM = '0701'", &[]);
    check("DLBM = 0701", &["expr.hint-text"]);
    check("DLBM in (701, 701)", &["expr.hint-text"]);
    check("[note text] > 10", &["expr.hint-text-as-number"]);
    check("n = 'x'", &["expr.hint-number"]);
    check("n = '3'", &[]);
}

#[test]
fn what_was_passed_over_is_counted() {
    let check = |source: &str, expected: &[(&str, &str, &str)]| {
        let layer = layer();
        let bound = Expr::parse(source).and_then(|e| e.bind_condition(&layer, Figures::default())).expect(source);
        let found = bound.uncompared(&Progress::new()).expect("not cancelled");
        let arg = |message: &Message, name: &str| {
            message.args.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let found: Vec<_> = found.iter().map(|m| (m.key, arg(m, "n"), arg(m, "field"))).collect();
        let found: Vec<_> = found.iter().map(|(key, n, field)| (*key, n.as_str(), field.as_str())).collect();
        assert_eq!(found, expected, "{source}");
    };
    let null = "expr.passed-null";
    check("DLBM != '0701'", &[(null, "1", "DLBM")]);
    check("not (DLBM = '0701')", &[(null, "1", "DLBM")]);
    check("DLBM = '0701'", &[(null, "1", "DLBM")]);
    check("DLBM is null", &[]);
    check("TBMJ > 100", &[(null, "2", "TBMJ")]);
    check("TBMJ between 0 and 1", &[(null, "2", "TBMJ")]);
    check("DLBM like '07%' and TBMJ > 100", &[]);
    check("n > 0 or TBMJ > 100", &[]);
    check("DLBM not in ('0701')", &[(null, "1", "DLBM")]);
    // 1,000 is read, 无 is none, and two are null.
    check("[note text] > 10", &[("expr.passed-no-number", "1", "note text"), (null, "2", "note text")]);
    assert_eq!(selected("[note text] > 10").expect("a condition"), [0, 2, 4]);
}

#[test]
fn null_is_asked_for_with_is() {
    let hints = |source: &str| {
        let layer = layer();
        let bound = Expr::parse(source).and_then(|e| e.bind_condition(&layer, Figures::default())).expect(source);
        bound.hints().iter().map(|hint| hint.text(English)).collect::<Vec<_>>()
    };
    assert_eq!(hints("DLBM = null"), ["A comparison with null never holds: use DLBM is null"]);
    assert_eq!(hints("DLBM != null"), ["A comparison with null never holds: use DLBM is not null"]);
    assert_eq!(hints("DLBM in ('0701', null)"), ["A comparison with null never holds: use DLBM is null"]);
}

#[test]
fn curly_quotes_are_quotes() {
    let check = |source: &str, expected: &[u32]| assert_eq!(selected(source).expect(source), expected, "{source}");
    check("“DLBM” = ‘0701’", &[0]);
    check("DLBM = ’0701’", &[0]);
    check("DLBM = “0701”", &[0]);
    check("“note text” = ‘9’", &[1]);
    check("＂note text＂ = ＇9＇", &[1]);
    let error = selected("“nix” = ‘0701’").expect_err("neither a field nor a text to compare");
    assert_eq!(error.message.key, "expr.unknown-field");
    let remedy = |source: &str| selected(source).expect_err(source).text(English);
    assert!(remedy("@id = 'way/1'").contains("\"@id\" or [@id]"));
    assert!(remedy("addr:city = '甲'").contains("[addr:city]"));
    assert!(remedy("面积(亩) > 3").contains("[面积(亩)]"));
}

#[test]
fn a_long_list_of_alternatives_is_not_deep() {
    let source = (0..5000).map(|i| format!("n = {i}")).collect::<Vec<_>>().join(" or ");
    assert_eq!(selected(&source).expect("an expression"), [0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn values_are_computed_for_labels() {
    let layer = layer();
    let value = |source: &str| {
        let bound = Expr::parse(source).and_then(|e| e.bind(&layer, Figures::default())).expect(source);
        bound.value(0).text().map(std::borrow::Cow::into_owned)
    };
    assert_eq!(value("concat(街道, ' ', DLBM)").as_deref(), Some("大桥街道 0701"));
    assert_eq!(value("n + 1").as_deref(), Some("2"));
    assert_eq!(value("n / 2").as_deref(), Some("0.5"));
    assert_eq!(value("null"), None);
    assert!(Expr::parse("$area > 1 and n = 1").is_ok_and(|e| e.uses_area()));
    assert!(Expr::parse("n = 1").is_ok_and(|e| !e.uses_area()));
}

#[test]
fn selecting_can_be_cancelled() {
    let layer = layer();
    let bound = Expr::parse("n = 1").and_then(|e| e.bind(&layer, Figures::default())).expect("an expression");
    let progress = Progress::new();
    progress.cancel();
    assert_eq!(bound.select(&progress), Err(Cancelled));
}

/// A field may hold numbers in one block and text in another; it is text for both.
#[test]
fn a_widened_field_is_text_in_every_block() {
    let mut layer = layer();
    let mut fields = (*layer.fields).clone();
    fields[3].kind = FieldType::Text;
    layer.fields = Arc::new(fields);
    let bound = Expr::parse("n in ('1', '6')").and_then(|e| e.bind(&layer, Figures::default())).expect("an expression");
    assert_eq!(bound.select(&Progress::new()), Ok(vec![0, 5]));
}

#[test]
fn the_quick_filter_finds_words_anywhere() {
    let layer = layer();
    let name =
        |field: usize| (field == 0).then(|| Meanings::of_field("DLBM", Some(Scheme::Ydyh2023), Chinese)).flatten();
    let check = |query: &str, expected: &[u32]| {
        let words = read_words(&layer, query, None);
        let found = find_words(&layer, &words, None, &name, None, &Progress::new()).expect("not cancelled");
        assert_eq!(found.features, expected, "{query}");
    };
    check("", &[0, 1, 2, 3, 4, 5, 6]);
    check("大桥", &[0, 1]);
    check("大桥 0701", &[0]);
    check("住宅 大桥", &[0]);
    check("A_B", &[5]);
    check("2000", &[1]);
    check("0701", &[0, 4]);
    check("没有", &[]);
}

#[test]
fn a_word_that_begins_a_class_means_the_class() {
    let layer = layer();
    let classes = Some((0, Some(Scheme::Ydyh2023)));
    let check = |query: &str, expected: &[u32], meant: &[(&str, bool)]| {
        let words = read_words(&layer, query, classes);
        let read: Vec<(&str, bool)> = words.iter().map(|word| (word.text.as_str(), word.is_class)).collect();
        assert_eq!(read, meant, "{query}");
        let found = find_words(&layer, &words, classes, &|_| None, None, &Progress::new()).expect("not cancelled");
        assert_eq!(found.features, expected, "{query}");
        for (at, word) in words.iter().enumerate() {
            let alone = std::slice::from_ref(word);
            let alone = find_words(&layer, alone, classes, &|_| None, None, &Progress::new()).expect("not cancelled");
            assert_eq!(found.counts[at], alone.features.len(), "{query}");
        }
    };
    check("0701", &[0, 4], &[("0701", true)]);
    check("07", &[0, 1, 4], &[("07", true)]);
    check("大桥 07", &[0, 1], &[("大桥", false), ("07", true)]);
    check("大桥　０７０１", &[0], &[("大桥", false), ("0701", true)]);
    // No feature is of class 12, but there is a 12 in notes and numbers.
    check("12", &[], &[("12", true)]);
    check("\"12\"", &[0, 1], &[("12", false)]);
    check("“12” 0701", &[0], &[("12", false), ("0701", true)]);
    // No class begins with it: it may stand anywhere.
    check("2000", &[1], &[("2000", false)]);
    check("7", &[0, 1, 4, 5, 6], &[("7", false)]);
    check("\"open", &[], &[("\"open", false)]);
    check("\"\" 07", &[0, 1, 4], &[("07", true)]);
}

proptest! {
    #[test]
    fn no_input_makes_it_panic(source in "\\PC{0,60}") {
        if let Err(error) = selected(&source) {
            prop_assert!(error.column <= source.chars().count() + 1);
        }
    }

    #[test]
    fn no_sequence_of_tokens_makes_it_panic(
        tokens in prop::collection::vec(
            prop::sample::select(vec![
                "DLBM", "n", "TBMJ", "flag", "[note text]", "'0701'", "'07%'", "1", "2.5", "1e300", "9223372036854775807",
                "1.5mu", "$area", "$row", "$id", "and", "or", "not", "like", "in", "between", "is", "null", "true", "(",
                ")", ",", "=", "!=", "<", ">=", "+", "-", "*", "/", "%", "left(", "substr(", "num(", "round(", "if(",
                "coalesce(", "街道", "（", "，", "\"x\"",
            ]),
            0..24,
        ),
    ) {
        let source = tokens.join(" ");
        if let Err(error) = selected(&source) {
            prop_assert!(error.column <= source.chars().count() + 1, "{error}");
        }
    }
}
