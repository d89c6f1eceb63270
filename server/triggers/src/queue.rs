//! Messages of queues: taken under a lease, consumed by functions, and settled one by one.
//!
//! Knows how batches are made, divided and judged. What a lease is and where messages are kept is not known here.

mod batch;
mod consumer;
mod faults;
mod later;

use std::{collections::HashMap, time::Duration};

use control::{Queues, Routing, Source};
use domain::{QueueName, QueueTrigger, id::FunctionId};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::consumer::Consumer;

/// A trigger that is served: its loop ends when the sender is gone.
struct Served {
    trigger: QueueTrigger,
    source: watch::Sender<Source<QueueTrigger>>,
}

/// Serves all live triggers on queues until `shutdown`, then lets the batches under way end, for at most `drain`.
/// What is cut then is handed out again when its lease has ended.
pub async fn serve(routing: Routing, queues: Queues, drain: Duration, shutdown: CancellationToken) {
    let batches = TaskTracker::new();
    let cut = CancellationToken::new();
    let serve = async {
        let mut served: HashMap<(FunctionId, QueueName), Served> = HashMap::new();
        let mut changes = routing.changes();
        loop {
            let mut before = std::mem::take(&mut served);
            for source in routing.queue_sources() {
                let key = (source.function().0, source.trigger().queue.clone());
                let there = before.remove(&key).filter(|there| there.trigger == *source.trigger());
                let there = there.unwrap_or_else(|| {
                    let (sender, receiver) = watch::channel(source.clone());
                    let consumer =
                        Consumer::new(routing.clone(), queues.clone(), receiver, batches.clone(), cut.clone());
                    batches.spawn(shutdown.clone().run_until_cancelled_owned(consumer.run()));
                    Served { trigger: source.trigger().clone(), source: sender }
                });
                there.source.send_replace(source);
                served.insert(key, there);
            }
            drop(before);
            if changes.changed().await.is_err() {
                return;
            }
        }
    };
    shutdown.run_until_cancelled(serve).await;
    crate::drain::drain(&batches, drain, &cut, "batches of messages").await;
}
