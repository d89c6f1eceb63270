//! Messages handed out under a lease, and what becomes of them. No lock is held in between.

use std::{collections::BTreeMap, fmt, time::Duration};

use domain::{
    QueueName, Timestamp,
    id::{MessageId, ProjectId, QueueId},
    queue::{MAX_BATCH, MAX_ERROR_BYTES, Settlement},
};
use store::{ClaimTerms, ConsumedQueue, Reader, SettleTerms, Settled};

use super::Queues;
use crate::{Error, kept::kept};

/// Who takes messages of which queue, and what becomes of those that cannot be settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumer {
    /// The project.
    pub project: ProjectId,
    /// The queue.
    pub queue: QueueName,
    /// How often a message is handed out before it is a dead letter.
    pub max_receives: u32,
    /// Where dead letters go; absent, to the queue's own dead-letter queue. Where there is none either, a
    /// message is handed out again until it is too old.
    pub dead_letter_queue: Option<QueueName>,
}

/// The secret of one claim. Only who shows it may settle or extend.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LeaseToken(String);

impl fmt::Debug for LeaseToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LeaseToken")
    }
}

/// A message that was handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Identifies it.
    pub id: MessageId,
    /// What settles it.
    pub token: LeaseToken,
    /// When the lease ends.
    pub leased_until: Timestamp,
    /// The group that it is handed out in order with.
    pub group: Option<String>,
    /// How often it was handed out in this queue, this time included.
    pub receives: u32,
    /// When it came to this queue.
    pub enqueued_at: Timestamp,
    /// When it was sent.
    pub first_enqueued_at: Timestamp,
    /// The body's type.
    pub content_type: String,
    /// Names and values.
    pub attributes: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a consumer got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The queue's id, to wait for arrivals by.
    pub queue: QueueId,
    /// The messages in their order: all of one group, or all of none.
    pub messages: Vec<Claimed>,
    /// Where there are none: when to look again, if nothing arrives before. Absent where the queue is empty or
    /// paused.
    pub next_at: Option<Timestamp>,
}

/// What a consumer could get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The queue's id, to wait for arrivals by.
    pub queue: QueueId,
    /// How many messages, counted up to a limit.
    pub messages: u32,
    /// How long the one has waited that has been due longest.
    pub waited: Duration,
    /// When to look again where there are none, if nothing arrives before.
    next_at: Option<Timestamp>,
    looked_at: Timestamp,
}

impl Due {
    /// What a claim would have got, where there was nothing to claim. To try it all the same could take what came since,
    /// however short it has waited.
    #[must_use]
    pub fn nothing(&self) -> Option<Claim> {
        let Self { queue, messages, next_at, looked_at, .. } = *self;
        let is_due = messages > 0 || next_at.is_some_and(|next| next <= looked_at);
        (!is_due).then(|| Claim { queue, messages: Vec::new(), next_at })
    }
}

impl Queues {
    /// Hands out at most `most` messages (1 to 100) for as long as `lease`: those that have been due longest, all
    /// of one group or all of none. Writes only where something is due.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no such queue.
    pub async fn claim(&self, consumer: &Consumer, most: u32, lease: Duration) -> Result<Claim, Error> {
        let mut reader = self.0.store.read().await?;
        let ConsumedQueue { queue, letters } = consumed(&mut reader, consumer).await?;
        let mut claim = Claim { queue: queue.id, messages: Vec::new(), next_at: None };
        if queue.paused {
            return Ok(claim);
        }
        claim.next_at = reader.find_next_available(queue.id).await?;
        drop(reader);
        if claim.next_at.is_none_or(|next| next > self.0.ids.now()) {
            return Ok(claim);
        }
        let token = hex::encode(self.0.ids.random::<16>());
        let (ids, secret, max_receives) = (self.0.ids.clone(), token.clone(), consumer.max_receives);
        let most = most.clamp(1, MAX_BATCH as u32);
        let claimed: store::Claim = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    // The present when the writer's turn has come, so that leases are as long as they should be.
                    let now = ids.now();
                    let terms = ClaimTerms {
                        most,
                        now,
                        until: now.after(lease),
                        token: secret,
                        max_receives,
                        dead_letter_queue: letters,
                    };
                    transaction.claim_messages(queue.id, &terms).await
                })
            })
            .await?;
        let labels = self.labels(&queue).await?;
        self.0.metrics.queue_claimed(&labels, claimed.messages.len());
        self.0.metrics.queue_dead(&labels, usize::try_from(claimed.dead).unwrap_or(usize::MAX));
        if let Some(letters) = letters.filter(|_| claimed.dead > 0) {
            self.arrived(letters);
        }
        let token = LeaseToken(token);
        claim.messages = claimed.messages.into_iter().map(|message| handed_out(message, &token)).collect();
        Ok(claim)
    }

    /// The messages that a claim could find now, counted up to `most`.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no such queue.
    pub async fn due(&self, consumer: &Consumer, most: u32) -> Result<Due, Error> {
        let queue = self.resolve(consumer.project, &consumer.queue).await?;
        let now = self.0.ids.now();
        if queue.paused {
            return Ok(Due { queue: queue.id, messages: 0, waited: Duration::ZERO, next_at: None, looked_at: now });
        }
        let mut reader = self.0.store.read().await?;
        // In this order: what comes in between is counted, or not seen at all.
        let next_at = reader.find_next_available(queue.id).await?;
        let due = reader.count_due_messages(queue.id, now, most).await?;
        let waited = due.oldest_at_us.map(|oldest| now.since(oldest)).unwrap_or_default();
        Ok(Due { queue: queue.id, messages: due.messages, waited, next_at, looked_at: now })
    }

    /// Settles messages, and says of each what came of it: [`Settled::Stale`] where its lease had ended or the
    /// token is not its own, which changes nothing. Moves to the dead-letter queue happen together with the rest,
    /// or not at all. When this returns, it is on disk.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no such queue; nothing is settled then.
    pub async fn settle(
        &self,
        consumer: &Consumer,
        settlements: Vec<(MessageId, LeaseToken, Settlement)>,
    ) -> Result<Vec<Settled>, Error> {
        let ConsumedQueue { queue, letters } = consumed(&mut self.0.store.read().await?, consumer).await?;
        let draw = u16::from_le_bytes(self.0.ids.random());
        let (ids, max_receives) = (self.0.ids.clone(), consumer.max_receives);
        let settlements: Vec<_> =
            settlements.into_iter().map(|(id, token, settlement)| (id, token.0, bounded(settlement))).collect();
        let settled: Vec<Settled> = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    // A lease is judged when it is this settlement's turn, not when it was asked for.
                    let terms = SettleTerms { now: ids.now(), max_receives, dead_letter_queue: letters, draw };
                    transaction.settle_messages(queue.id, &settlements, &terms).await
                })
            })
            .await?;
        let of = |which: Settled| settled.iter().filter(|settled| **settled == which).count();
        let labels = self.labels(&queue).await?;
        self.0.metrics.queue_settled(&labels, of(Settled::Acknowledged), of(Settled::Retried), of(Settled::Stale));
        let dead = of(Settled::Dead);
        self.0.metrics.queue_dead(&labels, dead);
        if let Some(letters) = letters.filter(|_| dead > 0) {
            self.arrived(letters);
        }
        // The next of a group may be due now.
        self.arrived(queue.id);
        Ok(settled)
    }

    /// Has leases last as long as `lease` from now, and says of each whether it still lasted.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no such queue.
    pub async fn extend(
        &self,
        consumer: &Consumer,
        leases: Vec<(MessageId, LeaseToken)>,
        lease: Duration,
    ) -> Result<Vec<bool>, Error> {
        let queue = self.resolve(consumer.project, &consumer.queue).await?;
        let leases: Vec<_> = leases.into_iter().map(|(id, token)| (id, token.0)).collect();
        let ids = self.0.ids.clone();
        self.0
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let now = ids.now();
                    transaction.extend_leases(queue.id, &leases, now, now.after(lease)).await
                })
            })
            .await
            .map_err(store::Error::into)
    }
}

/// A consumer's queue, and the queue of its dead letters.
async fn consumed(reader: &mut Reader, consumer: &Consumer) -> Result<ConsumedQueue, Error> {
    let Consumer { project, queue, dead_letter_queue, .. } = consumer;
    let found = reader.find_consumed_queue(*project, queue, dead_letter_queue.as_ref()).await?;
    found.ok_or_else(|| super::no_queue(queue))
}

fn handed_out(message: store::QueuedMessage, token: &LeaseToken) -> Claimed {
    Claimed {
        id: message.id,
        token: token.clone(),
        leased_until: message.available_at_us,
        group: message.group,
        receives: message.receives,
        enqueued_at: message.enqueued_at_us,
        first_enqueued_at: message.first_enqueued_at_us,
        content_type: message.content_type,
        attributes: message.attributes,
        body: message.body,
    }
}

/// Keeps of an error what there is room for.
fn bounded(settlement: Settlement) -> Settlement {
    let cut = |error| kept(error, MAX_ERROR_BYTES);
    match settlement {
        Settlement::Ack => Settlement::Ack,
        Settlement::Release => Settlement::Release,
        Settlement::Retry { after, error } => Settlement::Retry { after, error: cut(error) },
        Settlement::Dead { error } => Settlement::Dead { error: cut(error) },
    }
}
