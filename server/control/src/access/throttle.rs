//! How often someone may try to sign in: per address, and over all addresses.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{Digest, Timestamp};

use crate::Error;

/// Counts attempts. In memory only: a restart forgives.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<Attempts>);

#[derive(Default)]
struct Attempts {
    all: Pace,
    /// By the digest of the address, so that a long one takes no more room than a short one.
    by_address: HashMap<Digest, Pace>,
}

/// When the attempts so far would have come, had they kept the rate's interval
/// (the generic cell rate algorithm, ITU-T I.371).
#[derive(Clone, Copy, Default)]
struct Pace(Timestamp);

struct Rate {
    burst: i64,
    interval_us: i64,
}

impl Throttle {
    const PER_ADDRESS: Rate = Rate { burst: 10, interval_us: 30_000_000 };
    const IN_ALL: Rate = Rate { burst: 100, interval_us: 100_000 };
    /// Above this, addresses whose pace is back to rest are forgotten. [`Self::IN_ALL`] bounds the others.
    const MAX_RESTING: usize = 4_096;

    /// Takes one attempt for `address`.
    pub(crate) fn take(&self, address: &str, now: Timestamp) -> Result<(), Error> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Attempts { all, by_address } = &mut *attempts;
        if by_address.len() >= Self::MAX_RESTING {
            by_address.retain(|_, pace| pace.0 > now);
        }
        let one = by_address.entry(Digest::of(address.as_bytes())).or_default();
        let limited = |retry_after| Error::RateLimited { retry_after };
        one.take(&Self::PER_ADDRESS, now).map_err(limited)?;
        all.take(&Self::IN_ALL, now).map_err(limited)
    }

    /// Forgets the attempts of an address that has signed in.
    pub(crate) fn forgive(&self, address: &str) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.by_address.remove(&Digest::of(address.as_bytes()));
    }
}

impl Pace {
    fn take(&mut self, rate: &Rate, now: Timestamp) -> Result<(), Duration> {
        let start = self.0.max(now).as_us();
        let wait = start - now.as_us() - (rate.burst - 1) * rate.interval_us;
        if wait > 0 {
            return Err(Duration::from_micros(wait.unsigned_abs()));
        }
        self.0 = Timestamp(start + rate.interval_us);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_ten_attempts_and_one_more_each_half_minute() {
        let throttle = Throttle::default();
        let now = Timestamp(1_000_000_000);
        let mut taken = (0..12).map(|_| throttle.take("ada@example.com", now).is_ok());
        assert!(taken.by_ref().take(10).all(|ok| ok) && taken.all(|ok| !ok));
        assert!(throttle.take("bob@example.com", now).is_ok());
        assert!(throttle.take("ada@example.com", now.plus_seconds(29)).is_err());
        assert!(throttle.take("ada@example.com", now.plus_seconds(30)).is_ok());
        assert!(throttle.take("ada@example.com", now.plus_seconds(30)).is_err());
        throttle.forgive("ada@example.com");
        assert!(throttle.take("ada@example.com", now.plus_seconds(30)).is_ok());
    }

    #[test]
    fn all_addresses_together_are_limited_too() {
        let throttle = Throttle::default();
        let now = Timestamp(1_000_000_000);
        let taken = (0..200).filter(|n| throttle.take(&format!("{n}@example.com"), now).is_ok()).count();
        assert_eq!(taken, 100);
    }
}
