//! View, symbology on meshes, the CPU painter and map sheets. Knows no window and no GPU.

pub mod mesh;
pub mod pick;
pub mod projected;
pub mod view;

pub use view::MapView;
