//! Builds the console's bundle into `console/dist`: WebAssembly, its JavaScript, styles and the page.
//!
//! Run from the repository's root by `console/build.sh`, which has set up the toolchain for
//! `wasm32-unknown-unknown` and says in `WASM_OPT` where `wasm-opt` lies. `bundle dev` builds fast and
//! large, for work on the console itself. Knows nothing of what the console shows or of who serves it.
#![allow(clippy::print_stdout, reason = "a build step tells on standard output what it made")]

mod assets;
mod compile;
mod imports;

use std::{env, fs, path::Path};

use anyhow::{Context, Result, bail};
use assets::Assets;

/// The most that a browser may have to load, in bytes after brotli, where the module is shrunk.
const MAX_BROTLI_BYTES: usize = 450 << 10;

fn main() -> Result<()> {
    let root = Path::new("console");
    let dist = root.join("dist");
    let quick = env::args().nth(1).is_some_and(|profile| profile == "dev");
    let compiled = compile::console(quick)?;
    let shrunk = compiled.shrunk;

    let mut assets = Assets::default();
    assets.add("console.wasm", compiled.wasm);
    assets.add("console.js", compiled.js.into_bytes());
    assets.add("console.css", styles(&root.join("style"))?);
    assets.add("icon.svg", read(&root.join("static/icon.svg"))?);
    assets.add("theme.js", read(&root.join("static/theme.js"))?);
    let start = assets.link(&read(&root.join("static/start.js"))?)?;
    assets.add("start.js", start);
    let page = assets.link(&read(&root.join("index.html"))?)?;
    assets.add_page("index.html", page);

    let written = assets.write(&dist, quick)?;
    for file in &written {
        println!("{:>9} B  {:>8} B brotli  {}", file.bytes, file.brotli_bytes, file.name);
    }
    let total: usize = written.iter().map(|file| file.brotli_bytes).sum();
    println!("{total} B brotli in all, of at most {MAX_BROTLI_BYTES}");
    if shrunk && total > MAX_BROTLI_BYTES {
        // Without its page it counts as not built, and is not taken for good by the next build.
        fs::remove_file(dist.join("index.html")).context("remove the page")?;
        bail!("the bundle is too large: {total} B brotli, at most {MAX_BROTLI_BYTES}");
    }
    Ok(())
}

/// All style sheets of `folder` in the order of their names, which begin with a number.
fn styles(folder: &Path) -> Result<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .with_context(|| format!("list {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "css"));
    paths.sort();
    let sheets: Vec<Vec<u8>> = paths.iter().map(|path| read(path)).collect::<Result<_>>()?;
    Ok(sheets.concat())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("read {}", path.display()))
}
