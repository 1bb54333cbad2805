//! A plot line in its dialects: what each part means.
//!
//! The part that says 面, 线 or 点 is the anchor: what stands before it ends in the name, what stands after it begins with
//! map sheet, use and class. Without it the places of the commonest dialect count, and two others are told by which
//! places are empty. Parts that no dialect knows become columns of their own, so that nothing is lost.

use std::borrow::Cow;

use crate::model::GeometryKind;

/// Points that the plot is said to have.
pub(super) const COUNT: &str = "界址点数";
/// Its stated area.
pub(super) const AREA: &str = "地块面积";
/// Its number.
pub(super) const NUMBER: &str = "地块编号";
/// Its name.
pub(super) const NAME: &str = "地块名称";
/// 面, 线 or 点.
pub(super) const KIND: &str = "图形属性";
/// The map sheet.
pub(super) const SHEET: &str = "图幅号";
/// Its use.
pub(super) const USE: &str = "地块用途";
/// The code of its class.
pub(super) const CLASS: &str = "地类编码";
/// What projects of supplementary farmland add.
pub(super) const FARMLAND: [&str; 5] = ["地块类型", "现状地类", "改造前质量等别", "改造后质量等别", "备注"];

/// A value of a plot line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shown {
    Whole(i64),
    Number(f64),
    Text(String),
}

/// A unit that an area carries in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum AreaUnit {
    Hectare,
    Mu,
    SquareMetre,
}

impl AreaUnit {
    /// Square metres in one unit.
    pub(super) fn metres(self) -> f64 {
        match self {
            Self::Hectare => 1e4,
            Self::Mu => 1e4 / 15.0,
            Self::SquareMetre => 1.0,
        }
    }

    /// Key of its name.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Hectare => "units.ha",
            Self::Mu => "units.mu",
            Self::SquareMetre => "units.m2",
        }
    }
}

/// An area as stated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct StatedArea {
    pub(super) value: f64,
    pub(super) decimals: usize,
    /// The unit, where it stands beside the number.
    pub(super) unit: Option<AreaUnit>,
}

/// What a plot line says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plot {
    pub(super) kind: GeometryKind,
    /// Columns and values in the order of the line.
    pub(super) fields: Vec<(Cow<'static, str>, Shown)>,
    pub(super) count: Option<u64>,
    pub(super) area: Option<StatedArea>,
    /// The name, where commas in it had to be put back.
    pub(super) joined: Option<String>,
}

impl Plot {
    /// Points without a plot line before them.
    pub(super) fn unnamed() -> Self {
        Self { kind: GeometryKind::Polygon, fields: Vec::new(), count: None, area: None, joined: None }
    }

    /// Reads the parts of a plot line, without the `@`.
    pub(super) fn read(parts: &[&str]) -> Self {
        let mut plot = Self::unnamed();
        let is_kind = |part: &&str| matches!(*part, "面" | "线" | "点");
        let anchor = match parts.get(4) {
            Some(part) if is_kind(part) => Some(4),
            _ => parts.iter().position(is_kind),
        };
        match anchor {
            Some(at) => plot.anchored(&parts[..at], parts[at], &parts[at + 1..]),
            None => plot.by_place(parts),
        }
        plot
    }

    fn anchored(&mut self, before: &[&str], kind: &str, after: &[&str]) {
        self.kind = match kind {
            "线" => GeometryKind::Line,
            "点" => GeometryKind::Point,
            _ => GeometryKind::Polygon,
        };
        let is_number = |part: &&str| part.parse::<f64>().is_ok();
        match before {
            [] => {}
            [name] => self.text(NAME, name),
            [number, name] => {
                self.text(NUMBER, number);
                self.text(NAME, name);
            }
            [count, area, name] if is_number(count) && is_number(area) => {
                self.count(count);
                self.area(area);
                self.text(NAME, name);
            }
            [number, other, name] => {
                self.text(NUMBER, number);
                self.other(other);
                self.text(NAME, name);
            }
            [count, area, number, name @ ..] => {
                self.count(count);
                self.area(area);
                self.text(NUMBER, number);
                let joined = name.join(",");
                self.text(NAME, &joined);
                self.joined = (name.len() > 1).then_some(joined);
            }
        }
        self.text(KIND, kind);
        match (before.len(), after) {
            // The short dialects have a use and nothing else.
            (..=2, [used]) => self.text(USE, used),
            _ => {
                let names = [SHEET, USE, CLASS].iter().chain(&FARMLAND);
                let mut names = names.take(if after.len() > 3 { 8 } else { 3 });
                for part in after {
                    match names.next() {
                        Some(name) => self.text(name, part),
                        None => self.other(part),
                    }
                }
            }
        }
    }

    fn by_place(&mut self, parts: &[&str]) {
        let is_code = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric());
        match parts {
            // 4,,010001,12,,,示例地块五,,@
            [count, area, number, code, "", "", name, ""] if !name.is_empty() && is_code(code) => {
                self.count(count);
                self.area(area);
                self.text(NUMBER, number);
                self.text(NAME, name);
                self.text(SHEET, code);
            }
            // 5,2.0000,,示例拆旧一,,,,农村宅基地,@
            [count, area, number, name, "", "", "", used] if !is_code(used) => {
                self.count(count);
                self.area(area);
                self.text(NUMBER, number);
                self.text(NAME, name);
                self.text(USE, used);
            }
            [number, name, _, used] => {
                self.text(NUMBER, number);
                self.text(NAME, name);
                self.text(USE, used);
            }
            [number, name] => {
                self.text(NUMBER, number);
                self.text(NAME, name);
            }
            [number, name, used] => {
                self.text(NUMBER, number);
                self.text(NAME, name);
                self.text(USE, used);
            }
            [count, area, rest @ ..] => {
                self.count(count);
                self.area(area);
                let names = [NUMBER, NAME, KIND, SHEET, USE, CLASS].iter().chain(&FARMLAND);
                let mut names = names.take(if rest.len() > 6 { 11 } else { 6 });
                for part in rest {
                    match names.next() {
                        Some(name) => self.text(name, part),
                        None => self.other(part),
                    }
                }
            }
            _ => parts.iter().for_each(|part| self.other(part)),
        }
    }

    fn text(&mut self, name: &'static str, value: &str) {
        self.fields.push((Cow::Borrowed(name), Shown::Text(value.to_owned())));
    }

    /// A part that no dialect knows.
    fn other(&mut self, value: &str) {
        let count = self.fields.iter().filter(|(name, _)| name.starts_with("其他")).count();
        self.fields.push((Cow::Owned(format!("其他{}", count + 1)), Shown::Text(value.to_owned())));
    }

    fn count(&mut self, text: &str) {
        self.count = text.parse().ok(); // an empty or odd count is kept as text
        let value = match self.count.and_then(|count| i64::try_from(count).ok()) {
            Some(count) => Shown::Whole(count),
            None => Shown::Text(text.to_owned()),
        };
        self.fields.push((Cow::Borrowed(COUNT), value));
    }

    fn area(&mut self, text: &str) {
        self.area = stated_area(text);
        let value = match self.area {
            // With a unit beside it the words are kept: a column of bare numbers would hide it.
            Some(StatedArea { value, unit: None, .. }) => Shown::Number(value),
            _ => Shown::Text(text.to_owned()),
        };
        self.fields.push((Cow::Borrowed(AREA), value));
    }
}

/// The number and the unit of an area.
fn stated_area(text: &str) -> Option<StatedArea> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let value: f64 = digits.parse().ok()?; // no number: no area
    let unit = match unit.trim() {
        "" => None,
        "公顷" | "hm2" | "hm²" | "ha" => Some(AreaUnit::Hectare),
        "亩" => Some(AreaUnit::Mu),
        "平方米" | "m2" | "㎡" | "m²" => Some(AreaUnit::SquareMetre),
        _ => return None,
    };
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    Some(StatedArea { value, decimals, unit })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, kind: GeometryKind, expected: &str) {
        let parts: Vec<&str> = line.split(',').map(str::trim).collect();
        let plot = Plot::read(&parts);
        let shown = plot.fields.iter().map(|(name, value)| match value {
            Shown::Whole(value) => format!("{name}={value}"),
            Shown::Number(value) => format!("{name}={value:?}"),
            Shown::Text(text) => format!("{name}={text}"),
        });
        let shown: Vec<String> = shown.filter(|pair| !pair.ends_with('=')).collect();
        assert_eq!((shown.join(" ").as_str(), plot.kind), (expected, kind), "{line}");
    }

    #[test]
    fn every_dialect_is_read() {
        use GeometryKind::{Line, Polygon};
        check(
            "10,1.9600,1,示例地块一,面,J50G001001,工业用地,0601",
            Polygon,
            "界址点数=10 地块面积=1.96 地块编号=1 地块名称=示例地块一 图形属性=面 图幅号=J50G001001 地块用途=工业用地 地类编码=0601",
        );
        check(
            "5,2.0000,,示例二,面,,住宅用地,",
            Polygon,
            "界址点数=5 地块面积=2.0 地块名称=示例二 图形属性=面 地块用途=住宅用地",
        );
        check(
            "5,2.0000,B-01,示例,面,J50,提质改造,0102,提质改造,0102,9,7,无",
            Polygon,
            "界址点数=5 地块面积=2.0 地块编号=B-01 地块名称=示例 图形属性=面 图幅号=J50 地块用途=提质改造 地类编码=0102 \
             地块类型=提质改造 现状地类=0102 改造前质量等别=9 改造后质量等别=7 备注=无",
        );
        check("1,示例三,线,设施农用地", Line, "地块编号=1 地块名称=示例三 图形属性=线 地块用途=设施农用地");
        check("5,2.0000公顷,,示例四,面,,,", Polygon, "界址点数=5 地块面积=2.0000公顷 地块名称=示例四 图形属性=面");
        check("4,,010001,12,,,示例五,", Polygon, "界址点数=4 地块编号=010001 地块名称=示例五 图幅号=12");
        check("5,2.0000,,示例六,面,,", Polygon, "界址点数=5 地块面积=2.0 地块名称=示例六 图形属性=面");
        check("5,2.0000,,拆旧一,,,,农村宅基地", Polygon, "界址点数=5 地块面积=2.0 地块名称=拆旧一 地块用途=农村宅基地");
        check("1,示例,面,", Polygon, "地块编号=1 地块名称=示例 图形属性=面");
        check(
            "5,2,1,东区,西区,面,J50,,0601",
            Polygon,
            "界址点数=5 地块面积=2.0 地块编号=1 地块名称=东区,西区 图形属性=面 图幅号=J50 地类编码=0601",
        );
        check("", Polygon, "");
    }

    #[test]
    fn areas_carry_their_unit() {
        let area = |text| stated_area(text).map(|area| (area.value, area.decimals, area.unit));
        assert_eq!(area("0.7655公顷"), Some((0.7655, 4, Some(AreaUnit::Hectare))));
        assert_eq!(area("12亩"), Some((12.0, 0, Some(AreaUnit::Mu))));
        assert_eq!(area("14.0370"), Some((14.037, 4, None)));
        assert_eq!((area(""), area("约1"), area("1顷")), (None, None, None));
    }
}
