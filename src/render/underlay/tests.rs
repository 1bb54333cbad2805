//! Where the pixels of what lies beneath a map come to lie.

use super::*;

/// A picture of four colours on 2 × 2 pixels of `metres` each, its upper left corner at 500 000, 4 070 000.
fn picture(folder: &Path, metres: f64) -> Underlay {
    let path = folder.join("a.png");
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 2);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let data = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]].concat();
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&data)).expect("into memory");
    std::fs::write(&path, bytes).expect("written");
    let (x, y) = (500_000.0 + metres / 2.0, 4_070_000.0 - metres / 2.0);
    std::fs::write(folder.join("a.pgw"), format!("{metres}\n0\n0\n-{metres}\n{x}\n{y}\n")).expect("written");
    Underlay::new("a".to_owned(), UnderlaySource::File(path))
}

fn crs() -> Crs {
    Crs::from_epsg(4548).expect("known")
}

fn view(center: (f64, f64), units_per_px: f64, side: f64) -> MapView {
    MapView { center: Coord { x: center.0, y: center.1 }, units_per_px, size_px: [side, side] }
}

fn pixel(image: &Image, x: u32, y: u32) -> [u8; 4] {
    let pixel = image.pixels().pixel(x, y).expect("in the picture");
    [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
}

const RED: [u8; 4] = [255, 0, 0, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];
const BLUE: [u8; 4] = [0, 0, 255, 255];

#[test]
fn an_image_lies_where_its_world_file_says_and_nothing_lies_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let underlay = picture(folder.path(), 100.0);
    let open = OpenUnderlay::open(&underlay, &crs(), &Asking::default(), &Progress::new()).expect("opens");
    let extent = open.extent(&crs());
    assert_eq!((extent.min.x, extent.max.y, extent.width()), (500_000.0, 4_070_000.0, 200.0));
    // 40 pixels of 10 m about its middle: ten are free on each side.
    let view = view((500_100.0, 4_069_900.0), 10.0, 40.0);
    let draw = |scale: f64, around: f64| {
        open.draw(&view, scale, around, &crs(), 0.5, Duration::ZERO, &Progress::new()).expect("not cancelled")
    };
    let image = draw(1.0, 0.0).image.expect("something is seen");
    assert_eq!(image.opacity(), 0.5);
    assert_eq!([(9, 9), (10, 10), (30, 10), (10, 29)].map(|(x, y)| pixel(&image, x, y)), [[0; 4], RED, [0; 4], BLUE]);
    assert_eq!([(19, 19), (20, 19), (29, 29)].map(|(x, y)| pixel(&image, x, y)), [RED, GREEN, [255; 4]]);
    let larger = draw(2.0, 0.25).image.expect("something is seen");
    assert_eq!((larger.pixels().width(), larger.extent().width()), (120, 600.0));
    assert_eq!([pixel(&larger, 39, 39), pixel(&larger, 40, 40), pixel(&larger, 60, 59)], [[0; 4], RED, GREEN]);
    let elsewhere = MapView { center: Coord { x: 600_000.0, y: 4_000_000.0 }, ..view };
    let drawn = open.draw(&elsewhere, 1.0, 0.0, &crs(), 1.0, Duration::ZERO, &Progress::new());
    assert!(drawn.expect("not cancelled").image.is_none());
}

#[test]
fn in_another_system_it_lies_where_the_conversion_puts_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let underlay = Underlay { crs: Some(crs()), ..picture(folder.path(), 1000.0) };
    let map = Crs::cgcs2000();
    let open = OpenUnderlay::open(&underlay, &map, &Asking::default(), &Progress::new()).expect("opens");
    let way = Reprojector::new(&crs(), &map).expect("a way");
    for (place, expected) in [((500_500.0, 4_069_500.0), RED), ((501_500.0, 4_069_500.0), GREEN)] {
        let center = way.convert_one(Coord { x: place.0, y: place.1 }).expect("a place");
        let view = view((center.x, center.y), 1e-6, 9.0);
        let drawn = open.draw(&view, 1.0, 0.0, &map, 1.0, Duration::ZERO, &Progress::new()).expect("not cancelled");
        assert_eq!(pixel(&drawn.image.expect("something is seen"), 4, 4), expected);
    }
}

#[test]
fn a_shifted_map_is_shifted_back_and_stands_on_no_sheet() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = picture(folder.path(), 1000.0);
    let shifted = Underlay { shift: Some(WebMap::Gcj02), crs: Some(crs()), ..plain };
    let open = OpenUnderlay::open(&shifted, &crs(), &Asking::default(), &Progress::new()).expect("opens");
    let (to, from) = (Reprojector::new(&crs(), &Crs::wgs84()), Reprojector::new(&Crs::wgs84(), &crs()));
    let (to, from) = (to.expect("a way"), from.expect("a way"));
    // The middle of the green quarter, as the web map has it, is somewhere else in truth.
    let drawn_at = to.convert_one(Coord { x: 501_500.0, y: 4_069_500.0 }).expect("a place");
    let truth = from.convert_one(WebMap::Gcj02.unscrambled(drawn_at)).expect("a place");
    assert!((truth.x - 501_500.0).hypot(truth.y - 4_069_500.0) > 300.0);
    let at_truth = view((truth.x, truth.y), 1.0, 9.0);
    let drawn = open.draw(&at_truth, 1.0, 0.0, &crs(), 1.0, Duration::ZERO, &Progress::new());
    assert_eq!(pixel(&drawn.expect("not cancelled").image.expect("something is seen"), 4, 4), GREEN);
    let sheeted = for_sheet(&[shifted], &at_truth, 1.0, &crs(), &Asking::default(), &Progress::new());
    let sheeted = sheeted.expect("not cancelled");
    assert!(sheeted.images.is_empty());
    assert_eq!(sheeted.remarks.first().map(|remark| remark.key), Some("underlay.not-on-sheets"));
}

#[test]
fn a_smaller_picture_has_the_mean_and_the_source_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let underlay = picture(folder.path(), 100.0);
    // One pixel of 200 m over all four.
    let one = view((500_100.0, 4_069_900.0), 200.0, 1.0);
    let sheeted = for_sheet(&[underlay], &one, 1.0, &crs(), &Asking::default(), &Progress::new());
    let sheeted = sheeted.expect("not cancelled");
    assert_eq!(pixel(&sheeted.images[0], 0, 0), [128, 128, 128, 255]);
    assert_eq!(sheeted.credits, ["a.png"]);
    let scan = Underlay {
        source: UnderlaySource::File(folder.path().join("gone.png")),
        ..Underlay::new("x".to_owned(), UnderlaySource::Tiles("ftp://a".to_owned()))
    };
    let sheeted = for_sheet(&[scan], &one, 1.0, &crs(), &Asking::default(), &Progress::new());
    assert_eq!(sheeted.expect("not cancelled").remarks.len(), 1);
}

#[test]
fn control_points_put_a_scan_in_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let scan = picture(folder.path(), 100.0);
    std::fs::remove_file(folder.path().join("a.pgw")).expect("there");
    assert!(OpenUnderlay::open(&scan, &crs(), &Asking::default(), &Progress::new()).is_err(), "it lies nowhere");
    let point = |pixel, x, y| ControlPoint { pixel, world: Coord { x, y } };
    let points = vec![point([0.0, 0.0], 500_000.0, 4_070_000.0), point([2.0, 2.0], 500_020.0, 4_069_980.0)];
    let placed = Underlay { points, crs: Some(crs()), ..scan };
    let open = OpenUnderlay::open(&placed, &crs(), &Asking::default(), &Progress::new()).expect("opens");
    let extent = open.extent(&crs());
    assert!((extent.max.x - 500_020.0).abs() < 1e-6 && (extent.min.y - 4_069_980.0).abs() < 1e-6, "{extent:?}");
}

#[test]
fn a_public_map_on_a_sheet_needs_the_number_of_its_approval() {
    let tiles = |address: &str| Underlay::new("t".to_owned(), UnderlaySource::Tiles(address.to_owned()));
    assert!(lacks_approval(&tiles("tianditu:img_c")) && !lacks_approval(&tiles("https://a.cn/{z}/{x}/{y}")));
    let credit = "天地图 审图号：GS（2024）0650 号".to_owned();
    assert!(!lacks_approval(&Underlay { credit, ..tiles("tianditu:img_c") }));
}
