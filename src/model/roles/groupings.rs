//! Fields that land is summed by beside its class: who owns it, in which village and street it lies.

use crate::model::Layer;

/// Fields of the kind of right: state-owned or collective.
const OWNERSHIP: &[&str] = &["QSXZ", "权属性质", "土地权属", "ownership"];
/// Fields of the unit that owns or has the land: a village, mostly.
const VILLAGE: &[&str] =
    &["ZLDWMC", "坐落单位名称", "CUNMC", "XZCMC", "行政村", "村名", "QSDWMC", "权属单位名称", "village"];
/// Fields of the street or town.
const STREET: &[&str] = &["XZJDMC", "街道", "乡镇", "街镇", "XZQMC", "行政区名称", "street", "town"];
/// Fields of the project.
const PROJECT: &[&str] = &["XMMC", "项目名称", "项目", "project"];

fn first(layer: &Layer, names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| layer.fields.iter().position(|field| field.name.trim().eq_ignore_ascii_case(name)))
}

/// The field of the kind of right.
pub fn ownership(layer: &Layer) -> Option<usize> {
    first(layer, OWNERSHIP)
}

/// The field of the village that has the land.
pub fn village(layer: &Layer) -> Option<usize> {
    first(layer, VILLAGE)
}

/// The field of the street or town.
pub fn street(layer: &Layer) -> Option<usize> {
    first(layer, STREET)
}

/// All fields that land is summed by beside its class, each once: street, village, ownership, project.
pub fn all(layer: &Layer) -> Vec<usize> {
    let mut fields: Vec<usize> = Vec::new();
    for field in [street(layer), village(layer), ownership(layer), first(layer, PROJECT)].into_iter().flatten() {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}
