//! Places that were typed, in the CRS of the map.

use crate::crs::{Crs, Reprojector};
use crate::model::Coord;
use crate::ui::session::Session;
use crate::ui::work::coordinates::Typed;

/// A typed place in the project CRS.
pub fn in_project(session: &Session, typed: Typed) -> Option<Coord> {
    let crs = session.workspace.crs.as_ref()?;
    match typed {
        Typed::Projected(_) | Typed::Unordered(_) if crs.is_geographic() => None,
        Typed::Projected(place) => in_zone(crs, place),
        // The order in which it lies nearer to what is open is the one that was meant.
        Typed::Unordered(Coord { x, y }) => {
            let extent = session.full_extent();
            let middle = if extent.is_empty() { session.view.center } else { extent.center() };
            let places = [Coord { x, y }, Coord { x: y, y: x }].into_iter().filter_map(|place| in_zone(crs, place));
            let distance = |place: &Coord| (place.x - middle.x).hypot(place.y - middle.y);
            places.min_by(|a, b| distance(a).total_cmp(&distance(b)))
        }
        Typed::Geographic(place) if crs.is_geographic() => Some(place),
        // Once for each place that is typed: a converter is not kept.
        Typed::Geographic(place) => Reprojector::new(&Crs::cgcs2000(), crs).ok()?.convert_one(place),
    }
}

/// Eastings from here on carry the number of a Gauss-Krüger zone, those of China's 3° zones from the second on: those
/// of no other system reach there.
const PREFIXED: f64 = 1e7;
const PREFIXED_3: f64 = 2.5e7;

/// Easting and northing in the project CRS, where the zone number was typed and the CRS has none, or another one, or
/// the other way round.
fn in_zone(crs: &Crs, place: Coord) -> Option<Coord> {
    let zone = crs.gauss_kruger();
    let from = if zone.is_some() { PREFIXED } else { PREFIXED_3 };
    if place.x < from {
        let prefix = zone.filter(|zone| zone.prefixed && place.x < 1e6);
        return Some(Coord { x: place.x + prefix.map_or(0.0, |zone| f64::from(zone.zone) * 1e6), ..place });
    }
    let number = (place.x / 1e6).floor() as u8;
    if zone.is_some_and(|zone| zone.prefixed && zone.zone == number) {
        return Some(place);
    }
    let of_3 = Crs::gauss_kruger_3(crs.datum(), number, true);
    let Some(typed) = of_3.or_else(|| Crs::gauss_kruger_6(crs.datum(), number, true)) else { return Some(place) };
    Reprojector::new(&typed, crs).ok()?.convert_one(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_numbers_are_put_before_eastings_and_taken_away() {
        let crs = |code| Crs::from_epsg(code).expect("is known");
        let at = |code, x| in_zone(&crs(code), Coord { x, y: 4_076_100.0 }).expect("lies there");
        // EPSG 4527: zone 39 with its number; 4548: the same meridian without; 4526: zone 38.
        assert_eq!(at(4527, 39_506_400.0).x, 39_506_400.0);
        assert_eq!(at(4527, 506_400.0).x, 39_506_400.0);
        assert!((at(4548, 39_506_400.0).x - 506_400.0).abs() < 1e-3);
        assert_eq!(at(4548, 506_400.0).x, 506_400.0);
        let neighbour = at(4526, 39_506_400.0);
        assert!(neighbour.x > 38_700_000.0 && neighbour.x < 38_800_000.0, "{neighbour:?}");
        // Eastings of Web Mercator are as large as those of 6° zones.
        assert_eq!(at(3857, 13_024_000.0).x, 13_024_000.0);
    }
}
