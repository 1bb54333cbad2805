//! Filtering, selecting by what is drawn and by location, control lines in the inspector, totals by two keys, and the
//! colour picker, in the real window.

use eframe::egui::{self, Key, Modifiers, PointerButton, Pos2, Role, pos2};
use egui_kittest::kittest::{NodeT, Queryable};
use tuban::model::LayerId;
use tuban::model::classes::{Class, Scheme};
use tuban::model::roles::Role as PlanRole;
use tuban::scenario::locate::Relation;
use tuban::text::Language;
use tuban::ui::session::command::select::SelectCommand;
use tuban::ui::session::command::tool::ToolCommand;
use tuban::ui::session::command::tree::TreeCommand;
use tuban::ui::session::command::window::WindowCommand;
use tuban::ui::session::command::{Command, layer::LayerCommand};
use tuban::ui::session::line_shares::Answer;
use tuban::ui::session::locating::{Ask, By};
use tuban::ui::session::parts::{Tab, Tool};
use tuban::ui::session::reach::Reach;
use tuban::ui::session::rows::{FeatureRef, Rows, SelectMode};
use tuban::ui::session::sketch::Sketch;

use super::window::{Window, click, demo, press, session, typed, until};

fn land_use(window: &Window) -> LayerId {
    let entries = session(window).workspace.entries.iter();
    let mut found = entries.filter(|entry| entry.role == PlanRole::LandUse).map(tuban::scenario::Entry::id);
    found.next().expect("land use")
}

fn layer_of(window: &Window, role: PlanRole) -> LayerId {
    let mut entries = session(window).workspace.entries.iter();
    entries.find(|entry| entry.role == role).map(tuban::scenario::Entry::id).expect("a layer of that role")
}

fn run(window: &mut Window, command: Command) {
    window.state_mut().push(command);
    window.run_steps(4);
}

fn selected(window: &Window, layer: LayerId) -> Vec<usize> {
    session(window).project.selection.rows(layer).map_or_else(Vec::new, |rows| rows.iter().collect())
}

fn filter(window: &mut Window, text: &str) {
    window.get_by_role_and_label(Role::TextInput, "筛选").click();
    window.run_steps(2);
    press(window, Modifiers::COMMAND, Key::A);
    typed(window, text);
    window.run_steps(4);
}

#[test]
fn a_filter_says_what_it_means_sums_what_it_shows_and_starts_at_the_top() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let layer = land_use(&window);
    run(&mut window, Command::Tree(TreeCommand::SetCurrent(Some(layer))));
    run(&mut window, Command::Window(WindowCommand::RevealTab(Tab::Table)));
    filter(&mut window, "大桥 01");
    window.get_by_label_contains("含“大桥”");
    window.get_by_label_contains("地类以 01 开头");
    let entry = session(&window).workspace.entry(layer).expect("open").clone();
    let (field, scheme) = (entry.class_field().expect("classes"), entry.scheme().expect("a scheme"));
    let order = session(&window).project.orders.get(&layer).expect("an order").clone();
    assert!(!order.is_empty() && order.len() < entry.layer.feature_count());
    let code = |feature: usize| entry.layer.value(feature, field).to_string();
    let shown: Vec<usize> = (0..order.len()).filter_map(|row| order.feature(row)).collect();
    assert!(shown.iter().all(|feature| code(*feature).starts_with("01")), "{scheme:?}");
    // The area of what is shown, without selecting it.
    let area = entry.areas.as_ref().expect("measured").printed_sum(shown.iter().copied());
    let mu = area.display(tuban::units::AreaUnit::Mu);
    assert!(selected(&window, layer).is_empty());
    window.get_by_label_contains(&format!("Σ {mu}"));
    // What fits nothing says which part of it fits what.
    filter(&mut window, "大桥 0101 没有这个词");
    window.get_by_label_contains("没有要素同时符合：含“大桥”");
    filter(&mut window, "DLBM like '01%'");
    window.get_by_label_contains("按条件筛选");
    filter(&mut window, "NOFIELD = 1");
    window.get_by_label_contains("作为条件读不通");
}

/// The middle of the map, and the box of a feature on screen.
fn on_screen(window: &Window, feature: FeatureRef) -> egui::Rect {
    let map = window.get_by_label("地图").rect();
    let extent = session(window).prepared(feature.layer).expect("ready").feature_extent(feature.feature);
    let at = |c: tuban::model::Coord| {
        let [x, y] = session(window).view.screen_from_world(c);
        pos2(map.left() + x as f32, map.top() + y as f32)
    };
    egui::Rect::from_two_pos(at(extent.min), at(extent.max))
}

fn drag(window: &mut Window, from: Pos2, to: Pos2) {
    let button = |pos, pressed| egui::Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    window.event(egui::Event::PointerMoved(from));
    window.run_steps(2);
    window.event(button(from, true));
    window.run_steps(2);
    for step in 1..=4 {
        window.event(egui::Event::PointerMoved(from + (to - from) * (step as f32 / 4.0)));
        window.run_steps(1);
    }
    window.event(button(to, false));
    window.run_steps(4);
}

#[test]
fn a_box_to_the_right_takes_what_lies_within_and_to_the_left_what_it_touches() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let layer = land_use(&window);
    run(&mut window, Command::Tree(TreeCommand::SetCurrent(Some(layer))));
    run(&mut window, Command::Tool(ToolCommand::UseTool(Tool::Select)));
    let parcel = FeatureRef { layer, feature: 100 };
    run(&mut window, Command::Select(SelectCommand::ShowFeature(parcel)));
    run(&mut window, Command::Select(SelectCommand::ClearSelection));
    let place = on_screen(&window, parcel).expand(3.0);
    drag(&mut window, place.left_top(), place.right_bottom());
    let within = selected(&window, layer);
    drag(&mut window, place.right_bottom(), place.left_top());
    let touched = selected(&window, layer);
    assert!(within.contains(&100) && within.len() < touched.len(), "{} {}", within.len(), touched.len());
    assert!(within.iter().all(|feature| touched.contains(feature)));
    // A mode that is chosen holds whichever way one drags.
    run(&mut window, Command::Select(SelectCommand::SetReach(Reach::Within)));
    drag(&mut window, place.right_bottom(), place.left_top());
    assert_eq!(selected(&window, layer), within);
    run(&mut window, Command::Select(SelectCommand::SetReach(Reach::Centre)));
    drag(&mut window, place.left_top(), place.right_bottom());
    let centred = selected(&window, layer);
    assert!(centred.len() >= within.len() && centred.len() <= touched.len());
    window.get_by_label("框选方式 · 选中心在内的");
}

#[test]
fn features_are_selected_by_location_and_nothing_else_changes() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let layer = land_use(&window);
    let red_line = layer_of(&window, PlanRole::RedLine);
    run(&mut window, Command::Tree(TreeCommand::SetCurrent(Some(layer))));
    run(&mut window, Command::Select(SelectCommand::Locate(true)));
    assert!(window.get_all_by_label("按位置选择").count() >= 1);
    let ask = |relation| {
        Command::Select(SelectCommand::SelectByLocation(Ask {
            layer,
            relation,
            by: By::Layer(red_line),
            mode: SelectMode::Replace,
        }))
    };
    let revision = session(&window).layer(layer).expect("open").revision;
    let count = |window: &mut Window, relation| {
        run(window, ask(relation));
        until(window, |session| session.jobs.is_empty() && session.pending.is_empty());
        window.get_by_label_contains("找到");
        selected(window, layer).len()
    };
    let touching = count(&mut window, Relation::Touches);
    let half = count(&mut window, Relation::Share(0.5));
    let within = count(&mut window, Relation::Within);
    let near = count(&mut window, Relation::Near(200.0));
    assert!(0 < within && within <= half && half < touching && touching < near, "{within} {half} {touching} {near}");
    assert_eq!(session(&window).layer(layer).map(|layer| layer.revision), Some(revision));
    assert_eq!(session(&window).workspace.scenarios.history.steps().len(), 0, "nothing to undo");
    // What is selected can be what others are located by.
    run(
        &mut window,
        Command::Select(SelectCommand::Select { layer, rows: Rows::from_iter([100]), mode: SelectMode::Replace }),
    );
    let by = By::Selection;
    run(
        &mut window,
        Command::Select(SelectCommand::SelectByLocation(Ask {
            layer,
            relation: Relation::Touches,
            by,
            mode: SelectMode::Add,
        })),
    );
    until(&mut window, |session| session.jobs.is_empty() && session.pending.is_empty());
    let neighbours = selected(&window, layer);
    assert!(neighbours.contains(&100) && neighbours.len() > 2, "{neighbours:?}");
}

#[test]
fn the_inspector_says_what_each_line_takes_of_a_parcel_and_of_a_selection() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let layer = land_use(&window);
    run(&mut window, Command::Tree(TreeCommand::SetCurrent(Some(layer))));
    run(
        &mut window,
        Command::Select(SelectCommand::Select { layer, rows: Rows::from_iter([5, 6, 7]), mode: SelectMode::Replace }),
    );
    run(&mut window, Command::Select(SelectCommand::Identify(vec![FeatureRef { layer, feature: 5 }])));
    until(&mut window, |session| {
        let done = |answer: &Answer| answer.current().is_some();
        done(&session.line_shares.feature) && done(&session.line_shares.selection)
    });
    let shares = &session(&window).line_shares;
    let figures = |answer: &Answer| match answer.current() {
        Some(Some(shares)) => shares.figures.clone(),
        other => panic!("{other:?}"),
    };
    let (one, three) = (figures(&shares.feature), figures(&shares.selection));
    assert_eq!(one.lines.len(), 3);
    assert!(one.total_m2 > 0.0 && three.total_m2 > one.total_m2);
    for (sum, whole) in
        one.total.iter().map(|sum| (sum, one.total_m2)).chain(three.total.iter().map(|s| (s, three.total_m2)))
    {
        assert!((sum.inside_m2 + sum.outside_m2 - whole).abs() < 1e-6 * whole, "{sum:?} {whole}");
    }
    assert!(window.get_all_by_label("落在各控制线内").count() >= 2);
    window.get_by_label_contains("选中 3 个");
}

#[test]
fn totals_are_parted_by_a_second_key_with_subtotals() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let layer = land_use(&window);
    run(&mut window, Command::Tree(TreeCommand::SetCurrent(Some(layer))));
    run(&mut window, Command::Window(WindowCommand::RevealTab(Tab::Classes)));
    window.get_by_label("再按此细分 不细分").click();
    window.run_steps(4);
    let second = window.query_all(egui_kittest::kittest::By::new().predicate(|node| node.role() == Role::MenuItem));
    let names: Vec<String> = second.filter_map(|node| node.accesskit_node().label()).collect();
    let street = names.iter().find(|name| name.contains("（乡镇街道）")).cloned().expect("a code of streets");
    click(&mut window, &street);
    assert!(window.get_all_by_label_contains(&format!("× {street}")).count() >= 1);
    let rows = |window: &Window| {
        window.query_all(egui_kittest::kittest::By::new().predicate(|node| node.role() == Role::Row)).count()
    };
    assert!(rows(&window) > 3);
}

#[test]
fn a_colour_is_picked_from_the_standard_by_digits_and_from_the_last_ones() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let boundary = layer_of(&window, PlanRole::DevelopmentBoundary);
    run(&mut window, Command::Layer(boundary, LayerCommand::Style));
    let color = |window: &Window| {
        let entry = session(window).workspace.entry(boundary).expect("open");
        entry.style.symbol(0).and_then(|symbol| symbol.stroke).expect("a line").color
    };
    window.get_by_label("边线颜色").click();
    window.run_steps(4);
    let class = Class::find(Scheme::Ydyh2023, "0701").expect("a class");
    click(&mut window, &class.label(Language::Chinese));
    assert_eq!(color(&window), class.color());
    assert_eq!(session(&window).settings.recent_colors, [class.color()]);
    window.get_by_role_and_label(Role::TextInput, "色值").click();
    window.run_steps(2);
    press(&mut window, Modifiers::COMMAND, Key::A);
    typed(&mut window, "#0a80ff");
    assert_eq!(color(&window).to_string(), "#0a80ff");
    assert_eq!(session(&window).settings.recent_colors.len(), 2);
}

#[test]
fn a_small_window_cuts_nothing_and_lays_nothing_on_anything() {
    for size in [(900.0, 600.0), (1280.0, 720.0)] {
        for language in [Language::Chinese, Language::English] {
            let mut window = demo(language, size);
            run(&mut window, Command::Tool(ToolCommand::UseTool(Tool::Area)));
            let frame = egui::Rect::from_min_size(Pos2::ZERO, egui::vec2(size.0, size.1));
            // What the left panel has no room for is scrolled to.
            let left = session(&window).settings.layers_width.min(0.3 * size.0);
            let in_status = |rect: &egui::Rect| rect.top() >= size.1 - 26.5 && rect.top() < size.1;
            let in_bars = |rect: &egui::Rect| rect.left() >= left || rect.bottom() <= 80.5 || in_status(rect);
            let named = egui_kittest::kittest::By::new().predicate(|node| {
                matches!(node.role(), Role::Button | Role::Tab | Role::RadioButton | Role::TextInput)
            });
            let buttons: Vec<(String, egui::Rect)> = window
                .query_all(named)
                .map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect()))
                .filter(|(_, rect)| in_bars(rect))
                .collect();
            assert!(buttons.len() > 20);
            for (at, (name, rect)) in buttons.iter().enumerate() {
                assert!(frame.expand(0.5).contains_rect(*rect), "{size:?} {name} is cut: {rect:?}");
                for (other, place) in &buttons[..at] {
                    let over = rect.intersect(*place);
                    let apart = over.width() < 2.0 || over.height() < 2.0;
                    let nested = rect.contains_rect(*place) || place.contains_rect(*rect);
                    assert!(apart || nested, "{size:?} {name} {rect:?} lies on {other} {place:?}");
                }
            }
            // The pill of a measurement leaves the scale bar alone.
            let center = session(&window).view.center;
            let at = |x: f64, y: f64| tuban::model::Coord { x: center.x + x, y: center.y + y };
            let points = vec![at(0.0, 0.0), at(900.0, 0.0), at(900.0, 900.0)];
            run(&mut window, Command::Tool(ToolCommand::SetSketch(Sketch { points, tip: None, finished: false })));
            window.run_steps(4);
            let keep = if language == Language::Chinese { "保留" } else { "Keep" };
            let scale = if language == Language::Chinese { "比例尺" } else { "Scale bar" };
            let pill = window.get_by_label(keep).rect();
            let bar = window.get_by_label_contains(scale).rect();
            assert!(!pill.intersects(bar) && frame.contains_rect(pill), "{size:?} {pill:?} {bar:?}");
            let area = if language == Language::Chinese { "面积量测" } else { "Measure area" };
            let title = window.get_all_by_label(area).map(|node| node.rect()).find(|rect| rect.top() > 100.0);
            assert!(title.is_some_and(|title| !title.intersects(bar)), "{size:?} {title:?} {bar:?}");
        }
    }
}
