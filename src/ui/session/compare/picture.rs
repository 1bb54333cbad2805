//! The pieces of a comparison on the map.

use std::sync::Arc;

use crate::crs::Crs;
use crate::model::LayerId;
use crate::model::style::LayerStyle;
use crate::render::prepared::Prepared;
use crate::ui::session::awaited::{Awaited, Problem};
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::shown::Shown;

/// Pieces as a layer of the map.
pub struct Picture {
    /// A name for the painter.
    pub id: LayerId,
    /// Their geometry in the project CRS.
    pub prepared: Arc<Prepared>,
    /// A symbol a transition.
    pub style: LayerStyle,
    /// Symbol of each piece.
    pub symbols: Arc<Vec<u16>>,
}

/// What pieces are made from.
#[derive(Clone)]
pub struct Key {
    pub(in crate::ui) shown: Arc<Shown>,
    pub(in crate::ui) pick: Pick,
    pub(in crate::ui) crs: Crs,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shown, &other.shown) && self.pick == other.pick && self.crs == other.crs
    }
}

/// The pieces on the map, and the work on them; none where nothing can be drawn.
#[derive(Default)]
pub struct Pieces {
    pub(in crate::ui) made: Awaited<Key, Option<Arc<Picture>>>,
}

impl Pieces {
    /// The pieces, once they are made.
    pub fn picture(&self) -> Option<&Arc<Picture>> {
        self.made.current()?.as_ref()
    }

    /// Whether pieces are wanted, and what is not one of them is pale.
    pub fn are_wanted(&self) -> bool {
        self.made.key().is_some()
    }

    /// Whether they are being made.
    pub fn is_busy(&self) -> bool {
        self.made.is_busy()
    }

    /// Why they are not there.
    pub fn problem(&self) -> Option<&Problem> {
        self.made.problem()
    }

    /// Has them made after all.
    pub fn retry(&mut self) {
        self.made.retry();
    }

    /// Takes them off the map.
    pub fn clear(&mut self) {
        self.made.forget();
    }
}
