//! What the names and the cells of a table say of coordinates.

use crate::model::attributes::numbers;
use crate::model::{Coord, Value};

/// What stands beside the letter or the word of a coordinate: systems, points, the word coordinate itself.
const BESIDE: [&str; 24] = [
    "cgcs2000",
    "wgs84",
    "wgs",
    "gcj02",
    "gcj",
    "bd09",
    "bd",
    "gps",
    "西安80",
    "北京54",
    "2000",
    "1980",
    "1954",
    "国家",
    "大地",
    "平面",
    "坐标系",
    "坐标",
    "界址点",
    "拐点",
    "中心",
    "测量",
    "点",
    "值",
];

/// A name without what decorates it: small letters, no blanks, brackets plain.
pub(super) fn plain_name(name: &str) -> String {
    let plain = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '"' | '\'')).map(|c| match c {
        '（' => '(',
        '）' => ')',
        '：' => ':',
        c => c.to_ascii_lowercase(),
    });
    plain.collect()
}

/// What a name says about a coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    /// Easting or longitude.
    East,
    North,
    /// X and Y, whichever they are.
    X,
    Y,
}

/// The coordinate that a name stands for.
pub(super) fn axis(name: &str) -> Option<Axis> {
    let name = plain_name(name);
    let says_east = ["东", "经度", "east"].iter().any(|word| name.contains(word));
    let says_north = ["北", "纬度", "north"].iter().any(|word| name.contains(word));
    let is_coordinate = ["坐标", "经度", "纬度", "easting", "northing"].iter().any(|word| name.contains(word));
    let base = name.split(['(', '/', ':']).next().unwrap_or(&name);
    match base {
        "lon" | "lng" | "long" | "longitude" | "经度" | "东经" | "jd" | "east" | "easting" | "e" | "东" | "东坐标" =>
        {
            return Some(Axis::East);
        }
        "lat" | "latitude" | "纬度" | "北纬" | "wd" | "north" | "northing" | "n" | "北" | "北坐标" => {
            return Some(Axis::North);
        }
        // On the survey's plane the abscissa runs to the north.
        "横坐标" => return Some(Axis::East),
        "纵坐标" => return Some(Axis::North),
        _ => {}
    }
    let starts = |letter: char| {
        let rest = base.strip_prefix(letter)?;
        let known = ["", "坐标", "坐标值", "coord", "coordinate", "m", "80", "2000", "值", "轴"];
        known.contains(&rest).then_some(())
    };
    let ends = |word: &str| {
        base == word
            || base
                .strip_suffix(word)
                .is_some_and(|rest| ["point", "centroid", "center", "中心", "坐标", "中心点", "界址点"].contains(&rest))
    };
    let bare = BESIDE.iter().fold(base.to_owned(), |rest, word| rest.replace(word, ""));
    let letter = match bare.as_str() {
        "lon" | "lng" | "long" | "longitude" => return Some(Axis::East),
        "lat" | "latitude" => return Some(Axis::North),
        "x" => Some(Axis::X),
        "y" => Some(Axis::Y),
        _ if starts('x').is_some() || ends("x") => Some(Axis::X),
        _ if starts('y').is_some() || ends("y") => Some(Axis::Y),
        _ => None,
    };
    match (letter, says_east, says_north) {
        (Some(_), true, false) => Some(Axis::East),
        (Some(_), false, true) => Some(Axis::North),
        (None, true, false) if is_coordinate => Some(Axis::East),
        (None, false, true) if is_coordinate => Some(Axis::North),
        (letter, ..) => letter,
    }
}

/// Rings in a list of points, each of which ends with its first point, number and all.
#[derive(Debug, Default)]
pub(super) struct Rings {
    first: Option<(Coord, String)>,
    /// Points of the open ring.
    count: u64,
    closed_count: u64,
}

impl Rings {
    /// Adds the next point.
    pub(super) fn add(&mut self, at: Coord, id: String) {
        match &self.first {
            None => (self.first, self.count) = (Some((at, id)), 1),
            Some((first, number)) if *first == at && *number == id && self.count >= 3 => {
                self.first = None;
                self.closed_count += 1;
            }
            Some(_) => self.count += 1,
        }
    }

    /// Whether there are rings, and all of them came back to their first point.
    pub(super) fn are_closed(&self) -> bool {
        self.closed_count > 0 && self.first.is_none()
    }
}

/// Whether a column of that name says which plot a row is of.
pub(super) fn is_plot(name: &str) -> bool {
    let name = plain_name(name);
    let known = [
        "地块号",
        "地块编号",
        "地块名称",
        "地块",
        "图斑编号",
        "图斑号",
        "宗地号",
        "宗地代码",
        "宗地编号",
        "项目名称",
        "dkbh",
        "tbbh",
        "plot",
        "parcel",
        "面号",
        "多边形",
    ];
    known.contains(&name.as_str())
}

/// Whether a column of that name numbers the points of a boundary.
pub(super) fn is_point(name: &str) -> bool {
    let name = plain_name(name);
    ["点号", "界址点号", "界址点", "拐点号", "拐点编号", "拐点", "点编号", "序号", "顺序号", "point", "id", "jzdh"]
        .contains(&name.as_str())
}

/// The coordinate that a cell is: a number, its text, or degrees, minutes and seconds.
pub(super) fn coordinate(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Int(v) => Some(*v as f64),
        Value::Float(v) => Some(*v),
        Value::Text(text) => match numbers::of_text(text) {
            Some(number) => Some(number.as_f64()),
            None => degrees(text),
        },
        _ => None,
    }
    .filter(|value| value.is_finite())
}

/// Degrees, minutes and seconds as decimal degrees: `117°12′30.5″`, `36度40分`.
fn degrees(text: &str) -> Option<f64> {
    let text = text.trim().trim_matches(['N', 'E', '东', '北', '经', '纬', ' ']);
    let (degrees, rest) = text.split_once(['°', '度'])?;
    let degrees: f64 = degrees.trim().parse().ok()?; // no number: no coordinate
    let mut seconds = 0.0_f64;
    let mut rest = rest.trim();
    for (marks, unit) in [(['′', '\'', '分', '’'], 60.0), (['″', '"', '秒', '”'], 1.0)] {
        if rest.is_empty() {
            break;
        }
        let (part, after) = rest.split_once(marks)?;
        let part: f64 = part.trim().parse().ok()?;
        if !(0.0..60.0).contains(&part) {
            return None;
        }
        seconds += part * unit;
        rest = after.trim().trim_start_matches('\'');
    }
    // Added up in seconds and divided once: whole seconds come out as the nearest number there is.
    let value = match seconds {
        0.0 => degrees,
        _ if degrees.is_sign_negative() => (degrees * 3600.0 - seconds) / 3600.0,
        _ => (degrees * 3600.0 + seconds) / 3600.0,
    };
    rest.trim_matches(['N', 'E', ' ']).is_empty().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_which_axis() {
        let check = |name: &str, expected: Option<Axis>| assert_eq!(axis(name), expected, "{name}");
        check("X", Some(Axis::X));
        check("X坐标(北)", Some(Axis::North));
        check("Y坐标（东）", Some(Axis::East));
        check("Y（m）", Some(Axis::Y));
        check("经度", Some(Axis::East));
        check("LAT", Some(Axis::North));
        check("POINT_X", Some(Axis::X));
        check("纵坐标", Some(Axis::North));
        check("北坐标", Some(Axis::North));
        check("东坐标X", Some(Axis::East));
        check("2000坐标系X", Some(Axis::X));
        check("界址点Y坐标", Some(Axis::Y));
        check("大地坐标X（北）", Some(Axis::North));
        check("lng_wgs84", Some(Axis::East));
        check("GCJ02_Lat", Some(Axis::North));
        check("坐标", None);
        check("方向", None);
        check("东至", None);
        check("年份", None);
        check("面积", None);
    }

    #[test]
    fn degrees_are_read_in_parts() {
        assert_eq!(degrees("117°30′36″"), Some(117.51));
        assert_eq!(degrees("36度40分"), Some(36.0 + 40.0 / 60.0));
        assert_eq!(degrees("116°42'36\"E"), Some(116.71));
        assert_eq!((degrees("117°75′"), degrees("甲度")), (None, None));
    }
}
