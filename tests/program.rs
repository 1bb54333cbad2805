//! The real program, run as from a terminal.

use std::path::Path;
use std::process::{Command, Output};

/// The program under test: this build's, or another for the same command line (an emulator with a build for another system).
pub(crate) fn program() -> Command {
    Command::new(std::env::var_os("TUBAN_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_tuban").into()))
}

/// The program in a folder, in English, with arguments separated by blanks.
pub(crate) fn tuban(folder: &Path, line: &str) -> Output {
    program()
        .args(line.split_whitespace())
        .current_dir(folder)
        .env("TUBAN_LANG", "en")
        .output()
        .expect("the program starts")
}
