//! Habits of daily work in the real window, by accessible name: columns of the table, settings, bookmarks, notes, tips,
//! measuring by a drag, floating panels, projects opened lately, the first tour.

use std::io::Write;

use eframe::egui::{self, Key, Modifiers, PointerButton, Pos2, Role, vec2};
use egui_kittest::kittest::{By, NodeT, Queryable};
use tuban::model::Formula;
use tuban::text::Language;
use tuban::ui::Start;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::file::FileCommand;
use tuban::ui::session::command::scenario::ScenarioCommand;
use tuban::ui::session::command::table::TableCommand;
use tuban::ui::session::command::tool::ToolCommand;
use tuban::ui::session::command::view::ViewCommand;
use tuban::ui::session::command::window::WindowCommand;
use tuban::ui::session::parts::{Card, Panel, Tab, Tool};

use super::window::{Window, click, open, press, session, typed, until};

/// Parcels of 300 m by 200 m in a row, in the zone of 117° E.
fn parcels() -> tempfile::NamedTempFile {
    let rows = [
        ("0701", "大桥街道", 60_000),
        ("0102", "孙耿街道", 60_030),
        ("1001", "大桥街道", 60_000),
        ("0701", "崔寨街道", 1),
    ];
    let feature = |(at, (code, street, stated)): (usize, &(&str, &str, i32))| {
        let west = 39_500_000.0 + 400.0 * at as f64;
        let ring = [(0.0, 0.0), (300.0, 0.0), (300.0, 200.0), (0.0, 200.0), (0.0, 0.0)]
            .map(|(x, y)| format!("[{},{}]", west + x, 4_080_000.0 + y))
            .join(",");
        format!(
            r#"{{"type":"Feature","properties":{{"BSM":"3701052{at}","DLBM":"{code}","街道":"{street}","TBMJ":{stated}}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#
        )
    };
    let features: Vec<String> = rows.iter().enumerate().map(feature).collect();
    let crs = r#"{"type":"name","properties":{"name":"EPSG:4527"}}"#;
    let text =
        format!(r#"{{"type":"FeatureCollection","name":"DLTB","crs":{crs},"features":[{}]}}"#, features.join(","));
    let mut file = tempfile::Builder::new().prefix("DLTB").suffix(".geojson").tempfile().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

/// The window with the parcels open and measured.
fn window_of(change: impl FnOnce(&mut Start)) -> (Window, tempfile::NamedTempFile) {
    let file = parcels();
    let mut start = Start::for_test();
    start.settings.language = Language::Chinese;
    start.settings.inspector_open = true;
    start.settings.bottom_open = true;
    start.files = vec![file.path().to_owned()];
    change(&mut start);
    let mut window = open(start, (1600.0, 1000.0));
    until(&mut window, |session| {
        session.workspace.entries.first().is_some_and(|entry| entry.areas.is_some()) && session.jobs.is_empty()
    });
    (window, file)
}

fn window() -> (Window, tempfile::NamedTempFile) {
    window_of(|_| {})
}

/// Label of every visible row of the table, from the top.
fn rows(window: &Window) -> Vec<String> {
    let mut rows: Vec<(f32, String)> = window
        .query_all(By::new().predicate(|node| node.role() == Role::Row))
        .map(|node| (node.rect().top(), node.accesskit_node().label().unwrap_or_default()))
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(_, label)| label).collect()
}

/// Names of the headings of the table, from the left.
fn headings(window: &Window) -> Vec<String> {
    let mut headings: Vec<(f32, String)> = window
        .query_all(By::new().predicate(|node| node.role() == Role::ColumnHeader))
        .map(|node| (node.rect().left(), node.accesskit_node().label().unwrap_or_default()))
        .collect();
    headings.sort_by(|a, b| a.0.total_cmp(&b.0));
    headings.into_iter().map(|(_, label)| label).collect()
}

fn push(window: &mut Window, command: Command) {
    window.state_mut().push(command);
    window.run_steps(4);
}

/// Opens the menu of a heading.
fn heading_menu(window: &mut Window, name: &str) {
    window.get_by_role_and_label(Role::ColumnHeader, name).click_secondary();
    window.run_steps(4);
}

fn button(at: Pos2, pressed: bool) -> egui::Event {
    egui::Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
}

#[test]
fn shift_adds_a_column_to_the_sort() {
    let (mut window, _file) = window();
    click(&mut window, "街道");
    window.get_by_label("DLBM").click_modifiers(Modifiers::SHIFT);
    window.run_steps(4);
    window.get_by_label("DLBM").click_modifiers(Modifiers::SHIFT);
    window.run_steps(4);
    let shown = rows(&window);
    let street = |row: &str| ["大桥街道", "孙耿街道", "崔寨街道"].into_iter().find(|name| row.contains(name));
    let of_daqiao: Vec<&String> = shown.iter().filter(|row| street(row.as_str()) == Some("大桥街道")).collect();
    assert!(of_daqiao[0].contains("1001") && of_daqiao[1].contains("0701"), "{shown:?}");
    let layout = &session(&window).workspace.entries[0].table;
    assert_eq!(layout.sort, [("field 街道".to_owned(), false), ("field DLBM".to_owned(), true)]);
}

#[test]
fn columns_are_hidden_frozen_and_put_back() {
    let (mut window, _file) = window();
    assert!(headings(&window).contains(&"BSM".to_owned()));
    heading_menu(&mut window, "BSM");
    click(&mut window, "隐藏此列");
    assert!(!headings(&window).contains(&"BSM".to_owned()), "{:?}", headings(&window));
    heading_menu(&mut window, "DLBM");
    click(&mut window, "冻结到此列");
    assert!(session(&window).workspace.entries[0].table.frozen > 0);
    click(&mut window, "表格的列");
    click(&mut window, "恢复默认的列");
    assert!(headings(&window).contains(&"BSM".to_owned()));
    assert_eq!(session(&window).workspace.entries[0].table.frozen, 0);
}

#[test]
fn a_field_is_made_by_an_expression_and_undone() {
    let (mut window, _file) = window();
    push(&mut window, Command::Table(TableCommand::NewFormula));
    window.get_by_role_and_label(Role::TextInput, "字段名").click();
    window.run_steps(2);
    typed(&mut window, "大类");
    window.get_by_role_and_label(Role::TextInput, "表达式").click();
    window.run_steps(2);
    typed(&mut window, "left(DLBM, 2)");
    window.get_by_label_contains("结果类型：文本");
    click(&mut window, "添加字段");
    assert!(session(&window).card.is_none());
    assert!(headings(&window).contains(&"大类".to_owned()), "{:?}", headings(&window));
    let entry = &session(&window).workspace.entries[0];
    assert_eq!(*entry.formulas, vec![Formula { field: "大类".to_owned(), expression: "left(DLBM, 2)".to_owned() }]);
    push(&mut window, Command::Scenario(ScenarioCommand::Undo));
    assert!(!headings(&window).contains(&"大类".to_owned()));
}

#[test]
fn what_is_wrong_with_an_expression_is_said_before() {
    let (mut window, _file) = window();
    push(&mut window, Command::Table(TableCommand::NewFormula));
    window.get_by_role_and_label(Role::TextInput, "表达式").click();
    window.run_steps(2);
    typed(&mut window, "NOFIELD + 1");
    window.get_by_label_contains("NOFIELD");
    click(&mut window, "添加字段");
    assert!(session(&window).card.is_some(), "nothing is added");
}

#[test]
fn what_is_being_written_in_a_card_is_not_lost_by_a_press() {
    let (mut window, _file) = window();
    push(&mut window, Command::Table(TableCommand::NewFormula));
    window.get_by_role_and_label(Role::TextInput, "表达式").click();
    window.run_steps(2);
    typed(&mut window, "TBMJ * 2");
    // Beside the card.
    for pressed in [true, false] {
        window.event(button(Pos2::new(20.0, 500.0), pressed));
        window.run_steps(2);
    }
    assert!(session(&window).card.is_some());
    window.get_by_role_and_label(Role::TextInput, "表达式").click();
    window.run_steps(2);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(session(&window).card.is_some(), "the field is left");
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(session(&window).card.is_none());
}

#[test]
fn the_statistics_of_a_column_are_those_of_the_rows_shown() {
    let (mut window, _file) = window();
    heading_menu(&mut window, "TBMJ");
    click(&mut window, "统计此列…");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while window.query_by_label("合计 180,031").is_none() {
        assert!(std::time::Instant::now() < deadline, "not in time");
        std::thread::sleep(std::time::Duration::from_millis(2));
        window.step();
    }
    window.get_by_label("行数 4");
    window.get_by_label("不同的值 3");
    window.get_by_label("最小 1");
    window.get_by_label("最大 60,030");
    window.get_by_label("分布直方图（20 段）");
    window.get_by_label("复制统计结果").click();
    let mut copied = None;
    for _ in 0..6 {
        window.step();
        let text = window.output().platform_output.commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        });
        copied = text.or(copied);
    }
    let copied = copied.expect("text on the clipboard");
    assert!(copied.contains("行数\t4\n") && copied.contains("最大\t60,030"), "{copied}");
    click(&mut window, "关闭统计");
    assert!(window.query_by_label("行数 4").is_none());
}

#[test]
fn rows_are_found_one_after_the_other() {
    let (mut window, _file) = window();
    click(&mut window, "在表中查找");
    typed(&mut window, "大桥");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while window.query_by_label("第 1 / 2 处").is_none() {
        assert!(std::time::Instant::now() < deadline, "not in time");
        std::thread::sleep(std::time::Duration::from_millis(2));
        window.step();
    }
    click(&mut window, "下一处");
    window.get_by_label("第 2 / 2 处");
    click(&mut window, "下一处");
    window.get_by_label("第 1 / 2 处");
    assert_eq!(rows(&window).len(), 4, "the others stay");
    click(&mut window, "关闭查找");
    assert!(window.query_by_label("下一处").is_none());
}

#[test]
fn a_value_of_a_cell_becomes_the_filter() {
    let (mut window, _file) = window();
    let heading = window.get_by_role_and_label(Role::ColumnHeader, "街道").rect();
    let row = By::new().predicate(|node| node.role() == Role::Row);
    let first = window.query_all(row).map(|node| node.rect()).min_by(|a, b| a.top().total_cmp(&b.top()));
    let at = Pos2::new(heading.center().x, first.expect("rows").center().y);
    window.event(egui::Event::PointerMoved(at));
    window.run_steps(2);
    for pressed in [true, false] {
        let (button, modifiers) = (PointerButton::Secondary, Modifiers::NONE);
        window.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers });
        window.run_steps(2);
    }
    window.get_by_label("复制“大桥街道”");
    click(&mut window, "只看此列为该值的行");
    window.run_steps(4);
    let shown = rows(&window);
    assert!(shown.len() == 2 && shown.iter().all(|row| row.contains("大桥街道")), "{shown:?}");
}

#[test]
fn all_settings_stand_in_one_card() {
    let (mut window, _file) = window();
    press(&mut window, Modifiers::COMMAND, Key::Comma);
    assert_eq!(session(&window).card, Some(Card::Settings));
    click(&mut window, "在工程文件旁缓存读过的数据和在线底图瓦片（瓦片最多 256 MB）");
    assert!(session(&window).settings.cache, "tests start without one");
    click(&mut window, "图层使用柔和配色");
    assert!(session(&window).settings.soft_colors);
    click(&mut window, "小数位数 1");
    assert_eq!(session(&window).settings.decimals, Some(1));
    click(&mut window, "深色");
    click(&mut window, "English");
    assert_eq!(session(&window).settings.language, Language::English);
    window.get_by_label("Settings");
}

#[test]
fn letters_are_no_commands_of_the_map_behind_a_card() {
    let (mut window, _file) = window();
    let tool = session(&window).tool;
    push(&mut window, Command::Window(WindowCommand::About));
    press(&mut window, Modifiers::NONE, Key::M);
    assert_eq!(session(&window).tool, tool);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(session(&window).card, None);
    press(&mut window, Modifiers::NONE, Key::M);
    assert_eq!(session(&window).tool, Tool::Area);
}

#[test]
fn a_shortcut_is_changed_and_a_conflict_is_said() {
    let (mut window, _file) = window();
    push(&mut window, Command::Window(WindowCommand::Settings));
    window.get_by_role_and_label(Role::TextInput, "查找命令").click();
    window.run_steps(2);
    typed(&mut window, "保存工程");
    click(&mut window, "修改“保存工程”的快捷键");
    // Ctrl O opens files.
    press(&mut window, Modifiers::COMMAND, Key::O);
    assert_eq!(session(&window).card, Some(Card::Settings), "the keys are no command while they are set");
    window.get_by_label_contains("已用于“打开…”");
    click(&mut window, "改用于此命令");
    let shortcuts = &session(&window).settings.shortcuts;
    assert_eq!(shortcuts.get("ui.save-project").map(String::as_str), Some("Ctrl+O"));
    assert_eq!(shortcuts.get("ui.open").map(String::as_str), Some(""));
    click(&mut window, "恢复“保存工程”的默认快捷键");
    assert!(!session(&window).settings.shortcuts.contains_key("ui.save-project"));
}

#[test]
fn a_bookmark_brings_the_view_back() {
    let (mut window, _file) = window();
    let before = session(&window).view;
    push(&mut window, Command::View(ViewCommand::AddBookmark));
    push(&mut window, Command::View(ViewCommand::ZoomIn));
    assert!(session(&window).view.units_per_px < before.units_per_px);
    // By its name from the search box, too.
    press(&mut window, Modifiers::COMMAND, Key::K);
    typed(&mut window, "视图 1");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!((session(&window).view.units_per_px - before.units_per_px).abs() < 1e-9);
    push(&mut window, Command::View(ViewCommand::ZoomIn));
    click(&mut window, "转到书签“视图 1”");
    let view = session(&window).view;
    assert!((view.units_per_px - before.units_per_px).abs() < 1e-9 && view.center == before.center);
    push(&mut window, Command::View(ViewCommand::ZoomIn));
    let nearer = session(&window).view;
    click(&mut window, "书签“视图 1”改为当前视图");
    assert_eq!(session(&window).workspace.bookmarks[0].view.units_per_px, nearer.units_per_px);
    click(&mut window, "删除书签“视图 1”");
    assert!(session(&window).workspace.bookmarks.is_empty());
    push(&mut window, Command::Scenario(ScenarioCommand::Undo));
    assert_eq!(session(&window).workspace.bookmarks[0].view.units_per_px, nearer.units_per_px);
}

#[test]
fn the_name_of_a_bookmark_can_be_written_anew() {
    let (mut window, _file) = window();
    push(&mut window, Command::View(ViewCommand::AddBookmark));
    window.get_by_role_and_label(Role::TextInput, "书签“视图 1”的名称").click();
    window.run_steps(2);
    press(&mut window, Modifiers::COMMAND, Key::A);
    press(&mut window, Modifiers::NONE, Key::Backspace);
    assert_eq!(session(&window).workspace.bookmarks[0].name, "视图 1", "nothing is no name");
    typed(&mut window, "站");
    typed(&mut window, "前");
    assert_eq!(session(&window).workspace.bookmarks[0].name, "站前");
}

#[test]
fn a_note_is_pinned_written_and_removed() {
    let (mut window, _file) = window();
    let place = session(&window).view.center;
    push(&mut window, Command::View(ViewCommand::PinNote(place)));
    window.get_by_label("第 1 条备注").click();
    window.run_steps(2);
    typed(&mut window, "界线待核");
    assert_eq!(session(&window).workspace.notes[0].text, "界线待核");
    window.get_by_label("备注 1：界线待核");
    click(&mut window, "删除第 1 条备注");
    assert!(session(&window).workspace.notes.is_empty());
    push(&mut window, Command::Scenario(ScenarioCommand::Undo));
    assert_eq!(session(&window).workspace.notes.len(), 1);
}

/// The middle of the map, in points of the window.
fn middle_of_map(window: &Window) -> Pos2 {
    let arrow = window.get_by_label("指北针").rect();
    let size = session(window).view.size_px;
    Pos2::new(arrow.right() - size[0] as f32 / 2.0, arrow.top() + size[1] as f32 / 2.0)
}

#[test]
fn a_note_is_dragged_elsewhere_and_found_in_the_list() {
    let (mut window, _file) = window();
    let place = session(&window).view.center;
    push(&mut window, Command::View(ViewCommand::PinNote(place)));
    window.get_by_label("第 1 条备注").click();
    window.run_steps(2);
    typed(&mut window, "界线待核");
    push(&mut window, Command::View(ViewCommand::ShowMarks(false)));
    let pin = window.get_by_label("备注 1：界线待核").rect().left_center() + vec2(8.0, 0.0);
    for (at, pressed) in [(pin, Some(true)), (pin + vec2(40.0, 0.0), None), (pin + vec2(80.0, 0.0), Some(false))] {
        window.event(egui::Event::PointerMoved(at));
        window.run_steps(2);
        if let Some(pressed) = pressed {
            window.event(button(at, pressed));
            window.run_steps(2);
        }
    }
    let moved = session(&window).workspace.notes[0].place;
    let px = (moved.x - place.x) / session(&window).view.units_per_px;
    assert!((px - 80.0).abs() < 2.0 && (moved.y - place.y).abs() < 2.0 * session(&window).view.units_per_px, "{px}");
    assert!(!session(&window).project.marks_open, "a drag is no press");
    click(&mut window, "备注 1：界线待核");
    assert!(session(&window).project.marks_open);
    typed(&mut window, "！");
    assert!(session(&window).workspace.notes[0].text.contains('！'), "it has the keyboard");
}

#[test]
fn where_the_pointer_rests_class_and_area_are_said() {
    let (mut window, _file) = window_of(|start| start.settings.hover_tip = true);
    let layer = session(&window).workspace.entries[0].id();
    let extent = session(&window).prepared(layer).expect("is ready").feature_extent(0);
    push(&mut window, Command::View(ViewCommand::ZoomTo(extent)));
    let at = middle_of_map(&window);
    window.hover_at(at);
    for _ in 0..12 {
        window.step();
    }
    assert_eq!(session(&window).project.hover.map(|hover| hover.feature), Some(0));
    let class = By::new().role(Role::Label).label("0701 城镇住宅用地");
    assert!(window.query_all(class).next().is_some(), "the class alone, beside the pointer");
}

#[test]
fn a_drag_measures_and_becomes_a_kept_distance() {
    let (mut window, _file) = window();
    push(&mut window, Command::Tool(ToolCommand::UseTool(Tool::Distance)));
    let (from, to) = (middle_of_map(&window), middle_of_map(&window) + vec2(160.0, 0.0));
    window.event(egui::Event::PointerMoved(from));
    window.run_steps(2);
    window.event(button(from, true));
    window.run_steps(2);
    for step in 1..=4 {
        window.event(egui::Event::PointerMoved(from + (to - from) * (step as f32 / 4.0)));
        window.run_steps(2);
    }
    window.event(button(to, false));
    window.run_steps(4);
    let sketch = &session(&window).project.sketch;
    assert!(sketch.finished && sketch.points.len() == 2, "{sketch:?}");
    push(&mut window, Command::Tool(ToolCommand::KeepMeasurement));
    assert_eq!(session(&window).workspace.measurements.len(), 1);
    window.get_by_label_contains("导出为文件");
}

#[test]
fn a_measured_area_becomes_a_feature_of_a_layer() {
    let (mut window, _file) = window();
    let layer = session(&window).workspace.entries[0].id();
    let crs = session(&window).workspace.crs.clone().expect("a CRS");
    let at = |x: f64, y: f64| tuban::model::Coord { x: 39_500_000.0 + x, y: 4_081_000.0 + y };
    let points = vec![at(0.0, 0.0), at(100.0, 0.0), at(100.0, 100.0), at(0.0, 100.0)];
    let sketch = tuban::ui::session::sketch::Sketch { points, tip: None, finished: true };
    push(&mut window, Command::Tool(ToolCommand::UseTool(Tool::Area)));
    push(&mut window, Command::Tool(ToolCommand::SetSketch(sketch)));
    push(&mut window, Command::Tool(ToolCommand::KeepMeasurement));
    assert_eq!(session(&window).workspace.measurements[0].crs, crs);
    push(&mut window, Command::Tool(ToolCommand::AddMeasurement(0, layer)));
    assert_eq!(session(&window).layer(layer).map(|layer| layer.feature_count()), Some(5));
    assert!(session(&window).project.selection.contains(layer, 4), "it is the one that gets a class next");
    assert!(session(&window).workspace.scenarios.shown().is_some(), "an edit, so in a scenario");
}

#[test]
fn a_panel_floats_and_goes_back() {
    let (mut window, _file) = window();
    push(&mut window, Command::Window(WindowCommand::RevealTab(Tab::Table)));
    push(&mut window, Command::Window(WindowCommand::ToggleFloating(Panel::Bottom)));
    assert!(session(&window).settings.floats(Panel::Bottom).is_some());
    assert!(headings(&window).contains(&"DLBM".to_owned()), "the table is in it");
    click(&mut window, "放回窗口");
    assert!(session(&window).settings.floats(Panel::Bottom).is_none());
    assert!(headings(&window).contains(&"DLBM".to_owned()));
}

#[test]
fn a_panel_floats_where_there_is_one_window_only() {
    let place = [2000.0, 10.0, 900.0, 300.0];
    let (mut window, _file) = window_of(|start| start.settings.set_own_window(Panel::Bottom, Some(place)));
    assert!(headings(&window).contains(&"DLBM".to_owned()), "the table floats");
    assert_eq!(session(&window).settings.own_window(Panel::Bottom), Some(place), "its window is remembered");
    click(&mut window, "放回窗口");
    assert!(session(&window).settings.is_docked(Panel::Bottom));
    push(&mut window, Command::Window(WindowCommand::ToggleOwnWindow(Panel::Bottom)));
    assert!(session(&window).settings.floats(Panel::Bottom).is_some());
}

#[test]
fn all_panels_are_put_back_at_once() {
    let (mut window, _file) = window();
    push(&mut window, Command::Window(WindowCommand::ToggleFloating(Panel::Bottom)));
    push(&mut window, Command::Window(WindowCommand::ToggleFloating(Panel::Layers)));
    push(&mut window, Command::Window(WindowCommand::TogglePanel(Panel::Layers)));
    push(&mut window, Command::Window(WindowCommand::PanelsBack));
    let settings = &session(&window).settings;
    assert!(Panel::ALL.iter().all(|panel| settings.is_docked(*panel) && settings.open(*panel)));
}

#[test]
fn a_panel_has_a_window_of_its_own() {
    let (mut window, _file) = window();
    // There is no system that opens windows in a test: they stand in the window, by other ways than floating panels.
    window.ctx.set_embed_viewports(false);
    push(&mut window, Command::Window(WindowCommand::ToggleOwnWindow(Panel::Bottom)));
    assert!(session(&window).settings.own_window(Panel::Bottom).is_some());
    assert!(headings(&window).contains(&"DLBM".to_owned()), "the table is in it");
    click(&mut window, "关闭此面板");
    assert!(!session(&window).settings.open(Panel::Bottom) && headings(&window).is_empty());
    push(&mut window, Command::Window(WindowCommand::TogglePanel(Panel::Bottom)));
    click(&mut window, "放回窗口");
    assert!(session(&window).settings.is_docked(Panel::Bottom));
    assert!(headings(&window).contains(&"DLBM".to_owned()));
}

#[test]
fn files_that_are_gone_are_said_to_be_and_leave_the_list() {
    let gone = std::path::PathBuf::from("/没有/这个/工程.toml");
    let (mut window, _file) = window_of(|start| start.settings.recent = vec![gone.clone()]);
    assert!(session(&window).settings.recent.contains(&gone));
    push(&mut window, Command::File(FileCommand::Recent));
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while window.query_by_label("文件不存在").is_none() {
        assert!(std::time::Instant::now() < deadline, "not in time");
        std::thread::sleep(std::time::Duration::from_millis(2));
        window.step();
    }
    click(&mut window, "从列表中移除 工程.toml");
    assert!(!session(&window).settings.recent.contains(&gone));
}

#[test]
fn a_new_project_is_empty() {
    let (mut window, _file) = window();
    push(&mut window, Command::File(FileCommand::New));
    // What was opened is a change that has no file.
    if session(&window).card.is_some() {
        click(&mut window, "不保存");
    }
    assert!(session(&window).workspace.is_empty() && session(&window).project.path.is_none());
}

#[test]
fn the_tour_has_four_cards_and_can_be_skipped() {
    let (mut window, _file) = window();
    click(&mut window, "帮助");
    click(&mut window, "入门导览");
    window.get_by_label("第 1 步，共 4 步");
    for step in 2..=4 {
        click(&mut window, "下一步");
        window.get_by_label(&format!("第 {step} 步，共 4 步"));
    }
    click(&mut window, "开始使用");
    assert!(session(&window).card.is_none() && session(&window).settings.toured);
    push(&mut window, Command::Window(WindowCommand::Tour));
    click(&mut window, "跳过导览");
    assert!(session(&window).card.is_none());
}

#[test]
fn everything_that_can_be_pressed_has_a_name() {
    let (mut window, _file) = window();
    let nameless = |window: &Window| -> Vec<String> {
        let wants_name = |role: Role| {
            matches!(
                role,
                Role::Button
                    | Role::CheckBox
                    | Role::RadioButton
                    | Role::TextInput
                    | Role::MultilineTextInput
                    | Role::Tab
                    | Role::MenuItem
                    | Role::Slider
                    | Role::SpinButton
                    | Role::ColorWell
                    | Role::ColumnHeader
                    | Role::Row
                    | Role::Grid
                    | Role::Canvas
                    | Role::ListItem
                    | Role::TreeItem
            )
        };
        let all = window.query_all(By::new().predicate(move |node| wants_name(node.role())));
        let empty = |label: &Option<String>| label.as_ref().is_none_or(|label| label.trim().is_empty());
        all.map(|node| (node.accesskit_node().role(), node.accesskit_node().label(), node.rect()))
            .filter(|(_, label, _)| empty(label))
            .map(|(role, _, rect)| format!("{role:?} at {rect:?}"))
            .collect()
    };
    for tab in Tab::ALL {
        push(&mut window, Command::Window(WindowCommand::RevealTab(tab)));
        assert_eq!(nameless(&window), Vec::<String>::new(), "{tab:?}");
    }
    let layer = session(&window).workspace.entries[0].id();
    let of_layer = [
        Card::LayerCrs(layer),
        Card::Join(layer),
        Card::Mapping(layer),
        Card::Conversion(layer),
        Card::Formula(layer, None),
        Card::Survey(layer),
        Card::Doctor(layer),
    ];
    let of_window = [Card::Settings, Card::Shortcuts, Card::Recent, Card::Tour(0), Card::About];
    let of_project = [Card::ProjectCrs, Card::Report, Card::Layouts];
    for card in of_window.into_iter().chain(of_project).chain(of_layer) {
        push(&mut window, Command::Window(WindowCommand::ShowCard(card.clone())));
        assert_eq!(nameless(&window), Vec::<String>::new(), "{card:?}");
    }
    let map = window.get_by_role_and_label(Role::Canvas, "地图");
    let said = map.accesskit_node().value().unwrap_or_default();
    assert!(said.contains("1 个图层") && said.contains("1 : "), "{said}");
}
