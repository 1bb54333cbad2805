//! Land taken out of a control layer and put into it: what is left and what was taken add up.

use super::*;
use crate::scenario::draft::{Land, put_in, take_out};
use crate::scenario::plan::against_base::live;
use crate::scenario::transition::Level;

/// Rectangles (x from, x to) of 10 m height beside the first row of parcels, each with a number.
fn strips(name: &str, strips: &[(f64, f64)]) -> Layer {
    let base = parcels(name, &[]);
    let mut geometry = GeometryBuilder::new(GeometryKind::Polygon);
    let mut attributes = AttributeBuilder::new();
    for (nth, (from, to)) in strips.iter().enumerate() {
        let corners = [(*from, 0.0), (*to, 0.0), (*to, 10.0), (*from, 10.0), (*from, 0.0)];
        let ring: Vec<Coord> = corners.iter().map(|(x, y)| Coord { x: 500_000.0 + x, y: 4_070_000.0 + y }).collect();
        geometry.polygon(&[vec![ring]]);
        let column = attributes.column("BSM", 0);
        attributes.set(column, Value::Text(&format!("N{nth}")));
        attributes.end_row();
    }
    let block = FeatureBlock::of_parts(geometry.finish(), attributes.finish().1);
    let fields = vec![Field { name: "BSM".to_owned(), kind: FieldType::Text }];
    Layer::new(name.to_owned(), GeometryKind::Polygon, base.crs, fields, vec![block])
}

/// Parcels 0 to 3 of ten metres in a row, and farmland over 0…25 and 30…32 of them.
fn farmland() -> (Workspace, LayerId, LayerId) {
    let (mut workspace, land) = workspace();
    let farm = workspace.add(Arc::new(strips("永久基本农田", &[(0.0, 25.0), (30.0, 32.0)])));
    let layer = layer(&workspace, farm);
    let areas = overlay::measured(&layer, AreaMethod::Survey, &Progress::new()).expect("measured");
    workspace.set_areas(farm, layer.revision, Arc::new(areas));
    (workspace, land, farm)
}

fn total(workspace: &Workspace, id: LayerId) -> f64 {
    workspace.entry(id).and_then(|entry| entry.areas.as_ref()).expect("measured").exact.iter().sum()
}

fn out(workspace: &mut Workspace, farm: LayerId, land: &Layer, rows: &[u32]) -> Result<String, EditError> {
    let land = Land { layer: land, rows: Some(rows) };
    let draft = take_out(workspace, farm, land, Language::Chinese, &Progress::new())?;
    let sentence = draft.sentence.text(Language::Chinese);
    workspace.apply(draft, By::default()).map(|_| sentence)
}

fn into(workspace: &mut Workspace, farm: LayerId, land: &Layer, rows: &[u32]) -> Result<String, EditError> {
    let land = Land { layer: land, rows: Some(rows) };
    let draft = put_in(workspace, farm, land, &[], Language::Chinese, &Progress::new())?;
    let sentence = draft.sentence.text(Language::Chinese);
    workspace.apply(draft, By::default()).map(|_| sentence)
}

#[test]
fn what_is_taken_out_and_what_is_left_add_up() {
    let (mut workspace, land, farm) = farmland();
    let land = layer(&workspace, land);
    let whole = total(&workspace, farm);
    // Parcel 1 lies in the middle of the first strip, parcel 3 over the second one.
    assert_eq!(out(&mut workspace, farm, &land, &[3, 1]), Ok("永久基本农田调出 2 块 0.18 亩".to_owned()));
    let shown = layer(&workspace, farm);
    assert_eq!((shown.feature_count(), column(&shown, "BSM")), (1, "N0".to_owned()));
    assert_eq!(shown.blocks[1].geometry.polygon(0).part_count(), 2);
    let left = total(&workspace, farm);
    assert!((left / whole - 150.0 / 270.0).abs() < 1e-6, "{left} of {whole}");
    let plan = workspace.scenarios.shown().expect("forked");
    let figures = live(&workspace, plan, farm, Level::AsGiven, &Progress::new()).expect("summed");
    let flow = figures.layer_flow();
    assert!((flow.out_m2 - (whole - left)).abs() < 1e-6 && flow.into_m2.abs() < 1e-6, "{flow:?}");
    assert!(figures.matrix().1.residual_m2 < 1e-6);

    // Out again: nothing is there any more. The rest goes wholly.
    assert_eq!(out(&mut workspace, farm, &land, &[1]), Err(EditError::NothingChanges));
    out(&mut workspace, farm, &land, &[0, 1, 2, 3]).expect("the rest");
    assert_eq!(layer(&workspace, farm).feature_count(), 0);
    workspace.undo();
    // The piece reverted is the whole feature again.
    let draft = draft::revert(&workspace, farm, &[0]).expect("a piece");
    workspace.apply(draft, By::default()).expect("applies");
    assert!((total(&workspace, farm) / whole - 250.0 / 270.0).abs() < 1e-9);
    workspace.travel_to(0);
    assert_eq!(total(&workspace, farm), whole);
}

#[test]
fn what_is_put_in_is_what_was_not_covered() {
    let (mut workspace, land, farm) = farmland();
    let land = layer(&workspace, land);
    let whole = total(&workspace, farm);
    // Of parcel 2 a half is farmland already, parcel 3 has a strip in it, parcels of other rows are bare.
    assert_eq!(into(&mut workspace, farm, &land, &[2, 3, 4]), Ok("永久基本农田调入 3 块 0.34 亩".to_owned()));
    let shown = layer(&workspace, farm);
    assert_eq!(column(&shown, "BSM"), "N0 N1 0003 0004 0005");
    let unit = whole / 270.0;
    assert!((total(&workspace, farm) / unit - (270.0 + 50.0 + 80.0 + 100.0)).abs() < 1e-3);
    let covered = overlay::coverage(&shown, AreaMethod::Survey, &Progress::new()).expect("covered");
    assert!(covered.excess().m2() < 1e-3, "nothing is covered twice");
    assert_eq!(into(&mut workspace, farm, &land, &[2, 3, 4]), Err(EditError::NothingChanges));
    let plan = workspace.scenarios.shown().expect("forked");
    let figures = live(&workspace, plan, farm, Level::AsGiven, &Progress::new()).expect("summed");
    let flow = figures.layer_flow();
    assert!((flow.into_m2 / unit - 230.0).abs() < 1e-3 && flow.out_m2 == 0.0, "{flow:?}");
    // What was put in goes alone.
    let draft = draft::revert(&workspace, farm, &[3]).expect("put in");
    workspace.apply(draft, By::default()).expect("applies");
    assert_eq!(column(&layer(&workspace, farm), "BSM"), "N0 N1 0003 0005");
}

#[test]
fn what_is_put_in_gets_the_values_that_are_given() {
    let (mut workspace, land, farm) = farmland();
    let land = layer(&workspace, land);
    let field = layer(&workspace, farm).field("BSM").expect("has numbers");
    let land = Land { layer: &land, rows: Some(&[2, 4]) };
    let given = [(field, OwnedValue::text("新增")), (99, OwnedValue::Null)];
    let draft = put_in(&workspace, farm, land, &given, Language::Chinese, &Progress::new()).expect("put in");
    workspace.apply(draft, By::default()).expect("applies");
    assert_eq!(column(&layer(&workspace, farm), "BSM"), "N0 N1 新增 新增");
}

#[test]
fn land_in_another_crs_is_put_in_where_it_lies() {
    let (mut workspace, land, farm) = farmland();
    let land = layer(&workspace, land);
    let degrees = Crs::cgcs2000();
    let reprojector = crate::crs::Reprojector::new(&land.crs, &degrees).expect("a way");
    let mut other = (*land).clone();
    other.crs = degrees;
    for block in &mut other.blocks {
        let mut coords = block.geometry.coords().to_vec();
        reprojector.convert(&mut coords).expect("converted");
        block.geometry = Arc::new(block.geometry.with_coords(coords));
    }
    assert_eq!(out(&mut workspace, farm, &other, &[1]), Ok("永久基本农田调出 1 块 0.15 亩".to_owned()));
    let sentence = into(&mut workspace, farm, &other, &[1]).expect("put in");
    assert_eq!(sentence, "永久基本农田调入 1 块 0.15 亩");
    let shown = layer(&workspace, farm);
    let place = shown.blocks[1].geometry.feature_extent(1).center();
    assert!((place.x - 500_015.0).abs() < 1e-3 && (place.y - 4_070_005.0).abs() < 1e-3, "{place:?}");
    let points = strips("点", &[]);
    let points = Layer { kind: GeometryKind::Point, ..points };
    assert!(matches!(out(&mut workspace, farm, &points, &[0]), Err(EditError::NotPolygons(_))));
}
