//! Areas of features, what they have in common, and what is left of them.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHasher;

use super::facts::{Chosen, Effort, Facts, Reason, Stop};
use super::plan::{Big, Code, Set, Term, What, Which};
use crate::model::Layer;
use crate::model::classes::{self, BigClass, Class, OtherGrassland, Scheme};
use crate::model::roles::Role;
use crate::scenario::Ridges;
use crate::scenario::lines::once::Part;
use crate::scenario::plan_state::{FeatureClasses, StateLayer};
use crate::text::Language;

/// Features of one layer.
pub(super) struct Members<'a> {
    pub layer: &'a StateLayer,
    chosen: Picked,
    ridges: Option<Arc<Ridges>>,
}

enum Picked {
    All,
    Classes(Arc<FeatureClasses>, Vec<bool>),
}

impl Members<'_> {
    fn is_whole(&self) -> bool {
        matches!(self.chosen, Picked::All)
    }

    /// A mark a feature, where not all are meant.
    fn marks(&self) -> Option<Vec<bool>> {
        (!self.is_whole()).then(|| (0..self.layer.layer.feature_count()).map(|feature| self.holds(feature)).collect())
    }

    /// Whether a feature is among them.
    fn holds(&self, feature: usize) -> bool {
        match &self.chosen {
            Picked::All => true,
            Picked::Classes(classes, marks) => classes.of.get(feature).is_some_and(|class| marks[*class as usize]),
        }
    }

    /// What is left of an area of a feature when ridges are deducted, where they are to be.
    fn net(&self, feature: usize, m2: f64) -> f64 {
        match &self.ridges {
            Some(ridges) => m2 * (1.0 - ridges.shares.get(feature).copied().unwrap_or(0.0)),
            None => m2,
        }
    }
}

/// The features of a set, layer by layer; at least one layer.
pub(super) fn members<'a>(facts: &'a Facts, set: &Set) -> Result<Vec<Members<'a>>, Stop> {
    let state = facts.state(set.which)?;
    let land_use = || {
        let mut layers = state.of_role(Role::LandUse);
        let layer = layers.next().ok_or_else(|| no_role(set.which, Role::LandUse))?;
        if layers.next().is_some() { Err(Reason::SeveralLandUses) } else { Ok(layer) }
    };
    let mut found = match &set.what {
        What::LandUse => vec![(land_use()?, Picked::All)],
        What::Classes(codes) => {
            let layer = land_use()?;
            let classes = facts.classes(layer)?;
            let marks = of_codes(layer, &classes, codes)?;
            vec![(layer, Picked::Classes(classes, marks))]
        }
        What::Big(big) => {
            let layer = land_use()?;
            let classes = facts.classes(layer)?;
            let marks = of_big(layer, &classes, *big)?;
            vec![(layer, Picked::Classes(classes, marks))]
        }
        What::Role(role) => {
            let layers: Vec<_> = state.of_role(*role).map(|layer| (layer, Picked::All)).collect();
            if layers.is_empty() {
                return Err(no_role(set.which, *role).into());
            }
            layers
        }
        What::Title(title) => {
            let named = |layer: &&StateLayer| layer.title == *title || layer.layer.name == *title;
            let layer = state.layers.iter().find(named).ok_or_else(|| Reason::NoLayer {
                which: set.which,
                chinese: title.clone(),
                english: title.clone(),
            })?;
            vec![(layer, Picked::All)]
        }
    };
    found
        .drain(..)
        .map(|(layer, chosen)| {
            let ridges = if set.net { Some(facts.ridges(layer)?) } else { None };
            Ok(Members { layer, chosen, ridges })
        })
        .collect()
}

/// The first net set of a term of which some cropland states no share of ridges.
pub(super) fn unstated(term: &Term, facts: &Facts) -> Option<Reason> {
    let of_set = |set: &Set| {
        let found = if set.net { members(facts, set).ok()? } else { return None };
        found.iter().find_map(|members| {
            let count = members.ridges.as_ref()?.unstated_count();
            (count > 0).then(|| Reason::UnstatedRidges { layer: members.layer.title.clone(), count })
        })
    };
    match term {
        Term::Constant(_) | Term::Count(_) => None,
        Term::Area(set) => of_set(set),
        Term::Overlap(a, b) | Term::Outside(a, b) => of_set(a).or_else(|| of_set(b)),
        Term::Change(a, b, _) | Term::Operation(_, a, b) => unstated(a, facts).or_else(|| unstated(b, facts)),
        Term::Negate(a) | Term::Absolute(a) => unstated(a, facts),
        Term::Least(terms) | Term::Most(terms) => terms.iter().find_map(|term| unstated(term, facts)),
    }
}

fn no_role(which: Which, role: Role) -> Reason {
    let [chinese, english] = [Language::Chinese, Language::English].map(|language| role.title(language).to_owned());
    Reason::NoLayer { which, chinese, english }
}

/// Which texts are codes of one of `codes` or of something below it; by their beginning where no scheme is known.
fn of_codes(layer: &StateLayer, classes: &FeatureClasses, codes: &[Code]) -> Result<Vec<bool>, Reason> {
    let Some(scheme) = layer.scheme else {
        if let Some(asked) = codes.iter().find_map(|code| code.scheme) {
            return Err(Reason::OtherScheme { asked: asked.name(), found: "–" });
        }
        return Ok(classes.chosen(|text, _| codes.iter().any(|code| text.trim().starts_with(&code.code))));
    };
    let mut wanted = Vec::new();
    for code in codes {
        if let Some(asked) = code.scheme.filter(|asked| *asked != scheme) {
            return Err(Reason::OtherScheme { asked: asked.name(), found: scheme.name() });
        }
        let class = classes::resolve(scheme, &code.code).map(|found| found.class);
        wanted.push(class.ok_or_else(|| Reason::NotInScheme { class: code.code.clone(), scheme: scheme.name() })?);
    }
    Ok(classes.chosen(|_, class| class.is_some_and(|class| wanted.iter().any(|wanted| class.is_within(*wanted)))))
}

/// Which texts are codes of a big class: by the three big classes in the survey, construction land also in plans.
fn of_big(layer: &StateLayer, classes: &FeatureClasses, big: Big) -> Result<Vec<bool>, Reason> {
    let scheme: Scheme = layer.scheme.ok_or_else(|| Reason::NoScheme(layer.title.clone()))?;
    if big == Big::Construction {
        return Ok(classes.chosen(|_, class| class.is_some_and(Class::is_construction)));
    }
    let wanted = if big == Big::Agricultural { BigClass::Agricultural } else { BigClass::Unused };
    if scheme.is_plan() {
        let class = wanted.title(Language::Chinese).to_owned();
        return Err(Reason::NotInScheme { class, scheme: scheme.name() });
    }
    let of = |class: Option<Class>| class.and_then(|class| class.big_class(OtherGrassland::default()));
    Ok(classes.chosen(|_, class| of(class) == Some(wanted)))
}

/// Calls `each` with every feature of a set and its area in m².
pub(super) fn each_area(
    facts: &Facts,
    set: &Set,
    effort: Effort<'_>,
    each: &mut dyn FnMut(&StateLayer, usize, f64),
) -> Result<(), Stop> {
    for members in members(facts, set)? {
        let areas = facts.areas(members.layer, effort)?;
        for (feature, m2) in areas.exact.iter().enumerate().filter(|(feature, _)| members.holds(*feature)) {
            each(members.layer, feature, members.net(feature, *m2));
        }
    }
    Ok(())
}

/// Less than the survey can print is no overlap, m².
const LEAST_M2: f64 = 0.005;

/// Area of a set in m², land that several of its features cover once; of their ridges the mean share.
pub(super) fn area_once(facts: &Facts, set: &Set, effort: Effort<'_>) -> Result<f64, Stop> {
    let mut net = 0.0;
    each_area(facts, set, effort, &mut |_, _, m2| net += m2)?;
    let excess = excess(facts, &members(facts, set)?, effort)?;
    let gross = gross_area(facts, set, net, effort)?;
    Ok(if excess > 0.0 && gross > 0.0 { net * ((gross - excess) / gross).max(0.0) } else { net })
}

/// What `a` has in common with `b`, or has outside of it, in m², land that several features cover once.
pub(super) fn common_once(
    facts: &Facts,
    (a, b): (&Set, &Set),
    is_outside: bool,
    effort: Effort<'_>,
) -> Result<f64, Stop> {
    let sum = |a: &Set| {
        let mut sum = 0.0;
        each_common(facts, (a, b), is_outside, effort, &mut |_, _, m2| sum += m2)?;
        Ok::<f64, Stop>(sum)
    };
    let net = sum(a)?;
    let (of_a, of_b) = (members(facts, a)?, members(facts, b)?);
    let excess_of_a = excess(facts, &of_a, effort)?;
    if excess_of_a == 0.0 && excess(facts, &of_b, effort)? == 0.0 {
        return Ok(net);
    }
    let marks = [&of_a, &of_b].map(|members| members.iter().map(Members::marks).collect::<Vec<_>>());
    let common = facts.common(&parts(&of_a, &marks[0]), &parts(&of_b, &marks[1]), effort)?;
    let once = if is_outside {
        let gross_set = Set { net: false, ..a.clone() };
        let mut all = 0.0;
        each_area(facts, &gross_set, effort, &mut |_, _, m2| all += m2)?;
        (all - excess_of_a - common).max(0.0)
    } else {
        common
    };
    if !a.net {
        return Ok(once);
    }
    let gross = sum(&Set { net: false, ..a.clone() })?;
    Ok(if gross > 0.0 { net * once / gross } else { 0.0 })
}

/// Area of a set without deductions; `net` is its area, which is the same where there are none.
fn gross_area(facts: &Facts, set: &Set, net: f64, effort: Effort<'_>) -> Result<f64, Stop> {
    if !set.net {
        return Ok(net);
    }
    let mut gross = 0.0;
    each_area(facts, &Set { net: false, ..set.clone() }, effort, &mut |_, _, m2| gross += m2)?;
    Ok(gross)
}

/// By how much the areas of features add up to more than what they cover, m²; 0 where the layers do not overlap
/// themselves, which is known once for all sets of their features.
fn excess(facts: &Facts, members: &[Members<'_>], effort: Effort<'_>) -> Result<f64, Stop> {
    let all: Vec<Option<Vec<bool>>> = members.iter().map(|_| None).collect();
    let whole = facts.excess(&parts(members, &all), effort)?;
    if whole < LEAST_M2 || members.iter().all(Members::is_whole) {
        return Ok(if whole < LEAST_M2 { 0.0 } else { whole });
    }
    let marks: Vec<Option<Vec<bool>>> = members.iter().map(Members::marks).collect();
    let chosen = facts.excess(&parts(members, &marks), effort)?;
    Ok(if chosen < LEAST_M2 { 0.0 } else { chosen })
}

/// The members as parts of layers, with what they are known by.
fn parts<'a>(members: &[Members<'a>], marks: &'a [Option<Vec<bool>>]) -> Vec<(Chosen, Part<'a>)> {
    let part = |(members, marks): (&Members<'a>, &'a Option<Vec<bool>>)| {
        let hash = marks.as_ref().map(|marks| {
            let mut hasher = FxHasher::default();
            marks.hash(&mut hasher);
            hasher.finish()
        });
        let layer: &'a Layer = &members.layer.layer;
        ((layer.shape, hash), Part { layer, chosen: marks.as_deref() })
    };
    members.iter().zip(marks).map(part).collect()
}

/// How many features a set has.
pub(super) fn count(facts: &Facts, set: &Set) -> Result<usize, Stop> {
    let members = members(facts, set)?;
    Ok(members.iter().map(|m| (0..m.layer.layer.feature_count()).filter(|feature| m.holds(*feature)).count()).sum())
}

/// Calls `each` with what every feature of `a` has in common with `b`, or has outside of it, in m². Polygons of `b` that
/// lie on each other count once. Where `a` is a whole layer and `b` some features of another, what they have in common
/// is told by features of `b`.
pub(super) fn each_common(
    facts: &Facts,
    (a, b): (&Set, &Set),
    is_outside: bool,
    effort: Effort<'_>,
    each: &mut dyn FnMut(&StateLayer, usize, f64),
) -> Result<(), Stop> {
    let of_a = members(facts, a)?;
    let of_b = members(facts, b)?;
    let b_is_whole = of_b.iter().all(Members::is_whole);
    let apart = |x: &Members<'_>, y: &Members<'_>| x.layer.layer.shape != y.layer.layer.shape;
    let by_b = !is_outside && !a.net && !b_is_whole && of_a.iter().all(Members::is_whole);
    if by_b && of_a.iter().all(|x| of_b.iter().all(|y| apart(x, y))) {
        let region: Vec<&StateLayer> = of_a.iter().map(|members| members.layer).collect();
        for members in &of_b {
            let cut = facts.cut(&region, members.layer, effort)?;
            for (feature, m2) in cut.inside.iter().enumerate().filter(|(feature, _)| members.holds(*feature)) {
                each(members.layer, feature, *m2);
            }
        }
        return Ok(());
    }
    for members in &of_a {
        // The same polygons: what is in both sets is in common.
        if let Some(same) = of_b.iter().find(|other| !apart(members, other)) {
            let areas = facts.areas(members.layer, effort)?;
            for (feature, m2) in areas.exact.iter().enumerate().filter(|(feature, _)| members.holds(*feature)) {
                if same.holds(feature) != is_outside {
                    each(members.layer, feature, members.net(feature, *m2));
                }
            }
            continue;
        }
        if b_is_whole {
            let region: Vec<&StateLayer> = of_b.iter().map(|members| members.layer).collect();
            let cut = facts.cut(&region, members.layer, effort)?;
            let side = if is_outside { &cut.outside } else { &cut.inside };
            for (feature, m2) in side.iter().enumerate().filter(|(feature, _)| members.holds(*feature)) {
                each(members.layer, feature, members.net(feature, *m2));
            }
            continue;
        }
        let mut inside = vec![0.0; members.layer.layer.feature_count()];
        let mut own = Vec::new();
        for other in &of_b {
            let table = facts.pairs(members.layer, other.layer, effort)?;
            for pair in table.pairs.iter().filter(|pair| other.holds(pair.b as usize)) {
                inside[pair.a as usize] += pair.m2;
            }
            own.clone_from(&table.sides[0].own);
        }
        for (feature, inside) in inside.iter().enumerate().filter(|(feature, _)| members.holds(*feature)) {
            let own = own.get(feature).copied().unwrap_or(0.0);
            // Features of the other set that lie on each other cover no more than there is.
            let inside = inside.min(own);
            let m2 = if is_outside { own - inside } else { inside };
            each(members.layer, feature, members.net(feature, m2));
        }
    }
    Ok(())
}
