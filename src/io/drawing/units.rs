//! Units of drawings and what they say about their CRS.
//!
//! `$INSUNITS` says how a drawing is scaled when it is put into another, and is left at its default by many who draw in
//! metres. It is believed only where the coordinates agree: those that are a place in China as they stand are metres, those
//! that are one as millimetres are turned into metres, and both are said. All others stay as they are.

use super::records::Item;
use crate::model::{Extent, Issue, Severity};
use crate::text::{Message, tr};

/// Units by their number, in metres.
const METRES: &[(u64, &str, f64)] = &[
    (1, "io.cad-inches", 0.0254),
    (2, "io.cad-feet", 0.3048),
    (4, "io.cad-millimetres", 0.001),
    (5, "io.cad-centimetres", 0.01),
    (6, "io.cad-metres", 1.0),
    (7, "io.cad-kilometres", 1000.0),
    (21, "io.cad-feet", 1200.0 / 3937.0),
];

/// Turns coordinates into metres where they are surely not, says what the drawing says, and gives a unit of the drawing in
/// metres (1 where that is open).
pub(super) fn scale(unit: u64, direct: &mut [Item], in_blocks: &mut [Item], issues: &mut Vec<Issue>) -> f64 {
    let Some((_, name, metres)) = METRES.iter().find(|(number, _, _)| *number == unit) else {
        issues.push(Issue::new(Severity::Note, Message::new("io.cad-no-unit")));
        return 1.0;
    };
    if *metres == 1.0 {
        return 1.0;
    }
    let name = *name;
    let said = |key: &'static str, severity| {
        Issue::new(severity, Message::new(key).with_said("unit", move |language| tr(language, name).to_owned()))
    };
    let mut extent = Extent::EMPTY;
    for point in direct.iter().chain(in_blocks.iter()).flat_map(|item| &item.paths).flatten() {
        extent.add(crate::model::Coord { x: point[0], y: point[1] });
    }
    if is_in_china(&extent, 1.0) {
        issues.push(said("io.cad-unit-metres", Severity::Warning));
        return 1.0;
    }
    if is_in_china(&extent, *metres) {
        for item in direct.iter_mut().chain(in_blocks.iter_mut()) {
            item.paths.iter_mut().flatten().flatten().for_each(|part| *part *= metres);
            item.middle.iter_mut().flatten().for_each(|part| *part *= metres);
        }
        issues.push(said("io.cad-unit-scaled", Severity::Warning));
        return *metres;
    }
    issues.push(said("io.cad-unit-open", Severity::Warning));
    1.0
}

/// Whether coordinates times `scale` are eastings (with or without a zone) and northings of Gauss-Krüger in China.
fn is_in_china(extent: &Extent, scale: f64) -> bool {
    if extent.is_empty() {
        return false;
    }
    let is_easting = |x: f64| {
        let in_zone = x.rem_euclid(1_000_000.0);
        (x < 1_000_000.0 || (13_000_000.0..46_000_000.0).contains(&x)) && (150_000.0..850_000.0).contains(&in_zone)
    };
    let is_northing = |y: f64| (1_900_000.0..6_000_000.0).contains(&y);
    let [min, max] = [extent.min, extent.max].map(|c| (c.x * scale, c.y * scale));
    is_easting(min.0) && is_easting(max.0) && is_northing(min.1) && is_northing(max.1)
}

/// What the place that a drawing has on the earth says about its CRS: WKT, or the code in the XML of Autodesk.
pub(super) fn declaration(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.starts_with('<') {
        return Some(text.to_owned());
    }
    // <Alias id="4527" type="CoordinateSystem"> … <Namespace>EPSG Code</Namespace>
    text.split("<Alias").skip(1).find_map(|alias| {
        let alias = &alias[..alias.find("</Alias").unwrap_or(alias.len())];
        let id = alias.split("id=\"").nth(1)?.split('"').next()?;
        let is_system = alias.contains("type=\"CoordinateSystem\"") && alias.contains("EPSG");
        (is_system && id.bytes().all(|b| b.is_ascii_digit()) && !id.is_empty()).then(|| format!("EPSG:{id}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_believed_where_the_coordinates_agree() {
        let check = |unit: u64, at: [f64; 2], scaled: f64, key: Option<&str>| {
            let item = || Item { paths: vec![vec![[at[0], at[1], 0.0]]], ..Item::default() };
            let (mut items, mut issues) = ([item()], Vec::new());
            assert_eq!(scale(unit, &mut items, &mut [], &mut issues), scaled, "{unit} {at:?}");
            assert_eq!(items[0].paths[0][0][0], at[0] * scaled);
            assert_eq!(issues.first().map(|issue| issue.message.key), key, "{unit} {at:?}");
        };
        check(6, [39_500_000.0, 4_000_000.0], 1.0, None);
        check(4, [39_500_000.0, 4_000_000.0], 1.0, Some("io.cad-unit-metres"));
        check(4, [39_500_000_000.0, 4_000_000_000.0], 0.001, Some("io.cad-unit-scaled"));
        check(4, [491_600_000.0, 4_071_800_000.0], 0.001, Some("io.cad-unit-scaled"));
        check(4, [100.0, 200.0], 1.0, Some("io.cad-unit-open"));
        check(0, [100.0, 200.0], 1.0, Some("io.cad-no-unit"));
    }

    #[test]
    fn the_code_in_the_xml_is_found() {
        let xml = r#"<Dictionary><Alias id="6326" type="Datum"><Namespace>EPSG Code</Namespace></Alias>
            <Alias id="4527" type="CoordinateSystem"><ObjectId>x</ObjectId><Namespace>EPSG Code</Namespace></Alias></Dictionary>"#;
        assert_eq!(declaration(xml).as_deref(), Some("EPSG:4527"));
        assert_eq!(declaration("<a/>"), None);
        assert_eq!(declaration(" PROJCS[\"x\"] ").as_deref(), Some("PROJCS[\"x\"]"));
    }
}
