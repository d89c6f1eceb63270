//! Rebuilds this crate when the console's files appear, go or change: they are embedded.
#![allow(clippy::print_stdout, reason = "Cargo reads a build script's standard output")]

use std::path::Path;

fn main() {
    let files = Path::new("../../console/dist");
    let watched = if files.exists() { files } else { Path::new("../../console") };
    println!("cargo::rerun-if-changed={}", watched.display());
    println!("cargo::rerun-if-changed=assets");
}
