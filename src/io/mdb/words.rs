//! What a personal geodatabase says that its names and codes mean.
//!
//! Since release 10 definitions stand as XML in `GDB_Items`, as those of file geodatabases do. Before that, aliases stand
//! in `GDB_ObjectClasses` and `GDB_FieldInfo`, names of subtypes in `GDB_Subtypes`; the codes of domains are stored there
//! in a form that was never published, so they stay codes, which is said.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jetdb::data::Value;
use jetdb::{CatalogEntry, PageReader};

use super::super::filegdb::Definitions;
use super::{catalogue_rows, number_of, text_of};
use crate::model::{FieldWords, SourceWords};

/// The words of all tables.
pub(super) struct Words {
    definitions: Definitions,
    /// By the small letters of the table, of releases before 10.
    older: HashMap<String, SourceWords>,
    /// Domains of fields whose codes cannot be read.
    pub(super) unread_count: usize,
}

type Row = HashMap<String, Value>;

impl Words {
    /// Those of a database with these tables. What cannot be read of them says nothing.
    pub(super) fn of(pages: &mut PageReader, entries: &[CatalogEntry]) -> Self {
        let mut rows = |name: &str| catalogue_rows(pages, entries, name).unwrap_or_default();
        let items = rows("GDB_Items");
        let definitions = Definitions::of(items.iter().filter_map(|row| text_of(row.get("definition"))));
        let (classes, fields, subtypes) = (rows("GDB_ObjectClasses"), rows("GDB_FieldInfo"), rows("GDB_Subtypes"));
        let (older, unread_count) = older(&classes, &fields, &subtypes);
        Self { definitions, older, unread_count }
    }

    /// Those of a table.
    pub(super) fn of_table(&self, name: &str) -> SourceWords {
        let words = self.definitions.words(name);
        if words != SourceWords::default() {
            return words;
        }
        self.older.get(&name.to_lowercase()).cloned().unwrap_or_default()
    }
}

/// The words of releases before 10, by the small letters of the table, and the number of domains that fields have.
fn older(classes: &[Row], fields: &[Row], subtypes: &[Row]) -> (HashMap<String, SourceWords>, usize) {
    let mut all = HashMap::new();
    let mut domains = HashSet::new();
    for class in classes {
        let (Some(id), Some(name)) = (number_of(class.get("id")), text_of(class.get("name"))) else { continue };
        let of_class = |row: &&Row| number_of(row.get("classid")) == Some(id);
        let mut words = SourceWords {
            alias: text_of(class.get("aliasname")).filter(|alias| *alias != name).unwrap_or_default().to_owned(),
            ..SourceWords::default()
        };
        for field in fields.iter().filter(of_class) {
            let Some(own) = text_of(field.get("fieldname")) else { continue };
            domains.extend(text_of(field.get("defaultdomainname")).filter(|domain| !domain.is_empty()));
            let alias = text_of(field.get("aliasname")).filter(|alias| !alias.is_empty() && *alias != own);
            if let Some(alias) = alias {
                words.fields.insert(own.to_owned(), FieldWords { alias: alias.to_owned(), ..FieldWords::default() });
            }
        }
        let codes: Vec<(String, String)> = subtypes
            .iter()
            .filter(of_class)
            .filter_map(|row| Some((number_of(row.get("subtypecode"))?.to_string(), text_of(row.get("subtypename"))?)))
            .map(|(code, name)| (code, name.to_owned()))
            .collect();
        if let Some(field) = text_of(class.get("subtypefield")).filter(|field| !field.is_empty() && !codes.is_empty()) {
            words.fields.entry(field.to_owned()).or_default().codes = Arc::new(codes);
        }
        all.insert(name.to_lowercase(), words);
    }
    (all, domains.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_releases_have_aliases_and_subtypes_in_tables() {
        let text = |text: &str| Value::Text(text.to_owned());
        let row = |cells: &[(&str, Value)]| -> Row {
            cells.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        let classes = [
            row(&[
                ("id", Value::Long(3)),
                ("name", text("DLTB")),
                ("aliasname", text("地类图斑")),
                ("subtypefield", text("LX")),
            ]),
            row(&[("id", Value::Long(4)), ("name", text("XZQ")), ("aliasname", text("XZQ"))]),
            row(&[("name", text("none"))]),
        ];
        let fields = [
            row(&[
                ("classid", Value::Long(3)),
                ("fieldname", text("DLBM")),
                ("aliasname", text("地类编码")),
                ("defaultdomainname", text("地类")),
            ]),
            row(&[("classid", Value::Long(4)), ("fieldname", text("DLBM")), ("defaultdomainname", text("地类"))]),
        ];
        let subtypes =
            [row(&[("classid", Value::Long(3)), ("subtypecode", Value::Long(1)), ("subtypename", text("甲"))])];
        let (all, unread_count) = older(&classes, &fields, &subtypes);
        assert_eq!((all.len(), unread_count), (2, 1));
        let words = &all["dltb"];
        assert_eq!((words.alias.as_str(), words.alias_of("DLBM")), ("地类图斑", Some("地类编码")));
        assert_eq!(words.meaning_of("LX", "1"), Some("甲"));
        assert_eq!(all["xzq"], SourceWords::default());
    }
}
