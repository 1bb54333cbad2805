//! The journal: whatever moment the program ends at, what was written down before is there again.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::random::{Dice, random_draft};
use super::saved::{only_layer, opened, states};
use super::*;
use crate::io::{OpenOptions, Opened, ReadError, disk};
use crate::scenario::journal::{Found, Journal, JournalFile, look, path_beside, recover};
use crate::scenario::project::{load, save, to_text};

fn open_source(path: &Path, options: &OpenOptions) -> Result<Opened, ReadError> {
    crate::io::open(path, options, &Progress::new())
}

/// A journal that is written at once.
struct Written {
    journal: Journal,
    file: JournalFile,
}

impl Written {
    fn start(path: &Path, workspace: &mut Workspace, project: Option<&Path>, is_unsaved: bool) -> Self {
        let (journal, whole) = Journal::begin(path, workspace, project, is_unsaved);
        let mut file = JournalFile::new(path);
        file.write(&whole).expect("written");
        Self { journal, file }
    }

    /// Writes down what happened; whether anything did.
    fn record(&mut self, workspace: &mut Workspace) -> bool {
        let next = self.journal.next(workspace);
        next.iter().for_each(|writing| self.file.write(writing).expect("written"));
        next.is_some()
    }

    /// Begins again after the project was saved.
    fn saved(&mut self, workspace: &mut Workspace) {
        workspace.scenarios.history.note_saved();
        let whole = self.journal.whole(workspace, false);
        self.file.write(&whole).expect("written");
    }
}

/// Does something at random that a journal must know.
fn act(workspace: &mut Workspace, dice: &mut Dice) {
    let id = only_layer(workspace);
    let by = By { when: Some(1_700_000_000), ..By::default() };
    let first = workspace.scenarios.list().first().map(|scenario| scenario.id);
    match (dice.below(20), first) {
        (14, _) => drop(workspace.change(Property::Visible(id, dice.below(2) == 0), by)),
        (15, _) => drop(workspace.change(Property::Title(id, format!("图层 {}", dice.below(9))), by)),
        (16, _) => {
            let method = [AreaMethod::Survey, AreaMethod::Geodesic, AreaMethod::Planar][dice.below(3)];
            workspace.change(Property::Method(id, method), by);
        }
        (17, _) => {
            let mut style = workspace.entry(id).expect("open").style.clone();
            style.opacity = dice.below(9) as f32 / 8.0;
            workspace.change(Property::Style(id, Box::new(style)), By::default());
        }
        (18, _) => {
            let points = (0..3).map(|_| Coord { x: dice.below(99) as f64 / 7.0, y: 0.1 }).collect();
            let crs = Crs::from_epsg(4548).expect("known");
            let measurement = Measurement { name: String::new(), kind: MeasurementKind::Area, points, crs };
            workspace.keep_measurement(measurement, by);
        }
        (19, _) => match dice.below(2) {
            0 => drop(workspace.name_measurement(dice.below(3), &format!("测 {}", dice.below(99)), by)),
            _ => drop(workspace.remove_measurement(dice.below(3), by)),
        },
        (0, Some(first)) => drop(workspace.rename_scenario(first, &format!("名 {}", dice.below(99)), by)),
        (1, Some(first)) => drop(workspace.duplicate(first, by)),
        (2, Some(first)) if workspace.scenarios.list().len() > 2 => drop(workspace.delete_scenario(first, by)),
        (3, Some(first)) => drop(workspace.move_scenario(first, 1, by)),
        (4, first) => {
            let key = LedgerKey { scenario: first, ledger: "红线".to_owned(), line: dice.below(3).to_string() };
            let note = LedgerNote { status: LedgerStatus::ALL[dice.below(3)], note: String::new() };
            workspace.note_ledgers(vec![(key, Some(note))], by);
        }
        (5 | 6, _) => drop(workspace.undo()),
        (7, _) => drop(workspace.redo()),
        _ => {
            if let Some(draft) = random_draft(workspace, id, dice) {
                drop(workspace.apply(draft, by));
            }
        }
    }
}

#[test]
fn a_torn_journal_gives_back_every_whole_line() {
    for seed in 0..4 {
        let (folder, mut workspace, _) = opened();
        let project = folder.path().join("工程.toml");
        save(&workspace, &project).expect("saves");
        let path = path_beside(&project);
        let mut journal = Written::start(&path, &mut workspace, Some(&project), false);
        assert!(recover(&path).is_none(), "nothing is unsaved yet");
        let mut dice = Dice(seed);
        // Bytes of the journal after each line, and what the project is then.
        let mut moments =
            vec![(fs::metadata(&path).expect("there").len() as usize, to_text(&workspace, folder.path()))];
        for _ in 0..20 {
            act(&mut workspace, &mut dice);
            if journal.record(&mut workspace) {
                let length = fs::metadata(&path).expect("there").len() as usize;
                moments.push((length, to_text(&workspace, folder.path())));
            }
        }
        let bytes = fs::read(&path).expect("reads");
        let torn = folder.path().join("torn.journal");
        let without_shown = |text: &str| -> String {
            text.lines().filter(|line| !line.starts_with("shown = ")).collect::<Vec<_>>().join("\n")
        };
        let mut last = usize::MAX;
        // Around the end of each line and in its middle; many places of the last one.
        let ends: Vec<usize> = std::iter::once(0).chain(moments.iter().map(|(end, _)| *end)).collect();
        let mut lengths: Vec<usize> =
            ends.windows(2).flat_map(|w| [w[0], w[0] + 1, w[0].midpoint(w[1]), w[1] - 1]).collect();
        lengths.extend((ends[ends.len() - 2]..=bytes.len()).step_by(41).chain([bytes.len()]));
        for length in lengths {
            fs::write(&torn, &bytes[..length]).expect("written");
            let whole = moments.iter().filter(|(end, _)| *end <= length).count();
            let recovered = recover(&torn);
            let Some(recovered) = recovered else {
                // Nothing is unsaved where all that was done was undone again.
                let text = without_shown(&moments[whole.max(1) - 1].1);
                assert_eq!(text, without_shown(&moments[0].1), "byte {length}");
                assert_eq!(matches!(look(&torn), Found::Unreadable), whole == 0 && length > 0, "byte {length}");
                last = whole;
                continue;
            };
            assert_eq!(recovered.is_torn, moments[whole - 1].0 != length);
            if whole != last {
                last = whole;
                let loaded = recovered.load(&mut open_source).expect("loads");
                assert_eq!(loaded.issues, [], "seed {seed}, {whole} lines");
                let text = to_text(&loaded.workspace, folder.path());
                assert_eq!(without_shown(&text), without_shown(&moments[whole - 1].1), "seed {seed}, {whole} lines");
            }
        }
        assert_eq!(last, moments.len(), "seed {seed}");
        // Sentences and steps are there again, and can be undone.
        fs::write(&torn, &bytes).expect("written");
        let recovered = recover(&torn).expect("unsaved");
        assert_eq!(recovered.project.as_deref(), Some(&*project));
        assert_eq!(recovered.change_count(), workspace.scenarios.history.unsaved_count(), "counts right");
        let mut loaded = recovered.load(&mut open_source).expect("loads").workspace;
        assert_eq!(sentences(&loaded), sentences(&workspace));
        assert_eq!(loaded.scenarios.history.unsaved_count(), workspace.scenarios.history.unsaved_count());
        workspace.travel_to(0);
        loaded.travel_to(0);
        assert_eq!(to_text(&loaded, folder.path()).lines().count(), to_text(&workspace, folder.path()).lines().count());
        assert_eq!(states(&mut loaded), states(&mut workspace));
        recovered.discard().expect("removed");
        assert!(recover(&torn).is_none());
    }
}

#[test]
fn a_checkpoint_starts_again() {
    let (folder, mut workspace, id) = opened();
    let path = folder.path().join("untitled.journal");
    recode(&mut workspace, id, &[0], "1207");
    let mut journal = Written::start(&path, &mut workspace, None, true);
    let recovered = recover(&path).expect("it holds what no file has");
    assert_eq!((recovered.change_count(), recovered.project.as_ref()), (1, None));
    // Undo goes back beyond the checkpoint.
    workspace.undo();
    journal.record(&mut workspace);
    let loaded = recover(&path).expect("unsaved").load(&mut open_source).expect("loads");
    assert!(loaded.workspace.scenarios.list().is_empty() && loaded.issues.is_empty());
    workspace.redo();
    journal.record(&mut workspace);
    let loaded = recover(&path).expect("unsaved").load(&mut open_source).expect("loads");
    assert_eq!(loaded.workspace.scenarios.list().len(), 1);
    // Saved: nothing to recover.
    journal.saved(&mut workspace);
    assert!(recover(&path).is_none());
    let first = workspace.scenarios.list()[0].id;
    workspace.show(Some(first));
    recode(&mut workspace, id, &[1], "1207");
    assert!(journal.record(&mut workspace));
    assert_eq!(recover(&path).map(|recovered| recovered.change_count()), Some(1));
    // What was saved is undone: the file has more than that.
    workspace.undo();
    workspace.undo();
    journal.record(&mut workspace);
    assert_eq!(recover(&path).map(|recovered| recovered.change_count()), Some(1));
    journal.file.discard().expect("removed");
    assert!(!path.exists());
    assert!(recover(Path::new("no such journal")).is_none());
}

#[test]
fn what_is_no_journal_is_not_recovered() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.journal");
    for bytes in [&b""[..], b"\n", b"hello\n", b"0123456789abcdef {}\n", &[0xff, 0xfe, b'\n']] {
        fs::write(&path, bytes).expect("written");
        assert!(recover(&path).is_none());
        // Somebody's work perhaps: not to be written over.
        assert_eq!(matches!(look(&path), Found::Unreadable), !bytes.is_empty());
    }
}

/// The other side of [`a_killed_program_loses_nothing_that_was_written_down`]: works, saves and is killed. Does nothing
/// when it is run as a test of its own.
#[test]
fn works_until_it_is_killed() {
    let Some(folder) = std::env::var_os("TUBAN_TEST_KILL") else { return };
    let folder = Path::new(&folder);
    let project = folder.join("工程.toml");
    let mut workspace = load(&project, &Progress::new()).expect("loads").workspace;
    let mut journal = Written::start(&path_beside(&project), &mut workspace, Some(&project), false);
    let mut dice = Dice(std::process::id().into());
    let mut out = std::io::stdout();
    for nth in 0u64.. {
        act(&mut workspace, &mut dice);
        let text = to_text(&workspace, folder).replace('\n', "\u{1}");
        // The parent reads what the project may be from here on, and then what it must be.
        writeln!(out, "?{text}").and_then(|()| out.flush()).expect("the parent listens");
        journal.record(&mut workspace);
        writeln!(out, "@").and_then(|()| out.flush()).expect("the parent listens");
        if nth % 7 == 6 {
            save(&workspace, &project).expect("saves");
            journal.saved(&mut workspace);
        }
    }
}

/// How often the other side is killed: `TUBAN_KILLS=200` runs more than the few of an ordinary test.
fn kill_count() -> u64 {
    std::env::var("TUBAN_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(20)
}

#[test]
fn a_killed_program_loses_nothing_that_was_written_down() {
    let program = std::env::current_exe().expect("this test");
    let mut dice = Dice(7);
    for round in 0..kill_count() {
        // Anywhere in the session: after so many steps, and then a moment of a step.
        let steps = 1 + dice.below(40);
        let moment = std::time::Duration::from_micros(dice.below(4000) as u64);
        let (folder, workspace, _) = opened();
        let project = folder.path().join("工程.toml");
        save(&workspace, &project).expect("saves");
        let mut child = Command::new(&program)
            .args(["--exact", "scenario::tests::journal::works_until_it_is_killed", "--nocapture"])
            .env("TUBAN_TEST_KILL", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("runs");
        let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("piped")));
        // What is being written down, what was before it, and how often something was.
        let (mut begun, mut written, mut count) = (None, None, 0);
        // The rest of the pipe is read after the end: what was said is what was written down.
        for line in lines.map_while(Result::ok) {
            if let Some((_, text)) = line.split_once('?') {
                begun = Some(text.replace('\u{1}', "\n"));
            } else if line.starts_with('@') {
                (written, count) = (begun.clone(), count + 1);
                if count == steps {
                    std::thread::sleep(moment);
                    child.kill().expect("killed");
                }
            }
        }
        child.wait().expect("ended");
        assert!(count >= steps, "the other side worked");
        let kept = recover(&path_beside(&project));
        let loaded = match kept {
            Some(kept) => kept.load(&mut open_source).expect("recovers"),
            None => load(&project, &Progress::new()).expect("loads"),
        };
        assert_eq!(loaded.issues, [], "round {round}");
        let plain = |text: &str| -> Vec<String> {
            text.lines().filter(|line| !line.starts_with("shown = ")).map(str::to_owned).collect()
        };
        let found = plain(&to_text(&loaded.workspace, folder.path()));
        // The last that was written down, or the one after it.
        let is_one_of_them = [&written, &begun].into_iter().flatten().any(|text| plain(text) == found);
        assert!(is_one_of_them, "round {round}: another state came back");
        load(&project, &Progress::new()).expect("the project itself is whole");
    }
}

/// The other side of [`a_project_killed_while_it_is_saved_is_the_old_or_the_new_one`]: saves a large project again and
/// again, each time under another name. Does nothing when it is run as a test of its own.
#[test]
fn saves_until_it_is_killed() {
    let Some(folder) = std::env::var_os("TUBAN_TEST_KILL_SAVING") else { return };
    let folder = Path::new(&folder);
    let project = folder.join("工程.toml");
    let mut workspace = load(&project, &Progress::new()).expect("loads").workspace;
    let mut journal = Written::start(&path_beside(&project), &mut workspace, Some(&project), false);
    let id = only_layer(&workspace);
    let count = layer(&workspace, id).feature_count() as u64;
    let mut out = std::io::stdout();
    for nth in 0u64.. {
        let rows = [(nth % count) as u32];
        let value = OwnedValue::text(&format!("第 {nth} 次"));
        let draft = draft::set_field(&workspace, id, &rows, "BZ", value).expect("a draft");
        workspace.apply(draft, By::default()).expect("applies");
        journal.record(&mut workspace);
        workspace.name = format!("n{nth}");
        // From here on the project may be this one.
        writeln!(out, "@{nth}").and_then(|()| out.flush()).expect("the parent listens");
        save(&workspace, &project).expect("saves");
        journal.saved(&mut workspace);
        writeln!(out, "={nth}").and_then(|()| out.flush()).expect("the parent listens");
    }
}

#[test]
fn a_project_killed_while_it_is_saved_is_the_old_or_the_new_one() {
    let program = std::env::current_exe().expect("this test");
    let mut torn_off = 0;
    let rounds = kill_count().div_ceil(2);
    for round in 0..rounds {
        let (folder, mut workspace, id) = opened();
        let project = folder.path().join("工程.toml");
        // Half a megabyte of text, so that there is a middle to be killed in.
        workspace.note = "说明文字，每一次保存都要全部写完。\n".repeat(10_000);
        recode(&mut workspace, id, &[0], "1207");
        save(&workspace, &project).expect("saves");
        let mut child = Command::new(&program)
            .args(["--exact", "scenario::tests::journal::saves_until_it_is_killed", "--nocapture"])
            .env("TUBAN_TEST_KILL_SAVING", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("runs");
        let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("piped")));
        let (mut begun, mut ended): (Option<u64>, Option<u64>) = (None, None);
        for line in lines.map_while(Result::ok) {
            if let Some((_, nth)) = line.split_once('@') {
                begun = nth.parse().ok();
                if begun == Some(round % 10 + 2) {
                    // In the middle of this save: each round a little later.
                    std::thread::sleep(std::time::Duration::from_micros(300 * (round % 10)));
                    child.kill().expect("killed");
                }
            } else if let Some((_, nth)) = line.split_once('=') {
                ended = nth.parse().ok();
            }
        }
        child.wait().expect("ended");
        let (begun, ended) = (begun.expect("begun"), ended.expect("ended"));
        let text = fs::read_to_string(&project).expect("the project is there");
        // Whole: it reads, with all of its note and its scenario.
        let loaded = load(&project, &Progress::new()).expect("the project is whole");
        assert_eq!((loaded.issues.len(), &loaded.workspace.note), (0, &workspace.note), "round {round}");
        let found: u64 = loaded.workspace.name[1..].parse().expect("a number");
        assert!((ended..=begun).contains(&found), "round {round}: {found} of {ended}..={begun}");
        torn_off += u64::from(begun > ended);
        // What the project lacks stands in the journal: all that was written down before the save.
        let steps = |workspace: &Workspace| -> Vec<String> {
            let layer = workspace.scenarios.list()[0].states().next().expect("edited").1.layer().clone();
            let field = layer.field("BZ").expect("made");
            (0..layer.feature_count()).map(|row| layer.value(row, field).to_string()).collect()
        };
        let newest = match recover(&path_beside(&project)) {
            Some(kept) => steps(&kept.load(&mut open_source).expect("recovers").workspace),
            None => steps(&loaded.workspace),
        };
        assert!(newest.contains(&format!("第 {begun} 次")), "round {round}: {newest:?}, {text:.80}");
        // What the save left half done is no project, and in nobody's way.
        let parts = fs::read_dir(folder.path()).expect("reads").flatten();
        let parts = parts.filter(|entry| entry.file_name().to_string_lossy().ends_with(".part"));
        assert!(parts.count() <= 2, "round {round}");
    }
    assert!(torn_off * 10 >= rounds * 3, "only {torn_off} of {rounds} were killed while they were saving");
}

#[test]
fn power_that_fails_while_a_project_is_saved_costs_nothing() {
    let (folder, mut workspace, id) = opened();
    let project = folder.path().join("工程.toml");
    recode(&mut workspace, id, &[0], "1207");
    save(&workspace, &project).expect("saves");
    workspace.scenarios.history.note_saved();
    let mut journal = Written::start(&path_beside(&project), &mut workspace, Some(&project), false);
    recode(&mut workspace, id, &[1], "1207");
    assert!(journal.record(&mut workspace));
    let before = disk::files_in(folder.path());
    let plain = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("shown = ")).map(str::to_owned).collect()
    };
    let expected = plain(&to_text(&workspace, folder.path()));
    let records = disk::recorded(|| {
        save(&workspace, &project).expect("saves");
        journal.saved(&mut workspace);
    });
    let mut seen = std::collections::BTreeSet::new();
    disk::each_crash(&before, &records, |names, done| {
        if !seen.insert(names.clone()) && !done {
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        for (path, bytes) in names {
            fs::write(folder.path().join(path.file_name().expect("a file")), bytes).expect("written");
        }
        let project = folder.path().join("工程.toml");
        let itself = load(&project, &Progress::new()).expect("the project is whole");
        assert_eq!(itself.issues, [], "{:?}", names.keys());
        let loaded = match recover(&path_beside(&project)) {
            Some(kept) => kept.load(&mut open_source).expect("recovers"),
            None => itself,
        };
        assert_eq!(loaded.issues, [], "{:?}", names.keys());
        assert_eq!(plain(&to_text(&loaded.workspace, folder.path())), expected, "{:?}", names.keys());
        assert!(!done || recover(&path_beside(&project)).is_none(), "all is saved");
    });
    assert!(seen.len() > 6, "{} states of the disk", seen.len());
}
