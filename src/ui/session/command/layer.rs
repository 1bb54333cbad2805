//! What can be done with one layer.

use crate::model::AreaMethod;

/// What can be done with one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LayerCommand {
    /// Show all of it.
    ZoomTo,
    /// Open its table.
    OpenTable,
    /// Change how it is drawn.
    Style,
    /// Draw it by a style file, our own or one of QGIS, OGC or ArcGIS Pro.
    LoadStyle,
    /// Write how it is drawn to a style file, our own or one of QGIS or OGC.
    SaveStyle,
    /// Keep how it is drawn for another layer.
    CopyStyle,
    /// Draw it as the layer is drawn whose style was copied.
    PasteStyle,
    /// Change the CRS that its coordinates are read in.
    Crs,
    /// Examine what its coordinates can mean.
    Doctor,
    /// Change how its areas are computed.
    Method(AreaMethod),
    /// Compute its union and what was counted twice.
    Coverage,
    /// Join a table to it.
    Join,
    /// Say what it is, and which of its fields is which.
    Map,
    /// Carry its classes over to another scheme.
    Convert,
    /// Write coordinate TXT, boundary points, four sides.
    Survey,
    /// Read its file again.
    Reload,
    /// Write it, or its selection, to a GeoJSON file.
    Export,
    /// Take it out of the workspace; its file stays.
    Remove,
}
