//! The plane in which the edges of a layer are straight, and the area that each edge contributes.
//!
//! Vertices are transformed into the plane, edges are not: an edge is the straight line between its vertices there,
//! for measuring and for the overlay alike.
//!
//! | method | plane | edge's contribution |
//! |---|---|---|
//! | survey | a 3° Gauss-Krüger zone (or the layer's own zone of either width) | `exact` |
//! | geodesic | longitude and latitude in degrees | strip to the equator, `lonlat` |
//! | planar | the layer's projected CRS | shoelace |
//!
//! Contributions of the edges of a counter-clockwise ring add up to its area, those of a clockwise one to minus its
//! area, for any common [`Origin`]; the contributions of the stretches of an edge add up to the edge's. By the geodesic
//! method whole polygons are measured with Karney's algorithm instead, and contributions serve overlays only: there
//! edges are split along their geodesics where they are longer than 100 m and straight between.

use std::borrow::Cow;

use geo_types::Coord;

use super::MeasureError;
use super::ellipsoid::Ellipsoid;
use super::exact::Origin;
use super::lonlat::EqualArea;
use super::wide;
use super::zone::{Zone, wrap};
use crate::crs::{Crs, CrsKind, Datum, ReprojectError, Reprojector, name_said};
use crate::model::{AreaMethod, Extent, Layer};
use crate::text::{Language, Message};

/// Edges that are longer are split along their geodesics where overlays follow these, metres. What is left between an
/// edge and its geodesic is at most 0.4 mm wide at 60° of latitude: few millionths of a parcel of a hectare, less of
/// larger ones.
pub(crate) const LONGEST_EDGE_M: f64 = 100.0;

/// The plane that a layer is measured in.
#[derive(Clone, Debug)]
pub struct Frame {
    plane: Plane,
    name: String,
    notes: Vec<Message>,
    /// The zone prefix in the eastings of some of the layers, metres, where others of the same zone have none.
    mixed_prefix_m: Option<f64>,
    /// The method that was asked for, where a plane without a place has its own only.
    asked: Option<AreaMethod>,
}

#[derive(Clone, Debug)]
enum Plane {
    Zone(Zone),
    LonLat { datum: Datum, ellipsoid: Ellipsoid, equal_area: EqualArea },
    Crs { crs: Crs, metres_per_unit: f64 },
}

/// Takes coordinates of one CRS into the plane of a frame. One per thread: PROJ cannot be shared.
pub struct Projector<'f>(Route<'f>);

enum Route<'f> {
    /// The plane is the CRS.
    Same,
    /// The same zone with another false easting, metres to add.
    Shift(f64),
    /// The same numbers as they would be with this prefix: eastings of a mixed company have the digits of the coarsest.
    Coarse(f64),
    /// Longitude and latitude of the zone's datum.
    Forward(&'f Zone),
    /// Through PROJ into the plane.
    Proj(Reprojector),
    /// Through PROJ to longitude and latitude, then into the zone.
    ProjForward(Reprojector, &'f Zone),
}

impl Frame {
    /// The frame of a layer: its own Gauss-Krüger zone, else the 3° zone of the centre of its extent.
    ///
    /// # Errors
    /// [`MeasureError::Degrees`] for planar in a geographic CRS; [`MeasureError::Crs`] where PROJ refuses.
    pub fn for_layer(layer: &Layer, method: AreaMethod) -> Result<Self, MeasureError> {
        Self::for_layers(&[layer], method)
    }

    /// One frame for several layers that are to be compared: that of the first, with the centre of all extents where
    /// the first is not in a zone of its own.
    ///
    /// # Errors
    /// As [`Self::for_layer`].
    pub fn for_layers(layers: &[&Layer], method: AreaMethod) -> Result<Self, MeasureError> {
        let Some(first) = layers.first() else { return Self::for_crs(&Crs::cgcs2000(), 117.0, method) };
        let longitude = match (method, first.crs.gauss_kruger()) {
            (AreaMethod::Survey, None) if !first.crs.is_local_plane() => {
                let mut extent = Extent::EMPTY;
                for layer in layers {
                    extent.union(&super::extent::lonlat_extent(layer)?);
                }
                if extent.is_empty() { 117.0 } else { extent.center().x }
            }
            _ => 117.0,
        };
        let mut frame = Self::for_crs(&first.crs, longitude, method)?;
        if let Some(own) = first.crs.gauss_kruger() {
            let of_zone = layers.iter().filter_map(|layer| layer.crs.gauss_kruger());
            let eastings = of_zone.filter(|zone| zone.central_meridian_deg == own.central_meridian_deg);
            let (low, high) = eastings.fold((f64::INFINITY, 0.0f64), |(low, high), zone| {
                (low.min(zone.false_easting_m), high.max(zone.false_easting_m))
            });
            frame.mixed_prefix_m = (high > low).then_some(high - low);
        }
        Ok(frame)
    }

    /// The frame for data in `crs` around `longitude_deg`, which chooses the zone where `crs` is not one itself.
    ///
    /// # Errors
    /// [`MeasureError::Degrees`] for planar in a geographic CRS.
    pub fn for_crs(crs: &Crs, longitude_deg: f64, method: AreaMethod) -> Result<Self, MeasureError> {
        match method {
            // No ellipsoid is known below it.
            AreaMethod::Survey | AreaMethod::Geodesic if crs.is_local_plane() => {
                let plane = Plane::Crs { crs: crs.clone(), metres_per_unit: crs.metres_per_unit() };
                let notes = vec![Message::new("measure.local-plane")];
                let name = crs.name().to_owned();
                Ok(Self { plane, name, notes, mixed_prefix_m: None, asked: Some(method) })
            }
            AreaMethod::Planar if crs.is_geographic() => Err(MeasureError::Degrees { crs: crs.name().to_owned() }),
            AreaMethod::Planar => {
                let plane = Plane::Crs { crs: crs.clone(), metres_per_unit: crs.metres_per_unit() };
                Ok(Self { plane, name: crs.name().to_owned(), notes: Vec::new(), mixed_prefix_m: None, asked: None })
            }
            AreaMethod::Geodesic => {
                let datum = crs.datum();
                let ellipsoid = Ellipsoid::of(datum);
                let equal_area = EqualArea::new(&ellipsoid);
                let plane = Plane::LonLat { datum, ellipsoid, equal_area };
                let name = datum_name(datum).to_owned();
                Ok(Self { plane, name, notes: Vec::new(), mixed_prefix_m: None, asked: None })
            }
            AreaMethod::Survey => Ok(match crs.gauss_kruger() {
                Some(gk) => {
                    let zone = Zone::new(gk.datum, gk.central_meridian_deg, gk.false_easting_m);
                    let (name, notes) = (crs.name().to_owned(), datum_notes(crs));
                    Self { plane: Plane::Zone(zone), name, notes, mixed_prefix_m: None, asked: None }
                }
                None => {
                    let frame = Self::zone(crs.datum(), Zone::nearest_meridian(longitude_deg));
                    Self { notes: datum_notes(crs), ..frame }
                }
            }),
        }
    }

    /// The 3° zone of `datum` around a central meridian, eastings from 500,000 m.
    pub fn zone(datum: Datum, central_meridian_deg: f64) -> Self {
        let zone = Zone::new(datum, central_meridian_deg, 500_000.0);
        let side = if central_meridian_deg < 0.0 { 'W' } else { 'E' };
        let name =
            format!("{} / 3-degree Gauss-Kruger CM {}{side}", datum_name(zone.datum), central_meridian_deg.abs());
        Self { plane: Plane::Zone(zone), name, notes: Vec::new(), mixed_prefix_m: None, asked: None }
    }

    /// Name of the plane for reports: `CGCS2000 / 3-degree Gauss-Kruger CM 117E`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name of the plane as shown: `CGCS2000 / 3° 带，中央经线 117°` for Chinese readers.
    pub fn name_in(&self, language: Language) -> String {
        name_said(&self.name, language)
    }

    /// What must be said of the plane: WGS 84 taken as CGCS2000.
    pub fn notes(&self) -> &[Message] {
        &self.notes
    }

    /// The method that this is the frame of.
    pub fn method(&self) -> AreaMethod {
        match self.plane {
            Plane::Zone(_) => AreaMethod::Survey,
            Plane::LonLat { .. } => AreaMethod::Geodesic,
            Plane::Crs { .. } => AreaMethod::Planar,
        }
    }

    /// The method that areas in this frame are kept under: the one that was asked for, also where the plane has another.
    pub fn asked(&self) -> AreaMethod {
        self.asked.unwrap_or(self.method())
    }

    /// The zone, where edges are straight in one.
    pub fn as_zone(&self) -> Option<&Zone> {
        match &self.plane {
            Plane::Zone(zone) => Some(zone),
            _ => None,
        }
    }

    /// The ellipsoid that the frame lies on.
    pub fn ellipsoid(&self) -> Ellipsoid {
        match &self.plane {
            Plane::Zone(zone) => zone.ellipsoid,
            Plane::LonLat { ellipsoid, .. } => *ellipsoid,
            Plane::Crs { crs, .. } => Ellipsoid::of(crs.datum()),
        }
    }

    /// A converter of coordinates in `crs` into the plane.
    ///
    /// # Errors
    /// [`MeasureError::Crs`] where the two datums need parameters or PROJ fails.
    pub fn projector(&self, crs: &Crs) -> Result<Projector<'_>, MeasureError> {
        let route = match (&self.plane, crs.kind()) {
            (Plane::Crs { crs: plane, .. }, _) if plane.has_same_coordinates(crs) => Route::Same,
            (Plane::Crs { crs: plane, .. }, _) => Route::Proj(Reprojector::new(crs, plane)?),
            (Plane::Zone(zone), CrsKind::GaussKruger(gk))
                if zone.datum.agrees_with(gk.datum) && zone.central_meridian_deg == wrap(gk.central_meridian_deg) =>
            {
                let shift = zone.false_easting_m - gk.false_easting_m;
                match self.mixed_prefix_m {
                    Some(prefix) if shift == 0.0 && zone.false_easting_m < 1e6 => Route::Coarse(prefix),
                    _ if shift == 0.0 => Route::Same,
                    _ => Route::Shift(shift),
                }
            }
            (Plane::Zone(zone), CrsKind::Geographic) if zone.datum.agrees_with(crs.datum()) => Route::Forward(zone),
            (Plane::Zone(zone), _) => {
                Route::ProjForward(Reprojector::new(crs, &geographic_for(zone.datum, crs)?)?, zone)
            }
            (Plane::LonLat { datum, .. }, CrsKind::Geographic) if datum.agrees_with(crs.datum()) => Route::Same,
            (Plane::LonLat { datum, .. }, _) => Route::Proj(Reprojector::new(crs, &geographic_for(*datum, crs)?)?),
        };
        Ok(Projector(route))
    }

    /// Converts coordinates of `crs` into the plane, in place. For many slices make a [`Self::projector`] once.
    ///
    /// # Errors
    /// As [`Self::projector`], and [`MeasureError::Reproject`] for the first coordinate without an image.
    pub fn project(&self, crs: &Crs, coords: &mut [Coord]) -> Result<(), MeasureError> {
        Ok(self.projector(crs)?.project(coords)?)
    }

    /// A point, in the plane, that contributions are relative to. Near the feature, its first vertex for instance.
    #[inline]
    pub fn origin(&self, at: Coord) -> Origin {
        match &self.plane {
            Plane::Zone(zone) => zone.origin(at),
            _ => Origin::plain(at),
        }
    }

    /// Area that the edge `a`→`b` contributes, m²: positive sums are counter-clockwise.
    #[inline]
    pub fn edge(&self, a: Coord, b: Coord, origin: &Origin) -> f64 {
        self.stretch(a, b, 1.0, origin)
    }

    /// Area that the stretch of edge `a`→`b` from `a` to the share `t` (0..=1) of its length contributes, m².
    ///
    /// The running integral of the edge: the stretch from `t0` to `t1` contributes the difference of the two, and
    /// stretches that follow each other telescope to the edge without a rounding of cut points.
    #[inline]
    pub fn stretch(&self, a: Coord, b: Coord, t: f64, origin: &Origin) -> f64 {
        match &self.plane {
            Plane::Zone(zone) => zone.scale.stretch(a, b, t, origin, zone.false_easting_m),
            Plane::LonLat { equal_area, .. } => equal_area.stretch(a, b, t, origin.at),
            Plane::Crs { metres_per_unit, .. } => {
                metres_per_unit * metres_per_unit * super::planar::stretch(a, b, t, origin.at)
            }
        }
    }

    /// How many vertices [`Self::laid_out`] adds to `ring`, a whole number.
    pub(crate) fn added_count(&self, ring: &[Coord], longest_m: f64) -> f64 {
        match &self.plane {
            Plane::LonLat { .. } => wide::added_count(ring, longest_m),
            _ => 0.0,
        }
    }

    /// A closed ring of the plane as a walk needs it. By the geodesic method longitudes go on where it steps over the
    /// antimeridian, and edges over `longest_m` metres are split along their geodesics, so that what is straight in the
    /// plane follows them: topology and area are then of the same lines.
    pub(crate) fn laid_out<'r>(&self, ring: &'r [Coord], longest_m: f64) -> Cow<'r, [Coord]> {
        let Plane::LonLat { ellipsoid, .. } = &self.plane else { return ring.into() };
        let unrolled = wide::unrolled(ring);
        if wide::added_count(&unrolled, longest_m) == 0.0 {
            return unrolled;
        }
        wide::split_edges(&super::geodesic::solver(ellipsoid), &unrolled, longest_m).into()
    }

    /// Area of a closed ring, m²: positive when counter-clockwise. Relative to its first vertex.
    ///
    /// `ring` may repeat its first vertex at the end or not. By the geodesic method edges are straight in longitude
    /// and latitude here, see `geodesic` for geodesic ones.
    pub fn ring_area(&self, ring: &[Coord]) -> f64 {
        let (Some(first), Some(last)) = (ring.first(), ring.last()) else { return 0.0 };
        let origin = self.origin(*first);
        let sum: f64 = ring.windows(2).map(|edge| self.edge(edge[0], edge[1], &origin)).sum();
        sum + if first == last { 0.0 } else { self.edge(*last, *first, &origin) }
    }

    /// Length of the straight edge `a`→`b`, metres: in the plane for zones and projected CRSs, on the ellipsoid (by
    /// the mean radii, for widths of slivers) in degrees.
    pub fn edge_length(&self, a: Coord, b: Coord) -> f64 {
        // Coordinates of a plane have no squares that overflow.
        let length = || ((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y)).sqrt();
        match &self.plane {
            Plane::LonLat { ellipsoid, .. } => {
                let (east, north) = ellipsoid.metres_per_degree(0.5 * (a.y + b.y));
                (wrap(b.x - a.x) * east).hypot((b.y - a.y) * north)
            }
            Plane::Crs { metres_per_unit, .. } => metres_per_unit * length(),
            Plane::Zone(_) => length(),
        }
    }
}

impl Projector<'_> {
    /// Whether coordinates stay as they are, so that no copy is needed.
    pub fn is_identity(&self) -> bool {
        matches!(self.0, Route::Same)
    }

    /// Converts coordinates into the plane, in place.
    ///
    /// # Errors
    /// The first coordinate that PROJ has no image for; those after it are not converted.
    pub fn project(&self, coords: &mut [Coord]) -> Result<(), ReprojectError> {
        self.convert(coords)?;
        self.place(coords);
        Ok(())
    }

    /// The first step: the shift to another prefix, or PROJ's part, to the geographic CRS of a zone or into the plane.
    pub(crate) fn convert(&self, coords: &mut [Coord]) -> Result<(), ReprojectError> {
        match &self.0 {
            Route::Proj(proj) | Route::ProjForward(proj, _) => proj.convert(coords),
            // Before anyone asks how far they lie from the meridian.
            Route::Shift(dx) => {
                coords.iter_mut().for_each(|c| c.x = shifted(c.x, *dx));
                Ok(())
            }
            Route::Coarse(prefix) => {
                coords.iter_mut().for_each(|c| c.x = shifted(c.x, *prefix) - prefix);
                Ok(())
            }
            Route::Same | Route::Forward(_) => Ok(()),
        }
    }

    /// The second step, ours: from what [`Self::convert`] gives into the plane.
    pub(crate) fn place(&self, coords: &mut [Coord]) {
        match &self.0 {
            Route::Same | Route::Shift(_) | Route::Coarse(_) | Route::Proj(_) => {}
            Route::Forward(zone) | Route::ProjForward(_, zone) => zone.forward(coords),
        }
    }

    /// Whether [`Self::convert`] gives degrees that [`Self::place`] takes into a zone.
    pub(crate) fn passes_degrees(&self) -> bool {
        matches!(self.0, Route::Forward(_) | Route::ProjForward(..))
    }
}

/// An easting with another prefix, as a file that has that prefix would write it. Taking a prefix off is exact. To put one
/// on costs three digits, and a decimal must lose them as its text would: 500076.957 becomes the number that 39500076.957
/// is read as, so that neighbours of the two files share their vertices.
fn shifted(easting: f64, by: f64) -> f64 {
    const STEPS: f64 = 1e6;
    let steps = (easting * STEPS).round();
    if by > 0.0 && steps / STEPS == easting { (steps + by * STEPS) / STEPS } else { easting + by }
}

/// The geographic CRS to go through on the way from `crs` to a frame on `datum`.
fn geographic_for(datum: Datum, crs: &Crs) -> Result<Crs, MeasureError> {
    if crs.is_local_plane() {
        // To which no way leads: whoever asks is told.
        return Ok(Crs::cgcs2000());
    }
    if datum.agrees_with(crs.datum()) {
        return Ok(crs.geographic());
    }
    Ok(match datum.geographic_epsg() {
        // Datums that only PROJ knows have their way to WGS 84, which is taken as CGCS2000.
        None | Some(4490) => Crs::wgs84(),
        Some(code) => Crs::from_epsg(code)?,
    })
}

/// Name of a datum for reports; one that only PROJ knows is measured on WGS 84.
fn datum_name(datum: Datum) -> &'static str {
    match datum {
        Datum::Other => Datum::Wgs84.name(),
        datum => datum.name(),
    }
}

fn datum_notes(crs: &Crs) -> Vec<Message> {
    match crs.datum() {
        Datum::Wgs84 => vec![Message::new("measure.wgs84-as-cgcs2000")],
        Datum::Other => vec![Message::new("measure.other-datum").with_said("crs", |language| crs.label_in(language))],
        _ => Vec::new(),
    }
}
