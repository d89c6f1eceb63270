//! From the console's Rust source to WebAssembly and the JavaScript that loads it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";

/// Leptos then keeps the types of views out of the types of their parents, which builds faster and smaller.
const FLAGS: &str = "target.wasm32-unknown-unknown.rustflags=['--cfg=erase_components']";

/// What a browser runs.
pub(crate) struct Compiled {
    /// The module.
    pub(crate) wasm: Vec<u8>,
    /// The ES module that instantiates it; its default export takes where the module lies.
    pub(crate) js: String,
    /// Whether `wasm-opt` has shrunk the module.
    pub(crate) shrunk: bool,
}

/// Compiles the package `console` for size, joins it with its JavaScript and shrinks it with
/// `wasm-opt` where there is one; or, where it has to be `quick`, only compiles and joins.
pub(crate) fn console(quick: bool) -> Result<Compiled> {
    let (profile, folder) = if quick { ("dev", "debug") } else { ("console", "console") };
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build =
        ["build", "--locked", "--config", FLAGS, "--profile", profile, "--target", TARGET, "--package", "console"];
    let status = Command::new(cargo).args(build).status().context("start cargo")?;
    ensure!(status.success(), "cargo build ended with {status}");

    let raw = target.join(TARGET).join(folder).join("console.wasm");
    let out = target.join(TARGET).join(folder).join("bindgen");
    let mut output = Bindgen::new()
        .input_path(&raw)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .with_context(|| format!("bind {}", raw.display()))?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "a dependency brings JavaScript of its own, which the bundle does not carry"
    );
    output.emit(&out).with_context(|| format!("write {}", out.display()))?;
    let module = out.join("console_bg.wasm");
    let shrunk = !quick && shrink(&module)?;
    Ok(Compiled { wasm: fs::read(module)?, js: fs::read_to_string(out.join("console.js"))?, shrunk })
}

/// Runs the `wasm-opt` that `WASM_OPT` names over `module` in place; without one, leaves the module as it is.
///
/// What counts is the size after brotli, and `-O2` makes that smaller than `-Oz`, which saves bytes that brotli
/// saves too. The module itself says which features of WebAssembly it uses; no other is brought in.
fn shrink(module: &Path) -> Result<bool> {
    let Some(program) = env::var_os("WASM_OPT") else { return Ok(false) };
    let status =
        Command::new(program).arg("-O2").arg(module).arg("-o").arg(module).status().context("start wasm-opt")?;
    ensure!(status.success(), "wasm-opt ended with {status}");
    Ok(true)
}
