//! The two language catalogues, and messages as key and arguments.
//!
//! Modules turn their errors and issues into a [`Message`]; the language is chosen where it is shown. The catalogue
//! lies in `assets/text/*.csv`, one row a key with its Chinese and English sentence side by side, so that neither
//! can be forgotten. Names only `units`.

use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Simplified Chinese, the first language of its users.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The language of a locale such as `zh_CN.UTF-8` or `en-GB`: Chinese for `zh…`, English otherwise.
    pub fn from_locale(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("zh") { Self::Chinese } else { Self::English }
    }

    /// The tag written into settings: `zh-CN` or `en`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }
}

/// A sentence to be: the key of a catalogue row and what fills its `{placeholders}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// Key in the catalogue, for instance `io.short-ring`.
    pub key: &'static str,
    /// Placeholder names and their values, numbers already formatted.
    pub args: Vec<(&'static str, String)>,
}

impl Message {
    /// A message without arguments.
    pub fn new(key: &'static str) -> Self {
        Self { key, args: Vec::new() }
    }

    /// Adds the value of placeholder `{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }

    /// The sentence in `language`.
    pub fn text(&self, language: Language) -> String {
        fill(tr(language, self.key), &self.args)
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

/// The catalogue's text for `key`, or the key itself where the catalogue lacks it (a test finds those).
pub fn tr(language: Language, key: &str) -> &str {
    match (catalogue().get(key), language) {
        (Some(row), Language::Chinese) => row.chinese,
        (Some(row), Language::English) => row.english,
        (None, _) => key,
    }
}

/// The key of the catalogue with that text: for messages that were written to a file.
pub fn static_key(key: &str) -> Option<&'static str> {
    catalogue().get_key_value(key).map(|(key, _)| *key)
}

/// The placeholder of a row with that name: for messages that were written to a file.
pub fn static_placeholder(key: &str, name: &str) -> Option<&'static str> {
    let pattern: &'static str = catalogue().get(key)?.english;
    pattern.split('{').skip(1).filter_map(|piece| Some(piece.split_once('}')?.0)).find(|found| *found == name)
}

/// Every key of the catalogue, sorted, with its Chinese and English text.
pub fn rows() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut rows: Vec<_> = catalogue().iter().map(|(key, row)| (*key, row.chinese, row.english)).collect();
    rows.sort_unstable();
    rows
}

fn fill(pattern: &str, args: &[(&'static str, String)]) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else { break };
        out.push_str(&rest[..open]);
        let name = &rest[open + 1..open + close];
        match args.iter().find(|(arg, _)| *arg == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&rest[open..=open + close]),
        }
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

struct Row {
    chinese: &'static str,
    english: &'static str,
}

/// One catalogue file a floor, so that a sentence is found beside the others of its module.
const SOURCES: &[&str] = &[
    include_str!("../assets/text/units.csv"),
    include_str!("../assets/text/crs.csv"),
    include_str!("../assets/text/model.csv"),
    include_str!("../assets/text/expr.csv"),
    include_str!("../assets/text/measure.csv"),
    include_str!("../assets/text/overlay.csv"),
    include_str!("../assets/text/io.csv"),
    include_str!("../assets/text/doctor.csv"),
    include_str!("../assets/text/scenario.csv"),
    include_str!("../assets/text/render.csv"),
    include_str!("../assets/text/report.csv"),
    include_str!("../assets/text/cli.csv"),
    include_str!("../assets/text/ui.csv"),
    include_str!("../assets/text/canvas.csv"),
    include_str!("../assets/text/panels.csv"),
    include_str!("../assets/text/edit.csv"),
    include_str!("../assets/text/compare.csv"),
];

fn catalogue() -> &'static HashMap<&'static str, Row> {
    static CATALOGUE: OnceLock<HashMap<&'static str, Row>> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let mut map = HashMap::new();
        // One reader for all: making one takes longer than reading a file of them.
        let sources = SOURCES.concat();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(sources.as_bytes());
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).expect("the catalogue is well-formed CSV, checked by a test") {
            let leak = |i: usize| -> &'static str { Box::leak(record[i].to_owned().into_boxed_str()) };
            if record[0] != *"key" {
                map.insert(leak(0), Row { chinese: leak(1), english: leak(2) });
            }
        }
        map
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_unknown_ones_stay() {
        let args = vec![("n", "3".to_owned())];
        assert_eq!(fill("ring {n} of {m}", &args), "ring 3 of {m}");
        assert_eq!(fill("open { brace", &args), "open { brace");
    }

    #[test]
    fn every_row_has_both_languages_the_same_placeholders_and_a_key_of_its_own() {
        let placeholders = |s: &str| {
            let mut names: Vec<String> =
                s.split('{').skip(1).filter_map(|p| p.split_once('}')).map(|(name, _)| name.to_owned()).collect();
            names.sort();
            names.dedup();
            names
        };
        let mut seen = std::collections::HashSet::new();
        for source in SOURCES {
            assert!(source.ends_with('\n'), "the next file begins on a line of its own");
            for record in csv::Reader::from_reader(source.as_bytes()).records() {
                let record = record.expect("CSV");
                assert!(record.len() == 3 && record.iter().all(|cell| !cell.trim().is_empty()), "row {record:?}");
                assert_eq!(placeholders(&record[1]), placeholders(&record[2]), "row {record:?}");
                assert!(seen.insert(record[0].to_owned()), "key {} stands twice", &record[0]);
            }
        }
        assert_eq!(catalogue().len(), seen.len(), "all of them are read");
    }
}
