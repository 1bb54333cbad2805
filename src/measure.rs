//! Measuring: areas by three methods, lengths, and attribute areas against the geometry.
//!
//! | method | edges are straight in | figure |
//! |---|---|---|
//! | survey | a 3° Gauss-Krüger zone | 图斑椭球面积: `printed` with the survey's roundings, `exact` without |
//! | geodesic | geodesics on the ellipsoid | Karney |
//! | planar | the projected CRS | shoelace; refused in degrees |
//!
//! `printed` is what tables of parcels show and what their totals add up. `exact` is additive: cut a parcel, and the parts
//! sum to it; overlays, matrices and live totals use it. A [`Frame`] is the plane in which edges are straight, and
//! gives each edge's contribution to an area, for the overlay too. The projection inside is our own series; whatever
//! is not Gauss-Krüger goes through PROJ. Nothing here repairs a polygon: rings are measured as given.

use crate::crs::{CrsError, ReprojectError};
use crate::task::Cancelled;
use crate::text::Message;

pub mod attribute_areas;
pub mod ellipsoid;
mod elsewhere;
mod exact;
mod extent;
mod feature;
pub mod frame;
mod geodesic;
mod layer;
mod lengths;
mod lonlat;
mod meter;
mod piece;
mod planar;
mod rings;
mod ruler;
mod sines;
pub mod survey;
mod wide;
pub mod zone;

#[cfg(test)]
mod tests;

pub use ellipsoid::Ellipsoid;
pub use exact::Origin;
pub use feature::{FeatureAreas, FeatureLength, feature_areas, feature_length};
pub(crate) use frame::LONGEST_EDGE_M;
pub use frame::{Frame, Projector};
pub(crate) use layer::raw_areas_and_borders;
pub(crate) use layer::{Place, place_of};
pub use layer::{feature_frame, raw_areas, raw_areas_in};
pub use lengths::{Lengths, lengths};
pub use meter::{Figures, Meter};
pub(crate) use rings::{off_any_map, off_its_map, off_the_globe};
pub use ruler::{PathLength, Ruler};
pub use survey::printed_m2;
pub(crate) use wide::{has_straight_edges, unrolled};

/// Why something could not be measured.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MeasureError {
    /// A planar area or length was asked for in degrees.
    #[error("{crs} has degrees: planar areas need a projected CRS")]
    Degrees {
        /// Name of the CRS.
        crs: String,
    },
    /// No way leads from the data's CRS into the plane.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// A coordinate has no image in the plane.
    #[error(transparent)]
    Reproject(#[from] ReprojectError),
    /// More pairs of features overlap than can be kept.
    #[error("more than {most} pairs of features overlap")]
    TooManyPairs {
        /// How many can.
        most: usize,
    },
    /// Cancelled by the user.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl MeasureError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Degrees { crs } => {
                Message::new("measure.degrees").with_said("crs", |l| crate::crs::name_said(crs, l))
            }
            Self::Crs(error) => error.message(),
            Self::Reproject(error) => {
                Message::new("measure.reproject").with("index", error.index).with("x", error.x).with("y", error.y)
            }
            Self::TooManyPairs { most } => Message::new("measure.too-many-pairs").with("most", most),
            Self::Cancelled(_) => Message::new("measure.cancelled"),
        }
    }
}
