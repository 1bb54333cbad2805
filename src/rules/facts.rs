//! The two states that rules speak of, and what was computed of them.
//!
//! Overlaps and areas are kept by the revision of the geometry, classes and ridges by that of the attributes: after a
//! recode nothing but sums is made anew. The store is shared by all scenarios of a workspace, holds the facts that were
//! asked for last, and no lock is held while something is computed.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::plan::Which;
use crate::model::classes::Scheme;
use crate::model::{AreaMethod, Areas, Layer, Revision};
use crate::overlay::{self, PairTable};
use crate::scenario::Ridges;
use crate::scenario::lines::Cut;
use crate::scenario::lines::once::{self, Part};
use crate::scenario::plan_state::{FeatureClasses, PlanState, StateLayer};
use crate::scenario::transition::CompareError;
use crate::task::{Cancelled, Progress};
use crate::text::{Language, Message};
use crate::units::format_number;

/// Facts that are kept; the ones that were not asked for the longest go first.
const MOST: usize = 64;

/// Why a rule cannot be judged.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// It speaks of the base, and there is none.
    NoBase,
    /// A layer that it speaks of is missing.
    NoLayer {
        /// In which state.
        which: Which,
        /// Title, or name of the role in both languages.
        chinese: String,
        /// The same in English.
        english: String,
    },
    /// The state has several layers of land use.
    SeveralLandUses,
    /// The land use has no class field.
    NoClasses(String),
    /// The codes of the layer belong to no known scheme.
    NoScheme(String),
    /// The scheme of the layer has no such class, or none of the three big ones.
    NotInScheme {
        /// Code or name.
        class: String,
        /// The scheme.
        scheme: &'static str,
    },
    /// The rule names classes of another scheme.
    OtherScheme {
        /// The one of the rule.
        asked: &'static str,
        /// The one of the layer.
        found: &'static str,
    },
    /// No feature of the layer states its share of ridges.
    NoRidges(String),
    /// Some cropland of the layer states no share of ridges: the figure is known, but its net area counts as gross there.
    UnstatedRidges {
        /// Title of the layer.
        layer: String,
        /// Parcels.
        count: usize,
    },
    /// Something is divided by zero.
    DivisionByZero,
    /// It could not be computed.
    Failed(Message),
    /// Its overlaps are not computed yet.
    Pending,
    /// It has a mistake: a sentence with its place in both languages.
    Mistake {
        /// In Chinese.
        chinese: String,
        /// In English.
        english: String,
    },
}

impl Reason {
    /// The reason in a sentence.
    pub fn text(&self, language: Language) -> String {
        let message = match self {
            Self::NoBase => Message::new("rules.no-base"),
            Self::NoLayer { which, chinese, english } => {
                let layer = if language == Language::Chinese { chinese } else { english };
                Message::new(match which {
                    Which::Base => "rules.no-layer-in-base",
                    Which::Scenario => "rules.no-layer",
                })
                .with("layer", layer)
            }
            Self::SeveralLandUses => Message::new("rules.several-land-uses"),
            Self::NoClasses(layer) => Message::new("rules.no-classes").with("layer", layer),
            Self::NoScheme(layer) => Message::new("rules.no-scheme").with("layer", layer),
            Self::NotInScheme { class, scheme } => {
                Message::new("rules.not-in-scheme").with("class", class).with("scheme", scheme)
            }
            Self::OtherScheme { asked, found } => {
                Message::new("rules.other-scheme").with("asked", asked).with("found", found)
            }
            Self::NoRidges(layer) => Message::new("rules.no-ridges").with("layer", layer),
            Self::UnstatedRidges { layer, count } => {
                Message::new("rules.unstated-ridges").with("layer", layer).with("n", format_number(*count as f64, 0))
            }
            Self::DivisionByZero => Message::new("rules.division-by-zero"),
            Self::Failed(message) => message.clone(),
            Self::Pending => Message::new("rules.pending"),
            Self::Mistake { chinese, english } => {
                return if language == Language::Chinese { chinese.clone() } else { english.clone() };
            }
        };
        message.text(language)
    }
}

/// Why a value was not computed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stop {
    Unknown(Reason),
    Cancelled,
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Self::Unknown(reason)
    }
}

impl From<Cancelled> for Stop {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl From<CompareError> for Stop {
    fn from(error: CompareError) -> Self {
        let is_cancelled = matches!(&error, CompareError::Cancelled(_))
            || matches!(&error, CompareError::Measure(crate::measure::MeasureError::Cancelled(_)));
        if is_cancelled { Self::Cancelled } else { Self::Unknown(Reason::Failed(error.message())) }
    }
}

/// Whether what costs time may be computed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effort<'p> {
    /// Yes, with this progress.
    Compute(&'p Progress),
    /// No: only what is kept already.
    Kept,
}

/// Features of a layer: its geometry, and a hash of the marks where not all are meant.
pub(super) type Chosen = (Revision, Option<u64>);

/// What was computed, by what it was computed of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Areas(Revision, AreaMethod),
    Cut(Vec<Revision>, Revision, AreaMethod),
    Pairs(Revision, Revision, AreaMethod),
    Excess(Vec<Chosen>, AreaMethod),
    Common(Vec<Chosen>, Vec<Chosen>, AreaMethod),
    Classes(Revision, Option<usize>, Option<Scheme>),
    Ridges(Revision),
}

#[derive(Clone, Debug)]
enum Fact {
    Areas(Arc<Areas>),
    Cut(Arc<RegionFact>),
    Pairs(Arc<PairTable>),
    Classes(Option<Arc<FeatureClasses>>),
    Ridges(Option<Arc<Ridges>>),
    Number(f64),
    /// It was tried in vain: not again at each frame.
    Failed(Reason),
}

/// What lies in a region, m² of each feature.
#[derive(Debug)]
pub(super) struct RegionFact {
    pub inside: Vec<f64>,
    pub outside: Vec<f64>,
}

/// Computed facts of all states of a workspace. Copies share them.
#[derive(Clone, Debug, Default)]
pub struct FactCache(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    facts: FxHashMap<Key, (u64, Fact)>,
    clock: u64,
    /// How many facts were ever put in.
    put_count: u64,
}

impl FactCache {
    /// How many facts were computed so far: where it differs from before, what was unknown then may be known now.
    pub fn put_count(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put_count
    }

    fn get(&self, key: &Key) -> Option<Fact> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let clock = kept.clock;
        let (used, fact) = kept.facts.get_mut(key)?;
        *used = clock;
        Some(fact.clone())
    }

    fn put(&self, key: Key, fact: Fact) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let clock = kept.clock;
        kept.put_count += 1;
        kept.facts.insert(key, (clock, fact));
        while kept.facts.len() > MOST {
            let oldest = kept.facts.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            kept.facts.remove(&oldest);
        }
    }
}

/// The states that rules are held against.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What all scenarios start from; `None` where there is nothing to compare with.
    pub base: Option<PlanState>,
    /// The state that is judged.
    pub scenario: PlanState,
    method: AreaMethod,
    cache: FactCache,
}

impl Facts {
    /// Facts of `scenario` against `base`. States of one workspace share a cache.
    pub fn new(base: Option<PlanState>, scenario: PlanState, method: AreaMethod, cache: &FactCache) -> Self {
        Self { base, scenario, method, cache: cache.clone() }
    }

    /// How areas are computed.
    pub fn method(&self) -> AreaMethod {
        self.method
    }

    pub(super) fn state(&self, which: Which) -> Result<&PlanState, Reason> {
        match which {
            Which::Base => self.base.as_ref().ok_or(Reason::NoBase),
            Which::Scenario => Ok(&self.scenario),
        }
    }

    fn fetch(&self, key: Key, compute: impl FnOnce() -> Result<Fact, Stop>) -> Result<Fact, Stop> {
        if let Some(fact) = self.cache.get(&key) {
            return match fact {
                Fact::Failed(reason) => Err(Stop::Unknown(reason)),
                fact => Ok(fact),
            };
        }
        let fact = compute();
        match &fact {
            Ok(fact) => self.cache.put(key, fact.clone()),
            Err(Stop::Unknown(reason)) if *reason != Reason::Pending => {
                self.cache.put(key, Fact::Failed(reason.clone()));
            }
            Err(_) => {}
        }
        fact
    }

    /// Areas of all features of a layer.
    pub(super) fn areas(&self, layer: &StateLayer, effort: Effort<'_>) -> Result<Arc<Areas>, Stop> {
        let fits =
            |areas: &&Arc<Areas>| areas.method == self.method && areas.exact.len() == layer.layer.feature_count();
        if let Some(areas) = layer.areas.as_ref().filter(fits) {
            return Ok(areas.clone());
        }
        let found = self.fetch(Key::Areas(layer.layer.shape, self.method), || {
            let progress = effort.progress()?;
            let areas = overlay::measured(&layer.layer, self.method, progress).map_err(CompareError::from)?;
            Ok(Fact::Areas(Arc::new(areas)))
        })?;
        match found {
            Fact::Areas(areas) => Ok(areas),
            _ => Err(Reason::Pending.into()),
        }
    }

    /// What the layers of `region`, taken as one, have of each feature of `layer`.
    pub(super) fn cut(
        &self,
        region: &[&StateLayer],
        layer: &StateLayer,
        effort: Effort<'_>,
    ) -> Result<Arc<RegionFact>, Stop> {
        let shapes = region.iter().map(|layer| layer.layer.shape).collect();
        let found = self.fetch(Key::Cut(shapes, layer.layer.shape, self.method), || {
            let progress = effort.progress()?;
            let layers: Vec<&Layer> = region.iter().map(|layer| &*layer.layer).collect();
            let cut = Cut::new(&layers, &layer.layer, self.method, progress)?;
            Ok(Fact::Cut(Arc::new(RegionFact { inside: cut.inside(), outside: cut.outside })))
        })?;
        match found {
            Fact::Cut(cut) => Ok(cut),
            _ => Err(Reason::Pending.into()),
        }
    }

    /// Pairs of features of two layers.
    pub(super) fn pairs(&self, a: &StateLayer, b: &StateLayer, effort: Effort<'_>) -> Result<Arc<PairTable>, Stop> {
        let found = self.fetch(Key::Pairs(a.layer.shape, b.layer.shape, self.method), || {
            let progress = effort.progress()?;
            let table = overlay::pairs(&a.layer, &b.layer, None, self.method, progress).map_err(CompareError::from)?;
            Ok(Fact::Pairs(Arc::new(table)))
        })?;
        match found {
            Fact::Pairs(pairs) => Ok(pairs),
            _ => Err(Reason::Pending.into()),
        }
    }

    /// By how much the areas of features add up to more than what they cover, m².
    pub(super) fn excess(&self, parts: &[(Chosen, Part<'_>)], effort: Effort<'_>) -> Result<f64, Stop> {
        let found = self.fetch(Key::Excess(parts.iter().map(|part| part.0).collect(), self.method), || {
            let progress = effort.progress()?;
            let parts: Vec<Part<'_>> = parts.iter().map(|part| part.1).collect();
            Ok(Fact::Number(once::excess_m2(&parts, self.method, progress)?))
        })?;
        match found {
            Fact::Number(m2) => Ok(m2),
            _ => Err(Reason::Pending.into()),
        }
    }

    /// What the land of some features has in common with that of others, m².
    pub(super) fn common(
        &self,
        a: &[(Chosen, Part<'_>)],
        b: &[(Chosen, Part<'_>)],
        effort: Effort<'_>,
    ) -> Result<f64, Stop> {
        let keys = |parts: &[(Chosen, Part<'_>)]| parts.iter().map(|part| part.0).collect();
        let found = self.fetch(Key::Common(keys(a), keys(b), self.method), || {
            let progress = effort.progress()?;
            let [a, b] = [a, b].map(|parts| parts.iter().map(|part| part.1).collect::<Vec<Part<'_>>>());
            Ok(Fact::Number(once::common_m2(&a, &b, self.method, progress)?))
        })?;
        match found {
            Fact::Number(m2) => Ok(m2),
            _ => Err(Reason::Pending.into()),
        }
    }

    /// Classes of the features of a layer.
    pub(super) fn classes(&self, layer: &StateLayer) -> Result<Arc<FeatureClasses>, Stop> {
        let key = Key::Classes(layer.layer.revision, layer.class_field, layer.scheme);
        let found = self.fetch(key, || Ok(Fact::Classes(layer.classes().map(Arc::new))))?;
        match found {
            Fact::Classes(Some(classes)) => Ok(classes),
            _ => Err(Reason::NoClasses(layer.title.clone()).into()),
        }
    }

    /// Shares of field ridges of the features of a layer.
    pub(super) fn ridges(&self, layer: &StateLayer) -> Result<Arc<Ridges>, Stop> {
        let key = Key::Ridges(layer.layer.revision);
        let found = self.fetch(key, || Ok(Fact::Ridges(Ridges::of_layer(&layer.layer).map(Arc::new))))?;
        match found {
            Fact::Ridges(Some(ridges)) => Ok(ridges),
            _ => Err(Reason::NoRidges(layer.title.clone()).into()),
        }
    }
}

impl<'p> Effort<'p> {
    fn progress(self) -> Result<&'p Progress, Stop> {
        match self {
            Self::Compute(progress) => {
                progress.tick(0)?;
                Ok(progress)
            }
            Self::Kept => Err(Reason::Pending.into()),
        }
    }
}
