//! The help of every verb and argument, in the language that is asked for.

use crate::text::{Language, tr};

/// Every help text in `language`, from the catalogue: `cli.help.<verb>` and `cli.help.<verb>.<argument>`.
pub fn localised(command: clap::Command, language: Language) -> clap::Command {
    localise(command, "cli.help", language)
}

fn localise(command: clap::Command, key: &str, language: Language) -> clap::Command {
    let known = |key: &str| {
        let text = tr(language, key);
        (text != key).then(|| text.to_owned())
    };
    let mut command = match known(key) {
        Some(text) => command.about(text),
        None => command,
    };
    command = command.mut_args(|arg| {
        let id = arg.get_id().to_string();
        match known(&format!("{key}.{id}")).or_else(|| known(&format!("cli.help.any.{id}"))) {
            // One sentence serves the short and the long help.
            Some(text) => arg.help(text).long_help(None::<&str>),
            None => arg,
        }
    });
    command.mut_subcommands(|sub| {
        let key = format!("{key}.{}", sub.get_name());
        localise(sub, &key, language)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Arguments;
    use clap::CommandFactory;

    #[test]
    fn every_visible_argument_has_help_in_both_languages() {
        for language in [Language::Chinese, Language::English] {
            let command = localised(Arguments::command(), language);
            for sub in command.get_subcommands().filter(|s| !s.is_hide_set()).chain([&command]) {
                for arg in sub.get_arguments().filter(|a| !matches!(a.get_id().as_str(), "help" | "version")) {
                    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                    let chinese = help.chars().any(|c| c > '\u{2e80}');
                    assert_eq!(chinese, language == Language::Chinese, "{} {}: {help}", sub.get_name(), arg.get_id());
                }
            }
        }
    }
}
