//! The TOML of a schema: read with the place of every mistake, since people write it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{
    Basis, CLUSTER_M, CodeList, Confidence, CrsSpec, FieldKind, FieldSpec, LayerSpec, Projection, Range, Relation,
    Required, Rule, Schema, Sum, Test, tables,
};
use crate::expr::Expr;
use crate::model::classes::Scheme;
use crate::model::{GeometryKind, Severity};
use crate::text::{Message, toml_reason};
use crate::units::AreaUnit;

/// The version of the format that this program knows.
pub(super) const FORMAT: i64 = 1;

/// Why a schema cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SchemaError {
    /// It is no TOML, or has members that a schema has not.
    #[error("line {line}, column {column}: {reason}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// In the words of the reader.
        reason: String,
    },
    /// It was written by a later program.
    #[error("format {found}, expected at most {FORMAT}")]
    Newer {
        /// Its format.
        found: i64,
    },
    /// A member says what cannot be.
    #[error("{place}: {message}")]
    Member {
        /// The layer, field, list or rule.
        place: String,
        /// What is wrong with it.
        message: Message,
    },
    /// There is nothing to hold anything against.
    #[error("no layers")]
    Empty,
}

impl SchemaError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Syntax { line, column, reason } => Message::new("validate.schema-syntax")
                .with("line", line)
                .with("column", column)
                .with_said("reason", |language| toml_reason(reason, language)),
            Self::Newer { found } => Message::new("validate.schema-newer").with("found", found).with("known", FORMAT),
            Self::Member { place, message } => {
                Message::new("validate.schema-member").with("place", place).with_message("message", message)
            }
            Self::Empty => Message::new("validate.schema-empty"),
        }
    }
}

/// A mistake in what stands at `place`.
fn wrong(place: impl Into<String>, message: Message) -> SchemaError {
    SchemaError::Member { place: place.into(), message }
}

fn unknown_word(place: &str, member: &str, found: &str) -> SchemaError {
    wrong(place, Message::new("validate.schema-word").with("member", member).with("found", found))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SchemaRecord {
    format: i64,
    name: String,
    #[serde(default)]
    name_en: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    note_en: String,
    #[serde(default)]
    official: bool,
    /// Schemas in the program whose layers are taken.
    #[serde(default)]
    base: Vec<String>,
    /// Of those layers only these.
    #[serde(default)]
    take: Vec<String>,
    crs: Option<CrsRecord>,
    #[serde(default)]
    codes: Vec<CodesRecord>,
    /// What is said of fields wherever they stand.
    #[serde(default)]
    field: Vec<EveryRecord>,
    #[serde(default)]
    layer: Vec<LayerRecord>,
    #[serde(default)]
    rule: Vec<RuleRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CrsRecord {
    datum: String,
    projection: String,
    severity: i64,
    #[serde(default)]
    source: String,
    confidence: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CodesRecord {
    name: String,
    scheme: Option<String>,
    #[serde(default)]
    values: Vec<(String, String)>,
    #[serde(default = "yes")]
    complete: bool,
    #[serde(default)]
    source: String,
    confidence: Option<String>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EveryRecord {
    code: String,
    /// Only in these layers.
    #[serde(default)]
    layers: Vec<String>,
    required: Option<String>,
    length: Option<usize>,
    codes: Option<String>,
    range: Option<String>,
    digits: Option<Vec<usize>>,
    unique: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayerRecord {
    code: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    name_en: String,
    geometry: String,
    #[serde(default)]
    required: String,
    #[serde(default)]
    synonyms: Vec<String>,
    #[serde(default)]
    source: String,
    confidence: Option<String>,
    #[serde(default)]
    fields: Vec<FieldRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldRecord {
    code: String,
    #[serde(default)]
    alias: String,
    #[serde(rename = "type")]
    kind: String,
    length: Option<usize>,
    decimals: Option<usize>,
    #[serde(default)]
    required: String,
    codes: Option<String>,
    range: Option<String>,
    #[serde(default)]
    digits: Vec<usize>,
    #[serde(default)]
    unique: bool,
    constant: Option<String>,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    synonyms: Vec<String>,
    /// That of the layer where it is not said.
    source: Option<String>,
    confidence: Option<String>,
}

/// A rule as it is written.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleRecord {
    pub id: String,
    pub test: String,
    pub layers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_where: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_each: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub characters: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// A tolerance or a limit, in the unit of what is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
    /// A tolerance as a share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tolerance_share: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least_width: Option<f64>,
    pub says: String,
    #[serde(default)]
    pub says_en: String,
    pub severity: i64,
    #[serde(default)]
    pub source: String,
    pub confidence: Option<String>,
}

impl Schema {
    /// Reads the text of a schema.
    ///
    /// # Errors
    /// [`SchemaError`] with the place.
    pub fn parse(text: &str) -> Result<Self, SchemaError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let syntax = |error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let before = text.get(..at).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            SchemaError::Syntax { line, column, reason: error.message().trim().to_owned() }
        };
        // The version first: a later format may have anything else in it.
        let table: toml::Table = toml::from_str(text).map_err(syntax)?;
        if let Some(found) = table.get("format").and_then(toml::Value::as_integer).filter(|found| *found > FORMAT) {
            return Err(SchemaError::Newer { found });
        }
        let record: SchemaRecord = toml::from_str(text).map_err(syntax)?;
        schema_of(record)
    }
}

fn schema_of(record: SchemaRecord) -> Result<Schema, SchemaError> {
    if record.format < 1 {
        return Err(wrong("format", Message::new("validate.schema-format").with("known", FORMAT)));
    }
    let mut schema = Schema {
        name: record.name,
        name_en: record.name_en,
        note: record.note,
        note_en: record.note_en,
        official: record.official,
        crs: record.crs.map(crs_of).transpose()?,
        lists: record.codes.into_iter().map(codes_of).collect::<Result<_, _>>()?,
        layers: record.layer.into_iter().map(layer_of).collect::<Result<_, _>>()?,
        rules: Vec::new(),
    };
    for base in &record.base {
        take_base(&mut schema, base, &record.take)?;
    }
    for every in &record.field {
        say_of_every(&mut schema, every)?;
    }
    let mut ids = HashSet::new();
    for rule in record.rule {
        if !ids.insert(rule.id.clone()) {
            return Err(wrong(rule.id, Message::new("validate.schema-twice")));
        }
        schema.rules.push(rule_of(rule)?);
    }
    complete(schema)
}

/// Looks over a schema as a whole: nothing stands twice, and what is named is there.
pub(super) fn complete(mut schema: Schema) -> Result<Schema, SchemaError> {
    if schema.layers.is_empty() {
        return Err(SchemaError::Empty);
    }
    let mut codes = HashSet::new();
    for layer in &schema.layers {
        if !codes.insert(layer.code.to_uppercase()) {
            return Err(wrong(&layer.code, Message::new("validate.schema-twice")));
        }
        let mut fields = HashSet::new();
        for field in &layer.fields {
            let place = || format!("{}.{}", layer.code, field.code);
            if !fields.insert(field.code.to_uppercase()) {
                return Err(wrong(place(), Message::new("validate.schema-twice")));
            }
            let named = field.names_of().or(field.list.as_deref());
            // A list in the program need not be written again.
            if let Some(list) = named.filter(|list| schema.list(list).is_none() && tables::list(list).is_none()) {
                return Err(wrong(place(), Message::new("validate.schema-no-list").with("list", list)));
            }
        }
    }
    let named: Vec<String> = schema
        .layers
        .iter()
        .flat_map(|layer| &layer.fields)
        .filter_map(|field| Some(field.names_of().or(field.list.as_deref())?.to_owned()))
        .collect();
    for name in named {
        if schema.list(&name).is_none()
            && let Some(list) = tables::list(&name)
        {
            schema.lists.push(list);
        }
    }
    Ok(schema)
}

/// Adds layers of a schema in the program; what the file itself says of a layer stands.
fn take_base(schema: &mut Schema, base: &str, only: &[String]) -> Result<(), SchemaError> {
    let layers = tables::layers(base);
    if layers.is_empty() {
        return Err(unknown_word("base", "base", base));
    }
    for layer in layers {
        let is_asked = only.is_empty() || only.iter().any(|code| code.eq_ignore_ascii_case(&layer.code));
        let is_known = schema.layers.iter().any(|known| known.code.eq_ignore_ascii_case(&layer.code));
        if is_asked && !is_known {
            schema.layers.push(layer);
        }
    }
    Ok(())
}

/// Says something of a field wherever it stands.
fn say_of_every(schema: &mut Schema, every: &EveryRecord) -> Result<(), SchemaError> {
    let place = &every.code;
    let required = every.required.as_deref().map(|letter| required_of(place, letter)).transpose()?;
    let range = every.range.as_deref().map(|text| range_of(place, text)).transpose()?;
    let is_meant = |layer: &LayerSpec| {
        every.layers.is_empty() || every.layers.iter().any(|code| code.eq_ignore_ascii_case(&layer.code))
    };
    for layer in schema.layers.iter_mut().filter(|layer| is_meant(layer)) {
        for field in layer.fields.iter_mut().filter(|field| field.code.eq_ignore_ascii_case(&every.code)) {
            field.required = required.unwrap_or(field.required);
            field.length = every.length.or(field.length);
            field.range = range.or(field.range);
            field.unique = every.unique.unwrap_or(field.unique);
            if let Some(list) = &every.codes {
                field.list = Some(list.clone()).filter(|list| !list.is_empty());
            }
            if let Some(digits) = &every.digits {
                field.digits.clone_from(digits);
            }
        }
    }
    Ok(())
}

fn required_of(place: &str, letter: &str) -> Result<Required, SchemaError> {
    Required::of_letter(letter).ok_or_else(|| unknown_word(place, "required", letter))
}

fn range_of(place: &str, text: &str) -> Result<Range, SchemaError> {
    Range::parse(text).ok_or_else(|| unknown_word(place, "range", text))
}

fn basis_of(place: &str, source: String, letter: Option<&str>) -> Result<Basis, SchemaError> {
    let confidence = match letter {
        Some(letter) => Confidence::of_letter(letter).ok_or_else(|| unknown_word(place, "confidence", letter))?,
        None => Confidence::default(),
    };
    Ok(Basis { source, confidence })
}

fn severity_of(place: &str, number: i64) -> Result<Severity, SchemaError> {
    match number {
        1 => Ok(Severity::Error),
        2 => Ok(Severity::Warning),
        3 => Ok(Severity::Note),
        _ => Err(unknown_word(place, "severity", &number.to_string())),
    }
}

/// The number of a severity in files.
pub(super) fn number_of(severity: Severity) -> i64 {
    match severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Note => 3,
    }
}

fn crs_of(record: CrsRecord) -> Result<CrsSpec, SchemaError> {
    let projection =
        Projection::of_word(&record.projection).ok_or_else(|| unknown_word("crs", "projection", &record.projection))?;
    Ok(CrsSpec {
        datum: record.datum,
        projection,
        severity: severity_of("crs", record.severity)?,
        basis: basis_of("crs", record.source, record.confidence.as_deref())?,
    })
}

fn codes_of(record: CodesRecord) -> Result<CodeList, SchemaError> {
    let place = record.name.clone();
    let scheme = match &record.scheme {
        Some(word) => Some(Scheme::from_name(word).ok_or_else(|| unknown_word(&place, "scheme", word))?),
        None => None,
    };
    Ok(CodeList {
        basis: basis_of(&place, record.source, record.confidence.as_deref())?,
        name: record.name,
        values: record.values,
        scheme,
        complete: record.complete,
    })
}

/// The kind of geometry of a word; `None` in it for what is not looked into.
pub(super) fn geometry_of(word: &str) -> Option<Option<GeometryKind>> {
    let kind = match word.trim().to_lowercase().as_str() {
        "polygon" | "面" => GeometryKind::Polygon,
        "line" | "线" => GeometryKind::Line,
        "point" | "点" => GeometryKind::Point,
        "table" | "表" => GeometryKind::None,
        "annotation" | "raster" | "other" | "注记" | "栅格" => return Some(None),
        _ => return None,
    };
    Some(Some(kind))
}

fn layer_of(record: LayerRecord) -> Result<LayerSpec, SchemaError> {
    let place = record.code.clone();
    let geometry = geometry_of(&record.geometry).ok_or_else(|| unknown_word(&place, "geometry", &record.geometry))?;
    let basis = basis_of(&place, record.source, record.confidence.as_deref())?;
    let field = |field: FieldRecord| field_of(&place, &basis, field);
    Ok(LayerSpec {
        fields: record.fields.into_iter().map(field).collect::<Result<_, _>>()?,
        required: required_of(&place, &record.required)?,
        code: record.code,
        name: record.name,
        name_en: record.name_en,
        geometry,
        synonyms: record.synonyms,
        basis,
    })
}

fn field_of(layer: &str, of_layer: &Basis, record: FieldRecord) -> Result<FieldSpec, SchemaError> {
    let place = format!("{layer}.{}", record.code);
    let kind = FieldKind::of_word(&record.kind).ok_or_else(|| unknown_word(&place, "type", &record.kind))?;
    let source = record.source.unwrap_or_else(|| of_layer.source.clone());
    let mut basis = basis_of(&place, source, record.confidence.as_deref())?;
    if record.confidence.is_none() {
        basis.confidence = of_layer.confidence;
    }
    Ok(FieldSpec {
        required: required_of(&place, &record.required)?,
        range: record.range.as_deref().map(|text| range_of(&place, text)).transpose()?,
        code: record.code,
        alias: record.alias,
        kind,
        length: record.length,
        decimals: record.decimals,
        list: record.codes.filter(|list| !list.is_empty()),
        digits: record.digits,
        unique: record.unique,
        constant: record.constant,
        unit: record.unit,
        synonyms: record.synonyms,
        basis,
    })
}

/// What a rule must say, for its test.
struct Members<'a>(&'a RuleRecord);

impl Members<'_> {
    fn lacks(&self, member: &str) -> SchemaError {
        let message = Message::new("validate.schema-lacks").with("test", &self.0.test).with("member", member);
        wrong(&self.0.id, message)
    }

    fn text(&self, member: &str, value: Option<&String>) -> Result<String, SchemaError> {
        value.cloned().filter(|text| !text.trim().is_empty()).ok_or_else(|| self.lacks(member))
    }

    fn expr(&self, member: &str, value: Option<&String>) -> Result<Expr, SchemaError> {
        self.parse(&self.text(member, value)?)
    }

    fn parse(&self, text: &str) -> Result<Expr, SchemaError> {
        Expr::parse(text).map_err(|error| {
            let message = Message::new("validate.schema-expression")
                .with("text", text)
                .with_said("reason", |language| error.text(language));
            wrong(&self.0.id, message)
        })
    }

    fn maybe(&self, value: Option<&String>) -> Result<Option<Expr>, SchemaError> {
        value.map(|text| self.parse(text)).transpose()
    }

    fn fields(&self) -> Result<Vec<String>, SchemaError> {
        self.0.fields.clone().filter(|fields| !fields.is_empty()).ok_or_else(|| self.lacks("fields"))
    }

    /// A number that is not negative.
    fn number(&self, member: &str, value: Option<f64>, otherwise: Option<f64>) -> Result<f64, SchemaError> {
        let value = value.or(otherwise).ok_or_else(|| self.lacks(member))?;
        if value >= 0.0 && value.is_finite() { Ok(value) } else { Err(self.lacks(member)) }
    }
}

/// What overlaps or gaps may measure where a rule does not say, m²: the last digit of a printed area.
const LEAST_M2: f64 = 0.01;

fn rule_of(record: RuleRecord) -> Result<Rule, SchemaError> {
    let says = Members(&record);
    let test = test_of(&says)?;
    if record.layers.is_empty() {
        return Err(says.lacks("layers"));
    }
    Ok(Rule {
        filter: says.maybe(record.filter.as_ref())?,
        severity: severity_of(&record.id, record.severity)?,
        basis: basis_of(&record.id, record.source.clone(), record.confidence.as_deref())?,
        id: record.id.clone(),
        layers: record.layers.clone(),
        except: record.except.clone(),
        field: record.field.clone(),
        says: record.says.clone(),
        says_en: record.says_en.clone(),
        test,
        record,
    })
}

fn test_of(says: &Members<'_>) -> Result<Test, SchemaError> {
    let rule = says.0;
    let against = |relation: Relation| -> Result<Test, SchemaError> {
        Ok(Test::Against {
            of: says.text("of", rule.of.as_ref())?,
            relation,
            of_filter: says.maybe(rule.of_where.as_ref())?,
            least_m2: says.number("tolerance", rule.tolerance, Some(LEAST_M2))?,
            least_width_m: says.number("least_width", rule.least_width, Some(0.0))?,
        })
    };
    let limit = || says.number("limit", rule.limit, None);
    let metres = || says.number("tolerance", rule.tolerance, Some(CLUSTER_M));
    Ok(match rule.test.as_str() {
        "holds" => Test::Holds(says.expr("holds", rule.holds.as_ref())?),
        "unique" => Test::Unique(says.fields()?),
        "not-alike" => Test::NotAlike(says.fields()?),
        "same" => {
            says.text("field", rule.field.as_ref())?;
            Test::Same(rule.fields.clone().unwrap_or_default())
        }
        "area" => {
            says.text("field", rule.field.as_ref())?;
            let unit = match rule.unit.as_deref() {
                None => AreaUnit::SquareMetre,
                Some(word) => AreaUnit::of_word(word).ok_or_else(|| unknown_word(&rule.id, "unit", word))?,
            };
            Test::Area {
                unit,
                tolerance_m2: says.number("tolerance", rule.tolerance, None)?,
                tolerance_share: says.number("tolerance_share", rule.tolerance_share, Some(0.0))?,
            }
        }
        "sum" => Test::Sum(Box::new(Sum {
            value: says.expr("value", rule.value.as_ref())?,
            by: says.maybe(rule.by.as_ref())?,
            of: says.text("of", rule.of.as_ref())?,
            of_value: says.expr("of_value", rule.of_value.as_ref())?,
            of_by: says.maybe(rule.of_by.as_ref())?,
            each: says.maybe(rule.each.as_ref())?,
            of_each: says.maybe(rule.of_each.as_ref())?,
            tolerance: says.number("tolerance", rule.tolerance, None)?,
        })),
        "valid" => Test::Valid,
        "single-part" => Test::SinglePart,
        "no-holes" => Test::NoHoles,
        "min-area" => Test::MinArea(limit()?),
        "min-distance" => Test::MinDistance(limit()?),
        "min-angle" => Test::MinAngle(limit()?),
        "no-overlap" => Test::NoOverlap(says.number("tolerance", rule.tolerance, Some(LEAST_M2))?),
        "min-length" => Test::MinLength(limit()?),
        "no-self-overlap" => Test::NoSelfOverlap(metres()?),
        "no-dangles" => Test::NoDangles(metres()?),
        "on-border" => against(Relation::OnBorder { tolerance_m: metres()? })?,
        "line-inside" => against(Relation::LineInside { tolerance_m: metres()? })?,
        "sum-inside" => {
            says.text("field", rule.field.as_ref())?;
            let tolerance = says.number("tolerance", rule.tolerance, None)?;
            against(Relation::SumInside { of_field: says.text("of_field", rule.of_field.as_ref())?, tolerance })?
        }
        "refers" => {
            says.text("field", rule.field.as_ref())?;
            against(Relation::Refers { of_field: says.text("of_field", rule.of_field.as_ref())? })?
        }
        "inside" => against(Relation::Inside)?,
        "inside-one" => against(Relation::InsideOne)?,
        "covers" => against(Relation::Covers)?,
        "same-extent" => against(Relation::SameExtent)?,
        "apart" => against(Relation::Apart)?,
        "code-of-place" => {
            says.text("field", rule.field.as_ref())?;
            let characters = rule.characters.filter(|count| *count > 0).ok_or_else(|| says.lacks("characters"))?;
            against(Relation::CodeOfPlace { of_field: says.text("of_field", rule.of_field.as_ref())?, characters })?
        }
        "not-checked" => Test::NotChecked,
        other => return Err(unknown_word(&rule.id, "test", other)),
    })
}
