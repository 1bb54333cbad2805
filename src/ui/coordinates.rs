//! Coordinates as people type and read them.

use crate::model::Coord;

/// What typed text may mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Typed {
    /// Longitude and latitude in degrees.
    Geographic(Coord),
    /// Easting and northing in metres.
    Projected(Coord),
}

/// Reads a pair of coordinates: `117.0238, 36.8506`, `36°51'02.11"N 117°01'25.93"E`, `39502118.42 4079883.07`, with
/// letters or Chinese words for the directions, in either order where the numbers tell which is which.
pub fn parse(text: &str) -> Option<Typed> {
    let numbers = numbers(text);
    let (a, b) = match numbers.as_slice() {
        [a, b] => (*a, *b),
        _ => return None,
    };
    let (first, second) = (a.value, b.value);
    let swapped = a.axis == Some(Axis::North) || b.axis == Some(Axis::East);
    let geographic = first.abs() <= 180.0 && second.abs() <= 180.0;
    if geographic {
        // Without letters, a first number that can only be a latitude in China and a second that can only be a
        // longitude there are taken as such.
        let looks_swapped = a.axis.is_none() && first.abs() <= 60.0 && second.abs() > 60.0;
        let (lon, lat) = if swapped || looks_swapped { (second, first) } else { (first, second) };
        return (lat.abs() <= 90.0).then_some(Typed::Geographic(Coord { x: lon, y: lat }));
    }
    if a.degrees || b.degrees {
        return None;
    }
    // A zone number before the easting makes it the larger one; surveyors write the northing first.
    let looks_swapped = a.axis.is_none() && second > 1e7 && first < 1e7;
    let (x, y) = if swapped || looks_swapped { (second, first) } else { (first, second) };
    Some(Typed::Projected(Coord { x, y }))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    East,
    North,
}

#[derive(Clone, Copy, Debug)]
struct Number {
    value: f64,
    axis: Option<Axis>,
    degrees: bool,
}

/// Reads numbers, joins degrees, minutes and seconds, and notes the letters beside them. Gives nothing where anything
/// else stands in the text: a parcel's name with a number in it is not a coordinate.
fn numbers(text: &str) -> Vec<Number> {
    let mut out: Vec<Number> = Vec::new();
    let mut open: Option<Number> = None;
    let mut pending: Option<(Axis, bool)> = None;
    let mut scale = 1.0;
    // Letters stand before all numbers or behind all.
    let letters_first = text.trim_start().chars().next().is_some_and(|c| c.is_alphabetic());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() || ((c == '-' || c == '+' || c == '.') && chars.peek().is_some_and(char::is_ascii_digit))
        {
            let mut word = c.to_string();
            while let Some(d) = chars.peek().copied().filter(|d| d.is_ascii_digit() || *d == '.') {
                word.push(d);
                chars.next();
            }
            let Ok(value) = word.parse::<f64>() else { return Vec::new() };
            match &mut open {
                Some(number) if scale < 1.0 => {
                    let sign = if number.value.is_sign_negative() { -1.0 } else { 1.0 };
                    number.value += sign * value * scale;
                }
                _ => {
                    out.extend(open.take());
                    let (axis, negative) = pending.take().unzip();
                    let value = if negative == Some(true) { -value } else { value };
                    open = Some(Number { value, axis, degrees: false });
                }
            }
            scale = 1.0;
            continue;
        }
        match c {
            '°' | '度' => {
                if let Some(number) = &mut open {
                    number.degrees = true;
                }
                scale = 1.0 / 60.0;
            }
            '\'' | '′' | '’' | '分' => scale = 1.0 / 3600.0,
            '"' | '″' | '”' | '秒' => scale = 1.0,
            'E' | 'e' | 'W' | 'w' | '东' | '西' | 'N' | 'n' | 'S' | 's' | '北' | '南' => {
                let axis = if matches!(c, 'E' | 'e' | 'W' | 'w' | '东' | '西') { Axis::East } else { Axis::North };
                let negative = matches!(c, 'W' | 'w' | '西' | 'S' | 's' | '南');
                if letters_first {
                    out.extend(open.take());
                    pending = Some((axis, negative));
                } else if let Some(number) = open.as_mut().or(out.last_mut()).filter(|number| number.axis.is_none()) {
                    number.axis = Some(axis);
                    number.value = if negative { -number.value } else { number.value };
                    out.extend(open.take());
                } else {
                    return Vec::new();
                }
                scale = 1.0;
            }
            // 东经 and 北纬.
            '经' | '纬' => {}
            ' ' | '\t' | ',' | '，' | '、' | ':' | '：' | '=' | '(' | ')' | '（' | '）' => {
                if scale == 1.0 {
                    out.extend(open.take());
                }
            }
            _ => return Vec::new(),
        }
    }
    out.extend(open);
    out
}

/// Longitude and latitude as degrees, minutes and seconds: `117°01'25.93″E  36°51'02.11″N`.
pub fn degrees_text(lon_lat: Coord) -> String {
    format!("{}  {}", dms(lon_lat.x, 'E', 'W'), dms(lon_lat.y, 'N', 'S'))
}

fn dms(degrees: f64, positive: char, negative: char) -> String {
    if !degrees.is_finite() {
        return "–".to_owned();
    }
    let letter = if degrees < 0.0 { negative } else { positive };
    // Hundredths of a second, so that 59.999″ carries over instead of showing 60.00″.
    let hundredths = (degrees.abs() * 360_000.0).round() as u64;
    let (d, m, s) = (hundredths / 360_000, hundredths / 6_000 % 60, hundredths % 6_000);
    format!("{d}°{m:02}'{:02}.{:02}″{letter}", s / 100, s % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_coordinates_are_understood() {
        let check = |text: &str, expected: Option<Typed>| {
            let found = parse(text);
            let same = match (found, expected) {
                (Some(Typed::Geographic(a)), Some(Typed::Geographic(b)))
                | (Some(Typed::Projected(a)), Some(Typed::Projected(b))) => {
                    (a.x - b.x).abs() < 1e-9 && (a.y - b.y).abs() < 1e-9
                }
                (None, None) => true,
                _ => false,
            };
            assert!(same, "{text}: {found:?}");
        };
        let lon_lat = |x, y| Some(Typed::Geographic(Coord { x, y }));
        let metres = |x, y| Some(Typed::Projected(Coord { x, y }));
        let place = lon_lat(117.0 + 1.0 / 60.0 + 25.93 / 3600.0, 36.0 + 51.0 / 60.0 + 2.11 / 3600.0);
        check("117.5, 36.25", lon_lat(117.5, 36.25));
        check("36.25 117.5", lon_lat(117.5, 36.25));
        check("36.25N 117.5E", lon_lat(117.5, 36.25));
        check("E117.5，N36.25", lon_lat(117.5, 36.25));
        check("117°01'25.93\"E 36°51'02.11\"N", place);
        check("117°01'25.93″ E  36°51'02.11″ N", place);
        check("36°51'02.11\"N 117°01'25.93\"E", place);
        check("东经117度1分25.93秒 北纬36度51分2.11秒", place);
        check("39502118.42 4079883.07", metres(39_502_118.42, 4_079_883.07));
        check("4079883.07, 39502118.42", metres(39_502_118.42, 4_079_883.07));
        check("E 502118.42 N 4079883.07", metres(502_118.42, 4_079_883.07));
        check("N 4079883.07 E 502118.42", metres(502_118.42, 4_079_883.07));
        check("-70.5, -33.4", lon_lat(-70.5, -33.4));
        check("70.5W 33.4S", lon_lat(-70.5, -33.4));
        check("W70.5 S33.4", lon_lat(-70.5, -33.4));
        for text in ["", "大桥 0701", "117.5", "1 2 3", "0701", "200°10'1\" 12", "方案 2 3", "1.2.3 4"] {
            check(text, None);
        }
    }

    #[test]
    fn degrees_carry_over() {
        assert_eq!(degrees_text(Coord { x: 117.023_869_444, y: 36.850_586_111 }), "117°01'25.93″E  36°51'02.11″N");
        assert_eq!(degrees_text(Coord { x: -0.999_999_999_9, y: -45.5 }), "1°00'00.00″W  45°30'00.00″S");
    }
}
