//! The real window over the demo project, by accessible name: frame, layer tree, search, status bar, opening files.

use std::collections::HashMap;
use std::io::Write;
use std::time::{Duration, Instant};

use eframe::egui::{self, Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use tuban::text::{self, Language};
use tuban::ui::command::Command;
use tuban::ui::settings::ThemeChoice;
use tuban::ui::state::{Panel, Session, Tool};
use tuban::ui::{App, Start};

type Window = Harness<'static, App>;

fn open(start: Start, size: (f32, f32)) -> Window {
    let mut window = Harness::builder()
        .with_size(egui::vec2(size.0, size.1))
        .with_max_steps(64)
        .build_eframe(move |cc| App::new(cc, start));
    window.run_steps(2);
    window
}

/// The empty window.
fn empty() -> Window {
    open(Start::for_test(), (1600.0, 1000.0))
}

/// The window with the demo project, read and measured.
fn demo(language: Language, size: (f32, f32)) -> Window {
    let mut start = Start::for_test();
    start.demo = true;
    start.settings.language = language;
    let mut window = open(start, size);
    until(&mut window, |session| {
        let polygons = |entry: &&tuban::scenario::Entry| entry.layer.kind == tuban::model::GeometryKind::Polygon;
        !session.workspace.is_empty()
            && session.jobs.is_empty()
            && session.workspace.entries.iter().filter(polygons).all(|entry| entry.areas.is_some())
    });
    window
}

/// Steps until the session is as wanted and nothing more happens.
fn until(window: &mut Window, wanted: impl Fn(&Session) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !wanted(window.state().session()) {
        assert!(Instant::now() < deadline, "not in time");
        std::thread::sleep(Duration::from_millis(2));
        window.step();
    }
    window.run_steps(4);
}

fn session(window: &Window) -> &Session {
    window.state().session()
}

fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.run_steps(4);
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(4);
}

fn typed(window: &mut Window, text: &str) {
    window.event(egui::Event::Text(text.to_owned()));
    window.run_steps(4);
}

#[test]
fn an_empty_window_says_what_to_do_next() {
    let mut window = empty();
    assert!(window.query_all_by_label("打开示例项目").count() >= 1);
    window.get_by_label("拖入 GeoJSON，或打开示例项目");
    click(&mut window, "打开示例项目");
    until(&mut window, |session| !session.workspace.is_empty());
    window.get_by_label("地类图斑 2025");
}

#[test]
fn the_current_layer_has_a_menu_of_its_own() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    window.get_by_role_and_label(Role::TreeItem, "安置区").click_secondary();
    window.run_steps(4);
    for item in ["缩放到图层", "打开属性表", "样式", "图层坐标系…", "导出 GeoJSON…", "移除图层"]
    {
        window.get_by_role_and_label(Role::MenuItem, item);
    }
    let before = session(&window).workspace.entries.len();
    window.get_by_role_and_label(Role::MenuItem, "移除图层").click();
    window.run_steps(4);
    assert_eq!(session(&window).workspace.entries.len(), before - 1);
    window.get_by_label_contains("源文件没有改动");
}

#[test]
fn a_drag_moves_a_layer() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let at = |window: &Window, name: &str| window.get_by_role_and_label(Role::TreeItem, name).rect().center();
    let (from, to) = (at(&window, "生态保护红线"), at(&window, "城镇开发边界"));
    window.drag_at(from);
    window.run_steps(1);
    for i in 1..=6 {
        window.hover_at(from + (to - egui::vec2(0.0, 8.0) - from) * (i as f32 / 6.0));
        window.run_steps(1);
    }
    window.drop_at(to - egui::vec2(0.0, 8.0));
    window.run_steps(4);
    assert_eq!(session(&window).workspace.entries[0].title, "生态保护红线");
}

#[test]
fn language_and_theme_switch_at_once() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    click(&mut window, "切换语言 English");
    for name in ["File", "Edit", "View", "Layer", "Help", "Layers", "Table"] {
        assert!(window.query_all_by_label_contains(name).count() > 0, "{name}");
    }
    window.get_by_role_and_label(Role::TreeItem, "Control lines");
    assert_eq!(window.ctx.theme(), egui::Theme::Light);
    click(&mut window, "Switch theme");
    assert_eq!((window.ctx.theme(), session(&window).settings.theme), (egui::Theme::Dark, ThemeChoice::Dark));
    press(&mut window, Modifiers::COMMAND, Key::L);
    window.get_by_label("切换语言 English");
}

#[test]
fn the_search_box_finds_parcels_commands_and_places() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    press(&mut window, Modifiers::COMMAND, Key::K);
    typed(&mut window, "大桥一区");
    until(&mut window, |session| !session.found.hits.is_empty());
    let before = session(&window).view;
    press(&mut window, Modifiers::NONE, Key::Enter);
    let now = session(&window);
    assert_eq!(now.derived.selection().count, 1);
    assert!(now.identified.current().is_some());
    assert!(now.view.units_per_px < before.units_per_px);
    let site = now.view.center;

    press(&mut window, Modifiers::COMMAND, Key::K);
    typed(&mut window, "117.0, 36.8");
    press(&mut window, Modifiers::NONE, Key::Enter);
    let place = session(&window).view.center;
    assert!((place.x - 39_500_000.0).abs() < 1.0, "{place:?}");

    press(&mut window, Modifiers::COMMAND, Key::K);
    typed(&mut window, "上一视图");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(session(&window).view.center, site);
}

#[test]
fn letters_are_shortcuts_only_where_nothing_is_typed() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    press(&mut window, Modifiers::NONE, Key::M);
    assert_eq!(session(&window).tool, Tool::Area);
    press(&mut window, Modifiers::COMMAND, Key::K);
    press(&mut window, Modifiers::NONE, Key::H);
    assert_eq!(session(&window).tool, Tool::Area);
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::NONE, Key::H);
    assert_eq!(session(&window).tool, Tool::Browse);
}

#[test]
fn panels_close_and_open() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let map = |window: &Window| session(window).view.size_px;
    let [width, height] = map(&window);
    press(&mut window, Modifiers::NONE, Key::F7);
    press(&mut window, Modifiers::NONE, Key::F8);
    press(&mut window, Modifiers::NONE, Key::F9);
    window.run_steps(8);
    assert!(Panel::ALL.iter().all(|panel| !session(&window).panel_open(*panel)));
    let now = map(&window);
    assert!(now[0] > width + 500.0 && now[1] > height + 150.0, "{now:?}");
    click(&mut window, "分类汇总");
    assert!(session(&window).panel_open(Panel::Bottom));
}

#[test]
fn a_file_in_doubt_is_asked_about_and_a_broken_one_offered() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::File::create(&path).and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
        path
    };
    // Six digits of easting: the zone is missing.
    let square = |x: f64, y: f64| {
        let ring =
            [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 0.0)].map(|(a, b)| format!("[{},{}]", x + a, y + b));
        format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"0701"}},"geometry":{{"type":"Polygon","coordinates":[[{}]]}}}}"#,
            ring.join(",")
        )
    };
    let doubtful = write(
        "建设用地.geojson",
        &format!(
            r#"{{"type":"FeatureCollection","features":[{},{}]}}"#,
            square(498_604.0, 4_081_204.0),
            square(499_000.0, 4_081_204.0)
        ),
    );
    let broken = write(
        "断开.geojson",
        &format!(
            r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"EPSG:4527"}}}},"features":[{},{},{{"type""#,
            square(39_498_604.0, 4_081_204.0),
            square(39_499_000.0, 4_081_204.0)
        ),
    );
    let mut start = Start::for_test();
    start.files = vec![doubtful];
    let mut window = open(start, (1600.0, 1000.0));
    until(&mut window, |session| session.opened.is_some());
    assert!(session(&window).workspace.is_empty());
    window.get_by_label_contains("坐标系诊断");
    press(&mut window, Modifiers::NONE, Key::Enter);
    until(&mut window, |session| !session.workspace.is_empty() && session.jobs.is_empty());
    assert!(session(&window).opened.is_none());
    let area = session(&window).workspace.entries[0].areas.as_ref().expect("measured").printed_total();
    assert!((area.m2() - 10_000.0).abs() < 1.0, "{area:?}");

    window.state_mut().push(Command::OpenPaths(vec![broken]));
    window.run_steps(2);
    until(&mut window, |session| session.opened.is_some());
    window.get_by_label_contains("可以只打开中断之前的 2 个要素");
    press(&mut window, Modifiers::NONE, Key::Enter);
    until(&mut window, |session| session.workspace.entries.len() == 2 && session.jobs.is_empty());
    assert!(session(&window).issue_count() > 0);
}

#[test]
fn the_users_files_take_the_place_of_the_demo_and_projects_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let project = folder.path().join("我的项目.toml");
    tuban::scenario::project::save(&session(&window).workspace, &project).expect("saved");
    let own = folder.path().join("own.geojson");
    std::fs::write(&own, r#"{"type":"Point","coordinates":[117.0,36.8]}"#).expect("written");
    window.state_mut().push(Command::OpenPaths(vec![own]));
    window.run_steps(2);
    until(&mut window, |session| session.workspace.entries.len() == 1);
    window.state_mut().push(Command::OpenPaths(vec![project.clone()]));
    window.run_steps(2);
    until(&mut window, |session| session.workspace.entries.len() > 10);
    assert_eq!(session(&window).project_path.as_deref(), Some(project.as_path()));
}

#[test]
fn every_command_has_words_in_both_languages_and_no_shortcut_is_given_twice() {
    let mut seen: HashMap<egui::KeyboardShortcut, Command> = HashMap::new();
    for command in Command::listed() {
        let spec = command.spec().unwrap_or_else(|| panic!("{command:?} is listed without words"));
        for language in [Language::Chinese, Language::English] {
            assert_ne!(text::tr(language, spec.key), spec.key, "{command:?}");
        }
        for keys in spec.shortcuts {
            if let Some(other) = seen.insert(*keys, command.clone()) {
                panic!("{command:?} and {other:?} share {keys:?}");
            }
        }
    }
    assert!(seen.len() > 30);
}
