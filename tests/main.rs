//! The integration tests: one binary, a module for each subject.

mod classes;
mod cli;
mod cli_render;
mod compare;
mod formats;
mod formats_daily;
mod geojson;
mod inputs;
mod layering;
mod measure_suites;
mod overlay_suites;
mod render;
mod rings;
mod shared;
mod ui;
mod ui_background;
mod ui_compare;
mod ui_conflicts;
mod ui_edit;
mod ui_keeping;
mod ui_keyboard;
mod ui_panels;
mod ui_rules;
mod ui_scenarios;
mod ui_select;
mod window;
