//! Scenarios in the window: tabs, edits, the list of changes, and two states seen together.

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{By, NodeT, Queryable};
use tuban::scenario::Seeing;
use tuban::scenario::project;
use tuban::task::Progress;
use tuban::text::Language;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::scenario::ScenarioCommand;
use tuban::ui::session::command::select::SelectCommand;
use tuban::ui::session::command::view::ViewCommand;
use tuban::ui::session::rows::SelectMode;
use tuban::ui::work::two_states;

use super::window::{Window, click, demo, open, press, save, session, typed, until};

/// Features of a class in the layer that is current.
fn class_count(window: &Window, code: &str) -> usize {
    let layer = session(window).project.current.expect("land use is current");
    let entry = session(window).workspace.entry(layer).expect("is there");
    let field = entry.class_field().expect("has classes");
    (0..entry.layer.feature_count()).filter(|f| entry.layer.value(*f, field).to_string() == code).count()
}

/// Names of the tabs of the states.
fn tabs(window: &Window) -> Vec<String> {
    let tabs = window.query_all(By::new().predicate(|node| node.role() == Role::Tab));
    let names = tabs.filter_map(|node| node.accesskit_node().label());
    names.filter(|name| name.starts_with("基准") || name.starts_with("方案")).collect()
}

/// Name of the scenario shown.
fn shown(window: &Window) -> Option<&str> {
    session(window).workspace.shown_scenario().map(|scenario| scenario.name.as_str())
}

fn click_row(window: &mut Window, name: &str) {
    window.get_by_role_and_label(Role::ListItem, name).click();
    window.run_steps(4);
}

fn select(window: &mut Window, rows: &[usize]) {
    let layer = session(window).project.current.expect("land use is current");
    let rows = rows.iter().copied().collect();
    window.state_mut().push(Command::Select(SelectCommand::Select { layer, rows, mode: SelectMode::Replace }));
    window.run_steps(3);
}

#[test]
fn giving_a_class_forks_a_scenario_and_leaves_the_base() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let before = class_count(&window, "0702");
    let rows: Vec<usize> = (10..24).collect();
    select(&mut window, &rows);
    // The picker stands where a scenario is shown; the first one is forked by the button.
    click(&mut window, "新建方案");
    assert_eq!(tabs(&window).len(), 2);
    typed_into(&mut window, "查找地类", "0702");
    window.get(By::new().role(Role::ListItem).label_contains("0702")).click();
    window.run_steps(4);
    let now = class_count(&window, "0702");
    assert!(now > before && now <= before + 14, "{before} to {now}");
    assert_eq!(shown(&window), Some("方案 A"));

    // The base is as it was; the keys go there and back.
    let base = tabs(&window)[0].clone();
    click(&mut window, &base);
    assert_eq!(shown(&window), None);
    assert_eq!(class_count(&window, "0702"), before);
    click(&mut window, "方案 A");
    assert_eq!(class_count(&window, "0702"), now);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(class_count(&window, "0702"), before);
    press(&mut window, Modifiers::COMMAND, Key::Y);
    assert_eq!(class_count(&window, "0702"), now);
}

fn typed_into(window: &mut Window, field: &str, text: &str) {
    click(window, field);
    typed(window, text);
}

#[test]
fn an_edit_of_the_base_forks_by_itself_and_time_is_travelled_by_a_click() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let layer = session(&window).project.current.expect("land use is current");
    let scheme = session(&window).workspace.entry(layer).and_then(|e| e.scheme()).expect("is known");
    let before = class_count(&window, "0301");
    let own = session(&window).workspace.scenarios.list().len();
    for (code, rows) in [("0301", 0..40), ("1001", 0..20), ("0301", 5..15)] {
        let class = tuban::model::classes::Class::find(scheme, code).expect("is a class");
        let rows = rows.collect();
        window.state_mut().push(Command::Scenario(ScenarioCommand::Recode { layer, rows, class }));
        window.run_steps(3);
    }
    // One for all three, beside the demo's own.
    assert_eq!(session(&window).workspace.scenarios.list().len(), own + 1);
    let steps: Vec<String> = {
        let history = &session(&window).workspace.scenarios.history;
        history.steps().map(|step| step.sentence.text(Language::Chinese)).collect()
    };
    assert_eq!(steps.len(), 3, "{steps:?}");
    let last = class_count(&window, "0301");
    click_row(&mut window, &steps[0]);
    let first = class_count(&window, "0301");
    assert!(first > last && first > before);
    click_row(&mut window, "尚无改动");
    assert_eq!(class_count(&window, "0301"), before);
    click_row(&mut window, &steps[2]);
    assert_eq!(class_count(&window, "0301"), last);
    // Put back what is selected.
    select(&mut window, &(0..40).collect::<Vec<usize>>());
    click(&mut window, "把所选还原到基准");
    assert_eq!(class_count(&window, "0301"), before);
}

/// Makes forest of the first parcels; how many parcels are forest then.
fn planted(window: &mut Window) -> usize {
    let layer = session(window).project.current.expect("land use is current");
    let scheme = session(window).workspace.entry(layer).and_then(|e| e.scheme()).expect("is known");
    let class = tuban::model::classes::Class::find(scheme, "0301").expect("is a class");
    let rows = (0..30).collect();
    window.state_mut().push(Command::Scenario(ScenarioCommand::Recode { layer, rows, class }));
    window.run_steps(4);
    class_count(window, "0301")
}

#[test]
fn unsaved_work_is_offered_by_the_next_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = || {
        let mut start = tuban::ui::Start::for_test();
        start.demo = true;
        start.journals = Some(folder.path().join("made when needed"));
        let mut window = open(start, (1280.0, 720.0));
        until(&mut window, |session| !session.workspace.is_empty() && session.jobs.is_empty());
        window
    };
    let mut window = run();
    let before = class_count(&window, "0301");
    let edited = planted(&mut window);
    assert!(edited > before);
    // Not saved, not asked: gone as after a crash.
    drop(window);
    let mut window = run();
    assert_eq!(class_count(&window, "0301"), before);
    click(&mut window, "恢复");
    until(&mut window, |session| session.jobs.is_empty() && session.workspace.shown_scenario().is_some());
    assert_eq!((shown(&window), class_count(&window, "0301")), (Some("方案 A"), edited));
}

#[test]
fn unsaved_work_on_a_project_with_scenarios_is_offered_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.toml");
    let mut window = demo(Language::Chinese, (1280.0, 720.0));
    click(&mut window, "新建方案");
    tuban::scenario::project::save(&session(&window).workspace, &path).expect("saved");
    drop(window);
    let run = || {
        let mut start = tuban::ui::Start::for_test();
        start.files = vec![path.clone()];
        start.journals = Some(folder.path().to_owned());
        let mut window = open(start, (1280.0, 720.0));
        until(&mut window, |session| !session.workspace.is_empty() && session.jobs.is_empty());
        window
    };
    let mut window = run();
    let id = session(&window).workspace.scenarios.list().last().expect("saved").id;
    window.state_mut().push(Command::Scenario(ScenarioCommand::Show(Some(id))));
    let before = class_count(&window, "0301");
    let edited = planted(&mut window);
    assert!(edited > before);
    drop(window);
    // The project begins a journal of its own when it is opened; the old one is offered all the same.
    let mut window = run();
    click(&mut window, "恢复");
    until(&mut window, |session| session.jobs.is_empty() && session.workspace.shown_scenario().is_some());
    assert_eq!(class_count(&window, "0301"), edited);
}

#[test]
fn two_states_are_seen_together() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    click(&mut window, "新建方案");
    window.state_mut().push(Command::View(ViewCommand::See(Seeing::Swipe { level: false, at: 0.5 })));
    window.run_steps(4);
    window.get_by_label("拖动分隔线");
    window.state_mut().push(Command::View(ViewCommand::See(Seeing::Linked { count: 2 })));
    window.run_steps(4);
    let maps = window.query_all(By::new().predicate(|node| node.role() == Role::Canvas)).count();
    assert_eq!(maps, 2);
    assert!(window.query_all_by_label("拖动分隔线").next().is_none());
    window.state_mut().push(Command::View(ViewCommand::See(Seeing::One)));
    window.run_steps(4);
    assert_eq!(window.query_all(By::new().predicate(|node| node.role() == Role::Canvas)).count(), 1);
}

#[test]
fn how_states_are_seen_is_saved_with_the_project() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.toml");
    let mut workspace = project::load_demo(&Progress::new()).expect("opens").workspace;
    let by = tuban::scenario::By::default();
    let own: Vec<_> = workspace.scenarios.list().iter().map(|scenario| scenario.id).collect();
    for id in own {
        workspace.delete_scenario(id, by);
    }
    let ids: Vec<_> = (0..3).map(|_| workspace.fork(None, None, by).expect("forked")).collect();
    tuban::scenario::project::save(&workspace, &path).expect("saved");
    let run = || {
        let mut start = tuban::ui::Start::for_test();
        start.files = vec![path.clone()];
        let mut window = open(start, (1280.0, 720.0));
        until(&mut window, |session| !session.workspace.is_empty() && session.jobs.is_empty());
        window
    };
    // The last one is shown; the line is horizontal and was dragged, the state above it was chosen.
    let mut window = run();
    press(&mut window, Modifiers::SHIFT, Key::W);
    assert_eq!(session(&window).project.seeing, Seeing::Swipe { level: true, at: 0.5 });
    window.state_mut().push(Command::View(ViewCommand::See(Seeing::Swipe { level: true, at: 0.3 })));
    window.run_steps(3);
    click(&mut window, "对比的状态 基准");
    window.get_by_role_and_label(Role::MenuItem, "方案 B").click();
    window.run_steps(4);
    window.get_by_label("对比的状态 方案 B");
    save(&mut window);
    drop(window);
    let mut window = run();
    assert_eq!(session(&window).project.seeing, Seeing::Swipe { level: true, at: 0.3 });
    assert_eq!(two_states::others(session(&window)), [Some(ids[1])]);
    // Three maps: the base changed places with the scenario that was chosen for it.
    window.state_mut().push(Command::View(ViewCommand::See(Seeing::Linked { count: 3 })));
    window.run_steps(3);
    assert_eq!(two_states::others(session(&window)), [Some(ids[1]), Some(ids[0])]);
    window.state_mut().push(Command::View(ViewCommand::SeeBeside(1, None)));
    save(&mut window);
    drop(window);
    let window = run();
    assert_eq!(session(&window).project.seeing, Seeing::Linked { count: 3 });
    assert_eq!(two_states::others(session(&window)), [Some(ids[1]), None]);
}

#[test]
fn work_that_was_declined_stays_when_more_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = || {
        let mut start = tuban::ui::Start::for_test();
        start.demo = true;
        start.journals = Some(folder.path().to_owned());
        let mut window = open(start, (1280.0, 720.0));
        until(&mut window, |session| !session.workspace.is_empty() && session.jobs.is_empty());
        window
    };
    for _ in 0..2 {
        // Edited and gone; the second run edits without taking up what the first one left.
        let mut window = run();
        click(&mut window, "新建方案");
    }
    let mut window = run();
    let offers = |window: &Window| window.query_all_by_role_and_label(Role::Button, "恢复").count();
    assert_eq!(offers(&window), 2);
    window.query_all_by_role_and_label(Role::Button, "恢复").next().expect("offered").click();
    window.run_steps(4);
    until(&mut window, |session| session.jobs.is_empty() && session.workspace.shown_scenario().is_some());
    let left = std::fs::read_dir(folder.path()).expect("reads").flatten();
    let left = left.filter(|entry| entry.file_name().to_string_lossy().contains(".old"));
    assert_eq!(left.count(), 1, "the other one is still there");
}

#[test]
fn esc_puts_a_small_window_away_before_the_selection() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    select(&mut window, &[3]);
    click(&mut window, "用其他图层作方案…");
    assert!(window.query_by_label_contains("指明每个图层").is_some());
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label_contains("指明每个图层").is_none());
    assert!(!session(&window).project.selection.is_empty(), "one thing a press");
    press(&mut window, Modifiers::NONE, Key::Escape);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(session(&window).project.selection.is_empty());
}
