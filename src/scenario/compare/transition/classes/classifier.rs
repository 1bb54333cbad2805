//! Which class a feature of either state has: by what its code means, by a crosswalk, or by its text.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{ClassKey, Crosswalk, Grouping, Level};
use crate::model::classes::{self, BigClass, CodeNote, Scheme};
use crate::model::keys::{self, GroupKey, ReadAs, scheme_of_field};
use crate::model::{FieldType, NoValues};
use crate::scenario::compare::transition::CompareError;
use crate::text::{Language, Message};
use crate::units::format_number;

/// Texts of one layer: one number a feature, and what each number stands for.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Texts {
    pub(in crate::scenario) of: Vec<u32>,
    pub(in crate::scenario) distinct: Vec<Vec<Option<Arc<str>>>>,
}

/// Tells the class of a feature of either state from the values of its keys.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Classifier {
    schemes: [Option<Scheme>; 2],
    renamed: FxHashMap<String, String>,
    level: Level,
    /// Names of the fields of the class.
    fields: [String; 2],
    /// Texts of numbers that the other state writes with leading zeros, key by key.
    respelt: [Vec<Respelt>; 2],
}

/// Texts of one key that are read as other ones.
type Respelt = FxHashMap<Arc<str>, Arc<str>>;

impl Classifier {
    /// What decides, from all values of both states, which are returned with it.
    pub(in crate::scenario) fn new(
        sides: [Grouping<'_>; 2],
        level: Level,
        crosswalk: Option<&Crosswalk>,
    ) -> Result<(Self, [Texts; 2]), CompareError> {
        let texts = sides.map(Texts::of);
        let mut schemes = sides.map(|side| Some(scheme_of_field(side.layer, side.keys.last()?.field)).flatten());
        for (scheme, texts) in schemes.iter_mut().zip(&texts) {
            *scheme = scheme.filter(|scheme| level != Level::AsGiven || names_classes(*scheme, texts));
        }
        agree(&mut schemes, &texts);
        let mut renamed: FxHashMap<String, String> = FxHashMap::default();
        match (schemes, crosswalk) {
            ([Some(a), Some(b)], None) if a != b => {
                return Err(CompareError::SchemesDiffer { base: a.name(), scenario: b.name() });
            }
            ([from, to], Some(crosswalk)) => {
                renamed = renames(&texts[0], from, crosswalk)?;
                schemes[0] = to;
            }
            _ => {}
        }
        // Codes of classes are read by what they mean.
        let of_scheme = schemes.iter().any(Option::is_some);
        let respelt = [0, 1].map(|side| {
            let mut found = respelt(sides[side], sides[1 - side], &texts[side], &texts[1 - side]);
            found.last_mut().filter(|_| of_scheme).map(Respelt::clear);
            found
        });
        let field = |side: Grouping<'_>| {
            side.keys.last().map_or_else(String::new, |key| side.layer.fields[key.field].name.clone())
        };
        Ok((Self { schemes, renamed, level, fields: sides.map(field), respelt }, texts))
    }

    /// The class of a feature of `side` (0 base, 1 scenario) with these values of the keys.
    pub(in crate::scenario) fn class_key(
        &self,
        side: usize,
        values: &[Option<Arc<str>>],
    ) -> Result<ClassKey, CompareError> {
        let field = || self.fields[side].clone();
        let mut read: Vec<Option<Arc<str>>> = Vec::new();
        let values = if self.respelt[side].iter().all(Respelt::is_empty) {
            values
        } else {
            let pairs = values.iter().zip(&self.respelt[side]);
            read.extend(
                pairs.map(|(value, respelt)| value.as_ref().map(|text| respelt.get(text).unwrap_or(text).clone())),
            );
            &read
        };
        class_key(values, side == 0, &self.renamed, self.schemes[side], self.level, &field)
    }
}

impl Classifier {
    /// What was read as what in a state, and how often.
    pub(super) fn remarks(&self, side: usize, texts: &Texts, of: Grouping<'_>) -> Vec<Message> {
        let mut counts = vec![0u64; texts.distinct.len()];
        texts.of.iter().for_each(|text| counts[*text as usize] += 1);
        let mut remarks = Vec::new();
        for (at, respelt) in self.respelt[side].iter().enumerate().filter(|(_, respelt)| !respelt.is_empty()) {
            let values = texts.distinct.iter().zip(&counts).filter_map(|(values, n)| Some((values[at].as_ref()?, n)));
            let n: u64 = values.filter(|(text, _)| respelt.contains_key(*text)).map(|(_, n)| n).sum();
            let Some((text, code)) = respelt.iter().min() else { continue };
            let message = Message::new("model.respelt").with("layer", &of.layer.name);
            let message = message.with("field", &of.layer.fields[of.keys[at].field].name);
            let n = format_number(n as f64, 0);
            remarks.push(message.with("n", n).with("text", text).with("code", code));
        }
        if let Some(scheme) = self.schemes[side] {
            let mut read: Vec<ReadAs> = Vec::new();
            let mut holds_codes = false;
            for (values, n) in texts.distinct.iter().zip(&counts) {
                let Some(text) = values.last().and_then(Option::as_deref) else { continue };
                let Some(found) = classes::resolve(scheme, text) else { continue };
                holds_codes |= found.note != CodeNote::Named;
                if found.note == CodeNote::Exact || self.renamed.contains_key(text) {
                    continue;
                }
                match read.iter_mut().find(|read| read.text == text) {
                    Some(read) => read.feature_count += n,
                    None => read.push(ReadAs {
                        text: text.to_owned(),
                        class: found.class,
                        note: found.note,
                        feature_count: *n,
                    }),
                }
            }
            read.sort_by(|a, b| (a.class, &a.text).cmp(&(b.class, &b.text)));
            let message = keys::read_as_message(&of.layer.name, &self.fields[side], &read);
            remarks.extend(message.filter(|_| holds_codes));
        }
        for key in of.keys {
            let none = NoValues::of_field(of.layer, key.field, None);
            remarks.extend(none.message(&of.layer.fields[key.field].name));
        }
        remarks
    }
}

/// Where a key of one state is a column of numbers and that of the other one of texts, a spreadsheet took the leading
/// zeros away: each number that is no text of the other state, but one with zeros before it, is read as that.
fn respelt(own: Grouping<'_>, other: Grouping<'_>, texts: &Texts, of_other: &Texts) -> Vec<Respelt> {
    let kind = |side: Grouping<'_>, key: &GroupKey| side.layer.fields[key.field].kind;
    let pairs = own.keys.iter().zip(other.keys).enumerate();
    pairs
        .map(|(at, (key, their_key))| {
            let mut respelt = Respelt::default();
            if (kind(own, key), kind(other, their_key)) != (FieldType::Int, FieldType::Text) {
                return respelt;
            }
            let distinct = |texts: &Texts| -> FxHashSet<Arc<str>> {
                texts.distinct.iter().filter_map(|values| values[at].clone()).collect()
            };
            let theirs = distinct(of_other);
            let mut by_number: FxHashMap<&str, Option<&Arc<str>>> = FxHashMap::default();
            for text in theirs.iter().filter(|text| text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())) {
                // Of two that differ in their zeros alone, neither is meant for sure.
                let known = by_number.entry(text.trim_start_matches('0')).or_insert(Some(text));
                if known.is_some_and(|known| known != text) {
                    *known = None;
                }
            }
            for text in distinct(texts).into_iter().filter(|text| !theirs.contains(text)) {
                if let Some(Some(code)) = by_number.get(&*text) {
                    respelt.insert(text, (*code).clone());
                }
            }
            respelt
        })
        .collect()
}

impl Texts {
    pub(super) fn of(side: Grouping<'_>) -> Self {
        let mut numbers: FxHashMap<Vec<Option<Arc<str>>>, u32> = FxHashMap::default();
        let mut texts = Self { of: Vec::with_capacity(side.layer.feature_count()), distinct: Vec::new() };
        for block in &side.layer.blocks {
            let row_count = block.geometry.feature_count();
            let columns: Vec<(Vec<u32>, Vec<Option<Arc<str>>>)> =
                side.keys.iter().map(|key| keys::codes(block, row_count, key)).collect();
            let mut known: FxHashMap<Vec<u32>, u32> = FxHashMap::default();
            let mut codes = vec![0; columns.len()];
            for row in 0..row_count {
                for (code, (of_row, _)) in codes.iter_mut().zip(&columns) {
                    *code = of_row[row];
                }
                let number = match known.get(&codes) {
                    Some(number) => *number,
                    None => {
                        let values: Vec<Option<Arc<str>>> = codes
                            .iter()
                            .zip(&columns)
                            .map(|(code, (_, texts))| texts[*code as usize].clone())
                            .collect();
                        let next = texts.distinct.len() as u32;
                        let number = *numbers.entry(values.clone()).or_insert(next);
                        if number == next {
                            texts.distinct.push(values);
                        }
                        known.insert(codes.clone(), number);
                        number
                    }
                };
                texts.of.push(number);
            }
        }
        texts
    }

    /// The distinct texts of the class.
    fn class_texts(&self) -> impl Iterator<Item = &str> {
        self.distinct.iter().filter_map(|values| values.last()?.as_deref()).filter(|text| !text.trim().is_empty())
    }
}

/// Whether most texts name classes of `scheme` without a guess: 1 … 12 may be zones of any plan as well as first-level
/// codes that have lost their zero, and are left as they are.
fn names_classes(scheme: Scheme, texts: &Texts) -> bool {
    let (mut sure, mut guessed) = (0, 0);
    for text in texts.class_texts() {
        match classes::resolve(scheme, text) {
            Some(found) if found.note.is_suspicion() => guessed += 1,
            Some(_) => sure += 1,
            None => {}
        }
    }
    sure > guessed
}

/// Where the schemes of two layers differ, but all codes of one mean the same in the other's, they are of one scheme:
/// few codes of one layer may fit several.
fn agree(schemes: &mut [Option<Scheme>; 2], texts: &[Texts; 2]) {
    let [Some(a), Some(b)] = *schemes else {
        if let (Some(scheme), side) | (side, Some(scheme)) = (schemes[0], schemes[1])
            && side.is_none()
        {
            let missing = usize::from(schemes[0].is_some());
            if texts[missing].class_texts().all(|text| classes::resolve(scheme, text).is_some()) {
                *schemes = [Some(scheme); 2];
            }
        }
        return;
    };
    if a == b {
        return;
    }
    let same = |side: &Texts, x: Scheme, y: Scheme| {
        side.class_texts().all(|text| match (classes::resolve(x, text), classes::resolve(y, text)) {
            (Some(x), Some(y)) => {
                x.class.code() == y.class.code() && x.class.name(Language::Chinese) == y.class.name(Language::Chinese)
            }
            _ => false,
        })
    };
    if same(&texts[1], b, a) {
        *schemes = [Some(a); 2];
    } else if same(&texts[0], a, b) {
        *schemes = [Some(b); 2];
    }
}

/// What each class text of the base becomes.
fn renames(
    texts: &Texts,
    scheme: Option<Scheme>,
    crosswalk: &Crosswalk,
) -> Result<FxHashMap<String, String>, CompareError> {
    let mut renamed = FxHashMap::default();
    let (mut open, mut lacking) = (Vec::new(), Vec::new());
    for text in texts.class_texts() {
        let code = scheme.and_then(|scheme| classes::resolve(scheme, text)).map(|found| found.class.code());
        let mut targets = crosswalk.targets(text);
        if targets.is_empty() {
            targets = code.map_or_else(Vec::new, |code| crosswalk.targets(code));
        }
        match targets[..] {
            [] => lacking.push(text.to_owned()),
            [target] => {
                renamed.insert(text.to_owned(), target.to_owned());
            }
            _ => open.push(format!("{text} → {}", targets.join(" | "))),
        }
    }
    open.sort();
    open.dedup();
    lacking.sort();
    lacking.dedup();
    if !open.is_empty() {
        return Err(CompareError::CrosswalkOpen(open));
    }
    if !lacking.is_empty() {
        return Err(CompareError::CrosswalkLacks(lacking));
    }
    Ok(renamed)
}

fn class_key(
    values: &[Option<Arc<str>>],
    is_base: bool,
    renamed: &FxHashMap<String, String>,
    scheme: Option<Scheme>,
    level: Level,
    field: &dyn Fn() -> String,
) -> Result<ClassKey, CompareError> {
    let shown = |value: &Option<Arc<str>>| value.as_deref().unwrap_or_default().to_owned();
    let (last, before) = values.split_last().map_or((None, values), |(last, before)| (last.as_deref(), before));
    let groups: Vec<String> = before.iter().map(shown).collect();
    let mut value = last.unwrap_or_default().to_owned();
    if let Some(new) = renamed.get(&value).filter(|_| is_base) {
        value.clone_from(new);
    }
    let mut class = scheme.and_then(|scheme| classes::resolve(scheme, &value)).map(|found| found.class);
    let mut big = None;
    match (level, scheme) {
        (Level::AsGiven, _) => {}
        (_, None) => return Err(CompareError::NoLevels { field: field() }),
        (Level::Of(level), Some(_)) => class = class.map(|class| class.at_level(level)),
        (Level::Big(_), Some(scheme)) if scheme.is_plan() => return Err(CompareError::NoBigClasses(scheme.name())),
        (Level::Big(grassland), Some(_)) => {
            big = class.and_then(|class| class.big_class(grassland));
            if big.is_some() {
                class = None;
            }
        }
    }
    if let Some(class) = class {
        class.code().clone_into(&mut value);
    } else if let Some(big) = big {
        big_word(big).clone_into(&mut value);
    }
    let key = groups.iter().map(|group| format!("{group}/")).collect::<String>() + &value;
    Ok(ClassKey { key, groups, value, class, big })
}

/// The word of a big class in JSON.
fn big_word(big: BigClass) -> &'static str {
    match big {
        BigClass::Agricultural => "agricultural",
        BigClass::Construction => "construction",
        BigClass::Unused => "unused",
        BigClass::Mixed => "mixed",
    }
}
