//! The measure tool: lengths of paths and areas of outlines drawn in the project CRS.

use geo_types::Coord;
use geographiclib_rs::Geodesic;

use super::MeasureError;
use super::feature::{FeatureAreas, row_areas};
use super::frame::Frame;
use super::geodesic;
use super::zone::Zone;
use crate::crs::{Crs, Reprojector};
use crate::model::{AreaMethod, GeometryBuilder, GeometryKind};
use crate::units::Length;

/// Measures what is drawn in one CRS. Belongs to one thread, like PROJ; make it once, use it every frame.
pub struct Ruler {
    crs: Crs,
    to_degrees: Reprojector,
    solver: Geodesic,
}

/// A drawn path, segment by segment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PathLength {
    /// Geodesic length of each segment.
    pub segments: Vec<Length>,
    /// Their sum.
    pub geodesic: Length,
    /// Length in the plane of the CRS; `None` in degrees.
    pub planar: Option<Length>,
}

impl Ruler {
    /// A ruler for coordinates in `crs`.
    ///
    /// # Errors
    /// [`MeasureError::Crs`] where PROJ refuses.
    pub fn new(crs: &Crs) -> Result<Self, MeasureError> {
        let ellipsoid = Frame::for_crs(crs, 0.0, AreaMethod::Geodesic)?.ellipsoid();
        Ok(Self {
            crs: crs.clone(),
            to_degrees: Reprojector::new(crs, &crs.geographic())?,
            solver: geodesic::solver(&ellipsoid),
        })
    }

    /// The CRS that it measures in.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// Length of the path through `points`.
    ///
    /// # Errors
    /// [`MeasureError::Reproject`] for a point that lies outside what the CRS can show.
    pub fn path(&self, points: &[Coord]) -> Result<PathLength, MeasureError> {
        let mut degrees = points.to_vec();
        self.to_degrees.convert(&mut degrees)?;
        let segments: Vec<Length> =
            degrees.windows(2).map(|edge| Length::from_m(geodesic::length(&self.solver, edge))).collect();
        let planar = (!self.crs.is_geographic())
            .then(|| Length::from_m(super::lengths::plane_length(points) * self.crs.metres_per_unit()));
        Ok(PathLength { geodesic: Length::from_m(segments.iter().map(|s| s.m()).sum()), segments, planar })
    }

    /// Areas and perimeter of the outline through `points`, closed or not; zero below three points. The zone is that
    /// of the CRS, else the 3° zone of the outline's centre.
    ///
    /// # Errors
    /// [`MeasureError::Reproject`] for a point that lies outside what the CRS can show.
    pub fn outline(&self, points: &[Coord]) -> Result<FeatureAreas, MeasureError> {
        let mut degrees = points.to_vec();
        self.to_degrees.convert(&mut degrees)?;
        let extent = super::wide::unwrapped(degrees.into_iter());
        let longitude = if extent.is_empty() { 117.0 } else { extent.center().x };
        let frame = Frame::for_crs(&self.crs, Zone::nearest_meridian(longitude), AreaMethod::Survey)?;
        let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
        let mut ring = points.to_vec();
        if let (Some(first), Some(last)) = (ring.first().copied(), ring.last())
            && first != *last
        {
            ring.push(first);
        }
        builder.polygon(&[vec![ring]]);
        row_areas(&builder.finish(), 0, &self.crs, &frame)
    }
}
