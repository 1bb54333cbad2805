//! `tuban validate`: a delivery held against a schema, one source in memory at a time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{ReadArgs, ValidateArgs};
use super::output::{self, Outputs};
use super::{CliError, Outcome, source};
use crate::crs::Crs;
use crate::io::{self, OpenOptions, ReadError};
use crate::model::{Layer, LayerId};
use crate::report::validate::report;
use crate::task::Progress;
use crate::text::{Language, Message};
use crate::validate::{Part, Schema, Validation, built_in, built_in_words, from_sheets};

/// The schema of a delivery where nobody names one, and that of the demo.
const USUAL: &str = "survey";
const OF_DEMO: &str = "demo";

/// Runs the verb.
///
/// # Errors
/// A schema that cannot be read, a folder that cannot be listed, output that cannot be written. A file that cannot be read
/// is a fault of the delivery.
pub fn run(args: &ValidateArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let named = args.schema.as_ref().map(PathBuf::from).filter(|path| path.exists());
    let inputs = args.read.files.iter().chain(&named).chain(&args.import_schema);
    let outputs = Outputs::new(inputs, [args.output.file(), args.write_schema.as_ref()])?;
    if let Some(workbook) = &args.import_schema {
        let schema = imported(workbook, language, progress)?;
        outputs.write(args.output.file(), schema.to_toml().as_bytes())?;
        return Ok(Outcome::Done);
    }
    let schema = schema_of(args)?;
    if let Some(path) = &args.write_schema {
        outputs.write(Some(path), schema.to_toml().as_bytes())?;
        return Ok(Outcome::Done);
    }
    let format = args.output.format()?;
    let mut validation = Validation::new(Arc::new(schema), args.most);
    let options = options_of(&args.read)?;
    let mut kept = HashMap::new();
    let is_project = |file: &&PathBuf| output::is_project(file);
    let projects: Vec<PathBuf> = args.read.files.iter().filter(is_project).cloned().collect();
    // Nothing named: the demo project.
    if !projects.is_empty() || args.read.files.is_empty() {
        let read = ReadArgs { files: projects, ..args.read.clone() };
        for source in source::open_all(&read, progress)? {
            for issue in &source.issues {
                validation.unreadable(&source.path, &issue.message);
            }
            for layer in source.layers {
                validation.layer(&source.path, &layer, progress)?;
                kept.insert(layer.id, Arc::new(layer));
            }
        }
    }
    for path in args.read.files.iter().filter(|file| !is_project(file)) {
        let failed = |error: ReadError| CliError::new(&error.message()).at(path);
        let (sources, others) = io::sources_of(path, progress).map_err(failed)?;
        others.iter().for_each(|name| validation.not_read(Path::new(name)));
        for source in sources {
            add(&mut validation, &source, &options, progress)?;
        }
    }
    let mut load = |part: &Part, progress: &Progress| again(part, &kept, &options, progress);
    validation.across(&mut load, progress)?;
    let answer = validation.finish();
    outputs.report(&args.output, &report(&answer, args.most, format.form(), language), language)?;
    let is_wrong = answer.has_faults() || (args.read.strict && !answer.groups.is_empty());
    Ok(if is_wrong { Outcome::FoundWrong } else { Outcome::Done })
}

fn options_of(read: &ReadArgs) -> Result<OpenOptions, CliError> {
    let crs = match &read.crs {
        Some(text) => Some(Crs::parse(text).map_err(|error| CliError::new(&error.message()))?),
        None => None,
    };
    let encoding = source::encoding_of(read)?;
    Ok(OpenOptions { crs, encoding, keep_partial: read.keep_partial, ..OpenOptions::default() })
}

/// Looks at the layers of a source and lets go of them.
fn add(validation: &mut Validation, source: &Path, options: &OpenOptions, progress: &Progress) -> Result<(), CliError> {
    let found = match io::open_each(source, options, progress) {
        Ok(found) => found,
        Err(ReadError::Cancelled) => return Err(CliError::new(&ReadError::Cancelled.message())),
        Err(ReadError::OtherFormat { .. }) => {
            validation.not_read(source);
            return Ok(());
        }
        Err(error) => {
            validation.unreadable(source, &error.message());
            return Ok(());
        }
    };
    for found in found {
        let address = found.address();
        match found.result {
            Ok(opened) => {
                for layer in opened.layers {
                    validation.layer(&found.path, &layer, progress)?;
                }
            }
            Err(ReadError::Cancelled) => return Err(CliError::new(&ReadError::Cancelled.message())),
            Err(error) => validation.unreadable(&address, &error.message()),
        }
    }
    Ok(())
}

/// Brings a layer again that was looked at before.
fn again(
    part: &Part,
    kept: &HashMap<LayerId, Arc<Layer>>,
    options: &OpenOptions,
    progress: &Progress,
) -> Result<Arc<Layer>, Message> {
    if let Some(layer) = kept.get(&part.layer) {
        return Ok(layer.clone());
    }
    let address = io::address(&part.path, part.inner.as_deref());
    let found = io::open_each(&address, options, progress).map_err(|error| error.message())?;
    // What cannot be read was told the first time.
    let layers = found.into_iter().filter_map(|found| found.result.ok()).flat_map(|opened| opened.layers);
    let mut same = layers.filter(|layer| layer.kind == part.kind && layer.name == part.name);
    same.next().map(Arc::new).ok_or_else(|| Message::new("cli.validate-gone").with("layer", &part.name))
}

/// The schema that was asked for: a file, or one in the program.
fn schema_of(args: &ValidateArgs) -> Result<Schema, CliError> {
    let word = match &args.schema {
        Some(word) => word.as_str(),
        None if args.read.files.is_empty() && args.write_schema.is_none() => OF_DEMO,
        None => USUAL,
    };
    let path = Path::new(word);
    if !path.exists()
        && let Some(schema) = built_in(word)
    {
        return Ok(schema);
    }
    let words = built_in_words().collect::<Vec<_>>().join(", ");
    if !path.exists() {
        let message = Message::new("cli.validate-no-schema").with("asked", word).with("names", words);
        return Err(CliError::new(&message));
    }
    let unreadable = |error: std::io::Error| source::unreadable("cli.rules-unreadable", &error).at(path);
    let text = io::read_text(path).map_err(unreadable)?;
    Schema::parse(&text).map_err(|error| CliError::new(&error.message()).at(path))
}

/// The schema of a workbook. What of it was left out is said on standard error.
fn imported(path: &Path, language: Language, progress: &Progress) -> Result<Schema, CliError> {
    let options = OpenOptions::default();
    let opened = io::open(path, &options, progress).map_err(|error| CliError::new(&error.message()).at(path))?;
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let (schema, left_out) =
        from_sheets(&name, &opened.layers).map_err(|error| CliError::new(&error.message()).at(path))?;
    left_out.iter().for_each(|message| output::say(&message.text(language)));
    Ok(schema)
}
