//! Tables of web pages, and workbooks of 2003 in XML: what office systems export under the names of workbooks.
//!
//! Tags are looked for, nothing is checked: such pages are seldom whole. Cells become a text of commas, so that what they
//! hold is told as that of any table in text. Of a page that has several tables, as for its layout, the largest counts.

use std::borrow::Cow;

use super::rows::{MOST_CELLS, MOST_COLUMNS};

/// A table that was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Found {
    /// What the sheet is called, in a workbook.
    pub(super) name: Option<String>,
    /// Its cells as text, divided by commas.
    pub(super) text: String,
    cell_count: usize,
}

/// The tables of a text, those that hold anything: all sheets of a workbook, the largest of a page. `None` where there are
/// more cells than a table may have.
pub(super) fn tables(text: &str) -> Option<Vec<Found>> {
    let mut page = Page::default();
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        page.text(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let Some(end) = memchr::memchr(b'>', rest.as_bytes()) else { break };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        let (word, is_end) = (word_of(tag), tag.starts_with('/'));
        match (word.as_str(), is_end) {
            ("script" | "style", false) => {
                rest = from_tag(rest, &format!("</{word}"));
            }
            ("worksheet", false) => page.begin(attribute(tag, "name")),
            ("table", false) => page.begin(None),
            ("tr" | "row" | "table", _) => page.end_row(),
            ("td" | "th" | "cell", false) => {
                page.end_cell();
                // Sheets leave out what is empty and number what follows.
                let index = attribute(tag, "index").and_then(|index| index.parse::<usize>().ok());
                let across = attribute(tag, "mergeacross").and_then(|more| more.parse::<usize>().ok());
                let span = attribute(tag, "colspan").and_then(|span| span.parse::<usize>().ok());
                page.begin_cell(index, across.map(|more| more.saturating_add(1)).or(span).unwrap_or(1));
                if tag.ends_with('/') {
                    page.end_cell();
                }
            }
            ("td" | "th" | "cell", true) => page.end_cell(),
            ("br" | "p" | "div", _) => page.text(" "),
            _ => {}
        }
        if page.cell_count > MOST_CELLS {
            return None;
        }
    }
    page.end_row();
    let mut found: Vec<Found> = page.found.into_iter().filter(|found| found.cell_count > 0).collect();
    if found.iter().all(|found| found.name.is_none()) && found.len() > 1 {
        // Of equals the first.
        let largest = (0..found.len()).rev().max_by_key(|at| found[*at].cell_count).unwrap_or_default();
        found = vec![found.swap_remove(largest)];
    }
    Some(found)
}

/// A text from a tag on, in capitals or not; nothing where it does not come.
fn from_tag<'t>(text: &'t str, tag: &str) -> &'t str {
    let is_there = |at: &usize| {
        let there = text.as_bytes()[*at..].get(..tag.len());
        there.is_some_and(|there| there.eq_ignore_ascii_case(tag.as_bytes()))
    };
    memchr::memchr_iter(b'<', text.as_bytes()).find(is_there).map_or("", |at| &text[at..])
}

/// The name of a tag in small letters, without a prefix.
fn word_of(tag: &str) -> String {
    let tag = tag.trim_start_matches('/');
    let word = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
    word.rsplit(':').next().unwrap_or_default().to_ascii_lowercase()
}

/// The value of an attribute of a tag, whatever its prefix.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.to_ascii_lowercase().find(&format!("{name}="))?;
    let value = &tag[at + name.len() + 1..];
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split(|c: char| c.is_whitespace() || c == '/').next()?,
    };
    Some(decoded(value).into_owned())
}

/// A text whose references are what they stand for.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('&');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let known = part.split_once(';').and_then(|(name, rest)| Some((character(name)?, rest)));
        match known {
            Some((character, rest)) => {
                out.push(character);
                out.push_str(rest);
            }
            None => {
                out.push('&');
                out.push_str(part);
            }
        }
    }
    Cow::Owned(out)
}

fn character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" => ' ',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => digits.parse(),
            };
            char::from_u32(code.ok()?)? // no number of a character: left as it stands
        }
    })
}

/// A page that is gone through.
#[derive(Debug, Default)]
struct Page {
    found: Vec<Found>,
    row: Vec<String>,
    /// The open cell, and the columns that it takes.
    cell: Option<(String, usize)>,
    cell_count: usize,
}

impl Page {
    fn begin(&mut self, name: Option<String>) {
        self.end_row();
        // The table of a sheet is the sheet.
        if name.is_none() && self.found.last().is_some_and(|last| last.name.is_some() && last.cell_count == 0) {
            return;
        }
        self.found.push(Found { name, ..Found::default() });
    }

    fn begin_cell(&mut self, index: Option<usize>, span: usize) {
        if let Some(index) = index.filter(|index| *index <= MOST_COLUMNS && *index > self.row.len()) {
            self.cell_count += index - self.row.len();
            self.row.resize(index - 1, String::new());
        }
        self.cell = Some((String::new(), span.clamp(1, MOST_COLUMNS)));
    }

    fn text(&mut self, text: &str) {
        if let Some((cell, _)) = &mut self.cell {
            cell.push_str(&decoded(text));
        }
    }

    fn end_cell(&mut self) {
        let Some((text, span)) = self.cell.take() else { return };
        self.row.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
        self.cell_count += span;
        if self.row.len() + span <= MOST_COLUMNS {
            self.row.resize(self.row.len() + span - 1, String::new());
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        if self.row.is_empty() {
            return;
        }
        if self.found.is_empty() {
            self.found.push(Found::default());
        }
        let Some(found) = self.found.last_mut() else { return };
        for (at, cell) in self.row.drain(..).enumerate() {
            if at > 0 {
                found.text.push(',');
            }
            if !cell.is_empty() {
                found.cell_count += 1;
                found.text.push('"');
                found.text.push_str(&cell.replace('"', "\"\""));
                found.text.push('"');
            }
        }
        found.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_found_among_tags() {
        let page = "<HTML><head><meta charset=gb2312><style>td{a>b}</style></head><body><table><tr><td>查询结果</td></tr></table>\
            <TABLE border=1><tr><th colspan='2'>图斑</th><th>面积</th></tr><!-- <tr><td>x</td></tr> -->\
            <tr><td>0001</td><td>A&amp;B&nbsp;&#30002;<br>乙</td><td>\"1\"</td></tr><tr><td>0002<td>丙<td></table>";
        let found = tables(page).expect("few cells");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, "\"图斑\",,\"面积\"\n\"0001\",\"A&B 甲 乙\",\"\"\"1\"\"\"\n\"0002\",\"丙\",\n");
        let book = "<?xml version=\"1.0\"?><Workbook xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\">\
            <ss:Worksheet ss:Name=\"现状\"><Table><Row><Cell><Data ss:Type=\"String\">编号</Data></Cell><Cell><Data>名称</Data></Cell></Row>\
            <Row><Cell ss:Index=\"2\"><Data>甲</Data></Cell></Row></Table></ss:Worksheet><Worksheet ss:Name=\"空\"><Table/></Worksheet></Workbook>";
        let found = tables(book).expect("few cells");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_deref(), found[0].text.as_str()), (Some("现状"), "\"编号\",\"名称\"\n,\"甲\"\n"));
        assert_eq!(tables("<p>no table</p><td"), Some(Vec::new()));
    }
}
