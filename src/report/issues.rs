//! What was found, for people: issues of one kind in one layer are one line.

use std::collections::HashMap;
use std::path::Path;

use crate::model::{Issue, Layer};
use crate::text::{Language, Message};
use crate::units::format_number;

/// Issues of one kind in one layer.
pub struct IssueGroup<'a> {
    /// The file.
    pub path: &'a Path,
    /// The layer, where they are about one.
    pub layer: Option<&'a Layer>,
    /// The issues, in the order in which they were found.
    pub issues: Vec<&'a Issue>,
}

/// Issues by kind and layer, the worst first, then in the order in which they came up.
pub fn grouped<'a>(issues: &[(&'a Path, Option<&'a Layer>, &'a Issue)]) -> Vec<IssueGroup<'a>> {
    let mut groups: Vec<IssueGroup<'a>> = Vec::new();
    let mut places: HashMap<_, usize> = HashMap::new();
    for (path, layer, issue) in issues {
        let key = (*path, layer.map(|layer| layer.id), issue.severity, issue.message.key);
        let at = *places.entry(key).or_insert_with(|| {
            groups.push(IssueGroup { path, layer: *layer, issues: Vec::new() });
            groups.len() - 1
        });
        groups[at].issues.push(issue);
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.issues.first().map(|issue| issue.severity)));
    groups
}

/// A line about a group: the first of them with its place, and how many more.
pub fn group_line(group: &IssueGroup<'_>, language: Language) -> String {
    let Some(first) = group.issues.first() else { return String::new() };
    let mut line = issue_text(first, language);
    if group.issues.len() > 1 {
        let count = format_number((group.issues.len() - 1) as f64, 0);
        // A feature may have several of a kind, one a field.
        let mut shown: Vec<u64> = Vec::new();
        for row in group.issues[1..].iter().filter_map(|issue| issue.feature) {
            if shown.len() < 5 && first.feature != Some(row) && !shown.contains(&row) {
                shown.push(row);
            }
        }
        let features = shown.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let more = match features.is_empty() {
            true => Message::new("cli.more-of-kind").with("count", count),
            false => Message::new("cli.more-of-kind-at").with("count", count).with("features", features),
        };
        line += &more.text(language);
    }
    match group.layer {
        _ if group.path.as_os_str().is_empty() => line,
        Some(layer) => format!("{line}: {} [{}]", group.path.display(), layer.name),
        None => format!("{line}: {}", group.path.display()),
    }
}

/// The same for the text of a report, without the path.
pub fn group_texts(layer: &Layer, language: Language) -> Vec<String> {
    let issues: Vec<(&Path, Option<&Layer>, &Issue)> =
        layer.issues.iter().map(|issue| (Path::new(""), None, issue)).collect();
    grouped(&issues).iter().map(|group| group_line(group, language)).collect()
}

/// An issue as a line of text.
pub fn issue_text(issue: &Issue, language: Language) -> String {
    let mut place = String::new();
    if let Some(feature) = issue.feature {
        place = Message::new("cli.at-feature").with("feature", feature).text(language);
    }
    if let Some(line) = issue.line {
        place += &Message::new("cli.at-line").with("line", line).text(language);
    }
    if place.is_empty() { issue.text(language) } else { format!("{place}: {}", issue.text(language)) }
}
