//! What is said of a layer that is written, beside where to: below the formats, which all take it.

use crate::model::Layer;

/// How a layer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Whether text is written as GBK, which older Chinese programs expect, where the format allows it; otherwise UTF-8.
    pub gbk: bool,
    /// Whether whole numbers of more than 32 bits stay whole numbers in a file geodatabase. ArcGIS opens such a class from
    /// Pro 3.2 on only; otherwise they become doubles, or text where a double does not hold them.
    pub big_integers: bool,
}

/// A layer, or rows of it in the order given, as a part of what is written.
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// The features of it that are written; all without it.
    pub rows: Option<&'a [usize]>,
}

impl<'a> Chosen<'a> {
    /// Features that are written.
    pub fn count(&self) -> usize {
        self.rows.map_or(self.layer.feature_count(), <[usize]>::len)
    }

    /// The features that are written, in order.
    pub fn features(&self) -> impl Iterator<Item = usize> + use<'a> {
        let rows = self.rows;
        (0..self.count()).map(move |at| rows.map_or(at, |rows| rows[at]))
    }
}

/// What happens to the layers of a file that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// They go: the file is another one.
    #[default]
    Replaced,
    /// They stay, and none may be called like one that is written.
    Kept,
    /// They stay, but for those that are called like one that is written.
    LayersReplaced,
}
