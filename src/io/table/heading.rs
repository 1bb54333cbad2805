//! Where the headings of a table are: under titles, over one row or two.
//!
//! A heading is a row of labels: texts that are no numbers, no dates and no coordinates. A row of one cell above a wider
//! table is its title. Where the row under the headings fills the gaps that merged cells left in it, and consists of
//! labels too, the headings take both rows, and the lower one names the columns. Where the rows that follow are texts
//! as well, nothing tells the lower row from data, and it stays data.

use super::super::ReadError;
use super::rows::Rows;
use crate::model::Value;
use crate::task::Progress;

/// Rows at the start that are looked at.
const LOOKED_AT: usize = 24;
/// Rows above the headings, at most.
const MOST_TITLES: usize = 10;

/// The headings of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Heading {
    /// Names by column; a column without one has none here.
    pub(super) names: Vec<(usize, String)>,
    /// Number of the last row that belongs to the headings; 0 where there are none.
    pub(super) last_row: u64,
    /// What stands above them.
    pub(super) titles: Vec<String>,
    /// Whether they take two rows.
    pub(super) is_double: bool,
}

struct Row {
    number: u64,
    cells: Vec<(usize, String, bool)>,
}

impl Row {
    fn is_labels(&self) -> bool {
        self.cells.iter().all(|(_, _, is_label)| *is_label)
    }

    fn has(&self, column: usize) -> bool {
        self.cells.iter().any(|(at, ..)| *at == column)
    }
}

/// Finds the headings.
///
/// # Errors
/// [`ReadError::Cancelled`].
pub(super) fn find(rows: &Rows<'_>, progress: &Progress) -> Result<Heading, ReadError> {
    let mut first = Vec::new();
    rows.each(progress, |number, cells| {
        let cells = cells.iter().map(|(column, value)| (*column, label(value), is_label(value))).collect();
        first.push(Row { number, cells });
        first.len() < LOOKED_AT
    })?;
    Ok(of(&first))
}

fn of(rows: &[Row]) -> Heading {
    let typical = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let is_wide = |row: &Row| row.cells.len() * 10 >= typical * 6;
    let Some(at) = rows.iter().take(MOST_TITLES).position(is_wide) else { return Heading::default() };
    // A row of labels that is less than wide may be the upper of two.
    let upper = at.checked_sub(1).filter(|upper| rows[*upper].is_labels() && rows[*upper].cells.len() >= 2);
    let (at, is_pair) = match upper {
        Some(upper) if rows[at].is_labels() && fills(&rows[upper], &rows[at]) => (upper, true),
        _ => (at, false),
    };
    let heading = &rows[at];
    if !heading.is_labels() || rows.len() == 1 {
        return Heading::default();
    }
    let titles =
        rows[..at].iter().map(|row| row.cells.iter().map(|(_, text, _)| text.as_str()).collect::<Vec<_>>().join(" "));
    let titles: Vec<String> = titles.collect();
    let lower = rows.get(at + 1).filter(|lower| {
        lower.is_labels()
            && fills(heading, lower)
            && rows.len() > at + 2
            && (is_pair || are_mostly_figures(&rows[at + 2..]))
    });
    let mut names: Vec<(usize, String)> =
        heading.cells.iter().map(|(column, text, _)| (*column, text.clone())).collect();
    if let Some(lower) = lower {
        let above = |column: usize| {
            let found = heading.cells.iter().rev().find(|(at, ..)| *at <= column);
            found.map_or("", |(_, text, _)| text.as_str())
        };
        let is_repeated = |text: &str| lower.cells.iter().filter(|(_, other, _)| other == text).count() > 1;
        for (column, text, _) in &lower.cells {
            let name = if is_repeated(text) { format!("{}{text}", above(*column)) } else { text.clone() };
            match names.iter_mut().find(|(at, _)| at == column) {
                Some(known) => known.1 = name,
                None => names.push((*column, name)),
            }
        }
        names.sort_by_key(|(column, _)| *column);
    }
    let last_row = lower.unwrap_or(heading).number;
    Heading { names, last_row, titles, is_double: lower.is_some() }
}

/// Whether `lower` has cells where `upper` has gaps.
fn fills(upper: &Row, lower: &Row) -> bool {
    lower.cells.iter().any(|(column, ..)| !upper.has(*column)) && lower.cells.len() >= upper.cells.len()
}

/// Whether most rows have cells that no heading has: a row of labels above them is none of them.
fn are_mostly_figures(rows: &[Row]) -> bool {
    2 * rows.iter().filter(|row| !row.is_labels()).count() > rows.len()
}

/// The text of a heading: one line, no blanks around it.
fn label(value: &Value<'_>) -> String {
    let text = value.to_string();
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').chars() {
        if matches!(c, '\n' | '\r' | '\t') {
            gap = true;
            continue;
        }
        // Between Chinese characters a line break is no blank.
        if gap && out.chars().next_back().is_some_and(|last| last.is_ascii()) && c.is_ascii() {
            out.push(' ');
        }
        gap = false;
        out.push(c);
    }
    out
}

/// Whether a cell may be a heading.
fn is_label(value: &Value<'_>) -> bool {
    let text = match value {
        Value::Text(text) => text.trim(),
        // A year over a column of figures.
        Value::Int(year) => return (1900..=2100).contains(year),
        _ => return false,
    };
    let is_year = text.len() == 4 && text.parse::<u16>().is_ok_and(|year| (1900..=2100).contains(&year));
    let is_figure = text.parse::<f64>().is_ok()
        // A year, a month or a share heads a column; with figures it is a date.
        || (text.chars().all(|c| c.is_ascii_digit() || "-/.: 年月日,%".contains(c))
            && !text.chars().all(|c| "年月日%".contains(c)))
        || super::super::wkt::is_wkt(text);
    !text.is_empty() && text.chars().count() <= 80 && (is_year || !is_figure)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, names: &str, last_row: u64, titles: &[&str]) {
        let rows = Rows::Text { text, separator: b',' };
        let found = find(&rows, &Progress::new()).expect("not cancelled");
        let shown: Vec<String> = found.names.iter().map(|(column, name)| format!("{column}:{name}")).collect();
        assert_eq!((shown.join(" ").as_str(), found.last_row), (names, last_row), "{text}");
        assert_eq!(found.titles, titles);
    }

    #[test]
    fn headings_are_found() {
        check("a,b\n1,2\n", "0:a 1:b", 1, &[]);
        check("一览表,,,\n\n编号,地类,面积,亩\n1,0701,2,3\n", "0:编号 1:地类 2:面积 3:亩", 3, &["一览表"]);
        check(
            "一览表,,,,\n图斑,地类,,面积,\n编号,编码,名称,公顷,亩\n0674,1207,道路,6.2,93\n",
            "0:编号 1:编码 2:名称 3:公顷 4:亩",
            3,
            &["一览表"],
        );
        check(
            "地类,现状,,规划,\n,公顷,亩,公顷,亩\n水田,1,2,3,4\n",
            "0:地类 1:现状公顷 2:现状亩 3:规划公顷 4:规划亩",
            2,
            &[],
        );
        check("\"地类\n编码\",\"with a\nbreak\"\n0101,2\n", "0:地类编码 1:with a break", 1, &[]);
        check("1,2\n3,4\n", "", 0, &[]);
        check("\"unit,geo\",2010 ,2011 \nx,1,2\n", "0:unit,geo 1:2010 2:2011", 1, &[]);
        check("名称\n甲\n乙\n", "0:名称", 1, &[]);
        check("编号,年,月,%\nA,2024,3,12\n", "0:编号 1:年 2:月 3:%", 1, &[]);
        check("2024年3月,-\nA,1\n", "", 0, &[]);
        // A row of data that fills a gap is no heading.
        check("名称,地类,\n甲,水田,备注\n乙,旱地,\n", "0:名称 1:地类", 1, &[]);
        check("a,b\r\n1,2\r\n", "0:a 1:b", 1, &[]);
        check("", "", 0, &[]);
    }
}
