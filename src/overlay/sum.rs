//! Sums of areas in fixed point: exact, so that order and number of threads never change a digit, and what cancels
//! cancels to zero.

/// Largest single term in units of a scale, 2¹⁰¹: sixty million of them still fit i128.
const LARGEST: f64 = (1u128 << 101) as f64;
/// Doubles from here on have no fraction.
const WHOLE: f64 = (1u64 << 52) as f64;

/// A scale of fixed-point numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    per_m2: f64,
}

impl Scale {
    /// A scale for sums of areas no larger than about `largest_m2`: 2⁻¹⁰⁰ of that.
    pub(super) fn for_areas(largest_m2: f64) -> Self {
        let largest = if largest_m2.is_finite() { largest_m2.abs().clamp(1e-200, 1e200) } else { 1e30 };
        Self { per_m2: (100.0 - largest.log2().ceil()).exp2() }
    }

    /// `m2` in units of the scale, symmetric about 0. `None` for values that are not finite or far too large.
    pub(super) fn fixed(&self, m2: f64) -> Option<i128> {
        let scaled = m2 * self.per_m2;
        // Beyond that a double is a whole number.
        let whole = if scaled.abs() < WHOLE { scaled.round() } else { scaled };
        (scaled.abs() < LARGEST).then_some(whole as i128)
    }

    /// Square metres of a sum.
    pub(super) fn m2(&self, sum: i128) -> f64 {
        sum as f64 / self.per_m2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cancels_is_zero_in_any_order() {
        let scale = Scale::for_areas(1e9);
        let values = [0.1, 1e9, -0.3, 7.7e-12, 123.456];
        let fixed = |v: f64| scale.fixed(v).expect("finite");
        let sum: i128 = values.iter().map(|v| fixed(*v)).chain(values.iter().rev().map(|v| fixed(-v))).sum();
        assert_eq!(sum, 0);
        assert_eq!(scale.m2(fixed(666.0 + 2.0 / 3.0)), 666.0 + 2.0 / 3.0);
        assert_eq!(scale.fixed(f64::NAN), None);
    }

    #[test]
    fn any_scale_is_usable() {
        for largest in [0.0, 1e-300, 1e300, f64::INFINITY, f64::NAN, 5e14] {
            let scale = Scale::for_areas(largest);
            assert_eq!(scale.fixed(0.0), Some(0));
            assert!(scale.m2(1) > 0.0);
        }
    }
}
