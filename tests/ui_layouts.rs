//! The card of sheets, by accessible name: made from a template, changed, undone.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{By, Queryable};
use tuban::model::layout::Shows;
use tuban::text::Language;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::layout::LayoutCommand;
use tuban::ui::session::command::scenario::ScenarioCommand;

use crate::window::{Window, click, demo, press, session};

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

/// Whether anything says a text of that beginning and end.
fn says(window: &Window, begin: &str, end: &str) -> bool {
    let (begin, end) = (begin.to_owned(), end.to_owned());
    let holds = move |found: Option<String>| found.is_some_and(|text| text.starts_with(&begin) && text.ends_with(&end));
    let notice = By::new().predicate(move |node| holds(node.label()) || holds(node.value()));
    window.query_all(notice).next().is_some()
}

/// The window with a sheet from a template.
fn with_sheet(template: &str) -> Window {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    window.state_mut().push(Command::Layout(LayoutCommand::Open));
    window.run_steps(4);
    click(&mut window, "新建图幅 新建图幅");
    click(&mut window, template);
    window
}

#[test]
fn what_is_chosen_is_moved_by_arrows_and_taken_out_by_delete() {
    let mut window = with_sheet("A4 横幅");
    click(&mut window, "插入 插入");
    click(&mut window, "风玫瑰图");
    let place = |window: &Window| {
        let item = session(window).workspace.layouts[0].items.last().cloned().expect("an item");
        assert!(matches!(item.shows, Shows::Rose(_)));
        [item.frame[0], item.frame[1]]
    };
    let view = session(&window).view;
    let [x, y] = place(&window);
    press(&mut window, Modifiers::NONE, Key::ArrowRight);
    press(&mut window, Modifiers::SHIFT, Key::ArrowUp);
    let moved = place(&window);
    assert!((moved[0] - x - 1.0).abs() < 1e-6 && (y - moved[1] - 0.1).abs() < 1e-6, "{moved:?}");
    assert_eq!(session(&window).view, view, "the map beneath stays");
    let count = session(&window).workspace.layouts[0].items.len();
    press(&mut window, Modifiers::NONE, Key::Delete);
    assert_eq!(session(&window).workspace.layouts[0].items.len(), count - 1);
    window.state_mut().push(Command::Scenario(ScenarioCommand::Undo));
    window.run_steps(2);
    assert_eq!(session(&window).workspace.layouts[0].items.len(), count);
}

#[test]
fn a_series_of_plots_is_counted_before_it_is_written() {
    let mut window = with_sheet("A4 宗地图");
    assert!(window.query_by_label("A4 宗地图的页面").is_some(), "the page is shown");
    click(&mut window, "成套出图…");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while !says(&window, "共 ", " 幅") {
        assert!(std::time::Instant::now() < deadline, "not in time");
        std::thread::sleep(std::time::Duration::from_millis(5));
        window.step();
    }
    assert!(window.query_by_label("输出成套图…").is_some());
    click(&mut window, "返回版式");
    assert!(window.query_by_label("输出成套图…").is_none());
}
