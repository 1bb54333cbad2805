//! The head that GeoPackage puts before the well-known binary of a geometry.

use super::super::wkb::Fault;

/// Bytes of the head before the envelope.
const HEAD: usize = 8;

/// What follows the head of a blob.
pub(super) fn wkb(blob: &[u8]) -> Result<&[u8], Fault> {
    let Some([b'G', b'P', _, flags]) = blob.first_chunk::<4>() else { return Err(Fault::Broken) };
    if flags & 0x20 != 0 {
        return Err(Fault::Extended);
    }
    let envelope = match (flags >> 1) & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err(Fault::Broken),
    };
    blob.get(HEAD + envelope..).ok_or(Fault::Broken)
}

#[cfg(test)]
mod tests {
    use super::super::super::columns::Sinks;
    use super::super::super::wkb::{self, Notes};
    use super::*;
    use crate::model::{Coord, GeometryKind};

    fn blob(flags: u8, envelope: usize, wkb: &[u8]) -> Vec<u8> {
        [&b"GP\0"[..], &[flags], &[0; 4], &vec![0; envelope], wkb].concat()
    }

    fn line(is_little: bool, code: u32, numbers: &[f64]) -> Vec<u8> {
        let width = if code > 1000 { 3 } else { 2 };
        let count = (numbers.len() / width) as u32;
        let mut bytes = vec![u8::from(is_little)];
        for word in [code, count] {
            bytes.extend(if is_little { word.to_le_bytes() } else { word.to_be_bytes() });
        }
        for number in numbers {
            bytes.extend(if is_little { number.to_le_bytes() } else { number.to_be_bytes() });
        }
        bytes
    }

    #[test]
    fn every_head_and_order_is_read() {
        let check = |blob: &[u8], expected: Result<(&[Coord], &[f64]), Fault>| {
            let (mut sinks, mut notes) = (Sinks::new(None), Notes::default());
            let come = super::wkb(blob).and_then(|bytes| wkb::push(bytes, &mut sinks, 0, &mut notes));
            let builder = &mut sinks.of(GeometryKind::Line, 0).geometry;
            builder.end_feature();
            let block = builder.clone().finish();
            let found = come.map(|_| (block.coords(), block.z()));
            assert_eq!(found, expected);
        };
        let coords = [Coord { x: 1.0, y: 2.0 }, Coord { x: 3.0, y: 4.0 }];
        let flat: Result<(&[Coord], &[f64]), Fault> = Ok((&coords, &[]));
        for (indicator, bytes) in [(0, 0), (1, 32), (2, 48), (3, 48), (4, 64)] {
            for is_little in [false, true] {
                let flags = indicator << 1 | u8::from(is_little);
                check(&blob(flags, bytes, &line(is_little, 2, &[1.0, 2.0, 3.0, 4.0])), flat);
            }
        }
        check(&blob(1, 0, &line(true, 1002, &[1.0, 2.0, 7.0, 3.0, 4.0, 8.0])), Ok((&coords, &[7.0, 8.0])));
        check(&blob(1, 0, &line(true, 2002, &[1.0, 2.0, 7.0, 3.0, 4.0, 8.0])), flat);
        let mut measured = Sinks::new(None);
        let bytes = blob(1, 0, &line(true, 2002, &[1.0, 2.0, 7.0, 3.0, 4.0, 8.0]));
        let inner = super::wkb(&bytes).expect("a head");
        wkb::push(inner, &mut measured, 0, &mut Notes::default()).expect("a line");
        let mut builder = measured.of(GeometryKind::Line, 0).geometry.clone();
        builder.end_feature();
        assert_eq!(builder.finish().m(), [7.0, 8.0]);
        check(&blob(0x0A, 0, &line(true, 2, &[])), Err(Fault::Broken));
        check(&blob(0x21, 0, &line(true, 2, &[])), Err(Fault::Extended));
        check(&blob(1, 0, &line(true, 2, &[1.0, f64::INFINITY, 3.0, 4.0])), Err(Fault::NotFinite));
        // Two points are no arc.
        check(&blob(1, 0, &line(true, 8, &[1.0, 2.0, 3.0, 4.0])), Err(Fault::Broken));
        // Claims more than is there.
        let mut short = line(true, 2, &[1.0, 2.0]);
        short[5..9].copy_from_slice(&u32::MAX.to_le_bytes());
        check(&blob(1, 0, &short), Err(Fault::Broken));
        check(b"GP", Err(Fault::Broken));
        let mut arcs = Sinks::new(None);
        let half = blob(1, 0, &line(true, 8, &[4_000_000.0, 0.0, 4_000_050.0, 50.0, 4_000_100.0, 0.0]));
        let mut notes = Notes::default();
        wkb::push(super::wkb(&half).expect("a head"), &mut arcs, 0, &mut notes).expect("an arc");
        let mut builder = arcs.of(GeometryKind::Line, 0).geometry.clone();
        builder.end_feature();
        let block = builder.finish();
        let off = |c: &Coord| ((c.x - 4_000_050.0).hypot(c.y) - 50.0).abs();
        assert!(notes.has_arc && block.coords().len() > 100 && block.coords().iter().all(|c| off(c) < 1e-6));
        assert_eq!(block.coords().last(), Some(&Coord { x: 4_000_100.0, y: 0.0 }));
        // A compound curve of straight segments is a line.
        let [first, second] = [[1.0, 2.0, 2.0, 3.0], [2.0, 3.0, 3.0, 4.0]].map(|numbers| line(true, 2, &numbers));
        let compound = [&[1u8][..], &9u32.to_le_bytes(), &2u32.to_le_bytes(), &first, &second].concat();
        let three = [coords[0], Coord { x: 2.0, y: 3.0 }, coords[1]];
        check(&blob(1, 0, &compound), Ok((&three, &[])));
    }
}
