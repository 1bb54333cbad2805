//! `tuban report`: scenarios compared, as a document, a page, a workbook or text; or an office's own workbook filled.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{ReadArgs, ReportArgs};
use super::compare::open_polygons;
use super::output::{self, Outputs};
use super::{CliError, Outcome, source};
use crate::io;
use crate::model::{AreaMethod, Layer};
use crate::report::output::Format;
use crate::report::output::fill::fill;
use crate::report::planning::{self, Asked, PlanPart, Template, gather};
use crate::rules::Rules;
use crate::task::Progress;
use crate::text::{Language, Message};

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened, states that cannot be told apart, mistakes in template or rules, output that cannot be
/// written.
pub(super) fn run(args: &ReportArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let inputs = args.read.files.iter().chain(&args.template).chain(&args.rules).chain(&args.fill).chain(&args.line);
    let outputs = Outputs::new(inputs, [args.output.file()])?;
    let format = args.output.format()?;
    let date = date(args.date.as_deref())?;
    // What is wrong with the template is said before the work.
    let template = template(args)?;
    let own = args.fill.as_deref().map(|path| read(path, "cli.report-unreadable")).transpose()?;
    let (workspace, project_issues) = source::open_workspace(&args.read, progress)?;
    let rules = match args.rules.clone().or_else(|| workspace.rules.clone()) {
        Some(path) => Some(read_rules(&path)?),
        None => None,
    };
    let parts = template.parts();
    let with_pictures = format.form() == crate::report::Form::Parts
        && own.is_none()
        && format != Format::Text
        && (parts.contains(&PlanPart::Maps) || parts.contains(&PlanPart::Flows));
    let asked = Asked {
        scenarios: args.scenario.clone(),
        method: AreaMethod::from(args.method),
        accounts: args.accounts.map_or_else(|| template.accounts(), Into::into),
        with_pictures,
        red_lines: red_lines(args, progress)?,
    };
    let gathered =
        gather(&workspace, rules, &asked, language, progress).map_err(|error| CliError::new(&error.message()))?;
    if args.placeholders {
        let names = planning::values(&gathered, &template, &date, language).names();
        let text: String = names.iter().map(|name| format!("{{{{{name}}}}}\n")).collect();
        outputs.write(args.output.file(), text.as_bytes())?;
        return Ok(Outcome::Done);
    }
    match (&own, &args.fill) {
        (Some(own), Some(path)) => {
            let values = planning::values(&gathered, &template, &date, language);
            let filled = fill(own, &values).map_err(|error| CliError::new(&error.message()).at(path))?;
            outputs.write(args.output.file(), &filled.bytes)?;
            output::say(&Message::new("cli.report-filled").with("n", filled.cell_count).text(language));
        }
        _ => {
            let report = planning::report(&gathered, &template, &date, format.form(), language);
            outputs.report(&args.output, &report, language)?;
        }
    }
    let issues: Vec<_> = project_issues.iter().chain(&gathered.issues).collect();
    if format != Format::Json {
        let shown: Vec<(&Path, Option<&Layer>, &crate::model::Issue)> = issues
            .iter()
            .filter(|issue| issue.severity > crate::model::Severity::Note)
            .map(|issue| (Path::new(""), None, *issue))
            .collect();
        source::print_issues(&shown, language);
        let errors = gathered.rules.iter().flat_map(|rules| &rules.errors);
        errors.for_each(|error| output::say(&error.text(language)));
    }
    let is_doubtful = !issues.is_empty() || gathered.rules.iter().any(|rules| !rules.errors.is_empty());
    Ok(if args.read.strict && is_doubtful { Outcome::FoundWrong } else { Outcome::Done })
}

/// The day as it was given, or today.
///
/// # Errors
/// What is no day.
pub(super) fn date(given: Option<&str>) -> Result<String, CliError> {
    const FORM: &str = "%Y-%m-%d";
    let Some(text) = given else { return Ok(chrono::Local::now().format(FORM).to_string()) };
    match chrono::NaiveDate::parse_from_str(text.trim(), FORM) {
        Ok(day) => Ok(day.format(FORM).to_string()),
        Err(_) => Err(CliError::new(&Message::new("cli.bad-date").with("text", text))),
    }
}

fn read(path: &Path, key: &'static str) -> Result<Vec<u8>, CliError> {
    io::read_whole(path).map_err(|error| source::unreadable(key, &error).at(path))
}

/// The office's template, with the parts that were asked for.
fn template(args: &ReportArgs) -> Result<Template, CliError> {
    let mut template = match &args.template {
        Some(path) => {
            let text =
                io::read_text(path).map_err(|error| source::unreadable("cli.report-unreadable", &error).at(path))?;
            Template::parse(&text).map_err(|error| CliError::new(&error.message()).at(path))?
        }
        None => Template::default(),
    };
    if let Some(words) = &args.parts {
        template.choose(words).map_err(|error| CliError::new(&error.message()))?;
    }
    if args.tables {
        template.set_parts(&[PlanPart::Tables]);
    }
    Ok(template)
}

fn read_rules(path: &Path) -> Result<Rules, CliError> {
    let text = io::read_text(path).map_err(|error| source::unreadable("cli.rules-unreadable", &error).at(path))?;
    Ok(Rules::parse(&text, path))
}

/// The red lines that were given.
fn red_lines(args: &ReportArgs, progress: &Progress) -> Result<Vec<(String, Arc<Layer>)>, CliError> {
    let read = ReadArgs { files: Vec::new(), ..args.read.clone() };
    let open = |path: &PathBuf| {
        let opened = open_polygons(path, &read, progress)?;
        Ok((opened.layer.name.clone(), Arc::new(opened.layer)))
    };
    args.line.iter().map(open).collect()
}
