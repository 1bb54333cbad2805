//! What is said about the document: of its layers, its order, its map. Each is an edit with before and after.

use std::path::PathBuf;
use std::sync::Arc;

use super::history::WorkspaceEdit;
use super::manage::By;
use super::measurement::Measurement;
use super::workspace::Workspace;
use crate::crs::{Correction, Crs};
use crate::model::style::LayerStyle;
use crate::model::{AreaMethod, LayerId};
use crate::text::{Message, tr};

/// Something about the document, with its value.
#[derive(Clone, Debug, PartialEq)]
pub enum Property {
    /// The name of a layer in the tree.
    Title(LayerId, String),
    /// How a layer is drawn.
    Style(LayerId, Box<LayerStyle>),
    /// Whether a layer is drawn, as far as its heading is.
    Visible(LayerId, bool),
    /// How areas of a layer are computed.
    Method(LayerId, AreaMethod),
    /// The CRS that the user gave a layer in place of what was recognised.
    LayerCrs(LayerId, Option<Crs>),
    /// What is undone of the coordinates of a layer as they are read.
    Correction(LayerId, Option<Arc<Correction>>),
    /// All layers from the top, each with its heading.
    Arrangement(Vec<(LayerId, String)>),
    /// Whether the layers under a heading are drawn.
    GroupVisible(String, bool),
    /// The CRS of the map.
    Crs(Option<Crs>),
    /// The file of the rules.
    Rules(Option<PathBuf>),
    /// The note of the project.
    Note(String),
}

impl Property {
    /// Whether it changes while something is dragged or typed: many values, one step.
    pub(super) fn is_dragged(&self) -> bool {
        matches!(self, Self::Style(..) | Self::Note(_))
    }

    /// Whether another value is one of the same thing.
    pub(super) fn is_of_what(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Title(a, _), Self::Title(b, _))
            | (Self::Style(a, _), Self::Style(b, _))
            | (Self::Visible(a, _), Self::Visible(b, _))
            | (Self::Method(a, _), Self::Method(b, _))
            | (Self::LayerCrs(a, _), Self::LayerCrs(b, _))
            | (Self::Correction(a, _), Self::Correction(b, _)) => a == b,
            (Self::GroupVisible(a, _), Self::GroupVisible(b, _)) => a == b,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// The layer that it is about, where it is about one.
    pub fn layer(&self) -> Option<LayerId> {
        match self {
            Self::Title(layer, _)
            | Self::Style(layer, _)
            | Self::Visible(layer, _)
            | Self::Method(layer, _)
            | Self::LayerCrs(layer, _)
            | Self::Correction(layer, _) => Some(*layer),
            _ => None,
        }
    }

    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Title(_, text) | Self::Note(text) | Self::GroupVisible(text, _) => text.len(),
                Self::Style(_, style) => {
                    size_of::<LayerStyle>()
                        + style.categories().map_or(0, |categories| {
                            categories.classes.iter().map(|class| size_of_val(class) + class.key.len()).sum()
                        })
                }
                Self::Arrangement(layers) => {
                    layers.iter().map(|(_, group)| size_of::<(LayerId, String)>() + group.len()).sum()
                }
                _ => 0,
            }
    }
}

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
            Property::Correction(layer, _) => Property::Correction(*layer, entry(layer)?.correction.clone()),
            Property::Arrangement(_) => {
                Property::Arrangement(self.entries.iter().map(|entry| (entry.id(), entry.group.clone())).collect())
            }
            Property::GroupVisible(group, _) => Property::GroupVisible(group.clone(), self.group(group)?.visible),
            Property::Crs(_) => Property::Crs(self.crs.clone()),
            Property::Rules(_) => Property::Rules(self.rules.clone()),
            Property::Note(_) => Property::Note(self.note.clone()),
        })
    }

    /// Makes it so. Called by the history only.
    pub(super) fn set_property(&mut self, property: &Property) {
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
            Property::Correction(_, Some(correction)) => {
                Some(of("scenario.layer-corrected")?.with("correction", correction.title(by.language)))
            }
            Property::Correction(_, None) => of("scenario.layer-uncorrected"),
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
        }
    }
}
