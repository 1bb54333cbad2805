//! The two states of a comparison, and where they come from.

use std::sync::Arc;

use crate::model::classes::Scheme;
use crate::model::{Areas, Layer, LayerId};
use crate::scenario::ScenarioId;

/// Where a state comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A layer of the workspace as it is shown.
    Layer(LayerId),
    /// A layer as the base (`None`) or a scenario has it, whatever is shown.
    State(Option<ScenarioId>, LayerId),
}

/// One of the two states.
#[derive(Clone, Debug)]
pub struct Side {
    /// Where it comes from.
    pub source: Source,
    /// The features.
    pub layer: Arc<Layer>,
    /// Their areas, once measured.
    pub areas: Option<Arc<Areas>>,
    /// What it is called.
    pub title: String,
    /// The field that holds the class of each feature.
    pub class_field: Option<String>,
    /// The scheme of its codes.
    pub scheme: Option<Scheme>,
}

impl Source {
    /// The layer that the state is one of.
    pub fn layer(self) -> LayerId {
        match self {
            Self::Layer(layer) | Self::State(_, layer) => layer,
        }
    }
}
