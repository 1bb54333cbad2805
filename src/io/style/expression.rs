//! Conditions and texts of QGIS as our expressions, and back.
//!
//! The two languages look alike, so QGIS's is carried over word by word where each word means the same in both, and
//! refused as a whole where one does not: half a condition would draw other features. Ours is written from its tree.

use crate::expr::{Arithmetic, Comparison, Expr, Node, NodeKind};

/// Longest expression that is looked at, in bytes.
pub(super) const LONGEST: usize = 20_000;

/// Functions that do the same in both, QGIS's name first.
const FUNCTIONS: &[(&str, &str)] = &[
    ("length", "len"),
    ("left", "left"),
    ("right", "right"),
    ("substr", "substr"),
    ("lower", "lower"),
    ("upper", "upper"),
    ("trim", "trim"),
    ("concat", "concat"),
    ("abs", "abs"),
    ("round", "round"),
    ("floor", "floor"),
    ("ceil", "ceil"),
    ("min", "min"),
    ("max", "max"),
    ("to_real", "num"),
    ("to_string", "text"),
    ("coalesce", "coalesce"),
    ("if", "if"),
];

/// Words between values that mean the same in both.
const WORDS: &[&str] = &["and", "or", "not", "in", "like", "between", "is", "null", "true", "false"];

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Field(String),
    Text(String),
    Number(String),
    Word(String),
    Variable(String),
    Sign(&'static str),
}

/// Signs, longer ones first; those that mean something else here are refused later.
const SIGNS: &[&str] = &[
    "||", "<=", ">=", "<>", "!=", "//", "=", "<", ">", "+", "-", "*", "/", "%", "^", "~", "(", ")", ",", "[", "]", ":",
];

/// A QGIS expression as ours; `None` where it says something that ours cannot, or would mean something else.
pub(super) fn of_qgis(source: &str) -> Option<String> {
    if source.len() > LONGEST {
        return None;
    }
    let pieces = pieces(source)?;
    // `||` joins texts there and is `or` here.
    let parts = split(&pieces);
    let text = if parts.len() > 1 {
        let joined: Option<Vec<String>> = parts.iter().map(|part| said(part)).collect();
        // What is compared or decided among the parts binds in its own way there.
        let is_plain = |piece: &Piece| match piece {
            Piece::Word(word) => !WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)),
            Piece::Sign(sign) => !["=", "<>", "!=", "<", "<=", ">", ">="].contains(sign),
            _ => true,
        };
        if !pieces.iter().all(is_plain) {
            return None;
        }
        format!("concat({})", joined?.join(", "))
    } else {
        said(&pieces)?
    };
    Expr::parse(&text).ok().map(|_| text) // what does not parse here is refused like all else
}

/// The field that a QGIS expression is, where it is no more than one: `"DLBM"`, or `DLBM` bare.
pub(super) fn field_of_qgis(source: &str) -> Option<String> {
    match pieces(source)?.as_slice() {
        [Piece::Field(name)] => Some(name.clone()),
        [Piece::Word(name)] if !WORDS.contains(&name.to_lowercase().as_str()) => Some(name.clone()),
        _ => None,
    }
}

/// A field in our language.
pub(super) fn field(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in our language, in QGIS's and in SQL.
pub(super) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn split(pieces: &[Piece]) -> Vec<&[Piece]> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0i32, 0);
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Sign("(") => depth += 1,
            Piece::Sign(")") => depth -= 1,
            Piece::Sign("||") if depth == 0 => {
                parts.push(&pieces[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&pieces[from..]);
    parts
}

fn pieces(source: &str) -> Option<Vec<Piece>> {
    let chars: Vec<char> = source.chars().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        match c {
            c if c.is_whitespace() => at += 1,
            '-' if chars.get(at + 1) == Some(&'-') => {
                at += chars[at..].iter().position(|c| *c == '\n').unwrap_or(chars.len() - at);
            }
            '\'' | '"' => {
                let (said, end) = quoted(&chars, at)?;
                pieces.push(if *c == '"' { Piece::Field(said) } else { Piece::Text(said) });
                at = end;
            }
            c if c.is_ascii_digit() || (*c == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit)) => {
                let mut end = at;
                while chars.get(end).is_some_and(|c| c.is_ascii_digit() || *c == '.') {
                    end += 1;
                }
                pieces.push(Piece::Number(chars[at..end].iter().collect()));
                at = end;
            }
            '$' | '@' => {
                let end = word_end(&chars, at + 1);
                pieces.push(Piece::Variable(chars[at..end].iter().collect::<String>().to_lowercase()));
                at = end;
            }
            c if c.is_alphabetic() || *c == '_' => {
                let end = word_end(&chars, at);
                pieces.push(Piece::Word(chars[at..end].iter().collect()));
                at = end;
            }
            _ => {
                let fits = |sign: &&&str| sign.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
                let sign = SIGNS.iter().find(fits)?;
                pieces.push(Piece::Sign(sign));
                at += sign.len();
            }
        }
    }
    Some(pieces)
}

fn word_end(chars: &[char], at: usize) -> usize {
    at + chars[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count()
}

/// What stands in quotes that begin at `at`, and where they end. A quote within is doubled, or has a stroke before it.
fn quoted(chars: &[char], at: usize) -> Option<(String, usize)> {
    let (quote, mut said, mut i) = (chars[at], String::new(), at + 1);
    loop {
        let c = *chars.get(i)?;
        let next = chars.get(i + 1).copied();
        match c {
            '\\' if quote == '\'' => {
                said.push(match next? {
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                });
                i += 2;
            }
            c if c == quote && next == Some(quote) => {
                said.push(quote);
                i += 2;
            }
            c if c == quote => return Some((said, i + 1)),
            c => {
                said.push(c);
                i += 1;
            }
        }
    }
}

/// Pieces in our language; `None` where one of them is not in it.
fn said(pieces: &[Piece]) -> Option<String> {
    let mut words: Vec<String> = Vec::with_capacity(pieces.len());
    for (at, piece) in pieces.iter().enumerate() {
        let next = pieces.get(at + 1);
        let before = at.checked_sub(1).and_then(|at| pieces.get(at));
        words.push(match piece {
            Piece::Field(name) => field(name),
            Piece::Text(said) => text(said),
            Piece::Number(number) => number.clone(),
            Piece::Variable(name) if ["$area", "$perimeter", "$id"].contains(&name.as_str()) => name.clone(),
            Piece::Variable(_) => return None,
            Piece::Sign("||" | "//" | "^" | "~" | "[" | "]" | ":") => return None,
            Piece::Sign(sign) => (*sign).to_owned(),
            Piece::Word(written) => {
                let word = written.to_lowercase();
                let is_call = next == Some(&Piece::Sign("("));
                let is = |piece: Option<&Piece>, wanted: &str| {
                    matches!(piece, Some(Piece::Word(word)) if word.eq_ignore_ascii_case(wanted))
                };
                match word.as_str() {
                    // `x is 'a'` is `x = 'a'`; `x is not 'a'` holds for null too, which no comparison here does.
                    "is" if !is(next, "null") && !is(next, "not") => "=".to_owned(),
                    "is" if is(next, "not") && !is(pieces.get(at + 2), "null") => return None,
                    // What is not true holds for null here and does not there.
                    "not" if !is(before, "is") && !["in", "like", "between"].iter().any(|word| is(next, word)) => {
                        return None;
                    }
                    known if WORDS.contains(&known) => known.to_owned(),
                    name if is_call => FUNCTIONS.iter().find(|(theirs, _)| *theirs == name)?.1.to_owned(),
                    // A bare word is a field; its case is kept.
                    _ => field(written),
                }
            }
        });
    }
    (!words.is_empty()).then(|| words.join(" "))
}

/// One of our expressions as QGIS writes it; `None` where QGIS has no such function, or the expression is none.
pub(super) fn to_qgis(source: &str) -> Option<String> {
    qgis(Expr::parse(source).ok()?.root()) // what is no expression is written nowhere
}

fn qgis(node: &Node) -> Option<String> {
    let list = |nodes: &[Node]| nodes.iter().map(qgis).collect::<Option<Vec<String>>>();
    let not = |negated: bool| if negated { "NOT " } else { "" };
    Some(match &node.kind {
        NodeKind::Null => "NULL".to_owned(),
        NodeKind::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
        // Beside a text field a bare 0701 is a text here; there it would be a number.
        NodeKind::Int(_, spelt) if spelt.len() > 1 && spelt.starts_with('0') => text(spelt),
        NodeKind::Int(value, _) => value.to_string(),
        NodeKind::Float(value, _) | NodeKind::Measure(value, _) => value.to_string(),
        NodeKind::Text(said) => text(&said.replace('\\', "\\\\")),
        NodeKind::Field { name, .. } | NodeKind::Curly(name) => field(name),
        NodeKind::Variable(variable) => variable.written().to_owned(),
        NodeKind::Not(inner) => format!("coalesce(NOT ({}), TRUE)", qgis(inner)?),
        NodeKind::Negate(inner) => format!("-({})", qgis(inner)?),
        NodeKind::And(parts) => format!("({})", list(parts)?.join(" AND ")),
        NodeKind::Or(parts) => format!("({})", list(parts)?.join(" OR ")),
        NodeKind::Arithmetic((operation, _), a, b) => {
            format!("({} {} {})", qgis(a)?, arithmetic_sign(*operation), qgis(b)?)
        }
        NodeKind::Compare(comparison, a, b) => {
            format!("{} {} {}", qgis(a)?, comparison_sign(*comparison), qgis(b)?)
        }
        NodeKind::Like { value, pattern, negated } => {
            format!("{} {}LIKE {}", qgis(value)?, not(*negated), qgis(pattern)?)
        }
        NodeKind::In { value, list: items, negated } => {
            format!("{} {}IN ({})", qgis(value)?, not(*negated), list(items)?.join(", "))
        }
        NodeKind::Between { value, low, high, negated } => {
            let (value, low, high) = (qgis(value)?, qgis(low)?, qgis(high)?);
            let held = format!("({value} >= {low} AND {value} <= {high})");
            if *negated { format!("NOT {held}") } else { held }
        }
        NodeKind::IsNull { value, negated } => format!("{} IS {}NULL", qgis(value)?, not(*negated)),
        NodeKind::Call(function, arguments) => {
            let (name, list) = (function.name(), list(arguments)?);
            match (name, list.as_slice()) {
                ("starts_with", [x, y]) => format!("left({x}, length({y})) = {y}"),
                ("ends_with", [x, y]) => format!("right({x}, length({y})) = {y}"),
                ("contains", [x, y]) => format!("strpos({x}, {y}) > 0"),
                _ => {
                    let (theirs, _) = FUNCTIONS.iter().find(|(_, ours)| *ours == name)?;
                    format!("{theirs}({})", list.join(", "))
                }
            }
        }
        NodeKind::Named(..) => return None,
    })
}

fn arithmetic_sign(operation: Arithmetic) -> &'static str {
    match operation {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
        Arithmetic::Remainder => "%",
    }
}

fn comparison_sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::Unequal => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_is_carried_over() {
        let check = |source: &str, expected: &str| assert_eq!(of_qgis(source).as_deref(), Some(expected), "{source}");
        check(r#""DLBM" = '0701'"#, r#""DLBM" = '0701'"#);
        check("DLMC LIKE '%地' AND \"TBMJ\" >= 1000.5", "\"DLMC\" like '%地' and \"TBMJ\" >= 1000.5");
        check("\"a\" IS 'b' or \"a\" IS NOT NULL", "\"a\" = 'b' or \"a\" is not null");
        check("\"a\" NOT IN (1, 2) -- these", "\"a\" not in ( 1 , 2 )");
        check("left(\"a\",2) = 'it\\'s'", "left ( \"a\" , 2 ) = 'it''s'");
        check("\"a\" || ' ' || round($area, 1)", "concat(\"a\", ' ', round ( $area , 1 ))");
        assert_eq!(field_of_qgis(" \"地类编码\" ").as_deref(), Some("地类编码"));
        assert_eq!(field_of_qgis("DLBM").as_deref(), Some("DLBM"));
        assert_eq!(field_of_qgis("left(DLBM, 2)"), None);
    }

    #[test]
    fn what_would_mean_something_else_is_refused() {
        for source in [
            "",
            "\"a\" IS NOT 'b'",
            "NOT \"a\" = 1",
            "regexp_match(\"a\", 'x')",
            "\"a\" ~ 'x'",
            "@map_scale > 1",
            "\"a\" ^ 2 > 3",
            "CASE WHEN \"a\" = 1 THEN 2 END",
            "\"open",
            "(\"a\" || \"b\") = 'x'",
            "array(1)[0] = 1",
        ] {
            assert_eq!(of_qgis(source), None, "{source}");
        }
        assert_eq!(of_qgis(&"(".repeat(10_000)), None);
    }

    #[test]
    fn ours_is_written_as_qgis_reads_it() {
        let check = |source: &str, expected: &str| assert_eq!(to_qgis(source).as_deref(), Some(expected), "{source}");
        check("DLBM = '0701' and $area > 1ha", "(\"DLBM\" = '0701' AND $area > 10000)");
        check("DLBM = 0701", "\"DLBM\" = '0701'");
        check("starts_with(DLBM, '07')", "left(\"DLBM\", length('07')) = '07'");
        check("a not between 1 and 2", "NOT (\"a\" >= 1 AND \"a\" <= 2)");
        assert_eq!(to_qgis("a ="), None);
    }
}
