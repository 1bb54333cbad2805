//! The classes of two states by one list.
//!
//! A class is a pair of scheme and code. Where the codes of both layers belong to one scheme, classes are told apart by
//! what the codes mean, so that `701`, `0701` and `07010000` are one; where they belong to none, by their text. Two
//! schemes, or two vintages of one, are compared only with a crosswalk.

mod classifier;

use rustc_hash::FxHashMap;

pub(in crate::scenario) use self::classifier::Classifier;
use self::classifier::Texts;
use super::CompareError;
use crate::model::Layer;
use crate::model::classes::{BigClass, Class, OtherGrassland};
use crate::model::keys::GroupKey;
use crate::text::{Language, Message, tr};

/// At which level of the land-use scheme classes are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// As the field has them.
    #[default]
    AsGiven,
    /// First, second or third level; classes of a higher level stay.
    Of(u8),
    /// The three big classes (三大类), with 0404 where it is said to belong.
    Big(OtherGrassland),
}

impl Level {
    /// The word of the command line.
    pub fn name(self) -> String {
        match self {
            Self::AsGiven => "given".to_owned(),
            Self::Of(level) => level.to_string(),
            Self::Big(_) => "class3".to_owned(),
        }
    }
}

/// What the features of one layer are grouped by: the last key is the class, those before it divide it further.
#[derive(Clone, Copy, Debug)]
pub struct Grouping<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// Its keys.
    pub keys: &'a [GroupKey],
}

/// A class of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassKey {
    /// What names it in JSON: the code, or the text of the field, behind the values of further keys. Empty for null.
    pub key: String,
    /// Values of the keys before the class.
    pub groups: Vec<String>,
    /// The value of the class itself.
    pub value: String,
    /// The land-use class that it is.
    pub class: Option<Class>,
    /// The big class that it is, where classes are those.
    pub big: Option<BigClass>,
}

impl ClassKey {
    /// Its name for users; the key where it has none.
    pub fn name(&self, language: Language) -> String {
        let name = match (self.class, self.big) {
            (Some(class), _) => class.name(language).to_owned(),
            (None, Some(big)) => big.title(language).to_owned(),
            (None, None) if self.value.is_empty() => tr(language, "scenario.no-class").to_owned(),
            (None, None) => self.value.clone(),
        };
        self.groups.iter().map(|group| format!("{group} / ")).collect::<String>() + &name
    }

    /// Code and name.
    pub fn label(&self, language: Language) -> String {
        match self.class {
            Some(class) => {
                self.groups.iter().map(|group| format!("{group} / ")).collect::<String>() + &class.label(language)
            }
            None => self.name(language),
        }
    }
}

/// The class of every feature of two states.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Classes {
    /// The classes of both, in the order of the standard, then by text.
    pub list: Vec<ClassKey>,
    /// Class of each feature of the base and of the scenario, a place in the list.
    pub of: [Vec<u32>; 2],
    /// What was read as what, and how often: spellings of one class, lost zeros, what says that there is no value.
    pub remarks: Vec<Message>,
}

/// What the columns of a crosswalk are called.
const FROM: &[&str] =
    &["from", "原地类", "原地类编码", "原编码", "原代码", "原分类", "原", "旧地类", "旧编码", "旧", "从"];
const TO: &[&str] =
    &["to", "新地类", "新地类编码", "新编码", "新代码", "新分类", "新", "目标地类", "目标编码", "转换后", "到"];

/// Which class of the scenario's scheme each class of the base's becomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crosswalk {
    rows: Vec<(String, String)>,
}

impl Crosswalk {
    /// A crosswalk of rows (from, to). A class with several targets is open: to be decided before it can be used.
    pub fn new(rows: Vec<(String, String)>) -> Self {
        let tidy = |text: String| text.trim().to_owned();
        Self { rows: rows.into_iter().map(|(from, to)| (tidy(from), tidy(to))).collect() }
    }

    /// Reads a crosswalk from a table with the columns `from` and `to`, or what Chinese tables call them, divided as [`crate::io::table_of`] finds.
    ///
    /// # Errors
    /// What is wrong with the text, for the message of the caller.
    pub fn from_csv(text: &str) -> Result<Self, String> {
        let (text, sign) = crate::io::table_of(text);
        let mut reader = csv::ReaderBuilder::new().delimiter(sign).flexible(true).from_reader(text.as_bytes());
        let headers = reader.headers().map_err(|error| error.to_string())?.clone();
        let headings: Vec<&str> = headers.iter().collect();
        let Some((from, to)) = Self::columns(&headings) else { return Err("from, to".to_owned()) };
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| error.to_string())?;
            let cell = |at: usize| crate::io::plain_cell(record.get(at).unwrap_or_default()).to_owned();
            rows.push((cell(from), cell(to)));
        }
        Ok(Self::new(rows))
    }

    /// The columns of a table that say from what to what, by their headings.
    pub fn columns(headings: &[&str]) -> Option<(usize, usize)> {
        let column = |names: &[&str]| {
            headings.iter().position(|heading| names.iter().any(|name| heading.trim().eq_ignore_ascii_case(name)))
        };
        Some((column(FROM)?, column(TO)?))
    }

    fn targets(&self, code: &str) -> Vec<&str> {
        let mut targets: Vec<&str> =
            self.rows.iter().filter(|(from, _)| from == code).map(|(_, to)| to.as_str()).collect();
        targets.sort_unstable();
        targets.dedup();
        targets
    }
}

impl Classes {
    /// Classes of the features of `base` and `scenario` at `level`, by one list.
    ///
    /// # Errors
    /// [`CompareError::SchemesDiffer`] without a crosswalk, [`CompareError::CrosswalkOpen`] and
    /// [`CompareError::CrosswalkLacks`] with one that does not answer, [`CompareError::NoLevels`] and
    /// [`CompareError::NoBigClasses`] for a level that the codes do not have.
    pub fn new(
        base: Grouping<'_>,
        scenario: Grouping<'_>,
        level: Level,
        crosswalk: Option<&Crosswalk>,
    ) -> Result<Self, CompareError> {
        let (classifier, texts) = Classifier::new([base, scenario], level, crosswalk)?;
        let mut numbers: FxHashMap<(Vec<String>, String), usize> = FxHashMap::default();
        let mut list: Vec<ClassKey> = Vec::new();
        let mut of: [Vec<u32>; 2] = Default::default();
        for (side, texts) in texts.iter().enumerate() {
            let mut places = Vec::with_capacity(texts.distinct.len());
            for values in &texts.distinct {
                let key = classifier.class_key(side, values)?;
                let next = list.len();
                let at = *numbers.entry((key.groups.clone(), key.value.clone())).or_insert(next);
                if at == next {
                    list.push(key);
                }
                places.push(at as u32);
            }
            of[side] = texts.of.iter().map(|text| places[*text as usize]).collect();
        }
        let order = standard_order(&list);
        let mut place_of = vec![0u32; list.len()];
        for (place, at) in order.iter().enumerate() {
            place_of[*at] = place as u32;
        }
        for side in &mut of {
            side.iter_mut().for_each(|class| *class = place_of[*class as usize]);
        }
        let list = order.into_iter().map(|at| list[at].clone()).collect();
        let remarks = (0..2).flat_map(|side| classifier.remarks(side, &texts[side], [base, scenario][side])).collect();
        Ok(Self { list, of, remarks })
    }
}

/// What tells the classes of pieces of two states that are too large to be read at once: decided by all values of both.
#[derive(Clone, Debug)]
pub struct PieceClasses {
    classifier: Classifier,
}

impl PieceClasses {
    /// From layers that hold each value of the keys at least once; `level` and `crosswalk` as in [`Classes::new`].
    ///
    /// # Errors
    /// As [`Classes::new`].
    pub fn new(
        base: Grouping<'_>,
        scenario: Grouping<'_>,
        level: Level,
        crosswalk: Option<&Crosswalk>,
    ) -> Result<Self, CompareError> {
        let (classifier, texts) = Classifier::new([base, scenario], level, crosswalk)?;
        // What is wrong with a class is told before the long run.
        for (side, texts) in texts.iter().enumerate() {
            for values in &texts.distinct {
                classifier.class_key(side, values)?;
            }
        }
        Ok(Self { classifier })
    }

    /// The classes of a piece of both states.
    ///
    /// # Errors
    /// As [`Classes::new`].
    pub fn of(&self, base: Grouping<'_>, scenario: Grouping<'_>) -> Result<Classes, CompareError> {
        let mut numbers: FxHashMap<(Vec<String>, String), u32> = FxHashMap::default();
        let mut list: Vec<ClassKey> = Vec::new();
        let mut of: [Vec<u32>; 2] = Default::default();
        for (side, grouping) in [base, scenario].into_iter().enumerate() {
            let texts = Texts::of(grouping);
            let mut places = Vec::with_capacity(texts.distinct.len());
            for values in &texts.distinct {
                let key = self.classifier.class_key(side, values)?;
                let next = list.len() as u32;
                let at = *numbers.entry((key.groups.clone(), key.value.clone())).or_insert(next);
                if at == next {
                    list.push(key);
                }
                places.push(at);
            }
            of[side] = texts.of.iter().map(|text| places[*text as usize]).collect();
        }
        Ok(Classes { list, of, remarks: Vec::new() })
    }
}

/// Places of classes in the order of the standard, then by text; what is null last.
pub(in crate::scenario) fn standard_order(list: &[ClassKey]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by(|a, b| {
        let rank = |key: &ClassKey| {
            let class = key.class.map_or(usize::MAX, Class::order);
            let big = key.big.map_or(u8::MAX, |big| big as u8);
            let number = key.value.parse::<f64>().ok().filter(|n| n.is_finite()); // text sorts as text
            (key.groups.clone(), class, big, key.value.is_empty(), number.unwrap_or(f64::MAX))
        };
        let (x, y) = (rank(&list[*a]), rank(&list[*b]));
        let by_rank = (x.0, x.1, x.2, x.3).cmp(&(y.0, y.1, y.2, y.3));
        by_rank.then(x.4.total_cmp(&y.4)).then_with(|| list[*a].value.cmp(&list[*b].value))
    });
    order
}
