//! What is said of a layer that is written, beside where to: below the formats, which all take it.

/// How a layer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Whether text is written as GBK, which older Chinese programs expect, where the format allows it; otherwise UTF-8.
    pub gbk: bool,
}
