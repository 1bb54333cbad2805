//! Saying something about the document: each saying is an edit with before and after. Measurements are kept likewise.

use super::measurement::Measurement;
use super::property::Property;
use super::step::{By, WorkspaceEdit};
use super::underlay::Underlay;
use super::workspace::Workspace;
use crate::model::layout::Layout;
use crate::model::{AreaMethod, LayerId};
use crate::text::{Message, tr};

impl Workspace {
    /// Says something about the document, as a step that undo takes back. Returns whether that changed anything.
    pub fn change(&mut self, after: Property, by: By) -> bool {
        let Some(sentence) = self.sentence(&after, by) else { return false };
        self.change_all(vec![after], sentence, by)
    }

    /// Says several things about the document in one step. Returns whether that changed anything.
    pub fn change_all(&mut self, after: Vec<Property>, sentence: Message, by: By) -> bool {
        let part = |after: Property| {
            let before = self.property(&after)?;
            (before != after).then_some(WorkspaceEdit::Property { before, after })
        };
        let parts: Vec<WorkspaceEdit> = after.into_iter().filter_map(part).collect();
        let changes = !parts.is_empty();
        if changes {
            self.perform(parts, sentence, by.when);
        }
        changes
    }

    /// Puts a layer under heading `group` at place `index` there, counted without the layer itself. Returns whether
    /// anything moved.
    pub fn arrange(&mut self, id: LayerId, group: &str, index: usize, by: By) -> bool {
        let Some(entry) = self.entry(id) else { return false };
        let sentence = Message::new("scenario.layer-moved").with("layer", &entry.title);
        // Moved in a copy of the order; the layers themselves stay where they are until the step is done.
        let mut order: Vec<(LayerId, String)> =
            self.entries.iter().map(|entry| (entry.id(), entry.group.clone())).filter(|(of, _)| *of != id).collect();
        let rank = |of: &str| self.groups.iter().position(|group| group.id == of).unwrap_or(0);
        let from = order.partition_point(|(_, of)| rank(of) < rank(group));
        let to = order.partition_point(|(_, of)| rank(of) <= rank(group));
        order.insert((from + index).min(to), (id, group.to_owned()));
        self.change_all(vec![Property::Arrangement(order)], sentence, by)
    }

    /// Keeps a measurement.
    pub fn keep_measurement(&mut self, measurement: Measurement, by: By) {
        let at = self.measurements.len();
        let part = WorkspaceEdit::Measurement { at, before: None, after: Some(measurement) };
        self.perform(vec![part], Message::new("scenario.measurement-kept").with("n", at + 1), by.when);
    }

    /// Gives a kept measurement another name. Returns whether that changed anything.
    pub fn name_measurement(&mut self, at: usize, name: &str, by: By) -> bool {
        let Some(before) = self.measurements.get(at).filter(|known| known.name != name).cloned() else { return false };
        let sentence = Message::new("scenario.measurement-named").with("n", at + 1).with("name", name);
        let after = Measurement { name: name.to_owned(), ..before.clone() };
        let part = WorkspaceEdit::Measurement { at, before: Some(before), after: Some(after) };
        self.perform(vec![part], sentence, by.when);
        true
    }

    /// Removes a kept measurement. Returns whether there was one.
    pub fn remove_measurement(&mut self, at: usize, by: By) -> bool {
        let Some(before) = self.measurements.get(at).cloned() else { return false };
        let name = if before.name.is_empty() { format!("{}", at + 1) } else { before.name.clone() };
        let sentence = Message::new("scenario.measurement-removed").with("name", name);
        self.perform(vec![WorkspaceEdit::Measurement { at, before: Some(before), after: None }], sentence, by.when);
        true
    }

    /// What is said now about the thing that `of` is about; `None` where there is no such thing.
    pub fn property(&self, of: &Property) -> Option<Property> {
        let entry = |layer: &LayerId| self.entry(*layer);
        Some(match of {
            Property::Title(layer, _) => Property::Title(*layer, entry(layer)?.title.clone()),
            Property::Style(layer, _) => Property::Style(*layer, Box::new(entry(layer)?.style.clone())),
            Property::Visible(layer, _) => Property::Visible(*layer, entry(layer)?.visible),
            Property::Method(layer, _) => Property::Method(*layer, entry(layer)?.method),
            Property::LayerCrs(layer, _) => Property::LayerCrs(*layer, entry(layer)?.crs_override.clone()),
            Property::Joins(layer, _) => Property::Joins(*layer, entry(layer)?.joins.clone()),
            Property::Correction(layer, _) => Property::Correction(*layer, entry(layer)?.correction.clone()),
            Property::Conversion(layer, _) => Property::Conversion(*layer, entry(layer)?.conversion.clone()),
            Property::Mapping(layer, _) => Property::Mapping(*layer, entry(layer)?.mapping.clone()),
            Property::Formulas(layer, _) => Property::Formulas(*layer, entry(layer)?.formulas.clone()),
            Property::Arrangement(_) => {
                Property::Arrangement(self.entries.iter().map(|entry| (entry.id(), entry.group.clone())).collect())
            }
            Property::GroupVisible(group, _) => Property::GroupVisible(group.clone(), self.group(group)?.visible),
            Property::Crs(_) => Property::Crs(self.crs.clone()),
            Property::Rules(_) => Property::Rules(self.rules.clone()),
            Property::Note(_) => Property::Note(self.note.clone()),
            Property::Layouts(_) => Property::Layouts(self.layouts.clone()),
            Property::Bookmarks(_) => Property::Bookmarks(self.bookmarks.clone()),
            Property::Notes(_) => Property::Notes(self.notes.clone()),
            Property::Underlays(_) => Property::Underlays(self.underlays.clone()),
        })
    }

    /// Makes it so. Called by the history only.
    pub(in crate::scenario) fn set_property(&mut self, property: &Property) {
        match property {
            Property::Joins(layer, joins) => return self.set_joins(*layer, joins),
            Property::Conversion(layer, conversion) => return self.set_conversion(*layer, conversion.as_ref()),
            Property::Mapping(layer, mapping) => return self.set_mapping(*layer, mapping.as_ref()),
            Property::Formulas(layer, formulas) => return self.set_formulas(*layer, formulas),
            _ => {}
        }
        if let Some(layer) = property.layer() {
            let Some(entry) = self.entry_mut(layer) else { return };
            match property {
                Property::Title(_, title) => entry.title.clone_from(title),
                Property::Style(_, style) => entry.style.clone_from(style),
                Property::Visible(_, visible) => entry.visible = *visible,
                Property::Method(_, method) => entry.method = *method,
                Property::LayerCrs(_, crs) => entry.crs_override.clone_from(crs),
                Property::Correction(_, correction) => entry.correction.clone_from(correction),
                _ => {}
            }
            return;
        }
        match property {
            Property::Arrangement(order) => self.set_arrangement(order),
            Property::GroupVisible(group, visible) => {
                if let Some(group) = self.group_mut(group) {
                    group.visible = *visible;
                }
            }
            Property::Crs(crs) => self.crs.clone_from(crs),
            Property::Rules(rules) => self.rules.clone_from(rules),
            Property::Note(note) => self.note.clone_from(note),
            Property::Layouts(layouts) => self.layouts.clone_from(layouts),
            Property::Bookmarks(bookmarks) => self.bookmarks.clone_from(bookmarks),
            Property::Notes(notes) => self.notes.clone_from(notes),
            Property::Underlays(underlays) => self.underlays.clone_from(underlays),
            _ => {}
        }
    }

    /// The sentence of a step that says `after`.
    fn sentence(&self, after: &Property, by: By) -> Option<Message> {
        let of = |key: &'static str| {
            let title = after.layer().and_then(|layer| self.entry(layer)).map(|entry| entry.title.clone());
            Some(Message::new(key).with("layer", title?))
        };
        match after {
            Property::Title(layer, title) => {
                let from = &self.entry(*layer)?.title;
                Some(Message::new("scenario.renamed").with("from", from).with("name", title))
            }
            Property::Style(..) => of("scenario.layer-styled"),
            Property::Visible(_, true) => of("scenario.layer-shown"),
            Property::Visible(_, false) => of("scenario.layer-hidden"),
            Property::Method(_, method) => {
                let key = match method {
                    AreaMethod::Survey => "ui.method-survey",
                    AreaMethod::Geodesic => "ui.method-geodesic",
                    AreaMethod::Planar => "ui.method-planar",
                };
                Some(of("scenario.layer-method")?.with("method", tr(by.language, key)))
            }
            Property::LayerCrs(_, Some(crs)) => Some(of("scenario.layer-crs")?.with("crs", crs.label_in(by.language))),
            Property::LayerCrs(_, None) => of("scenario.layer-crs-of-file"),
            Property::Joins(_, joins) => Some(of("join.step")?.with("table", &joins.last()?.title)),
            Property::Correction(_, Some(correction)) => {
                Some(of("scenario.layer-corrected")?.with("correction", correction.title(by.language)))
            }
            Property::Correction(_, None) => of("scenario.layer-uncorrected"),
            Property::Conversion(_, Some(conversion)) => {
                Some(of("scenario.layer-converted")?.with("to", conversion.to.title(by.language)))
            }
            Property::Conversion(_, None) => of("scenario.layer-unconverted"),
            Property::Mapping(_, Some(_)) => of("scenario.layer-mapped"),
            Property::Mapping(_, None) => of("scenario.layer-unmapped"),
            Property::Formulas(layer, formulas) => {
                let now = &self.entry(*layer)?.formulas;
                let key = match formulas.len().cmp(&now.len()) {
                    std::cmp::Ordering::Greater => "scenario.formula-came",
                    std::cmp::Ordering::Equal => "scenario.formula-changed",
                    std::cmp::Ordering::Less => "scenario.formula-gone",
                };
                let (more, less) = if formulas.len() < now.len() { (now, formulas) } else { (formulas, now) };
                let field = more.iter().find(|formula| !less.contains(formula))?;
                Some(of(key)?.with("field", &field.field))
            }
            Property::Arrangement(_) => Some(Message::new("scenario.layers-moved")),
            Property::GroupVisible(group, visible) => {
                let key = if *visible { "scenario.layer-shown" } else { "scenario.layer-hidden" };
                Some(Message::new(key).with("layer", self.group(group)?.title(by.language)))
            }
            Property::Crs(Some(crs)) => Some(Message::new("scenario.map-crs").with("crs", crs.label_in(by.language))),
            Property::Crs(None) | Property::Rules(None) => None,
            Property::Rules(Some(path)) => {
                let file = crate::io::shown_path(path.file_name().unwrap_or(path.as_os_str()));
                Some(Message::new("scenario.rules-chosen").with("file", file))
            }
            Property::Note(_) => Some(Message::new("scenario.project-noted")),
            Property::Bookmarks(bookmarks) => {
                let (key, bookmark) = came_or_went(
                    &self.bookmarks,
                    bookmarks,
                    ["scenario.bookmark-came", "scenario.bookmark-changed", "scenario.bookmark-gone"],
                )?;
                Some(Message::new(key).with("name", &bookmark.name))
            }
            Property::Notes(notes) => {
                let keys = ["scenario.map-note-came", "scenario.map-note-changed", "scenario.map-note-gone"];
                came_or_went(&self.notes, notes, keys).map(|(key, _)| Message::new(key))
            }
            Property::Layouts(layouts) => {
                let of = |layout: &Layout, key: &'static str| Message::new(key).with("name", &layout.name);
                let is_in = |layout: &&Layout, list: &[Layout]| list.iter().any(|other| other.name == layout.name);
                let gone = self.layouts.iter().find(|layout| !is_in(layout, layouts));
                let came = layouts.iter().find(|layout| !is_in(layout, &self.layouts));
                let changed = || layouts.iter().find(|layout| !self.layouts.contains(layout));
                match (came, gone) {
                    (Some(came), None) => Some(of(came, "scenario.layout-came")),
                    (None, Some(gone)) => Some(of(gone, "scenario.layout-removed")),
                    (Some(came), Some(gone)) => {
                        Some(Message::new("scenario.layout-renamed").with("from", &gone.name).with("name", &came.name))
                    }
                    (None, None) => changed().map(|layout| of(layout, "scenario.layout-changed")),
                }
            }
            Property::Underlays(underlays) => {
                let of = |key: &'static str, of: &Underlay| Message::new(key).with("name", &of.title);
                let is_in = |of: &&Underlay, list: &[Underlay]| list.iter().any(|other| other.source == of.source);
                let gone = self.underlays.iter().find(|of| !is_in(of, underlays));
                let came = underlays.iter().find(|of| !is_in(of, &self.underlays));
                match (came, gone, underlays.len() < self.underlays.len()) {
                    (Some(came), ..) => Some(of("underlay.came", came)),
                    (None, Some(gone), _) => Some(of("underlay.gone", gone)),
                    (None, None, true) => Some(Message::new("underlay.one-gone")),
                    (None, None, false) => {
                        let changed = underlays.iter().find(|underlay| !self.underlays.contains(underlay));
                        Some(changed.map_or(Message::new("underlay.moved"), |changed| of("underlay.changed", changed)))
                    }
                }
            }
        }
    }
}

/// The first item of a list that came, changed or went, and which of the three keys says so; `None` where nothing did.
fn came_or_went<'a, T: PartialEq>(
    before: &'a [T],
    after: &'a [T],
    [came, changed, gone]: [&'static str; 3],
) -> Option<(&'static str, &'a T)> {
    let of = |list: &'a [T], other: &[T]| list.iter().find(|item| !other.contains(item));
    match after.len().cmp(&before.len()) {
        std::cmp::Ordering::Greater => Some((came, of(after, before)?)),
        std::cmp::Ordering::Equal => Some((changed, of(after, before)?)),
        std::cmp::Ordering::Less => Some((gone, of(before, after)?)),
    }
}
