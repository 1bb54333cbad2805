//! The headings of a table in rows: what columns stand under, then their own names.

use crate::report::{Column, Table};
use crate::text::Language;

/// A cell of the headings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heading {
    /// What it says.
    pub(super) text: String,
    /// The first column that it stands over.
    pub(super) column: usize,
    /// How many columns it stands over.
    pub(super) across: usize,
    /// How many rows it is high.
    pub(super) down: usize,
    /// Whether it is the name of one column.
    pub(super) is_last: bool,
}

/// The rows of headings, the outermost first; one row where no column stands under another heading.
pub(super) fn heading_rows(table: &Table, language: Language) -> Vec<Vec<Heading>> {
    let depth = table.columns.iter().map(|column| column.over.len()).max().unwrap_or(0);
    let own = |column: &Column| {
        let bare = Column { over: Vec::new(), ..column.clone() };
        bare.heading(language)
    };
    let mut rows: Vec<Vec<Heading>> = vec![Vec::new(); depth + 1];
    for (level, row) in rows.iter_mut().enumerate() {
        let mut at = 0;
        while at < table.columns.len() {
            let column = &table.columns[at];
            let shared = |other: &Column| other.over.len() > level && other.over[..=level] == column.over[..=level];
            match column.over.len() {
                over if over > level => {
                    let end = (at..table.columns.len()).find(|other| !shared(&table.columns[*other]));
                    let across = end.unwrap_or(table.columns.len()) - at;
                    let text = column.over[level].clone();
                    row.push(Heading { text, column: at, across, down: 1, is_last: false });
                    at += across;
                }
                over => {
                    // Its own name reaches down from the level behind what it stands under.
                    if over == level {
                        let down = depth + 1 - level;
                        row.push(Heading { text: own(column), column: at, across: 1, down, is_last: true });
                    }
                    at += 1;
                }
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ColumnKind;

    #[test]
    fn columns_share_what_they_stand_under() {
        let column = |title: &str| Column::new(title, title, ColumnKind::Count);
        let table = Table {
            columns: vec![
                column("区"),
                column("小计").under("耕地"),
                column("水田").under("耕地").under("其中"),
                column("旱地").under("耕地").under("其中"),
                column("小计").under("园地"),
            ],
            ..Table::default()
        };
        let rows = heading_rows(&table, Language::Chinese);
        let said: Vec<Vec<(&str, usize, usize, usize)>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| (cell.text.as_str(), cell.column, cell.across, cell.down)).collect())
            .collect();
        assert_eq!(said[0], [("区", 0, 1, 3), ("耕地", 1, 3, 1), ("园地", 4, 1, 1)]);
        assert_eq!(said[1], [("小计", 1, 1, 2), ("其中", 2, 2, 1), ("小计", 4, 1, 2)]);
        assert_eq!(said[2], [("水田", 2, 1, 1), ("旱地", 3, 1, 1)]);
        // Every cell below the first row is covered once.
        let covered: usize = rows.iter().flatten().map(|cell| cell.across * cell.down).sum();
        assert_eq!(covered, 5 * 3);
    }

    #[test]
    fn plain_headings_stand_in_one_row() {
        let table = Table {
            columns: ["a", "b"].map(|name| Column::new(name, name, ColumnKind::Text)).to_vec(),
            ..Table::default()
        };
        let rows = heading_rows(&table, Language::English);
        assert_eq!((rows.len(), rows[0].len(), rows[0][1].down), (1, 2, 1));
        assert!(heading_rows(&Table::default(), Language::English)[0].is_empty());
    }
}
