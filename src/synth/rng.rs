//! A small seeded generator of numbers, the same on every platform.
//!
//! SplitMix64 (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number generators"): one multiplication chain
//! on a counter. Only integers and exact floating-point operations are used, no clock and no library of distributions,
//! so that a seed gives the same layer anywhere and for ever.

/// A stream of pseudo-random numbers.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for item `index` of purpose `salt`: the order in which items are made does not matter.
    pub fn of(seed: u64, salt: u64, index: u64) -> Self {
        Self(mix(seed ^ mix(salt.wrapping_mul(0xD134_2543_DE82_EF95) ^ mix(index))))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number in [0, 1) of 53 bits.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number in [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// One of `items`, by weight.
    ///
    /// # Panics
    /// When `items` is empty.
    pub fn weighted<T: Copy>(&mut self, items: &[(T, f64)]) -> T {
        let total: f64 = items.iter().map(|(_, weight)| weight).sum();
        let mut left = self.unit() * total;
        for (item, weight) in items {
            left -= weight;
            if left < 0.0 {
                return *item;
            }
        }
        items[items.len() - 1].0
    }
}

/// The finaliser of SplitMix64: a bijection that scatters neighbouring numbers.
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Smooth noise in [0, 1) over the plane: random values on a lattice of spacing `scale`, blended by a cubic.
pub fn noise(seed: u64, x: f64, y: f64, scale: f64) -> f64 {
    let (u, v) = (x / scale, y / scale);
    let (iu, iv) = (u.floor(), v.floor());
    let ease = |t: f64| t * t * (3.0 - 2.0 * t);
    let (fu, fv) = (ease(u - iu), ease(v - iv));
    let at = |du: i64, dv: i64| {
        let key = ((iu as i64 + du) as u64).wrapping_mul(0x9E37_79B9) ^ mix((iv as i64 + dv) as u64);
        (mix(seed ^ mix(key)) >> 11) as f64 / (1u64 << 53) as f64
    };
    let low = at(0, 0) * (1.0 - fu) + at(1, 0) * fu;
    let high = at(0, 1) * (1.0 - fu) + at(1, 1) * fu;
    low * (1.0 - fv) + high * fv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // First outputs of SplitMix64 for seed 1234567, as in the reference implementation of Vigna.
        let mut rng = Rng::new(1_234_567);
        assert_eq!([rng.bits(), rng.bits()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut rng = Rng::of(1, 2, 3);
        let mut seen = [false; 5];
        for _ in 0..200 {
            assert!((0.0..1.0).contains(&rng.unit()));
            seen[rng.below(5)] = true;
            let z = noise(7, rng.between(-50.0, 50.0), rng.between(-50.0, 50.0), 3.0);
            assert!((0.0..1.0).contains(&z));
        }
        assert_eq!(seen, [true; 5]);
    }
}
