//! Days of a geodatabase, counted from 1899-12-30, and the texts that are dates and times.

/// Days from the start of the count to 1970-01-01.
const UNIX: f64 = 25_569.0;
const DAY_MS: f64 = 86_400_000.0;
/// The first year that other programs take.
const FIRST_YEAR: i32 = 100;

/// Days as a time of the calendar, to the millisecond; `None` outside of the years that people write.
fn calendar(days: f64) -> Option<chrono::DateTime<chrono::Utc>> {
    let ms = (days - UNIX) * DAY_MS;
    if !ms.is_finite() || ms.abs() >= 3.2e14 {
        return None;
    }
    chrono::DateTime::from_timestamp_millis(ms.round() as i64)
}

/// Days as a date, with the time where that is not midnight.
pub(super) fn moment(days: f64) -> Option<String> {
    let time = calendar(days)?;
    let is_day = time.timestamp_millis().rem_euclid(86_400_000) == 0;
    if is_day { Some(time.format("%Y-%m-%d").to_string()) } else { full_moment(days) }
}

/// Days as a date with its time.
pub(super) fn full_moment(days: f64) -> Option<String> {
    let time = calendar(days)?;
    let form = if time.timestamp_subsec_millis() == 0 { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%.3f" };
    Some(time.format(form).to_string())
}

/// A part of a day as a time.
pub(super) fn time(day: f64) -> Option<String> {
    if !(0.0..1.0).contains(&day) {
        return None;
    }
    let time = calendar(UNIX + day)?;
    let form = if time.timestamp_subsec_millis() == 0 { "%H:%M:%S" } else { "%H:%M:%S%.3f" };
    Some(time.format(form).to_string())
}

/// The days of a text that is a date or a date with its time: `2025-01-15`, `2025-01-15T08:30:00.250`, also with a blank
/// before the time and the `Z` of UTC behind it. `None` for any other text.
pub(super) fn days(text: &str) -> Option<f64> {
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    if !is_like(day, "0000-00-00") {
        return None;
    }
    let (year, month, day) = (digits(day, 0..4)?, digits(day, 5..7)?, digits(day, 8..10)?);
    let year = i32::try_from(year).ok().filter(|year| *year >= FIRST_YEAR)?; // four digits fit
    let day = chrono::NaiveDate::from_ymd_opt(year, month, day)?.and_time(chrono::NaiveTime::MIN).and_utc();
    let ms = time.map_or(Some(0), time_ms)?;
    Some((day.timestamp_millis() + i64::from(ms)) as f64 / DAY_MS + UNIX)
}

/// The milliseconds of a time of the day.
fn time_ms(text: &str) -> Option<u32> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (plain, part) = text.split_once('.').unwrap_or((text, "0"));
    if !is_like(plain, "00:00:00") || !(1..=3).any(|length| is_like(part, &"000"[..length])) {
        return None;
    }
    let (hour, minute, second) = (digits(plain, 0..2)?, digits(plain, 3..5)?, digits(plain, 6..8)?);
    let part = digits(&format!("{part:0<3}"), 0..3)?;
    (hour < 24 && minute < 60 && second < 60).then_some(((hour * 60 + minute) * 60 + second) * 1000 + part)
}

/// Whether a text is like `pattern`, in which zeros stand for digits.
fn is_like(text: &str, pattern: &str) -> bool {
    let is_same = |(b, p): (u8, u8)| if p == b'0' { b.is_ascii_digit() } else { b == p };
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(is_same)
}

/// The number that a few digits are.
fn digits(text: &str, range: std::ops::Range<usize>) -> Option<u32> {
    text.get(range)?.parse().ok() // digits, as the pattern has them
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates_and_times() {
        let check = |found: Option<String>, expected: &str| assert_eq!(found.as_deref().unwrap_or("none"), expected);
        check(moment(45_672.0), "2025-01-15");
        check(moment(45_672.5), "2025-01-15T12:00:00");
        check(moment(45_259.551_575_0), "2023-11-29T13:14:16.080");
        check(moment(0.0), "1899-12-30");
        check(moment(f64::NAN), "none");
        check(moment(1e300), "none");
        check(time(0.25), "06:00:00");
        check(time(1.5), "none");
    }

    #[test]
    fn texts_are_days_where_they_are_dates() {
        let check = |text: &str, again: &str| {
            assert_eq!(days(text).and_then(moment).as_deref().unwrap_or("none"), again, "{text}");
        };
        check("2025-01-15", "2025-01-15");
        check("1899-12-29", "1899-12-29");
        check("2024-02-29T23:59:59.999", "2024-02-29T23:59:59.999");
        check("2025-01-15T08:30:00", "2025-01-15T08:30:00");
        check("2025-01-15 08:30:00.5Z", "2025-01-15T08:30:00.500");
        check("2025-01-15T00:00:00", "2025-01-15");
        for other in [
            "",
            "2025",
            "2025-1-15",
            "2025-02-29",
            "2025-13-01",
            "0001-01-01",
            "2025-01-15T24:00:00",
            "2025-01-15T08:30",
            "2025-01-15T08:30:00+08:00",
            "2025-01-15T08:30:00.1234",
            "+025-01-15",
            "2025年1月15日",
            "地类图斑地类图斑地",
        ] {
            check(other, "none");
        }
    }
}
