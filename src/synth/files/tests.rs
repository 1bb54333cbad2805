use std::fs;
use std::io::Read;
use std::path::PathBuf;

use super::*;
use crate::measure::raw_areas;
use crate::model::roles::Role;
use crate::model::{AreaMethod, Issue};
use crate::scenario::Ridges;
use crate::units::Area;

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).expect("unpacks to UTF-8");
    text
}

/// Whether two lines of a collection are the same but for last digits of measured areas, in which platforms differ.
fn alike(a: &str, b: &str) -> bool {
    let value = |line: &str| serde_json::from_str::<serde_json::Value>(line.trim_end_matches(',')).ok();
    let (Some(a), Some(b)) = (value(a), value(b)) else { return false };
    let properties = |v: &serde_json::Value| v["properties"].as_object().cloned().unwrap_or_default();
    let (mine, theirs) = (properties(&a), properties(&b));
    let close = |name: &String, value: &serde_json::Value| match (value.as_f64(), theirs.get(name).map(|v| v.as_f64()))
    {
        (Some(x), Some(Some(y))) => (x - y).abs() <= 0.021 + 1e-9 * x.abs(),
        _ => theirs.get(name) == Some(value),
    };
    a["geometry"] == b["geometry"] && mine.len() == theirs.len() && mine.iter().all(|(name, value)| close(name, value))
}

/// `data/` holds what the generator writes. `UPDATE_GOLDEN=1` writes it anew.
#[test]
fn the_data_folder_holds_what_the_generator_writes() {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(data()).expect("a folder");
        write(&data()).expect("written");
    }
    let files = files_of(crate::synth::demo::tests::demo());
    let total: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(total < 5_000_000, "{total} bytes");
    for (name, bytes) in &files {
        let kept = fs::read(data().join(name)).expect("data/ holds every file of the demo");
        if kept == *bytes {
            continue;
        }
        let (old, new) = if name.ends_with(".gz") {
            (unpacked(&kept), unpacked(bytes))
        } else {
            // Another release of the compressor may change size and hash of a source, not its content.
            let text = |bytes: &[u8]| {
                let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
                let lines = text.lines().filter(|line| !line.starts_with("bytes = ") && !line.starts_with("hash = "));
                lines.collect::<Vec<_>>().join("\n")
            };
            (text(&kept), text(bytes))
        };
        assert_eq!(old.lines().count(), new.lines().count(), "{name}: run UPDATE_GOLDEN=1 cargo test synth::files");
        for (i, (a, b)) in old.lines().zip(new.lines()).enumerate() {
            assert!(a == b || alike(a, b), "{name}, line {}: run UPDATE_GOLDEN=1 cargo test synth::files", i + 1);
        }
    }
    let kept = fs::read_dir(data()).expect("readable").count();
    assert_eq!(kept, files.len(), "data/ holds nothing else");
}

/// What the program itself shows of the demo, read from the files.
#[test]
fn the_project_opens_and_shows_the_figures() {
    let progress = Progress::new();
    let loaded = project::load(&data().join(PROJECT), &progress).expect("opens");
    assert_eq!(loaded.issues, Vec::<Issue>::new());
    let workspace = loaded.workspace;
    assert_eq!(workspace.entries.len(), TREE.len());
    let entry = |title: &str| workspace.entries.iter().find(|entry| entry.title == title).expect("is there");
    let roles = [
        ("城镇开发边界", Role::DevelopmentBoundary),
        ("永久基本农田 2035", Role::BasicFarmland),
        ("生态保护红线", Role::RedLine),
        ("安置区", Role::Resettlement),
        ("已清理土地", Role::ClearedLand),
        ("重点项目", Role::KeyProject),
        ("街道界线", Role::Administrative),
        ("水系", Role::Water),
        ("建设用地 2025", Role::ConstructionLand),
        ("地类图斑 2025", Role::LandUse),
        ("地类图斑 2035", Role::LandUse),
    ];
    for (title, role) in roles {
        assert_eq!(entry(title).role, role, "{title}");
    }
    for entry in &workspace.entries {
        let kinds: Vec<&str> = entry.issues().iter().map(Issue::kind).collect();
        assert!(kinds.is_empty(), "{}: {kinds:?}", entry.title);
        assert_eq!(entry.layer.crs.epsg(), Some(4527), "{}", entry.title);
    }
    assert_eq!(workspace.crs.as_ref().and_then(crate::crs::Crs::epsg), Some(4527));

    let areas = |title: &str| raw_areas(&entry(title).layer, AreaMethod::Survey, &progress).expect("measures");
    let mu = |title: &str| areas(title).exact_total().mu();
    for title in ["地类图斑 2025", "地类图斑 2035", "起步区范围", "街道界线"] {
        assert!((mu(title) - 1_197_000.0).abs() < 0.005, "{title}: {}", mu(title));
        assert!((areas(title).printed_total().mu() - 1_197_000.0).abs() < 0.01, "{title}");
    }
    assert!((mu("已清理土地") - 62_000.0).abs() < 0.01, "{}", mu("已清理土地"));
    assert_eq!(entry("安置区").layer.feature_count(), 11);
    assert_eq!(entry("重点项目").layer.feature_count(), 7);
    assert!((areas("城镇开发边界").exact_total().km2() - 146.0).abs() < 0.5);
    assert!((2_900..3_300).contains(&entry("地类图斑 2025").layer.feature_count()));

    // Basic farmland net of ridges, from the geometry and from the attribute.
    let net = |title: &str| {
        let layer = &entry(title).layer;
        let total = Ridges::of_layer(layer).expect("KCXS is there").total(&areas(title), |_| true);
        let field = layer.field("YJJBNTMJ").expect("is there");
        let stated = (0..layer.feature_count()).map(|i| layer.value(i, field).as_f64().expect("a number")).sum::<f64>();
        assert!((total.printed_net.m2() - stated).abs() < 1e-4, "{title}: {stated}");
        (total.net.m2(), stated)
    };
    let (base, plan) = (net("永久基本农田 2025"), net("永久基本农田 2035"));
    for loss in [base.0 - plan.0, base.1 - plan.1] {
        assert!((Area::from_m2(loss).mu() - 130_000.0).abs() < 0.01, "{loss}");
    }
}

#[test]
fn stated_areas_are_the_survey_s_but_for_five() {
    let loaded = project::load(&data().join(PROJECT), &Progress::new()).expect("opens");
    let entry = loaded.workspace.entries.iter().find(|entry| entry.title == "地类图斑 2025").expect("is there");
    let areas = raw_areas(&entry.layer, AreaMethod::Survey, &Progress::new()).expect("measures");
    let field = entry.layer.field("TBMJ").expect("is there");
    let stated = |i: usize| entry.layer.value(i, field).as_f64().expect("a number");
    let wrong: Vec<f64> = (0..areas.printed.len())
        .filter(|i| (stated(*i) - areas.printed[*i]).abs() > 0.011)
        .map(|i| stated(i) / areas.printed[i])
        .collect();
    let mut sorted = wrong.clone();
    sorted.sort_by(f64::total_cmp);
    let expected = [1e-4, 1.5e-3, 1.000_035, 667.0 * 0.0015, 1.0312];
    assert_eq!(sorted.len(), expected.len(), "{sorted:?}");
    // Hectares with two decimals carry four digits here.
    for (found, expected) in sorted.iter().zip(expected) {
        assert!((found / expected - 1.0).abs() < 1e-4, "{found} {expected}");
    }
}
