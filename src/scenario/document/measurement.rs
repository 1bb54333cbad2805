//! Measurements that were kept: shapes with a name, part of the project.
//!
//! Figures are computed where they are shown, by the functions that the command line uses; a kept measurement stays a
//! shape, so that it can be shown and measured again.

use crate::crs::Crs;
use crate::model::Coord;

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

impl MeasurementKind {
    /// Both, with the words of project files.
    const WORDS: [(Self, &'static str); 2] = [(Self::Distance, "distance"), (Self::Area, "area")];

    /// The word of project files.
    pub fn name(self) -> &'static str {
        Self::WORDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// The kind of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, word)| *word == name).map(|(kind, _)| *kind)
    }
}

impl Measurement {
    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        size_of::<Self>() + self.name.len() + size_of_val(&*self.points)
    }
}
