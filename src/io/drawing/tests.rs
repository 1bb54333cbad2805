//! Drawings that were damaged, read without a process of their own, and damaged answers of such a process.

use super::super::tests::damaged;
use super::super::{OpenOptions, WriteOptions, open_bytes};
use super::records::RecordsRead;
use super::worker::work;
use crate::crs::Crs;
use crate::task::Progress;
use crate::testing::damage::each_but_numbers;

/// Two parcels, one with a hole, as a drawing of our own.
fn written() -> Vec<u8> {
    let text = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4527"}},"features":[
        {"type":"Feature","properties":{"DLBM":"0101","XMMC":"甲"},"geometry":{"type":"Polygon","coordinates":
         [[[39500000,4070000],[39500090,4070000],[39500090,4070090],[39500000,4070000]],
          [[39500050,4070020],[39500060,4070020],[39500060,4070030],[39500050,4070020]]]}},
        {"type":"Feature","properties":{"DLBM":"0301","XMMC":"乙"},"geometry":{"type":"Polygon","coordinates":
         [[[39500100,4070000],[39500190,4070000],[39500190,4070090],[39500100,4070000]]]}}]}"#;
    let opened = open_bytes("a.geojson", text.into(), &OpenOptions::default(), &Progress::new()).expect("opens");
    super::files(&opened.layers[0], None, WriteOptions::default()).expect("a drawing").remove(0).1
}

/// Arcs, texts of several lines, and a block of rows and columns in a block.
fn drawn() -> Vec<u8> {
    let entity = |kind: &str, body: &str| format!("  0\n{kind}\n  8\n规划\n{body}");
    let insert = |name: &str, more: &str| entity("INSERT", &format!("  2\n{name}\n 10\n5\n 20\n7\n{more}"));
    let block = |name: &str, body: &str| {
        format!("  0\nBLOCK\n  8\n0\n  2\n{name}\n 70\n0\n 10\n0\n 20\n0\n{body}  0\nENDBLK\n  8\n0\n")
    };
    let bent = " 90\n3\n 70\n1\n 10\n0\n 20\n0\n 42\n0.5\n 10\n9\n 20\n0\n 10\n9\n 20\n9\n";
    let arcs = entity("LWPOLYLINE", bent)
        + &entity("CIRCLE", " 10\n4\n 20\n4\n 40\n2.5\n")
        + &entity("ARC", " 10\n4\n 20\n4\n 40\n2.5\n 50\n10\n 51\n200\n")
        + &entity("ELLIPSE", " 10\n4\n 20\n4\n 11\n3\n 21\n1\n 40\n0.5\n 41\n0\n 42\n6.28\n");
    let texts = entity("MTEXT", " 10\n5\n 20\n2\n 40\n1\n  1\n{\\fSimSun|b0;居住}\\PR2 \\S1^2;\n");
    let blocks = block("A", &arcs) + &block("B", &insert("A", " 70\n3\n 71\n2\n 44\n20\n 45\n20\n 50\n30\n"));
    let of = |name: &str, body: &str| format!("  0\nSECTION\n  2\n{name}\n{body}  0\nENDSEC\n");
    let head = "  9\n$ACADVER\n  1\nAC1021\n  9\n$DWGCODEPAGE\n  3\nANSI_936\n";
    let all = of("HEADER", head) + &of("BLOCKS", &blocks) + &of("ENTITIES", &(arcs + &texts + &insert("B", "")));
    (all + "  0\nEOF\n").into_bytes()
}

#[test]
fn hatches_keep_the_bits_of_their_corners_and_names_their_characters() {
    let corners = [(39_489_000.1, 4_065_000.3), (39_489_100.7, 4_065_000.3), (39_489_100.7, 4_065_050.9)];
    let points: String = corners.iter().map(|(x, y)| format!(" 10\n{x}\n 20\n{y}\n")).collect();
    let hatch = format!(
        "  0\nHATCH\n  8\n\\U+5730\\M+5C0E0\n 10\n0\n 20\n0\n 30\n0\n210\n0\n220\n0\n230\n1\n  2\nSOLID\n 70\n1\n 71\n0\n 91\n1\n \
         92\n3\n 72\n0\n 73\n1\n 93\n3\n{points} 97\n0\n 75\n0\n 76\n1\n 98\n0\n"
    );
    let head = "  0\nSECTION\n  2\nHEADER\n  9\n$ACADVER\n  1\nAC1015\n  0\nENDSEC\n";
    let text = format!("{head}  0\nSECTION\n  2\nENTITIES\n{hatch}  0\nENDSEC\n  0\nEOF\n");
    let opened = open_bytes("a.dxf", text.into(), &OpenOptions::default(), &Progress::new()).expect("opens");
    let layer = &opened.layers[0];
    assert_eq!(layer.feature_count(), 1);
    let coords = layer.blocks[0].geometry.coords();
    for (x, y) in corners {
        assert!(coords.iter().any(|c| c.x == x && c.y == y), "{x} {y} {coords:?}");
    }
    assert_eq!(layer.value(0, 0), crate::model::Value::Text("地类"), "{:?}", layer.fields);
}

#[test]
fn damaged_drawings_end() {
    // Most of the time goes to what systems of coordinates are called, unless somebody says it.
    let options = OpenOptions { keep_partial: true, crs: Some(Crs::cgcs2000()), ..OpenOptions::default() };
    // The library reserves what counts in a file ask for; in the program that is another process, with bounds.
    each_but_numbers(600, &[written(), drawn()], |bytes| {
        // Any answer will do.
        let _ = open_bytes("a.dxf", bytes.to_vec(), &options, &Progress::new());
    });
}

#[test]
fn damaged_answers_end() {
    let answers = [written(), drawn()].map(|bytes| {
        let mut answer = Vec::new();
        work(&bytes[..], &mut answer).expect("works");
        assert!(answer.len() > 500 && answer.ends_with(b"E"), "{}", answer.len());
        answer
    });
    damaged(&answers, |bytes| RecordsRead::new(bytes).for_each(drop));
}
