//! Panels, tabs, cards and windows. Each reads the session and pushes commands.

pub mod arriving;
pub mod changes;
pub mod class_picker;
pub mod compare;
pub mod crs_picker;
pub mod doctor_card;
pub mod edit;
pub mod inspector;
pub mod layers;
pub mod leaving;
pub mod left;
pub mod locate;
pub mod open_report;
pub mod path_card;
pub mod problem;
pub mod rules_bar;
pub mod rules_editor;
pub mod scenario_tabs;
pub mod search;
pub mod shortcuts;
pub mod stand_ins;
pub mod statusbar;
pub mod style_editor;
pub mod table;
pub mod topbar;
