//! Compression of what is written.

use std::io::Write;

use flate2::{Compression, GzBuilder};

/// `bytes` as a gzip file without a name or a time, so that the same content always gives the same bytes.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory succeeds")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn the_same_content_gives_the_same_bytes() {
        let packed = gzip("地类图斑".as_bytes());
        assert_eq!(packed, gzip("地类图斑".as_bytes()));
        let mut text = String::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).expect("unpacks");
        assert_eq!(text, "地类图斑");
    }
}
