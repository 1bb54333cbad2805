//! The one expression language: `--where`, filters, selections, labels, rules.
//!
//! ```text
//! DLBM = '0701' and $area > 1.5mu
//! 街道 in ('大桥街道', '崔寨街道') or left(QSDWDM, 12) = '370105211001'
//! [Full District Name] like '%Business%' and not (TBMJ is null)
//! ```
//!
//! **Fields** by name, bare where it is a word, else in `"double quotes"` or `[brackets]`; the Chinese title of a
//! standard field (地类编码) finds the field (DLBM). **Text** in `'single quotes'`. Curly quotes are quotes: `‘…’` is text,
//! `“…”` a field where the layer has it and text else. **Areas** with their unit: `1.5mu`,
//! `2亩`, `3ha`, `0.5km2`, `100m2`; inside they are m². **Variables**: `$area` and `$perimeter` (m², m), `$id`, `$row`
//! (from 1). **Operators**, loosest first: `or` `||`; `and` `&&`; `not` `!`; `=` `!=` `<>` `<` `<=` `>` `>=`, `like`
//! (`%` any characters, `_` one), `in (…)`, `between … and …`, `is null`, the last four also with `not`; `+` `-`; `*` `/`
//! `%`; sign. **Functions**: `len left right substr starts_with ends_with contains lower upper trim concat abs round
//! floor ceil min max num text coalesce if`. Words may be in any case; full-width signs are read as plain ones.
//!
//! **Null.** A comparison with null is false, whatever the comparison (also `!=`, `not in`): ask with `is null`. A sum with
//! null, and a division by zero, is null. A condition that is null counts as false, and `not` turns it into true. How many
//! features were passed over because a value could not be compared is told beside the result ([`Bound::uncompared`]).
//!
//! **Text and number.** Text equals text by its characters, so codes keep their zeros: beside a text field a bare 0701
//! is taken as '0701', and a hint says so. A text that is ordered against a number (`<`, `between`) counts as the number
//! that it reads as (thousands separators and full-width digits are read), or fails. For arithmetic use `num(…)`.

use std::fmt;

use rayon::prelude::*;

use crate::model::{Column, FieldType, Layer};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};

mod bind;
mod eval;
mod functions;
mod lex;
mod parse;
mod select;
pub mod styled;
mod uncompared;
mod values;
mod words;

pub use eval::{Datum, Figures, Type};
pub use lex::Unit;
pub use words::{ClassColumn, FilterWord, FoundWords, Spells, find_words, read_words};

pub(crate) use parse::{Arithmetic, Comparison, Node, NodeKind};

use bind::Binder;
use eval::{Plan, Row};
use lex::Dialect;
use parse::Variable;

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExprError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What was found.
    pub message: Message,
    /// What to do about it.
    pub remedy: Option<Message>,
}

impl ExprError {
    fn new(column: usize, message: Message) -> Self {
        Self { column, message, remedy: None }
    }

    fn with_remedy(self, remedy: Message) -> Self {
        Self { remedy: Some(remedy), ..self }
    }

    /// The error in a sentence: place, what was found, what to do.
    pub fn text(&self, language: Language) -> String {
        let place =
            Message::new("expr.at-column").with("column", self.column).with("message", self.message.text(language));
        match &self.remedy {
            None => place.text(language),
            Some(remedy) => Message::new("expr.and-remedy")
                .with("error", place.text(language))
                .with("remedy", remedy.text(language))
                .text(language),
        }
    }
}

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl std::error::Error for ExprError {}

/// An expression as written, not yet bound to a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    source: String,
    root: Node,
}

impl Expr {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`ExprError`] with the place, what stands there and what was expected.
    ///
    /// ```
    /// use tuban::expr::Expr;
    /// assert!(Expr::parse("DLBM like '07%' and $area >= 1.5mu").is_ok());
    /// assert_eq!(Expr::parse("DLBM = ").map_err(|e| e.column), Err(8));
    /// ```
    pub fn parse(source: &str) -> Result<Self, ExprError> {
        Ok(Self { source: source.to_owned(), root: parse::parse(source, Dialect::Fields)? })
    }

    /// Whether it compares something: `TBMJ > 1000`, not a word or a number alone.
    pub fn compares(&self) -> bool {
        compares(&self.root)
    }

    /// The text that it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it says, as a tree: for those who write it in another language.
    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// Whether it needs the areas of features, so that its caller measures them first.
    pub fn uses_area(&self) -> bool {
        uses(&self.root, Variable::Area)
    }

    /// The expression with its names as columns of `layer`.
    ///
    /// # Errors
    /// [`ExprError`] for a field that the layer lacks, an operand of the wrong type, or a figure that is not there.
    pub fn bind<'a>(&self, layer: &'a Layer, figures: Figures<'a>) -> Result<Bound<'a>, ExprError> {
        let mut binder = Binder { layer, figures, hints: Vec::new() };
        let (plan, kind) = binder.bind(&self.root)?;
        Ok(Bound { layer, figures, plan, kind, hints: binder.hints })
    }

    /// The expression as a condition on the features of `layer`.
    ///
    /// # Errors
    /// As [`Self::bind`], and where the expression gives a number or text.
    pub fn bind_condition<'a>(&self, layer: &'a Layer, figures: Figures<'a>) -> Result<Bound<'a>, ExprError> {
        let mut binder = Binder { layer, figures, hints: Vec::new() };
        let plan = binder.condition(&self.root)?;
        Ok(Bound { layer, figures, plan, kind: Type::Bool, hints: binder.hints })
    }
}

/// An expression bound to the columns of a layer.
#[derive(Debug)]
pub struct Bound<'a> {
    layer: &'a Layer,
    figures: Figures<'a>,
    plan: Plan,
    kind: Type,
    hints: Vec<Message>,
}

impl<'a> Bound<'a> {
    /// What it gives, where that is known for all features.
    pub fn kind(&self) -> Type {
        self.kind
    }

    /// What is allowed but probably not meant, to be shown beside the result.
    pub fn hints(&self) -> &[Message] {
        &self.hints
    }

    /// Its value for a feature.
    ///
    /// # Panics
    /// When there is no such feature.
    pub fn value(&self, feature: usize) -> Datum<'a> {
        let (block, row) = self.layer.locate(feature);
        let (layer, figures) = (self.layer, self.figures);
        self.plan.eval(&Row { layer, figures, block, row, feature, instead: None, forced: None })
    }

    /// Whether it is true for a feature.
    ///
    /// # Panics
    /// When there is no such feature.
    pub fn holds(&self, feature: usize) -> bool {
        self.value(feature) == Datum::Bool(true)
    }

    /// The features that it is true for, ascending. Ticks once a feature; uses all cores.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn select(&self, progress: &Progress) -> Result<Vec<u32>, Cancelled> {
        select::select(self.layer, self.figures, &self.plan, progress)
    }

    /// Its values for the features of a block, as a column.
    ///
    /// # Errors
    /// [`Cancelled`].
    ///
    /// # Panics
    /// When there is no such block.
    pub fn column(&self, block: usize, progress: &Progress) -> Result<Column, Cancelled> {
        values::column(self.layer, self.figures, &self.plan, block, progress)
    }

    /// Its values for all features, a column a block, with the type that all of them have. Ticks once a feature; uses
    /// all cores.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn columns(&self, progress: &Progress) -> Result<(FieldType, Vec<Column>), Cancelled> {
        let (layer, figures, plan) = (self.layer, self.figures, &self.plan);
        progress.add_total(layer.feature_count() as u64);
        let columns: Result<Vec<Column>, Cancelled> = (0..layer.blocks.len())
            .into_par_iter()
            .map(|block| {
                let column = values::column(layer, figures, plan, block, progress)?;
                progress.tick(layer.blocks[block].geometry.feature_count() as u64)?;
                Ok(column)
            })
            .collect();
        let columns = columns?;
        Ok((self.field_type(columns.iter()), columns))
    }

    /// The type of a field that has these columns of values.
    pub fn field_type<'c>(&self, columns: impl Iterator<Item = &'c Column>) -> FieldType {
        let found = columns.fold(FieldType::Null, |kind, column| kind.widened(column.kind()));
        match (found, self.kind) {
            (FieldType::Null, Type::Number) => FieldType::Float,
            (FieldType::Null, Type::Text) => FieldType::Text,
            (FieldType::Null, Type::Bool) => FieldType::Bool,
            (found, _) => found,
        }
    }

    /// Where a value could not be compared and that decided: how many features, of which field, and why. A condition that
    /// passes features over for it says so.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn uncompared(&self, progress: &Progress) -> Result<Vec<Message>, Cancelled> {
        uncompared::uncompared(self.layer, self.figures, &self.plan, progress)
    }
}

/// The tree of an indicator of a rules file: the same language, about a plan in place of the fields of a layer. What its
/// names and calls mean is for the caller.
pub(crate) fn parse_indicator(source: &str) -> Result<Node, ExprError> {
    parse::parse(source, Dialect::Indicator)
}

/// How every function is called, for help: `left(x, n)`.
pub fn function_usages() -> impl Iterator<Item = &'static str> {
    functions::Function::ALL.into_iter().map(functions::Function::usage)
}

fn compares(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Compare(..)
        | NodeKind::Like { .. }
        | NodeKind::In { .. }
        | NodeKind::Between { .. }
        | NodeKind::IsNull { .. } => true,
        NodeKind::Not(inner) => compares(inner),
        NodeKind::And(parts) | NodeKind::Or(parts) => parts.iter().any(compares),
        _ => false,
    }
}

fn uses(node: &Node, wanted: Variable) -> bool {
    let any = |nodes: &[Node]| nodes.iter().any(|node| uses(node, wanted));
    match &node.kind {
        NodeKind::Variable(variable) => *variable == wanted,
        NodeKind::Not(a) | NodeKind::Negate(a) | NodeKind::IsNull { value: a, .. } => uses(a, wanted),
        NodeKind::Arithmetic(_, a, b) | NodeKind::Compare(_, a, b) | NodeKind::Like { value: a, pattern: b, .. } => {
            uses(a, wanted) || uses(b, wanted)
        }
        NodeKind::Between { value, low, high, .. } => uses(value, wanted) || uses(low, wanted) || uses(high, wanted),
        NodeKind::In { value, list, .. } => uses(value, wanted) || any(list),
        NodeKind::And(parts) | NodeKind::Or(parts) | NodeKind::Call(_, parts) | NodeKind::Named(_, parts) => any(parts),
        NodeKind::Null
        | NodeKind::Bool(_)
        | NodeKind::Int(..)
        | NodeKind::Float(..)
        | NodeKind::Measure(..)
        | NodeKind::Text(_)
        | NodeKind::Curly(_)
        | NodeKind::Field { .. } => false,
    }
}

/// Names that a mistyped one is compared with: a file may have any number of both.
const MOST_CANDIDATES: usize = 1000;

/// The known name that `name` was probably meant to be: the nearest by edit distance, if it is near.
pub(crate) fn suggest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    let most = (wanted.len() / 3).clamp(1, 3);
    let near = known.take(MOST_CANDIDATES).map(|candidate| {
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        (edit_distance(&wanted, &letters, most), candidate)
    });
    near.filter(|(distance, candidate)| *distance <= most && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours between `a` and `b` (optimal string alignment); more
/// than `most` where the lengths differ by more.
fn edit_distance(a: &[char], b: &[char], most: usize) -> usize {
    if a.len().abs_diff(b.len()) > most {
        return most + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut line = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(above[j] + 1).min(line[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            line.push(best);
        }
        before = std::mem::replace(&mut above, line);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests;
