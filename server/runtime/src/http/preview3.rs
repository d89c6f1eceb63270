//! Guests of WASI 0.3: `wasi:http/handler`.

use std::{future::poll_fn, sync::Arc};

use http::{Uri, header::HOST, uri::Scheme};
use tokio::sync::oneshot;
use wasmtime_wasi_http::{
    WasiHttpView,
    p3::{Request, bindings::http::types::ErrorCode},
};

use super::{Head, Loaded, Reply};
use crate::{
    account::Account,
    body::request::RequestBody,
    instances::Instance,
    invocation::Work,
    linked::{Handlers, HttpHandler},
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
        let Some(HttpHandler::Preview3(indices)) = &handlers.http else { return Ok(()) };
        let Instance { store, exports, http, .. } = instance;
        if http.is_none() {
            *http = Some(Loaded::Preview3(indices.load(&mut *store, exports)?));
        }
        let Some(Loaded::Preview3(service)) = http else { return Ok(()) };
        let reply = Reply::new(head, account);
        let (request, sent) = Request::from_http(store.data_mut().http().hooks, absolute(request));
        store
            .run_concurrent(async |accessor| -> wasmtime::Result<()> {
                let answer = match service.handle(accessor, request).await? {
                    Ok(response) => Ok(accessor.with(|mut store| response.into_http(&mut store, sent))?),
                    Err(code) => Err(refused(code)),
                };
                reply.send(answer);
                // The handler has returned; what it left running may still write the body.
                poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
                Ok(())
            })
            .await?
    }
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
