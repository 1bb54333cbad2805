use std::path::Path;

use super::*;

mod indicators;

/// A file with one rule of that indicator and limit.
fn file(indicator: &str, limit: &str) -> String {
    format!("[[rule]]\nname = \"甲\"\nindicator = '{indicator}'\ncomparison = \"<=\"\nlimit = '{limit}'\n")
}

fn parsed(text: &str) -> Rules {
    Rules::parse(text, Path::new("r.toml"))
}

/// Mistakes as line, column, key.
fn mistakes(text: &str) -> Vec<(usize, usize, &'static str)> {
    parsed(text).errors.iter().map(|error| (error.line, error.column, error.message.key)).collect()
}

#[test]
fn mistakes_in_formulas_have_a_place() {
    // Column in the formula; the file has 13 characters before it.
    let check = |indicator: &str, column: usize, key: &str| {
        let found = mistakes(&file(indicator, "1 mu"));
        assert_eq!(found, [(3, 13 + column, key)], "{indicator}");
    };
    check("", 1, "rules.empty-expression");
    check("construction +", 15, "expr.ends-early");
    check("construction + )", 16, "expr.unexpected");
    check("construction 5", 14, "expr.unexpected");
    check("overlap(construction, red_line", 8, "expr.open-parenthesis");
    check("overlap(construction red_line)", 22, "expr.unexpected");
    check("(construction", 1, "expr.open-parenthesis");
    check("class(\"07)", 7, "expr.open-quote");
    check("construction # 2", 14, "expr.bad-character");
    check("1.2.3 mu", 1, "expr.bad-number");
    check("5 acres", 3, "rules.unknown-unit");
    check("5e400 mu", 1, "expr.bad-number");
    check("overlap(construction)", 1, "rules.argument-count");
    check("class()", 1, "rules.no-argument");
    check("min()", 1, "rules.no-argument");
    check("class(07)", 7, "rules.expects-text");
    check("class(\"0799\")", 7, "rules.unknown-class");
    check("class(\"GB:07\")", 7, "rules.unknown-scheme");
    check("class(\"SD2019:1401\")", 7, "rules.unknown-class");
    check("big(\"水域\")", 5, "rules.unknown-big");
    check("overlap(construction, 5 mu)", 23, "rules.expects-features");
    check("net(overlap(construction, red_line))", 5, "rules.expects-features");
    check("overlap(construction, net(basic_farmland))", 23, "rules.net-second");
    check("constructon", 1, "rules.unknown-name-near");
    check("nothing_like_it", 1, "rules.unknown-name");
    check("红线内", 1, "rules.unknown-name");
    check("overlp(construction, red_line)", 1, "rules.unknown-function-near");
    check("sqrt(construction)", 1, "rules.unknown-function");
    check("construction + \"07\"", 16, "rules.stray-text");
    check("construction > 5 mu", 1, "rules.only-arithmetic");
    check("construction % 7", 14, "rules.only-arithmetic");
    check("$area", 1, "rules.only-arithmetic");
    check("net(construction, )", 19, "expr.unexpected");
    check(&format!("{}1 mu{}", "(".repeat(80), ")".repeat(80)), 65, "expr.too-deep");
    check(&format!("1 mu{}", " + 1 mu".repeat(600)), 3592, "expr.too-long");
}

#[test]
fn units_are_checked() {
    let check = |indicator: &str, limit: &str, expected: &[(usize, usize, &str)]| {
        assert_eq!(mistakes(&file(indicator, limit)), expected, "{indicator} {limit}");
    };
    check("construction + 5 %", "1 mu", &[(3, 27, "rules.area-and-share")]);
    check("construction - 5", "1 mu", &[(3, 27, "rules.area-and-number")]);
    check("share(construction, land_use) + 1", "1 %", &[(3, 44, "rules.share-and-number")]);
    check("construction * land_use", "1 mu", &[(3, 27, "rules.area-times-area")]);
    check("5 % / land_use", "1 mu", &[(3, 18, "rules.divided-by-area")]);
    check("2 / construction", "1", &[(3, 16, "rules.divided-by-area")]);
    check("max(construction, 5 %)", "1 mu", &[(3, 32, "rules.area-and-share")]);
    check("share(construction, 5)", "1 %", &[(3, 34, "rules.share-of-different")]);
    check("construction", "5 %", &[(5, 9, "rules.indicator-is-area")]);
    check("construction", "5", &[(5, 9, "rules.indicator-is-area")]);
    check("construction / land_use", "5 mu", &[(5, 9, "rules.indicator-is-share")]);
    check("count(construction)", "5 mu", &[(5, 9, "rules.indicator-is-number")]);
    for (indicator, limit) in [
        ("construction / land_use", "35 %"),
        ("share(construction, land_use) * land_use", "1 km2"),
        ("2 * construction - land_use / 3", "1.5 万亩"),
        ("construction / 5 %", "1 公顷"),
        ("5 % / 2 %", "3"),
        ("count(construction) * 2", "10 个"),
        ("abs(net_gain(share(construction, land_use)))", "3 %"),
        ("-min(construction, 3 mu) + max(1 ha, 2 km²)", "3 m²"),
        ("占用（建设用地，生态保护红线）×2", "0 亩"),
        ("净减少(净面积(永久基本农田))", "13 万亩"),
        ("class(“07”, \"SD2019:08\")", "130_000 mu"),
    ] {
        check(indicator, limit, &[]);
    }
}

#[test]
fn one_mistake_does_not_cost_the_other_rules() {
    let text = r#"
name = "规则"
colour = "red"
[constants]
quota = { value = "146 km2", source = "虚构" }
share = { value = "5 %" }
bad = { value = "construction" }
[groups]
"蓝绿" = ["01", "0x"]
[[rule]]
name = "一"
indicator = "construction"
comparison = "<="
limit = "quota"
[[rule]]
name = "二"
indicator = "construction"
comparsion = "<="
limit = "quota"
severity = "red"
[[rule]]
name = "三"
id = "rule-1"
indicator = """
overlap(construction,
  red_lin)"""
comparison = "≤"
limit = 0
[[rule]]
indicator = 3
comparison = ">="
limit = 2
warn = 1.5
unit = "亩"
"#;
    let rules = parsed(text);
    let found: Vec<(usize, usize, &str, Option<&str>)> =
        rules.errors.iter().map(|error| (error.line, error.column, error.message.key, error.rule.as_deref())).collect();
    let expected = [
        (3, 1, "rules.unknown-member", None),
        (9, 15, "rules.unknown-class", None),
        (7, 17, "rules.not-constant", None),
        (6, 1, "rules.name-taken", None),
        (18, 1, "rules.unknown-member-near", Some("二")),
        (15, 1, "rules.member-missing", Some("二")),
        (20, 12, "rules.unknown-severity", Some("二")),
        (23, 6, "rules.id-twice", Some("三")),
        (26, 3, "rules.unknown-name-near", Some("三")),
        (29, 1, "rules.member-missing", Some("rule-4")),
        (34, 8, "rules.indicator-is-number", Some("rule-4")),
        (33, 8, "rules.bad-warn", Some("rule-4")),
    ];
    assert_eq!(found, expected);
    let sound: Vec<&str> = rules.rules.iter().filter(|r| r.error.is_none()).map(|r| r.name.as_str()).collect();
    assert_eq!((sound, rules.rules.len()), (vec!["一"], 4));
    let said = rules.errors[4].text(Language::English);
    assert!(
        said.starts_with("r.toml:18:1: rule \"二\": unknown member \"comparsion\", did you mean \"comparison\""),
        "{said}"
    );
}

#[test]
fn hostile_files_end_in_mistakes() {
    let check = |text: &str, key: &str| {
        let rules = parsed(text);
        assert!(rules.errors.iter().any(|error| error.message.key == key), "{text:?}: {:?}", rules.errors);
    };
    assert_eq!(parsed(""), Rules { path: "r.toml".into(), ..Rules::default() });
    assert_eq!(parsed("\u{feff}# 空\r\n").errors, []);
    check("[[rule]\nname", "rules.toml");
    check("name = \"未完", "rules.toml");
    check("format = 2", "rules.newer");
    check("format = \"1\"", "rules.newer");
    check("rule = 5", "rules.expected-rules");
    check("rule = [5]", "rules.expected-table");
    check("rule = { name = 1 }", "rules.expected-rules");
    check("name = 5", "rules.expected-text");
    check("groups = 5", "rules.expected-table");
    check("[groups]\na = 5", "rules.expected-codes");
    check("[groups]\nconstruction = [\"07\"]", "rules.name-taken");
    check("[groups]\n\"a b\" = [\"07\"]", "rules.bad-name");
    check("constants = []", "rules.expected-table");
    check("[constants]\nx = 5", "rules.expected-table");
    check("[constants.x]\nsource = \"a\"", "rules.member-missing");
    check("[constants.x]\nvalue = true", "rules.expected-figure");
    check("[constants.x]\nvalue = \"1 mu / 0\"", "rules.not-constant");
    check("\u{0}\u{1}", "rules.toml");
    check(&"[".repeat(10_000), "rules.toml");
    check(&format!("a = {}", "[".repeat(10_000)), "rules.toml");
    // A mistake of syntax costs its rule only.
    let text = format!("{}[[rule]]\nname = \n{}", file("construction", "1 mu"), file("land_use", "1 mu"));
    let rules = parsed(&text);
    assert_eq!(rules.errors[0].line, 7, "{:?}", rules.errors);
    assert!(rules.rules.iter().filter(|rule| rule.error.is_none()).count() >= 1);
}

#[test]
fn lights_follow_limits() {
    let check = |comparison: &str, limit: &str, more: &str, value: f64, light: Light, margin: f64| {
        let text = format!(
            "[[rule]]\nname = \"甲\"\nindicator = \"construction\"\ncomparison = \"{comparison}\"\nlimit = \"{limit}\"\n{more}"
        );
        let rules = parsed(&text);
        assert_eq!(rules.errors, [], "{text}");
        let limit = match &rules.rules[0].plan {
            Some((_, limit)) => limit.constant().expect("a constant"),
            None => panic!("no plan"),
        };
        let (found, room) = judge::judged(&rules.rules[0], value, limit);
        assert_eq!(found, light, "{text} {value}");
        assert!((room - margin).abs() < 1e-9, "{text} {value}: {room}");
    };
    use Light::{Amber, Green, Red};
    check("<=", "100 m2", "", 95.0, Green, 5.0);
    check("<=", "100 m2", "", 95.1, Amber, 4.9);
    check("<=", "100 m2", "", 100.004, Amber, -0.004);
    check("<=", "100 m2", "", 100.006, Red, -0.006);
    check("<=", "100 m2", "severity = \"expected\"", 100.006, Amber, -0.006);
    check("<=", "100 m2", "warn = 0.5", 60.0, Amber, 40.0);
    check("<=", "100 m2", "warn = \"98 m2\"", 97.0, Green, 3.0);
    check("<=", "100 m2", "warn = \"98 %\"", 97.0, Green, 3.0);
    check("<=", "100 m2", "tolerance = \"1 m2\"", 100.9, Amber, -0.9);
    check("<", "100 m2", "", 100.0, Red, 0.0);
    check(">=", "100 m2", "", 104.0, Amber, 4.0);
    check(">=", "100 m2", "", 106.0, Green, 6.0);
    check(">=", "100 m2", "", 99.0, Red, -1.0);
    check("不低于", "100 m2", "", 106.0, Green, 6.0);
    check(">", "100 m2", "warn = \"100 m2\"", 101.0, Green, 1.0);
    check("=", "0 m2", "", 0.004, Green, -0.004);
    check("=", "0 m2", "", 0.006, Red, -0.006);
    check("<=", "0 m2", "", -5.0, Green, 5.0);
    // A figure in large units hides no more than half a hundredth of a mu.
    check("<=", "1 km2", "", 1e6 + 3.0, Amber, -3.0);
    check("<=", "1 km2", "", 1e6 + 4.0, Red, -4.0);
    check("<=", "3 亩", "", 2003.0, Amber, -3.0);
}

#[test]
fn figures_are_shown_with_their_unit() {
    let check = |indicator: &str, limit: &str, value: f64, expected: &str| {
        let rules = parsed(&file(indicator, limit));
        assert_eq!(rules.rules[0].unit.show(value, Language::Chinese), expected);
    };
    check("construction", "3 万亩", 2e8 / 3.0, "10.00 万亩");
    check("construction", "3", 0.0, "0.00 亩");
    check("construction - 1 ha", "0 km2", 1.5e6, "1.5000 km²");
    check("share(construction, land_use)", "3 %", 0.12345, "12.35 %");
    check("count(construction)", "3", 1234.0, "1,234");
    check("count(construction) / 3", "3", 0.333_333, "0.3333");
}

#[test]
fn the_demo_s_rules_have_no_mistakes() {
    let text = include_str!("../../data/demo.rules.toml");
    let rules = parsed(text);
    assert_eq!(rules.errors, []);
    assert_eq!(rules.rules.len(), 5);
    for rule in &rules.rules {
        assert!(!rule.name_en.is_empty() && !rule.source.is_empty() && !rule.source_en.is_empty(), "{}", rule.id);
    }
    assert!(text.contains("虚构") && text.contains("一篇新闻报道"));
}

#[test]
fn a_long_file_has_its_lines() {
    let rule = |n: usize| {
        let member = if n == 19_999 { "nonsense = 1\n" } else { "" };
        format!(
            "[[rule]]\nid = \"r{n}\"\nname = \"规则\"\nindicator = \"area(land_use)\"\ncomparison = \">=\"\nlimit = \"1 mu\"\n{member}"
        )
    };
    let text: String = (0..20_000).map(rule).collect();
    let rules = Rules::parse(&text, Path::new("long.toml"));
    assert_eq!(rules.rules.len(), 20_000);
    assert!(rules.rules.iter().enumerate().all(|(n, rule)| rule.line == 6 * n + 1));
    assert_eq!(rules.errors.iter().map(|error| (error.line, error.column)).collect::<Vec<_>>(), [(120_001, 1)]);
}
