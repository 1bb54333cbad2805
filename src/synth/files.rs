//! The demo project as files: compressed GeoJSON and the project file that opens them.

use std::io::Write;

use flate2::{Compression, GzBuilder};

use super::demo::Demo;
use super::layers;

/// All files of the demo, as name and bytes; the same bytes for the same program.
pub fn files() -> Vec<(String, Vec<u8>)> {
    let demo = Demo::build();
    let compress = |(name, text): (&str, String)| (format!("{name}.gz"), gzip(text.as_bytes()));
    layers::write_all(&demo).into_iter().map(compress).collect()
}

/// Compressed without a name or a time, so that the same content gives the same bytes.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory succeeds")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_small_and_always_the_same() {
        let files = files();
        let total: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(total < 5_000_000, "{total} bytes");
        assert_eq!(gzip(b"0701"), gzip(b"0701"));
    }
}
