//! Styles in the real window: ranges, rules, copies, soft colours, scales; and the same legend wherever it stands.

use std::io::Write;

use eframe::egui::Role;
use egui_kittest::kittest::{By, Queryable};
use tuban::model::style::{Blend, Breaks, LayerStyle, ScaleRange, Styling};
use tuban::render::legend::class_name;
use tuban::render::scene::Scene;
use tuban::task::Progress;
use tuban::text::{Language, tr};
use tuban::ui::Start;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::layer::LayerCommand;
use tuban::ui::session::command::tree::TreeCommand;
use tuban::ui::session::command::view::ViewCommand;

use super::window::{Window, click, open, session, until};

/// Parcels of growing width in a row, each of a class, in the zone of 117° E.
fn window() -> (Window, tempfile::NamedTempFile) {
    let mut features = Vec::new();
    let mut west = 39_500_000.0;
    for (at, code) in ["0701", "0102", "1001", "0701", "0901", "0301"].iter().enumerate() {
        let width = 100.0 * (at + 1) as f64;
        let ring = [(0.0, 0.0), (width, 0.0), (width, 200.0), (0.0, 200.0), (0.0, 0.0)]
            .map(|(x, y)| format!("[{},{}]", west + x, 4_080_000.0 + y))
            .join(",");
        west += width;
        features.push(format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}","TBMJ":{}}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#,
            width * 200.0
        ));
    }
    let text = format!(
        r#"{{"type":"FeatureCollection","name":"DLTB","crs":{{"type":"name","properties":{{"name":"EPSG:4527"}}}},"features":[{}]}}"#,
        features.join(",")
    );
    let mut file = tempfile::Builder::new().prefix("DLTB").suffix(".geojson").tempfile().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("written");
    let mut start = Start::for_test();
    start.settings.language = Language::Chinese;
    start.settings.inspector_open = true;
    start.settings.bottom_open = false;
    start.files = vec![file.path().to_owned()];
    let mut window = open(start, (1600.0, 1000.0));
    until(&mut window, |session| {
        session.workspace.entries.first().is_some_and(|entry| entry.areas.is_some()) && session.jobs.is_empty()
    });
    let layer = session(&window).workspace.entries[0].id();
    window.state_mut().push(Command::Layer(layer, LayerCommand::Style));
    window.run_steps(4);
    (window, file)
}

fn style(window: &Window) -> LayerStyle {
    session(window).workspace.entries[0].style.clone()
}

/// Names and symbols of the legend, in the tree and on a sheet, are the same.
fn check_legends(window: &Window) {
    let session = session(window);
    let entry = &session.workspace.entries[0];
    let shown = session.derived.style_in_legend(entry);
    let legend = session.derived.legend(entry.id()).expect("is derived");
    let other = || tr(Language::Chinese, "render.other-values").to_owned();
    let in_tree: Vec<_> = legend
        .rows
        .iter()
        .map(|row| usize::from(row.symbol))
        .filter(|at| shown.is_visible(*at))
        .map(|at| {
            let name = class_name(shown, at, Language::Chinese).unwrap_or_else(other);
            (name, *shown.symbol(at).expect("a symbol"))
        })
        .collect();
    let crs = session.workspace.crs.clone().expect("a CRS");
    let scene = Scene::of_workspace(&session.workspace, &crs, &Progress::new()).expect("is not cancelled");
    let sheet = scene.sheet(&session.workspace, &session.view, String::new(), &|_| String::new(), Language::Chinese);
    let on_sheet: Vec<_> =
        sheet.legend.iter().filter(|row| !row.heading).map(|row| (row.name.clone(), row.symbols[0].0)).collect();
    assert!(in_tree.len() > 1);
    assert_eq!(in_tree, on_sheet);
}

#[test]
fn a_layer_is_drawn_by_ranges_of_its_area() {
    let (mut window, _file) = window();
    check_legends(&window);
    let before = session(&window).workspace.scenarios.history.steps().len();
    click(&mut window, "分级");
    until(&mut window, |session| matches!(session.workspace.entries[0].style.styling, Styling::Graduated(_)));
    let Styling::Graduated(graduated) = style(&window).styling else { panic!("by ranges") };
    assert_eq!(
        (graduated.expression.as_str(), graduated.breaks, graduated.ranges.len()),
        ("$area / 1mu", Breaks::Quantile, 5)
    );
    let legend = session(&window).derived.legend(session(&window).workspace.entries[0].id()).expect("derived").clone();
    assert_eq!(legend.rows.iter().map(|row| row.count).sum::<usize>(), 6);
    assert!(legend.rows.iter().all(|row| usize::from(row.symbol) < 5), "no parcel is left out: {legend:?}");
    check_legends(&window);
    let steps = session(&window).workspace.scenarios.history.steps().len();
    assert_eq!(steps, before + 1, "one step of the history");
    click(&mut window, "按字段分类");
    assert!(style(&window).categories().is_some());
}

#[test]
fn rules_are_added_named_and_taken_away() {
    let (mut window, _file) = window();
    click(&mut window, "按规则");
    let rules = |window: &Window| match style(window).styling {
        Styling::Ruled(ruled) => ruled.rules,
        other => panic!("{other:?}"),
    };
    assert_eq!(rules(&window).len(), 1);
    click(&mut window, "规则 1 的条件");
    super::window::typed(&mut window, "DLBM like '07%'");
    super::window::press(&mut window, eframe::egui::Modifiers::NONE, eframe::egui::Key::Enter);
    assert_eq!(rules(&window)[0].filter, "DLBM like '07%'");
    let layer = session(&window).workspace.entries[0].id();
    let counts: Vec<usize> =
        session(&window).derived.legend(layer).expect("derived").rows.iter().map(|row| row.count).collect();
    assert_eq!(counts, [2, 4]);
    check_legends(&window);
    click(&mut window, "添加规则");
    assert_eq!(rules(&window).len(), 2);
    click(&mut window, "上移规则 2");
    assert_eq!(rules(&window)[1].filter, "DLBM like '07%'");
    click(&mut window, "删除规则 1");
    assert_eq!(rules(&window).len(), 1);
}

#[test]
fn classes_turn_into_rules_that_draw_the_same() {
    let (mut window, _file) = window();
    let layer = session(&window).workspace.entries[0].id();
    let legend = |window: &Window| {
        let legend = session(window).derived.legend(layer).expect("derived");
        let style = style(window);
        let name = |at: u16| class_name(&style, usize::from(at), Language::Chinese);
        legend.rows.iter().map(|row| (name(row.symbol), row.count)).collect::<Vec<_>>()
    };
    let before = legend(&window);
    click(&mut window, "转为规则");
    assert!(matches!(style(&window).styling, Styling::Ruled(_)));
    assert_eq!(legend(&window), before);
    check_legends(&window);
}

#[test]
fn soft_colours_are_of_the_window_and_not_of_the_document() {
    let (mut window, _file) = window();
    let before = style(&window);
    window.state_mut().push(Command::View(ViewCommand::ToggleSoftColors));
    window.run_steps(4);
    let now = session(&window);
    let entry = &now.workspace.entries[0];
    assert!(now.settings.soft_colors && entry.style == before);
    let of = |style: &LayerStyle| style.symbol(0).map(|symbol| symbol.color());
    assert_ne!(of(now.derived.style_in_legend(entry)), of(&before));
    assert_eq!(of(now.derived.style_in_legend(entry)), of(now.derived.style_on_map(entry)));
}

#[test]
fn the_legend_on_the_map_is_that_of_the_tree() {
    let (mut window, _file) = window();
    // In the tree a row has its figure, too.
    let on_map =
        |window: &Window, label: &'static str| window.query_all(By::new().role(Role::ListItem).label(label)).count();
    assert_eq!(on_map(&window, "0701 城镇住宅用地"), 0, "it is put away at first");
    window.state_mut().push(Command::View(ViewCommand::ToggleLegend));
    window.run_steps(4);
    assert_eq!(["0701 城镇住宅用地", "0102 水浇地"].map(|label| on_map(&window, label)), [1, 1]);
    let layer = session(&window).workspace.entries[0].id();
    let categories = style(&window).categories().cloned().expect("by class");
    let at = categories.classes.iter().position(|class| class.key == "0701").expect("is there");
    let hide = TreeCommand::SetClassVisible { layer, symbol: at as u16, visible: false };
    window.state_mut().push(Command::Tree(hide));
    window.run_steps(4);
    assert_eq!(["0701 城镇住宅用地", "0102 水浇地"].map(|label| on_map(&window, label)), [0, 1]);
    click(&mut window, "收起地图上的图例");
    assert_eq!(on_map(&window, "0102 水浇地"), 0);
}

#[test]
fn a_copied_style_is_pasted_with_all_that_it_has_and_taken_back() {
    let (mut window, _file) = window();
    let layer = session(&window).workspace.entries[0].id();
    let own = style(&window);
    let scales = ScaleRange { from: None, to: Some(50_000.0) };
    let other = LayerStyle { opacity: 0.5, blend: Blend::Multiply, scales, ..own.clone() };
    let tree = |window: &mut Window, command| {
        window.state_mut().push(Command::Tree(command));
        window.run_steps(4);
    };
    tree(&mut window, TreeCommand::SetStyle(layer, Box::new(other.clone())));
    tree(&mut window, TreeCommand::CopyStyle(layer));
    tree(&mut window, TreeCommand::SetStyle(layer, Box::new(own)));
    tree(&mut window, TreeCommand::PasteStyle(layer));
    assert_eq!(style(&window), other);
}

#[test]
fn what_is_not_drawn_at_a_scale_is_not_hit_either() {
    let (mut window, _file) = window();
    let layer = session(&window).workspace.entries[0].id();
    let place = session(&window).view.center;
    assert!(!tuban::ui::map::tools::hits(session(&window), place).is_empty());
    let scales = ScaleRange { from: None, to: Some(session(&window).scale() / 2.0) };
    let near = LayerStyle { scales, ..style(&window) };
    window.state_mut().push(Command::Tree(TreeCommand::SetStyle(layer, Box::new(near))));
    window.run_steps(4);
    assert!(tuban::ui::map::tools::hits(session(&window), place).is_empty());
}
