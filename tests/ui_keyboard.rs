//! The window by the keyboard alone: tables, lists of hits, the size of everything; and what stays put when the window, the
//! CRS of the map or a heap of files would move it.

use std::path::PathBuf;

use eframe::egui::{Key, Modifiers, Role, vec2};
use egui_kittest::kittest::{By, NodeT, Queryable};
use tuban::crs::{Crs, Reprojector};
use tuban::text::Language;
use tuban::ui::session::Session;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::file::FileCommand;
use tuban::ui::session::command::view::ViewCommand;
use tuban::ui::session::settings::INTERFACE;

use super::window::{Window, demo, empty, press, session, typed, until};

/// Labels of the rows of a list of hits, and which of them is chosen.
fn hits(window: &Window) -> (Vec<String>, Option<usize>) {
    let rows: Vec<_> = window.query_all(By::new().role(Role::ListBoxOption)).collect();
    let labels = rows.iter().filter_map(|row| row.accesskit_node().label()).collect();
    (labels, rows.iter().position(|row| row.accesskit_node().is_selected() == Some(true)))
}

#[test]
fn f6_goes_to_the_table_and_arrows_move_in_it() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let layer = session(&window).project.current.expect("a layer is current");
    let view = session(&window).view;
    assert!(session(&window).settings.bottom_open, "the table is there from the start");
    press(&mut window, Modifiers::NONE, Key::F6);
    assert!(session(&window).settings.bottom_open, "it gets the keyboard before it is put away");
    for _ in 0..3 {
        press(&mut window, Modifiers::NONE, Key::ArrowDown);
    }
    let rows = session(&window).project.selection.rows(layer).expect("the row that the keyboard is at is selected");
    assert_eq!(rows.iter().collect::<Vec<_>>(), [3]);
    assert_eq!(session(&window).view.center, view.center, "the map stays");
    press(&mut window, Modifiers::NONE, Key::F6);
    assert!(!session(&window).settings.bottom_open);
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_ne!(session(&window).view.center, view.center, "without a table arrows move the map");
}

#[test]
fn e_goes_to_the_search_for_a_class() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    press(&mut window, Modifiers::NONE, Key::E);
    window.run_steps(4);
    assert!(window.ctx.text_edit_focused());
    typed(&mut window, "0701");
    let row = By::new().role(Role::ListItem).label_contains("0701");
    assert!(window.query_all(row).next().is_some());
}

#[test]
fn a_crs_is_typed_and_chosen_with_enter() {
    let mut window = demo(Language::English, (1600.0, 1000.0));
    window.state_mut().push(Command::View(ViewCommand::ChooseProjectCrs));
    window.run_steps(4);
    typed(&mut window, "4490");
    let (labels, chosen) = hits(&window);
    assert!(labels[0].contains("4490") && chosen == Some(0), "{labels:?}");
    press(&mut window, Modifiers::NONE, Key::Enter);
    window.run_steps(4);
    assert_eq!(session(&window).workspace.crs.as_ref().and_then(Crs::epsg), Some(4490));
    assert_eq!(session(&window).card, None);
}

#[test]
fn hits_are_walked_and_the_one_reached_is_taken() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    press(&mut window, Modifiers::COMMAND, Key::K);
    typed(&mut window, "daqiao");
    until(&mut window, |session| {
        let is_asked = session.found.key().is_some_and(|asked| asked == "daqiao");
        is_asked && session.found.current().is_some_and(|hits| hits.list.len() > 1)
    });
    let (labels, chosen) = hits(&window);
    assert!(labels.len() > 1 && chosen == Some(0), "{labels:?}");
    assert!(labels.iter().all(|label| label.contains("大桥")), "{labels:?}");
    press(&mut window, Modifiers::NONE, Key::ArrowDown);
    assert_eq!(hits(&window).1, Some(1));
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(!session(&window).project.selection.is_empty());
    press(&mut window, Modifiers::COMMAND, Key::K);
    typed(&mut window, "X=4076100；Y=39506400");
    press(&mut window, Modifiers::NONE, Key::Enter);
    let marked = session(&window).project.marked.expect("a place");
    assert!((marked.x - 39_506_400.0).abs() < 1e-6 && (marked.y - 4_076_100.0).abs() < 1e-6, "{marked:?}");
}

#[test]
fn everything_can_be_made_smaller_within_bounds_and_comes_back() {
    let mut window = empty();
    for _ in 0..40 {
        press(&mut window, Modifiers::COMMAND, Key::Minus);
    }
    assert_eq!(session(&window).settings.interface, INTERFACE.0);
    assert!((window.ctx.zoom_factor() - INTERFACE.0).abs() < 1e-6);
    press(&mut window, Modifiers::COMMAND.plus(Modifiers::ALT), Key::Num0);
    assert_eq!(session(&window).settings.interface, 1.0);
}

#[test]
fn another_crs_keeps_the_place_and_the_scale() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let before = session(&window).workspace.crs.clone().expect("has one");
    window.state_mut().push(Command::View(ViewCommand::SetScale(25_000.0)));
    window.run_steps(3);
    let (center, scale) = (session(&window).view.center, session(&window).scale());
    let now = Crs::from_epsg(4490).expect("known");
    window.state_mut().push(Command::View(ViewCommand::SetProjectCrs(now.clone())));
    window.run_steps(3);
    until(&mut window, |session| session.jobs.is_empty());
    let expected = Reprojector::new(&before, &now).expect("a way").convert_one(center).expect("lies there");
    let view = session(&window).view;
    assert!((view.center.x - expected.x).abs() < 1e-9 && (view.center.y - expected.y).abs() < 1e-9);
    assert!((session(&window).scale() / scale - 1.0).abs() < 1e-6, "{} and {scale}", session(&window).scale());
}

#[test]
fn a_narrow_window_shrinks_panels_only_while_it_is_narrow() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let widths = |window: &Window| {
        let settings = &session(window).settings;
        (settings.layers_width, settings.inspector_width, settings.bottom_height)
    };
    let before = widths(&window);
    let map = session(&window).view.size_px;
    window.set_size(vec2(900.0, 520.0));
    window.run_steps(6);
    assert!(session(&window).view.size_px[0] < map[0]);
    window.set_size(vec2(1600.0, 1000.0));
    window.run_steps(6);
    assert_eq!(widths(&window), before);
    assert_eq!(session(&window).view.size_px, map);
}

#[test]
fn a_heap_of_files_that_cannot_be_opened_is_one_card() {
    let mut window = empty();
    let files = (0..150).map(|n| PathBuf::from(format!("/nowhere/{n}.geojson"))).collect();
    window.state_mut().push(Command::File(FileCommand::OpenPaths(files)));
    window.run_steps(3);
    let rows = |session: &Session| session.opened.as_ref().map_or(0, |report| report.files.len());
    until(&mut window, |session| rows(session) == 150 && session.jobs.is_empty());
    assert!(session(&window).notices.is_empty(), "none of them is told about a second time");
    assert!(window.query_all(By::new().label_contains("150")).next().is_some());
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert_eq!(rows(session(&window)), 0);
}
