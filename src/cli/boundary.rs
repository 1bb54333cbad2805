//! `tuban boundary`: the boundary points (界址点成果表) of polygons, and what lies on their four sides (四至).

use super::args::{BoundaryArgs, ReadArgs};
use super::output::{self, Outputs};
use super::{CliError, Outcome, convert, source};
use crate::io::TxtOptions;
use crate::model::{GeometryKind, Layer};
use crate::report::boundary_points::{boundary_points, has_plane};
use crate::report::four_sides::{Asked, four_sides};
use crate::report::{Form, Report, Table, to_json};
use crate::task::Progress;
use crate::text::{Language, Message};

/// Most metres beyond an outline that are asked about.
const FARTHEST_M: f64 = 1000.0;

/// Runs the verb.
///
/// # Errors
/// A file that cannot be read, a layer or field that is not there, output that cannot be written.
pub(super) fn run(args: &BoundaryArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    let files: Vec<_> = std::iter::once(&args.file).chain(&args.sides).cloned().collect();
    let outputs = Outputs::new(&files, [args.output.file()])?;
    let form = args.output.format()?.form();
    let layer = layer_of(args, args.file.clone(), args.layer.as_deref(), progress)?;
    has_plane(&layer).map_err(|message| CliError::new(&message).at(&args.file))?;
    let rows = args.filter.as_deref().map(|text| convert::chosen(&layer, text, progress)).transpose()?;
    let of_template = match &args.template {
        Some(path) => {
            let words = convert::template(path)?;
            convert::lacks(&words, &layer).for_each(|lack| output::say(&lack.text(language)));
            TxtOptions::of_words(&words, &layer)
        }
        None => TxtOptions::usual(&layer),
    };
    let decimals = args.decimals.unwrap_or(of_template.decimals).min(9);
    let options = TxtOptions { decimals, ..of_template };
    let mut tables: Vec<Table> = vec![boundary_points(&layer, rows.as_deref(), &options, language)];
    if let Some(sides) = &args.sides {
        let around = layer_of(args, sides.clone(), None, progress)?;
        let wanted = args.field.as_deref().unwrap_or_default();
        let field = around.field(wanted).ok_or_else(|| {
            let fields: Vec<&str> = around.fields.iter().map(|field| field.name.as_str()).take(60).collect();
            let message = Message::new("join.no-field").with("layer", &around.name).with("name", wanted);
            CliError::new(&message.with("fields", fields.join(", "))).at(sides)
        })?;
        if !(args.reach > 0.0 && args.reach <= FARTHEST_M) {
            return Err(CliError::new(&Message::new("cli.boundary-reach").with("most", FARTHEST_M)));
        }
        let asked = Asked { around: &around, field, reach_m: args.reach };
        let place = |name: &str| options.fields.iter().find(|(place, _)| *place == name).map(|(_, field)| *field);
        let names = [place("地块编号"), place("地块名称")];
        let table = four_sides(&layer, rows.as_deref(), names, asked, language, progress)
            .map_err(|error| CliError::new(&error.message()).at(&args.file))?;
        tables.push(table);
    }
    let report = match form {
        Form::Parts => Report::of_tables(tables),
        Form::Sheets | Form::Workbook => Report::of_sheets(tables, Vec::new()),
        Form::Data => Report::of_data(serde_json::Value::Object(
            tables.iter().zip(["points", "sides"]).map(|(table, key)| (key.to_owned(), to_json(table))).collect(),
        )),
    };
    outputs.report(&args.output, &report, language)?;
    Ok(Outcome::Done)
}

/// The polygons of a file.
fn layer_of(
    args: &BoundaryArgs,
    file: std::path::PathBuf,
    name: Option<&str>,
    progress: &Progress,
) -> Result<Layer, CliError> {
    let read = ReadArgs { files: vec![file.clone()], crs: args.crs.clone(), ..ReadArgs::default() };
    let sources = source::open_all(&read, progress)?;
    let is_wanted = |layer: &Layer| layer.kind == GeometryKind::Polygon && name.is_none_or(|name| name == layer.name);
    let found = sources.into_iter().flat_map(|source| source.layers).find(is_wanted);
    found.ok_or_else(|| CliError::new(&Message::new("cli.boundary-no-polygons")).at(&file))
}
