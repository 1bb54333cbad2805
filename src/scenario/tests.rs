use std::sync::Arc;

use super::draft::{self, ByExpression};
use super::*;
use crate::crs::Crs;
use crate::expr::Expr;
use crate::model::classes::{Class, Scheme};
use crate::model::{
    AreaMethod, AttributeBuilder, Changes, Coord, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind, Layer,
    LayerId, OwnedValue, Value, changes,
};
use crate::overlay;
use crate::task::Progress;
use crate::text::{Language, Message};

mod control;
mod document;
mod farmland;
mod formulas;
mod joins;
mod journal;
mod live;
mod mapped;
mod random;
mod saved;

/// Unit squares of 10 m in EPSG:4548, a row of parcels for each block, with BSM, DLBM, DLMC and TBMJ.
fn parcels(name: &str, blocks: &[&[&str]]) -> Layer {
    let mut number = 0;
    let block = |(at, codes): (usize, &&[&str])| {
        let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
        let mut attributes = AttributeBuilder::new();
        for (column, code) in codes.iter().enumerate() {
            let (x, y) = (500_000.0 + 10.0 * column as f64, 4_070_000.0 + 10.0 * at as f64);
            let corners = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)];
            let ring: Vec<Coord> = corners.iter().map(|(dx, dy)| Coord { x: x + dx, y: y + dy }).collect();
            geometry.polygon(&[vec![ring]]);
            number += 1;
            let name = Class::find(Scheme::Ydyh2023, code).map(|class| class.name(Language::Chinese));
            let values = [
                ("BSM", Value::Text(&format!("{number:04}"))),
                ("DLBM", Value::Text(code)),
                ("DLMC", name.map_or(Value::Null, Value::Text)),
                ("TBMJ", Value::Int(100)),
            ]
            .map(|(name, value)| (name, OwnedValue::from(value)));
            for (i, (name, value)) in values.iter().enumerate() {
                let column = attributes.column(name, i);
                attributes.set(column, value.as_value());
            }
            attributes.end_row();
        }
        FeatureBlock::of_parts(geometry.finish(), attributes.finish().1)
    };
    let blocks = blocks.iter().enumerate().map(block).collect();
    let text = |name: &str| Field { name: name.to_owned(), kind: FieldType::Text };
    let fields = vec![text("BSM"), text("DLBM"), text("DLMC"), Field { name: "TBMJ".to_owned(), kind: FieldType::Int }];
    let crs = Crs::from_epsg(4548).expect("known");
    Layer::new(name.to_owned(), GeometryKind::Polygon, crs, fields, blocks)
}

/// The land-use layer of most tests, measured.
fn workspace() -> (Workspace, LayerId) {
    let mut workspace = Workspace::new();
    let codes: [&[&str]; 3] = [&["0101", "0103", "0301", "0101"], &["0701", "1001"], &["0103", "0103", "1208"]];
    let id = workspace.add(Arc::new(parcels("地类图斑", &codes)));
    measure(&mut workspace, id);
    (workspace, id)
}

fn measure(workspace: &mut Workspace, id: LayerId) {
    let layer = workspace.entry(id).expect("open").layer.clone();
    let areas = overlay::measured(&layer, AreaMethod::Planar, &Progress::new()).expect("measured");
    assert!(workspace.set_areas(id, layer.revision, Arc::new(areas)));
}

fn class(code: &str) -> Class {
    Class::find(Scheme::Ydyh2023, code).expect("a class")
}

fn layer(workspace: &Workspace, id: LayerId) -> Arc<Layer> {
    workspace.entry(id).expect("open").layer.clone()
}

/// Values of a field, separated by blanks, `-` for null.
fn column(layer: &Layer, name: &str) -> String {
    let field = layer.field(name).expect("a field");
    let value = |row| layer.value(row, field);
    let shown = |value: Value<'_>| if value.is_null() { "-".to_owned() } else { value.to_string() };
    (0..layer.feature_count()).map(|row| shown(value(row))).collect::<Vec<_>>().join(" ")
}

fn recode(workspace: &mut Workspace, id: LayerId, rows: &[u32], code: &str) -> Applied {
    // A handful of codes may stand in several schemes.
    let scheme = workspace.entry(id).and_then(Entry::scheme).expect("recognised");
    let class = Class::find(scheme, code).expect("a class");
    let draft = draft::recode(workspace, id, rows, class, Language::Chinese).expect("changes something");
    workspace.apply(draft, By::default()).expect("applies")
}

fn sentences(workspace: &Workspace) -> Vec<String> {
    workspace.scenarios.history.steps().map(|step| step.sentence.text(Language::Chinese)).collect()
}

#[test]
fn the_first_edit_forks_a_scenario_and_undo_takes_both_back() {
    let (mut workspace, id) = workspace();
    let base = layer(&workspace, id);
    let applied = recode(&mut workspace, id, &[3, 0, 3], "0701");
    assert!(applied.forked && workspace.scenarios.shown() == Some(applied.scenario));
    assert_eq!(workspace.shown_scenario().expect("shown").name, "方案 A");
    let shown = layer(&workspace, id);
    assert_eq!(column(&shown, "DLBM"), "0701 0103 0301 0701 0701 1001 0103 0103 1208");
    assert_eq!(column(&shown, "DLMC").split(' ').next(), Some("城镇住宅用地"));
    assert_eq!((shown.id, shown.shape), (base.id, base.shape));
    assert_ne!(shown.revision, base.revision);
    assert_eq!(changes::changes(&base, &shown), Changes::Rows(vec![0, 3]));
    assert!(workspace.entry(id).is_some_and(|entry| entry.areas.is_some()), "the base's areas still hold");
    assert_eq!(sentences(&workspace), ["赋地类 2 个 → 0701 城镇住宅用地"]);
    assert!(Arc::ptr_eq(workspace.base_of(id).expect("open").0, &base));

    let undone = workspace.undo().expect("something to undo");
    assert_eq!(undone.scenario, None, "the scenario is gone");
    assert!(workspace.scenarios.list().is_empty() && workspace.scenarios.shown().is_none());
    assert!(Arc::ptr_eq(&layer(&workspace, id), &base));
    assert_eq!(workspace.redo().and_then(|redone| redone.scenario), Some(applied.scenario));
    workspace.show(Some(applied.scenario));
    assert_eq!(column(&layer(&workspace, id), "DLBM"), column(&shown, "DLBM"));
}

#[test]
fn scenarios_stand_side_by_side() {
    let (mut workspace, id) = workspace();
    let base = layer(&workspace, id);
    let a = recode(&mut workspace, id, &[0], "0701").scenario;
    let b = workspace.fork(Some(a), None, By::default()).expect("forked");
    assert_eq!(workspace.scenarios.get(b).map(|b| (b.name.as_str(), b.parent)), Some(("方案 B", Some(a))));
    recode(&mut workspace, id, &[1], "1001");
    let code = |workspace: &Workspace| column(&layer(workspace, id), "DLBM")[..9].to_owned();
    assert_eq!(code(&workspace), "0701 1001");
    let of_b = layer(&workspace, id);
    workspace.show(Some(a));
    assert_eq!(code(&workspace), "0701 0103");
    workspace.show(None);
    assert!(Arc::ptr_eq(&layer(&workspace, id), &base));
    workspace.show(Some(b));
    assert!(Arc::ptr_eq(&layer(&workspace, id), &of_b), "showing swaps pointers");
    // The base takes nothing back that was done in other tabs; each scenario takes back its own.
    workspace.show(None);
    assert_eq!(workspace.undo(), None);
    workspace.show(Some(b));
    assert_eq!(workspace.undo().and_then(|undone| undone.scenario), Some(b));
    assert_eq!(column(workspace.layer_in(Some(b), id).expect("there").0, "DLBM")[..9].to_owned(), "0701 0103");
}

#[test]
fn what_is_done_to_scenarios_is_undone_too() {
    let (mut workspace, id) = workspace();
    let by = By { language: Language::English, when: Some(1_700_000_000) };
    let a = recode(&mut workspace, id, &[0], "0701").scenario;
    assert!(workspace.rename_scenario(a, " 疏解 ", by) && !workspace.rename_scenario(a, "疏解", by));
    assert!(workspace.note_scenario(a, "按批复", by));
    let copy = workspace.duplicate(a, by).expect("copied");
    assert_eq!(workspace.scenarios.get(copy).map(|copy| copy.name.as_str()), Some("Copy of 疏解"));
    assert!(workspace.move_scenario(copy, 0, by));
    let key = LedgerKey { scenario: Some(a), ledger: "红线".to_owned(), line: "地类图斑 3".to_owned() };
    let note = LedgerNote { status: LedgerStatus::MeasurementError, note: "0.1 m".to_owned() };
    assert!(workspace.note_ledgers(vec![(key.clone(), Some(note.clone()))], by));
    let target = || Message::new("scenario.noted").with("name", "");
    assert!(workspace.set_setting("target.永久基本农田", Some("-130000mu"), target(), by));
    assert!(workspace.delete_scenario(a, by));
    let names = |workspace: &Workspace| -> Vec<String> {
        workspace.scenarios.list().iter().map(|scenario| scenario.name.clone()).collect()
    };
    assert_eq!(names(&workspace), ["Copy of 疏解"]);
    let all = workspace.scenarios.history.position();
    assert_eq!(all, 8);
    let passed = workspace.travel_to(7).expect("undone");
    assert_eq!((passed.scenario, passed.sentence.text(Language::Chinese)), (Some(a), "删除“疏解”".to_owned()));
    assert_eq!(names(&workspace), ["Copy of 疏解", "疏解"]);
    assert_eq!(workspace.scenarios.ledger.get(&key), Some(&note));
    workspace.travel_to(1);
    assert_eq!(names(&workspace), ["方案 A"]);
    assert!(workspace.scenarios.ledger.is_empty() && workspace.scenarios.settings.is_empty());
    workspace.travel_to(all);
    assert_eq!(names(&workspace), ["Copy of 疏解"]);
    assert_eq!(workspace.scenarios.settings.get("target.永久基本农田").map(String::as_str), Some("-130000mu"));
    assert_eq!(workspace.scenarios.history.done().next_back().and_then(|step| step.when), Some(1_700_000_000));
    workspace.travel_to(0);
    assert!(workspace.scenarios.list().is_empty());
}

#[test]
fn other_files_stand_in_for_layers_of_the_base() {
    let (mut workspace, id) = workspace();
    let other = workspace.add(Arc::new(parcels("方案地类图斑", &[&["0701", "0701"]])));
    measure(&mut workspace, other);
    let plan = workspace.scenario_of_layers(&[(id, other)], Some("报批稿"), By::default()).expect("made");
    let shown = layer(&workspace, id);
    assert_eq!((shown.id, column(&shown, "DLBM")), (id, "0701 0701".to_owned()));
    assert_eq!(workspace.entry(id).and_then(|entry| entry.areas.as_ref()).map(|areas| areas.exact.len()), Some(2));
    recode(&mut workspace, id, &[1], "0101");
    assert_eq!(column(&layer(&workspace, id), "DLBM"), "0701 0101");
    assert_eq!(column(&layer(&workspace, other), "DLBM"), "0701 0701");
    workspace.undo();
    workspace.undo();
    assert_eq!(workspace.scenarios.get(plan).map(|plan| plan.id), None);
    assert_eq!(layer(&workspace, id).feature_count(), 9);
    assert_eq!(workspace.scenario_of_layers(&[(id, id)], None, By::default()), None);
}

#[test]
fn a_field_that_is_missing_is_made_and_another_type_widens() {
    let (mut workspace, id) = workspace();
    let set = |workspace: &mut Workspace, rows: &[u32], field: &str, value: OwnedValue| {
        let draft = draft::set_field(workspace, id, rows, field, value).expect("changes something");
        workspace.apply(draft, By::default()).expect("applies");
    };
    set(&mut workspace, &[1], "XZDW", OwnedValue::Float(0.5));
    set(&mut workspace, &[2, 8], "TBMJ", OwnedValue::text("约百"));
    let shown = layer(&workspace, id);
    assert_eq!(column(&shown, "XZDW"), "- 0.5 - - - - - - -");
    assert_eq!(column(&shown, "tbmj"), "100 100 约百 100 100 100 100 100 约百");
    let kinds: Vec<FieldType> = shown.fields.iter().map(|field| field.kind).collect();
    assert_eq!(kinds[3..], [FieldType::Text, FieldType::Float]);
    workspace.undo();
    let shown = layer(&workspace, id);
    assert_eq!((shown.fields.len(), shown.fields[3].kind), (5, FieldType::Int));
    workspace.undo();
    assert_eq!(layer(&workspace, id).fields.len(), 4);
    for (kind, text, expected) in [
        (FieldType::Int, " 12 ", OwnedValue::Int(12)),
        (FieldType::Int, "1.5", OwnedValue::Float(1.5)),
        (FieldType::Float, "1e400", OwnedValue::text("1e400")),
        (FieldType::Text, "0101", OwnedValue::text("0101")),
        (FieldType::Bool, "true", OwnedValue::Bool(true)),
        (FieldType::Float, "", OwnedValue::Null),
    ] {
        assert_eq!(draft::typed_value(kind, text), expected, "{text}");
    }
}

#[test]
fn expressions_choose_and_compute() {
    let (mut workspace, id) = workspace();
    let (condition, value) = ("DLBM like '01%'", "TBMJ * 2 + $area");
    let parsed = [condition, value].map(|text| Expr::parse(text).expect("an expression"));
    let by = ByExpression { field: "TBMJ", rows: None, condition: Some(&parsed[0]), value: &parsed[1] };
    let draft = draft::set_by_expression(&workspace, id, &by, &Progress::new()).expect("computed");
    assert_eq!(draft.sentence.text(Language::Chinese), "按 TBMJ * 2 + $area 计算 5 个的“TBMJ”");
    workspace.apply(draft, By::default()).expect("applies");
    assert_eq!(column(&layer(&workspace, id), "TBMJ"), "300 300 100 300 100 100 300 300 100");
    let only = ByExpression { rows: Some(&[0, 2]), condition: None, ..by };
    let draft = draft::set_by_expression(&workspace, id, &only, &Progress::new()).expect("computed");
    workspace.apply(draft, By::default()).expect("applies");
    assert_eq!(column(&layer(&workspace, id), "TBMJ"), "700 300 300 300 100 100 300 300 100");
    // Codes stay text, whole numbers whole.
    for (field, value, expected) in [("DLBM", "700 + 1", FieldType::Text), ("TBMJ", "7.5 * 2", FieldType::Int)] {
        let value = Expr::parse(value).expect("parses");
        let by = ByExpression { field, rows: Some(&[0]), condition: None, value: &value };
        let draft = draft::set_by_expression(&workspace, id, &by, &Progress::new()).expect("computed");
        workspace.apply(draft, By::default()).expect("applies");
        let shown = layer(&workspace, id);
        let at = shown.field(field).expect("is there");
        assert_eq!(shown.fields[at].kind, expected, "{field}");
    }
    let shown = layer(&workspace, id);
    assert_eq!((shown.value(0, 1), shown.value(0, 3)), (Value::Text("701"), Value::Int(15)));
    let condition = Expr::parse("TBMJ = 15").expect("parses");
    assert_eq!(draft::rows_where(&workspace, id, &condition, &Progress::new()), Ok(vec![0]));
    let wrong = Expr::parse("NOSUCH + 1").expect("parses");
    let by = ByExpression { value: &wrong, ..by };
    assert!(matches!(draft::set_by_expression(&workspace, id, &by, &Progress::new()), Err(EditError::Expr(_))));
}

#[test]
fn codes_are_written_as_the_layer_writes_them() {
    let check = |codes: &[&str], to: &str, expected: &str| {
        let mut workspace = Workspace::new();
        let id = workspace.add(Arc::new(parcels("地类图斑", &[codes])));
        recode(&mut workspace, id, &[0], to);
        let shown = column(&layer(&workspace, id), "DLBM");
        assert_eq!(shown.split(' ').next(), Some(expected), "{codes:?} {to}");
    };
    check(&["0101", "0103", "0701", "1001"], "0702", "0702");
    check(&["01010000", "01030000", "07010000", "10010000"], "0701", "07010000");
    check(&["01010000", "01030000", "07010000", "10010000"], "0702", "07020000");
}

#[test]
fn what_changes_nothing_is_refused_in_both_languages() {
    let (mut workspace, id) = workspace();
    let error = draft::recode(&workspace, id, &[4], class("0701"), Language::Chinese).expect_err("is that already");
    assert_eq!(
        (error.text(Language::Chinese), error.text(Language::English).is_empty()),
        ("没有需要修改的内容".to_owned(), false)
    );
    assert_eq!(draft::recode(&workspace, LayerId(0), &[4], class("0701"), Language::Chinese), Err(EditError::NoLayer));
    assert!(draft::revert(&workspace, id, &[4]).is_err());
    let other = Class::find(Scheme::Sd2019, "0101").expect("a class");
    let error = draft::recode(&workspace, id, &[4], other, Language::Chinese).expect_err("another scheme");
    assert!(matches!(error, EditError::OtherScheme { .. }), "{error}");
    // A row that is not there, and one that has the class already, are left out.
    let draft = draft::recode(&workspace, id, &[4, 5, 99], class("0701"), Language::Chinese).expect("one");
    assert_eq!(draft.sentence.text(Language::English), "Classed 1 as 0701 城镇住宅用地");
    workspace.apply(draft, By::default()).expect("applies");
}

#[test]
fn features_are_reverted_alone_or_all() {
    let (mut workspace, id) = workspace();
    let base = layer(&workspace, id);
    recode(&mut workspace, id, &[0, 1, 2], "0701");
    let draft = draft::set_field(&workspace, id, &[2, 5], "新", OwnedValue::Int(1)).expect("new");
    workspace.apply(draft, By::default()).expect("applies");
    let draft = draft::revert(&workspace, id, &[2, 3]).expect("one of them");
    assert_eq!(draft.sentence.text(Language::Chinese), "还原 1 个到基准");
    workspace.apply(draft, By::default()).expect("applies");
    let shown = layer(&workspace, id);
    assert_eq!(column(&shown, "DLBM")[..14].to_owned(), "0701 0701 0301");
    assert_eq!(column(&shown, "新"), "- - - - - 1 - - -");
    let draft = draft::revert_layer(&workspace, id).expect("the rest");
    assert_eq!(draft.sentence.text(Language::English), "Reverted 3 to the base");
    workspace.apply(draft, By::default()).expect("applies");
    assert_eq!(column(&layer(&workspace, id), "DLBM"), column(&base, "DLBM"));
    workspace.travel_to(0);
    assert!(Arc::ptr_eq(&layer(&workspace, id), &base));
}

#[test]
fn a_history_that_outgrows_its_bytes_forgets_the_oldest_and_says_so() {
    let (mut workspace, id) = workspace();
    workspace.scenarios.history.limit = 4_000;
    for nth in 0..40 {
        recode(&mut workspace, id, &[nth % 9], if nth / 9 % 2 == 0 { "1207" } else { "1202" });
    }
    let history = &workspace.scenarios.history;
    assert!(history.byte_count() <= 4_000 && history.position() == history.steps().len());
    assert_eq!(history.forgotten_count() + history.position(), 40);
    assert!(history.forgotten().is_some_and(|message| message.text(Language::Chinese).contains("最早的")));
    let before = column(&layer(&workspace, id), "DLBM");
    workspace.travel_to(0);
    assert_ne!(column(&layer(&workspace, id), "DLBM"), before);
    assert_eq!(workspace.scenarios.list().len(), 1, "the fork itself is no longer undone");
    assert!(workspace.undo().is_none());
}

#[test]
fn a_closed_layer_leaves_its_base_behind() {
    let (mut workspace, id) = workspace();
    let base = layer(&workspace, id);
    recode(&mut workspace, id, &[0], "0701");
    assert!(workspace.close(id, By::default()) && workspace.entry(id).is_none());
    assert!(Arc::ptr_eq(workspace.base_of(id).expect("kept").0, &base));
    workspace.travel_to(0);
    assert!(Arc::ptr_eq(&layer(&workspace, id), &base));
    workspace.travel_to(9);
    assert!(workspace.entry(id).is_none());
    workspace.show(None);
}
