//! Layers to KML: longitude and latitude on WGS 84, attributes as ExtendedData under their own names and types, and a
//! style for each of the symbols that the layer is drawn with.
//!
//! Attributes are those of a schema: programs built on GDAL turn Chinese names of untyped data into underscores.

use std::io::{self, Write};

use super::super::xml::escaped;
use super::styles::color_text;
use crate::crs::{Crs, CrsError, Reprojector};
use crate::expr::styled::{symbol_numbers, uses_area};
use crate::measure::raw_areas;
use crate::model::roles::{Clues, recognise};
use crate::model::style::{Color, Fill, Icon, LayerStyle, Stroke, Symbol, defaults};
use crate::model::{AreaMethod, Coord, FieldType, GeometryBlock, GeometryKind, Layer, Value};
use crate::task::Progress;
use crate::text::Message;

/// Why a layer cannot be written as KML.
#[derive(Debug, thiserror::Error)]
pub enum KmlError {
    /// Its coordinates cannot be turned into longitude and latitude.
    #[error("the layer cannot be turned into longitude and latitude: {0}")]
    Crs(#[source] CrsError),
    /// A place has no image there.
    #[error("feature {feature} has a place without longitude and latitude")]
    NoImage {
        /// Index of the feature, from 0.
        feature: usize,
    },
    /// Writing failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl KmlError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Crs(error) => Message::new("io.kml-write-crs").with_message("reason", &error.message()),
            Self::NoImage { feature } => Message::new("io.kml-write-place").with("feature", feature + 1),
            Self::Io(error) => Message::new("io.io").with_message("reason", &crate::text::system_reason(error)),
        }
    }
}

/// Writes a layer, or the `rows` of it in the order given. The values of field `name`, where it is given, become the names
/// of the placemarks.
///
/// # Errors
/// [`KmlError`]; what was written before stays.
pub fn write_kml(
    layer: &Layer,
    rows: Option<&[usize]>,
    name: Option<usize>,
    out: &mut impl Write,
) -> Result<(), KmlError> {
    let to_degrees = Reprojector::new(&layer.crs, &Crs::wgs84()).map_err(KmlError::Crs)?;
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>{0}</name>"#, escaped(&layer.name))?;
    let style = style_of(layer);
    let asked = layer.kind == GeometryKind::Polygon && uses_area(&style);
    // What cannot be measured has no class by its area; nobody cancels what a file is written from.
    let areas = if asked { raw_areas(layer, AreaMethod::default(), &Progress::new()).ok() } else { None };
    let symbols = symbol_numbers(&style, layer, areas.as_ref(), &Progress::new()).unwrap_or_default();
    for index in 0..style.symbol_count() {
        if let Some(symbol) = style.symbol(index) {
            writeln!(out, r#"<Style id="s{index}">{}</Style>"#, style_text(symbol, style.opacity))?;
        }
    }
    // What names the placemarks needs no second place.
    let is_named = |at: usize| name == Some(at) && layer.fields[at].name == "Name";
    let fields: Vec<usize> = (0..layer.fields.len()).filter(|at| !is_named(*at)).collect();
    if !fields.is_empty() {
        write!(out, r#"<Schema name="{}" id="{SCHEMA}">"#, escaped(&layer.name))?;
        for at in &fields {
            let (name, kind) = (escaped(&layer.fields[*at].name), kind_of(layer, *at));
            write!(out, r#"<SimpleField name="{name}" type="{kind}"/>"#)?;
        }
        writeln!(out, "</Schema>")?;
    }
    let mut write = |feature: usize| -> Result<(), KmlError> {
        let (block, row) = layer.locate(feature);
        write!(out, "<Placemark")?;
        if let Some(id) = layer.feature_id(feature) {
            write!(out, r#" id="{}""#, escaped(&id))?;
        }
        write!(out, ">")?;
        if let Some(field) = name {
            write!(out, "<name>{}</name>", escaped(&layer.value(feature, field).to_string()))?;
        }
        if let Some(symbol) = symbols.get(feature).filter(|_| !block.geometry.is_null(row)) {
            write!(out, "<styleUrl>#s{symbol}</styleUrl>")?;
        }
        if !fields.is_empty() {
            write!(out, r##"<ExtendedData><SchemaData schemaUrl="#{SCHEMA}">"##)?;
            for at in &fields {
                let value = layer.value(feature, *at);
                if !value.is_null() {
                    let (name, value) = (escaped(&layer.fields[*at].name), escaped(&value.to_string()));
                    write!(out, r#"<SimpleData name="{name}">{value}</SimpleData>"#)?;
                }
            }
            write!(out, "</SchemaData></ExtendedData>")?;
        }
        if !block.geometry.is_null(row) {
            let text = geometry(&block.geometry, row, &to_degrees).ok_or(KmlError::NoImage { feature })?;
            out.write_all(text.as_bytes())?;
        }
        writeln!(out, "</Placemark>")?;
        Ok(())
    };
    match rows {
        Some(rows) => rows.iter().try_for_each(|row| write(*row))?,
        None => (0..layer.feature_count()).try_for_each(&mut write)?,
    }
    writeln!(out, "</Document></kml>")?;
    Ok(out.flush()?)
}

/// The id of the schema.
const SCHEMA: &str = "fields";

/// The type of a field in a schema. Whole numbers that other programs would cut are texts.
fn kind_of(layer: &Layer, field: usize) -> &'static str {
    let is_small = |feature| match layer.value(feature, field) {
        Value::Int(value) => i32::try_from(value).is_ok(),
        _ => true,
    };
    match layer.fields[field].kind {
        FieldType::Bool => "bool",
        FieldType::Int if (0..layer.feature_count()).all(is_small) => "int",
        FieldType::Float => "double",
        _ => "string",
    }
}

/// How the layer is drawn: as it was or is, else by its classes.
fn style_of(layer: &Layer) -> LayerStyle {
    let usual = || defaults::for_layer(layer, &recognise(&Clues::of_layer(layer)), 0);
    layer.drawn.as_deref().cloned().unwrap_or_else(usual)
}

/// Whether the style of the layer has something that KML has not: hatches, dashes, casings, pictograms.
pub(super) fn is_drawn_plainer(layer: &Layer) -> bool {
    let style = style_of(layer);
    let is_rich = |symbol: &Symbol| {
        let has_line = |stroke: Stroke| stroke.dash.is_some() || stroke.casing.is_some();
        matches!(symbol.fill, Fill::Hatch(_) | Fill::Pattern(_))
            || symbol.stroke.is_some_and(has_line)
            || symbol.marker.is_some_and(|marker| marker.icon != Icon::None)
    };
    (0..style.symbol_count()).filter_map(|index| style.symbol(index)).any(is_rich)
}

/// What a symbol is as the content of a style.
fn style_text(symbol: &Symbol, opacity: f32) -> String {
    let faded =
        |color: Color| color_text(color.with_alpha((f32::from(color.a) * opacity.clamp(0.0, 1.0)).round() as u8));
    let mut text = String::new();
    if let Some(marker) = symbol.marker {
        let scale = marker.size_px / USUAL_MARKER_PX;
        text.push_str(&format!("<IconStyle><color>{}</color><scale>{scale}</scale></IconStyle>", faded(marker.color)));
    }
    let line = symbol.stroke.filter(|stroke| stroke.width_px > 0.0);
    if let Some(stroke) = line {
        let (color, width) = (faded(stroke.color), stroke.width_px);
        text.push_str(&format!("<LineStyle><color>{color}</color><width>{width}</width></LineStyle>"));
    }
    let fill = match symbol.fill {
        Fill::None => None,
        Fill::Solid(color) => Some(color),
        // The lines cover a part of the ground, so it shows through.
        Fill::Hatch(hatch) => Some(hatch.back.unwrap_or_else(|| hatch.color.with_alpha(hatch.color.a / 3))),
        Fill::Pattern(pattern) => Some(pattern.back.unwrap_or_else(|| pattern.color.with_alpha(pattern.color.a / 4))),
    };
    let (color, is_filled) = (fill.map_or(String::new(), |c| format!("<color>{}</color>", faded(c))), fill.is_some());
    let (filled, outlined) = (u8::from(is_filled), u8::from(line.is_some()));
    text.push_str(&format!("<PolyStyle>{color}<fill>{filled}</fill><outline>{outlined}</outline></PolyStyle>"));
    text
}

/// The height of a marker at the scale of 1.
const USUAL_MARKER_PX: f32 = 8.0;

/// The geometry of a feature; `None` where a place has no longitude and latitude.
fn geometry(block: &GeometryBlock, row: usize, to_degrees: &Reprojector) -> Option<String> {
    let heights = block.z();
    let mut next = block.coord_range(row).start;
    let mut coordinates = |coords: &[Coord]| -> Option<String> {
        let mut text = String::from("<coordinates>");
        for (i, c) in coords.iter().enumerate() {
            let at = to_degrees.convert_one(*c)?;
            let height = heights.get(next + i).filter(|z| !z.is_nan());
            let blank = if i > 0 { " " } else { "" };
            // A ten-billionth of a degree is a hundredth of a millimetre.
            text.push_str(&format!("{blank}{:.10},{:.10}", at.x, at.y));
            if let Some(z) = height {
                text.push_str(&format!(",{z}"));
            }
        }
        next += coords.len();
        text.push_str("</coordinates>");
        Some(text)
    };
    let mut parts = Vec::new();
    match block.kind() {
        GeometryKind::None => {}
        GeometryKind::Point => {
            for point in block.points(row).chunks(1) {
                parts.push(format!("<Point>{}</Point>", coordinates(point)?));
            }
        }
        GeometryKind::Line => {
            for path in block.paths(row) {
                parts.push(format!("<LineString>{}</LineString>", coordinates(path)?));
            }
        }
        GeometryKind::Polygon => {
            for part in block.polygon(row).parts() {
                let mut text = String::from("<Polygon>");
                for (at, ring) in part.rings().enumerate() {
                    let side = if at == 0 { "outerBoundaryIs" } else { "innerBoundaryIs" };
                    text.push_str(&format!("<{side}><LinearRing>{}</LinearRing></{side}>", coordinates(ring)?));
                }
                text.push_str("</Polygon>");
                parts.push(text);
            }
        }
    }
    Some(match parts.len() {
        0 => String::new(),
        1 => parts.concat(),
        _ => format!("<MultiGeometry>{}</MultiGeometry>", parts.concat()),
    })
}
