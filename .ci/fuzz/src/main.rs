//! One program for all targets: `TUBAN_FUZZ` names the one that runs.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

#[path = "../../../tests/fuzz/laws.rs"]
mod laws;
#[allow(dead_code, reason = "the other program makes the seeds")]
#[path = "../../../tests/fuzz/targets.rs"]
mod targets;

static RUN: OnceLock<fn(&[u8])> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let run = RUN.get_or_init(|| {
        let name = std::env::var("TUBAN_FUZZ").expect("TUBAN_FUZZ names a target");
        targets::TARGETS.iter().find(|target| target.name == name).expect("a target of that name").run
    });
    run(bytes);
});
