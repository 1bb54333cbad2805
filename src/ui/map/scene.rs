//! What the map draws: the visible layers in one state, with where their features lie and how each is drawn.

use std::sync::Arc;

use crate::model::style::{Fill, LayerStyle};
use crate::model::{GeometryKind, LayerId, Revision};
use crate::render::MapView;
use crate::render::image::Image;
use crate::render::prepared::Prepared;
use crate::scenario::ScenarioId;
use crate::ui::session::Session;
use crate::ui::session::compare::picture::Picture;
use crate::ui::session::rows::Rows;

/// A layer of a picture.
pub struct MapLayer<'a> {
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

/// What a map shows in a frame.
#[derive(Clone, Copy)]
pub struct MapFrame<'a> {
    /// Where it looks.
    pub view: &'a MapView,
    /// Images beneath the layers, bottom to top.
    pub images: &'a [Image],
    /// The layers that it shows, bottom to top.
    pub layers: &'a [MapLayer<'a>],
    /// What the selected rows of the layers are of.
    pub selection: Revision,
    /// Whether the map has come to rest.
    pub at_rest: bool,
}

/// The same layers in another state: the base or a scenario. What is selected of the state of the tab shows where the
/// features are the same.
pub fn in_state(session: &Session, state: Option<ScenarioId>) -> Vec<MapLayer<'_>> {
    let layers = session.workspace.drawn().filter_map(|entry| {
        let id = entry.id();
        let (layer, _) = session.workspace.layer_in(state, id)?;
        let same = layer.revision == entry.layer.revision;
        Some(MapLayer {
            id,
            kind: layer.kind,
            style: session.derived.style_on_map(entry),
            prepared: session.prepared_shape(layer.shape)?,
            symbols: if same { session.derived.symbols(id)? } else { session.derived.symbols_in(layer.revision)? },
            selected: session
                .project
                .selection
                .rows(id)
                .filter(|_| layer.shape == entry.layer.shape)
                .map(|rows| &**rows),
            strength: 1.0,
        })
    });
    layers.collect()
}

/// The visible layers that are ready, bottom to top, in the state that the window shows.
pub fn shown(session: &Session) -> Vec<MapLayer<'_>> {
    let layers = session.workspace.drawn().filter_map(|entry| {
        Some(MapLayer {
            id: entry.id(),
            kind: entry.layer.kind,
            style: session.derived.style_on_map(entry),
            prepared: session.prepared(entry.id())?,
            symbols: session.derived.symbols(entry.id())?,
            selected: session.project.selection.rows(entry.id()).map(|rows| &**rows),
            strength: 1.0,
        })
    });
    let mut layers = beneath(session, layers.collect());
    layers.extend(session.conflicts.picture().map(|picture| picture.map_layer()));
    layers
}

/// Strength of what did not change.
pub const PALE: f32 = 0.28;

/// `layers` as they are drawn with the pieces, bottom to top: what has a fill turns pale, then come the pieces, then
/// lines and outlines. Without pieces nothing changes.
pub fn beneath<'a>(session: &'a Session, layers: Vec<MapLayer<'a>>) -> Vec<MapLayer<'a>> {
    if !session.compare.pieces.are_wanted() {
        return layers;
    }
    let (filled, lines): (Vec<_>, Vec<_>) = layers.into_iter().partition(|layer| has_fill(layer.style));
    // The pieces say what a pick is made of; outlines of the parcels around them would hide them.
    let picked = session.compare.pick.is_some() && session.compare.selected == Some(session.project.selection.revision);
    let pale = filled.into_iter().map(|layer| MapLayer {
        strength: PALE,
        selected: layer.selected.filter(|_| !picked),
        ..layer
    });
    let pieces = session.compare.pieces.picture().map(|picture| picture.map_layer());
    pale.chain(pieces).chain(lines).collect()
}

fn has_fill(style: &LayerStyle) -> bool {
    (0..style.symbol_count()).filter_map(|at| style.symbol(at)).any(|symbol| symbol.fill != Fill::None)
}

impl Picture {
    /// The pieces as the map draws them.
    pub fn map_layer(&self) -> MapLayer<'_> {
        MapLayer {
            id: self.id,
            kind: GeometryKind::Polygon,
            style: &self.style,
            prepared: &self.prepared,
            symbols: &self.symbols,
            selected: None,
            strength: 1.0,
        }
    }
}
