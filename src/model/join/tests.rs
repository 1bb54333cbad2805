use super::*;
use crate::crs::Crs;
use crate::model::{AttributeBuilder, Coord, FeatureBlock, GeometryBuilder, GeometryKind};

/// A layer of points, or a table: the names of its fields, then rows. Whole numbers become numbers where they begin with `#`.
fn layer(name: &str, kind: GeometryKind, fields: &[&str], rows: &[&[&str]]) -> Layer {
    let mut geometry = GeometryBuilder::new(kind);
    let mut attributes = AttributeBuilder::new();
    for row in rows {
        match kind {
            GeometryKind::Point => {
                geometry.coord(Coord { x: 117.0, y: 36.8 });
                geometry.end_feature();
            }
            _ => geometry.null_feature(),
        }
        for (at, (field, text)) in fields.iter().zip(*row).enumerate() {
            let column = attributes.column(field, at);
            let value = match text.strip_prefix('#') {
                Some(number) => Value::Int(number.parse().expect("a number")),
                None if text.is_empty() => Value::Null,
                None => Value::Text(text),
            };
            attributes.set(column, value);
        }
        attributes.end_row();
    }
    let (names, attributes) = attributes.finish();
    let kind_of = |at: usize| attributes.column(at).map_or(FieldType::Null, |column| column.kind());
    let fields = names.into_iter().enumerate().map(|(at, name)| Field { name, kind: kind_of(at) }).collect();
    let lines: Vec<u32> = (0..rows.len() as u32).map(|row| row + 2).collect();
    let block = FeatureBlock { lines: lines.into(), ..FeatureBlock::of_parts(geometry.finish(), attributes) };
    Layer::new(name.to_owned(), kind, Crs::cgcs2000(), fields, vec![block])
}

fn parcels(rows: &[&[&str]]) -> Layer {
    layer("DLTB", GeometryKind::Point, &["BSM", "DLBM"], rows)
}

fn ledger(rows: &[&[&str]]) -> Layer {
    layer("补偿台账", GeometryKind::None, &["BSM", "户主"], rows)
}

fn kinds(joined: &Joined) -> Vec<(&'static str, usize)> {
    let mut kinds: Vec<(&'static str, usize)> = Vec::new();
    for issue in joined.layer.issues.iter() {
        match kinds.iter_mut().find(|(kind, _)| *kind == issue.kind()) {
            Some((_, n)) => *n += 1,
            None => kinds.push((issue.kind(), 1)),
        }
    }
    kinds
}

#[test]
fn rows_find_their_features_by_trimmed_text() {
    let parcels =
        parcels(&[&["001", "0101"], &["#2", "0101"], &[" 003\u{3000}", "0201"], &["", "0301"], &["9", "0301"]]);
    let ledger = ledger(&[&["003", "丙"], &["001 ", "甲"], &["2", "乙"], &["404", "丁"], &["", "戊"]]);
    let joined = join(&parcels, &ledger, "补偿台账", "bsm", "BSM").expect("joins");
    let field = joined.layer.field("户主").expect("is added");
    let owners: Vec<String> = (0..5).map(|row| joined.layer.value(row, field).to_string()).collect();
    assert_eq!(owners, ["甲", "乙", "丙", "", ""]);
    assert_eq!(joined.fields, [("户主".to_owned(), "户主".to_owned())]);
    assert_eq!(joined.matching.lonely_features, [4]);
    assert_eq!(joined.matching.lonely_rows, [3]);
    assert_eq!((joined.matching.blank_features, joined.matching.blank_rows), (1, 1));
    assert_eq!(kinds(&joined), [("some", 1), ("blank", 1), ("feature-alone", 1), ("row-alone", 1)]);
    assert_eq!(joined.layer.issues[2].feature, Some(4));
    assert!(joined.layer.issues[3].message.args.contains(&("line", "5".to_owned())));
    assert_eq!((joined.layer.shape, joined.layer.id), (parcels.shape, parcels.id));
    assert_ne!(joined.layer.revision, parcels.revision);
}

#[test]
fn a_lost_zero_is_put_back_only_where_codes_are_classes() {
    // Identifiers: 199 is another one than 0199.
    let numbers = parcels(&[&["0199", "0103"], &["0198", "0701"]]);
    let joined = join(&numbers, &ledger(&[&["199", "甲"], &["0198", "乙"]]), "台账", "BSM", "BSM").expect("joins");
    assert_eq!(joined.matching.row_of, [None, Some(1)]);
    // Classes: the scheme says so, and it is told.
    let prices =
        layer("价目", GeometryKind::None, &["DLBM", "单价"], &[&["103", "#5"], &["#701", "#7"], &["0201", "#9"]]);
    let joined = join(&numbers, &prices, "价目", "DLBM", "DLBM").expect("joins");
    assert_eq!(joined.matching.row_of, [Some(0), Some(1)]);
    let read: Vec<_> =
        joined.matching.read_as.iter().map(|(text, code, n)| (text.as_str(), code.as_str(), *n)).collect();
    assert_eq!(read, [("103", "0103", 1), ("701", "0701", 1)]);
    assert_eq!(kinds(&joined), [("some", 1), ("read-as", 2), ("row-alone", 1)]);
}

#[test]
fn keys_that_stand_twice_are_named_on_both_sides() {
    let parcels = parcels(&[&["1", "0101"], &["1", "0101"], &["2", "0101"]]);
    let ledger = ledger(&[&["1", "甲"], &["2", "乙"], &["2", "丙"], &["7", "丁"], &["7", "戊"]]);
    let joined = join(&parcels, &ledger, "台账", "BSM", "BSM").expect("joins");
    assert_eq!(joined.matching.row_of, [Some(0), Some(0), Some(1)], "the first row is taken");
    assert_eq!(joined.matching.repeated_rows, [("2".to_owned(), vec![1, 2]), ("7".to_owned(), vec![3, 4])]);
    assert_eq!(joined.matching.repeated_features, [("1".to_owned(), 2)]);
    assert_eq!(joined.matching.lonely_rows, [3, 4]);
    assert_eq!(kinds(&joined), [("some", 1), ("rows-repeated", 2), ("features-repeated", 1), ("row-alone", 2)]);
}

#[test]
fn names_that_are_taken_get_the_name_of_the_table() {
    let parcels = layer("DLTB", GeometryKind::Point, &["BSM", "面积", "台账.面积"], &[&["1", "#3", "#4"]]);
    let table = layer("台账", GeometryKind::None, &["BSM", "面积"], &[&["1", "#5"]]);
    let joined = join(&parcels, &table, "台账", "BSM", "BSM").expect("joins");
    assert_eq!(joined.fields, [("台账.面积_2".to_owned(), "面积".to_owned())]);
    assert_eq!(joined.layer.value(0, 3).to_string(), "5");
    assert_eq!(kinds(&joined), [("all", 1), ("renamed", 1)]);
}

#[test]
fn what_cannot_be_joined_says_why() {
    let (parcels, ledger) = (parcels(&[&["1", "0101"]]), ledger(&[&["1", "甲"]]));
    let failed = |key: &str, other: &str| join(&parcels, &ledger, "台账", key, other).expect_err("fails").message().key;
    assert_eq!(failed("编号", "BSM"), "join.no-field");
    assert_eq!(failed("BSM", "编号"), "join.no-field");
    let bare = layer("台账", GeometryKind::None, &["BSM"], &[&["1"]]);
    assert_eq!(join(&parcels, &bare, "台账", "BSM", "BSM").expect_err("fails").message().key, "join.nothing-to-add");
    let strange = self::ledger(&[&["x", "甲"]]);
    assert_eq!(kinds(&join(&parcels, &strange, "台账", "BSM", "BSM").expect("joins"))[0], ("none", 1));
}

#[test]
fn the_key_is_found_by_names_and_values() {
    let parcels = parcels(&[&["1", "0101"], &["2", "0101"], &["3", "0201"]]);
    let titled = layer(
        "台账",
        GeometryKind::None,
        &["地类编码", "标识码", "户主"],
        &[&["0101", "3", "丙"], &["0101", "1", "甲"], &["0101", "2", "乙"]],
    );
    assert_eq!(suggest(&parcels, &titled), Some((0, 1, 3)));
    let strange = layer("台账", GeometryKind::None, &["标识码"], &[&["a"], &["b"]]);
    assert_eq!(suggest(&parcels, &strange), None);
}
