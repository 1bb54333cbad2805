//! Coordinates as people type and read them.

use crate::model::Coord;

/// What typed text may mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Typed {
    /// Longitude and latitude in degrees.
    Geographic(Coord),
    /// Easting and northing in metres.
    Projected(Coord),
    /// Two lengths in metres in the order in which they were typed, of which nothing says which is the easting: X is
    /// the northing to surveyors and the easting to others.
    Unordered(Coord),
}

/// Reads a pair of coordinates: `117.0238, 36.8506`, `36°51'02.11"N 117°01'25.93"E`, `36:51:02.11 117:01:25.93`,
/// `39502118.42 4079883.07`, `X=4076100；Y=39506400`, `502118 m E 4079883 m N`, with letters or Chinese words for the
/// directions, with full-width digits and signs, in either order where the numbers tell which is which.
pub fn parse(text: &str) -> Option<Typed> {
    let text = text.chars().map(half_width).collect::<String>();
    let tokens = tokens(&without_thousands(text.trim()))?;
    let has_metres = tokens.contains(&Token::Metre);
    let (a, b) = match numbers(&tokens)?.as_slice() {
        [a, b] => (*a, *b),
        _ => return None,
    };
    let (first, second) = (a.value, b.value);
    let swapped = a.axis == Some(Axis::North) || b.axis == Some(Axis::East);
    let is_named = a.axis.is_some_and(|axis| axis.is_direction()) || b.axis.is_some_and(|axis| axis.is_direction());
    if a.axis.is_some() && a.axis == b.axis {
        return None;
    }
    if first.abs() <= 180.0 && second.abs() <= 180.0 && !has_metres {
        // Without letters, a first number that can only be a latitude in China and a second that can only be a
        // longitude there are taken as such.
        let looks_swapped = !is_named && (first.abs() <= 60.0 && second.abs() > 60.0);
        let begins_with_y = a.axis == Some(Axis::Y) && !(first.abs() > 60.0 && second.abs() <= 60.0);
        let (lon, lat) = if swapped || looks_swapped || begins_with_y { (second, first) } else { (first, second) };
        return (lat.abs() <= 90.0).then_some(Typed::Geographic(Coord { x: lon, y: lat }));
    }
    if a.degrees || b.degrees {
        return None;
    }
    let coord = |(x, y)| Coord { x, y };
    let as_typed = (first, second);
    let turned = (second, first);
    // A zone number before the easting makes it the larger one; surveyors write the northing first.
    Some(match (is_named, first > 1e7, second > 1e7) {
        (true, ..) => Typed::Projected(coord(if swapped { turned } else { as_typed })),
        (false, false, true) => Typed::Projected(coord(turned)),
        (false, true, false) => Typed::Projected(coord(as_typed)),
        _ => Typed::Unordered(coord(as_typed)),
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    East,
    North,
    /// Words that surveyors and others mean differently.
    X,
    Y,
}

impl Axis {
    fn is_direction(self) -> bool {
        matches!(self, Self::East | Self::North)
    }
}

/// A part of what was typed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    Number(f64),
    Degree,
    Minute,
    Second,
    /// A letter or word for a direction, and whether it is the negative one.
    Axis(Axis, bool),
    Metre,
    Colon,
    Comma,
    Blank,
}

/// A coordinate.
#[derive(Clone, Copy, Debug)]
struct Number {
    value: f64,
    axis: Option<Axis>,
    degrees: bool,
}

/// Full-width digits, letters and signs as the usual ones.
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        '−' | '–' => '-',
        '。' => '.',
        c => c,
    }
}

/// `39,506,400 4,076,100` without the commas between thousands, where both numbers are written so.
fn without_thousands(text: &str) -> String {
    let is_grouped = |word: &str| {
        let digits = word.trim_matches(|c: char| !c.is_ascii_digit());
        let whole = digits.split('.').next().unwrap_or_default();
        let mut groups = whole.split(',');
        groups.next().is_some_and(|first| (1..=3).contains(&first.len()))
            && whole.contains(',')
            && groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let words = || text.split([' ', '\t', ';']).filter(|word| word.contains(|c: char| c.is_ascii_digit()));
    if words().count() == 2 && words().all(|word| is_grouped(word.trim_end_matches(','))) {
        let mut out = String::with_capacity(text.len());
        for (at, c) in text.char_indices() {
            let is_inner = c == ',' && text[at + 1..].starts_with(|next: char| next.is_ascii_digit());
            if !is_inner {
                out.push(c);
            }
        }
        return out;
    }
    text.to_owned()
}

/// What was typed in parts; `None` where anything else stands in it: a parcel's name with a number in it is not a
/// coordinate.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after_number = matches!(tokens.last(), Some(Token::Number(_)));
        let signed = matches!(c, '-' | '+') && !after_number;
        let starts = c.is_ascii_digit()
            || ((signed || c == '.') && rest[1..].starts_with(|d: char| d.is_ascii_digit() || d == '.'));
        if starts {
            let length = rest[1..].find(|d: char| !d.is_ascii_digit() && d != '.').map_or(rest.len(), |at| at + 1);
            tokens.push(Token::Number(rest[..length].parse().ok()?));
            rest = &rest[length..];
            continue;
        }
        if c.is_ascii_alphabetic() {
            let length = rest.find(|d: char| !d.is_ascii_alphabetic()).unwrap_or(rest.len());
            let word = rest[..length].to_ascii_lowercase();
            rest = &rest[length..];
            // `502118mE`
            let direction = word.strip_prefix('m').filter(|rest| rest.len() == 1);
            if direction.is_some() {
                tokens.push(Token::Metre);
            }
            tokens.push(word_token(direction.unwrap_or(&word))?);
            continue;
        }
        rest = &rest[c.len_utf8()..];
        let is_doubled = rest.starts_with(c);
        let of_degrees = after_number;
        tokens.push(match c {
            '°' | 'º' | '˚' => Token::Degree,
            '度' if of_degrees => Token::Degree,
            '\'' | '′' | '’' | '‘' if is_doubled => {
                rest = &rest[c.len_utf8()..];
                Token::Second
            }
            '\'' | '′' | '’' | '‘' | '分' => Token::Minute,
            '"' | '″' | '”' | '“' | '秒' => Token::Second,
            '东' | '東' => Token::Axis(Axis::East, false),
            '西' => Token::Axis(Axis::East, true),
            '北' => Token::Axis(Axis::North, false),
            '南' => Token::Axis(Axis::North, true),
            // 东经 and 北纬, or 经度 and 纬度.
            '经' | '纬' if matches!(tokens.last(), Some(Token::Axis(..))) => continue,
            '经' => Token::Axis(Axis::East, false),
            '纬' => Token::Axis(Axis::North, false),
            '横' => Token::Axis(Axis::East, false),
            '纵' => Token::Axis(Axis::North, false),
            '度' | '坐' | '标' | '座' if matches!(tokens.last(), Some(Token::Axis(..))) => continue,
            '米' => Token::Metre,
            ':' => Token::Colon,
            ',' | ';' | '、' | '|' => Token::Comma,
            ' ' | '\t' | '\n' | '\r' | '=' | '(' | ')' | '[' | ']' => Token::Blank,
            _ => return None,
        });
    }
    Some(tokens)
}

fn word_token(word: &str) -> Option<Token> {
    Some(match word {
        "e" | "east" | "lon" | "lng" | "long" | "longitude" | "easting" => Token::Axis(Axis::East, false),
        "w" | "west" => Token::Axis(Axis::East, true),
        "n" | "north" | "lat" | "latitude" | "northing" => Token::Axis(Axis::North, false),
        "s" | "south" => Token::Axis(Axis::North, true),
        "x" => Token::Axis(Axis::X, false),
        "y" => Token::Axis(Axis::Y, false),
        "m" | "metre" | "metres" | "meter" | "meters" => Token::Metre,
        _ => return None,
    })
}

/// A number as typed, with what stands around it.
#[derive(Clone, Copy, Debug)]
struct Atom {
    value: f64,
    mark: Option<Token>,
    /// Whether a colon stands between it and the one before.
    joined: bool,
    /// Whether a comma, or a direction, does.
    parted: bool,
    axis: Option<(Axis, bool)>,
}

/// Joins degrees, minutes and seconds, and gives each number the direction that stands beside it.
fn numbers(tokens: &[Token]) -> Option<Vec<Number>> {
    // Directions stand before all numbers or behind all.
    let first = tokens.iter().find(|token| !matches!(token, Token::Blank | Token::Comma));
    let axes_first = matches!(first, Some(Token::Axis(..)));
    let mut atoms: Vec<Atom> = Vec::new();
    let mut before: Option<(Axis, bool)> = None;
    let (mut joined, mut parted) = (false, false);
    for token in tokens {
        match *token {
            Token::Number(value) => {
                parted |= before.is_some();
                atoms.push(Atom { value, mark: None, joined, parted, axis: before.take() });
                (joined, parted) = (false, false);
            }
            mark @ (Token::Degree | Token::Minute | Token::Second) => {
                let atom = atoms.last_mut().filter(|atom| atom.mark.is_none())?;
                atom.mark = Some(mark);
            }
            Token::Axis(axis, negative) if axes_first => {
                if before.replace((axis, negative)).is_some() {
                    return None;
                }
            }
            Token::Axis(axis, negative) => {
                let atom = atoms.last_mut().filter(|atom| atom.axis.is_none())?;
                atom.axis = Some((axis, negative));
                parted = true;
            }
            // Behind a direction a colon stands for "is".
            Token::Colon => joined = before.is_none(),
            Token::Comma => parted = true,
            Token::Metre => parted = true,
            Token::Blank => {}
        }
    }
    if before.is_some() || atoms.is_empty() {
        return None;
    }
    groups(&atoms)?.into_iter().map(number).collect()
}

/// The atoms of each coordinate.
fn groups(atoms: &[Atom]) -> Option<Vec<&[Atom]>> {
    if atoms.iter().any(|atom| atom.joined || atom.mark.is_some()) {
        let mut starts = vec![0];
        for at in 1..atoms.len() {
            let (before, atom) = (&atoms[at - 1], &atoms[at]);
            let follows = match before.mark {
                Some(Token::Degree) => atom.mark != Some(Token::Degree),
                Some(Token::Minute) => !matches!(atom.mark, Some(Token::Degree | Token::Minute)),
                _ => false,
            };
            let can = before.value.fract() == 0.0 && atom.value < 60.0 && !atom.parted;
            if !(atom.joined || follows && can) {
                starts.push(at);
            }
        }
        starts.push(atoms.len());
        return Some(starts.windows(2).map(|ends| &atoms[ends[0]..ends[1]]).collect());
    }
    // Only blanks between: degrees, minutes and seconds of both, or degrees and minutes with a fraction.
    let has_axes = atoms.iter().any(|atom| atom.axis.is_some());
    let has_fraction = atoms.iter().any(|atom| atom.value.fract() != 0.0);
    let each = match atoms.len() {
        2 => 1,
        4 if has_axes || has_fraction => 2,
        6 => 3,
        _ => return None,
    };
    // What parts them, parts them in the middle.
    let parts_well = (1..atoms.len()).all(|at| at == each || !atoms[at].parted);
    (each == 1 || parts_well).then(|| atoms.chunks(each).collect())
}

/// Degrees, minutes and seconds as one number.
fn number(atoms: &[Atom]) -> Option<Number> {
    let (first, rest) = atoms.split_first()?;
    let mut axes = atoms.iter().filter_map(|atom| atom.axis);
    let axis = axes.next();
    if axes.next().is_some() || rest.len() > 2 {
        return None;
    }
    let mut value = first.value.abs();
    let mut scale = 1.0;
    let mut whole = first.value;
    for atom in rest {
        if whole.fract() != 0.0 || !(0.0..60.0).contains(&atom.value) {
            return None;
        }
        scale /= 60.0;
        value += atom.value * scale;
        whole = atom.value;
    }
    let is_negative = first.value.is_sign_negative() != axis.is_some_and(|(_, negative)| negative);
    let degrees = !rest.is_empty() || first.mark.is_some();
    Some(Number { value: if is_negative { -value } else { value }, axis: axis.map(|(axis, _)| axis), degrees })
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
                | (Some(Typed::Projected(a)), Some(Typed::Projected(b)))
                | (Some(Typed::Unordered(a)), Some(Typed::Unordered(b))) => {
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
        let either = |x, y| Some(Typed::Unordered(Coord { x, y }));
        check("X=4076100 Y=39506400", metres(39_506_400.0, 4_076_100.0));
        check("x:39506400;y:4076100", metres(39_506_400.0, 4_076_100.0));
        check("X=4076100.5，Y=506400", either(4_076_100.5, 506_400.0));
        check("506400 4076100", either(506_400.0, 4_076_100.0));
        check("３９５０６４００；４０７６１００．５", metres(39_506_400.0, 4_076_100.5));
        check("Ｘ＝４０７６１００　Ｙ＝３９５０６４００", metres(39_506_400.0, 4_076_100.0));
        check("横坐标 506400 纵坐标 4076100", metres(506_400.0, 4_076_100.0));
        check("39,506,400.25 4,076,100", metres(39_506_400.25, 4_076_100.0));
        check("502118.42 m E 4079883.07 m N", metres(502_118.42, 4_079_883.07));
        check("4079883.07m N, 502118.42m E", metres(502_118.42, 4_079_883.07));
        check("502118mE 4079883mN", metres(502_118.0, 4_079_883.0));
        check("502118米，4079883米", either(502_118.0, 4_079_883.0));
        check("36 51 02.11 117 01 25.93", place);
        check("36 51 2.11 N 117 1 25.93 E", place);
        check("36:51:02.11 117:01:25.93", place);
        check("E: 117:01:25.93; N: 36:51:02.11", place);
        check("36°51′02.11″，117°1′25.93″", place);
        check("36° 51' 2.11'' 117° 1' 25.93''", place);
        check("北纬36°51′02.11″ 东经117°01′25.93″", place);
        check("36°51.5' 117°30'", lon_lat(117.5, 36.0 + 51.5 / 60.0));
        check("36 51.5 117 30", lon_lat(117.5, 36.0 + 51.5 / 60.0));
        check("36.25° 117.5°", lon_lat(117.5, 36.25));
        check("经度117.5 纬度36.25", lon_lat(117.5, 36.25));
        check("lat 36.25, lon 117.5", lon_lat(117.5, 36.25));
        check("[117.5, 36.25]", lon_lat(117.5, 36.25));
        check("S 33 30 0 W 70 30 0", lon_lat(-70.5, -33.5));
        check("-33:30:00 -70:30:00", lon_lat(-70.5, -33.5));
        for text in [
            "",
            "大桥 0701",
            "117.5",
            "1 2 3",
            "0701",
            "200°10'1\" 12",
            "方案 2 3",
            "1.2.3 4",
            "36 51 2 117 61 25",
            "10 20 30 40",
            "E 1 E 2",
            "E E 1 2",
            "1..2 3",
            "-",
            "E",
            "36°51'61\" 117°1'2\"",
            "..5 6",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn degrees_carry_over() {
        assert_eq!(degrees_text(Coord { x: 117.023_869_444, y: 36.850_586_111 }), "117°01'25.93″E  36°51'02.11″N");
        assert_eq!(degrees_text(Coord { x: -0.999_999_999_9, y: -45.5 }), "1°00'00.00″W  45°30'00.00″S");
    }
}
