//! What the columns of a table hold, and which of them are coordinates.
//!
//! A column of text is one of numbers only where every cell is written as that number would be: codes with leading
//! zeros, numbers of more than 15 digits and columns whose name says that they hold codes stay text.

use super::super::{ReadError, wkt};
use super::coordinates::{Axis, Rings, axis, coordinate, is_plot, is_point, plain_name};
use super::heading::Heading;
use super::rows::Rows;
use crate::crs::Sample;
use crate::crs::sample::Shape;
use crate::model::attributes::numbers;
use crate::model::{Coord, Value};
use crate::task::Progress;

/// Whole numbers of so many digits are counts; longer ones are identifiers.
const MOST_DIGITS: usize = 15;

/// The least number of more digits than that, and one of more than any identifier has.
const LONG: f64 = 1e15;
const LONGEST: f64 = 1e30;

/// Columns in which coordinates without headings are looked for.
const MOST_UNNAMED: usize = 8;

/// How the cells of a column are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// As they are.
    #[default]
    AsIs,
    /// Text that is whole numbers throughout.
    Int,
    /// Text that is numbers throughout.
    Float,
}

/// What was seen of a column.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Cells that hold something.
    pub(super) count: u64,
    /// Cells that are written as whole numbers, and as any numbers.
    int_count: u64,
    float_count: u64,
    /// Cells of numbers, in a sheet.
    pub(super) number_count: u64,
    /// Texts of a sheet that are numbers.
    pub(super) numeric_text_count: u64,
    wkt_count: u64,
    /// Whole numbers of three digits and of four, for codes that lost their zero.
    pub(super) three_digit_count: u64,
    pub(super) four_digit_count: u64,
    /// Whole numbers of more digits than a spreadsheet keeps, stored as numbers.
    pub(super) long_count: u64,
}

/// Columns that hold coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Geometry {
    /// None.
    None,
    /// A column of WKT.
    Wkt(usize),
    /// Easting (longitude) and northing (latitude).
    Points { east: usize, north: usize },
    /// Boundary points: the columns of the plot and of the ring where there are any, and of the point's number. Without
    /// plots all of them are one.
    Corners { plot: Option<usize>, point: usize, ring: Option<usize>, east: usize, north: usize },
}

/// What was found out about a table.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) columns: Vec<Column>,
    /// Index into `columns` by column of the source.
    pub(super) by_source: Vec<Option<usize>>,
    pub(super) geometry: Geometry,
    /// Whether X is the northing by the numbers alone.
    pub(super) is_north_first: bool,
    pub(super) row_count: u64,
    /// Number of the first row of data.
    pub(super) first_row: u64,
    /// Columns without a heading, in a table that has headings.
    pub(super) unnamed: Vec<String>,
    /// Names that stood twice.
    pub(super) repeated: Vec<String>,
}

impl Profile {
    /// The column of the profile that source column `column` is.
    pub(super) fn of_source(&self, column: usize) -> Option<usize> {
        self.by_source.get(column).copied().flatten()
    }
}

/// Goes through a table.
///
/// # Errors
/// [`ReadError::Cancelled`].
pub(super) fn profile(rows: &Rows<'_>, heading: &Heading, progress: &Progress) -> Result<Profile, ReadError> {
    let mut seen: Vec<Column> = Vec::new();
    let (mut row_count, mut first_row) = (0, 0);
    let is_text = rows.is_text();
    rows.each(progress, |number, cells| {
        if number <= heading.last_row {
            return true;
        }
        if row_count == 0 {
            first_row = number;
        }
        row_count += 1;
        for (column, value) in cells {
            if seen.len() <= *column {
                seen.resize(column + 1, Column::default());
            }
            seen[*column].see(value, is_text);
        }
        true
    })?;
    if let Some((last, _)) = heading.names.last()
        && seen.len() <= *last
    {
        seen.resize(last + 1, Column::default());
    }
    let mut by_source = vec![None; seen.len()];
    let mut columns: Vec<Column> = Vec::new();
    let (mut unnamed, mut repeated) = (Vec::new(), Vec::new());
    for (at, mut column) in seen.into_iter().enumerate() {
        let named = heading.names.iter().find(|(named, _)| *named == at).map(|(_, name)| name.clone());
        let Some(name) = named.or_else(|| (column.count > 0).then(|| letters(at))) else { continue };
        if column.count > 0 && heading.last_row > 0 && !heading.names.iter().any(|(named, _)| *named == at) {
            unnamed.push(name.clone());
        }
        column.name = name.clone();
        let mut next = 2;
        while columns.iter().any(|other| other.name == column.name) {
            column.name = format!("{name}_{next}");
            next += 1;
        }
        if column.name != name {
            repeated.push(name);
        }
        column.kind = column.decided(is_text);
        by_source[at] = Some(columns.len());
        columns.push(column);
    }
    let mut profile = Profile {
        columns,
        by_source,
        geometry: Geometry::None,
        is_north_first: false,
        row_count,
        first_row,
        unnamed,
        repeated,
    };
    find_geometry(&mut profile, rows, heading, progress)?;
    Ok(profile)
}

/// The letters of a spreadsheet for a column: `A`, `Z`, `AA`.
fn letters(mut at: usize) -> String {
    let mut out = Vec::new();
    loop {
        out.push(b'A' + (at % 26) as u8);
        at = match at / 26 {
            0 => break,
            more => more - 1,
        };
    }
    out.reverse();
    String::from_utf8(out).unwrap_or_default()
}

impl Column {
    fn see(&mut self, value: &Value<'_>, is_text: bool) {
        self.count += 1;
        match value {
            Value::Text(text) => {
                let text = text.trim();
                self.long_count += u64::from(is_long_scientific(text));
                if wkt::is_wkt(text) {
                    self.wkt_count += 1;
                } else if is_text {
                    self.int_count += u64::from(is_plain_int(text));
                    self.float_count += u64::from(is_plain_float(text));
                } else if text.bytes().next().is_some_and(|b| b.is_ascii_digit() || b == b'-')
                    && text.len() <= MOST_DIGITS
                    && !has_lead_zero(text)
                    && numbers::of_text(text).is_some()
                {
                    self.numeric_text_count += 1;
                }
            }
            Value::Int(v) => {
                self.number_count += 1;
                self.three_digit_count += u64::from((100..1000).contains(v));
                self.four_digit_count += u64::from((1000..10_000).contains(v));
                self.long_count += u64::from(v.unsigned_abs() >= 10u64.pow(MOST_DIGITS as u32));
            }
            Value::Float(v) => {
                self.number_count += 1;
                self.long_count += u64::from((LONG..LONGEST).contains(&v.abs()));
            }
            _ => {}
        }
    }

    fn decided(&self, is_text: bool) -> Kind {
        if !is_text || self.count == 0 || is_code(&self.name) {
            return Kind::AsIs;
        }
        if self.int_count == self.count {
            Kind::Int
        } else if self.float_count == self.count {
            Kind::Float
        } else {
            Kind::AsIs
        }
    }
}

fn has_lead_zero(text: &str) -> bool {
    let digits = text.trim_start_matches('-').as_bytes();
    digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit()
}

/// Whether a text is a long number as a spreadsheet shows it, whose last digits are gone: `3.70199E+17`.
fn is_long_scientific(text: &str) -> bool {
    text.split_once(['e', 'E']).is_some_and(|(digits, power)| {
        digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && power.starts_with('+')
    }) && text.parse::<f64>().is_ok_and(|value| (LONG..LONGEST).contains(&value))
}

/// Whether a text is a whole number as a program writes it.
fn is_plain_int(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let fits = !digits.is_empty() && digits.len() <= MOST_DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    fits && !has_lead_zero(text) && text != "-0"
}

/// Whether a text is a number with a plain decimal point.
fn is_plain_float(text: &str) -> bool {
    let is_sign = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E');
    let whole = text.split(['.', 'e', 'E']).next().unwrap_or(text);
    text.bytes().all(is_sign)
        && text.bytes().any(|b| b.is_ascii_digit())
        && !has_lead_zero(text)
        && whole.len() <= MOST_DIGITS + 1
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Whether the name of a column says that it holds codes.
pub(super) fn is_code(name: &str) -> bool {
    let upper = name.trim().to_ascii_uppercase();
    let ends = ["编码", "代码", "编号", "标识码", "要素代码", "图斑号", "地块号", "宗地号", "身份证号"];
    let pinyin = ["BSM", "YSDM", "DLBM", "XZQDM", "ZLDWDM", "QSDWDM", "TBBH", "TBYBH", "DKBH", "GHFLDM", "GHDLBM"];
    ends.iter().any(|end| upper.ends_with(end)) || pinyin.iter().any(|code| upper == *code)
}

/// Finds the columns of coordinates.
fn find_geometry(
    profile: &mut Profile,
    rows: &Rows<'_>,
    heading: &Heading,
    progress: &Progress,
) -> Result<(), ReadError> {
    let columns = &profile.columns;
    if let Some(at) = columns.iter().position(|column| column.wkt_count > 0 && 2 * column.wkt_count >= column.count) {
        profile.geometry = Geometry::Wkt(at);
        return Ok(());
    }
    // The letters that stand for headings are no names.
    let has_names = heading.last_row > 0;
    let mut axes: Vec<(usize, Axis)> =
        columns.iter().enumerate().filter_map(|(at, column)| Some((at, axis(&column.name)?))).collect();
    axes.retain(|(at, _)| has_names && columns[*at].count > 0);
    let first = |wanted: Axis| axes.iter().find(|(_, axis)| *axis == wanted).map(|(at, _)| *at);
    let (a, b, is_named) = match (first(Axis::East), first(Axis::North), first(Axis::X), first(Axis::Y)) {
        (Some(east), Some(north), ..) => (east, north, true),
        (_, _, Some(x), Some(y)) => (x, y, false),
        _ if has_names => return Ok(()),
        _ => match unnamed_axes(profile, rows, progress)? {
            Some((x, y)) => (x, y, false),
            None => return Ok(()),
        },
    };
    let (mut sample, mut numbered) = (Sample::new(), 0u64);
    // Plots in a row, each with how many rows it has.
    let plot = columns.iter().position(|column| is_plot(&column.name) && column.count > 0);
    let point = columns.iter().position(|column| is_point(&column.name) && column.count > 0);
    let (mut runs, mut last) = (0u64, String::new());
    let mut rings = Rings::default();
    let by_source = &profile.by_source;
    rows.each(progress, |number, cells| {
        if number <= heading.last_row {
            return true;
        }
        let value = |wanted: usize| {
            cells.iter().find(|(at, _)| by_source.get(*at).copied().flatten() == Some(wanted)).map(|(_, value)| value)
        };
        let coordinate = |wanted: usize| value(wanted).and_then(coordinate);
        if let (Some(x), Some(y)) = (coordinate(a), coordinate(b)) {
            sample.add(Coord { x, y });
            rings.add(Coord { x, y }, point.and_then(value).map_or_else(String::new, ToString::to_string));
            numbered += 1;
        }
        if let Some(key) = plot.and_then(value).map(ToString::to_string)
            && key != last
        {
            runs += 1;
            last = key;
        }
        true
    })?;
    // Names that are coordinates by chance: hardly a cell holds one.
    if numbered == 0 || 2 * numbered < profile.row_count {
        return Ok(());
    }
    let swaps = !is_named && sample.majority().is_some_and(|(shape, _)| shape.is_swapped() && shape != Shape::Zero);
    let (east, north) = if swaps { (b, a) } else { (a, b) };
    profile.is_north_first = swaps;
    let ring = columns
        .iter()
        .position(|column| ["圈号", "环号", "界址圈号", "圈", "ring"].contains(&plain_name(&column.name).as_str()));
    profile.geometry = match (plot, point) {
        // A plot of fewer than three points would be none.
        (Some(_), Some(point)) if runs > 0 && numbered >= 3 * runs => {
            Geometry::Corners { plot, point, ring, east, north }
        }
        // 界址点成果表 of one plot: every ring ends where it began.
        (None, Some(point)) if rings.are_closed() => Geometry::Corners { plot, point, ring, east, north },
        _ => Geometry::Points { east, north },
    };
    Ok(())
}

/// The first two columns beside each other, in a table without headings, that are coordinates throughout.
fn unnamed_axes(profile: &Profile, rows: &Rows<'_>, progress: &Progress) -> Result<Option<(usize, usize)>, ReadError> {
    let is_full = |at: usize| {
        profile.columns.get(at).is_some_and(|column| {
            let is_numbers = column.number_count == column.count || column.float_count == column.count;
            column.count >= 3 && column.count == profile.row_count && is_numbers
        })
    };
    for at in (0..MOST_UNNAMED).filter(|at| is_full(*at) && is_full(at + 1)) {
        let mut sample = Sample::new();
        rows.each(progress, |_, cells| {
            let value = |wanted: usize| {
                let cell = cells.iter().find(|(source, _)| profile.of_source(*source) == Some(wanted));
                cell.and_then(|(_, value)| coordinate(value))
            };
            if let (Some(x), Some(y)) = (value(at), value(at + 1)) {
                sample.add(Coord { x, y });
            }
            true
        })?;
        let is_place =
            |shape: Shape| !matches!(shape, Shape::Other | Shape::Zero | Shape::Degrees | Shape::DegreesSwapped);
        if sample.majority().is_some_and(|(shape, tally)| is_place(shape) && tally.count == profile.row_count) {
            return Ok(Some((at, at + 1)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_by_letters_where_nothing_names_them() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }

    #[test]
    fn texts_are_numbers_only_where_nothing_is_lost() {
        assert!(is_plain_int("120") && is_plain_int("-7") && is_plain_int("0"));
        assert!(
            !is_plain_int("0101") && !is_plain_int("370105001001000001") && !is_plain_int("+1") && !is_plain_int("1.0")
        );
        assert!(is_plain_float("0.5") && is_plain_float("1e-3") && is_plain_float("12"));
        assert!(
            !is_plain_float("00.5") && !is_plain_float("inf") && !is_plain_float("1e999") && !is_plain_float("1,5")
        );
    }
}
