//! Where a guest's outgoing requests enter: the hooks of `wasi:http`, for both of its generations.

use std::sync::Arc;

use domain::outbound::destination::Destination;
use http::{HeaderName, Method};
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{DEFAULT_FORBIDDEN_HEADERS, Error, RequestOptions, Result, WasiBody, WasiHttpHooks};

use super::{
    Outbound,
    body::drain,
    exchange::{self, Answer},
};
use crate::seat::Seat;

/// The way out of one instance. What it opened is gone with the instance.
pub(crate) struct Outgoing {
    /// `None` where nothing is allowed.
    outbound: Option<Arc<Outbound>>,
    /// Made when the guest first asks; most never do.
    places: Option<Arc<Semaphore>>,
    seat: Arc<Seat>,
}

impl Outgoing {
    /// The way out of an instance that may do what `outbound` says.
    pub(crate) const fn new(outbound: Option<Arc<Outbound>>, seat: Arc<Seat>) -> Self {
        Self { outbound, places: None, seat }
    }

    /// Where `request` goes, if it may begin, and by whose permission.
    fn destination(&self, request: &http::Request<WasiBody>) -> Result<(Destination, Arc<Outbound>)> {
        if request.method() == Method::CONNECT {
            return Err(Error::HttpRequestMethodInvalid);
        }
        let uri = request.uri();
        let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
        let destination = Destination::parse(uri.scheme_str().unwrap_or_default(), authority)
            .map_err(|_| Error::HttpRequestUriInvalid)?;
        match &self.outbound {
            Some(outbound) if outbound.allows(&destination) => match outbound.connections {
                0 => Err(Error::ConnectionLimitReached),
                _ => Ok((destination, Arc::clone(outbound))),
            },
            _ => {
                let scheme = destination.scheme;
                let why = format_args!("{scheme}://{destination} is not in the version's allowed_outbound_hosts");
                note(&self.seat, why);
                Err(Error::HttpRequestDenied)
            }
        }
    }
}

impl WasiHttpHooks for Outgoing {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        DEFAULT_FORBIDDEN_HEADERS.contains(name)
    }

    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<()>> + Send>,
    ) -> Box<dyn Future<Output = Result<Answer>> + Send> {
        let (destination, outbound) = match self.destination(&request) {
            Ok(begun) => begun,
            Err(error) => {
                drain(request.into_body());
                return Box::new(async { Err(error) });
            }
        };
        let connections = outbound.connections as usize;
        let places = Arc::clone(self.places.get_or_insert_with(|| Arc::new(Semaphore::new(connections))));
        let seat = Arc::clone(&self.seat);
        Box::new(async move {
            exchange::exchange(&outbound, places, &destination, request, options).await.map_err(|failed| {
                if let Some(why) = failed.prohibited {
                    let scheme = destination.scheme;
                    note(&seat, format_args!("{scheme}://{destination} leads to an address that is {why}"));
                }
                failed.error
            })
        })
    }
}

/// Tells the function's owner, in the invocation's log, why a request was refused.
fn note(seat: &Seat, why: std::fmt::Arguments<'_>) {
    seat.with(|account| account.with_logs(|logs| logs.note(&format!("dormouse: request refused: {why}"))));
}
