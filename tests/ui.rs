//! The real window over the demo project, by accessible name: frame, layer tree, search, status bar, opening files.

use std::collections::HashMap;
use std::io::Write;

use eframe::egui::{self, Key, Modifiers, Role};
use egui_kittest::kittest::{By, NodeT, Queryable};
use tuban::text::{self, Language};
use tuban::ui::Start;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::file::FileCommand;
use tuban::ui::session::command::select::SelectCommand;
use tuban::ui::session::command::table::TableCommand;
use tuban::ui::session::command::view::ViewCommand;
use tuban::ui::session::parts::{Counted, Panel, Tool};
use tuban::ui::session::rows::{FeatureRef, SelectMode};
use tuban::ui::session::settings::ThemeChoice;

use super::window::{Window, click, demo, empty, open, press, session, typed, until};

#[test]
fn an_empty_window_says_what_to_do_next() {
    let mut window = empty();
    assert!(window.query_all_by_label("打开示例工程").count() >= 1);
    window.get_by_label("拖入数据文件，或打开示例工程");
    click(&mut window, "打开示例工程");
    until(&mut window, |session| !session.workspace.is_empty());
    window.get_by_label("地类图斑 2025");
}

#[test]
fn the_current_layer_has_a_menu_of_its_own() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    window.get_by_role_and_label(Role::TreeItem, "安置区").click_secondary();
    window.run_steps(4);
    for item in ["缩放到图层", "打开属性表", "样式", "图层坐标系…", "导出图层…", "移除图层"]
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
    until(&mut window, |session| session.found.current().is_some_and(|hits| !hits.list.is_empty()));
    let before = session(&window).view;
    press(&mut window, Modifiers::NONE, Key::Enter);
    let now = session(&window);
    assert_eq!(now.derived.selection().count, 1);
    assert!(now.project.identified.current().is_some());
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

    window.state_mut().push(Command::File(FileCommand::OpenPaths(vec![broken])));
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
    window.state_mut().push(Command::File(FileCommand::OpenPaths(vec![own])));
    window.run_steps(2);
    until(&mut window, |session| session.workspace.entries.len() == 1);
    window.state_mut().push(Command::File(FileCommand::OpenPaths(vec![project.clone()])));
    window.run_steps(2);
    // The file is work without a project: it is asked about.
    click(&mut window, "不保存");
    until(&mut window, |session| session.workspace.entries.len() > 10);
    assert_eq!(session(&window).project.path.as_deref(), Some(project.as_path()));
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

/// Legend rows of the layer tree.
fn legend_rows(window: &Window) -> Vec<String> {
    let rows = window.query_all(By::new().predicate(|node| node.role() == Role::ListItem));
    rows.filter_map(|node| node.accesskit_node().label()).collect()
}

#[test]
fn the_tree_shows_layers_with_their_figures_and_a_legend() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    for heading in ["控制线", "项目与安置", "用地", "地类图斑 2025"] {
        window.get_by_role_and_label(Role::TreeItem, heading);
    }
    let few = legend_rows(&window);
    assert!(few.iter().any(|row| row.starts_with("0102 水浇地")), "{few:?}");
    window.get_by_label_contains("其余").click();
    window.run_steps(4);
    let all = legend_rows(&window);
    assert!(all.len() > few.len(), "{} rows after, {} before", all.len(), few.len());

    // The eye hides, the legend selects.
    let layer = session(&window).project.current.expect("land use is current");
    click(&mut window, "隐藏地类图斑 2025");
    assert!(!session(&window).workspace.entry(layer).expect("is there").visible);
    click(&mut window, "显示地类图斑 2025");
    window.get(By::new().role(Role::ListItem).label_contains("0102 水浇地")).click();
    window.run_steps(4);
    let picked = session(&window).derived.selection();
    let legend = session(&window).derived.legend(layer).expect("is derived").clone();
    assert!(legend.rows.iter().any(|row| (row.count, row.area) == (picked.count, picked.area)), "{picked:?}");
    assert_eq!(legend.rows.iter().map(|row| row.count).sum::<usize>(), legend.count);

    // Of the selection, the legend counts what is selected; of the view, what is seen.
    let counted = |window: &Window| session(window).derived.counted_legend(layer).expect("is derived").clone();
    window.state_mut().push(Command::Table(TableCommand::Count(Counted::Selection)));
    window.run_steps(2);
    assert_eq!((counted(&window).rows.len(), counted(&window).count), (1, picked.count));
    assert_eq!(legend_rows(&window).len(), 1);
    let place = session(&window).view.center;
    window.state_mut().push(Command::View(ViewCommand::SetScale(5000.0)));
    window.state_mut().push(Command::Table(TableCommand::Count(Counted::View)));
    window.run_steps(2);
    let seen = counted(&window).count;
    assert!(seen > 0 && seen < 200, "{seen} around {place:?}");
}

#[test]
fn escape_steps_back_one_thing_at_a_time() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let layer = session(&window).project.current.expect("land use is current");
    let feature = FeatureRef { layer, feature: 5 };
    window.state_mut().push(Command::Select(SelectCommand::ShowFeature(feature)));
    window.run_steps(4);
    press(&mut window, Modifiers::NONE, Key::F1);
    assert!(session(&window).card.is_some());
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(session(&window).card.is_none() && session(&window).project.identified.current().is_some());
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(session(&window).project.identified.current().is_none() && !session(&window).project.selection.is_empty());
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(session(&window).project.selection.is_empty());
}

#[test]
fn scale_and_place_can_be_typed_into_the_status_bar() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    click(&mut window, "比例");
    typed(&mut window, "1:5,000");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!((session(&window).scale() - 5000.0).abs() < 0.5, "{}", session(&window).scale());
    click(&mut window, "定位到坐标");
    typed(&mut window, "39502118.5 4079883.25");
    press(&mut window, Modifiers::NONE, Key::Enter);
    let place = session(&window).view.center;
    assert_eq!((place.x, place.y), (39_502_118.5, 4_079_883.25));
}

#[test]
fn another_map_crs_draws_everything_anew_and_leaves_areas_alone() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let areas = |window: &Window| {
        let entries = &session(window).workspace.entries;
        entries.iter().filter_map(|e| e.areas.as_ref().map(|a| a.printed_total().m2())).collect::<Vec<f64>>()
    };
    let before = areas(&window);
    window.get_by_label_contains("地图坐标系…").click();
    window.run_steps(4);
    typed(&mut window, "4490");
    window.get(By::new().role(Role::ListBoxOption).label_contains("4490")).click();
    window.run_steps(2);
    until(&mut window, |session| {
        session.jobs.is_empty() && session.workspace.entries.iter().all(|entry| session.prepared(entry.id()).is_some())
    });
    let extent = session(&window).full_extent();
    assert!(extent.min.x > 116.0 && extent.max.x < 118.0, "{extent:?}");
    assert_eq!(areas(&window), before);
}

#[test]
fn the_bars_of_a_small_window_hold_their_parts_beside_each_other() {
    for language in [Language::Chinese, Language::English] {
        let mut window = demo(language, (1280.0, 720.0));
        let layer = session(&window).project.current.expect("land use is current");
        window.state_mut().push(Command::Select(SelectCommand::ShowFeature(FeatureRef { layer, feature: 5 })));
        window.run_steps(6);
        let named = By::new().predicate(|node| {
            let listed = matches!(node.role(), Role::ListItem | Role::TreeItem | Role::Label);
            !listed && node.label().is_some_and(|label| !label.is_empty())
        });
        let in_bar = |area: &egui::Rect| area.bottom() <= 40.5 || (area.top() >= 693.5 && area.bottom() <= 720.5);
        let bars: Vec<(String, egui::Rect)> = window
            .query_all(named)
            .map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect()))
            .filter(|(_, area)| in_bar(area))
            .collect();
        assert!(bars.len() >= 12, "{bars:?}");
        for (i, (a, area_a)) in bars.iter().enumerate() {
            assert!(area_a.left() >= -0.5 && area_a.right() <= 1280.5, "{a}: {area_a:?}");
            for (b, area_b) in &bars[i + 1..] {
                let shared = area_a.intersect(*area_b);
                let inside = area_a.contains_rect(*area_b) || area_b.contains_rect(*area_a);
                assert!(inside || shared.width() <= 1.0 || shared.height() <= 1.0, "{a} and {b}");
            }
        }
    }
}

#[test]
fn rows_are_copied_as_the_table_shows_them() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let layer = session(&window).project.current.expect("land use is current");
    window.get(By::new().role(Role::ColumnHeader).label_contains("面积")).click();
    window.run_steps(4);
    let copied = |window: &Window| -> Vec<f64> {
        let (text, count) = tuban::ui::work::copying::as_text(session(window)).expect("a layer is current");
        let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<&str>>());
        let heading = lines.next().expect("a heading");
        let at = heading.iter().position(|name| name.starts_with("面积")).expect("a column of areas");
        let areas: Vec<f64> = lines.map(|cells| cells[at].replace(',', "").parse().expect("an area")).collect();
        assert_eq!(areas.len(), count);
        areas
    };
    let all = copied(&window);
    assert_eq!(all.len(), session(&window).workspace.entry(layer).expect("is there").layer.feature_count());
    assert!(all.is_sorted(), "not as sorted");
    let rows = [900, 3, 77, 41].into_iter().collect();
    window.state_mut().push(Command::Select(SelectCommand::Select { layer, rows, mode: SelectMode::Replace }));
    window.run_steps(2);
    let some = copied(&window);
    assert!(some.len() == 4 && some.is_sorted(), "{some:?}");
}
