//! The card that says what this program is, by accessible name: what is in it, and under which licences.

use egui_kittest::kittest::Queryable;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::window::WindowCommand;

use super::window::{Window, click, empty, typed};

/// Whether something is called so that `text` is part of it.
fn says(window: &Window, text: &str) -> bool {
    window.query_all_by_label_contains(text).next().is_some()
}

#[test]
fn licences_of_what_is_in_the_program_are_found_by_name() {
    let mut window = empty();
    window.state_mut().push(Command::Window(WindowCommand::About));
    window.run_steps(4);
    assert!(says(&window, "面向国土空间规划"));
    click(&mut window, "查找程序库");
    typed(&mut window, "proj-sys");
    assert!(!says(&window, "geographiclib-rs"), "others are left out");
    window.get_by_label_contains("proj-sys 0.").click();
    window.run_steps(4);
    assert!(says(&window, "GeoRust Project Developers"), "the text of its licence");
    assert!(says(&window, "contents of the PROJ package"), "and of what it brings");
}
