//! A whole answer, read to its end, with the shapes that suites look at.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A whole answer: status, headers, body and trailers.
#[derive(Clone)]
pub struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: HeaderMap,
}

impl Answer {
    /// The status, which shows as `403 Forbidden`.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The version of HTTP that carried the answer.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// All headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The header `name`; empty where it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of visible text"))
    }

    /// The trailers.
    #[must_use]
    pub fn trailers(&self) -> &HeaderMap {
        &self.trailers
    }

    /// The body.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        self.parse()
    }

    /// The body as a `T`.
    #[must_use]
    pub fn parse<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not a {}: {error}\n{self:?}", std::any::type_name::<T>()))
    }

    /// The items of a page.
    #[must_use]
    pub fn items(&self) -> Vec<Value> {
        self.parse::<wire::Page<Value>>().items
    }

    /// The problem, after a check that it is sent as one and tells the status that carries it.
    #[must_use]
    pub fn problem(&self) -> wire::Problem {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem: wire::Problem = self.parse();
        assert_eq!(problem.status, self.status.as_u16(), "{self:?}");
        problem
    }

    /// The answer itself, where its status is `status`; else the test ends and shows it.
    ///
    /// # Panics
    ///
    /// If the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self.text().chars().take(2_000).collect();
        write!(f, "{:?} {}\n{:#?}\n{shown}", self.version, self.status, self.headers)
    }
}
