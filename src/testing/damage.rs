//! Damage that whatever reads must survive: bytes flipped, cut out, doubled, spliced, numbers replaced by extremes, chunks
//! swapped. What comes out does not matter here, only that reading ends, quickly and without a panic.
//!
//! `TUBAN_MUTATIONS=100000` runs more cases than the few of an ordinary test. Unit tests and integration tests share this
//! file; a case that panics is printed as it was read, to become a test of its own.

use std::time::{Duration, Instant};

/// Longest that one case may take, on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

/// Numbers as text that readers trip over.
const NUMBERS: [&[u8]; 14] = [
    b"0",
    b"-1",
    b"1",
    b"255",
    b"65536",
    b"2147483648",
    b"4294967295",
    b"9223372036854775807",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"1e308",
    b"-1e400",
    b"NaN",
    b"0.000000000000000000001",
];

/// Numbers that look random and are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A generator that begins where `seed` says.
    pub(crate) fn new(seed: u64) -> Self {
        // Zero would stay zero.
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    /// A number below `sides`; 0 where there is none.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

/// How many cases are run: those of an ordinary test, or what `TUBAN_MUTATIONS` asks for.
pub(crate) fn case_count(usual: usize) -> usize {
    std::env::var("TUBAN_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Prints what was read when reading panics.
struct Shown<'a> {
    case: usize,
    bytes: &'a [u8],
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("case {} was: {}", self.case, self.bytes.escape_ascii());
        }
    }
}

/// Kinds of damage, and which of them put extremes in the place of numbers.
const KINDS: usize = 10;
const NUMBER_KINDS: [usize; 2] = [5, 6];

/// Calls `read` with damaged copies of `seeds`, `usual` times in an ordinary test. The seeds themselves come first.
pub(crate) fn each(usual: usize, seeds: &[Vec<u8>], read: impl FnMut(&[u8])) {
    each_by(usual, seeds, hurt, read);
}

/// The same without extremes in the place of numbers: for a library that takes what memory a file asks for, which only a
/// process of its own can bear.
#[allow(dead_code, reason = "integration tests read everything as the program does")]
pub(crate) fn each_but_numbers(usual: usize, seeds: &[Vec<u8>], read: impl FnMut(&[u8])) {
    let hurt = |bytes: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice| {
        let kind = dice.roll(KINDS);
        let kind = if NUMBER_KINDS.contains(&kind) { 0 } else { kind };
        hurt_by(kind, bytes, seeds, dice);
    };
    each_by(usual, seeds, hurt, read);
}

fn each_by(
    usual: usize,
    seeds: &[Vec<u8>],
    mut hurt: impl FnMut(&mut Vec<u8>, &[Vec<u8>], &mut Dice),
    mut read: impl FnMut(&[u8]),
) {
    let case_count = case_count(usual);
    let mut dice = Dice::new(0);
    let started = Instant::now();
    let mut slowest = Duration::ZERO;
    for case in 0..case_count {
        let mut bytes = seeds[case % seeds.len()].clone();
        if case >= seeds.len() {
            for _ in 0..=dice.roll(4) {
                hurt(&mut bytes, seeds, &mut dice);
            }
        }
        let case_started = Instant::now();
        let shown = Shown { case, bytes: &bytes };
        read(&bytes);
        slowest = slowest.max(case_started.elapsed());
        assert!(case_started.elapsed() < LONGEST, "case {case} took {:?}", case_started.elapsed());
        drop(shown);
    }
    println!("damaged: {case_count} cases in {:.1} s, slowest {slowest:?}", started.elapsed().as_secs_f64());
}

/// Does one kind of damage to `bytes`; pieces of other files come from `seeds`.
pub(crate) fn hurt(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice) {
    let kind = dice.roll(KINDS);
    hurt_by(kind, bytes, seeds, dice);
}

fn hurt_by(kind: usize, bytes: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.roll(bytes.len() + 1);
    let end = (at + dice.roll(60)).min(bytes.len());
    match kind {
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
        5 => replace_number(bytes, at, dice),
        6 => extreme(bytes, at, dice),
        7 => swap(bytes, at, dice),
        8 => {
            let other = &seeds[dice.roll(seeds.len())];
            let from = dice.roll(other.len() + 1);
            let to = (from + dice.roll(40)).min(other.len());
            bytes.splice(at..at, other[from..to].iter().copied());
        }
        _ => bytes.truncate(at),
    }
}

/// Puts an extreme in place of the next number that is written as text.
fn replace_number(bytes: &mut Vec<u8>, at: usize, dice: &mut Dice) {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'-');
    let Some(start) = bytes[at..].iter().position(is_digit).map(|start| at + start) else { return };
    let length = bytes[start..].iter().take_while(|byte| is_digit(byte)).count();
    bytes.splice(start..start + length, NUMBERS[dice.roll(NUMBERS.len())].iter().copied());
}

/// Puts an extreme in place of a number of 2, 4 or 8 bytes, small or large end first: counts and lengths of binary files.
fn extreme(bytes: &mut [u8], at: usize, dice: &mut Dice) {
    let width = [2, 4, 8][dice.roll(3)];
    let Some(place) = bytes.get_mut(at..at + width) else { return };
    let values = [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, i64::MAX as u64, u64::MAX];
    let value = values[dice.roll(values.len())];
    if dice.roll(2) == 0 {
        place.copy_from_slice(&value.to_le_bytes()[..width]);
    } else {
        place.copy_from_slice(&value.to_be_bytes()[8 - width..]);
    }
}

/// Lets two chunks that follow each other change places: lines where there are some, else bytes.
fn swap(bytes: &mut [u8], at: usize, dice: &mut Dice) {
    let line = |from: usize| bytes[from..].iter().position(|byte| *byte == b'\n').map(|found| from + found + 1);
    let bounds = line(at).and_then(|first| Some((first, line(first)?, line(line(first)?)?)));
    let (first, second, third) = bounds.unwrap_or_else(|| {
        let second = (at + dice.roll(30)).min(bytes.len());
        (at, second, (second + dice.roll(30)).min(bytes.len()))
    });
    bytes[first..third].rotate_left(second - first);
}
