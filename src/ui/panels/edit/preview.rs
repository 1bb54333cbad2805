//! What is asked for, drafted in the background as soon as nothing more is typed.

use std::sync::Arc;

use eframe::egui;

use crate::expr::{Expr, ExprError};
use crate::model::classes::Class;
use crate::model::{Layer, LayerId, OwnedValue, Revision};
use crate::scenario::draft::{self, ByExpression, Land};
use crate::scenario::edit::SetField;
use crate::scenario::{Change, Draft, EditError, Entry, Workspace};
use crate::task::Progress;
use crate::text::{Language, Message};
use crate::ui::session::Session;
use crate::ui::session::awaited::{Awaited, Problem};
use crate::ui::session::rows::Rows;
use crate::ui::work::columns::type_key;

/// Which features are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those selected.
    #[default]
    Selected,
    /// All of the layer.
    All,
    /// Those for which a condition holds.
    Condition,
}

/// What is to be done to them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ask {
    /// This class.
    Class(Class),
    /// This value in that field.
    Value {
        /// The field.
        field: String,
        /// The value.
        value: OwnedValue,
    },
    /// What an expression gives in that field.
    Expression {
        /// The field.
        field: String,
        /// The expression as typed.
        text: String,
    },
    /// Their land out of a layer.
    TakeOut(LayerId),
    /// Their land into a layer, with these values.
    PutIn(LayerId, Vec<(usize, OwnedValue)>),
    /// Back to the base.
    Revert,
}

/// What a draft was made from: when any of it differs, it is made anew.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    ask: Ask,
    scope: Scope,
    condition: String,
    /// The layer, then others that matter.
    of: Vec<(LayerId, Revision)>,
    selection: Option<Revision>,
    measured: bool,
    language: Language,
}

/// Where a mistake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the condition.
    Condition,
    /// In the value.
    Value,
    /// In what is asked.
    Elsewhere,
}

/// A draft, with what is shown of it.
pub(super) struct Drafted {
    /// What would change.
    pub draft: Arc<Draft>,
    /// States of layers that it is a draft for.
    pub of: Vec<(LayerId, Revision)>,
    /// The first changes, in words.
    pub lines: Vec<String>,
    /// How many changes more there are.
    pub more: usize,
    /// What to mind.
    pub note: Option<Message>,
}

/// A draft that can be applied, and the states of layers that it is for.
pub(super) type Ready = (Arc<Draft>, Vec<(LayerId, Revision)>);

type Outcome = Result<Drafted, (Place, EditError)>;

/// The draft of what is asked last.
#[derive(Default)]
pub(super) struct Preview {
    /// What is asked for and when, in egui's seconds, until the work begins.
    typed: Option<(Key, f64)>,
    draft: Awaited<Key, Drafted, (Place, EditError)>,
}

/// Seconds without typing after which the work begins.
const PAUSE: f64 = 0.12;

/// Changes that are listed.
const MOST_LINES: usize = 5;

impl Preview {
    /// Forgets what was asked.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Asks for a draft; call it each frame.
    pub(super) fn ask(
        &mut self,
        ctx: &egui::Context,
        session: &Session,
        entry: &Entry,
        scope: Scope,
        condition: &str,
        ask: Ask,
    ) {
        let id = entry.id();
        let mut of = vec![(id, entry.layer.revision)];
        if let Ask::TakeOut(control) | Ask::PutIn(control, _) = &ask
            && *control != id
        {
            of.extend(session.layer(*control).map(|layer| (*control, layer.revision)));
        }
        let condition = if scope == Scope::Condition { condition.trim() } else { "" };
        let key = Key {
            ask,
            scope,
            condition: condition.to_owned(),
            of,
            selection: (scope == Scope::Selected).then_some(session.project.selection.revision),
            measured: entry.areas.is_some(),
            language: session.language(),
        };
        let now = ctx.input(|input| input.time);
        self.draft.poll();
        if self.draft.is_asked(&key) {
            self.typed = None;
        } else if self.typed.as_ref().is_none_or(|(typed, _)| *typed != key) {
            // What was drafted before is no answer to what is asked now.
            *self = Self { typed: Some((key.clone(), now)), draft: Awaited::default() };
        }
        if let Some((_, since)) = self.typed {
            if now - since < PAUSE {
                ctx.request_repaint_after(std::time::Duration::from_secs_f64(PAUSE));
            } else {
                self.typed = None;
                let selected = session.project.selection.rows(id).map(|rows| (**rows).clone());
                let base = session.workspace.base_of(id).map(|(layer, _)| layer.clone());
                let workspace = session.workspace.clone();
                let request = Request { workspace, id, selected, base, key: key.clone() };
                self.draft.start_task(ctx, key, "draft", move |progress| request.run(progress));
            }
        }
        if self.draft.problem().is_some_and(|problem| problem.ended_message().is_some()) {
            self.draft.fail((Place::Elsewhere, EditError::NotCut(Message::new("edit.draft-lost"))));
        }
    }

    /// The draft, once it is made.
    pub(super) fn drafted(&self) -> Option<&Drafted> {
        self.draft.current()
    }

    /// What is wrong at a place.
    pub(super) fn wrong(&self, at: Place) -> Option<&EditError> {
        match self.draft.problem()? {
            Problem::Failed((place, error)) if *place == at => Some(error),
            _ => None,
        }
    }

    /// Whether there is no draft because something is wrong.
    pub(super) fn has_failed(&self) -> bool {
        self.draft.problem().is_some()
    }
}

/// Everything that a draft is made from, owned by the thread that makes it.
struct Request {
    workspace: Workspace,
    id: LayerId,
    selected: Option<Rows>,
    base: Option<Arc<Layer>>,
    key: Key,
}

impl Request {
    fn run(self, progress: &Progress) -> Outcome {
        let elsewhere = |error| (Place::Elsewhere, error);
        let rows = self.rows(progress)?;
        let entry = self.workspace.entry(self.id).ok_or(elsewhere(EditError::NoLayer))?;
        let (workspace, id, language) = (&self.workspace, self.id, self.key.language);
        let all: Vec<u32>;
        let each = match &rows {
            Some(rows) => &rows[..],
            None => {
                all = (0..entry.layer.feature_count() as u32).collect();
                &all
            }
        };
        let land = Land { layer: &entry.layer, rows: rows.as_deref() };
        let draft = match &self.key.ask {
            Ask::Class(class) => draft::recode(workspace, id, each, *class, language),
            Ask::Value { field, value } => draft::set_field(workspace, id, each, field, value.clone()),
            Ask::Expression { field, text } => {
                let value = Expr::parse(text).map_err(|error| (Place::Value, EditError::Expr(error)))?;
                let by = ByExpression { field, rows: rows.as_deref(), condition: None, value: &value };
                draft::set_by_expression(workspace, id, &by, progress)
            }
            Ask::TakeOut(control) => draft::take_out(workspace, *control, land, language, progress),
            Ask::PutIn(control, given) => draft::put_in(workspace, *control, land, given, language, progress),
            Ask::Revert => draft::revert(workspace, id, each),
        };
        let draft = draft.map_err(|error| match error {
            error @ EditError::Expr(_) => (Place::Value, error),
            error => (Place::Elsewhere, error),
        })?;
        let base = self.base.as_deref().unwrap_or(&entry.layer);
        let (lines, more) = lines(&draft, base);
        let note = widened(&draft, &entry.layer, language);
        Ok(Drafted { draft: Arc::new(draft), of: self.key.of, lines, more, note })
    }

    /// The features that are meant; `None` for all.
    fn rows(&self, progress: &Progress) -> Result<Option<Vec<u32>>, (Place, EditError)> {
        let wrong = |error: ExprError| (Place::Condition, EditError::Expr(error));
        match self.key.scope {
            Scope::All => Ok(None),
            Scope::Selected => {
                let rows = self.selected.iter().flat_map(Rows::iter).map(|row| row as u32);
                Ok(Some(rows.collect()))
            }
            Scope::Condition => {
                let condition = Expr::parse(&self.key.condition).map_err(wrong)?;
                let rows = draft::rows_where(&self.workspace, self.id, &condition, progress);
                let rows = rows.map_err(|error| (Place::Condition, error))?;
                if rows.is_empty() {
                    return Err((Place::Condition, EditError::NothingChanges));
                }
                Ok(Some(rows))
            }
        }
    }
}

/// The first values that change, before and after; how many are left out.
fn lines(draft: &Draft, base: &Layer) -> (Vec<String>, usize) {
    let sets = || {
        draft.edits.iter().filter_map(|edit| match &edit.change {
            Change::SetField(set) => Some(set),
            Change::Redraw(_) => None,
        })
    };
    let Some(first) = sets().next() else { return (Vec::new(), 0) };
    let shown = |value: &OwnedValue| match value {
        OwnedValue::Null => "–".to_owned(),
        value => value.to_string(),
    };
    let line = |set: &SetField, at: usize| {
        let key = set.keys[at] as usize;
        let number = if key < base.feature_count() { base.source_row(key) as usize + 1 } else { key + 1 };
        format!("#{number}  {}  {} → {}", set.field, shown(set.before.get(at)), shown(set.after.get(at)))
    };
    let count = first.keys.len();
    let lines = (0..count.min(MOST_LINES)).map(|at| line(first, at)).collect();
    (lines, count.saturating_sub(MOST_LINES))
}

/// What is to be said where values do not fit the type of their field.
fn widened(draft: &Draft, layer: &Layer, language: Language) -> Option<Message> {
    use crate::model::FieldType;
    let fits = |kind: FieldType, value: &OwnedValue| match value {
        OwnedValue::Null => true,
        OwnedValue::Bool(_) => kind == FieldType::Bool,
        OwnedValue::Int(_) => matches!(kind, FieldType::Int | FieldType::Float),
        OwnedValue::Float(_) => kind == FieldType::Float,
        OwnedValue::Text(_) => kind == FieldType::Text,
        OwnedValue::Json(_) => kind == FieldType::Json,
    };
    draft.edits.iter().find_map(|edit| {
        let Change::SetField(set) = &edit.change else { return None };
        let kind = layer.fields[layer.field(&set.field)?].kind;
        let stranger = set.after.distinct().iter().find(|value| kind != FieldType::Null && !fits(kind, value))?;
        let message = Message::new("edit.other-type").with("field", &set.field).with("value", stranger);
        Some(message.with("type", crate::text::tr(language, type_key(kind))))
    })
}
