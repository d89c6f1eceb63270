//! Does with each event what its text says: a message's body, a slot's name, a call's body. Anything else is done well,
//! and written to the log.

use std::{thread, time::Duration};

use dormouse::{
    cron::Slot,
    function::{Failure, Payload},
    queue::{Batch, Outcome},
};

dormouse::consumer!(consume);
dormouse::schedule!(run);
dormouse::function!(invoke);

fn consume(batch: Batch) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for message in batch.messages {
        let text = String::from_utf8_lossy(&message.body);
        let outcome = match text.split_once(' ').unwrap_or((&text, "")) {
            ("retry", delay) => Outcome::Retry(delay.parse().ok()),
            ("reject", reason) => Outcome::reject(reason),
            // An outcome for each message so far, and none for this one and those behind it.
            ("short", _) => return outcomes,
            // More outcomes than messages, and all of them good.
            ("long", _) => {
                outcomes.resize_with(1_000, || Outcome::Ack);
                return outcomes;
            }
            ("once", _) if message.receives == 1 => Outcome::RETRY,
            _ => {
                misbehave(&text);
                dormouse::log!("{} {} {text}", message.id, message.receives);
                Outcome::Ack
            }
        };
        outcomes.push(outcome);
    }
    outcomes
}

fn run(slot: Slot) -> Result<(), String> {
    if slot.name == "fail" {
        return Err(format!("attempt {} failed as it should", slot.attempt));
    }
    misbehave(&slot.name);
    dormouse::log!("{} {} {} {}", slot.id, slot.name, slot.scheduled_at_us, slot.attempt);
    Ok(())
}

fn invoke(payload: Payload) -> Result<Payload, Failure> {
    let text = String::from_utf8_lossy(&payload.body);
    if let Some(code) = text.strip_prefix("fail ") {
        return Err(Failure::new(code, "this call fails as it should"));
    }
    if text == "large" {
        return Ok(Payload { content_type: payload.content_type, body: vec![0; (6 << 20) + 1] });
    }
    misbehave(&text);
    Ok(payload)
}

/// Does not come back where `text` names a misdeed.
fn misbehave(text: &str) {
    match text {
        "trap" => panic!("this guest panics here"),
        "exit" => std::process::exit(0),
        "spin" => loop {
            std::hint::black_box(());
        },
        "sleep" => thread::sleep(Duration::from_secs(86_400)),
        "memory" => {
            let mut held = Vec::new();
            loop {
                held.push(vec![1_u8; 1 << 20]);
            }
        }
        _ => {}
    }
}
