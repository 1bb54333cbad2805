//! Fields by expressions: taken back, kept in the project, right in every scenario after every edit.

use super::saved::{only_layer, opened};
use super::*;
use crate::model::{FieldType, Formula};
use crate::scenario::project::{load, save, to_text};

fn formula(field: &str, expression: &str) -> Formula {
    Formula { field: field.to_owned(), expression: expression.to_owned() }
}

fn texts(workspace: &Workspace, field: &str) -> Vec<String> {
    let layer = &workspace.entries[0].layer;
    let field = layer.field(field).unwrap_or_else(|| panic!("no field {field}"));
    (0..layer.feature_count()).map(|row| layer.value(row, field).to_string()).collect()
}

#[test]
fn a_field_by_an_expression_is_a_step_and_is_typed() {
    let (_folder, mut workspace, id) = opened();
    let before = workspace.entries[0].layer.clone();
    let formulas = vec![formula("大类", "left(DLBM, 2)"), formula("两倍", "TBMJ * 2"), formula("四倍", "两倍 * 2")];
    assert!(workspace.set_formulas_of(id, formulas.clone(), By::default()));
    assert!(!workspace.set_formulas_of(id, formulas, By::default()), "the same again is no step");
    assert_eq!(texts(&workspace, "大类"), ["01", "01", "03", "07", "12", "01"]);
    assert_eq!(texts(&workspace, "四倍"), ["400"; 6]);
    let layer = workspace.entries[0].layer.clone();
    let kinds: Vec<FieldType> = layer.fields.iter().rev().take(3).map(|field| field.kind).collect();
    assert_eq!(kinds, [FieldType::Int, FieldType::Int, FieldType::Text]);
    assert!(layer.shape == before.shape && layer.revision != before.revision, "the shapes are the same");
    assert!(workspace.entries[0].areas.is_some(), "and their areas");
    let sentence = workspace.undoable().expect("a step").step.sentence.text(Language::Chinese);
    assert!(sentence.contains("计算字段"), "{sentence}");
    workspace.undo().expect("undone");
    assert_eq!(workspace.entries[0].layer.fields, before.fields);
    workspace.redo().expect("done again");
    assert_eq!(texts(&workspace, "大类")[3], "07");
}

#[test]
fn edits_are_followed_in_every_scenario() {
    let (_folder, mut workspace, id) = opened();
    workspace.set_formulas_of(id, vec![formula("大类", "left(DLBM, 2)")], By::default());
    recode(&mut workspace, id, &[0, 3], "1001");
    assert_eq!(texts(&workspace, "大类"), ["10", "01", "03", "10", "12", "01"]);
    workspace.show(None);
    assert_eq!(texts(&workspace, "大类")[0], "01", "the base stays");
    let scenario = workspace.scenarios.list()[0].id;
    workspace.show(Some(scenario));
    workspace.undo().expect("undone");
    assert!(workspace.scenarios.list().is_empty() || texts(&workspace, "大类")[0] == "01");
    // A formula that comes later knows what was edited before.
    workspace.redo().expect("done again");
    workspace.show(Some(scenario));
    workspace.set_formulas_of(id, vec![formula("大类", "left(DLBM, 1)")], By::default());
    assert_eq!(workspace.scenarios.shown(), Some(scenario));
    assert_eq!(texts(&workspace, "大类"), ["1", "0", "0", "1", "1", "0"]);
}

#[test]
fn a_computed_field_cannot_be_set() {
    let (_folder, mut workspace, id) = opened();
    workspace.set_formulas_of(id, vec![formula("大类", "left(DLBM, 2)")], By::default());
    let refused = draft::set_field(&workspace, id, &[0], "大类", OwnedValue::text("x"));
    assert_eq!(refused, Err(EditError::Computed("大类".to_owned())));
}

#[test]
fn areas_come_when_the_layer_is_measured() {
    let (_folder, mut workspace, id) = opened();
    workspace.set_formulas_of(id, vec![formula("大", "$area > 50"), formula("亩", "$area / 1mu")], By::default());
    assert_eq!(texts(&workspace, "大"), ["true"; 6]);
    // Read again, it has no areas at first.
    let layer = (*workspace.entries[0].layer).clone();
    let own = workspace.as_read(id).expect("is there").clone();
    assert!(layer.fields.len() == own.fields.len() + 2);
    workspace.replace_layer(id, (*own).clone()).expect("is there");
    assert_eq!(texts(&workspace, "亩"), [""; 6], "no figure rather than a wrong one");
    measure(&mut workspace, id);
    assert_eq!(texts(&workspace, "大"), ["true"; 6]);
    let mu: f64 = texts(&workspace, "亩")[0].parse().expect("a number");
    assert!((mu - 0.15).abs() < 0.01, "{mu}");
    assert!(workspace.entries[0].areas.is_some(), "measured once");
}

#[test]
fn what_does_not_fit_is_an_issue_and_has_no_values() {
    let (_folder, mut workspace, id) = opened();
    workspace.set_formulas_of(id, vec![formula("错", "NOFIELD + 1")], By::default());
    assert_eq!(texts(&workspace, "错"), [""; 6]);
    let issues = workspace.entries[0].issues();
    let issue = issues.iter().find(|issue| issue.message.text(Language::Chinese).contains("NOFIELD"));
    assert!(issue.is_some(), "{issues:?}");
}

#[test]
fn the_project_keeps_formulas_marks_and_layouts() {
    let (folder, mut workspace, id) = opened();
    let path = folder.path().join("工程.toml");
    workspace.set_formulas_of(id, vec![formula("大类", "left(DLBM, 2)")], By::default());
    let sort = vec![("field DLBM".to_owned(), true)];
    workspace.entry_mut(id).expect("is there").table =
        TableLayout { hidden: vec!["field BSM".to_owned()], frozen: 1, sort, ..TableLayout::default() };
    let crs = Crs::from_epsg(4548).expect("known");
    let place = crate::model::Coord { x: 500_000.0, y: 4_070_000.0 };
    let view = SavedView { center: place, units_per_px: 2.0 };
    let bookmark = Bookmark { name: "站前".to_owned(), view, crs: crs.clone() };
    assert!(workspace.change(Property::Bookmarks(Arc::new(vec![bookmark])), By::default()));
    let note = MapNote { text: "与村里核实\n界线".to_owned(), place, crs };
    assert!(workspace.change(Property::Notes(Arc::new(vec![note.clone()])), By::default()));
    save(&workspace, &path).expect("saves");
    let mut read = load(&path, &Progress::new()).expect("opens").workspace;
    let of = only_layer(&read);
    assert_eq!(texts(&read, "大类"), ["01", "01", "03", "07", "12", "01"]);
    assert_eq!(read.entry(of).map(|entry| &entry.table), workspace.entry(id).map(|entry| &entry.table));
    assert_eq!((&read.bookmarks, &read.notes), (&workspace.bookmarks, &workspace.notes));
    assert_eq!(std::fs::read_to_string(&path).expect("text"), to_text(&read, folder.path()));
    // The steps came along: the note goes, then the bookmark, then the field.
    read.undo().expect("undone");
    assert!(read.notes.is_empty() && !read.bookmarks.is_empty());
    read.undo().expect("undone");
    read.undo().expect("undone");
    assert!(read.bookmarks.is_empty() && read.entries[0].layer.field("大类").is_none());
}

#[test]
fn what_is_drawn_becomes_a_feature() {
    let (_folder, mut workspace, id) = opened();
    let crs = Crs::from_epsg(4548).expect("known");
    let at = |x: f64, y: f64| crate::model::Coord { x: 500_100.0 + x, y: 4_070_000.0 + y };
    let ring = [at(0.0, 0.0), at(20.0, 0.0), at(20.0, 10.0), at(0.0, 10.0)];
    let drawn = draft::add_drawn(&workspace, id, &ring, &crs, "新增").expect("fits");
    workspace.apply(drawn, By::default()).expect("applied");
    let entry = &workspace.entries[0];
    assert_eq!(entry.layer.feature_count(), 7);
    let area = entry.areas.as_ref().and_then(|areas| areas.exact.get(6)).copied();
    assert!(area.is_some_and(|area| (area - 200.0).abs() < 0.5), "{area:?}");
    workspace.undo().expect("undone");
    assert_eq!(workspace.entries[0].layer.feature_count(), 6);
}
