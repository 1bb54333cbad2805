//! The integration tests: one binary, a module for each subject.

mod layering;
mod shared;
