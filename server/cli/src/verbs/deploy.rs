//! `dormouse deploy`: what a manifest says, or one component.

mod component;
mod manifest;

use std::{path::PathBuf, time::Duration};

use clap::Args;
use domain::{FunctionName, Message, VersionNumber, WeightedVersion};

use crate::{configuration::Configured, error::Error, figures, output::Output, scope::Scope};

/// Uploads components as new versions of functions and sends their traffic there.
#[derive(Args, Debug)]
pub struct Deploy {
    /// Component to upload: a .wasm file. Without one, all functions of the manifest are deployed
    #[arg(value_name = "COMPONENT")]
    component: Option<PathBuf>,
    /// Function to deploy, created where it is absent. With a component, the file's name by default; without, all
    /// functions of the manifest
    #[arg(long, short)]
    function: Option<FunctionName>,
    /// Why: shown with the version and the deployment
    #[arg(long, short, default_value = "", hide_default_value = true)]
    message: Message,
    /// Upload only; traffic stays where it is
    #[arg(long, conflicts_with = "weight")]
    no_promote: bool,
    /// Share of the traffic in per cent for the new version; the live one keeps the rest
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(1..=100))]
    weight: u8,
    /// Seconds to wait until a version is prepared
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    wait: u64,
    #[command(flatten)]
    configured: Configured,
    #[command(flatten)]
    from_manifest: FromManifest,
}

/// What is said where a manifest is deployed.
#[derive(Args, Debug)]
struct FromManifest {
    /// Manifest to deploy; by default the dormouse.toml in this folder or the nearest above
    #[arg(long, value_name = "FILE", conflicts_with = "component", help_heading = "Manifest")]
    manifest: Option<PathBuf>,
    /// Print what would change, and change nothing
    #[arg(long, conflicts_with = "component", help_heading = "Manifest")]
    plan: bool,
    /// Run the manifest's build commands first
    #[arg(long, conflicts_with = "component", help_heading = "Manifest")]
    build: bool,
}

/// How far the traffic moves to what is deployed.
struct Rollout {
    message: Message,
    no_promote: bool,
    weight: u8,
    patience: Duration,
}

impl Deploy {
    pub(crate) async fn run(self, scope: &Scope<'_>, output: &Output) -> Result<(), Error> {
        let Self { component, function, message, no_promote, weight, wait, configured, from_manifest } = self;
        let rollout = Rollout { message, no_promote, weight, patience: Duration::from_secs(wait) };
        match component {
            Some(path) => component::deploy(&path, function, configured, rollout, scope, output).await,
            None => manifest::deploy(from_manifest, function.as_ref(), rollout, scope, output).await,
        }
    }
}

impl Rollout {
    /// The version that keeps a part of the traffic, where one does.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if no single version has all of it.
    fn beside(&self, live: Option<&wire::Deployment>) -> Result<Option<VersionNumber>, Error> {
        if self.weight == 100 {
            return Ok(None);
        }
        match live.map(|live| live.versions.as_slice()) {
            Some([only]) => Ok(Some(only.version)),
            Some(several) => {
                let shares = figures::shares(several);
                Err(Error::Usage(format!(
                    "the traffic is divided already ({shares}); upload with --no-promote, then use `dormouse split`"
                )))
            }
            None => Err(Error::Usage("nothing is deployed that could keep the rest; leave --weight out".to_owned())),
        }
    }

    /// The shares of `new` and of the version that stays `beside` it.
    fn shares(&self, new: VersionNumber, beside: Option<VersionNumber>) -> Vec<WeightedVersion> {
        match beside.filter(|live| *live != new) {
            Some(live) => vec![
                WeightedVersion { version: live, weight: 100 - self.weight },
                WeightedVersion { version: new, weight: self.weight },
            ],
            None => vec![WeightedVersion { version: new, weight: 100 }],
        }
    }
}
