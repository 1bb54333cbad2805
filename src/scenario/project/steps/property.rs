//! What is said about the document, as a record of a step.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::layout::Layout;
use crate::model::style::{LayerStyle, Symbol};
use crate::model::{Formula, LayerId};
use crate::scenario::document::join::Join;
use crate::scenario::document::property::Property;
use crate::scenario::document::record::correction::CorrectionRecord;
use crate::scenario::document::record::join::JoinRecord;
use crate::scenario::document::record::mapping::{ConversionRecord, MappingRecord};
use crate::scenario::document::record::marks::{BookmarkRecord, MapNoteRecord};
use crate::scenario::document::record::paths::{joined, relative};
use crate::scenario::document::record::style::StyleRecord;
use crate::scenario::document::record::underlay::UnderlayRecord;
use crate::scenario::document::record::words::{CrsCode, MethodWord};

/// Something about the document, with its value; layers by their words.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PropertyRecord {
    Title(String, String),
    Style(String, Box<StyleRecord>),
    Visible(String, bool),
    Method(String, MethodWord),
    LayerCrs(String, Option<CrsCode>),
    Joins(String, Vec<JoinRecord>),
    Correction(String, Option<CorrectionRecord>),
    Conversion(String, Option<ConversionRecord>),
    Mapping(String, Option<MappingRecord>),
    Formulas(String, Vec<Formula>),
    Arrangement(Vec<(String, String)>),
    GroupVisible(String, bool),
    Crs(Option<CrsCode>),
    Rules(Option<String>),
    Note(String),
    Layouts(Vec<Layout>),
    Bookmarks(Vec<BookmarkRecord>),
    Notes(Vec<MapNoteRecord>),
    Underlays(Vec<UnderlayRecord>),
}

impl PropertyRecord {
    pub(super) fn of(property: &Property, word: &dyn Fn(LayerId) -> Option<String>, folder: &Path) -> Option<Self> {
        Some(match property {
            Property::Title(layer, title) => Self::Title(word(*layer)?, title.clone()),
            Property::Style(layer, style) => Self::Style(word(*layer)?, Box::new(StyleRecord::of_style(style))),
            Property::Visible(layer, visible) => Self::Visible(word(*layer)?, *visible),
            Property::Method(layer, method) => Self::Method(word(*layer)?, MethodWord(*method)),
            Property::LayerCrs(layer, crs) => Self::LayerCrs(word(*layer)?, crs.clone().map(CrsCode)),
            Property::Joins(layer, joins) => {
                let record = |join: &Join| JoinRecord::of_join(join, relative(folder, &join.path));
                Self::Joins(word(*layer)?, joins.iter().map(record).collect())
            }
            Property::Correction(layer, correction) => {
                Self::Correction(word(*layer)?, correction.clone().map(CorrectionRecord))
            }
            Property::Conversion(layer, conversion) => {
                Self::Conversion(word(*layer)?, conversion.as_deref().map(ConversionRecord::of_conversion))
            }
            Property::Mapping(layer, mapping) => {
                Self::Mapping(word(*layer)?, mapping.as_deref().map(MappingRecord::of_mapping))
            }
            Property::Arrangement(order) => {
                let layer = |(layer, group): &(LayerId, String)| Some((word(*layer)?, group.clone()));
                Self::Arrangement(order.iter().filter_map(layer).collect())
            }
            Property::GroupVisible(group, visible) => Self::GroupVisible(group.clone(), *visible),
            Property::Crs(crs) => Self::Crs(crs.clone().map(CrsCode)),
            Property::Rules(path) => Self::Rules(path.as_deref().map(|path| relative(folder, path))),
            Property::Note(note) => Self::Note(note.clone()),
            Property::Layouts(layouts) => Self::Layouts(layouts.to_vec()),
            Property::Formulas(layer, formulas) => Self::Formulas(word(*layer)?, formulas.to_vec()),
            Property::Bookmarks(bookmarks) => {
                Self::Bookmarks(bookmarks.iter().map(BookmarkRecord::of_bookmark).collect())
            }
            Property::Notes(notes) => Self::Notes(notes.iter().map(MapNoteRecord::of_note).collect()),
            Property::Underlays(underlays) => {
                Self::Underlays(underlays.iter().map(|of| UnderlayRecord::of_underlay(of, folder)).collect())
            }
        })
    }

    pub(super) fn property(&self, layer: &dyn Fn(&str) -> Option<LayerId>, folder: &Path) -> Option<Property> {
        Some(match self {
            Self::Title(word, title) => Property::Title(layer(word)?, title.clone()),
            Self::Style(word, style) => {
                // The record is of a whole style: what it starts from does not matter.
                let style = (**style).clone().into_style(&LayerStyle::single(Symbol::default()));
                Property::Style(layer(word)?, Box::new(style))
            }
            Self::Visible(word, visible) => Property::Visible(layer(word)?, *visible),
            Self::Method(word, method) => Property::Method(layer(word)?, method.0),
            Self::LayerCrs(word, crs) => Property::LayerCrs(layer(word)?, crs.clone().map(|crs| crs.0)),
            Self::Joins(word, joins) => {
                let join = |record: &JoinRecord| record.clone().into_join(joined(folder, &record.path));
                Property::Joins(layer(word)?, joins.iter().map(join).collect())
            }
            Self::Correction(word, correction) => {
                Property::Correction(layer(word)?, correction.clone().map(|correction| correction.0))
            }
            Self::Conversion(word, conversion) => {
                let conversion = conversion.clone().map(|conversion| Arc::new(conversion.into_conversion()));
                Property::Conversion(layer(word)?, conversion)
            }
            Self::Mapping(word, mapping) => {
                let mapping = mapping.clone().map(|mapping| Arc::new(mapping.into_mapping()));
                Property::Mapping(layer(word)?, mapping)
            }
            Self::Arrangement(order) => {
                let order = order.iter().filter_map(|(word, group)| Some((layer(word)?, group.clone())));
                Property::Arrangement(order.collect())
            }
            Self::GroupVisible(group, visible) => Property::GroupVisible(group.clone(), *visible),
            Self::Crs(crs) => Property::Crs(crs.clone().map(|crs| crs.0)),
            Self::Rules(path) => Property::Rules(path.as_deref().map(|path| joined(folder, path))),
            Self::Note(note) => Property::Note(note.clone()),
            Self::Layouts(layouts) => Property::Layouts(Arc::new(layouts.clone())),
            Self::Formulas(word, formulas) => Property::Formulas(layer(word)?, Arc::new(formulas.clone())),
            Self::Bookmarks(bookmarks) => {
                Property::Bookmarks(Arc::new(bookmarks.iter().filter_map(BookmarkRecord::bookmark).collect()))
            }
            Self::Notes(notes) => Property::Notes(Arc::new(notes.iter().filter_map(MapNoteRecord::note).collect())),
            Self::Underlays(underlays) => {
                let underlays = underlays.iter().map(|record| record.clone().into_underlay(folder));
                Property::Underlays(Arc::new(underlays.collect()))
            }
        })
    }
}
