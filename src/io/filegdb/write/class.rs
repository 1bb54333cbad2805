//! A layer as a class of a geodatabase: what it is called there, its fields, its grid, its index.

use super::domains::Domains;
use super::fields::{self, Columns, Stored};
use super::grid::WriteGrid;
use super::table::{FieldKind, PAGE, TableCode, TableField};
use super::{shapes, spatial};
use crate::io::options::{Chosen, WriteOptions};
use crate::model::{Extent, GeometryKind, Layer, Value};

/// How many times as long as it needs to be the list of rows may be.
const MOST_EMPTY: usize = 8;

/// A class that is written.
pub(super) struct Class<'a> {
    pub(super) layer: &'a Layer,
    /// The features that are written, in order.
    pub(super) rows: Vec<usize>,
    /// Their ids, where the class has them as well.
    pub(super) ids: Option<Vec<u32>>,
    pub(super) name: String,
    /// What people call it; empty where that is its name.
    pub(super) alias: String,
    pub(super) columns: Columns,
    /// Its fields: geometry and id, then those of `columns`.
    pub(super) fields: Vec<TableField>,
    pub(super) grid: WriteGrid,
    pub(super) code: TableCode,
    /// Its spatial index, where it has one.
    pub(super) index: Option<Vec<u8>>,
}

impl<'a> Class<'a> {
    /// Of a layer, under a name that none of the classes `before` it has. Its domains are added to `domains`.
    pub(super) fn of(chosen: &Chosen<'a>, before: &[Self], domains: &mut Domains, options: WriteOptions) -> Self {
        let layer = chosen.layer;
        let rows: Vec<usize> = chosen.features().collect();
        let is_taken = |name: &str| before.iter().any(|class| class.name.to_lowercase() == name);
        let name = fields::class_name(&layer.name, is_taken);
        let alias = match (layer.words.alias.as_str(), layer.name.as_str()) {
            ("", plain) if plain == name => "",
            ("", plain) => plain,
            (alias, _) => alias,
        };
        let alias = alias.to_owned();
        let columns = Columns::of(layer, &rows, options);
        let mut grid = WriteGrid::of(layer, &rows);
        let ids = ids(layer, &rows);
        let index = spatial::index(layer, &rows, ids.as_deref(), &grid).map(|(cell, bytes)| {
            grid.cell = cell;
            bytes
        });
        let code = shapes::table_code(layer, &grid);
        let mut list = Vec::new();
        if layer.kind != GeometryKind::None {
            let kind = FieldKind::Geometry { wkt: grid.wkt.clone(), grid: grid.clone(), extent: extent(layer, &rows) };
            list.push(TableField::new("SHAPE", kind, true));
        }
        list.push(TableField::new("OBJECTID", FieldKind::ObjectId, false));
        list.extend(columns.fields.iter().map(|column| {
            let field = TableField::new(&column.name, column.stored.kind(), true);
            let domain = column.coded.as_ref().and_then(|coded| domains.named(coded, column.stored));
            TableField { alias: column.alias.clone(), domain, ..field }
        }));
        Self { layer, rows, ids, name, alias, columns, fields: list, grid, code, index }
    }

    /// Whether it has whole numbers of 64 bits, which older programs do not know.
    pub(super) fn has_big_integers(&self) -> bool {
        self.columns.fields.iter().any(|column| column.stored == Stored::Int64)
    }

    /// Whether it has geometry.
    pub(super) fn is_spatial(&self) -> bool {
        self.layer.kind != GeometryKind::None
    }
}

/// The ids of features as those of a class; `None` where they have none, or others than its rows can have: numbers that
/// ascend. Nor are those kept that lie so far apart that the list of them would be empty nearly everywhere.
pub(super) fn ids(layer: &Layer, rows: &[usize]) -> Option<Vec<u32>> {
    let mut ids: Vec<u32> = Vec::with_capacity(rows.len());
    let mut page_count = 0;
    for feature in rows {
        let (block, row) = layer.locate(*feature);
        let Value::Int(id) = block.ids.as_ref()?.value(row) else { return None };
        // The format has as many as fit into 32 bits with a sign.
        let id = u32::try_from(i32::try_from(id).ok()?).ok().filter(|id| *id > 0)?;
        let page = (id as usize - 1) / PAGE;
        match ids.last() {
            Some(last) if *last >= id => return None,
            Some(last) => page_count += usize::from((*last as usize - 1) / PAGE != page),
            None => page_count += 1,
        }
        ids.push(id);
    }
    (page_count <= MOST_EMPTY * (rows.len().div_ceil(PAGE) + MOST_EMPTY)).then_some(ids)
}

/// The extent of these features.
fn extent(layer: &Layer, rows: &[usize]) -> Extent {
    let mut extent = Extent::EMPTY;
    for feature in rows {
        let (block, row) = layer.locate(*feature);
        extent.union(&block.geometry.feature_extent(row));
    }
    extent
}
