//! Tables of a database on the command line: compared and measured in tiles that fit into memory, and written.
//!
//! Tiles own features (`io/postgis/tiles.rs`): what is summed of a tile is what it owns, and the tiles add up to the whole
//! in one plane, by classes that were decided from all values.

use std::path::Path;

use super::CliError;
use super::args::{AreasArgs, CompareArgs};
use super::compare::Asked;
use crate::model::Layer;
use crate::report::areas_total::{AreasTotal, SourceAreas};
use crate::report::pairs::PairFigures;
use crate::scenario::transition::{ClassKey, Level, Matrix};
use crate::task::Progress;
use crate::text::Message;

#[cfg(feature = "postgis")]
pub(super) use tiled::{compared, measured};

/// Writes a layer to the table that an address names; what it cannot hold.
pub(super) fn written(
    path: &Path,
    layer: &Layer,
    rows: Option<&[usize]>,
    replaces: bool,
    progress: &Progress,
) -> Result<Vec<Message>, CliError> {
    #[cfg(feature = "postgis")]
    {
        let written = crate::io::write_table(path, layer, rows, replaces, progress);
        written.map(|(_, notes)| notes).map_err(|error| CliError::new(&error.message()).at(path))
    }
    #[cfg(not(feature = "postgis"))]
    {
        let _ = (layer, rows, replaces, progress);
        Err(without().at(path))
    }
}

#[cfg(not(feature = "postgis"))]
fn without() -> CliError {
    CliError::new(&Message::new("io.pg-without"))
}

#[cfg(not(feature = "postgis"))]
pub(super) fn compared(
    _: &CompareArgs,
    _: &Asked,
    _: [&Path; 2],
    _: u64,
    _: &Progress,
) -> Result<(PairFigures, Vec<(Level, Vec<ClassKey>, Matrix)>), CliError> {
    Err(without())
}

#[cfg(not(feature = "postgis"))]
pub(super) fn measured(
    _: &AreasArgs,
    _: &Path,
    _: u64,
    _: &mut AreasTotal,
    _: &Progress,
) -> Result<(SourceAreas, bool), CliError> {
    Err(without())
}

#[cfg(feature = "postgis")]
mod tiled {
    use rustc_hash::FxHashSet;

    use super::*;
    use crate::cli::args::LevelName;
    use crate::cli::compare::{self, class_keys, failed};
    use crate::crs::Crs;
    use crate::io::{self, OpenOptions, ReadError, Tables};
    use crate::measure::Frame;
    use crate::model::keys::{self, GroupKey, KeyPart};
    use crate::model::{AreaMethod, Coord, Extent, FeatureBlock, GeometryBuilder, GeometryKind, Issue};
    use crate::overlay;
    use crate::report::groups::{self, Group};
    use crate::scenario::transition::{
        Basis, CompareError, CompareOptions, Comparison, ExactSum, Grouping, MatrixSums, PieceClasses,
    };

    impl From<ReadError> for CliError {
        fn from(error: ReadError) -> Self {
            Self::new(&error.message())
        }
    }

    fn options(crs: Option<&str>) -> Result<OpenOptions, CliError> {
        let crs = crs.map(Crs::parse).transpose().map_err(|error| CliError::new(&error.message()))?;
        Ok(OpenOptions { crs, ..OpenOptions::default() })
    }

    /// The fields that keys are of: nothing else is read.
    fn fields_of(by: &str) -> Vec<String> {
        let field = |key: &str| {
            let key = key.trim();
            let name = match key.rsplit_once([':', '@']) {
                Some((name, part)) if part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty() => name,
                _ => key,
            };
            let plain = name.trim().trim_matches(['"', '\'']);
            plain.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(plain).to_owned()
        };
        keys::split_keys(by).into_iter().map(field).filter(|name| !name.is_empty()).collect()
    }

    /// The plane of everything within these extents.
    fn frame_of(extents: &[Extent], crs: &Crs, method: AreaMethod) -> Result<Frame, CliError> {
        let layer = |extent: &Extent| {
            let mut builder = GeometryBuilder::new(GeometryKind::Polygon);
            let (min, max) = (extent.min, extent.max);
            for (x, y) in [(min.x, min.y), (max.x, min.y), (max.x, max.y), (min.x, max.y), (min.x, min.y)] {
                builder.coord(Coord { x, y });
            }
            builder.end_ring();
            builder.end_part();
            builder.end_feature();
            let block = FeatureBlock::of_geometry(builder.finish());
            Layer::new(String::new(), GeometryKind::Polygon, crs.clone(), Vec::new(), vec![block])
        };
        let layers: Vec<Layer> = extents.iter().filter(|extent| !extent.is_empty()).map(layer).collect();
        let layers: Vec<&Layer> = layers.iter().collect();
        let frame = match layers.is_empty() {
            true => Frame::for_crs(crs, 117.0, method),
            false => Frame::for_layers(&layers, method),
        };
        frame.map_err(|error| CliError::new(&error.message()))
    }

    fn only_tables(paths: &[&Path]) -> Result<(), CliError> {
        match paths.iter().find(|path| !io::is_address(path)) {
            Some(path) => Err(CliError::new(&Message::new("cli.tables-only")).at(path)),
            None => Ok(()),
        }
    }

    /// Two tables compared tile by tile.
    ///
    /// # Errors
    /// No connection, no such field, schemes that need a crosswalk, cancelling.
    pub(in crate::cli) fn compared(
        args: &CompareArgs,
        asked: &Asked,
        paths: [&Path; 2],
        most: u64,
        progress: &Progress,
    ) -> Result<(PairFigures, Vec<(Level, Vec<ClassKey>, Matrix)>), CliError> {
        only_tables(&paths)?;
        let by = args.by.as_deref().ok_or_else(|| CliError::new(&Message::new("cli.tables-by")))?;
        let by = [by, args.by_scenario.as_deref().unwrap_or(by)];
        let mut fields = by.map(fields_of);
        if let Basis::Field(name) = &asked.basis {
            fields.iter_mut().filter(|fields| !fields.contains(name)).for_each(|fields| fields.push(name.clone()));
        }
        let options = options(args.crs.as_deref())?;
        Tables::with(&paths, &fields, &options, progress, |tables| {
            let reference = [tables.distinct(0)?, tables.distinct(1)?];
            let keys = [class_keys(&reference[0], Some(by[0]))?, class_keys(&reference[1], Some(by[1]))?];
            let groupings = [0, 1].map(|side| Grouping { layer: &reference[side], keys: &keys[side] });
            let mut classes = Vec::new();
            for level in compare::levels(args.level) {
                match PieceClasses::new(groupings[0], groupings[1], level, asked.crosswalk.as_ref()) {
                    Ok(found) => classes.push((level, found, MatrixSums::default())),
                    // Every level that there is: plan schemes have no big classes.
                    Err(CompareError::NoBigClasses(_)) if args.level == Some(LevelName::All) => {}
                    Err(error) => return Err(failed(&error)),
                }
            }
            let extents = [tables.extent_of(0)?, tables.extent_of(1)?];
            let frame = frame_of(&extents, &reference[0].crs, asked.basis.method())?;
            let compared = CompareOptions { basis: asked.basis.clone(), within: None, tolerance: asked.tolerance };
            let mut figures = PairFigures {
                frame: frame.name().to_owned(),
                hashes: [tables.state(0).to_owned(), tables.state(1).to_owned()],
                ..PairFigures::default()
            };
            for tile in tables.tiles(most)? {
                progress.tick(0)?;
                let [base, scenario] = tables.pair(&tile)?;
                let comparison = Comparison::in_frame(&base.layer, &scenario.layer, &compared, &frame, progress)
                    .map_err(|error| failed(&error))?;
                figures.is_unsound |= comparison.table.is_unsound();
                for (side, piece) in [&base, &scenario].into_iter().enumerate() {
                    // What is found of others is found where they are owned.
                    let rows: FxHashSet<u64> = (0..piece.layer.feature_count())
                        .filter(|feature| piece.owned[*feature])
                        .map(|feature| piece.layer.source_row(feature))
                        .collect();
                    let is_own = |issue: &&Issue| issue.feature.is_some_and(|row| rows.contains(&row));
                    let found = piece.layer.issues.iter().chain(&comparison.states[side].issues);
                    figures.issue_count += found.filter(is_own).count() as u64;
                }
                let owned = [&base.owned[..], &scenario.owned[..]];
                for (_, classes, sums) in &mut classes {
                    let own = |layer, side: usize| Grouping { layer, keys: &keys[side] };
                    let of_piece = classes.of(own(&base.layer, 0), own(&scenario.layer, 1)).map_err(|e| failed(&e))?;
                    sums.add(&of_piece.list, &Matrix::of_owned(&comparison, &of_piece, Some(owned)));
                }
            }
            let levels: Vec<(Level, Vec<ClassKey>, Matrix)> = classes
                .into_iter()
                .map(|(level, _, sums)| {
                    let (list, matrix) = sums.whole();
                    (level, list, matrix)
                })
                .collect();
            if let Some((_, _, matrix)) = levels.first() {
                (figures.total, figures.changed_m2) = (matrix.total, matrix.changed_m2);
                (figures.slivers, figures.residual_m2) = (matrix.slivers, matrix.residual_m2);
            }
            Ok((figures, levels))
        })
    }

    /// A table measured tile by tile and added to `total`; whether a figure of it cannot be.
    ///
    /// # Errors
    /// No connection, no such field, cancelling.
    pub(in crate::cli) fn measured(
        args: &AreasArgs,
        path: &Path,
        most: u64,
        total: &mut AreasTotal,
        progress: &Progress,
    ) -> Result<(SourceAreas, bool), CliError> {
        only_tables(&[path])?;
        let fields = [args.by.as_deref().map_or(Vec::new(), fields_of)];
        let options = options(args.read.crs.as_deref())?;
        let method = total.method;
        let mut found: Vec<Vec<Group>> = Vec::new();
        let (areas, is_faulty, schemes) = Tables::with(&[path], &fields, &options, progress, |tables| {
            let reference = tables.distinct(0)?;
            let keys: Vec<GroupKey> = match &args.by {
                Some(text) => {
                    let keys = keys::parse_keys(&reference, text).map_err(|error| CliError::new(&error.message()))?;
                    keys::as_classes(&reference, keys)
                }
                None => Vec::new(),
            };
            let scheme = |key: &GroupKey| match key.part {
                KeyPart::Class(scheme) | KeyPart::Level(scheme, _) => Some(scheme),
                KeyPart::Whole | KeyPart::Prefix(_) => None,
            };
            let frame = frame_of(&[tables.extent_of(0)?], &reference.crs, method)?;
            let mut areas = SourceAreas {
                layers: vec![reference.name.clone()],
                frames: vec![frame.name().to_owned()],
                ..SourceAreas::default()
            };
            let (mut exact, mut printed) = (ExactSum::default(), ExactSum::default());
            let mut is_faulty = false;
            for tile in tables.tiles(most)? {
                progress.tick(0)?;
                let piece = tables.owned(0, &tile)?;
                let measured = overlay::measured_in(&piece.layer, &frame, progress)
                    .map_err(|error| CliError::new(&error.message()))?;
                is_faulty |= overlay::has_faults(&measured);
                areas.issue_count += (piece.layer.issues.len() + measured.issues.len()) as u64;
                for whole in groups::group(&piece.layer, &measured, &[], None) {
                    areas.feature_count += whole.feature_count as u64;
                    exact.add(whole.exact.m2());
                    printed.add(whole.printed.m2());
                }
                if !keys.is_empty() {
                    found.push(groups::group(&piece.layer, &measured, &keys, None));
                }
            }
            (areas.exact_m2, areas.printed_m2) = (exact.value(), printed.value());
            Ok::<_, CliError>((areas, is_faulty, keys.iter().map(scheme).collect::<Vec<_>>()))
        })?;
        // A table counts whole or not at all.
        found.iter().for_each(|groups| total.add(&schemes, groups));
        Ok((areas, is_faulty))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn keys_name_their_fields() {
            let check = |by: &str, expected: &[&str]| assert_eq!(fields_of(by), expected, "{by}");
            check("DLBM", &["DLBM"]);
            check("QSDWDM:12,DLBM@1", &["QSDWDM", "DLBM"]);
            check("[@id]", &["@id"]);
            check("\"a,b\"", &["a,b"]);
        }
    }
}
