//! Geometries as well-known binary: curves as text, and the hexadecimal digits in which PostGIS gives what it holds.
//!
//! What the reader of text does not know, arcs above all, is turned into binary here, whose reader does. Numbers that a
//! coordinate lacks are none there.

/// A word, its code in well-known binary, and what stands within its brackets.
const KINDS: &[(&str, u32, Within)] = &[
    ("POINT", 1, Within::Coords),
    ("LINESTRING", 2, Within::Coords),
    ("POLYGON", 3, Within::Of(LINE)),
    ("MULTIPOINT", 4, Within::Points),
    ("MULTILINESTRING", 5, Within::Of(LINE)),
    ("MULTIPOLYGON", 6, Within::Of(POLYGON)),
    ("GEOMETRYCOLLECTION", 7, Within::Named),
    ("CIRCULARSTRING", 8, Within::Coords),
    ("COMPOUNDCURVE", 9, Within::Of(LINE)),
    ("CURVEPOLYGON", 10, Within::Of(LINE)),
    ("MULTICURVE", 11, Within::Of(LINE)),
    ("MULTISURFACE", 12, Within::Of(POLYGON)),
    ("POLYHEDRALSURFACE", 15, Within::Unread),
    ("TIN", 16, Within::Unread),
    // A polygon of three corners.
    ("TRIANGLE", 3, Within::Of(LINE)),
];

const LINE: u32 = 2;
const POLYGON: u32 = 3;

/// What stands within the brackets of a geometry.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Coords,
    /// Coordinates, each in brackets of its own or not.
    Points,
    /// Geometries with their words; without one they are of this code.
    Of(u32),
    /// Geometries with their words.
    Named,
    /// What the reader of binary names and does not read.
    Unread,
}

/// A geometry as its text has it.
enum Node {
    Coords(u32, Vec<Vec<f64>>),
    Parts(u32, Vec<Node>),
}

/// Whether a word, without Z and M, is one of a geometry.
pub(super) fn is_word(word: &str) -> bool {
    KINDS.iter().any(|(known, ..)| *known == word)
}

/// A text in capitals without the letters at its end that say that it has Z or M, and whether it had them.
pub(super) fn without_dimensions(word: &str) -> (&str, Option<(bool, bool)>) {
    if is_word(word) {
        return (word, None);
    }
    let ends = [("ZM", (true, true)), ("Z", (true, false)), ("M", (false, true))];
    let found = ends.into_iter().find_map(|(end, has)| Some((word.strip_suffix(end)?, Some(has))));
    found.unwrap_or((word, None))
}

/// The text of a geometry as well-known binary; `None` where it is none.
pub(super) fn of_text(text: &str) -> Option<Vec<u8>> {
    let mut parser = Parser { rest: text, stated: None, most_numbers: 0 };
    let node = parser.geometry(None)?;
    if !parser.rest.trim().is_empty() {
        return None;
    }
    let has = parser.stated.unwrap_or((parser.most_numbers > 2, parser.most_numbers > 3));
    let mut out = Vec::new();
    add(&node, has, &mut out);
    Some(out)
}

struct Parser<'t> {
    rest: &'t str,
    /// Whether the first geometry says that it has Z, and M.
    stated: Option<(bool, bool)>,
    /// Numbers of the longest coordinate.
    most_numbers: usize,
}

impl Parser<'_> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes a sign, where it comes next.
    fn takes(&mut self, sign: char) -> bool {
        self.skip_blanks();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes a word, in capitals; empty where none comes next.
    fn word(&mut self) -> String {
        self.skip_blanks();
        let end = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_ascii_uppercase()
    }

    /// Takes what `part` takes, between brackets and with commas between, or the word for nothing.
    fn list<T>(&mut self, mut part: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        if !self.takes('(') {
            return (self.word() == "EMPTY").then(Vec::new);
        }
        let mut all = Vec::new();
        loop {
            all.push(part(self)?);
            if self.takes(')') {
                return Some(all);
            }
            if !self.takes(',') {
                return None;
            }
        }
    }

    fn coord(&mut self) -> Option<Vec<f64>> {
        let mut numbers = Vec::with_capacity(2);
        loop {
            self.skip_blanks();
            let end = self.rest.find(|c: char| c.is_whitespace() || "(),".contains(c)).unwrap_or(self.rest.len());
            if end == 0 {
                break;
            }
            let (number, rest) = self.rest.split_at(end);
            numbers.push(number.parse().ok()?); // what is no number is no coordinate
            self.rest = rest;
        }
        self.most_numbers = self.most_numbers.max(numbers.len());
        (2..=4).contains(&numbers.len()).then_some(numbers)
    }

    /// A geometry; one that has no word is of the code `without_word`.
    fn geometry(&mut self, without_word: Option<u32>) -> Option<Node> {
        let word = self.word();
        let (code, within) = if word.is_empty() || word == "EMPTY" {
            let code = without_word?;
            if word == "EMPTY" {
                return Some(if code == LINE { Node::Coords(code, Vec::new()) } else { Node::Parts(code, Vec::new()) });
            }
            (code, if code == LINE { Within::Coords } else { Within::Of(LINE) })
        } else {
            let (name, mut stated) = without_dimensions(&word);
            let (_, code, within) = KINDS.iter().find(|(known, ..)| *known == name)?;
            let before = self.rest;
            match self.word().as_str() {
                "Z" => stated = Some((true, false)),
                "M" => stated = Some((false, true)),
                "ZM" => stated = Some((true, true)),
                _ => self.rest = before,
            }
            self.stated = self.stated.or(stated);
            (*code, *within)
        };
        Some(match within {
            Within::Coords => {
                let coords = self.list(Self::coord)?;
                // A point is one.
                if code == 1 && coords.len() > 1 {
                    return None;
                }
                Node::Coords(code, coords)
            }
            Within::Points => {
                let point = |parser: &mut Self| {
                    let has_brackets = parser.takes('(');
                    let coord = parser.coord()?;
                    (!has_brackets || parser.takes(')')).then(|| Node::Coords(1, vec![coord]))
                };
                Node::Parts(code, self.list(point)?)
            }
            Within::Of(inner) => Node::Parts(code, self.list(|parser| parser.geometry(Some(inner)))?),
            Within::Named => Node::Parts(code, self.list(|parser| parser.geometry(None))?),
            Within::Unread => {
                self.rest = "";
                Node::Parts(code, Vec::new())
            }
        })
    }
}

/// Adds a geometry whose coordinates have Z, and M.
fn add(node: &Node, has: (bool, bool), out: &mut Vec<u8>) {
    let head = |code: u32, out: &mut Vec<u8>| {
        out.push(1);
        out.extend_from_slice(&(code + 1000 * u32::from(has.0) + 2000 * u32::from(has.1)).to_le_bytes());
    };
    let count = |count: usize, out: &mut Vec<u8>| {
        out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
    };
    let coord = |numbers: &[f64], out: &mut Vec<u8>| {
        let width = 2 + usize::from(has.0) + usize::from(has.1);
        for at in 0..width {
            out.extend_from_slice(&numbers.get(at).copied().unwrap_or(f64::NAN).to_le_bytes());
        }
    };
    match node {
        Node::Coords(1, coords) => {
            head(1, out);
            coord(coords.first().map_or(&[][..], |numbers| numbers.as_slice()), out);
        }
        Node::Coords(code, coords) => {
            head(*code, out);
            count(coords.len(), out);
            coords.iter().for_each(|numbers| coord(numbers, out));
        }
        // The rings of a polygon have no heads.
        Node::Parts(POLYGON, rings) => {
            head(POLYGON, out);
            count(rings.len(), out);
            for ring in rings {
                let coords: &[Vec<f64>] = if let Node::Coords(_, coords) = ring { coords } else { &[] };
                count(coords.len(), out);
                coords.iter().for_each(|numbers| coord(numbers, out));
            }
        }
        Node::Parts(code, parts) => {
            head(*code, out);
            count(parts.len(), out);
            parts.iter().for_each(|part| add(part, has, out));
        }
    }
}

/// Digits of the shortest geometry that has a place.
const LEAST_DIGITS: usize = 42;

/// The well-known binary that hexadecimal digits are, and the number of the CRS that PostGIS puts into it; `None` where
/// they are none.
pub(super) fn of_digits(text: &str) -> Option<(Vec<u8>, Option<u32>)> {
    let digits = text.as_bytes();
    if digits.len() < LEAST_DIGITS || !digits.len().is_multiple_of(2) || !matches!(&digits[..2], b"00" | b"01") {
        return None;
    }
    let digit = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let pairs = digits.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?));
    let bytes: Vec<u8> = pairs.collect::<Option<_>>()?;
    let number = |at: usize| {
        let word = bytes.get(at..at + 4)?.first_chunk::<4>()?;
        Some(if bytes[0] == 1 { u32::from_le_bytes(*word) } else { u32::from_be_bytes(*word) })
    };
    let code = number(1)?;
    let plain = code & 0x0FFF_FFFF;
    if !(1..=17).contains(&(plain % 1000)) || plain / 1000 > 3 {
        return None;
    }
    let srid = if code & 0x2000_0000 != 0 { number(5) } else { None };
    Some((bytes, srid))
}
