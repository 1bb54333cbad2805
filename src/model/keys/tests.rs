use super::*;
use crate::io::{OpenOptions, open_bytes};
use crate::task::Progress;

/// A layer of features without geometry with these properties.
fn layer(properties: &[&str]) -> Layer {
    let feature = |p: &&str| format!("{{\"type\":\"Feature\",\"properties\":{{{p}}},\"geometry\":null}}");
    let features: Vec<String> = properties.iter().map(feature).collect();
    let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(","));
    let opened = open_bytes("a.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
    opened.expect("opens").layers.remove(0)
}

/// Keys of all features, by the classes where a field holds codes; `-` for no value.
fn keys_by(layer: &Layer, text: &str) -> Vec<String> {
    let keys = as_classes(layer, parse_keys(layer, text).expect("understood"));
    let shown = |feature: usize| {
        let values = keys.iter().map(|key| {
            let (block, row) = layer.locate(feature);
            let (codes, texts) = codes(block, block.geometry.feature_count(), key);
            let value = texts[codes[row] as usize].clone();
            assert_eq!(value, key_of(layer, feature, key));
            value.as_deref().unwrap_or("-").to_owned()
        });
        values.collect::<Vec<_>>().join("/")
    };
    (0..layer.feature_count()).map(shown).collect()
}

#[test]
fn a_class_is_one_key_in_whatever_way_it_is_written() {
    let mixed = layer(&[
        r#""DLBM":"0101""#,
        r#""DLBM":101"#,
        r#""DLBM":"0101 ""#,
        r#""DLBM":"０１０１""#,
        r#""DLBM":"水田""#,
        r#""DLBM":"QQ""#,
    ]);
    assert_eq!(keys_by(&mixed, "DLBM"), ["0101", "0101", "0101", "0101", "0101", "QQ"]);
    let read = read_as(&mixed, 0, Scheme::Sd2019);
    let read: Vec<_> = read.iter().map(|read| (read.text.as_str(), read.feature_count)).collect();
    assert_eq!(read, [("0101 ", 1), ("101", 1), ("水田", 1), ("０１０１", 1)]);
    // A column of numbers as one of texts.
    assert_eq!(keys_by(&layer(&[r#""DLBM":101"#, r#""DLBM":1001"#]), "DLBM"), ["0101", "1001"]);
    // Names stay names.
    let named = layer(&[r#""DLMC":"水田""#, r#""DLMC":"旱地""#]);
    assert_eq!(keys_by(&named, "DLMC"), ["水田", "旱地"]);
    assert!(read_as(&named, 0, Scheme::Sd2019).is_empty());
}

#[test]
fn numbers_are_no_codes_but_in_fields_named_so() {
    let check = |name: &str, values: &[&str], is_class: bool| {
        let rows: Vec<String> = values.iter().map(|value| format!("\"{name}\":{value}")).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        assert_eq!(scheme_of_field(&layer(&rows), 0).is_some(), is_class, "{name} {values:?}");
    };
    check("层数", &["1", "2", "3", "11", "18"], false);
    check("层数", &["10", "11", "12", "18"], false);
    check("村组", &["\"1\"", "\"2\"", "\"11\""], false);
    check("年份", &["2019", "2020"], false);
    check("DLBM", &["1", "2", "3"], true);
    check("DLBM", &["101", "301"], true);
    check("CODE_1", &["\"0101\"", "\"0301\"", "\"1001\""], true);
    check("CODE_1", &["\"01\"", "\"03\"", "\"12\""], true);
    check("CODE_1", &["\"0101\"", "\"甲\"", "\"乙\""], false);
}

#[test]
fn what_has_no_value_is_one_key() {
    let layer = layer(&[
        r#""DLMC":null"#,
        r#""DLMC":"""#,
        r#""DLMC":" ""#,
        r#""DLMC":"null""#,
        r#""DLMC":"　""#,
        r#""X":1"#,
        r#""DLMC":"<Null>""#,
        r#""DLMC":"水田""#,
    ]);
    assert_eq!(keys_by(&layer, "DLMC"), ["-", "-", "-", "-", "-", "-", "-", "水田"]);
    let found = crate::model::NoValues::of_field(&layer, layer.field("DLMC").expect("a field"), None);
    assert_eq!((found.null_count, found.empty_count, found.blank_count, found.word_count), (2, 1, 2, 2));
    assert_eq!(found.count(), 7);
    let used = classes::used_codes(&layer, 0, None);
    assert_eq!(
        used.iter().map(|used| (used.code.as_str(), used.feature_count)).collect::<Vec<_>>(),
        [("", 7), ("水田", 1)]
    );
}

#[test]
fn names_with_signs_are_quoted() {
    let layer =
        layer(&[r#""a,b":"u","@id":"way/1","h@2":"p"," name ":"x","addr:city":"甲","面积(亩)":15,"DLBM":"0101""#]);
    let check = |text: &str, expected: &str| assert_eq!(keys_by(&layer, text), [expected], "{text}");
    check("a,b", "u");
    check("\"a,b\"", "u");
    check("[a,b],DLBM", "u/0101");
    check("“a,b”，@id", "u/way/1");
    check("\"a,b\":1", "u");
    check("[DLBM]@1", "01");
    check("h@2", "p");
    check("[ name ]", "x");
    check("addr:city,addr:city:1", "甲/甲");
    check("面积(亩)", "15");
    let error = parse_keys(&layer, "@nix").expect_err("no such field");
    assert!(matches!(&error, GroupError::NoField { name, fields, .. } if name == "@nix" && fields.contains("\"a,b\"")));
    assert!(error.message().text(crate::text::Language::English).contains("quotes"));
    assert!(matches!(parse_keys(&layer, "[DLBM]x"), Err(GroupError::BadNumber(_))));
}
