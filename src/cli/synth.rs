//! `tuban synth`: writes the synthetic data that the project ships and is measured with. Hidden from the normal help.

use super::args::{SynthArgs, SynthWhat};
use super::{CliError, Outcome};
use crate::io::{self, Guard};
use crate::synth;
use crate::synth::parcels::{self, Spec, State};
use crate::task::Progress;

/// Runs the verb.
///
/// # Errors
/// When a file cannot be written.
pub fn run(args: &SynthArgs, progress: &Progress) -> Result<Outcome, CliError> {
    match &args.what {
        SynthWhat::Demo { output } => {
            synth::files::write(output).map_err(|error| CliError::new(&error.message()))?;
        }
        SynthWhat::Parcels { count, vertices, seed, scenario, output } => {
            let state = if *scenario { State::Scenario } else { State::Base };
            let spec = Spec { count: *count, vertices: *vertices, seed: *seed, state };
            let written = io::save_atomically(output, &Guard::none(), |out| {
                parcels::write(spec, out, progress).map(drop).map_err(std::io::Error::other)
            });
            written.map_err(|error| CliError::new(&error.message()))?;
        }
    }
    Ok(Outcome::Done)
}
