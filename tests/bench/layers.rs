//! The layers that everything is measured on.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use tuban::io::{self, OpenOptions};
use tuban::model::Layer;
use tuban::synth::parcels::{self, Spec, State};
use tuban::task::Progress;

/// A size of layer: its letter, parcels, and positions a parcel.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub letter: &'static str,
    pub count: usize,
    pub vertices: f64,
}

pub(crate) const SIZES: [Size; 4] = [
    Size { letter: "S", count: 1_000, vertices: 20.0 },
    Size { letter: "T", count: 10_000, vertices: 20.0 },
    Size { letter: "M", count: 100_000, vertices: 20.0 },
    Size { letter: "L", count: 1_000_000, vertices: 12.0 },
];

impl Size {
    pub(crate) fn find(letter: &str) -> Option<Self> {
        SIZES.into_iter().find(|size| size.letter == letter)
    }

    /// The size that was asked for; where there is no such size, that is said.
    pub(crate) fn asked(letter: &str) -> Result<Self, ExitCode> {
        Self::find(letter).ok_or_else(|| {
            eprintln!("{letter:?}: expected S, T, M or L");
            ExitCode::from(2)
        })
    }

    /// The layer, opened.
    pub(crate) fn layer(self) -> Arc<Layer> {
        let opened = io::open(&self.file(), &OpenOptions::default(), &Progress::new()).expect("opens");
        Arc::new(opened.layers.into_iter().next().expect("a layer"))
    }

    /// The layer as a file, written where it is not there yet.
    pub(crate) fn file(self) -> PathBuf {
        self.file_of(State::Base)
    }

    /// Another state of the layer as a file.
    pub(crate) fn file_of(self, state: State) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let name = match state {
            State::Base => self.letter.to_owned(),
            State::Scenario => format!("{}_B", self.letter),
            State::Touched => format!("{}_C", self.letter),
        };
        let path = folder.join(format!("{name}.geojson"));
        if !path.exists() {
            eprintln!("writing {}", path.display());
            let part = folder.join(format!("{name}.part"));
            let file = fs::File::create(&part).expect("the target folder can be written to");
            let mut out = BufWriter::new(file);
            let spec = Spec { count: self.count, vertices: self.vertices, seed: 1, state };
            parcels::write(spec, &mut out, &Progress::new()).expect("the layer is written");
            out.flush().expect("the layer is written");
            fs::rename(&part, &path).expect("the layer is moved into place");
        }
        path
    }

    /// The same compressed.
    pub(crate) fn gzip_file(self) -> PathBuf {
        let path = self.file();
        let packed = path.with_extension("geojson.gz");
        if !packed.exists() {
            eprintln!("compressing {}", path.display());
            let bytes = tuban::io::gzip(&fs::read(&path).expect("the layer can be read"));
            fs::write(&packed, bytes).expect("the target folder can be written to");
        }
        packed
    }
}

/// A layer of `count` parcels as text.
pub(crate) fn text(count: usize, vertices: f64) -> String {
    text_of(count, vertices, State::Base)
}

/// Another state of it.
pub(crate) fn text_of(count: usize, vertices: f64, state: State) -> String {
    let mut bytes = Vec::new();
    let spec = Spec { count, vertices, seed: 1, state };
    parcels::write(spec, &mut bytes, &Progress::new()).expect("writes to memory");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}
