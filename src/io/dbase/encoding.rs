//! Which encoding the text of a table is in: what the `.cpg` says, what the header says, and what the bytes say.
//!
//! The bytes have the last word, since labels are written by programs that do not look at the text: text that is UTF-8
//! in characters of three bytes is nothing else; pairs of bytes of which nearly all are everyday Chinese characters are
//! GBK. A label that the bytes contradict loses, and that is said. Where neither label nor bytes tell, the text is read
//! as Western and that is said, too: the user can state the encoding.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::super::Encoding;
use super::super::encoding::text_of;
use crate::model::{Issue, Severity};
use crate::text::Message;

/// Texts that are looked at.
pub(super) const MOST_SAMPLES: usize = 20_000;
/// The share of texts that may be damaged in the encoding that they are in.
const DAMAGED_SHARE: f64 = 0.02;
/// The share of everyday characters from which on pairs of bytes are text in their encoding.
const EVERYDAY_SHARE: f64 = 0.7;

/// What was chosen, and what is to be said about it.
pub(super) struct Chosen {
    pub(super) encoding: Encoding,
    pub(super) issues: Vec<Issue>,
}

/// What the bytes of the samples say.
#[derive(Debug, Default)]
struct Evidence {
    samples: usize,
    /// Samples that are wrong as UTF-8, GB 18030 and Big5.
    wrong: [usize; 3],
    /// Characters of three and four bytes of UTF-8.
    long: usize,
    /// Pairs of bytes beyond ASCII.
    pairs: usize,
    /// Those that are everyday characters in GBK and in Big5.
    everyday: [usize; 2],
}

/// Chooses the encoding of `samples`, texts that are not ASCII.
pub(super) fn choose(samples: &[&[u8]], cpg: Option<&[u8]>, language: u8, user: Option<Encoding>) -> Chosen {
    let mut issues = Vec::new();
    let cpg =
        cpg.map(|bytes| text_of(&bytes[..bytes.len().min(256)]).trim().to_owned()).filter(|text| !text.is_empty());
    let stated = cpg.as_deref().and_then(Encoding::of_label);
    if let (Some(text), None) = (&cpg, stated) {
        let shown: String = text.chars().take(40).collect();
        issues.push(Issue::new(Severity::Warning, Message::new("io.cpg-unknown").with("text", shown)));
    }
    if let Some(encoding) = user {
        return Chosen { encoding, issues };
    }
    let label = stated.or_else(|| of_language(language));
    let Some(evidence) = Evidence::of(samples) else {
        // Nothing but ASCII, which reads alike in all of them.
        return Chosen { encoding: label.unwrap_or_default(), issues };
    };
    let (encoding, is_sure) = evidence.reading(label);
    match label {
        Some(label) if label != encoding => {
            let label = cpg.filter(|_| stated.is_some()).unwrap_or_else(|| label.to_string());
            let message = Message::new("io.encoding-contradicted").with("label", label).with("encoding", encoding);
            issues.push(Issue::new(Severity::Warning, message));
        }
        Some(_) => {}
        None if is_sure => {
            let message = Message::new("io.encoding-by-bytes").with("encoding", encoding);
            issues.push(Issue::new(Severity::Note, message));
        }
        None => {
            let message = Message::new("io.encoding-unsure").with("encoding", encoding);
            issues.push(Issue::new(Severity::Warning, message));
        }
    }
    Chosen { encoding, issues }
}

/// Whether a text that is no UTF-8 looks like Big5 rather than GBK.
pub(in crate::io) fn is_big5(text: &[u8]) -> bool {
    // No second byte of either is one of these signs.
    let parts = text.split(|byte| matches!(byte, b',' | b';' | b'\t' | b'=' | b'"' | b'\r' | b'\n'));
    let samples: Vec<&[u8]> = parts.filter(|part| !part.is_ascii()).take(MOST_SAMPLES).collect();
    Evidence::of(&samples).is_some_and(|evidence| evidence.reading(None).0 == Encoding::Other(encoding_rs::BIG5))
}

/// The encoding that the byte of the header names. 0 is left by programs that do not care, 0x57 and those of DOS by ones
/// that write whatever the system has.
fn of_language(language: u8) -> Option<Encoding> {
    let label = match language {
        0x4D | 0x7A => "gbk",
        0x4F | 0x78 => "big5",
        0x4E | 0x79 => "euc-kr",
        0x13 | 0x7B => "shift_jis",
        0x03 | 0x58 | 0x59 => "windows-1252",
        0xC8 => "windows-1250",
        0xC9 => "windows-1251",
        0xCA => "windows-1254",
        0xCB => "windows-1253",
        0x26 | 0x65 => "ibm866",
        0xF0 => "utf-8",
        _ => return None,
    };
    Encoding::of_label(label)
}

impl Evidence {
    /// `None` where there is no sample.
    fn of(samples: &[&[u8]]) -> Option<Self> {
        // Names of classes and villages repeat by the thousands: each is looked into once.
        let mut times: FxHashMap<&[u8], usize> = FxHashMap::default();
        samples.iter().for_each(|sample| *times.entry(*sample).or_default() += 1);
        let distinct: Vec<(&[u8], usize)> = times.into_iter().collect();
        let evidence = distinct.into_par_iter().map(|(sample, times)| Self::of_one(sample).times(times));
        let evidence = evidence.reduce(Self::default, Self::with);
        (evidence.samples > 0).then_some(evidence)
    }

    /// What one text says.
    fn of_one(sample: &[u8]) -> Self {
        let mut evidence = Self { samples: 1, ..Self::default() };
        let readings = [Encoding::Utf8, Encoding::Gbk, Encoding::Other(encoding_rs::BIG5)];
        for (at, reading) in readings.into_iter().enumerate() {
            let decoded = reading.decode_cell(sample);
            // What is nothing but the start of a character is no text.
            evidence.wrong[at] += usize::from(decoded.is_damaged || decoded.text.is_empty());
            if at == 0 && !decoded.is_damaged {
                evidence.long += decoded.text.chars().filter(|c| c.len_utf8() > 2).count();
            }
        }
        evidence.count_pairs(sample);
        evidence
    }

    /// The same so many times.
    fn times(self, times: usize) -> Self {
        Self {
            samples: self.samples * times,
            wrong: self.wrong.map(|count| count * times),
            long: self.long * times,
            pairs: self.pairs * times,
            everyday: self.everyday.map(|count| count * times),
        }
    }

    /// Both together.
    fn with(self, other: Self) -> Self {
        Self {
            samples: self.samples + other.samples,
            wrong: std::array::from_fn(|at| self.wrong[at] + other.wrong[at]),
            long: self.long + other.long,
            pairs: self.pairs + other.pairs,
            everyday: std::array::from_fn(|at| self.everyday[at] + other.everyday[at]),
        }
    }

    fn count_pairs(&mut self, sample: &[u8]) {
        let mut at = 0;
        while at + 1 < sample.len() {
            let (lead, trail) = (sample[at], sample[at + 1]);
            if lead < 0x80 {
                at += 1;
                continue;
            }
            if (0x30..=0x39).contains(&trail) {
                // Four bytes of GB 18030.
                at += 4;
                continue;
            }
            self.pairs += 1;
            // The first level of GB 2312, in the order of sounds, its signs and letters.
            let gbk = trail >= 0xA1 && ((0xB0..=0xD7).contains(&lead) || (0xA1..=0xA3).contains(&lead));
            // The first level of Big5 and its signs.
            let big5 = (0xA4..=0xC6).contains(&lead) || (0xA1..=0xA2).contains(&lead);
            self.everyday[0] += usize::from(gbk);
            self.everyday[1] += usize::from(big5 && (trail >= 0xA1 || (0x40..=0x7E).contains(&trail)));
            at += 2;
        }
    }

    fn is_mostly_right(&self, at: usize) -> bool {
        self.wrong[at] as f64 <= DAMAGED_SHARE * self.samples as f64
    }

    fn share(&self, at: usize) -> f64 {
        if self.pairs == 0 { 0.0 } else { self.everyday[at] as f64 / self.pairs as f64 }
    }

    /// The encoding, given what a label says, and whether the bytes leave no doubt.
    fn reading(&self, label: Option<Encoding>) -> (Encoding, bool) {
        let big5 = Encoding::Other(encoding_rs::BIG5);
        let is_utf8 = self.wrong[0] == 0;
        // Texts of GBK that are right as UTF-8 are few, and short characters of it.
        if is_utf8 && (self.long >= 2 || !matches!(label, Some(Encoding::Gbk)) && label != Some(big5)) {
            return (Encoding::Utf8, true);
        }
        let is_gbk = self.is_mostly_right(1) && self.share(0) >= EVERYDAY_SHARE;
        let is_big5 = self.is_mostly_right(2) && self.share(1) >= EVERYDAY_SHARE;
        match label {
            // Damaged here and there, but UTF-8 for the most part.
            Some(Encoding::Utf8) if self.is_mostly_right(0) => return (Encoding::Utf8, true),
            Some(Encoding::Gbk) if (is_gbk || !is_big5) && self.is_mostly_right(1) => return (Encoding::Gbk, true),
            Some(label) if label == big5 && self.is_mostly_right(2) && !(is_gbk && self.share(0) > self.share(1)) => {
                return (big5, true);
            }
            _ => {}
        }
        if is_gbk && self.share(0) >= self.share(1) {
            return (Encoding::Gbk, true);
        }
        if is_big5 {
            return (big5, false);
        }
        match label {
            Some(Encoding::Utf8 | Encoding::Gbk) | None => (Encoding::Other(encoding_rs::WINDOWS_1252), false),
            Some(label) => (label, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbk(texts: &[&str]) -> Vec<Vec<u8>> {
        texts.iter().map(|text| encoding_rs::GB18030.encode(text).0.into_owned()).collect()
    }

    fn check(samples: &[Vec<u8>], cpg: Option<&str>, language: u8, expected: &str, said: &[&str]) {
        let samples: Vec<&[u8]> = samples.iter().map(Vec::as_slice).collect();
        let chosen = choose(&samples, cpg.map(str::as_bytes), language, None);
        assert_eq!(chosen.encoding.to_string(), expected, "{cpg:?} {language:x}");
        let keys: Vec<&str> = chosen.issues.iter().map(|issue| issue.message.key).collect();
        assert_eq!(keys, said, "{cpg:?} {language:x}");
    }

    #[test]
    fn labels_and_bytes_decide_together() {
        let chinese = gbk(&["城镇村道路用地", "国有（桑梓店街道）", "水田"]);
        check(&chinese, Some("GBK"), 0, "GBK", &[]);
        check(&chinese, Some("936"), 0, "GBK", &[]);
        check(&chinese, Some("UTF-8"), 0, "GBK", &["io.encoding-contradicted"]);
        check(&chinese, None, 0x4D, "GBK", &[]);
        check(&chinese, None, 0, "GBK", &["io.encoding-by-bytes"]);
        check(&chinese, None, 0x57, "GBK", &["io.encoding-by-bytes"]);
        check(&chinese, None, 0x03, "GBK", &["io.encoding-contradicted"]);
        check(&chinese, Some("no such"), 0, "GBK", &["io.cpg-unknown", "io.encoding-by-bytes"]);
        check(&gbk(&["𠮷㙟镇国有（桑梓店街道）"]), Some("GB18030"), 0, "GBK", &[]);
        let utf8 = ["城镇村道路用地", "水田"].map(|text| text.as_bytes().to_vec());
        check(&utf8, None, 0, "UTF-8", &["io.encoding-by-bytes"]);
        check(&utf8, Some("UTF-8"), 0, "UTF-8", &[]);
        check(&utf8, Some("GBK"), 0, "UTF-8", &["io.encoding-contradicted"]);
        check(&utf8, None, 0x4D, "UTF-8", &["io.encoding-contradicted"]);
        // 通 in GBK is right as UTF-8, of two bytes.
        check(&gbk(&["通"]), Some("GBK"), 0, "GBK", &[]);
        let traditional = vec![encoding_rs::BIG5.encode("繁體國語").0.into_owned()];
        check(&traditional, Some("BIG5"), 0, "Big5", &[]);
        check(&traditional, None, 0, "Big5", &["io.encoding-unsure"]);
        let table = |text: &str, by: &'static encoding_rs::Encoding| is_big5(&by.encode(text).0);
        assert!(table("編號,名稱\n1,臺灣省國語地圖測試資料\n", encoding_rs::BIG5));
        assert!(!table("编号,名称\n1,国有（桑梓店街道）\n", encoding_rs::GBK));
        let western = ["Ñandú", "señor", "Zürich", "café"].map(|t| encoding_rs::WINDOWS_1252.encode(t).0.into_owned());
        check(&western, None, 0, "windows-1252", &["io.encoding-unsure"]);
        check(&western, None, 0x03, "windows-1252", &[]);
        check(&western, Some("UTF-8"), 0, "windows-1252", &["io.encoding-contradicted"]);
        check(&[], Some("GBK"), 0, "GBK", &[]);
        check(&[], None, 0, "UTF-8", &[]);
    }

    #[test]
    fn cells_may_end_within_a_character() {
        let check = |encoding: Encoding, bytes: &[u8], text: &str, is_cut: bool, is_damaged: bool| {
            let decoded = encoding.decode_cell(bytes);
            assert_eq!((&*decoded.text, decoded.is_cut, decoded.is_damaged), (text, is_cut, is_damaged), "{bytes:x?}");
        };
        let whole = gbk(&["国有桑𠮷"]).remove(0);
        check(Encoding::Gbk, &whole, "国有桑𠮷", false, false);
        check(Encoding::Gbk, &whole[..whole.len() - 1], "国有桑", true, false);
        check(Encoding::Gbk, &whole[..5], "国有", true, false);
        check(Encoding::Gbk, b"\xB9\xFA\xFF\xFFa", "国\u{fffd}\u{fffd}a", false, true);
        check(Encoding::Utf8, &"国有".as_bytes()[..5], "国", true, false);
        check(Encoding::Utf8, b"a\xFFb\xE5\x9B", "a\u{fffd}b", true, true);
    }
}
