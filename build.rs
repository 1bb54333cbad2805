//! What a program for Windows carries beside its code: an icon, its version, and the libraries that PROJ asks for there.

use std::env;

/// Paths longer than 260 characters, and texts of C libraries in UTF-8 whatever the system's code page.
const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
      <activeCodePage xmlns="http://schemas.microsoft.com/SMI/2019/WindowsSettings">UTF-8</activeCodePage>
    </windowsSettings>
  </application>
</assembly>
"#;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=assets/icon/tuban.ico");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("windows") {
        return;
    }
    // PROJ asks where the user's folders are. Arguments of the linker stand behind all libraries, as GNU's needs it.
    let gnu = env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("gnu");
    for library in ["shell32", "ole32", "uuid"] {
        println!("cargo:rustc-link-arg={}", if gnu { format!("-l{library}") } else { format!("{library}.lib") });
    }
    let mut resource = winresource::WindowsResource::new();
    resource
        .set_icon("assets/icon/tuban.ico")
        .set("ProductName", "图斑 Tuban")
        .set("FileDescription", "图斑 Tuban")
        .set("LegalCopyright", "MIT OR Apache-2.0")
        .set("OriginalFilename", "tuban.exe")
        .set_manifest(MANIFEST);
    // A machine without the compiler of resources builds a program without an icon.
    if let Err(problem) = resource.compile() {
        println!("cargo:warning=no icon and no version in the program: {problem}");
    }
}
