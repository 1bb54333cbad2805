//! Coordinate reference systems, and reprojection through PROJ.
//!
//! Coordinates are always x = easting or longitude first, whatever the axis order that an authority declares.

use std::sync::Arc;

use geo_types::Coord;

use crate::text::Message;

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

/// A Gauss-Krüger zone: transverse Mercator with scale 1 on the central meridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussKruger {
    /// Its datum.
    pub datum: Datum,
    /// 3 or 6.
    pub width_deg: u8,
    /// Zone number: 25-45 of 3°, 13-23 of 6°.
    pub zone: u8,
    /// Whether eastings carry the zone number (39 500 000 on the meridian).
    pub prefixed: bool,
    /// Central meridian, degrees east.
    pub central_meridian_deg: f64,
    /// Easting of the central meridian: 500 000, or zone · 10⁶ + 500 000 when prefixed.
    pub false_easting_m: f64,
}

/// What coordinates in a CRS are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CrsKind {
    /// Longitude and latitude in degrees.
    Geographic,
    /// Metres in a Gauss-Krüger zone.
    GaussKruger(GaussKruger),
    /// Metres (or another length) in another projection.
    Projected,
}

/// A coordinate reference system; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Crs(Arc<Definition>);

#[derive(Debug, PartialEq)]
struct Definition {
    /// `EPSG:4527`, `OGC:CRS84`, or a PROJ string: what PROJ is given and what is written to files.
    code: String,
    name: String,
    kind: CrsKind,
    datum: Datum,
}

/// Why a CRS could not be had or used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CrsError {
    /// Nothing of that name or number is known.
    #[error(
        "unknown CRS {0:?}, expected a code such as EPSG:4527 or a name such as CGCS2000 / 3-degree Gauss-Kruger zone 39"
    )]
    Unknown(String),
    /// PROJ would return the same numbers, tens of metres off: parameters are needed.
    #[error(
        "{from} to {to} needs transformation parameters, which are classified or local: have the data converted by the survey office, or state the CRS of the result"
    )]
    NeedsParameters {
        /// Name of the source CRS.
        from: String,
        /// Name of the target CRS.
        to: String,
    },
    /// PROJ's own words.
    #[error("PROJ: {0}")]
    Proj(String),
}

impl CrsError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Unknown(text) => Message::new("crs.unknown").with("text", text),
            Self::NeedsParameters { from, to } => {
                Message::new("crs.needs-parameters").with("from", from).with("to", to)
            }
            Self::Proj(text) => Message::new("crs.proj").with("text", text),
        }
    }
}

/// A coordinate that could not be converted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("coordinate {index} ({x}, {y}) cannot be converted")]
pub struct ReprojectError {
    /// Index in the slice given.
    pub index: usize,
    /// Its x before.
    pub x: f64,
    /// Its y before.
    pub y: f64,
}

impl Crs {
    /// WGS 84 longitude and latitude, `OGC:CRS84`: what RFC 7946 prescribes.
    pub fn wgs84() -> Self {
        Self::new("OGC:CRS84", "WGS 84 (lon/lat)", CrsKind::Geographic, Datum::Wgs84)
    }

    /// CGCS2000 longitude and latitude, `EPSG:4490`.
    pub fn cgcs2000() -> Self {
        Self::new("EPSG:4490", "CGCS2000", CrsKind::Geographic, Datum::Cgcs2000)
    }

    fn new(code: &str, name: &str, kind: CrsKind, datum: Datum) -> Self {
        Self(Arc::new(Definition { code: code.to_owned(), name: name.to_owned(), kind, datum }))
    }

    /// `EPSG:4527`, `OGC:CRS84`, or a PROJ string.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// Name as the authority gives it.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What its coordinates are.
    pub fn kind(&self) -> CrsKind {
        self.0.kind
    }

    /// Its datum.
    pub fn datum(&self) -> Datum {
        self.0.datum
    }

    /// Whether coordinates are degrees.
    pub fn is_geographic(&self) -> bool {
        self.0.kind == CrsKind::Geographic
    }

    /// The Gauss-Krüger zone, where it is one.
    pub fn gauss_kruger(&self) -> Option<GaussKruger> {
        match self.0.kind {
            CrsKind::GaussKruger(zone) => Some(zone),
            _ => None,
        }
    }
}

/// Placeholder until conversions are in place.
pub struct Reprojector;

impl Reprojector {
    /// A converter from one CRS to another.
    ///
    /// # Errors
    /// [`CrsError::NeedsParameters`] between datums that PROJ would silently equate, [`CrsError::Proj`] where PROJ fails.
    pub fn new(_from: &Crs, _to: &Crs) -> Result<Self, CrsError> {
        Ok(Self)
    }

    /// Converts in place.
    ///
    /// # Errors
    /// The first coordinate that has no finite image; those after it are not converted.
    pub fn convert(&self, _coords: &mut [Coord]) -> Result<(), ReprojectError> {
        Ok(())
    }
}
