//! What is drawn in model space: each entity as points, paths or rings, blocks expanded where they are inserted.

mod hatch;

use std::collections::{BTreeMap, HashMap};
use std::f64::consts::TAU;
use std::io::{self, Write};
use std::rc::Rc;

use acadrust::entities::{Insert, Spline};
use acadrust::objects::ObjectType;
use acadrust::types::{Color, Handle, Vector3};
use acadrust::{CadDocument, EntityType};

use super::curves::{self, Frame, Point};
use super::placed::{placed_attribute, placed_lines, placed_text};
use super::records::{Item, Records, Shape};
use super::text::unescaped;

/// Blocks within blocks.
const MOST_DEPTH: usize = 16;
/// Entities that are expanded, and points that come of them.
const MOST_ENTITIES: u64 = 2_000_000;
const MOST_POINTS: u64 = 100_000_000;
/// Vertices of a block of rows and columns.
const MOST_ARRAY: u64 = 100_000;

/// A layer of the drawing.
struct LayerOf {
    color: String,
    linetype: String,
    is_shown: bool,
}

/// What entities of a block take from where it is inserted.
#[derive(Clone, Default)]
struct Inserted {
    block: String,
    layer: String,
    color: String,
    linetype: String,
}

/// The expansion of a drawing into records.
pub(super) struct Expansion<'a, W: Write> {
    document: &'a CadDocument,
    records: &'a mut Records<W>,
    layers: HashMap<String, LayerOf>,
    /// What is drawn in each block, by the handle of the block.
    drawn: HashMap<Handle, Rc<[&'a EntityType]>>,
    /// How often there is what to say: by key and name.
    notes: BTreeMap<(&'static str, String), u64>,
    /// The blocks that are open.
    open: Vec<String>,
    entity_count: u64,
    point_count: u64,
    is_full: bool,
}

fn vector(v: Vector3) -> Point {
    [v.x, v.y, v.z]
}

fn hex((r, g, b): (u8, u8, u8)) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

impl<'a, W: Write> Expansion<'a, W> {
    pub(super) fn new(document: &'a CadDocument, records: &'a mut Records<W>) -> Self {
        let layers = document.layers.iter().map(|layer| {
            let known = LayerOf {
                color: layer.color.rgb().map_or(String::new(), hex),
                linetype: layer.line_type.clone(),
                is_shown: !layer.flags.frozen && !layer.flags.off,
            };
            (unescaped(&layer.name).to_lowercase(), known)
        });
        Self {
            document,
            records,
            layers: layers.collect(),
            drawn: by_block(document),
            notes: BTreeMap::new(),
            open: Vec::new(),
            entity_count: 0,
            point_count: 0,
            is_full: false,
        }
    }

    /// Writes everything.
    pub(super) fn run(mut self) -> io::Result<()> {
        self.about()?;
        for entity in self.drawn_in("*Model_Space").iter() {
            self.entity(entity, &Frame::WORLD, None)?;
        }
        let in_paper = self.document.block_records.iter().filter(|block| {
            let name = block.name.to_ascii_lowercase();
            name.starts_with("*paper_space")
        });
        let paper: usize = in_paper
            .map(|block| {
                let drawn = self.drawn_in(&block.name);
                drawn.iter().filter(|entity| !matches!(entity, EntityType::Viewport(_))).count()
            })
            .sum();
        if paper > 0 {
            self.notes.insert(("cad-paper", String::new()), paper as u64);
        }
        for ((key, name), count) in &self.notes {
            self.records.note(key, name, *count)?;
        }
        Ok(())
    }

    /// What the drawing says about itself.
    fn about(&mut self) -> io::Result<()> {
        let units = self.document.header.insertion_units;
        self.records.note("units", "", units.max(0).unsigned_abs().into())?;
        for object in self.document.objects.values() {
            if let ObjectType::GeoData(place) = object {
                let words = [&place.coordinate_system_definition, &place.coordinate_system_wkt];
                let said = words.into_iter().find(|text| !text.trim().is_empty()).cloned().unwrap_or_default();
                let (design, reference) = (place.design_point, place.reference_point);
                // Only where the drawing's coordinates are those of the system.
                let is_same = (design.x - reference.x).hypot(design.y - reference.y) < 1e-6;
                self.records.note(if is_same { "crs" } else { "crs-elsewhere" }, &said, 1)?;
            }
        }
        Ok(())
    }

    fn note(&mut self, key: &'static str, name: &str) {
        *self.notes.entry((key, name.to_owned())).or_default() += 1;
    }

    /// What an entity has beside its shape.
    fn item(&mut self, entity: &EntityType, kind: &str, from: Option<&Inserted>) -> Item {
        let common = entity.common();
        let is_zero = common.layer == "0" || common.layer.is_empty();
        let layer = match from {
            Some(from) if is_zero => from.layer.clone(),
            _ => unescaped(&common.layer).into_owned(),
        };
        let known = self.layers.get(&layer.to_lowercase());
        let color = match common.color {
            Color::ByLayer => known.map_or(String::new(), |layer| layer.color.clone()),
            Color::ByBlock => from.map_or(String::new(), |from| from.color.clone()),
            other => other.rgb().map_or(String::new(), hex),
        };
        let linetype = match common.linetype.to_ascii_lowercase().as_str() {
            "bylayer" | "" => known.map_or(String::new(), |layer| layer.linetype.clone()),
            "byblock" => from.map_or(String::new(), |from| from.linetype.clone()),
            _ => common.linetype.clone(),
        };
        if known.is_some_and(|layer| !layer.is_shown) || common.invisible {
            self.note("cad-unseen", &layer);
        }
        Item {
            in_block: from.is_some(),
            kind: kind.to_owned(),
            layer,
            linetype,
            handle: format!("{:X}", common.handle.value()),
            block: from.map_or(String::new(), |from| from.block.clone()),
            color,
            ..Item::default()
        }
    }

    /// Writes something drawn, whose points are in the world by now.
    fn write(&mut self, mut item: Item) -> io::Result<()> {
        let points: usize = item.paths.iter().map(Vec::len).sum();
        if points == 0 || item.paths.iter().flatten().flatten().any(|part| !part.is_finite()) {
            self.note("cad-no-place", &item.kind);
            return Ok(());
        }
        self.point_count += points as u64;
        if self.point_count > MOST_POINTS {
            self.full();
            return Ok(());
        }
        item.has_z = item.paths.iter().flatten().any(|point| point[2] != 0.0);
        self.records.item(&item)
    }

    fn full(&mut self) {
        if !std::mem::replace(&mut self.is_full, true) {
            self.note("cad-too-much", "");
        }
    }

    fn path(&mut self, mut item: Item, path: Vec<Point>, closed: bool) -> io::Result<()> {
        let mut path = path;
        path.dedup_by(|a, b| a[0] == b[0] && a[1] == b[1]);
        let meets = path.len() > 3 && path.first().map(|p| [p[0], p[1]]) == path.last().map(|p| [p[0], p[1]]);
        if meets {
            path.pop();
        }
        item.meets = meets && !closed;
        let is_ring = (closed || meets) && path.len() > 2;
        item.shape = match path.len() {
            1 => Shape::Point,
            _ if is_ring => Shape::Outline,
            _ => Shape::Path,
        };
        item.paths = vec![path];
        self.write(item)
    }

    /// The points of a polyline with bulges in its plane.
    fn bent(&mut self, vertices: &[([f64; 2], f64)], z: f64, closed: bool, plane: &Frame) -> Vec<Point> {
        let flat = self.bent_flat(vertices, closed, plane.scale());
        flat.into_iter().map(|[x, y]| plane.point([x, y, z])).collect()
    }

    /// The points of a polyline with bulges that is enlarged by `scale` in the end.
    fn bent_flat(&mut self, vertices: &[([f64; 2], f64)], closed: bool, scale: f64) -> Vec<[f64; 2]> {
        let mut flat: Vec<[f64; 2]> = Vec::with_capacity(vertices.len());
        let mut is_bent = false;
        for (at, (point, _)) in vertices.iter().enumerate() {
            match (flat.last().copied(), at.checked_sub(1).map(|before| vertices[before].1)) {
                (Some(last), Some(bulge)) => is_bent |= curves::bulge(last, *point, bulge, scale, &mut flat),
                _ => flat.push(*point),
            }
        }
        if let (true, Some((first, _)), Some((_, bulge)), Some(last)) =
            (closed, vertices.first(), vertices.last(), flat.last().copied())
        {
            is_bent |= curves::bulge(last, *first, *bulge, scale, &mut flat);
            flat.pop();
        }
        if is_bent {
            self.note("cad-arcs", "");
        }
        flat
    }

    fn arc(&mut self, item: Item, start: f64, sweep: f64, disc: &Frame) -> io::Result<()> {
        self.note("cad-arcs", "");
        let closed = sweep.abs() >= TAU * (1.0 - 1e-9);
        let points = curves::arc(start, sweep, disc.scale());
        let points = points.into_iter().map(|[x, y]| disc.point([x, y, 0.0])).collect();
        self.path(item, points, closed)
    }

    fn entity(&mut self, entity: &EntityType, frame: &Frame, from: Option<&Inserted>) -> io::Result<()> {
        self.entity_count += 1;
        if self.entity_count > MOST_ENTITIES || self.is_full {
            self.full();
            return Ok(());
        }
        let world = |v: Vector3| frame.point(vector(v));
        let plane = |normal: Vector3| frame.after(&Frame::of_plane(vector(normal)));
        match entity {
            EntityType::Point(point) => {
                let item = self.item(entity, "POINT", from);
                self.write(Item { paths: vec![vec![world(point.location)]], ..item })
            }
            EntityType::Line(line) => {
                let item = self.item(entity, "LINE", from);
                self.path(item, vec![world(line.start), world(line.end)], false)
            }
            EntityType::Circle(circle) => {
                let item = self.item(entity, "CIRCLE", from);
                let radius = circle.radius.abs();
                let disc = Frame::moved(vector(circle.center)).after(&Frame::scaled_turned([radius, radius, 1.0], 0.0));
                self.arc(item, 0.0, TAU, &plane(circle.normal).after(&disc))
            }
            EntityType::Arc(arc) => {
                let item = self.item(entity, "ARC", from);
                let radius = arc.radius.abs();
                let disc = Frame::moved(vector(arc.center)).after(&Frame::scaled_turned([radius, radius, 1.0], 0.0));
                let sweep = turned(arc.start_angle, arc.end_angle);
                self.arc(item, arc.start_angle, sweep, &plane(arc.normal).after(&disc))
            }
            EntityType::Ellipse(ellipse) => {
                let item = self.item(entity, "ELLIPSE", from);
                let (center, major) = (vector(ellipse.center), vector(ellipse.major_axis));
                let disc = Frame::of_ellipse(center, major, ellipse.minor_axis_ratio, vector(ellipse.normal));
                let sweep = turned(ellipse.start_parameter, ellipse.end_parameter);
                self.arc(item, ellipse.start_parameter, sweep, &frame.after(&disc))
            }
            EntityType::LwPolyline(line) => {
                let item = self.item(entity, "LWPOLYLINE", from);
                let vertices: Vec<_> = line.vertices.iter().map(|v| ([v.location.x, v.location.y], v.bulge)).collect();
                let points = self.bent(&vertices, line.elevation, line.is_closed, &plane(line.normal));
                self.path(item, points, line.is_closed)
            }
            EntityType::Polyline2D(line) => {
                let item = self.item(entity, "POLYLINE", from);
                // Bit 16 marks points that a smoothed line was drawn by, which it does not go through.
                let drawn = line.vertices.iter().filter(|v| v.flags.bits() & 16 == 0);
                let vertices: Vec<_> = drawn.map(|v| ([v.location.x, v.location.y], v.bulge)).collect();
                let z = line.vertices.first().map_or(line.elevation, |v| v.location.z);
                let closed = line.flags.is_closed();
                let points = self.bent(&vertices, z, closed, &plane(line.normal));
                self.path(item, points, closed)
            }
            EntityType::Polyline(line) => {
                let item = self.item(entity, "POLYLINE", from);
                let points = line.vertices.iter().map(|v| world(v.location)).collect();
                self.path(item, points, line.flags.is_closed())
            }
            EntityType::Polyline3D(line) if !line.flags.is_3d_mesh && !line.flags.is_polyface_mesh => {
                let item = self.item(entity, "POLYLINE", from);
                let drawn = line.vertices.iter().filter(|v| v.flags & 16 == 0);
                let points = drawn.map(|v| world(v.position)).collect();
                self.path(item, points, line.flags.closed)
            }
            EntityType::Spline(spline) => {
                let item = self.item(entity, "SPLINE", from);
                let (points, closed) = self.spline(spline, frame.scale());
                let points = points.into_iter().map(|point| frame.point(point)).collect();
                self.path(item, points, closed)
            }
            EntityType::Solid(solid) => {
                let kind = if solid.is_trace { "TRACE" } else { "SOLID" };
                let item = self.item(entity, kind, from);
                let plane = plane(solid.normal);
                let corners = [solid.first_corner, solid.second_corner, solid.fourth_corner, solid.third_corner];
                self.face(item, corners.map(|corner| plane.point(vector(corner))))
            }
            EntityType::Face3D(face) => {
                let item = self.item(entity, "3DFACE", from);
                let corners = [face.first_corner, face.second_corner, face.third_corner, face.fourth_corner];
                self.face(item, corners.map(world))
            }
            EntityType::Hatch(hatch) => {
                let item = self.item(entity, if hatch.is_mpolygon { "MPOLYGON" } else { "HATCH" }, from);
                self.hatch(item, hatch, frame)
            }
            EntityType::Text(text) => {
                let item = self.item(entity, "TEXT", from);
                self.write(placed_text(item, text, frame))
            }
            EntityType::MText(text) => {
                let item = self.item(entity, "MTEXT", from);
                self.write(placed_lines(item, text, frame))
            }
            EntityType::AttributeEntity(attribute) => {
                let item = self.item(entity, "ATTRIB", from);
                self.write(placed_attribute(item, attribute, frame))
            }
            EntityType::MLine(line) => {
                let item = self.item(entity, "MLINE", from);
                self.note("cad-mline", "");
                let points = line.vertices.iter().map(|v| world(v.position)).collect();
                self.path(item, points, line.flags.contains(acadrust::entities::MLineFlags::CLOSED))
            }
            EntityType::Insert(insert) => self.insert(entity, insert, frame, from),
            // What a block asks for is asked where it is inserted.
            EntityType::AttributeDefinition(_) if from.is_some() => Ok(()),
            EntityType::Block(_) | EntityType::BlockEnd(_) | EntityType::Seqend(_) => Ok(()),
            EntityType::Viewport(_) => Ok(()),
            EntityType::Unknown(unknown) => {
                let name = unknown.dxf_name.clone();
                self.note("cad-unread", &name);
                Ok(())
            }
            other => {
                let name = other.as_entity().entity_type().to_owned();
                self.note("cad-unread", &name);
                Ok(())
            }
        }
    }

    fn face(&mut self, item: Item, corners: [Point; 4]) -> io::Result<()> {
        let mut ring = corners.to_vec();
        ring.dedup();
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        if ring.len() < 3 {
            return self.path(item, ring, false);
        }
        self.write(Item { shape: Shape::Region, paths: vec![ring], ..item })
    }

    /// The points of a spline, and whether it is closed.
    fn spline(&mut self, spline: &Spline, scale: f64) -> (Vec<Point>, bool) {
        let weight = |at: usize| spline.weights.get(at).copied().filter(|w| w.is_finite() && *w > 0.0).unwrap_or(1.0);
        let controls: Vec<[f64; 4]> =
            spline.control_points.iter().enumerate().map(|(i, p)| [p.x, p.y, p.z, weight(i)]).collect();
        let degree = usize::try_from(spline.degree).unwrap_or(0);
        self.curved(
            degree,
            &spline.knots,
            &controls,
            &spline.fit_points.iter().map(|p| vector(*p)).collect::<Vec<_>>(),
            spline.flags.closed,
            scale,
        )
    }

    fn curved(
        &mut self,
        degree: usize,
        knots: &[f64],
        controls: &[[f64; 4]],
        fits: &[Point],
        closed: bool,
        scale: f64,
    ) -> (Vec<Point>, bool) {
        if let Some(points) = curves::spline(degree, knots, controls, scale) {
            self.note("cad-splines", "");
            let meets = points.first().zip(points.last()).is_some_and(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-9);
            return (points, closed && meets);
        }
        let through =
            if fits.len() > 1 { fits.to_vec() } else { controls.iter().map(|c| [c[0], c[1], c[2]]).collect() };
        self.note("cad-splines-guessed", "");
        (curves::through(&through, closed, scale).unwrap_or(through), closed)
    }

    fn insert(
        &mut self,
        entity: &EntityType,
        insert: &Insert,
        frame: &Frame,
        from: Option<&Inserted>,
    ) -> io::Result<()> {
        let plane = frame.after(&Frame::of_plane(vector(insert.normal)));
        let at = plane.point(vector(insert.insert_point));
        let mut item = self.item(entity, "INSERT", from);
        item.block = unescaped(&insert.block_name).into_owned();
        let inserted = Inserted {
            block: item.block.clone(),
            layer: item.layer.clone(),
            color: item.color.clone(),
            linetype: item.linetype.clone(),
        };
        // Points of insertion within blocks are nothing that anybody drew there.
        if from.is_none() {
            self.write(Item { paths: vec![vec![at]], ..item })?;
        }
        for attribute in &insert.attributes {
            let entity = EntityType::AttributeEntity(attribute.clone());
            let mut item = self.item(&entity, "ATTRIB", Some(&inserted));
            item.in_block = from.is_some();
            self.write(placed_attribute(item, attribute, frame))?;
        }
        let name = insert.block_name.to_lowercase();
        let Some(block) = self.document.block_records.get(&insert.block_name) else {
            self.note("cad-no-block", &insert.block_name);
            return Ok(());
        };
        if !block.xref_path.is_empty() {
            let path = block.xref_path.clone();
            self.note("cad-xref", &path);
        }
        if self.open.contains(&name) || self.open.len() >= MOST_DEPTH {
            self.note("cad-block-in-itself", &insert.block_name);
            return Ok(());
        }
        let base = self.base_of(&insert.block_name).unwrap_or_else(|| vector(block.base_point));
        let scale = [insert.x_scale(), insert.y_scale(), insert.z_scale()];
        let turned = Frame::scaled_turned([1.0; 3], insert.rotation);
        let (columns, rows) = (u64::from(insert.column_count.max(1)), u64::from(insert.row_count.max(1)));
        if columns * rows > MOST_ARRAY {
            self.full();
            return Ok(());
        }
        let drawn = self.drawn_in(&insert.block_name);
        self.open.push(name);
        for row in 0..rows {
            for column in 0..columns {
                // Nothing more is taken, however many copies there would be.
                if self.is_full {
                    break;
                }
                let offset = [insert.column_spacing * column as f64, insert.row_spacing * row as f64, 0.0];
                let inner = plane
                    .after(&Frame::moved(vector(insert.insert_point)))
                    .after(&turned)
                    .after(&Frame::moved(offset))
                    .after(&Frame::scaled_turned(scale, 0.0))
                    .after(&Frame::moved(base.map(|part| -part)));
                for entity in drawn.iter() {
                    self.entity(entity, &inner, Some(&inserted))?;
                }
            }
        }
        self.open.pop();
        Ok(())
    }

    /// What is drawn in a block.
    fn drawn_in(&self, block: &str) -> Rc<[&'a EntityType]> {
        let Some(record) = self.document.block_records.get(block) else { return Rc::new([]) };
        match self.drawn.get(&record.handle) {
            Some(owned) if owned.len() >= record.entity_handles.len() => owned.clone(),
            _ => self.document.entities_in_block(block).collect(),
        }
    }

    /// The point of a block that comes to lie where it is inserted.
    fn base_of(&self, name: &str) -> Option<Point> {
        let handle = self.document.block_records.get(name)?.block_entity_handle;
        match self.document.get_entity(handle)? {
            EntityType::Block(block) => Some(vector(block.base_point)),
            _ => None,
        }
    }
}

/// What is drawn in each block, in the order of the file. Owners are asked, as handles may be used twice.
fn by_block(document: &CadDocument) -> HashMap<Handle, Rc<[&EntityType]>> {
    let mut lists: HashMap<Handle, Vec<&EntityType>> = HashMap::new();
    for entity in document.entities() {
        lists.entry(entity.common().owner_handle).or_default().push(entity);
    }
    lists.into_iter().map(|(block, list)| (block, list.into())).collect()
}

/// How far it is counter-clockwise from one angle to another; a whole turn where they are the same.
fn turned(start: f64, end: f64) -> f64 {
    let sweep = (end - start).rem_euclid(TAU);
    if !sweep.is_finite() || sweep < 1e-12 || (end - start).abs() >= TAU * (1.0 - 1e-12) { TAU } else { sweep }
}
