//! Which layer of a schema a layer of a delivery is, by its names.

use super::schema::{FieldSpec, LayerSpec, Schema};
use crate::model::Layer;

/// How a layer was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// By its code, whatever the case.
    ByCode,
    /// By another name, or by a code with something around it.
    ByName,
}

/// The layer of `schema` that `layer` is, with how it was known: by its own name, then the name of its file.
pub(super) fn spec_of(schema: &Schema, layer: &Layer) -> Option<(usize, Known)> {
    let mut names = vec![layer.name.clone()];
    names.extend(layer.provenance.layer.clone());
    if let Some(file) = layer.provenance.path.file_name() {
        // `dltb.geojson.gz`: whatever stands before the first point.
        let file = file.to_string_lossy();
        names.push(file.split('.').next().unwrap_or_default().to_owned());
    }
    // What stands in a folder of an archive.
    for name in &mut names {
        if let Some((_, last)) = name.rsplit_once(['/', '\\']) {
            *name = last.to_owned();
        }
    }
    names.iter().find_map(|name| of_name(schema, name))
}

fn of_name(schema: &Schema, name: &str) -> Option<(usize, Known)> {
    let name = name.trim();
    let at = |is: &dyn Fn(&LayerSpec) -> bool| schema.layers.iter().position(is);
    let same = |other: &str| !other.is_empty() && other.eq_ignore_ascii_case(name);
    if let Some(place) = at(&|layer| same(&layer.code)) {
        return Some((place, Known::ByCode));
    }
    let by_name = |layer: &LayerSpec| same(&layer.name) || layer.synonyms.iter().any(|other| same(other));
    if let Some(place) = at(&by_name) {
        return Some((place, Known::ByName));
    }
    // `370199DLTB`, `DLTB_2025`, `地类图斑2025年`: the code or name among its words, the longest that fits.
    let words = words(name);
    let mut best: Option<(usize, usize)> = None;
    for (place, layer) in schema.layers.iter().enumerate() {
        let names = [&layer.code, &layer.name].into_iter().chain(&layer.synonyms);
        for other in names.filter(|other| !other.is_empty()) {
            let fits = match other.is_ascii() {
                true => words.iter().any(|word| word.eq_ignore_ascii_case(other)),
                false => name.contains(other.as_str()),
            };
            if fits && best.is_none_or(|(_, length)| other.len() > length) {
                best = Some((place, other.len()));
            }
        }
    }
    best.map(|(place, _)| (place, Known::ByName))
}

/// The runs of Latin letters of a name.
fn words(name: &str) -> Vec<&str> {
    name.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).collect()
}

/// The column of a layer that holds a field of `spec`, by code or by another name; `true` where by another name, which no
/// field of the schema goes by itself.
pub(super) fn column_of(layer: &Layer, spec: &LayerSpec, field: &FieldSpec) -> Option<(usize, bool)> {
    let code = field.code.as_str();
    if let Some(at) = layer.field(code) {
        return Some((at, false));
    }
    // A table of a shapefile has room for ten letters.
    if code.len() > 10
        && code.is_ascii()
        && let Some(at) = layer.field(&code[..10])
    {
        return Some((at, false));
    }
    let is_taken = |name: &str| spec.fields.iter().any(|other| other.code.eq_ignore_ascii_case(name));
    // What people call it, where they call no other field of the layer so.
    let is_own = spec.fields.iter().filter(|other| other.alias == field.alias).count() == 1;
    let alias = Some(&field.alias).filter(|alias| is_own && !alias.is_empty());
    let names = field.synonyms.iter().chain(alias);
    let other = names.filter(|name| !is_taken(name)).find_map(|name| layer.field(name));
    other.map(|at| (at, true))
}
