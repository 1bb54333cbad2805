//! Layers to coordinate TXT.
//!
//! Written is the commonest dialect: ten lines of header, plot lines of nine parts, rings closed under the id of their
//! first point, outer rings clockwise from the north-west, holes the other way, ids running on over the rings of a plot.
//! Points and areas are those of the digits that are written. What the format cannot hold is listed, not hidden.

use std::io::{self, Write};

use super::plot::{CLASS, FARMLAND, NAME, NUMBER, SHEET, USE};
use crate::crs::{Crs, Datum, GaussKruger};
use crate::io::Chosen;
use crate::model::{Coord, Extent, GeometryKind, Issue, Layer, Severity};
use crate::text::Message;

/// The encoding of the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TxtEncoding {
    /// GBK, which every program of the trade reads.
    #[default]
    Gbk,
    /// UTF-8 without a mark.
    Utf8,
}

/// How the ids of points run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbering {
    /// On over the rings of a plot, from 1 in each plot.
    #[default]
    Plot,
    /// From 1 in each ring.
    Ring,
    /// On over the whole file.
    File,
}

/// What becomes of a polygon of several parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parts {
    /// One plot whose rings are numbered on. Some programs take the later parts for holes, which is said.
    #[default]
    Rings,
    /// A plot for each part, with the same attributes.
    Plots,
}

/// The corner of its extent that a ring begins at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Corner {
    /// North-west, as is usual.
    #[default]
    NorthWest,
    /// North-east.
    NorthEast,
    /// South-east.
    SouthEast,
    /// South-west.
    SouthWest,
}

impl Corner {
    /// All corners, clockwise.
    pub const ALL: [Self; 4] = [Self::NorthWest, Self::NorthEast, Self::SouthEast, Self::SouthWest];

    /// Its word in templates.
    pub fn word(self) -> &'static str {
        match self {
            Self::NorthWest => "NW",
            Self::NorthEast => "NE",
            Self::SouthEast => "SE",
            Self::SouthWest => "SW",
        }
    }

    /// Key of its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::NorthWest => "survey.start-nw",
            Self::NorthEast => "survey.start-ne",
            Self::SouthEast => "survey.start-se",
            Self::SouthWest => "survey.start-sw",
        }
    }
}

/// How a layer is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct TxtOptions {
    /// Which field of the layer (by index) fills which place of the plot line (by name), see [`default_fields`].
    pub fields: Vec<(&'static str, usize)>,
    /// Encoding of the text. Lines end in CR LF.
    pub encoding: TxtEncoding,
    /// Decimals of the coordinates.
    pub decimals: usize,
    /// Decimals of the areas, which are in hectares.
    pub area_decimals: usize,
    /// What stands before the number of a point: `J`, or nothing.
    pub id_prefix: String,
    /// How the numbers of points run.
    pub numbering: Numbering,
    /// What becomes of parts.
    pub parts: Parts,
    /// Where rings begin.
    pub start: Corner,
    /// Whether eastings carry the number of the zone, as the format asks, also where the layer's do not.
    pub with_zone: bool,
    /// 数据产生单位.
    pub producer: String,
    /// 数据产生日期, as it is to stand there.
    pub date: String,
}

impl Default for TxtOptions {
    fn default() -> Self {
        Self {
            fields: Vec::new(),
            encoding: TxtEncoding::Gbk,
            decimals: 3,
            area_decimals: 4,
            id_prefix: "J".to_owned(),
            numbering: Numbering::Plot,
            parts: Parts::Rings,
            start: Corner::NorthWest,
            with_zone: true,
            producer: String::new(),
            date: String::new(),
        }
    }
}

/// Why a layer cannot be written as TXT.
#[derive(Debug, thiserror::Error)]
pub enum TxtError {
    /// The coordinates are not those of a Gauss-Krüger zone.
    #[error("{} is no Gauss-Krüger zone: convert the layer to one first", .0.code())]
    Crs(Crs),
    /// A table has no coordinates.
    #[error("the layer has no geometry")]
    NoGeometry,
    /// Writing failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl TxtError {
    /// The error as a message of the catalogue.
    pub fn message(&self) -> Message {
        match self {
            Self::Crs(crs) => Message::new("io.txt-write-crs").with_said("crs", |language| crs.reference_in(language)),
            Self::NoGeometry => Message::new("io.txt-write-table"),
            Self::Io(error) => Message::new("io.io").with_message("reason", &crate::text::system_reason(error)),
        }
    }
}

/// What was written, and what the format could not hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// Plots.
    pub plot_count: u64,
    /// What was left out or changed.
    pub issues: Vec<Issue>,
}

/// The fields of a layer that fill the places of a plot line, by the names that they usually have.
pub fn default_fields(layer: &Layer) -> Vec<(&'static str, usize)> {
    let known: [(&'static str, &[&str]); 5] = [
        (NUMBER, &["地块编号", "地块号", "DKBH", "TBBH", "图斑编号", "BSM", "标识码"]),
        (NAME, &["地块名称", "DKMC", "名称", "NAME", "项目名称", "XMMC", "QSDWMC"]),
        (SHEET, &["图幅号", "TFH"]),
        (USE, &["地块用途", "DKYT", "用途", "YT", "DLMC", "地类名称"]),
        (CLASS, &["地类编码", "DLBM", "地类代码"]),
    ];
    let mut taken = Vec::new();
    for (place, names) in known {
        if let Some(field) = names.iter().find_map(|name| layer.field(name)) {
            taken.push((place, field));
        }
    }
    taken.extend(FARMLAND.iter().filter_map(|place| Some((*place, layer.field(place)?))));
    taken
}

/// Writes a layer, or the `rows` of it in the order given.
///
/// # Errors
/// [`TxtError`]; what was written before stays.
pub fn write_txt(
    layer: &Layer,
    rows: Option<&[usize]>,
    options: &TxtOptions,
    out: &mut impl Write,
) -> Result<Written, TxtError> {
    if layer.kind == GeometryKind::None {
        return Err(TxtError::NoGeometry);
    }
    let Some(zone) = layer.crs.gauss_kruger() else { return Err(TxtError::Crs(layer.crs.clone())) };
    let shift_m = if options.with_zone && !zone.prefixed { 1e6 * f64::from(zone.zone) } else { 0.0 };
    let mut writer =
        Writer { layer, options, out, shift_m, next_id: 1, lost: Lost::default(), plot_count: 0, text: String::new() };
    writer.header(&zone);
    for row in (Chosen { layer, rows }).features() {
        writer.feature(row);
        writer.flush()?;
    }
    writer.flush()?;
    let Writer { lost, plot_count, .. } = writer;
    out.flush()?;
    Ok(Written { plot_count, issues: lost.issues(layer, options) })
}

/// What the format could not hold, counted, with the first feature of each.
#[derive(Debug, Default)]
struct Lost {
    without_geometry: Count,
    texts: Count,
    characters: Count,
    parts: Count,
    heights: Count,
    rounded: Count,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    count: u64,
    first: usize,
}

impl Count {
    fn add(&mut self, row: usize) {
        if self.count == 0 {
            self.first = row;
        }
        self.count += 1;
    }
}

impl Lost {
    fn issues(&self, layer: &Layer, options: &TxtOptions) -> Vec<Issue> {
        let mut issues = Vec::new();
        let mut add = |severity, key, count: Count| {
            if count.count > 0 {
                let issue = Issue::new(severity, Message::new(key).with("count", count.count));
                issues.push(layer.issue_at(count.first, issue));
            }
        };
        add(Severity::Warning, "io.txt-write-no-geometry", self.without_geometry);
        add(Severity::Warning, "io.txt-write-texts", self.texts);
        add(Severity::Warning, "io.txt-write-characters", self.characters);
        add(Severity::Warning, "io.txt-write-heights", self.heights);
        add(Severity::Note, "io.txt-write-rounded", self.rounded);
        match options.parts {
            Parts::Rings => add(Severity::Warning, "io.txt-write-parts", self.parts),
            Parts::Plots => add(Severity::Warning, "io.txt-write-plots", self.parts),
        }
        let is_written = |at: usize| options.fields.iter().any(|(_, field)| *field == at);
        let own = [super::plot::COUNT, super::plot::AREA, super::plot::KIND];
        let fields = layer.fields.iter().enumerate();
        let left: Vec<&str> = fields
            .filter(|(at, field)| !is_written(*at) && !own.contains(&field.name.as_str()))
            .map(|(_, field)| field.name.as_str())
            .collect();
        if !left.is_empty() {
            let names: String = left.join("、").chars().take(300).collect();
            let message = Message::new("io.txt-write-fields").with("count", left.len()).with("names", names);
            issues.push(Issue::new(Severity::Warning, message));
        }
        issues
    }
}

struct Writer<'a, W> {
    layer: &'a Layer,
    options: &'a TxtOptions,
    out: &'a mut W,
    /// What is added to eastings.
    shift_m: f64,
    next_id: u64,
    lost: Lost,
    plot_count: u64,
    /// What waits to be written.
    text: String,
}

impl<W: Write> Writer<'_, W> {
    fn header(&mut self, zone: &GaussKruger) {
        let system = match zone.datum {
            Datum::Xian1980 => "1980西安坐标系",
            Datum::Beijing1954 => "1954北京坐标系",
            Datum::Cgcs2000 | Datum::Wgs84 | Datum::Other => "2000国家大地坐标系",
        };
        let precision = match self.options.decimals {
            0 => "1".to_owned(),
            decimals => format!("0.{}1", "0".repeat(decimals - 1)),
        };
        let pairs = [
            ("格式版本号", "1.01版本".to_owned()),
            ("数据产生单位", one_line(&self.options.producer)),
            ("数据产生日期", one_line(&self.options.date)),
            ("坐标系", system.to_owned()),
            ("几度分带", zone.width_deg.to_string()),
            ("投影类型", "高斯克吕格".to_owned()),
            ("计量单位", "米".to_owned()),
            ("带号", zone.zone.to_string()),
            ("精度", precision),
            ("转换参数", ",,,,,,".to_owned()),
        ];
        self.line("[属性描述]");
        for (key, value) in pairs {
            self.line(&format!("{key}={value}"));
        }
        self.line("[地块坐标]");
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push_str("\r\n");
    }

    /// Writes what waits.
    fn flush(&mut self) -> io::Result<()> {
        let text = std::mem::take(&mut self.text);
        match self.options.encoding {
            TxtEncoding::Utf8 => self.out.write_all(text.as_bytes()),
            TxtEncoding::Gbk => self.out.write_all(&gbk(&text).0),
        }
    }

    fn feature(&mut self, feature: usize) {
        let (block, row) = self.layer.locate(feature);
        let geometry = &block.geometry;
        if geometry.is_null(row) || geometry.coord_range(row).is_empty() {
            self.lost.without_geometry.add(feature);
            return;
        }
        if geometry.z().get(geometry.coord_range(row)).is_some_and(|z| z.iter().any(|z| !z.is_nan())) {
            self.lost.heights.add(feature);
        }
        let unit = 10f64.powi(self.options.decimals as i32);
        let is_rounded = |v: f64| ((v * unit).round() / unit - v).abs() > 1e-7;
        if geometry.feature_coords(row).iter().any(|c| is_rounded(c.x) || is_rounded(c.y)) {
            self.lost.rounded.add(feature);
        }
        let shifted = |ring: &[Coord]| -> Vec<Coord> {
            let round = |v: f64| (v * unit).round() / unit;
            ring.iter().map(|c| Coord { x: round(c.x) + self.shift_m, y: round(c.y) }).collect()
        };
        // Plots of rings, each with whether it is a hole.
        let mut plots: Vec<Vec<(Vec<Coord>, bool)>> = Vec::new();
        match geometry.kind() {
            GeometryKind::Polygon => {
                for part in geometry.polygon(row).parts() {
                    let start = self.options.start;
                    let rings = part.rings().enumerate();
                    plots.push(rings.map(|(at, ring)| (oriented(shifted(ring), at > 0, start), at > 0)).collect());
                }
                if plots.len() > 1 {
                    self.lost.parts.add(feature);
                    if self.options.parts == Parts::Rings {
                        plots = vec![plots.into_iter().flatten().collect()];
                    }
                }
            }
            GeometryKind::Line => plots.push(geometry.paths(row).map(|path| (shifted(path), false)).collect()),
            GeometryKind::Point => plots.push(vec![(shifted(geometry.points(row)), false)]),
            GeometryKind::None => return,
        }
        for plot in plots {
            self.plot(feature, &plot);
        }
    }

    fn plot(&mut self, feature: usize, rings: &[(Vec<Coord>, bool)]) {
        let (kind, is_polygon) = match self.layer.kind {
            GeometryKind::Line => ("线", false),
            GeometryKind::Point => ("点", false),
            GeometryKind::Polygon | GeometryKind::None => ("面", true),
        };
        let count: usize = rings.iter().map(|(ring, _)| ring.len()).sum();
        let area = if is_polygon {
            let of_ring = |(ring, is_hole): &(Vec<Coord>, bool)| if *is_hole { -area(ring) } else { area(ring) };
            let hectares = rings.iter().map(of_ring).sum::<f64>() / 1e4;
            format!("{hectares:.*}", self.options.area_decimals)
        } else {
            String::new()
        };
        let mut changed = false;
        let mut unknown = false;
        let mut value = |place: &str| -> String {
            let Some((_, field)) = self.options.fields.iter().find(|(name, _)| *name == place) else {
                return String::new();
            };
            let text = self.layer.value(feature, *field).to_string();
            let plain = one_line(&text).replace(',', "，").replace('@', "＠");
            changed |= plain != text;
            unknown |= self.options.encoding == TxtEncoding::Gbk && gbk(&plain).1;
            plain
        };
        let mut parts = vec![count.to_string(), area, value(NUMBER), value(NAME), kind.to_owned()];
        parts.extend([value(SHEET), value(USE), value(CLASS)]);
        if self.options.fields.iter().any(|(place, _)| FARMLAND.contains(place)) {
            parts.extend(FARMLAND.iter().map(|place| value(place)));
        }
        if changed {
            self.lost.texts.add(feature);
        }
        if unknown {
            self.lost.characters.add(feature);
        }
        let line = format!("{},@", parts.join(","));
        self.line(&line);
        if self.options.numbering == Numbering::Plot {
            self.next_id = 1;
        }
        for (at, (ring, _)) in rings.iter().enumerate() {
            if self.options.numbering == Numbering::Ring {
                self.next_id = 1;
            }
            let first = self.next_id;
            let last = ring.len() - 1;
            for (i, c) in ring.iter().enumerate() {
                let closes = is_polygon && i == last && i > 0;
                let id = if closes { first } else { self.next_id };
                if !closes {
                    self.next_id += 1;
                }
                let decimals = self.options.decimals;
                let line = format!("{}{id},{},{:.decimals$},{:.decimals$}", self.options.id_prefix, at + 1, c.y, c.x);
                self.line(&line);
            }
        }
        self.plot_count += 1;
    }
}

/// A text without what would end its line.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

/// The text in GBK, with `?` for characters that it lacks, and whether there were any.
fn gbk(text: &str) -> (Vec<u8>, bool) {
    let (bytes, _, unknown) = encoding_rs::GBK.encode(text);
    if !unknown {
        return (bytes.into_owned(), false);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut buffer = [0; 4];
    for c in text.chars() {
        let (bytes, _, unknown) = encoding_rs::GBK.encode(c.encode_utf8(&mut buffer));
        out.extend_from_slice(if unknown { b"?" } else { &bytes });
    }
    (out, true)
}

/// A closed ring clockwise (a hole counter-clockwise), from the vertex nearest to that corner of its extent.
pub fn oriented(mut ring: Vec<Coord>, is_hole: bool, start: Corner) -> Vec<Coord> {
    if ring.len() < 4 || ring.first() != ring.last() {
        return ring;
    }
    if (signed_area(&ring) > 0.0) != is_hole {
        ring.reverse();
    }
    ring.pop();
    let extent = Extent::of(&ring);
    let corner = Coord {
        x: if matches!(start, Corner::NorthWest | Corner::SouthWest) { extent.min.x } else { extent.max.x },
        y: if matches!(start, Corner::NorthWest | Corner::NorthEast) { extent.max.y } else { extent.min.y },
    };
    let away = |c: &Coord| (c.x - corner.x).hypot(c.y - corner.y);
    let before = |a: &Coord, b: &Coord| away(a).total_cmp(&away(b)).then(b.y.total_cmp(&a.y)).then(a.x.total_cmp(&b.x));
    let start = ring.iter().enumerate().min_by(|a, b| before(a.1, b.1)).map_or(0, |(at, _)| at);
    ring.rotate_left(start);
    let first = ring[0];
    ring.push(first);
    ring
}

/// Area of a closed ring, positive where it runs counter-clockwise, relative to its first point.
fn signed_area(ring: &[Coord]) -> f64 {
    let Some(origin) = ring.first() else { return 0.0 };
    let sides = ring
        .windows(2)
        .map(|side| (side[0].x - origin.x) * (side[1].y - origin.y) - (side[0].y - origin.y) * (side[1].x - origin.x));
    0.5 * sides.sum::<f64>()
}

fn area(ring: &[Coord]) -> f64 {
    signed_area(ring).abs()
}
