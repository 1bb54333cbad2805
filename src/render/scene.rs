//! Layers ready to be painted without a window: projected, indexed, with the symbol of every feature.
//!
//! The way from open files to a picture for the command line, thumbnails and tests; the window prepares its layers step
//! by step and shows them as they come. Everything is shared by `Arc`: a scene is cheap to clone, and recolouring
//! replaces the style and nothing else.

use std::sync::Arc;

use rayon::prelude::*;

use super::MapView;
use super::label::inside_point;
use super::lettering::Typeface;
use super::projected::{self, ProjectError};
use super::raster::{LABEL_PX, PaintLayer};
use crate::crs::Crs;
use crate::model::index::SpatialIndex;
use crate::model::style::LayerStyle;
use crate::model::{Coord, Extent, GeometryBlock, GeometryKind, Issue, Layer, LayerId, Severity};
use crate::scenario::Workspace;
use crate::task::{Cancelled, Progress};
use crate::text::Message;

/// A layer in the scene.
#[derive(Clone, Debug)]
pub struct SceneLayer {
    /// Its source.
    pub layer: Arc<Layer>,
    /// How it is drawn.
    pub style: LayerStyle,
    /// Its geometry in the project CRS, one block a block of the layer.
    pub blocks: Vec<Arc<GeometryBlock>>,
    /// Index over `blocks`.
    pub index: Arc<SpatialIndex>,
    /// Number of the symbol of each feature.
    pub symbols: Arc<Vec<u16>>,
    /// Side of a typical feature in units of the project CRS; 0 for points and lines.
    pub feature_size: f64,
    /// Selected features, ascending.
    pub selected: Vec<usize>,
    /// Labels of what is in view, the most important first.
    pub labels: Vec<(Coord, String)>,
}

impl SceneLayer {
    /// Projects and indexes `layer`, and finds the symbol of every feature; also what could not be projected.
    ///
    /// # Errors
    /// Where there is no conversion to `crs`, or the work was cancelled.
    pub fn prepare(
        layer: &Arc<Layer>,
        style: &LayerStyle,
        crs: &Crs,
        progress: &Progress,
    ) -> Result<(Self, Vec<Issue>), ProjectError> {
        let projected = projected::project(layer, crs, progress)?;
        let index = SpatialIndex::build(&projected.blocks, progress)?;
        let scene_layer = Self {
            layer: layer.clone(),
            style: style.clone(),
            feature_size: feature_size(&projected.blocks),
            blocks: projected.blocks,
            index: Arc::new(index),
            symbols: Arc::new(style.symbol_indices(layer)),
            selected: Vec::new(),
            labels: Vec::new(),
        };
        Ok((scene_layer, projected.issues))
    }

    /// What the painter takes.
    pub fn to_paint(&self) -> PaintLayer<'_> {
        PaintLayer {
            blocks: &self.blocks,
            starts: &self.layer.starts,
            index: &self.index,
            style: &self.style,
            symbols: &self.symbols,
            feature_size: self.feature_size,
            // For one picture a pyramid costs more than the picture.
            pyramid: None,
            selected: &self.selected,
            labels: &self.labels,
            markers: true,
            kept: None,
        }
    }

    /// Writes the style's label field on what is in `view`: the larger a polygon the earlier, and only on those that
    /// are about as wide as their text.
    pub fn label(&mut self, view: &MapView, typeface: &Typeface) {
        let field = self.style.label_field.as_deref().and_then(|name| self.layer.field(name));
        let Some(field) = field else { return self.labels.clear() };
        let features = self.index.query(&view.extent());
        let found = features.par_iter().filter_map(|feature| self.label_of(*feature, field, view, typeface));
        let mut found: Vec<(f64, Coord, String)> = found.collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        self.labels = found.into_iter().map(|(_, place, text)| (place, text)).collect();
    }

    /// Size, place and text of a label, where the feature gets one.
    fn label_of(
        &self,
        feature: usize,
        field: usize,
        view: &MapView,
        typeface: &Typeface,
    ) -> Option<(f64, Coord, String)> {
        let number = self.symbols.get(feature).map_or(0, |symbol| usize::from(*symbol));
        let symbol = self.style.symbol(number).filter(|_| self.style.is_visible(number))?;
        let text = self.layer.value(feature, field).to_string();
        if text.trim().is_empty() {
            return None;
        }
        let block = self.layer.starts.partition_point(|start| *start <= feature).checked_sub(1)?;
        let (geometry, row) = (self.blocks.get(block)?, feature - self.layer.starts[block]);
        let extent = geometry.feature_extent(row);
        let polygon = geometry.kind() == GeometryKind::Polygon;
        if polygon && symbol.marker.is_none() {
            let width_px = extent.width() / view.units_per_px;
            if width_px < f64::from(typeface.width(&text, LABEL_PX, false)) * 0.8 {
                return None;
            }
        }
        let size = if polygon { extent.width() * extent.height() } else { 0.0 };
        Some((size, inside_point(geometry, row), text))
    }
}

/// Side of a square as large as the median polygon's extent, over the first block; 0 for points and lines.
pub fn feature_size(blocks: &[Arc<GeometryBlock>]) -> f64 {
    let Some(block) = blocks.first().filter(|block| block.kind() == GeometryKind::Polygon) else { return 0.0 };
    let step = block.feature_count().div_ceil(2000).max(1);
    let mut sizes: Vec<f64> = (0..block.feature_count())
        .step_by(step)
        .map(|row| block.feature_extent(row))
        .filter(|extent| !extent.is_empty())
        .map(|extent| (extent.width() * extent.height()).sqrt())
        .collect();
    if sizes.is_empty() {
        return 0.0;
    }
    let middle = sizes.len() / 2;
    *sizes.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// The visible layers of a workspace, bottom to top.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The layers, bottom to top.
    pub layers: Vec<SceneLayer>,
    /// What could not be drawn.
    pub issues: Vec<Issue>,
}

impl Scene {
    /// Prepares every visible layer of `workspace` for `crs`. Layers that cannot be projected are left out, with an
    /// issue each.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn of_workspace(workspace: &Workspace, crs: &Crs, progress: &Progress) -> Result<Self, Cancelled> {
        let mut scene = Self::default();
        for entry in workspace.drawn() {
            match SceneLayer::prepare(&entry.layer, &entry.style, crs, progress) {
                Ok((layer, issues)) => {
                    scene.layers.push(layer);
                    scene.issues.extend(issues);
                }
                Err(ProjectError::Cancelled(cancelled)) => return Err(cancelled),
                Err(ProjectError::Crs(error)) => {
                    let message = Message::new("render.layer-not-drawn")
                        .with("layer", &entry.title)
                        .with_message("reason", &error.message());
                    scene.issues.push(Issue::new(Severity::Error, message));
                }
            }
        }
        Ok(scene)
    }

    /// Extent of all layers in the project CRS.
    pub fn extent(&self) -> Extent {
        let mut extent = Extent::EMPTY;
        for layer in &self.layers {
            extent.union(&layer.index.extent());
        }
        extent
    }

    /// Selects features of one layer.
    pub fn select(&mut self, id: LayerId, features: impl IntoIterator<Item = usize>) {
        if let Some(layer) = self.layers.iter_mut().find(|layer| layer.layer.id == id) {
            layer.selected = features.into_iter().collect();
            layer.selected.sort_unstable();
            layer.selected.dedup();
        }
    }

    /// Writes the labels of what is in `view`.
    pub fn label(&mut self, view: &MapView, typeface: &Typeface) {
        self.layers.iter_mut().for_each(|layer| layer.label(view, typeface));
    }

    /// What the painter takes.
    pub fn to_paint(&self) -> Vec<PaintLayer<'_>> {
        self.layers.iter().map(SceneLayer::to_paint).collect()
    }
}
