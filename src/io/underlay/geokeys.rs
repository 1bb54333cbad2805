//! Where a GeoTIFF lies (OGC 19-008r4): tie points, scale or matrix, and the keys of its reference system, by code or by
//! parameters.

use rustc_hash::FxHashMap;

use super::affine::Affine;
use super::tiff::Directory;

/// Keys of GeoTIFF.
mod key {
    pub(super) const RASTER_TYPE: u16 = 1025;
    pub(super) const CITATIONS: [u16; 3] = [3073, 1026, 2049];
    pub(super) const GEOGRAPHIC: u16 = 2048;
    pub(super) const DATUM: u16 = 2050;
    pub(super) const ELLIPSOID: u16 = 2056;
    pub(super) const SEMI_MAJOR: u16 = 2057;
    pub(super) const INVERSE_FLATTENING: u16 = 2059;
    pub(super) const PROJECTED: u16 = 3072;
    pub(super) const METHOD: u16 = 3075;
    pub(super) const PARALLELS: [u16; 2] = [3078, 3079];
    /// Of the natural origin, of a false one, of the centre.
    pub(super) const LONGITUDES: [u16; 3] = [3080, 3084, 3088];
    pub(super) const LATITUDES: [u16; 3] = [3081, 3085, 3089];
    pub(super) const EASTINGS: [u16; 3] = [3082, 3086, 3090];
    pub(super) const NORTHINGS: [u16; 3] = [3083, 3087, 3091];
    pub(super) const SCALE: u16 = 3092;
}

/// The code that says that parameters stand instead.
const BY_PARAMETERS: u16 = 32_767;

/// From pixels to the world; `None` where the file does not say.
pub(super) fn affine(page: &Directory) -> Option<Affine> {
    let whole = match (&page.matrix[..], &page.pixel_scale[..], &page.tie_points[..]) {
        ([a, b, _, c, d, e, _, f, ..], _, _) => Affine { x: [*a, *b, *c], y: [*d, *e, *f] },
        (_, [wide, high, ..], [column, row, _, x, y, ..]) => {
            Affine { x: [*wide, 0.0, x - column * wide], y: [0.0, -high, y + row * high] }
        }
        _ => return None,
    };
    // Where the pixel is a point, that is its middle.
    let is_point = Keys::of(page).short(key::RASTER_TYPE) == Some(2);
    let whole = if is_point { whole.of_pixels([-0.5, -0.5], [1.0, 1.0]) } else { whole };
    whole.inverse().map(|_| whole)
}

/// The words that name the reference system, as other files have them: a code, or well-known text.
pub(super) fn declared(page: &Directory) -> Option<String> {
    let keys = Keys::of(page);
    let well_known = key::CITATIONS.into_iter().find_map(|key| {
        let text = keys.text(key)?;
        text.split_once("ESRI PE String = ").map(|(_, wkt)| wkt.trim().to_owned())
    });
    if well_known.is_some() {
        return well_known;
    }
    let code = |key| keys.short(key).filter(|code| *code > 0 && *code != BY_PARAMETERS);
    if let Some(code) = code(key::PROJECTED) {
        return Some(format!("EPSG:{code}"));
    }
    match (keys.short(key::METHOD), code(key::GEOGRAPHIC)) {
        (Some(method), _) => keys.projected(method).or_else(|| keys.text(key::CITATIONS[0])),
        (None, Some(code)) => Some(format!("EPSG:{code}")),
        (None, None) => keys.datum().map(|(_, geographic)| geographic),
    }
}

/// The keys with what they lead to.
struct Keys<'a> {
    page: &'a Directory,
    entries: FxHashMap<u16, [u16; 3]>,
}

impl<'a> Keys<'a> {
    fn of(page: &'a Directory) -> Self {
        let entries = page.keys.get(4..).unwrap_or_default().as_chunks::<4>().0;
        Self {
            page,
            entries: entries.iter().map(|[key, place, count, value]| (*key, [*place, *count, *value])).collect(),
        }
    }

    fn short(&self, key: u16) -> Option<u16> {
        let [place, _, value] = self.entries.get(&key)?;
        (*place == 0).then_some(*value)
    }

    fn number(&self, key: u16) -> Option<f64> {
        let [place, _, value] = self.entries.get(&key)?;
        (*place == 34_736).then(|| self.page.key_numbers.get(usize::from(*value)).copied()).flatten()
    }

    /// The first of several keys that is there.
    fn first(&self, keys: [u16; 3]) -> Option<f64> {
        keys.into_iter().find_map(|key| self.number(key))
    }

    fn text(&self, key: u16) -> Option<String> {
        let [place, count, value] = self.entries.get(&key)?;
        let text = self.page.key_texts.as_bytes().get(usize::from(*value)..)?;
        let text = text.get(..usize::from(*count)).unwrap_or(text);
        let plain = String::from_utf8_lossy(text).trim_end_matches(['|', '\0']).to_owned();
        (*place == 34_737 && !plain.is_empty()).then_some(plain)
    }

    /// Name of the geographic system, and it in the text that ESRI's programs write.
    fn datum(&self) -> Option<(&'static str, String)> {
        let codes = [key::GEOGRAPHIC, key::DATUM, key::ELLIPSOID].map(|key| self.short(key).unwrap_or(0));
        let (axis, flattening) = (self.number(key::SEMI_MAJOR), self.number(key::INVERSE_FLATTENING));
        let is = |of: [u16; 3], axis_m: f64, inverse: f64| {
            let by_size =
                axis.zip(flattening).is_some_and(|(a, f)| (a - axis_m).abs() < 0.5 && (f - inverse).abs() < 1e-5);
            codes.iter().zip(of).any(|(code, of)| *code == of) || by_size
        };
        let (name, datum, ellipsoid) = if is([4490, 1043, 1024], 6_378_137.0, 298.257_222_101) {
            ("GCS_China_Geodetic_Coordinate_System_2000", "D_China_2000", "\"CGCS2000\",6378137.0,298.257222101")
        } else if is([4610, 6610, 7049], 6_378_140.0, 298.257) {
            ("GCS_Xian_1980", "D_Xian_1980", "\"Xian_1980\",6378140.0,298.257")
        } else if is([4214, 6214, 7024], 6_378_245.0, 298.3) {
            ("GCS_Beijing_1954", "D_Beijing_1954", "\"Krasovsky_1940\",6378245.0,298.3")
        } else if is([4326, 6326, 7030], 6_378_137.0, 298.257_223_563) {
            ("GCS_WGS_1984", "D_WGS_1984", "\"WGS_1984\",6378137.0,298.257223563")
        } else {
            return None;
        };
        let degrees = "PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]";
        Some((name, format!("GEOGCS[\"{name}\",DATUM[\"{datum}\",SPHEROID[{ellipsoid}]],{degrees}]")))
    }

    /// A projection by its parameters, in metres.
    fn projected(&self, method: u16) -> Option<String> {
        let (_, geographic) = self.datum()?;
        let longitude = self.first(key::LONGITUDES)?;
        let latitude = self.first(key::LATITUDES).unwrap_or(0.0);
        let (east, north) = (self.first(key::EASTINGS).unwrap_or(0.0), self.first(key::NORTHINGS).unwrap_or(0.0));
        let scale = self.number(key::SCALE).unwrap_or(1.0);
        let parallels = key::PARALLELS.map(|key| self.number(key));
        let (name, own) = match (method, parallels) {
            (1, _) => ("Transverse_Mercator", format!("PARAMETER[\"Scale_Factor\",{scale:?}]")),
            (8 | 11, [Some(first), Some(second)]) => (
                if method == 8 { "Lambert_Conformal_Conic" } else { "Albers" },
                format!("PARAMETER[\"Standard_Parallel_1\",{first:?}],PARAMETER[\"Standard_Parallel_2\",{second:?}]"),
            ),
            _ => return None,
        };
        Some(format!(
            "PROJCS[\"GeoTIFF\",{geographic},PROJECTION[\"{name}\"],PARAMETER[\"False_Easting\",{east:?}],\
             PARAMETER[\"False_Northing\",{north:?}],PARAMETER[\"Central_Meridian\",{longitude:?}],{own},\
             PARAMETER[\"Latitude_Of_Origin\",{latitude:?}],UNIT[\"Meter\",1.0]]"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;

    #[test]
    fn codes_and_parameters_name_the_system() {
        let by_code = Directory { keys: vec![1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 4527], ..Directory::default() };
        assert_eq!(declared(&by_code).as_deref(), Some("EPSG:4527"));
        let keys = [
            [1, 1, 0, 5],
            [3072, 0, 1, BY_PARAMETERS],
            [3075, 0, 1, 1],
            [2048, 0, 1, 4490],
            [3080, 34_736, 1, 0],
            [3082, 34_736, 1, 1],
        ];
        let by_parameters =
            Directory { keys: keys.concat(), key_numbers: vec![117.0, 39_500_000.0], ..Directory::default() };
        let wkt = declared(&by_parameters).expect("a projection");
        assert_eq!(Crs::declared(&wkt).expect("known").epsg(), Some(4527), "{wkt}");
    }

    #[test]
    fn tie_points_and_matrices_lead_to_the_corner_and_points_to_the_middle() {
        let page = Directory {
            pixel_scale: vec![2.0, 3.0, 0.0],
            tie_points: vec![10.0, 20.0, 0.0, 1000.0, 2000.0, 0.0],
            ..Directory::default()
        };
        assert_eq!(affine(&page).expect("a place").apply([10.0, 20.0]), [1000.0, 2000.0]);
        let point = Directory { keys: vec![1, 1, 0, 1, 1025, 0, 1, 2], ..page };
        assert_eq!(affine(&point).expect("a place").apply([10.5, 20.5]), [1000.0, 2000.0]);
        assert!(affine(&Directory { pixel_scale: vec![0.0, 0.0, 0.0], ..point }).is_none());
        let matrix = vec![0.0, 2.0, 0.0, 5.0, 2.0, 0.0, 0.0, 6.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        let turned = affine(&Directory { matrix, ..Directory::default() }).expect("a place");
        assert_eq!(turned.apply([1.0, 2.0]), [9.0, 8.0]);
    }
}
