//! Names of files and layers as keywords are sought in them.

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
            let known = [
                "geojson", "json", "geojsonl", "geojsons", "jsonl", "ndjson", "gz", "shp", "dbf", "gpkg", "zip", "txt",
                "csv", "xlsx", "xls", "kml", "kmz", "ovkml", "gdb", "mdb", "vct", "dxf", "dwg", "fgb", "parquet",
                "topojson", "gpx", "mif", "tab",
            ];
            if rest.is_empty() || !known.iter().any(|known| extension.eq_ignore_ascii_case(known)) {
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
