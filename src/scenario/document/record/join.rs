//! A table that is joined to a layer, as a record.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::words::KindWord;
use crate::scenario::document::join::Join;

/// A table that is joined to a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinRecord {
    /// Its source, as that of a layer.
    pub path: String,
    /// Its name in the source, where that can have several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// What its rows are besides.
    pub kind: KindWord,
    /// What it is called.
    pub title: String,
    /// The layer's key field.
    pub key: String,
    /// The table's key field.
    pub table_key: String,
}

impl JoinRecord {
    /// The record of a join whose path reads as `path`.
    pub fn of_join(join: &Join, path: String) -> Self {
        Self {
            path,
            layer: join.layer.clone(),
            kind: KindWord(join.kind),
            title: join.title.clone(),
            key: join.key.clone(),
            table_key: join.table_key.clone(),
        }
    }

    /// The join, whose table is at `path` and not read yet.
    pub fn into_join(self, path: PathBuf) -> Join {
        let Self { layer, kind, title, key, table_key, .. } = self;
        Join { path, layer, kind: kind.0, title, key, table_key, table: None }
    }
}
