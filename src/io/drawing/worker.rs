//! The process that reads one drawing: bytes in, records out, and nothing else.
//!
//! Drawings come from anywhere, and the library that reads them is young: what it does with a hostile one (no end, all
//! the memory, an abort) it does to this process alone. It opens no file, and its memory and its time are bounded.

use std::io::{self, Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use acadrust::io::dxf::DxfReaderConfiguration;
use acadrust::{CadDocument, DwgReadOptions, DwgReader, DxfReader, ReadOutcome};

use super::encoding::{decoded, header};
use super::expand::Expansion;
use super::records::Records;

/// What a binary DXF begins with.
const BINARY: &[u8] = b"AutoCAD Binary DXF";
/// Diagnostics of the library after which there is no drawing.
const FATAL: &[&str] = &["file-header-read-failed"];

/// Reads a drawing from `input` and writes its records to `output`.
///
/// # Errors
/// When `input` cannot be read or `output` cannot be written. What is wrong with the drawing is a record.
pub(super) fn work(mut input: impl Read, output: impl Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let mut records = Records::new(output)?;
    // A panic of the library is told like its errors; it may leave nothing behind, as all it had was its own.
    let outcome = catch_unwind(AssertUnwindSafe(|| document(bytes)));
    match outcome {
        Ok(Ok((document, notes))) => {
            for (key, name) in notes {
                records.note(key, &name, 1)?;
            }
            records.note("version", document.version.as_str(), 1)?;
            let done = catch_unwind(AssertUnwindSafe(|| Expansion::new(&document, &mut records).run()));
            match done {
                Ok(done) => done?,
                Err(_) => records.failed("panic while blocks were expanded")?,
            }
        }
        Ok(Err(why)) => records.failed(&why)?,
        Err(_) => records.failed("panic while the file was read")?,
    }
    records.end()
}

type Notes = Vec<(&'static str, String)>;

fn document(bytes: Vec<u8>) -> Result<(CadDocument, Notes), String> {
    let is_dwg = bytes.starts_with(b"AC1") || bytes.starts_with(b"AC2");
    let (outcome, mut notes) = if is_dwg {
        let mut reader = DwgReader::from_stream_with_options(Cursor::new(bytes), DwgReadOptions::failsafe());
        (reader.read_with_stats(), Vec::new())
    } else if bytes.starts_with(BINARY) {
        (dxf(bytes), Vec::new())
    } else {
        let text = decoded(&bytes);
        let mut notes = text.notes;
        notes.extend(text.encoding.map(|encoding| ("encoding", encoding.name().to_owned())));
        if header(&text.bytes, "$ACADVER").is_none() {
            notes.push(("cad-no-version", String::new()));
        }
        (dxf(text.bytes.into_owned()), notes)
    };
    let outcome = outcome.map_err(|error| error.to_string())?;
    for diagnostic in &outcome.stats.diagnostics {
        if FATAL.contains(&diagnostic.code.as_str()) {
            return Err(diagnostic.message.clone());
        }
        notes.push(("cad-damaged", diagnostic.message.clone()));
    }
    Ok((outcome.document, notes))
}

fn dxf(bytes: Vec<u8>) -> acadrust::Result<ReadOutcome> {
    let configuration = DxfReaderConfiguration { failsafe: true, default_encoding: None };
    DxfReader::from_reader(Cursor::new(bytes))?.with_configuration(configuration).read_with_stats()
}
