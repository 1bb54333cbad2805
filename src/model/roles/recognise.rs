//! The recognition of a layer's role and class field from names, fields and values.

mod fields;
mod names;

use self::fields::{CLASS_FIELDS, area_field, find_class_field, is, label_field, other_class_field, zone_field};
use self::names::role_by_name;
use super::schema::{self, Confidence, Table};
use super::{Group, Role, zones};
use crate::model::classes::{self, Class, Detection, Scheme, UsedCode};
use crate::model::{FieldType, GeometryKind, Issue, Layer, NoValue, Severity};
use crate::text::Message;
use crate::units::format_number;

pub use self::fields::{class_candidates, is_class_field_name, names_area, names_class};

/// What is known about a layer before its role is.
#[derive(Clone, Debug)]
pub struct Clues<'a> {
    /// Name of the file, with or without folders and extension.
    pub file_name: &'a str,
    /// Name of the layer.
    pub layer_name: &'a str,
    /// What its source calls the layer besides: the alias of a class of a geodatabase; empty where it does not say.
    pub alias: &'a str,
    /// What its features are.
    pub kind: GeometryKind,
    /// Its fields.
    pub fields: Vec<FieldClue>,
}

/// A field and, where it could hold classes, its values.
#[derive(Clone, Debug, Default)]
pub struct FieldClue {
    /// Its name.
    pub name: String,
    /// What its source calls it besides; empty where it does not say.
    pub alias: String,
    /// Its distinct values counted, with the text of the name field beside it; empty where not looked at.
    pub used: Vec<UsedCode>,
}

/// What a layer was recognised as.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognition {
    /// Its role.
    pub role: Role,
    /// Why, in a sentence.
    pub reason: Message,
    /// The field that holds the class of each feature.
    pub class_field: Option<String>,
    /// The field that holds the name of that class.
    pub class_name_field: Option<String>,
    /// The field that names a feature, for labels and search.
    pub label_field: Option<String>,
    /// The scheme of the class field, and what is doubtful about it.
    pub detection: Option<Detection>,
    /// The table of the planning databases that it is, where names or fields tell.
    pub table: Option<&'static Table>,
    /// The field that states the whole area of a feature.
    pub area_field: Option<String>,
    /// What it may be, the likeliest first; the first is what it was taken for.
    pub candidates: Vec<Candidate>,
    /// Whether its user or their office said what it is.
    pub is_said: bool,
}

/// A role that a layer may have, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The role.
    pub role: Role,
    /// The table of the planning databases that it would be.
    pub table: Option<&'static Table>,
    /// Why, in a sentence.
    pub reason: Message,
    /// How sure that is.
    pub confidence: Confidence,
}

impl Recognition {
    /// The scheme of the class field's codes.
    pub fn scheme(&self) -> Option<Scheme> {
        self.detection.as_ref()?.scheme
    }

    /// The heading of the layer tree.
    pub fn group(&self) -> Group {
        self.role.group()
    }

    /// Whether its user had better look at it: what it was taken for rests on little, names and fields say different
    /// things, or the scheme of its classes is open.
    pub fn is_doubtful(&self) -> bool {
        if self.is_said {
            return false;
        }
        let Some(first) = self.candidates.first() else { return false };
        let differs =
            |other: &Candidate| other.role.group() != first.role.group() && other.confidence == Confidence::High;
        first.confidence == Confidence::Low
            || self.candidates.iter().skip(1).any(differs)
            || self.detection.as_ref().is_some_and(|found| found.scheme.is_some() && !found.certain)
    }

    /// Place in the drawing: larger is drawn later, on top.
    pub fn draw_order(&self) -> u8 {
        self.role.draw_order()
    }

    /// What is doubtful about the classes: codes that lost a zero, codes of no scheme, an undecided scheme.
    pub fn issues(&self) -> Vec<Issue> {
        let mut issues = Vec::new();
        let (Some(field), Some(detection)) = (&self.class_field, &self.detection) else { return issues };
        let Some(scheme) = detection.scheme else { return issues };
        if !detection.certain {
            issues.push(Issue::new(Severity::Warning, detection.reason.clone()));
        }
        if let Some(first) = detection.suspects.first() {
            let count: u64 = detection.suspects.iter().map(|suspect| suspect.feature_count).sum();
            let message = Message::new("model.codes-without-zero")
                .with("field", field)
                .with("count", format_number(count as f64, 0))
                .with("example", &first.text)
                .with("code", first.class.code());
            issues.push(Issue::new(Severity::Warning, message));
        }
        if !detection.unknown.is_empty() {
            let count: u64 = detection.unknown.iter().map(|(_, count)| count).sum();
            let examples: Vec<&str> = detection.unknown.iter().take(5).map(|(text, _)| text.as_str()).collect();
            let message = Message::new("model.codes-unknown")
                .with("field", field)
                .with("count", format_number(count as f64, 0))
                .with("examples", examples.join(", "))
                .with_said("scheme", |language| scheme.title(language).to_owned());
            issues.push(Issue::new(Severity::Warning, message));
        }
        issues
    }
}

/// Fields that only one kind of planning layer has.
const SIGNATURES: &[(Role, &[&str])] = &[
    (Role::BasicFarmland, &["YJJBNTTBBH", "YJJBNTTBMJ", "YJJBNTMJ", "JBNTTBBH", "JBNTTBMJ", "JBNTMJ"]),
    (Role::RedLine, &["LHLX", "SLDM", "QYMJ", "HXLX"]),
    (Role::DevelopmentBoundary, &["CZKFMJ", "CZKFBJMJ"]),
    (Role::Resettlement, &["AZQMC", "AZHS", "AZRK", "安置户数", "安置人口", "安置区名称"]),
    (Role::KeyProject, &["XMMC", "XMDM", "项目名称", "项目代码"]),
    (Role::LandUse, &["YDYHFLDM", "YDYHDM", "GHYDDM", "GHDLBM", "DLBM", "DLDM", "地类编码", "用地用海分类代码"]),
];

/// Fields that say what a layer is where no word of its names does.
const WEAK_SIGNATURES: &[(Role, &[&str])] = &[
    (Role::Road, &["highway", "railway"]),
    (Role::Water, &["waterway"]),
    (Role::LandUse, &["landuse", "land_use", "landcover", "zone_code", "zone_class", "zoning"]),
    (Role::Administrative, &["KZMJ", "XZQDM", "adcode"]),
];

/// Tables that a layer looks like by its fields and that are offered.
const MOST_TABLES: usize = 3;

impl FieldClue {
    /// Whether it has that name, or its source calls it so.
    fn is(&self, known: &str) -> bool {
        is(known, &self.name) || (!self.alias.is_empty() && is(known, &self.alias))
    }

    /// What it is sought by: its name where that is one of the databases', what its source calls it otherwise.
    fn spoken(&self) -> &str {
        if self.alias.is_empty() || schema::field(&self.name).is_some() { &self.name } else { &self.alias }
    }
}

impl<'a> Clues<'a> {
    /// The clues that `layer` gives. Looks through the values of fields that could hold classes only.
    pub fn of_layer(layer: &'a Layer) -> Self {
        let file_name = layer.provenance.path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        let mut looked = 0;
        let fields = layer.fields.iter().enumerate().map(|(at, field)| {
            let alias = layer.words.alias_of(&field.name);
            let known =
                CLASS_FIELDS.iter().find(|(code, ..)| is(code, &field.name) || alias.is_some_and(|a| is(code, a)));
            let zone = zones::table_of_field(&field.name).is_some();
            // A class field of an unknown name is sought among the first text fields.
            let candidate = field.kind == FieldType::Text && looked < 16;
            let mut used = Vec::new();
            if known.is_some() || zone {
                let name_field =
                    known.filter(|(_, name, _)| !name.is_empty()).and_then(|(_, name, _)| layer.field(name));
                used = classes::used_codes(layer, at, name_field);
                if name_field.is_none() {
                    name_by_layer(&mut used, &layer.name);
                }
            } else if candidate {
                looked += 1;
                used = sample(layer, at);
            }
            let alias = layer.words.alias_of(&field.name).unwrap_or("").to_owned();
            FieldClue { name: field.name.clone(), alias, used }
        });
        let fields = fields.collect();
        Self { file_name, layer_name: &layer.name, alias: &layer.words.alias, kind: layer.kind, fields }
    }
}

/// A layer that holds one class and is called by it, as drawings and files of virtual globes part them, has the name beside
/// the code.
fn name_by_layer(used: &mut [UsedCode], layer_name: &str) {
    let mut coded = used.iter_mut().filter(|used| NoValue::of_text(&used.code).is_none());
    let (Some(only), None) = (coded.next(), coded.next()) else { return };
    let name = layer_name.rsplit('/').next().unwrap_or(layer_name).trim();
    if Scheme::ALL.iter().any(|scheme| Class::find_by_name(*scheme, name).is_some()) {
        only.name = name.to_owned();
    }
}

/// The distinct values of the first block, or none where they are too many to be classes.
fn sample(layer: &Layer, field: usize) -> Vec<UsedCode> {
    let Some(column) = layer.blocks.first().and_then(|block| block.attributes.column(field)) else {
        return Vec::new();
    };
    if column.distinct_texts().len() > 300 {
        return Vec::new();
    }
    column
        .distinct_texts()
        .map(|text| UsedCode { code: text.to_owned(), name: String::new(), feature_count: 1 })
        .collect()
}

/// The role of a layer, its class field and the scheme of that, from whatever its names, fields and values tell.
pub fn recognise(clues: &Clues<'_>) -> Recognition {
    let mut class = find_class_field(clues);
    let names: Vec<&str> = clues.fields.iter().map(FieldClue::spoken).collect();
    let by_name = role_by_name(clues);
    let is_strong = by_name.as_ref().is_some_and(|found| !found.weak);
    let table = by_name.as_ref().and_then(|found| schema::table(found.code?, &names));
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut add = |role: Role, table: Option<&'static Table>, reason: Message, confidence: Confidence| {
        candidates.push(Candidate { role, table, reason, confidence });
    };
    if let Some(found) = by_name.as_ref().filter(|_| is_strong) {
        add(found.role, table, found.reason.clone(), Confidence::High);
    }
    // Fields that only one kind of planning layer has.
    if let Some((role, reason)) = role_by_field(clues, SIGNATURES) {
        add(role, None, reason, Confidence::Medium);
    }
    if let Some(found) = by_name.as_ref().filter(|_| !is_strong) {
        add(found.role, table, found.reason.clone(), Confidence::Low);
    }
    if let Some((role, reason)) = role_by_field(clues, WEAK_SIGNATURES) {
        add(role, None, reason, Confidence::Low);
    }
    let by_fields = schema::tables_by_fields(&names, clues.kind);
    for &(table, matched, all) in by_fields.iter().take(MOST_TABLES) {
        let reason = Message::new("model.role-by-table")
            .with_said("table", |language| table.label(language))
            .with("schema", table.schema)
            .with("n", matched)
            .with("all", all);
        let sure = if 5 * matched >= 4 * all { Confidence::High } else { Confidence::Medium };
        add(table.role, Some(table), reason, sure);
    }
    let by_values = class.as_ref().filter(|found| found.detection.as_ref().is_some_and(|d| d.scheme.is_some()));
    if let Some(found) = by_values {
        add(Role::LandUse, None, Message::new("model.role-by-values").with("field", &found.field), Confidence::Medium);
    }
    // The first that says anything; of what the fields look like only where nothing else is said.
    let says = |at: usize, candidate: &Candidate| candidate.role != Role::Other || at == 0 && is_strong;
    let taken = candidates.iter().enumerate().find(|(at, candidate)| says(*at, candidate)).map(|(_, found)| found);
    let taken = taken.or(candidates.first());
    let (mut role, mut reason) = match taken {
        Some(taken) => (taken.role, taken.reason.clone()),
        None => (Role::Other, Message::new("model.role-unknown")),
    };
    // A name that is no kind of layer of ours does not keep parcels with classes from being land use.
    if role == Role::Other
        && let Some(found) = by_values
        && table.is_none()
    {
        reason = Message::new("model.role-by-values").with("field", &found.field);
        role = Role::LandUse;
    }
    // Plots that were surveyed for a request lie on the land use that they are cut from.
    let has = |name: &str| clues.fields.iter().any(|field| field.name == name);
    if role == Role::LandUse && !is_strong && (has("界址点数") || has("图形属性")) {
        role = Role::Other;
        reason = Message::new("model.role-surveyed");
    }
    // Land use is made of parcels; points and lines that share its name are something about it.
    if role == Role::LandUse && matches!(clues.kind, GeometryKind::Point | GeometryKind::Line) {
        role = Role::Other;
        reason = Message::new("model.role-unknown");
    }
    if class.is_none() && role == Role::LandUse {
        class = other_class_field(clues);
    }
    if class.is_none() {
        class = zone_field(clues);
    }
    let label_field = label_field(clues, class.as_ref().map(|class| class.field.as_str()));
    let area_field = area_field(clues);
    let (class_field, class_name_field, detection) = match class {
        Some(class) => (Some(class.field), class.name_field, class.detection),
        None => (None, None, None),
    };
    let table = table.or_else(|| by_fields.iter().map(|(table, ..)| *table).find(|table| table.role == role));
    candidates.sort_by_key(|candidate| candidate.role != role || candidate.reason != reason);
    Recognition {
        role,
        reason,
        class_field,
        class_name_field,
        label_field,
        detection,
        table,
        area_field,
        candidates,
        is_said: false,
    }
}

fn role_by_field(clues: &Clues<'_>, signatures: &[(Role, &[&str])]) -> Option<(Role, Message)> {
    signatures.iter().find_map(|(role, names)| {
        let field = clues.fields.iter().find(|field| names.iter().any(|name| field.is(name)))?;
        Some((*role, Message::new("model.role-by-field").with("field", &field.name)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(layer: &str, file: &str, kind: GeometryKind, fields: &[(&str, &[&str])]) -> Recognition {
        let fields = fields.iter().map(|(name, values)| FieldClue {
            name: (*name).to_owned(),
            alias: String::new(),
            used: values
                .iter()
                .map(|v| UsedCode { code: (*v).to_owned(), name: String::new(), feature_count: 1 })
                .collect(),
        });
        recognise(&Clues { file_name: file, layer_name: layer, alias: "", kind, fields: fields.collect() })
    }

    #[test]
    fn a_layer_of_one_class_names_it() {
        let check = |layer: &str, codes: &[&str], expected: &str| {
            let mut used: Vec<UsedCode> = codes
                .iter()
                .map(|code| UsedCode { code: (*code).to_owned(), name: String::new(), feature_count: 3 })
                .collect();
            name_by_layer(&mut used, layer);
            let named = used.iter().find(|used| !used.name.is_empty());
            assert_eq!(named.map_or("", |used| used.name.as_str()), expected, "{layer} {codes:?}");
            classes::detect(&used, Some(Scheme::Sd2019)).scheme
        };
        // 1001 is a railway to the survey and industry to plans.
        assert_eq!(check("工业用地", &["1001"], "工业用地"), Some(Scheme::Ydyh2023));
        assert_eq!(check("现状/铁路用地", &["", "1001"], "铁路用地"), Some(Scheme::Sd2019));
        assert_eq!(check("地块", &["1001"], ""), Some(Scheme::Sd2019));
        assert_eq!(check("工业用地", &["1001", "0701"], ""), Some(Scheme::Sd2019));
    }

    #[test]
    fn names_tell_the_role() {
        let check = |name: &str, expected: Role| {
            let found = of(name, &format!("{name}.geojson"), GeometryKind::Polygon, &[]);
            assert_eq!(found.role, expected, "{name}: {}", found.reason);
        };
        check("CZKFBJ", Role::DevelopmentBoundary);
        check("CZKFBJGX", Role::DevelopmentBoundary);
        check("封库城镇开发边界", Role::DevelopmentBoundary);
        check("济南市城镇开发边界2035", Role::DevelopmentBoundary);
        check("urban_development_boundary", Role::DevelopmentBoundary);
        check("YJJBNTBHTB", Role::BasicFarmland);
        check("永久基本农田", Role::BasicFarmland);
        check("开发边界外永久基本农田", Role::BasicFarmland);
        check("basic-farmland-2025", Role::BasicFarmland);
        check("陆域生态保护红线", Role::RedLine);
        check("STBHHX_370100", Role::RedLine);
        check("ecological_red_line", Role::RedLine);
        check("ecologicalRedLine", Role::RedLine);
        check("建设用地_方案A", Role::ConstructionLand);
        check("大桥街道建设用地", Role::ConstructionLand);
        check("DLTB_2025", Role::LandUse);
        check("JQDLTB", Role::LandUse);
        check("jnDLTB2024", Role::LandUse);
        check("地类图斑 2025", Role::LandUse);
        check("崔寨街道地类图斑", Role::LandUse);
        check("minneapolis_primary_zoning_corrected", Role::LandUse);
        check("kenton_landuse", Role::LandUse);
        check("安置区", Role::Resettlement);
        check("resettlement_sites", Role::Resettlement);
        check("安置区项目", Role::Resettlement);
        check("安置区道路", Role::Road);
        check("已清理土地", Role::ClearedLand);
        check("cleared_land", Role::ClearedLand);
        check("重点项目", Role::KeyProject);
        check("key projects", Role::KeyProject);
        check("行政区", Role::Administrative);
        check("jinan_districts_epsg4527", Role::Administrative);
        check("snezhinsk_osm_roads", Role::Road);
        check("yellow_river_ne10m", Role::Water);
        check("水系", Role::Water);
        // Legacy zones speak of construction land and are not it.
        check("建设用地管制区", Role::Other);
        check("GHFQ", Role::Other);
        check("layer1", Role::Other);
        check("", Role::Other);
        check(".geojson", Role::Other);
    }

    #[test]
    fn fields_and_values_tell_it_where_names_do_not() {
        let polygon = GeometryKind::Polygon;
        let check = |fields: &[(&str, &[&str])], role, class_field: Option<&str>, scheme| {
            let found = of("export_1", "export_1.json", polygon, fields);
            assert_eq!(
                (found.role, found.class_field.as_deref(), found.scheme()),
                (role, class_field, scheme),
                "{fields:?}"
            );
        };
        check(&[("BSM", &[]), ("DLBM", &["0101", "08H2"])], Role::LandUse, Some("DLBM"), Some(Scheme::Sd2019));
        check(&[("dlbm", &["0703", "1401"])], Role::LandUse, Some("dlbm"), Some(Scheme::Ydyh2023));
        // Farmland parcels have a class field too.
        check(
            &[("DLBM", &["0101", "0103"]), ("YJJBNTTBMJ", &[])],
            Role::BasicFarmland,
            Some("DLBM"),
            Some(Scheme::Sd2019),
        );
        check(&[("LHLX", &[])], Role::RedLine, None, None);
        check(&[("XMMC", &[])], Role::KeyProject, None, None);
        check(&[("GHFQMC", &["城镇集中建设区"])], Role::Other, Some("GHFQMC"), None);
        check(&[("landuse", &["grass", "residential"])], Role::LandUse, Some("landuse"), None);
        // A field of any name whose values are codes.
        check(&[("CODE_1", &["0101", "0703", "1401"])], Role::LandUse, Some("CODE_1"), Some(Scheme::Ydyh2023));
        // Plain numbers are none.
        check(&[("n", &["1", "2", "3", "4"])], Role::Other, None, None);
    }

    #[test]
    fn land_use_is_made_of_polygons() {
        assert_eq!(of("DLTB", "", GeometryKind::Point, &[]).role, Role::Other);
        assert_eq!(of("安置区", "", GeometryKind::Point, &[]).role, Role::Resettlement);
    }

    #[test]
    fn labels_come_from_the_field_of_names() {
        let found = of("安置区", "", GeometryKind::Point, &[("id", &[]), ("name", &[]), ("AZQMC", &[])]);
        assert_eq!(found.label_field.as_deref(), Some("AZQMC"));
    }

    #[test]
    fn areas_are_stated_by_the_field_of_whole_ones() {
        let polygon = GeometryKind::Polygon;
        let check = |kind, names: &[&str], expected: Option<&str>| {
            let none: &[&str] = &[];
            let fields: Vec<(&str, &[&str])> = names.iter().map(|name| (*name, none)).collect();
            assert_eq!(of("x", "", kind, &fields).area_field.as_deref(), expected, "{names:?}");
        };
        check(polygon, &["MJ", "TBDLMJ", "tbmj"], Some("tbmj"));
        check(polygon, &["TBDLMJ", "KCMJ"], None);
        check(polygon, &["面积", "图斑面积"], Some("图斑面积"));
        check(GeometryKind::Point, &["TBMJ"], None);
        let fields = vec![FieldClue { name: "F7".to_owned(), alias: "图斑面积".to_owned(), used: Vec::new() }];
        let clues = Clues { file_name: "", layer_name: "x", alias: "", kind: polygon, fields };
        assert_eq!(recognise(&clues).area_field.as_deref(), Some("F7"));
    }

    #[test]
    fn doubts_become_issues() {
        let found = of("x", "", GeometryKind::Polygon, &[("DLBM", &["703", "1401", "0701", "0801", "QQ"])]);
        let kinds: Vec<_> = found.issues().iter().map(Issue::kind).collect();
        assert_eq!(kinds, ["codes-without-zero", "codes-unknown"]);
        let undecided = of("x", "", GeometryKind::Polygon, &[("用地代码", &["1001", "1202"])]);
        assert_eq!(undecided.issues().iter().map(Issue::kind).collect::<Vec<_>>(), ["scheme-undecided"]);
    }
}
