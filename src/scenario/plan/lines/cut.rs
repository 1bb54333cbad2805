//! What a region has of each feature of a layer.

use super::region;
use crate::model::{AreaMethod, GeometryKind, Issue, Layer};
use crate::overlay::{self, Pair};
use crate::scenario::compare::transition::CompareError;
use crate::task::Progress;

/// A region, its polygons taken as one, laid over a layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cut {
    /// How areas were computed.
    pub method: AreaMethod,
    /// Name of the plane that edges are straight in.
    pub frame: String,
    /// The region itself, m²: what its polygons cover, once.
    pub region_m2: f64,
    /// m² of each feature.
    pub own: Vec<f64>,
    /// m² of each feature outside of the region.
    pub outside: Vec<f64>,
    /// What lies inside, for each feature that the region meets, by feature: `b` is the feature.
    pub pieces: Vec<Pair>,
    /// By how much the pieces add up to more than what the region has of the layer, m²: features that overlap.
    pub twice_m2: f64,
    /// What could not take part.
    pub issues: Vec<Issue>,
}

impl Cut {
    /// Lays the polygons of all `region` layers, taken as one, over `layer`.
    ///
    /// # Errors
    /// [`CompareError`] where a layer has no polygons, no way leads between two CRSs, or the user cancelled.
    pub fn new(
        region: &[&Layer],
        layer: &Layer,
        method: AreaMethod,
        progress: &Progress,
    ) -> Result<Self, CompareError> {
        let (region, issues) = region::united(region, &layer.crs)?;
        let mut cut = Self::of_region(&region, layer, method, progress)?;
        cut.issues.extend(issues);
        Ok(cut)
    }

    /// [`Self::new`] with a region in the CRS of the layer.
    pub(super) fn of_region(
        region: &Layer,
        layer: &Layer,
        method: AreaMethod,
        progress: &Progress,
    ) -> Result<Self, CompareError> {
        if let Some(layer) = [region, layer].into_iter().find(|l| l.kind != GeometryKind::Polygon) {
            return Err(CompareError::NotPolygons(layer.name.clone()));
        }
        let table = overlay::cut(region, layer, method, progress)?;
        let [of_region, of_layer] = table.sides;
        let mut issues = table.issues;
        issues.extend(of_region.issues);
        issues.extend(of_layer.issues);
        Ok(Self {
            method,
            frame: table.frame,
            region_m2: of_region.own.iter().sum(),
            twice_m2: of_region.twice.iter().sum(),
            own: of_layer.own,
            outside: of_layer.only,
            pieces: table.pairs,
            issues,
        })
    }

    /// m² of each feature inside of the region.
    pub fn inside(&self) -> Vec<f64> {
        let mut inside = vec![0.0; self.own.len()];
        self.pieces.iter().for_each(|piece| inside[piece.b as usize] = piece.m2);
        inside
    }
}
