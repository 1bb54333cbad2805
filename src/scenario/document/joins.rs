//! Tables joined to layers, and classes carried over to another scheme: steps of the document that undo takes back, kept
//! in the project.
//!
//! A join says which table and which key fields, not what came of it: the project reads the table again as it reads
//! layers, and a table that cannot be read is listed with the layer, whose own fields stay. An [`Entry`] with joins keeps
//! its layer as read beside the joined one; scenarios are put onto the joined one as onto a layer that was read again.
//! Fields of classes in another scheme are derived likewise, from the decisions that the project keeps; those of formulas
//! come last.

use std::path::Path;
use std::sync::Arc;

use super::entry::Entry;
use super::join::{Join, WantedTable};
use super::property::Property;
use super::step::By;
use super::workspace::Workspace;
use crate::model::conversion::{self, Conversion};
use crate::model::{Issue, Layer, LayerId, Severity, join};
use crate::text::Message;

impl Entry {
    /// The layer without the fields of tables; what a scenario shows of it, where it has none.
    pub(in crate::scenario) fn unjoined(&self) -> &Arc<Layer> {
        self.unjoined.as_ref().unwrap_or(&self.layer)
    }

    /// Puts the fields of all joined tables, and those of a conversion, behind those of the layer as read. What is wrong is
    /// among its issues.
    pub(in crate::scenario) fn apply_joins(&mut self) {
        let own = self.unjoined.take().unwrap_or_else(|| self.layer.clone());
        if self.joins.is_empty() && self.conversion.is_none() && self.formulas.is_empty() {
            self.layer = own;
        } else {
            self.derive_fields(own);
        }
        if self.mapping.is_some() {
            // It may name fields that came or went.
            self.recognise_again();
        }
    }

    fn derive_fields(&mut self, own: Arc<Layer>) {
        let mut layer = Layer { revision: crate::model::Revision::next(), ..(*own).clone() };
        for of in &self.joins {
            let problem = match &of.table {
                None => Some(
                    Message::new("join.table-missing")
                        .with("table", &of.title)
                        .with("path", crate::io::shown_path(&of.path)),
                ),
                Some(table) => match join::join(&layer, table, &of.title, &of.key, &of.table_key) {
                    Ok(joined) => {
                        layer = joined.layer;
                        None
                    }
                    Err(error) => Some(error.message()),
                },
            };
            if let Some(problem) = problem {
                Arc::make_mut(&mut layer.issues).push(Issue::new(Severity::Error, problem));
            }
        }
        match self.conversion.as_deref().map(|conversion| conversion::converted(&layer, conversion)) {
            Some(Ok(converted)) => layer = converted.layer,
            Some(Err(error)) => Arc::make_mut(&mut layer.issues).push(Issue::new(Severity::Error, error.message())),
            None => {}
        }
        if !self.formulas.is_empty() {
            layer = self.with_formulas(&layer);
        }
        self.layer = Arc::new(layer);
        self.unjoined = Some(own);
    }
}

impl Workspace {
    /// Joins a table to a layer, as a step that undo takes back. Returns whether there is such a layer.
    pub fn join(&mut self, layer: LayerId, join: Join, by: By) -> bool {
        let Some(entry) = self.entry(layer) else { return false };
        let sentence = Message::new("join.step").with("layer", &entry.title).with("table", &join.title);
        let mut joins = entry.joins.clone();
        joins.retain(|known| *known != join);
        joins.push(join);
        self.change_all(vec![Property::Joins(layer, joins)], sentence, by)
    }

    /// Takes a joined table off a layer, as a step that undo takes back. Returns whether there was one.
    pub fn unjoin(&mut self, layer: LayerId, at: usize, by: By) -> bool {
        let Some(entry) = self.entry(layer) else { return false };
        let Some(join) = entry.joins.get(at) else { return false };
        let sentence = Message::new("join.step-removed").with("layer", &entry.title).with("table", &join.title);
        let mut joins = entry.joins.clone();
        joins.remove(at);
        self.change_all(vec![Property::Joins(layer, joins)], sentence, by)
    }

    /// Makes these the joins of a layer. Called by the history only.
    pub(in crate::scenario) fn set_joins(&mut self, id: LayerId, joins: &[Join]) {
        self.show_base_of(id);
        let Some(entry) = self.entry_mut(id) else { return };
        let known = std::mem::replace(&mut entry.joins, joins.to_vec());
        for join in entry.joins.iter_mut().filter(|join| join.table.is_none()) {
            // A step that was read from a file does not have the table; the layer may.
            join.table = known.iter().find(|of| *of == join).and_then(|of| of.table.clone());
        }
        let old = entry.layer.clone();
        entry.apply_joins();
        // Lost edits are listed with the layer.
        let _ = self.replan(id, Some(old));
    }

    /// Makes this the conversion of a layer. Called by the history only.
    pub(in crate::scenario) fn set_conversion(&mut self, id: LayerId, conversion: Option<&Arc<Conversion>>) {
        self.show_base_of(id);
        let Some(entry) = self.entry_mut(id) else { return };
        entry.conversion = conversion.cloned();
        let old = entry.layer.clone();
        entry.apply_joins();
        // Lost edits are listed with the layer.
        let _ = self.replan(id, Some(old));
    }

    /// A layer as its source has it, whatever is shown: without scenarios, without the fields of tables and derived ones.
    pub fn as_read(&self, id: LayerId) -> Option<&Arc<Layer>> {
        let own = self.entry(id).and_then(|entry| entry.unjoined.as_ref());
        own.or_else(|| self.base_of(id).map(|(base, _)| base))
    }

    /// Tables of joins that were not read yet.
    pub fn wanted_tables(&self) -> Vec<WantedTable> {
        let of = |entry: &Entry| {
            let missing = entry.joins.iter().filter(|join| join.table.is_none());
            missing.map(|join| WantedTable { layer: entry.id(), join: join.clone() }).collect::<Vec<_>>()
        };
        self.entries.iter().flat_map(of).collect()
    }

    /// Gives a join its table that was read, again or for the first time. Returns whether the layer still has the join.
    pub fn table_came(&mut self, wanted: &WantedTable, table: Layer) -> bool {
        let Some(entry) = self.entry(wanted.layer) else { return false };
        let mut joins = entry.joins.clone();
        let Some(join) = joins.iter_mut().find(|join| **join == wanted.join) else { return false };
        join.table = Some(Arc::new(table));
        self.set_joins(wanted.layer, &joins);
        true
    }
}

/// Reads the tables of an entry that was made from a record; `open` gets the path and the layer in it.
pub(in crate::scenario) fn read_tables(
    entry: &mut Entry,
    open: &mut dyn FnMut(&Path, Option<&str>) -> Result<Vec<Layer>, Message>,
    issues: &mut Vec<Issue>,
) {
    if entry.joins.is_empty() {
        return;
    }
    for join in &mut entry.joins {
        match open(&join.path, join.layer.as_deref()) {
            Ok(layers) => join.table = join.choose(layers).map(Arc::new),
            Err(reason) => {
                let message = Message::new("join.table-unread")
                    .with("table", &join.title)
                    .with("path", crate::io::shown_path(&join.path))
                    .with_message("reason", &reason);
                issues.push(Issue::new(Severity::Error, message));
            }
        }
    }
    entry.apply_joins();
}
