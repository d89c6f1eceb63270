//! One HTTP invocation: an instance, a request in, an answer out, within limits.

mod preview2;
mod preview3;
mod shared;

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Weak, atomic::Ordering::Relaxed},
    task::{Context, Poll},
};

use domain::invocation::Outcome;
use http::{HeaderMap, Method, StatusCode, header::CONTENT_LENGTH};
use http_body_util::BodyExt as _;
use tokio::{sync::oneshot, time::Instant};
use wasmtime_wasi_http::{WasiBody, p2::bindings::Proxy, p3::bindings::Service};

pub(crate) use self::shared::{Member, Shared};
use crate::{
    account::Account,
    body::{
        Body,
        answer::AnswerBody,
        peeked::Peeked,
        request::{RequestBody, refuse_size},
    },
    call::{Call, Fault},
    instances::Instances,
    invocation::{self, Guest, Running},
    linked::HttpHandler,
};

/// The handler of one instance.
pub(crate) enum Loaded {
    Preview2(Proxy),
    Preview3(Service),
}

/// The answer's head, or why there is none, on its way from the guest.
type Head = Result<http::Response<WasiBody>, String>;

/// Takes the answer's head. A guest may keep it for as long as its instance lives, so it does not hold the account.
pub(crate) struct Reply {
    head: oneshot::Sender<Head>,
    account: Weak<Account>,
}

impl Reply {
    fn new(head: oneshot::Sender<Head>, account: &Arc<Account>) -> Self {
        Self { head, account: Arc::downgrade(account) }
    }

    /// Hands on the head, or why there is none.
    fn send(self, answer: Head) {
        if answer.as_ref().is_ok_and(|head| !head.status().is_informational())
            && let Some(account) = self.account.upgrade()
        {
            account.answered.store(true, Relaxed);
        }
        // Nobody listens when the caller went away; then the guest goes too.
        let _ = self.head.send(answer);
    }
}

/// Runs one invocation up to the answer's head; the body goes on from there.
///
/// The guest is polled by the caller until the head is there, then by whoever reads the answer's body,
/// and by a task of its own if it goes on after the answer's end: most invocations cost no task. Cancel
/// safe: dropping the future, or the answer's body, ends the guest.
#[tracing::instrument(name = "runtime.guest.run", level = "debug", skip_all, fields(invocation.id = %call.id))]
pub(crate) async fn invoke(
    instances: &Arc<Instances>,
    call: Call,
    request: http::Request<Body>,
) -> Result<http::Response<Body>, Fault> {
    let limits = &instances.terms().limits;
    let account = Account::open(limits, 0, call.on_end);
    refuse_too_large(request.headers(), limits.request_body_bytes, &account)?;
    let deadline = Instant::from_std(account.started()) + limits.timeout();
    let asks_for_body = request.method() != Method::HEAD;
    let (sender, mut receiver) = oneshot::channel();
    let request = request.map(|body| RequestBody::new(body, &account, limits.request_body_bytes));
    let guest = guest(instances, &account, request, sender)?;
    let mut running = Running::new(guest, Arc::clone(&account), deadline);
    let head = poll_fn(|cx| poll_head(&mut running, &mut receiver, cx)).await;
    let (head, body) = accept(head, &account)?.into_parts();

    let asks_for_body = asks_for_body && !matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let announced = announced_bytes(&head.headers);
    let mut body = Peeked::new(body);
    let guest = if running.has_ended() {
        if let Some(whole) = poll_fn(|cx| Poll::Ready(body.take_whole(announced, cx))).await {
            account.response_bytes.store(whole.len() as u64, Relaxed);
            let body = if asks_for_body { Body::whole(whole) } else { Body::empty() };
            return Ok(http::Response::from_parts(head, body));
        }
        None
    } else {
        Some(running)
    };
    let body = AnswerBody::new(body, account, guest, deadline, announced);
    let body = if asks_for_body { Body::stream(body) } else { unsent(body) };
    Ok(http::Response::from_parts(head, body))
}

/// Refuses a body that is announced as larger than `limit` bytes.
fn refuse_too_large(headers: &HeaderMap, limit: u64, account: &Account) -> Result<(), Fault> {
    match announced_bytes(headers) {
        Some(bytes) if bytes > limit => Err(refuse_size(account, limit).clone()),
        _ => Ok(()),
    }
}

/// Takes the head if nothing has gone wrong and HTTP allows it.
fn accept(head: Option<Head>, account: &Account) -> Result<http::Response<WasiBody>, Fault> {
    if let Some(fault) = account.fault() {
        return Err(fault.clone());
    }
    let problem = match head {
        Some(Ok(response)) if !response.status().is_informational() => return Ok(response),
        Some(Ok(response)) => {
            format!("the guest answered with the status {}, which ends no exchange", response.status())
        }
        Some(Err(problem)) => problem,
        None => "the guest returned without an answer".to_owned(),
    };
    Err(account.fail(Outcome::NoAnswer, problem).clone())
}

/// No body, where HTTP sends none.
///
/// A guest that writes one all the same does nothing wrong: it is read to its end and thrown away.
fn unsent(mut body: AnswerBody) -> Body {
    tokio::spawn(async move { while let Some(Ok(_)) = body.frame().await {} });
    Body::empty()
}

/// The guest's future for `request`, if there is an instance or a place for it; the head goes to `head`.
fn guest(
    instances: &Arc<Instances>,
    account: &Arc<Account>,
    request: http::Request<RequestBody>,
    head: oneshot::Sender<Head>,
) -> Result<Guest, Fault> {
    if let Some(shared) = instances.shared() {
        return shared.hand(instances, account, request, head);
    }
    let Some(handler) = &instances.handlers().http else {
        let message = "the component exports no handler of HTTP requests: neither wasi:http/incoming-handler@0.2 \
                       nor wasi:http/handler@0.3";
        return Err(account.fail(Outcome::NoAnswer, message).clone());
    };
    let start = invocation::admit(instances, account)?;
    let (function, account) = (Arc::clone(instances), Arc::clone(account));
    // Each generation has a future of its own, so that the smaller one is not made as large as the other.
    Ok(match handler {
        HttpHandler::Preview2(_) => invocation::guest(function, start, account, preview2::Exchange { request, head }),
        HttpHandler::Preview3(_) => invocation::guest(function, start, account, preview3::Exchange { request, head }),
    })
}

/// Drives the guest until its head is there (`Some`) or it is gone without one (`None`).
///
/// The guest gives its head while it is polled here, so nothing has to be woken for it.
fn poll_head(
    running: &mut Running,
    receiver: &mut oneshot::Receiver<Head>,
    cx: &mut Context<'_>,
) -> Poll<Option<Head>> {
    let gone = Pin::new(running).poll(cx).is_ready();
    match receiver.try_recv() {
        Ok(head) => Poll::Ready(Some(head)),
        Err(_) if gone => Poll::Ready(None),
        Err(_) => Poll::Pending,
    }
}

fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
