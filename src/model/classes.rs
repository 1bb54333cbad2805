//! Land-use class schemes: 三调工作分类 and 用地用海分类, their codes, names, levels and colours.
//!
//! A class is a pair of scheme and code: 42 codes stand in both schemes, 29 of them with different meanings (1001 is a
//! railway in the one, industry in the other), so a code alone names nothing. The parent of a class comes from the
//! table, never from its first digits: 0303 红树林地 of the survey is a wetland (00), not forest (03).
//!
//! The table lies in `assets/landuse.csv`. Its facts come from TD/T 1055-2019 (survey), 自然资发〔2023〕234号 (plan) and
//! the colours of 市级国土空间总体规划制图规范(试行) 2021 附录B; [`Class::color_basis`] says which colours are the
//! standard's. The trial version of the plan scheme (2020) is the 2023 one with the rows in which it differs. GB/T 21010
//! of 2017 and 2007 are what surveys had before; their colours are those of the survey's classes that they became.
//! What a text in a file means lies in [`resolve`], which scheme a column uses in [`detect`], what a class is in another
//! scheme in [`crosswalk`].

use std::fmt;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::style::Color;
use crate::text::{Language, tr};

pub mod crosswalk;
mod detect;
mod resolve;
mod soft;

pub use detect::{Detection, Suspect, UsedCode, are_codes, detect, detection_of, used_codes};
pub use resolve::{CodeNote, Resolved, resolve};

/// How many schemes there are.
const SCHEMES: usize = 5;

/// A land-use classification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scheme {
    /// 三调工作分类, TD/T 1055-2019: the third national land survey and the yearly change surveys since.
    Sd2019,
    /// 用地用海分类指南, 自然资发〔2023〕234号: plans.
    Ydyh2023,
    /// 用地用海分类指南(试行), 2020: plans drawn before. Some codes mean something else than in 2023.
    Ydyh2020,
    /// 土地利用现状分类, GB/T 21010-2017: four digits, finer than the survey's in commerce and public services.
    Gb2017,
    /// 土地利用现状分类, GB/T 21010-2007, with the settlements (20) of the second survey: three digits.
    Gb2007,
}

impl Scheme {
    /// All schemes.
    pub const ALL: [Self; SCHEMES] = [Self::Sd2019, Self::Ydyh2023, Self::Ydyh2020, Self::Gb2017, Self::Gb2007];

    /// The word of files and reports: `SD2019`, `YDYH2023`, `YDYH2020`, `GB2017`, `GB2007`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sd2019 => "SD2019",
            Self::Ydyh2023 => "YDYH2023",
            Self::Ydyh2020 => "YDYH2020",
            Self::Gb2017 => "GB2017",
            Self::Gb2007 => "GB2007",
        }
    }

    /// The scheme of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.name().eq_ignore_ascii_case(name))
    }

    /// Its name for users.
    pub fn title(self, language: Language) -> &'static str {
        tr(language, self.title_key())
    }

    /// Key of its name in the catalogue.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::Sd2019 => "model.scheme-sd2019",
            Self::Ydyh2023 => "model.scheme-ydyh2023",
            Self::Ydyh2020 => "model.scheme-ydyh2020",
            Self::Gb2017 => "model.scheme-gb2017",
            Self::Gb2007 => "model.scheme-gb2007",
        }
    }

    /// Its classes in the order of the standard, parents before their children.
    pub fn classes(self) -> impl ExactSizeIterator<Item = Class> {
        let range = table().ranges[self as usize].clone();
        (range.start..range.end).map(Class)
    }

    /// Whether it is one of the two versions of the plan scheme.
    pub fn is_plan(self) -> bool {
        matches!(self, Self::Ydyh2023 | Self::Ydyh2020)
    }
}

/// A class of a scheme: the pair of scheme and code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Class(u16);

impl Class {
    /// The class of exactly that code. For codes as files write them see [`resolve`].
    pub fn find(scheme: Scheme, code: &str) -> Option<Self> {
        table().by_code[scheme as usize].get(code).copied()
    }

    /// The class of exactly that Chinese or English name.
    pub fn find_by_name(scheme: Scheme, name: &str) -> Option<Self> {
        let name = name.trim();
        scheme.classes().find(|class| class.row().zh == name || class.row().en.eq_ignore_ascii_case(name))
    }

    /// Its scheme.
    pub fn scheme(self) -> Scheme {
        self.row().scheme
    }

    /// Its code, as the standard writes it.
    pub fn code(self) -> &'static str {
        self.row().code
    }

    /// Its name.
    pub fn name(self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.row().zh,
            Language::English => self.row().en,
        }
    }

    /// Code and name: `0701 城镇住宅用地`.
    pub fn label(self, language: Language) -> String {
        format!("{} {}", self.code(), self.name(language))
    }

    /// 1, 2 or 3.
    pub fn level(self) -> u8 {
        self.row().level
    }

    /// The class that it is part of, by the table.
    pub fn parent(self) -> Option<Self> {
        self.row().parent
    }

    /// Its ancestor of level `level`, or itself where it is of that level or a higher one already.
    #[must_use]
    pub fn at_level(self, level: u8) -> Self {
        let mut class = self;
        while class.level() > level.max(1) {
            let Some(parent) = class.parent() else { break };
            class = parent;
        }
        class
    }

    /// The classes that are directly part of it.
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.scheme().classes().filter(move |class| class.parent() == Some(self))
    }

    /// Whether it is `other` or part of it.
    pub fn is_within(self, other: Self) -> bool {
        let mut class = Some(self);
        while let Some(candidate) = class {
            if candidate == other {
                return true;
            }
            class = candidate.parent();
        }
        false
    }

    /// Colour of its fill.
    pub fn color(self) -> Color {
        self.row().color
    }

    /// Where the colour comes from.
    pub fn color_basis(self) -> ColorBasis {
        self.row().basis
    }

    /// Place in the list of its scheme, and of the schemes one after another: what legends and tables sort by.
    pub fn order(self) -> usize {
        usize::from(self.0)
    }

    /// Its three-big-class (三大类), in GB/T 21010 that of the survey's class that it became. `None` for classes of the
    /// plan schemes: they have none, see [`Class::plan_use`].
    pub fn big_class(self, grassland: OtherGrassland) -> Option<BigClass> {
        Some(match self.row().group {
            _ if self.scheme().is_plan() => return None,
            Group::Farm => BigClass::Agricultural,
            Group::Built => BigClass::Construction,
            Group::Disputed => match grassland {
                OtherGrassland::Unused => BigClass::Unused,
                OtherGrassland::Agricultural => BigClass::Agricultural,
            },
            Group::Unused => BigClass::Unused,
            _ => BigClass::Mixed,
        })
    }

    /// How planners read a class of the plan schemes. `None` for classes of the survey.
    pub fn plan_use(self) -> Option<PlanUse> {
        Some(match self.row().group {
            _ if !self.scheme().is_plan() => return None,
            Group::Farm => PlanUse::Farming,
            Group::Facility => PlanUse::FarmFacility,
            Group::Built => PlanUse::Construction,
            Group::Sea => PlanUse::Sea,
            _ => PlanUse::Open,
        })
    }

    /// Whether it is cropland (耕地), the class that field ridges are deducted from.
    pub fn is_cropland(self) -> bool {
        self.at_level(1).code() == "01"
    }

    /// Whether it is construction land (建设用地): by the three big classes in the survey, by planners' reading in the
    /// plan schemes.
    pub fn is_construction(self) -> bool {
        self.row().group == Group::Built
    }

    fn row(self) -> &'static Row {
        &table().rows[usize::from(self.0)]
    }
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme().name(), self.code())
    }
}

impl From<Scheme> for String {
    fn from(scheme: Scheme) -> Self {
        scheme.name().to_owned()
    }
}

impl TryFrom<String> for Scheme {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::from_name(&text).ok_or_else(|| format!("unknown class scheme {text:?}"))
    }
}

impl From<Class> for String {
    fn from(class: Class) -> Self {
        format!("{class:?}")
    }
}

impl TryFrom<String> for Class {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let found = text.split_once(':').and_then(|(scheme, code)| Self::find(Scheme::from_name(scheme)?, code));
        found.ok_or_else(|| format!("unknown class {text:?}"))
    }
}

/// Where the colour of a class comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColorBasis {
    /// 市级国土空间总体规划制图规范(试行) 2021 附录B.
    Standard,
    /// That of its parent, as the standard asks for.
    Inherited,
    /// Given by a public style or taken from the other scheme, where the standard has no row.
    Assigned,
    /// From one public style of the survey, not checked against its standard.
    Unverified,
}

/// The three big classes of the survey (三大类).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BigClass {
    /// 农用地.
    Agricultural,
    /// 建设用地.
    Construction,
    /// 未利用地.
    Unused,
    /// A first-level class whose parts belong to different big classes.
    Mixed,
}

impl BigClass {
    /// Key of its name in the catalogue.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::Agricultural => "model.big-agricultural",
            Self::Construction => "model.big-construction",
            Self::Unused => "model.big-unused",
            Self::Mixed => "model.big-mixed",
        }
    }

    /// Its name for users.
    pub fn title(self, language: Language) -> &'static str {
        tr(language, self.title_key())
    }
}

/// Which big class 0404 其他草地 of the survey is counted in: practice differs, so reports print the choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OtherGrassland {
    /// 未利用地, as in the appendix of GB/T 21010-2017.
    #[default]
    Unused,
    /// 农用地, as in some report templates.
    Agricultural,
}

impl OtherGrassland {
    /// Key of the sentence that reports print.
    pub fn note_key(self) -> &'static str {
        match self {
            Self::Unused => "model.grassland-unused",
            Self::Agricultural => "model.grassland-agricultural",
        }
    }
}

/// Planners' reading of the classes of the plan schemes; not the survey's three big classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlanUse {
    /// 耕地、园地、林地、草地.
    Farming,
    /// 农业设施建设用地.
    FarmFacility,
    /// 建设用地.
    Construction,
    /// Wetland, inland waters and other land.
    Open,
    /// 海域.
    Sea,
}

impl PlanUse {
    /// Key of its name in the catalogue.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::Farming => "model.use-farming",
            Self::FarmFacility => "model.use-farm-facility",
            Self::Construction => "model.use-construction",
            Self::Open => "model.use-open",
            Self::Sea => "model.use-sea",
        }
    }

    /// Its name for users.
    pub fn title(self, language: Language) -> &'static str {
        tr(language, self.title_key())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Farm,
    Facility,
    Built,
    Open,
    Sea,
    Unused,
    Disputed,
    Mixed,
}

#[derive(Clone, Debug)]
struct Row {
    scheme: Scheme,
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    level: u8,
    parent: Option<Class>,
    color: Color,
    group: Group,
    basis: ColorBasis,
}

#[derive(Debug, Default)]
struct Table {
    rows: Vec<Row>,
    ranges: [std::ops::Range<u16>; SCHEMES],
    by_code: [FxHashMap<&'static str, Class>; SCHEMES],
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::read(include_str!("../../assets/landuse.csv")))
}

/// A record of the asset before parents are linked.
#[derive(Clone, Debug)]
struct Record {
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    level: u8,
    parent: &'static str,
    color: Color,
    /// `None`: the scheme lacks this class of the version it is based on.
    group: Option<Group>,
    basis: ColorBasis,
}

impl Table {
    fn read(source: &str) -> Self {
        let mut of_scheme: [Vec<Record>; SCHEMES] = Default::default();
        for record in csv::Reader::from_reader(source.as_bytes()).records() {
            let record = record.expect("the asset is well-formed CSV, checked by a test");
            let scheme = Scheme::from_name(&record[0]).expect("the asset names known schemes, checked by a test");
            of_scheme[scheme as usize].push(Record::parse(&record));
        }
        of_scheme[Scheme::Ydyh2020 as usize] =
            with_changes(&of_scheme[Scheme::Ydyh2023 as usize], &of_scheme[Scheme::Ydyh2020 as usize]);
        let mut table = Self::default();
        for scheme in Scheme::ALL {
            table.add(scheme, &of_scheme[scheme as usize]);
        }
        table
    }

    fn add(&mut self, scheme: Scheme, records: &[Record]) {
        let start = self.rows.len() as u16;
        let codes = &mut self.by_code[scheme as usize];
        for (i, record) in records.iter().enumerate() {
            codes.insert(record.code, Class(start + i as u16));
        }
        for record in records {
            self.rows.push(Row {
                scheme,
                code: record.code,
                zh: record.zh,
                en: record.en,
                level: record.level,
                parent: codes.get(record.parent).copied(),
                color: record.color,
                group: record.group.unwrap_or(Group::Open),
                basis: record.basis,
            });
        }
        self.ranges[scheme as usize] = start..self.rows.len() as u16;
    }
}

impl Record {
    fn parse(record: &csv::StringRecord) -> Self {
        // The table lives as long as the program.
        let text = |i: usize| -> &'static str { Box::leak(record[i].to_owned().into_boxed_str()) };
        let byte = |i: usize| record[i].parse().expect("the asset's colours are bytes, checked by a test");
        Self {
            code: text(1),
            zh: text(2),
            en: text(3),
            level: record[4].parse().expect("the asset's levels are digits, checked by a test"),
            parent: text(5),
            color: Color::rgb(byte(6), byte(7), byte(8)),
            group: match &record[9] {
                "farm" => Some(Group::Farm),
                "facility" => Some(Group::Facility),
                "built" => Some(Group::Built),
                "open" => Some(Group::Open),
                "sea" => Some(Group::Sea),
                "unused" => Some(Group::Unused),
                "disputed" => Some(Group::Disputed),
                "mixed" => Some(Group::Mixed),
                _ => None,
            },
            basis: match &record[10] {
                "standard" => ColorBasis::Standard,
                "inherited" => ColorBasis::Inherited,
                "assigned" => ColorBasis::Assigned,
                _ => ColorBasis::Unverified,
            },
        }
    }
}

/// `base` with the rows of `changes` in their place, new ones in the order of codes, and absent ones left out.
fn with_changes(base: &[Record], changes: &[Record]) -> Vec<Record> {
    let mut records: Vec<Record> = base.to_vec();
    for change in changes {
        match records.iter_mut().find(|record| record.code == change.code) {
            Some(record) => *record = change.clone(),
            None => records.push(change.clone()),
        }
    }
    records.retain(|record| record.group.is_some());
    // Text order is the standard's order here, parents before children: codes of the plan schemes are all digits.
    records.sort_by_key(|record| record.code);
    records
}

#[cfg(test)]
mod tests;
