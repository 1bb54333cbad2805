//! Templates: a file to begin with, and a rule of each kind.

use crate::text::Language;

/// A rule to be filled in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Snippet {
    /// Key of its name.
    pub key: &'static str,
    /// Its word, which a number follows where it is taken.
    id: &'static str,
    text: &'static str,
}

macro_rules! asset {
    ($name:literal) => {
        include_str!(concat!("../../../../assets/rules/", $name))
    };
}

/// All of them, in the order of the menu.
pub(super) const ALL: [Snippet; 5] = [
    Snippet { key: "edit.snippet-red-line", id: "red-line", text: asset!("red-line.toml") },
    Snippet { key: "edit.snippet-quota", id: "construction-quota", text: asset!("quota.toml") },
    Snippet { key: "edit.snippet-farmland", id: "farmland-loss", text: asset!("farmland-loss.toml") },
    Snippet { key: "edit.snippet-outside", id: "outside-boundary", text: asset!("outside-boundary.toml") },
    Snippet { key: "edit.snippet-share", id: "share", text: asset!("share.toml") },
];

/// A file to begin with.
pub(super) fn template(language: Language) -> &'static str {
    match language {
        Language::Chinese => asset!("template-zh.toml"),
        Language::English => asset!("template-en.toml"),
    }
}

/// Adds a rule at the end of a text, under a word that is free. The line that it starts at, from 1.
pub(super) fn append(text: &mut String, snippet: Snippet) -> usize {
    let taken = |id: &str| text.contains(&format!("\"{id}\""));
    let numbered = |n: usize| if n < 2 { snippet.id.to_owned() } else { format!("{}-{n}", snippet.id) };
    let id = (1..).map(numbered).find(|id| !taken(id)).unwrap_or_default();
    let end = text.trim_end().len();
    text.truncate(end);
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    let line = text.matches('\n').count() + 1;
    text.push_str(&snippet.text.replace("{id}", &id));
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rules;
    use std::path::Path;

    #[test]
    fn templates_and_rules_are_read_without_a_mistake() {
        for language in [Language::Chinese, Language::English] {
            let mut text = template(language).to_owned();
            for snippet in ALL.into_iter().chain(ALL) {
                let line = append(&mut text, snippet);
                assert_eq!(text.lines().nth(line - 1), Some("[[rule]]"));
            }
            let rules = Rules::parse(&text, Path::new("r.toml"));
            assert_eq!(rules.errors, []);
            assert_eq!(rules.rules.len(), 1 + 2 * ALL.len());
        }
        let mut empty = String::new();
        assert_eq!(append(&mut empty, ALL[0]), 1);
    }
}
