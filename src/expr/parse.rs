//! Tokens to a tree, by precedence: `or`, `and`, `not`, comparison, `+ -`, `* / %`, sign, atom.

use super::functions::Function;
use super::lex::{Dialect, Kind, Token, Unit, quoting, tokens};
use super::{ExprError, suggest};
use crate::text::Message;

/// Deepest nesting that is read: enough for any filter, small enough for any stack.
const MAX_DEPTH: usize = 64;
/// Most signs `+`, `-`, `*`, `/` and `%` between values, over the whole expression: they nest to the left.
const MAX_LINKS: usize = 512;

/// An expression as written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub kind: NodeKind,
    /// Where it starts, in characters from 1.
    pub column: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NodeKind {
    Null,
    Bool(bool),
    /// A whole number and its spelling, which keeps leading zeros.
    Int(i64, String),
    Float(f64, String),
    /// A number with a unit: m², a share of 1, or plain.
    Measure(f64, Unit),
    Text(String),
    /// A field; `quoted` when it stood in double quotes or brackets.
    Field {
        name: String,
        quoted: bool,
    },
    /// A field where the layer has it, a text else.
    Curly(String),
    Variable(Variable),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    /// The sign stands at the column beside the operation.
    Arithmetic((Arithmetic, usize), Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    Like {
        value: Box<Node>,
        pattern: Box<Node>,
        negated: bool,
    },
    In {
        value: Box<Node>,
        list: Vec<Node>,
        negated: bool,
    },
    Between {
        value: Box<Node>,
        low: Box<Node>,
        high: Box<Node>,
        negated: bool,
    },
    IsNull {
        value: Box<Node>,
        negated: bool,
    },
    /// A call of a function of fields.
    Call(Function, Vec<Node>),
    /// A call by name, in an indicator.
    Named(String, Vec<Node>),
}

/// What every feature has without a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    Area,
    Perimeter,
    Id,
    Row,
}

impl Variable {
    /// How it is written: `$area`.
    pub(crate) fn written(self) -> &'static str {
        match self {
            Self::Area => "$area",
            Self::Perimeter => "$perimeter",
            Self::Id => "$id",
            Self::Row => "$row",
        }
    }
}

const VARIABLES: &[(&str, Variable)] =
    &[("area", Variable::Area), ("perimeter", Variable::Perimeter), ("id", Variable::Id), ("row", Variable::Row)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

pub(super) fn parse(source: &str, dialect: Dialect) -> Result<Node, ExprError> {
    let mut parser = Parser { tokens: tokens(source, dialect)?, dialect, at: 0, depth: 0, link_count: 0 };
    let node = parser.or()?;
    match (&parser.peek().kind, dialect) {
        (Kind::End, _) => Ok(node),
        (_, Dialect::Fields) => Err(parser.unexpected("expr.want-operator")),
        (_, Dialect::Indicator) => Err(parser.unexpected("expr.want-arithmetic")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    dialect: Dialect,
    at: usize,
    depth: usize,
    link_count: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        // The last token is always `End`, and nothing steps over it.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        if token.kind != Kind::End {
            self.at += 1;
        }
        token
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek().kind, Kind::Sign(s) if s == sign);
        self.at += usize::from(found);
        found
    }

    fn is_word(&self, word: &str) -> bool {
        self.peek().kind == Kind::Word && self.peek().text.eq_ignore_ascii_case(word)
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn unexpected(&self, wanted: &'static str) -> ExprError {
        let token = self.peek();
        let message = match token.kind {
            Kind::End => Message::new("expr.ends-early"),
            _ => Message::new("expr.unexpected").with("text", &token.text),
        };
        ExprError::new(token.column, message).with_remedy(Message::new(wanted))
    }

    fn want_sign(&mut self, sign: &'static str, wanted: &'static str) -> Result<(), ExprError> {
        if self.takes_sign(sign) { Ok(()) } else { Err(self.unexpected(wanted)) }
    }

    /// What is wrong where a value should stand.
    fn no_value(&self) -> ExprError {
        self.unexpected(match self.dialect {
            Dialect::Fields => "expr.want-value",
            Dialect::Indicator => "expr.want-figure",
        })
    }

    /// Takes the parenthesis that closes the one at column `open`.
    fn close(&mut self, open: usize, wanted: &'static str) -> Result<(), ExprError> {
        match self.peek().kind {
            Kind::End => Err(ExprError::new(open, Message::new("expr.open-parenthesis"))),
            _ => self.want_sign(")", wanted),
        }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, ExprError>) -> Result<T, ExprError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = Message::new("expr.too-deep").with("most", MAX_DEPTH);
            return Err(ExprError::new(self.peek().column, message));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn or(&mut self) -> Result<Node, ExprError> {
        self.deeper(|p| p.chain(Self::and, |p| p.takes_word("or") || p.takes_sign("||"), NodeKind::Or))
    }

    fn and(&mut self) -> Result<Node, ExprError> {
        self.chain(Self::not, |p| p.takes_word("and") || p.takes_sign("&&"), NodeKind::And)
    }

    /// One or more parts joined by the same word, kept side by side so that a long list does not nest.
    fn chain(
        &mut self,
        part: fn(&mut Self) -> Result<Node, ExprError>,
        joined: fn(&mut Self) -> bool,
        kind: fn(Vec<Node>) -> NodeKind,
    ) -> Result<Node, ExprError> {
        let first = part(self)?;
        let column = first.column;
        let mut parts = vec![first];
        while joined(self) {
            parts.push(part(self)?);
        }
        match parts.len() {
            1 => Ok(parts.swap_remove(0)),
            _ => Ok(Node { kind: kind(parts), column }),
        }
    }

    fn not(&mut self) -> Result<Node, ExprError> {
        let column = self.peek().column;
        if self.takes_word("not") || self.takes_sign("!") {
            let inner = self.deeper(Self::not)?;
            return Ok(Node { kind: NodeKind::Not(Box::new(inner)), column });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Node, ExprError> {
        let value = self.sum()?;
        let column = value.column;
        let boxed = Box::new;
        if self.takes_word("is") {
            let negated = self.takes_word("not");
            if !self.takes_word("null") {
                return Err(self.unexpected("expr.want-null"));
            }
            return Ok(Node { kind: NodeKind::IsNull { value: boxed(value), negated }, column });
        }
        let negated = self.is_word("not");
        if negated {
            self.at += 1;
        }
        if self.takes_word("like") {
            let pattern = boxed(self.sum()?);
            return Ok(Node { kind: NodeKind::Like { value: boxed(value), pattern, negated }, column });
        }
        if self.takes_word("in") {
            let list = self.list()?;
            return Ok(Node { kind: NodeKind::In { value: boxed(value), list, negated }, column });
        }
        if self.takes_word("between") {
            let low = boxed(self.sum()?);
            if !self.takes_word("and") {
                return Err(self.unexpected("expr.want-and"));
            }
            let high = boxed(self.sum()?);
            return Ok(Node { kind: NodeKind::Between { value: boxed(value), low, high, negated }, column });
        }
        if negated {
            return Err(self.unexpected("expr.want-like"));
        }
        let Some(comparison) = self.comparison_sign() else { return Ok(value) };
        let right = self.sum()?;
        if self.comparison_sign().is_some() {
            self.at -= 1;
            return Err(self.unexpected("expr.want-one-comparison"));
        }
        Ok(Node { kind: NodeKind::Compare(comparison, boxed(value), boxed(right)), column })
    }

    fn comparison_sign(&mut self) -> Option<Comparison> {
        let Kind::Sign(sign) = self.peek().kind else { return None };
        let comparison = match sign {
            "=" | "==" => Comparison::Equal,
            "!=" | "<>" => Comparison::Unequal,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.at += 1;
        Some(comparison)
    }

    /// `(a, b, …)`, one item at least.
    fn list(&mut self) -> Result<Vec<Node>, ExprError> {
        let open = self.peek().column;
        self.want_sign("(", "expr.want-list")?;
        self.items(open, |p| p.deeper(Self::sum))
    }

    /// What stands in parentheses, the first of which is taken and stood at column `open`: one item or more.
    fn items(
        &mut self,
        open: usize,
        item: impl Fn(&mut Self) -> Result<Node, ExprError>,
    ) -> Result<Vec<Node>, ExprError> {
        let mut items = Vec::new();
        loop {
            items.push(item(self)?);
            if !self.takes_sign(",") {
                self.close(open, "expr.want-comma")?;
                return Ok(items);
            }
        }
    }

    fn sum(&mut self) -> Result<Node, ExprError> {
        self.arithmetic(Self::product, &[("+", Arithmetic::Add), ("-", Arithmetic::Subtract)])
    }

    fn product(&mut self) -> Result<Node, ExprError> {
        let signs = &[("*", Arithmetic::Multiply), ("/", Arithmetic::Divide), ("%", Arithmetic::Remainder)];
        self.arithmetic(Self::signed, signs)
    }

    fn arithmetic(
        &mut self,
        part: fn(&mut Self) -> Result<Node, ExprError>,
        signs: &[(&str, Arithmetic)],
    ) -> Result<Node, ExprError> {
        let mut left = part(self)?;
        loop {
            let sign = self.peek().column;
            let Some((_, operation)) = signs.iter().find(|(sign, _)| self.takes_sign(sign)) else { return Ok(left) };
            self.link_count += 1;
            if self.link_count > MAX_LINKS {
                let message = Message::new("expr.too-long").with("most", MAX_LINKS);
                return Err(ExprError::new(self.peek().column, message));
            }
            let right = part(self)?;
            let column = left.column;
            left = Node { kind: NodeKind::Arithmetic((*operation, sign), Box::new(left), Box::new(right)), column };
        }
    }

    fn signed(&mut self) -> Result<Node, ExprError> {
        let column = self.peek().column;
        if self.takes_sign("-") {
            let inner = self.deeper(Self::signed)?;
            return Ok(Node { kind: NodeKind::Negate(Box::new(inner)), column });
        }
        if self.takes_sign("+") {
            return self.deeper(Self::signed);
        }
        self.atom()
    }

    fn atom(&mut self) -> Result<Node, ExprError> {
        let token = self.peek().clone();
        let column = token.column;
        let kind = match token.kind {
            Kind::Int(value) => NodeKind::Int(value, token.text),
            Kind::Float(value) => NodeKind::Float(value, token.text),
            Kind::Measure(value, unit) => NodeKind::Measure(value, unit),
            Kind::Text(text) => NodeKind::Text(text),
            Kind::Quoted(name) => NodeKind::Field { name, quoted: true },
            Kind::Curly(name) => NodeKind::Curly(name),
            Kind::Variable(name) => variable(&name, column)?,
            Kind::Sign("(") => {
                self.at += 1;
                let inner = self.or()?;
                self.close(column, "expr.want-parenthesis")?;
                return Ok(inner);
            }
            Kind::Word => return self.word(),
            Kind::Sign(_) | Kind::End => return Err(self.no_value()),
        };
        self.at += 1;
        Ok(Node { kind, column })
    }

    /// A keyword that is a value, a call, or a field.
    fn word(&mut self) -> Result<Node, ExprError> {
        let token = self.take();
        let column = token.column;
        let kind = match token.text.to_lowercase().as_str() {
            "null" => NodeKind::Null,
            "true" => NodeKind::Bool(true),
            "false" => NodeKind::Bool(false),
            "and" | "or" | "in" | "like" | "between" | "is" | "not" => {
                self.at -= 1;
                return Err(self.no_value());
            }
            name if matches!(self.peek().kind, Kind::Sign("(")) => return self.call(name, &token),
            _ => NodeKind::Field { name: token.text, quoted: false },
        };
        Ok(Node { kind, column })
    }

    /// A word with the parentheses behind it, as it was written.
    fn written_from(&self, word: &Token) -> String {
        let mut text = word.text.clone();
        for token in &self.tokens[self.at..] {
            text.push_str(&token.text);
            if matches!(token.kind, Kind::Sign(")") | Kind::End) {
                break;
            }
        }
        text
    }

    fn call(&mut self, name: &str, token: &Token) -> Result<Node, ExprError> {
        let column = token.column;
        if self.dialect == Dialect::Indicator {
            let arguments = self.arguments()?;
            return Ok(Node { kind: NodeKind::Named(token.text.clone(), arguments), column });
        }
        let Some(function) = Function::find(name) else {
            let message = Message::new("expr.unknown-function").with("name", &token.text);
            let names = Function::ALL.iter().map(|function| function.name());
            return Err(ExprError::new(column, message).with_remedy(match suggest(name, names) {
                Some(near) => Message::new("expr.did-you-mean").with("name", near),
                // 面积(亩) is a field rather than a function.
                None if !name.is_ascii() => quoting(&self.written_from(token)),
                None => Message::new("expr.functions-are").with("names", Function::list()),
            }));
        };
        let arguments = self.arguments()?;
        if !function.takes(arguments.len()) {
            let message = Message::new("expr.argument-count")
                .with("name", function.name())
                .with("usage", function.usage())
                .with("count", arguments.len());
            return Err(ExprError::new(column, message));
        }
        Ok(Node { kind: NodeKind::Call(function, arguments), column })
    }

    /// The arguments of a call, in parentheses.
    fn arguments(&mut self) -> Result<Vec<Node>, ExprError> {
        let open = self.peek().column;
        self.want_sign("(", "expr.want-parenthesis")?;
        if self.takes_sign(")") { Ok(Vec::new()) } else { self.items(open, Self::or) }
    }
}

fn variable(name: &str, column: usize) -> Result<NodeKind, ExprError> {
    if let Some((_, variable)) = VARIABLES.iter().find(|(known, _)| *known == name) {
        return Ok(NodeKind::Variable(*variable));
    }
    let message = Message::new("expr.unknown-variable").with("name", format!("${name}"));
    let names: Vec<String> = VARIABLES.iter().map(|(name, _)| format!("${name}")).collect();
    Err(ExprError::new(column, message).with_remedy(Message::new("expr.variables-are").with("names", names.join(", "))))
}
