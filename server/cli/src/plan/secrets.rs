//! Secrets that have newer versions than a live deployment reads.

use domain::Configuration;

use super::Difference;
use crate::{client::Client, error::Error};

/// The project's secrets. None where the caller may not see them: whether there are any is nobody's business then.
pub(super) async fn list(client: &Client, project: &str) -> Result<Vec<wire::Secret>, Error> {
    // A project has at most 200.
    match client.get::<wire::Page<wire::Secret>>(&format!("/projects/{project}/secrets?limit=200")).await {
        Err(Error::Problem(problem)) if problem.status == 403 => Ok(Vec::new()),
        read => read.map(|page| page.items),
    }
}

/// Those `secrets` of `wanted` of which `live` reads another version than the newest, which a new deployment would read.
pub(super) fn newer(
    secrets: &[wire::Secret],
    live: Option<&wire::Deployment>,
    wanted: &Configuration,
) -> Vec<Difference> {
    let Some(live) = live else { return Vec::new() };
    let read = secrets.iter().filter(|secret| wanted.secrets.iter().any(|name| name.as_str() == secret.name));
    let newer = read.filter_map(|secret| {
        let (now, after) = (*live.secrets.get(&secret.name)?, secret.versions.first()?.version);
        let difference = || Difference { field: secret.name.clone(), now: now.into(), after: after.into() };
        (now != after).then(difference)
    });
    newer.collect()
}
