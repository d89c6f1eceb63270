//! Guests of WASI 0.2: `wasi:http/incoming-handler`.

use std::{sync::atomic::Ordering::Relaxed, time::Instant};

use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime_wasi_http::{
    WasiHttpView,
    p2::bindings::{
        ProxyPre,
        http::types::{ErrorCode, Scheme},
    },
};

use super::{Guest, Head, Pre, Setting, running::failed};
use crate::{account::micros, body::request::RequestBody, state};

/// A pre-linked component with a handler of 0.2.
#[derive(Clone)]
pub(crate) struct Preview2(ProxyPre<state::Guest>);

impl Preview2 {
    pub(crate) const fn new(pre: ProxyPre<state::Guest>) -> Self {
        Self(pre)
    }
}

impl Pre for Preview2 {
    fn guest(&self, setting: Setting, request: http::Request<RequestBody>, head: oneshot::Sender<Head>) -> Guest {
        let pre = self.0.clone();
        Box::pin(async move {
            let Setting { account, limits, variables } = setting;
            let mut store = state::Guest::store(pre.engine(), &account, &limits, &variables);
            let result = handle(&pre, &mut store, request, head, |took| {
                account.instantiate_us.store(took, Relaxed);
            });
            if let Err(error) = result.await {
                failed(&account, &error);
            }
        })
    }
}

async fn handle(
    pre: &ProxyPre<state::Guest>,
    store: &mut Store<state::Guest>,
    request: http::Request<RequestBody>,
    head: oneshot::Sender<Head>,
    instantiated: impl FnOnce(u64),
) -> wasmtime::Result<()> {
    let begun = Instant::now();
    let proxy = pre.instantiate_async(&mut *store).await?;
    instantiated(micros(begun.elapsed()));
    let mut http = store.data_mut().http();
    let request = http.new_incoming_request(Scheme::Http, request)?;
    let answer = http.new_response_outparam_from_callback(move |answer| {
        // Nobody listens when the caller went away; then the guest goes too.
        let _ = head.send(answer.map_err(refused));
    })?;
    proxy.wasi_http_incoming_handler().call_handle(store, request, answer).await
}

/// What an error says that a guest gave instead of an answer.
fn refused(code: ErrorCode) -> String {
    match code {
        ErrorCode::InternalError(Some(text)) => format!("the guest answered with an error: {text}"),
        code => format!("the guest answered with the error {code:?}"),
    }
}
