//! The hand-in check in the window over the demo project.

use egui_kittest::kittest::{By, Queryable};
use tuban::text::Language;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::rules::RulesCommand;
use tuban::ui::session::handin::SchemaChoice;
use tuban::ui::session::parts::Tab;
use tuban::validate::Kind;

use super::window::{click, demo, session, until};

#[test]
fn faults_of_the_demo_are_listed_and_gone_to() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    // Nobody has asked: there is no tab.
    assert!(window.query_all_by_label("交付检查").next().is_none());
    window.state_mut().push(Command::Rules(RulesCommand::CheckHandIn(None)));
    window.run_steps(2);
    until(&mut window, |session| session.jobs.is_empty() && session.handin.answer.current().is_some());
    assert_eq!(session(&window).settings.tab, Tab::HandIn);
    assert!(window.query_all_by_label("交付检查").next().is_some());
    let answer = session(&window).handin.answer.current().cloned().expect("worked out");
    // Areas of five parcels are wrong on purpose.
    let at = answer.groups.iter().position(|group| group.key.kind == Kind::Area).expect("there are wrong areas");
    let group = &answer.groups[at];
    assert_eq!((group.count, group.layer(&answer.parts)), (5, "地类图斑 2025"));

    window.state_mut().push(Command::Rules(RulesCommand::ShowFault { group: at, fault: 0 }));
    window.run_steps(4);
    let part = &answer.parts[group.key.part.expect("a layer")];
    let rows = session(&window).project.selection.rows(part.layer).expect("is selected");
    assert_eq!(rows.iter().collect::<Vec<_>>(), [group.listed[0].feature.expect("a feature")]);

    // Against another schema the same layers have other faults.
    let survey = SchemaChoice::BuiltIn("survey");
    window.state_mut().push(Command::Rules(RulesCommand::CheckHandIn(Some(survey))));
    window.run_steps(2);
    until(&mut window, |session| session.jobs.is_empty() && session.handin.answer.current().is_some());
    let other = session(&window).handin.answer.current().cloned().expect("worked out");
    assert!(other.groups.iter().any(|group| group.key.kind == Kind::LayerMissing));
    click(&mut window, "重新检查");
    until(&mut window, |session| session.jobs.is_empty() && session.handin.answer.current().is_some());
    let holds = |found: Option<String>| found.is_some_and(|found| found.contains("非官方质检规则"));
    let notice = By::new().predicate(|node| holds(node.label()) || holds(node.value()));
    assert!(window.query_all(notice).next().is_some());
}
