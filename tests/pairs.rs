//! `tuban compare --pairs` from end to end: a row a county, sums to the last bit, resuming, what failed.

use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;

use crate::compare::map_file;
use crate::program::tuban;

fn json(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// Two counties in two folders, with a list of them.
fn province(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tuban-pairs-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    for side in ["before", "after"] {
        std::fs::create_dir_all(folder.join(side)).expect("a temporary folder");
    }
    let before = [('A', "0101"), ('B', "0301"), ('C', "0102")];
    let after = [('A', "0101"), ('B', "0701")];
    map_file(&folder.join("before/licheng.geojson"), "AAB/ACB/CCB", &before);
    map_file(&folder.join("after/licheng.geojson"), "AAA/BBB/BB.", &after);
    map_file(&folder.join("before/370113_old.geojson"), "AB/BB", &before);
    map_file(&folder.join("after/370113_new.geojson"), "AA/BB", &after);
    let list = "before,after,name\nbefore/licheng.geojson,after/licheng.geojson,Licheng\n\
                before/370113_old.geojson,after/370113_new.geojson,Changqing\n";
    std::fs::write(folder.join("pairs.csv"), list).expect("written");
    folder
}

const ASKED: &str = "--by DLBM --method planar";

#[test]
fn counties_stand_in_rows_and_add_up() {
    let folder = province("rows");
    let answer = json(&tuban(&folder, &format!("compare --pairs pairs.csv {ASKED} --json")), 0);
    let names: Vec<&str> =
        answer["pairs"].as_array().expect("pairs").iter().filter_map(|p| p["name"].as_str()).collect();
    assert_eq!(names, ["Licheng", "Changqing"]);
    let alone = ["licheng", "370113"].map(|name| {
        let (before, after) = if name == "licheng" { ("", "") } else { ("_old", "_new") };
        json(
            &tuban(
                &folder,
                &format!("compare before/{name}{before}.geojson after/{name}{after}.geojson {ASKED} --json"),
            ),
            0,
        )
    });
    // Each cell is the sum of the counties' own.
    for cell in answer["cells"].as_array().expect("cells") {
        let same = |other: &&Value| other["from"] == cell["from"] && other["to"] == cell["to"];
        let own = |of: &Value| {
            of["cells"].as_array().expect("cells").iter().find(same).map_or(0.0, |c| c["m2"].as_f64().expect("m2"))
        };
        // Numbers of JSON are read back to a last bit.
        let sum = own(&alone[0]) + own(&alone[1]);
        assert!((cell["m2"].as_f64().expect("m2") - sum).abs() < 1e-9, "{cell}");
    }
    for (row, own) in answer["pairs"].as_array().expect("pairs").iter().zip(&alone) {
        assert_eq!(row["base_m2"], own["base"]["sum_m2"]);
        assert_eq!((&row["changed_m2"], &row["zone"]), (&own["changed_m2"], &own["zone"]));
    }
    assert_eq!(answer["total"]["base_m2"].as_f64().map(f64::round), Some(1300.0));
    assert_eq!(answer["total"]["changed_m2"].as_f64().map(f64::round), Some(600.0 + 300.0));
    // In CSV and in a workbook too.
    let csv = tuban(&folder, &format!("compare --pairs pairs.csv {ASKED} --csv"));
    let text = String::from_utf8_lossy(&csv.stdout).into_owned();
    assert!(csv.status.success() && text.contains("Licheng") && text.contains("Total"), "{text}");
    let book = tuban(&folder, &format!("compare --pairs pairs.csv {ASKED} -o sum.xlsx"));
    assert!(book.status.success() && folder.join("sum.xlsx").is_file() && folder.join("sum.xlsx.state").is_file());
}

#[test]
fn folders_are_paired_by_name_and_code() {
    let folder = province("folders");
    let listed = json(&tuban(&folder, &format!("compare --pairs pairs.csv {ASKED} --json")), 0);
    let found = json(&tuban(&folder, &format!("compare before after --folders {ASKED} --json")), 0);
    assert_eq!((&found["cells"], &found["total"]), (&listed["cells"], &listed["total"]));
    std::fs::copy(folder.join("before/licheng.geojson"), folder.join("before/alone.geojson")).expect("copied");
    let more = json(&tuban(&folder, &format!("compare before after --folders {ASKED} --json")), 1);
    assert_eq!((&more["cells"], more["failed"][0]["name"].as_str()), (&listed["cells"], Some("alone")));
}

#[test]
fn a_run_goes_on_where_it_was_broken_off() {
    let folder = province("resume");
    let line = format!("compare --pairs pairs.csv {ASKED} --json --state s");
    let whole = json(&tuban(&folder, &line), 0);
    let state = std::fs::read(folder.join("s")).expect("a state");
    let kept = |answer: &Value| -> Vec<bool> {
        answer["pairs"].as_array().expect("pairs").iter().filter_map(|pair| pair["kept"].as_bool()).collect()
    };
    assert_eq!(kept(&whole), [false, false]);
    let figures = |answer: &Value| (answer["cells"].clone(), answer["classes"].clone(), answer["total"].clone());
    let again = json(&tuban(&folder, &line), 0);
    assert_eq!((kept(&again), figures(&again)), (vec![true, true], figures(&whole)));
    // Cut off within the second pair: only that is compared again, and every digit is as it was.
    let first = state.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).expect("lines").0;
    for end in [first + 1, first + 30, state.len() - 2] {
        std::fs::write(folder.join("s"), &state[..end]).expect("written");
        let again = json(&tuban(&folder, &line), 0);
        assert_eq!((kept(&again), figures(&again)), (vec![true, false], figures(&whole)), "cut at {end}");
    }
    // Another way of comparing takes nothing of it.
    let other = json(&tuban(&folder, "compare --pairs pairs.csv --by DLBM --method survey --json --state s"), 0);
    assert_eq!(kept(&other), [false, false]);
    // A source that was changed is compared again; one that was only touched is not.
    map_file(&folder.join("after/licheng.geojson"), "BBB/BBB/BB.", &[('B', "0701")]);
    let bytes = std::fs::read(folder.join("after/370113_new.geojson")).expect("there");
    std::fs::remove_file(folder.join("after/370113_new.geojson")).expect("removed");
    std::fs::write(folder.join("after/370113_new.geojson"), bytes).expect("written");
    let changed = json(&tuban(&folder, &line), 0);
    assert_eq!(kept(&changed), [false, true]);
    assert_ne!(figures(&changed), figures(&whole));
}

#[test]
fn what_fails_is_listed_and_the_rest_counts() {
    let folder = province("failed");
    std::fs::write(folder.join("before/broken.geojson"), "{\"type\":").expect("written");
    let list = "前,后,名称\nbefore/licheng.geojson,after/licheng.geojson,历城\nbefore/broken.geojson,after/licheng.geojson,坏\n\
                before/none.geojson,after/licheng.geojson,缺\nbefore/licheng.geojson,after/licheng.geojson,重\n";
    std::fs::write(folder.join("list.csv"), list).expect("written");
    let answer = json(&tuban(&folder, &format!("compare --pairs list.csv {ASKED} --json")), 1);
    let failed = answer["failed"].as_array().expect("failed");
    let names: Vec<(&str, i64)> = failed
        .iter()
        .map(|f| (f["name"].as_str().expect("a name"), f["exit_code"].as_i64().expect("a code")))
        .collect();
    assert_eq!(names, [("坏", 2), ("缺", 2), ("重", 2)]);
    assert!(failed.iter().all(|f| f["reason"].as_str().is_some_and(|reason| !reason.is_empty())));
    assert_eq!(answer["pairs"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["total"]["base_m2"].as_f64().map(f64::round), Some(900.0));
    // No source is written, nor is the list.
    for out in ["before/licheng.geojson", "list.csv"] {
        let refused = tuban(&folder, &format!("compare --pairs list.csv {ASKED} --json -o {out}"));
        assert_eq!(refused.status.code(), Some(2), "{out}");
        let refused = tuban(&folder, &format!("compare --pairs list.csv {ASKED} --json --state {out}"));
        assert_eq!(refused.status.code(), Some(2), "{out}");
    }
    std::fs::write(folder.join("other"), "not a state").expect("written");
    let refused = tuban(&folder, &format!("compare --pairs list.csv {ASKED} --state other"));
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(folder.join("other")).expect("there"), "not a state");
}

#[test]
fn sources_are_measured_one_by_one_and_added_up() {
    let folder = province("total");
    std::fs::write(folder.join("before/broken.geojson"), "{\"type\":").expect("written");
    let answer = json(&tuban(&folder, "areas before --total --by DLBM --method planar --json"), 1);
    let m2 = |value: &Value| value["m2"].as_f64().map(f64::round);
    assert_eq!((m2(&answer["total"]), answer["sources"].as_array().map(Vec::len)), (Some(1300.0), Some(2)));
    assert_eq!(answer["failed"][0]["path"].as_str().map(|path| path.contains("broken")), Some(true));
    let groups: Vec<(&str, Option<f64>)> = answer["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|group| (group["key"][0].as_str().expect("a code"), m2(group)))
        .collect();
    assert_eq!(groups, [("0101", Some(400.0)), ("0102", Some(300.0)), ("0301", Some(600.0))]);
    let text = tuban(&folder, "areas before --total --by DLBM --method planar");
    assert!(String::from_utf8_lossy(&text.stdout).contains("1,300"), "{}", String::from_utf8_lossy(&text.stdout));
}
