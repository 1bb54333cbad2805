//! What may be typed: the arguments of every verb, their help in both languages.

mod hand_in;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use self::hand_in::{AccountsName, PackageArgs, ReportArgs, ValidateArgs, VerifyArgs};
use crate::model::AreaMethod;
use crate::text::{Language, tr};

/// The program's arguments.
#[derive(Clone, Debug, Parser)]
#[command(name = "tuban", version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    /// What to do; the window where none is given.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// What the window opens.
    #[command(flatten)]
    pub window: WindowOptions,
    /// Language of output and window.
    #[arg(long, global = true, value_enum, value_name = "LANG")]
    pub lang: Option<LanguageName>,
    /// Megabytes of memory that may be held when a file is opened; 0 for no bound.
    #[arg(long, global = true, value_name = "MB")]
    pub memory_limit: Option<u64>,
}

/// Arguments of the window.
#[derive(Clone, Debug, Default, Args)]
pub struct WindowOptions {
    /// A project or data files; the demo project where none is given.
    #[arg(value_name = "PROJECT|FILE")]
    pub files: Vec<PathBuf>,
    /// How the map is drawn.
    #[arg(long, value_enum, default_value_t = RendererName::Auto)]
    pub renderer: RendererName,
}

/// How the map is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RendererName {
    /// The best that the machine has.
    #[default]
    Auto,
    /// Vulkan, Metal or Direct3D through wgpu.
    Wgpu,
    /// OpenGL, the map painted by the CPU.
    Gl,
    /// The map painted by the CPU, whatever shows the window.
    Cpu,
}

/// A language by its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LanguageName {
    /// 简体中文.
    #[value(alias = "zh-CN")]
    Zh,
    /// English.
    En,
}

impl From<LanguageName> for Language {
    fn from(name: LanguageName) -> Self {
        match name {
            LanguageName::Zh => Self::Chinese,
            LanguageName::En => Self::English,
        }
    }
}

/// What to do without a window.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// Format, CRS and why, counts, extent, fields, issues.
    Info(InfoArgs),
    /// Areas in mu, hectares and km², by class or any field.
    Areas(AreasArgs),
    /// A map as a PNG picture, painted by the CPU.
    Render(RenderArgs),
    /// What goes from which class to which between two states of land use.
    Compare(Box<CompareArgs>),
    /// What a red line takes: classes, owners, control lines.
    Take(TakeArgs),
    /// A state of the plan held against rules.
    Check(CheckArgs),
    /// A delivery held against a schema of layers, fields, codes, topology and areas.
    Validate(ValidateArgs),
    /// Scenarios compared, as a document, a page or a workbook.
    Report(Box<ReportArgs>),
    /// Everything that a report comes from, in one file.
    Package(PackageArgs),
    /// A package worked out again and compared.
    Verify(VerifyArgs),
    /// Files of any format that is read to files of any format that is written.
    Convert(ConvertArgs),
    /// Boundary points and four sides of polygons.
    Boundary(BoundaryArgs),
    /// What the coordinates of a file can mean.
    Doctor(DoctorArgs),
    /// A style file: what it comes to, and styles written as QGIS's or OGC's.
    Style(StyleArgs),
    /// What makes a saved project open at once, in a folder beside it.
    Cache(CacheArgs),
    /// The formats that are read and written.
    Formats,
    /// Measures the window.
    #[command(hide = true)]
    Bench(BenchArgs),
}

/// How files are read.
#[derive(Clone, Debug, Default, Args)]
pub struct ReadArgs {
    /// Projects or data files; the demo project where none is given.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// CRS of the coordinates: `EPSG:4527`, a number, or a name.
    #[arg(long, value_name = "CRS")]
    pub crs: Option<String>,
    /// Encoding of the text of tables, where neither the file nor its bytes tell it.
    #[arg(long, value_name = "ENCODING")]
    pub encoding: Option<String>,
    /// Goes on with the features before the place where a file is broken.
    #[arg(long)]
    pub keep_partial: bool,
    /// Exit code 1 for issues, 2 for an undecided CRS.
    #[arg(long)]
    pub strict: bool,
}

/// What a verb writes, and where.
#[derive(Clone, Debug, Default, Args)]
pub struct OutputArgs {
    /// One JSON object, numbers not rounded.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// CSV with a BOM, for Excel and WPS.
    #[arg(long)]
    pub csv: bool,
    /// File to write instead of standard output; what it ends in names its format.
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
}

/// Arguments of `style`.
#[derive(Clone, Debug, Default, Args)]
pub struct StyleArgs {
    /// A style file, or the file or project whose layer's style is meant.
    #[arg(value_name = "STYLE|FILE")]
    pub input: PathBuf,
    /// Of several layers, the one of this name.
    #[arg(long, value_name = "NAME")]
    pub layer: Option<String>,
    /// The `.qml` or `.sld` to write.
    #[arg(short, long, value_name = "OUT.qml")]
    pub output: Option<PathBuf>,
}

/// Arguments of `doctor`.
#[derive(Clone, Debug, Default, Args)]
pub struct DoctorArgs {
    /// The file to examine; `FILE#LAYER` for one layer of it.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A file or project whose place is known.
    #[arg(long, value_name = "FILE")]
    pub against: Vec<PathBuf>,
    /// Every reading, not only the first ones.
    #[arg(long)]
    pub all: bool,
    /// Pairs of points, one a line.
    #[arg(long, value_name = "PAIRS")]
    pub pairs: Option<PathBuf>,
    /// CRS of the known places of the pairs.
    #[arg(long, value_name = "CRS")]
    pub to: Option<String>,
    /// Writes a copy read in the n-th reading.
    #[arg(long, value_name = "N")]
    pub apply: Option<usize>,
    /// What is written, and where; with `--apply` the copy.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `convert`.
#[derive(Clone, Debug, Default, Args)]
pub struct ConvertArgs {
    /// Files to convert, then the file or folder to write.
    // How many there are is counted by the verb: options may stand between them.
    #[arg(value_name = "IN… OUT", required = true, num_args = 1..)]
    pub paths: Vec<PathBuf>,
    /// CRS of the coordinates that are read.
    #[arg(long, value_name = "CRS")]
    pub crs: Option<String>,
    /// CRS to write.
    #[arg(long, value_name = "CRS")]
    pub to: Option<String>,
    /// Only the layer of this name.
    #[arg(long, value_name = "NAME")]
    pub layer: Option<String>,
    /// Tables whose fields are joined to the layers by a key.
    #[arg(long, value_name = "TABLE")]
    pub join: Vec<PathBuf>,
    /// Key fields of the joins, of layer and table; found by names and values without it.
    #[arg(long, value_name = "FIELD[=FIELD]", requires = "join")]
    pub key: Vec<String>,
    /// Only features for which this holds.
    #[arg(long = "where", value_name = "EXPR")]
    pub filter: Option<String>,
    /// The class scheme whose codes and names are added to the layers: YDYH2023, SD2019, GB2017.
    #[arg(long, value_name = "SCHEME")]
    pub classes: Option<String>,
    /// What classes become that may be several: a table with the columns from and to.
    #[arg(long, value_name = "FILE.csv", requires = "classes")]
    pub decide: Option<PathBuf>,
    /// Only these fields, in this order.
    #[arg(long, value_name = "FIELD,…")]
    pub fields: Option<String>,
    /// Encoding of the text that is read.
    #[arg(long, value_name = "ENCODING")]
    pub encoding_in: Option<String>,
    /// Encoding of the text that is written: UTF-8 or GBK.
    #[arg(long, value_name = "ENCODING")]
    pub encoding_out: Option<String>,
    /// Whole numbers of 64 bits stay such in a file geodatabase.
    #[arg(long)]
    pub big_integers: bool,
    /// Format of the files of a folder, by its ending.
    #[arg(long = "as", value_name = "ENDING")]
    pub ending: Option<String>,
    /// Template of coordinate TXT.
    #[arg(long, value_name = "FILE.toml")]
    pub template: Option<PathBuf>,
    /// Adds layers to a GeoPackage that exists.
    #[arg(long)]
    pub append: bool,
    /// Replaces files that exist; with --append, layers of the same names.
    #[arg(long)]
    pub overwrite: bool,
    /// Goes on with the features before the place where a file is broken.
    #[arg(long)]
    pub keep_partial: bool,
    /// Exit code 1 for issues, 2 for an undecided CRS.
    #[arg(long)]
    pub strict: bool,
    /// How the report is written, and where.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `boundary`.
#[derive(Clone, Debug, Default, Args)]
pub struct BoundaryArgs {
    /// The polygons.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only the layer of this name.
    #[arg(long, value_name = "NAME")]
    pub layer: Option<String>,
    /// Only features for which this holds.
    #[arg(long = "where", value_name = "EXPR")]
    pub filter: Option<String>,
    /// CRS of the coordinates.
    #[arg(long, value_name = "CRS")]
    pub crs: Option<String>,
    /// Decimals of the coordinates, 3 where nothing says otherwise.
    #[arg(long, value_name = "N")]
    pub decimals: Option<usize>,
    /// Template of coordinate TXT.
    #[arg(long, value_name = "FILE.toml")]
    pub template: Option<PathBuf>,
    /// The layer that tells what lies on the four sides.
    #[arg(long, value_name = "FILE", requires = "field")]
    pub sides: Option<PathBuf>,
    /// Its field that names a neighbour.
    #[arg(long, value_name = "FIELD", requires = "sides")]
    pub field: Option<String>,
    /// How many metres beyond the outline it is asked.
    #[arg(long, value_name = "METRES", default_value_t = 1.0)]
    pub reach: f64,
    /// What is written, and where.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `info`.
#[derive(Clone, Debug, Default, Args)]
pub struct InfoArgs {
    /// What to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// A row a file, also of those that cannot be opened.
    #[arg(long)]
    pub brief: bool,
    /// What is written, and where.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `areas`.
#[derive(Clone, Debug, Default, Args)]
pub struct AreasArgs {
    /// What to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// Fields to group by: `DLBM`, `QSDWDM:12` (first 12 characters), `DLBM@1` (level 1 of the land-use scheme).
    #[arg(long, value_name = "FIELD[:N|@N],…")]
    pub by: Option<String>,
    /// Also the union, and what overlapping features count twice.
    #[arg(long)]
    pub union: bool,
    /// One source after the other, a row each, and their sums; a folder stands for the sources in it.
    #[arg(long, conflicts_with = "union", requires = "files")]
    pub total: bool,
    /// Tables of a database in tiles of at most so many features, so that they need not fit into memory.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), requires = "total", conflicts_with = "filter")]
    pub tiles: Option<u64>,
    /// Only features for which this holds: `DLBM like '07%' and TBMJ > 5mu`.
    #[arg(long = "where", value_name = "EXPR")]
    pub filter: Option<String>,
    /// How areas are computed.
    #[arg(long, value_enum, default_value_t = MethodName::Survey)]
    pub method: MethodName,
    /// What is written, and where.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `render`.
#[derive(Clone, Debug, Args)]
pub struct RenderArgs {
    /// What to read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// The PDF, SVG, PNG or JPG file to write.
    #[arg(short, long, value_name = "OUT.pdf")]
    pub output: PathBuf,
    /// Width and height of the map in pixels.
    #[arg(long, value_name = "WxH", default_value = "1600x1000")]
    pub size: String,
    /// Pixels of the picture for each pixel of the map: 2 for print; 1, or 3.125 for JPG (300 an inch), where none is given.
    #[arg(long, value_name = "N")]
    pub sharpness: Option<f32>,
    /// What the map shows: x and y of two corners, in the CRS of the map or in degrees.
    #[arg(long, value_name = "X,Y,X,Y", allow_hyphen_values = true, conflicts_with_all = ["centre", "zoom", "scale"])]
    pub bbox: Option<String>,
    /// Middle of the map, in the CRS of the map or in degrees.
    #[arg(long, value_name = "X,Y", allow_hyphen_values = true)]
    pub centre: Option<String>,
    /// How many times larger than everything at once.
    #[arg(long, value_name = "N", allow_hyphen_values = true, conflicts_with = "scale")]
    pub zoom: Option<f64>,
    /// The N of the scale 1:N, on a screen of 96 dots an inch.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub scale: Option<f64>,
    /// CRS of the map: `EPSG:4527`, a number, or a name; that of the project or the first layer where none is given.
    #[arg(long, value_name = "CRS")]
    pub map_crs: Option<String>,
    /// Colours by the values of this field.
    #[arg(long, value_name = "FIELD")]
    pub by: Option<String>,
    /// Style files of QGIS, OGC or ArcGIS Pro, of the layers that they fit or of one by its name.
    #[arg(long, value_name = "[LAYER=]FILE", conflicts_with = "layout")]
    pub style: Vec<String>,
    /// Land use in its softened colours.
    #[arg(long)]
    pub soft: bool,
    /// An image or a map of tiles beneath the layers: a file, or an address of tiles. The first of several lies lowest.
    #[arg(long, value_name = "FILE|ADDRESS")]
    pub underlay: Vec<String>,
    /// Ask map servers for what lies beneath: it tells them where the plan lies.
    #[arg(long)]
    pub online: bool,
    /// A map sheet: with title, legend, scale bar, north arrow and notes.
    #[arg(long)]
    pub sheet: bool,
    /// Title of the sheet.
    #[arg(long, value_name = "TEXT", requires = "sheet")]
    pub title: Option<String>,
    /// The day that the file says it is of: `2026-06-01`; none where none is given.
    #[arg(long, value_name = "DATE")]
    pub date: Option<String>,
    /// A layout: one of the project by its name, one that the program brings, or a template file.
    #[arg(long, value_name = "NAME|FILE.toml", conflicts_with_all = ["sheet", "size", "bbox", "centre", "zoom", "scale"])]
    pub layout: Option<String>,
    /// What a word of the layout says: `unit=Bureau`.
    #[arg(long, value_name = "WORD=TEXT", requires = "layout")]
    pub set: Vec<String>,
    /// A page each: `features:LAYER`, `plots`, `plots:LAYER`, `scenarios`, `sheets:G`, `squares:1000`; into one PDF, or a
    /// folder of them.
    #[arg(long, value_name = "WHAT", requires = "layout")]
    pub series: Option<String>,
    /// The file that shows where the pages of the series lie.
    #[arg(long, value_name = "OUT", requires = "series")]
    pub index: Option<PathBuf>,
}

/// Arguments of `compare`.
#[derive(Clone, Debug, Default, Args)]
pub struct CompareArgs {
    /// The base: a data file, or `PROJECT.toml#LAYER`.
    #[arg(value_name = "BASE", required_unless_present = "pairs")]
    pub base: Option<PathBuf>,
    /// The scenario: a data file, or `PROJECT.toml#LAYER`.
    #[arg(value_name = "SCENARIO", required_unless_present = "pairs")]
    pub scenario: Option<PathBuf>,
    /// A list of pairs, each compared by itself and all added up: CSV with the columns before and after.
    #[arg(long, value_name = "PAIRS.csv", conflicts_with_all = ["base", "scenario", "folders", "pieces"])]
    pub pairs: Option<PathBuf>,
    /// Base and scenario are folders, whose sources are paired by their names.
    #[arg(long, conflicts_with = "pieces")]
    pub folders: bool,
    /// Tables of a database in tiles of at most so many features, so that they need not fit into memory.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with_all = ["pieces", "within"])]
    pub tiles: Option<u64>,
    /// Where finished pairs are kept, so that a run that was broken off goes on; beside the output without it.
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// The class field, after further fields that divide it: `DLBM`, `QSDWDM:12,DLBM@1`.
    #[arg(long, value_name = "FIELD[:N|@N],…")]
    pub by: Option<String>,
    /// The same of the scenario, where its fields are named otherwise.
    #[arg(long, value_name = "FIELD[:N|@N],…")]
    pub by_scenario: Option<String>,
    /// Level of the land-use scheme.
    #[arg(long, value_enum)]
    pub level: Option<LevelName>,
    /// How areas are computed: `survey`, `geodesic`, `planar`, `field:NAME`.
    #[arg(long, default_value = "survey", value_name = "METHOD")]
    pub method: String,
    /// CRS of the coordinates of both files.
    #[arg(long, value_name = "CRS")]
    pub crs: Option<String>,
    /// The study area: polygons that cut every figure.
    #[arg(long, value_name = "FILE")]
    pub within: Option<PathBuf>,
    /// Which class of the scenario's scheme each class of the base's becomes: CSV with the columns from and to.
    #[arg(long, value_name = "CSV")]
    pub crosswalk: Option<PathBuf>,
    /// Pieces below this area are slivers.
    #[arg(long, default_value = "1m2", value_name = "AREA")]
    pub min_area: String,
    /// Pieces narrower than this are slivers.
    #[arg(long, default_value = "0.1m", value_name = "LENGTH")]
    pub min_width: String,
    /// Goes on with the features before the place where a file is broken.
    #[arg(long)]
    pub keep_partial: bool,
    /// Exit code 1 for issues, 2 for an undecided CRS.
    #[arg(long)]
    pub strict: bool,
    /// Also writes the pieces as polygons, with both classes and the area of each.
    #[arg(long, value_name = "OUT.geojson")]
    pub pieces: Option<PathBuf>,
    /// What is written, and where.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// A level of the land-use scheme by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LevelName {
    /// First level.
    #[value(name = "1")]
    First,
    /// Second level.
    #[value(name = "2")]
    Second,
    /// Third level.
    #[value(name = "3")]
    Third,
    /// The three big classes.
    #[value(name = "class3")]
    Big,
    /// Every level that the classes have.
    #[value(name = "all")]
    All,
}

/// Arguments of `take`.
#[derive(Clone, Debug, Default, Args)]
pub struct TakeArgs {
    /// The red line: polygons.
    #[arg(value_name = "LINE")]
    pub line: PathBuf,
    /// What it lies on.
    #[command(flatten)]
    pub read: ReadArgs,
    /// Fields to group by, where a layer has them.
    #[arg(long, value_name = "FIELD[:N|@N],…")]
    pub by: Option<String>,
    /// How areas are computed.
    #[arg(long, value_enum, default_value_t = MethodName::Survey)]
    pub method: MethodName,
    /// What is written, and where.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Arguments of `check`.
#[derive(Clone, Debug, Default, Args)]
pub struct CheckArgs {
    /// A project, or the files of a scenario.
    #[command(flatten)]
    pub read: ReadArgs,
    /// The rules; those of the project where none are given.
    #[arg(long, value_name = "RULES.toml")]
    pub rules: Option<PathBuf>,
    /// The project that files are a scenario of: its base, its control lines.
    #[arg(long, value_name = "PROJECT.toml")]
    pub project: Option<PathBuf>,
    /// Saved scenarios, or layers and headings of the project that are the scenario's.
    #[arg(long, value_name = "NAME,…")]
    pub scenario: Option<String>,
    /// Also writes areas on both sides of the control lines by class, and the ledger of conflicts.
    #[arg(long, value_name = "OUT.csv")]
    pub ledger: Option<PathBuf>,
    /// How areas are computed.
    #[arg(long, value_enum, default_value_t = MethodName::Survey)]
    pub method: MethodName,
    /// What is written, and where.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// A method by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MethodName {
    /// 图斑椭球面积 of the land survey.
    #[default]
    Survey,
    /// Edges are geodesics.
    Geodesic,
    /// Shoelace in a projected CRS.
    Planar,
}

impl From<MethodName> for AreaMethod {
    fn from(name: MethodName) -> Self {
        match name {
            MethodName::Survey => Self::Survey,
            MethodName::Geodesic => Self::Geodesic,
            MethodName::Planar => Self::Planar,
        }
    }
}

/// Arguments of `bench`.
#[derive(Clone, Debug, Args)]
pub struct BenchArgs {
    /// What to measure.
    #[command(subcommand)]
    pub what: BenchWhat,
}

/// Arguments of `cache`.
#[derive(Clone, Debug, Args)]
pub struct CacheArgs {
    /// What to do with it.
    #[arg(value_enum, value_name = "WHAT")]
    pub what: CacheWhat,
    /// The project.
    #[arg(value_name = "PROJECT.toml")]
    pub project: PathBuf,
}

/// What `cache` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CacheWhat {
    /// Removes it.
    Clear,
    /// Reads every source that it has not, or not as it is now.
    Fill,
}

/// What `bench` measures.
#[derive(Clone, Debug, Subcommand)]
pub enum BenchWhat {
    /// How long the window's frames take: a script of zooming, panning, recolouring, offscreen.
    Frames {
        /// A layer.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Who draws the map.
        #[arg(long, value_enum, default_value_t = RendererName::Auto)]
        renderer: RendererName,
        /// Size of the window in pixels.
        #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "1600x1000")]
        size: String,
        /// One JSON object.
        #[arg(long)]
        json: bool,
        /// Leaves out the drawing of the window on wgpu's adapter: what the program itself does is left.
        #[arg(long, conflicts_with = "pictures")]
        unseen: bool,
        /// A folder for pictures of the window.
        #[arg(long, value_name = "FOLDER")]
        pictures: Option<PathBuf>,
    },
}

/// The language that the arguments ask for, before they are parsed: help is shown in it.
pub fn language_asked(args: impl IntoIterator<Item = OsString>) -> Option<Language> {
    let args: Vec<String> = args.into_iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    args.iter().enumerate().find_map(|(i, arg)| {
        let value =
            arg.strip_prefix("--lang=").or_else(|| (arg == "--lang").then(|| args.get(i + 1))?.map(String::as_str))?;
        Some(Language::from_locale(value))
    })
}

/// The arguments with the global options behind all others, so that they may stand before the verb too.
pub fn globals_last(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut args = args.into_iter();
    let (mut front, mut globals, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    front.extend(args.next());
    while let Some(arg) = args.next() {
        if arg == "--" {
            rest.push(arg);
            rest.extend(args.by_ref());
        } else if arg == "--lang" || arg == "--memory-limit" {
            globals.push(arg);
            globals.extend(args.next());
        } else if arg.to_str().is_some_and(|arg| arg.starts_with("--lang=") || arg.starts_with("--memory-limit=")) {
            globals.push(arg);
        } else {
            front.push(arg);
        }
    }
    front.into_iter().chain(globals).chain(rest).collect()
}

/// The verb that a word is meant as, by how few letters differ; `None` where none comes near.
pub fn meant_verb(word: &str) -> Option<String> {
    let word = word.to_lowercase();
    let command = <Arguments as clap::CommandFactory>::command();
    let names: Vec<String> =
        command.get_subcommands().filter(|verb| !verb.is_hide_set()).map(|verb| verb.get_name().to_owned()).collect();
    let best = names.iter().map(|name| (distance(&word, name), name)).min()?;
    let short = word.chars().count() >= 3 && best.1.starts_with(&word);
    let most = if best.1.len() <= 4 { 1 } else { 2 };
    if best.0 <= most || short {
        return Some(best.1.clone());
    }
    names.into_iter().find(|name| word.chars().count() >= 3 && (name.starts_with(&word) || word.starts_with(name)))
}

/// Letters to change, add, drop or exchange with their neighbour to get from one word to the other (Damerau, 1964).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// Every help text in `language`, from the catalogue: `cli.help.<verb>` and `cli.help.<verb>.<argument>`.
pub fn localised(command: clap::Command, language: Language) -> clap::Command {
    localise(command, "cli.help", language)
}

fn localise(command: clap::Command, key: &str, language: Language) -> clap::Command {
    let known = |key: &str| {
        let text = tr(language, key);
        (text != key).then(|| text.to_owned())
    };
    let mut command = match known(key) {
        Some(text) => command.about(text),
        None => command,
    };
    command = command.mut_args(|arg| {
        let id = arg.get_id().to_string();
        match known(&format!("{key}.{id}")).or_else(|| known(&format!("cli.help.any.{id}"))) {
            // One sentence serves the short and the long help.
            Some(text) => arg.help(text).long_help(None::<&str>),
            None => arg,
        }
    });
    command.mut_subcommands(|sub| {
        let key = format!("{key}.{}", sub.get_name());
        localise(sub, &key, language)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_grammar_of_the_readme_parses() {
        let parse = |line: &str| Arguments::try_parse_from(line.split_whitespace());
        assert!(parse("tuban").is_ok_and(|a| a.verb.is_none() && a.window.files.is_empty()));
        assert!(parse("tuban a.geojson b.toml --renderer cpu").is_ok_and(|a| a.window.files.len() == 2));
        assert!(parse("tuban info a.geojson --json").is_ok_and(|a| matches!(a.verb, Some(Verb::Info(_)))));
        let areas =
            parse("tuban areas a.geojson --by QSDWDM:12,DLBM@2 --union --method planar --crs 4527 --csv -o out.csv");
        assert!(areas.is_ok_and(|a| matches!(a.verb, Some(Verb::Areas(x)) if x.union && x.output.csv)));
        assert!(parse("tuban areas a --json --csv").is_err());
        let render =
            parse("tuban render a.geojson -o a.png --size 800x600 --bbox -1,2,3,4 --by DLBM --sheet --title a");
        assert!(render.is_ok_and(|a| matches!(a.verb, Some(Verb::Render(x)) if x.sheet && x.by.is_some())));
        let validate = parse("tuban validate delivery --schema survey --json --most 5");
        assert!(validate.is_ok_and(|a| matches!(a.verb, Some(Verb::Validate(x)) if x.most == 5)));
        assert!(parse("tuban validate --import-schema a.xlsx").is_err());
        let report =
            parse("tuban report p.toml --scenario A --scenario B --date 2026-06-18 --parts maps,rules -o a.docx");
        assert!(report.is_ok_and(|a| matches!(a.verb, Some(Verb::Report(x)) if x.scenario.len() == 2)));
        assert!(parse("tuban report p.toml --fill t.xlsx").is_err() && parse("tuban package p.toml").is_err());
        let between = parse("tuban convert a.gdb --layer DLTB b.geojson --overwrite");
        assert!(between.is_ok_and(|a| matches!(a.verb, Some(Verb::Convert(x)) if x.paths.len() == 2 && x.overwrite)));
        let cache = parse("tuban cache clear p.toml");
        assert!(cache.is_ok_and(|a| matches!(a.verb, Some(Verb::Cache(x)) if x.what == CacheWhat::Clear)));
        assert!(parse("tuban cache p.toml").is_err() && parse("tuban cache fill").is_err());
        assert!(parse("tuban verify x.zip --sources d").is_ok_and(|a| matches!(a.verb, Some(Verb::Verify(_)))));
        assert!(
            parse("tuban render a.geojson").is_err() && parse("tuban render a -o b.png --zoom 2 --scale 500").is_err()
        );
    }

    #[test]
    fn every_visible_argument_has_help_in_both_languages() {
        for language in [Language::Chinese, Language::English] {
            let command = localised(Arguments::command(), language);
            for sub in command.get_subcommands().filter(|s| !s.is_hide_set()).chain([&command]) {
                for arg in sub.get_arguments().filter(|a| !matches!(a.get_id().as_str(), "help" | "version")) {
                    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                    let chinese = help.chars().any(|c| c > '\u{2e80}');
                    assert_eq!(chinese, language == Language::Chinese, "{} {}: {help}", sub.get_name(), arg.get_id());
                }
            }
        }
    }

    #[test]
    fn global_options_stand_anywhere() {
        let parse = |line: &str| {
            let args = globals_last(line.split_whitespace().map(OsString::from));
            Arguments::try_parse_from(args)
        };
        for line in
            ["tuban --lang en areas a.geojson", "tuban --lang=en areas a.geojson", "tuban areas --lang en a.geojson"]
        {
            let parsed = parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(parsed.lang, Some(LanguageName::En), "{line}");
            assert!(matches!(parsed.verb, Some(Verb::Areas(areas)) if areas.read.files.len() == 1), "{line}");
        }
        for line in ["tuban --memory-limit 900 areas a.geojson", "tuban areas a.geojson --memory-limit=900"] {
            let parsed = parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert!(parsed.memory_limit == Some(900) && matches!(parsed.verb, Some(Verb::Areas(_))), "{line}");
        }
        assert!(parse("tuban --lang zh").is_ok_and(|a| a.verb.is_none() && a.window.files.is_empty()));
        assert!(parse("tuban --lang zh a.geojson").is_ok_and(|a| a.window.files.len() == 1));
        assert!(parse("tuban --lang").is_err() && parse("tuban --lang xx areas a").is_err());
        // Behind `--` everything is a file.
        assert!(parse("tuban areas -- --lang").is_ok_and(|a| a.lang.is_none()));
    }

    #[test]
    fn a_mistyped_verb_is_recognised() {
        let check = |word: &str, expected: Option<&str>| assert_eq!(meant_verb(word).as_deref(), expected, "{word}");
        check("area", Some("areas"));
        check("aeras", Some("areas"));
        check("Areas", Some("areas"));
        check("comapre", Some("compare"));
        check("comp", Some("compare"));
        check("inf", Some("info"));
        check("chekc", Some("check"));
        check("rendering", Some("render"));
        check("parcels", None);
        check("x", None);
    }

    #[test]
    fn the_language_is_found_before_parsing() {
        let asked = |line: &str| language_asked(line.split_whitespace().map(OsString::from));
        assert_eq!(asked("tuban --lang zh info"), Some(Language::Chinese));
        assert_eq!(asked("tuban info --lang=en"), Some(Language::English));
        assert_eq!(asked("tuban info"), None);
    }
}
