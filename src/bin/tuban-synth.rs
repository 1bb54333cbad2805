//! Writes the synthetic data that the project ships and is measured with: the demo project, or test layers of any size.
//!
//! A program of its own, so that the release is without: `cargo run --features synth --bin tuban-synth -- --help`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tuban::io::{self, Guard};
use tuban::synth::files;
use tuban::synth::parcels::{self, Spec, State};
use tuban::task::Progress;
use tuban::text::{Language, Message};

/// Writes synthetic data.
#[derive(Debug, Parser)]
#[command(name = "tuban-synth", version)]
struct Arguments {
    /// What to write.
    #[command(subcommand)]
    what: What,
}

/// What is written.
#[derive(Debug, Subcommand)]
enum What {
    /// The demo project, into a folder.
    Demo {
        /// The folder.
        #[arg(short, long, value_name = "FOLDER")]
        output: PathBuf,
    },
    /// A layer of parcels that tile a rectangle.
    Parcels {
        /// How many.
        #[arg(long)]
        count: usize,
        /// Mean number of positions of each, the closing ones included.
        #[arg(long)]
        vertices: f64,
        /// Seed of the generator.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The scenario in place of the base.
        #[arg(long)]
        scenario: bool,
        /// The GeoJSON file.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

fn main() -> ExitCode {
    tuban::crs::silence_proj();
    match write(Arguments::parse().what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            tuban::cli::output::say(&format!("tuban-synth: {}", message.text(Language::English)));
            ExitCode::from(2)
        }
    }
}

fn write(what: What) -> Result<(), Message> {
    match what {
        What::Demo { output } => files::write(&output).map(drop).map_err(|error| error.message()),
        What::Parcels { count, vertices, seed, scenario, output } => {
            let state = if scenario { State::Scenario } else { State::Base };
            let spec = Spec { count, vertices, seed, state };
            let written = io::save_atomically(&output, &Guard::none(), |out| {
                parcels::write(spec, out, &Progress::new()).map(drop).map_err(std::io::Error::other)
            });
            written.map_err(|error| error.message())
        }
    }
}
