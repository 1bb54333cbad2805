//! `tuban render --layout`: a page by a layout of the project, of the program or of a file, or a series of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{JPG_PER_INCH, parse_date, said};
use crate::cli::args::RenderArgs;
use crate::cli::output::Outputs;
use crate::cli::{CliError, Outcome, output, source};
use crate::crs::Crs;
use crate::io;
use crate::model::Issue;
use crate::model::layout::{Item, Layout, Shows, TableOf, templates};
use crate::render::drawing::output::{OutputError, PX_PER_INCH, PX_PER_MM, PictureFormat, Sheet, bytes, held, pdf_of};
use crate::render::drawing::pdf::About;
use crate::render::layout::{Body, draw, views};
use crate::render::lettering::Typeface;
use crate::report::series::{self, SeriesOf, SeriesPage};
use crate::report::sheets::{Asked, Filler};
use crate::rules::Rules;
use crate::scenario::Workspace;
use crate::task::Progress;
use crate::text::{Language, Message, escaped};
use crate::units::format_number;

/// Remarks that are printed; pages of a series say the same again and again.
const SHOWN_REMARKS: usize = 40;

/// What is drawn, and with what.
struct Job<'a> {
    workspace: Arc<Workspace>,
    filler: Filler,
    layout: Layout,
    asked: Asked,
    about: About,
    scale: f32,
    typeface: Typeface,
    progress: &'a Progress,
    remarks: Vec<Message>,
}

/// Runs the verb with the layout of that name.
///
/// # Errors
/// As the verb; also for a layout that there is not, a series that cannot be made, words that are not understood.
pub(super) fn run(args: &RenderArgs, name: &str, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    // What is wrong with the arguments is said before the work.
    let date = args.date.as_deref().map(parse_date).transpose()?;
    let words = args.set.iter().map(|text| word(text)).collect::<Result<BTreeMap<String, String>, CliError>>()?;
    let of = match &args.series {
        Some(text) => Some(SeriesOf::parse(text).ok_or_else(|| said("cli.render-series", text))?),
        None => None,
    };
    let format = PictureFormat::of_path(&args.output);
    let ends_in_nothing = args.output.extension().is_none() || args.output.is_dir();
    match (&of, format) {
        (Some(_), Some(PictureFormat::Pdf)) | (None, Some(_)) => {}
        (Some(_), None) if ends_in_nothing => {}
        (Some(_), _) => return Err(CliError::new(&Message::new("cli.series-output")).at(&args.output)),
        (None, None) => return Err(CliError::new(&Message::new("cli.render-png")).at(&args.output)),
    }
    let file =
        Some(PathBuf::from(name)).filter(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")));
    let outputs = {
        let single = Some(&args.output).filter(|_| format.is_some());
        let beneath = super::files_beneath(args);
        Outputs::new(args.read.files.iter().chain(&file).chain(&beneath), [single, args.index.as_ref()])?
    };
    let scale = args.sharpness.unwrap_or(JPG_PER_INCH / PX_PER_INCH);
    if scale.is_nan() || scale <= 0.0 {
        return Err(said("cli.render-size", &scale.to_string()));
    }
    let map_crs = match &args.map_crs {
        Some(text) => Some(Crs::parse(text).map_err(|error| CliError::new(&error.message()))?),
        None => None,
    };
    let (mut workspace, issues) = source::open_workspace(&args.read, progress)?;
    super::put_beneath(&mut workspace, args);
    if let Some(field) = &args.by {
        super::style_by(&mut workspace, field)?;
    }
    workspace.crs = map_crs.or_else(|| workspace.crs.clone()).or_else(|| Some(Crs::cgcs2000()));
    if workspace.name.is_empty() {
        workspace.name = super::title(args, &workspace);
    }
    let layout = layout(&workspace, name, file.as_deref())?;
    let folder = args.read.files.iter().find(|file| output::is_project(file)).and_then(|file| file.parent());
    let about = About { title: workspace.name.clone(), language, date };
    let asked = Asked {
        language,
        folder: folder.unwrap_or(Path::new("")).to_owned(),
        date,
        words,
        rules: rules(&workspace, &layout)?,
        soft: args.soft,
        asking: super::asking(args),
        ..Asked::default()
    };
    let remarks = issues.iter().map(|issue: &Issue| issue.message.clone()).collect();
    let typeface = Typeface::bundled();
    let workspace = Arc::new(workspace);
    let filler = Filler::new(workspace.clone());
    let mut job = Job { workspace, filler, layout, asked, about, scale, typeface, progress, remarks };
    let done = match (&of, format) {
        (Some(of), _) => job.series(args, of, &outputs)?,
        (None, Some(format)) => job.single(args, format, &outputs)?,
        (None, None) => return Err(CliError::new(&Message::new("cli.render-png")).at(&args.output)),
    };
    outputs.write(None, format!("{}\n", escaped(&done.text(language))).as_bytes())?;
    for remark in job.remarks.iter().take(SHOWN_REMARKS) {
        eprintln!("{}", escaped(&remark.text(language)));
    }
    let found_wrong = args.read.strict && !job.remarks.is_empty();
    Ok(if found_wrong { Outcome::FoundWrong } else { Outcome::Done })
}

/// The rules of the project, where the layout has a table of them.
fn rules(workspace: &Workspace, layout: &Layout) -> Result<Option<Arc<Rules>>, CliError> {
    let is_of_rules =
        |item: &Item| matches!(&item.shows, Shows::Table(table) if table.of == TableOf::Rules && item.visible);
    let path = workspace.rules.as_deref().filter(|_| layout.items.iter().any(is_of_rules));
    let Some(path) = path else { return Ok(None) };
    let text = io::read_text(path).map_err(|error| source::unreadable("cli.rules-unreadable", &error).at(path))?;
    Ok(Some(Arc::new(Rules::parse(&text, path))))
}

/// A word and what it says.
fn word(text: &str) -> Result<(String, String), CliError> {
    let parts = text.split_once('=').map(|(key, word)| (key.trim().to_owned(), word.trim().to_owned()));
    parts.filter(|(key, _)| !key.is_empty()).ok_or_else(|| said("cli.layout-set", text))
}

/// The layout of a file, or of that name: the project's own, then those that the program brings, in either language.
fn layout(workspace: &Workspace, name: &str, file: Option<&Path>) -> Result<Layout, CliError> {
    if let Some(file) = file {
        let text = io::read_text(file).map_err(|error| source::unreadable("cli.layout-unreadable", &error).at(file))?;
        return Layout::from_toml(&text).map_err(|error| CliError::new(&error.message()).at(file));
    }
    let known = |layouts: &[Layout]| layouts.iter().find(|layout| layout.name == name).cloned();
    let brought = [Language::Chinese, Language::English].map(templates::all);
    let found = known(&workspace.layouts).or_else(|| brought.iter().find_map(|layouts| known(layouts)));
    found.ok_or_else(|| {
        let names = |language: Language| {
            let brought = templates::all(language);
            let all = workspace.layouts.iter().chain(&brought).map(|layout| layout.name.clone());
            all.collect::<Vec<_>>().join(", ")
        };
        CliError::new(&Message::new("cli.no-layout").with("name", name).with_said("names", names))
    })
}

impl Job<'_> {
    /// A page, as outlines or pixels.
    fn page(&mut self, asked: &Asked, outlines: bool) -> Result<(Sheet, Option<f64>), CliError> {
        let (content, remarks) = self.filler.content(&self.layout, asked, self.progress)?;
        let body = if outlines { Body::Outlines } else { Body::Pixels(self.scale) };
        let drawn = draw(&self.layout, &content, body, &self.typeface, self.progress)?;
        for remark in remarks.into_iter().chain(drawn.remarks) {
            if !self.remarks.contains(&remark) {
                self.remarks.push(remark);
            }
        }
        let metres = content.crs.metres_per_unit_on_map();
        let main = self.layout.map("").and_then(|(item, _)| views(&self.layout, &content).get(&item.name).copied());
        Ok((drawn.sheet, main.map(|view| view.scale_denominator(metres))))
    }

    fn single(&mut self, args: &RenderArgs, format: PictureFormat, outputs: &Outputs) -> Result<Message, CliError> {
        let failed = |error: OutputError| CliError::new(&error.message()).at(&args.output);
        let outlines = format.keeps_outlines();
        let page = self.layout.page;
        if !outlines {
            held([page.width_mm, page.height_mm].map(|side| side as f32 * PX_PER_MM), self.scale).map_err(failed)?;
        }
        let asked = self.asked.clone();
        let (sheet, scale) = self.page(&asked, outlines)?;
        let bytes = bytes(&sheet, format, self.scale, &self.about, &self.typeface).map_err(failed)?;
        outputs.write(Some(&args.output), &bytes)?;
        Ok(Message::new("cli.rendered-layout")
            .with("path", output::shown(&args.output))
            .with("layout", &self.layout.name)
            .with("width", page.width_mm)
            .with("height", page.height_mm)
            .with("scale", scale.map_or_else(|| "-".to_owned(), |scale| format_number(scale, 0))))
    }

    fn series(&mut self, args: &RenderArgs, of: &SeriesOf, outputs: &Outputs) -> Result<Message, CliError> {
        let of = of.clone().of_layout(&self.layout);
        let pages = series::pages(&self.workspace, &of, None, self.asked.language, self.progress)
            .map_err(|error| CliError::new(&error.message()))?;
        let count = pages.len();
        let folder = Some(&args.output).filter(|_| PictureFormat::of_path(&args.output).is_none());
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder)
                .map_err(|error| CliError::new(&Message::new("cli.cannot-write").with("error", error)).at(folder))?;
        }
        let pdf = |sheets: &[Sheet], about: &About, typeface: &Typeface| {
            pdf_of(sheets, about, typeface).map_err(|error| CliError::new(&error.message()))
        };
        let mut bound: Vec<Sheet> = Vec::new();
        for (nth, page) in pages.iter().enumerate() {
            let asked = series::asked_of(page, nth, count, &self.asked);
            let (sheet, _) = self.page(&asked, true)?;
            match folder {
                Some(folder) => {
                    let path = folder.join(format!("{}.pdf", series::file_name(page, nth, count)));
                    let about = About { title: page.name.clone(), ..self.about.clone() };
                    let bytes = pdf(std::slice::from_ref(&sheet), &about, &self.typeface)?;
                    outputs.write(Some(&path), &bytes)?;
                }
                None => bound.push(sheet),
            }
        }
        if folder.is_none() {
            outputs.write(Some(&args.output), &pdf(&bound, &self.about, &self.typeface)?)?;
        }
        if let Some(index) = &args.index {
            self.index(&pages, index, outputs)?;
        }
        Ok(Message::new("cli.rendered-series")
            .with("path", output::shown(&args.output))
            .with("layout", &self.layout.name)
            .with("count", count))
    }

    fn index(&self, pages: &[SeriesPage], path: &Path, outputs: &Outputs) -> Result<(), CliError> {
        let crs = self.workspace.crs.clone().unwrap_or_else(Crs::cgcs2000);
        let layer = series::index_layer(pages, &crs);
        let written = io::write(path, &layer, None, io::WriteOptions::default(), outputs.guard());
        written.map_err(|error| CliError::new(&error.message()))
    }
}
