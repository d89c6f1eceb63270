//! One request and its answer, over a connection of its own.

use std::{future::poll_fn, pin::Pin, pin::pin, sync::Arc, task::Poll, time::Duration};

use domain::outbound::destination::Destination;
use http::{HeaderValue, Uri, header::HOST, request, uri::PathAndQuery};
use http_body_util::BodyExt;
use hyper::{body::Incoming, client::conn::http1};
use tokio::{sync::Semaphore, time::timeout};
use wasmtime_wasi_http::{Error, RequestOptions, Result, WasiBody, io::TokioIo};

use super::{
    Outbound,
    body::{Received, Sent, drain},
    dial::{self, Connection, Place, Refused},
    fault,
};

/// The head of an answer in bytes, which is also what is read ahead of the guest.
pub(super) const HEAD_BYTES: usize = 64 << 10;
/// Headers of an answer.
const HEADERS: usize = 256;

/// What is given back to the guest's side: the answer, and what drives its connection from here on. The
/// connection ends with that.
pub(super) type Answer = (http::Response<WasiBody>, Box<dyn Future<Output = Result<()>> + Send>);

type Driver = http1::Connection<TokioIo<Connection>, Sent>;

/// How long an exchange waits for what: what the guest asks for, within bounds, or a default.
struct Waits {
    connect: Duration,
    first_byte: Duration,
    between_bytes: Duration,
}

impl Waits {
    fn of(options: Option<RequestOptions>) -> Self {
        let wait = |asked: Option<Duration>, default: u64, most: u64| {
            asked.unwrap_or(Duration::from_secs(default)).min(Duration::from_secs(most))
        };
        let asked = |of: fn(&RequestOptions) -> Option<Duration>| options.as_ref().and_then(of);
        Self {
            connect: wait(asked(|options| options.connect_timeout), 10, 60),
            first_byte: wait(asked(|options| options.first_byte_timeout), 300, 900),
            between_bytes: wait(asked(|options| options.between_bytes_timeout), 60, 900),
        }
    }
}

/// Why an exchange did not come about.
pub(super) struct Failed {
    pub(super) error: Error,
    /// Why no address was dialled, where that is what happened.
    pub(super) prohibited: Option<&'static str>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, prohibited: None }
    }
}

/// Sends `request` to `destination`, which the list allows, and waits for the head of its answer.
///
/// Cancel safe: dropping the future closes the connection.
pub(super) async fn exchange(
    outbound: &Outbound,
    places: Arc<Semaphore>,
    destination: &Destination,
    request: http::Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<Answer, Failed> {
    let waits = Waits::of(options);
    let (head, body) = request.into_parts();
    let body = Sent::new(body, outbound.body_bytes).map_err(|(error, body)| {
        drain(body);
        error
    })?;
    let (connection, place) = match dial::connect(outbound, places, destination, waits.connect).await {
        Ok(connected) => connected,
        Err(Refused::Failed(error)) => return Err(error.into()),
        Err(Refused::Prohibited(why)) => {
            return Err(Failed { error: Error::DestinationIpProhibited, prohibited: Some(why) });
        }
    };
    let request = http::Request::from_parts(addressed(head, destination)?, body);
    let (response, driver) =
        timeout(waits.first_byte, head_of(connection, request)).await.map_err(|_| Error::ConnectionReadTimeout)??;
    if response.status().is_informational() {
        return Err(Error::HttpUpgradeFailed.into());
    }
    let (head, body) = response.into_parts();
    let body = Received::new(body, outbound.body_bytes, waits.between_bytes)?.boxed_unsync();
    Ok((http::Response::from_parts(head, body), Box::new(drive(driver, place))))
}

/// The head in the form that a server reads: its path alone, and the host that the list allowed.
fn addressed(mut head: request::Parts, destination: &Destination) -> Result<request::Parts> {
    let path = head.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    head.uri = Uri::from(path);
    let host = HeaderValue::try_from(destination.to_string()).map_err(|_| Error::HttpRequestUriInvalid)?;
    head.headers.insert(HOST, host);
    Ok(head)
}

/// Sends `request` and drives the connection until the head of the answer is there.
async fn head_of(
    connection: Connection,
    request: http::Request<Sent>,
) -> Result<(http::Response<Incoming>, Option<Driver>)> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD_BYTES).max_header_size(HEAD_BYTES).max_headers(HEADERS);
    let (mut sender, driver) =
        builder.handshake(TokioIo::new(connection)).await.map_err(|error| fault::of_exchange(&error))?;
    let mut driver = Some(driver);
    let response = {
        let mut sent = pin!(sender.send_request(request));
        poll_fn(|cx| {
            let ended = match driver.as_mut().map(|driver| Pin::new(driver).poll(cx)) {
                Some(Poll::Ready(ended)) => {
                    driver = None;
                    Some(ended.err())
                }
                _ => None,
            };
            match (sent.as_mut().poll(cx), ended) {
                (Poll::Ready(response), _) => Poll::Ready(response.map_err(|error| fault::of_exchange(&error))),
                (Poll::Pending, Some(error)) => {
                    let error = error.as_ref().map_or(Error::HttpResponseIncomplete, fault::of_exchange);
                    Poll::Ready(Err(error))
                }
                (Poll::Pending, None) => Poll::Pending,
            }
        })
        .await?
    };
    Ok((response, driver))
}

/// Drives the connection to its end, and gives its place back then.
async fn drive(driver: Option<Driver>, place: Place) -> Result<()> {
    let _place = place;
    match driver {
        Some(driver) => driver.await.map_err(|error| fault::of_exchange(&error)),
        None => Ok(()),
    }
}
