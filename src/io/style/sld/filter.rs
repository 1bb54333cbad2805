//! Conditions of OGC's Filter Encoding, 1.0 to 2.0, as our expressions, and back.

use super::super::expression::{field, text};
use super::super::tree::Element;
use super::super::units::{number, written};
use super::super::xml_escaped;
use crate::expr::{Comparison, Expr, Node, NodeKind};

/// What a condition says where it says something simple.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Nothing: all features.
    All,
    /// Those that no other rule takes.
    Else,
    /// A field has one of these values.
    Values { field: String, values: Vec<String> },
    /// A figure lies between these; whether the upper bound itself belongs to them.
    Range { of: String, lower: f64, upper: f64, holds_upper: bool },
    /// Something else.
    Other,
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    pub(super) shape: Shape,
    /// The same in our language; empty for all features.
    pub(super) expression: String,
}

/// Reads a `Filter`; `None` where it asks for what our language has no word for.
pub(super) fn read(filter: &Element) -> Option<Condition> {
    let mut parts = filter.elements();
    let (first, None) = (parts.next()?, parts.next()) else { return None };
    let expression = condition(first)?;
    Expr::parse(&expression).ok()?; // what does not parse is refused like what has no word
    Some(Condition { shape: values(first).or_else(|| range(first)).unwrap_or(Shape::Other), expression })
}

fn condition(element: &Element) -> Option<String> {
    let joined = |word: &str| {
        let parts: Option<Vec<String>> =
            element.elements().map(|part| condition(part).map(|p| format!("({p})"))).collect();
        parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join(word))
    };
    // A comparison that passes over the case of letters is none of ours.
    let minds_case = || element.attribute("matchCase") != Some("false");
    let compared = |sign: &str| {
        let mut operands = element.elements().map(value);
        let (a, b) = (operands.next()??, operands.next()??);
        operands.next().is_none().then(|| format!("{a} {sign} {b}"))
    };
    match element.name.as_str() {
        "And" => joined(" and "),
        "Or" => joined(" or "),
        "Not" => {
            let mut parts = element.elements();
            let inner = parts.next()?;
            match inner.name.as_str() {
                "PropertyIsNull" => Some(format!("{} is not null", value(inner.elements().next()?)?)),
                // What does not hold holds for null here and does not there.
                "PropertyIsLike" => like(inner).map(|(value, pattern)| format!("{value} not like {pattern}")),
                "PropertyIsEqualTo" => {
                    let mut operands = inner.elements().map(value);
                    Some(format!("{} != {}", operands.next()??, operands.next()??))
                }
                _ => None,
            }
        }
        "PropertyIsEqualTo" if minds_case() => compared("="),
        "PropertyIsNotEqualTo" if minds_case() => compared("!="),
        "PropertyIsLessThan" => compared("<"),
        "PropertyIsLessThanOrEqualTo" => compared("<="),
        "PropertyIsGreaterThan" => compared(">"),
        "PropertyIsGreaterThanOrEqualTo" => compared(">="),
        "PropertyIsNull" | "PropertyIsNil" => Some(format!("{} is null", value(element.elements().next()?)?)),
        "PropertyIsLike" if minds_case() => like(element).map(|(value, pattern)| format!("{value} like {pattern}")),
        "PropertyIsBetween" => {
            let (lower, upper) = bounds(element)?;
            Some(format!("{} between {lower} and {upper}", value(element.elements().next()?)?))
        }
        _ => None,
    }
}

fn bounds(between: &Element) -> Option<(String, String)> {
    let bound = |name: &str| value(between.child(name)?.elements().next()?);
    Some((bound("LowerBoundary")?, bound("UpperBoundary")?))
}

/// A value: a field, a figure, a text, or a sum of such.
fn value(element: &Element) -> Option<String> {
    let computed = |sign: &str| {
        let mut operands = element.elements().map(value);
        Some(format!("({} {sign} {})", operands.next()??, operands.next()??))
    };
    match element.name.as_str() {
        "PropertyName" | "ValueReference" => Some(field(&name_of(element))),
        "Literal" => Some(literal(&element.text())),
        "Add" => computed("+"),
        "Sub" => computed("-"),
        "Mul" => computed("*"),
        "Div" => computed("/"),
        "Function" => {
            let name = match element.attribute("name")? {
                "strToLowerCase" => "lower",
                "strToUpperCase" => "upper",
                "strLength" => "len",
                "strTrim" => "trim",
                "abs" => "abs",
                "floor" => "floor",
                "ceil" => "ceil",
                _ => return None,
            };
            let arguments: Option<Vec<String>> = element.elements().map(value).collect();
            Some(format!("{name}({})", arguments?.join(", ")))
        }
        _ => None,
    }
}

/// The name of a field, without the prefix of its namespace.
pub(super) fn name_of(element: &Element) -> String {
    let name = element.text();
    let name = name.rsplit('/').next().unwrap_or_default();
    name.rsplit_once(':').map_or(name, |(_, name)| name).to_owned()
}

/// A literal of a file in our language. Figures stand bare: beside a text field they are texts. Codes that begin with zeros
/// are texts.
fn literal(said: &str) -> String {
    let is_code = |said: &str| said.len() > 1 && said.starts_with('0') && !said.starts_with("0.");
    let is_digit = |b: u8| b.is_ascii_digit() || b == b'.';
    let is_plain = |said: &str| said.bytes().all(is_digit) && number(said).is_some() && !is_code(said);
    match said.strip_prefix('-') {
        Some(digits) if is_plain(digits) => said.to_owned(),
        None if is_plain(said) => said.to_owned(),
        _ => text(said),
    }
}

/// The operand and the pattern of a `PropertyIsLike`, its signs turned into `%` and `_`.
fn like(element: &Element) -> Option<(String, String)> {
    let sign = |names: &[&str], usual: char| {
        names.iter().find_map(|name| element.attribute(name)?.chars().next()).unwrap_or(usual)
    };
    let (any, one) = (sign(&["wildCard"], '*'), sign(&["singleChar"], '.'));
    let escape = sign(&["escapeChar", "escape"], '\\');
    let mut operands = element.elements();
    let (of, pattern) = (value(operands.next()?)?, operands.next()?.text());
    let (mut like, mut chars) = (String::new(), pattern.chars());
    while let Some(c) = chars.next() {
        match c {
            c if c == any => like.push('%'),
            c if c == one => like.push('_'),
            c => {
                let plain = if c == escape { chars.next()? } else { c };
                // Our language has no way to ask for these two themselves.
                if matches!(plain, '%' | '_') {
                    return None;
                }
                like.push(plain);
            }
        }
    }
    Some((of, text(&like)))
}

/// The field and the values of a comparison with one, or of several joined by "or".
fn values(element: &Element) -> Option<Shape> {
    match element.name.as_str() {
        "PropertyIsEqualTo" => {
            let mut operands = element.elements();
            let (a, b) = (operands.next()?, operands.next()?);
            let (of, said) = if a.name == "Literal" { (b, a) } else { (a, b) };
            let is_simple = matches!(of.name.as_str(), "PropertyName" | "ValueReference") && said.name == "Literal";
            is_simple.then(|| Shape::Values { field: name_of(of), values: vec![said.text()] })
        }
        "PropertyIsNull" => {
            let of = element.elements().next()?;
            let is_field = matches!(of.name.as_str(), "PropertyName" | "ValueReference");
            is_field.then(|| Shape::Values { field: name_of(of), values: vec![String::new()] })
        }
        "Or" => {
            let (mut name, mut all) = (String::new(), Vec::new());
            for part in element.elements() {
                let Some(Shape::Values { field, values }) = values(part) else { return None };
                if !all.is_empty() && field != name {
                    return None;
                }
                name = field;
                all.extend(values);
            }
            (!all.is_empty()).then_some(Shape::Values { field: name, values: all })
        }
        _ => None,
    }
}

/// The bounds of a figure: two comparisons joined by "and", or a between.
fn range(element: &Element) -> Option<Shape> {
    if element.name == "PropertyIsBetween" {
        let bound = |name: &str| number(&element.child(name)?.text());
        let (lower, upper) = (bound("LowerBoundary")?, bound("UpperBoundary")?);
        return Some(Shape::Range { of: value(element.elements().next()?)?, lower, upper, holds_upper: true });
    }
    if element.name != "And" {
        return None;
    }
    let (mut of, mut lower, mut upper, mut holds_upper) = (None, None, None, false);
    for part in element.elements() {
        let mut operands = part.elements();
        let (figure, bound) = (operands.next()?, operands.next()?);
        if bound.name != "Literal" {
            return None;
        }
        let (figure, bound) = (value(figure)?, number(&bound.text())?);
        match part.name.as_str() {
            "PropertyIsGreaterThan" | "PropertyIsGreaterThanOrEqualTo" if lower.is_none() => lower = Some(bound),
            "PropertyIsLessThan" | "PropertyIsLessThanOrEqualTo" if upper.is_none() => {
                (upper, holds_upper) = (Some(bound), part.name == "PropertyIsLessThanOrEqualTo");
            }
            _ => return None,
        }
        if *of.get_or_insert_with(|| figure.clone()) != figure {
            return None;
        }
    }
    Some(Shape::Range { of: of?, lower: lower?, upper: upper?, holds_upper })
}

/// One of our expressions as the inside of a `Filter`; `None` where it says what OGC has no element for.
pub(super) fn written_filter(source: &str) -> Option<String> {
    filter(Expr::parse(source).ok()?.root()) // what is no expression is written nowhere
}

/// One of our expressions that gives a value, likewise.
pub(super) fn written_value(source: &str) -> Option<String> {
    operand(Expr::parse(source).ok()?.root()) // as above
}

/// A field has one of these values.
pub(super) fn written_values(name: &str, values: &[&str]) -> String {
    let one = |value: &&str| {
        if value.is_empty() {
            return element("PropertyIsNull", &property(name));
        }
        element("PropertyIsEqualTo", &format!("{}{}", property(name), said(value)))
    };
    match values {
        [value] => one(value),
        _ => element("Or", &values.iter().map(one).collect::<String>()),
    }
}

/// A figure lies between these; it may be the upper bound itself where `is_last`.
pub(super) fn written_range(of: &str, lower: f64, upper: f64, is_last: bool) -> Option<String> {
    let of = written_value(of)?;
    let bound = |name: &str, bound: f64| element(name, &format!("{of}{}", said(&written_exactly(bound))));
    let end = if is_last { "PropertyIsLessThanOrEqualTo" } else { "PropertyIsLessThan" };
    Some(element("And", &format!("{}{}", bound("PropertyIsGreaterThanOrEqualTo", lower), bound(end, upper))))
}

/// A figure with all its digits.
fn written_exactly(figure: f64) -> String {
    if figure.fract() == 0.0 && figure.abs() < 1e15 { written(figure) } else { format!("{figure}") }
}

fn element(name: &str, inside: &str) -> String {
    format!("<ogc:{name}>{inside}</ogc:{name}>")
}

fn property(name: &str) -> String {
    element("PropertyName", &xml_escaped(name))
}

fn said(value: &str) -> String {
    element("Literal", &xml_escaped(value))
}

fn filter(node: &Node) -> Option<String> {
    let all = |nodes: &[Node]| nodes.iter().map(filter).collect::<Option<String>>();
    let negated = |is: bool, inside: String| if is { element("Not", &inside) } else { inside };
    Some(match &node.kind {
        NodeKind::And(parts) => element("And", &all(parts)?),
        NodeKind::Or(parts) => element("Or", &all(parts)?),
        NodeKind::Not(inner) => element("Not", &filter(inner)?),
        NodeKind::Compare(comparison, a, b) => {
            let name = match comparison {
                Comparison::Equal => "PropertyIsEqualTo",
                Comparison::Unequal => "PropertyIsNotEqualTo",
                Comparison::Less => "PropertyIsLessThan",
                Comparison::LessOrEqual => "PropertyIsLessThanOrEqualTo",
                Comparison::Greater => "PropertyIsGreaterThan",
                Comparison::GreaterOrEqual => "PropertyIsGreaterThanOrEqualTo",
            };
            element(name, &format!("{}{}", operand(a)?, operand(b)?))
        }
        NodeKind::Like { value, pattern, negated: is_negated } => {
            let like = format!(
                "<ogc:PropertyIsLike wildCard=\"%\" singleChar=\"_\" escapeChar=\"\\\">{}{}</ogc:PropertyIsLike>",
                operand(value)?,
                operand(pattern)?
            );
            negated(*is_negated, like)
        }
        NodeKind::In { value, list, negated: is_negated } => {
            let value = operand(value)?;
            let one = |item: &Node| Some(element("PropertyIsEqualTo", &format!("{value}{}", operand(item)?)));
            let any = list.iter().map(one).collect::<Option<String>>()?;
            negated(*is_negated, if list.len() == 1 { any } else { element("Or", &any) })
        }
        NodeKind::Between { value, low, high, negated: is_negated } => {
            let (low, high) = (element("LowerBoundary", &operand(low)?), element("UpperBoundary", &operand(high)?));
            negated(*is_negated, element("PropertyIsBetween", &format!("{}{low}{high}", operand(value)?)))
        }
        NodeKind::IsNull { value, negated: is_negated } => {
            negated(*is_negated, element("PropertyIsNull", &operand(value)?))
        }
        _ => return None,
    })
}

fn operand(node: &Node) -> Option<String> {
    Some(match &node.kind {
        NodeKind::Field { name, .. } | NodeKind::Curly(name) => property(name),
        NodeKind::Text(text) => said(text),
        NodeKind::Int(_, spelt) => said(spelt),
        NodeKind::Float(value, _) | NodeKind::Measure(value, _) => said(&written_exactly(*value)),
        NodeKind::Negate(inner) => match &inner.kind {
            NodeKind::Int(_, spelt) => said(&format!("-{spelt}")),
            NodeKind::Float(value, _) => said(&format!("-{}", written_exactly(*value))),
            _ => return None,
        },
        NodeKind::Arithmetic((operation, _), a, b) => {
            use crate::expr::Arithmetic;
            let name = match operation {
                Arithmetic::Add => "Add",
                Arithmetic::Subtract => "Sub",
                Arithmetic::Multiply => "Mul",
                Arithmetic::Divide => "Div",
                Arithmetic::Remainder => return None,
            };
            element(name, &format!("{}{}", operand(a)?, operand(b)?))
        }
        _ => return None,
    })
}
