//! Styles of layers in the files of other programs: QGIS's `.qml`, OGC's `.sld`, ArcGIS Pro's `.lyrx`.
//!
//! [`read`] makes one of our styles of such a file and lists what it has that ours does not; [`write()`] makes a file of one
//! of our styles. Nothing of a file is guessed: a condition that our expressions cannot say is left out as a whole, and
//! listed. Sizes become logical pixels by the rule of `units`. A file may be hostile: its size, depth, elements, numbers
//! and classes are bounded, and nothing that it names is opened.
//!
//! | file | module |
//! |---|---|
//! | XML as a tree | `tree` |
//! | sizes and colours; layers of symbols laid over each other; what was left out | `units`, `stack` |
//! | conditions and texts | `expression`, `sld/filter` |
//! | the formats, each with its symbols, labels and what writes it | `qml`, `sld`, `lyrx` |

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::xml::escaped as xml_escaped;
use super::{Guard, SaveError, save_atomically, shown_path, text_of};
use crate::expr::{Expr, ExprError, Figures};
use crate::model::classes::{self, Scheme};
use crate::model::style::labels::LabelText;
use crate::model::style::{Categories, LayerStyle, Styling, Symbol, defaults};
use crate::model::{GeometryKind, Layer};
use crate::text::{Language, Message, system_reason};

mod expression;
mod lyrx;
mod qml;
mod sld;
mod stack;
#[cfg(test)]
mod tests;
mod tree;
mod units;

use stack::{Lost, short};

/// The largest style that is read: thousands of classes fit into a tenth of it.
const MOST_BYTES: u64 = 16 << 20;
/// Classes, ranges or rules of a style.
const MOST_CLASSES: usize = 5000;
/// Values of a layer that are written for the classes of a scheme.
const MOST_VALUES: usize = 20_000;

/// A format of styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StyleFormat {
    /// QGIS.
    Qml,
    /// OGC's Styled Layer Descriptor.
    Sld,
    /// A layer file of ArcGIS Pro.
    Lyrx,
}

impl StyleFormat {
    /// All of them; the first one that lies beside a source is taken.
    pub const ALL: [Self; 3] = [Self::Qml, Self::Sld, Self::Lyrx];

    /// The format that the ending of a file names.
    pub fn of_path(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?;
        Self::ALL.into_iter().find(|format| ending.eq_ignore_ascii_case(format.ending()))
    }

    /// What its files end in.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Qml => "qml",
            Self::Sld => "sld",
            Self::Lyrx => "lyrx",
        }
    }

    /// Key of its name.
    pub fn title_key(self) -> &'static str {
        match self {
            Self::Qml => "style.format-qml",
            Self::Sld => "style.format-sld",
            Self::Lyrx => "style.format-lyrx",
        }
    }

    /// Whether styles are written in it.
    pub fn is_written(self) -> bool {
        self != Self::Lyrx
    }
}

/// A style that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadStyle {
    /// The style. Its fields and codes are not looked for in any layer yet: see [`fit`].
    pub style: LayerStyle,
    /// What the file has that the style does not, each thing once.
    pub left_out: Vec<Message>,
}

/// Why a style could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StyleError {
    /// The operating system refused.
    #[error("cannot read the style: {0}")]
    Io(#[from] io::Error),
    /// The file cannot be written.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// Its ending is that of no style, or of one that is not written.
    #[error("not the ending of a style that can be used here")]
    Ending,
    /// What is wrong with what it holds.
    #[error("{}", .0.text(Language::English))]
    Said(Message),
}

impl StyleError {
    /// The error as a message of the catalogue, about the file at `path` that was to be read.
    pub fn message(&self, path: &Path) -> Message {
        Message::new("style.unread").with("path", shown_path(path)).with_message("reason", &self.reason())
    }

    /// The error as a message of the catalogue, about the file at `path` that was to be written.
    pub fn unwritten(&self, path: &Path) -> Message {
        Message::new("style.unwritten").with("path", shown_path(path)).with_message("reason", &self.reason())
    }

    fn reason(&self) -> Message {
        match self {
            Self::Io(error) => system_reason(error),
            Self::Save(error) => error.message(),
            Self::Ending => Message::new("style.ending"),
            Self::Said(message) => message.clone(),
        }
    }
}

/// Reads the style of a file.
///
/// # Errors
/// When it cannot be read, is larger than styles are, or holds no style of features.
pub fn read(path: &Path) -> Result<ReadStyle, StyleError> {
    let format = StyleFormat::of_path(path).ok_or(StyleError::Ending)?;
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::from(io::ErrorKind::InvalidInput).into());
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    of_bytes(&bytes, format)
}

/// Reads a style whose bytes are at hand.
///
/// # Errors
/// As [`read`].
pub fn of_bytes(bytes: &[u8], format: StyleFormat) -> Result<ReadStyle, StyleError> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(StyleError::Said(Message::new("style.too-large").with("most", MOST_BYTES >> 20)));
    }
    let text = text_of(bytes);
    let mut lost = Lost::default();
    let style = match format {
        StyleFormat::Qml => qml::read(&tree::read(&text)?, &mut lost)?,
        StyleFormat::Sld => sld::read(&tree::read(&text)?, &mut lost)?,
        StyleFormat::Lyrx => lyrx::read(&text, &mut lost)?,
    };
    Ok(ReadStyle { style, left_out: lost.messages() })
}

/// The text of a file of `format` with `style`, and what it cannot hold of it. `kind` is what the style is for, `name` the
/// layer's. Where codes of a class scheme stand for those beneath them, the values that `layer` has are written.
///
/// # Errors
/// [`StyleError::Ending`] for a format that is not written.
pub fn text_of_style(
    style: &LayerStyle,
    format: StyleFormat,
    kind: GeometryKind,
    name: &str,
    layer: Option<&Layer>,
    language: Language,
) -> Result<(String, Vec<Message>), StyleError> {
    let mut lost = Lost::default();
    let values = Values::of_style(style, layer);
    let text = match format {
        StyleFormat::Qml => qml::write(style, kind, &values, language, &mut lost),
        StyleFormat::Sld => sld::write(style, kind, name, &values, language, &mut lost),
        StyleFormat::Lyrx => return Err(StyleError::Ending),
    };
    Ok((text, lost.messages()))
}

/// Writes `style` for `layer` to a file, in the format that its ending names; gives what the file cannot hold.
///
/// # Errors
/// When the ending is that of no style that is written, or the file cannot be saved.
pub fn write(
    path: &Path,
    style: &LayerStyle,
    layer: &Layer,
    language: Language,
    guard: &Guard,
) -> Result<Vec<Message>, StyleError> {
    let format = StyleFormat::of_path(path).ok_or(StyleError::Ending)?;
    let (text, lost) = text_of_style(style, format, layer.kind, &layer.name, Some(layer), language)?;
    save_atomically(path, guard, |out| out.write_all(text.as_bytes()))?;
    Ok(lost)
}

/// The style file that lies beside a source under the same name, as QGIS keeps them.
pub fn beside(source: &Path) -> Option<PathBuf> {
    let endings = StyleFormat::ALL.into_iter().filter(|format| *format != StyleFormat::Lyrx);
    endings.map(|format| source.with_extension(format.ending())).find(|path| path.is_file())
}

/// How a style goes with a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// Whether it draws anything of the layer: its field is there, its expression can be worked out, a rule is left.
    pub draws: bool,
    /// What it names that the layer does not have.
    pub missing: Vec<Message>,
}

/// Makes a style that was read fit a layer: fields get the names that they have there, codes find their classes where
/// the field is `class_field` of `scheme`; rules and labels that cannot be worked out go.
pub fn fit(style: &mut LayerStyle, layer: &Layer, class_field: Option<&str>, scheme: Option<Scheme>) -> Fit {
    let mut missing = Lost::default();
    let fits = |source: &str, missing: &mut Lost| {
        let Err(error) = Expr::parse(source).and_then(|expr| check(&expr, layer)) else { return true };
        let said = Message::new("style.does-not-fit").with("expression", short(source));
        missing.add(said.with_said("reason", |language| error.text(language)));
        false
    };
    let draws = match &mut style.styling {
        Styling::Single(_) => true,
        Styling::Categorised(categories) => match layer.field(&categories.field) {
            None => {
                missing.named("style.no-field", &categories.field);
                false
            }
            Some(field) => {
                categories.field.clone_from(&layer.fields[field].name);
                if class_field == Some(categories.field.as_str()) {
                    categories.scheme = scheme;
                }
                set_classes(categories);
                true
            }
        },
        Styling::Graduated(graduated) => fits(&graduated.expression, &mut missing),
        Styling::Ruled(ruled) => {
            ruled.rules.retain(|rule| rule.filter.is_empty() || fits(&rule.filter, &mut missing));
            !ruled.rules.is_empty() || ruled.other_visible
        }
    };
    // What was made for another kind of features is drawn in its colour.
    style.for_each_symbol(|symbol| {
        let is_foreign = match layer.kind {
            GeometryKind::Line => symbol.stroke.is_none(),
            GeometryKind::Point => symbol.marker.is_none(),
            GeometryKind::Polygon | GeometryKind::None => false,
        };
        if is_foreign && *symbol != Symbol::default() {
            *symbol = defaults::for_kind(*symbol, layer.kind);
        }
    });
    let is_written = match style.labels.as_mut().map(|labels| &mut labels.text) {
        None => true,
        Some(LabelText::Field(name)) => match layer.field(name) {
            Some(field) => {
                name.clone_from(&layer.fields[field].name);
                true
            }
            None => {
                missing.named("style.no-field", name);
                false
            }
        },
        Some(LabelText::Expression(source)) => fits(source, &mut missing),
        Some(LabelText::Fraction { over, under }) => fits(over, &mut missing) && fits(under, &mut missing),
    };
    if !is_written {
        style.labels = None;
    }
    Fit { draws, missing: missing.messages() }
}

/// Whether the layer has what an expression names. What it measures comes later, and is not asked for here.
fn check(expr: &Expr, layer: &Layer) -> Result<(), ExprError> {
    let none: &[f64] = &[];
    let figures = Figures { areas: Some(none), perimeters: Some(none) };
    expr.bind(layer, figures).map(drop)
}

/// Gives each class the class of the scheme that its key names; a label that only repeats its name goes.
fn set_classes(categories: &mut Categories) {
    let scheme = categories.scheme;
    for class in &mut categories.classes {
        class.class = scheme.and_then(|scheme| classes::resolve(scheme, &class.key)).map(|found| found.class);
        let is_name = |of: &classes::Class| {
            [Language::Chinese, Language::English].map(|l| of.name(l)).contains(&class.label.as_str())
        };
        if class.class.as_ref().is_some_and(is_name) {
            class.label.clear();
        }
    }
}

/// The values that each class of a categorised style stands for.
///
/// Other programs compare values; ours lets a class of a scheme stand for all beneath it. So its values are those of the
/// layer.
#[derive(Clone, Debug, Default)]
struct Values {
    of_class: Vec<Vec<String>>,
}

impl Values {
    fn of_style(style: &LayerStyle, layer: Option<&Layer>) -> Self {
        let Some(categories) = style.categories() else { return Self::default() };
        let mut of_class: Vec<Vec<String>> = categories.classes.iter().map(|class| vec![class.key.clone()]).collect();
        let found = layer.filter(|_| categories.scheme.is_some());
        let Some((layer, field)) = found.and_then(|layer| Some((layer, layer.field(&categories.field)?))) else {
            return Self { of_class };
        };
        let lookup = categories.lookup();
        let mut seen: rustc_hash::FxHashSet<&str> = categories.classes.iter().map(|class| class.key.as_str()).collect();
        for block in &layer.blocks {
            let Some(column) = block.attributes.column(field) else { continue };
            for text in column.distinct_texts() {
                if seen.len() < MOST_VALUES
                    && seen.insert(text)
                    && let Some(values) = of_class.get_mut(usize::from(lookup.index_of_text(text)))
                {
                    values.push(text.to_owned());
                }
            }
        }
        of_class.iter_mut().for_each(|values| values[1..].sort_unstable());
        Self { of_class }
    }

    /// The values of class number `at`, its own key first.
    fn of(&self, at: usize) -> &[String] {
        self.of_class.get(at).map(Vec::as_slice).unwrap_or_default()
    }
}
