//! What a new version runs with, where the person says so: a file, and flags that win over it.

use std::path::PathBuf;

use clap::Args;
use domain::{OutboundHost, Reuse};

use crate::{error::Error, scope::FunctionScope};

/// What the command line says of the configuration. Nothing: it is that of the version before.
#[derive(Args, Debug)]
pub(crate) struct Configured {
    /// Limits, variables and outgoing hosts of the version: a JSON file; by default those of the version before
    #[arg(long, value_name = "FILE", requires = "component")]
    configuration: Option<PathBuf>,
    /// Host that the function may call, such as https://api.example.com, instead of those of the version before; may
    /// be given more than once
    #[arg(long, value_name = "HOST", requires = "component")]
    allow_outbound: Vec<OutboundHost>,
    /// Instances to keep ready for the next requests while the version is live; by default as many as of the version
    /// before
    #[arg(long, value_name = "COUNT", requires = "component")]
    provisioned: Option<u32>,
    /// Requests that one instance serves before it is thrown away; 1 for a fresh instance each time, by default as
    /// many as in the version before
    #[arg(long, value_name = "COUNT", requires = "component")]
    max_reuse: Option<u32>,
}

impl Configured {
    /// The configuration to send, if any.
    ///
    /// # Errors
    ///
    /// [`Error::File`] and [`Error::Usage`] for the file, and those of the platform when it is asked for the
    /// version before.
    pub(crate) async fn read(self, scope: &FunctionScope<'_>) -> Result<Option<wire::Configuration>, Error> {
        let mut configuration = match &self.configuration {
            Some(path) => {
                let path = path.display().to_string();
                let text = tokio::fs::read(&path).await;
                let text = text.map_err(|source| Error::File { path: path.clone(), source })?;
                serde_json::from_slice(&text).map_err(|error| Error::Usage(format!("in {path}: {error}")))?
            }
            None if self.allow_outbound.is_empty() && self.provisioned.is_none() && self.max_reuse.is_none() => {
                return Ok(None);
            }
            None => newest(scope).await?,
        };
        if !self.allow_outbound.is_empty() {
            configuration.allowed_outbound_hosts = self.allow_outbound.into_iter().collect();
        }
        if let Some(provisioned) = self.provisioned {
            configuration.provisioned = provisioned;
        }
        if let Some(max_reuse) = self.max_reuse {
            configuration.reuse = Reuse::up_to(max_reuse, configuration.reuse);
        }
        configuration.check().map_err(|invalid| Error::Usage(invalid.to_string()))?;
        Ok(Some(configuration))
    }
}

/// The configuration of the function's newest version; the default where there is none.
async fn newest(scope: &FunctionScope<'_>) -> Result<wire::Configuration, Error> {
    match scope.client.get::<wire::Page<wire::Version>>(&scope.path("/versions?limit=1")).await {
        Ok(page) => Ok(page.items.into_iter().next().map(|version| version.configuration).unwrap_or_default()),
        Err(Error::Problem(problem)) if problem.status == 404 => Ok(wire::Configuration::default()),
        Err(other) => Err(other),
    }
}
