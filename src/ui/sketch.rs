//! What a tool is drawing on the map, and measurements that were kept.
//!
//! Points are coordinates of the project CRS. Figures are computed where they are shown, by the functions that the
//! command line uses; a kept measurement stays a shape, so that it can be shown and measured again.

use crate::crs::Crs;
use crate::model::Coord;

/// What the tool in hand is drawing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sketch {
    /// The points set so far, in the project CRS.
    pub points: Vec<Coord>,
    /// Where the pointer is, snapped, when the next point would be set there.
    pub tip: Option<Coord>,
    /// Whether it was ended: its figures stay until another is begun.
    pub finished: bool,
}

impl Sketch {
    /// Whether nothing is drawn.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The points, with the tip where there is one.
    pub fn with_tip(&self) -> Vec<Coord> {
        let mut points = self.points.clone();
        if !self.finished {
            points.extend(self.tip);
        }
        points
    }
}

/// What a measurement measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasurementKind {
    /// The length of a line.
    Distance,
    /// The area and perimeter of a polygon.
    Area,
}

/// A measurement that was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// Its name; empty until it is given one.
    pub name: String,
    /// What it measures.
    pub kind: MeasurementKind,
    /// Its points in [`Self::crs`], the ring of an area not closed.
    pub points: Vec<Coord>,
    /// The CRS of the points: the project's when it was drawn.
    pub crs: Crs,
}
