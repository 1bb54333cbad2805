//! Which scheme the codes of a column belong to, and what is doubtful about them.
//!
//! Names beside the codes decide where there are any, for they differ where the codes do not. Without names the scheme
//! wins that explains more features. Where both explain them alike, the hint of field or layer name decides, and the
//! answer is marked as uncertain if a code in use means different things. The older classifications of GB/T 21010 are
//! taken only where they explain more than their successors: what both have means the same in both.

use rustc_hash::FxHashMap;

use super::{Class, CodeNote, Scheme, resolve};
use crate::model::{Layer, NoValue, Value};
use crate::text::{Language, Message};
use crate::units::format_number;

/// A code in use, with the name that stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedCode {
    /// The text of the class field.
    pub code: String,
    /// The text of the name field, empty where there is none.
    pub name: String,
    /// How many features have it.
    pub feature_count: u64,
}

/// A text that was read as a class by a guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// The text in the file.
    pub text: String,
    /// What it was read as.
    pub class: Class,
    /// How many features have it.
    pub feature_count: u64,
}

/// What a column of codes turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// The scheme; `None` where the values are codes of no scheme.
    pub scheme: Option<Scheme>,
    /// Whether another scheme or vintage would give no class another meaning.
    pub certain: bool,
    /// Why, in a sentence.
    pub reason: Message,
    /// Codes read by a guess: leading zeros that were lost.
    pub suspects: Vec<Suspect>,
    /// Texts that are no code of the scheme, with their feature counts.
    pub unknown: Vec<(String, u64)>,
    /// Codes that the other vintage of the plan scheme reads otherwise, where the vintage is a guess.
    pub ambiguous: Vec<Class>,
}

/// Most pairs of a code and a name that are counted by their place.
const MOST_PAIRS: usize = 1 << 16;

/// The distinct codes of `field`, with the names of `name_field`, counted. In order of first appearance. Whatever says that
/// there is no value, null and its looks, is one code, the empty one.
pub fn used_codes(layer: &Layer, field: usize, name_field: Option<usize>) -> Vec<UsedCode> {
    let mut index: FxHashMap<(String, String), usize> = FxHashMap::default();
    let mut used: Vec<UsedCode> = Vec::new();
    let mut add = |code: String, name: String, feature_count: u64| {
        let (code, name) = if NoValue::of_text(&code).is_some() { Default::default() } else { (code, name) };
        let next = used.len();
        let at = *index.entry((code.clone(), name.clone())).or_insert(next);
        if at == next {
            used.push(UsedCode { code, name, feature_count });
        } else {
            used[at].feature_count += feature_count;
        }
    };
    for block in &layer.blocks {
        let Some(codes) = block.attributes.column(field) else {
            let count = block.geometry.feature_count() as u64;
            if count > 0 {
                add(String::new(), String::new(), count);
            }
            continue;
        };
        let names = name_field.and_then(|name_field| block.attributes.column(name_field));
        // Counted by small numbers first: the texts are made once a block.
        let (code_count, name_count) =
            (codes.distinct_texts().len(), names.map_or(0, |names| names.distinct_texts().len()));
        let mut of_texts = vec![(0, 0); code_count.saturating_mul(name_count + 1).min(MOST_PAIRS)];
        // What is no text, or of too many pairs. Few columns hold class codes as numbers, and those have lost their zeros.
        let mut others: FxHashMap<(Key, Option<u32>), (usize, u64)> = FxHashMap::default();
        let mut null_count = 0;
        for row in 0..block.attributes.row_count() {
            let name = names.and_then(|names| names.text_code(row));
            let code = codes.text_code(row);
            let place =
                code.map(|code| code as usize * (name_count + 1) + name.map_or(name_count, |name| name as usize));
            if let Some(count) = place.and_then(|place| of_texts.get_mut(place)) {
                *count = (if count.1 == 0 { row } else { count.0 }, count.1 + 1);
                continue;
            }
            let key = match (code, codes.value(row)) {
                (Some(code), _) => Key::Text(code),
                (None, Value::Null) => {
                    null_count += 1;
                    continue;
                }
                (None, Value::Int(value)) => Key::Int(value),
                (None, Value::Float(value)) => Key::Float(value.to_bits()),
                (None, value) => Key::Other(value.to_string()),
            };
            others.entry((key, name)).or_insert((row, 0)).1 += 1;
        }
        let counts = of_texts.into_iter().filter(|(_, count)| *count > 0);
        let mut counts: Vec<(usize, u64)> = counts.chain(others.into_values()).collect();
        counts.sort_unstable();
        for (row, feature_count) in counts {
            let name = names.map_or(Value::Null, |names| names.value(row));
            add(codes.value(row).to_string(), name.to_string(), feature_count);
        }
        if null_count > 0 {
            add(String::new(), String::new(), null_count);
        }
    }
    used
}

/// A value within one block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Text(u32),
    Int(i64),
    Float(u64),
    Other(String),
}

/// The scheme that `used` belongs to. `hint` is what names of field and layer suggest; it counts only where the codes
/// cannot tell.
pub fn detect(used: &[UsedCode], hint: Option<Scheme>) -> Detection {
    let used: Vec<&UsedCode> = used.iter().filter(|code| !code.code.trim().is_empty()).collect();
    let total: u64 = used.iter().map(|code| code.feature_count).sum();
    let fits = Scheme::ALL.map(|scheme| Fit::of(scheme, &used));
    let [survey, plan, trial, four_digits, three_digits] = &fits;
    let best_plan = if trial.explained > plan.explained { trial } else { plan };
    let newer = [survey, best_plan];
    if total > 0
        && let Some((old, why)) = [three_digits, four_digits].into_iter().find_map(|old| older(old, newer, &used))
    {
        return finish(old.scheme, &used, why, Vec::new());
    }
    if total == 0 || 2 * survey.explained.max(best_plan.explained) < total {
        return nothing_found(total);
    }
    let (family, why) = decide_family(survey, best_plan, &used, hint);
    match family {
        Scheme::Sd2019 => finish(Scheme::Sd2019, &used, why, Vec::new()),
        _ => decide_vintage(&used, why),
    }
}

/// `used` as codes of a scheme that somebody said they are of.
pub fn detection_of(scheme: Scheme, used: &[UsedCode]) -> Detection {
    let used: Vec<&UsedCode> = used.iter().filter(|code| !code.code.trim().is_empty()).collect();
    finish(scheme, &used, Why { key: "model.scheme-said", certain: true }, Vec::new())
}

/// Whether `used` are codes of the scheme that they were found to belong to, as a whole: none of them by the guess that a
/// zero was lost, nearly none unknown, and some that small numbers do not look like, of four digits, with a leading zero,
/// with a letter, or a name.
pub fn are_codes(used: &[UsedCode], detection: &Detection) -> bool {
    let Some(scheme) = detection.scheme else { return false };
    let is_plain = |text: &str| text.len() < 4 && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    let told = |text: &str| resolve(scheme, text).is_some() && !is_plain(text.trim());
    detection.suspects.is_empty()
        && detection.unknown.len() * 10 <= used.len()
        && used.iter().any(|used| told(&used.code))
}

/// How well a scheme explains the codes in use.
#[derive(Clone, Copy, Debug)]
struct Fit {
    scheme: Scheme,
    /// Features whose text is a code of it.
    explained: u64,
    /// Features with a name beside the code, where the code is known.
    named: u64,
    /// Those whose name is that of the class.
    agreeing: u64,
}

impl Fit {
    fn of(scheme: Scheme, used: &[&UsedCode]) -> Self {
        let mut fit = Self { scheme, explained: 0, named: 0, agreeing: 0 };
        for code in used {
            let Some(found) = resolve(scheme, &code.code) else { continue };
            fit.explained += code.feature_count;
            if !code.name.trim().is_empty() {
                fit.named += code.feature_count;
                if is_name_of(found.class, &code.name) {
                    fit.agreeing += code.feature_count;
                }
            }
        }
        fit
    }

    fn agreement(&self) -> f64 {
        if self.named == 0 { 0.0 } else { self.agreeing as f64 / self.named as f64 }
    }
}

/// Why a family of schemes was taken.
struct Why {
    key: &'static str,
    certain: bool,
}

/// An older classification, where it explains the codes better than those that came after it.
fn older<'f>(old: &'f Fit, newer: [&Fit; 2], used: &[&UsedCode]) -> Option<(&'f Fit, Why)> {
    let total: u64 = used.iter().map(|code| code.feature_count).sum();
    let most = newer.iter().map(|fit| fit.explained).max().unwrap_or(0);
    let agreement = newer.iter().map(|fit| fit.agreement()).fold(0.0, f64::max);
    if 2 * old.explained < total || old.explained < most {
        return None;
    }
    if old.named > 0 && old.agreement() >= 0.5 && old.agreement() > agreement + 0.02 {
        return Some((old, Why { key: "model.scheme-by-names", certain: true }));
    }
    // Names that speak for a newer one are not outvoted by codes.
    if agreement >= 0.5 && agreement > old.agreement() + 0.02 {
        return None;
    }
    // Three digits with a leading zero are codes of no newer classification; `101` might be 0101 without its zero.
    let is_old = |text: &str| text.len() == 3 && text.starts_with('0');
    let shows_age = old.scheme == Scheme::Gb2007 && used.iter().any(|code| is_old(code.code.trim()));
    let more = old.explained - most;
    (shows_age || more > 0).then_some((old, Why { key: "model.scheme-by-codes", certain: more > old.explained / 200 }))
}

fn decide_family(survey: &Fit, plan: &Fit, used: &[&UsedCode], hint: Option<Scheme>) -> (Scheme, Why) {
    let by_names =
        survey.agreement().max(plan.agreement()) >= 0.5 && (survey.agreement() - plan.agreement()).abs() > 0.02;
    if by_names {
        let best = if survey.agreement() > plan.agreement() { survey } else { plan };
        return (best.scheme, Why { key: "model.scheme-by-names", certain: true });
    }
    if survey.explained != plan.explained {
        let best = if survey.explained > plan.explained { survey } else { plan };
        let other = survey.explained.min(plan.explained);
        // One odd code in a thousand features may be a slip of the pen.
        let clear = best.explained - other > best.explained / 200;
        if clear || hint.is_none_or(|hint| hint.is_plan() == best.scheme.is_plan()) {
            return (best.scheme, Why { key: "model.scheme-by-codes", certain: clear });
        }
    }
    let same_meaning = used.iter().all(|code| {
        let name = |scheme| resolve(scheme, &code.code).map(|found| found.class.name(Language::Chinese));
        name(Scheme::Sd2019) == name(Scheme::Ydyh2023)
    });
    let scheme = hint.unwrap_or(Scheme::Sd2019);
    let key = if hint.is_some() { "model.scheme-by-hint" } else { "model.scheme-undecided" };
    (scheme, Why { key, certain: same_meaning })
}

/// 2020 or 2023: only codes that the two read differently can tell.
fn decide_vintage(used: &[&UsedCode], why: Why) -> Detection {
    let (mut votes_2020, mut votes_2023) = (0, 0);
    let mut silent = Vec::new();
    for code in used {
        let of = |scheme| resolve(scheme, &code.code).map(|found| found.class);
        match (of(Scheme::Ydyh2020), of(Scheme::Ydyh2023)) {
            (Some(_), None) => votes_2020 += code.feature_count,
            (None, Some(_)) => votes_2023 += code.feature_count,
            (Some(old), Some(new)) if old.name(Language::Chinese) != new.name(Language::Chinese) => {
                match (is_exact_name_of(old, &code.name), is_exact_name_of(new, &code.name)) {
                    (true, false) => votes_2020 += code.feature_count,
                    (false, true) => votes_2023 += code.feature_count,
                    _ => silent.push(new),
                }
            }
            _ => {}
        }
    }
    silent.sort_unstable();
    silent.dedup();
    match (votes_2020 > votes_2023, votes_2020 + votes_2023 == 0 && !silent.is_empty()) {
        (true, _) => {
            let certain = why.certain && votes_2023 == 0;
            finish(Scheme::Ydyh2020, used, Why { key: "model.scheme-trial-version", certain }, Vec::new())
        }
        (false, true) => {
            finish(Scheme::Ydyh2023, used, Why { key: "model.scheme-vintage-open", certain: false }, silent)
        }
        (false, false) => {
            let certain = why.certain && votes_2020 == 0;
            finish(Scheme::Ydyh2023, used, Why { certain, ..why }, Vec::new())
        }
    }
}

fn finish(scheme: Scheme, used: &[&UsedCode], why: Why, ambiguous: Vec<Class>) -> Detection {
    let mut suspects: Vec<Suspect> = Vec::new();
    let mut unknown: Vec<(String, u64)> = Vec::new();
    let (mut explained, mut total) = (0, 0);
    for code in used {
        total += code.feature_count;
        match resolve(scheme, &code.code) {
            None => match unknown.iter_mut().find(|(text, _)| *text == code.code) {
                Some((_, count)) => *count += code.feature_count,
                None => unknown.push((code.code.clone(), code.feature_count)),
            },
            Some(found) => {
                explained += code.feature_count;
                if found.note == CodeNote::LeadingZero {
                    match suspects.iter_mut().find(|suspect| suspect.text == code.code) {
                        Some(suspect) => suspect.feature_count += code.feature_count,
                        None => suspects.push(Suspect {
                            text: code.code.clone(),
                            class: found.class,
                            feature_count: code.feature_count,
                        }),
                    }
                }
            }
        }
    }
    let codes: Vec<&str> = ambiguous.iter().map(|class| class.code()).collect();
    let reason = Message::new(why.key)
        .with_said("scheme", |language| scheme.title(language).to_owned())
        .with("explained", format_number(explained as f64, 0))
        .with("total", format_number(total as f64, 0))
        .with("codes", codes.join(", "));
    Detection { scheme: Some(scheme), certain: why.certain, reason, suspects, unknown, ambiguous }
}

fn nothing_found(total: u64) -> Detection {
    let reason = Message::new("model.scheme-none").with("total", format_number(total as f64, 0));
    Detection { scheme: None, certain: true, reason, suspects: Vec::new(), unknown: Vec::new(), ambiguous: Vec::new() }
}

/// Whether `name` is what files call the class: its name, with or without the word 用地 and further words.
fn is_name_of(class: Class, name: &str) -> bool {
    let (own, name) = (core_of(class.name(Language::Chinese)), core_of(name.trim()));
    own == name || (own.chars().count() >= 2 && name.chars().count() >= 2 && (own.contains(name) || name.contains(own)))
}

fn is_exact_name_of(class: Class, name: &str) -> bool {
    core_of(class.name(Language::Chinese)) == core_of(name.trim())
}

fn core_of(name: &str) -> &str {
    name.strip_suffix("用地").or_else(|| name.strip_suffix('地')).unwrap_or(name)
}
