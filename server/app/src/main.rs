//! The binary `dormouse`: reads the command line and starts the server, its compile worker or a client verb.
//!
//! Owns settings, wiring and lifecycle. Everything that decides anything is in the crates below.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks on both streams")]

mod config;
mod machine;
mod serve;

use std::{path::PathBuf, process::ExitCode};

use clap::{CommandFactory as _, Parser, Subcommand};
use domain::Ids;

use crate::{
    config::{Config, Flags, layers::Layers},
    machine::{SystemClock, SystemEntropy},
};

/// An instance makes and drops some hundreds of small objects, and what a burst of them held is to go back to the
/// system: this allocator does the one in less time than the system's, and the other at all.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A self-hosted function platform for WebAssembly components: functions that sleep until they are called.
#[derive(Debug, Parser)]
#[command(name = "dormouse", version, propagate_version = true, arg_required_else_help = true)]
struct Dormouse {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    global: cli::Global,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the platform on this machine.
    Serve(ServeArgs),
    /// Look at the server's settings.
    Config {
        #[command(subcommand)]
        verb: ConfigVerb,
    },
    /// Check, compile and report on one component; the server starts this by itself.
    #[command(hide = true)]
    CompileWorker,
    #[command(flatten)]
    Client(cli::Command),
}

#[derive(Debug, Subcommand)]
enum ConfigVerb {
    /// Print every setting with its value and where the value comes from; fail if any is wrong.
    Check(ServeArgs),
}

/// What decides the server's settings.
#[derive(Debug, Default, clap::Args)]
struct ServeArgs {
    /// A TOML file with settings.
    #[arg(long, value_name = "FILE", env = "DORMOUSE_CONFIG")]
    config: Option<PathBuf>,
    /// Write the addresses as JSON into this file once requests are served.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

impl ServeArgs {
    fn read(self) -> (Layers, Option<PathBuf>) {
        (Layers::read(self.config.as_deref(), std::env::vars(), self.flags), self.ready_file)
    }
}

fn main() -> ExitCode {
    // Several libraries bring TLS; one provider is chosen before any of them asks. It can only be set once.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Dormouse { verb, global } = Dormouse::parse();
    match verb {
        Verb::CompileWorker => runtime::artifact::worker_main(),
        Verb::Config { verb: ConfigVerb::Check(args) } => check_config(args),
        Verb::Serve(args) => {
            let (mut layers, ready_file) = args.read();
            match Config::from_layers(&mut layers) {
                Ok(config) => serve::run(config, ready_file.as_deref()),
                Err(problems) => usage(&problems),
            }
        }
        Verb::Client(command) => call(command, &global),
    }
}

/// Runs a client verb; one thread is enough for it.
fn call(command: cli::Command, global: &cli::Global) -> ExitCode {
    let ids = Ids::new(SystemClock, SystemEntropy);
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(thread) => thread.block_on(cli::run(command, global, Dormouse::command(), &ids)),
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

fn check_config(args: ServeArgs) -> ExitCode {
    let (mut layers, _) = args.read();
    match Config::from_layers(&mut layers) {
        Ok(config) => {
            for (key, value) in config.values() {
                println!("{key:<20} {value:<28} # {}", layers.origin(key));
            }
            ExitCode::SUCCESS
        }
        Err(problems) => usage(&problems),
    }
}

fn usage(problems: &config::Problems) -> ExitCode {
    eprintln!("error: {problems}\nsee `dormouse serve --help` for every setting");
    ExitCode::from(2)
}
