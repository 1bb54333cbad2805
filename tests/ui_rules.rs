//! The rules in the window, by accessible name: written, judged as they are typed, saved, and held against all states.

use std::path::PathBuf;

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{By, NodeT, Queryable};
use tuban::model::classes::Class;
use tuban::rules::Light;
use tuban::scenario::Workspace;
use tuban::scenario::project;
use tuban::task::Progress;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::rules::RulesCommand;
use tuban::ui::session::command::scenario::ScenarioCommand;
use tuban::ui::session::parts::RulesPage as Page;

use super::window::{Window, click, open, press, session, until, wait_for};

/// The demo saved as a project whose rules are this text in a file beside it.
fn project(folder: &tempfile::TempDir, rules: &str) -> (Window, PathBuf) {
    let mut workspace = project::load_demo(&Progress::new()).expect("opens").workspace;
    let path = folder.path().join("规则.toml");
    std::fs::write(&path, rules).expect("written");
    workspace.rules = Some(path.clone());
    without_scenarios(&mut workspace);
    let file = folder.path().join("plan.toml");
    tuban::scenario::project::save(&workspace, &file).expect("saved");
    let mut start = tuban::ui::Start::for_test();
    start.files = vec![file];
    let mut window = open(start, (1600.0, 1000.0));
    until(&mut window, |session| {
        let measured = |entry: &tuban::scenario::Entry| {
            entry.layer.kind != tuban::model::GeometryKind::Polygon || entry.areas.is_some()
        };
        !session.workspace.is_empty() && session.jobs.is_empty() && session.workspace.entries.iter().all(measured)
    });
    (window, path)
}

/// Takes the demo's own scenarios out.
fn without_scenarios(workspace: &mut Workspace) {
    let ids: Vec<_> = workspace.scenarios.list().iter().map(|scenario| scenario.id).collect();
    for id in ids {
        workspace.delete_scenario(id, tuban::scenario::By::default());
    }
}

fn rules(window: &mut Window, page: Page) {
    window.state_mut().push(Command::Rules(RulesCommand::Open(Some(page))));
    window.run_steps(6);
}

/// Replaces all text of the file.
fn write(window: &mut Window, text: &str) {
    click(window, "规则文件的文字");
    press(window, Modifiers::COMMAND, Key::A);
    window.event(eframe::egui::Event::Paste(text.to_owned()));
    window.run_steps(6);
}

const QUOTA: &str = "format = 1\n[[rule]]\nname = \"建设用地指标\"\nname_en = \"Quota\"\nsource = \"某文件第 3 条\"\n\
    indicator = \"construction\"\ncomparison = \"<=\"\nlimit = \"1000 km2\"\nunit = \"km2\"\n";

#[test]
fn rules_are_judged_as_they_are_typed_and_saved_to_their_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut window, path) = project(&folder, QUOTA);
    rules(&mut window, Page::Text(None));
    wait_for(&mut window, "达标 建设用地指标 ");
    // A mistake stands with its line and column; nothing is written, nothing is lost.
    let wrong = QUOTA.replace("\"construction\"", "\"constructon\"");
    write(&mut window, &wrong);
    wait_for(&mut window, "第 6 行第 14 列");
    assert_eq!(std::fs::read_to_string(&path).expect("is there"), QUOTA);
    // A limit that is missed is red before it is saved, and after.
    let tight = QUOTA.replace("1000 km2", "10 km2");
    write(&mut window, &tight);
    wait_for(&mut window, "超限 建设用地指标 ");
    click(&mut window, "保存规则");
    assert_eq!(std::fs::read_to_string(&path).expect("is there"), tight);
    assert_eq!(&**session(&window).judging.text.as_ref().expect("read"), &*tight);
    // Someone else writes the file: what is typed here is kept, and it says so.
    std::fs::write(&path, QUOTA).expect("written");
    let own = format!("{tight}# 自己的\n");
    write(&mut window, &own);
    click(&mut window, "保存规则");
    assert_eq!(std::fs::read_to_string(&path).expect("is there"), QUOTA);
    wait_for(&mut window, "规则文件或工程在外面变了");
    click(&mut window, "保留这里的文字");
    click(&mut window, "保存规则");
    assert_eq!(std::fs::read_to_string(&path).expect("is there"), own);
}

#[test]
fn a_rule_is_inserted_from_the_menu() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut window, path) = project(&folder, "");
    rules(&mut window, Page::Text(None));
    wait_for(&mut window, "还没有规则");
    click(&mut window, "新建规则文件");
    wait_for(&mut window, "生态保护红线内没有建设用地");
    click(&mut window, "插入规则");
    click(&mut window, "某地类占比 ≥ x %");
    wait_for(&mut window, "林地占比不低于 10 %");
    assert_eq!(std::fs::read_to_string(&path).expect("is there"), "");
}

#[test]
fn all_states_stand_side_by_side() {
    let folder = tempfile::tempdir().expect("a folder");
    // What is construction land now is the limit, nearly: a scenario that builds is red, the base amber.
    let (mut window, _) = project(&folder, &QUOTA.replace("1000 km2", "118 km2"));
    let layer = session(&window).project.current.expect("land use is current");
    let entry = session(&window).workspace.entry(layer).expect("is open");
    let scheme = entry.scheme().expect("is known");
    let field = entry.class_field().expect("has classes");
    let dry = |row: &usize| entry.layer.value(*row, field).to_string() == "0103";
    let rows = (0..entry.layer.feature_count()).filter(dry).collect();
    let class = Class::find(scheme, "1001").expect("a class");
    window.state_mut().push(Command::Scenario(ScenarioCommand::Recode { layer, rows, class }));
    window.run_steps(4);
    until(&mut window, |session| session.jobs.is_empty());
    window.state_mut().push(Command::Scenario(ScenarioCommand::Fork(None)));
    window.run_steps(4);
    until(&mut window, |session| session.jobs.is_empty());
    rules(&mut window, Page::States);
    wait_for(&mut window, "方案 A · 建设用地指标 · 超限");
    let cells = window.query_all(By::new().role(Role::Cell).label_contains("建设用地指标"));
    let cells: Vec<String> = cells.filter_map(|cell| cell.accesskit_node().label()).collect();
    assert_eq!(cells.len(), 3);
    assert!(cells[0].starts_with("基准 · 建设用地指标 · 预警"), "{cells:?}");
    assert!(cells[2].starts_with("方案 B · 建设用地指标 · 预警"), "{cells:?}");
    // The tab of the scenario that misses a rule says so, whichever is shown.
    let list = session(&window).workspace.scenarios.list();
    let (a, b) = (list[0].id, list[1].id);
    assert_eq!(session(&window).workspace.scenarios.shown(), Some(b));
    let red = |id| session(&window).judging.red_count(id);
    assert_eq!((red(a), red(b)), (Some(1), Some(0)));
    // A cell goes to its state and selects what misses the rule.
    let cell = By::new().role(Role::Cell).label_contains("方案 A · 建设用地指标");
    window.get(cell).click();
    window.run_steps(4);
    until(&mut window, |session| session.jobs.is_empty() && !session.project.selection.is_empty());
    assert_eq!(session(&window).workspace.scenarios.shown(), Some(a));
    let outcome = &session(&window).judging.outcomes[0];
    assert_eq!(outcome.light, Light::Red);
    assert!(session(&window).project.selection.rows(layer).expect("parcels").len() > 500);
}
