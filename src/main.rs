//! Arguments to the command line or the window, and to an exit code.

use std::process::ExitCode;

use tuban::cli::output::say;

fn main() -> ExitCode {
    // The program started by itself to read a drawing or a page does nothing else.
    let mut words = std::env::args_os().skip(1);
    let first = words.next();
    let is_asked = |verb: &str| first.as_ref().is_some_and(|word| word == verb);
    let words = words.map(|word| word.to_string_lossy().into_owned());
    if is_asked(tuban::io::DRAWING_VERB) {
        return tuban::io::read_drawing_here(words);
    }
    #[cfg(feature = "pdf")]
    if is_asked(tuban::io::underlay::PAGE_VERB) {
        return tuban::io::underlay::draw_page_here(words, tuban::render::lettering::REGULAR);
    }
    tuban::io::answers_for_files();
    #[cfg(feature = "postgis")]
    for word in std::env::args_os().skip(1).filter(|word| tuban::io::is_address(std::path::Path::new(word))) {
        tuban::io::name_server(&word.to_string_lossy());
    }
    tuban::crs::silence_proj();
    let arguments = tuban::cli::parse();
    let language = arguments.lang.map_or_else(tuban::cli::system_language, Into::into);
    match &arguments.verb {
        #[cfg(feature = "gui")]
        Some(tuban::cli::Verb::Bench(bench)) => frames(&bench.what, language),
        Some(verb) => tuban::cli::run(verb, language, arguments.memory_limit),
        None => window(&arguments, language),
    }
}

#[cfg(feature = "gui")]
fn window(arguments: &tuban::cli::Arguments, language: tuban::text::Language) -> ExitCode {
    use tuban::cli::RendererName;
    if let Some(error) = tuban::cli::stray_word(&arguments.window.files) {
        eprintln!("tuban: {}", error.text(language));
        return ExitCode::from(2);
    }
    let renderer = match arguments.window.renderer {
        RendererName::Auto => tuban::ui::Renderer::Auto,
        RendererName::Wgpu => tuban::ui::Renderer::Wgpu,
        RendererName::Gl => tuban::ui::Renderer::Gl,
        RendererName::Cpu => tuban::ui::Renderer::Cpu,
    };
    let asked = arguments.lang.is_some().then_some(language);
    match tuban::ui::run(arguments.window.files.clone(), renderer, asked, arguments.memory_limit) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let message = match error {
                tuban::ui::RunError::NoDisplay => tuban::text::Message::new("cli.no-display"),
                tuban::ui::RunError::Window(error) => {
                    tuban::text::Message::new("cli.window-failed").with("error", error)
                }
            };
            say(&format!("tuban: {}", message.text(language)));
            ExitCode::from(2)
        }
    }
}

/// Measures the window's frames.
#[cfg(feature = "gui")]
fn frames(what: &tuban::cli::BenchWhat, language: tuban::text::Language) -> ExitCode {
    use tuban::cli::RendererName;
    use tuban::ui::frames::{Options, run};
    use tuban::ui::map::canvas::Maker;
    let tuban::cli::BenchWhat::Frames { file, renderer, size, json, unseen, pictures } = what;
    let maker = match renderer {
        RendererName::Auto => Maker::Best,
        RendererName::Wgpu => Maker::Gpu,
        RendererName::Gl | RendererName::Cpu => Maker::Cpu,
    };
    let size_px = tuban::cli::render::parse_size(size).map_err(|error| error.text(language));
    let options = |size_px| Options { file: file.clone(), maker, size_px, unseen: *unseen, pictures: pictures.clone() };
    match size_px.and_then(|size_px| run(&options(size_px))) {
        Ok(report) if *json => println!("{:#}", report.json()),
        Ok(report) => print!("{}", report.text()),
        Err(error) => {
            say(&format!("tuban: {error}"));
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

#[cfg(not(feature = "gui"))]
fn window(_: &tuban::cli::Arguments, language: tuban::text::Language) -> ExitCode {
    say(&format!("tuban: {}", tuban::text::tr(language, "cli.no-window")));
    ExitCode::from(2)
}
