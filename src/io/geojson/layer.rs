//! What a file of GeoJSON says as a whole: its name, its CRS, what is odd about it.

use super::super::Encoding;
use super::super::columns::RawLayer;
use super::super::text_stream::TextStream;
use super::{DeclaredCrs, File, Shape, declared_crs};
use crate::crs::{Crs, Declared};
use crate::model::{Issue, Severity};
use crate::text::Message;

/// The layer that a file is.
pub(super) fn layer(file: File, source: &TextStream) -> RawLayer {
    let mut issues = issues(&file, source);
    let declared = match file.head.members.stated_crs().map(declared_crs) {
        Some(DeclaredCrs::Named(text)) => Some(Declared::new(text)),
        Some(DeclaredCrs::Null) => {
            issues.push(Issue::new(Severity::Note, Message::new("io.crs-null")));
            None
        }
        Some(DeclaredCrs::Unreadable(text)) => {
            // A code that stands somewhere in it is offered.
            let declared = Declared::new(text.as_str());
            let shown: String = text.chars().take(80).collect();
            if declared.offered.is_none() {
                issues.push(Issue::new(Severity::Warning, Message::new("io.crs-unreadable").with("text", shown)));
            }
            declared.offered.is_some().then_some(declared)
        }
        None => None,
    };
    let name = if file.shape == Shape::Sequence { "GeoJSON sequence" } else { "GeoJSON" };
    RawLayer {
        name: file.head.members.name,
        format: if source.is_compressed() { format!("{name}, gzip") } else { name.to_owned() },
        encoding: source.encoding(),
        blocks: file.blocks,
        order: file.order,
        declared,
        issues,
        findings: file.findings,
        row_count: file.row_count,
        skipped_count: file.skipped_count,
        error: file.error,
    }
}

fn issues(file: &File, source: &TextStream) -> Vec<Issue> {
    let mut issues = Vec::new();
    let mut add = |severity, message| issues.push(Issue::new(severity, message));
    let members = &file.head.members;
    if file.shape == Shape::Collection {
        match members.kind.as_deref() {
            Some("FeatureCollection") => {}
            Some(other) => add(Severity::Warning, Message::new("io.collection-type").with("found", other)),
            None => add(Severity::Warning, Message::new("io.collection-without-type")),
        }
    }
    if file.shape == Shape::Array {
        add(Severity::Warning, Message::new("io.bare-array"));
    }
    match source.encoding() {
        Encoding::Gbk => add(Severity::Warning, Message::new("io.gbk")),
        Encoding::Damaged => {
            add(Severity::Warning, Message::new("io.damaged-text").with("count", source.replaced_count()));
        }
        _ => {}
    }
    if members.crs_differs {
        add(Severity::Warning, Message::new("io.crs-differs"));
    }
    if let (Some(first), Some(other)) = (&members.inner_crs, &members.other_inner_crs) {
        let (first, other) = (named(first), named(other));
        if members.crs.is_none() && first != other {
            add(Severity::Error, Message::new("io.crs-of-features-differs").with("first", first).with("other", other));
        }
    }
    if let (Some(whole), Some(inner)) = (&members.crs, &members.inner_crs) {
        let (whole, inner) = (named(whole), named(inner));
        if whole != inner {
            add(Severity::Warning, Message::new("io.crs-inside-differs").with("crs", whole).with("inner", inner));
        }
    }
    if let Some(found) = &members.odd_bbox {
        add(Severity::Note, Message::new("io.bad-bbox").with("found", found));
    }
    for name in &members.repeated {
        add(Severity::Warning, Message::new("io.repeated-file-member").with("name", name));
    }
    for name in &members.misplaced {
        add(Severity::Warning, Message::new("io.misplaced-file-member").with("name", name));
    }
    // A description says what the file is, and holds no data that could be missed.
    for name in members.foreign.iter().filter(|name| name.as_str() != "description") {
        add(Severity::Note, Message::new("io.foreign-file-member").with("name", name));
    }
    issues
}

/// What a `crs` member names, for messages and to tell two of them apart: a code where there is one.
fn named(crs: &str) -> String {
    match declared_crs(crs) {
        DeclaredCrs::Null => "null".to_owned(),
        DeclaredCrs::Named(text) => Crs::declared(&text).map_or(text, |crs| crs.code().to_owned()),
        DeclaredCrs::Unreadable(text) => text.chars().take(80).collect(),
    }
}
