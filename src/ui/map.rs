//! The map: canvas, tools, and what lies over it.

pub mod arriving;
pub mod beneath;
pub mod canvas;
pub mod decor;
pub mod drawings;
pub mod fault_marks;
pub mod gpu;
pub mod grids;
pub mod hover_tip;
pub mod labels;
pub mod legend_card;
pub mod measure_tool;
pub mod navigate;
pub mod note_pins;
pub mod notices;
pub mod quiet;
pub mod reach;
pub mod scene;
pub mod software;
pub mod tools;
pub mod two_states;
