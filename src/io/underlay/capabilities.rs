//! What a service of tiles says of itself (OGC 07-057r7, WMTS 1.0.0): its layers in the sets of tiles that can be shown.
//!
//! A set can be shown that is in Web Mercator or in degrees (EPSG:4490, EPSG:4326), begins in the upper left corner of the
//! world and halves from level to level; what its levels are called may be counted from elsewhere. Nothing of it is
//! believed: the document is bounded in bytes, depth and number, entities are not expanded, and an address with other
//! places in it than those of a tile is left out, so that no service gets at the user's key.

use quick_xml::events::Event;

use super::address::{Address, replaced, without_key};
use super::tile::DEEPEST;
use crate::io::text_of;
use crate::io::xml::{Events, attribute, resolved};
use crate::task::Progress;
use crate::text::Message;

/// Bytes of such a document.
#[cfg(feature = "tiles")]
const MOST_BYTES: u64 = 8 << 20;
/// How deep elements may lie, and how many there may be.
const MOST_DEPTH: usize = 40;
const MOST_NODES: usize = 300_000;
/// Layers in sets that are offered.
const MOST_OFFERS: usize = 500;
/// Characters of a name that is shown.
const MOST_CHARS: usize = 200;
/// Denominator of the scale at which the world is one tile wide: by the pixel of 0.28 mm of the standard, and by that of 96 to
/// an inch, which others write.
const WORLD_SCALES: [f64; 2] = [559_082_264.028_717_8, 591_658_710.909_131];
/// Half the width of the world of Web Mercator.
const HALF_WORLD: f64 = 20_037_508.342_789_244;

/// What a service offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Who offers it.
    pub credit: String,
    /// Its layers, each in each set that can be shown.
    pub offers: Vec<Offer>,
    /// How many are left out: in other systems, with other tiles.
    pub left_out: usize,
}

/// A layer of a service in a set of tiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its name.
    pub title: String,
    /// The set, and its system.
    pub set: String,
    /// The address of its tiles.
    pub address: String,
}

/// Whether a text is the address of a server that does not say where its tiles are: of a service, perhaps.
pub fn is_service(text: &str) -> bool {
    let text = text.trim();
    let is_web = ["http://", "https://"].iter().any(|head| text.to_ascii_lowercase().starts_with(head));
    is_web && text.len() > "https://".len() && !text.contains('{') && Address::parse(text).is_err()
}

/// Asks the service at an address, as somebody pasted it, what it offers. `key` is the user's of 天地图.
///
/// # Errors
/// A server that does not answer, or says something else; a program that was built without asking servers.
#[cfg(feature = "tiles")]
pub fn ask_service(text: &str, key: &str, progress: &Progress) -> Result<Service, Message> {
    use super::web;
    let (plain, own_key) = without_key(text.trim());
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let key: String = own_key.as_deref().unwrap_or(key).chars().filter(is_plain).collect();
    let address = document_address(&plain).replace("{key}", &key);
    let host = host(&plain).to_owned();
    let fault = |error: String| Message::new("underlay.server-fault").with("host", &host).with("error", error);
    let answer = web::get(&web::agent(&address), &address, MOST_BYTES, &key).map_err(fault)?;
    let bytes = answer.ok_or_else(|| Message::new("underlay.service-broken").with("host", &host))?;
    let service = read(&text_of(&bytes), &plain, progress)
        .ok_or_else(|| Message::new("underlay.service-broken").with("host", &host))?;
    if service.offers.is_empty() {
        return Err(Message::new("underlay.service-none").with("host", &host).with("n", service.left_out));
    }
    Ok(service)
}

/// Nothing asks servers in this build.
///
/// # Errors
/// Always.
#[cfg(not(feature = "tiles"))]
pub fn ask_service(_: &str, _: &str, _: &Progress) -> Result<Service, Message> {
    Err(Message::new("underlay.no-servers"))
}

/// The address of the document of a service.
fn document_address(text: &str) -> String {
    let text = text.split('#').next().unwrap_or_default();
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    if path.to_ascii_lowercase().ends_with(".xml") || query.to_ascii_lowercase().contains("request=") {
        return text.to_owned();
    }
    let join = if query.is_empty() { "" } else { "&" };
    format!("{path}?{query}{join}SERVICE=WMTS&REQUEST=GetCapabilities&VERSION=1.0.0")
}

fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// An element with all in it.
#[derive(Debug, Default)]
struct Node {
    name: String,
    /// Those of [`ATTRIBUTES`] that it has.
    attributes: Vec<(&'static str, String)>,
    text: String,
    children: Vec<Node>,
}

/// Attributes that matter.
const ATTRIBUTES: [&str; 6] = ["href", "name", "resourceType", "template", "isDefault", "format"];

impl Node {
    fn all<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element along a way of names.
    fn at(&self, way: &[&str]) -> Option<&Node> {
        way.iter().try_fold(self, |node, name| node.children.iter().find(|child| child.name == *name))
    }

    /// The text of that element, short enough to be shown.
    fn text_at(&self, way: &[&str]) -> String {
        self.at(way).map_or_else(String::new, |node| node.text.trim().chars().take(MOST_CHARS).collect())
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

/// The root of a document; `None` where it is none, is cut off, or is larger than any service is.
fn tree(text: &str, progress: &Progress) -> Option<Node> {
    let mut events = Events::of(text);
    let mut stack = vec![Node::default()];
    let mut count = 0;
    loop {
        // Who cancels wants nothing of it.
        let stands = events.step(progress).ok()?;
        let event = stands.event.ok()?;
        let is_empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                count += 1;
                if stack.len() > MOST_DEPTH || count > MOST_NODES {
                    return None;
                }
                let known = ATTRIBUTES.into_iter().filter_map(|name| Some((name, attribute(&tag, name)?)));
                let name = AsRef::<str>::as_ref(&tag.local_name()).to_owned();
                let node = Node { name, attributes: known.collect(), ..Node::default() };
                if is_empty {
                    stack.last_mut()?.children.push(node);
                } else {
                    stack.push(node);
                }
            }
            Event::End(_) => {
                let node = stack.pop()?;
                stack.last_mut()?.children.push(node);
            }
            Event::Text(text) => stack.last_mut()?.text.push_str(&text),
            Event::CData(text) => stack.last_mut()?.text.push_str(&text),
            Event::GeneralRef(reference) => stack.last_mut()?.text.push_str(&resolved(&reference)),
            Event::DocType(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    let mut whole = stack.pop().filter(|_| stack.is_empty())?;
    whole.children.pop()
}

/// A set of tiles that can be shown.
struct Set {
    /// What its levels are called before their number, and that number less the level.
    prefix: String,
    offset: i32,
    zooms: [u8; 2],
    is_in_degrees: bool,
    epsg: u32,
}

impl Service {
    /// What a document offers; `None` where it is none of a service. `asked` is the address that it came from, without
    /// the key.
    pub fn of_document(text: &str, asked: &str, progress: &Progress) -> Option<Self> {
        read(text, asked, progress)
    }
}

fn read(text: &str, asked: &str, progress: &Progress) -> Option<Service> {
    let root = tree(text, progress).filter(|root| root.name == "Capabilities")?;
    let contents = root.at(&["Contents"])?;
    let mut service = Service { credit: root.text_at(&["ServiceProvider", "ProviderName"]), ..Service::default() };
    if service.credit.is_empty() {
        service.credit = root.text_at(&["ServiceIdentification", "Title"]);
    }
    let sets: Vec<(String, Option<Set>)> =
        contents.all("TileMatrixSet").map(|node| (node.text_at(&["Identifier"]), set(node))).collect();
    let by_key = tile_question(&root);
    for layer in contents.all("Layer") {
        let id = layer.text_at(&["Identifier"]);
        let title = Some(layer.text_at(&["Title"])).filter(|title| !title.is_empty()).unwrap_or_else(|| id.clone());
        for link in layer.all("TileMatrixSetLink") {
            let name = link.text_at(&["TileMatrixSet"]);
            let set = sets.iter().find(|(known, _)| *known == name).and_then(|(_, set)| set.as_ref());
            let address = set.and_then(|set| address(layer, &id, &name, set, by_key.as_deref(), asked));
            match (set, address) {
                (Some(set), Some(address)) if service.offers.len() < MOST_OFFERS => {
                    let set = format!("{name} · EPSG:{}", set.epsg);
                    service.offers.push(Offer { title: title.clone(), set, address });
                }
                _ => service.left_out += 1,
            }
        }
    }
    Some(service)
}

/// Where tiles are asked for by names and values.
fn tile_question(root: &Node) -> Option<String> {
    let operations = root.at(&["OperationsMetadata"])?;
    let tile = operations.all("Operation").find(|operation| operation.attribute("name") == Some("GetTile"))?;
    let gets = tile.all("DCP").filter_map(|dcp| dcp.at(&["HTTP"])).flat_map(|http| http.all("Get"));
    let is_by_key = |get: &&Node| {
        let mut said = get.all("Constraint").flat_map(|of| of.all("AllowedValues")).flat_map(|of| of.all("Value"));
        // Where nothing is said, it is.
        said.next().is_none_or(|first| first.text.trim() == "KVP" || said.any(|value| value.text.trim() == "KVP"))
    };
    gets.filter(is_by_key).find_map(|get| get.attribute("href")).map(str::to_owned)
}

/// A set of tiles; `None` where it is one that cannot be shown.
fn set(node: &Node) -> Option<Set> {
    let (is_in_degrees, epsg) = system(&node.text_at(&["SupportedCRS"]))?;
    let mut levels: Vec<(u8, String, i64)> = Vec::new();
    for matrix in node.all("TileMatrix").take(64) {
        let number = |name: &str| matrix.text_at(&[name]).parse::<f64>().ok(); // what is no number fits nothing
        let is_usual = [number("TileWidth"), number("TileHeight")] == [Some(256.0); 2];
        if !is_usual || !begins_the_world(&matrix.text_at(&["TopLeftCorner"]), is_in_degrees) {
            continue;
        }
        let Some(zoom) = number("ScaleDenominator").and_then(zoom_of) else { continue };
        let id = matrix.text_at(&["Identifier"]);
        let digits = id.bytes().rev().take_while(u8::is_ascii_digit).count().min(4);
        let (prefix, digits) = id.split_at(id.len() - digits);
        let is_plain = digits == "0" || !digits.starts_with('0');
        if let Some(count) = digits.parse::<i64>().ok().filter(|_| is_plain) {
            levels.push((zoom, prefix.to_owned(), count));
        }
    }
    levels.sort_by_key(|(zoom, _, _)| *zoom);
    // From the deepest up, as far as they are called in one way and none is missing.
    let (deepest, prefix, last) = levels.pop()?;
    let offset = last - i64::from(deepest);
    let mut first = deepest;
    for (zoom, other, count) in levels.iter().rev() {
        let fits = *other == prefix && count - i64::from(*zoom) == offset;
        match first.checked_sub(*zoom) {
            Some(0) => {}
            Some(1) if fits => first = *zoom,
            _ => break,
        }
    }
    let offset = i32::try_from(offset).ok().filter(|offset| offset.abs() < 10)?;
    Some(Set { prefix, offset, zooms: [first, deepest], is_in_degrees, epsg })
}

/// Whether a system is in degrees, and its number; `None` for systems that no set that can be shown has.
fn system(text: &str) -> Option<(bool, u32)> {
    if text.ends_with("CRS84") {
        return Some((true, 4326));
    }
    let number = text.rsplit(|c: char| !c.is_ascii_digit()).next()?;
    match number.parse::<u32>().ok()? {
        epsg @ (4490 | 4326) => Some((true, epsg)),
        3857 | 900_913 | 3785 | 102_100 | 102_113 => Some((false, 3857)),
        _ => None,
    }
}

/// The level of a scale in which the world is 256 pixels wide at level 0.
fn zoom_of(denominator: f64) -> Option<u8> {
    WORLD_SCALES.into_iter().find_map(|world| {
        let zoom = (world / denominator).log2();
        let whole = zoom.round();
        let is_such = (zoom - whole).abs() < 0.01 && (0.0..=f64::from(DEEPEST)).contains(&whole);
        is_such.then_some(whole as u8)
    })
}

/// Whether a corner is the upper left one of the world, in whichever order of axes.
fn begins_the_world(corner: &str, is_in_degrees: bool) -> bool {
    // What is no number is no corner.
    let numbers: Vec<f64> = corner.split_whitespace().map_while(|word| word.parse().ok()).collect();
    let [a, b] = numbers[..] else { return false };
    let (west, north, tolerance) = if is_in_degrees { (-180.0, 90.0, 1e-4) } else { (-HALF_WORLD, HALF_WORLD, 10.0) };
    let is_at = |x: f64, y: f64| (x - west).abs() < tolerance && (y - north).abs() < tolerance;
    is_at(a, b) || is_at(b, a)
}

/// The address of the tiles of a layer in a set, with its levels.
fn address(layer: &Node, id: &str, set_id: &str, set: &Set, by_key: Option<&str>, asked: &str) -> Option<String> {
    let styles: Vec<&Node> = layer.all("Style").collect();
    let default = styles.iter().find(|style| style.attribute("isDefault") == Some("true")).or(styles.first());
    let style = default.map_or_else(String::new, |style| style.text_at(&["Identifier"]));
    let level = match set.offset {
        0 => format!("{}{{z}}", encoded(&set.prefix)),
        offset => format!("{}{{z{offset:+}}}", encoded(&set.prefix)),
    };
    let is_shown =
        |format: &str| ["image/png", "image/jp", "image/webp", "tiles"].iter().any(|f| format.starts_with(f));
    let is_tiles = |node: &&Node| {
        node.attribute("resourceType") == Some("tile") && is_shown(node.attribute("format").unwrap_or("image/png"))
    };
    let template = match layer.all("ResourceURL").find(is_tiles).and_then(|node| node.attribute("template")) {
        Some(template) => {
            let mut template = template.trim().to_owned();
            let mut values = vec![
                ("{TileMatrixSet}".to_owned(), encoded(set_id)),
                ("{TileMatrix}".to_owned(), level),
                ("{TileRow}".to_owned(), "{y}".to_owned()),
                ("{TileCol}".to_owned(), "{x}".to_owned()),
                ("{Style}".to_owned(), encoded(&style)),
                ("{Layer}".to_owned(), encoded(id)),
            ];
            for dimension in layer.all("Dimension").take(16) {
                let name = dimension.text_at(&["Identifier"]);
                values.push((format!("{{{name}}}"), encoded(&dimension.text_at(&["Default"]))));
            }
            for (place, value) in &values {
                template = replaced(&template, place, value);
            }
            template
        }
        None => {
            let format = layer.all("Format").map(|node| node.text.trim()).find(|format| is_shown(format))?;
            let href = by_key?.trim();
            let join = match href.chars().next_back()? {
                '?' | '&' => "",
                _ if href.contains('?') => "&",
                _ => "?",
            };
            format!(
                "{href}{join}SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={}&STYLE={}&FORMAT={}&TILEMATRIXSET={}\
                 &TILEMATRIX={level}&TILEROW={{y}}&TILECOL={{x}}",
                encoded(id),
                encoded(&style),
                encoded(format),
                encoded(set_id)
            )
        }
    };
    // No place but those of a tile, so that a service learns nothing else; no levels of its own.
    let has_others = template.split('{').skip(1).any(|rest| !matches!(rest.as_bytes(), [b'x' | b'y' | b'z', ..]));
    if has_others || template.contains('#') {
        return None;
    }
    let needs_key = asked.contains("{key}") && host(&template) == host(asked) && !template.contains("tk=");
    let key = match (needs_key, template.contains('?')) {
        (false, _) => "",
        (true, true) => "&tk={key}",
        (true, false) => "?tk={key}",
    };
    let [from, to] = set.zooms;
    let in_degrees = if set.is_in_degrees { ",c" } else { "" };
    let address = format!("{template}{key}#{from}-{to}{in_degrees}");
    Address::parse(&address).ok().map(|_| address) // what nobody can ask is not offered
}

/// Text of a service as a part of an address.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrices(ids: &[(&str, f64)], corner: &str) -> String {
        let one = |(id, scale): &(&str, f64)| {
            format!(
                "<TileMatrix><ows:Identifier>{id}</ows:Identifier><ScaleDenominator>{scale:e}</ScaleDenominator>\
                 <TopLeftCorner>{corner}</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight>\
                 <MatrixWidth>2</MatrixWidth><MatrixHeight>1</MatrixHeight></TileMatrix>"
            )
        };
        ids.iter().map(one).collect()
    }

    fn document(layers: &str) -> String {
        let c = matrices(
            &[("1", 2.958_293_554_545_656e8), ("2", 1.479_146_777_272_828e8), ("3", 7.395_733_886_364_14e7)],
            "90.0 -180.0",
        );
        let quad = matrices(&[("0", 279_541_132.014_358_9), ("1", 139_770_566.007_179_4)], "90 -180");
        let named = matrices(
            &[("EPSG:3857:4", WORLD_SCALES[0] / 16.0), ("EPSG:3857:5", WORLD_SCALES[0] / 32.0)],
            "-2.003750834E7 2.0037508E7",
        );
        let local = matrices(&[("0", 1e6)], "0 0");
        let set = |id: &str, crs: &str, matrices: &str| {
            format!(
                "<TileMatrixSet><ows:Identifier>{id}</ows:Identifier><ows:SupportedCRS>{crs}</ows:SupportedCRS>\
                 {matrices}</TileMatrixSet>"
            )
        };
        format!(
            "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"bbbb\">]><Capabilities \
             xmlns=\"http://www.opengis.net/wmts/1.0\" xmlns:ows=\"http://www.opengis.net/ows/1.1\">\
             <ows:ServiceProvider><ows:ProviderName>某省地理信息中心</ows:ProviderName></ows:ServiceProvider>\
             <ows:OperationsMetadata><ows:Operation name=\"GetTile\"><ows:DCP><ows:HTTP>\
             <ows:Get xlink:href=\"http://map.example/wmts?\"><ows:Constraint name=\"GetEncoding\"><ows:AllowedValues>\
             <ows:Value>KVP</ows:Value></ows:AllowedValues></ows:Constraint></ows:Get></ows:HTTP></ows:DCP>\
             </ows:Operation></ows:OperationsMetadata><Contents>{layers}{}{}{}{}</Contents></Capabilities>",
            set("c", "urn:ogc:def:crs:EPSG::4490", &c),
            set("quad", "urn:ogc:def:crs:EPSG::4326", &quad),
            set("EPSG:3857", "http://www.opengis.net/def/crs/EPSG/0/3857", &named),
            set("local", "urn:ogc:def:crs:EPSG::4548", &local),
        )
    }

    fn layer(id: &str, more: &str, sets: &[&str]) -> String {
        let links: String = sets
            .iter()
            .map(|set| format!("<TileMatrixSetLink><TileMatrixSet>{set}</TileMatrixSet></TileMatrixSetLink>"))
            .collect();
        format!(
            "<Layer><ows:Title>影像 &amp; &b;</ows:Title><ows:Identifier>{id}</ows:Identifier>\
             <Style isDefault=\"true\"><ows:Identifier>default</ows:Identifier></Style>{more}{links}</Layer>"
        )
    }

    fn found(layers: &str, asked: &str) -> Service {
        read(&document(layers), asked, &Progress::new()).expect("a service")
    }

    #[test]
    fn layers_are_offered_in_the_sets_that_can_be_shown() {
        let text = layer("img", "<Format>image/png</Format>", &["c", "quad", "EPSG:3857", "local", "gone"]);
        let service = found(&text, "http://map.example/wmts");
        assert_eq!((service.credit.as_str(), service.offers.len(), service.left_out), ("某省地理信息中心", 3, 2));
        let first = &service.offers[0];
        assert_eq!((first.title.as_str(), first.set.as_str()), ("影像 & &b;", "c · EPSG:4490"));
        let tile = |nth: usize, zoom| {
            Address::parse(&service.offers[nth].address).expect("an address").of_tile(zoom, 4, 5, "secret")
        };
        let head = "http://map.example/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=img&STYLE=default\
                    &FORMAT=image/png&TILEMATRIXSET=";
        assert_eq!(tile(0, 3), format!("{head}c&TILEMATRIX=3&TILEROW=5&TILECOL=4"));
        // Its level 0 has two tiles, which is level 1 of the other.
        assert_eq!(tile(1, 2), format!("{head}quad&TILEMATRIX=1&TILEROW=5&TILECOL=4"));
        assert_eq!(tile(2, 5), format!("{head}EPSG:3857&TILEMATRIX=EPSG:3857:5&TILEROW=5&TILECOL=4"));
        let ends = ["#1-3,c", "#1-2,c", "#4-5"];
        assert!(service.offers.iter().zip(ends).all(|(offer, end)| offer.address.ends_with(end)), "{service:?}");
    }

    #[test]
    fn addresses_of_resources_are_taken_and_no_service_gets_at_the_key() {
        let url = |template: &str| {
            let more = format!("<ResourceURL format=\"image/png\" resourceType=\"tile\" template=\"{template}\"/>");
            found(&layer("图", &more, &["c"]), "http://map.example/wmts?tk={key}")
        };
        let service = url("http://map.example/{Layer}/{style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png");
        let address = &service.offers[0].address;
        assert_eq!(address, "http://map.example/%E5%9B%BE/default/c/{z}/{y}/{x}.png?tk={key}#1-3,c");
        let elsewhere = url("http://other.example/{TileMatrix}/{TileRow}/{TileCol}.png");
        assert!(!elsewhere.offers[0].address.contains("key"), "the key goes to the server that it was given for");
        for bad in [
            "http://map.example/{TileMatrix}/{TileRow}/{TileCol}?k={key}",
            "http://map.example/{TileMatrix}/{TileRow}/{TileCol}#0-30",
            "file:///etc/{TileMatrix}/{TileRow}/{TileCol}",
            "http://map.example/{TileMatrix}/{TileRow}",
        ] {
            assert_eq!((url(bad).offers.len(), url(bad).left_out), (0, 1), "{bad}");
        }
    }

    #[test]
    fn hostile_documents_come_to_nothing() {
        let deep = format!("<Capabilities>{}", "<a>".repeat(100_000));
        let many = format!("<Capabilities>{}</Capabilities>", "<a/>".repeat(MOST_NODES + 1));
        let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><Capabilities>&b;</Capabilities>";
        for text in [deep.as_str(), &many, bomb, "", "no", "<html><body>404</body></html>", "<Capabilities><Contents>"]
        {
            assert_eq!(read(text, "http://a", &Progress::new()), None, "{}", &text[..text.len().min(60)]);
        }
    }

    #[test]
    fn damaged_documents_come_to_an_end() {
        let whole = document(&layer("img", "<Format>image/png</Format>", &["c", "quad"]));
        let mut seed = 7_u64;
        for _ in 0..2000 {
            let mut bytes = whole.clone().into_bytes();
            for _ in 0..4 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = (seed >> 33) as usize % bytes.len();
                bytes[at] = (seed >> 20) as u8;
            }
            let found = read(&text_of(&bytes), "http://a?tk={key}", &Progress::new()).unwrap_or_default();
            for offer in found.offers {
                let address = Address::parse(&offer.address).expect("what is offered can be asked for");
                assert!(!address.of_tile(3, 1, 1, "secret").contains("secret"), "{}", offer.address);
            }
        }
    }

    #[test]
    fn services_are_asked_for_their_document() {
        for (text, expected) in [
            ("http://a.cn/wmts", "http://a.cn/wmts?SERVICE=WMTS&REQUEST=GetCapabilities&VERSION=1.0.0"),
            ("http://a.cn/w?tk={key}", "http://a.cn/w?tk={key}&SERVICE=WMTS&REQUEST=GetCapabilities&VERSION=1.0.0"),
            ("http://a.cn/1.0.0/WMTSCapabilities.xml", "http://a.cn/1.0.0/WMTSCapabilities.xml"),
            ("http://a.cn/w?Request=GetCapabilities#x", "http://a.cn/w?Request=GetCapabilities"),
        ] {
            assert_eq!(document_address(text), expected);
        }
        assert!(is_service("https://a.cn/wmts") && is_service("http://t0.tianditu.gov.cn/img_c/wmts?tk=1"));
        assert!(!is_service("https://a.cn/{z}/{x}/{y}") && !is_service("tianditu:img_c") && !is_service("a.cn"));
    }
}
