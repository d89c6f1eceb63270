//! Asks for a bucket in its init, when none is there yet.

use dormouse::{cron::Slot, key_value};

dormouse::init!(prepare);
dormouse::schedule!(run);

fn prepare() {
    dormouse::log!("the bucket is {:?}", key_value::open("orders").is_ok());
}

fn run(_: Slot) -> Result<(), key_value::Error> {
    key_value::open("orders").map(drop)
}
