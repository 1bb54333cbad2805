//! Inspector and bottom panel of the real window, by accessible name, over a small file.

use std::io::Write;

use eframe::egui::{self, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{By, NodeT, Queryable};
use tuban::text::Language;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::select::SelectCommand;
use tuban::ui::session::command::table::TableCommand;
use tuban::ui::session::command::tool::ToolCommand;
use tuban::ui::session::command::window::WindowCommand;
use tuban::ui::session::parts::Tab;
use tuban::ui::session::rows::FeatureRef;
use tuban::ui::{App, Start};

use super::window::{open, until};

/// Parcels of 300 m by 200 m in a row, in the zone of 117° E; the second one's TBMJ counts 667 m² a mu.
fn parcels() -> tempfile::NamedTempFile {
    let mut text = String::from(
        r#"{"type":"FeatureCollection","name":"DLTB","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":["#,
    );
    let rows = [
        ("0701", "大桥街道", "60000.00"),
        ("0102", "孙耿街道", "60030.00"),
        ("1001", "大桥街道", "60000.01"),
        ("0701", "崔寨街道", "null"),
    ];
    for (at, (code, street, stated)) in rows.iter().enumerate() {
        let west = 39_500_000.0 + 400.0 * at as f64;
        let ring = [(0.0, 0.0), (300.0, 0.0), (300.0, 200.0), (0.0, 200.0), (0.0, 0.0)]
            .map(|(x, y)| format!("[{},{}]", west + x, 4_080_000.0 + y))
            .join(",");
        let comma = if at == 0 { "" } else { "," };
        text.push_str(&format!(
            r#"{comma}
{{"type":"Feature","properties":{{"BSM":"37010521100000{at}","DLBM":"{code}","街道":"{street}","TBMJ":{stated}}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#
        ));
    }
    text.push_str("]}");
    let mut file = tempfile::Builder::new().prefix("DLTB").suffix(".geojson").tempfile().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

/// The window with the parcels open and measured.
fn window(language: Language) -> (Harness<'static, App>, tempfile::NamedTempFile) {
    let file = parcels();
    let mut start = Start::for_test();
    start.settings.language = language;
    start.settings.inspector_open = true;
    start.settings.bottom_open = true;
    start.files = vec![file.path().to_owned()];
    let mut harness = open(start, (1600.0, 1000.0));
    until(&mut harness, |session| {
        session.workspace.entries.first().is_some_and(|entry| entry.areas.is_some()) && session.jobs.is_empty()
    });
    (harness, file)
}

fn feature(harness: &Harness<'_, App>, feature: usize) -> FeatureRef {
    FeatureRef { layer: harness.state().session().workspace.entries[0].id(), feature }
}

fn selected(harness: &Harness<'_, App>) -> Vec<usize> {
    let session = harness.state().session();
    let layer = session.workspace.entries[0].id();
    session.project.selection.rows(layer).map_or_else(Vec::new, |rows| rows.iter().collect())
}

/// Label of every visible row of the table, from the top.
fn rows(harness: &Harness<'_, App>) -> Vec<String> {
    let mut rows: Vec<(f32, String)> = harness
        .query_all(By::new().predicate(|node| node.role() == egui::Role::Row))
        .map(|node| (node.rect().top(), node.accesskit_node().label().unwrap_or_default()))
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(_, label)| label).collect()
}

#[test]
fn the_inspector_shows_a_parcel_by_every_method() {
    let (mut harness, _file) = window(Language::Chinese);
    let parcel = feature(&harness, 1);
    let beneath = feature(&harness, 0);
    harness.state_mut().push(Command::Select(SelectCommand::Identify(vec![parcel, beneath])));
    harness.run_steps(4);
    harness.get_by_role_and_label(egui::Role::Heading, "0102 水浇地");
    harness.get_by_label_contains("面积 · 图斑椭球面积");
    harness.get_by_label_contains("大地线面积 90.0");
    harness.get_by_label_contains("平面面积 90.00 亩");
    // 60,030 m² stated on 60,000 m² in the plane: 0.05 % more, as with 667 m² a mu.
    harness.get_by_label_contains("与按 667 m²/亩换算的偏差一致");
    harness.get_by_label("4 / 1 / 0");
    harness.get_by_label_contains("1,000.0");
    harness.get_by_label("下一个").click();
    harness.run_steps(4);
    harness.get_by_role_and_label(egui::Role::Heading, "0701 城镇住宅用地");
}

#[test]
fn the_inspector_speaks_english() {
    let (mut harness, _file) = window(Language::English);
    let parcel = feature(&harness, 3);
    harness.state_mut().push(Command::Select(SelectCommand::Identify(vec![parcel])));
    harness.run_steps(4);
    harness.get_by_role_and_label(egui::Role::Heading, "0701 Urban residential land");
    harness.get_by_label_contains("Geodesic area");
    harness.get_by_label("null");
    harness.get_by_label("Vert., parts, holes");
}

#[test]
fn the_table_sorts_filters_and_selects_with_the_map() {
    let (mut harness, _file) = window(Language::Chinese);
    assert_eq!(rows(&harness).len(), 4);
    assert!(rows(&harness)[0].contains("城镇住宅用地"), "{:?}", rows(&harness));

    harness.get_by_label("DLBM").click();
    harness.run_steps(3);
    assert!(rows(&harness)[0].contains("0102") && rows(&harness)[3].contains("1001"), "{:?}", rows(&harness));
    harness.get_by_label("DLBM").click();
    harness.run_steps(3);
    assert!(rows(&harness)[0].contains("1001"));

    // Click, Ctrl-click and Shift-click.
    let row =
        |harness: &Harness<'_, App>, word: &str| rows(harness).into_iter().find(|row| row.contains(word)).expect("row");
    let first = row(&harness, "1001");
    harness.get_by_label(&first).click();
    harness.run_steps(3);
    assert_eq!(selected(&harness), [2]);
    assert_eq!(harness.state().session().project.identified.current(), Some(feature(&harness, 2)));
    let last = row(&harness, "0102");
    harness.get_by_label(&last).click_modifiers(Modifiers::COMMAND);
    harness.run_steps(3);
    assert_eq!(selected(&harness), [1, 2]);
    harness.get_by_label(&first).click();
    harness.run_steps(3);
    harness.get_by_label(&last).click_modifiers(Modifiers::SHIFT);
    harness.run_steps(3);
    assert_eq!(selected(&harness), [0, 1, 2, 3]);
    assert!(harness.query_all_by_label("已选 4 个").count() > 0);

    // A filter of words, and one that is a condition.
    harness.get_by_label("筛选").focus();
    harness.run_steps(2);
    harness.get_by_label("筛选").type_text("大桥 住宅");
    harness.run_steps(3);
    assert_eq!(rows(&harness).len(), 1, "{:?}", rows(&harness));
    harness.get_by_label("清除筛选").click();
    harness.run_steps(3);
    harness.get_by_label("筛选").focus();
    harness.run_steps(2);
    harness.get_by_label("筛选").type_text("=TBMJ > 60000");
    harness.run_steps(3);
    assert_eq!(rows(&harness).len(), 2);
    // The parcel whose TBMJ is null is passed over, which is said.
    harness.get_by_label_contains("1 个要素的 TBMJ 为空");
    harness.get_by_label("筛选").type_text(" and");
    harness.run_steps(3);
    harness.get_by_label_contains("个字符：");
}

#[test]
fn the_keyboard_walks_through_the_table() {
    let (mut harness, _file) = window(Language::Chinese);
    let first = rows(&harness)[0].clone();
    harness.get_by_label(&first).click();
    harness.run_steps(3);
    harness.key_press(Key::ArrowDown);
    harness.run_steps(3);
    assert_eq!(selected(&harness), [1]);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    harness.run_steps(3);
    assert_eq!(selected(&harness), [1, 2]);
    harness.key_press(Key::End);
    harness.run_steps(3);
    assert_eq!(selected(&harness), [3]);
    let view = harness.state().session().view;
    harness.key_press(Key::Home);
    harness.run_steps(3);
    assert_eq!(selected(&harness), [0]);
    assert_eq!(harness.state().session().view, view, "Home moves in the table, not the map");
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_ne!(harness.state().session().view, view, "Enter shows the feature");
}

#[test]
fn copied_rows_have_a_header_and_areas() {
    let (mut harness, _file) = window(Language::Chinese);
    harness.state_mut().push(Command::Table(TableCommand::CopyRows));
    harness.step();
    let copied = harness.output().platform_output.commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let copied = copied.expect("text on the clipboard");
    let lines: Vec<&str> = copied.lines().collect();
    assert_eq!(lines.len(), 5, "{copied}");
    assert!(lines[0].starts_with("#\tBSM\tDLBM\t地类\t街道\tTBMJ\t面积（亩）"), "{}", lines[0]);
    assert!(
        lines[1].starts_with("1\t=\"370105211000000\"\t=\"0701\"\t城镇住宅用地\t大桥街道\t60000\t90.0"),
        "{}",
        lines[1]
    );
    assert_eq!(harness.state().session().settings.tab, Tab::Table);
}

#[test]
fn totals_by_class_follow_level_field_and_selection() {
    let (mut harness, _file) = window(Language::Chinese);
    harness.state_mut().push(Command::Window(WindowCommand::ShowTab(Tab::Classes)));
    harness.run_steps(4);
    let shown = rows(&harness);
    assert_eq!(shown.len(), 3, "{shown:?}");
    assert!(shown.iter().any(|row| row.contains("城镇住宅用地") && row.contains("50.00 %")), "{shown:?}");

    harness.get_by_label("汇总方式 2 级地类").click();
    harness.run_steps(3);
    harness.get_by_label("街道").click();
    harness.run_steps(3);
    let shown = rows(&harness);
    assert!(shown.iter().any(|row| row.starts_with("大桥街道 2")), "{shown:?}");

    // A row selects its features; of the selection only they are left.
    let row = shown.into_iter().find(|row| row.starts_with("大桥街道")).expect("the street");
    harness.get_by_label(&row).click();
    harness.run_steps(3);
    assert_eq!(selected(&harness), [0, 2]);
    harness.get_by_label("所选").click();
    harness.run_steps(3);
    assert_eq!(rows(&harness).len(), 1);
    harness.get_by_label("合计 2 个");
}

#[test]
fn an_issue_leads_to_its_place() {
    let (mut harness, _file) = window(Language::Chinese);
    assert!(!harness.state().session().issues().is_empty(), "the scheme of the codes is in doubt");
    harness.state_mut().push(Command::Window(WindowCommand::ShowTab(Tab::Issues)));
    harness.run_steps(4);
    let shown = rows(&harness);
    assert_eq!(shown.len(), harness.state().session().issues().len());
    harness.get_by_label(&shown[0]).click();
    harness.run_steps(3);
}

#[test]
fn kept_measurements_are_named_and_removed() {
    let (mut harness, _file) = window(Language::Chinese);
    let at = |x: f64, y: f64| tuban::model::Coord { x: 39_500_000.0 + x, y: 4_080_000.0 + y };
    let points = vec![at(0.0, 0.0), at(300.0, 0.0), at(300.0, 200.0), at(0.0, 200.0)];
    let sketch = tuban::ui::session::sketch::Sketch { points, tip: None, finished: true };
    harness.state_mut().push(Command::Tool(ToolCommand::UseTool(tuban::ui::session::parts::Tool::Area)));
    harness.state_mut().push(Command::Tool(ToolCommand::SetSketch(sketch)));
    harness.state_mut().push(Command::Tool(ToolCommand::KeepMeasurement));
    harness.state_mut().push(Command::Window(WindowCommand::ShowTab(Tab::Measurements)));
    harness.run_steps(4);
    if !harness.state().session().settings.bottom_open || harness.state().session().settings.tab != Tab::Measurements {
        harness.state_mut().push(Command::Window(WindowCommand::ShowTab(Tab::Measurements)));
        harness.run_steps(4);
    }
    harness.get_by_label_contains("面积 1 90.0");
    harness.get_by_label("面积 1的名称").focus();
    harness.run_steps(2);
    harness.get_by_label("面积 1的名称").type_text("安置区");
    harness.run_steps(3);
    assert_eq!(harness.state().session().workspace.measurements[0].name, "安置区");
    harness.get_by_label("删除安置区").click();
    harness.run_steps(3);
    assert!(harness.state().session().workspace.measurements.is_empty());
}

#[test]
fn the_style_editor_changes_what_it_says() {
    let (mut harness, _file) = window(Language::Chinese);
    let layer = feature(&harness, 0).layer;
    harness.state_mut().push(Command::Layer(layer, tuban::ui::session::command::layer::LayerCommand::Style));
    harness.run_steps(4);
    let style = |harness: &Harness<'_, App>| harness.state().session().workspace.entries[0].style.clone();
    let recognised = style(&harness);
    harness.get_by_label("隐藏0102 水浇地").click();
    harness.run_steps(3);
    assert!(!style(&harness).is_visible(0));
    harness.get_by_label("单一").click();
    harness.run_steps(3);
    assert!(style(&harness).categories().is_none());
    harness.get_by_label("斜线").click();
    harness.run_steps(3);
    assert!(matches!(style(&harness).symbol(0).map(|s| s.fill), Some(tuban::model::style::Fill::Hatch(_))));
    harness.get_by_label("恢复识别的样式").click();
    harness.run_steps(3);
    assert_eq!(style(&harness), recognised);
}

#[test]
fn any_colour_is_picked_by_hue_and_shade() {
    let (mut harness, _file) = window(Language::Chinese);
    let layer = harness.state().session().workspace.entries[0].id();
    harness.state_mut().push(Command::Window(WindowCommand::ShowPage(tuban::ui::session::parts::Page::Style(layer))));
    harness.run_steps(4);
    let style = |harness: &Harness<'_, App>| harness.state().session().workspace.entries[0].style.clone();
    let first = style(&harness);
    let wells = By::new().predicate(|node| node.role() == egui::Role::ColorWell);
    harness.query_all(wells).last().expect("a colour").click();
    harness.run_steps(4);
    let bar = harness.get_by_label("色相").rect();
    harness.drag_at(bar.left_center() + egui::vec2(3.0, 0.0));
    harness.run_steps(2);
    for part in [0.2, 0.4, 0.6] {
        harness.hover_at(egui::pos2(egui::lerp(bar.x_range(), part), bar.center().y));
        harness.run_steps(2);
    }
    let passed = style(&harness);
    assert_ne!(passed, first, "the map follows the pointer");
    assert!(harness.state().session().settings.recent_colors.is_empty(), "what was passed is not remembered");
    harness.drop_at(egui::pos2(egui::lerp(bar.x_range(), 0.6), bar.center().y));
    harness.run_steps(3);
    assert_eq!(harness.state().session().settings.recent_colors.len(), 1);
    // Black keeps the hue; the keyboard moves both marks.
    let square = harness.get_by_label("饱和度与明度").rect();
    harness.drag_at(square.left_bottom() + egui::vec2(1.0, -0.5));
    harness.run_steps(2);
    harness.drop_at(square.left_bottom() + egui::vec2(1.0, -0.5));
    harness.run_steps(2);
    let hue = |harness: &Harness<'_, App>| harness.get_by_label("色相").accesskit_node().numeric_value();
    assert!((hue(&harness).expect("degrees") - 216.0).abs() < 3.0, "{:?}", hue(&harness));
    let before = style(&harness);
    for _ in 0..10 {
        harness.key_press(Key::ArrowUp);
        harness.key_press(Key::ArrowRight);
        harness.run_steps(1);
    }
    assert_ne!(style(&harness), before);
    // All of it is one step of the history a press, none a pixel.
    let steps = harness.state().session().workspace.scenarios.history.steps().len();
    assert!(steps < 4, "{steps}");
}
