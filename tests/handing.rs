//! Handing work in, from end to end: reports in every format, an office's own workbook, packages and their verifying.

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use calamine::{Data, Reader, Xlsx};

use egui_kittest::kittest::Queryable;
use tuban::text::Language;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::file::FileCommand;
use tuban::ui::session::parts::Card;

use crate::program::tuban;
use crate::window::{click, demo, session};

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tuban-handing-{}-{name}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

fn done(folder: &Path, line: &str) -> String {
    let output = tuban(folder, line);
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn code(folder: &Path, line: &str) -> Option<i32> {
    tuban(folder, line).status.code()
}

fn sheets(path: &Path) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book = Xlsx::new(Cursor::new(fs::read(path).expect("reads"))).expect("a workbook");
    let sheets = book.worksheets();
    sheets.into_iter().map(|(name, range)| (name, range.rows().map(<[Data]>::to_vec).collect())).collect()
}

#[test]
fn the_demo_is_reported_in_every_format_and_says_the_same() {
    let folder = folder("formats");
    for ending in ["html", "docx", "pdf", "pptx", "xlsx", "json"] {
        done(&folder, &format!("--lang zh report --date 2026-06-18 -o a.{ending}"));
    }
    done(&folder, "--lang zh report --date 2026-06-18 -o b.docx");
    let read = |name: &str| fs::read(folder.join(name)).expect("was written");
    assert!(read("a.docx") == read("b.docx"), "one date, one file");
    assert!(read("a.pdf").starts_with(b"%PDF"));
    let page = fs::read_to_string(folder.join("a.html")).expect("UTF-8");
    assert!(page.matches("<svg").count() >= 4 && page.matches("<table").count() >= 8);
    let data: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("a.json")).expect("reads")).expect("one JSON object");
    for line in data["scenarios"][0]["says"].as_array().expect("sentences") {
        let line = line.as_str().expect("text").replace('&', "&amp;").replace('"', "&quot;");
        assert!(page.contains(&line), "{line}");
    }
    let mut figures = 0;
    for row in data["scenarios"][0]["tables"]["balance"]["printed"].as_array().expect("rows") {
        for figure in row.as_array().expect("cells") {
            let figure = figure.as_str().expect("text");
            assert!(page.contains(&format!(">{figure}</td>")), "{figure}");
            figures += 1;
        }
    }
    assert!(figures > 80, "{figures}");
    // Every figure of every table of the page is found again, as it is printed.
    let mut known = std::collections::BTreeSet::new();
    texts_of(&data, &mut known);
    let mut missing = Vec::new();
    let mut found = 0;
    for cell in page.split("<td class=\"n\"").skip(1) {
        let text = cell.split_once('>').and_then(|(_, rest)| rest.split_once("</td>")).map_or("", |(text, _)| text);
        if text.is_empty() {
            continue;
        }
        found += 1;
        if !known.contains(text) {
            missing.push(text.to_owned());
        }
    }
    assert!(missing.is_empty() && found > 300, "{found}: {missing:?}");
    // Figures say what they are exactly; each table says how they come about.
    assert!(page.matches("准确值 ").count() > 100 && page.matches("<details class=\"why\">").count() >= 8);
    let book = sheets(&folder.join("a.xlsx"));
    let names: Vec<&str> = book.iter().map(|(name, _)| name.as_str()).collect();
    for wanted in ["用地平衡表", "占压台账", "用地结构调整表", "占用地类表", "耕地占补平衡表", "数的来历", "来源"]
    {
        assert!(names.contains(&wanted), "{wanted} of {names:?}");
    }
    // A sum is a formula that holds the figure as well.
    let mut archive =
        zip::ZipArchive::new(Cursor::new(fs::read(folder.join("a.xlsx")).expect("reads"))).expect("a zip");
    let mut formulas = 0;
    for index in 0..archive.len() {
        let mut text = String::new();
        if archive.by_index(index).expect("is there").read_to_string(&mut text).is_ok() {
            formulas += text.matches("<f>SUM(").count();
        }
    }
    assert!(formulas > 10, "{formulas}");
    let notes = (0..archive.len()).filter(|at| {
        let name = archive.by_index(*at).map(|part| String::from_utf8_lossy(part.name_raw()).into_owned());
        name.is_ok_and(|name| name.starts_with("xl/comments"))
    });
    assert!(notes.count() >= 8, "notes behind headings");
    let (_, balance) = book.iter().find(|(name, _)| name == "用地平衡表").expect("is there");
    let total = balance.iter().position(|row| row[0] == Data::String("合计".to_owned())).expect("has a total");
    let number = |cell: &Data| match cell {
        Data::Float(value) => *value,
        Data::Int(value) => *value as f64,
        _ => 0.0,
    };
    for column in 1..6 {
        let sum: f64 = balance[1..total].iter().map(|row| number(&row[column])).sum();
        assert!((sum - number(&balance[total][column])).abs() < 0.005, "{column}: {sum}");
    }
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn a_report_takes_parts_in_order_and_an_office_s_texts() {
    let folder = folder("template");
    fs::write(folder.join("t.toml"), "title = \"{{project}}比选\"\n[text]\nrules = \"依据如下\"\n").expect("written");
    let text = done(&folder, "--lang zh report --date 2026-06-18 --template t.toml --parts rules,summary");
    let place = |word: &str| text.find(word).unwrap_or_else(|| panic!("{word}: {text}"));
    assert!(place("1 规则核对") < place("依据如下") && place("依据如下") < place("2 概要"));
    assert!(!text.contains("方法与来源"));
    assert_eq!(code(&folder, "report --parts maps,nonsense"), Some(2));
    assert_eq!(code(&folder, "report --date 18.6.2026"), Some(2));
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn an_office_s_workbook_is_filled() {
    let folder = folder("fill");
    let names = done(&folder, "--lang zh report --date 2026-06-18 --placeholders");
    assert!(names.contains("{{title}}") && names.contains("{{balance.….scenario}}"), "{names}");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "{{title}}").expect("writes");
    sheet.write_string(1, 0, "耕地").expect("writes");
    sheet.write_string(1, 1, "{{balance.01.scenario}}").expect("writes");
    sheet.write_string(2, 1, "{{balance.total.base}}").expect("writes");
    book.save(folder.join("own.xlsx")).expect("saved");
    done(&folder, "--lang zh report --date 2026-06-18 --fill own.xlsx -o out.xlsx");
    let (_, rows) = sheets(&folder.join("out.xlsx")).remove(0);
    assert_eq!(rows[0][0], Data::String("方案比选报告".to_owned()));
    assert_eq!(rows[1][0], Data::String("耕地".to_owned()));
    assert!(matches!(rows[1][1], Data::Float(value) if value > 1e5), "{:?}", rows[1][1]);
    assert!(matches!(rows[2][1], Data::Float(value) if value > 1e6) || matches!(rows[2][1], Data::Int(_)));
    sheet_with_unknown(&folder);
    assert_eq!(code(&folder, "report --fill unknown.xlsx -o never.xlsx"), Some(2));
    assert!(!folder.join("never.xlsx").exists());
    fs::remove_dir_all(folder).expect("removed");
}

/// Every text of a JSON value, and every number as a table prints a count.
fn texts_of(value: &serde_json::Value, into: &mut std::collections::BTreeSet<String>) {
    match value {
        serde_json::Value::String(text) => {
            into.insert(text.clone());
        }
        serde_json::Value::Number(number) => {
            into.extend(number.as_u64().map(|count| tuban::units::format_number(count as f64, 0)));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| texts_of(value, into)),
        serde_json::Value::Object(members) => members.values().for_each(|value| texts_of(value, into)),
        _ => {}
    }
}

fn sheet_with_unknown(folder: &Path) {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write_string(0, 0, "{{balance.9999.base}}").expect("writes");
    book.save(folder.join("unknown.xlsx")).expect("saved");
}

#[test]
fn a_package_is_made_and_verified_and_one_byte_is_noticed() {
    let folder = folder("package");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    for name in ["dltb_2025.geojson.gz", "dltb_2035.geojson.gz", "stbhhx.geojson.gz"] {
        fs::copy(demo.join(name), folder.join(name)).expect("copied");
    }
    let project = "format = 5\nname = \"小样\"\n[[layer]]\npath = \"dltb_2025.geojson.gz\"\nkind = \"polygon\"\nrole = \"land-use\"\ngroup = \"land-use\"\ntitle = \"2025\"\nbytes = 0\nhash = \"\"\n\
        [[layer]]\npath = \"dltb_2035.geojson.gz\"\nkind = \"polygon\"\nrole = \"land-use\"\ngroup = \"land-use\"\ntitle = \"2035\"\nbytes = 0\nhash = \"\"\n\
        [[layer]]\npath = \"stbhhx.geojson.gz\"\nkind = \"polygon\"\nrole = \"red-line\"\ngroup = \"other\"\ntitle = \"红线\"\nbytes = 0\nhash = \"\"\n";
    fs::write(folder.join("p.toml"), project).expect("written");
    done(&folder, "package p.toml -o x.zip --date 2026-06-18");
    done(&folder, "package p.toml -o y.zip --date 2026-06-18 --hashes");
    assert_eq!(code(&folder, "verify x.zip"), Some(0));
    assert_eq!(code(&folder, "verify y.zip --sources ."), Some(0));
    let elsewhere = folder.join("elsewhere");
    fs::create_dir_all(&elsewhere).expect("a folder");
    fs::rename(folder.join("y.zip"), elsewhere.join("y.zip")).expect("moved");
    assert_eq!(code(&elsewhere, "verify y.zip"), Some(2));
    // Any byte of what is packed.
    let whole = fs::read(folder.join("x.zip")).expect("reads");
    let mut changed = whole.clone();
    let middle = whole.len() / 3;
    changed[middle] ^= 1;
    fs::write(folder.join("z.zip"), changed).expect("written");
    assert_eq!(code(&folder, "verify z.zip"), Some(1));
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn help_tells_check_and_verify_apart() {
    let help = done(&folder("help"), "--lang zh --help");
    let line = |verb: &str| help.lines().find(|line| line.trim_start().starts_with(verb)).map(str::to_owned);
    for verb in ["check", "validate", "verify", "report", "package"] {
        assert!(line(verb).is_some_and(|line| line.chars().any(|c| c > '\u{2e80}')), "{verb}: {help}");
    }
}

#[test]
fn the_card_of_the_report_offers_parts_and_formats() {
    let mut window = demo(Language::Chinese, (1400.0, 900.0));
    window.state_mut().push(Command::File(FileCommand::Report));
    window.run_steps(4);
    assert_eq!(session(&window).card, Some(Card::Report));
    for label in ["概要", "图件", "地类转移矩阵", "占压台账", "方法与来源", "网页（HTML）", "PDF", "写出报告…"]
    {
        assert!(window.query_all_by_label(label).count() > 0, "{label}");
    }
    click(&mut window, "网页（HTML）");
    click(&mut window, "占压台账");
    assert_eq!(session(&window).card, Some(Card::Report));
}
