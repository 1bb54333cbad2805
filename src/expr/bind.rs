//! Names to columns, types checked, hints given.

use std::borrow::Cow;

use super::eval::{Datum, Figures, Pattern, Plan, Set, Type};
use super::functions::Function;
use super::parse::{Comparison, Node, NodeKind, Variable};
use super::{ExprError, suggest};
use crate::model::roles::fields;
use crate::model::{FieldType, Layer};
use crate::text::Message;

/// Binds nodes to the columns of a layer.
pub(super) struct Binder<'a> {
    pub layer: &'a Layer,
    pub figures: Figures<'a>,
    /// What is allowed but probably not meant.
    pub hints: Vec<Message>,
}

/// A bound node with what is known about it.
struct Typed {
    plan: Plan,
    kind: Type,
    /// The column, where it is a plain field.
    field: Option<usize>,
}

impl Binder<'_> {
    pub(super) fn bind(&mut self, node: &Node) -> Result<(Plan, Type), ExprError> {
        let typed = self.node(node)?;
        Ok((typed.plan, typed.kind))
    }

    fn node(&mut self, node: &Node) -> Result<Typed, ExprError> {
        let (plan, kind) = match &node.kind {
            NodeKind::Null => (Plan::Constant(Datum::Null), Type::Any),
            NodeKind::Bool(value) => (Plan::Constant(Datum::Bool(*value)), Type::Bool),
            NodeKind::Int(value, _) => (Plan::Constant(Datum::Int(*value)), Type::Number),
            NodeKind::Float(value, _) => (Plan::Constant(Datum::Float(*value)), Type::Number),
            NodeKind::Measure(value, _) => (Plan::Constant(Datum::Float(*value)), Type::Number),
            NodeKind::Text(text) => (Plan::Constant(Datum::Text(Cow::Owned(text.clone()))), Type::Text),
            NodeKind::Field { name, quoted } => return self.field(name, *quoted, node.column),
            NodeKind::Curly(name) => match self.find(name) {
                Some(_) => return self.field(name, true, node.column),
                None => (Plan::Constant(Datum::Text(Cow::Owned(name.clone()))), Type::Text),
            },
            NodeKind::Variable(variable) => self.variable(*variable, node.column)?,
            NodeKind::Not(inner) => (Plan::Not(Box::new(self.condition(inner)?)), Type::Bool),
            NodeKind::Negate(inner) => (Plan::Negate(Box::new(self.number(inner)?)), Type::Number),
            NodeKind::And(parts) => (Plan::And(self.conditions(parts)?), Type::Bool),
            NodeKind::Or(parts) => (Plan::Or(self.conditions(parts)?), Type::Bool),
            NodeKind::Arithmetic((operation, _), left, right) => {
                let (left, right) = (self.number(left)?, self.number(right)?);
                (Plan::Arithmetic(*operation, Box::new(left), Box::new(right)), Type::Number)
            }
            NodeKind::Compare(comparison, left, right) => (self.compare(*comparison, left, right)?, Type::Bool),
            NodeKind::Like { value, pattern, negated } => {
                let value = self.node(value)?.plan;
                let pattern = self.node(pattern)?.plan;
                (Plan::Like(Box::new(value), Pattern::new(pattern), *negated), Type::Bool)
            }
            NodeKind::In { value, list, negated } => {
                let value = self.node(value)?;
                let set = self.set(&value, list)?;
                (Plan::In(Box::new(value.plan), set, *negated), Type::Bool)
            }
            NodeKind::Between { value, low, high, negated } => {
                let value = self.node(value)?;
                let low = self.beside(&value, low, Comparison::GreaterOrEqual)?;
                let high = self.beside(&value, high, Comparison::LessOrEqual)?;
                let [value, low, high] = [value, low, high].map(|typed| Box::new(typed.plan));
                (Plan::Between(value, low, high, *negated), Type::Bool)
            }
            NodeKind::IsNull { value, negated } => {
                let is_null = Plan::IsNull(Box::new(self.node(value)?.plan));
                (if *negated { Plan::Not(Box::new(is_null)) } else { is_null }, Type::Bool)
            }
            NodeKind::Call(function, arguments) => self.call(*function, arguments)?,
            NodeKind::Named(name, _) => {
                return Err(ExprError::new(node.column, Message::new("expr.unknown-function").with("name", name)));
            }
        };
        Ok(Typed { plan, kind, field: None })
    }

    fn field(&mut self, name: &str, quoted: bool, column: usize) -> Result<Typed, ExprError> {
        let Some(field) = self.find(name) else {
            return Err(self.unknown_field(name, quoted, column));
        };
        let data = self.layer.fields[field].kind;
        let kind = match data {
            FieldType::Null => Type::Any,
            FieldType::Bool => Type::Bool,
            FieldType::Int | FieldType::Float => Type::Number,
            FieldType::Text | FieldType::Json => Type::Text,
        };
        Ok(Typed { plan: Plan::Field(field, data), kind, field: Some(field) })
    }

    /// The column of a name, or of the title of a standard field.
    fn find(&self, name: &str) -> Option<usize> {
        let by_title = || fields::code_of_title(name).and_then(|code| self.layer.field(code));
        self.layer.field(name).or_else(by_title)
    }

    fn unknown_field(&self, name: &str, quoted: bool, column: usize) -> ExprError {
        let message = Message::new("expr.unknown-field").with("name", name);
        let names = self.layer.fields.iter().map(|field| field.name.as_str());
        let remedy = if let Some(near) = suggest(name, names.clone()) {
            Message::new("expr.did-you-mean").with("name", near)
        } else if quoted {
            Message::new("expr.text-in-single-quotes").with("text", format!("'{name}'"))
        } else if self.layer.fields.is_empty() {
            Message::new("expr.no-fields")
        } else {
            let mut list: Vec<&str> = names.take(12).collect();
            if self.layer.fields.len() > list.len() {
                list.push("…");
            }
            Message::new("expr.fields-are").with("names", list.join(", "))
        };
        ExprError::new(column, message).with_remedy(remedy)
    }

    fn variable(&self, variable: Variable, column: usize) -> Result<(Plan, Type), ExprError> {
        let missing = match variable {
            Variable::Area => self.figures.areas.is_none().then_some("$area"),
            Variable::Perimeter => self.figures.perimeters.is_none().then_some("$perimeter"),
            Variable::Id | Variable::Row => None,
        };
        if let Some(name) = missing {
            return Err(ExprError::new(column, Message::new("expr.no-figure").with("name", name)));
        }
        let kind = if variable == Variable::Id { Type::Text } else { Type::Number };
        Ok((Plan::Variable(variable), kind))
    }

    fn conditions(&mut self, parts: &[Node]) -> Result<Vec<Plan>, ExprError> {
        parts.iter().map(|part| self.condition(part)).collect()
    }

    pub(super) fn condition(&mut self, node: &Node) -> Result<Plan, ExprError> {
        let typed = self.node(node)?;
        match typed.kind {
            Type::Bool | Type::Any => Ok(typed.plan),
            Type::Number | Type::Text => {
                let message = Message::new("expr.want-condition");
                Err(ExprError::new(node.column, message).with_remedy(Message::new("expr.condition-remedy")))
            }
        }
    }

    fn number(&mut self, node: &Node) -> Result<Plan, ExprError> {
        let typed = self.node(node)?;
        match typed.kind {
            Type::Number | Type::Any => Ok(typed.plan),
            Type::Text => {
                let error = ExprError::new(node.column, Message::new("expr.want-number-not-text"));
                Err(match &node.kind {
                    NodeKind::Field { name, .. } => {
                        error.with_remedy(Message::new("expr.num-remedy").with("example", format!("num({name})")))
                    }
                    _ => error,
                })
            }
            Type::Bool => Err(ExprError::new(node.column, Message::new("expr.want-number-not-condition"))),
        }
    }

    fn compare(&mut self, comparison: Comparison, left: &Node, right: &Node) -> Result<Plan, ExprError> {
        // Two texts compared decide nothing: one of them was meant as a field.
        let literal =
            |node: &Node| is_literal(node) || matches!(&node.kind, NodeKind::Curly(name) if self.find(name).is_none());
        if let (NodeKind::Curly(name), true) = (&left.kind, literal(left) && literal(right)) {
            return Err(self.unknown_field(name, true, left.column));
        }
        for (null, other) in [(left, right), (right, left)] {
            if null.kind == NodeKind::Null {
                self.hint_null(comparison, other);
            }
        }
        // A literal takes its meaning from what it stands beside.
        let (left, right) = if is_literal(left) && !is_literal(right) {
            let right = self.node(right)?;
            (self.beside(&right, left, comparison)?, right)
        } else {
            let left = self.node(left)?;
            let right = self.beside(&left, right, comparison)?;
            (left, right)
        };
        Ok(Plan::Compare(comparison, Box::new(left.plan), Box::new(right.plan)))
    }

    /// Binds `node`, which is compared with `value`: a number beside a text field is taken as the text that it is
    /// written as, so that `DLBM = 0701` means what it looks like.
    fn beside(&mut self, value: &Typed, node: &Node, comparison: Comparison) -> Result<Typed, ExprError> {
        let equality = matches!(comparison, Comparison::Equal | Comparison::Unequal);
        let written = match &node.kind {
            NodeKind::Int(_, written) | NodeKind::Float(_, written) => Some(written),
            _ => None,
        };
        if let (Type::Text, Some(written)) = (value.kind, written) {
            let field = value.field.map_or("", |field| self.layer.fields[field].name.as_str());
            if equality {
                self.hint(Message::new("expr.hint-text").with("field", field).with("text", format!("'{written}'")));
                let text = Plan::Constant(Datum::Text(Cow::Owned(written.clone())));
                return Ok(Typed { plan: text, kind: Type::Text, field: None });
            }
            self.hint(Message::new("expr.hint-text-as-number").with("field", field));
            return self.node(node);
        }
        let typed = self.node(node)?;
        if equality
            && value.kind == Type::Number
            && let (Plan::Constant(Datum::Text(text)), Some(field)) = (&typed.plan, value.field)
            && super::functions::parse_number(text).is_null()
        {
            let field = self.layer.fields[field].name.as_str();
            self.hint(Message::new("expr.hint-number").with("field", field).with("text", format!("'{text}'")));
        }
        let bool_beside_other = (value.kind == Type::Bool && matches!(typed.kind, Type::Number | Type::Text))
            || (typed.kind == Type::Bool && matches!(value.kind, Type::Number | Type::Text));
        if bool_beside_other {
            return Err(ExprError::new(node.column, Message::new("expr.bool-beside-other")));
        }
        Ok(typed)
    }

    /// A comparison with null holds for nothing: what was meant is asked with `is`.
    fn hint_null(&mut self, comparison: Comparison, other: &Node) {
        let name = match &other.kind {
            NodeKind::Field { name, .. } | NodeKind::Curly(name) => name.as_str(),
            _ => "…",
        };
        let words = if comparison == Comparison::Unequal { "is not null" } else { "is null" };
        self.hint(Message::new("expr.hint-use-is-null").with("use", format!("{name} {words}")));
    }

    fn set(&mut self, value: &Typed, list: &[Node]) -> Result<Set, ExprError> {
        let mut set = Set::default();
        for node in list {
            if node.kind == NodeKind::Null {
                let field = value.field.map_or("…", |field| self.layer.fields[field].name.as_str()).to_owned();
                self.hint(Message::new("expr.hint-use-is-null").with("use", format!("{field} is null")));
            }
            let item = self.beside(value, node, Comparison::Equal)?;
            set.add(item.plan, value.kind);
        }
        Ok(set)
    }

    fn call(&mut self, function: Function, arguments: &[Node]) -> Result<(Plan, Type), ExprError> {
        let mut plans = Vec::with_capacity(arguments.len());
        let mut types = Vec::with_capacity(arguments.len());
        for (i, argument) in arguments.iter().enumerate() {
            match function.wants(i) {
                Type::Number => {
                    plans.push(self.number(argument)?);
                    types.push(Type::Number);
                }
                Type::Bool => {
                    plans.push(self.condition(argument)?);
                    types.push(Type::Bool);
                }
                Type::Any | Type::Text => {
                    let typed = self.node(argument)?;
                    plans.push(typed.plan);
                    types.push(typed.kind);
                }
            }
        }
        let kind = function.gives(&types);
        Ok((Plan::Call(function, plans), kind))
    }

    fn hint(&mut self, hint: Message) {
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }
}

fn is_literal(node: &Node) -> bool {
    matches!(
        node.kind,
        NodeKind::Null | NodeKind::Bool(_) | NodeKind::Int(..) | NodeKind::Float(..) | NodeKind::Text(_)
    )
}
