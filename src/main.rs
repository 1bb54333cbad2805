//! Arguments to the command line or the window, and to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = tuban::cli::parse();
    let language = arguments.lang.map_or_else(tuban::cli::system_language, Into::into);
    match &arguments.verb {
        Some(verb) => tuban::cli::run(verb, language),
        None => window(&arguments, language),
    }
}

#[cfg(feature = "gui")]
fn window(arguments: &tuban::cli::Arguments, language: tuban::text::Language) -> ExitCode {
    use tuban::cli::RendererName;
    let renderer = match arguments.window.renderer {
        RendererName::Auto => tuban::ui::Renderer::Auto,
        RendererName::Wgpu => tuban::ui::Renderer::Wgpu,
        RendererName::Gl => tuban::ui::Renderer::Gl,
        RendererName::Cpu => tuban::ui::Renderer::Cpu,
    };
    let asked = arguments.lang.is_some().then_some(language);
    match tuban::ui::run(arguments.window.files.clone(), renderer, asked) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let message = tuban::text::Message::new("cli.window-failed").with("error", error);
            eprintln!("tuban: {}", message.text(language));
            ExitCode::from(2)
        }
    }
}

#[cfg(not(feature = "gui"))]
fn window(_: &tuban::cli::Arguments, language: tuban::text::Language) -> ExitCode {
    eprintln!("tuban: {}", tuban::text::tr(language, "cli.no-window"));
    ExitCode::from(2)
}
