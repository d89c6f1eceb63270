//! Says what an order costs: asks the function `price` for each item. The first of a chain of two.

use dormouse::function::{self, Error, Failure};
use serde::{Deserialize, Serialize};

dormouse::function!(json quote);

#[derive(Deserialize)]
struct Order {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    sku: String,
    quantity: u64,
}

#[derive(Serialize)]
struct Question<'q> {
    sku: &'q str,
}

#[derive(Deserialize)]
struct Price {
    cents: u64,
}

#[derive(Serialize)]
struct Quote {
    cents: u64,
}

fn quote(order: Order) -> Result<Quote, Failure> {
    let mut cents = 0;
    for Item { sku, quantity } in &order.items {
        let price: Price = function::call_json("price", &Question { sku }).map_err(told)?;
        cents += price.cents * quantity;
    }
    Ok(Quote { cents })
}

/// The price's own words where it has some.
fn told(error: Error) -> Failure {
    match error {
        Error::Failed(failure) => failure,
        other => Failure::new("no-price", other),
    }
}
