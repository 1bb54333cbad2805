//! Files that arrive: opened, asked about, joined, read again in another encoding; in the window and on the command line.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Key, Modifiers};
use egui_kittest::kittest::Queryable;
use tuban::io::Encoding;
use tuban::text::Language;
use tuban::ui::Start;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::file::FileCommand;
use tuban::ui::session::command::layer::LayerCommand;
use tuban::ui::session::command::scenario::ScenarioCommand;
use tuban::ui::session::command::window::WindowCommand;
use tuban::ui::session::opening::OpenChoice;

use super::program::tuban;
use super::window::{Window, click, open, press, session, until};

/// Two parcels of 100 m side by side, with the CRS that the file names, if any.
fn parcels(x: f64, crs: &str) -> String {
    let feature = |n: usize| {
        let x = x + 100.0 * n as f64;
        let (east, south, north) = (x + 100.0, 4_081_204.0, 4_081_304.0);
        let ring = format!("[[{x},{south}],[{east},{south}],[{east},{north}],[{x},{north}],[{x},{south}]]");
        format!(
            r#"{{"type":"Feature","properties":{{"BSM":"00{n}","DLBM":"0701"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
        )
    };
    let crs = if crs.is_empty() {
        String::new()
    } else {
        format!(r#""crs":{{"type":"name","properties":{{"name":"{crs}"}}}},"#)
    };
    format!(r#"{{"type":"FeatureCollection",{crs}"features":[{},{}]}}"#, feature(1), feature(2))
}

const LEDGER: &str = "标识码,户主,补偿款\n001,张三,12000\n002,李四,9000\n009,王五,100\n";

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

fn window(language: Language, files: Vec<PathBuf>) -> Window {
    let mut start = Start::for_test();
    start.settings.language = language;
    start.files = files;
    open(start, (1600.0, 1000.0))
}

#[test]
fn several_files_open_at_once_and_only_what_is_in_doubt_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = vec![
        write(folder.path(), "图斑.geojson", parcels(39_498_604.0, "EPSG:4527").as_bytes()),
        write(folder.path(), "红线.geojson", parcels(498_604.0, "").as_bytes()),
        write(folder.path(), "地籍.wp", b"WMAP`D22 area"),
    ];
    let mut window = window(Language::Chinese, files);
    until(&mut window, |session| session.opened.as_ref().is_some_and(|report| report.files.len() == 3));
    // What is beyond doubt did not wait.
    assert_eq!(session(&window).workspace.entries.len(), 1);
    window.get_by_label("打开 3 个文件");
    assert!(window.query_all_by_label_contains("1 个已打开，1 个等一个回答，1 个未能打开").count() > 0);
    window.get_by_label("地籍.wp 未打开").click();
    window.run_steps(4);
    assert!(window.query_all_by_label_contains("MapGIS 或 Section").count() > 0, "the way to a format that is read");
    window.get_by_label("红线.geojson 坐标系待确认").click();
    window.run_steps(4);
    assert!(window.query_all_by_label_contains("坐标系诊断").count() > 0);
    press(&mut window, Modifiers::NONE, Key::Enter);
    until(&mut window, |session| session.workspace.entries.len() == 2 && session.jobs.is_empty());
    assert!(session(&window).opened.is_none());
}

#[test]
fn a_reading_that_undoes_something_is_offered_and_taken_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let known = write(folder.path(), "图斑.geojson", parcels(39_498_604.0, "EPSG:4527").as_bytes());
    let doubtful = write(folder.path(), "红线.geojson", parcels(498_604.0, "").as_bytes());
    let mut window = window(Language::Chinese, vec![known]);
    until(&mut window, |session| session.workspace.entries.len() == 1 && session.jobs.is_empty());
    window.state_mut().push(Command::File(FileCommand::OpenPaths(vec![doubtful])));
    let corrections = |session: &tuban::ui::session::Session| {
        let files = session.opened.iter().flat_map(|report| &report.files).enumerate();
        let readings = files.flat_map(|(at, file)| file.ranked.iter().map(move |ranked| (at, ranked)));
        readings.filter_map(|(at, ranked)| Some((at, ranked.correction.clone()?))).collect::<Vec<_>>()
    };
    until(&mut window, |session| session.jobs.is_empty() && !corrections(session).is_empty());
    let (file, correction) = corrections(session(&window)).remove(0);
    let correction = std::sync::Arc::new(correction);
    let choice = OpenChoice::Correct { file, correction: correction.clone() };
    window.state_mut().push(Command::File(FileCommand::AnswerOpen(choice)));
    window.run_steps(2);
    press(&mut window, Modifiers::NONE, Key::Enter);
    until(&mut window, |session| session.workspace.entries.len() == 2 && session.jobs.is_empty());
    let undone = |window: &Window| {
        let entry = session(window).workspace.entries.iter().find(|entry| entry.title == "红线").expect("is open");
        (entry.correction.clone(), entry.layer.provenance.correction.clone())
    };
    assert_eq!(undone(&window), (Some(correction.clone()), Some(correction)));
    // Only the correction is taken back; the layer stays, and is read as its file has it.
    window.state_mut().push(Command::Scenario(ScenarioCommand::Undo));
    until(&mut window, |session| {
        let entry = session.workspace.entries.iter().find(|entry| entry.title == "红线");
        entry.is_some_and(|entry| entry.layer.provenance.correction.is_none()) && session.jobs.is_empty()
    });
    assert_eq!(undone(&window), (None, None));
}

#[test]
fn issues_in_the_card_lead_to_their_point() {
    let folder = tempfile::tempdir().expect("a folder");
    let plot = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n带号=39\n[地块坐标]\n\
        5,1.0,D1,甲,面,,,,@\nJ1,1,4081304,39498504\nJ2,1,4081304,39498604\nJ4,1,4081204,39498604\nJ5,1,4081204,39498504\nJ1,1,4081304,39498504\n";
    let list = write(folder.path(), "地块.txt", &gbk(plot));
    let mut window = window(Language::Chinese, vec![list]);
    until(&mut window, |session| session.workspace.entries.len() == 1 && session.jobs.is_empty());
    window.state_mut().push(Command::File(FileCommand::ShowArrived));
    window.run_steps(4);
    assert!(session(&window).opened.is_some());
    window.get_by_label_contains("在地图上显示：").click();
    window.run_steps(4);
    // The number that is left out stands at its point.
    let marked = session(&window).project.marked.expect("a point is marked");
    assert_eq!((marked.x, marked.y), (39_498_604.0, 4_081_204.0));
    assert!(session(&window).opened.is_none());
    window.state_mut().push(Command::File(FileCommand::ShowArrived));
    window.run_steps(4);
    assert!(session(&window).opened.is_some(), "the list was only put aside");
}

#[test]
fn files_without_doubt_open_without_the_card_and_are_listed_on_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = vec![
        write(folder.path(), "a.geojson", parcels(39_498_604.0, "EPSG:4527").as_bytes()),
        write(folder.path(), "b.geojson", parcels(39_499_604.0, "EPSG:4527").as_bytes()),
    ];
    let mut window = window(Language::English, files);
    until(&mut window, |session| session.workspace.entries.len() == 2 && session.jobs.is_empty());
    assert!(session(&window).opened.is_none());
    assert!(window.query_all_by_label_contains("2 files opened").count() > 0);
    window.state_mut().push(Command::File(FileCommand::ShowArrived));
    window.run_steps(4);
    window.get_by_label("a.geojson beyond doubt");
    click(&mut window, "Done");
    assert!(session(&window).opened.is_none());
    assert_eq!(session(&window).workspace.entries.len(), 2);
}

#[test]
fn a_table_is_joined_from_the_card_and_by_the_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let map = write(folder.path(), "图斑.geojson", parcels(39_498_604.0, "EPSG:4527").as_bytes());
    let ledger = write(folder.path(), "台账.csv", LEDGER.as_bytes());
    let mut window = window(Language::Chinese, vec![map]);
    until(&mut window, |session| session.workspace.entries.len() == 1 && session.jobs.is_empty());
    // Alone, the card says what has to be opened first.
    let alone = session(&window).workspace.entries[0].id();
    window.state_mut().push(Command::Layer(alone, LayerCommand::Join));
    window.run_steps(4);
    assert!(window.query_all_by_label_contains("还没有可以挂接的表").count() > 0);
    assert!(window.query_all_by_label_contains("打开表文件…").count() > 0);
    window.state_mut().push(Command::Window(WindowCommand::CloseCard));
    window.run_steps(4);
    window.state_mut().push(Command::File(FileCommand::OpenPaths(vec![ledger])));
    until(&mut window, |session| session.workspace.entries.len() == 2 && session.jobs.is_empty());
    window.state_mut().push(Command::File(FileCommand::ShowArrived));
    window.run_steps(4);
    click(&mut window, "挂接到“图斑”");
    let owners = |window: &Window| {
        let entry = session(window).workspace.entries.iter().find(|entry| entry.title == "图斑").expect("is open");
        let field = entry.layer.field("户主")?;
        Some((0..2).map(|row| entry.layer.value(row, field).to_string()).collect::<Vec<_>>())
    };
    assert_eq!(owners(&window), Some(vec!["张三".to_owned(), "李四".to_owned()]));
    click(&mut window, "完成");
    window.state_mut().push(Command::Scenario(ScenarioCommand::Undo));
    window.run_steps(4);
    assert_eq!(owners(&window), None);
    // The form finds the same keys by itself.
    let layer = session(&window).workspace.entries.iter().find(|entry| entry.title == "图斑").expect("is open").id();
    window.state_mut().push(Command::Layer(layer, LayerCommand::Join));
    for _ in 0..200 {
        window.step();
        std::thread::sleep(std::time::Duration::from_millis(5));
        if window.query_all_by_label_contains("2 个要素中有 2 个能挂上").count() > 0 {
            break;
        }
    }
    window.run_steps(4);
    assert!(window.query_all_by_label_contains("表里有 1 行没有对应的要素：009").count() > 0);
    click(&mut window, "挂接");
    assert_eq!(owners(&window), Some(vec!["张三".to_owned(), "李四".to_owned()]));
}

#[test]
fn another_encoding_reads_the_file_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = write(folder.path(), "台账.csv", &gbk(LEDGER));
    let mut window = window(Language::Chinese, vec![ledger]);
    until(&mut window, |session| session.workspace.entries.len() == 1 && session.jobs.is_empty());
    let fields = |window: &Window| session(window).workspace.entries[0].layer.fields[1].name.clone();
    assert_eq!(fields(&window), "户主");
    window.state_mut().push(Command::File(FileCommand::ShowArrived));
    window.run_steps(4);
    let big5 = Encoding::of_label("big5").expect("known");
    // What is read wrongly is full of signs that no font has.
    window.ctx.set_missing_glyph_policy(egui::MissingGlyphPolicy::Tofu);
    window.state_mut().push(Command::File(FileCommand::AnswerOpen(OpenChoice::Encode { file: 0, encoding: big5 })));
    until(&mut window, |session| session.workspace.entries[0].layer.fields[1].name != "户主");
    assert_eq!(session(&window).workspace.entries[0].layer.provenance.encoding.as_deref(), Some("Big5"));
    window
        .state_mut()
        .push(Command::File(FileCommand::AnswerOpen(OpenChoice::Encode { file: 0, encoding: Encoding::Gbk })));
    until(&mut window, |session| session.workspace.entries[0].layer.fields[1].name == "户主");
}

#[test]
fn the_command_line_joins_and_lists_what_arrives() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "图斑.geojson", parcels(39_498_604.0, "EPSG:4527").as_bytes());
    write(folder.path(), "台账.csv", &gbk(LEDGER));
    write(folder.path(), "地籍.wp", b"WMAP`D22 area");
    let run = |line: &str| {
        let output = tuban(folder.path(), line);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, _, said) = run("--lang zh convert 图斑.geojson out.csv --join 台账.csv --key BSM=标识码");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 个要素中 2 个挂上") && said.contains("009"), "{said}");
    let written = std::fs::read_to_string(folder.path().join("out.csv")).expect("written");
    assert!(written.contains("张三") && written.contains("12000") && !written.contains("王五"), "{written}");
    // Without a key it is found; a wrong one is told.
    let (code, _, said) = run("--lang zh convert 图斑.geojson again.csv --join 台账.csv");
    assert_eq!(code, Some(0), "{said}");
    let (code, _, said) = run("--lang zh convert 图斑.geojson no.csv --join 台账.csv --key TBBH=标识码");
    assert_eq!(code, Some(2));
    assert!(said.contains("没有字段“TBBH”") && said.contains("DLBM"), "{said}");

    let (code, table, said) = run("--lang zh info --brief 图斑.geojson 台账.csv 地籍.wp");
    assert_eq!(code, Some(0), "{said}");
    for word in ["无疑问", "EPSG:4527", "GBK", "2 / 3 行与图斑的 BSM 对上", "未打开", "MapGIS"] {
        assert!(table.contains(word), "{word}: {table}");
    }
    assert_eq!(run("info --brief 地籍.wp").0, Some(2));
}

#[test]
fn the_command_line_lists_boundary_points_and_sides() {
    let folder = tempfile::tempdir().expect("a folder");
    let plot = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n带号=39\n[地块坐标]\n\
        5,1.0,D1,甲,面,,,,@\nJ1,1,4081304,39498504\nJ2,1,4081304,39498604\nJ3,1,4081204,39498604\nJ4,1,4081204,39498504\nJ1,1,4081304,39498504\n";
    write(folder.path(), "地块.txt", &gbk(plot));
    // Parcel 001 begins 100 m further east than its file is named after.
    write(folder.path(), "图斑.geojson", parcels(39_498_504.0, "EPSG:4527").as_bytes());
    let run = |line: &str| {
        let output = tuban(folder.path(), line);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, _, said) = run("--lang zh boundary 地块.txt -o 成果.csv --sides 图斑.geojson --field BSM");
    assert_eq!(code, Some(0), "{said}");
    let csv = std::fs::read_to_string(folder.path().join("成果.csv")).expect("written");
    for word in ["J1", "4081304.000", "39498504.000", "100.000", "001（100.0 m）", "无要素（100.0 m）", "D1", "外法线"]
    {
        assert!(csv.contains(word), "{word}: {csv}");
    }
    // Four corners, and the first once more.
    assert_eq!(csv.lines().filter(|line| line.contains("4081304.000") || line.contains("4081204.000")).count(), 5);
    assert_eq!(run("boundary 地块.txt -o 成果.xlsx --sides 图斑.geojson --field BSM").0, Some(0));
    let book = std::fs::read(folder.path().join("成果.xlsx")).expect("written");
    assert!(book.starts_with(b"PK"));
    // Differences of degrees are no lengths.
    let degrees = r#"{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[117,36.8],[117.001,36.8],[117.001,36.801],[117,36.8]]]}}"#;
    std::fs::write(folder.path().join("经纬度.geojson"), degrees).expect("written");
    let (code, out, said) = run("--lang zh boundary 经纬度.geojson --csv");
    assert!(code == Some(2) && !out.contains("36.8") && said.contains("高斯克吕格"), "{out}{said}");
    let (code, _, said) = run("--lang zh boundary 地块.txt --sides 图斑.geojson --field 没有");
    assert_eq!(code, Some(2));
    assert!(said.contains("没有字段“没有”"), "{said}");
    // A layer of plots stands above land use.
    let (_, json, _) = run("info 地块.txt --json");
    assert!(json.contains("界址点数"), "{json}");
}

#[test]
fn the_command_line_writes_coordinates_by_a_template() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "图斑.geojson", parcels(39_498_604.0, "EPSG:4527").as_bytes());
    let template = "encoding = \"UTF-8\"\ndecimals = 2\nid-prefix = \"\"\nstart = \"SW\"\nnumbering = \"file\"\n\
        producer = \"测绘院\"\n[fields]\n\"地块编号\" = \"BSM\"\n\"地块名称\" = \"没有\"\n";
    write(folder.path(), "模板.toml", template.as_bytes());
    write(folder.path(), "错.toml", b"decimals = 12");
    let run = |line: &str| {
        let output = tuban(folder.path(), line);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run("--lang zh convert 图斑.geojson out.txt --template 模板.toml");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("“没有”，“地块名称”留空"), "{said}");
    let text = std::fs::read_to_string(folder.path().join("out.txt")).expect("written");
    for line in [
        "数据产生单位=测绘院",
        "精度=0.01",
        "5,1.0000,001,,面",
        "1,1,4081204.00,39498704.00",
        "5,1,4081204.00,39498804.00",
    ] {
        assert!(text.lines().any(|written| written.starts_with(line)), "{line}: {text}");
    }
    let (code, said) = run("--lang zh convert 图斑.geojson no.txt --template 错.toml");
    assert_eq!(code, Some(2));
    assert!(said.contains("decimals") && said.contains("12"), "{said}");
    assert_eq!(run("convert 图斑.geojson no.shp --template 模板.toml").0, Some(2));
    // The table of boundary points follows the same template.
    assert_eq!(run("boundary 图斑.geojson -o 点.csv --template 模板.toml").0, Some(0));
    let csv = std::fs::read_to_string(folder.path().join("点.csv")).expect("written");
    assert!(csv.contains("4081204.00,39498704.00"), "{csv}");
}

#[test]
fn the_survey_card_shows_the_text_as_it_will_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let map = write(folder.path(), "地块.geojson", parcels(39_498_604.0, "EPSG:4527").as_bytes());
    let mut window = window(Language::Chinese, vec![map]);
    until(&mut window, |session| session.workspace.entries.len() == 1 && session.jobs.is_empty());
    let layer = session(&window).workspace.entries[0].id();
    window.state_mut().push(Command::Layer(layer, LayerCommand::Survey));
    for _ in 0..200 {
        window.step();
        std::thread::sleep(std::time::Duration::from_millis(5));
        if window.query_all_by_label("[地块坐标]").count() > 0 {
            break;
        }
    }
    window.run_steps(4);
    // From the north-west, clockwise: the first point has the larger northing.
    for line in ["J1,1,4081304.000,39498704.000", "J2,1,4081304.000,39498804.000"] {
        assert!(window.query_all_by_label(line).count() > 0, "{line}");
    }
    assert!(window.query_all_by_label_contains("共 2 个地块").count() > 0);
    click(&mut window, "2 位小数");
    for _ in 0..200 {
        window.step();
        std::thread::sleep(std::time::Duration::from_millis(5));
        if window.query_all_by_label("J1,1,4081304.00,39498704.00").count() > 0 {
            return;
        }
    }
    panic!("the preview does not follow the decimals");
}

#[test]
fn a_list_of_coordinates_stands_above_land_use_with_its_faults() {
    let folder = tempfile::tempdir().expect("a folder");
    let land = write(folder.path(), "地类图斑.geojson", parcels(39_498_604.0, "EPSG:4527").as_bytes());
    let plot = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n带号=39\n[地块坐标]\n\
        5,9.9,D1,甲,面,,,0701,@\nJ1,1,4081304,39498704\nJ2,1,4081304,39498804\nJ4,1,4081204,39498804\nJ5,1,4081204,39498704\nJ1,1,4081304,39498704\n";
    let plots = write(folder.path(), "报批.txt", plot.as_bytes());
    let mut window = window(Language::Chinese, vec![plots, land]);
    until(&mut window, |session| session.workspace.entries.len() == 2 && session.jobs.is_empty());
    let titles: Vec<&str> = session(&window).workspace.entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(titles, ["报批", "地类图斑"], "from the top");
    let found = session(&window).workspace.entries[0].layer.issues.iter().filter(|issue| issue.place.is_some()).count();
    assert!(found > 0, "faults have their points");
}

#[test]
fn the_files_of_a_folder_become_one_layer_on_request() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, x) in [("甲.geojson", 39_498_604.0), ("乙.geojson", 39_499_604.0)] {
        write(folder.path(), name, parcels(x, "EPSG:4527").as_bytes());
    }
    let mut window = window(Language::Chinese, vec![folder.path().to_owned()]);
    until(&mut window, |session| session.workspace.entries.len() == 2 && session.jobs.is_empty());
    let unite = Command::File(FileCommand::Unite(folder.path().to_owned()));
    let offers = |window: &Window| {
        session(window).notices.iter().any(|notice| notice.actions.iter().any(|(_, command)| *command == unite))
    };
    assert!(offers(&window), "two layers of one kind");
    window.state_mut().push(unite.clone());
    until(&mut window, |session| session.jobs.is_empty() && session.workspace.entries.len() == 1);
    let layer = &session(&window).workspace.entries[0].layer;
    assert_eq!((layer.feature_count(), layer.field("来源文件").is_some()), (4, true));
    press(&mut window, Modifiers::COMMAND, Key::Z);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert!(
        session(&window).workspace.entries.iter().any(|entry| entry.layer.feature_count() == 2),
        "undo brings back"
    );
}
