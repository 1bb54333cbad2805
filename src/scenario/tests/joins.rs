//! Tables joined to layers: taken back, kept in the project, seen by scenarios.

use std::fs;
use std::path::Path;

use super::saved::opened;
use super::*;
use crate::io::OpenOptions;
use crate::scenario::Join;
use crate::scenario::project::{load, save, to_text};

const LEDGER: &str = "标识码,户主,TBMJ\n0001,甲,90\n0003,丙,91\n0009,壬,92\n";

fn table(path: &Path) -> Arc<Layer> {
    let opened = crate::io::open(path, &OpenOptions::default(), &Progress::new()).expect("opens");
    Arc::new(opened.layers.into_iter().next().expect("a table"))
}

/// Six parcels with a ledger beside them, joined.
fn joined() -> (tempfile::TempDir, Workspace, LayerId) {
    let (folder, mut workspace, id) = opened();
    let path = folder.path().join("台账.csv");
    fs::write(&path, LEDGER).expect("written");
    assert!(workspace.join(id, Join::of(table(&path), "台账", "BSM", "标识码"), By::default()));
    (folder, workspace, id)
}

fn names(workspace: &Workspace) -> Vec<String> {
    workspace.entries[0].layer.fields.iter().map(|field| field.name.clone()).collect()
}

fn owners(workspace: &Workspace) -> String {
    let layer = &workspace.entries[0].layer;
    let field = layer.field("户主").expect("is joined");
    (0..layer.feature_count()).map(|row| format!("{},", layer.value(row, field))).collect()
}

#[test]
fn a_join_is_one_step_that_undo_takes_back() {
    let (_folder, mut workspace, _) = joined();
    assert_eq!(names(&workspace), ["BSM", "DLBM", "DLMC", "TBMJ", "户主", "台账.TBMJ"]);
    assert_eq!(owners(&workspace), "甲,,丙,,,,");
    let found: Vec<&str> = workspace.entries[0].layer.issues.iter().map(|issue| issue.kind()).collect();
    assert!(found.contains(&"feature-alone") && found.contains(&"row-alone"), "{found:?}");
    assert!(workspace.entries[0].areas.is_some(), "areas are those of the same geometry");
    workspace.undo().expect("is taken back");
    assert_eq!(names(&workspace), ["BSM", "DLBM", "DLMC", "TBMJ"]);
    assert!(workspace.entries[0].joins.is_empty());
    workspace.redo().expect("is done again");
    assert_eq!(owners(&workspace), "甲,,丙,,,,");
    assert!(workspace.unjoin(workspace.entries[0].id(), 0, By::default()));
    assert_eq!(names(&workspace).len(), 4);
}

#[test]
fn scenarios_keep_what_they_changed_and_see_the_fields() {
    let (folder, mut workspace, id) = opened();
    recode(&mut workspace, id, &[0, 2], "0701");
    let path = folder.path().join("台账.csv");
    fs::write(&path, LEDGER).expect("written");
    workspace.join(id, Join::of(table(&path), "台账", "BSM", "标识码"), By::default());
    assert!(workspace.shown_scenario().is_some());
    assert_eq!(owners(&workspace), "甲,,丙,,,,");
    assert_eq!(column(&workspace.entries[0].layer, "DLBM").matches("0701").count(), 3);
    workspace.undo().expect("the join");
    assert_eq!(names(&workspace).len(), 4);
    assert_eq!(column(&workspace.entries[0].layer, "DLBM").matches("0701").count(), 3);
    workspace.undo().expect("the recode");
    assert_eq!(column(&workspace.entries[0].layer, "DLBM").matches("0701").count(), 1);
}

#[test]
fn a_project_joins_its_tables_again() {
    let (folder, workspace, _) = joined();
    let path = folder.path().join("工程.toml");
    save(&workspace, &path).expect("saves");
    let text = fs::read_to_string(&path).expect("text");
    assert!(text.contains("path = \"台账.csv\"") && !text.contains("甲"), "{text}");
    let loaded = load(&path, &Progress::new()).expect("loads");
    assert_eq!(loaded.issues, []);
    let mut read = loaded.workspace;
    assert_eq!(owners(&read), "甲,,丙,,,,");
    assert_eq!(to_text(&read, folder.path()), text, "saving again changes nothing");
    // Steps of the file know the table by its path only: it is there for them.
    read.undo().expect("the join");
    assert_eq!(names(&read).len(), 4);
    read.redo().expect("again");
    let wanted = read.wanted_tables();
    assert_eq!(wanted.len(), 1, "is to be read");
    assert!(read.table_came(&wanted[0], Layer::clone(&table(&folder.path().join("台账.csv")))));
    assert_eq!(owners(&read), "甲,,丙,,,,");
    // A project never writes over a table that it joins.
    assert!(save(&read, &folder.path().join("台账.csv")).is_err());
}

#[test]
fn a_table_that_is_missing_is_kept_and_told() {
    let (folder, workspace, _) = joined();
    let path = folder.path().join("工程.toml");
    save(&workspace, &path).expect("saves");
    fs::remove_file(folder.path().join("台账.csv")).expect("removes");
    let loaded = load(&path, &Progress::new()).expect("loads");
    let kinds: Vec<&str> = loaded.issues.iter().map(crate::model::Issue::kind).collect();
    assert_eq!(kinds, ["table-unread"]);
    let entry = &loaded.workspace.entries[0];
    assert_eq!((entry.layer.fields.len(), entry.joins.len()), (4, 1));
    assert!(entry.issues().iter().any(|issue| issue.kind() == "table-missing"));
    assert!(to_text(&loaded.workspace, folder.path()).contains("台账.csv"));
}
