//! An examination of a layer's file by the CRS doctor: what is shown of it, as data.

use std::sync::Arc;

use crate::crs::{Correction, Crs};
use crate::doctor::Diagnosis;
use crate::model::{Extent, LayerId};
use crate::text::Message;

/// How the user asks for the coordinates of a layer: the CRS, and what is undone.
pub type Asked = (Option<Crs>, Option<Arc<Correction>>);

/// An examination of a layer's file, running or done.
#[derive(Debug)]
pub struct Examination {
    /// The layer.
    pub layer: LayerId,
    /// The work.
    pub job: u64,
    /// What came of it; `None` while it runs.
    pub outcome: Option<Result<Outcome, Message>>,
}

/// What an examination found.
#[derive(Debug)]
pub struct Outcome {
    /// Every reading.
    pub diagnosis: Diagnosis,
    /// Extent of the file's coordinates, in its own order.
    pub extent: Extent,
}
