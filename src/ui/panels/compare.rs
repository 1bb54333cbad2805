//! What panels show of two states held against each other.

pub mod balance;
pub mod card;
pub mod choosers;
