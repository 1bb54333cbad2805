//! `tuban render` from end to end: the pictures that it writes, what it says, and what it refuses.

use std::path::{Path, PathBuf};

use crate::program::tuban;

/// A folder with `parcels.geojson`: two columns of 1 km × 2 km beside one of 2 km × 2 km, in EPSG:4548.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tuban-render-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let parcel = |x: f64, width: f64, code: &str, kind: &str| {
        let (a, b) = (499_000.0 + x, 499_000.0 + x + width);
        format!(
            r#"{{"type":"Feature","properties":{{"DLBM":"{code}","kind":"{kind}"}},"geometry":{{"type":"Polygon","coordinates":[[[{a},4070000],[{b},4070000],[{b},4072000],[{a},4072000],[{a},4070000]]]}}}}"#
        )
    };
    let features =
        [parcel(0.0, 1000.0, "0101", "a"), parcel(1000.0, 1000.0, "0701", "a"), parcel(2000.0, 2000.0, "1101", "b")];
    let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
    let file = format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{}]}}"#, features.join(",\n"));
    std::fs::write(folder.join("parcels.geojson"), file).expect("written");
    folder
}

struct Picture {
    size: (u32, u32),
    channels: usize,
    bytes: Vec<u8>,
}

impl Picture {
    fn open(path: &Path) -> Self {
        let file = std::fs::File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size().expect("fits memory")];
        let info = reader.next_frame(&mut bytes).expect("a PNG");
        Self { size: (info.width, info.height), channels: info.color_type.samples(), bytes }
    }

    fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let at = (y * self.size.0 + x) as usize * self.channels;
        [self.bytes[at], self.bytes[at + 1], self.bytes[at + 2]]
    }

    fn share(&self, color: [u8; 3]) -> f64 {
        let count = self.bytes.chunks(self.channels).filter(|pixel| pixel[..3] == color).count();
        count as f64 / f64::from(self.size.0 * self.size.1)
    }
}

fn render(folder: &Path, line: &str) -> Picture {
    let out = tuban(folder, line);
    assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
    Picture::open(&folder.join("out.png"))
}

#[test]
fn a_layer_is_drawn_in_the_colours_of_its_classes() {
    let folder = folder("classes");
    let out = tuban(&folder, "render parcels.geojson -o out.png --size 420x220");
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success() && said.contains("420 × 220") && said.contains("EPSG:4548"), "{said}");
    let picture = Picture::open(&folder.join("out.png"));
    assert_eq!(picture.size, (420, 220));
    let [a, b, c] = [60, 160, 310].map(|x| picture.pixel(x, 110));
    assert!(a != b && b != c && a != c, "{a:?} {b:?} {c:?}");
    for (color, share) in [(a, 0.216), (b, 0.216), (c, 0.433)] {
        // 100 (200) × 200 of 420 × 220 pixels, less the outlines.
        assert!((picture.share(color) - share).abs() < 0.012, "{color:?}: {}", picture.share(color));
    }
    assert_eq!(picture.pixel(2, 2), [0xF7, 0xF6, 0xF1]);
}

#[test]
fn the_same_place_is_shown_by_bbox_centre_zoom_and_scale() {
    let folder = folder("views");
    let all = render(&folder, "render parcels.geojson -o out.png --size 400x200");
    let right = all.pixel(300, 100);
    // The right parcel alone, by its corners in metres and in degrees, and by its middle.
    for line in [
        "--bbox 501000,4070000,503000,4072000",
        "--bbox 117.0112,36.7611,117.0336,36.7791",
        "--centre 502000,4071000 --zoom 8",
        "--centre 502000,4071000 --scale 10000",
    ] {
        let picture = render(&folder, &format!("render parcels.geojson -o out.png --size 200x200 {line}"));
        assert_eq!(picture.pixel(100, 100), right, "{line}");
        assert!(picture.share(right) > 0.97, "{line}: {}", picture.share(right));
    }
    let sharp = render(&folder, "render parcels.geojson -o out.png --size 200x100 --sharpness 2");
    assert_eq!(sharp.size, (400, 200));
}

#[test]
fn another_crs_of_the_map_shows_the_same_parcels() {
    let folder = folder("map-crs");
    let own = render(&folder, "render parcels.geojson -o out.png --size 420x220");
    let other = render(&folder, "render parcels.geojson -o out.png --size 420x220 --map-crs 4527");
    for x in [60, 160, 310] {
        assert_eq!(own.pixel(x, 110), other.pixel(x, 110));
        assert!((own.share(own.pixel(x, 110)) - other.share(own.pixel(x, 110))).abs() < 0.01);
    }
    // Degrees: a degree of longitude is shorter than one of latitude, so the map is flatter.
    let degrees = render(&folder, "render parcels.geojson -o out.png --size 420x220 --map-crs 4490");
    assert!(degrees.share(own.pixel(310, 110)) > 0.2);
}

#[test]
fn land_use_is_softened_on_request() {
    use tuban::model::classes::{Class, Scheme};
    let folder = folder("soft");
    let official = render(&folder, "render parcels.geojson -o out.png --size 420x220");
    let soft = render(&folder, "render parcels.geojson -o out.png --size 420x220 --soft");
    let of = |picture: &Picture| [60, 160, 310].map(|x| picture.pixel(x, 110));
    assert!(of(&official).iter().zip(of(&soft)).all(|(a, b)| *a != b), "{:?}", of(&soft));
    let known = [Scheme::Sd2019, Scheme::Ydyh2023].map(|scheme| {
        let color = Class::find(scheme, "1101").expect("a class").soft_colors()[0];
        [color.r, color.g, color.b]
    });
    assert!(known.contains(&soft.pixel(310, 110)), "{known:?}: {:?}", soft.pixel(310, 110));
    // The legend of a sheet has the colours of its map.
    let sheet = render(&folder, "render parcels.geojson -o out.png --size 420x220 --soft --sheet");
    let beside = |color| (470..sheet.size.0).any(|x| (0..sheet.size.1).any(|y| sheet.pixel(x, y) == color));
    assert!(beside(soft.pixel(310, 110)));
    assert!(sheet.share(official.pixel(310, 110)) < 1e-4);
}

#[test]
fn a_field_colours_by_its_values() {
    let folder = folder("by");
    let picture = render(&folder, "render parcels.geojson -o out.png --size 420x220 --by kind");
    assert_eq!(picture.pixel(60, 110), picture.pixel(160, 110));
    assert_ne!(picture.pixel(60, 110), picture.pixel(310, 110));
}

#[test]
fn a_sheet_adds_a_title_a_legend_and_a_foot() {
    let folder = folder("sheet");
    let map = render(&folder, "render parcels.geojson -o out.png --size 600x400");
    for line in ["--lang zh --title 现状图", "--lang en"] {
        let sheet = render(&folder, &format!("render parcels.geojson -o out.png --size 600x400 --sheet {line}"));
        assert!(sheet.size.0 > 800 && sheet.size.1 > 450, "{:?}", sheet.size);
        assert_eq!(sheet.pixel(1, 1), [255, 255, 255]);
        // The swatches of the legend add to what the map shows of a class, and the map is there in its own size.
        let class = map.pixel(450, 200);
        let pixels = |picture: &Picture| picture.share(class) * f64::from(picture.size.0 * picture.size.1);
        assert!(pixels(&sheet) > pixels(&map) + 100.0, "{line}");
    }
}

#[test]
fn the_demo_is_drawn_from_an_empty_folder() {
    let folder = folder("demo");
    let out = tuban(&folder, "render -o out.png --size 800x500 --lang zh");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let picture = Picture::open(&folder.join("out.png"));
    assert!(picture.share([0xF7, 0xF6, 0xF1]) < 0.8);
}

#[test]
fn what_cannot_be_drawn_is_refused_with_a_reason() {
    let folder = folder("refusals");
    for (line, reason) in [
        ("render parcels.geojson -o out.tif", "must end in .pdf"),
        ("render parcels.geojson -o out.pdf --date 2026-02-30", "year-month-day"),
        ("render parcels.geojson -o out.png --size 0x100", "expected width x height"),
        ("render parcels.geojson -o out.png --size 100", "expected width x height"),
        ("render parcels.geojson -o out.png --size 16000x100 --sharpness 2", "at most 16384"),
        ("render parcels.geojson -o out.png --bbox 1,2,3", "expected four numbers"),
        ("render parcels.geojson -o out.png --centre 1;2", "expected two numbers"),
        ("render parcels.geojson -o out.png --zoom 0", "above 0"),
        ("render parcels.geojson -o out.png --scale -5", "above 0"),
        ("render parcels.geojson -o out.png --by NOPE", "DLBM"),
        ("render parcels.geojson -o out.png --map-crs 99", "99"),
        ("render missing.geojson -o out.png", "missing.geojson"),
    ] {
        let out = tuban(&folder, line);
        let said = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{line}: {said}");
        assert!(said.contains(reason), "{line}: {said}");
    }
    assert!(!folder.join("out.png").exists() && !folder.join("out.jpg").exists());
    let chinese = tuban(&folder, "render parcels.geojson -o out.tif --lang zh");
    assert!(String::from_utf8_lossy(&chinese.stderr).contains("扩展名应为 .pdf"));
}

#[test]
fn an_undecided_crs_is_refused_under_strict_only() {
    let folder = folder("strict");
    let file =
        r#"{"type":"Polygon","coordinates":[[[500000,4070000],[501000,4070000],[501000,4071000],[500000,4070000]]]}"#;
    std::fs::write(folder.join("zone.geojson"), file).expect("written");
    assert_eq!(tuban(&folder, "render zone.geojson -o out.png --strict").status.code(), Some(2));
    assert!(tuban(&folder, "render zone.geojson -o out.png --crs 4548 --strict").status.success());
    assert!(tuban(&folder, "render zone.geojson -o out.png").status.success());
}

#[test]
fn a_map_and_a_sheet_take_every_ending() {
    let folder = folder("endings");
    for frame in ["", "--sheet --title 图"] {
        let written = |ending: &str| {
            let line = format!("render parcels.geojson -o out.{ending} --size 300x200 --date 2026-06-01 {frame}");
            let out = tuban(&folder, &line);
            assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
            std::fs::read(folder.join(format!("out.{ending}"))).expect("written")
        };
        let holds = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
        let pdf = written("pdf");
        assert!(pdf.starts_with(b"%PDF-1.7") && holds(&pdf, b"/Subtype /GEO") && holds(&pdf, b"/EPSG 4548"));
        assert!(holds(&pdf, b"D:20260601") && pdf == written("pdf"));
        let svg = String::from_utf8(written("svg")).expect("UTF-8");
        assert!(svg.contains("<path") && !svg.contains("<image"));
        let jpg = written("jpg");
        assert!(jpg.starts_with(&[0xFF, 0xD8]) && holds(&jpg, b"JFIF\0\x01\x02\x01\x01\x2C\x01\x2C"));
    }
}

#[test]
fn layouts_of_the_program_and_of_files_and_series_are_written() {
    let folder = folder("layouts");
    let run = |line: &str| {
        let out = tuban(&folder, line);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        (out.status.code(), format!("{said}{}", String::from_utf8_lossy(&out.stdout)))
    };
    let (code, said) = run("render parcels.geojson -o a4.pdf --layout nothing");
    assert!(code == Some(2) && said.contains("A3 landscape"), "{said}");
    let template = "tuban-layout = 1\n[layout]\nname = \"T\"\n[layout.page]\nwidth_mm = 200\nheight_mm = 150\nmargin_mm = 5\n\
        [[layout.item]]\nname = \"map\"\nframe = [5, 5, 130, 140]\n[layout.item.shows.map]\ngrid = \"crosses\"\ncorners = true\n\
        [[layout.item]]\nname = \"t\"\nframe = [140, 5, 55, 20]\n[layout.item.shows.text]\ntext = \"{unit} {page}\"\n\
        [[layout.item]]\nname = \"legend\"\nframe = [140, 30, 55, 100]\n[layout.item.shows.legend]\ntitle = \"L\"\nareas = true\n";
    std::fs::write(folder.join("t.toml"), template).expect("written");
    for ending in ["pdf", "svg", "png", "jpg"] {
        let line = format!("render parcels.geojson -o t.{ending} --layout t.toml --set unit=Bureau --set page=1");
        let (code, said) = run(&line);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("200 × 150 mm"), "{said}");
    }
    let picture = std::fs::File::open(folder.join("t.png")).expect("written");
    let reader = png::Decoder::new(std::io::BufReader::new(picture)).read_info().expect("a PNG");
    assert_eq!((reader.info().width, reader.info().height), (2362, 1772));
    let (_, said) = run("render parcels.geojson -o t.pdf --layout t.toml");
    assert!(said.contains("unit"), "what is not given is said: {said}");
    let line =
        "render parcels.geojson -o pages --layout t.toml --set unit=B --series features:parcels --index i.geojson";
    let (code, said) = run(line);
    assert_eq!(code, Some(0), "{said}");
    let files = std::fs::read_dir(folder.join("pages")).expect("a folder").count();
    assert_eq!(files, 3);
    assert!(std::fs::read_to_string(folder.join("i.geojson")).expect("written").contains("\"page\""));
    let plots = "tuban-layout = 1\n[layout]\nname = \"P\"\n[layout.page]\nwidth_mm = 210\nheight_mm = 297\nmargin_mm = 5\n\
        [layout.plots]\nfield = \"kind\"\n\
        [[layout.item]]\nname = \"map\"\nframe = [5, 5, 200, 180]\n[layout.item.shows.map]\nplot = true\n\
        [[layout.item]]\nname = \"p\"\nframe = [5, 190, 90, 100]\n[layout.item.shows.table]\nof = \"points\"\ntitle = \"Points\"\n\
        [[layout.item]]\nname = \"s\"\nframe = [100, 190, 100, 40]\n[layout.item.shows.table]\nof = \"sides\"\ntitle = \"Sides\"\n\
        [[layout.item]]\nname = \"r\"\nframe = [160, 8, 40, 44]\n[layout.item.shows.rose]\n\
        year = [8, 4, 2, 3, 5, 6, 9, 7, 12, 6, 4, 3, 5, 6, 7, 5]\n\
        [[layout.item]]\nname = \"t\"\nframe = [100, 240, 100, 20]\n[layout.item.shows.text]\ntext = \"{plot-area} m2, {plot.DLBM}\"\n";
    std::fs::write(folder.join("p.toml"), plots).expect("written");
    let (code, said) = run("render parcels.geojson -o plots.pdf --layout p.toml --series plots");
    assert!(code == Some(0) && said.contains("3 pages"), "{said}");
    let (code, said) = run("render parcels.geojson -o plot.svg --layout p.toml");
    assert!(code == Some(0) && said.contains("no plot is selected"), "{said}");
    let svg = std::fs::read_to_string(folder.join("plot.svg")).expect("written");
    for text in ["J1", "J4", "2000.00", "1000.00", "0101", "Points", "Sides"] {
        assert!(svg.contains(&format!(">{text}")), "{text}");
    }
    let (code, said) = run("render parcels.geojson -o s.pdf --layout t.toml --set unit=B --series squares:5000");
    assert_eq!(code, Some(0), "{said}");
    for (line, reason) in [
        ("-o x.pdf --layout t.toml --series pages", "features:LAYER"),
        ("-o x.png --layout t.toml --series scenarios", "one PDF file or a folder"),
        ("-o x.pdf --layout t.toml --set unit", "WORD=TEXT"),
        ("-o t.toml --layout t.toml", "t.toml"),
        ("-o x.pdf --layout t.toml --series features:x", "parcels"),
    ] {
        let (code, said) = run(&format!("render parcels.geojson {line}"));
        assert!(code == Some(2) && said.contains(reason), "{line}: {said}");
    }
}

#[test]
fn an_image_lies_beneath_the_layers_and_its_source_is_named() {
    let folder = folder("underlay");
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&[255, 0, 255])).expect("into memory");
    std::fs::write(folder.join("u.png"), bytes).expect("written");
    // One pixel of 20 km about the parcels.
    std::fs::write(folder.join("u.pgw"), "20000\n0\n0\n-20000\n501000\n4071000\n").expect("written");
    let plain = render(&folder, "render parcels.geojson -o out.png --size 420x220");
    let over = render(&folder, "render parcels.geojson -o out.png --size 420x220 --underlay u.png");
    assert_eq!(over.pixel(2, 2), [255, 0, 255]);
    assert_ne!(plain.pixel(2, 2), [255, 0, 255]);
    assert_eq!(over.pixel(100, 110), plain.pixel(100, 110), "the parcels lie above it");
    let out = tuban(&folder, "render parcels.geojson -o out.svg --sheet --size 420x220 --underlay u.png");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let svg = std::fs::read_to_string(folder.join("out.svg")).expect("written");
    assert!(svg.contains("u.png") && svg.contains("base64,"), "whose it is stands in the foot");
    let over = tuban(&folder, "render parcels.geojson -o u.png --underlay u.png");
    assert_eq!(over.status.code(), Some(2), "no output takes the place of an input");
    // What cannot be read or may not be asked is said, and the rest is drawn.
    for (underlay, reason) in [("gone.tif", "gone.tif"), ("http://127.0.0.1:9/{z}/{x}/{y}", "--online")] {
        let out = tuban(&folder, &format!("render parcels.geojson -o out.png --underlay {underlay}"));
        let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(out.status.success() && said.contains(reason), "{said}");
    }
}

/// A PDF of one page, red all over, that says that it lies from 36° to 38° north and 116° to 118° east.
fn placed_page() -> Vec<u8> {
    let content = "1 0 0 rg 0 0 200 200 re f";
    let place = "/VP [ << /Type /Viewport /BBox [ 0 0 200 200 ] /Measure << /Type /Measure /Subtype /GEO \
                 /GPTS [ 36 116 38 116 38 118 36 118 ] /LPTS [ 0 0 0 1 1 1 1 0 ] \
                 /GCS << /Type /GEOGCS /EPSG 4490 >> >> >> ]";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 200 200 ] /Contents 4 0 R {place} >>"),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
    ];
    let mut text = String::from("%PDF-1.7\n");
    let mut table = String::from("xref\n0 5\n0000000000 65535 f \n");
    for (at, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", text.len()));
        text.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let start = text.len();
    text.push_str(&format!("{table}trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"));
    text.into_bytes()
}

#[test]
fn a_page_of_a_pdf_lies_beneath_where_it_says_and_a_broken_one_is_said() {
    if !cfg!(feature = "pdf") {
        return;
    }
    let folder = folder("page");
    std::fs::write(folder.join("plan.pdf"), placed_page()).expect("written");
    let over = render(&folder, "render parcels.geojson -o out.png --size 420x220 --underlay plan.pdf");
    assert_eq!(over.pixel(2, 2), [255, 0, 0]);
    std::fs::write(folder.join("broken.pdf"), b"%PDF-1.7\nnothing of the kind").expect("written");
    let out = tuban(&folder, "render parcels.geojson -o out.png --underlay broken.pdf");
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && said.contains("broken.pdf"), "{said}");
    // What this program writes it puts back in its place: the sheet of the parcels lies beneath the parcels.
    let out = tuban(&folder, "render parcels.geojson -o sheet.pdf --size 420x220");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let plain = render(&folder, "render parcels.geojson -o out.png --size 420x220");
    let line = "render parcels.geojson -o out.png --size 420x220 --underlay sheet.pdf";
    let out = tuban(&folder, line);
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && !said.contains("sheet.pdf"), "it has a place: {said}");
    let over = Picture::open(&folder.join("out.png"));
    let close = |(a, b): (&u8, &u8)| a.abs_diff(*b) <= 3;
    assert!(over.pixel(2, 2).iter().zip(&plain.pixel(2, 2)).all(close), "what is free of parcels is so in both");
}
