//! What the map draws: the visible layers in one state, with where their features lie and how each is drawn.

use std::sync::Arc;

use super::prepare::Prepared;
use super::rows::Rows;
use super::state::Session;
use crate::model::style::LayerStyle;
use crate::model::{GeometryKind, LayerId};

/// A layer of a picture.
pub struct SceneLayer<'a> {
    /// Which layer.
    pub id: LayerId,
    /// What its features are.
    pub kind: GeometryKind,
    /// How it is drawn.
    pub style: &'a LayerStyle,
    /// Where its features lie.
    pub prepared: &'a Arc<Prepared>,
    /// Symbol of each feature.
    pub symbols: &'a Arc<Vec<u16>>,
    /// Features drawn as selected.
    pub selected: Option<&'a Rows>,
}

/// The visible layers that are ready, bottom to top, in the state that the window shows.
pub fn shown(session: &Session) -> Vec<SceneLayer<'_>> {
    let layers = session.workspace.drawn().filter_map(|entry| {
        Some(SceneLayer {
            id: entry.id(),
            kind: entry.layer.kind,
            style: &entry.style,
            prepared: session.prepared(entry.id())?,
            symbols: session.derived.symbols(entry.id())?,
            selected: session.selection.rows(entry.id()).map(|rows| &**rows),
        })
    });
    layers.collect()
}
