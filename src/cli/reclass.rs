//! Classes carried over to another scheme while files are converted: what is beyond doubt by itself, what may be several
//! classes as a file says, and nothing at all while any of it is open.

use std::path::Path;

use super::args::ConvertArgs;
use super::{CliError, output, source};
use crate::measure;
use crate::model::classes::{self, Class, Scheme, crosswalk};
use crate::model::conversion::{self, Conversion, InUse};
use crate::model::roles::{self, Clues};
use crate::model::{AreaMethod, GeometryKind, Issue, Layer};
use crate::report::{self, Cell, Column, ColumnKind, Table};
use crate::scenario::transition::Crosswalk;
use crate::task::Progress;
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit};

/// What classes shall become.
pub(super) struct Reclass {
    to: Scheme,
    /// From and to as the file has them, with the line.
    decided: Vec<(String, String, u64)>,
}

impl Reclass {
    /// What the arguments ask for; `None` where classes stay as they are.
    ///
    /// # Errors
    /// A scheme that is not known or that nothing leads to, a file that cannot be read.
    pub(super) fn of_args(args: &ConvertArgs) -> Result<Option<Self>, CliError> {
        let Some(word) = args.classes.as_deref() else { return Ok(None) };
        let known: Vec<Scheme> = Scheme::ALL.into_iter().filter(|to| is_reached(*to)).collect();
        let to = Scheme::from_name(word.trim()).filter(|scheme| known.contains(scheme)).ok_or_else(|| {
            let known: Vec<&str> = known.iter().map(|scheme| scheme.name()).collect();
            CliError::new(&Message::new("cli.classes-unknown").with("asked", word).with("known", known.join(", ")))
        })?;
        let decided = args.decide.as_deref().map_or(Ok(Vec::new()), decisions)?;
        Ok(Some(Self { to, decided }))
    }

    /// The layer with its classes in the other scheme; as it is, with a word about it, where it has none. What is said of
    /// it is printed.
    ///
    /// # Errors
    /// Classes that are still to be decided, which are listed, and decisions that name no class.
    pub(super) fn applied(&self, layer: Layer, language: Language, progress: &Progress) -> Result<Layer, CliError> {
        let found = roles::recognise(&Clues::of_layer(&layer));
        let scheme = found.scheme();
        let (Some(field), Some(from)) = (found.class_field, scheme) else {
            let message = Message::new("cli.classes-none").with("layer", &layer.name);
            output::say(&message.text(language));
            return Ok(layer);
        };
        if from == self.to {
            let message = Message::new("cli.classes-same")
                .with("layer", &layer.name)
                .with_said("to", |language| self.to.title(language).to_owned());
            output::say(&message.text(language));
            return Ok(layer);
        }
        let path = layer.provenance.path.clone();
        let failed = |error: conversion::ConversionError| CliError::new(&error.message()).at(&path);
        let conversion = Conversion { decided: self.decided_of(from)?, ..Conversion::new(&field, from, self.to) };
        let areas = match layer.kind {
            GeometryKind::Polygon => {
                let areas = measure::raw_areas(&layer, AreaMethod::Survey, progress);
                Some(areas.map_err(|error| CliError::new(&error.message()).at(&path))?)
            }
            _ => None,
        };
        let used = conversion::in_use(&layer, &conversion, areas.as_ref()).map_err(failed)?;
        let open: Vec<&InUse> = used.iter().filter(|used| conversion.is_undecided(used.class)).collect();
        if !open.is_empty() {
            output::print(&report::to_text(&table(&layer, &open, self.to, language), language))?;
            let message = Message::new("cli.classes-open").with("layer", &layer.name).with("n", open.len());
            return Err(CliError::new(&message).at(&path));
        }
        let before = layer.issues.len();
        let done = conversion::converted(&layer, &conversion).map_err(failed)?;
        let said: Vec<(&Path, Option<&Layer>, &Issue)> =
            done.layer.issues[before..].iter().map(|issue| (path.as_path(), Some(&done.layer), issue)).collect();
        source::print_issues(&said, language);
        Ok(done.layer)
    }

    /// What was decided for classes of `from`. Rows of other schemes are passed over.
    fn decided_of(&self, from: Scheme) -> Result<Vec<(Class, Option<Class>)>, CliError> {
        let mut decided = Vec::new();
        for (old, new, line) in &self.decided {
            let wrong = |text: &str, scheme: Scheme| {
                let message = Message::new("cli.decide-unknown")
                    .with("code", text)
                    .with("line", line)
                    .with_said("scheme", |language| scheme.title(language).to_owned());
                CliError::new(&message)
            };
            let class = |text: &str, scheme: Scheme| {
                classes::resolve(scheme, text).map(|found| found.class).ok_or_else(|| wrong(text, scheme))
            };
            let own = match old.split_once(':').and_then(|(word, code)| Some((Scheme::from_name(word.trim())?, code))) {
                Some((scheme, _)) if scheme != from => continue,
                Some((_, code)) => class(code.trim(), from)?,
                None => class(old, from)?,
            };
            let target = new.rsplit_once(':').map_or(new.as_str(), |(_, code)| code).trim();
            let target = if target.is_empty() { None } else { Some(class(target, self.to)?) };
            decided.push((own, target));
        }
        Ok(decided)
    }
}

/// Whether any scheme leads to `to`.
fn is_reached(to: Scheme) -> bool {
    Scheme::ALL.into_iter().any(|from| crosswalk::reached_from(from).contains(&to))
}

/// The rows of a table with the columns `from` and `to`.
fn decisions(path: &Path) -> Result<Vec<(String, String, u64)>, CliError> {
    let text = crate::io::read_text(path).map_err(|error| source::unreadable("cli.decide-unread", &error).at(path))?;
    let (text, sign) = crate::io::table_of(&text);
    let broken = |reason: String| CliError::new(&Message::new("cli.decide-broken").with("reason", reason)).at(path);
    let mut reader = csv::ReaderBuilder::new().delimiter(sign).flexible(true).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| broken(error.to_string()))?.clone();
    let headings: Vec<&str> = headers.iter().collect();
    let Some((from, to)) = Crosswalk::columns(&headings) else { return Err(broken("from, to".to_owned())) };
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| broken(error.to_string()))?;
        let cell = |at: usize| crate::io::plain_cell(record.get(at).unwrap_or_default()).trim().to_owned();
        let line = record.position().map_or(0, csv::Position::line);
        if !cell(from).is_empty() {
            rows.push((cell(from), cell(to), line));
        }
    }
    Ok(rows)
}

/// The classes that are to be decided, with what they may become.
fn table(layer: &Layer, open: &[&InUse], to: Scheme, language: Language) -> Table {
    let column = |key: &str, title: &'static str, kind| Column::new(key, tr(language, title), kind);
    let columns = vec![
        column("from", "cli.decide-from", ColumnKind::Text),
        column("name", "cli.decide-name", ColumnKind::Text),
        column("features", "cli.convert-features", ColumnKind::Count),
        column("area", "cli.decide-area", ColumnKind::Area(AreaUnit::Hectare)),
        column("to", "cli.decide-to", ColumnKind::Text),
    ];
    let rows = open.iter().map(|used| {
        let targets: Vec<String> = used.targets.iter().map(|target| target.label(language)).collect();
        let targets = if targets.is_empty() { tr(language, "cli.decide-any").to_owned() } else { targets.join(" | ") };
        vec![
            Cell::from(used.class.code()),
            Cell::from(used.class.name(language)),
            Cell::Count(used.feature_count),
            used.area_m2.map_or(Cell::Empty, |m2| Cell::Area(Area::from_m2(m2))),
            Cell::from(targets),
        ]
    });
    let title = Message::new("cli.decide-title").with("layer", &layer.name).with("to", to.title(language));
    Table { title: title.text(language), columns, rows: rows.collect(), ..Table::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reclass(rows: &[(&str, &str)]) -> Reclass {
        let row = |(at, (from, to)): (usize, &(&str, &str))| ((*from).to_owned(), (*to).to_owned(), at as u64 + 2);
        Reclass { to: Scheme::Ydyh2023, decided: rows.iter().enumerate().map(row).collect() }
    }

    #[test]
    fn decisions_are_read_as_people_write_them() {
        let rows =
            [("0204", "0205"), ("SD2019:1006", "YDYH2023:060102"), ("GB2007:023", "0204"), ("0809", ""), ("9", "1507")];
        let decided = reclass(&rows).decided_of(Scheme::Sd2019).expect("all of them are classes");
        let shown: Vec<(&str, Option<&str>)> =
            decided.iter().map(|(from, to)| (from.code(), to.map(Class::code))).collect();
        let expected = [("0204", Some("0205")), ("1006", Some("060102")), ("0809", None), ("09", Some("1507"))];
        assert_eq!(shown, expected);
        let error = reclass(&[("0204", "9999")]).decided_of(Scheme::Sd2019).expect_err("no class");
        assert!(error.text(Language::Chinese).contains("9999"), "{error}");
    }

    #[test]
    fn schemes_are_those_that_something_leads_to() {
        let asked = |word: &str| {
            let args = ConvertArgs { classes: Some(word.to_owned()), ..ConvertArgs::default() };
            Reclass::of_args(&args).map(|found| found.map(|found| found.to))
        };
        assert_eq!(asked("ydyh2023"), Ok(Some(Scheme::Ydyh2023)));
        assert_eq!(asked("SD2019"), Ok(Some(Scheme::Sd2019)));
        assert!(asked("GB2007").is_err_and(|error| error.text(Language::English).contains("YDYH2023")));
        assert_eq!(Reclass::of_args(&ConvertArgs::default()).map(|found| found.is_none()), Ok(true));
    }
}
