//! Text to tokens.

use super::ExprError;
use crate::text::Message;
use crate::units::Area;

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
    /// A number, or an area in m².
    Float(f64),
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
    ('×', "*"),
    ('÷', "/"),
];

pub(super) fn tokens(source: &str) -> Result<Vec<Token>, ExprError> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if chars[at].is_whitespace() {
            at += 1;
            continue;
        }
        let (kind, end) = token(&chars, at)?;
        tokens.push(Token { kind, column: at + 1, text: chars[at..end].iter().collect() });
        at = end;
    }
    tokens.push(Token { kind: Kind::End, column: chars.len() + 1, text: String::new() });
    Ok(tokens)
}

fn token(chars: &[char], at: usize) -> Result<(Kind, usize), ExprError> {
    match chars[at] {
        '\'' => quoted(chars, at, '\'', '\'', Kind::Text),
        '＇' => quoted(chars, at, '＇', '＇', Kind::Text),
        // Input methods and word processors turn quotes into curly ones, at times both the same way.
        '‘' | '’' => quoted(chars, at, chars[at], '’', Kind::Text),
        '“' | '”' => quoted(chars, at, chars[at], '”', Kind::Curly),
        '＂' => quoted(chars, at, '＂', '＂', Kind::Quoted),
        '"' => quoted(chars, at, '"', '"', Kind::Quoted),
        '[' => quoted(chars, at, '[', ']', Kind::Quoted),
        '$' => {
            let end = word_end(chars, at + 1);
            Ok((Kind::Variable(chars[at + 1..end].iter().collect::<String>().to_lowercase()), end))
        }
        c if c.is_ascii_digit() || (c == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit)) => {
            number(chars, at)
        }
        c if is_word_start(c) => Ok((Kind::Word, word_end(chars, at))),
        c => sign(chars, at).ok_or_else(|| {
            let error = ExprError::new(at + 1, Message::new("expr.bad-character").with("text", c));
            match name_around(chars, at) {
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

/// A number, with an area unit directly behind it or not.
fn number(chars: &[char], at: usize) -> Result<(Kind, usize), ExprError> {
    let digits = |mut i: usize| {
        while chars.get(i).is_some_and(char::is_ascii_digit) {
            i += 1;
        }
        i
    };
    let mut end = digits(at);
    let mut whole = true;
    if chars.get(end) == Some(&'.') {
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
    let text: String = chars[at..end].iter().collect();
    let unit_end = word_end(chars, end);
    if unit_end > end {
        let unit: String = chars[end..unit_end].iter().collect();
        return match area(&text, &unit) {
            Some(area) => Ok((Kind::Float(area.m2()), unit_end)),
            None => Err(ExprError::new(at + 1, Message::new("expr.unknown-unit").with("unit", unit))),
        };
    }
    // After a blank only a word that is a unit belongs to the number.
    let word = end + chars[end..].iter().take_while(|c| **c == ' ').count();
    let unit: String = chars[word..word_end(chars, word)].iter().collect();
    if unit.starts_with(is_word_start)
        && let Some(area) = area(&text, &unit)
    {
        return Ok((Kind::Float(area.m2()), word_end(chars, word)));
    }
    if whole && let Ok(value) = text.parse() {
        return Ok((Kind::Int(value), end));
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((Kind::Float(value), end)),
        _ => Err(ExprError::new(at + 1, Message::new("expr.bad-number").with("text", text))),
    }
}

/// A number that may have an exponent, in a unit of area.
fn area(number: &str, unit: &str) -> Option<Area> {
    // Doubles are written without exponents; what is no number here is reported by the caller.
    let value: f64 = number.parse().ok()?;
    Area::parse(&format!("{value}{unit}"))
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
