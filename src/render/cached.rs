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
    let projected = &prepared.projected;
    let is_whole = projected.blocks.len() == layer.blocks.len();
    // A first look has no geometry, and came from there.
    let Some(level) = prepared.pyramid.as_ref().and_then(Pyramid::finest).filter(|_| is_whole) else { return };
    let grid = Grid {
        corner: level.corner(),
        units_per_px: level.units_per_px(),
        size_px: level.size_px(),
        numbers: level.numbers().into(),
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::OpenOptions;
    use crate::io::cache::Trust;

    /// Enough small squares for a pyramid.
    fn text(side: usize) -> String {
        let mut features = Vec::new();
        for at in 0..side * side {
            let (x, y) = (117.0 + (at % side) as f64 * 1e-4, 36.0 + (at / side) as f64 * 1e-4);
            let (r, t) = (x + 1e-4, y + 1e-4);
            features.push(format!(
                r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"Polygon","coordinates":[[[{x:.4},{y:.4}],[{r:.4},{y:.4}],[{r:.4},{t:.4}],[{x:.4},{t:.4}],[{x:.4},{y:.4}]]]}}}}"#
            ));
        }
        format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
    }

    #[test]
    fn a_layer_is_drawn_from_its_grid_and_its_geometry_follows() {
        let folder = tempfile::tempdir().expect("a folder");
        let (source, project) = (folder.path().join("a.geojson"), folder.path().join("p.toml"));
        std::fs::write(&source, text(250)).expect("written");
        let (progress, crs) = (Progress::new(), Crs::web_mercator());
        let open = |cache: &Cache| {
            let opened = cache.open(&source, &OpenOptions::default(), Trust::Sampled, &progress);
            opened.expect("opens").layers.remove(0)
        };
        let cache = Cache::beside(&project);
        let layer = open(&cache);
        assert_eq!(cache.keep(&progress), 1);
        let made = Prepared::new(&layer, &crs, &progress).expect("can be drawn");
        let whole = made.pyramid.as_ref().expect("the layer is large");
        keep(&cache, &layer, &crs, &made, &progress);

        let cache = Cache::beside(&project);
        let layer = open(&cache);
        let again = pyramid(&cache, &layer, &crs, &progress).expect("kept");
        assert_eq!(again.finest().map(|level| level.numbers()), whole.finest().map(|level| level.numbers()));
        let look = Prepared::first_look(&layer, &again, &progress).expect("not cancelled");
        assert!(look.pyramid.as_ref().is_some_and(Pyramid::is_preview) && look.projected.blocks.is_empty());
        assert!((look.extent.width() / made.extent.width() - 1.0).abs() < 0.01, "{:?}", look.extent);
        assert!(look.pickable().at(look.extent.center(), 1.0).is_empty(), "nothing can be asked yet");
        // It is no state of the layer that would be kept in the place of the whole.
        keep(&cache, &layer, &crs, &look, &progress);
        let kept = geometry(&cache, &layer, &crs, &progress).expect("kept");
        let coords = |projected: &Projected| -> Vec<Vec<crate::model::Coord>> {
            projected.blocks.iter().map(|block| block.coords().to_vec()).collect()
        };
        assert!(coords(&kept) == coords(&made.projected));
    }
}
