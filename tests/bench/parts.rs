//! The parts one by one, each on one thread.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use tuban::crs::{Crs, Reprojector};
use tuban::io::{self, OpenOptions};
use tuban::measure::survey::Printer;
use tuban::measure::{Frame, Meter};
use tuban::model::index::SpatialIndex;
use tuban::model::roles::Role;
use tuban::model::style::defaults;
use tuban::model::{AreaMethod, Coord, Extent, GeometryBlock, GeometryKind, Layer, Revision};
use tuban::overlay;
use tuban::render::pyramid::Pyramid;
use tuban::render::raster::{PaintColors, PaintLayer, paint};
use tuban::render::scene::SceneLayer;
use tuban::render::{MapView, mesh};
use tuban::rules::{FactCache, Facts, Rules, evaluate, evaluate_kept};
use tuban::scenario::{Entry, PlanState};
use tuban::synth::parcels::State;
use tuban::task::Progress;

use crate::layers;
use crate::timing::repeated;

/// What the parts work on.
pub(crate) struct Material {
    pub text: String,
    layer: Layer,
    /// Longitude and latitude.
    degrees: Vec<Coord>,
    /// The same vertices in the plane of the layer's zone, rings one after another.
    plane: Vec<Coord>,
    /// Where each ring ends.
    ring_ends: Vec<usize>,
    survey: Frame,
    geodesic: Frame,
    /// Rules and a state with a control line, its overlaps known.
    judged: OnceLock<(Rules, Facts)>,
    /// The same layer ready to be painted.
    drawing: OnceLock<Drawing>,
    /// Another state of the same land: half of the vertices moved, some parcels split, some with another class.
    scenario: OnceLock<Layer>,
    count: usize,
}

/// A part: what it does once, and how much that is.
pub(crate) struct Part {
    pub name: &'static str,
    unit: &'static str,
    amount: fn(&Material) -> f64,
    /// Does the work on the calling thread; what it gives keeps it from being optimised away.
    pub work: fn(&Material) -> f64,
    /// Whether its instructions are counted, see `count`.
    pub counted: bool,
}

fn bytes(material: &Material) -> f64 {
    material.text.len() as f64
}

fn vertices(material: &Material) -> f64 {
    material.plane.len() as f64
}

fn features(material: &Material) -> f64 {
    material.layer.feature_count() as f64
}

/// To add a part, add a row here and, where it is counted, run `cargo bench --features synth -- count --update`.
pub(crate) const PARTS: &[Part] = &[
    Part { name: "scan", unit: "MB", amount: bytes, work: scan, counted: true },
    Part { name: "read", unit: "MB", amount: bytes, work: read, counted: true },
    Part { name: "area-printed", unit: "M vertices", amount: vertices, work: area_printed, counted: true },
    Part { name: "area-exact", unit: "M vertices", amount: vertices, work: area_exact, counted: true },
    Part { name: "area-geodesic", unit: "M vertices", amount: vertices, work: area_geodesic, counted: true },
    Part { name: "project", unit: "M vertices", amount: vertices, work: project, counted: true },
    Part { name: "project-proj", unit: "M vertices", amount: vertices, work: project_proj, counted: false },
    Part { name: "areas-checked", unit: "M vertices", amount: vertices, work: areas_checked, counted: false },
    Part { name: "index-build", unit: "M features", amount: features, work: index_build, counted: false },
    Part { name: "index-query", unit: "M queries", amount: |_| QUERIES as f64, work: index_query, counted: false },
    Part { name: "mesh", unit: "M vertices", amount: vertices, work: mesh_blocks, counted: true },
    Part { name: "pyramid", unit: "M vertices", amount: vertices, work: pyramid_build, counted: false },
    Part { name: "look-up", unit: "M pixels", amount: |_| PIXELS, work: paint_looked_up, counted: false },
    Part { name: "paint-full", unit: "M vertices", amount: vertices, work: |m| painted(m, 1.0), counted: false },
    Part {
        name: "paint-4x",
        unit: "M vertices",
        amount: |m| vertices(m) / 16.0,
        work: |m| painted(m, 4.0),
        counted: false,
    },
    Part { name: "rules-recode", unit: "M features", amount: features, work: rules_recode, counted: false },
    Part { name: "overlay", unit: "M vertices", amount: |m| 2.0 * vertices(m), work: overlaid, counted: true },
];

const QUERIES: usize = 10_000;

impl Material {
    /// Parcels of 20 positions each.
    pub(crate) fn new(count: usize) -> Self {
        let text = layers::text(count, 20.0);
        let layer = opened(&text);
        let survey = Frame::for_layer(&layer, AreaMethod::Survey).expect("degrees of CGCS2000 have a zone");
        let geodesic = Frame::for_layer(&layer, AreaMethod::Geodesic).expect("degrees have a datum");
        let (mut degrees, mut ring_ends) = (Vec::new(), Vec::new());
        for block in &layer.blocks {
            for row in 0..block.geometry.feature_count() {
                for (_, ring) in block.geometry.polygon(row).rings() {
                    degrees.extend_from_slice(ring);
                    ring_ends.push(degrees.len());
                }
            }
        }
        let mut plane = degrees.clone();
        survey.project(&layer.crs, &mut plane).expect("all of it lies in the zone");
        Self {
            text,
            layer,
            degrees,
            plane,
            ring_ends,
            survey,
            geodesic,
            judged: OnceLock::new(),
            drawing: OnceLock::new(),
            scenario: OnceLock::new(),
            count,
        }
    }

    fn sum_rings(&self, coords: &[Coord], area: impl Fn(&[Coord]) -> f64) -> f64 {
        let starts = std::iter::once(&0).chain(&self.ring_ends);
        starts.zip(&self.ring_ends).map(|(start, end)| area(&coords[*start..*end])).sum()
    }
}

fn opened(text: &str) -> Layer {
    let bytes = text.as_bytes().to_vec();
    let opened = io::open_bytes("parcels.geojson", bytes, &OpenOptions::default(), &Progress::new());
    opened.expect("opens").layers.remove(0)
}

/// Two states laid over each other: every pair of features and its area.
fn overlaid(material: &Material) -> f64 {
    let scenario = || opened(&layers::text_of(material.count, 20.0, State::Scenario));
    let scenario = material.scenario.get_or_init(scenario);
    let table = overlay::pairs(&material.layer, scenario, None, AreaMethod::Survey, &Progress::new());
    table.expect("both lie in one zone").pairs.iter().map(|pair| pair.m2).sum()
}

fn scan(material: &Material) -> f64 {
    f64::from(u8::from(io::is_json(&material.text)))
}

fn read(material: &Material) -> f64 {
    opened(&material.text).feature_count() as f64
}

fn area_printed(material: &Material) -> f64 {
    let printer = Printer::new(material.survey.as_zone().expect("survey has a zone"));
    material.sum_rings(&material.plane, |ring| printer.ring(ring))
}

fn area_exact(material: &Material) -> f64 {
    material.sum_rings(&material.plane, |ring| material.survey.ring_area(ring))
}

fn area_geodesic(material: &Material) -> f64 {
    let meter = Meter::new(&material.geodesic);
    material.sum_rings(&material.degrees, |ring| meter.ring(ring).exact)
}

fn project(material: &Material) -> f64 {
    let mut coords = material.degrees.clone();
    material.survey.as_zone().expect("survey has a zone").forward(&mut coords);
    coords.iter().map(|c| c.x).sum()
}

fn project_proj(material: &Material) -> f64 {
    let plane = Crs::from_epsg(4527).expect("zone 39 is in the table of China");
    let reprojector = Reprojector::new(&material.layer.crs, &plane).expect("the way is known by formula");
    let mut coords = material.degrees.clone();
    reprojector.convert(&mut coords).expect("all of it lies in the zone");
    coords.iter().map(|c| c.x).sum()
}

/// Areas by the survey with invalid polygons sought: what `areas` does between reading and grouping.
fn areas_checked(material: &Material) -> f64 {
    let areas = overlay::audited(&material.layer, AreaMethod::Survey, &Progress::new()).expect("is measured");
    areas.exact.iter().sum()
}

fn index_build(material: &Material) -> f64 {
    SpatialIndex::of_layer(&material.layer, &Progress::new()).expect("is not cancelled").byte_count() as f64
}

fn index_query(material: &Material) -> f64 {
    let index = SpatialIndex::of_layer(&material.layer, &Progress::new()).expect("is not cancelled");
    let all = material.layer.extent();
    let (width, height) = (all.width() / 200.0, all.height() / 200.0);
    let found = (0..QUERIES).map(|i| {
        let at = |share: f64, min: f64, size: f64| min + share.fract() * size;
        let min = Coord {
            x: at(i as f64 * 0.618_034, all.min.x, all.width()),
            y: at(i as f64 * 0.754_878, all.min.y, all.height()),
        };
        index.query(&Extent { min, max: Coord { x: min.x + width, y: min.y + height } }).len()
    });
    found.sum::<usize>() as f64
}

fn mesh_blocks(material: &Material) -> f64 {
    let blocks: Vec<Arc<GeometryBlock>> = material.layer.blocks.iter().map(|b| Arc::clone(&b.geometry)).collect();
    let meshes = blocks
        .iter()
        .filter(|b| b.kind() == GeometryKind::Polygon)
        .map(|block| mesh::mesh(block, &Progress::new()).expect("is not cancelled").indices.len());
    meshes.sum::<usize>() as f64
}

/// What a picture is made from, made once: projected, indexed, with a pyramid.
struct Drawing {
    scene: SceneLayer,
    pyramid: Pyramid,
}

impl Drawing {
    fn new(material: &Material) -> Self {
        let plane = Crs::from_epsg(4527).expect("zone 39 is in the table of China");
        let layer = Arc::new(material.layer.clone());
        let style = defaults::by_class("DLBM", None, ["0101", "0301", "0702"], GeometryKind::Polygon);
        let (scene, _) = SceneLayer::prepare(&layer, &style, &plane, &Progress::new()).expect("can be projected");
        let pyramid = Pyramid::build(
            &scene.prepared.projected.blocks,
            &scene.layer.starts,
            &scene.prepared.index,
            &Progress::new(),
        );
        Self { pyramid: pyramid.expect("is not cancelled").expect("is large"), scene }
    }

    /// The whole layer in a window, `zoom` times nearer.
    fn view(&self, zoom: f64) -> MapView {
        let view = MapView::fit(&self.scene.prepared.index.extent(), [1600.0, 1000.0], 0.0);
        view.zoomed_about([800.0, 500.0], zoom)
    }
}

/// Pixels of a window, in which the layer takes the middle.
const PIXELS: f64 = 1600.0 * 1000.0;

fn pyramid_build(material: &Material) -> f64 {
    let Drawing { scene, .. } = material.drawing.get_or_init(|| Drawing::new(material));
    let built =
        Pyramid::build(&scene.prepared.projected.blocks, &scene.layer.starts, &scene.prepared.index, &Progress::new());
    built.expect("is not cancelled").map_or(0.0, |pyramid| pyramid.byte_count() as f64)
}

/// A picture from the pyramid, so far away that a pixel is as large as one of its finest level's.
fn paint_looked_up(material: &Material) -> f64 {
    let drawing = material.drawing.get_or_init(|| Drawing::new(material));
    let view = MapView { units_per_px: drawing.pyramid.finest_units_per_px(), ..drawing.view(1.0) };
    let layers = [PaintLayer { pyramid: Some(&drawing.pyramid), ..drawing.scene.to_paint() }];
    let picture = paint(&view, 1.0, &layers, &PaintColors::LIGHT, None, &Progress::new());
    f64::from(picture.expect("is not cancelled").data()[0])
}

/// A picture from the geometry.
fn painted(material: &Material, zoom: f64) -> f64 {
    let drawing = material.drawing.get_or_init(|| Drawing::new(material));
    let layers = [drawing.scene.to_paint()];
    let picture = paint(&drawing.view(zoom), 1.0, &layers, &PaintColors::LIGHT, None, &Progress::new());
    f64::from(picture.expect("is not cancelled").data()[0])
}

/// Judges five rules anew after a recode: the geometry is as it was, the classes are not known any more.
fn rules_recode(material: &Material) -> f64 {
    let (rules, facts) = material.judged.get_or_init(|| judged(material));
    let mut facts = facts.clone();
    for of_state in &mut facts.scenario.layers {
        let layer = Layer { revision: Revision::next(), ..Layer::clone(&of_state.layer) };
        of_state.layer = Arc::new(layer);
    }
    evaluate_kept(rules, &facts).iter().filter_map(|outcome| outcome.value).sum()
}

/// Every fiftieth parcel is a control line.
fn judged(material: &Material) -> (Rules, Facts) {
    const RULES: [&str; 5] = [
        "overlap(construction, red_line)",
        "outside(construction, red_line)",
        "construction",
        "net_loss(cropland)",
        "share(cropland, land_use)",
    ];
    let rule = |indicator: &&str| {
        format!("[[rule]]\nname = 'a'\nindicator = '{indicator}'\ncomparison = '<='\nlimit = '0 * ({indicator})'\n")
    };
    let rules = Rules::parse(&RULES.iter().map(rule).collect::<String>(), Path::new("bench.toml"));
    let blocks = material.layer.blocks.iter().map(|block| {
        let rows: Vec<u32> = (0..block.geometry.feature_count() as u32).step_by(50).collect();
        block.kept(&rows, 0)
    });
    let line = material.layer.with_blocks(Arc::clone(&material.layer.fields), blocks.collect());
    let line = Layer { shape: Revision::next(), ..line };
    let entry = |layer: Layer, role: Role| {
        let mut entry = Entry::recognised(Arc::new(layer), 0);
        entry.role = role;
        entry
    };
    let entries = [entry(material.layer.clone(), Role::LandUse), entry(line, Role::RedLine)];
    let state = PlanState::of_entries("", &entries);
    let facts = Facts::new(Some(state.clone()), state, AreaMethod::Survey, &FactCache::default());
    let outcomes = evaluate(&rules, &facts, &Progress::new()).expect("is not cancelled");
    assert!(outcomes.iter().all(|outcome| outcome.value.is_some()), "{outcomes:?}");
    (rules, facts)
}

/// Prints the throughput of every part, or of those whose name holds `filter`.
pub(crate) fn run(filter: Option<&str>) {
    // One thread, so that figures compare across machines with other numbers of cores.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be started");
    pool.install(|| {
        let material = Material::new(20_000);
        println!("{:<16} {:>10} {:>10}   a second, on one core", "part", "median", "fastest");
        for part in PARTS.iter().filter(|part| filter.is_none_or(|filter| part.name.contains(filter))) {
            let amount = (part.amount)(&material) / 1e6;
            let runs = repeated(|| (part.work)(&material));
            let (median, fastest) = (amount / runs.median(), amount / runs.fastest());
            let (name, unit, count) = (part.name, part.unit, runs.count());
            println!("{name:<16} {median:>10.1} {fastest:>10.1}   {unit} ({count} runs of {amount:.2})");
        }
    });
}
