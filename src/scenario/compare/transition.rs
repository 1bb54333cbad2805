//! Two states of land use compared: what goes from which class to which.
//!
//! A [`Comparison`] holds what costs time: the pairs of features and their areas. [`Classes`] say which class each
//! feature belongs to; a [`Matrix`] sums the one by the other. After a recode only the classes change, so the matrix is
//! summed again and nothing is overlaid.
//!
//! | file | holds |
//! |---|---|
//! | `classes` | classes of both states by one list, at any level; crosswalk between schemes |
//! | `matrix` | the transition matrix, balance and change list |
//! | `sums`, `exact_sum` | matrices of several comparisons added up |
//! | `regions` | balance and changes by region and class |
//! | `states` | several states of one layer side by side |
//! | `take` | what a red line takes of a layer |

use crate::measure::{Frame, MeasureError, attribute_areas};
use crate::model::keys::GroupError;
use crate::model::{AreaMethod, Areas, GeometryKind, Issue, Layer, Severity};
use crate::overlay::{self, Laid, Pair, PairTable};
use crate::task::{Cancelled, Progress};
use crate::text::Message;
use crate::units::{Area, Length};

pub mod classes;
mod exact_sum;
pub mod matrix;
pub mod pieces;
pub mod regions;
pub mod states;
mod sums;
pub mod take;

pub use classes::{ClassKey, Classes, Crosswalk, Grouping, Level, PieceClasses};
pub use exact_sum::ExactSum;
pub use matrix::{ClassLine, ClassSide, Matrix, MatrixCell, Slivers};
pub use regions::{RegionLine, Regions};
pub use states::StateSums;
pub use sums::MatrixSums;
pub use take::{Taken, TakenGroup, taken};

/// What areas are by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The geometry, by that method.
    Geometry(AreaMethod),
    /// An attribute area: pieces of the survey's geometry scaled by attribute ÷ geometry.
    Field(String),
}

impl Default for Basis {
    fn default() -> Self {
        Self::Geometry(AreaMethod::Survey)
    }
}

impl Basis {
    /// The method by which the geometry is measured.
    pub fn method(&self) -> AreaMethod {
        match self {
            Self::Geometry(method) => *method,
            Self::Field(_) => AreaMethod::Survey,
        }
    }

    /// The word of reports: `survey`, `field:TBMJ`.
    pub fn name(&self) -> String {
        match self {
            Self::Geometry(method) => method.name().to_owned(),
            Self::Field(name) => format!("field:{name}"),
        }
    }
}

/// Below which size a piece is a sliver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Pieces with a smaller area.
    pub area: Area,
    /// Pieces that are narrower, by twice their area over their perimeter.
    pub width: Length,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { area: Area::from_m2(1.0), width: Length::from_m(0.1) }
    }
}

impl Tolerance {
    /// Whether a piece is a sliver.
    pub fn is_sliver(&self, pair: &Pair) -> bool {
        pair.m2 < self.area.m2() || pair.width_m() < self.width.m()
    }
}

/// Why two layers cannot be compared as asked.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CompareError {
    /// Areas cannot be measured.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// A key of the grouping was not understood.
    #[error(transparent)]
    Key(#[from] GroupError),
    /// The codes of the two layers belong to different schemes or vintages, and no crosswalk says which class is which.
    #[error("the classes of the base are of {base}, those of the scenario of {scenario}: a crosswalk is needed")]
    SchemesDiffer {
        /// Scheme of the base.
        base: &'static str,
        /// Scheme of the scenario.
        scenario: &'static str,
    },
    /// The crosswalk sends classes to several others, and nothing says to which.
    #[error("the crosswalk leaves open what these classes become: {}", .0.join("; "))]
    CrosswalkOpen(Vec<String>),
    /// The crosswalk lacks classes that the base uses.
    #[error("the crosswalk lacks these classes: {}", .0.join(", "))]
    CrosswalkLacks(Vec<String>),
    /// A level was asked for, but the codes belong to no known scheme.
    #[error("the values of {field:?} are codes of no known land-use scheme, so they have no levels")]
    NoLevels {
        /// The field.
        field: String,
    },
    /// The three big classes were asked for, but the scheme has none.
    #[error("{0} has no three big classes")]
    NoBigClasses(&'static str),
    /// The layer has no polygons.
    #[error("layer {0:?} has no polygons")]
    NotPolygons(String),
    /// The layer has no numbers in the field that areas should be by.
    #[error("layer {layer:?} has no areas in field {field:?}")]
    NoAreas {
        /// The layer.
        layer: String,
        /// The field.
        field: String,
    },
    /// Cancelled by the user.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl CompareError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Measure(error) => error.message(),
            Self::Key(error) => error.message(),
            Self::SchemesDiffer { base, scenario } => {
                Message::new("scenario.schemes-differ").with("base", base).with("scenario", scenario)
            }
            Self::CrosswalkOpen(classes) => Message::new("scenario.crosswalk-open").with("classes", classes.join("; ")),
            Self::CrosswalkLacks(classes) => {
                Message::new("scenario.crosswalk-lacks").with("classes", classes.join(", "))
            }
            Self::NoLevels { field } => Message::new("scenario.no-levels").with("field", field),
            Self::NoBigClasses(scheme) => Message::new("scenario.no-big-classes").with("scheme", scheme),
            Self::NotPolygons(layer) => Message::new("scenario.not-polygons").with("layer", layer),
            Self::NoAreas { layer, field } => {
                Message::new("scenario.no-areas").with("layer", layer).with("field", field)
            }
            Self::Cancelled(_) => Message::new("measure.cancelled"),
        }
    }
}

/// How two layers are compared.
#[derive(Clone, Debug, Default)]
pub struct CompareOptions<'a> {
    /// What areas are by.
    pub basis: Basis,
    /// The study area: only what lies in its polygons counts.
    pub within: Option<&'a Layer>,
    /// Which pieces are slivers.
    pub tolerance: Tolerance,
}

/// One state of the two.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// m² of each feature that its lines close on: scaled, and within the study area where there is one.
    pub m2: Vec<f64>,
    /// The same as the survey prints it; `None` within a study area, which cuts parcels that were never printed.
    pub printed: Option<Vec<f64>>,
    /// What an attribute area is multiplied with to scale a piece: attribute ÷ geometry. Empty where nothing is scaled.
    pub factors: Vec<f64>,
    /// What was found while measuring: repairs with the area before and after.
    pub issues: Vec<Issue>,
}

/// Two layers laid over each other and measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// What areas are by.
    pub basis: String,
    /// Pairs of features, unscaled, and what is left of each.
    pub table: PairTable,
    /// Base and scenario.
    pub states: [State; 2],
    /// Which pieces are slivers.
    pub tolerance: Tolerance,
    /// Whether a study area cuts all figures.
    pub is_cut: bool,
}

impl Comparison {
    /// Lays `scenario` over `base` and measures both in one zone.
    ///
    /// # Errors
    /// [`CompareError`] where a layer has no polygons, the field of a basis holds no areas, no way leads between the
    /// two CRSs, or the user cancelled.
    pub fn new(
        base: &Layer,
        scenario: &Layer,
        options: &CompareOptions<'_>,
        progress: &Progress,
    ) -> Result<Self, CompareError> {
        let mut frame_layers = vec![base, scenario];
        frame_layers.extend(options.within);
        only_polygons(&frame_layers)?;
        let frame = Frame::for_layers(&frame_layers, options.basis.method())?;
        Self::in_frame(base, scenario, options, &frame, progress)
    }

    /// The same in a frame that the caller chose: of pieces that are to add up, the frame of the whole.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn in_frame(
        base: &Layer,
        scenario: &Layer,
        options: &CompareOptions<'_>,
        frame: &Frame,
        progress: &Progress,
    ) -> Result<Self, CompareError> {
        let layers = [base, scenario];
        only_polygons(&layers)?;
        let method = options.basis.method();
        let Laid { areas, mut table } = overlay::laid(base, scenario, options.within, frame, progress)?;
        // Said once: what is true of the zone was found while measuring.
        table.issues.retain(|issue| !areas.iter().any(|areas| areas.issues.contains(issue)));
        // Whole features keep the figures that every other table shows. Cut ones have only those of the overlay.
        // By the geodesic method they are of other lines, by a little, than what closes on the pairs.
        let whole = options.within.is_none() && table.frame == frame.name() && table.method != AreaMethod::Geodesic;
        let mut states: [State; 2] = Default::default();
        for (side, state) in states.iter_mut().enumerate() {
            let areas = &areas[side];
            state.m2.clone_from(if whole { &areas.exact } else { &table.sides[side].own });
            state.printed = match method {
                _ if options.within.is_some() => None,
                AreaMethod::Geodesic => Some(state.m2.clone()),
                _ => Some(areas.printed.clone()),
            };
            state.issues.clone_from(&areas.issues);
            if let Basis::Field(name) = &options.basis {
                state.scale(layers[side], areas, name, progress)?;
            }
        }
        Ok(Self {
            basis: options.basis.name(),
            table,
            states,
            tolerance: options.tolerance,
            is_cut: options.within.is_some(),
        })
    }

    /// A layer against a state of its own with the same geometry: every feature is paired with itself. `areas` are
    /// those of the layer; nothing is overlaid.
    pub fn same_geometry(areas: &Areas, tolerance: Tolerance) -> Self {
        let count = areas.exact.len();
        let pair = |(feature, m2): (usize, &f64)| {
            let feature = feature as u32;
            // A feature of its own is no sliver, whatever its border.
            (*m2 != 0.0).then_some(Pair { a: feature, b: feature, m2: *m2, perimeter_m: 0.0 })
        };
        let side = overlay::Side {
            own: areas.exact.clone(),
            only: vec![0.0; count],
            twice: vec![0.0; count],
            ..overlay::Side::default()
        };
        let state = State { m2: areas.exact.clone(), printed: Some(areas.printed.clone()), ..State::default() };
        Self {
            basis: areas.method.name().to_owned(),
            table: PairTable {
                method: areas.method,
                frame: areas.frame.clone(),
                pairs: areas.exact.iter().enumerate().filter_map(pair).collect(),
                sides: [side.clone(), side],
                bundles: Vec::new(),
                issues: Vec::new(),
            },
            states: [state.clone(), state],
            tolerance,
            is_cut: false,
        }
    }

    /// Area of a pair by the basis: the base's factor scales it, so that rows close on the base's ledger.
    pub fn pair_m2(&self, pair: &Pair) -> f64 {
        pair.m2 * self.factor(0, pair.a as usize)
    }

    /// What a feature of `side` (0 base, 1 scenario) is scaled by.
    pub fn factor(&self, side: usize, feature: usize) -> f64 {
        self.states[side].factors.get(feature).copied().unwrap_or(1.0)
    }
}

fn only_polygons(layers: &[&Layer]) -> Result<(), CompareError> {
    match layers.iter().find(|layer| layer.kind != GeometryKind::Polygon) {
        Some(layer) => Err(CompareError::NotPolygons(layer.name.clone())),
        None => Ok(()),
    }
}

impl State {
    /// Scales the figures to the attribute areas of `field`. Features without one keep their geometry's.
    fn scale(&mut self, layer: &Layer, areas: &Areas, name: &str, progress: &Progress) -> Result<(), CompareError> {
        let no_areas = || CompareError::NoAreas { layer: layer.name.clone(), field: name.to_owned() };
        let field = layer.field(name).ok_or_else(no_areas)?;
        // The ledger knows the unit of the fields whose names it knows; others are taken for square metres.
        let checks = attribute_areas::check(layer, areas, progress)?;
        let unit_m2 = checks.iter().find(|check| check.field == field).map_or(1.0, |check| check.unit.m2());
        let mut missing_count = 0;
        self.factors = areas
            .exact
            .iter()
            .enumerate()
            .map(|(feature, exact)| match layer.value(feature, field).as_f64() {
                Some(value) if value.is_finite() && value > 0.0 && *exact > 0.0 => value * unit_m2 / exact,
                _ => {
                    missing_count += usize::from(*exact > 0.0);
                    1.0
                }
            })
            .collect();
        if missing_count == areas.exact.iter().filter(|m2| **m2 > 0.0).count() {
            return Err(no_areas());
        }
        if missing_count > 0 {
            let message = Message::new("scenario.no-attribute-area").with("n", missing_count).with("field", name);
            self.issues.push(Issue::new(Severity::Warning, message));
        }
        for (m2, factor) in self.m2.iter_mut().zip(&self.factors) {
            *m2 *= factor;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
