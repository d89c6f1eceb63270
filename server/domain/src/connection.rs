//! What connections carry, within their bounds: RFC 6455 where it says one, our own where it does not.

use crate::Invalid;

/// The most bytes that are attached to a connection: 16 KiB.
pub const MAX_ATTACHMENT_BYTES: usize = 16 << 10;
/// The most groups that a connection is in.
pub const MAX_GROUPS: usize = 64;
/// The most bytes of the reason in a closing frame (RFC 6455, section 5.5): a control frame's 125, less the code's two.
pub const MAX_REASON_BYTES: usize = 123;
/// The most bytes of one message that is sent to any connection: 1 MiB. One whose trigger takes larger messages is sent
/// larger ones, too.
pub const MAX_SENT_BYTES: u32 = 1 << 20;
/// The most bytes of a message that a trigger may allow: 16 MiB.
pub const MAX_MESSAGE_BYTES: u32 = 16 << 20;

/// Checks a code and a reason that a connection is to be closed with (RFC 6455, section 7.4): 1000, or 3000 to 4999.
///
/// # Errors
///
/// [`Invalid`] that names `code` or `reason`.
pub fn check_close(code: u16, reason: &str) -> Result<(), Invalid> {
    if code != 1_000 && !(3_000..=4_999).contains(&code) {
        return Err(Invalid::new("code", format!("is {code}; use 1000, or 3000 to 4999")));
    }
    if reason.len() > MAX_REASON_BYTES {
        return Err(Invalid::new("reason", format!("has {} bytes; use at most {MAX_REASON_BYTES}", reason.len())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_that_applications_may_send_are_taken() {
        for (code, good) in [(999, false), (1_000, true), (1_001, false), (2_999, false), (3_000, true), (4_999, true)]
        {
            assert_eq!(check_close(code, "").is_ok(), good, "{code}");
        }
        assert!(check_close(5_000, "").is_err());
        assert!(check_close(1_000, &"x".repeat(123)).is_ok());
        assert!(check_close(1_000, &"x".repeat(124)).is_err_and(|invalid| invalid.field == "reason"));
    }
}
