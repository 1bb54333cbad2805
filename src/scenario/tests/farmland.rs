//! What goes with the class of cropland: deductions follow a recode, and undo brings them back.

use super::*;
use crate::io::{OpenOptions, open_bytes};
use crate::scenario::Ridges;

/// Two parcels of cropland with their deductions, one of woodland, one of built land, 1,000 m² each by attribute.
fn workspace() -> (Workspace, LayerId) {
    let rows = [
        ("0103", r#""KCDLBM":"1203","KCXS":0.1023,"KCMJ":102.3,"TBDLMJ":897.7"#),
        ("0101", r#""KCDLBM":"1203","KCXS":0.05,"KCMJ":50.0,"TBDLMJ":950.0"#),
        ("0301", r#""KCDLBM":null,"KCXS":null,"KCMJ":0.0,"TBDLMJ":1000.0"#),
        ("0702", r#""KCDLBM":null,"KCXS":0.0,"KCMJ":0.0,"TBDLMJ":1000.0"#),
    ];
    let feature = |(at, (code, deduction)): (usize, &(&str, &str))| {
        let (left, right) = (117.0 + 0.01 * at as f64, 117.01 + 0.01 * at as f64);
        let ring = format!("[[{left},36.8],[{right},36.8],[{right},36.81],[{left},36.81],[{left},36.8]]");
        format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}","TBMJ":1000.0,{deduction}}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
        )
    };
    let features: Vec<String> = rows.iter().enumerate().map(feature).collect();
    let text = format!(r#"{{"type":"FeatureCollection","name":"DLTB","features":[{}]}}"#, features.join(","));
    let opened = open_bytes("DLTB.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new());
    let mut workspace = Workspace::new();
    let id = workspace.add(Arc::new(opened.expect("opens").layers.remove(0)));
    (workspace, id)
}

const FIELDS: [&str; 5] = ["DLBM", "KCDLBM", "KCXS", "KCMJ", "TBDLMJ"];

fn state(workspace: &Workspace, id: LayerId) -> [String; 5] {
    FIELDS.map(|name| column(&layer(workspace, id), name))
}

fn sd2019(workspace: &mut Workspace, id: LayerId, rows: &[u32], code: &str) -> String {
    let class = Class::find(Scheme::Sd2019, code).expect("a class");
    let draft = draft::recode(workspace, id, rows, class, Language::Chinese).expect("changes something");
    let sentence = draft.sentence.text(Language::Chinese);
    workspace.apply(draft, By::default()).expect("applies");
    sentence
}

#[test]
fn land_that_leaves_cropland_has_nothing_deducted() {
    let (mut workspace, id) = workspace();
    let before = state(&workspace, id);
    let sentence = sd2019(&mut workspace, id, &[0, 2], "0702");
    assert_eq!(
        state(&workspace, id),
        ["0702 0101 0702 0702", "- 1203 - -", "- 0.05 - 0", "- 50 0 0", "1000 950 1000 1000"]
    );
    assert!(sentence.contains("1 个原为耕地"), "{sentence}");
    workspace.undo();
    assert_eq!(state(&workspace, id), before);
    let again = workspace.redo().expect("a step to do again");
    workspace.show(again.scenario);
    assert_eq!(column(&layer(&workspace, id), "TBDLMJ"), "1000 950 1000 1000");
}

#[test]
fn land_that_comes_to_cropland_is_marked_until_its_share_is_stated() {
    let (mut workspace, id) = workspace();
    assert_eq!(Ridges::of_layer(&layer(&workspace, id)).expect("stated").unstated_count(), 0);
    let sentence = sd2019(&mut workspace, id, &[1, 2, 3], "0103");
    // Cropland that stays cropland keeps what it states.
    assert_eq!(
        state(&workspace, id),
        ["0103 0103 0103 0103", "1203 1203 - -", "0.1023 0.05 - -", "102.3 50 - -", "897.7 950 - -"]
    );
    assert!(sentence.contains("2 个新为耕地"), "{sentence}");
    assert_eq!(Ridges::of_layer(&layer(&workspace, id)).expect("stated").unstated_count(), 2);
    assert_eq!(draft::without_ridges(&workspace, id, &[0, 1, 2, 3]), [2, 3]);
    // What the inspector shows beside it.
    let (base, row) = workspace.before(id, 2).expect("a scenario");
    assert_eq!(base.value(row, base.field("DLBM").expect("a field")).to_string(), "0301");

    let shared = state(&workspace, id);
    let draft = draft::set_ridges(&workspace, id, &[2, 3], 0.0871).expect("a share");
    workspace.apply(draft, By::default()).expect("applies");
    assert_eq!(
        state(&workspace, id)[1..],
        ["1203 1203 1203 1203", "0.1023 0.05 0.0871 0.0871", "102.3 50 87.1 87.1", "897.7 950 912.9 912.9"]
    );
    assert_eq!(Ridges::of_layer(&layer(&workspace, id)).expect("stated").unstated_count(), 0);
    workspace.undo();
    assert_eq!(state(&workspace, id), shared);
    for share in [-0.1, 1.0, f64::NAN] {
        assert_eq!(draft::set_ridges(&workspace, id, &[2], share), Err(EditError::NoShare));
    }
}

#[test]
fn net_flow_counts_the_cropland_that_states_no_share() {
    let (mut workspace, id) = workspace();
    let entry = layer(&workspace, id);
    let areas = overlay::measured(&entry, AreaMethod::Survey, &Progress::new()).expect("measured");
    assert!(workspace.set_areas(id, entry.revision, Arc::new(areas)));
    sd2019(&mut workspace, id, &[2], "0101");
    let scenario = workspace.scenarios.shown().expect("forked");
    let live = crate::scenario::plan::against_base::live(
        &workspace,
        scenario,
        id,
        transition::Level::AsGiven,
        &Progress::new(),
    )
    .expect("summed");
    assert_eq!(live.layer_flow().unstated_count, 1);
    let mut live = live;
    let draft = draft::set_ridges(&workspace, id, &[2], 0.1).expect("a share");
    workspace.apply(draft, By::default()).expect("applies");
    assert_eq!(live.sync(&layer(&workspace, id)), Ok(true));
    assert_eq!(live.layer_flow().unstated_count, 0);
}

#[test]
fn printed_gains_and_losses_add_up() {
    let mu = |mu: f64| mu * 2000.0 / 3.0;
    let flow = Flow {
        into_m2: mu(13_000.004),
        out_m2: mu(150_000.004),
        into_net_m2: Some(mu(12_649.576)),
        out_net_m2: Some(mu(142_649.699)),
        restated_net_m2: Some(mu(0.123)),
        unstated_count: 0,
    };
    let unit = crate::units::AreaUnit::Mu;
    let printed = flow.printed(unit, true);
    assert_eq!((printed.balance, printed.is_net), (-130_000.0, true));
    let cents = |value: f64| (value * 100.0).round() as i64;
    assert_eq!(cents(printed.into) - cents(printed.out) + cents(printed.restated), cents(printed.balance));
    assert_eq!(cents(printed.restated), 12);
    let gross = flow.printed(unit, false);
    assert_eq!(cents(gross.into) - cents(gross.out), cents(gross.balance));
    assert_eq!((gross.restated, gross.is_net), (0.0, false));
}
