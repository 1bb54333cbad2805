//! What a reader finds wrong, kept small: a file with a million unclosed rings must not become a million messages.
//!
//! Findings about a feature are kept one by one up to [`KEPT_PER_KIND`] of a kind; the rest is counted. What is usually
//! true of many features at once (a member that GeoJSON does not know, a number too large for an integer) is counted
//! by name from the start, with the place of the first.

use crate::model::{GeometryKind, Issue, Severity};
use crate::text::Message;

/// Findings of one kind that are kept with their place; more are only counted.
pub const KEPT_PER_KIND: u64 = 1000;

/// The line of what stands on none, as in a file that is no text.
pub(super) const NO_LINE: u64 = u64::MAX;

/// Names that are counted one by one for one kind of finding; more are counted together.
const NAMES_PER_KIND: usize = 200;

/// Names that a message lists.
const LISTED: usize = 5;

/// The first names of a list.
pub(super) fn listed(names: &[&str]) -> String {
    let mut text = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    if names.len() > LISTED {
        text.push_str(" …");
    }
    text
}

/// One issue and the kind of layer that its feature went to; `None` where it is about the file or a skipped feature.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) issue: Issue,
    pub(super) layer: Option<GeometryKind>,
}

/// A finding that is counted by name.
#[derive(Clone, Debug, PartialEq)]
struct Tally {
    severity: Severity,
    key: &'static str,
    name: String,
    count: u64,
    row: u64,
    line: u64,
}

/// What was found in a stretch of a file, in file order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Findings {
    single: Vec<Found>,
    /// How often each kind came up.
    counts: Vec<(&'static str, u64)>,
    tallies: Vec<Tally>,
}

impl Findings {
    /// Adds a finding about one feature or about the file.
    pub(super) fn add(&mut self, issue: Issue, layer: Option<GeometryKind>) {
        if self.count(issue.message.key, 1) < KEPT_PER_KIND {
            self.single.push(Found { issue, layer });
        }
    }

    /// Whether another finding of this kind would be kept.
    pub(super) fn has_room(&self, key: &'static str) -> bool {
        self.counts.iter().all(|(k, count)| *k != key || *count < KEPT_PER_KIND)
    }

    /// Counts a finding without keeping it: see [`Self::has_room`].
    pub(super) fn count_only(&mut self, key: &'static str) {
        self.count(key, 1);
    }

    /// Adds to the count of a kind and gives what it was before.
    fn count(&mut self, key: &'static str, more: u64) -> u64 {
        match self.counts.iter_mut().find(|(k, _)| *k == key) {
            Some((_, count)) => {
                *count += more;
                *count - more
            }
            None => {
                self.counts.push((key, more));
                0
            }
        }
    }

    /// Counts a finding by name; `row` and `line` (from 0, or [`NO_LINE`]) tell where the first was.
    pub(super) fn tally(&mut self, severity: Severity, key: &'static str, name: &str, count: u64, row: u64, line: u64) {
        let mut same = 0;
        for tally in self.tallies.iter_mut().filter(|tally| tally.key == key) {
            same += 1;
            if tally.name == name || (same > NAMES_PER_KIND && tally.name == "…") {
                tally.count += count;
                return;
            }
        }
        let name = if same < NAMES_PER_KIND { name } else { "…" };
        self.tallies.push(Tally { severity, key, name: name.to_owned(), count, row, line });
    }

    /// Adds what was found in the stretch that follows, whose features start at `row` and whose lines at `line`.
    pub(super) fn append(&mut self, next: Self, row: u64, line: u64) {
        let mut listed: Vec<(&'static str, u64)> = Vec::new();
        for mut found in next.single {
            match listed.iter_mut().find(|(key, _)| *key == found.issue.message.key) {
                Some((_, count)) => *count += 1,
                None => listed.push((found.issue.message.key, 1)),
            }
            found.issue.feature = found.issue.feature.map(|f| f + row);
            found.issue.line = found.issue.line.map(|l| l + line);
            self.add(found.issue, found.layer);
        }
        for (key, count) in next.counts {
            let added = listed.iter().find(|(k, _)| *k == key).map_or(0, |(_, count)| *count);
            self.count(key, count - added);
        }
        for t in next.tallies {
            self.tally(t.severity, t.key, &t.name, t.count, t.row + row, t.line.saturating_add(line));
        }
    }

    /// The first finding that is an error.
    pub(super) fn first_error(&self) -> Option<&Issue> {
        self.single.iter().map(|found| &found.issue).find(|issue| issue.severity == Severity::Error)
    }

    /// All issues: single ones in file order, then counts by name, then how many of a kind were not kept.
    pub(super) fn finish(self) -> Vec<Found> {
        let mut out = self.single;
        for tally in self.tallies {
            let message = Message::new(tally.key).with("name", &tally.name).with("count", tally.count);
            let mut issue = Issue::new(tally.severity, message);
            (issue.feature, issue.line) = (Some(tally.row), Some(tally.line).filter(|l| *l != NO_LINE).map(|l| l + 1));
            out.push(Found { issue, layer: None });
        }
        for (key, count) in self.counts.into_iter().filter(|(_, count)| *count > KEPT_PER_KIND) {
            let first = out.iter().find(|found| found.issue.message.key == key);
            let severity = first.map(|found| found.issue.severity);
            let said = first.map_or_else(|| Message::new(key), |found| found.issue.message.clone());
            let message = Message::new("io.more").with("count", count - KEPT_PER_KIND).with_message("kind", &said);
            out.push(Found { issue: Issue::new(severity.unwrap_or(Severity::Warning), message), layer: None });
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(row: u64) -> Issue {
        Issue { feature: Some(row), ..Issue::new(Severity::Warning, Message::new("io.unclosed-ring")) }
    }

    #[test]
    fn many_of_a_kind_are_counted() {
        let mut all = Findings::default();
        (0..2500).for_each(|row| all.add(ring(row), None));
        let mut pieces = Findings::default();
        for start in [0, 700, 1400, 2100] {
            let mut piece = Findings::default();
            (0..700.min(2500 - start)).for_each(|row| piece.add(ring(row), None));
            pieces.append(piece, start, 0);
        }
        assert_eq!(pieces, all);
        let issues = pieces.finish();
        assert_eq!(issues.len(), 1001);
        assert_eq!(issues[999].issue.feature, Some(999));
        assert_eq!(issues[1000].issue.message.args[0], ("count", "1500".to_owned()));
    }

    #[test]
    fn names_are_counted_and_limited() {
        let mut findings = Findings::default();
        for i in 0..1000 {
            findings.tally(Severity::Note, "io.foreign-member", &format!("m{}", i % 400), 1, i, i);
        }
        let issues = findings.finish();
        assert_eq!(issues.len(), NAMES_PER_KIND + 1);
        let total: u64 = issues.iter().map(|f| f.issue.message.args[1].1.parse::<u64>().expect("a count")).sum();
        assert_eq!(total, 1000);
    }
}
