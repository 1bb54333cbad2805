//! Fields by expressions: worked out in the background where the layer is large, then a step of the document.

use std::sync::Arc;

use crate::expr::{Expr, ExprError, Figures, Type};
use crate::model::{Areas, Formula, Layer, LayerId, Revision};
use crate::scenario::{Computed, Entry};
use crate::task::Progress;
use crate::text::Message;
use crate::ui::session::Session;
use crate::ui::work::columns::plain;
use crate::ui::work::scenarios;

/// Layers with no more features are worked out at once.
const AT_ONCE: usize = 20_000;

/// What an expression gives for features of a layer: its type, and what is allowed in it but probably not meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// What it gives.
    pub kind: Type,
    /// What is probably not meant.
    pub hints: Vec<Message>,
    /// What it gives for the first features, as text; `None` where that is null.
    pub first: Vec<Option<String>>,
}

/// What `expression` would give for the first `count` features of a layer; `now` is the field that it gives already, which
/// it may not name, nor one behind it. Without areas their values are none.
///
/// # Errors
/// What is wrong with it.
pub fn outlook(entry: &Entry, expression: &str, now: Option<&str>, count: usize) -> Result<Outlook, ExprError> {
    let expr = Expr::parse(expression)?;
    let before = now.and_then(|now| entry.layer.fields.iter().position(|field| field.name == now));
    let before = before.unwrap_or(entry.layer.fields.len());
    let layer = Layer { fields: Arc::new(entry.layer.fields[..before].to_vec()), ..(*entry.layer).clone() };
    let unmeasured = vec![0.0; layer.feature_count().min(count)];
    let areas = entry.areas.as_ref().map_or(&unmeasured[..], |areas| &areas.printed[..]);
    let bound = expr.bind(&layer, Figures { areas: Some(areas), perimeters: None })?;
    let waits = expr.uses_area() && entry.areas.is_none();
    let is_number = matches!(bound.kind(), Type::Number);
    let shown = |text: &str| if is_number { plain(text) } else { text.to_owned() };
    let value = |feature: usize| bound.value(feature).text().map(|text| shown(text.as_ref())).filter(|_| !waits);
    let first = (0..layer.feature_count().min(count)).map(value).collect();
    Ok(Outlook { kind: bound.kind(), hints: bound.hints().to_vec(), first })
}

/// Why a field cannot have that name; `None` where it can. `now` is its name where it is there already.
pub fn name_problem(entry: &Entry, name: &str, now: Option<&str>) -> Option<Message> {
    let name = name.trim();
    if name.is_empty() {
        return Some(Message::new("habits.formula-no-name"));
    }
    let taken = entry.layer.fields.iter().any(|field| {
        field.name.eq_ignore_ascii_case(name) && now.is_none_or(|now| !field.name.eq_ignore_ascii_case(now))
    });
    taken.then(|| Message::new("habits.formula-name-taken").with("name", name))
}

/// These are the fields of a layer that are worked out by expressions.
pub fn set(session: &mut Session, layer: LayerId, formulas: Vec<Formula>) {
    let over = session.workspace.formulas_over(layer);
    let Some((input, areas, known)) = over.filter(|(input, ..)| input.feature_count() > AT_ONCE) else {
        session.workspace.set_formulas_of(layer, formulas, scenarios::by(session.language()));
        return;
    };
    let title = session.workspace.entry(layer).map(|entry| entry.title.clone()).unwrap_or_default();
    let asked = formulas.clone();
    session.jobs.spawn(
        Message::new("habits.job-formula").with("layer", title),
        move |progress: &Progress| Computed::over(&input, areas.as_ref(), &asked, known.as_deref(), progress),
        move |session, computed| {
            // The user stopped it.
            let Ok(computed) = computed else { return };
            session.workspace.computed_came(layer, computed);
            session.workspace.set_formulas_of(layer, formulas, scenarios::by(session.language()));
        },
    );
}

/// Installs the areas of a layer. Where fields by expressions take figures from them and the layer is large, those are
/// worked out first, in the background.
pub fn measured(session: &mut Session, layer: LayerId, revision: Revision, areas: Arc<Areas>) {
    let is_base = session.workspace.base_of(layer).is_some_and(|(base, _)| base.revision == revision);
    let formulas = session.workspace.formulas_of_areas(layer).filter(|_| is_base);
    let over = session.workspace.formulas_over(layer).filter(|(input, ..)| input.feature_count() > AT_ONCE);
    let (Some(formulas), Some((input, ..))) = (formulas, over) else {
        session.workspace.set_areas(layer, revision, areas);
        return;
    };
    let of = areas.clone();
    session.jobs.spawn_hidden(
        Message::new("habits.job-formula").with("layer", &input.name),
        move |progress: &Progress| Computed::over(&input, Some(&of), &formulas, None, progress),
        move |session, computed| {
            // Without it the step below works it out by itself.
            if let Ok(computed) = computed {
                session.workspace.computed_came(layer, computed);
            }
            session.workspace.set_areas(layer, revision, areas);
        },
    );
}

/// The formulas of an entry with one more, or one in the place of that of the field `now`.
pub fn with(formulas: &Arc<Vec<Formula>>, formula: Formula, now: Option<&str>) -> Vec<Formula> {
    let mut formulas = formulas.to_vec();
    match now.and_then(|now| formulas.iter().position(|known| known.field == now)) {
        Some(at) => formulas[at] = formula,
        None => formulas.push(formula),
    }
    formulas
}
