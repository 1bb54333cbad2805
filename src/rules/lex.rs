//! Text of an indicator to tokens.

use super::Fault;
use crate::text::Message;
use crate::units::{Area, AreaUnit};

/// A piece of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    /// Character that it starts at, from 0.
    pub at: usize,
    /// As written, for messages.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A name: of a function, a constant, a group of classes, a layer.
    Word,
    /// A text in quotes.
    Text(String),
    /// A number with its unit: in m², as a share of 1, or plain.
    Number(f64, Unit),
    /// An operator or punctuation mark, in its plain spelling.
    Sign(char),
    /// The end of the expression.
    End,
}

/// What a figure is in, as its author wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// An area.
    Area(AreaUnit),
    /// Per cent of a whole.
    Percent,
    /// A number without a unit.
    Plain,
}

/// What Chinese input methods write for signs.
const SIGNS: &[(char, char)] = &[
    ('+', '+'),
    ('-', '-'),
    ('*', '*'),
    ('/', '/'),
    ('(', '('),
    (')', ')'),
    (',', ','),
    ('＋', '+'),
    ('－', '-'),
    ('−', '-'),
    ('×', '*'),
    ('＊', '*'),
    ('÷', '/'),
    ('／', '/'),
    ('（', '('),
    ('）', ')'),
    ('，', ','),
    ('、', ','),
];

/// Quotes and what closes them.
const QUOTES: &[(char, char)] = &[('"', '"'), ('\'', '\''), ('“', '”'), ('‘', '’'), ('「', '」')];

pub(super) fn tokens(source: &str) -> Result<Vec<Token>, Fault> {
    let chars: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if chars[at].is_whitespace() {
            at += 1;
            continue;
        }
        let (kind, end) = token(&chars, at)?;
        tokens.push(Token { kind, at, text: chars[at..end].iter().collect() });
        at = end;
    }
    tokens.push(Token { kind: Kind::End, at: chars.len(), text: String::new() });
    Ok(tokens)
}

fn token(chars: &[char], at: usize) -> Result<(Kind, usize), Fault> {
    let c = chars[at];
    if let Some((open, close)) = QUOTES.iter().find(|(open, _)| *open == c) {
        let Some(length) = chars[at + 1..].iter().position(|c| c == close) else {
            return Err(Fault::new(at, Message::new("rules.open-quote").with("open", open).with("close", close)));
        };
        let end = at + 1 + length;
        return Ok((Kind::Text(chars[at + 1..end].iter().collect()), end + 1));
    }
    if c.is_ascii_digit() || (c == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit)) {
        return number(chars, at);
    }
    if c.is_alphabetic() || c == '_' {
        return Ok((Kind::Word, word_end(chars, at)));
    }
    match SIGNS.iter().find(|(sign, _)| *sign == c) {
        Some((_, plain)) => Ok((Kind::Sign(*plain), at + 1)),
        None => Err(Fault::new(at, Message::new("rules.bad-character").with("text", c))),
    }
}

/// Behind the last character of a word: letters, digits, `_`, and the raised digits of units.
fn word_end(chars: &[char], at: usize) -> usize {
    let in_word = |c: &&char| c.is_alphanumeric() || matches!(c, '_' | '²');
    at + chars[at..].iter().take_while(in_word).count()
}

/// A number with the unit behind it, blanks between them or not. `_` may stand between digits.
fn number(chars: &[char], at: usize) -> Result<(Kind, usize), Fault> {
    let in_number = |c: &&char| c.is_ascii_digit() || matches!(c, '.' | '_');
    let mut end = at + chars[at..].iter().take_while(in_number).count();
    if let Some('e' | 'E') = chars.get(end) {
        let sign = usize::from(matches!(chars.get(end + 1), Some('+' | '-')));
        let digits = chars[(end + 1 + sign).min(chars.len())..].iter().take_while(|c| c.is_ascii_digit()).count();
        if digits > 0 {
            end += 1 + sign + digits;
        }
    }
    let text: String = chars[at..end].iter().filter(|c| **c != '_').collect();
    let bad = || Fault::new(at, Message::new("rules.bad-number").with("text", &text));
    let value: f64 = text.parse().map_err(|_| bad())?; // said with its place
    if !value.is_finite() {
        return Err(bad());
    }
    let start = end + chars[end..].iter().take_while(|c| c.is_whitespace()).count();
    if let Some('%' | '％') = chars.get(start) {
        return Ok((Kind::Number(value / 100.0, Unit::Percent), start + 1));
    }
    if !chars.get(start).is_some_and(|c| c.is_alphabetic()) {
        return Ok((Kind::Number(value, Unit::Plain), end));
    }
    let unit_end = word_end(chars, start);
    let unit: String = chars[start..unit_end].iter().collect();
    let Some(unit) = unit_of(&unit) else {
        return Err(Fault::new(start, Message::new("rules.unknown-unit").with("unit", unit)));
    };
    let value = match unit {
        Unit::Area(unit) => Area::of(value, unit).m2(),
        Unit::Percent => value / 100.0,
        Unit::Plain => value,
    };
    if !value.is_finite() {
        return Err(bad());
    }
    Ok((Kind::Number(value, unit), unit_end))
}

/// The unit of that word.
pub(super) fn unit_of(word: &str) -> Option<Unit> {
    Some(match word.trim().to_lowercase().as_str() {
        "m2" | "m²" | "平方米" => Unit::Area(AreaUnit::SquareMetre),
        "mu" | "亩" => Unit::Area(AreaUnit::Mu),
        "wanmu" | "万亩" => Unit::Area(AreaUnit::WanMu),
        "ha" | "hm2" | "hm²" | "公顷" => Unit::Area(AreaUnit::Hectare),
        "km2" | "km²" | "平方公里" | "平方千米" => Unit::Area(AreaUnit::SquareKilometre),
        "%" | "％" | "percent" => Unit::Percent,
        "个" | "处" | "宗" | "块" | "人" => Unit::Plain,
        _ => return None,
    })
}
