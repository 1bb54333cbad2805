//! The hand-in check: a delivery held against a schema, with every fault by kind, feature and field.
//!
//! Layers are looked at one after the other ([`Validation::layer`]), so that no more than one need be in memory; then
//! those that rules hold against each other, two at a time ([`Validation::across`]). What cannot be decided exactly is
//! not decided: it stands among [`Answer::unchecked`] with the reason.
//!
//! | file | holds |
//! |---|---|
//! | `schema` | layers, fields, codes and rules; their TOML, and the sheets that they can come from |
//! | `names` | which layer of the schema a layer is |
//! | `structure`, `values` | a layer as a whole; each of its values |
//! | `logic`, `shapes`, `borders`, `across` | rules over attributes, over shapes, over lines, over two layers |
//! | `fault` | what was found, counted and listed |

mod across;
mod borders;
mod fault;
mod logic;
mod names;
pub mod schema;
mod shapes;
mod structure;
mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use fault::{Fault, Group, GroupKey, Kind};
pub use schema::{Schema, SchemaError, built_in, built_in_words, from_sheets};

use across::{Against, Sums, summed};
use fault::Findings;
use logic::{Unable, marked, needs_areas};
use names::column_of;
use schema::{LayerSpec, Relation, Required, Rule, Test};
use shapes::Asked;

use crate::crs::Crs;
use crate::measure::MeasureError;
use crate::model::{AreaMethod, Areas, Field, GeometryKind, Layer, LayerId, Severity};
use crate::overlay::{self, PairTable};
use crate::task::{Cancelled, Progress};
use crate::text::Message;

/// Faults of a kind that are listed where nobody says how many.
pub const MOST_LISTED: usize = 1_000;

/// A layer of the delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its file.
    pub path: PathBuf,
    /// Its name.
    pub name: String,
    /// The name by which its file has it, where that has several.
    pub inner: Option<String>,
    /// What its features are.
    pub kind: GeometryKind,
    /// How many there are.
    pub feature_count: usize,
    /// The layer as the program knows it.
    pub layer: LayerId,
    /// The layer of the schema that it is, by its place there.
    pub spec: Option<usize>,
}

/// A rule that was not looked into.
#[derive(Clone, Debug, PartialEq)]
pub struct Unchecked {
    /// The rule, by its place in the schema; none where a whole layer was not.
    pub rule: Option<usize>,
    /// The layer that it is about.
    pub layer: String,
    /// Why.
    pub reason: Message,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What the delivery was held against.
    pub schema: Arc<Schema>,
    /// Its layers.
    pub parts: Vec<Part>,
    /// Faults by kind, the gravest first.
    pub groups: Vec<Group>,
    /// What was not looked into.
    pub unchecked: Vec<Unchecked>,
}

impl Answer {
    /// How many faults of a severity there are.
    pub fn count(&self, severity: Severity) -> u64 {
        self.groups.iter().filter(|group| group.severity == severity).map(|group| group.count).sum()
    }

    /// Whether anything is wrong: notes are no faults.
    pub fn has_faults(&self) -> bool {
        self.groups.iter().any(|group| group.severity > Severity::Note)
    }
}

/// What is worked out once, where it is needed, or why it cannot be.
type Lazily<T> = Option<Result<T, Message>>;

/// A delivery that is being looked at.
pub struct Validation {
    schema: Arc<Schema>,
    findings: Findings,
    parts: Vec<Part>,
    unchecked: Vec<Unchecked>,
    /// Sums that rules compare, by rule and layer.
    sums: BTreeMap<(usize, usize), Sums>,
    /// The same of the layers that they are compared with.
    other_sums: BTreeMap<(usize, usize), Sums>,
    /// The zone of the first layer that is in one, and its name.
    zone: Option<(Crs, String)>,
}

impl Validation {
    /// Begins; of each kind of fault at most `most` are listed.
    pub fn new(schema: Arc<Schema>, most: usize) -> Self {
        Self {
            schema,
            findings: Findings::new(most),
            parts: Vec::new(),
            unchecked: Vec::new(),
            sums: BTreeMap::new(),
            other_sums: BTreeMap::new(),
            zone: None,
        }
    }

    /// Notes that a file, or a layer of it, cannot be read.
    pub fn unreadable(&mut self, path: &Path, reason: &Message) {
        self.findings.add(GroupKey::of_delivery(Kind::Unreadable), Severity::Error, || {
            Fault::new(path.display().to_string(), reason.clone())
        });
    }

    /// Notes a file of a format that is not read.
    pub fn not_read(&mut self, path: &Path) {
        self.findings.add(GroupKey::of_delivery(Kind::LayerUnknown), Severity::Note, || {
            Fault::new(path.display().to_string(), Message::new("validate.says-not-read"))
        });
    }

    /// Looks at a layer of the delivery by itself.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn layer(&mut self, path: &Path, layer: &Layer, progress: &Progress) -> Result<(), Cancelled> {
        let schema = self.schema.clone();
        let found = names::spec_of(&schema, layer);
        let part = self.parts.len();
        self.parts.push(Part {
            path: path.to_owned(),
            name: layer.name.clone(),
            inner: layer.provenance.layer.clone(),
            kind: layer.kind,
            feature_count: layer.feature_count(),
            layer: layer.id,
            spec: found.map(|(spec, _)| spec),
        });
        let Some((spec, known)) = found else {
            self.findings.add(GroupKey::of(Kind::LayerUnknown, part), Severity::Warning, || {
                Fault::new(layer.name.as_str(), Message::new("validate.says-layer-unknown").with("name", &layer.name))
            });
            return Ok(());
        };
        self.note_company((spec, part), layer, &schema);
        let spec = &schema.layers[spec];
        let held = structure::examine(&schema, spec, known, (part, layer), &mut self.findings, progress)?;
        progress.add_total((held.len() * layer.feature_count()) as u64);
        values::examine(&schema, &held, (part, layer), &mut self.findings, progress)?;
        let layer = by_codes(spec, layer);
        self.rules((spec, part), &layer, progress)
    }

    /// Notes what a layer is beside those that came before it: the same once more, or in another reference system.
    fn note_company(&mut self, (spec, part): (usize, usize), layer: &Layer, schema: &Schema) {
        let code = &schema.layers[spec].code;
        let before = self.parts[..part].iter().find(|before| before.spec == Some(spec) && before.kind == layer.kind);
        if let Some(before) = before {
            // States of several years have names of their own.
            let is_by_code = [&before.name, &layer.name]
                .iter()
                .all(|name| name.to_ascii_uppercase().contains(&code.to_ascii_uppercase()));
            let severity = if is_by_code { Severity::Warning } else { Severity::Note };
            let message =
                Message::new("validate.says-layer-twice").with("name", &layer.name).with("other", &before.name);
            self.findings.add(GroupKey::of(Kind::LayerTwice, part), severity, || {
                Fault::new(layer.name.as_str(), message.with("code", code))
            });
        }
        // Zones only: whoever asks for degrees says so in the schema.
        if layer.kind == GeometryKind::None || layer.crs.gauss_kruger().is_none() {
            return;
        }
        match &self.zone {
            None => self.zone = Some((layer.crs.clone(), layer.name.clone())),
            Some((crs, name)) if !crs.has_same_coordinates(&layer.crs) => {
                let (own, other) = (layer.crs.clone(), crs.clone());
                let message = Message::new("validate.says-crs-differs")
                    .with("name", name)
                    .with_said("crs", move |language| own.label_in(language))
                    .with_said("other", move |language| other.label_in(language));
                self.findings
                    .add(GroupKey::of(Kind::Crs, part), Severity::Warning, || Fault::new(layer.crs.code(), message));
            }
            Some(_) => {}
        }
    }

    /// Holds a layer against the rules over it alone, and sums it for those over two.
    fn rules(
        &mut self,
        (spec, part): (&LayerSpec, usize),
        layer: &Layer,
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let schema = self.schema.clone();
        let mut areas: Lazily<Areas> = None;
        for (at, rule) in schema.rules.iter().enumerate() {
            if rule.is_about(&spec.code) {
                let done = self.rule((at, rule), (spec, part), layer, &mut areas, progress);
                self.settle((Some(at), &layer.name), done)?;
            }
            if let Test::Sum(sum) = &rule.test
                && sum.of.eq_ignore_ascii_case(&spec.code)
            {
                let exprs = (&sum.of_value, sum.of_by.as_ref(), sum.of_each.as_ref());
                let done = match summed(layer, exprs, None, None, progress) {
                    Ok(sums) => {
                        self.other_sums.insert((at, part), sums);
                        Ok(())
                    }
                    Err(unable) => Err(unable),
                };
                self.settle((Some(at), &layer.name), done)?;
            }
        }
        Ok(())
    }

    fn rule(
        &mut self,
        (at, rule): (usize, &Rule),
        (spec, part): (&LayerSpec, usize),
        layer: &Layer,
        areas: &mut Lazily<Areas>,
        progress: &Progress,
    ) -> Result<(), Unable> {
        let is_wild = rule.layers.iter().any(|name| name == "*");
        // Rules over all layers that are about polygons pass over the others.
        if matches!(rule.test, Test::NotChecked | Test::Against { .. })
            || (is_wild && layer.kind == GeometryKind::None)
            || (is_wild && lacks_field(rule, spec))
        {
            return Ok(());
        }
        let areas = match needs_areas(rule) && layer.kind == GeometryKind::Polygon {
            true => Some(measured(layer, areas, progress)?),
            false => None,
        };
        let marks = rule.filter.as_ref().map(|filter| marked(filter, layer, areas, progress)).transpose()?;
        if let Test::Sum(sum) = &rule.test {
            let exprs = (&sum.value, sum.by.as_ref(), sum.each.as_ref());
            let sums = summed(layer, exprs, marks.as_deref(), areas, progress)?;
            self.sums.insert((at, part), sums);
            return Ok(());
        }
        let asked = Asked { rule, at, part, layer, id: layer.field("BSM"), chosen: marks.as_deref() };
        if !shapes::examine(&asked, areas, &mut self.findings, progress)?
            && !borders::examine(&asked, &mut self.findings, progress)?
        {
            logic::examine(&asked, areas, &mut self.findings, progress)?;
        }
        Ok(())
    }

    /// Notes why a rule was not looked into.
    ///
    /// # Errors
    /// [`Cancelled`], where that was why.
    fn settle(&mut self, (rule, layer): (Option<usize>, &str), done: Result<(), Unable>) -> Result<(), Cancelled> {
        let reason = match done {
            Ok(()) => return Ok(()),
            Err(Unable::Measure(MeasureError::Cancelled(cancelled))) => return Err(cancelled),
            Err(Unable::Measure(error)) => error.message(),
            Err(Unable::Because(reason)) => reason,
        };
        self.unchecked.push(Unchecked { rule, layer: layer.to_owned(), reason });
        Ok(())
    }

    /// Holds layers against each other, once all of them have been looked at. `load` brings the layer of a part again; two
    /// of them are kept at a time.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn across(
        &mut self,
        load: &mut dyn FnMut(&Part, &Progress) -> Result<Arc<Layer>, Message>,
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        self.sums_across();
        let schema = self.schema.clone();
        let pairs = self.pairs_of_rules(&schema);
        let mut kept: Vec<(usize, Arc<Layer>)> = Vec::new();
        for ((own, other), rules) in pairs {
            kept.retain(|(part, _)| *part == own || *part == other);
            for part in [own, other] {
                if kept.iter().any(|(known, _)| *known == part) {
                    continue;
                }
                let its = self.parts[part].clone();
                match load(&its, progress) {
                    Ok(layer) => {
                        let spec = its.spec.map(|spec| &schema.layers[spec]);
                        let layer = spec.map_or_else(|| (*layer).clone(), |spec| by_codes(spec, &layer));
                        kept.push((part, Arc::new(layer)));
                    }
                    Err(_) if progress.is_cancelled() => return Err(Cancelled),
                    Err(reason) => self.unreadable(&its.path, &reason),
                }
            }
            let of = |part: usize| kept.iter().find(|(known, _)| *known == part).map(|(_, layer)| layer.clone());
            let (Some(layer), Some(beside)) = (of(own), of(other)) else { continue };
            let mut table: Lazily<PairTable> = None;
            for at in rules {
                let (rule, layers) = (&schema.rules[at], [&layer, &beside]);
                let done = self.against((at, rule), (own, other), layers, &mut table, progress);
                self.settle((Some(at), &layer.name), done)?;
            }
        }
        Ok(())
    }

    /// The rules over each two layers of the delivery. A rule whose other layer is not there, or there several times, is
    /// noted.
    fn pairs_of_rules(&mut self, schema: &Schema) -> BTreeMap<(usize, usize), Vec<usize>> {
        let mut pairs: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (at, rule) in schema.rules.iter().enumerate() {
            let Test::Against { of, relation, .. } = &rule.test else { continue };
            let own: Vec<usize> = self.parts_of(schema, |code| rule.is_about(code));
            if own.is_empty() {
                continue;
            }
            let others: Vec<usize> = self.parts_of(schema, |code| of.eq_ignore_ascii_case(code));
            let reason = match others.len() {
                0 => Some(Message::new("validate.because-no-layer").with("layer", of)),
                1 => None,
                // Nothing of one may lie on any of them.
                _ if *relation == Relation::Apart => None,
                n => Some(Message::new("validate.because-several").with("layer", of).with("n", n)),
            };
            if let Some(reason) = reason {
                let layer = self.parts[own[0]].name.clone();
                self.unchecked.push(Unchecked { rule: Some(at), layer, reason });
                continue;
            }
            for (own, other) in own.iter().flat_map(|own| others.iter().map(move |other| (*own, *other))) {
                if own != other {
                    pairs.entry((own, other)).or_default().push(at);
                }
            }
        }
        pairs
    }

    fn parts_of(&self, schema: &Schema, is_meant: impl Fn(&str) -> bool) -> Vec<usize> {
        let of = |part: &Part| part.spec.is_some_and(|spec| is_meant(&schema.layers[spec].code));
        (0..self.parts.len()).filter(|at| of(&self.parts[*at])).collect()
    }

    fn against(
        &mut self,
        (at, rule): (usize, &Rule),
        (own, other): (usize, usize),
        [layer, beside]: [&Arc<Layer>; 2],
        table: &mut Lazily<PairTable>,
        progress: &Progress,
    ) -> Result<(), Unable> {
        let Test::Against { relation, of_filter, least_m2, least_width_m, .. } = &rule.test else { return Ok(()) };
        let areas = match needs_areas(rule) {
            true => Some(overlay::measured(layer, AreaMethod::Survey, progress)?),
            false => None,
        };
        let marks = rule.filter.as_ref().map(|filter| marked(filter, layer, areas.as_ref(), progress)).transpose()?;
        let other_marks = across::other_marks(of_filter.as_ref(), beside, progress)?;
        let asked = Asked { rule, at, part: own, layer, id: layer.field("BSM"), chosen: marks.as_deref() };
        let against = Against {
            relation,
            least_m2: *least_m2,
            least_width_m: *least_width_m,
            other: beside,
            other_part: other,
            other_id: beside.field("BSM"),
            other_chosen: other_marks.as_deref(),
        };
        let by_lines = match relation {
            Relation::OnBorder { tolerance_m } => Some((*tolerance_m, false)),
            Relation::LineInside { tolerance_m } => Some((*tolerance_m, true)),
            _ => None,
        };
        if let Some(how) = by_lines {
            return borders::follow(&asked, &against, how, &mut self.findings, progress);
        }
        let laid = lazily(table, || across::laid(layer, beside, progress))?;
        across::examine(&asked, &against, laid, &mut self.findings)
    }

    /// Holds sums against each other.
    fn sums_across(&mut self) {
        let schema = self.schema.clone();
        for (at, rule) in schema.rules.iter().enumerate() {
            let Test::Sum(sum) = &rule.test else { continue };
            let others: Vec<usize> =
                self.other_sums.keys().filter(|(of, _)| *of == at).map(|(_, part)| *part).collect();
            let owns: Vec<usize> = self.sums.keys().filter(|(of, _)| *of == at).map(|(_, part)| *part).collect();
            for own in owns {
                let [other] = others[..] else {
                    let reason = match others.len() {
                        0 => Message::new("validate.because-no-layer").with("layer", &sum.of),
                        n => Message::new("validate.because-several").with("layer", &sum.of).with("n", n),
                    };
                    let layer = self.parts[own].name.clone();
                    self.unchecked.push(Unchecked { rule: Some(at), layer, reason });
                    continue;
                };
                let sides = ((own, &self.sums[&(at, own)]), (&self.parts[other], &self.other_sums[&(at, other)]));
                across::compare((at, rule, &**sum), sides.0, sides.1, &mut self.findings);
            }
        }
    }

    /// Ends: what is missing altogether, and everything that was found.
    pub fn finish(mut self) -> Answer {
        let schema = self.schema.clone();
        for (at, spec) in schema.layers.iter().enumerate() {
            if spec.required != Required::Mandatory || self.parts.iter().any(|part| part.spec == Some(at)) {
                continue;
            }
            if spec.geometry.is_none() {
                let reason = Message::new("validate.because-no-reader");
                self.unchecked.push(Unchecked { rule: None, layer: spec.code.clone(), reason });
                continue;
            }
            let key = GroupKey::of_delivery(Kind::LayerMissing).field(&spec.code);
            self.findings.add(key, spec.basis.limit(Severity::Error), || {
                let message =
                    Message::new("validate.says-layer-missing").with("code", &spec.code).with("name", &spec.name);
                Fault::new(spec.code.as_str(), message)
            });
        }
        for (at, rule) in schema.rules.iter().enumerate().filter(|(_, rule)| rule.test == Test::NotChecked) {
            if let Some(own) = self.parts_of(&schema, |code| rule.is_about(code)).first() {
                let layer = match rule.layers.iter().any(|name| name == "*") {
                    true => String::new(),
                    false => self.parts[*own].name.clone(),
                };
                let reason = Message::new("validate.because-not-checked");
                self.unchecked.push(Unchecked { rule: Some(at), layer, reason });
            }
        }
        Answer { schema, parts: self.parts, groups: self.findings.sorted(), unchecked: self.unchecked }
    }
}

/// Whether a rule over all layers names a field that this one is not to have.
fn lacks_field(rule: &Rule, spec: &LayerSpec) -> bool {
    let named: Vec<&str> = match &rule.test {
        Test::Unique(fields) => fields.iter().map(String::as_str).collect(),
        _ => rule.field.as_deref().into_iter().collect(),
    };
    named.iter().any(|name| !spec.fields.iter().any(|field| field.code.eq_ignore_ascii_case(name)))
}

/// Works it out, unless that was done.
fn lazily<T>(known: &mut Lazily<T>, work: impl FnOnce() -> Result<T, Unable>) -> Result<&T, Unable> {
    if known.is_none() {
        *known = Some(match work() {
            Ok(value) => Ok(value),
            Err(Unable::Measure(MeasureError::Cancelled(cancelled))) => return Err(cancelled.into()),
            Err(Unable::Measure(error)) => Err(error.message()),
            Err(Unable::Because(reason)) => Err(reason),
        });
    }
    match &*known {
        Some(Ok(value)) => Ok(value),
        Some(Err(reason)) => Err(Unable::Because(reason.clone())),
        None => Err(Unable::Because(Message::new("validate.because-unsound"))),
    }
}

/// The survey's areas of a layer.
fn measured<'a>(layer: &Layer, known: &'a mut Lazily<Areas>, progress: &Progress) -> Result<&'a Areas, Unable> {
    lazily(known, || Ok(overlay::measured(layer, AreaMethod::Survey, progress)?))
}

/// The layer with its fields called by the codes of the schema, so that rules find them.
fn by_codes(spec: &LayerSpec, layer: &Layer) -> Layer {
    let mut fields: Vec<Field> = layer.fields.to_vec();
    for field in &spec.fields {
        if let Some((column, _)) = column_of(layer, spec, field)
            && !fields.iter().any(|known| known.name == field.code)
        {
            fields[column].name.clone_from(&field.code);
        }
    }
    Layer { fields: Arc::new(fields), ..layer.clone() }
}

#[cfg(test)]
mod tests;
