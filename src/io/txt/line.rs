//! Lines of a coordinate TXT, told apart by what stands in them.
//!
//! A line whose last sign is `@` begins a plot. One with four parts, the last two of them numbers, is a point. What has
//! a `=` before the first plot belongs to the header. Quotes of a spreadsheet, full-width signs of an input method, and
//! tabs, semicolons and blanks in place of commas are taken for what they stand for; whoever reads says that they were there.

use std::borrow::Cow;

/// The most parts that a plot line has, `@` included.
const MOST_PARTS: usize = 64;

/// What a line is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line<'a> {
    /// Nothing but blanks.
    Blank,
    /// `[属性描述]`: the name between the brackets.
    Section(&'a str),
    /// A line of the header.
    Pair(&'a str, &'a str),
    /// A plot line: its parts without the `@`, trimmed.
    Plot(Vec<&'a str>),
    /// A point line.
    Point(PointLine<'a>),
    /// None of these.
    Other,
}

/// The parts of a point line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::io) struct PointLine<'a> {
    /// `J1`, `1`: text, never a number.
    pub(super) id: &'a str,
    /// The number of the ring; empty where there is none.
    pub(super) ring: &'a str,
    first: &'a str,
    second: &'a str,
    /// Parts after the coordinates.
    pub(super) surplus: usize,
}

impl<'a> PointLine<'a> {
    /// A point of that id and ring whose coordinates are known.
    pub(in crate::io) fn named(id: &'a str, ring: &'a str) -> Self {
        Self { id, ring, first: "", second: "", surplus: 0 }
    }

    /// The first coordinate, where it is a finite number.
    pub(super) fn first(&self) -> Option<f64> {
        number(self.first)
    }

    /// The second coordinate.
    pub(super) fn second(&self) -> Option<f64> {
        number(self.second)
    }

    /// Decimals of the coordinate that has more of them.
    pub(super) fn decimals(&self) -> usize {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        // Of `3.95E+07` nobody knows how many were meant.
        let of = |text: &str| text.split_once('.').map_or(0, |(_, decimals)| digits(decimals));
        of(self.first).max(of(self.second))
    }

    /// What stands before the digits at the end of the id, and their number.
    pub(super) fn numbered(&self) -> Option<(&str, u32)> {
        let digits = self.id.len() - self.id.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (before, digits) = self.id.split_at(self.id.len() - digits);
        // An id without digits, or with more than any number has, counts nothing.
        Some((before, digits.parse().ok()?))
    }
}

fn number(text: &str) -> Option<f64> {
    let value: f64 = fast_float2::parse(text).ok()?; // no number: the caller says so
    value.is_finite().then_some(value)
}

/// The lines of a text, ended by CR LF, LF or CR alone.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = memchr::memchr2(b'\n', b'\r', text.as_bytes()) else {
            rest = None;
            return (!text.is_empty()).then_some(text);
        };
        let next = if text[end..].starts_with("\r\n") { end + 2 } else { end + 1 };
        rest = Some(&text[next..]);
        Some(&text[..end])
    })
}

/// The line with the signs of a Chinese keyboard in their plain form, with commas between its parts, and without the
/// quotes of a spreadsheet.
pub(super) fn narrowed(line: &str) -> Cow<'_, str> {
    let line = line.trim();
    let is_header = line.contains(['=', '＝']) && !line.contains(['@', '＠']);
    let has_comma = line.contains([',', '，']);
    if is_header
        || (has_comma && !line.contains(['，', '＠', '．', '"', '\u{feff}', '\t', '\u{3000}']))
        || line.starts_with(['[', '【', '［'])
    {
        return Cow::Borrowed(line);
    }
    // A plot line of plain commas: others in it are part of its names.
    let is_parted = line.ends_with(",@") && line.matches(',').count() >= 4;
    let plain = |c: char| match c {
        '，' | '＠' if is_parted => Some(c),
        '，' => Some(','),
        '＠' => Some('@'),
        '．' => Some('.'),
        '\t' | ';' | '；' if !has_comma => Some(','),
        '\t' | '\u{3000}' => Some(' '),
        '"' | '\u{feff}' => None,
        other => Some(other),
    };
    let text: String = line.chars().filter_map(plain).collect();
    match spaced(&text) {
        Some(parted) => Cow::Owned(parted),
        None if text == line => Cow::Borrowed(line),
        None => Cow::Owned(text),
    }
}

/// A plot or a point whose parts are divided by blanks alone, with commas between them.
fn spaced(line: &str) -> Option<String> {
    if line.contains(',') {
        return None;
    }
    let parts: Vec<&str> = line.split_whitespace().take(MOST_PARTS).collect();
    let is_point = match parts[..] {
        // Two numbers may be a name; with decimals they are a place.
        [first, second] => [first, second].iter().all(|part| is_far(part) && part.contains('.')),
        [.., first, second] => parts.len() <= 6 && is_far(first) && is_far(second),
        _ => false,
    };
    let is_plot = parts.len() >= 4 && parts.last() == Some(&"@");
    (is_point || is_plot).then(|| parts.join(","))
}

/// What a line is; `within` says that plots have begun.
pub(super) fn tell(line: &str, within: bool) -> Line<'_> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if line.is_empty() {
        return Line::Blank;
    }
    let section = |(open, close): &(char, char)| {
        let (name, rest) = line.strip_prefix(*open)?.split_once(*close)?;
        rest.trim().is_empty().then(|| name.trim())
    };
    if let Some(name) = [('[', ']'), ('【', '】'), ('［', '］')].iter().find_map(section) {
        return Line::Section(name);
    }
    if !within
        && !line.ends_with('@')
        && let Some((key, value)) = pair(line)
    {
        return Line::Pair(key.trim(), value.trim());
    }
    let parts: Vec<&str> = line.split(',').take(MOST_PARTS + 1).map(str::trim).collect();
    if parts.len() > MOST_PARTS {
        return Line::Other;
    }
    if let [parts @ .., "@"] = &parts[..] {
        // One part before it is too little for a plot: `@` on a line of its own is rubbish.
        return if parts.len() >= 2 { Line::Plot(parts.to_vec()) } else { Line::Other };
    }
    if let [rest @ .., last] = &parts[..]
        && let Some(last) = last.strip_suffix('@')
        && rest.len() >= 2
    {
        // The comma before the `@` was forgotten.
        return Line::Plot(rest.iter().copied().chain([last.trim_end()]).collect());
    }
    let is_kind = |part: &&str| matches!(*part, "面" | "线" | "点");
    if let [id, ring, first, second, surplus @ ..] = &parts[..]
        && !parts.iter().any(is_kind)
        && looks_like_number(first)
        && looks_like_number(second)
        && (surplus.is_empty() || (surplus.len() <= 2 && is_ring(ring)))
    {
        return Line::Point(PointLine { id, ring, first, second, surplus: surplus.len() });
    }
    // The `@` was lost.
    let is_plot = parts.iter().any(is_kind) && parts.len() >= 4;
    if is_plot || (parts.len() >= 6 && within) {
        return Line::Plot(parts);
    }
    match &parts[..] {
        // Points of a plot whose rings have no numbers, or that have none themselves.
        [id, first, second] if within && is_far(first) && is_far(second) => {
            Line::Point(PointLine { id, ring: "", first, second, surplus: 0 })
        }
        [first, second] if within && is_far(first) && is_far(second) => {
            Line::Point(PointLine { id: "", ring: "", first, second, surplus: 0 })
        }
        // A point whose coordinates cannot be read is a fault of that point.
        [id, ring, first, second] if within && is_ring(ring) => {
            Line::Point(PointLine { id, ring, first, second, surplus: 0 })
        }
        _ => Line::Other,
    }
}

/// The key and the value of a line of the header. A colon stands for `=` where what is before it is a word of its own.
fn pair(line: &str) -> Option<(&str, &str)> {
    let is_word = |key: &str| !key.is_ascii() && !key.contains(',') && key.chars().count() <= 12;
    line.split_once(['=', '＝']).or_else(|| line.split_once(['：', ':']).filter(|(key, _)| is_word(key)))
}

/// Whether a text is a coordinate, and no number of a ring.
fn is_far(text: &str) -> bool {
    number(text).is_some_and(|value| value.abs() >= 1000.0 || (value.abs() >= 1.0 && text.contains('.')))
}

fn is_ring(text: &str) -> bool {
    !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a text begins as a number does.
fn looks_like_number(text: &str) -> bool {
    let mut bytes = text.bytes();
    match bytes.next() {
        Some(b'0'..=b'9') => true,
        Some(b'+' | b'-' | b'.') => bytes.next().is_some_and(|b| b.is_ascii_digit() || b == b'.'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_any_way() {
        let check = |text: &str, expected: &[&str]| assert_eq!(lines(text).collect::<Vec<_>>(), expected);
        check("a\r\nb\nc\rd", &["a", "b", "c", "d"]);
        check("a\r\r\nb\n", &["a", "", "b"]);
        check("", &[]);
        check("\n", &[""]);
    }

    #[test]
    fn lines_are_told_apart() {
        let check = |text: &str, expected: &str| {
            let text = narrowed(text);
            let said = match tell(&text, true) {
                Line::Plot(parts) => format!("plot {}", parts.join("|")),
                Line::Point(point) => format!("point {} {:?} {:?}", point.id, point.first(), point.second()),
                other => format!("{other:?}"),
            };
            assert_eq!(said, expected);
        };
        check(" [属性描述]", "Section(\"属性描述\")");
        check("5,2.0000,,示例,面,,住宅用地,,@ \t", "plot 5|2.0000||示例|面||住宅用地|");
        check("1,示例地块三,面,设施农用地,@", "plot 1|示例地块三|面|设施农用地");
        check("5，2.0000，，示例，面，，，，＠", "plot 5|2.0000||示例|面|||");
        check("5,2.0000,,示例,面,,,@", "plot 5|2.0000||示例|面||");
        check("5,2.0000,1,甲村，乙村,面,,,,@", "plot 5|2.0000|1|甲村，乙村|面|||");
        check("8,2.7500,1,示例,面,,工业用地,1001", "plot 8|2.7500|1|示例|面||工业用地|1001");
        check("J1,1,4078901.234,39512345.678", "point J1 Some(4078901.234) Some(39512345.678)");
        check("1,1, 4060200 , 39500000,12.5", "point 1 Some(4060200.0) Some(39500000.0)");
        check("J1,1,4078901.2x4,39512345.678", "point J1 None Some(39512345.678)");
        check("J1,1,,", "point J1 None None");
        check("J1\t1\t4060200.000\t39500000.000", "point J1 Some(4060200.0) Some(39500000.0)");
        check("J1;1;4060200.000;39500000.000", "point J1 Some(4060200.0) Some(39500000.0)");
        check("J1 1  4060200.000 39500000.000", "point J1 Some(4060200.0) Some(39500000.0)");
        check("J1,4060200.000,39500000.000", "point J1 Some(4060200.0) Some(39500000.0)");
        check("4060200,39500000", "point  Some(4060200.0) Some(39500000.0)");
        check("5\t2.0000\t1\t甲\t面\t\t\t\t@", "plot 5|2.0000|1|甲|面|||");
        check("5 2.0000 1 甲 面 @", "plot 5|2.0000|1|甲|面");
        check("【地块坐标】\t", "Section(\"地块坐标\")");
        check("甲 乙", "Other");
        check("共 3 5", "Other");
        check("1,2", "Other");
        check("备注", "Other");
        check("@", "Other");
        check("\u{3000}", "Blank");
        assert_eq!(tell("带号=39", false), Line::Pair("带号", "39"));
        assert_eq!(tell("带号＝39", false), Line::Pair("带号", "39"));
        assert_eq!(tell("坐标系：2000国家大地坐标系", false), Line::Pair("坐标系", "2000国家大地坐标系"));
        assert_eq!(tell("12:30", false), Line::Other);
        assert_eq!(tell("转换参数=,,,,,,", false), Line::Pair("转换参数", ",,,,,,"));
    }
}
