//! View, symbology on meshes, the CPU painter and map sheets. Knows no window and no GPU.

pub mod label;
pub mod lettering;
pub mod mesh;
pub mod pick;
pub mod projected;
pub mod raster;
pub mod sheet;
pub mod view;

pub use view::MapView;
