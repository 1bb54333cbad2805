//! The real program, run as from a terminal.

use std::path::Path;
use std::process::{Command, Output};

/// The program in a folder, in English, with arguments separated by blanks.
pub(crate) fn tuban(folder: &Path, line: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tuban"))
        .args(line.split_whitespace())
        .current_dir(folder)
        .env("TUBAN_LANG", "en")
        .output()
        .expect("the program starts")
}
