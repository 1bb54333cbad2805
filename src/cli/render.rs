//! `tuban render`: layers or a project as a PDF, SVG, PNG or JPG picture, with or without the frame of a map sheet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::RenderArgs;
use super::output::Outputs;
use super::{CliError, Outcome, output, source};
use crate::crs::{Crs, Reprojector};
use crate::io::cache::{TileShelf, Tiles};
use crate::io::underlay::{Asking, is_address};
use crate::model::style::defaults;
use crate::model::{AreaMethod, Coord, Extent, GeometryKind, Issue, Severity, classes};
use crate::overlay;
use crate::render::MapView;
use crate::render::drawing::geopdf::Place;
use crate::render::drawing::output::{OutputError, PX_PER_INCH, PictureFormat, Sheet, bytes};
use crate::render::drawing::pdf::About;
use crate::render::drawing::{Drawing, credit_in};
use crate::render::legend;
use crate::render::lettering::Typeface;
use crate::render::raster::{PaintColors, paint_parts};
use crate::render::scene::Scene;
use crate::render::sheet;
use crate::render::vector;
use crate::scenario::{Entry, Underlay, UnderlaySource, Workspace};
use crate::task::Progress;
use crate::text::{Language, Message, escaped};
use crate::units::{AreaUnit, format_number};

mod layouts;

/// Widest and highest picture in pixels.
const MOST_PX: u32 = 16_384;
/// Free pixels around everything.
const MARGIN_PX: f64 = 10.0;
/// Pixels an inch of JPG files, which are handed in: what authorities ask for.
const JPG_PER_INCH: f32 = 300.0;

/// Runs the verb.
///
/// # Errors
/// A file that cannot be opened, an argument or field that is not understood, layers of which none can be drawn, an
/// undecided CRS under `--strict`, a picture that cannot be written.
pub fn run(args: &RenderArgs, language: Language, progress: &Progress) -> Result<Outcome, CliError> {
    if let Some(name) = &args.layout {
        return layouts::run(args, name, language, progress);
    }
    // What is wrong with the arguments is said before the work.
    let size_px = parse_size(&args.size)?;
    let Some(format) = PictureFormat::of_path(&args.output) else {
        return Err(CliError::new(&Message::new("cli.render-png")).at(&args.output));
    };
    let usual = if format == PictureFormat::Jpg { JPG_PER_INCH / PX_PER_INCH } else { 1.0 };
    let sharpness = args.sharpness.unwrap_or(usual);
    let pixels = size_px.map(|side| (f64::from(side) * f64::from(sharpness)).round());
    if sharpness.is_nan() || sharpness <= 0.0 || pixels.iter().any(|side| !(1.0..=f64::from(MOST_PX)).contains(side)) {
        return Err(said("cli.render-size", &format!("{} × {sharpness}", args.size)));
    }
    let date = args.date.as_deref().map(parse_date).transpose()?;
    let beneath = files_beneath(args);
    let outputs = Outputs::new(args.read.files.iter().chain(&beneath), [Some(&args.output)])?;
    let bbox = args.bbox.as_deref().map(|text| parse_numbers::<4>(text, "cli.render-bbox")).transpose()?;
    let centre = args.centre.as_deref().map(|text| parse_numbers::<2>(text, "cli.render-centre")).transpose()?;
    for (number, key) in [(args.zoom, "cli.render-zoom"), (args.scale, "cli.render-scale")] {
        if let Some(number) = number.filter(|number| !(number.is_finite() && *number > 0.0)) {
            return Err(said(key, &number.to_string()));
        }
    }
    let map_crs = match &args.map_crs {
        Some(text) => Some(Crs::parse(text).map_err(|error| CliError::new(&error.message()))?),
        None => None,
    };

    let (mut workspace, project_issues) = source::open_workspace(&args.read, progress)?;
    put_beneath(&mut workspace, args);
    if let Some(field) = &args.by {
        style_by(&mut workspace, field)?;
    }
    for (path, left_out) in super::style::apply(&mut workspace, &args.style)? {
        output::say(&format!("{}: {}", output::shown(&path), left_out.text(language)));
    }
    let crs = map_crs.or_else(|| workspace.crs.clone()).unwrap_or_else(Crs::cgcs2000);
    workspace.crs = Some(crs.clone());
    if args.soft {
        workspace.entries.iter_mut().for_each(|entry| entry.style = entry.style.softened(false));
    }
    let mut scene = Scene::of_workspace(&workspace, &crs, progress)?;
    if scene.layers.is_empty() {
        let message = scene.issues.first().map_or_else(|| Message::new("cli.render-nothing"), |i| i.message.clone());
        return Err(CliError::new(&message));
    }
    let view = view(args, size_px, bbox, centre, &scene.extent(), &crs)?;
    let typeface = Typeface::bundled();
    scene.show_at(view.scale_denominator(crs.metres_per_unit_on_map()));
    scene.write_areas_in(AreaUnit::Mu, language);
    scene.label(&view, &typeface);
    scene.asking = asking(args);
    let image_scale = if format.keeps_outlines() { vector::IMAGE_SCALE } else { sharpness };
    let credit = scene.draw_underlays(&view, image_scale, &crs, progress)?;
    let title = title(args, &workspace);
    let parts = scene.parts();
    let (mut drawing, at) = if args.sheet {
        measure(&mut workspace, progress)?;
        let figure = |area| legend::area_text(area, language);
        let mut sheet = scene.sheet(&workspace, &view, title.clone(), &figure, language);
        sheet.notes.extend(credit.as_ref().map(|credit| credit.text(language)));
        if format.keeps_outlines() {
            sheet::outlined(&sheet, &view, &parts, &typeface, progress)?
        } else {
            (sheet::drawing(&sheet, &view, sharpness, &parts, &typeface, progress)?, [0.0, 0.0])
        }
    } else if format.keeps_outlines() {
        let mut drawing = Drawing::new(view.size_px.map(|side| side as f32), PaintColors::LIGHT.ground);
        drawing.shapes.push(vector::map(&view, [0.0, 0.0], &parts, &PaintColors::LIGHT, &typeface, progress)?);
        (drawing, [0.0, 0.0])
    } else {
        let colors = &PaintColors::LIGHT;
        let pixels = paint_parts(colors.ground, &view, sharpness, &parts, colors, Some(&typeface), progress)?;
        (Drawing::of_pixels(pixels, sharpness), [0.0, 0.0])
    };
    if let Some(credit) = credit.filter(|_| !args.sheet) {
        let [width, height] = drawing.size;
        drawing.shapes.push(credit_in([0.0, 0.0, width, height], credit.text(language)));
    }
    let size = drawing.size.map(|side| (side * sharpness).round());
    let places = if format == PictureFormat::Pdf { Place::new(at, &view, &crs) } else { None };
    let sheet = Sheet { drawing, places: places.into_iter().collect() };
    let about = About { title, language, date };
    let bytes = bytes(&sheet, format, sharpness, &about, &typeface).map_err(|error| match error {
        OutputError::TooLarge { width, height } => said("cli.render-size", &format!("{width} × {height}")),
        other => CliError::new(&other.message()),
    })?;
    outputs.write(Some(&args.output), &bytes)?;

    let done = Message::new("cli.rendered")
        .with("path", output::shown(&args.output))
        .with("size", format!("{} × {}", size[0], size[1]))
        .with("crs", crs.code_or_name())
        .with("scale", format_number(view.scale_denominator(crs.metres_per_unit_on_map()), 0))
        .with("layers", scene.layers.len());
    outputs.write(None, format!("{}\n", escaped(&done.text(language))).as_bytes())?;
    let mut issues: Vec<(Option<&Entry>, &Issue)> =
        project_issues.iter().chain(&scene.issues).map(|issue| (None, issue)).collect();
    for entry in &workspace.entries {
        let of_areas = entry.areas.iter().flat_map(|areas| &areas.issues);
        issues.extend(entry.layer.issues.iter().chain(of_areas).map(|issue| (Some(entry), issue)));
    }
    // Notes change nothing about the picture.
    let shown: Vec<_> = issues.iter().filter(|(_, issue)| issue.severity > Severity::Note).collect();
    let shown: Vec<(&Path, Option<&crate::model::Layer>, &Issue)> = shown
        .into_iter()
        .map(|(entry, issue)| match entry {
            Some(entry) => (entry.layer.provenance.path.as_path(), Some(&*entry.layer), *issue),
            None => (Path::new(""), None, *issue),
        })
        .collect();
    source::print_issues(&shown, language);
    Ok(if args.read.strict && !issues.is_empty() { Outcome::FoundWrong } else { Outcome::Done })
}

/// The files that the arguments put beneath the layers.
fn files_beneath(args: &RenderArgs) -> Vec<PathBuf> {
    args.underlay.iter().filter(|text| !is_address(text)).map(PathBuf::from).collect()
}

/// Puts what the arguments name beneath the layers, above what the project has there.
fn put_beneath(workspace: &mut Workspace, args: &RenderArgs) {
    let of = |text: &String| {
        let (title, source) = if is_address(text) {
            (text.clone(), UnderlaySource::Tiles(text.clone()))
        } else {
            (output::shown(Path::new(text)), UnderlaySource::File(PathBuf::from(text)))
        };
        Underlay::new(title, source)
    };
    let mut underlays: Vec<Underlay> = args.underlay.iter().rev().map(of).collect();
    underlays.extend(workspace.underlays.iter().cloned());
    workspace.underlays = Arc::new(underlays);
}

/// Whether servers are asked, and the key of the environment.
fn asking(args: &RenderArgs) -> Asking {
    let key = std::env::var("TUBAN_TIANDITU_KEY").unwrap_or_default();
    // What the window kept beside the project serves here, too; nothing is added.
    let project = args.read.files.iter().find(|file| output::is_project(file));
    let shelf = TileShelf::default();
    shelf.set(project.map(|project| Arc::new(Tiles::beside(project, false))));
    Asking { allowed: args.online, key, wake: None, shelf }
}

fn said(key: &'static str, text: &str) -> CliError {
    CliError::new(&Message::new(key).with("text", text))
}

/// Width and height written as `1600x1000`.
///
/// # Errors
/// For anything else, and for sides that no picture has.
pub fn parse_size(text: &str) -> Result<[u32; 2], CliError> {
    let side = |text: &str| text.trim().parse().ok().filter(|side| (1..=MOST_PX).contains(side));
    let parts = text.split_once(['x', 'X', '×', '*']);
    let size = parts.and_then(|(width, height)| Some([side(width)?, side(height)?]));
    size.ok_or_else(|| said("cli.render-size", text))
}

/// Year, month and day written as `2026-06-01`.
///
/// # Errors
/// For anything else, and for days that no month has.
pub fn parse_date(text: &str) -> Result<(u16, u8, u8), CliError> {
    let parts: Vec<&str> = text.trim().split(['-', '/', '.']).collect();
    let date = match *parts {
        [year, month, day] => year.parse().ok().zip(month.parse().ok()).zip(day.parse().ok()),
        _ => None,
    };
    let date = date.map(|((year, month), day)| (year, month, day));
    let exists = |(year, month, day): &(u16, u8, u8)| {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 0,
        };
        (1900..=2999).contains(year) && (1..=days).contains(day)
    };
    date.filter(exists).ok_or_else(|| said("cli.render-date", text))
}

fn parse_numbers<const N: usize>(text: &str, key: &'static str) -> Result<[f64; N], CliError> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let numbers: Option<Vec<f64>> = text.split([',', '，']).map(number).collect();
    numbers.and_then(|numbers| numbers.try_into().ok()).ok_or_else(|| said(key, text))
}

/// Gives every layer that has the field a style by its values.
fn style_by(workspace: &mut Workspace, name: &str) -> Result<(), CliError> {
    let mut found = false;
    for entry in &mut workspace.entries {
        let Some(field) = entry.layer.field(name) else { continue };
        found = true;
        let used = classes::used_codes(&entry.layer, field, None);
        let scheme = match entry.class_field() {
            Some(class_field) if class_field == field => entry.scheme(),
            _ => classes::detect(&used, None).scheme,
        };
        let field = entry.layer.fields[field].name.clone();
        entry.style = defaults::by_values(&field, scheme, used, entry.layer.kind);
    }
    if found {
        return Ok(());
    }
    let mut fields: Vec<&str> =
        workspace.entries.iter().flat_map(|entry| entry.layer.fields.iter()).map(|field| field.name.as_str()).collect();
    fields.sort_unstable();
    fields.dedup();
    fields.truncate(60);
    Err(CliError::new(&Message::new("cli.render-no-field").with("name", name).with("fields", fields.join(", "))))
}

/// What the map shows.
fn view(
    args: &RenderArgs,
    size_px: [u32; 2],
    bbox: Option<[f64; 4]>,
    centre: Option<[f64; 2]>,
    extent: &Extent,
    crs: &Crs,
) -> Result<MapView, CliError> {
    let size_px = size_px.map(f64::from);
    if let Some([x0, y0, x1, y1]) = bbox {
        let corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)].map(|(x, y)| Coord { x, y });
        let extent = Extent::of(&to_map(&corners, crs)?);
        return Ok(MapView::fit(&extent, size_px, 0.0));
    }
    let mut view = MapView::fit(extent, size_px, MARGIN_PX);
    if let Some([x, y]) = centre {
        view = view.centered(to_map(&[Coord { x, y }], crs)?[0]);
    }
    if let Some(scale) = args.scale {
        view = view.at_scale(scale, crs.metres_per_unit_on_map());
    }
    if let Some(zoom) = args.zoom {
        view = view.zoomed_about(size_px.map(|side| side / 2.0), zoom);
    }
    Ok(view)
}

/// Coordinates as typed in the CRS of the map: all that could be longitude and latitude is taken for that, also where
/// the map is projected.
fn to_map(typed: &[Coord], crs: &Crs) -> Result<Vec<Coord>, CliError> {
    let mut coords = typed.to_vec();
    let degrees = coords.iter().all(|c| c.x.abs() <= 180.0 && c.y.abs() <= 90.0);
    if degrees && !crs.is_geographic() {
        let converted = Reprojector::new(&crs.geographic(), crs).map_err(|error| CliError::new(&error.message()))?;
        let outside = |_| said("cli.render-outside", crs.code_or_name());
        converted.convert(&mut coords).map_err(outside)?;
    }
    Ok(coords)
}

/// Measures the polygons that are drawn, for the figures of the legend.
fn measure(workspace: &mut Workspace, progress: &Progress) -> Result<(), CliError> {
    let drawn: Vec<_> = workspace.drawn().map(Entry::id).collect();
    for id in drawn {
        let wanted = |entry: &&Entry| entry.layer.kind == GeometryKind::Polygon && entry.areas.is_none();
        let Some(entry) = workspace.entry(id).filter(wanted) else { continue };
        let areas = overlay::measured(&entry.layer, AreaMethod::Survey, progress)
            .map_err(|error| CliError::new(&error.message()).at(&entry.layer.provenance.path))?;
        let revision = entry.layer.revision;
        // Fields by expressions take what they say about areas from there.
        workspace.set_areas(id, revision, Arc::new(areas));
    }
    Ok(())
}

/// The title that was asked for, else that of the project, else the name of the first file.
fn title(args: &RenderArgs, workspace: &Workspace) -> String {
    let file_stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let named = args.title.clone().or_else(|| Some(workspace.name.clone()).filter(|name| !name.is_empty()));
    named.or_else(|| file_stem(args.read.files.first()?)).unwrap_or_default()
}
