//! Underlays as files: images of every make, what lies beside them, damage, and tiles of a server on this machine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;
use crate::crs::Crs;

/// A PNG of one colour.
pub(super) fn png_of(size: [u32; 2], color: [u8; 4]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size[0], size[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let data = color.repeat((size[0] * size[1]) as usize);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&data)).expect("into memory");
    bytes
}

/// A directory of a TIFF that is being written: tags with their kind and numbers.
#[derive(Clone)]
struct Page {
    tags: Vec<(u16, Values)>,
    chunks: Vec<Vec<u8>>,
    is_tiled: bool,
}

#[derive(Clone)]
enum Values {
    Short(Vec<u16>),
    Long(Vec<u32>),
    Double(Vec<f64>),
    Text(String),
}

impl Values {
    fn bytes(&self) -> (u16, u32, Vec<u8>) {
        match self {
            Self::Short(v) => (3, v.len() as u32, v.iter().flat_map(|v| v.to_le_bytes()).collect()),
            Self::Long(v) => (4, v.len() as u32, v.iter().flat_map(|v| v.to_le_bytes()).collect()),
            Self::Double(v) => (12, v.len() as u32, v.iter().flat_map(|v| v.to_le_bytes()).collect()),
            Self::Text(text) => (2, text.len() as u32 + 1, [text.as_bytes(), b"\0"].concat()),
        }
    }
}

/// A page of `size` in chunks of `chunk`, of red, green and blue bytes or of one band of `bits`.
fn page(size: [u32; 2], chunk: [u32; 2], is_tiled: bool, bands: u16, bits: u16, chunks: Vec<Vec<u8>>) -> Page {
    let short = |v: u16| Values::Short(vec![v]);
    let long = |v: u32| Values::Long(vec![v]);
    let mut tags = vec![
        (256, long(size[0])),
        (257, long(size[1])),
        (258, Values::Short(vec![bits; bands.into()])),
        (259, short(1)),
        (262, short(if bands == 3 { 2 } else { 1 })),
        (277, short(bands)),
    ];
    if is_tiled {
        tags.extend([(322, long(chunk[0])), (323, long(chunk[1]))]);
    } else {
        tags.push((278, long(chunk[1])));
    }
    Page { tags, chunks, is_tiled }
}

impl Page {
    fn with(mut self, tag: u16, values: Values) -> Self {
        self.tags.retain(|(known, _)| *known != tag);
        self.tags.push((tag, values));
        self
    }

    /// In zone 39 with prefix, the upper left corner at 500 000, 4 070 000, pixels of `metres`.
    fn placed(self, metres: f64) -> Self {
        self.with(33_550, Values::Double(vec![metres, metres, 0.0]))
            .with(33_922, Values::Double(vec![0.0, 0.0, 0.0, 39_500_000.0, 4_070_000.0, 0.0]))
            .with(34_735, Values::Short(vec![1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 4527]))
    }
}

/// A TIFF of those pages, little-endian.
fn tiff(pages: &[Page]) -> Vec<u8> {
    let mut bytes = b"II\x2A\0\0\0\0\0".to_vec();
    let mut link = 4;
    for page in pages {
        let mut offsets = Vec::new();
        for chunk in &page.chunks {
            offsets.push(if chunk.is_empty() { 0 } else { bytes.len() as u32 });
            bytes.extend_from_slice(chunk);
        }
        let counts = page.chunks.iter().map(|chunk| chunk.len() as u32).collect();
        let (offsets_tag, counts_tag) = if page.is_tiled { (324, 325) } else { (273, 279) };
        let mut tags = page.tags.clone();
        tags.extend([(offsets_tag, Values::Long(offsets)), (counts_tag, Values::Long(counts))]);
        tags.sort_by_key(|(tag, _)| *tag);
        let mut entries = (tags.len() as u16).to_le_bytes().to_vec();
        for (tag, values) in &tags {
            let (kind, count, value) = values.bytes();
            entries.extend(tag.to_le_bytes().into_iter().chain(kind.to_le_bytes()).chain(count.to_le_bytes()));
            if value.len() <= 4 {
                entries.extend(value.iter().copied().chain([0; 4]).take(4));
            } else {
                entries.extend((bytes.len() as u32).to_le_bytes());
                bytes.extend_from_slice(&value);
            }
        }
        let begin = bytes.len() as u32;
        bytes[link..link + 4].copy_from_slice(&begin.to_le_bytes());
        bytes.extend_from_slice(&entries);
        link = bytes.len();
        bytes.extend_from_slice(&[0; 4]);
    }
    bytes
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

fn block(raster: &Raster, level: usize, at: [u32; 2]) -> Option<Arc<Block>> {
    match raster.block(level, at, Duration::ZERO).expect("read") {
        Found::Block(block) => Some(block),
        Found::Nothing => None,
        Found::Awaited => panic!("a file has nothing to wait for"),
    }
}

fn pixel(raster: &Raster, level: usize, [x, y]: [u32; 2]) -> [u8; 4] {
    let of = raster.levels()[level];
    let block = block(raster, level, [x / of.block[0], y / of.block[1]]).expect("there");
    let at = ((y % of.block[1] * block.size[0] + x % of.block[0]) * 4) as usize;
    std::array::from_fn(|nth| block.rgba[at + nth])
}

/// Red rises to the right, green downwards.
fn ramp(size: [u32; 2]) -> Vec<u8> {
    (0..size[1]).flat_map(|y| (0..size[0]).flat_map(move |x| [x as u8, y as u8, 7])).collect()
}

#[test]
fn strips_tiles_and_packed_ones_hold_the_same_image() {
    let folder = tempfile::tempdir().expect("a folder");
    let size = [40, 30];
    let whole = ramp(size);
    let rows = |from: usize, to: usize| whole[from * 120..to * 120].to_vec();
    let deflated = |bytes: Vec<u8>| {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packer, &bytes).expect("into memory");
        packer.finish().expect("into memory")
    };
    let lzw = |bytes: Vec<u8>| {
        let mut encoder = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
        encoder.encode(&bytes).expect("into memory")
    };
    let differences = |bytes: Vec<u8>| -> Vec<u8> {
        let of_row = |row: &[u8]| -> Vec<u8> {
            (0..row.len()).map(|at| if at < 3 { row[at] } else { row[at].wrapping_sub(row[at - 3]) }).collect()
        };
        bytes.chunks(120).flat_map(of_row).collect()
    };
    let tile = |left: usize, top: usize| -> Vec<u8> {
        let at = |x: usize, y: usize| if x < 40 && y < 30 { [x as u8, y as u8, 7] } else { [0; 3] };
        (0..16).flat_map(|y| (0..16).flat_map(move |x| at(left + x, top + y))).collect()
    };
    let tiles = || (0..2).flat_map(|row| (0..3).map(move |column| tile(column * 16, row * 16)));
    let strips = || [(0, 16), (16, 30)].map(|(from, to)| rows(from, to)).into_iter();
    let one = |v: u16| Values::Short(vec![v]);
    let cases = [
        ("one strip", page(size, size, false, 3, 8, vec![whole.clone()])),
        ("strips", page(size, [40, 16], false, 3, 8, strips().collect())),
        ("deflate", page(size, [40, 16], false, 3, 8, strips().map(deflated).collect()).with(259, one(8))),
        ("lzw", page(size, [40, 16], false, 3, 8, strips().map(lzw).collect()).with(259, one(5))),
        (
            "predictor",
            page(size, [40, 16], false, 3, 8, strips().map(differences).map(deflated).collect())
                .with(259, one(8))
                .with(317, one(2)),
        ),
        ("tiles", page(size, [16, 16], true, 3, 8, tiles().collect())),
        ("packed tiles", page(size, [16, 16], true, 3, 8, tiles().map(deflated).collect()).with(259, one(8))),
    ];
    for (name, page) in cases {
        let raster =
            Raster::open(&written(folder.path(), "a.tif", &tiff(&[page.placed(2.0)])), None, None, &Progress::new())
                .expect(name);
        for at in [[0, 0], [39, 0], [17, 15], [17, 16], [39, 29]] {
            assert_eq!(pixel(&raster, 0, at), [at[0] as u8, at[1] as u8, 7, 255], "{name}: {at:?}");
        }
        assert_eq!(raster.crs().and_then(Crs::epsg), Some(4527), "{name}");
        assert_eq!(raster.affine().expect("placed").apply([40.0, 30.0]), [39_500_080.0, 4_069_940.0], "{name}");
    }
}

#[test]
fn overviews_are_levels_masks_are_none_and_a_tile_may_be_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let grey = |value: u8| vec![value; 256];
    let whole = page([32, 16], [16, 16], true, 1, 8, vec![grey(10), Vec::new()]).placed(1.0);
    let half = page([16, 8], [16, 16], true, 1, 8, vec![grey(20)]).with(254, Values::Long(vec![1]));
    let mask = page([32, 16], [16, 16], true, 1, 8, vec![grey(1); 2]).with(254, Values::Long(vec![4]));
    let raster =
        Raster::open(&written(folder.path(), "a.tif", &tiff(&[whole, mask, half])), None, None, &Progress::new())
            .expect("opens");
    let sizes: Vec<[u32; 2]> = raster.levels().iter().map(|level| level.size).collect();
    assert_eq!(sizes, [[32, 16], [16, 8]]);
    assert_eq!((pixel(&raster, 0, [3, 3]), pixel(&raster, 1, [3, 3])), ([10, 10, 10, 255], [20, 20, 20, 255]));
    assert!(block(&raster, 0, [1, 0]).is_none() && block(&raster, 0, [2, 0]).is_none());
}

#[test]
fn heights_are_a_relief_without_seams_and_greys_where_that_is_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    // A slope to the east of 45°, in two tiles; the last column means nothing.
    let height = |x: i16| if x == 31 { -9999 } else { x };
    let tile = |left: i16| -> Vec<u8> {
        (0..16).flat_map(|_| (0..16).flat_map(move |x| height(left + x).to_le_bytes())).collect()
    };
    let slope = page([32, 16], [16, 16], true, 1, 16, vec![tile(0), tile(16)])
        .with(339, Values::Short(vec![2]))
        .with(42_113, Values::Text("-9999".to_owned()))
        .placed(1.0);
    let path = written(folder.path(), "dem.tif", &tiff(&[slope]));
    let raster = Raster::open(&path, None, None, &Progress::new()).expect("opens");
    assert!(raster.is_elevation());
    let shades: Vec<[u8; 4]> = (1..30).map(|x| pixel(&raster, 0, [x, 8])).collect();
    assert!(shades.iter().all(|shade| *shade == shades[0] && shade[0] > 200), "{shades:?}");
    assert_eq!(pixel(&raster, 0, [31, 8]), [0; 4]);
    let greys = Raster::open(&path, Some(false), None, &Progress::new()).expect("opens");
    assert!(pixel(&greys, 0, [2, 8])[0] < pixel(&greys, 0, [28, 8])[0]);
}

#[test]
fn what_is_cut_off_or_lies_about_itself_is_refused_and_never_holds_much() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = tiff(&[page([40, 30], [40, 16], false, 3, 8, vec![vec![1; 1920], vec![1; 1680]]).placed(1.0)]);
    for cut in [0, 1, 7, 8, 20, plain.len() / 2, plain.len() - 60] {
        let path = written(folder.path(), "cut.tif", &plain[..cut]);
        assert!(Raster::open(&path, None, None, &Progress::new()).is_err(), "{cut}");
    }
    let one = |tag: u16, values: Values| {
        let page = page([40, 30], [40, 16], false, 3, 8, vec![vec![1; 1920], vec![1; 1680]]).placed(1.0);
        Raster::open(&written(folder.path(), "bad.tif", &tiff(&[page.with(tag, values)])), None, None, &Progress::new())
    };
    for (tag, values) in [
        (256, Values::Long(vec![u32::MAX])),
        (257, Values::Long(vec![0])),
        (277, Values::Short(vec![65_535])),
        (258, Values::Short(vec![13; 3])),
        (278, Values::Long(vec![1])),
    ] {
        assert!(one(tag, values).is_err(), "{tag}");
    }
    // One strip of deflate that would be gigabytes.
    let huge = page([60_000, 60_000], [60_000, 60_000], false, 3, 8, vec![vec![0x78, 0x9C]]);
    let huge = huge.with(259, Values::Short(vec![8]));
    let error = Raster::open(&written(folder.path(), "huge.tif", &tiff(&[huge])), None, None, &Progress::new())
        .expect_err("too large");
    assert_eq!(error.key, "underlay.tiff-whole");
    let lerc = one(259, Values::Short(vec![34_887])).expect("opens");
    let error = lerc.block(0, [0, 0], Duration::ZERO).expect_err("unknown");
    assert_eq!(error.key, "underlay.tiff-kind");
    // Every byte of the directory damaged in turn: an error, or an image; nothing else.
    for at in 0..plain.len() {
        if (8..3608).contains(&at) {
            continue;
        }
        let mut damaged = plain.clone();
        damaged[at] ^= 0xFF;
        if let Ok(raster) = Raster::open(&written(folder.path(), "damaged.tif", &damaged), None, None, &Progress::new())
        {
            let _ = raster.block(0, [0, 0], Duration::ZERO);
        }
    }
}

#[test]
fn a_picture_is_placed_by_what_lies_beside_it_and_has_halves() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), "a.png", &png_of([1200, 1100], [9, 8, 7, 255]));
    let nowhere = Raster::open(&path, None, None, &Progress::new()).expect("opens");
    assert!(nowhere.affine().is_none() && nowhere.levels().len() == 3);
    assert_eq!(pixel(&nowhere, 2, [299, 274]), [9, 8, 7, 255]);
    written(folder.path(), "a.pgw", b"2\n0\n0\n-2\n39500001\n4069999\n");
    written(folder.path(), "a.prj", b"EPSG:4527");
    let placed = Raster::open(&path, None, None, &Progress::new()).expect("opens");
    assert_eq!(placed.affine().expect("placed").apply([0.0, 0.0]), [39_500_000.0, 4_070_000.0]);
    assert_eq!(placed.crs().and_then(Crs::epsg), Some(4527));
    for (name, bytes) in [("a.gif", &b"GIF89a, which is no underlay"[..]), ("b.png", b"\x89PNG"), ("c.tif", b"")] {
        assert!(Raster::open(&written(folder.path(), name, bytes), None, None, &Progress::new()).is_err(), "{name}");
    }
    let images = [PathBuf::from("/a/b.tif")];
    let beside = ["/a/b.tfw", "/a/b.tif.aux.xml", "/a/b.PRJ", "/a/b.tif.ovr", "/a/c.tfw", "/b.tfw", "/a/b.shp"];
    let found = beside.map(|path| is_beside(Path::new(path), &images));
    assert_eq!(found, [true, true, true, true, false, false, false]);
    assert!(is_underlay(Path::new("a.TIF")) && !is_underlay(Path::new("a.shp")) && !is_underlay(Path::new("tif")));
}

#[cfg(feature = "tiles")]
mod servers {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

    use super::*;
    use crate::io::cache::Tiles;

    /// A server on this machine that gives each request to `answer`; its address, and how many requests came.
    fn serve(answer: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let count = Arc::new(AtomicUsize::new(0));
        let (counted, answer) = (count.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (counted, answer) = (counted.clone(), answer.clone());
                std::thread::spawn(move || {
                    let mut stream = stream;
                    let mut request = Vec::new();
                    let mut piece = [0; 1024];
                    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                        match stream.read(&mut piece) {
                            Ok(count) if count > 0 => request.extend_from_slice(&piece[..count]),
                            _ => return,
                        }
                    }
                    counted.fetch_add(1, Ordering::SeqCst);
                    let text = String::from_utf8_lossy(&request).into_owned();
                    let path = text.split(' ').nth(1).unwrap_or_default();
                    // Whoever asked may be gone.
                    if let Some(bytes) = answer(path) {
                        let _ = stream.write_all(&bytes);
                    } else {
                        std::thread::sleep(Duration::from_secs(30));
                    }
                });
            }
        });
        (format!("http://{address}/{{z}}/{{x}}/{{y}}.png#0-3"), count)
    }

    fn found(status: &str, body: &[u8]) -> Vec<u8> {
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    }

    fn raster(address: &str, allowed: bool) -> Raster {
        let address = Address::parse(address).expect("an address");
        Raster::of_server(&address, &Asking { allowed, ..Asking::default() }).expect("a map")
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn tiles_come_once_and_nobody_is_asked_without_leave() {
        let (address, count) = serve(|path| {
            Some(match path {
                "/3/5/2.png" => found("200 OK", &png_of([256, 256], [1, 2, 3, 255])),
                "/3/0/0.png" => found("404 Not Found", b"no"),
                _ => found("200 OK", b"<html>an error in a page</html>"),
            })
        });
        let silent = raster(&address, false);
        assert!(matches!(silent.block(0, [5, 2], LONG), Ok(Found::Nothing)));
        assert_eq!(count.load(Ordering::SeqCst), 0);
        let map = raster(&address, true);
        assert!(matches!(map.block(0, [5, 2], Duration::ZERO), Ok(Found::Awaited)));
        let Ok(Found::Block(block)) = map.block(0, [5, 2], LONG) else { panic!("a tile") };
        assert_eq!(block.rgba[..4], [1, 2, 3, 255]);
        assert!(map.at_hand(0, [5, 2]).is_some() && map.arrival_count() == 1);
        assert!(matches!(map.block(0, [5, 2], LONG), Ok(Found::Block(_))));
        assert!(matches!(map.block(0, [0, 0], LONG), Ok(Found::Nothing)) && map.fault().is_none());
        assert_eq!(count.load(Ordering::SeqCst), 2, "what came is kept");
        assert!(matches!(map.block(0, [1, 1], LONG), Ok(Found::Nothing)));
        assert!(map.fault().is_some_and(|fault| fault.key == "underlay.server-fault"));
    }

    #[test]
    fn what_came_lies_beside_the_project_and_is_not_asked_for_again() {
        let (address, count) = serve(|path| {
            Some(match path {
                "/3/5/2.png" => found("200 OK", &png_of([256, 256], [1, 2, 3, 255])),
                _ => found("404 Not Found", b"no"),
            })
        });
        let folder = tempfile::tempdir().expect("a folder");
        let project = folder.path().join("p.toml");
        let address = Address::parse(&address).expect("an address");
        let map = || {
            let shelf = TileShelf::default();
            shelf.set(Some(Arc::new(Tiles::beside(&project, true))));
            Raster::of_server(&address, &Asking { allowed: true, shelf, ..Asking::default() }).expect("a map")
        };
        for _ in 0..2 {
            let map = map();
            let Ok(Found::Block(block)) = map.block(0, [5, 2], LONG) else { panic!("a tile") };
            assert_eq!(block.rgba[..4], [1, 2, 3, 255]);
            assert!(matches!(map.block(0, [0, 0], LONG), Ok(Found::Nothing)));
        }
        assert_eq!(count.load(Ordering::SeqCst), 2, "asked once for each");
        let cleared = crate::io::cache::clear(&project).expect("cleared");
        assert_eq!(cleared.file_count, 1);
    }

    #[test]
    fn a_service_is_asked_for_its_layers_and_an_endless_one_holds_nobody_up() {
        let document = "<Capabilities><ServiceProvider><ProviderName>局</ProviderName></ServiceProvider><Contents>\
            <Layer><Title>影像</Title><Identifier>img</Identifier><TileMatrixSetLink><TileMatrixSet>w</TileMatrixSet>\
            </TileMatrixSetLink><ResourceURL resourceType=\"tile\" format=\"image/png\" \
            template=\"http://t.example/{TileMatrix}/{TileCol}/{TileRow}.png\"/></Layer>\
            <TileMatrixSet><Identifier>w</Identifier><SupportedCRS>EPSG:3857</SupportedCRS><TileMatrix>\
            <Identifier>0</Identifier><ScaleDenominator>559082264.028</ScaleDenominator><TileWidth>256</TileWidth>\
            <TopLeftCorner>-20037508.34 20037508.34</TopLeftCorner><TileHeight>256</TileHeight></TileMatrix>\
            </TileMatrixSet></Contents></Capabilities>";
        let (address, _) = serve(move |path| {
            Some(match path {
                "/wmts?SERVICE=WMTS&REQUEST=GetCapabilities&VERSION=1.0.0" => found("200 OK", document.as_bytes()),
                "/large.xml" => found("200 OK", &vec![b' '; 9 << 20]),
                _ => found("200 OK", b"<html>no</html>"),
            })
        });
        let ask = |path: &str| {
            let host = address.split("/{z}").next().expect("a host");
            ask_service(&format!("{host}{path}"), "", &Progress::new())
        };
        let service = ask("/wmts").expect("a service");
        assert_eq!((service.credit.as_str(), service.offers.len()), ("局", 1));
        assert_eq!(service.offers[0].address, "http://t.example/{z}/{x}/{y}.png#0-0");
        assert_eq!(ask("/other").expect_err("none").key, "underlay.service-broken");
        assert_eq!(ask("/large.xml").expect_err("too large").key, "underlay.server-fault");
    }

    #[test]
    fn a_server_that_says_nothing_or_too_much_holds_nobody_up() {
        let (silent, _) = serve(|_| None);
        let map = raster(&silent, true);
        let asked = Instant::now();
        for column in 0..8 {
            assert!(matches!(map.block(0, [column, 0], Duration::ZERO), Ok(Found::Awaited)));
        }
        assert!(asked.elapsed() < Duration::from_secs(5));
        drop(map);
        let (endless, _) = serve(|_| Some(found("200 OK", &vec![0; 6 << 20])));
        let map = raster(&endless, true);
        assert!(matches!(map.block(0, [0, 0], LONG), Ok(Found::Nothing)));
        assert!(map.fault().is_some());
    }

    #[test]
    fn a_server_that_is_not_there_is_left_alone_after_a_few_times() {
        let address = {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            format!("http://{}/{{z}}/{{x}}/{{y}}", listener.local_addr().expect("an address"))
        };
        let map = raster(&address, true);
        for column in 0..7 {
            assert!(matches!(map.block(0, [column, 0], LONG), Ok(Found::Nothing)), "{column}");
        }
        assert!(map.fault().is_some());
        assert!(matches!(map.block(0, [99, 0], Duration::ZERO), Ok(Found::Nothing)), "not even asked");
    }
}
