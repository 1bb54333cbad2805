//! Control lines and the ledger of conflicts in the window over the demo project, and scenarios made of other layers.

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{By, Queryable};
use tuban::model::roles::Role as PlanRole;
use tuban::scenario::LedgerStatus;
use tuban::scenario::lines::LineKind;
use tuban::text::Language;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::rules::RulesCommand;
use tuban::ui::session::command::scenario::ScenarioCommand;
use tuban::ui::session::command::select::SelectCommand;
use tuban::ui::session::command::tool::ToolCommand;
use tuban::ui::session::command::window::WindowCommand;
use tuban::ui::session::parts::{Tab, Tool};
use tuban::ui::session::rows::FeatureRef;
use tuban::ui::session::sketch::Sketch;
use tuban::ui::work::conflicts::note_of;
use tuban::units::{Area, AreaUnit};

use super::window::{Window, click, demo, press, session, typed, until};

fn with_ledger(window: &mut Window) {
    window.state_mut().push(Command::Window(WindowCommand::ShowTab(Tab::Conflicts)));
    window.run_steps(2);
    until(window, |session| session.jobs.is_empty() && session.conflicts.answer.current().is_some());
}

#[test]
fn the_ledger_names_conflicts_and_keeps_what_is_said_of_them() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    click(&mut window, "规划 2035");
    with_ledger(&mut window);
    let answer = session(&window).conflicts.answer.current().cloned().expect("worked out");
    let (_, figures) = answer.figures.as_ref().expect("there is land use");
    assert_eq!(Area::from_m2(figures.total_m2).display(AreaUnit::SquareKilometre), "798.0000");
    assert_eq!(figures.lines, LineKind::ALL);
    let first = answer.ledger.rows.iter().position(|row| !row.is_sliver).expect("there are conflicts");
    let row = &answer.ledger.rows[first];
    assert!(row.m2 > 1000.0 && row.share <= 1.0);

    // A click selects the feature and marks on the map what of it is in conflict.
    window.get(By::new().role(Role::Row).label_contains(&row.id)).click();
    window.run_steps(4);
    until(&mut window, |session| session.conflicts.picture().is_some());
    let rows = session(&window).project.selection.rows(row.layer).expect("is selected");
    assert_eq!(rows.iter().collect::<Vec<_>>(), [row.feature as usize]);
    let marked = session(&window).conflicts.picture().expect("is marked").prepared.extent;
    let whole = session(&window).prepared(row.layer).expect("is drawn").feature_extent(row.feature as usize);
    assert!(marked.width() <= whole.width() * 1.001 && marked.height() <= whole.height() * 1.001);

    // Status and note are steps of the history.
    let status = |window: &Window| note_of(&session(window).workspace, row).status;
    assert_eq!(status(&window), LedgerStatus::Open);
    click(&mut window, "已处理");
    assert_eq!(status(&window), LedgerStatus::Settled);
    click(&mut window, "备注");
    typed(&mut window, "已报批");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(note_of(&session(&window).workspace, row).note, "已报批");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(status(&window), LedgerStatus::Open);

    // Areas on both sides of the lines.
    click(&mut window, "控制线内外");
    let (classes, figures) = answer.figures.as_ref().expect("there is land use");
    let first = (0..classes.len()).find(|class| figures.own_m2[*class] != 0.0).expect("there is land");
    let name = classes[first].label(Language::Chinese);
    let own = Area::from_m2(figures.own_m2[first]).display(AreaUnit::Mu);
    window.get(By::new().role(Role::Row).label_contains(&format!("{name} {own}")));
}

#[test]
fn the_hatch_of_a_conflict_goes_with_it() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    click(&mut window, "规划 2035");
    with_ledger(&mut window);
    let plan = session(&window).workspace.scenarios.shown();
    // A conflict of land use that building makes: other land there makes none.
    let row_of = |window: &Window| {
        let answer = session(window).conflicts.answer.current().cloned().expect("worked out");
        let at =
            answer.ledger.rows.iter().position(|row| !row.is_sliver && row.class.is_some_and(|c| c.is_construction()));
        at.map(|at| (at, answer.ledger.rows[at].clone()))
    };
    let (at, row) = row_of(&window).expect("built land is in conflict");
    let mark = |window: &mut Window| {
        window.state_mut().push(Command::Rules(RulesCommand::ShowConflict(at)));
        window.run_steps(2);
        until(window, |session| session.conflicts.picture().is_some());
    };
    // Esc takes it off, once the feature is put away.
    mark(&mut window);
    for _ in 0..4 {
        press(&mut window, Modifiers::NONE, Key::Escape);
    }
    assert!(session(&window).conflicts.picture().is_none());
    // So does another state, and it does not come back with the first.
    mark(&mut window);
    window.state_mut().push(Command::Scenario(ScenarioCommand::Show(None)));
    window.run_steps(3);
    assert!(session(&window).conflicts.picture().is_none());
    window.state_mut().push(Command::Scenario(ScenarioCommand::Show(plan)));
    window.run_steps(3);
    until(&mut window, |session| session.jobs.is_empty() && session.conflicts.answer.current().is_some());
    assert!(session(&window).conflicts.picture().is_none());
    // So does the end of the conflict.
    mark(&mut window);
    let scheme = session(&window).workspace.entry(row.layer).and_then(|e| e.scheme()).expect("is known");
    let class = tuban::model::classes::Class::find(scheme, "0301").expect("woodland");
    let rows = [row.feature as usize].into_iter().collect();
    window.state_mut().push(Command::Scenario(ScenarioCommand::Recode { layer: row.layer, rows, class }));
    window.run_steps(3);
    until(&mut window, |session| session.jobs.is_empty() && session.conflicts.answer.current().is_some());
    let answer = session(&window).conflicts.answer.current().cloned().expect("worked out");
    assert!(answer.ledger.rows.iter().all(|now| now.key != row.key), "it is no conflict any more");
    assert!(session(&window).conflicts.picture().is_none());
}

#[test]
fn the_ledger_follows_the_state_that_is_shown() {
    let mut window = demo(Language::English, (1280.0, 720.0));
    with_ledger(&mut window);
    let base = session(&window).conflicts.answer.current().cloned().expect("worked out");
    assert!(base.ledger.rows.iter().all(|row| row.key.scenario.is_none() && row.built_before.is_none()));
    click(&mut window, "规划 2035");
    until(&mut window, |session| session.jobs.is_empty() && !session.conflicts.answer.is_busy());
    let plan = session(&window).conflicts.answer.current().cloned().expect("worked out");
    let id = session(&window).workspace.scenarios.shown();
    assert!(id.is_some() && plan.ledger.rows.iter().all(|row| row.key.scenario == id));
    assert_ne!(base.ledger.rows.len(), plan.ledger.rows.len());
}

#[test]
fn a_scenario_is_made_of_open_layers() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let old = session(&window).workspace.scenarios.list().len();
    // Layers that stand in for others in a scenario may do so in another one.
    click(&mut window, "用其他图层作方案…");
    click(&mut window, "生成方案");
    let workspace = &session(&window).workspace;
    assert_eq!(workspace.scenarios.list().len(), old + 1);
    let shown = workspace.shown_scenario().expect("is shown");
    let replaced: Vec<&str> =
        shown.states().filter_map(|(id, _)| workspace.entry(id)).map(|entry| entry.title.as_str()).collect();
    assert_eq!(replaced, ["永久基本农田 2025", "地类图斑 2025"]);
    until(&mut window, |session| {
        session.jobs.is_empty() && session.judging.flow().is_some_and(|(_, flow)| flow.is_some())
    });
    // The bar says what the plan takes of basic farmland.
    let (_, flow) = session(&window).judging.flow().expect("is watched");
    let net = flow.and_then(|flow| flow.balance_net_m2()).expect("ridges are stated");
    assert_eq!(Area::from_m2(net).display(AreaUnit::Mu), "-130,000.00");
    // The bar against the target, which the project's rule gives.
    window.get(By::new().role(Role::ProgressIndicator).label_contains("100"));
    window.state_mut().push(Command::Scenario(ScenarioCommand::Undo));
    window.run_steps(3);
    assert_eq!(session(&window).workspace.scenarios.list().len(), old);
}

#[test]
fn a_red_line_that_is_drawn_answers_at_once() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let view = session(&window).view;
    let half = 2_000.0;
    let (x, y) = (view.center.x, view.center.y);
    let corner = |dx: f64, dy: f64| tuban::model::Coord { x: x + half * dx, y: y + half * dy };
    let points = vec![corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)];
    window.state_mut().push(Command::Tool(ToolCommand::UseTool(Tool::Area)));
    window.state_mut().push(Command::Tool(ToolCommand::SetSketch(Sketch {
        points,
        finished: true,
        ..Sketch::default()
    })));
    window.run_steps(2);
    until(&mut window, |session| session.red_line.answer.current().is_some());
    let answer = session(&window).red_line.answer.current().cloned().expect("an answer");
    assert!((answer.m2 - 16e6).abs() < 16e6 * 1e-3, "{}", answer.m2);
    let land = &answer.layers[0];
    assert_eq!(land.fields, ["DLBM", "QSXZ", "ZLDWMC"]);
    // It closes: parcels tile the study area, and the square lies inside of it.
    assert!((land.taken.m2 - answer.m2).abs() < 1e-6 * answer.m2);
    let mu = |m2: f64| Area::from_m2(m2).display(AreaUnit::Mu);
    assert!(window.query_all(By::new().label_contains(&mu(answer.m2))).count() > 0);
    let (class, m2, _) = land.by(0)[0];
    assert!(class.is_some());
    assert!(window.query_all(By::new().label_contains(&mu(m2))).count() > 0);
    click(&mut window, "权属性质");
    let (_, collective, _) = land.by(1)[0];
    assert!(window.query_all(By::new().label_contains(&mu(collective))).count() > 0);
    // Put away, nothing is asked any more.
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(session(&window).red_line.answer.value().is_none());
}

#[test]
fn a_feature_that_is_no_parcel_says_what_it_takes() {
    let mut window = demo(Language::English, (1600.0, 1000.0));
    let site = {
        let workspace = &session(&window).workspace;
        workspace.entries.iter().find(|entry| entry.role == PlanRole::Resettlement).expect("has sites").id()
    };
    window.state_mut().push(Command::Select(SelectCommand::Identify(vec![FeatureRef { layer: site, feature: 0 }])));
    window.run_steps(2);
    until(&mut window, |session| session.red_line.answer.current().is_some());
    let answer = session(&window).red_line.answer.current().cloned().expect("an answer");
    let whole = session(&window).workspace.entry(site).and_then(|entry| entry.areas.clone()).expect("is measured");
    assert!((answer.m2 - whole.exact[0]).abs() < 1e-6 * answer.m2);
    assert!(answer.layers.iter().all(|layer| layer.layer != site));
    window.get_by_label("Takes");
}
