//! What the coordinates of a file look like, whatever it says about them.
//!
//! Each coordinate pair is put into one [`Shape`] by the ranges in which coordinates in China fall, and each shape keeps
//! a count and an extent, so that a few stray points neither hide nor blow up what the rest say.

use geo_types::Coord;

/// Eastings without prefix in which a Gauss-Krüger reading is taken: ±334 km of the meridian, 3° at China's south.
pub const EASTING_M: std::ops::RangeInclusive<f64> = 166_000.0..=834_000.0;

/// Northings of China, 17° to 54° N.
const NORTHING_M: std::ops::RangeInclusive<f64> = 1.9e6..=6.0e6;

/// What a coordinate pair looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// (0, 0): more often an empty record than a place.
    Zero,
    /// Longitude and latitude within China's.
    LonLat,
    /// Latitude and longitude within China's.
    LatLon,
    /// Degrees elsewhere, longitude first.
    Degrees,
    /// Degrees elsewhere, latitude first: the second value is beyond 90.
    DegreesSwapped,
    /// Easting with the number of a 3° zone, northing.
    Prefixed3,
    /// Northing, easting with the number of a 3° zone.
    Prefixed3Swapped,
    /// Easting with the number of a 6° zone, northing. Parts of Web Mercator look the same.
    Prefixed6,
    /// Northing, easting with the number of a 6° zone.
    Prefixed6Swapped,
    /// Easting without prefix, northing.
    Plain,
    /// Northing, easting without prefix.
    PlainSwapped,
    /// Web Mercator metres of China that no 6° zone could have.
    WebMercator,
    /// None of these.
    Other,
}

impl Shape {
    pub(super) const ALL: [Self; 13] = [
        Self::Zero,
        Self::LonLat,
        Self::LatLon,
        Self::Degrees,
        Self::DegreesSwapped,
        Self::Prefixed3,
        Self::Prefixed3Swapped,
        Self::Prefixed6,
        Self::Prefixed6Swapped,
        Self::Plain,
        Self::PlainSwapped,
        Self::WebMercator,
        Self::Other,
    ];

    /// The shape of a finite coordinate pair, in the order of the file.
    pub fn of(c: Coord) -> Self {
        let Coord { x, y } = c;
        if x == 0.0 && y == 0.0 {
            return Self::Zero;
        }
        if x.abs() <= 360.0 && y.abs() <= 180.0 {
            let (lon, lat) = (73.0..=136.0, 3.0..=54.0);
            return if lon.contains(&x) && lat.contains(&y) {
                Self::LonLat
            } else if lat.contains(&x) && lon.contains(&y) {
                Self::LatLon
            } else if y.abs() <= 90.0 {
                Self::Degrees
            } else if x.abs() <= 90.0 {
                Self::DegreesSwapped
            } else {
                Self::Other
            };
        }
        let northing = |v: f64| NORTHING_M.contains(&v);
        if northing(y) {
            if let Some(shape) = prefixed(x, Self::Prefixed3, Self::Prefixed6) {
                return shape;
            }
            if (150_000.0..=850_000.0).contains(&x) {
                return Self::Plain;
            }
        }
        if (8e6..=1.6e7).contains(&x) && (3e5..=7.2e6).contains(&y) {
            return Self::WebMercator;
        }
        if northing(x) {
            if let Some(shape) = prefixed(y, Self::Prefixed3Swapped, Self::Prefixed6Swapped) {
                return shape;
            }
            if (150_000.0..=850_000.0).contains(&y) {
                return Self::PlainSwapped;
            }
        }
        Self::Other
    }

    /// Whether the pair is degrees of any order.
    pub fn is_degrees(self) -> bool {
        matches!(self, Self::Zero | Self::LonLat | Self::LatLon | Self::Degrees | Self::DegreesSwapped)
    }

    /// Whether northing or latitude comes first.
    pub fn is_swapped(self) -> bool {
        matches!(
            self,
            Self::LatLon | Self::DegreesSwapped | Self::Prefixed3Swapped | Self::Prefixed6Swapped | Self::PlainSwapped
        )
    }
}

/// The shape of an easting that carries a zone number.
fn prefixed(easting: f64, three: Shape, six: Shape) -> Option<Shape> {
    match easting {
        25e6..46e6 => Some(three),
        13e6..24e6 if EASTING_M.contains(&within_zone(easting)) => Some(six),
        _ => None,
    }
}

/// An easting without the zone number before it: the remainder to a million, many times faster than a remainder of
/// doubles. Of eastings of less than 10⁹ it is exact; next to a full million it may be a hair below 0 instead of above.
#[inline]
fn within_zone(easting: f64) -> f64 {
    easting - (easting / 1e6).trunc() * 1e6
}

/// Coordinates that are looked at together: some features, which nearly always lie close to each other.
const STRETCH: usize = 256;

/// Count and extent of the coordinates of one shape, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tally {
    /// Coordinates.
    pub count: u64,
    /// Smallest first and second value.
    pub min: Coord,
    /// Largest first and second value.
    pub max: Coord,
}

impl Tally {
    const EMPTY: Self = Self {
        count: 0,
        min: Coord { x: f64::INFINITY, y: f64::INFINITY },
        max: Coord { x: f64::NEG_INFINITY, y: f64::NEG_INFINITY },
    };

    fn add(&mut self, c: Coord) {
        self.count += 1;
        self.include(c, c);
    }

    fn include(&mut self, min: Coord, max: Coord) {
        self.min = Coord { x: self.min.x.min(min.x), y: self.min.y.min(min.y) };
        self.max = Coord { x: self.max.x.max(max.x), y: self.max.y.max(max.y) };
    }

    /// The middle of the extent.
    pub fn center(&self) -> Coord {
        Coord { x: f64::midpoint(self.min.x, self.max.x), y: f64::midpoint(self.min.y, self.max.y) }
    }

    /// The same with x and y exchanged.
    #[must_use]
    pub fn swapped(&self) -> Self {
        let swap = |c: Coord| Coord { x: c.y, y: c.x };
        Self { count: self.count, min: swap(self.min), max: swap(self.max) }
    }
}

/// The coordinates of a file, counted by shape. Collect all of them, or some: the more, the surer the decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    first: Option<Coord>,
    tallies: [Tally; Shape::ALL.len()],
    /// Coordinates by zone prefix, among those of the prefixed shapes that lie near the zone's meridian.
    prefixes: [u64; 46],
}

impl Default for Sample {
    fn default() -> Self {
        Self { first: None, tallies: [Tally::EMPTY; Shape::ALL.len()], prefixes: [0; 46] }
    }
}

impl Sample {
    /// A sample of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A sample of these coordinates, in the order of the file.
    pub fn of(coords: &[Coord]) -> Self {
        let mut sample = Self::new();
        for stretch in coords.chunks(STRETCH) {
            if !sample.add_alike(stretch) {
                stretch.iter().for_each(|c| sample.add(*c));
            }
        }
        sample
    }

    /// Counts coordinates at once where they are of one shape for certain, which is told by their extent alone; otherwise
    /// counts none and gives `false`. What is counted is the same as one by one.
    fn add_alike(&mut self, coords: &[Coord]) -> bool {
        let Some(first) = coords.first().copied() else { return true };
        let (mut min, mut max, mut is_finite) = (first, first, true);
        for c in coords {
            is_finite &= c.x.is_finite() & c.y.is_finite();
            min.x = if c.x < min.x { c.x } else { min.x };
            min.y = if c.y < min.y { c.y } else { min.y };
            max.x = if c.x > max.x { c.x } else { max.x };
            max.y = if c.y > max.y { c.y } else { max.y };
        }
        // Each of these shapes is a box in which no other lies: with two corners in it, all between them are.
        let shape = Shape::of(min);
        let is_box = matches!(shape, Shape::LonLat | Shape::Prefixed3 | Shape::Plain);
        if !is_finite || !is_box || Shape::of(max) != shape {
            return false;
        }
        let count = coords.len() as u64;
        if shape == Shape::Prefixed3 {
            let zone = (min.x / 1e6) as usize;
            // Within one zone, and no closer to its edges than its corners are.
            let is_near = [min.x, max.x].iter().all(|x| EASTING_M.contains(&within_zone(*x)));
            if zone != (max.x / 1e6) as usize || !is_near {
                return false;
            }
            self.prefixes[zone] += count;
        }
        self.first.get_or_insert(first);
        let tally = &mut self.tallies[shape as usize];
        tally.count += count;
        tally.include(min, max);
        true
    }

    /// Counts a coordinate; values that are not finite are passed over.
    pub fn add(&mut self, c: Coord) {
        if !(c.x.is_finite() && c.y.is_finite()) {
            return;
        }
        self.first.get_or_insert(c);
        let shape = Shape::of(c);
        self.tallies[shape as usize].add(c);
        let easting = match shape {
            Shape::Prefixed3 | Shape::Prefixed6 => c.x,
            Shape::Prefixed3Swapped | Shape::Prefixed6Swapped => c.y,
            _ => return,
        };
        // 38 990 000 is the far west of zone 39 as likely as the far east of zone 38: neither is counted.
        if EASTING_M.contains(&within_zone(easting)) {
            self.prefixes[(easting / 1e6) as usize] += 1;
        }
    }

    /// Adds another sample that follows this one in the file.
    pub fn merge(&mut self, other: &Self) {
        self.first = self.first.or(other.first);
        for (mine, theirs) in self.tallies.iter_mut().zip(&other.tallies) {
            mine.count += theirs.count;
            mine.include(theirs.min, theirs.max);
        }
        for (mine, theirs) in self.prefixes.iter_mut().zip(&other.prefixes) {
            *mine += theirs;
        }
    }

    /// The file's first finite coordinate.
    pub fn first(&self) -> Option<Coord> {
        self.first
    }

    /// Finite coordinates counted.
    pub fn coord_count(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.count).sum()
    }

    /// Count and extent of one shape.
    pub fn tally(&self, shape: Shape) -> Tally {
        self.tallies[shape as usize]
    }

    /// The commonest shape and its tally, (0, 0) aside unless there is nothing else; `None` for an empty sample.
    pub fn majority(&self) -> Option<(Shape, Tally)> {
        let most = Shape::ALL[1..]
            .iter()
            .map(|shape| (*shape, self.tally(*shape)))
            .filter(|(_, tally)| tally.count > 0)
            .reduce(|most, next| if next.1.count > most.1.count { next } else { most });
        let zero = self.tally(Shape::Zero);
        most.or((zero.count > 0).then_some((Shape::Zero, zero)))
    }

    /// Zone prefixes with their counts, commonest first.
    pub fn prefixes(&self) -> Vec<(u8, u64)> {
        let mut found: Vec<_> = (0u8..).zip(self.prefixes).filter(|(_, count)| *count > 0).collect();
        found.sort_by_key(|(zone, count)| (std::cmp::Reverse(*count), *zone));
        found
    }
}
