//! Sine and cosine of an angle, written for loops over many coordinates.
//!
//! Without a branch, a table or a call, so that the compiler computes several angles at once; and with the same digits
//! on every machine, which the sine of a system's library does not promise.

/// Adding this to a double below 2⁵¹ leaves its nearest whole number in the last bits.
pub(super) const WHOLE: f64 = 6_755_399_441_055_744.0;
/// π/2 in three parts, of which the first two have zeros enough that a multiple of them is exact.
const HALF_PI: [f64; 3] = [1.570_796_326_734_125_6, 6.077_100_506_303_966e-11, 2.022_266_248_795_950_6e-21];

/// Sine and cosine of `x` radians, to one unit in the last place within a turn, to two for |x| < 10⁵.
#[inline(always)]
pub(super) fn sin_cos(x: f64) -> (f64, f64) {
    // x is so many quarter turns, and r, which is at most an eighth of a turn.
    let shifted = x * std::f64::consts::FRAC_2_PI + WHOLE;
    let quarters = shifted.to_bits();
    let n = shifted - WHOLE;
    let r = ((x - n * HALF_PI[0]) - n * HALF_PI[1]) - n * HALF_PI[2];
    // Taylor's series to x¹⁵ and x¹⁶: what follows is below 5e-17. In pairs, which do not wait for each other.
    let z = r * r;
    let (z2, z4) = (z * z, (z * z) * (z * z));
    let s35 = -1.0 / 6.0 + z * (1.0 / 120.0);
    let s79 = -1.0 / 5_040.0 + z * (1.0 / 362_880.0);
    let s11 = -1.0 / 39_916_800.0 + z * (1.0 / 6_227_020_800.0) - z2 * (1.0 / 1_307_674_368_000.0);
    let sin = r + r * z * (s35 + z2 * s79 + z4 * s11);
    let c46 = 1.0 / 24.0 - z * (1.0 / 720.0);
    let c8 = 1.0 / 40_320.0 - z * (1.0 / 3_628_800.0);
    let c12 = 1.0 / 479_001_600.0 - z * (1.0 / 87_178_291_200.0) + z2 * (1.0 / 20_922_789_888_000.0);
    let half = 0.5 * z;
    let cos = 1.0 - half;
    let cos = cos + (((1.0 - cos) - half) + z2 * (c46 + z2 * c8 + z4 * c12));
    let (sin, cos) = if quarters & 1 == 1 { (cos, sin) } else { (sin, cos) };
    // The second bit of a number of quarters is its sign.
    let signed = |value: f64, quarters: u64| f64::from_bits(value.to_bits() ^ ((quarters & 2) << 62));
    (signed(sin, quarters), signed(cos, quarters.wrapping_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_those_of_the_library_to_the_last_place() {
        let check = |x: f64| {
            let ((sin, cos), (s, c)) = (sin_cos(x), x.sin_cos());
            let off = |ours: f64, theirs: f64| ((ours - theirs) / theirs).abs();
            let most = if x.abs() < 6.3 { 3e-16 } else { 6e-16 };
            assert!(off(sin, s) < most || sin == s, "sin {x}: {sin:e}, {s:e}");
            assert!(off(cos, c) < most, "cos {x}: {cos:e}, {c:e}");
        };
        for i in -200_000..=200_000 {
            check(f64::from(i) * 1.7e-5);
            check(f64::from(i) * 0.417);
        }
        (0..40).for_each(|i| check(10f64.powi(-i)));
        assert!([f64::NAN, f64::INFINITY, -f64::INFINITY].iter().all(|x| sin_cos(*x).0.is_nan()));
    }
}
