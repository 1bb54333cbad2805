//! The head of a `.mif`: character set, separator, CRS, columns.

use super::super::Encoding;
use super::super::gathered::Cell;
use super::coordsys;
use super::words::Words;
use crate::crs::Declared;

/// Bytes of the start in which the character set is looked for.
const LOOKED_AT: usize = 4096;
/// Columns that a table may have.
const MOST_COLUMNS: usize = 5000;

/// How the values of a column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Int,
    Float,
    Bool,
    Date,
    Time,
    DateTime,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What the head says.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) separator: u8,
    pub(super) columns: Vec<Column>,
    pub(super) declared: Option<Declared>,
    /// Whether it says that its plane is none of the earth.
    pub(super) is_nonearth: bool,
    /// Whether coordinates are degrees, as far as the head says.
    pub(super) is_degrees: bool,
    /// Factors and shifts of x and y.
    pub(super) transform: [f64; 4],
}

/// The name of the character set that stands in the head.
pub(super) fn charset(bytes: &[u8]) -> Option<String> {
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    let lines = start.split(|byte| *byte == b'\n');
    let named =
        lines.map(<[u8]>::trim_ascii).find(|line| line.len() > 8 && line[..7].eq_ignore_ascii_case(b"charset"))?;
    let name = String::from_utf8_lossy(&named[7..]).trim().trim_matches('"').trim().to_owned();
    (!name.is_empty()).then_some(name)
}

/// The encoding that MapInfo means by the name of a character set; `None` where it says nothing.
pub(super) fn encoding_of(charset: &str) -> Option<Encoding> {
    let label = match charset.to_ascii_lowercase().as_str() {
        "windowssimpchinese" => "936",
        "windowstradchinese" => "950",
        "windowslatin1" => "1252",
        "windowslatin2" => "1250",
        "windowscyrillic" => "1251",
        "windowsgreek" => "1253",
        "windowsturkish" => "1254",
        "windowshebrew" => "1255",
        "windowsarabic" => "1256",
        "windowsbalticrim" => "1257",
        "windowsvietnamese" => "1258",
        "windowsthai" => "874",
        "windowsjapanese" => "932",
        "windowskorean" => "949",
        "utf-8" => "utf-8",
        _ => return None,
    };
    Encoding::of_label(label)
}

impl Head {
    /// Reads the head, up to the shapes; `None` where there is none.
    pub(super) fn read(words: &mut Words<'_>) -> Option<Self> {
        let mut head = Self {
            separator: b'\t',
            columns: Vec::new(),
            declared: None,
            is_nonearth: false,
            is_degrees: false,
            transform: [1.0, 1.0, 0.0, 0.0],
        };
        loop {
            let line = words.rest_of_line()?;
            let (word, rest) = line.split_once(|c: char| c.is_whitespace()).unwrap_or((line, ""));
            let rest = rest.trim();
            match word.to_ascii_lowercase().as_str() {
                "data" => break,
                "delimiter" => {
                    let sign = rest.trim_matches('"');
                    head.separator = if sign == "\\t" { b'\t' } else { sign.bytes().next().unwrap_or(b'\t') };
                }
                "coordsys" => {
                    // It may go on over lines, which begin with one of its own words.
                    let mut text = rest.to_owned();
                    loop {
                        let mut after = words.clone();
                        let next = after.rest_of_line().unwrap_or_default();
                        let first = next.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
                        if !matches!(first.as_str(), "bounds" | "affine" | "units" | "projection")
                            && !first.starts_with('(')
                        {
                            break;
                        }
                        text.push(' ');
                        text.push_str(next);
                        *words = after;
                    }
                    let system = coordsys::System::of(&text);
                    head.is_nonearth = system.is_nonearth;
                    head.is_degrees = system.is_degrees;
                    head.declared = system.declared;
                }
                "transform" => {
                    let numbers: Vec<f64> =
                        rest.split(',').map_while(|number| fast_float2::parse(number.trim()).ok()).collect(); // a bad end
                    if let [a, b, c, d] = numbers[..] {
                        let factor = |number: f64| if number == 0.0 { 1.0 } else { number };
                        head.transform = [factor(a), factor(b), c, d];
                    }
                }
                "columns" => {
                    let count = rest.parse().unwrap_or(0).min(MOST_COLUMNS); // no number: no columns
                    for _ in 0..count {
                        let line = words.rest_of_line()?;
                        let (name, kind) = line.split_once(|c: char| c.is_whitespace()).unwrap_or((line, "Char"));
                        head.add(name.trim_matches('"'), kind.trim());
                    }
                }
                _ => {}
            }
        }
        Some(head)
    }

    fn add(&mut self, name: &str, kind: &str) {
        let kind_word: String = kind.chars().take_while(char::is_ascii_alphabetic).collect();
        let scale = kind.split_once(',').and_then(|(_, rest)| rest.trim_end_matches(')').trim().parse::<u32>().ok());
        let kind = match kind_word.to_ascii_lowercase().as_str() {
            "integer" | "smallint" | "largeint" => Kind::Int,
            "decimal" if scale == Some(0) => Kind::Int,
            "float" | "decimal" => Kind::Float,
            "logical" => Kind::Bool,
            "date" => Kind::Date,
            "time" => Kind::Time,
            "datetime" => Kind::DateTime,
            _ => Kind::Text,
        };
        let mut own = name.to_owned();
        let mut number = 1;
        while self.columns.iter().any(|column| column.name == own) {
            number += 1;
            own = format!("{name}_{number}");
        }
        self.columns.push(Column { name: own, kind });
    }

    /// The columns, without values.
    pub(super) fn without_values(&self) -> Vec<(&str, Cell)> {
        self.columns.iter().map(|column| (column.name.as_str(), Cell::Null)).collect()
    }

    /// What the words of texts are called as a field.
    pub(super) fn label_name(&self) -> &'static str {
        let names = ["TEXT", "LABEL_TEXT", "MIF_TEXT"];
        let is_free = |name: &&&str| self.columns.iter().all(|column| !column.name.eq_ignore_ascii_case(name));
        names.iter().find(is_free).copied().unwrap_or("MIF_LABEL_TEXT")
    }
}
