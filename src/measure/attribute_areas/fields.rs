//! Which attribute fields hold an area, and what they should hold by the database standards.

use crate::text::{Language, tr};
use crate::units::M2_PER_MU;

/// A unit that areas are written in. Mu stands thrice: converted exactly, and by the two roundings that circulate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttributeUnit {
    /// m².
    SquareMetre,
    /// 亩.
    Mu,
    /// 亩 of 667 m².
    Mu667,
    /// 亩 of 666.67 m².
    Mu666_67,
    /// 万亩.
    WanMu,
    /// 公顷.
    Hectare,
    /// km².
    SquareKilometre,
    /// International acre.
    Acre,
    /// International square foot.
    SquareFoot,
}

impl AttributeUnit {
    /// Units tried where a field does not hold what it should, the usual ones first.
    pub(crate) const TRIED: [Self; 8] = [
        Self::SquareMetre,
        Self::Mu,
        Self::Hectare,
        Self::SquareKilometre,
        Self::Mu667,
        Self::WanMu,
        Self::Acre,
        Self::SquareFoot,
    ];

    /// Square metres in one.
    pub fn m2(self) -> f64 {
        match self {
            Self::SquareMetre => 1.0,
            Self::Mu => M2_PER_MU,
            Self::Mu667 => 667.0,
            Self::Mu666_67 => 666.67,
            Self::WanMu => 1e4 * M2_PER_MU,
            Self::Hectare => 1e4,
            Self::SquareKilometre => 1e6,
            Self::Acre => 4_046.856_422_4,
            Self::SquareFoot => 0.092_903_04,
        }
    }

    /// Its symbol in `language`.
    pub fn symbol(self, language: Language) -> &'static str {
        let key = match self {
            Self::SquareMetre => "units.m2",
            Self::Mu => "units.mu",
            Self::Mu667 => "measure.unit-mu-667",
            Self::Mu666_67 => "measure.unit-mu-666",
            Self::WanMu => "units.wan-mu",
            Self::Hectare => "units.ha",
            Self::SquareKilometre => "units.km2",
            Self::Acre => "measure.unit-acre",
            Self::SquareFoot => "measure.unit-square-foot",
        };
        tr(language, key)
    }

    /// [`Self::symbol`] as text, for messages.
    pub(crate) fn said(self) -> impl Fn(Language) -> String {
        move |language| self.symbol(language).to_owned()
    }
}

/// What a field of areas holds by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// The whole area of the feature.
    Gross,
    /// The area less what is deducted from it (田坎).
    Net,
    /// The planar area that GIS software keeps, in the CRS that the data had there.
    Shape,
}

/// A field that holds areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub quantity: Quantity,
    /// Unit by the standard or by the name; `None` where only the numbers can tell.
    pub unit: Option<AttributeUnit>,
}

use AttributeUnit::{Acre, Hectare, Mu, SquareFoot, SquareKilometre, SquareMetre, WanMu};
use Quantity::{Gross, Net, Shape};

/// Names in capitals. Third survey (TD/T 1055-2019), one-map planning databases (2021-2023), land-use plans 2006-2020,
/// contract-land and cadastre databases, GIS software.
const FIELDS: &[(&str, Quantity, Option<AttributeUnit>)] = &[
    ("TBMJ", Gross, Some(SquareMetre)),
    ("TBDLMJ", Net, Some(SquareMetre)),
    ("YJJBNTTBMJ", Gross, Some(SquareMetre)),
    ("YJJBNTMJ", Net, Some(SquareMetre)),
    ("JBNTTBMJ", Gross, Some(SquareMetre)),
    ("JBNTMJ", Net, Some(SquareMetre)),
    ("MJ", Gross, Some(SquareMetre)),
    ("QYMJ", Gross, Some(SquareKilometre)),
    ("JSMJ", Gross, Some(SquareMetre)),
    ("KZMJ", Gross, Some(SquareMetre)),
    ("DCMJ", Gross, Some(SquareMetre)),
    ("CZKFMJ", Gross, None),
    ("GZQMJ", Gross, None),
    ("TDYTQMJ", Gross, None),
    ("XMMJ", Gross, None),
    ("DKMJ", Gross, None),
    ("YDMJ", Gross, None),
    ("ZDMJ", Gross, Some(SquareMetre)),
    ("SCMJ", Gross, Some(SquareMetre)),
    ("SCMJM", Gross, Some(Mu)),
    ("MJ_MU", Gross, Some(Mu)),
    ("MJM", Gross, Some(Mu)),
    ("MJ_HA", Gross, Some(Hectare)),
    ("MJ_GQ", Gross, Some(Hectare)),
    ("亩数", Gross, Some(Mu)),
    ("公顷", Gross, Some(Hectare)),
    ("SHAPE_AREA", Shape, None),
    ("SHAPE__AREA", Shape, None),
    ("SHAPE.AREA", Shape, None),
    ("SHAPE.STAREA()", Shape, None),
    ("ST_AREA(SHAPE)", Shape, None),
    ("AREA", Gross, None),
    ("AREA_M2", Gross, Some(SquareMetre)),
    ("AREA_SQM", Gross, Some(SquareMetre)),
    ("SQM", Gross, Some(SquareMetre)),
    ("AREA_MU", Gross, Some(Mu)),
    ("AREA_HA", Gross, Some(Hectare)),
    ("HECTARES", Gross, Some(Hectare)),
    ("AREA_KM2", Gross, Some(SquareKilometre)),
    ("AREA_SQKM", Gross, Some(SquareKilometre)),
    ("SQKM", Gross, Some(SquareKilometre)),
    ("ACRES", Gross, Some(Acre)),
    ("ACREAGE", Gross, Some(Acre)),
    ("GIS_ACRES", Gross, Some(Acre)),
    ("AREA_ACRES", Gross, Some(Acre)),
    ("SQFT", Gross, Some(SquareFoot)),
    ("AREA_SQFT", Gross, Some(SquareFoot)),
];

/// Words in a Chinese name that say the unit, the longer before those that they contain.
const UNIT_WORDS: &[(&str, AttributeUnit)] = &[
    ("万亩", WanMu),
    ("亩", Mu),
    ("公顷", Hectare),
    ("HM2", Hectare),
    ("HM²", Hectare),
    ("HA", Hectare),
    ("平方公里", SquareKilometre),
    ("平方千米", SquareKilometre),
    ("KM2", SquareKilometre),
    ("KM²", SquareKilometre),
    ("平方米", SquareMetre),
    ("M2", SquareMetre),
    ("M²", SquareMetre),
    ("㎡", SquareMetre),
];

/// Areas that are not the feature's own: floor space, what is deducted, parts of the parcel, targets.
const OTHER_AREAS: &[&str] = &["建筑", "扣除", "田坎", "其中", "占用", "规划目标", "控制指标", "零星", "线状", "批准"];

/// What the field of that name should hold; `None` where it is no area of the feature.
pub(crate) fn meaning(name: &str) -> Option<Meaning> {
    let name: String = name.trim().to_uppercase();
    if let Some((_, quantity, unit)) = FIELDS.iter().find(|(field, ..)| *field == name) {
        return Some(Meaning { quantity: *quantity, unit: *unit });
    }
    if !name.contains("面积") || OTHER_AREAS.iter().any(|word| name.contains(word)) {
        return None;
    }
    let quantity = if name.contains("净面积") || name.contains("地类面积") { Net } else { Gross };
    let unit = UNIT_WORDS.iter().find(|(word, _)| name.contains(word)).map(|(_, unit)| *unit);
    Some(Meaning { quantity, unit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_known_by_their_names() {
        let check = |name: &str, expected: Option<(Quantity, Option<AttributeUnit>)>| {
            assert_eq!(meaning(name).map(|m| (m.quantity, m.unit)), expected, "{name}");
        };
        check("tbmj", Some((Gross, Some(SquareMetre))));
        check("TBDLMJ", Some((Net, Some(SquareMetre))));
        check("QYMJ", Some((Gross, Some(SquareKilometre))));
        check("Shape_Area", Some((Shape, None)));
        check("area", Some((Gross, None)));
        check("area_code", None);
        check("Study_Area", None);
        check("ACRES", Some((Gross, Some(Acre))));
        check("面积（亩）", Some((Gross, Some(Mu))));
        check("图斑面积", Some((Gross, None)));
        check("图斑地类面积(平方米)", Some((Net, Some(SquareMetre))));
        check("规模_万亩面积", Some((Gross, Some(WanMu))));
        check("建筑面积", None);
        check("KCMJ", None);
        check("DLMC", None);
    }
}
