use super::*;
use crate::io::{OpenOptions, open_bytes};
use crate::report::output::{Format, bytes};
use crate::rules::Rules;
use crate::scenario::Workspace;
use crate::task::Progress;

/// Squares of 0.001° in a row from 117°E, each of a class.
fn layer(name: &str, codes: &[&str]) -> crate::model::Layer {
    let feature = |(at, code): (usize, &&str)| {
        let (x0, x1) = (117.0 + 0.001 * at as f64, 117.001 + 0.001 * at as f64);
        format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}","BSM":"{at:018}"}},"geometry":{{"type":"Polygon","coordinates":[[[{x0},36.8],[{x1},36.8],[{x1},36.801],[{x0},36.801],[{x0},36.8]]]}}}}"#
        )
    };
    let features: Vec<String> = codes.iter().enumerate().map(feature).collect();
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    let opened = open_bytes(&format!("{name}.geojson"), text.into_bytes(), &OpenOptions::default(), &Progress::new());
    opened.expect("opens").layers.remove(0)
}

fn gathered(with_pictures: bool) -> Gathered {
    let mut workspace = Workspace::new();
    workspace.name = "示例 <甲>".to_owned();
    for (name, codes) in [("DLTB_2025", ["0101", "0301", "0103"]), ("DLTB_2035", ["0701", "0301", "0103"])] {
        workspace.add(std::sync::Arc::new(layer(name, &codes)));
    }
    let rules = "format = 1\nname = \"规则\"\n[[rule]]\nid = \"a\"\nname = \"建设用地\"\nindicator = \"construction\"\nlimit = \"0 亩\"\n";
    let rules = Rules::parse(rules, std::path::Path::new("r.toml"));
    let asked = Asked { with_pictures, ..Asked::default() };
    gather(&workspace, Some(rules), &asked, Language::Chinese, &Progress::new()).expect("gathers")
}

#[test]
fn every_figure_of_the_document_is_found_again_in_the_data() {
    let gathered = gathered(false);
    let template = Template::default();
    let document = report(&gathered, &template, "2026-06-18", Form::Parts, Language::Chinese);
    let data = data(&gathered, Language::Chinese);
    let mut known = std::collections::BTreeSet::new();
    texts_of(&data, &mut known);
    let mut figures = 0;
    for part in &document.parts {
        match part {
            Part::Table(table) => {
                let shown = table.figures();
                for row in 0..shown.rows.len() {
                    for column in 0..table.columns.len() {
                        let figure = shown.shown(row, column);
                        assert!(figure.is_empty() || known.contains(&figure), "{}: {figure}", table.title);
                        figures += 1;
                    }
                }
            }
            // A sentence with a figure is there as it stands.
            Part::Line(line) if line.contains(|c: char| c.is_ascii_digit()) => {
                assert!(known.contains(line), "{line}");
            }
            _ => {}
        }
    }
    assert!(figures > 50, "{figures}");
    let scenario = &gathered.scenarios[0];
    assert!(scenario.land.is_ok(), "{:?}", scenario.land.as_ref().err());
    let says = sentences::of_scenario(&gathered, scenario, Language::Chinese);
    assert!(
        says.iter().any(|line| line.contains("建设用地增加")) && says.iter().any(|line| line.contains("耕地减少")),
        "{says:?}"
    );
}

/// Every text of a JSON value, and every number as a table prints a count.
fn texts_of(value: &Json, into: &mut std::collections::BTreeSet<String>) {
    match value {
        Json::String(text) => {
            into.insert(text.clone());
        }
        Json::Number(number) => {
            into.extend(number.as_u64().map(|count| crate::units::format_number(count as f64, 0)));
        }
        Json::Array(values) => values.iter().for_each(|value| texts_of(value, into)),
        Json::Object(members) => members.values().for_each(|value| texts_of(value, into)),
        Json::Null | Json::Bool(_) => {}
    }
}

#[test]
fn every_kind_of_figure_says_how_it_comes_about() {
    let gathered = gathered(false);
    let made = gathered.made(Language::Chinese);
    let mut kinds = 0;
    for made in made.iter().flat_map(|(_, made)| made) {
        for column in made.table.columns.iter().filter(|column| column.kind != crate::report::ColumnKind::Text) {
            assert!(column.formula.is_some(), "{}: {}", made.word, column.key);
            kinds += 1;
        }
    }
    assert!(kinds > 30, "{kinds}");
    let why = data(&gathered, Language::Chinese);
    let rows = why["why"]["printed"].as_array().expect("rows");
    assert!(rows.len() > 15 && rows.iter().all(|row| row[2].as_str().is_some_and(|formula| !formula.is_empty())));
    // Whoever opens a document finds the same there.
    let page = report(&gathered, &Template::default(), "2026-06-18", Form::Parts, Language::Chinese);
    let is_kinds = |part: &Part| matches!(part, Part::Table(table) if table.title == "数的来历");
    assert!(page.parts.iter().any(is_kinds));
    let book = report(&gathered, &Template::default(), "2026-06-18", Form::Workbook, Language::Chinese);
    assert!(book.sheets.iter().any(|table| table.title == "数的来历"));
}

#[test]
fn exact_values_stand_beside_what_is_printed() {
    let gathered = gathered(false);
    let all = data(&gathered, Language::Chinese);
    let balance = &all["scenarios"][0]["tables"]["balance"];
    let (rows, printed) = (balance["rows"].as_array().expect("rows"), &balance["printed"]);
    let mut differ = 0;
    for (at, row) in rows.iter().enumerate() {
        let exact = row["base"].as_f64().expect("a number");
        let read: f64 = printed[at][1].as_str().expect("a figure").replace(',', "").parse().expect("a number");
        assert!((exact - read).abs() <= 0.010_001, "{exact} {read}");
        differ += usize::from((exact - read).abs() > 1e-9);
    }
    assert!(differ > 0, "what is exact is not what is printed");
}

#[test]
fn the_same_date_gives_the_same_file_in_every_format() {
    let gathered = gathered(true);
    let template = Template::default();
    for format in [Format::Html, Format::Docx, Format::Pdf, Format::Pptx, Format::Xlsx, Format::Json] {
        let made = || {
            let report = report(&gathered, &template, "2026-06-18", format.form(), Language::Chinese);
            bytes(&report, format, Language::Chinese).expect("is written")
        };
        let first = made();
        assert!(first == made() && first.len() > 1000, "{format:?}");
    }
    let page = report(&gathered, &template, "2026-06-18", Form::Parts, Language::Chinese);
    assert!(page.parts.iter().filter(|part| matches!(part, Part::Picture(_))).count() >= 4);
}

#[test]
fn parts_stand_in_the_order_of_the_template_with_its_texts() {
    let gathered = gathered(false);
    let mut template =
        Template::parse("office = \"某局\"\n[text]\nbefore = \"{{project}} {{date}}\"\nrules = \"依据\"\n");
    let template = template.as_mut().expect("is one");
    template.choose("rules,summary").expect("are parts");
    let report = report(&gathered, template, "2026-06-18", Form::Parts, Language::Chinese);
    let lines: Vec<&str> = report
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Line(text) | Part::Heading(1, text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let place = |wanted: &str| lines.iter().position(|line| *line == wanted);
    let places = ["某局", "示例 <甲> 2026-06-18", "1 规则核对", "依据", "2 概要"].map(place);
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} of {lines:?}");
}

#[test]
fn placeholders_reach_the_tables() {
    let gathered = gathered(false);
    let names = values(&gathered, &Template::default(), "2026-06-18", Language::Chinese).names();
    for wanted in ["title", "overview.….base", "structure.….change", "accounts.….difference", "balance.….scenario"]
    {
        assert!(names.iter().any(|name| name == wanted), "{wanted} of {names:?}");
    }
}

#[test]
fn files_are_named_as_seen_from_the_folder_that_they_lie_in() {
    let check = |paths: &[&str], expected: &str| {
        let found = common_folder(paths.iter().map(std::path::PathBuf::from));
        assert_eq!(found, std::path::Path::new(expected), "{paths:?}");
    };
    check(&[], "");
    check(&["/a/b/x.shp"], "/a/b");
    check(&["/a/b/x.shp", "/a/b/y.shp", "/a/c/z.shp"], "/a");
    check(&["data/x.shp", "data/old/y.shp"], "data");
    check(&["/a/x.gdb/dltb", "/a/x.gdb/czkfbj"], "/a");
    check(&["demo:x.geojson", "demo:y.geojson"], "");
    check(&["postgresql://host/db/x", "postgresql://host/db/y"], "");
}

#[test]
fn several_scenarios_stand_beside_each_other() {
    let mut gathered = gathered(false);
    assert!(gathered.beside(PlanPart::Balance, Language::Chinese).is_none(), "one has nothing beside it");
    let second = OfScenario { name: "乙".to_owned(), ..gathered.scenarios[0].clone() };
    gathered.scenarios.push(second);
    let classes = gathered.beside(PlanPart::Balance, Language::Chinese).expect("two scenarios");
    let shown = classes.figures();
    let rows: Vec<Vec<String>> =
        (0..shown.rows.len()).map(|row| (0..4).map(|column| shown.shown(row, column)).collect()).collect();
    // Both are alike: cropland, forest, housing, and the sum.
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert!(rows.iter().all(|row| row[2] == row[3]), "{rows:?}");
    assert!(rows[0][0].contains("耕地") && rows[3][0] == "合计", "{rows:?}");
    let rules = gathered.beside(PlanPart::Rules, Language::Chinese).expect("rules");
    assert_eq!((rules.rows.len(), rules.columns.len()), (1, 4));
    let document = report(&gathered, &Template::default(), "2026-06-18", Form::Parts, Language::Chinese);
    for title in ["各方案用地对照表", "各方案规则对照表"] {
        let is_it = |part: &Part| matches!(part, Part::Table(table) if table.title == title);
        assert_eq!(document.parts.iter().filter(|part| is_it(part)).count(), 1, "{title}");
    }
    let data = data(&gathered, Language::Chinese);
    assert!(data["by_class"]["printed"].is_array() && data["by_rule"]["rows"].is_array());
}
