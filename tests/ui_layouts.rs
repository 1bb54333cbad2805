//! The card of sheets, by accessible name: made from a template, changed, undone.

use egui_kittest::kittest::Queryable;
use tuban::model::layout::Shows;
use tuban::text::Language;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::layout::LayoutCommand;
use tuban::ui::session::command::scenario::ScenarioCommand;

use crate::window::{click, demo, session};

#[test]
fn a_sheet_is_made_from_a_template_changed_and_undone() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    window.state_mut().push(Command::Layout(LayoutCommand::Open));
    window.run_steps(4);
    click(&mut window, "新建图幅 新建图幅");
    click(&mut window, "A3 横幅");
    let count = {
        let layouts = &session(&window).workspace.layouts;
        assert_eq!((layouts.len(), layouts[0].name.as_str()), (1, "A3 横幅"));
        layouts[0].items.len()
    };
    assert!(window.query_by_label("A3 横幅的页面").is_some(), "the page is shown");
    click(&mut window, "插入 插入");
    click(&mut window, "矩形");
    let last = session(&window).workspace.layouts[0].items.last().cloned().expect("an item");
    assert!(matches!(last.shows, Shows::Rectangle(_)) && last.name == "矩形");
    click(&mut window, "隐藏 矩形");
    assert!(!session(&window).workspace.layouts[0].items[count].visible);
    click(&mut window, "靠左页边");
    let layout = &session(&window).workspace.layouts[0];
    assert!((layout.items[count].frame[0] - layout.page.margin_mm).abs() < 0.1);
    for _ in 0..8 {
        window.state_mut().push(Command::Scenario(ScenarioCommand::Undo));
        window.run_steps(2);
    }
    assert!(session(&window).workspace.layouts.is_empty());
}
