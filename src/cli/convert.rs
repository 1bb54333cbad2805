//! `tuban convert`: files of any format that is read to files of any format that is written, with what was lost.
//!
//! One layer goes to a file, several to a folder, each under its name, or to one file where its format holds several.
//! What a format cannot hold is said before the file is written; nothing that is read is written over, nothing else
//! without `--overwrite`. Of many files, one that fails does not keep the others: a report says what became of each.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::args::{ConvertArgs, ReadArgs};
use super::output::{self, Outputs};
use super::reclass::Reclass;
use super::{CliError, Outcome, joined, source};
use crate::crs::{Crs, Reprojector};
use crate::expr::{Expr, Figures};
use crate::io::style::StyleFormat;
use crate::io::{self, Chosen, Existing, FORMATS, Format, TxtEncoding, TxtOptions, WriteOptions};
use crate::measure;
use crate::model::{AreaMethod, AttributeBlock, FeatureBlock, GeometryKind, Layer, keys};
use crate::report::conversion::{Converted, report};
use crate::task::Progress;
use crate::text::{Language, Message, tr};
use crate::units::format_number;

/// What is done to every layer.
struct Work<'a> {
    args: &'a ConvertArgs,
    crs: Option<Crs>,
    fields: Vec<&'a str>,
    options: WriteOptions,
    outputs: Outputs,
    target: &'a Path,
    /// How coordinate TXT is written, where a template says so.
    template: Option<String>,
    /// What is joined to every layer.
    tables: Vec<joined::Table>,
    /// What the classes become.
    reclass: Option<Reclass>,
    language: Language,
}

/// A layer on its way: what it comes from, and the features of it that are written.
struct Ready {
    layer: Layer,
    rows: Option<Vec<usize>>,
}

/// Runs the verb.
///
/// # Errors
/// When nothing could be read or written, or an argument cannot be used. Of several files, what keeps one from being
/// converted is said in the report, and the others are.
pub fn run(args: &ConvertArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let Some((target, inputs)) = args.paths.split_last().filter(|(_, inputs)| !inputs.is_empty()) else {
        return Err(CliError::new(&Message::new("cli.convert-paths")));
    };
    // A geodatabase is a folder, but no place for files.
    let is_database = io::format_of_ending(target).is_some_and(|format| format.is_folder());
    // An ending that is asked for is one of the files of a folder.
    let is_meant = args.ending.is_some() && target.extension().is_none() && !target.exists();
    let ends = target.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
    let is_folder = !is_database && (target.is_dir() || ends || is_meant);
    let sources: Vec<PathBuf> = inputs.iter().chain(&args.join).chain(&args.decide).cloned().collect();
    let outputs = Outputs::new(&sources, [(!is_folder).then_some(target), args.output.file()])?;
    let form = args.output.format()?.form();
    let crs = args.to.as_deref().map(Crs::parse).transpose().map_err(|error| CliError::new(&error.message()))?;
    let fields = args.fields.as_deref().map_or(Vec::new(), keys::split_keys);
    let fields = fields.into_iter().map(unquoted).filter(|name| !name.is_empty()).collect();
    let options = WriteOptions { gbk: is_gbk(args.encoding_out.as_deref())?, big_integers: args.big_integers };
    if args.append && (is_folder || !io::holds_layers(target)) {
        return Err(CliError::new(&Message::new("cli.convert-append")).at(target));
    }
    let of_file = target.extension().map(|ending| ending.to_string_lossy().into_owned());
    let ending = if is_folder { args.ending.clone() } else { of_file }.unwrap_or_default();
    let template = args.template.as_deref().map(template).transpose()?;
    if template.is_some() && !ending.trim_start_matches('.').eq_ignore_ascii_case("txt") {
        return Err(CliError::new(&Message::new("cli.template-not-txt")).at(target));
    }
    let read_as = ReadArgs { encoding: args.encoding_in.clone(), ..ReadArgs::default() };
    let tables = joined::tables(&args.join, &args.key, &read_as, progress)?;
    let reclass = Reclass::of_args(args)?;
    let work = Work { args, crs, fields, options, outputs, target, template, tables, reclass, language };
    if !is_folder {
        may_be_written(args, target)?;
    }
    let mut lines: Vec<Converted> = Vec::new();
    let mut found_wrong = false;
    let mut read: Vec<(PathBuf, Layer)> = Vec::new();
    for input in inputs {
        match opened(&work, input, progress) {
            Ok((layers, is_wrong)) => {
                found_wrong |= is_wrong;
                // What goes to files of its own is written before the next is read.
                match is_folder {
                    true => lines.extend(to_folder(&work, input, layers, &lines, progress)?),
                    false => read.extend(layers),
                }
            }
            // The user cancelled, or there is nothing else to do.
            Err(error) if progress.is_cancelled() || inputs.len() == 1 => return Err(error),
            Err(error) => lines.push(failed_line(input, &error, language)),
        }
    }
    if !is_folder && (lines.is_empty() || !read.is_empty()) {
        let failed = lines.is_empty();
        lines.extend(to_file(&work, read, progress, failed)?);
    }
    let failed_count = lines.iter().filter(|line| line.has_failed).count();
    let is_nothing = lines.iter().all(|line| line.output.is_none());
    if is_nothing && failed_count == 0 {
        return Err(CliError::new(&Message::new("cli.convert-nothing")));
    }
    if is_folder || lines.len() > 1 || args.output.is_asked() {
        work.outputs.report(&args.output, &report(&lines, form, language), language)?;
    } else {
        lines.iter().for_each(|line| output::say(&sentence(line, language)));
    }
    if is_nothing {
        return Err(CliError::new(&Message::new("cli.convert-all-failed").with("count", failed_count)));
    }
    Ok(if failed_count > 0 || args.strict && found_wrong { Outcome::FoundWrong } else { Outcome::Done })
}

/// The layers of a file that are asked for, and whether something was wrong with it, which is said.
fn opened(work: &Work<'_>, input: &Path, progress: &Progress) -> Result<(Vec<(PathBuf, Layer)>, bool), CliError> {
    let args = work.args;
    let read = ReadArgs {
        files: vec![input.to_owned()],
        crs: args.crs.clone(),
        encoding: args.encoding_in.clone(),
        keep_partial: args.keep_partial,
        strict: args.strict,
    };
    let sources = source::open_all(&read, progress)?;
    if args.strict {
        source::refuse_undecided(&sources)?;
    }
    let mut is_wrong = false;
    let mut layers = Vec::new();
    let mut known: Vec<String> = Vec::new();
    for source in sources {
        is_wrong |= source.issue_count() > 0;
        let issues: Vec<_> = source.issues.iter().map(|issue| (source.path.as_path(), None, issue)).collect();
        source::print_issues(&issues, work.language);
        for layer in source.layers {
            let issues: Vec<_> =
                layer.issues.iter().map(|issue| (source.path.as_path(), Some(&layer), issue)).collect();
            source::print_issues(&issues, work.language);
            known.push(layer.name.clone());
            if args.layer.as_deref().is_none_or(|wanted| wanted == layer.name) {
                let (layer, misses) = joined::joined(&source.path, layer, &work.tables, work.language)?;
                is_wrong |= misses;
                layers.push((source.path.clone(), layer));
            }
        }
    }
    match (args.layer.as_deref(), layers.is_empty()) {
        (Some(wanted), true) => {
            known.truncate(MOST_NAMED);
            let message = Message::new("io.no-such-layer").with("layer", wanted).with("known", known.join(", "));
            Err(CliError::new(&message).at(input))
        }
        _ => Ok((layers, is_wrong)),
    }
}

/// Layer names that a message lists.
const MOST_NAMED: usize = 8;

/// Whether a file may take its place: nothing is replaced that the user did not say.
fn may_be_written(args: &ConvertArgs, path: &Path) -> Result<(), CliError> {
    if !args.overwrite && !args.append && path.is_file() {
        return Err(CliError::new(&Message::new("cli.convert-exists")).at(path));
    }
    Ok(())
}

/// Writes all layers into one file.
fn to_file(
    work: &Work<'_>,
    layers: Vec<(PathBuf, Layer)>,
    progress: &Progress,
    is_alone: bool,
) -> Result<Vec<Converted>, CliError> {
    let target = work.target;
    if layers.is_empty() {
        return Err(CliError::new(&Message::new("cli.convert-nothing")));
    }
    if layers.len() > 1 && !io::holds_layers(target) {
        let names: Vec<&str> = layers.iter().map(|(_, layer)| layer.name.as_str()).take(MOST_NAMED).collect();
        let message = Message::new("cli.convert-several").with("count", layers.len()).with("names", names.join(", "));
        return Err(CliError::new(&message).at(target));
    }
    let is_one = layers.len() == 1 && is_alone;
    let mut ready = Vec::with_capacity(layers.len());
    let mut failed = Vec::new();
    for (input, layer) in layers {
        match prepared(work, layer, progress) {
            Ok(layer) => ready.push((input, layer)),
            Err(error) if is_one || progress.is_cancelled() => return Err(error),
            Err(error) => failed.push(failed_line(&input, &error, work.language)),
        }
    }
    let losses = if ready.is_empty() { Vec::new() } else { write(work, target, &ready, progress)? };
    let done = ready.iter().zip(&losses).map(|((input, ready), losses)| work.done(input, target, ready, losses));
    Ok(done.chain(failed).collect())
}

/// Writes the layers of a file into files of the folder, each under its own name, or together where a file holds
/// several. `lines` are those of files written before.
fn to_folder(
    work: &Work<'_>,
    input: &Path,
    layers: Vec<(PathBuf, Layer)>,
    lines: &[Converted],
    progress: &Progress,
) -> Result<Vec<Converted>, CliError> {
    std::fs::create_dir_all(work.target)
        .map_err(|error| CliError::new(&Message::new("cli.cannot-write").with("error", error)).at(work.target))?;
    let ending = work.args.ending.as_deref().unwrap_or("geojson").trim_start_matches('.');
    let written = lines.iter().filter_map(|line| line.output.clone());
    let mut taken: Vec<PathBuf> = written.chain(work.args.output.file().cloned()).collect();
    let mut done = Vec::new();
    let together = io::holds_layers(Path::new(&format!("a.{ending}")));
    let mut ready: Vec<(PathBuf, Ready)> = Vec::new();
    for (path, layer) in layers {
        match prepared(work, layer, progress) {
            Ok(layer) => ready.push((path, layer)),
            Err(error) if progress.is_cancelled() => return Err(error),
            Err(error) => done.push(failed_line(&path, &error, work.language)),
        }
    }
    let stem = input.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let groups: Vec<(String, Vec<(PathBuf, Ready)>)> = match together {
        true if ready.is_empty() => Vec::new(),
        true => vec![(stem, ready)],
        false => ready.into_iter().map(|(path, ready)| (ready.layer.name.clone(), vec![(path, ready)])).collect(),
    };
    for (name, group) in groups {
        let path = named(work.target, &name, ending, &taken);
        match may_be_written(work.args, &path).and_then(|()| write(work, &path, &group, progress)) {
            Ok(losses) => {
                let written = group.iter().zip(&losses);
                done.extend(written.map(|((input, ready), losses)| work.done(input, &path, ready, losses)));
                taken.push(path);
            }
            Err(error) => done.push(failed_line(input, &error, work.language)),
        }
    }
    Ok(done)
}

/// A layer as it is to be written: its rows chosen, its fields, its CRS.
fn prepared(work: &Work<'_>, layer: Layer, progress: &Progress) -> Result<Ready, CliError> {
    let path = layer.provenance.path.clone();
    let layer = match &work.reclass {
        Some(reclass) => reclass.applied(layer, work.language, progress)?,
        None => layer,
    };
    let rows = work.args.filter.as_deref().map(|text| chosen(&layer, text, progress)).transpose();
    let rows = rows.map_err(|error| error.at(&path))?;
    let layer = if work.fields.is_empty() { layer } else { with_fields(layer, &work.fields)? };
    let layer = match &work.crs {
        Some(crs) => reprojected(layer, crs, progress)?,
        None => layer,
    };
    Ok(Ready { layer, rows })
}

/// Writes what is ready into one file, after what it cannot hold was said; gives that for each layer.
fn write(
    work: &Work<'_>,
    path: &Path,
    ready: &[(PathBuf, Ready)],
    progress: &Progress,
) -> Result<Vec<Vec<Message>>, CliError> {
    let failed = |error: io::WriteError| CliError::new(&error.message()).at(path);
    if io::is_address(path) {
        let [(_, Ready { layer, rows })] = ready else {
            return Err(CliError::new(&Message::new("cli.tables-one")).at(path));
        };
        let notes = super::tables::written(path, layer, rows.as_deref(), work.args.overwrite, progress)?;
        notes.iter().for_each(|note| output::say(&note.text(work.language)));
        // What is lost was said when it was written: the server decides.
        return Ok(vec![Vec::new()]);
    }
    let mut losses = Vec::with_capacity(ready.len());
    for (_, Ready { layer, rows }) in ready {
        let of_layer = work.losses(path, layer, rows.as_deref())?;
        for loss in &of_layer {
            output::say(&format!("{}: {}", output::shown(path), loss.text(work.language)));
        }
        losses.push(of_layer);
    }
    let guard = work.outputs.guard();
    if io::holds_layers(path) {
        let chosen: Vec<Chosen<'_>> =
            ready.iter().map(|(_, ready)| Chosen { layer: &ready.layer, rows: ready.rows.as_deref() }).collect();
        let existing = match (work.args.append, work.args.overwrite) {
            (false, _) => Existing::Replaced,
            (true, false) => Existing::Kept,
            (true, true) => Existing::LayersReplaced,
        };
        return io::write_layers(path, &chosen, existing, work.options, guard).map(|()| losses).map_err(failed);
    }
    let written = ready.iter().try_for_each(|(_, Ready { layer, rows })| match work.txt_options(layer) {
        Some(options) => {
            let mut bytes = Vec::new();
            io::write_txt(layer, rows.as_deref(), &options, &mut bytes)
                .map_err(|error| CliError::new(&error.message()).at(path))?;
            let saved = io::save_atomically(path, guard, |out| out.write_all(&bytes));
            saved.map_err(|error| CliError::new(&error.message()).at(path))
        }
        None => io::write(path, layer, rows.as_deref(), work.options, guard).map_err(failed),
    });
    written.map(|()| losses)
}

/// Bytes of a template that are read.
const MOST_TEMPLATE: u64 = 64 << 20;

/// The words of the template of coordinate TXT that a file holds.
///
/// # Errors
/// When the file cannot be read or holds none.
pub(super) fn template(path: &Path) -> Result<String, CliError> {
    let unread = |reason: String| CliError::new(&Message::new("cli.template-unread").with("reason", reason)).at(path);
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| unread(error.to_string()))?;
    file.take(MOST_TEMPLATE).read_to_string(&mut text).map_err(|error| unread(error.to_string()))?;
    io::template_words(text.trim_start_matches('\u{feff}')).map_err(|error| CliError::new(&error).at(path))
}

/// What a template asks of a layer that it has not.
pub(super) fn lacks<'a>(words: &'a str, layer: &'a Layer) -> impl Iterator<Item = Message> + use<'a> {
    let lacking = io::template_lacks(words, layer).into_iter();
    lacking.map(move |(place, field)| {
        let message = Message::new("cli.template-no-field").with("layer", &layer.name);
        message.with("field", field).with("place", place)
    })
}

impl Work<'_> {
    /// How a layer is written as coordinate TXT, where a template says so.
    fn txt_options(&self, layer: &Layer) -> Option<TxtOptions> {
        let mut options = TxtOptions::of_words(self.template.as_deref()?, layer);
        if self.args.encoding_out.is_some() {
            options.encoding = if self.options.gbk { TxtEncoding::Gbk } else { TxtEncoding::Utf8 };
        }
        Some(options)
    }

    /// What of a layer a file will not hold.
    fn losses(&self, path: &Path, layer: &Layer, rows: Option<&[usize]>) -> Result<Vec<Message>, CliError> {
        let (Some(words), Some(options)) = (&self.template, self.txt_options(layer)) else {
            return io::losses(path, layer, rows, self.options)
                .map_err(|error| CliError::new(&error.message()).at(path));
        };
        let written = io::write_txt(layer, rows, &options, &mut std::io::sink())
            .map_err(|error| CliError::new(&error.message()).at(path))?;
        Ok(lacks(words, layer).chain(written.issues.into_iter().map(|issue| issue.message)).collect())
    }

    /// The line about a layer that was written, of which the file does not hold `losses`.
    fn done(&self, input: &Path, output: &Path, ready: &Ready, losses: &[Message]) -> Converted {
        let (layer, rows) = (&ready.layer, ready.rows.as_deref());
        let count = rows.map_or(layer.feature_count(), <[usize]>::len);
        Converted {
            input: input.to_owned(),
            layer: layer.name.clone(),
            output: Some(output.to_owned()),
            count,
            left_out: layer.feature_count() - count,
            remarks: losses.iter().map(|loss| loss.text(self.language)).collect(),
            has_failed: false,
        }
    }
}

/// The line about a file that could not be converted.
fn failed_line(input: &Path, error: &CliError, language: Language) -> Converted {
    Converted { input: input.to_owned(), remarks: vec![error.text(language)], has_failed: true, ..Converted::default() }
}

/// What is said of the one layer that was converted.
fn sentence(line: &Converted, language: Language) -> String {
    Message::new("cli.converted")
        .with("input", output::shown(&line.input))
        .with("output", line.output.as_deref().map(output::shown).unwrap_or_default())
        .with("count", format_number(line.count as f64, 0))
        .text(language)
}

/// A name without the quotes around it.
fn unquoted(name: &str) -> &str {
    let name = name.trim();
    ["\"\"", "''", "“”", "[]"]
        .iter()
        .find_map(|pair| {
            let mut marks = pair.chars();
            name.strip_prefix(marks.next()?)?.strip_suffix(marks.next()?)
        })
        .unwrap_or(name)
}

/// The layer with these fields alone, in that order.
fn with_fields(layer: Layer, names: &[&str]) -> Result<Layer, CliError> {
    let mut kept: Vec<usize> = Vec::with_capacity(names.len());
    for name in names {
        let Some(at) = layer.field(name) else {
            let known: Vec<&str> = layer.fields.iter().map(|field| field.name.as_str()).take(40).collect();
            let message = Message::new("cli.convert-no-field")
                .with("field", name)
                .with("layer", &layer.name)
                .with("known", known.join(", "));
            return Err(CliError::new(&message).at(&layer.provenance.path));
        };
        if !kept.contains(&at) {
            kept.push(at);
        }
    }
    let order: Vec<Option<usize>> = kept.iter().map(|at| Some(*at)).collect();
    let blocks = layer.blocks.iter().map(|block| {
        let attributes = Arc::new(AttributeBlock::clone(&block.attributes).reordered(&order));
        FeatureBlock { attributes, ..block.clone() }
    });
    let fields = Arc::new(kept.iter().map(|at| layer.fields[*at].clone()).collect());
    Ok(Layer { blocks: blocks.collect(), fields, ..layer })
}

/// Whether text shall be written as GBK.
fn is_gbk(asked: Option<&str>) -> Result<bool, CliError> {
    match asked.map(io::Encoding::of_label) {
        None | Some(Some(io::Encoding::Utf8)) => Ok(false),
        Some(Some(io::Encoding::Gbk)) => Ok(true),
        Some(_) => {
            let message = Message::new("cli.encoding-out").with("asked", asked.unwrap_or_default());
            Err(CliError::new(&message))
        }
    }
}

/// Rows for which a condition holds.
///
/// # Errors
/// A condition that cannot be read or does not fit the layer.
pub(super) fn chosen(layer: &Layer, text: &str, progress: &Progress) -> Result<Vec<usize>, CliError> {
    let failed = |error: crate::expr::ExprError| CliError::said(|language| error.text(language));
    let areas = match layer.kind {
        GeometryKind::Polygon => Some(
            measure::raw_areas(layer, AreaMethod::Survey, progress).map_err(|error| CliError::new(&error.message()))?,
        ),
        _ => None,
    };
    let figures = Figures { areas: areas.as_ref().map(|areas| &areas.exact[..]), perimeters: None };
    let expression = Expr::parse(text).map_err(failed)?;
    let condition = expression.bind_condition(layer, figures).map_err(failed)?;
    Ok(condition.select(progress)?.into_iter().map(|feature| feature as usize).collect())
}

/// The layer in another CRS: the same features with every position converted, right or wrong as they are.
fn reprojected(layer: Layer, crs: &Crs, progress: &Progress) -> Result<Layer, CliError> {
    let path = layer.provenance.path.clone();
    let blocks: Result<Vec<FeatureBlock>, CliError> = layer
        .blocks
        .par_iter()
        .zip(&layer.starts)
        .map_init(
            || Reprojector::new(&layer.crs, crs),
            |converter, (block, start)| {
                progress.tick(0)?;
                let converter = converter.as_ref().map_err(|error| CliError::new(&error.message()).at(&path))?;
                let mut coords = block.geometry.coords().to_vec();
                if let Err(error) = converter.convert(&mut coords) {
                    let rows = 0..block.geometry.feature_count();
                    let row = rows.into_iter().find(|row| block.geometry.coord_range(*row).contains(&error.index));
                    let message = Message::new("cli.convert-no-place")
                        .with("feature", start + row.unwrap_or(0))
                        .with("x", error.x)
                        .with("y", error.y)
                        .with_said("crs", |language| crs.reference_in(language));
                    return Err(CliError::new(&message).at(&path));
                }
                Ok(FeatureBlock { geometry: Arc::new(block.geometry.with_coords(coords)), ..block.clone() })
            },
        )
        .collect();
    Ok(Layer { blocks: blocks?, crs: crs.clone(), ..layer })
}

/// A file of `folder` called `name`, of a name that no other of this run has.
fn named(folder: &Path, name: &str, ending: &str, taken: &[PathBuf]) -> PathBuf {
    let plain = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c };
    let stem: String = name.chars().map(plain).collect();
    let at = |stem: &str| folder.join(format!("{stem}.{ending}"));
    let mut path = at(&stem);
    let mut number = 1;
    while taken.contains(&path) {
        number += 1;
        path = at(&format!("{stem}_{number}"));
    }
    path
}

/// `tuban formats`: what is read and written, and what each cannot hold.
pub fn formats(language: Language) -> String {
    let endings = |format: &Format| format.endings.iter().map(|e| format!(".{e}")).collect::<Vec<_>>().join(" ");
    let mut text = String::new();
    let mut section = |key: &str, wanted: &dyn Fn(&Format) -> bool, more: &dyn Fn(&Format) -> String| {
        text.push_str(tr(language, key));
        text.push('\n');
        for format in FORMATS.iter().filter(|format| wanted(format)) {
            text.push_str(&format!("  {}  {}{}\n", tr(language, format.name), endings(format), more(format)));
        }
    };
    section("cli.formats-read", &|format| format.is_read(), &|_| String::new());
    section("cli.formats-written", &|format| format.is_written(), &|format| {
        format!("\n      {}", tr(language, format.lacks))
    });
    section("cli.formats-known", &|format| !format.is_read() && !format.endings.is_empty(), &|_| String::new());
    for (key, is_written) in [("cli.formats-styles-read", false), ("cli.formats-styles-written", true)] {
        text.push_str(tr(language, key));
        text.push('\n');
        for format in StyleFormat::ALL.into_iter().filter(|format| !is_written || format.is_written()) {
            text.push_str(&format!("  {}  .{}\n", tr(language, format.title_key()), format.ending()));
        }
    }
    text
}
