//! Guests of WASI 0.3: `wasi:http/handler`.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{Arc, atomic::Ordering::Relaxed},
};

use http::{Uri, header::HOST, uri::Scheme};
use tokio::sync::oneshot;
use wasmtime::{Store, component::Accessor};
use wasmtime_wasi_http::{
    Error, WasiHttpView,
    p3::{
        Request,
        bindings::{Service, http::types::ErrorCode},
    },
};

use super::{Head, Loaded, Reply};
use crate::{
    account::Account,
    body::request::RequestBody,
    instances::Instance,
    invocation::Work,
    linked::{Handlers, HttpHandler},
    state::Guest,
};

/// A request for a guest of 0.3, and where the head of its answer goes.
pub(super) struct Exchange {
    pub(super) request: http::Request<RequestBody>,
    pub(super) head: oneshot::Sender<Head>,
}

impl Work for Exchange {
    const TURNS_OVER: bool = true;

    async fn run(self, handlers: &Handlers, instance: &mut Instance, account: &Arc<Account>) -> wasmtime::Result<()> {
        let Self { request, head } = self;
        let Some((store, service)) = loaded(handlers, instance)? else { return Ok(()) };
        let reply = Reply::new(head, account);
        let (request, sent) = Request::from_http(store.data_mut().http().hooks, absolute(request));
        let running = store.run_concurrent(async |accessor| -> wasmtime::Result<()> {
            answer(accessor, service, request, sent, reply).await?;
            // The handler has returned; what it left running may still write the body.
            poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
            Ok(())
        });
        once_more(running, || account.answered.load(Relaxed)).await?
    }
}

/// Runs `guest` as it is, but gives it another turn at once when it first waits after it `has_answered`: one that writes
/// its body from a task of its own makes way once in between, as the executor in it does, and is at its end then. So
/// nothing has to wait for it, and its answer is known as a whole.
async fn once_more<T>(guest: impl Future<Output = T>, has_answered: impl Fn() -> bool) -> T {
    let mut guest = pin!(guest);
    let mut had_it = false;
    poll_fn(|cx| {
        let polled = guest.as_mut().poll(cx);
        if had_it || polled.is_ready() || !has_answered() {
            return polled;
        }
        had_it = true;
        guest.as_mut().poll(cx)
    })
    .await
}

/// The store of `instance` and its handler; nothing where the component has none.
pub(super) fn loaded<'a>(
    handlers: &Handlers,
    instance: &'a mut Instance,
) -> wasmtime::Result<Option<(&'a mut Store<Guest>, &'a Service)>> {
    let Some(HttpHandler::Preview3(indices)) = &handlers.http else { return Ok(None) };
    let Instance { store, exports, http, .. } = instance;
    if http.is_none() {
        *http = Some(Loaded::Preview3(indices.load(&mut *store, exports)?));
    }
    match http {
        Some(Loaded::Preview3(service)) => Ok(Some((store, service))),
        _ => Ok(None),
    }
}

/// Calls the handler as [`Exchange`] does, beside other calls of the same instance.
pub(super) async fn answer_beside(
    accessor: &Accessor<Guest>,
    service: &Service,
    request: http::Request<RequestBody>,
    reply: Reply,
) -> wasmtime::Result<()> {
    let (request, sent) = accessor.with(|mut store| {
        let (request, sent) = Request::from_http(store.data_mut().http().hooks, absolute(request));
        (request, Box::pin(sent) as Pin<Box<dyn Future<Output = _> + Send>>)
    });
    answer(accessor, service, request, sent, reply).await
}

/// Calls the handler, and hands on the head of what it answers. The guest hears by `sent` that its request's body was
/// read.
async fn answer(
    accessor: &Accessor<Guest>,
    service: &Service,
    request: Request,
    sent: impl Future<Output = Result<(), Error>> + Send + 'static,
    reply: Reply,
) -> wasmtime::Result<()> {
    let answer = match service.handle(accessor, request).await? {
        Ok(response) => Ok(accessor.with(|mut store| response.into_http(&mut store, sent))?),
        Err(code) => Err(refused(code)),
    };
    reply.send(answer);
    Ok(())
}

/// Gives the request's target its scheme and authority, which the guest asks for apart from headers.
fn absolute(mut request: http::Request<RequestBody>) -> http::Request<RequestBody> {
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if parts.authority.is_none() {
        parts.authority = host.and_then(|host| host.parse().ok());
    }
    parts.scheme = parts.authority.is_some().then_some(Scheme::HTTP);
    *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    request
}

/// What an error says that a guest gave instead of an answer.
fn refused(code: ErrorCode) -> String {
    match code {
        ErrorCode::InternalError(Some(text)) => format!("the guest answered with an error: {text}"),
        code => format!("the guest answered with the error {code:?}"),
    }
}
