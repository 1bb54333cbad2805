//! A source that was read again: what scenarios changed of it, and the steps of the history, are put onto the new reading.
//!
//! Rows of another version of a file are other features. Those that were edited are found again as when a project is
//! opened (`identity`): by their geometry or their id, where that is beyond doubt. The state of each scenario is made
//! anew from its record; the steps keep their sentences, and name the features where they are now. A value that was the
//! old source's is the new one's.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::edit::{Change, Coded, Drawn, Edit, Key, Piece, Redraw, SetField};
use super::planned::{PlannedLayer, Scenario, ScenarioId, Source};
use super::record::identity::{Finder, Mark, marks};
use super::record::planned::PlannedRecord;
use super::step::{Step, WorkspaceEdit};
use super::workspace::Workspace;
use crate::model::{Areas, Issue, Layer, LayerId, OwnedValue, Severity, Value};
use crate::text::Message;

impl Workspace {
    /// Puts scenarios and history onto the present reading of a layer. Returns what is to be said about features that
    /// were found again or not.
    pub(in crate::scenario) fn replan(&mut self, id: LayerId, old: Option<Arc<Layer>>) -> Vec<Issue> {
        let mut issues = Vec::new();
        let shown = self.scenarios.shown();
        self.show(None);
        let Some((base, areas)) = self.base_of(id).map(|(base, areas)| (base.clone(), areas.cloned())) else {
            return issues;
        };
        let mut bases: Vec<Arc<Layer>> = old.into_iter().collect();
        // What an earlier reading lacked may be in this one.
        let waiting = self.take_waiting(id);
        for scenario in &mut self.scenarios.list {
            bases.extend(rebase(scenario, id, &base, areas.as_ref(), &mut issues));
        }
        self.plan_waiting(id, waiting, &mut issues);
        self.rewrite_history(id, bases.first(), &base, areas.as_ref());
        self.show(shown);
        self.list_lost_edits(id);
        issues
    }

    /// Lists with a layer what was edited of it and could not be found again for certain.
    pub(in crate::scenario) fn list_lost_edits(&mut self, id: LayerId) {
        let lost = self.lost_edits(id);
        if let Some(entry) = self.entry_mut(id) {
            entry.reread = lost;
        }
    }

    /// What was edited of a layer and could not be found again for certain, one by one.
    fn lost_edits(&self, id: LayerId) -> Vec<Issue> {
        let mut issues = Vec::new();
        for scenario in self.scenarios.list() {
            let of_layer = scenario.absent.iter().filter(|record| record.id == Some(id));
            for (row, mark) in of_layer.flat_map(|record| &record.of).filter_map(|text| Mark::read(text)) {
                let message = Message::new("scenario.edit-lost").with("name", &scenario.name).with("row", row + 1);
                let of = Some(mark.id).filter(|of| !of.is_empty());
                issues.push(Issue { id: of, ..Issue::new(Severity::Warning, message) });
            }
        }
        issues
    }

    fn rewrite_history(
        &mut self,
        id: LayerId,
        old: Option<&Arc<Layer>>,
        base: &Arc<Layer>,
        areas: Option<&Arc<Areas>>,
    ) {
        let steps: Vec<&Step> = self.scenarios.history.steps().collect();
        // Which layer's features an edit of a scenario names: those of a layer that stands in are that layer's own.
        let mut made_of: FxHashMap<ScenarioId, Source> = FxHashMap::default();
        for scenario in self.scenarios.list.iter().chain(steps.iter().flat_map(|step| boxed(step))) {
            made_of.insert(scenario.id, scenario.source.clone());
        }
        let names = |scenario: ScenarioId, layer: LayerId| match made_of.get(&scenario) {
            Some(Source::Layers(pairs)) => {
                pairs.iter().find(|(base, _)| *base == layer).map_or(layer, |(_, other)| *other)
            }
            _ => layer,
        };
        let edits = steps.iter().flat_map(|step| step.edits());
        let edits: Vec<&Edit> = edits.filter(|(of, edit)| names(*of, edit.layer) == id).map(|(_, edit)| edit).collect();
        let moved = old.filter(|_| !edits.is_empty()).map(|old| Moved::find(&edits, old, base));
        let is_touched =
            |step: &Step| boxed(step).next().is_some() || step.edits().any(|(of, edit)| names(of, edit.layer) == id);
        let mut rewritten: Vec<Option<Step>> = Vec::with_capacity(steps.len());
        for step in &steps {
            if !is_touched(step) {
                rewritten.push(None);
                continue;
            }
            let mut step = (*step).clone();
            for part in &mut step.parts {
                match part {
                    WorkspaceEdit::Edit { scenario, edit } if names(*scenario, edit.layer) == id => {
                        if let Some(moved) = &moved {
                            *edit = Arc::new(moved.edit(edit));
                        }
                    }
                    WorkspaceEdit::Fork { scenario, .. } | WorkspaceEdit::Delete { scenario, .. } => {
                        // Said of the scenarios that are there; these keep what is not found.
                        let _ = rebase(scenario, id, base, areas, &mut Vec::new());
                    }
                    _ => {}
                }
            }
            rewritten.push(Some(step));
        }
        let mut rewritten = rewritten.into_iter();
        self.scenarios.history.rewrite(|_| rewritten.next().flatten());
    }
}

/// The scenarios that a step brings or takes.
fn boxed(step: &Step) -> impl Iterator<Item = &Scenario> {
    step.parts.iter().filter_map(|part| match part {
        WorkspaceEdit::Fork { scenario, .. } | WorkspaceEdit::Delete { scenario, .. } => Some(&**scenario),
        _ => None,
    })
}

/// Puts what a scenario changed of layer `id` onto its new reading `base`. The reading before, where it stood on one.
fn rebase(
    scenario: &mut Scenario,
    id: LayerId,
    base: &Arc<Layer>,
    areas: Option<&Arc<Areas>>,
    issues: &mut Vec<Issue>,
) -> Option<Arc<Layer>> {
    // Where it stands in for another layer it has that one's name.
    let stands_for = match &scenario.source {
        Source::Layers(pairs) => pairs.iter().find(|(_, other)| *other == id).map(|(base, _)| *base),
        Source::Forked => None,
    };
    let own = stands_for.unwrap_or(id);
    let at = scenario.layers.iter().position(|planned| planned.id == own)?;
    if stands_for.is_none() && scenario.layers[at].recognition.is_some() {
        return None;
    }
    let old = scenario.layers[at].clone();
    let before = old.state.base().clone();
    let base = match stands_for {
        Some(id) => Arc::new(Layer { id, ..(**base).clone() }),
        None => base.clone(),
    };
    let mut planned = PlannedLayer::new(own, base.clone(), areas.cloned());
    planned.recognition.clone_from(&old.recognition);
    if let Some(record) = PlannedRecord::of_state(&base.name, &old.state) {
        match record.apply(&mut planned.state) {
            Ok((found, lost)) => {
                issues.extend(found);
                scenario.absent.extend(lost);
            }
            Err(_) => scenario.absent.push(record),
        }
        planned.areas = if planned.state.has_shape_of_base() { areas.cloned() } else { None };
        planned.renew(&[]);
    }
    scenario.layers[at] = planned;
    Some(before)
}

/// Where the features of steps are in the new reading.
struct Moved<'a> {
    old: &'a Layer,
    new: &'a Layer,
    /// `None` where they are where they were.
    found: Option<FxHashMap<Key, Key>>,
}

impl<'a> Moved<'a> {
    fn find(edits: &[&Edit], old: &'a Layer, new: &'a Layer) -> Self {
        let (was, is) = (&old.provenance, &new.provenance);
        let same = old.feature_count() == new.feature_count() && (was.hash == is.hash || was.hash.is_empty());
        if same {
            return Self { old, new, found: None };
        }
        let count = old.feature_count() as Key;
        let mut keys: FxHashSet<Key> = FxHashSet::default();
        let mut fields: FxHashMap<Key, Vec<&str>> = FxHashMap::default();
        for edit in edits {
            match &edit.change {
                Change::SetField(set) => {
                    for key in set.keys.iter().filter(|key| **key < count) {
                        keys.insert(*key);
                        fields.entry(*key).or_default().push(&set.field);
                    }
                }
                Change::Redraw(redraw) => {
                    for piece in redraw.retired.iter().chain(&redraw.added) {
                        keys.extend([piece.key].into_iter().filter(|key| *key < count));
                        keys.extend(piece.drawn.as_ref().and_then(|drawn| drawn.origin).filter(|key| *key < count));
                    }
                }
            }
        }
        let mut keys: Vec<Key> = keys.into_iter().collect();
        keys.sort_unstable();
        let finder = Finder::new(new);
        let value = |layer: &Layer, key: Key, field: &str| {
            OwnedValue::from(layer.field(field).map_or(Value::Null, |at| layer.value(key as usize, at)))
        };
        let mut taken: FxHashSet<Key> = FxHashSet::default();
        let mut found = FxHashMap::default();
        for (key, mark) in keys.iter().zip(marks(old, &keys)) {
            let is_same = |feature: Key| {
                let edited = fields.get(key).map_or(&[][..], |fields| fields);
                !edited.is_empty()
                    && edited.iter().all(|field| value(old, *key, field).same(&value(new, feature, field)))
            };
            // Two features of the old source are never one of the new.
            if let Some(feature) = finder.find(*key, &mark, is_same)
                && taken.insert(feature)
            {
                found.insert(*key, feature);
            }
        }
        Self { old, new, found: Some(found) }
    }

    fn key(&self, key: Key) -> Option<Key> {
        let count = self.old.feature_count() as Key;
        match (&self.found, key.checked_sub(count)) {
            // Features that edits added keep their number behind those of the source.
            (_, Some(nth)) => Some(self.new.feature_count() as Key + nth),
            (None, None) => Some(key),
            (Some(found), None) => found.get(&key).copied(),
        }
    }

    fn edit(&self, edit: &Edit) -> Edit {
        let change = match &edit.change {
            Change::SetField(set) => Change::SetField(self.set(set)),
            Change::Redraw(redraw) => {
                let pieces = |pieces: &[Piece]| pieces.iter().filter_map(|piece| self.piece(piece)).collect();
                Change::Redraw(Redraw { retired: pieces(&redraw.retired), added: pieces(&redraw.added) })
            }
        };
        Edit { layer: edit.layer, change }
    }

    fn set(&self, set: &SetField) -> SetField {
        let exactly = |layer: &Layer| layer.fields.iter().position(|field| field.name == *set.field);
        let (was, is) = (exactly(self.old), exactly(self.new));
        let count = self.old.feature_count() as Key;
        let mut values: Vec<(Key, OwnedValue, OwnedValue)> = Vec::with_capacity(set.keys.len());
        for (at, old) in set.keys.iter().enumerate() {
            let Some(new) = self.key(*old) else { continue };
            let of_source = (*old < count).then(|| {
                let value = |layer: &Layer, key: Key, field: Option<usize>| {
                    OwnedValue::from(field.map_or(Value::Null, |field| layer.value(key as usize, field)))
                };
                (value(self.old, *old, was), value(self.new, new, is))
            });
            let put = |value: &OwnedValue| match &of_source {
                Some((old, new)) if old.same(value) => new.clone(),
                _ => value.clone(),
            };
            values.push((new, put(set.before.get(at)), put(set.after.get(at))));
        }
        values.sort_unstable_by_key(|(key, ..)| *key);
        SetField {
            field: set.field.clone(),
            creates: set.creates && is.is_none(),
            keys: values.iter().map(|(key, ..)| *key).collect(),
            before: Coded::of(values.iter().map(|(_, before, _)| before.clone())),
            after: Coded::of(values.iter().map(|(.., after)| after.clone())),
        }
    }

    fn piece(&self, piece: &Piece) -> Option<Piece> {
        let key = self.key(piece.key)?;
        let drawn = piece.drawn.as_ref().map(|drawn| {
            let origin = drawn.origin.and_then(|origin| self.key(origin));
            Arc::new(Drawn { geometry: drawn.geometry.clone(), values: self.values(&drawn.values), origin })
        });
        Some(Piece { key, drawn })
    }

    /// Values in the order of the fields of the new reading; those of fields that edits made follow.
    fn values(&self, values: &[OwnedValue]) -> Vec<OwnedValue> {
        let (old, new) = (&self.old.fields, &self.new.fields);
        if old.iter().map(|field| &field.name).eq(new.iter().map(|field| &field.name)) {
            return values.to_vec();
        }
        let mut put = vec![OwnedValue::Null; new.len() + values.len().saturating_sub(old.len())];
        for (at, value) in values.iter().enumerate() {
            let to = match old.get(at) {
                Some(field) => new.iter().position(|other| other.name == field.name),
                None => Some(new.len() + at - old.len()),
            };
            if let Some(to) = to {
                put[to] = value.clone();
            }
        }
        put
    }
}
