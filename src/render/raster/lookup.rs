//! Fills looked up in a pyramid: one feature a pixel, whose paint is asked for.

use super::fill::FillPaint;
use super::pixels::{Pixels, ToPixels};
use crate::render::pyramid::Level;

/// Lays the paint that `paint_of` gives a feature over each pixel of the band whose first row is `top` of the picture.
pub(super) fn paint<'a>(
    pixels: &mut Pixels,
    level: &Level,
    to_pixels: &ToPixels,
    top: u32,
    paint_of: impl Fn(usize) -> Option<&'a FillPaint>,
) {
    let width = pixels.width.max(1);
    let middle = |at: usize| at as f64 + 0.5;
    let columns: Vec<usize> =
        (0..width).map(|x| level.column(to_pixels.world([middle(x), 0.0]).x).unwrap_or(usize::MAX)).collect();
    for (y, line) in pixels.data.chunks_exact_mut(width * 4).enumerate() {
        let numbers = level.row(to_pixels.world([0.0, middle(y)]).y);
        if numbers.is_empty() {
            continue;
        }
        let mut known = (0, None);
        for (x, (pixel, column)) in line.chunks_exact_mut(4).zip(&columns).enumerate() {
            let number = numbers.get(*column).copied().unwrap_or(0);
            if number != known.0 {
                known = (number, (number as usize).checked_sub(1).and_then(&paint_of));
            }
            if let Some(paint) = known.1 {
                paint.at([x as f32 + 0.5, (top as usize + y) as f32 + 0.5]).over(pixel, 255);
            }
        }
    }
}
