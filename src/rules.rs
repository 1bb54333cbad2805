//! Rules: indicators and quotas that a state of the plan is held against.
//!
//! A rules file is TOML that planners write ([`Rules::parse`]); its indicators are formulas over classes, layers, what
//! they have in common and what changed, with units that are checked when the file is read. [`Facts`] hold the two
//! states that a rule speaks of and remember what was computed of them; [`evaluate`] gives one [`Outcome`] a rule. What
//! costs time depends on geometry alone and is kept over edits, so that a recode costs sums only.
//!
//! A rule that cannot be read or judged says why, and the others go on. Nothing here opens files.
//!
//! | file | holds |
//! |---|---|
//! | `file` | TOML to rules |
//! | `place` | lines and columns |
//! | `plan` | formulas of the language of [`crate::expr`]: names looked up, units checked |
//! | `facts` | what is computed of the states, and kept |
//! | `sets` | areas of features, overlaps, losses |
//! | `judge` | values, limits, lights |
//! | `target` | what a rule wants of the layer that is watched |

use std::path::{Path, PathBuf};

use crate::expr::ExprError;
pub use crate::expr::Unit;
use crate::text::{Language, Message};
use crate::units::format_number;

mod facts;
mod file;
mod judge;
mod place;
mod plan;
mod sets;
mod target;

pub use facts::{FactCache, Facts, Reason};
pub use judge::{Breach, Light, Outcome, breaches, evaluate, evaluate_kept};
pub use plan::{Kind, Which};
pub use target::target;

use plan::Term;

/// A mistake in a formula: the character that it stands at, from 0, what it is, and what to do about it.
#[derive(Clone, Debug, PartialEq)]
struct Fault {
    at: usize,
    message: Message,
    remedy: Option<Message>,
}

impl Fault {
    fn new(at: usize, message: Message) -> Self {
        Self { at, message, remedy: None }
    }
}

impl From<ExprError> for Fault {
    fn from(error: ExprError) -> Self {
        Self { at: error.column - 1, message: error.message, remedy: error.remedy }
    }
}

/// A rules file as read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// The file.
    pub path: PathBuf,
    /// Its title.
    pub name: String,
    /// The same in English; empty where it has none.
    pub name_en: String,
    /// What its author says of it.
    pub note: String,
    /// The constants that it defines, in the order of their names.
    pub constants: Vec<Constant>,
    /// The rules, in the order of the file; those with mistakes are among them.
    pub rules: Vec<Rule>,
    /// All mistakes.
    pub errors: Vec<RuleError>,
}

/// A constant of a rules file.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// m², share of 1, or number.
    pub value: f64,
    /// What it is.
    pub kind: Kind,
    /// The unit that it is written in.
    pub unit: Unit,
    /// Where it comes from, in words.
    pub source: String,
    /// The same in English; empty where it has none.
    pub source_en: String,
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its word, one a file.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The same in English; empty where it has none.
    pub name_en: String,
    /// Where it comes from: document and article.
    pub source: String,
    /// The same in English; empty where it has none.
    pub source_en: String,
    /// The indicator as written.
    pub indicator_text: String,
    /// How the indicator must stand to the limit.
    pub comparison: Comparison,
    /// What the indicator is.
    pub kind: Kind,
    /// The unit that figures are shown in.
    pub unit: Unit,
    /// The unit that the limit is written in.
    pub limit_unit: Unit,
    /// From where on the light is amber.
    pub warn: Warn,
    /// By how much the limit may be missed; `None` for what figures in the unit of the limit do not show.
    pub tolerance: Option<f64>,
    /// What it means to miss it.
    pub severity: Severity,
    /// Line of the file that it starts at, from 1.
    pub line: usize,
    /// Its first mistake: then it cannot be judged.
    pub error: Option<RuleError>,
    /// Indicator and limit; `None` with a mistake.
    plan: Option<(Term, Term)>,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            name_en: String::new(),
            source: String::new(),
            source_en: String::new(),
            indicator_text: String::new(),
            comparison: Comparison::default(),
            kind: Kind::Area,
            unit: Kind::Area.unit(),
            limit_unit: Kind::Area.unit(),
            warn: Warn::default(),
            tolerance: None,
            severity: Severity::default(),
            line: 0,
            error: None,
            plan: None,
        }
    }
}

/// How an indicator must stand to its limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparison {
    /// Not more than it.
    #[default]
    AtMost,
    /// Less than it.
    Less,
    /// Not less than it.
    AtLeast,
    /// More than it.
    More,
    /// As much as it.
    Equal,
}

impl Comparison {
    /// The sign of reports.
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtMost => "≤",
            Self::Less => "<",
            Self::AtLeast => "≥",
            Self::More => ">",
            Self::Equal => "=",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "<=" | "≤" | "=<" | "不超过" | "不大于" => Self::AtMost,
            "<" | "＜" | "小于" => Self::Less,
            ">=" | "≥" | "=>" | "不低于" | "不少于" | "不小于" => Self::AtLeast,
            ">" | "＞" | "大于" => Self::More,
            "=" | "==" | "＝" | "等于" => Self::Equal,
            _ => return None,
        })
    }
}

/// What it means to miss a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Severity {
    /// 约束性: red.
    #[default]
    Binding,
    /// 预期性: amber.
    Expected,
}

impl Severity {
    fn from_word(word: &str) -> Option<Self> {
        Some(match word.to_lowercase().as_str() {
            "binding" | "约束性" => Self::Binding,
            "expected" | "预期性" => Self::Expected,
            _ => return None,
        })
    }

    /// The word of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Binding => "binding",
            Self::Expected => "expected",
        }
    }
}

/// From where on the light is amber.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Warn {
    /// This part of the limit: of 0.95 the last five per cent before it, from whichever side.
    Part(f64),
    /// A value of the indicator.
    Value(f64),
}

impl Default for Warn {
    fn default() -> Self {
        Self::Part(0.95)
    }
}

/// A mistake in a rules file.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleError {
    /// The file.
    pub path: PathBuf,
    /// Name of the rule, where it is in one.
    pub rule: Option<String>,
    /// Line, from 1.
    pub line: usize,
    /// Character in the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: Message,
    /// What to do about it, where the message does not say it itself.
    pub remedy: Option<Message>,
}

impl RuleError {
    /// What is wrong and what to do about it, without the place.
    pub fn said(&self, language: Language) -> String {
        match &self.remedy {
            None => self.message.text(language),
            Some(remedy) => Message::new("expr.and-remedy")
                .with("error", self.message.text(language))
                .with("remedy", remedy.text(language))
                .text(language),
        }
    }

    /// The mistake in a sentence with its place.
    pub fn text(&self, language: Language) -> String {
        let key = if self.rule.is_some() { "rules.error-in-rule" } else { "rules.error" };
        Message::new(key)
            .with("path", self.path.display())
            .with("line", self.line)
            .with("column", self.column)
            .with("rule", self.rule.as_deref().unwrap_or_default())
            .with("message", self.said(language))
            .text(language)
    }
}

impl Rules {
    /// Reads the text of a rules file; `path` is what mistakes name. Never fails: mistakes are in the rules.
    pub fn parse(text: &str, path: &Path) -> Self {
        file::parse(text, path)
    }

    /// Its title in `language`.
    pub fn title(&self, language: Language) -> &str {
        in_language(&self.name, &self.name_en, language)
    }
}

impl Rule {
    /// Its name in `language`.
    pub fn title(&self, language: Language) -> &str {
        in_language(&self.name, &self.name_en, language)
    }

    /// Where it comes from, in `language`.
    pub fn source(&self, language: Language) -> &str {
        in_language(&self.source, &self.source_en, language)
    }

    /// A limit as it is read: in the unit that it is written in, but 0, which is written in none, in that of the figures.
    pub fn limit_shown(&self, limit: f64, language: Language) -> String {
        let unit = if limit == 0.0 { self.unit } else { self.limit_unit };
        unit.show(limit, language)
    }
}

impl Constant {
    /// Where it comes from, in `language`.
    pub fn source(&self, language: Language) -> &str {
        in_language(&self.source, &self.source_en, language)
    }
}

impl Unit {
    /// A figure with its unit: `130,000.00 亩`.
    pub fn show(self, value: f64, language: Language) -> String {
        match self {
            Self::Area(unit) => {
                let figure = crate::units::Area::from_m2(value).display(unit);
                format!("{figure} {}", crate::text::tr(language, unit.key()))
            }
            Self::Percent => format!("{} %", format_number(value * 100.0, 2)),
            Self::Plain if value.fract() == 0.0 => format_number(value, 0),
            Self::Plain => format_number(value, 4),
        }
    }

    /// Decimals that [`Self::show`] writes of a figure.
    pub fn decimals(self, value: f64) -> u8 {
        match self {
            Self::Area(unit) => unit.decimals(self.value(value)) as u8,
            Self::Percent => 2,
            Self::Plain if value.fract() == 0.0 => 0,
            Self::Plain => 4,
        }
    }

    /// The value in the unit: mu of m², per cent of shares.
    pub fn value(self, value: f64) -> f64 {
        match self {
            Self::Area(unit) => crate::units::Area::from_m2(value).value(unit),
            Self::Percent => value * 100.0,
            Self::Plain => value,
        }
    }

    /// Its symbol; empty for plain numbers.
    pub fn symbol(self, language: Language) -> &'static str {
        match self {
            Self::Area(unit) => crate::text::tr(language, unit.key()),
            Self::Percent => "%",
            Self::Plain => "",
        }
    }
}

fn in_language<'a>(chinese: &'a str, english: &'a str, language: Language) -> &'a str {
    match language {
        Language::English if !english.is_empty() => english,
        Language::English | Language::Chinese => chinese,
    }
}

#[cfg(test)]
mod tests;
