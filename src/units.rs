//! Areas and lengths with their units, and how they are shown.
//!
//! SI inside: an [`Area`] holds square metres, a [`Length`] metres. Mu, hectares and km² exist only at the edges.
//! One mu is 2000/3 m² exactly; this is the only module that knows. Values are never rounded here before display, and
//! display rounds half-up in decimal, as the survey does.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

mod controlled;

pub use controlled::{Flow, round_flows};

/// Square metres in one mu (亩): exactly 2000/3.
pub const M2_PER_MU: f64 = 2000.0 / 3.0;

/// An area; square metres inside, not rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Area(f64);

impl Area {
    /// No area.
    pub const ZERO: Self = Self(0.0);

    /// An area of `m2` square metres.
    pub const fn from_m2(m2: f64) -> Self {
        Self(m2)
    }

    /// Square metres.
    pub const fn m2(self) -> f64 {
        self.0
    }

    /// Mu (亩).
    pub fn mu(self) -> f64 {
        // Times 3 first: 2000 m² are exactly 3 mu.
        self.0 * 3.0 / 2000.0
    }

    /// Ten thousand mu (万亩).
    pub fn wan_mu(self) -> f64 {
        self.mu() / 1e4
    }

    /// Hectares (公顷).
    pub fn ha(self) -> f64 {
        self.0 / 1e4
    }

    /// Square kilometres.
    pub fn km2(self) -> f64 {
        self.0 / 1e6
    }

    /// The value in `unit`, not rounded.
    pub fn value(self, unit: AreaUnit) -> f64 {
        match unit {
            AreaUnit::SquareMetre => self.m2(),
            AreaUnit::Mu => self.mu(),
            AreaUnit::WanMu => self.wan_mu(),
            AreaUnit::Hectare => self.ha(),
            AreaUnit::SquareKilometre => self.km2(),
        }
    }

    /// The area of `value` in `unit`.
    pub fn of(value: f64, unit: AreaUnit) -> Self {
        Self(match unit {
            AreaUnit::SquareMetre => value,
            // Times 2000 first: 3 mu are exactly 2000 m².
            AreaUnit::Mu => value * 2000.0 / 3.0,
            AreaUnit::WanMu => value * 1e4 * 2000.0 / 3.0,
            AreaUnit::Hectare => value * 1e4,
            AreaUnit::SquareKilometre => value * 1e6,
        })
    }

    /// The figure in `unit` by the display policy, without the unit: `1,197,000.00`.
    pub fn display(self, unit: AreaUnit) -> String {
        let value = self.value(unit);
        format_number(value, unit.decimals(value))
    }

    /// The value in a unit as [`Self::display`] prints it.
    pub fn rounded(self, unit: AreaUnit) -> f64 {
        let value = self.value(unit);
        round_half_up(value, unit.decimals(value))
    }

    /// Parses `1.5km2`, `62,000 亩`, `6.2万亩`, `3 ha`, `667` (m² when no unit stands).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let split = text
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | ' ')))
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let number: f64 = number.replace([',', ' '], "").parse().ok()?; // not a number: the caller says so
        let unit = match unit.trim() {
            "" => AreaUnit::SquareMetre,
            word => AreaUnit::of_word(word)?,
        };
        let area = Self::of(number, unit);
        area.m2().is_finite().then_some(area)
    }
}

impl Add for Area {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Area {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Area {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Area {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Area {
    fn sum<I: Iterator<Item = Self>>(areas: I) -> Self {
        areas.fold(Self::ZERO, Add::add)
    }
}

/// A unit that areas are shown in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AreaUnit {
    /// m².
    SquareMetre,
    /// 亩, 2000/3 m².
    #[default]
    Mu,
    /// 万亩, ten thousand mu.
    WanMu,
    /// 公顷, 10,000 m².
    Hectare,
    /// km².
    SquareKilometre,
}

impl AreaUnit {
    /// The unit of that word, in any case: `mu`, `亩`, `km²`.
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word.trim().to_lowercase().as_str() {
            "m2" | "m²" | "平方米" => Self::SquareMetre,
            "mu" | "亩" => Self::Mu,
            "wanmu" | "万亩" => Self::WanMu,
            "ha" | "hm2" | "hm²" | "公顷" => Self::Hectare,
            "km2" | "km²" | "平方公里" | "平方千米" => Self::SquareKilometre,
            _ => return None,
        })
    }

    /// All units, smallest first.
    pub const ALL: [Self; 5] = [Self::SquareMetre, Self::Mu, Self::Hectare, Self::SquareKilometre, Self::WanMu];

    /// Decimals by the display policy: m² 2, mu 2, 万亩 2, ha 4, km² 4 (6 below 0.01).
    pub fn decimals(self, value: f64) -> usize {
        match self {
            Self::SquareMetre | Self::Mu | Self::WanMu => 2,
            Self::Hectare => 4,
            Self::SquareKilometre if value != 0.0 && value.abs() < 0.01 => 6,
            Self::SquareKilometre => 4,
        }
    }

    /// Key of the unit's symbol in the catalogue.
    pub fn key(self) -> &'static str {
        match self {
            Self::SquareMetre => "units.m2",
            Self::Mu => "units.mu",
            Self::WanMu => "units.wan-mu",
            Self::Hectare => "units.ha",
            Self::SquareKilometre => "units.km2",
        }
    }
}

/// A length; metres inside, not rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Length(f64);

impl Length {
    /// A length of `m` metres.
    pub const fn from_m(m: f64) -> Self {
        Self(m)
    }

    /// Metres.
    pub const fn m(self) -> f64 {
        self.0
    }

    /// The figure in metres with 2 decimals, without the unit.
    pub fn display_m(self) -> String {
        format_number(self.0, 2)
    }

    /// A short figure with its unit for labels on a map: `455.7 m`, `12.35 km`.
    pub fn display_short(self) -> String {
        if self.0.abs() >= 10_000.0 {
            format!("{} km", format_number(self.0 / 1e3, 2))
        } else {
            format!("{} m", format_number(self.0, 1))
        }
    }
}

/// `value` rounded half-up (away from zero at a tie) to `decimals` decimal places, with thousands separated by commas.
///
/// The tie is judged on the shortest decimal that names the double, so 2.675 gives 2.68 as on paper. Values that are
/// not finite become a dash; what has more than 18 digits before the point is written with an exponent.
pub fn format_number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value.abs() >= 1e18 {
        return format!("{value:.3e}");
    }
    let digits = round_decimal(value, decimals);
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) if rest.bytes().any(|b| b.is_ascii_digit() && b != b'0') => ("-", rest),
        Some(rest) => ("", rest),
        None => ("", digits.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut out = String::with_capacity(digits.len() + whole.len() / 3 + 1);
    out.push_str(sign);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// `value` rounded half-up to `decimals` decimal places, as a double.
pub fn round_half_up(value: f64, decimals: usize) -> f64 {
    if !value.is_finite() {
        return value;
    }
    round_decimal(value, decimals).parse().expect("digits of a finite number parse")
}

fn round_decimal(value: f64, decimals: usize) -> String {
    // `Display` prints the shortest decimal that reads back as the same double, never in exponent form.
    let text = value.to_string();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut digits: Vec<u8> =
        whole.bytes().chain(fraction.bytes().chain(std::iter::repeat(b'0')).take(decimals)).collect();
    if fraction.as_bytes().get(decimals).is_some_and(|digit| *digit >= b'5') {
        let mut i = digits.len();
        loop {
            if i == 0 {
                digits.insert(0, b'1');
                break;
            }
            i -= 1;
            if digits[i] == b'9' {
                digits[i] = b'0';
            } else {
                digits[i] += 1;
                break;
            }
        }
    }
    let point = digits.len() - decimals;
    let mut out = String::with_capacity(digits.len() + 2);
    out.push_str(sign);
    out.extend(digits[..point].iter().map(|b| char::from(*b)));
    if decimals > 0 {
        out.push('.');
        out.extend(digits[point..].iter().map(|b| char::from(*b)));
    }
    out
}

/// `value` in units of the last of `decimals` decimal places, not rounded: what [`round_flows`] takes. Half a unit here is
/// half a unit by [`round_half_up`], which judges it on the shortest decimal.
pub fn in_last_digits(value: f64, decimals: usize) -> f64 {
    let scaled = value * 10f64.powi(decimals as i32);
    let rounded = last_digits(round_half_up(value, decimals), decimals) as f64;
    // A tie that binary digits place below the half, or above it.
    if (scaled - rounded).abs() > 0.5 { rounded + 0.5f64.copysign(scaled - rounded) } else { scaled }
}

/// A rounded value as a whole number of units of the last of `decimals` decimal places.
pub fn last_digits(rounded: f64, decimals: usize) -> i64 {
    (rounded * 10f64.powi(decimals as i32)).round() as i64
}

/// The value of so many units of the last of `decimals` decimal places.
pub fn of_last_digits(units: i64, decimals: usize) -> f64 {
    units as f64 / 10f64.powi(decimals as i32)
}

/// Rows rounded so that they add up to the rounded total.
#[derive(Clone, Debug, PartialEq)]
pub struct Balanced {
    /// The rows, each rounded to the decimals asked for.
    pub rows: Vec<f64>,
    /// The rounded total.
    pub total: f64,
    /// How many rows moved by one last digit to make the table add up; 0 when plain rounding did.
    pub adjusted_count: usize,
}

/// Rounds `rows` to `decimals` so that they add up to the rounded sum of the unrounded values.
///
/// When plain half-up rounding does not add up, single last digits go to the rows with the largest remainders (the
/// earlier row at a tie), which is what tables must state when it happens.
pub fn balance(rows: &[f64], decimals: usize) -> Balanced {
    balance_to(rows, decimals, round_half_up(rows.iter().sum(), decimals))
}

/// Rounds `rows` to `decimals` so that they add up to `total`, which is rounded already: rows below a row that was
/// balanced itself.
pub fn balance_to(rows: &[f64], decimals: usize, total: f64) -> Balanced {
    let scale = 10f64.powi(decimals as i32);
    let mut rounded: Vec<f64> = rows.iter().map(|v| round_half_up(*v, decimals)).collect();
    let units = |v: f64| (v * scale).round();
    let mut missing = units(total) - rounded.iter().map(|v| units(*v)).sum::<f64>();
    if !missing.is_finite() || missing.abs() > rows.len() as f64 {
        return Balanced { rows: rounded, total, adjusted_count: 0 };
    }
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let direction = missing.signum();
    order.sort_by(|a, b| {
        let lack = |i: usize| (rows[i] - rounded[i]) * direction;
        lack(*b).total_cmp(&lack(*a)).then(a.cmp(b))
    });
    let mut adjusted_count = 0;
    for i in order {
        if missing == 0.0 {
            break;
        }
        rounded[i] = round_half_up((units(rounded[i]) + direction) / scale, decimals);
        missing -= direction;
        adjusted_count += 1;
    }
    Balanced { rows: rounded, total, adjusted_count }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn mu_is_exact() {
        assert_eq!(Area::from_m2(2000.0).mu(), 3.0);
        assert_eq!(Area::from_m2(798e6).mu(), 1_197_000.0);
        assert_eq!(Area::parse("1197000亩").map(Area::km2), Some(798.0));
        for unit in AreaUnit::ALL {
            assert_eq!(Area::of(3.0, unit).value(unit), 3.0, "{unit:?}");
        }
    }

    #[test]
    fn figures_follow_the_display_policy() {
        let check =
            |m2: f64, unit, expected: &str| assert_eq!(Area::from_m2(m2).display(unit), expected, "{m2} {unit:?}");
        check(290_505.24, AreaUnit::Mu, "435.76");
        check(290_505.24, AreaUnit::SquareMetre, "290,505.24");
        check(290_505.24, AreaUnit::Hectare, "29.0505");
        check(290_505.24, AreaUnit::SquareKilometre, "0.2905");
        check(9_999.0, AreaUnit::SquareKilometre, "0.009999");
        check(798e6, AreaUnit::WanMu, "119.70");
        check(0.0, AreaUnit::SquareKilometre, "0.0000");
        check(f64::NAN, AreaUnit::Mu, "–");
    }

    #[test]
    fn rounding_is_half_up_in_decimal() {
        let check =
            |value: f64, decimals, expected: &str| assert_eq!(format_number(value, decimals), expected, "{value}");
        check(2.675, 2, "2.68");
        check(0.125, 2, "0.13");
        check(-0.125, 2, "-0.13");
        check(-0.004, 2, "0.00");
        check(999.995, 2, "1,000.00");
        check(1e15, 0, "1,000,000,000,000,000");
        check(1e-9, 2, "0.00");
        check(1234567.0, 0, "1,234,567");
    }

    #[test]
    fn areas_parse_with_their_units() {
        let check = |text: &str, m2: Option<f64>| assert_eq!(Area::parse(text).map(Area::m2), m2, "{text}");
        check("1.5km2", Some(1.5e6));
        check("62,000 亩", Some(62_000.0 * 2000.0 / 3.0));
        check("3 ha", Some(3e4));
        check("12", Some(12.0));
        check("", None);
        check("5 acres", None);
    }

    #[test]
    fn rows_are_balanced_by_largest_remainder() {
        let thirds = balance(&[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0], 2);
        assert_eq!(thirds.rows, [0.34, 0.33, 0.33]);
        assert_eq!((thirds.total, thirds.adjusted_count), (1.0, 1));
        assert_eq!(balance(&[1.0, 2.0], 2).adjusted_count, 0);
    }

    proptest! {
        #[test]
        fn balanced_rows_add_up(rows in prop::collection::vec(0.0..1e6f64, 1..50)) {
            let balanced = balance(&rows, 2);
            let cents: i64 = balanced.rows.iter().map(|v| (v * 100.0).round() as i64).sum();
            prop_assert_eq!(cents, (balanced.total * 100.0).round() as i64);
            for (row, rounded) in rows.iter().zip(&balanced.rows) {
                prop_assert!((row - rounded).abs() <= 0.015);
            }
        }
    }
}
