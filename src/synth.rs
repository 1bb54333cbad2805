//! Seeded layers: the demo project, and parcels for benches and tests.

pub mod arrangement;
pub mod curve;
pub mod demo;
pub mod files;
pub mod geojson;
pub mod landscape;
pub mod landuse;
pub mod layers;
pub mod names;
pub mod plane;
pub mod region;
pub mod rng;
pub mod sites;
pub mod sizes;
pub mod subdivide;
pub mod tessellation;
pub mod tuning;
pub mod weld;
