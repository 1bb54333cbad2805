//! Scenarios in the project file: what differs from the base, not how it came to that.
//!
//! A scenario is written as its state: values that differ, features that went, features that came. Rows are those of the
//! source with the hash that stands beside them; where the source is another one now, features are found again by
//! `identity`, and what is not found stays in the file for the day when the old source is back.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::identity::{Finder, Mark, marks};
use super::lines::{SetLine, drawn_text, read_drawn, read_run, run_text, runs, set_lines};
use crate::model::{Issue, Layer, LayerId, OwnedValue, Severity, Value};
use crate::scenario::document::edit::{Change, Coded, Key, Piece, Redraw, SetField, Way};
use crate::scenario::document::state::LayerState;
use crate::text::Message;

/// A scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioRecord {
    /// Its number, which ledgers and other scenarios refer to.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Note of its author.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Number of the scenario that it was forked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u64>,
    /// Layers that stand in the place of others: the layer of the base, then the one in its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stand_ins: Vec<[String; 2]>,
    /// What differs, layer by layer.
    #[serde(default, rename = "layer", skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<PlannedRecord>,
}

/// What differs in one layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedRecord {
    /// The layer: its path, kind and, where there are several, number.
    pub layer: String,
    /// Hash of the source whose rows these are.
    #[serde(default)]
    pub hash: String,
    /// How many rows it had.
    pub rows: u32,
    /// Fields that were made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Values that differ: `"DLBM" 17-19 "0103" "0701"`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// Rows that went: `5-6`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub out: Vec<String>,
    /// Features that came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// What the rows are known by beside their number: `17 "0017" 8f3a9c…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// The layer, where the project speaks of it: its word may be another one in the next file.
    #[serde(skip)]
    pub id: Option<LayerId>,
}

impl PlannedRecord {
    /// What differs in `state`; `None` where nothing does.
    pub fn of_state(layer: &str, state: &LayerState) -> Option<Self> {
        if state.is_base() {
            return None;
        }
        let base = state.base();
        let base_count = base.feature_count() as Key;
        let name = |field: usize| match field.checked_sub(base.fields.len()) {
            None => base.fields[field].name.clone(),
            Some(made) => state.made_fields()[made].to_string(),
        };
        let mut touched: Vec<Key> = state.rows().retired().to_vec();
        touched.extend(state.all_drawn().filter_map(|(_, drawn)| drawn.origin));
        let mut set = Vec::new();
        let places: Vec<_> = state.overridden().collect();
        for of_field in places.chunk_by(|a, b| a.1 == b.1) {
            let field = of_field[0].1;
            let values = of_field.iter().flat_map(|(block, _, overrides)| {
                let start = base.starts[*block] as Key;
                overrides.iter().map(move |(row, value)| {
                    let key = start + row;
                    let before = if field < base.fields.len() { base.value(key as usize, field) } else { Value::Null };
                    (key, OwnedValue::from(before), value.clone())
                })
            });
            let lines = set_lines(&name(field), values);
            touched.extend(lines.iter().flat_map(|line| line.run.0..=line.run.1));
            set.extend(lines.iter().map(|line| line.text(base_count)));
        }
        touched.sort_unstable();
        touched.dedup();
        let of = marks(base, &touched).iter().zip(&touched).map(|(mark, row)| mark.text(*row)).collect();
        Some(Self {
            layer: layer.to_owned(),
            hash: base.provenance.hash.clone(),
            rows: base_count,
            fields: state.made_fields().iter().map(ToString::to_string).collect(),
            set,
            out: runs(state.rows().retired()).map(|run| run_text(run, base_count)).collect(),
            added: state.all_drawn().map(|(key, drawn)| drawn_text(key, drawn, name, base_count)).collect(),
            of,
            id: Some(base.id),
        })
    }

    /// Carries out what the record says on `state`, whose base may be read from another version of the source. Returns
    /// what is to be said about it, and a record of what was not found again.
    ///
    /// # Errors
    /// The line that is none of this format.
    pub fn apply(&self, state: &mut LayerState) -> Result<(Vec<Issue>, Option<Self>), String> {
        let lines = self.read_lines()?;
        let base = state.base().clone();
        let places = Places::find(self, &lines, &base);
        let mut lost = Self {
            layer: self.layer.clone(),
            hash: self.hash.clone(),
            rows: self.rows,
            id: self.id,
            ..Self::default()
        };
        let shift = |key: Key| key - self.rows + base.feature_count() as Key;

        for made in &self.fields {
            if state.field(made).is_none() {
                let none = || Coded::one(OwnedValue::Null);
                let (field, keys) = (made.as_str().into(), Arc::from([]));
                let set = SetField { field, creates: true, keys, before: none(), after: none() };
                state.apply(&Change::SetField(set), Way::Forward);
            }
        }
        let mut redraw = Redraw::default();
        for key in &lines.out {
            match places.row(*key) {
                Some(key) => redraw.retired.push(Piece { key, drawn: None }),
                None => lost.out.push(run_text((*key, *key), self.rows)),
            }
        }
        let index = |name: &str| state.field(name);
        let first_free = state.free_key(0);
        for text in &self.added {
            let (key, mut drawn) = read_drawn(text, base.kind, self.rows, index).ok_or_else(|| text.clone())?;
            drawn.origin = drawn.origin.and_then(|origin| places.row(origin));
            // A second record of the same layer must not reuse keys of the first.
            let key = shift(key).max(first_free + redraw.added.len() as Key);
            redraw.added.push(Piece { key, drawn: Some(Arc::new(drawn)) });
        }
        if redraw != Redraw::default() {
            state.apply(&Change::Redraw(redraw), Way::Forward);
        }
        for of_field in lines.set.chunk_by(|a, b| a.field == b.field) {
            let field = of_field[0].field.as_str();
            let mut values: Vec<(Key, OwnedValue)> = Vec::new();
            for line in of_field {
                let mut missing = Vec::new();
                for key in line.run.0..=line.run.1 {
                    match places.row(key) {
                        Some(row) => values.push((row, line.after.clone())),
                        None => missing.push(key),
                    }
                }
                let text = |run| SetLine { run, ..line.clone() }.text(self.rows);
                lost.set.extend(runs(&missing).map(text));
            }
            values.sort_unstable_by_key(|(key, _)| *key);
            if values.is_empty() {
                continue;
            }
            let keys: Arc<[Key]> = values.iter().map(|(key, _)| *key).collect();
            let at = state.field(field);
            let before = state.values(at, &keys);
            let after = Coded::of(values.into_iter().map(|(_, value)| value));
            let set = SetField { field: field.into(), creates: at.is_none(), keys, before, after };
            state.apply(&Change::SetField(set), Way::Forward);
        }
        Ok(self.verdict(&lines, &places, lost))
    }

    fn read_lines(&self) -> Result<Lines, String> {
        let bad = |text: &String| text.clone();
        let mut lines = Lines::default();
        let of_base = |run: &(Key, Key)| run.1 < self.rows;
        for text in &self.set {
            let line = SetLine::read(text, self.rows).filter(|line| of_base(&line.run)).ok_or_else(|| bad(text))?;
            lines.set.push(line);
        }
        for text in &self.out {
            let run = read_run(text, self.rows).filter(of_base).ok_or_else(|| bad(text))?;
            lines.out.extend(run.0..=run.1);
        }
        for text in &self.of {
            lines.marks.push(Mark::read(text).ok_or_else(|| bad(text))?);
        }
        Ok(lines)
    }

    /// What is said of features found again or not, and what is kept of those.
    fn verdict(&self, lines: &Lines, places: &Places, mut lost: Self) -> (Vec<Issue>, Option<Self>) {
        let Some(found) = &places.found else { return (Vec::new(), None) };
        let missing: Vec<&(Key, Mark)> = lines.marks.iter().filter(|(row, _)| !found.contains_key(row)).collect();
        let mut issues = Vec::new();
        if !found.is_empty() {
            let message = Message::new("scenario.edits-found").with("n", found.len()).with("layer", &self.layer);
            issues.push(Issue::new(Severity::Note, message));
        }
        if lost.set.is_empty() && lost.out.is_empty() {
            return (issues, None);
        }
        const SHOWN: usize = 20;
        let shown: Vec<String> = missing
            .iter()
            .take(SHOWN)
            .map(|(row, mark)| if mark.id.is_empty() { format!("#{row}") } else { mark.id.clone() })
            .collect();
        let more = if missing.len() > SHOWN { ", …" } else { "" };
        let message = Message::new("scenario.edits-lost")
            .with("n", missing.len())
            .with("layer", &self.layer)
            .with("features", shown.join(", ") + more);
        issues.push(Issue::new(Severity::Warning, message));
        lost.of = missing.iter().map(|(row, mark)| mark.text(*row)).collect();
        (issues, Some(lost))
    }
}

/// The lines of a record, read.
#[derive(Default)]
struct Lines {
    set: Vec<SetLine>,
    out: Vec<Key>,
    marks: Vec<(Key, Mark)>,
}

/// Where the rows of a record are now.
struct Places {
    /// `None` where they are where they were.
    found: Option<FxHashMap<Key, Key>>,
}

impl Places {
    fn find(record: &PlannedRecord, lines: &Lines, base: &Layer) -> Self {
        let hash = &base.provenance.hash;
        let is_unknown = record.hash.is_empty() || hash.is_empty();
        if record.rows as usize == base.feature_count() && (is_unknown || record.hash == *hash) {
            return Self { found: None };
        }
        let finder = Finder::new(base);
        let mut of_row: FxHashMap<Key, Vec<&SetLine>> = FxHashMap::default();
        for line in &lines.set {
            (line.run.0..=line.run.1).for_each(|key| of_row.entry(key).or_default().push(line));
        }
        let mut found = FxHashMap::default();
        let mut taken: FxHashSet<Key> = FxHashSet::default();
        for (row, mark) in &lines.marks {
            let is_same = |feature: Key| {
                let edited = of_row.get(row).map_or(&[][..], |lines| lines);
                !edited.is_empty()
                    && edited.iter().all(|line| {
                        let value = base.field(&line.field).map_or(Value::Null, |at| base.value(feature as usize, at));
                        line.before.same(&value.into())
                    })
            };
            // Two features of the old source are never one of the new.
            if let Some(feature) = finder.find(*row, mark, is_same)
                && taken.insert(feature)
            {
                found.insert(*row, feature);
            }
        }
        Self { found: Some(found) }
    }

    fn row(&self, key: Key) -> Option<Key> {
        match &self.found {
            None => Some(key),
            Some(found) => found.get(&key).copied(),
        }
    }
}
