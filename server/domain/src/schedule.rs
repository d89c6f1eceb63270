//! Schedules: cron expressions, and with the feature `zones` the points in time at which they are due.
//!
//! An expression says what a clock on the wall shows when a slot is due. It has five fields (minute, hour, day
//! of the month, month, weekday) or six with the second first, or is a name such as `@daily`. As in cron, a day
//! is one on which either day field holds where both say something, else one on which both do.

mod expression;
mod field;
#[cfg(feature = "zones")]
mod slots;
#[cfg(feature = "zones")]
mod zone;

pub use expression::Expression;
#[cfg(feature = "zones")]
pub use slots::Schedule;
#[cfg(feature = "zones")]
pub use zone::Zone;

#[cfg(feature = "zones")]
#[cfg(test)]
mod oracle;
