//! Which formulas of a workbook have to be worked out anew once cells of it are filled, and the word to whoever opens it
//! that this is wanted.
//!
//! A sheet is stale where one of its cells was filled, or where a formula of it may look at a stale sheet: it names the
//! sheet, or it names what may lie anywhere (a defined name, a table, a text that becomes an address). Formulas that only
//! look at their own sheet keep their results where that is not stale.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};

use super::{FillError, place, read, reader, unescaped};

pub(super) const WORKBOOK: &str = "xl/workbook.xml";
pub(super) const LINKS: &str = "xl/_rels/workbook.xml.rels";
/// Functions whose arguments become addresses.
const ANYWHERE: [&str; 2] = ["INDIRECT(", "OFFSET("];
/// What may stand before the settings of working out, the last first.
const BEFORE: [&str; 4] = ["definedNames", "externalReferences", "functionGroups", "sheets"];

/// A sheet with formulas, or one that was filled.
pub(super) struct Sheet<'a> {
    /// Its name in the workbook; empty where that is not known.
    pub(super) title: String,
    pub(super) is_filled: bool,
    pub(super) formulas: &'a [String],
}

/// Which of the sheets have results that may be of the values of before.
pub(super) fn stale(sheets: &[Sheet<'_>], defined: &[String]) -> Vec<bool> {
    let mut stale: Vec<bool> = sheets.iter().map(|sheet| sheet.is_filled).collect();
    loop {
        let titles: Vec<&str> =
            sheets.iter().zip(&stale).filter(|(_, stale)| **stale).map(|(sheet, _)| sheet.title.as_str()).collect();
        let is_reached = |sheet: &Sheet<'_>| sheet.formulas.iter().any(|formula| looks_at(formula, &titles, defined));
        let more: Vec<usize> = (0..sheets.len()).filter(|at| !stale[*at] && is_reached(&sheets[*at])).collect();
        if more.is_empty() {
            return stale;
        }
        more.into_iter().for_each(|at| stale[at] = true);
    }
}

/// Whether a formula may look at one of the sheets of these names.
fn looks_at(formula: &str, titles: &[&str], defined: &[String]) -> bool {
    let upper = formula.to_uppercase();
    if formula.contains('[') || ANYWHERE.iter().any(|word| upper.contains(word)) {
        return true;
    }
    if defined.iter().any(|name| upper.contains(&name.to_uppercase())) {
        return true;
    }
    // `Sheet1:Sheet3!A1` looks at all sheets between.
    let spans = formula.match_indices('!').any(|(at, _)| {
        let before = formula[..at].trim_end_matches('\'');
        let name = before.rfind(|c: char| "+-*/^&=<>(),; ".contains(c)).map_or(before, |from| &before[from + 1..]);
        name.contains(':')
    });
    spans
        || titles.iter().any(|title| {
            let quoted = format!("'{}'!", title.replace('\'', "''"));
            title.is_empty() || formula.contains(&quoted) || formula.contains(&format!("{title}!"))
        })
}

/// The names of the sheets by their parts.
///
/// # Errors
/// [`FillError::NotAWorkbook`] for what is no XML.
pub(super) fn sheet_titles(book: &str, links: &str) -> Result<BTreeMap<String, String>, FillError> {
    let mut targets: BTreeMap<String, String> = BTreeMap::new();
    for_each_tag(links, &mut |tag| {
        if tag.local_name().as_ref() == "Relationship"
            && let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target"))
        {
            let part = match target.strip_prefix('/') {
                Some(whole) => whole.to_owned(),
                None => format!("xl/{target}"),
            };
            targets.insert(id, part);
        }
    })?;
    let mut titles = BTreeMap::new();
    for_each_tag(book, &mut |tag| {
        if tag.local_name().as_ref() == "sheet"
            && let (Some(title), Some(id)) = (attribute(tag, "name"), attribute(tag, "id"))
            && let Some(part) = targets.get(&id)
        {
            titles.insert(part.clone(), title);
        }
    })?;
    Ok(titles)
}

/// The names that the workbook gives to ranges and values.
///
/// # Errors
/// [`FillError::NotAWorkbook`] for what is no XML.
pub(super) fn defined_names(book: &str) -> Result<Vec<String>, FillError> {
    let mut names = Vec::new();
    for_each_tag(book, &mut |tag| {
        if tag.local_name().as_ref() == "definedName" {
            // Areas to be printed and the like are no names that formulas use.
            names.extend(attribute(tag, "name").filter(|name| !name.starts_with("_xlnm.")));
        }
    })?;
    Ok(names)
}

/// The workbook with the wish that everything is worked out when it is opened.
///
/// # Errors
/// [`FillError::NotAWorkbook`] for what is no XML.
pub(super) fn asked_for(book: &str) -> Result<String, FillError> {
    const WISH: &str = " fullCalcOnLoad=\"1\"";
    let mut reader = reader(book);
    // Where settings can be put: behind the last of what stands before them.
    let mut ends: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    loop {
        let before = place(&reader, book);
        let event = read(&mut reader)?;
        let after = place(&reader, book);
        match event {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "calcPr" => {
                let written = &book[before..after];
                if attribute(&tag, "fullCalcOnLoad").is_some_and(|wish| wish == "1" || wish == "true") {
                    return Ok(book.to_owned());
                }
                let written = written.replace(" fullCalcOnLoad=\"0\"", "").replace(" fullCalcOnLoad=\"false\"", "");
                let end = if written.ends_with("/>") { "/>" } else { ">" };
                let open = written.trim_end_matches(end).trim_end();
                return Ok(format!("{}{open}{WISH}{end}{}", &book[..before], &book[after..]));
            }
            Event::End(tag) => {
                if let Some(name) = BEFORE.iter().find(|name| tag.local_name().as_ref() == **name) {
                    let prefix = book[before..after].trim_start_matches("</").trim_end_matches('>').trim();
                    let prefix = prefix.strip_suffix(*name).unwrap_or_default().to_owned();
                    ends.insert(*name, (after, prefix));
                }
            }
            _ => {}
        }
    }
    Ok(match BEFORE.iter().find_map(|name| ends.get(name)) {
        Some((at, prefix)) => format!("{}<{prefix}calcPr{WISH}/>{}", &book[..*at], &book[*at..]),
        None => book.to_owned(),
    })
}

fn for_each_tag(text: &str, with: &mut dyn FnMut(&BytesStart<'_>)) -> Result<(), FillError> {
    let mut reader = reader(text);
    loop {
        match read(&mut reader)? {
            Event::Eof => return Ok(()),
            Event::Start(tag) | Event::Empty(tag) => with(&tag),
            _ => {}
        }
    }
}

/// An attribute by its name without a prefix.
fn attribute(tag: &BytesStart<'_>, wanted: &str) -> Option<String> {
    tag.attributes().flatten().find_map(|attribute| {
        let name = attribute.key.local_name();
        let value: &str = &attribute.value;
        (name.as_ref() == wanted).then(|| unescaped(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_look_at_the_sheets_that_they_name() {
        let check = |formula: &str, expected: bool| {
            assert_eq!(looks_at(formula, &["填报", "汇总 表"], &["合计".to_owned()]), expected, "{formula}");
        };
        check("A1+B2", false);
        check("SUM(A1:A9)", false);
        check("填报!A1", true);
        check("'汇总 表'!A1*2", true);
        check("别处!A1", false);
        check("SUM(首页:末页!A1)", true);
        check("合计*2", true);
        check("INDIRECT(\"A\"&1)", true);
        check("表1[面积]", true);
    }

    #[test]
    fn the_wish_stands_where_the_standard_has_it() {
        let check = |book: &str, expected: &str| assert_eq!(asked_for(book).expect("XML"), expected);
        check("<workbook><sheets/></workbook>", "<workbook><sheets/></workbook>");
        check(
            "<workbook><sheets><sheet/></sheets><extLst/></workbook>",
            "<workbook><sheets><sheet/></sheets><calcPr fullCalcOnLoad=\"1\"/><extLst/></workbook>",
        );
        check(
            "<x:workbook><x:sheets></x:sheets><x:definedNames></x:definedNames></x:workbook>",
            "<x:workbook><x:sheets></x:sheets><x:definedNames></x:definedNames><x:calcPr fullCalcOnLoad=\"1\"/></x:workbook>",
        );
        check(
            "<workbook><calcPr calcId=\"1\" fullCalcOnLoad=\"0\"/></workbook>",
            "<workbook><calcPr calcId=\"1\" fullCalcOnLoad=\"1\"/></workbook>",
        );
        let asked = "<workbook><calcPr fullCalcOnLoad=\"1\"/></workbook>";
        check(asked, asked);
    }
}
