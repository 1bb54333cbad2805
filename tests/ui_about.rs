//! The card that says what this program is, by accessible name: what is in it, and under which licences.

use egui_kittest::kittest::Queryable;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::window::WindowCommand;

use super::window::{click, empty, session, typed};

#[test]
fn licences_of_what_is_in_the_program_are_found_by_name() {
    let mut window = empty();
    window.state_mut().push(Command::Window(WindowCommand::About));
    window.run_steps(4);
    assert!(window.query_by_label_contains("面向国土空间规划").is_some());
    click(&mut window, "查找程序库");
    typed(&mut window, "proj-sys");
    assert!(window.query_by_label_contains("geographiclib-rs").is_none(), "others are left out");
    window.get_by_label_contains("proj-sys 0.").click();
    window.run_steps(4);
    assert!(window.query_by_label_contains("GeoRust Project Developers").is_some(), "the text of its licence");
    assert!(
        window.query_all_by_label_contains("contents of the PROJ package").next().is_some(),
        "and of what it brings"
    );
    click(&mut window, "关闭");
    assert_eq!(session(&window).card, None);
}
