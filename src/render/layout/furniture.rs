//! What stands beside maps: scale bars, north arrows, boxes of lines.

use super::{Page, letters_px};
use crate::model::layout::{Align, ItemStyle};
use crate::model::style::Color;
use crate::render::MapView;
use crate::render::drawing::output::PX_PER_MM;
use crate::render::drawing::{Lines, Shape};
use crate::render::lettering::Anchor;
use crate::render::view::ScaleBar;
use crate::text::tr;

/// Share of a box that its labels take.
const LABELS: f32 = 0.36;

impl Page<'_> {
    /// A bar of round length with its numbers above it.
    pub(super) fn scale_bar(&mut self, [x, y, width, height]: [f32; 4], view: Option<MapView>, style: &ItemStyle) {
        let Some(view) = view else { return };
        let size = letters_px(style);
        let room = f64::from(width - size * 4.0);
        if room <= 1.0 {
            return;
        }
        let bar = ScaleBar::fit(view.units_per_px * self.content.crs.metres_per_unit_on_map(), room);
        let thick = (height * 0.22).clamp(2.0, (1.6 * PX_PER_MM).max(size * 0.45));
        let (left, top) = (x + size, y + height / 2.0 + size * 0.15);
        let part = bar.length_px as f32 / bar.part_count as f32;
        self.fill([left, top, bar.length_px as f32, thick], style.color);
        let inset = 0.12 * PX_PER_MM;
        for nth in (1..bar.part_count).step_by(2) {
            // The bar ends with a line.
            let wide = if nth + 1 == bar.part_count { part - inset } else { part };
            self.fill([left + part * nth as f32, top + inset, wide, thick - 2.0 * inset], Color::WHITE);
        }
        let (divisor, unit) = if bar.length_m >= 1000.0 { (1000.0, "units.km") } else { (1.0, "units.m") };
        let number = |metres: f64| crate::units::round_half_up(metres / divisor, 6).to_string();
        let line = top - size * 0.75;
        for nth in 0..=bar.part_count {
            let at = left + part * nth as f32;
            let metres = bar.length_m / bar.part_count as f64 * nth as f64;
            self.text(&number(metres), [at, line], Anchor::Middle, size, false, style.color);
        }
        let last = number(bar.length_m);
        let beside = self.typeface.width(&last, size, false) / 2.0 + size * 0.3;
        let unit = tr(self.content.language, unit);
        self.text(unit, [left + bar.length_px as f32 + beside, line], Anchor::Left, size, false, style.color);
    }

    /// An arrow to grid north, half of it dark, over its letter.
    pub(super) fn north(&mut self, [x, y, width, height]: [f32; 4], style: &ItemStyle) {
        let size = letters_px(style).min(height / 3.0);
        let (tall, half) = (height - size * 1.3, (width / 2.0).min((height - size * 1.3) * 0.36));
        let middle = x + width / 2.0;
        let (tip, notch) = ([middle, y], [middle, y + tall * 0.76]);
        let mut wing = |side: f32, fill: Color| {
            let ring = vec![tip, [middle + half * side, y + tall], notch];
            let line = Some(super::Line::solid(style.color, 0.2 * PX_PER_MM));
            let lines = Lines { paths: vec![ring], closed: true, fill: Some(fill), line };
            self.sheet.drawing.shapes.push(Shape::Lines(lines));
        };
        wing(-1.0, style.color);
        wing(1.0, Color::WHITE);
        let letter = tr(self.content.language, "layout.north-letter");
        self.text(letter, [middle, y + height - size * 0.5], Anchor::Middle, size, true, style.color);
    }

    /// Lines of a label and what is said, parted by thin lines.
    pub(super) fn block(&mut self, [x, y, width, height]: [f32; 4], rows: &[[String; 2]], style: &ItemStyle) {
        if rows.is_empty() {
            return;
        }
        let step = height / rows.len() as f32;
        let (labels, pad) = (width * LABELS, letters_px(style) * 0.4);
        let mut paths = vec![vec![[x + labels, y], [x + labels, y + height]]];
        for (nth, [label, text]) in rows.iter().enumerate() {
            let top = y + step * nth as f32;
            if nth > 0 {
                paths.push(vec![[x, top], [x + width, top]]);
            }
            let of_label = ItemStyle { align: Align::Middle, ..*style };
            self.text_in([x + pad, top, labels - 2.0 * pad, step], label, &of_label);
            let text = self.filled(text);
            self.text_in([x + labels + pad, top, width - labels - 2.0 * pad, step], &text, style);
        }
        self.lines(paths, (style.line_mm as f32 * 0.5).max(0.1) * PX_PER_MM, style.color);
    }
}
