//! Faults by kind: as many as there are counted, so many listed as people read.

use rustc_hash::FxHashMap;

use super::Part;
use super::schema::Schema;
use crate::model::{Issue, Layer, Severity};
use crate::text::{Language, Message};

/// Most characters of a value that are kept.
const LONGEST_VALUE: usize = 80;
/// Groups of faults that are kept apart; a delivery of thousands of unknown fields is no reason to take up memory.
const MOST_GROUPS: usize = 10_000;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A file or layer that cannot be read.
    Unreadable,
    /// A layer that must be there is not.
    LayerMissing,
    /// A layer that the schema does not know.
    LayerUnknown,
    /// A layer that does not go by its code.
    LayerName,
    /// A layer that must be there is empty.
    LayerEmpty,
    /// A layer is there twice.
    LayerTwice,
    /// The reference system is another one, or not stated.
    Crs,
    /// Features are of another kind.
    Geometry,
    /// Features without geometry.
    NoGeometry,
    /// A field is not there.
    FieldMissing,
    /// A field goes by another name.
    FieldName,
    /// A field that the schema does not know.
    FieldExtra,
    /// A field is of another type.
    FieldType,
    /// A value is longer than its field.
    Length,
    /// A number has more decimals than its field.
    Decimals,
    /// A value that must be there is not.
    Mandatory,
    /// A code is not in its list.
    Code,
    /// A code has another number of digits, or other characters.
    Digits,
    /// A name is not that of the code beside it.
    CodeName,
    /// A number lies outside its range.
    Range,
    /// A day is none.
    Date,
    /// A value is not the one that is prescribed.
    Constant,
    /// Blanks around a value.
    Blanks,
    /// A value stands twice.
    Twice,
    /// A rule over attributes does not hold.
    Attributes,
    /// A field differs from the area of its feature.
    Area,
    /// Sums differ.
    Sum,
    /// A polygon is not valid.
    Invalid,
    /// A feature of several parts.
    Multipart,
    /// A polygon with holes.
    Hole,
    /// A polygon is too small.
    Small,
    /// Vertices too close to each other.
    Vertices,
    /// A border turns too sharply.
    Angle,
    /// Features of a layer overlap.
    Overlap,
    /// Land that no feature covers.
    Gap,
    /// A feature reaches out of the layer that it is to lie in.
    Outside,
    /// A feature lies in several.
    Several,
    /// Layers cover different land.
    Extent,
    /// Features of layers that are to be apart overlap.
    Conflict,
    /// A code does not say where its feature lies.
    Place,
    /// A line is too short.
    Short,
    /// A line ends where no other is.
    Dangle,
    /// A border does not follow those that it is to follow.
    Off,
    /// A feature is as its neighbour.
    Alike,
    /// What a feature names is not there.
    Reference,
}

/// Word, catalogue key of the name and of the remedy of each kind.
const KINDS: [(Kind, &str, &str, &str); 45] = [
    (Kind::Unreadable, "unreadable", "validate.unreadable", "validate.remedy-unreadable"),
    (Kind::LayerMissing, "layer-missing", "validate.layer-missing", "validate.remedy-layer-missing"),
    (Kind::LayerUnknown, "layer-unknown", "validate.layer-unknown", "validate.remedy-layer-unknown"),
    (Kind::LayerName, "layer-name", "validate.layer-name", "validate.remedy-layer-name"),
    (Kind::LayerEmpty, "layer-empty", "validate.layer-empty", "validate.remedy-layer-empty"),
    (Kind::LayerTwice, "layer-twice", "validate.layer-twice", "validate.remedy-layer-twice"),
    (Kind::Crs, "crs", "validate.crs", "validate.remedy-crs"),
    (Kind::Geometry, "geometry", "validate.geometry", "validate.remedy-geometry"),
    (Kind::NoGeometry, "no-geometry", "validate.no-geometry", "validate.remedy-no-geometry"),
    (Kind::FieldMissing, "field-missing", "validate.field-missing", "validate.remedy-field-missing"),
    (Kind::FieldName, "field-name", "validate.field-name", "validate.remedy-field-name"),
    (Kind::FieldExtra, "field-extra", "validate.field-extra", "validate.remedy-field-extra"),
    (Kind::FieldType, "field-type", "validate.field-type", "validate.remedy-field-type"),
    (Kind::Length, "length", "validate.length", "validate.remedy-length"),
    (Kind::Decimals, "decimals", "validate.decimals", "validate.remedy-decimals"),
    (Kind::Mandatory, "mandatory", "validate.mandatory", "validate.remedy-mandatory"),
    (Kind::Code, "code", "validate.code", "validate.remedy-code"),
    (Kind::Digits, "digits", "validate.digits", "validate.remedy-digits"),
    (Kind::CodeName, "code-name", "validate.code-name", "validate.remedy-code-name"),
    (Kind::Range, "range", "validate.range", "validate.remedy-range"),
    (Kind::Date, "date", "validate.date", "validate.remedy-date"),
    (Kind::Constant, "constant", "validate.constant", "validate.remedy-constant"),
    (Kind::Blanks, "blanks", "validate.blanks", "validate.remedy-blanks"),
    (Kind::Twice, "twice", "validate.twice", "validate.remedy-twice"),
    (Kind::Attributes, "attributes", "validate.attributes", "validate.remedy-attributes"),
    (Kind::Area, "area", "validate.area", "validate.remedy-area"),
    (Kind::Sum, "sum", "validate.sum", "validate.remedy-sum"),
    (Kind::Invalid, "invalid", "validate.invalid", "validate.remedy-invalid"),
    (Kind::Multipart, "multipart", "validate.multipart", "validate.remedy-multipart"),
    (Kind::Hole, "hole", "validate.hole", "validate.remedy-hole"),
    (Kind::Small, "small", "validate.small", "validate.remedy-small"),
    (Kind::Vertices, "vertices", "validate.vertices", "validate.remedy-vertices"),
    (Kind::Angle, "angle", "validate.angle", "validate.remedy-angle"),
    (Kind::Overlap, "overlap", "validate.overlap", "validate.remedy-overlap"),
    (Kind::Gap, "gap", "validate.gap", "validate.remedy-gap"),
    (Kind::Outside, "outside", "validate.outside", "validate.remedy-outside"),
    (Kind::Several, "several", "validate.several", "validate.remedy-several"),
    (Kind::Extent, "extent", "validate.extent", "validate.remedy-extent"),
    (Kind::Conflict, "conflict", "validate.conflict", "validate.remedy-conflict"),
    (Kind::Place, "place", "validate.place", "validate.remedy-place"),
    (Kind::Short, "short", "validate.short", "validate.remedy-short"),
    (Kind::Dangle, "dangle", "validate.dangle", "validate.remedy-dangle"),
    (Kind::Off, "off", "validate.off", "validate.remedy-off"),
    (Kind::Alike, "alike", "validate.alike", "validate.remedy-alike"),
    (Kind::Reference, "reference", "validate.reference", "validate.remedy-reference"),
];

impl Kind {
    fn row(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        KINDS.iter().find(|(kind, ..)| *kind == self).unwrap_or(&KINDS[0])
    }

    /// The word of JSON reports.
    pub fn word(self) -> &'static str {
        self.row().1
    }

    /// Key of its name.
    pub fn title_key(self) -> &'static str {
        self.row().2
    }

    /// Key of what is to be done about it.
    pub fn remedy_key(self) -> &'static str {
        self.row().3
    }
}

/// What faults have in common that are listed together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GroupKey {
    /// Their kind.
    pub kind: Kind,
    /// The layer of the delivery that they are in, by its place in [`super::Answer::parts`].
    pub part: Option<usize>,
    /// The rule that they break, by its place in the schema.
    pub rule: Option<usize>,
    /// The field that they are about.
    pub field: Option<String>,
}

impl GroupKey {
    /// Faults of a kind in a layer.
    pub fn of(kind: Kind, part: usize) -> Self {
        Self { kind, part: Some(part), rule: None, field: None }
    }

    /// Faults of a kind in the delivery as a whole.
    pub fn of_delivery(kind: Kind) -> Self {
        Self { kind, part: None, rule: None, field: None }
    }

    /// The same about a field.
    #[must_use]
    pub fn field(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }

    /// The same by a rule.
    #[must_use]
    pub fn rule(self, rule: usize) -> Self {
        Self { rule: Some(rule), ..self }
    }
}

/// Faults of one kind in one layer, about one field or rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What they have in common.
    pub key: GroupKey,
    /// How much they matter.
    pub severity: Severity,
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub listed: Vec<Fault>,
}

/// One fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The feature, by its place in the layer.
    pub feature: Option<usize>,
    /// Its place in the file, from 0.
    pub row: Option<u64>,
    /// Its own serial number or id.
    pub id: Option<String>,
    /// The value, or what was found.
    pub value: String,
    /// What is wrong.
    pub message: Message,
}

impl Fault {
    /// A fault that is about no feature.
    pub fn new(value: impl Into<String>, message: Message) -> Self {
        Self { feature: None, row: None, id: None, value: kept(value.into()), message }
    }

    /// A fault of a feature; `id_field` holds its serial number.
    pub fn at(
        layer: &Layer,
        feature: usize,
        id_field: Option<usize>,
        value: impl Into<String>,
        message: Message,
    ) -> Self {
        let serial = id_field.map(|field| layer.value(feature, field).to_string());
        let serial = serial.filter(|text| !text.trim().is_empty());
        Self {
            feature: Some(feature),
            row: Some(layer.source_row(feature)),
            id: serial.or_else(|| layer.feature_id(feature)).map(kept),
            value: kept(value.into()),
            message,
        }
    }

    /// What a reader has found about a feature, or about the file.
    pub fn of_issue(issue: &Issue) -> Self {
        Self {
            feature: None,
            row: issue.feature,
            id: issue.id.clone().map(kept),
            value: String::new(),
            message: issue.message.clone(),
        }
    }
}

/// A value as long as people read.
fn kept(value: String) -> String {
    match value.char_indices().nth(LONGEST_VALUE) {
        None => value,
        Some((end, _)) => format!("{}…", &value[..end]),
    }
}

/// What was found so far.
#[derive(Debug)]
pub(super) struct Findings {
    groups: Vec<Group>,
    places: FxHashMap<GroupKey, usize>,
    /// Faults of a group that are listed.
    most: usize,
}

impl Findings {
    pub(super) fn new(most: usize) -> Self {
        Self { groups: Vec::new(), places: FxHashMap::default(), most: most.max(1) }
    }

    fn place(&mut self, key: GroupKey, severity: Severity) -> usize {
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        if self.groups.len() >= MOST_GROUPS {
            // One group of the kind takes the rest: its count stays right.
            let rest = GroupKey::of_delivery(key.kind);
            if let Some(place) = self.places.get(&rest) {
                return *place;
            }
            return self.insert(rest, severity);
        }
        self.insert(key, severity)
    }

    fn insert(&mut self, key: GroupKey, severity: Severity) -> usize {
        self.groups.push(Group { key: key.clone(), severity, count: 0, listed: Vec::new() });
        self.places.insert(key, self.groups.len() - 1);
        self.groups.len() - 1
    }

    /// Adds a fault, which is made only where it is listed.
    pub(super) fn add(&mut self, key: GroupKey, severity: Severity, fault: impl FnOnce() -> Fault) {
        let most = self.most;
        let place = self.place(key, severity);
        let group = &mut self.groups[place];
        group.count += 1;
        group.severity = group.severity.max(severity);
        if group.listed.len() < most {
            group.listed.push(fault());
        }
    }

    /// Counts faults that nobody can list.
    pub(super) fn add_unlisted(&mut self, key: GroupKey, severity: Severity, count: u64) {
        if count > 0 {
            let place = self.place(key, severity);
            self.groups[place].count += count;
        }
    }

    /// The groups, the gravest first, then by layer and kind.
    pub(super) fn sorted(mut self) -> Vec<Group> {
        self.groups.sort_by(|a, b| {
            let order =
                |group: &Group| (std::cmp::Reverse(group.severity), group.key.kind, group.key.part, group.key.rule);
            order(a).cmp(&order(b)).then_with(|| a.key.field.cmp(&b.key.field))
        });
        self.groups
    }
}

impl Group {
    /// What is wrong with all of them, in a few words: the kind, and what the rule asks for.
    pub fn title(&self, schema: &Schema, language: Language) -> String {
        let kind = crate::text::tr(language, self.key.kind.title_key());
        match self.key.rule.and_then(|rule| schema.rules.get(rule)) {
            None => kind.to_owned(),
            Some(rule) => Message::new("validate.kind-by-rule")
                .with("kind", kind)
                .with("rule", rule.says(language))
                .text(language),
        }
    }

    /// The layer that they are in, as a delivery calls it; empty for the delivery as a whole.
    pub fn layer<'a>(&self, parts: &'a [Part]) -> &'a str {
        self.key.part.and_then(|part| parts.get(part)).map_or("", |part| part.name.as_str())
    }
}
