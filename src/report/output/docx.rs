//! Reports as DOCX for Word and WPS: headings, numbered captions, tables and pictures that can be edited, on A4.
//!
//! Fonts are named by style (宋体 for text, 黑体 for headings), so that an office changes them in one place. The parts come
//! from `docx-rs`; what it cannot say is put into its XML: rows of headings that are repeated, title and author. It stamps
//! no time but the date of the report, and numbers of pictures are our own, so that one report gives one file.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, BreakType, Docx, FieldCharType, Footer, Hyperlink, HyperlinkType, InstrText, LineSpacing,
    LineSpacingType, NumPages, PageMargin, PageNum, Paragraph, Pic, Run, RunFonts, Shading, Style, StyleType,
    Table as DocxTable, TableAlignmentType, TableBorder, TableBorderPosition, TableBorders, TableCell,
    TableCellMargins, TableRow, WidthType,
};

use super::OutputError;
use super::captions::Captions;
use super::columns::{Need, column_groups, fitted, heading_lines};
use crate::render::lettering::Typeface;
use crate::report::table::{ColumnKind, Figures};
use crate::report::{Part, Picture, Report, Table, display_width};
use crate::text::{Language, tr};

/// A4 in twentieths of a point, and the room between its margins.
const PAGE: (u32, u32) = (11_906, 16_838);
const MARGIN: i32 = 1_247;
const ROOM: usize = 11_906 - 2 * 1_247;
/// English metric units a twentieth of a point.
const EMU: u32 = 635;
/// Highest picture, in twentieths of a point.
const HIGHEST: u32 = 12_000;
/// Rows of a table that are written; a document of more opens in no program. The workbook has them all.
const MOST_ROWS: usize = 5_000;
/// Rows of a table that measure its columns.
const MEASURED: usize = 300;
/// Free room on either side of a cell, in twentieths of a point.
const CELL_MARGIN: usize = 60;
/// What marks rows of headings until the XML is there: docx-rs writes it as it stands, and nothing else has it.
const HEADING_ROW: &str = "<w:cantSplit />";
/// How it writes rows that nothing was said about.
const PLAIN_ROW: &str = "<w:trPr />";
/// Chapters from which on a document has a table of contents, and the lowest headings in it.
const LEAST_CHAPTERS: usize = 3;
const LOWEST_LISTED: u8 = 2;

pub(super) fn write(report: &Report, language: Language) -> Result<Vec<u8>, OutputError> {
    let typeface = Typeface::bundled();
    let mut captions = Captions::new(language);
    let date = if report.date.is_empty() { "1980-01-01" } else { report.date.as_str() };
    let stamp = format!("{}T00:00:00Z", clean(date));
    let mut docx = styled(Docx::new())
        .page_size(PAGE.0, PAGE.1)
        .page_margin(
            PageMargin::new().top(MARGIN).bottom(MARGIN).left(MARGIN).right(MARGIN).header(700).footer(700).gutter(0),
        )
        .created_at(&stamp)
        .updated_at(&stamp)
        .footer(footer());
    if !report.title.is_empty() {
        docx = docx.add_paragraph(styled_text(&report.title, "Title"));
    }
    if !report.date.is_empty() {
        docx = docx.add_paragraph(styled_text(&report.date, "Date"));
    }
    let (mut picture_count, mut heading_count) = (0, 0);
    for part in &report.parts {
        docx = match part {
            Part::Gap => docx,
            Part::Line(text) if text.trim().is_empty() => docx,
            Part::Line(text) => docx.add_paragraph(lines(text, Paragraph::new().style("Body"))),
            Part::Heading(level, text) => {
                if heading_count == 0 {
                    docx = contents(report, language).into_iter().fold(docx, Docx::add_paragraph);
                }
                heading_count += 1;
                let style = ["Heading1", "Heading2", "Heading3"][usize::from((*level).clamp(1, 3)) - 1];
                let paragraph = Paragraph::new().style(style).keep_next(true);
                let marked = paragraph.add_bookmark_start(heading_count, bookmark(heading_count));
                let run = Run::new().add_text(clean(text));
                docx.add_paragraph(marked.add_run(run).add_bookmark_end(heading_count))
            }
            Part::Table(table) => with_table(docx, table, &mut captions, language),
            Part::Picture(picture) => {
                picture_count += 1;
                with_picture(docx, picture, picture_count, &mut captions, &typeface)
            }
        };
    }
    let mut parts = docx.build();
    parts.document = repeated_headings(parts.document);
    parts.doc_props.core = named(parts.doc_props.core, report, language);
    let mut bytes = Vec::new();
    parts.pack(Cursor::new(&mut bytes)).map_err(|error| OutputError::Docx(error.to_string()))?;
    Ok(bytes)
}

/// Fonts and sizes by style.
fn styled(docx: Docx) -> Docx {
    let fonts = |east: &str, west: &str| RunFonts::new().ascii(west).hi_ansi(west).east_asia(east).cs(west);
    let text = || fonts("宋体", "Times New Roman");
    let bold = || fonts("黑体", "Arial");
    let spacing = |before, after, line| {
        LineSpacing::new().before(before).after(after).line(line).line_rule(LineSpacingType::Auto)
    };
    let style = |id: &str, name: &str| Style::new(id, StyleType::Paragraph).name(name).based_on("Normal");
    let heading = |id: &str, name: &str, level: usize, size: usize| {
        let style = style(id, name).next("Body").fonts(bold()).size(size).bold();
        style.line_spacing(spacing(240, 120, 300)).outline_lvl(level)
    };
    docx.default_fonts(text())
        .default_size(21)
        .add_style(style("Title", "Title").fonts(bold()).size(44).bold().line_spacing(spacing(0, 120, 300)))
        .add_style(style("Date", "Date").size(21).color("5C6775").line_spacing(spacing(0, 240, 300)))
        .add_style(style("ContentsTitle", "Contents Title").fonts(bold()).size(28).line_spacing(spacing(240, 120, 300)))
        .add_style(style("TOC1", "toc 1").size(24).line_spacing(spacing(0, 40, 320)))
        .add_style(style("TOC2", "toc 2").size(21).line_spacing(spacing(0, 40, 300)).indent(
            Some(420),
            None,
            None,
            None,
        ))
        .add_style(heading("Heading1", "heading 1", 0, 32))
        .add_style(heading("Heading2", "heading 2", 1, 28))
        .add_style(heading("Heading3", "heading 3", 2, 24))
        .add_style(style("Body", "Body Text").size(24).line_spacing(spacing(0, 60, 360)).align(AlignmentType::Both))
        .add_style(
            style("Caption", "caption")
                .fonts(bold())
                .size(21)
                .line_spacing(spacing(160, 60, 240))
                .align(AlignmentType::Center),
        )
        .add_style(style("TableText", "Table Text").size(17).line_spacing(spacing(10, 10, 240)))
        .add_style(style("TableHead", "Table Heading").fonts(bold()).size(17).line_spacing(spacing(10, 10, 240)))
        .add_style(style("Note", "Note").size(17).color("5C6775").line_spacing(spacing(20, 20, 240)))
}

fn footer() -> Footer {
    let number = Paragraph::new().style("Note").align(AlignmentType::Center).add_page_num(PageNum::new());
    Footer::new().add_paragraph(number.add_run(Run::new().add_text(" / ")).add_num_pages(NumPages::new()))
}

fn styled_text(text: &str, style: &str) -> Paragraph {
    Paragraph::new().style(style).add_run(Run::new().add_text(clean(text)))
}

/// The bookmark of the heading of that number, counted from 1.
fn bookmark(heading: usize) -> String {
    format!("_Toc{heading:08}")
}

/// A table of contents, whose rows lead to the headings; none of a document of few chapters. It is a field: pages are
/// known only to the program that lays the document out, which adds their numbers when the field is updated.
fn contents(report: &Report, language: Language) -> Vec<Paragraph> {
    let headings = report.parts.iter().filter_map(|part| match part {
        Part::Heading(level, text) => Some(((*level).max(1), text)),
        _ => None,
    });
    let listed: Vec<(usize, u8, &String)> = (1..)
        .zip(headings)
        .map(|(number, (level, text))| (number, level, text))
        .filter(|(_, level, _)| *level <= LOWEST_LISTED)
        .collect();
    if listed.iter().filter(|(_, level, _)| *level == 1).count() < LEAST_CHAPTERS {
        return Vec::new();
    }
    let mut paragraphs = vec![styled_text(tr(language, "report.contents"), "ContentsTitle").keep_next(true)];
    for (at, (number, level, text)) in listed.iter().enumerate() {
        let mut paragraph = Paragraph::new().style(if *level == 1 { "TOC1" } else { "TOC2" });
        if at == 0 {
            let field = Run::new()
                .add_field_char(FieldCharType::Begin, false)
                .add_instr_text(InstrText::Unsupported(format!(" TOC \\o \"1-{LOWEST_LISTED}\" \\h \\z \\u ")))
                .add_field_char(FieldCharType::Separate, false);
            paragraph = paragraph.add_run(field);
        }
        let link = Hyperlink::new(bookmark(*number), HyperlinkType::Anchor);
        paragraph = paragraph.add_hyperlink(link.add_run(Run::new().add_text(clean(text))));
        if at + 1 == listed.len() {
            paragraph = paragraph.add_run(Run::new().add_field_char(FieldCharType::End, false));
        }
        paragraphs.push(paragraph);
    }
    paragraphs
}

/// A paragraph of several lines.
fn lines(text: &str, paragraph: Paragraph) -> Paragraph {
    let mut run = Run::new();
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            run = run.add_break(BreakType::TextWrapping);
        }
        run = run.add_text(clean(line));
    }
    paragraph.add_run(run)
}

/// A caption whose number is a field: it counts again when the document is edited.
fn caption(text: &str, sequence: &str) -> Paragraph {
    let text = clean(text);
    let paragraph = Paragraph::new().style("Caption");
    let digits: Option<(usize, usize)> = text.find(|c: char| c.is_ascii_digit()).map(|from| {
        let rest = &text[from..];
        (from, from + rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))
    });
    let Some((from, to)) = digits else { return paragraph.add_run(Run::new().add_text(text)) };
    let number = Run::new()
        .add_field_char(FieldCharType::Begin, false)
        .add_instr_text(InstrText::Unsupported(format!(" SEQ {sequence} \\* ARABIC ")))
        .add_field_char(FieldCharType::Separate, false)
        .add_text(&text[from..to])
        .add_field_char(FieldCharType::End, false);
    paragraph.add_run(Run::new().add_text(&text[..from])).add_run(number).add_run(Run::new().add_text(&text[to..]))
}

fn with_picture(docx: Docx, picture: &Picture, nth: usize, captions: &mut Captions, typeface: &Typeface) -> Docx {
    let caption_text = captions.picture(&picture.caption);
    let docx = match picture.pixels(typeface) {
        Some(pixels) => {
            let [width, height] = pixels.size;
            // As wide as the text, but no higher than a page leaves room for.
            let scale = f64::from(ROOM as u32) / f64::from(width.max(1));
            let scale = scale.min(f64::from(HIGHEST) / f64::from(height.max(1)));
            let emu = |px: u32| (f64::from(px) * scale * f64::from(EMU)) as u32;
            let mut pic = Pic::new_with_dimensions(pixels.png, width, height).size(emu(width), emu(height));
            // Its own number comes from a counter of the whole process.
            pic.id = format!("rIdImage{nth}");
            let run = Run::new().add_image(pic);
            docx.add_paragraph(Paragraph::new().align(AlignmentType::Center).keep_next(true).add_run(run))
        }
        None => docx,
    };
    docx.add_paragraph(caption(&caption_text, "Figure"))
}

/// The table; one of many columns in several, which begin with what tells its rows apart.
fn with_table(mut docx: Docx, table: &Table, captions: &mut Captions, language: Language) -> Docx {
    let figures = table.figures();
    let headings: Vec<String> = table.columns.iter().map(|column| column.heading(language)).collect();
    let shown: Vec<usize> = shown_rows(table, figures.rows.len());
    let whole = captions.table(&table.title);
    let groups = column_groups(table, &figures);
    let notes = table.notes_where(figures.rows.len() - shown.len(), &figures, language);
    for (nth, columns) in groups.iter().enumerate() {
        let is_noted = nth + 1 == groups.len() && !notes.is_empty();
        let text = if groups.len() > 1 { format!("{whole} ({}/{})", nth + 1, groups.len()) } else { whole.clone() };
        docx = docx.add_paragraph(if nth == 0 { caption(&text, "Table") } else { continued(&text) }.keep_next(true));
        docx = docx.add_table(grid(table, &figures, &headings, &shown, columns, is_noted));
    }
    for note in notes {
        docx = docx.add_paragraph(lines(&note, Paragraph::new().style("Note")));
    }
    docx
}

/// The caption of a further part of a table: its number counts nothing.
fn continued(text: &str) -> Paragraph {
    Paragraph::new().style("Caption").add_run(Run::new().add_text(clean(text)))
}

fn grid(
    table: &Table,
    figures: &Figures,
    headings: &[String],
    shown: &[usize],
    columns: &[usize],
    is_noted: bool,
) -> DocxTable {
    let widths = widths(table, headings, figures, shown, columns);
    let cell = |text: &str, at: usize, style: &str, fill: Option<&str>, stays: bool| {
        let is_text = table.columns[columns[at]].kind == ColumnKind::Text;
        let align = if is_text { AlignmentType::Left } else { AlignmentType::Right };
        let paragraph = Paragraph::new().style(style).align(align);
        let paragraph = lines(text, if stays { paragraph.keep_next(true) } else { paragraph });
        let cell = TableCell::new().add_paragraph(paragraph).width(widths[at], WidthType::Dxa);
        match fill {
            Some(fill) => cell.shading(Shading::new().fill(fill)),
            None => cell,
        }
    };
    let heading = columns.iter().enumerate().map(|(at, column)| {
        let heading = &headings[*column];
        let is_wide = width(heading, true) > widths[at].saturating_sub(2 * CELL_MARGIN) as f32;
        let text = if is_wide { heading_lines(heading).join("\n") } else { heading.clone() };
        cell(&text, at, "TableHead", Some("F3F5F7"), true)
    });
    let mut rows = vec![TableRow::new(heading.collect()).cant_split()];
    for (nth, row) in shown.iter().enumerate() {
        let style = if *row >= table.rows.len() { "TableHead" } else { "TableText" };
        // Neither a heading with a row or two nor a sum stands on a page by itself, nor what is said of them.
        let stays = if nth + 1 < shown.len() { nth < 2 || nth + 3 > shown.len() } else { is_noted };
        let cells = columns.iter().enumerate();
        let cells = cells.map(|(at, column)| cell(&figures.shown(*row, *column), at, style, None, stays));
        rows.push(TableRow::new(cells.collect()));
    }
    let line = |position, size| TableBorder::new(position).size(size).color("000000");
    let borders = TableBorders::with_empty()
        .set(line(TableBorderPosition::Top, 12))
        .set(line(TableBorderPosition::Bottom, 12))
        .set(TableBorder::new(TableBorderPosition::InsideH).size(4).color("C8CED6"));
    DocxTable::new(rows)
        .set_grid(widths.clone())
        .width(widths.iter().sum(), WidthType::Dxa)
        .align(TableAlignmentType::Center)
        .margins(TableCellMargins::new().margin(0, CELL_MARGIN, 0, CELL_MARGIN))
        .set_borders(borders)
}

/// The rows that are written: all, or the first and the total.
fn shown_rows(table: &Table, count: usize) -> Vec<usize> {
    if count <= MOST_ROWS { (0..count).collect() } else { (0..MOST_ROWS).chain(table.rows.len()..count).collect() }
}

/// Widths of columns in twentieths of a point, together as wide as the page leaves room for.
fn widths(table: &Table, headings: &[String], figures: &Figures, rows: &[usize], columns: &[usize]) -> Vec<usize> {
    let margins = 2.0 * CELL_MARGIN as f32;
    let need = |column: &usize| {
        let measured = rows.iter().take(MEASURED).chain(rows.last());
        let cells = measured.map(|row| (figures.shown(*row, *column), *row >= table.rows.len()));
        let is_text = table.columns[*column].kind == ColumnKind::Text;
        let need = Need::of(&headings[*column], cells, is_text, &width);
        Need { least: need.least + margins, wanted: need.wanted + margins }
    };
    let needs: Vec<Need> = columns.iter().map(need).collect();
    fitted(&needs, ROOM as f32).into_iter().map(|width| (width as usize).max(1)).collect()
}

/// About how wide a text of a table is, in twentieths of a point: fonts are those of whoever opens the document.
fn width(text: &str, bold: bool) -> f32 {
    const HALF_EM: f32 = 85.0;
    let wider = if bold { 1.14 } else { 1.03 };
    let of = |c: char| match display_width(c.encode_utf8(&mut [0; 4])) {
        0 => 0.0,
        1 if matches!(c, ',' | '.' | ' ' | ':' | '/' | '(' | ')' | '-') => HALF_EM * 0.7 * wider,
        1 => HALF_EM * wider,
        columns => HALF_EM * columns as f32,
    };
    text.chars().map(of).sum()
}

/// Rows that must not be split are those of headings: they begin the table on every page. No other row is split either.
/// Pictures get numbers of their own, which are all 1 otherwise.
fn repeated_headings(document: Vec<u8>) -> Vec<u8> {
    const PICTURE: &str = "<wp:docPr id=\"1\" ";
    let text = match String::from_utf8(document) {
        Ok(text) => text
            .replace(HEADING_ROW, "<w:cantSplit /><w:tblHeader />")
            .replace(PLAIN_ROW, "<w:trPr><w:cantSplit /></w:trPr>"),
        Err(error) => return error.into_bytes(),
    };
    let mut out = String::with_capacity(text.len() + 256);
    for (nth, piece) in text.split(PICTURE).enumerate() {
        if nth > 0 {
            out.push_str(&PICTURE.replace('1', &nth.to_string()));
        }
        out.push_str(piece);
    }
    out.into_bytes()
}

/// Title and author among the properties of the document.
fn named(core: Vec<u8>, report: &Report, language: Language) -> Vec<u8> {
    let title = escaped(&clean(&report.title));
    let program = escaped(tr(language, "ui.name"));
    match String::from_utf8(core) {
        Ok(text) => text
            .replace(">unknown<", &format!(">{program}<"))
            .replace("</cp:coreProperties>", &format!("<dc:title>{title}</dc:title></cp:coreProperties>"))
            .into_bytes(),
        Err(error) => error.into_bytes(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The text without characters that no XML may hold.
fn clean(text: &str) -> String {
    let is_held = |c: &char| !c.is_control() && !matches!(*c, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(is_held).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::model::style::Color;
    use crate::render::drawing::Drawing;
    use crate::report::{Cell, Column};

    fn report() -> Report {
        let mut table = Table {
            title: "用地 <结构>".to_owned(),
            columns: vec![Column::new("key", "地类", ColumnKind::Text), Column::new("n", "个数", ColumnKind::Count)],
            rows: vec![vec![Cell::from("0101 & \u{1}水田"), Cell::Count(1234)]],
            notes: vec!["注".to_owned()],
            ..Table::default()
        };
        table.add_total("合计");
        let picture = Picture { caption: "变化图".to_owned(), drawing: Drawing::new([40.0, 20.0], Color::WHITE) };
        Report {
            title: "方案比选报告".to_owned(),
            date: "2026-06-18".to_owned(),
            parts: vec![
                Part::Heading(1, "概要".to_owned()),
                Part::Line("一\n二".to_owned()),
                Part::Table(table),
                Part::Picture(picture.clone()),
                Part::Picture(picture),
            ],
            ..Report::default()
        }
    }

    fn part(bytes: &[u8], name: &str) -> String {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
        let mut text = String::new();
        zip.by_name(name).expect("is there").read_to_string(&mut text).expect("UTF-8");
        text
    }

    #[test]
    fn a_document_has_headings_captions_tables_and_pictures() {
        let bytes = write(&report(), Language::Chinese).expect("is made");
        let document = part(&bytes, "word/document.xml");
        for wanted in ["Heading1", "概要", "SEQ Table", "用地 &lt;结构&gt;", "0101 &amp; 水田", "1,234", "SEQ Figure"]
        {
            assert!(document.contains(wanted), "{wanted}: {document}");
        }
        assert_eq!(document.matches("<w:tblHeader").count(), 1);
        assert_eq!(document.matches("<w:cantSplit").count(), document.matches("<w:tr>").count(), "{document}");
        assert!(!document.contains("TOC \\o"), "{document}");
        assert!(document.contains("docPr id=\"1\"") && document.contains("docPr id=\"2\""));
        assert!(!document.contains('\u{1}'));
        let styles = part(&bytes, "word/styles.xml");
        assert!(styles.contains("宋体") && styles.contains("黑体") && styles.contains("heading 1"));
        let core = part(&bytes, "docProps/core.xml");
        assert!(core.contains("2026-06-18T00:00:00Z") && core.contains("<dc:title>方案比选报告</dc:title>"), "{core}");
        assert!(part(&bytes, "word/footer1.xml").contains("PAGE"));
    }

    #[test]
    fn chapters_stand_in_a_table_of_contents() {
        let mut report = report();
        report.parts.push(Part::Heading(1, "图件".to_owned()));
        report.parts.push(Part::Heading(2, "方案一 <甲>".to_owned()));
        report.parts.push(Part::Heading(1, "方法".to_owned()));
        let document = part(&write(&report, Language::Chinese).expect("is made"), "word/document.xml");
        assert!(document.contains("目录") && document.contains("TOC \\o"), "{document}");
        for number in 1..=4 {
            let name = bookmark(number);
            assert!(document.contains(&format!("w:anchor=\"{name}\"")), "{name}: {document}");
            assert!(document.contains(&format!("w:name=\"{name}\"")), "{name}: {document}");
        }
        assert_eq!(document.matches("方案一 &lt;甲&gt;").count(), 2, "{document}");
    }

    #[test]
    fn one_report_gives_one_file() {
        let first = write(&report(), Language::Chinese).expect("is made");
        assert!(first == write(&report(), Language::Chinese).expect("is made"));
    }
}
