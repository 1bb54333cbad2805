//! Names of files and layers as keywords are sought in them.

/// Endings of files, which are no part of a name: those of every format that is read, which a test compares, and of what
/// lies around them.
const ENDINGS: &str = "accdb csv dbf dwg dwt dxf et ewkt fgb gdb geo geojson geojsonl geojsons geoparquet gpkg gpx gz json \
    jsonl kml kmz mdb mif ndjson ods ovkml parquet seq shp tab topojson tsv txt vct wkt xls xlsb xlsm \
    xlsx xlt xltx zip";

/// A name as keywords are sought in it.
pub(super) struct Name {
    /// Without folders and extensions.
    text: String,
    /// Runs of ASCII letters in small letters, with the byte where each ends in `text`.
    words: Vec<(String, usize)>,
}

impl Name {
    pub(super) fn new(name: &str) -> Self {
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let mut text = base;
        while let Some((rest, extension)) = text.rsplit_once('.') {
            if rest.is_empty() || !ENDINGS.split(' ').any(|known| extension.eq_ignore_ascii_case(known)) {
                break;
            }
            text = rest;
        }
        let mut words: Vec<(String, usize)> = Vec::new();
        let mut word = String::new();
        let mut last_was_small = false;
        for (at, c) in text.char_indices() {
            let starts_word = c.is_ascii_uppercase() && last_was_small;
            if (!c.is_ascii_alphabetic() || starts_word) && !word.is_empty() {
                words.push((std::mem::take(&mut word), at));
            }
            if c.is_ascii_alphabetic() {
                word.push(c.to_ascii_lowercase());
            }
            last_was_small = c.is_ascii_lowercase();
        }
        if !word.is_empty() {
            words.push((word, text.len()));
        }
        Self { text: text.to_owned(), words }
    }

    /// Where the last occurrence of `keyword` ends: Chinese, capitals of a table, or small English words with blanks.
    pub(super) fn end_of(&self, keyword: &str) -> Option<usize> {
        if !keyword.is_ascii() {
            return self.text.rfind(keyword).map(|at| at + keyword.len());
        }
        if keyword.contains(|c: char| c == '_' || c.is_ascii_digit()) {
            // Codes like ZY_JBNTBHTB are no run of letters.
            let text = self.text.to_ascii_uppercase();
            return text.rfind(&keyword.to_ascii_uppercase()).map(|at| at + keyword.len());
        }
        if keyword.starts_with(|c: char| c.is_ascii_uppercase()) {
            // The name of a table: alone or with letters before or behind it, as in JNDLTB.
            let code = keyword.to_ascii_lowercase();
            let has =
                |word: &str| word == code || (code.len() >= 4 && (word.starts_with(&code) || word.ends_with(&code)));
            return self.words.iter().rev().find(|(word, _)| has(word)).map(|(_, end)| *end);
        }
        let wanted: Vec<&str> = keyword.split(' ').collect();
        let matches = |window: &[(String, usize)]| window.iter().zip(&wanted).all(|((word, _), want)| word == want);
        self.words.windows(wanted.len()).rev().find(|window| matches(window)).and_then(|window| Some(window.last()?.1))
    }

    /// Where the last word ends that is `code` in capitals: for codes of few letters, which small words look like. Codes of
    /// two letters stand for provinces, too, and are the whole name.
    pub(super) fn end_of_short(&self, code: &str) -> Option<usize> {
        if code.len() < 3 {
            return (self.text == code).then_some(code.len());
        }
        let is_word = |(word, end): &&(String, usize)| word.len() == code.len() && self.text[..*end].ends_with(code);
        self.words.iter().rev().find(is_word).map(|(_, end)| *end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::FORMATS;

    #[test]
    fn the_ending_of_every_format_that_is_read_is_no_part_of_a_name() {
        let read = FORMATS.iter().filter(|format| format.is_read());
        for ending in read.flat_map(|format| format.endings) {
            assert_eq!(Name::new(&format!("folder/DLTB_2025.{ending}")).text, "DLTB_2025", "{ending}");
        }
        assert_eq!(Name::new("public.dltb").text, "public.dltb");
    }
}
