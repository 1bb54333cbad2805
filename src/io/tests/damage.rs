//! Damage that any reader must survive: bytes flipped, cut out, doubled, spliced. What comes out does not matter here,
//! only that reading ends, quickly and without a panic.
//!
//! `TUBAN_MUTATIONS=100000` runs more cases than the few of an ordinary test.

use std::time::{Duration, Instant};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

/// Calls `read` with damaged copies of `seeds`.
pub(in crate::io) fn damaged(seeds: &[Vec<u8>], mut read: impl FnMut(&[u8])) {
    let case_count = std::env::var("TUBAN_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(600);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let started = Instant::now();
    let mut slowest = Duration::ZERO;
    for case in 0..case_count {
        let mut bytes = seeds[case % seeds.len()].clone();
        for _ in 0..=dice.roll(4) {
            hurt(&mut bytes, seeds, &mut dice);
        }
        let case_started = Instant::now();
        read(&bytes);
        slowest = slowest.max(case_started.elapsed());
        assert!(case_started.elapsed() < Duration::from_secs(20), "case {case} took {:?}", case_started.elapsed());
    }
    println!("damaged: {case_count} cases in {:.1} s, slowest {slowest:?}", started.elapsed().as_secs_f64());
}

fn hurt(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.roll(bytes.len() + 1);
    let end = (at + dice.roll(60)).min(bytes.len());
    match dice.roll(6) {
        0 if !bytes.is_empty() => {
            let at = at.min(bytes.len() - 1);
            bytes[at] ^= 1 << dice.roll(8);
        }
        1 if !bytes.is_empty() => {
            let at = at.min(bytes.len() - 1);
            bytes[at] = dice.roll(256) as u8;
        }
        2 => drop(bytes.drain(at..end)),
        3 => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        4 => {
            let other = &seeds[dice.roll(seeds.len())];
            let from = dice.roll(other.len() + 1);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        _ => bytes.truncate(at),
    }
}
