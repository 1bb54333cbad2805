//! What a tool is drawing on the map. Points are coordinates of the project CRS.

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
