//! Nothing is lost: what is asked before work is put away, what is kept and offered again, and who may save.

use std::path::{Path, PathBuf};

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable;
use tuban::model::classes::Class;
use tuban::scenario::Seeing;
use tuban::scenario::{Property, project};
use tuban::ui::Start;
use tuban::ui::session::command::file::FileCommand;
use tuban::ui::session::command::scenario::ScenarioCommand;
use tuban::ui::session::command::tree::TreeCommand;
use tuban::ui::session::command::view::ViewCommand;
use tuban::ui::session::command::window::WindowCommand;
use tuban::ui::session::command::{Command, layer::LayerCommand};
use tuban::ui::session::leaving::Next;
use tuban::ui::session::parts::Card;

use super::window::{Window, click, open, press, save, session, until};

/// A source of six parcels.
pub(crate) fn source(folder: &Path, name: &str) -> PathBuf {
    let feature = |nth: usize| {
        let (left, right) = (500_000 + 10 * nth, 500_010 + 10 * nth);
        let code = ["0101", "0103", "0301", "0701", "1208", "0101"][nth];
        format!(
            r#"{{"type":"Feature","properties":{{"BSM":"{nth:04}","DLBM":"{code}"}},"geometry":{{"type":"Polygon","coordinates":[[[{left},4070000],[{right},4070000],[{right},4070010],[{left},4070010],[{left},4070000]]]}}}}"#
        )
    };
    let features: Vec<String> = (0..6).map(feature).collect();
    let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
    let path = folder.join(name);
    let text = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(","));
    std::fs::write(&path, text).expect("written");
    path
}

/// A project of one source, saved.
pub(crate) fn saved_project(folder: &Path, name: &str) -> PathBuf {
    let data = source(folder, &format!("{name}.geojson"));
    let opened = tuban::io::open(&data, &Default::default(), &Default::default()).expect("opens");
    let mut workspace = tuban::scenario::Workspace::new();
    opened.layers.into_iter().for_each(|layer| {
        workspace.add(layer.into());
    });
    workspace.name = name.to_owned();
    let path = folder.join(format!("{name}.toml"));
    project::save(&workspace, &path).expect("saves");
    path
}

/// A window that keeps its work in `folder`.
pub(crate) fn run(folder: &Path, files: &[PathBuf]) -> Window {
    let mut start = Start::for_test();
    start.files = files.to_vec();
    start.journals = Some(folder.join("settings"));
    let mut window = open(start, (1280.0, 720.0));
    let count = files.len();
    until(&mut window, |session| session.jobs.is_empty() && (count == 0 || !session.workspace.is_empty()));
    window
}

/// Gives rows of the current layer another class.
pub(crate) fn recode(window: &mut Window, rows: &[usize], code: &str) {
    let layer = session(window).project.current.expect("land use is current");
    let scheme = session(window).workspace.entry(layer).and_then(|e| e.scheme()).expect("is known");
    let class = Class::find(scheme, code).expect("is a class");
    let rows = rows.iter().copied().collect();
    window.state_mut().push(Command::Scenario(ScenarioCommand::Recode { layer, rows, class }));
    window.run_steps(4);
}

fn codes(window: &Window) -> String {
    let entry = &session(window).workspace.entries[0];
    let field = entry.layer.field("DLBM").expect("a field");
    (0..entry.layer.feature_count()).map(|row| entry.layer.value(row, field).to_string()).collect::<Vec<_>>().join(" ")
}

/// What stays on screen until it is put away.
fn notices(window: &Window) -> Vec<&'static str> {
    let lasting = |notice: &&tuban::ui::session::Notice| notice.severity > tuban::model::Severity::Note;
    session(window).notices.iter().filter(lasting).map(|notice| notice.message.key).collect()
}

#[test]
fn undo_takes_back_what_was_done_in_the_tab() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut window = run(folder.path(), &[source(folder.path(), "地类图斑.geojson")]);
    recode(&mut window, &[0], "0702");
    let a = session(&window).workspace.scenarios.shown();
    window.state_mut().push(Command::Scenario(ScenarioCommand::Show(None)));
    window.run_steps(2);
    recode(&mut window, &[1], "1001");
    let b = session(&window).workspace.scenarios.shown();
    click(&mut window, "方案 A");
    recode(&mut window, &[2], "0702");
    click(&mut window, "方案 B");
    recode(&mut window, &[3], "1001");
    click(&mut window, "方案 A");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(session(&window).workspace.scenarios.shown(), a, "the tab stays");
    assert_eq!(codes(&window), "0702 0103 0301 0701 1208 0101");
    click(&mut window, "方案 B");
    assert_eq!(codes(&window), "0101 1001 0301 1001 1208 0101");
    assert_eq!(session(&window).workspace.scenarios.shown(), b);
    // A style is a step of the document, marked in each tab.
    let layer = session(&window).workspace.entries[0].id();
    window.state_mut().push(Command::Tree(TreeCommand::SetVisible(layer, false)));
    window.run_steps(3);
    window.get_by_role_and_label(Role::ListItem, "隐藏“地类图斑”");
    click(&mut window, "方案 A");
    window.get_by_role_and_label(Role::ListItem, "隐藏“地类图斑”");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert!(session(&window).workspace.entries[0].visible);
}

#[test]
fn a_removed_layer_says_what_hangs_on_it_and_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut window = run(folder.path(), &[source(folder.path(), "地类图斑.geojson")]);
    recode(&mut window, &[0], "0702");
    let layer = session(&window).workspace.entries[0].id();
    window.state_mut().push(Command::Layer(layer, LayerCommand::Remove));
    window.run_steps(4);
    assert!(session(&window).workspace.is_empty());
    window.get_by_label_contains("方案 A 对它的改动");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(codes(&window), "0702 0103 0301 0701 1208 0101");
    window.state_mut().push(Command::Layer(layer, LayerCommand::Remove));
    window.run_steps(4);
    click(&mut window, "撤销");
    until(&mut window, |session| !session.workspace.is_empty());
}

#[test]
fn work_without_a_file_is_asked_about_before_anything_takes_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = saved_project(folder.path(), "乙");
    let mut window = run(folder.path(), &[source(folder.path(), "地类图斑.geojson")]);
    recode(&mut window, &[0], "0702");
    for (command, next) in [
        (Command::File(FileCommand::OpenDemo), Next::Demo),
        (Command::File(FileCommand::OpenPaths(vec![other.clone()])), Next::Open(other.clone())),
        (Command::File(FileCommand::Quit), Next::Quit),
    ] {
        window.state_mut().push(command);
        window.run_steps(3);
        assert_eq!(session(&window).card, Some(Card::Leave(next)));
        click(&mut window, "留在这里");
        assert_eq!((session(&window).card.clone(), session(&window).quitting), (None, false));
        assert_eq!(codes(&window), "0702 0103 0301 0701 1208 0101");
    }
    window.state_mut().push(Command::File(FileCommand::OpenPaths(vec![other.clone()])));
    window.run_steps(3);
    click(&mut window, "不保存");
    until(&mut window, |session| session.project.path.is_some());
    assert_eq!(codes(&window), "0101 0103 0301 0701 1208 0101");
    drop(window);
    // What was discarded is not offered again.
    let window = run(folder.path(), &[]);
    assert_eq!(notices(&window), Vec::<&str>::new());
}

#[test]
fn a_project_is_left_at_once_and_its_unsaved_work_is_offered() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, other) = (saved_project(folder.path(), "甲"), saved_project(folder.path(), "乙"));
    let mut window = run(folder.path(), std::slice::from_ref(&first));
    recode(&mut window, &[0], "0702");
    recode(&mut window, &[1], "0702");
    recode(&mut window, &[2], "0702");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    window.state_mut().push(Command::File(FileCommand::OpenPaths(vec![other.clone()])));
    window.run_steps(3);
    assert_eq!(session(&window).card, None);
    until(&mut window, |session| session.project.path.as_ref() == Some(&other) && session.jobs.is_empty());
    assert_eq!(notices(&window), Vec::<&str>::new(), "nothing of the other project is offered here");
    drop(window);
    // A start without arguments finds it, names it, and counts right.
    let mut window = run(folder.path(), &[]);
    window.get_by_label_contains("“甲.toml”上次有 2 处改动未保存");
    click(&mut window, "恢复");
    until(&mut window, |session| session.jobs.is_empty() && session.workspace.shown_scenario().is_some());
    assert_eq!(codes(&window), "0702 0702 0301 0701 1208 0101");
    assert_eq!(session(&window).project.path.as_ref(), Some(&first));
    // Its history is there, too.
    press(&mut window, Modifiers::COMMAND, Key::Y);
    assert_eq!(codes(&window), "0702 0702 0702 0701 1208 0101");
    save(&mut window);
    drop(window);
    let window = run(folder.path(), &[]);
    assert_eq!(notices(&window), Vec::<&str>::new(), "saved: nothing to offer");
    drop(window);
    let mut window = run(folder.path(), &[first]);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(codes(&window), "0702 0702 0301 0701 1208 0101", "undo goes on after saving and opening");
}

#[test]
fn recovering_never_puts_other_work_away_without_a_word() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut window = run(folder.path(), &[source(folder.path(), "甲.geojson")]);
    recode(&mut window, &[0], "0702");
    drop(window);
    let mut window = run(folder.path(), &[source(folder.path(), "乙.geojson")]);
    recode(&mut window, &[5], "1001");
    click(&mut window, "恢复");
    assert!(matches!(session(&window).card, Some(Card::Leave(Next::Recover(_)))));
    click(&mut window, "留在这里");
    assert_eq!(codes(&window), "0101 0103 0301 0701 1208 1001");
    drop(window);
    // Both are there, and each is offered by itself.
    let mut window = run(folder.path(), &[]);
    assert_eq!(window.query_all_by_label("恢复").count(), 2);
    window.query_all_by_label("恢复").next().expect("offered").click();
    window.run_steps(4);
    until(&mut window, |session| session.jobs.is_empty() && session.workspace.shown_scenario().is_some());
    assert_eq!(window.query_all_by_label("恢复").count(), 1);
}

#[test]
fn a_project_and_files_open_together_in_either_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, other) = (saved_project(folder.path(), "甲"), saved_project(folder.path(), "乙"));
    let data = source(folder.path(), "附加.geojson");
    for files in [[first.clone(), data.clone(), other.clone()], [data.clone(), first.clone(), other.clone()]] {
        let mut window = run(folder.path(), &files);
        until(&mut window, |session| session.workspace.entries.len() == 2 && session.jobs.is_empty());
        assert_eq!(session(&window).project.path.as_ref(), Some(&first));
        window.get_by_label_contains("未打开 乙.toml");
    }
    // A file that comes while a project is being read waits for it.
    let mut window = run(folder.path(), &[]);
    window.state_mut().push(Command::File(FileCommand::OpenPaths(vec![first.clone()])));
    window.state_mut().push(Command::File(FileCommand::OpenPaths(vec![data])));
    window.run_steps(2);
    until(&mut window, |session| session.workspace.entries.len() == 2 && session.jobs.is_empty());
    assert_eq!(session(&window).project.path.as_ref(), Some(&first));
}

#[test]
fn of_two_windows_on_one_project_the_second_does_not_save_over_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = saved_project(folder.path(), "甲");
    let mut first = run(folder.path(), std::slice::from_ref(&path));
    let mut second = run(folder.path(), std::slice::from_ref(&path));
    assert!(!session(&first).project.read_only && session(&second).project.read_only);
    second.get_by_label("另存副本…");
    recode(&mut first, &[0], "0702");
    recode(&mut second, &[1], "1001");
    let text = std::fs::read_to_string(&path).expect("text");
    second.state_mut().push(Command::File(FileCommand::SaveOver(path.clone())));
    second.run_steps(2);
    until(&mut second, |session| session.saving.is_none());
    assert_eq!(std::fs::read_to_string(&path).expect("text"), text);
    assert!(notices(&second).contains(&"ui.taken"));
    save(&mut first);
    assert_ne!(std::fs::read_to_string(&path).expect("text"), text);
    // The second one's work is its own, and is kept as such.
    drop((first, second));
    let mut window = run(folder.path(), std::slice::from_ref(&path));
    assert!(!session(&window).project.read_only, "the lock went with its window");
    click(&mut window, "恢复");
    until(&mut window, |session| session.jobs.is_empty() && session.project.path.is_none());
    assert_eq!(codes(&window), "0101 1001 0301 0701 1208 0101");
}

#[test]
fn what_is_done_while_a_save_is_at_work_is_unsaved_and_the_way_out_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = saved_project(folder.path(), "甲");
    let mut window = run(folder.path(), std::slice::from_ref(&path));
    recode(&mut window, &[0], "0702");
    let layer = session(&window).project.current.expect("land use is current");
    let scheme = session(&window).workspace.entry(layer).and_then(|e| e.scheme()).expect("is known");
    let class = Class::find(scheme, "1001").expect("is a class");
    window.state_mut().push(Command::File(FileCommand::SaveProject));
    window.state_mut().push(Command::Scenario(ScenarioCommand::Recode {
        layer,
        rows: [1].into_iter().collect(),
        class,
    }));
    window.state_mut().push(Command::File(FileCommand::Quit));
    window.step();
    // The snapshot was taken at once; the window is not closed over it.
    assert!(session(&window).saving.is_some() && !session(&window).quitting);
    assert_eq!(codes(&window), "0702 1001 0301 0701 1208 0101");
    until(&mut window, |session| session.saving.is_none());
    assert!(session(&window).quitting);
    let text = std::fs::read_to_string(&path).expect("text");
    assert!(text.contains("0702") && !text.contains("1001"), "{text}");
    assert_eq!(session(&window).workspace.scenarios.history.unsaved_count(), 1);
    drop(window);
    // The edit was journalled: it is offered, and is no more than it was.
    let mut window = run(folder.path(), &[]);
    window.get_by_label_contains("“甲.toml”上次有 1 处改动未保存");
    click(&mut window, "恢复");
    until(&mut window, |session| session.jobs.is_empty() && session.workspace.shown_scenario().is_some());
    assert_eq!(codes(&window), "0702 1001 0301 0701 1208 0101");
}

#[test]
fn a_save_that_fails_leaves_all_unsaved() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = saved_project(folder.path(), "甲");
    let mut window = run(folder.path(), std::slice::from_ref(&path));
    recode(&mut window, &[0], "0702");
    let data = folder.path().join("甲.geojson");
    window.state_mut().push(Command::File(FileCommand::SaveOver(data.clone())));
    window.run_steps(2);
    until(&mut window, |session| session.saving.is_none());
    assert!(
        notices(&window).len() == 1 && std::fs::read_to_string(data).expect("is there").contains("FeatureCollection")
    );
    assert_eq!(session(&window).workspace.scenarios.history.unsaved_count(), 1);
    assert_eq!(session(&window).project.path, Some(path));
}

#[test]
fn edits_that_a_new_source_lacks_are_listed_and_looked_for_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = source(folder.path(), "地类图斑.geojson");
    let whole = std::fs::read_to_string(&data).expect("text");
    let mut window = run(folder.path(), std::slice::from_ref(&data));
    recode(&mut window, &[0, 5], "0702");
    // The sixth parcel is another one.
    let other = whole.replace("\"0005\"", "\"9999\"").replace("500050", "500070").replace("500060", "500080");
    assert_ne!(other, whole);
    std::fs::write(&data, other).expect("replaced");
    let layer = session(&window).workspace.entries[0].id();
    window.state_mut().push(Command::File(FileCommand::ReloadLayers(vec![layer])));
    window.run_steps(2);
    until(&mut window, |session| {
        session.jobs.is_empty() && session.notices.iter().any(|n| n.message.key == "scenario.edits-lost")
    });
    assert_eq!(codes(&window), "0702 0103 0301 0701 1208 0101");
    click(&mut window, "查看清单");
    assert_eq!(session(&window).settings.tab, tuban::ui::session::parts::Tab::Issues);
    assert!(window.query_all_by_label_contains("无法确认").count() > 0);
    assert!(notices(&window).contains(&"scenario.edits-lost"), "it stays");
    std::fs::write(&data, whole).expect("put back");
    click(&mut window, "重新查找");
    until(&mut window, |session| session.jobs.is_empty());
    assert_eq!(codes(&window), "0702 0103 0301 0701 1208 0702");
    assert!(!notices(&window).contains(&"scenario.edits-lost"), "{:?}", notices(&window));
}

#[test]
fn saving_over_what_somebody_else_wrote_is_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = saved_project(folder.path(), "甲");
    let mut window = run(folder.path(), std::slice::from_ref(&path));
    recode(&mut window, &[0], "0702");
    let text = std::fs::read_to_string(&path).expect("text").replace("\"甲\"", "\"改\"");
    std::fs::write(&path, &text).expect("written by somebody else");
    save(&mut window);
    assert_eq!(session(&window).card, Some(Card::Overwrite(path.clone())));
    assert_eq!(std::fs::read_to_string(&path).expect("text"), text);
    click(&mut window, "仍然覆盖");
    until(&mut window, |session| session.saving.is_none());
    assert!(std::fs::read_to_string(&path).expect("text").contains("0702"));
    recode(&mut window, &[1], "0702");
    save(&mut window);
    assert_eq!(session(&window).card, None, "what this window wrote is known");
}

#[test]
fn a_journal_of_another_version_is_set_aside_and_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = saved_project(folder.path(), "甲");
    let journal = tuban::scenario::journal::path_beside(&path);
    std::fs::write(&journal, "of some other version\n").expect("written");
    let mut window = run(folder.path(), &[path]);
    window.get_by_label_contains("由其他版本写成");
    recode(&mut window, &[0], "0702");
    drop(window);
    let kept = std::fs::read_to_string(format!("{}.old", journal.display())).expect("kept");
    assert_eq!(kept, "of some other version\n");
    assert!(journal.exists());
}

#[test]
fn a_swipe_ends_with_its_states() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut window = run(folder.path(), &[source(folder.path(), "地类图斑.geojson")]);
    for _ in 0..3 {
        window.state_mut().push(Command::Scenario(ScenarioCommand::Fork(None)));
        window.run_steps(2);
    }
    let ids: Vec<_> = session(&window).workspace.scenarios.list().iter().map(|scenario| scenario.id).collect();
    window.state_mut().push(Command::View(ViewCommand::See(Seeing::Swipe { level: false, at: 0.5 })));
    window.state_mut().push(Command::View(ViewCommand::SeeBeside(0, Some(ids[1]))));
    window.run_steps(3);
    window.state_mut().push(Command::Scenario(ScenarioCommand::Delete(ids[0])));
    window.run_steps(3);
    assert!(matches!(session(&window).project.seeing, Seeing::Swipe { .. }), "another one went");
    window.state_mut().push(Command::Scenario(ScenarioCommand::Delete(ids[1])));
    window.run_steps(3);
    assert_eq!(session(&window).project.seeing, Seeing::One);
    window.state_mut().push(Command::View(ViewCommand::See(Seeing::Swipe { level: false, at: 0.5 })));
    window.run_steps(3);
    window.state_mut().push(Command::Scenario(ScenarioCommand::Delete(ids[2])));
    window.run_steps(3);
    assert_eq!(session(&window).project.seeing, Seeing::One);
}

#[test]
fn a_new_scenario_is_held_against_its_base() {
    use tuban::ui::session::command::compare::CompareCommand;
    use tuban::ui::session::compare::sides::Source;
    use tuban::ui::session::parts::Tab;
    let folder = tempfile::tempdir().expect("a folder");
    let files = ["地类图斑 2025.geojson", "地类图斑 2035.geojson"].map(|name| source(folder.path(), name));
    let mut window = run(folder.path(), &files);
    until(&mut window, |session| session.workspace.entries.len() == 2 && session.jobs.is_empty());
    window.state_mut().push(Command::Window(WindowCommand::ShowTab(Tab::Transitions)));
    window.run_steps(4);
    assert!(session(&window).compare.is_open(), "the two layers");
    let entries = &session(&window).workspace.entries;
    let base = entries.iter().find(|entry| entry.title.contains("2025")).expect("open").id();
    let plan = entries.iter().find(|entry| entry.title.contains("2035")).expect("open").id();
    window.state_mut().push(Command::Tree(TreeCommand::SetVisible(plan, false)));
    window.state_mut().push(Command::Scenario(ScenarioCommand::ForkShown));
    window.run_steps(4);
    assert_eq!(session(&window).compare.sources, Some([Source::State(None, base), Source::Layer(base)]));
    // What the user says stands.
    let pair = [Source::State(None, base), Source::State(None, plan)];
    window.state_mut().push(Command::Compare(CompareCommand::SetSources(pair)));
    window.state_mut().push(Command::Scenario(ScenarioCommand::ForkShown));
    window.run_steps(4);
    assert_eq!(session(&window).compare.sources, Some(pair));
    // Each state stands once, by its name.
    let states = tuban::ui::work::compare::sides::states(&session(&window).workspace, session(&window).language());
    let names: Vec<&str> = states.iter().map(|state| state.name.as_str()).collect();
    assert_eq!(names, ["基准", "方案 A", "方案 B"]);
    assert!(states.iter().all(|state| state.layers.len() == 2));
}

#[test]
fn layers_of_one_name_are_told_apart_and_one_file_is_one_source() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("新")).expect("a folder");
    let old = source(folder.path(), "地类图斑.geojson");
    let new = source(&folder.path().join("新"), "地类图斑.geojson");
    let mut window = run(folder.path(), &[old.clone(), new.clone()]);
    until(&mut window, |session| session.workspace.entries.len() == 2 && session.jobs.is_empty());
    let titles: Vec<String> = {
        let workspace = &session(&window).workspace;
        workspace.entries.iter().map(|entry| workspace.title_of(entry.id())).collect()
    };
    assert!(titles[0] != titles[1] && titles.iter().any(|title| title.contains("新/")), "{titles:?}");
    // The same file by another way.
    let spelt = folder.path().join("新").join("..").join("地类图斑.geojson");
    window.state_mut().push(Command::File(FileCommand::OpenPaths(vec![spelt])));
    window.run_steps(2);
    until(&mut window, |session| session.workspace.entries.len() == 3 && session.jobs.is_empty());
    let entries = &session(&window).workspace.entries;
    let count = entries.iter().filter(|entry| entry.layer.provenance.path == old).count();
    assert_eq!(count, 2, "one spelling");
    assert_eq!(session(&window).settings.recent.len(), 2);
}

#[cfg(unix)]
#[test]
fn a_file_whose_name_is_no_text_opens_and_is_remembered() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().expect("a folder");
    let plain = source(folder.path(), "a.geojson");
    // 地类 in GBK, as a ZIP file of Windows gives it.
    let gbk = folder.path().join(std::ffi::OsStr::from_bytes(b"\xB5\xD8\xC0\xE0.geojson"));
    std::fs::rename(&plain, &gbk).expect("renamed");
    let mut window = run(folder.path(), std::slice::from_ref(&gbk));
    recode(&mut window, &[0], "0702");
    let text = session(&window).settings.to_toml();
    assert_eq!(tuban::ui::session::settings::Settings::from_toml(&text).recent, std::slice::from_ref(&gbk));
    drop(window);
    let mut window = run(folder.path(), &[]);
    click(&mut window, "恢复");
    until(&mut window, |session| session.jobs.is_empty() && session.workspace.shown_scenario().is_some());
    assert_eq!(session(&window).workspace.entries[0].layer.provenance.path, gbk);
    assert_eq!(codes(&window), "0702 0103 0301 0701 1208 0101");
}

#[test]
fn the_crs_of_a_layer_and_of_the_map_are_taken_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut window = run(folder.path(), &[source(folder.path(), "地类图斑.geojson")]);
    recode(&mut window, &[0], "0702");
    let layer = session(&window).workspace.entries[0].id();
    let crs = |code| tuban::crs::Crs::from_epsg(code).expect("known");
    window.state_mut().push(Command::Tree(TreeCommand::SetLayerCrs(layer, crs(4547))));
    window.run_steps(2);
    until(&mut window, |session| session.workspace.entries[0].layer.crs.epsg() == Some(4547));
    assert_eq!(codes(&window), "0702 0103 0301 0701 1208 0101", "the edit holds");
    window.state_mut().push(Command::View(ViewCommand::SetProjectCrs(crs(4526))));
    window.run_steps(4);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(session(&window).workspace.crs.as_ref().and_then(|crs| crs.epsg()), Some(4548));
    press(&mut window, Modifiers::COMMAND, Key::Z);
    until(&mut window, |session| session.workspace.entries[0].layer.crs.epsg() == Some(4548));
    assert_eq!(codes(&window), "0702 0103 0301 0701 1208 0101");
    let of = session(&window).workspace.property(&Property::LayerCrs(layer, None));
    assert_eq!(of, Some(Property::LayerCrs(layer, None)));
}
