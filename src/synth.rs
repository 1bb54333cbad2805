//! Seeded layers: the demo project, and parcels for benches and tests.
//!
//! [`files`] writes the demo project, which [`crate::demo`] holds in the program; [`demo`] is how it comes about:
//! [`landscape`] draws, [`arrangement`] and [`tessellation`] cut, [`landuse`] classifies, [`tuning`] meets the figures,
//! [`layers`] and [`sites`] write. [`parcels`] writes layers of any size, as they are made. Everything follows from
//! seeds by arithmetic that is the same on every platform ([`rng`], [`plane`]); no clock and no outside data takes part.

pub mod arrangement;
pub mod curve;
pub mod demo;
pub mod files;
pub mod geojson;
pub mod landscape;
pub mod landuse;
pub mod layers;
pub mod names;
pub mod parcels;
pub mod plane;
pub mod region;
pub mod rng;
pub mod sites;
pub mod sizes;
pub mod subdivide;
pub mod tessellation;
pub mod tuning;
pub mod weld;
