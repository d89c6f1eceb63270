//! The verbs of `dormouse` that speak to a platform over its REST API.
//!
//! Knows the API's shapes (`wire`) and its vocabulary (`domain`), and nothing of how a platform
//! works inside. Data goes to standard output, talk to standard error; exit codes are stable.

mod build;
mod client;
mod configuration;
mod error;
mod figures;
mod input;
mod manifest;
mod output;
mod plan;
mod scope;
mod upload;
mod verbs;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::{Ids, ProjectName};
use url::Url;

use crate::{client::Client, error::Error, output::Output, scope::Scope};

/// What a person or a script can ask a platform for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a small dormouse.toml into this folder
    Init(verbs::init::Init),
    /// Run the build commands of dormouse.toml
    Build(verbs::build::Build),
    /// Check dormouse.toml without a platform, or print its JSON Schema
    #[command(subcommand)]
    Manifest(verbs::manifest::Manifest),
    /// Make the functions what dormouse.toml says, or upload one component and send a function's traffic there
    Deploy(verbs::deploy::Deploy),
    /// List a function's versions, newest first
    Versions(verbs::versions::Versions),
    /// List a function's deployments, newest first
    Deployments(verbs::deployments::Deployments),
    /// Send all traffic of a function to one version
    Promote(verbs::traffic::Promote),
    /// Divide a function's traffic between two versions
    Split(verbs::traffic::Split),
    /// Put an earlier deployment back, whole
    Rollback(verbs::rollback::Rollback),
    /// Call a function once and show its answer, its logs and what it used
    Invoke(verbs::invoke::Invoke),
    /// List, show and cancel asynchronous calls
    #[command(subcommand)]
    Calls(verbs::calls::Calls),
    /// Show how far the limits of the project's versions may go, or change it
    Limits(verbs::limits::Limits),
    /// List, create, fill, inspect and redrive queues
    #[command(subcommand)]
    Queue(verbs::queue::Queue),
    /// Show schedules and their ledger, run, pause and resume them
    #[command(subcommand)]
    Cron(verbs::cron::Cron),
    /// List, watch, send to and close open WebSockets
    #[command(subcommand)]
    Connections(verbs::connections::Connections),
    /// Write, list and delete secrets
    #[command(subcommand)]
    Secrets(verbs::secrets::Secrets),
    /// Show who the token belongs to and what it may do
    Whoami,
    /// List, create and revoke tokens
    #[command(subcommand)]
    Tokens(verbs::tokens::Tokens),
    /// Check that the platform can be reached and used from here
    Doctor,
    /// Print a completion script for a shell
    Completions(verbs::completions::Completions),
}

/// Which platform to speak to, as whom, and how to answer.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Platform")]
pub struct Global {
    /// Address of the platform's control plane
    #[arg(long, global = true, env = "DORMOUSE_URL", default_value = "http://127.0.0.1:7070")]
    url: Url,
    /// Token to show, dm_…; better set in the environment than on the command line
    #[arg(long, global = true, env = "DORMOUSE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Project to work in; not needed where the token sees only one
    #[arg(long, global = true, env = "DORMOUSE_PROJECT")]
    project: Option<ProjectName>,
    /// Print JSON for programs, in the shapes of the API
    #[arg(long, global = true)]
    json: bool,
}

/// Runs one verb. `program` is the whole command line that the verb is part of.
///
/// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 not signed in or not allowed,
/// 5 conflict, 6 component refused, 7 timed out or not reachable.
pub async fn run(command: Command, global: &Global, program: clap::Command, ids: &Ids) -> ExitCode {
    let output = Output::new(global.json);
    match dispatch(command, global, program, ids, &output).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output.error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

async fn dispatch(
    command: Command,
    global: &Global,
    program: clap::Command,
    ids: &Ids,
    output: &Output,
) -> Result<(), Error> {
    let client = Client::new(global.url.clone(), global.token.clone())?;
    let scope = Scope::new(&client, global.project.clone());
    match command {
        Command::Init(init) => init.run(&scope, output).await,
        Command::Build(build) => build.run(output).await,
        Command::Manifest(manifest) => manifest.run(output).await,
        Command::Deploy(deploy) => deploy.run(&scope, output).await,
        Command::Versions(versions) => versions.run(&scope, output, ids.now()).await,
        Command::Deployments(deployments) => deployments.run(&scope, output, ids.now()).await,
        Command::Promote(promote) => promote.run(&scope, output).await,
        Command::Split(split) => split.run(&scope, output).await,
        Command::Rollback(rollback) => rollback.run(&scope, output).await,
        Command::Invoke(invoke) => invoke.run(&scope, output).await,
        Command::Calls(calls) => calls.run(&scope, output, ids.now()).await,
        Command::Limits(limits) => limits.run(&scope, output).await,
        Command::Queue(queue) => queue.run(&scope, output, ids.now()).await,
        Command::Cron(cron) => cron.run(&scope, output, ids.now()).await,
        Command::Connections(connections) => connections.run(&scope, output, ids.now()).await,
        Command::Secrets(secrets) => secrets.run(&scope, output, ids.now()).await,
        Command::Whoami => verbs::whoami::run(&client, output, ids.now()).await,
        Command::Tokens(tokens) => tokens.run(&scope, output, ids.now()).await,
        Command::Doctor => verbs::doctor::run(&scope, output, ids).await,
        Command::Completions(completions) => completions.run(program, output),
    }
}
