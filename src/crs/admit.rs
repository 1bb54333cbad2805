//! What may reach PROJ.
//!
//! PROJ takes one text for everything: a code, a name, a definition, but also `+init=FILE:KEY`, `+grids=FILE`, pipelines
//! of operations, and texts nested so deep that reading them takes gigabytes. A file of a stranger must not open another
//! file, reach the network or fill the memory by its label. So nothing is handed on that is not one of these:
//!
//! | form | from a file | typed by the user or kept in a project |
//! |---|---|---|
//! | authority and code, URN, URL (parsed, never fetched) | yes | yes |
//! | plain well-known text, PROJJSON: words of a list, 16 KB, 16 levels | yes | yes |
//! | a PROJ string of parameters of a list | no | yes |
//! | anything else: `init`, grids, pipelines, `EXTENSION`, operations | no | no |
//!
//! The lists name what is allowed, not what is forbidden: what a later PROJ learns to open stays outside.

use serde_json::Value;

use super::CrsError;

/// Longest definition that is looked at.
pub(super) const MOST_BYTES: usize = 16 * 1024;

/// Deepest nesting of a definition.
const DEEPEST: usize = 16;

/// Who gave a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A file, perhaps of a stranger.
    File,
    /// The user, or a project of the user's.
    User,
}

/// Node names of plain well-known text, WKT 1 and 2. Not among them on purpose: `EXTENSION`, `PARAMETERFILE`, `BOUNDCRS`,
/// every operation, `GEOIDMODEL`, derived systems.
const WKT_WORDS: &[&str] = &[
    "ANCHOR",
    "ANCHOREPOCH",
    "ANGLEUNIT",
    "AREA",
    "AUTHORITY",
    "AXIS",
    "AXISMAXVALUE",
    "AXISMINVALUE",
    "BASEGEODCRS",
    "BASEGEOGCRS",
    "BBOX",
    "BEARING",
    "CITATION",
    "COMPD_CS",
    "COMPOUNDCRS",
    "CONVERSION",
    "COORDEPOCH",
    "CS",
    "DATUM",
    "DYNAMIC",
    "ELLIPSOID",
    "ENSEMBLE",
    "ENSEMBLEACCURACY",
    "EPOCH",
    "FRAMEEPOCH",
    "GEOCCS",
    "GEODCRS",
    "GEODETICCRS",
    "GEODETICDATUM",
    "GEOGCRS",
    "GEOGCS",
    "GEOGRAPHICCRS",
    "ID",
    "LENGTHUNIT",
    "LOCAL_CS",
    "LOCAL_DATUM",
    "MEMBER",
    "MERIDIAN",
    "METHOD",
    "ORDER",
    "PARAMETER",
    "PRIMEM",
    "PRIMEMERIDIAN",
    "PROJCRS",
    "PROJCS",
    "PROJECTEDCRS",
    "PROJECTION",
    "RANGEMEANING",
    "REMARK",
    "SCALEUNIT",
    "SCOPE",
    "SPHEROID",
    "TIMEEXTENT",
    "TOWGS84",
    "TRF",
    "UNIT",
    "URI",
    "USAGE",
    "VDATUM",
    "VERTCRS",
    "VERTCS",
    "VERTICALCRS",
    "VERTICALDATUM",
    "VERTICALEXTENT",
    "VERT_CS",
    "VERT_DATUM",
    "VRF",
];

/// Members of plain PROJJSON.
const JSON_MEMBERS: &[&str] = &[
    "$schema",
    "abbreviation",
    "accuracy",
    "anchor",
    "anchor_epoch",
    "area",
    "authority",
    "authority_citation",
    "axis",
    "base_crs",
    "bbox",
    "code",
    "components",
    "conversion",
    "conversion_factor",
    "coordinate_system",
    "datum",
    "datum_ensemble",
    "direction",
    "east_longitude",
    "ellipsoid",
    "end",
    "frame_reference_epoch",
    "id",
    "ids",
    "inverse_flattening",
    "longitude",
    "maximum",
    "maximum_value",
    "members",
    "meridian",
    "method",
    "minimum",
    "minimum_value",
    "name",
    "north_latitude",
    "parameters",
    "prime_meridian",
    "radius",
    "range_meaning",
    "remarks",
    "scope",
    "semi_major_axis",
    "semi_minor_axis",
    "south_latitude",
    "start",
    "subtype",
    "temporal_extent",
    "type",
    "unit",
    "uri",
    "usages",
    "value",
    "version",
    "vertical_extent",
    "west_longitude",
    "celestial_body",
    "deprecated",
    "coordinate_epoch",
    "frame_type",
    "publication_date",
];

/// Values of `type` that PROJJSON may have.
const JSON_TYPES: &[&str] = &[
    "AngularUnit",
    "Axis",
    "CompoundCRS",
    "Conversion",
    "CoordinateSystem",
    "DatumEnsemble",
    "DynamicGeodeticReferenceFrame",
    "DynamicVerticalReferenceFrame",
    "Ellipsoid",
    "GeodeticCRS",
    "GeodeticReferenceFrame",
    "GeographicCRS",
    "LinearUnit",
    "OperationMethod",
    "ParameterValue",
    "PrimeMeridian",
    "ProjectedCRS",
    "ScaleUnit",
    "Unit",
    "VerticalCRS",
    "VerticalReferenceFrame",
];

/// Parameters of a PROJ string that name no file.
const PROJ_PARAMETERS: &[&str] = &[
    "R", "R_A", "R_C", "R_V", "R_a", "R_g", "R_h", "R_lat_a", "R_lat_g", "W", "M", "a", "algo", "alpha", "approx",
    "axis", "azi", "b", "datum", "ellps", "es", "f", "gamma", "h", "k", "k_0", "lat_0", "lat_1", "lat_2", "lat_3",
    "lat_b", "lat_ts", "lon_0", "lon_1", "lon_2", "lon_3", "lonc", "m", "n", "no_defs", "no_off", "no_uoff", "o_alpha",
    "o_lat_c", "o_lat_p", "o_lon_c", "o_lon_p", "o_proj", "over", "pm", "proj", "q", "rf", "south", "theta",
    "to_meter", "towgs84", "type", "units", "wktext", "x_0", "y_0", "zone",
];

/// Projections by PROJ's names that are no projections: operations that read files or run others.
const PROJ_OPERATIONS: &[&str] = &[
    "affine",
    "axisswap",
    "cart",
    "defmodel",
    "deformation",
    "gridshift",
    "helmert",
    "hgridshift",
    "horner",
    "molobadekas",
    "molodensky",
    "noop",
    "pipeline",
    "pop",
    "push",
    "set",
    "tinshift",
    "vgridshift",
    "xyzgridshift",
];

/// Whether a text is an authority and a code, `EPSG:4527`.
pub(super) fn is_code(text: &str) -> bool {
    text.split_once(':').is_some_and(|(authority, code)| {
        let plain = |part: &str| (1..=24).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        plain(&authority.replace(['-', '_'], "x")) && plain(&code.replace('.', "0"))
    })
}

/// Whether a text can be the name of a system and nothing else: no sign that begins a path, a parameter or a definition.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 200
        && !text.starts_with(['+', '.', '/'])
        && text.chars().all(|c| c.is_alphanumeric() || " _-/().,+°'".contains(c))
        && !text.contains("..")
}

/// Checks a definition.
///
/// # Errors
/// [`CrsError::TooLarge`] and [`CrsError::Refused`], which names the word that is not plain; [`CrsError::Unknown`] for
/// brackets or braces that do not close.
pub(super) fn definition(text: &str, origin: Origin) -> Result<(), CrsError> {
    if text.len() > MOST_BYTES {
        return Err(CrsError::TooLarge);
    }
    let text = text.trim();
    if text.starts_with('{') {
        return projjson(text);
    }
    let has_parameters = ["+", "proj=", "init=", "title="].iter().any(|start| text.starts_with(start));
    if text.contains(['[', '(']) && !has_parameters {
        return wkt(text).map(|_| ());
    }
    match origin {
        Origin::User => proj_string(text),
        Origin::File => Err(refused(text.split_whitespace().next().unwrap_or_default())),
    }
}

/// Whether a text is meant as parameters of PROJ.
pub(super) fn is_proj_string(text: &str) -> bool {
    text.starts_with('+') || ["proj=", "init=", "title="].iter().any(|word| text.contains(word))
}

/// The code that a well-known text states for itself where an `EXTENSION` keeps it from being plain: what older GDAL
/// writes for Web Mercator. The text itself is not used.
pub(super) fn code_beside_extension(text: &str) -> Option<String> {
    let mut reader = Wkt::new(text);
    reader.extensions_pass = true;
    reader.run().ok()?; // not plain for another reason, which is said elsewhere
    if !reader.has_extension {
        return None;
    }
    if let [authority, code] = reader.authority.as_slice() {
        let code = format!("{authority}:{code}");
        return is_code(&code).then_some(code);
    }
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_mercator = ["+proj=merc", "+a=6378137", "+b=6378137"].iter().all(|part| plain.contains(part));
    is_mercator.then(|| "EPSG:3857".to_owned())
}

fn refused(found: &str) -> CrsError {
    CrsError::Refused(super::describe::shortened(found))
}

fn wkt(text: &str) -> Result<(), CrsError> {
    Wkt::new(text).run()
}

/// A walk through well-known text, which understands no more of it than words, strings and brackets.
struct Wkt<'a> {
    text: &'a str,
    extensions_pass: bool,
    has_extension: bool,
    /// Authority and code of the whole.
    authority: Vec<String>,
}

impl<'a> Wkt<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, extensions_pass: false, has_extension: false, authority: Vec::new() }
    }

    fn run(&mut self) -> Result<(), CrsError> {
        let unknown = || CrsError::Unknown(super::describe::shortened(self.text));
        let mut open: Vec<String> = Vec::new();
        let mut word = String::new();
        let mut chars = self.text.chars().peekable();
        let mut authority: Vec<String> = Vec::new();
        let mut seen_authority = false;
        let mut has_extension = false;
        while let Some(c) = chars.next() {
            match c {
                '"' => {
                    let mut string = String::new();
                    loop {
                        match chars.next() {
                            Some('"') if chars.peek() == Some(&'"') => {
                                chars.next();
                                string.push('"');
                            }
                            Some('"') => break,
                            Some(c) => string.push(c),
                            None => return Err(unknown()),
                        }
                    }
                    let Some(node) = open.last() else { return Err(unknown()) };
                    // A method of this name is a PROJ string, files and all.
                    if matches!(node.as_str(), "METHOD" | "PROJECTION") && is_method_of_proj(&string) {
                        return Err(refused(&string));
                    }
                    if open.len() == 2 && matches!(node.as_str(), "AUTHORITY" | "ID") && !seen_authority {
                        authority.push(string);
                    }
                }
                '[' | '(' => {
                    let node = std::mem::take(&mut word).trim().to_ascii_uppercase();
                    if node == "EXTENSION" && self.extensions_pass {
                        has_extension = true;
                    } else if !WKT_WORDS.contains(&node.as_str()) {
                        return Err(refused(&node));
                    }
                    open.push(node);
                    if open.len() > DEEPEST {
                        return Err(CrsError::TooLarge);
                    }
                }
                ']' | ')' => {
                    // A code of WKT 2 may stand without quotes.
                    let last = std::mem::take(&mut word);
                    let node = open.pop().ok_or_else(unknown)?;
                    if open.len() == 1 && matches!(node.as_str(), "AUTHORITY" | "ID") && !seen_authority {
                        if authority.len() == 1 && !last.trim().is_empty() {
                            authority.push(last.trim().to_owned());
                        }
                        seen_authority = true;
                    }
                }
                ',' => word.clear(),
                c => word.push(c),
            }
        }
        if !open.is_empty() || !word.trim().is_empty() {
            return Err(unknown());
        }
        (self.authority, self.has_extension) = (authority, has_extension);
        Ok(())
    }
}

fn is_method_of_proj(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    name.starts_with("proj ") || name.starts_with("custom_proj4") || is_proj_string(&name)
}

fn projjson(text: &str) -> Result<(), CrsError> {
    // Depth first: it is known before anything is built.
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(CrsError::TooLarge);
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let value: Value = serde_json::from_str(text).map_err(|_| CrsError::Unknown(super::describe::shortened(text)))?;
    check_json(&value)
}

fn check_json(value: &Value) -> Result<(), CrsError> {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if !JSON_MEMBERS.contains(&name.as_str()) {
                    return Err(refused(name));
                }
                match (name.as_str(), member) {
                    ("type", Value::String(kind)) if !JSON_TYPES.contains(&kind.as_str()) => {
                        return Err(refused(kind));
                    }
                    // A parameter whose value is text is the name of a file.
                    ("value", Value::String(text)) => return Err(refused(text)),
                    ("method", Value::Object(method)) => {
                        let name = method.get("name").and_then(Value::as_str).unwrap_or_default();
                        if is_method_of_proj(name) {
                            return Err(refused(name));
                        }
                    }
                    _ => {}
                }
                check_json(member)?;
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(check_json),
        _ => Ok(()),
    }
}

fn proj_string(text: &str) -> Result<(), CrsError> {
    for token in text.split_whitespace() {
        let token = token.trim_start_matches('+');
        let (key, value) = token.split_once('=').unwrap_or((token, ""));
        if !PROJ_PARAMETERS.contains(&key) {
            return Err(refused(token));
        }
        if !value.chars().all(|c| c.is_ascii_alphanumeric() || "_.,+-'\"°".contains(c)) {
            return Err(refused(token));
        }
        if matches!(key, "proj" | "o_proj") && PROJ_OPERATIONS.contains(&value) {
            return Err(refused(token));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Crs;
    use super::*;

    const PLAIN: &str = r#"PROJCS["Local",GEOGCS["GCS",DATUM["D",SPHEROID["S",6378137,298.257]],PRIMEM["G",0],
        UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["central_meridian",117.25],
        PARAMETER["scale_factor",1],PARAMETER["false_easting",500000],UNIT["Metre",1]{}]"#;

    fn plain(more: &str) -> String {
        PLAIN.replace("{}", more)
    }

    #[test]
    fn nothing_that_names_a_file_is_admitted() {
        let check = |text: &str| {
            for origin in [Origin::File, Origin::User] {
                let given = if is_name(text) || is_code(text) { Ok(()) } else { definition(text, origin) };
                assert!(matches!(given, Err(CrsError::Refused(_))), "{origin:?} {text}: {given:?}");
            }
        };
        check("+init=./fifo:4326");
        check("init=/tmp/x:1");
        check("+proj=longlat +nadgrids=./fifo");
        check("+proj=longlat +ellps=GRS80 +geoidgrids=/dev/zero");
        check("+proj=pipeline +step +proj=hgridshift +grids=./fifo");
        check("proj=utm zone=50 grids=@./fifo");
        check("+proj=xyzgridshift +grids=a");
        check("+proj=longlat +datum=/etc/passwd");
        check("+title=x +init=./fifo:1");
        check(&plain(r#",EXTENSION["PROJ4","+proj=longlat +nadgrids=./fifo"]"#));
        check(&plain(r#",extension ["PROJ4_GRIDS","./fifo"]"#));
        check(&plain("").replace("Transverse_Mercator", "PROJ hgridshift grids=./fifo"));
        check(&plain("").replace("Transverse_Mercator", "custom_proj4"));
        check(r#"BOUNDCRS[SOURCECRS[GEOGCRS["x"]],ABRIDGEDTRANSFORMATION["t",PARAMETERFILE["f","./fifo"]]]"#);
        check(r#"{"type":"BoundCRS","source_crs":{}}"#);
        check(r#"{"type":"ProjectedCRS","conversion":{"method":{"name":"PROJ hgridshift grids=./fifo"}}}"#);
        check(r#"{"type":"ProjectedCRS","conversion":{"parameters":[{"name":"f","value":"./fifo"}]}}"#);
        check(r#"{"type":"VerticalCRS","geoid_model":{"name":"./fifo"}}"#);
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let deep = |n: usize| format!("{}{}", r#"{"base_crs":"#.repeat(n), "}".repeat(n));
        assert_eq!(definition(&deep(17).replace(":}", ":1}"), Origin::File), Err(CrsError::TooLarge));
        let nested = format!("PROJCS[{}", "GEOGCS[".repeat(20));
        assert_eq!(definition(&nested, Origin::File), Err(CrsError::TooLarge));
        let long = plain(&format!(r#",REMARK["{}"]"#, "x".repeat(MOST_BYTES)));
        assert_eq!(definition(&long, Origin::User), Err(CrsError::TooLarge));
        assert_eq!(Crs::declared(&long), Err(CrsError::TooLarge));
    }

    #[test]
    fn plain_definitions_pass_and_are_read() {
        for text in [plain(""), plain(r#",AUTHORITY["X","1"]"#)] {
            let crs = Crs::declared(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(crs.name(), "Local");
        }
        let json = json_of("EPSG:26915");
        assert_eq!(Crs::declared(&json).expect("plain").code(), "EPSG:26915");
        assert_eq!(Crs::declared(&json_of("EPSG:4548")).expect("plain").epsg(), Some(4548));
        // PROJ strings are the user's to type.
        let typed = "+proj=tmerc +lat_0=0 +lon_0=117.25 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs";
        assert!(Crs::parse(typed).is_ok());
        assert!(matches!(Crs::declared(typed), Err(CrsError::Refused(_))));
        // The old spelling of a code is a code.
        assert_eq!(Crs::declared("+init=epsg:4548").expect("a code").epsg(), Some(4548));
    }

    #[test]
    fn a_code_beside_an_extension_counts_and_the_extension_does_not() {
        let mercator = plain(r#",EXTENSION["PROJ4","+proj=merc +a=6378137 +b=6378137 +nadgrids=@null"]{}"#);
        assert_eq!(Crs::declared(&mercator.replace("{}", "")).expect("Web Mercator").epsg(), Some(3857));
        let coded = plain(r#",EXTENSION["PROJ4","+init=./fifo:1"],AUTHORITY["EPSG","4527"]"#);
        assert_eq!(Crs::declared(&coded).expect("a code").epsg(), Some(4527));
    }

    fn json_of(code: &str) -> String {
        let proj = proj::Proj::new(code).expect("known");
        proj.to_projjson(None, None, None).expect("a definition")
    }
}
