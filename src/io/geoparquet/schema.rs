//! Columns of a file, and what it says of its geometry.
//!
//! The member `geo` of the file's notes names the columns of geometry (GeoParquet 0.1 to 1.1). Without it, a column whose
//! type is the geometry of Parquet itself counts. What neither names is a table.

use parquet::basic::{CompressionCodec, ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::file::metadata::ParquetMetaData;
use parquet::schema::types::{ColumnDescriptor, Type};
use serde_json::Value as Json;

use super::super::ReadError;
use super::super::findings::listed;
use crate::crs::Declared;
use crate::model::{GeometryKind, Issue, Severity};
use crate::text::Message;

/// How the values of a column are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Bool,
    /// Whole numbers, in 32 or 64 bits.
    Int,
    /// Whole numbers that are not below zero.
    Unsigned,
    Float,
    HalfFloat,
    Text,
    Json,
    /// Digits behind the point.
    Decimal(i32),
    Date,
    /// Parts of a second in one.
    Time(i64),
    /// Parts of a second in one, and whether it is of UTC.
    Timestamp(i64, bool),
    /// Twelve bytes: a day and a time of day.
    OldTimestamp,
    Uuid,
    Binary,
}

/// A column that becomes a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) leaf: usize,
    pub(super) kind: Kind,
}

/// How the geometry is kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Geometry {
    Binary(usize),
    Text(usize),
    /// As coordinates in lists of that depth: the columns of x, y and of z where there are heights.
    Lists {
        shape: Shape,
        x: usize,
        y: usize,
        z: Option<usize>,
    },
}

/// What coordinates in lists are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Point,
    MultiPoint,
    Line,
    MultiLine,
    Polygon,
    MultiPolygon,
}

impl Shape {
    fn of(encoding: &str) -> Option<Self> {
        Some(match encoding {
            "point" => Self::Point,
            "multipoint" => Self::MultiPoint,
            "linestring" => Self::Line,
            "multilinestring" => Self::MultiLine,
            "polygon" => Self::Polygon,
            "multipolygon" => Self::MultiPolygon,
            _ => return None,
        })
    }

    /// How deep the lists are.
    pub(super) fn depth(self) -> i16 {
        match self {
            Self::Point => 0,
            Self::MultiPoint | Self::Line => 1,
            Self::MultiLine | Self::Polygon => 2,
            Self::MultiPolygon => 3,
        }
    }

    pub(super) fn kind(self) -> GeometryKind {
        match self {
            Self::Point | Self::MultiPoint => GeometryKind::Point,
            Self::Line | Self::MultiLine => GeometryKind::Line,
            Self::Polygon | Self::MultiPolygon => GeometryKind::Polygon,
        }
    }
}

/// What is read of a file.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) fields: Vec<Field>,
    pub(super) geometry: Option<Geometry>,
    /// The kind of all geometries, as far as the file says.
    pub(super) kind: Option<GeometryKind>,
    pub(super) declared: Option<Declared>,
    pub(super) issues: Vec<Issue>,
}

impl Schema {
    /// Reads what a file says.
    ///
    /// # Errors
    /// Where a column that is read is packed in a way that is not known.
    pub(super) fn of(metadata: &ParquetMetaData) -> Result<Self, ReadError> {
        let notes = Notes::of(metadata);
        let descriptor = metadata.file_metadata().schema_descr();
        let roots = descriptor.root_schema().get_fields();
        let leaves: Vec<(usize, usize)> =
            (0..descriptor.num_columns()).map(|leaf| (descriptor.get_column_root_idx(leaf), leaf)).collect();
        let mut schema = Self { fields: Vec::new(), geometry: None, kind: None, declared: None, issues: Vec::new() };
        let (mut nested, mut further) = (Vec::new(), Vec::new());
        let primary = notes.primary(roots.iter().map(|root| root.name()));
        for (at, root) in roots.iter().enumerate() {
            let own: Vec<usize> = leaves.iter().filter(|(root, _)| *root == at).map(|(_, leaf)| *leaf).collect();
            let name = root.name();
            let typed = own.first().and_then(|leaf| geometry_type(&descriptor.column(*leaf)));
            let is_geometry = notes.column(name).is_some() || typed.is_some();
            let is_meant = if notes.is_there { primary.as_deref() == Some(name) } else { is_geometry };
            if is_geometry && is_meant && schema.geometry.is_none() {
                let encoding = notes.column(name).and_then(|column| column.get("encoding")?.as_str()).unwrap_or("WKB");
                schema.geometry = geometry(root, &own, encoding, &|leaf| descriptor.column(leaf).name().to_owned());
                match &schema.geometry {
                    Some(_) => {
                        schema.kind = notes.kind(name);
                        let (declared, issues) = notes.declared(name, typed.flatten(), metadata);
                        schema.declared = declared;
                        schema.issues.extend(issues);
                        continue;
                    }
                    None => {
                        let message = Message::new("io.pq-encoding").with("name", name).with("encoding", encoding);
                        schema.issues.push(Issue::new(Severity::Error, message));
                        continue;
                    }
                }
            }
            if is_geometry {
                further.push(name);
            } else if notes.is_covering(name) {
                // Boxes of the geometries: worked out anew where they are wanted.
            } else if let ([leaf], true, true) = (own.as_slice(), root.is_primitive(), !is_repeated(root)) {
                schema.add(name, *leaf, kind_of(&descriptor.column(*leaf)));
            } else {
                nested.push(name);
            }
        }
        let binary: Vec<String> =
            schema.fields.iter().filter(|field| field.kind == Kind::Binary).map(|field| field.name.clone()).collect();
        schema.fields.retain(|field| field.kind != Kind::Binary);
        let binary: Vec<&str> = binary.iter().map(String::as_str).collect();
        for (key, names) in
            [("io.pq-nested", nested), ("io.gpkg-further-geometry", further), ("io.gpkg-binary", binary)]
        {
            if !names.is_empty() {
                let message = Message::new(key).with("count", names.len()).with("names", listed(&names));
                schema.issues.push(Issue::new(Severity::Warning, message));
            }
        }
        schema.check_packing(metadata)?;
        Ok(schema)
    }

    fn add(&mut self, wanted: &str, leaf: usize, kind: Kind) {
        let mut name = wanted.to_owned();
        let mut number = 1;
        while self.fields.iter().any(|field| field.name == name) {
            number += 1;
            name = format!("{wanted}_{number}");
        }
        self.fields.push(Field { name, leaf, kind });
    }

    /// The columns that are read, by their numbers.
    pub(super) fn leaves(&self) -> Vec<usize> {
        let mut leaves: Vec<usize> = self.fields.iter().map(|field| field.leaf).collect();
        match self.geometry {
            Some(Geometry::Binary(leaf) | Geometry::Text(leaf)) => leaves.push(leaf),
            Some(Geometry::Lists { x, y, z, .. }) => leaves.extend([x, y].into_iter().chain(z)),
            None => {}
        }
        leaves
    }

    fn check_packing(&self, metadata: &ParquetMetaData) -> Result<(), ReadError> {
        for group in metadata.row_groups() {
            for column in self.leaves().into_iter().filter_map(|leaf| group.columns().get(leaf)) {
                let codec = column.compression_codec();
                let is_known = matches!(
                    codec,
                    CompressionCodec::UNCOMPRESSED
                        | CompressionCodec::SNAPPY
                        | CompressionCodec::GZIP
                        | CompressionCodec::ZSTD
                );
                if !is_known {
                    let message = Message::new("io.pq-packed").with("name", format!("{codec:?}"));
                    return Err(ReadError::Format(message));
                }
            }
        }
        Ok(())
    }
}

fn is_repeated(root: &Type) -> bool {
    root.get_basic_info().has_repetition() && root.get_basic_info().repetition() == Repetition::REPEATED
}

/// Whether a column is geometry by its type, and the CRS that this says.
fn geometry_type(column: &ColumnDescriptor) -> Option<Option<String>> {
    match column.logical_type_ref()? {
        LogicalType::Geometry(geometry) => Some(geometry.crs.clone()),
        LogicalType::Geography(geography) => Some(geography.crs.clone()),
        _ => None,
    }
}

/// How a column keeps geometry in that encoding; `None` where it does not.
fn geometry(root: &Type, own: &[usize], encoding: &str, name_of: &dyn Fn(usize) -> String) -> Option<Geometry> {
    let upper = encoding.to_ascii_uppercase();
    if let ("WKB" | "WKT", [leaf], true) = (upper.as_str(), own, root.is_primitive()) {
        let is_bytes = root.get_physical_type() == Physical::BYTE_ARRAY && !is_repeated(root);
        return is_bytes.then_some(if upper == "WKB" { Geometry::Binary(*leaf) } else { Geometry::Text(*leaf) });
    }
    let shape = Shape::of(encoding.strip_prefix("geoarrow.").unwrap_or(encoding))?;
    let leaf = |name: &str| own.iter().copied().find(|leaf| name_of(*leaf) == name);
    Some(Geometry::Lists { shape, x: leaf("x")?, y: leaf("y")?, z: leaf("z") })
}

/// How the values of a column are read.
fn kind_of(column: &ColumnDescriptor) -> Kind {
    let per_second = |unit: &TimeUnit| match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    };
    let physical = column.physical_type();
    let is_whole = matches!(physical, Physical::INT32 | Physical::INT64);
    let is_bytes = physical == Physical::BYTE_ARRAY;
    let by_logical = match column.logical_type_ref() {
        Some(LogicalType::String | LogicalType::Enum) if is_bytes => Some(Kind::Text),
        Some(LogicalType::Json) if is_bytes => Some(Kind::Json),
        Some(LogicalType::Decimal(decimal)) => Some(Kind::Decimal(decimal.scale)),
        Some(LogicalType::Date) if physical == Physical::INT32 => Some(Kind::Date),
        Some(LogicalType::Time(time)) if is_whole => Some(Kind::Time(per_second(&time.unit))),
        Some(LogicalType::Timestamp(time)) if physical == Physical::INT64 => {
            Some(Kind::Timestamp(per_second(&time.unit), time.is_adjusted_to_u_t_c))
        }
        Some(LogicalType::Integer(int)) if is_whole && !int.is_signed => Some(Kind::Unsigned),
        Some(LogicalType::Uuid) if physical == Physical::FIXED_LEN_BYTE_ARRAY => Some(Kind::Uuid),
        Some(LogicalType::Float16) if physical == Physical::FIXED_LEN_BYTE_ARRAY => Some(Kind::HalfFloat),
        _ => None,
    };
    let by_converted = || match column.converted_type() {
        ConvertedType::UTF8 | ConvertedType::ENUM if is_bytes => Some(Kind::Text),
        ConvertedType::JSON if is_bytes => Some(Kind::Json),
        ConvertedType::DECIMAL => Some(Kind::Decimal(column.type_scale())),
        ConvertedType::DATE if physical == Physical::INT32 => Some(Kind::Date),
        ConvertedType::TIME_MILLIS if is_whole => Some(Kind::Time(1_000)),
        ConvertedType::TIME_MICROS if is_whole => Some(Kind::Time(1_000_000)),
        ConvertedType::TIMESTAMP_MILLIS if physical == Physical::INT64 => Some(Kind::Timestamp(1_000, true)),
        ConvertedType::TIMESTAMP_MICROS if physical == Physical::INT64 => Some(Kind::Timestamp(1_000_000, true)),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64
            if is_whole =>
        {
            Some(Kind::Unsigned)
        }
        _ => None,
    };
    by_logical.or_else(by_converted).unwrap_or(match physical {
        Physical::BOOLEAN => Kind::Bool,
        Physical::INT32 | Physical::INT64 => Kind::Int,
        Physical::INT96 => Kind::OldTimestamp,
        Physical::FLOAT | Physical::DOUBLE => Kind::Float,
        Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => Kind::Binary,
    })
}

/// What the member `geo` says.
struct Notes {
    is_there: bool,
    geo: Json,
}

impl Notes {
    fn of(metadata: &ParquetMetaData) -> Self {
        let geo = note(metadata, "geo").and_then(|text| serde_json::from_str(text).ok()); // other words say nothing
        Self { is_there: geo.is_some(), geo: geo.unwrap_or(Json::Null) }
    }

    fn column(&self, name: &str) -> Option<&Json> {
        self.geo.get("columns")?.get(name)
    }

    /// The column that is meant: the one that it names, else the first that it lists.
    fn primary<'n>(&self, mut names: impl Iterator<Item = &'n str>) -> Option<String> {
        let named = self.geo.get("primary_column").and_then(Json::as_str);
        let named = named.filter(|name| self.column(name).is_some()).map(str::to_owned);
        named.or_else(|| names.find(|name| self.column(name).is_some()).map(str::to_owned))
    }

    /// Whether a column holds the boxes of the geometries.
    fn is_covering(&self, name: &str) -> bool {
        let columns = self.geo.get("columns").and_then(Json::as_object);
        columns.into_iter().flat_map(|columns| columns.values()).any(|column| {
            let path = column.pointer("/covering/bbox/xmin/0").and_then(Json::as_str);
            path == Some(name)
        })
    }

    /// The kind that all geometries of a column have.
    fn kind(&self, name: &str) -> Option<GeometryKind> {
        let kinds = self.column(name)?.get("geometry_types").or(self.column(name)?.get("geometry_type"))?;
        let names: Vec<&str> = match kinds {
            Json::Array(names) => names.iter().filter_map(Json::as_str).collect(),
            Json::String(name) => vec![name],
            _ => return None,
        };
        let kind = |name: &str| match name.trim_end_matches(" Z").trim_start_matches("Multi") {
            "Point" => Some(GeometryKind::Point),
            "LineString" => Some(GeometryKind::Line),
            "Polygon" => Some(GeometryKind::Polygon),
            _ => None,
        };
        let first = kind(names.first()?)?;
        names.iter().all(|name| kind(name) == Some(first)).then_some(first)
    }

    /// What the file says of the CRS of a column; `typed` is what its type says.
    fn declared(
        &self,
        name: &str,
        typed: Option<String>,
        metadata: &ParquetMetaData,
    ) -> (Option<Declared>, Vec<Issue>) {
        let unknown = || vec![Issue::new(Severity::Note, Message::new("io.pq-crs-open"))];
        match self.column(name).map(|column| column.get("crs")) {
            Some(Some(Json::Null)) => (None, unknown()),
            Some(Some(Json::String(text))) => (Some(of_text(text)), Vec::new()),
            Some(Some(definition)) => (Some(of_projjson(definition)), Vec::new()),
            // Where nothing is said, the format prescribes this.
            Some(None) => (Some(Declared::new("OGC:CRS84")), Vec::new()),
            None => match typed {
                None => (Some(Declared::new("OGC:CRS84")), Vec::new()),
                Some(text) => {
                    let text = match text.split_once(':') {
                        Some(("projjson", key)) => note(metadata, key).unwrap_or(&text).to_owned(),
                        Some(("srid", "0")) => return (None, unknown()),
                        Some(("srid", code)) => format!("EPSG:{code}"),
                        _ => text,
                    };
                    (Some(of_text(&text)), Vec::new())
                }
            },
        }
    }
}

/// The note of a file under a key.
fn note<'m>(metadata: &'m ParquetMetaData, key: &str) -> Option<&'m str> {
    let notes = metadata.file_metadata().key_value_metadata()?;
    notes.iter().find(|note| note.key == key)?.value.as_deref()
}

fn of_text(text: &str) -> Declared {
    match serde_json::from_str::<Json>(text) {
        Ok(definition @ Json::Object(_)) => of_projjson(&definition),
        _ => Declared::new(text),
    }
}

/// The CRS of a definition: by its code, else by what it says.
fn of_projjson(definition: &Json) -> Declared {
    let id = definition.get("id");
    let part = |name: &str| {
        Some(match id?.get(name)? {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            _ => return None,
        })
    };
    let by_code =
        part("authority").zip(part("code")).map(|(authority, code)| Declared::new(format!("{authority}:{code}")));
    by_code.filter(|declared| declared.crs.is_some()).unwrap_or_else(|| Declared::new(definition.to_string()))
}
