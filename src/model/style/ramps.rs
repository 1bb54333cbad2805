//! Runs of colours for ranges of a figure, from little to much.

use super::Color;

/// A run of colours through three of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// Key of its name.
    pub key: &'static str,
    colors: [Color; 3],
}

/// All of them, in the order of choices: those of one hue grow darker, the last two part in the middle.
pub const RAMPS: [Ramp; 7] = [
    Ramp::through("model.ramp-orange", [[255, 245, 216], [247, 164, 84], [160, 48, 12]]),
    Ramp::through("model.ramp-blue", [[233, 242, 250], [110, 170, 214], [14, 70, 140]]),
    Ramp::through("model.ramp-green", [[236, 247, 228], [122, 190, 120], [10, 92, 50]]),
    Ramp::through("model.ramp-purple", [[244, 238, 248], [164, 142, 204], [80, 30, 130]]),
    Ramp::through("model.ramp-grey", [[245, 245, 244], [160, 160, 158], [50, 50, 50]]),
    Ramp::through("model.ramp-blue-red", [[44, 110, 176], [245, 244, 240], [190, 50, 44]]),
    Ramp::through("model.ramp-teal-brown", [[20, 130, 124], [245, 243, 236], [150, 90, 30]]),
];

impl Ramp {
    const fn through(key: &'static str, [low, middle, high]: [[u8; 3]; 3]) -> Self {
        Self { key, colors: [color(low), color(middle), color(high)] }
    }

    /// The colour at `share` of the way, 0 to 1.
    pub fn at(&self, share: f32) -> Color {
        let [low, middle, high] = self.colors;
        let share = share.clamp(0.0, 1.0) * 2.0;
        if share <= 1.0 { low.mix(middle, share) } else { middle.mix(high, share - 1.0) }
    }

    /// Colour number `nth` of `count` that are as far apart as can be.
    pub fn of(&self, nth: usize, count: usize) -> Color {
        self.at(if count < 2 { 0.5 } else { nth as f32 / (count - 1) as f32 })
    }
}

const fn color([r, g, b]: [u8; 3]) -> Color {
    Color::rgb(r, g, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ramps_run_from_end_to_end_and_tell_seven_ranges_apart() {
        for ramp in RAMPS {
            assert_eq!([ramp.of(0, 5), ramp.of(4, 5)], [ramp.colors[0], ramp.colors[2]], "{}", ramp.key);
            let colors: Vec<Color> = (0..7).map(|nth| ramp.of(nth, 7)).collect();
            assert!(colors.windows(2).all(|pair| pair[0].distance(pair[1]) > 0.04), "{}: {colors:?}", ramp.key);
        }
    }
}
