//! Names that people choose, each with its invariant checked where it is made.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Gives a checked text type its conversions; the type itself says what it holds.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $field:literal, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                Self::try_from(text.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(text: String) -> Result<Self, Invalid> {
                $check(&text).map_err(|message| Invalid::new($field, message))?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_text! {
    /// A project's name: a label of its host name (RFC 1035, section 2.3.1).
    ///
    /// Invariant: 1 to 48 bytes of `a-z`, `0-9` and `-`; the first a letter, the last not `-`,
    /// no two `-` together.
    ProjectName, "name", check_host_label
}

checked_text! {
    /// A function's name within its project.
    ///
    /// Invariant: that of [`ProjectName`]. With a version before it (`v123456789--hello`) it still
    /// fits the 63 bytes of a host label.
    FunctionName, "name", check_host_label
}

checked_text! {
    /// A queue's name within its project.
    ///
    /// Invariant: that of [`ProjectName`].
    QueueName, "queue", check_host_label
}

checked_text! {
    /// A key-value bucket's name within its project.
    ///
    /// Invariant: that of [`ProjectName`].
    BucketName, "bucket", check_host_label
}

checked_text! {
    /// A schedule's name within its function.
    ///
    /// Invariant: that of [`ProjectName`].
    CronName, "name", check_host_label
}

checked_text! {
    /// A secret's name within its project, such as `API_KEY`.
    ///
    /// Invariant: 1 to 128 bytes of `A-Z`, `a-z`, `0-9` and `_`, the first no digit.
    SecretName, "name", check_variable_name
}

checked_text! {
    /// What a person calls something of theirs: a token, themselves.
    ///
    /// Invariant: 1 to 80 bytes, no control characters, no space at either end.
    Label, "name", check_label
}

checked_text! {
    /// A group of connections within its project, such as `room-7`.
    ///
    /// Invariant: 1 to 128 bytes without control characters.
    GroupName, "group", check_group
}

checked_text! {
    /// A person's e-mail address, which is how they sign in.
    ///
    /// Invariant: at most 254 bytes (RFC 5321), lower case, one `@` with something on both sides,
    /// no spaces or control characters.
    Email, "email", check_email
}

checked_text! {
    /// Why a version was made or a deployment appended.
    ///
    /// Invariant: at most 500 bytes; line breaks are allowed, other control characters are not.
    Message, "message", check_message
}

fn check_host_label(text: &str) -> Result<(), String> {
    const MAX_BYTES: usize = 48;
    let rule = "use 1 to 48 of a-z, 0-9 and -, the first a letter, the last not -, no two - together";
    if text.is_empty() {
        return Err(format!("is empty; {rule}"));
    }
    if text.len() > MAX_BYTES {
        return Err(format!("has {} bytes; {rule}", text.len()));
    }
    if let Some(bad) = text.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-')) {
        return Err(format!("contains {bad:?}; {rule}"));
    }
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(format!("does not start with a letter; {rule}"));
    }
    if text.ends_with('-') || text.contains("--") {
        return Err(format!("has a - at the end or two together; {rule}"));
    }
    Ok(())
}

fn check_variable_name(text: &str) -> Result<(), String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !(1..=128).contains(&text.len()) || !plain || text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(format!("is {text:?}; use 1 to 128 of A-Z, a-z, 0-9 and _, no digit first"));
    }
    Ok(())
}

fn check_label(text: &str) -> Result<(), String> {
    let rule = "use 1 to 80 bytes of plain text without spaces at the ends";
    if text.is_empty() || text.len() > 80 {
        return Err(format!("has {} bytes; {rule}", text.len()));
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err(format!("has a control character, or a space at an end; {rule}"));
    }
    Ok(())
}

fn check_group(text: &str) -> Result<(), String> {
    if !(1..=128).contains(&text.len()) || text.chars().any(char::is_control) {
        return Err(format!("has {} bytes or a control character; use 1 to 128 bytes of plain text", text.len()));
    }
    Ok(())
}

fn check_email(text: &str) -> Result<(), String> {
    if text.len() > 254 {
        return Err(format!("has {} bytes; an address has at most 254", text.len()));
    }
    let both_sides =
        text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    if !both_sides || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("is not an e-mail address such as ada@example.com".to_owned());
    }
    if text.chars().any(char::is_uppercase) {
        return Err("has capital letters; write the address in lower case".to_owned());
    }
    Ok(())
}

fn check_message(text: &str) -> Result<(), String> {
    if text.len() > 500 {
        return Err(format!("has {} bytes; a message has at most 500", text.len()));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err("has a control character; only line breaks are allowed".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_labels_keep_their_alphabet_length_and_ends() {
        for good in ["a", "hello", "a-b-c", "v1", &"a".repeat(48)] {
            assert!(good.parse::<FunctionName>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "1a", "A", "a_b", "a.b", "é", &"a".repeat(49)] {
            let refused = bad.parse::<FunctionName>().map_err(|invalid| invalid.to_string());
            assert!(refused.is_err_and(|text| text.contains("a-z")), "{bad}");
        }
    }

    #[test]
    fn an_address_has_two_sides_and_no_capitals() {
        assert!("ada@example.com".parse::<Email>().is_ok());
        for bad in ["", "ada", "@x", "ada@", "a@b@c", "a b@c", "Ada@example.com"] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
    }
}
