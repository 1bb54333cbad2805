//! What formulas give for a layer: their columns, and the layer with them behind its own fields.
//!
//! It can be worked out on any thread, before the step that asks for it: what the document does with it stands in `formulas`.

use std::sync::Arc;

use crate::expr::{Expr, ExprError, Figures};
use crate::model::{Areas, AttributeBlock, Column, Field, FieldType, Formula, Issue, Layer, Revision, Severity};
use crate::task::{Cancelled, Progress};
use crate::text::Message;

/// What formulas give for a layer.
#[derive(Clone, Debug, Default)]
pub struct Computed {
    /// The attributes that they were worked out from.
    of: Vec<Arc<AttributeBlock>>,
    areas: Option<Arc<Areas>>,
    made: Vec<Made>,
}

/// What one formula gives.
#[derive(Clone, Debug)]
struct Made {
    formula: Formula,
    kind: FieldType,
    /// A column a block; none where the formula does not fit the layer.
    columns: Vec<Arc<Column>>,
    /// Why it does not.
    problem: Option<Message>,
}

impl Computed {
    /// Works out `formulas` over `layer`, each with those before it. What `known` has of the same stays.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn over(
        layer: &Layer,
        areas: Option<&Arc<Areas>>,
        formulas: &[Formula],
        known: Option<&Self>,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let of: Vec<Arc<AttributeBlock>> = layer.blocks.iter().map(|block| block.attributes.clone()).collect();
        let mut computed = Self { of, areas: areas.cloned(), made: Vec::with_capacity(formulas.len()) };
        let known = known.filter(|known| known.is_of(&computed));
        let known = known.map_or(&[][..], |known| &known.made[..]);
        let same = known.iter().zip(formulas).take_while(|(made, formula)| made.formula == **formula).count();
        computed.made.extend_from_slice(&known[..same]);
        let mut behind = layer.clone();
        computed.made.iter().for_each(|made| behind = with_field(&behind, made));
        for formula in &formulas[same..] {
            let made = Made::of(&behind, areas, formula, progress)?;
            behind = with_field(&behind, &made);
            computed.made.push(made);
        }
        Ok(computed)
    }

    /// Whether both are worked out from the same.
    fn is_of(&self, other: &Self) -> bool {
        let same_areas = match (&self.areas, &other.areas) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same_areas && self.of.len() == other.of.len() && self.of.iter().zip(&other.of).all(|(a, b)| Arc::ptr_eq(a, b))
    }

    /// The layer with the fields behind its own.
    pub(super) fn behind(&self, layer: &Layer) -> Layer {
        let mut derived = Layer { revision: Revision::next(), ..layer.clone() };
        self.made.iter().for_each(|made| derived = with_field(&derived, made));
        let problems = self.made.iter().filter_map(|made| made.problem.clone());
        let problems: Vec<Issue> = problems.map(|problem| Issue::new(Severity::Error, problem)).collect();
        if !problems.is_empty() {
            Arc::make_mut(&mut derived.issues).extend(problems);
        }
        derived.formulas = Arc::new(self.made.iter().map(|made| made.formula.clone()).collect());
        derived
    }
}

impl Made {
    fn of(
        layer: &Layer,
        areas: Option<&Arc<Areas>>,
        formula: &Formula,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let figures = figures(areas.map(|areas| &**areas));
        let none = |kind, problem| Self { formula: formula.clone(), kind, columns: Vec::new(), problem };
        let wrong = |error: &ExprError| {
            let message = Message::new("scenario.formula-does-not-fit").with("field", &formula.field);
            let message = message.with_message("reason", &error.message);
            Some(match &error.remedy {
                Some(remedy) => {
                    Message::new("expr.and-remedy").with_message("error", &message).with_message("remedy", remedy)
                }
                None => message,
            })
        };
        let expr = match Expr::parse(&formula.expression) {
            Ok(expr) => expr,
            Err(error) => return Ok(none(FieldType::Null, wrong(&error))),
        };
        if expr.uses_area() && figures.areas.is_none() {
            // They come when the layer is measured.
            return Ok(none(FieldType::Float, None));
        }
        match expr.bind(layer, figures) {
            Ok(bound) => {
                let (kind, columns) = bound.columns(progress)?;
                let columns = columns.into_iter().map(Arc::new).collect();
                Ok(Self { formula: formula.clone(), kind, columns, problem: None })
            }
            Err(error) => Ok(none(FieldType::Null, wrong(&error))),
        }
    }
}

/// A layer with one more field.
fn with_field(layer: &Layer, made: &Made) -> Layer {
    let at = layer.fields.len();
    let field = Field { name: made.formula.field.clone(), kind: made.kind };
    let fields: Vec<Field> = layer.fields.iter().cloned().chain([field]).collect();
    let mut blocks = layer.blocks.clone();
    for (block, column) in blocks.iter_mut().zip(&made.columns) {
        block.attributes = Arc::new(block.attributes.with_column(at, Some(column.clone())));
    }
    layer.with_blocks(Arc::new(fields), blocks)
}

/// What expressions know of features beside their attributes: areas as printed, as filters take them.
pub(super) fn figures(areas: Option<&Areas>) -> Figures<'_> {
    Figures { areas: areas.map(|areas| &areas.printed[..]), perimeters: None }
}
