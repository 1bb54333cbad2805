//! Sizes and colours of other programs as ours.
//!
//! **The rule.** Our logical pixel is that of CSS, 1/96 inch: a millimetre is 96/25.4 of them, a point 96/72. What others
//! call a pixel is one of ours. Sizes in units of the ground have no one size on screen: they are taken as at
//! 1:10,000, the scale of the survey's sheets, and that is said. Numbers that are none, or beyond what
//! can be drawn, are brought to the nearest that can.

use crate::model::style::Color;

/// Pixels of a millimetre.
pub(super) const MILLIMETRE: f64 = 96.0 / 25.4;
/// Pixels of a point.
pub(super) const POINT: f64 = 96.0 / 72.0;
/// Pixels of an inch.
pub(super) const INCH: f64 = 96.0;
/// Pixels of a metre of the ground at 1:10,000.
pub(super) const GROUND_METRE: f64 = 1000.0 / 10_000.0 * MILLIMETRE;

/// The widest line.
const WIDEST_PX: f64 = 100.0;
/// The largest marker, letter or distance.
const LARGEST_PX: f64 = 1000.0;
/// The narrowest distance between lines or marks of a pattern: below it they are one colour, at any cost of drawing.
const CLOSEST_PX: f64 = 1.5;

/// A width of a line.
pub(super) fn width(px: f64) -> f32 {
    within(px, 0.0, WIDEST_PX)
}

/// A size of a marker or of letters.
pub(super) fn size(px: f64) -> f32 {
    within(px, 0.5, LARGEST_PX)
}

/// A distance between lines or marks.
pub(super) fn spacing(px: f64) -> f32 {
    within(px, CLOSEST_PX, LARGEST_PX)
}

/// An angle in degrees, from 0 up to 180: lines have no direction.
pub(super) fn line_angle(deg: f64) -> f32 {
    if deg.is_finite() { deg.rem_euclid(180.0) as f32 } else { 0.0 }
}

/// Thousandths of a pixel are kept: what was written in millimetres comes back as it was.
fn within(px: f64, least: f64, most: f64) -> f32 {
    if px.is_nan() { least as f32 } else { ((px.clamp(least, most) * 1000.0).round() / 1000.0) as f32 }
}

/// A number as files write it; `None` for what is none, infinite ones among it.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite()) // what is no number says nothing
}

/// A share of 1.
pub(super) fn share(number: f64) -> f32 {
    if number.is_nan() { 1.0 } else { number.clamp(0.0, 1.0) as f32 }
}

/// A colour with its opacity times `strength`.
pub(super) fn faded(color: Color, strength: f32) -> Color {
    color.with_alpha((f32::from(color.a) * strength.clamp(0.0, 1.0)).round() as u8)
}

/// A number of a scale; 0 and nothing mean that it is open.
pub(super) fn denominator(text: Option<&str>) -> Option<f64> {
    number(text?).filter(|denominator| *denominator > 0.0)
}

/// A number for a file: as short as it can be, at most six decimals.
pub(super) fn written(number: f64) -> String {
    let text = format!("{number:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_numbers_are_brought_within_bounds() {
        assert_eq!((width(f64::NAN), width(-5.0), width(1e300)), (0.0, 0.0, 100.0));
        assert_eq!((spacing(0.0), spacing(f64::INFINITY)), (1.5, 1000.0));
        assert_eq!((line_angle(-45.0), line_angle(540.0), line_angle(f64::NAN)), (135.0, 0.0, 0.0));
        assert_eq!((number(" 0.26 "), number("inf"), number("nan"), number("")), (Some(0.26), None, None, None));
        assert_eq!((denominator(Some("0")), denominator(Some("1e+08")), denominator(None)), (None, Some(1e8), None));
    }

    #[test]
    fn millimetres_and_points_are_pixels_of_a_96th_of_an_inch() {
        assert!((25.4 * MILLIMETRE - INCH).abs() < 1e-9 && (72.0 * POINT - INCH).abs() < 1e-9);
        assert_eq!((written(0.26), written(3.0), written(-0.0000001)), ("0.26".into(), "3".into(), "0".into()));
    }
}
