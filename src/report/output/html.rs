//! Reports as one HTML page that needs nothing beside itself: pictures are SVG within it, the one script sorts tables by
//! the heading that is clicked, and a policy in its head keeps the page from reaching out. Printed, each table begins with
//! its heading on every sheet, and no row, picture or heading is torn from what belongs to it.

use std::fmt::Write as _;

use super::captions::Captions;
use super::headings::heading_rows;
use crate::report::figure::in_short;
use crate::report::table::{ColumnKind, Figure};
use crate::report::{Part, Report, Table};
use crate::text::{Language, tr};

/// Columns from which on a table is printed across.
const WIDE: usize = 10;

const STYLE: &str = "\
:root{--ink:#17202b;--muted:#5c6775;--line:#d5dae0;--sunk:#f3f5f7}\
*{box-sizing:border-box}\
body{margin:0;background:#fff;color:var(--ink);font:15px/1.6 'Noto Sans SC','Source Han Sans SC','Microsoft YaHei',\
'PingFang SC','WenQuanYi Micro Hei',SimHei,sans-serif}\
main{max-width:64rem;margin:0 auto;padding:2rem 1.5rem}\
h1{font-size:1.9rem;line-height:1.3;margin:0 0 .5rem;border-bottom:2px solid var(--ink);padding-bottom:.5rem}\
h2{font-size:1.3rem;margin:2rem 0 .5rem}h3{font-size:1.05rem;margin:1.2rem 0 .4rem}\
p{margin:.4rem 0;white-space:pre-line}\
.date{color:var(--muted)}\
figure{margin:1.2rem 0}\
figcaption{font-weight:600;margin-bottom:.3rem}\
figure.picture figcaption{margin:.3rem 0 0;text-align:center}\
figure.picture svg{display:block;max-width:100%;height:auto;margin:0 auto}\
.scroll{overflow-x:auto}\
table{border-collapse:collapse;width:100%;font-size:.86rem;font-variant-numeric:tabular-nums}\
thead th{border-top:2px solid var(--ink);border-bottom:1px solid var(--ink);cursor:pointer;vertical-align:bottom;\
background:#fff}\
thead th[aria-sort=ascending]::after{content:' ▲';font-size:.7em}\
thead th[aria-sort=descending]::after{content:' ▼';font-size:.7em}\
th,td{padding:.22rem .5rem;text-align:left;border-bottom:1px solid var(--line)}\
.n{text-align:right;white-space:nowrap}\
tfoot td{font-weight:600;border-top:1px solid var(--ink);border-bottom:2px solid var(--ink)}\
.note{color:var(--muted);font-size:.8rem;margin:.15rem 0}\
td[title]{cursor:help}\
details.why{font-size:.8rem;color:var(--muted);margin:.3rem 0}details.why summary{cursor:pointer}\
details.why dt{font-weight:600;margin-top:.3rem}details.why dd{margin:0 0 0 1.2rem}\
@page{size:A4;margin:18mm 16mm}@page wide{size:A4 landscape;margin:14mm}\
@media print{body{font-size:10.5pt}main{max-width:none;padding:0}.scroll{overflow:visible}\
details.why:not([open]){display:none}\
table{font-size:8pt}.wide{page:wide}.wide table{font-size:7pt}thead{display:table-header-group}tfoot{display:table-row-group}\
tr,figure.picture{break-inside:avoid}h1,h2,h3,figcaption{break-after:avoid}thead th::after{content:none!important}}";

/// Sorts a table by the column that is clicked: numbers by their value, words by the reader's language; a third click gives
/// the order of the report back.
const SCRIPT: &str = "\
document.querySelectorAll('table').forEach(function(t){var b=t.tBodies[0],first=Array.from(b.rows);\
t.querySelectorAll('thead th[data-c]').forEach(function(h){var c=+h.dataset.c;h.tabIndex=0;function sort(){\
var now=h.getAttribute('aria-sort'),next=now==='ascending'?'descending':now==='descending'?null:'ascending';\
t.querySelectorAll('thead th').forEach(function(o){o.removeAttribute('aria-sort')});\
var rows=first.slice();if(next){h.setAttribute('aria-sort',next);var s=next==='ascending'?1:-1;\
rows.sort(function(a,d){var x=a.cells[c],y=d.cells[c],v=x.dataset.v,w=y.dataset.v;\
if(v!==undefined&&w!==undefined)return s*(v-w);if(v!==undefined)return -1;if(w!==undefined)return 1;\
return s*x.textContent.localeCompare(y.textContent,document.documentElement.lang)})}\
rows.forEach(function(r){b.appendChild(r)})}\
h.addEventListener('click',sort);h.addEventListener('keydown',function(e){if(e.key==='Enter')sort()})})})";

/// The page.
pub(super) fn write(report: &Report, language: Language) -> String {
    let heading = report.parts.iter().find_map(|part| match part {
        Part::Heading(1, text) => Some(text.as_str()),
        Part::Table(table) if !table.title.is_empty() => Some(table.title.as_str()),
        _ => None,
    });
    let named = Some(report.title.as_str()).filter(|title| !title.is_empty());
    let title = named.or(heading).unwrap_or_else(|| tr(language, "ui.name"));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n",
        language.tag(),
        escaped(title)
    );
    if named.is_some() {
        let _ = writeln!(out, "<h1>{}</h1>", escaped(title)); // memory does not fail
    }
    if !report.date.is_empty() {
        let _ = writeln!(out, "<p class=\"date\">{}</p>", escaped(&report.date));
    }
    let mut captions = Captions::new(language);
    for part in &report.parts {
        match part {
            Part::Line(text) if text.trim().is_empty() => {}
            Part::Line(text) => {
                let _ = writeln!(out, "<p>{}</p>", escaped(text));
            }
            Part::Gap => {}
            Part::Heading(level, text) => {
                let level = (*level).clamp(1, 6);
                let _ = writeln!(out, "<h{level}>{}</h{level}>", escaped(text));
            }
            Part::Table(table) => push_table(&mut out, table, &mut captions, language),
            Part::Picture(picture) => {
                let caption = captions.picture(&picture.caption);
                let _ = writeln!(
                    out,
                    "<figure class=\"picture\" role=\"img\" aria-label=\"{0}\">\n{1}<figcaption>{0}</figcaption>\n</figure>",
                    escaped(&caption),
                    picture.drawing.svg()
                );
            }
        }
    }
    let _ = write!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

fn push_table(out: &mut String, table: &Table, captions: &mut Captions, language: Language) {
    let figures = table.figures();
    let caption = captions.table(&table.title);
    // Many columns are printed across the page.
    let class = if table.columns.len() > WIDE { " class=\"wide\"" } else { "" };
    let _ = write!(out, "<figure{class}>\n<figcaption>{}</figcaption>\n", escaped(&caption));
    out.push_str("<div class=\"scroll\"><table>\n<thead>");
    push_headings(out, table, language);
    out.push_str("</thead>\n<tbody>\n");
    for (at, row) in figures.rows.iter().enumerate() {
        if at == table.rows.len() {
            out.push_str("</tbody>\n<tfoot>\n");
        }
        out.push_str("<tr>");
        for (column, figure) in row.iter().enumerate() {
            match figure {
                Figure::Number(value) if value.is_finite() => {
                    let plain = figures.plain(at, column);
                    let why = table.figure(&figures, at, column).map(|figure| in_short(&figure, language));
                    let why = why.map_or_else(String::new, |why| format!(" title=\"{}\"", escaped(&why)));
                    let shown = escaped(&figures.shown(at, column));
                    let _ = write!(out, "<td class=\"n\" data-v=\"{plain}\"{why}>{shown}</td>");
                }
                Figure::Number(_) | Figure::Empty if table.columns[column].kind != ColumnKind::Text => {
                    let _ = write!(out, "<td class=\"n\">{}</td>", escaped(&figures.shown(at, column)));
                }
                _ => {
                    let _ = write!(out, "<td>{}</td>", escaped(&figures.shown(at, column)));
                }
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str(if table.total.is_some() { "</tfoot>\n</table></div>\n" } else { "</tbody>\n</table></div>\n" });
    for note in table.all_notes(&figures, language) {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", escaped(&note));
    }
    push_why(out, table, language);
    out.push_str("</figure>\n");
}

/// The headings, a row a level: columns that stand under one heading share its cell.
fn push_headings(out: &mut String, table: &Table, language: Language) {
    let levels = heading_rows(table, language);
    for row in levels {
        out.push_str("<tr>");
        for heading in row {
            let is_text = table.columns[heading.column].kind == ColumnKind::Text;
            let class = if is_text || heading.across > 1 { "" } else { " class=\"n\"" };
            let span = |name: &str, count: usize| match count {
                0 | 1 => String::new(),
                count => format!(" {name}=\"{count}\""),
            };
            let scope = if heading.across > 1 { "colgroup" } else { "col" };
            let (across, down) = (span("colspan", heading.across), span("rowspan", heading.down));
            let sorts = if heading.is_last { format!(" data-c=\"{}\"", heading.column) } else { String::new() };
            let text = escaped(&heading.text);
            let _ = write!(out, "<th scope=\"{scope}\"{class}{across}{down}{sorts}>{text}</th>");
        }
        out.push_str("</tr>");
    }
}

/// How the figures of each column come about, folded away.
fn push_why(out: &mut String, table: &Table, language: Language) {
    let mut said: Vec<(String, String)> = Vec::new();
    for column in &table.columns {
        let Some(formula) = &column.formula else { continue };
        let formula = formula.text(language);
        match said.last_mut() {
            // The classes of a matrix come about alike: said once.
            Some((headings, last)) if *last == formula => {
                if !headings.ends_with('…') {
                    headings.push('…');
                }
            }
            _ => said.push((column.heading(language), formula)),
        }
    }
    if said.is_empty() {
        return;
    }
    let _ = write!(out, "<details class=\"why\"><summary>{}</summary><dl>", escaped(tr(language, "why.these")));
    for (heading, formula) in said {
        let _ = write!(out, "<dt>{}</dt><dd>{}</dd>", escaped(&heading), escaped(&formula));
    }
    let _ = writeln!(out, "</dl><p>{}</p></details>", escaped(tr(language, "why.rule")));
}

/// Text of a page and of its attributes; control characters, which no page may hold, are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::style::Color;
    use crate::render::drawing::Drawing;
    use crate::report::{Cell, Column, Picture};

    #[test]
    fn a_page_holds_everything_and_nothing_of_a_file_becomes_markup() {
        let mut table = Table {
            title: "表 <b>".to_owned(),
            columns: vec![Column::new("key", "地类", ColumnKind::Text), Column::new("n", "个数", ColumnKind::Count)],
            rows: vec![
                vec![Cell::from("<script>alert('x')</script>\u{7}"), Cell::Count(1234)],
                vec![Cell::from("0101"), Cell::Count(2)],
            ],
            notes: vec!["注 & 说明".to_owned()],
            ..Table::default()
        };
        table.add_total("合计");
        let picture = Picture { caption: "图\"".to_owned(), drawing: Drawing::new([40.0, 20.0], Color::WHITE) };
        let report = Report {
            title: "比选 <报告>".to_owned(),
            date: "2026-06-18".to_owned(),
            parts: vec![Part::Heading(2, "概要".to_owned()), Part::Table(table), Part::Picture(picture)],
            ..Report::default()
        };
        let page = write(&report, Language::Chinese);
        assert_eq!(page.matches("<script>").count(), 1, "the page's own");
        assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</td>"), "{page}");
        assert!(page.contains("<td class=\"n\" data-v=\"1234\">1,234</td>"), "{page}");
        assert!(page.contains("<tfoot>") && page.contains("1,236") && page.contains("注 &amp; 说明"));
        assert!(page.contains("表 1") && page.contains("图 1") && page.contains("<svg"));
        for outward in ["http://", "https://", "src=", "@import", "url("] {
            let found = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!found.contains(outward), "{outward}");
        }
        let order = ["<h1>", "<h2>", "<thead>", "<tbody>", "<tfoot>", "</table>", "<svg", "</main>"];
        let places: Vec<usize> = order.iter().map(|tag| page.find(tag).unwrap_or(usize::MAX)).collect();
        assert!(places.is_sorted(), "{places:?}");
    }
}
