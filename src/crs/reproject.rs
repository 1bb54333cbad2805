//! Conversion of coordinates from one CRS to another.
//!
//! Where both ends are known by formula the whole way is one PROJ pipeline that needs no database: quick to build, and
//! the same on every machine. Everything else goes through PROJ's choice of operation by way of WGS 84.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use geo_types::Coord;
use proj::Proj;

use super::{Crs, CrsError, Datum};

/// Coordinates given to PROJ at a time: large enough to amortise the call, small enough to stay in the cache.
const SLICE: usize = 4096;

/// Ways that a thread keeps for the next converter between the same systems.
const MOST_KEPT: usize = 8;

thread_local! {
    /// The ways that this thread made last, the newest at the end: PROJ opens its database for each, which takes longer
    /// than converting a million coordinates.
    static KEPT: RefCell<Vec<(String, Rc<Proj>)>> = const { RefCell::new(Vec::new()) };
}

/// A converter from one CRS to another. PROJ objects belong to one thread: make one a thread, as often as it is wanted.
pub struct Reprojector {
    stages: Vec<Rc<Proj>>,
    /// Whether coordinates are degrees before: beyond 90° north or south there is nothing.
    from_degrees: bool,
}

/// A coordinate that could not be converted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("coordinate {index} ({x}, {y}) cannot be converted")]
pub struct ReprojectError {
    /// Index in the slice given.
    pub index: usize,
    /// Its x before.
    pub x: f64,
    /// Its y before.
    pub y: f64,
}

impl ReprojectError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> crate::text::Message {
        crate::text::Message::new("crs.not-convertible").with("index", self.index).with("x", self.x).with("y", self.y)
    }
}

impl Reprojector {
    /// A converter from one CRS to another. CGCS2000 and WGS 84 are taken as one.
    ///
    /// # Errors
    /// [`CrsError::NeedsParameters`] between datums that PROJ would silently equate, [`CrsError::Proj`] where PROJ fails.
    pub fn new(from: &Crs, to: &Crs) -> Result<Self, CrsError> {
        let stages = Self::stages(from, to)?;
        Ok(Self { stages, from_degrees: from.is_geographic() })
    }

    fn stages(from: &Crs, to: &Crs) -> Result<Vec<Rc<Proj>>, CrsError> {
        if from.has_same_coordinates(to) {
            return Ok(Vec::new());
        }
        let is_own = |plane: &Crs, degrees: &Crs| plane.is_local_plane() && *degrees == plane.geographic();
        if from.is_local_plane() != to.is_local_plane() && !is_own(from, to) && !is_own(to, from) {
            return Err(needs_parameters(from, to));
        }
        let (a, b) = (from.datum(), to.datum());
        if !a.agrees_with(b) && (a.needs_parameters() || b.needs_parameters()) {
            return Err(needs_parameters(from, to));
        }
        if has_formula(from) && has_formula(to) {
            return Ok(vec![pipeline(from, to)?]);
        }
        if a == Datum::Other && b == Datum::Other {
            return Ok(vec![operation(from, to)?]);
        }
        // One end is known by formula: PROJ's database leads from the other to longitude and latitude on its datum,
        // where CGCS2000 is read as WGS 84, to which every datum of the world has a way.
        let hub = if a == Datum::Other { to.geographic() } else { from.geographic() };
        let hub = if hub.datum() == Datum::Cgcs2000 { Crs::wgs84() } else { hub };
        let mut stages = Vec::with_capacity(2);
        for (from, to) in [(from, &hub), (&hub, to)] {
            if from.has_same_coordinates(to) {
                continue;
            }
            stages.push(if has_formula(from) && has_formula(to) { pipeline(from, to)? } else { operation(from, to)? });
        }
        Ok(stages)
    }

    /// Converts in place.
    ///
    /// # Errors
    /// The first coordinate that has no finite image; those before it are converted, those after it may not be.
    pub fn convert(&self, coords: &mut [Coord]) -> Result<(), ReprojectError> {
        if self.stages.is_empty() {
            return match coords.iter().position(|c| !self.is_in_domain(*c)) {
                Some(index) => Err(ReprojectError { index, x: coords[index].x, y: coords[index].y }),
                None => Ok(()),
            };
        }
        let mut before = Vec::with_capacity(SLICE.min(coords.len()));
        for (slice_index, slice) in coords.chunks_mut(SLICE).enumerate() {
            before.clear();
            before.extend_from_slice(slice);
            if self.convert_slice(slice) {
                continue;
            }
            slice.copy_from_slice(&before);
            for (i, coord) in slice.iter_mut().enumerate() {
                match self.convert_one(*coord) {
                    Some(image) => *coord = image,
                    None => {
                        return Err(ReprojectError { index: slice_index * SLICE + i, x: coord.x, y: coord.y });
                    }
                }
            }
        }
        Ok(())
    }

    /// The image of one coordinate, or `None` where it has no finite one.
    pub fn convert_one(&self, coord: Coord) -> Option<Coord> {
        if !self.is_in_domain(coord) {
            return None;
        }
        let mut image = coord;
        for stage in &self.stages {
            // PROJ's reason is always the same: outside the domain of the projection.
            image = stage.convert(image).ok()?;
        }
        (image.x.is_finite() && image.y.is_finite()).then_some(image)
    }

    /// Whether coordinates come back unchanged.
    pub fn is_identity(&self) -> bool {
        self.stages.is_empty()
    }

    fn convert_slice(&self, slice: &mut [Coord]) -> bool {
        slice.iter().all(|c| self.is_in_domain(*c))
            && self.stages.iter().all(|stage| stage.convert_array(slice).is_ok())
            && slice.iter().all(|c| c.x.is_finite() && c.y.is_finite())
    }

    /// Whether PROJ need be asked at all; it reports impossible latitudes on stderr.
    fn is_in_domain(&self, c: Coord) -> bool {
        c.x.is_finite() && c.y.is_finite() && (!self.from_degrees || (c.y.abs() <= 90.0 && c.x.abs() <= 1e4))
    }
}

/// Whether the way to longitude and latitude on its datum needs no database.
fn has_formula(crs: &Crs) -> bool {
    crs.datum() != Datum::Other && (crs.is_geographic() || crs.0.step.is_some())
}

/// One pipeline between two systems of agreeing datums, both known by formula.
fn pipeline(from: &Crs, to: &Crs) -> Result<Rc<Proj>, CrsError> {
    let mut text = String::from("+proj=pipeline");
    text.push_str(&match &from.0.step {
        Some(step) => format!(" +step +inv {step}"),
        None => " +step +proj=unitconvert +xy_in=deg +xy_out=rad".to_owned(),
    });
    text.push_str(&match &to.0.step {
        Some(step) => format!(" +step {step}"),
        None => " +step +proj=unitconvert +xy_in=rad +xy_out=deg".to_owned(),
    });
    kept(&text, || create(|| Proj::new(&text)))
}

/// PROJ's choice among the operations of its database, in x, y order. One that PROJ itself calls a ballpark, that is,
/// numbers left as they are for want of parameters, is refused.
fn operation(from: &Crs, to: &Crs) -> Result<Rc<Proj>, CrsError> {
    let way = format!("{}\n{}", from.code(), to.code());
    let proj = kept(&way, || create(|| Proj::new_known_crs(from.code(), to.code(), None)))?;
    let description = proj.proj_info().description.unwrap_or_default();
    // Between datums that are known to agree the same numbers are what is wanted.
    if !from.datum().agrees_with(to.datum()) && description.to_ascii_lowercase().contains("ballpark") {
        return Err(needs_parameters(from, to));
    }
    Ok(proj)
}

fn needs_parameters(from: &Crs, to: &Crs) -> CrsError {
    CrsError::NeedsParameters { from: from.reference(), to: to.reference() }
}

/// What this thread keeps under a name, made where it keeps none.
fn kept(name: &str, make: impl FnOnce() -> Result<Proj, CrsError>) -> Result<Rc<Proj>, CrsError> {
    KEPT.with_borrow_mut(|kept| {
        let entry = match kept.iter().position(|(known, _)| known == name) {
            Some(at) => kept.remove(at),
            None => (name.to_owned(), Rc::new(make()?)),
        };
        let proj = Rc::clone(&entry.1);
        if kept.len() == MOST_KEPT {
            kept.remove(0);
        }
        kept.push(entry);
        Ok(proj)
    })
}

/// Calls a constructor of the `proj` crate, which panics where PROJ fails without saying why.
pub(super) fn create<E: std::fmt::Display>(make: impl FnOnce() -> Result<Proj, E>) -> Result<Proj, CrsError> {
    match catch_unwind(AssertUnwindSafe(make)) {
        Ok(Ok(proj)) => Ok(proj),
        Ok(Err(error)) => Err(CrsError::Proj(error.to_string())),
        Err(_) => Err(CrsError::Proj("no reason given".to_owned())),
    }
}
