//! Layers of one kind in one system as one layer: the counties of a province, a file each.
//!
//! Columns are shared, not copied. Fields are the same where their names are, capitals aside; what a part lacks is null there.
//! Where types differ the field has the one that holds both. A field behind the others says which part a feature is from.

use std::borrow::Cow;
use std::sync::Arc;

use super::attributes::{AttributeBlock, Column, Field, FieldType, StoredColumn, StoredTexts, StoredValues};
use super::{FeatureBlock, Layer};

/// What the fields of the parts do not have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Parts without a field that others have.
    Lacks {
        /// The field.
        field: String,
        /// The parts, by their place.
        parts: Vec<usize>,
    },
    /// Parts where a field is of another type than in the first that has it.
    Type {
        /// The field.
        field: String,
        /// Its type there.
        first: FieldType,
        /// The first other type.
        other: FieldType,
        /// The parts, by their place.
        parts: Vec<usize>,
    },
}

/// A part of a union: a layer, and what its features are said to be from.
pub struct Part<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// What its features are said to be from.
    pub origin: String,
}

/// The layers of `parts`, in that order, as one called `name`, and what they do not have in common. `origin` is what the
/// field is called that says which part a feature is from; where a part has such a field, a number is put behind.
///
/// Kind, system and why are those of the first part; the parts are expected to share kind and system. `None` where there is
/// no part.
pub fn unite(parts: &[Part<'_>], name: String, origin: &str) -> Option<(Layer, Vec<Difference>)> {
    let first = parts.first()?.layer;
    let (mut fields, differences) = fields_of(parts);
    let is_free = |name: &str| fields.iter().all(|field| !field.name.eq_ignore_ascii_case(name));
    let numbered = (2..).map(|nth| format!("{origin}{nth}"));
    let free = std::iter::once(origin.to_owned()).chain(numbered).find(|name| is_free(name))?;
    let own_count = fields.len();
    fields.push(Field { name: free, kind: FieldType::Text });
    let mut blocks = Vec::new();
    for part in parts {
        let places: Vec<Option<usize>> =
            fields[..own_count].iter().map(|field| place_of(&part.layer.fields, &field.name)).collect();
        for (block, start) in part.layer.blocks.iter().zip(&part.layer.starts) {
            blocks.push(united_block(block, *start, &places, &part.origin));
        }
    }
    let mut layer = Layer::new(name, first.kind, first.crs.clone(), fields, blocks);
    layer.crs_source = first.crs_source;
    layer.crs_reason = first.crs_reason.clone();
    layer.axes_swapped = first.axes_swapped;
    layer.words = first.words.clone();
    layer.drawn = first.drawn.clone();
    Some((layer, differences))
}

/// The field of that name: exactly, else in other capitals.
fn place_of(fields: &[Field], name: &str) -> Option<usize> {
    let exact = fields.iter().position(|field| field.name == name);
    exact.or_else(|| fields.iter().position(|field| field.name.eq_ignore_ascii_case(name)))
}

/// The fields of all parts in the order in which they first come, and where the parts differ.
fn fields_of(parts: &[Part<'_>]) -> (Vec<Field>, Vec<Difference>) {
    let mut fields: Vec<Field> = Vec::new();
    for part in parts {
        for field in part.layer.fields.iter() {
            match place_of(&fields, &field.name) {
                Some(at) => fields[at].kind = fields[at].kind.widened(field.kind),
                None => fields.push(field.clone()),
            }
        }
    }
    let mut differences = Vec::new();
    for field in &fields {
        let own = |part: &Part<'_>| place_of(&part.layer.fields, &field.name).map(|at| part.layer.fields[at].kind);
        let kinds: Vec<Option<FieldType>> = parts.iter().map(own).collect();
        let places = |wanted: &dyn Fn(&Option<FieldType>) -> bool| -> Vec<usize> {
            kinds.iter().enumerate().filter(|(_, kind)| wanted(kind)).map(|(at, _)| at).collect()
        };
        let lacking = places(&|kind| kind.is_none());
        if !lacking.is_empty() {
            differences.push(Difference::Lacks { field: field.name.clone(), parts: lacking });
        }
        // A column without any value is of every type.
        let mut known = kinds.iter().flatten().copied().filter(|kind| *kind != FieldType::Null);
        let Some(first) = known.next() else { continue };
        if let Some(other) = known.find(|kind| *kind != first) {
            let parts = places(&|kind| kind.is_some_and(|kind| kind != first && kind != FieldType::Null));
            differences.push(Difference::Type { field: field.name.clone(), first, other, parts });
        }
    }
    (fields, differences)
}

/// A block with its columns where the union has them.
fn united_block(block: &FeatureBlock, start: usize, places: &[Option<usize>], origin: &str) -> FeatureBlock {
    let row_count = block.geometry.feature_count();
    let mut columns: Vec<Option<Arc<Column>>> =
        places.iter().map(|place| block.attributes.shared_column((*place)?).cloned()).collect();
    columns.push(origin_column(origin, row_count).map(Arc::new));
    let attributes = AttributeBlock::of_shared(columns, row_count).expect("columns of one block have its rows");
    let source_rows = match block.source_rows.is_empty() {
        true => (start as u32..(start + row_count) as u32).collect(),
        false => block.source_rows.clone(),
    };
    FeatureBlock { attributes: Arc::new(attributes), source_rows, ..block.clone() }
}

/// A column that has one text in every row.
fn origin_column(origin: &str, row_count: usize) -> Option<Column> {
    let texts = StoredTexts {
        joined: Cow::Borrowed(origin),
        offsets: Cow::Owned(vec![0, u32::try_from(origin.len()).ok()?]), // no name is as long
        codes: Cow::Owned(vec![0; row_count]),
    };
    Column::of_stored(StoredColumn { rows: None, values: StoredValues::Text(texts), row_count })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::model::{AttributeBuilder, Coord, GeometryBuilder, GeometryKind, Value};

    /// Points with these fields, one row a list of values.
    fn layer(fields: &[&str], rows: &[&[Value<'_>]]) -> Layer {
        let (mut geometry, mut attributes) = (GeometryBuilder::new(GeometryKind::Point), AttributeBuilder::new());
        for row in rows {
            geometry.coord(Coord { x: 117.0, y: 36.0 });
            geometry.end_feature();
            for (at, value) in row.iter().enumerate() {
                let column = attributes.column(fields[at], at);
                attributes.set(column, *value);
            }
            attributes.end_row();
        }
        let (fields, mut blocks) = crate::model::attributes::unify(vec![attributes.finish()]);
        let block = FeatureBlock::of_parts(geometry.finish(), blocks.remove(0));
        Layer::new("a".to_owned(), GeometryKind::Point, Crs::wgs84(), fields, vec![block])
    }

    #[test]
    fn features_keep_their_values_and_say_where_they_are_from() {
        let a = layer(&["DLBM", "n"], &[&[Value::Text("0101"), Value::Int(1)], &[Value::Text("0103"), Value::Int(2)]]);
        let b = layer(&["n", "dlbm", "more"], &[&[Value::Float(0.5), Value::Text("0301"), Value::Bool(true)]]);
        let parts = [("甲县", &a), ("乙县", &b)].map(|(origin, layer)| Part { layer, origin: origin.to_owned() });
        let (whole, differences) = unite(&parts, "省".to_owned(), "来源").expect("of two parts");
        let names: Vec<&str> = whole.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["DLBM", "n", "more", "来源"]);
        assert_eq!(whole.fields[1].kind, FieldType::Float);
        let row =
            |feature: usize| (0..4).map(|field| whole.value(feature, field).to_string()).collect::<Vec<_>>().join(",");
        assert_eq!([row(0), row(1), row(2)], ["0101,1,,甲县", "0103,2,,甲县", "0301,0.5,true,乙县"]);
        assert_eq!([whole.source_row(1), whole.source_row(2)], [1, 0], "rows of their own files");
        let lacks = Difference::Lacks { field: "more".to_owned(), parts: vec![0] };
        let (first, other) = (FieldType::Int, FieldType::Float);
        let differs = Difference::Type { field: "n".to_owned(), first, other, parts: vec![1] };
        assert_eq!(differences, [differs, lacks]);
        // The columns are those of the parts.
        assert!(Arc::ptr_eq(&whole.blocks[0].geometry, &a.blocks[0].geometry));
    }

    #[test]
    fn the_field_of_the_parts_takes_no_name_that_is_there() {
        let a = layer(&["来源", "来源2"], &[&[Value::Int(1), Value::Int(2)]]);
        let parts = [Part { layer: &a, origin: "a".to_owned() }];
        let (whole, differences) = unite(&parts, "b".to_owned(), "来源").expect("of one part");
        assert_eq!((whole.fields[2].name.as_str(), differences.len()), ("来源3", 0));
        assert!(unite(&[], "b".to_owned(), "来源").is_none());
    }
}
