//! Values of expressions, and an expression bound to the columns of a layer.

use std::borrow::Cow;
use std::cmp::Ordering;

use rustc_hash::FxHashSet;

use super::functions::{Function, parse_number};
use super::parse::{Arithmetic, Comparison, Variable};
use crate::model::{FeatureBlock, FieldType, Layer, Value};

/// What an expression gives, where that is known before it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Known for each feature only.
    Any,
    /// true or false: a condition.
    Bool,
    /// A number; areas in m².
    Number,
    /// Text.
    Text,
}

/// A value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum<'a> {
    /// No value.
    Null,
    /// true or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number.
    Float(f64),
    /// Text, borrowed from the layer where it can be.
    Text(Cow<'a, str>),
}

impl<'a> Datum<'a> {
    /// A number, or null where the computation left the numbers (division by zero).
    pub(super) fn float(value: f64) -> Self {
        if value.is_finite() { Self::Float(value) } else { Self::Null }
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The number, where it is one. Text is none, even `12`: see `num` in the language.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The value as text; `None` for null.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Null => None,
            Self::Bool(value) => Some(Cow::Owned(value.to_string())),
            Self::Int(value) => Some(Cow::Owned(value.to_string())),
            Self::Float(value) => Some(Cow::Owned(value.to_string())),
            Self::Text(text) => Some(Cow::Borrowed(text)),
        }
    }

    fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// The value of an attribute, seen as the type that its field has over the whole layer.
    fn of(value: Value<'a>, kind: FieldType) -> Self {
        let as_text = matches!(kind, FieldType::Text | FieldType::Json);
        match value {
            Value::Null => Self::Null,
            Value::Text(text) | Value::Json(text) => Self::Text(Cow::Borrowed(text)),
            value if as_text => Self::Text(Cow::Owned(value.to_string())),
            Value::Bool(value) => Self::Bool(value),
            Value::Int(value) => Self::Int(value),
            Value::Float(value) => Self::float(value),
        }
    }
}

/// A node whose fields are columns.
#[derive(Debug)]
pub(super) enum Plan {
    Constant(Datum<'static>),
    Field(usize, FieldType),
    Variable(Variable),
    Not(Box<Plan>),
    Negate(Box<Plan>),
    And(Vec<Plan>),
    Or(Vec<Plan>),
    Arithmetic(Arithmetic, Box<Plan>, Box<Plan>),
    Compare(Comparison, Box<Plan>, Box<Plan>),
    /// Value, pattern, whether it stands after `not`; so in the next two.
    Like(Box<Plan>, Pattern, bool),
    In(Box<Plan>, Set, bool),
    Between(Box<Plan>, Box<Plan>, Box<Plan>, bool),
    IsNull(Box<Plan>),
    Call(Function, Vec<Plan>),
}

/// The list of `in`: constants in sets, whatever must be computed beside them.
#[derive(Debug, Default)]
pub(super) struct Set {
    texts: FxHashSet<String>,
    /// Whole numbers, however they were written.
    ints: FxHashSet<i64>,
    /// Bits of the others.
    fractions: FxHashSet<u64>,
    others: Vec<Plan>,
}

/// What is known of every feature beside its attributes, in feature order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures<'a> {
    /// m², for `$area`.
    pub areas: Option<&'a [f64]>,
    /// Metres, for `$perimeter`.
    pub perimeters: Option<&'a [f64]>,
}

/// Where values come from: one row of one block.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub layer: &'a Layer,
    pub figures: Figures<'a>,
    pub block: &'a FeatureBlock,
    pub row: usize,
    /// Feature index of the row.
    pub feature: usize,
    /// A column and the text to take in place of what the row has there: for judging each distinct text once.
    pub instead: Option<(usize, &'a str)>,
    /// A comparison, by its address, and what to take it for: for asking whether it decides.
    pub forced: Option<(usize, bool)>,
}

impl Plan {
    /// What tells a node from all others.
    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self) as usize
    }

    pub(super) fn eval<'a>(&self, row: &Row<'a>) -> Datum<'a> {
        if let Some((address, value)) = row.forced
            && address == self.address()
        {
            return Datum::Bool(value);
        }
        match self {
            Self::Constant(value) => value.clone(),
            Self::Field(field, kind) => match row.instead {
                Some((column, text)) if column == *field => Datum::Text(Cow::Borrowed(text)),
                _ => Datum::of(row.block.attributes.value(row.row, *field), *kind),
            },
            Self::Variable(variable) => row.variable(*variable),
            Self::Not(inner) => Datum::Bool(!inner.eval(row).is_true()),
            Self::Negate(inner) => match inner.eval(row) {
                Datum::Int(value) => value.checked_neg().map_or(Datum::Float(-(value as f64)), Datum::Int),
                value => value.number().map_or(Datum::Null, |value| Datum::Float(-value)),
            },
            Self::And(parts) => Datum::Bool(parts.iter().all(|part| part.eval(row).is_true())),
            Self::Or(parts) => Datum::Bool(parts.iter().any(|part| part.eval(row).is_true())),
            Self::Arithmetic(operation, left, right) => operation.apply(&left.eval(row), &right.eval(row)),
            Self::Compare(comparison, left, right) => Datum::Bool(comparison.holds(&left.eval(row), &right.eval(row))),
            Self::Like(value, pattern, negated) => {
                let fits = pattern.fits(&value.eval(row), row);
                Datum::Bool(fits.is_some_and(|fits| fits != *negated))
            }
            Self::In(value, set, negated) => {
                let value = value.eval(row);
                Datum::Bool(!value.is_null() && set.holds(&value, row) != *negated)
            }
            Self::Between(value, low, high, negated) => {
                let (value, low, high) = (value.eval(row), low.eval(row), high.eval(row));
                let within =
                    Comparison::GreaterOrEqual.holds(&value, &low) && Comparison::LessOrEqual.holds(&value, &high);
                Datum::Bool(![&value, &low, &high].into_iter().any(Datum::is_null) && within != *negated)
            }
            Self::IsNull(inner) => Datum::Bool(inner.eval(row).is_null()),
            Self::Call(function, arguments) => {
                let values: Vec<Datum<'a>> = arguments.iter().map(|argument| argument.eval(row)).collect();
                function.apply(&values)
            }
        }
    }

    /// Adds the columns that the value depends on. Returns `false` where it depends on more than columns.
    pub(super) fn columns(&self, columns: &mut Vec<usize>) -> bool {
        let mut all = |plans: &[&Self]| {
            let mut pure = true;
            for plan in plans {
                pure &= plan.columns(columns);
            }
            pure
        };
        match self {
            Self::Constant(_) => true,
            Self::Field(field, _) => {
                if !columns.contains(field) {
                    columns.push(*field);
                }
                true
            }
            Self::Variable(_) => false,
            Self::Not(a) | Self::Negate(a) | Self::IsNull(a) => all(&[a]),
            Self::Arithmetic(_, a, b) | Self::Compare(_, a, b) | Self::Like(a, Pattern::Computed(b), _) => all(&[a, b]),
            Self::Like(a, Pattern::Fixed(_), _) => all(&[a]),
            Self::Between(a, b, c, _) => all(&[a, b, c]),
            Self::And(parts) | Self::Or(parts) | Self::Call(_, parts) => all(&parts.iter().collect::<Vec<_>>()),
            Self::In(value, set, _) => {
                let mut parts: Vec<&Self> = set.items().iter().collect();
                parts.push(value);
                all(&parts)
            }
        }
    }

    /// Whether the value for `row` is true.
    pub(super) fn is_true(&self, row: &Row<'_>) -> bool {
        self.eval(row).is_true()
    }
}

impl<'a> Row<'a> {
    fn variable(&self, variable: Variable) -> Datum<'a> {
        let figure = |figures: Option<&[f64]>| match figures.and_then(|figures| figures.get(self.feature)) {
            Some(value) => Datum::float(*value),
            None => Datum::Null,
        };
        match variable {
            Variable::Area => figure(self.figures.areas),
            Variable::Perimeter => figure(self.figures.perimeters),
            Variable::Row => Datum::Int(self.layer.source_row(self.feature) as i64 + 1),
            Variable::Id => match &self.block.ids {
                Some(ids) => Datum::of(ids.value(self.row), FieldType::Text),
                None => Datum::Null,
            },
        }
    }
}

impl Set {
    /// Adds an item of a list that values of type `kind` are sought in.
    pub(super) fn add(&mut self, item: Plan, kind: Type) {
        match item {
            Plan::Constant(Datum::Null) => {}
            Plan::Constant(Datum::Text(text)) if kind == Type::Text => {
                self.texts.insert(text.into_owned());
            }
            Plan::Constant(Datum::Int(value)) if kind == Type::Number => {
                self.ints.insert(value);
            }
            Plan::Constant(Datum::Float(value)) if kind == Type::Number => match whole(value) {
                Some(value) => {
                    self.ints.insert(value);
                }
                None => {
                    self.fractions.insert(value.to_bits());
                }
            },
            other => self.others.push(other),
        }
    }

    pub(super) fn items(&self) -> &[Plan] {
        &self.others
    }

    fn holds(&self, value: &Datum<'_>, row: &Row<'_>) -> bool {
        let constant = match value {
            Datum::Text(text) => self.texts.contains(&**text),
            Datum::Int(value) => self.ints.contains(value),
            Datum::Float(value) => match whole(*value) {
                Some(value) => self.ints.contains(&value),
                None => self.fractions.contains(&value.to_bits()),
            },
            Datum::Null | Datum::Bool(_) => false,
        };
        constant || self.others.iter().any(|other| Comparison::Equal.holds(value, &other.eval(row)))
    }
}

/// The whole number that `value` is, where it is one that a double holds exactly.
fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() <= (1u64 << 53) as f64).then_some(value as i64)
}

impl Arithmetic {
    /// Whole numbers stay whole while they fit; a quotient is a fraction. Null where one side is null or no number, and
    /// where the divisor is 0.
    fn apply<'a>(self, left: &Datum<'_>, right: &Datum<'_>) -> Datum<'a> {
        if let (Datum::Int(a), Datum::Int(b)) = (left, right) {
            let whole = match self {
                Self::Add => a.checked_add(*b),
                Self::Subtract => a.checked_sub(*b),
                Self::Multiply => a.checked_mul(*b),
                Self::Divide => None,
                Self::Remainder => a.checked_rem(*b),
            };
            if let Some(value) = whole {
                return Datum::Int(value);
            }
        }
        let (Some(a), Some(b)) = (left.number(), right.number()) else { return Datum::Null };
        Datum::float(match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Remainder => a % b,
        })
    }
}

impl Comparison {
    /// A comparison with null is false, whatever the comparison. Numbers compare as numbers, texts by their characters.
    /// A text beside a number compares as a number where it reads as one; otherwise the two are unequal.
    pub(super) fn holds(self, left: &Datum<'_>, right: &Datum<'_>) -> bool {
        if left.is_null() || right.is_null() {
            return false;
        }
        let ordering = match (left, right) {
            (Datum::Int(a), Datum::Int(b)) => Some(a.cmp(b)),
            (Datum::Text(a), Datum::Text(b)) => Some(a.as_ref().cmp(b.as_ref())),
            (Datum::Bool(a), Datum::Bool(b)) => Some(a.cmp(b)),
            (Datum::Text(text), number) => compare_numbers(&parse_number(text), number),
            (number, Datum::Text(text)) => compare_numbers(number, &parse_number(text)),
            (a, b) => compare_numbers(a, b),
        };
        match (self, ordering) {
            (Self::Unequal, None) => true,
            (_, None) => false,
            (Self::Equal, Some(ordering)) => ordering == Ordering::Equal,
            (Self::Unequal, Some(ordering)) => ordering != Ordering::Equal,
            (Self::Less, Some(ordering)) => ordering == Ordering::Less,
            (Self::LessOrEqual, Some(ordering)) => ordering != Ordering::Greater,
            (Self::Greater, Some(ordering)) => ordering == Ordering::Greater,
            (Self::GreaterOrEqual, Some(ordering)) => ordering != Ordering::Less,
        }
    }
}

fn compare_numbers(left: &Datum<'_>, right: &Datum<'_>) -> Option<Ordering> {
    match (left, right) {
        // Codes of 18 digits do not fit a double.
        (Datum::Int(a), Datum::Int(b)) => Some(a.cmp(b)),
        _ => left.number()?.partial_cmp(&right.number()?),
    }
}

/// The pattern of `like`.
#[derive(Debug)]
pub(super) enum Pattern {
    /// Read once.
    Fixed(Vec<Piece>),
    /// To be computed for each row.
    Computed(Box<Plan>),
}

impl Pattern {
    pub(super) fn new(plan: Plan) -> Self {
        match plan {
            Plan::Constant(Datum::Text(text)) => Self::Fixed(pattern_of(&text)),
            plan => Self::Computed(Box::new(plan)),
        }
    }

    /// Whether `value` is like it; `None` where one of them is null.
    fn fits(&self, value: &Datum<'_>, row: &Row<'_>) -> Option<bool> {
        let text = value.text()?;
        match self {
            Self::Fixed(pieces) => Some(is_like(&text, pieces)),
            Self::Computed(plan) => Some(is_like(&text, &pattern_of(&plan.eval(row).text()?))),
        }
    }
}

/// Whether `text` is like `pattern`: `%` stands for any characters, `_` for one, `\` before either for itself.
fn is_like(text: &str, pattern: &[Piece]) -> bool {
    // Two fingers, and the place after the last `%` to come back to: linear but for repeated failures.
    let (mut at, mut p) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(c) = text[at..].chars().next() {
        match pattern.get(p) {
            Some(Piece::Many) => {
                p += 1;
                retry = Some((p, at));
                continue;
            }
            Some(Piece::One) => {
                at += c.len_utf8();
                p += 1;
                continue;
            }
            Some(Piece::Char(wanted)) if *wanted == c => {
                at += c.len_utf8();
                p += 1;
                continue;
            }
            _ => {}
        }
        let Some((after_many, from)) = retry else { return false };
        // The `%` takes one character more.
        at = from + text[from..].chars().next().map_or(1, char::len_utf8);
        retry = Some((after_many, at));
        p = after_many;
    }
    pattern[p..].iter().all(|piece| *piece == Piece::Many)
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Piece {
    Many,
    One,
    Char(char),
}

fn pattern_of(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        pieces.push(match c {
            '%' => Piece::Many,
            '_' => Piece::One,
            '\\' => Piece::Char(chars.next().unwrap_or('\\')),
            c => Piece::Char(c),
        });
    }
    pieces
}
