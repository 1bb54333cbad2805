//! Work that would be put away: what comes after it, what it was, and the save that is at work.

use std::collections::VecDeque;
use std::path::PathBuf;

use crate::scenario::history::SavedBefore;

/// A save that is at work, and what waits for it.
#[derive(Debug)]
pub struct Saving {
    /// The file.
    pub path: PathBuf,
    pub(in crate::ui) job: u64,
    /// What counted as saved before: it does again, where this comes to nothing.
    pub(in crate::ui) before: SavedBefore,
    /// Which work it is of.
    pub(in crate::ui) work: u64,
    pub(in crate::ui) waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
pub(in crate::ui) enum Waiting {
    Save { path: PathBuf, over: bool, next: Option<Next> },
    Leave(Next),
}

/// What comes after the present work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The window closes.
    Quit,
    /// An empty project.
    New,
    /// The demo project.
    Demo,
    /// A project.
    Open(PathBuf),
    /// What a journal holds.
    Recover(PathBuf),
}

/// What the work was at a moment: anything done since makes it another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub(in crate::ui) newest: u64,
    pub(in crate::ui) done: usize,
    pub(in crate::ui) layers: usize,
}
