//! Which field of a layer holds its classes, names its features, states their areas: by names, then by values.

use super::{Clues, FieldClue};
use crate::model::classes::{self, Detection, Scheme};
use crate::model::roles::zones;
use crate::model::{FieldType, GeometryKind, Layer, NoValue};

/// Fields that hold land-use classes, most specific first, with the field of their names and what they suggest.
pub(super) const CLASS_FIELDS: &[(&str, &str, Option<Scheme>)] = &[
    ("YDYHFLDM", "YDYHFLMC", Some(Scheme::Ydyh2023)),
    ("YDYHDM", "YDYHMC", Some(Scheme::Ydyh2023)),
    ("GHYDDM", "GHYDMC", Some(Scheme::Ydyh2023)),
    ("GHYTDM", "GHYTMC", Some(Scheme::Ydyh2023)),
    ("DLBM", "DLMC", Some(Scheme::Sd2019)),
    ("DLDM", "DLMC", Some(Scheme::Sd2019)),
    ("GHDLBM", "GHDLMC", None),
    ("GHDLDM", "GHDLMC", None),
    ("YDDM", "YDMC", None),
    ("用地用海分类代码", "用地用海分类名称", Some(Scheme::Ydyh2023)),
    ("地类编码", "地类名称", Some(Scheme::Sd2019)),
    ("地类代码", "地类名称", Some(Scheme::Sd2019)),
    ("用地代码", "用地名称", None),
    ("用地编码", "用地名称", None),
    ("地类", "地类名称", None),
    ("DLMC", "", None),
    ("地类名称", "", None),
];

/// Fields by which other data tell land use, most specific first.
const OTHER_CLASS_FIELDS: &[&str] = &[
    "landuse",
    "land_use",
    "landcover",
    "land_cover",
    "lu_code",
    "lucode",
    "zone_code",
    "zone_class",
    "zone_type",
    "zoning",
    "abb_dist_name",
    "dist_name",
    "abbreviated district name",
    "descriptio",
    "use_",
    "fclass",
    "class",
    "category",
    "类别",
    "类型",
    "用途",
    "type",
];

/// Fields that name a feature, most specific first.
const LABEL_FIELDS: &[&str] = &[
    "XMMC",
    "AZQMC",
    "XZQMC",
    "ZLDWMC",
    "CZMC",
    "MC",
    "名称",
    "项目名称",
    "安置区名称",
    "街道",
    "村名",
    "name_zh",
    "name:zh",
    "name",
    "NAME",
    "title",
];

/// Fields that state the whole area of a feature, the most specific first. Net areas, from which strips and slopes are
/// deducted, are none of them.
const AREA_FIELDS: &[&str] = &[
    "TBMJ",
    "YJJBNTTBMJ",
    "JBNTTBMJ",
    "CZKFMJ",
    "GZQMJ",
    "TDYTQMJ",
    "KZMJ",
    "JSMJ",
    "QYMJ",
    "ZMJ",
    "MJ",
    "AREA",
    "图斑面积",
    "永久基本农田图斑面积",
    "基本农田图斑面积",
    "控制面积",
    "计算面积",
    "面积",
];

/// A field of classes, the field of their names, and what the values turned out to be.
pub(super) struct ClassField {
    pub(super) field: String,
    pub(super) name_field: Option<String>,
    pub(super) detection: Option<Detection>,
}

/// The field of land-use codes: one of the known names whose values are codes, else any whose values are.
pub(super) fn find_class_field(clues: &Clues<'_>) -> Option<ClassField> {
    let field_named = |name: &str| clues.fields.iter().find(|field| field.is(name));
    let mut fallback = None;
    for (code, name, hint) in CLASS_FIELDS {
        let Some(field) = field_named(code) else { continue };
        let hint = hint_of_names(clues).or(*hint);
        let detection = classes::detect(&field.used, hint);
        let name_field = field_named(name).map(|field| field.name.clone());
        let known = detection.scheme.is_some();
        let found = ClassField { field: field.name.clone(), name_field, detection: Some(detection) };
        if known {
            return Some(found);
        }
        fallback = fallback.or(Some(found));
    }
    let any = clues.fields.iter().find_map(|field| {
        // Two classes at least, nearly all of them codes: a column of numbers is no class field.
        let detection = classes::detect(&field.used, hint_of_names(clues));
        let count = field.used.iter().filter(|used| NoValue::of_text(&used.code).is_none()).count();
        let convincing = count >= 2 && classes::are_codes(&field.used, &detection);
        convincing.then(|| ClassField { field: field.name.clone(), name_field: None, detection: Some(detection) })
    });
    any.or(fallback)
}

/// Whether fields of that name hold land-use classes, by code or by name.
pub fn is_class_field_name(name: &str) -> bool {
    is("KCDLBM", name)
        || CLASS_FIELDS.iter().any(|(code, named, _)| is(code, name) || (!named.is_empty() && is(named, name)))
}

/// What the names of layer and file say about the scheme: a survey, or a plan.
fn hint_of_names(clues: &Clues<'_>) -> Option<Scheme> {
    let has = |words: &[&str]| {
        let names = [clues.layer_name.to_uppercase(), clues.file_name.to_uppercase()];
        words.iter().any(|word| names.iter().any(|name| name.contains(word)))
    };
    if has(&["规划", "用地用海", "YDYH", "GHYD"]) {
        Some(Scheme::Ydyh2023)
    } else if has(&["三调", "变更调查", "DLTB"]) {
        Some(Scheme::Sd2019)
    } else {
        None
    }
}

pub(super) fn other_class_field(clues: &Clues<'_>) -> Option<ClassField> {
    let found = OTHER_CLASS_FIELDS.iter().find_map(|name| clues.fields.iter().find(|field| is(name, &field.name)))?;
    Some(ClassField { field: found.name.clone(), name_field: None, detection: None })
}

/// Fields that may hold the class of each feature, the likeliest first, with what their values turned out to be.
pub fn class_candidates(clues: &Clues<'_>) -> Vec<(String, Detection)> {
    let hint = hint_of_names(clues);
    let found = clues.fields.iter().filter_map(|field| {
        let known = CLASS_FIELDS.iter().find(|(code, ..)| field.is(code));
        let detection = classes::detect(&field.used, hint.or(known.and_then(|(.., hint)| *hint)));
        let is_one = known.is_some() || classes::are_codes(&field.used, &detection);
        (is_one && detection.scheme.is_some()).then(|| (field.name.clone(), detection))
    });
    let mut found: Vec<(String, Detection)> = found.collect();
    let place = |name: &str| CLASS_FIELDS.iter().position(|(code, ..)| is(code, name)).unwrap_or(usize::MAX);
    found.sort_by_key(|(name, _)| place(name));
    found
}

/// The field of the names of the classes that the field `class` holds the codes of.
pub fn names_class(layer: &Layer, class: &str) -> Option<usize> {
    let (_, name, _) = CLASS_FIELDS.iter().find(|(code, name, _)| is(code, class) && !name.is_empty())?;
    layer.field(name)
}

pub(super) fn zone_field(clues: &Clues<'_>) -> Option<ClassField> {
    // The field of names tells more than that of codes, which differ between sources.
    let of_zones = |field: &&FieldClue| zones::table_of_field(&field.name).is_some();
    let found = clues.fields.iter().filter(of_zones).max_by_key(|field| field.name.to_uppercase().ends_with("MC"))?;
    Some(ClassField { field: found.name.clone(), name_field: None, detection: None })
}

pub(super) fn label_field(clues: &Clues<'_>, class_field: Option<&str>) -> Option<String> {
    let field = LABEL_FIELDS.iter().find_map(|name| clues.fields.iter().find(|field| field.is(name)))?;
    (Some(field.name.as_str()) != class_field).then(|| field.name.clone())
}

/// The field that states the whole area of each feature; only what has an area has one.
pub(super) fn area_field(clues: &Clues<'_>) -> Option<String> {
    let named = |known: &&str| clues.fields.iter().find(|field| field.is(known));
    let field = AREA_FIELDS.iter().filter(|_| clues.kind == GeometryKind::Polygon).find_map(named)?;
    Some(field.name.clone())
}

/// The field of `layer` that states the whole area of each feature, by its name or what its source calls it.
pub fn names_area(layer: &Layer) -> Option<usize> {
    let is_number = |at: &usize| matches!(layer.fields[*at].kind, FieldType::Int | FieldType::Float | FieldType::Text);
    AREA_FIELDS.iter().find_map(|known| {
        let is_so = |at: &usize| {
            let name = &layer.fields[*at].name;
            is(known, name) || layer.words.alias_of(name).is_some_and(|alias| is(known, alias))
        };
        (0..layer.fields.len()).filter(is_number).find(is_so)
    })
}

pub(super) fn is(known: &str, name: &str) -> bool {
    known.eq_ignore_ascii_case(name.trim())
}
