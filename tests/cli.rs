//! The command line from end to end: the real program on real files, by its output and exit code.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::program::tuban;

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// A folder with `parcels.geojson`: four parcels of 1 km² in EPSG:4548, two of them overlapping by half.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tuban-cli-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let parcel = |x: f64, code: &str, village: &str| {
        let (a, b) = (500_000.0 + x, 501_000.0 + x);
        format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}","QSDWDM":"{village}"}},"geometry":{{"type":"Polygon","coordinates":[[[{a},4070000],[{b},4070000],[{b},4071000],[{a},4071000],[{a},4070000]]]}}}}"#
        )
    };
    let features = [
        parcel(0.0, "0101", "370112001001000"),
        parcel(1000.0, "0102", "370112001002000"),
        parcel(2000.0, "0701", "370112001001000"),
        parcel(2500.0, "0701", "370112001001000"),
    ];
    let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
    let file = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(",\n"));
    std::fs::write(folder.join("parcels.geojson"), file).expect("written");
    folder
}

#[test]
fn areas_are_grouped_by_prefix_and_level_and_the_union_is_told() {
    let folder = folder("areas");
    let out = json(&tuban(&folder, "areas parcels.geojson --by QSDWDM:12,DLBM@1 --union --method planar --json"));
    let layer = &out["files"][0]["layers"][0];
    assert_eq!(layer["crs"]["code"], "EPSG:4548");
    assert_eq!(layer["sum"]["m2"], 4e6);
    assert_eq!(layer["sum"]["mu"], 6000.0);
    assert_eq!(layer["union"]["m2"], 3.5e6);
    let groups: Vec<(String, u64)> = layer["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|g| {
            (
                format!("{} {}", g["key"][0].as_str().unwrap_or("-"), g["key"][1].as_str().unwrap_or("-")),
                g["feature_count"].as_u64().unwrap_or(0),
            )
        })
        .collect();
    let expected = [("370112001001 01", 1), ("370112001001 07", 2), ("370112001002 01", 1)];
    assert_eq!(groups, expected.map(|(key, count)| (key.to_owned(), count)));
}

#[test]
fn the_survey_prints_what_the_standard_says_at_the_central_meridian() {
    let folder = folder("survey");
    let out = json(&tuban(&folder, "areas parcels.geojson --where DLBM='0101' --json"));
    let sum = &out["files"][0]["layers"][0]["sum"];
    let (exact, printed) = (sum["m2"].as_f64().expect("m2"), sum["printed_m2"].as_f64().expect("printed"));
    // A km² within a kilometre of the meridian: its plane area less about 1 part in 10⁸.
    assert!((exact - 1e6).abs() < 0.02, "{exact}");
    assert!((printed - exact).abs() < 0.01, "{printed}");
}

#[test]
fn csv_starts_with_a_bom_and_goes_to_the_file_named() {
    let folder = folder("csv");
    let out = tuban(&folder, "areas parcels.geojson --by DLBM --csv -o out.csv");
    assert!(out.status.success() && out.stdout.is_empty());
    let csv = std::fs::read(folder.join("out.csv")).expect("written");
    assert!(csv.starts_with("\u{feff}".as_bytes()));
    assert_eq!(String::from_utf8_lossy(&csv).lines().filter(|l| l.contains("parcels.geojson,")).count(), 3);
}

#[test]
fn info_tells_crs_counts_and_fields() {
    let folder = folder("info");
    let out = json(&tuban(&folder, "info parcels.geojson --json"));
    let layer = &out["files"][0]["layers"][0];
    assert_eq!(
        (&layer["feature_count"], &layer["vertex_count"], &layer["part_count"]),
        (&4.into(), &16.into(), &4.into())
    );
    assert_eq!(layer["fields"][0]["distinct"], 3);
    let degrees = layer["extent_lon_lat"].as_array().expect("extent");
    assert!((degrees[0].as_f64().expect("number") - 117.0).abs() < 1e-6);
    assert!(text(&tuban(&folder, "info parcels.geojson --lang zh")).contains("要素 4"));
}

#[test]
fn the_union_is_that_of_the_features_chosen() {
    let folder = folder("union");
    for (class, sum, union) in [("0101", 1e6, 1e6), ("0701", 2e6, 1.5e6), ("9999", 0.0, 0.0)] {
        let line = format!("areas parcels.geojson --union --where DLBM='{class}' --method planar --json");
        let out = json(&tuban(&folder, &line));
        let layer = &out["files"][0]["layers"][0];
        assert_eq!((&layer["sum"]["m2"], &layer["union"]["m2"]), (&sum.into(), &union.into()), "{class}");
    }
}

#[test]
fn failures_name_the_file_and_exit_with_2() {
    let folder = folder("failures");
    std::fs::write(folder.join("broken.geojson"), r#"{"type":"FeatureCollection","features":[{"type":"#)
        .expect("written");
    for line in [
        "areas missing.geojson",
        "areas broken.geojson",
        "areas parcels.geojson --by NOPE",
        "areas parcels.geojson --where DLBM=",
        "info parcels.geojson --crs 99",
    ] {
        let out = tuban(&folder, line);
        let said = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{line}: {said}");
        assert!(said.contains("tuban: "), "{line}: {said}");
    }
    let planar = folder.join("degrees.geojson");
    std::fs::write(&planar, r#"{"type":"Polygon","coordinates":[[[117,36],[117.1,36],[117.1,36.1],[117,36]]]}"#)
        .expect("written");
    assert_eq!(tuban(&folder, "areas degrees.geojson --method planar").status.code(), Some(2));
    assert!(tuban(&folder, "areas degrees.geojson").status.success());
}

#[test]
fn strict_refuses_an_undecided_crs() {
    let folder = folder("strict");
    let file =
        r#"{"type":"Polygon","coordinates":[[[500000,4070000],[501000,4070000],[501000,4071000],[500000,4070000]]]}"#;
    std::fs::write(folder.join("zone.geojson"), file).expect("written");
    assert!(tuban(&folder, "areas zone.geojson").status.success());
    assert_eq!(tuban(&folder, "areas zone.geojson --strict").status.code(), Some(2));
    assert!(tuban(&folder, "areas zone.geojson --strict --crs 4548").status.success());
}

#[test]
fn the_demo_opens_from_an_empty_folder_and_prints_its_figures() {
    let folder = folder("demo");
    let out = json(&tuban(&folder, "areas --json"));
    let mu = |name: &str| {
        let layers =
            out["files"].as_array().expect("files").iter().flat_map(|f| f["layers"].as_array().expect("layers"));
        let found = layers.clone().find(|l| l["name"] == name).unwrap_or_else(|| panic!("no layer {name}"));
        found["sum"]["mu"].as_f64().expect("mu")
    };
    assert!((mu("地类图斑 2025") - 1_197_000.0).abs() < 0.01);
    assert!((mu("已清理土地") - 62_000.0).abs() < 0.01);
}

#[test]
fn names_that_would_act_on_a_terminal_are_shown_escaped() {
    let folder = folder("escaped");
    let (esc, turn) = ("\u{1b}[2J", "\u{202e}");
    let text = std::fs::read_to_string(folder.join("parcels.geojson")).expect("read");
    let text = text.replace("\"crs\"", &format!("\"name\":\"a\\u001b[2Jb{turn}\",\"crs\""));
    let text = text.replace("QSDWDM", &format!("f\\u001b[2J\\n{turn}")).replace("0102", "01\\u001b[2J02");
    std::fs::write(folder.join("names.geojson"), text).expect("written");
    let field = format!("--by=f{esc}\n{turn}");
    let run = |arguments: &[&str]| {
        let mut command = crate::program::program();
        command.args(arguments).current_dir(&folder).env("TUBAN_LANG", "en").output().expect("runs")
    };
    for arguments in [
        &["info", "names.geojson"][..],
        &["areas", "names.geojson", "--by", "DLBM"],
        &["areas", "names.geojson", &field],
        &["areas", "names.geojson", "--by", esc],
        &["take", "names.geojson", "names.geojson"],
        &["compare", "names.geojson", "names.geojson", "--by", "DLBM"],
        &["info", &format!("no{esc}thing")],
    ] {
        let output = run(arguments);
        for bytes in [&output.stdout, &output.stderr] {
            let shown = String::from_utf8_lossy(bytes);
            assert!(!shown.contains('\u{1b}') && !shown.contains(turn), "{arguments:?}: {shown}");
        }
        // A comparison names classes by their codes' digits.
        let both = [output.stdout, output.stderr].concat();
        let is_said = arguments[0] == "compare" || String::from_utf8_lossy(&both).contains("\\u{1b}[2J");
        assert!(is_said, "{arguments:?}");
    }
    // Data stay what they are.
    let output = run(&["areas", "names.geojson", "--by", "DLBM", "--json"]);
    assert!(json(&output)["files"][0]["layers"][0]["name"].as_str().is_some_and(|name| name.contains(esc)));
    assert!(String::from_utf8_lossy(&run(&["areas", "names.geojson", "--by", "DLBM", "--csv"]).stdout).contains(esc));
}

/// What lies in `folder`: names and contents.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| (path.display().to_string(), std::fs::read(&path).expect("readable")))
        .collect();
    files.sort();
    files
}

#[test]
fn no_output_takes_the_place_of_an_input() {
    let folder = folder("over-input");
    std::fs::create_dir_all(folder.join("sub")).expect("made");
    std::fs::copy(folder.join("parcels.geojson"), folder.join("b.geojson")).expect("copied");
    std::fs::write(folder.join("codes.csv"), "a,b\n0101,0102\n").expect("written");
    let rule = "[[rule]]\nname = \"a\"\nsum = \"area(land_use)\"\nat_least = \"1 km2\"\n";
    std::fs::write(folder.join("r.rules.toml"), rule).expect("written");
    let layers: String = ["parcels", "missing"]
        .map(|name| {
            format!(
                "[[layer]]\npath = \"{name}.geojson\"\nkind = \"polygon\"\nrole = \"land-use\"\ngroup = \"other\"\ntitle = \"{name}\"\n"
            )
        })
        .concat();
    let project = format!("format = 3\nname = \"p\"\nrules = \"r.rules.toml\"\n{layers}");
    std::fs::write(folder.join("p.toml"), project).expect("written");
    // A source of the project that could not be read is a source all the same.
    std::fs::write(folder.join("missing.geojson"), "{").expect("written");
    let mut refused = vec![
        ("areas parcels.geojson --csv -o parcels.geojson", "parcels.geojson"),
        ("areas parcels.geojson -o sub/../parcels.geojson", "parcels.geojson"),
        ("areas b.geojson parcels.geojson --json -o ./b.geojson", "b.geojson"),
        ("info parcels.geojson -o parcels.geojson", "parcels.geojson"),
        ("info p.toml -o p.toml", "p.toml"),
        ("info p.toml -o parcels.geojson", "parcels.geojson"),
        ("areas p.toml -o missing.geojson", "missing.geojson"),
        ("areas p.toml -o r.rules.toml", "r.rules.toml"),
        ("compare parcels.geojson b.geojson -o b.geojson", "b.geojson"),
        ("compare parcels.geojson b.geojson --pieces parcels.geojson", "parcels.geojson"),
        ("compare parcels.geojson b.geojson --crosswalk codes.csv -o codes.csv", "codes.csv"),
        ("compare p.toml#parcels b.geojson --pieces p.toml", "p.toml"),
        ("compare parcels.geojson parcels.geojson --within b.geojson -o b.geojson", "b.geojson"),
        ("take parcels.geojson b.geojson -o parcels.geojson", "parcels.geojson"),
        ("take parcels.geojson b.geojson -o b.geojson", "b.geojson"),
        ("check p.toml -o p.toml", "p.toml"),
        ("check p.toml --ledger parcels.geojson", "parcels.geojson"),
        ("check --project p.toml --rules r.rules.toml -o r.rules.toml", "r.rules.toml"),
        ("check b.geojson --rules r.rules.toml --ledger b.geojson", "b.geojson"),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("parcels.geojson", folder.join("link.geojson")).expect("linked");
        std::os::unix::fs::symlink("parcels.geojson", folder.join("link.png")).expect("linked");
        std::fs::hard_link(folder.join("parcels.geojson"), folder.join("hard.geojson")).expect("linked");
        refused.extend([
            ("areas parcels.geojson -o link.geojson", "parcels.geojson"),
            ("areas link.geojson -o parcels.geojson", "link.geojson"),
            ("areas parcels.geojson -o hard.geojson", "parcels.geojson"),
            ("render parcels.geojson -o link.png", "parcels.geojson"),
        ]);
    }
    let before = contents(&folder);
    for (line, input) in refused {
        let output = tuban(&folder, line);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        assert!(said.contains("sources are never written") && said.contains(input), "{line}: {said}");
        assert!(output.stdout.is_empty(), "{line}");
        assert!(contents(&folder) == before, "{line}");
    }
    // Two outputs that would take each other's place.
    for line in [
        "compare parcels.geojson b.geojson -o new --pieces ./new",
        "compare parcels.geojson b.geojson -o sub/../new --pieces new",
        "check p.toml -o new --ledger new",
    ] {
        let output = tuban(&folder, line);
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("two outputs"), "{line}");
        assert!(contents(&folder) == before, "{line}");
    }
    // Beside them all is well.
    assert!(tuban(&folder, "areas parcels.geojson --csv -o parcels.csv").status.success());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    use super::*;

    fn program(folder: &Path, line: &str) -> Command {
        let mut command = crate::program::program();
        command.args(line.split_whitespace()).current_dir(folder).env("TUBAN_LANG", "en");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn fifo(folder: &Path, name: &str) {
        // A fifo of a run before is as good.
        let _ = Command::new("mkfifo").arg(folder.join(name)).stderr(Stdio::null()).status();
    }

    #[test]
    fn pipes_and_devices_are_written_through() {
        let folder = folder("through");
        fifo(&folder, "out");
        let mut writer = program(&folder, "areas parcels.geojson --csv -o out").spawn().expect("starts");
        let piped = std::fs::read(folder.join("out")).expect("read");
        assert!(writer.wait().expect("ends").success());
        assert!(std::fs::metadata(folder.join("out")).expect("there").file_type().is_fifo());
        let plain = tuban(&folder, "areas parcels.geojson --csv").stdout;
        assert!(!plain.is_empty() && plain == piped);
        assert!(tuban(&folder, "areas parcels.geojson --csv -o /dev/stdout").stdout == plain);
        // What others wrote into the same stream stays.
        let line =
            format!("(echo head; '{}' areas parcels.geojson --csv -o /dev/stdout) > both", env!("CARGO_BIN_EXE_tuban"));
        let shell = Command::new("sh").args(["-c", &line]).current_dir(&folder).env("TUBAN_LANG", "en").status();
        assert!(shell.expect("sh runs").success());
        assert!(std::fs::read(folder.join("both")).expect("read") == [b"head\n", &plain[..]].concat());
        let full = tuban(&folder, "areas parcels.geojson --csv -o /dev/full");
        assert_eq!(full.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&full.stderr).contains("disk is full"));
    }

    #[test]
    fn the_source_is_not_appended_to() {
        let folder = folder("append");
        let before = contents(&folder);
        let line = format!("'{}' areas parcels.geojson --csv >> parcels.geojson", env!("CARGO_BIN_EXE_tuban"));
        let shell = Command::new("sh").args(["-c", &line]).current_dir(&folder).stderr(Stdio::null()).status();
        assert_eq!(shell.expect("sh runs").code(), Some(2));
        assert!(contents(&folder) == before);
    }

    #[test]
    fn signals_end_a_run_that_waits_for_a_pipe() {
        let folder = folder("signals");
        fifo(&folder, "in.geojson");
        for signal in ["-INT", "-TERM", "-HUP"] {
            let mut run = program(&folder, "areas in.geojson --csv -o out.csv").spawn().expect("starts");
            let asked = Instant::now();
            let _pipe = loop {
                // Nobody can open it for writing, without waiting, before it is read from.
                let nonblocking = if cfg!(target_os = "macos") { 0x4 } else { 0o4000 };
                let pipe =
                    std::fs::OpenOptions::new().write(true).custom_flags(nonblocking).open(folder.join("in.geojson"));
                match pipe {
                    Ok(pipe) => break pipe,
                    Err(error) => assert!(asked.elapsed() < Duration::from_secs(60), "{error}"),
                }
                std::thread::sleep(Duration::from_millis(20));
            };
            Command::new("kill").args([signal, &run.id().to_string()]).status().expect("kill runs");
            let started = Instant::now();
            let status = loop {
                if let Some(status) = run.try_wait().expect("is ours") {
                    break status;
                }
                if started.elapsed() > Duration::from_secs(20) {
                    run.kill().expect("ended");
                    panic!("{signal} did not end it");
                }
                std::thread::sleep(Duration::from_millis(20));
            };
            assert_eq!(status.code(), Some(2), "{signal}");
            assert!(!contents(&folder).iter().any(|(name, _)| name.contains("out.csv") || name.contains(".part")));
        }
    }

    #[test]
    fn a_full_standard_error_is_no_panic() {
        let folder = folder("full-stderr");
        let full = || std::fs::File::options().write(true).open("/dev/full").expect("there");
        let code = |line: &str| program(&folder, line).stderr(full()).status().expect("runs").code();
        assert_eq!(code("areas nothing.geojson"), Some(2));
        assert_eq!(code("areas parcels.geojson --by NOWHERE"), Some(2));
        assert_eq!(code("info parcels.geojson"), Some(0));
    }

    #[test]
    fn devices_are_no_sources() {
        let folder = folder("devices");
        fifo(&folder, "fifo.toml");
        for line in [
            "info /dev/zero",
            "info fifo.toml",
            "check parcels.geojson --rules fifo.toml",
            "compare parcels.geojson parcels.geojson --crosswalk fifo.toml",
        ] {
            let output = tuban(&folder, line);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{line}");
            assert!(said.contains("a device, a pipe or a socket"), "{line}: {said}");
        }
    }
}

/// The verbs that answer, each with something to be asked in a folder of [`folder`].
const ANSWERS: [&str; 5] = [
    "info parcels.geojson",
    "areas parcels.geojson --by DLBM",
    "compare parcels.geojson parcels.geojson --by DLBM",
    "take parcels.geojson parcels.geojson --by DLBM",
    "check parcels.geojson --rules r.toml",
];

fn with_rules(name: &str) -> PathBuf {
    let folder = folder(name);
    let rules = "format = 1\nname = \"规则\"\n[[rule]]\nid = \"a\"\nname = \"建设\"\nindicator = \"construction\"\n\
                 comparison = \"<=\"\nlimit = \"10 km2\"\nunit = \"km2\"\nsource = \"虚构\"\n";
    std::fs::write(folder.join("r.toml"), rules).expect("written");
    folder
}

#[test]
fn each_answer_is_a_workbook_with_numbers() {
    use calamine::{Data, Reader, Xlsx, open_workbook};
    let folder = with_rules("workbooks");
    for (at, line) in ANSWERS.iter().enumerate() {
        let name = format!("{at}.xlsx");
        let out = tuban(&folder, &format!("{line} -o {name}"));
        assert!(
            out.status.code() != Some(2) && out.stdout.is_empty(),
            "{line}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
        let mut book: Xlsx<_> = open_workbook(folder.join(&name)).expect("a workbook");
        let sheets = book.worksheets();
        let is_number = |cell: &Data| matches!(cell, Data::Int(_) | Data::Float(_));
        let first = &sheets[0].1;
        assert!(first.rows().skip(1).flatten().any(is_number), "{line}: {:?}", first.rows().nth(1));
        assert!(first.rows().next().is_some_and(|row| row.iter().all(|cell| !is_number(cell))), "{line}");
        let (title, sources) = sheets.last().expect("sheets");
        assert_eq!(title, "Sources", "{line}");
        let crs = sources.rows().flatten().any(|cell| cell.to_string().contains("EPSG:4548"));
        assert!(crs, "{line}: the sources say their CRS");
    }
    let both = tuban(&folder, "areas parcels.geojson --json -o a.xlsx");
    assert_eq!(both.status.code(), Some(2));
    assert!(!folder.join("a.xlsx").exists());
}

#[test]
fn the_ending_of_the_file_names_the_format() {
    let folder = with_rules("endings");
    for line in ANSWERS {
        for (flag, name) in [("--csv", "a.csv"), ("--json", "a.json"), ("", "a.txt")] {
            let told = tuban(&folder, &format!("{line} {flag}"));
            tuban(&folder, &format!("{line} -o {name}"));
            assert!(std::fs::read(folder.join(name)).expect("written") == told.stdout, "{line} {name}");
        }
    }
}

#[test]
fn the_language_stands_before_or_after_the_verb() {
    let folder = with_rules("languages");
    for line in ANSWERS {
        let before = tuban(&folder, &format!("--lang zh {line}"));
        let after = tuban(&folder, &format!("{line} --lang zh"));
        assert!(before.status.code() != Some(2), "{line}: {}", String::from_utf8_lossy(&before.stderr));
        assert_eq!(text(&before), text(&after), "{line}");
        assert!(text(&before).chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{line}");
        assert_ne!(text(&before), text(&tuban(&folder, line)), "{line}");
    }
}
