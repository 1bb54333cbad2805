//! Pictures by the CPU painter: shares of classes, and a few small golden images.
//!
//! `UPDATE_GOLDEN=1 cargo test` rewrites the images in `tests/golden`. A pixel may differ by [`CHANNEL_TOLERANCE`] a
//! channel, and [`PIXEL_TOLERANCE`] of all pixels by more: sin, cos and the order of float operations differ in the last
//! digit between platforms, which moves an edge across a sample here and there.

use std::path::PathBuf;
use std::sync::Arc;

use tuban::crs::Crs;
use tuban::model::index::SpatialIndex;
use tuban::model::roles::Role;
use tuban::model::style::labels::Labels;
use tuban::model::style::{Color, Fill, Hatch, LayerStyle, Styling, Symbol, defaults};
use tuban::model::{
    AttributeBuilder, Coord, Extent, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind, Layer, Value,
};
use tuban::render::MapView;
use tuban::render::drawing;
use tuban::render::lettering::Typeface;
use tuban::render::pyramid::Pyramid;
use tuban::render::raster::{Kept, PaintColors, PaintLayer, paint};
use tuban::render::scene::{Scene, SceneLayer};
use tuban::render::sheet::{self, LegendRow, Sheet};
use tuban::task::Progress;

const CHANNEL_TOLERANCE: u8 = 4;
const PIXEL_TOLERANCE: f64 = 0.005;

/// A layer of shapes, each with one text attribute; `at` in metres from a place north of the Yellow River.
fn layer(kind: GeometryKind, field: &str, shapes: &[(&str, &[(f64, f64)])]) -> Arc<Layer> {
    let mut geometry = GeometryBuilder::new(kind);
    let mut attributes = AttributeBuilder::new();
    for (value, shape) in shapes {
        let coords = shape.iter().map(|(x, y)| Coord { x: 39_500_000.0 + x, y: 4_080_000.0 + y });
        match kind {
            GeometryKind::Polygon => {
                let mut ring: Vec<Coord> = coords.collect();
                ring.push(ring[0]);
                geometry.polygon(&[vec![ring]]);
            }
            GeometryKind::Line => {
                coords.for_each(|c| geometry.coord(c));
                geometry.end_ring();
                geometry.end_feature();
            }
            _ => {
                coords.for_each(|c| geometry.coord(c));
                geometry.end_feature();
            }
        }
        let column = attributes.column(field, 0);
        attributes.set(column, Value::Text(value));
        attributes.end_row();
    }
    let block = FeatureBlock::of_parts(geometry.finish(), attributes.finish().1);
    let fields = vec![Field { name: field.to_owned(), kind: FieldType::Text }];
    Arc::new(Layer::new(field.to_owned(), kind, zone_39(), fields, vec![block]))
}

fn zone_39() -> Crs {
    Crs::from_epsg(4527).expect("known")
}

fn prepared(layer: &Arc<Layer>, style: &LayerStyle) -> SceneLayer {
    SceneLayer::prepare(layer, style, &zone_39(), &Progress::new()).expect("same CRS").0
}

fn extent(width: f64, height: f64) -> Extent {
    let corner = |x: f64, y: f64| Coord { x: 39_500_000.0 + x, y: 4_080_000.0 + y };
    Extent { min: corner(0.0, 0.0), max: corner(width, height) }
}

/// Parcels of a little town, a road, control lines and sites, on 240 × 160 m.
fn town() -> Scene {
    let codes = ["0102", "0701", "0301", "0703", "1001", "0804", "1701", "0801", "1401", "09", "0103", "1207"];
    let columns = [0.0, 38.0, 85.0, 131.0, 170.0, 205.0, 240.0];
    let rows = [0.0, 41.0, 78.0, 118.0, 160.0];
    // Inner corners are moved a little, so that no edge is parallel to the picture.
    let corner = |i: usize, j: usize| {
        let inner = |at: usize, last: usize| f64::from(u8::from(at > 0 && at < last));
        let push = inner(i, 6) * inner(j, 4);
        let (a, b) = (((i * 7 + j * 3) % 5) as f64 - 2.0, ((i * 2 + j * 5) % 5) as f64 - 2.0);
        (columns[i] + push * a * 2.5, rows[j] + push * b * 2.5)
    };
    let parcels: Vec<(&str, Vec<(f64, f64)>)> = (0..4)
        .flat_map(|j| (0..6).map(move |i| (i, j)))
        .map(|(i, j)| {
            let ring = vec![corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
            (codes[(i * 5 + j * 7) % codes.len()], ring)
        })
        .collect();
    let parcels: Vec<(&str, &[(f64, f64)])> = parcels.iter().map(|(code, ring)| (*code, &ring[..])).collect();
    let land = layer(GeometryKind::Polygon, "DLBM", &parcels);
    let scheme = Some(tuban::model::classes::Scheme::Ydyh2023);
    let land_style = defaults::by_class("DLBM", scheme, codes, GeometryKind::Polygon);
    let road = layer(GeometryKind::Line, "name", &[("济北路", &[(0.0, 30.0), (90.0, 52.0), (240.0, 66.0)])]);
    let farmland = layer(
        GeometryKind::Polygon,
        "name",
        &[("永农", &[(140.0, 80.0), (240.0, 78.0), (240.0, 160.0), (150.0, 160.0)])],
    );
    let boundary = layer(
        GeometryKind::Polygon,
        "name",
        &[("边界", &[(20.0, 20.0), (120.0, 8.0), (175.0, 50.0), (160.0, 130.0), (60.0, 145.0), (15.0, 90.0)])],
    );
    let cleared = layer(GeometryKind::Polygon, "name", &[("清理", &[(28.0, 92.0), (70.0, 88.0), (76.0, 128.0)])]);
    let sites = layer(
        GeometryKind::Polygon,
        "name",
        &[("大桥一区", &[(88.0, 84.0), (112.0, 84.0), (112.0, 104.0), (88.0, 104.0)])],
    );
    let of_role = |layer: &Arc<Layer>, role| prepared(layer, &defaults::for_role(role, layer.kind, 0));
    let mut layers = vec![
        prepared(&land, &land_style),
        of_role(&road, Role::Road),
        of_role(&farmland, Role::BasicFarmland),
        of_role(&cleared, Role::ClearedLand),
        of_role(&boundary, Role::DevelopmentBoundary),
        of_role(&sites, Role::Resettlement),
    ];
    layers[5].style.labels = Some(Labels::of_field("name"));
    layers[0].selected = vec![14, 15, 20];
    Scene { layers, ..Scene::default() }
}

fn golden(name: &str, pixmap: &tiny_skia::Pixmap) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, drawing::png(pixmap)).expect("the folder can be written");
        return;
    }
    let file = std::fs::File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().expect("a PNG");
    let mut expected = vec![0; reader.output_buffer_size().expect("fits memory")];
    let info = reader.next_frame(&mut expected).expect("a PNG");
    assert_eq!((info.width, info.height), (pixmap.width(), pixmap.height()), "size of {name}");
    let differs = |(a, b): (&[u8], &[u8])| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > CHANNEL_TOLERANCE);
    let count = expected.chunks(4).zip(pixmap.data().chunks(4)).filter(|pair| differs(*pair)).count();
    let share = count as f64 / f64::from(pixmap.width() * pixmap.height());
    assert!(share <= PIXEL_TOLERANCE, "{name}: {count} pixels differ; UPDATE_GOLDEN=1 rewrites it");
}

#[test]
fn a_town_looks_as_it_did() {
    let mut scene = town();
    let view = MapView::fit(&extent(240.0, 160.0), [240.0, 160.0], 0.0);
    let typeface = Typeface::bundled();
    scene.label(&view, &typeface);
    for (name, colors) in [("town-light.png", PaintColors::LIGHT), ("town-dark.png", PaintColors::DARK)] {
        let picture = paint(&view, 1.0, &scene.to_paint(), &colors, Some(&typeface), &Progress::new());
        golden(name, &picture.expect("not cancelled"));
    }
}

#[test]
fn a_sheet_looks_as_it_did() {
    let mut scene = town();
    scene.layers[0].selected.clear();
    let view = MapView::fit(&extent(240.0, 160.0), [240.0, 160.0], 0.0);
    let typeface = Typeface::bundled();
    scene.label(&view, &typeface);
    let row = |layer: &SceneLayer, symbol: usize, name: &str, figure: &str| LegendRow {
        symbols: layer.style.symbol(symbol).map(|symbol| (*symbol, layer.layer.kind)).into_iter().collect(),
        heading: false,
        code: String::new(),
        name: name.to_owned(),
        figure: figure.to_owned(),
    };
    let of_classes = [0, 2, 3].map(|class| row(&scene.layers[0], class, "", "").symbols).concat();
    let heading =
        LegendRow { symbols: of_classes, heading: true, ..row(&scene.layers[0], 0, "地类图斑", "57.60 亩") };
    let sheet = Sheet {
        title: "起步区土地利用图（示例）".to_owned(),
        state: "方案 A".to_owned(),
        legend_title: "图例".to_owned(),
        legend: vec![
            row(&scene.layers[4], 0, "城镇开发边界", "24.10 亩"),
            row(&scene.layers[2], 0, "永久基本农田", "11.94 亩"),
            row(&scene.layers[5], 0, "安置区", "1 处"),
            heading,
            row(&scene.layers[0], 0, "水浇地", "9.02 亩"),
            row(&scene.layers[0], 2, "乔木林地", "4.85 亩"),
            row(&scene.layers[0], 3, "城镇住宅用地", "5.10 亩"),
        ],
        more: "其余 {count} 类".to_owned(),
        notes: vec!["合成数据 · CGCS2000 / 3° 带 39 · 1:3,780 · 调查椭球面积".to_owned()],
        metres_per_unit: 1.0,
        unit_names: ["m".to_owned(), "km".to_owned()],
    };
    let page = sheet::compose(&sheet, &view, 1.0, &scene.parts(), &typeface, &Progress::new());
    golden("sheet.png", &page.expect("not cancelled"));
}

/// Classes as the three colours that a pixel keeps apart however they mix.
fn primaries() -> LayerStyle {
    let colors = [Color::rgb(255, 0, 0), Color::rgb(0, 255, 0), Color::rgb(0, 0, 255)];
    let mut style = defaults::by_class("DLBM", None, ["0", "1", "2"], GeometryKind::Polygon);
    let mut next = colors.into_iter();
    style.for_each_symbol(|symbol| {
        let fill = next.next().map_or(Fill::None, Fill::Solid);
        *symbol = Symbol { fill, ..*symbol };
    });
    style
}

/// `side` × `side` quadrilaterals of about 5 m in three classes, and the share of the area that each class has.
fn mosaic(side: usize) -> (SceneLayer, [f64; 3]) {
    let hashed = |i: usize, j: usize| {
        let hash = (i as u64 * 7_919 + j as u64 * 104_729 + 13).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 32
    };
    let jitter = |i: usize, j: usize| {
        let hash = hashed(i, j) as u32;
        (f64::from(hash % 1000) / 250.0, f64::from(hash / 1000 % 1000) / 250.0)
    };
    let corner = |i: usize, j: usize| {
        let (dx, dy) = if i.is_multiple_of(side) || j.is_multiple_of(side) { (0.0, 0.0) } else { jitter(i, j) };
        (5.0 * i as f64 + dx, 5.0 * j as f64 + dy)
    };
    let mut areas = [0.0; 3];
    let mut parcels = Vec::new();
    for j in 0..side {
        for i in 0..side {
            let ring = [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
            let twice: f64 = (0..4).map(|k| ring[k].0 * ring[(k + 1) % 4].1 - ring[(k + 1) % 4].0 * ring[k].1).sum();
            // A tenth, three tenths and the rest, scattered.
            let class = match hashed(i + 1000, j) % 10 {
                0 => 0,
                1..=3 => 1,
                _ => 2,
            };
            areas[class] += twice / 2.0;
            parcels.push((["0", "1", "2"][class], ring));
        }
    }
    let parcels: Vec<(&str, &[(f64, f64)])> = parcels.iter().map(|(class, ring)| (*class, &ring[..])).collect();
    let total: f64 = areas.iter().sum();
    (prepared(&layer(GeometryKind::Polygon, "DLBM", &parcels), &primaries()), areas.map(|area| area / total))
}

/// Share of red, green and blue in a picture.
fn shares_seen(view: &MapView, layers: &[PaintLayer<'_>]) -> [f64; 3] {
    let picture = paint(view, 1.0, layers, &PaintColors::LIGHT, None, &Progress::new()).expect("not cancelled");
    let mut sums = [0.0; 3];
    for pixel in picture.pixels() {
        sums[0] += f64::from(pixel.red());
        sums[1] += f64::from(pixel.green());
        sums[2] += f64::from(pixel.blue());
    }
    let total: f64 = sums.iter().sum();
    sums.map(|sum| sum / total)
}

#[test]
fn classes_keep_their_shares_where_parcels_are_smaller_than_a_pixel() {
    // 40,000 parcels on pixels of about 5 m, then of 10 m.
    let (layer, real) = mosaic(200);
    for size in [200.0, 97.0] {
        let view = MapView::fit(&extent(1000.0, 1000.0), [size, size], 0.0);
        let seen = shares_seen(&view, &[layer.to_paint()]);
        for class in 0..3 {
            assert!((seen[class] - real[class]).abs() < 0.005, "{size} px, class {class}: {seen:?} {real:?}");
        }
    }
}

#[test]
fn classes_keep_their_shares_in_the_picture_of_a_large_layer_in_the_window() {
    // The window draws a large layer from a pyramid: 160,000 parcels at full extent, one a pixel and two a pixel.
    let (layer, real) = mosaic(400);
    let pyramid =
        Pyramid::build(&layer.prepared.projected.blocks, &layer.layer.starts, &layer.prepared.index, &Progress::new());
    let pyramid = pyramid.expect("not cancelled").expect("the layer is a large one");
    for size in [400.0, 283.0] {
        let view = MapView::fit(&extent(2000.0, 2000.0), [size, size], 0.0);
        assert!(pyramid.level(view.units_per_px).is_some());
        let seen = shares_seen(&view, &[PaintLayer { pyramid: Some(&pyramid), ..layer.to_paint() }]);
        for class in 0..3 {
            assert!((seen[class] - real[class]).abs() < 0.005, "{size} px, class {class}: {seen:?} {real:?}");
        }
    }
}

#[test]
fn a_pyramid_changes_nothing_where_parcels_are_large() {
    let (mut layer, _) = mosaic(260);
    layer.selected = vec![3, 70, 33_000];
    let pyramid =
        Pyramid::build(&layer.prepared.projected.blocks, &layer.layer.starts, &layer.prepared.index, &Progress::new());
    let pyramid = pyramid.expect("not cancelled").expect("the layer is a large one");
    let view = MapView::fit(&extent(200.0, 200.0), [300.0, 300.0], 0.0);
    let picture = |pyramid| {
        let layers = [PaintLayer { pyramid, ..layer.to_paint() }];
        paint(&view, 1.0, &layers, &PaintColors::LIGHT, None, &Progress::new()).expect("not cancelled")
    };
    assert!(picture(None) == picture(Some(&pyramid)));
}

#[test]
fn what_is_kept_of_a_picture_paints_it_in_other_colours_without_the_geometry() {
    let (mut parcels, _) = mosaic(30);
    parcels.selected = vec![3, 70];
    let path = [(10.0, 20.0), (140.0, 90.0), (70.0, 149.0)];
    let mut road = defaults::for_role(Role::Road, GeometryKind::Line, 0);
    let road_layer = prepared(&layer(GeometryKind::Line, "DLBM", &[("0", &path[..])]), &road);
    let view = MapView::fit(&extent(150.0, 150.0), [300.0, 200.0], 0.0);
    let nothing = SpatialIndex::build(&[], &Progress::new()).expect("not cancelled");
    let kept = [Kept::default(), Kept::default()];
    let picture = |view: &MapView, styles: [&LayerStyle; 2], keep: bool, index: Option<&SpatialIndex>| {
        let mut layers = [parcels.to_paint(), road_layer.to_paint()];
        for ((layer, style), kept) in layers.iter_mut().zip(styles).zip(&kept) {
            layer.style = style;
            layer.kept = keep.then_some(kept);
            layer.index = index.unwrap_or(layer.index);
        }
        paint(view, 1.25, &layers, &PaintColors::LIGHT, None, &Progress::new()).expect("not cancelled")
    };
    let mut style = parcels.style.clone();
    let anew = picture(&view, [&style, &road], false, None);
    assert!(picture(&view, [&style, &road], true, None) == anew, "keeping changes nothing");

    // Other colours, a hatch, a weaker layer: as from the geometry, which is not asked.
    let hatch =
        Hatch { color: Color::BLACK, angle_deg: 30.0, spacing_px: 5.0, width_px: 1.5, crossed: false, back: None };
    let mut number = 0_u8;
    style.for_each_symbol(|symbol| {
        symbol.fill = match symbol.fill {
            Fill::None => Fill::None,
            _ if number == 1 => Fill::Hatch(hatch),
            _ => Fill::Solid(Color::rgb(60 * number, 7, 80)),
        };
        symbol.stroke.as_mut().expect("an outline").color = Color::rgb(number, 200, 0);
        number += 1;
    });
    style.opacity = 0.6;
    road.for_each_symbol(|symbol| symbol.stroke.as_mut().expect("a line").color = Color::rgb(1, 2, 3));
    let recoloured = picture(&view, [&style, &road], false, None);
    assert!(recoloured != anew);
    assert!(picture(&view, [&style, &road], true, Some(&nothing)) == recoloured, "from what is kept alone");

    // Wider lines, a class that is hidden, another view: what is kept does not serve.
    road.for_each_symbol(|symbol| symbol.stroke.as_mut().expect("a line").width_px += 2.0);
    assert!(picture(&view, [&style, &road], true, None) == picture(&view, [&style, &road], false, None));
    let Styling::Categorised(categories) = &mut style.styling else { panic!("by class") };
    categories.classes[0].visible = false;
    assert!(picture(&view, [&style, &road], true, None) == picture(&view, [&style, &road], false, None));
    let view = view.panned([0.3, 40.0]);
    assert!(picture(&view, [&style, &road], true, None) == picture(&view, [&style, &road], false, None));
    assert!(picture(&view, [&style, &road], true, Some(&nothing)) == picture(&view, [&style, &road], false, None));
}

#[test]
fn bands_and_neighbours_join_without_a_gap() {
    let parcels: Vec<[(f64, f64); 4]> = (0..30)
        .map(|i| {
            let x = |at: i32, y: f64| f64::from(at) * 10.0 + if at % 30 == 0 { 0.0 } else { (y / 300.0 - 0.4) * 7.3 };
            [(x(i, 0.0), 0.0), (x(i + 1, 0.0), 0.0), (x(i + 1, 300.0), 300.0), (x(i, 300.0), 300.0)]
        })
        .collect();
    let parcels: Vec<(&str, &[(f64, f64)])> = parcels.iter().map(|ring| ("0", &ring[..])).collect();
    let mut style = primaries();
    style.for_each_symbol(|symbol| symbol.stroke = None);
    let scene =
        Scene { layers: vec![prepared(&layer(GeometryKind::Polygon, "DLBM", &parcels), &style)], ..Scene::default() };
    let view = MapView::fit(&extent(300.0, 300.0), [211.0, 211.0], 0.0);
    let picture = paint(&view, 1.0, &scene.to_paint(), &PaintColors::LIGHT, None, &Progress::new());
    let picture = picture.expect("not cancelled");
    let other = picture.pixels().iter().filter(|p| (p.red(), p.green(), p.blue()) != (255, 0, 0)).count();
    assert_eq!(other, 0, "pixels of ground between parcels");
}

#[test]
fn an_empty_or_cancelled_picture() {
    let view = MapView { center: Coord { x: 0.0, y: 0.0 }, units_per_px: 1.0, size_px: [10.0, 10.0] };
    let progress = Progress::new();
    let picture = paint(&view, 2.0, &[], &PaintColors::LIGHT, None, &progress).expect("not cancelled");
    assert_eq!((picture.width(), picture.height()), (20, 20));
    assert!(picture.pixels().iter().all(|p| p.red() == PaintColors::LIGHT.ground.r));
    progress.cancel();
    assert!(paint(&view, 1.0, &[], &PaintColors::LIGHT, None, &progress).is_err());
}
