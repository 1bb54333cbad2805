//! The role of a layer by the words of its names.

use super::Clues;
use crate::model::roles::name::Name;
use crate::model::roles::{Role, schema, zones};
use crate::text::Message;

/// What the names say, and by which word.
#[derive(Clone, Debug)]
pub(super) struct FoundName {
    pub(super) role: Role,
    pub(super) weak: bool,
    /// Code of the table that is named so.
    pub(super) code: Option<&'static str>,
    pub(super) reason: Message,
}

/// The role by the words of the names: the layer's before its alias and the file's, telling words before weak ones.
pub(super) fn role_by_name(clues: &Clues<'_>) -> Option<FoundName> {
    let sources = [
        (clues.layer_name, "model.role-by-layer-name"),
        (clues.alias, "model.role-by-alias"),
        (clues.file_name, "model.role-by-file-name"),
    ];
    let mut weak = None;
    for (name, key) in sources {
        let Some(word) = role_of_name(name) else { continue };
        let reason = Message::new(key).with("word", word.text);
        let found = FoundName { role: word.role, weak: word.weak, code: word.code, reason };
        if !found.weak {
            return Some(found);
        }
        weak = weak.or(Some(found));
    }
    weak
}

/// A word of a name that tells.
#[derive(Clone, Copy)]
struct Word {
    role: Role,
    text: &'static str,
    weak: bool,
    code: Option<&'static str>,
}

/// The role that `name` names, the word that tells, and whether it is a weak one.
///
/// Both languages put the head of a name last (安置区道路 are roads), so of several words the one that ends last
/// decides, and of those the longest.
fn role_of_name(name: &str) -> Option<Word> {
    let name = Name::new(name);
    let mut best: Option<((bool, usize, usize), Word)> = None;
    let mut offer = |end: Option<usize>, word: Word| {
        let Some(end) = end else { return };
        let rank = (!word.weak, end, word.text.len());
        if best.is_none_or(|(old, _)| rank > old) {
            best = Some((rank, word));
        }
    };
    for zone in zones::all() {
        for keyword in &zone.keywords {
            let code = Some(zone.layer).filter(|code| !code.is_empty() && !keyword.weak);
            let word = Word { role: zone.role, text: keyword.text, weak: keyword.weak, code };
            offer(name.end_of(keyword.text), word);
        }
    }
    for table in schema::tables() {
        let own = [table.code, table.word()];
        for text in own.into_iter().chain(table.aliases.iter().copied()).filter(|text| !text.is_empty()) {
            let end = if text.is_ascii() && text.len() < 4 { name.end_of_short(text) } else { name.end_of(text) };
            offer(end, Word { role: table.role, text, weak: false, code: Some(table.code) });
        }
    }
    best.map(|(_, word)| word)
}
