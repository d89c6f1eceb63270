//! The HTTP client of the suites: plain HTTP to this machine, whatever the host name says.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    io,
    iter::{Once, once},
    net::{Ipv4Addr, SocketAddr},
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response};
use http_body_util::{BodyExt as _, Full, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{
        self,
        connect::{HttpConnector, dns::Name},
    },
    rt::{TokioExecutor, TokioTimer},
};
use serde::Serialize;
use tower::util::ServiceFn;

use crate::Answer;

/// The body of a request: whole or streamed.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

type Here = ServiceFn<fn(Name) -> Ready<Result<Once<SocketAddr>, Infallible>>>;

/// A client with its own connections. Every host name leads to 127.0.0.1, so that the hosts of
/// projects and previews need no name server.
#[derive(Clone)]
pub struct Client {
    http1: legacy::Client<HttpConnector<Here>, Body>,
    http2: legacy::Client<HttpConnector<Here>, Body>,
}

impl Client {
    /// A client without connections yet.
    #[must_use]
    pub fn new() -> Self {
        let mut connector = HttpConnector::new_with_resolver(tower::service_fn(here as fn(Name) -> _));
        connector.set_nodelay(true);
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new());
        Self {
            http1: builder.build(connector.clone()),
            http2: builder.http2_only(true).http2_adaptive_window(true).build(connector),
        }
    }

    /// Starts a request to `url`.
    pub fn request(&self, method: Method, url: impl Into<String>) -> Request {
        let head = http::Request::builder().method(method).uri(url.into());
        Request { client: self.clone(), http2: false, head, body: empty() }
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

/// A request that is being put together.
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    client: Client,
    http2: bool,
    head: http::request::Builder,
    body: Body,
}

impl Request {
    /// Adds a header.
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: Into<http::Error>>,
        V: TryInto<HeaderValue, Error: Into<http::Error>>,
    {
        self.head = self.head.header(name, value);
        self
    }

    /// Speaks HTTP/2 with prior knowledge instead of HTTP/1.1.
    pub fn http2(mut self) -> Self {
        self.http2 = true;
        self
    }

    /// Sends `body` whole.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Full::new(body.into()).map_err(|never| match never {}).boxed_unsync();
        self
    }

    /// Sends `value` as JSON.
    pub fn json(self, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).expect("a value that JSON can carry");
        self.header("content-type", "application/json").body(body)
    }

    /// Sends `body` as it comes.
    pub fn stream(mut self, body: impl http_body::Body<Data = Bytes, Error = io::Error> + Send + 'static) -> Self {
        self.body = body.boxed_unsync();
        self
    }

    /// Sends the request and gives the answer's head, with its body still to come.
    ///
    /// # Errors
    ///
    /// Where no answer came: the connection failed, or the server went away.
    pub async fn open(self) -> Result<Response<Incoming>, legacy::Error> {
        let client = if self.http2 { &self.client.http2 } else { &self.client.http1 };
        client.request(self.head.body(self.body).expect("a request that HTTP allows")).await
    }

    /// Sends the request and reads the whole answer.
    ///
    /// # Errors
    ///
    /// Where no whole answer came.
    pub async fn try_send(self) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let (head, body) = self.open().await?.into_parts();
        let body = body.collect().await?;
        let trailers = body.trailers().cloned().unwrap_or_default();
        Ok(Answer {
            status: head.status,
            version: head.version,
            headers: head.headers,
            body: body.to_bytes(),
            trailers,
        })
    }

    /// Sends the request and reads the whole answer, which must come.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub async fn send(self) -> Answer {
        let what = format!("{:?} {:?}", self.head.method_ref(), self.head.uri_ref());
        self.try_send().await.unwrap_or_else(|error| panic!("no answer to {what}: {error:?}"))
    }
}

fn empty() -> Body {
    Full::default().map_err(|never| match never {}).boxed_unsync()
}

fn here(_: Name) -> Ready<Result<Once<SocketAddr>, Infallible>> {
    ready(Ok(once(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))))
}
