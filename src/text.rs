//! The two language catalogues, and messages as key and arguments.
//!
//! Modules turn their errors and issues into a [`Message`]; the language is chosen where it is shown. The catalogue
//! lies in `assets/text/*.csv`, one row a key with its Chinese and English sentence side by side, so that neither
//! can be forgotten. Names only `units`.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use rustc_hash::{FxBuildHasher, FxHashMap};

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

    /// Adds the value of placeholder `{name}`, which reads the same in both languages.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        let mut value = value.to_string();
        if value.contains(BETWEEN) {
            // Text of a file may hold anything, and only `with_said` speaks twice.
            value = value.replace(BETWEEN, " ");
        }
        self.args.push((name, value));
        self
    }

    /// Adds the value of placeholder `{name}` that reads differently in the two languages: the name of a CRS, a unit,
    /// the reason of another module.
    #[must_use]
    pub fn with_said(mut self, name: &'static str, said: impl Fn(Language) -> String) -> Self {
        let [chinese, english] =
            [Language::Chinese, Language::English].map(|language| said(language).replace(BETWEEN, " "));
        let value = if chinese == english { english } else { format!("{chinese}{BETWEEN}{english}") };
        self.args.push((name, value));
        self
    }

    /// Adds another message as the value of placeholder `{name}`.
    #[must_use]
    pub fn with_message(self, name: &'static str, message: &Message) -> Self {
        self.with_said(name, |language| message.text(language))
    }

    /// The sentence in `language`.
    pub fn text(&self, language: Language) -> String {
        let args: Vec<(&'static str, String)> =
            self.args.iter().map(|(name, value)| (*name, spoken(value, language).to_owned())).collect();
        fill(tr(language, self.key), &args)
    }
}

/// What stands between the Chinese and the English value of an argument: a sign that no text has.
const BETWEEN: char = '\u{1f}';

/// The value of an argument in `language`.
fn spoken(value: &str, language: Language) -> &str {
    match (value.split_once(BETWEEN), language) {
        (None, _) => value,
        (Some((chinese, _)), Language::Chinese) => chinese,
        (Some((_, english)), Language::English) => english,
    }
}

/// What a reader of TOML says of a mistake: its own words in English, and in Chinese those of its commonest reasons.
pub fn toml_reason(reason: &str, language: Language) -> String {
    let reason = reason.trim();
    if language == Language::English {
        return reason.to_owned();
    }
    let quoted = reason.split('`').nth(1);
    let (key, name) = [
        ("duplicate key", "system.toml-duplicate"),
        ("unknown field", "system.toml-unknown-field"),
        ("missing field", "system.toml-missing-field"),
        ("invalid type", "system.toml-type"),
        ("string values must be quoted", "system.toml-unquoted"),
        ("expected `=`", "system.toml-equals"),
        ("key with no value", "system.toml-equals"),
        ("unclosed", "system.toml-unclosed"),
        ("invalid basic string", "system.toml-string"),
        ("invalid literal string", "system.toml-string"),
        ("escape", "system.toml-escape"),
    ]
    .into_iter()
    .find(|(word, _)| reason.contains(word))
    .map_or(("system.toml-other", None), |(_, key)| (key, quoted));
    Message::new(key).with("name", name.unwrap_or_default()).text(language)
}

/// What the operating system says when a file cannot be read or written, in both languages where its kind is known.
pub fn system_reason(error: &std::io::Error) -> Message {
    use std::io::ErrorKind;
    let key = match error.kind() {
        ErrorKind::NotFound => "system.not-found",
        ErrorKind::PermissionDenied => "system.permission",
        ErrorKind::AlreadyExists => "system.exists",
        ErrorKind::InvalidData => "system.invalid-data",
        ErrorKind::UnexpectedEof => "system.ends",
        ErrorKind::StorageFull => "system.full",
        ErrorKind::ReadOnlyFilesystem => "system.read-only",
        ErrorKind::IsADirectory => "system.folder",
        ErrorKind::NotADirectory => "system.no-folder",
        ErrorKind::FileTooLarge => "system.too-large",
        ErrorKind::TimedOut => "system.timed-out",
        ErrorKind::ResourceBusy => "system.busy",
        ErrorKind::OutOfMemory => "system.memory",
        ErrorKind::Interrupted => "system.interrupted",
        ErrorKind::InvalidFilename => "system.name",
        _ => return Message::new("system.other").with("error", error),
    };
    Message::new(key)
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
    placeholders(pattern).find(|found| *found == name)
}

/// Names of the placeholders of a pattern, some of them more than once.
fn placeholders(pattern: &str) -> impl Iterator<Item = &str> {
    let inner = pattern.split('{').skip(1).filter_map(|piece| Some(piece.split_once('}')?.0));
    inner.map(|inner| inner.split('|').next().unwrap_or(inner))
}

/// Every key of the catalogue, sorted, with its Chinese and English text.
pub fn rows() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut rows: Vec<_> = catalogue().iter().map(|(key, row)| (*key, row.chinese, row.english)).collect();
    rows.sort_unstable();
    rows
}

/// Placeholders that hold a count, which is written with separators between thousands.
const COUNTS: &[&str] = &[
    "n",
    "count",
    "more",
    "all",
    "features",
    "vertices",
    "parts",
    "holes",
    "pairs",
    "total",
    "explained",
    "agreeing",
    "compared",
    "unfilled",
    "matched",
    "probed",
    "first_count",
    "second_count",
    "nulls",
    "distinct",
    "open",
    "slivers",
    "others",
];

/// The value of a placeholder as it is shown: counts of four digits and more come with separators.
fn shown<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    let is_plain = value.len() > 3 && value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
    if !is_plain || !COUNTS.contains(&name) {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len() + value.len() / 3);
    for (at, digit) in value.chars().enumerate() {
        if at > 0 && (value.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    Cow::Owned(out)
}

/// `text` as it may be shown on a terminal: characters that would act there instead of being seen (control characters,
/// and those that turn the direction of writing) stand as their escapes. Names come from files, and files from anywhere.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

fn acts(c: char) -> bool {
    // Marks of direction, line and paragraph separators, embeddings and overrides, isolates, the byte order mark, tags.
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// `{name}` is the value of that name; `{name|feature|features}` is one word where that value is 1, and another where it
/// is not.
fn fill(pattern: &str, args: &[(&'static str, String)]) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else { break };
        out.push_str(&rest[..open]);
        let mut inner = rest[open + 1..open + close].split('|');
        let name = inner.next().unwrap_or_default();
        let value = args.iter().find(|(arg, _)| *arg == name).map(|(_, value)| value.as_str());
        match (value, inner.next(), inner.next()) {
            (Some("1"), Some(one), Some(_)) => out.push_str(one),
            (Some(_), Some(_), Some(many)) => out.push_str(many),
            (Some(value), ..) => out.push_str(&shown(name, value)),
            (None, ..) => out.push_str(&rest[open..=open + close]),
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
    include_str!("../assets/text/system.csv"),
    include_str!("../assets/text/crs.csv"),
    include_str!("../assets/text/model.csv"),
    include_str!("../assets/text/mapping.csv"),
    include_str!("../assets/text/join.csv"),
    include_str!("../assets/text/arrivals.csv"),
    include_str!("../assets/text/survey.csv"),
    include_str!("../assets/text/expr.csv"),
    include_str!("../assets/text/measure.csv"),
    include_str!("../assets/text/overlay.csv"),
    include_str!("../assets/text/io.csv"),
    include_str!("../assets/text/formats.csv"),
    include_str!("../assets/text/styles.csv"),
    include_str!("../assets/text/office.csv"),
    include_str!("../assets/text/exchange.csv"),
    include_str!("../assets/text/doctor.csv"),
    include_str!("../assets/text/scenario.csv"),
    include_str!("../assets/text/validate.csv"),
    include_str!("../assets/text/render.csv"),
    include_str!("../assets/text/underlay.csv"),
    include_str!("../assets/text/layout.csv"),
    include_str!("../assets/text/report.csv"),
    include_str!("../assets/text/handing.csv"),
    include_str!("../assets/text/why.csv"),
    include_str!("../assets/text/cli.csv"),
    include_str!("../assets/text/ui.csv"),
    include_str!("../assets/text/canvas.csv"),
    include_str!("../assets/text/panels.csv"),
    include_str!("../assets/text/habits.csv"),
    include_str!("../assets/text/edit.csv"),
    include_str!("../assets/text/compare.csv"),
];

/// Rows that there is room for at once.
const ROWS: usize = 1 << 12;

/// Every start of the program reads it, so nothing is copied and nothing is checked here: that the files are well-formed
/// CSV and are read as such is checked by a test.
fn catalogue() -> &'static FxHashMap<&'static str, Row> {
    static CATALOGUE: OnceLock<FxHashMap<&'static str, Row>> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let mut map = FxHashMap::with_capacity_and_hasher(ROWS, FxBuildHasher);
        for source in SOURCES {
            let mut rest: &'static str = source;
            while !rest.is_empty() {
                let [key, chinese, english]: [&'static str; 3] = std::array::from_fn(|_| take_cell(&mut rest));
                if key != "key" {
                    map.insert(key, Row { chinese, english });
                }
            }
        }
        map
    })
}

/// Takes the cell of CSV at the start of `rest`, with the comma or the end of the line behind it.
fn take_cell(rest: &mut &'static str) -> &'static str {
    let text: &'static str = rest;
    let (cell, after) = match text.strip_prefix('"') {
        None => {
            let (cell, after) = text.split_at(memchr::memchr2(b',', b'\n', text.as_bytes()).unwrap_or(text.len()));
            (cell.strip_suffix('\r').unwrap_or(cell), after)
        }
        Some(quoted) => {
            let (mut end, mut is_doubled) = (0, false);
            loop {
                end += memchr::memchr(b'"', &quoted.as_bytes()[end..]).unwrap_or(quoted.len() - end);
                // A quote within a cell stands twice.
                if !quoted[end..].starts_with("\"\"") {
                    break;
                }
                is_doubled = true;
                end += 2;
            }
            let (cell, after) = quoted.split_at(end);
            let plain = || -> &'static str { Box::leak(cell.replace("\"\"", "\"").into_boxed_str()) };
            let after = after.strip_prefix('"').unwrap_or(after);
            (if is_doubled { plain() } else { cell }, after.strip_prefix('\r').unwrap_or(after))
        }
    };
    *rest = after.strip_prefix([',', '\n']).unwrap_or(after);
    cell
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
    fn counts_have_separators_and_words_their_number() {
        let said = |n: &str| {
            fill("{n} {n|parcel|parcels} {n|lies|lie} in {name}", &[("n", n.to_owned()), ("name", "1204".to_owned())])
        };
        assert_eq!(said("1"), "1 parcel lies in 1204");
        assert_eq!(said("0"), "0 parcels lie in 1204");
        assert_eq!(said("1204"), "1,204 parcels lie in 1204");
        assert_eq!(said("1234567"), "1,234,567 parcels lie in 1204");
        assert_eq!(said("12,345"), "12,345 parcels lie in 1204");
    }

    #[test]
    fn no_sentence_counts_one_of_many() {
        // A plural behind a count is written as `{n|issue|issues}`.
        let counted = ["n", "count"];
        for (key, _, english) in rows() {
            for name in counted {
                let Some((_, behind)) = english.split_once(&format!("{{{name}}} ")) else { continue };
                let word: String = behind.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
                let is_plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
                assert!(!is_plural, "{key}: {english}");
            }
        }
    }

    #[test]
    fn values_that_differ_between_languages_are_said_in_the_one_asked_for() {
        let inner = Message::new("units.ha");
        let message = Message::new("doctor.about").with_message("km", &inner);
        assert_eq!(
            (message.text(Language::Chinese), message.text(Language::English)),
            ("约 公顷 km".to_owned(), "about ha km".to_owned())
        );
        // Text of a file cannot hide half of itself.
        let sly = Message::new("doctor.about").with("km", "1\u{1f}2");
        assert_eq!(sly.text(Language::English), "about 1 2 km");
        let gone = system_reason(&std::io::ErrorKind::NotFound.into());
        assert_ne!(gone.text(Language::Chinese), gone.text(Language::English));
    }

    #[test]
    fn what_would_act_on_a_terminal_is_escaped() {
        let check = |text: &str, expected: &str| assert_eq!(escaped(text), expected);
        check("地类图斑 é 👩‍🌾", "地类图斑 é 👩‍🌾");
        check("a\u{1b}[31mb", "a\\u{1b}[31mb");
        check("a\nb\tc\u{7f}\u{9b}", "a\\nb\\tc\\u{7f}\\u{9b}");
        check("\u{202e}nosjoeg", "\\u{202e}nosjoeg");
        check("\u{2067}x\u{2069}\u{feff}", "\\u{2067}x\\u{2069}\\u{feff}");
    }

    #[test]
    fn every_row_has_both_languages_the_same_placeholders_and_a_key_of_its_own() {
        let placeholders = |s: &str| {
            let mut names: Vec<String> = placeholders(s).map(str::to_owned).collect();
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
                let texts = [Language::Chinese, Language::English].map(|language| tr(language, &record[0]).to_owned());
                assert_eq!(texts, [&record[1], &record[2]], "row {record:?}");
            }
        }
        assert_eq!(catalogue().len(), seen.len(), "all of them are read");
    }
}
