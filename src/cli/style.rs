//! `tuban style`: what a style file of QGIS, OGC or ArcGIS Pro comes to, and styles written as QGIS's or OGC's.
//!
//! What is read is a style file, or a layer in the style that it is shown in. Without a file to write it is told what was
//! understood and what was left out.

use std::path::{Path, PathBuf};

use super::args::{ReadArgs, StyleArgs};
use super::output::{self, Outputs};
use super::{CliError, Outcome, source};
use crate::io::style::{self, StyleFormat};
use crate::model::GeometryKind;
use crate::model::style::{Fill, LayerStyle, Styling};
use crate::scenario::{Entry, Workspace};
use crate::task::Progress;
use crate::text::{Language, Message, escaped, tr};

/// Runs the verb.
///
/// # Errors
/// A file that cannot be read or written, a layer that is not there or not named where there are several.
pub(super) fn run(args: &StyleArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let outputs = Outputs::new([&args.input], [args.output.as_ref()])?;
    if let Some(output) = &args.output
        && !StyleFormat::of_path(output).is_some_and(StyleFormat::is_written)
    {
        return Err(CliError::new(&Message::new("style.ending")).at(output));
    }
    let mut text = String::new();
    let mut say = |message: &Message| text.push_str(&format!("{}\n", escaped(&message.text(language))));
    if StyleFormat::of_path(&args.input).is_some() {
        let read = style::read(&args.input).map_err(|error| CliError::new(&error.message(&args.input)))?;
        say(&summary(&read.style, &args.input));
        read.left_out.iter().for_each(&mut say);
        if let Some(path) = &args.output {
            let name = args.input.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let format = StyleFormat::of_path(path).unwrap_or(StyleFormat::Qml);
            let kind = kind_of(&read.style);
            let written = style::text_of_style(&read.style, format, kind, &name, None, language);
            let (bytes, lost) = written.map_err(|error| CliError::new(&error.unwritten(path)))?;
            outputs.write(Some(path), bytes.as_bytes())?;
            lost.iter().for_each(&mut say);
            say(&Message::new("cli.style-written").with("path", output::shown(path)));
        }
    } else {
        let read = ReadArgs { files: vec![args.input.clone()], ..ReadArgs::default() };
        let (workspace, _) = source::open_workspace(&read, progress)?;
        let entry = chosen(&workspace, args.layer.as_deref(), &args.input)?;
        say(&summary(&entry.style, &args.input));
        if let Some(path) = &args.output {
            let lost = style::write(path, &entry.style, &entry.layer, language, outputs.guard());
            let lost = lost.map_err(|error| CliError::new(&error.unwritten(path)))?;
            lost.iter().for_each(&mut say);
            say(&Message::new("cli.style-written").with("path", output::shown(path)));
        }
    }
    outputs.write(None, text.as_bytes())?;
    Ok(Outcome::Done)
}

/// The layer that is meant: the one of that name, or the only one.
fn chosen<'a>(workspace: &'a Workspace, name: Option<&str>, input: &Path) -> Result<&'a Entry, CliError> {
    let is_meant = |entry: &&Entry| name.is_none_or(|name| entry.title == name || entry.layer.name == name);
    let mut meant = workspace.entries.iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(entry), None) => Ok(entry),
        _ => {
            let names: Vec<&str> = workspace.entries.iter().map(|entry| entry.title.as_str()).collect();
            Err(CliError::new(&Message::new("cli.style-which").with("names", names.join(", "))).at(input))
        }
    }
}

/// What a style is, in a sentence.
fn summary(style: &LayerStyle, path: &Path) -> Message {
    let key = match &style.styling {
        Styling::Single(_) => "cli.style-single",
        Styling::Categorised(_) => "cli.style-categorised",
        Styling::Graduated(_) => "cli.style-graduated",
        Styling::Ruled(_) => "cli.style-ruled",
    };
    let kind = |language| Message::new(key).with("count", style.symbol_count() - 1).text(language);
    let labels = if style.labels.is_some() { "cli.style-with-labels" } else { "cli.style-without-labels" };
    Message::new("cli.style-is")
        .with("path", output::shown(path))
        .with_said("kind", kind)
        .with_said("labels", move |language| tr(language, labels).to_owned())
}

/// What a style is for, told by its symbols: polygons where any is filled, else lines, else points.
fn kind_of(style: &LayerStyle) -> GeometryKind {
    let symbols: Vec<_> = (0..style.symbol_count()).filter_map(|at| style.symbol(at)).collect();
    if symbols.iter().any(|symbol| symbol.fill != Fill::None) {
        GeometryKind::Polygon
    } else if symbols.iter().any(|symbol| symbol.marker.is_some() && symbol.stroke.is_none()) {
        GeometryKind::Point
    } else {
        GeometryKind::Line
    }
}

/// Draws layers by style files: `FILE` every layer that it fits, `LAYER=FILE` the layer of that name. Gives what was left
/// out, each with the file.
///
/// # Errors
/// A file that is no style, or that fits no layer.
pub(super) fn apply(workspace: &mut Workspace, asked: &[String]) -> Result<Vec<(PathBuf, Message)>, CliError> {
    let mut said = Vec::new();
    for asked in asked {
        let is_layer =
            |name: &str| workspace.entries.iter().any(|entry| entry.title == name || entry.layer.name == name);
        let (layer, path) = match asked.split_once('=').filter(|(name, _)| is_layer(name)) {
            Some((name, file)) => (Some(name), PathBuf::from(file)),
            None => (None, PathBuf::from(asked)),
        };
        let read = style::read(&path).map_err(|error| CliError::new(&error.message(&path)))?;
        said.extend(read.left_out.into_iter().map(|message| (path.clone(), message)));
        let is_only = workspace.entries.len() == 1 || layer.is_some();
        let mut applied = false;
        for entry in &mut workspace.entries {
            if layer.is_some_and(|name| entry.title != name && entry.layer.name != name) {
                continue;
            }
            let mut own = read.style.clone();
            let class_field = entry.recognition.class_field.as_deref();
            let fit = style::fit(&mut own, &entry.layer, class_field, entry.recognition.scheme());
            // Of several layers the style is for those that have what it names.
            if fit.draws && (fit.missing.is_empty() || is_only) {
                said.extend(fit.missing.into_iter().map(|message| (path.clone(), message)));
                entry.style = own;
                applied = true;
            }
        }
        if !applied {
            return Err(CliError::new(&Message::new("cli.style-fits-none")).at(&path));
        }
    }
    Ok(said)
}
