//! The bytes of a file on their way in: read in pieces, hashed, unpacked where they are compressed, turned into text.

use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

use super::ReadError;
use super::encoding::{Decoder, Encoding, wide_encoding};
use super::hash::FileHash;
use crate::task::Progress;

/// A file being read as text.
pub(super) struct Source {
    input: Input,
    decoder: Decoder,
    /// First bytes of a character that the next piece completes.
    open: Vec<u8>,
    started: bool,
    ended: bool,
    ticked: u64,
    progress: Progress,
}

enum Input {
    Plain(Hashed),
    Gzip(Box<MultiGzDecoder<BufReader<Hashed>>>),
}

impl Input {
    fn raw(&mut self) -> &mut Hashed {
        match self {
            Self::Plain(raw) => raw,
            Self::Gzip(decoder) => decoder.get_mut().get_mut(),
        }
    }
}

/// The raw bytes, hashed and counted as they pass.
struct Hashed {
    ahead: Cursor<Vec<u8>>,
    inner: Box<dyn Read + Send>,
    hash: FileHash,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = self.ahead.read(buffer)?;
        if count == 0 {
            count = self.inner.read(buffer)?;
        }
        self.hash.add(&buffer[..count]);
        Ok(count)
    }
}

/// What is known of a file once it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) byte_count: u64,
    pub(super) hash: String,
    pub(super) compressed: bool,
    pub(super) encoding: Encoding,
    pub(super) replaced_count: u64,
}

impl Source {
    /// Starts reading: recognises compression by the first bytes.
    ///
    /// # Errors
    /// [`ReadError::Io`] when not even the start can be read.
    pub(super) fn new(mut inner: Box<dyn Read + Send>, progress: &Progress) -> Result<Self, ReadError> {
        let mut ahead = Vec::new();
        (&mut inner).take(4).read_to_end(&mut ahead)?;
        let gzip = ahead.starts_with(&[0x1F, 0x8B]);
        let raw = Hashed { ahead: Cursor::new(ahead), inner, hash: FileHash::new() };
        let input = if gzip {
            Input::Gzip(Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 18, raw))))
        } else {
            Input::Plain(raw)
        };
        Ok(Self {
            input,
            decoder: Decoder::new(),
            open: Vec::new(),
            started: false,
            ended: false,
            ticked: 0,
            progress: progress.clone(),
        })
    }

    /// Whether everything was read.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Appends about `byte_count` more bytes of the file to `text`.
    ///
    /// # Errors
    /// [`ReadError::Io`], [`ReadError::Compression`], [`ReadError::Encoding`] for UTF-16 and UTF-32,
    /// [`ReadError::Cancelled`]. What was read before stays in `text`.
    pub(super) fn read_more(&mut self, text: &mut String, byte_count: usize) -> Result<(), ReadError> {
        // Marks of encodings are told by the first four bytes.
        let byte_count = if self.started { byte_count } else { byte_count.max(4) };
        let known = text.len();
        let mut bytes = std::mem::take(text).into_bytes();
        bytes.append(&mut self.open);
        bytes.reserve_exact(byte_count + 8);
        let before = bytes.len();
        let read = match &mut self.input {
            Input::Plain(raw) => raw.take(byte_count as u64).read_to_end(&mut bytes).map_err(ReadError::Io),
            Input::Gzip(decoder) => {
                decoder.take(byte_count as u64).read_to_end(&mut bytes).map_err(ReadError::Compression)
            }
        };
        self.ended = read.is_err() || bytes.len() - before < byte_count;
        if !self.started {
            self.started = true;
            if let Some(name) = wide_encoding(&bytes) {
                return Err(ReadError::Encoding { name });
            }
            if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
                bytes.drain(..3);
                self.decoder.encoding = Encoding::Utf8Bom;
            }
        }
        (*text, self.open) = self.decoder.decode(bytes, known, self.ended);
        self.tick()?;
        read.map(|_| ())
    }

    fn tick(&mut self) -> Result<(), ReadError> {
        let done = self.input.raw().hash.byte_count();
        let new = done - self.ticked;
        self.ticked = done;
        self.progress.tick(new).map_err(|_| ReadError::Cancelled)
    }

    /// Reads what is left of the file, so that size and hash are those of the whole.
    pub(super) fn finish(mut self) -> Seen {
        let compressed = matches!(self.input, Input::Gzip(_));
        let raw = self.input.raw();
        // A file that cannot be read to its end keeps the hash of what could be read: its error was reported before.
        let _ = io::copy(raw, &mut io::sink());
        Seen {
            byte_count: raw.hash.byte_count(),
            hash: raw.hash.hex(),
            compressed,
            encoding: self.decoder.encoding,
            replaced_count: self.decoder.replaced_count,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(bytes: Vec<u8>, piece: usize) -> Result<(String, Seen), ReadError> {
        let mut source = Source::new(Box::new(Cursor::new(bytes)), &Progress::new())?;
        let mut text = String::new();
        while !source.ended() {
            source.read_more(&mut text, piece)?;
        }
        Ok((text, source.finish()))
    }

    #[test]
    fn plain_and_compressed_give_the_same_text() {
        let text = "{\"名称\":\"桑梓店\"}\n".repeat(50);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("compresses");
        let packed = encoder.finish().expect("compresses");
        for piece in [1, 2, 7, 100, 10_000] {
            let (plain, seen) = read(text.clone().into_bytes(), piece).expect("reads");
            assert_eq!((plain == text, seen.byte_count, seen.compressed), (true, text.len() as u64, false));
            let (unpacked, seen) = read(packed.clone(), piece).expect("reads");
            assert_eq!((unpacked == text, seen.byte_count, seen.compressed), (true, packed.len() as u64, true));
        }
        let cut = packed[..packed.len() / 2].to_vec();
        assert!(matches!(read(cut, 10), Err(ReadError::Compression(_))));
    }

    #[test]
    fn marks_are_understood() {
        let (text, seen) = read(b"\xEF\xBB\xBF{}".to_vec(), 100).expect("reads");
        assert_eq!((text.as_str(), seen.encoding), ("{}", Encoding::Utf8Bom));
        let wide: Vec<u8> = "{\"a\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(matches!(read(wide, 100), Err(ReadError::Encoding { name: "UTF-16LE" })));
    }
}
