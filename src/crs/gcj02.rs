//! GCJ-02 and BD-09, the scrambled positions of Chinese web maps.
//!
//! They are used to tell that a file lies hundreds of metres off because it was drawn on such a map, and to undo that on a
//! copy. Nothing is measured or written in them. The formulae were never published; these are the ones that circulate, which
//! agree with the maps to metres. All coordinates are degrees, longitude first.

use geo_types::Coord;

use std::f64::consts::PI;

/// Which web maps scramble positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WebMap {
    /// GCJ-02: Amap, Tencent, Google in China.
    Gcj02,
    /// BD-09: Baidu.
    Bd09,
}

impl WebMap {
    /// Both, the commoner first.
    pub const ALL: [Self; 2] = [Self::Gcj02, Self::Bd09];

    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gcj02 => "GCJ-02",
            Self::Bd09 => "BD-09",
        }
    }

    /// The map of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|map| map.name() == name)
    }

    /// The scrambled position of a place on WGS 84, in degrees.
    pub fn scrambled(self, c: Coord) -> Coord {
        match self {
            Self::Gcj02 => gcj02_from_wgs84(c),
            Self::Bd09 => bd09_from_gcj02(gcj02_from_wgs84(c)),
        }
    }

    /// The place on WGS 84 of a scrambled position, in degrees.
    pub fn unscrambled(self, c: Coord) -> Coord {
        match self {
            Self::Gcj02 => wgs84_from_gcj02(c),
            Self::Bd09 => wgs84_from_bd09(c),
        }
    }
}

/// Semi-major axis and squared eccentricity of the ellipsoid (Krassovsky's) that the scrambling uses.
const AXIS_M: f64 = 6_378_245.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;

/// Metres that mean "no further change" when a scrambling is undone step by step, as degrees.
const CONVERGED_DEG: f64 = 1e-13;

/// WGS 84 (or CGCS2000) to GCJ-02. Positions outside the box 72.004°-137.8347° E, 0.8293°-55.8271° N stay as they are.
pub fn gcj02_from_wgs84(c: Coord) -> Coord {
    if !((72.004..=137.8347).contains(&c.x) && (0.8293..=55.8271).contains(&c.y)) {
        return c;
    }
    scrambled(c)
}

/// GCJ-02 to WGS 84 by fixed-point iteration, good to less than 10⁻⁸ m of the formula's inverse.
pub fn wgs84_from_gcj02(c: Coord) -> Coord {
    inverse(c, gcj02_from_wgs84)
}

/// GCJ-02 to BD-09, the positions of Baidu's maps.
pub fn bd09_from_gcj02(c: Coord) -> Coord {
    let k = PI * 3000.0 / 180.0;
    let radius = c.x.hypot(c.y) + 2e-5 * (c.y * k).sin();
    let angle = c.y.atan2(c.x) + 3e-6 * (c.x * k).cos();
    Coord { x: radius * angle.cos() + 0.0065, y: radius * angle.sin() + 0.006 }
}

/// BD-09 to GCJ-02 by fixed-point iteration.
pub fn gcj02_from_bd09(c: Coord) -> Coord {
    inverse(c, bd09_from_gcj02)
}

/// BD-09 to WGS 84.
pub fn wgs84_from_bd09(c: Coord) -> Coord {
    wgs84_from_gcj02(gcj02_from_bd09(c))
}

fn inverse(target: Coord, forward: impl Fn(Coord) -> Coord) -> Coord {
    let mut guess = target;
    for _ in 0..30 {
        let image = forward(guess);
        let (dx, dy) = (image.x - target.x, image.y - target.y);
        guess = Coord { x: guess.x - dx, y: guess.y - dy };
        if dx.abs() < CONVERGED_DEG && dy.abs() < CONVERGED_DEG {
            break;
        }
    }
    guess
}

fn scrambled(c: Coord) -> Coord {
    let (x, y) = (c.x - 105.0, c.y - 35.0);
    let wave = |amplitude: f64, angle: f64| amplitude * (angle * PI).sin();
    let ripple = 2.0 / 3.0 * (wave(20.0, 6.0 * x) + wave(20.0, 2.0 * x));
    let root = x.abs().sqrt();
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + ripple
        + 2.0 / 3.0 * (wave(20.0, y) + wave(40.0, y / 3.0))
        + 2.0 / 3.0 * (wave(160.0, y / 12.0) + wave(320.0, y / 30.0));
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + ripple
        + 2.0 / 3.0 * (wave(20.0, x) + wave(40.0, x / 3.0))
        + 2.0 / 3.0 * (wave(150.0, x / 12.0) + wave(300.0, x / 30.0));
    let latitude = c.y.to_radians();
    let m = 1.0 - ECCENTRICITY_SQUARED * latitude.sin().powi(2);
    let meridian_m = AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (m * m.sqrt());
    let parallel_m = AXIS_M / m.sqrt() * latitude.cos();
    Coord { x: c.x + (east / parallel_m).to_degrees(), y: c.y + (north / meridian_m).to_degrees() }
}
