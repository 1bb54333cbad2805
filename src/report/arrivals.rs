//! What files came to when they were opened, one row each: format, encoding, CRS and why, features, issues, and where it
//! lies beside what is open. The window shows it as a card, the command line as a table.

use std::path::{Path, PathBuf};

use super::{Cell, Column, ColumnKind, Table};
use crate::doctor::{self, Reference, web_map};
use crate::io::{Found, Opened, ReadError};
use crate::model::{GeometryKind, Issue, Layer, Severity, join};
use crate::text::{Language, Message, tr};
use crate::units::format_number;

/// Names and values of a preview.
const PREVIEWED: usize = 6;
/// Longest value of a preview, in characters.
const LONGEST: usize = 20;

/// How far a file got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Read, and nothing about it is in doubt.
    Sure,
    /// Read; its positions look like those of a web map.
    Shifted,
    /// Read; its CRS is to be confirmed.
    Doubtful,
    /// Read up to where it breaks off.
    Broken,
    /// Not read.
    Unread,
}

/// A table that goes with an open layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitting {
    /// The layer.
    pub layer: String,
    /// Its place in the list of open layers.
    pub at: usize,
    /// The layer's key field.
    pub key: String,
    /// The table's.
    pub table_key: String,
    /// Rows of the table that belong to a feature.
    pub matched: usize,
}

/// What a file came to.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The file, with the layer where it has several.
    pub path: PathBuf,
    /// How far it got.
    pub standing: Standing,
    /// The format as shown; empty where it was not told.
    pub format: String,
    /// Encoding of its text; empty where that is not told.
    pub encoding: String,
    /// Names and values as they were read.
    pub preview: String,
    /// The CRS; `None` for what has no geometry.
    pub crs: Option<String>,
    /// Why this CRS, or what the numbers look like where that is in doubt.
    pub reason: Option<Message>,
    /// Features by kind.
    pub counts: Vec<(GeometryKind, usize)>,
    /// Bytes of the file.
    pub byte_count: u64,
    /// Notes, warnings and errors.
    pub issue_counts: [usize; 3],
    /// The worst issue, or why it was not read.
    pub worst: Option<Message>,
    /// Where it lies beside what is open.
    pub beside: Option<Reference>,
    /// The open layer that it can be joined to, for tables.
    pub fitting: Option<Fitting>,
}

impl Arrival {
    /// What became of one source, beside the layers that are open.
    pub fn of(found: &Found, open: &[&Layer]) -> Self {
        match &found.result {
            Ok(opened) => Self::of_opened(&found.address(), opened, open),
            Err(error) => Self::of_error(&found.address(), error),
        }
    }

    /// A file that was read.
    pub fn of_opened(path: &Path, opened: &Opened, open: &[&Layer]) -> Self {
        let mut issue_counts = [0; 3];
        opened.issues.iter().for_each(|issue| issue_counts[issue.severity as usize] += 1);
        // Of the worst the first: it stands where the trouble began.
        let worst = opened.issues.iter().rev().max_by_key(|issue| issue.severity);
        let worst = worst.filter(|issue| issue.severity > Severity::Note).map(|issue| issue.message.clone());
        let is_table = opened.layers.iter().all(|layer| layer.kind == GeometryKind::None);
        let standing = match (opened.decision.certain || is_table, &opened.partial) {
            (_, Some(_)) => Standing::Broken,
            (true, None) if opened.layers.iter().any(is_shifted) => Standing::Shifted,
            (true, None) => Standing::Sure,
            (false, None) => Standing::Doubtful,
        };
        let reason = if opened.decision.certain { &opened.decision.reason } else { &opened.decision.observation };
        let counts = opened.layers.iter().map(|layer| (layer.kind, layer.feature_count()));
        Self {
            path: path.to_owned(),
            standing,
            format: opened.format.clone(),
            encoding: opened.encoding.to_string(),
            preview: opened.layers.first().map(preview).unwrap_or_default(),
            crs: (!is_table).then(|| opened.decision.crs.code().to_owned()),
            reason: (!is_table).then(|| reason.clone()),
            counts: counts.collect(),
            byte_count: opened.layers.first().map_or(0, |layer| layer.provenance.byte_count),
            issue_counts,
            worst,
            beside: if is_table { None } else { doctor::beside(&opened.layers, open) },
            fitting: opened.layers.first().filter(|_| is_table).and_then(|table| fitting(table, open)),
        }
    }

    /// A file that was not read.
    pub fn of_error(path: &Path, error: &ReadError) -> Self {
        Self {
            path: path.to_owned(),
            standing: Standing::Unread,
            format: String::new(),
            encoding: String::new(),
            preview: String::new(),
            crs: None,
            reason: None,
            counts: Vec::new(),
            byte_count: std::fs::metadata(path).map_or(0, |known| known.len()), // told without a size
            issue_counts: [0, 0, 1],
            worst: Some(error.message()),
            beside: None,
            fitting: None,
        }
    }

    /// The last step of its path: what a user calls it.
    pub fn name(&self) -> String {
        self.path.file_name().map(crate::io::shown_path).unwrap_or_default()
    }

    /// Features of all kinds.
    pub fn feature_count(&self) -> usize {
        self.counts.iter().map(|(_, n)| n).sum()
    }

    /// Features by kind in words: `面 3 · 点 118`; rows for a table.
    pub fn counts_text(&self, language: Language) -> String {
        let of = |(kind, n): &(GeometryKind, usize)| {
            let key = match kind {
                GeometryKind::Point => "arrivals.points",
                GeometryKind::Line => "arrivals.lines",
                GeometryKind::Polygon => "arrivals.polygons",
                GeometryKind::None => "arrivals.rows",
            };
            Message::new(key).with("n", format_number(*n as f64, 0)).text(language)
        };
        self.counts.iter().map(of).collect::<Vec<_>>().join(" · ")
    }

    /// How many issues there are in words.
    pub fn issues_text(&self, language: Language) -> String {
        let [notes, warnings, errors] = self.issue_counts;
        let said = |key: &'static str, n: usize| Message::new(key).with("n", n).text(language);
        match (warnings + errors, notes) {
            (0, 0) => tr(language, "arrivals.no-issues").to_owned(),
            (0, notes) => said("arrivals.notes", notes),
            (serious, _) => said("arrivals.issues", serious),
        }
    }

    /// Where it lies beside what is open, in words; empty where nothing is open.
    pub fn beside_text(&self, language: Language) -> String {
        if let Some(fitting) = &self.fitting {
            return Message::new("arrivals.fits")
                .with("matched", format_number(fitting.matched as f64, 0))
                .with("rows", format_number(self.feature_count() as f64, 0))
                .with("layer", &fitting.layer)
                .with("key", &fitting.key)
                .text(language);
        }
        let Some(reference) = &self.beside else { return String::new() };
        if reference.overlap > 0.0 {
            let share = format!("{:.0}", 100.0 * reference.overlap);
            return Message::new("arrivals.overlaps")
                .with("layer", &reference.layer)
                .with("share", share)
                .text(language);
        }
        let km = format_number(reference.distance_km, usize::from(reference.distance_km < 10.0));
        Message::new("arrivals.apart").with("layer", &reference.layer).with("km", km).text(language)
    }

    /// How far it got, in words.
    pub fn standing_text(&self, language: Language) -> &'static str {
        let key = match self.standing {
            Standing::Sure => "arrivals.sure",
            Standing::Shifted => "arrivals.shifted",
            Standing::Doubtful => "arrivals.doubtful",
            Standing::Broken => "arrivals.broken",
            Standing::Unread => "arrivals.unread",
        };
        tr(language, key)
    }
}

/// Whether a layer is said to be in the coordinates of a web map, or looks so by its marks.
fn is_shifted(layer: &Layer) -> bool {
    web_map::is_flagged(layer) || web_map::suspect_by_fields(layer).is_some()
}

/// The first names of fields, each with its first value.
fn preview(layer: &Layer) -> String {
    let of = |at: usize| {
        let mut values = (0..layer.feature_count().min(200)).map(|row| layer.value(row, at).to_string());
        let value = values.find(|value| !value.trim().is_empty()).unwrap_or_default();
        let value: String = value.chars().take(LONGEST).collect();
        format!("{} {value}", layer.fields[at].name)
    };
    let told: Vec<String> = (0..layer.fields.len().min(PREVIEWED)).map(of).collect();
    told.join("  ")
}

/// The open layer that most rows of a table belong to.
fn fitting(table: &Layer, open: &[&Layer]) -> Option<Fitting> {
    let layers = open.iter().enumerate().filter(|(_, layer)| layer.kind != GeometryKind::None);
    let fits = layers.filter_map(|(at, layer)| {
        let (own, other, _) = join::suggest(layer, table)?;
        let found = join::matching(layer, own, table, other);
        Some(Fitting {
            layer: layer.name.clone(),
            at,
            key: layer.fields[own].name.clone(),
            table_key: table.fields[other].name.clone(),
            matched: found.row_count - found.lonely_rows.len() - found.blank_rows,
        })
    });
    // Of equals the first: it lies on top.
    fits.reduce(|best, next| if next.matched > best.matched { next } else { best })
}

/// A row a file, for the command line.
pub fn table(arrivals: &[Arrival], language: Language) -> Table {
    let text = |key: &str, title| Column::new(key, tr(language, title), ColumnKind::Text);
    let mut table = Table {
        title: Message::new("arrivals.title").with("n", arrivals.len()).text(language),
        columns: vec![
            text("file", "arrivals.file"),
            text("standing", "arrivals.standing"),
            text("format", "arrivals.format"),
            text("encoding", "arrivals.encoding"),
            text("crs", "arrivals.crs"),
            text("reason", "arrivals.reason"),
            text("features", "arrivals.features"),
            text("issues", "arrivals.issues-title"),
            text("beside", "arrivals.beside"),
            text("preview", "arrivals.preview"),
        ],
        ..Table::default()
    };
    for arrival in arrivals {
        let reason = arrival.reason.as_ref().map_or_else(String::new, |reason| reason.text(language));
        let mut issues = arrival.issues_text(language);
        if let Some(worst) = &arrival.worst {
            issues = format!("{issues}: {}", worst.text(language));
        }
        let cells = [
            crate::io::shown_path(&arrival.path),
            arrival.standing_text(language).to_owned(),
            arrival.format.clone(),
            arrival.encoding.clone(),
            arrival.crs.clone().unwrap_or_default(),
            reason,
            arrival.counts_text(language),
            issues,
            arrival.beside_text(language),
            arrival.preview.clone(),
        ];
        table.rows.push(cells.map(Cell::from).into());
    }
    table
}

/// The issues of a file, the worst first.
pub fn worst_first(issues: &[Issue]) -> Vec<&Issue> {
    let mut sorted: Vec<&Issue> = issues.iter().collect();
    sorted.sort_by_key(|issue| std::cmp::Reverse(issue.severity));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{self, OpenOptions};
    use crate::task::Progress;

    fn arrived(folder: &Path, name: &str, text: &str, open: &[&Layer]) -> (Arrival, Option<Layer>) {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("written");
        match io::open_each(&path, &OpenOptions::default(), &Progress::new()) {
            Ok(found) => {
                let arrival = Arrival::of(&found[0], open);
                let opened = found.into_iter().next().and_then(|found| found.result.ok());
                (arrival, opened.and_then(|opened| opened.layers.into_iter().next()))
            }
            Err(error) => (Arrival::of_error(&path, &error), None),
        }
    }

    fn parcels(x: f64) -> String {
        let feature = |n: usize| {
            let x = x + 100.0 * n as f64;
            let ring = format!("[[{x},4060000],[{},4060000],[{x},4060100],[{x},4060000]]", x + 100.0);
            format!(
                r#"{{"type":"Feature","properties":{{"BSM":"00{n}","DLMC":"水田"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
            )
        };
        let crs = if x > 1e6 { r#""crs":{"type":"name","properties":{"name":"EPSG:4527"}},"# } else { "" };
        format!(r#"{{"type":"FeatureCollection",{crs}"features":[{},{}]}}"#, feature(1), feature(2))
    }

    #[test]
    fn every_file_gets_a_row_whatever_became_of_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let (sure, layer) = arrived(folder.path(), "图斑.geojson", &parcels(39_500_000.0), &[]);
        let layer = layer.expect("read");
        assert_eq!((sure.standing, sure.feature_count()), (Standing::Sure, 2));
        assert_eq!(sure.counts_text(Language::Chinese), "面 2");
        assert!(sure.preview.starts_with("BSM 001  DLMC 水田"), "{}", sure.preview);
        assert_eq!(sure.beside_text(Language::Chinese), "");
        let (doubtful, _) = arrived(folder.path(), "红线.geojson", &parcels(500_000.0), &[&layer]);
        assert_eq!(doubtful.standing, Standing::Doubtful);
        let (table, _) = arrived(folder.path(), "台账.csv", "标识码,户主\n001,甲\n002,乙\n009,丙\n", &[&layer]);
        assert_eq!((table.standing, table.crs.as_deref()), (Standing::Sure, None));
        let fitting = table.fitting.as_ref().expect("goes with the parcels");
        assert_eq!((fitting.key.as_str(), fitting.table_key.as_str(), fitting.matched), ("BSM", "标识码", 2));
        assert!(table.beside_text(Language::Chinese).starts_with("2 / 3"), "{}", table.beside_text(Language::Chinese));
        let (again, _) = arrived(folder.path(), "又一份.geojson", &parcels(39_500_000.0), &[&layer]);
        assert!(again.beside_text(Language::Chinese).contains("100 %"), "{:?}", again.beside);
        let place = "<Placemark><OvCoordType>GCJ-02</OvCoordType><Point><coordinates>117,36.8</coordinates></Point></Placemark>";
        let text = format!("<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>{place}</Document></kml>");
        let (shifted, _) = arrived(folder.path(), "点.ovkml", &text, &[]);
        assert_eq!(shifted.standing, Standing::Shifted);
        let (unread, _) = arrived(folder.path(), "地籍.wp", "WMAP`D22 …", &[]);
        assert_eq!(unread.standing, Standing::Unread);
        let why = unread.worst.as_ref().expect("a reason").text(Language::Chinese);
        assert!(why.contains("MapGIS"), "the way to a format that is read: {why}");
        let rows = super::table(&[sure, doubtful, table, again, unread], Language::English);
        assert_eq!((rows.rows.len(), rows.columns.len()), (5, 10));
    }
}
