//! What plots state against what they are: area and number of points.
//!
//! An area is wrong where it differs by more than it was rounded by and a plane can differ from the ground (0.05 %: a
//! Gauss-Krüger zone of 3° stretches areas by no more). One that is 10,000 times or 15 times what it should be is in
//! another unit; that is said once for the file.

use rustc_hash::FxHashMap;

use super::super::findings::Findings;
use super::plot::{AreaUnit, Plot};
use super::rings::Measured;
use crate::model::{GeometryKind, Issue, Severity};
use crate::text::{Message, tr};
use crate::units::format_number;

/// Share by which an area on the ground may differ from that in a zone of 3°.
const PLANE_SHARE: f64 = 5e-4;

/// A plot and its place.
pub(super) struct Stated<'p> {
    pub(super) plot: &'p Plot,
    pub(super) row: u64,
    pub(super) line: u64,
    pub(super) place: GeometryKind,
}

/// What was found over the plots of a file.
#[derive(Debug, Default)]
pub(super) struct Checks {
    /// Plots by the unit that their bare areas are in, with the line of the first.
    units: FxHashMap<AreaUnit, (u64, u64)>,
}

impl Checks {
    /// Holds a plot against its geometry.
    pub(super) fn plot(&mut self, stated: &Stated<'_>, measured: &Measured, findings: &mut Findings) {
        let mut add = |severity, message| {
            let issue = Issue { feature: Some(stated.row), line: Some(stated.line), ..Issue::new(severity, message) };
            findings.add(issue, Some(stated.place));
        };
        if let Some(count) = stated.plot.count
            && ![measured.point_count, measured.bare_count, measured.closed_count].contains(&count)
        {
            let message = Message::new("io.txt-count").with("stated", count).with("found", measured.point_count);
            add(Severity::Note, message);
        }
        let Some(area) = stated.plot.area else { return };
        if stated.plot.kind != GeometryKind::Polygon || !measured.is_sound || area.value == 0.0 {
            return;
        }
        let agrees = |unit: AreaUnit| {
            let rounded = 0.5 * 10f64.powi(-(area.decimals.min(12) as i32)) * unit.metres();
            let difference = (area.value * unit.metres() - measured.area).abs();
            difference <= 1.01 * rounded + PLANE_SHARE * measured.area
        };
        // Without a unit it is in hectares, as the format prescribes, unless another fits.
        let order = [AreaUnit::Hectare, AreaUnit::SquareMetre, AreaUnit::Mu];
        let unit = match area.unit {
            Some(unit) => agrees(unit).then_some(unit),
            None => order.into_iter().find(|unit| agrees(*unit)),
        };
        match unit {
            Some(unit) if area.unit.is_none() && unit != AreaUnit::Hectare => {
                self.units.entry(unit).or_insert((0, stated.line)).0 += 1;
            }
            Some(_) => {}
            None => {
                let unit = area.unit.unwrap_or(AreaUnit::Hectare);
                let decimals = area.decimals.clamp(4, 8);
                let message = Message::new("io.txt-area")
                    .with("stated", format_number(area.value, area.decimals.min(8)))
                    .with("found", format_number(measured.area / unit.metres(), decimals))
                    .with_said("unit", |language| tr(language, unit.key()).to_owned());
                add(Severity::Warning, message);
            }
        }
    }

    /// What is to be said of the file.
    pub(super) fn finish(self, issues: &mut Vec<Issue>) {
        for unit in [AreaUnit::SquareMetre, AreaUnit::Mu] {
            if let Some((count, line)) = self.units.get(&unit) {
                let message = Message::new("io.txt-area-unit")
                    .with("count", count)
                    .with_said("unit", |language| tr(language, unit.key()).to_owned());
                issues.push(Issue { line: Some(*line), ..Issue::new(Severity::Warning, message) });
            }
        }
    }
}
