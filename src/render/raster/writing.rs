//! Labels painted over all that is drawn.

use tiny_skia::Pixmap;

use super::pixels::ToPixels;
use super::{PaintColors, Ready, annotated};
use crate::model::Coord;
use crate::model::style::Color;
use crate::render::MapView;
use crate::render::labels::{self, LayerLabels, Piece, Written};
use crate::render::lettering::{Anchor, Typeface, paint_of};

pub(super) fn paint_labels(
    pixmap: &mut Pixmap,
    view: &MapView,
    scale: f32,
    layers: &[Ready<'_>],
    colors: &PaintColors,
    typeface: &Typeface,
) {
    let to_pixels = ToPixels::new(view, f64::from(scale), 0);
    let at = |place: Coord| to_pixels.at(place).map(|v| v as f32);
    fn of_layer<'a>(ready: &Ready<'a>, scale: f32) -> LayerLabels<'a> {
        let widest = ready.sprites.iter().flatten().map(|sprite| sprite.reach_px() as f32).reduce(f32::max);
        let reach = widest.map(|reach| reach / scale);
        LayerLabels { labels: ready.layer.labels, annotated: annotated(ready.layer), reach }
    }
    let layers: Vec<LayerLabels<'_>> = layers.iter().map(|ready| of_layer(ready, scale)).collect();
    let map = [0.0, 0.0, pixmap.width() as f32, pixmap.height() as f32];
    for label in labels::place(view, map, scale, &at, &layers, typeface) {
        paint_label(pixmap, &label, scale, colors, typeface);
    }
}

fn paint_label(pixmap: &mut Pixmap, label: &Written<'_>, scale: f32, colors: &PaintColors, typeface: &Typeface) {
    let (color, halo) = colors.label(&label.look);
    let halo = halo.map(|(color, width)| (color, width * scale));
    let (size, bold) = (label.size_px, label.look.bold);
    for piece in &label.pieces {
        match piece {
            Piece::Text { text, left } => {
                typeface.paint(pixmap, text, *left, Anchor::Left, size, bold, color, halo);
            }
            Piece::Letters(letters) => typeface.paint_turned(pixmap, letters, size, bold, color, halo),
            Piece::Bar { ends: [[from, y], [to, _]], width } => {
                let mut bar = |color: Color, around: f32| {
                    let (top, height) = (y - width / 2.0 - around, width + 2.0 * around);
                    if let Some(rect) = tiny_skia::Rect::from_xywh(from - around, top, to - from + 2.0 * around, height)
                    {
                        pixmap.fill_rect(rect, &paint_of(color), tiny_skia::Transform::identity(), None);
                    }
                };
                if let Some((color, width)) = halo {
                    bar(color, width / 2.0);
                }
                bar(color, 0.0);
            }
        }
    }
}
