//! A rule of a schema: which features it is about, what it asks for, how that is looked into.

use super::Basis;
use super::file::RuleRecord;
use crate::expr::Expr;
use crate::model::Severity;
use crate::text::Language;
use crate::units::AreaUnit;

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
    pub(super) record: RuleRecord,
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
pub(in crate::validate) const CLUSTER_M: f64 = 0.001;

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
