//! Rows that leave the table: to the clipboard, in the background where they are many, or to a CSV file where they are
//! more than clipboards hold.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui;

use crate::io;
use crate::report::{self, Cell, Column, ColumnKind, Table};
use crate::scenario::Entry;
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::table::TableCommand;
use crate::ui::session::order::Order;
use crate::ui::session::rows::Rows;
use crate::ui::work::attribute_area::AttributeArea;
use crate::ui::work::columns::{self, Columns, Content};
use crate::ui::work::save::{ask_target, ask_target_of, table_filters, write_layer, write_workbook};
use crate::units::format_number;

/// The table of `features` of a layer as it is copied: the columns that its table shows, attributes as they are.
pub fn rows_table(entry: &Entry, features: &[usize], language: Language) -> Table {
    let layer = &entry.layer;
    let columns = Columns::shown(entry, language);
    let mut table = Table { title: entry.title.clone(), ..Table::default() };
    for (content, heading) in columns.contents.iter().zip(&columns.headings) {
        let (title, kind) = match content {
            Content::Area(unit) => (crate::text::tr(language, "panels.area"), ColumnKind::Area(*unit)),
            Content::Difference(_) => (heading.title.as_str(), ColumnKind::Number(2)),
            Content::Number => (heading.title.as_str(), ColumnKind::Count),
            Content::Field(_) | Content::ClassName(_) => (heading.title.as_str(), ColumnKind::Text),
        };
        table.columns.push(Column::new(&heading.key, title, kind));
    }
    let areas = entry.areas.as_deref();
    table.rows = features
        .iter()
        .map(|feature| {
            let cell = |content: &Content| match *content {
                Content::Number => Cell::Count(layer.source_row(*feature) + 1),
                Content::Field(field) => match layer.value(*feature, field) {
                    crate::model::Value::Null => Cell::Empty,
                    value => Cell::Text(value.to_string()),
                },
                Content::ClassName(field) => {
                    let text = layer.value(*feature, field).to_string();
                    let name = columns::class_name(&layer.fields[field].name, &text, entry.scheme(), language);
                    name.map_or(Cell::Empty, Cell::from)
                }
                Content::Area(_) => columns::printed(areas, *feature).map_or(Cell::Empty, Cell::Area),
                Content::Difference(field) => {
                    let stated = AttributeArea::of_field(layer, field).area(layer, *feature);
                    let printed = columns::printed(areas, *feature);
                    stated.zip(printed).map_or(Cell::Empty, |(stated, area)| Cell::Number((stated - area).m2()))
                }
            };
            columns.contents.iter().map(cell).collect()
        })
        .collect();
    table
}

/// More rows than this are made in the background.
const AT_ONCE: usize = 4_000;

/// The most rows that go to the clipboard, and the most bytes: programs and systems keep several copies of it.
const MOST_ROWS: usize = 250_000;
const MOST_BYTES: usize = 96 << 20;

/// Rows that are made into text at a time.
const PART: usize = 2_048;

/// The rows of the current layer that leave it: those selected, all that the table shows where none is. They come in
/// the order of the table, selected ones that its filter hides last.
fn wanted(session: &Session) -> Option<(Entry, Vec<usize>)> {
    let entry = session.current()?;
    let order = session.project.orders.get(&entry.id()).cloned();
    let order = order.unwrap_or_else(|| Arc::new(Order::All(entry.layer.feature_count())));
    let shown = (0..order.len()).filter_map(|row| order.feature(row));
    let features: Vec<usize> = match session.project.selection.rows(entry.id()) {
        Some(rows) => {
            let mut features: Vec<usize> = shown.filter(|feature| rows.contains(*feature)).collect();
            if features.len() < rows.len() {
                let hidden = Rows::from_iter(features.iter().copied());
                features.extend(rows.iter().filter(|feature| !hidden.contains(*feature)));
            }
            features
        }
        None => shown.collect(),
    };
    Some((entry.clone(), features))
}

/// Puts them on the clipboard, with a header and tabs between cells.
pub fn copy(session: &mut Session, ctx: &egui::Context) {
    let Some((entry, features)) = wanted(session) else { return };
    let (count, language) = (features.len(), session.language());
    if count <= AT_ONCE {
        if let Ok(Some(text)) = text_of(&entry, &features, language, &Progress::new()) {
            copied(session, ctx, text, count);
        }
        return;
    }
    if count > MOST_ROWS {
        return offer_file(session, count);
    }
    let name = Message::new("ui.job-copy").with("n", count);
    let ctx = ctx.clone();
    session.jobs.spawn(
        name,
        move |progress| text_of(&entry, &features, language, progress),
        move |session, text| match text {
            Ok(Some(text)) => copied(session, &ctx, text, count),
            Ok(None) => offer_file(session, count),
            // The user stopped it.
            Err(Cancelled) => {}
        },
    );
}

/// The rows as they go to the clipboard, and how many they are.
pub fn as_text(session: &Session) -> Option<(String, usize)> {
    let (entry, features) = wanted(session)?;
    // Nothing runs that could be cancelled.
    let text = text_of(&entry, &features, session.language(), &Progress::new()).ok()??;
    Some((text, features.len()))
}

fn copied(session: &mut Session, ctx: &egui::Context, text: String, count: usize) {
    ctx.copy_text(text);
    session.notify(Message::new("ui.rows-copied").with("n", format_number(count as f64, 0)));
}

fn offer_file(session: &mut Session, count: usize) {
    let message = Message::new("ui.too-many-to-copy")
        .with("n", format_number(count as f64, 0))
        .with("most", format_number(MOST_ROWS as f64, 0));
    session.offer(message, "ui.save-rows", Command::Table(TableCommand::SaveRows));
}

/// The rows as text; `None` where it is more than a clipboard holds.
fn text_of(
    entry: &Entry,
    features: &[usize],
    language: Language,
    progress: &Progress,
) -> Result<Option<String>, Cancelled> {
    let mut text = String::new();
    let mut is_too_long = false;
    let done =
        each_part(entry, features, language, progress, &|table| report::to_tsv(table, language), &mut |part: &str| {
            is_too_long = text.len() + part.len() > MOST_BYTES;
            if !is_too_long {
                text.push_str(part);
            }
            !is_too_long
        });
    done?;
    Ok((!is_too_long).then_some(text))
}

/// Asks where to, and writes the rows to a CSV file or a workbook.
pub fn save(session: &mut Session) {
    let Some(entry) = session.current() else { return };
    let name = format!("{}.csv", entry.title.chars().take(80).collect::<String>().replace(['/', '\\', ':'], "-"));
    let mut filters = table_filters(session);
    // Millions of rows fit into CSV only.
    filters.reverse();
    ask_target_of(session, name, filters, save_to);
}

/// Writes the rows to a workbook, or to a CSV file part by part, in the background.
pub fn save_to(session: &mut Session, path: PathBuf) {
    let Some((entry, features)) = wanted(session) else { return };
    let language = session.language();
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx")) {
        return write_layer(session, path, move |path, guard, _| {
            let table = rows_table(&entry, &features, language);
            let bytes = report::to_xlsx(&[&table], language).map_err(|error| error.message())?;
            let written = io::save_atomically(path, guard, |out| out.write_all(&bytes));
            written.map(|()| features.len()).map_err(|error| error.message())
        });
    }
    write_layer(session, path, move |path, guard, progress| {
        let written = io::save_atomically(path, guard, |out| {
            let mut failed = None;
            let bytes = |table: &Table| report::to_csv(table, language);
            let done = each_part(&entry, &features, language, progress, &bytes, &mut |part: &[u8]| {
                failed = out.write_all(part).err();
                failed.is_none()
            });
            match (failed, done) {
                (Some(error), _) => Err(error),
                (None, Err(Cancelled)) => Err(std::io::ErrorKind::Interrupted.into()),
                (None, Ok(())) => Ok(()),
            }
        });
        written.map(|()| features.len()).map_err(|error| error.message())
    });
}

/// Asks where to, and writes a table to a workbook.
pub fn save_table(session: &mut Session, table: Table) {
    let title = if table.title.is_empty() { session.tr("report.sheet") } else { &table.title };
    let name = title.chars().take(80).collect::<String>().replace(['/', '\\', ':', '*', '?', '"', '<', '>', '|'], "-");
    let kind = ("io.format-xlsx", "xlsx");
    ask_target(session, format!("{name}.xlsx"), kind, move |session, path| write_workbook(session, &path, &[&table]));
}

/// Gives the rows to `take` part by part as `made` writes tables, the heading once; `take` says whether it wants more.
fn each_part<T, O: std::ops::Deref<Target = T>>(
    entry: &Entry,
    features: &[usize],
    language: Language,
    progress: &Progress,
    made: &dyn Fn(&Table) -> O,
    take: &mut dyn FnMut(&T) -> bool,
) -> Result<(), Cancelled>
where
    T: ?Sized + AsRef<[u8]> + std::ops::Index<std::ops::RangeFrom<usize>, Output = T>,
{
    progress.add_total(features.len() as u64);
    let heading = made(&rows_table(entry, &[], language)).as_ref().len();
    let mut parts = features.chunks(PART);
    // Without rows the heading stands alone.
    let first = parts.next().unwrap_or_default();
    if !take(&*made(&rows_table(entry, first, language))) {
        return Ok(());
    }
    progress.tick(first.len() as u64)?;
    for part in parts {
        let table = made(&rows_table(entry, part, language));
        if !take(&(*table)[heading..]) {
            return Ok(());
        }
        progress.tick(part.len() as u64)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::project;

    #[test]
    fn parts_are_the_whole_and_many_rows_are_bounded() {
        let demo = project::load_demo(&Progress::new()).expect("the demo opens").workspace;
        let entry = demo.entries.iter().max_by_key(|entry| entry.layer.feature_count()).expect("layers");
        let features: Vec<usize> = (0..entry.layer.feature_count()).rev().collect();
        assert!(features.len() > PART, "several parts");
        let language = Language::Chinese;
        let whole = rows_table(entry, &features, language);
        let text = text_of(entry, &features, language, &Progress::new()).expect("not cancelled").expect("not too long");
        assert!(text == report::to_tsv(&whole, language));
        let mut bytes: Vec<u8> = Vec::new();
        let done = each_part(
            entry,
            &features,
            language,
            &Progress::new(),
            &|table| report::to_csv(table, language),
            &mut |part: &[u8]| {
                bytes.extend_from_slice(part);
                true
            },
        );
        assert!(done.is_ok() && bytes == report::to_csv(&whole, language));
        // Stopped by the user: nothing comes.
        let progress = Progress::new();
        progress.cancel();
        assert_eq!(text_of(entry, &features, language, &progress), Err(Cancelled));
    }
}
