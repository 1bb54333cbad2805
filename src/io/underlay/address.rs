//! Addresses of tiles: XYZ and WMTS with placeholders, and 天地图 by name. An address of a project holds no key.

use super::tile::{Pyramid, Scheme};
use crate::text::Message;

/// What the names of 天地图 begin with, as `tianditu:img_c`.
pub const TIANDITU: &str = "tianditu:";

/// The maps of 天地图 that are known by name, each with the key of its title: images, streets and relief, then the names
/// that lie over each. The set follows: `_c` in degrees of CGCS2000, `_w` in Web Mercator.
pub const TIANDITU_MAPS: [(&str, &str); 6] = [
    ("img", "underlay.tianditu-images"),
    ("vec", "underlay.tianditu-streets"),
    ("ter", "underlay.tianditu-relief"),
    ("cia", "underlay.tianditu-image-names"),
    ("cva", "underlay.tianditu-street-names"),
    ("cta", "underlay.tianditu-relief-names"),
];

/// Servers of 天地图, `t0` to `t7`.
#[cfg(any(test, feature = "tiles"))]
const TIANDITU_SERVERS: u32 = 8;
/// Levels that servers have where nothing else is said.
const USUAL_ZOOMS: [u8; 2] = [0, 18];
/// Longest address that is taken.
const MOST_CHARS: usize = 2000;

/// How far the names of levels may be counted from elsewhere: `{z+1}`, `{z-1}`.
const OFFSETS: [i32; 18] = [-9, -8, -7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/// Where tiles come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    text: String,
    /// With `{z}`, `{x}` and `{y}` in it.
    template: String,
    scheme: Scheme,
    zooms: [u8; 2],
    is_tianditu: bool,
}

/// Why a text is no address of tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It begins with neither `http://` nor `https://`.
    #[error("expected an address with http:// or https://")]
    Scheme,
    /// It does not say where row, column and level go.
    #[error("expected {{z}}, {{x}} and {{y}} in the address")]
    Places,
    /// There is no such map of 天地图.
    #[error("no such map of Tianditu")]
    Unknown,
}

impl AddressError {
    /// The error as a message of the catalogue.
    pub fn message(self) -> Message {
        Message::new(match self {
            Self::Scheme => "underlay.address-scheme",
            Self::Places => "underlay.address-places",
            Self::Unknown => "underlay.address-unknown",
        })
    }
}

impl Address {
    /// Reads an address: `https://…/{z}/{x}/{y}.png`, the words of WMTS for the same places, `{-y}` where rows are counted
    /// from the south, `{z-1}` where levels are counted from elsewhere, `{a-d}` for servers by letter or number; behind
    /// `#` the levels (`#3-16`) and, in degrees, `c`; or a name (`tianditu:img_c`).
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if let Some(name) = text.strip_prefix(TIANDITU) {
            return Self::tianditu(name).ok_or(AddressError::Unknown);
        }
        let is_web = ["http://", "https://"].iter().any(|scheme| starts_with(text, scheme));
        let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control()) && text.len() <= MOST_CHARS;
        if !is_web || !is_plain {
            return Err(AddressError::Scheme);
        }
        let (whole, said) = text.split_once('#').unwrap_or((text, ""));
        let mut template = whole.to_owned();
        for (words, place) in [("{TileMatrix}", "{z}"), ("{TileCol}", "{x}"), ("{TileRow}", "{y}")] {
            template = replaced(&template, words, place);
        }
        let has = |place: &str| template.contains(place);
        let has_level = has("{z}") || OFFSETS.iter().any(|offset| has(&format!("{{z{offset:+}}}")));
        if !has_level || !has("{x}") || !(has("{y}") || has("{-y}")) {
            return Err(AddressError::Places);
        }
        let (mut scheme, mut zooms) = (Scheme::Mercator, USUAL_ZOOMS);
        for word in said.split(['&', ',', ';']).filter(|word| !word.is_empty()) {
            match word.split_once('-').map(|(from, to)| (from.parse::<u8>(), to.parse::<u8>())) {
                Some((Ok(from), Ok(to))) if from <= to => zooms = [from, to],
                None if word == "c" => scheme = Scheme::Degrees,
                _ => return Err(AddressError::Places),
            }
        }
        Ok(Self { text: text.to_owned(), template, scheme, zooms, is_tianditu: false })
    }

    fn tianditu(name: &str) -> Option<Self> {
        let (map, set) = name.split_once('_')?;
        let known = TIANDITU_MAPS.iter().any(|(known, _)| *known == map);
        let scheme = match set {
            "c" => Scheme::Degrees,
            "w" => Scheme::Mercator,
            _ => return None,
        };
        let template = format!(
            "https://t{{s}}.tianditu.gov.cn/{map}_{set}/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={map}\
             &STYLE=default&TILEMATRIXSET={set}&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{key}}"
        );
        let text = format!("{TIANDITU}{name}");
        known.then_some(Self { text, template, scheme, zooms: [1, 18], is_tianditu: true })
    }

    /// The text that it was read from: what a project keeps.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the user's key of 天地图 is needed.
    pub fn needs_key(&self) -> bool {
        self.template.contains("{key}")
    }

    /// The name of the server, for people.
    pub fn host(&self) -> &str {
        let rest = self.template.split_once("://").map_or("", |(_, rest)| rest);
        if self.is_tianditu { "tianditu.gov.cn" } else { rest.split(['/', '?']).next().unwrap_or_default() }
    }

    /// The address with places for row, column and level.
    #[cfg(feature = "tiles")]
    pub(super) fn template(&self) -> &str {
        &self.template
    }

    /// Whose the map is, as far as that is known.
    pub fn attribution(&self) -> String {
        if self.is_tianditu { "天地图".to_owned() } else { self.host().to_owned() }
    }

    #[cfg_attr(not(feature = "tiles"), allow(dead_code, reason = "nothing asks servers then"))]
    pub(super) fn pyramid(&self) -> Pyramid {
        Pyramid::new(self.scheme, self.zooms)
    }

    /// The address of one tile.
    #[cfg(any(test, feature = "tiles"))]
    pub(super) fn of_tile(&self, zoom: u8, column: u32, row: u32, key: &str) -> String {
        let down = (1u64 << zoom) / if self.scheme == Scheme::Degrees { 2 } else { 1 };
        let from_south = down.saturating_sub(1 + u64::from(row));
        let server = (column.wrapping_add(row)) % TIANDITU_SERVERS;
        let mut address = self.template.clone();
        if let Some((before, rest)) = address.split_once('{')
            && let Some((range, after)) = rest.split_once('}')
            && let Some((first, last)) = one_of(range)
        {
            let count = u32::from(last - first) + 1;
            let letter = first + (column.wrapping_add(row) % count) as u8;
            address = format!("{before}{}{after}", char::from(letter));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let key: String = key.chars().filter(|c| plain(*c)).collect();
        for (place, value) in [
            ("{z}", zoom.to_string()),
            ("{x}", column.to_string()),
            ("{y}", row.to_string()),
            ("{-y}", from_south.to_string()),
            ("{s}", server.to_string()),
            ("{key}", key),
        ] {
            address = address.replace(place, &value);
        }
        let offsets: &[i32] = if address.contains("{z") { &OFFSETS } else { &[] };
        for offset in offsets {
            let level = (i32::from(zoom) + offset).max(0);
            address = address.replace(&format!("{{z{offset:+}}}"), &level.to_string());
        }
        address
    }
}

/// The first and the last of a range of servers: `a-d`, `0-7`.
#[cfg(any(test, feature = "tiles"))]
fn one_of(range: &str) -> Option<(u8, u8)> {
    match range.as_bytes() {
        [first, b'-', last] if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() && first <= last => {
            Some((*first, *last))
        }
        _ => None,
    }
}

/// An address without the key of 天地图 in it, and that key: keys stand in the settings, never in a project.
pub fn without_key(text: &str) -> (String, Option<String>) {
    let Some(at) = ["?tk=", "&tk="].iter().find_map(|word| text.find(word)) else { return (text.to_owned(), None) };
    let begin = at + "?tk=".len();
    let end = text[begin..].find(['&', '#']).map_or(text.len(), |end| begin + end);
    let key = &text[begin..end];
    if key.is_empty() || key.starts_with('{') {
        return (text.to_owned(), None);
    }
    (format!("{}{{key}}{}", &text[..begin], &text[end..]), Some(key.to_owned()))
}

fn starts_with(text: &str, head: &str) -> bool {
    text.get(..head.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(head))
}

/// `text` with a word, however written, replaced.
pub(super) fn replaced(text: &str, word: &str, by: &str) -> String {
    let at = text.to_ascii_lowercase().find(&word.to_ascii_lowercase());
    at.map_or_else(|| text.to_owned(), |at| format!("{}{by}{}", &text[..at], &text[at + word.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_say_where_tiles_are_and_hold_no_key() {
        let of = |text: &str, zoom, column, row| {
            Address::parse(text).expect("an address").of_tile(zoom, column, row, "k/e?y")
        };
        assert_eq!(of("https://a.example/{z}/{x}/{y}.png", 3, 4, 5), "https://a.example/3/4/5.png");
        assert_eq!(of("http://{a-c}.example/{z}/{x}/{-y}", 3, 4, 5), "http://a.example/3/4/2");
        assert_eq!(of("https://a.example/{z-1}/{x}/{y}#1-9,c", 3, 4, 5), "https://a.example/2/4/5");
        let wmts = "http://e.cn/wmts?TILEMATRIX={TileMatrix}&TILEROW={tilerow}&TILECOL={TileCol}#5-9,c";
        assert_eq!(of(wmts, 6, 7, 8), "http://e.cn/wmts?TILEMATRIX=6&TILEROW=8&TILECOL=7");
        let address = Address::parse(wmts).expect("an address");
        assert_eq!((address.scheme, address.zooms, address.host()), (Scheme::Degrees, [5, 9], "e.cn"));
        let named = Address::parse("tianditu:img_c").expect("known");
        assert!(named.needs_key() && named.text() == "tianditu:img_c" && named.host() == "tianditu.gov.cn");
        let tile = named.of_tile(1, 1, 0, "k/e?y");
        assert!(tile.starts_with("https://t1.tianditu.gov.cn/img_c/wmts?") && tile.ends_with("&tk=key"), "{tile}");
        for (bad, error) in [
            ("ftp://a/{z}/{x}/{y}", AddressError::Scheme),
            ("file:///etc/{z}/{x}/{y}", AddressError::Scheme),
            ("https://a/{z}/{x}", AddressError::Places),
            ("https://a/{z}/{x}/{y}#9-3", AddressError::Places),
            ("tianditu:img_d", AddressError::Unknown),
            ("tianditu:evil_c", AddressError::Unknown),
        ] {
            assert_eq!(Address::parse(bad), Err(error), "{bad}");
        }
        let pasted = without_key("https://t0.tianditu.gov.cn/img_w/wmts?tk=abc123&x={x}");
        assert_eq!(
            pasted,
            ("https://t0.tianditu.gov.cn/img_w/wmts?tk={key}&x={x}".to_owned(), Some("abc123".to_owned()))
        );
        assert_eq!(without_key("https://a/{z}").1, None);
    }
}
