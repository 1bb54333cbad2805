//! Tables, fields and code lists of the planning databases, as far as they are public.
//!
//! The facts lie in `assets/schema`, each row with its source and how sure it is; they recognise and spell out, they are
//! not the rules that a delivery is held against. Read when they are first asked for, never at the start: a line is split
//! at its commas, and what comes of it borrows from the program itself. Several schemas have a table of the same code
//! (`STBHHX` of the survey, of plans, as issued): the one whose fields a layer has is meant, and is named.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::Role;
use crate::model::GeometryKind;
use crate::text::Language;

/// How sure a fact is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Inferred or surmised.
    Low,
    /// One source.
    #[default]
    Medium,
    /// Two sources that do not know each other, or the document itself.
    High,
}

impl Confidence {
    const ALL: [(Self, &'static str); 3] = [(Self::High, "H"), (Self::Medium, "M"), (Self::Low, "L")];

    /// The letter of files.
    pub fn letter(self) -> &'static str {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or("M", |(_, letter)| letter)
    }

    /// What a letter of files says.
    pub fn of_letter(letter: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(letter.trim())).map(|(known, _)| *known)
    }

    /// Key of its word for users.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::Low => "model.confidence-low",
            Self::Medium => "model.confidence-medium",
            Self::High => "model.confidence-high",
        }
    }
}

/// A table of a planning database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The database that it is part of: `SD2019`, `GTKJGH-county`.
    pub schema: &'static str,
    /// Its code: `DLTB`.
    pub code: &'static str,
    zh: &'static str,
    en: &'static str,
    /// What its features are; `None` for pictures and annotations.
    pub kind: Option<GeometryKind>,
    /// The value of the field YSDM in all its rows; empty where it is not known.
    pub ysdm: &'static str,
    /// What layers of that table are.
    pub role: Role,
    /// What else files are called that hold it.
    pub aliases: Vec<&'static str>,
    source: &'static str,
    /// How sure its row is.
    pub confidence: Confidence,
}

/// A field of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableField {
    /// Its name: `DLBM`.
    pub code: &'static str,
    zh: &'static str,
    en: &'static str,
    /// `Char`, `VarChar`, `Int`, `Float`, `Date`.
    pub kind: &'static str,
    /// Characters or digits; empty where it is not known.
    pub length: &'static str,
    /// Decimals; empty where there are none.
    pub decimals: &'static str,
    /// M must be there, C where it applies, O may.
    pub required: &'static str,
    /// The list of codes that its values are of; empty for none. `X(name)` holds the names of list X.
    pub list: &'static str,
    /// Which values it may have.
    pub range: &'static str,
    /// Unit of its numbers: `m2`, `hm2`, `km2`, `m`.
    pub unit: &'static str,
    /// What else it is called.
    pub aliases: Vec<&'static str>,
    source: &'static str,
    /// How sure its row is.
    pub confidence: Confidence,
}

impl Table {
    /// Its name: 地类图斑.
    pub fn name(&self, language: Language) -> &'static str {
        in_language(self.zh, self.en, language)
    }

    /// Code and name: `DLTB 地类图斑`.
    pub fn label(&self, language: Language) -> String {
        format!("{} {}", self.code, self.name(language))
    }

    /// The Chinese name without what stands in brackets: words that files are called by.
    pub(super) fn word(&self) -> &'static str {
        self.zh.split(['(', '（']).next().unwrap_or(self.zh)
    }

    /// Where its row comes from.
    pub fn source(&self) -> &'static str {
        source_of(self.source)
    }

    /// Its fields, in order. Those of the same table in another schema stand in where its own are not known, and those of
    /// the table that it updates (`DLTB` of `DLTBGX`).
    pub fn fields(&self) -> &'static [TableField] {
        let facts = facts();
        let own = facts.fields.get(&(self.schema, self.code));
        let named =
            |code: &'static str| facts.fields_by_code.get(code).and_then(|schema| facts.fields.get(&(*schema, code)));
        let base = || ["GXGC", "GX"].iter().find_map(|ending| named(self.code.strip_suffix(ending)?));
        own.or_else(|| named(self.code)).or_else(base).map_or(&[][..], Vec::as_slice)
    }

    /// Its field of that name or alias, without regard to case.
    pub fn field(&self, name: &str) -> Option<&'static TableField> {
        let name = name.trim();
        let fields = self.fields();
        let by_code = fields.iter().find(|field| field.code.eq_ignore_ascii_case(name));
        by_code.or_else(|| fields.iter().find(|field| field.is_called(name)))
    }

    /// How many of `names` are fields of it, and how many fields it has.
    pub fn fit(&self, names: &[&str]) -> (usize, usize) {
        let fields = self.fields();
        let has = |field: &&TableField| names.iter().any(|name| field.is_called(name.trim()));
        (fields.iter().filter(has).count(), fields.len())
    }
}

impl TableField {
    /// What it holds: 地类编码.
    pub fn title(&self, language: Language) -> &'static str {
        in_language(self.zh, self.en, language)
    }

    /// Where its row comes from.
    pub fn source(&self) -> &'static str {
        source_of(self.source)
    }

    fn is_called(&self, name: &str) -> bool {
        self.code.eq_ignore_ascii_case(name)
            || self.zh == name
            || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

fn in_language(zh: &'static str, en: &'static str, language: Language) -> &'static str {
    match language {
        Language::English if !en.is_empty() => en,
        _ => zh,
    }
}

fn source_of(key: &'static str) -> &'static str {
    facts().sources.get(key).copied().unwrap_or(key)
}

/// All tables.
pub fn tables() -> &'static [Table] {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    TABLES.get_or_init(|| rows(LAYERS).map(table_of_row).collect())
}

fn table_of_row(cells: [&'static str; 11]) -> Table {
    let [schema, code, zh, en, geometry, _, ysdm, role, aliases, source, sure] = cells;
    Table {
        schema,
        code: code.trim_end_matches('*'),
        zh,
        en,
        kind: match geometry {
            "Polygon" => Some(GeometryKind::Polygon),
            "Line" => Some(GeometryKind::Line),
            "Point" => Some(GeometryKind::Point),
            "Table" => Some(GeometryKind::None),
            _ => None,
        },
        ysdm,
        role: Role::from_name(role).unwrap_or_default(),
        aliases: list(aliases),
        source,
        confidence: Confidence::of_letter(sure).unwrap_or(Confidence::Low),
    }
}

/// The table of that code whose fields a layer has most of; the first schema among equals.
pub fn table(code: &str, field_names: &[&str]) -> Option<&'static Table> {
    let mut best: Option<(usize, &'static Table)> = None;
    for table in tables().iter().filter(|table| table.code.eq_ignore_ascii_case(code)) {
        let matched = table.fit(field_names).0;
        if best.is_none_or(|(most, _)| matched > most) {
            best = Some((matched, table));
        }
    }
    best.map(|(_, table)| table)
}

/// Fields of a table that a layer must have, at least, to be taken for it by its fields alone.
const LEAST_FIELDS: usize = 5;

/// The tables that a layer of these fields looks like, the likeliest first, with how many of their fields it has: half of
/// them at least.
pub fn tables_by_fields(field_names: &[&str], kind: GeometryKind) -> Vec<(&'static Table, usize, usize)> {
    let mut found: Vec<(&'static Table, usize, usize)> = Vec::new();
    for table in tables().iter().filter(|table| table.kind == Some(kind)) {
        // Guesses at the fields of a table are no evidence for it.
        if !facts().fields.contains_key(&(table.schema, table.code)) {
            continue;
        }
        let (matched, all) = table.fit(field_names);
        if matched >= LEAST_FIELDS && 2 * matched >= all {
            found.push((table, matched, all));
        }
    }
    // Of tables with the same fields found the one that has fewer others.
    found.sort_by_key(|(_, matched, all)| (std::cmp::Reverse(*matched), *all));
    let mut codes: Vec<&str> = Vec::new();
    found.retain(|(table, ..)| {
        let is_new = !codes.contains(&table.code);
        codes.push(table.code);
        is_new
    });
    found
}

/// The field of that name in any table, without regard to case; that of the survey before others.
pub fn field(name: &str) -> Option<&'static TableField> {
    let facts = facts();
    let (schema, code, at) = *facts.by_name.get(name.trim().to_ascii_uppercase().as_str())?;
    facts.fields.get(&(schema, code))?.get(at)
}

/// All fields of all tables, each name once.
pub(super) fn all_fields() -> impl Iterator<Item = &'static TableField> {
    let facts = facts();
    facts.order.iter().filter_map(move |(schema, code, at)| facts.fields.get(&(*schema, *code))?.get(*at))
}

/// What the values of a list of codes stand for: Chinese and English by code. Lists that are no standard have none.
pub(super) fn codes(list: &str) -> Option<&'static FxHashMap<&'static str, (&'static str, &'static str)>> {
    facts().codes.get(list)
}

/// A field of a table: schema, code of the table, place in it.
type Place = (&'static str, &'static str, usize);

#[derive(Debug, Default)]
struct Facts {
    fields: FxHashMap<(&'static str, &'static str), Vec<TableField>>,
    /// The first schema that has fields of a table.
    fields_by_code: FxHashMap<&'static str, &'static str>,
    by_name: FxHashMap<String, Place>,
    /// The places of `by_name` in the order of the file.
    order: Vec<Place>,
    codes: FxHashMap<&'static str, FxHashMap<&'static str, (&'static str, &'static str)>>,
    sources: FxHashMap<&'static str, &'static str>,
}

fn facts() -> &'static Facts {
    static FACTS: OnceLock<Facts> = OnceLock::new();
    FACTS.get_or_init(|| {
        let mut facts = Facts::default();
        for [
            schema,
            table,
            _,
            code,
            zh,
            kind,
            length,
            decimals,
            required,
            of,
            range,
            unit,
            aliases,
            source,
            sure,
            en,
        ] in rows::<16>(FIELDS)
        {
            let table = table.trim_end_matches('*');
            let fields = facts.fields.entry((schema, table)).or_default();
            let place = (schema, table, fields.len());
            facts.fields_by_code.entry(table).or_insert(schema);
            if let std::collections::hash_map::Entry::Vacant(entry) = facts.by_name.entry(code.to_ascii_uppercase()) {
                entry.insert(place);
                facts.order.push(place);
            }
            fields.push(TableField {
                code,
                zh,
                en,
                kind,
                length,
                decimals,
                required,
                list: of,
                range,
                unit,
                aliases: list(aliases),
                source,
                confidence: Confidence::of_letter(sure).unwrap_or(Confidence::Low),
            });
        }
        for [list, code, zh, en, status, _, _] in rows::<7>(CODES) {
            if !code.is_empty() && matches!(status, "complete" | "partial") {
                facts.codes.entry(list).or_default().insert(code, (zh, en));
            }
        }
        facts.sources = rows::<2>(SOURCES).map(|[key, text]| (key, text)).collect();
        facts
    })
}

const LAYERS: &str = include_str!("../../../assets/schema/layers.csv");
const FIELDS: &str = include_str!("../../../assets/schema/fields.csv");
const CODES: &str = include_str!("../../../assets/schema/codes.csv");
const SOURCES: &str = include_str!("../../../assets/schema/sources.csv");

/// The rows of an asset behind its head. No cell of these has a comma or a quote, which a test checks.
fn rows<const N: usize>(source: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    source.lines().skip(1).map(|line| {
        let mut cells = [""; N];
        for (cell, text) in cells.iter_mut().zip(line.split(',')) {
            *cell = text;
        }
        cells
    })
}

fn list(cell: &'static str) -> Vec<&'static str> {
    cell.split(';').filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language::{Chinese, English};

    #[test]
    fn every_row_is_whole_and_names_a_known_source() {
        for (source, width, key) in [(LAYERS, 11, 9), (FIELDS, 16, 13), (CODES, 7, 5), (SOURCES, 2, 0)] {
            assert!(!source.contains('"') && source.ends_with('\n'));
            for line in source.lines() {
                assert_eq!(line.split(',').count(), width, "{line}");
            }
            for line in source.lines().skip(1) {
                let key = line.split(',').nth(key).unwrap_or_default();
                assert!(facts().sources.contains_key(key), "{line}");
            }
        }
        for table in tables() {
            assert!(!table.name(Chinese).is_empty() && !table.name(English).is_empty(), "{table:?}");
        }
        for line in LAYERS.lines().skip(1) {
            let role = line.split(',').nth(7).unwrap_or_default();
            assert!(Role::from_name(role).is_some(), "{line}");
        }
        for field in facts().fields.values().flatten() {
            assert!(!field.title(Chinese).is_empty() && !field.title(English).is_empty(), "{field:?}");
            let listed = field.list.trim_end_matches("(name)");
            let is_known = CODES.lines().any(|line| line.split(',').next() == Some(listed));
            assert!(listed.is_empty() || is_known, "{field:?}");
        }
    }

    #[test]
    fn tables_are_told_apart_by_their_fields() {
        let schema = |code: &str, fields: &[&str]| table(code, fields).map(|table| table.schema);
        assert_eq!(schema("stbhhx", &["LXDM", "SLDM", "QYMJ", "SLSJ"]), Some("SD2019"));
        assert_eq!(schema("STBHHX", &["BSM", "HXBM", "HXMC", "HXLX"]), Some("STBHHX-issued"));
        assert_eq!(schema("DLTB", &[]), Some("SD2019"));
        assert_eq!(schema("nix", &[]), None);
        let dltb = table("DLTB", &[]).expect("is there");
        assert_eq!(
            (dltb.label(Chinese).as_str(), dltb.ysdm, dltb.role),
            ("DLTB 地类图斑", "2001010100", Role::LandUse)
        );
        assert_eq!(dltb.field("tkxs").map(|field| field.code), Some("KCXS"));
        assert_eq!(dltb.field("图斑面积").map(|field| (field.code, field.unit)), Some(("TBMJ", "m2")));
        assert!(dltb.source().contains("YZT-2"), "{}", dltb.source());
        // Tables of updates whose fields are not known have those of what they update.
        let update = table("TTQGX", &[]).expect("is there");
        assert!(update.field("TTQMJ").is_some());
        assert!(table("XZQJXGX", &[]).is_some_and(|table| table.field("JXLX").is_some()));
    }

    #[test]
    fn layers_without_a_name_are_known_by_their_fields() {
        let fields: Vec<&str> = table("YJJBNTBHTB", &[]).expect("is there").fields().iter().map(|f| f.code).collect();
        let found = tables_by_fields(&fields, GeometryKind::Polygon);
        assert!(matches!(found.first(), Some((table, ..)) if table.role == Role::BasicFarmland), "{found:?}");
        assert!(tables_by_fields(&["BSM", "YSDM", "BZ"], GeometryKind::Polygon).is_empty());
        assert!(tables_by_fields(&fields, GeometryKind::Point).is_empty());
    }

    #[test]
    fn fields_and_lists_are_found_by_name() {
        assert_eq!(field("czcmj").map(|field| field.title(Chinese)), Some("城镇村面积"));
        assert_eq!(field("nix"), None);
        assert_eq!(codes("JXXZ").and_then(|list| list.get("600003")).map(|names| names.0), Some("争议界"));
        assert!(codes("GHFQDM_synthetic").is_none() && codes("LHLX").is_none());
    }
}
