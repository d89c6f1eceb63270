//! The answer to every outgoing request of a guest: denied.

use http::HeaderName;
use http_body_util::BodyExt;
use wasmtime_wasi_http::{DEFAULT_FORBIDDEN_HEADERS, Error, RequestOptions, Result, WasiBody, WasiHttpHooks};

/// Lets no request out: no configuration names a host yet that a guest may call.
pub(crate) struct Denied;

type Outcome = Result<(http::Response<WasiBody>, Box<dyn Future<Output = Result<()>> + Send>)>;

impl WasiHttpHooks for Denied {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        DEFAULT_FORBIDDEN_HEADERS.contains(name)
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<()>> + Send>,
    ) -> Box<dyn Future<Output = Outcome> + Send> {
        // The body goes nowhere, but it is read until the guest ends it or is gone: so the guest
        // hears of the denial, and not of a broken pipe.
        let mut body = request.into_body();
        tokio::spawn(async move { while let Some(Ok(_)) = body.frame().await {} });
        Box::new(async { Err(Error::HttpRequestDenied) })
    }
}
