//! What an indicator means: names looked up, units checked.

use std::collections::BTreeMap;

use super::Fault;
use crate::expr::{Arithmetic, Node, NodeKind, Unit, parse_indicator, suggest};
use crate::model::classes::{Class, Scheme};
use crate::model::roles::Role;
use crate::text::{Language, Message};
use crate::units::AreaUnit;

/// What a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// m² inside.
    Area,
    /// A share of a whole, 1 the whole.
    Share,
    /// A plain number.
    Number,
}

impl Kind {
    /// The kind of figures in `unit`.
    pub(super) fn of_unit(unit: Unit) -> Self {
        match unit {
            Unit::Area(_) => Self::Area,
            Unit::Percent => Self::Share,
            Unit::Plain => Self::Number,
        }
    }

    /// The unit that figures of the kind are shown in where nothing else is said.
    pub(super) fn unit(self) -> Unit {
        match self {
            Self::Area => Unit::Area(AreaUnit::Mu),
            Self::Share => Unit::Percent,
            Self::Number => Unit::Plain,
        }
    }
}

/// One of the two states that a rule speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Which {
    /// What all scenarios start from.
    Base,
    /// The state that is judged.
    Scenario,
}

/// Features of a state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Set {
    pub which: Which,
    pub what: What,
    /// Whether field ridges are deducted from its areas.
    pub net: bool,
}

/// Which features.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// All of land use.
    LandUse,
    /// Classes of land use by code, with all below them.
    Classes(Vec<Code>),
    /// A big class of land use.
    Big(Big),
    /// All layers of a role.
    Role(Role),
    /// The layer of that title.
    Title(String),
}

/// A class by its code, in the scheme of the layer where none is named.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Code {
    pub scheme: Option<Scheme>,
    pub code: String,
}

/// A big class by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Big {
    Agricultural,
    Construction,
    Unused,
}

/// A figure to be computed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    Constant(f64),
    /// Area of the features.
    Area(Set),
    /// How many features.
    Count(Set),
    /// Area of the first within the second.
    Overlap(Set, Set),
    /// Area of the first outside of the second.
    Outside(Set, Set),
    /// The one less the other; where both are the same features in two states, these, for the list of what is lost.
    Change(Box<Term>, Box<Term>, Option<(Set, Set)>),
    Negate(Box<Term>),
    Operation(char, Box<Term>, Box<Term>),
    Least(Vec<Term>),
    Most(Vec<Term>),
    Absolute(Box<Term>),
}

/// A constant of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    pub value: f64,
    pub kind: Kind,
    pub unit: Unit,
}

impl Term {
    /// Its value where no features are in it.
    pub(super) fn constant(&self) -> Option<f64> {
        let all = |terms: &[Self]| terms.iter().map(Self::constant).collect::<Option<Vec<f64>>>();
        match self {
            Self::Constant(value) => Some(*value),
            Self::Area(_) | Self::Count(_) | Self::Overlap(..) | Self::Outside(..) => None,
            Self::Change(a, b, _) => Some(a.constant()? - b.constant()?),
            Self::Negate(a) => Some(-a.constant()?),
            Self::Operation(sign, a, b) => Some(operate(*sign, a.constant()?, b.constant()?)).filter(|v| v.is_finite()),
            Self::Least(terms) => Some(all(terms)?.into_iter().fold(f64::INFINITY, f64::min)),
            Self::Most(terms) => Some(all(terms)?.into_iter().fold(f64::NEG_INFINITY, f64::max)),
            Self::Absolute(a) => Some(a.constant()?.abs()),
        }
    }
}

/// `a sign b`; not finite for a division by zero.
pub(super) fn operate(sign: char, a: f64, b: f64) -> f64 {
    match sign {
        '+' => a + b,
        '-' => a - b,
        '*' => a * b,
        _ => a / b,
    }
}

/// The names that a file defines.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub constants: BTreeMap<String, Known>,
    pub groups: BTreeMap<String, Vec<Code>>,
}

/// A figure that was understood.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    pub term: Term,
    pub kind: Kind,
    /// The unit that its author wrote first.
    pub unit: Option<Unit>,
}

/// Functions and their other names.
const FUNCTIONS: &[(&str, &str)] = &[
    ("class", "地类"),
    ("big", "三大类"),
    ("layer", "图层"),
    ("overlap", "占用"),
    ("outside", "以外"),
    ("net", "净面积"),
    ("area", "面积"),
    ("count", "个数"),
    ("share", "占比"),
    ("base", "基期"),
    ("scenario", "方案"),
    ("loss", "减少"),
    ("gain", "增加"),
    ("net_loss", "净减少"),
    ("net_gain", "净增加"),
    ("min", "最小"),
    ("max", "最大"),
    ("abs", "绝对值"),
];

/// Reads an indicator.
pub(super) fn figure(source: &str, names: &Names) -> Result<Figure, Fault> {
    if source.trim().is_empty() {
        return Err(Fault::new(0, Message::new("rules.empty-expression")));
    }
    let node = parse_indicator(source)?;
    let mut reader = Reader { names, unit: None };
    let (term, kind) = reader.quantity(&node, Which::Scenario)?;
    Ok(Figure { term, kind, unit: reader.unit })
}

/// What a name or a call stands for.
enum Meaning {
    Set(Set),
    Quantity(Term, Kind),
}

struct Reader<'a> {
    names: &'a Names,
    unit: Option<Unit>,
}

impl Reader<'_> {
    /// A figure: features stand for their area.
    fn quantity(&mut self, node: &Node, which: Which) -> Result<(Term, Kind), Fault> {
        match self.meaning(node, which)? {
            Meaning::Set(set) => Ok((Term::Area(set), Kind::Area)),
            Meaning::Quantity(term, kind) => Ok((term, kind)),
        }
    }

    fn set(&mut self, node: &Node, which: Which, function: &str) -> Result<Set, Fault> {
        match self.meaning(node, which)? {
            Meaning::Set(set) => Ok(set),
            Meaning::Quantity(..) => {
                Err(Fault::new(start(node), Message::new("rules.expects-features").with("function", function)))
            }
        }
    }

    fn meaning(&mut self, node: &Node, which: Which) -> Result<Meaning, Fault> {
        let quantity = |term, kind| Ok(Meaning::Quantity(term, kind));
        match &node.kind {
            NodeKind::Int(value, _) => quantity(Term::Constant(*value as f64), Kind::Number),
            NodeKind::Float(value, _) => quantity(Term::Constant(*value), Kind::Number),
            NodeKind::Measure(value, unit) => {
                if Kind::of_unit(*unit) != Kind::Number {
                    self.unit.get_or_insert(*unit);
                }
                quantity(Term::Constant(*value), Kind::of_unit(*unit))
            }
            NodeKind::Field { name, quoted: false } => self.name(name, start(node), which),
            NodeKind::Named(name, arguments) => self.call(name, arguments, start(node), which),
            NodeKind::Negate(inner) => {
                let (term, kind) = self.quantity(inner, which)?;
                quantity(Term::Negate(Box::new(term)), kind)
            }
            NodeKind::Arithmetic((operation, column), left, right) => {
                let sign = match operation {
                    Arithmetic::Add => '+',
                    Arithmetic::Subtract => '-',
                    Arithmetic::Multiply => '*',
                    Arithmetic::Divide => '/',
                    Arithmetic::Remainder => {
                        return Err(Fault::new(column - 1, Message::new("rules.only-arithmetic")));
                    }
                };
                let (a, left) = self.quantity(left, which)?;
                let (b, right) = self.quantity(right, which)?;
                let kind = combined(sign, left, right, column - 1)?;
                quantity(Term::Operation(sign, Box::new(a), Box::new(b)), kind)
            }
            _ => Err(Fault::new(
                start(node),
                match written(node) {
                    Some(text) => Message::new("rules.stray-text").with("text", text),
                    None => Message::new("rules.only-arithmetic"),
                },
            )),
        }
    }

    fn name(&mut self, name: &str, at: usize, which: Which) -> Result<Meaning, Fault> {
        if let Some(known) = self.names.constants.get(name) {
            if known.kind != Kind::Number {
                self.unit.get_or_insert(known.unit);
            }
            return Ok(Meaning::Quantity(Term::Constant(known.value), known.kind));
        }
        let what = match self.names.groups.get(name) {
            Some(codes) => Some(What::Classes(codes.clone())),
            None => built_in(name),
        };
        match what {
            Some(what) => Ok(Meaning::Set(Set { which, what, net: false })),
            None => {
                let own = self.names.constants.keys().chain(self.names.groups.keys()).map(String::as_str);
                Err(unknown("rules.unknown-name", "rules.unknown-name-near", name, own.chain(built_in_names()), at))
            }
        }
    }

    fn call(&mut self, name: &str, arguments: &[Node], at: usize, which: Which) -> Result<Meaning, Fault> {
        let Some((function, _)) = FUNCTIONS.iter().find(|(en, zh)| *en == name || *zh == name) else {
            let known = FUNCTIONS.iter().flat_map(|(en, zh)| [*en, *zh]);
            return Err(unknown("rules.unknown-function", "rules.unknown-function-near", name, known, at));
        };
        let takes = |count: usize| {
            let message = Message::new("rules.argument-count").with("function", name).with("expected", count);
            let fault = || Fault::new(at, message.with("found", arguments.len()));
            if arguments.len() == count { Ok(()) } else { Err(fault()) }
        };
        let some = || {
            let message = Message::new("rules.no-argument").with("function", name);
            if arguments.is_empty() { Err(Fault::new(at, message)) } else { Ok(()) }
        };
        let of_land_use = |what| Ok(Meaning::Set(Set { which, what, net: false }));
        let area = |term| Ok(Meaning::Quantity(term, Kind::Area));
        match *function {
            "class" => {
                some()?;
                let codes = arguments
                    .iter()
                    .map(|argument| code(text(argument, name)?).map_err(|m| Fault::new(start(argument), m)));
                of_land_use(What::Classes(codes.collect::<Result<_, _>>()?))
            }
            "big" => {
                takes(1)?;
                let asked = text(&arguments[0], name)?;
                let message = || Message::new("rules.unknown-big").with("name", asked);
                of_land_use(What::Big(big(asked).ok_or_else(|| Fault::new(start(&arguments[0]), message()))?))
            }
            "layer" => {
                takes(1)?;
                of_land_use(layer(text(&arguments[0], name)?))
            }
            "overlap" | "outside" => {
                takes(2)?;
                let (a, b) = (self.set(&arguments[0], which, name)?, self.set(&arguments[1], which, name)?);
                if b.net {
                    return Err(Fault::new(start(&arguments[1]), Message::new("rules.net-second")));
                }
                area(if *function == "overlap" { Term::Overlap(a, b) } else { Term::Outside(a, b) })
            }
            "net" => {
                takes(1)?;
                Ok(Meaning::Set(Set { net: true, ..self.set(&arguments[0], which, name)? }))
            }
            "area" => {
                takes(1)?;
                area(Term::Area(self.set(&arguments[0], which, name)?))
            }
            "count" => {
                takes(1)?;
                Ok(Meaning::Quantity(Term::Count(self.set(&arguments[0], which, name)?), Kind::Number))
            }
            "share" => {
                takes(2)?;
                let (a, left) = self.quantity(&arguments[0], which)?;
                let (b, right) = self.quantity(&arguments[1], which)?;
                if left != right || left == Kind::Share {
                    return Err(Fault::new(start(&arguments[1]), Message::new("rules.share-of-different")));
                }
                Ok(Meaning::Quantity(Term::Operation('/', Box::new(a), Box::new(b)), Kind::Share))
            }
            "base" | "scenario" => {
                takes(1)?;
                self.meaning(&arguments[0], if *function == "base" { Which::Base } else { Which::Scenario })
            }
            "loss" | "gain" => {
                takes(1)?;
                let before = self.set(&arguments[0], Which::Base, name)?;
                let after = self.set(&arguments[0], Which::Scenario, name)?;
                let (from, to) = if *function == "loss" { (before, after) } else { (after, before) };
                area(Term::Outside(from, Set { net: false, ..to }))
            }
            "net_loss" | "net_gain" => {
                takes(1)?;
                let sides = if *function == "net_loss" {
                    [Which::Base, Which::Scenario]
                } else {
                    [Which::Scenario, Which::Base]
                };
                let [from, to] = sides.map(|side| self.meaning(&arguments[0], side));
                let (term, kind) = match (from?, to?) {
                    (Meaning::Set(a), Meaning::Set(b)) => {
                        let lost = (a.clone(), Set { net: false, ..b.clone() });
                        (Term::Change(Box::new(Term::Area(a)), Box::new(Term::Area(b)), Some(lost)), Kind::Area)
                    }
                    (Meaning::Quantity(a, kind), Meaning::Quantity(b, _)) => {
                        (Term::Change(Box::new(a), Box::new(b), None), kind)
                    }
                    // The same expression in two states is the same in kind.
                    _ => return Err(Fault::new(at, Message::new("rules.share-of-different"))),
                };
                Ok(Meaning::Quantity(term, kind))
            }
            "abs" => {
                takes(1)?;
                let (term, kind) = self.quantity(&arguments[0], which)?;
                Ok(Meaning::Quantity(Term::Absolute(Box::new(term)), kind))
            }
            _ => {
                some()?;
                let mut terms = Vec::new();
                let mut kind = None;
                for argument in arguments {
                    let (term, of) = self.quantity(argument, which)?;
                    kind = Some(combined('+', *kind.get_or_insert(of), of, start(argument))?);
                    terms.push(term);
                }
                let term = if *function == "min" { Term::Least(terms) } else { Term::Most(terms) };
                Ok(Meaning::Quantity(term, kind.unwrap_or(Kind::Number)))
            }
        }
    }
}

/// What two figures give; `at` is where the sign stands.
fn combined(sign: char, left: Kind, right: Kind, at: usize) -> Result<Kind, Fault> {
    use Kind::{Area, Number, Share};
    let fault = |key| Err(Fault::new(at, Message::new(key)));
    match (sign, left, right) {
        ('+' | '-', a, b) if a == b => Ok(a),
        ('+' | '-', Area, Share) | ('+' | '-', Share, Area) => fault("rules.area-and-share"),
        ('+' | '-', Area, _) | ('+' | '-', _, Area) => fault("rules.area-and-number"),
        ('+' | '-', ..) => fault("rules.share-and-number"),
        ('*', Area, Area) => fault("rules.area-times-area"),
        ('*', Area, _) | ('*', _, Area) => Ok(Area),
        ('*', Number, Number) => Ok(Number),
        ('*', ..) => Ok(Share),
        ('/', Area, Area) => Ok(Share),
        (_, _, Area) => fault("rules.divided-by-area"),
        (_, Share, Share) | (_, Number, _) => Ok(Number),
        (_, a, _) => Ok(a),
    }
}

/// The character that a part starts at, from 0.
fn start(node: &Node) -> usize {
    node.column - 1
}

/// What stands in quotes, whichever they are: an indicator has no fields.
fn written(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Text(text) | NodeKind::Curly(text) | NodeKind::Field { name: text, quoted: true } => {
            Some(text.trim())
        }
        _ => None,
    }
}

/// The text that an argument must be.
fn text<'a>(argument: &'a Node, function: &str) -> Result<&'a str, Fault> {
    written(argument)
        .ok_or_else(|| Fault::new(start(argument), Message::new("rules.expects-text").with("function", function)))
}

/// A class: `07`, `YDYH2023:07`.
pub(super) fn code(text: &str) -> Result<Code, Message> {
    let (scheme, code) = match text.split_once(':') {
        Some((name, code)) => {
            let message = || {
                let known: Vec<&str> = Scheme::ALL.iter().map(|scheme| scheme.name()).collect();
                Message::new("rules.unknown-scheme").with("name", name).with("known", known.join(", "))
            };
            (Some(Scheme::from_name(name.trim()).ok_or_else(message)?), code.trim())
        }
        None => (None, text.trim()),
    };
    let schemes = scheme.map_or_else(|| Scheme::ALL.to_vec(), |scheme| vec![scheme]);
    if schemes.iter().all(|scheme| Class::find(*scheme, code).is_none()) {
        return Err(Message::new("rules.unknown-class").with("code", text));
    }
    Ok(Code { scheme, code: code.to_owned() })
}

fn big(name: &str) -> Option<Big> {
    Some(match name.to_lowercase().as_str() {
        "agricultural" | "农用地" => Big::Agricultural,
        "construction" | "建设用地" => Big::Construction,
        "unused" | "未利用地" => Big::Unused,
        _ => return None,
    })
}

/// Layers by the word or the name of a role, else by title.
fn layer(text: &str) -> What {
    let named =
        |role: &Role| [Language::Chinese, Language::English].iter().any(|language| role.title(*language) == text);
    let role = Role::from_name(&text.replace('_', "-")).or_else(|| Role::ALL.into_iter().find(named));
    role.map_or_else(|| What::Title(text.to_owned()), What::Role)
}

/// Names of features that every file has, in Chinese and English.
const FEATURES: &[(&str, &str)] = &[
    ("land_use", "全部用地"),
    ("construction", "建设用地"),
    ("agricultural", "农用地"),
    ("unused", "未利用地"),
    ("cropland", "耕地"),
    ("boundary", "城镇开发边界"),
    ("basic_farmland", "永久基本农田"),
    ("red_line", "生态保护红线"),
    ("resettlement", "安置区"),
    ("cleared_land", "已清理土地"),
    ("key_project", "重点项目"),
];

/// Whether every file has that name already.
pub(super) fn is_reserved(name: &str) -> bool {
    FUNCTIONS.iter().chain(FEATURES).any(|(en, zh)| *en == name || *zh == name)
}

/// Whether a name can be written in an expression.
pub(super) fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_')
}

fn built_in_names<'a>() -> impl Iterator<Item = &'a str> {
    FEATURES.iter().flat_map(|(en, zh)| [*en, *zh])
}

fn built_in(name: &str) -> Option<What> {
    let (word, _) = FEATURES.iter().find(|(en, zh)| *en == name || *zh == name)?;
    Some(match *word {
        "land_use" => What::LandUse,
        "cropland" => What::Classes(vec![Code { scheme: None, code: "01".to_owned() }]),
        "boundary" => What::Role(Role::DevelopmentBoundary),
        word => match big(word) {
            Some(big) => What::Big(big),
            None => What::Role(Role::from_name(&word.replace('_', "-"))?),
        },
    })
}

/// A name that nothing has, with the one that was probably meant.
fn unknown<'a>(
    key: &'static str,
    near_key: &'static str,
    name: &str,
    known: impl Iterator<Item = &'a str>,
    at: usize,
) -> Fault {
    match suggest(name, known) {
        Some(near) => Fault::new(at, Message::new(near_key).with("name", name).with("near", near)),
        None => Fault::new(at, Message::new(key).with("name", name)),
    }
}
