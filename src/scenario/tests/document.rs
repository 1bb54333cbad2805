//! Everything that the user changes about the document is an edit: taken back tab by tab, kept in the project, and never
//! lost with a layer.

use std::fs;
use std::path::Path;

use super::saved::{PARCELS, open, opened, source};
use super::*;
use crate::io::{OpenOptions, open as open_file};
use crate::model::style::{LayerStyle, Symbol};
use crate::scenario::project::{load, save, to_text};

fn codes(workspace: &Workspace, id: LayerId) -> String {
    column(&layer(workspace, id), "DLBM")
}

fn titles(workspace: &Workspace) -> Vec<&str> {
    workspace.entries.iter().map(|entry| entry.title.as_str()).collect()
}

#[test]
fn undo_stays_in_its_tab() {
    let (mut workspace, id) = workspace();
    let a = recode(&mut workspace, id, &[0], "0701").scenario;
    workspace.show(None);
    let b = recode(&mut workspace, id, &[1], "1001").scenario;
    assert_ne!(a, b);
    workspace.show(Some(a));
    assert_eq!(workspace.undoable().map(|kept| kept.step.scope()), Some(Scope::Scenario(a)));
    let undone = workspace.undo().expect("undone");
    // It was the fork itself, too: the tab goes, and nothing of the other one moved.
    assert_eq!((undone.scenario, workspace.scenarios.shown()), (None, None));
    let of_b = |workspace: &Workspace| column(workspace.layer_in(Some(b), id).expect("there").0, "DLBM");
    assert!(of_b(&workspace).starts_with("0101 1001"));
    // What was taken back wholly can be done again from any tab, and shows itself.
    assert_eq!(workspace.redo().and_then(|redone| redone.scenario), Some(a));
    workspace.show(Some(a));
    recode(&mut workspace, id, &[2], "0701");
    workspace.show(Some(b));
    recode(&mut workspace, id, &[3], "1001");
    workspace.show(Some(a));
    assert!(workspace.undo().is_some());
    assert!(codes(&workspace, id).starts_with("0701 0103 0301"));
    assert!(of_b(&workspace).starts_with("0101 1001 0301 1001"));
    // The list of the tab is its own.
    assert_eq!(workspace.listed_steps().len(), 2);
    let (_, refused) = workspace.travel_here(None);
    assert_eq!((refused, workspace.scenarios.get(a).is_none()), (None, true));
    assert!(of_b(&workspace).starts_with("0101 1001 0301 1001"));
}

#[test]
fn a_fork_copies_what_it_stands_on() {
    let (mut workspace, id) = workspace();
    let a = recode(&mut workspace, id, &[0], "0701").scenario;
    recode(&mut workspace, id, &[1], "0701");
    let b = workspace.fork(Some(a), None, By::default()).expect("forked");
    recode(&mut workspace, id, &[2], "1001");
    workspace.show(Some(a));
    workspace.undo();
    workspace.undo();
    assert!(workspace.scenarios.get(a).is_none());
    workspace.show(Some(b));
    assert!(codes(&workspace, id).starts_with("0701 0701 1001"));
    workspace.undo();
    workspace.undo();
    assert_eq!((workspace.scenarios.list().len(), workspace.scenarios.shown()), (0, None));
}

#[test]
fn steps_of_the_document_are_taken_back_from_every_tab_where_they_are_newer() {
    let (mut workspace, id) = workspace();
    let a = recode(&mut workspace, id, &[0], "0701").scenario;
    let by = By { when: Some(100), ..By::default() };
    assert!(workspace.change(Property::Title(id, "现状".to_owned()), by));
    assert!(!workspace.change(Property::Title(id, "现状".to_owned()), by), "nothing changes");
    workspace.show(None);
    let b = workspace.fork(None, None, By::default()).expect("forked");
    assert_eq!(workspace.undoable().map(|kept| kept.step.scenario()), Some(Some(b)), "its own is newer");
    workspace.show(Some(a));
    workspace.undo();
    assert_eq!(titles(&workspace), ["地类图斑"]);
    assert!(codes(&workspace, id).starts_with("0701"));
    workspace.show(Some(b));
    workspace.redo();
    assert_eq!(titles(&workspace), ["现状"]);
    // A slider that is dragged is one step; one that comes back to where it was is none.
    let style = |opacity: f32| {
        let style = LayerStyle { opacity, ..LayerStyle::single(Symbol::default()) };
        Property::Style(id, Box::new(style))
    };
    let count = workspace.scenarios.history.steps().len();
    let first = workspace.property(&style(0.0)).expect("open");
    for (nth, opacity) in [0.9, 0.8, 0.7, 0.6].into_iter().enumerate() {
        workspace.change(style(opacity), By { when: Some(200 + nth as i64 / 2), ..by });
    }
    assert_eq!(workspace.scenarios.history.steps().len(), count + 1);
    workspace.change(style(0.5), By { when: Some(300), ..by });
    assert_eq!(workspace.scenarios.history.steps().len(), count + 2);
    workspace.undo();
    assert_eq!(workspace.property(&first), Some(style(0.6)));
    workspace.undo();
    assert_eq!(workspace.property(&first), Some(first.clone()));
    workspace.change(style(0.9), By { when: Some(400), ..by });
    workspace.change(first.clone(), By { when: Some(401), ..by });
    assert_eq!(workspace.property(&first), Some(first));
    assert!(workspace.undoable().is_some_and(|kept| kept.step.scenario() == Some(b)));
}

#[test]
fn a_deleted_scenario_comes_back_as_it_went() {
    let (mut workspace, id) = workspace();
    let a = recode(&mut workspace, id, &[0], "0701").scenario;
    recode(&mut workspace, id, &[1], "0701");
    workspace.delete_scenario(a, By::default());
    assert_eq!(workspace.scenarios.shown(), None);
    workspace.undo();
    workspace.show(Some(a));
    workspace.undo();
    assert!(codes(&workspace, id).starts_with("0701 0103"));
    // Deleted again, it goes as it is now.
    workspace.show(None);
    workspace.redo();
    assert!(workspace.scenarios.list().is_empty());
    workspace.undo();
    workspace.show(Some(a));
    assert!(codes(&workspace, id).starts_with("0701 0103"));
    workspace.redo();
    assert!(codes(&workspace, id).starts_with("0701 0701"));
}

#[test]
fn a_layer_that_is_removed_keeps_its_edits_and_comes_back() {
    let (folder, mut workspace, id) = opened();
    let other_path = folder.path().join("报批.geojson");
    fs::write(&other_path, source(&PARCELS[..3])).expect("written");
    let other = workspace.open_layer(Arc::new(open(&other_path)), By::default());
    let a = recode(&mut workspace, id, &[0, 5], "1207").scenario;
    let b = workspace.scenario_of_layers(&[(id, other)], Some("报批稿"), By::default()).expect("made");
    recode(&mut workspace, id, &[1], "1207");
    workspace.show(Some(a));
    let style = LayerStyle { opacity: 0.25, ..workspace.entry(id).expect("open").style.clone() };
    workspace.change(Property::Style(id, Box::new(style.clone())), By::default());
    let whole = to_text(&workspace, folder.path());
    let order = titles(&workspace).join(" ");

    assert_eq!(workspace.hanging_on(id), ["方案 A", "报批稿"]);
    assert_eq!(workspace.hanging_on(other), ["报批稿"]);
    assert!(workspace.close(id, By::default()) && workspace.close(other, By::default()));
    assert_eq!((workspace.entries.len(), workspace.crs.is_none()), (0, true));
    // Saving does not drop them.
    let path = folder.path().join("工程.toml");
    save(&workspace, &path).expect("saves");
    let loaded = load(&path, &Progress::new()).expect("loads");
    assert_eq!(loaded.issues, [], "nothing is wrong with it");
    let mut read = loaded.workspace;
    assert_eq!((read.entries.len(), read.scenarios.list().len()), (0, 2));
    assert_eq!(sentences(&read), sentences(&workspace));
    // Taken back at once where it is in memory, from its source where it is not.
    for workspace in [&mut workspace, &mut read] {
        workspace.undo().expect("undone");
        bring_back(workspace);
        workspace.undo().expect("undone");
        bring_back(workspace);
        workspace.show(Some(a));
        assert_eq!(titles(workspace).join(" "), order);
        let [id, other] = ["地类图斑", "报批"].map(|title| {
            workspace
                .entries
                .iter()
                .find(|entry| entry.layer.provenance.path.to_string_lossy().contains(title))
                .expect("back")
                .id()
        });
        assert_eq!(codes(workspace, id), "1207 0103 0301 0701 1208 1207");
        assert_eq!(workspace.entry(id).map(|entry| &entry.style), Some(&style));
        workspace.show(Some(b));
        assert_eq!(codes(workspace, id), "0101 1207 0301");
        assert_eq!(codes(workspace, other), "0101 0103 0301");
        workspace.show(Some(a));
        assert_eq!(to_text(workspace, folder.path()), whole);
    }
}

/// Reads the sources of layers that shall come back, as the window does.
fn bring_back(workspace: &mut Workspace) {
    for wanted in workspace.wanted_layers() {
        assert!(workspace.why_not_now().is_some(), "undo waits");
        let opened = open_file(&wanted.path, &OpenOptions::default(), &Progress::new()).expect("opens");
        let layer = wanted.choose(opened.layers).expect("is in it");
        assert_eq!(workspace.came_back(wanted.id, layer), []);
    }
    assert_eq!(workspace.why_not_now(), None);
}

#[test]
fn features_of_many_closed_layers_are_let_go_and_read_again() {
    let (_folder, mut workspace, id) = opened();
    recode(&mut workspace, id, &[0], "1207");
    workspace.close(id, By::default());
    workspace.trim_closed(0);
    workspace.undo();
    assert_eq!(workspace.wanted_layers().len(), 1);
    bring_back(&mut workspace);
    assert_eq!(codes(&workspace, id).split(' ').next(), Some("1207"));
    // A source that is gone: the step is turned round, nothing is half done.
    workspace.close(id, By::default());
    workspace.trim_closed(0);
    workspace.undo();
    assert!(workspace.give_up(id));
    assert_eq!((workspace.wanted_layers().len(), workspace.entries.len()), (0, 0));
    assert!(workspace.undoable().is_some_and(|kept| kept.step.parts.len() == 2));
    // A layer that nothing speaks of is forgotten.
    let mut fresh = Workspace::new();
    fresh.scenarios.history.limit = 1;
    let id = fresh.open_layer(Arc::new(parcels("甲", &[&["0101"]])), By::default());
    fresh.close(id, By::default());
    fresh.fork(None, None, By::default());
    assert!(fresh.closed().is_empty());
}

#[test]
fn a_step_that_a_later_one_stands_on_is_refused_with_the_reason() {
    let (folder, mut workspace, _) = opened();
    let path = folder.path().join("b.geojson");
    fs::write(&path, source(&PARCELS)).expect("written");
    let id = workspace.open_layer(Arc::new(open(&path)), By::default());
    let a = recode(&mut workspace, id, &[0], "1207").scenario;
    workspace.show(None);
    let opening = workspace.undoable().expect("opened").serial;
    let reason = workspace.why_not_undo(opening).expect("refused");
    for language in [Language::Chinese, Language::English] {
        assert!(reason.text(language).contains("方案 A"), "{}", reason.text(language));
    }
    assert_eq!((workspace.undo(), workspace.entries.len()), (None, 2));
    workspace.show(Some(a));
    workspace.undo();
    assert!(workspace.undo().is_some());
    assert_eq!(workspace.entries.len(), 1);
    workspace.redo();
    assert_eq!(workspace.entries.len(), 2);
}

#[test]
fn layers_come_in_where_their_role_belongs_and_move() {
    let mut workspace = Workspace::new();
    let named = |name: &str| Arc::new(parcels(name, &[&["0101"]]));
    let ids = workspace.open_layers(["地类图斑", "永久基本农田", "城镇开发边界"].map(named).into(), By::default());
    let mut plain = Workspace::new();
    for name in ["地类图斑", "永久基本农田", "城镇开发边界"] {
        plain.add(named(name));
    }
    assert_eq!((titles(&workspace), &workspace.crs), (titles(&plain), &plain.crs));
    let group = workspace.entries[0].group.clone();
    assert!(workspace.arrange(ids[0], &group, 0, By::default()));
    assert_eq!(titles(&workspace)[0], "地类图斑");
    assert!(!workspace.arrange(ids[0], &group, 0, By::default()));
    workspace.undo();
    assert_eq!(titles(&workspace), titles(&plain));
    workspace.undo();
    assert!(workspace.entries.is_empty() && workspace.crs.is_none());
    workspace.redo();
    assert_eq!((titles(&workspace), &workspace.crs), (titles(&plain), &plain.crs));
}

#[test]
fn measurements_and_methods_are_part_of_the_project() {
    let (folder, mut workspace, id) = opened();
    let crs = Crs::from_epsg(4548).expect("known");
    let points =
        vec![Coord { x: 0.1, y: 4_070_000.000_000_1 }, Coord { x: 1.0 / 3.0, y: 2.0 }, Coord { x: 3.0, y: 4.5 }];
    let measurement = Measurement { name: String::new(), kind: MeasurementKind::Area, points, crs };
    workspace.keep_measurement(measurement.clone(), By::default());
    workspace.keep_measurement(Measurement { kind: MeasurementKind::Distance, ..measurement }, By::default());
    assert!(workspace.name_measurement(0, "安置区", By::default()));
    assert!(workspace.change(Property::Method(id, AreaMethod::Planar), By::default()));
    let path = folder.path().join("a.toml");
    save(&workspace, &path).expect("saves");
    let read = load(&path, &Progress::new()).expect("loads").workspace;
    assert_eq!(read.measurements, workspace.measurements);
    assert_eq!(read.entries[0].method, AreaMethod::Planar);
    assert!(workspace.remove_measurement(0, By::default()));
    assert_eq!(workspace.measurements.len(), 1);
    workspace.travel_to(1);
    assert_eq!((workspace.measurements.len(), workspace.measurements[0].name.as_str()), (1, ""));
    assert_eq!(workspace.entries[0].method, AreaMethod::Survey);
}

#[test]
fn a_project_saved_elsewhere_finds_what_is_away() {
    let (folder, mut workspace, id) = opened();
    recode(&mut workspace, id, &[0], "1207");
    let path = folder.path().join("a.toml");
    save(&workspace, &path).expect("saves");
    fs::rename(folder.path().join("地类图斑.geojson"), folder.path().join("away")).expect("moved away");
    let loaded = load(&path, &Progress::new()).expect("loads").workspace;
    let inner = folder.path().join("内");
    fs::create_dir(&inner).expect("a folder");
    let elsewhere = inner.join("b.toml");
    save(&loaded, &elsewhere).expect("saves");
    fs::rename(folder.path().join("away"), folder.path().join("地类图斑.geojson")).expect("moved back");
    let again = load(&elsewhere, &Progress::new()).expect("loads");
    assert_eq!(again.issues.iter().filter(|issue| issue.kind() != "history-lost").count(), 0, "{:?}", again.issues);
    assert_eq!(column(&again.workspace.entries[0].layer, "DLBM").split(' ').next(), Some("1207"));
}

#[cfg(unix)]
#[test]
fn a_source_may_have_any_name() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().expect("a folder");
    // 地类 in GBK; a name that looks like a scheme; one with a backslash, a percent sign and the mark.
    for name in [&b"\xB5\xD8\xC0\xE0.geojson"[..], b"ab:c.geojson", b"a\\b%41.geojson", b"bytes:a.geojson"] {
        let path = folder.path().join(Path::new(std::ffi::OsStr::from_bytes(name)));
        fs::write(&path, source(&PARCELS)).expect("written");
        let mut workspace = Workspace::new();
        let id = workspace.open_layer(Arc::new(open(&path)), By::default());
        recode(&mut workspace, id, &[0], "1207");
        let mut project = folder.path().join(Path::new(std::ffi::OsStr::from_bytes(name))).into_os_string();
        project.push(".toml");
        let project = std::path::PathBuf::from(project);
        save(&workspace, &project).expect("saves");
        let loaded = load(&project, &Progress::new()).expect("loads");
        assert_eq!(loaded.issues, [], "{}", path.display());
        assert_eq!(loaded.workspace.entries[0].layer.provenance.path, path);
        assert_eq!(column(&loaded.workspace.entries[0].layer, "DLBM").split(' ').next(), Some("1207"));
    }
}
