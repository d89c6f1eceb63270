//! What queues do, and what they hold as of the last count.

use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Meter},
};

use super::{Metrics, counter, names};

/// What metrics call a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueLabels([KeyValue; 2]);

impl QueueLabels {
    /// The queue `queue` of `project`.
    #[must_use]
    pub fn new(project: &str, queue: &str) -> Self {
        Self([KeyValue::new(names::PROJECT, project.to_owned()), KeyValue::new(names::QUEUE, queue.to_owned())])
    }
}

/// What a queue held when it was counted.
#[derive(Clone, Debug)]
pub struct QueueLevel {
    /// The queue.
    pub labels: QueueLabels,
    /// Its messages.
    pub messages: u64,
    /// How long ago the oldest of them came, in seconds; 0 where it is empty.
    pub oldest_age_s: u64,
}

pub(super) struct Instruments {
    sent: Counter<u64>,
    claimed: Counter<u64>,
    acknowledged: Counter<u64>,
    retried: Counter<u64>,
    stale: Counter<u64>,
    dead: Counter<u64>,
    levels: Arc<Mutex<Vec<QueueLevel>>>,
}

impl Instruments {
    pub(super) fn new(meter: &Meter) -> Self {
        let levels = Arc::new(Mutex::new(Vec::new()));
        observe(meter, names::QUEUE_DEPTH, &levels, |level| level.messages);
        observe(meter, names::QUEUE_OLDEST, &levels, |level| level.oldest_age_s);
        Self {
            sent: counter(meter, names::QUEUE_SENT),
            claimed: counter(meter, names::QUEUE_CLAIMED),
            acknowledged: counter(meter, names::QUEUE_ACKNOWLEDGED),
            retried: counter(meter, names::QUEUE_RETRIED),
            stale: counter(meter, names::QUEUE_STALE),
            dead: counter(meter, names::QUEUE_DEAD),
            levels,
        }
    }
}

fn observe(
    meter: &Meter,
    metric: names::Metric,
    levels: &Arc<Mutex<Vec<QueueLevel>>>,
    value: impl Fn(&QueueLevel) -> u64 + Send + Sync + 'static,
) {
    let levels = Arc::clone(levels);
    let _instrument = meter
        .i64_observable_up_down_counter(metric.name)
        .with_unit(metric.unit)
        .with_description(metric.description)
        .with_callback(move |observer| {
            for level in levels.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                observer.observe(i64::try_from(value(level)).unwrap_or(i64::MAX), &level.labels.0);
            }
        })
        .build();
}

impl Metrics {
    /// Counts messages that were sent.
    pub fn queue_sent(&self, queue: &QueueLabels, messages: usize) {
        add(&self.0.queues.sent, queue, messages);
    }

    /// Counts messages that were handed out.
    pub fn queue_claimed(&self, queue: &QueueLabels, messages: usize) {
        add(&self.0.queues.claimed, queue, messages);
    }

    /// Counts messages that were settled: done with, to be handed out again, and refused for a lease that ended.
    pub fn queue_settled(&self, queue: &QueueLabels, acknowledged: usize, retried: usize, stale: usize) {
        add(&self.0.queues.acknowledged, queue, acknowledged);
        add(&self.0.queues.retried, queue, retried);
        add(&self.0.queues.stale, queue, stale);
    }

    /// Counts messages of `queue` that moved to a dead-letter queue.
    pub fn queue_dead(&self, queue: &QueueLabels, messages: usize) {
        add(&self.0.queues.dead, queue, messages);
    }

    /// Says what all queues hold now; those that are not named are shown no more.
    pub fn queue_levels(&self, levels: Vec<QueueLevel>) {
        *self.0.queues.levels.lock().unwrap_or_else(PoisonError::into_inner) = levels;
    }
}

fn add(counter: &Counter<u64>, queue: &QueueLabels, messages: usize) {
    if messages > 0 {
        counter.add(messages as u64, &queue.0);
    }
}
