//! Sums that do not depend on the order of what is added: figures of many counties come to the same digits on one machine
//! and on twenty, whoever is ready first.

/// A sum of doubles of which nothing is lost before it is read (J. R. Shewchuk, Adaptive Precision Floating-Point
/// Arithmetic, 1997): numbers that do not overlap, the smallest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExactSum {
    parts: Vec<f64>,
}

impl ExactSum {
    /// Adds a number. What is not finite makes the sum no number.
    pub fn add(&mut self, value: f64) {
        if !value.is_finite() || self.parts.last().is_some_and(|part| !part.is_finite()) {
            self.parts = vec![f64::NAN];
            return;
        }
        let mut high = value;
        let mut kept = 0;
        for at in 0..self.parts.len() {
            let part = self.parts[at];
            let (large, small) = if high.abs() < part.abs() { (part, high) } else { (high, part) };
            let sum = large + small;
            let lost = small - (sum - large);
            if lost != 0.0 {
                self.parts[kept] = lost;
                kept += 1;
            }
            high = sum;
        }
        self.parts.truncate(kept);
        if high != 0.0 {
            self.parts.push(high);
        }
    }

    /// The double nearest to the sum; of two that are as near the even one.
    pub fn value(&self) -> f64 {
        let mut rest = self.parts.iter().rev().copied();
        let Some(mut sum) = rest.next() else { return 0.0 };
        let mut lost = 0.0;
        for part in rest.by_ref() {
            let before = sum;
            sum = before + part;
            lost = part - (sum - before);
            if lost != 0.0 {
                break;
            }
        }
        // Halfway between two doubles what is smaller still decides.
        if let Some(next) = rest.next()
            && lost != 0.0
            && (lost < 0.0) == (next < 0.0)
        {
            let moved = sum + lost * 2.0;
            if moved - sum == lost * 2.0 {
                sum = moved;
            }
        }
        sum
    }
}

impl FromIterator<f64> for ExactSum {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sum = Self::default();
        values.into_iter().for_each(|value| sum.add(value));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_no_order_matters() {
        let check = |values: &[f64], expected: f64| {
            let mut turned = values.to_vec();
            for _ in 0..values.len() {
                turned.rotate_left(1);
                assert_eq!(turned.iter().copied().collect::<ExactSum>().value(), expected, "{turned:?}");
            }
        };
        check(&[], 0.0);
        check(&[1e100, 1.0, -1e100], 1.0);
        check(&[0.1; 10], 1.0);
        check(&[1e16, 1.0, 1e-16], 10_000_000_000_000_002.0);
        check(&[1e16, 1.0, -1e-16], 1e16);
        check(&[1e16, -1e16, 0.0], 0.0);
    }

    #[test]
    fn what_is_not_finite_shows() {
        assert!([1.0, f64::NAN, 2.0].into_iter().collect::<ExactSum>().value().is_nan());
    }
}
