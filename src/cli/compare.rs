//! `tuban compare`: the transition matrix between two states of land use.

use std::path::Path;

use super::args::{CompareArgs, LevelName, ReadArgs};
use super::output::Outputs;
use super::source::{self, SourceFile};
use super::{CliError, Outcome};
use crate::io::{self, Guard};
use crate::model::classes::OtherGrassland;
use crate::model::keys::{self, GroupKey};
use crate::model::roles::{self, Clues};
use crate::model::{AreaMethod, CrsSource, GeometryKind, Issue, Layer};
use crate::report::comparison::{Answer, AtLevel, Side};
use crate::report::output::Format;
use crate::scenario::transition::pieces::{self, Wanted};
use crate::scenario::transition::{
    Basis, Classes, CompareError, CompareOptions, Comparison, Crosswalk, Grouping, Level, Matrix, Tolerance,
};
use crate::task::Progress;
use crate::text::{Language, Message};
use crate::units::{Area, Length};

/// One side of the comparison, opened.
pub(super) struct Opened {
    pub source: SourceFile,
    pub layer: Layer,
}

/// What every pair of files is compared by.
pub(super) struct Asked {
    pub basis: Basis,
    pub tolerance: Tolerance,
    pub crosswalk: Option<Crosswalk>,
}

impl Asked {
    /// What areas are by, by its word.
    pub(super) fn basis_name(&self) -> String {
        self.basis.name()
    }
}

/// Both sides opened, and the study area.
pub(super) struct Two {
    pub opened: [Opened; 2],
    pub within: Option<Opened>,
}

/// Both sides compared.
pub(super) struct Compared {
    pub comparison: Comparison,
    pub levels: Vec<AtLevel>,
}

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened or has no polygons, a field that is not there, schemes that need a crosswalk, output
/// that cannot be written.
pub fn run(args: &CompareArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let (Some(base), Some(scenario)) = (&args.base, &args.scenario) else {
        return Err(CliError::new(&Message::new("cli.pairs-nothing")));
    };
    let inputs = [Some(base), Some(scenario), args.within.as_ref(), args.crosswalk.as_ref()];
    let outputs = Outputs::new(inputs.into_iter().flatten(), [args.output.file(), args.pieces.as_ref()])?;
    let format = args.output.format()?;
    let asked = asked(args)?;
    let two = open_two(args, [base, scenario], progress)?;
    let Compared { comparison, levels } = compared(args, &asked, &two, progress)?;
    let [base, scenario] = &two.opened;
    let within = two.within.as_ref().map(Opened::side);
    let answer =
        Answer { sides: [base.side(), scenario.side()], within, comparison, levels, tolerance: asked.tolerance };
    if let Some(path) = &args.pieces {
        write_pieces(path, outputs.guard(), &answer, progress)?;
    }
    let all = args.level == Some(LevelName::All);
    outputs.report(&args.output, &answer.report(all, format.form(), language), language)?;
    let issues = answer.issues();
    if format != Format::Json {
        let found: Vec<(&Path, Option<&Layer>, &Issue)> =
            issues.iter().map(|(side, issue)| (side.path, Some(side.layer), *issue)).collect();
        source::print_issues(&found, language);
    }
    // Figures that cannot be are wrong whether asked for or not.
    let is_unsound = answer.comparison.table.is_unsound();
    Ok(if is_unsound || (args.strict && !issues.is_empty()) { Outcome::FoundWrong } else { Outcome::Done })
}

/// What the arguments say of every pair.
pub(super) fn asked(args: &CompareArgs) -> Result<Asked, CliError> {
    let crosswalk = args.crosswalk.as_deref().map(read_crosswalk).transpose()?;
    Ok(Asked { basis: basis(&args.method)?, tolerance: tolerance(args)?, crosswalk })
}

/// Opens both sides and the study area, each in its CRS.
pub(super) fn open_two(args: &CompareArgs, paths: [&Path; 2], progress: &Progress) -> Result<Two, CliError> {
    let mut opened = open_both(args, paths, progress)?;
    let mut within = args.within.as_deref().map(|path| open(path, args, progress)).transpose()?;
    let read = ReadArgs { crs: args.crs.clone(), keep_partial: args.keep_partial, ..ReadArgs::default() };
    let [base, scenario] = &mut opened;
    base.settle(&[&scenario.layer], &read, progress)?;
    scenario.settle(&[&base.layer], &read, progress)?;
    if let Some(within) = &mut within {
        within.settle(&[&base.layer, &scenario.layer], &read, progress)?;
    }
    source::flag_web_maps([&mut base.layer, &mut scenario.layer].into_iter(), progress)?;
    Ok(Two { opened, within })
}

/// Compares what was opened, at every level that was asked for.
pub(super) fn compared(
    args: &CompareArgs,
    asked: &Asked,
    two: &Two,
    progress: &Progress,
) -> Result<Compared, CliError> {
    let Two { opened, within } = two;
    let keys = [
        class_keys(&opened[0].layer, args.by.as_deref())?,
        class_keys(&opened[1].layer, args.by_scenario.as_deref().or(args.by.as_deref()))?,
    ];
    let groupings = [0, 1].map(|side| Grouping { layer: &opened[side].layer, keys: &keys[side] });
    // Classes first: what is wrong with them is told before the long run.
    let all = args.level == Some(LevelName::All);
    let mut classes = Vec::new();
    for level in levels(args.level) {
        match Classes::new(groupings[0], groupings[1], level, asked.crosswalk.as_ref()) {
            Ok(found) => classes.push((level, found)),
            // Every level that there is: plan schemes have no big classes.
            Err(CompareError::NoBigClasses(_)) if all => {}
            Err(error) => return Err(failed(&error)),
        }
    }
    let within = within.as_ref().map(|within| &within.layer);
    let options = CompareOptions { basis: asked.basis.clone(), within, tolerance: asked.tolerance };
    let comparison = Comparison::new(&opened[0].layer, &opened[1].layer, &options, progress).map_err(|e| failed(&e))?;
    let levels = classes
        .into_iter()
        .map(|(level, classes)| AtLevel { level, matrix: Matrix::new(&comparison, &classes), classes })
        .collect();
    Ok(Compared { comparison, levels })
}

impl Two {
    /// How many things were found about the sides and their comparison.
    pub(super) fn issue_count(&self, comparison: &Comparison) -> usize {
        let [base, scenario] = &self.opened;
        let opened = [Some(base), Some(scenario), self.within.as_ref()];
        let read: usize =
            opened.into_iter().flatten().map(|side| side.source.issues.len() + side.layer.issues.len()).sum();
        let states: usize = comparison.states.iter().map(|state| state.issues.len()).sum();
        let sides: usize = comparison.table.sides.iter().map(|side| side.issues.len()).sum();
        read + states + sides + comparison.table.issues.len()
    }
}

pub(super) fn failed(error: &CompareError) -> CliError {
    CliError::new(&error.message())
}

/// The levels that a word of the command line stands for.
pub(super) fn levels(name: Option<LevelName>) -> Vec<Level> {
    let big = Level::Big(OtherGrassland::default());
    match name {
        None => vec![Level::AsGiven],
        Some(LevelName::First) => vec![Level::Of(1)],
        Some(LevelName::Second) => vec![Level::Of(2)],
        Some(LevelName::Third) => vec![Level::Of(3)],
        Some(LevelName::Big) => vec![big],
        Some(LevelName::All) => vec![Level::Of(1), Level::Of(2), Level::Of(3), big],
    }
}

fn basis(text: &str) -> Result<Basis, CliError> {
    if let Some(field) = text.strip_prefix("field:").filter(|field| !field.is_empty()) {
        return Ok(Basis::Field(field.to_owned()));
    }
    let method = AreaMethod::from_name(text);
    method.map(Basis::Geometry).ok_or_else(|| CliError::new(&Message::new("cli.unknown-method").with("text", text)))
}

fn tolerance(args: &CompareArgs) -> Result<Tolerance, CliError> {
    let wrong = |text: &str| CliError::new(&Message::new("cli.bad-tolerance").with("text", text));
    let area = Area::parse(&args.min_area).filter(|area| area.m2() >= 0.0).ok_or_else(|| wrong(&args.min_area))?;
    let metres = args.min_width.trim().trim_end_matches('m').trim();
    let width = metres.parse().ok().filter(|w: &f64| *w >= 0.0 && w.is_finite()); // none: said below
    Ok(Tolerance { area, width: Length::from_m(width.ok_or_else(|| wrong(&args.min_width))?) })
}

fn read_crosswalk(path: &Path) -> Result<Crosswalk, CliError> {
    let broken =
        |error: &dyn std::fmt::Display| CliError::new(&Message::new("cli.bad-crosswalk").with("error", error)).at(path);
    let text = io::read_text(path).map_err(|error| source::unreadable("cli.bad-crosswalk", &error).at(path))?;
    Crosswalk::from_csv(&text).map_err(|error| broken(&error))
}

/// Opens base and scenario at the same time.
fn open_both(args: &CompareArgs, paths: [&Path; 2], progress: &Progress) -> Result<[Opened; 2], CliError> {
    std::thread::scope(|scope| {
        let scenario =
            std::thread::Builder::new().name("scenario".into()).spawn_scoped(scope, || open(paths[1], args, progress));
        let base = open(paths[0], args, progress);
        let scenario = match scenario.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(scenario)) => scenario,
            // No thread to be had: one after the other.
            _ => open(paths[1], args, progress),
        };
        Ok([base?, scenario?])
    })
}

/// Opens a data file or a layer of a project.
fn open(path: &Path, args: &CompareArgs, progress: &Progress) -> Result<Opened, CliError> {
    let read =
        ReadArgs { crs: args.crs.clone(), keep_partial: args.keep_partial, strict: args.strict, ..ReadArgs::default() };
    open_polygons(path, &read, progress)
}

/// Opens the polygons of a data file, or of the layer of a project that `PROJECT.toml#LAYER` names.
pub(super) fn open_polygons(path: &Path, read: &ReadArgs, progress: &Progress) -> Result<Opened, CliError> {
    let text = path.to_string_lossy();
    let (file, wanted) = match text.rsplit_once('#') {
        Some((file, layer)) if !path.exists() && super::output::is_project(Path::new(file)) => {
            (Path::new(file), Some(layer))
        }
        // A layer of a data file is found where that is opened.
        _ => (path, None),
    };
    let read = ReadArgs { files: vec![file.to_owned()], ..read.clone() };
    let sources = source::open_all(&read, progress)?;
    if read.strict {
        source::refuse_undecided(&sources)?;
    }
    pick_polygons(path, wanted, sources)
}

/// The one polygon layer of what was opened, or the one of that name.
fn pick_polygons(path: &Path, wanted: Option<&str>, sources: Vec<SourceFile>) -> Result<Opened, CliError> {
    let mut found = None;
    let mut names = Vec::new();
    for mut source in sources {
        for layer in std::mem::take(&mut source.layers) {
            if layer.kind != GeometryKind::Polygon || wanted.is_some_and(|wanted| layer.name != wanted) {
                continue;
            }
            names.push(layer.name.clone());
            let partial = source.partial.clone();
            let source = SourceFile {
                path: source.path.clone(),
                format: source.format.clone(),
                encoding: source.encoding.clone(),
                partial,
                layers: Vec::new(),
                role: source.role,
                issues: std::mem::take(&mut source.issues),
                cache: source.cache.clone(),
                reading: source.reading.take(),
            };
            found = Some(Opened { source, layer });
        }
    }
    match (found, names.len()) {
        (Some(opened), 1) => Ok(opened),
        (_, 0) => Err(CliError::new(&Message::new("cli.no-polygons")).at(path)),
        _ => Err(CliError::new(&Message::new("cli.several-layers").with("layers", names.join(", "))).at(path)),
    }
}

impl Opened {
    /// What reports say of it.
    fn side(&self) -> Side<'_> {
        Side { path: &self.source.path, layer: &self.layer, issues: &self.source.issues }
    }

    /// Reads a file whose CRS was guessed as `known` is read, where that fits: see [`source::settle`].
    pub(super) fn settle(&mut self, known: &[&Layer], read: &ReadArgs, progress: &Progress) -> Result<(), CliError> {
        if self.layer.crs_source != CrsSource::Undecided {
            return Ok(());
        }
        let kind = self.layer.kind;
        self.source.layers = vec![self.layer.clone()];
        source::settle(&mut self.source, known, read, progress)?;
        if let Some(layer) = std::mem::take(&mut self.source.layers).into_iter().find(|layer| layer.kind == kind) {
            self.layer = layer;
        }
        Ok(())
    }
}

/// The keys asked for, or the class field that was recognised.
pub(super) fn class_keys(layer: &Layer, by: Option<&str>) -> Result<Vec<GroupKey>, CliError> {
    let recognised;
    let text = match by {
        Some(text) => text,
        None => {
            recognised = roles::recognise(&Clues::of_layer(layer)).class_field;
            let none = || CliError::new(&Message::new("cli.no-class-field").with("layer", &layer.name));
            recognised.as_deref().ok_or_else(none)?
        }
    };
    let found = keys::parse_keys(layer, text).map_err(|error| CliError::new(&error.message()))?;
    if found.is_empty() {
        return Err(CliError::new(&Message::new("cli.no-class-field").with("layer", &layer.name)));
    }
    Ok(found)
}

/// Writes the pieces of the first level as polygons in the CRS of the base.
fn write_pieces(path: &Path, guard: &Guard, answer: &Answer<'_>, progress: &Progress) -> Result<(), CliError> {
    let Some(level) = answer.levels.first() else { return Ok(()) };
    let key = |side: usize, feature: u32| {
        let class = level.classes.of[side][feature as usize];
        level.classes.list[class as usize].key.clone()
    };
    let layers = answer.sides.map(|side| side.layer);
    let wanted = Wanted::all(&answer.comparison);
    let layer = pieces::as_layer(layers, &answer.comparison, &wanted, &key, progress)
        .map_err(|error| CliError::new(&error.message()))?;
    let written = io::write(path, &layer, None, io::WriteOptions::default(), guard);
    written.map_err(|error| CliError::new(&error.message()))
}
