//! What may be typed: the verbs, what several of them take, and what stands before them. The arguments of each verb stand
//! with those of its kind.

mod figures;
mod files;
mod hand_in;
mod help;
mod render;
mod typed;
mod upkeep;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use self::figures::{AreasArgs, CheckArgs, CompareArgs, InfoArgs, LevelName, TakeArgs};
pub use self::files::{BoundaryArgs, ConvertArgs, DoctorArgs, StyleArgs};
pub use self::hand_in::{AccountsName, PackageArgs, ReportArgs, ValidateArgs, VerifyArgs};
pub use self::help::localised;
pub use self::render::RenderArgs;
pub use self::typed::{globals_last, language_asked, meant_verb};
pub use self::upkeep::{BenchArgs, BenchWhat, CacheArgs, CacheWhat};
use crate::model::AreaMethod;
use crate::text::Language;

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
}
