//! How what a symbol covers is painted: one colour, lines, or small figures.

use crate::model::style::{Fill, Pattern};
use crate::render::raster::line::strip_coverage;
use crate::render::raster::pixels::Premultiplied;

/// How the samples of a symbol are painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FillPaint {
    /// One colour.
    Plain(Premultiplied),
    /// Lines fixed to the picture.
    Hatched {
        /// Of the lines.
        line: Premultiplied,
        /// Behind them.
        back: Premultiplied,
        /// Direction across the lines, scaled so that neighbouring lines are 1 apart.
        across: [f32; 2],
        /// Distance between neighbouring lines in pixels.
        spacing_px: f32,
        /// Half the width of a line in pixels.
        half_px: f32,
        /// Whether lines at right angles cross them.
        crossed: bool,
    },
    /// Figures fixed to the picture.
    Figures {
        /// Their colour.
        ink: Premultiplied,
        /// Behind them.
        back: Premultiplied,
        /// The figures, in pixels of the picture.
        pattern: Pattern,
        /// Half the width of their lines in sides of a figure.
        half: f32,
    },
}

impl FillPaint {
    /// The paint of `fill` with `scale` pixels a logical pixel.
    pub fn new(fill: &Fill, scale: f32) -> Self {
        match fill {
            Fill::None => Self::Plain(Premultiplied::default()),
            Fill::Solid(color) => Self::Plain(Premultiplied::of(*color, 1.0)),
            Fill::Hatch(hatch) => {
                let spacing_px = (hatch.spacing_px * scale).max(1.0);
                // Counter-clockwise from the x axis, where y points down.
                let (sin, cos) = hatch.angle_deg.to_radians().sin_cos();
                Self::Hatched {
                    line: Premultiplied::of(hatch.color, 1.0),
                    back: hatch.back.map(|back| Premultiplied::of(back, 1.0)).unwrap_or_default(),
                    across: [sin / spacing_px, cos / spacing_px],
                    spacing_px,
                    half_px: hatch.width_px * scale / 2.0,
                    crossed: hatch.crossed,
                }
            }
            Fill::Pattern(pattern) => Self::Figures {
                ink: Premultiplied::of(pattern.color, 1.0),
                back: pattern.back.map(|back| Premultiplied::of(back, 1.0)).unwrap_or_default(),
                pattern: pattern.scaled(scale),
                half: pattern.line_width_px() / pattern.size_px.max(1.0) / 2.0,
            },
        }
    }

    /// Whether it leaves no trace.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Plain(color) if color.a == 0)
    }

    /// Its colour at a place of the picture.
    pub fn at(&self, [x, y]: [f32; 2]) -> Premultiplied {
        match self {
            Self::Plain(color) => *color,
            Self::Hatched { line, back, across, spacing_px, half_px, crossed } => {
                let coverage = |phase: f32| {
                    let distance_px = (phase - phase.round()).abs() * spacing_px;
                    strip_coverage(distance_px, *half_px)
                };
                let mut share = coverage(x * across[0] + y * across[1]);
                if *crossed {
                    share = share.max(coverage(x * across[1] - y * across[0]));
                }
                laid(*line, *back, share)
            }
            Self::Figures { ink, back, pattern, half } => {
                let side = pattern.size_px.max(1.0);
                let from_middle = pattern.from_nearest([x, y]);
                if from_middle.iter().any(|v| v.abs() > side / 2.0 + 1.0) {
                    return *back;
                }
                let distance_px = pattern.motif.distance(from_middle.map(|v| v / side), *half) * side;
                laid(*ink, *back, (0.5 - distance_px).clamp(0.0, 1.0))
            }
        }
    }
}

/// `above` laid over `below` where it covers that share.
fn laid(above: Premultiplied, below: Premultiplied, share: f32) -> Premultiplied {
    let share = (share * 255.0).round() as u32;
    let left = 255 * 255 - above.a * share;
    let channel = |own: u32, below: u32| (own * share * 255 + below * left + 32_512) / 65_025;
    Premultiplied {
        r: channel(above.r, below.r),
        g: channel(above.g, below.g),
        b: channel(above.b, below.b),
        a: channel(above.a, below.a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::style::{Color, Hatch, Motif};

    #[test]
    fn figures_stand_where_the_pattern_says() {
        let pattern = Pattern {
            motif: Motif::Dot,
            color: Color::BLACK,
            size_px: 10.0,
            spacing_px: 20.0,
            staggered: true,
            back: Some(Color::WHITE),
        };
        for scale in [1.0f32, 2.0] {
            let paint = FillPaint::new(&Fill::Pattern(pattern), scale);
            let at = |x: f32, y: f32| paint.at([x * scale, y * scale]).r;
            assert_eq!([at(20.0, 40.0), at(10.0, 20.0)], [0, 0], "a dot in the middle of each place");
            assert_eq!([at(10.0, 40.0), at(20.0, 20.0), at(24.0, 40.0)], [255; 3], "and nothing between them");
        }
        let ink = |motif| {
            let paint = FillPaint::new(&Fill::Pattern(Pattern { motif, staggered: false, ..pattern }), 1.0);
            let dark = |i: u16| u32::from(paint.at([f32::from(i % 20) + 0.5, f32::from(i / 20) + 0.5]).r < 128);
            (0..400).map(dark).sum::<u32>()
        };
        for motif in Motif::ALL {
            assert!((4..120).contains(&ink(motif)), "{}: {}", motif.name(), ink(motif));
        }
    }

    #[test]
    fn a_crossed_hatch_covers_both_ways() {
        let hatch = Hatch {
            color: Color::BLACK,
            angle_deg: 0.0,
            spacing_px: 10.0,
            width_px: 2.0,
            crossed: true,
            back: Some(Color::WHITE),
        };
        let paint = FillPaint::new(&Fill::Hatch(hatch), 1.0);
        assert_eq!([paint.at([5.0, 10.0]).r, paint.at([10.0, 5.0]).r, paint.at([5.0, 5.0]).r], [0, 0, 255]);
    }

    #[test]
    fn a_hatch_covers_its_share_at_any_scale() {
        for scale in [1.0, 1.5, 2.0] {
            let hatch = Hatch {
                color: Color::BLACK,
                angle_deg: 45.0,
                spacing_px: 8.0,
                width_px: 2.0,
                crossed: false,
                back: Some(Color::WHITE),
            };
            let paint = FillPaint::new(&Fill::Hatch(hatch), scale);
            let mut sum = 0;
            for i in 0..400u16 {
                for j in 0..400u16 {
                    sum += 255 - paint.at([f32::from(i) + 0.5, f32::from(j) + 0.5]).r;
                }
            }
            let share = f64::from(sum) / 255.0 / 160_000.0;
            assert!((share - 0.25).abs() < 0.01, "{scale}: {share}");
        }
    }
}
