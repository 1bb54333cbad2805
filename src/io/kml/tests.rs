//! Documents in, layers out, and back.

use std::io::Write;
use std::path::PathBuf;

use super::super::layers::assemble;
use super::super::{OpenOptions, Opened};
use super::*;
use crate::crs::gcj02::WebMap;
use crate::model::roles::Role;
use crate::model::style::{Color, Fill, Symbol, defaults};
use crate::model::{GeometryKind, Layer, Provenance};

fn layers_of(raw: Vec<Styled>) -> Vec<Opened> {
    let options = OpenOptions { keep_partial: true, ..OpenOptions::default() };
    let assembled =
        raw.into_iter().map(|(raw, _)| assemble(raw, provenance("a.kml"), Some(crate::crs::Crs::wgs84), &options));
    assembled.map(|opened| opened.expect("layers")).collect()
}

fn provenance(name: &str) -> Provenance {
    Provenance { path: PathBuf::from(name), ..Provenance::default() }
}

fn opened(text: &str) -> Vec<Opened> {
    layers_of(read(text.as_bytes(), &Progress::new()).expect("reads"))
}

/// Names, kinds and features of all layers.
fn shown(opened: &[Opened]) -> Vec<(String, GeometryKind, usize)> {
    let layers = opened.iter().flat_map(|opened| &opened.layers);
    layers.map(|layer| (layer.name.clone(), layer.kind, layer.feature_count())).collect()
}

fn kinds(opened: &[Opened]) -> Vec<String> {
    opened.iter().flat_map(|opened| &opened.issues).map(|issue| issue.kind().to_owned()).collect()
}

fn document(inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><name>规划</name>{inner}</Document></kml>"
    )
}

const SQUARE: &str = "<Polygon><outerBoundaryIs><LinearRing><coordinates>117,36.8 117.001,36.8 117.001,36.801 117,36.801 117,36.8</coordinates></LinearRing></outerBoundaryIs></Polygon>";

#[test]
fn folders_and_kinds_are_layers() {
    let text = document(&format!(
        "<Folder><name>地块</name><Placemark id=\"p1\"><name>甲</name><ExtendedData><Data name=\"地类编码\"><value>0701</value></Data></ExtendedData>{SQUARE}</Placemark>\
         <Placemark><name>乙</name><Point><coordinates>117,36.8,12</coordinates></Point></Placemark></Folder>\
         <Folder><name>地块</name><Placemark><name>路 &amp; 沟</name><LineString><coordinates>117,36.8 117.1,36.8</coordinates></LineString></Placemark></Folder>\
         <Placemark><name>空</name></Placemark>"
    ));
    let opened = opened(&text);
    let expected = [
        ("地块", GeometryKind::Polygon, 1),
        ("地块", GeometryKind::Point, 1),
        ("地块 (#2)", GeometryKind::Line, 1),
        ("规划", GeometryKind::None, 1),
    ];
    assert_eq!(shown(&opened), expected.map(|(name, kind, count)| (name.to_owned(), kind, count)));
    let layer = &opened[0].layers[0];
    assert_eq!(
        (layer.value(0, layer.field("地类编码").expect("a field")).to_string(), layer.feature_id(0)),
        ("0701".into(), Some("p1".into()))
    );
    assert_eq!(opened[1].layers[0].value(0, 0).to_string(), "路 & 沟");
    assert_eq!(layer.line(0), Some(2));
    let z = opened[0].layers[1].blocks[0].geometry.z().to_vec();
    assert_eq!(z, [12.0]);
}

#[test]
fn what_the_file_says_of_its_datum_is_told() {
    let with = |kind: &str| {
        document(&format!("<Placemark><name>a</name><OvCoordType>{kind}</OvCoordType>{SQUARE}</Placemark>"))
    };
    assert!(kinds(&opened(&with("GCJ-02"))).contains(&"kml-gcj02".to_owned()));
    assert!(kinds(&opened(&with("GCJ02"))).contains(&"kml-gcj02".to_owned()));
    assert!(kinds(&opened(&with("WGS84"))).is_empty());
    let by_producer = document(&format!("<!-- 奥维互动地图 --><Placemark>{SQUARE}</Placemark>"));
    assert!(kinds(&opened(&by_producer)).contains(&"kml-producer".to_owned()));
    let layer = &opened(&with("GCJ-02"))[0].layers[0];
    assert!(crate::doctor::web_map::is_flagged(layer));
    assert_eq!(kinds(&opened(&with("BD-09"))), ["kml-bd09"]);
    // What the document or a folder states holds for all in it that states nothing itself.
    let of_document = document(&format!(
        "<OvCoordType>GCJ-02</OvCoordType><Folder><name>a</name><Placemark>{SQUARE}</Placemark></Folder>\
         <Folder><name>b</name><Placemark><OvCoordType>WGS84</OvCoordType>{SQUARE}</Placemark></Folder>\
         <Folder><name>c</name><OvCoordType>BD09</OvCoordType><Placemark>{SQUARE}</Placemark></Folder>"
    ));
    let found = opened(&of_document);
    let suspected = |at: usize| crate::doctor::web_map::suspect_by_fields(&found[at].layers[0]).map(|found| found.map);
    assert_eq!([0, 1, 2].map(suspected), [Some(WebMap::Gcj02), None, Some(WebMap::Bd09)]);
}

#[test]
fn nothing_is_fetched_or_expanded() {
    let text = "<?xml version=\"1.0\"?><!DOCTYPE kml [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>\
                <kml><Document><NetworkLink><Link><href>http://example.com/a.kml</href></Link></NetworkLink>\
                <Placemark><name>&b;&x;&#30002;</name><Point><coordinates>117,36.8</coordinates></Point></Placemark></Document></kml>";
    let opened = opened(text);
    assert_eq!(opened[0].layers[0].value(0, 0).to_string(), "&b;&x;甲");
    let kinds = kinds(&opened);
    assert!(kinds.contains(&"kml-link".to_owned()) && kinds.contains(&"kml-doctype".to_owned()), "{kinds:?}");
}

#[test]
fn broken_documents_keep_what_came_before() {
    let whole = document(&format!(
        "<Placemark><name>a</name>{SQUARE}</Placemark><Placemark><name>b</name>{SQUARE}</Placemark>"
    ));
    let cut = &whole[..whole.len() - 60];
    let raw = read(cut.as_bytes(), &Progress::new()).expect("reads");
    assert!(matches!(&raw[0].0.error, Some(ReadError::Format(message)) if message.key == "io.kml-truncated"));
    assert_eq!(shown(&layers_of(raw)), [("规划".to_owned(), GeometryKind::Polygon, 1)]);
    let junk = opened(&format!("{whole}<kml/>"));
    assert!(kinds(&junk).contains(&"kml-junk".to_owned()));
    assert_eq!(shown(&junk)[0].2, 2);
    assert!(matches!(read(b"no xml at all", &Progress::new()), Err(ReadError::Format(_))));
    let deep = "<Folder>".repeat(100_000);
    let raw = read(deep.as_bytes(), &Progress::new()).expect("reads");
    assert!(matches!(&raw[0].0.error, Some(ReadError::Format(message)) if message.key == "io.kml-deep"));
}

#[test]
fn faults_are_about_their_placemark() {
    let text = document(
        "<Placemark><name>a</name><Point><coordinates>117,x</coordinates></Point></Placemark>\
         <Placemark><name>b</name><Polygon><outerBoundaryIs><LinearRing><coordinates>1,1 2,2</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>\
         <Placemark><name>c</name><Point><coordinates>117,36.8</coordinates></Point></Placemark>",
    );
    let opened = opened(&text);
    let issues: Vec<(&str, Option<u64>)> = opened[0].issues.iter().map(|issue| (issue.kind(), issue.feature)).collect();
    assert_eq!(issues, [("not-a-number", Some(0)), ("short-ring", Some(1)), ("null-geometry", Some(0))]);
    assert_eq!(opened[0].layers[0].feature_count(), 3);
}

#[test]
fn many_folders_are_one_layer() {
    let folder =
        |i: usize| format!("<Folder><name>f{i}</name><Placemark><name>{i}</name>{SQUARE}</Placemark></Folder>");
    let opened = opened(&document(&(0..150).map(folder).collect::<String>()));
    assert_eq!(shown(&opened), [("规划".to_owned(), GeometryKind::Polygon, 150)]);
    let layer = &opened[0].layers[0];
    assert_eq!(layer.value(149, layer.field("文件夹").expect("a field")).to_string(), "f149");
}

fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("starts");
    archive.write_all(bytes).expect("writes");
    archive.finish().expect("ends").into_inner()
}

#[test]
fn archives_are_read_and_bombs_refused() {
    let text = document(&format!("<Placemark><name>a</name>{SQUARE}</Placemark>"));
    let raw = read_kmz(&zipped("doc.kml", text.as_bytes()), &Progress::new()).expect("reads");
    assert_eq!((raw.len(), raw[0].0.format.as_str()), (1, "KMZ"));
    let bomb = zipped("doc.kml", &vec![b' '; 200 << 20]);
    assert!(
        matches!(read_kmz(&bomb, &Progress::new()), Err(ReadError::Format(message)) if message.key == "io.zip-bomb")
    );
    let other = zipped("a.txt", b"");
    assert!(
        matches!(read_kmz(&other, &Progress::new()), Err(ReadError::Format(message)) if message.key == "io.kmz-without-kml")
    );
    assert!(matches!(read_kmz(b"PK", &Progress::new()), Err(ReadError::Format(_))));
}

/// Corner coordinates of a layer, as written.
fn coords(layer: &Layer) -> Vec<(String, String)> {
    let coords = layer.blocks.iter().flat_map(|block| block.geometry.coords());
    coords.map(|c| (format!("{:.9}", c.x), format!("{:.9}", c.y))).collect()
}

#[test]
fn what_is_written_is_read_again() {
    let text = document(&format!(
        "<Placemark id=\"7\"><name>甲 &lt;乙&gt;</name><ExtendedData><Data name=\"地类&amp;编码\"><value>0701</value></Data></ExtendedData>\
        <MultiGeometry>{SQUARE}{}</MultiGeometry></Placemark><Placemark><name>空</name></Placemark>",
        SQUARE.replace("117", "118")
    ));
    let first = opened(&text);
    let layer = &first[0].layers[0];
    let mut bytes = Vec::new();
    write_kml(layer, None, layer.field("Name"), &mut bytes).expect("writes");
    let second = opened(std::str::from_utf8(&bytes).expect("UTF-8"));
    let again = &second[0].layers[0];
    assert_eq!(
        (coords(layer), layer.name.as_str(), layer.feature_id(0)),
        (coords(again), again.name.as_str(), again.feature_id(0))
    );
    assert_eq!(again.value(0, again.field("地类&编码").expect("a field")).to_string(), "0701");
    // Names and types are those of a schema, which other programs need to keep either.
    let typed =
        "<Schema id=\"s\"><SimpleField name=\"面积\" type=\"double\"/><SimpleField name=\"年\" type=\"int\"/></Schema>";
    let values = "<SimpleData name=\"面积\">1.5</SimpleData><SimpleData name=\"年\">2024</SimpleData>";
    let typed = document(&format!(
        "{typed}<Placemark><ExtendedData><SchemaData schemaUrl=\"#s\">{values}</SchemaData></ExtendedData>{SQUARE}</Placemark>"
    ));
    let mut bytes = Vec::new();
    write_kml(&opened(&typed)[0].layers[0], None, None, &mut bytes).expect("writes");
    let text = std::str::from_utf8(&bytes).expect("UTF-8");
    assert!(text.contains("<SimpleField name=\"面积\" type=\"double\"/>"), "{text}");
    let kinds = opened(text)[0].layers[0].fields.iter().map(|field| field.kind).collect::<Vec<_>>();
    assert_eq!(kinds, [crate::model::FieldType::Float, crate::model::FieldType::Int]);
    assert!(again.blocks[0].geometry.is_null(1));
    let mut xian = layer.clone();
    xian.crs = crate::crs::Crs::from_epsg(2363).expect("a CRS");
    assert!(matches!(write_kml(&xian, None, None, &mut Vec::new()), Err(KmlError::Crs(_))));
}

#[test]
fn damaged_documents_end() {
    let text = document(&format!(
        "<Schema id=\"s\"><SimpleField name=\"n\" type=\"int\"/></Schema>\
         <StyleMap id=\"m\"><Pair><key>normal</key><styleUrl>#p</styleUrl></Pair></StyleMap><Style id=\"p\"><PolyStyle><color>7f0000ff</color></PolyStyle></Style>\
         <Placemark><styleUrl>#m</styleUrl>{SQUARE}</Placemark><Folder><name>地块</name><Placemark id=\"p\"><name>甲</name><ExtendedData>\
         <SchemaData schemaUrl=\"#s\"><SimpleData name=\"n\">7</SimpleData></SchemaData></ExtendedData><MultiGeometry>{SQUARE}<Point><coordinates>1,2,3</coordinates></Point>\
         </MultiGeometry></Placemark></Folder>"
    ));
    let track = document(
        "<Placemark><gx:Track><when>2020</when><gx:coord>1 2 3</gx:coord><gx:coord>2 3</gx:coord></gx:Track></Placemark>",
    );
    let archive = zipped("doc.kml", text.as_bytes());
    super::super::tests::damaged(&[text.into_bytes(), track.into_bytes()], |bytes| {
        if let Ok(raw) = read(bytes, &Progress::new()) {
            let options = OpenOptions { keep_partial: true, ..OpenOptions::default() };
            for (raw, _) in raw {
                let _ = assemble(raw, provenance("a.kml"), Some(crate::crs::Crs::wgs84), &options);
            }
        }
    });
    super::super::tests::damaged(&[archive], |bytes| drop(read_kmz(bytes, &Progress::new())));
}

/// The layers of a document as a file that is opened gives them.
fn file(text: &str) -> Vec<Layer> {
    let options = OpenOptions::default();
    let found = super::super::open_bytes("a.kml", text.as_bytes().to_vec(), &options, &Progress::new());
    found.expect("opens").layers
}

/// The field and the classes of a style, with their fills.
fn classes(layer: &Layer) -> (String, Vec<(String, Fill)>) {
    let style = layer.drawn.as_deref().expect("a style");
    let categories = style.categories().expect("by class");
    let classes = categories.classes.iter().map(|class| (class.key.clone(), class.symbol.fill));
    (categories.field.clone(), classes.collect())
}

/// A placemark with a code and a style, by its address or its own.
fn placemark(code: &str, style: &str) -> String {
    let data = format!("<ExtendedData><Data name=\"DLBM\"><value>{code}</value></Data></ExtendedData>");
    format!("<Placemark><name>甲</name>{style}{data}{SQUARE}</Placemark>")
}

const RED: Fill = Fill::Solid(Color::rgb(255, 0, 0));
const GREEN: Fill = Fill::Solid(Color { r: 0, g: 128, b: 0, a: 127 });

#[test]
fn one_style_is_that_of_the_layer() {
    let styles = "<StyleMap id=\"m\"><Pair><key>highlight</key><styleUrl>#g</styleUrl></Pair><Pair><key>normal</key><styleUrl>#r</styleUrl></Pair></StyleMap>\
        <Style id=\"g\"><PolyStyle><color>7f008000</color></PolyStyle></Style>";
    // Styles may stand behind what names them.
    let behind = "<Style id=\"r\"><LineStyle><color>ff00ff00</color><width>2.5</width></LineStyle><PolyStyle><color>ff0000ff</color></PolyStyle></Style>";
    let named = placemark("0101", "<styleUrl>#m</styleUrl>");
    let layers = file(&document(&format!("{styles}{named}{behind}")));
    let symbol = *layers[0].drawn.as_deref().expect("a style").symbol(0).expect("one");
    let stroke = symbol.stroke.expect("a line");
    assert_eq!((symbol.fill, stroke.color, stroke.width_px), (RED, Color::rgb(0, 255, 0), 2.5));
    let own = placemark("0101", "<Style><PolyStyle><color>ff0000ff</color><outline>0</outline></PolyStyle></Style>");
    let symbol = *file(&document(&own))[0].drawn.as_deref().expect("a style").symbol(0).expect("one");
    assert_eq!((symbol.fill, symbol.stroke), (RED, None));
    assert!(file(&document(&placemark("0101", "")))[0].drawn.is_none());
    assert!(file(&document(&placemark("0101", "<styleUrl>http://a/b.kml#r</styleUrl>")))[0].drawn.is_none());
}

#[test]
fn styles_are_those_of_the_field_that_tells_them_apart() {
    let styles = "<Style id=\"r\"><PolyStyle><color>ff0000ff</color></PolyStyle></Style><Style id=\"g\"><PolyStyle><color>7f008000</color></PolyStyle></Style>";
    let [red, green] = ["r", "g"].map(|id| format!("<styleUrl>#{id}</styleUrl>"));
    let by_code = [placemark("0101", &red), placemark("0702", &green), placemark("0101", &red)].concat();
    let layers = file(&document(&format!("{styles}{by_code}")));
    assert_eq!(classes(&layers[0]), ("DLBM".to_owned(), vec![("0101".to_owned(), RED), ("0702".to_owned(), GREEN)]));
    // The same code in two colours: the styles are a field of their own.
    let across = [placemark("0101", &red), placemark("0101", &green), placemark("0702", "")].concat();
    let layers = file(&document(&format!("{styles}{across}")));
    let layer = &layers[0];
    assert_eq!(classes(layer), ("样式".to_owned(), vec![("r".to_owned(), RED), ("g".to_owned(), GREEN)]));
    let field = layer.field("样式").expect("a field");
    let values: Vec<String> = (0..3).map(|row| layer.value(row, field).to_string()).collect();
    assert_eq!(values, ["r", "g", ""]);
}

#[test]
fn styles_come_back_as_they_were_written() {
    let styles = "<Style id=\"r\"><PolyStyle><color>ff0000ff</color></PolyStyle></Style>\
        <Style id=\"g\"><LineStyle><color>80102030</color><width>3</width></LineStyle><PolyStyle><color>7f008000</color></PolyStyle></Style>";
    let [red, green] = ["r", "g"].map(|id| format!("<styleUrl>#{id}</styleUrl>"));
    let points = "<Folder><name>点</name><Placemark><Style><IconStyle><color>ff0000ff</color><scale>1.5</scale></IconStyle></Style><Point><coordinates>117,36.8</coordinates></Point></Placemark></Folder>";
    for features in [
        [placemark("0101", &red), placemark("0702", &green)].concat(),
        [placemark("0101", &red), placemark("0101", &green), placemark("0702", "")].concat(),
        placemark("0101", &green),
        points.to_owned(),
    ] {
        let first = file(&document(&format!("{styles}{features}"))).remove(0);
        let mut bytes = Vec::new();
        write_kml(&first, None, None, &mut bytes).expect("writes");
        let again = file(std::str::from_utf8(&bytes).expect("UTF-8")).remove(0);
        let shown = |layer: &Layer| {
            let style = layer.drawn.as_deref().expect("a style").clone();
            let symbols =
                style.symbol_indices(layer).into_iter().map(|index| style.symbol(usize::from(index)).copied());
            symbols.filter(|symbol| *symbol != Some(Symbol::default())).collect::<Vec<_>>()
        };
        assert_eq!(shown(&first), shown(&again), "{features}");
    }
    // What KML cannot draw is told.
    let mut layer = file(&document(&placemark("0101", &red))).remove(0);
    layer.drawn = Some(std::sync::Arc::new(defaults::for_role(Role::RedLine, GeometryKind::Polygon, 0)));
    let told: Vec<&str> = losses(&layer, None, WriteOptions::default()).iter().map(|loss| loss.key).collect();
    assert_eq!(told, ["io.kml-write-plain"]);
}
