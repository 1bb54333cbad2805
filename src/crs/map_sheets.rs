//! Standard map sheets of China: their numbers, and where they lie.
//!
//! From 1:1,000,000 to 1:500 a sheet is a field of degrees, numbered after the sheet of 1:1,000,000 that it lies in, a
//! letter for its scale, its row from the north and its column from the west (GB/T 13989-2012). Large scales have
//! rectangular sheets of 50 cm beside it, numbered by the kilometres of their south-west corner (GB/T 20257.1-2017). Degrees are
//! counted in whole milliseconds of arc, of which every sheet has a whole number.

/// Milliseconds of arc in a degree.
const PER_DEGREE: i64 = 3_600_000;
/// Height and width of a sheet of 1:1,000,000.
const MILLION: [i64; 2] = [4 * PER_DEGREE, 6 * PER_DEGREE];
/// Rows of such sheets from the equator on: A to V, up to 88°.
const ROWS: i64 = 22;

/// A scale of the series, by its letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SheetScale {
    /// 1:1,000,000.
    A,
    /// 1:500,000.
    B,
    /// 1:250,000.
    C,
    /// 1:100,000.
    D,
    /// 1:50,000.
    E,
    /// 1:25,000.
    F,
    /// 1:10,000.
    G,
    /// 1:5,000.
    H,
    /// 1:2,000.
    I,
    /// 1:1,000.
    J,
    /// 1:500.
    K,
}

impl SheetScale {
    /// All of them with their letter, the n of 1:n, and how many rows and columns a sheet of 1:1,000,000 has of them.
    const TABLE: [(Self, char, u32, i64); 11] = [
        (Self::A, 'A', 1_000_000, 1),
        (Self::B, 'B', 500_000, 2),
        (Self::C, 'C', 250_000, 4),
        (Self::D, 'D', 100_000, 12),
        (Self::E, 'E', 50_000, 24),
        (Self::F, 'F', 25_000, 48),
        (Self::G, 'G', 10_000, 96),
        (Self::H, 'H', 5_000, 192),
        (Self::I, 'I', 2_000, 576),
        (Self::J, 'J', 1_000, 1152),
        (Self::K, 'K', 500, 2304),
    ];

    fn row(self) -> (char, u32, i64) {
        let (_, letter, denominator, parts) = Self::TABLE[self as usize];
        (letter, denominator, parts)
    }

    /// The scale of that letter, or that n of 1:n.
    pub fn of_word(word: &str) -> Option<Self> {
        let word = word.trim().trim_start_matches("1:").replace(',', "");
        let is_of = |letter: char, denominator: u32| {
            word.eq_ignore_ascii_case(letter.encode_utf8(&mut [0; 4])) || word == denominator.to_string()
        };
        Self::TABLE.iter().find(|(_, letter, denominator, _)| is_of(*letter, *denominator)).map(|row| row.0)
    }

    /// The n of 1:n.
    pub fn denominator(self) -> u32 {
        self.row().1
    }

    /// Height and width of a sheet in milliseconds of arc.
    fn size(self) -> [i64; 2] {
        MILLION.map(|side| side / self.row().2)
    }
}

/// A sheet of degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapSheet {
    scale: SheetScale,
    /// Sheets from the equator, and from the meridian of 180° west.
    place: [i64; 2],
}

impl MapSheet {
    /// The sheet that a place lies in; `None` south of the equator and from 88° north on.
    pub fn at(scale: SheetScale, longitude: f64, latitude: f64) -> Option<Self> {
        if !(-180.0..180.0).contains(&longitude) || !(0.0..88.0).contains(&latitude) {
            return None;
        }
        let [height, width] = scale.size();
        // What is typed in degrees with nine decimals is meant to lie on the edge that it is next to.
        let millis = |degrees: f64| (degrees * PER_DEGREE as f64 + 1e-3).floor() as i64;
        Some(Self { scale, place: [millis(latitude) / height, millis(longitude + 180.0) / width] })
    }

    /// The sheet of that number: `J50`, `J50G015010`.
    pub fn of_number(number: &str) -> Option<Self> {
        let number = number.trim().to_ascii_uppercase();
        if !number.is_ascii() || number.len() < 3 {
            return None;
        }
        let (million, rest) = number.split_at(3);
        let row = i64::from(million.as_bytes()[0].checked_sub(b'A')?);
        let column: i64 = million[1..].parse().ok().filter(|column| (1..=60).contains(column))?;
        if row >= ROWS {
            return None;
        }
        if rest.is_empty() {
            return Some(Self { scale: SheetScale::A, place: [row, column - 1] });
        }
        let scale = SheetScale::of_word(&rest[..1]).filter(|scale| *scale != SheetScale::A)?;
        let (_, _, parts) = scale.row();
        let digits = digits(scale);
        let numbers = rest.get(1..).filter(|numbers| numbers.len() == 2 * digits)?;
        let part = |text: &str| {
            let usual = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<i64>().ok().filter(|part| usual && (1..=parts).contains(part))
        };
        let (from_north, from_west) = (part(&numbers[..digits])?, part(&numbers[digits..])?);
        Some(Self { scale, place: [row * parts + parts - from_north, (column - 1) * parts + from_west - 1] })
    }

    /// Its number.
    pub fn number(&self) -> String {
        let (letter, _, parts) = self.scale.row();
        let [row, column] = self.place;
        let million = format!("{}{:02}", char::from(b'A' + (row / parts) as u8), column / parts + 1);
        if self.scale == SheetScale::A {
            return million;
        }
        let (row, column, digits) = (parts - row % parts, column % parts + 1, digits(self.scale));
        format!("{million}{letter}{row:0digits$}{column:0digits$}")
    }

    /// The n of its scale 1:n.
    pub fn denominator(&self) -> u32 {
        self.scale.denominator()
    }

    /// West, south, east and north in degrees.
    pub fn degrees(&self) -> [f64; 4] {
        let [height, width] = self.scale.size();
        let [row, column] = self.place;
        let degrees = |millis: i64| millis as f64 / PER_DEGREE as f64;
        let (west, south) = (column * width - 180 * PER_DEGREE, row * height);
        [degrees(west), degrees(south), degrees(west + width), degrees(south + height)]
    }

    /// The sheets that share more than an edge with a field of degrees (west, south, east, north), from the north and west
    /// on; `None` where they are more than `most`, or the field reaches out of the series.
    pub fn over(scale: SheetScale, [west, south, east, north]: [f64; 4], most: usize) -> Option<Vec<Self>> {
        let first = Self::at(scale, west, south)?;
        // A field that ends at an edge does not reach into the sheet behind it.
        let back = 1e-7;
        let last = Self::at(scale, (east - back).max(west), (north - back).max(south))?;
        let count = |axis: usize| last.place[axis] - first.place[axis] + 1;
        let many = count(0).checked_mul(count(1)).is_none_or(|count| count > most as i64);
        if many || count(0) < 1 || count(1) < 1 {
            return None;
        }
        let rows = (first.place[0]..=last.place[0]).rev();
        let columns = || first.place[1]..=last.place[1];
        Some(rows.flat_map(|row| columns().map(move |column| Self { scale, place: [row, column] })).collect())
    }
}

/// Digits of a row and of a column.
fn digits(scale: SheetScale) -> usize {
    if scale >= SheetScale::J { 4 } else { 3 }
}

/// A rectangular sheet of 50 cm × 50 cm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SquareSheet {
    denominator: u32,
    /// Sheets from the origin of the plane to the east and to the north.
    place: [i64; 2],
}

impl SquareSheet {
    /// The scales that have them.
    pub const SCALES: [u32; 4] = [500, 1000, 2000, 5000];

    /// Side of a sheet in metres.
    fn side_m(&self) -> i64 {
        i64::from(self.denominator) / 2
    }

    /// Its number: kilometres of its south-west corner to the north, then to the east, without the number of the zone.
    pub fn number(&self) -> String {
        let corner = self.place.map(|nth| nth * self.side_m());
        let km = |metres: i64| {
            let decimals = if self.denominator == 500 { 2 } else { 1 };
            format!("{:.decimals$}", metres as f64 / 1000.0)
        };
        format!("{}-{}", km(corner[1]), km(corner[0].rem_euclid(1_000_000)))
    }

    /// The n of its scale 1:n.
    pub fn denominator(&self) -> u32 {
        self.denominator
    }

    /// West, south, east and north in metres of the plane.
    pub fn metres(&self) -> [f64; 4] {
        let [east, north] = self.place.map(|nth| nth * self.side_m());
        [east, north, east + self.side_m(), north + self.side_m()].map(|v| v as f64)
    }

    /// The sheets that share more than an edge with a field of the plane, from the north and west on; `None` where they
    /// are more than `most`, or the scale has none.
    pub fn over(denominator: u32, [west, south, east, north]: [f64; 4], most: usize) -> Option<Vec<Self>> {
        if !Self::SCALES.contains(&denominator) || ![west, south, east, north].iter().all(|v| v.abs() < 1e9) {
            return None;
        }
        let side = f64::from(denominator) / 2.0;
        let span = |from: f64, to: f64| {
            let first = (from / side + 1e-9).floor() as i64;
            first..((to / side - 1e-9).ceil() as i64).max(first + 1)
        };
        let (columns, rows) = (span(west, east), span(south, north));
        let count = |range: &std::ops::Range<i64>| range.end - range.start;
        if count(&columns).checked_mul(count(&rows)).is_none_or(|count| count > most as i64) {
            return None;
        }
        let sheet = |row: i64, column: i64| Self { denominator, place: [column, row] };
        Some(rows.rev().flat_map(|row| columns.clone().map(move |column| sheet(row, column))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of the example of the standard: 114°33′45″ E, 39°22′30″ N.
    const EXAMPLE: [f64; 2] = [114.5625, 39.375];

    #[test]
    fn the_example_of_the_standard_lies_in_its_sheets() {
        let known = [
            "J50",
            "J50B001001",
            "J50C001001",
            "J50D002002",
            "J50E004003",
            "J50F008005",
            "J50G015010",
            "J50H030019",
            "J50I090055",
            "J50J01800109",
            "J50K03600217",
        ];
        for (number, (scale, ..)) in known.into_iter().zip(SheetScale::TABLE) {
            // A little inside: the place stands on the corner of several.
            let sheet = MapSheet::at(scale, EXAMPLE[0] + 1e-6, EXAMPLE[1] + 1e-6).expect("in China");
            assert_eq!(sheet.number(), number);
            assert_eq!(MapSheet::of_number(number), Some(sheet));
            let [west, south, east, north] = sheet.degrees();
            assert!((west..east).contains(&EXAMPLE[0]) && (south..north).contains(&EXAMPLE[1]), "{number}");
        }
        assert_eq!(
            MapSheet::of_number("j50g015010").map(|s| s.degrees()),
            Some([114.5625, 39.375, 114.625, 39.0 + 25.0 / 60.0])
        );
    }

    #[test]
    fn jinan_lies_in_j50_and_beijing_and_sanya_where_they_do() {
        let check = |longitude, latitude, number| {
            assert_eq!(MapSheet::at(SheetScale::A, longitude, latitude).map(|s| s.number()).as_deref(), Some(number));
        };
        check(117.0, 36.67, "J50");
        check(116.4, 39.9, "J50");
        check(109.5, 18.25, "E49");
        check(126.6, 45.8, "L52");
        check(87.6, 43.8, "K45");
        assert_eq!(MapSheet::at(SheetScale::G, 117.0, -1.0), None);
        assert_eq!(MapSheet::at(SheetScale::G, f64::NAN, 36.0), None);
    }

    #[test]
    fn numbers_and_places_are_each_others_inverse() {
        for (scale, ..) in SheetScale::TABLE {
            for (longitude, latitude) in [(114.0, 36.0), (117.123, 36.789), (119.999_999, 39.999_999), (73.5, 4.0)] {
                let sheet = MapSheet::at(scale, longitude, latitude).expect("in China");
                let [west, south, east, north] = sheet.degrees();
                assert!((west..east).contains(&longitude) && (south..north).contains(&latitude), "{sheet:?}");
                assert_eq!(MapSheet::of_number(&sheet.number()), Some(sheet));
            }
        }
        for wrong in
            ["", "J", "J61", "J00", "W50", "J50G", "J50G097001", "J50G15010", "J50A001001", "J50G+15010", "图50"]
        {
            assert_eq!(MapSheet::of_number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_field_has_the_sheets_that_it_reaches_into() {
        let numbers = |field, most| {
            let sheets = MapSheet::over(SheetScale::G, field, most)?;
            Some(sheets.iter().map(MapSheet::number).collect::<Vec<_>>())
        };
        let [west, south, east, north] = MapSheet::of_number("J50G015010").expect("a sheet").degrees();
        assert_eq!(numbers([west, south, east, north], 10).as_deref(), Some(&["J50G015010".to_owned()][..]));
        let wide = numbers([west, south - 0.001, east + 0.001, north], 10).expect("few");
        assert_eq!(wide, ["J50G015010", "J50G015011", "J50G016010", "J50G016011"]);
        assert_eq!(numbers([70.0, 10.0, 130.0, 50.0], 1000), None);
    }

    #[test]
    fn square_sheets_are_called_by_their_corner() {
        let sheets = SquareSheet::over(1000, [39_512_300.0, 4_075_100.0, 39_512_600.0, 4_075_200.0], 10).expect("few");
        let numbers: Vec<String> = sheets.iter().map(SquareSheet::number).collect();
        assert_eq!(numbers, ["4075.0-512.0", "4075.0-512.5"]);
        assert_eq!(sheets[0].metres(), [39_512_000.0, 4_075_000.0, 39_512_500.0, 4_075_500.0]);
        let one = SquareSheet::over(500, [512_250.0, 4_075_250.0, 512_500.0, 4_075_500.0], 10).expect("one");
        assert_eq!((one.len(), one[0].number()), (1, "4075.25-512.25".to_owned()));
        assert_eq!(SquareSheet::over(10_000, [0.0, 0.0, 1.0, 1.0], 10), None);
        assert_eq!(SquareSheet::over(500, [0.0, 0.0, 1e6, 1e6], 100), None);
    }

    #[test]
    fn scales_have_letters_and_numbers() {
        assert_eq!(
            ["G", "g", "10000", "1:10,000", "x", ""].map(SheetScale::of_word),
            [Some(SheetScale::G), Some(SheetScale::G), Some(SheetScale::G), Some(SheetScale::G), None, None]
        );
        assert_eq!(SheetScale::K.denominator(), 500);
    }
}
