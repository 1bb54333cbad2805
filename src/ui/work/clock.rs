//! Times as they are written: those of the place where the machine stands.

/// Day and time where the machine stands: `11-30 14:05`.
pub fn date_and_time(seconds: i64) -> String {
    date_and_time_in(&chrono::Local, seconds)
}

/// The day and the time of day in a zone.
fn date_and_time_in<Zone: chrono::TimeZone>(zone: &Zone, seconds: i64) -> String {
    use chrono::Datelike;
    let time = zone.timestamp_opt(seconds, 0).earliest();
    let day = time.map_or_else(String::new, |time| format!("{:02}-{:02} ", time.month(), time.day()));
    day + &clock_in(zone, seconds)
}

/// Year, month and day where the machine stands; `None` beyond its calendar.
pub fn day(seconds: i64) -> Option<(u16, u8, u8)> {
    use chrono::{Datelike, TimeZone};
    let time = chrono::Local.timestamp_opt(seconds, 0).earliest()?;
    Some((u16::try_from(time.year()).ok()?, time.month() as u8, time.day() as u8)) // other years stand on no sheet
}

/// The time of day where the machine stands: `14:05`.
pub(in crate::ui) fn clock(seconds: i64) -> String {
    clock_in(&chrono::Local, seconds)
}

/// The time of day in a zone; what lies beyond its calendar has none.
fn clock_in<Zone: chrono::TimeZone>(zone: &Zone, seconds: i64) -> String {
    use chrono::Timelike;
    let time = zone.timestamp_opt(seconds, 0).earliest();
    time.map_or_else(String::new, |time| format!("{:02}:{:02}", time.hour(), time.minute()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_day_is_that_of_the_zone() {
        let china = chrono::FixedOffset::east_opt(8 * 3600).expect("an offset");
        assert_eq!(clock_in(&china, 0), "08:00");
        assert_eq!(clock_in(&china, 1_764_313_200), "15:00");
        assert_eq!(clock_in(&china, -8 * 3600 - 60), "23:59");
        let nepal = chrono::FixedOffset::east_opt(5 * 3600 + 45 * 60).expect("an offset");
        assert_eq!(clock_in(&nepal, 0), "05:45");
        assert_eq!(clock_in(&china, i64::MAX), "");
        assert_eq!(clock(0).len(), 5, "the machine has a zone");
        assert_eq!(date_and_time_in(&china, 951_782_400), "02-29 08:00");
        assert_eq!(date_and_time_in(&china, 1_764_313_200), "11-28 15:00");
    }
}
