//! The arguments of what makes files of files: conversion, boundary points, readings of coordinates, styles.

use std::path::PathBuf;

use clap::Args;

use super::OutputArgs;

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
