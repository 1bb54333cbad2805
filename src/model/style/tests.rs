//! Symbols by values and by number.

use super::*;
use crate::crs::Crs;
use crate::model::{AttributeBuilder, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind};

fn class(key: &str) -> ClassSymbol {
    let class = classes::resolve(Scheme::Ydyh2023, key).map(|r| r.class);
    ClassSymbol { key: key.to_owned(), class, label: String::new(), symbol: Symbol::default(), visible: true }
}

fn by_class(keys: &[&str]) -> LayerStyle {
    LayerStyle::of(Styling::Categorised(Categories {
        field: "DLBM".to_owned(),
        scheme: Some(Scheme::Ydyh2023),
        classes: keys.iter().map(|key| class(key)).collect(),
        other: Symbol::default(),
        other_visible: true,
    }))
}

#[test]
fn a_value_finds_its_class_or_the_nearest_listed_ancestor() {
    let style = by_class(&["07", "0701", "1001", "自定义"]);
    let lookup = style.categories().expect("categorised").lookup();
    let check = |text: &str, expected: u16| assert_eq!(lookup.index_of_text(text), expected, "{text}");
    check("0701", 1);
    check("070102", 1);
    check("0703", 0);
    check("07010000", 1);
    check("1001", 2);
    check("100102", 2);
    check("自定义", 3);
    check("17", 4);
    check("", 4);
    assert_eq!(lookup.index(Value::Null), 4);
    assert_eq!(lookup.index(Value::Int(1001)), 2);
}

#[test]
fn every_feature_gets_the_number_of_its_symbol() {
    let values = [Value::Text("0701"), Value::Null, Value::Text("17"), Value::Text("0701"), Value::Text("1001")];
    let mut attributes = AttributeBuilder::new();
    let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
    for value in values {
        let column = attributes.column("DLBM", 0);
        attributes.set(column, value);
        attributes.end_row();
        geometry.null_feature();
    }
    let (_, attributes) = attributes.finish();
    let block = FeatureBlock::of_parts(geometry.finish(), attributes);
    let fields = vec![Field { name: "DLBM".to_owned(), kind: FieldType::Text }];
    let layer = Layer::new("parcels".to_owned(), GeometryKind::Polygon, Crs::wgs84(), fields, vec![block]);
    assert_eq!(by_class(&["0701", "1001"]).symbol_indices(&layer), [0, 2, 2, 0, 1]);
    assert_eq!(LayerStyle::single(Symbol::default()).symbol_indices(&layer), [0; 5]);
}

#[test]
fn the_casing_keeps_its_margin_when_the_outline_is_widened() {
    let stroke = Stroke {
        color: Color::rgb(214, 35, 43),
        width_px: 3.0,
        dash: None,
        casing: Some(Casing { color: Color::WHITE, width_px: 6.0 }),
    };
    let mut style = LayerStyle::single(Symbol { stroke: Some(stroke), ..Symbol::default() });
    style.set_outline_width_px(5.0);
    let stroke = style.symbol(0).and_then(|s| s.stroke).expect("a stroke");
    assert_eq!((stroke.width_px, stroke.casing.map(|c| c.width_px)), (5.0, Some(8.0)));
}

#[test]
fn symbols_are_numbered_with_all_other_values_last() {
    let style = by_class(&["0701"]);
    assert_eq!(style.symbol_count(), 2);
    assert!(style.symbol(1).is_some() && style.symbol(2).is_none());
    assert!(style.is_visible(1) && !style.is_visible(2));
}
