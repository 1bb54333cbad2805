//! What somebody said a layer is, where its names, fields and values leave that open.

use super::schema::Confidence;
use super::{Candidate, Recognition, Role, names_class};
use crate::model::Layer;
use crate::model::classes::{self, Scheme};
use crate::text::Message;

/// What somebody said of a layer. What is `None` stays as it is recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// What it is in planning terms.
    pub role: Option<Role>,
    /// The field that holds the class of each feature.
    pub class_field: Option<String>,
    /// The field of the names of the classes.
    pub class_name_field: Option<String>,
    /// The field that names a feature.
    pub label_field: Option<String>,
    /// The field that states the area of a feature.
    pub area_field: Option<String>,
    /// The scheme of the class field's codes.
    pub scheme: Option<Scheme>,
}

impl Mapping {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The fields that it names.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        [&self.class_field, &self.class_name_field, &self.label_field, &self.area_field]
            .into_iter()
            .filter_map(|field| field.as_deref())
    }

    /// Whether a layer has all the fields that it names.
    pub fn fits(&self, layer: &Layer) -> bool {
        self.fields().all(|field| layer.field(field).is_some())
    }

    /// `found` with what was said in the place of what was recognised. Fields that `layer` lacks are not taken over.
    pub fn applied(&self, found: &Recognition, layer: &Layer) -> Recognition {
        let mut said = Recognition { is_said: true, ..found.clone() };
        let known = |field: &Option<String>| field.clone().filter(|name| layer.field(name).is_some());
        if let Some(role) = self.role {
            said.role = role;
            said.reason = Message::new("model.role-said");
            let reason = said.reason.clone();
            said.candidates.insert(0, Candidate { role, table: said.table, reason, confidence: Confidence::High });
        }
        // What goes with a class field that is not there says nothing of another.
        let has_classes = self.class_field.is_none() || known(&self.class_field).is_some();
        if let Some(field) = known(&self.class_field) {
            said.class_name_field = names_class(layer, &field).map(|at| layer.fields[at].name.clone());
            said.class_field = Some(field);
        }
        if let Some(field) = known(&self.class_name_field).filter(|_| has_classes) {
            said.class_name_field = Some(field);
        }
        let says_classes = self.class_field.is_some() || self.class_name_field.is_some() || self.scheme.is_some();
        if has_classes && says_classes {
            let at = |field: &Option<String>| field.as_ref().and_then(|name| layer.field(name));
            if let Some(field) = at(&said.class_field) {
                let used = classes::used_codes(layer, field, at(&said.class_name_field));
                let detection = match self.scheme {
                    Some(scheme) => classes::detection_of(scheme, &used),
                    None => classes::detect(&used, None),
                };
                said.detection = Some(detection);
            }
        }
        if let Some(field) = known(&self.label_field) {
            said.label_field = Some(field);
        }
        if let Some(field) = known(&self.area_field) {
            said.area_field = Some(field);
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::model::roles::{Clues, recognise};
    use crate::model::{AttributeBuilder, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind, Value};

    fn layer(name: &str, columns: &[(&str, &[&str])]) -> Layer {
        let mut attributes = AttributeBuilder::new();
        let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
        for row in 0..columns[0].1.len() {
            for (at, (field, values)) in columns.iter().enumerate() {
                let column = attributes.column(field, at);
                attributes.set(column, Value::Text(values[row]));
            }
            attributes.end_row();
            geometry.null_feature();
        }
        let block = FeatureBlock::of_parts(geometry.finish(), attributes.finish().1);
        let field = |(name, _): &(&str, &[&str])| Field { name: (*name).to_owned(), kind: FieldType::Text };
        let fields = columns.iter().map(field).collect();
        Layer::new(name.to_owned(), GeometryKind::Polygon, Crs::wgs84(), fields, vec![block])
    }

    #[test]
    fn what_is_said_counts_and_the_rest_is_recognised() {
        let layer =
            layer("layer1", &[("甲", &["1001", "1202"]), ("乙", &["铁路用地", "设施农用地"]), ("丙", &["1", "2"])]);
        let found = recognise(&Clues::of_layer(&layer));
        let mapping = Mapping {
            role: Some(Role::LandUse),
            class_field: Some("甲".to_owned()),
            class_name_field: Some("乙".to_owned()),
            area_field: Some("丙".to_owned()),
            label_field: Some("没有".to_owned()),
            ..Mapping::default()
        };
        assert!(!mapping.fits(&layer));
        let said = mapping.applied(&found, &layer);
        assert_eq!((said.role, said.class_field.as_deref()), (Role::LandUse, Some("甲")));
        // Names tell the scheme, once they are known to be such.
        assert_eq!((said.scheme(), said.is_doubtful()), (Some(Scheme::Sd2019), false));
        assert_eq!((said.area_field.as_deref(), said.label_field), (Some("丙"), found.label_field.clone()));
        let plan = Mapping { scheme: Some(Scheme::Ydyh2023), ..mapping }.applied(&found, &layer);
        assert_eq!(plan.scheme(), Some(Scheme::Ydyh2023));
        let nothing = Mapping::default();
        assert!(nothing.is_empty() && nothing.fits(&layer));
        assert_eq!(nothing.applied(&found, &layer).role, found.role);
    }
}
