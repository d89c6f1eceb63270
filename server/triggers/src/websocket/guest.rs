//! What a connection's function is called for: a message, and the end.

use std::{future::Future, sync::Arc, time::Duration};

use control::{Closing, Connection, Content, InvokeFault, Socket, SocketMessage, SocketTarget};
use tokio::time::{Instant, sleep};

use super::Sockets;

/// The first pause before a call that found no place is tried again; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest of these pauses.
const LONGEST_PAUSE: Duration = Duration::from_millis(640);

/// Has the guest handle a message. Where the function is full it waits, for as long as a call may last.
///
/// # Errors
///
/// [`InvokeFault`]; one that was not run had no place all the while.
pub(super) async fn receive(
    sockets: Arc<Sockets>,
    target: Arc<SocketTarget>,
    connection: Arc<Connection>,
    message: Content,
) -> Result<(), InvokeFault> {
    let call = || target.receive(sockets.routing.next_invocation(), socket(&connection), given(&message));
    patiently(&sockets, target.limits().timeout(), call).await
}

/// Tells the guest that a connection is gone. Where the function is full it waits, for as long as a call may last.
pub(super) async fn disconnect(sockets: &Sockets, target: &SocketTarget, connection: &Connection, end: Closing) {
    let Closing { code, reason, .. } = end;
    let call = || target.disconnect(sockets.routing.next_invocation(), socket(connection), code, reason.clone());
    if let Err(fault) = patiently(sockets, target.limits().timeout(), call).await {
        tracing::debug!(connection.id = %connection.id, %fault, "a function did not take the end of a connection");
    }
}

/// Calls until there is a place, for at most `most`.
async fn patiently<F>(sockets: &Sockets, most: Duration, mut call: impl FnMut() -> F) -> Result<(), InvokeFault>
where
    F: Future<Output = Result<(), InvokeFault>>,
{
    let until = Instant::now() + most;
    let mut pause = FIRST_PAUSE;
    loop {
        match call().await {
            Err(fault) if !fault.was_run() && Instant::now() < until => {
                // Those that wait do not all come back at once: half of the pause is by chance.
                let [chance] = sockets.connections.ids().random::<1>();
                sleep(pause.mul_f64(0.5 + f64::from(chance) / 512.0)).await;
                pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
            }
            ended => return ended,
        }
    }
}

/// A message as its guest is given it: a copy, since a call that finds no place is made again.
fn given(message: &Content) -> SocketMessage {
    let bytes = message.bytes.to_vec();
    if !message.is_text {
        return SocketMessage::Binary(bytes);
    }
    // It was checked as it came.
    SocketMessage::Text(String::from_utf8(bytes).unwrap_or_default())
}

/// A connection as its guest sees it now.
fn socket(connection: &Connection) -> Socket {
    Socket {
        id: connection.id.to_string(),
        path_with_query: connection.about.path_with_query.clone(),
        parameters: connection.about.parameters.clone(),
        subprotocol: connection.subprotocol(),
        attachment: connection.attachment().to_vec(),
        connected_at_us: u64::try_from(connection.connected_at.as_us()).unwrap_or(0),
    }
}
