//! One call of a function through the API, to try it.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use domain::{
    Action, FunctionName, ProjectName, VersionNumber,
    id::InvocationId,
    invocation::{LogLine, Outcome, Usage},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Uri,
    header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING},
};
use http_body_util::BodyExt as _;
use tokio::sync::oneshot;

use crate::{
    Caller, Control, Error, Target,
    dispatch::{Cause, Runnable},
    version::no_version,
};

/// A request to send to a function, without a route.
#[derive(Clone, Debug)]
pub struct TestCall {
    /// The version to call; absent, the live deployment decides.
    pub version: Option<VersionNumber>,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names and values of headers: at most 100.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// What the function answered, and what it used.
#[derive(Clone, Debug)]
pub struct TestAnswer {
    /// Identifies the invocation.
    pub invocation: InvocationId,
    /// The version that ran.
    pub version: VersionNumber,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it failed, in a sentence.
    pub error: Option<String>,
    /// The answer's status, or the one that a caller would have been sent.
    pub status: http::StatusCode,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The answer's body: at most 1 MiB of it.
    pub body: Bytes,
    /// Whether the body was longer.
    pub body_truncated: bool,
    /// What it used.
    pub usage: Usage,
    /// What it wrote to standard output and standard error.
    pub logs: Vec<LogLine>,
    /// Whether it wrote more than is kept.
    pub logs_truncated: bool,
}

impl Control {
    /// Calls a function and waits for its whole answer.
    ///
    /// A guest's fault is an answer with its outcome, not an error.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for the function, the version, or where nothing is live; [`Error::Forbidden`];
    /// [`Error::Invalid`] for method, path or headers; [`Error::Conflict`] `version-not-ready`.
    pub async fn invoke(
        &self,
        caller: &Caller,
        project: &ProjectName,
        function: &FunctionName,
        call: TestCall,
    ) -> Result<TestAnswer, Error> {
        let access = caller.require(project, Action::FunctionInvoke)?;
        let stored = self.function_for(caller, project, function, Action::FunctionInvoke).await?;
        let request = request(&self.0.config.addresses.project_host(&access.name), &call)?;
        let runnable = match call.version {
            Some(number) => self.version_to_try(&access.name, &stored, number).await?,
            None => {
                let live = self.0.routing.find_live(&access.name, function);
                let chosen = live.and_then(|live| self.0.routing.choose(&live, request.headers()));
                chosen.ok_or_else(|| Error::not_found(format!("deployment of {function} yet")))?
            }
        };
        let target = Target::of(runnable);
        let (invocation, version) = (self.0.ids.next(), target.version());
        let (observed, report) = oneshot::channel();
        let observe = move |report| drop(observed.send(report));
        let (status, headers, body, fault) = match target.call(invocation, request, Cause::Test, observe).await {
            Ok(response) => {
                let (head, body) = response.into_parts();
                (head.status, head.headers, Shown::read(body).await, None)
            }
            Err(fault) => (fault.status(), HeaderMap::new(), Shown::default(), Some(fault)),
        };
        // Without a guest there is no report, only the fault.
        let report = report.await.ok();
        Ok(TestAnswer {
            invocation,
            version,
            outcome: match (&report, &fault) {
                (Some(report), _) => report.outcome,
                (None, Some(fault)) => fault.outcome(),
                (None, None) => Outcome::Cancelled,
            },
            error: match &report {
                Some(report) => report.error.clone(),
                None => fault.map(|fault| fault.message().to_owned()),
            },
            status,
            headers,
            body: body.bytes.freeze(),
            body_truncated: body.truncated,
            usage: report.as_ref().map(|report| report.usage).unwrap_or_default(),
            logs_truncated: report.as_ref().is_some_and(|report| report.logs_truncated),
            logs: report.map(|report| report.logs).unwrap_or_default(),
        })
    }

    async fn version_to_try(
        &self,
        project: &ProjectName,
        function: &store::Function,
        number: VersionNumber,
    ) -> Result<Arc<Runnable>, Error> {
        if let Some(runnable) = self.0.routing.preview(project.clone(), function.name.clone(), number).await? {
            return Ok(runnable);
        }
        let found = self.0.store.read().await?.find_version(function.id, number).await?;
        let version = found.ok_or_else(|| no_version(&function.name, number))?;
        let state = version.preparation.state().as_str();
        Err(Error::conflict("version-not-ready", format!("{number} of {} is {state}, not ready", function.name)))
    }
}

/// The part of an answer's body that is shown.
#[derive(Default)]
struct Shown {
    bytes: BytesMut,
    truncated: bool,
}

impl Shown {
    const MOST: usize = 1 << 20;

    /// Reads `body` to its end, so that its guest ends as it would for any other caller. A body that
    /// breaks off is shown as far as it came; the report says why.
    async fn read(mut body: runtime::Body) -> Self {
        let mut shown = Self::default();
        while let Some(Ok(frame)) = body.frame().await {
            let Ok(data) = frame.into_data() else { continue };
            let room = Self::MOST - shown.bytes.len();
            shown.truncated |= data.len() > room;
            shown.bytes.extend_from_slice(data.get(..room).unwrap_or(&data));
        }
        shown
    }
}

/// The request as the data plane would hand it on.
fn request(host: &str, call: &TestCall) -> Result<Request<runtime::Body>, Error> {
    const MAX_HEADERS: usize = 100;
    if call.headers.len() > MAX_HEADERS {
        let message = format!("has {} entries; use at most {MAX_HEADERS}", call.headers.len());
        return Err(Error::invalid("headers", message));
    }
    let method = Method::from_bytes(call.method.as_bytes())
        .map_err(|_| Error::invalid("method", format!("is {:?}; use one such as GET", call.method)))?;
    let uri = Uri::try_from(&call.path).ok().filter(|uri| uri.host().is_none() && call.path.starts_with('/'));
    let uri = uri.ok_or_else(|| Error::invalid("path", "is not a path such as /users/7?full=1"))?;
    let mut headers = HeaderMap::new();
    for (index, (name, value)) in call.headers.iter().enumerate() {
        let wrong = |what: &str| Error::invalid(format!("headers[{index}]"), format!("has {what} HTTP does not allow"));
        let name = HeaderName::try_from(name).map_err(|_| wrong("a name that"))?;
        let value = HeaderValue::try_from(value).map_err(|_| wrong("a value that"))?;
        // Framing is ours, and what we tell guests by headers is not for callers to say.
        if !matches!(name, CONTENT_LENGTH | TRANSFER_ENCODING | CONNECTION | HOST)
            && !name.as_str().starts_with("dormouse-")
        {
            headers.append(name, value);
        }
    }
    headers.insert(HOST, HeaderValue::try_from(host).map_err(Error::internal("writing a host header"))?);
    if !call.body.is_empty() {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(call.body.len()));
    }
    let mut request = Request::new(runtime::Body::whole(call.body.clone()));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: &str, path: &str, header: (&str, &str)) -> TestCall {
        TestCall {
            version: None,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: vec![(header.0.to_owned(), header.1.to_owned())],
            body: Bytes::from_static(b"hi"),
        }
    }

    #[test]
    fn a_request_is_checked_field_by_field() {
        let field = |call: TestCall| match request("demo.localhost", &call) {
            Err(Error::Invalid(invalid)) => invalid.first().map(|invalid| invalid.field.clone()),
            _ => None,
        };
        assert_eq!(field(call("GE T", "/", ("a", "b"))).as_deref(), Some("method"));
        for path in ["", "a", "http://other/", "*", "/ x"] {
            assert_eq!(field(call("GET", path, ("a", "b"))).as_deref(), Some("path"), "{path}");
        }
        assert_eq!(field(call("GET", "/", ("a b", "b"))).as_deref(), Some("headers[0]"));
        assert_eq!(field(call("GET", "/", ("a", "b\n"))).as_deref(), Some("headers[0]"));
    }

    #[test]
    fn framing_and_our_own_headers_are_not_the_callers_to_set() {
        for name in ["Host", "Transfer-Encoding", "dormouse-param-id"] {
            let request = request("demo.localhost", &call("POST", "/a?b=c", (name, "x"))).unwrap();
            assert_eq!(request.headers().len(), 2);
            assert_eq!(
                (&request.headers()[HOST], &request.headers()[CONTENT_LENGTH]),
                (&"demo.localhost".parse().unwrap(), &"2".parse().unwrap())
            );
        }
    }
}
