//! What a condition passed over in silence: features where a value could not be compared, and that decided.

use rustc_hash::FxHashMap;

use super::eval::{Datum, Figures, Pattern, Plan, Row};
use super::functions::parse_number;
use crate::model::Layer;
use crate::task::{Cancelled, Progress};
use crate::text::Message;
use crate::units::format_number;

/// Why a comparison could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Why {
    /// A value was null.
    Null,
    /// A text that is no number stood beside a number.
    NoNumber,
}

/// Features of one kind, with the first text that was no number.
#[derive(Default)]
struct Passed {
    count: usize,
    example: String,
}

/// A sentence for each field and reason.
pub(super) fn uncompared(
    layer: &Layer,
    figures: Figures<'_>,
    plan: &Plan,
    progress: &Progress,
) -> Result<Vec<Message>, Cancelled> {
    let mut leaves = Vec::new();
    find_leaves(plan, &mut leaves);
    let mut order: Vec<(String, Why)> = Vec::new();
    let mut found: FxHashMap<(String, Why), Passed> = FxHashMap::default();
    for leaf in leaves {
        let mut columns = Vec::new();
        leaf.columns(&mut columns);
        let names: Vec<&str> = columns.iter().map(|column| layer.fields[*column].name.as_str()).collect();
        // What is of no field, an area that could not be measured for instance, is named by what it is not.
        let name = if names.is_empty() { "…".to_owned() } else { names.join(", ") };
        for (at, block) in layer.blocks.iter().enumerate() {
            progress.tick(0)?;
            // One text column: each distinct text is looked at once, and rows only where some text or null may fail.
            let suspicious = match columns[..] {
                [field] => Suspicion::of(layer, figures, leaf, at, field),
                _ => Suspicion::All,
            };
            for row in 0..block.geometry.feature_count() {
                if !suspicious.may_fail(row) {
                    continue;
                }
                let feature = layer.starts[at] + row;
                let row = Row { layer, figures, block, row, feature, instead: None, forced: None };
                let Some((why, example)) = failure(leaf, &row) else { continue };
                let decided = |value: bool| plan.is_true(&Row { forced: Some((leaf.address(), value)), ..row });
                if decided(true) == decided(false) {
                    continue;
                }
                let key = (name.clone(), why);
                let passed = found.entry(key.clone()).or_insert_with(|| {
                    order.push(key);
                    Passed { count: 0, example }
                });
                passed.count += 1;
            }
        }
    }
    let sentence = |key: &(String, Why)| {
        let passed = &found[key];
        let message = match key.1 {
            Why::Null => Message::new("expr.passed-null"),
            Why::NoNumber => Message::new("expr.passed-no-number").with("example", &passed.example),
        };
        message.with("n", format_number(passed.count as f64, 0)).with("field", &key.0)
    };
    Ok(order.iter().map(sentence).collect())
}

/// Which rows of a block a comparison may fail for.
enum Suspicion<'a> {
    All,
    /// By the text of a column: which of the texts fail, and whether null does.
    ByText(&'a crate::model::Column, Vec<bool>, bool),
    /// None but those that are null in the column.
    Nulls(&'a crate::model::Column),
}

impl<'a> Suspicion<'a> {
    fn of(layer: &'a Layer, figures: Figures<'a>, leaf: &Plan, block: usize, field: usize) -> Self {
        let rows = &layer.blocks[block];
        // Without the column, all rows are null.
        let Some(column) = rows.attributes.column(field) else { return Self::All };
        let texts = column.distinct_texts();
        let count = rows.geometry.feature_count();
        if texts.len() == 0 && column.null_count() < count {
            return Self::Nulls(column);
        }
        if texts.len() * 2 > count {
            return Self::All;
        }
        let start = layer.starts[block];
        let fails = |text: &'a str| {
            let instead = Some((field, text));
            let row = Row { layer, figures, block: rows, row: 0, feature: start, instead, forced: None };
            failure(leaf, &row).is_some()
        };
        Self::ByText(column, texts.map(fails).collect(), true)
    }

    fn may_fail(&self, row: usize) -> bool {
        match self {
            Self::All => true,
            Self::ByText(column, fails, null) => column.text_code(row).map_or(*null, |code| fails[code as usize]),
            Self::Nulls(column) => column.value(row).is_null(),
        }
    }
}

/// The comparisons of a plan.
fn find_leaves<'p>(plan: &'p Plan, leaves: &mut Vec<&'p Plan>) {
    match plan {
        Plan::Not(inner) => find_leaves(inner, leaves),
        Plan::And(parts) | Plan::Or(parts) => parts.iter().for_each(|part| find_leaves(part, leaves)),
        Plan::Compare(..) | Plan::Like(..) | Plan::In(..) | Plan::Between(..) => leaves.push(plan),
        Plan::Constant(_)
        | Plan::Field(..)
        | Plan::Variable(_)
        | Plan::Negate(_)
        | Plan::Arithmetic(..)
        | Plan::IsNull(_)
        | Plan::Call(..) => {}
    }
}

/// Why a comparison could not be made for a row, with the text that was no number. A literal null is told when the
/// condition is read.
fn failure(leaf: &Plan, row: &Row<'_>) -> Option<(Why, String)> {
    let null = Some((Why::Null, String::new()));
    let is_literal = |plan: &Plan| matches!(plan, Plan::Constant(_));
    match leaf {
        Plan::Compare(_, left, right) => {
            let (a, b) = (left.eval(row), right.eval(row));
            if (a.is_null() && !is_literal(left)) || (b.is_null() && !is_literal(right)) {
                return null;
            }
            unreadable(&a, &b)
        }
        Plan::Between(value, low, high, _) => {
            let values = [value, low, high].map(|plan| plan.eval(row));
            if values.iter().zip([value, low, high]).any(|(value, plan)| value.is_null() && !is_literal(plan)) {
                return null;
            }
            let unread = |at: usize| unreadable(&values[0], &values[at]);
            unread(1).or_else(|| unread(2))
        }
        Plan::Like(value, pattern, _) => {
            let computed = match pattern {
                Pattern::Fixed(_) => false,
                Pattern::Computed(plan) => plan.eval(row).is_null() && !is_literal(plan),
            };
            if value.eval(row).is_null() || computed { null } else { None }
        }
        Plan::In(value, ..) => {
            if value.eval(row).is_null() {
                null
            } else {
                None
            }
        }
        _ => None,
    }
}

/// A text beside a number that reads as none.
fn unreadable(a: &Datum<'_>, b: &Datum<'_>) -> Option<(Why, String)> {
    let (text, number) = match (a, b) {
        (Datum::Text(text), number) | (number, Datum::Text(text)) => (text, number),
        _ => return None,
    };
    let fails = number.number().is_some() && parse_number(text).is_null();
    fails.then(|| (Why::NoNumber, text.chars().take(40).collect()))
}
