//! Every figure of the window says why it is what it is: asked with the right button, over the demo project.

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable;
use tuban::scenario::transition::MatrixCell;
use tuban::text::Language;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::compare::CompareCommand;
use tuban::ui::session::command::select::SelectCommand;
use tuban::ui::session::compare::pick::Pick;
use tuban::ui::session::parts::Tab;
use tuban::ui::session::rows::{FeatureRef, Rows, SelectMode};
use tuban::ui::session::why::Parts;

use crate::window::{Window, click, demo, press, session, until};

/// The card of the figure that was asked about, once its pieces are listed.
fn settle(window: &mut Window) {
    until(window, |session| session.project.why.is_some());
    // The pieces are listed on a thread of their own.
    for _ in 0..200 {
        if window.query_all_by_label("正在列出组成…").next().is_none() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
        window.run_steps(2);
    }
}

fn compared() -> Window {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    window.state_mut().push(Command::Compare(CompareCommand::Open));
    window.run_steps(2);
    until(&mut window, |session| session.compare.shown().is_some() && session.jobs.is_empty());
    window
}

/// What the largest cell in view of what changed is called, and the cell.
fn largest(window: &Window) -> (String, MatrixCell) {
    let shown = session(window).compare.shown().expect("compared");
    let figures = session(window).compare.work.figures().expect("figures");
    let name = |at: usize| {
        let cell = &shown.matrix.cells[at];
        let class = |class: Option<u32>| Some(shown.class(class?).name(Language::Chinese));
        Some(format!("{} → {} {}", class(cell.from)?, class(cell.to)?, figures.cells[at]))
    };
    let mut changed: Vec<usize> = (0..shown.matrix.cells.len())
        .filter(|at| shown.matrix.cells[*at].from != shown.matrix.cells[*at].to && name(*at).is_some())
        .collect();
    changed.sort_by(|a, b| shown.matrix.cells[*b].m2.total_cmp(&shown.matrix.cells[*a].m2));
    let seen = |at: &&usize| {
        let name = name(**at).expect("two classes");
        window.query_all_by_label_contains(&name).count() > 0
    };
    let at = *changed.iter().find(seen).expect("something changed");
    (name(at).expect("two classes"), shown.matrix.cells[at])
}

#[test]
fn a_cell_of_the_matrix_says_why_and_shows_its_pieces() {
    let mut window = compared();
    let (name, cell) = largest(&window);
    window.get_by_label_contains(&name).click_secondary();
    window.run_steps(4);
    settle(&mut window);
    let why = session(&window).project.why.clone().expect("was asked");
    assert_eq!(why.figure.formula.key, "why.f-cell");
    let pick = Pick::Cell { from: cell.from, to: cell.to };
    assert!(matches!(&why.parts, Parts::Pieces(_, of) if *of == pick), "{:?}", why.figure);
    assert_eq!(why.figure.inputs.len(), 2, "both states with their files");
    // What is listed adds up to the exact value.
    let listing = tuban::ui::work::why::listing(&why.parts, Language::Chinese, &tuban::task::Progress::new());
    let listing = listing.expect("lists");
    assert_eq!((listing.pieces.len() + listing.more) as u64, cell.pieces);
    for label in ["为何是这个数", "算式", "准确值", "取整", "方法与坐标系", "数据来源", "组成"]
    {
        assert!(window.query_all_by_label(label).count() > 0, "{label}");
    }
    click(&mut window, "在图上显示");
    until(&mut window, |session| session.jobs.is_empty());
    assert_eq!(session(&window).compare.pick, Some(pick));
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(session(&window).project.why.is_none(), "Esc puts the card away first");
    assert_eq!(session(&window).compare.pick, Some(pick));
}

#[test]
fn the_area_of_a_parcel_says_its_method_and_zone() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let entry = session(&window).workspace.entries.iter().find(|entry| entry.title == "地类图斑 2025");
    let entry = entry.expect("the demo has land use");
    let (layer, area) = (entry.id(), entry.areas.as_ref().expect("measured").printed[3]);
    window.state_mut().push(Command::Select(SelectCommand::Identify(vec![FeatureRef { layer, feature: 3 }])));
    window.run_steps(4);
    let figure = tuban::units::Area::from_m2(area).display(tuban::units::AreaUnit::SquareMetre);
    window.get_by_label(&format!("{figure} m²")).click_secondary();
    window.run_steps(4);
    settle(&mut window);
    let why = session(&window).project.why.clone().expect("was asked");
    assert_eq!((why.figure.printed.as_str(), why.figure.formula.key), (figure.as_str(), "why.f-survey"));
    let text = why.figure.text(&[], Language::Chinese);
    assert!(text.contains("CGCS2000") && text.contains("dltb_2025"), "{text}");
}

#[test]
fn the_sum_at_the_foot_of_the_table_lists_what_is_selected() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let entry = session(&window).workspace.entries.iter().find(|entry| entry.title == "地类图斑 2025");
    let layer = entry.expect("the demo has land use").id();
    let rows: Rows = [1, 2, 5].into_iter().collect();
    let select = SelectCommand::Select { layer, rows: rows.clone(), mode: SelectMode::Replace };
    window.state_mut().push(Command::Tree(tuban::ui::session::command::tree::TreeCommand::SetCurrent(Some(layer))));
    window.state_mut().push(Command::Select(select));
    let tab = tuban::ui::session::command::window::WindowCommand::RevealTab(Tab::Table);
    window.state_mut().push(Command::Window(tab));
    window.run_steps(4);
    let sum = window.query_all_by_label_contains("Σ ").next();
    sum.expect("a sum of the selection").click_secondary();
    window.run_steps(4);
    settle(&mut window);
    let why = session(&window).project.why.clone().expect("was asked");
    assert!(matches!(&why.parts, Parts::Rows { rows: of, .. } if *of == rows), "{:?}", why.figure);
    let pieces: Vec<_> = window.query_all_by_role(Role::ListItem).collect();
    assert!(pieces.len() >= 3, "{}", pieces.len());
}
