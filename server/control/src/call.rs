//! Asynchronous calls: accepted once they are on disk, made later, told about by id.

mod work;

use domain::{
    Action, CallState, FunctionName, Handler, Ids, ProjectName, Timestamp, VersionNumber, VersionState,
    call::{MAX_AGE, MAX_PAYLOAD_BYTES},
    id::InvocationId,
};
use runtime::Payload;
use store::{Preparation, Store, TypedBytes};
use tokio::sync::watch;

pub use self::work::{CallOutcome, Calls, DueCall};
use crate::{Caller, Control, Error, Page, PageQuery, version::no_version};

/// An asynchronous call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub id: InvocationId,
    /// The version that it belongs to.
    pub version: VersionNumber,
    /// Where it stands.
    pub state: CallState,
    /// Attempts that were begun.
    pub attempts: u32,
    /// When the next attempt may begin; absent unless one is to come.
    pub next_attempt_at: Option<Timestamp>,
    /// What the function answered; lists leave it out.
    pub answer: Option<Payload>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is too old to be tried.
    pub expires_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What is to be called.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// The version to call; absent, the live deployment decides now.
    pub version: Option<VersionNumber>,
    /// What the function is given: at most 256 KiB.
    pub payload: Payload,
}

impl Control {
    /// Takes in a call of a function. When this returns, it is on disk.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for the function, the version, or where nothing is live; [`Error::Forbidden`];
    /// [`Error::Invalid`] for the payload; [`Error::Conflict`] `version-not-ready` or `missing-handler`.
    pub async fn call_later(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        new: NewCall,
    ) -> Result<Call, Error> {
        let function = self.function_for(caller, project, function, Action::FunctionInvoke).await?;
        let version = match new.version {
            Some(version) => version,
            None => {
                let target = self.0.routing.find_target(project, &function.name);
                target.ok_or_else(|| Error::not_found(format!("deployment of {} yet", function.name)))?.version()
            }
        };
        let call = self.0.calls.accept(&function, version, new.payload, caller.name().clone()).await?;
        tracing::info!(invocation.id = %call.id, project.name = %project, function.name = %function.name, "call accepted");
        Ok(call)
    }

    /// The asynchronous calls of a function, newest first, without their answers.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Invalid`] for the cursor.
    pub async fn list_calls(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        query: &PageQuery,
    ) -> Result<Page<Call>, Error> {
        let function = self.function_for(caller, project, function, Action::FunctionRead).await?;
        Ok(Page::of(self.0.store.read().await?.list_calls(function.id, query.after()?, query.limit()).await?))
    }

    /// One asynchronous call; its record is kept for 7 days after its end.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn find_call(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        id: InvocationId,
    ) -> Result<Call, Error> {
        let function = self.function_for(caller, project, function, Action::FunctionRead).await?;
        let found = self.0.store.read().await?.find_call(function.id, id).await?;
        found.map(Call::from).ok_or_else(|| no_call(id))
    }

    /// Cancels a call that waits for its first attempt or its next one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] `call-not-pending`.
    pub async fn cancel_call(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        id: InvocationId,
    ) -> Result<Call, Error> {
        let function = self.function_for(caller, project, function, Action::FunctionInvoke).await?;
        let (function_id, now) = (function.id, self.0.ids.now());
        let cancelled = self
            .0
            .store
            .write(move |transaction| {
                Box::pin(async move { Ok::<_, Error>(transaction.cancel_call(function_id, id, now).await?) })
            })
            .await?;
        let found = self.0.store.read().await?.find_call(function.id, id).await?.ok_or_else(|| no_call(id))?;
        match cancelled {
            true => Ok(found.into()),
            false => {
                let state = found.state.as_str();
                Err(Error::conflict(
                    "call-not-pending",
                    format!("the call {id} is {state}; only one that waits can be cancelled"),
                ))
            }
        }
    }
}

impl Calls {
    pub(crate) fn new(store: Store, ids: Ids) -> Self {
        Self { store, ids, arrivals: watch::Sender::new(()) }
    }

    /// Stores a call of `version`, which must be ready and handle calls.
    pub(crate) async fn accept(
        &self,
        function: &store::Function,
        version: VersionNumber,
        payload: Payload,
        created_by: domain::Label,
    ) -> Result<Call, Error> {
        if payload.body.len() > MAX_PAYLOAD_BYTES {
            let message = format!(
                "has {} bytes; an asynchronous call takes at most {MAX_PAYLOAD_BYTES}: store what is larger elsewhere \
                 and send where it is",
                payload.body.len()
            );
            return Err(Error::invalid("body", message));
        }
        let name = &function.name;
        let found = self.store.read().await?.find_version(function.id, version).await?;
        let found = found.ok_or_else(|| no_version(name, version))?;
        match &found.preparation {
            Preparation::Ready(verdict) if Handler::Function.is_among(&verdict.exports) => {}
            Preparation::Ready(_) => {
                let export = Handler::Function.export();
                let detail = format!("{version} of {name} does not export {export}, by which it would be called");
                return Err(Error::conflict("missing-handler", detail));
            }
            Preparation::Preparing | Preparation::Failed(_) => {
                let state: VersionState = found.preparation.state();
                let detail = format!("{version} of {name} is {}, not ready", state.as_str());
                return Err(Error::conflict("version-not-ready", detail));
            }
        }
        let now = self.ids.now();
        let call = store::NewCall {
            id: self.ids.next(),
            function_id: function.id,
            version,
            payload: TypedBytes { content_type: payload.content_type, bytes: payload.body },
            created_by,
            created_at_us: now,
            expires_at_us: now.after(MAX_AGE),
        };
        let (id, function_id) = (call.id, call.function_id);
        let stored = self
            .store
            .write(move |transaction| {
                Box::pin(async move {
                    let there = transaction.insert_call(&call).await?;
                    if there { transaction.find_call(function_id, id).await } else { Ok(None) }
                })
            })
            .await?;
        let stored: store::Call = stored.ok_or_else(|| crate::function::no_function(name))?;
        self.arrivals.send_replace(());
        Ok(stored.into())
    }
}

impl From<store::Call> for Call {
    fn from(call: store::Call) -> Self {
        let waits = call.state == CallState::Pending;
        Self {
            id: call.id,
            version: call.version,
            state: call.state,
            attempts: call.attempts,
            next_attempt_at: waits.then_some(call.available_at_us),
            answer: call.answer.map(|TypedBytes { content_type, bytes }| Payload { content_type, body: bytes }),
            error: call.error,
            created_by: call.created_by.to_string(),
            created_at: call.created_at_us,
            expires_at: call.expires_at_us,
            ended_at: call.ended_at_us,
        }
    }
}

fn no_call(id: InvocationId) -> Error {
    Error::not_found(format!("call {id}; the record of one that has ended is kept for 7 days"))
}
