//! How a TXT is written, in words that a project keeps: a line a setting, fields by their names, so that a template serves
//! every layer that has them. A file holds them as TOML; the project that keeps them is such a file, too.

use super::plot::{CLASS, FARMLAND, NAME, NUMBER, SHEET, USE};
use super::write::{Corner, Numbering, Parts, TxtEncoding, TxtOptions, default_fields};
use crate::model::Layer;
use crate::text::Message;

/// The places of a plot line that fields may fill, in the order of the line.
pub const PLACES: [&str; 5] = [NUMBER, NAME, SHEET, USE, CLASS];

/// Setting of the project that holds how coordinate TXT is written.
pub const TEMPLATE_SETTING: &str = "txt-template";

/// The settings of a template file, and the values that those with few of them may have.
const KEYS: [(&str, &[&str]); 10] = [
    ("encoding", &["GBK", "UTF-8"]),
    ("decimals", &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]),
    ("area-decimals", &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]),
    ("id-prefix", &[]),
    ("numbering", &["plot", "ring", "file"]),
    ("parts", &["rings", "plots"]),
    ("start", &["NW", "NE", "SE", "SW"]),
    ("zone", &["yes", "no"]),
    ("producer", &[]),
    ("date", &[]),
];

/// The table of a template file that says which field fills which place.
const FIELDS: &str = "fields";

/// The words of the template that a file of TOML holds, by itself or as a project.
///
/// # Errors
/// Where it is no TOML, names what is no setting, or gives a setting a value that it cannot have.
pub fn template_words(text: &str) -> Result<String, Message> {
    let unread = |error: toml::de::Error| Message::new("io.txt-template-toml").with("reason", error.message());
    let table: toml::Table = toml::from_str(text).map_err(unread)?;
    if let Some(words) = table.get("settings").and_then(|settings| settings.get(TEMPLATE_SETTING)?.as_str()) {
        return Ok(words.to_owned());
    }
    let mut words = Vec::new();
    for (key, value) in &table {
        match value {
            toml::Value::Table(fields) if key == FIELDS => {
                for (place, field) in fields {
                    let is_known = places().any(|known| known == place);
                    words.push(word(place, field, is_known.then_some(ANY))?);
                }
            }
            value => {
                let known = KEYS.iter().find(|(known, _)| known == key).map(|(_, values)| *values);
                words.push(word(key, value, known)?);
            }
        }
    }
    Ok(words.join("\n"))
}

/// The values of a setting that may have any.
const ANY: &[&str] = &[];

/// The line of a setting. `values` are those that it may have, any where none is listed; `None` where there is no such
/// setting.
fn word(key: &str, value: &toml::Value, values: Option<&[&str]>) -> Result<String, Message> {
    let Some(values) = values else {
        let known: Vec<&str> = KEYS.iter().map(|(key, _)| *key).chain([FIELDS]).chain(places()).collect();
        return Err(Message::new("io.txt-template-key").with("key", key).with("known", known.join(", ")));
    };
    let text = match value {
        toml::Value::String(text) => text.replace(['\r', '\n'], " "),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(is_so) => if *is_so { "yes" } else { "no" }.to_owned(),
        toml::Value::Datetime(date) => date.to_string(),
        other => return Err(wrong(key, &other.to_string(), values)),
    };
    if values.is_empty() {
        return Ok(format!("{key}={text}"));
    }
    match values.iter().find(|value| value.eq_ignore_ascii_case(&text)) {
        Some(value) => Ok(format!("{key}={value}")),
        None => Err(wrong(key, &text, values)),
    }
}

fn wrong(key: &str, found: &str, values: &[&str]) -> Message {
    let found: String = found.chars().take(60).collect();
    let name = if values.is_empty() { "io.txt-template-text" } else { "io.txt-template-value" };
    Message::new(name).with("key", key).with("found", found).with("known", values.join(", "))
}

/// Every place of a plot line that a field may fill.
fn places() -> impl Iterator<Item = &'static str> {
    PLACES.into_iter().chain(FARMLAND)
}

/// The places that words fill from fields which `layer` lacks, each with its field.
pub fn template_lacks<'w>(words: &'w str, layer: &Layer) -> Vec<(&'w str, &'w str)> {
    let pairs = words.lines().filter_map(|line| line.split_once('='));
    let pairs = pairs.filter(|(key, _)| places().any(|place| place == *key));
    pairs.filter(|(_, field)| !layer.fields.iter().any(|known| known.name == *field)).collect()
}

impl TxtOptions {
    /// The usual way to write a layer.
    pub fn usual(layer: &Layer) -> Self {
        Self { fields: default_fields(layer), ..Self::default() }
    }

    /// The words of it.
    pub fn to_words(&self, layer: &Layer) -> String {
        let encoding = if self.encoding == TxtEncoding::Gbk { "GBK" } else { "UTF-8" };
        let numbering = match self.numbering {
            Numbering::Plot => "plot",
            Numbering::Ring => "ring",
            Numbering::File => "file",
        };
        let parts = if self.parts == Parts::Rings { "rings" } else { "plots" };
        let line = |text: &str| text.replace(['\r', '\n'], " ");
        let mut words = vec![
            format!("encoding={encoding}"),
            format!("decimals={}", self.decimals),
            format!("area-decimals={}", self.area_decimals),
            format!("id-prefix={}", line(&self.id_prefix)),
            format!("numbering={numbering}"),
            format!("parts={parts}"),
            format!("start={}", self.start.word()),
            format!("zone={}", if self.with_zone { "yes" } else { "no" }),
            format!("producer={}", line(&self.producer)),
            format!("date={}", line(&self.date)),
        ];
        for (place, field) in &self.fields {
            if let Some(field) = layer.fields.get(*field) {
                words.push(format!("{place}={}", line(&field.name)));
            }
        }
        words.join("\n")
    }

    /// What words say of how to write `layer`; what they leave out or cannot mean there is as usual.
    pub fn of_words(words: &str, layer: &Layer) -> Self {
        let mut options = Self { fields: Vec::new(), ..Self::default() };
        let mut names_fields = false;
        for (key, value) in words.lines().filter_map(|line| line.split_once('=')) {
            let number = value.parse::<usize>().ok().filter(|n| *n <= 9); // no number: as usual
            match key {
                "encoding" => {
                    options.encoding = if value == "UTF-8" { TxtEncoding::Utf8 } else { TxtEncoding::Gbk };
                }
                "decimals" => options.decimals = number.unwrap_or(options.decimals),
                "area-decimals" => options.area_decimals = number.unwrap_or(options.area_decimals),
                "id-prefix" => value.clone_into(&mut options.id_prefix),
                "numbering" => {
                    options.numbering = match value {
                        "ring" => Numbering::Ring,
                        "file" => Numbering::File,
                        _ => Numbering::Plot,
                    };
                }
                "parts" => options.parts = if value == "plots" { Parts::Plots } else { Parts::Rings },
                "start" => {
                    options.start = Corner::ALL.into_iter().find(|corner| corner.word() == value).unwrap_or_default();
                }
                "zone" => options.with_zone = value != "no",
                "producer" => value.clone_into(&mut options.producer),
                "date" => value.clone_into(&mut options.date),
                _ => {
                    let place = PLACES.iter().chain(&FARMLAND).find(|place| **place == key);
                    if let Some(place) = place {
                        names_fields = true;
                        let field = layer.fields.iter().position(|field| field.name == value);
                        options.fields.extend(field.map(|field| (*place, field)));
                    }
                }
            }
        }
        if !names_fields {
            options.fields = default_fields(layer);
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::model::{Field, FieldType, GeometryKind};

    #[test]
    fn files_hold_templates() {
        let field = |name: &str| Field { name: name.to_owned(), kind: FieldType::Text };
        let fields = vec![field("DKBH"), field("DKMC")];
        let layer = Layer::new("a".to_owned(), GeometryKind::Polygon, Crs::cgcs2000(), fields, Vec::new());
        let text = "encoding = \"utf-8\"\ndecimals = 2\nzone = false\nstart = \"SW\"\nid-prefix = \"\"\n\
            date = 2025-06-01\nproducer = \"测绘院\"\n[fields]\n\"地块编号\" = \"DKBH\"\n\"地块名称\" = \"没有\"\n";
        let words = template_words(text).expect("reads");
        let expected = TxtOptions {
            fields: vec![(NUMBER, 0)],
            encoding: TxtEncoding::Utf8,
            decimals: 2,
            id_prefix: String::new(),
            start: Corner::SouthWest,
            with_zone: false,
            producer: "测绘院".to_owned(),
            date: "2025-06-01".to_owned(),
            ..TxtOptions::default()
        };
        assert_eq!(TxtOptions::of_words(&words, &layer), expected);
        assert_eq!(template_lacks(&words, &layer), [("地块名称", "没有")]);
        // A project holds what its window wrote last.
        let words = expected.to_words(&layer).replace('\n', "\\n");
        let project = format!("format = 4\n[settings]\n{TEMPLATE_SETTING} = \"{words}\"\n");
        let words = template_words(&project).expect("reads");
        assert_eq!(TxtOptions::of_words(&words, &layer), expected);
        let refused = |text: &str| template_words(text).expect_err("is refused").key;
        assert_eq!(refused("a = "), "io.txt-template-toml");
        assert_eq!(refused("colour = 1"), "io.txt-template-key");
        assert_eq!(refused("decimals = 12"), "io.txt-template-value");
        assert_eq!(refused("producer = [1]"), "io.txt-template-text");
        assert_eq!(refused("[fields]\n\"界址\" = \"DKBH\"\n"), "io.txt-template-key");
    }

    #[test]
    fn words_come_back_as_they_were() {
        let field = |name: &str| Field { name: name.to_owned(), kind: FieldType::Text };
        let fields = vec![field("DKBH"), field("DKMC"), field("项目")];
        let layer = Layer::new("a".to_owned(), GeometryKind::Polygon, Crs::cgcs2000(), fields, Vec::new());
        let usual = TxtOptions::usual(&layer);
        assert_eq!(TxtOptions::of_words(&usual.to_words(&layer), &layer), usual);
        let own = TxtOptions {
            fields: vec![(NAME, 2)],
            encoding: TxtEncoding::Utf8,
            decimals: 4,
            area_decimals: 6,
            id_prefix: String::new(),
            numbering: Numbering::File,
            parts: Parts::Plots,
            start: Corner::SouthEast,
            with_zone: false,
            producer: "甲=乙\n测绘院".to_owned(),
            date: "2025-06-01".to_owned(),
        };
        let read = TxtOptions::of_words(&own.to_words(&layer), &layer);
        assert_eq!(read, TxtOptions { producer: "甲=乙 测绘院".to_owned(), ..own.clone() });
        // A layer that lacks the field leaves its place empty; words that say nothing are the usual ones.
        let other = Layer::new("b".to_owned(), GeometryKind::Polygon, Crs::cgcs2000(), vec![field("DKBH")], Vec::new());
        assert_eq!(TxtOptions::of_words(&own.to_words(&layer), &other).fields, []);
        assert_eq!(TxtOptions::of_words("", &layer), usual);
    }
}
