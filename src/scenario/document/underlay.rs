//! What lies beneath the plan, as the document says it: which image or map of tiles, where it lies, how strongly it shows.

use std::path::PathBuf;

use crate::crs::Crs;
use crate::crs::gcj02::WebMap;
use crate::doctor::placing::{ControlPoint, Placing};

/// Where an underlay comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnderlaySource {
    /// A file.
    File(PathBuf),
    /// Tiles of a server: an address with places for row, column and level, or a name. It holds no key.
    Tiles(String),
}

/// Something beneath the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Underlay {
    /// Its name in the panel.
    pub title: String,
    /// Where it comes from.
    pub source: UnderlaySource,
    /// Whether it is drawn.
    pub visible: bool,
    /// How strongly it is drawn, 0 to 1.
    pub opacity: f32,
    /// The CRS that the user gave in place of what its files say; that of the control points, where there are any.
    pub crs: Option<Crs>,
    /// Whether it is of a web map that shifts positions: it is shifted back for the screen, and is put on no sheet.
    pub shift: Option<WebMap>,
    /// Whether its one band is drawn as a relief of heights; decided by the file without it.
    pub relief: Option<bool>,
    /// Pixels an inch that a page of a PDF is drawn at: its points count in them.
    pub dpi: Option<u16>,
    /// Points that put a scan in its place.
    pub points: Vec<ControlPoint>,
    /// How many parameters they give.
    pub placing: Placing,
    /// Whose it is, and the number of its approval (审图号), as sheets name it.
    pub credit: String,
}

impl Underlay {
    /// Something of that source, as it is drawn when nothing else was said.
    pub fn new(title: String, source: UnderlaySource) -> Self {
        Self {
            title,
            source,
            visible: true,
            opacity: 1.0,
            crs: None,
            shift: None,
            relief: None,
            dpi: None,
            points: Vec::new(),
            placing: Placing::default(),
            credit: String::new(),
        }
    }

    /// The same where only that matters which must be opened again when it changes.
    #[must_use]
    pub fn as_opened(&self) -> Self {
        Self { title: String::new(), credit: String::new(), visible: true, opacity: 1.0, ..self.clone() }
    }

    /// Whether what is read of it is the same, wherever it lies.
    pub fn reads_the_same(&self, other: &Self) -> bool {
        self.source == other.source && self.relief == other.relief && self.dpi == other.dpi
    }

    /// Whether it may stand on what leaves the house: not what a web map has shifted.
    pub fn may_leave(&self) -> bool {
        self.shift.is_none()
    }

    /// Bytes that it takes.
    pub fn byte_count(&self) -> usize {
        let source = match &self.source {
            UnderlaySource::File(path) => path.as_os_str().len(),
            UnderlaySource::Tiles(address) => address.len(),
        };
        size_of::<Self>() + self.title.len() + self.credit.len() + source + size_of_val(&self.points[..])
    }
}
