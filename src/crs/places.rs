//! Where in China a position lies, well enough for a planner to see that a reading is wrong: a coarse outline, and the
//! nearest city of a short list (`assets/places/cities.csv`, seats of prefectures to about 0.05°).

use std::sync::OnceLock;

use geo_types::Coord;

use crate::text::{Language, Message, tr};

/// Mean radius of the earth in metres; distances to cities are good to 0.5 %.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A position told by the nearest city.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    city: &'static City,
    /// Kilometres from the city.
    pub distance_km: f64,
    /// One of eight directions from the city, 0 = north, clockwise.
    octant: usize,
}

#[derive(Debug, PartialEq)]
struct City {
    chinese: &'static str,
    english: &'static str,
    position: Coord,
}

impl Place {
    /// The place in words: `济南东北约 23 km`.
    pub fn text(&self, language: Language) -> String {
        const DIRECTIONS: [&str; 8] = [
            "crs.north",
            "crs.north-east",
            "crs.east",
            "crs.south-east",
            "crs.south",
            "crs.south-west",
            "crs.west",
            "crs.north-west",
        ];
        let name = match language {
            Language::Chinese => self.city.chinese,
            Language::English => self.city.english,
        };
        if self.distance_km < 15.0 {
            return Message::new("crs.place-at").with("city", name).text(language);
        }
        Message::new("crs.place-near")
            .with("city", name)
            .with("direction", tr(language, DIRECTIONS[self.octant]))
            .with("km", format!("{:.0}", self.distance_km))
            .text(language)
    }
}

/// The nearest city to a position in degrees, and the way from it; `None` beyond 600 km of any.
pub fn nearest(position: Coord) -> Option<Place> {
    let city =
        cities().iter().min_by(|a, b| distance_m(a.position, position).total_cmp(&distance_m(b.position, position)))?;
    let distance_km = distance_m(city.position, position) / 1e3;
    let east = (position.x - city.position.x) * position.y.to_radians().cos();
    let bearing_deg = east.atan2(position.y - city.position.y).to_degrees();
    let octant = ((bearing_deg / 45.0).round() as i64).rem_euclid(8) as usize;
    (distance_km <= 600.0).then_some(Place { city, distance_km, octant })
}

/// Distance in metres between two positions in degrees, on a sphere (haversine formula).
pub fn distance_m(a: Coord, b: Coord) -> f64 {
    let (lat_a, lat_b) = (a.y.to_radians(), b.y.to_radians());
    let half_lat = ((lat_b - lat_a) / 2.0).sin();
    let half_lon = ((b.x - a.x).to_radians() / 2.0).sin();
    let h = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lon * half_lon;
    2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
}

/// Corners of the coarse outline of China that [`is_in_china`] goes by, degrees, clockwise; the islands of the south lie
/// outside of it.
pub fn outline() -> &'static [(f64, f64)] {
    &OUTLINE
}

/// Whether a position in degrees lies in China or its near waters, by an outline some 50 km generous.
pub fn is_in_china(position: Coord) -> bool {
    let Coord { x, y } = position;
    // The islands of the South China Sea.
    if (109.0..=118.5).contains(&x) && (3.0..=20.5).contains(&y) {
        return true;
    }
    let mut inside = false;
    for (i, &(x1, y1)) in OUTLINE.iter().enumerate() {
        let (x2, y2) = OUTLINE[(i + 1) % OUTLINE.len()];
        if (y1 > y) != (y2 > y) && x < x1 + (y - y1) / (y2 - y1) * (x2 - x1) {
            inside = !inside;
        }
    }
    inside
}

/// Share of the cities that lie in the 3° zone of this number: how likely a planner works there.
pub fn share_of_zone(zone: u8) -> f64 {
    let in_zone = |city: &&City| super::zones::zone_3_of_longitude(city.position.x) == Some(zone);
    cities().iter().filter(in_zone).count() as f64 / cities().len() as f64
}

fn cities() -> &'static [City] {
    static CITIES: OnceLock<Vec<City>> = OnceLock::new();
    CITIES.get_or_init(|| {
        let read = |line: &'static str| {
            let mut cells = line.split(',');
            let (chinese, english) = (cells.next()?, cells.next()?);
            let mut number = || cells.next()?.trim().parse::<f64>().ok(); // checked by a test
            Some(City { chinese, english, position: Coord { x: number()?, y: number()? } })
        };
        include_str!("../../assets/places/cities.csv").lines().skip(1).filter_map(read).collect()
    })
}

/// Corners of the outline, degrees, clockwise from the Pamirs.
const OUTLINE: [(f64, f64); 58] = [
    (73.0, 39.5),
    (73.6, 40.8),
    (76.0, 41.4),
    (79.8, 42.6),
    (79.5, 45.4),
    (82.0, 45.9),
    (82.6, 47.6),
    (85.2, 47.7),
    (85.2, 48.9),
    (87.8, 49.7),
    (91.4, 47.6),
    (91.6, 45.6),
    (95.9, 44.8),
    (97.0, 43.3),
    (101.0, 43.1),
    (105.0, 42.1),
    (109.5, 43.0),
    (111.5, 45.4),
    (115.6, 47.0),
    (115.0, 48.2),
    (117.5, 50.2),
    (118.8, 50.8),
    (119.5, 52.7),
    (120.4, 53.8),
    (123.6, 54.1),
    (126.4, 53.4),
    (128.3, 50.5),
    (130.8, 49.5),
    (131.5, 48.5),
    (135.6, 48.9),
    (135.2, 47.3),
    (133.6, 44.6),
    (131.9, 44.4),
    (131.5, 42.3),
    (128.6, 41.4),
    (125.2, 39.9),
    (123.2, 38.6),
    (123.6, 37.0),
    (122.4, 35.0),
    (122.9, 32.0),
    (123.7, 30.2),
    (122.8, 27.0),
    (122.8, 25.0),
    (121.6, 21.4),
    (117.0, 21.8),
    (112.0, 20.3),
    (112.0, 17.0),
    (107.8, 17.0),
    (107.6, 21.0),
    (105.3, 22.4),
    (102.0, 21.8),
    (101.1, 20.6),
    (98.4, 21.8),
    (97.0, 24.0),
    (91.8, 26.2),
    (85.5, 27.4),
    (77.9, 31.5),
    (73.6, 37.2),
];
