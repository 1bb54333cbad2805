//! Degrees, minutes and seconds written as one number: told from decimal degrees by digits that never reach 60.
//!
//! `117.0930` can be 117.093° or 117° 09′ 30″. Of decimal degrees four in ten have 60 or more in the place of the minutes;
//! where twenty numbers have none, chance is no explanation any more.

use std::sync::Arc;

use geo_types::Coord;
use rustc_hash::FxHashSet;

use crate::crs::correction::Packing;
use crate::crs::places;
use crate::model::{Issue, Layer, Severity};
use crate::text::Message;

/// Numbers that are looked at.
const MOST: usize = 400;

/// How likely packed degrees are before anything was seen, beside decimal ones.
const PRIOR: f64 = 0.005;

/// From this likelihood on a layer is told of it.
const SUSPICIOUS: f64 = 0.9;

/// A reading as packed degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PackedReading {
    /// How they are packed.
    pub packing: Packing,
    /// Whether latitude comes first.
    pub swap_axes: bool,
    /// How likely it is, 0 to 1.
    pub likelihood: f64,
    /// Different numbers that speak for it.
    pub compared: usize,
}

/// The readings of coordinates, in the order of the file, as packed degrees that lie in China.
pub fn readings(coords: &[Coord]) -> Vec<PackedReading> {
    let forms = Packing::ALL.into_iter().flat_map(|packing| [(packing, false), (packing, true)]);
    forms.filter_map(|(packing, swap_axes)| reading(coords, packing, swap_axes)).collect()
}

fn reading(coords: &[Coord], packing: Packing, swap_axes: bool) -> Option<PackedReading> {
    let step = coords.len().div_ceil(MOST).max(1);
    let mut seen: FxHashSet<u64> = FxHashSet::default();
    // Numbers whose minutes, and whose seconds, could have been 60 and more.
    let mut chances = 0u32;
    let mut count = 0;
    for c in coords.iter().step_by(step) {
        let c = if swap_axes { Coord { x: c.y, y: c.x } } else { *c };
        let place = Coord { x: packing.degrees(c.x)?, y: packing.degrees(c.y)? };
        if !places::is_in_china(place) {
            return None;
        }
        count += 1;
        for value in [c.x, c.y] {
            let (_, _, minutes, micro) = packing.parts(value)?;
            if seen.insert(value.to_bits()) {
                chances += u32::from(minutes > 0) + u32::from(micro > 0);
            }
        }
    }
    if count == 0 {
        return None;
    }
    let likelihood = match packing {
        // No other reading has numbers of this size in China.
        Packing::Whole => 0.9,
        Packing::Decimal => {
            let odds = PRIOR / 0.6_f64.powf(f64::from(chances.min(200)));
            odds / (1.0 + odds)
        }
    };
    Some(PackedReading { packing, swap_axes, likelihood, compared: seen.len() })
}

/// Warns of a layer of degrees whose numbers look packed: read as decimal degrees it lies kilometres off, and its areas
/// mean nothing. Does nothing where that was said already.
pub fn flag(layer: &mut Layer) {
    if let Some(message) = suspect(layer) {
        Arc::make_mut(&mut layer.issues).push(Issue::new(Severity::Warning, message));
    }
}

/// The warning about a layer whose numbers look packed; `None` for all others, and where it was given already.
pub fn suspect(layer: &Layer) -> Option<Message> {
    let said = layer.issues.iter().any(|issue| issue.message.key == "doctor.packed");
    if said || !layer.crs.is_geographic() || layer.provenance.correction.is_some() {
        return None;
    }
    let total: usize = layer.blocks.iter().map(|block| block.geometry.coords().len()).sum();
    let coords = layer.blocks.iter().flat_map(|block| block.geometry.coords());
    let coords: Vec<Coord> = coords.step_by(total.div_ceil(MOST).max(1)).copied().collect();
    let likely = |found: &PackedReading| found.likelihood >= SUSPICIOUS;
    let found = readings(&coords).into_iter().find(likely)?;
    Some(Message::new("doctor.packed").with("form", found.packing.name()).with("probed", found.compared))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places of a walk through Jinan whose numbers have many digits.
    fn walk() -> Vec<Coord> {
        (0..60).map(f64::from).map(|i| Coord { x: 117.0 + 0.0137 * i * 0.37, y: 36.6 + 0.0091 * i * 0.71 }).collect()
    }

    /// Degrees packed into digits.
    fn pack(degrees: f64, packing: Packing) -> f64 {
        let whole = degrees.trunc();
        let minutes = ((degrees - whole) * 60.0).trunc();
        let seconds = ((degrees - whole) * 60.0 - minutes) * 60.0;
        match packing {
            Packing::Whole => whole * 1e4 + minutes * 100.0 + seconds,
            Packing::Decimal => whole + minutes / 100.0 + seconds / 1e4,
        }
    }

    #[test]
    fn packed_degrees_are_told_from_decimal_ones() {
        for packing in Packing::ALL {
            let packed: Vec<Coord> =
                walk().iter().map(|c| Coord { x: pack(c.x, packing), y: pack(c.y, packing) }).collect();
            let found = readings(&packed);
            assert!(
                matches!(&found[..], [one] if one.packing == packing && !one.swap_axes && one.likelihood >= 0.9),
                "{found:?}"
            );
            for (given, back) in walk().iter().zip(&packed) {
                let x = packing.degrees(back.x).expect("is one");
                assert!((x - given.x).abs() < 1e-9, "{x} {}", given.x);
            }
            let turned: Vec<Coord> = packed.iter().map(|c| Coord { x: c.y, y: c.x }).collect();
            assert!(matches!(&readings(&turned)[..], [one] if one.swap_axes), "{packing:?}");
        }
        assert_eq!(readings(&walk()), []);
        assert_eq!(readings(&[]), []);
        assert_eq!(readings(&[Coord { x: f64::NAN, y: 36.0 }]), []);
    }

    #[test]
    fn few_round_numbers_prove_nothing() {
        let few = [Coord { x: 117.25, y: 36.5 }, Coord { x: 117.3, y: 36.55 }];
        let found = readings(&few);
        assert!(matches!(&found[..], [one] if one.likelihood < 0.2), "{found:?}");
    }
}
