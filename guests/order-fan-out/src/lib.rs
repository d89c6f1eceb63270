//! Takes orders from a queue and sends each of their items to the queue `order-items`, all of an order's or none.

use dormouse::queue::{self, Message, NewMessage, Outcome};
use serde::{Deserialize, Serialize};

dormouse::consumer!(each fan_out);

#[derive(Deserialize)]
struct Order {
    id: String,
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    sku: String,
    quantity: u32,
}

/// One item on its way, which knows how many belong to its order.
#[derive(Serialize)]
struct Line {
    order: String,
    line: usize,
    of: usize,
    sku: String,
    quantity: u32,
}

fn fan_out(message: Message) -> Outcome {
    let Order { id, items } = match message.json() {
        Ok(order) => order,
        // Another attempt reads the same bytes.
        Err(error) => return Outcome::reject(error),
    };
    let of = items.len();
    let lines = items.into_iter().enumerate().map(|(line, Item { sku, quantity })| {
        // An order that comes twice sends the same items again, and the queue takes them once.
        let key = format!("{id}-{line}");
        Ok(NewMessage::json(&Line { order: id.clone(), line, of, sku, quantity })?.deduplicated_by(key))
    });
    match lines.collect::<Result<Vec<_>, queue::JsonError>>() {
        Ok(lines) => queue::send_batch("order-items", &lines).map(drop).into(),
        Err(error) => Outcome::reject(error),
    }
}
