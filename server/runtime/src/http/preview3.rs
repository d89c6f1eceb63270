//! Guests of WASI 0.3: `wasi:http/handler`.

use std::future::poll_fn;

use http::{Uri, header::HOST, uri::Scheme};
use wasmtime::{Engine, Store};
use wasmtime_wasi_http::{
    WasiHttpView,
    p3::{
        Request,
        bindings::{Service, ServicePre, http::types::ErrorCode},
    },
};

use super::{Pre, Reply};
use crate::{body::request::RequestBody, state};

/// A pre-linked component with a handler of 0.3.
#[derive(Clone)]
pub(crate) struct Preview3(ServicePre<state::Guest>);

impl Preview3 {
    pub(crate) const fn new(pre: ServicePre<state::Guest>) -> Self {
        Self(pre)
    }
}

impl Pre for Preview3 {
    type Exports = Service;

    fn engine(&self) -> &Engine {
        self.0.engine()
    }

    async fn instantiate(&self, store: &mut Store<state::Guest>) -> wasmtime::Result<Service> {
        self.0.instantiate_async(store).await
    }

    async fn handle(
        service: &Service,
        store: &mut Store<state::Guest>,
        request: http::Request<RequestBody>,
        reply: Reply,
    ) -> wasmtime::Result<()> {
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
