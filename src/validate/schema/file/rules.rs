//! A rule as it is written, and what its test must have said.

use serde::{Deserialize, Serialize};

use super::{SchemaError, basis_of, severity_of, unknown_word, wrong};
use crate::expr::Expr;
use crate::text::Message;
use crate::units::AreaUnit;
use crate::validate::schema::{CLUSTER_M, Relation, Rule, Sum, Test};

/// A rule as it is written.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::validate::schema) struct RuleRecord {
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

pub(super) fn rule_of(record: RuleRecord) -> Result<Rule, SchemaError> {
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
