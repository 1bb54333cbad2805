//! Colours as eyes see them that lack one kind of cones, and the classes of a legend that such eyes mix up.

use super::Color;

/// Whose eyes look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Eyes {
    /// Most people's.
    Usual,
    /// Without red cones.
    Protan,
    /// Without green cones: the most frequent kind.
    #[default]
    Deutan,
    /// Without blue cones.
    Tritan,
}

/// Colours of one legend that are nearer than this are taken for each other (as [`Color::distance`] says).
pub const ALIKE: f32 = 0.06;

/// Two entries of a list that look alike, by their places, and how far their colours are from each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The first.
    pub a: usize,
    /// The second.
    pub b: usize,
    /// Their distance to those eyes.
    pub distance: f32,
}

impl Eyes {
    /// All of them, in the order of choices.
    pub const ALL: [Self; 4] = [Self::Usual, Self::Protan, Self::Deutan, Self::Tritan];

    /// What becomes of red, green and blue light (Machado, Oliveira and Fernandes 2009, table 1, severity 1).
    fn matrix(self) -> Option<[[f32; 3]; 3]> {
        Some(match self {
            Self::Usual => return None,
            Self::Protan => [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
            Self::Deutan => [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
            Self::Tritan => [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        })
    }

    /// The colour that these eyes see in the place of `color`.
    pub fn see(self, color: Color) -> Color {
        let Some(matrix) = self.matrix() else { return color };
        let light = [color.r, color.g, color.b].map(|channel| {
            let c = f32::from(channel) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        let [r, g, b] = matrix.map(|row| {
            let sum: f32 = row.iter().zip(light).map(|(share, light)| share * light).sum();
            let c = sum.clamp(0.0, 1.0);
            let c = if c <= 0.003_130_8 { c * 12.92 } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 };
            (c * 255.0).round() as u8
        });
        Color { r, g, b, a: color.a }
    }

    /// Pairs of `colors` that these eyes take for each other, the most alike first.
    pub fn alike(self, colors: &[Color]) -> Vec<Pair> {
        let seen: Vec<Color> = colors.iter().map(|color| self.see(*color)).collect();
        let mut pairs = Vec::new();
        for (a, first) in seen.iter().enumerate() {
            for (b, second) in seen.iter().enumerate().skip(a + 1) {
                let distance = first.distance(*second);
                if distance < ALIKE {
                    pairs.push(Pair { a, b, distance });
                }
            }
        }
        pairs.sort_by(|x, y| x.distance.total_cmp(&y.distance));
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greys_stay_grey_to_all_eyes() {
        for eyes in Eyes::ALL {
            for grey in [0, 90, 255] {
                let seen = eyes.see(Color::rgb(grey, grey, grey));
                let near = [seen.r, seen.g, seen.b].iter().all(|channel| channel.abs_diff(grey) <= 1);
                assert!(near, "{eyes:?} {grey}: {seen}");
            }
        }
    }

    #[test]
    fn red_and_green_are_mixed_up_by_those_who_lack_either_and_not_by_others() {
        // A red and a green of one lightness to deutan eyes.
        let colors = [Color::rgb(190, 100, 70), Color::rgb(135, 129, 74), Color::rgb(40, 60, 200)];
        assert!(Eyes::Usual.alike(&colors).is_empty());
        let pairs: Vec<(usize, usize)> = Eyes::Deutan.alike(&colors).iter().map(|pair| (pair.a, pair.b)).collect();
        assert_eq!(pairs, [(0, 1)]);
        let far = |eyes: Eyes, a: Color, b: Color| eyes.see(a).distance(eyes.see(b));
        let (red, green) = (Color::rgb(230, 60, 50), Color::rgb(70, 160, 60));
        assert!(far(Eyes::Protan, red, green) < far(Eyes::Usual, red, green));
        let (blue, teal) = (Color::rgb(60, 120, 200), Color::rgb(60, 150, 150));
        assert!(far(Eyes::Tritan, blue, teal) < far(Eyes::Usual, blue, teal) * 0.7);
    }

    #[test]
    fn the_same_colour_twice_is_a_pair_to_everybody() {
        let colors = [Color::rgb(10, 200, 30), Color::rgb(10, 200, 30)];
        for eyes in Eyes::ALL {
            assert_eq!(eyes.alike(&colors), [Pair { a: 0, b: 1, distance: 0.0 }], "{eyes:?}");
        }
    }
}
