//! A request for a WebSocket: from its head to the connection's task.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use control::{NewConnection, Opened, SocketAccept, SocketRefusal, SocketRequest, SocketResolution, SocketTarget};
use domain::{
    GroupName,
    connection::{MAX_ATTACHMENT_BYTES, MAX_GROUPS},
    id::InvocationId,
};
use http::{HeaderValue, Request, Response, StatusCode, header::CONTENT_TYPE, request::Parts};
use hyper::{
    body::{Body as _, Incoming},
    upgrade::OnUpgrade,
};
use hyper_util::rt::TokioIo;
use telemetry::InvocationSpan;

use super::{
    Sockets,
    handshake::{Handshake, headers_for_guest, is_admitted},
    session::Session,
    wire::Wire,
};
use crate::http::{cork::Cork, headers, host, problem::Refusal};

/// What is answered to a request for a WebSocket.
pub(crate) enum Answered {
    /// The connection is open; or the guest refuses it, in its own words.
    Response(Response<Bytes>),
    /// The platform refuses it.
    Refused(Refusal),
    /// No WebSocket is there: it is a request as any other.
    Passed(Request<Incoming>),
}

impl Sockets {
    /// Answers a request that [asks for a WebSocket]. The guest accepts it before the client is answered. Dropped before
    /// that, the invocation ends as cancelled and there is no connection.
    ///
    /// [asks for a WebSocket]: super::is_asked_for
    pub(crate) async fn answer(
        self: &Arc<Self>,
        id: InvocationId,
        request: Request<Incoming>,
        remote: SocketAddr,
    ) -> Answered {
        let (mut parts, body) = request.into_parts();
        let found = match host::of(&parts) {
            // The rest says that the platform stops, or that there is no such host.
            Some(host) if !self.draining.is_cancelled() => {
                self.routing.resolve_socket(host, parts.uri.path(), &parts.headers).await
            }
            _ => SocketResolution::NoRoute,
        };
        let target = match found {
            SocketResolution::Found(target) => target,
            SocketResolution::NoRoute => return Answered::Passed(Request::from_parts(parts, body)),
            SocketResolution::Unavailable { message } => return Answered::Refused(Refusal::unavailable(message)),
        };
        let Some(upgrade) = parts.extensions.remove::<OnUpgrade>() else {
            return Answered::Refused(Refusal::bad_handshake("the connection cannot be taken over"));
        };
        let mut span = self.tracer.start_invocation(&mut parts.headers);
        if span.is_recording() {
            describe(&mut span, id, &target, &parts);
        }
        let version = target.version();
        let answered = match self.accept(id, target, parts, body.is_end_stream(), remote).await {
            Ok(Ok((session, response))) => {
                let cut = self.cut.clone();
                let served = Box::pin(async move {
                    // Without a socket the guest still hears that the connection which it accepted is gone.
                    let wire = upgrade.await.ok().and_then(|upgraded| upgraded.downcast::<TokioIo<Cork>>().ok());
                    let wire = wire.map(|parts| Wire::new(parts.io.into_inner(), parts.read_buf, session.most()));
                    session.run(wire.map(Box::new)).await;
                });
                self.tasks.spawn(cut.run_until_cancelled_owned(served));
                Ok(response.map(|()| Bytes::new()))
            }
            Ok(Err(refusal)) => Ok(in_its_words(refusal)),
            Err(refusal) => Err(refusal),
        };
        match answered {
            Ok(mut response) => {
                span.set("http.response.status_code", i64::from(response.status().as_u16()));
                headers::tell(response.headers_mut(), id, version);
                Answered::Response(response)
            }
            Err(refusal) => {
                span.set("http.response.status_code", i64::from(refusal.status().as_u16()));
                span.fail(refusal.code());
                Answered::Refused(refusal)
            }
        }
    }

    /// Checks the handshake, and has the guest accept the connection or, the inner error, refuse it.
    async fn accept(
        self: &Arc<Self>,
        id: InvocationId,
        target: SocketTarget,
        parts: Parts,
        is_without_body: bool,
        remote: SocketAddr,
    ) -> Result<Result<(Box<Session>, Response<()>), SocketRefusal>, Refusal> {
        let handshake = Handshake::read(&parts)?;
        if !is_without_body {
            return Err(Refusal::bad_handshake("a handshake has no body"));
        }
        if !is_admitted(&parts.headers, target.trigger()) {
            return Err(Refusal::foreign_origin());
        }
        let path_with_query = parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        let (function, name) = target.function();
        let opened = self.connections.open(NewConnection {
            project: target.project(),
            function: (function, name.clone()),
            version: target.version(),
            path_with_query: path_with_query.clone(),
            parameters: target.parameters().to_vec(),
            remote_address: remote.to_string(),
            sent_bytes: target.trigger().sent_bytes(),
            buffer_bytes: target.trigger().buffer_bytes,
        });
        let opened = opened.map_err(|full| Refusal::too_many_connections(&full))?;
        // Whoever stops the platform has seen this connection, or it sees here that the platform stops.
        if self.draining.is_cancelled() {
            return Err(Refusal::draining());
        }
        let request = SocketRequest {
            connection: opened.id.to_string(),
            path_with_query,
            route: target.route().map(str::to_owned),
            parameters: target.parameters().to_vec(),
            headers: headers_for_guest(parts.headers),
            subprotocols: handshake.subprotocols.clone(),
            remote_address: remote.to_string(),
        };
        let accept = match target.connect(id, request).await.map_err(|fault| Refusal::fault(&fault))? {
            Ok(accept) => accept,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let subprotocol = accept.subprotocol.clone();
        self.begin(&opened, &handshake, accept).map_err(Refusal::bad_answer)?;
        let response = handshake.answer(subprotocol.as_deref());
        Ok(Ok((Session::new(Arc::clone(self), opened, target), response)))
    }

    /// Lets a connection begin as the guest wants it, or says what of that cannot be.
    fn begin(&self, opened: &Opened, handshake: &Handshake, accept: SocketAccept) -> Result<(), &'static str> {
        let SocketAccept { subprotocol, attachment, groups } = accept;
        if subprotocol.as_ref().is_some_and(|chosen| !handshake.subprotocols.contains(chosen)) {
            return Err("the function chose a subprotocol that the client does not offer");
        }
        if attachment.len() > MAX_ATTACHMENT_BYTES {
            return Err("the function attached more than 16 KiB to the connection");
        }
        if groups.len() > MAX_GROUPS {
            return Err("the function put the connection into more than 64 groups");
        }
        opened.agree_on(subprotocol);
        // What the guest attached by a call during the handshake stays, unless it attaches something else at its end.
        if !attachment.is_empty() && opened.attach(attachment.into()).is_err() {
            return Err("the connection was closed during its handshake");
        }
        for group in groups {
            let Ok(group) = GroupName::try_from(group) else {
                return Err("the function put the connection into a group whose name is not valid");
            };
            if !matches!(self.connections.join(opened, group), Ok(Ok(()))) {
                return Err("the function put the connection into more than 64 groups");
            }
        }
        Ok(())
    }
}

/// A guest's refusal as an answer.
fn in_its_words(refusal: SocketRefusal) -> Response<Bytes> {
    let status = StatusCode::from_u16(refusal.status).ok();
    let status = status.filter(|status| status.is_client_error() || status.is_server_error());
    let mut response = Response::new(refusal.body.into());
    *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

fn describe(span: &mut InvocationSpan, id: InvocationId, target: &SocketTarget, parts: &Parts) {
    span.set("faas.trigger", "other");
    span.set("faas.invocation_id", id.to_string());
    span.set("faas.name", target.function().1.to_string());
    span.set("faas.version", target.version().to_string());
    span.set("dormouse.project", target.project_name().to_string());
    span.set("url.path", parts.uri.path().to_owned());
    if let Some(route) = target.route() {
        span.set("http.route", route.to_owned());
    }
}
