//! Dormouse on the stage of the benchmark: the shipped binary, set up through its API.

use harness::{Actor, Platform, Project};
use serde_json::{Value, json};

use crate::{
    cores::{Cores, Place},
    peers::guest_path,
    server::{Kind, Server},
    workload::Workload,
};

/// The project whose functions are measured, and its owner.
const PROJECT: &str = "bench";
pub(crate) const OWNER: &str = "ada";

/// As many invocations at once as connections are measured, and some more.
const CONCURRENCY: u32 = 100;

/// A platform with one project.
pub(crate) struct Dormouse {
    pub(crate) platform: Platform,
    pub(crate) project: Project,
}

impl Dormouse {
    /// Starts a platform on the cores of `place`.
    pub(crate) async fn start(cores: Cores, place: Place) -> anyhow::Result<Self> {
        cores.move_to(place)?;
        let platform = Platform::start().await;
        cores.move_to(Place::Load)?;
        let project = platform.project(PROJECT).with_owner(OWNER).create().await;
        Ok(Self { platform, project })
    }

    /// Who publishes.
    pub(crate) fn owner(&self) -> Actor {
        self.project.acting_as(OWNER)
    }

    /// Publishes the function of `workload`, and gives it as a server.
    ///
    /// # Errors
    ///
    /// If the guest was not built, or the platform refuses it.
    pub(crate) async fn serve(&self, workload: &Workload, kind: Kind) -> anyhow::Result<Server> {
        let component = std::fs::read(guest_path(workload.guest)?)?;
        let (function, configuration) = match kind {
            Kind::DormouseReuse => (format!("{}-reuse", workload.path), with_reuse()),
            _ => (workload.path.to_owned(), alone()),
        };
        publish(&self.owner(), &function, &component, &configuration).await?;
        Ok(self.server(kind, &function))
    }

    /// The published `function` as a server.
    pub(crate) fn server(&self, kind: Kind, function: &str) -> Server {
        Server {
            kind,
            origin: format!("http://127.0.0.1:{}", self.platform.data_port()),
            host: Some(self.project.host()),
            pid: self.platform.ready().pid,
            path: Some(format!("/{function}/")),
            query: String::new(),
        }
    }
}

/// Uploads `component` as the next version of `function` and sends all traffic to it.
///
/// # Errors
///
/// If either is refused.
pub(crate) async fn publish(
    actor: &Actor,
    function: &str,
    component: &[u8],
    configuration: &Value,
) -> anyhow::Result<()> {
    let answer = actor.try_upload_with(function, component, configuration).await;
    if !answer.status().is_success() {
        anyhow::bail!("refused: {}", answer.problem().detail);
    }
    let version = actor.settled(function, answer.parse()).await;
    anyhow::ensure!(version.state == wire::VersionState::Ready, "not prepared: {:?}", version.failure);
    actor.deploy(function, version.number).await;
    Ok(())
}

/// A fresh instance for each request: the default but for the concurrency.
pub(crate) fn alone() -> Value {
    json!({ "limits": { "concurrency": CONCURRENCY } })
}

/// Instances that are used again.
fn with_reuse() -> Value {
    json!({ "limits": { "concurrency": CONCURRENCY }, "reuse": { "max_reuse": 1_000 } })
}

/// Where the server says that functions are: `functions  http://<project>.localhost:8080`.
pub(crate) fn functions_at(line: &str) -> Option<String> {
    let port: u16 = line.trim().strip_prefix("functions ")?.rsplit(':').next()?.parse().ok()?;
    Some(format!("http://127.0.0.1:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_greeting_says_where_functions_are() {
        let line = "  functions  http://<project>.localhost:42";
        assert_eq!(functions_at(line).as_deref(), Some("http://127.0.0.1:42"));
        assert_eq!(functions_at("  console    http://127.0.0.1:41"), None);
    }
}
