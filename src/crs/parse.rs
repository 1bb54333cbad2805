//! CRS by whatever name a planner, a file or another program gives it.

use super::admit::{self, Origin};
use super::{Crs, CrsError, Datum, china_table, describe};
use crate::text::Language;

/// Most systems that a search gives.
const SEARCH_LIMIT: usize = 60;

pub(super) fn parse(text: &str, origin: Origin) -> Result<Crs, CrsError> {
    let text = text.trim().trim_matches(|c: char| c == '"' || c == '\u{feff}').trim();
    let unknown = || CrsError::Unknown(describe::shortened(text));
    if text.is_empty() {
        return Err(unknown());
    }
    if text.len() > admit::MOST_BYTES {
        return Err(CrsError::TooLarge);
    }
    let text = of_init(text).unwrap_or(text);
    if is_definition(text) {
        return describe::definition(text, origin);
    }
    let plain = narrow(text).to_lowercase();
    if matches!(plain.as_str(), "local" | "local plane" | "本地平面坐标" | "本地平面") {
        return Ok(Crs::local_plane());
    }
    if let Some(found) = by_code(&plain) {
        return found.map_err(|error| match error {
            CrsError::Unknown(_) => unknown(),
            other => other,
        });
    }
    let squeezed: String = plain.chars().filter(|c| !c.is_whitespace() && !"_-/()[]:.,'\"°·".contains(*c)).collect();
    if ["gcj02", "gcj", "bd09", "火星坐标", "百度坐标", "高德", "腾讯坐标"].iter().any(|name| squeezed.contains(name))
    {
        return Err(CrsError::Scrambled(text.to_owned()));
    }
    match by_words(&plain, &squeezed) {
        Words::Found(crs) => Ok(crs),
        Words::Contradiction => Err(unknown()),
        // PROJ's names are Latin; it writes to stderr what it does not know, so it is not asked in vain.
        Words::Nothing if text.is_ascii() && text.len() > 2 && admit::is_name(text) => {
            describe::named(text).map_err(|_| unknown())
        }
        Words::Nothing => Err(unknown()),
    }
}

pub(super) fn search(text: &str) -> Vec<Crs> {
    let needle = text.trim();
    let mut found: Vec<Crs> = Vec::new();
    let mut add = |crs: Crs| {
        if found.len() < SEARCH_LIMIT && !found.contains(&crs) {
            found.push(crs);
        }
    };
    if !needle.is_empty()
        && let Ok(crs) = parse(needle, Origin::User)
    {
        add(crs);
    }
    let words: Vec<String> = narrow(needle).to_lowercase().split_whitespace().map(describe::letters).collect();
    let matches = |haystack: &str| words.iter().all(|word| haystack.contains(word.as_str()));
    let haystack = |crs: &Crs, more: &str| {
        let names = [Language::Chinese, Language::English].map(|language| crs.name_in(language));
        describe::letters(&format!("{} {} {} {} {more}", crs.code(), crs.name(), names[0], names[1]))
    };
    for crs in common() {
        if matches(&haystack(&crs, "")) {
            add(crs);
        }
    }
    for row in china_table() {
        let crs = Crs::from_zone(row.zone);
        let more = format!(
            "{} {}带 中央经线{} 中央子午线{} cm{} {}度带",
            row.esri_name,
            row.zone.zone,
            row.zone.central_meridian_deg,
            row.zone.central_meridian_deg,
            row.zone.central_meridian_deg,
            row.zone.width_deg
        );
        if matches(&haystack(&crs, &more)) {
            add(crs);
        }
    }
    found
}

/// The systems of everyday work, most used first.
fn common() -> Vec<Crs> {
    let mut common = vec![Crs::cgcs2000(), Crs::wgs84()];
    common.extend([4326, 3857, 4610, 4214].into_iter().filter_map(|code| Crs::from_epsg(code).ok()));
    common.extend((43..=53).map(|zone| Crs::utm(zone, true)));
    common
}

fn is_definition(text: &str) -> bool {
    let head: String = text.chars().take_while(|c| !matches!(c, '[' | '(')).collect();
    let keyword = head.trim().to_ascii_uppercase();
    let is_wkt = head.len() < text.len()
        && matches!(
            keyword.as_str(),
            "PROJCS"
                | "GEOGCS"
                | "GEOCCS"
                | "COMPD_CS"
                | "VERT_CS"
                | "LOCAL_CS"
                | "PROJCRS"
                | "GEOGCRS"
                | "GEODCRS"
                | "PROJECTEDCRS"
                | "GEOGRAPHICCRS"
                | "GEODETICCRS"
                | "COMPOUNDCRS"
                | "BOUNDCRS"
                | "ENGCRS"
                | "VERTCRS"
        );
    is_wkt || text.starts_with('{') || admit::is_proj_string(text)
}

/// The code of `+init=epsg:4548`, where nothing else stands there: the old spelling of a code, not a file.
fn of_init(text: &str) -> Option<&str> {
    let code = text.trim_start_matches('+').strip_prefix("init=")?;
    let (authority, number) = code.split_once(':')?;
    let plain = ["epsg", "esri"].iter().any(|known| authority.eq_ignore_ascii_case(known))
        && number.bytes().all(|b| b.is_ascii_digit());
    plain.then_some(code)
}

/// The code that stands somewhere in a text that names nothing as a whole: `… EPSG::4548 …`.
pub(super) fn code_within(text: &str) -> Option<Crs> {
    let lower = text.to_ascii_lowercase();
    for authority in ["epsg", "esri"] {
        for (at, _) in lower.match_indices(authority) {
            let rest = &lower[at + authority.len()..];
            let between = rest.chars().take_while(|c| !c.is_alphanumeric()).take(12).map(char::len_utf8).sum::<usize>();
            let digits: String = rest[between..].chars().take_while(char::is_ascii_digit).collect();
            let ends = rest[between + digits.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric());
            if (4..=6).contains(&digits.len())
                && ends
                && let Ok(code) = digits.parse()
                && let Ok(crs) = of_authority(authority, code)
            {
                return Some(crs);
            }
        }
    }
    None
}

/// Full-width letters, digits and signs as their ASCII counterparts.
fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            '、' => ',',
            '。' => '.',
            _ => c,
        })
        .collect()
}

/// `4527`, `epsg:4527`, `epsg::4527`, URNs and URLs; `None` where the text is not of that form.
fn by_code(text: &str) -> Option<Result<Crs, CrsError>> {
    if let Ok(code) = text.parse::<u32>() {
        return Some(Crs::from_epsg(code));
    }
    if let Some(rest) = text.strip_prefix("urn:").or_else(|| text.strip_prefix("http")) {
        // Compound names list their parts, the horizontal one first.
        return rest.split(',').find_map(|part| {
            let pieces: Vec<&str> = part.split([':', '/', '#', '?', '=', '&']).filter(|p| !p.is_empty()).collect();
            if pieces.last()?.starts_with("crs84") {
                return Some(Ok(Crs::wgs84()));
            }
            // The authority, then perhaps a version, then the code; some addresses go on behind it (`/proj4/`).
            let at = pieces.iter().position(|piece| matches!(*piece, "epsg" | "esri" | "epsg.xml"));
            let behind = at.map_or(&pieces[pieces.len() - 1..], |at| &pieces[at + 1..]);
            let number = |piece: &&str| piece.strip_suffix(".xml").unwrap_or(piece).parse::<u32>().ok();
            let code = behind.iter().rev().find_map(number)?;
            Some(of_authority(if part.contains("esri") { "esri" } else { "epsg" }, code))
        });
    }
    for authority in ["epsg", "esri", "sr-org", "wkid", "srid"] {
        let Some(rest) = text.strip_prefix(authority) else { continue };
        let rest = rest.trim_start_matches([':', '=', '_', '-', '#', ' ', '/']);
        // Version between two colons, and a vertical part after a plus.
        let rest = rest.rsplit(':').next().unwrap_or(rest);
        let horizontal = rest.split(['+', ',']).next().unwrap_or(rest).trim();
        if let Ok(code) = horizontal.parse() {
            return Some(of_authority(authority, code));
        }
    }
    let squeezed: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    matches!(squeezed.as_str(), "ogccrs84" | "ogc13crs84" | "crs84" | "crs84h").then(|| Ok(Crs::wgs84()))
}

fn of_authority(authority: &str, code: u32) -> Result<Crs, CrsError> {
    match Crs::from_epsg(code) {
        // ESRI's own numbers lie apart from EPSG's, and files confuse the two names.
        Err(CrsError::Unknown(text)) if authority != "sr-org" && code > 37_000 => {
            describe::known(&format!("ESRI:{code}")).map_err(|_| CrsError::Unknown(text))
        }
        other => other,
    }
}

enum Words {
    Found(Crs),
    /// Words of a Chinese system that cannot all be true.
    Contradiction,
    Nothing,
}

/// Names in words: datum, width, zone or meridian, with or without prefix.
fn by_words(plain: &str, squeezed: &str) -> Words {
    let has = |words: &[&str]| words.iter().any(|word| squeezed.contains(word));
    if has(&[
        "webmercator",
        "pseudomercator",
        "mercatorauxiliarysphere",
        "web墨卡托",
        "网络墨卡托",
        "伪墨卡托",
        "球面墨卡托",
    ]) {
        return Words::Found(Crs::web_mercator());
    }
    let datum =
        if has(&["cgcs2000", "cgcs", "国家2000", "2000国家", "大地2000", "china2000", "2000坐标", "chinageodetic"])
        {
            Some(Datum::Cgcs2000)
        } else if has(&["xian1980", "xian80", "西安80", "西安1980", "1980西安", "80西安", "国家80", "1980国家"])
        {
            Some(Datum::Xian1980)
        } else if has(&["beijing1954", "beijing54", "北京54", "北京1954", "1954北京", "54北京", "bj54"]) {
            Some(Datum::Beijing1954)
        } else if has(&["wgs84", "wgs1984", "gcswgs1984"]) {
            Some(Datum::Wgs84)
        } else {
            None
        };
    if (datum == Some(Datum::Wgs84) || squeezed.starts_with("utm"))
        && let Some(crs) = utm(squeezed)
    {
        return Words::Found(crs);
    }
    let numbers = Numbers::of(plain, datum);
    if numbers.is_empty() {
        let planar = has(&["高斯", "gauss", "gk", "投影", "分带", "度带", "degree"]);
        return match datum {
            Some(_) if planar => Words::Contradiction,
            Some(datum) if !has_foreign_letters(squeezed) => match datum {
                Datum::Cgcs2000 => Words::Found(Crs::cgcs2000()),
                Datum::Wgs84 => Words::Found(Crs::wgs84()),
                _ => Words::Found(Crs::geographic_of(
                    &format!("EPSG:{}", datum.geographic_epsg().unwrap_or(0)),
                    datum.name(),
                    datum,
                )),
            },
            _ => Words::Nothing,
        };
    }
    if datum.is_none() && !has(&["带", "gauss", "gk", "中央"]) {
        return Words::Nothing;
    }
    // Since 2018 CGCS2000 is the one datum in lawful use: a zone without a datum is one of its zones.
    match numbers.zone(datum.unwrap_or(Datum::Cgcs2000), squeezed) {
        Some(crs) => Words::Found(crs),
        None => Words::Contradiction,
    }
}

/// Letters beyond those of a bare datum name: the text then names something else that happens to mention the datum.
fn has_foreign_letters(squeezed: &str) -> bool {
    let mut rest = squeezed.to_owned();
    for word in [
        "gcschinageodeticcoordinatesystem2000",
        "chinageodeticcoordinatesystem2000",
        "gcs",
        "cgcs2000",
        "cgcs",
        "china2000",
        "xian1980",
        "xian80",
        "beijing1954",
        "beijing54",
        "bj54",
        "wgs1984",
        "wgs84",
        "2000",
        "1980",
        "1954",
        "80",
        "54",
        "国家",
        "大地",
        "西安",
        "北京",
        "坐标系统",
        "坐标系",
        "坐标",
        "经纬度",
        "地理",
        "geographic",
        "lonlat",
        "longlat",
        "度",
    ] {
        rest = rest.replace(word, "");
    }
    rest.chars().any(char::is_alphanumeric)
}

/// `utm50n`, `utmzone50`, `utm50带`: UTM on WGS 84.
fn utm(squeezed: &str) -> Option<Crs> {
    let rest = squeezed.split_once("utm")?.1;
    let rest = rest.trim_start_matches("zone").trim_start_matches('第');
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let zone: u8 = digits.parse().ok()?; // no zone number: not UTM
    (1..=60).contains(&zone).then(|| Crs::utm(zone, !rest[digits.len()..].starts_with('s')))
}

/// The numbers of a zone's name.
#[derive(Debug, Default)]
struct Numbers {
    width_deg: Option<u8>,
    zone: Option<u8>,
    meridian_deg: Option<f64>,
}

impl Numbers {
    /// Reads widths (`3度带`, `3-degree`), zones (`39带`, `zone 39`) and meridians (`中央经线117`, `CM 117E`).
    fn of(plain: &str, datum: Option<Datum>) -> Self {
        let mut numbers = Self::default();
        let text =
            plain.replace("三度", "3度").replace("六度", "6度").replace("三分带", "3度").replace("六分带", "6度");
        let chars: Vec<char> = text.chars().collect();
        let mut i = 0;
        while i < chars.len() {
            if !chars[i].is_ascii_digit() {
                i += 1;
                continue;
            }
            let start = i;
            while i < chars.len() && (chars[i].is_ascii_digit() || chars[i] == '.') {
                i += 1;
            }
            let digits: String = chars[start..i].iter().collect();
            let Ok(value) = digits.trim_end_matches('.').parse::<f64>() else { continue };
            let before: String = squeeze(&chars[start.saturating_sub(16)..start]);
            let after: String = squeeze(&chars[i..chars.len().min(i + 12)]);
            numbers.take(value, &before, &after, datum);
        }
        numbers
    }

    fn take(&mut self, value: f64, before: &str, after: &str, datum: Option<Datum>) {
        let is_datum_year = [2000.0, 1980.0, 1954.0, 1984.0].contains(&value)
            || (value == 84.0 && before.ends_with("wgs"))
            || (value == 80.0
                && (before.ends_with("xian")
                    || before.ends_with("西安")
                    || before.ends_with("国家")
                    || after.starts_with("西安")))
            || (value == 54.0
                && (before.ends_with("beijing")
                    || before.ends_with("北京")
                    || before.ends_with("bj")
                    || after.starts_with("北京")));
        if is_datum_year && datum.is_some() {
            return;
        }
        let degree = ["度", "°", "deg", "d"].iter().any(|word| after.starts_with(word));
        let meridian_word =
            ["cm", "经线", "子午线", "l0", "l0=", "meridian", "经"].iter().any(|word| before.ends_with(word));
        if (value == 3.0 || value == 6.0)
            && (degree || after.starts_with("分带") || after.is_empty() || after.starts_with("gk"))
        {
            self.width_deg = Some(value as u8);
        } else if meridian_word
            || ((75.0..=135.0).contains(&value) && (degree || after.starts_with('e') || after.is_empty()))
        {
            self.meridian_deg = Some(value);
        } else if value.fract() == 0.0 && (13.0..=45.0).contains(&value) {
            self.zone = Some(value as u8);
        } else if value.fract() == 0.0 && (75.0..=135.0).contains(&value) {
            self.meridian_deg = Some(value);
        }
    }

    fn is_empty(&self) -> bool {
        self.zone.is_none() && self.meridian_deg.is_none()
    }

    /// The zone that the numbers name; `None` where they contradict each other.
    fn zone(&self, datum: Datum, squeezed: &str) -> Option<Crs> {
        let width_deg = match (self.width_deg, self.zone) {
            (Some(width), _) => width,
            (None, Some(zone)) if zone < 25 => 6,
            // ESRI and EPSG name the 6° zones without a width.
            (None, None) if ["gaussk", "gk", "gauss"].iter().any(|word| squeezed.contains(word)) => 6,
            _ => 3,
        };
        let of_meridian = |meridian: f64| {
            let number = if width_deg == 3 { meridian / 3.0 } else { (meridian + 3.0) / 6.0 };
            (number.fract() == 0.0 && (1.0..=99.0).contains(&number)).then_some(number as u8)
        };
        let number = match (self.zone, self.meridian_deg) {
            (Some(zone), Some(meridian)) => (of_meridian(meridian)? == zone).then_some(zone)?,
            (Some(zone), None) => zone,
            (None, Some(meridian)) => of_meridian(meridian)?,
            (None, None) => return None,
        };
        let says = |words: &[&str]| words.iter().any(|word| squeezed.contains(word));
        let prefixed = if says(&["不带带号", "无带号", "不加带号", "不含带号", "noprefix", "withoutprefix"])
        {
            false
        } else {
            self.zone.is_some() || says(&["加带号", "带带号", "含带号", "有带号"])
        };
        if width_deg == 3 {
            Crs::gauss_kruger_3(datum, number, prefixed)
        } else {
            Crs::gauss_kruger_6(datum, number, prefixed)
        }
    }
}

fn squeeze(chars: &[char]) -> String {
    chars.iter().filter(|c| !c.is_whitespace() && !"_-/()[]:,'\"=".contains(**c)).collect()
}
