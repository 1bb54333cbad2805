//! A schema: which layers a delivery holds, with which fields and codes, and which rules they keep.
//!
//! It is read from a TOML that an office may copy and change ([`Schema::parse`]), from the sheets of a workbook
//! ([`from_sheets`]), or is one of those in the program ([`built_in`]). Layers, fields and code lists in the program come
//! from `assets/schema`, whose rows name their source and how sure it is; what is only surmised (confidence L, lists that
//! are not complete) gives notes and never faults.

mod file;
mod sheets;
mod tables;
mod write;

use crate::expr::Expr;
use crate::model::classes::{Class, CodeNote, Scheme, resolve};
use crate::model::{GeometryKind, Severity};
use crate::text::Language;
use crate::units::AreaUnit;

pub use crate::model::roles::schema::Confidence;
pub use file::SchemaError;
pub use sheets::from_sheets;

/// What a delivery is held against.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Its name.
    pub name: String,
    /// Its name in English; empty where it has none.
    pub name_en: String,
    /// What must be known about it.
    pub note: String,
    /// The same in English.
    pub note_en: String,
    /// Whether somebody has checked it against the document that it is to say.
    pub official: bool,
    /// The reference system that is asked for.
    pub crs: Option<CrsSpec>,
    /// Lists of codes.
    pub lists: Vec<CodeList>,
    /// The layers of a delivery.
    pub layers: Vec<LayerSpec>,
    /// Rules over them.
    pub rules: Vec<Rule>,
}

/// Where a row comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// In words.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

impl Basis {
    /// What a finding of that severity comes down to: a surmise makes no faults.
    pub fn limit(&self, severity: Severity) -> Severity {
        if self.confidence == Confidence::Low { Severity::Note } else { severity }
    }
}

/// Which reference system layers are in.
#[derive(Clone, Debug, PartialEq)]
pub struct CrsSpec {
    /// Name of the datum, as of [`crate::crs::Datum::name`].
    pub datum: String,
    /// What its coordinates are.
    pub projection: Projection,
    /// How much it matters.
    pub severity: Severity,
    /// Where that stands.
    pub basis: Basis,
}

/// What coordinates are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Projection {
    /// Metres of a Gauss-Krüger zone.
    GaussKruger,
    /// Longitude and latitude.
    Geographic,
    /// Either.
    Any,
}

impl Projection {
    const ALL: [(Self, &'static str); 3] =
        [(Self::GaussKruger, "gauss-kruger"), (Self::Geographic, "geographic"), (Self::Any, "any")];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or("any", |(_, word)| word)
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(known, _)| *known)
    }
}

/// A list of codes and what they mean.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeList {
    /// Its name.
    pub name: String,
    /// Codes with their names.
    pub values: Vec<(String, String)>,
    /// The class scheme that holds them, in place of [`Self::values`].
    pub scheme: Option<Scheme>,
    /// Whether it holds all that may stand there; otherwise a code that it lacks is only noted.
    pub complete: bool,
    /// Where it stands.
    pub basis: Basis,
}

impl CodeList {
    /// Whether anything is known of it.
    pub fn is_known(&self) -> bool {
        self.scheme.is_some() || self.values.iter().any(|(code, _)| !code.is_empty())
    }

    /// Whether it holds that code.
    pub fn has(&self, code: &str) -> bool {
        self.name_of(code).is_some()
    }

    /// What a code means. Codes of plans may be padded with zeros to six digits.
    pub fn name_of(&self, code: &str) -> Option<&str> {
        match self.scheme {
            None => {
                let found = self.values.iter().find(|(known, _)| !known.is_empty() && known == code);
                found.map(|(_, name)| name.as_str())
            }
            Some(Scheme::Sd2019) => Class::find(Scheme::Sd2019, code).map(|class| class.name(Language::Chinese)),
            Some(scheme) => {
                let read = resolve(scheme, code).filter(|read| matches!(read.note, CodeNote::Exact | CodeNote::Padded));
                read.map(|read| read.class.name(Language::Chinese))
            }
        }
    }

    /// Whether a name is one that it has.
    pub fn has_name(&self, name: &str) -> bool {
        match self.scheme {
            None => self.values.iter().any(|(_, known)| known == name),
            Some(scheme) => Class::find_by_name(scheme, name).is_some(),
        }
    }
}

/// Whether something must be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Required {
    /// It must.
    Mandatory,
    /// Where there is such a thing.
    Conditional,
    /// It may.
    Optional,
    /// The source does not say.
    #[default]
    Unknown,
}

impl Required {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Mandatory, "M"), (Self::Conditional, "C"), (Self::Optional, "O"), (Self::Unknown, "")];

    /// The letter of files; empty where it is not known.
    pub fn letter(self) -> &'static str {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or("", |(_, letter)| letter)
    }

    fn of_letter(letter: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(letter.trim())).map(|(known, _)| *known)
    }
}

/// A layer of a delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerSpec {
    /// Its code: `DLTB`.
    pub code: String,
    /// Its Chinese name.
    pub name: String,
    /// Its English name.
    pub name_en: String,
    /// What its features are; `None` for annotations and rasters, which are not looked into.
    pub geometry: Option<GeometryKind>,
    /// Whether it must be there.
    pub required: Required,
    /// Other names that it goes by.
    pub synonyms: Vec<String>,
    /// Its fields, in order. None: they are not known, and fields are not looked at.
    pub fields: Vec<FieldSpec>,
    /// Where it stands.
    pub basis: Basis,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text.
    Text,
    /// Whole numbers.
    Int,
    /// Numbers.
    Float,
    /// A day, `YYYYMMDD`.
    Date,
    /// Pictures and the like, which are not looked into.
    Binary,
}

impl FieldKind {
    const WORDS: [(Self, &'static str); 14] = [
        (Self::Text, "char"),
        (Self::Int, "int"),
        (Self::Float, "float"),
        (Self::Date, "date"),
        (Self::Binary, "varbin"),
        (Self::Text, "varchar"),
        (Self::Text, "text"),
        (Self::Text, "文本"),
        (Self::Text, "字符型"),
        (Self::Int, "整型"),
        (Self::Float, "double"),
        (Self::Float, "浮点型"),
        (Self::Float, "双精度"),
        (Self::Date, "日期型"),
    ];

    /// The word of files.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(known, _)| *known == self).map_or("char", |(_, word)| word)
    }

    fn of_word(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(known, _)| *known)
    }
}

/// A field of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldSpec {
    /// Its code: `TBMJ`.
    pub code: String,
    /// Its Chinese name.
    pub alias: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Characters of text, digits of numbers.
    pub length: Option<usize>,
    /// Digits behind the point.
    pub decimals: Option<usize>,
    /// Whether it must be there and be filled.
    pub required: Required,
    /// Name of its code list; `X(name)` for the names of list X.
    pub list: Option<String>,
    /// What its numbers lie between.
    pub range: Option<Range>,
    /// How many digits its codes may have; empty: any number of any characters.
    pub digits: Vec<usize>,
    /// Whether no value stands twice in the layer.
    pub unique: bool,
    /// The one value that it has.
    pub constant: Option<String>,
    /// Unit of its numbers.
    pub unit: String,
    /// Other names that it goes by.
    pub synonyms: Vec<String>,
    /// Where it stands.
    pub basis: Basis,
}

impl FieldSpec {
    /// The list whose names it holds, where it holds names.
    pub fn names_of(&self) -> Option<&str> {
        self.list.as_deref()?.strip_suffix("(name)")
    }
}

/// Numbers between two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The lower end, and whether it belongs to the range.
    pub low: Option<(f64, bool)>,
    /// The upper end, and whether it belongs to the range.
    pub high: Option<(f64, bool)>,
}

impl Range {
    /// Reads `>0`, `>=0`, `<1`, `<=1`, `[0,1)`, `(-160;8850)`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.replace(['，', ';'], ",").replace("2π", &std::f64::consts::TAU.to_string());
        let text = text.trim();
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
        let one_sided = [(">=", true, true), ("<=", false, true), (">", true, false), ("<", false, false)];
        if let Some((sign, is_low, is_closed)) = one_sided.into_iter().find(|(sign, ..)| text.starts_with(sign)) {
            let end = Some((number(&text[sign.len()..])?, is_closed));
            return Some(if is_low { Self { low: end, high: None } } else { Self { low: None, high: end } });
        }
        let low_closed = match text.chars().next()? {
            '[' => true,
            '(' => false,
            _ => return None,
        };
        let high_closed = match text.chars().last()? {
            ']' => true,
            ')' => false,
            _ => return None,
        };
        let (low, high) = text.get(1..text.len() - 1)?.split_once(',')?;
        Some(Self { low: Some((number(low)?, low_closed)), high: Some((number(high)?, high_closed)) })
    }

    /// Whether it holds a number.
    pub fn has(&self, value: f64) -> bool {
        let above = self.low.is_none_or(|(low, closed)| value > low || (closed && value >= low));
        let below = self.high.is_none_or(|(high, closed)| value < high || (closed && value <= high));
        above && below
    }

    /// As it is written.
    pub fn text(&self) -> String {
        match (self.low, self.high) {
            (Some((low, closed)), None) => format!("{}{low}", if closed { ">=" } else { ">" }),
            (None, Some((high, closed))) => format!("{}{high}", if closed { "<=" } else { "<" }),
            (Some((low, low_closed)), Some((high, high_closed))) => {
                let (open, close) = (if low_closed { '[' } else { '(' }, if high_closed { ']' } else { ')' });
                format!("{open}{low},{high}{close}")
            }
            (None, None) => String::new(),
        }
    }
}

/// A rule over the layers of a delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its number, unlike that of any other.
    pub id: String,
    /// Codes of the layers that it is about; `*` for all.
    pub layers: Vec<String>,
    /// Layers that it is not about.
    pub except: Vec<String>,
    /// The features that it is about; all without.
    pub filter: Option<Expr>,
    /// The field that it is about.
    pub field: Option<String>,
    /// What it asks for.
    pub says: String,
    /// The same in English.
    pub says_en: String,
    /// How much it matters.
    pub severity: Severity,
    /// Where it stands.
    pub basis: Basis,
    /// How it is looked into.
    pub test: Test,
    /// As it was written.
    record: file::RuleRecord,
}

/// How a rule is looked into.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// An expression holds for every feature.
    Holds(Expr),
    /// No values of these fields together stand twice.
    Unique(Vec<String>),
    /// The field of the rule has one value in the whole layer, or among the features that have the same in these fields.
    Same(Vec<String>),
    /// The field of the rule is the survey's area of its feature.
    Area {
        /// Unit of the field.
        unit: AreaUnit,
        /// What it may differ by, m².
        tolerance_m2: f64,
        /// What it may differ by, as a share.
        tolerance_share: f64,
    },
    /// Sums of a layer are those of another.
    Sum(Box<Sum>),
    /// The sum over the layer is a number that stands in no delivery.
    Total(Box<Total>),
    /// Polygons are valid.
    Valid,
    /// Features have one part.
    SinglePart,
    /// Polygons have no holes.
    NoHoles,
    /// Polygons are no smaller than this, m².
    MinArea(f64),
    /// Vertices of a border are no closer than this, m.
    MinDistance(f64),
    /// Borders turn by no less than this, degrees.
    MinAngle(f64),
    /// Features do not overlap by more than this, m².
    NoOverlap(f64),
    /// Lines are no shorter than this, m.
    MinLength(f64),
    /// No stretch of a line lies on another one, or on its own, nearer than this, m.
    NoSelfOverlap(f64),
    /// Each end of a line is nearer than this to another line, m.
    NoDangles(f64),
    /// Neighbours differ in one of these fields.
    NotAlike(Vec<String>),
    /// A layer against another one.
    Against {
        /// The other one.
        of: String,
        /// In which way.
        relation: Relation,
        /// The features of the other one that count.
        of_filter: Option<Expr>,
        /// What may differ, m².
        least_m2: f64,
        /// What is no wider than this does not count, m.
        least_width_m: f64,
    },
    /// It is not looked into, and said so.
    NotChecked,
}

/// How features of two layers stand to each other.
#[derive(Clone, Debug, PartialEq)]
pub enum Relation {
    /// Each lies inside the other layer.
    Inside,
    /// Each lies inside one feature of the other layer.
    InsideOne,
    /// Together they cover every feature of the other layer: no gaps.
    Covers,
    /// Both cover the same land.
    SameExtent,
    /// They have no land in common.
    Apart,
    /// A code of each begins as that of the feature of the other layer that most of it lies in.
    CodeOfPlace {
        /// The field of the other layer.
        of_field: String,
        /// How many characters are the same.
        characters: usize,
    },
    /// Lines, or the borders of polygons, follow borders of the other layer.
    OnBorder {
        /// How near, m.
        tolerance_m: f64,
    },
    /// Lines lie inside the polygons of the other layer, or on their borders.
    LineInside {
        /// How near to a border is on it, m.
        tolerance_m: f64,
    },
    /// The field of each is the sum of those of the features of the other layer that lie in it, most of each.
    SumInside {
        /// The field of the other layer.
        of_field: String,
        /// What they may differ by.
        tolerance: f64,
    },
    /// Each names features of the other layer that it shares land with.
    Refers {
        /// The field of the other layer that holds their names.
        of_field: String,
    },
}

/// Coordinates nearer to each other are one, m: the tolerance of the checkers.
pub(super) const CLUSTER_M: f64 = 0.001;

/// A sum over a layer that is given, as the control area of a county is from above.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    /// What is summed.
    pub value: Expr,
    /// Features of which only the first counts: those for which this is the same.
    pub each: Option<Expr>,
    /// What it comes to; where nobody has said it, the rule is not looked into.
    pub expected: Option<f64>,
    /// What it may differ by.
    pub tolerance: f64,
}

/// Sums of a layer that are those of another.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    /// What is summed.
    pub value: Expr,
    /// What it is summed by; all together without.
    pub by: Option<Expr>,
    /// The other layer.
    pub of: String,
    /// What is summed there.
    pub of_value: Expr,
    /// What it is summed by there.
    pub of_by: Option<Expr>,
    /// Features of which only the first counts: those for which this is the same.
    pub each: Option<Expr>,
    /// The same there.
    pub of_each: Option<Expr>,
    /// What they may differ by.
    pub tolerance: f64,
}

impl Rule {
    /// What it asks for, in `language`.
    pub fn says(&self, language: Language) -> &str {
        if language == Language::English && !self.says_en.is_empty() { &self.says_en } else { &self.says }
    }

    /// Whether it is about the layer of that code.
    pub fn is_about(&self, code: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name.eq_ignore_ascii_case(code));
        (named(&self.layers) || self.layers.iter().any(|name| name == "*")) && !named(&self.except)
    }

    /// Its severity, of which a surmise leaves a note.
    pub fn limited(&self) -> Severity {
        self.basis.limit(self.severity)
    }
}

impl Schema {
    /// Its name in `language`.
    pub fn title(&self, language: Language) -> &str {
        if language == Language::English && !self.name_en.is_empty() { &self.name_en } else { &self.name }
    }

    /// Its note in `language`.
    pub fn note(&self, language: Language) -> &str {
        if language == Language::English && !self.note_en.is_empty() { &self.note_en } else { &self.note }
    }

    /// The list of that name.
    pub fn list(&self, name: &str) -> Option<&CodeList> {
        self.lists.iter().find(|list| list.name == name)
    }
}

/// The schemas in the program: their word, and their text.
const BUILT_IN: [(&str, &str); 3] = [
    ("survey", include_str!("../../assets/schema/survey-2019.toml")),
    ("plan", include_str!("../../assets/schema/plan-county.toml")),
    ("demo", include_str!("../../assets/schema/demo-area.toml")),
];

/// The words by which the schemas in the program are asked for.
pub fn built_in_words() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(word, _)| *word)
}

/// The schema in the program that goes by a word.
///
/// # Panics
/// Never: a test reads all of them.
pub fn built_in(word: &str) -> Option<Schema> {
    let (_, text) = BUILT_IN.iter().find(|(known, _)| known.eq_ignore_ascii_case(word))?;
    Some(Schema::parse(text).expect("the schemas in the program are read by a test"))
}

#[cfg(test)]
mod tests;
