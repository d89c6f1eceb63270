//! A queue on a stage, and a clock that a story turns by hand.

use std::time::Duration;

use domain::{
    Timestamp,
    id::{MessageId, QueueId},
    queue::{NewMessage, Settlement},
};
use store::{Claim, ClaimTerms, Queue, QueueDepth, QueuedMessage, SettleTerms, Settled};

use crate::store::stage::Stage;

/// When every story begins.
pub(super) const START: Timestamp = Timestamp(1_800_000_000_000_000);

/// A queue with a dead-letter queue, and the time.
pub(super) struct Line {
    pub(super) stage: Stage,
    pub(super) queue: Queue,
    pub(super) letters: Queue,
    pub(super) now: Timestamp,
    claims: u32,
}

impl Line {
    pub(super) async fn on(stage: Stage) -> Self {
        let project = stage.project("demo").await.id;
        let make = |name: &str| Queue {
            id: stage.ids.next(),
            project_id: project,
            name: name.parse().unwrap(),
            retention_s: 3_600,
            dead_letter_queue: None,
            paused: false,
            created_at_us: START,
            revision: 1,
        };
        let (queue, letters) = (make("orders"), make("orders-dlq"));
        for queue in [queue.clone(), letters.clone()] {
            stage.store.write(|t| Box::pin(async move { t.insert_queue(&queue).await })).await.unwrap();
        }
        Self { stage, queue, letters, now: START, claims: 0 }
    }

    pub(super) fn wait(&mut self, time: Duration) {
        self.now = Timestamp(self.now.as_us() + i64::try_from(time.as_micros()).unwrap());
    }

    pub(super) async fn send(&self, messages: Vec<NewMessage>) -> Vec<MessageId> {
        let messages: Vec<_> = messages.into_iter().map(|message| (self.stage.ids.next(), message)).collect();
        let (queue, now) = (self.queue.id, self.now);
        let sent =
            self.stage.store.write(move |t| Box::pin(async move { t.insert_messages(queue, &messages, now).await }));
        sent.await.unwrap()
    }

    /// Claims with a lease of a minute, to settle with [`Self::settle`].
    pub(super) async fn claim(&mut self, most: u32) -> Held {
        self.claim_with(most, 3, true).await
    }

    pub(super) async fn claim_with(&mut self, most: u32, max_receives: u32, letters: bool) -> Held {
        self.claims += 1;
        let token = format!("token-{}", self.claims);
        let terms = ClaimTerms {
            most,
            now: self.now,
            until: self.now.plus_seconds(60),
            token: token.clone(),
            max_receives,
            dead_letter_queue: letters.then_some(self.letters.id),
        };
        let queue = self.queue.id;
        let claim = self.stage.store.write(move |t| Box::pin(async move { t.claim_messages(queue, &terms).await }));
        let Claim { messages, dead } = claim.await.unwrap();
        Held { token, messages, dead }
    }

    pub(super) async fn settle(&self, token: &str, what: Vec<(MessageId, Settlement)>) -> Vec<Settled> {
        self.settle_with(token, what, true).await
    }

    pub(super) async fn settle_with(
        &self,
        token: &str,
        what: Vec<(MessageId, Settlement)>,
        letters: bool,
    ) -> Vec<Settled> {
        let what: Vec<_> = what.into_iter().map(|(id, settlement)| (id, token.to_owned(), settlement)).collect();
        let terms = SettleTerms {
            now: self.now,
            max_receives: 3,
            dead_letter_queue: letters.then_some(self.letters.id),
            draw: u16::MAX / 2,
        };
        let queue = self.queue.id;
        let settled =
            self.stage.store.write(move |t| Box::pin(async move { t.settle_messages(queue, &what, &terms).await }));
        settled.await.unwrap()
    }

    /// Settles all of a claim alike.
    pub(super) async fn settle_all(&self, held: &Held, settlement: Settlement) -> Vec<Settled> {
        self.settle(&held.token, held.ids().into_iter().map(|id| (id, settlement.clone())).collect()).await
    }

    pub(super) async fn extend(&self, held: &Held, seconds: i64) -> Vec<bool> {
        let leases: Vec<_> = held.ids().into_iter().map(|id| (id, held.token.clone())).collect();
        let (queue, now) = (self.queue.id, self.now);
        let extended = self.stage.store.write(move |t| {
            Box::pin(async move { t.extend_leases(queue, &leases, now, now.plus_seconds(seconds)).await })
        });
        extended.await.unwrap()
    }

    pub(super) async fn depth(&self) -> QueueDepth {
        self.depth_of(self.queue.id).await
    }

    pub(super) async fn depth_of(&self, queue: QueueId) -> QueueDepth {
        self.stage.read().await.find_queue_depth(queue, self.now).await.unwrap()
    }

    pub(super) async fn peek(&self, queue: QueueId) -> Vec<QueuedMessage> {
        self.stage.read().await.list_messages(queue, None, 1_000).await.unwrap().items
    }
}

/// What a claim got.
pub(super) struct Held {
    pub(super) token: String,
    pub(super) messages: Vec<QueuedMessage>,
    pub(super) dead: u64,
}

impl Held {
    pub(super) fn ids(&self) -> Vec<MessageId> {
        self.messages.iter().map(|message| message.id).collect()
    }

    pub(super) fn bodies(&self) -> Vec<String> {
        bodies(&self.messages)
    }
}

pub(super) fn bodies(messages: &[QueuedMessage]) -> Vec<String> {
    messages.iter().map(|message| String::from_utf8(message.body.clone()).unwrap()).collect()
}

pub(super) fn message(body: &str) -> NewMessage {
    NewMessage { body: body.as_bytes().to_vec(), content_type: "text/plain".to_owned(), ..NewMessage::default() }
}

pub(super) fn in_group(group: &str, body: &str) -> NewMessage {
    NewMessage { group: Some(group.to_owned()), ..message(body) }
}

pub(super) fn keyed(key: &str, body: &str) -> NewMessage {
    NewMessage { deduplication_key: Some(key.to_owned()), ..message(body) }
}

pub(super) fn retry(error: &str) -> Settlement {
    Settlement::Retry { after: None, error: error.to_owned() }
}

pub(super) fn dead(error: &str) -> Settlement {
    Settlement::Dead { error: error.to_owned() }
}
