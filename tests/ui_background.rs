//! What is worked out in the background, where the user stops it: it says so where it would stand, and is made when asked.

use std::time::{Duration, Instant};

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{By, Queryable};
use tuban::model::classes::Class;
use tuban::scenario::project;
use tuban::task::Progress;
use tuban::text::Language;
use tuban::ui::Start;
use tuban::ui::session::Session;
use tuban::ui::session::command::compare::CompareCommand;
use tuban::ui::session::command::rules::RulesCommand;
use tuban::ui::session::command::scenario::ScenarioCommand;
use tuban::ui::session::command::select::SelectCommand;
use tuban::ui::session::command::window::WindowCommand;
use tuban::ui::session::command::{Command, layer::LayerCommand};
use tuban::ui::session::parts::EditPage as Page;
use tuban::ui::session::parts::Tab;
use tuban::ui::session::rows::{FeatureRef, Rows, SelectMode};

use super::window::{Window, click, demo, open, press, says, session, until, wait_for};

/// Steps until a job of that name runs, and stops all of them.
fn stop(window: &mut Window, key: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let of_key = session(window).jobs.shown().filter(|job| job.name.key == key);
        let jobs: Vec<u64> = of_key.map(|job| job.id).collect();
        if !jobs.is_empty() {
            for job in jobs {
                window.state_mut().push(Command::Window(WindowCommand::CancelTask(job)));
            }
            // On a busy machine it takes more than a few frames.
            until(window, |session| session.jobs.shown().all(|job| job.name.key != key));
            return;
        }
        assert!(Instant::now() < deadline, "never began: {key}");
        window.step();
    }
}

#[test]
fn a_ledger_that_is_stopped_says_so_and_is_made_when_asked() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    window.state_mut().push(Command::Window(WindowCommand::ShowTab(Tab::Conflicts)));
    stop(&mut window, "edit.job-conflicts");
    assert!(says(&window, "任务已取消"));
    window.run_steps(4);
    assert!(session(&window).jobs.is_empty(), "it does not begin again by itself");
    click(&mut window, "重试");
    until(&mut window, |session| session.conflicts.answer.current().is_some());
    assert!(!says(&window, "任务已取消"));
}

#[test]
fn what_comes_and_goes_is_summed_when_asked_after_it_was_stopped() {
    let mut window = demo(Language::English, (1600.0, 1000.0));
    let id = session(&window).workspace.scenarios.list()[0].id;
    // A click takes several frames, in which the sums of the demo may be done.
    window.state_mut().push(Command::Scenario(ScenarioCommand::Show(Some(id))));
    stop(&mut window, "edit.job-flow");
    let has_flow = |session: &Session| session.judging.flow().is_some_and(|(_, flow)| flow.is_some());
    window.run_steps(4);
    assert!(!has_flow(session(&window)) && says(&window, "The task was cancelled"));
    let again = By::new().label_contains("The task was cancelled");
    window.query_all(again).next().expect("a button that tries again").click();
    window.run_steps(3);
    until(&mut window, has_flow);
}

#[test]
fn rules_that_were_not_judged_keep_no_old_figure() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let id = session(&window).workspace.scenarios.list()[0].id;
    // What was judged before the scenario is shown is forgotten.
    window.state_mut().push(Command::Rules(RulesCommand::ReadRules));
    window.state_mut().push(Command::Scenario(ScenarioCommand::Show(Some(id))));
    stop(&mut window, "edit.job-rules");
    assert_eq!(session(&window).judging.red_count(id), None, "not judged is not kept");
    assert!(session(&window).judging.rules_problem().is_some());
    let again = By::new().label_contains("规则: 任务已取消");
    window.query_all(again).next().expect("a button that tries again").click();
    window.run_steps(3);
    until(&mut window, |session| session.judging.red_count(id).is_some());
}

#[test]
fn a_comparison_and_its_pieces_are_made_when_asked_after_they_were_stopped() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    window.state_mut().push(Command::Compare(CompareCommand::Open));
    stop(&mut window, "compare.job");
    assert!(says(&window, "任务已取消"));
    click(&mut window, "重试");
    until(&mut window, |session| session.compare.shown().is_some() && session.jobs.is_empty());
    window.state_mut().push(Command::Compare(CompareCommand::ToggleChangeMap));
    stop(&mut window, "compare.job-pieces");
    // The pieces of the demo may be done before they can be stopped.
    if session(&window).compare.pieces.problem().is_some() {
        click(&mut window, "重试");
    }
    until(&mut window, |session| session.compare.pieces.picture().is_some());
}

#[test]
fn a_layer_that_is_not_measured_says_why_at_the_foot_of_its_table() {
    let mut start = Start::for_test();
    start.demo = true;
    let mut window = open(start, (1600.0, 1000.0));
    until(&mut window, |session| !session.workspace.is_empty() && session.jobs.is_empty());
    let layer = session(&window).project.current.expect("a layer is current");
    window.state_mut().push(Command::Layer(layer, LayerCommand::Method(tuban::model::AreaMethod::Geodesic)));
    stop(&mut window, "ui.job-measure");
    // The figures of before stay, by the method of before; nothing says that they are being made.
    assert!(!says(&window, "面积计算中"));
    assert!(tuban::ui::work::measuring::problem(session(&window), layer).is_some());
    window
        .state_mut()
        .push(Command::Window(WindowCommand::Retry(tuban::ui::session::awaited::Awaiting::Measuring(layer))));
    window.run_steps(3);
    until(&mut window, |session| {
        let areas = session.workspace.entry(layer).and_then(|entry| entry.areas.as_ref());
        areas.is_some_and(|areas| areas.method == tuban::model::AreaMethod::Geodesic)
    });
}

#[test]
fn a_tab_counts_the_same_missed_rules_before_and_after_it_is_opened() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let id = session(&window).workspace.scenarios.list()[0].id;
    until(&mut window, |session| session.judging.red_count(id).is_some());
    let before = session(&window).judging.red_count(id).expect("is judged");
    window.get_by_label("规划 2035").click();
    let deadline = Instant::now() + Duration::from_secs(60);
    while session(&window).workspace.scenarios.shown() != Some(id) || !session(&window).jobs.is_empty() {
        assert!(Instant::now() < deadline, "never judged");
        window.step();
        let now = session(&window).judging.red_count(id);
        assert!(now.is_none_or(|now| now == before), "{before} and {now:?}");
    }
    assert_eq!(session(&window).judging.red_count(id), Some(before));
}

#[test]
fn a_reopened_scenario_says_what_comes_and_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("plan.toml");
    {
        let mut window = demo(Language::English, (1600.0, 1000.0));
        let land = session(&window).project.current.expect("land use is current");
        let rows = (0..60).collect::<Rows>();
        window.state_mut().push(Command::Select(SelectCommand::Select {
            layer: land,
            rows,
            mode: SelectMode::Replace,
        }));
        window.run_steps(3);
        window.state_mut().push(Command::Window(WindowCommand::Edit(Some(Page::TakeOut))));
        window.run_steps(3);
        wait_for(&mut window, "pieces out of");
        click(&mut window, "Apply");
        until(&mut window, |session| session.jobs.is_empty());
        tuban::scenario::project::save(&session(&window).workspace, &file).expect("saved");
    }
    let start = Start { files: vec![file], ..Start::for_test() };
    let mut window = open(start, (1600.0, 1000.0));
    until(&mut window, |session| session.workspace.scenarios.shown().is_some());
    until(&mut window, |session| session.judging.flow().is_some_and(|(_, flow)| flow.is_some()));
    let (_, flow) = session(&window).judging.flow().expect("is watched");
    assert!(flow.expect("is summed").out_m2 > 1e5);
}

/// Opens the ledger and shows its first conflict of land use.
fn marked(window: &mut Window) -> FeatureRef {
    window.state_mut().push(Command::Window(WindowCommand::RevealTab(Tab::Conflicts)));
    window.run_steps(3);
    until(window, |session| session.jobs.is_empty() && session.conflicts.answer.current().is_some());
    let answer = session(window).conflicts.answer.current().cloned().expect("worked out");
    let of_land = session(window).project.current;
    let is_wanted = |row: &tuban::scenario::lines::LedgerRow| Some(row.layer) == of_land && !row.is_sliver;
    let at = answer.ledger.rows.iter().position(is_wanted).expect("a conflict of land use");
    let feature = FeatureRef { layer: answer.ledger.rows[at].layer, feature: answer.ledger.rows[at].feature as usize };
    window.state_mut().push(Command::Rules(RulesCommand::ShowConflict(at)));
    window.run_steps(3);
    until(window, |session| session.conflicts.picture().is_some());
    feature
}

#[test]
fn the_hatch_of_a_conflict_goes_with_esc_and_with_its_state() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let is_marked = |window: &Window| session(window).conflicts.picture().is_some();
    // Land use of the base is current; that of the plan stands in for it in a scenario.
    let land = session(&window).project.current.expect("land use is current");
    window.state_mut().push(Command::Scenario(ScenarioCommand::Fork(None)));
    window.run_steps(3);
    let first = session(&window).workspace.scenarios.shown();
    // What is built on cropland is in conflict with basic farmland.
    let entry = session(&window).workspace.entry(land).expect("is open");
    let field = entry.class_field().expect("has classes");
    let is_dry = |row: &usize| entry.layer.value(*row, field).to_string() == "0103";
    let rows = (0..entry.layer.feature_count()).filter(is_dry).collect::<Rows>();
    let class = Class::find(entry.scheme().expect("is known"), "1001").expect("a class");
    window.state_mut().push(Command::Scenario(ScenarioCommand::Recode { layer: land, rows, class }));
    window.run_steps(3);
    until(&mut window, |session| session.jobs.is_empty());
    // Esc.
    marked(&mut window);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(!is_marked(&window), "after Esc");
    // Another state.
    marked(&mut window);
    window.state_mut().push(Command::Scenario(ScenarioCommand::Show(None)));
    window.run_steps(3);
    assert!(!is_marked(&window), "in another state");
    window.state_mut().push(Command::Scenario(ScenarioCommand::Show(first)));
    window.run_steps(3);
    until(&mut window, |session| session.jobs.is_empty());
    assert!(!is_marked(&window), "back again it is not marked either");
}

#[test]
fn the_demo_has_what_these_tests_need() {
    let opened = project::load_demo(&Progress::new()).expect("opens");
    assert!(opened.workspace.rules.is_some() && !opened.workspace.scenarios.list().is_empty());
}
