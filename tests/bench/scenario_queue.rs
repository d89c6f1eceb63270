//! Queues: how fast messages are taken in, each on disk before its answer, and whether a full queue is slower to
//! look at or to take from than one with few messages.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use domain::{Clock, Entropy, Ids, ProjectName, Timestamp, id::QueueId, queue::NewMessage};
use futures::future::{join_all, try_join_all};
use harness::Actor;
use serde_json::{Value, json};
use store::{ClaimTerms, Project, Queue, Store, StoreConfig};

use crate::{
    cores::{Cores, Place},
    dormouse::{Dormouse, OWNER},
    options::Pace,
    record::{Fact, Record},
    wrk::median,
};

const SCENARIO: &str = "queue";

/// How many clients send at once.
const SENDERS: usize = 64;

/// The numbers of messages that are compared, and what the figures are called.
const DEPTHS: [(u32, [&str; 4]); 3] = [
    (1_000, ["depth at 1 k", "peek of 10 at 1 k", "claim of 10 at 1 k", "settling of 10 at 1 k"]),
    (100_000, ["depth at 100 k", "peek of 10 at 100 k", "claim of 10 at 100 k", "settling of 10 at 100 k"]),
    (1_000_000, ["depth at 1 M", "peek of 10 at 1 M", "claim of 10 at 1 M", "settling of 10 at 1 M"]),
];

/// How a million messages compare to a thousand.
const SLOPES: [&str; 4] = ["depth, 1 M of 1 k", "peek, 1 M of 1 k", "claim, 1 M of 1 k", "settling, 1 M of 1 k"];

/// How often each operation is timed.
const TIMES: usize = 200;

/// Measures sends over HTTP, then the store's own operations on SQLite.
///
/// # Errors
///
/// If the platform or the store refuses something.
pub(crate) async fn run(cores: Cores, pace: Pace, record: &mut Record) -> anyhow::Result<()> {
    sends(cores, pace, record).await?;
    cores.move_to(Place::Both)?;
    depths(record).await
}

async fn sends(cores: Cores, pace: Pace, record: &mut Record) -> anyhow::Result<()> {
    let dormouse = Dormouse::start(cores, Place::Server).await?;
    let owner = dormouse.project.machine(OWNER).await;
    owner.post("/queues", json!({ "name": "orders" })).await.expect(201);
    let body = "x".repeat(256);
    let ten: Vec<Value> = (0..10).map(|_| json!({ "body": body })).collect();
    let one = ("/queues/orders/messages", json!({ "body": body }), 1.0);
    let batch = ("/queues/orders/messages/batch", json!({ "messages": ten }), 10.0);
    for (figure, senders, (path, body, messages)) in [
        ("sends, one client", 1, &one),
        ("sends, 64 clients", SENDERS, &one),
        ("messages in batches of 10, one client", 1, &batch),
        ("messages in batches of 10, 64 clients", SENDERS, &batch),
    ] {
        send_for(&owner, path, body, senders, pace.warm_up).await?;
        let mut rates = Vec::new();
        for run in 1..=pace.runs {
            eprintln!("{figure}: run {run} of {}", pace.runs);
            rates.push(messages * send_for(&owner, path, body, senders, pace.run).await?);
        }
        let value = median(rates).unwrap_or_default();
        record.facts.push(Fact { scenario: SCENARIO, figure, unit: "messages/s", value });
    }
    Ok(())
}

/// Sends `body` again and again from `senders` clients for `time`, and gives the successes in a second.
async fn send_for(owner: &Actor, path: &str, body: &Value, senders: usize, time: Duration) -> anyhow::Result<f64> {
    let (begun, sent) = (Instant::now(), AtomicU64::new(0));
    let client = async || {
        while begun.elapsed() < time {
            let answer = owner.post(path, body).await;
            anyhow::ensure!(answer.status() == 201, "a send was refused: {}", answer.text());
            sent.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    try_join_all((0..senders).map(|_| client())).await?;
    Ok(sent.into_inner() as f64 / begun.elapsed().as_secs_f64())
}

async fn depths(record: &mut Record) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&StoreConfig::Sqlite { path: folder.path().join("queue.db") }).await?;
    let ids = Ids::new(Now, Counted(AtomicU64::new(0)));
    let project = Project {
        id: ids.next(),
        name: "bench".parse::<ProjectName>()?,
        created_at_us: ids.now(),
        ceiling: domain::Ceiling::default(),
        revision: 1,
    };
    let queue = Queue {
        id: ids.next(),
        project_id: project.id,
        name: "orders".parse()?,
        retention_s: domain::queue::DEFAULT_RETENTION_S,
        dead_letter_queue: None,
        paused: false,
        created_at_us: ids.now(),
        revision: 1,
    };
    let id = queue.id;
    store
        .write::<_, store::Error, _>(move |transaction| {
            Box::pin(async move {
                transaction.insert_project(&project).await?;
                transaction.insert_queue(&queue).await
            })
        })
        .await?;
    let mut held = 0;
    let mut all: Vec<[f64; 4]> = Vec::new();
    for (messages, figures) in DEPTHS {
        eprintln!("queue: filling up to {messages} messages");
        fill(&store, &ids, id, messages - held).await?;
        held = messages;
        let times = time(&store, &ids, id).await?;
        for (figure, value) in figures.into_iter().zip(times) {
            record.facts.push(Fact { scenario: SCENARIO, figure, unit: "µs", value });
        }
        all.push(times);
    }
    if let (Some(first), Some(last)) = (all.first(), all.last()) {
        for ((figure, few), many) in SLOPES.into_iter().zip(first).zip(last) {
            record.facts.push(Fact { scenario: SCENARIO, figure, unit: "×", value: many / few });
        }
    }
    store.close().await;
    Ok(())
}

async fn fill(store: &Store, ids: &Ids, queue: QueueId, messages: u32) -> anyhow::Result<()> {
    let mut left = messages;
    while left > 0 {
        let batches = (0..50).map_while(|_| {
            let size = left.min(100);
            left -= size;
            (size > 0).then(|| {
                let batch: Vec<_> = (0..size).map(|_| (ids.next(), message())).collect();
                let now = ids.now();
                store.write::<_, store::Error, _>(move |transaction| {
                    Box::pin(async move { transaction.insert_messages(queue, &batch, now).await })
                })
            })
        });
        let batches: Vec<_> = batches.collect();
        for done in join_all(batches).await {
            done?;
        }
    }
    Ok(())
}

/// The medians of depth, peek, claim and settling in microseconds. What was claimed is given back.
async fn time(store: &Store, ids: &Ids, queue: QueueId) -> anyhow::Result<[f64; 4]> {
    let (mut depth, mut peek, mut claim, mut settle) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let begun = Instant::now();
        store.read().await?.find_queue_depth(queue, ids.now()).await?;
        depth.push(begun.elapsed().as_secs_f64() * 1e6);

        let begun = Instant::now();
        store.read().await?.list_messages(queue, None, 10).await?;
        peek.push(begun.elapsed().as_secs_f64() * 1e6);

        let now = ids.now();
        let terms = ClaimTerms {
            most: 10,
            now,
            until: now.plus_seconds(3_600),
            token: "bench".to_owned(),
            max_receives: 5,
            dead_letter_queue: None,
        };
        let begun = Instant::now();
        let claimed: store::Claim = store
            .write::<_, store::Error, _>(move |transaction| {
                Box::pin(async move { transaction.claim_messages(queue, &terms).await })
            })
            .await?;
        claim.push(begun.elapsed().as_secs_f64() * 1e6);
        // The smallest queue holds fewer messages than are claimed in all.
        anyhow::ensure!(claimed.messages.len() == 10, "the queue ran dry");
        let token = "bench".to_owned();
        let back: Vec<_> = claimed
            .messages
            .iter()
            .map(|message| {
                (
                    message.id,
                    token.clone(),
                    domain::queue::Settlement::Retry { after: Some(Duration::ZERO), error: String::new() },
                )
            })
            .collect();
        let terms = store::SettleTerms { now: ids.now(), max_receives: u32::MAX, dead_letter_queue: None, draw: 0 };
        let begun = Instant::now();
        store
            .write::<_, store::Error, _>(move |transaction| {
                Box::pin(async move { transaction.settle_messages(queue, &back, &terms).await })
            })
            .await?;
        settle.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    Ok([depth, peek, claim, settle].map(|times| median(times).unwrap_or_default()))
}

fn message() -> NewMessage {
    NewMessage { body: vec![b'x'; 256], content_type: "text/plain".to_owned(), ..NewMessage::default() }
}

/// The time of day.
struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Bytes that no id has twice.
struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
        let drawn = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        // From the end: the first bits of an id say what kind of UUID it is.
        for (byte, drawn) in bytes.iter_mut().rev().zip(drawn) {
            *byte = drawn;
        }
    }
}
