//! Scenarios in the project file: back as they were, found again when a source was replaced, kept when they are not.

use std::fs;
use std::path::Path;

use super::random::{Dice, Seen, random_draft, seen};
use super::*;
use crate::io::OpenOptions;
use crate::model::Issue;
use crate::scenario::project::{load, parse, save, to_text};

/// One parcel of the source: number, code and the x of its left edge.
pub(super) type Parcel = (u32, &'static str, i32);

pub(super) const PARCELS: [Parcel; 6] =
    [(1, "0101", 0), (2, "0103", 10), (3, "0301", 20), (4, "0701", 30), (5, "1208", 40), (6, "0101", 50)];

/// A source file of parcels.
pub(super) fn source(parcels: &[Parcel]) -> String {
    let feature = |(number, code, x): &Parcel| {
        let (left, right) = (500_000 + x, 500_010 + x);
        let ring = format!("[[{left},0],[{right},0],[{right},4070010],[{left},4070010],[{left},0]]")
            .replace(",0]", ",4070000]");
        format!(
            r#"{{"type":"Feature","properties":{{"BSM":"{number:04}","DLBM":"{code}","DLMC":null,"TBMJ":100}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
        )
    };
    let features: Vec<String> = parcels.iter().map(feature).collect();
    let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
    format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(","))
}

pub(super) fn open(path: &Path) -> Layer {
    let opened = crate::io::open(path, &OpenOptions::default(), &Progress::new()).expect("opens");
    opened.layers.into_iter().next().expect("a layer")
}

/// A folder with a source, and a workspace of it, measured.
pub(super) fn opened() -> (tempfile::TempDir, Workspace, LayerId) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("地类图斑.geojson");
    fs::write(&path, source(&PARCELS)).expect("written");
    let mut workspace = Workspace::new();
    let id = workspace.add(Arc::new(open(&path)));
    measure(&mut workspace, id);
    (folder, workspace, id)
}

pub(super) fn only_layer(workspace: &Workspace) -> LayerId {
    workspace.entries[0].id()
}

/// What each scenario shows, without areas, which are measured again.
pub(super) fn states(workspace: &mut Workspace) -> Vec<(String, Seen)> {
    let id = only_layer(workspace);
    let shown = workspace.scenarios.shown();
    let all: Vec<(ScenarioId, String)> =
        workspace.scenarios.list().iter().map(|scenario| (scenario.id, scenario.name.clone())).collect();
    let states = all.into_iter().map(|(scenario, name)| {
        workspace.show(Some(scenario));
        (name, Seen { areas: Vec::new(), ..seen(workspace, id) })
    });
    let states = states.collect();
    workspace.show(shown);
    states
}

fn codes(workspace: &Workspace) -> String {
    column(&workspace.entries[0].layer, "DLBM")
}

#[test]
fn scenarios_read_back_as_they_were_saved() {
    for seed in 0..6 {
        let (folder, mut workspace, id) = opened();
        let mut dice = Dice(seed);
        for nth in 0..25 {
            if nth == 10 {
                let from = workspace.scenarios.shown();
                workspace.fork(from, Some("另一个"), By::default());
            }
            if let Some(draft) = random_draft(&workspace, id, &mut dice) {
                workspace.apply(draft, By::default()).expect("applies");
            }
        }
        let first = workspace.scenarios.list()[0].id;
        let key = LedgerKey { scenario: Some(first), ledger: "红线".to_owned(), line: "3".to_owned() };
        let note = LedgerNote { status: LedgerStatus::Settled, note: "已核".to_owned() };
        workspace.note_ledgers(vec![(key.clone(), Some(note.clone()))], By::default());
        workspace.set_setting("target", Some("-10 mu"), Message::new("scenario.cancelled"), By::default());
        workspace.note_scenario(first, "说明\n两行", By::default());

        let path = folder.path().join("工程.toml");
        save(&workspace, &path).expect("saves");
        let loaded = load(&path, &Progress::new()).expect("loads");
        assert_eq!(loaded.issues, [], "seed {seed}");
        let mut read = loaded.workspace;
        assert_eq!(states(&mut read), states(&mut workspace), "seed {seed}");
        assert_eq!(read.scenarios.ledger.get(&key), Some(&note));
        assert_eq!(read.scenarios.settings, workspace.scenarios.settings);
        assert_eq!(read.scenarios.shown(), workspace.scenarios.shown());
        assert_eq!(read.scenarios.get(first).map(|s| s.note.as_str()), Some("说明\n两行"));
        let text = fs::read_to_string(&path).expect("text");
        assert_eq!(text, to_text(&read, folder.path()), "seed {seed}: saving again changes nothing");
        // A new scenario gets a number of its own.
        let ids: Vec<ScenarioId> = read.scenarios.list().iter().map(|scenario| scenario.id).collect();
        let new = read.fork(None, None, By::default()).expect("forked");
        assert!(!ids.contains(&new));
    }
}

#[test]
fn a_recode_is_a_line_a_run_without_coordinates() {
    let (folder, mut workspace, id) = opened();
    recode(&mut workspace, id, &[0, 1, 2, 4], "0701");
    let text = to_text(&workspace, folder.path());
    assert!(text.contains(r#"'"DLBM" 0 "0101" "0701"'"#), "{text}");
    assert!(text.contains(r#"'"DLBM" 4 "1208" "0701"'"#), "{text}");
    assert!(text.contains(r#"'"DLMC" 0-2 null "城镇住宅用地"'"#), "{text}");
    assert!(text.contains("format = 7") && !text.contains("4070000") && !text.contains("500000"), "{text}");
    assert!(text.lines().all(|line| line.len() < 120), "{text}");
}

#[test]
fn edits_find_their_features_in_another_version_of_the_source() {
    let (folder, mut workspace, id) = opened();
    recode(&mut workspace, id, &[0, 1, 3, 5], "1207");
    let draft = draft::set_field(&workspace, id, &[2], "备注", OwnedValue::text("留")).expect("new");
    workspace.apply(draft, By::default()).expect("applies");
    let path = folder.path().join("a.toml");
    save(&workspace, &path).expect("saves");
    let saved = fs::read_to_string(&path).expect("text");
    // 1 moved to the end; 2 has another border and its old class; 4 another border and another class; 6 is gone.
    let newer = [(3, "0301", 20), (5, "1208", 40), (2, "0103", 11), (4, "0702", 31), (7, "0101", 70), (1, "0101", 0)];
    fs::write(folder.path().join("地类图斑.geojson"), source(&newer)).expect("replaced");
    let loaded = load(&path, &Progress::new()).expect("loads");
    let kinds: Vec<&str> = loaded.issues.iter().map(Issue::kind).collect();
    assert_eq!(kinds, ["source-changed", "edits-found", "edits-lost", "history-lost"]);
    let said = loaded.issues[2].text(Language::Chinese);
    assert!(said.contains("2 个") && said.contains("0004, 0006"), "{said}");
    assert_eq!(codes(&loaded.workspace), "0301 1208 1207 0702 0101 1207");
    assert_eq!(column(&loaded.workspace.entries[0].layer, "备注"), "留 - - - - -");
    // What was not found waits in the file for the old source.
    save(&loaded.workspace, &path).expect("saves");
    fs::write(folder.path().join("地类图斑.geojson"), source(&PARCELS)).expect("put back");
    let again = load(&path, &Progress::new()).expect("loads");
    assert_eq!(codes(&again.workspace), "1207 1207 0301 1207 1208 1207");
    save(&again.workspace, &path).expect("saves");
    assert_eq!(fs::read_to_string(&path).expect("text"), saved);
}

#[test]
fn a_reloaded_layer_keeps_its_edits() {
    let (folder, mut workspace, id) = opened();
    let scenario = recode(&mut workspace, id, &[0, 5], "1207").scenario;
    let path = folder.path().join("地类图斑.geojson");
    let newer = [(6, "0101", 50), (2, "0103", 10), (1, "0101", 0)];
    fs::write(&path, source(&newer)).expect("replaced");
    let said = workspace.replace_layer(id, open(&path)).expect("was open");
    assert_eq!(said.iter().map(Issue::kind).collect::<Vec<_>>(), ["edits-found"]);
    assert_eq!((codes(&workspace).as_str(), workspace.scenarios.shown()), ("1207 0103 1207", Some(scenario)));
    workspace.show(None);
    assert_eq!(codes(&workspace), "0101 0103 0101");
    // The list of changes holds, and what it did can be taken back where the features are now.
    workspace.show(Some(scenario));
    assert_eq!(sentences(&workspace).len(), 1);
    recode(&mut workspace, id, &[1], "0701");
    assert_eq!(codes(&workspace), "1207 0701 1207");
    workspace.undo();
    workspace.undo();
    assert_eq!((codes(&workspace).as_str(), workspace.scenarios.list().len()), ("0101 0103 0101", 0));
    workspace.redo();
    workspace.show(Some(scenario));
    assert_eq!(codes(&workspace), "1207 0103 1207");
}

#[test]
fn what_is_not_found_for_certain_is_listed_one_by_one() {
    let (folder, mut workspace, id) = opened();
    recode(&mut workspace, id, &[0, 2, 5], "1207");
    let path = folder.path().join("地类图斑.geojson");
    fs::write(&path, source(&[(1, "0101", 0), (9, "0301", 90)])).expect("replaced");
    let said = workspace.replace_layer(id, open(&path)).expect("was open");
    assert_eq!(said.iter().map(Issue::kind).collect::<Vec<_>>(), ["edits-found", "edits-lost"]);
    let listed = workspace.entry(id).expect("open").issues();
    let lost = listed.iter().filter(|issue| issue.kind() == "edit-lost").map(|issue| issue.id.as_deref());
    assert_eq!(lost.collect::<Vec<_>>(), [Some("0003"), Some("0006")]);

    // The file as it was comes back: what waited is found again without the project being opened anew.
    fs::write(&path, source(&PARCELS)).expect("replaced");
    let said = workspace.replace_layer(id, open(&path)).expect("was open");
    assert!(said.iter().all(|issue| issue.kind() == "edits-found"), "{said:?}");
    assert_eq!(codes(&workspace), "1207 0103 1207 0701 1208 1207");
    assert!(workspace.entry(id).expect("open").issues().iter().all(|issue| issue.kind() != "edit-lost"));
}

#[test]
fn steps_of_a_reloaded_layer_follow_their_features() {
    for seed in 0..8 {
        let (folder, mut workspace, id) = opened();
        let mut dice = Dice(seed);
        // Classes that a new version gives differ from those of the edits.
        for nth in 0..6 {
            let rows: Vec<u32> = (0..1 + dice.below(4)).map(|_| dice.below(6) as u32).collect();
            let draft = match nth % 3 {
                0 => draft::set_field(&workspace, id, &rows, "备注", OwnedValue::Int(nth)),
                _ => draft::recode(&workspace, id, &rows, class(["1207", "0702"][dice.below(2)]), Language::Chinese),
            };
            if let Ok(draft) = draft {
                workspace.apply(draft, By::default()).expect("applies");
            }
        }
        let scenario = workspace.scenarios.shown().expect("edited");
        let by_number = |workspace: &Workspace, field: &str| -> Vec<(String, String)> {
            let layer = &workspace.entries[0].layer;
            let [number, field] = ["BSM", field].map(|name| layer.field(name));
            let value =
                |row: usize, field: Option<usize>| field.map_or("-".into(), |at| layer.value(row, at).to_string());
            let mut all: Vec<_> =
                (0..layer.feature_count()).map(|row| (value(row, number), value(row, field))).collect();
            all.sort();
            all
        };
        let shown = |workspace: &Workspace| ["DLBM", "备注"].map(|field| by_number(workspace, field));
        let top = workspace.scenarios.history.position();
        let mut states = vec![shown(&workspace)];
        while workspace.scenarios.history.position() > 1 {
            workspace.undo().expect("undone");
            states.push(shown(&workspace));
        }
        workspace.travel_to(top);
        // The same parcels in another order.
        let mut newer = PARCELS.to_vec();
        newer.rotate_left(1 + dice.below(5));
        let path = folder.path().join("地类图斑.geojson");
        fs::write(&path, source(&newer)).expect("replaced");
        let said = workspace.replace_layer(id, open(&path)).expect("was open");
        assert!(said.iter().all(|issue| issue.kind() == "edits-found"), "seed {seed}: {said:?}");
        workspace.show(Some(scenario));
        for (nth, state) in states.iter().enumerate() {
            assert_eq!(shown(&workspace), *state, "seed {seed}, {nth} undone");
            if nth + 1 < states.len() {
                workspace.undo().expect("undone");
            }
        }
        workspace.travel_to(top);
        assert_eq!(shown(&workspace), states[0], "seed {seed}, redone");
    }
}

#[test]
fn the_history_comes_back_with_the_project() {
    let (folder, mut workspace, id) = opened();
    let a = recode(&mut workspace, id, &[0, 1], "1207").scenario;
    workspace.fork(None, Some("乙"), By::default()).expect("forked");
    recode(&mut workspace, id, &[3], "0702");
    workspace.rename_scenario(a, "甲", By::default());
    workspace.change(Property::Method(id, AreaMethod::Planar), By::default());
    workspace.change(Property::Visible(id, false), By::default());
    workspace.undo();
    let path = folder.path().join("工程.toml");
    save(&workspace, &path).expect("saves");
    workspace.scenarios.history.note_saved();
    let mut read = load(&path, &Progress::new()).expect("loads");
    assert_eq!(read.issues, []);
    assert_eq!(sentences(&read.workspace), sentences(&workspace));
    assert_eq!(read.workspace.scenarios.history.position(), workspace.scenarios.history.position());
    assert_eq!(read.workspace.scenarios.history.unsaved_count(), 0);
    assert_eq!(read.workspace.entries[0].method, AreaMethod::Planar);
    for position in [2, 0, 5, 6, 3] {
        workspace.travel_to(position);
        read.workspace.travel_to(position);
        assert_eq!(states(&mut read.workspace), states(&mut workspace), "{position}");
    }
    // Without the file, and with one that belongs to another text, the project opens all the same.
    let beside = crate::scenario::project::history_file::path_beside(&path);
    let bytes = fs::read(&beside).expect("there");
    let text = fs::read_to_string(&path).expect("text");
    fs::write(&path, text.replace("甲", "丙")).expect("edited by hand");
    let other = load(&path, &Progress::new()).expect("loads");
    assert_eq!(other.issues.iter().map(Issue::kind).collect::<Vec<_>>(), ["history-of-another"]);
    assert_eq!((other.workspace.scenarios.list().len(), other.workspace.scenarios.history.steps().len()), (2, 0));
    fs::write(&path, &text).expect("put back");
    fs::write(&beside, &bytes[..bytes.len() - 3]).expect("torn");
    assert_eq!(load(&path, &Progress::new()).expect("loads").issues.len(), 1);
    fs::remove_file(&beside).expect("removed");
    let bare = load(&path, &Progress::new()).expect("loads");
    assert_eq!((bare.issues.len(), bare.workspace.scenarios.history.steps().len()), (0, 0));
    // Steps that name rows of a source that was replaced are left out, and said.
    fs::write(&beside, &bytes).expect("put back");
    let mut newer = PARCELS.to_vec();
    newer.swap(0, 3);
    fs::write(folder.path().join("地类图斑.geojson"), source(&newer)).expect("replaced");
    let moved = load(&path, &Progress::new()).expect("loads");
    assert!(moved.issues.iter().any(|issue| issue.kind() == "history-lost"), "{:?}", moved.issues);
    assert_eq!(moved.workspace.scenarios.list().len(), 2);
}

#[test]
fn a_missing_source_keeps_its_edits_in_the_file() {
    let (folder, mut workspace, id) = opened();
    recode(&mut workspace, id, &[0], "1207");
    let path = folder.path().join("a.toml");
    save(&workspace, &path).expect("saves");
    let saved = fs::read_to_string(&path).expect("text");
    let source_path = folder.path().join("地类图斑.geojson");
    fs::rename(&source_path, folder.path().join("away")).expect("moved away");
    let loaded = load(&path, &Progress::new()).expect("loads");
    save(&loaded.workspace, &path).expect("saves");
    let records = |text: &str| parse(text, &path).expect("a project").scenarios;
    assert_eq!(records(&fs::read_to_string(&path).expect("text")), records(&saved));
    fs::rename(folder.path().join("away"), &source_path).expect("moved back");
    let loaded = load(&path, &Progress::new()).expect("loads");
    assert_eq!(codes(&loaded.workspace).split(' ').next(), Some("1207"));
}

#[test]
fn scenarios_of_other_files_read_back() {
    let (folder, mut workspace, id) = opened();
    let other_path = folder.path().join("报批.geojson");
    fs::write(&other_path, source(&PARCELS[..3])).expect("written");
    let other = workspace.add(Arc::new(open(&other_path)));
    workspace.scenario_of_layers(&[(id, other)], Some("报批稿"), By::default()).expect("made");
    recode(&mut workspace, id, &[1], "1207");
    let path = folder.path().join("a.toml");
    save(&workspace, &path).expect("saves");
    let loaded = load(&path, &Progress::new()).expect("loads");
    assert_eq!(loaded.issues, []);
    let base = loaded.workspace.entries.iter().find(|entry| entry.title == workspace.entry(id).expect("open").title);
    assert_eq!(column(&base.expect("open").layer, "DLBM"), "0101 1207 0301");
    assert_eq!(fs::read_to_string(&path).expect("text"), to_text(&loaded.workspace, folder.path()));
    fs::remove_file(&other_path).expect("removed");
    let loaded = load(&path, &Progress::new()).expect("loads");
    assert!(loaded.issues.iter().any(|issue| issue.kind() == "scenario-lacks-layer"));
    assert!(to_text(&loaded.workspace, folder.path()).contains("报批稿"), "kept for saving");
}

#[test]
fn projects_of_older_formats_open_and_are_saved_as_the_present_one() {
    let (folder, _, _) = opened();
    let path = folder.path().join("old.toml");
    for old in [1, 2, 3, 4, 5, 6] {
        let text = format!(
            "format = {old}\nname = \"旧\"\n[[layer]]\npath = \"地类图斑.geojson\"\nkind = \"polygon\"\nrole = \"land-use\"\ngroup = \"land-use\"\n"
        );
        fs::write(&path, text).expect("written");
        let loaded = load(&path, &Progress::new()).expect("loads");
        assert_eq!((loaded.issues.len(), loaded.workspace.entries.len()), (0, 1));
        assert!(loaded.workspace.scenarios.list().is_empty());
        save(&loaded.workspace, &path).expect("saves");
        assert_eq!(parse(&fs::read_to_string(&path).expect("text"), &path).expect("a project").format, 7);
    }
}

#[test]
fn a_line_that_cannot_be_read_is_said_and_kept() {
    let (folder, mut workspace, id) = opened();
    recode(&mut workspace, id, &[0], "1207");
    for (from, to) in [("\"DLBM\" 0 ", "\"DLBM\" zero "), ("\"DLBM\" 0 ", "\"DLBM\" 0-4000000000 ")] {
        let text = to_text(&workspace, folder.path()).replace(from, to);
        let path = folder.path().join("a.toml");
        fs::write(&path, &text).expect("written");
        let loaded = load(&path, &Progress::new()).expect("loads");
        assert_eq!(loaded.issues.iter().map(Issue::kind).collect::<Vec<_>>(), ["bad-line"]);
        assert!(to_text(&loaded.workspace, folder.path()).contains(to));
    }
}
