//! Geodetic datums and their ellipsoids, as far as this program must tell them apart.

use crate::text::{Language, tr};

/// A geodetic datum, as far as this program must tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Datum {
    /// China Geodetic Coordinate System 2000.
    Cgcs2000,
    /// World Geodetic System 1984.
    Wgs84,
    /// Xian 1980 (IAG 75 ellipsoid).
    Xian1980,
    /// Beijing 1954 (Krassovsky ellipsoid).
    Beijing1954,
    /// Any other.
    Other,
}

impl Datum {
    /// The datums whose zones have EPSG codes of their own, most likely first.
    pub const CHINA: [Self; 3] = [Self::Cgcs2000, Self::Xian1980, Self::Beijing1954];

    /// Name of the datum's geographic system as EPSG gives it, empty for [`Datum::Other`].
    pub fn name(self) -> &'static str {
        match self {
            Self::Cgcs2000 => "CGCS2000",
            Self::Wgs84 => "WGS 84",
            Self::Xian1980 => "Xian 1980",
            Self::Beijing1954 => "Beijing 1954",
            Self::Other => "",
        }
    }

    /// Name as shown: `西安 1980` for Chinese readers.
    pub fn name_in(self, language: Language) -> &'static str {
        let key = match self {
            Self::Cgcs2000 => "crs.datum-cgcs2000",
            Self::Wgs84 => "crs.datum-wgs84",
            Self::Xian1980 => "crs.datum-xian1980",
            Self::Beijing1954 => "crs.datum-beijing1954",
            Self::Other => "crs.datum-other",
        };
        tr(language, key)
    }

    /// Semi-major axis in metres and inverse flattening of the datum's ellipsoid; `None` for [`Datum::Other`].
    pub fn ellipsoid(self) -> Option<(f64, f64)> {
        match self {
            Self::Cgcs2000 => Some((6_378_137.0, 298.257_222_101)),
            Self::Wgs84 => Some((6_378_137.0, 298.257_223_563)),
            Self::Xian1980 => Some((6_378_140.0, 298.257)),
            Self::Beijing1954 => Some((6_378_245.0, 298.3)),
            Self::Other => None,
        }
    }

    /// Code of the geographic system: longitude and latitude on this datum.
    pub fn geographic_epsg(self) -> Option<u32> {
        match self {
            Self::Cgcs2000 => Some(4490),
            Self::Wgs84 => Some(4326),
            Self::Xian1980 => Some(4610),
            Self::Beijing1954 => Some(4214),
            Self::Other => None,
        }
    }

    /// Whether positions on the two datums may be laid over each other unchanged (to decimetres).
    pub fn agrees_with(self, other: Self) -> bool {
        let global = |datum| matches!(datum, Self::Cgcs2000 | Self::Wgs84);
        self != Self::Other && (self == other || (global(self) && global(other)))
    }

    /// Whether a conversion to another datum needs parameters that are classified or local.
    pub fn needs_parameters(self) -> bool {
        matches!(self, Self::Xian1980 | Self::Beijing1954)
    }
}
