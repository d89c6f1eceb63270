//! Picks the items of orders in batches, where one that fails holds up no other, and counts each order's items in: when
//! the last one is there, the order goes to the queue `orders-complete`.

use dormouse::{
    key_value::{self, Bucket},
    queue::{self, Batch, Message, NewMessage, Outcome},
};
use serde::Deserialize;

dormouse::consumer!(pick);

#[derive(Deserialize)]
struct Line {
    order: String,
    line: usize,
    of: usize,
    sku: String,
    quantity: u32,
}

fn pick(batch: Batch) -> Vec<Outcome> {
    match key_value::open("orders") {
        Ok(bucket) => batch.messages.iter().map(|message| pick_one(&bucket, message)).collect(),
        // Without an outcome for any message all are tried again.
        Err(error) => {
            dormouse::log!("the bucket cannot be opened: {error}");
            Vec::new()
        }
    }
}

fn pick_one(bucket: &Bucket, message: &Message) -> Outcome {
    match message.json::<Line>() {
        Ok(line) if line.sku.starts_with("unknown") => Outcome::reject(format!("{} is not sold", line.sku)),
        Ok(line) => count_in(bucket, &line).into(),
        Err(error) => Outcome::reject(error),
    }
}

/// Counts the item in. One that comes twice has its own counter at 2 and the order's items are as many as before.
fn count_in(bucket: &Bucket, line: &Line) -> Result<(), String> {
    let Line { order, of, quantity, .. } = line;
    let key = |line: usize| format!("{order}/items/{line}");
    let kept = |error: key_value::Error| error.to_string();
    if bucket.increment(&key(line.line), 1).map_err(kept)? == 1 {
        bucket.increment("picked", (*quantity).into()).map_err(kept)?;
    }
    let keys: Vec<_> = (0..*of).map(key).collect();
    let there = bucket.get_many(&keys).map_err(kept)?.iter().flatten().count();
    if there == *of {
        // Two that are last at the same time both see it; the queue takes the order once.
        let complete = NewMessage::text(order).deduplicated_by(order);
        queue::send("orders-complete", &complete).map_err(|error| error.to_string())?;
    }
    Ok(())
}
