//! Areas of the design by the program's own survey method, so that the demo's figures are the ones it will show.

use super::landscape::{ORIGIN_E, ORIGIN_N};
use super::plane::Point;
use crate::crs::Crs;
use crate::measure::{Figures, Frame, Meter};
use crate::model::{AreaMethod, Coord};

/// EPSG code of the demo: CGCS2000 / 3-degree Gauss-Krüger zone 39.
pub const EPSG: u32 = 4527;

/// Measures polygons of the design.
#[derive(Debug)]
pub struct Sizes {
    frame: Frame,
}

impl Default for Sizes {
    fn default() -> Self {
        let crs = Crs::from_epsg(EPSG).expect("zone 39 is in the table of China");
        Self { frame: Frame::for_crs(&crs, 117.0, AreaMethod::Survey).expect("a zone is its own frame") }
    }
}

impl Sizes {
    /// Exact and printed area of parts of rings, m².
    pub fn of(&self, parts: &[Vec<Vec<Point>>]) -> Figures {
        let meter = Meter::new(&self.frame);
        let placed: Vec<Vec<Vec<Coord>>> = parts
            .iter()
            .map(|part| part.iter().map(|ring| ring.iter().copied().map(place).collect()).collect())
            .collect();
        meter.feature(placed.iter().map(|part: &Vec<Vec<Coord>>| part.iter().map(|ring| &ring[..])))
    }

    /// Exact area of one ring, m².
    pub fn ring_m2(&self, ring: &[Point]) -> f64 {
        let placed: Vec<Coord> = ring.iter().copied().map(place).collect();
        Meter::new(&self.frame).ring(&placed).exact
    }
}

/// A point of the design in EPSG:4527.
pub fn place(p: Point) -> Coord {
    Coord { x: (ORIGIN_E * 1000 + p.x) as f64 / 1000.0, y: (ORIGIN_N * 1000 + p.y) as f64 / 1000.0 }
}
