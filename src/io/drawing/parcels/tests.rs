//! Parcels of outlines, hatches and texts.

use super::*;

fn square(x: f64, y: f64, side: f64) -> Vec<[f64; 3]> {
    vec![[x, y, 0.0], [x + side, y, 0.0], [x + side, y + side, 0.0], [x, y + side, 0.0]]
}

fn outline(layer: &str, ring: Vec<[f64; 3]>) -> Item {
    Item { shape: Shape::Outline, kind: "LWPOLYLINE".into(), layer: layer.into(), paths: vec![ring], ..Item::default() }
}

fn hatch(layer: &str, filling: u8, paths: Vec<Vec<[f64; 3]>>) -> Item {
    let pattern = "SOLID".to_owned();
    Item { shape: Shape::Region, kind: "HATCH".into(), layer: layer.into(), pattern, filling, paths, ..Item::default() }
}

fn text(words: &str, at: [f64; 2]) -> Item {
    Item {
        kind: "TEXT".into(),
        text: words.into(),
        middle: Some(at),
        paths: vec![vec![[at[0], at[1], 0.0]]],
        ..Item::default()
    }
}

fn area_of(drawn: &Drawn) -> f64 {
    let part = |part: &Vec<usize>| {
        let rings = part.iter().enumerate().map(|(at, ring)| {
            let area = area(&drawn.item.paths[*ring]);
            if at == 0 { area } else { -area }
        });
        rings.sum::<f64>()
    };
    drawn.parts.iter().map(part).sum()
}

fn polygons(items: Vec<Item>) -> (Vec<(String, f64, String)>, Together) {
    let together = together(items, &Progress::new()).expect("not cancelled");
    let polygons = together.drawn.iter().filter(|drawn| drawn.kind == GeometryKind::Polygon);
    let list = polygons.map(|d| (d.item.kind.clone(), area_of(d), d.label.clone())).collect();
    (list, together)
}

#[test]
fn an_outline_its_hatch_and_its_text_are_one() {
    let (o, h) = (4.0e7, 4.0e6);
    let (found, together) = polygons(vec![
        outline("A", square(o, h, 100.0)),
        hatch("A", 0, vec![square(o, h, 100.0), square(o + 20.0, h + 20.0, 10.0)]),
        text("0701", [o + 50.0, h + 50.0]),
        text("居住", [o + 60.0, h + 50.0]),
        text("在外", [o - 5.0, h]),
        // The border of the hole is no parcel, an outline of another layer there is one.
        outline("A", square(o + 20.0, h + 20.0, 10.0)),
        outline("B", square(o + 20.0, h + 20.0, 10.0)),
        text("里", [o + 25.0, h + 25.0]),
    ]);
    assert_eq!(
        found,
        [("LWPOLYLINE".to_owned(), 9900.0, "0701 居住".to_owned()), ("LWPOLYLINE".to_owned(), 100.0, "里".to_owned()),]
    );
    let keys: Vec<&str> = together.issues.iter().map(|issue| issue.message.key).collect();
    assert_eq!(keys, ["io.cad-hatched", "io.cad-inner", "io.cad-labels"]);
    assert_eq!(together.drawn.iter().filter(|drawn| drawn.kind == GeometryKind::Line).count(), 1);
}

#[test]
fn hatches_fill_as_their_style_says() {
    let rings = || vec![square(0., 0., 10.), square(2., 2., 6.), square(4., 4., 2.)];
    for (filling, expected) in [(0, 100.0 - 36.0 + 4.0), (1, 64.0), (2, 100.0)] {
        let (found, _) = polygons(vec![hatch("A", filling, rings())]);
        assert_eq!(found.iter().map(|f| f.1).sum::<f64>(), expected, "{filling}");
    }
    // Filled twice in the same way, and an island with its own outline.
    let (found, _) = polygons(vec![
        outline("A", square(0., 0., 10.)),
        hatch("A", 0, vec![square(0., 0., 10.)]),
        hatch("A", 0, vec![square(0., 0., 10.)]),
    ]);
    assert_eq!(found.len(), 1);
}

#[test]
fn what_encloses_nothing_stays_a_line() {
    let (found, together) = polygons(vec![outline("A", vec![[0., 0., 0.], [1., 1., 0.], [2., 2., 0.]])]);
    assert!(found.is_empty());
    assert_eq!(together.issues[0].message.key, "io.cad-flat");
    assert_eq!(together.drawn[0].item.paths[0].len(), 4);
}
