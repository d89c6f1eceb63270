//! Queues through a guest: messages in a second from a backlog, with and without poison among them, and how long a
//! message takes from its send to its settlement while nothing else happens.

use std::time::{Duration, Instant};

use harness::Actor;
use serde_json::{Value, json};

use crate::{
    cores::{Cores, Place},
    dormouse::{Dormouse, OWNER, publish},
    options::Pace,
    peers::guest_path,
    record::{Fact, Record, middle},
};

pub(crate) const SCENARIO: &str = "queue";

/// How healthy messages fare beside poison: their rate, as a part of their rate alone.
pub(crate) const KEPT: &str = "healthy ones beside 10 % poison, of those alone";

/// Messages of a backlog.
const BACKLOG: u64 = 10_000;

/// How often a backlog is consumed of either kind: one run says little, since commits are as fast as the disk is
/// just then.
const LEAST_RUNS: usize = 3;

/// How often the queue is looked at meanwhile: seldom, since a look takes from the server what the consumer needs.
const LOOK_EVERY: Duration = Duration::from_millis(10);

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
pub(crate) async fn run(cores: Cores, pace: Pace, record: &mut Record) -> anyhow::Result<()> {
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

    // In turns, each on a queue that the one before has left empty, so that what the machine does meanwhile is
    // the same for both.
    backlog(&owner, |_| false).await?;
    let (mut alone, mut beside, mut kept, mut all) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for run in 1..=pace.runs.max(LEAST_RUNS) {
        eprintln!("consumed from a backlog: run {run} of {}", pace.runs.max(LEAST_RUNS));
        let healthy = backlog(&owner, |_| false).await?;
        let with_poison = backlog(&owner, is_poison).await?;
        eprintln!("  {:.0}/s alone, {:.0}/s beside poison", healthy.rate, with_poison.rate);
        alone.push(healthy.rate);
        beside.push(with_poison.rate);
        kept.push(with_poison.rate / healthy.rate);
        all.push(with_poison.until_empty.as_secs_f64());
    }
    fact("consumed from a backlog", "messages/s", middle(&alone));
    fact("healthy ones beside 10 % poison", "messages/s", middle(&beside));
    fact(KEPT, "×", middle(&kept));
    fact("until the last of the poison is a dead letter", "s", middle(&all));
    Ok(())
}

/// The times in milliseconds from sends to what they sent being done.
async fn singles(owner: &Actor) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::with_capacity(SINGLES);
    let before = depth(owner).await.acknowledged;
    for sent in 1..=SINGLES as u64 {
        let begun = Instant::now();
        let answer = owner.post("/queues/orders/messages", json!({ "body": "well" })).await;
        anyhow::ensure!(answer.status() == 201, "a send was refused: {}", answer.text());
        while depth(owner).await.acknowledged < before + sent {}
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}

/// One of every so many, each time at another place among them, since a batch is divided sooner or later by where in it
/// the poison is.
const fn is_poison(place: u64) -> bool {
    place % POISON_EVERY == (place / POISON_EVERY) % POISON_EVERY
}

/// How a backlog was consumed.
struct Consumed {
    /// Healthy messages that were done in a second, until the last of them was.
    rate: f64,
    /// How long it took until nothing was left, dead letters included.
    until_empty: Duration,
}

/// Fills the paused queue, resumes it, and waits until it is empty.
async fn backlog(owner: &Actor, is_poison: impl Fn(u64) -> bool) -> anyhow::Result<Consumed> {
    owner.post("/queues/orders/pause", json!({})).await.expect(200);
    let before = depth(owner).await.acknowledged;
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
    let until = async |enough: &dyn Fn(&wire::QueueDepth) -> bool| {
        while !enough(&depth(owner).await) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        begun.elapsed()
    };
    let done = until(&|depth| depth.acknowledged >= before + healthy).await;
    let until_empty = until(&|depth| depth.messages == 0).await;
    Ok(Consumed { rate: healthy as f64 / done.as_secs_f64(), until_empty })
}

async fn depth(owner: &Actor) -> wire::QueueDepth {
    owner.get("/queues/orders").await.expect(200).parse::<wire::Queue>().depth
}
