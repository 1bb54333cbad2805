//! The functions of the language: names, arity, and what they do with values.

use std::borrow::Cow;

use super::eval::{Datum, Type};
use crate::model::attributes::numbers::{self, Number};
use crate::units::round_half_up;

/// A function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Len,
    Left,
    Right,
    Substr,
    StartsWith,
    EndsWith,
    Contains,
    Lower,
    Upper,
    Trim,
    Concat,
    Abs,
    Round,
    Floor,
    Ceil,
    Min,
    Max,
    Num,
    Text,
    Coalesce,
    If,
}

impl Function {
    pub(super) const ALL: [Self; 21] = [
        Self::Len,
        Self::Left,
        Self::Right,
        Self::Substr,
        Self::StartsWith,
        Self::EndsWith,
        Self::Contains,
        Self::Lower,
        Self::Upper,
        Self::Trim,
        Self::Concat,
        Self::Abs,
        Self::Round,
        Self::Floor,
        Self::Ceil,
        Self::Min,
        Self::Max,
        Self::Num,
        Self::Text,
        Self::Coalesce,
        Self::If,
    ];

    pub(super) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name().eq_ignore_ascii_case(name))
    }

    /// How it is called, for messages and help.
    pub(super) fn usage(self) -> &'static str {
        match self {
            Self::Len => "len(x)",
            Self::Left => "left(x, n)",
            Self::Right => "right(x, n)",
            Self::Substr => "substr(x, from, n)",
            Self::StartsWith => "starts_with(x, y)",
            Self::EndsWith => "ends_with(x, y)",
            Self::Contains => "contains(x, y)",
            Self::Lower => "lower(x)",
            Self::Upper => "upper(x)",
            Self::Trim => "trim(x)",
            Self::Concat => "concat(x, y, …)",
            Self::Abs => "abs(x)",
            Self::Round => "round(x, n)",
            Self::Floor => "floor(x)",
            Self::Ceil => "ceil(x)",
            Self::Min => "min(x, y, …)",
            Self::Max => "max(x, y, …)",
            Self::Num => "num(x)",
            Self::Text => "text(x)",
            Self::Coalesce => "coalesce(x, y, …)",
            Self::If => "if(condition, x, y)",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        let usage = self.usage();
        usage.split_once('(').map_or(usage, |(name, _)| name)
    }

    /// The names of all functions.
    pub(super) fn list() -> String {
        Self::ALL.iter().map(|function| function.name()).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn takes(self, count: usize) -> bool {
        match self {
            Self::Len | Self::Lower | Self::Upper | Self::Trim | Self::Abs | Self::Floor | Self::Ceil => count == 1,
            Self::Num | Self::Text => count == 1,
            Self::Left | Self::Right | Self::StartsWith | Self::EndsWith | Self::Contains => count == 2,
            Self::Substr => matches!(count, 2 | 3),
            Self::Round => matches!(count, 1 | 2),
            Self::If => count == 3,
            Self::Concat | Self::Min | Self::Max | Self::Coalesce => count >= 1,
        }
    }

    /// What argument number `index` must be, `Any` where everything is taken (and turned into text).
    pub(super) fn wants(self, index: usize) -> Type {
        match (self, index) {
            (Self::Left | Self::Right, 1) | (Self::Substr, 1 | 2) => Type::Number,
            (Self::Abs | Self::Round | Self::Floor | Self::Ceil | Self::Min | Self::Max, _) => Type::Number,
            (Self::If, 0) => Type::Bool,
            _ => Type::Any,
        }
    }

    pub(super) fn gives(self, arguments: &[Type]) -> Type {
        match self {
            Self::StartsWith | Self::EndsWith | Self::Contains => Type::Bool,
            Self::Left | Self::Right | Self::Substr | Self::Lower | Self::Upper | Self::Trim => Type::Text,
            Self::Concat | Self::Text => Type::Text,
            Self::Len | Self::Abs | Self::Round | Self::Floor | Self::Ceil | Self::Min | Self::Max => Type::Number,
            Self::Num => Type::Number,
            Self::Coalesce => common(arguments),
            Self::If => common(arguments.get(1..).unwrap_or(&[])),
        }
    }

    /// The value for `arguments`, as many as [`Self::takes`] and none of them lazily needed: null where one of them is
    /// null, but for `coalesce`, `concat`, `min` and `max`, which pass over nulls.
    pub(super) fn apply<'a>(self, arguments: &[Datum<'a>]) -> Datum<'a> {
        match self {
            Self::Coalesce => return arguments.iter().find(|value| !value.is_null()).cloned().unwrap_or(Datum::Null),
            Self::Concat => {
                let mut text = String::new();
                arguments.iter().filter_map(Datum::text).for_each(|part| text.push_str(&part));
                return Datum::Text(Cow::Owned(text));
            }
            Self::Min => return extreme(arguments, |a, b| a < b),
            Self::Max => return extreme(arguments, |a, b| a > b),
            Self::If => {
                let chosen = if matches!(arguments[0], Datum::Bool(true)) { 1 } else { 2 };
                return arguments[chosen].clone();
            }
            _ => {}
        }
        if arguments.iter().any(Datum::is_null) {
            return Datum::Null;
        }
        // Every function below has checked arity, and texts of values that are not null.
        let text = |i: usize| arguments[i].text().unwrap_or_default();
        let number = |i: usize| arguments[i].number();
        let count = |i: usize| number(i).map(|n| if n > 0.0 { n as usize } else { 0 });
        match self {
            Self::Len => Datum::Int(text(0).chars().count() as i64),
            Self::Left => count(1).map_or(Datum::Null, |n| part(&arguments[0], 0, n)),
            Self::Right => count(1).map_or(Datum::Null, |n| {
                let length = text(0).chars().count();
                part(&arguments[0], length.saturating_sub(n), n)
            }),
            Self::Substr => {
                let n = if arguments.len() == 3 { count(2) } else { Some(usize::MAX) };
                match (count(1), n) {
                    // From 1, as in SQL; 0 and less start at the first character.
                    (Some(from), Some(n)) => part(&arguments[0], from.saturating_sub(1), n),
                    _ => Datum::Null,
                }
            }
            Self::StartsWith => Datum::Bool(text(0).starts_with(&*text(1))),
            Self::EndsWith => Datum::Bool(text(0).ends_with(&*text(1))),
            Self::Contains => Datum::Bool(text(0).contains(&*text(1))),
            Self::Lower => Datum::Text(Cow::Owned(text(0).to_lowercase())),
            Self::Upper => Datum::Text(Cow::Owned(text(0).to_uppercase())),
            Self::Trim => Datum::Text(Cow::Owned(text(0).trim().to_owned())),
            Self::Text => Datum::Text(Cow::Owned(text(0).into_owned())),
            Self::Num => match &arguments[0] {
                Datum::Int(_) | Datum::Float(_) => arguments[0].clone(),
                Datum::Text(text) => parse_number(text),
                _ => Datum::Null,
            },
            Self::Abs => match arguments[0] {
                Datum::Int(v) => v.checked_abs().map_or(Datum::Float((v as f64).abs()), Datum::Int),
                _ => number(0).map_or(Datum::Null, |v| Datum::float(v.abs())),
            },
            Self::Round => {
                let decimals = if arguments.len() == 2 { count(1) } else { Some(0) };
                match (number(0), decimals) {
                    (Some(value), Some(decimals)) => Datum::float(round_half_up(value, decimals.min(17))),
                    _ => Datum::Null,
                }
            }
            Self::Floor => number(0).map_or(Datum::Null, |v| Datum::float(v.floor())),
            Self::Ceil => number(0).map_or(Datum::Null, |v| Datum::float(v.ceil())),
            Self::Coalesce | Self::Concat | Self::Min | Self::Max | Self::If => Datum::Null,
        }
    }
}

/// The number that `text` is, however files write numbers as text; null where it is none.
pub(super) fn parse_number<'a>(text: &str) -> Datum<'a> {
    match numbers::of_text(text) {
        Some(Number::Whole(value)) => Datum::Int(value),
        Some(Number::Fraction(value)) => Datum::Float(value),
        None => Datum::Null,
    }
}

/// `n` characters of a text from character `from`, borrowed where the text is.
fn part<'a>(value: &Datum<'a>, from: usize, n: usize) -> Datum<'a> {
    let cut = |text: &str| {
        let start = text.char_indices().nth(from).map_or(text.len(), |(at, _)| at);
        let end = text[start..].char_indices().nth(n).map_or(text.len(), |(at, _)| start + at);
        start..end
    };
    match value {
        Datum::Text(Cow::Borrowed(text)) => Datum::Text(Cow::Borrowed(&text[cut(text)])),
        value => {
            let text = value.text().unwrap_or_default();
            Datum::Text(Cow::Owned(text[cut(&text)].to_owned()))
        }
    }
}

fn extreme<'a>(arguments: &[Datum<'a>], better: fn(f64, f64) -> bool) -> Datum<'a> {
    let mut best: Option<(f64, &Datum<'a>)> = None;
    for argument in arguments {
        let Some(number) = argument.number() else { continue };
        if best.is_none_or(|(old, _)| better(number, old)) {
            best = Some((number, argument));
        }
    }
    best.map_or(Datum::Null, |(_, argument)| argument.clone())
}

fn common(types: &[Type]) -> Type {
    let mut known = types.iter().filter(|kind| **kind != Type::Any);
    match known.next() {
        Some(first) if known.all(|kind| kind == first) => *first,
        _ => Type::Any,
    }
}
