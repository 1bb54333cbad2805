//! View, symbology on meshes, the CPU painter and map sheets. Knows no window and no GPU.

pub mod cached;
pub mod chart;
pub mod chunks;
pub mod colors;
pub mod drawing;
pub mod graticule;
pub mod image;
pub mod label;
pub mod labels;
pub mod layout;
pub mod legend;
pub mod lettering;
pub mod mesh;
pub mod pick;
pub mod placement;
pub mod prepared;
pub mod projected;
pub mod pyramid;
pub mod raster;
pub mod scene;
pub mod sheet;
pub mod underlay;
pub mod vector;
pub mod view;

pub use view::MapView;
