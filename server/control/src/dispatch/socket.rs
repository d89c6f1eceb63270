//! The way from a WebSocket to its function.

use std::sync::Arc;

use domain::{
    FunctionName, Handler, Invalid, Limits, Migrate, PathPattern, VersionNumber, WebSocketTrigger,
    id::{ConnectionId, FunctionId, InvocationId, ProjectId},
    route::Search,
};
use http::HeaderMap;
use runtime::{Socket, SocketAccept, SocketMessage, SocketRefusal, SocketRequest};

use super::{
    InvokeFault, Routing, Target,
    record::Cause,
    routing::{Plane, plain},
    runnable::Runnable,
    table::SocketRoute,
};

/// Where the messages of one connection go.
pub struct SocketTarget {
    runnable: Arc<Runnable>,
    trigger: Arc<WebSocketTrigger>,
    /// Whether it was reached by a route; else by its preview host.
    routed: bool,
    parameters: Vec<(String, String)>,
}

/// What was found for a handshake.
pub enum SocketResolution {
    /// A version that may accept it.
    Found(SocketTarget),
    /// No function serves WebSockets there.
    NoRoute,
    /// It cannot be told now: 503.
    Unavailable {
        /// Why, for callers.
        message: String,
    },
}

impl Routing {
    /// Finds the version that is asked whether it accepts a WebSocket to `host` for `path` (without its query).
    ///
    /// Reads no database, but for a preview of a version that is not live and was not called for some time.
    pub async fn resolve_socket(&self, host: &str, path: &str, headers: &HeaderMap) -> SocketResolution {
        let host = plain(host);
        if let Some(found) = self.socket_route(&host, path, headers) {
            return found;
        }
        let everything: Result<PathPattern, Invalid> = "/{*rest}".parse();
        let Ok(pattern) = everything else { return SocketResolution::NoRoute };
        match self.preview_at(&host).await {
            Ok(Some(runnable)) if runnable.handles(Handler::WebSocket) => {
                let trigger = Arc::new(WebSocketTrigger::at(pattern));
                SocketResolution::Found(SocketTarget { runnable, trigger, routed: false, parameters: Vec::new() })
            }
            Ok(_) => SocketResolution::NoRoute,
            Err(message) => SocketResolution::Unavailable { message },
        }
    }

    /// Whether a live function serves WebSockets at `path` of `host`, which is no preview host.
    #[must_use]
    pub fn has_socket(&self, host: &str, path: &str) -> bool {
        let table = self.0.table.load();
        table.sockets(&plain(host)).is_some_and(|router| matches!(router.find("GET", path), Search::Found(_)))
    }

    /// Looks into the table; `None` if it has no such host.
    fn socket_route(&self, host: &str, path: &str, headers: &HeaderMap) -> Option<SocketResolution> {
        let table = self.0.table.load();
        if !table.has_host(host) {
            return None;
        }
        let Some(Search::Found(found)) = table.sockets(host).map(|router| router.find("GET", path)) else {
            return Some(SocketResolution::NoRoute);
        };
        let route: &Arc<SocketRoute> = found.target;
        let runnable = Arc::clone(route.function.choose(headers, &self.0.draw)?);
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Some(SocketResolution::Found(SocketTarget {
            runnable,
            trigger: Arc::clone(&route.trigger),
            routed: true,
            parameters: found.parameters.into_iter().map(owned).collect(),
        }))
    }
}

impl SocketTarget {
    /// The trigger that it was reached by; the defaults on a preview host.
    #[must_use]
    pub fn trigger(&self) -> &WebSocketTrigger {
        &self.trigger
    }

    /// The pattern that matched; absent on a preview host.
    #[must_use]
    pub fn route(&self) -> Option<&str> {
        self.routed.then(|| self.trigger.path.as_str())
    }

    /// The values of the pattern's parameters.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> ProjectId {
        self.runnable.home.project.id
    }

    /// The project's name.
    #[must_use]
    pub fn project_name(&self) -> &domain::ProjectName {
        &self.runnable.home.project.name
    }

    /// The function.
    #[must_use]
    pub fn function(&self) -> (FunctionId, &FunctionName) {
        (self.runnable.home.id, &self.runnable.home.name)
    }

    /// The version that handles what happens.
    #[must_use]
    pub fn version(&self) -> VersionNumber {
        self.runnable.number
    }

    /// What each call may use.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.runnable.limits()
    }

    /// Goes over to what is live, where the trigger says so and the version is live no more: by the split, the same for
    /// all of a connection. Says whether it did.
    pub fn follow(&mut self, routing: &Routing, connection: ConnectionId) -> bool {
        if self.trigger.migrate == Migrate::Never || !self.routed {
            return false;
        }
        let home = &self.runnable.home;
        let Some(live) = routing.find_live(&home.project.name, &home.name) else { return false };
        if live.home.id != home.id || live.version(self.runnable.number).is_some() {
            return false;
        }
        let plane: &Plane = &routing.0;
        match live.choose_for(Some(connection.to_string().as_bytes()), &plane.draw) {
            Some(next) if next.handles(Handler::WebSocket) => {
                self.runnable = Arc::clone(next);
                true
            }
            _ => false,
        }
    }

    /// Asks the guest whether it takes a connection.
    ///
    /// # Errors
    ///
    /// [`InvokeFault`], each with the status to answer with.
    pub async fn connect(
        &self,
        id: InvocationId,
        request: SocketRequest,
    ) -> Result<Result<SocketAccept, SocketRefusal>, InvokeFault> {
        let (function, call) = self.target().enter(id, Cause::WebSocket, |_| {}).await?;
        Ok(function.connect(call, request).await?)
    }

    /// Has the guest handle a message.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`].
    pub async fn receive(&self, id: InvocationId, socket: Socket, message: SocketMessage) -> Result<(), InvokeFault> {
        let (function, call) = self.target().enter(id, Cause::WebSocket, |_| {}).await?;
        Ok(function.receive(call, socket, message).await?)
    }

    /// Tells the guest that a connection is gone.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`].
    pub async fn disconnect(
        &self,
        id: InvocationId,
        socket: Socket,
        code: u16,
        reason: String,
    ) -> Result<(), InvokeFault> {
        let (function, call) = self.target().enter(id, Cause::WebSocket, |_| {}).await?;
        Ok(function.disconnect(call, socket, code, reason).await?)
    }

    fn target(&self) -> Target {
        Target::of(Arc::clone(&self.runnable))
    }
}
