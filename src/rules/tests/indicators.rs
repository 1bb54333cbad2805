//! Every indicator against small maps with areas that can be counted.

use std::sync::Arc;

use super::*;
use crate::model::classes::Scheme;
use crate::model::roles::Role;
use crate::model::{AreaMethod, Layer};
use crate::scenario::plan_state::{PlanState, StateLayer};
use crate::task::Progress;
use crate::testing::grid;

/// A toy map: each letter is a feature, with class and share of ridges.
fn layer(map: &str, features: &[(char, &str, f64)]) -> Layer {
    let features: Vec<(char, (&str, f64))> =
        features.iter().map(|(letter, code, ridge)| (*letter, (*code, *ridge))).collect();
    grid(map, &features, |(code, ridge)| format!(r#""DLBM":"{code}","KCXS":{ridge}"#))
}

fn member(title: &str, role: Role, layer: Layer) -> StateLayer {
    StateLayer {
        title: title.to_owned(),
        role,
        class_field: layer.field("DLBM").filter(|_| role == Role::LandUse),
        scheme: Some(Scheme::Ydyh2023).filter(|_| role == Role::LandUse),
        areas: None,
        layer: Arc::new(layer),
    }
}

/// Cropland A and D, houses B, road C. In the scenario D is built on, and the road is gone.
///
/// ```text
/// base      scenario   boundary   farmland base  scenario   red line
/// AABC      AABB       ..xx       pq..           pp..       ....
/// DDBC      EEBB       ..xx       rr..           ....       .yy.
/// ```
fn facts() -> Facts {
    let base = layer("AABC/DDBC", &[('A', "0101", 0.1), ('B', "0701", 0.0), ('C', "1207", 0.0), ('D', "0103", 0.2)]);
    let plan = layer("AABB/EEBB", &[('A', "0101", 0.1), ('B', "0701", 0.0), ('E', "100101", 0.0)]);
    let farmland = layer("pq../rr..", &[('p', "", 0.1), ('q', "", 0.2), ('r', "", 0.5)]);
    let less = layer("pp../....", &[('p', "", 0.25)]);
    let boundary = layer("..xx/..xx", &[('x', "", 0.0)]);
    let red_line = layer("..../.yy.", &[('y', "", 0.0)]);
    let state = |land: Layer, farmland: Layer| PlanState {
        name: String::new(),
        layers: vec![
            member("边界", Role::DevelopmentBoundary, boundary.clone()),
            member("红线", Role::RedLine, red_line.clone()),
            member("永农", Role::BasicFarmland, farmland),
            member("用地", Role::LandUse, land),
        ],
    };
    let base = state(base, farmland);
    Facts::new(Some(base), state(plan, less), AreaMethod::Planar, &FactCache::default())
}

fn rule(indicator: &str) -> Rules {
    // Whatever its kind, the limit has it too.
    let text = format!(
        "[constants.half]\nvalue = \"0.5 m2\"\n[groups]\n\"房\" = [\"07\"]\n\"房路\" = [\"07\", \"1207\"]\n{}",
        file(indicator, &format!("0 * ({indicator})"))
    );
    let rules = parsed(&text);
    assert_eq!(rules.errors, [], "{indicator}");
    rules
}

fn value(facts: &Facts, indicator: &str) -> Result<f64, Reason> {
    let outcome = evaluate(&rule(indicator), facts, &Progress::new()).expect("not cancelled").remove(0);
    match outcome.value {
        Some(value) => Ok((value * 1e6).round() / 1e6 + 0.0),
        None => Err(outcome.reason.expect("a reason")),
    }
}

#[test]
fn indicators_are_what_one_counts() {
    let facts = facts();
    let check = |indicator: &str, expected: f64| {
        let found = value(&facts, indicator).expect(indicator);
        assert!((found - expected).abs() < 1e-9, "{indicator}: {found}");
    };
    // Classes, in the scenario unless the base is named.
    check("land_use", 8.0);
    check("construction", 6.0);
    check("base(construction)", 4.0);
    check("big(\"建设用地\")", 6.0);
    check("class(\"01\")", 2.0);
    check("耕地", 2.0);
    check("base(class(\"01\"))", 4.0);
    check("base(class(\"0101\", \"1207\"))", 4.0);
    check("class(\"YDYH2023:10\")", 2.0);
    check("base(房)", 2.0);
    check("base(房路)", 4.0);
    check("area(basic_farmland)", 2.0);
    check("base(layer(\"永农\"))", 4.0);
    check("base(layer(\"basic-farmland\"))", 4.0);
    check("layer(\"永久基本农田\")", 2.0);
    check("count(construction)", 2.0);
    check("base(count(land_use))", 4.0);
    // Net of ridges.
    check("net(cropland)", 1.8);
    check("base(net(cropland))", 1.8 + 1.6);
    check("base(net(basic_farmland))", 0.9 + 0.8 + 1.0);
    // With lines.
    check("overlap(construction, red_line)", 2.0);
    check("base(overlap(construction, red_line))", 1.0);
    check("outside(construction, boundary)", 2.0);
    check("base(outside(construction, boundary))", 0.0);
    check("overlap(cropland, boundary)", 0.0);
    check("overlap(red_line, construction)", 2.0);
    check("base(outside(red_line, construction))", 1.0);
    check("base(overlap(basic_farmland, red_line))", 1.0);
    check("overlap(net(basic_farmland), cropland)", 1.5);
    check("base(overlap(net(basic_farmland), class(\"0103\")))", 1.0);
    check("outside(net(basic_farmland), construction)", 1.5);
    check("overlap(construction, base(basic_farmland))", 2.0);
    // Within one layer, and between two states of land use.
    check("overlap(construction, 房)", 4.0);
    check("outside(construction, 房)", 2.0);
    check("overlap(construction, base(construction))", 4.0);
    check("outside(construction, base(cropland))", 4.0);
    check("overlap(land_use, construction)", 6.0);
    // Changes.
    check("net_loss(cropland)", 2.0);
    check("net_gain(construction)", 2.0);
    check("loss(cropland)", 2.0);
    check("gain(construction)", 2.0);
    check("loss(construction)", 0.0);
    check("loss(class(\"1207\"))", 2.0);
    check("gain(房)", 2.0);
    check("net_loss(basic_farmland)", 2.0);
    check("net_loss(net(basic_farmland))", 2.7 - 1.5);
    check("loss(basic_farmland)", 2.0);
    check("loss(net(basic_farmland))", 1.0);
    check("gain(basic_farmland)", 0.0);
    check("net_gain(overlap(construction, red_line))", 1.0);
    check("net_gain(count(construction))", 0.0);
    // Shares and sums.
    check("share(construction, land_use)", 0.75);
    check("base(share(construction, land_use))", 0.5);
    check("net_gain(share(construction, land_use))", 0.25);
    check("construction / land_use - 25 %", 0.5);
    check("2 * construction - half / 2 + 10 % * land_use", 12.0 - 0.25 + 0.8);
    check("min(construction, 5 m2)", 5.0);
    check("max(construction, 5 m2, cropland)", 6.0);
    check("abs(net_gain(cropland))", 2.0);
    check("-(1 m2 - 3 m2)", 2.0);
}

#[test]
fn what_cannot_be_judged_says_why() {
    let whole = facts();
    let check = |facts: &Facts, indicator: &str, expected: &str| {
        let reason = value(facts, indicator).expect_err(indicator);
        assert_eq!(reason.text(Language::English), expected, "{indicator}");
        assert_ne!(reason.text(Language::Chinese), expected, "{indicator}");
    };
    check(&whole, "layer(\"安置区\")", "layer missing: Resettlement sites");
    check(&whole, "base(layer(\"某某\"))", "layer missing in the base: 某某");
    check(&whole, "construction / (construction - construction)", "something is divided by zero");
    check(&whole, "class(\"SD2019:0101\")", "the rule is written for SD2019, the layer uses YDYH2023");
    check(&whole, "class(\"0303\", \"08H1\")", "YDYH2023, which the layer uses, has no \"08H1\"");
    check(&whole, "unused", "YDYH2023, which the layer uses, has no \"未利用地\"");
    let mut facts = whole.clone();
    facts.base = None;
    check(&facts, "net_loss(cropland)", "there is no base to compare with");
    assert_eq!(value(&facts, "construction"), Ok(6.0));
    let mut facts = whole.clone();
    facts.scenario.layers.retain(|layer| layer.role != Role::RedLine);
    check(&facts, "overlap(construction, red_line)", "layer missing: Ecological red line");
    let mut facts = whole.clone();
    facts.scenario.layers.push(facts.scenario.layers[3].clone());
    check(&facts, "construction", "there are several layers of land use");
    let mut facts = whole.clone();
    facts.scenario.layers[3].class_field = None;
    check(&facts, "construction", "layer \"用地\" has no class field");
    let mut facts = whole.clone();
    facts.scenario.layers[3].scheme = None;
    check(&facts, "construction", "the classes of layer \"用地\" belong to no known classification");
    // By their beginning all the same.
    assert_eq!(value(&facts, "class(\"10\")"), Ok(2.0));
    let mut facts = whole.clone();
    let bare = layer("x", &[('x', "", 0.0)]);
    let bare = Layer { fields: Arc::new(vec![bare.fields[0].clone()]), ..bare };
    facts.scenario.layers[2].layer = Arc::new(bare);
    check(&facts, "net(basic_farmland)", "layer \"永农\" states no share of ridges (KCXS), so there is no net area");
    // A mistake is a reason, and the other rules go on.
    let rules = parsed(&format!("{}{}", file("constructon", "1 mu"), file("construction", "1 mu")));
    let found = evaluate(&rules, &whole, &Progress::new()).expect("not cancelled");
    assert_eq!((found[0].light, found[1].value.map(f64::round)), (Light::Unknown, Some(6.0)));
    let said = found[0].reason.as_ref().map(|reason| reason.text(Language::English)).unwrap_or_default();
    assert!(said.starts_with("r.toml:3:14: rule \"甲\": unknown name"), "{said}");
}

#[test]
fn a_recode_needs_no_overlay() {
    let facts = facts();
    let rules = rule("overlap(construction, red_line)");
    let kept = evaluate_kept(&rules, &facts).remove(0);
    assert_eq!((kept.light, kept.reason), (Light::Unknown, Some(Reason::Pending)));
    let first = evaluate(&rules, &facts, &Progress::new()).expect("not cancelled").remove(0);
    assert_eq!(first.value.map(f64::round), Some(2.0));
    assert_eq!(evaluate_kept(&rules, &facts).remove(0), first);
    // E becomes cropland: the same geometry with other attributes.
    let recoded = layer("AABB/EEBB", &[('A', "0101", 0.1), ('B', "0701", 0.0), ('E', "0101", 0.0)]);
    let before = facts.scenario.layers[3].layer.clone();
    let mut after = facts.clone();
    after.scenario.layers[3].layer = Arc::new(Layer { shape: before.shape, ..recoded });
    assert_eq!(evaluate_kept(&rules, &after).remove(0).value.map(f64::round), Some(1.0));
}

#[test]
fn the_features_behind_a_rule_are_told() {
    let facts = facts();
    let check = |indicator: &str, comparison: &str, expected: &[(Which, &str, u32, f64)]| {
        let mut rules = rule(indicator);
        rules.rules[0].comparison = Comparison::from_word(comparison).expect("a comparison");
        let found = breaches(&rules.rules[0], &facts, &Progress::new()).expect("not cancelled");
        let found: Vec<_> =
            found.iter().map(|b| (b.which, b.title.as_str(), b.feature, (b.m2 * 1e6).round() / 1e6)).collect();
        assert_eq!(found, expected, "{indicator}");
    };
    use Which::{Base, Scenario};
    check("overlap(construction, red_line)", "=", &[(Scenario, "用地", 1, 1.0), (Scenario, "用地", 2, 1.0)]);
    check("outside(construction, boundary)", "<=", &[(Scenario, "用地", 2, 2.0)]);
    check("construction - cropland", "<=", &[(Scenario, "用地", 1, 4.0), (Scenario, "用地", 2, 2.0)]);
    check("net_loss(basic_farmland)", "<=", &[(Base, "永农", 2, 2.0)]);
    check("share(cropland, land_use)", ">=", &[]);
    check("20 m2 - construction", ">=", &[(Scenario, "用地", 1, 4.0), (Scenario, "用地", 2, 2.0)]);
}

#[test]
fn cancelling_ends_it() {
    let progress = Progress::new();
    progress.cancel();
    assert_eq!(evaluate(&rule("overlap(construction, red_line)"), &facts(), &progress), Err(crate::task::Cancelled));
}
