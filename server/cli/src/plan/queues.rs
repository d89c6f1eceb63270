//! Queues as the manifest has them beside those that are there.

use std::collections::BTreeMap;

use domain::{QueueName, manifest::QueueManifest};
use serde::Serialize;
use serde_json::Value;

use super::Difference;
use crate::{client::Client, error::Error};

/// What deploying would do to one queue.
#[derive(Serialize)]
pub(crate) struct QueuePlan {
    /// The queue.
    pub(crate) queue: QueueName,
    /// Whether it is yet to be created.
    pub(crate) create: bool,
    /// The settings that differ.
    pub(crate) settings: Vec<Difference>,
    #[serde(skip)]
    wanted: QueueManifest,
}

impl QueuePlan {
    /// Whether anything is to be done.
    pub(crate) fn changes(&self) -> bool {
        self.create || !self.settings.is_empty()
    }
}

/// Compares the manifest's queues, and those that only stand there as dead-letter queues, with what is there.
pub(super) async fn make(
    queues: &BTreeMap<QueueName, QueueManifest>,
    client: &Client,
    project: &str,
) -> Result<Vec<QueuePlan>, Error> {
    let mut wanted = queues.clone();
    for letters in queues.values().filter_map(|queue| queue.dead_letter_queue.clone()) {
        wanted.entry(letters).or_default();
    }
    let mut plans = Vec::new();
    for (queue, wanted) in wanted {
        let there = match client.get::<wire::Queue>(&format!("/projects/{project}/queues/{queue}")).await {
            Ok(there) => Some(there),
            Err(Error::Problem(problem)) if problem.status == 404 => None,
            Err(other) => return Err(other),
        };
        let settings = differences(there.as_ref(), &wanted);
        plans.push(QueuePlan { queue, create: there.is_none(), settings, wanted });
    }
    Ok(plans)
}

fn differences(there: Option<&wire::Queue>, wanted: &QueueManifest) -> Vec<Difference> {
    let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    let letters = (text(there.and_then(|queue| queue.dead_letter_queue.as_deref())), &wanted.dead_letter_queue);
    let retention = (there.map_or(Value::Null, |queue| queue.retention_s.into()), wanted.retention_s);
    let mut found = Vec::new();
    if let (now, Some(after)) = letters {
        found.push(Difference { field: "dead_letter_queue".to_owned(), now, after: after.as_str().into() });
    }
    if let (now, Some(after)) = retention {
        found.push(Difference { field: "retention_s".to_owned(), now, after: after.into() });
    }
    found.retain(|difference| difference.now != difference.after);
    found
}

/// Creates and changes queues as planned: first all that are missing, since they may name each other.
pub(crate) async fn apply(plans: &[QueuePlan], client: &Client, project: &str) -> Result<(), Error> {
    let root = format!("/projects/{project}/queues");
    for plan in plans.iter().filter(|plan| plan.create) {
        let retention_s = plan.wanted.retention_s;
        let body = wire::CreateQueue { name: plan.queue.to_string(), retention_s, dead_letter_queue: None };
        let _: wire::Queue = client.post(&root, &body).await?;
    }
    for plan in plans.iter().filter(|plan| !plan.settings.is_empty()) {
        let body = wire::UpdateQueue {
            retention_s: plan.wanted.retention_s,
            dead_letter_queue: plan.wanted.dead_letter_queue.as_ref().map(ToString::to_string),
        };
        let _: wire::Queue = client.patch(&format!("{root}/{}", plan.queue), &body).await?;
    }
    Ok(())
}
