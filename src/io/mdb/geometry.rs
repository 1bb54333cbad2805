//! Geometry columns of personal geodatabases: shape records in cells.
//!
//! Their types are those of shapefiles and, where they have heights without measures or are of the general kinds that
//! ArcGIS writes since 9.2, others that mean the same; the layout is that of shapefiles.

use super::super::ReadError;
use super::super::findings::Findings;
use super::super::shapefile;
use crate::model::{GeometryBlock, GeometryBuilder, GeometryKind, Issue, Severity};
use crate::task::Progress;
use crate::text::Message;

/// Bits of a general type.
const HAS_Z: u32 = 0x8000_0000;
const HAS_M: u32 = 0x4000_0000;
const HAS_CURVES: u32 = 0x2000_0000;

/// The geometry of some rows.
pub(super) struct Geometry {
    /// By kind, with the rows that each has; at least one.
    pub(super) kinds: Vec<(GeometryBlock, Vec<u32>)>,
    pub(super) findings: Findings,
}

/// The type of shapefiles that means the same as a type of geodatabases, and whether there are curves.
fn plain_type(code: u32) -> (u32, bool) {
    let (basic, has_z, has_m) = match code & 0xFF {
        0 => return (0, false),
        basic @ (1 | 3 | 5 | 8) => (basic, false, false),
        9 => (1, true, false),
        10 => (3, true, false),
        19 => (5, true, false),
        20 => (8, true, false),
        11 => (1, true, true),
        13 => (3, true, true),
        15 => (5, true, true),
        18 => (8, true, true),
        21 => (1, false, true),
        23 => (3, false, true),
        25 => (5, false, true),
        28 => (8, false, true),
        general @ 50..=53 => {
            let basic = match general {
                50 => 3,
                51 => 5,
                52 => 1,
                _ => 8,
            };
            (basic, code & HAS_Z != 0, code & HAS_M != 0)
        }
        // Surfaces in space.
        31 | 32 | 54 => return (31, false),
        // Whatever it is, the reader says that it is none.
        _ => return (99, false),
    };
    let plain = match (has_z, has_m) {
        (true, _) => basic + 10,
        (false, true) => basic + 20,
        (false, false) => basic,
    };
    (plain, code & 0xFF >= 50 && code & HAS_CURVES != 0)
}

impl Geometry {
    /// Of rows without geometry.
    pub(super) fn none(row_count: usize) -> Self {
        let mut builder = GeometryBuilder::new(GeometryKind::None);
        (0..row_count).for_each(|_| builder.null_feature());
        let rows = (0..row_count as u32).collect();
        Self { kinds: vec![(builder.finish(), rows)], findings: Findings::default() }
    }

    /// Reads the shapes of rows, an empty one where there is none; those go to the kind `home`.
    ///
    /// # Errors
    /// When the user cancelled.
    pub(super) fn read<'s>(
        shapes: impl Iterator<Item = &'s [u8]>,
        home: Option<GeometryKind>,
        progress: &Progress,
    ) -> Result<Self, ReadError> {
        let mut content = Vec::new();
        let mut places = Vec::new();
        let mut curved = Vec::new();
        for (row, shape) in shapes.enumerate() {
            let Some((head, rest)) = shape.split_first_chunk::<4>() else {
                places.push((0, 0));
                continue;
            };
            let (plain, has_curves) = plain_type(u32::from_le_bytes(*head));
            if has_curves {
                curved.push(row as u64);
            }
            places.push((content.len(), shape.len()));
            content.extend_from_slice(&plain.to_le_bytes());
            content.extend_from_slice(rest);
        }
        let (kinds, mut findings) = shapefile::shapes_of(&content, places, home, progress)?;
        if let Some(first) = curved.first() {
            let message = Message::new("io.mdb-curves").with("count", curved.len());
            findings.add(Issue { feature: Some(*first), ..Issue::new(Severity::Warning, message) }, None);
        }
        Ok(Self { kinds, findings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_geodatabases_are_those_of_shapefiles() {
        for (code, expected) in [
            (5, (5, false)),
            (19, (15, false)),
            (9, (11, false)),
            (21, (21, false)),
            (51, (5, false)),
            (51 | HAS_Z, (15, false)),
            (50 | HAS_M, (23, false)),
            (51 | HAS_Z | HAS_CURVES, (15, true)),
            (54, (31, false)),
            (77, (99, false)),
        ] {
            assert_eq!(plain_type(code), expected, "{code:#x}");
        }
    }
}
