//! An image under or over layers: each pixel of the picture looks its own up. Enlarged, the pixels of an image stay squares;
//! made smaller, each pixel of the picture has the mean of all that lie in it.

use std::ops::Range;

use super::pixels::{Pixels, Premultiplied, ToPixels};
use crate::render::MapView;
use crate::render::image::Image;
use crate::task::{Cancelled, Progress};

/// An image with what of it each pixel of a picture shows.
pub(super) struct Laid<'a> {
    image: &'a Image,
    /// The columns of the image that each column of the picture shows.
    columns: Vec<Range<usize>>,
    /// The rows of the image that each row of the picture shows.
    rows: Vec<Range<usize>>,
}

impl<'a> Laid<'a> {
    /// For a picture of `view` of that many pixels, `scale` of them a pixel of the view.
    pub(super) fn new(image: &'a Image, view: &MapView, scale: f32, [width, height]: [u32; 2]) -> Self {
        let to_pixels = ToPixels::new(view, f64::from(scale), 0);
        let (extent, pixels) = (image.extent(), image.pixels());
        let across = |px: f64| (to_pixels.world([px, 0.0]).x - extent.min.x) / extent.width();
        let down = |px: f64| (extent.max.y - to_pixels.world([0.0, px]).y) / extent.height();
        Self { image, columns: spans(width, pixels.width(), across), rows: spans(height, pixels.height(), down) }
    }

    /// Lays it over the band of a picture that begins with row `top`.
    pub(super) fn lay(&self, band: &mut Pixels, top: u32, progress: &Progress) -> Result<(), Cancelled> {
        let coverage = (self.image.opacity() * 255.0).round() as u32;
        let (own, own_width) = (self.image.pixels().pixels(), self.image.pixels().width() as usize);
        let height = band.data.len() / (4 * band.width);
        for (row, rows) in self.rows.iter().skip(top as usize).take(height).enumerate() {
            if rows.is_empty() {
                continue;
            }
            progress.tick(0)?;
            for (column, columns) in self.columns.iter().enumerate().filter(|(_, columns)| !columns.is_empty()) {
                let (mut sum, mut count) = ([0u64; 4], 0u64);
                for at in rows.clone() {
                    for pixel in &own[at * own_width + columns.start..at * own_width + columns.end] {
                        for (sum, channel) in
                            sum.iter_mut().zip([pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()])
                        {
                            *sum += u64::from(channel);
                        }
                        count += 1;
                    }
                }
                let [r, g, b, a] = sum.map(|sum| ((sum + count / 2) / count) as u32);
                if a > 0 {
                    band.blend(row * band.width + column, Premultiplied { r, g, b, a }, coverage);
                }
            }
        }
        Ok(())
    }
}

/// What of an image's side of `side` pixels each of `count` pixels shows, where a pixel begins at the share `at` of that
/// side: the pixel under its middle, or all whose middles lie in it where it is wider than one; none outside.
fn spans(count: u32, side: u32, at: impl Fn(f64) -> f64) -> Vec<Range<usize>> {
    let side = f64::from(side);
    let inside = |place: f64| place.clamp(0.0, side) as usize;
    let span = |px: u32| {
        let (from, to) = (at(f64::from(px)) * side, at(f64::from(px) + 1.0) * side);
        if to - from > 1.0 {
            return inside((from - 0.5).ceil())..inside((to - 0.5).ceil());
        }
        let middle = ((from + to) / 2.0).floor();
        inside(middle)..inside(middle + 1.0)
    };
    (0..count).map(span).collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use tiny_skia::Pixmap;

    use super::*;
    use crate::model::style::{Color, Fill, LayerStyle, Symbol};
    use crate::model::{Coord, Extent};
    use crate::render::drawing::Drawing;
    use crate::render::prepared::Prepared;
    use crate::render::raster::{MapPart, PaintColors, paint_parts};
    use crate::testing::grid;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];
    const GREEN: [u8; 4] = [0, 255, 0, 255];
    const WHITE: [u8; 4] = [255; 4];

    /// Blue and green over yellow and nothing, on 2 × 2 m about the parcel at its lower left.
    fn image(opacity: f32) -> Image {
        let rgba = [BLUE, GREEN, [255, 255, 0, 255], [9, 9, 9, 0]].concat();
        let corner = |side: f64| Coord { x: 500_000.0 + side, y: 4_070_000.0 + side };
        let extent = Extent { min: corner(0.0), max: corner(2.0) };
        Image::of_rgba([2, 2], rgba, extent, opacity).expect("four pixels")
    }

    /// The parts painted on white, `side` pixels wide and high.
    fn painted(parts: &[MapPart<'_>], side: f64) -> Pixmap {
        let view = MapView::fit(&image(1.0).extent(), [side, side], 0.0);
        let colors = &PaintColors::LIGHT;
        paint_parts(Color::WHITE, &view, 1.0, parts, colors, None, &Progress::new()).expect("not cancelled")
    }

    fn at(pixmap: &Pixmap, x: u32, y: u32) -> [u8; 4] {
        let pixel = pixmap.pixel(x, y).expect("in the picture");
        [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
    }

    #[test]
    fn an_image_lies_where_it_stands_among_the_parts() {
        let layer = grid("R", &[('R', ())], |()| String::new());
        let prepared = Prepared::for_picture(&layer, &layer.crs, &Progress::new()).expect("same CRS");
        let style = LayerStyle::single(Symbol { fill: Fill::Solid(Color::rgb(255, 0, 0)), ..Symbol::default() });
        let symbols = [0];
        let layers = MapPart::Layers(vec![prepared.to_paint(&style, &symbols)]);
        let (whole, half) = (image(1.0), image(0.5));

        let picture = painted(&[MapPart::Image(&whole), layers.clone()], 20.0);
        assert_eq!([at(&picture, 5, 5), at(&picture, 15, 5)], [BLUE, GREEN], "rows from north to south");
        assert_eq!([at(&picture, 5, 15), at(&picture, 15, 15)], [RED, WHITE], "the parcel above, nothing beside it");
        // In the SVG file the picture is the same.
        let svg = Drawing::of_pixels(picture.clone(), 1.0).svg();
        let data = svg.split("base64,").nth(1).and_then(|rest| rest.split('"').next()).expect("a picture");
        let bytes = base64::engine::general_purpose::STANDARD.decode(data).expect("base64");
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("fits memory")];
        reader.next_frame(&mut pixels).expect("a PNG");
        assert_eq!(pixels, picture.data());

        let above = painted(&[layers.clone(), MapPart::Image(&whole)], 20.0);
        assert_eq!([at(&above, 5, 15), at(&above, 15, 15)], [[255, 255, 0, 255], WHITE]);
        let weak = painted(&[MapPart::Image(&half), layers], 20.0);
        assert_eq!([at(&weak, 5, 5), at(&weak, 5, 15)], [[127, 127, 255, 255], RED]);
    }

    #[test]
    fn a_smaller_picture_has_the_mean_and_outside_there_is_nothing() {
        let whole = image(1.0);
        let one = painted(&[MapPart::Image(&whole)], 1.0);
        // Three of four pixels are there: a quarter of the ground shows.
        assert_eq!(at(&one, 0, 0), [128, 192, 128, 255]);
        assert_eq!(spans(4, 2, |px| (px - 1.0) / 2.0), [0..0, 0..1, 1..2, 2..2]);
        assert_eq!(spans(2, 6, |px| px / 2.0), [0..3, 3..6]);
        assert_eq!(spans(3, 6, |px| (px - 1.0) / 2.0), [0..0, 0..3, 3..6]);
    }

    #[test]
    fn what_has_no_area_or_too_few_bytes_is_no_image() {
        let extent = image(1.0).extent();
        assert!(Image::of_rgba([2, 2], vec![0; 15], extent, 1.0).is_none());
        assert!(Image::of_rgba([0, 2], Vec::new(), extent, 1.0).is_none());
        assert!(Image::of_rgba([1, 1], vec![0; 4], Extent { max: extent.min, ..extent }, 1.0).is_none());
        assert!(Image::of_rgba([1, 1], vec![0; 4], Extent::EMPTY, 1.0).is_none());
    }
}
