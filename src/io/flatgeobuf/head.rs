//! The head of a file, and where its features begin.

use flatgeobuf::{ColumnType, GeometryType, size_prefixed_root_as_header};

use super::super::ReadError;
use super::super::columns::even_block;
use crate::crs::Declared;
use crate::model::{BLOCK_FEATURES, GeometryKind};
use crate::text::Message;

/// Bytes before the head: a mark and a version.
const MARK_BYTES: usize = 8;
/// Bytes of an entry of the index.
const ENTRY_BYTES: u64 = 40;
/// Bytes that no feature is shorter than: where it begins and one table.
const LEAST_FEATURE: usize = 8;
/// Titles of columns that are shown.
const LISTED: usize = 12;

/// A column of the head, or of a feature that has its own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: ColumnType,
    /// What it is called for people, where that is something else.
    title: Option<String>,
}

/// What the head says.
pub(super) struct Head {
    pub(super) name: Option<String>,
    pub(super) columns: Vec<Column>,
    pub(super) geometry: GeometryType,
    pub(super) declared: Option<Declared>,
    /// Features, as far as it says; 0 where it does not.
    pub(super) feature_count: u64,
    /// Where the features begin.
    pub(super) end: usize,
}

/// A range of features: where the first begins, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: usize,
    pub(super) count: usize,
}

/// Where features begin.
pub(super) struct Starts {
    pub(super) ranges: Vec<Range>,
    /// Whether the last one goes on behind the end of the file.
    pub(super) is_cut: bool,
}

impl Head {
    /// Reads the head.
    ///
    /// # Errors
    /// Where there is none, it contradicts itself, or it says more than the file holds.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        let broken = || ReadError::Format(Message::new("io.fgb-broken"));
        let is_marked = matches!(bytes.first_chunk::<8>(), Some([b'f', b'g', b'b', 0..=3, b'f', b'g', b'b', _]));
        if !is_marked {
            return Err(ReadError::Format(Message::new("io.fgb-none")));
        }
        let length = length_at(bytes, MARK_BYTES).filter(|length| *length >= LEAST_FEATURE).ok_or_else(broken)?;
        let buffer = bytes.get(MARK_BYTES..MARK_BYTES + 4 + length).ok_or_else(broken)?;
        let header = size_prefixed_root_as_header(buffer).map_err(|_| broken())?;
        let columns: Vec<Column> = header.columns().into_iter().flatten().map(|column| Column::of(&column)).collect();
        let index = index_bytes(header.features_count(), header.index_node_size()).ok_or_else(broken)?;
        let rest = bytes.len() - MARK_BYTES - 4 - length;
        let index = usize::try_from(index).ok().filter(|index| *index <= rest).ok_or_else(broken)?;
        let declared = header.crs().and_then(|crs| {
            let by_code = |code: String| Declared::new(format!("{}:{code}", crs.org().unwrap_or("EPSG")));
            let code = match crs.code() {
                0 => crs.code_string().map(|code| by_code(code.to_owned())),
                code => Some(by_code(code.to_string())),
            };
            let name = || crs.name().filter(|name| !name.trim().is_empty()).map(Declared::new);
            let is_known = |declared: &Declared| declared.crs.is_some();
            code.clone().filter(is_known).or_else(|| {
                // PROJ takes its time for a text.
                let text = crs.wkt().filter(|text| !text.trim().is_empty()).map(Declared::new);
                text.clone().filter(is_known).or(text).or(code).or_else(name)
            })
        });
        Ok(Self {
            name: header.name().map(str::to_owned),
            columns: told_apart(columns),
            geometry: header.geometry_type(),
            declared,
            feature_count: header.features_count(),
            end: MARK_BYTES + 4 + length + index,
        })
    }

    /// The kind that all geometries have, as far as it says.
    pub(super) fn kind(&self) -> Option<GeometryKind> {
        match self.geometry {
            GeometryType::Point | GeometryType::MultiPoint => Some(GeometryKind::Point),
            GeometryType::LineString
            | GeometryType::MultiLineString
            | GeometryType::CircularString
            | GeometryType::CompoundCurve
            | GeometryType::MultiCurve
            | GeometryType::Curve => Some(GeometryKind::Line),
            GeometryType::Polygon
            | GeometryType::MultiPolygon
            | GeometryType::CurvePolygon
            | GeometryType::MultiSurface
            | GeometryType::Surface => Some(GeometryKind::Polygon),
            _ => None,
        }
    }

    /// What columns are called for people, where the head says that.
    pub(super) fn said(&self) -> Option<Message> {
        let titles = self.columns.iter().filter_map(|c| Some(format!("{} = {}", c.name, c.title.as_deref()?)));
        let titles: Vec<String> = titles.collect();
        let more = if titles.len() > LISTED { " …" } else { "" };
        let names = titles.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ") + more;
        (!titles.is_empty()).then(|| Message::new("io.field-aliases").with("count", titles.len()).with("names", names))
    }

    /// Where the features begin: each says how long it is.
    pub(super) fn starts(&self, bytes: &[u8]) -> Starts {
        let mut starts = Starts { ranges: Vec::new(), is_cut: false };
        // A number that the head makes up costs blocks of half the size.
        let most = even_block(usize::try_from(self.feature_count).unwrap_or(0)).max(BLOCK_FEATURES / 2);
        let mut range = Range { start: self.end, count: 0 };
        let mut at = self.end;
        while at < bytes.len() {
            let end =
                length_at(bytes, at).and_then(|length| at.checked_add(4 + length)).filter(|end| *end <= bytes.len());
            let Some(end) = end else {
                starts.is_cut = true;
                break;
            };
            if range.count == most {
                starts.ranges.push(range);
                range = Range { start: at, count: 0 };
            }
            range.count += 1;
            at = end;
        }
        if range.count > 0 {
            starts.ranges.push(range);
        }
        starts
    }
}

impl Column {
    pub(super) fn of(column: &flatgeobuf::Column<'_>) -> Self {
        let title = column.title().map(str::trim).filter(|title| !title.is_empty() && *title != column.name());
        Self { name: column.name().to_owned(), kind: column.type_(), title: title.map(str::to_owned) }
    }
}

/// Columns of which no two are called alike.
pub(super) fn told_apart(mut columns: Vec<Column>) -> Vec<Column> {
    let mut taken = rustc_hash::FxHashSet::default();
    for column in &mut columns {
        let wanted = column.name.clone();
        let mut number = 1;
        while !taken.insert(column.name.clone()) {
            number += 1;
            column.name = format!("{wanted}_{number}");
        }
    }
    columns
}

/// The length that stands at `at`.
pub(super) fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let length = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*length) as usize)
}

/// Bytes of an index of `count` features with nodes of `size`; `None` where there can be none such.
fn index_bytes(count: u64, size: u16) -> Option<u64> {
    if count == 0 || size == 0 {
        return Some(0);
    }
    if size < 2 {
        return None;
    }
    let (mut level, mut total) = (count, count);
    loop {
        level = level.div_ceil(u64::from(size));
        total = total.checked_add(level)?;
        if level <= 1 {
            return total.checked_mul(ENTRY_BYTES);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_as_long_as_its_levels() {
        assert_eq!(index_bytes(0, 16), Some(0));
        assert_eq!(index_bytes(10, 0), Some(0));
        assert_eq!(index_bytes(1, 16), Some(80));
        assert_eq!(index_bytes(10, 16), Some(440));
        assert_eq!(index_bytes(17, 16), Some(40 * (17 + 2 + 1)));
        assert_eq!(index_bytes(10, 1), None);
        assert_eq!(index_bytes(u64::MAX, 16), None);
    }
}
