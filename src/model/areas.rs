//! Measured areas of a layer: plain data, filled by `measure` and `overlay`.

use super::Issue;
use crate::units::Area;

/// How an area is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AreaMethod {
    /// 图斑椭球面积 of the land survey (国土调查办发〔2008〕32号), edges straight in a 3° Gauss-Krüger zone.
    #[default]
    Survey,
    /// Karney's geodesic polygon area: edges are geodesics.
    Geodesic,
    /// Shoelace in the layer's projected CRS; refused in degrees.
    Planar,
}

impl AreaMethod {
    /// The word of the command line: `survey`, `geodesic`, `planar`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Survey => "survey",
            Self::Geodesic => "geodesic",
            Self::Planar => "planar",
        }
    }

    /// Key of its name in reports.
    pub fn key(self) -> &'static str {
        match self {
            Self::Survey => "model.method-survey",
            Self::Geodesic => "model.method-geodesic",
            Self::Planar => "model.method-planar",
        }
    }

    /// The method of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Survey, Self::Geodesic, Self::Planar].into_iter().find(|m| m.name() == name)
    }
}

/// Areas of every feature of a layer by one method, repaired where a polygon was invalid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Areas {
    /// How they were computed.
    pub method: AreaMethod,
    /// Name of the zone or CRS that edges are straight in, for reports: `CGCS2000 / 3-degree Gauss-Kruger CM 117E`.
    pub frame: String,
    /// m² of each feature along the straight edge, not rounded: additive. 0 for null and empty features.
    pub exact: Vec<f64>,
    /// m² of each feature as the survey prints it (2 decimals). Equal to `exact` for the other methods.
    pub printed: Vec<f64>,
    /// What could not be measured as asked, or was repaired.
    pub issues: Vec<Issue>,
}

impl Areas {
    /// Total of `exact`, summed per block of [`super::BLOCK_FEATURES`] features in file order, so that the number of
    /// threads never changes a digit.
    pub fn exact_total(&self) -> Area {
        total(&self.exact)
    }

    /// Total of `printed`.
    pub fn printed_total(&self) -> Area {
        total(&self.printed)
    }

    /// Sum of `printed` over `features`; those without a value count nothing.
    pub fn printed_sum(&self, features: impl IntoIterator<Item = usize>) -> Area {
        Area::from_m2(features.into_iter().filter_map(|feature| self.printed.get(feature)).sum())
    }

    /// Sums of `printed` by class, where `classes` holds the class of each feature, below `class_count`.
    ///
    /// # Panics
    /// When a class is not below `class_count`.
    pub fn printed_by(&self, classes: &[u16], class_count: usize) -> Vec<Area> {
        let mut sums = vec![Area::ZERO; class_count];
        for (class, m2) in classes.iter().zip(&self.printed) {
            sums[usize::from(*class)] += Area::from_m2(*m2);
        }
        sums
    }
}

fn total(values: &[f64]) -> Area {
    Area::from_m2(values.chunks(super::BLOCK_FEATURES).map(|chunk| chunk.iter().sum::<f64>()).sum())
}
