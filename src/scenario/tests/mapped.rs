//! What somebody said a layer is, and classes in another scheme: taken back, kept in the project, seen by scenarios.

use std::fs;

use super::saved::{Parcel, open, source};
use super::*;
use crate::model::conversion::Conversion;
use crate::model::roles::{Mapping, Role};
use crate::scenario::project::{load, save, to_text};

/// Parcels whose codes are those of the survey: 1104 and 1006 stand in no plan scheme.
const SURVEYED: [Parcel; 4] = [(1, "0101", 0), (2, "0204", 10), (3, "1006", 20), (4, "1104", 30)];

fn opened() -> (tempfile::TempDir, Workspace, LayerId) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("layer1.geojson");
    fs::write(&path, source(&SURVEYED)).expect("written");
    let mut workspace = Workspace::new();
    let id = workspace.add(Arc::new(open(&path)));
    measure(&mut workspace, id);
    (folder, workspace, id)
}

fn conversion() -> Conversion {
    let class = |scheme, code| Class::find(scheme, code).expect("a class");
    let decided = vec![
        (class(Scheme::Sd2019, "0204"), Some(class(Scheme::Ydyh2023, "0205"))),
        (class(Scheme::Sd2019, "1006"), None),
    ];
    Conversion { decided, ..Conversion::new("DLBM", Scheme::Sd2019, Scheme::Ydyh2023) }
}

fn texts(workspace: &Workspace, field: &str) -> Vec<String> {
    let layer = &workspace.entries[0].layer;
    let field = layer.field(field).unwrap_or_else(|| panic!("no field {field}"));
    (0..layer.feature_count()).map(|row| layer.value(row, field).to_string()).collect()
}

#[test]
fn what_a_layer_is_said_to_be_is_one_step() {
    let (_folder, mut workspace, id) = opened();
    let before = (workspace.entries[0].role, workspace.entries[0].style.clone(), workspace.entries[0].group.clone());
    assert_eq!(before.0, Role::LandUse);
    let mapping = Mapping {
        role: Some(Role::RedLine),
        label_field: Some("BSM".to_owned()),
        area_field: Some("DLBM".to_owned()),
        ..Mapping::default()
    };
    assert!(workspace.map_layer(id, mapping.clone(), By::default()));
    let entry = &workspace.entries[0];
    assert_eq!((entry.role, entry.group.as_str()), (Role::RedLine, "control-lines"));
    assert!(entry.style != before.1 && entry.areas.is_some());
    assert_eq!((entry.label_field(), entry.recognition.area_field.as_deref()), (Some(0), Some("DLBM")));
    // The same again is no step.
    assert!(!workspace.map_layer(id, mapping, By::default()));
    workspace.undo().expect("one step");
    let entry = &workspace.entries[0];
    assert_eq!((entry.role, entry.style.clone(), entry.group.clone()), before);
    assert!(entry.mapping.is_none());
    assert_eq!(entry.recognition.area_field.as_deref(), Some("TBMJ"), "it is known by its name");
    workspace.redo().expect("again");
    assert_eq!(workspace.entries[0].role, Role::RedLine);
    assert!(workspace.map_layer(id, Mapping::default(), By::default()));
    assert_eq!(workspace.entries[0].role, Role::LandUse);
}

#[test]
fn classes_of_another_scheme_are_one_step_and_seen_by_scenarios() {
    let (_folder, mut workspace, id) = opened();
    assert_eq!(workspace.entries[0].scheme(), Some(Scheme::Sd2019));
    recode(&mut workspace, id, &[0], "0103");
    assert_eq!(workspace.convert_classes(id, conversion(), By::default()), Ok(true));
    // The scenario sees what the base's classes became; its own recode is of the class field.
    assert_eq!(texts(&workspace, "YDYHFLDM"), ["0101", "0205", "", "1704"]);
    assert_eq!(texts(&workspace, "DLBM")[0], "0103");
    let entry = &workspace.entries[0];
    assert_eq!((entry.scheme(), entry.class_of(3).map(Class::code)), (Some(Scheme::Ydyh2023), Some("1704")));
    assert_eq!(entry.recognition.class_name_field.as_deref(), Some("YDYHFLMC"));
    assert!(entry.issues().iter().any(|issue| issue.kind() == "conversion-open"));
    workspace.undo().expect("one step");
    assert_eq!(workspace.entries[0].layer.fields.len(), 4);
    assert_eq!((workspace.entries[0].scheme(), texts(&workspace, "DLBM")[0].as_str()), (Some(Scheme::Sd2019), "0103"));
    workspace.redo().expect("again");
    assert!(workspace.drop_conversion(id, By::default()));
    let entry = &workspace.entries[0];
    assert_eq!((entry.layer.fields.len(), entry.scheme(), entry.mapping.is_none()), (4, Some(Scheme::Sd2019), true));
    assert!(!workspace.drop_conversion(id, By::default()));
    let lost = Conversion::new("没有", Scheme::Sd2019, Scheme::Ydyh2023);
    assert!(workspace.convert_classes(id, lost, By::default()).is_err());
}

#[test]
fn a_project_keeps_both() {
    let (folder, mut workspace, id) = opened();
    let mapping = Mapping { label_field: Some("BSM".to_owned()), ..Mapping::default() };
    workspace.map_layer(id, mapping, By::default());
    assert_eq!(workspace.convert_classes(id, conversion(), By::default()), Ok(true));
    let path = folder.path().join("工程.toml");
    save(&workspace, &path).expect("saves");
    let text = fs::read_to_string(&path).expect("text");
    assert!(text.contains("from = \"SD2019\"") && text.contains("label = \"BSM\""), "{text}");
    let loaded = load(&path, &Progress::new()).expect("loads");
    assert_eq!(loaded.issues, []);
    let mut read = loaded.workspace;
    assert_eq!(texts(&read, "YDYHFLDM"), ["0101", "0205", "", "1704"]);
    let entry = &read.entries[0];
    assert_eq!((entry.scheme(), entry.label_field()), (Some(Scheme::Ydyh2023), Some(0)));
    assert_eq!(
        (entry.mapping.clone(), &entry.style),
        (workspace.entries[0].mapping.clone(), &workspace.entries[0].style)
    );
    assert_eq!(to_text(&read, folder.path()), text, "saving again changes nothing");
    read.undo().expect("the conversion");
    assert_eq!((read.entries[0].layer.fields.len(), read.entries[0].scheme()), (4, Some(Scheme::Sd2019)));
    read.redo().expect("again");
    assert_eq!(texts(&read, "YDYHFLMC")[3], "坑塘水面");
}
