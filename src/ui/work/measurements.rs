//! Kept measurements: what they are called.

use crate::scenario::{Measurement, MeasurementKind};
use crate::text::{Language, Message};

/// What a measurement is called.
pub fn name(language: Language, at: usize, measurement: &Measurement) -> String {
    if !measurement.name.is_empty() {
        return measurement.name.clone();
    }
    let key = match measurement.kind {
        MeasurementKind::Distance => "panels.distance-number",
        MeasurementKind::Area => "panels.area-number",
    };
    Message::new(key).with("n", at + 1).text(language)
}
