//! What somebody said a layer is, and its classes in another scheme, as records.

use serde::{Deserialize, Serialize};

use super::words::{RoleWord, SchemeWord};
use crate::model::classes::{Class, Scheme};
use crate::model::conversion::Conversion;
use crate::model::roles::Mapping;

/// What somebody said a layer is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingRecord {
    /// What it is in planning terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleWord>,
    /// The field that holds the class of each feature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The field of the names of the classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_name: Option<String>,
    /// The field that names a feature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The field that states the area of a feature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// The scheme of the codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<SchemeWord>,
}

/// The classes of a layer in another scheme.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConversionRecord {
    /// The class field.
    pub field: String,
    /// The scheme of its codes.
    pub from: SchemeWord,
    /// The scheme that they become.
    pub to: SchemeWord,
    /// Codes of classes that were decided, with what they become: a code, or nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<(String, String)>,
}

impl MappingRecord {
    /// The record of a mapping.
    pub fn of_mapping(mapping: &Mapping) -> Self {
        let Mapping { role, class_field, class_name_field, label_field, area_field, scheme } = mapping.clone();
        Self {
            role: role.map(RoleWord),
            class: class_field,
            class_name: class_name_field,
            label: label_field,
            area: area_field,
            scheme: scheme.map(SchemeWord),
        }
    }

    /// The mapping.
    pub fn into_mapping(self) -> Mapping {
        Mapping {
            role: self.role.map(|role| role.0),
            class_field: self.class,
            class_name_field: self.class_name,
            label_field: self.label,
            area_field: self.area,
            scheme: self.scheme.map(|scheme| scheme.0),
        }
    }
}

impl ConversionRecord {
    /// The record of a conversion.
    pub fn of_conversion(conversion: &Conversion) -> Self {
        let code = |class: &Class| class.code().to_owned();
        let decided =
            |(class, target): &(Class, Option<Class>)| (code(class), target.as_ref().map_or_else(String::new, code));
        Self {
            field: conversion.field.clone(),
            from: SchemeWord(conversion.from),
            to: SchemeWord(conversion.to),
            decided: conversion.decided.iter().map(decided).collect(),
        }
    }

    /// The conversion. What was decided of classes that are not known is left out: they are asked again.
    pub fn into_conversion(self) -> Conversion {
        let (from, to): (Scheme, Scheme) = (self.from.0, self.to.0);
        let decided = self.decided.iter().filter_map(|(code, target)| {
            let class = Class::find(from, code)?;
            if target.is_empty() { Some((class, None)) } else { Some((class, Some(Class::find(to, target)?))) }
        });
        Conversion { decided: decided.collect(), field: self.field, from, to }
    }
}
