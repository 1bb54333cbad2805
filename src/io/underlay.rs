//! What lies beneath a plan: images, and maps of tiles. They are read square by square, at the resolution that is looked at.
//!
//! A [`Raster`] has levels, the finest first; each is a grid of squares (strips or tiles of a GeoTIFF, parts of a picture, tiles
//! of a pyramid), and where its pixels lie in the world is one plane for all of them. A square is decoded when it is asked for
//! and kept until others need the room, so that an image of any size costs a bounded piece of memory. Nothing of a header is
//! believed: sizes, offsets and what comes of unpacking are bounded. An underlay is no layer: it has no features, nothing is
//! measured on it, and nothing but pictures is made of it.
//!
//! | what | module |
//! |---|---|
//! | GeoTIFF: squares, colours, heights as a relief, the keys that say where it lies | `tiff`, `shade`, `geokeys` |
//! | pictures with a world file | `flat`, `sidecar` |
//! | first pages of PDF, drawn by a process of their own (feature `pdf`) | `page` |
//! | tiles in a file | `tile`, `mbtiles`, `pmtiles` |
//! | tiles of a server, in threads of their own (feature `tiles`) | `server`, `web`, its addresses in `address` |
//! | what a service says that it offers | `capabilities` |

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::cache::TileShelf;
use super::shown_path;
use crate::crs::Crs;
use crate::crs::decide::{Clues, Declared, Sample, decide};
use crate::model::Coord;
use crate::task::Progress;
use crate::text::{Message, system_reason};

mod address;
mod affine;
mod cache;
#[cfg_attr(not(feature = "tiles"), allow(dead_code, unused_imports, reason = "nothing asks servers then"))]
mod capabilities;
mod flat;
mod geokeys;
mod mbtiles;
mod page;
mod pmtiles;
#[cfg(feature = "tiles")]
mod server;
mod shade;
mod sidecar;
mod span;
#[cfg(test)]
mod tests;
mod tiff;
mod tile;
#[cfg(feature = "tiles")]
mod web;

pub use address::{Address, AddressError, TIANDITU, TIANDITU_MAPS, without_key};
pub use affine::Affine;
pub use capabilities::{Offer, Service, ask_service, is_service};
#[cfg(feature = "pdf")]
pub use page::draw_page_here;
pub use page::{PAGE_VERB, RESOLUTIONS, resolved};

use cache::{Cache, Key};

/// Bytes of squares that one raster keeps.
const KEPT_BYTES: usize = 48 << 20;
/// Sides from which an image without overviews is slow at small scales.
const LARGE: u32 = 10_000;
/// Points along each side of what a raster covers.
const POINTS_A_SIDE: usize = 16;

/// A square of pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// Red, green, blue, opacity: four bytes a pixel, row by row; colours are not multiplied by the opacity.
    pub rgba: Vec<u8>,
}

/// A grid of squares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// Width and height of a square; the last of each row and column may be smaller.
    pub block: [u32; 2],
}

/// What there is of a square.
#[derive(Clone, Debug)]
pub enum Found {
    /// Its pixels.
    Block(Arc<Block>),
    /// Nothing, and nothing will come.
    Nothing,
    /// Nothing yet: a server was asked.
    Awaited,
}

/// Whether and how servers are asked. By default they are not.
#[derive(Clone, Default)]
pub struct Asking {
    /// Whether the user allows it: whoever asks a server for tiles tells it where the plan lies.
    pub allowed: bool,
    /// The user's key of 天地图.
    pub key: String,
    /// Called from a thread of its own whenever something has come.
    pub wake: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Where what came is kept beside the project, if anywhere.
    pub shelf: TileShelf,
}

/// Only whether: a key stands in no log.
impl std::fmt::Debug for Asking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asking").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

/// An image or a map of tiles.
pub struct Raster {
    source: Source,
    levels: Vec<Level>,
    affine: Option<Affine>,
    crs: Option<Crs>,
    /// West, south, east, north of what there is, in degrees.
    bounds: Option<[f64; 4]>,
    attribution: String,
    remarks: Vec<Message>,
    /// Pixels an inch, where it is a page.
    dpi: Option<u16>,
    kept: Mutex<Cache<Option<Arc<Block>>>>,
}

enum Source {
    Tiff(Box<tiff::Image>),
    Flat(flat::Flat),
    MbTiles(mbtiles::MbTiles),
    PmTiles(pmtiles::PmTiles),
    #[cfg(feature = "tiles")]
    Server(server::Server),
}

impl std::fmt::Debug for Raster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Raster").field("levels", &self.levels).field("crs", &self.crs).finish_non_exhaustive()
    }
}

/// Whether a text is an address of tiles rather than a file.
pub fn is_address(text: &str) -> bool {
    let begins = |head: &str| text.get(..head.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(head));
    begins("http://") || begins("https://") || text.starts_with(TIANDITU)
}

/// Whether a file is an image or a map of tiles, by its ending.
pub fn is_underlay(path: &Path) -> bool {
    let endings = ["tif", "tiff", "png", "jpg", "jpeg", "webp", "mbtiles", "pmtiles", "pdf"];
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Whether a file only says where one of these images lies, or makes it quicker: it is read with it.
pub fn is_beside(path: &Path, images: &[PathBuf]) -> bool {
    let endings = ["tfw", "tifw", "jgw", "jpgw", "jpegw", "pgw", "pngw", "wpw", "wld", "prj", "xml", "ovr"];
    let ending = path.extension().and_then(|ending| ending.to_str());
    let is_such = ending.is_some_and(|ending| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)));
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    is_such
        && images.iter().any(|image| {
            let names = [image.file_stem(), image.file_name()].map(|name| name.map(|name| name.to_string_lossy()));
            let is_named = |name: &str| stem == name || stem.strip_suffix(".aux") == Some(name);
            image.parent() == path.parent() && names.iter().flatten().any(|name| is_named(name))
        })
}

fn broken(path: &Path, what: impl std::fmt::Display) -> Message {
    Message::new("underlay.broken").with("path", shown_path(path)).with("error", what)
}

fn unread(path: &Path, error: &std::io::Error) -> Message {
    Message::new("underlay.unread").with("path", shown_path(path)).with_message("reason", &system_reason(error))
}

impl Raster {
    /// Opens a file. Heights are drawn as a relief where `relief` says so, and without it where they are heights beyond doubt;
    /// a page is drawn at `dpi` pixels an inch, and without them at what its size asks for.
    ///
    /// # Errors
    /// A file that cannot be read, is none of the known kinds, or is damaged; what it is not able to show is named. A page
    /// whose drawing was cancelled.
    pub fn open(path: &Path, relief: Option<bool>, dpi: Option<u16>, progress: &Progress) -> Result<Self, Message> {
        let mut head = [0; 16];
        let mut file = File::open(path).map_err(|error| unread(path, &error))?;
        if !file.metadata().is_ok_and(|found| found.is_file()) || file.read_exact(&mut head).is_err() {
            return Err(broken(path, "no image"));
        }
        drop(file);
        if head.starts_with(b"SQLite format 3\0") {
            let tiles = mbtiles::MbTiles::open(path)?;
            let (pyramid, bounds) = (tiles.pyramid.clone(), tiles.bounds);
            let attribution = tiles.attribution.clone();
            return Ok(Self { bounds, attribution, ..Self::of_pyramid(Source::MbTiles(tiles), &pyramid) });
        }
        if head.starts_with(b"PMTiles") {
            let tiles = pmtiles::PmTiles::open(path)?;
            let (pyramid, bounds) = (tiles.pyramid.clone(), tiles.bounds);
            return Ok(Self { bounds, ..Self::of_pyramid(Source::PmTiles(tiles), &pyramid) });
        }
        if page::is_page(path, &head) {
            return Ok(Self::of_page(path, page::read(path, dpi, progress)?));
        }
        let beside = sidecar::affine(path)?;
        if head.starts_with(b"II") || head.starts_with(b"MM") {
            return Self::of_tiff(path, tiff::Image::open(path)?, beside, relief);
        }
        let flat = flat::Flat::open(path)?;
        let levels = flat.levels();
        let mut raster = Self::new(Source::Flat(flat), levels);
        raster.place(beside, sidecar::declared(path));
        Ok(raster)
    }

    fn of_page(path: &Path, page: page::Page) -> Self {
        let flat = flat::Flat::of(page.picture);
        let levels = flat.levels();
        let mut raster = Self { dpi: Some(page.dpi), ..Self::new(Source::Flat(flat), levels) };
        if let Some((affine, crs)) = page.place {
            (raster.affine, raster.crs) = (Some(affine), Some(crs));
        }
        if page.is_partial {
            raster.remarks.push(Message::new("underlay.page-partial").with("path", shown_path(path)));
        }
        raster
    }

    /// The map of a server. Nothing is asked of it until squares are.
    ///
    /// # Errors
    /// An address that names no tiles, a key that is missing, a program that was built without asking servers.
    pub fn of_server(address: &Address, asking: &Asking) -> Result<Self, Message> {
        if address.needs_key() && asking.key.trim().is_empty() {
            return Err(Message::new("underlay.key-missing"));
        }
        #[cfg(feature = "tiles")]
        {
            let pyramid = address.pyramid();
            let attribution = address.attribution();
            let server = server::Server::new(address.clone(), asking.clone());
            Ok(Self { attribution, ..Self::of_pyramid(Source::Server(server), &pyramid) })
        }
        #[cfg(not(feature = "tiles"))]
        {
            Err(Message::new("underlay.no-servers"))
        }
    }

    fn new(source: Source, levels: Vec<Level>) -> Self {
        Self {
            source,
            levels,
            affine: None,
            crs: None,
            bounds: None,
            attribution: String::new(),
            remarks: Vec::new(),
            dpi: None,
            kept: Mutex::new(Cache::new(KEPT_BYTES)),
        }
    }

    fn of_pyramid(source: Source, pyramid: &tile::Pyramid) -> Self {
        let affine = Some(pyramid.affine());
        Self { affine, crs: Some(pyramid.crs()), ..Self::new(source, pyramid.levels()) }
    }

    fn of_tiff(
        path: &Path,
        mut image: tiff::Image,
        beside: Option<Affine>,
        relief: Option<bool>,
    ) -> Result<Self, Message> {
        let own = geokeys::affine(image.directory());
        let declared = geokeys::declared(image.directory()).or_else(|| sidecar::declared(path));
        let levels = image.levels();
        let is_relief = relief.unwrap_or_else(|| image.is_elevation());
        let mut placed = Self::new(Source::Flat(flat::Flat::empty()), levels);
        placed.place(own.or(beside), declared);
        image.set_relief(is_relief.then(|| shade::Relief { cell_m: placed.cell_m() }));
        if placed.levels.len() == 1 && placed.levels[0].size.iter().any(|side| *side > LARGE) {
            placed.remarks.push(Message::new("underlay.no-overviews").with("path", shown_path(path)));
        }
        Ok(Self { source: Source::Tiff(Box::new(image)), ..placed })
    }

    /// Takes where it lies, and decides the reference system by what is said and by the numbers.
    fn place(&mut self, affine: Option<Affine>, declared: Option<String>) {
        self.affine = affine;
        let declared = declared.map(Declared::new);
        let Some(affine) = affine else {
            self.crs = declared.and_then(|declared| declared.crs);
            return;
        };
        let corners = self.outline().into_iter().map(|at| affine.apply(at)).map(|[x, y]| Coord { x, y });
        let corners: Vec<Coord> = corners.filter(|c| c.x.is_finite() && c.y.is_finite()).collect();
        let sample = Sample::of(&corners);
        let was_declared = declared.is_some();
        let decision = decide(&Clues { user: None, declared, format_default: None, sample: &sample });
        if was_declared || decision.certain {
            self.remarks.extend(decision.issues);
            self.crs = Some(decision.crs);
        }
    }

    /// Width and height of a pixel in metres.
    fn cell_m(&self) -> [f64; 2] {
        let Some(affine) = &self.affine else { return [1.0; 2] };
        let pixel = affine.pixel();
        let Some(crs) = &self.crs else { return pixel };
        if crs.is_geographic() {
            let size = self.size();
            let latitude = affine.apply([size[0] / 2.0, size[1] / 2.0])[1].clamp(-89.0, 89.0);
            return [pixel[0] * 111_320.0 * latitude.to_radians().cos(), pixel[1] * 110_900.0];
        }
        pixel.map(|side| side * crs.metres_per_unit())
    }

    /// Width and height of the finest level.
    pub fn size(&self) -> [f64; 2] {
        self.levels[0].size.map(f64::from)
    }

    /// Its levels, the finest first.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// From pixels of the finest level to the world; `None` where nothing says where it lies.
    pub fn affine(&self) -> Option<Affine> {
        self.affine
    }

    /// The reference system of that world; `None` where neither files nor numbers tell it.
    pub fn crs(&self) -> Option<&Crs> {
        self.crs.as_ref()
    }

    /// Pixels an inch that it was drawn at, where it is a page: its pixels are counted by them.
    pub fn dpi(&self) -> Option<u16> {
        self.dpi
    }

    /// Whose it is, where the source says so.
    pub fn attribution(&self) -> &str {
        &self.attribution
    }

    /// What is to be said of it.
    pub fn remarks(&self) -> &[Message] {
        &self.remarks
    }

    /// Whether it is one band of heights.
    pub fn is_elevation(&self) -> bool {
        matches!(&self.source, Source::Tiff(image) if image.is_elevation())
    }

    /// Whether its squares come from a server, and may be waited for.
    pub fn is_of_server(&self) -> bool {
        match self.source {
            #[cfg(feature = "tiles")]
            Source::Server(_) => true,
            Source::Tiff(_) | Source::Flat(_) | Source::MbTiles(_) | Source::PmTiles(_) => false,
        }
    }

    /// Points around what it covers, in pixels of the finest level.
    pub fn outline(&self) -> Vec<[f64; 2]> {
        let size = self.size();
        let whole = [[0.0, 0.0], size];
        let [[left, top], [right, bottom]] = match (self.bounds, self.affine.and_then(|affine| affine.inverse())) {
            (Some(bounds), Some(back)) => self.pixels_of(bounds, &back).unwrap_or(whole),
            _ => whole,
        };
        let share = |nth: usize| nth as f64 / POINTS_A_SIDE as f64;
        let along = |from: f64, to: f64, nth: usize| from + (to - from) * share(nth);
        let mut points = Vec::with_capacity(4 * POINTS_A_SIDE);
        for nth in 0..POINTS_A_SIDE {
            points.push([along(left, right, nth), top]);
            points.push([right, along(top, bottom, nth)]);
            points.push([along(right, left, nth), bottom]);
            points.push([left, along(bottom, top, nth)]);
        }
        points
    }

    /// Bounds in degrees as pixels, upper left and lower right, within the world.
    fn pixels_of(&self, [west, south, east, north]: [f64; 4], back: &Affine) -> Option<[[f64; 2]; 2]> {
        let crs = self.crs.as_ref()?;
        let way = crate::crs::Reprojector::new(&Crs::wgs84(), crs).ok()?; // the whole world then
        let corner = |x: f64, y: f64| {
            let place = way.convert_one(Coord { x, y: y.clamp(-85.05, 85.05) })?;
            let size = self.size();
            let [column, row] = back.apply([place.x, place.y]);
            Some([column.clamp(0.0, size[0]), row.clamp(0.0, size[1])])
        };
        let (first, last) = (corner(west, north)?, corner(east, south)?);
        (first[0] < last[0] && first[1] < last[1]).then_some([first, last])
    }

    /// The pixels of a square. With `patience` a server is waited for that long, else it is asked and the answer comes later.
    ///
    /// # Errors
    /// A square that is damaged or cannot be read; others may be whole.
    pub fn block(&self, level: usize, [column, row]: [u32; 2], patience: Duration) -> Result<Found, Message> {
        let Some(of) = self.levels.get(level) else { return Ok(Found::Nothing) };
        let count = [0, 1].map(|axis| of.size[axis].div_ceil(of.block[axis]));
        if column >= count[0] || row >= count[1] {
            return Ok(Found::Nothing);
        }
        let key: Key = [level as u32, column, row];
        #[cfg(feature = "tiles")]
        if let Source::Server(server) = &self.source {
            return Ok(server.block(key, patience));
        }
        #[cfg(not(feature = "tiles"))]
        let _ = patience;
        let found = |block: Option<Arc<Block>>| block.map_or(Found::Nothing, Found::Block);
        if let Some(known) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(found(known));
        }
        let block = match &self.source {
            Source::Tiff(image) => image.block(key)?,
            Source::Flat(flat) => flat.block(key),
            Source::MbTiles(tiles) => tiles.block(key)?,
            Source::PmTiles(tiles) => tiles.block(key)?,
            #[cfg(feature = "tiles")]
            Source::Server(_) => None,
        };
        let block = block.map(Arc::new);
        let byte_count = block.as_ref().map_or(64, |block| block.rgba.len());
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(key, block.clone(), byte_count);
        Ok(found(block))
    }

    /// A square of a server where it is at hand, without asking for it.
    pub fn at_hand(&self, level: usize, [column, row]: [u32; 2]) -> Option<Arc<Block>> {
        #[cfg(feature = "tiles")]
        if let Source::Server(server) = &self.source {
            return server.at_hand(&[u32::try_from(level).unwrap_or(u32::MAX), column, row]);
        }
        let _ = (level, column, row);
        None
    }

    /// Counts what has come from a server.
    pub fn arrival_count(&self) -> u64 {
        #[cfg(feature = "tiles")]
        if let Source::Server(server) = &self.source {
            return server.arrival_count();
        }
        0
    }

    /// Why a server gives nothing, where it gave nothing the last times.
    pub fn fault(&self) -> Option<Message> {
        #[cfg(feature = "tiles")]
        if let Source::Server(server) = &self.source {
            return server.fault();
        }
        None
    }
}
