//! Two layers laid over each other, overlaps and union of one, repair of invalid polygons: all by boundary walks.
//!
//! No polygon is ever clipped. Every ring is walked along, and the set of what contains the walker is kept up to date
//! at each crossing; areas are sums of the same edge integrals that measure a parcel. Whether edges cross is decided
//! exactly, and ties by a symbolic shift, so that borders that coincide cancel without slivers and no input is special.
//!
//! | file | holds |
//! |---|---|
//! | `rings` | rings cleaned and numbered |
//! | `parts` | parts that are holes of others |
//! | `ring_list` | polygons from a flat list of rings |
//! | `predicates` | exact decisions, ties settled by the shift |
//! | `tiles` | which edges come close, what contains a place |
//! | `meet` | which edges of a tile meet, within a budget |
//! | `crossings` | which edges cross |
//! | `flat` | a layer as rings in a plane |
//! | `walk` | along a ring, stretch by stretch |
//! | `stacks` | features that are the same |
//! | `sum` | sums in fixed point |
//! | `region` | polygons as valid ones of the same land |
//! | `validity` | what is wrong with a polygon |
//! | `repair` | invalid polygons of a layer measured and listed |
//! | `coverage` | sum, union and overlaps of a layer |
//! | `first` | land of a layer shared out to the first feature that covers it |
//! | `reach` | what of a layer a region can reach |
//! | `pairs` | two layers: area and perimeter of every pair of features |
//! | `quick` | the same where polygons are clean |
//! | `twins` | layers that have most features in common |
//! | `pieces` | pairs as polygons, clipped on demand |
//!
//! Nothing here panics on user data: what defeats the arithmetic becomes an issue, and the rest goes on.

mod audit;
mod coverage;
mod crossings;
mod first;
mod flat;
mod layer;
mod meet;
pub mod pairs;
mod parts;
pub mod pieces;
mod predicates;
mod quick;
mod reach;
mod region;
mod repair;
mod ring_list;
mod rings;
mod stacks;
mod sum;
mod tiles;
mod twins;
mod validity;
mod walk;

pub use audit::audited;
pub use coverage::Overlap;
pub use first::{FirstCover, first_cover};
pub use layer::{Coverage, coverage, coverage_among, has_faults, measured, measured_in};
pub use pairs::{Bundle, Pair, PairTable, Side, UNSOUND, cut, cut_out, pairs};
pub use pieces::{pieces, remainders};
pub use region::as_drawn;
pub use ring_list::{RingList, polygons_of_rings};
pub use twins::{Laid, laid};
