//! A file as text on its way in: read in pieces, hashed, unpacked where they are compressed, turned into text.

use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

use super::ReadError;
use super::encoding::{Decoder, Encoding, wide_encoding};
use super::hash::FileHash;
use crate::task::Progress;

/// Bytes that are read, checked and hashed at once.
const STRETCH_BYTES: usize = 1 << 18;

/// A file being read as text.
pub(super) struct TextStream {
    input: Input,
    decoder: Decoder,
    /// First bytes of a character that the next piece completes.
    open: Vec<u8>,
    /// What is read before it becomes text: so little that it stays in the cache meanwhile.
    buffer: Vec<u8>,
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

    /// Reads until `buffer` is full or there is no more; gives how much was read, and what stopped it.
    fn fill(&mut self, buffer: &mut [u8]) -> (usize, Result<(), ReadError>) {
        let mut count = 0;
        while count < buffer.len() {
            let read = match self {
                Self::Plain(raw) => raw.read(&mut buffer[count..]).map_err(ReadError::Io),
                Self::Gzip(decoder) => decoder.read(&mut buffer[count..]).map_err(ReadError::Compression),
            };
            match read {
                Ok(0) => break,
                Ok(more) => count += more,
                Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (count, Err(error)),
            }
        }
        (count, Ok(()))
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
}

impl TextStream {
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
            buffer: Vec::new(),
            started: false,
            ended: false,
            ticked: 0,
            progress: progress.clone(),
        })
    }

    /// Whether it is compressed.
    pub(super) fn is_compressed(&self) -> bool {
        matches!(self.input, Input::Gzip(_))
    }

    /// The encoding of the text that was read so far.
    pub(super) fn encoding(&self) -> Encoding {
        self.decoder.encoding
    }

    /// Characters that could not be read and were replaced so far.
    pub(super) fn replaced_count(&self) -> u64 {
        self.decoder.replaced_count
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
        let known = text.len();
        // The line is known to whoever reads the text.
        let no_memory = |_| ReadError::NoMemory { line: 0, feature_count: 0 };
        text.try_reserve_exact(byte_count + 8).map_err(no_memory)?;
        let mut left = byte_count;
        if !self.started {
            self.started = true;
            left = left.saturating_sub(self.start()?);
        }
        let mut outcome = Ok(());
        while left > 0 && !self.ended {
            let open = self.open.len();
            let wanted = left.min(STRETCH_BYTES);
            self.buffer.resize(open + wanted, 0);
            self.buffer[..open].copy_from_slice(&self.open);
            self.open.clear();
            let count;
            (count, outcome) = self.input.fill(&mut self.buffer[open..]);
            left -= count;
            self.ended = count < wanted;
            let bytes = &self.buffer[..open + count];
            let (valid, cut) = match simdutf8::compat::from_utf8(bytes) {
                Ok(valid) => (valid, false),
                // The end of the file completes nothing.
                Err(error) if error.error_len().is_none() && !self.ended => {
                    (str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(), true)
                }
                Err(_) => {
                    let mut unknown = text.split_off(known).into_bytes();
                    unknown.extend_from_slice(bytes);
                    if !self.ended {
                        let start = unknown.len();
                        unknown.resize(start + left, 0);
                        let count;
                        (count, outcome) = self.input.fill(&mut unknown[start..]);
                        unknown.truncate(start + count);
                        self.ended = count < left;
                    }
                    let decoded;
                    (decoded, self.open) = self.decoder.decode(unknown, self.ended);
                    text.push_str(&decoded);
                    break;
                }
            };
            text.push_str(valid);
            if cut {
                self.open.extend_from_slice(&bytes[valid.len()..]);
            }
        }
        self.tick()?;
        outcome
    }

    /// Reads the first four bytes, by which marks of encodings are told; gives how many there are.
    fn start(&mut self) -> Result<usize, ReadError> {
        let mut start = [0; 4];
        let (count, outcome) = self.input.fill(&mut start);
        self.ended = outcome.is_err();
        outcome?;
        let start = &start[..count];
        if let Some(name) = wide_encoding(start) {
            return Err(ReadError::Encoding { name });
        }
        let text = start.strip_prefix(&[0xEF, 0xBB, 0xBF]);
        if text.is_some() {
            self.decoder.encoding = Encoding::Utf8Bom;
        }
        self.open.extend_from_slice(text.unwrap_or(start));
        Ok(count)
    }

    fn tick(&mut self) -> Result<(), ReadError> {
        let done = self.input.raw().hash.byte_count();
        let new = done - self.ticked;
        self.ticked = done;
        self.progress.tick(new).map_err(|_| ReadError::Cancelled)
    }

    /// Goes on after it was stopped, for whoever watches `progress` now; the file has so many bytes.
    ///
    /// # Errors
    /// [`ReadError::Cancelled`].
    pub(super) fn go_on(&mut self, byte_count: u64, progress: &Progress) -> Result<(), ReadError> {
        self.progress = progress.clone();
        progress.add_total(byte_count);
        progress.tick(self.ticked).map_err(|_| ReadError::Cancelled)
    }

    /// Reads what is left of the file, so that size and hash are those of the whole.
    pub(super) fn finish(mut self) -> Seen {
        let raw = self.input.raw();
        // A file that cannot be read to its end keeps the hash of what could be read: its error was reported before.
        let _ = io::copy(raw, &mut io::sink());
        Seen { byte_count: raw.hash.byte_count(), hash: raw.hash.hex() }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What is known when all was read.
    struct Known {
        byte_count: u64,
        compressed: bool,
        encoding: Encoding,
        replaced_count: u64,
    }

    fn read(bytes: Vec<u8>, piece: usize) -> Result<(String, Known), ReadError> {
        let mut source = TextStream::new(Box::new(Cursor::new(bytes)), &Progress::new())?;
        let mut text = String::new();
        while !source.ended() {
            source.read_more(&mut text, piece)?;
        }
        let (compressed, encoding) = (source.is_compressed(), source.encoding());
        let replaced_count = source.replaced_count();
        Ok((text, Known { byte_count: source.finish().byte_count, compressed, encoding, replaced_count }))
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
    fn what_is_read_at_once_does_not_matter() {
        let ascii = " ".repeat(STRETCH_BYTES + 1);
        let text = format!("{ascii}{}", "桑梓店".repeat(STRETCH_BYTES / 4));
        let (got, seen) = read(text.clone().into_bytes(), 4 * STRETCH_BYTES).expect("reads");
        assert!(got == text && seen.encoding == Encoding::Utf8);
        let gbk = encoding_rs::GB18030.encode(&text).0.into_owned();
        let (got, seen) = read(gbk, 4 * STRETCH_BYTES).expect("reads");
        assert!(got == text && (seen.encoding, seen.replaced_count) == (Encoding::Gbk, 0));
        let mut bytes = text.clone().into_bytes();
        bytes.insert(STRETCH_BYTES + 1, 0xFF);
        let (got, seen) = read(bytes, 4 * STRETCH_BYTES).expect("reads");
        assert!(got.replace(char::REPLACEMENT_CHARACTER, "") == text);
        assert_eq!((seen.encoding, seen.replaced_count), (Encoding::Damaged, 1));
        assert_eq!(read(vec![b'{', 0xE6], 100).expect("reads").1.replaced_count, 1);
    }

    #[test]
    fn marks_are_understood() {
        let (text, seen) = read(b"\xEF\xBB\xBF{}".to_vec(), 100).expect("reads");
        assert_eq!((text.as_str(), seen.encoding), ("{}", Encoding::Utf8Bom));
        let wide: Vec<u8> = "{\"a\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(matches!(read(wide, 100), Err(ReadError::Encoding { name: "UTF-16LE" })));
    }
}
