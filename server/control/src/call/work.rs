//! The handle of those who make the calls: one is taken under a lease, and ended or put off.

use std::{fmt, time::Duration};

use domain::{
    Ids, QueueName,
    call::{MAX_PAYLOAD_BYTES, RETENTION, WAITS},
    id::InvocationId,
    queue::NewMessage,
};
use runtime::Payload;
use store::{CallEnd, Store, Transaction, TypedBytes};
use tokio::sync::watch;

use crate::{Error, Routing, Target, kept::kept};

/// Asynchronous calls as the server itself works on them. A cheap handle.
#[derive(Clone)]
pub struct Calls {
    pub(super) store: Store,
    pub(super) ids: Ids,
    /// Told of calls that this server took in.
    pub(super) arrivals: watch::Sender<()>,
}

/// A call that this server holds for as long as its lease lasts.
pub struct DueCall {
    call: store::DueCall,
    token: String,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// The function answered.
    Answered(Payload),
    /// It failed, for this reason.
    Failed(String),
    /// It was not let in; that is no attempt.
    NotLetIn(String),
}

/// How long a call waits that was not let in.
const REST: Duration = Duration::from_secs(2);

/// The most bytes that are kept of an answer: as many as of a payload.
const MAX_ANSWER_BYTES: usize = MAX_PAYLOAD_BYTES;
/// The most bytes that are kept of a reason.
const MAX_ERROR_BYTES: usize = 4 << 10;
/// The most bytes of a message's attribute.
const MAX_ATTRIBUTE_BYTES: usize = 1 << 10;

/// Records of calls that are deleted in one transaction.
const SWEEP: u32 = 500;

impl Calls {
    /// Tells of calls that this server took in. Those that others took in are seen by looking.
    #[must_use]
    pub fn arrivals(&self) -> watch::Receiver<()> {
        self.arrivals.subscribe()
    }

    /// How long it takes until the next call may be taken; absent where none waits.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn next_in(&self) -> Result<Option<Duration>, Error> {
        let next = self.store.read().await?.find_next_call().await?;
        let now = self.ids.now();
        Ok(next.map(|next| next.since(now)))
    }

    /// Takes the call that has been due longest, for as long as `lease`.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn take(&self, lease: Duration) -> Result<Option<DueCall>, Error> {
        let token = hex::encode(self.ids.random::<16>());
        let (ids, secret) = (self.ids.clone(), token.clone());
        let taken: Option<store::DueCall> = self
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let now = ids.now();
                    transaction.take_call(now, now.after(lease), &secret).await
                })
            })
            .await?;
        Ok(taken.map(|call| DueCall { call, token }))
    }

    /// Has the lease of `due` last as long as `lease` from now; `false` if it is lost.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn extend(&self, due: &DueCall, lease: Duration) -> Result<bool, Error> {
        let (ids, id, token) = (self.ids.clone(), due.call.id, due.token.clone());
        self.store
            .write(move |transaction| {
                Box::pin(async move {
                    let now = ids.now();
                    Ok::<_, Error>(transaction.extend_call(id, &token, now, now.after(lease)).await?)
                })
            })
            .await
    }

    /// Writes down what came of an attempt: the call ends, or waits for its next one. A call that failed for good
    /// goes to `dead_letters` in the same transaction. `false` if the lease was lost, which changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn settle(
        &self,
        due: DueCall,
        outcome: CallOutcome,
        dead_letters: Option<QueueName>,
    ) -> Result<bool, Error> {
        let ids = self.ids.clone();
        self.store
            .write(move |transaction| {
                Box::pin(async move { due.settle(transaction, &ids, outcome, dead_letters).await })
            })
            .await
    }

    /// Forgets calls that ended 7 days ago, a bounded number at a time; whether there may be more.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn sweep(&self) -> Result<bool, Error> {
        let before = self.ids.now().before(RETENTION);
        let deleted = self
            .store
            .write(move |transaction| {
                Box::pin(async move { Ok::<_, Error>(transaction.delete_ended_calls(before, SWEEP).await?) })
            })
            .await?;
        Ok(deleted == u64::from(SWEEP))
    }
}

impl DueCall {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> InvocationId {
        self.call.id
    }

    /// What the function is given.
    #[must_use]
    pub fn payload(&self) -> Payload {
        let TypedBytes { content_type, bytes } = self.call.payload.clone();
        Payload { content_type, body: bytes }
    }

    /// The way into its version; absent if that was deleted.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] if the store does not answer.
    pub async fn target(&self, routing: &Routing) -> Result<Option<Target>, Error> {
        let store::DueCall { project, function, version, .. } = &self.call;
        let found = routing.preview(project.clone(), function.clone(), *version).await?;
        Ok(found.map(Target::of))
    }

    async fn settle(
        self,
        transaction: &mut Transaction,
        ids: &Ids,
        outcome: CallOutcome,
        dead_letters: Option<QueueName>,
    ) -> Result<bool, Error> {
        let Self { call, token } = self;
        let now = ids.now();
        let (wait, attempts, error) = match outcome {
            CallOutcome::Answered(answer) => {
                return Ok(transaction.end_call(call.id, &token, now, &answered(answer)).await?);
            }
            CallOutcome::NotLetIn(reason) => (REST, call.attempts.saturating_sub(1), reason),
            CallOutcome::Failed(reason) => match WAITS.get(call.attempts.saturating_sub(1) as usize) {
                Some(wait) => (*wait, call.attempts, reason),
                None => return fail(call, transaction, ids, &token, reason, dead_letters).await,
            },
        };
        let at = now.after(wait);
        if at >= call.expires_at_us {
            let error = format!("too old after 6 hours: {error}");
            return fail(call, transaction, ids, &token, error, dead_letters).await;
        }
        let error = kept(error, MAX_ERROR_BYTES);
        Ok(transaction.put_off_call(call.id, &token, (now, at), attempts, &error).await?)
    }
}

/// How a call ends that was answered. An answer that is too large to be kept was given all the same.
fn answered(answer: Payload) -> CallEnd {
    let Payload { content_type, body } = answer;
    match body.len() {
        0..=MAX_ANSWER_BYTES => CallEnd::Succeeded(Ok(TypedBytes { content_type, bytes: body })),
        bytes => {
            CallEnd::Succeeded(Err(format!("its answer of {bytes} bytes is not kept; at most {MAX_ANSWER_BYTES} are")))
        }
    }
}

/// Ends `call` as failed, and puts its payload into the dead-letter queue where there is one.
async fn fail(
    call: store::DueCall,
    transaction: &mut Transaction,
    ids: &Ids,
    token: &str,
    error: String,
    dead_letters: Option<QueueName>,
) -> Result<bool, Error> {
    let error = kept(error, MAX_ERROR_BYTES);
    let now = ids.now();
    if !transaction.end_call(call.id, token, now, &CallEnd::Failed(error.clone())).await? {
        return Ok(false);
    }
    let Some(name) = dead_letters else { return Ok(true) };
    let Some(queue) = transaction.find_queue(call.project_id, &name).await? else {
        tracing::warn!(invocation.id = %call.id, queue = %name, "the dead-letter queue of a call is not there");
        return Ok(true);
    };
    let attributes = [
        ("dormouse-call".to_owned(), call.id.to_string()),
        ("dormouse-function".to_owned(), call.function.to_string()),
        ("dormouse-version".to_owned(), call.version.to_string()),
        ("dormouse-error".to_owned(), kept(error, MAX_ATTRIBUTE_BYTES)),
    ];
    let TypedBytes { content_type, bytes } = call.payload;
    let letter = NewMessage { body: bytes, content_type, attributes: attributes.into(), ..NewMessage::default() };
    transaction.insert_messages(queue.id, &[(ids.next(), letter)], now).await?;
    Ok(true)
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Calls")
    }
}

impl fmt::Debug for DueCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DueCall").field("id", &self.call.id).finish_non_exhaustive()
    }
}
