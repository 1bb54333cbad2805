use std::fs;
use std::sync::Arc;

use super::*;
use crate::crs::Crs;
use crate::model::roles::Role;
use crate::model::style::labels::Labels;
use crate::model::style::{Blend, Breaks, Graduated, Motif, Pattern, RangeSymbol, RuleSymbol, Ruled, ScaleRange};
use crate::model::style::{Casing, Color, Dash, LayerStyle, Styling};
use crate::model::style::{Fill, Hatch, Icon, Marker, Shape, Stroke, Symbol};
use crate::scenario::document::record::paths::has_scheme;
use crate::scenario::{SavedSeeing, Seeing};
use crate::text::Language;

const FARMLAND: &str = r#"{"type":"FeatureCollection","name":"永久基本农田","features":[
{"type":"Feature","properties":{"YJJBNTMJ":1.5},"geometry":{"type":"Polygon","coordinates":[[[117.1,36.8],[117.2,36.8],[117.2,36.9],[117.1,36.8]]]}}]}"#;
const PARCELS: &str = r#"{"type":"FeatureCollection","name":"地类图斑","features":[
{"type":"Feature","properties":{"DLBM":"0103","DLMC":"旱地"},"geometry":{"type":"Polygon","coordinates":[[[117.1,36.8],[117.2,36.8],[117.2,36.9],[117.1,36.8]]]}},
{"type":"Feature","properties":{"DLBM":"0701","DLMC":"城镇住宅用地"},"geometry":{"type":"Polygon","coordinates":[[[117.2,36.8],[117.3,36.8],[117.2,36.9],[117.2,36.8]]]}},
{"type":"Feature","properties":{"DLBM":"0701","DLMC":"门"},"geometry":{"type":"Point","coordinates":[117.2,36.8]}}]}"#;

/// A folder with two sources and a workspace of them.
fn opened() -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("数据")).expect("a folder in it");
    let mut workspace = Workspace::new();
    for (name, text) in [("数据/yjjbnt.geojson", FARMLAND), ("dltb.geojson", PARCELS)] {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        let source = crate::io::open(&path, &OpenOptions::default(), &Progress::new()).expect("opens");
        for layer in source.layers {
            workspace.add(Arc::new(layer));
        }
    }
    (folder, workspace)
}

fn titles(workspace: &Workspace) -> Vec<&str> {
    workspace.entries.iter().map(|entry| entry.title.as_str()).collect()
}

/// A style with everything in it.
fn rich_style() -> LayerStyle {
    let casing = Some(Casing { color: Color::WHITE, width_px: 6.0 });
    let symbol = Symbol {
        fill: Fill::Hatch(Hatch {
            color: Color::rgb(1, 2, 3),
            angle_deg: 45.0,
            spacing_px: 7.5,
            width_px: 1.6,
            crossed: true,
            back: Some(Color::TRANSPARENT),
        }),
        stroke: Some(Stroke {
            color: Color::rgb(200, 30, 40).with_alpha(128),
            width_px: 0.7,
            dash: Some(Dash { on_px: 6.0, off_px: 3.0 }),
            casing,
        }),
        marker: Some(Marker {
            shape: Shape::RoundedSquare,
            size_px: 18.0,
            color: Color::BLACK,
            icon: Icon::House,
            icon_color: Color::WHITE,
            casing,
        }),
    };
    LayerStyle { opacity: 0.35, labels: Some(Labels::of_field("DLMC")), ..LayerStyle::single(symbol) }
}

#[test]
fn a_project_reads_back_as_it_was_saved() {
    let (folder, mut workspace) = opened();
    workspace.name = "示例 \"一\"".to_owned();
    workspace.note = "来源：\n自绘".to_owned();
    workspace.rules = Some(folder.path().join("规则.toml"));
    workspace.view = Some(SavedView { center: Coord { x: 39_510_000.25, y: 4_080_000.0 }, units_per_px: 12.5 });
    workspace.seeing = SavedSeeing { seeing: Seeing::Swipe { level: true, at: 0.375 }, ..SavedSeeing::default() };
    let own = workspace.add_group("方案");
    let parcels = workspace.entries.iter().position(|entry| entry.role == Role::LandUse).expect("parcels");
    let id = workspace.entries[parcels].id();
    workspace.move_to(id, &own, 0);
    let entry = workspace.entry_mut(id).expect("is there");
    entry.title = "现状".to_owned();
    (entry.visible, entry.open) = (false, true);
    if let Styling::Categorised(categories) = &mut entry.style.styling {
        categories.classes[1].visible = false;
        categories.classes[1].label = "住宅".to_owned();
        categories.other_visible = false;
    }
    let farmland = workspace.entries.iter().position(|entry| entry.role == Role::BasicFarmland).expect("farmland");
    workspace.entries[farmland].style = rich_style();
    workspace.entries[farmland].crs_override = Some(Crs::cgcs2000());
    workspace.group_mut("control-lines").expect("is there").open = false;

    let path = folder.path().join("工程.toml");
    save(&workspace, &path).expect("saves");
    let loaded = load(&path, &Progress::new()).expect("loads");
    assert_eq!(loaded.issues, []);
    let read = loaded.workspace;
    assert_eq!(read.seeing, workspace.seeing);
    assert_eq!((&read.name, &read.note, read.view), (&workspace.name, &workspace.note, workspace.view));
    assert_eq!((&read.groups, &read.crs), (&workspace.groups, &workspace.crs));
    assert_eq!(read.rules, workspace.rules);
    assert_eq!(titles(&read), titles(&workspace));
    for (a, b) in read.entries.iter().zip(&workspace.entries) {
        assert_eq!((a.role, &a.group, a.visible, a.open), (b.role, &b.group, b.visible, b.open), "{}", a.title);
        assert_eq!((&a.style, &a.crs_override), (&b.style, &b.crs_override), "{}", a.title);
    }
    let text = fs::read_to_string(&path).expect("text");
    assert!(text.contains("path = \"数据/yjjbnt.geojson\""), "{text}");
    assert!(text.contains("rules = \"规则.toml\""), "{text}");
    assert!(text.contains("width_px = 1.6\n") && !text.contains("117.1"), "{text}");
    assert_eq!(text, to_text(&read, folder.path()), "saving again changes nothing");
}

#[test]
fn styles_are_written_only_where_they_were_changed() {
    let (folder, workspace) = opened();
    let text = to_text(&workspace, folder.path());
    assert!(!text.contains("style"), "{text}");
    assert!(text.lines().count() < 60, "{text}");
}

#[test]
fn a_missing_source_is_reported_and_kept() {
    let (folder, workspace) = opened();
    let path = folder.path().join("a.toml");
    save(&workspace, &path).expect("saves");
    fs::remove_file(folder.path().join("数据/yjjbnt.geojson")).expect("removed");
    fs::write(folder.path().join("dltb.geojson"), PARCELS.replace("0103", "0102")).expect("changed");
    let loaded = load(&path, &Progress::new()).expect("loads");
    let kinds: Vec<&str> = loaded.issues.iter().map(Issue::kind).collect();
    assert_eq!(kinds, ["source-missing", "source-changed"]);
    assert!(loaded.issues[0].text(Language::Chinese).contains("数据/yjjbnt.geojson"));
    assert_eq!(loaded.workspace.entries.len(), 2);
    assert_eq!(loaded.workspace.absent.len(), 1);
    let old: Vec<String> =
        workspace.entries.iter().map(|entry| entry.layer.provenance.path.display().to_string()).collect();
    let again = parse(&to_text(&loaded.workspace, folder.path()), &path).expect("a project");
    let paths: Vec<String> = again.layers.iter().map(|l| folder.path().join(&l.path).display().to_string()).collect();
    assert_eq!(paths, old, "what could not be opened keeps its place");
}

#[test]
fn a_source_that_lost_a_layer_says_so() {
    let (folder, workspace) = opened();
    let path = folder.path().join("a.toml");
    save(&workspace, &path).expect("saves");
    fs::write(folder.path().join("dltb.geojson"), FARMLAND).expect("changed");
    let loaded = load(&path, &Progress::new()).expect("loads");
    let kinds: Vec<&str> = loaded.issues.iter().map(Issue::kind).collect();
    assert_eq!(kinds, ["source-changed", "source-lacks-layer"]);
    assert!(loaded.issues[1].text(Language::English).contains("point"));
}

#[test]
fn a_wrong_file_is_refused_with_its_place() {
    let check = |text: &str, expected: &str| {
        let error = parse(text, Path::new("p.toml")).expect_err(text);
        assert_eq!(error.to_string(), expected);
        for language in [Language::Chinese, Language::English] {
            assert!(error.message().text(language).contains("p.toml"));
        }
    };
    check("name = 1", "no `format`, so this is not a project: p.toml");
    check("format = 8\nnew = true", "the project has format 8, this program knows up to 7: p.toml");
    let layer = |role: &str| {
        format!(
            "format = 1\n[[layer]]\npath = \"甲.geojson\"\nkind = \"polygon\"\nrole = \"{role}\"\ngroup = \"other\"\n"
        )
    };
    assert_eq!(parse(&layer("land-use"), Path::new("p.toml")).expect("fine").layers.len(), 1);
    check(&layer("landuse"), "line 5, column 8: unknown role \"landuse\": p.toml");
    let error = parse("format = 1\nnaem = \"甲\"", Path::new("p.toml")).expect_err("a misspelt member");
    assert!(error.to_string().starts_with("line 2, column 1: unknown field `naem`"), "{error}");
    let error = parse("format = 1\nname = \"甲", Path::new("p.toml")).expect_err("an open string");
    assert!(error.to_string().starts_with("line 2, column "), "{error}");
}

#[test]
fn a_failed_save_leaves_the_old_file() {
    let (folder, workspace) = opened();
    let path = folder.path().join("no such folder/a.toml");
    let error = save(&workspace, &path).expect_err("no folder");
    assert!(matches!(error, ProjectError::Save(_)));
    assert!(!path.exists());
    let missing = load(&path, &Progress::new()).expect_err("no file");
    assert_eq!(missing.message().key, "scenario.project-missing");
}

#[test]
fn paths_are_written_from_the_project_outwards() {
    let check = |folder: &str, path: &str, expected: &str| {
        assert_eq!(relative(Path::new(folder), Path::new(path)), expected, "{folder} {path}");
    };
    check("/a/b", "/a/b/c.geojson", "c.geojson");
    check("/a/b", "/a/c/d.geojson", "../c/d.geojson");
    check("x", "x/数据/d.geojson", "数据/d.geojson");
    check(".", "d.geojson", "d.geojson");
    check("/a", "demo:d.geojson.gz", "demo:d.geojson.gz");
    assert!(has_scheme("demo:a") && !has_scheme("C:/a") && !has_scheme("甲:乙"));
}

#[test]
fn sources_with_a_scheme_are_left_to_the_opener() {
    let text =
        "format = 1\n[[layer]]\npath = \"demo:a.geojson\"\nkind = \"polygon\"\nrole = \"other\"\ngroup = \"other\"\n";
    let mut asked = Vec::new();
    let mut open = |path: &Path, options: &OpenOptions| {
        asked.push(path.to_owned());
        crate::io::open_bytes("demo:a.geojson", FARMLAND.as_bytes().to_vec(), options, &Progress::new())
    };
    let loaded = load_text(text, Path::new("p.toml"), Path::new("/x"), &mut open).expect("loads");
    assert_eq!(asked, [Path::new("demo:a.geojson")]);
    assert_eq!((loaded.workspace.entries.len(), loaded.issues.len()), (1, 0));
    assert!(to_text(&loaded.workspace, Path::new("/y")).contains("path = \"demo:a.geojson\""));
}

#[test]
fn the_demo_opens_without_a_file() {
    let loaded = load_demo(&Progress::new()).expect("opens");
    assert_eq!(loaded.issues, []);
    // All files but the project and its rules.
    assert_eq!(loaded.workspace.entries.len(), 14);
    let rules = loaded.workspace.rules.expect("the demo has rules");
    assert!(read_text(&rules).expect("is there").contains("[[rule]]"));
    let path = &loaded.workspace.entries[0].layer.provenance.path;
    assert!(demo::is_path(path), "{}", path.display());
}

#[test]
fn a_project_saved_from_the_demo_opens_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("own.toml");
    let demo = load_demo(&Progress::new()).expect("opens").workspace;
    save(&demo, &path).expect("saves");
    let again = load(&path, &Progress::new()).expect("opens");
    assert_eq!((again.issues, again.workspace.entries.len()), (vec![], demo.entries.len()));
    assert_eq!(again.workspace.rules, demo.rules);
    let cancelled = Progress::new();
    cancelled.cancel();
    assert!(load_demo(&cancelled).is_err());
}

#[test]
fn layouts_are_saved_undone_and_missing_in_older_files() {
    use crate::model::layout::templates;
    use crate::scenario::{By, Property};
    let (folder, mut workspace) = opened();
    let templates = templates::all(Language::Chinese);
    let put = |workspace: &mut Workspace, layouts: &[Layout]| {
        workspace.change(Property::Layouts(Arc::new(layouts.to_vec())), By::default())
    };
    assert!(put(&mut workspace, &templates[..2]) && !put(&mut workspace, &templates[..2]));
    let path = folder.path().join("p.toml");
    save(&workspace, &path).expect("saves");
    let mut read = load(&path, &Progress::new()).expect("opens").workspace;
    assert_eq!(read.layouts, workspace.layouts);
    assert_eq!(fs::read_to_string(&path).expect("text"), to_text(&read, folder.path()));
    assert!(put(&mut read, &templates[..1]));
    let sentence = read.undoable().expect("a step").step.sentence.text(Language::Chinese);
    assert!(sentence.contains(&templates[1].name), "{sentence}");
    read.undo().expect("undone");
    assert_eq!(read.layouts, workspace.layouts);
    let text = fs::read_to_string(&path).expect("text");
    let older = text[..text.find("[[layout]]").expect("a layout")].replace("format = 7", "format = 5");
    assert!(parse(&older, &path).expect("an older file").layouts.is_empty());
    fs::write(&path, text.replacen("width_mm = 297.0", "width_mm = 1e9", 1)).expect("written");
    let broken = load(&path, &Progress::new()).expect("opens");
    // That the history is of another text is said as well.
    assert_eq!(broken.workspace.layouts.len(), 1);
    assert!(broken.issues.iter().any(|issue| issue.message.key.starts_with("layout.")), "{:?}", broken.issues);
}

#[test]
fn styles_by_ranges_and_rules_read_back_and_older_files_have_none() {
    let pattern = Pattern {
        motif: Motif::Paddy,
        color: Color::rgb(0, 120, 0),
        size_px: 6.0,
        spacing_px: 18.0,
        staggered: true,
        back: Some(Color::rgb(245, 248, 220)),
    };
    let symbol = Symbol { fill: Fill::Pattern(pattern), ..Symbol::default() };
    let range = |lower, upper, visible| RangeSymbol { lower, upper, label: String::new(), symbol, visible };
    let graduated = Graduated {
        expression: "$area / 1mu".to_owned(),
        breaks: Breaks::Jenks,
        ranges: vec![range(0.0, 1.5, true), range(1.5, 20.25, false)],
        other: Symbol::default(),
        other_visible: false,
    };
    let scales = ScaleRange { from: Some(500.0), to: None };
    let rule = |filter: &str, label: &str| RuleSymbol {
        filter: filter.to_owned(),
        label: label.to_owned(),
        scales,
        symbol,
        visible: true,
    };
    let ruled = Ruled {
        rules: vec![rule("DLBM like '01%'", "耕地"), rule("", "")],
        other: rich_style().symbol(0).copied().expect("one"),
        other_visible: true,
    };
    let (folder, mut workspace) = opened();
    workspace.entries[0].style = LayerStyle { blend: Blend::Multiply, ..LayerStyle::of(Styling::Graduated(graduated)) };
    let to = ScaleRange { from: None, to: Some(100_000.0) };
    workspace.entries[1].style = LayerStyle { scales: to, ..LayerStyle::of(Styling::Ruled(ruled)) };
    let path = folder.path().join("p.toml");
    save(&workspace, &path).expect("saves");
    let read = load(&path, &Progress::new()).expect("opens").workspace;
    for (a, b) in read.entries.iter().zip(&workspace.entries) {
        assert_eq!(a.style, b.style, "{}", a.title);
    }
    // What the sixth format knew of styles means the same now.
    workspace.entries[0].style = LayerStyle { opacity: 0.5, ..rich_style() };
    workspace.entries.truncate(1);
    let text = to_text(&workspace, folder.path());
    assert!(!text.contains("blend") && !text.contains("scales") && text.contains("crossed = true"), "{text}");
    let older = text.replace("format = 7", "format = 6").replace("crossed = true\n", "");
    fs::write(&path, older).expect("written");
    let read = load(&path, &Progress::new()).expect("an older file").workspace;
    let mut expected = workspace.entries[0].style.clone();
    expected.for_each_symbol(|symbol| {
        if let Fill::Hatch(hatch) = &mut symbol.fill {
            hatch.crossed = false;
        }
    });
    assert_eq!(read.entries[0].style, expected);
}

#[test]
fn what_lies_beneath_is_saved_without_a_key_undone_and_missing_in_older_files() {
    use crate::crs::gcj02::WebMap;
    use crate::doctor::placing::{ControlPoint, Placing};
    use crate::model::Coord;
    use crate::scenario::{By, Property, Underlay, UnderlaySource};
    let (folder, mut workspace) = opened();
    let point = |column: f64, x: f64| ControlPoint { pixel: [column, 7.5], world: Coord { x, y: 4_070_000.25 } };
    let scan = Underlay {
        points: vec![point(0.0, 500_000.5), point(900.0, 500_090.0)],
        placing: Placing::Six,
        crs: Some(crate::crs::Crs::from_epsg(4548).expect("known")),
        opacity: 0.5,
        visible: false,
        dpi: Some(200),
        ..Underlay::new("扫描图".to_owned(), UnderlaySource::File(folder.path().join("scans/a.tif")))
    };
    let tiles = Underlay {
        shift: Some(WebMap::Gcj02),
        relief: Some(false),
        credit: "审图号：GS（2024）0000 号".to_owned(),
        ..Underlay::new("t".to_owned(), UnderlaySource::Tiles("https://e.cn/{z}/{x}/{y}".to_owned()))
    };
    let put = |workspace: &mut Workspace, underlays: &[Underlay]| {
        workspace.change(Property::Underlays(Arc::new(underlays.to_vec())), By::default())
    };
    let both = [tiles.clone(), scan.clone()];
    assert!(put(&mut workspace, &both) && !put(&mut workspace, &both));
    let path = folder.path().join("p.toml");
    save(&workspace, &path).expect("saves");
    let mut read = load(&path, &Progress::new()).expect("opens").workspace;
    assert_eq!(read.underlays, workspace.underlays);
    assert!(files_of(&read, folder.path()).contains(&folder.path().join("scans/a.tif")));
    assert!(files_named_in(&path).contains(&folder.path().join("scans/a.tif")));
    let text = fs::read_to_string(&path).expect("text");
    assert!(text.contains("path = \"scans/a.tif\"") && text.contains("parameters = 6"), "{text}");
    assert!(put(&mut read, std::slice::from_ref(&tiles)));
    assert_eq!(read.undoable().expect("a step").step.sentence.key, "underlay.gone");
    read.undo().expect("undone");
    assert_eq!(read.underlays, workspace.underlays);
    // A file without them opens as before.
    let older = text[..text.find("[[underlay]]").expect("an underlay")].to_owned();
    assert!(parse(&older, &path).expect("an older file").underlays.is_empty());
}
