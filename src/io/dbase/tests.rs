//! Tables that stand alone.

use std::path::Path;

use super::super::{OpenOptions, Opened, open_bytes};
use super::*;
use crate::task::Progress;

/// A table of one field of text.
fn table(name: &[u8], cells: &[&[u8]], width: u8) -> Vec<u8> {
    let mut bytes = vec![3, 125, 1, 15];
    bytes.extend_from_slice(&(cells.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&65u16.to_le_bytes());
    bytes.extend_from_slice(&(u16::from(width) + 1).to_le_bytes());
    bytes.resize(32, 0);
    let mut field = [0; 32];
    field[..name.len()].copy_from_slice(name);
    (field[11], field[16]) = (b'C', width);
    bytes.extend_from_slice(&field);
    bytes.push(0x0D);
    for cell in cells {
        bytes.push(b' ');
        let mut cell = cell.to_vec();
        cell.resize(usize::from(width), b' ');
        bytes.extend_from_slice(&cell);
    }
    bytes.push(0x1A);
    bytes
}

fn opened(bytes: Vec<u8>) -> Opened {
    let name = Path::new("a.dbf").to_string_lossy();
    open_bytes(&name, bytes, &OpenOptions::default(), &Progress::new()).expect("opens")
}

#[test]
fn a_table_alone_is_a_layer_without_geometry() {
    let opened = opened(table(b"DLBM", &[b"0101", b"", b"0702"], 6));
    let layer = &opened.layers[0];
    let values: Vec<String> = (0..3).map(|row| layer.value(row, 0).to_string()).collect();
    assert_eq!((layer.kind, values), (GeometryKind::None, vec!["0101".into(), String::new(), "0702".into()]));
}

#[test]
fn names_that_are_cut_keep_their_bytes_in_what_is_said() {
    // 权属单位名 and the first byte of 称.
    let name = &encoding_rs::GBK.encode("权属单位名称").0[..11];
    let value = encoding_rs::GBK.encode("国有土地").0.into_owned();
    let opened = opened(table(name, &[&value], 10));
    assert_eq!(opened.layers[0].fields[0].name, "权属单位名");
    let said = opened.issues.iter().find(|issue| issue.message.key == "io.dbf-cut-name").expect("said");
    assert!(said.message.args.iter().any(|(name, text)| *name == "bytes" && text.ends_with(" B3")), "{said:?}");
}

#[test]
fn what_the_header_claims_is_held_against_the_file() {
    let mut bytes = table(b"A", &[b"a", b"b"], 3);
    bytes[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    let opened = opened(bytes);
    assert_eq!(opened.row_count, 2);
    assert!(opened.issues.iter().any(|issue| issue.message.key == "io.dbf-cut"));
}
