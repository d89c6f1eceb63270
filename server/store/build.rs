//! Rebuilds the crate when a migration is added: `sqlx::migrate!` embeds the folders as they are.
#![allow(clippy::print_stdout, reason = "standard output is how a build script speaks to cargo")]

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
