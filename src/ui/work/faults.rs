//! Where an issue is on the map, and what shows it there: its own point, the first of its feature, its layer.

use crate::crs::{Crs, Reprojector};
use crate::model::{Coord, Issue, Layer, LayerId};
use crate::ui::session::Session;
use crate::ui::session::command::Command;
use crate::ui::session::command::layer::LayerCommand;
use crate::ui::session::command::select::SelectCommand;
use crate::ui::session::command::view::ViewCommand;
use crate::ui::session::rows::FeatureRef;

/// The point that an issue is about, in the CRS of its layer; `None` where it names none.
pub fn own_place(layer: &Layer, issue: &Issue) -> Option<Coord> {
    let place = issue.place?;
    let place = if layer.axes_swapped { Coord { x: place.y, y: place.x } } else { place };
    match &layer.provenance.correction {
        // Without a way the features of the layer have no place either.
        Some(correction) => correction.prepare().ok()?.convert_one(place),
        None => Some(place),
    }
}

/// The first point of the feature that an issue is about, in the CRS of its layer.
pub fn first_place(layer: &Layer, issue: &Issue) -> Option<Coord> {
    let (block, row) = layer.locate(feature_of_source(layer, issue.feature?)?);
    block.geometry.feature_coords(row).first().copied()
}

/// The feature of a layer that stands at `row` of its file, from 0; none where it was left out or went to another
/// layer.
pub fn feature_of_source(layer: &Layer, row: u64) -> Option<usize> {
    layer.blocks.iter().zip(&layer.starts).find_map(|(block, start)| {
        if block.source_rows.is_empty() {
            let at = usize::try_from(row).ok()?; // more than memory holds
            return (*start..start + block.geometry.feature_count()).contains(&at).then_some(at);
        }
        let at = block.source_rows.iter().position(|source| u64::from(*source) == row)?;
        Some(start + at)
    })
}

/// What shows the place of an issue: its feature, else its layer; then its own point in the middle of the map.
pub fn way_to(session: &Session, layer: LayerId, issue: &Issue) -> Vec<Command> {
    let Some(entry) = session.workspace.entry(layer) else { return Vec::new() };
    let feature = issue.feature.and_then(|row| feature_of_source(&entry.layer, row));
    let place = session.workspace.crs.as_ref().and_then(|crs| on_map(&entry.layer, issue, crs));
    let first = match feature {
        Some(feature) => Command::Select(SelectCommand::ShowFeature(FeatureRef { layer, feature })),
        // What is wrong with the coordinates as a whole is looked into by the doctor.
        None if issue.message.key.starts_with("doctor.") => Command::Layer(layer, LayerCommand::Doctor),
        None => Command::Layer(layer, LayerCommand::ZoomTo),
    };
    std::iter::once(first).chain(place.map(|place| Command::View(ViewCommand::GoTo(place)))).collect()
}

/// The point that an issue is about, in the CRS of the map.
fn on_map(layer: &Layer, issue: &Issue, crs: &Crs) -> Option<Coord> {
    let place = own_place(layer, issue)?;
    if layer.crs.has_same_coordinates(crs) {
        return Some(place);
    }
    // Without a way to the map the layer is not drawn either.
    Reprojector::new(&layer.crs, crs).ok()?.convert_one(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{OpenOptions, open_bytes};
    use crate::task::Progress;

    #[test]
    fn points_of_issues_are_found() {
        let text = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n带号=39\n[地块坐标]\n\
            5,1.0,1,甲,面,,,,@\nJ1,1,4060100,39500000\nJ2,1,4060100,39500100\nJ4,1,4060000,39500100\nJ5,1,4060000,39500000\nJ1,1,4060100,39500000\n";
        let opened = open_bytes("a.txt", text.as_bytes().to_vec(), &OpenOptions::default(), &Progress::new());
        let layer = opened.expect("opens").layers.remove(0);
        let issue = layer.issues.iter().find(|issue| issue.message.key == "io.txt-numbering").expect("is found");
        let at = |place: Option<Coord>| place.map(|c| (c.x, c.y));
        assert_eq!(at(own_place(&layer, issue)), Some((39_500_100.0, 4_060_000.0)));
        assert_eq!(at(on_map(&layer, issue, &layer.crs)), Some((39_500_100.0, 4_060_000.0)));
        assert_eq!(at(first_place(&layer, issue)), Some((39_500_000.0, 4_060_100.0)));
        let without = Issue { place: None, ..issue.clone() };
        assert_eq!(own_place(&layer, &without), None);
        assert_eq!(feature_of_source(&layer, 7), None);
    }
}
