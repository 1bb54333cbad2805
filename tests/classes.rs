//! Class schemes and the recognition of layers, against outside tables and real files.

use std::collections::BTreeMap;

use tuban::model::GeometryKind;
use tuban::model::classes::{Class, ColorBasis, Scheme, UsedCode};
use tuban::model::roles::{Clues, FieldClue, Recognition, Role, recognise};
use tuban::text::Language;

use crate::shared::folder;

/// Every row of the outside table stands in ours with the same names, level, parent and colour.
#[test]
fn the_schemes_agree_with_the_outside_table() {
    let Some(path) = folder("land-use codes", "reference/landuse_codes.csv") else { return };
    let mut compared = 0;
    for record in csv::Reader::from_path(path).expect("readable").records() {
        let record = record.expect("CSV");
        let scheme = Scheme::from_name(&record[9]).expect("a known scheme");
        let class = Class::find(scheme, &record[0]).unwrap_or_else(|| panic!("no class {scheme:?} {}", &record[0]));
        assert_eq!(class.name(Language::Chinese), &record[1], "{class:?}");
        assert_eq!(class.name(Language::English), &record[2], "{class:?}");
        assert_eq!(class.level().to_string(), &record[3], "{class:?}");
        assert_eq!(class.parent().map_or("", Class::code), &record[4], "{class:?}");
        let color = class.color();
        let ours = [color.r, color.g, color.b].map(|c| c.to_string());
        if scheme == Scheme::Sd2019 && ["06", "0603"].contains(&class.code()) {
            // White in the source, which has none: those of the plan scheme stand in.
            assert_eq!(class.color_basis(), ColorBasis::Assigned);
        } else {
            assert_eq!(ours, [&record[5], &record[6], &record[7]], "{class:?}");
        }
        compared += 1;
    }
    println!("land-use codes: {compared} classes compared, 0 skipped");
    assert_eq!(compared, 256);
}

/// Names and aliases of the outside list of planning layers are recognised as what they are.
#[test]
fn planning_layers_are_recognised_by_every_alias() {
    let Some(path) = folder("control zones", "reference/control_zones.csv") else { return };
    let role_of = |code: &str| match code {
        "YJJBNTBHTB" => Role::BasicFarmland,
        "STBHHX" => Role::RedLine,
        "CZKFBJ" => Role::DevelopmentBoundary,
        "DLTB" | "ZXCQGHYDYH" => Role::LandUse,
        "XZQ" => Role::Administrative,
        _ => Role::Other,
    };
    let mut names: BTreeMap<String, Role> = BTreeMap::new();
    for record in csv::Reader::from_path(path).expect("readable").records() {
        let record = record.expect("CSV");
        let role = role_of(&record[0]);
        names.insert(record[0].to_owned(), role);
        for alias in record[11].split(';').filter(|alias| alias.is_ascii() || role != Role::Other) {
            // Notes in parentheses are no names.
            if !alias.is_empty() && !alias.contains(['(', ' ']) {
                names.insert(alias.to_owned(), role);
            }
        }
    }
    for (name, role) in &names {
        for written in [name.clone(), format!("{name}.geojson"), format!("370100{name}_2025")] {
            let clues = Clues {
                file_name: "",
                layer_name: &written,
                alias: "",
                kind: GeometryKind::Polygon,
                fields: Vec::new(),
            };
            assert_eq!(recognise(&clues).role, *role, "{written}");
        }
    }
    println!("control zones: {} names recognised, 0 skipped", names.len());
    assert!(names.len() > 30);
}

/// Real files: role, class field and scheme by their names, fields and values.
#[test]
fn real_files_are_recognised() {
    let Some(data) = folder("recognition", "data") else { return };
    let check = |file: &str, role: Role, class_field: Option<&str>, label_field: Option<&str>| {
        let found = recognise_file(&data.join(file));
        assert_eq!(found.role, role, "{file}: {}", found.reason);
        assert_eq!(found.class_field.as_deref(), class_field, "{file}");
        assert_eq!(found.label_field.as_deref(), label_field, "{file}");
        assert_eq!(found.scheme(), None, "{file}");
    };
    let cases = [
        ("plans/minneapolis_primary_zoning.geojson", Role::LandUse, Some("ZONE_CODE"), None),
        ("plans/minneapolis_boundary.geojson", Role::Administrative, None, None),
        ("plans/chicago_zoning_2025-04-17.geojson", Role::LandUse, Some("zone_class"), None),
        ("plans/vermont_charlotte_zoning.geojson", Role::LandUse, Some("ABB_DIST_NAME"), None),
        ("plans/kenton_landuse.geojson", Role::LandUse, Some("DESCRIPTIO"), None),
        ("plans/snezhinsk_osm_landuse.geojson", Role::LandUse, Some("landuse"), Some("name")),
        ("plans/snezhinsk_osm_roads.geojson", Role::Road, None, Some("name")),
        ("plans/snezhinsk_osm_railway.geojson", Role::Road, None, None),
        ("plans/snezhinsk_osm_water.geojson", Role::Water, None, Some("name")),
        ("china_amap/jinan_districts_epsg4527.geojson", Role::Administrative, None, Some("name")),
        ("china_amap/jinan_town_points_gcj02.geojson", Role::Administrative, None, Some("name")),
        ("china/yellow_river_ne10m.geojson", Role::Water, None, Some("name")),
    ];
    for (file, role, class_field, label_field) in cases {
        check(file, role, class_field, label_field);
    }
    println!("recognition: {} files, 0 skipped", cases.len());
}

fn recognise_file(path: &std::path::Path) -> Recognition {
    let text = std::fs::read_to_string(path).expect("readable");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let features = json["features"].as_array().expect("features");
    let mut names: Vec<String> = Vec::new();
    let mut values: Vec<BTreeMap<String, u64>> = Vec::new();
    for (name, value) in features.iter().filter_map(|feature| feature["properties"].as_object()).flatten() {
        let at = names.iter().position(|known| known == name).unwrap_or_else(|| {
            names.push(name.clone());
            values.push(BTreeMap::new());
            names.len() - 1
        });
        if let Some(text) = value.as_str() {
            *values[at].entry(text.to_owned()).or_default() += 1;
        }
    }
    let fields = names.into_iter().zip(values).map(|(name, values)| {
        let used = values.into_iter().filter(|(code, _)| !code.is_empty());
        let used = used.map(|(code, feature_count)| UsedCode { code, name: String::new(), feature_count });
        FieldClue { name, alias: String::new(), used: used.collect() }
    });
    let kind = match features[0]["geometry"]["type"].as_str() {
        Some("Point" | "MultiPoint") => GeometryKind::Point,
        Some("LineString" | "MultiLineString") => GeometryKind::Line,
        _ => GeometryKind::Polygon,
    };
    let file_name = path.file_name().and_then(|name| name.to_str()).expect("a name");
    let layer_name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
    recognise(&Clues { file_name, layer_name, alias: "", kind, fields: fields.collect() })
}

/// Every table of the outside schemas is recognised by its code, its Chinese name and its other names.
#[test]
fn tables_of_the_planning_databases_are_recognised_by_every_name() {
    let Some(_) = folder("database tables", "reference/schema_README.md") else { return };
    let mut compared = 0;
    for file in ["reference/schema_sd2019.csv", "reference/schema_gtkjgh.csv"] {
        let Some(path) = folder("database tables", file) else { return };
        let mut fields: BTreeMap<String, Vec<[String; 2]>> = BTreeMap::new();
        for record in csv::Reader::from_path(path).expect("readable").records() {
            let record = record.expect("CSV");
            let (kind, code) = (&record[0], record[2].trim_end_matches('*').to_owned());
            if kind == "field" {
                fields.entry(code).or_default().push([record[10].to_owned(), record[11].to_owned()]);
                continue;
            }
            // Chinese names in brackets tell points from lines; what is not known for certain is no name.
            let zh = record[3].split(['(', '（']).next().unwrap_or_default().to_owned();
            for name in [code.clone(), zh].into_iter().filter(|name| !name.contains('/')) {
                let clues = Clues {
                    file_name: "",
                    layer_name: &name,
                    alias: "",
                    kind: GeometryKind::Polygon,
                    fields: Vec::new(),
                };
                let found = recognise(&clues);
                assert!(found.table.is_some(), "{name}: {}", found.reason);
                compared += 1;
            }
            let found = tuban::model::roles::schema::table(&code, &[]).unwrap_or_else(|| panic!("no table {code}"));
            assert_eq!(found.code, code);
        }
        for (code, fields) in fields {
            for [field, zh] in fields {
                let known = tuban::model::roles::schema::tables().iter().filter(|table| table.code == code);
                let known =
                    known.filter_map(|table| table.field(&field)).any(|known| known.title(Language::Chinese) == zh);
                assert!(known, "{code}.{field} {zh}");
                compared += 1;
            }
        }
    }
    println!("database tables: {compared} names compared, 0 skipped");
    assert!(compared > 2000, "{compared}");
}
