//! What of a cache file is no long list: records as JSON, in a section of their own.
//!
//! Messages are kept by key and arguments, as the history of a project keeps them; systems by their codes, as its file
//! does. A word that this program does not know makes the record unfit, and the file is not used.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::crs::{Crs, CrsSource, Decision, Sample};
use crate::io::encoding::Encoding;
use crate::io::{OpenOptions, Opened};
use crate::model::style::LayerStyle;
use crate::model::{
    AreaMethod, Areas, Coord, Field, FieldType, FieldWords, GeometryKind, Issue, Layer, Provenance, Severity,
    SourceWords,
};
use crate::text::{self, Message};

/// A message: its key, and the names and values of its arguments.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MessageRecord(String, Vec<(String, String)>);

impl MessageRecord {
    fn of(message: &Message) -> Self {
        let args = message.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Self(message.key.to_owned(), args)
    }

    fn message(self) -> Option<Message> {
        let mut message = Message::new(text::static_key(&self.0)?);
        for (name, value) in self.1 {
            // What a sentence does not say need not be kept.
            if let Some(name) = text::static_placeholder(message.key, &name) {
                message.args.push((name, value));
            }
        }
        Some(message)
    }
}

/// An issue.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IssueRecord {
    severity: u8,
    message: MessageRecord,
    feature: Option<u64>,
    id: Option<String>,
    line: Option<u64>,
    /// As bits: what is no number is none in JSON.
    place: Option<[u64; 2]>,
    area_m2: Option<[u64; 2]>,
}

const SEVERITIES: [Severity; 3] = [Severity::Note, Severity::Warning, Severity::Error];

impl IssueRecord {
    fn of(issue: &Issue) -> Self {
        Self {
            severity: issue.severity as u8,
            message: MessageRecord::of(&issue.message),
            feature: issue.feature,
            id: issue.id.clone(),
            line: issue.line,
            place: issue.place.map(|place| [place.x.to_bits(), place.y.to_bits()]),
            area_m2: issue.area_m2.map(|(before, after)| [before.to_bits(), after.to_bits()]),
        }
    }

    fn issue(self) -> Option<Issue> {
        let pair = |bits: [u64; 2]| bits.map(f64::from_bits);
        Some(Issue {
            severity: *SEVERITIES.get(usize::from(self.severity))?,
            message: self.message.message()?,
            feature: self.feature,
            id: self.id,
            line: self.line,
            place: self.place.map(pair).map(|[x, y]| Coord { x, y }),
            area_m2: self.area_m2.map(pair).map(|[before, after]| (before, after)),
        })
    }
}

/// Issues as records.
pub(super) fn issue_records(issues: &[Issue]) -> Vec<IssueRecord> {
    issues.iter().map(IssueRecord::of).collect()
}

/// The issues of records.
pub(super) fn issues(records: Vec<IssueRecord>) -> Option<Vec<Issue>> {
    records.into_iter().map(IssueRecord::issue).collect()
}

/// What a source says of a field: its name, what people call it, codes and their names.
type FieldWordsRecord = (String, String, Vec<(String, String)>);

/// Where the columns of a block stand: numbers of sections.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockRecord {
    pub(super) geometry: u32,
    pub(super) columns: Vec<Option<u32>>,
    pub(super) ids: Option<u32>,
    pub(super) source_rows: Option<u32>,
    pub(super) lines: Option<u32>,
}

/// A layer without its features.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LayerRecord {
    name: String,
    kind: String,
    crs: String,
    crs_source: u8,
    crs_reason: MessageRecord,
    axes_swapped: bool,
    fields: Vec<(String, String)>,
    layer: Option<String>,
    format: String,
    encoding: Option<String>,
    byte_count: u64,
    hash: String,
    issues: Vec<IssueRecord>,
    alias: String,
    words: Vec<FieldWordsRecord>,
    drawn: Option<LayerStyle>,
    pub(super) blocks: Vec<BlockRecord>,
}

const KINDS: [GeometryKind; 4] = [GeometryKind::Point, GeometryKind::Line, GeometryKind::Polygon, GeometryKind::None];
const TYPES: [FieldType; 6] =
    [FieldType::Null, FieldType::Bool, FieldType::Int, FieldType::Float, FieldType::Text, FieldType::Json];
const SOURCES: [CrsSource; 5] =
    [CrsSource::User, CrsSource::File, CrsSource::Format, CrsSource::Numbers, CrsSource::Undecided];

impl LayerRecord {
    pub(super) fn of(layer: &Layer, blocks: Vec<BlockRecord>) -> Self {
        let provenance = &layer.provenance;
        let mut words: Vec<FieldWordsRecord> = layer
            .words
            .fields
            .iter()
            .map(|(name, words)| (name.clone(), words.alias.clone(), words.codes.to_vec()))
            .collect();
        words.sort();
        Self {
            name: layer.name.clone(),
            kind: layer.kind.name().to_owned(),
            crs: layer.crs.code().to_owned(),
            crs_source: layer.crs_source as u8,
            crs_reason: MessageRecord::of(&layer.crs_reason),
            axes_swapped: layer.axes_swapped,
            fields: layer.fields.iter().map(|field| (field.name.clone(), field.kind.name().to_owned())).collect(),
            layer: provenance.layer.clone(),
            format: provenance.format.clone(),
            encoding: provenance.encoding.clone(),
            byte_count: provenance.byte_count,
            hash: provenance.hash.clone(),
            issues: issue_records(&layer.issues),
            alias: layer.words.alias.clone(),
            words,
            drawn: layer.drawn.as_deref().cloned(),
            blocks,
        }
    }

    /// What the features are.
    pub(super) fn kind(&self) -> Option<GeometryKind> {
        KINDS.into_iter().find(|kind| kind.name() == self.kind)
    }

    /// How many fields the layer has.
    pub(super) fn field_count(&self) -> usize {
        self.fields.len()
    }

    /// The layer of these blocks, read from `path` by `options`.
    pub(super) fn layer(
        self,
        blocks: Vec<crate::model::FeatureBlock>,
        path: &std::path::Path,
        options: &OpenOptions,
    ) -> Option<Layer> {
        let kind = self.kind()?;
        let field = |(name, kind): (String, String)| {
            let kind = TYPES.into_iter().find(|known| known.name() == kind)?;
            Some(Field { name, kind })
        };
        let fields = self.fields.into_iter().map(field).collect::<Option<Vec<_>>>()?;
        // A system that is not known any more is read from the source.
        let crs = Crs::parse(&self.crs).ok()?;
        let mut layer = Layer::new(self.name, kind, crs, fields, blocks);
        layer.crs_source = *SOURCES.get(usize::from(self.crs_source))?;
        layer.crs_reason = self.crs_reason.message()?;
        layer.axes_swapped = self.axes_swapped;
        layer.provenance = Provenance {
            path: path.to_owned(),
            layer: self.layer,
            format: self.format,
            encoding: self.encoding,
            byte_count: self.byte_count,
            hash: self.hash,
            correction: options.correction.clone(),
        };
        layer.issues = Arc::new(issues(self.issues)?);
        let of_field = |(name, alias, codes): FieldWordsRecord| (name, FieldWords { alias, codes: Arc::new(codes) });
        let fields = self.words.into_iter().map(of_field).collect();
        layer.words = Arc::new(SourceWords { alias: self.alias, fields });
        layer.drawn = self.drawn.map(Arc::new);
        Some(layer)
    }
}

/// A source without the features of its layers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceRecord {
    pub(super) layers: Vec<LayerRecord>,
    issues: Vec<IssueRecord>,
    crs: String,
    crs_source: u8,
    swap_axes: bool,
    reason: MessageRecord,
    observation: MessageRecord,
    doubts: Vec<MessageRecord>,
    certain: bool,
    format: String,
    encoding: String,
    row_count: u64,
    skipped_count: u64,
}

/// What was read of a source, to be written when there is time. It shares the columns.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) layers: Vec<Layer>,
    issues: Vec<Issue>,
    decision: Decision,
    format: String,
    encoding: Encoding,
    row_count: u64,
    skipped_count: u64,
}

impl Kept {
    /// What is kept of `opened`; `None` where it is not the whole source.
    pub(super) fn of(opened: &Opened) -> Option<Self> {
        opened.partial.is_none().then(|| Self {
            layers: opened.layers.clone(),
            issues: opened.issues.clone(),
            decision: opened.decision.clone(),
            format: opened.format.clone(),
            encoding: opened.encoding,
            row_count: opened.row_count,
            skipped_count: opened.skipped_count,
        })
    }

    /// The record of it, with those of its layers.
    pub(super) fn record(&self, layers: Vec<LayerRecord>) -> SourceRecord {
        SourceRecord {
            layers,
            issues: issue_records(&self.issues),
            crs: self.decision.crs.code().to_owned(),
            crs_source: self.decision.source as u8,
            swap_axes: self.decision.swap_axes,
            reason: MessageRecord::of(&self.decision.reason),
            observation: MessageRecord::of(&self.decision.observation),
            doubts: self.decision.issues.iter().map(MessageRecord::of).collect(),
            certain: self.decision.certain,
            format: self.format.clone(),
            encoding: self.encoding.to_string(),
            row_count: self.row_count,
            skipped_count: self.skipped_count,
        }
    }
}

impl SourceRecord {
    /// Whether every section that is named comes once, in the order in which they are written: otherwise a small file
    /// could ask for much memory.
    pub(super) fn names_each_once(&self) -> bool {
        let blocks = self.layers.iter().flat_map(|layer| &layer.blocks);
        let sections = blocks.flat_map(|block| {
            let columns = block.columns.iter().copied().flatten();
            let rest = [block.ids, block.source_rows, block.lines].into_iter().flatten();
            std::iter::once(block.geometry).chain(columns).chain(rest)
        });
        sections.is_sorted_by(|a, b| a < b)
    }

    /// What was opened, with these layers. Other readings of the coordinates, and what they were judged by, are not kept:
    /// a project has decided.
    pub(super) fn opened(self, layers: Vec<Layer>) -> Option<Opened> {
        let decision = Decision {
            // As for layers.
            crs: Crs::parse(&self.crs).ok()?,
            source: *SOURCES.get(usize::from(self.crs_source))?,
            swap_axes: self.swap_axes,
            reason: self.reason.message()?,
            observation: self.observation.message()?,
            issues: self.doubts.into_iter().map(MessageRecord::message).collect::<Option<_>>()?,
            hypotheses: Vec::new(),
            certain: self.certain,
        };
        let fixed = [Encoding::Utf8, Encoding::Utf8Bom, Encoding::Gbk, Encoding::Damaged];
        let encoding = fixed.into_iter().find(|known| known.to_string() == self.encoding);
        (!layers.is_empty()).then_some(Opened {
            layers,
            issues: issues(self.issues)?,
            decision,
            sample: Sample::new(),
            format: self.format,
            encoding: encoding.or_else(|| Encoding::of_label(&self.encoding))?,
            row_count: self.row_count,
            skipped_count: self.skipped_count,
            partial: None,
        })
    }
}

/// A grid over a layer: which feature covers the middle of each cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid<'a> {
    /// The top left corner of the first cell, in the CRS of the map.
    pub corner: Coord,
    /// Units of that CRS a cell.
    pub units_per_px: f64,
    /// Columns and rows.
    pub size_px: [usize; 2],
    /// Feature plus 1, or 0 for none, row by row from the top.
    pub numbers: Cow<'a, [u32]>,
}

/// Areas without their columns.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AreasRecord {
    /// Stamp of the source that they are of.
    pub(super) stamp: u64,
    method: String,
    frame: String,
    issues: Vec<IssueRecord>,
}

impl AreasRecord {
    pub(super) fn of(areas: &Areas, stamp: u64) -> Self {
        Self {
            stamp,
            method: areas.method.name().to_owned(),
            frame: areas.frame.clone(),
            issues: issue_records(&areas.issues),
        }
    }

    pub(super) fn areas(self, exact: Vec<f64>, printed: Vec<f64>) -> Option<Areas> {
        let method = AreaMethod::from_name(&self.method)?;
        Some(Areas { method, frame: self.frame, exact, printed, issues: issues(self.issues)? })
    }
}

/// A layer made ready for the map, without its lists.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MapRecord {
    /// Stamp of the source that it is of.
    pub(super) stamp: u64,
    /// The system of the map.
    pub(super) crs: String,
    /// Sections of the blocks that are not those of the layer.
    pub(super) blocks: Vec<Option<u32>>,
    pub(super) issues: Vec<IssueRecord>,
    pub(super) grid: Option<GridRecord>,
}

impl MapRecord {
    /// As [`SourceRecord::names_each_once`].
    pub(super) fn names_each_once(&self) -> bool {
        let of_grid = self.grid.iter().flat_map(|grid| grid.sections.iter().copied());
        self.blocks.iter().copied().flatten().chain(of_grid).is_sorted_by(|a, b| a < b)
    }
}

/// A grid without its numbers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GridRecord {
    /// As bits, so that nothing is rounded.
    pub(super) corner: [u64; 2],
    pub(super) units_per_px: u64,
    pub(super) size_px: [usize; 2],
    pub(super) sections: Vec<u32>,
}
