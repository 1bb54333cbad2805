//! What lies beneath the layers, by accessible name: put there by its file, hidden, moved, placed by points, undone, and a map
//! of a server that is not asked before that was read, by its address or chosen from what a service offers.

use std::sync::Arc;

use eframe::egui::Role;
use egui_kittest::kittest::Queryable;
use tuban::scenario::{Underlay, UnderlaySource};
use tuban::text::Language;
use tuban::ui::session::command::Command;
use tuban::ui::session::command::file::FileCommand;
use tuban::ui::session::command::scenario::ScenarioCommand;
use tuban::ui::session::command::underlay::UnderlayCommand;
use tuban::ui::session::command::window::WindowCommand;

use crate::window::{Window, click, demo, session, typed, until};

/// A folder with an image of one colour, placed about the demo's county where `placed` says so.
fn image(name: &str, placed: bool) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 4, 4);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&[90; 48])).expect("into memory");
    std::fs::write(&path, bytes).expect("written");
    if placed {
        std::fs::write(path.with_extension("pgw"), "0.25\n0\n0\n-0.25\n116.6\n37.2\n").expect("written");
        std::fs::write(path.with_extension("prj"), "EPSG:4490").expect("written");
    }
    (folder, path)
}

fn drop_file(window: &mut Window, path: &std::path::Path) {
    window.state_mut().push(Command::File(FileCommand::OpenPaths(vec![path.to_owned()])));
    window.run_steps(2);
}

#[test]
fn an_image_is_put_beneath_hidden_removed_and_comes_back() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let layers = session(&window).workspace.entries.len();
    let (_folder, path) = image("影像.png", true);
    drop_file(&mut window, &path);
    until(&mut window, |session| !session.project.images.is_empty());
    assert_eq!(session(&window).workspace.entries.len(), layers, "an underlay is no layer");
    assert!(window.query_by_label("影像.png").is_some(), "it has a row");
    click(&mut window, "隐藏影像.png");
    assert!(session(&window).project.images.is_empty());
    click(&mut window, "显示影像.png");
    until(&mut window, |session| !session.project.images.is_empty());
    click(&mut window, "“影像.png”的菜单");
    click(&mut window, "移除");
    assert!(session(&window).workspace.underlays.is_empty() && session(&window).project.images.is_empty());
    window.state_mut().push(Command::Scenario(ScenarioCommand::Undo));
    until(&mut window, |session| !session.project.images.is_empty());
}

#[test]
fn a_scan_without_a_place_opens_its_card_and_is_placed_by_points() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    let (_folder, path) = image("扫描图.png", false);
    drop_file(&mut window, &path);
    until(&mut window, |session| !session.project.images.is_empty());
    assert!(window.query_by_label("底图设置").is_some(), "its card is open");
    assert!(window.query_by_label_contains("没有多余点检核").is_some(), "two points have no check");
    click(&mut window, "六参数（仿射）");
    assert!(window.query_by_label_contains("至少需要 3 个").is_some());
    click(&mut window, "四参数");
    click(&mut window, "应用");
    assert_eq!(session(&window).workspace.underlays[0].points.len(), 2);
}

/// A service on this machine that offers one layer; its address.
fn service() -> String {
    use std::io::{Read, Write};
    let document = "<Capabilities><Contents><Layer><Title>影像图</Title><Identifier>img</Identifier>\
        <TileMatrixSetLink><TileMatrixSet>c</TileMatrixSet></TileMatrixSetLink><ResourceURL resourceType=\"tile\" \
        format=\"image/png\" template=\"http://127.0.0.1:9/{TileMatrix}/{TileCol}/{TileRow}.png\"/></Layer>\
        <TileMatrixSet><Identifier>c</Identifier><SupportedCRS>urn:ogc:def:crs:EPSG::4490</SupportedCRS><TileMatrix>\
        <Identifier>1</Identifier><ScaleDenominator>295829355.45</ScaleDenominator><TileWidth>256</TileWidth>\
        <TopLeftCorner>90 -180</TopLeftCorner><TileHeight>256</TileHeight></TileMatrix></TileMatrixSet></Contents>\
        </Capabilities>";
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // The question is short: it comes in one piece.
            let _ = stream.read(&mut [0; 4096]);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", document.len());
            let _ = stream.write_all(&[head.as_bytes(), document.as_bytes()].concat());
        }
    });
    format!("http://{address}/wmts")
}

#[test]
fn a_layer_is_chosen_from_those_that_a_service_offers() {
    if !cfg!(feature = "tiles") {
        return;
    }
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    window.state_mut().push(Command::Underlay(UnderlayCommand::AddTiles));
    window.run_steps(4);
    click(&mut window, "其他（XYZ、WMTS）");
    window.get_by_role_and_label(Role::TextInput, "地址").click();
    window.run_steps(2);
    typed(&mut window, &service());
    click(&mut window, "允许访问并读取服务的图层");
    assert!(session(&window).settings.servers_allowed);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while window.query_by_label("影像图 · c · EPSG:4490").is_none() {
        assert!(std::time::Instant::now() < deadline, "not in time");
        std::thread::sleep(std::time::Duration::from_millis(2));
        window.step();
    }
    click(&mut window, "影像图 · c · EPSG:4490");
    click(&mut window, "添加");
    let taken = &session(&window).workspace.underlays[0];
    assert_eq!(taken.title, "影像图");
    let expected = UnderlaySource::Tiles("http://127.0.0.1:9/{z}/{x}/{y}.png#1-1,c".to_owned());
    assert_eq!(taken.source, expected);
}

#[test]
fn a_map_of_a_server_is_taken_only_after_what_that_tells_was_read() {
    let mut window = demo(Language::Chinese, (1600.0, 1000.0));
    assert!(!session(&window).settings.servers_allowed);
    // Nobody answers there.
    let tiles = UnderlaySource::Tiles("http://127.0.0.1:9/{z}/{x}/{y}#0-3".to_owned());
    let underlay = Underlay::new("瓦片".to_owned(), tiles);
    window.state_mut().push(Command::Underlay(UnderlayCommand::Change(Arc::new(vec![underlay.clone()]))));
    window.run_steps(4);
    assert!(window.query_by_label_contains("在线底图未启用").is_some(), "a project alone has no server asked");
    assert!(session(&window).project.underlays.openings.is_empty());
    if !cfg!(feature = "tiles") {
        return;
    }
    window.state_mut().push(Command::Underlay(UnderlayCommand::Change(Arc::default())));
    window.state_mut().push(Command::Underlay(UnderlayCommand::AddTiles));
    window.run_steps(4);
    assert!(window.query_by_label_contains("对方服务器会得知").is_some());
    assert!(window.query_by_label("允许访问并添加").is_some());
    let take = UnderlayCommand::Take { underlay: Box::new(underlay), key: None };
    window.state_mut().push(Command::Underlay(take));
    window.state_mut().push(Command::Window(WindowCommand::CloseCard));
    window.run_steps(4);
    assert!(session(&window).settings.servers_allowed);
    assert!(window.query_by_label("瓦片").is_some(), "it has a row");
}
