//! A ceiling on memory: what would go beyond it is said before it is read, and read all the same where that is wanted.

use std::path::{Path, PathBuf};

use tuban::ui::Start;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::window::WindowCommand;

use super::program::tuban;
use super::ui_unsaved::source;
use super::window::{click, open, session, until};

/// A file whose size alone says that it takes more than a little: six parcels, and blanks.
fn large(folder: &Path) -> PathBuf {
    let path = source(folder, "large.geojson");
    let mut text = std::fs::read(&path).expect("reads");
    assert_eq!(text.pop(), Some(b'}'));
    text.resize(28 << 20, b' ');
    text.push(b'}');
    std::fs::write(&path, text).expect("written");
    path
}

#[test]
fn a_verb_says_what_a_file_takes_and_leaves_it() {
    let folder = tempfile::tempdir().expect("a folder");
    large(folder.path());
    let out = tuban(folder.path(), "info large.geojson --memory-limit 1");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains("takes about 33 MB of memory") && said.contains("of 1 MB are used"), "{said}");
    for line in
        ["info large.geojson", "info large.geojson --memory-limit 0", "info large.geojson --memory-limit 100000"]
    {
        assert!(tuban(folder.path(), line).status.success(), "{line}");
    }
}

#[test]
fn the_window_asks_before_it_goes_beyond_its_ceiling() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut start = Start::for_test();
    start.settings.memory_limit_mb = Some(1);
    start.files = vec![large(folder.path())];
    let mut window = open(start, (1280.0, 720.0));
    until(&mut window, |session| session.jobs.is_empty() && !session.notices.is_empty());
    assert!(session(&window).workspace.is_empty(), "nothing was read");
    click(&mut window, "仍然打开");
    until(&mut window, |session| session.jobs.is_empty() && !session.workspace.is_empty());
    // Without a bound it comes at once.
    window.state_mut().push(Command::Window(WindowCommand::SetMemoryLimit(Some(0))));
    window.run_steps(2);
    assert_eq!(session(&window).settings.memory_bytes(), None);
}
