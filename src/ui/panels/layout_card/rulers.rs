//! Rulers in millimetres beside the page, and guides: lines of the layout that are never printed, which items snap to. A
//! press on a ruler puts one there, dragging its mark moves it, and dragging it off the ruler takes it away.

use eframe::egui::{Align2, Color32, CursorIcon, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::model::layout::Layout;
use crate::ui::look::theme::{font, tokens};
use crate::ui::session::Session;

/// Width of a ruler in points.
pub(super) const WIDE: f32 = 18.0;
/// Least distance between numbers in points.
const APART: f32 = 56.0;
/// How near a press must be to a mark, and how far off its ruler a mark is taken away, in points.
const NEAR: f32 = 5.0;
const OFF: f32 = 36.0;
/// Distances between numbers in millimetres.
const STEPS: [f64; 8] = [1.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0];
/// Colour of guides.
const GUIDE: Color32 = Color32::from_rgb(0xE0, 0x3E, 0x8A);

/// A guide that is being moved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moving {
    axis: usize,
    nth: usize,
    /// Where it is now; nowhere where it would be taken away.
    now: Option<f64>,
}

/// Draws both rulers over the edges of what is seen of the page, and the guides over the page. `tinted` is the frame of what
/// is chosen, in millimetres.
pub(super) fn ui(
    ui: &Ui,
    session: &Session,
    layout: &mut Layout,
    (page, scale): (Rect, f32),
    tinted: Option<[f64; 4]>,
    moving: &mut Option<Moving>,
) {
    let seen = ui.clip_rect();
    guides(ui, layout, page, scale, *moving);
    for (axis, key) in [(0, "layout.ruler-across"), (1, "layout.ruler-down")] {
        let bar = match axis {
            0 => Rect::from_min_size(seen.min, vec2(seen.width(), WIDE)),
            _ => Rect::from_min_size(seen.min + vec2(0.0, WIDE), vec2(WIDE, seen.height() - WIDE)),
        };
        let response = ui.interact(bar, ui.scope_id().with(("ruler", axis)), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, session.tr(key)));
        let from_page = |at: Pos2| f64::from((at[axis] - page.min[axis]) / scale);
        let lines = &mut layout.guides[axis];
        let half = |mm: f64| (mm * 2.0).round() / 2.0;
        if response.drag_started()
            && let Some(at) = ui.input(|input| input.pointer.press_origin())
            && let Some(nth) = near(lines, from_page(at), scale)
        {
            *moving = Some(Moving { axis, nth, now: lines.get(nth).copied() });
        }
        if let (Some(of), Some(at)) = (moving.as_mut().filter(|of| of.axis == axis), response.interact_pointer_pos()) {
            let off = (at[1 - axis] - bar.center()[1 - axis]).abs();
            of.now = (off <= OFF).then(|| half(from_page(at)));
        }
        if response.drag_stopped()
            && let Some(of) = moving.take_if(|of| of.axis == axis)
        {
            match of.now {
                Some(mm) if of.nth < lines.len() => lines[of.nth] = mm,
                None if of.nth < lines.len() => {
                    lines.remove(of.nth);
                }
                _ => {}
            }
        }
        if response.clicked()
            && let Some(at) = response.interact_pointer_pos()
            && near(lines, from_page(at), scale).is_none()
            && lines.len() < Layout::MOST_GUIDES
        {
            lines.push(half(from_page(at)));
        }
        paint(ui, bar, axis, (page, scale), tinted, &layout.guides[axis]);
        let cursor = if axis == 0 { CursorIcon::ResizeHorizontal } else { CursorIcon::ResizeVertical };
        response.on_hover_cursor(cursor).on_hover_text(session.tr("layout.ruler-note"));
    }
    let t = tokens(ui);
    ui.painter().rect_filled(Rect::from_min_size(seen.min, vec2(WIDE, WIDE)), 0.0, t.panel);
}

/// The guide whose mark is near to a place, at so many points a millimetre.
fn near(lines: &[f64], mm: f64, scale: f32) -> Option<usize> {
    lines.iter().position(|line| (line - mm).abs() * f64::from(scale) <= f64::from(NEAR))
}

/// The guides of a layout over its page.
fn guides(ui: &Ui, layout: &Layout, page: Rect, scale: f32, moving: Option<Moving>) {
    let seen = ui.clip_rect();
    for (axis, lines) in layout.guides.iter().enumerate() {
        for (nth, line) in lines.iter().enumerate() {
            let moved = moving.filter(|of| of.axis == axis && of.nth == nth);
            let Some(mm) = moved.map_or(Some(*line), |of| of.now) else { continue };
            let at = page.min[axis] + mm as f32 * scale;
            let ends = if axis == 0 {
                [pos2(at, seen.top()), pos2(at, seen.bottom())]
            } else {
                [pos2(seen.left(), at), pos2(seen.right(), at)]
            };
            ui.painter().extend(Shape::dashed_line(&ends, Stroke::new(1.0, GUIDE), 4.0, 3.0));
        }
    }
}

/// One ruler: ticks with numbers, the range of what is chosen, the marks of its guides.
fn paint(ui: &Ui, bar: Rect, axis: usize, (page, scale): (Rect, f32), tinted: Option<[f64; 4]>, lines: &[f64]) {
    let t = tokens(ui);
    let painter = ui.painter().with_clip_rect(bar);
    painter.rect_filled(bar, 0.0, t.panel);
    let on_bar = |mm: f64| page.min[axis] + mm as f32 * scale;
    if let Some(frame) = tinted {
        let (from, to) = (on_bar(frame[axis]), on_bar(frame[axis] + frame[axis + 2]));
        let range = match axis {
            0 => Rect::from_min_max(pos2(from, bar.top()), pos2(to, bar.bottom())),
            _ => Rect::from_min_max(pos2(bar.left(), from), pos2(bar.right(), to)),
        };
        painter.rect_filled(range, 0.0, t.accent_tint);
    }
    let step = step(scale);
    let first = (f64::from((bar.min[axis] - page.min[axis]) / scale) / step).floor() as i64;
    let last = (f64::from((bar.max[axis] - page.min[axis]) / scale) / step).ceil() as i64;
    let tick = |at: f32, long: f32| {
        let ends = match axis {
            0 => [pos2(at, bar.bottom() - long), pos2(at, bar.bottom())],
            _ => [pos2(bar.right() - long, at), pos2(bar.right(), at)],
        };
        painter.line_segment(ends, Stroke::new(1.0, t.faint));
    };
    for nth in first..=last {
        let mm = nth as f64 * step;
        tick(on_bar(mm), 7.0);
        (1..5).for_each(|part| tick(on_bar(mm + step * f64::from(part) / 5.0), 3.0));
        let galley = painter.layout_no_wrap(format!("{mm:.0}"), font::bold(9.0), t.muted);
        let at = on_bar(mm);
        if axis == 0 {
            painter.galley(pos2(at + 2.0, bar.top()), galley, t.muted);
        } else {
            // Upright numbers are wider than the ruler: they stand on their side.
            let place = pos2(bar.left(), at - 2.0);
            let shape = eframe::egui::epaint::TextShape::new(place, galley, t.muted);
            painter.add(shape.with_angle(-std::f32::consts::FRAC_PI_2));
        }
    }
    let edge = match axis {
        0 => [bar.left_bottom(), bar.right_bottom()],
        _ => [bar.right_top(), bar.right_bottom()],
    };
    painter.line_segment(edge, Stroke::new(1.0, t.line));
    for line in lines {
        let at = on_bar(*line);
        let place = if axis == 0 { pos2(at, bar.bottom() - 4.0) } else { pos2(bar.right() - 4.0, at) };
        painter.rect_filled(Align2::CENTER_CENTER.anchor_size(place, vec2(7.0, 7.0)), 1.0, GUIDE);
    }
}

/// Millimetres between numbers at so many points a millimetre.
fn step(scale: f32) -> f64 {
    let fits = |step: &f64| *step * f64::from(scale) >= f64::from(APART);
    STEPS.into_iter().find(fits).unwrap_or(STEPS[STEPS.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_apart_at_any_size() {
        assert_eq!([0.1, 0.5, 1.2, 3.0, 60.0].map(step), [500.0, 200.0, 50.0, 20.0, 1.0]);
    }
}
