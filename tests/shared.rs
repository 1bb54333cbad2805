//! Finds the outside cases that some suites run over.

use std::path::PathBuf;

/// The folder of outside cases, from `TUBAN_SHARED`; `None` (said loudly) when the variable is not set.
///
/// # Panics
/// When the variable is set but `inside` is not there: a suite that should run must not be skipped in silence.
#[allow(dead_code, reason = "used by the suites as they are added")]
pub(crate) fn folder(suite: &str, inside: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("TUBAN_SHARED") else {
        println!("SKIPPED: {suite}: TUBAN_SHARED is not set");
        return None;
    };
    let path = PathBuf::from(root).join(inside);
    assert!(path.exists(), "{suite}: TUBAN_SHARED is set, but {} is not there", path.display());
    Some(path)
}
