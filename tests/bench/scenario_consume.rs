//! Queues through a guest: messages in a second from a backlog, with and without poison among them, and how long a
//! message takes from its send to its settlement while nothing else happens.

use std::time::{Duration, Instant};

use harness::Actor;
use serde_json::{Value, json};

use crate::{
    cores::{Cores, Place},
    dormouse::{Dormouse, OWNER, publish},
    peers::guest_path,
    record::{Fact, Record},
};

const SCENARIO: &str = "queue";

/// Messages of a backlog.
const BACKLOG: u64 = 10_000;

/// One message of so many is poison.
const POISON_EVERY: u64 = 10;

/// Messages that are sent one at a time.
const SINGLES: usize = 200;

/// The longest that a message should take from send to settlement while nothing else happens.
const IDLE_MS: f64 = 20.0;

/// Measures on both cores: the server is loaded by itself.
///
/// # Errors
///
/// If the platform refuses something.
pub(crate) async fn run(cores: Cores, record: &mut Record) -> anyhow::Result<()> {
    let dormouse = Dormouse::start(cores, Place::Both).await?;
    cores.move_to(Place::Both)?;
    let owner = dormouse.project.machine(OWNER).await;
    let guest = std::fs::read(guest_path("poison")?)?;
    publish(&dormouse.owner(), "worker", &guest, &json!({})).await?;
    let trigger = json!({ "type": "queue", "queue": "orders", "batch_size": 10, "max_receives": 2 });
    let deployment = json!({ "versions": [{ "version": 1, "weight": 100 }], "triggers": [trigger] });
    owner.post("/functions/worker/deployments", deployment).await.expect(201);

    let mut fact = |figure, unit, value| record.facts.push(Fact { scenario: SCENARIO, figure, unit, value });
    let mut latencies = singles(&owner).await?;
    latencies.sort_by(f64::total_cmp);
    let at = |share: f64| latencies.get((latencies.len() as f64 * share) as usize).copied().unwrap_or_default();
    fact("send to settled, idle, p50", "ms", at(0.5));
    fact("send to settled, idle, p99", "ms", at(0.99));
    fact("the most that it should take", "ms", IDLE_MS);

    let healthy = backlog(&owner, |_| false).await?;
    let beside_poison = backlog(&owner, |place| place % POISON_EVERY == 0).await?;
    fact("consumed from a backlog", "messages/s", healthy);
    fact("healthy ones beside 10 % poison", "messages/s", beside_poison);
    fact("healthy ones beside poison, of those without", "×", beside_poison / healthy);
    Ok(())
}

/// The times in milliseconds from sends to what they sent being done.
async fn singles(owner: &Actor) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::with_capacity(SINGLES);
    let before = acknowledged(owner).await;
    for sent in 1..=SINGLES as u64 {
        let begun = Instant::now();
        let answer = owner.post("/queues/orders/messages", json!({ "body": "well" })).await;
        anyhow::ensure!(answer.status() == 201, "a send was refused: {}", answer.text());
        while acknowledged(owner).await < before + sent {}
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}

/// Fills the paused queue, resumes it, and gives the healthy messages that were done in a second.
async fn backlog(owner: &Actor, is_poison: impl Fn(u64) -> bool) -> anyhow::Result<f64> {
    owner.post("/queues/orders/pause", json!({})).await.expect(200);
    let before = acknowledged(owner).await;
    let mut healthy = 0;
    for batch in 0..BACKLOG / 100 {
        let places = (0..100).map(|place| batch * 100 + place);
        let messages: Vec<Value> = places
            .map(|place| {
                healthy += u64::from(!is_poison(place));
                json!({ "body": if is_poison(place) { "trap" } else { "well" } })
            })
            .collect();
        let answer = owner.post("/queues/orders/messages/batch", json!({ "messages": messages })).await;
        anyhow::ensure!(answer.status() == 201, "a send was refused: {}", answer.text());
    }
    let begun = Instant::now();
    owner.post("/queues/orders/resume", json!({})).await.expect(200);
    while acknowledged(owner).await < before + healthy {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(healthy as f64 / begun.elapsed().as_secs_f64())
}

async fn acknowledged(owner: &Actor) -> u64 {
    owner.get("/queues/orders").await.expect(200).parse::<wire::Queue>().depth.acknowledged
}
