//! What the map draws: the visible layers in one state, with where their features lie and how each is drawn.

use std::sync::Arc;

use super::compare::picture;
use super::rows::Rows;
use super::state::Session;
use crate::model::style::LayerStyle;
use crate::model::{GeometryKind, LayerId};
use crate::render::prepared::Prepared;
use crate::scenario::ScenarioId;

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
    /// Share of its style's strength, 0 to 1.
    pub strength: f32,
}

/// The same layers in another state: the base or a scenario. What is selected of the state of the tab shows where the
/// features are the same.
pub fn in_state(session: &Session, state: Option<ScenarioId>) -> Vec<SceneLayer<'_>> {
    let layers = session.workspace.drawn().filter_map(|entry| {
        let id = entry.id();
        let (layer, _) = session.workspace.layer_in(state, id)?;
        let same = layer.revision == entry.layer.revision;
        Some(SceneLayer {
            id,
            kind: layer.kind,
            style: &entry.style,
            prepared: session.prepared_shape(layer.shape)?,
            symbols: if same { session.derived.symbols(id)? } else { session.derived.symbols_in(layer.revision)? },
            selected: session.selection.rows(id).filter(|_| layer.shape == entry.layer.shape).map(|rows| &**rows),
            strength: 1.0,
        })
    });
    layers.collect()
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
            strength: 1.0,
        })
    });
    let mut layers = picture::beneath(session, layers.collect());
    layers.extend(session.conflicts.picture().map(|picture| picture.scene_layer()));
    layers
}
