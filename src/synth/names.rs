//! Invented names: villages by surname and ending, codes of an area that does not exist.

use super::landscape::STREET_OFFICES;
use super::rng::Rng;

/// A county code that is not given to any county, so that nobody takes the demo for survey data.
pub const COUNTY: &str = "370199";

const SURNAMES: &[&str] = &[
    "张", "王", "李", "赵", "刘", "陈", "杨", "孙", "马", "高", "宋", "韩", "唐", "冯", "董", "程", "袁", "许", "邓",
    "曹", "田", "范", "石", "姜", "崔", "康", "侯", "孟", "段", "梁", "郭", "罗", "谢", "郑", "吕", "苏", "卢", "蒋",
    "蔡", "贾", "丁", "魏", "薛", "叶", "阎", "潘", "杜", "戴", "夏", "钟",
];

const ENDINGS: &[&str] =
    &["家庄", "庄", "官庄", "家寨", "家桥", "家楼", "家屯", "家洼", "家店", "家口", "家营", "家渡"];

/// `count` different names of villages.
pub fn villages(seed: u64, count: usize) -> Vec<String> {
    let mut rng = Rng::of(seed, 101, 0);
    let mut names: Vec<String> = Vec::with_capacity(count);
    while names.len() < count {
        let name = format!("{}{}", SURNAMES[rng.below(SURNAMES.len())], ENDINGS[rng.below(ENDINGS.len())]);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Nine digits of a street office.
pub fn street_code(street: usize) -> String {
    format!("{COUNTY}{:03}", street + 1)
}

/// Twelve digits of a village under its street office; the office itself ends in 000.
pub fn village_code(street: usize, number: usize) -> String {
    format!("{}{:03}", street_code(street), if number == usize::MAX { 0 } else { 200 + number })
}

/// Name of a street office.
pub fn street_name(street: usize) -> &'static str {
    STREET_OFFICES[street].0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn village_names_differ() {
        let mut names = villages(1, 200);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 200);
        assert_eq!(village_code(3, 7), "370199004207");
    }
}
