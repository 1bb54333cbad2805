//! The arguments of what is counted and measured: info, areas, comparisons, what a line takes, rules.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{MethodName, OutputArgs, ReadArgs};

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
