//! The demo project: parcels and layers of a start-up area in two years, tuned to the figures it is to show.
//!
//! Synthetic throughout. Four figures follow what is said of the real area, and every file says so: 798 km² from the
//! public implementation plan; a reduction of permanent basic farmland by 130,000 mu (net of ridges), 62,000 mu of
//! cleared land and 11 resettlement sites from one press account. The layers are made in EPSG:4527 and not in degrees:
//! the survey takes edges as straight in the zone, coordinates in whole millimetres make every border exact, and a
//! planar area can be shown beside the others.
//!
//! Both years stand on one arrangement of lines, so that parcels tile the area without gaps or overlaps in either year,
//! and a comparison of the two leaves no slivers but real changes only.

use super::landscape::{self, Landscape, SEED};
use super::landuse;
use super::names;
use super::plane::Point;
use super::region::Ground;
use super::sizes::Sizes;
use super::tessellation::Tessellation;
use super::tuning;

/// What basic farmland loses from the base to the plan year, net of ridges, mu.
pub const FARMLAND_LOSS_MU: f64 = 130_000.0;
/// Cleared land, mu.
pub const CLEARED_MU: f64 = 62_000.0;

/// Share of ridges in the cropland of each street office, flat land that it is.
const RIDGES: [f64; 8] = [0.0312, 0.0325, 0.0347, 0.0336, 0.0358, 0.0341, 0.0329, 0.0364];

/// Everything that the layers of the demo are written from.
#[derive(Debug)]
pub struct Demo {
    /// The design.
    pub land: Landscape,
    /// Vertices, cells and parcels.
    pub map: Tessellation,
    /// Measures them.
    pub sizes: Sizes,
    /// Names of the villages.
    pub village_names: Vec<String>,
    /// Street office of each village.
    pub village_street: Vec<usize>,
    /// Attributes of the parcels of both years.
    pub parcels: [Vec<Traits>; 2],
    /// Number of the patch of cleared land that a parcel of the base year belongs to.
    pub cleared: Vec<Option<usize>>,
}

/// What a parcel is, besides its outline.
#[derive(Clone, Debug)]
pub struct Traits {
    /// Code of its class.
    pub code: &'static str,
    /// Ground that it was cut from.
    pub ground: Ground,
    /// Index of its street office.
    pub street: usize,
    /// Village whose land it is; none for state-owned land.
    pub village: Option<usize>,
    /// Share of ridges, 0 for other land than cropland.
    pub ridge: f64,
    /// Whether it is permanent basic farmland.
    pub farmland: bool,
    /// Exact area, m².
    pub exact_m2: f64,
    /// The survey's printed area, m².
    pub printed_m2: f64,
}

impl Traits {
    /// Exact area net of ridges, m².
    pub fn net_m2(&self) -> f64 {
        self.exact_m2 * (1.0 - self.ridge)
    }
}

impl Demo {
    /// Draws, cuts, classifies, measures and tunes the demo.
    pub fn build() -> Self {
        let sizes = Sizes::default();
        let land = landscape::draw(&|ring| sizes.ring_m2(ring));
        let map = Tessellation::new(&land);
        let village_names = names::villages(SEED, land.villages.len());
        let village_street = land.villages.iter().map(|v| landuse::street_of(&land, v.center.to_grid())).collect();
        let mut demo = Self {
            land,
            map,
            sizes,
            village_names,
            village_street,
            parcels: [Vec::new(), Vec::new()],
            cleared: Vec::new(),
        };
        for year in 0..2 {
            demo.parcels[year] = (0..demo.map.parcels[year].len()).map(|parcel| demo.traits(parcel, year)).collect();
        }
        tuning::study_area(&mut demo);
        tuning::cleared_land(&mut demo);
        tuning::farmland(&mut demo);
        demo
    }

    /// Area of the whole study area, exact, m².
    pub fn total_m2(&self, year: usize) -> f64 {
        self.parcels[year].iter().map(|parcel| parcel.exact_m2).sum()
    }

    /// Basic farmland of a year, m²: gross and net of ridges, exact.
    pub fn farmland_m2(&self, year: usize) -> (f64, f64) {
        let farmland = self.parcels[year].iter().filter(|parcel| parcel.farmland);
        farmland.fold((0.0, 0.0), |(gross, net), parcel| (gross + parcel.exact_m2, net + parcel.net_m2()))
    }

    /// Cleared land, exact, m².
    pub fn cleared_m2(&self) -> f64 {
        let members = self.cleared.iter().zip(&self.parcels[0]).filter(|(patch, _)| patch.is_some());
        members.map(|(_, parcel)| parcel.exact_m2).sum()
    }

    /// Measures a parcel anew.
    pub fn measure(&mut self, year: usize, parcel: usize) {
        let figures = self.sizes.of(&self.map.polygon(year, parcel as u32));
        self.parcels[year][parcel].exact_m2 = figures.exact;
        self.parcels[year][parcel].printed_m2 = figures.printed;
    }

    /// Middle of a parcel: a point well inside it.
    pub fn label(&self, year: usize, parcel: usize) -> Point {
        self.map.parcels[year][parcel].label
    }

    fn traits(&self, parcel: usize, year: usize) -> Traits {
        let its = &self.map.parcels[year][parcel];
        let ground = self.land.regions[its.region].ground;
        let code = landuse::class_of(&self.land, its.region, its.label, year);
        let street = landuse::street_of(&self.land, its.label);
        let cropland = landuse::is_cropland(code);
        let ridge = match code {
            "0101" => RIDGES[street] - 0.006,
            "0103" => RIDGES[street] + 0.0045,
            _ if cropland => RIDGES[street],
            _ => 0.0,
        };
        let farmland = cropland && landuse::is_base_farmland(&self.land, its.region, its.label);
        let figures = self.sizes.of(&self.map.polygon(year, parcel as u32));
        let village = (!state_owned(ground)).then(|| self.village_of(its.region, its.label, street)).flatten();
        let (exact_m2, printed_m2) = (figures.exact, figures.printed);
        Traits { code, ground, street, village, ridge, farmland, exact_m2, printed_m2 }
    }

    /// The village whose land a place is: its own for a homestead, else the nearest of the street office.
    fn village_of(&self, region: usize, p: Point, street: usize) -> Option<usize> {
        if self.land.regions[region].ground == Ground::Homestead {
            return Some(self.land.regions[region].group as usize);
        }
        let v = p.to_vector();
        let distance = |village: usize| self.land.villages[village].center.minus(v).length();
        let own = (0..self.land.villages.len()).filter(|village| self.village_street[*village] == street);
        own.min_by(|a, b| distance(*a).total_cmp(&distance(*b)))
    }
}

/// Whether land of that kind belongs to the state.
fn state_owned(ground: Ground) -> bool {
    !matches!(ground, Ground::Field | Ground::Homestead | Ground::Lane | Ground::Grove | Ground::Floodplain)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;
    use std::sync::OnceLock;

    use super::*;
    use crate::units::Area;

    /// The demo, built once for all tests.
    pub(crate) fn demo() -> &'static Demo {
        static DEMO: OnceLock<Demo> = OnceLock::new();
        DEMO.get_or_init(Demo::build)
    }

    #[test]
    fn the_figures_are_those_announced() {
        let demo = demo();
        let mu = |m2: f64| Area::from_m2(m2).mu();
        assert!((demo.total_m2(0) - 798e6).abs() < 1.0);
        assert!((demo.total_m2(1) - demo.total_m2(0)).abs() < 0.1);
        assert!((mu(demo.cleared_m2()) - CLEARED_MU).abs() < 0.005);
        let loss = mu(demo.farmland_m2(0).1 - demo.farmland_m2(1).1);
        assert!((loss - FARMLAND_LOSS_MU).abs() < 0.005, "{loss}");
        assert_eq!(demo.map.map.conflict_count(), 0);
    }

    /// Every side of every ring, once in its direction.
    fn sides(polygons: impl Iterator<Item = Vec<Vec<Vec<Point>>>>) -> BTreeSet<(Point, Point)> {
        let mut sides = BTreeSet::new();
        for ring in polygons.flatten().flatten() {
            for i in 0..ring.len() {
                assert!(sides.insert((ring[i], ring[(i + 1) % ring.len()])), "a side has two parcels on its left");
            }
        }
        sides
    }

    #[test]
    fn parcels_of_both_years_tile_the_study_area() {
        let demo = demo();
        let everything: Vec<u32> = demo.map.parcels[0].iter().flat_map(|parcel| parcel.cells.iter().copied()).collect();
        let border = sides(std::iter::once(demo.map.dissolve(&everything)));
        for year in 0..2 {
            let all = sides((0..demo.parcels[year].len()).map(|parcel| demo.map.polygon(year, parcel as u32)));
            let open: BTreeSet<(Point, Point)> =
                all.iter().filter(|(a, b)| !all.contains(&(*b, *a))).copied().collect();
            assert_eq!(open, border, "what has a parcel on one side only is the border");
        }
    }
}
