//! Figures beside the matrix.

use std::sync::Arc;

use crate::model::{LayerId, Revision};
use crate::scenario::ScenarioId;
use crate::scenario::transition::{ClassKey, Regions, StateSums};
use crate::ui::session::awaited::Awaited;
use crate::ui::session::compare::By;
use crate::ui::session::compare::shown::Shown;

/// The balance of every region.
#[derive(Debug)]
pub struct ByRegion {
    /// What it is of.
    pub shown: Arc<Shown>,
    /// The regions.
    pub list: Vec<ClassKey>,
    /// Their figures.
    pub regions: Regions,
}

/// States of a layer side by side.
#[derive(Debug)]
pub struct States {
    /// The layer that they are states of.
    pub layer: LayerId,
    /// Which they are: the base is `None`.
    pub ids: Vec<Option<ScenarioId>>,
    /// Their names: the base first.
    pub names: Vec<String>,
    /// Their figures.
    pub sums: StateSums,
}

/// What states side by side came from.
#[derive(Clone, Debug, PartialEq)]
pub struct StatesKey {
    pub(in crate::ui) layer: LayerId,
    pub(in crate::ui) states: Vec<(Option<ScenarioId>, String, Revision)>,
    pub(in crate::ui) by: By,
}

/// What is known beside the matrix.
#[derive(Default)]
pub struct BesideMatrix {
    /// The field that regions are told apart by; the first that both states have, with `None`.
    pub region_field: Option<String>,
    /// The balance of every region.
    pub by_region: Awaited<RegionKey, Arc<ByRegion>>,
    /// All states side by side.
    pub states: Awaited<StatesKey, Arc<States>>,
}

/// What the balance of regions came from: a comparison, and the field that tells them apart.
#[derive(Clone)]
pub struct RegionKey {
    pub(in crate::ui) shown: Arc<Shown>,
    pub(in crate::ui) field: String,
}

impl PartialEq for RegionKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shown, &other.shown) && self.field == other.field
    }
}

impl BesideMatrix {
    /// Has them worked out after all.
    pub fn retry(&mut self) {
        self.by_region.retry();
        self.states.retry();
    }
}
