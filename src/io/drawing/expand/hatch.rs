//! Hatches: paths of edges to rings, each edge turned so that it goes on from the one before.

use std::f64::consts::TAU;
use std::io::{self, Write};

use acadrust::entities::{BoundaryEdge, BoundaryPath, Hatch, HatchStyleType, SplineEdge};
use acadrust::types::Vector2;

use super::super::curves::{self, Frame, Point};
use super::super::records::{Item, Shape};
use super::{Expansion, turned, vector};

impl<W: Write> Expansion<'_, W> {
    pub(super) fn hatch(&mut self, item: Item, hatch: &Hatch, frame: &Frame) -> io::Result<()> {
        let plane = frame.after(&Frame::of_plane(vector(hatch.normal)));
        let mut rings = Vec::new();
        for path in &hatch.paths {
            // What is left free for a text is no hole in the land.
            if path.flags.bits() & 8 != 0 {
                self.note("cad-text-box", "");
                continue;
            }
            let ring = self.ring(path, plane.scale());
            let ring: Vec<Point> = ring.into_iter().map(|[x, y]| plane.point([x, y, hatch.elevation])).collect();
            if ring.len() > 2 {
                rings.push(ring);
            }
        }
        if rings.is_empty() {
            self.note("cad-no-place", "HATCH");
            return Ok(());
        }
        let filling = match hatch.style {
            HatchStyleType::Normal => 0,
            HatchStyleType::Outer => 1,
            HatchStyleType::Ignore => 2,
        };
        let pattern = if hatch.is_solid { "SOLID".to_owned() } else { hatch.pattern.name.clone() };
        self.write(Item { shape: Shape::Region, filling, pattern, paths: rings, ..item })
    }

    /// The ring of a path of edges, each turned so that it goes on from the one before.
    fn ring(&mut self, path: &BoundaryPath, scale: f64) -> Vec<[f64; 2]> {
        let mut edges: Vec<Vec<Vec<[f64; 2]>>> = Vec::new();
        for edge in &path.edges {
            let ways = self.ways(edge, scale);
            if ways.iter().any(|way| way.len() > 1) {
                edges.push(ways);
            }
        }
        let mut ring: Vec<[f64; 2]> = Vec::new();
        let near = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        for (at, ways) in edges.iter().enumerate() {
            let cost = |way: &Vec<[f64; 2]>| -> f64 {
                let (Some(first), Some(last)) = (way.first(), way.last()) else { return f64::MAX };
                match ring.last() {
                    Some(end) => near(*end, *first),
                    // The first edge lies as the second goes on.
                    None => edges.get(at + 1).map_or(0.0, |next| {
                        let ends = next.iter().flat_map(|way| [way.first(), way.last()]).flatten();
                        ends.map(|end| near(*last, *end)).fold(f64::MAX, f64::min)
                    }),
                }
            };
            let best = ways.iter().map(|way| (cost(way), way)).reduce(|a, b| if b.0 < a.0 - 1e-9 { b } else { a });
            let Some((_, way)) = best else { continue };
            let skip = usize::from(ring.last().is_some_and(|end| near(*end, way[0]) < 1e-6));
            ring.extend_from_slice(&way[skip..]);
        }
        ring.dedup();
        if ring.len() > 1 && ring.first().zip(ring.last()).is_some_and(|(a, b)| near(*a, *b) < 1e-6) {
            ring.pop();
        }
        ring
    }

    /// The ways an edge can be read and run through, the likeliest first.
    fn ways(&mut self, edge: &BoundaryEdge, scale: f64) -> Vec<Vec<[f64; 2]>> {
        let flat = |v: Vector2| [v.x, v.y];
        let forth = match edge {
            BoundaryEdge::Line(line) => vec![vec![flat(line.start), flat(line.end)]],
            BoundaryEdge::CircularArc(arc) => {
                self.note("cad-arcs", "");
                let place = |p: [f64; 2]| [arc.center.x + arc.radius * p[0], arc.center.y + arc.radius * p[1]];
                let of = |start: f64, end: f64| -> Vec<[f64; 2]> {
                    let sweep = if arc.counter_clockwise { turned(start, end) } else { -turned(end, start) };
                    ring_or_arc(start, sweep, arc.radius * scale).into_iter().map(place).collect()
                };
                // Some programs mean the angles of clockwise arcs the other way round.
                vec![of(arc.start_angle, arc.end_angle), of(-arc.start_angle, -arc.end_angle)]
            }
            BoundaryEdge::EllipticArc(arc) => {
                self.note("cad-arcs", "");
                let (major, ratio) = (arc.major_axis_endpoint, arc.minor_axis_ratio);
                let minor = [-major.y * ratio, major.x * ratio];
                let place = |p: [f64; 2]| {
                    [arc.center.x + major.x * p[0] + minor[0] * p[1], arc.center.y + major.y * p[0] + minor[1] * p[1]]
                };
                let radius = major.x.hypot(major.y) * scale;
                let of = |start: f64, end: f64| -> Vec<[f64; 2]> {
                    let sweep = if arc.counter_clockwise { turned(start, end) } else { -turned(end, start) };
                    ring_or_arc(start, sweep, radius).into_iter().map(place).collect()
                };
                vec![of(arc.start_angle, arc.end_angle), of(-arc.start_angle, -arc.end_angle)]
            }
            BoundaryEdge::Spline(spline) => vec![self.spline_edge(spline, scale)],
            BoundaryEdge::Polyline(line) => {
                // The third coordinate is the bulge.
                let vertices: Vec<_> = line.vertices.iter().map(|v| ([v.x, v.y], v.z)).collect();
                return vec![self.bent_flat(&vertices, true, scale)];
            }
        };
        let back = forth.iter().map(|way| way.iter().rev().copied().collect()).collect::<Vec<_>>();
        forth.into_iter().zip(back).flat_map(|(forth, back)| [forth, back]).collect()
    }

    fn spline_edge(&mut self, spline: &SplineEdge, scale: f64) -> Vec<[f64; 2]> {
        let weight = |z: f64| if spline.rational && z.is_finite() && z > 0.0 { z } else { 1.0 };
        let controls: Vec<[f64; 4]> = spline.control_points.iter().map(|p| [p.x, p.y, 0.0, weight(p.z)]).collect();
        let fits: Vec<Point> = spline.fit_points.iter().map(|p| [p.x, p.y, 0.0]).collect();
        let degree = usize::try_from(spline.degree).unwrap_or(0);
        let (points, _) = self.curved(degree, &spline.knots, &controls, &fits, false, scale);
        points.into_iter().map(|p| [p[0], p[1]]).collect()
    }
}

/// Points of an arc with both ends, also of a whole circle.
fn ring_or_arc(start: f64, sweep: f64, radius: f64) -> Vec<[f64; 2]> {
    let mut points = curves::arc(start, sweep, radius);
    if sweep.abs() >= TAU * (1.0 - 1e-9)
        && let Some(first) = points.first().copied()
    {
        points.push(first);
    }
    points
}
