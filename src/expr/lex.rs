//! Text to tokens.

use super::ExprError;
use crate::text::Message;
use crate::units::{Area, AreaUnit};

/// What an expression is written for. Signs, quotes, numbers and names are the same in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// About the fields of features: `%` is the remainder, a word may stand behind a number (`between 1 and 2`).
    Fields,
    /// About a plan, in a rules file: `%` behind a number is per cent, a word behind a number is its unit.
    Indicator,
}

/// What a figure is in, as its author wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// An area.
    Area(AreaUnit),
    /// Per cent of a whole.
    Percent,
    /// A number without a unit, or of things that are counted.
    Plain,
}

impl Unit {
    /// The unit of that word: of area, `%`, `个`.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        match word.trim() {
            "%" | "％" => Some(Self::Percent),
            "个" | "处" | "宗" | "块" | "人" => Some(Self::Plain),
            word if word.eq_ignore_ascii_case("percent") => Some(Self::Percent),
            word => AreaUnit::of_word(word).map(Self::Area),
        }
    }
}

/// A piece of an expression and the character that it starts at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    /// From 1, counted in characters.
    pub column: usize,
    /// As written, for messages.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A bare word: field, function or keyword.
    Word,
    /// A field name in double quotes or brackets.
    Quoted(String),
    /// What stands in curly double quotes: a field where the layer has one of that name, a text else.
    Curly(String),
    /// A text in single quotes.
    Text(String),
    /// A whole number; `Token::text` keeps its zeros.
    Int(i64),
    /// A number.
    Float(f64),
    /// A number with a unit: m², a share of 1, or plain.
    Measure(f64, Unit),
    /// `$area` and the like, without the dollar.
    Variable(String),
    /// An operator or punctuation mark, in its plain spelling.
    Sign(&'static str),
    /// The end of the expression.
    End,
}

/// Signs, longer ones first.
const SIGNS: &[&str] =
    &["<=", ">=", "<>", "!=", "==", "&&", "||", "=", "<", ">", "!", "+", "-", "*", "/", "%", "(", ")", ","];

/// What Chinese input methods write for signs.
const FULL_WIDTH: &[(char, &str)] = &[
    ('（', "("),
    ('）', ")"),
    ('，', ","),
    ('＝', "="),
    ('＜', "<"),
    ('＞', ">"),
    ('≤', "<="),
    ('≥', ">="),
    ('≠', "!="),
    ('！', "!"),
    ('＋', "+"),
    ('－', "-"),
    ('−', "-"),
    ('×', "*"),
    ('＊', "*"),
    ('÷', "/"),
    ('／', "/"),
    ('％', "%"),
    ('、', ","),
];

pub(super) fn tokens(source: &str, dialect: Dialect) -> Result<Vec<Token>, ExprError> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if chars[at].is_whitespace() {
            at += 1;
            continue;
        }
        let (kind, end) = token(&chars, at, dialect)?;
        tokens.push(Token { kind, column: at + 1, text: chars[at..end].iter().collect() });
        at = end;
    }
    tokens.push(Token { kind: Kind::End, column: chars.len() + 1, text: String::new() });
    Ok(tokens)
}

fn token(chars: &[char], at: usize, dialect: Dialect) -> Result<(Kind, usize), ExprError> {
    match chars[at] {
        '\'' => quoted(chars, at, '\'', '\'', Kind::Text),
        '＇' => quoted(chars, at, '＇', '＇', Kind::Text),
        // Input methods and word processors turn quotes into curly ones, at times both the same way.
        '‘' | '’' => quoted(chars, at, chars[at], '’', Kind::Text),
        '“' | '”' => quoted(chars, at, chars[at], '”', Kind::Curly),
        '「' => quoted(chars, at, '「', '」', Kind::Curly),
        '＂' => quoted(chars, at, '＂', '＂', Kind::Quoted),
        '"' => quoted(chars, at, '"', '"', Kind::Quoted),
        '[' => quoted(chars, at, '[', ']', Kind::Quoted),
        '$' => {
            let end = word_end(chars, at + 1);
            Ok((Kind::Variable(chars[at + 1..end].iter().collect::<String>().to_lowercase()), end))
        }
        c if c.is_ascii_digit() || (c == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit)) => {
            number(chars, at, dialect)
        }
        c if is_word_start(c) => Ok((Kind::Word, word_end(chars, at))),
        c => sign(chars, at).ok_or_else(|| {
            let error = ExprError::new(at + 1, Message::new("expr.bad-character").with("text", c));
            match name_around(chars, at).filter(|_| dialect == Dialect::Fields) {
                Some(name) => error.with_remedy(quoting(&name)),
                None => error,
            }
        }),
    }
}

/// How to write a field name that is more than a word.
pub(super) fn quoting(name: &str) -> Message {
    Message::new("expr.quote-the-field").with("quoted", format!("\"{name}\"")).with("bracketed", format!("[{name}]"))
}

/// What may be a field name with a sign in it: everything around up to blanks and signs of comparison.
fn name_around(chars: &[char], at: usize) -> Option<String> {
    let ends = |c: &char| c.is_whitespace() || "=<>!'\"‘’“”[]＝＜＞≠≤≥！".contains(*c);
    let start = chars[..at].iter().rposition(&ends).map_or(0, |at| at + 1);
    let end = chars[at..].iter().position(ends).map_or(chars.len(), |end| at + end);
    let name: String = chars[start..end].iter().collect();
    name.chars().any(is_word_start).then_some(name)
}

/// Text up to the closing quote; the quote itself is written twice.
fn quoted(
    chars: &[char],
    at: usize,
    open: char,
    close: char,
    kind: fn(String) -> Kind,
) -> Result<(Kind, usize), ExprError> {
    let mut text = String::new();
    let mut i = at + 1;
    while let Some(c) = chars.get(i) {
        if *c == close {
            if chars.get(i + 1) == Some(&close) {
                i += 1;
            } else {
                return Ok((kind(text), i + 1));
            }
        }
        text.push(*c);
        i += 1;
    }
    let message = Message::new("expr.open-quote").with("open", open).with("close", close);
    Err(ExprError::new(at + 1, message))
}

/// A number with the unit behind it, where it has one. `_` may stand between digits.
fn number(chars: &[char], at: usize, dialect: Dialect) -> Result<(Kind, usize), ExprError> {
    let digits = |mut i: usize| {
        let is_digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
        while is_digit(i) || (chars.get(i) == Some(&'_') && i > at && is_digit(i - 1) && is_digit(i + 1)) {
            i += 1;
        }
        i
    };
    let mut end = digits(at);
    let mut whole = true;
    while chars.get(end) == Some(&'.') {
        whole = false;
        end = digits(end + 1);
    }
    if chars.get(end).is_some_and(|c| matches!(c, 'e' | 'E')) {
        let sign = usize::from(chars.get(end + 1).is_some_and(|c| matches!(c, '+' | '-')));
        let exponent_end = digits(end + 1 + sign);
        if exponent_end > end + 1 + sign {
            whole = false;
            end = exponent_end;
        }
    }
    let text: String = chars[at..end].iter().filter(|c| **c != '_').collect();
    let bad = || ExprError::new(at + 1, Message::new("expr.bad-number").with("text", &text));
    let value: f64 = text.parse().map_err(|_| bad())?; // said with its place
    if !value.is_finite() {
        return Err(bad());
    }
    if let Some((unit, end)) = unit_behind(chars, end, dialect)? {
        let value = match unit {
            Unit::Area(unit) => Area::of(value, unit).m2(),
            Unit::Percent => value / 100.0,
            Unit::Plain => value,
        };
        return if value.is_finite() { Ok((Kind::Measure(value, unit), end)) } else { Err(bad()) };
    }
    match text.parse() {
        Ok(value) if whole => Ok((Kind::Int(value), end)),
        _ => Ok((Kind::Float(value), end)),
    }
}

/// The unit behind a number that ends at `at`, and where it ends.
fn unit_behind(chars: &[char], at: usize, dialect: Dialect) -> Result<Option<(Unit, usize)>, ExprError> {
    let start = at + chars[at..].iter().take_while(|c| c.is_whitespace()).count();
    if dialect == Dialect::Indicator && matches!(chars.get(start), Some('%' | '％')) {
        return Ok(Some((Unit::Percent, start + 1)));
    }
    let end = word_end(chars, start);
    let word: String = chars[start..end].iter().collect();
    let unit = match dialect {
        Dialect::Fields => AreaUnit::of_word(&word).map(Unit::Area),
        Dialect::Indicator => Unit::of_word(&word),
    };
    match (unit, dialect) {
        (Some(unit), _) => Ok(Some((unit, end))),
        (None, Dialect::Fields) if start == at && end > at => {
            Err(ExprError::new(start + 1, Message::new("expr.unknown-unit").with("unit", word)))
        }
        (None, Dialect::Indicator) if word.starts_with(is_word_start) => {
            Err(ExprError::new(start + 1, Message::new("rules.unknown-unit").with("unit", word)))
        }
        _ => Ok(None),
    }
}

fn sign(chars: &[char], at: usize) -> Option<(Kind, usize)> {
    if let Some((_, sign)) = FULL_WIDTH.iter().find(|(c, _)| *c == chars[at]) {
        return Some((Kind::Sign(sign), at + 1));
    }
    let fits = |sign: &str| sign.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
    let sign = SIGNS.iter().find(|sign| fits(sign))?;
    Some((Kind::Sign(sign), at + sign.len()))
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn word_end(chars: &[char], mut at: usize) -> usize {
    // ² for m² and km²; combining marks of scripts other than Chinese count as letters of their word.
    while chars.get(at).is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '²')) {
        at += 1;
    }
    at
}
