//! The server's REST API: the only module that speaks HTTP.
//!
//! [`Api`] carries what every request needs; the modules below it add one method for each use.

mod access;
mod calls;
mod connections;
mod deployments;
mod error;
mod functions;
mod queues;
mod schedules;
mod secrets;
mod session;
mod upload;
mod versions;

use std::time::Duration;

use futures::future::LocalBoxFuture;
use gloo_net::http::{Method, RequestBuilder};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use web_sys::js_sys;
use wire::Page;

pub(crate) use self::{connections::Told, error::Error, upload::Upload};
use crate::{account::Account, browser, json};

/// How many items one request for a list asks for.
const PAGE: u32 = 50;

/// What the server will say to a request, which is sent when this is first waited for.
///
/// One kind of future for each kind of answer: what each request added would be a good part of the bundle.
pub(crate) type Reply<T> = LocalBoxFuture<'static, Result<T, Error>>;

/// The way to the server, for the person at the browser.
#[derive(Clone, Copy)]
pub(crate) struct Api {
    account: Account,
}

impl Api {
    /// Speaks for `account`, and tells it when the session is over.
    pub(crate) fn new(account: Account) -> Self {
        Self { account }
    }

    /// The way to the server of the page that is being drawn.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    fn get<T: DeserializeOwned + 'static>(self, path: String) -> Reply<T> {
        reply(self.exchange(Method::GET, path, Ok(None), false))
    }

    /// Reads `pages` pages of a list as one.
    fn get_list<T: DeserializeOwned + 'static>(self, path: String, pages: u32) -> Reply<Page<T>> {
        Box::pin(async move {
            let path = format!("{path}{}limit={PAGE}", if path.contains('?') { '&' } else { '?' });
            let mut all: Page<T> = self.get(path.clone()).await?;
            for _ in 1..pages {
                let Some(cursor) = all.next_cursor.take() else { break };
                let next: Page<T> = self.get(format!("{path}&cursor={}", encoded(&cursor))).await?;
                all.items.extend(next.items);
                all.next_cursor = next.next_cursor;
            }
            Ok(all)
        })
    }

    /// Sends once, and once more where no answer came: the key lets the server tell the two are one.
    fn post<T: DeserializeOwned + 'static>(self, path: String, body: &impl Serialize) -> Reply<T> {
        reply(self.exchange(Method::POST, path, written(body), true))
    }

    fn patch<T: DeserializeOwned + 'static>(self, path: String, body: &impl Serialize) -> Reply<T> {
        reply(self.exchange(Method::PATCH, path, written(body), false))
    }

    fn put<T: DeserializeOwned + 'static>(self, path: String, body: &impl Serialize) -> Reply<T> {
        reply(self.exchange(Method::PUT, path, written(body), false))
    }

    fn delete(self, path: String) -> Reply<()> {
        let answer = self.exchange(Method::DELETE, path, Ok(None), false);
        Box::pin(async move { answer.await.map(drop) })
    }

    /// Sends a request, where `again` is set once more if no answer came, and takes the answer.
    ///
    /// One future for all kinds of answers: what each kind added would be most of the bundle.
    fn exchange(self, method: Method, path: String, body: Result<Option<String>, Error>, again: bool) -> Reply<Answer> {
        Box::pin(async move {
            let body = body?;
            let key = again.then(browser::random_key);
            match self.send(&method, &path, body.as_deref(), key.as_deref()).await {
                Err(Error::Unreachable) if again => {
                    browser::pause(Duration::from_millis(500)).await;
                    self.send(&method, &path, body.as_deref(), key.as_deref()).await
                }
                answer => answer,
            }
        })
    }

    async fn send(self, method: &Method, path: &str, body: Option<&str>, key: Option<&str>) -> Result<Answer, Error> {
        let changes = *method != Method::GET;
        let mut request = RequestBuilder::new(&format!("/api/v1{path}")).method(method.clone());
        if changes && let Some(csrf) = self.account.csrf_token() {
            request = request.header("x-csrf-token", &csrf);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body),
            None => request.build(),
        };
        let answer = request.map_err(|_| Error::Unreachable)?.send().await.map_err(|_| Error::Unreachable)?;
        let request_id = answer.headers().get("x-request-id");
        let text = answer.text().await.map_err(|_| Error::Unreachable)?;
        self.take(answer.status(), text, request_id)
    }

    /// Takes an answer, or the problem that it tells of.
    fn take(self, status: u16, text: String, request_id: Option<String>) -> Result<Answer, Error> {
        if (200..300).contains(&status) {
            return Ok(Answer { status, text, request_id });
        }
        if status == 401 {
            self.account.end();
        }
        Err(Error::refused(status, &text, request_id))
    }
}

/// An answer that says yes.
struct Answer {
    status: u16,
    text: String,
    request_id: Option<String>,
}

/// Reads the body of an answer to come.
fn reply<T: DeserializeOwned + 'static>(answer: Reply<Answer>) -> Reply<T> {
    Box::pin(async move { parse(answer.await?) })
}

/// Reads an answer's body.
fn parse<T: DeserializeOwned>(answer: Answer) -> Result<T, Error> {
    let text = if answer.text.is_empty() { "null" } else { &answer.text };
    json::read(text).ok_or(Error::Unreadable { status: answer.status, request_id: answer.request_id })
}

fn written(body: &impl Serialize) -> Result<Option<String>, Error> {
    serde_json::to_string(body).map(Some).map_err(|_| Error::Unreadable { status: 0, request_id: None })
}

/// A part of an address with everything escaped that would mean something else there.
pub(crate) fn encoded(part: &str) -> String {
    js_sys::encode_uri_component(part).into()
}

/// The address of a project in the API.
fn project_path(project: &str) -> String {
    format!("/projects/{}", encoded(project))
}

/// The address of a function in the API.
fn function_path(project: &str, function: &str) -> String {
    format!("{}/functions/{}", project_path(project), encoded(function))
}
