//! A layer in the workspace, the heading that it stands under, and a place on the map: plain data.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::computed::Computed;
use super::join::Join;
use super::table_layout::TableLayout;
use crate::crs::{Correction, Crs, CrsSource};
use crate::model::classes::{self, Class, Scheme};
use crate::model::conversion::Conversion;
use crate::model::roles::{self, Group, Mapping, Recognition, Role};
use crate::model::style::{LayerStyle, defaults};
use crate::model::{AreaMethod, Areas, Coord, Formula, Issue, Layer, LayerId, Value};
use crate::scenario::compare::class_sum::ClassSum;
use crate::text::{Language, tr};
use crate::units::Area;

/// A heading of the layer tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerGroup {
    /// Its word in project files: that of a [`Group`], or one of its own.
    pub id: String,
    /// Its title as the user wrote it; empty for the title of the built-in group.
    pub title: String,
    /// Whether its layers are listed.
    pub open: bool,
    /// Whether its layers are drawn.
    pub visible: bool,
}

/// A place on the map: what is in the middle, and how large it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SavedView {
    /// Middle in the project CRS.
    pub center: Coord,
    /// Units of the project CRS a logical pixel.
    pub units_per_px: f64,
}

/// A layer in the workspace.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The features.
    pub layer: Arc<Layer>,
    /// Name in the tree; the layer's own until the user renames it.
    pub title: String,
    /// What was recognised: class field, label field, doubts.
    pub recognition: Recognition,
    /// What it is in planning terms; as recognised until the user says otherwise.
    pub role: Role,
    /// How it is drawn.
    pub style: LayerStyle,
    /// Whether it is drawn, as far as its group is.
    pub visible: bool,
    /// Whether its classes are listed in the tree.
    pub open: bool,
    /// Heading that it stands under, by its word.
    pub group: String,
    /// Measured areas, once they are there.
    pub areas: Option<Arc<Areas>>,
    /// The CRS that the user gave in place of what was recognised.
    pub crs_override: Option<Crs>,
    /// What is undone of its coordinates as they are read; what that leaves counts, whatever CRS was given.
    pub correction: Option<Arc<Correction>>,
    /// How its areas are computed; the survey's method until the user says otherwise.
    pub method: AreaMethod,
    /// What was found when its source was read again: edits that could not be found for certain.
    pub reread: Vec<Issue>,
    /// Tables whose fields stand behind its own, in that order.
    pub joins: Vec<Join>,
    /// Its classes in another scheme, whose fields stand behind its own and the joined ones.
    pub conversion: Option<Arc<Conversion>>,
    /// What somebody said it is, in the place of what is recognised.
    pub mapping: Option<Arc<Mapping>>,
    /// Its fields that are worked out by expressions, which stand behind all others.
    pub formulas: Arc<Vec<Formula>>,
    /// What formulas gave for the layer as the base has it.
    pub(in crate::scenario) computed: Option<Arc<Computed>>,
    /// The areas that they took what they say of areas from.
    pub(in crate::scenario) computed_with: Option<Arc<Areas>>,
    /// How its table is laid out.
    pub table: TableLayout,
    /// The layer without joined and derived fields, where there are any.
    pub(in crate::scenario) unjoined: Option<Arc<Layer>>,
}

impl LayerGroup {
    /// A heading of the program's own.
    pub fn built_in(group: Group) -> Self {
        Self { id: group.name().to_owned(), title: String::new(), open: true, visible: true }
    }

    /// Its title for users.
    pub fn title(&self, language: Language) -> &str {
        if !self.title.is_empty() {
            return &self.title;
        }
        Group::from_name(&self.id).map_or(self.id.as_str(), |group| tr(language, group.title_key()))
    }
}

impl Entry {
    /// The layer with the role, style and heading that its names, fields and values suggest. `nth` tells layers
    /// without a role apart by colour.
    pub fn recognised(layer: Arc<Layer>, nth: usize) -> Self {
        let recognition = roles::recognise(&roles::Clues::of_layer(&layer));
        Self {
            title: layer.name.clone(),
            role: recognition.role,
            style: defaults::at_first(&layer, &recognition, nth),
            visible: true,
            open: false,
            group: recognition.group().name().to_owned(),
            areas: None,
            crs_override: (layer.crs_source == CrsSource::User && layer.provenance.correction.is_none())
                .then(|| layer.crs.clone()),
            correction: layer.provenance.correction.clone(),
            method: AreaMethod::default(),
            reread: Vec::new(),
            joins: Vec::new(),
            conversion: None,
            mapping: None,
            formulas: Arc::default(),
            computed: None,
            computed_with: None,
            table: TableLayout::default(),
            unjoined: None,
            recognition,
            layer,
        }
    }

    /// Identity of the layer.
    pub fn id(&self) -> LayerId {
        self.layer.id
    }

    /// The scheme of the class field's codes.
    pub fn scheme(&self) -> Option<Scheme> {
        self.recognition.scheme()
    }

    /// Index of the field that holds the class of each feature.
    pub fn class_field(&self) -> Option<usize> {
        self.recognition.class_field.as_deref().and_then(|name| self.layer.field(name))
    }

    /// Index of the field that names a feature.
    pub fn label_field(&self) -> Option<usize> {
        let name = self.style.label_field().or(self.recognition.label_field.as_deref());
        name.and_then(|name| self.layer.field(name))
    }

    /// Class of a feature, where its class field holds a code of the scheme.
    pub fn class_of(&self, feature: usize) -> Option<Class> {
        match self.layer.value(feature, self.class_field()?) {
            Value::Null => None,
            value => Some(classes::resolve(self.scheme()?, &value.to_string())?.class),
        }
    }

    /// Everything that was found about the layer: by the reader, by recognition, by measuring.
    pub fn issues(&self) -> Vec<Issue> {
        let mut issues = self.layer.issues.to_vec();
        issues.extend(self.recognition.issues());
        issues.extend(self.areas.iter().flat_map(|areas| areas.issues.iter().cloned()));
        issues.extend(self.reread.iter().cloned());
        issues
    }

    /// Recognises the layer again, with what was said of it. Not while a scenario is shown.
    pub(in crate::scenario) fn recognise_again(&mut self) {
        let found = roles::recognise(&roles::Clues::of_layer(self.unjoined()));
        self.recognition = match &self.mapping {
            Some(mapping) => mapping.applied(&found, &self.layer),
            None => found,
        };
        self.role = self.recognition.role;
    }

    /// Gives the layer another role, with the style and heading that go with it.
    pub fn set_role(&mut self, role: Role, nth: usize) {
        self.role = role;
        self.recognition.role = role;
        self.style = defaults::for_layer(&self.layer, &self.recognition, nth);
    }

    /// Sums of the measured areas by class, in the order of the style's classes and then of first appearance; `None`
    /// without areas or a class field.
    pub fn class_sums(&self) -> Option<Vec<ClassSum>> {
        self.sums_by(self.class_field()?)
    }

    /// Sums of the measured areas by the values of a field; `None` without areas.
    ///
    /// Sums are made per block in file order and blocks are added in order, so that they never depend on threads.
    pub fn sums_by(&self, field: usize) -> Option<Vec<ClassSum>> {
        let areas = self.areas.as_deref()?;
        let mut order: FxHashMap<String, usize> = FxHashMap::default();
        let mut totals: Vec<(String, usize, f64, f64)> = Vec::new();
        for (block, start) in self.layer.blocks.iter().zip(&self.layer.starts) {
            let mut of_block: Vec<(usize, f64, f64)> = Vec::new();
            let mut of_code: FxHashMap<u32, usize> = FxHashMap::default();
            for row in 0..block.geometry.feature_count() {
                let column = block.attributes.column(field);
                let code = column.and_then(|column| column.text_code(row));
                let known = code.and_then(|code| of_code.get(&code).copied());
                let at = known.unwrap_or_else(|| {
                    let key = block.attributes.value(row, field).to_string();
                    let next = totals.len();
                    let at = *order.entry(key.clone()).or_insert(next);
                    if at == next {
                        totals.push((key, 0, 0.0, 0.0));
                    }
                    if let Some(code) = code {
                        of_code.insert(code, at);
                    }
                    at
                });
                if of_block.len() <= at {
                    of_block.resize(at + 1, (0, 0.0, 0.0));
                }
                let feature = start + row;
                of_block[at].0 += 1;
                of_block[at].1 += areas.exact.get(feature).copied().unwrap_or(0.0);
                of_block[at].2 += areas.printed.get(feature).copied().unwrap_or(0.0);
            }
            for (total, part) in totals.iter_mut().zip(of_block) {
                (total.1, total.2, total.3) = (total.1 + part.0, total.2 + part.1, total.3 + part.2);
            }
        }
        let scheme = self.scheme().filter(|_| self.class_field() == Some(field));
        let mut sums: Vec<ClassSum> = totals
            .into_iter()
            .map(|(key, feature_count, exact, printed)| ClassSum {
                class: scheme.and_then(|scheme| classes::resolve(scheme, &key)).map(|resolved| resolved.class),
                key,
                feature_count,
                exact: Area::from_m2(exact),
                printed: Area::from_m2(printed),
            })
            .collect();
        if let Some(categories) = self.style.categories().filter(|c| self.layer.field(&c.field) == Some(field)) {
            let place: FxHashMap<&str, usize> =
                categories.classes.iter().enumerate().map(|(i, class)| (class.key.as_str(), i)).collect();
            sums.sort_by_key(|sum| place.get(sum.key.as_str()).copied().unwrap_or(usize::MAX));
        }
        Some(sums)
    }
}
