//! Writes a report of what was picked so far, once for each slot of its schedule, however often the slot is tried.

use dormouse::{cron::Slot, key_value};
use serde::Serialize;

dormouse::schedule!(report);

#[derive(Serialize)]
struct Report {
    /// The slot's time, not the attempt's.
    until_us: u64,
    picked: i64,
    /// What was picked since the report before this one.
    since_last: i64,
}

fn report(slot: Slot) -> Result<(), key_value::Error> {
    let bucket = key_value::open("orders")?;
    let key = format!("reports/{:020}", slot.scheduled_at_us);
    if bucket.exists(&key)? {
        dormouse::log!("the report of {} is written already", slot.scheduled_at_us);
        return Ok(());
    }
    let picked = bucket.counter("picked")?;
    let last = bucket.counter("reported")?;
    bucket.set_json(&key, &Report { until_us: slot.scheduled_at_us, picked, since_last: picked - last })?;
    bucket.set("reported", picked.to_string().as_bytes())?;
    dormouse::log!("{picked} picked, {} since the last report", picked - last);
    Ok(())
}
