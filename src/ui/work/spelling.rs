//! Chinese names found by how they are spelt: `gyyd`, `gongyeyongdi` and `gongyeyd` are all 工业用地.

use pinyin::ToPinyin;

/// A name by its syllables in pinyin without tones; what is no Chinese stands for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelling(Vec<String>);

/// Characters whose usual reading in names of land is not the one that the table of readings lists first.
const READ_OTHERWISE: [(char, &str); 2] = [('地', "di"), ('长', "chang")];

impl Spelling {
    /// How `name` is spelt.
    pub fn of(name: &str) -> Self {
        let syllable = |c: char| match READ_OTHERWISE.iter().find(|(known, _)| *known == c) {
            Some((_, reading)) => Some((*reading).to_owned()),
            None => match c.to_pinyin() {
                Some(pinyin) => Some(pinyin.plain().to_owned()),
                None => c.is_alphanumeric().then(|| c.to_lowercase().collect()),
            },
        };
        Self(name.chars().filter_map(syllable).collect())
    }

    /// The syllable from which on the name is spelt as `query`, each syllable by its beginning at least; `None` where
    /// it is not. `query` is in small letters.
    pub fn find(&self, query: &str) -> Option<usize> {
        let query: Vec<u8> = query.bytes().filter(|b| !b" '-".contains(b)).collect();
        if query.is_empty() {
            return None;
        }
        (0..self.0.len()).find(|first| self.spells(*first, &query))
    }

    /// Whether the syllables from `first` on spell `query`. What is reached is kept as a set of places in the query, so
    /// that names that repeat a letter cost no more than their length.
    fn spells(&self, first: usize, query: &[u8]) -> bool {
        let mut reached = vec![false; query.len() + 1];
        reached[0] = true;
        for syllable in &self.0[first..] {
            let mut next = vec![false; query.len() + 1];
            for at in (0..query.len()).filter(|at| reached[*at]) {
                let same = syllable.bytes().zip(&query[at..]).take_while(|(a, b)| a == *b).count();
                next[at + 1..=at + same].fill(true);
            }
            if next[query.len()] {
                return true;
            }
            if !next.contains(&true) {
                return false;
            }
            reached = next;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_by_initials_syllables_and_both() {
        let check = |name: &str, query: &str, expected: Option<usize>| {
            assert_eq!(Spelling::of(name).find(query), expected, "{name} {query}");
        };
        for query in ["g", "gy", "gyyd", "gongye", "gongyeyongdi", "gongyeyd", "gyyongdi", "gong ye", "gong'ye"] {
            check("工业用地", query, Some(0));
        }
        check("工业用地", "yyd", Some(1));
        check("工业用地", "yongdi", Some(2));
        check("工业用地", "gyd", None);
        check("工业用地", "gyydd", None);
        check("公用设施用地", "gyyd", None);
        check("长途汽车站", "changtu", Some(0));
        check("果园", "guoyuan", Some(0));
        check("果园", "", None);
        check("1类工业", "1lgy", Some(0));
        // Many ways to read it, all of them tried at once.
        check(&"啊".repeat(60), &"a".repeat(60), Some(0));
        check(&"啊".repeat(60), &format!("{}b", "a".repeat(60)), None);
    }
}
