//! The arguments of a map as a picture or a sheet.

use std::path::PathBuf;

use clap::Args;

use super::ReadArgs;

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
