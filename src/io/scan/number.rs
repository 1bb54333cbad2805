//! Numbers: their grammar, and the nearest double.

use super::{Expected, Scanned, Scanner};

/// A number as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number<'a> {
    /// Its text; `NaN` and infinities only from a lenient scanner.
    pub(crate) text: &'a str,
    /// Whether it has neither fraction nor exponent.
    pub(crate) integer: bool,
}

impl Number<'_> {
    /// The nearest double; infinite where the number is too large, NaN where it is `NaN`.
    pub(crate) fn value(&self) -> f64 {
        // The scanner has checked the grammar; the words of a lenient scanner parse as well.
        fast_float2::parse(self.text).unwrap_or(f64::NAN)
    }
}

/// Powers of ten that a double holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// What the digits of a number amount to.
struct Digits {
    negative: bool,
    /// All digits without the point; meaningless beyond 19 of them.
    mantissa: u64,
    digit_count: usize,
    fraction_count: usize,
    exponent: bool,
}

impl<'a> Scanner<'a> {
    /// The number under the cursor, which must stand on its first byte.
    pub(crate) fn number(&mut self) -> Scanned<Number<'a>> {
        let start = self.pos;
        if self.not_finite()? {
            return Ok(Number { text: &self.text[start..self.pos], integer: false });
        }
        let digits = self.digits()?;
        let integer = digits.fraction_count == 0 && !digits.exponent;
        Ok(Number { text: &self.text[start..self.pos], integer })
    }

    /// The nearest double to the number under the cursor; infinite where it is too large.
    ///
    /// Up to 19 digits that amount to less than 2⁵³, over a power of ten that a double holds exactly, are one correctly
    /// rounded division (Clinger 1990); longer ones go to `fast_float2`.
    #[inline]
    pub(crate) fn double(&mut self) -> Scanned<f64> {
        if let Some((value, byte_count)) = self.text.as_bytes()[self.pos..].first_chunk().and_then(plain_double) {
            self.pos += byte_count;
            return Ok(value);
        }
        self.any_double()
    }

    /// [`Self::double`] for whatever is not plain.
    #[inline(never)]
    fn any_double(&mut self) -> Scanned<f64> {
        let start = self.pos;
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return self.number().map(|n| n.value());
        }
        let digits = match self.digits() {
            Ok(digits) => digits,
            Err(error) => {
                self.pos = start;
                return if self.not_finite()? { Ok(f64::NEG_INFINITY) } else { Err(error) };
            }
        };
        if digits.digit_count <= 19 && digits.mantissa <= 1 << 53 && digits.fraction_count <= 22 && !digits.exponent {
            let value = digits.mantissa as f64 / EXACT_POWERS[digits.fraction_count];
            return Ok(if digits.negative { -value } else { value });
        }
        Ok(Number { text: &self.text[start..self.pos], integer: false }.value())
    }

    /// Moves over `NaN`, `Infinity` or `-Infinity`, where the scanner lets them pass.
    fn not_finite(&mut self) -> Scanned<bool> {
        if self.lenient && matches!(self.peek(), Some(b'N' | b'I' | b'-')) {
            for word in ["NaN", "Infinity", "-Infinity"] {
                if self.word(word)? {
                    self.not_finite_count += 1;
                    return Ok(true);
                }
            }
            if self.peek() != Some(b'-') {
                return self.fail(Expected::Value);
            }
        }
        Ok(false)
    }

    #[inline]
    fn digits(&mut self) -> Scanned<Digits> {
        let bytes = self.text.as_bytes();
        let negative = bytes.get(self.pos) == Some(&b'-');
        self.pos += usize::from(negative);
        let first = self.pos;
        let mut mantissa = 0_u64;
        self.digit_run(bytes, &mut mantissa)?;
        if bytes[first] == b'0' && self.pos > first + 1 {
            // A leading zero is a number of its own; whoever comes next fails at the digit after it.
            self.pos = first + 1;
            return Ok(Digits { negative, mantissa: 0, digit_count: 1, fraction_count: 0, exponent: false });
        }
        let mut digit_count = self.pos - first;
        let mut fraction_count = 0;
        if bytes.get(self.pos) == Some(&b'.') {
            self.pos += 1;
            let fraction = self.pos;
            self.digit_run(bytes, &mut mantissa)?;
            fraction_count = self.pos - fraction;
            digit_count += fraction_count;
        }
        let exponent = matches!(bytes.get(self.pos), Some(b'e' | b'E'));
        if exponent {
            self.pos += 1;
            if let Some(b'+' | b'-') = bytes.get(self.pos) {
                self.pos += 1;
            }
            self.digit_run(bytes, &mut 0)?;
        }
        Ok(Digits { negative, mantissa, digit_count, fraction_count, exponent })
    }

    /// Moves over digits, of which there must be one, and adds them to `mantissa`, which wraps.
    #[inline]
    fn digit_run(&mut self, bytes: &[u8], mantissa: &mut u64) -> Scanned<()> {
        let start = self.pos;
        while let Some(eight) = bytes[self.pos..].first_chunk::<8>() {
            let (count, value) = leading_digits(*eight);
            *mantissa = mantissa.wrapping_mul(INTEGER_POWERS[count]).wrapping_add(value);
            self.pos += count;
            if count < 8 {
                return if self.pos == start { self.fail(Expected::Digit) } else { Ok(()) };
            }
        }
        // The last few bytes of the text.
        while let Some(digit) = bytes.get(self.pos).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
            *mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            self.pos += 1;
        }
        if self.pos == start { self.fail(Expected::Digit) } else { Ok(()) }
    }
}

/// A number as coordinates have it, at the start of `bytes`, and how many bytes it takes: up to 8 digits, a point, up to
/// 15 digits. `None` for all others, also those that a double does not hold by one division.
#[inline]
fn plain_double(bytes: &[u8; 32]) -> Option<(f64, usize)> {
    let negative = bytes[0] == b'-';
    let start = usize::from(negative);
    let (whole_count, whole) = leading_digits(*bytes[start..].first_chunk()?);
    let point = start + whole_count;
    if bytes[point] != b'.' || whole_count == 0 || (bytes[start] == b'0' && whole_count > 1) {
        return None;
    }
    let (mut count, fraction) = leading_digits(*bytes[point + 1..].first_chunk()?);
    let mut mantissa = whole * INTEGER_POWERS[count] + fraction;
    if count == 8 {
        let (more, fraction) = leading_digits(*bytes[point + 9..].first_chunk()?);
        if more == 8 || whole_count + more > 11 {
            return None;
        }
        mantissa = mantissa * INTEGER_POWERS[more] + fraction;
        count += more;
    }
    let end = point + 1 + count;
    if count == 0 || mantissa > 1 << 53 || bytes[end] | 0x20 == b'e' {
        return None;
    }
    let value = mantissa as f64 / EXACT_POWERS[count];
    Some((if negative { -value } else { value }, end))
}

const INTEGER_POWERS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// How many of eight bytes are digits before the first that is none, and the number that they make.
///
/// Adding 0x46 lifts what is above '9' over 127, taking 0x30 away sinks what is below '0' under 0; digits do neither,
/// so that nothing is carried into the first byte that is none. The digits are then moved to the end, behind zeros, and
/// neighbours are joined to pairs, pairs to fours, fours to the whole.
#[inline]
fn leading_digits(bytes: [u8; 8]) -> (usize, u64) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // The first digit lies in the lowest byte.
    let word = u64::from_le_bytes(bytes);
    let digits = word.wrapping_sub(ONES * 0x30);
    let other = (word.wrapping_add(ONES * 0x46) | digits) & (ONES * 0x80);
    let count = other.trailing_zeros() / 8;
    let digits = digits.checked_shl(64 - 8 * count).unwrap_or(0);
    let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    (count as usize, (fours & 0xFFFF_FFFF) * 10_000 + (fours >> 32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_the_nearest_double() {
        let check = |text: &str| {
            let expected: f64 = text.parse().expect("a number");
            let got = Scanner::strict(text, 0).double().expect("a number");
            assert_eq!(got.to_bits(), expected.to_bits(), "{text}");
        };
        for text in [
            "0",
            "-0",
            "-0.0",
            "117.1",
            "36.800349856",
            "39508924.427",
            "-93.253521677768902",
            "0.1",
            "1e2",
            "1E-7",
            "9007199254740993",
            "9007199254740992",
            "9007199254740993.5",
            "18446744073709551616",
            "1e400",
            "-1e400",
            "4.9e-324",
            "123456789012345678901234567890",
            "0.000000000000000000000001",
            "0.00000000000000000000012",
        ] {
            check(text);
        }
    }

    #[test]
    fn leading_digits_are_told_from_anything_else() {
        for value in [0, 1, 12_345_678, 90_000_009, 99_999_999] {
            let text: [u8; 8] = format!("{value:08}").into_bytes().try_into().expect("eight bytes");
            assert_eq!(leading_digits(text), (8, value));
        }
        for place in 0..8 {
            for byte in (0..=255_u8).filter(|b| !b.is_ascii_digit()) {
                for after in [b'0', b'9', 0, 0xFF] {
                    let mut bytes = *b"98765432";
                    bytes[place] = byte;
                    bytes[place + 1..].fill(after);
                    let before = 98_765_432 / 10_u64.pow(8 - place as u32);
                    assert_eq!(leading_digits(bytes), (place, before), "{byte} at {place}");
                }
            }
        }
    }

    #[test]
    fn the_grammar_is_kept() {
        for text in ["-", "+1", ".5", "1.", "1.e3", "1e", "1e+", "01", "-01", "0x1", "--1", "-Infinity", "1.0.2", "NaN"]
        {
            let mut scanner = Scanner::strict(text, 0);
            let parsed = scanner.double();
            assert!(parsed.is_err() || scanner.pos() < text.len(), "{text} gave {parsed:?}");
        }
    }

    proptest! {
        #[test]
        fn any_decimal_is_the_nearest_double(whole in 0_u64..1 << 60, fraction in "[0-9]{1,18}", minus: bool) {
            let text = format!("{}{whole}.{fraction}", if minus { "-" } else { "" });
            let got = Scanner::strict(&text, 0).double().expect("a number");
            prop_assert_eq!(got.to_bits(), text.parse::<f64>().expect("a number").to_bits());
        }

        #[test]
        fn any_double_comes_back(value in proptest::num::f64::NORMAL) {
            let text = format!("{value:?}");
            prop_assert_eq!(Scanner::strict(&text, 0).double(), Ok(value));
        }
    }
}
