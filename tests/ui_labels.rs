//! Labels in the real window: set in the style editor, wrong expressions told, written on the map and on sheets alike.

use std::io::Write;

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use tuban::model::style::labels::{LabelText, Labels, Placing};
use tuban::render::labels::Words;
use tuban::render::lettering::Typeface;
use tuban::render::scene::Scene;
use tuban::task::Progress;
use tuban::text::Language;
use tuban::ui::Start;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::layer::LayerCommand;
use tuban::ui::session::command::view::ViewCommand;

use super::window::{Window, click, open, press, session, typed, until};

/// Two parcels of 400 × 300 m in the zone of 117° E, in the style editor.
fn window() -> (Window, tempfile::NamedTempFile) {
    let parcel = |west: f64, code: &str, number: &str| {
        let (east, south, north) = (west + 400.0, 4_080_000.0, 4_080_300.0);
        format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}","TBBH":"{number}"}},"geometry":{{"type":"Polygon","coordinates":[[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]}}}}"#
        )
    };
    let features = [parcel(39_500_000.0, "0701", "12"), parcel(39_500_400.0, "0102", "13")].join(",");
    let text = format!(
        r#"{{"type":"FeatureCollection","name":"DLTB","crs":{{"type":"name","properties":{{"name":"EPSG:4527"}}}},"features":[{features}]}}"#
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

fn labels(window: &Window) -> Option<Labels> {
    session(window).workspace.entries[0].style.labels.clone()
}

#[test]
fn a_fraction_is_set_written_and_taken_back() {
    let (mut window, _file) = window();
    assert_eq!(labels(&window), None);
    let before = session(&window).workspace.scenarios.history.steps().len();
    click(&mut window, "标注 不标注");
    click(&mut window, "分式…");
    let set = labels(&window).expect("labels");
    // Number and class over the area, as on maps of land use.
    let expected = LabelText::Fraction { over: "concat(TBBH, ' ', DLBM)".to_owned(), under: "$area".to_owned() };
    assert_eq!(set.text, expected);
    assert_eq!(session(&window).workspace.scenarios.history.steps().len(), before + 1);

    let now = session(&window);
    let crs = now.workspace.crs.clone().expect("a CRS");
    let mut scene = Scene::of_workspace(&now.workspace, &crs, &Progress::new()).expect("is not cancelled");
    scene.label(&now.view, &Typeface::bundled());
    let words: Vec<&Words> = scene.layers[0].labels.iter().map(|label| &label.words).collect();
    assert_eq!(words.len(), 2);
    let in_mu = |words: &&Words| matches!(words, Words::Fraction { under, .. } if under.ends_with('亩'));
    assert!(words.iter().all(in_mu), "{words:?}");

    click(&mut window, "优先级 图斑");
    click(&mut window, "区县");
    click(&mut window, "放置 自动");
    click(&mut window, "居中压盖");
    let set = labels(&window).expect("labels");
    assert_eq!((set.rank, set.placing), (0, Placing::Over));
    click(&mut window, "标注 分式…");
    click(&mut window, "不标注");
    assert_eq!(labels(&window), None);
}

#[test]
fn what_is_wrong_with_an_expression_stands_beneath_it() {
    let (mut window, _file) = window();
    click(&mut window, "标注 不标注");
    click(&mut window, "表达式…");
    click(&mut window, "标注表达式");
    typed(&mut window, "concat(TBBH, DLMCC)");
    press(&mut window, Modifiers::NONE, Key::Enter);
    let text = |window: &Window| labels(window).map(|labels| labels.text);
    assert_eq!(text(&window), Some(LabelText::Expression("concat(TBBH, DLMCC)".to_owned())));
    assert!(window.query_all_by_label_contains("DLMCC").next().is_some(), "the field that is not there is named");
}

#[test]
fn a_step_of_zoom_is_there_at_once_for_all_but_the_eye() {
    let (mut window, _file) = window();
    let before = session(&window).view.units_per_px;
    window.state_mut().push(Command::View(ViewCommand::ZoomIn));
    window.run_steps(1);
    assert!((session(&window).view.units_per_px * 2.0 - before).abs() < 1e-9 * before);
    assert!(session(&window).settings.transitions);
    window.state_mut().push(Command::View(ViewCommand::ToggleTransitions));
    window.run_steps(2);
    assert!(!session(&window).settings.transitions);
}
