//! A wind rose (风玫瑰图): on each of sixteen directions a point as far out as the wind comes from there, joined to a ring for the
//! year and a broken one for the summer, over circles of round shares.

use super::{Page, letters_px};
use crate::model::layout::furniture::{DIRECTION_COUNT, is_calm};
use crate::model::layout::{ItemStyle, RoseItem};
use crate::model::style::Color;
use crate::render::drawing::output::PX_PER_MM;
use crate::render::drawing::{Line, Lines, Shape};
use crate::render::lettering::Anchor;
use crate::text::tr;
use crate::units::format_number;

/// Corners of a circle.
const CORNERS: usize = 64;
/// Circles, about.
const CIRCLES: f64 = 3.0;
/// Steps between circles, in per cent.
const STEPS: [f64; 5] = [1.0, 2.0, 5.0, 10.0, 20.0];
/// Ink of circles and axes.
const THIN: Color = Color::rgb(0x8A, 0x93, 0x9E);

impl Page<'_> {
    pub(super) fn rose(&mut self, [x, y, width, height]: [f32; 4], rose: &RoseItem, style: &ItemStyle) {
        let size = letters_px(style).min(height / 5.0);
        let radius = (width / 2.0).min((height - size * 1.4) / 2.0);
        let middle = [x + width / 2.0, y + size * 1.4 + radius];
        if radius <= 1.0 {
            return;
        }
        let most = rose.year.iter().chain(&rose.summer).copied().fold(0.0, f64::max);
        let step = STEPS.into_iter().find(|step| step * CIRCLES >= most).unwrap_or(most / CIRCLES);
        let count = (most / step).ceil().max(1.0);
        let px_per_share = f64::from(radius) / (step * count);
        let at = |direction: f64, share: f64| {
            let (sin, cos) = (direction / DIRECTION_COUNT as f64 * std::f64::consts::TAU).sin_cos();
            let out = share * px_per_share;
            [middle[0] + (sin * out) as f32, middle[1] - (cos * out) as f32]
        };
        let circle = |share: f64| -> Vec<[f32; 2]> {
            let turn = DIRECTION_COUNT as f64 / CORNERS as f64;
            (0..CORNERS).map(|corner| at(corner as f64 * turn, share)).collect()
        };
        let hair = 0.1 * PX_PER_MM;
        let mut lines = |paths: Vec<Vec<[f32; 2]>>, closed: bool, fill: Option<Color>, line: Line| {
            let lines = Lines { paths, closed, fill, line: Some(line) };
            self.sheet.drawing.shapes.push(Shape::Lines(lines));
        };
        let circles = (1..=count as usize).map(|nth| circle(step * nth as f64)).collect();
        lines(circles, true, None, Line::solid(THIN, hair));
        let whole = step * count;
        let half = DIRECTION_COUNT as f64 / 2.0;
        let axis = |direction: usize| vec![at(direction as f64, whole), at(direction as f64 + half, whole)];
        lines((0..DIRECTION_COUNT / 2).map(axis).collect(), false, None, Line::solid(THIN, hair));
        let ring = |winds: &[f64; DIRECTION_COUNT]| -> Vec<[f32; 2]> {
            winds.iter().enumerate().map(|(nth, share)| at(nth as f64, *share)).collect()
        };
        if !is_calm(&rose.year) {
            let fill = Some(style.color.with_alpha(46));
            lines(vec![ring(&rose.year)], true, fill, Line::solid(style.color, 0.35 * PX_PER_MM));
        }
        if !is_calm(&rose.summer) {
            let dash = Some([1.2 * PX_PER_MM, 0.8 * PX_PER_MM]);
            let line = Line { dash, ..Line::solid(style.color, 0.25 * PX_PER_MM) };
            lines(vec![ring(&rose.summer)], true, None, line);
        }
        // North, as a short arrow above the circles, and what the outermost of them is.
        let tip = y + size * 0.9;
        let wing = size * 0.28;
        let arrow = vec![[middle[0], tip], [middle[0] + wing, tip + size * 0.8], [middle[0] - wing, tip + size * 0.8]];
        lines(vec![arrow], true, Some(style.color), Line::solid(style.color, hair));
        let north = tr(self.content.language, "layout.north-letter");
        self.text(north, [middle[0], y + size * 0.4], Anchor::Middle, size, true, style.color);
        let share = format!("{}%", format_number(whole, if whole < 1.0 { 1 } else { 0 }));
        let beside = at(2.0, whole);
        self.text(&share, [beside[0], beside[1] - size * 0.3], Anchor::Left, size * 0.7, false, THIN);
    }
}
