//! Who wrote what is in the program, and under which licence: crates and fonts, each with its texts.
//!
//! `.ci/licences` makes the list from the sources of the crates; its form is described there. It is unpacked when it is
//! asked for the first time.

use std::io::Read;
use std::sync::OnceLock;

use flate2::read::GzDecoder;

/// The list, packed.
const PACKED: &[u8] = include_bytes!("../../assets/licences.txt.gz");

/// Fonts in the program: name, licence, address, texts.
const FONTS: [(&str, &str, &str, &str); 2] = [
    (
        "Source Han Sans (Noto Sans CJK SC)",
        "OFL-1.1",
        "https://github.com/adobe-fonts/source-han-sans",
        include_str!("../../assets/fonts/OFL.txt"),
    ),
    ("Lucide", "ISC", "https://lucide.dev", include_str!("../../assets/fonts/LUCIDE-LICENSE.txt")),
];

/// Something in the program that others wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its name.
    pub name: &'static str,
    /// Its version; empty for fonts.
    pub version: &'static str,
    /// Its licence as an expression of SPDX.
    pub licence: &'static str,
    /// Where it comes from; empty where it does not say.
    pub address: &'static str,
    /// The texts of its licence, and what it wants said.
    pub texts: Vec<&'static str>,
}

impl Component {
    /// Whether its name, version or licence holds a text in small letters.
    pub fn holds(&self, text: &str) -> bool {
        [self.name, self.version, self.licence].iter().any(|own| own.to_lowercase().contains(text))
    }
}

/// All that others wrote, fonts first, then crates by name. Crates of all systems: each program has those of its own.
pub fn components() -> &'static [Component] {
    static COMPONENTS: OnceLock<Vec<Component>> = OnceLock::new();
    COMPONENTS.get_or_init(|| {
        let fonts = FONTS.iter().map(|&(name, licence, address, text)| Component {
            name,
            version: "",
            licence,
            address,
            texts: vec![text],
        });
        fonts.chain(crates()).collect()
    })
}

/// The list, unpacked.
fn list() -> &'static str {
    static LIST: OnceLock<String> = OnceLock::new();
    LIST.get_or_init(|| {
        let mut text = String::new();
        GzDecoder::new(PACKED).read_to_string(&mut text).expect("the list in the program unpacks to UTF-8");
        text
    })
}

fn crates() -> Vec<Component> {
    let mut pages = list().split('\u{c}');
    let rows = pages.next().unwrap_or_default().lines().filter(|line| !line.starts_with('-'));
    // Each begins with its number and the end of that line; they stand in order.
    let texts: Vec<&str> = pages.map(|page| page.split_once('\n').map_or("", |(_, text)| text)).collect();
    let component = |row: &'static str| {
        let mut cells = row.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        let (name, version, licence, address, numbers) = (cell(), cell(), cell(), cell(), cell());
        let numbers = numbers.split(',').filter_map(|number| number.parse::<usize>().ok()); // none where it has no text
        let texts = numbers.filter_map(|number| texts.get(number.checked_sub(1)?).copied()).collect();
        Component { name, version, licence, address, texts }
    };
    rows.map(component).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_list_is_that_of_the_lock() {
        let lock = include_str!("../../Cargo.lock");
        let line = |block: &str, key: &str| {
            let mut lines = block.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
            lines.next().and_then(|rest| rest.strip_suffix('"')).map(str::to_owned)
        };
        let locked: BTreeSet<(String, String)> = lock
            .split("[[package]]")
            .skip(1)
            .filter_map(|block| Some((line(block, "name")?, line(block, "version")?)))
            .filter(|(name, _)| name != "tuban")
            .collect();
        let listed: BTreeSet<(String, String)> = list()
            .split('\u{c}')
            .next()
            .unwrap_or_default()
            .lines()
            .filter_map(|row| row.trim_start_matches('-').split_once('\t'))
            .map(|(name, rest)| (name.to_owned(), rest.split('\t').next().unwrap_or_default().to_owned()))
            .collect();
        let missing: Vec<_> = locked.difference(&listed).collect();
        let gone: Vec<_> = listed.difference(&locked).collect();
        assert!(missing.is_empty() && gone.is_empty(), "run .ci/licences: {missing:?} are new, {gone:?} are gone");
    }

    #[test]
    fn everything_has_a_licence_and_its_text() {
        let all = components();
        assert!(all.len() > 100, "{}", all.len());
        for component in all {
            assert!(!component.name.is_empty() && !component.licence.is_empty(), "{component:?}");
            assert!(component.texts.iter().any(|text| text.len() > 60), "{} has no text", component.name);
        }
        let proj = all.iter().find(|component| component.name == "proj-sys").expect("PROJ is in the program");
        assert!(proj.texts.iter().any(|text| text.starts_with("PROJ")), "what a crate brings along is named too");
        assert!(all[0].holds("ofl") && !all[0].holds("gpl"));
    }
}
