//! What lies beneath a map, as pixels of its CRS: each pixel of the picture looks its place in the source up.
//!
//! The way from a pixel to the source is worked out at the knots of a mesh and taken as even between them, which is true to a
//! small part of a pixel for any two reference systems. The picture is made in stripes, so that the squares that one of them
//! needs fit a bounded piece of memory; of those that a server has not sent yet, coarser ones stand in.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use tiny_skia::{ColorU8, IntSize, Pixmap};

use super::MapView;
use super::image::Image;
use crate::crs::gcj02::WebMap;
use crate::crs::{Crs, Reprojector};
use crate::doctor::placing::{self, ControlPoint};
use crate::io::underlay::{Address, Affine, Asking, Block, Found, Raster};
use crate::model::{Coord, Extent};
use crate::scenario::{Underlay, UnderlaySource};
use crate::task::{Cancelled, Progress};
use crate::text::Message;

mod cells;
#[cfg(test)]
mod tests;

pub use cells::Cells;

/// Pixels between knots of the mesh.
const KNOT_PX: usize = 32;
/// Bytes of squares that a stripe may need.
const STRIPE_BYTES: usize = 40 << 20;
/// Most samples a pixel has along each side, where the source is finer.
const MOST_SAMPLES: usize = 4;
/// Coarser levels that are looked at for what has not come yet.
const STAND_INS: usize = 5;
/// Pixels of a picture's side at most.
const MOST_PX: f64 = 16_384.0;
/// How long a sheet waits for a square of a server.
const SHEET_PATIENCE: Duration = Duration::from_secs(15);
/// How often as long it waits for all of them.
const PATIENCES: u32 = 8;

/// An underlay whose source is open.
#[derive(Clone, Debug)]
pub struct OpenUnderlay {
    raster: Arc<Raster>,
    /// From the world of the source to pixels of its finest level.
    back: Affine,
    forth: Affine,
    crs: Crs,
    shift: Option<WebMap>,
}

/// What was drawn.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The picture; `None` where the view shows nothing of it.
    pub image: Option<Image>,
    /// Whether something of it is still to come.
    pub is_awaiting: bool,
    /// What is wrong with parts of it.
    pub fault: Option<Message>,
}

impl Drawn {
    /// Whether nothing of it is to come, and nothing is wrong with it.
    pub fn is_whole(&self) -> bool {
        !self.is_awaiting && self.fault.is_none()
    }
}

impl OpenUnderlay {
    /// Opens what the document says. Where nothing tells its reference system it is taken to be `map`.
    ///
    /// # Errors
    /// A file that cannot be read, an image that lies nowhere, points that put it nowhere, an address that is none.
    pub fn open(underlay: &Underlay, map: &Crs, asking: &Asking, progress: &Progress) -> Result<Self, Message> {
        let raster = match &underlay.source {
            UnderlaySource::File(path) => Raster::open(path, underlay.relief, underlay.dpi, progress)?,
            UnderlaySource::Tiles(text) => {
                let address = Address::parse(text).map_err(|error| error.message())?;
                Raster::of_server(&address, asking)?
            }
        };
        Self::of_raster(Arc::new(raster), underlay, map)
    }

    /// The same of a source that is open.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn of_raster(raster: Arc<Raster>, underlay: &Underlay, map: &Crs) -> Result<Self, Message> {
        let forth = if underlay.points.is_empty() {
            raster.affine().ok_or_else(|| Message::new("underlay.nowhere").with("name", &underlay.title))?
        } else {
            placing::place(&underlay.points, underlay.placing).map_err(placing::PlacingError::message)?.affine
        };
        let back = forth.inverse().ok_or_else(|| Message::new("underlay.nowhere").with("name", &underlay.title))?;
        let crs = underlay.crs.clone().or_else(|| raster.crs().cloned()).unwrap_or_else(|| map.clone());
        Ok(Self { raster, back, forth, crs, shift: underlay.shift })
    }

    /// Its source.
    pub fn raster(&self) -> &Arc<Raster> {
        &self.raster
    }

    /// What it covers in `map`; empty where that cannot be told.
    pub fn extent(&self, map: &Crs) -> Extent {
        let Ok(way) = Reprojector::new(&self.crs, map) else { return Extent::EMPTY };
        let outline = self.raster.outline();
        let places = outline.into_iter().map(|pixel| self.forth.apply(pixel)).map(|[x, y]| Coord { x, y });
        let places: Vec<Coord> = places.filter_map(|place| way.convert_one(place)).collect();
        Extent::of(&places)
    }

    /// What lies at a place of `map`: column and row, and the place in the reference system of the source; `None` where there
    /// is no way.
    pub fn point_at(&self, place: Coord, map: &Crs) -> Option<ControlPoint> {
        // No way is no point.
        let world = Reprojector::new(map, &self.crs).ok()?.convert_one(place)?;
        Some(ControlPoint { pixel: self.back.apply([world.x, world.y]), world })
    }

    /// Draws what `view` shows, `scale` pixels a pixel of the view, and as much around it as `around` of its sides, so that
    /// there is something where the map is dragged to. With `patience` a server is waited for.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn draw(
        &self,
        view: &MapView,
        scale: f64,
        around: f64,
        map: &Crs,
        opacity: f32,
        patience: Duration,
        progress: &Progress,
    ) -> Result<Drawn, Cancelled> {
        let nothing = |fault| Ok(Drawn { image: None, is_awaiting: false, fault });
        // Whole pixels around it, so that those of the picture lie on those of the view.
        let margin = view.size_px.map(|side| (side * scale * around).round());
        let size: [usize; 2] = std::array::from_fn(|axis| {
            ((view.size_px[axis] * scale).round().max(1.0) + 2.0 * margin[axis]).min(MOST_PX) as usize
        });
        let unit = view.units_per_px / scale;
        let begin = view.world_from_screen([0.0, 0.0]);
        let corner = Coord { x: begin.x - margin[0] * unit, y: begin.y + margin[1] * unit };
        let mesh = match Mesh::new(self, corner, unit, size, map) {
            Ok(mesh) => mesh,
            Err(error) => return nothing(Some(error)),
        };
        let Some(finest_px) = mesh.pixels_a_pixel() else { return nothing(None) };
        let level = self.level(finest_px);
        let picture = Picture::new(self, &mesh, level, finest_px, size, patience);
        let mut data = vec![0; size[0] * size[1] * 4];
        let mut state = State::default();
        progress.add_total(size[1] as u64);
        let mut row = 0;
        while row < size[1] {
            let rows = KNOT_PX.min(size[1] - row);
            let out = &mut data[row * size[0] * 4..(row + rows) * size[0] * 4];
            picture.stripe(row, rows, out, &mut state, progress)?;
            row += rows;
            progress.tick(rows as u64)?;
        }
        let fault = state.fault.or_else(|| self.raster.fault());
        if !state.has_pixels {
            return Ok(Drawn { image: None, is_awaiting: state.is_awaiting, fault });
        }
        let extent = Extent {
            min: Coord { x: corner.x, y: corner.y - size[1] as f64 * unit },
            max: Coord { x: corner.x + size[0] as f64 * unit, y: corner.y },
        };
        let pixels = IntSize::from_wh(size[0] as u32, size[1] as u32).and_then(|size| Pixmap::from_vec(data, size));
        let image = pixels.and_then(|pixels| Image::new(Arc::new(pixels), extent, opacity));
        Ok(Drawn { image, is_awaiting: state.is_awaiting, fault })
    }

    /// The coarsest level that is no coarser than the picture, where a pixel of it takes so many of the finest.
    fn level(&self, finest_px: f64) -> usize {
        let whole = self.raster.size()[0];
        let fits = |width: u32| whole / f64::from(width) <= finest_px * 1.05;
        self.raster.levels().iter().rposition(|level| fits(level.size[0])).unwrap_or(0)
    }
}

/// Where the pixels of a picture lie in the source, at knots.
struct Mesh {
    /// Knots a row.
    across: usize,
    /// Columns and rows of the finest level; not a number where there is no way.
    knots: Vec<[f64; 2]>,
}

impl Mesh {
    fn new(of: &OpenUnderlay, corner: Coord, unit: f64, size: [usize; 2], map: &Crs) -> Result<Self, Message> {
        let [across, down] = size.map(|side| side.div_ceil(KNOT_PX) + 1);
        let at = |nth: usize| (nth * KNOT_PX) as f64 * unit;
        let places = (0..down).flat_map(|y| (0..across).map(move |x| [x, y]));
        let places = places.map(|[x, y]| Coord { x: corner.x + at(x), y: corner.y - at(y) });
        let places: Vec<Coord> = places.collect();
        let failed = |error: crate::crs::CrsError| error.message();
        let none = Coord { x: f64::NAN, y: f64::NAN };
        let lead = |way: &Reprojector, place: Coord| way.convert_one(place).unwrap_or(none);
        let places: Vec<Coord> = match of.shift {
            None => {
                let way = Reprojector::new(map, &of.crs).map_err(failed)?;
                places.into_iter().map(|place| lead(&way, place)).collect()
            }
            Some(shift) => {
                // To the true place, to where the web map has it, to the plane of its tiles.
                let to_degrees = Reprojector::new(map, &Crs::wgs84()).map_err(failed)?;
                let to_source = Reprojector::new(&Crs::wgs84(), &of.crs).map_err(failed)?;
                let shifted = |place: Coord| lead(&to_source, shift.scrambled(lead(&to_degrees, place)));
                places.into_iter().map(shifted).collect()
            }
        };
        Ok(Self { across, knots: places.into_iter().map(|place| of.back.apply([place.x, place.y])).collect() })
    }

    /// The four knots around a pixel's cell: upper left, upper right, lower left, lower right.
    fn cell(&self, column: usize, row: usize) -> [[f64; 2]; 4] {
        let first = row * self.across + column;
        [first, first + 1, first + self.across, first + self.across + 1].map(|at| self.knots[at])
    }

    /// Pixels of the finest level that a pixel of the picture is wide, in the middle of all cells; `None` where none has a way.
    fn pixels_a_pixel(&self) -> Option<f64> {
        let down = self.knots.len() / self.across;
        let cells = (0..down - 1).flat_map(|row| (0..self.across - 1).map(move |column| (column, row)));
        let mut widths: Vec<f64> = cells
            .filter_map(|(column, row)| {
                let [a, b, c, _] = self.cell(column, row);
                let area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
                let width = area.abs().sqrt() / KNOT_PX as f64;
                (width.is_finite() && width > 0.0).then_some(width)
            })
            .collect();
        widths.sort_by(f64::total_cmp);
        widths.get(widths.len() / 2).copied()
    }
}

/// What is known while a picture is made.
#[derive(Default)]
struct State {
    has_pixels: bool,
    is_awaiting: bool,
    fault: Option<Message>,
}

/// What a stripe is made from.
struct Picture<'a> {
    of: &'a OpenUnderlay,
    mesh: &'a Mesh,
    level: usize,
    /// Size of the level, and of the finest divided by it.
    size: [u32; 2],
    factor: [f64; 2],
    block: [u32; 2],
    /// Samples a pixel along each side.
    samples: usize,
    width: usize,
    /// How long a square is waited for, and until when all of them.
    patience: Duration,
    until: Instant,
}

/// A square, or a coarser one in its place: its level and pixels.
type Squares = FxHashMap<[u32; 2], (usize, Arc<Block>)>;

/// A sample that lies nowhere.
const NOWHERE: [u32; 2] = [u32::MAX; 2];

impl<'a> Picture<'a> {
    fn new(
        of: &'a OpenUnderlay,
        mesh: &'a Mesh,
        level: usize,
        finest_px: f64,
        picture: [usize; 2],
        patience: Duration,
    ) -> Self {
        let own = of.raster.levels()[level];
        let whole = of.raster.size();
        let factor = [0, 1].map(|axis| whole[axis] / f64::from(own.size[axis]));
        let samples = ((finest_px / factor[0]).round() as usize).clamp(1, MOST_SAMPLES);
        let (width, until) = (picture[0], Instant::now() + patience * PATIENCES);
        Self { of, mesh, level, size: own.size, factor, block: own.block, samples, width, patience, until }
    }

    /// Paints rows of the picture, which lie within a row of cells. Where they need too many squares at once, half of them.
    fn stripe(
        &self,
        first: usize,
        rows: usize,
        out: &mut [u8],
        state: &mut State,
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let places = self.places(first, rows);
        let mut wanted: Vec<[u32; 2]> = Vec::new();
        let mut last = NOWHERE;
        for place in places.iter().filter(|place| **place != NOWHERE) {
            let square = [place[0] / self.block[0], place[1] / self.block[1]];
            if square != last {
                wanted.push(square);
                last = square;
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        let square_bytes = self.block[0] as usize * self.block[1] as usize * 4;
        if wanted.len() * square_bytes > STRIPE_BYTES && rows > 1 {
            let half = rows / 2;
            let (upper, lower) = out.split_at_mut(half * self.width * 4);
            self.stripe(first, half, upper, state, progress)?;
            return self.stripe(first + half, rows - half, lower, state, progress);
        }
        let squares = self.squares(&wanted, state, progress)?;
        if squares.is_empty() {
            return Ok(());
        }
        state.has_pixels = true;
        let a_row = self.width * self.samples * self.samples;
        out.par_chunks_mut(self.width * 4).zip(places.par_chunks(a_row)).for_each(|(out, places)| {
            let a_pixel = self.samples * self.samples;
            for (pixel, places) in out.as_chunks_mut::<4>().0.iter_mut().zip(places.chunks_exact(a_pixel)) {
                *pixel = self.color(places, &squares);
            }
        });
        Ok(())
    }

    /// Where the samples of rows lie in the level: those of a pixel together.
    fn places(&self, first: usize, rows: usize) -> Vec<[u32; 2]> {
        let samples = self.samples;
        let mut places = vec![NOWHERE; rows * self.width * samples * samples];
        let a_row = self.width * samples * samples;
        places.par_chunks_mut(a_row).enumerate().for_each(|(nth, places)| {
            let row = first + nth;
            let mut at = 0;
            for column in 0..self.width {
                let cell = self.mesh.cell(column / KNOT_PX, row / KNOT_PX);
                for nth in 0..samples * samples {
                    let within = |place: usize, nth: usize| {
                        ((place % KNOT_PX) as f64 + (nth as f64 + 0.5) / samples as f64) / KNOT_PX as f64
                    };
                    let (x, y) = (within(column, nth % samples), within(row, nth / samples));
                    places[at] = self.place(&cell, x, y);
                    at += 1;
                }
            }
        });
        places
    }

    /// The pixel of the level at shares of a cell.
    fn place(&self, [a, b, c, d]: &[[f64; 2]; 4], x: f64, y: f64) -> [u32; 2] {
        let place: [f64; 2] = std::array::from_fn(|axis| {
            let upper = a[axis] + (b[axis] - a[axis]) * x;
            let lower = c[axis] + (d[axis] - c[axis]) * x;
            (upper + (lower - upper) * y) / self.factor[axis]
        });
        // What is no number lies nowhere.
        let is_inside = place.iter().zip(self.size).all(|(at, side)| (0.0..f64::from(side)).contains(at));
        if is_inside { place.map(|at| at as u32) } else { NOWHERE }
    }

    /// The squares that are there, or coarser ones in their place.
    fn squares(&self, wanted: &[[u32; 2]], state: &mut State, progress: &Progress) -> Result<Squares, Cancelled> {
        let raster = &self.of.raster;
        let get = |square: &[u32; 2]| -> Result<([u32; 2], Result<Found, Message>), Cancelled> {
            progress.tick(0)?;
            let patience = self.until.saturating_duration_since(Instant::now()).min(self.patience);
            Ok((*square, raster.block(self.level, *square, patience)))
        };
        let found: Vec<([u32; 2], Result<Found, Message>)> = if raster.is_of_server() {
            // It is asked for all at once, and waited for here alone: cores have better to do.
            for square in wanted {
                // The answer is taken below.
                let _ = raster.block(self.level, *square, Duration::ZERO);
            }
            wanted.iter().map(get).collect::<Result<_, _>>()?
        } else {
            wanted.par_iter().map(get).collect::<Result<_, _>>()?
        };
        let mut squares = Squares::default();
        for (square, found) in found {
            match found {
                Ok(Found::Block(block)) => drop(squares.insert(square, (self.level, block))),
                Ok(Found::Nothing) => {}
                Ok(Found::Awaited) => {
                    state.is_awaiting = true;
                    squares.extend(self.stand_in(square).map(|coarser| (square, coarser)));
                }
                Err(error) => state.fault = Some(error),
            }
        }
        Ok(squares)
    }

    /// A coarser square that shows where `square` lies.
    fn stand_in(&self, square: [u32; 2]) -> Option<(usize, Arc<Block>)> {
        let levels = self.of.raster.levels();
        let last = levels.len().min(self.level + 1 + STAND_INS);
        (self.level + 1..last).find_map(|level| {
            let of = levels[level];
            let at = [0, 1].map(|axis| {
                let begin = u64::from(square[axis]) * u64::from(self.block[axis]);
                (begin * u64::from(of.size[axis]) / u64::from(self.size[axis])) as u32 / of.block[axis]
            });
            Some((level, self.of.raster.at_hand(level, at)?))
        })
    }

    /// The mean of the samples of a pixel, multiplied by its opacity.
    fn color(&self, places: &[[u32; 2]], squares: &Squares) -> [u8; 4] {
        let mut sums = [0u32; 4];
        for place in places.iter().filter(|place| **place != NOWHERE) {
            let square = [place[0] / self.block[0], place[1] / self.block[1]];
            let Some((level, block)) = squares.get(&square) else { continue };
            let own = self.of.raster.levels()[*level];
            let within: [u32; 2] = std::array::from_fn(|axis| {
                let at = u64::from(place[axis]) * u64::from(own.size[axis]) / u64::from(self.size[axis]);
                at as u32 % own.block[axis]
            });
            if within[0] >= block.size[0] || within[1] >= block.size[1] {
                continue;
            }
            let at = (within[1] as usize * block.size[0] as usize + within[0] as usize) * 4;
            let [r, g, b, a] = [0, 1, 2, 3].map(|nth| block.rgba[at + nth]);
            let color = ColorU8::from_rgba(r, g, b, a).premultiply();
            for (sum, value) in sums.iter_mut().zip([color.red(), color.green(), color.blue(), color.alpha()]) {
                *sum += u32::from(value);
            }
        }
        let count = places.len() as u32;
        sums.map(|sum| ((sum + count / 2) / count) as u8)
    }
}

/// What lies beneath a map, as images from the lowest up, for a picture that leaves the house: what a web map has shifted is
/// left out. Also what could not be drawn, and whose it is.
///
/// # Errors
/// [`Cancelled`].
pub fn for_sheet(
    underlays: &[Underlay],
    view: &MapView,
    scale: f64,
    map: &Crs,
    asking: &Asking,
    progress: &Progress,
) -> Result<Sheeted, Cancelled> {
    let mut sheeted = Sheeted::default();
    for underlay in underlays.iter().rev().filter(|underlay| underlay.visible) {
        if let Some(shift) = underlay.shift {
            let message = Message::new("underlay.not-on-sheets").with("name", &underlay.title);
            sheeted.remarks.push(message.with("map", shift.name()));
            continue;
        }
        if matches!(underlay.source, UnderlaySource::Tiles(_)) && !asking.allowed {
            sheeted.remarks.push(Message::new("underlay.not-asked").with("name", &underlay.title));
            continue;
        }
        let open = match OpenUnderlay::open(underlay, map, asking, progress) {
            Ok(open) => open,
            Err(error) => {
                sheeted.remarks.push(not_drawn(underlay, &error));
                continue;
            }
        };
        let drawn = open.draw(view, scale, 0.0, map, underlay.opacity, SHEET_PATIENCE, progress)?;
        let is_late = drawn.is_awaiting && drawn.fault.is_none();
        let late = is_late.then(|| Message::new("underlay.too-slow"));
        sheeted.remarks.extend(drawn.fault.or(late).map(|error| not_drawn(underlay, &error)));
        if let Some(image) = drawn.image {
            sheeted.images.push(image);
            let lacks = lacks_approval(underlay).then(|| Message::new("underlay.no-approval"));
            sheeted.remarks.extend(lacks.map(|message| message.with("name", &underlay.title)));
            sheeted.credits.extend(credit(underlay, Some(&open)).filter(|credit| !sheeted.credits.contains(credit)));
        }
    }
    Ok(sheeted)
}

/// What [`for_sheet`] gives.
#[derive(Clone, Debug, Default)]
pub struct Sheeted {
    /// The images, the lowest first.
    pub images: Vec<Image>,
    /// What could not be drawn.
    pub remarks: Vec<Message>,
    /// Whose they are.
    pub credits: Vec<String>,
}

/// Whether an underlay is a map that may be printed only with the number of its approval, and nobody gave that.
fn lacks_approval(underlay: &Underlay) -> bool {
    let is_public = matches!(&underlay.source, UnderlaySource::Tiles(text) if text.contains("tianditu"));
    is_public && !underlay.credit.contains("审图号")
}

/// What is said of an underlay that cannot be drawn, or not whole.
pub fn not_drawn(underlay: &Underlay, reason: &Message) -> Message {
    Message::new("underlay.not-drawn").with("name", &underlay.title).with_message("reason", reason)
}

/// Whose an underlay is: what the user said, else what its source says, else its file.
pub fn credit(underlay: &Underlay, open: Option<&OpenUnderlay>) -> Option<String> {
    let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let of_source = || open.and_then(|open| said(open.raster.attribution()));
    let of_file = || match &underlay.source {
        UnderlaySource::File(path) => path.file_name().map(|name| crate::io::shown_path(Path::new(name))),
        UnderlaySource::Tiles(_) => None,
    };
    said(&underlay.credit).or_else(of_source).or_else(of_file)
}
