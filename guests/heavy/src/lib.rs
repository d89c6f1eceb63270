//! A table that takes about 40 ms to prepare, and answers from it: what `heavy` does in its init, and `heavy-cold`
//! when a request comes.

use std::{collections::HashMap, hash::BuildHasher, num::ParseIntError, sync::OnceLock};

/// Numbers that the table covers.
const NUMBERS: usize = 140_000;

/// What is prepared.
struct Prepared {
    /// For each number, the steps that it takes to reach 1 when an even one is halved and an odd one is tripled and
    /// one added (the Collatz problem).
    steps: Vec<u16>,
    /// A number that was drawn while preparing, as a careless init would draw an id.
    drawn: u64,
    /// A map of the standard library, as a careless init would make one.
    names: HashMap<&'static str, usize>,
}

static PREPARED: OnceLock<Prepared> = OnceLock::new();

/// Prepares the table, unless that is done.
pub fn prepare() {
    prepared();
}

fn prepared() -> &'static Prepared {
    PREPARED.get_or_init(|| Prepared {
        steps: (0..NUMBERS as u64).map(steps).collect(),
        drawn: dormouse::random::u64(),
        names: HashMap::from([("numbers", NUMBERS)]),
    })
}

fn steps(mut number: u64) -> u16 {
    let mut steps = 0;
    while number > 1 {
        number = if number.is_multiple_of(2) { number / 2 } else { 3 * number + 1 };
        steps += 1;
    }
    steps
}

/// Answers `/?n=27` from the table, and `/shared` with what instances have in common.
///
/// # Errors
///
/// What is asked for is no number.
pub fn answer(path: &str, query: Option<&str>) -> Result<String, ParseIntError> {
    let prepared_before = PREPARED.get().is_some();
    let Prepared { steps, drawn, names } = prepared();
    if path == "/shared" {
        let of_std = std::hash::RandomState::new().hash_one("name");
        let of_sdk = dormouse::hash::RandomState::new().hash_one("name");
        let random = dormouse::random::u64();
        let greeting = std::env::var("GREETING").unwrap_or_default();
        let lines = [
            format!("prepared={prepared_before} {}", dormouse::is_prepared()),
            format!("drawn={drawn}"),
            format!("names={names:?}"),
            format!("std={of_std}"),
            format!("sdk={of_sdk}"),
            format!("random={random}"),
            format!("greeting={greeting}"),
        ];
        return Ok(lines.join("\n") + "\n");
    }
    let asked = query.and_then(|query| query.strip_prefix("n="));
    let number: usize = asked.map_or(Ok(27), str::parse)?;
    Ok(match steps.get(number) {
        Some(steps) => format!("{number} takes {steps} steps\n"),
        None => format!("{number} is not below {NUMBERS}\n"),
    })
}
