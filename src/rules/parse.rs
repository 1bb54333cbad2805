//! Tokens of an indicator to a tree.
//!
//! ```text
//! sum     = product { ("+" | "-") product }
//! product = sign { ("*" | "/") sign }
//! sign    = [ "-" | "+" ] sign | operand
//! operand = number [unit] | text | name | name "(" [ sum { "," sum } ] ")" | "(" sum ")"
//! ```

use super::Fault;
use super::lex::{Kind, Token, Unit, tokens};
use crate::text::Message;

/// Parentheses and signs within each other; more is no formula of a planner.
const DEEPEST: usize = 64;
/// Words, numbers and signs of one expression; trees of longer ones would be too deep as well.
const LONGEST: usize = 1000;

/// A part of an expression and the character that it starts at, from 0.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub at: usize,
    pub kind: NodeKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum NodeKind {
    Number(f64, Unit),
    Text(String),
    Name(String),
    Call(String, Vec<Node>),
    Negate(Box<Node>),
    /// The sign stands at `at` of the operation.
    Operation(char, usize, Box<Node>, Box<Node>),
}

pub(super) fn parse(source: &str) -> Result<Node, Fault> {
    let mut parser = Parser { tokens: tokens(source)?, next: 0, depth: 0 };
    if let Some(token) = parser.tokens.get(LONGEST) {
        return Err(Fault::new(token.at, Message::new("rules.too-long").with("most", LONGEST)));
    }
    if parser.peek().kind == Kind::End {
        return Err(Fault::new(0, Message::new("rules.empty-expression")));
    }
    let node = parser.sum()?;
    let rest = parser.peek();
    if rest.kind != Kind::End {
        return Err(Fault::new(rest.at, Message::new("rules.expected-operator").with("found", &rest.text)));
    }
    Ok(node)
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        // The last token is the end, and nothing goes past it.
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn take_sign(&mut self, signs: &[char]) -> Option<(char, usize)> {
        match self.peek() {
            Token { kind: Kind::Sign(sign), at, .. } if signs.contains(sign) => {
                let found = (*sign, *at);
                self.next += 1;
                Some(found)
            }
            _ => None,
        }
    }

    fn operations(&mut self, signs: &[char], part: fn(&mut Self) -> Result<Node, Fault>) -> Result<Node, Fault> {
        let mut left = part(self)?;
        while let Some((sign, at)) = self.take_sign(signs) {
            let right = part(self)?;
            left = Node { at: left.at, kind: NodeKind::Operation(sign, at, Box::new(left), Box::new(right)) };
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Node, Fault> {
        self.operations(&['+', '-'], Self::product)
    }

    fn product(&mut self) -> Result<Node, Fault> {
        self.operations(&['*', '/'], Self::signed)
    }

    fn signed(&mut self) -> Result<Node, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault::new(self.peek().at, Message::new("rules.too-deep").with("most", DEEPEST)));
        }
        let node = match self.take_sign(&['+', '-']) {
            Some(('-', at)) => Node { at, kind: NodeKind::Negate(Box::new(self.signed()?)) },
            Some(_) => self.signed()?,
            None => self.operand()?,
        };
        self.depth -= 1;
        Ok(node)
    }

    fn operand(&mut self) -> Result<Node, Fault> {
        let token = self.take();
        let at = token.at;
        let kind = match token.kind {
            Kind::Number(value, unit) => NodeKind::Number(value, unit),
            Kind::Text(text) => NodeKind::Text(text),
            Kind::Sign('(') => {
                let inner = self.sum()?;
                self.close(at)?;
                return Ok(inner);
            }
            Kind::Word => match self.take_sign(&['(']) {
                Some((_, open)) => NodeKind::Call(token.text, self.arguments(open)?),
                None => NodeKind::Name(token.text),
            },
            Kind::End => return Err(Fault::new(at, Message::new("rules.unfinished"))),
            Kind::Sign(_) => {
                return Err(Fault::new(at, Message::new("rules.expected-operand").with("found", token.text)));
            }
        };
        Ok(Node { at, kind })
    }

    fn arguments(&mut self, open: usize) -> Result<Vec<Node>, Fault> {
        let mut arguments = Vec::new();
        if self.take_sign(&[')']).is_some() {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.sum()?);
            if self.take_sign(&[',']).is_none() {
                self.close(open)?;
                return Ok(arguments);
            }
        }
    }

    /// Takes the parenthesis that closes the one at `open`.
    fn close(&mut self, open: usize) -> Result<(), Fault> {
        if self.take_sign(&[')']).is_some() {
            return Ok(());
        }
        let token = self.peek();
        Err(match token.kind {
            Kind::End => Fault::new(open, Message::new("rules.open-parenthesis")),
            _ => Fault::new(token.at, Message::new("rules.expected-close").with("found", &token.text)),
        })
    }
}
