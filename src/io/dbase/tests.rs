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
fn rows_that_the_header_does_not_count_are_read() {
    let mut bytes = table(b"DLBM", &[b"0101", b"0702"], 6);
    bytes[4..8].fill(0);
    let opened = opened(bytes);
    assert_eq!(opened.layers[0].feature_count(), 2);
    assert!(opened.issues.iter().any(|issue| issue.kind() == "dbf-uncounted"));
}

/// The text as GBK.
fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// A table of one field of memos.
fn memos(version: u8, kind: u8, cells: &[&[u8]], width: u8) -> Vec<u8> {
    let mut bytes = table(b"BZ", cells, width);
    (bytes[0], bytes[32 + 11]) = (version, kind);
    bytes
}

#[test]
fn memos_have_the_texts_of_the_file_beside() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.dbf");
    let values = |opened: &Opened| -> Vec<String> {
        let layer = &opened.layers[0];
        (0..layer.feature_count()).map(|row| layer.value(row, 0).to_string()).collect()
    };
    let keys = |opened: &Opened| opened.issues.iter().map(|issue| issue.message.key).collect::<Vec<_>>();
    let open = || super::super::open(&path, &OpenOptions::default(), &Progress::new()).expect("opens");
    let cells: [&[u8]; 4] = [b"         1", b"         2", b"          ", b"        99"];
    std::fs::write(&path, memos(0x83, b'M', &cells, 10)).expect("written");
    let without = open();
    assert_eq!(values(&without), ["", "", "", ""]);
    assert!(keys(&without).contains(&"io.dbf-memo"), "{:?}", keys(&without));
    let mut third = vec![0; 512];
    third.extend(gbk("权属有争议，待核实"));
    third.push(0x1A);
    third.resize(1024, 0);
    third.extend(gbk("已核实"));
    std::fs::write(folder.path().join("A.DBT"), &third).expect("written");
    let with = open();
    assert_eq!(values(&with), ["权属有争议，待核实", "已核实", "", ""]);
    assert!(keys(&with).contains(&"io.dbf-memo-gone"), "{:?}", keys(&with));
    // FoxPro: numbers in four bytes, kind and length before the text.
    let mut fox = vec![0; 512];
    fox[7] = 64;
    fox.extend([1u32, 6].into_iter().flat_map(u32::to_be_bytes));
    fox.extend(gbk("已核实"));
    std::fs::write(folder.path().join("a.fpt"), fox).expect("written");
    let cells: [Vec<u8>; 2] = [8u32, 0].map(|block| block.to_le_bytes().to_vec());
    std::fs::write(&path, memos(0x30, b'M', &[&cells[0], &cells[1]], 4)).expect("written");
    assert_eq!(values(&open()), ["已核实", ""]);
    std::fs::write(&path, memos(0x30, b'G', &[&cells[0]], 4)).expect("written");
    assert!(keys(&open()).contains(&"io.dbf-memo-binary"));
}

#[test]
fn tables_of_dbase_7_are_read() {
    let mut bytes = vec![4, 125, 1, 15];
    bytes.extend(2u32.to_le_bytes());
    bytes.extend((68u16 + 3 * 48 + 1).to_le_bytes());
    bytes.extend((1u16 + 8 + 4 + 8).to_le_bytes());
    bytes.resize(68, 0);
    for (name, kind, width) in [("一个很长很长的字段名称", b'C', 8), ("SL", b'I', 4), ("MJ", b'O', 8)] {
        let mut field = gbk(name);
        field.resize(48, 0);
        (field[32], field[33]) = (kind, width);
        bytes.extend(field);
    }
    bytes.push(0x0D);
    for (text, count, area) in [("国有土地", 7i32, 1.25f64), ("集体土地", -7, -0.5)] {
        bytes.push(b' ');
        bytes.extend(gbk(text));
        bytes.extend((count.cast_unsigned() ^ 0x8000_0000).to_be_bytes());
        let bits = area.to_bits();
        bytes.extend(if area < 0.0 { !bits } else { bits | 1 << 63 }.to_be_bytes());
    }
    let opened = opened(bytes);
    let layer = &opened.layers[0];
    let names: Vec<&str> = layer.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["一个很长很长的字段名称", "SL", "MJ"]);
    let values: Vec<String> = (0..6).map(|at| layer.value(at / 3, at % 3).to_string()).collect();
    assert_eq!(values, ["国有土地", "7", "1.25", "集体土地", "-7", "-0.5"]);
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
