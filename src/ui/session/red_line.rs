//! What a red line takes, as far as it is known.

use std::sync::Arc;

use crate::crs::Crs;
use crate::model::roles::Role;
use crate::model::{Coord, LayerId, Revision};
use crate::scenario::RedLine;
use crate::ui::session::awaited::Awaited;
use crate::ui::session::rows::FeatureRef;

/// Where a red line comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// Drawn: its ring, not closed.
    Drawn(Vec<Coord>, Crs),
    /// A feature of a layer.
    Feature(FeatureRef),
    /// A line, for what it encloses by itself or with others of its layer.
    Enclosed(FeatureRef),
}

/// What an answer is of.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub(in crate::ui) line: Line,
    pub(in crate::ui) layers: Vec<(LayerId, Role, Revision)>,
}

/// The answer, and the work on it.
#[derive(Default)]
pub struct RedLineAnswer {
    /// A kept measurement that was asked about.
    pub pinned: Option<(Vec<Coord>, Crs)>,
    /// What the red line takes.
    pub answer: Awaited<Key, Arc<RedLine>>,
}
