//! Saying what a layer is and carrying its classes over, in the real window: by the cards, kept by the office.

use std::path::{Path, PathBuf};

use eframe::egui;
use egui_kittest::kittest::Queryable;
use tuban::model::classes::Scheme;
use tuban::model::roles::{Mapping, Role};
use tuban::ui::Start;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::file::FileCommand;
use tuban::ui::session::command::layer::LayerCommand;
use tuban::ui::session::command::scenario::ScenarioCommand;
use tuban::ui::session::command::tree::TreeCommand;

use super::window::{Window, click, open, says, session, until, wait_for};

/// Parcels of 100 m whose codes are the survey's, in a file of that name.
fn parcels(folder: &Path, name: &str, codes: &[&str]) -> PathBuf {
    let parcel = |(at, code): (usize, &&str)| {
        let (a, b) = (500_000 + 200 * at, 500_100 + 200 * at);
        format!(
            r#"{{"type":"Feature","properties":{{"编号":"{at}","DLBM":"{code}","TBMJ":10000}},"geometry":{{"type":"Polygon","coordinates":[[[{a},4070000],[{b},4070000],[{b},4070100],[{a},4070100],[{a},4070000]]]}}}}"#
        )
    };
    let features: Vec<String> = codes.iter().enumerate().map(parcel).collect();
    let crs = r#"{"type":"name","properties":{"name":"EPSG:4548"}}"#;
    let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(",\n"));
    let path = folder.join(format!("{name}.geojson"));
    std::fs::write(&path, text).expect("written");
    path
}

/// The window with a file open and measured, and the office's file where one is given.
fn window(file: &Path, office: Option<PathBuf>) -> Window {
    let mut window = open(Start { files: vec![file.to_owned()], office, ..Start::for_test() }, (1600.0, 1000.0));
    until(&mut window, |session| {
        session.workspace.entries.first().is_some_and(|entry| entry.areas.is_some()) && session.jobs.is_empty()
    });
    window
}

/// Chooses a row of the menu that is open.
fn choose(window: &mut Window, name: &str) {
    window.get_by_role_and_label(egui::Role::MenuItem, name).click();
    window.run_steps(4);
}

#[test]
fn classes_are_decided_one_by_one_and_carried_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = parcels(folder.path(), "DLTB", &["0101", "0204", "1006", "1104"]);
    let mut window = window(&file, Some(folder.path().join("own/office.toml")));
    let layer = session(&window).workspace.entries[0].id();
    window.state_mut().push(Command::Layer(layer, LayerCommand::Convert));
    window.run_steps(3);
    wait_for(&mut window, "还有 2 个地类没有确定");
    assert!(says(&window, "2 个地类一一对应：2 个要素，2.00 公顷") || says(&window, "2 个地类一一对应"));
    click(&mut window, "0204 其他园地 请选择");
    choose(&mut window, "0205 其他园地");
    click(&mut window, "1006 农村道路 请选择");
    choose(&mut window, "留空");
    assert!(!says(&window, "没有确定"));
    click(&mut window, "本单位通用");
    click(&mut window, "换算");
    let entry = &session(&window).workspace.entries[0];
    assert_eq!((entry.scheme(), session(&window).card.is_none()), (Some(Scheme::Ydyh2023), true));
    let field = entry.layer.field("YDYHFLDM").expect("a new field");
    let codes: Vec<String> = (0..4).map(|row| entry.layer.value(row, field).to_string()).collect();
    assert_eq!(codes, ["0101", "0205", "", "1704"]);
    // What was decided is known the next time; what was left empty is asked again.
    let text = std::fs::read_to_string(folder.path().join("own/office.toml")).expect("is kept");
    assert!(text.contains("SD2019:0204") && text.contains("YDYH2023:0205") && !text.contains("1006"), "{text}");
    window.state_mut().push(Command::Scenario(ScenarioCommand::Undo));
    window.run_steps(3);
    assert_eq!(session(&window).workspace.entries[0].scheme(), Some(Scheme::Sd2019));
    window.state_mut().push(Command::Layer(layer, LayerCommand::Convert));
    window.run_steps(3);
    wait_for(&mut window, "还有 1 个地类没有确定");
}

#[test]
fn what_a_layer_is_said_to_be_comes_back_with_its_like() {
    let folder = tempfile::tempdir().expect("a folder");
    let office = folder.path().join("office.toml");
    let file = parcels(folder.path(), "红线_2023", &["0101", "1104"]);
    let mut first = window(&file, Some(office.clone()));
    let layer = session(&first).workspace.entries[0].id();
    first.state_mut().push(Command::Layer(layer, LayerCommand::Map));
    first.run_steps(3);
    assert!(says(&first, "识别与字段对应"));
    assert!(says(&first, "面积字段 TBMJ"), "the field of areas is known by its name");
    click(&mut first, "图层类型 地类图斑");
    choose(&mut first, "生态保护红线");
    click(&mut first, "名称字段 （无）");
    choose(&mut first, "编号");
    click(&mut first, "本单位通用");
    click(&mut first, "按此使用");
    let entry = &session(&first).workspace.entries[0];
    assert_eq!((entry.role, entry.label_field()), (Role::RedLine, entry.layer.field("编号")));
    assert!(office.exists());
    // A layer of the next year, in another run.
    let next = parcels(folder.path(), "红线_2024", &["0103"]);
    let second = window(&next, Some(office.clone()));
    let entry = &session(&second).workspace.entries[0];
    assert_eq!((entry.role, entry.mapping.is_some()), (Role::RedLine, true));
    assert!(says(&second, "按单位约定识别"));
    // Without what the office knows it is what it looks like; its file is taken over from another place.
    let mut third = window(&next, None);
    assert_eq!(session(&third).workspace.entries[0].role, Role::LandUse);
    third.state_mut().push(Command::File(FileCommand::ReadOffice(office.clone())));
    third.run_steps(3);
    assert!(says(&third, "导入 1 条约定"));
    // A file that cannot be understood is neither used nor written over.
    std::fs::write(&office, "format = 1\n[[layer]\n").expect("written");
    let mut fourth = window(&next, Some(office.clone()));
    assert!(says(&fourth, "单位约定读不了"));
    let layer = session(&fourth).workspace.entries[0].id();
    let mapping = Box::new(Mapping { role: Some(Role::Other), ..Mapping::default() });
    fourth.state_mut().push(Command::Tree(TreeCommand::Map { layer, mapping, for_office: true }));
    fourth.run_steps(3);
    assert_eq!(std::fs::read_to_string(&office).expect("is there"), "format = 1\n[[layer]\n");
}
