//! What is undone of a layer's coordinates, as a record.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::words::is_no;
use crate::crs::Crs;
use crate::crs::correction::{
    Convention, Correction, CorrectionKind, LengthUnit, Packing, SevenParameters, Similarity,
};
use crate::crs::gcj02::WebMap;
use crate::model::Coord;

/// A correction, checked while it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Words", into = "Words")]
pub struct CorrectionRecord(pub Arc<Correction>);

/// A correction in words and numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    /// `web-map`, `exchanged`, `packed`, `unit`, `four-parameters` or `seven-parameters`.
    kind: String,
    /// The map, the form, the unit or the convention, where the kind has several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    of: String,
    /// The CRS that the numbers are read in.
    from: String,
    /// The CRS of the result.
    to: String,
    /// Whether northing or latitude comes first in the file.
    #[serde(default, skip_serializing_if = "is_no")]
    swap_axes: bool,
    /// Of four parameters: a point, its image, a and b; of seven: themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<f64>,
}

impl From<CorrectionRecord> for Words {
    fn from(CorrectionRecord(correction): CorrectionRecord) -> Self {
        let (kind, of, parameters) = match correction.kind {
            CorrectionKind::Unscrambled(map) => ("web-map", map.name(), Vec::new()),
            CorrectionKind::Exchanged => ("exchanged", "", Vec::new()),
            CorrectionKind::Unpacked(packing) => ("packed", packing.name(), Vec::new()),
            CorrectionKind::Scaled(unit) => ("unit", unit.name(), Vec::new()),
            CorrectionKind::Fitted(Similarity { from, to, a, b }) => {
                ("four-parameters", "", vec![from.x, from.y, to.x, to.y, a, b])
            }
            CorrectionKind::Datum(seven) => ("seven-parameters", seven.convention.name(), seven.values().to_vec()),
        };
        Self {
            kind: kind.to_owned(),
            of: of.to_owned(),
            from: correction.from.code().to_owned(),
            to: correction.to.code().to_owned(),
            swap_axes: correction.swap_axes,
            parameters,
        }
    }
}

impl TryFrom<Words> for CorrectionRecord {
    type Error = String;

    fn try_from(words: Words) -> Result<Self, String> {
        let unknown = || format!("unknown correction {:?} of {:?}", words.kind, words.of);
        let kind = match words.kind.as_str() {
            "web-map" => CorrectionKind::Unscrambled(WebMap::from_name(&words.of).ok_or_else(unknown)?),
            "exchanged" => CorrectionKind::Exchanged,
            "packed" => {
                let found = Packing::ALL.into_iter().find(|packing| packing.name() == words.of);
                CorrectionKind::Unpacked(found.ok_or_else(unknown)?)
            }
            "unit" => {
                let found = LengthUnit::ALL.into_iter().find(|unit| unit.name() == words.of);
                CorrectionKind::Scaled(found.ok_or_else(unknown)?)
            }
            "four-parameters" => {
                let [x, y, to_x, to_y, a, b] = <[f64; 6]>::try_from(words.parameters.as_slice())
                    .map_err(|_| format!("{} parameters, expected 6", words.parameters.len()))?;
                let similarity = Similarity { from: Coord { x, y }, to: Coord { x: to_x, y: to_y }, a, b };
                if !similarity.is_usable() {
                    return Err("parameters that are no similarity".to_owned());
                }
                CorrectionKind::Fitted(similarity)
            }
            "seven-parameters" => {
                let convention = Convention::ALL.into_iter().find(|convention| convention.name() == words.of);
                let values = <[f64; 7]>::try_from(words.parameters.as_slice())
                    .map_err(|_| format!("{} parameters, expected 7", words.parameters.len()))?;
                let seven = SevenParameters::new(values, convention.ok_or_else(unknown)?);
                CorrectionKind::Datum(seven.map_err(|error| error.to_string())?)
            }
            _ => return Err(unknown()),
        };
        let crs = |text: &str| Crs::parse(text).map_err(|_| format!("unknown CRS {text:?}"));
        let (from, to) = (crs(&words.from)?, crs(&words.to)?);
        Ok(Self(Arc::new(Correction { kind, from, to, swap_axes: words.swap_axes })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrections_come_back_as_they_were() {
        let crs = |code: u32| Crs::from_epsg(code).expect("known");
        let seven = SevenParameters::new([12.5, -130.25, 80.0, 0.1, -0.2, 3.3, -4.4], Convention::CoordinateFrame);
        let fitted = Similarity {
            from: Coord { x: 1234.5, y: 0.1 },
            to: Coord { x: 498_604.1, y: 4_081_204.55 },
            a: 0.999_99,
            b: -0.01,
        };
        let kinds = [
            CorrectionKind::Unscrambled(WebMap::Bd09),
            CorrectionKind::Exchanged,
            CorrectionKind::Unpacked(Packing::Decimal),
            CorrectionKind::Scaled(LengthUnit::SurveyFoot),
            CorrectionKind::Fitted(fitted),
            CorrectionKind::Datum(seven.expect("in range")),
        ];
        for (at, kind) in kinds.into_iter().enumerate() {
            let correction = Correction { kind, from: crs(2384), to: crs(4548), swap_axes: at % 2 == 0 };
            let record = CorrectionRecord(Arc::new(correction));
            let text = toml::to_string(&record).expect("writes");
            assert_eq!(toml::from_str::<CorrectionRecord>(&text).expect("reads"), record, "{text}");
            let json = serde_json::to_string(&record).expect("writes");
            assert_eq!(serde_json::from_str::<CorrectionRecord>(&json).expect("reads"), record, "{json}");
        }
    }

    #[test]
    fn hostile_corrections_are_refused() {
        let refused = |text: &str| {
            let text = format!("{text}\nfrom = \"EPSG:2384\"\nto = \"EPSG:4548\"");
            assert!(toml::from_str::<CorrectionRecord>(&text).is_err(), "{text}");
        };
        refused("kind = \"grid\"\nof = \"/etc/passwd\"");
        refused("kind = \"web-map\"\nof = \"WGS\"");
        refused("kind = \"four-parameters\"\nparameters = [1.0, 2.0]");
        refused("kind = \"four-parameters\"\nparameters = [0.0, 0.0, 0.0, 0.0, nan, 1.0]");
        refused("kind = \"four-parameters\"\nparameters = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]");
        refused(
            "kind = \"seven-parameters\"\nof = \"position_vector\"\nparameters = [1e9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]",
        );
        refused("kind = \"seven-parameters\"\nof = \"other\"\nparameters = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]");
        refused("kind = \"unit\"\nof = \"foot\"\nmore = 1");
    }
}
