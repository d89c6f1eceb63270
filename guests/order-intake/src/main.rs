//! Takes orders over HTTP: checks each, and sends the good ones to the queue `orders`. Whoever gets the 202 knows that
//! the order is on disk.

use dormouse::queue::{self, NewMessage};
use serde::{Deserialize, Serialize};
use wstd::http::{Body, Error, Request, Response, StatusCode};

#[derive(Serialize, Deserialize)]
struct Order {
    id: String,
    items: Vec<Item>,
}

#[derive(Serialize, Deserialize)]
struct Item {
    sku: String,
    quantity: u32,
}

impl Order {
    /// What is wrong with the order.
    fn problem(&self) -> Option<String> {
        let id = self.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !id || !(1..=64).contains(&self.id.len()) {
            return Some("id: use 1 to 64 of A-Z, a-z, 0-9 and -".to_owned());
        }
        if !(1..=50).contains(&self.items.len()) {
            return Some(format!("items: has {} entries; use 1 to 50", self.items.len()));
        }
        let index = self.items.iter().position(|item| item.sku.is_empty() || !(1..=1_000).contains(&item.quantity))?;
        Some(format!("items[{index}]: use a sku and a quantity of 1 to 1000"))
    }
}

#[wstd::http_server]
async fn main(mut request: Request<Body>) -> Result<Response<Body>, Error> {
    let (status, text) = match serde_json::from_slice::<Order>(request.body_mut().contents().await?) {
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
        Ok(order) => match order.problem() {
            Some(problem) => (StatusCode::UNPROCESSABLE_ENTITY, problem),
            None => take(&order)?,
        },
    };
    Ok(Response::builder().status(status).header("content-type", "text/plain; charset=utf-8").body(text.into())?)
}

/// Sends the order on. One that is sent again within minutes, because its sender saw no answer, is the same.
fn take(order: &Order) -> Result<(StatusCode, String), Error> {
    let message = NewMessage::json(order)?.deduplicated_by(&order.id);
    Ok(match queue::send("orders", &message) {
        Ok(id) => (StatusCode::ACCEPTED, id),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    })
}
