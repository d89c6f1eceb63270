//! From the console's Rust source to WebAssembly and the JavaScript that loads it.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::imports;

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

    let shrinker = env::var_os("WASM_OPT").filter(|_| !quick);
    let raw = target.join(TARGET).join(folder).join("console.wasm");
    let out = target.join(TARGET).join(folder).join("bindgen");
    let mut output = Bindgen::new()
        .input_path(&raw)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(shrinker.is_none())
        .remove_producers_section(true)
        .generate_output()
        .with_context(|| format!("bind {}", raw.display()))?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "a dependency brings JavaScript of its own, which the bundle does not carry"
    );
    output.emit(&out).with_context(|| format!("write {}", out.display()))?;
    let module = out.join("console_bg.wasm");
    if let Some(program) = &shrinker {
        shrink(program, &module)?;
    }
    let (mut wasm, mut js) = (fs::read(module)?, fs::read_to_string(out.join("console.js"))?);
    imports::number(&mut wasm, &mut js);
    Ok(Compiled { wasm, js, shrunk: shrinker.is_some() })
}

/// Runs the `wasm-opt` at `program` over `module` in place.
///
/// What counts is the size after brotli, for which these passes were measured: `-Oz` saves bytes that brotli saves
/// too, and what is more uniform packs better, such as locals that are not simplified, and functions by name, which
/// puts the copies of a generic one side by side. The module itself says which features of WebAssembly it uses; no
/// other is brought in.
fn shrink(program: &OsStr, module: &Path) -> Result<()> {
    let passes = ["-O2", "--skip-pass=simplify-locals", "--reorder-functions-by-name", "--strip-debug"];
    let status = Command::new(program).arg(module).args(passes).arg("-o").arg(module).status();
    let status = status.context("start wasm-opt")?;
    ensure!(status.success(), "wasm-opt ended with {status}");
    Ok(())
}
