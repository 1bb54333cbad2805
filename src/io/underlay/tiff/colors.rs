//! Samples of a TIFF as colours: greys, palettes, red-green-blue, four inks; opacity, and values that mean nothing.

use super::Directory;

/// The samples of a block, numbers little-endian.
pub(super) struct Samples {
    pub(super) size: [u32; 2],
    row_bytes: usize,
    planes: Vec<Vec<u8>>,
    bands: usize,
    bits: usize,
    format: u16,
}

impl Samples {
    pub(super) fn new(page: &Directory, size: [u32; 2], row_bytes: usize, planes: Vec<Vec<u8>>) -> Self {
        let (bands, bits) = (usize::from(page.bands), usize::from(page.bits));
        Self { size, row_bytes, planes, bands, bits, format: page.format }
    }

    /// Bytes that it takes.
    pub(super) fn byte_count(&self) -> usize {
        self.planes.iter().map(Vec::len).sum()
    }

    /// A sample as a number; not a number where the bytes end.
    pub(super) fn get(&self, x: usize, y: usize, band: usize) -> f64 {
        self.sample(x, y, band).unwrap_or(f64::NAN)
    }

    fn sample(&self, x: usize, y: usize, band: usize) -> Option<f64> {
        let together = self.planes.len() == 1;
        let plane = self.planes.get(if together { 0 } else { band })?;
        let nth = if together { x * self.bands + band } else { x };
        let row = plane.get(y * self.row_bytes..(y + 1) * self.row_bytes)?;
        if self.bits < 8 {
            let bit = nth * self.bits;
            let byte = *row.get(bit / 8)?;
            return Some(f64::from(byte >> (8 - self.bits - bit % 8) & ((1 << self.bits) - 1) as u8));
        }
        let width = self.bits / 8;
        let bytes = row.get(nth * width..(nth + 1) * width)?;
        Some(match (self.bits, self.format) {
            (8, 2) => f64::from(bytes[0] as i8),
            (8, _) => f64::from(bytes[0]),
            (16, 2) => f64::from(i16::from_le_bytes(bytes.try_into().ok()?)),
            (16, 3) => half(u16::from_le_bytes(bytes.try_into().ok()?)),
            (16, _) => f64::from(u16::from_le_bytes(bytes.try_into().ok()?)),
            (32, 2) => f64::from(i32::from_le_bytes(bytes.try_into().ok()?)),
            (32, 3) => f64::from(f32::from_le_bytes(bytes.try_into().ok()?)),
            (32, _) => f64::from(u32::from_le_bytes(bytes.try_into().ok()?)),
            (64, 3) => f64::from_le_bytes(bytes.try_into().ok()?),
            (64, 2) => i64::from_le_bytes(bytes.try_into().ok()?) as f64,
            (64, _) => u64::from_le_bytes(bytes.try_into().ok()?) as f64,
            _ => return None,
        })
    }

    /// Adds at most `most` of its colour values that mean something.
    pub(super) fn collect(&self, page: &Directory, most: usize, values: &mut Vec<f64>) {
        let [width, height] = self.size.map(|side| side as usize);
        let step = (width * height / most.max(1)).max(1);
        for at in (0..width * height).step_by(step) {
            for band in 0..color_bands(page) {
                let value = self.get(at % width, at / width, band);
                if value.is_finite() && page.no_data != Some(value) {
                    values.push(value);
                }
            }
        }
    }
}

/// A floating number of two bytes.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1F), f64::from(bits & 0x3FF));
    let value = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    };
    if bits & 0x8000 == 0 { value } else { -value }
}

/// How many of its bands are colours.
fn color_bands(page: &Directory) -> usize {
    let bands = usize::from(page.bands);
    match page.photometric {
        2 | 6 if bands >= 3 => 3,
        5 if bands >= 4 => 4,
        _ => 1,
    }
}

/// Four bytes a pixel: red, green, blue, opacity; `stretch` goes from black to white.
pub(super) fn rgba(samples: &Samples, page: &Directory, stretch: [f64; 2]) -> Vec<u8> {
    let [width, height] = samples.size.map(|side| side as usize);
    let colors = color_bands(page);
    let opacity = page.extra.filter(|extra| matches!(extra, 1 | 2)).map(|_| colors);
    let opacity = opacity.filter(|band| *band < samples.bands);
    let mut rgba = Vec::with_capacity(width * height * 4);
    let plain = samples.bits == 8 && samples.format == 1 && samples.planes.len() == 1 && page.no_data.is_none();
    if plain && colors == 3 {
        for row in samples.planes[0].chunks_exact(samples.row_bytes).take(height) {
            for pixel in row.chunks_exact(samples.bands).take(width) {
                let alpha = opacity.map_or(255, |band| pixel[band]);
                let color = [pixel[0], pixel[1], pixel[2]].map(|v| straight(v, alpha, page.extra));
                rgba.extend_from_slice(&[color[0], color[1], color[2], alpha]);
            }
        }
        rgba.resize(width * height * 4, 0);
        return rgba;
    }
    let byte = |value: f64| ((value - stretch[0]) / (stretch[1] - stretch[0]) * 255.0).round().clamp(0.0, 255.0) as u8;
    let most = 2f64.powi(samples.bits.min(32) as i32) - 1.0;
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let values: [f64; 4] = std::array::from_fn(|band| if band < colors { samples.get(x, y, band) } else { 0.0 });
        let of_colors = &values[..colors];
        let means_nothing = of_colors.iter().any(|v| !v.is_finite())
            || page.no_data.is_some_and(|none| of_colors.iter().all(|v| *v == none));
        if means_nothing {
            rgba.extend_from_slice(&[0; 4]);
            continue;
        }
        let [r, g, b] = match page.photometric {
            3 => of_palette(&page.palette, values[0] as usize),
            5 if colors == 4 => {
                let ink = values.map(|v| 1.0 - (v / most).clamp(0.0, 1.0));
                [0, 1, 2].map(|at| (ink[at] * ink[3] * 255.0).round() as u8)
            }
            0 => [255 - byte(values[0]); 3],
            _ if colors == 3 => [byte(values[0]), byte(values[1]), byte(values[2])],
            _ => [byte(values[0]); 3],
        };
        let alpha = opacity.map_or(255, |band| {
            let share = samples.get(x, y, band) / if samples.format == 3 { 1.0 } else { most };
            (share * 255.0).round().clamp(0.0, 255.0) as u8
        });
        rgba.extend([r, g, b].map(|v| straight(v, alpha, page.extra)));
        rgba.push(alpha);
    }
    rgba
}

/// A colour that may have been multiplied by its opacity, as it was before.
fn straight(value: u8, alpha: u8, extra: Option<u16>) -> u8 {
    if extra != Some(1) || alpha == 255 || alpha == 0 {
        return value;
    }
    (u32::from(value) * 255 / u32::from(alpha)).min(255) as u8
}

/// A colour of a palette: all reds, then greens, then blues, of two bytes each.
fn of_palette(palette: &[u16], number: usize) -> [u8; 3] {
    let count = palette.len() / 3;
    let number = number.min(count.saturating_sub(1));
    [0, 1, 2].map(|at| palette.get(at * count + number).map_or(0, |value| (value >> 8) as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(page: &Directory, size: [u32; 2], bytes: &[u8]) -> Samples {
        Samples::new(page, size, page.row_bytes(size[0]), vec![bytes.to_vec()])
    }

    #[test]
    fn greys_palettes_and_values_without_a_meaning_become_colours() {
        let page = Directory { bits: 1, bands: 1, format: 1, photometric: 0, ..Directory::default() };
        let found = rgba(&samples(&page, [2, 1], &[0b0100_0000]), &page, [0.0, 1.0]);
        assert_eq!(found, [255, 255, 255, 255, 0, 0, 0, 255]);
        let palette = vec![0, 0xFFFF, 0, 0x8000, 0x1200, 0];
        let page = Directory { bits: 4, photometric: 3, palette, ..page };
        let found = rgba(&samples(&page, [2, 1], &[0x01]), &page, [0.0, 15.0]);
        assert_eq!(found, [0, 0, 0x12, 255, 255, 0x80, 0, 255]);
        let page = Directory { bits: 16, photometric: 1, format: 2, no_data: Some(-9999.0), ..page };
        let bytes = [(-9999i16).to_le_bytes(), 100i16.to_le_bytes()].concat();
        assert_eq!(rgba(&samples(&page, [2, 1], &bytes), &page, [0.0, 200.0]), [0, 0, 0, 0, 128, 128, 128, 255]);
        assert_eq!([half(0x3C00), half(0xC000), half(0x0001)], [1.0, -2.0, 2f64.powi(-24)]);
    }

    #[test]
    fn opacity_is_taken_only_where_the_file_says_that_it_is_one() {
        let page = Directory { bits: 8, bands: 4, format: 1, photometric: 2, extra: Some(2), ..Directory::default() };
        let bytes = [10, 20, 30, 128];
        assert_eq!(rgba(&samples(&page, [1, 1], &bytes), &page, [0.0, 255.0]), bytes);
        let near_infrared = Directory { extra: Some(0), ..page };
        let found = rgba(&samples(&near_infrared, [1, 1], &bytes), &near_infrared, [0.0, 255.0]);
        assert_eq!(found, [10, 20, 30, 255]);
    }
}
