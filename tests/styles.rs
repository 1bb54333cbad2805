//! Styles of other programs from end to end: on the command line, beside sources, dropped on the window.

use std::path::{Path, PathBuf};

use tuban::model::style::{Color, Fill, LayerStyle};
use tuban::ui::Start;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::file::FileCommand;
use tuban::ui::session::command::scenario::ScenarioCommand;

use super::program::tuban;
use super::window::{open, session, until};

/// A style of QGIS by `DLBM`, with a fill that has no counterpart.
const STYLE: &str = r#"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.34.4-Prizren" styleCategories="Symbology">
 <renderer-v2 type="categorizedSymbol" attr="DLBM" symbollevels="0">
  <categories>
   <category symbol="0" value="0101" label="0101" type="string" render="true"/>
   <category symbol="1" value="0701" label="住宅" type="string" render="true"/>
  </categories>
  <symbols>
   <symbol type="fill" name="0" alpha="1"><layer class="SimpleFill" enabled="1"><Option type="Map">
    <Option name="color" value="12,34,200,255"/><Option name="outline_style" value="no"/></Option></layer></symbol>
   <symbol type="fill" name="1" alpha="1"><layer class="ShapeburstFill" enabled="1"><Option type="Map">
    <Option name="color" value="200,34,12,255"/></Option></layer></symbol>
  </symbols>
 </renderer-v2>
 <blendMode>0</blendMode><layerOpacity>1</layerOpacity>
</qgis>"#;

/// A folder with two parcels of 1 km².
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let parcel = |x: u32, code: &str| {
        let (a, b) = (500_000 + x, 501_000 + x);
        format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}"}},"geometry":{{"type":"Polygon","coordinates":[[[{a},4070000],[{b},4070000],[{b},4071000],[{a},4071000],[{a},4070000]]]}}}}"#
        )
    };
    let features = [parcel(0, "0101"), parcel(1000, "0701")].join(",\n");
    let crs = r#"{"type":"name","properties":{"name":"EPSG:4548"}}"#;
    let path = folder.path().join("parcels.geojson");
    std::fs::write(&path, format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{features}]}}"#))
        .expect("written");
    (folder, path)
}

fn said(folder: &Path, line: &str) -> String {
    let out = tuban(folder, line);
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    assert!(out.status.success(), "{line}: {text}{}", String::from_utf8_lossy(&out.stderr));
    text
}

#[test]
fn a_style_is_looked_at_and_written_in_another_format() {
    let (folder, _) = folder();
    std::fs::write(folder.path().join("gaudy.qml"), STYLE).expect("written");
    let text = said(folder.path(), "style gaudy.qml -o gaudy.sld");
    assert!(text.contains("2 classes") && text.contains("ShapeburstFill") && text.contains("gaudy.sld"), "{text}");
    let sld = std::fs::read_to_string(folder.path().join("gaudy.sld")).expect("written");
    assert!(sld.contains("#0c22c8") && sld.contains("PropertyIsEqualTo"), "{sld}");
    let text = said(folder.path(), "style gaudy.sld");
    assert!(text.contains("2 classes") && text.lines().count() == 1, "{text}");
    // The style that a layer is shown in, for QGIS.
    said(folder.path(), "style parcels.geojson -o own.qml");
    let own = std::fs::read_to_string(folder.path().join("own.qml")).expect("written");
    assert!(own.contains("categorizedSymbol") && own.contains("0701"), "{own}");
    let refused = tuban(folder.path(), "style gaudy.qml -o gaudy.lyrx");
    assert_eq!(refused.status.code(), Some(2));
    let formats = said(folder.path(), "formats");
    assert!(formats.contains(".qml") && formats.contains(".sld") && formats.contains(".lyrx"), "{formats}");
}

#[test]
fn a_map_is_drawn_by_style_files() {
    let (folder, _) = folder();
    std::fs::write(folder.path().join("gaudy.qml"), STYLE).expect("written");
    let holds = |color: [u8; 3]| {
        let file = std::fs::File::open(folder.path().join("out.png")).expect("written");
        let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size().expect("fits memory")];
        let info = reader.next_frame(&mut bytes).expect("a PNG");
        bytes.chunks(info.color_type.samples()).any(|pixel| pixel[..3] == color)
    };
    said(folder.path(), "render parcels.geojson -o out.png --size 300x200");
    assert!(!holds([12, 34, 200]));
    said(folder.path(), "render parcels.geojson -o out.png --size 300x200 --style gaudy.qml");
    assert!(holds([12, 34, 200]) && holds([200, 34, 12]));
    said(folder.path(), "render parcels.geojson -o out.png --size 300x200 --style parcels=gaudy.qml");
    assert!(holds([12, 34, 200]));
    std::fs::write(folder.path().join("other.qml"), STYLE.replace("DLBM", "NONE")).expect("written");
    let refused = tuban(folder.path(), "render parcels.geojson -o out.png --style other.qml");
    assert_eq!(refused.status.code(), Some(2));
}

/// The colour of the first class of a style.
fn first_color(style: &LayerStyle) -> Option<Color> {
    match style.symbol(0)?.fill {
        Fill::Solid(color) => Some(color),
        _ => None,
    }
}

#[test]
fn a_style_dropped_on_the_window_is_a_step_that_undo_takes_back() {
    let (folder, parcels) = folder();
    let style = folder.path().join("gaudy.qml");
    std::fs::write(&style, STYLE).expect("written");
    let mut window = open(Start { files: vec![parcels], ..Start::for_test() }, (1600.0, 1000.0));
    until(&mut window, |session| !session.workspace.is_empty() && session.jobs.is_empty());
    let before = session(&window).workspace.entries[0].style.clone();
    let blue = Some(Color::rgb(12, 34, 200));
    assert_ne!(first_color(&before), blue);
    window.state_mut().push(Command::File(FileCommand::OpenPaths(vec![style])));
    window.run_steps(2);
    until(&mut window, |session| first_color(&session.workspace.entries[0].style) == blue && session.jobs.is_empty());
    // One layer still: the style is no file of data.
    assert_eq!(session(&window).workspace.entries.len(), 1);
    window.state_mut().push(Command::Scenario(ScenarioCommand::Undo));
    window.run_steps(3);
    assert_eq!(session(&window).workspace.entries[0].style, before);
}

#[test]
fn a_style_that_lies_beside_a_file_comes_with_it() {
    let (folder, parcels) = folder();
    std::fs::write(folder.path().join("parcels.qml"), STYLE).expect("written");
    let mut window = open(Start { files: vec![parcels], ..Start::for_test() }, (1600.0, 1000.0));
    until(&mut window, |session| !session.workspace.is_empty() && session.jobs.is_empty());
    let entry = &session(&window).workspace.entries[0];
    assert_eq!(first_color(&entry.style), Some(Color::rgb(12, 34, 200)));
    let keys: Vec<&str> = entry.layer.issues.iter().map(|issue| issue.message.key).collect();
    assert!(keys.contains(&"style.beside") && keys.contains(&"style.beside-left-out"), "{keys:?}");
}
