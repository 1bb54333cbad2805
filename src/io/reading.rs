//! What a reader of any format is told beside its source.

use super::arrivals::Arrivals;
use super::encoding::Encoding;
use crate::task::Progress;

/// What a reader is told beside its source.
pub(super) struct Reading<'a> {
    /// Where to tell what has come while the rest is still being read.
    pub(super) arrivals: Option<&'a Arrivals>,
    /// The encoding that the user says the text is in, for formats that do not prescribe one.
    pub(super) encoding: Option<Encoding>,
    /// The one layer of the source that is wanted: the rows of the others need not be read, only their names.
    pub(super) layer: Option<&'a str>,
    /// Whether what stands before a place where a file is broken is kept: otherwise nothing needs to be read after it.
    pub(super) keeps_partial: bool,
    pub(super) progress: &'a Progress,
}
