//! The look: colours, fonts, icons, and widgets that know nothing of what the window is about.
//!
//! What needs only the look gets only the look: a language, a list of colours, a text. Nothing here knows the session.

pub mod bars;
pub mod choice;
pub mod color_picker;
pub mod fonts;
pub mod form;
pub mod frozen;
pub mod grid;
pub mod icons;
pub mod keyboard;
pub mod markers;
pub mod memory;
pub mod swatch;
pub mod theme;
pub mod walk;
pub mod widgets;
