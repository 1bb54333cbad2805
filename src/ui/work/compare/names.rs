//! What parts of a comparison are called.

use crate::text::{Language, Message, tr};
use crate::ui::session::compare::By;
use crate::ui::session::compare::pick::Pick;
use crate::ui::session::compare::shown::Shown;

/// Name of a grouping.
pub fn by_name(language: Language, by: &By) -> String {
    match by {
        By::Level(level) => {
            let keys = ["compare.level-1", "compare.level-2", "compare.level-3"];
            tr(language, keys[usize::from(*level).clamp(1, 3) - 1]).to_owned()
        }
        By::Big => tr(language, "panels.by-big").to_owned(),
        By::Class => tr(language, "compare.as-given").to_owned(),
        By::Field(name) => name.clone(),
    }
}

/// Two titles without the words that they begin with alike: `地类图斑 2025` and `地类图斑 2035` are 2025 and 2035.
pub fn short_titles<'a>(base: &'a str, scenario: &'a str) -> [&'a str; 2] {
    let same = base.char_indices().zip(scenario.chars()).take_while(|((_, a), b)| a == b);
    let is_break = |c: char| c.is_whitespace() || matches!(c, '_' | '-' | '·' | '—');
    let cut = same.filter(|((_, c), _)| is_break(*c)).map(|((at, c), _)| at + c.len_utf8()).last().unwrap_or(0);
    let short = [&base[cut..], &scenario[cut..]];
    if short.iter().any(|title| title.trim().is_empty()) { [base, scenario] } else { short }
}

/// What a part of the matrix is called.
pub fn name(language: Language, shown: &Shown, pick: Pick) -> String {
    let class = |class: u32| shown.class(class).name(language);
    let side = |side: Option<u32>, key: &str| side.map_or_else(|| tr(language, key).to_owned(), class);
    let message = match pick {
        Pick::Cell { from, to } if from == to => Message::new("compare.stays").with("class", side(from, "")),
        Pick::Cell { from, to } => Message::new("compare.from-to")
            .with("from", side(from, "compare.only-scenario"))
            .with("to", side(to, "compare.only-base")),
        Pick::Leaves(of) => Message::new("compare.leaves").with("class", class(of)),
        Pick::Enters(of) => Message::new("compare.enters").with("class", class(of)),
        Pick::Moves(of) => Message::new("compare.moves").with("class", class(of)),
        Pick::Changes => Message::new("compare.all-changes"),
    };
    message.text(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_lose_what_they_share() {
        for (base, scenario, short) in [
            ("地类图斑 2025", "地类图斑 2035", ["2025", "2035"]),
            ("dltb_2025", "dltb_2035", ["2025", "2035"]),
            ("方案A", "方案B", ["方案A", "方案B"]),
            ("地类图斑", "地类图斑 2035", ["地类图斑", "地类图斑 2035"]),
            ("a ", "a b", ["a ", "a b"]),
        ] {
            assert_eq!(short_titles(base, scenario), short);
        }
    }
}
