//! Columns of tables on pages: which stand beside each other, and how wide they are.
//!
//! A figure, a code or a short word is never broken: what room there is beyond that goes to longer texts. Where a table has
//! more columns than a page holds, every part of it begins with what tells its rows apart.

use rustc_hash::FxHashSet;

use crate::report::table::{ColumnKind, Figures};
use crate::report::{Table, display_width};

/// Columns that a table has at most beside each other.
const MOST_COLUMNS: usize = 10;
/// Columns that are repeated at most.
const MOST_KEYS: usize = 4;
/// Widths in Chinese characters: of texts that are not broken, of words in longer ones, of a column of text at most, of one
/// at least.
const WHOLE: f32 = 6.0;
const WORD: f32 = 11.0;
const WIDEST: f32 = 20.0;
const LEAST: f32 = 2.0;

/// How wide a column must be, and would be by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Need {
    /// Below this something is broken that should not be.
    pub(super) least: f32,
    /// Nothing is broken.
    pub(super) wanted: f32,
}

impl Need {
    /// Of a column by its heading and the texts of its cells, each with whether it is bold. `width` measures.
    pub(super) fn of(
        heading: &str,
        cells: impl Iterator<Item = (String, bool)>,
        is_text: bool,
        width: &dyn Fn(&str, bool) -> f32,
    ) -> Self {
        let em = width("中", false);
        let lines = heading_lines(heading);
        // The name of a column takes two lines, its unit one more.
        let name = lines.first().map_or(0.0, |name| width(name, true));
        let word = words(heading).map(|word| width(word, true)).fold(0.0, f32::max);
        let unit = lines.get(1).map_or(0.0, |unit| width(unit, true));
        let head = word.min(WHOLE * em).max(name / 2.0).min(WIDEST * em / 2.0).max(unit);
        let mut need = Self { least: head.max(LEAST * em), wanted: name.min(WHOLE * em).max(head) };
        for (text, bold) in cells {
            let whole = text.lines().map(|line| width(line, bold)).fold(0.0, f32::max);
            let unbroken = match is_text && whole > WHOLE * em {
                true => words(&text).map(|word| width(word, bold)).fold(0.0, f32::max).min(WORD * em),
                false => whole,
            };
            need.least = need.least.max(unbroken);
            need.wanted = need.wanted.max(if is_text { whole.min(WIDEST * em) } else { whole });
        }
        Self { wanted: need.wanted.max(need.least), ..need }
    }
}

/// Widths that fill `room` together: what each needs, and the rest by what each wants beyond.
pub(super) fn fitted(needs: &[Need], room: f32) -> Vec<f32> {
    let least: f32 = needs.iter().map(|need| need.least).sum();
    let wanted: f32 = needs.iter().map(|need| need.wanted).sum();
    let width = |need: &Need| {
        if least >= room {
            need.least * room / least.max(1.0)
        } else if wanted > room {
            need.least + (need.wanted - need.least) * (room - least) / (wanted - least)
        } else {
            need.wanted * room / wanted.max(1.0)
        }
    };
    needs.iter().map(width).collect()
}

/// A heading in lines: its unit, in parentheses at its end, by itself.
pub(super) fn heading_lines(heading: &str) -> Vec<&str> {
    let at = heading.rfind(['（', '(']).filter(|at| *at > 0 && heading.ends_with(['）', ')']));
    match at {
        Some(at) => vec![heading[..at].trim_end(), &heading[at..]],
        None => vec![heading],
    }
}

/// What lines are broken between: words, and whatever stands between Chinese characters.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_break = |c: char| c.is_whitespace() || display_width(c.encode_utf8(&mut [0; 4])) > 1;
    text.split(is_break).filter(|word| !word.is_empty())
}

/// The columns of each part of a table: a page holds only so many.
pub(super) fn column_groups(table: &Table, figures: &Figures) -> Vec<Vec<usize>> {
    let count = table.columns.len();
    if count <= MOST_COLUMNS {
        return vec![(0..count).collect()];
    }
    let keys = key_count(table, figures);
    let rest: Vec<usize> = (keys..count).collect();
    // Parts of about the same width.
    let parts = rest.len().div_ceil(MOST_COLUMNS - keys);
    let each = rest.len().div_ceil(parts);
    rest.chunks(each).map(|chunk| (0..keys).chain(chunk.iter().copied()).collect()).collect()
}

/// How many of the first columns tell the rows apart; one where no texts do.
fn key_count(table: &Table, figures: &Figures) -> usize {
    let texts = table.columns.iter().take_while(|column| column.kind == ColumnKind::Text).count();
    let tells_apart = |count: &usize| {
        let mut seen = FxHashSet::default();
        let key = |row: usize| (0..*count).map(|column| figures.shown(row, column)).collect::<Vec<String>>();
        (0..table.rows.len()).all(|row| seen.insert(key(row)))
    };
    (1..=texts.min(MOST_KEYS)).find(tells_apart).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Cell, Column};

    /// Ten units a Chinese character, five any other, bold letters six.
    fn width(text: &str, bold: bool) -> f32 {
        let of = |c: char| match display_width(c.encode_utf8(&mut [0; 4])) {
            2 => 10.0,
            width => width as f32 * if bold { 6.0 } else { 5.0 },
        };
        text.chars().map(of).sum()
    }

    #[test]
    fn figures_codes_and_short_words_are_not_broken() {
        let need = |heading: &str, cells: &[&str], is_text: bool| {
            Need::of(heading, cells.iter().map(|cell| ((*cell).to_owned(), false)), is_text, &width)
        };
        assert_eq!(need("面积（亩）", &["1,234.56"], false), Need { least: 40.0, wanted: 40.0 });
        assert_eq!(need("结果", &["超限"], true), Need { least: 20.0, wanted: 20.0 });
        let code = need("要素", &["370199211000050160"], true);
        assert_eq!(code, Need { least: 90.0, wanted: 90.0 });
        let text = need("规则", &["永久基本农田净减少（扣除田坎）不超过 13 万亩"], true);
        assert!(text.least < 30.0 && text.wanted == 200.0, "{text:?}");
    }

    #[test]
    fn what_is_left_goes_to_those_that_want_more() {
        let needs = [Need { least: 20.0, wanted: 20.0 }, Need { least: 20.0, wanted: 200.0 }];
        assert_eq!(fitted(&needs, 100.0), [20.0, 80.0]);
        assert_eq!(fitted(&needs, 440.0), [40.0, 400.0]);
        assert_eq!(fitted(&needs, 20.0), [10.0, 10.0]);
        assert!(fitted(&[], 20.0).is_empty());
    }

    #[test]
    fn units_of_headings_stand_by_themselves() {
        assert_eq!(heading_lines("占生态保护红线（亩）"), ["占生态保护红线", "（亩）"]);
        assert_eq!(heading_lines("Area (mu)"), ["Area", "(mu)"]);
        assert_eq!(heading_lines("耕地（01） · 小计"), ["耕地（01） · 小计"]);
        assert_eq!(heading_lines(""), [""]);
    }

    #[test]
    fn every_part_of_a_wide_table_begins_with_what_tells_its_rows_apart() {
        let mut table = Table::default();
        for (key, kind) in [("line", ColumnKind::Text), ("id", ColumnKind::Text)] {
            table.columns.push(Column::new(key, key, kind));
        }
        (0..11).for_each(|at| table.columns.push(Column::new("n", at.to_string(), ColumnKind::Count)));
        let row = |id: &str| {
            let texts = [Cell::from("边界"), Cell::from(id)].into_iter();
            texts.chain((0..11_usize).map(Cell::from)).collect::<Vec<Cell>>()
        };
        table.rows = vec![row("a"), row("b")];
        let groups = column_groups(&table, &table.figures());
        assert_eq!(groups, [vec![0, 1, 2, 3, 4, 5, 6, 7], vec![0, 1, 8, 9, 10, 11, 12]]);
        // Where nothing does, the first column must do.
        table.rows = vec![row("a"), row("a")];
        assert_eq!(column_groups(&table, &table.figures())[1], [0, 7, 8, 9, 10, 11, 12]);
    }
}
