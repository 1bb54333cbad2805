//! A layer made ready to be drawn and asked, once, for the window, map sheets and the command line: projected, indexed,
//! in pieces that a GPU holds. How it is drawn is no part of it: recolouring makes nothing anew.

use std::sync::OnceLock;

use super::chunks::{self, Chunk};
use super::labels::{Annotated, Places};
use super::mesh::{self, BlockMesh};
use super::pick::Pickable;
use super::projected::{self, Projected, ProjectionError, feature_size};
use super::pyramid::Pyramid;
use super::raster::PaintLayer;
use crate::crs::Crs;
use crate::model::index::SpatialIndex;
use crate::model::style::LayerStyle;
use crate::model::{Extent, GeometryKind, Layer};
use crate::task::{Cancelled, Progress};

/// A layer in the project CRS, ready to be drawn and asked.
#[derive(Debug)]
pub struct Prepared {
    /// The layer's geometry, one block a block of the layer.
    pub projected: Projected,
    /// Index over the extents of its features.
    pub index: SpatialIndex,
    /// Which feature covers each pixel at small scales, for large layers.
    pub pyramid: Option<Pyramid>,
    /// Side of a typical feature, for fading outlines; 0 for points and lines.
    pub feature_size: f64,
    /// Pieces of it that the GPU holds, once they are wanted.
    chunks: OnceLock<Vec<Chunk>>,
    /// First feature of each block, and the count at the end.
    pub starts: Vec<usize>,
    /// Extent of all of it.
    pub extent: Extent,
    /// Extent of what of it can be shown, once that was asked.
    shown: OnceLock<Extent>,
    /// Where labels and markers stand, as far as that was asked.
    places: Places,
}

impl Prepared {
    /// `layer` made ready in `crs`.
    ///
    /// # Errors
    /// Where there is no way between the two systems, or the work was cancelled.
    pub fn new(layer: &Layer, crs: &Crs, progress: &Progress) -> Result<Self, ProjectionError> {
        let projected = projected::project(layer, crs, progress)?;
        Ok(Self::of_projected(layer, projected, progress)?)
    }

    /// `layer`, whose geometry is there in the project CRS, made ready.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn of_projected(layer: &Layer, projected: Projected, progress: &Progress) -> Result<Self, Cancelled> {
        let index = SpatialIndex::build(&projected.blocks, progress)?;
        let pyramid = Pyramid::build(&projected.blocks, &layer.starts, &index, progress)?;
        Ok(Self::of_parts(layer, projected, index, pyramid))
    }

    /// `layer`, whose geometry and pyramid are there, made ready.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn of_pyramid(
        layer: &Layer,
        projected: Projected,
        pyramid: Pyramid,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let index = SpatialIndex::build(&projected.blocks, progress)?;
        Ok(Self::of_parts(layer, projected, index, Some(pyramid)))
    }

    /// A first look at a layer of which nothing but its pyramid is there: it can be drawn, and nothing can be asked yet.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn first_look(layer: &Layer, pyramid: &Pyramid, progress: &Progress) -> Result<Self, Cancelled> {
        let index = SpatialIndex::build(&[], progress)?;
        let projected = Projected { blocks: Vec::new(), issues: Vec::new() };
        let mut look = Self::of_parts(layer, projected, index, Some(pyramid.standing_in()));
        (look.extent, look.feature_size) = (pyramid.extent(), pyramid.feature_size());
        Ok(look)
    }

    /// `layer` made ready for one picture in `crs`: for that a pyramid costs more than it saves.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn for_picture(layer: &Layer, crs: &Crs, progress: &Progress) -> Result<Self, ProjectionError> {
        let projected = projected::project(layer, crs, progress)?;
        let index = SpatialIndex::build(&projected.blocks, progress)?;
        Ok(Self::of_parts(layer, projected, index, None))
    }

    /// A first look at a large layer, which nothing can be asked yet; `None` for one that is soon ready.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn preview(layer: &Layer, projected: &Projected, progress: &Progress) -> Result<Option<Self>, Cancelled> {
        let Some(pyramid) = Pyramid::preview(&projected.blocks, &layer.starts, progress)? else { return Ok(None) };
        let index = SpatialIndex::build(&[], progress)?;
        Ok(Some(Self::of_parts(layer, projected.clone(), index, Some(pyramid))))
    }

    fn of_parts(layer: &Layer, projected: Projected, index: SpatialIndex, pyramid: Option<Pyramid>) -> Self {
        let mut extent = Extent::EMPTY;
        for block in &projected.blocks {
            extent.union(&block.extent());
        }
        let feature_size = feature_size(&projected.blocks);
        let (chunks, starts) = (OnceLock::new(), layer.starts.clone());
        let (shown, places) = (OnceLock::new(), Places::default());
        Self { projected, index, pyramid, feature_size, chunks, starts, extent, shown, places }
    }

    /// What the painter takes, in that style, where feature n has symbol `symbols[n]`: without a pyramid, selection,
    /// labels and what is kept from the last picture.
    pub fn to_paint<'a>(&'a self, style: &'a LayerStyle, symbols: &'a [u16]) -> PaintLayer<'a> {
        PaintLayer {
            blocks: &self.projected.blocks,
            starts: &self.starts,
            index: &self.index,
            style,
            symbols,
            feature_size: self.feature_size,
            pyramid: None,
            selected: &[],
            labels: &[],
            places: &self.places,
            markers: true,
            kept: None,
        }
    }

    /// What labels and markers are chosen from, in that style.
    pub fn annotated<'a>(&'a self, style: &'a LayerStyle, symbols: &'a [u16]) -> Annotated<'a> {
        Annotated {
            blocks: &self.projected.blocks,
            starts: &self.starts,
            index: &self.index,
            style,
            symbols,
            places: &self.places,
        }
    }

    /// Extent of what of it a map in `crs`, the CRS that it was made for, can show: a feature at the pole, or one far
    /// from where the projection is meant for, leaves nothing of the others. What reaches out of that is cut off.
    pub fn shown_extent(&self, crs: &Crs) -> Extent {
        let world = projected::world(crs);
        *self.shown.get_or_init(|| {
            let holds = |extent: &Extent| world.contains(extent.min) && world.contains(extent.max);
            if self.extent.is_empty() || holds(&self.extent) {
                return self.extent;
            }
            let (mut whole, mut cut) = (Extent::EMPTY, Extent::EMPTY);
            for feature in 0..self.starts.last().copied().unwrap_or_default() {
                let extent = self.feature_extent(feature);
                if holds(&extent) {
                    whole.union(&extent);
                } else {
                    cut.union(&extent.common(&world));
                }
            }
            if whole.is_empty() { cut } else { whole }
        })
    }

    /// The pieces that the GPU holds, where they are known.
    pub fn known_chunks(&self) -> Option<&[Chunk]> {
        self.chunks.get().map(Vec::as_slice)
    }

    /// The pieces that the GPU holds.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn chunks(&self, progress: &Progress) -> Result<&[Chunk], Cancelled> {
        if self.chunks.get().is_none() {
            let made = chunks::chunks(&self.projected.blocks, &self.starts, progress)?;
            return Ok(self.chunks.get_or_init(|| made));
        }
        Ok(self.known_chunks().unwrap_or_default())
    }

    /// The mesh of one of them.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn mesh(&self, chunk: &Chunk, progress: &Progress) -> Result<BlockMesh, Cancelled> {
        let blocks = &self.projected.blocks;
        let features = chunk.features.iter().map(|feature| chunks::locate(blocks, &self.starts, *feature));
        let kind = features.clone().next().map_or(GeometryKind::None, |(block, _)| block.kind());
        mesh::mesh_features(kind, chunk.extent, chunk.coord_count, features, progress)
    }

    /// The geometry, ready to be asked what lies where.
    pub fn pickable(&self) -> Pickable<'_> {
        Pickable { blocks: &self.projected.blocks, starts: &self.starts, index: &self.index }
    }

    /// Extent of one feature in the project CRS.
    pub fn feature_extent(&self, feature: usize) -> Extent {
        let block = self.starts.partition_point(|start| *start <= feature).saturating_sub(1);
        match self.projected.blocks.get(block) {
            Some(blocks) if feature < self.starts[block + 1] => blocks.feature_extent(feature - self.starts[block]),
            _ => Extent::EMPTY,
        }
    }
}
