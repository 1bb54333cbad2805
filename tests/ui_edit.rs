//! The window for edits, by accessible name: what is typed is drafted, shown, applied, and taken back.

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{By, Queryable};
use tuban::model::{GeometryKind, LayerId, Value};
use tuban::scenario::Entry;
use tuban::text::Language;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::select::SelectCommand;
use tuban::ui::session::command::tree::TreeCommand;
use tuban::ui::session::command::window::WindowCommand;
use tuban::ui::session::parts::EditPage as Page;
use tuban::ui::session::rows::{Rows, SelectMode};

use super::window::{Window, click, demo, press, says, session, typed, until, wait_for};

/// The current layer, which is land use.
fn land(window: &Window) -> &Entry {
    session(window).current().expect("land use is current")
}

fn farmland(window: &Window) -> LayerId {
    let entries = &session(window).workspace.entries;
    entries.iter().find(|entry| entry.title.contains("基本农田")).expect("the demo has farmland").id()
}

fn select(window: &mut Window, rows: impl IntoIterator<Item = usize>) {
    let (layer, rows) = (land(window).id(), Rows::from_iter(rows));
    window.state_mut().push(Command::Select(SelectCommand::Select { layer, rows, mode: SelectMode::Replace }));
    window.run_steps(3);
}

fn edit(window: &mut Window, page: Page) {
    window.state_mut().push(Command::Window(WindowCommand::Edit(Some(page))));
    window.run_steps(4);
}

fn type_into(window: &mut Window, name: &str, text: &str) {
    click(window, name);
    press(window, Modifiers::COMMAND, Key::A);
    typed(window, text);
}

/// The sentences of the history.
fn history(window: &Window) -> Vec<String> {
    let history = &session(window).workspace.scenarios.history;
    history.steps().map(|step| step.sentence.text(session(window).language())).collect()
}

fn area_m2(window: &Window, layer: LayerId) -> f64 {
    let entry = session(window).workspace.entry(layer).expect("is open");
    entry.areas.as_ref().map_or(f64::NAN, |areas| areas.exact.iter().sum())
}

#[test]
fn a_field_is_set_from_the_table_and_forks_the_base() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    select(&mut window, 5..25);
    let button = By::new().role(Role::Button).label("编辑");
    window.query_all(button).next().expect("a button at the foot of the table").click();
    window.run_steps(4);
    click(&mut window, "设置字段…");
    // The class field is offered first; a value as typed keeps its zero.
    type_into(&mut window, "值", "0702");
    wait_for(&mut window, "“DLBM”设为 0702");
    assert!(says(&window, "将从基准新建“方案 A”"));
    let scenarios = |window: &Window| session(window).workspace.scenarios.list().len();
    let before = scenarios(&window);
    assert!(history(&window).is_empty(), "nothing is done yet");
    click(&mut window, "应用");
    let field = land(&window).class_field().expect("has classes");
    let values: Vec<String> = (5..25).map(|row| land(&window).layer.value(row, field).to_string()).collect();
    assert!(values.iter().all(|value| value == "0702"), "{values:?}");
    assert_eq!(session(&window).workspace.shown_scenario().map(|s| s.name.clone()).as_deref(), Some("方案 A"));
    assert_eq!((history(&window).len(), scenarios(&window)), (1, before + 1));
    // Again: nothing would change, and it says so.
    wait_for(&mut window, "没有需要修改的内容");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(scenarios(&window), before);
    let before = land(&window).layer.value(5, field).to_string();
    assert_ne!(before, "0702");
}

#[test]
fn an_expression_is_previewed_and_its_mistake_has_a_column() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    select(&mut window, [3]);
    edit(&mut window, Page::Field);
    click(&mut window, "符合条件的");
    type_into(&mut window, "条件", "DLBM = 0103'");
    type_into(&mut window, "新字段", "面积亩");
    click(&mut window, "按表达式");
    type_into(&mut window, "表达式", "round($area / 1mu, 2");
    wait_for(&mut window, "第 12 个字符");
    type_into(&mut window, "条件", "DLBM = '0103'");
    wait_for(&mut window, "第 6 个字符");
    type_into(&mut window, "表达式", "round($area / 1mu, 2)");
    wait_for(&mut window, "按 round($area / 1mu, 2) 计算");
    click(&mut window, "应用");
    let entry = land(&window);
    let (class, made) = (entry.class_field().expect("classes"), entry.layer.field("面积亩").expect("made"));
    let areas = entry.areas.as_ref().expect("measured");
    let mut set = 0;
    for row in 0..entry.layer.feature_count() {
        let is_dry = entry.layer.value(row, class).to_string() == "0103";
        match entry.layer.value(row, made) {
            Value::Float(mu) if is_dry => {
                assert!((mu - areas.printed[row] / (2000.0 / 3.0)).abs() < 0.005_001, "{row}: {mu}");
                set += 1;
            }
            value => assert!(value.is_null() && !is_dry, "{row}: {value}"),
        }
    }
    assert!(set > 100, "{set}");
    assert_eq!(history(&window).len(), 1);
}

#[test]
fn land_goes_out_of_farmland_and_comes_back() {
    let mut window = demo(Language::English, (1600.0, 1000.0));
    let farm = farmland(&window);
    let before = area_m2(&window, farm);
    select(&mut window, 0..60);
    edit(&mut window, Page::TakeOut);
    wait_for(&mut window, "pieces out of");
    click(&mut window, "Apply");
    until(&mut window, |session| session.jobs.is_empty());
    let out = area_m2(&window, farm);
    assert!(out < before - 1e5, "{before} to {out}");
    // The same land comes in again, with a value of its own.
    edit(&mut window, Page::PutIn);
    wait_for(&mut window, "pieces into");
    click(&mut window, "Apply");
    until(&mut window, |session| session.jobs.is_empty());
    let into = area_m2(&window, farm);
    // All 60 parcels are farmland now, so at least what went is back.
    assert!(into >= before - 1.0, "{before} to {into}");
    let sentences = history(&window);
    assert_eq!(sentences.len(), 2, "{sentences:?}");
    assert!(sentences[0].starts_with("Took ") && sentences[1].starts_with("Put "), "{sentences:?}");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    until(&mut window, |session| session.jobs.is_empty());
    assert!((area_m2(&window, farm) - out).abs() < 1e-6);
}

#[test]
fn what_cannot_be_edited_says_why() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    edit(&mut window, Page::Field);
    wait_for(&mut window, "先在地图或表格中选中要素");
    click(&mut window, "符合条件的");
    wait_for(&mut window, "请先写出条件");
    // A layer of lines or points has no land and no classes.
    let mut entries = session(&window).workspace.entries.iter();
    let points = entries.find(|entry| entry.layer.kind != GeometryKind::Polygon).expect("the demo has some").id();
    window.state_mut().push(Command::Tree(TreeCommand::SetCurrent(Some(points))));
    edit(&mut window, Page::TakeOut);
    wait_for(&mut window, "不是面图层");
    edit(&mut window, Page::Class);
    wait_for(&mut window, "没有可识别的地类字段");
    click(&mut window, "关闭编辑窗");
    assert_eq!(session(&window).project.editing, None);
}
