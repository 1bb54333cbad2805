//! Sine and cosine without branches or tables, so that loops over coordinates become vector instructions.

/// Vertices that are projected together: the inputs and outputs of one pass stay in the first-level cache.
pub(crate) const LANES: usize = 32;

/// Factors of x³, x⁵, … of the sine series over x.
const SINE: [f64; 8] = [
    -1.0 / 6.0,
    1.0 / 120.0,
    -1.0 / 5_040.0,
    1.0 / 362_880.0,
    -1.0 / 39_916_800.0,
    1.0 / 6_227_020_800.0,
    -1.0 / 1_307_674_368_000.0,
    1.0 / 355_687_428_096_000.0,
];

/// Sine and cosine of `x` radians, −π/2 ≤ x ≤ π/2, to 3·10⁻¹⁶.
///
/// Taylor series of the half angle (below π/4, where the next term is 2·10⁻¹⁹), then sin 2h = 2 sin h cos h and
/// cos 2h = 1 − 2 sin² h. Beyond π/2 the result is only approximately a sine.
#[inline(always)]
pub(crate) fn sin_cos(x: f64) -> (f64, f64) {
    let h = 0.5 * x;
    let h2 = h * h;
    let mut sine = SINE[7];
    for factor in SINE[..7].iter().rev() {
        sine = sine * h2 + factor;
    }
    // sin h = h + h³ · sine
    let sine = h + h * h2 * sine;
    let double = sine * sine;
    // cos h from sin h: both stay below 1/√2 apart from 1, so the root keeps all digits.
    let cosine = (1.0 - double).sqrt();
    (2.0 * sine * cosine, 1.0 - 2.0 * double)
}

/// The largest whole number not above `x`, for |x| < 2⁵¹.
#[inline(always)]
pub(crate) fn floor(x: f64) -> f64 {
    // Adding 1.5 · 2⁵² leaves no room for a fraction.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    let nearest = (x + SHIFT) - SHIFT;
    if nearest > x { nearest - 1.0 } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_and_cosine_are_good_to_the_last_digits() {
        let mut worst = 0.0f64;
        for i in -100_000..=100_000 {
            let x = f64::from(i) * 1e-5 * std::f64::consts::FRAC_PI_2;
            let (sin, cos) = sin_cos(x);
            worst = worst.max((sin - x.sin()).abs()).max((cos - x.cos()).abs());
        }
        println!("largest deviation of sine and cosine: {worst:.1e}");
        assert!(worst <= 3e-16, "{worst:e}");
    }

    #[test]
    fn floor_is_floor() {
        for x in [0.0, 0.5, 1.0, -0.5, -1.0, -1.000_001, 2.999_999, 39_512_362_683_000.5, -1e12 - 0.25] {
            assert_eq!(floor(x), x.floor(), "{x}");
        }
    }
}
