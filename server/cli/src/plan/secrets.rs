//! Secrets that have newer versions than a live deployment reads.

use domain::Configuration;
use serde_json::Value;

use super::Difference;
use crate::{client::Client, error::Error};

/// The secrets of `wanted` of which `live` reads another version than the newest, which a new deployment would read.
/// None where the caller may not see secrets: whether there are any is nobody's business then.
pub(super) async fn newer(
    client: &Client,
    project: &str,
    live: Option<&wire::Deployment>,
    wanted: &Configuration,
) -> Result<Vec<Difference>, Error> {
    let Some(live) = live.filter(|_| !wanted.secrets.is_empty()) else { return Ok(Vec::new()) };
    // A project has at most 200.
    let page: wire::Page<wire::Secret> = match client.get(&format!("/projects/{project}/secrets?limit=200")).await {
        Err(Error::Problem(problem)) if problem.status == 403 => return Ok(Vec::new()),
        read => read?,
    };
    let differing =
        page.items.into_iter().filter(|secret| wanted.secrets.iter().any(|name| name.as_str() == secret.name));
    let newer = differing.filter_map(|secret| {
        let (now, after) = (*live.secrets.get(&secret.name)?, secret.versions.first()?.version);
        (now != after).then(|| Difference { field: secret.name, now: Value::from(now), after: Value::from(after) })
    });
    Ok(newer.collect())
}
