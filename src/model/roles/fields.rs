//! Titles of the planning databases' columns, which are named by pinyin initials (`DLBM` is 地类编码), and the meaning
//! of their coded values.
//!
//! The usual ones lie in `assets/fields.csv` and `assets/values.csv`, all others come from the tables of the databases
//! ([`super::schema`]). Land-use codes have a table of their own, see [`crate::model::classes`].

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::model::classes::{self, Scheme};
use crate::model::roles::{schema, zones};
use crate::model::style::ClassSymbol;
use crate::text::Language;

/// A column of the planning databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldTitle {
    /// Its name: `DLBM`.
    pub code: &'static str,
    zh: &'static str,
    en: &'static str,
    /// Unit of its numbers: `m2`, `km2`, `m`; empty where it has none or the name does not tell.
    pub unit: &'static str,
}

impl FieldTitle {
    /// What it holds: 地类编码.
    pub fn title(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }
}

/// The column that fields of that name are, without regard to case.
pub fn find(name: &str) -> Option<&'static FieldTitle> {
    tables().fields.get(name.trim().to_ascii_uppercase().as_str())
}

/// The title of a field: that of the planning databases where the name is one of theirs.
pub fn title(name: &str, language: Language) -> Option<&'static str> {
    find(name).map(|field| field.title(language))
}

/// The column that has that title: `DLBM` for 地类编码.
pub fn code_of_title(title: &str) -> Option<&'static str> {
    tables().by_title.get(title.trim()).copied()
}

/// What a coded value stands for: the class of a land-use code (`scheme` tells which), a planning zone, or a value of
/// the databases' code lists (QSXZ 20 is 国有土地使用权).
pub fn meaning(field: &str, value: &str, scheme: Option<Scheme>, language: Language) -> Option<&'static str> {
    Meanings::of_field(field, scheme, language)?.of(value)
}

/// What a legend calls a class of the field `field`: as its user does, by the land-use class, by what its code stands for,
/// by the value itself.
pub fn legend_name<'a>(field: &str, class: &'a ClassSymbol, language: Language) -> &'a str {
    let name = class.name(language);
    if !class.label.is_empty() || class.class.is_some() {
        return name;
    }
    meaning(field, &class.key, None, language).unwrap_or(name)
}

/// What the values of one field stand for: looked up once for all of them.
#[derive(Clone, Copy, Debug)]
pub struct Meanings {
    scheme: Option<Scheme>,
    zones: Option<&'static str>,
    values: Option<&'static FxHashMap<&'static str, (&'static str, &'static str)>>,
    language: Language,
}

impl Meanings {
    /// Those of `field`, whose codes are of `scheme` where it is the field of classes; `None` where no value of it stands
    /// for anything.
    pub fn of_field(field: &str, scheme: Option<Scheme>, language: Language) -> Option<Self> {
        let name = field.trim().to_ascii_uppercase();
        let known = schema::field(&name);
        // Deducted classes are the survey's also in plans, and so are those before and after a change.
        let is_surveyed = known.is_some_and(|known| known.list == "DLBM_SD2019") && name.starts_with("BG");
        let scheme = if name == "KCDLBM" || is_surveyed { Some(Scheme::Sd2019) } else { scheme };
        let zones = zones::table_of_field(&name).filter(|_| name.ends_with("DM"));
        let listed = || schema::codes(known?.list);
        let values = tables().values.get(name.as_str()).or_else(listed);
        let any = scheme.is_some() || zones.is_some() || values.is_some();
        any.then_some(Self { scheme, zones, values, language })
    }

    /// What `value` stands for.
    pub fn of(&self, value: &str) -> Option<&'static str> {
        if let Some(found) = self.scheme.and_then(|scheme| classes::resolve(scheme, value)) {
            // A name is no code to be spelled out.
            return (found.note != classes::CodeNote::Named).then(|| found.class.name(self.language));
        }
        if let Some(zone) = self.zones.and_then(|table| zones::find(Some(table), value)) {
            return Some(zone.name(self.language));
        }
        let text = value.trim();
        let (zh, en) = self.values?.get(text)?;
        let meaning: &'static str = match self.language {
            Language::Chinese => zh,
            Language::English => en,
        };
        // A word that stands for itself is no code to be spelled out.
        (*zh != text).then_some(meaning)
    }
}

#[derive(Debug, Default)]
struct Tables {
    fields: FxHashMap<&'static str, FieldTitle>,
    by_title: FxHashMap<&'static str, &'static str>,
    values: FxHashMap<&'static str, FxHashMap<&'static str, (&'static str, &'static str)>>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = Tables::default();
        for [code, zh, en, unit] in records(include_str!("../../../assets/fields.csv")) {
            tables.fields.insert(code, FieldTitle { code, zh, en, unit });
            // Of columns with the same title the first is the usual one.
            tables.by_title.entry(zh).or_insert(code);
        }
        for field in schema::all_fields() {
            let code: &'static str = match field.code.bytes().any(|b| b.is_ascii_lowercase()) {
                true => Box::leak(field.code.to_ascii_uppercase().into_boxed_str()),
                false => field.code,
            };
            let title = FieldTitle {
                code,
                zh: field.title(Language::Chinese),
                en: field.title(Language::English),
                unit: field.unit,
            };
            tables.fields.entry(code).or_insert(title);
            tables.by_title.entry(title.zh).or_insert(code);
        }
        for [field, value, zh, en] in records(include_str!("../../../assets/values.csv")) {
            tables.values.entry(field).or_default().insert(value, (zh, en));
        }
        tables
    })
}

/// The rows of an asset, which live as long as the program.
fn records(source: &str) -> Vec<[&'static str; 4]> {
    let records = csv::Reader::from_reader(source.as_bytes()).into_records();
    records
        .map(|record| {
            let record = record.expect("the asset is well-formed CSV, checked by a test");
            [0, 1, 2, 3].map(|i| -> &'static str { Box::leak(record[i].to_owned().into_boxed_str()) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language::{Chinese, English};

    #[test]
    fn fields_have_titles_in_both_languages() {
        let check = |name: &str, zh: Option<&str>| assert_eq!(title(name, Chinese), zh, "{name}");
        check("BSM", Some("标识码"));
        check("dlbm", Some("地类编码"));
        check("QSDWMC", Some("权属单位名称"));
        check("TBMJ", Some("图斑面积"));
        check("KCXS", Some("扣除地类系数"));
        check("Shape_Area", Some("图形面积（平面）"));
        check("CZCMJ", Some("城镇村面积"));
        check("bgqdlbm", Some("变更前地类编码"));
        check("SLDM", Some("数量代码"));
        check("BHKSSJ", Some("保护开始时间"));
        check("foo", None);
        assert_eq!(title("TBMJ", English), Some("Parcel area"));
        assert_eq!(find("QYMJ").map(|field| field.unit), Some("km2"));
        assert_eq!(code_of_title("地类编码"), Some("DLBM"));
        for field in tables().fields.values() {
            assert!(!field.zh.is_empty() && !field.en.is_empty(), "{field:?}");
            assert_eq!(field.code, field.code.to_ascii_uppercase());
        }
    }

    #[test]
    fn coded_values_are_spelled_out() {
        let check = |field: &str, value: &str, scheme, expected: Option<&str>| {
            assert_eq!(meaning(field, value, scheme, Chinese), expected, "{field} {value}");
        };
        check("DLBM", "0701", Some(Scheme::Ydyh2023), Some("城镇住宅用地"));
        check("DLBM", "1001", Some(Scheme::Sd2019), Some("铁路用地"));
        check("DLMC", "铁路用地", Some(Scheme::Sd2019), None);
        check("KCDLBM", "1203", Some(Scheme::Ydyh2023), Some("田坎"));
        check("QSXZ", "20", None, Some("国有土地使用权"));
        check("qsxz", "99", None, None);
        check("GHFQDM", "420", None, Some("城镇弹性发展区"));
        check("GHFQMC", "城镇弹性发展区", None, None);
        check("CZCSXM", "203", None, Some("村庄"));
        // Lists of the databases that stand in no table of ours.
        check("JXXZ", "600003", None, Some("争议界"));
        check("JXLX", "660200", None, Some("街道、乡、镇界"));
        check("ZZSXDM", "LS", None, Some("种植粮食作物"));
        check("BGXW", "3", None, Some("新增"));
        check("FRDBS", "1", None, Some("飞入地"));
        // What says itself is not said twice.
        check("WDGD", "是", None, None);
        check("WDGD", "1", None, Some("是"));
        // Classes before and after a change are the survey's; codes of other fields are of a scheme that is not known.
        check("BGQDLBM", "1001", None, Some("铁路用地"));
        check("DLBM", "1001", None, None);
        check("YDYHFLDM", "1001", None, None);
        assert_eq!(meaning("JXXZ", "600003", None, English), Some("Disputed"));
    }
}
