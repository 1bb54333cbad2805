//! What was typed, before it is parsed: the language, options that stand before the verb, a verb that is spelt wrong.

use std::ffi::OsString;

use super::Arguments;
use crate::text::Language;

/// The language that the arguments ask for, before they are parsed: help is shown in it.
pub fn language_asked(args: impl IntoIterator<Item = OsString>) -> Option<Language> {
    let args: Vec<String> = args.into_iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    args.iter().enumerate().find_map(|(i, arg)| {
        let value =
            arg.strip_prefix("--lang=").or_else(|| (arg == "--lang").then(|| args.get(i + 1))?.map(String::as_str))?;
        Some(Language::from_locale(value))
    })
}

/// The arguments with the global options behind all others, so that they may stand before the verb too.
pub fn globals_last(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut args = args.into_iter();
    let (mut front, mut globals, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    front.extend(args.next());
    while let Some(arg) = args.next() {
        if arg == "--" {
            rest.push(arg);
            rest.extend(args.by_ref());
        } else if arg == "--lang" || arg == "--memory-limit" {
            globals.push(arg);
            globals.extend(args.next());
        } else if arg.to_str().is_some_and(|arg| arg.starts_with("--lang=") || arg.starts_with("--memory-limit=")) {
            globals.push(arg);
        } else {
            front.push(arg);
        }
    }
    front.into_iter().chain(globals).chain(rest).collect()
}

/// The verb that a word is meant as, by how few letters differ; `None` where none comes near.
pub fn meant_verb(word: &str) -> Option<String> {
    let word = word.to_lowercase();
    let command = <Arguments as clap::CommandFactory>::command();
    let names: Vec<String> =
        command.get_subcommands().filter(|verb| !verb.is_hide_set()).map(|verb| verb.get_name().to_owned()).collect();
    let best = names.iter().map(|name| (distance(&word, name), name)).min()?;
    let short = word.chars().count() >= 3 && best.1.starts_with(&word);
    let most = if best.1.len() <= 4 { 1 } else { 2 };
    if best.0 <= most || short {
        return Some(best.1.clone());
    }
    names.into_iter().find(|name| word.chars().count() >= 3 && (name.starts_with(&word) || word.starts_with(name)))
}

/// Letters to change, add, drop or exchange with their neighbour to get from one word to the other (Damerau, 1964).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{LanguageName, Verb};
    use clap::Parser;

    #[test]
    fn global_options_stand_anywhere() {
        let parse = |line: &str| {
            let args = globals_last(line.split_whitespace().map(OsString::from));
            Arguments::try_parse_from(args)
        };
        for line in
            ["tuban --lang en areas a.geojson", "tuban --lang=en areas a.geojson", "tuban areas --lang en a.geojson"]
        {
            let parsed = parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(parsed.lang, Some(LanguageName::En), "{line}");
            assert!(matches!(parsed.verb, Some(Verb::Areas(areas)) if areas.read.files.len() == 1), "{line}");
        }
        for line in ["tuban --memory-limit 900 areas a.geojson", "tuban areas a.geojson --memory-limit=900"] {
            let parsed = parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert!(parsed.memory_limit == Some(900) && matches!(parsed.verb, Some(Verb::Areas(_))), "{line}");
        }
        assert!(parse("tuban --lang zh").is_ok_and(|a| a.verb.is_none() && a.window.files.is_empty()));
        assert!(parse("tuban --lang zh a.geojson").is_ok_and(|a| a.window.files.len() == 1));
        assert!(parse("tuban --lang").is_err() && parse("tuban --lang xx areas a").is_err());
        // Behind `--` everything is a file.
        assert!(parse("tuban areas -- --lang").is_ok_and(|a| a.lang.is_none()));
    }

    #[test]
    fn a_mistyped_verb_is_recognised() {
        let check = |word: &str, expected: Option<&str>| assert_eq!(meant_verb(word).as_deref(), expected, "{word}");
        check("area", Some("areas"));
        check("aeras", Some("areas"));
        check("Areas", Some("areas"));
        check("comapre", Some("compare"));
        check("comp", Some("compare"));
        check("inf", Some("info"));
        check("chekc", Some("check"));
        check("rendering", Some("render"));
        check("parcels", None);
        check("x", None);
    }

    #[test]
    fn the_language_is_found_before_parsing() {
        let asked = |line: &str| language_asked(line.split_whitespace().map(OsString::from));
        assert_eq!(asked("tuban --lang zh info"), Some(Language::Chinese));
        assert_eq!(asked("tuban info --lang=en"), Some(Language::English));
        assert_eq!(asked("tuban info"), None);
    }
}
