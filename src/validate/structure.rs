//! What a layer is made of: its reference system, its kind of geometry, its fields and their types.

use super::fault::{Fault, Findings, GroupKey, Kind};
use super::names::{Known, column_of};
use super::schema::{FieldKind, FieldSpec, LayerSpec, Projection, Required, Schema};
use crate::crs::CrsSource;
use crate::model::{FieldType, GeometryKind, Layer, Severity};
use crate::task::{Cancelled, Progress};
use crate::text::Message;

/// Fields that programs keep for themselves.
const OWN_FIELDS: [&str; 12] = [
    "FID",
    "OBJECTID",
    "OID",
    "Shape",
    "Shape_Length",
    "Shape_Leng",
    "Shape_Le_1",
    "Shape_Area",
    "SmID",
    "fid",
    "ogc_fid",
    "gid",
];

/// A field of a schema and the column that holds it.
pub(super) struct Held<'a> {
    pub spec: &'a FieldSpec,
    pub column: usize,
}

/// Looks at a layer as a whole, and finds the columns of its fields.
pub(super) fn examine<'a>(
    schema: &Schema,
    spec: &'a LayerSpec,
    known: Known,
    (part, layer): (usize, &Layer),
    findings: &mut Findings,
    progress: &Progress,
) -> Result<Vec<Held<'a>>, Cancelled> {
    let key = |kind| GroupKey::of(kind, part);
    if known == Known::ByName {
        findings.add(key(Kind::LayerName), Severity::Note, || {
            let message = Message::new("validate.says-layer-name").with("name", &layer.name).with("code", &spec.code);
            Fault::new(layer.name.as_str(), message)
        });
    }
    reference_system(schema, (part, layer), findings);
    for issue in layer.issues.iter().filter(|issue| issue.severity == Severity::Error) {
        findings.add(key(Kind::Unreadable), Severity::Error, || Fault::of_issue(issue));
    }
    if layer.feature_count() == 0 && spec.required == Required::Mandatory {
        findings.add(key(Kind::LayerEmpty), spec.basis.limit(Severity::Warning), || {
            Fault::new("0", Message::new("validate.says-layer-empty").with("code", &spec.code))
        });
    }
    if let Some(kind) = spec.geometry.filter(|kind| *kind != layer.kind && layer.feature_count() > 0) {
        findings.add(key(Kind::Geometry), Severity::Error, || {
            let message = Message::new("validate.says-geometry")
                .with_said("found", |l| crate::text::tr(l, geometry_key(layer.kind)).to_owned())
                .with_said("expected", |l| crate::text::tr(l, geometry_key(kind)).to_owned());
            Fault::new(layer.kind.name(), message)
        });
    }
    if layer.kind != GeometryKind::None {
        without_geometry((part, layer), findings, progress)?;
    }
    Ok(fields(spec, (part, layer), findings))
}

/// Key of the name of a kind of geometry.
fn geometry_key(kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::Point => "validate.kind-point",
        GeometryKind::Line => "validate.kind-line",
        GeometryKind::Polygon => "validate.kind-polygon",
        GeometryKind::None => "validate.kind-table",
    }
}

fn reference_system(schema: &Schema, (part, layer): (usize, &Layer), findings: &mut Findings) {
    let Some(wanted) = schema.crs.as_ref().filter(|_| layer.kind != GeometryKind::None) else { return };
    let severity = wanted.basis.limit(wanted.severity);
    let key = || GroupKey::of(Kind::Crs, part);
    let named = |message: Message| message.with_said("crs", |language| layer.crs.label_in(language));
    if layer.crs_source == CrsSource::Undecided {
        findings.add(key(), severity, || Fault::new("", named(Message::new("validate.says-crs-undecided"))));
        return;
    }
    let datum_fits = layer.crs.datum().name().eq_ignore_ascii_case(&wanted.datum);
    let projection_fits = match wanted.projection {
        Projection::GaussKruger => layer.crs.gauss_kruger().is_some(),
        Projection::Geographic => layer.crs.is_geographic(),
        Projection::Any => true,
    };
    if !datum_fits || !projection_fits {
        let projection = match wanted.projection {
            Projection::GaussKruger => "validate.projection-gauss",
            Projection::Geographic => "validate.projection-degrees",
            Projection::Any => "validate.projection-any",
        };
        findings.add(key(), severity, || {
            let message = named(Message::new("validate.says-crs"))
                .with("datum", &wanted.datum)
                .with_said("projection", |l| crate::text::tr(l, projection).to_owned());
            Fault::new(layer.crs.code(), message)
        });
    }
}

/// Features without geometry, or with an empty one.
fn without_geometry(
    (part, layer): (usize, &Layer),
    findings: &mut Findings,
    progress: &Progress,
) -> Result<(), Cancelled> {
    for (block, start) in layer.blocks.iter().zip(&layer.starts) {
        for row in 0..block.geometry.feature_count() {
            if block.geometry.coord_range(row).is_empty() {
                findings.add(GroupKey::of(Kind::NoGeometry, part), Severity::Error, || {
                    let id = layer.field("BSM");
                    Fault::at(layer, start + row, id, "", Message::new("validate.says-no-geometry"))
                });
            }
        }
        progress.tick(0)?;
    }
    Ok(())
}

/// How much it matters that a field is not there: every field of a standard is to be there, filled or not.
fn missing_severity(field: &FieldSpec) -> Severity {
    field.basis.limit(match field.required {
        Required::Mandatory => Severity::Error,
        Required::Conditional => Severity::Warning,
        Required::Optional | Required::Unknown => Severity::Note,
    })
}

fn fields<'a>(spec: &'a LayerSpec, (part, layer): (usize, &Layer), findings: &mut Findings) -> Vec<Held<'a>> {
    let mut held: Vec<Held<'a>> = Vec::new();
    if spec.fields.is_empty() {
        return held;
    }
    let key = |kind, field: &str| GroupKey::of(kind, part).field(field);
    for field in &spec.fields {
        let found = column_of(layer, spec, field);
        match found {
            None => findings.add(key(Kind::FieldMissing, &field.code), missing_severity(field), || {
                let message =
                    Message::new("validate.says-field-missing").with("field", &field.code).with("alias", &field.alias);
                Fault::new("", message)
            }),
            Some((column, renamed)) => {
                let name = &layer.fields[column].name;
                if renamed {
                    let severity = field.basis.limit(Severity::Warning);
                    findings.add(key(Kind::FieldName, &field.code), severity, || {
                        let message =
                            Message::new("validate.says-field-name").with("found", name).with("field", &field.code);
                        Fault::new(name.as_str(), message)
                    });
                }
                let found = layer.fields[column].kind;
                if !fits(field.kind, found) {
                    let severity = field.basis.limit(Severity::Error);
                    findings.add(key(Kind::FieldType, &field.code), severity, || {
                        let message = Message::new("validate.says-field-type")
                            .with("field", &field.code)
                            .with_said("found", |l| crate::text::tr(l, type_key(found)).to_owned())
                            .with_said("expected", |l| crate::text::tr(l, kind_key(field.kind)).to_owned());
                        Fault::new(found.name(), message)
                    });
                }
                held.push(Held { spec: field, column });
            }
        }
    }
    for (column, field) in layer.fields.iter().enumerate() {
        let is_own = OWN_FIELDS.iter().any(|own| own.eq_ignore_ascii_case(&field.name));
        if is_own || held.iter().any(|held| held.column == column) {
            continue;
        }
        findings.add(key(Kind::FieldExtra, &field.name), Severity::Note, || {
            Fault::new("", Message::new("validate.says-field-extra").with("field", &field.name))
        });
    }
    held
}

/// Whether values of that type may stand in such a field.
fn fits(wanted: FieldKind, found: FieldType) -> bool {
    match wanted {
        _ if found == FieldType::Null => true,
        // Codes that became numbers have lost their zeros.
        FieldKind::Text => found == FieldType::Text,
        FieldKind::Int => found == FieldType::Int,
        FieldKind::Float => matches!(found, FieldType::Int | FieldType::Float),
        // Formats without days keep them as text or as a number of eight digits.
        FieldKind::Date => matches!(found, FieldType::Text | FieldType::Int),
        FieldKind::Binary => true,
    }
}

/// Key of the name of a type that a layer has.
fn type_key(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Null => "validate.type-none",
        FieldType::Bool => "validate.type-bool",
        FieldType::Int => "validate.type-int",
        FieldType::Float => "validate.type-float",
        FieldType::Text => "validate.type-text",
        FieldType::Json => "validate.type-json",
    }
}

/// Key of the name of a type that a schema asks for.
fn kind_key(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "validate.type-text",
        FieldKind::Int => "validate.type-int",
        FieldKind::Float => "validate.type-float",
        FieldKind::Date => "validate.type-date",
        FieldKind::Binary => "validate.type-binary",
    }
}
