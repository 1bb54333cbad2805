//! Tuban (图斑, a parcel of the land survey): land-use planning layers opened, measured in mu and km², and compared.
//!
//! The modules stand in floor order: each imports only from those above it in this list, which a test checks.
//!
//! | floor | holds |
//! |---|---|
//! | [`units`] | areas and lengths, mu, hectares, km²; rounding and display policy |
//! | [`text`] | the two language catalogues; messages as key and arguments |
//! | [`task`] | progress, cancelling, background tasks |
//! | [`crs`] | coordinate reference systems of China, reprojection through PROJ |
//! | [`model`] | columns of geometry and attributes in blocks, layers, issues, class schemes, roles |
//! | [`expr`] | the expression language of `--where`, filters, selections, labels and rules |
//! | [`measure`] | survey, geodesic and planar areas and lengths |
//! | [`overlay`] | two layers laid over each other, overlaps and union of one, repair of invalid polygons, by boundary walks |
//! | [`demo`] | the files of the demo project inside the program |
//! | [`io`] | files to layers and back |
//! | [`doctor`] | what coordinates say about their CRS; ranked hypotheses |
//! | [`scenario`] | comparison, the workspace of layers with scenarios and edits, the project file and journal, the plan |
//! | [`rules`] | indicators and quotas, what a state of the plan is held against |
//! | [`validate`] | a delivery held against a schema: fields, codes, attributes, topology, closing areas |
//! | [`render`] | view, symbology, triangles, the pyramid of large layers, the CPU painter, map sheets, charts |
//! | [`report`] | reports and tables, the why of figures, and what they become |
//! | `synth` | the synthetic demo project and test layers (feature `synth`) |
//! | [`cli`] | one function a verb |
//! | `ui` | the window (feature `gui`) |
//!
//! A layer opened, measured, and compared with another state of it, by the functions that command line and window call:
//!
//! ```
//! use tuban::io::{OpenOptions, open_bytes};
//! use tuban::model::{AreaMethod, Layer, keys};
//! use tuban::overlay::audited;
//! use tuban::scenario::transition::{Basis, Classes, CompareOptions, Comparison, Grouping, Level, Matrix};
//! use tuban::task::Progress;
//!
//! // A parcel of a hectare. `io::open` does the same with a path: a file, an archive, a folder, a table of a database.
//! fn parcel(code: &str) -> Result<Layer, Box<dyn std::error::Error>> {
//!     let text = format!(
//!         r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"EPSG:4548"}}}},"features":[
//!             {{"type":"Feature","properties":{{"DLBM":"{code}"}},"geometry":{{"type":"Polygon","coordinates":[[
//!                 [500000,4070000],[500100,4070000],[500100,4070100],[500000,4070100],[500000,4070000]]]}}}}]}}"#
//!     );
//!     let mut opened = open_bytes("DLTB.geojson", text.into_bytes(), &OpenOptions::default(), &Progress::new())?;
//!     Ok(opened.layers.remove(0))
//! }
//!
//! let (base, plan) = (parcel("0101")?, parcel("0701")?);
//! let areas = audited(&base, AreaMethod::Planar, &Progress::new())?;
//! assert_eq!(areas.exact, [10_000.0]);
//!
//! let options = CompareOptions { basis: Basis::Geometry(AreaMethod::Planar), ..CompareOptions::default() };
//! let comparison = Comparison::new(&base, &plan, &options, &Progress::new())?;
//! let by = [keys::parse_keys(&base, "DLBM")?, keys::parse_keys(&plan, "DLBM")?];
//! let sides = [Grouping { layer: &base, keys: &by[0] }, Grouping { layer: &plan, keys: &by[1] }];
//! let classes = Classes::new(sides[0], sides[1], Level::AsGiven, None)?;
//! let matrix = Matrix::new(&comparison, &classes);
//! assert_eq!((matrix.cells[0].m2, matrix.changed_m2), (10_000.0, 10_000.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod units;

pub mod text;

pub mod task;

pub mod crs;

pub mod model;

pub mod expr;

pub mod measure;

pub mod overlay;

pub mod demo;

pub mod io;

pub mod doctor;

pub mod scenario;

pub mod rules;

pub mod validate;

pub mod render;

pub mod report;

#[cfg(any(test, feature = "synth"))]
pub mod synth;

pub mod cli;

#[cfg(feature = "gui")]
pub mod ui;

#[cfg(test)]
mod testing;
