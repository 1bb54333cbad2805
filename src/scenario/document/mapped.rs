//! What somebody said a layer is, and its classes carried over to another scheme: as steps that undo takes back.
//!
//! A role brings its style and heading with it, a class field the style by its classes; all of it is one step.

use std::sync::Arc;

use super::entry::Entry;
use super::property::Property;
use super::step::By;
use super::workspace::Workspace;
use crate::model::classes::Class;
use crate::model::conversion::{self, Conversion, ConversionError};
use crate::model::roles::{Mapping, Role};
use crate::model::style::defaults;
use crate::model::{Layer, LayerId, Revision};
use crate::text::Message;

impl Workspace {
    /// Says what a layer is; an empty mapping takes back what was said. Returns whether that changed anything.
    pub fn map_layer(&mut self, id: LayerId, mapping: Mapping, by: By) -> bool {
        let Some(entry) = self.base_entry(id) else { return false };
        let mapping = (!mapping.is_empty()).then(|| Arc::new(mapping));
        let key = if mapping.is_some() { "scenario.layer-mapped" } else { "scenario.layer-unmapped" };
        let sentence = Message::new(key).with("layer", &entry.title);
        let mut later = Entry { mapping: mapping.clone(), ..entry.clone() };
        later.recognise_again();
        let mut parts = vec![Property::Mapping(id, mapping)];
        let classes = |entry: &Entry| (entry.recognition.class_field.clone(), entry.scheme());
        if later.role != entry.role || classes(&later) != classes(&entry) {
            let style = defaults::for_layer(&later.layer, &later.recognition, 0);
            parts.push(Property::Style(id, Box::new(style)));
        }
        // A heading of the user's own keeps its layers.
        if later.role != entry.role && entry.group == entry.role.group().name() {
            parts.push(Property::Arrangement(self.arranged_as(id, later.role)));
        }
        self.change_all(parts, sentence, by)
    }

    /// Carries the classes of a layer over to another scheme, and draws it by them. Returns whether that changed anything.
    ///
    /// # Errors
    /// [`ConversionError`] where the field is missing or nothing leads to the scheme.
    pub fn convert_classes(&mut self, id: LayerId, conversion: Conversion, by: By) -> Result<bool, ConversionError> {
        let Some(entry) = self.base_entry(id) else { return Ok(false) };
        // Without the fields of an earlier conversion.
        let mut bare = Entry { conversion: None, mapping: None, formulas: Arc::default(), ..entry.clone() };
        bare.apply_joins();
        let used = conversion::in_use(&bare.layer, &conversion, None)?;
        let [code, name] = conversion::field_names(&bare.layer, conversion.to);
        let mut targets: Vec<Class> = used.iter().filter_map(|used| conversion.target(used.class)).collect();
        targets.sort_unstable();
        targets.dedup();
        let codes = targets.iter().map(|class| class.code());
        let style = defaults::by_class(&code, Some(conversion.to), codes, entry.layer.kind);
        let mapping = Mapping {
            class_field: Some(code),
            class_name_field: Some(name),
            scheme: Some(conversion.to),
            ..entry.mapping.as_deref().cloned().unwrap_or_default()
        };
        let to = conversion.to;
        let sentence = Message::new("scenario.layer-converted")
            .with("layer", &entry.title)
            .with_said("to", |language| to.title(language).to_owned());
        let parts = vec![
            Property::Conversion(id, Some(Arc::new(conversion))),
            Property::Mapping(id, Some(Arc::new(mapping))),
            Property::Style(id, Box::new(style)),
        ];
        Ok(self.change_all(parts, sentence, by))
    }

    /// Takes the fields of a conversion off a layer, and what was said of them. Returns whether there were any.
    pub fn drop_conversion(&mut self, id: LayerId, by: By) -> bool {
        let Some(entry) = self.base_entry(id).filter(|entry| entry.conversion.is_some()) else { return false };
        let mut later = Entry { conversion: None, mapping: None, ..entry.clone() };
        later.apply_joins();
        let mut mapping = entry.mapping.as_deref().cloned().unwrap_or_default();
        if mapping.class_field.as_ref().is_some_and(|name| later.layer.field(name).is_none()) {
            (mapping.class_field, mapping.class_name_field, mapping.scheme) = (None, None, None);
        }
        later.mapping = (!mapping.is_empty()).then(|| Arc::new(mapping));
        later.recognise_again();
        let style = defaults::for_layer(&later.layer, &later.recognition, 0);
        let sentence = Message::new("scenario.layer-unconverted").with("layer", &entry.title);
        let parts = vec![
            Property::Mapping(id, later.mapping.clone()),
            Property::Conversion(id, None),
            Property::Style(id, Box::new(style)),
        ];
        self.change_all(parts, sentence, by)
    }

    /// Makes this what was said of a layer. Called by the history only.
    pub(in crate::scenario) fn set_mapping(&mut self, id: LayerId, mapping: Option<&Arc<Mapping>>) {
        self.show_base_of(id);
        let Some(entry) = self.entry_mut(id) else { return };
        entry.mapping = mapping.cloned();
        let old = entry.layer.clone();
        // What was derived by the fields of before is derived anew.
        entry.layer = Arc::new(Layer { revision: Revision::next(), ..(*old).clone() });
        entry.recognise_again();
        // Lost edits are listed with the layer.
        let _ = self.replan(id, Some(old));
    }

    /// All layers from the top, with a layer where its new role belongs.
    fn arranged_as(&self, id: LayerId, role: Role) -> Vec<(LayerId, String)> {
        let group = role.group().name();
        let others: Vec<&Entry> = self.entries.iter().filter(|entry| entry.id() != id).collect();
        let rank = |of: &str| self.groups.iter().position(|group| group.id == of).unwrap_or(0);
        let from = others.partition_point(|entry| rank(&entry.group) < rank(group));
        let to = others.partition_point(|entry| rank(&entry.group) <= rank(group));
        let at = (from..to).find(|at| others[*at].role.draw_order() <= role.draw_order()).unwrap_or(to);
        let mut order: Vec<(LayerId, String)> = others.iter().map(|entry| (entry.id(), entry.group.clone())).collect();
        order.insert(at, (id, group.to_owned()));
        order
    }
}
