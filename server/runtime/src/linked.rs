//! A component that is linked on its engine, and where its handlers are.

use domain::version::Wasi;
use wasmtime::component::{ComponentNamedList, InstancePre, Lift, Lower, types::ComponentItem};
use wasmtime_wasi_http::{p2::bindings::ProxyIndices, p3::bindings::ServiceIndices};

use crate::{
    bindings::{cron_handler, function_handler, queue_consumer, websocket_handler},
    state::Guest,
};

/// A component's pre-linked form. A cheap handle.
#[derive(Clone)]
pub(crate) struct Linked {
    pub(crate) pre: InstancePre<Guest>,
    pub(crate) handlers: Handlers,
}

/// A component's handlers, found once: an invocation looks up no name.
#[derive(Clone)]
pub(crate) struct Handlers {
    pub(crate) http: Option<HttpHandler>,
    pub(crate) consumer: Option<queue_consumer::GuestIndices>,
    pub(crate) schedule: Option<cron_handler::GuestIndices>,
    pub(crate) function: Option<function_handler::GuestIndices>,
    pub(crate) websocket: Option<websocket_handler::GuestIndices>,
}

/// The handler of HTTP requests, by its generation of WASI.
#[derive(Clone)]
pub(crate) enum HttpHandler {
    Preview2(ProxyIndices),
    Preview3(ServiceIndices),
}

impl Linked {
    /// Finds the handlers of `pre`, which is linked for guests of `wasi`.
    ///
    /// # Errors
    ///
    /// A handler has another signature than its interface.
    pub(crate) fn new(pre: InstancePre<Guest>, wasi: Wasi) -> wasmtime::Result<Self> {
        let http = match wasi {
            Wasi::Preview2 if exports(&pre, "wasi:http/incoming-handler@0.2.0") => {
                Some(HttpHandler::Preview2(ProxyIndices::new(&pre)?))
            }
            Wasi::Preview3 if exports(&pre, "wasi:http/handler@0.3.0") => {
                Some(HttpHandler::Preview3(ServiceIndices::new(&pre)?))
            }
            _ => None,
        };
        let (mut consumer, mut schedule, mut function, mut websocket) = (None, None, None, None);
        if has::<(&queue_consumer::Batch,), (Vec<queue_consumer::Outcome>,)>(&pre, CONSUMER, "consume")? {
            consumer = Some(queue_consumer::GuestIndices::new(&pre)?);
        }
        if has::<(&cron_handler::Slot,), (Result<(), String>,)>(&pre, SCHEDULE, "run")? {
            schedule = Some(cron_handler::GuestIndices::new(&pre)?);
        }
        type Answer = Result<function_handler::Payload, function_handler::Failure>;
        if has::<(&function_handler::Payload,), (Answer,)>(&pre, FUNCTION, "invoke")? {
            function = Some(function_handler::GuestIndices::new(&pre)?);
        }
        use websocket_handler::{Accept, Connection, Message, Refuse, Request};
        if has::<(&Request,), (Result<Accept, Refuse>,)>(&pre, WEBSOCKET, "on-connect")?
            && has::<(&Connection, &Message), ()>(&pre, WEBSOCKET, "on-message")?
            && has::<(&Connection, u16, &str), ()>(&pre, WEBSOCKET, "on-close")?
        {
            websocket = Some(websocket_handler::GuestIndices::new(&pre)?);
        }
        Ok(Self { handlers: Handlers { http, consumer, schedule, function, websocket }, pre })
    }
}

pub(crate) const CONSUMER: &str = "dormouse:queue/consumer@0.1.0";
pub(crate) const SCHEDULE: &str = "dormouse:cron/handler@0.1.0";
pub(crate) const FUNCTION: &str = "dormouse:function/handler@0.1.0";
pub(crate) const WEBSOCKET: &str = "dormouse:websocket/handler@0.1.0";

fn exports(pre: &InstancePre<Guest>, interface: &str) -> bool {
    pre.component().get_export_index(None, interface).is_some()
}

/// Whether the component exports `interface`, of which `function` has that signature.
fn has<Parameters, Answer>(pre: &InstancePre<Guest>, interface: &str, function: &str) -> wasmtime::Result<bool>
where
    Parameters: ComponentNamedList + Lower,
    Answer: ComponentNamedList + Lift,
{
    let component = pre.component();
    let Some(index) = component.get_export_index(None, interface) else { return Ok(false) };
    match component.get_export(Some(&index), function) {
        Some((ComponentItem::ComponentFunc(found), _)) => {
            let alike = found.typecheck::<Parameters, Answer>(&pre.instance_type());
            alike.map(|()| true).map_err(|error| error.context(format!("{function} of {interface}")))
        }
        _ => Err(wasmtime::format_err!("{interface} has no function {function}")),
    }
}
