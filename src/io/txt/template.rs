//! How a TXT is written, in words that a project keeps: a line a setting, fields by their names, so that a template serves
//! every layer that has them.

use super::plot::{CLASS, FARMLAND, NAME, NUMBER, SHEET, USE};
use super::write::{Numbering, Parts, TxtEncoding, TxtOptions, default_fields};
use crate::model::Layer;

/// The places of a plot line that fields may fill, in the order of the line.
pub const PLACES: [&str; 5] = [NUMBER, NAME, SHEET, USE, CLASS];

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
