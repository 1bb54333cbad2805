//! Tables as a workbook of XLSX: a sheet each, with title, headings, figures that stay figures, and notes below.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, XlsxError};

use super::{Cell, Column, ColumnKind, Table, display_width};
use crate::text::Language;

/// Longest name of a sheet.
const NAME: usize = 31;
/// Widest column, in characters.
const WIDEST: usize = 48;

/// A workbook of these tables.
///
/// # Errors
/// What the library refuses: more rows than a sheet has.
pub fn to_xlsx(tables: &[&Table], language: Language) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let framed = Format::new().set_border(FormatBorder::Thin);
    let title = Format::new().set_bold().set_font_size(14).set_align(FormatAlign::Center);
    let heading = framed.clone().set_bold().set_align(FormatAlign::Center).set_text_wrap();
    let mut taken: Vec<String> = Vec::new();
    for table in tables {
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(&table.title, &mut taken))?;
        let last = u16::try_from(table.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        if last > 0 {
            sheet.merge_range(0, 0, 0, last, &table.title, &title)?;
        } else {
            sheet.write_string_with_format(0, 0, &table.title, &title)?;
        }
        for (at, column) in table.columns.iter().enumerate() {
            let at = at as u16;
            sheet.write_string_with_format(1, at, column.heading(language), &heading)?;
            let format = figure_format(column, &framed);
            let mut widest = display_width(&column.heading(language));
            let rows = table.rows.iter().chain(&table.total);
            for (row, cells) in rows.enumerate() {
                let row = row as u32 + 2;
                let cell = cells.get(usize::from(at)).unwrap_or(&Cell::Empty);
                match (cell, cell.value(column.kind)) {
                    (Cell::Text(text), _) => {
                        widest = widest.max(display_width(text));
                        sheet.write_string_with_format(row, at, text, &framed)?;
                    }
                    (_, Some(value)) => {
                        widest = widest.max(format!("{value:.3}").len());
                        sheet.write_number_with_format(row, at, value, &format)?;
                    }
                    (_, None) => {
                        sheet.write_blank(row, at, &framed)?;
                    }
                }
            }
            sheet.set_column_width(at, (widest.min(WIDEST) + 3) as f64)?;
        }
        let below = table.rows.len() as u32 + u32::from(table.total.is_some()) + 3;
        for (at, note) in table.notes.iter().enumerate() {
            sheet.write_string(below + at as u32, 0, note)?;
        }
        sheet.set_freeze_panes(2, 0)?;
    }
    book.save_to_buffer()
}

/// How the figures of a column are shown.
fn figure_format(column: &Column, framed: &Format) -> Format {
    let decimals = column.decimals.unwrap_or(match column.kind {
        ColumnKind::Text | ColumnKind::Count => 0,
        ColumnKind::Number(decimals) => usize::from(decimals),
        ColumnKind::Area(_) | ColumnKind::Share => 2,
    });
    let zeros = if decimals == 0 { "0".to_owned() } else { format!("0.{}", "0".repeat(decimals)) };
    framed.clone().set_num_format(zeros)
}

/// A name that a sheet may have and no other has.
fn sheet_name(title: &str, taken: &mut Vec<String>) -> String {
    let plain = |c: char| if "[]:*?/\\'".contains(c) || c.is_control() { ' ' } else { c };
    let base: String = title.chars().map(plain).take(NAME - 4).collect();
    let base = if base.trim().is_empty() { "1".to_owned() } else { base.trim().to_owned() };
    let numbered = |n: usize| if n < 2 { base.clone() } else { format!("{base} {n}") };
    let name = (1..).map(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
    taken.push(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stay_figures_and_texts_texts() {
        let table = Table {
            title: "界址点成果表".to_owned(),
            columns: vec![
                Column::new("point", "点号", ColumnKind::Text),
                Column::new("x", "X", ColumnKind::Number(3)).rounded_to(3),
            ],
            rows: vec![vec![Cell::from("001"), Cell::Number(4_060_000.125)]],
            notes: vec!["说明".to_owned()],
            ..Table::default()
        };
        let bytes = to_xlsx(&[&table, &table], Language::Chinese).expect("written");
        use calamine::Reader;
        let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(bytes)).expect("opens");
        assert_eq!(book.sheet_names(), ["界址点成果表", "界址点成果表 2"]);
        let sheet = book.worksheet_range("界址点成果表").expect("a sheet");
        assert_eq!(sheet.get_value((2, 0)), Some(&calamine::Data::String("001".to_owned())));
        assert_eq!(sheet.get_value((2, 1)), Some(&calamine::Data::Float(4_060_000.125)));
        assert_eq!(sheet.get_value((4, 0)), Some(&calamine::Data::String("说明".to_owned())));
    }
}
