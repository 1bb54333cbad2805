//! Two states of land use held against each other, as layers and areas: nothing here knows a workspace.

pub mod class_sum;
pub mod live;
pub mod net;
pub mod transition;
