//! Which features of a layer a region can reach at all, by their extents in the layer's own coordinates.

use crate::crs::Reprojector;
use crate::model::{Coord, Extent, Layer};

/// Sides of an extent are followed at so many places into another CRS, where they are curved.
const STEPS: u32 = 16;
/// What extents are grown by, of their own size: edges are straight in one CRS and bulge in another.
const BULGE: f64 = 0.05;
/// Features wider than so many degrees, or metres, are taken to reach everywhere: their edges may bulge by more.
const WIDE: [f64; 2] = [20.0, 2e6];
/// Degrees beyond which longitudes may count from elsewhere.
const LAST_DEG: f64 = 180.0;

/// Marks the features of `layer` that may have something in common with `region`; `None` where extents do not tell.
pub(super) fn reached(region: &Layer, layer: &Layer) -> Option<Vec<bool>> {
    let wide = WIDE[usize::from(!layer.crs.is_geographic())];
    let of_region = grown(&extent_in(region, layer)?);
    let is_plain = |extent: &Extent| {
        let is_around = extent.min.x < -LAST_DEG || extent.max.x > LAST_DEG;
        extent.width().max(extent.height()) <= wide && !(layer.crs.is_geographic() && is_around)
    };
    if !is_plain(&of_region) {
        return None;
    }
    let mut marks = Vec::with_capacity(layer.feature_count());
    for block in &layer.blocks {
        let rows = 0..block.geometry.feature_count();
        marks.extend(rows.map(|row| {
            let extent = block.geometry.feature_extent(row);
            // What has no place is listed where it is laid.
            extent.is_empty() || !is_plain(&extent) || grown(&extent).intersects(&of_region)
        }));
    }
    Some(marks)
}

/// The extent of a layer in the coordinates of another; `None` where part of it has no place there.
fn extent_in(layer: &Layer, other: &Layer) -> Option<Extent> {
    let extent = layer.extent();
    if extent.is_empty() {
        return None;
    }
    let way = Reprojector::new(&layer.crs, &other.crs).ok()?; // told by whoever lays the two
    let mut image = Extent::EMPTY;
    for i in 0..=STEPS {
        for j in 0..=STEPS {
            let share = |at: u32| f64::from(at) / f64::from(STEPS);
            let x = extent.min.x + extent.width() * share(i);
            let y = extent.min.y + extent.height() * share(j);
            image.add(way.convert_one(Coord { x, y })?);
        }
    }
    Some(image)
}

fn grown(extent: &Extent) -> Extent {
    let by = BULGE * extent.width().max(extent.height());
    Extent {
        min: Coord { x: extent.min.x - by, y: extent.min.y - by },
        max: Coord { x: extent.max.x + by, y: extent.max.y + by },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::model::AreaMethod;
    use crate::overlay::{cut, cut_out};
    use crate::task::Progress;
    use crate::testing::{grid, grid_at};

    /// Four squares of 1 km in a row.
    fn squares() -> Layer {
        grid_at((500_000.0, 4_070_000.0), 1000.0, "ABCD", &['A', 'B', 'C', 'D'].map(|letter| (letter, ())), |()| {
            String::new()
        })
    }

    #[test]
    fn only_what_may_meet_the_region_is_reached() {
        let region = grid_at((501_960.0, 4_070_400.0), 10.0, "R", &[('R', ())], |()| String::new());
        assert_eq!(reached(&region, &squares()), Some(vec![false, true, true, false]));
        let far = grid(".R", &[('R', ())], |()| String::new());
        let far = Layer { crs: Crs::from_epsg(4491).expect("a zone"), ..far };
        assert!(reached(&far, &squares()).is_none_or(|marks| !marks.contains(&true)));
    }

    #[test]
    fn what_is_cut_out_is_the_same_as_of_all() {
        let region = grid_at((500_900.0, 4_070_400.0), 300.0, "RR", &[('R', ())], |()| String::new());
        let (progress, land) = (Progress::new(), squares());
        for method in [AreaMethod::Survey, AreaMethod::Planar, AreaMethod::Geodesic] {
            let of_all = cut(&region, &land, method, &progress).expect("laid");
            let found = cut_out(&region, &land, method, &progress).expect("laid");
            assert_eq!(found.pairs, of_all.pairs, "{method:?}");
            assert_eq!(found.sides[0], of_all.sides[0], "{method:?}");
            assert_eq!(found.frame, of_all.frame, "{method:?}");
        }
    }
}
