//! The pages of a series: one a feature of a layer, a scenario, or a standard map sheet, and the layer that shows where they
//! lie.

use super::plots;
use super::sheets::Asked;
use crate::crs::map_sheets::{MapSheet, SheetScale, SquareSheet};
use crate::crs::{Crs, CrsError, Reprojector};
use crate::model::layout::Layout;
use crate::model::{
    AttributeBuilder, Coord, Extent, FeatureBlock, Field, FieldType, GeometryBuilder, GeometryKind, Layer, LayerId,
    Value,
};
use crate::render::layout::Focus;
use crate::render::projected::ProjectionError;
use crate::render::scene::{Scene, SceneLayer};
use crate::scenario::{Entry, ScenarioId, Workspace};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message, tr};

/// Most pages of a series.
const MOST_PAGES: usize = 5000;
/// Standard map sheets that are looked at for pages.
const MOST_LOOKED_AT: usize = 200_000;
/// Share of its size that stays free around a feature.
const AROUND: f64 = 0.08;
/// Points along each side of a sheet, whose edges are curves on most maps.
const PROBES: usize = 8;

/// What each page of a series is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeriesOf {
    /// A feature of the layer of that title.
    Features(String),
    /// A plot with its boundary points, a feature of the layer of that title; of that which the layout names, or of land use
    /// where it is empty.
    Plots(String),
    /// The base and each scenario.
    Scenarios,
    /// A standard map sheet of degrees.
    Sheets(SheetScale),
    /// A rectangular sheet of 50 cm, at 1:n.
    Squares(u32),
}

impl SeriesOf {
    /// Reads `features:TITLE`, `plots`, `plots:TITLE`, `scenarios`, `sheets:G`, `squares:1000`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, of) = text.split_once(':').unwrap_or((text, ""));
        match word.trim() {
            "features" if !of.is_empty() => Some(Self::Features(of.to_owned())),
            "plots" => Some(Self::Plots(of.to_owned())),
            "scenarios" if of.is_empty() => Some(Self::Scenarios),
            "sheets" => SheetScale::of_word(of).map(Self::Sheets),
            "squares" => of.trim().parse().ok().filter(|scale| SquareSheet::SCALES.contains(scale)).map(Self::Squares),
            _ => None,
        }
    }

    /// The same for pages of that layout: its plots, where no layer is named.
    #[must_use]
    pub fn of_layout(self, layout: &Layout) -> Self {
        match self {
            Self::Plots(title) if title.is_empty() => Self::Plots(layout.plots.layer.clone()),
            other => other,
        }
    }
}

/// A page of a series.
#[derive(Clone, Debug)]
pub struct SeriesPage {
    /// What it is called.
    pub name: String,
    /// Where it looks; everywhere where it is about a state.
    pub focus: Option<Focus>,
    /// The state that it shows, where it is about one.
    pub state: Option<Option<ScenarioId>>,
    /// The plot that it is about: its layer and its feature there.
    pub plot: Option<(LayerId, usize)>,
}

/// Why there is no series.
#[derive(Debug, thiserror::Error)]
pub enum SeriesError {
    /// No layer has that title.
    #[error("no layer is called {title:?}; layers: {}", .titles.join(", "))]
    NoLayer {
        /// The title.
        title: String,
        /// Those that there are.
        titles: Vec<String>,
    },
    /// It would have more pages than anybody prints.
    #[error("more than {MOST_PAGES} pages")]
    TooMany,
    /// No page shows anything.
    #[error("no page shows anything")]
    Empty,
    /// The map has no longitude and latitude.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// Rectangular sheets lie in a plane.
    #[error("the map is in degrees, expected a projected CRS")]
    Degrees,
    /// Cancelled by the user.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl SeriesError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::NoLayer { title, titles } => {
                Message::new("layout.series-no-layer").with("title", title).with("titles", titles.join(", "))
            }
            Self::TooMany => Message::new("layout.series-too-many").with("most", MOST_PAGES),
            Self::Empty => Message::new("layout.series-empty"),
            Self::Crs(error) => error.message(),
            Self::Degrees => Message::new("layout.series-degrees"),
            Self::Cancelled(_) => Message::new("scenario.cancelled"),
        }
    }
}

impl From<ProjectionError> for SeriesError {
    fn from(error: ProjectionError) -> Self {
        match error {
            ProjectionError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            ProjectionError::Crs(error) => Self::Crs(error),
        }
    }
}

/// The pages of a series over `workspace`, of the features `rows` alone where these are given.
///
/// # Errors
/// Where there is no such layer, there are too many pages or none, or the map has no longitude and latitude that sheets
/// could be found by.
pub fn pages(
    workspace: &Workspace,
    of: &SeriesOf,
    rows: Option<&[usize]>,
    language: Language,
    progress: &Progress,
) -> Result<Vec<SeriesPage>, SeriesError> {
    let crs = workspace.crs.clone().unwrap_or_else(Crs::cgcs2000);
    let pages: Vec<SeriesPage> = match of {
        SeriesOf::Features(title) => {
            let entry = workspace.entries.iter().find(|entry| entry.title == *title);
            let entry = entry.ok_or_else(|| no_layer(workspace, title))?;
            let pages = features(entry, rows, AROUND, &crs, progress)?;
            pages.into_iter().map(|(_, page)| page).collect()
        }
        SeriesOf::Plots(title) => {
            let entry = plots::entry_of(workspace, title).ok_or_else(|| no_layer(workspace, title))?;
            let pages = features(entry, rows, plots::AROUND, &crs, progress)?;
            let of_plot = |(feature, page): (usize, SeriesPage)| SeriesPage {
                name: plots::name_of(entry, &entry.layer, feature),
                plot: Some((entry.id(), feature)),
                ..page
            };
            pages.into_iter().map(of_plot).collect()
        }
        SeriesOf::Scenarios => states(workspace, language),
        SeriesOf::Sheets(scale) => {
            let scene = Scene::of_workspace(workspace, &crs, progress)?;
            sheets(&scene, *scale, &crs, progress)?
        }
        SeriesOf::Squares(denominator) => {
            if crs.is_geographic() {
                return Err(SeriesError::Degrees);
            }
            let scene = Scene::of_workspace(workspace, &crs, progress)?;
            squares(&scene, *denominator)?
        }
    };
    match pages.len() {
        0 => Err(SeriesError::Empty),
        count if count > MOST_PAGES => Err(SeriesError::TooMany),
        _ => Ok(pages),
    }
}

/// What page `nth` of `pages` asks beside its layout.
pub fn asked_of(page: &SeriesPage, nth: usize, pages: usize, asked: &Asked) -> Asked {
    let mut asked = Asked { focus: page.focus.clone(), plot: page.plot.or(asked.plot), ..asked.clone() };
    asked.state = page.state.or(asked.state);
    let words = [("sheet", page.name.clone()), ("page", (nth + 1).to_string()), ("pages", pages.to_string())];
    asked.words.extend(words.map(|(key, word)| (key.to_owned(), word)));
    asked
}

/// The name of the file of a page, without its ending: its number, so that files stand in order, and its name as far as
/// file systems take it.
pub fn file_name(page: &SeriesPage, nth: usize, pages: usize) -> String {
    let digits = pages.to_string().len().max(2);
    let usable = |c: char| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c };
    let name: String = page.name.chars().map(usable).take(60).collect();
    format!("{:0digits$} {}", nth + 1, name.trim()).trim_end_matches([' ', '.']).to_owned()
}

fn no_layer(workspace: &Workspace, title: &str) -> SeriesError {
    let titles = workspace.entries.iter().map(|entry| entry.title.clone()).collect();
    SeriesError::NoLayer { title: title.to_owned(), titles }
}

/// A page a feature, with the feature: of all of them, or of `rows`. `around` is the share of its size that stays free.
fn features(
    entry: &Entry,
    rows: Option<&[usize]>,
    around: f64,
    crs: &Crs,
    progress: &Progress,
) -> Result<Vec<(usize, SeriesPage)>, SeriesError> {
    let count = entry.layer.feature_count();
    if rows.map_or(count, <[usize]>::len) > MOST_PAGES {
        return Err(SeriesError::TooMany);
    }
    let (scene, _) = SceneLayer::prepare(&entry.layer, &entry.style, crs, progress)?;
    let label = entry.label_field();
    let page = |feature: usize| {
        let extent = scene.prepared.feature_extent(feature);
        if extent.is_empty() {
            return None;
        }
        let text =
            label.map(|field| entry.layer.value(feature, field).to_string()).filter(|text| !text.trim().is_empty());
        let by = around * extent.width().max(extent.height());
        let extent = Extent {
            min: Coord { x: extent.min.x - by, y: extent.min.y - by },
            max: Coord { x: extent.max.x + by, y: extent.max.y + by },
        };
        let name = text.unwrap_or_else(|| (entry.layer.source_row(feature) + 1).to_string());
        let focus = Some(Focus { extent, scale: None, outline: Vec::new() });
        Some((feature, SeriesPage { name, focus, state: None, plot: None }))
    };
    Ok(match rows {
        Some(rows) => rows.iter().filter(|row| **row < count).filter_map(|row| page(*row)).collect(),
        None => (0..count).filter_map(page).collect(),
    })
}

fn states(workspace: &Workspace, language: Language) -> Vec<SeriesPage> {
    let page = |name: String, state| SeriesPage { name, focus: None, state: Some(state), plot: None };
    let base = page(tr(language, "scenario.base-state").to_owned(), None);
    let scenarios = workspace.scenarios.list().iter().map(|scenario| page(scenario.name.clone(), Some(scenario.id)));
    std::iter::once(base).chain(scenarios).collect()
}

/// Whether any layer has something in a field of the map.
fn shows_anything(scene: &Scene, extent: &Extent) -> bool {
    scene.layers.iter().any(|layer| !layer.prepared.index.query(extent).is_empty())
}

fn sheets(scene: &Scene, scale: SheetScale, crs: &Crs, progress: &Progress) -> Result<Vec<SeriesPage>, SeriesError> {
    let degrees = crs.geographic();
    let (to_degrees, from_degrees) = (Reprojector::new(crs, &degrees)?, Reprojector::new(&degrees, crs)?);
    let whole = scene.extent();
    let mut edge = outline([whole.min.x, whole.min.y, whole.max.x, whole.max.y]);
    if whole.is_empty() || to_degrees.convert(&mut edge).is_err() {
        return Err(SeriesError::Empty);
    }
    let field = Extent::of(&edge);
    let field = [field.min.x, field.min.y, field.max.x, field.max.y];
    let found = MapSheet::over(scale, field, MOST_LOOKED_AT).ok_or(SeriesError::TooMany)?;
    let mut pages = Vec::new();
    for sheet in found {
        progress.tick(0)?;
        let mut outline = outline(sheet.degrees());
        // A sheet that the projection does not reach shows nothing of the map.
        if from_degrees.convert(&mut outline).is_err() {
            continue;
        }
        let extent = Extent::of(&outline);
        if !shows_anything(scene, &extent) {
            continue;
        }
        if pages.len() == MOST_PAGES {
            return Err(SeriesError::TooMany);
        }
        let focus = Focus { extent, scale: Some(f64::from(sheet.denominator())), outline };
        pages.push(SeriesPage { name: sheet.number(), focus: Some(focus), state: None, plot: None });
    }
    Ok(pages)
}

fn squares(scene: &Scene, denominator: u32) -> Result<Vec<SeriesPage>, SeriesError> {
    let whole = scene.extent();
    if whole.is_empty() {
        return Err(SeriesError::Empty);
    }
    let field = [whole.min.x, whole.min.y, whole.max.x, whole.max.y];
    let found = SquareSheet::over(denominator, field, MOST_LOOKED_AT).ok_or(SeriesError::TooMany)?;
    let page = |sheet: &SquareSheet| {
        let [west, south, east, north] = sheet.metres();
        let corners = [[west, south], [east, south], [east, north], [west, north]].map(|[x, y]| Coord { x, y });
        let extent = Extent::of(&corners);
        let focus = Focus { extent, scale: Some(f64::from(denominator)), outline: corners.to_vec() };
        shows_anything(scene, &extent).then(|| SeriesPage {
            name: sheet.number(),
            focus: Some(focus),
            state: None,
            plot: None,
        })
    };
    Ok(found.iter().filter_map(page).take(MOST_PAGES + 1).collect())
}

/// The edge of a field (west, south, east, north), with points along its sides.
fn outline([west, south, east, north]: [f64; 4]) -> Vec<Coord> {
    let corners = [[west, south], [east, south], [east, north], [west, north], [west, south]];
    let side = |pair: &[[f64; 2]]| {
        let [a, b] = [pair[0], pair[1]];
        (0..PROBES).map(move |nth| {
            let share = nth as f64 / PROBES as f64;
            Coord { x: a[0] + (b[0] - a[0]) * share, y: a[1] + (b[1] - a[1]) * share }
        })
    };
    corners.windows(2).flat_map(side).collect()
}

/// Where the pages lie, as polygons in the CRS of the map with the number and the name of each; pages about states lie
/// nowhere.
pub fn index_layer(pages: &[SeriesPage], crs: &Crs) -> Layer {
    let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
    let mut attributes = AttributeBuilder::default();
    let fields = [("page", FieldType::Int), ("name", FieldType::Text), ("scale", FieldType::Float)];
    for (nth, page) in pages.iter().enumerate() {
        let Some(focus) = &page.focus else { continue };
        let mut ring = focus.outline.clone();
        if ring.is_empty() {
            let (min, max) = (focus.extent.min, focus.extent.max);
            ring = vec![min, Coord { x: max.x, y: min.y }, max, Coord { x: min.x, y: max.y }];
        }
        ring.extend(ring.first().copied());
        ring.iter().for_each(|c| geometry.coord(*c));
        geometry.end_ring();
        geometry.end_part();
        geometry.end_feature();
        let scale = focus.scale.map_or(Value::Null, Value::Float);
        let values = [Value::Int(nth as i64 + 1), Value::Text(&page.name), scale];
        for (field, ((name, _), value)) in fields.iter().zip(values).enumerate() {
            let column = attributes.column(name, field);
            attributes.set(column, value);
        }
        attributes.end_row();
    }
    let block = FeatureBlock::of_parts(geometry.finish(), attributes.finish().1);
    let fields = fields.map(|(name, kind)| Field { name: name.to_owned(), kind }).to_vec();
    Layer::new("index".to_owned(), GeometryKind::Polygon, crs.clone(), fields, vec![block])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::project;

    fn demo() -> Workspace {
        project::load_demo(&Progress::new()).expect("the demo opens").workspace
    }

    fn names(of: &SeriesOf) -> Vec<String> {
        let pages = pages(&demo(), of, None, Language::Chinese, &Progress::new()).expect("a series");
        pages.into_iter().map(|page| page.name).collect()
    }

    #[test]
    fn words_name_series() {
        assert_eq!(SeriesOf::parse("features:街道:东"), Some(SeriesOf::Features("街道:东".to_owned())));
        assert_eq!(SeriesOf::parse("scenarios"), Some(SeriesOf::Scenarios));
        assert_eq!(SeriesOf::parse("plots"), Some(SeriesOf::Plots(String::new())));
        assert_eq!(SeriesOf::parse("plots:图斑"), Some(SeriesOf::Plots("图斑".to_owned())));
        assert_eq!(SeriesOf::parse("sheets:g"), Some(SeriesOf::Sheets(SheetScale::G)));
        assert_eq!(SeriesOf::parse("squares:1000"), Some(SeriesOf::Squares(1000)));
        for wrong in ["", "features:", "sheets:Z", "squares:777", "pages:1"] {
            assert_eq!(SeriesOf::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_demo_lies_on_sheets_of_jinan() {
        let found = names(&SeriesOf::Sheets(SheetScale::D));
        assert!(!found.is_empty() && found.iter().all(|name| name.starts_with("J50D0")), "{found:?}");
        let pages = pages(&demo(), &SeriesOf::Sheets(SheetScale::E), None, Language::Chinese, &Progress::new())
            .expect("sheets");
        let layer = index_layer(&pages, &demo().crs.expect("decided"));
        assert_eq!(layer.feature_count(), pages.len());
        assert_eq!(layer.value(0, 1).to_string(), pages[0].name);
        assert!(pages.iter().all(|page| page.focus.as_ref().is_some_and(|focus| focus.scale == Some(50_000.0))));
    }

    #[test]
    fn states_and_features_are_pages_of_their_own() {
        let workspace = demo();
        assert_eq!(names(&SeriesOf::Scenarios).len(), workspace.scenarios.list().len() + 1);
        let few = workspace.entries.iter().find(|entry| entry.layer.feature_count() < 50).expect("a small layer");
        let found =
            |of: &SeriesOf, rows: Option<&[usize]>| pages(&workspace, of, rows, Language::Chinese, &Progress::new());
        let all = SeriesOf::Features(few.title.clone());
        assert_eq!(found(&all, None).expect("a series").len(), few.layer.feature_count());
        assert_eq!(found(&all, Some(&[0])).expect("a series").len(), 1);
        let missing = found(&SeriesOf::Features("?".to_owned()), None);
        assert!(matches!(missing, Err(SeriesError::NoLayer { .. })));
        let plots = found(&SeriesOf::Plots(String::new()), Some(&[3, 1])).expect("a series");
        let of: Vec<Option<usize>> = plots.iter().map(|page| page.plot.map(|(_, feature)| feature)).collect();
        assert_eq!(of, [Some(3), Some(1)]);
        assert!(plots.iter().all(|page| !page.name.is_empty()));
    }

    #[test]
    fn files_stand_in_order_and_have_names_that_every_system_takes() {
        let page = |name: &str| SeriesPage { name: name.to_owned(), focus: None, state: None, plot: None };
        assert_eq!(file_name(&page("a/b:c"), 4, 120), "005 a-b-c");
        assert_eq!(file_name(&page("大桥街道"), 0, 8), "01 大桥街道");
        assert_eq!(file_name(&page("..."), 0, 8), "01");
        let asked = asked_of(&page("x"), 2, 7, &Asked::default());
        assert_eq!([&asked.words["page"], &asked.words["pages"], &asked.words["sheet"]], ["3", "7", "x"]);
    }
}
