//! Says what one item costs. The second of a chain of two.

use dormouse::function::Failure;
use serde::{Deserialize, Serialize};

dormouse::function!(json price);

#[derive(Deserialize)]
struct Question {
    sku: String,
}

#[derive(Serialize)]
struct Price {
    cents: u64,
}

fn price(Question { sku }: Question) -> Result<Price, Failure> {
    match sku.strip_prefix("unknown") {
        Some(_) => Err(Failure::new("unknown-item", format!("{sku} is not sold"))),
        None => Ok(Price { cents: 100 * sku.len() as u64 }),
    }
}
