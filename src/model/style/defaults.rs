//! The style that a layer starts with, by its role, and by class where its classes are known.
//!
//! Land-use colours are those of the scheme. No standard colours of the three control lines are public: red for the
//! development boundary, ochre and green hatches for farmland and red line are this program's choice. A hatch lets the
//! land use beneath be seen, and its direction tells the two apart where they overlap.

use super::labels::Labels;
use super::{Casing, Categories, ClassSymbol, Color, Dash, Fill, Hatch, Icon, LayerStyle, Marker, Shape, Stroke};
use super::{Styling, Symbol, class_like_field};
use crate::model::classes::{self, Class, CodeNote, Scheme, UsedCode};
use crate::model::roles::{Recognition, Role, zones};
use crate::model::{GeometryKind, Layer, NoValue};

/// Most classes of a style that follows no scheme: the most frequent ones, the rest is drawn as other values.
const MOST_CLASSES: usize = 64;

/// Outline of land-use parcels: thin, and pale enough not to turn the map grey.
pub const PARCEL_OUTLINE: Stroke =
    Stroke { color: Color { r: 70, g: 74, b: 66, a: 150 }, width_px: 0.7, dash: None, casing: None };

/// Fill of a value that is no class, or of parcels whose classes are unknown.
pub const UNCLASSIFIED: Color = Color::rgb(226, 224, 214);

const BOUNDARY_RED: Color = Color::rgb(214, 35, 43);
const FARMLAND_OCHRE: Color = Color::rgb(176, 137, 0);
const RED_LINE_GREEN: Color = Color::rgb(30, 142, 78);
const SITE_PURPLE: Color = Color::rgb(122, 47, 208);
const CLEARED_BROWN: Color = Color::rgb(138, 90, 0);
const PROJECT_GREY: Color = Color::rgb(85, 85, 85);
const WATER_BLUE: Color = Color::rgb(51, 142, 192);
const ROAD_GREY: Color = Color::rgb(140, 146, 156);
const CONSTRUCTION: Color = Color::rgb(201, 84, 60);
const ADMINISTRATIVE: Color = Color::rgb(96, 104, 120);

/// Ground of the bare map in the light theme and in the dark one.
pub const GROUNDS: [Color; 2] = [Color::rgb(0xF7, 0xF6, 0xF1), Color::rgb(0x20, 0x23, 0x1F)];

/// How many colours there are for things that have none of their own.
pub const PALETTE_LENGTH: usize = PALETTE.len();

/// Colours for layers and values that have none of their own. Each is the one farthest from all before it, among those
/// that stand out from the ground of either theme and are no stronger than the colours of land-use classes.
const PALETTE: [Color; 30] = [
    Color::rgb(78, 121, 167),
    Color::rgb(242, 142, 43),
    Color::rgb(89, 161, 79),
    Color::rgb(176, 122, 161),
    Color::rgb(225, 87, 89),
    Color::rgb(118, 183, 178),
    Color::rgb(226, 188, 52),
    Color::rgb(156, 117, 95),
    Color::rgb(0, 96, 0),
    Color::rgb(150, 24, 108),
    Color::rgb(246, 174, 252),
    Color::rgb(84, 60, 180),
    Color::rgb(126, 66, 0),
    Color::rgb(90, 222, 120),
    Color::rgb(120, 150, 252),
    Color::rgb(0, 90, 108),
    Color::rgb(252, 114, 186),
    Color::rgb(150, 84, 204),
    Color::rgb(216, 168, 168),
    Color::rgb(36, 126, 96),
    Color::rgb(186, 36, 48),
    Color::rgb(204, 132, 252),
    Color::rgb(162, 198, 252),
    Color::rgb(114, 84, 108),
    Color::rgb(192, 66, 144),
    Color::rgb(174, 162, 96),
    Color::rgb(120, 108, 0),
    Color::rgb(30, 156, 156),
    Color::rgb(0, 222, 222),
    Color::rgb(0, 186, 246),
];

/// Colours of one legend that are nearer than this are hard to tell apart.
const ALIKE: f32 = 0.08;

/// Colour number `index` for things that have none of their own; past the end the colours come again, paler.
pub fn palette(index: usize) -> Color {
    let color = PALETTE[index % PALETTE.len()];
    let round = index / PALETTE.len();
    if round == 0 { color } else { color.mix(Color::WHITE, 0.5 - 0.5 / (1.0 + round as f32)) }
}

/// A colour for one more thing beside those of colours `taken`: the first of the palette that is like none of them, else
/// the one that is least like them.
pub fn next_color(taken: &[Color]) -> Color {
    let nearest = |color: Color| taken.iter().map(|other| color.distance(*other)).fold(f32::INFINITY, f32::min);
    let all = || (0..3 * PALETTE.len()).map(palette);
    let free = all().find(|color| nearest(*color) >= ALIKE);
    free.unwrap_or_else(|| all().max_by(|a, b| nearest(*a).total_cmp(&nearest(*b))).unwrap_or(PALETTE[0]))
}

/// The style that `layer` is shown in at first: as its source draws it, else as [`for_layer`] does. Where the source draws
/// all features of a layer alike whose classes are known, the classes say more, unless a style was made for the layer.
pub fn at_first(layer: &Layer, recognition: &Recognition, nth: usize) -> LayerStyle {
    let own = for_layer(layer, recognition, nth);
    let Some(drawn) = layer.drawn.as_deref() else { return own };
    let by_known_class = own.categories().is_some_and(|c| recognition.class_field.as_deref() == Some(c.field.as_str()));
    if by_known_class && !drawn.has_classes() && !layer.drawn_on_purpose {
        return own;
    }
    let own_labels = || own.labels.clone().filter(|_| !layer.drawn_on_purpose);
    let mut style = LayerStyle { labels: drawn.labels.clone().or_else(own_labels), ..drawn.clone() };
    if let Styling::Categorised(categories) = &mut style.styling {
        if recognition.class_field.as_deref() == Some(categories.field.as_str()) {
            categories.scheme = recognition.scheme();
        }
        let scheme = categories.scheme;
        for class in &mut categories.classes {
            class.class = scheme.and_then(|scheme| classes::resolve(scheme, &class.key)).map(|found| found.class);
        }
        // The source says nothing of what it does not list.
        if categories.other == Symbol::default()
            && !layer.drawn_on_purpose
            && let Some(other) = own.symbol(own.symbol_count() - 1)
        {
            categories.other = *other;
        }
    }
    style
}

/// The style that `layer` starts with: by class for land use and planning zones, and for layers without a role whose
/// values tell of classes; else that of its role. `nth` tells layers without a role apart by colour.
pub fn for_layer(layer: &Layer, recognition: &Recognition, nth: usize) -> LayerStyle {
    let zone_table = recognition.class_field.as_deref().and_then(zones::table_of_field);
    let by_class_field = recognition.role == Role::LandUse || (recognition.role == Role::Other && zone_table.is_some());
    let field = recognition.class_field.as_deref().filter(|_| by_class_field).and_then(|name| layer.field(name));
    // A layer of an unknown kind would be one patch: whatever parts its features is shown.
    let unknown = field.is_none() && matches!(recognition.role, Role::Other | Role::LandUse);
    let field = field.or_else(|| class_like_field(layer).filter(|_| unknown));
    let mut style = match field {
        Some(field) => {
            let used = classes::used_codes(layer, field, None);
            by_values(&layer.fields[field].name, recognition.scheme(), used, layer.kind)
        }
        // Land use without classes is no different from any other layer.
        None if recognition.role == Role::LandUse => for_role(Role::Other, layer.kind, nth),
        None => for_role(recognition.role, layer.kind, nth),
    };
    let labelled =
        [Role::Resettlement, Role::KeyProject, Role::Administrative, Role::Water].contains(&recognition.role);
    let field = recognition.label_field.as_deref().filter(|_| labelled);
    style.labels = field.map(|field| Labels::of_role(field, recognition.role, &layer.name));
    style
}

/// The style that a layer of `role` starts with before its classes are looked at. `nth` tells layers without a role
/// apart by colour.
pub fn for_role(role: Role, kind: GeometryKind, nth: usize) -> LayerStyle {
    LayerStyle::single(for_kind(role_symbol(role, nth), kind))
}

/// A style by the values that a field was found to have: all codes of `scheme`, or the most frequent values where they
/// follow none.
pub fn by_values(field: &str, scheme: Option<Scheme>, mut used: Vec<UsedCode>, kind: GeometryKind) -> LayerStyle {
    if scheme.is_none() && used.len() > MOST_CLASSES {
        used.sort_by(|a, b| b.feature_count.cmp(&a.feature_count).then_with(|| a.code.cmp(&b.code)));
        used.truncate(MOST_CLASSES);
    }
    by_class(field, scheme, used.iter().map(|code| code.code.as_str()), kind)
}

/// A style by class: one symbol for each of `values`, coloured by `scheme` where the value is a code of it, from the
/// palette otherwise. Codes are sorted as the scheme lists them, other values by text, and each stands once.
pub fn by_class<'a>(
    field: &str,
    scheme: Option<Scheme>,
    values: impl IntoIterator<Item = &'a str>,
    kind: GeometryKind,
) -> LayerStyle {
    // What says nothing is one value, in whatever way it does.
    let mut keys: Vec<&str> =
        values.into_iter().map(|key| if NoValue::of_text(key).is_some() { "" } else { key }).collect();
    keys.sort_unstable();
    keys.dedup();
    let resolved = |key: &str| classes::resolve(scheme?, key);
    let mut found: Vec<(Option<Class>, bool, &str)> = keys
        .into_iter()
        .map(|key| {
            let found = resolved(key);
            (found.map(|found| found.class), found.is_some_and(|found| found.note == CodeNote::Named), key)
        })
        .collect();
    found.sort_by_key(|(class, named, key)| {
        (class.map_or(usize::MAX, |class| class.order()), *named, key.is_empty(), *key)
    });
    // A class stands once, in whatever ways it is spelt: under its code, but in fields of names.
    found.dedup_by(|next, first| next.0.is_some() && next.0 == first.0);
    let found = found.into_iter().map(|(class, named, key)| match class {
        Some(class) if !named => (Some(class), class.code()),
        class => (class, key),
    });
    let zone_of = |key: &str| zones::find(zones::table_of_field(field), key).and_then(|zone| zone.color);
    let found: Vec<(Option<Class>, &str)> = found.collect();
    let known = |class: Option<Class>, key: &str| {
        let nothing = key.is_empty().then_some(UNCLASSIFIED);
        class.map(|class| class.color()).or_else(|| zone_of(key)).or(nothing)
    };
    // Strangers are told apart from the classes of the scheme, too, and from what is no class.
    let mut taken: Vec<Color> = found.iter().filter_map(|(class, key)| known(*class, key)).collect();
    taken.push(UNCLASSIFIED);
    let classes = found.into_iter().take(usize::from(u16::MAX) - 1).map(|(class, key)| {
        let color = known(class, key).unwrap_or_else(|| {
            let color = next_color(&taken);
            taken.push(color);
            color
        });
        ClassSymbol {
            key: key.to_owned(),
            class,
            label: String::new(),
            symbol: class_symbol(color, kind),
            visible: true,
        }
    });
    let classes = classes.collect();
    let other = class_symbol(UNCLASSIFIED, kind);
    let categories = Categories { field: field.to_owned(), scheme, classes, other, other_visible: true };
    LayerStyle::of(Styling::Categorised(categories))
}

/// The symbol of a class of that colour.
pub fn class_symbol(color: Color, kind: GeometryKind) -> Symbol {
    let symbol = Symbol {
        fill: Fill::Solid(color),
        stroke: Some(if kind == GeometryKind::Line { line(color, 1.6) } else { PARCEL_OUTLINE }),
        // Polygons show their class by their fill; a disc in each would hide it.
        marker: (kind == GeometryKind::Point).then(|| disc(color)),
    };
    for_kind(symbol, kind)
}

/// Leaves out what does not apply to features of `kind`, and makes sure that something is drawn.
pub fn for_kind(symbol: Symbol, kind: GeometryKind) -> Symbol {
    match kind {
        GeometryKind::Polygon | GeometryKind::None => {
            // A disc without a pictogram says nothing that the fill does not say.
            Symbol { marker: symbol.marker.filter(|marker| marker.icon != Icon::None), ..symbol }
        }
        GeometryKind::Line => Symbol {
            fill: Fill::None,
            stroke: Some(symbol.stroke.unwrap_or_else(|| line(symbol.color(), 1.6))),
            marker: None,
        },
        GeometryKind::Point => Symbol {
            fill: Fill::None,
            stroke: None,
            marker: Some(symbol.marker.unwrap_or_else(|| disc(symbol.color().with_alpha(255)))),
        },
    }
}

fn role_symbol(role: Role, nth: usize) -> Symbol {
    match role {
        Role::DevelopmentBoundary => Symbol {
            stroke: Some(Stroke { casing: Some(casing(Color::rgb(255, 240, 238), 6.0)), ..line(BOUNDARY_RED, 3.0) }),
            ..Symbol::default()
        },
        Role::BasicFarmland => Symbol {
            fill: Fill::Hatch(hatch(FARMLAND_OCHRE, 45.0)),
            stroke: Some(line(FARMLAND_OCHRE.with_alpha(110), 0.7)),
            marker: None,
        },
        Role::RedLine => Symbol {
            fill: Fill::Hatch(hatch(RED_LINE_GREEN, 135.0)),
            stroke: Some(line(RED_LINE_GREEN, 1.6)),
            marker: None,
        },
        Role::ConstructionLand => Symbol {
            fill: Fill::Solid(CONSTRUCTION.with_alpha(96)),
            stroke: Some(line(CONSTRUCTION, 1.0)),
            marker: None,
        },
        Role::LandUse => Symbol { fill: Fill::Solid(UNCLASSIFIED), stroke: Some(PARCEL_OUTLINE), marker: None },
        Role::Resettlement => Symbol {
            fill: Fill::Solid(SITE_PURPLE.with_alpha(70)),
            stroke: Some(line(SITE_PURPLE, 1.6)),
            marker: Some(Marker {
                shape: Shape::RoundedSquare,
                size_px: 16.0,
                color: SITE_PURPLE,
                icon: Icon::House,
                icon_color: Color::WHITE,
                casing: Some(casing(Color::WHITE, 1.5)),
            }),
        },
        Role::ClearedLand => Symbol {
            fill: Fill::Solid(CLEARED_BROWN.with_alpha(28)),
            stroke: Some(Stroke { dash: Some(Dash { on_px: 5.0, off_px: 3.0 }), ..line(CLEARED_BROWN, 1.8) }),
            marker: None,
        },
        Role::KeyProject => Symbol {
            fill: Fill::Solid(PROJECT_GREY.with_alpha(48)),
            stroke: Some(line(PROJECT_GREY, 1.6)),
            marker: Some(Marker { icon: Icon::Star, size_px: 14.0, ..disc(PROJECT_GREY) }),
        },
        Role::Administrative => Symbol {
            stroke: Some(Stroke { dash: Some(Dash { on_px: 8.0, off_px: 4.0 }), ..line(ADMINISTRATIVE, 1.2) }),
            ..Symbol::default()
        },
        Role::Water => Symbol {
            fill: Fill::Solid(WATER_BLUE),
            stroke: Some(line(WATER_BLUE.mix(Color::BLACK, 0.15), 1.2)),
            marker: None,
        },
        Role::Road => Symbol {
            fill: Fill::Solid(Color::rgb(183, 183, 183)),
            stroke: Some(Stroke { casing: Some(casing(ROAD_GREY, 4.4)), ..line(Color::WHITE, 2.8) }),
            marker: None,
        },
        Role::Other => {
            let color = palette(nth);
            Symbol {
                fill: Fill::Solid(color.with_alpha(120)),
                stroke: Some(line(color, 1.4)),
                marker: Some(disc(color)),
            }
        }
    }
}

const fn line(color: Color, width_px: f32) -> Stroke {
    Stroke { color, width_px, dash: None, casing: None }
}

const fn casing(color: Color, width_px: f32) -> Casing {
    Casing { color, width_px }
}

const fn hatch(color: Color, angle_deg: f32) -> Hatch {
    Hatch { color, angle_deg, spacing_px: 7.0, width_px: 1.0, crossed: false, back: None }
}

const fn disc(color: Color) -> Marker {
    Marker {
        shape: Shape::Circle,
        size_px: 8.0,
        color,
        icon: Icon::None,
        icon_color: Color::WHITE,
        casing: Some(casing(Color::WHITE, 1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_shows_something_on_every_kind_of_geometry() {
        for role in Role::ALL {
            for kind in [GeometryKind::Point, GeometryKind::Line, GeometryKind::Polygon] {
                let style = for_role(role, kind, 3);
                let symbol = style.symbol(0).expect("one symbol");
                match kind {
                    GeometryKind::Point => assert!(symbol.marker.is_some(), "{role:?}"),
                    GeometryKind::Line => assert!(symbol.stroke.is_some() && symbol.fill == Fill::None, "{role:?}"),
                    _ => assert!(symbol.stroke.is_some() || symbol.fill != Fill::None, "{role:?}"),
                }
                assert_ne!(symbol.color(), Color::TRANSPARENT, "{role:?} {kind:?}");
            }
        }
    }

    #[test]
    fn the_boundary_is_a_bold_line_and_the_other_lines_are_hatched() {
        let symbol = |role| *for_role(role, GeometryKind::Polygon, 0).symbol(0).expect("one symbol");
        let boundary = symbol(Role::DevelopmentBoundary);
        let stroke = boundary.stroke.expect("a line");
        assert_eq!((boundary.fill, stroke.width_px), (Fill::None, 3.0));
        assert_eq!(stroke.casing.map(|c| c.width_px), Some(6.0));
        let angle = |role| match symbol(role).fill {
            Fill::Hatch(hatch) => hatch.angle_deg,
            other => panic!("{other:?}"),
        };
        assert_ne!(angle(Role::BasicFarmland), angle(Role::RedLine));
    }

    #[test]
    fn classes_take_the_colours_of_their_scheme_and_the_order_of_its_list() {
        let values = ["17", "0701", "x", "0102", "0701", "0703"];
        let style = by_class("DLBM", Some(Scheme::Ydyh2023), values, GeometryKind::Polygon);
        let categories = style.categories().expect("categorised");
        let keys: Vec<_> = categories.classes.iter().map(|c| c.key.as_str()).collect();
        assert_eq!(keys, ["0102", "0701", "0703", "17", "x"]);
        assert_eq!(categories.classes[1].symbol.fill, Fill::Solid(Color::rgb(255, 255, 45)));
        // What is no class looks like none of the classes.
        let colors: Vec<Color> = categories.classes.iter().map(|class| class.symbol.color()).collect();
        assert!(colors[..4].iter().all(|color| color.distance(colors[4]) >= ALIKE), "{colors:?}");
    }

    #[test]
    fn a_source_has_its_say_unless_classes_say_more() {
        use crate::model::roles::{Clues, recognise};
        let ring = "[[117.0,36.8],[117.1,36.8],[117.1,36.9],[117.0,36.8]]";
        let feature = |code: &str| {
            let geometry = format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#);
            format!(r#"{{"type":"Feature","properties":{{"DLBM":"{code}"}},"geometry":{geometry}}}"#)
        };
        let text = format!(r#"{{"type":"FeatureCollection","features":[{},{}]}}"#, feature("0101"), feature("0702"));
        let options = crate::io::OpenOptions::default();
        let opened = crate::io::open_bytes("DLTB.geojson", text.into_bytes(), &options, &crate::task::Progress::new());
        let mut layer = opened.expect("opens").layers.remove(0);
        let recognition = recognise(&Clues::of_layer(&layer));
        let usual = for_layer(&layer, &recognition, 0);
        let red = class_symbol(Color::rgb(255, 0, 0), GeometryKind::Polygon);
        let mut first = |drawn: LayerStyle| {
            layer.drawn = Some(std::sync::Arc::new(drawn));
            at_first(&layer, &recognition, 0)
        };
        assert_eq!(first(LayerStyle::single(red)), usual);
        let mut drawn = usual.clone();
        if let Styling::Categorised(categories) = &mut drawn.styling {
            categories.classes.truncate(1);
            (categories.classes[0].class, categories.classes[0].symbol) = (None, red);
            (categories.scheme, categories.other) = (None, Symbol::default());
        }
        let shown = first(drawn);
        let (shown, usual) = (shown.categories().expect("by class"), usual.categories().expect("by class"));
        assert_eq!((shown.classes[0].symbol, shown.other), (red, usual.other));
        assert_eq!((shown.classes[0].class, shown.scheme), (usual.classes[0].class, usual.scheme));
    }

    #[test]
    fn zones_have_colours_of_their_own() {
        let values = ["城镇集中建设区", "特别用途区"];
        let style = by_class("GHFQMC", None, values, GeometryKind::Polygon);
        let categories = style.categories().expect("categorised");
        let fills: Vec<_> = categories.classes.iter().map(|class| class.symbol.fill).collect();
        assert_eq!(fills, [Fill::Solid(Color::rgb(229, 106, 84)), Fill::Solid(Color::rgb(190, 160, 200))]);
    }

    #[test]
    fn thirty_colours_are_told_apart_and_stand_out_from_either_ground() {
        let colors: Vec<Color> = (0..30).map(palette).collect();
        for (at, color) in colors.iter().enumerate() {
            assert!(GROUNDS.iter().all(|ground| color.contrast(*ground) >= 1.5), "{color}");
            assert!(color.distance(UNCLASSIFIED) >= ALIKE, "{color}");
            let alike = colors[..at].iter().find(|other| color.distance(**other) < ALIKE);
            assert_eq!(alike, None, "{color}");
        }
        let colors: std::collections::HashSet<_> = (0..90).map(palette).collect();
        assert!(colors.len() >= 85, "the palette goes on");
    }

    #[test]
    fn no_two_values_of_a_foreign_legend_look_alike() {
        let values: Vec<String> = (0..30).map(|i| format!("value {i}")).collect();
        let mixed = ["0101", "0301", "0701", "1001", "1202"].into_iter().chain(values[..20].iter().map(String::as_str));
        let legends = [
            by_class("x", None, values.iter().map(String::as_str), GeometryKind::Polygon),
            by_class("DLBM", Some(Scheme::Ydyh2023), mixed, GeometryKind::Polygon),
        ];
        for style in legends {
            let categories = style.categories().expect("by class");
            let classes = categories.classes.iter();
            let mut colors: Vec<(&str, Color)> = classes.map(|c| (c.key.as_str(), c.symbol.color())).collect();
            colors.push(("other", categories.other.color()));
            // The colours of the scheme are the standard's, alike or not.
            for (key, color) in colors.iter().filter(|(key, _)| key.starts_with("value")) {
                let alike = colors.iter().find(|(other, beside)| other != key && color.distance(*beside) < 0.07);
                assert_eq!(alike, None, "{key} {color}");
            }
        }
        // Thousands of values have colours, if not all of their own.
        let many: Vec<String> = (0..500).map(|i| i.to_string()).collect();
        let style = by_class("x", None, many.iter().map(String::as_str), GeometryKind::Polygon);
        assert_eq!(style.symbol_count(), 501);
    }

    #[test]
    fn a_foreign_layer_is_never_blank() {
        use crate::model::roles::{Clues, recognise};
        let style = |name: &str, fields: &[&str], nth: usize| {
            let feature = |properties: &&str| {
                let ring = "[[117.0,36.8],[117.1,36.8],[117.1,36.9],[117.0,36.8]]";
                let geometry = format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#);
                format!(r#"{{"type":"Feature","properties":{{{properties}}},"geometry":{geometry}}}"#)
            };
            let features: Vec<String> = fields.iter().map(feature).collect();
            let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
            let options = crate::io::OpenOptions::default();
            let opened = crate::io::open_bytes(name, text.into_bytes(), &options, &crate::task::Progress::new());
            let layer = opened.expect("opens").layers.remove(0);
            for_layer(&layer, &recognise(&Clues::of_layer(&layer)), nth)
        };
        let typed = [
            r#""id":"a","soort":"bos""#,
            r#""id":"b","soort":"bos""#,
            r#""id":"c","soort":"akker""#,
            r#""id":"d","soort":"akker""#,
        ];
        let by_value = style("percelen.geojson", &typed, 0);
        assert_eq!(by_value.categories().map(|c| (c.field.as_str(), c.classes.len())), Some(("soort", 2)));
        // Without such a field, a colour of its own for each layer, whatever its name promises.
        let untyped = [r#""id":"a""#, r#""id":"b""#];
        for name in ["percelen.geojson", "landuse.geojson", "土地利用.geojson"] {
            let colors: Vec<Color> =
                (0..3).map(|nth| style(name, &untyped, nth).symbol(0).expect("one").color()).collect();
            assert!(colors[0].distance(colors[1]) >= ALIKE && colors[1].distance(colors[2]) >= ALIKE, "{name}");
            assert!(colors.iter().all(|color| color.distance(UNCLASSIFIED) >= ALIKE), "{name}");
        }
    }
}
