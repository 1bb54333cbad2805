//! `tuban areas`: areas of layers in mu, hectares and km², whole or by fields.

use super::args::AreasArgs;
use super::output::Outputs;
use super::{CliError, Outcome, source};
use crate::expr::{Expr, Figures};
use crate::io::cache::Cache;
use crate::model::keys;
use crate::model::{AreaMethod, Areas, GeometryKind, Issue, Layer};
use crate::overlay;
use crate::report::areas::{Filtered, Measured, MeasuredFile, report};
use crate::report::groups::{self, Group};
use crate::report::output::Format;
use crate::report::summary;
use crate::task::Progress;
use crate::text::{Language, Message};

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened, a field or expression that is not understood, a planar area asked for in degrees, an
/// undecided CRS under `--strict`, output that cannot be written.
pub fn run(args: &AreasArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let outputs = Outputs::new(&args.read.files, [args.output.file()])?;
    let format = args.output.format()?;
    let sources = source::open_all(&args.read, progress)?;
    if args.read.strict {
        source::refuse_undecided(&sources)?;
    }
    let method = AreaMethod::from(args.method);
    let mut files = Vec::new();
    for source in &sources {
        let mut layers = Vec::new();
        for layer in &source.layers {
            layers
                .push(measure(args, layer, method, source.cache.as_deref(), progress).map_err(|e| e.at(&source.path))?);
        }
        let partial = source.partial.as_ref();
        files.push(MeasuredFile { path: &source.path, partial, layers, issues: &source.issues });
    }
    outputs.report(&args.output, &report(&files, format.form(), language), language)?;
    let mut issue_count = 0;
    for file in &files {
        let about = file.issues.iter().map(|issue| (None, issue));
        let found =
            file.layers.iter().flat_map(|m| m.layer.issues.iter().chain(&m.areas.issues).map(|i| (Some(m.layer), i)));
        let found: Vec<(&std::path::Path, Option<&Layer>, &Issue)> =
            about.chain(found).map(|(layer, issue)| (file.path, layer, issue)).collect();
        issue_count += found.len();
        if format != Format::Json {
            source::print_issues(&found, language);
        }
    }
    let is_faulty = files.iter().flat_map(|file| &file.layers).any(|measured| overlay::has_faults(&measured.areas));
    Ok(if is_faulty || (args.read.strict && issue_count > 0) { Outcome::FoundWrong } else { Outcome::Done })
}

/// Measures a layer and groups it as the arguments ask.
pub(super) fn measure<'a>(
    args: &AreasArgs,
    layer: &'a Layer,
    method: AreaMethod,
    cache: Option<&Cache>,
    progress: &Progress,
) -> Result<Measured<'a>, CliError> {
    let polygons = layer.kind == GeometryKind::Polygon;
    let known = cache.filter(|_| polygons).and_then(|cache| cache.areas(layer, method, progress));
    let areas = match known {
        Some(known) => known,
        None if polygons => overlay::audited(layer, method, progress).map_err(|e| CliError::new(&e.message()))?,
        None => Areas { method, ..Areas::default() },
    };
    let mut filter = None;
    let chosen = match &args.filter {
        Some(text) => {
            let failed = |error: crate::expr::ExprError| CliError::said(|language| error.text(language));
            let expression = Expr::parse(text).map_err(failed)?;
            let figures = Figures { areas: polygons.then_some(&areas.exact[..]), perimeters: None };
            let condition = expression.bind_condition(layer, figures).map_err(failed)?;
            let mut chosen = vec![false; layer.feature_count()];
            for feature in condition.select(progress)? {
                chosen[feature as usize] = true;
            }
            let mut remarks = condition.hints().to_vec();
            remarks.extend(condition.uncompared(progress)?);
            filter = Some(Filtered { of: layer.feature_count(), remarks });
            Some(chosen)
        }
        None => None,
    };
    let keys = match &args.by {
        Some(text) => {
            let keys = groups::parse_keys(layer, text).map_err(|e| CliError::new(&e.message()))?;
            keys::as_classes(layer, keys)
        }
        None => Vec::new(),
    };
    let whole = groups::group(layer, &areas, &[], chosen.as_deref()).pop().unwrap_or_else(Group::empty);
    let groups = if keys.is_empty() { Vec::new() } else { groups::group(layer, &areas, &keys, chosen.as_deref()) };
    let coverage = match args.union && polygons {
        true => {
            let coverage = overlay::coverage_among(layer, chosen.as_deref(), method, progress);
            Some(coverage.map_err(|e| CliError::new(&e.message()))?)
        }
        false => None,
    };
    let mut remarks: Vec<Message> = filter.iter().flat_map(|filter| filter.remarks.iter().cloned()).collect();
    remarks.extend(summary::key_remarks(layer, &keys, chosen.as_deref()));
    Ok(Measured { layer, areas, keys, groups, whole, coverage, remarks, filter })
}
