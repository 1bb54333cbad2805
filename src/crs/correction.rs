//! What was done to coordinates before they came, and how it is undone: scrambled by a web map, degrees packed into digits,
//! another unit of length, the plane of a city, another datum.
//!
//! A correction works on the coordinates in memory, never on a source, and gives coordinates of an ordinary CRS: what is
//! measured, drawn and written afterwards knows nothing of it but what the layer's provenance says. Every parameter is a
//! number; the way through PROJ is built from numbers only.

use geo_types::Coord;
use proj::Proj;

use super::gcj02::WebMap;
use super::reproject::create;
use super::{Crs, CrsError, Datum, Reprojector};
use crate::text::{Language, Message, tr};
use crate::units::format_number;

/// What undoes what was done to the coordinates of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// What is undone.
    pub kind: CorrectionKind,
    /// The CRS that the numbers are read in; for a fitted plane that of the result.
    pub from: Crs,
    /// The CRS of the result.
    pub to: Crs,
    /// Whether northing or latitude comes first in the file.
    pub swap_axes: bool,
}

/// What a correction undoes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CorrectionKind {
    /// The scrambling of a web map.
    Unscrambled(WebMap),
    /// Nothing but the order of the two numbers, where it does not show.
    Exchanged,
    /// Degrees, minutes and seconds written as one number.
    Unpacked(Packing),
    /// Another unit of length than the metre of the CRS.
    Scaled(LengthUnit),
    /// A plane of its own, such as a city's, by four parameters.
    Fitted(Similarity),
    /// Another datum, by seven parameters.
    Datum(SevenParameters),
}

/// How degrees, minutes and seconds stand in one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Packing {
    /// `1170930.25` is 117° 09′ 30.25″.
    Whole,
    /// `117.093025` is 117° 09′ 30.25″.
    Decimal,
}

impl Packing {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Whole, Self::Decimal];

    /// How it is written: `DDMMSS.ss`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "DDMMSS.ss",
            Self::Decimal => "D.MMSS",
        }
    }

    /// Degrees, minutes and millionths of a second of a number, and whether it is negative; `None` where minutes or
    /// seconds reach 60, or the number is out of every range.
    pub fn parts(self, packed: f64) -> Option<(bool, u64, u64, u64)> {
        // In digits rather than by fractions: 0.3 of a degree is 0.299999… in binary.
        let digits = match self {
            Self::Whole => packed.abs() * 1e6,
            Self::Decimal => packed.abs() * 1e10,
        };
        if !digits.is_finite() || digits > 4e12 {
            return None;
        }
        let digits = digits.round() as u64;
        let (degrees, minutes, micro) = (digits / 10_000_000_000, digits / 100_000_000 % 100, digits % 100_000_000);
        // The last digit of a rounded number may fill its minute.
        (minutes < 60 && micro <= 60_000_000).then_some((packed < 0.0, degrees, minutes, micro))
    }

    /// Degrees of a packed number; `None` where it is none.
    pub fn degrees(self, packed: f64) -> Option<f64> {
        let (negative, degrees, minutes, micro) = self.parts(packed)?;
        let value = degrees as f64 + minutes as f64 / 60.0 + micro as f64 / 3.6e9;
        Some(if negative { -value } else { value })
    }
}

/// A unit of length that drawings come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LengthUnit {
    /// 0.3048 m.
    Foot,
    /// 1200/3937 m.
    SurveyFoot,
    /// 0.001 m.
    Millimetre,
    /// 1000 m.
    Kilometre,
}

impl LengthUnit {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Foot, Self::SurveyFoot, Self::Millimetre, Self::Kilometre];

    /// Metres in one.
    pub fn metres(self) -> f64 {
        match self {
            Self::Foot => 0.3048,
            Self::SurveyFoot => 1200.0 / 3937.0,
            Self::Millimetre => 0.001,
            Self::Kilometre => 1000.0,
        }
    }

    /// Its word in project files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Foot => "foot",
            Self::SurveyFoot => "us-survey-foot",
            Self::Millimetre => "millimetre",
            Self::Kilometre => "kilometre",
        }
    }

    /// Key of its name for users.
    pub fn key(self) -> &'static str {
        match self {
            Self::Foot => "crs.unit-foot",
            Self::SurveyFoot => "crs.unit-survey-foot",
            Self::Millimetre => "crs.unit-millimetre",
            Self::Kilometre => "crs.unit-kilometre",
        }
    }
}

/// Four parameters: a plane turned, scaled and moved onto another.
///
/// `x' = to.x + a (x − from.x) − b (y − from.y)`, `y' = to.y + b (x − from.x) + a (y − from.y)`: about a point of the
/// plane rather than its origin, which lies thousands of kilometres off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// A point of the plane, in its units.
    pub from: Coord,
    /// Its image, in metres of the CRS.
    pub to: Coord,
    /// Scale times the cosine of the rotation.
    pub a: f64,
    /// Scale times the sine of the rotation, counter-clockwise.
    pub b: f64,
}

impl Similarity {
    /// The image of a point.
    pub fn apply(&self, c: Coord) -> Coord {
        let (dx, dy) = (c.x - self.from.x, c.y - self.from.y);
        Coord { x: self.to.x + self.a * dx - self.b * dy, y: self.to.y + self.b * dx + self.a * dy }
    }

    /// How lengths grow: 1 for none.
    pub fn scale(&self) -> f64 {
        self.a.hypot(self.b)
    }

    /// The turn in seconds of arc, counter-clockwise, −648 000 to 648 000.
    pub fn rotation_arcsec(&self) -> f64 {
        self.b.atan2(self.a).to_degrees() * 3600.0
    }

    /// The image of the plane's origin: ΔX and ΔY as parameters are usually stated.
    pub fn shift(&self) -> Coord {
        self.apply(Coord { x: 0.0, y: 0.0 })
    }

    /// Whether all of it is finite and it does not shrink the plane to nothing.
    pub fn is_usable(&self) -> bool {
        let numbers = [self.from.x, self.from.y, self.to.x, self.to.y, self.a, self.b];
        numbers.iter().all(|v| v.is_finite()) && (1e-4..=1e4).contains(&self.scale())
    }
}

/// Which way rotations are counted: the two differ in the sign of all three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Convention {
    /// The vector turns: Bursa-Wolf as EPSG 9606 has it, and most software.
    #[default]
    PositionVector,
    /// The frame turns: EPSG 9607.
    CoordinateFrame,
}

impl Convention {
    /// Both.
    pub const ALL: [Self; 2] = [Self::PositionVector, Self::CoordinateFrame];

    /// Its word for PROJ and project files.
    pub fn name(self) -> &'static str {
        match self {
            Self::PositionVector => "position_vector",
            Self::CoordinateFrame => "coordinate_frame",
        }
    }

    /// Key of its name for users.
    pub fn key(self) -> &'static str {
        match self {
            Self::PositionVector => "crs.position-vector",
            Self::CoordinateFrame => "crs.coordinate-frame",
        }
    }
}

/// Seven parameters from one datum to another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SevenParameters {
    /// ΔX, ΔY, ΔZ in metres.
    pub translation_m: [f64; 3],
    /// Rotations about X, Y and Z in seconds of arc.
    pub rotation_arcsec: [f64; 3],
    /// Change of scale in parts per million.
    pub scale_ppm: f64,
    /// Which way the rotations are counted.
    pub convention: Convention,
}

/// A parameter that cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{} = {value} {}, expected at most {most} on either side of 0", SevenParameters::NAMES[*.index], SevenParameters::UNITS[*.index])]
pub struct ParameterError {
    /// Which of the seven.
    pub index: usize,
    /// What was given.
    pub value: f64,
    /// The greatest magnitude that is taken.
    pub most: f64,
}

impl ParameterError {
    /// The error as a message of the catalogue, with a guess at the mistake.
    pub fn message(&self) -> Message {
        // A factor of scale, 1.0000012, where parts per million are asked.
        let key = if self.index == 6 { "crs.seven-scale-range" } else { "crs.seven-range" };
        Message::new(key)
            .with("name", SevenParameters::NAMES[self.index])
            .with("value", self.value)
            .with("unit", SevenParameters::UNITS[self.index])
            .with("most", self.most)
    }
}

impl SevenParameters {
    /// Their usual names.
    pub const NAMES: [&'static str; 7] = ["ΔX", "ΔY", "ΔZ", "Rx", "Ry", "Rz", "m"];

    /// Their units.
    pub const UNITS: [&'static str; 7] = ["m", "m", "m", "″", "″", "″", "ppm"];

    /// Greatest magnitudes: datums of China lie within some hundred metres, ten seconds and thirty ppm of CGCS2000.
    const MOST: [f64; 7] = [1000.0, 1000.0, 1000.0, 60.0, 60.0, 60.0, 100.0];

    /// From their values in the order of [`Self::NAMES`].
    ///
    /// # Errors
    /// The first that no datum of China can have.
    pub fn new(values: [f64; 7], convention: Convention) -> Result<Self, ParameterError> {
        for (index, (value, most)) in values.into_iter().zip(Self::MOST).enumerate() {
            if !value.is_finite() || value.abs() > most {
                return Err(ParameterError { index, value, most });
            }
        }
        let [x, y, z, rx, ry, rz, scale_ppm] = values;
        Ok(Self { translation_m: [x, y, z], rotation_arcsec: [rx, ry, rz], scale_ppm, convention })
    }

    /// Their values in the order of [`Self::NAMES`].
    pub fn values(&self) -> [f64; 7] {
        let ([x, y, z], [rx, ry, rz]) = (self.translation_m, self.rotation_arcsec);
        [x, y, z, rx, ry, rz, self.scale_ppm]
    }

    /// Whether something about them looks like another unit: a scale given as a factor, rotations given in radians.
    pub fn looks_wrong(&self) -> Option<Message> {
        if (0.99..=1.01).contains(&self.scale_ppm) && self.scale_ppm != 1.0 {
            return Some(Message::new("crs.seven-looks-factor").with("value", self.scale_ppm));
        }
        let turned = self.rotation_arcsec.iter().any(|r| *r != 0.0);
        let tiny = self.rotation_arcsec.iter().all(|r| r.abs() < 1e-3);
        (turned && tiny).then(|| Message::new("crs.seven-looks-radians"))
    }
}

/// A correction made ready for one thread.
pub struct Corrector {
    way: Way,
}

enum Way {
    Keep,
    Unscramble { to_degrees: Reprojector, from_degrees: Reprojector, map: WebMap },
    Unpack(Packing),
    Scale(f64),
    Fit(Similarity),
    Datum(Box<Proj>),
}

impl Corrector {
    /// The corrected place of a coordinate in x, y order; `None` where it has none.
    pub fn convert_one(&self, c: Coord) -> Option<Coord> {
        let image = match &self.way {
            Way::Unscramble { to_degrees, from_degrees, map } => {
                from_degrees.convert_one(map.unscrambled(to_degrees.convert_one(c)?))?
            }
            Way::Keep => c,
            Way::Unpack(packing) => Coord { x: packing.degrees(c.x)?, y: packing.degrees(c.y)? },
            Way::Scale(metres) => Coord { x: c.x * metres, y: c.y * metres },
            Way::Fit(similarity) => similarity.apply(c),
            // PROJ's reason is always the same: outside the domain of the projection.
            Way::Datum(proj) if c.x.is_finite() && c.y.is_finite() => proj.convert(c).ok()?,
            Way::Datum(_) => return None,
        };
        (image.x.is_finite() && image.y.is_finite()).then_some(image)
    }
}

impl Correction {
    /// Undoes the scrambling of a web map on coordinates in `crs`, which stays.
    pub fn unscrambled(map: WebMap, crs: Crs, swap_axes: bool) -> Self {
        Self { kind: CorrectionKind::Unscrambled(map), from: crs.clone(), to: crs, swap_axes }
    }

    /// Makes it ready for one thread.
    ///
    /// # Errors
    /// [`CrsError::Unsupported`] where a datum of no known ellipsoid is to be left, PROJ's own otherwise.
    pub fn prepare(&self) -> Result<Corrector, CrsError> {
        let way = match self.kind {
            CorrectionKind::Unscrambled(map) => Way::Unscramble {
                to_degrees: Reprojector::new(&self.from, &Crs::wgs84())?,
                from_degrees: Reprojector::new(&Crs::wgs84(), &self.to)?,
                map,
            },
            CorrectionKind::Exchanged => Way::Keep,
            CorrectionKind::Unpacked(packing) => Way::Unpack(packing),
            CorrectionKind::Scaled(unit) => Way::Scale(unit.metres() / self.to.metres_per_unit()),
            CorrectionKind::Fitted(similarity) => Way::Fit(similarity),
            CorrectionKind::Datum(parameters) => {
                Way::Datum(Box::new(way_of_datums(&self.from, &self.to, &parameters)?))
            }
        };
        Ok(Corrector { way })
    }

    /// Whether a web map's scrambling is what is undone.
    pub fn undoes_web_map(&self) -> bool {
        matches!(self.kind, CorrectionKind::Unscrambled(_))
    }

    /// What is undone, in a few words for lists.
    pub fn title(&self, language: Language) -> String {
        match self.kind {
            CorrectionKind::Unscrambled(map) => Message::new("crs.undo-web-map").with("map", map.name()),
            CorrectionKind::Exchanged => Message::new("crs.undo-exchanged"),
            CorrectionKind::Unpacked(packing) => Message::new("crs.undo-packed").with("form", packing.name()),
            CorrectionKind::Scaled(unit) => {
                Message::new("crs.undo-unit").with_said("unit", |language| tr(language, unit.key()).to_owned())
            }
            CorrectionKind::Fitted(_) => Message::new("crs.undo-fit"),
            CorrectionKind::Datum(_) => {
                Message::new("crs.undo-datum").with_said("from", |l| self.from.datum().name_in(l).to_owned())
            }
        }
        .text(language)
    }

    /// What was done, in a sentence for the layer.
    pub fn message(&self) -> Message {
        let message = match self.kind {
            CorrectionKind::Unscrambled(map) => Message::new("crs.corrected-web-map").with("map", map.name()),
            CorrectionKind::Exchanged => Message::new("crs.corrected-exchanged"),
            CorrectionKind::Unpacked(packing) => Message::new("crs.corrected-packed").with("form", packing.name()),
            CorrectionKind::Scaled(unit) => {
                Message::new("crs.corrected-unit").with_said("unit", |language| tr(language, unit.key()).to_owned())
            }
            CorrectionKind::Fitted(fitted) => Message::new("crs.corrected-fit")
                .with("dx", format_number(fitted.shift().x, 3))
                .with("dy", format_number(fitted.shift().y, 3))
                .with("rotation", format!("{:.3}", fitted.rotation_arcsec()))
                .with("scale", format!("{:.9}", fitted.scale())),
            CorrectionKind::Datum(parameters) => Message::new("crs.corrected-datum")
                .with_said("from", |language| self.from.reference_in(language))
                .with("parameters", parameters_text(&parameters))
                .with_said("convention", |language| tr(language, parameters.convention.key()).to_owned()),
        };
        message.with_said("crs", |language| self.to.reference_in(language))
    }
}

/// `ΔX 12.3 m, ΔY …`.
fn parameters_text(parameters: &SevenParameters) -> String {
    let named = SevenParameters::NAMES.iter().zip(SevenParameters::UNITS).zip(parameters.values());
    let texts: Vec<String> = named.map(|((name, unit), value)| format!("{name} {value} {unit}")).collect();
    texts.join(", ")
}

/// The CRS of the same kind on CGCS2000: the same zone, or longitude and latitude. `None` for systems that have none there.
pub fn on_cgcs2000(crs: &Crs) -> Option<Crs> {
    match crs.gauss_kruger() {
        Some(zone) if zone.width_deg == 3 => Crs::gauss_kruger_3(Datum::Cgcs2000, zone.zone, zone.prefixed),
        Some(zone) => Crs::gauss_kruger_6(Datum::Cgcs2000, zone.zone, zone.prefixed),
        None => crs.is_geographic().then(Crs::cgcs2000),
    }
}

/// From one datum to another through geocentric coordinates. Heights are taken as 0 on the ellipsoid, which at 4000 m costs
/// the plane about a decimetre.
fn way_of_datums(from: &Crs, to: &Crs, parameters: &SevenParameters) -> Result<Proj, CrsError> {
    let unsupported = |crs: &Crs| CrsError::Unsupported(crs.reference());
    let step = |crs: &Crs, inverse: bool| match (&crs.0.step, crs.is_geographic()) {
        (Some(step), _) => Ok(format!(" +step{} {step}", if inverse { " +inv" } else { "" })),
        (None, true) if inverse => Ok(" +step +proj=unitconvert +xy_in=deg +xy_out=rad".to_owned()),
        (None, true) => Ok(" +step +proj=unitconvert +xy_in=rad +xy_out=deg".to_owned()),
        (None, false) => Err(unsupported(crs)),
    };
    let cart = |crs: &Crs, inverse: &str| {
        let (axis, flattening) = crs.datum().ellipsoid().ok_or_else(|| unsupported(crs))?;
        Ok(format!(" +step{inverse} +proj=cart +a={axis} +rf={flattening}"))
    };
    let [x, y, z, rx, ry, rz, scale] = parameters.values();
    // Display of a double writes no exponent, which PROJ would read all the same.
    let helmert = format!(
        " +step +proj=helmert +x={x} +y={y} +z={z} +rx={rx} +ry={ry} +rz={rz} +s={scale} +convention={}",
        parameters.convention.name()
    );
    let text = format!(
        "+proj=pipeline{}{}{helmert}{}{}",
        step(from, true)?,
        cart(from, "")?,
        cart(to, " +inv")?,
        step(to, false)?
    );
    create(|| Proj::new(&text))
}

#[cfg(test)]
mod tests;
