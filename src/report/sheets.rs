//! What a layout is filled with from a workspace: maps in their states, legends, tables, pictures, words. Window and
//! command line print the same from it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tiny_skia::{IntSize, Pixmap};

use super::figure::Figure;
use super::plots;
use crate::crs::Crs;
use crate::io::read_picture;
use crate::io::underlay::Asking;
use crate::measure::MeasureError;
use crate::model::layout::{Layout, MapItem, MapState, Shows, TableOf};
use crate::model::roles::Role;
use crate::model::style::{Blend, Categories, Color, LayerStyle, ScaleRange, Stroke, Styling};
use crate::model::{Areas, GeometryKind, Layer, LayerId, Revision};
use crate::overlay;
use crate::render::layout::{Content, Focus};
use crate::render::legend;
use crate::render::prepared::Prepared;
use crate::render::projected::ProjectionError;
use crate::render::scene::{Scene, SceneLayer};
use crate::render::sheet::LegendRow;
use crate::rules::Rules;
use crate::scenario::transition::pieces::{self, Wanted};
use crate::scenario::transition::{CompareOptions, Comparison, Tolerance};
use crate::scenario::{Entry, Scenario, ScenarioId, Workspace};
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message, tr};
use crate::units::{Area, AreaUnit};

mod figures;
mod legends;
mod plot;

/// Strength of what does not change on a map of changes.
const UNCHANGED: f32 = 0.3;
/// Field of pieces that says what something becomes, and the one with its m².
const TO: &str = "to";
const M2: &str = "m2";

/// What is asked of a sheet beside its layout.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Language of the sheet.
    pub language: Language,
    /// The folder that pictures are named from.
    pub folder: PathBuf,
    /// Year, month and day of the sheet.
    pub date: Option<(u16, u8, u8)>,
    /// Words over those of the layout.
    pub words: BTreeMap<String, String>,
    /// The state that maps show which say none: that of a page of a series; the one shown where none is given.
    pub state: Option<Option<ScenarioId>>,
    /// What the page is about.
    pub focus: Option<Focus>,
    /// The plot that it is about: its layer, and its feature there as that is shown. The first one where none is given.
    pub plot: Option<(LayerId, usize)>,
    /// The rules that tables of them are of.
    pub rules: Option<Arc<Rules>>,
    /// Whether land use is in its softened colours.
    pub soft: bool,
    /// Whether servers are asked for what lies beneath.
    pub asking: Asking,
}

/// A state with the layers that a map shows of it.
struct Shown {
    scene: Scene,
    /// What is drawn, top to bottom.
    entries: Vec<Entry>,
    /// Rows that stand in the legend before those of the layers.
    rows: Vec<LegendRow>,
    title: String,
}

/// Everything of one kind of map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ShownKey {
    state: Option<u64>,
    changes: bool,
    layers: Vec<String>,
}

/// What `layout` is filled with, and what was not to be had.
///
/// # Errors
/// [`Cancelled`].
pub fn content(
    workspace: Arc<Workspace>,
    layout: &Layout,
    asked: &Asked,
    progress: &Progress,
) -> Result<(Content, Vec<Message>), Cancelled> {
    Filler::new(workspace).content(layout, asked, progress)
}

/// The layer whose features are the plots of a layout.
pub fn layer_of_plots<'a>(workspace: &'a Workspace, layout: &Layout) -> Option<&'a Entry> {
    plots::entry_of(workspace, &layout.plots.layer)
}

/// What fills layouts from a workspace, and keeps the maps that it made: pages of a series show the same again.
pub struct Filler {
    workspace: Arc<Workspace>,
    crs: Crs,
    asked: Asked,
    shown: BTreeMap<ShownKey, Shown>,
    /// Tables of scenarios by what they are, and in which unit; nothing where they cannot be had.
    made: BTreeMap<(u64, TableOf, &'static str), Result<super::Table, Message>>,
    /// Areas of the layer of plots, where it has none of its own.
    measured: Option<(Revision, Arc<Areas>)>,
    /// The layer that was asked last what lies around plots, and of which reference its coordinates are.
    around: Option<(Revision, Crs, Arc<Prepared>)>,
    remarks: Vec<Message>,
    /// Why the figures of tables of scenarios are what they are, by the items of the last layout.
    whys: BTreeMap<String, Figure>,
}

impl Filler {
    /// With nothing made yet.
    pub fn new(workspace: Arc<Workspace>) -> Self {
        let crs = workspace.crs.clone().unwrap_or_else(Crs::cgcs2000);
        Self {
            workspace,
            crs,
            asked: Asked::default(),
            shown: BTreeMap::new(),
            made: BTreeMap::new(),
            measured: None,
            around: None,
            remarks: Vec::new(),
            whys: BTreeMap::new(),
        }
    }

    /// Why the figures of the tables of scenarios that were filled in last are what they are, by item.
    pub fn take_whys(&mut self) -> BTreeMap<String, Figure> {
        std::mem::take(&mut self.whys)
    }

    /// What `layout` is filled with, and what was not to be had.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn content(
        &mut self,
        layout: &Layout,
        asked: &Asked,
        progress: &Progress,
    ) -> Result<(Content, Vec<Message>), Cancelled> {
        self.asked = asked.clone();
        self.whys.clear();
        // A page whose drawing was stopped has left its own.
        self.remarks.clear();
        let mut content = Content {
            crs: self.crs.clone(),
            language: asked.language,
            maps: BTreeMap::new(),
            legends: BTreeMap::new(),
            tables: BTreeMap::new(),
            pictures: BTreeMap::new(),
            words: BTreeMap::new(),
            focus: asked.focus.clone(),
            plot: None,
        };
        let plot = if layout.shows_plots() { self.plot(&layout.plots, progress)? } else { None };
        for item in layout.items.iter().filter(|item| item.visible) {
            let of_map = |name: &str| layout.map(name).map(|(_, map)| map.clone());
            match &item.shows {
                Shows::Map(map) => {
                    let scene = self.shown(map, progress)?.scene.clone();
                    content.maps.insert(item.name.clone(), scene);
                }
                Shows::Table(table) => {
                    let map = of_map(&table.map).unwrap_or_default();
                    let found = match (table.of, &plot) {
                        (TableOf::Points, Some(plot)) => Some(figures::text_table(&plot.points, table, asked.language)),
                        (TableOf::Sides, Some(plot)) => Some(figures::text_table(&plot.sides, table, asked.language)),
                        (TableOf::Points | TableOf::Sides, None) => None,
                        (TableOf::Classes, _) => {
                            let found = figures::class_table(self.shown(&map, progress)?, table, asked.language);
                            if found.is_none() {
                                self.remarks.push(Message::new("layout.no-classes").with("name", &item.name));
                            }
                            found
                        }
                        _ => self.table_of_scenario(&item.name, table, &map.state, progress)?,
                    };
                    content.tables.extend(found.map(|found| (item.name.clone(), found)));
                }
                Shows::Picture(picture) if is_elsewhere(&picture.path) => {
                    self.remarks.push(Message::new("layout.picture-elsewhere").with("path", &picture.path));
                }
                Shows::Picture(picture) if !picture.path.is_empty() => {
                    match read_picture(&asked.folder.join(&picture.path)) {
                        Ok(picture) => {
                            content.pictures.extend(pixmap(&picture).map(|pixels| (item.name.clone(), pixels)));
                        }
                        Err(message) => self.remarks.push(message),
                    }
                }
                _ => {}
            }
        }
        let state = match layout.map("") {
            Some((_, map)) => self.shown(&map.clone(), progress)?.title.clone(),
            None => self.workspace.state_title(asked.language),
        };
        content.words = words(&self.workspace, &content.crs, asked, state);
        if let Some(plot) = plot {
            for (word, said) in plot.words {
                content.words.entry(word).or_insert(said);
            }
            content.focus = content.focus.or(Some(Focus { extent: plot.extent, scale: None, outline: Vec::new() }));
            content.plot = Some(plot.plot);
        }
        self.legends(layout, &mut content, progress)?;
        Ok((content, std::mem::take(&mut self.remarks)))
    }

    /// What a map shows, made once for all that show the same.
    fn shown(&mut self, map: &MapItem, progress: &Progress) -> Result<&Shown, Cancelled> {
        let (state, changes) = self.state(&map.state);
        let key = ShownKey { state: state.map(|id| id.0), changes, layers: map.layers.clone() };
        if !self.shown.contains_key(&key) {
            let mut shown = self.of_state(if changes { None } else { state }, &map.layers, progress)?;
            if let Some(id) = state.filter(|_| changes) {
                self.add_changes(&mut shown, id, progress)?;
            }
            self.shown.insert(key.clone(), shown);
        }
        Ok(&self.shown[&key])
    }

    /// The scenario of a state, and whether its changes are meant.
    fn state(&mut self, state: &MapState) -> (Option<ScenarioId>, bool) {
        let scenarios = &self.workspace.scenarios;
        let (name, changes) = match state {
            MapState::Shown => return (self.asked.state.unwrap_or(scenarios.shown()), false),
            MapState::Base => return (None, false),
            MapState::Scenario(name) => (name, false),
            MapState::Changes(name) => (name, true),
        };
        let is_meant = |scenario: &&Scenario| name.is_empty() || scenario.name == *name;
        let found = scenarios.list().iter().find(is_meant).map(|scenario| scenario.id);
        if found.is_none() {
            let message = match name.as_str() {
                "" => Message::new("layout.no-scenarios"),
                name => Message::new("layout.no-scenario").with("name", name),
            };
            if !self.remarks.contains(&message) {
                self.remarks.push(message);
            }
        }
        (found, changes)
    }

    /// The layers of a state, measured and ready to be drawn.
    fn of_state(
        &mut self,
        state: Option<ScenarioId>,
        layers: &[String],
        progress: &Progress,
    ) -> Result<Shown, Cancelled> {
        let mut workspace = Workspace::clone(&self.workspace);
        workspace.show(state);
        if self.asked.soft {
            workspace.entries.iter_mut().for_each(|entry| entry.style = entry.style.softened(false));
        }
        if !layers.is_empty() {
            workspace.groups.iter_mut().for_each(|group| group.visible = true);
            for entry in &mut workspace.entries {
                entry.visible = layers.contains(&entry.title);
            }
        }
        let drawn: Vec<LayerId> = workspace.drawn().map(Entry::id).collect();
        for id in drawn {
            let wanted = |entry: &&Entry| entry.layer.kind == GeometryKind::Polygon && entry.areas.is_none();
            let Some(entry) = workspace.entry(id).filter(wanted) else { continue };
            match overlay::measured(&entry.layer, entry.method, progress) {
                Ok(areas) => {
                    let revision = entry.layer.revision;
                    workspace.set_areas(id, revision, Arc::new(areas));
                }
                Err(MeasureError::Cancelled(cancelled)) => return Err(cancelled),
                Err(error) => self.remarks.push(
                    Message::new("layout.not-measured")
                        .with("layer", &entry.title)
                        .with_message("reason", &error.message()),
                ),
            }
        }
        let mut scene = Scene::of_workspace(&workspace, &self.crs, progress)?;
        scene.write_areas_in(AreaUnit::Mu, self.asked.language);
        scene.asking = self.asked.asking.clone();
        self.remarks.extend(scene.issues.iter().map(|issue| issue.message.clone()));
        let title = workspace.state_title(self.asked.language);
        let entries = workspace.entries.iter().filter(|entry| workspace.is_drawn(entry)).cloned().collect();
        Ok(Shown { scene, entries, rows: Vec::new(), title })
    }

    /// Puts what a scenario changes of the land use over the pale base.
    fn add_changes(&mut self, shown: &mut Shown, id: ScenarioId, progress: &Progress) -> Result<(), Cancelled> {
        let name = self.workspace.scenarios.get(id).map_or_else(String::new, |scenario| scenario.name.clone());
        shown.title = Message::new("layout.changes-of").with("name", &name).text(self.asked.language);
        for layer in &mut shown.scene.layers {
            layer.style.opacity *= UNCHANGED;
        }
        let Some(entry) = of_classes(&shown.entries) else {
            self.remarks.push(Message::new("layout.no-changes").with("name", name));
            return Ok(());
        };
        let plan = self.workspace.layer_in(Some(id), entry.id()).map(|(layer, _)| layer.clone());
        let Some(plan) = plan else { return Ok(()) };
        let made = changed(entry, &plan, progress);
        let pieces = match made {
            Ok(pieces) => Arc::new(pieces),
            Err(Failure::Cancelled(cancelled)) => return Err(cancelled),
            Err(Failure::Said(message)) => {
                self.remarks.push(message);
                return Ok(());
            }
        };
        let style = change_style(&entry.style);
        shown.rows = change_rows(&pieces, &style, entry, self.asked.language);
        match SceneLayer::prepare(&pieces, &style, &self.crs, progress) {
            Ok((layer, _)) => shown.scene.layers.push(layer),
            Err(ProjectionError::Cancelled(cancelled)) => return Err(cancelled),
            Err(ProjectionError::Crs(error)) => self.remarks.push(error.message()),
        }
        Ok(())
    }
}

/// The words that every layout knows.
fn words(workspace: &Workspace, crs: &Crs, asked: &Asked, state: String) -> BTreeMap<String, String> {
    let date = asked.date.map(|(year, month, day)| {
        // Chinese dates have no zeros in front.
        let two = |number: u8, language| match language {
            Language::Chinese => number.to_string(),
            Language::English => format!("{number:02}"),
        };
        let message = Message::new("layout.date").with("year", year).with_said("month", |l| two(month, l));
        message.with_said("day", |l| two(day, l)).text(asked.language)
    });
    let known = [
        ("project", workspace.name.clone()),
        ("state", state),
        ("crs", crs.label_in(asked.language)),
        ("date", date.unwrap_or_default()),
    ];
    let mut words: BTreeMap<String, String> = known.map(|(key, word)| (key.to_owned(), word)).into();
    words.extend(asked.words.clone());
    words
}

/// Why changes are not to be had.
enum Failure {
    Cancelled(Cancelled),
    Said(Message),
}

/// The layer of land use by class: one that is held to be land use, else any whose classes are known.
fn of_classes(entries: &[Entry]) -> Option<&Entry> {
    let known = || entries.iter().filter(|entry| is_of_classes(entry));
    known().find(|entry| entry.role == Role::LandUse).or_else(|| known().next())
}

/// Whether the classes of a layer are known.
fn is_of_classes(entry: &Entry) -> bool {
    entry.layer.kind == GeometryKind::Polygon && entry.scheme().is_some() && entry.class_field().is_some()
}

/// The pieces of land whose class is another one in `plan`.
fn changed(entry: &Entry, plan: &Layer, progress: &Progress) -> Result<Layer, Failure> {
    let measured = |layer: &Layer| -> Result<Areas, Failure> {
        overlay::measured(layer, entry.method, progress).map_err(|error| match error {
            MeasureError::Cancelled(cancelled) => Failure::Cancelled(cancelled),
            other => Failure::Said(other.message()),
        })
    };
    let base = &*entry.layer;
    let comparison = if base.shape == plan.shape {
        let areas = match &entry.areas {
            Some(areas) => areas.clone(),
            None => Arc::new(measured(base)?),
        };
        Comparison::same_geometry(&areas, Tolerance::default())
    } else {
        Comparison::new(base, plan, &CompareOptions::default(), progress).map_err(|error| match error {
            crate::scenario::transition::CompareError::Cancelled(cancelled) => Failure::Cancelled(cancelled),
            other => Failure::Said(other.message()),
        })?
    };
    let fields = [entry.class_field(), entry.class_field().and_then(|field| plan.field(&base.fields[field].name))];
    let layers = [base, plan];
    let class = |side: usize, feature: u32| -> String {
        fields[side].map_or_else(String::new, |field| layers[side].value(feature as usize, field).to_string())
    };
    let mut wanted = Wanted::all(&comparison);
    wanted.pairs.retain(|pair| class(0, pair.a) != class(1, pair.b));
    pieces::as_layer(layers, &comparison, &wanted, &class, progress).map_err(|error| match error {
        MeasureError::Cancelled(cancelled) => Failure::Cancelled(cancelled),
        other => Failure::Said(other.message()),
    })
}

/// What becomes of land, in the colours of what it becomes.
fn change_style(of: &LayerStyle) -> LayerStyle {
    let outline = Some(Stroke { color: Color::rgb(0x2B, 0x30, 0x38), width_px: 0.8, dash: None, casing: None });
    let mut style =
        LayerStyle { opacity: 1.0, blend: Blend::Normal, scales: ScaleRange::default(), labels: None, ..of.clone() };
    if let Styling::Categorised(Categories { field, .. }) = &mut style.styling {
        TO.clone_into(field);
    }
    style.for_each_symbol(|symbol| (symbol.stroke, symbol.marker) = (outline, None));
    style
}

/// Rows of a legend for changes: each class with what becomes it.
fn change_rows(pieces: &Layer, style: &LayerStyle, entry: &Entry, language: Language) -> Vec<LegendRow> {
    let (Some(categories), Some(m2)) = (style.categories(), pieces.field(M2)) else { return Vec::new() };
    let symbols = style.symbol_indices(pieces);
    let mut sums = vec![0.0; style.symbol_count()];
    for (feature, number) in symbols.iter().enumerate() {
        sums[usize::from(*number)] += pieces.value(feature, m2).as_f64().unwrap_or(0.0);
    }
    let row = |(number, m2): (usize, &f64)| {
        let class = categories.classes.get(number);
        let name = class.map_or_else(|| tr(language, "render.other-values"), |class| class.name(language));
        let code = legend::class_code(style, number, name).to_owned();
        let symbol = style.symbol(number).map(|symbol| (*symbol, GeometryKind::Polygon));
        let figure = legend::area_text(Area::from_m2(*m2), language);
        (*m2 > 0.0).then(|| LegendRow {
            symbols: symbol.into_iter().collect(),
            heading: false,
            code,
            name: name.to_owned(),
            figure,
        })
    };
    let rows: Vec<LegendRow> = sums.iter().enumerate().filter_map(row).collect();
    let total = legend::area_text(Area::from_m2(sums.iter().sum()), language);
    let name = Message::new("layout.becomes").with("layer", &entry.title).text(language);
    let heading = LegendRow { symbols: Vec::new(), heading: true, code: String::new(), name, figure: total };
    if rows.is_empty() { Vec::new() } else { std::iter::once(heading).chain(rows).collect() }
}

/// Whether a path names another machine: what a file says does not reach out.
fn is_elsewhere(path: &str) -> bool {
    path.starts_with("\\\\") || path.starts_with("//") || path.contains("://")
}

/// A picture as the painter takes it.
fn pixmap(picture: &crate::io::Picture) -> Option<Pixmap> {
    let premultiplied = picture.pixels.as_chunks::<4>().0.iter().flat_map(|[r, g, b, a]| {
        let color = tiny_skia::ColorU8::from_rgba(*r, *g, *b, *a).premultiply();
        [color.red(), color.green(), color.blue(), color.alpha()]
    });
    Pixmap::from_vec(premultiplied.collect(), IntSize::from_wh(picture.size[0], picture.size[1])?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::layout::{TableItem, templates};
    use crate::render::layout::{Body, draw};
    use crate::render::lettering::Typeface;
    use crate::scenario::project;

    fn demo() -> Arc<Workspace> {
        Arc::new(project::load_demo(&Progress::new()).expect("the demo opens").workspace)
    }

    fn asked() -> Asked {
        Asked { date: Some((2026, 6, 1)), ..Asked::default() }
    }

    #[test]
    fn the_table_and_the_legend_of_the_demo_say_the_same_and_add_up() {
        let mut layout = templates::all(Language::Chinese).remove(0);
        let table = TableItem { unit: "ha".to_owned(), ..TableItem::default() };
        let item =
            crate::model::layout::Item { name: "t".to_owned(), shows: Shows::Table(table), ..layout.items[0].clone() };
        layout.items.push(item);
        let (content, _) = content(demo(), &layout, &asked(), &Progress::new()).expect("is not cancelled");
        let table = &content.tables["t"];
        let number = |text: &str| text.replace([',', ' '], "").parse::<f64>().expect("a number");
        let areas: Vec<f64> = table.rows.iter().map(|row| number(&row[1])).collect();
        let (total, rows) = areas.split_last().expect("a total");
        assert!((rows.iter().sum::<f64>() - total).abs() < 0.005, "{areas:?}");
        // Of all land, not of a control line that has classes as well.
        assert!((total - 79_800.0).abs() < 0.01, "{total}");
        let legend = content.legends.values().next().expect("a legend");
        for row in &table.rows[..3] {
            let name = row[0].split_once(' ').map_or(&*row[0], |(_, name)| name);
            assert!(legend.iter().any(|of| of.name.contains(name)), "{name}: {legend:?}");
        }
        assert_eq!(content.words["date"], "2026 年 6 月 1 日");
    }

    #[test]
    fn a_legend_of_what_is_in_view_leaves_out_what_lies_elsewhere() {
        let workspace = demo();
        let mut layout = templates::all(Language::Chinese).remove(0);
        let mut rows = |in_view: bool| {
            for item in &mut layout.items {
                match &mut item.shows {
                    Shows::Legend(legend) => legend.in_view = in_view,
                    // A few parcels at the border of the demo.
                    Shows::Map(map) => (map.centre, map.scale) = (Some([39_495_770.0, 4_094_700.0]), Some(5000.0)),
                    _ => {}
                }
            }
            let made = content(workspace.clone(), &layout, &asked(), &Progress::new()).expect("is not cancelled");
            made.0.legends.values().next().expect("a legend").len()
        };
        let (all, seen) = (rows(false), rows(true));
        assert!(seen > 2 && seen < all / 2, "{seen} of {all}");
    }

    #[test]
    fn two_states_show_the_base_the_scenario_and_what_changes() {
        let layouts = templates::all(Language::Chinese);
        let two = layouts.iter().find(|layout| layout.items.len() > 12).expect("two states");
        let (content, remarks) = content(demo(), two, &asked(), &Progress::new()).expect("is not cancelled");
        assert_eq!(content.maps.len(), 3);
        let counts: Vec<usize> = content.maps.values().map(|scene| scene.layers.len()).collect();
        assert!(counts.iter().all(|count| *count > 0), "{counts:?} {remarks:?}");
        let drawn = draw(two, &content, Body::Outlines, &Typeface::bundled(), &Progress::new());
        assert_eq!(drawn.expect("is not cancelled").sheet.places.len(), 3);
    }
}
