//! What a class of one scheme is in another: old codes to new ones, the survey's classes to those of plans (基数转换).
//!
//! The table lies in `assets/crosswalk.csv`, each row with what it rests on and how sure it is. Only rows from an older
//! scheme to the next newer one stand there; longer ways are put together. A class that became several is *open*: nobody
//! but its user knows which it is, so it is listed and decided, never guessed. There is no way back to an older scheme.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::{Class, Scheme};
use crate::text::Language;

/// Schemes from the oldest to the newest, the way that codes went. Plans were drawn by the trial version before 2023.
const WAYS: [(Scheme, Scheme); 4] = [
    (Scheme::Gb2007, Scheme::Gb2017),
    (Scheme::Gb2017, Scheme::Sd2019),
    (Scheme::Sd2019, Scheme::Ydyh2023),
    (Scheme::Ydyh2020, Scheme::Ydyh2023),
];

/// Schemes that classes of `from` can be carried over to, the next one first.
pub fn reached_from(from: Scheme) -> Vec<Scheme> {
    let mut reached: Vec<Scheme> = Vec::new();
    let mut at = from;
    while let Some((_, next)) = WAYS.iter().find(|(old, _)| *old == at) {
        reached.push(*next);
        at = *next;
    }
    reached
}

/// The classes of `to` that a class may be, the likeliest first: one where there is no doubt, none where nobody knows.
/// A class that no row names is what its parent is, or the class of the same code and name.
pub fn targets(class: Class, to: Scheme) -> Vec<Class> {
    if class.scheme() == to {
        return vec![class];
    }
    let Some((_, next)) = WAYS.iter().find(|(old, _)| *old == class.scheme()) else { return Vec::new() };
    if !reached_from(class.scheme()).contains(&to) {
        return Vec::new();
    }
    let mut found: Vec<Class> = Vec::new();
    for step in next_targets(class, *next) {
        for target in targets(step, to) {
            if !found.contains(&target) {
                found.push(target);
            }
        }
    }
    found
}

/// Whether the class has to be decided by its user: it may be several classes of `to`, or none is known.
pub fn is_open(class: Class, to: Scheme) -> bool {
    targets(class, to).len() != 1
}

/// The same one scheme on.
fn next_targets(class: Class, next: Scheme) -> Vec<Class> {
    let mut at = Some(class);
    while let Some(class) = at {
        if let Some(known) = table().get(&class) {
            return known.clone();
        }
        let same = Class::find(next, class.code());
        let is_same = |other: &Class| other.name(Language::Chinese) == class.name(Language::Chinese);
        if let Some(same) = same.filter(is_same) {
            return vec![same];
        }
        at = class.parent();
    }
    Vec::new()
}

fn table() -> &'static FxHashMap<Class, Vec<Class>> {
    static TABLE: OnceLock<FxHashMap<Class, Vec<Class>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = FxHashMap::default();
        for record in csv::Reader::from_reader(SOURCE.as_bytes()).into_records() {
            let record = record.expect("the asset is well-formed CSV, checked by a test");
            let scheme =
                |at: usize| Scheme::from_name(&record[at]).expect("the asset names known schemes, checked by a test");
            let class = |scheme: Scheme, code: &str| {
                Class::find(scheme, code).expect("the asset names known classes, checked by a test")
            };
            let to = scheme(2);
            let targets = record[3].split('|').filter(|code| !code.is_empty()).map(|code| class(to, code));
            table.insert(class(scheme(0), &record[1]), targets.collect());
        }
        table
    })
}

const SOURCE: &str = include_str!("../../../assets/crosswalk.csv");

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(scheme: Scheme, code: &str, to: Scheme) -> Vec<&'static str> {
        let class = Class::find(scheme, code).unwrap_or_else(|| panic!("no class {code}"));
        targets(class, to).into_iter().map(Class::code).collect()
    }

    #[test]
    fn classes_of_the_survey_become_those_of_plans() {
        let check = |code: &str, expected: &[&str]| {
            assert_eq!(codes(Scheme::Sd2019, code, Scheme::Ydyh2023), expected, "{code}");
        };
        check("0101", &["0101"]);
        check("0702", &["0703"]);
        check("0303", &["0507"]);
        check("1108", &["0504"]);
        check("1109", &["1311"]);
        check("08H1", &["0801"]);
        // Adjustable classes are what they are used as.
        check("0301K", &["0301"]);
        check("1104K", &["1704"]);
        // Those that are to be decided.
        check("0204", &["0205", "0204"]);
        check("1006", &["060101", "060102"]);
        check("1202", &["060201", "060202", "060203"]);
        for code in ["08H2", "0809", "09", "1005"] {
            let class = Class::find(Scheme::Sd2019, code).expect("a class");
            assert!(is_open(class, Scheme::Ydyh2023), "{code}");
        }
        check("08H2A", &["080401"]);
    }

    #[test]
    fn old_codes_become_new_ones_over_several_schemes() {
        let check = |scheme, code: &str, to, expected: &[&str]| {
            assert_eq!(codes(scheme, code, to), expected, "{scheme:?} {code} {to:?}");
        };
        check(Scheme::Gb2007, "011", Scheme::Gb2017, &["0101"]);
        check(Scheme::Gb2007, "031", Scheme::Gb2017, &["0301", "0302", "0303", "0304"]);
        // Two classes of 2017 that are one of the survey's.
        check(Scheme::Gb2007, "051", Scheme::Sd2019, &["05H1"]);
        check(Scheme::Gb2007, "083", Scheme::Sd2019, &["08H2"]);
        check(Scheme::Gb2007, "011", Scheme::Ydyh2023, &["0101"]);
        check(Scheme::Gb2007, "203", Scheme::Sd2019, &[]);
        check(Scheme::Gb2017, "0604", Scheme::Ydyh2023, &["1101"]);
        check(Scheme::Ydyh2020, "0602", Scheme::Ydyh2023, &["060201"]);
        check(Scheme::Ydyh2020, "1311", Scheme::Ydyh2023, &["1705"]);
        check(Scheme::Ydyh2020, "070102", Scheme::Ydyh2023, &["070102"]);
        check(Scheme::Ydyh2020, "0601", Scheme::Ydyh2023, &["0601", "1207"]);
        // There is no way back.
        check(Scheme::Ydyh2023, "0101", Scheme::Sd2019, &[]);
        check(Scheme::Sd2019, "0101", Scheme::Sd2019, &["0101"]);
        assert_eq!(reached_from(Scheme::Gb2007), [Scheme::Gb2017, Scheme::Sd2019, Scheme::Ydyh2023]);
        assert!(reached_from(Scheme::Ydyh2023).is_empty());
    }

    #[test]
    fn every_class_that_goes_on_has_a_row_or_a_namesake() {
        for (from, to) in WAYS {
            for class in from.classes() {
                // Settlements of the second survey are many classes at once.
                let is_settlement = from == Scheme::Gb2007 && class.code().starts_with("20") && class.code() != "020";
                assert!(is_settlement || !next_targets(class, to).is_empty(), "{class:?}");
                assert!(next_targets(class, to).iter().all(|target| target.scheme() == to), "{class:?}");
            }
        }
        for record in csv::Reader::from_reader(SOURCE.as_bytes()).records() {
            let record = record.expect("CSV");
            assert!(record.len() == 6 && !record[4].is_empty() && ["H", "M", "L"].contains(&&record[5]), "{record:?}");
        }
    }
}
