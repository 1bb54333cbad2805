//! The header of a coordinate TXT: pairs of key and value, some of which say what the numbers are.

use crate::crs::Datum;
use crate::model::{Issue, Severity};
use crate::text::Message;

/// Pairs that are kept for the notes; a header has a dozen.
const MOST_PAIRS: usize = 200;

/// What a header says.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Section, key, value and line, in file order.
    pairs: Vec<(String, String, String, u64)>,
}

impl Header {
    pub(super) fn add(&mut self, section: &str, key: &str, value: &str, line: u64) {
        if self.pairs.len() < MOST_PAIRS && !key.is_empty() {
            self.pairs.push((section.to_owned(), key.to_owned(), value.to_owned(), line));
        }
    }

    /// The value of the first key of those names, and its line; `None` where it is empty or missing.
    fn value(&self, names: &[&str]) -> Option<(&str, u64)> {
        let found = self.pairs.iter().find(|(_, key, value, _)| names.contains(&key.as_str()) && !value.is_empty())?;
        Some((&found.2, found.3))
    }

    /// The words for the coordinate system.
    pub(super) fn system(&self) -> Option<(&str, u64)> {
        self.value(&["坐标系", "坐标系统", "坐标系名称"])
    }

    /// The datum that the words name.
    pub(super) fn datum(&self) -> Option<Datum> {
        let (words, _) = self.system()?;
        let has = |word: &str| words.to_ascii_uppercase().contains(word);
        if has("2000") {
            Some(Datum::Cgcs2000)
        } else if has("WGS") {
            Some(Datum::Wgs84)
        } else if has("80") || has("西安") {
            Some(Datum::Xian1980)
        } else if has("54") || has("北京") {
            Some(Datum::Beijing1954)
        } else {
            None
        }
    }

    /// The width of the zones in degrees, 3 or 6, and its line.
    pub(super) fn width_deg(&self) -> Option<(u8, u64)> {
        let (words, line) = self.value(&["几度分带", "分带", "度带"])?;
        let width = words.chars().find_map(|c| c.to_digit(10).or_else(|| chinese_digit(c)))?;
        matches!(width, 3 | 6).then_some((width as u8, line))
    }

    /// The number of the zone and its line.
    pub(super) fn zone(&self) -> Option<(u8, u64)> {
        let digits = |words: &str| words.chars().filter(char::is_ascii_digit).collect::<String>().parse::<u8>().ok();
        let stated = self.value(&["带号", "投影带号"]).and_then(|(words, line)| Some((digits(words)?, line)));
        // More digits than a zone has: no zone, or the degrees of its central meridian.
        if stated.is_some_and(|(number, _)| !(69..=138).contains(&number)) {
            return stated;
        }
        let names = ["中央子午线", "中央经线", "中央子午线经度"];
        let meridian = || self.value(&names).and_then(|(words, line)| Some((whole_degrees(words)?, line)));
        let (degrees, line) = stated.or_else(meridian)?;
        let zone = match self.width_deg() {
            Some((6, _)) => degrees.checked_add(3).filter(|sum| sum.is_multiple_of(6)).map(|sum| sum / 6),
            _ => degrees.is_multiple_of(3).then_some(degrees / 3),
        };
        zone.map(|zone| (zone, line))
    }

    /// Decimals of the coordinates by the header: `0.001` and `3` both say 3.
    pub(super) fn decimals(&self) -> Option<(usize, u64)> {
        let (words, line) = self.value(&["精度"])?;
        let value: f64 = words.parse().ok()?; // words that are no number say nothing
        if value >= 1.0 {
            return (value.fract() == 0.0 && value <= 9.0).then_some((value as usize, line));
        }
        (1..=9).find(|decimals| (value * 10f64.powi(*decimals) - 1.0).abs() < 1e-6).map(|n| (n as usize, line))
    }

    /// The header in the words of the file, for the reason of the CRS.
    pub(super) fn words(&self) -> String {
        let said = [
            ("坐标系", self.system()),
            ("几度分带", self.value(&["几度分带", "分带", "度带"])),
            ("带号", self.value(&["带号"])),
            ("中央子午线", self.value(&["中央子午线", "中央经线", "中央子午线经度"])),
        ];
        let said: Vec<String> =
            said.into_iter().filter_map(|(key, found)| found.map(|(value, _)| format!("{key}={value}"))).collect();
        said.join("，")
    }

    /// What there is to say about it. `most` are the most decimals of a coordinate with their line.
    pub(super) fn issues(&self, most: (usize, u64), issues: &mut Vec<Issue>) {
        let mut add = |severity, message, line| {
            issues.push(Issue { line: Some(line), ..Issue::new(severity, message) });
        };
        if let Some((parameters, line)) = self.value(&["转换参数"])
            && parameters.split([',', '，', ';', ' ']).any(|part| part.trim().parse::<f64>().is_ok_and(|v| v != 0.0))
        {
            add(Severity::Warning, Message::new("io.txt-parameters").with("text", parameters), line);
        }
        if let Some((unit, line)) = self.value(&["计量单位"])
            && !["米", "m", "M", "公尺"].contains(&unit)
        {
            add(Severity::Warning, Message::new("io.txt-unit").with("text", unit), line);
        }
        if let Some((projection, line)) = self.value(&["投影类型"])
            && !(projection.contains('高') && projection.contains('克'))
        {
            add(Severity::Warning, Message::new("io.txt-projection").with("text", projection), line);
        }
        if let Some((stated, line)) = self.decimals() {
            let message = |key| Message::new(key).with("stated", stated).with("found", most.0);
            if most.0 > stated {
                add(Severity::Note, message("io.txt-more-decimals"), most.1);
            } else if most.0 < stated && most.1 > 0 {
                add(Severity::Note, message("io.txt-fewer-decimals"), line);
            }
        }
        const STANDARD: [&str; 4] = ["属性描述", "地块坐标", "坐标系", ""];
        let own: Vec<String> = self
            .pairs
            .iter()
            .filter(|(section, _, value, _)| !STANDARD.contains(&section.as_str()) && !value.is_empty())
            .map(|(_, key, value, _)| format!("{key}={value}"))
            .collect();
        if let Some((.., line)) = self.pairs.iter().find(|(section, ..)| !STANDARD.contains(&section.as_str()))
            && !own.is_empty()
        {
            let text: String = own.join("；").chars().take(400).collect();
            add(Severity::Note, Message::new("io.txt-project").with("text", text), *line);
        }
    }
}

/// The degrees of a meridian, where they are whole: `117`, `117.0`, `117°00′00″`, `117度`.
fn whole_degrees(words: &str) -> Option<u8> {
    let mut parts = words.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let degrees = parts.next()?.parse().ok()?; // no number, or more than a meridian has
    parts.all(|part| part.bytes().all(|digit| digit == b'0')).then_some(degrees)
}

fn chinese_digit(c: char) -> Option<u32> {
    match c {
        '三' => Some(3),
        '六' => Some(6),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_understood() {
        let header = |pairs: &[(&str, &str)]| {
            let mut header = Header::default();
            pairs.iter().for_each(|(key, value)| header.add("属性描述", key, value, 1));
            header
        };
        let datum = |words: &str| header(&[("坐标系", words)]).datum();
        assert_eq!(datum("2000国家大地坐标系"), Some(Datum::Cgcs2000));
        assert_eq!(datum("CGCS2000"), Some(Datum::Cgcs2000));
        assert_eq!(datum("80国家大地坐标系"), Some(Datum::Xian1980));
        assert_eq!(datum("1980西安国家大地坐标系"), Some(Datum::Xian1980));
        assert_eq!(datum("1954北京坐标系"), Some(Datum::Beijing1954));
        assert_eq!(datum("济南地方坐标系"), None);
        let width = |key: &str, words: &str| header(&[(key, words)]).width_deg().map(|(width, _)| width);
        assert_eq!(
            (width("几度分带", "3"), width("分带", "3度带"), width("几度分带", "六度")),
            (Some(3), Some(3), Some(6))
        );
        assert_eq!(width("几度分带", "1.5"), None);
        let decimals = |words: &str| header(&[("精度", words)]).decimals().map(|(n, _)| n);
        assert_eq!(
            (decimals("0.001"), decimals("0.001000"), decimals("3"), decimals("")),
            (Some(3), Some(3), Some(3), None)
        );
        assert_eq!((decimals("0.0001"), decimals("厘米")), (Some(4), None));
        assert_eq!(header(&[("带号", "39带")]).zone(), Some((39, 1)));
        assert_eq!(header(&[("带号", "")]).zone(), None);
        let zone = |pairs: &[(&str, &str)]| header(pairs).zone().map(|(zone, _)| zone);
        assert_eq!(zone(&[("带号", "117")]), Some(39));
        assert_eq!(zone(&[("带号", ""), ("中央子午线", "117°00′00″")]), Some(39));
        assert_eq!(zone(&[("几度分带", "6"), ("中央子午线", "117")]), Some(20));
        assert_eq!((zone(&[("中央子午线", "117.5")]), zone(&[("中央子午线", "118")])), (None, None));
    }
}
