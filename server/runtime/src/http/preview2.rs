//! Guests of WASI 0.2: `wasi:http/incoming-handler`.

use std::sync::Arc;

use tokio::sync::oneshot;
use wasmtime_wasi_http::{
    WasiHttpView,
    p2::bindings::http::types::{ErrorCode, Scheme},
};

use super::{Head, Loaded, Reply};
use crate::{
    account::Account,
    body::request::RequestBody,
    instances::Instance,
    invocation::Work,
    linked::{Handlers, HttpHandler},
};

/// A request for a guest of 0.2, and where the head of its answer goes.
pub(super) struct Exchange {
    pub(super) request: http::Request<RequestBody>,
    pub(super) head: oneshot::Sender<Head>,
}

impl Work for Exchange {
    const TURNS_OVER: bool = true;

    async fn run(self, handlers: &Handlers, instance: &mut Instance, account: &Arc<Account>) -> wasmtime::Result<()> {
        let Self { request, head } = self;
        let Some(HttpHandler::Preview2(indices)) = &handlers.http else { return Ok(()) };
        let Instance { store, exports, http, .. } = instance;
        if http.is_none() {
            *http = Some(Loaded::Preview2(indices.load(&mut *store, exports)?));
        }
        let Some(Loaded::Preview2(proxy)) = http else { return Ok(()) };
        let reply = Reply::new(head, account);
        let mut view = store.data_mut().http();
        let request = view.new_incoming_request(Scheme::Http, request)?;
        let answer = view.new_response_outparam_from_callback(move |answer| reply.send(answer.map_err(refused)))?;
        proxy.wasi_http_incoming_handler().call_handle(store, request, answer).await
    }
}

/// What an error says that a guest gave instead of an answer.
fn refused(code: ErrorCode) -> String {
    match code {
        ErrorCode::InternalError(Some(text)) => format!("the guest answered with an error: {text}"),
        code => format!("the guest answered with the error {code:?}"),
    }
}
