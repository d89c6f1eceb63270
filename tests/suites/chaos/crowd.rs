//! Those who send: each keeps sending, whatever happens to the server, and remembers what it was told.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::rollout::sticky_point;
use harness::Actor;
use serde_json::json;
use tokio::task::JoinSet;

/// How many send at once.
const SENDERS: u64 = 8;
/// The groups of each, whose messages it sends one after the other.
const GROUPS: u64 = 64;

/// How long a sender rests that found no server.
const PAUSE: Duration = Duration::from_millis(5);

/// What the senders were told.
#[derive(Default)]
pub(super) struct Told {
    /// The bodies whose send was acknowledged, with the ids.
    pub(super) acknowledged: Mutex<Vec<(String, String)>>,
    /// How many.
    pub(super) count: AtomicU64,
}

/// Sends until `messages` are acknowledged in all.
pub(super) fn send(owner: &Actor, messages: u64) -> (Arc<Told>, JoinSet<()>) {
    let told = Arc::new(Told::default());
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        let (owner, told) = (owner.clone(), Arc::clone(&told));
        senders.spawn(async move {
            for n in 0.. {
                if told.count.load(Ordering::Relaxed) >= messages {
                    break;
                }
                one(&owner, &told, sender, n).await;
            }
        });
    }
    (told, senders)
}

/// Sends one message, again and again until it is acknowledged: the key makes it one.
async fn one(owner: &Actor, told: &Told, sender: u64, n: u64) {
    let body = match sticky_point("chaos", &[sender.to_le_bytes(), n.to_le_bytes()].concat()) % 100 {
        0..2 => format!("reject {sender}-{n:06}"),
        2..3 => format!("fail {sender}-{n:06}"),
        _ => format!("good {sender}-{n:06}"),
    };
    // Those that go wrong have no group: in one, they would end its order.
    let group = body.starts_with("good").then(|| format!("{sender}-{}", n % GROUPS));
    let message = json!({ "body": body, "group": group, "deduplication_key": body });
    loop {
        let request = owner.request(http::Method::POST, "/queues/orders/messages").json(&message);
        match request.try_send().await {
            Ok(answer) if answer.status() == 201 => {
                let id = answer.parse::<wire::SentMessage>().id;
                told.acknowledged.lock().unwrap().push((body, id));
                told.count.fetch_add(1, Ordering::Relaxed);
                return;
            }
            // It is being killed or started.
            Ok(answer) => assert!(answer.status().is_server_error(), "{answer:?}"),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
