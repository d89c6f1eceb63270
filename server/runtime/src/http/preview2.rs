//! Guests of WASI 0.2: `wasi:http/incoming-handler`.

use wasmtime::{Engine, Store};
use wasmtime_wasi_http::{
    WasiHttpView,
    p2::bindings::{
        Proxy, ProxyPre,
        http::types::{ErrorCode, Scheme},
    },
};

use super::{Pre, Reply};
use crate::{body::request::RequestBody, state};

/// A pre-linked component with a handler of 0.2.
#[derive(Clone)]
pub(crate) struct Preview2(ProxyPre<state::Guest>);

impl Preview2 {
    pub(crate) const fn new(pre: ProxyPre<state::Guest>) -> Self {
        Self(pre)
    }
}

impl Pre for Preview2 {
    type Exports = Proxy;

    fn engine(&self) -> &Engine {
        self.0.engine()
    }

    async fn instantiate(&self, store: &mut Store<state::Guest>) -> wasmtime::Result<Proxy> {
        self.0.instantiate_async(store).await
    }

    async fn handle(
        proxy: &Proxy,
        store: &mut Store<state::Guest>,
        request: http::Request<RequestBody>,
        reply: Reply,
    ) -> wasmtime::Result<()> {
        let mut http = store.data_mut().http();
        let request = http.new_incoming_request(Scheme::Http, request)?;
        let answer = http.new_response_outparam_from_callback(move |answer| reply.send(answer.map_err(refused)))?;
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
