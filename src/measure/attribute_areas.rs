//! Attribute areas against the geometry: which fields agree, which do not, and why.
//!
//! Databases carry areas as attributes (TBMJ, YJJBNTMJ, MJ, Shape_Area, …). Each such field is compared with the
//! ellipsoidal area of its feature. Where the field as a whole differs, the likely cause is found by computing on a
//! sample what each candidate would have given (another unit, planar in this or another zone, Web Mercator, GCJ-02, net
//! of a deduction) and taking the plainest that fits nearly all; features that it does not explain are listed.
//!
//! The tolerance of a feature is the largest of: half a unit of the field's last digit, [`RELATIVE_TOLERANCE`] of the
//! area, and what the rounding of the coordinates is worth (three standard deviations, for vertices rounded to the last
//! decimal that the file has). It is part of the result, since no figure without it means anything.
//!
//! Lists of boundary points state the area in the plane of their coordinates as often as that on the ground: their field
//! is held against whichever of the two it is.

mod basis;
mod fields;
mod rounding;
mod sentences;

use geo_types::Coord;

pub use fields::{AttributeUnit, Quantity};

use self::basis::{Basis, Subject, bases, share};
use self::fields::{Meaning, meaning};
use self::rounding::{Slacks, slacks};
use super::MeasureError;
use super::frame::Frame;
use crate::model::{AreaMethod, Areas, FeatureBlock, GeometryBuilder, GeometryKind, Layer, Value};
use crate::task::Progress;
use crate::units::Area;

/// Share of an area by which an attribute may differ: the area of one parcel by two faithful programs, with control
/// adjustment to the sheet left out.
pub const RELATIVE_TOLERANCE: f64 = 1e-5;

/// Features that causes are tried on.
const SAMPLE: usize = 300;
/// Share of the sample that must agree for a field to need no cause.
const AGREEING: f64 = 0.9;
/// Share of the sample that a cause must explain.
const EXPLAINING: f64 = 0.6;
/// Largest share of the area by which a field may differ throughout and still look like an area of the same features.
const SLIGHT: f64 = 5e-4;
/// Differences listed as issues; the rest is counted.
const LISTED: usize = 1_000;

/// The field in which a list of boundary points states its areas.
const PLOT_AREA: &str = "地块面积";

/// Why a field differs from the geometry.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// In another unit than the name says.
    Unit {
        /// What the numbers say.
        found: AttributeUnit,
        /// What the name says.
        expected: AttributeUnit,
    },
    /// Mu converted with 667 m² (or 666.67 m²) instead of 2000/3.
    RoundedMu(AttributeUnit),
    /// The planar area in the layer's own zone or CRS, by name.
    Planar(String),
    /// The planar area in another zone or projection, by name.
    PlanarElsewhere(String),
    /// The positions of this layer are scrambled (GCJ-02), the attribute is of the true ones.
    GeometryInGcj02,
    /// The attribute was computed from scrambled positions.
    AttributeFromGcj02,
    /// The deduction in this field is taken off.
    Net(String),
    /// Nothing is taken off, although the name says net.
    Gross,
    /// Degrees times degrees, which is no area.
    SquareDegrees,
    /// By no more than this share nearly throughout: planar in a projection that is not tried, or adjusted to a
    /// control area.
    Slight(f64),
    /// None of these.
    Unknown,
}

/// One field compared with the geometry.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldCheck {
    /// Index of the field in [`Layer::fields`].
    pub field: usize,
    /// Its name.
    pub name: String,
    /// What it should hold.
    pub quantity: Quantity,
    /// The unit in which its numbers are read: by its name, or as found.
    pub unit: AttributeUnit,
    /// Why it differs; a unit that contradicts the name and a wrong basis are two causes. Empty where it agrees.
    pub causes: Vec<Cause>,
    /// Features with a value and an area.
    pub compared_count: usize,
    /// Features without a value, or with 0.
    pub unfilled_count: usize,
    /// Of those compared, how many agree with the geometry (net or gross as the name says).
    pub agreeing_count: usize,
    /// Of those that do not agree, how many the causes explain.
    pub explained_count: usize,
    /// Those that neither agree nor are explained, in file order.
    pub differences: Vec<Difference>,
    /// Sum of the values compared, by [`Self::unit`].
    pub attribute_total: Area,
    /// Sum of what they are compared with: the ellipsoidal area, net where the name says so.
    pub geometry_total: Area,
    /// Decimals that the field was written with.
    pub decimals: usize,
    /// What the rounding of coordinates moves a vertex by, metres; 0 when too fine to matter.
    pub coordinate_step_m: f64,
}

/// A feature whose attribute is not its area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Feature index in the layer.
    pub feature: usize,
    /// The value, as it stands in the field.
    pub value: f64,
    /// The value in m².
    pub attribute_m2: f64,
    /// The area that it is compared with, m².
    pub geometry_m2: f64,
    /// What would have been tolerated, m².
    pub tolerance_m2: f64,
    /// The unit that the value would be right in, where there is one.
    pub unit: Option<AttributeUnit>,
}

/// The unit that the name of a field of areas tells (面积（亩）); `None` where it tells none, or is no area.
pub fn unit_by_name(name: &str) -> Option<AttributeUnit> {
    meaning(name)?.unit
}

/// Compares every area field of a polygon layer with the survey's exact areas. `areas` are those of `overlay::measured`
/// by the survey method.
///
/// # Errors
/// [`MeasureError::Crs`] where PROJ refuses, and [`MeasureError::Cancelled`].
pub fn check(layer: &Layer, areas: &Areas, progress: &Progress) -> Result<Vec<FieldCheck>, MeasureError> {
    if layer.kind != GeometryKind::Polygon {
        return Ok(Vec::new());
    }
    let candidates: Vec<(usize, Meaning)> =
        layer.fields.iter().enumerate().filter_map(|(i, field)| Some((i, meaning(&field.name)?))).collect();
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let frame = Frame::for_layer(layer, AreaMethod::Survey)?;
    let net = net_basis(layer);
    let slacks = slacks(layer);
    let mut checks = Vec::new();
    for (field, meaning) in candidates {
        let column = Column::read(layer, field, &areas.exact);
        if column.rows.is_empty() || column.text_count > column.rows.len() {
            continue;
        }
        let ledger = Ledger { layer, areas: &areas.exact, frame: &frame, net: net.as_ref(), slacks: &slacks };
        checks.push(ledger.check(field, meaning, &column, progress)?);
        progress.tick(0)?;
    }
    Ok(checks)
}

/// The values of a field.
struct Column {
    /// Features that have a value and an area.
    rows: Vec<usize>,
    values: Vec<f64>,
    unfilled_count: usize,
    /// Values that are text without a number.
    text_count: usize,
    decimals: usize,
}

impl Column {
    fn read(layer: &Layer, field: usize, areas: &[f64]) -> Self {
        let mut column = Self { rows: Vec::new(), values: Vec::new(), unfilled_count: 0, text_count: 0, decimals: 0 };
        for (block, start) in layer.blocks.iter().zip(&layer.starts) {
            for row in 0..block.geometry.feature_count() {
                column.add(start + row, block.attributes.value(row, field), areas[start + row]);
            }
        }
        column
    }

    fn add(&mut self, feature: usize, value: Value<'_>, area: f64) {
        match value.as_f64() {
            Some(number) if number.is_finite() && number > 0.0 => {
                if area > 0.0 {
                    self.rows.push(feature);
                    self.values.push(number);
                    if !has_decimals(number, self.decimals) {
                        self.decimals = self.decimals.max(decimals(number));
                    }
                }
            }
            Some(_) => self.unfilled_count += 1,
            None => {
                let text = matches!(value, Value::Text(text) if !text.trim().is_empty());
                self.text_count += usize::from(text);
                self.unfilled_count += usize::from(!text);
            }
        }
    }
}

/// Whether the number is the nearest double to one of no more than `count` decimals, as far as that is quickly told.
fn has_decimals(number: f64, count: usize) -> bool {
    let scale = 10f64.powi(count as i32);
    let steps = (number * scale).round();
    // A quotient of two whole numbers that a double holds is the nearest double to it.
    count <= 9 && steps.abs() < 9e15 && steps / scale == number
}

/// Decimals of the shortest text that names the number, 9 at most.
fn decimals(number: f64) -> usize {
    let text = number.to_string();
    text.split_once('.').map_or(0, |(_, fraction)| fraction.len().min(9))
}

/// What one layer is compared by.
struct Ledger<'a> {
    layer: &'a Layer,
    areas: &'a [f64],
    frame: &'a Frame,
    net: Option<&'a Basis>,
    slacks: &'a Slacks,
}

/// What the sample says of a field.
enum Verdict {
    /// It is this.
    Fits(Basis),
    /// It differs from what it should be by no more than this share.
    Slight(f64),
    /// Nothing fits.
    Nothing,
}

/// A candidate: how much of the sample fits it, in which unit.
struct Fit {
    basis: usize,
    unit: AttributeUnit,
    matched: usize,
    /// How many things must have gone otherwise than the name says.
    oddities: usize,
}

impl Ledger<'_> {
    fn check(
        &self,
        field: usize,
        meaning: Meaning,
        column: &Column,
        progress: &Progress,
    ) -> Result<FieldCheck, MeasureError> {
        let whole = Subject { layer: self.layer, exact: self.areas, attributes: self.layer, rows: None };
        // What the field should hold.
        let due = match (meaning.quantity, self.net) {
            (Quantity::Net, Some(net)) => net.clone(),
            _ if self.layer.fields[field].name == PLOT_AREA => self.of_plots(column, progress)?,
            _ => Basis::Ellipsoid,
        };
        let (verdict, unit) = self.explain(meaning, &due, column, progress)?;
        let due_areas = due.areas(&whole, self.frame, progress)?;
        let (explained, slight) = match &verdict {
            Verdict::Fits(basis) if *basis != due => (Some(basis.areas(&whole, self.frame, progress)?), 0.0),
            Verdict::Slight(share) => (None, *share),
            _ => (None, 0.0),
        };
        let mut check = FieldCheck {
            field,
            name: self.layer.fields[field].name.clone(),
            quantity: meaning.quantity,
            unit,
            causes: Vec::new(),
            compared_count: column.rows.len(),
            unfilled_count: column.unfilled_count,
            agreeing_count: 0,
            explained_count: 0,
            differences: Vec::new(),
            attribute_total: Area::ZERO,
            geometry_total: Area::ZERO,
            decimals: column.decimals,
            coordinate_step_m: self.slacks.step_m,
        };
        let named = meaning.unit.unwrap_or(unit);
        for (feature, value) in column.rows.iter().copied().zip(column.values.iter().copied()) {
            let attribute_m2 = value * unit.m2();
            let geometry_m2 = due_areas[feature];
            check.attribute_total += Area::from_m2(attribute_m2);
            check.geometry_total += Area::from_m2(geometry_m2);
            let tolerance_m2 = self.tolerance(feature, geometry_m2, unit, column.decimals);
            let within = |m2: f64, area: f64| (m2 - area).abs() <= tolerance_m2;
            if within(value * named.m2(), geometry_m2) {
                check.agreeing_count += 1;
            } else if within(attribute_m2, explained.as_ref().map_or(geometry_m2, |areas| areas[feature]))
                || (attribute_m2 - geometry_m2).abs() <= tolerance_m2 + slight * geometry_m2
            {
                check.explained_count += 1;
            } else {
                let unit = AttributeUnit::TRIED.into_iter().find(|unit| {
                    let tolerance = self.tolerance(feature, geometry_m2, *unit, column.decimals);
                    tolerance < 0.01 * geometry_m2 && (value * unit.m2() - geometry_m2).abs() <= tolerance
                });
                check.differences.push(Difference { feature, value, attribute_m2, geometry_m2, tolerance_m2, unit });
            }
        }
        check.causes = self.causes(meaning, &due, &verdict, unit, &check);
        Ok(check)
    }

    /// What the areas that plots state are: those in the plane of the coordinates, where these fit more of a sample.
    fn of_plots(&self, column: &Column, progress: &Progress) -> Result<Basis, MeasureError> {
        if self.layer.crs.is_geographic() {
            return Ok(Basis::Ellipsoid);
        }
        let step = column.rows.len().div_ceil(SAMPLE).max(1);
        let picked = || (0..column.rows.len()).step_by(step);
        let rows: Vec<usize> = picked().map(|i| column.rows[i]).collect();
        let exact: Vec<f64> = rows.iter().map(|row| self.areas[*row]).collect();
        let sample = sample(self.layer, &rows);
        let subject = Subject { layer: &sample, exact: &exact, attributes: self.layer, rows: Some(&rows) };
        let plane = Basis::Planar(self.layer.crs.clone(), true);
        let in_plane = plane.areas(&subject, self.frame, progress)?;
        let fits = |areas: &[f64]| {
            let of_unit = |unit: &AttributeUnit| {
                let near = |(at, i): (usize, usize)| {
                    let tolerance = self.tolerance(rows[at], areas[at], *unit, column.decimals);
                    (column.values[i] * unit.m2() - areas[at]).abs() <= tolerance
                };
                picked().enumerate().filter(|pair| near(*pair)).count()
            };
            AttributeUnit::TRIED.iter().map(of_unit).max().unwrap_or(0)
        };
        Ok(if fits(&in_plane) > fits(&exact) { plane } else { Basis::Ellipsoid })
    }

    /// What fits the sample, and the unit in which it does.
    fn explain(
        &self,
        meaning: Meaning,
        due: &Basis,
        column: &Column,
        progress: &Progress,
    ) -> Result<(Verdict, AttributeUnit), MeasureError> {
        let step = column.rows.len().div_ceil(SAMPLE).max(1);
        let picked: Vec<usize> = (0..column.rows.len()).step_by(step).collect();
        let rows: Vec<usize> = picked.iter().map(|i| column.rows[*i]).collect();
        let values: Vec<f64> = picked.iter().map(|i| column.values[*i]).collect();
        let exact: Vec<f64> = rows.iter().map(|row| self.areas[*row]).collect();
        let sample = sample(self.layer, &rows);
        let subject = Subject { layer: &sample, exact: &exact, attributes: self.layer, rows: Some(&rows) };
        let units: Vec<AttributeUnit> = match meaning.unit {
            Some(unit) => {
                std::iter::once(unit).chain(AttributeUnit::TRIED.into_iter().filter(|u| *u != unit)).collect()
            }
            None => AttributeUnit::TRIED.to_vec(),
        };
        let mut tried = bases(self.layer, self.frame, self.net.cloned());
        // What the field should hold comes first: at a tie it wins.
        if let Some(at) = tried.iter().position(|basis| basis == due) {
            tried[..=at].rotate_right(1);
        }
        let mut best: Option<Fit> = None;
        for (i, basis) in tried.iter().enumerate() {
            // A CRS that PROJ cannot lead to is no candidate.
            let Ok(areas) = basis.areas(&subject, self.frame, &Progress::new()) else {
                continue;
            };
            progress.tick(0)?;
            for unit in &units {
                if *basis == Basis::SquareDegrees && *unit != AttributeUnit::SquareMetre {
                    continue;
                }
                let matched = (0..rows.len()).filter(|k| {
                    let area = areas[*k];
                    let tolerance = match basis {
                        Basis::SquareDegrees => 1e-4 * area,
                        _ => self.tolerance(rows[*k], area, *unit, column.decimals),
                    };
                    // A value of one digit fits many things: no evidence.
                    area > 0.0 && tolerance < 0.05 * area && (values[*k] * unit.m2() - area).abs() <= tolerance
                });
                let matched = matched.count();
                let oddities = usize::from(basis != due)
                    + usize::from(meaning.unit.is_some_and(|u| u != *unit))
                    + usize::from(*unit == AttributeUnit::Mu667);
                let better = best.as_ref().is_none_or(|best| {
                    // More oddities must explain clearly more.
                    let needed =
                        if oddities > best.oddities { best.matched + rows.len().div_ceil(10) } else { best.matched };
                    matched > needed || (matched == best.matched && oddities < best.oddities)
                });
                if better {
                    best = Some(Fit { basis: i, unit: *unit, matched, oddities });
                }
            }
            if best.as_ref().is_some_and(|b| b.oddities == 0 && b.matched as f64 >= AGREEING * rows.len() as f64) {
                break;
            }
        }
        if let Some(fit) = best
            && fit.matched as f64 >= EXPLAINING * rows.len() as f64
            && (fit.oddities > 0 || fit.matched as f64 >= AGREEING * rows.len() as f64)
        {
            return Ok((Verdict::Fits(tried.swap_remove(fit.basis)), fit.unit));
        }
        let due_areas = due.areas(&subject, self.frame, &Progress::new())?;
        let unit = meaning.unit.or_else(|| nearest_unit(&values, &due_areas)).unwrap_or(AttributeUnit::SquareMetre);
        let mut off: Vec<f64> = (0..rows.len())
            .filter(|k| self.tolerance(rows[*k], due_areas[*k], unit, column.decimals) < SLIGHT * due_areas[*k])
            .map(|k| (values[k] * unit.m2() / due_areas[k] - 1.0).abs())
            .collect();
        let judged = off.len();
        off.retain(|share| *share <= SLIGHT);
        off.sort_by(f64::total_cmp);
        if off.len() as f64 >= EXPLAINING * judged as f64
            && let Some(share) = off.get(off.len() * 19 / 20)
        {
            return Ok((Verdict::Slight(*share), unit));
        }
        Ok((Verdict::Nothing, unit))
    }

    fn tolerance(&self, feature: usize, area: f64, unit: AttributeUnit, decimals: usize) -> f64 {
        let digit = 0.500_001 * 10f64.powi(-(decimals as i32)) * unit.m2();
        digit.max(0.01).max(RELATIVE_TOLERANCE * area).max(self.slacks.of_feature[feature])
    }

    fn causes(
        &self,
        meaning: Meaning,
        due: &Basis,
        verdict: &Verdict,
        unit: AttributeUnit,
        check: &FieldCheck,
    ) -> Vec<Cause> {
        let basis = match verdict {
            Verdict::Fits(basis) => basis,
            _ if check.agreeing_count as f64 >= AGREEING * check.compared_count as f64 => return Vec::new(),
            Verdict::Slight(share) => return vec![Cause::Slight(*share)],
            Verdict::Nothing => return vec![Cause::Unknown],
        };
        let mut causes = Vec::new();
        if basis != due {
            causes.push(match basis {
                Basis::Ellipsoid => Cause::Gross,
                Basis::LessShare(field) | Basis::LessArea(field) => Cause::Net(self.layer.fields[*field].name.clone()),
                Basis::Planar(crs, true) => Cause::Planar(crs.name().to_owned()),
                Basis::Planar(crs, false) => Cause::PlanarElsewhere(crs.name().to_owned()),
                Basis::FromGcj02 => Cause::GeometryInGcj02,
                Basis::ToGcj02 => Cause::AttributeFromGcj02,
                Basis::SquareDegrees => Cause::SquareDegrees,
            });
        }
        if *basis == Basis::SquareDegrees {
            return causes;
        }
        match meaning.unit {
            _ if unit == AttributeUnit::Mu667 => causes.push(Cause::RoundedMu(unit)),
            Some(expected) if expected != unit => causes.push(Cause::Unit { found: unit, expected }),
            _ if unit == AttributeUnit::Mu && causes.is_empty() && self.is_mu_666_67(check) => {
                causes.push(Cause::RoundedMu(AttributeUnit::Mu666_67));
            }
            _ => {}
        }
        causes
    }

    /// Mu of 666.67 m² are 5·10⁻⁶ short: no single parcel shows it, the total of many may.
    fn is_mu_666_67(&self, check: &FieldCheck) -> bool {
        let total = check.geometry_total.m2();
        let short = 1.0 - check.attribute_total.m2() / total;
        let expected = 1.0 - AttributeUnit::Mu.m2() / AttributeUnit::Mu666_67.m2();
        // Rounding of the values, as independent errors; coordinates likewise.
        let digit = 0.3 * 10f64.powi(-(check.decimals as i32)) * AttributeUnit::Mu.m2();
        let noise = (check.compared_count as f64).sqrt() * digit.max(self.slacks.mean) / total;
        check.agreeing_count == check.compared_count
            && noise < 0.1 * expected
            && (short - expected).abs() < 0.3 * expected
    }
}

/// The unit in which the values come nearest to the areas, for a field that nothing explains. Units that are not at home
/// here need more than being nearest.
fn nearest_unit(values: &[f64], areas: &[f64]) -> Option<AttributeUnit> {
    let mut ratios: Vec<f64> = values.iter().zip(areas).filter(|(_, a)| **a > 0.0).map(|(v, a)| v / a).collect();
    ratios.sort_by(f64::total_cmp);
    let median = *ratios.get(ratios.len() / 2)?;
    let off = |unit: &AttributeUnit| (median * unit.m2()).ln().abs();
    let fits = |unit: &AttributeUnit| match unit {
        AttributeUnit::Acre | AttributeUnit::SquareFoot => off(unit) <= SLIGHT,
        _ => true,
    };
    AttributeUnit::TRIED.into_iter().filter(fits).min_by(|a, b| off(a).total_cmp(&off(b)))
}

/// The deduction that the layer has: KCXS (a share) or else KCMJ (m²), where any feature has one.
fn net_basis(layer: &Layer) -> Option<Basis> {
    let used =
        |field: &usize| (0..layer.feature_count()).any(|i| layer.value(i, *field).as_f64().is_some_and(|v| v > 0.0));
    let shares = ["KCXS", "扣除系数", "田坎系数"].into_iter().find_map(|name| layer.field(name)).filter(|field| {
        used(field)
            && (0..layer.feature_count()).all(|i| {
                let value = layer.value(i, *field);
                value.as_f64().is_none() || share(value).is_some()
            })
    });
    let areas = || ["KCMJ", "TKMJ", "扣除面积"].into_iter().find_map(|name| layer.field(name)).filter(used);
    shares.map(Basis::LessShare).or_else(|| areas().map(Basis::LessArea))
}

/// The features `rows` as a layer of their own, without attributes.
fn sample(layer: &Layer, rows: &[usize]) -> Layer {
    let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
    for row in rows {
        let (block, row) = layer.locate(*row);
        let parts: Vec<Vec<&[Coord]>> =
            block.geometry.polygon(row).parts().map(|part| part.rings().collect()).collect();
        builder.polygon(&parts);
    }
    let block = FeatureBlock::of_geometry(builder.finish());
    Layer::new(layer.name.clone(), GeometryKind::Polygon, layer.crs.clone(), Vec::new(), vec![block])
}

#[cfg(test)]
mod tests;
