//! What is fuzzed: a function for each way into the program, and whole inputs to begin with.
//!
//! Three programs use this file: the tests beside it, the fuzzer of `.ci/fuzz`, and the one that writes its corpus. Inputs
//! that once failed lie in the folder `corpus`, by target, and are run each time. A format of several files, or of members
//! in an archive, is fuzzed as a bundle (see [`bundle`]), so that damage reaches what lies in it.
//!
//! Drawings are read by a process of their own and Access databases cannot be written here: tests of their readers and
//! of whole samples do both.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tuban::crs::Crs;
use tuban::expr::{Expr, Figures};
use tuban::io::underlay::{Address, Raster, Service};
use tuban::io::{
    Chosen, Existing, Guard, OpenOptions, Opened, ReadError, WriteOptions, hash_hex, open_bytes, write, write_geojson,
    write_layers,
};
use tuban::model::layout::{Layout, templates};
use tuban::model::roles::office::Office;
use tuban::model::{AreaMethod, GeometryKind, Layer, OwnedValue};
use tuban::overlay;
use tuban::rules::Rules;
use tuban::scenario::journal::{Found, Journal, Writing, look};
use tuban::scenario::{By, Workspace, draft, project};
use tuban::task::Progress;
use tuban::text::{Language, Message};
use tuban::validate::Schema;

use super::laws;

/// One way into the program.
pub(crate) struct Target {
    /// What it is called on the command line and in the corpus.
    pub(crate) name: &'static str,
    /// Inputs that are made, beside those that lie in the corpus.
    made: fn() -> Vec<Vec<u8>>,
    /// Takes any bytes. Panics where a promise is broken.
    pub(crate) run: fn(&[u8]),
}

/// All of them.
pub(crate) static TARGETS: &[Target] = &[
    Target { name: "geojson", made: || written("geojson"), run: |bytes| read("a.geojson", bytes) },
    Target { name: "topojson", made: Vec::new, run: |bytes| read("a.topojson", bytes) },
    Target { name: "kml", made: || written("kml"), run: |bytes| read("a.kml", bytes) },
    Target { name: "kmz", made: kmz, run: |bytes| read("a.kmz", &zipped(bytes)) },
    Target { name: "gpx", made: Vec::new, run: |bytes| read("a.gpx", bytes) },
    Target { name: "wkt", made: || written("wkt"), run: |bytes| read("a.wkt", bytes) },
    Target { name: "csv", made: || written("csv"), run: |bytes| read("a.csv", bytes) },
    Target { name: "txt", made: || written("txt"), run: |bytes| read("a.txt", bytes) },
    Target { name: "vct", made: Vec::new, run: |bytes| read("a.vct", bytes) },
    Target { name: "dbf", made: || written("dbf"), run: |bytes| read("a.dbf", bytes) },
    Target { name: "fgb", made: || written("fgb"), run: |bytes| read("a.fgb", bytes) },
    Target { name: "parquet", made: || written("parquet"), run: |bytes| read("a.parquet", bytes) },
    Target { name: "gpkg", made: || written("gpkg"), run: |bytes| read("a.gpkg", bytes) },
    Target { name: "xlsx", made: xlsx, run: |bytes| read("a.xlsx", &zipped(bytes)) },
    Target { name: "ods", made: ods, run: |bytes| read("a.ods", &zipped(bytes)) },
    Target { name: "page", made: pages, run: |bytes| read("a.xls", bytes) },
    Target { name: "shp", made: || bundled("a.shp"), run: |bytes| read("a.zip", &zipped(bytes)) },
    Target { name: "gdb", made: || bundled("a.gdb"), run: |bytes| read("a.zip", &zipped(bytes)) },
    Target { name: "mif", made: mif, run: |bytes| read("a.zip", &zipped(bytes)) },
    Target { name: "zip", made: archives, run: |bytes| read("a.zip", bytes) },
    Target { name: "expr", made: Vec::new, run: expression },
    Target { name: "rules", made: rules_files, run: rules },
    Target { name: "schema", made: schemas, run: schema },
    Target { name: "office", made: office_files, run: office },
    Target { name: "layout", made: layouts, run: layout },
    Target { name: "project", made: projects, run: project_file },
    Target { name: "journal", made: journals, run: journal },
    Target { name: "underlay", made: images, run: image },
    Target { name: "service", made: services, run: service },
    Target { name: "overlay", made: laws::shapes, run: laws::overlay },
];

/// Inputs to begin with: what lies in the folder of the target under `corpus`, by name, then what is made.
pub(crate) fn seeds(target: &Target, corpus: &Path) -> Vec<Vec<u8>> {
    let files = fs::read_dir(corpus.join(target.name)).into_iter().flatten().flatten();
    let mut paths: Vec<_> = files.map(|entry| entry.path()).collect();
    paths.sort();
    let lying = paths.iter().map(|path| fs::read(path).expect("the corpus can be read"));
    lying.chain((target.made)()).collect()
}

/// Parcels with a hole, of several parts, without a shape, with values of all kinds.
const PARCELS: &str = r#"{"type":"FeatureCollection","name":"地类图斑","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":[
{"type":"Feature","properties":{"BSM":"0370199","DLBM":"0103","TBMJ":61623.25,"SJNF":2025,"SFYX":true,"RQ":"2025-01-15"},
 "geometry":{"type":"Polygon","coordinates":[[[39500000,4070000],[39500100,4070000],[39500100,4070100],[39500000,4070100],[39500000,4070000]],[[39500010,4070010],[39500010,4070020],[39500020,4070020],[39500020,4070010],[39500010,4070010]]]}},
{"type":"Feature","properties":{"BSM":"1","DLBM":"0701","TBMJ":0.1,"SJNF":-7,"SFYX":false,"RQ":null},
 "geometry":{"type":"MultiPolygon","coordinates":[[[[39500200,4070000],[39500210,4070000],[39500210,4070010],[39500200,4070000]]],[[[39500300,4070000],[39500310,4070000],[39500310,4070010.5],[39500300,4070000]]]]}},
{"type":"Feature","properties":{"BSM":"2","DLBM":"㙟","TBMJ":null,"SJNF":null,"SFYX":null,"RQ":"2024-12-31"},"geometry":null}]}"#;

fn parcels() -> Opened {
    let opened = open_bytes("a.geojson", PARCELS.into(), &OpenOptions::default(), &Progress::new());
    opened.expect("the parcels are whole")
}

fn layer() -> Layer {
    parcels().layers.remove(0)
}

/// Opens `bytes` as a file of that name, and does with it what the window does first.
fn read(name: &str, bytes: &[u8]) {
    // Most of the time goes to what systems of coordinates are called, unless somebody says it.
    let crs = (!bytes.len().is_multiple_of(8)).then(Crs::cgcs2000);
    let options = OpenOptions { keep_partial: true, crs, ..OpenOptions::default() };
    match open_bytes(name, bytes.to_vec(), &options, &Progress::new()) {
        Err(error) => said(&error.message()),
        Ok(opened) => {
            opened.issues.iter().take(20).for_each(|issue| said(&issue.message));
            opened.layers.iter().for_each(used);
        }
    }
}

/// A message becomes a sentence in both languages, whatever a file puts into it.
fn said(message: &Message) {
    drop([Language::Chinese, Language::English].map(|language| message.text(language)));
}

/// A layer that was read is measured and written again: whatever it holds, that is no reason to panic.
fn used(layer: &Layer) {
    let count = layer.feature_count();
    let last = count.checked_sub(1);
    for row in [Some(0), last].into_iter().flatten().filter(|row| *row < count) {
        (0..layer.fields.len()).for_each(|field| drop(layer.value(row, field).to_string()));
    }
    if count > 200 {
        return;
    }
    if layer.kind == GeometryKind::Polygon {
        // A CRS that cannot be measured in is an answer too.
        let _ = overlay::audited(layer, AreaMethod::Survey, &Progress::new());
    }
    let mut out = Vec::new();
    write_geojson(layer, None, &mut out).expect("memory takes it");
    assert!(tuban::io::is_json(std::str::from_utf8(&out).expect("UTF-8")), "what is written is JSON");
}

// --- files

/// The parcels as files of that ending: the one of it first.
fn files(ending: &str) -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(format!("a.{ending}"));
    let layer = layer();
    if tuban::io::holds_layers(&path) {
        let chosen = [Chosen { layer: &layer, rows: None }];
        write_layers(&path, &chosen, Existing::Replaced, WriteOptions::default(), &Guard::none()).expect("writes");
    } else {
        write(&path, &layer, None, WriteOptions::default(), &Guard::none()).expect("writes");
    }
    let mut found = Vec::new();
    let inside = if path.is_dir() { path.as_path() } else { folder.path() };
    for entry in fs::read_dir(inside).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        found.push((name, fs::read(entry.path()).expect("readable")));
    }
    let is_other = |name: &str| !name.ends_with(&format!(".{ending}"));
    found.sort_by(|a, b| (is_other(&a.0), &a.0).cmp(&(is_other(&b.0), &b.0)));
    found
}

fn written(ending: &str) -> Vec<Vec<u8>> {
    files(ending).into_iter().take(1).map(|(_, bytes)| bytes).collect()
}

/// Several files in one input: for each the length of its name, its name, its length in four bytes, its bytes.
fn bundle(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in files {
        out.push(u8::try_from(name.len()).expect("names are short"));
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&u32::try_from(bytes.len()).expect("files are small").to_le_bytes());
        out.extend_from_slice(bytes);
    }
    out
}

/// The files of a bundle as an archive. Lengths that are too large end with the input.
fn zipped(bundle: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut rest = bundle;
    while let Some((length, after)) = rest.split_first() {
        let (name, after) = after.split_at(usize::from(*length).min(after.len()));
        let (count, after) = after.split_at(4.min(after.len()));
        let mut four = [0; 4];
        four[..count.len()].copy_from_slice(count);
        let (body, after) = after.split_at((u32::from_le_bytes(four) as usize).min(after.len()));
        // A name that is there already, or is none, has no place in an archive.
        if archive.start_file(String::from_utf8_lossy(name), options).is_ok() {
            archive.write_all(body).expect("memory takes it");
        }
        rest = after;
    }
    archive.finish().expect("memory takes it").into_inner()
}

/// The members of an archive as a bundle.
fn unzipped(archive: Vec<u8>) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let mut files = Vec::new();
    for at in 0..archive.len() {
        let mut member = archive.by_index(at).expect("a member");
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).expect("whole");
        files.push((member.name().expect("a name").into_owned(), bytes));
    }
    bundle(&files)
}

fn bundled(name: &str) -> Vec<Vec<u8>> {
    let ending = name.rsplit('.').next().unwrap_or_default();
    let mut files = files(ending);
    if ending == "gdb" {
        files.iter_mut().for_each(|(file, _)| *file = format!("{name}/{file}"));
    }
    vec![bundle(&files)]
}

fn kmz() -> Vec<Vec<u8>> {
    written("kml").into_iter().map(|kml| bundle(&[("doc.kml".to_owned(), kml)])).collect()
}

/// A page and a workbook in XML, as office systems call workbooks.
fn pages() -> Vec<Vec<u8>> {
    let page = "<html><table><tr><td>编号</td><td colspan=2>面积&#40;亩&#41;</td></tr><!-- x --><tr><td>0001<td>12.5</td></tr></table>";
    let book = "<?xml version=\"1.0\"?><Workbook xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"现状\"><Table>\
        <Row><Cell><Data>编号</Data></Cell><Cell><Data>名称</Data></Cell></Row><Row><Cell ss:Index=\"2\" ss:MergeAcross=\"1\"><Data>甲</Data></Cell></Row>\
        </Table></Worksheet></Workbook>";
    [page, book].map(|text| text.as_bytes().to_vec()).into()
}

fn xlsx() -> Vec<Vec<u8>> {
    written("xlsx").into_iter().map(unzipped).collect()
}

fn ods() -> Vec<Vec<u8>> {
    let cell = r#"<table:table-cell office:value-type="string"><text:p>标识码</text:p></table:table-cell>"#;
    let number = r#"<table:table-cell office:value-type="float" office:value="3" table:number-columns-repeated="2"/>"#;
    let rows = format!(
        r#"<table:table-row>{cell}</table:table-row><table:table-row table:number-rows-repeated="3">{number}</table:table-row>"#
    );
    let text = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet><table:table table:name="表">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    let kind = b"application/vnd.oasis.opendocument.spreadsheet".to_vec();
    vec![bundle(&[("mimetype".to_owned(), kind), ("content.xml".to_owned(), text.into_bytes())])]
}

fn mif() -> Vec<Vec<u8>> {
    let mif = "Version 300\nCharset \"Neutral\"\nDelimiter \",\"\nCoordSys Earth Projection 8, 104, \"m\", 117, 0, 1, 39500000, 0\nColumns 2\n  DLMC Char(20)\n  TBMJ Decimal(10,2)\nData\n\nRegion 1\n 5\n39500000 4070000\n39500100 4070000\n39500100 4070100\n39500000 4070100\n39500000 4070000\n  Pen (1,2,0)\nPoint 39500000 4070000\nPline Multiple 1 2 1 2 3 4\nArc 0 0 1 1 0 90\nCollection 2 Region 1 4 0 1 1 1 1 0 0 1 Line 0 1 2 3\n";
    let mid = "\"dry\",1.5\n\"wet\",2\n\"a \"\"b\"\"\",\n,\n\"c\",7\n";
    vec![bundle(&[("a.mif".to_owned(), mif.into()), ("a.mid".to_owned(), mid.into())])]
}

/// Archives as they are, packed and not.
fn archives() -> Vec<Vec<u8>> {
    let mut packed = zip::ZipWriter::new(Cursor::new(Vec::new()));
    packed.start_file("a.geojson", zip::write::SimpleFileOptions::default()).expect("starts");
    packed.write_all(PARCELS.as_bytes()).expect("memory takes it");
    vec![packed.finish().expect("memory takes it").into_inner(), zipped(&bundled("a.shp")[0])]
}

// --- languages and documents

fn expression(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let expr = match Expr::parse(&text) {
        Err(error) => return drop([error.text(Language::Chinese), error.text(Language::English)]),
        Ok(expr) => expr,
    };
    let layer = layer();
    let areas = [9900.0, 102.5, 0.0];
    let figures = Figures { areas: Some(&areas), perimeters: Some(&areas) };
    if let Ok(bound) = expr.bind(&layer, figures) {
        (0..layer.feature_count()).for_each(|feature| drop(format!("{:?}", bound.value(feature))));
    }
    if let Ok(bound) = expr.bind_condition(&layer, figures) {
        let held: Vec<u32> = (0..layer.feature_count() as u32).filter(|row| bound.holds(*row as usize)).collect();
        assert_eq!(bound.select(&Progress::new()).expect("nobody cancels"), held, "{text}");
    }
}

fn rules_files() -> Vec<Vec<u8>> {
    tuban::demo::file("demo.rules.toml").into_iter().map(<[u8]>::to_vec).collect()
}

fn rules(bytes: &[u8]) {
    let read = Rules::parse(&String::from_utf8_lossy(bytes), Path::new("a.toml"));
    for error in &read.errors {
        assert!(error.line > 0 && error.column > 0, "{error:?}");
        drop([error.text(Language::Chinese), error.text(Language::English)]);
    }
}

fn schemas() -> Vec<Vec<u8>> {
    // One rule or layer is as good as all: the texts in the program are long, and damage should reach each kind of line.
    let text = include_str!("../../assets/schema/demo-area.toml");
    let short: String = text.lines().take(120).map(|line| format!("{line}\n")).collect();
    vec![short.into_bytes(), text.into()]
}

fn schema(bytes: &[u8]) {
    if let Err(error) = Schema::parse(&String::from_utf8_lossy(bytes)) {
        said(&error.message());
    }
}

fn office_files() -> Vec<Vec<u8>> {
    let text =
        "format = 1\n[[layer]]\nname = \"地类图斑\"\nrole = \"land-use\"\nclass = \"DLBM\"\nscheme = \"SD2019\"\n";
    vec![text.into(), Office::default().to_toml().into_bytes()]
}

fn office(bytes: &[u8]) {
    match Office::from_toml(&String::from_utf8_lossy(bytes)) {
        Err(error) => said(&error),
        Ok(office) => drop(Office::from_toml(&office.to_toml()).expect("what is written reads back")),
    }
}

fn layouts() -> Vec<Vec<u8>> {
    templates::all(Language::Chinese).iter().take(3).map(|layout| layout.to_toml().into_bytes()).collect()
}

fn layout(bytes: &[u8]) {
    match Layout::from_toml(&String::from_utf8_lossy(bytes)) {
        Err(error) => said(&error.message()),
        Ok(layout) => {
            let text = layout.to_toml();
            assert_eq!(Layout::from_toml(&text).expect("what is written reads back").to_toml(), text);
        }
    }
}

/// A workspace with a scenario, edits and one step undone, and its journal.
fn worked() -> (Workspace, Vec<u8>) {
    let mut workspace = Workspace::new();
    let id = workspace.add(Arc::new(layer()));
    let (mut journal, whole) = Journal::begin(Path::new("a.journal"), &mut workspace, None, true);
    let mut lines = match whole {
        Writing::Whole(bytes) | Writing::More(bytes) => bytes,
    };
    for (nth, value) in [OwnedValue::text("甲"), OwnedValue::Int(7), OwnedValue::Null].into_iter().enumerate() {
        let field = ["DLBM", "备注", "TBMJ"][nth];
        let drafted = draft::set_field(&workspace, id, &[0, nth as u32 % 2], field, value).expect("something changes");
        workspace.apply(drafted, By::default()).expect("applies");
        if nth == 1 {
            workspace.undo();
            workspace.redo();
        }
        if let Some(Writing::Whole(bytes) | Writing::More(bytes)) = journal.next(&mut workspace) {
            lines.extend(bytes);
        }
    }
    (workspace, lines)
}

fn projects() -> Vec<Vec<u8>> {
    let mut workspace = worked().0;
    workspace.layouts = Arc::new(templates::all(Language::Chinese).into_iter().take(1).collect());
    vec![project::to_text(&workspace, Path::new(".")).into_bytes()]
}

/// Opens a source of a project that is fuzzed: what its name says about it is nobody's.
fn open_any(path: &Path, _: &OpenOptions) -> Result<Opened, ReadError> {
    // Some are not there.
    if path.as_os_str().len() % 5 == 4 { Err(ReadError::Empty) } else { Ok(parcels()) }
}

fn project_file(bytes: &[u8]) {
    let (path, folder) = (Path::new("a.toml"), Path::new("."));
    match project::load_text(&String::from_utf8_lossy(bytes), path, folder, &mut open_any) {
        Err(error) => said(&error.message()),
        Ok(loaded) => {
            loaded.issues.iter().take(20).for_each(|issue| said(&issue.message));
            let text = project::to_text(&loaded.workspace, folder);
            project::parse(&text, path).expect("what is saved reads back");
        }
    }
}

/// The lines without their hashes, which the target puts in front again: damage would never get past them.
fn journals() -> Vec<Vec<u8>> {
    let lines = String::from_utf8(worked().1).expect("text");
    let bare = lines.lines().filter_map(|line| Some(line.split_once(' ')?.1)).map(|line| format!("{line}\n"));
    vec![bare.collect::<String>().into_bytes()]
}

fn journal(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let lines: String = text.lines().map(|line| format!("{} {line}\n", hash_hex(line.as_bytes()))).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.journal");
    fs::write(&path, lines).expect("written");
    let Found::Unsaved(found) = look(&path) else { return };
    drop((found.change_count(), found.when(), found.name(), found.line_count()));
    match found.load(&mut open_any) {
        Err(error) => said(&error.message()),
        Ok(mut loaded) => {
            loaded.issues.iter().take(20).for_each(|issue| said(&issue.message));
            let top = loaded.workspace.scenarios.history.position();
            loaded.workspace.travel_to(0);
            loaded.workspace.travel_to(top);
            let text = project::to_text(&loaded.workspace, folder.path());
            project::parse(&text, Path::new("a.toml")).expect("what is saved reads back");
        }
    }
}

/// An image that lies beneath a plan: a TIFF of 16 × 16 greys in two strips, placed.
fn images() -> Vec<Vec<u8>> {
    let mut bytes = b"II\x2A\0\x08\0\0\0".to_vec();
    let (strip, count) = (16 * 8_u32, 13_u32);
    let behind = 8 + 2 + 12 * count + 4;
    let [offsets, sizes, scale, tie] = [behind, behind + 8, behind + 16, behind + 40];
    let pixels = behind + 88;
    let entries = [
        (256_u16, 3_u16, 1_u32, 16_u32),
        (257, 3, 1, 16),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 2, offsets),
        (277, 3, 1, 1),
        (278, 3, 1, 8),
        (279, 4, 2, sizes),
        (284, 3, 1, 1),
        (339, 3, 1, 1),
        (33_550, 12, 3, scale),
        (33_922, 12, 6, tie),
    ];
    bytes.extend((count as u16).to_le_bytes());
    for (tag, kind, many, value) in entries {
        bytes.extend(tag.to_le_bytes().into_iter().chain(kind.to_le_bytes()));
        bytes.extend(many.to_le_bytes().into_iter().chain(value.to_le_bytes()));
    }
    bytes.extend([0; 4]);
    [pixels, pixels + strip, strip, strip].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    for number in [2.0_f64, 2.0, 0.0, 0.0, 0.0, 0.0, 39_500_000.0, 4_070_000.0, 0.0] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend((0..2 * strip).map(|at| at as u8));
    vec![bytes]
}

/// Opens an image and looks at its squares.
fn image(bytes: &[u8]) {
    // Pages are drawn by a process of their own, whatever becomes of that.
    if bytes.starts_with(b"%PDF") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    fs::write(&path, bytes).expect("written");
    let raster = match Raster::open(&path, None, None, &Progress::new()) {
        Ok(raster) => raster,
        Err(error) => return said(&error),
    };
    raster.remarks().iter().for_each(said);
    assert!(raster.outline().len() < 1000);
    for (nth, level) in raster.levels().iter().enumerate().take(4) {
        let last = [0, 1].map(|axis| level.size[axis].div_ceil(level.block[axis]).saturating_sub(1));
        for square in [[0, 0], last] {
            if let Err(error) = raster.block(nth, square, Duration::ZERO) {
                said(&error);
            }
        }
    }
}

/// What a service of tiles says of itself.
fn services() -> Vec<Vec<u8>> {
    let document = "<Capabilities><ServiceProvider><ProviderName>A</ProviderName></ServiceProvider><OperationsMetadata>\
        <Operation name=\"GetTile\"><DCP><HTTP><Get href=\"http://a.example/wmts?\"/></HTTP></DCP></Operation>\
        </OperationsMetadata><Contents><Layer><Title>B</Title><Identifier>b</Identifier><Format>image/png</Format>\
        <Style isDefault=\"true\"><Identifier>c</Identifier></Style><TileMatrixSetLink><TileMatrixSet>d</TileMatrixSet>\
        </TileMatrixSetLink></Layer><TileMatrixSet><Identifier>d</Identifier><SupportedCRS>EPSG:4490</SupportedCRS>\
        <TileMatrix><Identifier>EPSG:4490:0</Identifier><ScaleDenominator>279541132.0143589</ScaleDenominator>\
        <TopLeftCorner>90 -180</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight></TileMatrix>\
        </TileMatrixSet></Contents></Capabilities>";
    vec![document.as_bytes().to_vec()]
}

/// Whatever a service says: what it offers can be asked for.
fn service(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let found = Service::of_document(&text, "http://a.example/wmts?tk={key}", &Progress::new()).unwrap_or_default();
    for offer in found.offers {
        Address::parse(&offer.address).expect("an address of tiles");
    }
}
