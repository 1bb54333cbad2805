//! The real window in tests: opened, waited for, clicked by accessible name.

use std::time::{Duration, Instant};

use eframe::egui::{self, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{By, Queryable};
use tuban::text::Language;
use tuban::ui::session::Session;
use tuban::ui::session::command::file::FileCommand;
use tuban::ui::{App, Start};

/// The real window, driven by the test.
pub(crate) type Window = Harness<'static, App>;

/// The window as `start` says.
pub(crate) fn open(start: Start, size: (f32, f32)) -> Window {
    let mut window = Harness::builder()
        .with_size(egui::vec2(size.0, size.1))
        .with_max_steps(64)
        .build_eframe(move |cc| App::new(cc, start));
    window.run_steps(2);
    window
}

/// The empty window.
pub(crate) fn empty() -> Window {
    open(Start::for_test(), (1600.0, 1000.0))
}

/// The window with the demo project, read and measured.
pub(crate) fn demo(language: Language, size: (f32, f32)) -> Window {
    let mut start = Start::for_test();
    start.demo = true;
    start.settings.language = language;
    let mut window = open(start, size);
    until(&mut window, |session| {
        let polygons = |entry: &&tuban::scenario::Entry| entry.layer.kind == tuban::model::GeometryKind::Polygon;
        !session.workspace.is_empty()
            && session.jobs.is_empty()
            && session.workspace.entries.iter().filter(polygons).all(|entry| entry.areas.is_some())
    });
    window
}

/// Steps until the session is as wanted and nothing more happens.
pub(crate) fn until(window: &mut Window, wanted: impl Fn(&Session) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !wanted(window.state().session()) {
        assert!(Instant::now() < deadline, "not in time");
        std::thread::sleep(Duration::from_millis(2));
        window.step();
    }
    window.run_steps(4);
}

/// Whether some label or value holds `text`.
pub(crate) fn says(window: &Window, text: &str) -> bool {
    let holds = |found: Option<String>| found.is_some_and(|found| found.contains(text));
    window.query_all(By::new().predicate(|node| holds(node.label()) || holds(node.value()))).next().is_some()
}

/// Steps until the window says `text`.
pub(crate) fn wait_for(window: &mut Window, text: &str) {
    let deadline = Instant::now() + Duration::from_secs(90);
    while !says(window, text) {
        assert!(Instant::now() < deadline, "never said: {text}");
        std::thread::sleep(Duration::from_millis(3));
        window.step();
    }
}

/// What the window shows.
pub(crate) fn session(window: &Window) -> &Session {
    window.state().session()
}

/// Clicks the widget of that very name.
pub(crate) fn click(window: &mut Window, name: &str) {
    window.get_by_label(name).click();
    window.run_steps(4);
}

/// Presses a key.
pub(crate) fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.run_steps(4);
}

/// Types text into what has the keyboard.
pub(crate) fn typed(window: &mut Window, text: &str) {
    window.event(egui::Event::Text(text.to_owned()));
    window.run_steps(4);
}

/// Saves the project, and waits until that is done.
pub(crate) fn save(window: &mut Window) {
    window.state_mut().push(tuban::ui::session::command::Command::File(FileCommand::SaveProject));
    window.run_steps(2);
    until(window, |session| session.saving.is_none());
}
