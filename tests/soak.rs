//! Random gestures for as long as one likes, beside a model that knows what must be: classes, titles, what is drawn, what
//! undo and redo give, what is selected. In the end all of it is in the journal.
//!
//! `.ci/soak` runs ten thousand of them by themselves and looks whether memory stays flat.

use std::collections::BTreeMap;

use eframe::egui::{self, Key, Modifiers};
use tuban::model::LayerId;
use tuban::scenario::journal;
use tuban::task::Progress;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::scenario::ScenarioCommand;
use tuban::ui::session::command::select::SelectCommand;
use tuban::ui::session::command::tree::TreeCommand;
use tuban::ui::session::command::view::ViewCommand;
use tuban::ui::session::rows::SelectMode;

use super::fuzz::damage::Dice;
use super::ui_unsaved::{recode, run, source};
use super::window::{Window, press, session, until};

/// Classes that parcels are given.
const CODES: [&str; 5] = ["0702", "1001", "0301", "0103", "1207"];

/// Megabytes by which memory may grow once everything was done once.
const GROWTH_MB: u64 = 200;

/// What a step of the model changes.
#[derive(Clone, Debug)]
enum What {
    /// Codes of parcels, before and after.
    Codes(BTreeMap<usize, (String, String)>),
    /// The title of the layer.
    Title(String, String),
    /// Whether the layer is drawn, after.
    Visible(bool),
}

impl What {
    /// Whether it is about the document, not about the scenario.
    fn is_of_document(&self) -> bool {
        !matches!(self, Self::Codes(_))
    }
}

/// What must be.
#[derive(Clone, Debug)]
struct Model {
    codes: Vec<String>,
    title: String,
    visible: bool,
    /// Steps in the order in which they were first done, and whether they are.
    steps: Vec<(What, bool)>,
}

impl Model {
    fn set(&mut self, what: &What, forward: bool) {
        match what {
            What::Codes(rows) => {
                for (row, (before, after)) in rows {
                    self.codes[*row].clone_from(if forward { after } else { before });
                }
            }
            What::Title(before, after) => self.title.clone_from(if forward { after } else { before }),
            What::Visible(after) => self.visible = *after == forward,
        }
    }

    /// Does something new: what was undone of the document, and of the scenario for a step of it, cannot be done again.
    fn perform(&mut self, what: What) {
        self.set(&what, true);
        let of_document = what.is_of_document();
        self.steps.retain(|(old, done)| *done || (!old.is_of_document() && of_document));
        self.steps.push((what, true));
    }

    fn undo(&mut self) {
        if let Some(at) = self.steps.iter().rposition(|(_, done)| *done) {
            self.steps[at].1 = false;
            let what = self.steps[at].0.clone();
            self.set(&what, false);
        }
    }

    fn redo(&mut self) {
        if let Some(at) = self.steps.iter().position(|(_, done)| !done) {
            self.steps[at].1 = true;
            let what = self.steps[at].0.clone();
            self.set(&what, true);
        }
    }
}

/// What is, as the model has it.
fn seen(window: &Window) -> (Vec<String>, String, bool) {
    let entry = &session(window).workspace.entries[0];
    let field = entry.layer.field("DLBM").expect("a field");
    let codes = (0..entry.layer.feature_count()).map(|row| entry.layer.value(row, field).to_string()).collect();
    (codes, entry.title.clone(), entry.visible)
}

/// Takes the pointer somewhere over the window and turns the wheel, drags or clicks: on the map, where nothing but the
/// view and the selection changes.
fn on_the_map(window: &mut Window, dice: &mut Dice) {
    let place = |dice: &mut Dice| egui::pos2(420.0 + dice.roll(200) as f32, 180.0 + dice.roll(160) as f32);
    let (from, to) = (place(dice), place(dice));
    match dice.roll(3) {
        0 => {
            window.hover_at(from);
            let up = if dice.roll(2) == 0 { 1.0 } else { -1.0 };
            window.event(egui::Event::MouseWheel {
                unit: egui::MouseWheelUnit::Line,
                delta: egui::vec2(0.0, up),
                phase: egui::TouchPhase::Move,
                source: egui::MouseWheelSource::Wheel,
                modifiers: Modifiers::NONE,
            });
        }
        1 => {
            window.drag_at(from);
            window.run_steps(1);
            window.hover_at(to);
            window.run_steps(1);
            window.drop_at(to);
        }
        _ => {
            window.drag_at(from);
            window.drop_at(from);
        }
    }
    window.run_steps(2);
}

/// Keys that change what is shown, never the document.
const KEYS: [Key; 10] = [Key::F7, Key::F8, Key::F9, Key::H, Key::V, Key::D, Key::Home, Key::G, Key::Escape, Key::Minus];

fn selected(window: &Window, layer: LayerId) -> usize {
    session(window).project.selection.rows(layer).map_or(0, |rows| rows.len())
}

/// Bytes of memory that this process holds, as MB.
fn used_mb() -> u64 {
    tuban::io::used_bytes() >> 20
}

#[test]
fn random_gestures_give_what_the_model_says() {
    let asked: Option<usize> = std::env::var("TUBAN_SOAK").ok().and_then(|n| n.parse().ok());
    let count = asked.unwrap_or(300);
    let folder = tempfile::tempdir().expect("a folder");
    let mut window = run(folder.path(), &[source(folder.path(), "地类图斑.geojson")]);
    let layer = session(&window).workspace.entries[0].id();
    // The scenario that all is done in; steps before this are not taken back.
    recode(&mut window, &[0], "0702");
    let (codes, title, visible) = seen(&window);
    let mut model = Model { codes, title, visible, steps: Vec::new() };
    let mut dice = Dice::new(29);
    let mut warm_mb = 0;
    for nth in 0..count {
        let what = dice.roll(12);
        match what {
            0..=3 => {
                let code = CODES[dice.roll(CODES.len())];
                let rows: Vec<usize> = (0..6).filter(|_| dice.roll(3) == 0).collect();
                let change = |row: &usize| {
                    let before = &model.codes[*row];
                    (before != code).then(|| (*row, (before.clone(), code.to_owned())))
                };
                let changes: BTreeMap<usize, (String, String)> = rows.iter().filter_map(change).collect();
                recode(&mut window, &rows, code);
                if !changes.is_empty() {
                    model.perform(What::Codes(changes));
                }
            }
            4 => {
                let after = !model.visible;
                window.state_mut().push(Command::Tree(TreeCommand::SetVisible(layer, after)));
                window.run_steps(2);
                model.perform(What::Visible(after));
            }
            5 => {
                let (before, after) = (model.title.clone(), format!("图层 {nth}"));
                window.state_mut().push(Command::Tree(TreeCommand::RenameLayer(layer, after.clone())));
                window.run_steps(2);
                model.perform(What::Title(before, after));
            }
            6 | 7 if model.steps.iter().any(|(_, done)| *done) => {
                window.state_mut().push(Command::Scenario(ScenarioCommand::Undo));
                window.run_steps(2);
                model.undo();
            }
            8 => {
                window.state_mut().push(Command::Scenario(ScenarioCommand::Redo));
                window.run_steps(2);
                model.redo();
            }
            9 => {
                let rows: Vec<usize> = (0..6).filter(|_| dice.roll(2) == 0).collect();
                let wanted = rows.iter().copied().collect();
                let command = SelectCommand::Select { layer, rows: wanted, mode: SelectMode::Replace };
                window.state_mut().push(Command::Select(command));
                window.run_steps(2);
                assert_eq!(selected(&window, layer), rows.len(), "gesture {nth}");
            }
            10 => on_the_map(&mut window, &mut dice),
            _ => {
                press(&mut window, Modifiers::NONE, KEYS[dice.roll(KEYS.len())]);
                if nth % 50 == 0 {
                    window.state_mut().push(Command::View(ViewCommand::FullExtent));
                    window.run_steps(2);
                }
            }
        }
        let expected = (model.codes.clone(), model.title.clone(), model.visible);
        assert_eq!(seen(&window), expected, "gesture {nth}, kind {what}: {:?}", model.steps.last());
        if nth == count / 5 {
            warm_mb = used_mb();
        }
    }
    until(&mut window, |session| session.jobs.is_empty());
    let end_mb = used_mb();
    println!(
        "{count} gestures, {} steps: {warm_mb} MB after a fifth of them, {end_mb} MB in the end",
        model.steps.len()
    );
    // In an ordinary run the memory is shared with other tests.
    assert!(asked.is_none() || end_mb <= warm_mb + GROWTH_MB, "memory grows: {warm_mb} MB to {end_mb} MB");
    drop(window);
    let kept = folder.path().join("settings/untitled.journal");
    let progress = Progress::new();
    let kept = journal::recover(&kept).expect("work without a file is kept");
    let mut open = |path: &std::path::Path, options: &tuban::io::OpenOptions| tuban::io::open(path, options, &progress);
    let mut workspace = kept.load(&mut open).expect("recovers").workspace;
    let scenario = workspace.scenarios.list()[0].id;
    workspace.show(Some(scenario));
    let entry = &workspace.entries[0];
    let field = entry.layer.field("DLBM").expect("a field");
    let codes: Vec<String> = (0..6).map(|row| entry.layer.value(row, field).to_string()).collect();
    assert_eq!((codes, &entry.title, entry.visible), (model.codes, &model.title, model.visible));
}
