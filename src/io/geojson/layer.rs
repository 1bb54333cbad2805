//! What a file of GeoJSON says as a whole: its name, its CRS, what is odd about it.

use super::super::Encoding;
use super::super::columns::RawLayer;
use super::super::source::Source;
use super::{DeclaredCrs, File, Shape, declared_crs};
use crate::crs::{Crs, Declared};
use crate::model::{Issue, Severity};
use crate::text::Message;

/// The layer that a file is.
pub(super) fn layer(file: File<'_>, source: &Source) -> RawLayer {
    let mut issues = issues(&file, source);
    let declared = match file.head.members.crs.as_deref().map(declared_crs) {
        Some(DeclaredCrs::Named(text)) => Some(Declared::new(text)),
        Some(DeclaredCrs::Null) => {
            issues.push(Issue::new(Severity::Note, Message::new("io.crs-null")));
            None
        }
        Some(DeclaredCrs::Unreadable(text)) => {
            issues.push(Issue::new(Severity::Warning, Message::new("io.crs-unreadable").with("text", text)));
            None
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
        format_default: Some(Crs::wgs84()),
        issues,
        findings: file.findings,
        row_count: file.row_count,
        skipped_count: file.skipped_count,
        error: file.error,
    }
}

fn issues(file: &File<'_>, source: &Source) -> Vec<Issue> {
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
    for name in &members.repeated {
        add(Severity::Warning, Message::new("io.repeated-file-member").with("name", name));
    }
    for name in &members.misplaced {
        add(Severity::Warning, Message::new("io.misplaced-file-member").with("name", name));
    }
    for name in &members.foreign {
        add(Severity::Note, Message::new("io.foreign-file-member").with("name", name));
    }
    issues
}
