//! What lies in a geodatabase: its tables by name, and what its definitions say of them.
//!
//! Table 1 lists all tables by number. Those whose names begin with `GDB_` are its own; one of them, `GDB_Items`, has the
//! definitions as XML: of classes with their aliases, of coded domains, of rasters. Older releases have no such table;
//! there the tables have to speak for themselves.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::cursor::utf16;
use super::table::{Cell, Holds, Table};
use crate::io::xml;
use crate::model::{FieldWords, SourceWords};

/// Elements within elements that a definition may have.
const MOST_DEPTH: usize = 64;
/// Codes of domains of subtypes that are put together for a class.
const MOST_COMMON_CODES: usize = 1_000_000;

/// A table of a geodatabase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its number, by which its file is called.
    pub(super) number: i64,
    pub(super) name: String,
}

/// A field as its class defines it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldDefinition {
    pub(super) name: String,
    pub(super) alias: String,
    pub(super) domain: String,
}

/// What a definition is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Definition {
    Class {
        name: String,
        alias: String,
        fields: Vec<FieldDefinition>,
        /// Codes and names of its subtypes, with the field that has the code.
        subtypes: (String, Vec<(String, String)>),
        /// Fields and the domains that they have in one of its subtypes.
        of_subtypes: Vec<(String, String)>,
    },
    /// Codes and what they mean.
    Domain {
        name: String,
        codes: Vec<(String, String)>,
    },
    Raster {
        name: String,
    },
    Other,
}

/// What the definitions say.
#[derive(Debug, Default)]
pub(in crate::io) struct Definitions {
    pub(super) classes: FxHashMap<String, Definition>,
    pub(super) domains: FxHashMap<String, Arc<Vec<(String, String)>>>,
    pub(super) rasters: Vec<String>,
}

impl Definitions {
    /// What these definitions, texts of XML, say.
    pub(in crate::io) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        for text in texts {
            match parsed(text) {
                Definition::Domain { name, codes } => drop(all.domains.insert(name, Arc::new(codes))),
                Definition::Raster { name } => all.rasters.push(name),
                Definition::Other => {}
                class @ Definition::Class { .. } => {
                    let Definition::Class { name, .. } = &class else { continue };
                    all.classes.insert(name.clone(), class);
                }
            }
        }
        all
    }

    /// What class `name` and the domains of its fields say; nothing of what has no definition.
    pub(in crate::io) fn words(&self, name: &str) -> SourceWords {
        let mut words = SourceWords::default();
        let Some(Definition::Class { alias, fields, subtypes, of_subtypes, .. }) = self.classes.get(name) else {
            return words;
        };
        words.alias.clone_from(alias);
        let mut by_field: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
        for (field, domain) in of_subtypes {
            by_field.entry(field).or_default().push(domain);
        }
        let mut left = MOST_COMMON_CODES;
        for field in fields {
            let codes = match (self.domains.get(&field.domain), by_field.get(field.name.as_str())) {
                (Some(codes), _) => codes.clone(),
                (None, Some(domains)) => Arc::new(self.common_codes(domains, &mut left)),
                (None, None) => Arc::default(),
            };
            let codes = match field.name.eq_ignore_ascii_case(&subtypes.0) && !subtypes.1.is_empty() {
                true => Arc::new(subtypes.1.clone()),
                false => codes,
            };
            if !field.alias.is_empty() || !codes.is_empty() {
                words.fields.insert(field.name.clone(), FieldWords { alias: field.alias.clone(), codes });
            }
        }
        words
    }

    /// The codes of several domains together; none where a code means one thing here and another there, and when they
    /// are more than `left`, which they are taken from.
    fn common_codes(&self, domains: &[&str], left: &mut usize) -> Vec<(String, String)> {
        let mut known: FxHashMap<&str, &str> = FxHashMap::default();
        let mut all = Vec::new();
        let codes = domains.iter().filter_map(|domain| self.domains.get(*domain)).flat_map(|codes| codes.iter());
        for (code, name) in codes {
            let Some(rest) = left.checked_sub(1) else { return Vec::new() };
            *left = rest;
            match known.insert(code, name) {
                Some(other) if other != name.as_str() => return Vec::new(),
                Some(_) => {}
                None => all.push((code.clone(), name.clone())),
            }
        }
        all
    }
}

/// The texts of the columns `names` of each row of a table, with its id; empty where there is none.
fn rows<const N: usize>(table: &Table, names: [&str; N]) -> Vec<(i64, [String; N])> {
    let place = |name: &str| table.fields.iter().position(|field| field.name.eq_ignore_ascii_case(name));
    let columns = names.map(place);
    let text = |holds: Holds, bytes: &[u8]| match holds {
        Holds::Text if !table.is_utf8 => utf16(bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    let row = |place: &super::table::Place| {
        let mut texts = [const { String::new() }; N];
        table.cells(table.row(place), |field, cell| {
            if let (Some(at), Cell::Bytes(bytes)) = (columns.iter().position(|c| *c == Some(field)), cell) {
                texts[at] = text(table.fields[field].holds, bytes);
            }
        });
        (place.id, texts)
    };
    table.places.iter().map(row).collect()
}

/// The tables that table 1 lists.
pub(super) fn listed(table: &Table) -> Vec<Listed> {
    let named = rows(table, ["Name"]).into_iter().map(|(number, [name])| Listed { number, name });
    named.filter(|listed| !listed.name.is_empty()).collect()
}

/// Whether a table is one of the geodatabase's own, or holds the pieces of its rasters.
pub(super) fn is_internal(name: &str) -> bool {
    let starts = |word: &str| name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    ["GDB_", "fras_aux_", "fras_blk_", "fras_bnd_", "fras_ras_"].into_iter().any(starts)
}

/// What the definitions in `GDB_Items` say.
pub(super) fn definitions(items: &Table) -> Definitions {
    let rows = rows(items, ["Definition"]);
    Definitions::of(rows.iter().map(|(_, [definition])| definition.as_str()))
}

/// What is being read of a definition.
#[derive(Default)]
struct Open {
    name: String,
    alias: String,
    fields: Vec<FieldDefinition>,
    subtype_field: String,
    subtypes: Vec<(String, String)>,
    of_subtypes: Vec<(String, String)>,
    codes: Vec<(String, String)>,
    domain: String,
}

/// What a definition says; what breaks off says as much as stands before that.
fn parsed(text: &str) -> Definition {
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut root = String::new();
    let mut open = Open::default();
    let mut content = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                let local = tag.local_name();
                let name: &str = local.as_ref();
                if root.is_empty() {
                    name.clone_into(&mut root);
                }
                match name {
                    "GPFieldInfoEx" => open.fields.push(FieldDefinition::default()),
                    "Subtype" => open.subtypes.push(<(String, String)>::default()),
                    "SubtypeFieldInfo" => open.of_subtypes.push(<(String, String)>::default()),
                    "CodedValue" => open.codes.push(<(String, String)>::default()),
                    _ => {}
                }
                content.clear();
                path.push(name.to_owned());
                if path.len() > MOST_DEPTH {
                    break;
                }
            }
            Ok(Event::End(_)) => {
                close(&path, &content, &mut open);
                path.pop();
                content.clear();
            }
            Ok(Event::Text(piece)) => content.push_str(&piece),
            Ok(Event::CData(piece)) => content.push_str(&piece),
            Ok(Event::GeneralRef(reference)) => content.push_str(&xml::resolved(&reference)),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    match root.as_str() {
        "DEFeatureClassInfo" | "DETableInfo" => Definition::Class {
            name: open.name,
            alias: open.alias,
            fields: open.fields,
            subtypes: (open.subtype_field, open.subtypes),
            of_subtypes: open.of_subtypes,
        },
        "GPCodedValueDomain2" | "GPCodedValueDomain" => Definition::Domain { name: open.domain, codes: open.codes },
        "DERasterDataset" | "DEMosaicDataset" | "DERasterCatalog" => Definition::Raster { name: open.name },
        _ => Definition::Other,
    }
}

/// Takes the text of the element that ends.
fn close(path: &[String], content: &str, open: &mut Open) {
    let at = |back: usize| path.len().checked_sub(back).and_then(|at| path.get(at)).map_or("", String::as_str);
    let text = content.trim();
    let value = || text.to_owned();
    match (path.len(), at(2), at(1)) {
        (2, _, "Name") => open.name = value(),
        (2, _, "AliasName") => open.alias = value(),
        (2, _, "DomainName") => open.domain = value(),
        (2, _, "SubtypeFieldName") => open.subtype_field = value(),
        (_, "GPFieldInfoEx", part) => {
            if let Some(field) = open.fields.last_mut() {
                match part {
                    "Name" => field.name = value(),
                    "AliasName" => field.alias = value(),
                    "DomainName" => field.domain = value(),
                    _ => {}
                }
            }
        }
        // The domain of a field may stand there whole.
        (_, "Domain", "DomainName") if path.iter().any(|step| step == "GPFieldInfoEx") => {
            if let Some(field) = open.fields.last_mut() {
                field.domain = value();
            }
        }
        (_, "CodedValue", "Code") => {
            if let Some((code, _)) = open.codes.last_mut() {
                *code = value();
            }
        }
        (_, "CodedValue", "Name") => {
            if let Some((_, name)) = open.codes.last_mut() {
                *name = value();
            }
        }
        (_, "SubtypeFieldInfo", "FieldName") => {
            if let Some((field, _)) = open.of_subtypes.last_mut() {
                *field = value();
            }
        }
        (_, "SubtypeFieldInfo", "DomainName") => {
            if let Some((_, domain)) = open.of_subtypes.last_mut() {
                *domain = value();
            }
        }
        (_, "Subtype", "SubtypeCode") => {
            if let Some((code, _)) = open.subtypes.last_mut() {
                *code = value();
            }
        }
        (_, "Subtype", "SubtypeName") => {
            if let Some((_, name)) = open.subtypes.last_mut() {
                *name = value();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_name_classes_domains_and_rasters() {
        let domain = "<typens:GPCodedValueDomain2 xmlns:typens='x'>\n<DomainName>地类编码</DomainName><CodedValues>
            <CodedValue><Name>水田 &amp; 旱地</Name><Code xsi:type='xs:string'>0101</Code></CodedValue></CodedValues>
            </typens:GPCodedValueDomain2>";
        let codes = vec![("0101".to_owned(), "水田 & 旱地".to_owned())];
        assert_eq!(parsed(domain), Definition::Domain { name: "地类编码".to_owned(), codes });
        let class = "<DEFeatureClassInfo><Name>DLTB</Name><GPFieldInfoExs><GPFieldInfoEx><Name>DLBM</Name>
            <AliasName>地类编码</AliasName><DomainName>地类</DomainName></GPFieldInfoEx></GPFieldInfoExs>
            <AliasName>地类图斑</AliasName><SubtypeFieldName>LX</SubtypeFieldName><Subtypes><Subtype>
            <SubtypeName>甲</SubtypeName><SubtypeCode>1</SubtypeCode></Subtype></Subtypes></DEFeatureClassInfo>";
        let own = |text: &str| text.to_owned();
        assert_eq!(
            parsed(class),
            Definition::Class {
                name: own("DLTB"),
                alias: own("地类图斑"),
                fields: vec![FieldDefinition { name: own("DLBM"), alias: own("地类编码"), domain: own("地类") }],
                subtypes: (own("LX"), vec![(own("1"), own("甲"))]),
                of_subtypes: Vec::new(),
            }
        );
        assert_eq!(parsed("<DERasterDataset><Name>DEM</Name>"), Definition::Raster { name: own("DEM") });
        assert_eq!(parsed("no XML at all <"), Definition::Other);
        assert_eq!(parsed(&"<a>".repeat(100_000)), Definition::Other);
    }

    #[test]
    fn subtypes_have_domains_of_their_own() {
        let domain = |name: &str, codes: &[(&str, &str)]| {
            let codes: String = codes
                .iter()
                .map(|(code, name)| format!("<CodedValue><Name>{name}</Name><Code>{code}</Code></CodedValue>"))
                .collect();
            format!("<GPCodedValueDomain2><DomainName>{name}</DomainName>{codes}</GPCodedValueDomain2>")
        };
        let info = |field: &str, domain: &str| {
            format!(
                "<SubtypeFieldInfo><FieldName>{field}</FieldName><DomainName>{domain}</DomainName></SubtypeFieldInfo>"
            )
        };
        let class = format!(
            "<DETableInfo><Name>T</Name><GPFieldInfoEx><Name>A</Name></GPFieldInfoEx><GPFieldInfoEx><Name>B</Name></GPFieldInfoEx>
            <GPFieldInfoEx><Name>C</Name><DomainName>一</DomainName></GPFieldInfoEx>
            <Subtype><SubtypeCode>1</SubtypeCode><FieldInfos>{}{}</FieldInfos></Subtype>
            <Subtype><SubtypeCode>2</SubtypeCode><FieldInfos>{}{}{}</FieldInfos></Subtype></DETableInfo>",
            info("A", "一"),
            info("B", "一"),
            info("A", "二"),
            info("B", "三"),
            info("C", "二"),
        );
        let texts = [
            domain("一", &[("1", "甲"), ("2", "乙")]),
            domain("二", &[("2", "乙"), ("3", "丙")]),
            domain("三", &[("1", "丁")]),
            class,
        ];
        let words = Definitions::of(texts.iter().map(String::as_str)).words("T");
        assert_eq!((words.meaning_of("A", "1"), words.meaning_of("A", "3")), (Some("甲"), Some("丙")));
        assert_eq!(words.meaning_of("B", "1"), None, "it means this here and that there");
        assert_eq!((words.meaning_of("C", "1"), words.meaning_of("C", "3")), (Some("甲"), None));
    }

    #[test]
    fn subtypes_name_the_codes_of_their_field() {
        let class = "<DEFeatureClassInfo><Name>道路</Name><GPFieldInfoEx><Name>DLLX</Name><AliasName>道路类型</AliasName></GPFieldInfoEx>
            <SubtypeFieldName>dllx</SubtypeFieldName><DefaultSubtypeCode>2</DefaultSubtypeCode>
            <Subtype><SubtypeName>主干路</SubtypeName><SubtypeCode>1</SubtypeCode></Subtype>
            <Subtype><SubtypeName>次干路</SubtypeName><SubtypeCode>2</SubtypeCode></Subtype></DEFeatureClassInfo>";
        let words = Definitions::of(std::iter::once(class)).words("道路");
        assert_eq!((words.meaning_of("DLLX", "1"), words.meaning_of("DLLX", "2")), (Some("主干路"), Some("次干路")));
        assert_eq!((words.alias_of("DLLX"), words.meaning_of("DLLX", "3")), (Some("道路类型"), None));
    }
}
