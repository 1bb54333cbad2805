//! What a comparison of attribute areas says: of the field, of its cause, of each feature that nothing explains.

use super::{AttributeUnit, Cause, Difference, FieldCheck, LISTED, Quantity, decimals};
use crate::crs::name_said;
use crate::model::{Issue, Layer, Severity};
use crate::text::Message;
use crate::units::format_number;

impl FieldCheck {
    /// Whether the field holds what its name says, but for listed differences.
    pub fn agrees(&self) -> bool {
        self.causes.is_empty()
    }

    /// What was found, for the issue list: a sentence a cause, then the features that nothing explains.
    pub fn issues(&self, layer: &Layer) -> Vec<Issue> {
        // What GIS software keeps in its own field is planar by design.
        let severity = if self.quantity == Quantity::Shape { Severity::Note } else { Severity::Warning };
        let counted = self.compared_count - self.agreeing_count;
        let mut issues: Vec<Issue> = self
            .causes
            .iter()
            .map(|cause| Issue::new(severity, cause.message().with("field", &self.name).with("n", counted)))
            .collect();
        if self.causes.contains(&Cause::Unknown) && self.quantity == Quantity::Shape {
            return issues;
        }
        for difference in self.differences.iter().take(LISTED) {
            issues.push(layer.issue_at(difference.feature, Issue::new(severity, self.difference_message(difference))));
        }
        if self.differences.len() > LISTED {
            let message = Message::new("measure.ledger-more")
                .with("field", &self.name)
                .with("n", self.differences.len() - LISTED);
            issues.push(Issue::new(severity, message));
        }
        issues
    }

    fn difference_message(&self, difference: &Difference) -> Message {
        let key = match difference.unit {
            Some(unit) if unit != self.unit => "measure.ledger-difference-unit",
            _ => "measure.ledger-difference",
        };
        Message::new(key)
            .with("field", &self.name)
            .with("value", format_number(difference.value, decimals(difference.value)))
            .with_said("unit", self.unit.said())
            .with("geometry", format_number(difference.geometry_m2, 2))
            .with("difference", format_number(difference.attribute_m2 - difference.geometry_m2, 2))
            .with("tolerance", format_number(difference.tolerance_m2, 2))
            .with_said("right", difference.unit.unwrap_or(self.unit).said())
    }

    /// The comparison in a sentence: how many of how many agree, and within what.
    pub fn message(&self) -> Message {
        let digit = 0.5 * 10f64.powi(-(self.decimals as i32)) * self.unit.m2();
        let key = if self.coordinate_step_m > 0.0 { "measure.ledger-summary-step" } else { "measure.ledger-summary" };
        Message::new(key)
            .with("field", &self.name)
            .with_said("unit", self.unit.said())
            .with("agreeing", self.agreeing_count)
            .with("compared", self.compared_count)
            .with("unfilled", self.unfilled_count)
            .with("digit", format_number(digit.max(0.01), 2))
            .with("step", format_number(self.coordinate_step_m, 3))
    }
}

impl Cause {
    /// The cause in a sentence; `{field}` and `{n}`, the features concerned, are left for the caller.
    pub fn message(&self) -> Message {
        match self {
            Self::Unit { found, expected } => {
                let message = Message::new("measure.cause-unit").with_said("found", found.said());
                message.with_said("expected", expected.said())
            }
            Self::RoundedMu(AttributeUnit::Mu666_67) => Message::new("measure.cause-mu-666"),
            Self::RoundedMu(_) => Message::new("measure.cause-mu-667"),
            Self::Planar(crs) => Message::new("measure.cause-planar").with_said("crs", |l| name_said(crs, l)),
            Self::PlanarElsewhere(crs) => {
                Message::new("measure.cause-planar-elsewhere").with_said("crs", |l| name_said(crs, l))
            }
            Self::GeometryInGcj02 => Message::new("measure.cause-geometry-gcj02"),
            Self::AttributeFromGcj02 => Message::new("measure.cause-attribute-gcj02"),
            Self::Net(deduction) => Message::new("measure.cause-net").with("deduction", deduction),
            Self::Gross => Message::new("measure.cause-gross"),
            Self::SquareDegrees => Message::new("measure.cause-square-degrees"),
            Self::Slight(share) => {
                Message::new("measure.cause-slight").with("percent", format_number(share * 100.0, 4))
            }
            Self::Unknown => Message::new("measure.cause-unknown"),
        }
    }
}
