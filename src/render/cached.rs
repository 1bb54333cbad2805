//! Layers made ready for the map, in the cache beside a project and from there: what takes long about them, their geometry in
//! the system of the map and the finest level of their pyramid.

use super::prepared::Prepared;
use super::projected::Projected;
use super::pyramid::Pyramid;
use crate::crs::Crs;
use crate::io::cache::{Cache, Grid};
use crate::model::Layer;
use crate::task::Progress;

/// Keeps a layer that is ready for a map in `crs`, where that is worth it: one without a pyramid is ready sooner than it is
/// read from a file.
pub fn keep(cache: &Cache, layer: &Layer, crs: &Crs, prepared: &Prepared, progress: &Progress) {
    let Some(level) = prepared.pyramid.as_ref().and_then(Pyramid::finest) else { return };
    let grid = Grid {
        corner: level.corner(),
        units_per_px: level.units_per_px(),
        size_px: level.size_px(),
        numbers: level.numbers().into(),
    };
    let projected = &prepared.projected;
    cache.keep_map(layer, crs, (&projected.blocks, &projected.issues, Some(&grid)), progress);
}

/// The pyramid of a layer for a map in `crs`, where the cache has it.
pub fn pyramid(cache: &Cache, layer: &Layer, crs: &Crs, progress: &Progress) -> Option<Pyramid> {
    let Grid { corner, units_per_px, size_px, numbers } = cache.grid(layer, crs, progress)?;
    Pyramid::of_finest(corner, units_per_px, size_px, numbers.into_owned())
}

/// The geometry of a layer for a map in `crs`, where the cache has it.
pub fn geometry(cache: &Cache, layer: &Layer, crs: &Crs, progress: &Progress) -> Option<Projected> {
    let (blocks, issues) = cache.geometry(layer, crs, progress)?;
    Some(Projected { blocks, issues })
}
