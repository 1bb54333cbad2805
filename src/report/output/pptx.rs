//! Reports as PPTX for meetings: a slide for the title, for what is said, for each picture and for each table of figures,
//! tables as tables that can be edited. Long tables show their first rows and their total: the workbook has them whole.
//!
//! No library that is kept writes presentations, so the parts are written here, as few as PowerPoint, WPS and LibreOffice
//! ask for (`frame`). No clock is in them: one report gives one file.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use self::frame::{BODY, HEAD, MARGIN, SLIDE, SPACES, TREE};
use super::OutputError;
use super::captions::Captions;
use crate::io::xml_escaped;
use crate::render::lettering::Typeface;
use crate::report::table::{ColumnKind, Figures};
use crate::report::{Part, Report, Table, display_width};
use crate::text::{Language, Message, tr};

mod frame;

/// Rows of a table that a slide shows beside heading and total.
const MOST_ROWS: usize = 20;
/// Columns that have room beside each other.
const MOST_COLUMNS: usize = 9;
/// Lines of text on a slide.
const MOST_LINES: usize = 12;
/// Height of a row of a table, and of one where a slide is full of them.
const ROW: u32 = 305_000;
const LEAST_ROW: u32 = 232_000;
/// Notes below a table.
const MOST_NOTES: usize = 2;

/// A slide: its shapes, and the picture on it.
struct Slide {
    shapes: String,
    picture: Option<Vec<u8>>,
    is_cover: bool,
}

pub(super) fn write(report: &Report, language: Language) -> Result<Vec<u8>, OutputError> {
    let slides = slides(report, language);
    let failed = |error: &dyn std::fmt::Display| OutputError::Pptx(error.to_string());
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, bytes: &[u8]| -> Result<(), OutputError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        out.start_file(name, options).map_err(|error| failed(&error))?;
        out.write_all(bytes).map_err(|error| failed(&error))
    };
    let links = frame::relationships;
    let day = if report.date.is_empty() { "1980-01-01" } else { report.date.as_str() };
    let author = escaped(tr(language, "ui.name"));
    add("[Content_Types].xml", frame::content_types(slides.len()).as_bytes())?;
    let top = [
        ("officeDocument", "ppt/presentation.xml".to_owned()),
        ("core", "docProps/core.xml".to_owned()),
        ("extended-properties", "docProps/app.xml".to_owned()),
    ];
    add("_rels/.rels", links(&top).as_bytes())?;
    add("docProps/core.xml", frame::core_properties(&escaped(&report.title), &author, &escaped(day)).as_bytes())?;
    add("docProps/app.xml", frame::app_properties(slides.len()).as_bytes())?;
    add("ppt/presentation.xml", frame::presentation(slides.len()).as_bytes())?;
    let mut of_presentation = vec![("slideMaster", "slideMasters/slideMaster1.xml".to_owned())];
    of_presentation.extend((1..=slides.len()).map(|nth| ("slide", format!("slides/slide{nth}.xml"))));
    let settings = ["presProps", "viewProps", "tableStyles"].map(|name| (name, format!("{name}.xml")));
    of_presentation.extend(settings);
    of_presentation.push(("theme", "theme/theme1.xml".to_owned()));
    add("ppt/_rels/presentation.xml.rels", links(&of_presentation).as_bytes())?;
    for (name, text) in frame::settings() {
        add(name, text.as_bytes())?;
    }
    add("ppt/theme/theme1.xml", frame::theme().as_bytes())?;
    add("ppt/slideMasters/slideMaster1.xml", frame::master().as_bytes())?;
    let of_master = [
        ("slideLayout", "../slideLayouts/slideLayout1.xml".to_owned()),
        ("slideLayout", "../slideLayouts/slideLayout2.xml".to_owned()),
        ("theme", "../theme/theme1.xml".to_owned()),
    ];
    add("ppt/slideMasters/_rels/slideMaster1.xml.rels", links(&of_master).as_bytes())?;
    let of_layout = [("slideMaster", "../slideMasters/slideMaster1.xml".to_owned())];
    for (nth, layout) in frame::layouts().iter().enumerate() {
        add(&format!("ppt/slideLayouts/slideLayout{}.xml", nth + 1), layout.as_bytes())?;
        add(&format!("ppt/slideLayouts/_rels/slideLayout{}.xml.rels", nth + 1), links(&of_layout).as_bytes())?;
    }
    let mut pictures = 0;
    for (nth, slide) in slides.iter().enumerate() {
        let layout = if slide.is_cover { 1 } else { 2 };
        let mut of_slide = vec![("slideLayout", format!("../slideLayouts/slideLayout{layout}.xml"))];
        if let Some(png) = &slide.picture {
            pictures += 1;
            add(&format!("ppt/media/image{pictures}.png"), png)?;
            of_slide.push(("image", format!("../media/image{pictures}.png")));
        }
        let text = format!(
            "{HEAD}<p:sld {SPACES}><p:cSld><p:spTree>{TREE}{}</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/>\
             </p:clrMapOvr></p:sld>",
            slide.shapes
        );
        add(&format!("ppt/slides/slide{}.xml", nth + 1), text.as_bytes())?;
        add(&format!("ppt/slides/_rels/slide{}.xml.rels", nth + 1), links(&of_slide).as_bytes())?;
    }
    Ok(out.finish().map_err(|error| failed(&error))?.into_inner())
}

/// The slides, in the order of the report.
fn slides(report: &Report, language: Language) -> Vec<Slide> {
    let typeface = Typeface::bundled();
    let mut captions = Captions::new(language);
    let mut said: Vec<String> = Vec::new();
    let mut parts = report.parts.iter().peekable();
    // What stands before the first heading belongs to the title.
    let mut below: Vec<String> = Vec::new();
    while let Some(Part::Line(_) | Part::Gap) = parts.peek() {
        if let Some(Part::Line(text)) = parts.next() {
            below.push(text.clone());
        }
    }
    if !report.date.is_empty() {
        below.push(report.date.clone());
    }
    let title = if report.title.is_empty() { tr(language, "ui.name") } else { report.title.as_str() };
    let shapes = [
        text_shape(2, "type=\"ctrTitle\"", &[title.to_owned()], language),
        text_shape(3, "type=\"subTitle\" idx=\"1\"", &below, language),
    ];
    let mut slides = vec![Slide { shapes: shapes.concat(), picture: None, is_cover: true }];
    let (mut chapter, mut section) = (String::new(), String::new());
    let heading = |chapter: &str, section: &str| match (chapter, section) {
        (chapter, "") => chapter.to_owned(),
        ("", section) => section.to_owned(),
        (chapter, section) => format!("{chapter} · {section}"),
    };
    for part in parts {
        if !matches!(part, Part::Line(_) | Part::Gap) {
            add_text(&mut slides, &heading(&chapter, &section), &mut said, language);
        }
        match part {
            Part::Line(text) if !text.trim().is_empty() => said.push(text.clone()),
            Part::Line(_) | Part::Gap => {}
            Part::Heading(1, text) => (chapter, section) = (text.clone(), String::new()),
            Part::Heading(_, text) => section.clone_from(text),
            Part::Picture(picture) => {
                let caption = captions.picture(&picture.caption);
                slides.extend(picture.pixels(&typeface).map(|pixels| picture_slide(&caption, pixels, language)));
            }
            Part::Table(table) => {
                let caption = captions.table(&table.title);
                if is_headline(table) {
                    slides.push(table_slide(&caption, table, language));
                }
            }
        }
    }
    add_text(&mut slides, &heading(&chapter, &section), &mut said, language);
    slides
}

/// Whether a table has figures that a meeting looks at: more than texts and counts, or how rules stand.
fn is_headline(table: &Table) -> bool {
    let has_figures = table.columns.iter().any(|of| !matches!(of.kind, ColumnKind::Text | ColumnKind::Count));
    let is_of_rules = table.columns.first().is_some_and(|of| of.key == "light");
    !table.rows.is_empty() && (has_figures || is_of_rules)
}

/// Slides of what was said since the last of another kind.
fn add_text(slides: &mut Vec<Slide>, title: &str, said: &mut Vec<String>, language: Language) {
    let lines = std::mem::take(said);
    for lines in lines.chunks(MOST_LINES) {
        let shapes = [title_shape(title, language), free_text(3, BODY, lines, 1600, language)];
        slides.push(Slide { shapes: shapes.concat(), picture: None, is_cover: false });
    }
}

fn picture_slide(caption: &str, pixels: crate::report::picture::Pixels, language: Language) -> Slide {
    let (x, y, cx, cy) = BODY;
    let [width, height] = pixels.size.map(|side| f64::from(side.max(1)));
    let scale = (f64::from(cx) / width).min(f64::from(cy) / height);
    let (wide, high) = ((width * scale) as u32, (height * scale) as u32);
    let (left, top) = (x + (cx - wide.min(cx)) / 2, y + (cy - high.min(cy)) / 2);
    let shape = format!(
        "<p:pic><p:nvPicPr><p:cNvPr id=\"4\" name=\"Picture 3\" descr=\"{}\"/><p:cNvPicPr><a:picLocks noChangeAspect=\"1\"/>\
         </p:cNvPicPr><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed=\"rId2\"/><a:stretch><a:fillRect/></a:stretch>\
         </p:blipFill><p:spPr><a:xfrm><a:off x=\"{left}\" y=\"{top}\"/><a:ext cx=\"{wide}\" cy=\"{high}\"/></a:xfrm>\
         <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></p:spPr></p:pic>",
        escaped(caption)
    );
    Slide { shapes: title_shape(caption, language) + &shape, picture: Some(pixels.png), is_cover: false }
}

fn table_slide(caption: &str, table: &Table, language: Language) -> Slide {
    let figures = table.figures();
    let columns: Vec<usize> = (0..table.columns.len().min(MOST_COLUMNS)).collect();
    let (rows, all) = (table.rows.len(), figures.rows.len());
    let shown: Vec<usize> = (0..rows.min(MOST_ROWS)).chain(rows..all).collect();
    let mut notes: Vec<String> = Vec::new();
    if table.columns.len() > MOST_COLUMNS {
        let left_out = table.columns.len() - MOST_COLUMNS;
        notes.push(Message::new("report.columns-left-out").with("n", left_out).text(language));
    }
    let others = table.notes_where(rows.saturating_sub(MOST_ROWS), &figures, language);
    notes.extend(others.into_iter().take(MOST_NOTES));
    let height = row_height(shown.len()) * (shown.len() as u32 + 1);
    let below = (MARGIN, BODY.1 + height + 60_000, BODY.2, SLIDE.1.saturating_sub(BODY.1 + height + 120_000));
    let mut shapes = title_shape(caption, language);
    shapes.push_str(&grid(table, &figures, &shown, &columns, language));
    if !notes.is_empty() {
        shapes.push_str(&free_text(5, below, &notes, 1000, language));
    }
    Slide { shapes, picture: None, is_cover: false }
}

/// How high each of so many rows and the heading are.
fn row_height(rows: usize) -> u32 {
    (BODY.3 / (rows as u32 + 1)).clamp(LEAST_ROW, ROW)
}

/// A table that can be edited.
fn grid(table: &Table, figures: &Figures, rows: &[usize], columns: &[usize], language: Language) -> String {
    let headings: Vec<String> = table.columns.iter().map(|column| column.heading(language)).collect();
    let wanted = columns.iter().map(|column| {
        let cells = rows.iter().map(|row| display_width(&figures.shown(*row, *column)));
        cells.chain([display_width(&headings[*column]).div_ceil(2)]).max().unwrap_or(1).clamp(4, 36) as u32 + 2
    });
    let wanted: Vec<u32> = wanted.collect();
    let whole: u32 = wanted.iter().sum::<u32>().max(1);
    let widths: Vec<u32> =
        wanted.iter().map(|width| (u64::from(*width) * u64::from(BODY.2) / u64::from(whole)) as u32).collect();
    let cell = |text: &str, column: usize, bold: bool, is_head: bool| {
        let align = if table.columns[column].kind == ColumnKind::Text { "l" } else { "r" };
        let weight = if bold { " b=\"1\"" } else { "" };
        let fill = if is_head { "<a:solidFill><a:schemeClr val=\"bg2\"/></a:solidFill>" } else { "<a:noFill/>" };
        let line = "<a:lnB w=\"6350\"><a:solidFill><a:srgbClr val=\"C8CED6\"/></a:solidFill></a:lnB>";
        format!(
            "<a:tc><a:txBody><a:bodyPr/><a:lstStyle/><a:p><a:pPr algn=\"{align}\"/>{}</a:p></a:txBody><a:tcPr marL=\"50000\" \
             marR=\"50000\" marT=\"20000\" marB=\"20000\" anchor=\"ctr\">{line}{fill}</a:tcPr></a:tc>",
            run(text, &format!("sz=\"1050\"{weight}"), language)
        )
    };
    let height = row_height(rows.len());
    let row = |cells: String| format!("<a:tr h=\"{height}\">{cells}</a:tr>");
    let mut body = row(columns.iter().map(|column| cell(&headings[*column], *column, true, true)).collect());
    for at in rows {
        let is_total = *at >= table.rows.len();
        let cells = columns.iter().map(|column| cell(&figures.shown(*at, *column), *column, is_total, false));
        body.push_str(&row(cells.collect()));
    }
    let grid: String = widths.iter().map(|width| format!("<a:gridCol w=\"{width}\"/>")).collect();
    format!(
        "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id=\"4\" name=\"Table 3\"/><p:cNvGraphicFramePr>\
         <a:graphicFrameLocks noGrp=\"1\"/></p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x=\"{}\" y=\"{}\"/>\
         <a:ext cx=\"{}\" cy=\"{}\"/></p:xfrm><a:graphic><a:graphicData \
         uri=\"http://schemas.openxmlformats.org/drawingml/2006/table\"><a:tbl><a:tblPr firstRow=\"1\"/><a:tblGrid>{grid}\
         </a:tblGrid>{body}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>",
        BODY.0,
        BODY.1,
        widths.iter().sum::<u32>(),
        height * (rows.len() as u32 + 1)
    )
}

fn title_shape(title: &str, language: Language) -> String {
    text_shape(2, "type=\"title\"", &[title.to_owned()], language)
}

/// A place of the layout, filled.
fn text_shape(id: u32, place: &str, lines: &[String], language: Language) -> String {
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"Text {}\"/><p:cNvSpPr><a:spLocks noGrp=\"1\"/></p:cNvSpPr><p:nvPr>\
         <p:ph {place}/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/>{}</p:txBody></p:sp>",
        id - 1,
        paragraphs(lines, "", language)
    )
}

/// Text where the layout has no place for it.
fn free_text(id: u32, at: (u32, u32, u32, u32), lines: &[String], size: u32, language: Language) -> String {
    let (x, y, cx, cy) = at;
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"Text {}\"/><p:cNvSpPr txBox=\"1\"/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm>\
         <a:off x=\"{x}\" y=\"{y}\"/><a:ext cx=\"{cx}\" cy=\"{cy}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom>\
         <a:noFill/></p:spPr><p:txBody><a:bodyPr wrap=\"square\"><a:normAutofit/></a:bodyPr><a:lstStyle/>{}</p:txBody></p:sp>",
        id - 1,
        paragraphs(lines, &format!("sz=\"{size}\""), language)
    )
}

fn paragraphs(lines: &[String], look: &str, language: Language) -> String {
    if lines.is_empty() {
        return format!("<a:p><a:endParaRPr lang=\"{}\"/></a:p>", language.tag());
    }
    let before = "<a:spcBef><a:spcPts val=\"500\"/></a:spcBef>";
    let paragraph = |line: &String| format!("<a:p><a:pPr>{before}</a:pPr>{}</a:p>", run(line, look, language));
    lines.iter().map(paragraph).collect()
}

fn run(text: &str, look: &str, language: Language) -> String {
    let look = if look.is_empty() { String::new() } else { format!(" {look}") };
    if text.is_empty() {
        return format!("<a:endParaRPr lang=\"{}\"{look}/>", language.tag());
    }
    let text = escaped(text);
    format!("<a:r><a:rPr lang=\"{}\"{look}/><a:t>{text}</a:t></a:r>", language.tag())
}

/// Text without what no XML may hold; lines of one cell become one.
fn escaped(text: &str) -> String {
    xml_escaped(&text.replace('\r', "").replace(['\n', '\t'], " "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read;

    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;
    use crate::model::style::Color;
    use crate::render::drawing::Drawing;
    use crate::report::{Cell, Column, Picture};
    use crate::units::{Area, AreaUnit};

    fn report(row_count: usize) -> Report {
        let mut table = Table {
            title: "用地 <结构>".to_owned(),
            columns: vec![
                Column::new("key", "地类", ColumnKind::Text),
                Column::new("mu", "面积", ColumnKind::Area(AreaUnit::Mu)),
            ],
            rows: (0..row_count)
                .map(|row| vec![Cell::from(format!("0{row} & \u{1}水田")), Cell::from(Area::from_m2(2_000_000.0))])
                .collect(),
            notes: vec!["注".to_owned()],
            ..Table::default()
        };
        table.add_total("合计");
        let picture = Picture { caption: "变化图".to_owned(), drawing: Drawing::new([40.0, 20.0], Color::WHITE) };
        let words = Table {
            columns: vec![Column::new("file", "文件", ColumnKind::Text)],
            rows: vec![vec![Cell::from("a.shp")]],
            ..Table::default()
        };
        Report {
            title: "方案比选报告".to_owned(),
            date: "2026-06-18".to_owned(),
            parts: vec![
                Part::Line("某局".to_owned()),
                Part::Gap,
                Part::Heading(1, "1 概要".to_owned()),
                Part::Line("建设用地增加 \"3\" 亩".to_owned()),
                Part::Table(table),
                Part::Heading(1, "2 图件".to_owned()),
                Part::Picture(picture),
                Part::Table(words),
            ],
            ..Report::default()
        }
    }

    fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
        (0..archive.len())
            .map(|index| {
                let mut part = archive.by_index(index).expect("is there");
                let name = String::from_utf8_lossy(part.name_raw()).into_owned();
                let mut bytes = Vec::new();
                part.read_to_end(&mut bytes).expect("unpacks");
                (name, bytes)
            })
            .collect()
    }

    #[test]
    fn every_part_is_well_formed_and_every_target_is_there() {
        let parts = unpacked(&write(&report(3), Language::Chinese).expect("is made"));
        let types = String::from_utf8(parts["[Content_Types].xml"].clone()).expect("UTF-8");
        for (name, bytes) in parts.iter().filter(|(name, _)| !name.ends_with(".png")) {
            let text = std::str::from_utf8(bytes).expect("UTF-8");
            let mut reader = Reader::from_str(text);
            let mut depth = 0i32;
            loop {
                match reader.read_event().unwrap_or_else(|error| panic!("{name}: {error}")) {
                    Event::Start(_) => depth += 1,
                    Event::End(_) => depth -= 1,
                    Event::Eof => break,
                    _ => {}
                }
            }
            assert_eq!(depth, 0, "{name}");
            let is_named = types.contains(&format!("PartName=\"/{name}\""));
            assert!(is_named || name.ends_with(".rels") || name == "[Content_Types].xml", "{name} has no type");
        }
        for (name, bytes) in parts.iter().filter(|(name, _)| name.ends_with(".rels")) {
            let text = std::str::from_utf8(bytes).expect("UTF-8");
            let folder = name.replace("_rels/", "");
            let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
            for target in text.split("Target=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let mut path: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
                for step in target.split('/') {
                    if step == ".." {
                        path.pop();
                    } else {
                        path.push(step);
                    }
                }
                assert!(parts.contains_key(&path.join("/")), "{name}: {target}");
            }
        }
    }

    #[test]
    fn a_slide_each_for_title_text_table_and_picture() {
        let parts = unpacked(&write(&report(3), Language::Chinese).expect("is made"));
        let slide = |nth: usize| {
            parts.get(&format!("ppt/slides/slide{nth}.xml")).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        };
        let says = |nth: usize, wanted: &[&str]| {
            let text = slide(nth).unwrap_or_else(|| panic!("slide {nth}"));
            wanted.iter().for_each(|wanted| assert!(text.contains(wanted), "{nth}: {wanted}: {text}"));
        };
        says(1, &["方案比选报告", "某局", "2026-06-18", "ctrTitle"]);
        says(2, &["1 概要", "建设用地增加 &quot;3&quot; 亩"]);
        says(3, &["用地 &lt;结构&gt;", "<a:tbl>", "00 &amp; 水田", "3,000.00", "合计"]);
        says(4, &["变化图", "r:embed=\"rId2\""]);
        // Tables of words alone are no slide.
        assert!(slide(5).is_none());
        assert!(parts.contains_key("ppt/media/image1.png"));
    }

    #[test]
    fn long_tables_keep_their_total_and_say_what_is_left_out() {
        let parts = unpacked(&write(&report(40), Language::Chinese).expect("is made"));
        let text = String::from_utf8_lossy(&parts["ppt/slides/slide3.xml"]).into_owned();
        assert_eq!(text.matches("<a:tr ").count(), MOST_ROWS + 2);
        assert!(text.contains("120,000.00") && text.contains("另有 20 行"), "{text}");
    }

    #[test]
    fn one_report_gives_one_file() {
        let made = || write(&report(3), Language::English).expect("is made");
        assert!(made() == made());
    }
}
