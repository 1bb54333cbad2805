//! Bars that say how much something has won or lost.

use eframe::egui::{Rect, Ui, pos2, vec2};

use crate::ui::look::theme::{self, tokens};

/// A bar from the middle of `field`, as far as it lies in `clip`: to the right for a gain, to the left for a loss.
pub fn bar(ui: &Ui, clip: Rect, field: Rect, change: f64, largest: f64) {
    if field.width() < 12.0 {
        return;
    }
    let t = tokens(ui);
    let axis = field.center().x.round();
    let painter = ui.painter().with_clip_rect(clip.intersect(ui.clip_rect()));
    painter.vline(axis, field.y_range(), theme::line(t));
    if largest <= 0.0 || change == 0.0 {
        return;
    }
    let length = (field.width() / 2.0 * (change.abs() / largest) as f32).max(1.0);
    let height = (field.height() * 0.5).round();
    let color = if change > 0.0 { t.good } else { t.bad };
    let left = if change > 0.0 { axis } else { axis - length };
    let rect = Rect::from_min_size(pos2(left, field.center().y - height / 2.0), vec2(length, height));
    painter.rect_filled(rect, 1.0, color.gamma_multiply(0.8));
}
