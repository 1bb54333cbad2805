//! What is said about the document: of its layers, its order, its map. Each is a value, so that an edit holds two.

use std::path::PathBuf;
use std::sync::Arc;

use super::join::Join;
use super::marks::{Bookmark, MapNote};
use super::underlay::{Underlay, UnderlaySource};
use crate::crs::{Correction, Crs};
use crate::model::conversion::Conversion;
use crate::model::layout::Layout;
use crate::model::roles::Mapping;
use crate::model::style::LayerStyle;
use crate::model::{AreaMethod, Formula, LayerId};

/// Something about the document, with its value.
#[derive(Clone, Debug, PartialEq)]
pub enum Property {
    /// The name of a layer in the tree.
    Title(LayerId, String),
    /// How a layer is drawn.
    Style(LayerId, Box<LayerStyle>),
    /// Whether a layer is drawn, as far as its heading is.
    Visible(LayerId, bool),
    /// How areas of a layer are computed.
    Method(LayerId, AreaMethod),
    /// The CRS that the user gave a layer in place of what was recognised.
    LayerCrs(LayerId, Option<Crs>),
    /// What is undone of the coordinates of a layer as they are read.
    Correction(LayerId, Option<Arc<Correction>>),
    /// The tables that are joined to a layer.
    Joins(LayerId, Vec<Join>),
    /// The classes of a layer in another scheme.
    Conversion(LayerId, Option<Arc<Conversion>>),
    /// Its fields that are worked out by expressions.
    Formulas(LayerId, Arc<Vec<Formula>>),
    /// What somebody said a layer is.
    Mapping(LayerId, Option<Arc<Mapping>>),
    /// All layers from the top, each with its heading.
    Arrangement(Vec<(LayerId, String)>),
    /// Whether the layers under a heading are drawn.
    GroupVisible(String, bool),
    /// The CRS of the map.
    Crs(Option<Crs>),
    /// The file of the rules.
    Rules(Option<PathBuf>),
    /// The note of the project.
    Note(String),
    /// The layouts of its sheets.
    Layouts(Arc<Vec<Layout>>),
    /// Places that views go back to.
    Bookmarks(Arc<Vec<Bookmark>>),
    /// Notes pinned on the map.
    Notes(Arc<Vec<MapNote>>),
    /// What lies beneath the layers.
    Underlays(Arc<Vec<Underlay>>),
}

impl Property {
    /// Whether it changes while something is dragged or typed: many values, one step.
    pub(in crate::scenario) fn is_dragged(&self) -> bool {
        matches!(
            self,
            Self::Style(..)
                | Self::Note(_)
                | Self::Layouts(_)
                | Self::Underlays(_)
                | Self::Bookmarks(_)
                | Self::Notes(_)
        )
    }

    /// Whether another value is one of the same thing.
    pub(in crate::scenario) fn is_of_what(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Title(a, _), Self::Title(b, _))
            | (Self::Style(a, _), Self::Style(b, _))
            | (Self::Visible(a, _), Self::Visible(b, _))
            | (Self::Method(a, _), Self::Method(b, _))
            | (Self::LayerCrs(a, _), Self::LayerCrs(b, _))
            | (Self::Correction(a, _), Self::Correction(b, _))
            | (Self::Joins(a, _), Self::Joins(b, _))
            | (Self::Conversion(a, _), Self::Conversion(b, _))
            | (Self::Formulas(a, _), Self::Formulas(b, _))
            | (Self::Mapping(a, _), Self::Mapping(b, _)) => a == b,
            (Self::GroupVisible(a, _), Self::GroupVisible(b, _)) => a == b,
            // An item that comes or goes is a step of its own.
            (Self::Layouts(a), Self::Layouts(b)) => names(a).eq(names(b)),
            (Self::Bookmarks(a), Self::Bookmarks(b)) => a.len() == b.len(),
            (Self::Notes(a), Self::Notes(b)) => a.len() == b.len(),
            (Self::Underlays(a), Self::Underlays(b)) => sources(a).eq(sources(b)),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// The layer that it is about, where it is about one.
    pub fn layer(&self) -> Option<LayerId> {
        match self {
            Self::Title(layer, _)
            | Self::Style(layer, _)
            | Self::Visible(layer, _)
            | Self::Method(layer, _)
            | Self::LayerCrs(layer, _)
            | Self::Correction(layer, _)
            | Self::Joins(layer, _)
            | Self::Conversion(layer, _)
            | Self::Formulas(layer, _)
            | Self::Mapping(layer, _) => Some(*layer),
            _ => None,
        }
    }

    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Title(_, text) | Self::Note(text) | Self::GroupVisible(text, _) => text.len(),
                Self::Style(_, style) => size_of::<LayerStyle>() + style.byte_count(),
                Self::Arrangement(layers) => {
                    layers.iter().map(|(_, group)| size_of::<(LayerId, String)>() + group.len()).sum()
                }
                Self::Layouts(layouts) => layouts.iter().map(Layout::byte_count).sum(),
                Self::Formulas(_, formulas) => formulas.iter().map(Formula::byte_count).sum(),
                Self::Bookmarks(bookmarks) => bookmarks.iter().map(Bookmark::byte_count).sum(),
                Self::Notes(notes) => notes.iter().map(MapNote::byte_count).sum(),
                Self::Underlays(underlays) => underlays.iter().map(Underlay::byte_count).sum(),
                Self::Joins(_, joins) => joins.iter().map(Join::byte_count).sum(),
                Self::Conversion(_, Some(conversion)) => conversion.byte_count(),
                Self::Mapping(_, Some(mapping)) => size_of::<Mapping>() + mapping.fields().map(str::len).sum::<usize>(),
                _ => 0,
            }
    }
}

/// Names of layouts, each before those of its items.
fn names(layouts: &[Layout]) -> impl Iterator<Item = &str> {
    layouts.iter().flat_map(|layout| {
        std::iter::once(layout.name.as_str()).chain(layout.items.iter().map(|item| item.name.as_str()))
    })
}

/// Where underlays come from, and whether each is drawn.
fn sources(underlays: &[Underlay]) -> impl Iterator<Item = (&UnderlaySource, bool)> {
    underlays.iter().map(|underlay| (&underlay.source, underlay.visible))
}
