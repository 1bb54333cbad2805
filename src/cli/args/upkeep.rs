//! The arguments of what looks after the program itself: what it keeps beside a project, how fast its window is.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::RendererName;

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

/// Arguments of `bench`.
#[derive(Clone, Debug, Args)]
pub struct BenchArgs {
    /// What to measure.
    #[command(subcommand)]
    pub what: BenchWhat,
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
