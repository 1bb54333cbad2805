//! Layers come into the tree, go and come back.
//!
//! Taking a layer out is a step that undo takes back. Its features stay in memory as far as all closed layers take no
//! more than [`LIMIT`]; beyond that, and after the project was opened again, they are read from the source when the layer
//! is wanted back.

use std::sync::Arc;

use super::closed::{ClosedLayer, WantedLayer};
use super::entry::Entry;
use super::property::Property;
use super::record::{self, paths};
use super::step::{By, WorkspaceEdit};
use super::workspace::{Workspace, project_crs};
use crate::model::roles::Role;
use crate::model::{Issue, Layer, LayerId};
use crate::text::Message;

/// Bytes of features that closed layers keep in memory: 256 MB.
pub(super) const LIMIT: usize = 256 << 20;

impl Workspace {
    /// Adds a layer where its role belongs, as a step that undo takes back; the first one chooses the CRS of the map.
    pub fn open_layer(&mut self, layer: Arc<Layer>, by: By) -> LayerId {
        self.open_layers(vec![layer], by).pop().unwrap_or(LayerId(0))
    }

    /// Adds the layers of a file in one step.
    pub fn open_layers(&mut self, layers: Vec<Arc<Layer>>, by: By) -> Vec<LayerId> {
        let (mut parts, mut ids) = (Vec::new(), Vec::new());
        let mut first: Option<String> = None;
        let mut count = 0;
        // Where each goes is told by the tree as it is with those before it.
        let mut tree: Vec<(String, u8)> =
            self.entries.iter().map(|entry| (entry.group.clone(), entry.role.draw_order())).collect();
        let mut others = self.entries.iter().filter(|entry| entry.role == Role::Other).count();
        let mut crs = self.crs.clone();
        for layer in layers {
            let entry = Entry::recognised(layer, others);
            others += usize::from(entry.role == Role::Other);
            let rank = |id: &str| self.groups.iter().position(|group| group.id == id).unwrap_or(0);
            let (own, order) = (rank(&entry.group), entry.role.draw_order());
            let from = tree.partition_point(|(group, _)| rank(group) < own);
            let to = tree.partition_point(|(group, _)| rank(group) <= own);
            let at = (from..to).find(|i| tree[*i].1 <= order).unwrap_or(to);
            tree.insert(at, (entry.group.clone(), order));
            if crs.is_none() {
                crs = Some(project_crs(&entry.layer));
                parts.push(WorkspaceEdit::Property { before: Property::Crs(None), after: Property::Crs(crs.clone()) });
            }
            first.get_or_insert_with(|| entry.title.clone());
            count += 1;
            ids.push(entry.id());
            parts.push(WorkspaceEdit::Layer { layer: entry.id(), comes: true, at });
            let record = record::record_away(&entry);
            self.closed.push(ClosedLayer { id: entry.id(), record, entry: Some(Box::new(entry)), wanted: None });
        }
        let Some(first) = first else { return ids };
        let sentence = match count {
            1 => Message::new("scenario.layer-opened").with("layer", first),
            n => Message::new("scenario.layers-opened").with("layer", first).with("n", n),
        };
        self.perform(parts, sentence, by.when);
        ids
    }

    /// Takes a layer out of the tree, as a step that undo takes back. The last one takes the CRS of the map with it.
    /// Scenarios keep what they changed of it. Returns whether there was one.
    pub fn close(&mut self, id: LayerId, by: By) -> bool {
        let Some(at) = self.index_of(id) else { return false };
        let sentence = Message::new("scenario.layer-removed").with("layer", &self.entries[at].title);
        let mut parts = vec![WorkspaceEdit::Layer { layer: id, comes: false, at }];
        if self.entries.len() == 1 {
            parts.push(WorkspaceEdit::Property { before: Property::Crs(self.crs.clone()), after: Property::Crs(None) });
        }
        self.perform(parts, sentence, by.when);
        true
    }

    /// Names of the scenarios that changed a layer or are made of it.
    pub fn hanging_on(&self, id: LayerId) -> Vec<&str> {
        let list = self.scenarios.list().iter();
        list.filter(|scenario| scenario.stands_on(id)).map(|scenario| scenario.name.as_str()).collect()
    }

    /// Layers that were taken out and can come back.
    pub fn closed(&self) -> &[ClosedLayer] {
        &self.closed
    }

    /// Layers that shall come back as soon as their sources are read.
    pub fn wanted_layers(&self) -> Vec<WantedLayer> {
        let wanted = self.closed.iter().filter(|closed| closed.wanted.is_some());
        let of = |closed: &ClosedLayer| WantedLayer {
            id: closed.id,
            path: paths::joined("".as_ref(), &closed.record.path),
            crs: closed.record.crs.as_ref().map(|crs| crs.0.clone()),
            encoding: closed.record.encoding.as_deref().and_then(crate::io::Encoding::of_label),
            correction: closed.record.correction.as_ref().map(|correction| correction.0.clone()),
            kind: closed.record.kind.0,
            name: closed.record.layer.clone(),
        };
        wanted.map(of).collect()
    }

    /// Puts a layer back whose source was read again, with all that was said of it. Returns what is to be said about
    /// features that were edited and are not found again.
    pub fn came_back(&mut self, id: LayerId, layer: Layer) -> Vec<Issue> {
        let Some(at) = self.closed.iter().position(|closed| closed.id == id && closed.wanted.is_some()) else {
            return Vec::new();
        };
        let closed = self.closed.remove(at);
        let place = closed.wanted.unwrap_or(self.entries.len());
        let entry = record::entry_of_record(Layer { id, ..layer }, closed.record);
        self.insert_entry(entry, place);
        let mut issues = self.replan(id, None);
        issues.extend(self.adopt_absent(id));
        issues
    }

    /// A closed layer that is in memory.
    pub(in crate::scenario) fn closed_entry(&self, id: LayerId) -> Option<&Entry> {
        self.closed.iter().find(|closed| closed.id == id)?.entry.as_deref()
    }

    /// Takes a layer out of the tree, as the base has it. Called by the history only.
    pub(in crate::scenario) fn close_layer(&mut self, id: LayerId) {
        let Some(entry) = self.take_entry(id) else {
            // It had not come back yet.
            self.closed.iter_mut().filter(|closed| closed.id == id).for_each(|closed| closed.wanted = None);
            return;
        };
        self.closed.retain(|closed| closed.id != id);
        let record = record::record_away(&entry);
        self.closed.push(ClosedLayer { id, record, entry: Some(Box::new(entry)), wanted: None });
        self.trim_closed(LIMIT);
    }

    /// Puts a closed layer into the tree again. Called by the history only.
    pub(in crate::scenario) fn reopen(&mut self, id: LayerId, at: usize) {
        let Some(found) = self.closed.iter().position(|closed| closed.id == id) else { return };
        match self.closed[found].entry.take() {
            Some(entry) => {
                self.closed.remove(found);
                self.insert_entry(*entry, at);
            }
            None => self.closed[found].wanted = Some(at),
        }
    }

    /// Lets go of the features of the layers closed first, as long as all take more than `limit` bytes. Layers without
    /// a source stay: they could not be read again.
    pub(in crate::scenario) fn trim_closed(&mut self, limit: usize) {
        let bytes = |closed: &ClosedLayer| {
            let blocks = closed.entry.iter().flat_map(|entry| &entry.layer.blocks);
            blocks.map(|block| block.geometry.byte_count() + block.attributes.byte_count()).sum::<usize>()
        };
        let mut all: usize = self.closed.iter().map(bytes).sum();
        for closed in &mut self.closed {
            if all <= limit {
                break;
            }
            let own = bytes(closed);
            if own > 0 && !closed.record.path.is_empty() {
                all -= own;
                closed.entry = None;
            }
        }
    }

    /// Forgets closed layers that no step and no scenario speaks of any more.
    pub(in crate::scenario) fn forget_closed(&mut self) {
        if self.closed.is_empty() {
            return;
        }
        let closed = std::mem::take(&mut self.closed);
        self.closed =
            closed.into_iter().filter(|closed| closed.wanted.is_some() || self.is_spoken_of(closed.id)).collect();
    }

    /// Whether a step of the history or a scenario speaks of a layer.
    pub(in crate::scenario) fn is_spoken_of(&self, id: LayerId) -> bool {
        let of_part = |part: &WorkspaceEdit| match part {
            WorkspaceEdit::Layer { layer, .. } => *layer == id,
            WorkspaceEdit::Edit { edit, .. } => edit.layer == id,
            WorkspaceEdit::Property { after, .. } => after.layer() == Some(id),
            WorkspaceEdit::Fork { scenario, .. } | WorkspaceEdit::Delete { scenario, .. } => scenario.stands_on(id),
            _ => false,
        };
        self.scenarios.list().iter().any(|scenario| scenario.stands_on(id))
            || self.scenarios.history.steps().any(|step| step.parts.iter().any(of_part))
    }
}
