//! Values against limits: lights, margins, and the features behind them.

use rustc_hash::FxHashMap;

use super::facts::{Effort, Facts, Reason, Stop};
use super::plan::{Kind, Set, Term, Which, operate};
use super::sets::{area_once, common_once, count, each_area, each_common, unstated};
use super::{Comparison, Rule, Rules, Severity, Unit, Warn};
use crate::model::LayerId;
use crate::scenario::plan_state::StateLayer;
use crate::task::{Cancelled, Progress};
use crate::text::{Language, tr};
use crate::units::{Area, AreaUnit};

/// Less than the survey can print is nothing, m².
const LEAST_M2: f64 = 0.005;
/// The most that a figure may miss an area by, in mu, when its rule does not say: what a printed figure hides.
const HIDDEN_MU: f64 = 0.005;

/// How a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Light {
    /// Missed.
    Red,
    /// Kept, but near the limit; or missed where it is only expected.
    Amber,
    /// Kept.
    Green,
    /// It cannot be judged.
    Unknown,
}

impl Light {
    /// The word of JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Amber => "amber",
            Self::Green => "green",
            Self::Unknown => "unknown",
        }
    }

    /// Its name for users.
    pub fn title(self, language: Language) -> &'static str {
        tr(
            language,
            match self {
                Self::Red => "rules.light-red",
                Self::Amber => "rules.light-amber",
                Self::Green => "rules.light-green",
                Self::Unknown => "rules.light-unknown",
            },
        )
    }
}

/// What became of a rule in one state.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Place of the rule in its file.
    pub rule: usize,
    /// The indicator: m², share of 1, or number. `None` where it is unknown.
    pub value: Option<f64>,
    /// The limit.
    pub limit: Option<f64>,
    /// Room to the limit: negative where it is missed.
    pub margin: Option<f64>,
    /// How it stands.
    pub light: Light,
    /// Why it cannot be judged; or, beside a figure, what that leaves open.
    pub reason: Option<Reason>,
}

/// A feature that a rule is missed by.
#[derive(Clone, Debug, PartialEq)]
pub struct Breach {
    /// State that it is in.
    pub which: Which,
    /// Its layer.
    pub layer: LayerId,
    /// Title of that.
    pub title: String,
    /// The feature.
    pub feature: u32,
    /// What it adds to the indicator, m².
    pub m2: f64,
}

/// Judges every rule: one outcome each, in their order. What is not known yet is computed.
///
/// # Errors
/// [`Cancelled`].
pub fn evaluate(rules: &Rules, facts: &Facts, progress: &Progress) -> Result<Vec<Outcome>, Cancelled> {
    all(rules, facts, Effort::Compute(progress))
}

/// Judges every rule from what is known already; the others are unknown with [`Reason::Pending`]. Quick enough for a
/// frame.
pub fn evaluate_kept(rules: &Rules, facts: &Facts) -> Vec<Outcome> {
    // Nothing runs that could be cancelled.
    all(rules, facts, Effort::Kept).unwrap_or_default()
}

fn all(rules: &Rules, facts: &Facts, effort: Effort<'_>) -> Result<Vec<Outcome>, Cancelled> {
    let judge = |(at, rule)| {
        if let Effort::Compute(progress) = effort {
            progress.tick(0)?;
        }
        outcome(at, rule, facts, effort)
    };
    rules.rules.iter().enumerate().map(judge).collect()
}

fn outcome(at: usize, rule: &Rule, facts: &Facts, effort: Effort<'_>) -> Result<Outcome, Cancelled> {
    let mut outcome = Outcome { rule: at, value: None, limit: None, margin: None, light: Light::Unknown, reason: None };
    let Some((indicator, limit_term)) = &rule.plan else {
        let said = |language| rule.error.as_ref().map_or_else(String::new, |error| error.text(language));
        outcome.reason = Some(Reason::Mistake { chinese: said(Language::Chinese), english: said(Language::English) });
        return Ok(outcome);
    };
    let mut known = |term| match value(term, facts, effort) {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        Ok(_) => {
            outcome.reason = Some(Reason::DivisionByZero);
            Ok(None)
        }
        Err(Stop::Unknown(reason)) => {
            outcome.reason = Some(reason);
            Ok(None)
        }
        Err(Stop::Cancelled) => Err(Cancelled),
    };
    let (limit, value) = (known(limit_term)?, known(indicator)?);
    (outcome.limit, outcome.value) = (limit, value);
    if let (Some(value), Some(limit)) = (value, limit) {
        let (light, margin) = judged(rule, value, limit);
        (outcome.light, outcome.margin) = (light, Some(margin));
        outcome.reason = unstated(indicator, facts).or_else(|| unstated(limit_term, facts));
    }
    Ok(outcome)
}

/// Light and margin of a value against its limit.
pub(super) fn judged(rule: &Rule, value: f64, limit: f64) -> (Light, f64) {
    let hidden = rule.tolerance.unwrap_or_else(|| hidden(rule.kind, rule.limit_unit, limit));
    let part = |part: f64| limit.abs() * (1.0 - part);
    let (is_kept, margin, is_near) = match rule.comparison {
        Comparison::AtMost | Comparison::Less => {
            let warn = match rule.warn {
                Warn::Part(p) => limit - part(p),
                Warn::Value(warn) => warn,
            };
            let is_kept =
                if rule.comparison == Comparison::AtMost { value <= limit + hidden } else { value < limit - hidden };
            (is_kept, limit - value, value > warn + hidden)
        }
        Comparison::AtLeast | Comparison::More => {
            let warn = match rule.warn {
                Warn::Part(p) => limit + part(p),
                Warn::Value(warn) => warn,
            };
            let is_kept =
                if rule.comparison == Comparison::AtLeast { value >= limit - hidden } else { value > limit + hidden };
            (is_kept, value - limit, value < warn - hidden)
        }
        Comparison::Equal => ((value - limit).abs() <= hidden, -(value - limit).abs(), false),
    };
    let light = match (is_kept, is_near, rule.severity) {
        (true, false, _) => Light::Green,
        (true, true, _) | (false, _, Severity::Expected) => Light::Amber,
        (false, _, Severity::Binding) => Light::Red,
    };
    (light, margin)
}

/// What a figure printed in `unit` does not show; of areas at most half a hundredth of a mu.
fn hidden(kind: Kind, unit: Unit, limit: f64) -> f64 {
    match (kind, unit) {
        (Kind::Area, Unit::Area(unit)) => {
            let digits = unit.decimals(Area::from_m2(limit).value(unit));
            let half = Area::of(0.5 * 0.1f64.powi(digits as i32), unit);
            half.m2().min(Area::of(HIDDEN_MU, AreaUnit::Mu).m2())
        }
        (Kind::Area, _) => Area::of(HIDDEN_MU, AreaUnit::Mu).m2(),
        (Kind::Share, _) => 0.000_05,
        (Kind::Number, _) => 1e-9 * limit.abs().max(1.0),
    }
}

fn value(term: &Term, facts: &Facts, effort: Effort<'_>) -> Result<f64, Stop> {
    let of = |term: &Term| value(term, facts, effort);
    let all = |terms: &[Term]| terms.iter().map(of).collect::<Result<Vec<f64>, Stop>>();
    Ok(match term {
        Term::Constant(value) => *value,
        Term::Area(set) => area_once(facts, set, effort)?,
        Term::Count(set) => count(facts, set)? as f64,
        Term::Overlap(a, b) => common_once(facts, (a, b), false, effort)?,
        Term::Outside(a, b) => common_once(facts, (a, b), true, effort)?,
        Term::Change(a, b, _) => of(a)? - of(b)?,
        Term::Negate(a) => -of(a)?,
        Term::Operation(sign, a, b) => operate(*sign, of(a)?, of(b)?),
        Term::Least(terms) => all(terms)?.into_iter().fold(f64::INFINITY, f64::min),
        Term::Most(terms) => all(terms)?.into_iter().fold(f64::NEG_INFINITY, f64::max),
        Term::Absolute(a) => of(a)?.abs(),
    })
}

/// The features that bring a rule to its limit, the largest share first: those that a click on it selects. Of a quota
/// all that count, of an overlap those in it, of a net loss those that are lost; none of what there should be more of.
///
/// # Errors
/// [`Cancelled`].
pub fn breaches(rule: &Rule, facts: &Facts, progress: &Progress) -> Result<Vec<Breach>, Cancelled> {
    let Some((indicator, _)) = &rule.plan else { return Ok(Vec::new()) };
    let adds = !matches!(rule.comparison, Comparison::AtLeast | Comparison::More);
    let mut parts = Vec::new();
    adding(indicator, adds, &mut parts);
    let mut found: FxHashMap<(Which, LayerId, u32), Breach> = FxHashMap::default();
    for part in parts {
        let which = part.first().which;
        let mut add = |layer: &StateLayer, feature: usize, m2: f64| {
            if m2 < LEAST_M2 {
                return;
            }
            let feature = feature as u32;
            let breach = || Breach { which, layer: layer.layer.id, title: layer.title.clone(), feature, m2: 0.0 };
            let breach = found.entry((which, layer.layer.id, feature)).or_insert_with(breach);
            breach.m2 = breach.m2.max(m2);
        };
        let effort = Effort::Compute(progress);
        let done = match &part {
            Part::All(set) => each_area(facts, set, effort, &mut add),
            Part::Common(a, b, is_outside) => each_common(facts, (a, b), *is_outside, effort, &mut add),
        };
        if done == Err(Stop::Cancelled) {
            return Err(Cancelled);
        }
    }
    let mut found: Vec<Breach> = found.into_values().collect();
    found.sort_by(|a, b| b.m2.total_cmp(&a.m2).then_with(|| (a.layer, a.feature).cmp(&(b.layer, b.feature))));
    Ok(found)
}

/// Features that add to an indicator.
enum Part<'t> {
    All(&'t Set),
    Common(&'t Set, &'t Set, bool),
}

impl Part<'_> {
    fn first(&self) -> &Set {
        match self {
            Self::All(set) | Self::Common(set, _, _) => set,
        }
    }
}

/// The parts of a term that raise it, or lower it where `raises` is false.
fn adding<'t>(term: &'t Term, raises: bool, parts: &mut Vec<Part<'t>>) {
    match term {
        Term::Constant(_) => {}
        Term::Area(set) | Term::Count(set) if raises => parts.push(Part::All(set)),
        Term::Overlap(a, b) if raises => parts.push(Part::Common(a, b, false)),
        Term::Outside(a, b) if raises => parts.push(Part::Common(a, b, true)),
        Term::Area(_) | Term::Count(_) | Term::Overlap(..) | Term::Outside(..) => {}
        Term::Change(_, _, Some((a, b))) if raises => parts.push(Part::Common(a, b, true)),
        Term::Change(a, b, _) => {
            adding(a, raises, parts);
            adding(b, !raises, parts);
        }
        Term::Negate(a) => adding(a, !raises, parts),
        Term::Operation(sign, a, b) => {
            adding(a, raises, parts);
            match sign {
                '+' | '*' => adding(b, raises, parts),
                '-' => adding(b, !raises, parts),
                // A whole that something is a share of.
                _ => {}
            }
        }
        Term::Least(terms) | Term::Most(terms) => terms.iter().for_each(|term| adding(term, raises, parts)),
        Term::Absolute(a) => adding(a, raises, parts),
    }
}
