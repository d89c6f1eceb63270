//! Tells a witness outside of the platform which messages it is handed, before it is done with them, so that a
//! test can compare what was done with what the platform remembers.
//!
//! The witness takes POST requests at the authority in the variable `WITNESS`: one line for each message, with its
//! id, how often it was received, its group or `-`, and its body. A body that begins with `reject` is rejected, one
//! that begins with `fail` is retried at once; all others are done. Where the witness does not answer, all are retried.

use std::env;

use dormouse::queue::{Batch, Outcome};
use wasip2::http::{
    outgoing_handler,
    types::{Fields, Method, OutgoingBody, OutgoingRequest, Scheme},
};

dormouse::consumer!(consume);

fn consume(batch: Batch) -> Vec<Outcome> {
    let lines: String = batch
        .messages
        .iter()
        .map(|message| {
            let body = String::from_utf8_lossy(&message.body);
            format!("{} {} {} {body}\n", message.id, message.receives, message.group.as_deref().unwrap_or("-"))
        })
        .collect();
    if tell(&lines).is_none() {
        return batch.messages.iter().map(|_| Outcome::RETRY).collect();
    }
    let outcome = |body: &[u8]| {
        if body.starts_with(b"reject") {
            Outcome::reject("as it says")
        } else if body.starts_with(b"fail") {
            Outcome::Retry(Some(0))
        } else {
            Outcome::Ack
        }
    };
    batch.messages.iter().map(|message| outcome(&message.body)).collect()
}

/// Sends `lines`, and gives nothing where that did not succeed.
fn tell(lines: &str) -> Option<()> {
    let request = OutgoingRequest::new(Fields::new());
    request.set_method(&Method::Post).ok()?;
    request.set_scheme(Some(&Scheme::Http)).ok()?;
    request.set_authority(Some(&env::var("WITNESS").ok()?)).ok()?;
    request.set_path_with_query(Some("/")).ok()?;
    let body = request.body().ok()?;
    let answer = outgoing_handler::handle(request, None).ok()?;
    let stream = body.write().ok()?;
    for part in lines.as_bytes().chunks(4_096) {
        stream.blocking_write_and_flush(part).ok()?;
    }
    drop(stream);
    OutgoingBody::finish(body, None).ok()?;
    answer.subscribe().block();
    let response = answer.get()?.ok()?.ok()?;
    (response.status() == 200).then_some(())
}
